"""Scorers of losses of groups and of survival."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import cox_ph_loss, get_loss, lambdarank_loss, make_loss_scorer

NAMES = ("ranknet_loss", "lambdarank_loss", "listnet_loss", "listmle_loss")


@pytest.fixture
def ranked():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    groups = rng.permutation(np.resize(list("abcdefghi"), 90))
    y = np.clip(np.round(X[:, 0] + rng.normal(size=90) / 2) + 2, 0, 4)
    return X, y, groups


@pytest.fixture
def survived():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    return X, np.round(rng.exponential(np.exp(-X[:, 0])), 1), rng.random(80) < 0.6


class Risk(LinearRegression):
    """A model of minus the time."""

    def fit(self, X, y):
        return super().fit(X, -(y["time"] if y.dtype.names else y[:, 0]))


@pytest.mark.parametrize("name", NAMES)
def test_a_call_with_groups(name, ranked):
    X, y, groups = ranked
    model = Ridge().fit(X, y)
    expected = -get_loss(name)(y, model.predict(X), groups)
    scorer = make_loss_scorer(name)
    assert scorer(model, X, y, groups=groups) == expected
    assert scorer(model, X, pd.Series(y), groups=pd.Series(groups)) == expected
    assert scorer(model, X, y[:, None], groups=groups) == expected


@pytest.mark.usefixtures("routing")
def test_groups_are_routed(ranked):
    X, y, groups = ranked
    scorer = make_loss_scorer("lambdarank_loss", k=3).set_score_request(groups=True)
    model = make_pipeline(StandardScaler(), Ridge())
    splits = GroupKFold(3)
    found = cross_validate(
        model,
        X,
        y,
        scoring={"own": scorer, "r2": "r2"},
        cv=splits,
        params={"groups": groups},
    )
    expected = []
    for train, test in splits.split(X, y, groups):
        model.fit(X[train], y[train])
        expected.append(-lambdarank_loss(y[test], model.predict(X[test]), groups[test], k=3))
    np.testing.assert_allclose(found["test_own"], expected, rtol=1e-12)
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1000.0]}, scoring=scorer, cv=splits)
    search.fit(X, y, groups=groups)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert repr(sklearn.base.clone(scorer)) == repr(scorer)


def test_weights_of_samples_are_those_of_their_groups(ranked):
    X, y, groups = ranked
    model = Ridge().fit(X, y)
    scorer = make_loss_scorer("ranknet_loss")
    by_group = dict(zip("abcdefghi", range(1, 10), strict=True))
    weight = np.array([by_group[label] for label in groups])
    expected = get_loss("ranknet_loss")(
        y, model.predict(X), groups, sample_weight=list(by_group.values())
    )
    assert scorer(model, X, y, groups=groups, sample_weight=weight) == -expected
    weight[5] += 1
    with pytest.raises(ValueError, match="must be the same for all samples of a group"):
        scorer(model, X, y, groups=groups, sample_weight=weight)
    with pytest.raises(ValueError, match=r"sample_weight\.shape"):
        scorer(model, X, y, groups=groups, sample_weight=weight[:9])


def test_groups_that_are_missing_or_not_needed(ranked):
    X, y, groups = ranked
    model = Ridge().fit(X, y)
    with pytest.raises(ValueError, match=r"set_score_request\(groups=True\)"):
        make_loss_scorer("listnet_loss")(model, X, y)
    with pytest.raises(TypeError, match="MSELoss does not rank groups"):
        make_loss_scorer("mse_loss")(model, X, y, groups=groups)
    with pytest.raises(ValueError, match="best constant"):
        make_loss_scorer("listnet_loss", d2=True)


def test_survival_targets(survived):
    X, time, event = survived
    structured = np.array(
        list(zip(event, time, strict=True)), [("event", bool), ("time", np.float64)]
    )
    reverse = np.array(list(zip(time, event, strict=True)), [("time", float), ("dead", bool)])
    columns = np.column_stack([time, event])
    model = Risk().fit(X, structured)
    scorer = make_loss_scorer("cox_ph_loss", ties="breslow")
    expected = -cox_ph_loss(time, event, model.predict(X), ties="breslow")
    for y in (structured, reverse, columns, pd.DataFrame(columns)):
        assert scorer(model, X, y) == expected
    for y in (structured, columns):
        scores = sklearn.model_selection.cross_val_score(Risk(), X, y, scoring=scorer, cv=4)
        assert np.isfinite(scores).all()
    for y in (time, columns[:, :1], np.zeros(80, [("a", float), ("b", float)])):
        with pytest.raises(ValueError, match="y must be a structured array"):
            scorer(model, X, y)
    with pytest.raises(ValueError, match=r"event.*Only the values 0 and 1"):
        scorer(model, X, columns[:, ::-1] + 0.25)
    with pytest.raises(ValueError, match="does not take sample_weight"):
        scorer(model, X, columns, sample_weight=np.ones(80))


def test_scikit_survival(survived):
    linear_model = pytest.importorskip("sksurv.linear_model")
    util = pytest.importorskip("sksurv.util")
    X, time, event = survived
    y = util.Surv.from_arrays(event, time)
    model = linear_model.CoxPHSurvivalAnalysis(ties="efron").fit(X, y)
    scorer = make_loss_scorer("cox_ph_loss")
    best = scorer(model, X, y)
    assert best == -cox_ph_loss(time, event, X @ model.coef_)
    # The fit minimises the loss.
    kept = model.coef_.copy()
    for step in ([0.01, 0], [-0.01, 0], [0, 0.01], [0, -0.01]):
        model.coef_ = kept + step
        assert scorer(model, X, y) < best
