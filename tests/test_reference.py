"""Values and gradients that PyTorch returned, compared without PyTorch: see ``pytorch_grid``."""

import json
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pytorch_grid import ROWS, STORED, grid, load
from sklearn.exceptions import UndefinedMetricWarning

import sklosses
from sklosses import get_loss_names

CASES = load()

# In addition to the rounding of the terms of PyTorch's own formulas, which the rows name.
RTOL = 1e-12


def evaluate(name, arrays, reduction, params):
    """Value and gradients of sklosses; nan and zeros where the total weight is 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        value, gradient = getattr(sklosses, name)(
            *arrays, reduction=reduction, return_gradient=True, **params
        )
    return value, gradient if isinstance(gradient, tuple) else (gradient,)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_pytorch_s_values_and_gradients(case):
    row = ROWS[case.name]
    values, gradients = evaluate(case.name, case.arrays, row.finest, case.params)
    scale = 4 * np.finfo(float).eps * row.terms(*case.arrays, **case.params)
    assert np.shape(values) == case.value.shape
    assert np.all(np.abs(values - case.value) <= RTOL * np.abs(case.value) + scale)
    sizes = row.sizes_of_gradients(case.arrays, case.params)
    for gradient, expected, size in zip(gradients, case.gradients, sizes, strict=True):
        # Relative to the largest element, since others may be differences; at least 1, which
        # bounds softmax, sigmoid and the unit vectors of a cosine before it is divided by a length.
        assert gradient.shape == expected.shape
        atol = RTOL * max(1, np.abs(expected).max()) + 4 * np.finfo(float).eps * size
        assert np.all(np.abs(gradient - expected) <= RTOL * np.abs(expected) + atol)
    mean, _ = evaluate(case.name, case.arrays, "mean", case.params)
    assert_allclose(mean, case.mean, rtol=RTOL, atol=np.max(scale))


def test_file_has_the_cases_of_the_grid():
    """Else run tools/make_pytorch_reference.py."""
    stored = {case.id: case for case in CASES}
    cases = {str(case): case for case in grid()}
    assert stored.keys() == cases.keys()
    for key, case in cases.items():
        assert json.loads(json.dumps(case.params)) == stored[key].params
        for array, expected in zip(case.arrays(), stored[key].arrays, strict=True):
            # NumPy's exponentials and logarithms round differently on different CPUs.
            size = np.abs(expected, where=np.isfinite(expected), out=np.zeros(np.shape(expected)))
            atol = 4 * np.finfo(float).eps * size.max(initial=1)
            assert_allclose(array, expected, rtol=1e-14, atol=atol)
    assert STORED.stat().st_size < 600_000


def test_rows_are_of_losses():
    """Each row is of a loss that exists, and has cases; a loss need not have a row."""
    assert set(ROWS) <= set(get_loss_names())
    assert {case.name for case in CASES} == set(ROWS)
    assert {"mse_loss", "cross_entropy", "ctc_loss", "triplet_margin_loss"} <= set(ROWS)
