"""Every loss of the registry, against its row in ``reference.py``.

A new loss is tested here by its row: the tests go through `REFERENCES`, and the first one sees
to it that no registered loss is without a row. The bounds, once for all:

- float64: a loss is a product of a few factors, each within 2 ULP. What is larger is the
  error of an exponential's argument: exp(-gamma softplus(z)) has a relative error of half an
  ULP of an argument of up to 745, the largest whose exponential is not 0, that is 8e-14.
  Hence `RTOL`, relative to the sum of the absolute terms.
- float32: 2e-5 relative to the same, as the contract has it.
"""

import ast
import copy
import inspect
import itertools
import json
import math
import os
import pickle
import re
import subprocess
import sys
import threading
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
from conftest import MIDDLE as MIDDLE_SHAPES
from conftest import WIDE, as_tuple, cases, derivatives, measures_memory, middle_cases, over, widen
from numpy.testing import assert_allclose, assert_array_equal
from reference import OF_SEVERAL_MEANS, REFERENCES, fold, hot_rows, spread, two_hot_rows
from sklearn.base import clone
from sklearn.exceptions import UndefinedMetricWarning

import sklosses
from sklosses import PartialLoss, _kernels, get_loss, get_loss_names, plotting
from sklosses.base import Loss

RTOL = 2e-13
RTOL_SINGLE = 2e-5
NAMES = sorted(REFERENCES)
MIDDLE = middle_cases()
EVERYWHERE = [0, 479, 480, 959, 960, 16383, 16384, -1]
HERE = str(Path(__file__).resolve().parent)


every_loss = pytest.mark.parametrize("name", NAMES)
#: Losses whose terms belong to samples, which may have weights.
WEIGHTED = [name for name in NAMES if type(get_loss(name)).weighted]
every_weighted_loss = pytest.mark.parametrize("name", WEIGHTED)
#: Losses of each sample on its own.
SEPARATE = [name for name in NAMES if not REFERENCES[name].coupled]


def weighted(found):
    """The cases of losses that take weights."""
    return [case for case in found if case.row.function_name in WEIGHTED]


def separate(found):
    """The cases of losses of each sample on its own."""
    return [case for case in found if not case.row.coupled]


every_input = pytest.mark.parametrize(
    ("case", "number"),
    [pytest.param(c, k, id=f"{c}-{name}") for c in MIDDLE for k, name in enumerate(c.names)],
)


def typical(name):
    """The first middle case of a loss."""
    return next(case for case in MIDDLE if case.row.function_name == name)


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


def spread_weight(weight, shape):
    """A weight as an array of the shape of the unreduced loss."""
    if weight is None:
        return np.ones(shape)
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim)), shape)


def denominator(case, arrays, weight, shape):
    mass = spread_weight(weight, shape) * case.mass(arrays, shape)
    # The mean of no terms is 0 where labels or distances make the terms.
    return float(mass.sum(dtype=WIDE)) or (1.0 if case.row.coupled else 0.0)


def divisors(case, mass, shape):
    """What the losses are divided by for each reduction: that of the mean is given."""
    every = {"none": 1, "sum": 1, "mean": mass, "batchmean": shape[0] if shape else 1}
    return {name: every[name] for name in case.cls.reductions}


def finest_terms(case, arrays):
    """Sums of the absolute terms of what the finest reduction gives."""
    terms = case.value_terms(arrays)
    return terms if case.finest == "none" else terms.sum()


def sum_terms(case, arrays, weight, shape):
    """Sum of the absolute terms of the sum of the weighted losses."""
    return (spread_weight(weight, shape) * case.value_terms(arrays)).sum()


def like_gradient(case, weight, unreduced_shape, gradient):
    """A weight of each row as an array that multiplies the gradient."""
    full = spread_weight(weight, unreduced_shape)
    if full.ndim < gradient.ndim:
        full = np.expand_dims(full, case.row.reduced(gradient.ndim))
    return full


def close(actual, expected, rtol, terms=None, atol=0.0):
    """|actual - expected| <= rtol * terms, with what rounds to zero in the dtype allowed for."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    terms = np.abs(expected) if terms is None else terms
    tiny = np.finfo(actual.dtype).tiny
    with np.errstate(invalid="ignore"):
        error = np.abs(actual.astype(WIDE) - expected)
    bound = np.broadcast_to(rtol * terms + tiny + atol, error.shape)
    fine = (error <= bound) | (actual == expected)
    worst = np.unravel_index(np.argmin(fine), error.shape)
    assert np.all(fine), (
        f"at {worst}: {actual[worst]!r}, expected {expected[worst]!r}, bound {bound[worst]!r}"
    )


def negative(array):
    every = (slice(None, None, -1),) * array.ndim + (...,)
    return array[every].copy()[every]


def sliced(array):
    wide = np.full(tuple(2 * n + 1 for n in array.shape), 7, array.dtype)
    view = wide[(slice(1, None, 2),) * array.ndim + (...,)]
    view[...] = array
    return view


def unaligned(array):
    """A field of packed records, at no multiple of its size."""
    records = np.zeros(array.shape, np.dtype([("pad", "u1"), ("x", array.dtype), ("end", "u2")]))
    records["x"] = array
    view = records["x"]
    assert array.itemsize == 1 or not view.flags.aligned
    return view


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS = {
    "negative": negative,
    "fortran": lambda array: np.array(array, order="F"),
    "sliced": sliced,
    "swapped axes": lambda array: np.ascontiguousarray(array.T).T.reshape(array.shape),
    "unaligned": unaligned,
    "read-only": read_only,
}
#: Shapes of few and many classes, of one tile and of many blocks.
STRIDED_SHAPES = {(5, 3), (6, 3), (2, 3, 4), (3, 4, 2, 2), (4, 70), (960, 3), (7, 5, 961)}
STRIDED_SHAPES |= {(700, 10), (20, 1000), (2, 260, 200), (2, 4100, 3), (300,), (480, 2)}
STRIDED_SHAPES |= {(17, 100), (2, 40, 100), (70,)}
STRIDED = [
    c
    for c in cases(numbers=[0]) + cases("large", numbers=[0])
    if c.shape in STRIDED_SHAPES and "hard" not in c.kind
]


def test_every_registered_loss_has_a_row():
    assert set(get_loss_names()) == {*REFERENCES, *OF_SEVERAL_MEANS}


# ---------------------------------------------------------------------------------------------
# Values
# ---------------------------------------------------------------------------------------------


@over(cases())
def test_value(case):
    # Weights of samples are in balanced weights of classes as well: see test_class_weight.py.
    balanced = isinstance(case.params.get("class_weight"), str)
    for weighted in (None, "samples", "elements")[: 1 if balanced else 3]:
        check_value(case, weighted)


def check_value(case, weighted):
    arrays = case.arrays()
    expected = case.unreduced(arrays)
    if weighted == "samples" and expected.ndim == 0:
        weighted = "elements"
    weight = weights_of(case, weighted, expected.shape)
    loss = case.loss()
    shape = expected.shape
    terms = spread_weight(weight, shape) * case.value_terms(arrays)
    expected = spread_weight(weight, shape) * expected
    total, mass = expected.sum(), denominator(case, arrays, weight, shape)
    shared = (case.share(arrays, shape) * expected).sum()

    if case.finest == "none":
        none = loss(*arrays, sample_weight=weight, reduction="none")
        assert isinstance(none, np.ndarray)
        close(none, expected, RTOL, terms)
    assert mass > 0
    for reduction, divisor in divisors(case, mass, shape).items():
        if reduction != "none":
            value = loss(*arrays, sample_weight=weight, reduction=reduction)
            assert type(value) is float
            added = shared if reduction == "mean" else total
            close(value, added / divisor, RTOL, terms.sum() / divisor)
            assert case.loss(reduction=reduction)(*arrays, sample_weight=weight) == value
    assert loss(*arrays, sample_weight=weight) == loss(
        *arrays, sample_weight=weight, reduction=loss.reduction
    )
    value = loss(*arrays, sample_weight=weight, reduction="mean", avg_factor=0.7)
    close(value, shared / WIDE(0.7), RTOL, terms.sum() / WIDE(0.7))


@over(cases("large", numbers=[0, 1, 3]))
def test_value_where_layouts_change(case):
    arrays = case.arrays()
    expected = case.unreduced(arrays)
    terms = case.value_terms(arrays)
    if case.finest == "none":
        close(case.loss(reduction="none")(*arrays), expected, RTOL, terms)
    mass = denominator(case, arrays, None, expected.shape)
    shared = (case.share(arrays, expected.shape) * expected).sum()
    close(case.loss(reduction="mean")(*arrays), shared / mass, RTOL, terms.sum() / mass)


@over(weighted(cases("large", numbers=[0, 1])))
def test_none_sums_to_sum(case):
    arrays = case.arrays()
    loss = case.loss()
    weight = weights_of(case, "samples", loss(*arrays, reduction="none").shape)
    none = loss(*arrays, sample_weight=weight, reduction="none")
    total = loss(*arrays, sample_weight=weight, reduction="sum")
    # One rounding for the weight of each element, and one for the sum.
    terms = sum_terms(case, arrays, weight, none.shape)
    close(total, math.fsum(none.ravel()), 8 * np.finfo(float).eps, terms)


# ---------------------------------------------------------------------------------------------
# Gradients and Hessians
# ---------------------------------------------------------------------------------------------

# Coefficients of f(x - 2h), f(x - h), f(x), f(x + h), f(x + 2h): errors of h^4 f'''''/30 and
# h^4 f''''''/90.
FIRST = np.array([1, -8, 0, 8, -1], WIDE) / 12
SECOND = np.array([-1, 16, -30, 16, -1], WIDE) / 12


def moved_elements(size):
    """Numbers of the elements that are moved: all of a few, both ends and some between of many."""
    if size <= 128:
        return range(size)
    return sorted(
        {*range(32), *np.linspace(32, size - 33, 32).astype(int), *range(size - 32, size)}
    )


def differences(case, arrays, k, order):
    """Derivative of the reference's sum by each element of array `k`, with its error bound.

    nan where the loss is not smooth, and for elements of long rows that are not looked at. The
    step h balances the truncation, (h / scale)^4, with
    the rounding, eps / h^order; powers of two make x + h exact.
    """
    eps = np.finfo(WIDE).eps
    relative = eps ** (1 / WIDE(4 + order))
    x = np.asarray(arrays[k]).astype(WIDE)
    scale = np.broadcast_to(case.scales(arrays, k), x.shape)
    terms = case.value_terms(arrays)
    derivative = np.full(x.shape, np.nan, WIDE)
    bound = np.full(x.shape, np.nan, WIDE)
    coefficients = FIRST if order == 1 else SECOND
    for number in moved_elements(x.size):
        index = np.unravel_index(number, x.shape)
        if not (scale[index] > 0 and np.isfinite(x[index])):
            continue
        step = np.ldexp(WIDE(1), int(np.floor(np.log2(relative * min(scale[index], 1e6)))))
        nodes = x[index] + step * np.arange(-2, 3)
        if any(nodes[i + 1] - nodes[i] != step for i in range(4)):
            continue
        values = []
        for node in nodes:
            moved = x.copy()
            moved[index] = node
            values.append(case.unreduced([*arrays[:k], moved, *arrays[k + 1 :]]))
        values = np.stack(values)
        size = terms
        if values.shape[1:] == x.shape:
            values, size = values[(slice(None), *index)], size[index]
        elif not case.inputs[k].broadcasts:
            reduced = case.row.reduced(x.ndim)
            kept = tuple(i for axis, i in enumerate(index) if axis not in reduced)
            values, size = values[(slice(None), *kept)], size[kept]
        values = values.reshape(5, -1)
        derivative[index] = (coefficients @ values).sum() / step**order
        size = np.maximum(np.abs(values).sum(), 5 * np.sum(size))
        # Rounding of the values, at most a few eps, times the sum of the coefficients; the
        # truncation, in units of the values' size, is (step / scale)^(4 + order) / step^order.
        bound[index] = (
            (16 * eps + 16 * WIDE(step / min(scale[index], 1e6)) ** (4 + order))
            * size
            / step**order
        )
    return derivative, bound


def check_against_differences(case, arrays, k, actual, order):
    expected, bound = differences(case, arrays, k, order)
    smooth = ~np.isnan(expected)
    terms = (case.terms if order == 1 else case.hessian_terms)(arrays, actual, k)
    error = np.abs(actual.astype(WIDE) - expected)[smooth]
    allowed = (bound + RTOL * terms + np.finfo(float).tiny)[smooth]
    assert np.all(error <= allowed), (
        f"worst ratio {np.max(error / allowed)} of {error[np.argmax(error / allowed)]}"
    )
    return smooth.sum()


# Long rows of classes take long; two sets of parameters go through them.
DIFFERENCES = [c for c in cases() if np.prod(c.shape) < 60 or c.number in (0, 4)]


@over(DIFFERENCES)
def test_gradient_against_differences(case):
    arrays = case.arrays()
    gradients = as_tuple(case.loss(reduction=case.finest).gradient(*arrays))
    assert len(gradients) == len(case.differentiable)
    if case.row.gradient is not None:
        assert case.cls.tags.gradient == "partial"
        expected = as_tuple(case.row.gradient(*map(widen, arrays), **case.params))
        for k, a, b in zip(case.differentiable, gradients, expected, strict=True):
            close(a, b, RTOL, case.terms(arrays, b, k))
        return
    assert case.cls.tags.gradient == "exact"
    checked = 0
    for k, gradient in zip(case.differentiable, gradients, strict=True):
        assert gradient.shape == np.shape(arrays[k])
        checked += check_against_differences(case, arrays, k, gradient, 1)
    if "hard" not in case.kind:
        assert checked > 0


@over(DIFFERENCES)
def test_hessian_against_differences(case):
    loss = case.loss(reduction=case.finest)
    arrays = case.arrays()
    if loss.tags.hessian == "none":
        with pytest.raises(ValueError, match="Hessian"):
            loss.gradient_and_hessian(*arrays)
        return
    _, hessians = loss.gradient_and_hessian(*arrays)
    for k, hessian in zip(case.differentiable, as_tuple(hessians), strict=True):
        assert hessian.shape == np.shape(arrays[k])
        if loss.tags.hessian == "ones":
            # Times what the element counts in the mean.
            shape = loss(*arrays).shape
            counts = like_gradient(case, case.mass(arrays, shape), shape, hessian)
            assert_array_equal(hessian, np.broadcast_to(counts, hessian.shape))
        else:
            # A kink has no second derivative; elsewhere that of the reference.
            check_against_differences(case, arrays, k, hessian, 2)


@pytest.mark.parametrize("weighted", [None, "samples", "elements"])
@over(separate(cases(numbers=[0, 1])))
def test_derivatives_are_those_of_what_is_returned(case, weighted):
    """That of the mean is that of "none", weighted and divided: exact up to three roundings."""
    arrays = case.arrays()
    loss = case.loss()
    shape = loss(*arrays, reduction="none").shape
    if weighted == "samples" and not shape:
        weighted = "elements"
    weight = weights_of(case, weighted, shape)
    mass = denominator(case, arrays, weight, shape)
    # The elements of a broadcast input have the sums of the derivatives of its copies.
    whole = case.whole(arrays)
    bare = derivatives(loss, *whole, reduction="none")
    share = case.share(arrays, shape)
    plans = [(name, None, divisor) for name, divisor in divisors(case, mass, shape).items()]
    for reduction, avg_factor, divisor in (*plans, ("mean", 3.7, 3.7)):
        got = derivatives(
            loss, *arrays, sample_weight=weight, reduction=reduction, avg_factor=avg_factor
        )
        full = spread_weight(weight, shape) * (share if reduction == "mean" else 1)
        for own, plain in zip(got, bare, strict=True):
            terms_of = case.terms if own is got[0] else case.hessian_terms
            for k, a, b in zip(case.differentiable, own, plain, strict=True):
                factor = like_gradient(case, full, shape, b) / divisor
                # What weighs nothing has no slope, also where it would be infinite.
                expected = np.where(factor, b, 0) * factor
                terms = np.where(factor, terms_of(whole, b, k), 0) * factor
                # The row's scale may be applied to each of two terms before they are added.
                expected, terms = (fold(x, a.shape) for x in (expected, terms))
                close(a, expected, 8 * np.finfo(float).eps, terms)


@over(cases(numbers=[0, 1]) + STRIDED)
def test_value_alone_and_beside_a_gradient(case):
    arrays = case.arrays()
    shape = case.unreduced(arrays).shape
    mass = denominator(case, arrays, None, shape)
    for reduction, divisor in divisors(case, mass, shape).items():
        loss = case.loss(reduction=reduction)
        alone = loss(*arrays)
        beside, gradient = loss.value_and_gradient(*arrays)
        terms = case.value_terms(arrays)
        if reduction != "none":
            terms = terms.sum() / divisor
        close(beside, alone, 16 * np.finfo(float).eps, terms)
        for a, b in zip(as_tuple(gradient), as_tuple(loss.gradient(*arrays)), strict=True):
            assert_array_equal(a, b)
        for a, b in zip(as_tuple(gradient), derivatives(loss, *arrays)[0], strict=True):
            assert_array_equal(a, b)


@over(cases(numbers=[0, 1, 2]))
def test_both_faces_give_the_same_bits(case):
    arrays = case.arrays()
    for reduction in case.cls.reductions:
        weight = weights_of(case, "elements", case.unreduced(arrays).shape)
        loss = case.loss(reduction=reduction)
        kwargs = {"sample_weight": weight, "reduction": reduction}
        if reduction == "mean":
            kwargs["avg_factor"] = 2.5
        value = case.function(*arrays, **case.params, **kwargs)
        assert_array_equal(value, loss(*arrays, **kwargs))
        pair = case.function(*arrays, return_gradient=True, **case.params, **kwargs)
        assert isinstance(pair, tuple)
        assert len(pair) == 2
        expected = loss.value_and_gradient(*arrays, **kwargs)
        assert_array_equal(pair[0], expected[0])
        for a, b in zip(as_tuple(pair[1]), as_tuple(expected[1]), strict=True):
            assert_array_equal(a, b)


# ---------------------------------------------------------------------------------------------
# Dtypes
# ---------------------------------------------------------------------------------------------


@over(cases() + cases("large", numbers=[0, 1]))
def test_single_precision(case):
    arrays = case.arrays(np.float32)
    # The same numbers in float64.
    wide = [np.asarray(a, np.float64) if np.asarray(a).dtype == np.float32 else a for a in arrays]
    loss = case.loss(reduction=case.finest)
    value, gradient = loss.value_and_gradient(*arrays)
    expected_value, expected = loss.value_and_gradient(*wide)
    terms = case.value_terms(wide)
    if case.finest == "none":
        assert value.dtype == np.float32
        assert expected_value.dtype == np.float64
    close(np.asarray(value), expected_value, RTOL_SINGLE, finest_terms(case, wide))
    for k, a, b in zip(case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True):
        assert a.dtype == np.float32
        assert b.dtype == np.float64
        close(a, b, RTOL_SINGLE, case.terms(wide, b, k))
    mass = denominator(case, wide, None, terms.shape)
    for reduction, divisor in divisors(case, mass, terms.shape).items():
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


@over([c for c in cases(numbers=[0, 1, 2]) if c.shape])
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


INTEGERS = [np.bool_, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64]
INTEGERS += [np.uint64]


def zeros_and_ones(case, seed=0):
    """Arrays of the case's shape that the loss takes and every dtype holds."""
    rng = np.random.default_rng(seed)
    return list(case.data.zeros_and_ones(rng, [np.shape(a) for a in case.arrays()]))


