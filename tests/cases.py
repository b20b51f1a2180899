"""Cases of the common tests: a loss, a kind of data, parameters and a shape."""

import zlib
from dataclasses import dataclass
from functools import cached_property, wraps
from itertools import product

import numpy as np
import pytest
from helpers import as_tuple, derivatives, widen
from references import REFERENCES, WIDE, Reference, broadcast

import sklosses
from sklosses import get_loss


@dataclass(frozen=True)
class Case:
    """One call of one loss."""

    row: Reference
    kind: str
    number: int
    shape: tuple

    def __str__(self):
        shape = "x".join(map(str, self.shape)) or "scalar"
        return f"{self.row.function_name}-{self.kind}-{self.number}-{shape}"

    def _repr_pretty_(self, printer, cycle):
        """What hypothesis prints."""
        printer.text(str(self))

    @property
    def data(self):
        return self.row.data[self.kind]

    @property
    def params(self):
        params = self.data.params[self.number]
        return {key: v(self.shape) if callable(v) else v for key, v in params.items()}

    @property
    def rng(self):
        return np.random.default_rng(zlib.crc32(str(self).encode()))

    def arrays(self, dtype=np.float64):
        return list(self.data.arrays(self.rng, self.shape, dtype, self.params))

    @property
    def cls(self):
        return type(sklosses.get_loss(self.row.function_name))

    @property
    def function(self):
        return getattr(sklosses, self.row.function_name)

    @cached_property
    def inputs(self):
        """Those of the loss that the arrays are for."""
        return list(self.cls.inputs[: len(self.arrays())])

    @property
    def reductions(self):
        """The common reductions that the loss has."""
        return [r for r in ("mean", "sum", "none") if r in self.cls.reductions]

    @property
    def finest(self):
        """The reduction that leaves most of the loss as it is."""
        return self.reductions[-1]

    @property
    def names(self):
        return [item.name for item in self.inputs]

    @cached_property
    def differentiable(self):
        """Numbers of the inputs with a gradient."""
        return [k for k, item in enumerate(self.inputs) if item.differentiable]

    def loss(self, **kwargs):
        return self.cls(**{**self.params, **kwargs})

    def unreduced(self, arrays):
        """The reference's unreduced loss, in the widest dtype."""
        with np.errstate(under="ignore"):
            return np.asarray(self.row.unreduced(*map(widen, arrays), **self.params))

    def counts(self, arrays, shape):
        return self.row.counts([np.asarray(a) for a in arrays], shape, **self.params)

    def share(self, arrays, shape):
        return self.row.share([np.asarray(a) for a in arrays], shape, **self.params)

    def n_weights(self, arrays):
        """The number of sample weights of a call."""
        return self.row.n_weights([np.asarray(a) for a in arrays])

    def sample_axis(self, k):
        """The axis of array `k` that the samples are along."""
        return self.row.sample_axes[k] if self.row.sample_axes else 0

    def samples(self, k, array):
        """A view of array `k`, or of its gradient, with the samples along the first axis."""
        return np.moveaxis(array, self.sample_axis(k), 0)

    @property
    def shared(self):
        """Numbers of the inputs whose elements all samples share."""
        return [self.names.index(name) for name in self.data.shared]

    def is_summed(self, k):
        """Whether an element of the gradient for array `k` may be a sum over samples."""
        return self.inputs[k].broadcasts or k in self.shared

    def scales(self, arrays, k):
        """Of the elements of array `k`, which has a gradient."""
        return self._own(self.row.scale(*map(widen, arrays), **self.params), k)

    def whole(self, arrays):
        """The arrays with those that are broadcast written out."""
        shape = np.shape(arrays[self.differentiable[0]])
        return [
            broadcast(np.asarray(a), shape).copy() if item.broadcasts else a
            for a, item in zip(arrays, self.inputs, strict=True)
        ]

    def by_sample(self, arrays, select):
        """``select(array)``, the samples first, of those that go by samples; the others as are."""
        return [
            a
            if k in self.shared
            else np.moveaxis(select(self.samples(k, np.asarray(a))), 0, self.sample_axis(k))
            for k, a in enumerate(arrays)
        ]

    def value_terms(self, arrays, value=None):
        """Sum of the absolute terms of each element of the unreduced loss.

        They are only the size of bounds: with `value`, the unreduced loss from anywhere, the
        reference need not be evaluated.
        """
        terms = self._terms(self.row.value_terms, arrays)
        if terms is not None:
            return terms
        return np.abs(self.unreduced(arrays) if value is None else value)

    def terms(self, arrays, gradient, k):
        """Sum of the absolute terms of each element of an unweighted, unreduced gradient."""
        terms = self._own(self._terms(self.row.terms, arrays), k)
        return np.abs(gradient) if terms is None else terms

    def hessian_terms(self, arrays, hessian, k):
        terms = self._own(self._terms(self.row.hessian_terms, arrays), k)
        return np.abs(hessian) if terms is None else terms

    def _terms(self, function, arrays):
        with np.errstate(under="ignore"):
            return function(*map(widen, arrays), **self.params)

    def _own(self, results, k):
        """The one for array `k` where there is one for each array that has a gradient."""
        return results[self.differentiable.index(k)] if isinstance(results, tuple) else results


