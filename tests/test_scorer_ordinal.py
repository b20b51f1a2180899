"""Scorers of losses of ordered classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import logit
from scored import EPS, Fixed, probabilities
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import d2_log_loss_score
from sklearn.model_selection import cross_val_score

import sklosses
from sklosses import get_loss, make_loss_scorer

ORDINAL = ["coral_loss", "corn_loss", "cumulative_logit_loss"]


def by_hand(name, y, p):
    """The loss of the probabilities of classes, (n_samples, n_classes)."""
    p = np.clip(p, EPS, 1 - EPS)
    above = np.stack([p[:, k + 1 :].sum(axis=1) for k in range(p.shape[1] - 1)], axis=1)
    up_to = np.cumsum(p, axis=1)[:, :-1]
    if name == "cumulative_logit_loss":
        return -np.log(p[np.arange(len(y)), y]).mean()
    below = up_to if name == "coral_loss" else p[:, :-1]
    return get_loss(name)(y, np.log(above / below))


@pytest.fixture(params=[2, 3, 7])
def answers(request):
    """Probabilities, positions of labels, and a classifier that gives these probabilities."""
    n_classes = request.param
    rng = np.random.default_rng(n_classes)
    p = probabilities(80, n_classes, scale=3.0)
    p[:2] = np.eye(n_classes)[[0, -1]]
    return p, np.append(np.arange(n_classes), rng.integers(0, n_classes, 80 - n_classes))


@pytest.mark.parametrize("name", ORDINAL)
@pytest.mark.parametrize("kind", [np.array, lambda y: y * 10 - 5, lambda y: 0.5 * y, "text"])
def test_labels_of_any_type(answers, name, kind):
    p, y = answers
    labels = np.array(list("abcdefgh"))[y] if kind == "text" else kind(y)
    model = Fixed().fit(p, labels)
    weight = np.random.default_rng(0).random(len(y))
    scorer = make_loss_scorer(name)
    assert scorer(model, p, labels) == pytest.approx(-by_hand(name, y, p), rel=1e-12)
    if name != "corn_loss":
        each = [by_hand(name, y[[i]], p[[i]]) for i in range(len(y))]
        expected = -np.average(each, weights=weight)
        assert scorer(model, p, labels, sample_weight=weight) == pytest.approx(expected, rel=1e-12)
    total = make_loss_scorer(name, reduction="sum")(model, p, labels)
    part = make_loss_scorer(name, reduction="sum")(model, p[:30], labels[:30])
    rest = make_loss_scorer(name, reduction="sum")(model, p[30:], labels[30:])
    assert total == pytest.approx(part + rest, rel=1e-12)


@pytest.mark.parametrize("name", ORDINAL)
def test_likelihoods_and_logits_of_the_loss_itself(name):
    """The probabilities of raw predictions have the loss of these predictions."""
    rng = np.random.default_rng(0)
    y = np.append(np.arange(4), rng.integers(0, 4, 40))
    if name == "cumulative_logit_loss":
        raw = rng.normal(size=44), np.array([-1.0, 0.5, 0.75])
    else:
        raw = (np.sort(rng.normal(size=(44, 3)))[:, ::-1],)
    p = get_loss(name).predict_proba(*raw)
    score = make_loss_scorer(name)(Fixed().fit(p, y), p, y)
    assert score == pytest.approx(-get_loss(name)(y, *raw), rel=1e-12)


@pytest.mark.parametrize("name", ORDINAL)
def test_d2(answers, name):
    p, y = answers
    y = np.where(np.arange(len(y)) % 3, y, 1)
    model = Fixed(classes=np.arange(p.shape[1])).fit(p, y)
    score = make_loss_scorer(name, d2=True)(model, p, y)
    shares = np.bincount(y, minlength=p.shape[1]) / len(y)
    best = by_hand(name, y, np.tile(shares, (len(y), 1)))
    assert score == pytest.approx(1 - by_hand(name, y, p) / best, rel=1e-10)
    constant = np.tile(shares, (len(y), 1))
    assert make_loss_scorer(name, d2=True)(model, constant, y) == pytest.approx(0, abs=1e-12)
    if name == "cumulative_logit_loss":
        assert score == pytest.approx(d2_log_loss_score(y, p, labels=model.classes_), rel=1e-12)


@pytest.mark.parametrize("name", ORDINAL)
def test_unseen_label(answers, name):
    p, y = answers
    n_classes = p.shape[1]
    model = Fixed(classes=np.arange(n_classes)).fit(p, y)
    other = np.where(np.arange(len(y)) == 7, 99, y)
    with pytest.raises(ValueError, match="contains the label 99 at index 7, which Fixed has not"):
        make_loss_scorer(name)(model, p, other)
    worst, positions = p.copy(), y.copy()
    positions[7] = p[7].argmin()
    worst[7] = (1 - EPS) / (n_classes - 1)
    worst[7, positions[7]] = EPS
    score = make_loss_scorer(name, unseen="worst")(model, p, other)
    assert score == pytest.approx(-by_hand(name, positions, worst), rel=1e-12)
    if name == "cumulative_logit_loss":
        return

    def decide(model, X):
        return get_loss(name).optimal_constant(y) + np.zeros((len(X), n_classes - 1))

    scorer = make_loss_scorer(name, unseen="worst", response_method=decide)
    worst[:] = get_loss(name).predict_proba(decide(model, p))
    positions[7] = worst[7].argmin()
    worst[7] = (1 - EPS) / (n_classes - 1)
    worst[7, positions[7]] = EPS
    assert scorer(model, p, other) == pytest.approx(-by_hand(name, positions, worst), rel=1e-9)


@pytest.mark.parametrize("name", ORDINAL)
def test_callables(name):
    rng = np.random.default_rng(0)
    y = np.append(np.arange(4), rng.integers(0, 4, 40))
    model = Fixed().fit(np.zeros((44, 4)), y)
    raw = (rng.normal(size=(44, 3)),)
    if name == "cumulative_logit_loss":
        raw = rng.normal(size=44), np.array([-1.0, 0.5, 0.75])

    def answer(model, X):
        return raw if len(raw) > 1 else raw[0]

    scorer = make_loss_scorer(name, response_method=answer)
    assert scorer(model, y, y) == -get_loss(name)(y, *raw)
    scorer = make_loss_scorer(name, response_method=lambda model, X: np.zeros(44))
    message = r"a tuple \(y_pred, thresholds\)" if len(raw) > 1 else r"shape \(n_samples, 3\)"
    with pytest.raises(ValueError, match=message):
        scorer(model, y, y)


@pytest.mark.parametrize("name", ORDINAL)
def test_two_classes_are_log_loss(name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    y = np.where(X[:, 0] + rng.normal(size=60) > 0, "yes", "no")
    score = cross_val_score(LogisticRegression(), X, y, scoring=make_loss_scorer(name))
    assert_allclose(score, cross_val_score(LogisticRegression(), X, y, scoring="neg_log_loss"))


@pytest.mark.parametrize("name", ORDINAL)
def test_other_answers_are_refused(name):
    p = probabilities(20, 3)
    y = np.arange(20) % 3
    model = Fixed().fit(p, y)
    with pytest.raises(ValueError, match="takes a single label for each sample"):
        make_loss_scorer(name)(model, p, np.eye(3)[y])
    with pytest.raises(ValueError, match="must return one column for each of the 3 classes"):
        make_loss_scorer(name)(model, p[:, :2], y)
    with pytest.raises(ValueError, match="'response_method' parameter"):
        make_loss_scorer(name, response_method="decision_function")


def test_logits_of_certain_probabilities():
    """Both sides of a class are summed, so that no probability is 1 minus another."""
    p = np.array([[1e-14, 1e-13, 1.0]])
    scorer = make_loss_scorer("coral_loss", reduction="sum")
    model = Fixed(classes=[0, 1, 2]).fit(p, [0])
    expected = sklosses.coral_loss([0], [[-logit(1e-14), -logit(1.1e-13)]], reduction="sum")
    assert scorer(model, p, [0]) == pytest.approx(-expected, rel=1e-13)