@pytest.mark.parametrize("dtype", [*INTEGERS, list])
@over(MIDDLE)
def test_integers_become_double(case, dtype):
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
    weight = np.arange(1, 1 + len(arrays[0]))
    if dtype is not np.bool_ and case.cls.weighted:
        weighted = weight.tolist() if dtype is list else weight.astype(dtype)
        assert loss(*given, sample_weight=weighted) == loss(*double, sample_weight=weight)


@pytest.mark.parametrize("dtype", [">f4", "<f4", ">f8", "<f8", ">f2", "longdouble", ">g", "<g"])
@over(STRIDED)
def test_byte_order_and_long_double(case, dtype):
    """The bits of the same numbers in a native dtype."""
    dtype = np.dtype(dtype)
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


@pytest.mark.parametrize(
    "target", [np.float64, np.float16, np.int64, np.uint8, np.longdouble, bool]
)
@over(MIDDLE)
def test_single_prediction_beside_other_targets(case, target):
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
    if np.shape(arrays[0]) != np.shape(arrays[k]):
        arrays[0] = np.full(np.shape(arrays[k]), 1 / 3)
    arrays[0] = np.full_like(arrays[0], 1 / 3, dtype=float)
    arrays[k] = np.full_like(arrays[k], 0.625).astype(np.float32)
    moved = [arrays[0] + 1e-10, *arrays[1:]]
    wide = [np.asarray(a, float) for a in arrays]
    wide_moved = [np.asarray(a, float) for a in moved]
    expected = case.loss()(*wide_moved) - case.loss()(*wide)
    assert expected != 0
    assert_allclose(case.loss()(*moved) - case.loss()(*arrays), expected, rtol=1e-4)


# ---------------------------------------------------------------------------------------------
# Strides
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@over(STRIDED)
def test_layouts(case, layout):
    """Any layout has the derivatives of a contiguous one to the last bits."""
    check_layout(case, layout, np.float64)


@pytest.mark.parametrize("layout", ["fortran", "sliced", "unaligned"])
@over([c for c in STRIDED if c.shape in {(960, 3), (700, 10), (2, 260, 200)}])
def test_layouts_in_single_precision(case, layout):
    check_layout(case, layout, np.float32)


def check_layout(case, layout, dtype):
    arrays = [np.asarray(a) for a in case.arrays(dtype)]
    given = [LAYOUTS[layout](a) for a in arrays]
    kept = [a.copy() for a in given]
    for a, b in zip(given, arrays, strict=True):
        assert_array_equal(a, b)
    loss = case.loss()
    shape = case.unreduced(arrays).shape
    weight = weights_of(case, "elements", shape)
    # Rows of classes are summed along lanes or in order, up to 64 terms at a time.
    eps = 64 * np.finfo(dtype).eps
    given_weight = None if weight is None else LAYOUTS[layout](weight)
    value = loss(*given, sample_weight=given_weight, reduction="sum")
    # Another order of summation, in float64.
    terms = sum_terms(case, arrays, weight, shape)
    close(value, loss(*arrays, sample_weight=weight, reduction="sum"), eps, terms)
    keywords = {"sample_weight": weight, "reduction": case.finest}
    got = derivatives(loss, *given, **keywords)
    expected = derivatives(loss, *arrays, **keywords)
    for a, b in zip(got, expected, strict=True):
        terms_of = case.terms if a is got[0] else case.hessian_terms
        for k, x, y in zip(case.differentiable, a, b, strict=True):
            if case.row.coupled:
                # The rows are read into one form: not a bit differs.
                assert_array_equal(x, y)
                continue
            terms = terms_of(arrays, y, k)
            if case.inputs[k].broadcasts:
                terms = terms * weight.max()
            else:
                factor = like_gradient(case, weight, shape, y)
                terms = terms * np.where(factor, np.maximum(factor, 1), 0)
            close(x, y, eps, terms)
    if case.finest == "none":
        none = loss(*given, **keywords)
        terms = spread_weight(weight, shape) * case.value_terms(arrays)
        close(none, loss(*arrays, **keywords), eps, terms)
    for a, b in zip(given, kept, strict=True):
        assert_array_equal(a, b)


