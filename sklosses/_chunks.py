"""Arrays in chunks of rows, and functions that are mapped over these chunks by Dask.

`Chunks` brings Dask arrays, and arrays in memory beside them, into the same chunks of rows. `map`
calls a function for each chunk, and `total` combines what it returns in a tree. Both only extend
the graph; nothing is computed.
"""

import copy
import math
import operator
from functools import partial, reduce
from importlib import import_module
from typing import Any, cast

import numpy as np

from ._lazy import rows_from


def _import(name) -> Any:
    """A module of Dask.

    Not by an import statement: the types that Dask has for some of its functions are not those of
    its users, and it may be missing where types are checked.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            "sklosses.dask needs Dask. Install it with: pip install 'sklosses[dask]'"
        ) from error


dask = _import("dask")
da = _import("dask.array")
get_scheduler = _import("dask.base").get_scheduler
tokenize = _import("dask.base").tokenize
flatten = _import("dask.core").flatten
HighLevelGraph = _import("dask.highlevelgraph").HighLevelGraph

# How many results are combined by one task.
_WIDTH = 16

#: Stands for an unknown number of rows where only shapes are compared.
UNKNOWN = 1_000_003


def as_dask(values) -> Any:
    """A Dask array for a Dask array, data frame or series; None for anything else."""
    if isinstance(values, da.Array):
        return values
    if dask.is_dask_collection(values) and hasattr(values, "to_dask_array"):
        return values.to_dask_array()
    return None


class Chunks:
    """Arrays that are cut into the same chunks along their first axes.

    Parameters
    ----------
    arrays : dict of str to (Dask array, ndarray or None)
        Arrays of the same length by name. Those that are None stay None.
    leader : str, default=None
        Name of the array whose chunks are taken if it is a Dask array; by default the first one
        that is.
    whole : bool, default=False
        Whether all arrays form a single chunk.
    shared : collection of str, default=()
        Names of arrays that are not cut: every chunk goes with all of them.

    Attributes
    ----------
    arrays : dict of str to (Dask array or None)
        The arrays, each with a single chunk along all axes but the first.
    names : tuple of str
        Names of the arrays that are cut.
    lengths : tuple of int
        The number of rows of each chunk; nan if it is unknown.
    """

    def __init__(self, arrays, leader=None, whole=False, shared=()):
        self.names = tuple(name for name in arrays if name not in shared)
        passed = [name for name in self.names if arrays[name] is not None]
        lazy = [name for name in passed if isinstance(arrays[name], da.Array)]
        leader = leader if leader in lazy else (lazy or passed)[0]
        first = arrays[leader]
        if whole or not lazy or first.ndim == 0:
            self.lengths = (first.shape[0] if first.ndim else 1,)
        else:
            self.lengths = first.chunks[0]
        aligned = {
            name: None if array is None else self._align(array, name, leader)
            for name, array in arrays.items()
        }
        self.arrays = cast("dict[str, Any]", aligned)
        self._dependencies = [array for array in self.arrays.values() if array is not None]

    def _align(self, array, name, leader) -> Any:
        """The array in chunks of these lengths; a shared one in a single chunk."""
        if name not in self.names:
            return da.asarray(array).rechunk(-1)
        if not isinstance(array, da.Array):
            if not self.is_known:
                raise ValueError(
                    f"{name} is an array in memory, which cannot be cut into chunks of unknown "
                    f"length. Call {leader}.compute_chunk_sizes() first, or pass a Dask array."
                )
            array = da.from_array(array, chunks=-1, name=False)
        if array.ndim == 0:
            return array
        others: dict[int, Any] = {
            axis: -1 for axis in range(1, array.ndim) if array.numblocks[axis] > 1
        }
        own = array.chunks[0]
        if own != self.lengths and not (
            len(own) == len(self.lengths) and (np.isnan(sum(own)) or not self.is_known)
        ):
            if np.isnan(sum(own)) or not self.is_known:
                raise ValueError(
                    f"{name} has {len(own)} chunks of rows and {leader} has {len(self.lengths)}. "
                    "They cannot be aligned because some lengths are unknown: call "
                    "compute_chunk_sizes() first."
                )
            if sum(own) != sum(self.lengths):
                raise ValueError(
                    f"{name} and {leader} must have the same number of rows. "
                    f"Got {sum(own)} and {sum(self.lengths)} instead."
                )
            others |= {0: self.lengths}
        return array.rechunk(others) if others else array

    @property
    def is_known(self):
        """Whether the lengths are known."""
        return not math.isnan(sum(self.lengths))

    @property
    def firsts(self):
        """Number of the first row of each chunk; None if it is unknown."""
        if not self.is_known:
            return [None] * len(self.lengths)
        ends = np.cumsum(self.lengths).tolist()
        return [end - length for end, length in zip(ends, self.lengths, strict=True)]

    def map(self, function, *, constants=(), also=()):
        """Call a function for each chunk.

        Parameters
        ----------
        function : callable
            ``function(arrays, place, *constants)`` with a list of the arrays of a chunk, in the
            order in which they were passed, and its `Place`.
        constants : tuple
            Objects, or `Result` of other maps, that all calls take; each is sent to a worker once.
        also : tuple of str
            Names of arrays that the function makes of a chunk. Errors about them name rows of the
            whole arrays as well.

        Returns
        -------
        results : Results
        """
        name = f"sklosses-{tokenize(function, self.keys(0), self.lengths, constants)}"
        layer, own = {}, []
        dependencies = list(self._dependencies)
        for k, item in enumerate(constants):
            if isinstance(item, Result):
                dependencies.append(item)
                own.append(item.key)
            else:
                layer[f"{name}-constant-{k}"] = (_same, _Box(item))
                own.append(f"{name}-constant-{k}")
        for k, first in enumerate(self.firsts):
            place = Place(first, k, (*self.names, *also))
            layer[name, k] = (partial(_call, function, place), self.keys(k), *own)
        graph = HighLevelGraph.from_collections(name, layer, dependencies=dependencies)
        return Results(graph, name, self)

    def keys(self, k):
        """Keys of the arrays of chunk `k`."""
        keys = []
        for name, array in self.arrays.items():
            number = k if name in self.names else 0
            axes = () if array is None else (number, *(0,) * array.ndim)[: array.ndim]
            keys.append(None if array is None else (array.name, *axes))
        return keys


class _Box:
    """An object that Dask does not look into."""

    def __init__(self, item):
        self.item = item


def _same(box):
    return box.item


def _call(function, place, arrays, *constants):
    return function(arrays, place, *constants)


class Place:
    """Where a chunk lies in the whole arrays.

    Parameters
    ----------
    first : int or None
        Number of its first row; None if it is unknown.
    number : int
        Number of the chunk.
    names : tuple of str
        Names of the arrays.
    """

    def __init__(self, first, number, names):
        self.first = first
        self.number = number
        self.names = names

    def call(self, function, *args, **kwargs):
        """Call a function whose errors name rows of the whole arrays."""
        if self.first is not None:
            with rows_from(self.first, self.names):
                return function(*args, **kwargs)
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError) as error:
            kind = ValueError if isinstance(error, ValueError) else TypeError
            raise kind(
                f"{error} Rows are counted from the start of chunk {self.number}, because the "
                "lengths of the chunks are unknown; compute_chunk_sizes() finds them."
            ) from error


class Result:
    """One object that a graph computes."""

    def __init__(self, graph, key):
        self.dask = graph
        self.key = key

    def __dask_graph__(self):
        return self.dask

    def __dask_layers__(self):
        return (self.key if isinstance(self.key, str) else self.key[0],)

    def __dask_keys__(self):
        return [self.key]

    def __dask_tokenize__(self):
        return self.key

    def compute(self):
        """Compute the object on the scheduler that is in force."""
        # An array of no axes, so that its graph is optimised as that of arrays is. Lists and tuples
        # would be taken for its chunks.
        return self.finish(_Box, object).compute().item

    def then(self, function):
        """What `function` makes of the object."""
        name = f"{self.__dask_layers__()[0]}-{tokenize(function)}"
        layer = {(name,): (function, self.key)}
        return Result(HighLevelGraph.from_collections(name, layer, dependencies=[self]), (name,))

    def finish(self, function, dtype, shape=()):
        """A Dask array of one chunk that `function` makes of the object."""
        name = f"{self.__dask_layers__()[0]}-{tokenize(function)}"
        layer = {(name, *(0,) * len(shape)): (function, self.key)}
        graph = HighLevelGraph.from_collections(name, layer, dependencies=[self])
        return da.Array(graph, name, tuple((n,) for n in shape), dtype=dtype)


class Results:
    """One object for each chunk; see `Chunks.map`."""

    def __init__(self, graph, name, chunks):
        self.dask = graph
        self.name = name
        self.chunks = chunks

    def __dask_graph__(self):
        return self.dask

    def __dask_layers__(self):
        return (self.name,)

    def __dask_keys__(self):
        return [(self.name, k) for k in range(len(self.chunks.lengths))]

    def total(self, take=None, combine=None):
        """Combine the objects in a tree.

        Parameters
        ----------
        take : callable, default=None
            What is combined of each object; None means the object.
        combine : callable, default=None
            ``combine(list)``, by default the sum.

        Returns
        -------
        result : Result
        """
        combine = combine or _add
        name = f"{self.name}-total-{tokenize(take, combine)}"
        layer, keys = {}, self.__dask_keys__()
        if take is not None:
            layer = {(name, "part", k): (take, key) for k, key in enumerate(keys)}
            keys = list(layer)
        level = 0
        while level == 0 or len(keys) > 1:
            groups = [keys[k : k + _WIDTH] for k in range(0, len(keys), _WIDTH)]
            keys = [(name, level, k) for k in range(len(groups))]
            layer |= {key: (combine, group) for key, group in zip(keys, groups, strict=True)}
            level += 1
        graph = HighLevelGraph.from_collections(name, layer, dependencies=[self])
        return Result(graph, keys[0])

    def rows(self, function, shape, dtype, *, constants=()):
        """A Dask array whose chunks are ``function(object, *constants)``.

        `shape` is that of a row, and `constants` are of the type `Result`.
        """
        name = f"{self.name}-rows-{tokenize(function, constants)}"
        zeros = (0,) * len(shape)
        own = [item.key for item in constants]
        layer = {
            (name, k, *zeros): (function, key, *own) for k, key in enumerate(self.__dask_keys__())
        }
        graph = HighLevelGraph.from_collections(name, layer, dependencies=[self, *constants])
        return da.Array(graph, name, (self.chunks.lengths, *((n,) for n in shape)), dtype=dtype)

    def whole(self, function, shape, dtype, *, constants=()):
        """As `rows`, of a single chunk without an axis of samples."""
        name = f"{self.name}-whole-{tokenize(function, constants)}"
        own = [item.key for item in constants]
        layer = {(name, *(0,) * len(shape)): (function, (self.name, 0), *own)}
        graph = HighLevelGraph.from_collections(name, layer, dependencies=[self, *constants])
        return da.Array(graph, name, tuple((n,) for n in shape), dtype=dtype)


def _add(items):
    return reduce(operator.add, items)


def optimize(chunks):
    """The same chunks, of which Dask has optimised the graph once for all maps.

    On a cluster, they are left as they are: it takes no longer, and there a key in a graph that is
    optimised, and the same one in the user's graphs, would be different tasks of the same name.
    """
    scheduler = getattr(get_scheduler(), "__self__", None)
    if type(scheduler).__module__.partition(".")[0] == "distributed":
        return chunks
    names = [name for name, array in chunks.arrays.items() if array is not None]
    passed = [chunks.arrays[name] for name in names]
    arrays = [
        # Of chunks that are on a cluster already, the optimised graph may have no keys.
        new if all(key in new.dask for key in flatten(new.__dask_keys__())) else array
        for array, new in zip(passed, dask.optimize(*passed), strict=True)
    ]
    other = copy.copy(chunks)
    other.arrays = {**chunks.arrays, **dict(zip(names, arrays, strict=True))}
    other._dependencies = arrays
    return other
