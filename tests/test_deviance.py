"""Tests of single losses of ``sklosses.losses.deviance``."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.metrics import mean_tweedie_deviance

import sklosses

mpmath = pytest.importorskip("mpmath")


@pytest.mark.parametrize("power", [1, 1.2, 1.5, 1.9, 2, 2.5, 3, 5, -1, -2.5, 0])
@pytest.mark.parametrize("log_input", [True, False])
def test_equals_scikit_learn(power, log_input):
    rng = np.random.default_rng(0)
    y_true, z = rng.gamma(2.0, size=300), rng.normal(size=300)
    if power < 2:
        y_true[::5] = 0
    if power <= 0:
        y_true -= 1.5
    weight = rng.integers(1, 4, 300)
    ours = sklosses.tweedie_deviance(
        y_true,
        z if log_input else np.exp(z),
        power=power,
        log_input=log_input,
        sample_weight=weight,
    )
    theirs = mean_tweedie_deviance(y_true, np.exp(z), power=power, sample_weight=weight)
    assert_allclose(ours, theirs, rtol=1e-12)


def exact_deviance(y, z, power):
    """By the textbook's formula with 80 digits."""
    with mpmath.workdps(80):
        y, p = mpmath.mpf(float(y)), mpmath.mpf(float(power))
        m = mpmath.exp(mpmath.mpf(float(z)))
        if p == 1:
            return float(2 * ((y * mpmath.log(y / m) if y else 0) - y + m))
        if p == 2:
            return float(2 * (y / m - 1 - mpmath.log(y / m)))
        first = y ** (2 - p) / ((1 - p) * (2 - p)) if y else 0
        return float(2 * (first - y * m ** (1 - p) / (1 - p) + m ** (2 - p) / (2 - p)))


