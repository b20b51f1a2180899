"""Linear models of losses that compare samples: rankers, and Cox's model of hazards."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import (
    CoxPHLoss,
    LambdaRankLoss,
    ListNetLoss,
    QuantileLoss,
    RankNetLoss,
    get_loss,
    make_loss_scorer,
)
from sklosses.linear_model import LossClassifier, LossRegressor

RANKERS = ("ranknet_loss", "lambdarank_loss", "listnet_loss", "listmle_loss")
SMOOTH = ("ranknet_loss", "listnet_loss", "listmle_loss", "cox_ph_loss")
ALL = (*RANKERS, "cox_ph_loss")


def drawn(n=400, n_groups=20, n_features=4, seed=0):
    """Features, relevances, groups, and times and events in two columns."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_features))
    signal = X[:, 0] - 0.5 * X[:, -1]
    relevance = np.clip(np.round(signal + rng.normal(size=n)), -1, 3) + 1
    groups = rng.integers(0, n_groups, n)
    time = np.round(rng.exponential(np.exp(-signal)), 1)
    return X, relevance, groups, np.column_stack([time, rng.random(n) < 0.6])


def fitted(loss, X, relevance, groups, survival, **params):
    """A model of the loss on the data that it takes."""
    model = LossRegressor(loss, **params)
    if get_loss(loss).tags.target == "survival":
        return model.fit(X, survival)
    return model.fit(X, relevance, groups=groups)


# ---------------------------------------------------------------------------------------------
# Cox: the same as other packages
# ---------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("error:.*did not converge")
@pytest.mark.parametrize("alpha", [0.0, 0.1])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("scaled", [True, False])
def test_scikit_survival(ties, alpha, scaled):
    """Its penalty is added to the sum over the events."""
    datasets = pytest.importorskip("sksurv.datasets")
    linear_model = pytest.importorskip("sksurv.linear_model")
    data, y = datasets.load_whas500()
    X = data.astype(float)
    if scaled or alpha:
        X = (X - X.mean()) / X.std()
    theirs = linear_model.CoxPHSurvivalAnalysis(
        alpha=alpha * y["fstat"].sum(), ties=ties, tol=1e-12
    )
    theirs.fit(X, y)
    ours = LossRegressor(CoxPHLoss(ties=ties), alpha=alpha, tol=1e-8).fit(X, y)
    assert_allclose(ours.coef_, theirs.coef_, rtol=1e-5, atol=1e-7)
    # Theirs are those of centred features.
    assert np.std(ours.predict(X) - theirs.predict(X)) < 1e-5
    assert ours.intercept_ == 0.0
    assert ours.n_iter_ < 30
    assert ours.feature_names_in_.tolist() == list(data.columns)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("stratified", [False, True])
def test_statsmodels(ties, stratified):
    phreg = pytest.importorskip("statsmodels.duration.hazard_regression")
    X, _, groups, survival = drawn()
    time, event = survival.T
    strata = groups % 3 if stratified else None
    theirs = phreg.PHReg(time, X, event, strata=strata, ties=ties).fit(method="newton", tol=1e-12)
    labels = None if strata is None else np.array(["a", "c", "b"])[strata]
    ours = LossRegressor(CoxPHLoss(ties=ties, strata=labels), alpha=0, tol=1e-9).fit(X, survival)
    assert_allclose(ours.coef_, theirs.params, rtol=1e-6, atol=1e-8)
    assert ours.loss_curve_[-1] * event.sum() == pytest.approx(-theirs.llf, rel=1e-12)


def test_a_baseline_for_each_stratum():
    """A feature that is constant in each stratum does not matter."""
    X, _, groups, survival = drawn()
    wide = np.column_stack([X, 1e6 * np.sin(groups)])
    loss = CoxPHLoss(strata=groups)
    expected = LossRegressor(loss, alpha=0).fit(X, survival)
    found = LossRegressor(loss, alpha=0).fit(wide, survival)
    assert_allclose(found.coef_, [*expected.coef_, 0], rtol=1e-6, atol=1e-9)


