"""Dtypes of the arrays of all losses, and what they are computed in."""

import numpy as np
import pytest
from cases import (
    INTEGERS,
    MIDDLE,
    SEPARATE,
    STRIDED,
    cases,
    denominator,
    divisors,
    every_loss,
    finest_terms,
    middle,
    over,
    sum_terms,
    typical,
    zeros_and_ones,
)
from helpers import RTOL_SINGLE, as_tuple, close, derivatives
from numpy.testing import assert_allclose, assert_array_equal

from sklosses import get_loss


@over(cases() + cases("large", numbers=[0]))
def test_single_precision(case):
    arrays = case.arrays(np.float32)
    # The same numbers in float64.
    wide = [np.asarray(a, np.float64) if np.asarray(a).dtype == np.float32 else a for a in arrays]
    loss = case.loss(reduction=case.finest)
    value, gradient = loss.value_and_gradient(*arrays)
    expected_value, expected = loss.value_and_gradient(*wide)
    terms = case.value_terms(wide, expected_value if case.finest == "none" else None)
    if case.finest == "none":
        assert value.dtype == np.float32
        assert expected_value.dtype == np.float64
    size = terms if case.finest == "none" else terms.sum()
    close(np.asarray(value), expected_value, RTOL_SINGLE, size)
    for k, a, b in zip(case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True):
        assert a.dtype == np.float32
        assert b.dtype == np.float64
        close(a, b, RTOL_SINGLE, case.terms(wide, b, k))
    total_weight = denominator(case, wide, None, terms.shape)
    for reduction, divisor in divisors(case, total_weight, terms.shape).items():
        if reduction != "none":
            one = loss(*arrays, reduction=reduction)
            assert type(one) is float
            # What rounds to zero in float32 is none of the sum.
            other, size = loss(*wide, reduction=reduction), terms.sum() / divisor
            close(one, other, RTOL_SINGLE, size, atol=np.finfo("f4").tiny)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEPARATE)
def test_single_precision_of_many(name):
    case = next(c for c in cases("threaded", [name], numbers=[0]))
    arrays = case.by_sample(case.arrays(np.float32), lambda a: np.concatenate([a] * 100))
    wide = [a.astype(float) if a.dtype == np.float32 else a for a in arrays]
    shape = case.loss()(*arrays, reduction="none").shape
    size = sum_terms(case, wide, None, shape) / denominator(case, wide, None, shape)
    close(np.float64(case.loss()(*arrays)), case.loss()(*wide), RTOL_SINGLE, size)


@over(middle(cases(numbers=[0, 1, 2])))
def test_half_precision_computes_in_single(case):
    half = [np.asarray(a) for a in case.arrays(np.float32)]
    with np.errstate(over="ignore"):
        half = [a.astype(np.float16) if a.dtype == np.float32 else a for a in half]
    half = [np.nan_to_num(a) if a.dtype == np.float16 else a for a in half]
    single = [a.astype(np.float32) if a.dtype == np.float16 else a for a in half]
    loss = case.loss(reduction=case.finest)
    got, expected = derivatives(loss, *half), derivatives(loss, *single)
    for a, b in zip(got, expected, strict=True):
        for x, y in zip(a, b, strict=True):
            assert x.dtype == np.float32
            assert_array_equal(x, y)
    assert_array_equal(loss(*half), loss(*single), strict=True)


@over(MIDDLE)
def test_integers_become_double(case):
    for dtype in (*INTEGERS, list):
        check_integers(case, dtype)


def check_integers(case, dtype):
    arrays = zeros_and_ones(case)
    given = [a.tolist() if dtype is list else a.astype(dtype) for a in arrays]
    double = [a.astype(np.float64) for a in arrays]
    loss = case.loss()
    value, gradient = loss.value_and_gradient(*given)
    expected_value, expected = loss.value_and_gradient(*double)
    assert value == expected_value
    for a, b in zip(as_tuple(gradient), as_tuple(expected), strict=True):
        assert_array_equal(a, b, strict=True)
        assert a.dtype == np.float64
    weight = np.arange(1, 1 + case.n_weights(arrays))
    if dtype is not np.bool_ and case.cls.weighted:
        weighted = weight.tolist() if dtype is list else weight.astype(dtype)
        assert loss(*given, sample_weight=weighted) == loss(*double, sample_weight=weight)


@over(STRIDED)
def test_byte_order_and_long_double(case):
    """The bits of the same numbers in a native dtype."""
    for dtype in (">f4", "<f4", ">f8", "<f8", ">f2", "longdouble", ">g", "<g"):
        check_byte_order(case, np.dtype(dtype))


