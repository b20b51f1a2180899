"""Scorers wherever scikit-learn has `scoring`, with weights and metadata routing."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scored import Fixed, probabilities, spy_scorer
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits, make_multilabel_classification
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFECV
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, RidgeClassifier, RidgeCV
from sklearn.metrics import log_loss, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from sklosses import make_loss_scorer


@pytest.mark.parametrize("n_classes", [2, 3])
def test_one_prediction_serves_all(n_classes):
    X = probabilities(60, n_classes)
    y = np.arange(60) % n_classes
    scoring = {
        "focal": make_loss_scorer("sigmoid_focal_loss"),
        "sklearn": "neg_log_loss",
        "cross_entropy": make_loss_scorer("cross_entropy"),
        "accuracy": "accuracy",
        "bce": make_loss_scorer("binary_cross_entropy"),
    }
    Fixed.n_calls = 0
    scores = cross_validate(Fixed(), X, y, scoring=scoring, cv=3)
    assert Fixed.n_calls == 3
    assert_allclose(scores["test_cross_entropy"], scores["test_sklearn"], rtol=1e-12)
    alone = cross_val_score(Fixed(), X, y, scoring=scoring["focal"], cv=3)
    assert_allclose(scores["test_focal"], alone, rtol=1e-12)


@pytest.mark.parametrize("n_labels", [2, 3])
def test_one_prediction_serves_all_multilabel(n_labels):
    class Counting(RandomForestClassifier):
        n_calls = 0

        def predict_proba(self, X):
            Counting.n_calls += 1
            return super().predict_proba(X)

    X, y = make_multilabel_classification(n_classes=n_labels, random_state=0)
    scoring = {name: make_loss_scorer(name) for name in ("sigmoid_focal_loss", "mse_loss")}
    scoring["bce"] = make_loss_scorer("binary_cross_entropy")
    scoring["weighted"] = make_loss_scorer("binary_cross_entropy_with_logits", pos_weight=2.0)
    model = Counting(n_estimators=5, random_state=0, n_jobs=1)
    scores = cross_validate(model, X, y, scoring=scoring, cv=2)
    # The forest's predict calls its predict_proba.
    assert Counting.n_calls == 2 * 2
    alone = cross_val_score(model, X, y, scoring=scoring["bce"], cv=2)
    assert_allclose(scores["test_bce"], alone, rtol=1e-12)


def test_failing_scorer_fails_alone(binary):
    X, y = binary
    scoring = {"bce": make_loss_scorer("binary_cross_entropy"), "accuracy": "accuracy"}
    scoring["margin"] = spy_scorer("margin", "sign")
    with pytest.warns(UserWarning, match="Scoring failed"):
        scores = cross_validate(LinearSVC(), X, y, scoring=scoring, cv=2)
    assert np.isnan(scores["test_bce"]).all()
    assert np.isfinite(scores["test_accuracy"]).all()
    assert_array_equal(scores["test_margin"], 0)


@pytest.mark.parametrize(
    "make_search",
    [
        lambda model, grid, **kw: GridSearchCV(model, grid, **kw),
        lambda model, grid, **kw: RandomizedSearchCV(model, grid, n_iter=2, **kw),
        lambda model, grid, **kw: HalvingGridSearchCV(model, grid, **kw),
    ],
)
def test_searches(binary, make_search):
    X, y = binary
    scorer = make_loss_scorer("sigmoid_focal_loss", gamma=1.0)
    search = make_search(LogisticRegression(), {"C": [1e-4, 1.0]}, scoring=scorer, cv=2)
    search.fit(X, y)
    assert search.best_params_ == {"C": 1.0}
    assert_allclose(search.score(X, y), scorer(search, X, y))
    assert clone(search).scoring.get_params()["loss__gamma"] == 1.0


def test_grid_search_refits_by_one_of_several(binary):
    X, y = binary
    scoring = {"focal": make_loss_scorer("sigmoid_focal_loss"), "accuracy": "accuracy"}
    search = GridSearchCV(
        LogisticRegression(), {"C": [1e-4, 1.0]}, scoring=scoring, refit="focal", cv=2
    )
    assert search.fit(X, y).best_params_ == {"C": 1.0}


@pytest.mark.filterwarnings("ignore::FutureWarning")  # changing defaults of LogisticRegressionCV
def test_other_users_of_scoring(binary, regression):
    X, y = binary
    model, scorer = LogisticRegression(), make_loss_scorer("cross_entropy")
    for scores in (
        learning_curve(model, X, y, scoring=scorer, cv=2, shuffle=True, random_state=0)[2],
        validation_curve(model, X, y, param_name="C", param_range=[1], scoring=scorer, cv=2)[1],
        permutation_importance(model.fit(X, y), X, y, scoring=scorer, n_repeats=2).importances,
        LogisticRegressionCV(Cs=[1.0], cv=2, scoring=scorer).fit(X, y).score(X, y),
        RFECV(model, scoring=scorer, step=10, cv=2).fit(X, y).score(X, y),
        HistGradientBoostingClassifier(max_iter=5, early_stopping=True, scoring=scorer)
        .fit(X, y)
        .validation_score_,
    ):
        assert np.isfinite(scores).all()
    X, y = regression
    by_scorer = RidgeCV([0.1, 10.0], scoring=make_loss_scorer("mse_loss")).fit(X, y)
    assert (
        by_scorer.alpha_ == RidgeCV([0.1, 10.0], scoring="neg_mean_squared_error").fit(X, y).alpha_
    )


def test_processes(binary):
    X, y = binary
    scoring = {name: make_loss_scorer(name) for name in ("cross_entropy", "sigmoid_focal_loss")}
    # Not a model that is fitted through BLAS: its threads, fewer in a worker, round otherwise.
    serial = cross_validate(GaussianNB(), X, y, scoring=scoring, cv=2)
    parallel = cross_validate(GaussianNB(), X, y, scoring=scoring, cv=2, n_jobs=2)
    for name in scoring:
        assert_array_equal(serial[f"test_{name}"], parallel[f"test_{name}"])


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        CalibratedClassifierCV(LinearSVC(), cv=2),
        OneVsRestClassifier(LogisticRegression()),
        VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())], voting="soft"),
        StackingClassifier([("a", GaussianNB())], cv=2),
        HistGradientBoostingClassifier(max_iter=5),
        GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2),
        RidgeClassifier(),
        SVC(),
        LinearSVC(),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifiers_with_string_labels(model, n_classes, multiclass):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    y = np.array(["setosa", "versicolor", "virginica"])[y]
    for name in ("cross_entropy", "binary_cross_entropy_with_logits", "sigmoid_focal_loss"):
        scores = cross_val_score(model, X, y, scoring=make_loss_scorer(name), cv=2)
        assert np.isfinite(scores).all()
        assert (scores < 0).all()


@pytest.mark.parametrize("name", ["cross_entropy", "sigmoid_focal_loss"])
@pytest.mark.parametrize("data", ["binary", "multiclass"])
def test_weights_are_repetitions(name, data, request):
    X, y = request.getfixturevalue(data)
    model = LogisticRegression(max_iter=1000).fit(X, y)
    weight = np.arange(len(y)) % 3
    scorer = make_loss_scorer(name)
    repeated = scorer(model, X.repeat(weight, axis=0), y.repeat(weight))
    assert_allclose(scorer(model, X, y, sample_weight=weight), repeated, rtol=1e-12)


def test_routing_off(binary):
    scorer = make_loss_scorer("cross_entropy")
    with pytest.raises(RuntimeError, match="metadata routing"):
        scorer.set_score_request(sample_weight=True)
    X, y = binary
    model = LogisticRegression().fit(X, y)
    with pytest.raises(TypeError, match="groups"):
        scorer(model, X, y, groups=y)

    weight = np.random.default_rng(0).random(len(y))
    scores, importances = [], []
    for scoring in scorer, "neg_log_loss":
        # Whether a search weighs its scores with routing off depends on the version.
        search = GridSearchCV(model, {"C": [1.0]}, scoring=scoring, cv=2)
        search.fit(X, y, sample_weight=weight)
        scores.append(search.cv_results_["mean_test_score"])
        importances.append(
            permutation_importance(
                model, X, y, scoring=scoring, sample_weight=weight, n_repeats=1, random_state=0
            ).importances
        )
    assert_allclose(*scores, rtol=1e-12)
    assert_allclose(*importances, atol=1e-12)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("n_scorers", [1, 2])
def test_routing_on(binary, n_scorers):
    X, y = binary
    weight = np.random.default_rng(0).random(len(y))
    model = LogisticRegression().set_fit_request(sample_weight=True)
    scorer = make_loss_scorer("cross_entropy")

    def run(scorer):
        scoring = {str(k): scorer for k in range(n_scorers)} if n_scorers > 1 else scorer
        scores = cross_validate(
            model, X, y, scoring=scoring, cv=2, params={"sample_weight": weight}
        )
        return scores["test_0" if n_scorers > 1 else "test_score"]

    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        run(scorer)
    expected = {}
    for request in True, False:
        theirs = make_scorer(log_loss, response_method="predict_proba", greater_is_better=False)
        expected[request] = run(theirs.set_score_request(sample_weight=request))
        asked = scorer.set_score_request(sample_weight=request)
        assert asked is scorer
        assert_allclose(run(scorer), expected[request], rtol=1e-12)
        for copy in clone(scorer), pickle.loads(pickle.dumps(scorer)):
            assert_allclose(run(copy), expected[request], rtol=1e-12)
    assert (expected[True] != expected[False]).all()


@pytest.mark.usefixtures("routing")
def test_routing_to_other_names(binary):
    X, y = binary
    weight = np.random.default_rng(0).random(len(y))
    scorer = make_loss_scorer("cross_entropy").set_score_request(sample_weight="importance")
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, scoring=scorer, cv=2)
    search.fit(X, y, importance=weight)
    weighted = search.score(X, y, importance=weight)
    assert_allclose(weighted, scorer(search, X, y, sample_weight=weight), rtol=1e-12)


def test_digits_end_to_end():
    X, y = load_digits(return_X_y=True)
    scoring = {
        "cross_entropy": make_loss_scorer("cross_entropy"),
        "focal": make_loss_scorer("sigmoid_focal_loss"),
        "accuracy": "accuracy",
    }
    scores = cross_validate(GaussianNB(), X, y, scoring=scoring, cv=3)
    assert (scores["test_focal"] < 0).all()
    assert (scores["test_cross_entropy"] < 0).all()