def test_forms_of_survival_targets():
    X, _, _, survival = drawn()
    expected = LossRegressor("cox_ph_loss").fit(X, survival).coef_
    time, event = survival[:, 0], survival[:, 1] == 1
    pairs = list(zip(event, time, strict=True))
    frame = pd.DataFrame({"dead": event, "time": time})
    for y in (
        np.array(pairs, [("dead", bool), ("time", float)]),
        frame.to_records(index=False),
        frame,
        frame[["time", "dead"]],
        pd.DataFrame(survival),
        survival.tolist(),
    ):
        assert_array_equal(LossRegressor("cox_ph_loss").fit(X, y).coef_, expected)
    score = make_loss_scorer("cox_ph_loss")(LossRegressor("cox_ph_loss").fit(X, frame), X, frame)
    assert score == -get_loss("cox_ph_loss")(time, event, X @ expected)
    # Times of single precision would have more ties.
    close = np.column_stack([1 + 1e-12 * np.argsort(time), event])
    assert_allclose(
        LossRegressor("cox_ph_loss").fit(X.astype(np.float32), close).coef_,
        LossRegressor("cox_ph_loss").fit(X, close).coef_,
        atol=1e-4,
    )


# ---------------------------------------------------------------------------------------------
# Rankers: the minimum of plain formulas
# ---------------------------------------------------------------------------------------------


def pairs_of(y):
    """Indices of the pairs of which the first row is more relevant."""
    return np.nonzero(y[:, None] > y)


def ranknet(y, s):
    i, j = pairs_of(y)
    return np.logaddexp(0, s[j] - s[i]).mean() if len(i) else 0.0


def listnet(y, s):
    return -softmax(y) @ log_softmax(s) if np.ptp(y) else 0.0


def listmle(y, s):
    s = s[np.argsort(-y, kind="stable")]
    return sum(np.logaddexp.reduce(s[k:]) - s[k] for k in range(len(s))) if np.ptp(y) else 0.0


def delta_ndcg(y, s, k):
    """For each of `pairs_of`, how much NDCG changes if both rows are swapped."""
    rank = np.empty(len(s), int)
    rank[np.argsort(-s, kind="stable")] = np.arange(1, len(s) + 1)
    discount = np.where(rank <= k, 1 / np.log2(1 + rank), 0)
    best = (np.sort(2**y - 1)[::-1][:k] / np.log2(np.arange(2, min(k, len(y)) + 2))).sum()
    i, j = pairs_of(y)
    return (2 ** y[i] - 2 ** y[j]) * np.abs(discount[i] - discount[j]) / best


def minimum(function, X, y, groups, alpha):
    """Coefficients and value of the least mean over the groups, by finite differences."""
    parts = [groups == label for label in np.unique(groups)]

    def objective(coef):
        terms = [function(y[rows], X[rows] @ coef) for rows in parts]
        return np.mean(terms) + alpha / 2 * coef @ coef

    found = minimize(objective, np.zeros(X.shape[1]), jac="3-point", method="BFGS", tol=1e-8)
    return found.x, found.fun


@pytest.mark.parametrize("alpha", [1e-3, 0.1])
@pytest.mark.parametrize("function", [ranknet, listnet, listmle])
def test_minimum_of_rankers(function, alpha):
    X, y, groups, _ = drawn()
    coef, value = minimum(function, X, y, groups, alpha)
    model = LossRegressor(f"{function.__name__}_loss", alpha=alpha, tol=1e-9)
    model.fit(X, y, groups=groups)
    assert_allclose(model.coef_, coef, atol=2e-6)
    assert model.loss_curve_[-1] == pytest.approx(value, rel=1e-10)
    assert_allclose(model.predict(X), X @ model.coef_)
    assert model.coef_.shape == (4,)
    assert model.intercept_ == 0.0


