"""Tests of single losses of ``sklosses.losses.regression``."""

import math

import numpy as np
import pytest
import sklearn
from helpers import RTOL, RTOL_SINGLE, close, sliced
from numpy.testing import assert_array_equal
from references import REFERENCES, WIDE, broadcast, fold
from scipy import stats
from sklearn import metrics

import sklosses

mpmath = pytest.importorskip("mpmath")


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


QUANTILES = (1e-9, 0.1, 0.25, 0.5, 0.7, 1 - 1e-16)


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_best_constants_of_quantiles(n):
    """The midpoint of all minimisers, which are at targets; samples without weight do not count."""
    rng = np.random.default_rng(n)
    y_true, weight = rng.integers(0, 9, (n, 2)) / 2, rng.integers(0, 3, (n, 2)) * 1.0
    weight[rng.integers(0, n, 2), [0, 1]] = 1
    y_true[weight == 0] = rng.choice([-1e6, 1e6], (weight == 0).sum())
    found = sklosses.QuantileLoss(quantile=QUANTILES).optimal_constant(y_true, weight)
    assert found.shape == (2, len(QUANTILES))
    for k in range(2):
        places = np.unique(y_true[weight[:, k] > 0, k])
        for q, constant in zip(QUANTILES, found[k], strict=True):
            loss = sklosses.QuantileLoss(quantile=q)
            assert loss.optimal_constant(y_true[:, k], weight[:, k]) == constant
            d = y_true[:, k] - places[:, np.newaxis]
            sums = (weight[:, k] * np.maximum(q * d, (q - 1) * d)).sum(axis=1)
            best = places[np.abs(sums - sums.min()) <= 1e-12 * (1 + sums.min())]
            assert constant == (best[0] + best[-1]) / 2


def test_quantiles_of_a_tie_and_of_several_targets():
    loss = sklosses.QuantileLoss(quantile=0.1, reduction="sum")
    gradient, hessian = loss.gradient_and_hessian([1.0, 1.0, 1.0], [1.0, 0.0, 2.0])
    assert_array_equal(gradient, [0, -0.1, 0.9])
    assert_array_equal(hessian, [1, 1, 1])
    loss.set_params(quantile=[0.1, 0.5])
    for shape in ((2,), (3,), (3, 1), (3, 3), (2, 3), (3, 2, 1)):
        with pytest.raises(
            ValueError, match=r"y_pred must have shape \(3, 2\) for y_true of shape"
        ):
            loss(np.ones(3), np.ones(shape))
    with pytest.raises(ValueError, match=r"quantile must be a number or have shape"):
        loss.set_params(quantile=[[0.5]])(np.ones(3), np.ones((3, 1, 1)))
    with pytest.raises(ValueError, match=r"strictly increasing: got 0.1 at index 1, after 0.5"):
        loss.set_params(quantile=[0.5, 0.1])(np.ones(3), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"got 1.0 at index 1. Only values in the range \(0, 1\)"):
        loss.set_params(quantile=[0.5, 1.0])(np.ones(3), np.ones((3, 2)))


def test_data_for_several_quantiles():
    loss = sklosses.QuantileLoss(quantile=[0.1, 0.5])
    rng = np.random.default_rng(0)
    sklosses.check_loss(loss, rng.normal(size=6), rng.normal(size=(6, 2)))


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
    wide = [np.asarray(a, float) for a in (y_true, y_pred, broadcast(var, shape))]
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
    with pytest.raises(ValueError, match=r"var must have shape|required for var"):
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


def test_rate_of_zero():
    loss = sklosses.PoissonNLLLoss(log_input=False, eps=0, reduction="none")
    value, gradient = loss.value_and_gradient([0, 1, 0], [0.0, 0.0, 2.0])
    assert_array_equal(value, [0, math.inf, 2])
    assert_array_equal(gradient, [1, -math.inf, 1])
    with sklearn.config_context(assume_finite=True):
        assert np.isnan(loss([0, math.nan], [math.nan, 0.0])).all()


def exact_robust(d, alpha, scale):
    """Value and derivative of Barron's loss by the published formula with 150 digits."""
    with mpmath.workdps(150):
        u, a = mpmath.mpf(float(d)) / mpmath.mpf(scale), mpmath.mpf(float(alpha))
        if a == 2:
            return float(u**2 / 2), float(u / scale)
        if a == 0:
            return float(mpmath.log1p(u**2 / 2)), float(u / (u**2 / 2 + 1) / scale)
        if a == -mpmath.inf:
            e = mpmath.exp(-(u**2) / 2)
            return float(-mpmath.expm1(-(u**2) / 2)), float(u * e / scale)
        b = abs(a - 2)
        value = b / a * ((u**2 / b + 1) ** (a / 2) - 1)
        return float(value), float(u * (u**2 / b + 1) ** (a / 2 - 1) / scale)