def check_byte_order(case, dtype):
    native = np.float64 if dtype.itemsize >= 8 else np.float32
    arrays = case.arrays(native)
    with np.errstate(over="ignore"):
        given = [np.nan_to_num(a.astype(dtype)) if a.dtype == native else a for a in arrays]
        given = [a if a.dtype == dtype else a.astype(a.dtype.newbyteorder()) for a in given]
    expected = [a.astype(native) if a.dtype.kind == "f" else a for a in given]
    loss = case.loss()
    value, gradient = loss.value_and_gradient(*given)
    expected_value, expected_gradient = loss.value_and_gradient(*expected)
    assert value == expected_value
    for a, b in zip(as_tuple(gradient), as_tuple(expected_gradient), strict=True):
        assert a.dtype == native
        assert a.dtype.isnative
        assert_array_equal(a, b)


@over(MIDDLE)
def test_single_prediction_beside_other_targets(case):
    for target in (np.float64, np.float16, np.int64, np.uint8, np.longdouble, bool):
        check_single_prediction(case, target)


def check_single_prediction(case, target):
    plain = zeros_and_ones(case)
    arrays = [a.astype(target) for a in plain]
    wide = [np.asarray(a, float) for a in arrays]
    for k in case.differentiable:
        arrays[k] = case.arrays(np.float32)[k]
        plain[k] = wide[k] = arrays[k].astype(float)
    loss = case.loss(reduction=case.finest)
    value, gradient = loss.value_and_gradient(*arrays)
    expected_value, expected = loss.value_and_gradient(*wide)
    if case.finest == "none":
        assert value.dtype == np.float32
    close(np.asarray(value), expected_value, RTOL_SINGLE, finest_terms(case, plain))
    for k, a, b in zip(case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True):
        assert a.dtype == np.float32
        close(a, b, RTOL_SINGLE, case.terms(plain, b, k))


@every_loss
def test_double_targets_keep_their_digits_beside_single_predictions(name):
    """A difference of targets too small for float32 shows in the value."""
    case = typical(name)
    arrays = case.arrays()
    k = case.differentiable[0]
    if case.inputs[0].domain.kind != "interval" or case.names[0] != "y_true":
        pytest.skip("it has no real targets")
    if case.row.coupled:
        pytest.skip("it compares the targets with one another, which are all equal here")
    tags = case.cls.tags
    if np.shape(arrays[0]) != np.shape(arrays[k]) and tags.target != "class_position":
        arrays[0] = np.full(np.shape(arrays[k]), 1 / 3)
    if tags.target != "box":
        arrays[0] = np.full_like(arrays[0], 1 / 3, dtype=float)
        arrays[k] = np.full_like(arrays[k], 0.625)
    if tags.target == "class_position":
        arrays[k] = arrays[k] * np.arange(arrays[k].shape[1])
    arrays[k] = arrays[k].astype(np.float32)
    moved = [arrays[0] + 1e-10, *arrays[1:]]
    wide = [np.asarray(a, float) for a in arrays]
    wide_moved = [np.asarray(a, float) for a in moved]
    expected = case.loss()(*wide_moved) - case.loss()(*wide)
    assert expected != 0
    assert_allclose(case.loss()(*moved) - case.loss()(*arrays), expected, rtol=1e-4)


@pytest.mark.parametrize("first", [np.float32, np.float64, np.float16, np.int64, list])
@pytest.mark.parametrize("second", [np.float32, np.float64, np.float16, np.int64, list])
@pytest.mark.parametrize("name", ["gaussian_nll_loss", "margin_ranking_loss"])
def test_dtypes_of_several_gradients(name, first, second):
    """Each gradient goes by the dtype of its own array; the arithmetic by the widest."""

    def cast(array, kind):
        return array.tolist() if kind is list else array.astype(kind)

    y_true = np.array([1, -1, 1, -1])
    a, b = np.array([[1.0, 2.0, 3.0, 5.0], [4.0, 1.0, 2.0, 3.0]])
    given = cast(a, first), cast(b, second)
    loss = get_loss(name, reduction="none")
    value, gradients = loss.value_and_gradient(y_true, *given)
    expected_value, expected = loss.value_and_gradient(y_true, a, b)
    for kind, own, other in zip((first, second), gradients, expected, strict=True):
        single = kind in (np.float32, np.float16)
        assert own.dtype == (np.float32 if single else np.float64)
        assert_allclose(own, other, rtol=1e-6 if single else 1e-15)
    exact = not {first, second} <= {np.float32, np.float16}
    assert_allclose(value, expected_value, rtol=1e-15 if exact and value.dtype == float else 1e-6)
    # Digits that float32 does not hold show, if any array has them.
    moved = loss(y_true, *(np.asarray(x, float) + 1e-10 for x in given), reduction="sum")
    assert abs(moved - loss(y_true, *given, reduction="sum")) < 1e-5
