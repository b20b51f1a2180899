"""Linear models of ordered classes, beside plain minimisation and beside statsmodels."""

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import check_estimator

from sklosses import get_loss, make_loss_scorer
from sklosses.linear_model import LossClassifier

ORDINAL = ["coral_loss", "corn_loss", "cumulative_logit_loss"]
ALPHA = 1e-3


def draw(n_classes, n_samples=600, n_features=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features)) * [1.0, 5.0, 0.2] + [0.0, 2.0, 0.0]
    z = X @ [1.0, -0.3, 4.0] + rng.logistic(size=n_samples)
    return X, np.searchsorted(np.quantile(z, np.linspace(0, 1, n_classes + 1)[1:-1]), z)


def plain_minimum(name, X, y, n_classes, weight=None):
    """The least objective that a general minimiser finds, from 0 and with many iterations."""
    loss, n = get_loss(name), n_classes - 1
    n_rows = n if name == "corn_loss" else 1

    def objective(u):
        coef = u[: n_rows * X.shape[1]].reshape(n_rows, -1)
        free = u[coef.size :]
        if name == "cumulative_logit_loss":
            gaps = np.exp(free[1:])
            raw = (X @ coef[0], np.append(free[:1], free[0] + np.cumsum(gaps)))
        else:
            raw = (X @ coef.T + free,)
        return loss(y, *raw, sample_weight=weight) + ALPHA / 2 * np.sum(coef**2)

    start = np.zeros(n_rows * X.shape[1] + n)
    for _ in range(3):
        start = minimize(objective, start, method="BFGS", options={"gtol": 1e-9}).x
    return objective(start)


@pytest.mark.parametrize("name", ORDINAL)
@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_minimum(name, n_classes, weighted):
    X, y = draw(n_classes)
    weight = np.random.default_rng(1).integers(0, 4, len(y)) * 0.5 if weighted else None
    model = LossClassifier(name, alpha=ALPHA).fit(X, y, weight)
    low = plain_minimum(name, X, y, n_classes, weight)
    assert model.loss_curve_[-1] == pytest.approx(low, rel=1e-8)
    # The objective of the model that is stored.
    raw = X @ model.coef_.T + model.intercept_
    arrays = (raw,)
    if name == "cumulative_logit_loss":
        arrays = (X @ model.coef_[0], model.thresholds_)
        assert (np.diff(model.thresholds_) > 0).all()
        assert_array_equal(model.thresholds_, -model.intercept_)
    assert model.coef_.shape == ((n_classes - 1 if name == "corn_loss" else 1), 3)
    assert model.intercept_.shape == (n_classes - 1,)
    value = get_loss(name)(y, *arrays, sample_weight=weight)
    assert value + ALPHA / 2 * np.sum(model.coef_**2) == pytest.approx(low, rel=1e-8)


@pytest.mark.parametrize("name", ORDINAL)
@pytest.mark.parametrize("n_classes", [2, 3, 6])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_predictions(name, n_classes, dtype):
    X, y = draw(n_classes)
    X = X.astype(dtype)
    labels = np.array(list("abcdef"))[y]
    model = LossClassifier(name).fit(X, labels)
    assert_array_equal(model.classes_, np.unique(labels))
    far = np.vstack([X, 1e3 * X])
    probability = model.predict_proba(far)
    assert probability.shape == (len(far), n_classes)
    assert probability.dtype == dtype
    assert (probability >= 0).all()
    assert_allclose(probability.sum(axis=1), 1, rtol=8 * np.finfo(dtype).eps)
    decision = model.decision_function(far)
    if n_classes == 2:
        assert decision.shape == (len(far),)
        predicted = (decision > 0).astype(int)
    else:
        assert decision.shape == probability.shape
        assert np.isfinite(decision).all()
        assert_allclose(np.exp(decision), probability, rtol=1e-5, atol=1e-30)
        predicted = decision.argmax(axis=1)
    assert_array_equal(model.predict(far), model.classes_[predicted])
    assert model.score(X, labels) > 1.5 / n_classes
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("name", ORDINAL)
def test_two_classes_are_logistic_regression(name):
    X, y = draw(2)
    model = LossClassifier(name, alpha=ALPHA, tol=1e-9).fit(X, y)
    other = LogisticRegression(C=1 / (len(y) * ALPHA), tol=1e-9, max_iter=10_000).fit(X, y)
    assert_allclose(model.coef_, other.coef_, rtol=1e-4)
    assert_allclose(model.intercept_, other.intercept_, rtol=1e-4, atol=1e-4)
    assert_allclose(model.predict_proba(X), other.predict_proba(X), rtol=1e-3)