@pytest.mark.parametrize("k", [3, 100])
def test_lambdarank_is_the_minimum_for_its_own_weights(k):
    X, y, groups, _ = drawn()
    model = LossRegressor(LambdaRankLoss(k=k), alpha=1e-3).fit(X, y, groups=groups)
    scores = X @ model.coef_
    weights = {y[rows].tobytes(): delta_ndcg(y[rows], scores[rows], k)
               for rows in (groups == label for label in np.unique(groups))}  # fmt: skip

    def weighted(y, s):
        i, j = pairs_of(y)
        return weights[y.tobytes()] @ np.logaddexp(0, s[j] - s[i])

    coef, value = minimum(weighted, X, y, groups, 1e-3)
    assert_allclose(model.coef_, coef, atol=1e-5)
    assert model.loss_curve_[-1] == pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_relevances_that_are_linear_are_learned_by_listnet(dtype):
    """Its minimum is the entropy of the softmax of the relevances."""
    X, _, groups, _ = drawn()
    weights = np.array([1.0, -0.5, 0.25, 2.0])
    y = X @ weights + 10 * np.cos(groups)
    model = LossRegressor("listnet_loss", alpha=0).fit(X.astype(dtype), y, groups=groups)
    assert_allclose(model.coef_, weights, atol=1e-5 if dtype == np.float64 else 1e-3)
    entropies = [-(p * np.log(p)).sum() for g in range(20) for p in [softmax(y[groups == g])]]
    assert model.loss_curve_[-1] == pytest.approx(np.mean(entropies), rel=1e-6)


@pytest.mark.parametrize("name", RANKERS)
def test_groups_of_any_kind_and_order(name):
    X, y, groups, _ = drawn()
    y += np.random.default_rng(1).uniform(0, 0.5, len(y))  # ties rank in the order of the rows
    expected = LossRegressor(name).fit(X, y, groups=groups)
    names = np.array([f"q{label}" for label in groups])
    for labels in (names, names.astype(object), pd.Series(names), -groups / 3, groups.tolist()):
        model = LossRegressor(name).fit(X, y, groups=labels)
        assert_allclose(model.coef_, expected.coef_, rtol=1e-6)
    order = np.argsort(groups, kind="stable")
    model = LossRegressor(name).fit(X[order], y[order], groups=groups[order])
    assert_allclose(model.coef_, expected.coef_, rtol=1e-6)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


@pytest.mark.parametrize("name", RANKERS)
def test_weights_are_repetitions_of_groups(name):
    X, y, groups, _ = drawn()
    by_group = np.random.default_rng(1).integers(0, 4, 20)
    rows, labels = [], []
    for label, times in enumerate(by_group):
        for time in range(times):
            rows.append(np.flatnonzero(groups == label))
            labels += [(4 * label + time)] * len(rows[-1])
    rows = np.concatenate(rows)
    found = LossRegressor(name, tol=1e-9)
    found.fit(X, y, sample_weight=by_group[groups].astype(float), groups=groups)
    if name == "lambdarank_loss":
        # Its gradient jumps, so it has no exact minimum: there is a gradient of the other fit.
        slopes = [
            get_loss(name).gradient(y[rows], X[rows] @ coef, labels) @ X[rows]
            for coef in (found.coef_, 0 * found.coef_)
        ]
        assert np.linalg.norm(slopes[0]) < 0.02 * np.linalg.norm(slopes[1])
        return
    expected = LossRegressor(name, tol=1e-9).fit(X[rows], y[rows], groups=labels)
    assert_allclose(found.coef_, expected.coef_, rtol=1e-6)
    assert found.loss_curve_[-1] == pytest.approx(expected.loss_curve_[-1], rel=1e-9)


