"""`class_weight="balanced"` counts samples by their weights, as repetition would."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight

import sklosses
from sklosses import get_loss, get_loss_names, make_loss_scorer
from sklosses.linear_model import LossClassifier

RNG = np.random.default_rng(0)
NAMES = [
    name
    for name in get_loss_names()
    if get_loss(name).tags.target == "class_index" and "class_weight" in get_loss(name).get_params()
]
N = 12
REPEATS = RNG.integers(0, 4, N)
ROWS = np.repeat(np.arange(N), REPEATS)


def predictions(*shape):
    logits = RNG.normal(size=shape)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("labels", [np.arange(N) % 3, np.zeros(N, int), np.arange(N) // 11])
def test_weights_are_repetitions(name, labels):
    y_pred = predictions(N, 3)
    loss = get_loss(name, class_weight="balanced")
    for reduction in "mean", "sum":
        got = loss(labels, y_pred, sample_weight=REPEATS, reduction=reduction)
        expected = loss(labels[ROWS], y_pred[ROWS], reduction=reduction)
        assert_allclose(got, expected, rtol=1e-12)
    gradient = loss.gradient(labels, y_pred, sample_weight=REPEATS)
    expected = np.zeros_like(y_pred)
    np.add.at(expected, ROWS, loss.gradient(labels[ROWS], y_pred[ROWS]))
    assert_allclose(gradient, expected, rtol=1e-10, atol=1e-15)
    got = loss.optimal_constant(labels, REPEATS)
    assert_allclose(got, loss.optimal_constant(labels[ROWS]), rtol=1e-9, atol=1e-9)


def test_as_scikit_learn():
    labels = np.arange(N) % 3
    y_pred = predictions(N, 3)
    weight = RNG.uniform(size=N)
    total_weight = np.bincount(labels, weight)
    expected = sklosses.cross_entropy(
        labels, y_pred, sample_weight=weight, class_weight=total_weight.sum() / (3 * total_weight)
    )
    got = sklosses.cross_entropy(labels, y_pred, sample_weight=weight, class_weight="balanced")
    assert_allclose(got, expected, rtol=1e-12)
    weights = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    expected = sklosses.cross_entropy(labels, y_pred, class_weight=weights)
    for alike in None, np.full(N, 0.5):
        got = sklosses.cross_entropy(labels, y_pred, sample_weight=alike, class_weight="balanced")
        assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_dense_targets(name):
    """Probabilities count by their weights as well."""
    target, y_pred = RNG.dirichlet(np.ones(3), N), predictions(N, 3)
    loss = get_loss(name, class_weight="balanced")
    got = loss(target, y_pred, sample_weight=REPEATS)
    assert_allclose(got, loss(target[ROWS], y_pred[ROWS]), rtol=1e-12)
    got = loss.optimal_constant(target, REPEATS)
    assert_allclose(got, loss.optimal_constant(target[ROWS]), rtol=1e-9)


@pytest.mark.parametrize("dense", [False, True])
def test_weights_of_every_element(dense):
    """Images, with weights for samples or for pixels; some pixels are ignored."""
    y_pred = predictions(N, 3, 2, 4)
    target = RNG.integers(0, 3, (N, 2, 4))
    kept = np.ones(target.shape)
    if dense:
        target = np.moveaxis(np.eye(3)[target], -1, 1)
    else:
        target[3, 1] = -100
        kept[3, 1] = 0
    loss = sklosses.CrossEntropyLoss(class_weight="balanced", label_smoothing=0.1)
    got = loss(target, y_pred, sample_weight=REPEATS)
    assert_allclose(got, loss(target[ROWS], y_pred[ROWS]), rtol=1e-12)
    pixels = RNG.integers(0, 3, (N, 2, 4))
    hot = target if dense else np.moveaxis(np.eye(3)[np.maximum(target, 0)], -1, 1)
    total_weight = (hot * (pixels * kept)[:, None]).sum(axis=(0, 2, 3))
    expected = sklosses.cross_entropy(
        target,
        y_pred,
        label_smoothing=0.1,
        sample_weight=pixels,
        class_weight=total_weight.sum() / (3 * total_weight),
    )
    assert_allclose(loss(target, y_pred, sample_weight=pixels), expected, rtol=1e-12)


def test_single_sample():
    y_pred = predictions(1, 3)[0]
    loss = sklosses.CrossEntropyLoss(class_weight="balanced", reduction="sum")
    assert_allclose(loss(1, y_pred, sample_weight=2.0), -2 * y_pred[1] / 3, rtol=1e-12)
    assert_allclose(
        loss([0.0, 1.0, 0.0], y_pred, sample_weight=2.0), -2 * y_pred[1] / 3, rtol=1e-12
    )


@pytest.mark.parametrize("loss", [None, "balanced"])
def test_estimators_and_scorers(loss):
    X, y = RNG.normal(size=(60, 2)), np.repeat([0, 1, 2], [40, 15, 5])
    repeats = RNG.integers(0, 4, 60)
    rows = np.repeat(np.arange(60), repeats)
    model = LossClassifier(alpha=0.1, tol=1e-9, class_weight=None if loss else "balanced")
    if loss:
        model.set_params(loss__class_weight="balanced")
    weighted = model.fit(X, y, sample_weight=repeats).predict_proba(X)
    assert_allclose(weighted, model.fit(X[rows], y[rows]).predict_proba(X), rtol=1e-6)
    scorer = make_loss_scorer("cross_entropy", class_weight="balanced")
    model = LogisticRegression().fit(X, y)
    got = scorer(model, X, y, sample_weight=repeats)
    assert_allclose(got, scorer(model, X[rows], y[rows]), rtol=1e-12)
