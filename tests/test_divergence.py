"""Tests of single losses of ``sklosses.losses.divergence``."""

import math

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal

import sklosses


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
