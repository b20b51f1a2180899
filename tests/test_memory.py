"""No loss allocates memory of the size of its data."""

import json

import numpy as np
import pytest
from cases import MIDDLE, every_loss
from helpers import measures_memory, run_python
from references.multiclass import hot_rows, two_hot_rows

MEMORY = """
import json, sys
import numpy as np
from helpers import as_tuple, peak_memory, reset_peak_memory
from test_memory import memory_cases

results = {}
for label, case, arrays in memory_cases():
    loss = case.loss(reduction="mean")
    k = case.differentiable
    outs = tuple(
        np.full_like(arrays[i], 1, dtype=np.float32 if arrays[i].dtype == np.float32 else float)
        for i in k
    )
    out = outs if len(outs) > 1 else outs[0]
    # Threads are started, code and stacks are in memory.
    loss.value_and_gradient(*case.by_sample(arrays, lambda a: a[:70000]), n_threads=2)
    reset_peak_memory()
    before = peak_memory()
    loss(*arrays)
    value = peak_memory() - before
    loss.value_and_gradient(*arrays, gradient_out=out)
    beside = peak_memory() - before
    gradient = loss.gradient(*arrays)
    own = peak_memory() - before - sum(g.nbytes for g in as_tuple(gradient))
    del gradient
    copies = case.row.copies * sum(a.size for a in arrays) * 8
    results[label] = [value, beside, own, sum(a.nbytes for a in arrays), copies]
print(json.dumps(results))
"""


MEMORY_LAYOUTS = ("bool", "int", "strided", "fortran", "plain")


def memory_cases():
    """Arrays of 40 MB in the layouts that invite a copy."""
    n, c = 1_000_000, 5
    rng = np.random.default_rng(0)
    real, labels = rng.random((n, c)), rng.integers(0, 2, (n, c)).astype(np.float64)
    for case in MIDDLE:
        if "hard" in case.kind or case.kind in ("ignored", "one_hot"):
            continue
        inputs = case.inputs
        small = [np.asarray(a) for a in case.arrays()]
        big = [
            real if item.differentiable or "probabilities" in case.kind else labels
            for item in inputs
        ]
        big = [b if a.ndim == 2 else b[:, 0].copy() for a, b in zip(small, big, strict=True)]
        if case.data.huge is not None:
            big = case.data.huge(rng)
        integers = [(b > 0.5).astype(np.int64) for b in big]
        if case.data.zeros_and_ones in (hot_rows, two_hot_rows):
            integers = case.data.zeros_and_ones(rng, [b.shape for b in big])
        for layout in MEMORY_LAYOUTS:
            arrays = big
            if layout == "bool":
                arrays = [
                    b if i.differentiable else whole.astype(bool)
                    for b, whole, i in zip(big, integers, inputs, strict=True)
                ]
            elif layout == "int":
                arrays = integers
            elif layout == "strided":
                arrays = case.by_sample(big, lambda b: np.repeat(b, 2, axis=0)[::2])
            elif layout == "fortran":
                arrays = [np.asfortranarray(b) for b in big]
            yield f"{case.row.function_name} {case.kind} {layout}", case, arrays


@pytest.fixture(scope="module")
def memory():
    """Bytes that calls took beside their arguments, measured in one process of its own."""
    return json.loads(run_python(MEMORY, OMP_NUM_THREADS="2", timeout=600))


@measures_memory
@every_loss
def test_nothing_of_the_size_of_the_data_is_allocated(name, memory):
    results = {label: r for label, r in memory.items() if label.split()[0] == name}
    assert len(results) >= len(MEMORY_LAYOUTS)
    for label, (value, beside, own, size, copies) in results.items():
        assert size >= 40e6, label
        # Two threads' stacks and tiles are well below 4 MB, a tenth of the 40 MB.
        most = 4e6 + copies
        assert value < most, (label, "value", value)
        assert beside < most, (label, "with gradient_out", beside)
        assert own < most, (label, "beside its own gradient", own)
