"""Outputs in float32 that callers give for gradients in float64: rounded once, at the end."""

import numpy as np
import pytest
from cases import cases, middle, over
from helpers import as_tuple, derivatives
from numpy.testing import assert_array_equal

import sklosses
from sklosses import get_loss


def rounded(outputs):
    with np.errstate(over="ignore", under="ignore"):
        return [tuple(array.astype(np.float32) for array in as_tuple(group)) for group in outputs]


def given(outputs):
    """Empty float32 arrays like the outputs."""
    groups = [tuple(np.empty(a.shape, np.float32) for a in as_tuple(group)) for group in outputs]
    return [group if len(group) > 1 else group[0] for group in groups]


def check(loss, arrays, **keywords):
    expected = derivatives(loss, *arrays, **keywords)
    outputs = given(expected)
    names = ("gradient_out", "hessian_out")
    got = derivatives(loss, *arrays, **dict(zip(names, outputs, strict=False)), **keywords)
    for out, result in zip(outputs, got, strict=True):
        assert all(a is b for a, b in zip(as_tuple(out), result, strict=True))
    for one, other in zip(rounded(expected), got, strict=True):
        for a, b in zip(one, other, strict=True):
            assert_array_equal(a, b)


@over(middle(cases(numbers=[0])))
def test_every_loss(case):
    arrays = case.arrays()
    check(case.loss(), arrays)
    check(case.loss(reduction=case.finest), arrays)


@over(middle(cases(numbers=[0])))
def test_sums_of_losses(case):
    """Added in float64: the parts of a gradient are not rounded one by one."""
    check(0.3 * case.loss() + 0.7 * case.loss(), case.arrays())


@pytest.mark.parametrize("shape", [(3_000_001,), (5_000_000,), (1_200_000, 3)])
def test_many_elements(shape):
    """Past the caches, in threads, and along no single run of memory."""
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, *shape))
    check(sklosses.HuberLoss(), [y_true, y_pred], n_threads=2)
    check(sklosses.HuberLoss(), [y_true[::-2], y_pred[::-2]], n_threads=2)
    if len(shape) > 1:
        labels = rng.integers(0, shape[1], shape[0])
        check(sklosses.CrossEntropyLoss(), [labels, y_pred], n_threads=2)


@pytest.mark.parametrize("max_violation", [False, True])
def test_similarities(max_violation):
    similarities = np.random.default_rng(0).normal(size=(9, 9))
    loss = sklosses.VSELoss(similarity="precomputed", max_violation=max_violation)
    check(loss, [similarities, None])
    check(2 * loss + 0.1 * loss, [similarities, None])


def test_function():
    y_true, y_pred = np.random.default_rng(0).normal(size=(2, 50))
    out = np.empty(50, np.float32)
    value, gradient = sklosses.mse_loss(y_true, y_pred, return_gradient=True, gradient_out=out)
    assert gradient is out
    expected = sklosses.mse_loss(y_true, y_pred, return_gradient=True)
    assert value == expected[0]
    assert_array_equal(out, expected[1].astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, np.int64, ">f4"])
def test_other_dtypes_are_refused(dtype):
    for prediction, allowed in (np.ones(3), "float64 or float32"), (np.float32([1, 1, 1]), "float"):
        for name in "mse_loss", "soft_margin_loss":
            with pytest.raises(ValueError, match=f"gradient_out must have dtype {allowed}"):
                get_loss(name).gradient([1, -1, 1], prediction, gradient_out=np.empty(3, dtype))


def test_float64_for_float32_is_refused():
    with pytest.raises(ValueError, match=r"gradient_out must have dtype float32\. Got float64"):
        sklosses.MSELoss().gradient([1.0], np.float32([1]), gradient_out=np.empty(1))
