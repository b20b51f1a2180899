"""Boosters with losses that compare rows: those of groups, and all that are at risk."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from boosted import COMPARING, LIBRARIES, REPEATABLE, SETS_OF_SKLEARN, load, make_booster, regressor
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import ndcg_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate

from sklosses import CoxPHLoss, LambdaRankLoss, RankNetLoss, get_loss, make_loss_scorer
from sklosses._boosting import rows
from sklosses.boosting import (
    LossBoostingClassifier,
    LossBoostingRegressor,
    as_eval_metric,
    as_objective,
    as_sklearn_loss,
)

pytestmark = pytest.mark.usefixtures("one_thread")

RANKING = [name for name in COMPARING if get_loss(name).tags.target == "relevance"]
SUPPORTED = [library for library in LIBRARIES if library != "catboost"]

each_library = pytest.mark.parametrize("library", SUPPORTED)
each_library_with_sets = pytest.mark.parametrize(
    "library", [pytest.param("sklearn", marks=SETS_OF_SKLEARN), "lightgbm", "xgboost"]
)
every_ranking_loss = pytest.mark.parametrize("name", RANKING)
both_weights = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
both_calls = pytest.mark.parametrize("native", [False, True], ids=["estimator", "train"])


def ranked(n_groups=30, size=None, seed=0):
    """Features, grades without meaning beyond their group, groups in order, and their sizes."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(4, 20, n_groups) if size is None else np.full(n_groups, size)
    groups = np.repeat(np.arange(n_groups), sizes)
    X = rng.normal(size=(len(groups), 4))
    z = X[:, 0] + 0.5 * X[:, 1] ** 2 + 0.3 * rng.normal(size=len(groups))
    return X, np.clip(np.round(z + 1), 0, 4), groups, sizes


