"""`d2=True`: the share of the loss of the best constant that a model saves."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression
from sklearn.linear_model import PoissonRegressor as Poisson
from sklearn.metrics import (
    d2_absolute_error_score,
    d2_log_loss_score,
    log_loss,
    mean_pinball_loss,
    r2_score,
)
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multioutput import MultiOutputClassifier
from sklearn.preprocessing import StandardScaler

from sklosses import get_loss, get_loss_names, make_loss_scorer

DIABETES = load_diabetes(return_X_y=True)
IRIS = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
CANCER = StandardScaler().fit_transform(CANCER[0]), CANCER[1]


def weights(y, weighted):
    return np.random.default_rng(0).uniform(size=len(y)) if weighted else None


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("name", "metric"), [("mse_loss", r2_score), ("l1_loss", d2_absolute_error_score)]
)
def test_regression(name, metric, weighted):
    X, y = DIABETES
    model, w = LinearRegression().fit(X, y), weights(y, weighted)
    score = make_loss_scorer(name, d2=True)(model, X, y, sample_weight=w)
    assert_allclose(score, metric(y, model.predict(X), sample_weight=w), rtol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rows", [slice(None), slice(100), slice(50, 150)])
def test_classes(weighted, rows):
    X, y = IRIS
    model = LogisticRegression(max_iter=1000).fit(X, y)
    X, y = X[rows], y[rows]
    w = weights(y, weighted)
    shares = np.bincount(y, w, minlength=3) / np.bincount(y, w).sum()
    # d2_log_loss_score refuses folds without one of the classes before scikit-learn 1.7.
    model_loss, best = (
        log_loss(y, p, sample_weight=w, labels=[0, 1, 2])
        for p in (model.predict_proba(X), np.tile(shares, (len(y), 1)))
    )
    expected = 1 - model_loss / best
    if len(y) == 150:
        found = d2_log_loss_score(y, model.predict_proba(X), sample_weight=w)
        assert_allclose(found, expected, rtol=1e-9)
    for name in "cross_entropy", "nll_loss":
        score = make_loss_scorer(name, d2=True)(model, X, y, sample_weight=w)
        assert_allclose(score, expected, rtol=1e-9)


@pytest.mark.parametrize("labels", [(0, 1), ("no", "yes"), (-1, 1)])
def test_two_classes(labels):
    X, y = CANCER
    model = LogisticRegression(max_iter=200).fit(X, y)
    expected = d2_log_loss_score(y, model.predict_proba(X))
    y = np.array(labels)[y]
    model = LogisticRegression(max_iter=200).fit(X, y)
    for name in (
        "binary_cross_entropy",
        "binary_cross_entropy_with_logits",
        "multilabel_soft_margin_loss",
        "cross_entropy",
    ):
        score = make_loss_scorer(name, d2=True)(model, X, y)
        assert_allclose(score, expected, rtol=1e-6)
    scorer = make_loss_scorer("soft_margin_loss", d2=True)
    decision = -get_loss("soft_margin_loss")(2 * (y == labels[1]) - 1, model.decision_function(X))
    best = np.average([y == labels[0], y == labels[1]], axis=1)
    assert_allclose(scorer(model, X, y), 1 + decision / -(best @ np.log(best)), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "dummy"),
    [
        ("mse_loss", DummyRegressor()),
        ("l1_loss", DummyRegressor(strategy="median")),
        ("poisson_nll_loss", DummyRegressor()),
        ("cross_entropy", DummyClassifier()),
        ("binary_cross_entropy", DummyClassifier()),
    ],
)
def test_best_constant_scores_nothing(name, dummy):
    X, y = DIABETES if "Regressor" in type(dummy).__name__ else CANCER
    score = make_loss_scorer(name, d2=True)(dummy.fit(X, y), X, y)
    assert_allclose(score, 0, atol=1e-9)


def test_likelihoods():
    """Some are negative: a better model still has the greater score."""
    X, y = DIABETES
    scorer = make_loss_scorer("gaussian_nll_loss", d2=True)
    for scale in 1.0, 1e-4:
        scores = [scorer(BayesianRidge().fit(X[:, :n], scale * y), X[:, :n], scale * y)
                  for n in (1, 3, 10)]  # fmt: skip
        assert 0 < scores[0] < scores[1] < scores[2]
    scorer = make_loss_scorer("poisson_nll_loss", d2=True)
    assert scorer(Poisson(alpha=0).fit(X, y), X, y) > 0
    assert scorer(Poisson(alpha=0).fit(X, y / 1e3), X, y / 1e3) > 0


def test_several_outputs():
    X, y = DIABETES
    Y = np.column_stack([y, y**2, -y])
    model = LinearRegression().fit(X, Y)
    expected = 1 - ((Y - model.predict(X)) ** 2).sum() / ((Y - Y.mean(axis=0)) ** 2).sum()
    assert_allclose(make_loss_scorer("mse_loss", d2=True)(model, X, Y), expected, rtol=1e-9)
    X, y = CANCER
    Y = np.column_stack([y, X[:, 0] > 0])
    model = MultiOutputClassifier(LogisticRegression(max_iter=200)).fit(X, Y)
    loss = -make_loss_scorer("binary_cross_entropy")(model, X, Y)
    p = Y.mean(axis=0)
    best = -np.mean(p * np.log(p) + (1 - p) * np.log(1 - p))
    score = make_loss_scorer("binary_cross_entropy", d2=True)(model, X, Y)
    assert_allclose(score, 1 - loss / best, rtol=1e-9)


class Fixed:
    """Predicts what it is given."""

    classes_ = np.array([0, 1])

    def __init__(self, prediction):
        self.prediction = np.asarray(prediction)

    def predict(self, X):
        return self.prediction

    predict_proba = predict


def test_constant_targets():
    """As scikit-learn's r2_score and d2_absolute_error_score: 1 for a perfect model, else 0."""
    y = [1e6 / 3] * 3
    for name, metric in ("mse_loss", r2_score), ("l1_loss", d2_absolute_error_score):
        scorer = make_loss_scorer(name, d2=True)
        for prediction in (y, [1.0, 2.0, 3.0]):
            assert scorer(Fixed(prediction), [[0]] * 3, y) == metric(y, prediction)
        # As close as it may be, what is not the constant explains nothing.
        for constant, near in (1e9, 1e9 + 0.01), (0.0, 1e-7), (5.0, 5 + 1e-6):
            score = scorer(Fixed([near] * 3), [[0]] * 3, [constant] * 3)
            assert score == metric([constant] * 3, [near] * 3) == 0
    sure, unsure = [[0.0, 1.0]] * 3, [[0.5, 0.5]] * 3
    for name in "cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits":
        scorer = make_loss_scorer(name, d2=True)
        for constant in 0, 1:
            assert scorer(Fixed(unsure), [[0]] * 3, [constant] * 3) == 0
        assert scorer(Fixed(sure), [[0]] * 3, [1] * 3) == 1
        assert scorer(Fixed(sure), [[0]] * 3, [0] * 3) == 0
        assert scorer.set_params(loss__reduction="sum")(Fixed(sure), [[0]] * 3, [1] * 3) == 1
    # Targets that are almost constant are something to explain.
    y = 1e-9 * np.arange(3)
    score = make_loss_scorer("mse_loss", d2=True)(Fixed([0, 1e-9, 1e-9]), [[0]] * 3, y)
    assert_allclose(score, 0.5, rtol=1e-9)


