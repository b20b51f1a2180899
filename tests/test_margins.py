"""Losses of margins: what their predictions stand for, in links, scorers and linear models."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeClassifier, SGDClassifier
from sklearn.metrics import hinge_loss as sklearn_hinge_loss
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

import sklosses
from sklosses import get_loss, make_loss_scorer
from sklosses.linear_model import LossClassifier
from sklosses.plotting import LossCurveDisplay

MARGINS = [
    sklosses.HingeLoss(),
    sklosses.HingeLoss(p=2),
    sklosses.ExponentialLoss(),
    sklosses.ModifiedHuberLoss(),
]
SMOOTH = MARGINS[1:]
EPS = np.finfo(np.float64).eps


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["setosa", "versicolor", "virginica"])[y]


# ---------------------------------------------------------------------------------------------
# The same as scikit-learn's
# ---------------------------------------------------------------------------------------------


def test_values_of_scikit_learn_s_hinge_loss():
    rng = np.random.default_rng(0)
    y, z, w = rng.choice([-1, 1], 50), rng.normal(size=50), rng.random(50)
    assert_allclose(sklosses.hinge_loss(y, z), sklearn_hinge_loss(y, z), rtol=1e-14)
    assert_allclose(
        sklosses.hinge_loss(y, z, sample_weight=w),
        sklearn_hinge_loss(y, z, sample_weight=w),
        rtol=1e-14,
    )


def test_values_and_links_of_scikit_learn_s_boosting(cancer):
    X, y = cancer
    model = GradientBoostingClassifier(loss="exponential", n_estimators=5).fit(X, y)
    raw = model.decision_function(X)
    loss = sklosses.ExponentialLoss()
    assert_allclose(loss(2 * y - 1, raw), model.train_score_[-1], rtol=1e-12)
    assert_allclose(loss.predict_proba(raw), model.predict_proba(X), rtol=1e-12)
    # It starts from the best constant, and hardly leaves it with this learning rate.
    still = GradientBoostingClassifier(loss="exponential", n_estimators=1, learning_rate=1e-12)
    start = still.fit(X, y).decision_function(X[:1])
    assert_allclose(start, loss.optimal_constant(2 * y - 1), rtol=1e-9)


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        (sklosses.HingeLoss(), "hinge"),
        (sklosses.HingeLoss(margin=0.0), "perceptron"),
        (sklosses.HingeLoss(p=2), "squared_hinge"),
        (sklosses.ModifiedHuberLoss(), "modified_huber"),
        (sklosses.SoftMarginLoss(), "log_loss"),
    ],
)
def test_gradients_of_scikit_learn_s_sgd(loss, name):
    """One step, from a model whose decision is z, changes the intercept by the gradient."""
    for z in (-3.0, -1.0, -0.25, 0.0, 0.5, 1.0, 2.0):
        model = SGDClassifier(loss=name, alpha=1e-12, learning_rate="constant", eta0=1.0)
        model.partial_fit([[0.0]], [1], classes=[0, 1])
        model.intercept_[:] = z
        model.partial_fit([[0.0]], [1])
        assert_allclose(model.intercept_[0] - z, -loss.gradient([1], [z])[0], atol=1e-12)


@pytest.mark.parametrize("alpha", [1e-1, 1e-2])
@pytest.mark.parametrize("p", [1, 2])
def test_support_vector_machines(cancer, p, alpha):
    X, y = cancer
    loss = sklosses.HingeLoss(p=p)
    name = "hinge" if p == 1 else "squared_hinge"
    # The intercept of LinearSVC has a penalty.
    ours = LossClassifier(loss, alpha=alpha, fit_intercept=False, tol=1e-9, max_iter=10_000)
    ours.fit(X, y)
    theirs = LinearSVC(
        loss=name, C=1 / (len(y) * alpha), fit_intercept=False, tol=1e-8, max_iter=10**6
    ).fit(X, y)

    def objective(model):
        return loss(2 * y - 1, X @ model.coef_[0]) + alpha / 2 * np.sum(model.coef_**2)

    assert objective(ours) <= objective(theirs) * (1 + (1e-6 if p == 1 else 1e-10))
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-2 if p == 1 else 1e-5)
    assert_array_equal(ours.predict(X[:100]), theirs.predict(X[:100]))
    assert not hasattr(ours, "predict_proba")


def test_modified_huber_of_scikit_learn_s_sgd(cancer):
    X, y = cancer
    ours = LossClassifier("modified_huber_loss", alpha=0.1).fit(X, y)
    theirs = SGDClassifier(
        loss="modified_huber",
        alpha=0.1,
        learning_rate="constant",
        eta0=1e-3,
        average=50 * len(y),
        max_iter=200,
        tol=None,
        random_state=0,
    ).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-2)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=0.02)


# ---------------------------------------------------------------------------------------------
# Linear models
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", SMOOTH, ids=repr)
def test_objective(cancer, loss):
    X, y = cancer
    y = 2 * y - 1

    def objective(theta):
        value, slope = loss.value_and_gradient(y, X @ theta[:-1] + theta[-1])
        gradient = np.append(slope @ X + 1e-2 * theta[:-1], slope.sum())
        return value + 5e-3 * theta[:-1] @ theta[:-1], gradient

    start = np.zeros(X.shape[1] + 1)
    low = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-8})
    model = LossClassifier(loss, alpha=1e-2, tol=1e-9).fit(X, y)
    assert model.loss_curve_[-1] == pytest.approx(low.fun, rel=1e-12)
    assert_allclose(model.coef_[0], low.x[:-1], atol=1e-5)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("loss", MARGINS, ids=repr)
def test_classifiers_of_several_classes_and_labels(iris, loss):
    X, y = iris
    model = LossClassifier(loss, alpha=1e-3).fit(X, y)
    assert model.score(X, y) > 0.9
    raw = model.decision_function(X)
    has_probabilities = not isinstance(loss, sklosses.HingeLoss)
    assert hasattr(model, "predict_proba") == has_probabilities
    if has_probabilities:
        p = loss.predict_proba(raw)
        assert_allclose(model.predict_proba(X), p / p.sum(axis=1, keepdims=True), rtol=1e-12)
    X, y = make_multilabel_classification(80, n_classes=3, random_state=0)
    model = LossClassifier(loss, alpha=1e-2).fit(X, y)
    assert_array_equal(model.predict(X), model.decision_function(X) > 0)
    if has_probabilities:
        assert_allclose(model.predict_proba(X), loss.predict_proba(model.decision_function(X)))


def test_probabilities_where_no_class_is_likely():
    """All classes are then equally likely, as in scikit-learn's SGDClassifier."""
    X, y = np.eye(3), np.arange(3)
    model = LossClassifier("modified_huber_loss").fit(X, y)
    model.coef_, model.intercept_ = np.zeros((3, 3)), np.full(3, -2.0)
    assert_allclose(model.predict_proba(X), np.full((3, 3), 1 / 3))