ALPHAS = (2, 2 - 1e-12, 2 - 1e-6, 1.5, 1, 1e-3, 1e-9, 1e-30, 0, -1e-12, -0.5, -2, -1e4, -np.inf)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_robust_loss_with_many_digits(alpha, dtype):
    """Next to the limits of its formula, and for errors of any size."""
    d = np.array([0.0, 1e-12, 1e-6, 1e-3, 0.1, 1.0, 3.0, 50.0, 1e4, 1e8, 1e15], dtype)
    loss = sklosses.RobustLoss(alpha=alpha, scale=0.5, reduction="none")
    value, gradient = loss.value_and_gradient(np.zeros_like(d), d)
    exact = np.array([exact_robust(x, alpha, 0.5) for x in d]).T
    rtol = 2e-13 if dtype == np.float64 else 1e-5
    tiny = np.finfo(dtype).tiny
    np.testing.assert_allclose(value, exact[0], rtol=rtol, atol=tiny)
    np.testing.assert_allclose(gradient, exact[1], rtol=rtol, atol=tiny)


def test_log_cosh_of_small_and_large_numbers():
    d = np.array([1e-300, 1e-8, 1e-4, 0.5, 1 - 1e-16, 1.0, 1 + 1e-15, 2.0, 20.0, 1e4, 1e300])
    with mpmath.workdps(700):
        exact = [float(mpmath.log(mpmath.cosh(mpmath.mpf(x)))) if x < 1e5 else x for x in d]
    for sign in (1, -1):
        value = sklosses.log_cosh_loss(np.zeros(11), sign * d, reduction="none")
        np.testing.assert_allclose(value, exact, rtol=1e-15)


def test_relative_and_logarithmic_errors_equal_scikit_learn():
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.gamma(1.0, size=(2, 200)), rng.gamma(1.0, size=(2, 200))
    y_true[0, :3] = 0
    weight = rng.integers(1, 4, 200)
    for ours, theirs in (
        (sklosses.mape_loss, metrics.mean_absolute_percentage_error),
        (sklosses.msle_loss, metrics.mean_squared_log_error),
        (sklosses.quantile_loss, metrics.mean_pinball_loss),
    ):
        for weights in (None, weight):
            found = ours(y_true[0], y_pred[0], sample_weight=weights)
            expected = theirs(y_true[0], y_pred[0], sample_weight=weights)
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_logarithmic_errors_of_close_numbers():
    y_true = np.array([-0.999, -0.5, 0.0, 1.0, 1e6])
    y_pred = y_true + (1 + y_true) * 1e-9
    with mpmath.workdps(40):
        logs = [mpmath.log1p(mpmath.mpf(x)) for x in (*y_true, *y_pred)]
        exact = [float((logs[k + 5] - logs[k]) ** 2) for k in range(5)]
    value = sklosses.msle_loss(y_true, y_pred, reduction="none")
    np.testing.assert_allclose(value, exact, rtol=1e-13)


def test_crps_far_in_the_tails():
    """For a certain and wrong forecast it is the absolute error, less a multiple of sigma."""
    y_true = np.array([0.0, 5.0, 40.0, 1e6, -1e6])
    value, (by_mean, by_var) = sklosses.crps_gaussian_loss(
        y_true, np.zeros(5), np.ones(5), reduction="none", return_gradient=True
    )
    with mpmath.workdps(50):
        for k, y in enumerate(y_true):
            w = mpmath.mpf(y)
            share, density = mpmath.erf(w / mpmath.sqrt(2)), mpmath.npdf(w)
            exact = w * share + 2 * density - 1 / mpmath.sqrt(mpmath.pi)
            assert math.isclose(value[k], float(exact), rel_tol=1e-14)
            assert math.isclose(by_mean[k], float(-share), rel_tol=1e-15, abs_tol=0)
            slope = (2 * density - 1 / mpmath.sqrt(mpmath.pi)) / 2
            assert math.isclose(by_var[k], float(slope), rel_tol=1e-14)


def test_best_constant_of_crps():
    """The best normal distribution of normal targets is their own."""
    rng = np.random.default_rng(0)
    y_true, weight = rng.normal(3, 2, 3000), rng.integers(0, 3, 3000)
    loss = sklosses.CRPSGaussianLoss()
    mean, variance = loss.optimal_constant(y_true, weight)
    assert abs(mean - 3) < 0.2
    assert abs(variance - 4) < 0.5
    by_mean, by_var = loss.gradient(y_true, np.full(3000, mean), variance, sample_weight=weight)
    assert abs(by_mean.sum()) < 1e-8
    assert abs(by_var) < 1e-8
    assert loss.optimal_constant([2.0, 2.0]) == (2.0, np.finfo(float).tiny)
    # A value without weight has no influence, however large it is.
    own = loss.optimal_constant(y_true[:9])
    weights = np.append(np.ones(9), 0.0)
    other = loss.optimal_constant(np.append(y_true[:9], 1e300), weights)
    np.testing.assert_allclose(other, own, rtol=1e-12)


@pytest.mark.parametrize("expectile", [0.01, 0.3, 0.5, 0.9])
def test_best_constants_are_scipy_s_expectiles(expectile):
    rng = np.random.default_rng(0)
    y_true, weight = rng.gamma(1.0, size=200), rng.integers(0, 4, 200)
    loss = sklosses.ExpectileLoss(expectile=expectile)
    for weights in (None, weight):
        found = loss.optimal_constant(y_true, weights)
        expected = stats.expectile(y_true, alpha=expectile, weights=weights)
        np.testing.assert_allclose(found, expected, rtol=1e-10)
    twice = sklosses.ExpectileLoss(expectile=0.5)(y_true, 0 * y_true)
    np.testing.assert_allclose(2 * twice, sklosses.mse_loss(y_true, 0 * y_true))