@pytest.mark.parametrize("name", ORDINAL)
def test_sparse_and_weighted_data(name):
    X, y = draw(4)
    X[np.random.default_rng(0).random(X.shape) < 0.5] = 0
    model = LossClassifier(name, tol=1e-9)
    dense = model.fit(X, y).predict_proba(X)
    for convert in sparse.csr_array, sparse.csc_array:
        given = convert(X)
        assert_allclose(clone(model).fit(given, y).predict_proba(given), dense, atol=1e-6)
    weight = np.random.default_rng(1).integers(0, 3, len(y))
    weighted = clone(model).fit(X, y, weight)
    repeated = clone(model).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-6)
    by_class = clone(model).set_params(class_weight={0: 2.0, 3: 0.5}).fit(X, y)
    same = clone(model).fit(X, y, np.array([2.0, 1.0, 1.0, 0.5])[y])
    assert_allclose(by_class.predict_proba(X), same.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("name", ORDINAL)
def test_warm_start_and_search(name):
    X, y = draw(4)
    model = LossClassifier(name, warm_start=True).fit(X, y)
    before = model.coef_.copy()
    model.fit(X, y)
    assert model.n_iter_ <= 2
    assert_allclose(model.coef_, before, rtol=1e-4)
    search = GridSearchCV(
        LossClassifier(name), {"alpha": [1e-4, 1e3]}, scoring=make_loss_scorer(name), cv=3
    )
    assert search.fit(X, y).best_params_ == {"alpha": 1e-4}
    assert search.score(X, y) == pytest.approx(
        make_loss_scorer(name)(search.best_estimator_, X, y), rel=1e-12
    )


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", ORDINAL)
@pytest.mark.parametrize("empty", [0, 1, 3])
def test_classes_without_weight(name, empty):
    """The thresholds around such a class become equal."""
    X, y = draw(4)
    weight = np.where(y == empty, 0.0, 1.0)
    model = LossClassifier(name).fit(X, y, weight)
    probability = model.predict_proba(X)
    assert_allclose(probability.sum(axis=1), 1)
    assert probability[:, empty].max() < 1e-3


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("n_classes", "empty"), [(3, [1]), (4, [2]), (4, [1, 2]), (6, [1, 4]), (5, [0, 2]), (5, [0, 1])]
)
def test_model_of_the_classes_with_weight(n_classes, empty, dtype):
    """Whichever way the others have no weight, or as good as none."""
    X, y = draw(n_classes)
    X = X.astype(dtype)
    is_empty = np.isin(y, empty)
    rest, labels = np.unique(y[~is_empty], return_inverse=True)
    model = LossClassifier("cumulative_logit_loss", alpha=ALPHA)
    other = clone(model).fit(X[~is_empty], labels)
    # Between two classes that remain there are several thresholds, next to each other.
    between = np.searchsorted(np.arange(n_classes - 1) + 0.5, rest)
    by_class = {"class_weight": dict.fromkeys(empty, 0.0)}
    for params, weight in (({}, 1.0 * ~is_empty), (by_class, None), ({}, 1e-14 + ~is_empty)):
        fitted = clone(model).set_params(**params).fit(X, y, weight)
        tolerance = 1e-6 if dtype == np.float64 else 1e-4
        assert_allclose(fitted.coef_, other.coef_, rtol=tolerance, atol=tolerance)
        assert (np.diff(fitted.thresholds_) > 0).all()
        assert_array_equal(fitted.thresholds_, -fitted.intercept_)
        for k, threshold in enumerate(other.thresholds_):
            group = fitted.thresholds_[between[k] : between[k + 1]]
            assert_allclose(group, threshold, rtol=tolerance, atol=tolerance)
        probability = fitted.predict_proba(X)
        assert probability[:, empty].max() < tolerance
        assert_allclose(probability[:, rest], other.predict_proba(X), atol=10 * tolerance)


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("rare", [[1], [1, 2], [0], [0, 1], [3]])
@pytest.mark.parametrize("share", [1e-3, 1e-6])
def test_rare_classes(rare, share):
    X, y = draw(4)
    weight = np.where(np.isin(y, rare), share, 1.0)
    tol = 1e-8
    model = LossClassifier("cumulative_logit_loss", alpha=ALPHA, tol=tol).fit(X, y, weight)
    # At the minimum no class is more or less probable than it is frequent.
    probability = model.predict_proba(X)
    expected = np.bincount(y, weight) / weight.sum()
    loss = get_loss("cumulative_logit_loss")
    arrays = y, X @ model.coef_[0], model.thresholds_
    by_prediction, by_threshold = loss.gradient(*arrays, sample_weight=weight)
    sizes = np.minimum(expected[:-1], expected[1:])
    # Each threshold also moves the frequent class beside it, whose gradient is up to tol.
    assert (np.abs(by_threshold) < 1e-3 * sizes + tol).all()
    assert_allclose(by_prediction @ X + ALPHA * model.coef_[0], 0, atol=1e-6)
    assert_allclose(weight @ probability / weight.sum(), expected, rtol=0.1)


