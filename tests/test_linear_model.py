"""Linear models trained by losses, beside scikit-learn's and beside plain minimisation."""

import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    make_multilabel_classification,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import (
    HuberRegressor,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    TweedieRegressor,
)
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator

import sklosses
from sklosses import get_loss, get_loss_names, make_loss_scorer
from sklosses.linear_model import LossClassifier, LossRegressor

BINARY = ["binary_cross_entropy_with_logits", "sigmoid_focal_loss", "soft_margin_loss"]
CLASSES = ["cross_entropy", "softmax_focal_loss"]
MULTILABEL = [*BINARY, "multilabel_soft_margin_loss", "multilabel_margin_loss"]
# Tested in test_margins.py.
MARGINS = ["hinge_loss", "exponential_loss", "modified_huber_loss"]


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X * 20, (y - y.mean()) / y.std()


@pytest.mark.parametrize(
    "estimator",
    [
        LossRegressor(),
        LossClassifier(),
        LossRegressor("mse_loss"),
        LossClassifier("binary_cross_entropy_with_logits"),
        LossClassifier(sklosses.SigmoidFocalLoss(gamma=1.0)),
        LossClassifier("soft_margin_loss"),
        LossClassifier("multilabel_soft_margin_loss"),
    ],
    ids=repr,
)
def test_check_estimator(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_estimator(estimator)


def test_submodule_is_there():
    command = "import sklosses; print(sklosses.linear_model.LossRegressor())"
    found = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert found.stdout == "LossRegressor()\n"
    assert "linear_model" in dir(sklosses)
    with pytest.raises(AttributeError, match="module 'sklosses' has no attribute 'nothing'"):
        sklosses.nothing  # noqa: B018


# ---------------------------------------------------------------------------------------------
# The same as scikit-learn's models
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [1e-1, 1e-3])
@pytest.mark.parametrize("loss", ["cross_entropy", *BINARY[::2]])
def test_binary_logistic_regression(cancer, loss, alpha):
    X, y = cancer
    ours = LossClassifier(loss, alpha=alpha, tol=1e-9).fit(X, y)
    theirs = LogisticRegression(C=1 / (len(y) * alpha), tol=1e-9, max_iter=10_000).fit(X, y)
    assert ours.coef_.shape == (1, X.shape[1])
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-5)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-4)


@pytest.mark.parametrize("fit_intercept", [True, False])
def test_multinomial_logistic_regression(iris, fit_intercept):
    X, y = iris
    names = np.array(["setosa", "versicolor", "virginica"], dtype=object)[y]
    params = {"fit_intercept": fit_intercept}
    ours = LossClassifier(alpha=1e-2, tol=1e-9, **params).fit(X, names)
    theirs = LogisticRegression(C=1 / (len(y) * 1e-2), tol=1e-10, max_iter=10_000, **params)
    theirs.fit(X, names)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-5)
    assert_array_equal(ours.predict(X), theirs.predict(X))
    assert_array_equal(ours.classes_, theirs.classes_)


def test_one_against_the_rest(iris):
    X, y = iris
    # The mean is over samples and classes, so a class has a third of its own objective.
    alpha = 1e-2
    ours = LossClassifier("binary_cross_entropy_with_logits", alpha=alpha, tol=1e-9).fit(X, y)
    theirs = OneVsRestClassifier(
        LogisticRegression(C=1 / (3 * len(y) * alpha), tol=1e-10, max_iter=10_000)
    ).fit(X, y)
    assert_allclose(ours.coef_, np.vstack([model.coef_ for model in theirs.estimators_]), atol=1e-5)
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    assert_array_equal(ours.predict(X), theirs.predict(X))


def test_ridge(diabetes):
    X, y = diabetes
    Y = np.column_stack([y, 3 - 2 * y, y**2])
    alpha = 1e-2
    ours = LossRegressor("mse_loss", alpha=alpha).fit(X, y)
    theirs = Ridge(alpha=alpha * len(y) / 2).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-8)
    assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-8)
    several = LossRegressor("mse_loss", alpha=alpha / 3).fit(X, Y)
    theirs = Ridge(alpha=alpha * len(y) / 2).fit(X, Y)
    assert several.coef_.shape == (3, X.shape[1])
    assert_allclose(several.coef_, theirs.coef_, atol=1e-8)
    assert_allclose(several.predict(X), theirs.predict(X), atol=1e-8)


def test_huber_regressor(diabetes):
    X, y = diabetes
    y = np.where(np.arange(len(y)) % 10 == 0, y + 20, y)
    theirs = HuberRegressor(epsilon=1.5, alpha=1e-3, tol=1e-10, max_iter=10_000).fit(X, y)
    # With its scale s, it has a penalty of alpha |w|^2 beside s times a sum of which the Huber
    # loss of delta = epsilon * s is half of s^2 times each term.
    scale = theirs.scale_
    loss = sklosses.HuberLoss(delta=1.5 * scale)
    ours = LossRegressor(loss, alpha=1e-3 * scale / len(y), tol=1e-10).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-4)


def test_poisson_regressor(diabetes):
    X, y = diabetes
    counts = np.random.default_rng(0).poisson(np.exp(y))
    ours = LossRegressor("poisson_nll_loss", alpha=1e-2, tol=1e-9).fit(X, counts)
    theirs = PoissonRegressor(alpha=1e-2, tol=1e-10, max_iter=10_000).fit(X, counts)
    assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-5)