def test_sums_of_losses():
    X, y, groups, survival = drawn()
    both = 0.5 * RankNetLoss() + ListNetLoss()
    coef, _ = minimum(lambda y, s: 0.5 * ranknet(y, s) + listnet(y, s), X, y, groups, 1e-2)
    model = LossRegressor(both, alpha=1e-2, tol=1e-9).fit(X, y, groups=groups)
    assert_allclose(model.coef_, coef, atol=2e-6)
    # A feature that is constant in the strata of one loss matters to the other.
    X = np.column_stack([X, np.cos(groups)])
    sums = CoxPHLoss(strata=groups), CoxPHLoss(strata=groups) + 1e-9 * CoxPHLoss()
    alone, both = (LossRegressor(loss, alpha=0, tol=1e-9).fit(X, survival) for loss in sums)
    assert_allclose(both.coef_[:4], alone.coef_[:4], atol=1e-5)
    assert alone.coef_[4] == 0
    assert abs(both.coef_[4]) > 1e-3


# ---------------------------------------------------------------------------------------------
# Features of all kinds
# ---------------------------------------------------------------------------------------------


def features(kind, X, groups):
    """X with what should not matter."""
    constant = {"constant": np.full(len(X), 1e6 + 0.1), "by group": 1e6 * np.cos(groups)}
    if kind in constant:
        return np.column_stack([X, constant[kind]])
    if kind == "far":
        return X + 1e6 * np.array([1, 0, -1, 1])
    if kind == "far by group":
        return X + 1e6 * np.cos(groups)[:, None]
    return X


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("alpha", [0.0, 1e-3])
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", ["constant", "by group", "far", "far by group"])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array, sparse.csc_matrix])
def test_features_that_are_constant_or_far_from_zero(name, kind, make, alpha):
    X, *rest = drawn()
    loss = CoxPHLoss(strata=rest[1]) if name == "cox_ph_loss" else name
    expected = fitted(loss, X, *rest, alpha=alpha)
    found = fitted(loss, make(features(kind, X, rest[1])), *rest, alpha=alpha)
    assert_allclose(found.coef_[:4], expected.coef_, atol=1e-5)
    assert_allclose(found.coef_[4:], 0, atol=1e-9)
    assert found.n_iter_ < 40


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kind", ["plain", "constant", "by group"])
def test_single_precision(name, kind):
    X, *rest = drawn()
    expected = fitted(name, X, *rest)
    if name == "cox_ph_loss" and kind == "by group":
        kind = "constant"
    single = features(kind, X, rest[1]).astype(np.float32)
    found = fitted(name, single, *rest)
    assert found.coef_.dtype == np.float32
    assert found.predict(single).dtype == np.float32
    assert_allclose(found.coef_[:4], expected.coef_, atol=2e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ALL)
def test_sparse_is_dense(name):
    X, *rest = drawn()
    X[np.random.default_rng(2).random(X.shape) < 0.7] = 0
    expected = fitted(name, X, *rest, tol=1e-8)
    for make in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        found = fitted(name, make(X), *rest, tol=1e-8)
        assert_allclose(found.coef_, expected.coef_, atol=1e-5)
        assert_allclose(found.predict(make(X)), expected.predict(X), atol=1e-5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ALL)
def test_scales_of_features_do_not_matter(name):
    X, *rest = drawn()
    scale = 10.0 ** np.array([-6, 0, 6, 3])
    expected = fitted(name, X, *rest, alpha=0)
    assert_allclose(
        fitted(name, X * scale, *rest, alpha=0).coef_ * scale, expected.coef_, atol=1e-5
    )
    one = fitted(name, X[:, :1], *rest, alpha=0)
    assert one.coef_.shape == (1,)
    assert one.coef_[0] > 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("n_groups", [3, 3000])
def test_few_iterations_for_many_samples(name, n_groups):
    """The curvature is that of some groups."""
    X, y, groups, survival = drawn(12_000 if n_groups == 3000 else 2000, n_groups, 30)
    model = fitted(name, X, y, groups, survival, alpha=1e-3)
    assert model.n_iter_ < 25
    arrays = (*survival.T, X @ model.coef_)
    if name != "cox_ph_loss":
        arrays = y, X @ model.coef_, groups
    gradient = get_loss(name).gradient(*arrays) @ X + 1e-3 * model.coef_
    assert_allclose(gradient, 0, atol=2e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("n", "n_groups"), [(3000, 150), (2000, 4)])