@pytest.mark.parametrize(
    "power", [1, 1 + 2**-52, 1 + 1e-12, 1 + 1e-6, 1.5, 2 - 1e-6, 2 - 1e-12, 2, 2 + 2**-51, 2 + 1e-9]
)
def test_powers_next_to_one_and_two(power):
    y_true = np.array([1e-6, 0.3, 1.0, 2.0, 50.0, 1e6, 3.0])
    z = np.array([1.0, -2.0, 0.5, 40.0, -30.0, 2.0, 1.0])
    if power < 2:
        y_true, z = np.append(y_true, [0.0, 0.0]), np.append(z, [-3.0, 3.0])
    ours = sklosses.tweedie_deviance(y_true, z, power=power, reduction="none")
    theirs = [exact_deviance(y, x, power) for y, x in zip(y_true, z, strict=True)]
    assert_allclose(ours, theirs, rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("power", [1, 1.5, 2, 3, 0, -1.3])
def test_means_far_from_targets(power, dtype):
    """Nothing is NaN, and the deviance overflows only where it is too large for the dtype."""
    y_true = np.array([1e-3, 1.0, 1e3], dtype).repeat(8)
    z = np.tile(np.array([-800.0, -200, -60, -20, 20, 60, 200, 800], dtype), 3)
    loss = sklosses.TweedieDeviance(power=power, reduction="none")
    value, gradient = loss.value_and_gradient(y_true, z)
    assert not np.isnan(value).any()
    assert not np.isnan(gradient).any()
    exact = np.array([exact_deviance(y, x, power) for y, x in zip(y_true, z, strict=True)])
    finite = exact < np.finfo(dtype).max / 100
    assert_allclose(value[finite], exact[finite], rtol=1e-4 if dtype == np.float32 else 1e-11)
    assert np.all(value[exact > np.finfo(dtype).max] == np.inf)


def exact_terms(y, x, power, log_input):
    """The terms of the deviance, of its first and of its second derivative, with 60 digits."""
    with mpmath.workdps(60):
        y, p, x = (mpmath.mpf(float(number)) for number in (y, power, x))
        z = x if log_input else mpmath.log(x)
        above, below = 2 * mpmath.exp((2 - p) * z), 2 * y * mpmath.exp((1 - p) * z)
        log_y = mpmath.log(y) if y > 0 else mpmath.mpf(0)
        if p == 1:
            value = [2 * y * log_y, -2 * y * z, -2 * y, above]
        elif p == 2:
            value = [below, -2, -2 * log_y, 2 * z]
        else:
            first = 2 * y ** (2 - p) / ((1 - p) * (2 - p)) if y > 0 else mpmath.mpf(0)
            value = [first, -below / (1 - p), above / (2 - p)]
        if log_input:
            return value, [above, -below], [(2 - p) * above, (p - 1) * below]
        return value, [above / x, -below / x], [(1 - p) * above / x**2, p * below / x**2]


def draw_far(power, log_input, dtype):
    """Means and targets over the whole range of the dtype, next to each other and far apart."""
    rng = np.random.default_rng(0)
    low, high = np.log([float(np.finfo(dtype).tiny), float(np.finfo(dtype).max)]) * 0.99
    spread = np.repeat([1.0, 6.0, 25.0, 100.0], 40)
    log_y, z = (np.clip(rng.normal(size=160) * spread, low, high) for _ in range(2))
    z[::3] = log_y[::3] + rng.normal(size=54) * 10.0 ** rng.uniform(-6, 0, 54)
    y_true = np.exp(log_y).astype(dtype)
    if power < 2:
        y_true[:40:8] = 0
    if power <= 0:
        y_true[::4] *= -1
    return y_true, z.astype(dtype) if log_input else np.exp(np.clip(z, low, high)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("log_input", [True, False])
@pytest.mark.parametrize(
    "power", [1, 1 + 2**-52, 1 + 1e-7, 1.5, 2 - 1e-7, 2, 2 + 2**-51, 2.5, 3, 7, -0.5, -1.3, -3]
)
def test_digits_and_range(power, log_input, dtype):
    """Errors are some units of the largest term, also where a term or a factor overflows."""
    y_true, y_pred = draw_far(power, log_input, dtype)
    loss = sklosses.TweedieDeviance(power=power, log_input=log_input, reduction="none")
    value, gradient = loss.value_and_gradient(y_true, y_pred)
    same, hessian = loss.gradient_and_hessian(y_true, y_pred)
    assert_array_equal(same, gradient)
    eps, tiny, most = (float(getattr(np.finfo(dtype), name)) for name in ("eps", "tiny", "max"))
    for k, (y, x) in enumerate(zip(y_true, y_pred, strict=True)):
        # An exponential has as many roundings as its argument has digits before the point.
        z = abs(x if log_input else np.log(x))
        rate = 8 * (1 + (1 + abs(power)) * (1 + z) + (abs(np.log(abs(y))) if y else 0))
        exact = exact_terms(y, x, power, log_input)
        for got, terms in zip((value[k], gradient[k], hessian[k]), exact, strict=True):
            expected, size = sum(terms), sum(map(abs, terms))
            if np.isfinite(got):
                assert abs(mpmath.mpf(float(got)) - expected) <= rate * (eps * size + tiny), (y, x)
            else:
                assert np.sign(got) * expected > most / 16, (y, x)


def test_second_derivatives_of_poisson_and_gamma():
    """They are 2 exp(z) and 2 y exp(-z), whatever the other number is."""
    y_true, z = np.float32([506.266, 1e30, 1e-30, 0.0]), np.float32([-6.1159, -50.0, 60.0, 1.0])
    loss = sklosses.TweedieDeviance(power=1, reduction="sum")
    assert_allclose(loss.gradient_and_hessian(y_true, z)[1], 2 * np.exp(z), rtol=1e-5)
    y_true, z = np.array([1e-3, 1e30, 1e-30]), np.array([20.0, 200.0, -70.0])
    loss.set_params(power=2)
    assert_allclose(loss.gradient_and_hessian(y_true, z)[1], 2 * y_true * np.exp(-z), rtol=1e-13)
    # Of means, 2 y / m^2 for Poisson: never negative.
    loss.set_params(power=1, log_input=False)
    hessian = loss.gradient_and_hessian([1e-3, 0.0], [np.exp(40), 2.0])[1]
    assert_allclose(hessian, [2e-3 * np.exp(-80), 0.0], rtol=1e-13)


def test_an_exponential_that_overflows_beside_a_tiny_factor():
    y_true, z = np.float32([2.18e15]), np.float32([-10.4])
    loss = sklosses.TweedieDeviance(power=3)
    value, gradient = loss.value_and_gradient(y_true, z)
    wide = loss.value_and_gradient(y_true.astype(np.float64), z.astype(np.float64))
    assert value == pytest.approx(wide[0], rel=2e-5)
    assert_allclose(gradient, wide[1], rtol=2e-5)


def test_targets_that_a_power_does_not_allow():
    for power, value, allowed in (
        (1, -0.5, ">= 0"),
        (1.5, -0.5, ">= 0"),
        (2, 0.0, "> 0"),
        (3, 0.0, "> 0"),
    ):
        with pytest.raises(ValueError, match=rf"y_true .* got {value} at index 1.*{allowed}"):
            sklosses.tweedie_deviance([1.0, value], [0.0, 0.0], power=power)
    with pytest.raises(ValueError, match=r"y_pred .* got 0.0 at index 0.*> 0"):
        sklosses.tweedie_deviance([1.0, 1.0], [0.0, 1.0], log_input=False)
    # A normal distribution has means of any sign.
    value = sklosses.tweedie_deviance([1.0, -1.0], [-1.0, 2.0], power=0, log_input=False)
    assert value == sklosses.mse_loss([1.0, -1.0], [-1.0, 2.0])


@pytest.mark.parametrize("alpha", [1e-6, 0.05, 0.5, 1.0, 3.0, 100.0])
def test_negative_binomial_equals_scipy(alpha):
    rng = np.random.default_rng(0)
    y_true, z = rng.poisson(4.0, 300), rng.normal(size=300)
    expected = -stats.nbinom.logpmf(y_true, 1 / alpha, 1 / (1 + alpha * np.exp(z)))
    for prediction, log_input in ((z, True), (np.exp(z), False)):
        ours = sklosses.negative_binomial_nll_loss(
            y_true, prediction, alpha=alpha, log_input=log_input, full=True, reduction="none"
        )
        assert_allclose(ours, expected, rtol=1e-10 if alpha > 1e-3 else 1e-7)


def test_negative_binomial_tends_to_poisson():
    """As the dispersion vanishes, where the gamma functions of SciPy lose their digits."""
    rng = np.random.default_rng(0)
    y_true, z = rng.poisson(4.0, 300), rng.normal(size=300)
    ours = sklosses.negative_binomial_nll_loss(y_true, z, alpha=1e-14, full=True, reduction="none")
    assert_allclose(ours, -stats.poisson.logpmf(y_true, np.exp(z)), rtol=1e-11)


def exact_binomial(y, z, alpha):
    with mpmath.workdps(60):
        y, r = mpmath.mpf(float(y)), 1 / mpmath.mpf(float(alpha))
        share = 1 / (1 + mpmath.exp(mpmath.mpf(float(z))) / r)
        binomial = mpmath.loggamma(y + r) - mpmath.loggamma(y + 1) - mpmath.loggamma(r)
        odds = mpmath.exp(mpmath.mpf(float(z))) / r * share
        return float(-(binomial + r * mpmath.log(share) + y * mpmath.log(odds)))


@pytest.mark.parametrize("alpha", [1e-8, 0.3, 1.0, 50.0])
def test_negative_binomial_with_many_digits(alpha):
    y_true = np.array([0.0, 0.5, 1.0, 7.0, 1e3, 1e6, 1.0, 3.0])
    z = np.array([0.0, -1.0, 2.0, 1.0, 7.0, 13.0, -50.0, 80.0])
    ours = sklosses.negative_binomial_nll_loss(y_true, z, alpha=alpha, full=True, reduction="none")
    theirs = [exact_binomial(y, x, alpha) for y, x in zip(y_true, z, strict=True)]
    assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def test_best_constants_are_means():
    y_true, weight = np.array([0.0, 1.0, 5.0]), np.array([1.0, 2.0, 1.0])
    for loss in (
        sklosses.TweedieDeviance(),
        sklosses.TweedieDeviance(power=1),
        sklosses.NegativeBinomialNLLLoss(alpha=0.3),
    ):
        assert_allclose(loss.optimal_constant(y_true, weight), np.log(7 / 4))
        loss.set_params(log_input=False)
        assert_allclose(loss.optimal_constant(y_true, weight), 7 / 4)
    assert_array_equal(sklosses.TweedieDeviance().inverse_link([0.0]), [1.0])