@over([c for c in STRIDED if c.shape != (2, 4100, 3)])
def test_one_strided_array_beside_contiguous_ones(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    loss = case.loss(reduction=case.finest)
    expected_value, expected = loss.value_and_gradient(*arrays)
    for mixed, array in enumerate(arrays):
        given = list(arrays)
        given[mixed] = sliced(np.array(array, order="F"))
        value, gradient = loss.value_and_gradient(*given)
        close(np.asarray(value), expected_value, 4e-15, finest_terms(case, arrays))
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            close(a, b, 4e-15, case.terms(arrays, b, k))


@over(MIDDLE)
def test_broadcast_arrays(case):
    """Strides of 0: every row the same."""
    shown = case.by_sample(case.arrays(), lambda a: np.broadcast_to(a[:1], a.shape))
    assert all(0 in a.strides for k, a in enumerate(shown) if k not in case.shared)
    copies = [a.copy() for a in shown]
    loss = case.loss()
    half = np.broadcast_to(np.float64(0.5), np.shape(shown[0])[:1])
    for weight in (None, half) if case.cls.weighted else (None,):
        value, gradient = loss.value_and_gradient(*shown, sample_weight=weight)
        expected_value, expected = loss.value_and_gradient(*copies, sample_weight=weight)
        assert_allclose(value, expected_value, rtol=1e-15)
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            close(a, b, 1e-14, case.terms(copies, b, k))
            assert 0 not in a.strides


# ---------------------------------------------------------------------------------------------
# Outputs
# ---------------------------------------------------------------------------------------------


def sentinels(case, arrays, dtype=np.float64):
    outs = tuple(np.full(np.shape(arrays[k]), -77.0, dtype) for k in case.differentiable)
    return outs if len(outs) > 1 else outs[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(STRIDED)
def test_outputs_are_written(case, dtype):
    arrays = case.arrays(dtype)
    loss = case.loss()
    expected, *expected_hessian = derivatives(loss, *arrays)
    out, hessian = sentinels(case, arrays, dtype), sentinels(case, arrays, dtype)
    assert loss.gradient(*arrays, gradient_out=out) is out
    for a, b in zip(as_tuple(out), as_tuple(expected), strict=True):
        assert_array_equal(a, b)
    out = sentinels(case, arrays, dtype)
    assert loss.value_and_gradient(*arrays, gradient_out=out)[1] is out
    for a, b in zip(as_tuple(out), as_tuple(expected), strict=True):
        assert_array_equal(a, b)
    out = sentinels(case, arrays, dtype)
    got = derivatives(loss, *arrays, gradient_out=out, hessian_out=hessian)
    assert [id(a) for a in got[0]] == [id(a) for a in as_tuple(out)]
    for own, other in zip(got[1:], expected_hessian, strict=True):
        assert [id(a) for a in own] == [id(a) for a in as_tuple(hessian)]
        for a, b in zip(own, other, strict=True):
            assert_array_equal(a, b)
    out = sentinels(case, arrays, dtype)
    got = case.function(*arrays, return_gradient=True, gradient_out=out, **case.params)
    assert got[1] is out
    for a, b in zip(as_tuple(out), as_tuple(expected), strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("layout", ["negative", "fortran", "sliced", "swapped axes", "unaligned"])
@over(STRIDED)
def test_outputs_of_any_layout(case, layout):
    arrays = case.arrays()
    loss = case.loss()
    outs = [LAYOUTS[layout](np.asarray(a)) for a in as_tuple(sentinels(case, arrays))]
    hessians = [LAYOUTS[layout](np.asarray(a)) for a in as_tuple(sentinels(case, arrays))]
    out, hessian = (tuple(x) if len(x) > 1 else x[0] for x in (outs, hessians))
    derivatives(loss, *arrays, gradient_out=out, hessian_out=hessian)
    for own, expected, terms_of in zip(
        (outs, hessians),
        derivatives(loss, *arrays),
        (case.terms, case.hessian_terms),
        strict=False,
    ):
        for k, a, b in zip(case.differentiable, own, expected, strict=True):
            if case.inputs[k].broadcasts:
                # Another order of its sums.
                close(a, b, 1e-14, terms_of(arrays, b, k))
            else:
                assert_array_equal(a, b)
    if layout == "sliced":
        # Nothing is written between the elements.
        for a in outs:
            assert (np.asarray(a.base) == 7).sum() == a.base.size - a.size


def wrong_outputs(case, arrays):
    """Unusable outputs for the first gradient, with what the message says."""
    k = case.differentiable[0]
    shape = np.shape(arrays[k])
    frozen = np.zeros(shape)
    frozen.flags.writeable = False
    yield np.zeros((*shape, 1)), ValueError, "shape"
    yield np.zeros((*shape[:-1], shape[-1] + 1)), ValueError, "shape"
    yield np.zeros(shape, np.float16), ValueError, "dtype"
    yield np.zeros(shape, np.int64), ValueError, "dtype"
    yield np.zeros(shape, np.dtype("f8").newbyteorder()), ValueError, "dtype"
    yield frozen, ValueError, "read-only"
    yield np.broadcast_to(0.0, shape), ValueError, "gradient_out"
    yield np.lib.stride_tricks.as_strided(np.zeros(1), shape, (0,) * len(shape)), ValueError, "own"
    yield arrays[k], ValueError, "share memory"
    yield np.zeros(shape).tolist(), TypeError, "numpy array"
    yield "out", TypeError, "numpy array"
    yield 0.0, TypeError, "numpy array"
    yield (np.zeros(shape),) * (len(case.differentiable) + 1), ValueError, "gradient"


@over(MIDDLE)
def test_wrong_outputs_are_refused(case):
    arrays = case.arrays()
    kept = [np.copy(a) for a in arrays]
    for out, error, words in wrong_outputs(case, arrays):
        given = out if isinstance(out, tuple) else with_first(case, arrays, out)
        with pytest.raises(error, match=words):
            case.loss().gradient(*arrays, gradient_out=given)
        if case.loss().tags.hessian == "none":
            continue
        with pytest.raises(error, match=words.replace("gradient_out", "hessian_out")):
            case.loss().gradient_and_hessian(*arrays, hessian_out=given)
    for a, b in zip(arrays, kept, strict=True):
        assert_array_equal(a, b)


def with_first(case, arrays, out):
    """Outputs for all the gradients, of which `out` is the first."""
    outs = (out, *as_tuple(sentinels(case, arrays))[1:])
    return outs if len(outs) > 1 else out


@over(MIDDLE)
def test_outputs_may_not_overlap(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    k = case.differentiable[0]
    shape = arrays[k].shape
    loss = case.loss()
    out = np.zeros(shape)
    for other in (out, out[::-1]) if loss.tags.hessian != "none" else ():
        with pytest.raises(ValueError, match=r"hessian_out.*gradient_out"):
            loss.gradient_and_hessian(
                *arrays,
                gradient_out=with_first(case, arrays, out),
                hessian_out=with_first(case, arrays, other),
            )
    if len(case.differentiable) > 1:
        second = arrays[case.differentiable[1]]
        for flat in (out.reshape(-1), out.reshape(-1)[::-1]):
            part = flat[: second.size].reshape(second.shape)
            twice = (out, part, *with_first(case, arrays, out)[2:])
            with pytest.raises(ValueError, match=r"gradient_out must not share.*gradient_out"):
                loss.gradient(*arrays, gradient_out=twice)
    memory = np.zeros(2 * out.size)
    memory[: out.size] = arrays[k].ravel()
    shifted = [*arrays[:k], memory[: out.size].reshape(shape), *arrays[k + 1 :]]
    given = with_first(case, arrays, memory[1 : out.size + 1].reshape(shape))
    with pytest.raises(ValueError, match=f"share memory with {case.names[k]}"):
        loss.gradient(*shifted, gradient_out=given)
    # Beside it, in one allocation, is fine.
    given = with_first(case, arrays, memory[out.size :].reshape(shape))
    loss.gradient(*shifted, gradient_out=given)
    expected = as_tuple(loss.gradient(*arrays))[0]
    assert_array_equal(memory[out.size :].reshape(shape), expected)
    weight = out.reshape(-1)[: len(arrays[0])]
    weight[...] = 1
    given = with_first(case, arrays, out)
    if not case.cls.weighted:
        return
    with pytest.raises(ValueError, match="share memory with sample_weight"):
        loss.gradient(*arrays, sample_weight=weight, gradient_out=given)


@every_loss
def test_outputs_overlapping_themselves_are_refused(name):
    case = typical(name)
    arrays = case.arrays()
    shape = np.shape(arrays[case.differentiable[0]])
    out = np.lib.stride_tricks.as_strided(np.zeros(100), shape, (8,) * len(shape))
    with pytest.raises(ValueError, match="memory of its own"):
        case.loss().gradient(*arrays, gradient_out=with_first(case, arrays, out))


def bad_calls(case):
    """Calls that fail, late as well as early: (arrays, keywords)."""
    arrays = [np.asarray(a) for a in case.arrays()]
    n = arrays[0].shape[0]
    for k, _ in enumerate(arrays):
        broken = [a.copy() for a in arrays]
        broken[k] = broken[k].astype(float)
        broken[k].reshape(-1)[-1] = np.nan
        yield broken, {}
    for name, value in case.data.bad:
        k = case.names.index(name)
        broken = [a.copy() for a in arrays]
        broken[k] = replaced(broken[k], -1, value)
        yield broken, {}
    yield arrays, {"sample_weight": np.array([1.0] * (n - 1) + [-1.0])}
    yield arrays, {"sample_weight": np.array([1.0] * (n - 1) + [np.nan])}
    yield arrays, {"sample_weight": np.ones(n + 1)}
    yield arrays, {"avg_factor": 0}
    yield arrays, {"reduction": "avg"}
    yield arrays, {"n_threads": 0}


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


@over(MIDDLE)
def test_outputs_stay_untouched_on_failure(case):
    loss = case.loss()
    for arrays, keywords in bad_calls(case):
        out, hessian = sentinels(case, arrays), sentinels(case, arrays)
        with pytest.raises((ValueError, TypeError)):
            loss.gradient(*arrays, gradient_out=out, **keywords)
        with pytest.raises((ValueError, TypeError)):
            derivatives(loss, *arrays, gradient_out=out, hessian_out=hessian, **keywords)
        with pytest.raises((ValueError, TypeError)):
            case.function(
                *arrays, return_gradient=True, gradient_out=out, **case.params, **keywords
            )
        for a in (*as_tuple(out), *as_tuple(hessian)):
            assert (a == -77).all()


@every_loss
def test_gradient_out_needs_return_gradient(name):
    case = typical(name)
    arrays = case.arrays()
    with pytest.raises(ValueError, match="return_gradient"):
        case.function(*arrays, gradient_out=sentinels(case, arrays))


# ---------------------------------------------------------------------------------------------
# Weights
# ---------------------------------------------------------------------------------------------


@over([c for c in separate(cases(numbers=[0, 1])) if len(c.shape) > 1 and c.shape[0] > 1])
def test_integer_weights_equal_repetition(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    params = {k: v for k, v in case.params.items() if np.shape(v) != case.shape}
    loss = case.cls(**params)
    n = len(arrays[0])
    times = np.random.default_rng(5).integers(0, 4, n)
    times[0] = 2
    rows = np.repeat(np.arange(n), times)
    repeated = case.by_sample(arrays, lambda a: a[rows])
    shape = loss(*arrays, reduction="none").shape
    size = sum_terms(case, arrays, times, shape)
    for reduction in ("mean", "sum"):
        value, gradient = loss.value_and_gradient(*arrays, sample_weight=times, reduction=reduction)
        expected_value, expected = loss.value_and_gradient(*repeated, reduction=reduction)
        divisor = denominator(case, arrays, times, shape) if reduction == "mean" else 1
        close(value, expected_value, RTOL, size / divisor)
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            folded = b
            if k not in case.shared:
                folded = np.zeros_like(a)
                np.add.at(case.samples(k, folded), rows, case.samples(k, b))
            close(a, folded, RTOL, case.terms(arrays, folded, k) * times.max())


@over(weighted(MIDDLE))
def test_zero_total_weight(case):
    arrays = case.arrays()
    loss = case.loss(reduction="mean")
    zeros = np.zeros(len(arrays[0]))
    with pytest.warns(UndefinedMetricWarning, match=type(loss).__name__):
        value, gradient = loss.value_and_gradient(*arrays, sample_weight=zeros)
    assert math.isnan(value)
    for a in as_tuple(gradient):
        assert_array_equal(a, np.zeros_like(a))
    with pytest.warns(UndefinedMetricWarning):
        assert math.isnan(
            case.function(*arrays, sample_weight=zeros, reduction="mean", **case.params)
        )
    # The sum of nothing is defined, and so is a denominator that is given.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loss(*arrays, sample_weight=zeros, reduction="sum") == 0
        assert loss(*arrays, sample_weight=zeros, avg_factor=2.0) == 0
        assert_array_equal(loss(*arrays, sample_weight=zeros, reduction="none"), 0)


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ([1.0, -2.0, 1.0], r"sample_weight.*-2\.0.*1"),
        ([1.0, 1.0, np.nan], r"sample_weight.*nan.*2"),
        ([np.inf, 1.0, 1.0], r"sample_weight.*inf.*0"),
    ],
)
@every_weighted_loss
def test_bad_weights_are_refused(name, weight, words):
    case = typical(name)
    arrays = case.arrays()
    weight = np.resize(weight, len(arrays[0]))
    for out in (None, sentinels(case, arrays)):
        with pytest.raises(ValueError, match=words):
            case.loss().gradient(*arrays, sample_weight=weight, gradient_out=out)


@every_weighted_loss
def test_weights_of_wrong_shape_are_refused(name):
    case = typical(name)
    arrays = case.arrays()
    n = len(arrays[0])
    for shape in ((n + 1,), (n, 1), (1, n), (1,), (), (n, 2), (n, 3, 1)):
        with pytest.raises(ValueError, match=r"sample_weight\.shape"):
            case.loss()(*arrays, sample_weight=np.ones(shape))
    for weight in ("abc", [["a"] * n], [1j] * n):
        with pytest.raises(ValueError, match="sample_weight"):
            case.loss()(*arrays, sample_weight=weight)


@pytest.mark.parametrize("bad", [0, -1.0, np.nan, np.inf, "two", [1.0, 2.0], 1j])
@every_loss
def test_bad_avg_factor(name, bad):
    case = typical(name)
    arrays = case.arrays()
    with pytest.raises((ValueError, TypeError), match="avg_factor"):
        case.loss()(*arrays, avg_factor=bad)


# ---------------------------------------------------------------------------------------------
# Threads and builds
# ---------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over([c for c in cases("threaded", numbers=[0]) if "hard" not in c.kind])
def test_same_bits_at_any_number_of_threads(case, dtype):
    arrays = case.arrays(dtype)
    assert np.size(arrays[case.differentiable[0]]) >= 7 * 16384
    expected = evaluate(case, arrays, 1)
    for n_threads in (2, 7):
        for a, b in zip(evaluate(case, arrays, n_threads), expected, strict=True):
            assert_array_equal(a, b)
    for n_threads in (None, -1):
        assert_array_equal(case.loss()(*arrays, n_threads=n_threads), expected[0])
    # Another layout, read through buffers.
    strided = [sliced(np.asarray(a)) for a in arrays]
    expected = evaluate(case, strided, 1)
    for a, b in zip(evaluate(case, strided, 7), expected, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("bad", [0, 1.5, "2", True, [1], np.nan])
@every_loss
def test_bad_n_threads(name, bad):
    case = typical(name)
    with pytest.raises((ValueError, TypeError), match="n_threads"):
        case.loss()(*case.arrays(), n_threads=bad)


@every_loss
def test_calls_from_several_threads(name):
    """One object used by four Python threads at once."""
    case = cases("threaded", [name], numbers=[0])[0]
    arrays = case.arrays()
    loss = case.loss()
    expected = loss.value_and_gradient(*arrays)
    results = []

    def work():
        for _ in range(3):
            value, gradient = loss.value_and_gradient(*arrays)
            same = value == expected[0]
            for a, b in zip(as_tuple(gradient), as_tuple(expected[1]), strict=True):
                same = same and np.array_equal(a, b)
            results.append(same)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 12


def run_python(source, *args, timeout=120, **environment):
    """Output of a fresh interpreter that finds the tests' modules."""
    env = {**os.environ, **environment}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, env.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", source, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


PROBE = """
import sys
import numpy as np
from test_losses import _kernels, probe_cases, evaluate
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
    len(_kernels.available_builds()) < 2, reason="one build of the kernels alone is present"
)
@pytest.mark.parametrize("isa", [b for b in _kernels.available_builds() if b != _kernels.ISA])
def test_every_build_agrees(isa, tmp_path, present_results):
    """Builds differ in rounding alone (fused multiply-add).

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
                    size, factor = spread_weight(weight, shape) * value_terms, 4
                    if result.ndim == 0:
                        mass = denominator(case, arrays, weight, shape)
                        size = size.sum() / divisors(case, mass, shape)[reduction]
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


FORK = """
import os, signal, sys, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from conftest import cases
from sklosses import _kernels
case = cases("threaded", [sys.argv[1]], numbers=[0])[0]
arrays = case.arrays()
loss = case.loss()
expected = loss(*arrays, n_threads=2)
pid = os.fork()
if pid == 0:
    same = loss(*arrays, n_threads=2) == expected and loss(*arrays) == expected
    same = same and loss.value_and_gradient(*arrays, n_threads=7)[0] > 0
    os._exit(0 if same else 1)
for _ in range(300):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        break
    time.sleep(0.1)
else:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    sys.exit("the child hangs")
assert os.waitstatus_to_exitcode(status) == 0, status
assert loss(*arrays, n_threads=2) == expected
print("fine")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.parametrize(
    "name",
    [
        "mse_loss",
        "cross_entropy",
        "triplet_margin_loss",
        "ctc_loss",
        "info_nce_loss",
        "batch_all_triplet_loss",
    ],
)
def test_forked_child_does_not_hang(name):
    """libgomp's threads do not survive a fork; one loss of each driver."""
    assert run_python(FORK, name, OMP_NUM_THREADS="2").strip() == "fine"


# ---------------------------------------------------------------------------------------------
# Memory
# ---------------------------------------------------------------------------------------------

MEMORY = """
import json, sys
import numpy as np
from conftest import as_tuple, cases, peak_memory, reset_peak_memory
from test_losses import memory_cases

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


# ---------------------------------------------------------------------------------------------
# NaN, infinity, domains
# ---------------------------------------------------------------------------------------------


def long_cases(names=None):
    """One case of each loss and kind whose first array is longer than a block."""
    found = []
    for case in cases("threaded", names=names, numbers=[0]):
        if "hard" not in case.kind:
            found.append(case)
    return found


def spots(case, arrays, k):
    """Flat positions in an array: the ends of tiles and blocks and some at random.

    Where values that are not used are not looked at, of those that are.
    """
    used = np.flatnonzero(case.row.used(arrays, k))
    rng = np.random.default_rng(3)
    fixed = [p % used.size for p in EVERYWHERE if p < used.size]
    return used[[*fixed, *rng.integers(0, used.size, 4)]]


def floats_of(case, arrays):
    """Numbers of the inputs in which a NaN may be let through: all but class indices."""
    shape = np.shape(arrays[case.differentiable[0]])
    return [
        k
        for k, item in enumerate(case.inputs)
        if item.broadcasts or (np.shape(arrays[k]) == shape and item.domain.kind != "index")
    ]


def touched(case, arrays, none, k, spot):
    """How many elements of the unreduced loss depend on one element of input `k`."""
    if not case.inputs[k].broadcasts:
        return 1
    mark = np.zeros(np.shape(arrays[k]))
    mark.reshape(-1)[spot] = 1
    return int(spread(mark, none.shape).sum())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(long_cases())
def test_nan_and_infinity_are_named(case, dtype):
    arrays = [np.asarray(a) for a in case.arrays(dtype)]
    for k, name in enumerate(case.names):
        domain = case.loss().inputs[k].domain
        values = [v for v in (np.nan, np.inf, -np.inf, *[np.nan] * 20) if domain.outside(v)]
        for spot, value in zip(spots(case, arrays, k), values, strict=False):
            broken = list(arrays)
            broken[k] = broken[k].astype(dtype)
            index = np.unravel_index(spot, broken[k].shape)
            broken[k][index] = value
            # A later one is not the first.
            broken[k].reshape(-1)[-1] = np.nan if spot != broken[k].size - 1 else value
            where = str(index[0]) if len(index) == 1 else str(tuple(map(int, index)))
            with pytest.raises(ValueError, match=rf"\b{name}\b") as error:
                case.loss()(*broken)
            assert where in str(error.value)
            assert ("NaN" if np.isnan(value) else "inf") in str(error.value)


def long_vectors():
    """Vectors so long that each is alone in the lanes of a kernel: no other NaN is near."""
    return [
        case
        for case in cases("large", numbers=[0])
        if case.shape == (20, 1000) and case.cls().tags.response == "vectors"
    ]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(long_cases() + long_vectors())
def test_nan_reaches_the_value(case, dtype):
    arrays = [np.asarray(a) for a in case.arrays(dtype)]
    loss = case.loss()
    with sklearn.config_context(assume_finite=True):
        assert math.isfinite(loss(*arrays))
        for k in floats_of(case, arrays):
            for spot in spots(case, arrays, k):
                broken = list(arrays)
                broken[k] = broken[k].astype(dtype)
                broken[k].reshape(-1)[spot] = np.nan
                assert math.isnan(loss(*broken))
                value, gradients = loss.value_and_gradient(*broken)
                assert math.isnan(value)
                for i, gradient in zip(case.differentiable, as_tuple(gradients), strict=True):
                    if i == k and case.row.function_name not in CONSTANT_SLOPE:
                        assert np.isnan(gradient.reshape(-1)[spot])
                if case.row.coupled:
                    continue  # it is in the pairs of all rows
                none = loss(*broken, reduction="none")
                # It is where it belongs, and nowhere else.
                assert np.isnan(none).sum() == touched(case, arrays, none, k, spot)
        for spot in (0, 479, 480, 16383, 16384, len(arrays[0]) - 1):
            if spot < len(arrays[0]) and case.cls.weighted:
                weight = np.ones(len(arrays[0]))
                weight[spot] = np.nan
                assert math.isnan(loss(*arrays, sample_weight=weight))


# Where the gradient does not depend on the input, it need not be nan.
CONSTANT_SLOPE = ("kl_div", "nll_loss")


@over(weighted(MIDDLE))
def test_nan_of_no_weight_reaches_the_value(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    for k in floats_of(case, arrays):
        broken = list(arrays)
        broken[k] = broken[k].astype(float)
        if k in case.shared:
            broken[k][...] = np.nan
        else:
            case.samples(k, broken[k])[1] = np.nan
        weight = np.ones(len(arrays[0]))
        weight[1] = 0
        with sklearn.config_context(assume_finite=True):
            assert math.isnan(case.loss()(*broken, sample_weight=weight))
            assert math.isnan(case.loss()(*broken, sample_weight=weight, reduction="sum"))
            if not case.row.coupled:
                part = case.loss().partial(*broken, sample_weight=weight)
                assert math.isnan(part.value)


@pytest.mark.parametrize("sign", [1, -1])
@over(separate(MIDDLE))
def test_infinities_pass_where_finite_is_assumed(case, sign):
    """No crash, and all the other elements are what they would be."""
    arrays = [np.asarray(a) for a in case.arrays()]
    k = case.differentiable[0]
    domain = case.loss().inputs[k].domain
    if domain.high <= 1 or (domain.low == 0 and sign < 0):
        pytest.skip("an infinity is out of its domain")
    broken = list(arrays)
    broken[k] = broken[k].copy()
    case.samples(k, broken[k])[2] = sign * np.inf
    loss = case.loss(reduction="none")
    with sklearn.config_context(assume_finite=True):
        value, gradient = loss.value_and_gradient(*broken)
    expected_value, expected = loss.value_and_gradient(*arrays)
    others = np.arange(len(arrays[0])) != 2
    assert_array_equal(value[others], expected_value[others])
    a, b = (case.samples(k, as_tuple(g)[0]) for g in (gradient, expected))
    assert_array_equal(a[others], b[others])
    # Infinitely wrong, infinitely right, or inf - inf: no number between.
    assert not np.any(np.isfinite(value[2]) & (value[2] != 0))


BAD_VALUES = [
    pytest.param(case, name, value, id=f"{case}-{name}-{value}")
    for case in MIDDLE
    for name, value in case.data.bad
]


@pytest.mark.parametrize("assume_finite", [False, True])
@pytest.mark.parametrize(("case", "name", "value"), BAD_VALUES)
def test_values_out_of_the_domain_are_named(case, name, value, assume_finite):
    arrays = [np.asarray(a) for a in case.arrays()]
    k = case.names.index(name)
    arrays[k] = replaced(arrays[k], 2, value)
    arrays[k].reshape(-1)[-1] = value
    index = np.unravel_index(2, arrays[k].shape)
    where = str(index[0]) if len(index) == 1 else str(tuple(map(int, index)))
    shown = repr(
        value.item() if isinstance(value, np.generic) else arrays[k].dtype.type(value).item()
    )
    with sklearn.config_context(assume_finite=assume_finite):
        for call in (case.loss(), case.loss().gradient, *partial_of(case)):
            with pytest.raises(ValueError, match=rf"\b{name}\b") as error:
                call(*arrays)
            assert re.search(rf"{re.escape(shown)}\b", str(error.value)), error.value
            assert f"index {where}" in str(error.value)
            assert "llowed" in str(error.value)


LONG_BAD_VALUES = [
    pytest.param(case, name, value, id=f"{case}-{name}-{value}")
    for case in long_cases()
    for name, value in case.data.bad
    if type(value) is float and abs(value) < 1e6
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("case", "name", "value"), LONG_BAD_VALUES)
def test_first_bad_value_of_many(case, name, value, dtype):
    """Several blocks, several threads: it is the first that is named."""
    arrays = [np.asarray(a).astype(dtype) for a in case.arrays(dtype)]
    if name not in case.names:
        pytest.skip("it has no such input")
    k = case.names.index(name)
    for spot in spots(case, arrays, k)[1:]:
        broken = list(arrays)
        broken[k] = broken[k].copy()
        broken[k].reshape(-1)[[spot, -1]] = value
        index = np.unravel_index(spot, broken[k].shape)
        where = str(index[0]) if len(index) == 1 else str(tuple(map(int, index)))
        with pytest.raises(ValueError, match=re.escape(f"index {where}")):
            case.loss()(*broken, n_threads=7)


@pytest.mark.parametrize("name", [name for name in SEPARATE if name != "ctc_loss"])
def test_more_axes_than_iterators_take(name):
    case = typical(name)
    arrays = [np.asarray(a) for a in case.arrays()]
    n = arrays[0].shape[0]
    deep = [a.reshape(n, *a.shape[1:2], *[1] * 40, *a.shape[2:]) for a in arrays]
    k = case.differentiable[0]
    deep[k] = deep[k].copy()
    deep[k].reshape(-1)[-1] = np.nan
    with pytest.raises(ValueError, match=rf"\b{case.names[k]}\b"):
        case.loss()(*deep)


@pytest.mark.parametrize(
    ("name", "most", "n_classes"),
    [
        *itertools.product(
            ["cross_entropy", "nll_loss", "softmax_focal_loss", "multi_margin_loss"],
            [0],
            [1, 2, 10, 300],
        ),
        # The last one is the background. Beside one column it might be a label.
        *itertools.product(["sigmoid_focal_loss"], [1], [2, 10, 300]),
    ],
)
def test_first_index_beyond_the_classes_is_refused(name, most, n_classes):
    y_pred = np.full((40, n_classes), -1.0)
    labels = np.full(40, n_classes - 1 + most)
    assert math.isfinite(get_loss(name)(labels, y_pred))
    for label in (n_classes + most, -1):
        broken = labels.copy()
        broken[[33, 39]] = label
        for call in (get_loss(name), get_loss(name).gradient):
            with pytest.raises(ValueError, match=f"got {label} at index 33"):
                call(broken, y_pred)


@pytest.mark.parametrize("name", ["mse_loss", "cross_entropy", "triplet_margin_loss"])
def test_large_outputs_stay_untouched_on_failure(name):
    """One loss of each driver; what is wrong is the last element, of all blocks' the last."""
    case = typical(name)
    n = 3_000_000 // np.prod(case.shape[1:], dtype=int)
    arrays = case.by_sample(case.arrays(np.float32), lambda a: np.resize(a, (n, *np.shape(a)[1:])))
    arrays[-1].reshape(-1)[-1] = np.nan
    out = tuple(np.full(arrays[k].shape, -77, np.float32) for k in case.differentiable)
    with pytest.raises(ValueError, match="contains NaN"):
        case.loss().gradient(*arrays, gradient_out=out, n_threads=2)
    for a in out:
        assert (a == -77).all()


# ---------------------------------------------------------------------------------------------
# What is no array of real numbers
# ---------------------------------------------------------------------------------------------


def partial_of(case, loss=None):
    """The method of parts, of losses that have parts."""
    return () if case.row.coupled else ((loss or case.loss()).partial,)


def with_input(case, k, value):
    arrays = case.arrays()
    arrays[k] = value
    return arrays


def refused(case, k, value, error=(ValueError, TypeError), match=None):
    name = case.names[k]
    with pytest.raises(error, match=match or rf"\b{name}\b"):
        case.loss()(*with_input(case, k, value))


@every_input
def test_what_is_no_array_of_real_numbers(case, number):
    if case.cls.inputs[number].domain.kind == "labels":
        pytest.skip("labels may be of any type: test_batch.py")
    shape = np.shape(case.arrays()[number])
    refused(case, number, np.full(shape, "a"))
    refused(case, number, np.full(shape, "1.0"))
    refused(case, number, np.full(shape, b"1"))
    refused(case, number, np.full(shape, "a", dtype=object))
    refused(case, number, np.full(shape, "1", dtype=object))
    refused(case, number, np.ones(shape, complex), match="[Cc]omplex")
    refused(case, number, np.full(shape, 1j, dtype=object))
    refused(case, number, np.full(shape, None, dtype=object))
    refused(case, number, np.full(shape, [object()], dtype=object))
    refused(case, number, np.zeros(shape, "datetime64[s]"))
    refused(case, number, np.zeros(shape, "timedelta64[s]"))
    refused(case, number, np.zeros(shape, [("a", "f8")]))
    refused(case, number, [[1.0, 2.0], [3.0]])
    refused(case, number, [[1.0, 0.0], 1.0])
    refused(case, number, None)
    refused(case, number, {"a": 1})
    refused(case, number, {1.0, 0.0})
    refused(case, number, object())
    refused(case, number, "abc")
    refused(case, number, (x for x in [1.0]))


@every_input
def test_empty_arrays(case, number):
    shape = np.shape(case.arrays()[number])
    if not case.inputs[number].may_be_empty:
        refused(case, number, np.empty((0, *shape[1:])), ValueError, "minimum of 1 is required")
        refused(case, number, [], ValueError, "minimum of 1 is required")
    arrays = [np.empty((0, *np.shape(a)[1:])) for a in case.arrays()]
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        case.loss()(*arrays)
    arrays = [np.empty((*np.shape(a)[:1], 0)) for a in case.arrays()]
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        case.loss()(*arrays)


@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.coo_matrix])
@every_input
def test_sparse_arrays(case, number, make):
    refused(case, number, make(np.ones((4, 3))), TypeError, "[Ss]parse")


@over(MIDDLE)
def test_objects_of_numbers_and_pandas(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    loss = case.loss()
    expected_value, expected = loss.value_and_gradient(*arrays)
    containers = {0: float, 1: pd.Series, 2: pd.DataFrame}
    frames = [containers.get(a.ndim, np.asarray)(a) for a in arrays]
    shuffled = [f.set_axis(range(10, 10 + len(f))) if hasattr(f, "set_axis") else f for f in frames]
    objects = [a.astype(object) for a in arrays]
    nested = [a.tolist() for a in arrays]
    tuples = [tuple(x) if isinstance(x, list) else x for x in nested]
    for given in (frames, shuffled, objects, nested, tuples):
        value, gradient = loss.value_and_gradient(*given)
        # A frame may lie in memory by columns: the sum is in another order.
        assert_allclose(value, expected_value, rtol=1e-14)
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            assert type(a) is np.ndarray
            if case.inputs[k].broadcasts:
                close(a, b, 1e-14, case.terms(arrays, b, k))
            else:
                assert_array_equal(a, b)
    if not case.cls.weighted:
        return
    weight = np.arange(1.0, 1 + len(arrays[0]))
    value = loss(*frames, sample_weight=pd.Series(weight))
    assert_allclose(value, loss(*arrays, sample_weight=weight), rtol=1e-14)


@every_loss
def test_nullable_and_categorical_columns(name):
    """pandas' own dtypes; a missing number is a NaN."""
    case = next((c for c in cases(names=[name], numbers=[0]) if c.shape == (7,)), None)
    if case is None:
        pytest.skip("its predictions have two axes")
    arrays = zeros_and_ones(case)
    columns = [
        pd.Series(a, dtype="Float64" if k in case.differentiable else "Int64")
        for k, a in enumerate(arrays)
    ]
    assert case.loss()(*columns) == case.loss()(*arrays)
    k = case.differentiable[-1]
    columns[k][3] = pd.NA
    with pytest.raises(ValueError, match=case.names[k]):
        case.loss()(*columns)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((5,), (5, 1)),
        ((5, 1), (5,)),
        ((5,), (1, 5)),
        ((5, 3), (5, 1)),
        ((1,), (5,)),
        ((), (5,)),
        ((5,), ()),
        ((5,), (6,)),
        ((3, 5), (5, 3)),
        ((5, 3), (5, 3, 1)),
        ((2, 5, 3), (5, 3)),
    ],
)
@every_loss
def test_shapes_that_only_broadcasting_would_reconcile(name, one, two):
    cls = type(get_loss(name))
    if cls.inputs[0].name != "y_true":
        pytest.skip("its first array is not a target beside predictions")
    if cls().tags.response == "vectors":
        pytest.skip("a target beside vectors has fewer axes")
    if (one, two) == ((5,), (5, 1)) and "classes" in REFERENCES[name].data:
        pytest.skip("labels beside one column of classes")
    if "index" in getattr(cls, "targets", ()) and (one, two) in {((5,), (5, 1)), ((), (5,))}:
        pytest.skip("labels beside classes")
    if cls.inputs[0].domain.kind == "labels" and (one, two) == ((5,), (5, 1)):
        pytest.skip("labels beside embeddings")
    predictions = [np.full(two, 0.5) for _ in cls.inputs[1:]]
    with pytest.raises(ValueError, match=r"shape|class axis"):
        cls()(np.zeros(one), *predictions)
    with pytest.raises(ValueError, match=r"shape|class axis"):
        cls().gradient(
            pd.DataFrame(np.zeros(one)) if len(one) == 2 else np.zeros(one), *predictions
        )


@every_loss
def test_wrong_numbers_and_names_of_arrays(name):
    case = typical(name)
    arrays = case.arrays()
    loss = case.loss()
    named = dict(zip(case.names, arrays, strict=True))
    assert loss(**named) == loss(*arrays)
    last = {case.names[-1]: arrays[-1]}
    last_is_optional = case.cls.inputs[-1].optional
    assert loss(*arrays[:-1], **last) == loss(*arrays)
    assert case.function(**named, **case.params) == loss(*arrays)
    for call in (loss, case.function, loss.gradient, *partial_of(case)):
        with pytest.raises(TypeError if not last_is_optional else (TypeError, ValueError)):
            call(*arrays[:-1])
        with pytest.raises(TypeError):
            call(*arrays, *[arrays[0]] * (1 + len(case.cls.inputs) - len(arrays)))
        with pytest.raises(TypeError):
            call(*arrays, **last)
        with pytest.raises(TypeError):
            call(*arrays, unknown=1)
        with pytest.raises(TypeError):
            call()


@every_loss
def test_keywords_only(name):
    case = typical(name)
    with pytest.raises(TypeError):
        case.cls("mean")
    with pytest.raises(TypeError):
        case.function(*case.arrays(), *[None] * sum(i.optional for i in case.cls.inputs), "mean")


# ---------------------------------------------------------------------------------------------
# Objects
# ---------------------------------------------------------------------------------------------


def other_objects(name):
    row = REFERENCES[name]
    cls = type(get_loss(name))
    yield cls()
    for parameter, value in row.others.items():
        yield cls(**{parameter: value})
    yield cls(reduction="sum", **row.others)


@every_loss
def test_pickle_clone_and_parameters(name):
    case = typical(name)
    arrays = case.arrays()
    for loss in other_objects(name):
        expected = loss.value_and_gradient(*arrays)
        params = loss.get_params()
        copies = [
            clone(loss),
            copy.copy(loss),
            copy.deepcopy(loss),
            *[pickle.loads(pickle.dumps(loss, p)) for p in range(2, 1 + pickle.HIGHEST_PROTOCOL)],
            type(loss)(**params),
            type(loss)().set_params(**params),
            get_loss(name, **params),
        ]
        for item in copies:
            assert type(item) is type(loss)
            assert str(item.get_params()) == str(params)
            got = item.value_and_gradient(*arrays)
            assert got[0] == expected[0]
            for a, b in zip(as_tuple(got[1]), as_tuple(expected[1]), strict=True):
                assert_array_equal(a, b)
        # A call leaves the parameters as they were given.
        assert loss.get_params() == params


@every_loss
def test_repr_evaluates_back(name):
    for loss in other_objects(name):
        again = eval(repr(loss), vars(sklosses).copy())
        assert again.get_params() == loss.get_params()
        assert repr(again) == repr(loss)
    assert repr(type(get_loss(name))()) == f"{type(get_loss(name)).__name__}()"


@every_loss
def test_set_params_takes_effect_after_a_call(name):
    case = typical(name)
    arrays = case.arrays()
    loss = case.cls()
    default = loss(*arrays)
    for parameter, value in REFERENCES[name].others.items():
        expected = case.cls(**{parameter: value})(*arrays)
        assert expected != default
        assert loss.set_params(**{parameter: value})(*arrays) == expected
        setattr(loss, parameter, case.cls().get_params()[parameter])
        assert loss(*arrays) == default
        setattr(loss, parameter, value)
        assert loss(*arrays) == expected
        loss.set_params(**{parameter: case.cls().get_params()[parameter]})
    loss.set_params(reduction="sum")
    assert loss(*arrays) == case.cls()(*arrays, reduction="sum")
    with pytest.raises(ValueError, match="Invalid parameter"):
        loss.set_params(no_such_parameter=1)


@every_loss
def test_constructor_validates_nothing_and_the_call_does(name):
    """As scikit-learn has it: `clone` and grid search need constructors that take anything."""
    case = typical(name)
    for parameter, value in REFERENCES[name].invalid:
        loss = case.cls(**{parameter: value})
        assert loss.get_params()[parameter] is value
        for call in (loss, loss.gradient, loss.value_and_gradient, *partial_of(case, loss)):
            with pytest.raises(ValueError, match=parameter):
                call(*case.arrays())
        with pytest.raises(ValueError, match=parameter):
            case.function(*case.arrays(), **{parameter: value})
        # An object that was valid once.
        loss = case.cls()
        loss(*case.arrays())
        with pytest.raises(ValueError, match=parameter):
            loss.set_params(**{parameter: value})(*case.arrays())


@every_loss
def test_parameter_errors_are_scikit_learn_s_sentence(name):
    case = typical(name)
    for parameter in case.cls().get_params():
        bad = object()
        sentence = (
            rf"The '{parameter}' parameter of {case.cls.__name__} must be .* "
            rf"Got {re.escape(repr(bad))} instead\."
        )
        with pytest.raises(ValueError, match=sentence):
            case.cls(**{parameter: bad})(*case.arrays())
        with pytest.raises(ValueError, match=sentence):
            case.function(*case.arrays(), **{parameter: bad})
    with pytest.raises(ValueError, match=r"The 'reduction' parameter of \w+ must be .*'average'"):
        case.loss()(*case.arrays(), reduction="average")


def test_numeric_parameter_error_is_told_in_full():
    with pytest.raises(
        ValueError,
        match=re.escape(
            "The 'gamma' parameter of SigmoidFocalLoss must be a float in the range [0.0, inf). "
            "Got -1 instead."
        ),
    ):
        sklosses.sigmoid_focal_loss([0, 1], [0.5, 1.0], gamma=-1)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [("cross_entropy", "class_weight"), ("binary_cross_entropy_with_logits", "pos_weight")],
)
def test_mutated_array_parameters_take_effect(name, parameter):
    case = typical(name)
    arrays = case.arrays()
    for container in (np.array([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0], {0: 1.0, 1: 2.0, 2: 3.0}):
        if isinstance(container, dict) and parameter != "class_weight":
            continue
        loss = case.cls(**{parameter: container})
        first = loss(*arrays)
        container[0] = 7.0
        expected = case.cls(**{parameter: [7.0, 2.0, 3.0]})(*arrays)
        assert expected != first
        assert loss(*arrays) == expected
        assert case.function(*arrays, **{parameter: container}) == expected


# ---------------------------------------------------------------------------------------------
# Parts
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [None, "samples", "elements"])
@over([c for c in separate(cases(numbers=[0, 1, 3])) if c.shape[:1] > (1,) and len(c.shape) > 1])
def test_parts_add_up(case, weighted):
    for reduction in case.cls.reductions:
        if reduction != "none":
            check_parts(case, weighted, reduction)