def cases(which="shapes", names=None, kinds=None, numbers=None):
    """Cases over the shapes of that attribute of the data."""
    found = []
    for name, row in REFERENCES.items():
        if names is not None and name not in names:
            continue
        for kind, data in row.data.items():
            if kinds is not None and kind not in kinds:
                continue
            shapes = getattr(data, which)
            if which == "threaded":
                shapes = (shapes,)
            for number in range(len(data.params)):
                # What a shape changes is the same for all parameters.
                fewer = {"shapes": shapes[-2:], "large": shapes[::2]}
                own = fewer.get(which, shapes) if number else shapes
                if numbers is None or number in numbers:
                    found += [Case(row, kind, number, shape) for shape in own]
    return found


def middle_cases():
    """One matrix-shaped case for each loss and kind of data, with default parameters."""
    return [
        next(c for c in cases(names=[name], kinds=[kind], numbers=[0]) if c.shape in MIDDLE_SHAPES)
        for name, row in REFERENCES.items()
        for kind in row.data
    ]


MIDDLE_SHAPES = ((5, 3), (6, 3), (5, 4), (9, 5, 4), (23,))


def middle(found):
    """The cases of middle shapes, for what shapes do not change."""
    return [case for case in found if case.shape in MIDDLE_SHAPES]


def over(found, *arguments, slow=lambda case: False):
    """Run a test for each of these cases, which it takes as `case`.

    With names of further arguments, `found` are tuples of a case and these. Those that differ only
    in the shape of the case are one test for pytest, which takes longer for a test than for many of
    the calls. An error says in a note which case it is about; a skipped shape does not skip the
    others. Cases for which `slow` is true are left to the slow tests.
    """
    groups = {}
    for case, *others in found if arguments else zip(found):
        # What is found twice is tested once.
        name = f"{case.row.function_name}-{case.kind}-{case.number}"
        groups.setdefault((name, slow(case), *others), {})[str(case)] = case

    def decorate(test):
        @wraps(test)
        def test_all(case, **others):
            skipped = []
            for one in case:
                try:
                    test(one, **others)
                except pytest.skip.Exception as reason:
                    skipped.append(reason)
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"The case is {one}.")
                    raise
            if len(skipped) == len(case):
                raise skipped[0]

        params = []
        for (name, is_slow, *others), alike in groups.items():
            words = [*alike] if len(alike) == 1 else [name]
            words += map(str, others)
            marks = pytest.mark.slow if is_slow else ()
            values = [*alike.values()], *others
            params.append(pytest.param(*values, id="-".join(words), marks=marks))
        return pytest.mark.parametrize(("case", *arguments), params)(test_all)

    return decorate


NAMES = sorted(REFERENCES)


MIDDLE = middle_cases()


every_loss = pytest.mark.parametrize("name", NAMES)


#: Losses whose terms belong to samples, which may have weights.
WEIGHTED = [name for name in NAMES if type(get_loss(name)).weighted]


