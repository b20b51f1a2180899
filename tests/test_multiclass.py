"""Tests of single losses of ``sklosses.losses.multiclass``."""

import itertools
import math
import re

import numpy as np
import pytest
import sklearn
from cases import INTEGERS
from helpers import derivatives
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import logsumexp, softmax
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import hinge_loss

import sklosses
from sklosses import cross_entropy, get_loss


@pytest.mark.parametrize(
    ("name", "most", "n_classes"),
    [
        *itertools.product(
            [
                "cross_entropy",
                "nll_loss",
                "softmax_focal_loss",
                "multi_margin_loss",
                "crammer_singer_loss",
            ],
            [0],
            [1, 2, 10, 400],
        ),
        # Ordered classes are one more than columns.
        *itertools.product(["coral_loss", "corn_loss"], [1], [1, 2, 10, 400]),
        # The last one is the background. Beside one column it might be a label.
        *itertools.product(["sigmoid_focal_loss"], [1], [2, 10, 400]),
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


def test_parts_of_balanced_classes():
    """ "balanced" needs the counts of all the labels: parts must not pretend to have them."""
    y_true = np.array([0, 0, 0, 1, 1, 2])
    y_pred = np.random.default_rng(0).normal(size=(6, 3))
    loss = sklosses.CrossEntropyLoss(class_weight="balanced")
    with pytest.raises(ValueError, match="balanced"):
        loss.partial(y_true[:3], y_pred[:3])


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


def test_ignore_index_beside_probabilities():
    """Refused as by PyTorch, rather than left out."""
    y_pred = np.random.default_rng(0).normal(size=(4, 3))
    shares = np.full((4, 3), 1 / 3)
    for y_true in (shares, np.eye(3, dtype=int)[[0, 1, 2, 0]]):
        with pytest.raises(ValueError, match=r"'ignore_index' parameter of CrossEntropyLoss goes"):
            sklosses.cross_entropy(y_true, y_pred, ignore_index=1)
        expected = sklosses.cross_entropy(y_true, y_pred)
        assert sklosses.cross_entropy(y_true, y_pred, ignore_index=-1) == expected


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


@pytest.mark.parametrize("shape", [(4,), (9, 4), (9, 4, 5), (9, 400)])
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


@pytest.mark.parametrize("n_classes", [16_384, 20_480, 50_001])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_long_row_is_cut_among_threads(n_classes, dtype):
    """With the bits of one thread, and the values of the definition."""
    rng = np.random.default_rng(0)
    y_pred = (3 * rng.normal(size=(1, n_classes))).astype(dtype)
    y_pred[0, 7] = y_pred.max()
    y_true = np.array([n_classes - 1])
    results = [
        cross_entropy(y_true, y_pred, return_gradient=True, n_threads=n) for n in (1, 2, 3, 7)
    ]
    for value, gradient in results[1:]:
        assert value == results[0][0]
        assert_array_equal(gradient, results[0][1])
    value, gradient = results[0]
    exact = y_pred.astype(np.float64)
    rtol = 1e-6 if dtype == np.float32 else 1e-14
    assert_allclose(value, logsumexp(exact) - exact[0, -1], rtol=rtol)
    expected = softmax(exact, axis=1)
    expected[0, -1] -= 1
    assert_allclose(gradient, expected, rtol=2 * rtol)
    y_pred[0, n_classes // 2] = np.nan
    with sklearn.config_context(assume_finite=True):
        assert np.isnan(cross_entropy(y_true, y_pred, n_threads=2))


@pytest.mark.parametrize("n_classes", [3, 10, 33, 100])
@pytest.mark.parametrize("n_rows", [1, 2, 9, 31])
@pytest.mark.parametrize(
    "name",
    [
        "cross_entropy",
        "nll_loss",
        "softmax_focal_loss",
        "multilabel_margin_loss",
        "crammer_singer_loss",
        "coral_loss",
        "corn_loss",
    ],
)
def test_few_rows_are_rows_of_many(name, n_rows, n_classes):
    """Few rows may be processed one at a time, many of them 32 at a time, in any memory order."""
    rng = np.random.default_rng(n_rows)
    y_pred = np.log(rng.dirichlet(np.ones(n_classes), 64))
    y_true = rng.integers(0, n_classes, 64)
    if name == "multilabel_margin_loss":
        y_true = np.c_[y_true, np.full((64, n_classes - 1), -1)]
    elif hasattr(get_loss(name), "ignore_index") and get_loss(name).ignore_index is not None:
        y_true[::5] = -100
    loss = get_loss(name, reduction="none")
    values, gradient = loss.value_and_gradient(y_true, y_pred)
    for order in ("C", "F"):
        few = np.asarray(y_pred[:n_rows], order=order)
        out = np.full(few.shape, 7.0, order=order)
        got, _ = loss.value_and_gradient(y_true[:n_rows], few, gradient_out=out)
        assert_allclose(got, values[:n_rows], rtol=1e-13, atol=1e-14)
        assert_allclose(out, gradient[:n_rows], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("layout", ["C", "F", "strided", "swapped"])
def test_negative_log_likelihood_picks_and_checks(layout):
    """The predictions of the labels are picked where they are, and all the others are checked."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 7, 300)
    weight = rng.uniform(1, 2, 7)
    y_pred = np.log(rng.dirichlet(np.ones(7), 300))
    given = {
        "C": y_pred,
        "F": np.asfortranarray(y_pred),
        "strided": np.repeat(y_pred, 2, axis=1)[:, ::2],
        "swapped": y_pred.astype(">f8"),
    }[layout]
    value, gradient = sklosses.nll_loss(
        y_true, given, class_weight=weight, reduction="sum", return_gradient=True
    )
    rows = np.arange(300)
    assert_allclose(value, -(weight[y_true] * y_pred[rows, y_true]).sum(), rtol=1e-13)
    expected = np.zeros((300, 7))
    expected[rows, y_true] = -weight[y_true]
    assert_array_equal(gradient, expected)
    other = (y_true[299] + 1) % 7
    given[299, other] = np.nan
    with pytest.raises(ValueError, match=re.escape(f"(299, {other})")):
        sklosses.nll_loss(y_true, given)


def test_negative_log_likelihood_of_pixels():
    """The classes of a pixel are far apart in memory: such rows are read another way."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 5, (2, 40, 3))
    y_pred = np.log(rng.dirichlet(np.ones(5), (2, 40, 3)))
    pixels = np.ascontiguousarray(np.moveaxis(y_pred, 3, 1))
    value, gradient = sklosses.nll_loss(y_true, pixels, reduction="sum", return_gradient=True)
    picked = np.take_along_axis(y_pred, y_true[..., None], axis=3)
    assert_allclose(value, -picked.sum(), rtol=1e-13)
    assert_array_equal(np.moveaxis(gradient, 1, 3), -1.0 * (np.arange(5) == y_true[..., None]))


@pytest.mark.parametrize("n_classes", [3, 10, 400])
@pytest.mark.parametrize("weighted", [False, True])
def test_crammer_singer_is_scikit_learn_s_hinge_loss(n_classes, weighted):
    rng = np.random.default_rng(n_classes)
    y_true = np.append(np.arange(n_classes), rng.integers(0, n_classes, 500))
    y_pred = rng.normal(scale=2, size=(len(y_true), n_classes))
    weight = rng.random(len(y_true)) if weighted else None
    value = sklosses.crammer_singer_loss(y_true, y_pred, sample_weight=weight)
    assert_allclose(value, hinge_loss(y_true, y_pred, sample_weight=weight), rtol=1e-13)


@pytest.mark.parametrize("n_classes", [2, 5, 33, 400])
@pytest.mark.parametrize("n_rows", [1, 40])
def test_crammer_singer_gradient_of_ties(n_classes, n_rows):
    """The largest other classes share the gradient; a margin just met has none."""
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, n_classes, n_rows)
    y_pred = rng.integers(0, 2, (n_rows, n_classes)) / 2
    loss = sklosses.CrammerSingerLoss(margin=0.5, reduction="sum")
    expected = np.zeros(y_pred.shape)
    for row, own in enumerate(y_true):
        others = np.delete(np.arange(n_classes), own)
        best = others[y_pred[row, others] == y_pred[row, others].max()]
        if y_pred[row, own] < y_pred[row, best[0]] + 0.5:
            expected[row, own] = -1
            expected[row, best] = 1 / len(best)
    assert_allclose(loss.gradient(y_true, y_pred), expected, rtol=1e-15)


def test_crammer_singer_prefers_a_class_of_the_majority():
    loss = sklosses.CrammerSingerLoss(margin=2.0)
    assert_array_equal(loss.optimal_constant([0, 0, 0, 1]), [1.0, -1.0])
    assert_array_equal(loss.optimal_constant([0, 0, 1, 2]), [0.0, 0.0, 0.0])
    assert_allclose(loss.optimal_constant([0, 1, 2, 2, 2]), [-2 / 3, -2 / 3, 4 / 3])