def check_parts(case, weighted, reduction):
    arrays = [np.asarray(a) for a in case.arrays()]
    params = {k: v for k, v in case.params.items() if np.shape(v) != case.shape}
    loss = case.cls(reduction=reduction, **params)
    shape = loss(*arrays, reduction="none").shape
    weight = weights_of(case, weighted, shape)
    expected = loss(*arrays, sample_weight=weight)
    mass = denominator(case, arrays, weight, shape)
    divisor = divisors(case, mass, shape)[reduction]
    size = sum_terms(case, arrays, weight, shape) / divisor
    cuts = [slice(0, 1), slice(1, 2), slice(2, None)]
    cuts = [c for c in cuts if len(arrays[0][c])]
    parts = [
        loss.partial(
            *case.by_sample(arrays, lambda a: a[c]),  # noqa: B023
            sample_weight=None if weight is None else weight[c],
        )
        for c in cuts
    ]
    assert all(type(part) is PartialLoss for part in parts)
    total = sum(parts)
    close(total.value, expected, RTOL, size)
    backwards = sum(reversed(parts))
    close(backwards.value, expected, RTOL, size)
    assert_allclose(total.weight, divisor if reduction == "batchmean" else mass, rtol=RTOL)
    again = [pickle.loads(pickle.dumps(part)) for part in parts]
    assert sum(again).value == total.value
    assert len(pickle.dumps(parts[0])) < 300
    close((parts[0] + sum(parts[1:])).value, expected, RTOL, size)
    # Parts are values: adding leaves them as they were.
    assert sum(parts).value == total.value