#: Losses of each sample on its own.
SEPARATE = [name for name in NAMES if not REFERENCES[name].coupled]


def weighted(found):
    """The cases of losses that take weights."""
    return [case for case in found if case.row.function_name in WEIGHTED]


def separate(found):
    """The cases of losses of each sample on its own."""
    return [case for case in found if not case.row.coupled]


def typical(name):
    """The first middle case of a loss."""
    return next(case for case in MIDDLE if case.row.function_name == name)


def signature(name):
    """What a loss shares with its family: who makes its plan, and how its arrays are read."""
    cls = type(get_loss(name))
    family = next(c for c in cls.__mro__ if not c.__module__.startswith("sklosses.losses."))
    plan = next((c for c in cls.__mro__ if "_plan" in vars(c)), None)
    arrays = {
        (
            item.differentiable,
            item.broadcasts,
            item.optional,
            item.may_be_empty,
            item.domain.kind == "labels",
            np.ndim(array),
        )
        for case in MIDDLE
        if case.row.function_name == name
        for item, array in zip(case.inputs, case.arrays(), strict=True)
    }
    return family, plan, frozenset(arrays)


def one_of_each(names):
    """The first of these losses of each signature: what a family shares is tested with it."""
    found = {}
    for name in names:
        found.setdefault(signature(name), name)
    return list(found.values())


#: A loss of each family and kind of inputs, of all losses and of those that have weights.
FAMILIES = one_of_each(NAMES)
WEIGHTED_FAMILIES = one_of_each(WEIGHTED)
every_family = pytest.mark.parametrize("name", FAMILIES)
every_weighted_family = pytest.mark.parametrize("name", WEIGHTED_FAMILIES)


def family_cases():
    """Of each of these losses a case for each combination of axes of its arrays."""
    found = {}
    for case in MIDDLE:
        name = case.row.function_name
        if name in FAMILIES:
            found.setdefault((name, *map(np.ndim, case.arrays())), case)
    return list(found.values())


def represents_family(case):
    """Whether it is of a loss with which is tested what its family shares."""
    return case.row.function_name in FAMILIES


def is_like_others(case):
    """Whether what its family shares is tested with another loss."""
    return not represents_family(case)


FAMILY_CASES = family_cases()
every_family_input = pytest.mark.parametrize(
    ("case", "number"),
    [pytest.param(c, k, id=f"{c}-{name}") for c in FAMILY_CASES for k, name in enumerate(c.names)],
)


def weights_of(case, kind, shape):
    """Sample weights: None, one for each sample or one for each element; some are zero."""
    if kind is None or not case.cls.weighted:
        return None
    rng = np.random.default_rng(len(shape))
    size = shape[:1] if kind == "samples" else shape
    weight = np.asarray(rng.integers(0, 4, size) * rng.uniform(0.5, 2, size))
    # The first element weighs something: data begin with one that is not ignored.
    weight.reshape(-1)[0] = 1.5
    return weight


def broadcast_weight(weight, shape):
    """A weight as an array of the shape of the unreduced loss."""
    if weight is None:
        return np.ones(shape)
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim)), shape)


def denominator(case, arrays, weight, shape):
    total_weight = broadcast_weight(weight, shape) * case.counts(arrays, shape)
    # The mean of no terms is 0 where labels or distances make the terms.
    return float(total_weight.sum(dtype=WIDE)) or (1.0 if case.row.coupled else 0.0)


def divisors(case, total_weight, shape):
    """What the losses are divided by for each reduction; `total_weight` is that of the mean."""
    every = {"none": 1, "sum": 1, "mean": total_weight, "batchmean": shape[0] if shape else 1}
    return {name: every[name] for name in case.cls.reductions}


def finest_terms(case, arrays, value=None):
    """Sums of the absolute terms of what the finest reduction gives; `value` as there."""
    terms = case.value_terms(arrays, value)
    return terms if case.finest == "none" else terms.sum()


def sum_terms(case, arrays, weight, shape, value=None):
    """Sum of the absolute terms of the sum of the weighted losses, whose unweighted are `value`."""
    return (broadcast_weight(weight, shape) * case.value_terms(arrays, value)).sum()


