"""Values and gradients that PyTorch gave, without PyTorch: see tools/make_pytorch_reference.py."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from conftest import load_tool
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import UndefinedMetricWarning

import sklosses
from sklosses import get_loss_names

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "pytorch_reference.npz"

tool = load_tool("make_pytorch_reference")
INDEX, STORED = tool.load(FILE)
CASES = [pytest.param(k, item, id=item["id"]) for k, item in enumerate(INDEX["cases"])]

# Beside the rounding of the terms of PyTorch's own formulas, which the rows of the script name.
RTOL = 1e-12


def evaluate(item, arrays, reduction):
    """Value and gradients of sklosses; nan and zeros where nothing weighs anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        value, gradient = getattr(sklosses, item["name"])(
            *arrays, reduction=reduction, return_gradient=True, **item["params"]
        )
    return value, gradient if isinstance(gradient, tuple) else (gradient,)


def terms_of(item, arrays):
    """Sizes of the terms of PyTorch's own formulas that may cancel, of the unreduced shape."""
    return tool.ROWS[item["name"]].terms(*arrays, **item["params"])


def gradient_terms_of(item, arrays):
    """The same of the gradients."""
    row = tool.ROWS[item["name"]]
    if row.gradient_terms is None:
        return (0.0,) * len(row.differentiable)
    return row.gradient_terms(*arrays, **item["params"])


@pytest.mark.parametrize(("number", "item"), CASES)
def test_pytorch_s_values_and_gradients(number, item):
    arrays = [STORED[f"{number}.array{k}"] for k in range(item["n_arrays"])]
    values, gradients = evaluate(item, arrays, tool.ROWS[item["name"]].finest)
    expected = STORED[f"{number}.value"]
    scale = 4 * np.finfo(float).eps * terms_of(item, arrays)
    assert np.shape(values) == expected.shape
    assert np.all(np.abs(values - expected) <= RTOL * np.abs(expected) + scale)
    assert len(gradients) == item["n_gradients"]
    sizes = gradient_terms_of(item, arrays)
    for k, (gradient, size) in enumerate(zip(gradients, sizes, strict=True)):
        # Of the largest element, of which another may be a difference: softmax and sigmoid are
        # at most 1, the unit vectors of a cosine that divided by a length.
        expected = STORED[f"{number}.gradient{k}"]
        assert gradient.shape == expected.shape
        atol = RTOL * max(1, np.abs(expected).max()) + 4 * np.finfo(float).eps * size
        assert np.all(np.abs(gradient - expected) <= RTOL * np.abs(expected) + atol)
    mean, _ = evaluate(item, arrays, "mean")
    assert_allclose(mean, STORED[f"{number}.mean"], rtol=RTOL, atol=np.max(scale))


def test_file_is_that_of_the_script():
    """The grid has not changed since the file was written."""
    cases = list(tool.grid())
    assert [str(case) for case in cases] == [item["id"] for item in INDEX["cases"]]
    for number, (case, item) in enumerate(zip(cases, INDEX["cases"], strict=True)):
        assert json.loads(json.dumps(case.params)) == item["params"]
        for k, array in enumerate(case.arrays()):
            assert_array_equal(array, STORED[f"{number}.array{k}"])
    assert FILE.stat().st_size < 500_000


def test_grid_covers_every_loss():
    assert set(get_loss_names()) == set(tool.ROWS)
    names = {item["name"] for item in INDEX["cases"]}
    assert names == set(tool.ROWS)