def test_many_classes_take_few_iterations():
    X, y = draw(20, n_samples=2000)
    assert LossClassifier("cumulative_logit_loss").fit(X, y).n_iter_ < 30


@pytest.mark.parametrize("name", ORDINAL)
def test_thresholds_are_fitted_without_an_intercept(name):
    X, y = draw(4)
    model = LossClassifier(name, fit_intercept=False).fit(X, y)
    assert model.predict_proba(X).shape == (len(y), 4)
    assert (model.intercept_ == 0).all() == (name == "corn_loss")


@pytest.mark.parametrize("name", ORDINAL)
def test_refused(name):
    X, y = draw(3)
    with pytest.raises(ValueError, match="takes a single label for each sample"):
        LossClassifier(name).fit(X, np.eye(3, dtype=int)[y])
    with pytest.raises(ValueError, match="only one class"):
        LossClassifier(name).fit(X, np.zeros(len(y)))


def test_ordered_model_of_statsmodels():
    ordinal = pytest.importorskip("statsmodels.miscmodels.ordinal_model")

    X, y = draw(5)
    model = LossClassifier("cumulative_logit_loss", alpha=0, tol=1e-9).fit(X, y)
    peer = ordinal.OrderedModel(y, X, distr="logit")
    fitted = peer.fit(method="bfgs", disp=False, gtol=1e-9, maxiter=1000)
    assert_allclose(model.coef_[0], fitted.params[:3], rtol=1e-4)
    thresholds = peer.transform_threshold_params(fitted.params)[1:-1]
    assert_allclose(model.thresholds_, thresholds, rtol=1e-4, atol=1e-4)
    assert_allclose(model.predict_proba(X), fitted.predict(X), rtol=1e-3)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", ORDINAL)
def test_scikit_learn_s_checks(name):
    check_estimator(LossClassifier(name))


@pytest.mark.parametrize("loss", ["cross_entropy", "hinge_loss", "coral_loss"])
def test_frames_are_checked_once(loss):
    X, y = load_iris(return_X_y=True, as_frame=True)
    clf = LossClassifier(loss).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("predict", "decision_function", "predict_proba"):
            if hasattr(clf, name):
                assert len(getattr(clf, name)(X)) == len(X)