def like_gradient(case, weight, unreduced_shape, gradient):
    """A weight of each row as an array that multiplies the gradient."""
    full = broadcast_weight(weight, unreduced_shape)
    if full.ndim < gradient.ndim:
        full = np.expand_dims(full, case.row.reduced(gradient.ndim))
    return full


#: Shapes of few and many classes, of one tile and of many blocks.
STRIDED_SHAPES = {(5, 3), (6, 3), (2, 3, 4), (3, 4, 2, 2), (4, 70), (960, 3), (7, 5, 961)}


STRIDED_SHAPES |= {(700, 10), (20, 1000), (2, 260, 200), (2, 4100, 3), (300,), (480, 2)}


STRIDED_SHAPES |= {(17, 100), (2, 40, 100), (70,)}


def strided_cases():
    """Of each loss and shape one case for each combination of axes, with and without ignored ones.

    How arrays are read does not depend on the values that are in them.
    """
    found = {}
    for case in cases(numbers=[0]) + cases("large", numbers=[0]):
        if case.shape in STRIDED_SHAPES and "hard" not in case.kind:
            axes = (np.ndim(array) for array in case.arrays())
            key = (case.row.function_name, case.shape, "ignored" in case.kind, *axes)
            found.setdefault(key, case)
    return list(found.values())


STRIDED = strided_cases()


def over_layouts(layouts, strided=STRIDED):
    """Run a test for these cases and layouts, which it takes as `case` and `layout`.

    Families read and write arrays, so all layouts are tested with a loss of each kind of arrays;
    all losses with the first layout.
    """
    first, *others = layouts
    found = [(case, first) for case in strided]
    found += [(c, layout) for layout in others for c in strided if represents_family(c)]
    return over(found, "layout")


INTEGERS = [np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64]


INTEGERS += [np.uint64]


def zeros_and_ones(case, seed=0):
    """Arrays of the case's shape that the loss takes and every dtype holds."""
    rng = np.random.default_rng(seed)
    return list(case.data.zeros_and_ones(rng, [np.shape(a) for a in case.arrays()]))


def sentinels(case, arrays, dtype=np.float64):
    outs = tuple(np.full(np.shape(arrays[k]), -77.0, dtype) for k in case.differentiable)
    return outs if len(outs) > 1 else outs[0]


def with_first(case, arrays, out):
    """Outputs for all the gradients, of which `out` is the first."""
    outs = (out, *as_tuple(sentinels(case, arrays))[1:])
    return outs if len(outs) > 1 else out


def replaced(array, index, value):
    """A copy with a flat element replaced, in a dtype that holds it."""
    if isinstance(value, np.generic):
        array = array.astype(value.dtype)
    elif isinstance(value, float):
        array = array.astype(np.float64)
    elif array.dtype.kind in "iu":
        array = array.astype(np.int64)
    array = array.copy()
    array.reshape(-1)[index] = value
    return array


def ways(case, arrays):
    """All reductions, without and with weights."""
    weights = (None,)
    if case.cls.weighted:
        shape = case.loss()(*arrays, reduction="none", n_threads=1).shape
        weights = (None, weights_of(case, "samples", shape))
    return list(product(case.cls.reductions, weights))


def evaluate(case, arrays, n_threads=None):
    """All the results of a case, for each way."""
    loss = case.loss()
    results = []
    for reduction, w in ways(case, arrays):
        keywords = {"reduction": reduction, "sample_weight": w, "n_threads": n_threads}
        found = [loss(*arrays, **keywords)]
        value, gradient = loss.value_and_gradient(*arrays, **keywords)
        found += [value, *as_tuple(gradient)]
        for hessian in derivatives(loss, *arrays, **keywords)[1:]:
            found += hessian
        results += map(np.asarray, found)
    return results


def long_cases(names=None):
    """One case of each loss and kind whose first array is longer than a block."""
    found = []
    for case in cases("threaded", names=names, numbers=[0]):
        if "hard" not in case.kind:
            found.append(case)
    return found


def partial_of(case, loss=None):
    """The method of parts, of losses that have parts."""
    return () if case.row.coupled else ((loss or case.loss()).partial,)