def test_lambdarank_stops_where_its_gradient_jumps(n, n_groups):
    X, y, groups, _ = drawn(n, n_groups)
    loss = get_loss("lambdarank_loss")
    model = LossRegressor(loss, alpha=0).fit(X, y, groups=groups)
    assert model.n_iter_ <= 40
    norms = [
        np.linalg.norm(loss.gradient(y, X @ coef, groups) @ X)
        for coef in (model.coef_, np.zeros(4), 0.95 * model.coef_, 1.05 * model.coef_)
    ]
    assert norms[0] < 0.01 * norms[1]
    assert norms[0] < min(norms[2:])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ALL)
def test_orders_without_exceptions(name):
    """Without a penalty the coefficients would grow for ever."""
    X, _, groups, survival = drawn()
    survival = np.column_stack([-X[:, 0], np.ones(len(X))])
    model = fitted(name, X, np.floor(2 * X[:, 0] + 8), groups, survival, alpha=1e-5)
    assert model.n_iter_ < 100
    assert model.coef_[0] > 20 * np.abs(model.coef_[1:]).max()


@pytest.mark.parametrize("name", ALL)
def test_warm_start_and_max_iter(name):
    X, *rest = drawn()
    model = fitted(name, X, *rest, warm_start=True)
    coef, n_iter = model.coef_, model.n_iter_
    again = (
        model.fit(X, rest[2]) if name == "cox_ph_loss" else model.fit(X, rest[0], groups=rest[1])
    )
    assert again.n_iter_ <= 2 < n_iter
    assert_allclose(again.coef_, coef, atol=1e-6)
    with pytest.warns(ConvergenceWarning, match="max_iter=2"):
        assert fitted(name, X, *rest, max_iter=2).n_iter_ == 2


@pytest.mark.filterwarnings("error")
def test_nothing_to_compare():
    X, _, groups, _ = drawn()
    for y, labels in ((np.ones(400), groups), (np.abs(X[:, 0]), np.arange(400))):
        for name in RANKERS:
            with pytest.raises(ValueError, match="has nothing to rank: no group has rows of diff"):
                LossRegressor(name).fit(X, y, groups=labels)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("name", ALL)
def test_no_intercept(name, fit_intercept):
    X, *rest = drawn()
    model = fitted(name, X, *rest, fit_intercept=fit_intercept)
    assert model.intercept_ == 0.0
    assert_array_equal(model.coef_, fitted(name, X, *rest).coef_)


# ---------------------------------------------------------------------------------------------
# In scikit-learn
# ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("routing")
def test_groups_are_routed():
    X, y, groups, _ = drawn()
    scorer = make_loss_scorer("lambdarank_loss", k=5).set_score_request(groups=True)
    model = LossRegressor("lambdarank_loss").set_fit_request(groups=True)
    pipe = make_pipeline(StandardScaler(), model)
    folds = GroupKFold(3)
    found = cross_validate(pipe, X, y, cv=folds, scoring=scorer, params={"groups": groups})
    expected = []
    for train, test in folds.split(X, y, groups):
        scaler = StandardScaler().fit(X[train])
        fold = LossRegressor("lambdarank_loss")
        fold.fit(scaler.transform(X[train]), y[train], groups=groups[train])
        scores = fold.predict(scaler.transform(X[test]))
        expected.append(-LambdaRankLoss(k=5)(y[test], scores, groups[test]))
    assert_allclose(found["test_score"], expected, rtol=1e-9)
    grid = {"alpha": [1e-4, 100.0], "loss__k": [3, None]}
    search = GridSearchCV(model, grid, scoring=scorer, cv=folds).fit(X, y, groups=groups)
    assert search.best_params_["alpha"] == 1e-4
    assert search.best_estimator_.loss_.k == search.best_params_["loss__k"]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.usefixtures("routing")