def test_absolute_error_is_near_the_linear_program(diabetes):
    X, y = diabetes
    ours = LossRegressor("l1_loss", alpha=0).fit(X, y)
    theirs = QuantileRegressor(alpha=0).fit(X, y)
    best = np.abs(y - theirs.predict(X)).mean()
    assert np.abs(y - ours.predict(X)).mean() <= best * 1.005


def plain_minimum(loss, X, y, alpha, n_outputs, n_features, raw_of):
    """Value of the objective by BFGS with differences of nothing but the value."""

    def objective(theta):
        w = theta.reshape(n_outputs, n_features + 1)
        raw = X @ w[:, :-1].T + w[:, -1]
        return loss(y, *raw_of(raw)) + alpha / 2 * np.sum(w[:, :-1] ** 2)

    start = np.zeros(n_outputs * (n_features + 1))
    return minimize(objective, start, method="BFGS", options={"gtol": 1e-7}).fun


@pytest.mark.parametrize("name", [*BINARY, "multilabel_soft_margin_loss", *CLASSES])
def test_objective_of_three_classes(iris, name):
    X, y = iris
    loss = get_loss(name)
    target = y
    if loss.tags.target != "class_index":
        target = np.eye(3)[y]
        target = 2 * target - 1 if loss.tags.target == "sign" else target
    model = LossClassifier(loss, alpha=1e-2).fit(X, y)
    low = plain_minimum(loss, X, target, 1e-2, 3, 4, lambda raw: (raw,))
    assert model.loss_curve_[-1] == pytest.approx(low, rel=1e-6)
    at_end = loss(target, model.decision_function(X)) + 1e-2 / 2 * np.sum(model.coef_**2)
    assert model.loss_curve_[-1] == pytest.approx(at_end, rel=1e-12)
    assert model.n_iter_ == len(model.loss_curve_)
    assert (np.diff(model.loss_curve_) <= 1e-12).all()


@pytest.mark.parametrize("p", [1, 2])
def test_margins_of_classes(iris, p):
    X, y = iris
    loss = sklosses.MultiMarginLoss(p=p)
    model = LossClassifier(loss, alpha=1e-2).fit(X, y)
    raw = model.decision_function(X)
    assert model.loss_curve_[-1] == pytest.approx(
        loss(y, raw) + 0.005 * np.sum(model.coef_**2), rel=1e-6
    )
    assert model.score(X, y) > 0.9
    assert not hasattr(model, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba"):
        model.predict_proba(X)


def test_mean_and_variance():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 3))
    mean, std = X @ [1.0, -2.0, 0.0] + 3, np.exp(X @ [0.0, 0.3, -0.5])
    y = mean + std * rng.normal(size=4000)
    loss = sklosses.GaussianNLLLoss()
    model = LossRegressor(loss, alpha=0, tol=1e-8).fit(X, y)
    y_pred, y_std = model.predict(X, return_std=True)
    assert_array_equal(y_pred, model.predict(X))
    assert_allclose(model.coef_, [1, -2, 0], atol=0.1)
    assert_allclose(model.log_variance_coef_, [0, 0.6, -1], atol=0.1)
    assert_allclose(y_std, std, rtol=0.3)
    assert model.loss_curve_[-1] == pytest.approx(loss(y, y_pred, y_std**2))

    def objective(theta):
        raw = X @ theta[:6].reshape(2, 3).T + theta[6:]
        return loss(y, raw[:, 0], np.exp(raw[:, 1]))

    low = minimize(objective, np.zeros(8), method="BFGS").fun
    assert model.loss_curve_[-1] == pytest.approx(low, rel=1e-5)
    several = LossRegressor(loss).fit(X, np.column_stack([y, 2 * y]))
    pair = several.predict(X, return_std=True)
    assert_allclose(pair[0][:, 1], 2 * pair[0][:, 0], rtol=1e-2, atol=1e-2)
    assert_allclose(pair[1][:, 1], 2 * pair[1][:, 0], rtol=1e-2)
    with pytest.raises(ValueError, match="return_std=True needs a loss that predicts a variance"):
        LossRegressor().fit(X, y).predict(X, return_std=True)


# ---------------------------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_features", [5, 300])
@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_sparse_is_dense(form, n_features):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, n_features)) * (rng.random((200, n_features)) < 0.2)
    X[:, 0] += 10  # a mean that is far from 0
    y = X[:, 1] + rng.normal(size=200)
    for model, target in ((LossRegressor(alpha=0.1), y), (LossClassifier(alpha=0.1), y > 0)):
        dense = clone(model).fit(X, target)
        found = clone(model).fit(form(X), target)
        assert_allclose(found.coef_, dense.coef_, atol=1e-5)
        assert_allclose(found.predict(form(X)), dense.predict(X), atol=1e-4)


@pytest.mark.parametrize("layout", ["C", "F", "strided", "reversed", "read-only"])
def test_layouts(diabetes, layout):
    X, y = diabetes
    base = LossRegressor("mse_loss").fit(X, y)
    if layout == "strided":
        X = np.repeat(X, 2, axis=1)[:, ::2]
    elif layout == "reversed":
        X = np.ascontiguousarray(X[::-1])[::-1]
    elif layout == "read-only":
        X = X.copy()
        X.flags.writeable = False
    else:
        X = np.array(X, order=layout)
    assert_allclose(LossRegressor("mse_loss").fit(X, y).coef_, base.coef_, rtol=1e-8)