#: scikit-learn wants each probability of several labels to be above 0.
ZERO = {"check_classifiers_multilabel_output_format_predict_proba": "certain predictions have 0"}


@pytest.mark.parametrize(
    ("loss", "expected"), [*zip(SMOOTH, [None, None, ZERO], strict=True)], ids=repr
)
def test_check_estimator(loss, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(LossClassifier(loss), expected_failed_checks=expected)


def test_samples_of_weight_0_may_overflow():
    """All samples of one class, whose prediction goes to infinity."""
    X = np.random.default_rng(0).normal(size=(12, 2))
    y = np.arange(12) % 2
    model = LossClassifier("exponential_loss", max_iter=100)
    with pytest.warns(ConvergenceWarning):
        model.fit(X, y, sample_weight=y)
    assert_array_equal(model.predict(X), 1)
    assert np.isfinite(model.coef_).all()


# ---------------------------------------------------------------------------------------------
# Scorers
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", MARGINS, ids=repr)
@pytest.mark.parametrize(
    "model",
    [LinearSVC(), AdaBoostClassifier(n_estimators=5), GradientBoostingClassifier(n_estimators=5)],
    ids=repr,
)
def test_scores_of_decisions(iris, loss, model):
    X, names = iris
    scorer = make_loss_scorer(loss)
    model.fit(X, names)
    target = 2.0 * (names[:, None] == model.classes_) - 1
    assert_allclose(scorer(model, X, names), -loss(target, model.decision_function(X)))
    X, names = X[50:], names[50:]
    model.fit(X, names)
    decision = model.decision_function(X)
    expected = -loss(2.0 * (names == "virginica") - 1, decision)
    assert_allclose(scorer(model, X, names), expected)
    assert np.isfinite(cross_val_score(model, X, names, scoring=scorer, cv=3)).all()
    d2 = make_loss_scorer(loss, d2=True)(model, X, names)
    # Both classes are equally frequent, and 0 is a best constant.
    assert_allclose(d2, 1 + expected / loss([1.0], [0.0]))


def test_scores_of_several_outputs():
    X, y = make_multilabel_classification(80, n_classes=3, random_state=0)
    model = RidgeClassifier().fit(X, y)
    for loss in MARGINS:
        expected = -loss(2 * y - 1, model.decision_function(X))
        assert_allclose(make_loss_scorer(loss)(model, X, y), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "worst"),
    [
        ("soft_margin_loss", np.log((1 - EPS) / EPS)),
        ("hinge_loss", np.log((1 - EPS) / EPS)),
        ("exponential_loss", np.log((1 - EPS) / EPS) / 2),
        ("modified_huber_loss", 1 - 2 * EPS),
    ],
)
def test_worst_margins(iris, name, worst):
    """The margin of the probability eps, by the link of the loss."""
    X, names = iris
    model = LinearSVC().fit(X[50:], names[50:])
    loss = get_loss(name)
    scorer = make_loss_scorer(loss, unseen="worst")
    score = scorer(model, X[:1], names[:1])
    assert_allclose(score, -loss([-1.0], [worst]), rtol=1e-9)