def test_constant_but_for_weights_of_zero():
    scorer = make_loss_scorer("binary_cross_entropy", d2=True)
    score = scorer(Fixed([[0.5, 0.5]] * 3), [[0]] * 3, [1, 1, 0], sample_weight=[1, 1, 0])
    assert score == 0


def test_single_sample():
    with pytest.warns(UndefinedMetricWarning, match="less than two samples") as record:
        score = make_loss_scorer("mse_loss", d2=True)(Fixed([1.0]), [[0]], [2.0])
    assert np.isnan(score)
    assert record[0].filename == __file__


def test_losses_without_a_best_constant():
    refused = []
    for name in get_loss_names():
        try:
            make_loss_scorer(name, d2=True, response_method=lambda model, X: X)
        except ValueError as error:
            if "best constant" in str(error):
                refused.append(name)
    assert {"batch_all_triplet_loss", "cosine_embedding_loss", "info_nce_loss"} <= set(refused)
    assert not {"mse_loss", "cross_entropy", "kl_div", "gaussian_nll_loss"} & set(refused)


def test_as_a_scorer():
    scorer = make_loss_scorer("huber_loss", delta=2.0, d2=True)
    assert repr(scorer) == "make_loss_scorer('huber_loss', d2=True, delta=2.0)"
    assert clone(scorer).get_params()["d2"] is True
    assert repr(scorer.set_params(d2=False)) == "make_loss_scorer('huber_loss', delta=2.0)"
    with pytest.raises(ValueError, match="'d2' parameter of make_loss_scorer"):
        scorer.set_params(d2="yes")
    X, y = DIABETES
    scoring = {"r2": "r2", "d2": make_loss_scorer("mse_loss", d2=True)}
    scores = cross_validate(LinearRegression(), X, y, scoring=scoring, cv=3)
    assert_allclose(scores["test_d2"], scores["test_r2"], rtol=1e-9)
    search = GridSearchCV(
        LinearRegression(), {"fit_intercept": [True, False]}, scoring=scoring["d2"], cv=3
    )
    assert search.fit(X, y).best_params_ == {"fit_intercept": True}