@pytest.mark.parametrize("name", SEPARATE)
def test_parts_that_do_not_add_up(name):
    case = typical(name)
    arrays = case.arrays()
    mean, total = case.loss().partial(*arrays), case.loss(reduction="sum").partial(*arrays)
    with pytest.raises(ValueError, match="reduction"):
        mean + total
    for other in (1, 1.5, None, "a"):
        with pytest.raises(TypeError):
            mean + other
    with pytest.raises(ValueError, match="none"):
        case.loss(reduction="none").partial(*arrays)
    empty = case.loss().partial(*arrays, sample_weight=np.zeros(len(arrays[0])))
    with pytest.warns(UndefinedMetricWarning):
        assert math.isnan(empty.value)
    assert (empty + mean).value == mean.value
    assert eval(repr(mean), vars(sklosses).copy()).value == mean.value


def test_parts_of_balanced_classes():
    """ "balanced" needs the counts of all the labels: parts must not pretend to have them."""
    y_true = np.array([0, 0, 0, 1, 1, 2])
    y_pred = np.random.default_rng(0).normal(size=(6, 3))
    loss = sklosses.CrossEntropyLoss(class_weight="balanced")
    with pytest.raises(ValueError, match="balanced"):
        loss.partial(y_true[:3], y_pred[:3])