# ---------------------------------------------------------------------------------------------


def test_curves_of_all_margins_in_one_figure():
    pytest.importorskip("matplotlib")
    names = ["hinge_loss", "exponential_loss", "modified_huber_loss", "soft_margin_loss"]
    display = LossCurveDisplay.from_loss(names)
    assert display.ax_[0].figure is display.figure_
    assert display.xlabel == "margin"
    assert len(display.curves) == 2 * len(names)


def test_hessians_at_kinks():
    """One of the limits, as the docstrings have it; the hinge itself has ones."""
    y, z = np.ones(3), np.array([-1.0, 1.0, 1.0 + 1e-9])
    total = {"reduction": "sum"}
    squared = sklosses.HingeLoss(p=2).gradient_and_hessian(y, z, **total)
    assert_array_equal(squared, [[-4, 0, 0], [2, 2, 0]])
    huber = sklosses.ModifiedHuberLoss().gradient_and_hessian(y, z, **total)
    assert_array_equal(huber, [[-4, 0, 0], [2, 2, 0]])
    assert_array_equal(sklosses.HingeLoss().gradient_and_hessian(y, z, **total)[1], np.ones(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_predictions(dtype):
    top = np.finfo(dtype).max / 4
    z = np.array([top, -top, 0.0], dtype)
    value, gradient = sklosses.modified_huber_loss(
        np.ones(3), z, reduction="none", return_gradient=True
    )
    assert_allclose(value, [0, 4 * np.float64(top), 1], rtol=1e-6)
    assert_array_equal(gradient, [0, -4, -2])
    value, gradient = sklosses.hinge_loss(np.ones(3), z, reduction="none", return_gradient=True)
    assert_allclose(value, [0, top, 1], rtol=1e-6)
    assert_array_equal(gradient, [0, -1, -1])
