"""No loss allocates memory of the size of its data."""

import gc

import numpy as np
import pytest
from cases import FAMILIES, MIDDLE
from helpers import as_tuple, measures_memory, peak_memory, reset_peak_memory
from references._base import any_zeros_and_ones

#: Layouts that invite a copy. How arrays are read is the same for all losses of a family.
LAYOUTS = ("plain", "bool", "int", "strided", "fortran")


def is_slow(case, layout):
    """Whether a case differs from others only in its loss, its kind of data or a similar layout."""
    is_first = case.kind == next(iter(case.row.data))
    return not (case.row.function_name in FAMILIES and is_first and layout in ("plain", "strided"))


MEMORY_CASES = [
    pytest.param(
        case,
        layout,
        id=f"{case}-{layout}",
        marks=pytest.mark.slow if is_slow(case, layout) else (),
    )
    for case in MIDDLE
    if "hard" not in case.kind and case.kind not in ("ignored", "one_hot")
    # With other layouts, and with other parameters, a loss of each family is enough.
    if case.row.function_name in FAMILIES or case.kind == next(iter(case.row.data))
    for layout in LAYOUTS[: None if case.row.function_name in FAMILIES else 1]
]


def arrays_of_40_mb(case, layout):
    rng = np.random.default_rng(0)
    n, c = 1_000_000, 5
    small = [np.asarray(a) for a in case.arrays()]
    if case.data.huge is not None:
        big = case.data.huge(rng)
    else:
        real, labels = rng.random((n, c)), rng.integers(0, 2, (n, c)).astype(np.float64)
        big = [
            real if item.differentiable or "probabilities" in case.kind else labels
            for item in case.inputs
        ]
        big = [b if a.ndim == 2 else b[:, 0].copy() for a, b in zip(small, big, strict=True)]
    if layout in ("bool", "int"):
        integers = [(b > 0.5).astype(np.int64) for b in big]
        if case.data.zeros_and_ones is not any_zeros_and_ones:
            integers = case.data.zeros_and_ones(rng, [b.shape for b in big])
        if layout == "int":
            return integers
        return [
            b if item.differentiable else whole.astype(bool)
            for b, whole, item in zip(big, integers, case.inputs, strict=True)
        ]
    if layout == "strided":
        return case.by_sample(big, lambda b: np.repeat(b, 2, axis=0)[::2])
    return [np.asfortranarray(b) for b in big] if layout == "fortran" else big


@pytest.fixture
def uncollected():
    """No garbage is freed meanwhile: what is allocated would take its place, uncounted."""
    gc.disable()
    yield
    gc.enable()


@measures_memory
@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(("case", "layout"), MEMORY_CASES)
def test_nothing_of_the_size_of_the_data_is_allocated(case, layout):
    arrays = arrays_of_40_mb(case, layout)
    assert sum(a.nbytes for a in arrays) >= 40e6
    loss = case.loss(reduction="mean")
    outs = tuple(
        np.full_like(arrays[k], 1, dtype=np.float32 if arrays[k].dtype == np.float32 else float)
        for k in case.differentiable
    )
    out = outs if len(outs) > 1 else outs[0]
    # Threads are started, and code and stacks are in memory.
    loss.value_and_gradient(*case.by_sample(arrays, lambda a: a[:70000]), n_threads=2)
    # The tiles and stacks of two threads are well below 4 MB, a tenth of the 40 MB.
    most = 4e6 + case.row.copies * sum(a.size for a in arrays) * 8
    before = reset_peak_memory()
    loss(*arrays, n_threads=2)
    assert peak_memory() - before < most
    loss.value_and_gradient(*arrays, gradient_out=out, n_threads=2)
    assert peak_memory() - before < most
    gradients = as_tuple(loss.gradient(*arrays, n_threads=2))
    assert peak_memory() - before - sum(g.nbytes for g in gradients) < most