@pytest.mark.parametrize("make", [LossRegressor, LossClassifier])
def test_single_precision(make):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, 20))
    y = X[:, 0] + rng.normal(size=len(X))
    y = y > 0 if make is LossClassifier else y
    double = make(alpha=1e-3).fit(X, y)
    single = make(alpha=1e-3).fit(X.astype(np.float32), y)
    assert single.coef_.dtype == single.intercept_.dtype == np.float32
    assert_allclose(single.coef_, double.coef_, atol=2e-4)
    assert single.n_iter_ < 30


def test_weights_of_samples_and_classes(cancer):
    X, y = cancer
    names = np.where(y == 1, "benign", "malignant")  # of the labels 0 and 1 in another order
    weight = np.random.default_rng(0).integers(0, 4, len(y))
    repeated = LossClassifier(alpha=1e-2).fit(
        np.repeat(X, weight, axis=0), np.repeat(names, weight)
    )
    weighted = LossClassifier(alpha=1e-2).fit(X, names, sample_weight=weight)
    assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-6, atol=1e-8)

    def by_sample(weights):
        return LossClassifier(alpha=1e-2).fit(X, names, sample_weight=weights).coef_

    expected = by_sample(np.where(names == "benign", 1.0, 3.0))
    for class_weight in ({"malignant": 3.0}, [1.0, 3.0], {"benign": 1.0, "malignant": 3.0}):
        found = LossClassifier(alpha=1e-2, class_weight=class_weight).fit(X, names)
        assert_allclose(found.coef_, expected, rtol=1e-6)
    loss = sklosses.CrossEntropyLoss(class_weight={"malignant": 3.0})
    assert_allclose(LossClassifier(loss, alpha=1e-2).fit(X, names).coef_, expected, rtol=1e-5)
    counts = [np.mean(names == name) for name in ("benign", "malignant")]
    expected = by_sample(np.where(names == "benign", 1 / counts[0], 1 / counts[1]))
    found = LossClassifier(alpha=1e-2, class_weight="balanced").fit(X, names)
    assert_allclose(found.coef_, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "labels", [["no", "yes"], [False, True], [-1.0, 3.0], np.array(["b", "a"], dtype=object)]
)
def test_labels_of_any_type(cancer, labels):
    X, y = cancer
    y = np.asarray(labels)[y]
    for loss in ("cross_entropy", *BINARY, "multi_margin_loss", "multilabel_margin_loss"):
        model = LossClassifier(loss, alpha=1e-2).fit(X, y)
        assert_array_equal(model.classes_, np.unique(y))
        assert model.score(X, y) > 0.95
        assert model.decision_function(X).shape == (len(y),)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("loss", MULTILABEL)
def test_several_labels(loss):
    X, y = make_multilabel_classification(300, 10, n_classes=4, random_state=0)
    X = StandardScaler().fit_transform(X)
    model = LossClassifier(loss, alpha=1e-2)
    found = model.fit(X, y).predict(X)
    assert found.shape == y.shape
    assert np.mean(found == y) > 0.05 + np.maximum(y.mean(axis=0), 1 - y.mean(axis=0)).mean()
    assert_array_equal(model.fit(X, sparse.csr_array(y)).predict(X), found)
    assert_array_equal(model.classes_, np.arange(4))
    if loss != "multilabel_margin_loss":
        assert_allclose(model.predict_proba(X), expit(model.decision_function(X)))
    with pytest.raises(ValueError, match="class_weight requires a single label"):
        clone(model).set_params(class_weight="balanced").fit(X, y)


def test_several_labels_are_models_of_one(cancer):
    X, y = cancer
    both = LossClassifier(BINARY[0], alpha=1e-2, tol=1e-9).fit(X, np.column_stack([y, 1 - y]))
    one = LossClassifier(BINARY[0], alpha=2e-2, tol=1e-9).fit(X, y)
    assert_allclose(both.coef_, np.vstack([one.coef_, -one.coef_]), atol=1e-7)


def test_names_of_features(diabetes):
    X, y = diabetes
    frame = pd.DataFrame(X, columns=[f"f{k}" for k in range(X.shape[1])])
    model = LossRegressor().fit(frame, y)
    assert_array_equal(model.feature_names_in_, frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[frame.columns[::-1]])


def test_units_do_not_matter():
    X, y = load_breast_cancer(return_X_y=True)
    scales = np.geomspace(1e-6, 1e6, X.shape[1])
    raw = LossClassifier("multilabel_soft_margin_loss", alpha=1e-4).fit(X, y)
    assert raw.n_iter_ < 60
    reg = LossRegressor("mse_loss", alpha=0).fit(X, y)
    scaled = LossRegressor("mse_loss", alpha=0).fit(X * scales, y)
    assert scaled.n_iter_ < 10
    assert_allclose(reg.predict(X), scaled.predict(X * scales), atol=1e-6)
    target = 1e8 * load_diabetes().target
    X = load_diabetes().data
    huge = LossRegressor(sklosses.HuberLoss(delta=5e9), alpha=0).fit(X, target)
    usual = LossRegressor(sklosses.HuberLoss(delta=50.0), alpha=0).fit(X, target / 1e8)
    assert_allclose(huge.coef_, 1e8 * usual.coef_, rtol=1e-5)