class TwoQuantiles(RegressorMixin, BaseEstimator):
    def predict(self, X):
        return np.tile([0.0, 1.0], (len(X), 1))


def pinball(y, predictions):
    """The mean over both quantiles, by scikit-learn."""
    losses = [
        mean_pinball_loss(y, p, alpha=q) for p, q in zip(predictions.T, (0.1, 0.5), strict=True)
    ]
    return np.mean(losses)


@pytest.mark.parametrize("y", [np.arange(6.0), np.full(6, 2.0), np.full(6, 0.1)])
def test_several_quantiles(y):
    """The constants are the quantiles; for a constant y they are y itself."""
    model, X = TwoQuantiles(), np.zeros((6, 1))
    best = np.tile(np.quantile(y, [0.1, 0.5], method="averaged_inverted_cdf"), (6, 1))
    expected = 0.0
    if np.ptp(y) > 0:
        expected = 1 - pinball(y, model.predict(X)) / pinball(y, best)
    scorer = make_loss_scorer("quantile_loss", quantile=[0.1, 0.5], d2=True)
    assert_allclose(scorer(model, X, y), expected, rtol=1e-9)


def test_weights_of_the_unreduced_loss():
    """Those of several quantiles: a weight for each quantile of each sample."""
    X, y = DIABETES
    quantile = [0.2, 0.5, 0.8]

    class Quantiles(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return 150 + 300 * X[:, [2]] + np.array([-50.0, 0.0, 50.0])

    weight = np.random.default_rng(0).uniform(size=(len(y), 3))
    weight[:5] = 0
    scorer = make_loss_scorer(get_loss("quantile_loss", quantile=quantile), d2=True)
    model = Quantiles().fit(X, y)
    found = scorer(model, X, y, sample_weight=weight)
    loss = scorer.loss
    best = np.broadcast_to(loss.optimal_constant(y, weight), weight.shape)
    expected = loss(y, model.predict(X), sample_weight=weight)
    assert_allclose(found, 1 - expected / loss(y, best, sample_weight=weight))
    ones = scorer(model, X, y, sample_weight=np.ones((len(y), 3)))
    assert_allclose(ones, scorer(model, X, y))
    # Rows without any weight do not keep y from being constant.
    constant = np.where(np.arange(len(y)) < 5, 1.0, 2.0)
    assert scorer(model, X, constant, sample_weight=weight) == 0.0