def survived(n_samples=300, seed=0):
    """Features, distinct times, and events."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, 4))
    time = rng.exponential(np.exp(-X[:, 0] + np.abs(X[:, 1])))
    censored = rng.exponential(2, n_samples)
    return X, np.minimum(time, censored), time <= censored


def structured(time, event):
    """As scikit-survival has it."""
    return np.array(list(zip(event, time, strict=True)), [("event", bool), ("time", np.float64)])


def mean_ndcg(y, score, groups):
    """The mean over groups with a relevant row."""
    parts = [groups == g for g in np.unique(groups) if y[groups == g].any()]
    return np.mean([ndcg_score([y[part]], [score[part]]) for part in parts])


def concordance(time, event, risk):
    """The fraction of comparable pairs in which the earlier event has the higher risk."""
    first = event[:, None] & (time[:, None] < time)
    return np.mean((risk[:, None] > risk)[first])


# ---------------------------------------------------------------------------------------------
# The same trees as with the built-in objectives
# ---------------------------------------------------------------------------------------------


@both_weights
@both_calls
def test_lightgbm_trains_as_with_its_own(native, weighted):
    lightgbm = load("lightgbm")
    X, y, groups, sizes = ranked()
    weight = np.random.default_rng(1).uniform(0.5, 3, len(sizes))[groups] if weighted else None
    own = {"lambdarank_norm": False, "lambdarank_truncation_level": 100}
    params = {"verbose": -1, "n_jobs": 1, "min_child_weight": 0}
    objective = as_objective("lambdarank_loss", "lightgbm", hessian="exact")

    def train(objective, **more):
        if native:
            data = lightgbm.Dataset(X, y, weight=weight, group=sizes)
            return lightgbm.train({"objective": objective, **params, **more}, data, 10)
        model = lightgbm.LGBMRanker(objective=objective, n_estimators=10, **params, **more)
        return model.fit(X, y, group=sizes, sample_weight=weight).booster_

    expected, found = train("lambdarank", **own), train(objective)
    columns = ["node_index", "split_feature", "count"]
    assert expected.trees_to_dataframe()[columns].equals(found.trees_to_dataframe()[columns])
    # LightGBM reads the logistic function from a table with steps of 5e-5.
    assert np.ptp(expected.predict(X)) > 2
    assert_allclose(found.predict(X), expected.predict(X), atol=5e-5)


@both_calls
def test_xgboost_trains_as_with_its_own(native):
    xgboost = load("xgboost")
    X, time, event = survived()
    y = np.where(event, time, -time)
    params = {"max_depth": 3, "learning_rate": 0.2, "n_jobs": 1}

    def train(objective, base_score):
        if native:
            named = {"objective": objective} if isinstance(objective, str) else {}
            own = {} if named else {"obj": objective}
            data = xgboost.DMatrix(X, y)
            booster = xgboost.train({"base_score": base_score, **params, **named}, data, 20, **own)
            return booster.predict(data, output_margin=True)
        params_of = {**params, "n_estimators": 20, "base_score": base_score}
        model = xgboost.XGBRegressor(objective=objective, **params_of)
        return model.fit(X, y).predict(X, output_margin=True)

    expected = train("survival:cox", 1.0)
    assert np.ptp(expected) > 2
    # There are no ties, in which XGBoost leaves out the events that come later in the array.
    assert_allclose(train(as_objective("cox_ph_loss", "xgboost"), 0.0), expected, atol=1e-5)
    booster = xgboost.XGBRegressor(n_estimators=20, **params)
    reg = LossBoostingRegressor(booster, loss="cox_ph_loss").fit(X, structured(time, event))
    assert_allclose(reg.predict(X), expected, atol=1e-5)


def test_hist_gradient_boosting_of_signed_times():
    X, time, event = survived()
    # A censored time of 0 is told from an event by its sign.
    time[0], event[0] = 0.0, False
    booster = make_booster("sklearn", "Regressor", 20, loss=as_sklearn_loss("cox_ph_loss"))
    found = booster.fit(X, np.where(event, time, -time)).predict(X)
    reg = regressor("sklearn", "cox_ph_loss", 20).fit(X, structured(time, event))
    assert_allclose(found, reg.predict(X), rtol=1e-12)


@both_weights
@every_ranking_loss
def test_estimators_train_as_a_ranker(name, weighted):
    lightgbm = load("lightgbm")
    X, y, groups, sizes = ranked()
    weight = np.random.default_rng(1).uniform(0.5, 3, len(sizes))[groups] if weighted else None
    params = {"n_estimators": 10, "verbose": -1, "n_jobs": 1, "min_child_weight": 0}
    ranker = lightgbm.LGBMRanker(objective=as_objective(name, "lightgbm"), **params)
    ranker.fit(X, y, group=sizes, sample_weight=weight)
    reg = LossBoostingRegressor(lightgbm.LGBMRegressor(**params), loss=name)
    reg.fit(X, y, weight, groups=groups)
    assert np.ptp(ranker.predict(X)) > 0.5
    assert_allclose(reg.predict(X), ranker.predict(X), atol=1e-6)


# ---------------------------------------------------------------------------------------------
# Objectives and metrics
# ---------------------------------------------------------------------------------------------


@both_weights
@every_ranking_loss
def test_derivatives_are_those_of_the_sum(name, weighted):
    _, y, groups, sizes = ranked()
    rng = np.random.default_rng(2)
    score, by_group = rng.normal(size=len(y)), rng.uniform(0.5, 3, len(sizes))
    weight = by_group if weighted else None
    of_rows = by_group[groups] if weighted else None
    objective = as_objective(name, "lightgbm", hessian="exact")
    found = objective(y, score, of_rows, sizes)
    expected = get_loss(name, reduction="sum").gradient_and_hessian(
        y, score, groups, sample_weight=weight
    )
    assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    metric = as_eval_metric(name, "lightgbm")
    assert metric(y, score, of_rows, sizes) == (
        name,
        pytest.approx(get_loss(name)(y, score, groups, sample_weight=weight), rel=1e-12),
        False,
    )


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_derivatives_of_signed_times(library, ties):
    time, event = np.array([2.0, 2.0, 1.0, 0.0, 3.0, 0.0, 2.0]), np.array([1, 1, 0, 0, 1, 1, 0])
    risk = np.random.default_rng(0).normal(size=7)
    loss = CoxPHLoss(ties=ties, reduction="sum")
    found = as_objective(loss, library)(np.where(event, time, -time), risk)
    expected = loss.gradient_and_hessian(time, event, risk)
    assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@both_weights
def test_native_metrics_of_xgboost(weighted):
    xgboost = load("xgboost")
    X, y, groups, sizes = ranked()
    weight = np.random.default_rng(1).uniform(0.5, 3, len(sizes)) if weighted else None
    data = xgboost.DMatrix(X, y, qid=groups, weight=weight)
    params = {"disable_default_eval_metric": True, "base_score": 0, "min_child_weight": 0}
    results = {}
    booster = xgboost.train(
        params,
        data,
        10,
        obj=as_objective("ranknet_loss", "xgboost"),
        custom_metric=as_eval_metric("ranknet_loss", "xgboost"),
        evals=[(data, "train")],
        evals_result=results,
        verbose_eval=False,
    )
    score = booster.predict(data, output_margin=True)
    expected = get_loss("ranknet_loss")(y, score, groups, sample_weight=weight)
    assert_allclose(results["train"]["ranknet_loss"][-1], expected, rtol=1e-4)
    assert expected < 0.5 * np.log(2)


def test_cross_validation_of_whole_groups():
    lightgbm, xgboost = load("lightgbm"), load("xgboost")
    X, y, _, sizes = ranked()
    results = lightgbm.cv(
        {"objective": as_objective("ranknet_loss", "lightgbm"), "verbose": -1, "metric": "None"},
        lightgbm.Dataset(X, y, group=sizes),
        10,
        feval=as_eval_metric("ranknet_loss", "lightgbm"),
    )
    assert results["valid ranknet_loss-mean"][-1] < 0.6
    table = xgboost.cv(
        {"disable_default_eval_metric": True, "base_score": 0, "min_child_weight": 0},
        xgboost.DMatrix(X, y, group=sizes),
        10,
        obj=as_objective("ranknet_loss", "xgboost"),
        custom_metric=as_eval_metric("ranknet_loss", "xgboost"),
    )
    assert table["test-ranknet_loss-mean"].iloc[-1] < 0.6


def test_losses_without_groups_in_a_ranker():
    lightgbm = load("lightgbm")
    X, y, _, sizes = ranked()
    params = {"objective": as_objective("mse_loss", "lightgbm"), "n_estimators": 5, "verbose": -1}
    ranker = lightgbm.LGBMRanker(**params).fit(X, y, group=sizes)
    assert_array_equal(ranker.predict(X), lightgbm.LGBMRegressor(**params).fit(X, y).predict(X))


# ---------------------------------------------------------------------------------------------
# Estimators
# ---------------------------------------------------------------------------------------------


@each_library
@every_ranking_loss
@pytest.mark.parametrize("size", [2, 10, 300])
def test_ranking_is_learnt(name, library, size):
    # With the default `min_child_weight` of each library, also if all rows are one group.
    X, y, groups, _ = ranked(300 // size, size)
    reg = regressor(library, name, 30).fit(X, y, groups=groups.astype(str))
    score = reg.predict(X)
    assert mean_ndcg(y, score, groups) > 0.97 > 0.95 > mean_ndcg(y, X[:, 2], groups)
    loss = get_loss(name)
    values = [loss(y, s, groups) - loss(y, 100 * y, groups) for s in (score, np.zeros(len(y)))]
    if name not in ("listnet_loss", "listmle_loss"):
        # These have another lowest value.
        assert values[0] < 0.5 * values[1]
    assert loss(y, score, groups) < loss(y, np.zeros(len(y)), groups)
    assert (reg.start_, reg.unit_) == (0.0, 1.0)


@each_library
def test_hazards_are_learnt(library):
    X, time, event = survived()
    y = structured(time, event)
    reg = regressor(library, "cox_ph_loss", 30).fit(X[:200], y[:200])
    assert concordance(time[200:], event[200:], reg.predict(X[200:])) > 0.7
    assert reg.loss_(time, event, reg.predict(X)) < reg.loss_(time, event, np.zeros(300)) - 0.5
    other = np.array(list(zip(time, event, strict=True)), [("t", np.float32), ("dead", bool)])
    columns = np.column_stack([time, event])
    table = pd.DataFrame({"time": time, "event": event})
    for same in (columns, table, columns.tolist(), other):
        again = regressor(library, "cox_ph_loss", 30).fit(X[:200], same[:200])
        assert_array_equal(again.predict(X), reg.predict(X))


@each_library
def test_concordance_of_patients(library):
    datasets = pytest.importorskip("sksurv.datasets")
    metrics = pytest.importorskip("sksurv.metrics")
    X, y = datasets.load_whas500()
    X = X.astype(float)
    reg = regressor(library, "cox_ph_loss", 50, max_depth=3).fit(X[::2], y[::2])
    risk = reg.predict(X[1::2])
    found = metrics.concordance_index_censored(y["fstat"][1::2], y["lenfol"][1::2], risk)
    assert found[0] > 0.7


@each_library
@pytest.mark.parametrize("name", [*RANKING, "cox_ph_loss"])
def test_the_order_of_rows_does_not_matter(name, library):
    rng = np.random.default_rng(0)
    if name == "cox_ph_loss":
        X, time, event = survived()
        y, groups = np.column_stack([time, event]), None
    else:
        X, y, groups, _ = ranked()
    order = rng.permutation(len(X))
    if name in ("lambdarank_loss", "listmle_loss"):
        # Of equal scores, or equal relevances, the order within a group is that of the arrays.
        order = np.argsort(rng.permutation(groups.max() + 1)[groups], kind="stable")
        order = order[np.argsort(rng.integers(0, 2, len(X))[groups[order]], kind="stable")]
    first = regressor(library, name, 10).fit(X, y, groups=groups)
    of_order = None if groups is None else groups[order]
    second = regressor(library, name, 10).fit(X[order], y[order], groups=of_order)
    assert_allclose(second.predict(X), first.predict(X), atol=1e-5)


@each_library
@every_ranking_loss
def test_weights_are_repetitions_of_groups(name, library):
    X, y, groups, _ = ranked()
    # Of few distinct values, so that leaves are large: LightGBM derives from Hessians how many rows
    # a leaf has.
    X = np.clip(np.round(X), -1, 1)
    weight = 1.0 + (groups % 3)
    parts = [np.flatnonzero(weight > k) for k in range(3)]
    several = np.concatenate(parts)
    labels = np.concatenate([groups[part] + 1000 * k for k, part in enumerate(parts)])
    first = regressor(library, name, 5, **REPEATABLE[library])
    first.fit(X, y, sample_weight=weight, groups=groups)
    second = regressor(library, name, 5, **REPEATABLE[library])
    second.fit(X[several], y[several], groups=labels)
    assert np.ptp(first.predict(X)) > 0.3
    assert_allclose(first.predict(X), second.predict(X), atol=1e-4)


@each_library
@pytest.mark.parametrize("hessian", ["exact", "abs", "clip", "ones"])
@pytest.mark.parametrize("name", [*RANKING, "cox_ph_loss"])
def test_every_hessian_trains(name, hessian, library):
    if name == "cox_ph_loss":
        X, time, event = survived()
        reg = regressor(library, name, 20, hessian).fit(X, np.column_stack([time, event]))
        values = [reg.loss_(time, event, risk) for risk in (reg.predict(X), np.zeros(len(X)))]
    else:
        X, y, groups, _ = ranked(2, 150)
        reg = regressor(library, name, 20, hessian).fit(X, y, groups=groups)
        values = [reg.loss_(y, score, groups) for score in (reg.predict(X), np.zeros(len(X)))]
    assert values[0] < 0.98 * values[1]


@each_library_with_sets
@pytest.mark.parametrize("name", ["ranknet_loss", "lambdarank_loss", "cox_ph_loss"])
def test_early_stopping(name, library):
    load_sets = {}
    if name == "cox_ph_loss":
        X, time, event = survived(200)
        X_val, *of_val = survived(200, seed=1)
        y, y_val = np.column_stack([time, event]), np.column_stack(of_val)
    else:
        X, y, groups, _ = ranked()
        X_val, y_val, of_groups, _ = ranked(seed=1)
        load_sets = {"groups": groups, "eval_groups": [of_groups]}
        of_val = [y_val, of_groups]
    stop = {
        "sklearn": {"n_iter_no_change": 5},
        "lightgbm": {"early_stopping_rounds": 5},
        "xgboost": {"early_stopping_rounds": 5},
    }[library]
    rate = {"learning_rate": 0.5}
    if library == "sklearn":
        rate["early_stopping"] = "auto"
    reg = regressor(library, name, 200, **stop, **rate)
    reg.fit(X, y, eval_set=[(X_val, y_val)], **load_sets)
    trained = reg.estimator_
    loss = get_loss(name)
    values = []
    for stage in reg.staged_predict(X_val):
        arrays = (*of_val, stage) if name == "cox_ph_loss" else (of_val[0], stage, of_val[1])
        values.append(loss(*arrays))
    if library == "sklearn":
        assert trained.n_iter_ < 200
        assert_allclose(-trained.validation_score_[1:], values, rtol=1e-6)
    elif library == "lightgbm":
        assert trained.best_iteration_ < 195
        assert_allclose(trained.evals_result_["valid_0"][name][: len(values)], values, rtol=1e-6)
        assert np.argmin(trained.evals_result_["valid_0"][name]) == len(values) - 1
    else:
        assert trained.best_iteration < 195
        found = trained.evals_result()["validation_0"][name]
        assert_allclose(found[: len(values)], values, rtol=1e-4)
        assert np.argmin(found) == len(values) - 1


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_forms_of_the_groups_of_evaluation_sets(library):
    X, y, groups, _ = ranked()
    other = ranked(seed=1)[:3]
    names = groups.astype(str)

    def fit(**sets):
        reg = regressor(library, "ranknet_loss", 5).fit(X, y, groups=names, **sets)
        found = reg.estimator_.evals_result_
        return {k: list(v["ranknet_loss"]) for k, v in found.items()}

    both = fit(eval_set=[(X, y), other[:2]], eval_groups=[groups, other[2].tolist()])
    first, second = both.values()
    assert_allclose(first, next(iter(fit(eval_set=[(X, y)], eval_groups=[names]).values())))
    assert_allclose(first, next(iter(fit(eval_set=(X, y), eval_groups=names.tolist()).values())))
    alone = fit(eval_set=other[:2], eval_groups=pd.Series(other[2]))
    assert_allclose(second, next(iter(alone.values())))


@each_library
def test_strata(library):
    X, time, event = survived()
    strata = np.random.default_rng(1).choice(["a", "b", "c"], 300)
    loss = CoxPHLoss(strata=strata)
    y = np.column_stack([time * np.where(strata == "a", 100, 1), event])
    reg = regressor(library, loss, 20).fit(X, y)
    assert_array_equal(reg.loss_.strata, strata)
    assert reg.loss_(*y.T, reg.predict(X)) < reg.loss_(*y.T, np.zeros(300)) - 0.3
    # Within strata, times on other scales are alike.
    order = np.random.default_rng(2).permutation(300)
    scaled = np.column_stack([time, event])[order]
    again = regressor(library, CoxPHLoss(strata=strata[order]), 20).fit(X[order], scaled)
    assert_allclose(again.predict(X), reg.predict(X), atol=1e-5)
    plain = regressor(library, "cox_ph_loss", 20).fit(X, y)
    assert np.abs(plain.predict(X) - reg.predict(X)).max() > 0.1


def test_strata_of_the_rows_that_scikit_learn_trains():
    X, time, event = survived(1000)
    loss = CoxPHLoss(strata=np.arange(1000) % 2) + 0.5 * CoxPHLoss(ties="breslow")
    reg = regressor("sklearn", loss, 200, early_stopping=True, learning_rate=0.5)
    reg.fit(X, np.column_stack([time, event]))
    assert reg.estimator_.n_iter_ < 200
    assert concordance(time, event, reg.predict(X)) > 0.8


def test_scikit_learn_holds_out_no_part_of_a_group():
    X, y, groups, _ = ranked()
    reg = regressor("sklearn", "ranknet_loss", early_stopping="auto").fit(X, y, groups=groups)
    assert reg.estimator_.early_stopping is False
    with pytest.raises(ValueError, match=r"would cut the groups .* eval_set and eval_groups"):
        regressor("sklearn", "ranknet_loss", early_stopping=True).fit(X, y, groups=groups)
    reg = regressor("sklearn", "cox_ph_loss", early_stopping=True, scoring="r2")
    with pytest.raises(ValueError, match="must be 'loss' for early stopping with CoxPHLoss"):
        reg.fit(X, np.column_stack([y, y > 1]))


@each_library
def test_times_keep_their_digits(library):
    X, time, event = survived()
    # In single precision these are all the same.
    close = 1e12 + np.argsort(np.argsort(time))
    first, second = (
        regressor(library, "cox_ph_loss", 10).fit(X, np.column_stack([t, event]))
        for t in (time, close)
    )
    assert_array_equal(first.predict(X), second.predict(X))


@pytest.mark.usefixtures("routing")
def test_groups_are_routed():
    X, y, groups, _ = ranked()
    scorer = make_loss_scorer("lambdarank_loss", k=5).set_score_request(groups=True)
    reg = regressor("sklearn", "lambdarank_loss", 10).set_fit_request(groups=True)
    splits = GroupKFold(3)
    found = cross_validate(reg, X, y, scoring=scorer, cv=splits, params={"groups": groups})
    expected = []
    for train, test in splits.split(X, y, groups):
        fitted = regressor("sklearn", "lambdarank_loss", 10)
        score = fitted.fit(X[train], y[train], groups=groups[train]).predict(X[test])
        expected.append(-LambdaRankLoss(k=5)(y[test], score, groups[test]))
    assert_allclose(found["test_score"], expected, rtol=1e-12)
    grid = {"loss__k": [1, None], "estimator__max_depth": [2, None]}
    search = GridSearchCV(reg, grid, scoring=scorer, cv=splits).fit(X, y, groups=groups)
    assert search.best_score_ >= np.mean(expected)
    assert search.predict(X).shape == y.shape


@pytest.mark.usefixtures("routing")
def test_groups_that_no_model_asks_for():
    X, y, groups, _ = ranked()
    arguments = {"cv": GroupKFold(3), "params": {"groups": groups}}
    found = cross_validate(regressor("sklearn", "mse_loss", 10), X, y, **arguments)
    assert np.min(found["test_score"]) > 0.3
    scorer = make_loss_scorer("ranknet_loss").set_score_request(groups=True)
    with pytest.raises(ValueError, match=r"(?s)fits failed.*set_fit_request\(groups=True\)"):
        cross_validate(regressor("sklearn", "ranknet_loss", 10), X, y, scoring=scorer, **arguments)


def test_survival_in_a_search():
    X, time, event = survived()
    grid = {"loss__ties": ["efron", "breslow"], "estimator__max_depth": [1, 3]}
    reg = regressor("sklearn", "cox_ph_loss", 10)
    search = GridSearchCV(reg, grid, scoring=make_loss_scorer("cox_ph_loss"), cv=3)
    search.fit(X, structured(time, event))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert concordance(time, event, search.predict(X)) > 0.7


@each_library
def test_pickles_hold_no_rows(library):
    # A list of trees of three leaves, whatever the number of rows.
    X, y, groups, _ = ranked(2000)
    reg = regressor(library, RankNetLoss(), 2, max_depth=2).fit(X, y, groups=groups)
    assert reg._trained[0].derivatives.tables is None
    assert len(pickle.dumps(reg)) < 8 * len(X) / 2
    for same in (pickle.loads(pickle.dumps(reg)), copy.deepcopy(reg)):
        assert_array_equal(same.predict(X), reg.predict(X))
    objective = as_objective("ranknet_loss", "lightgbm")
    again = pickle.loads(pickle.dumps(objective))
    score = np.linspace(0, 1, 5)
    assert_array_equal(again(y[:5], score, None, [3, 2]), objective(y[:5], score, None, [3, 2]))


def test_sums_of_losses():
    X, y, groups, _ = ranked()
    loss = 0.5 * get_loss("ranknet_loss") + 0.5 * get_loss("listmle_loss")
    reg = regressor("sklearn", loss, 20).fit(X, y, groups=groups)
    assert mean_ndcg(y, reg.predict(X), groups) > 0.97


# ---------------------------------------------------------------------------------------------
# Refusals
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPARING)
def test_catboost(name):
    for make in (as_objective, as_eval_metric):
        with pytest.raises(ValueError, match=r"CatBoost, which passes at most 1000 rows .* Use Li"):
            make(name, "catboost")
    booster = make_booster("catboost", "Regressor")
    with pytest.raises(ValueError, match=r"CatBoost, which passes at most 1000 rows .* Use Light"):
        LossBoostingRegressor(booster, loss=name).fit(np.eye(4), np.arange(4))


@every_ranking_loss
def test_objectives_without_groups(name):
    title = type(get_loss(name)).__name__
    for make in (as_objective, as_eval_metric):
        with pytest.raises(ValueError, match=rf"{title} ranks groups, .* LGBMRanker"):
            make(name, "lightgbm")(np.arange(3.0), np.zeros(3))
        with pytest.raises(ValueError, match=rf"{title} ranks groups, .* xgboost\.DMatrix"):
            make(name, "xgboost")(np.arange(3.0), np.zeros(3))
    with pytest.raises(ValueError, match=rf"{title}: scikit-learn's .* LossBoostingRegressor"):
        as_sklearn_loss(name)
    with pytest.raises(ValueError, match=f"{title}. Use LossBoostingRegressor"):
        LossBoostingClassifier(loss=name).fit(np.eye(4), [0, 1, 0, 1])


def test_wrappers_without_groups():
    X, y, _, sizes = ranked()
    objective = as_objective(RANKING[0], "lightgbm")
    booster = make_booster("lightgbm", "Regressor", objective=objective)
    with pytest.raises(ValueError, match=r"Pass group=.*LGBMRanker"):
        booster.fit(X, y)
    xgboost = load("xgboost")
    objective = as_objective(RANKING[0], "xgboost")
    with pytest.raises(ValueError, match=r"Pass group= or qid="):
        xgboost.XGBRegressor(objective=objective).fit(X, y)
    # What the documentation says.
    with pytest.raises(ValueError, match="not supported by XGBRanker"):
        xgboost.XGBRanker(objective=objective)
    weight = np.arange(len(y))
    lightgbm = load("lightgbm")
    ranker = lightgbm.LGBMRanker(objective=as_objective(RANKING[0], "lightgbm"), verbose=-1)
    with pytest.raises(ValueError, match="sample_weight must be the same for all samples of a gr"):
        ranker.fit(X, y, group=sizes, sample_weight=weight)


@pytest.mark.parametrize(
    ("loss", "change", "match"),
    [
        ("ranknet_loss", {"groups": None}, r"RankNetLoss ranks groups.*set_fit_request"),
        ("ranknet_loss", {"groups": [5, 5]}, r"groups must have shape \(10,\).*np\.repeat"),
        ("ranknet_loss", {"groups": np.r_[np.nan, np.arange(9)]}, "groups contains NaN"),
        ("ranknet_loss", {"groups": np.arange(10)}, "nothing to rank: no group has rows of diff"),
        ("ranknet_loss", {"groups": np.zeros((10, 1))}, r"groups must have shape \(n_samples,\)"),
        ("ranknet_loss", {"y": np.r_[np.nan, np.arange(9)]}, "y contains NaN"),
        ("lambdarank_loss", {"y": np.arange(10) - 3.0}, r"y contains .* -3\.0 at index 0"),
        ("ranknet_loss", {"sample_weight": np.arange(10.0)}, "the same for all samples of a group"),
        ("ranknet_loss", {"sample_weight": np.ones(9)}, "sample_weight"),
        ("mse_loss", {}, "MSELoss does not rank groups. Got groups of type list"),
        ("mse_loss", {"groups": None, "eval_groups": [1]}, "of which there are 0"),
        ("cox_ph_loss", {"y": np.ones((10, 2))}, "CoxPHLoss does not rank groups"),
    ],
)
def test_bad_groups(loss, change, match):
    arguments = {"y": np.arange(10.0), "groups": ["a"] * 5 + ["b"] * 5} | change
    with pytest.raises(ValueError, match=match):
        LossBoostingRegressor(loss=loss).fit(np.ones((10, 1)), **arguments)


@pytest.mark.parametrize(
    ("sets", "match"),
    [
        ({"eval_set": (np.eye(4), np.arange(4))}, r"Pass eval_groups\[0\]"),
        ({"eval_groups": [[0] * 4]}, "evaluation set, of which there are 0. Got those of 1"),
        (
            {"eval_set": [(np.eye(4), np.arange(4))], "eval_groups": [[0] * 4, [0] * 4]},
            "of which there are 1. Got those of 2",
        ),
        (
            {"eval_set": [(np.eye(4), np.arange(4))], "eval_groups": [[0] * 3]},
            r"eval_groups\[0\] must have shape \(4,\)",
        ),
        (
            {"eval_set": (np.eye(4), [0, 1, np.nan, 0]), "eval_groups": [0] * 4},
            r"y of eval_set\[0\] contains NaN",
        ),
        (
            {"eval_set": (np.eye(4), [0] * 4), "eval_groups": [0] * 4, "eval_metric": "l2"},
            r"Other metrics .* RankNetLoss.*'l2'",
        ),
    ],
)
def test_bad_evaluation_sets(sets, match):
    reg = LossBoostingRegressor(make_booster("lightgbm", "Regressor"), loss="ranknet_loss")
    with pytest.raises(ValueError, match=match):
        reg.fit(np.eye(4), np.arange(4), groups=[0, 0, 1, 1], **sets)


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (np.arange(10.0), r"y must be a structured array .* Got shape \(10,\)"),
        (np.column_stack([np.arange(10), np.zeros(10)]), "y has no event"),
        (np.column_stack([np.ones(10), np.arange(10)]), r"y \(event\).* 2\.0 at index 2"),
        (np.column_stack([np.full(10, np.nan), np.ones(10)]), r"y \(time\) contains NaN"),
        (np.ones((9, 2)), "inconsistent numbers of samples"),
        (np.array([["a", "b"]] * 10), r"y \(time\)"),
    ],
)
def test_bad_survival(y, match):
    with pytest.raises(ValueError, match=match):
        LossBoostingRegressor(loss="cox_ph_loss").fit(np.ones((10, 1)), y)


def test_bad_calls_of_survival():
    X, time, event = survived(50)
    y = np.column_stack([time, event])
    with pytest.raises(ValueError, match="CoxPHLoss does not take sample_weight"):
        LossBoostingRegressor(loss="cox_ph_loss").fit(X, y, sample_weight=np.ones(50))
    reg = LossBoostingRegressor(loss=CoxPHLoss(strata=np.zeros(50)))
    with pytest.raises(ValueError, match="evaluation sets have no strata"):
        reg.fit(X, y, eval_set=(X, y))
    reg = LossBoostingRegressor(loss=CoxPHLoss(strata=np.zeros(51)))
    with pytest.raises(ValueError, match=r"'strata' parameter .* shape \(50,\)"):
        reg.fit(X, y)


@pytest.mark.parametrize("name", COMPARING)
def test_what_such_losses_lack(name):
    survival = get_loss(name).tags.target == "survival"
    X, y, groups, _ = (*survived(50), None) if survival else ranked(5)
    y, groups = (structured(y, groups), None) if survival else (y, groups)
    reg = LossBoostingRegressor(loss=name).fit(X, y, groups=groups)
    sentence = r"has no R\^2: .*make_loss_scorer\(model\.loss_\)\(model, X, y"
    with pytest.raises(ValueError, match=sentence + (r"\)" if survival else ", groups=groups")):
        reg.score(X, y)
    with pytest.raises(ValueError, match="hessian='fisher'"):
        as_objective(name, "lightgbm", hessian="fisher")


@pytest.mark.parametrize("library", ["lightgbm", "xgboost"])
def test_rankers_of_the_libraries(library):
    ranker = getattr(load(library), {"lightgbm": "LGBMRanker", "xgboost": "XGBRanker"}[library])()
    with pytest.raises(TypeError, match=r"must be a regressor\. Got \w+Ranker\. Pass the"):
        LossBoostingRegressor(ranker, loss="ranknet_loss").fit(np.eye(2), [0, 1], groups=[0, 0])


@each_library
def test_rows_beyond_single_precision(library, monkeypatch):
    monkeypatch.setattr(rows, "_MOST_IN_SINGLE", 100)
    X, y, groups, _ = ranked()
    reg = regressor(library, "listnet_loss", 2)
    if library == "sklearn":
        reg.fit(X, y, groups=groups)
        return
    reg.fit(X[:100], y[:100], groups=groups[:100])
    with pytest.raises(ValueError, match=rf"at most 100 rows .* Got {len(y)} rows"):
        reg.fit(X, y, groups=groups)