# ---------------------------------------------------------------------------------------------
# Parameters
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    ["huber_loss", sklosses.HuberLoss, sklosses.HuberLoss(), sklosses.HuberLoss(reduction="sum")],
)
def test_loss_in_any_form(diabetes, loss):
    X, y = diabetes
    model = LossRegressor(loss).fit(X, y)
    assert_array_equal(model.coef_, LossRegressor().fit(X, y).coef_)
    assert model.loss_.reduction == "mean"
    if isinstance(loss, sklosses.Loss):
        assert model.loss_ is not loss
        assert model.loss is loss


# What each model takes, by the tags of the loss: predictions and targets of these kinds.
TAKEN = {
    LossRegressor: (
        {"real", "log_rate", "distribution", "score", "log_hazard"},
        {"real", "relevance", "survival"},
    ),
    LossClassifier: (
        {"logit", "margin", "class_logits", "class_margin"}
        | {"cumulative_logits", "conditional_logits", "latent"},
        {"binary", "sign", "multilabel", "class_index", "class_rank", "class_list"},
    ),
}
# Losses that are known to be taken, and losses that are known to be refused by both.
TRAINED = {
    LossRegressor: {
        "gaussian_nll_loss",
        "huber_loss",
        "l1_loss",
        "mse_loss",
        "poisson_nll_loss",
        "smooth_l1_loss",
    },
    LossClassifier: {
        *MULTILABEL,
        *MARGINS,
        *CLASSES,
        "multi_margin_loss",
        "crammer_singer_loss",
        "corn_loss",
    },
}
REFUSED = {"kl_div", "binary_cross_entropy", "distillation_loss", "sup_con_loss", "ctc_loss"}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("make", TRAINED)
def test_every_loss_is_trained_by_or_refused(iris, make):
    X, y = iris
    responses, targets = TAKEN[make]
    tags = {name: get_loss(name).tags for name in get_loss_names()}
    trained = {k for k, t in tags.items() if t.response in responses and t.target in targets}
    assert TRAINED[make] <= trained
    assert not REFUSED & trained
    for name in tags:
        model = make(name, alpha=1e-2, max_iter=50)
        if name in trained:
            target = {"survival": np.column_stack([X[:, 0], y > 0])}.get(tags[name].target, y)
            groups = {"groups": y % 2} if tags[name].target == "relevance" else {}
            assert model.fit(X, target, **groups).loss_curve_[-1] < np.inf
            continue
        with pytest.raises(ValueError, match=f"{make.__name__} does not support") as refused:
            model.fit(X, y)
        assert all(other in str(refused.value) for other in trained)


def test_unknown_losses(iris):
    X, y = iris
    with pytest.raises(ValueError, match="not a valid loss name"):
        LossRegressor("nothing").fit(X, y)
    with pytest.raises(ValueError, match="does not support PoissonNLLLoss"):
        LossRegressor(sklosses.PoissonNLLLoss(log_input=False)).fit(X, y)


@pytest.mark.parametrize(
    ("loss", "shown"),
    [
        (sklosses.TweedieDeviance(power=1, log_input=False),) * 2,
        (sklosses.PoissonNLLLoss(log_input=False),) * 2,
        (sklosses.NegativeBinomialNLLLoss(alpha=2.0, log_input=False),) * 2,
        (
            sklosses.TweedieDeviance(log_input=False) + sklosses.MSLELoss(),
            sklosses.TweedieDeviance(log_input=False),
        ),
    ],
    ids=repr,
)
def test_losses_of_means_are_pointed_at_their_logarithms(iris, loss, shown):
    X, y = iris
    hint = re.escape(f"Set log_input=True in {shown!r}. Supported losses: cox_ph_loss")
    with pytest.raises(ValueError, match=hint):
        LossRegressor(loss).fit(X, y)
    # For a classifier there is no such parameter.
    with pytest.raises(ValueError, match=r"'real'\. Supported losses"):
        LossClassifier(loss).fit(X, y)


def test_refused():
    X, y = np.eye(4), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match="'alpha' parameter of LossRegressor"):
        LossRegressor(alpha=-1).fit(X, y)
    with pytest.raises(ValueError, match=r"at least 2 classes.* 'a'"):
        LossClassifier().fit(X, ["a"] * 4)
    with pytest.raises(ValueError, match="takes a single label"):
        LossClassifier().fit(X, np.eye(4, dtype=int))
    with pytest.raises(ValueError, match="one label for each sample"):
        LossClassifier("soft_margin_loss").fit(X, np.arange(8).reshape(4, 2))
    with pytest.raises(ValueError, match="Unknown label type"):
        LossClassifier().fit(X, [0.5, 1.5, 2.25, 3.1])
    with pytest.raises(ValueError, match=r"values >= 0 are allowed"):
        LossRegressor("poisson_nll_loss").fit(X, [1.0, -1.0, 0.0, 2.0])
    with pytest.raises(ValueError, match="sample_weight"):
        LossRegressor().fit(X, y, sample_weight=[1, 1, -1, 1])
    with pytest.raises(ValueError, match="'gamma' parameter of SoftmaxFocalLoss"):
        LossClassifier(sklosses.SoftmaxFocalLoss(gamma=-1)).fit(X, y)