# ---------------------------------------------------------------------------------------------
# Registry, signatures, docstrings
# ---------------------------------------------------------------------------------------------


def test_get_loss():
    names = get_loss_names()
    assert names == sorted(names)
    assert all(type(name) is str for name in names)
    names.append("mine")
    assert "mine" not in get_loss_names()
    for bad in "no_such_loss", "MSELoss", "":
        with pytest.raises(ValueError, match="get_loss_names"):
            get_loss(bad)
    for bad in None, 3, ["mse_loss"], int:
        with pytest.raises(ValueError, match="'loss' parameter of get_loss must be the name"):
            get_loss(bad)
    with pytest.raises(TypeError, match="no_such"):
        get_loss("mse_loss", no_such=1)


def test_all_is_complete():
    assert all(type(name) is str and hasattr(sklosses, name) for name in sklosses.__all__)
    assert len(set(sklosses.__all__)) == len(sklosses.__all__)
    for name in get_loss_names():
        assert name in sklosses.__all__
        assert type(get_loss(name)).__name__ in sklosses.__all__
    public = {
        name
        for name, item in vars(sklosses).items()
        if not name.startswith("_") and not inspect.ismodule(item)
    }
    assert public == set(sklosses.__all__) - {"__version__"}


@every_loss
def test_signatures(name):
    cls, function = type(get_loss(name)), getattr(sklosses, name)
    constructor = inspect.signature(cls).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in constructor.values())
    assert constructor["reduction"].default == ("sum" if name == "vse_loss" else "mean")
    parameters = inspect.signature(function).parameters
    arrays = [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert arrays == [item.name for item in cls.inputs]
    for item in cls.inputs:
        default = None if item.optional else inspect.Parameter.empty
        assert parameters[item.name].default is default
    keywords = {p.name: p.default for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    assert keywords == {
        **{key: p.default for key, p in constructor.items()},
        "sample_weight": None,
        "avg_factor": None,
        "return_gradient": False,
        **dict.fromkeys(cls.switches, False),
        "gradient_out": None,
        "n_threads": None,
    }
    assert function.__name__ == function.__qualname__ == name
    assert function.__module__.startswith("sklosses")
    assert pickle.loads(pickle.dumps(function)) is function
    assert cls().get_params() == {key: p.default for key, p in constructor.items()}
    assert cls.function_name == name


def public_callables():
    """Every public function, class and method, each with its docstring."""
    public = [(module, name) for module in (sklosses, plotting) for name in module.__all__]
    for module, name in public:
        item = getattr(module, name)
        if callable(item):
            yield name, item
        if inspect.isclass(item):
            for attribute, member in vars(item).items():
                member = getattr(member, "__func__", member)
                if inspect.isfunction(member) and not attribute.startswith("_"):
                    yield f"{name}.{attribute}", member
    yield "Loss.__call__", Loss.__call__


SECTIONS = [
    "Parameters",
    "Attributes",
    "Returns",
    "Yields",
    "Raises",
    "Warns",
    "See Also",
    "Notes",
    "References",
    "Examples",
]


def docs():
    return [pytest.param(item, id=name) for name, item in public_callables()]


def split_doc(item):
    doc = inspect.getdoc(item) or ""
    parts = re.split(r"^(\w[\w ]*)\n(-{3,})$", doc, flags=re.MULTILINE)
    headings = list(zip(parts[1::3], parts[2::3], strict=True))
    return parts[0].strip(), headings, dict(zip(parts[1::3], parts[3::3], strict=True))


@pytest.mark.parametrize("item", docs())
def test_docstrings_follow_numpydoc(item):
    summary, headings, bodies = split_doc(item)
    assert summary, "no docstring"
    assert summary.split("\n")[0].endswith("."), "the summary is no sentence on one line"
    names = [name for name, _ in headings]
    assert all(len(name) == len(line) for name, line in headings)
    assert names == [name for name in SECTIONS if name in names], "unknown or unordered sections"
    own = item.__init__ if inspect.isclass(item) else item
    parameters = [
        p for p in inspect.signature(own).parameters.values() if p.name not in ("self", "cls")
    ]
    if inspect.isclass(item) and own is object.__init__:
        parameters = []
    if not parameters:
        return
    if item is Loss:
        return  # abstract: its one parameter is documented by every loss
    assert "Parameters" in bodies
    described = []
    for line in re.findall(r"^(\*{0,2}\w.*?)(?: :.*)?$", bodies["Parameters"], re.MULTILINE):
        described += [part.strip() for part in line.split(",")]
    prefix = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    assert set(described) == {prefix.get(p.kind, "") + p.name for p in parameters}
    if not inspect.isclass(item) and not item.__name__.startswith("set_"):
        assert "Returns" in bodies


@every_loss
def test_docstrings_of_both_faces(name):
    cls, function = type(get_loss(name)), getattr(sklosses, name)
    for item in (cls, function):
        _, _, bodies = split_doc(item)
        for section in ("Parameters", "See Also", "Notes", "Examples"):
            assert bodies.get(section, "").strip(), section
        assert ".. math::" in bodies["Notes"]
        assert ">>> " in bodies["Examples"]
        for parameter, value in cls().get_params().items():
            found = re.search(rf"^{parameter} :.*default=(.*)$", bodies["Parameters"], re.MULTILINE)
            assert found, parameter
            assert ast.literal_eval(found[1]) == value
    assert "Raises" in split_doc(function)[2]
    assert function.__name__ in split_doc(cls)[2]["See Also"]
    assert cls.__name__ in split_doc(function)[2]["See Also"]


# ---------------------------------------------------------------------------------------------
# Single losses
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*INTEGERS[1:], np.float32, np.float64, np.float16, ">i4", "g"])
def test_labels_of_any_dtype(dtype):
    y_true = np.array([2, 0, 1, 2])
    y_pred = np.random.default_rng(0).normal(size=(4, 3))
    assert sklosses.cross_entropy(y_true.astype(dtype), y_pred) == sklosses.cross_entropy(
        y_true, y_pred
    )
    assert sklosses.sigmoid_focal_loss(y_true.astype(dtype), y_pred) == sklosses.sigmoid_focal_loss(
        y_true, y_pred
    )


def test_unsigned_labels_are_not_taken_for_the_ignored_one():
    y_pred = np.zeros((2, 3))
    huge = np.array([0, 2**64 - 100], dtype=np.uint64)
    with pytest.raises(ValueError, match=str(2**64 - 100)):
        sklosses.cross_entropy(huge, y_pred)
    with pytest.raises(ValueError, match="156"):
        sklosses.cross_entropy(np.array([0, 156], dtype=np.uint8), y_pred)


def test_ignored_rows_have_no_gradient_but_pass_nan_on():
    y_pred = np.random.default_rng(0).normal(size=(40, 3))
    y_true = np.arange(40) % 3
    y_true[[3, 17, 39]] = -100
    gradient = sklosses.CrossEntropyLoss().gradient(y_true, y_pred)
    assert_array_equal(gradient[[3, 17, 39]], 0)
    assert (gradient[[4, 16, 38]] != 0).all()
    for k in (3, 17, 39):
        broken = y_pred.copy()
        broken[k, 1] = np.nan
        with sklearn.config_context(assume_finite=True):
            assert math.isnan(sklosses.cross_entropy(y_true, broken))
        with pytest.raises(ValueError, match=re.escape(f"({k}, 1)")):
            sklosses.cross_entropy(y_true, broken)


