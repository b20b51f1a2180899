"""Tests of single losses of ``sklosses.losses.detection``."""

import re

import numpy as np
import pytest
import sklearn
from helpers import as_tuple, close, derivatives
from numpy.testing import assert_allclose, assert_array_equal
from references import WIDE
from references.detection import boxes, hard_boxes
from scipy.special import expit, softmax
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score

import sklosses
from sklosses import get_loss, make_loss_scorer
from sklosses.linear_model import LossClassifier, LossRegressor

#: Losses of logits, with parameters for which powers and kinks differ.
OF_LOGITS = [
    *(("asymmetric_loss", {"gamma_neg": b, "gamma_pos": a, "clip": clip})
      for a, b in ((0, 0), (0.3, 0.5), (1, 4), (5.5, 2))
      for clip in (0, 0.05, 1)),
    *(("quality_focal_loss", {"beta": beta}) for beta in (0, 0.3, 1, 2, 5.5)),
    *(("varifocal_loss", {"gamma": gamma}) for gamma in (0, 0.3, 1, 2, 5.5)),
]  # fmt: skip


# -- losses of logits --


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "params"), OF_LOGITS)
def test_finite_at_the_largest_logits(name, params, dtype):
    top = np.finfo(dtype).max
    z = np.array([top, -top, top / 4, -top / 4, 1e5, -1e5, 88.0, -88.0, 0.0], dtype)
    loss = get_loss(name, reduction="none", **params)
    for y in (0.0, 1e-30, 0.5, 1 - 1e-7, 1.0):
        y_true = np.full(z.shape, y, dtype)
        for part in (loss(y_true, z), *(d[0] for d in derivatives(loss, y_true, z))):
            assert np.isfinite(part).all()
            assert part.dtype == dtype
        hessian = derivatives(loss, y_true, z)[1][0]
        assert_array_equal(hessian[:6], 0)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("asymmetric_loss", {"gamma_neg": 0, "gamma_pos": 0, "clip": 0}),
        ("quality_focal_loss", {"beta": 0}),
    ],
)
def test_cross_entropy_without_factors(name, params):
    rng = np.random.default_rng(0)
    y, z = rng.random(300), rng.normal(scale=20, size=300)
    loss, other = get_loss(name, **params), sklosses.BCEWithLogitsLoss()
    assert_allclose(loss(y, z), other(y, z), rtol=1e-14)
    for found, expected in zip(derivatives(loss, y, z), derivatives(other, y, z), strict=True):
        assert_allclose(found[0], expected[0], rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize("gamma", [0.0, 0.7, 2.0, 4.0])
def test_asymmetric_loss_with_equal_exponents_is_the_focal_loss(gamma):
    rng = np.random.default_rng(0)
    y, z = rng.integers(0, 2, 300), rng.normal(scale=20, size=300)
    loss = sklosses.AsymmetricLoss(gamma_neg=gamma, gamma_pos=gamma, clip=0)
    focal = sklosses.SigmoidFocalLoss(alpha=None, gamma=gamma)
    assert_allclose(loss(y, z), focal(y, z), rtol=1e-13)
    for found, expected in zip(derivatives(loss, y, z), derivatives(focal, y, z), strict=True):
        assert_allclose(found[0], expected[0], rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("gamma", [0.0, 0.7, 2.0])
def test_varifocal_loss_of_labels_is_a_focal_loss_of_negatives(gamma):
    rng = np.random.default_rng(0)
    y, z = rng.integers(0, 2, 300), rng.normal(scale=20, size=300)
    loss = sklosses.VarifocalLoss(alpha=0.6, gamma=gamma, reduction="none")
    focal = sklosses.SigmoidFocalLoss(alpha=None, gamma=gamma, reduction="none")
    bce = sklosses.BCEWithLogitsLoss(reduction="none")
    expected = np.where(y == 1, bce(y, z), 0.6 * focal(y, z))
    assert_allclose(loss(y, z), expected, rtol=1e-13)
    expected = np.where(y == 1, bce.gradient(y, z), 0.6 * focal.gradient(y, z))
    assert_allclose(loss.gradient(y, z), expected, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize("gamma_neg", [0.0, 0.5, 4.0])
def test_negatives_below_the_clip_count_nothing(gamma_neg):
    z = np.array([-1e30, -800.0, -3.0, np.log(0.05 / 0.95) - 1e-9])
    loss = sklosses.AsymmetricLoss(gamma_neg=gamma_neg, reduction="none")
    parts = loss(np.zeros(4), z), *(d[0] for d in derivatives(loss, np.zeros(4), z))
    for part in parts:
        assert_array_equal(part, 0)
    # Nor can certain ones lose more than minus the logarithm of the clip.
    assert_allclose(loss([0], [1e30]), -np.log(0.05) * 0.95**gamma_neg)


def test_a_clip_that_underflows_in_single_precision():
    """The smallest normal number takes its place, so the loss is bounded there, too."""
    loss = sklosses.AsymmetricLoss(gamma_neg=0, clip=1e-60, reduction="none")
    single = loss(np.float32([0]), np.float32([1e30]))
    assert_allclose(single, -np.log(np.finfo(np.float32).tiny), rtol=1e-6)
    assert_allclose(loss([0.0], [1e30]), -np.log(1e-60), rtol=1e-14)


@pytest.mark.parametrize("beta", [0.5, 1.0, 1.5, 2.0, 3.0])
def test_quality_focal_loss_where_the_target_is_predicted(beta):
    """y = 1/2 and z = 0 are exact; the loss is log 2 times |p - y| to the power."""
    loss = sklosses.QualityFocalLoss(beta=beta, reduction="none")
    gradient, hessian = loss.gradient_and_hessian([0.5], [0.0])
    assert (loss([0.5], [0.0])[0], gradient[0]) == (0, 0)
    assert_allclose(hessian[0], 2 / 16 * np.log(2) if beta == 2 else 0)
    # For a beta of 2 the Hessian has no jump there.
    if beta == 2:
        near = loss.gradient_and_hessian([0.5, 0.5], [-1e-7, 1e-7])[1]
        assert_allclose(near, hessian[0], rtol=1e-5)


def test_quality_focal_loss_as_mmdetection_calls_it():
    """A class index for each box and the quality of the box; terms are summed over the classes."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    z, label, score = rng.normal(size=(30, 5)), rng.integers(0, 6, 30), rng.random(30)
    logits = torch.tensor(z)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    expected = bce(logits, torch.zeros_like(logits), reduction="none") * logits.sigmoid() ** 2
    (positive,) = (label < 5).nonzero()
    own, quality = logits[positive, label[positive]], torch.tensor(score[positive])
    distance = quality - own.sigmoid()
    expected[positive, label[positive]] = bce(own, quality, reduction="none") * distance.abs() ** 2
    rows = (label[:, None] == np.arange(5)) * score[:, None]
    value = sklosses.quality_focal_loss(rows, z, avg_factor=30)
    assert_allclose(value, expected.sum(dim=1).mean().item(), rtol=1e-12)


@pytest.mark.parametrize("name", ["asymmetric_loss", "quality_focal_loss", "varifocal_loss"])
def test_models_and_scorers_take_labels(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = np.where(X[:, 0] + 0.5 * rng.normal(size=200) > 0, "cat", "dog")
    model = LossClassifier(name, alpha=1e-2).fit(X, y)
    assert roc_auc_score(y == "dog", model.decision_function(X)) > 0.9
    estimator = LogisticRegression().fit(X, y)
    p = estimator.predict_proba(X)[:, 1]
    expected = get_loss(name)(y == "dog", np.log(p / (1 - p)))
    assert_allclose(-make_loss_scorer(name)(estimator, X, y), expected, rtol=1e-12)


@pytest.mark.parametrize("clip", [0, 0.05])
def test_best_constant_of_negatives_alone(clip):
    loss = sklosses.AsymmetricLoss(clip=clip)
    constant = loss.optimal_constant(np.zeros(5))
    assert loss(np.zeros(5), np.full(5, constant)) < 1e-30
    assert expit(constant) <= 1e-6 + clip


# -- distribution focal loss --


@pytest.mark.parametrize("shape", [(7,), (5, 7), (4, 3, 2, 2), (2, 300), (40, 17)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.uint16, np.int64])
def test_integers_are_class_indices(shape, dtype):
    rng = np.random.default_rng(0)
    axis = min(len(shape) - 1, 1)
    z = rng.normal(scale=5, size=shape)
    labels = np.asarray(rng.integers(0, min(shape[axis], 100), shape[:axis] + shape[axis + 1 :]))
    loss, other = sklosses.DistributionFocalLoss(), sklosses.CrossEntropyLoss()
    found = loss(labels.astype(dtype), z), *(d[0] for d in derivatives(loss, labels, z))
    expected = other(labels, z), *(d[0] for d in derivatives(other, labels, z))
    for a, b in zip(found, expected, strict=True):
        assert_allclose(a, b, rtol=1e-13, atol=1e-18)


def test_small_positions_keep_their_digits():
    """The share of the second class of a position near the first is the position itself."""
    z = np.array([[-40.0, 40.0, 0.0]])
    for y in (1e-30, 1e-9, 0.5):
        gradient = sklosses.DistributionFocalLoss().gradient([y], z)[0]
        p = np.exp(z[0].astype(WIDE) - 40)
        p /= p.sum()
        close(gradient[0], p[0] - (1 - WIDE(y)), 1e-15)
        close(gradient[2], p[2], 1e-15)
    gradient = sklosses.DistributionFocalLoss().gradient([2 - 1e-9], [[0.0, 0.0, 800.0]])[0]
    share = 2 - np.float64(2 - 1e-9)
    assert_allclose(gradient, [0, -share, share], rtol=1e-15)


@pytest.mark.parametrize("n_classes", [1, 4, 300])
@pytest.mark.parametrize("n_threads", [1, 2])
def test_positions_out_of_range(n_classes, n_threads):
    z = np.zeros((5000, n_classes))
    out = np.full(z.shape, 7.0)
    for bad in (-1e-9, n_classes - 1 + 1e-9, -1e300, 1e300, 2.0**63):
        y = np.zeros(5000)
        y[4321] = bad
        message = rf"y_true contains a value out of its domain: got {bad!r} at index 4321. "
        message = message.replace("+", r"\+") + rf"Only values in the range \[0, {n_classes - 1}\]"
        loss = sklosses.DistributionFocalLoss()
        with pytest.raises(ValueError, match=message):
            loss.gradient(y, z, n_threads=n_threads)
        with pytest.raises(ValueError, match=message):
            loss.gradient(y, z, gradient_out=out, n_threads=n_threads)
        with sklearn.config_context(assume_finite=True), pytest.raises(ValueError, match=message):
            loss(y, z)
    assert_array_equal(out, 7)


@pytest.mark.parametrize("n_classes", [1, 4, 300])
def test_positions_that_are_not_finite(n_classes):
    z = np.zeros((70, n_classes))
    y = np.zeros(70)
    y[40] = np.nan
    loss = sklosses.DistributionFocalLoss(reduction="none")
    with pytest.raises(ValueError, match="y_true contains NaN: got nan at index 40"):
        loss(y, z)
    with sklearn.config_context(assume_finite=True):
        value, gradient = loss.value_and_gradient(y, z)
    assert np.isnan(value[40])
    assert np.isnan(gradient[40]).all()
    assert np.isfinite(np.delete(value, 40)).all()
    assert np.isfinite(np.delete(gradient, 40, axis=0)).all()


def test_position_and_distribution():
    rng = np.random.default_rng(0)
    y, z = rng.uniform(0, 4, 60), rng.normal(size=(60, 5))
    loss = sklosses.DistributionFocalLoss()
    assert_allclose(loss.predict_proba(z), softmax(z, axis=1), rtol=1e-13)
    assert_allclose(loss.inverse_link(z), softmax(z, axis=1) @ np.arange(5), rtol=1e-13)
    weight = rng.integers(0, 3, 60)
    constant = loss.optimal_constant(np.append(y, 4), np.append(weight, 0))
    # The expected value of the best distribution is the mean of the targets.
    assert_allclose(loss.inverse_link(constant), np.average(y, weights=weight), rtol=1e-12)
    gradient = loss.gradient(y, np.broadcast_to(constant, z.shape), sample_weight=weight)
    assert_allclose(gradient.sum(axis=0), 0, atol=1e-13)


def test_positions_are_no_labels():
    loss = sklosses.DistributionFocalLoss()
    with pytest.raises(
        ValueError, match="y_true must have shape \\(6,\\) \\(numbers between class"
    ):
        loss(np.zeros((6, 3)), np.zeros((6, 3)))
    with pytest.raises(ValueError, match="numbers between class indices"):
        make_loss_scorer(loss)
    with pytest.raises(ValueError, match="DistributionFocalLoss"):
        LossClassifier(loss).fit(np.eye(4), [0, 1, 0, 1])


# -- losses of boxes --

KINDS = ("iou", "giou", "diou", "ciou")


def torchvision_loss(kind):
    """The loss of torchvision.ops, or the plain measure."""
    try:
        from torchvision import ops
    except Exception as error:  # its compiled part may not fit PyTorch's
        pytest.skip(f"torchvision cannot be imported: {error}")
    torch = pytest.importorskip("torch")

    def plain(y_pred, y_true, reduction, eps):
        return 1 - torch.diagonal(ops.box_iou(y_pred, y_true))

    return {
        "iou": plain,
        "giou": ops.generalized_box_iou_loss,
        "diou": ops.distance_box_iou_loss,
        "ciou": ops.complete_box_iou_loss,
    }[kind]


@pytest.mark.parametrize("eps", [1e-7, 1e-2])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("draw", [boxes, hard_boxes])
def test_boxes_of_torchvision(kind, draw, eps):
    """Value and gradient, with ties, boxes that touch and boxes without an area."""
    loss_of_torch = torchvision_loss(kind)
    torch = pytest.importorskip("torch")
    y_true, y_pred = draw(np.random.default_rng(0), (600, 4), np.float64, {})
    # Of huge boxes PyTorch's areas overflow.
    kept = (np.abs(y_true).max(axis=1) < 1e6) & (np.abs(y_pred).max(axis=1) < 1e6)
    y_true, y_pred = y_true[kept], y_pred[kept]
    edges = np.stack([a[:, 2:] - a[:, :2] for a in (y_true, y_pred)])
    kept = np.ones(len(y_true), bool)
    if kind == "ciou":
        if eps != 1e-7:
            pytest.skip("a part of it has an eps of its own")
        # Angles of boxes without an area are NaN there, or their gradients are.
        kept = (edges > 0).all(axis=(0, 2))
    if kind == "iou":
        # 0 / 0 is NaN there.
        kept = (edges.prod(axis=2) > 0).any(axis=0)
    y_true, y_pred = y_true[kept], y_pred[kept]
    tensor = torch.tensor(y_pred, requires_grad=True)
    expected = loss_of_torch(tensor, torch.tensor(y_true), reduction="none", eps=eps)
    expected.sum().backward()
    loss = sklosses.IoULoss(kind=kind, eps=eps, reduction="none")
    value, gradient = loss.value_and_gradient(y_true, y_pred)
    assert_allclose(value, expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    if kind == "iou" and draw is hard_boxes:
        return  # it clamps edges at 0, where boxes that only touch have a slope
    slopes = tensor.grad.numpy()
    # Where the edges are tiny, its gradient is the difference of huge terms.
    assert_allclose(gradient, slopes, rtol=1e-7, atol=1e-7 * np.abs(slopes).max(axis=1).max())


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_at_ties_is_pytorchs(kind):
    """Corners on a coarse grid: most coordinates of a pair are equal."""
    torch = pytest.importorskip("torch")
    from pytorch_grid.detection import iou

    rng = np.random.default_rng(0)
    corner = rng.integers(0, 3, (2, 500, 2))
    y_true, y_pred = np.concatenate([corner, corner + rng.integers(1, 3, corner.shape)], axis=-1)
    tensor = torch.tensor(y_pred, dtype=torch.float64, requires_grad=True)
    iou(torch, torch.tensor(y_true, dtype=torch.float64), tensor, "sum", kind=kind).backward()
    gradient = sklosses.IoULoss(kind=kind, reduction="sum").gradient(y_true, y_pred)
    assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("k", [0, 1])
@pytest.mark.parametrize("axis", [0, 1])
def test_inverted_boxes(kind, n_threads, k, axis):
    arrays = [np.tile([0.0, 0.0, 1.0, 2.0], (20_000, 1)) for _ in range(2)]
    arrays[k][12_345, axis] = 3.0
    name, coordinate = ("y_true", "y_pred")[k], "xy"[axis]
    row = arrays[k][12_345].tolist()
    message = (
        f"Input {name} contains a box whose {coordinate}2 is less than its {coordinate}1: "
        f"got {row} at index 12345. Only boxes x1, y1, x2, y2 with x1 <= x2 and y1 <= y2 are "
        "allowed."
    )
    loss, out = sklosses.IoULoss(kind=kind), np.full((20_000, 4), 7.0)
    for single in (False, True):
        for finite in (False, True):
            with sklearn.config_context(assume_finite=finite):
                for keywords in ({}, {"gradient_out": out}):
                    own = [a.astype(np.float32) for a in arrays] if single else arrays
                    if keywords and single:
                        keywords = {"gradient_out": out.astype(np.float32)}
                    with pytest.raises(ValueError, match=re.escape(message) + "$"):
                        loss.gradient(*own, n_threads=n_threads, **keywords)
    assert_array_equal(out, 7)


def test_index_of_an_inverted_box():
    single = [0.0, 0.0, 1.0, -1.0]
    with pytest.raises(ValueError, match=r"y_pred contains a box .* y1: got \[0.0, .*\]\. Only"):
        sklosses.iou_loss([0.0, 0.0, 1.0, 1.0], single)
    y_pred = np.zeros((3, 2, 4))
    y_pred[1, 0] = single
    with pytest.raises(ValueError, match=r"at index \(1, 0\)"):
        sklosses.iou_loss(np.zeros((3, 2, 4)), y_pred)
    # What is not finite comes first.
    y_pred[2, 0, 0] = np.nan
    with pytest.raises(ValueError, match=r"y_pred contains NaN: got nan at index \(2, 0, 0\)"):
        sklosses.iou_loss(np.zeros((3, 2, 4)), y_pred)
    with pytest.raises(ValueError, match=r"must have shape \(n_samples, 4\), boxes x1, y1, x2, y2"):
        sklosses.iou_loss(np.zeros((3, 5)), np.zeros((3, 5)))
    with pytest.raises(ValueError, match="must have the same shape"):
        sklosses.iou_loss(np.zeros((3, 4)), np.zeros(4))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", range(8))
def test_nan_of_a_box(kind, k):
    arrays = [np.tile([0.0, 0.0, 1.0, 2.0], (40, 1)) for _ in range(2)]
    arrays[k // 4][33, k % 4] = np.nan
    with sklearn.config_context(assume_finite=True):
        value, gradient = sklosses.IoULoss(kind=kind, reduction="none").value_and_gradient(*arrays)
    assert np.isnan(value[33])
    assert np.isnan(gradient[33]).all()
    assert np.isfinite(np.delete(value, 33)).all()
    assert np.isfinite(np.delete(gradient, 33, axis=0)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_without_an_area(kind):
    flat, tall, point, box = [0, 0, 3, 0], [1, 0, 1, 3], [1, 0, 1, 0], [0, 0, 2, 2]
    loss = sklosses.IoULoss(kind=kind, eps=0, reduction="none")
    pairs = [(a, b) for a in (flat, tall, point, box) for b in (flat, tall, point, box)]
    value, gradient = loss.value_and_gradient(*map(np.array, zip(*pairs, strict=True)))
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()
    # Nothing has an intersection with a box without an area, not even the same box.
    same = np.array([a is b for a, b in pairs])
    assert_array_equal(value[same], [1, 1, 1, 0])


def test_angle_of_a_height_of_zero():
    """The ratio of a width and a height of 0 is infinite, its arc tangent a right angle."""
    y_true, y_pred = [[0.0, 0.0, 2.0, 2.0]], [[0.0, 1.0, 2.0, 1.0]]
    values = [sklosses.iou_loss(y_true, y_pred, kind=kind, eps=0) for kind in ("diou", "ciou")]
    v = 4 / np.pi**2 * (np.pi / 4) ** 2
    assert_allclose(values[1] - values[0], v * v / (1 + v))
    # The angle does not depend on the width, and on the height by 1 / width.
    slopes = [
        sklosses.IoULoss(kind=kind, eps=0).gradient(y_true, y_pred) for kind in ("diou", "ciou")
    ]
    alpha = v / (1 + v)
    slope = alpha * 8 / np.pi**2 * (np.pi / 4 - np.pi / 2) / 2
    assert_allclose(slopes[1] - slopes[0], [[0, -slope, 0, slope]], atol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("exponent", [-0.85, 0.85])
def test_boxes_of_any_size(kind, dtype, exponent):
    """Without eps the loss does not depend on the unit, even if areas overflow or underflow."""
    y_true, y_pred = hard_boxes(np.random.default_rng(0), (300, 4), np.float32, {})
    kept = (np.abs(y_true).max(axis=1) < 1e6) & (np.abs(y_pred).max(axis=1) < 1e6)
    unit = dtype(2.0) ** round(np.log2(float(np.finfo(dtype).max)) * exponent)
    y_true, y_pred = y_true[kept].astype(dtype), y_pred[kept].astype(dtype)
    keep = (np.abs(y_true * unit / unit - y_true) == 0).all(axis=1)
    keep &= (np.abs(y_pred * unit / unit - y_pred) == 0).all(axis=1)
    keep &= np.maximum(np.abs(y_true), np.abs(y_pred)).max(axis=1) > 1e-3
    y_true, y_pred = y_true[keep], y_pred[keep]
    assert len(y_true) > 100
    loss = sklosses.IoULoss(kind=kind, eps=0, reduction="none")
    value, gradient = loss.value_and_gradient(y_true, y_pred)
    scaled, slope = loss.value_and_gradient(y_true * unit, y_pred * unit)
    assert_allclose(scaled, value, rtol=8 * np.finfo(dtype).eps)
    if exponent > 0:
        # Of tiny boxes the gradient overflows in float32.
        assert_allclose(slope * unit, gradient, rtol=1e-6, atol=1e-30)


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_is_that_of_double(kind):
    """Boxes far from the origin, whose areas float32 would not tell apart."""
    y_true, y_pred = hard_boxes(np.random.default_rng(0), (700, 4), np.float32, {})
    loss = sklosses.IoULoss(kind=kind, reduction="none")
    value, gradient = loss.value_and_gradient(y_true, y_pred)
    expected = loss.value_and_gradient(y_true.astype(float), y_pred.astype(float))
    assert (value.dtype, gradient.dtype) == (np.float32, np.float32)
    assert_array_equal(value, expected[0].astype(np.float32))
    with np.errstate(over="ignore"):
        assert_array_equal(gradient, expected[1].astype(np.float32))


def test_parameters_of_boxes():
    arrays = boxes(np.random.default_rng(0), (50, 4), np.float64, {})
    values = {k: sklosses.iou_loss(*arrays, kind=k) for k in KINDS}
    assert len(set(values.values())) == 4
    assert sklosses.iou_loss(*arrays, eps=0.5) == values["iou"]
    for kind in KINDS[1:]:
        assert sklosses.iou_loss(*arrays, kind=kind, eps=0.5) != values[kind]
    tags = [sklosses.IoULoss(kind=kind).tags.gradient for kind in KINDS]
    assert tags == ["exact", "exact", "exact", "partial"]


def test_descent_leads_to_the_box():
    """Boxes that do not overlap, too."""
    y_true = np.array([[0.0, 0.0, 2.0, 1.0]])
    for kind in KINDS[1:]:
        y_pred = np.array([[3.0, 2.0, 4.0, 4.0]])
        loss = sklosses.IoULoss(kind=kind)
        for step in range(4000):
            y_pred -= 0.5 / (1 + step / 50) * loss.gradient(y_true, y_pred)
        assert loss(y_true, y_pred) < 0.05, kind


def test_scorer_of_boxes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 6))
    corner = X @ rng.normal(size=(6, 2))
    y = np.hstack([corner, corner + 1 + np.abs(X[:, :2])])
    model = LinearRegression().fit(X, y)
    scorer = make_loss_scorer("iou_loss", kind="giou")
    expected = sklosses.iou_loss(y, model.predict(X), kind="giou")
    assert_allclose(-scorer(model, X, y), expected)
    with pytest.raises(ValueError, match="IoULoss"):
        LossRegressor("iou_loss").fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_of_boxes(kind):
    arrays = hard_boxes(np.random.default_rng(0), (20_000, 4), np.float32, {})
    loss = sklosses.IoULoss(kind=kind)
    out = np.empty((20_000, 4), np.float32)
    value, gradient = loss.value_and_gradient(*arrays, gradient_out=out)
    assert gradient is out
    assert_array_equal(out, as_tuple(loss.gradient(*arrays))[0])
    assert value == loss.value_and_gradient(*arrays)[0]