def test_losses_of_users(diabetes, iris):
    X, y = diabetes
    log_cosh = sklosses.CustomLoss(
        value=lambda y_true, y_pred: np.logaddexp(y_pred - y_true, y_true - y_pred) - np.log(2),
        gradient=lambda y_true, y_pred: np.tanh(y_pred - y_true),
    )
    both = 0.7 * sklosses.HuberLoss() + 0.3 * sklosses.MSELoss()
    for loss in (log_cosh, both, 2 * sklosses.MSELoss()):
        model = LossRegressor(loss, alpha=1e-2).fit(X, y)
        low = plain_minimum(loss, X, y, 1e-2, 1, X.shape[1], lambda raw: (raw[:, 0],))
        assert model.loss_curve_[-1] == pytest.approx(low, rel=1e-6)
        constant = loss.optimal_constant(y)
        near = [loss(y, np.full(len(y), constant + step)) for step in (-1e-3, 0, 1e-3)]
        assert near[1] == min(near)
    half = 0.5 * sklosses.CrossEntropyLoss() + 0.5 * sklosses.CrossEntropyLoss()
    found = LossClassifier(half, alpha=1e-2).fit(*iris)
    expected = LossClassifier(alpha=1e-2).fit(*iris)
    assert_allclose(found.predict_proba(iris[0]), expected.predict_proba(iris[0]), atol=1e-6)


def test_grid_search_over_the_loss(iris):
    X, y = iris
    search = GridSearchCV(
        LossClassifier(sklosses.SoftmaxFocalLoss(), alpha=1e-3),
        {"loss__gamma": [0, 1, 2]},
        scoring="neg_log_loss",
    ).fit(X, y)
    assert search.best_params_ == {"loss__gamma": 0}
    direct = LossClassifier("cross_entropy", alpha=1e-3).fit(X, y)
    assert_allclose(search.best_estimator_.predict_proba(X), direct.predict_proba(X), atol=1e-5)
    assert log_loss(y, direct.predict_proba(X)) < 0.1


def test_in_pipelines_and_scored_by_losses(cancer):
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), LossClassifier("sigmoid_focal_loss"))
    for scoring in ("roc_auc", make_loss_scorer("sigmoid_focal_loss")):
        assert np.isfinite(cross_val_score(model, X, y, scoring=scoring)).all()
    copy = pickle.loads(pickle.dumps(model.fit(X, y)))
    assert_array_equal(copy.predict_proba(X), model.predict_proba(X))


def test_warm_start(cancer):
    X, y = cancer
    model = LossClassifier(alpha=1e-3, warm_start=True).fit(X, y)
    first, coef = model.n_iter_, model.coef_
    assert model.fit(X, y).n_iter_ == 1
    assert_allclose(model.coef_, coef, rtol=1e-6)
    assert model.set_params(alpha=1.1e-3).fit(X, y).n_iter_ < first
    cold = LossClassifier(alpha=1.1e-3).fit(X, y)
    assert_allclose(model.coef_, cold.coef_, rtol=1e-5)
    model.set_params(fit_intercept=False).fit(X[:, :5], y)
    assert model.intercept_ == 0
    assert model.fit(X, y).coef_.shape == (1, X.shape[1])