@pytest.mark.parametrize("class_weight", [None, "balanced", [1.0, 2.0, 3.0, 4.0, 5.0]])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_everything_ignored(smoothing, class_weight):
    loss = sklosses.CrossEntropyLoss(
        class_weight=class_weight, ignore_index=255, label_smoothing=smoothing
    )
    y_true, y_pred = np.full(20, 255, np.uint8), np.random.default_rng(0).normal(size=(20, 5))
    with pytest.warns(UndefinedMetricWarning):
        value, gradient = loss.value_and_gradient(y_true, y_pred)
    assert math.isnan(value)
    assert_array_equal(gradient, 0)
    assert loss(y_true, y_pred, reduction="sum") == 0


def test_balanced_weights_are_scikit_learn_s():
    from sklearn.utils.class_weight import compute_class_weight

    y_true = np.array([0, 2, 1, 1, 2, 2, 2, 0])
    y_pred = np.random.default_rng(0).normal(size=(8, 3))
    weight = compute_class_weight("balanced", classes=np.arange(3), y=y_true)
    for labels in (y_true, np.append(y_true, [-100, -100])):
        logits = np.resize(y_pred, (len(labels), 3))
        assert_allclose(
            sklosses.cross_entropy(labels, logits, class_weight="balanced"),
            sklosses.cross_entropy(labels, logits, class_weight=weight),
            rtol=1e-15,
        )


def test_focal_class_indices_stand_for_their_rows():
    rng = np.random.default_rng(0)
    y_pred = rng.normal(size=(50, 4))
    y_true = rng.integers(0, 5, 50)
    rows = np.eye(5)[y_true][:, :4]
    a = sklosses.sigmoid_focal_loss(y_true, y_pred, return_gradient=True)
    b = sklosses.sigmoid_focal_loss(rows, y_pred, return_gradient=True)
    assert a[0] == b[0]
    assert_array_equal(a[1], b[1])


def test_gradient_out_may_not_overlap_pos_weight():
    out = np.ones((2000, 3))
    loss = sklosses.BCEWithLogitsLoss(pos_weight=out[0])
    with pytest.raises(ValueError, match=r"gradient_out.*pos_weight"):
        loss.gradient(np.ones((2000, 3)), np.zeros((2000, 3)), gradient_out=out)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.0, 5.0])
def test_focal_is_finite_at_the_largest_logits(gamma, dtype):
    top = np.finfo(dtype).max
    y_pred = np.array([top, -top, top / 4, -top / 4, 0.0], dtype)
    for label in (0, 1):
        loss = sklosses.SigmoidFocalLoss(gamma=gamma, alpha=0.5, reduction="none")
        labels = np.full(5, label)
        gradient, hessian = loss.gradient_and_hessian(labels, y_pred)
        assert np.isfinite(loss(labels, y_pred)).all()
        assert np.isfinite(gradient).all()
        assert np.isfinite(hessian).all()
        assert_array_equal(hessian[:4], 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("beta", [1e-40, 1e-35, 1e-30, 1e-300, 1e-310, 1e30])
def test_smooth_l1_at_extreme_beta(beta, dtype):
    """A beta that its own inverse, or the square of the difference, does not survive."""
    d = np.array([0.0, 1e-6, 1e-3, 1.0, 1e10, 1e25], dtype)
    row = REFERENCES["smooth_l1_loss"]
    expected = row.unreduced(np.zeros(6, WIDE), d.astype(WIDE), beta=beta)
    loss = sklosses.SmoothL1Loss(beta=beta, reduction="none")
    value, gradient = loss.value_and_gradient(np.zeros(6, dtype), d)
    close(value, expected, RTOL if dtype == np.float64 else RTOL_SINGLE)
    slope = np.minimum(d.astype(WIDE) / beta, 1)
    close(gradient, slope, RTOL if dtype == np.float64 else RTOL_SINGLE)


VECTOR_LOSSES = (
    "cosine_embedding_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
)


@pytest.mark.parametrize("name", VECTOR_LOSSES)
def test_shapes_of_vectors(name):
    function = getattr(sklosses, name)
    case = typical(name)
    arrays = case.arrays()
    labelled = len(arrays) > len(case.differentiable)
    names = [case.names[k] for k in case.differentiable]
    together = f"{', '.join(names[:-1])} and {names[-1]} must have the same shape"
    for k in case.differentiable:
        for shape in ((5,), (1, 3), (5, 1), (5, 4), (1, 5, 3), (3, 5), ()):
            with pytest.raises(ValueError, match=together):
                function(*arrays[:k], np.ones(shape), *arrays[k + 1 :])
    scalars = [1.0] * len(arrays)
    with pytest.raises(ValueError, match=f"{names[0]} must have an axis"):
        function(*scalars)
    if labelled:
        for shape in ((), (1,), (4,), (5, 1), (5, 3), (1, 5)):
            with pytest.raises(ValueError, match=r"y_true must have shape \(5,\)"):
                function(np.ones(shape), *arrays[1:])


def with_label(name, vectors, label=1):
    """The arrays of a call of one sample or more."""
    if name != "cosine_embedding_loss":
        return vectors
    return np.full(np.shape(vectors[0])[:-1], label), *vectors[:2]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("cosine_embedding_loss", (36_000, 128)),
        ("triplet_margin_loss", (36_000, 128)),
        ("triplet_margin_loss", (1_400_123, 3)),
        ("triplet_margin_loss", (4200, 1003)),
    ],
)
def test_vectors_written_past_the_caches(name, shape):
    """Gradients so large that they are streamed, in whole runs of rows, are those of the parts."""
    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=shape).astype(np.float32) for _ in range(3)]
    arrays = with_label(name, vectors, -1)
    loss = get_loss(name, reduction="sum")
    # At no multiple of a cache line.
    outs = tuple(np.full(vectors[0].size + 3, 7, np.float32) for _ in loss._outputs)
    given = tuple(out[1:-2].reshape(shape) for out in outs)
    loss.gradient(*arrays, gradient_out=given)
    for out in outs:
        assert_array_equal(out[[0, -2, -1]], 7)
    step = shape[0] // 7
    for start in range(0, shape[0], step):
        part = slice(start, start + step)
        expected = loss.gradient(*(a[part] for a in arrays))
        for a, b in zip(given, expected, strict=True):
            assert_array_equal(a[part], b)
    strided = tuple(np.empty((*shape[:-1], shape[-1] + 1), np.float32)[..., 1:] for _ in given)
    for a, b in zip(loss.gradient(*arrays, gradient_out=strided), given, strict=True):
        assert_array_equal(a, b)


DISTANCES = [
    *(("triplet_margin_loss", {"p": p, "eps": 0.0}) for p in (1, 1.5, 2, 3, 40.0, np.inf)),
    *(
        ("triplet_margin_with_distance_loss", {"distance": d})
        for d in ("euclidean", "cosine", "manhattan", "chebyshev", "sqeuclidean")
    ),
    ("cosine_embedding_loss", {}),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("dim", [1, 3, 100])
@pytest.mark.parametrize("size", [0.0, 1.0])
@pytest.mark.parametrize(("name", "params"), DISTANCES)
def test_equal_vectors_have_a_finite_gradient(name, params, size, dim, dtype):
    x = np.full((20, dim), size, dtype)
    for swap in (False, True):
        if name != "cosine_embedding_loss":
            params = {**params, "swap": swap}
        for label in (1, -1):
            loss = get_loss(name, **params)
            value, gradients = loss.value_and_gradient(*with_label(name, (x, x, x), label))
            assert math.isfinite(value)
            for gradient in gradients:
                assert np.isfinite(gradient).all()
                if "cosine" not in (name[:6], params.get("distance")) and params.get("eps") == 0:
                    assert not gradient.any()


@pytest.mark.parametrize("dim", [2, 70])
@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e200), (np.float32, 1e30)])
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize(("name", "params"), DISTANCES)
def test_vectors_whose_squares_are_beyond_the_dtype(name, params, dtype, size, dim, inverse):
    """Lengths scale: distances with them, gradients not at all, or against them for cosines."""
    angular = "cosine" in (name[:6], params.get("distance"))
    if params.get("distance") == "sqeuclidean":
        pytest.skip("the squares are the loss")
    size = 1 / size if inverse else size
    if inverse and (angular or params.get("distance") == "euclidean"):
        pytest.skip("eps is larger")
    vectors = np.random.default_rng(0).normal(size=(3, 20, dim)).astype(dtype)
    results = []
    # Beside 2^40 an eps is nothing either.
    for exponent, kind in ((40, float), (int(np.log2(size)), dtype)):
        scaled = [np.ldexp(v.astype(kind), exponent) for v in vectors]
        margin = {"margin": 0.5 if angular else np.ldexp(0.5, exponent)}
        value, gradients = getattr(sklosses, name)(
            *with_label(name, scaled),
            reduction="none",
            return_gradient=True,
            **params,
            **(margin if "triplet" in name else {}),
        )
        results.append(np.ldexp(value.astype(float), 0 if angular else -exponent))
        for gradient in gradients:
            results.append(np.ldexp(gradient.astype(float), exponent if angular else 0))
    rtol = 1e-6 if dtype == np.float32 else 1e-13
    half = len(results) // 2
    for actual, expected in zip(results[half:], results[:half], strict=True):
        assert_allclose(actual, expected, rtol=rtol, atol=rtol)


def test_the_order_of_a_distance_may_be_any():
    """From 1 on and to infinity, where powers of the components alone would overflow."""
    rng = np.random.default_rng(0)
    anchor, positive, negative = rng.normal(scale=100, size=(3, 50, 6))
    for p, limit in ((1 + 1e-9, 1), (1e6, np.inf)):
        own, other = (
            sklosses.triplet_margin_loss(
                anchor, positive, negative, p=order, return_gradient=True, reduction="none"
            )
            for order in (p, limit)
        )
        assert_allclose(own[0], other[0], rtol=1e-4, atol=1e-4)
        for a, b in zip(own[1], other[1], strict=True):
            assert_allclose(a, b, atol=1e-4)


# -- broadcast inputs, and several gradients ---------------------------------------------------

# Shapes and what a variance has of them: one block and many, sums in one block and in many, few
# sums and more than 65536, runs of few elements and of more than a block; several axes by turns.
FOLDS = [
    ((50_000,), ()),
    ((50_000,), (1,)),
    ((25_000, 2), (25_000,)),
    ((25_000, 2), (25_000, 1)),
    ((300, 170), (300,)),
    ((20_000, 3), (1, 3)),
    ((20_000, 3), (3,)),
    ((40, 5_000), (1, 5_000)),
    ((3, 40_000), (1, 40_000)),
    ((3, 70_000), (1, 70_000)),
    ((40, 2, 1_200), (40, 1, 1_200)),
    ((3, 40_000), (3, 1)),
    ((2, 16_384), (16_384,)),
    ((400, 2, 60), (400, 1, 60)),
    ((400, 2, 60), (1, 2, 1)),
    ((3, 7, 5, 400), (3, 1, 5, 1)),
    ((3, 7, 5, 400), (1, 7, 1, 400)),
    ((3, 7, 5, 400), (3, 7, 5)),
    ((3, 7, 5, 400), (1, 1, 1, 1)),
    ((2, 1, 30_000), (2, 1, 1)),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("shape", "of_var"), FOLDS)
def test_shared_variances_get_sums(shape, of_var, dtype):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, *shape)).astype(dtype)
    var = rng.uniform(0.2, 3, of_var).astype(dtype)
    weight = rng.integers(0, 3, shape[:1])
    weight[0] = 2
    loss = sklosses.GaussianNLLLoss()
    wide = [np.asarray(a, float) for a in (y_true, y_pred, spread(var, shape))]
    expected = loss.gradient_and_hessian(*wide, sample_weight=weight)
    row = REFERENCES["gaussian_nll_loss"]
    scale = weight.max() / weight.mean() / np.prod(shape)
    got = loss.gradient_and_hessian(y_true, y_pred, var, sample_weight=weight)
    for own, whole, terms in (
        (got[0], expected[0], row.terms),
        (got[1], expected[1], row.hessian_terms),
    ):
        assert own[1].shape == of_var
        assert own[1].dtype == dtype
        size = terms(*wide[:2], np.asarray(var, float))[1] * scale
        close(own[1], fold(whole[1], of_var), 1e-14 if dtype == np.float64 else 1e-6, size)

    # Any number of threads, another layout.
    strided = np.asfortranarray(y_true), sliced(y_pred), sliced(var)
    expected = loss.gradient(*strided, sample_weight=weight, n_threads=1)
    size = row.terms(*wide[:2], var)[1] * scale
    close(expected[1], got[0][1], 8 * np.finfo(dtype).eps, size)
    for n_threads in (1, 2, 7):
        again = loss.gradient_and_hessian(
            y_true, y_pred, var, sample_weight=weight, n_threads=n_threads
        )
        for a, b in zip((*again[0], *again[1]), (*got[0], *got[1]), strict=True):
            assert_array_equal(a, b)
        other = loss.gradient(*strided, sample_weight=weight, n_threads=n_threads)
        assert_array_equal(other[1], expected[1])


