"""Sample weights and the denominator of the mean, for all losses."""

import math
import warnings

import numpy as np
import pytest
from cases import (
    MIDDLE,
    cases,
    denominator,
    every_family,
    every_weighted_family,
    over,
    sentinels,
    separate,
    sum_terms,
    typical,
    weighted,
)
from helpers import RTOL, as_tuple, close
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import UndefinedMetricWarning

import sklosses


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
    zeros = np.zeros(case.n_weights(arrays))
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


@over(weighted(MIDDLE))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_does_not_depend_on_the_unit_of_weights(case, dtype):
    """Weights may be subnormal, or numbers that float32 does not have."""
    arrays = case.arrays(dtype)
    loss = case.loss(reduction="mean")
    weight = np.random.default_rng(5).integers(1, 4, case.n_weights(arrays)).astype(float)
    value, gradient = loss.value_and_gradient(*arrays, sample_weight=weight)
    eps = 16 * np.finfo(as_tuple(gradient)[0].dtype).eps
    for exponent in (-1070, -150, 900):
        other, slope = loss.value_and_gradient(*arrays, sample_weight=np.ldexp(weight, exponent))
        assert other == pytest.approx(value, rel=1e-12)
        for a, b in zip(as_tuple(slope), as_tuple(gradient), strict=True):
            assert_allclose(a, b, rtol=eps, atol=eps * np.abs(b[np.isfinite(b)]).max())


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ([1.0, -2.0, 1.0], r"sample_weight.*-2\.0.*1"),
        ([1.0, 1.0, np.nan], r"sample_weight.*nan.*2"),
        ([np.inf, 1.0, 1.0], r"sample_weight.*inf.*0"),
    ],
)
@every_weighted_family
def test_bad_weights_are_refused(name, weight, words):
    case = typical(name)
    arrays = case.arrays()
    weight = np.resize(weight, case.n_weights(arrays))
    for out in (None, sentinels(case, arrays)):
        with pytest.raises(ValueError, match=words):
            case.loss().gradient(*arrays, sample_weight=weight, gradient_out=out)


@every_weighted_family
def test_weights_of_wrong_shape_are_refused(name):
    case = typical(name)
    arrays = case.arrays()
    n = case.n_weights(arrays)
    for shape in ((n + 1,), (n, 1), (1, n), (1,), (), (n, 2), (n, 3, 1)):
        with pytest.raises(ValueError, match=r"sample_weight\.shape"):
            case.loss()(*arrays, sample_weight=np.ones(shape))
    for weight in ("abc", [["a"] * n], [1j] * n):
        with pytest.raises(ValueError, match="sample_weight"):
            case.loss()(*arrays, sample_weight=weight)


@pytest.mark.parametrize("bad", [0, -1.0, np.nan, np.inf, "two", [1.0, 2.0], 1j])
@every_family
def test_bad_avg_factor(name, bad):
    case = typical(name)
    arrays = case.arrays()
    with pytest.raises((ValueError, TypeError), match="avg_factor"):
        case.loss()(*arrays, avg_factor=bad)


def test_a_single_weight_of_any_unit():
    """Of a lone sample, the weights are an array without axes."""
    x1, x2 = [1.0, 2.0], [2.0, -1.0]
    expected = sklosses.cosine_embedding_loss(1, x1, x2)
    for weight in (1e-310, 1e-30, 1e30, 1e300):
        assert sklosses.cosine_embedding_loss(1, x1, x2, sample_weight=np.array(weight)) == expected
        assert sklosses.mse_loss(1.0, 3.0, sample_weight=np.array(weight)) == 4
