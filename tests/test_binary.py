"""Tests of single losses of ``sklosses.losses.binary``."""

import numpy as np
import pytest
from helpers import close
from numpy.testing import assert_allclose, assert_array_equal
from references import WIDE

import sklosses


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
