"""The kernels as built for each instruction set."""

import os
import subprocess
import sys

import numpy as np
import pytest
from cases import (
    MIDDLE_SHAPES,
    STRIDED,
    broadcast_weight,
    cases,
    denominator,
    divisors,
    evaluate,
    ways,
)
from helpers import RTOL, RTOL_SINGLE, close, run_python
from references import WIDE

from sklosses import _kernels

PROBE = """
import sys
import numpy as np
from test_instruction_sets import _kernels, probe_cases, evaluate
assert _kernels.ISA == sys.argv[1], _kernels.ISA
results = {}
for number, (case, dtype) in enumerate(probe_cases()):
    for k, item in enumerate(evaluate(case, case.arrays(dtype))):
        results[f"{number}-{k}"] = item
np.savez(sys.argv[2], **results)
"""


def probe_cases():
    """Every kind of data, and the shapes at which layouts change."""
    shapes = {(7,), (2, 261), *MIDDLE_SHAPES}
    found = [c for c in cases(numbers=[0, 1]) if c.shape in shapes]
    found += [c for c in STRIDED if np.prod(c.shape) < 24_000]
    return [(case, dtype) for case in found for dtype in (np.float64, np.float32)]


@pytest.fixture(scope="module")
def present_results():
    return [evaluate(case, case.arrays(dtype)) for case, dtype in probe_cases()]


@pytest.mark.skipif(
    len(_kernels.available_builds()) < 2, reason="only one build of the kernels is present"
)
@pytest.mark.parametrize("isa", [b for b in _kernels.available_builds() if b != _kernels.ISA])
def test_every_build_agrees(isa, tmp_path, present_results):
    """Builds differ only in rounding (fused multiply-add).

    Values by 2 units of the last digit of the sum of the absolute terms; single elements by 4,
    since each build may be off by 2.
    """
    path = tmp_path / "results.npz"
    run_python(PROBE, isa, path, SKLOSSES_ISA=isa)
    with np.load(path) as other:
        for number, ((case, dtype), own) in enumerate(
            zip(probe_cases(), present_results, strict=True)
        ):
            arrays = case.arrays(dtype)
            eps = float(np.finfo(dtype).eps)
            value_terms = case.value_terms(arrays)
            shape = value_terms.shape
            shapes, top = set(), 0.0
            for k in case.differentiable:
                shapes.add(np.shape(arrays[k]))
                top = max(top, 4 * np.max(case.terms(arrays, np.zeros(np.shape(arrays[k])), k)))
            every_way = ways(case, arrays)
            per_way = len(own) // len(every_way)
            for i, result in enumerate(own):
                wide = result.astype(WIDE)
                reduction, weight = every_way[i // per_way]
                if i % per_way < 2:
                    size, factor = broadcast_weight(weight, shape) * value_terms, 4
                    if result.ndim == 0:
                        total_weight = denominator(case, arrays, weight, shape)
                        size = size.sum() / divisors(case, total_weight, shape)[reduction]
                        factor = 2
                    close(other[f"{number}-{i}"], wide, factor * eps, size)
                    continue
                # The bounds of a single build, doubled: each may be off by one. Derivatives
                # may be differences of terms: as large as the reference says or, where it says
                # nothing (a Hessian that changes its sign), as the largest of them.
                rtol = 2 * (RTOL_SINGLE / 10 if dtype == np.float32 else RTOL)
                size = np.max(value_terms)
                if result.shape in shapes:
                    size = max(top, size, np.max(np.abs(wide)))
                close(other[f"{number}-{i}"], wide, rtol, atol=size * 16 * eps)


def test_unknown_build_is_refused():
    done = subprocess.run(
        [sys.executable, "-c", "import sklosses"],
        capture_output=True,
        text=True,
        env={**os.environ, "SKLOSSES_ISA": "z80"},
        check=False,
    )
    assert done.returncode != 0
    assert "SKLOSSES_ISA" in done.stderr
    assert "z80" in done.stderr
