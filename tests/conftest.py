"""Cases of the common tests: a loss, a kind of data, parameters and a shape."""

import importlib.util
import os
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from reference import REFERENCES, WIDE, Reference, spread

import sklosses
from sklosses._families.batch import BatchLoss

# What goes through BLAS: losses of a batch, wherever they are tested, and what is fitted.
BLAS_FILES = {
    "contrastive.py",
    "crossmodal.py",
    "linear_model.py",
    "metric_learning.py",
    "test_batch.py",
    "test_check_loss.py",
    "test_class_weight.py",
    "test_custom.py",
    "test_d2.py",
    "test_digits.py",
    "test_faces.py",
    "test_fuzz.py",
    "test_linear_model.py",
    "test_links.py",
    "test_metric_learning.py",
    "test_plotting.py",
    "test_processes.py",
    "test_properties.py",
    "test_rounded_outputs.py",
    "test_scorer.py",
    "test_scorer_outputs.py",
}
BLAS_LOSSES = [
    name for name in sklosses.get_loss_names() if isinstance(sklosses.get_loss(name), BatchLoss)
]


def load_file(path):
    """The module of a file that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def load_tool(name):
    """A module of the folder tools."""
    return load_file(Path(__file__).resolve().parent.parent / "tools" / f"{name}.py")


def pytest_collection_modifyitems(items):
    """Mark the tests for which it matters which kernel BLAS takes: see tools/run_blas.py."""
    for item in items:
        # Memory is the same with all kernels, and takes long to measure.
        if "allocated" in item.name:
            continue
        if item.path.name in BLAS_FILES or any(name in item.nodeid for name in BLAS_LOSSES):
            item.add_marker("blas")


# Users' code, which test_stubs.py runs.
collect_ignore = ["type_checks"]


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

    @property
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

    @property
    def differentiable(self):
        """Numbers of the inputs with a gradient."""
        return [k for k, item in enumerate(self.inputs) if item.differentiable]

    def loss(self, **kwargs):
        return self.cls(**{**self.params, **kwargs})

    def unreduced(self, arrays):
        """The reference's unreduced loss, in the widest dtype."""
        with np.errstate(under="ignore"):
            return np.asarray(self.row.unreduced(*map(widen, arrays), **self.params))

    def mass(self, arrays, shape):
        return self.row.mass([np.asarray(a) for a in arrays], shape, **self.params)

    def share(self, arrays, shape):
        return self.row.share([np.asarray(a) for a in arrays], shape, **self.params)

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

    def scales(self, arrays, k):
        """Of the elements of array `k`, which has a gradient."""
        return self._own(self.row.scale(*map(widen, arrays), **self.params), k)

    def whole(self, arrays):
        """The arrays with those that are broadcast written out."""
        shape = np.shape(arrays[self.differentiable[0]])
        return [
            spread(np.asarray(a), shape).copy() if item.broadcasts else a
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

    def value_terms(self, arrays):
        """Sum of the absolute terms of each element of the unreduced loss."""
        terms = self._terms(self.row.value_terms, arrays)
        return np.abs(self.unreduced(arrays)) if terms is None else terms

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


def widen(array):
    array = np.asarray(array)
    return array.astype(WIDE) if array.dtype.kind == "f" else array


def as_tuple(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


def derivatives(loss, *arrays, hessian_out=None, **keywords):
    """Tuples of the gradients and, where the loss has them, of the Hessians."""
    if loss.tags.hessian == "none":
        return (as_tuple(loss.gradient(*arrays, **keywords)),)
    got = loss.gradient_and_hessian(*arrays, hessian_out=hessian_out, **keywords)
    return tuple(map(as_tuple, got))


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
                if numbers is None or number in numbers:
                    found += [Case(row, kind, number, shape) for shape in shapes]
    return found


def middle_cases():
    """One matrix-shaped case for each loss and kind of data, with default parameters."""
    return [
        next(c for c in cases(names=[name], kinds=[kind], numbers=[0]) if c.shape in MIDDLE)
        for name, row in REFERENCES.items()
        for kind in row.data
    ]


MIDDLE = ((5, 3), (6, 3), (9, 5, 4))


def over(found):
    """Parametrise a test over cases, which it takes as `case`."""
    return pytest.mark.parametrize("case", found, ids=str)


#: Tests of the peak of the resident memory, which counts what compiled code allocates as well. Not
#: of `resource.getrusage`: that starts from the peak of the process that was forked.
measures_memory = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists() or os.environ.get("SKLOSSES_CHECKED") == "sanitize",
    reason="the peak can be reset on Linux alone, and sanitizers keep memory that was freed",
)


def peak_memory():
    """Bytes that this process had at most in memory since `reset_peak_memory`."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024


def reset_peak_memory():
    Path("/proc/self/clear_refs").write_text("5")