def test_progress_and_its_end(cancer, capsys):
    X, y = cancer
    model = LossClassifier(alpha=1e-4, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == model.n_iter_
    assert lines[0].startswith("iteration     1  objective 0.")
    with pytest.warns(
        ConvergenceWarning, match="LossClassifier did not converge. L-BFGS reached max_iter=3"
    ):
        model.set_params(max_iter=3, verbose=0).fit(X, y)
    assert model.n_iter_ == 3
    assert not capsys.readouterr().out


@pytest.mark.filterwarnings("error")
def test_constant_targets_and_features(iris):
    X, _ = iris
    flat = np.column_stack([X, np.ones(len(X)), np.zeros(len(X))])
    model = LossRegressor().fit(flat, np.full(len(X), 7.0))
    assert_allclose(model.predict(flat), 7.0)
    assert model.n_iter_ == 1
    exact = LossRegressor("mse_loss", alpha=0).fit(flat, X[:, 0])
    assert_allclose(exact.predict(flat), X[:, 0], atol=1e-6)


def test_long_steps_do_not_overflow():
    # The best rate at one end is e^400 times that at the other.
    x = np.linspace(0, 1, 50)[:, None]
    y = np.where(x[:, 0] > 0.9, 1e30, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LossRegressor("poisson_nll_loss", alpha=0).fit(x, y)
    assert np.isfinite(model.coef_).all()
    assert np.isfinite(model.loss_curve_).all()


@pytest.mark.parametrize("n_threads", [1, 2])
def test_any_number_of_threads(n_threads):
    X, y = load_digits(return_X_y=True)
    one = LossClassifier(alpha=0.1, n_threads=1).fit(X, y)
    assert_array_equal(LossClassifier(alpha=0.1, n_threads=n_threads).fit(X, y).coef_, one.coef_)
    assert one.score(X, y) > 0.95


# ---------------------------------------------------------------------------------------------
# Data of any offset and scale
# ---------------------------------------------------------------------------------------------


def far_data(kind, fit_intercept=True):
    """Features, the same ones as exact numbers without their means, and a noisy linear target."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    X[:, 1:] += 0.5 * X[:, :-1]
    z = X @ [1.0, -2.0, 0.5, 1.5] + 0.5 * rng.standard_t(3, size=300)
    if kind == "offset 1e9":
        X = X + 1e9
    elif kind == "one offset 1e9":
        X[:, 0] += 1e9
    elif kind == "scale 1e9":
        X = X * 1e9
    elif kind == "scale 1e-9":
        X = X * 1e-9
    elif kind == "nearly collinear":
        X[:, 3] = X[:, 0] + 1e-7 * X[:, 3]
    # The first row is near the others, so the differences are exact.
    centred = (X - X[0]) - (X - X[0]).mean(axis=0) if fit_intercept else X
    return X, centred, z


FAR = ["offset 1e9", "one offset 1e9", "scale 1e9", "scale 1e-9", "nearly collinear"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("target_scale", [1e-6, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("kind", FAR)
def test_least_squares_of_any_offset_and_scale(kind, target_scale, weighted):
    X, centred, z = far_data(kind)
    y = target_scale * (3 + z)
    weight = np.random.default_rng(1).uniform(0, 3, len(y)) if weighted else None
    root = np.sqrt(np.ones(len(y)) if weight is None else weight)[:, None]
    A = np.column_stack([centred / centred.std(axis=0), np.ones(len(y))])
    best = A @ np.linalg.lstsq(root * A, root[:, 0] * y, rcond=None)[0]
    model = LossRegressor("mse_loss", alpha=0).fit(X, y, sample_weight=weight)
    # The coefficients are rounded, and the products with features of 1e9 are.
    assert_allclose(model.predict(X), best, atol=3e-6 * target_scale)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["huber_loss", "smooth_l1_loss", "poisson_nll_loss", "logistic"])
@pytest.mark.parametrize("kind", FAR)
def test_fits_of_any_offset_and_scale(kind, name):
    """The same predictions as on standardised features, where no digits are lost."""
    X, centred, z = far_data(kind)
    plain = centred / centred.std(axis=0)
    if kind == "nearly collinear":  # the same plane of features
        plain[:, 3] = ((X[:, 3] - X[:, 0]) * 1e7 - 1e7 * np.mean(X[:, 3] - X[:, 0])) / 2
    y = {"poisson_nll_loss": np.floor(np.exp(z / 2)), "logistic": z > 0.5}.get(name, z)
    make = LossRegressor
    if name == "logistic":
        make, name = LossClassifier, "cross_entropy"
        y = (z + np.random.default_rng(2).logistic(size=len(z)) * 2 > 0).astype(int)
    with warnings.catch_warnings():
        if kind == "nearly collinear":
            # Coefficients of 1e7 cancel. Whether a line search gets past the rounding of their
            # products depends on the kernel of BLAS; the minimum has been found either way.
            warnings.simplefilter("ignore", ConvergenceWarning)
        model = make(name, alpha=0).fit(X, y)
    expected = make(name, alpha=0, tol=1e-9).fit(plain, y)
    assert_allclose(model.loss_curve_[-1], expected.loss_curve_[-1], rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("loss", ["huber_loss", "gaussian_nll_loss", "mse_loss"])
@pytest.mark.parametrize("target_scale", [1e-6, 1e6, 1e9])
def test_targets_of_any_scale(diabetes, target_scale, loss):
    X, y = diabetes
    if loss == "gaussian_nll_loss":
        losses = sklosses.GaussianNLLLoss(eps=1e-30), sklosses.GaussianNLLLoss(eps=1e-30)
    elif loss == "huber_loss":
        losses = sklosses.HuberLoss(delta=0.5), sklosses.HuberLoss(delta=0.5 * target_scale)
    else:
        losses = loss, loss
    usual, scaled = (
        LossRegressor(loss, alpha=0, tol=1e-8).fit(X, y * scale)
        for loss, scale in zip(losses, (1.0, target_scale), strict=True)
    )
    assert_allclose(scaled.predict(X) / target_scale, usual.predict(X), rtol=1e-4, atol=1e-5)


@pytest.mark.filterwarnings("error")
def test_default_huber_loss_of_large_targets(diabetes):
    """The loss is linear nearly everywhere then, which is not a quadratic loss."""
    X, y = diabetes
    model = LossRegressor("huber_loss", alpha=0).fit(X, 1e6 * y)
    theirs = QuantileRegressor(alpha=0).fit(X, y)
    best = 1e6 * np.abs(y - theirs.predict(X)).mean()
    assert np.abs(1e6 * y - model.predict(X)).mean() == pytest.approx(best, rel=1e-6)


@pytest.mark.filterwarnings("error")
def test_offsets_in_single_precision():
    X, _, z = far_data("none")
    X = (X + 1000).astype(np.float32)
    single = LossRegressor("mse_loss", alpha=0).fit(X, z.astype(np.float32))
    double = LossRegressor("mse_loss", alpha=0).fit(X.astype(np.float64), z)
    # A rounding of a product with a feature of 1000 is 6e-5.
    assert_allclose(single.predict(X), double.predict(X), atol=1e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array])
def test_offsets_of_sparse_features(form):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4)) * (rng.random((300, 4)) < 0.5)
    X[:, 0] = 1e9 + rng.normal(size=300)
    y = X[:, 1] + X[:, 0] - 1e9 + rng.normal(size=300)
    dense = LossRegressor().fit(X, y)
    found = LossRegressor().fit(form(X), y)
    assert_allclose(found.coef_, dense.coef_, rtol=1e-5, atol=1e-7)
    assert found.loss_curve_[-1] == pytest.approx(dense.loss_curve_[-1], rel=1e-10)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("constant", [0.1, 1e9 / 3])
def test_constant_features_of_any_size(constant):
    X, _, z = far_data("none")
    flat = np.column_stack([X, np.full(len(X), constant)])
    for loss in ("mse_loss", "huber_loss"):
        model = LossRegressor(loss, alpha=0).fit(flat, z)
        assert model.coef_[-1] == 0
        assert_allclose(model.coef_[:-1], LossRegressor(loss, alpha=0).fit(X, z).coef_, rtol=1e-6)


# ---------------------------------------------------------------------------------------------
# Warnings of fits that did not converge
# ---------------------------------------------------------------------------------------------


def convergence_warning(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    (caught,) = (item for item in caught if item.category is ConvergenceWarning)
    assert caught.filename == __file__
    return str(caught.message)


@pytest.mark.parametrize("model", [LossRegressor("poisson_nll_loss"), LossClassifier()])
def test_warning_of_too_few_iterations(cancer, model):
    X, y = cancer
    model.set_params(max_iter=1)
    message = convergence_warning(lambda: model.fit(X, y))
    assert message.startswith(
        f"{type(model).__name__} did not converge. L-BFGS reached max_iter=1. "
    )
    assert "Increase max_iter or tol" in message


def test_warning_of_a_failed_line_search():
    """Single precision has no digits for features that are collinear but for 1e-6."""
    X, _, z = far_data("none")
    X[:, 3] = X[:, 0] + 1e-6 * X[:, 3]
    y = np.exp(5 * z)  # nearly all of the objective is that of a few samples
    X, y = X.astype(np.float32), y.astype(np.float32)
    message = convergence_warning(lambda: LossRegressor("poisson_nll_loss", alpha=0).fit(X, y))
    assert message.startswith("LossRegressor did not converge. L-BFGS stopped after ")
    assert " iterations: the line search found no lower point. " in message
    assert "Increase max_iter" not in message


def test_several_quantiles_are_fitted_together(diabetes):
    X, y = diabetes
    quantiles = [0.1, 0.5, 0.9]
    loss = sklosses.QuantileLoss(quantile=quantiles)
    reg = LossRegressor(loss, alpha=0, tol=1e-9).fit(X, y)
    assert reg.coef_.shape == (3, X.shape[1])
    assert reg.intercept_.shape == (3,)
    prediction = reg.predict(X)
    assert prediction.shape == (len(y), 3)
    least = [
        sklosses.quantile_loss(
            y, QuantileRegressor(quantile=q, alpha=0).fit(X, y).predict(X), quantile=q
        )
        for q in quantiles
    ]
    assert 1 - 1e-9 <= loss(y, prediction) / np.mean(least) < 1.001
    # The share of the targets below each prediction.
    assert_allclose((y[:, np.newaxis] < prediction).mean(axis=0), quantiles, atol=0.02)
    several = LossRegressor(loss, alpha=0, tol=1e-9).fit(X, np.column_stack([y, -y]))
    assert several.coef_.shape == (2, 3, X.shape[1])
    assert several.predict(X[:5]).shape == (5, 2, 3)
    assert_allclose(several.predict(X)[:, 0], prediction, atol=0.02 * np.std(y))


def score_by_its_loss(estimator, X, y):
    return sklosses.make_loss_scorer(estimator.loss)(estimator, X, y)


@pytest.mark.parametrize("quantile", [[0.3], [0.1, 0.9]])
@pytest.mark.parametrize("n_targets", [None, 1, 2])
def test_axis_of_quantiles(diabetes, quantile, n_targets):
    """A sequence of one quantile is one, too: its axis stays."""
    X, y = diabetes
    d = X.shape[1]
    if n_targets is not None:
        y = np.column_stack([y, -y])[:, :n_targets]
    loss = sklosses.QuantileLoss(quantile=quantile)
    reg = LossRegressor(loss, alpha=0, tol=1e-9).fit(X, y)
    assert reg.coef_.shape == (*y.shape[1:], len(quantile), d)
    assert reg.intercept_.shape == (*y.shape[1:], len(quantile))
    assert reg.predict(X).shape == (*y.shape, len(quantile))
    scorer = sklosses.make_loss_scorer(loss)
    assert scorer(reg, X, y) == pytest.approx(-loss(y, reg.predict(X)), rel=1e-12)
    explained = sklosses.make_loss_scorer(loss, d2=True)(reg, X, y)
    best = np.broadcast_to(loss.optimal_constant(y), reg.predict(X).shape)
    assert explained == pytest.approx(1 - loss(y, reg.predict(X)) / loss(y, best), rel=1e-9)
    if quantile == [0.3]:
        number = LossRegressor(sklosses.QuantileLoss(quantile=0.3), alpha=0, tol=1e-9).fit(X, y)
        assert_allclose(reg.predict(X)[..., 0], number.predict(X), atol=1e-6 * np.std(y))


def test_search_of_lists_of_quantiles(diabetes):
    X, y = diabetes
    search = GridSearchCV(
        LossRegressor("quantile_loss", alpha=0),
        {"loss__quantile": [[0.5], [0.1, 0.9]]},
        scoring=score_by_its_loss,
        cv=3,
    ).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_params_ == {"loss__quantile": [0.1, 0.9]}
    search.set_params(param_grid={"loss__quantile": [[0.5]]}, scoring=None).fit(X, y)
    assert search.best_estimator_.predict(X).shape == (len(y), 1)
    assert 0.4 < search.best_score_ < 0.6


def test_one_quantile_reaches_the_minimum(diabetes):
    X, y = diabetes
    for q, alpha in ((0.2, 0.0), (0.5, 0.01)):
        ours = LossRegressor("quantile_loss", alpha=alpha, tol=1e-9)
        ours.set_params(loss__quantile=q).fit(X, y)
        found = ours.loss_curve_[-1]
        at = ours.coef_, ours.intercept_
        value = sklosses.quantile_loss(y, X @ at[0] + at[1], quantile=q)
        assert_allclose(found, value + alpha / 2 * at[0] @ at[0], rtol=1e-9)
        if alpha == 0:
            exact = QuantileRegressor(quantile=q, alpha=0).fit(X, y).predict(X)
            assert value / sklosses.quantile_loss(y, exact, quantile=q) < 1.001


def test_tweedie_equals_scikit_learn(diabetes):
    X, y = diabetes
    y = y - y.min() + 0.5
    for power in (0, 1, 1.5, 2, 3):
        ours = LossRegressor(sklosses.TweedieDeviance(power=power), alpha=2e-3, tol=1e-8).fit(X, y)
        theirs = TweedieRegressor(power=power, alpha=1e-3, link="log", tol=1e-9, max_iter=10_000)
        theirs.fit(X, y)
        assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)


def test_crps_learns_means_and_variances():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 2))
    y = X @ [1.0, -2.0] + np.exp(0.5 * X[:, 0]) * rng.normal(size=4000)
    reg = LossRegressor("crps_gaussian_loss", alpha=0).fit(X, y)
    mean, std = reg.predict(X, return_std=True)
    assert_allclose(reg.coef_, [1, -2], atol=0.1)
    assert_allclose(reg.log_variance_coef_, [1, 0], atol=0.15)
    assert_allclose(sklosses.crps_gaussian_loss(y, mean, std**2), reg.loss_curve_[-1], rtol=1e-6)
    # Targets that the model can predict exactly: the variance vanishes, and stays positive.
    exact = LossRegressor("crps_gaussian_loss", alpha=0, max_iter=50).fit(X, X @ [1.0, -2.0])
    assert np.all(np.isfinite(exact.predict(X, return_std=True)[1]))


def test_crammer_singer_where_all_classes_tie_at_first(diabetes):
    X, y = diabetes
    X = StandardScaler().fit_transform(X)
    labels = np.digitize(y, np.quantile(y, [0.2, 0.5, 0.9]))
    alpha = 1e-2
    ours = LossClassifier("crammer_singer_loss", alpha=alpha, fit_intercept=False).fit(X, labels)
    theirs = LinearSVC(
        multi_class="crammer_singer",
        C=1 / (len(y) * alpha),
        fit_intercept=False,
        max_iter=100_000,
    ).fit(X, labels)

    def objective(coef):
        return sklosses.crammer_singer_loss(labels, X @ coef.T) + alpha / 2 * np.sum(coef**2)

    assert objective(ours.coef_) < objective(theirs.coef_) * (1 + 1e-5)


def kinked_data(n_classes=0):
    rng = np.random.default_rng(n_classes)
    if n_classes:
        y = rng.integers(0, n_classes, 60)
        return y, rng.integers(0, 3, (60, n_classes)) + 0.1 * rng.normal(size=(60, n_classes))
    return rng.choice([-1.0, 1.0], 200), rng.normal(size=200) + rng.choice([-1.0, 0.0, 1.0], 200)


@pytest.mark.parametrize("width", [1.0, 0.1, 1e-6])
@pytest.mark.parametrize(
    ("loss", "n_classes", "most"),
    [
        (sklosses.L1Loss(), 0, 0.5),
        (sklosses.SmoothL1Loss(beta=0), 0, 0.5),
        (sklosses.QuantileLoss(quantile=0.3), 0, 0.5 * 0.7),
        (sklosses.HingeLoss(margin=0.5), 0, 0.5),
        (sklosses.CrammerSingerLoss(margin=0.7), 4, np.log(4)),
        (sklosses.CrammerSingerLoss(margin=0.7), 300, np.log(300)),
    ],
)
def test_smooth_losses_are_close_to_those_with_kinks(loss, n_classes, most, width):
    arrays = kinked_data(n_classes)
    smooth = loss._smoothed(width)
    assert smooth._smoothed(width) is None
    difference = smooth(*arrays, reduction="none") - loss(*arrays, reduction="none")
    assert np.abs(difference).max() <= most * width * (1 + 1e-9)
    # As float32, and with derivatives that are those of the value and of the gradient.
    y, raw = arrays
    gradient, hessian = smooth.gradient_and_hessian(y, raw, reduction="sum")
    single = smooth.gradient(y, raw.astype(np.float32), reduction="sum")
    if width > 1e-3:
        assert_allclose(single, gradient, atol=1e-4)
        step = 1e-6 * width
        flat = raw.reshape(len(raw), -1)
        moved = flat.copy()
        moved[:, 0] += step
        moved = moved.reshape(raw.shape)
        slope = (smooth(y, moved, reduction="none") - smooth(y, raw, reduction="none")) / step
        assert_allclose(slope, gradient.reshape(flat.shape)[:, 0], atol=1e-4)
        after = smooth.gradient(y, moved, reduction="sum").reshape(flat.shape)
        slope = (after - gradient.reshape(flat.shape))[:, 0] / step
        error = np.abs(slope - hessian.reshape(flat.shape)[:, 0])
        # Next to where two pieces meet the slope is between the two.
        assert np.mean(error > 1e-3 / width) < 0.02