def test_groups_that_no_model_asks_for():
    X, relevance, groups, _ = drawn()
    y = X @ [1.0, -2.0, 0.5, 0.0]
    arguments = {"cv": GroupKFold(3), "params": {"groups": groups}}
    found = cross_validate(LossRegressor(), X, y, **arguments)
    expected = cross_val_score(LossRegressor(), X, y, cv=list(GroupKFold(3).split(X, y, groups)))
    assert_allclose(found["test_score"], expected, rtol=1e-12)
    scorer = make_loss_scorer("ranknet_loss").set_score_request(groups=True)
    with pytest.raises(ValueError, match=r"(?s)fits failed.*set_fit_request\(groups=True\)"):
        cross_validate(LossRegressor("ranknet_loss"), X, relevance, scoring=scorer, **arguments)


def test_cox_in_cross_validation():
    X, _, _, survival = drawn()
    y = np.array([(e == 1, t) for t, e in survival], [("event", bool), ("time", float)])
    scorer = make_loss_scorer("cox_ph_loss")
    none = [-get_loss("cox_ph_loss")(*survival[k::3].T, np.zeros(len(X[k::3]))) for k in range(3)]
    folds = [(np.flatnonzero(np.arange(400) % 3 != k), np.arange(k, 400, 3)) for k in range(3)]
    scores = cross_val_score(LossRegressor("cox_ph_loss"), X, y, scoring=scorer, cv=folds)
    assert (scores > none).all()
    grid = {"alpha": [1e-3, 100.0], "loss__ties": ["efron", "breslow"]}
    search = GridSearchCV(LossRegressor("cox_ph_loss"), grid, scoring=scorer).fit(X, y)
    assert search.best_params_["alpha"] == 1e-3


def test_frames():
    X, y, groups, _ = drawn()
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = LossRegressor("ranknet_loss")
    model.fit(frame, pd.Series(y), groups=pd.Series(groups).astype("category"))
    assert model.feature_names_in_.tolist() == list("abcd")
    expected = LossRegressor("ranknet_loss").fit(X, y, groups=groups)
    assert_allclose(model.coef_, expected.coef_, rtol=1e-9)


# ---------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------


def test_groups_that_are_missing_or_not_needed():
    X, y, groups, survival = drawn()
    with pytest.raises(ValueError, match=r"ranks groups\. Pass groups, .*set_fit_request\("):
        LossRegressor("lambdarank_loss").fit(X, y)
    for loss, target in (("mse_loss", y), ("cox_ph_loss", survival)):
        with pytest.raises(ValueError, match="does not rank groups"):
            LossRegressor(loss).fit(X, target, groups=groups)
    for wrong, match in (
        (groups[:-1], r"groups must have shape \(400,\).*\(399,\)"),
        (groups[:, None], r"groups must have shape \(n_samples,\)"),
        (np.where(groups == 3, np.nan, groups), "groups contains NaN"),
        ([None, *groups[1:]], "groups"),
    ):
        with pytest.raises(ValueError, match=match):
            LossRegressor("ranknet_loss").fit(X, y, groups=wrong)


def test_relevances_that_are_refused():
    X, y, groups, _ = drawn()
    with pytest.raises(ValueError, match="1d array"):
        LossRegressor("ranknet_loss").fit(X, np.column_stack([y, y]), groups=groups)
    with pytest.raises(ValueError, match="y contains NaN"):
        LossRegressor("ranknet_loss").fit(X, np.where(y == 1, np.nan, y), groups=groups)
    # Without the hint at swapped arguments that the loss itself would give.
    with pytest.raises(ValueError, match=r"y contains .*Only finite values >= 0 are allowed\.$"):
        LossRegressor("lambdarank_loss").fit(X, y - 3, groups=groups)
    with pytest.raises(ValueError, match="must be the same for all samples of a group"):
        LossRegressor("ranknet_loss").fit(X, y, sample_weight=np.arange(400), groups=groups)
    with pytest.raises(ValueError, match="sample_weight"):
        LossRegressor("ranknet_loss").fit(X, y, sample_weight=np.ones(20), groups=groups)
    with pytest.raises(ValueError, match="LossClassifier does not support RankNetLoss"):
        LossClassifier("ranknet_loss").fit(X, y)


