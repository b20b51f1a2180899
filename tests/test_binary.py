"""Tests of single losses of ``sklosses.losses.binary``."""

import numpy as np
import pytest
import sklearn
from helpers import close
from numpy.testing import assert_allclose, assert_array_equal
from references import WIDE
from sklearn.exceptions import UndefinedMetricWarning

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


# ---------------------------------------------------------------------------------------------
# Targets that do not count
# ---------------------------------------------------------------------------------------------

IGNORING = ["binary_cross_entropy_with_logits", "sigmoid_focal_loss"]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ignore_index", [-1, 255, -100, 0.5, 1])
@pytest.mark.parametrize("name", IGNORING)
def test_ignored_elements_might_as_well_be_left_out(name, ignore_index, dtype, weighted):
    rng = np.random.default_rng(0)
    y, z = rng.random((700, 3)).astype(dtype), rng.normal(scale=3, size=(700, 3)).astype(dtype)
    y[rng.random(y.shape) < 0.3] = ignore_index
    kept = y != ignore_index
    weight = rng.random(y.shape) if weighted else None
    own = weight[kept] if weighted else None
    loss = sklosses.get_loss(name, ignore_index=ignore_index)
    plain = sklosses.get_loss(name)
    for reduction in "mean", "sum":
        call = {"reduction": reduction}
        value, gradient = loss.value_and_gradient(y, z, sample_weight=weight, **call)
        expected = plain.value_and_gradient(y[kept], z[kept], sample_weight=own, **call)
        assert_allclose(value, expected[0], rtol=1e-6 if dtype == np.float32 else 1e-14)
        assert_allclose(gradient[kept], expected[1], rtol=1e-6)
        assert_array_equal(gradient[~kept], 0)
        gradient, hessian = loss.gradient_and_hessian(y, z, sample_weight=weight, **call)
        assert_array_equal(hessian[~kept], 0)
        _, expected = plain.gradient_and_hessian(y[kept], z[kept], sample_weight=own, **call)
        assert_allclose(hessian[kept], expected, rtol=1e-6)
    none = loss(y, z, sample_weight=weight, reduction="none")
    assert_array_equal(none[~kept], 0)
    part = loss.partial(y, z, sample_weight=weight)
    assert_allclose(part.weight, weight[kept].sum() if weighted else kept.sum(), rtol=1e-12)
    assert_allclose(loss(y, z, avg_factor=7.0), loss(y, z, reduction="sum") / 7)
    # Views, and more elements than a block has.
    for a, b in ((y.T, z.T), (y[::-1, ::2], z[::-1, ::2])):
        assert_allclose(loss(a, b), loss(a.copy(), b.copy()), rtol=1e-6)
    many = loss(np.tile(y, (40, 1)), np.tile(z, (40, 1)), n_threads=2)
    assert_allclose(many, loss(y, z), rtol=1e-6)


def test_ignored_class_indices():
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(30, 4)), rng.integers(0, 5, 30)
    loss, plain = sklosses.SigmoidFocalLoss(ignore_index=-100), sklosses.SigmoidFocalLoss()
    with_some = labels.copy()
    with_some[[3, 17]] = -100
    kept = with_some >= 0
    for kind in int, float, np.int8:
        value, gradient = loss.value_and_gradient(with_some.astype(kind), z)
        expected = plain.value_and_gradient(labels[kept], z[kept])
        assert_allclose(value, expected[0], rtol=1e-14)
        assert_allclose(gradient[kept], expected[1], rtol=1e-14)
        assert_array_equal(gradient[~kept], 0)
    # A class that exists may be ignored, and the background.
    for ignore_index in 2, 4:
        kept = labels != ignore_index
        value = sklosses.sigmoid_focal_loss(labels, z, ignore_index=ignore_index)
        assert_allclose(value, plain(labels[kept], z[kept]), rtol=1e-14)
    allowed = r"class indices from 0 to 4 and the ignore_index -100 are"
    with pytest.raises(ValueError, match=rf"got -1 at index 5\. Only {allowed}"):
        loss(replace_at(with_some, 5, -1), z)
    with pytest.raises(ValueError, match=r"got -100 at index 3"):
        plain(with_some, z)


def replace_at(array, index, value):
    array = array.copy()
    array[index] = value
    return array


@pytest.mark.parametrize("name", IGNORING)
def test_what_is_not_ignored_is_refused(name):
    y, z = np.array([0.0, -1.0, 1.0, 0.5]), np.zeros(4)
    loss, out = sklosses.get_loss(name, ignore_index=-1), np.full(4, 7.0)
    assert np.isfinite(loss(y, z))
    for value in (-0.5, 255.0, np.nan):
        with pytest.raises(ValueError, match=rf"y_true contains .*got {value} at index 2"):
            loss.gradient(replace_at(y, 2, value), z, gradient_out=out)
    with pytest.raises(ValueError, match=r"range \[0, 1\] and the ignore_index -1 are allowed"):
        loss(replace_at(y, 2, 3.0), z)
    with pytest.raises(ValueError, match=r"the ignore_index 0\.25 are allowed"):
        sklosses.get_loss(name, ignore_index=0.25)(y, z)
    with pytest.raises(ValueError, match=r"y_pred contains NaN: got nan at index 1"):
        loss.gradient(y, replace_at(z, 1, np.nan), gradient_out=out)
    assert_array_equal(out, 7)
    with sklearn.config_context(assume_finite=True):
        assert np.isnan(loss(y, replace_at(z, 1, np.nan)))
        assert np.isnan(loss(replace_at(y, 0, np.nan), z))
        gradient = loss.gradient(y, replace_at(z, 2, np.nan))
    assert_array_equal(np.isnan(gradient), [False, False, True, False])