@pytest.mark.parametrize("of_var", [(4,), (2, 3), (5, 2), (3, 5), (1, 5, 3), (5, 3, 1), (0,)])
def test_shapes_of_variances_that_are_refused(of_var):
    with pytest.raises(ValueError, match=r"var must have a shape|required for var"):
        sklosses.gaussian_nll_loss(np.zeros((5, 3)), np.zeros((5, 3)), np.ones(of_var))


def test_variances_of_rows_come_before_those_of_columns():
    y_true, y_pred = np.zeros((3, 3)), np.random.default_rng(0).normal(size=(3, 3))
    var = np.array([0.5, 1.0, 2.0])
    one = sklosses.GaussianNLLLoss().gradient(y_true, y_pred, var)
    rows = sklosses.GaussianNLLLoss().gradient(y_true, y_pred, var[:, None])
    assert_array_equal(one[0], rows[0])
    assert_array_equal(one[1], rows[1][:, 0])


def test_variance_as_a_number():
    y_true, y_pred = np.random.default_rng(0).normal(size=(2, 9)).astype(np.float32)
    for var in (2, 2.0, np.float64(2.0), np.array(2.0), [2.0]):
        value, (gradient, by_var) = sklosses.gaussian_nll_loss(
            y_true, y_pred, var, return_gradient=True
        )
        assert value == sklosses.gaussian_nll_loss(y_true, y_pred, np.full(9, 2.0))
        assert gradient.dtype == np.float32
        assert by_var.dtype == np.float64
        assert isinstance(by_var, np.ndarray)
        assert by_var.shape == np.shape(var)
        none = sklosses.gaussian_nll_loss(y_true, y_pred, var, reduction="none")
        assert none.dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("eps", [0, 1e-300, 1e-40, 1e-6])
def test_least_variance(eps, dtype):
    """A variance of 0 counts as `eps`, or as the least normal number; nothing is infinite."""
    var = np.zeros(2, dtype)
    loss = sklosses.GaussianNLLLoss(eps=eps, reduction="none")
    value, gradient = loss.value_and_gradient(np.zeros(2, dtype), np.zeros(2, dtype), var)
    least = max(eps, float(np.finfo(dtype).tiny))
    close(value, np.full(2, np.log(WIDE(least)) / 2), 1e-6)
    close(gradient[1], np.full(2, 1 / WIDE(least) / 2), 1e-6)
    assert_array_equal(gradient[0], 0)


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


def test_parameters_decide_about_domains():
    for loss, bad, good in (
        (sklosses.PoissonNLLLoss(log_input=False), ([1.0], [-1.0]), ([1.0], [1.0])),
        (sklosses.KLDivLoss(), ([-1.0], [-1.0]), ([1.0], [-1.0])),
    ):
        (parameter,) = {"log_input", "log_target"} & set(loss.get_params())
        with pytest.raises(ValueError, match=r"got -1\.0 at index 0\. Only finite values >= 0"):
            loss(*bad)
        assert math.isfinite(loss(*good))
        flipped = clone(loss).set_params(**{parameter: not getattr(loss, parameter)})
        assert math.isfinite(flipped(*bad))
        assert [i.domain for i in flipped.inputs] != [i.domain for i in loss.inputs]
        # The class speaks for the default.
        default = type(loss)()
        assert type(loss).inputs == default.inputs
        assert type(loss).tags == default.tags
    with pytest.raises(ValueError, match=r"infinity.*Only finite values and -inf"):
        sklosses.kl_div([math.inf], [0.0], log_target=True)


# -- probabilities of 0 ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_divergence_at_probabilities_of_zero(dtype):
    inf = math.inf
    y_true = np.array([0, 0, 1, 0.5, 5e-45 if dtype == np.float32 else 5e-324], dtype)
    y_pred = np.array([0, -inf, 0, -inf, -inf], dtype)
    loss = sklosses.KLDivLoss(reduction="none")
    value, gradient = loss.value_and_gradient(y_true, y_pred)
    assert_array_equal(value, [0, 0, 0, inf, inf])
    assert_array_equal(gradient, -y_true)
    logs = np.array([-inf, -inf, 0, -1, -800], dtype)
    loss.set_params(log_target=True)
    value, gradient = loss.value_and_gradient(logs, y_pred)
    assert_array_equal(value, [0, 0, 0, inf, inf])
    assert_allclose(gradient, -np.exp(logs), rtol=2e-7)
    with sklearn.config_context(assume_finite=True):
        for target in (0.0, -inf):
            broken = sklosses.kl_div([target], [math.nan], log_target=target < 0)
            assert math.isnan(broken)
            assert math.isnan(sklosses.kl_div([math.nan], [-inf], log_target=target < 0))


def test_divergence_of_distributions():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(5), size=(2, 7))
    loss = sklosses.KLDivLoss(reduction="batchmean")
    assert_allclose(loss(p, np.log(q)), (p * np.log(p / q)).sum(axis=1).mean(), rtol=1e-13)
    assert_allclose(loss(p, np.log(p)), 0, atol=1e-16)
    assert loss(0.5, -1.0) == sklosses.kl_div(0.5, -1.0)
    parts = [loss.partial(p[:3], np.log(q[:3])), loss.partial(p[3:], np.log(q[3:]))]
    assert [part.weight for part in parts] == [3, 4]
    with pytest.raises(ValueError, match=r"avg_factor.*Got reduction='batchmean'"):
        loss(p, q, avg_factor=2.0)
    with pytest.raises(ValueError, match="'batchmean'"):
        sklosses.mse_loss(p, q, reduction="batchmean")


def test_rate_of_zero():
    loss = sklosses.PoissonNLLLoss(log_input=False, eps=0, reduction="none")
    value, gradient = loss.value_and_gradient([0, 1, 0], [0.0, 0.0, 2.0])
    assert_array_equal(value, [0, math.inf, 2])
    assert_array_equal(gradient, [1, -math.inf, 1])
    with sklearn.config_context(assume_finite=True):
        assert np.isnan(loss([0, math.nan], [math.nan, 0.0])).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_soft_margin_is_exact_at_the_largest_logits(dtype):
    """PyTorch's is inf from 709 on (float32: 88)."""
    top = np.finfo(dtype).max
    z = np.array([top, -top, 800, -800, 100, -100], dtype)
    loss = sklosses.SoftMarginLoss(reduction="none")
    value, gradient = loss.value_and_gradient(np.ones(6), z)
    assert_array_equal(value[:4], [0, top, 0, 800])
    slope = np.where(z > 0, -np.exp(-np.abs(z).astype(WIDE)), -1)
    close(gradient, slope, 4 * np.finfo(dtype).eps)
    # The mirror image, to the last bit.
    other, slope = loss.value_and_gradient(-np.ones(6), -z)
    assert_array_equal(other, value)
    assert_array_equal(slope, -gradient)
    labels = (z > 0).astype(dtype)
    assert_allclose(
        loss(2 * labels - 1, z), sklosses.BCEWithLogitsLoss(reduction="none")(labels, z), rtol=1e-6
    )


def test_slopes_at_the_kinks_are_pytorch_s():
    loss = sklosses.HingeEmbeddingLoss(margin=1.0, reduction="none")
    assert_array_equal(loss.gradient([-1, -1, 1], [1.0, np.nextafter(1, 2), 1.0]), [-1, 0, 1])
    ranking = sklosses.MarginRankingLoss(reduction="none")
    first, second = ranking.gradient([1, -1, 1], [2.0, 2.0, 2.0], [2.0, 2.0, 1.0])
    assert_array_equal(first, [-1, 1, 0])
    assert_array_equal(second, [1, -1, 0])


# -- focal family, divergences, entropy ----------------------------------------------------------


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_as_mmdetection_calls_it(gamma):
    """Indices with a background, a weight for each sample, avg_factor, a call's own reduction."""
    rng = np.random.default_rng(0)
    z, labels, weight = rng.normal(scale=3, size=(30, 4)), rng.integers(0, 5, 30), rng.random(30)
    target = np.eye(5)[labels][:, :4]
    wrong = 1 / (1 + np.exp((2 * target - 1) * z))
    factor = 0.25 * target + 0.75 * (1 - target)
    loss = 1.5 * -np.log1p(-wrong) * factor * wrong**gamma * weight[:, None]
    focal = sklosses.SigmoidFocalLoss(gamma=gamma, alpha=0.25, loss_weight=1.5)
    call = {"sample_weight": weight}
    assert_allclose(focal(labels, z, avg_factor=7.0, **call), loss.sum() / 7, rtol=1e-12)
    assert_allclose(focal(labels, z, reduction="sum", **call), loss.sum(), rtol=1e-12)
    assert_allclose(focal(labels, z, reduction="none", **call), loss, rtol=1e-11)
    assert_allclose(focal(labels, z, avg_factor=7.0, reduction="none", **call), loss, rtol=1e-11)
    assert_allclose(focal(labels, z, avg_factor=loss.size), (focal(labels, z)), rtol=1e-14)
    with pytest.raises(ValueError, match="avg_factor"):
        focal(labels, z, reduction="sum", avg_factor=7.0)


@pytest.mark.parametrize("shape", [(4,), (9, 4), (9, 4, 5), (9, 300)])
@pytest.mark.parametrize("class_weight", [None, "balanced", {0: 3.0}])
def test_softmax_focal_with_gamma_0_is_cross_entropy(shape, class_weight):
    rng = np.random.default_rng(0)
    z = rng.normal(scale=30, size=shape)
    axis = min(len(shape) - 1, 1)
    labels = np.asarray(rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :]))
    if labels.ndim:
        labels[1] = -100
    focal = sklosses.SoftmaxFocalLoss(gamma=0, class_weight=class_weight)
    other = sklosses.CrossEntropyLoss(class_weight=class_weight)
    assert_allclose(focal(labels, z), other(labels, z), rtol=1e-14)
    for a, b in zip(derivatives(focal, labels, z), derivatives(other, labels, z), strict=True):
        assert_allclose(a[0], b[0], rtol=1e-13)


def test_entropy_of_classes_that_are_ruled_out():
    """A logit of -inf, where it is let through, is a class less."""
    z = np.random.default_rng(0).normal(size=(5, 4))
    masked = z.copy()
    masked[:, 1] = -np.inf
    with sklearn.config_context(assume_finite=True):
        value, gradient = sklosses.entropy(masked, return_gradient=True)
    others = np.delete(z, 1, axis=1)
    expected, slope = sklosses.entropy(others, return_gradient=True)
    assert_allclose(value, expected, rtol=1e-14)
    assert_allclose(np.delete(gradient, 1, axis=1), slope, rtol=1e-13, atol=1e-17)
    assert_array_equal(gradient[:, 1], 0)


@pytest.mark.parametrize("temperature", [1e-3, 1.0, 4.0, 1e6])
def test_distillation_of_equal_logits_is_0(temperature):
    z = np.random.default_rng(0).normal(size=(50, 7))
    loss = sklosses.DistillationLoss(temperature=temperature, reduction="none")
    value, gradient = loss.value_and_gradient(z, z)
    assert_array_equal(value, 0)
    # Of the two products whose difference it is one may be rounded and one not.
    assert_allclose(gradient, 0, atol=np.finfo(float).eps * temperature)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_js_div_at_zeros(dtype):
    """Finite in value; of the slopes that there are the one to the right, of weight 0 none."""
    p, q = np.array([[0.0, 0.0, 0.5, 0.5], [0.5, 0.5, 0.0, 0.0]], dtype).reshape(2, 4, 1)
    loss = sklosses.JSDivLoss(reduction="none")
    value, gradient = loss.value_and_gradient(p, q)
    _, hessian = loss.gradient_and_hessian(p, q)
    half = np.log(2) / 2
    assert_allclose(value, [half / 2, half / 2, half / 2, half / 2], rtol=1e-6)
    assert_allclose(gradient[:, 0], [half, half, -np.inf, -np.inf], rtol=1e-6)
    assert_array_equal(hessian[:, 0], [0, 0, np.inf, np.inf])
    both = loss.value_and_gradient(np.zeros((1, 3), dtype), np.zeros((1, 3), dtype))
    assert_array_equal(both[0], 0)
    assert_allclose(both[1], half, rtol=1e-6)
    gradient = loss.gradient(p, q, sample_weight=[1, 1, 1, 0])
    assert_allclose(gradient[:, 0], [half, half, -np.inf, 0], rtol=1e-6)