def test_survival_targets_that_are_refused():
    X, _, groups, survival = drawn()
    model = LossRegressor("cox_ph_loss")
    for y in (survival[:, 0], np.column_stack([survival, survival])):
        with pytest.raises(ValueError, match="y must be a structured array"):
            model.fit(X, y)
    with pytest.raises(ValueError, match="y must be array-like"):
        model.fit(X, None)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, survival[:-1])
    with pytest.raises(ValueError, match="does not take sample_weight: each term involves several"):
        model.fit(X, survival, sample_weight=np.ones(400))
    with pytest.raises(ValueError, match="y has no event"):
        model.fit(X, survival * [1, 0])
    with pytest.raises(ValueError, match=r"y \(event\) contains .* Only the values 0 and 1"):
        model.fit(X, survival * [1, 2])
    with pytest.raises(ValueError, match=r"y \(time\) contains NaN"):
        model.fit(X, np.where(survival == survival[7, 0], np.nan, survival))
    with pytest.raises(ValueError, match=r"'strata' parameter of CoxPHLoss must have shape \(400"):
        LossRegressor(CoxPHLoss(strata=groups[:7])).fit(X, survival)
    with pytest.raises(ValueError, match="return_std=True needs a loss"):
        model.fit(X, survival).predict(X, return_std=True)


def test_there_is_no_r2():
    X, y, groups, survival = drawn()
    ranker = LossRegressor("listnet_loss").fit(X, y, groups=groups)
    sentence = r"has no R\^2: .*make_loss_scorer\(model\.loss_\)\(model, X, y"
    with pytest.raises(ValueError, match=sentence + ", groups=groups"):
        ranker.score(X, y)
    assert make_loss_scorer(ranker.loss_)(ranker, X, y, groups=groups) < 0
    with pytest.raises(ValueError, match=sentence + r"\)"):
        LossRegressor("cox_ph_loss").fit(X, survival).score(X, survival)
    with pytest.raises(ValueError, match="several predictions for each target"):
        LossRegressor(QuantileLoss(quantile=[0.1, 0.9])).fit(X, y).score(X, y)
    with pytest.raises(NotFittedError):
        LossRegressor("listnet_loss").score(X, y)


@pytest.mark.parametrize("lazy", [True, False])
def test_chunks_may_cut_groups(lazy):
    da = pytest.importorskip("dask.array")
    dask = pytest.importorskip("sklosses.dask")
    X, y, groups, survival = drawn()
    arrays = [da.from_array(item) if lazy else item for item in (X, y, survival)]
    sentence = "may end within a group .*Use sklosses.linear_model.LossRegressor"
    for loss, target in (("ranknet_loss", arrays[1]), ("cox_ph_loss", arrays[2])):
        with pytest.raises(ValueError, match=sentence) as refused:
            dask.LossRegressor(loss).fit(arrays[0], target, groups=groups)
        assert "huber_loss" in str(refused.value)
        assert "listnet_loss" not in str(refused.value)
    with pytest.raises(ValueError, match="MSELoss does not rank groups"):
        dask.LossRegressor("mse_loss").fit(*arrays[:2], groups=groups)
    if lazy:
        with pytest.raises(TypeError, match=r"as a whole. Pass groups\.compute\(\)"):
            LossRegressor("ranknet_loss").fit(X, y, groups=da.from_array(groups))
    quantiles = dask.LossRegressor(QuantileLoss(quantile=[0.1, 0.9])).fit(*arrays[:2])
    with pytest.raises(ValueError, match="several predictions for each target"):
        quantiles.score(*arrays[:2])