@pytest.mark.parametrize("name", IGNORING)
def test_everything_ignored(name):
    y, z = np.full((20, 3), 255, np.uint8), np.random.default_rng(0).normal(size=(20, 3))
    loss = sklosses.get_loss(name, ignore_index=255)
    with pytest.warns(UndefinedMetricWarning):
        value, gradient = loss.value_and_gradient(y, z)
    assert np.isnan(value)
    assert_array_equal(gradient, 0)
    assert loss(y, z, reduction="sum") == 0
    assert loss(y, z, avg_factor=2) == 0


def test_targets_are_compared_as_they_are():
    z = np.array([1.0, 2.0])
    bce = sklosses.binary_cross_entropy_with_logits
    # Before they are smoothed: 1 would become 0.9.
    smooth = {"label_smoothing": 0.2}
    one = bce([0.0], [1.0], **smooth)
    assert_allclose(bce([0.0, 1.0], z, ignore_index=1, **smooth), one)
    assert_allclose(bce([0.0, 1.0], z, ignore_index=0.9, **smooth), bce([0.0, 1.0], z, **smooth))
    # Rounded as the targets are.
    tenth = np.array([0.0, 0.1], np.float32)
    for kind in np.float32, np.float64:
        assert_allclose(bce(tenth, z.astype(kind), ignore_index=0.1), bce([0.0], [1.0]), rtol=1e-6)
    # But what float32 rounds to 0 or infinity is neither.
    for kind in np.float16, np.float32, np.int64, bool:
        y = np.array([0, 1]).astype(kind)
        for dtype in np.float32, np.float64:
            for loss in sklosses.BCEWithLogitsLoss, sklosses.SigmoidFocalLoss:
                for none in 1e-50, -1e-50, 1e18, 1 + 1e-12 if kind in (np.int64, bool) else 5e-324:
                    value = loss(ignore_index=none)(y, z.astype(dtype))
                    assert value == pytest.approx(loss()(y, z), rel=1e-6)
                    constant = loss(ignore_index=none).optimal_constant(y)
                    assert constant == loss().optimal_constant(y)
                for zero in 0, 0.0, -0.0:
                    other = loss(ignore_index=zero)(y, z.astype(dtype))
                    assert other == loss()(y[1:], z[1:].astype(dtype))
    # Integers that float32 does not hold.
    large = np.array([0, 2**24 + 1])
    with pytest.raises(ValueError, match=r"got 16777217 at index 1.* ignore_index 16777216 are"):
        bce(large, z.astype(np.float32), ignore_index=2**24)
    assert np.isfinite(bce(large, z.astype(np.float32), ignore_index=2**24 + 1))
    # Unsigned integers are never negative.
    with pytest.raises(ValueError, match="got 255 at index 1"):
        bce(np.array([0, 255], np.uint8), z, ignore_index=-1)
    assert bce(np.array([0, 255], np.uint8), z, ignore_index=255) == bce([0], [1.0])


def test_sums_of_losses_that_ignore_different_targets():
    rng = np.random.default_rng(0)
    y, z = rng.integers(0, 2, (50, 2)), rng.normal(size=(50, 2))
    losses = [sklosses.BCEWithLogitsLoss(ignore_index=k) for k in (None, 0, 1)]
    both = 0.5 * losses[1] + 0.25 * losses[2] + losses[0]
    expected = 0.5 * losses[1](y, z) + 0.25 * losses[2](y, z) + losses[0](y, z)
    assert_allclose(both(y, z), expected)
    parts = [both.partial(y[:20], z[:20]), both.partial(y[20:], z[20:])]
    assert_allclose(sum(parts).value, expected)


@pytest.mark.parametrize("smoothing", [0.0, 1e-6, 0.1, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_smoothing_of_certain_and_wrong_targets_keeps_its_digits(dtype, smoothing):
    """1 - y (1 - s) - s / 2 would lose those of a small s."""
    z = np.array([30.0, -30.0, 3.0, 1e4], dtype)
    loss = sklosses.BCEWithLogitsLoss(label_smoothing=smoothing, reduction="none")
    wide, s = z.astype(WIDE), WIDE(smoothing)
    value = (1 - s / 2) * np.logaddexp(0, -wide) + s / 2 * np.logaddexp(0, wide)
    close(loss(np.ones(4, dtype), z), value, 8 * np.finfo(dtype).eps)
    close(loss(np.zeros(4, dtype), -z), value, 8 * np.finfo(dtype).eps)


def test_sigmoid_focal_of_soft_targets_is_cross_entropy_for_gamma_0():
    rng = np.random.default_rng(0)
    y, z = rng.random(200), rng.normal(scale=5, size=200)
    focal = sklosses.SigmoidFocalLoss(alpha=None, gamma=0.0)
    expected = sklosses.BCEWithLogitsLoss().value_and_gradient(y, z)
    for found, other in zip(focal.value_and_gradient(y, z), expected, strict=True):
        assert_allclose(found, other, rtol=1e-12)
