"""The estimators around boosters of each library."""

import inspect
import pickle

import numpy as np
import pandas as pd
import pytest
from boosted import (
    LIBRARIES,
    NAMES,
    OF_LABELS,
    OF_REAL,
    REPEATABLE,
    SETS_OF_SKLEARN,
    arrays_of,
    classifier,
    each_library,
    each_library_with_sets,
    load,
    make_booster,
    make_data,
    regressor,
)
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import mean_poisson_deviance, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import sklosses
from sklosses import get_loss, make_loss_scorer
from sklosses.boosting import LossBoostingClassifier, LossBoostingRegressor

pytestmark = pytest.mark.usefixtures("one_thread")

X, DATA = make_data()
NAMES_OF_CLASSES = np.array(["low", "middle", "high"], dtype=object)


def first_rows(library, several, target):
    """Features and targets; fewer where CatBoost calls Python for each of them."""
    n = 120 if library == "catboost" and several else len(X)
    return X[:n], DATA[target][:n]


FEW_ROUNDS = {
    "Classifier": HistGradientBoostingClassifier(max_iter=20),
    "Regressor": HistGradientBoostingRegressor(max_iter=20),
}


@parametrize_with_checks(
    [
        LossBoostingClassifier(),
        LossBoostingRegressor(),
        LossBoostingClassifier(FEW_ROUNDS["Classifier"], loss="sigmoid_focal_loss"),
        LossBoostingRegressor(FEW_ROUNDS["Regressor"], loss="poisson_nll_loss"),
        LossBoostingRegressor(FEW_ROUNDS["Regressor"], loss="crps_gaussian_loss"),
    ]
)
def test_check_estimator(estimator, check):
    check(estimator)


# ---------------------------------------------------------------------------------------------
# Every loss in every library
# ---------------------------------------------------------------------------------------------


@each_library
@pytest.mark.parametrize("name", OF_REAL)
def test_losses_of_numbers(name, library):
    loss = get_loss(name)
    X, y = first_rows(library, loss.tags.response == "distribution", "positive")
    reg = regressor(library, loss, 20).fit(X, y)
    constant = np.broadcast_arrays(*np.atleast_1d(loss.optimal_constant(y)), y)[:-1]
    best = loss(y, *constant)
    if loss.tags.response == "distribution":
        mean, std = reg.predict(X, return_std=True)
        found = loss(y, mean, std**2)
        assert_array_equal(reg.predict(X), mean)
        assert_allclose(reg.start_, [constant[0][0], np.log(constant[1][0])])
    else:
        predicted = reg.predict(X)
        assert predicted.shape == y.shape
        assert_allclose(reg.start_, loss.optimal_constant(y))
        raw = np.log(predicted) if loss.tags.response == "log_rate" else predicted
        assert_allclose(loss.inverse_link(raw), predicted, rtol=1e-12)
        found = loss(y, raw)
    assert found < best - 0.05 * abs(best)
    assert reg.n_features_in_ == X.shape[1]


@each_library
@pytest.mark.parametrize("target", ["binary", "classes"])
@pytest.mark.parametrize("name", OF_LABELS)
def test_losses_of_labels(name, target, library):
    loss = get_loss(name)
    X, y = first_rows(library, target == "classes", target)
    # Where there is no curvature, steps are no longer than the learning rate.
    clf = classifier(library, loss, 15, learning_rate=0.5 if loss.tags.hessian == "ones" else 0.2)
    clf.fit(X, NAMES_OF_CLASSES[y])
    assert_array_equal(clf.classes_, np.unique(NAMES_OF_CLASSES[y]))
    positions = np.searchsorted(clf.classes_, NAMES_OF_CLASSES[y])
    labels = clf.predict(X)
    assert np.mean(labels == NAMES_OF_CLASSES[y]) > 0.75
    decision = clf.decision_function(X)
    assert decision.shape == (len(y),) if target == "binary" else (len(y), 3)
    if target == "binary":
        assert_array_equal(labels, clf.classes_[(decision > 0) * 1])
    else:
        assert_array_equal(labels, clf.classes_[decision.argmax(axis=1)])
    ordered = loss.tags.target == "class_rank"
    if not (ordered and target == "classes"):
        start = np.broadcast_to(clf.start_, decision.shape).copy()
        values = [loss(*arrays_of(loss, positions, raw)) for raw in (decision, start)]
        assert values[0] < 0.8 * values[1]
    assert hasattr(clf, "predict_proba") == hasattr(loss, "predict_proba")
    if not hasattr(clf, "predict_proba"):
        return
    probability = clf.predict_proba(X)
    assert probability.shape == (len(y), len(clf.classes_))
    assert_allclose(probability.sum(axis=1), 1)
    # As the loss converts them.
    if ordered and target == "classes":
        assert_allclose(decision, np.log(np.maximum(probability, np.finfo(float).tiny)))
        return
    if ordered:
        expected = loss.predict_proba(decision[:, np.newaxis])
    elif loss.tags.target == "class_index":
        expected = loss.predict_proba(
            np.column_stack([0 * decision, decision]) if decision.ndim == 1 else decision
        )
    elif target == "binary":
        expected = loss.predict_proba(decision)
        expected = expected if expected.ndim == 2 else np.column_stack([1 - expected, expected])
    else:
        expected = loss.predict_proba(decision)
        expected = expected / expected.sum(axis=1, keepdims=True)
    assert_allclose(probability, expected, atol=1e-12)


@each_library
def test_ordered_classes(library):
    y = DATA["classes"]
    for name in ("coral_loss", "corn_loss"):
        clf = classifier(library, name).fit(X, y)
        # Three classes are given in the order of their labels.
        mean = clf.predict_proba(X) @ [0, 1, 2]
        assert np.corrcoef(mean, X[:, 0])[0, 1] > 0.8
        loss = get_loss(name)
        constant = loss.optimal_constant(y)
        assert_allclose(clf.start_, [*constant, 0])
        outputs = clf._trained[0].raw(X)[:, :2]
        assert_allclose(clf.predict_proba(X), loss.predict_proba(outputs))
        assert loss(y, outputs) < 0.8 * loss(y, np.tile(constant, (len(y), 1)))


@each_library
def test_start_is_the_best_constant(library):
    """A booster that learns nothing predicts it."""
    nothing, more, rtol = np.zeros((300, 1)), {}, 1e-5
    if library in ("lightgbm", "catboost"):  # which refuse constant features
        nothing, more, rtol = X, {"learning_rate": 1e-6}, 1e-4
    for name in ("mse_loss", "log_cosh_loss", "poisson_nll_loss", "tweedie_deviance"):
        y, weight = DATA["counts"] + 0.5, DATA["weight"]
        reg = regressor(library, name, **more).fit(nothing, y, sample_weight=weight)
        loss = get_loss(name)
        constant = loss.optimal_constant(y, sample_weight=weight)
        assert_allclose(reg.predict(nothing), loss.inverse_link(constant), rtol=rtol)
    for name in ("binary_cross_entropy_with_logits", "sigmoid_focal_loss", "cross_entropy"):
        y, weight = DATA["binary"], DATA["weight"]
        clf = classifier(library, name, **more).fit(nothing, y, sample_weight=weight)
        loss = get_loss(name)
        start = loss.optimal_constant(y, sample_weight=weight)
        start = np.ravel(start)[-1] - (start[0] if np.ndim(start) else 0)
        assert_allclose(clf.decision_function(nothing), start, rtol=rtol)
        if name != "sigmoid_focal_loss":
            share = np.average(y, weights=weight)
            assert_allclose(clf.predict_proba(nothing), [[1 - share, share]] * 300, rtol=rtol)
    clf = classifier(library, **more).fit(nothing, DATA["classes"])
    shares = np.bincount(DATA["classes"]) / 300
    assert_allclose(clf.predict_proba(nothing), [shares] * 300, rtol=rtol)


@each_library
def test_rare_class_keeps_its_probability(library):
    """Not learned from 0: a booster that starts there says 0.3 after ten rounds."""
    y = (np.arange(300) % 50 == 0).astype(int)
    clf = classifier(library, learning_rate=0.01).fit(X, y)
    assert_allclose(clf.predict_proba(X)[:, 1].mean(), 0.02, rtol=0.2)


@each_library
@pytest.mark.parametrize(
    "name", ["mse_loss", "binary_cross_entropy_with_logits", "cross_entropy", "poisson_nll_loss"]
)
@pytest.mark.parametrize("hessian", ["exact", "abs", "clip", "fisher", "ones"])
def test_every_hessian_trains(library, name, hessian):
    loss = get_loss(name)
    if loss.tags.target == "real":
        y = DATA["counts"]
        reg = regressor(library, name, 15, hessian=hessian, learning_rate=0.3).fit(X, y)
        assert np.corrcoef(reg.predict(X), y)[0, 1] > 0.5
    else:
        y = DATA["binary"]
        clf = classifier(library, name, 15, hessian=hessian, learning_rate=0.5).fit(X, y)
        assert clf.score(X, y) > 0.85


# ---------------------------------------------------------------------------------------------
# Labels, weights and tables
# ---------------------------------------------------------------------------------------------


@each_library
@pytest.mark.parametrize(
    "labels",
    [
        ["no", "yes", "perhaps"],
        [3.0, -1.0, 0.0],
        [10, -7, 2**40],
        np.array(["b", "a", "c"], dtype=object),
        pd.Categorical(["x", "y", "z"]),
    ],
    ids=["str", "float", "int", "object", "categorical"],
)
def test_labels_of_any_type(library, labels):
    labels = np.asarray(labels)
    for target in ("binary", "classes"):
        y = labels[DATA[target]]
        expected = classifier(library, n_rounds=4).fit(X, np.unique(y, return_inverse=True)[1])
        clf = classifier(library, n_rounds=4).fit(X, y)
        assert_array_equal(clf.classes_, np.unique(y))
        assert clf.classes_.dtype == labels.dtype
        assert_array_equal(clf.predict(X), np.unique(y)[expected.predict(X)])
        assert_array_equal(clf.predict_proba(X), expected.predict_proba(X))
    y = DATA["binary"] == 1
    assert classifier(library, n_rounds=4).fit(X, y).predict(X).dtype == bool


@each_library
def test_tables(library):
    frame = pd.DataFrame(X, columns=list("abcd"), index=np.arange(300)[::-1])
    y = pd.Series(NAMES_OF_CLASSES[DATA["classes"]], index=frame.index)
    weight = pd.Series(DATA["weight"], index=frame.index)
    expected = classifier(library, n_rounds=4).fit(X, y.to_numpy(), sample_weight=DATA["weight"])
    clf = classifier(library, n_rounds=4).fit(frame, y, sample_weight=weight)
    assert_allclose(clf.predict_proba(frame), expected.predict_proba(X), rtol=1e-12)
    assert_array_equal(clf.predict(frame), expected.predict(X))
    y = pd.Series(DATA["real"], index=frame.index)
    expected = regressor(library, n_rounds=4).fit(X, DATA["real"], sample_weight=DATA["weight"])
    reg = regressor(library, n_rounds=4).fit(frame, y, sample_weight=weight)
    assert_allclose(reg.predict(frame), expected.predict(X), rtol=1e-12)


@each_library
@pytest.mark.parametrize(
    ("loss", "target"),
    [
        ("huber_loss", "real"),
        ("l1_loss", "real"),
        ("tweedie_deviance", "positive"),
        ("gaussian_nll_loss", "real"),
        ("sigmoid_focal_loss", "binary"),
        ("cross_entropy", "classes"),
    ],
)
def test_weights_are_repetitions(library, loss, target):
    repeats = np.random.default_rng(1).integers(1, 4, len(X))
    rows = np.repeat(np.arange(len(X)), repeats)
    # Of few distinct values, so that bins do not depend on counts.
    whole, y = np.floor(2 * X), DATA[target]
    make = classifier if target in ("binary", "classes") else regressor
    n_rounds = 3 if library == "catboost" else 8
    model = make(library, loss, n_rounds, **REPEATABLE[library])
    weighted = clone(model).fit(whole, y, sample_weight=repeats)
    repeated = clone(model).fit(whole[rows], y[rows])
    assert_allclose(weighted.start_, repeated.start_, rtol=1e-9)
    of = "decision_function" if make is classifier else "predict"
    expected = getattr(repeated, of)(whole)
    assert_allclose(getattr(weighted, of)(whole), expected, atol=2e-5 * np.abs(expected).max())


@each_library
def test_weights_of_classes(library):
    y = NAMES_OF_CLASSES[DATA["binary"]]
    more = {"bootstrap_type": "No"} if library == "catboost" else {}

    def raw(class_weight, sample_weight=None):
        clf = classifier(library, "soft_margin_loss", class_weight=class_weight, **more)
        return clf.fit(X, y, sample_weight=sample_weight).decision_function(X)

    expected = raw(None, np.where(y == "low", 3.0, 1.0))
    assert np.abs(expected - raw(None)).max() > 0.1
    for class_weight in ({"low": 3}, {"low": 3.0, "middle": 1.0}, [3.0, 1.0]):
        assert_allclose(raw(class_weight), expected, rtol=1e-9)
    n_low, n = (y == "low").sum(), len(y)
    expected = raw(None, np.where(y == "low", n / 2 / n_low, n / 2 / (n - n_low)))
    assert_allclose(raw("balanced"), expected, rtol=1e-9)
    weight = DATA["weight"]
    expected = raw(None, np.where(y == "low", 3.0, 1.0) * weight)
    assert_allclose(raw({"low": 3}, weight), expected, rtol=1e-9)
    counts = [weight[y == label].sum() for label in ("low", "middle")]
    by_sample = np.where(y == "low", *(weight.sum() / 2 / count for count in counts)) * weight
    assert_allclose(raw("balanced", weight), raw(None, by_sample), rtol=1e-9)


@each_library
@pytest.mark.parametrize("target", ["binary", "classes"])
def test_weights_of_classes_in_the_loss(library, target):
    y, n_rounds = NAMES_OF_CLASSES[DATA[target]], 4
    balanced = sklosses.CrossEntropyLoss(class_weight="balanced")
    clf = classifier(library, balanced, n_rounds).fit(X, y)
    classes, counts = np.unique(y, return_counts=True)
    weights = len(y) / len(classes) / counts
    assert_allclose(clf.loss_.class_weight, weights)
    for own in (weights, dict(zip(classes, weights, strict=True))):
        loss = sklosses.CrossEntropyLoss(class_weight=own)
        expected = classifier(library, loss, n_rounds).fit(X, y)
        assert_allclose(clf.decision_function(X), expected.decision_function(X), rtol=1e-9)
    # The best constant gives all classes the same probability.
    assert_allclose(
        np.ptp(np.r_[0, clf.start_] if target == "binary" else clf.start_), 0, atol=1e-9
    )
    assert balanced.class_weight == "balanced"
    both = 0.5 * balanced + 0.5 * sklosses.CrossEntropyLoss()
    assert_allclose(classifier(library, both, 2).fit(X, y).loss_.losses[0].class_weight, weights)


# ---------------------------------------------------------------------------------------------
# Evaluation sets and early stopping
# ---------------------------------------------------------------------------------------------

STOPPING = {
    "lightgbm": {"early_stopping_rounds": 3},
    "xgboost": {"early_stopping_rounds": 3},
    "catboost": {"early_stopping_rounds": 3},
    "sklearn": {"early_stopping": True, "n_iter_no_change": 3, "tol": 0},
}


def history(model, library, k=0):
    """The metric of the evaluation set after each iteration."""
    booster = model.estimators_[k] if hasattr(model, "estimators_") else model.estimator_
    if library == "sklearn":
        return -booster.validation_score_[1:]
    if library == "lightgbm":
        seen = booster.evals_result_["valid_0"]
    elif library == "xgboost":
        seen = booster.evals_result()["validation_0"]
    else:
        seen = booster.get_evals_result()["validation"]
    assert len(seen) == 1
    return np.array(next(iter(seen.values())))


def best_iteration(model, library):
    booster = model.estimator_
    if library == "sklearn":
        return booster.n_iter_ - 1  # it keeps all
    if library == "lightgbm":
        return booster.best_iteration_ - 1
    return booster.best_iteration if library == "xgboost" else booster.best_iteration_


def check_history(model, library, values):
    """That the metric is the loss, and the best iteration is that of the least."""
    seen = history(model, library)
    assert len(values) <= len(seen) < 300
    assert_allclose(seen[: len(values)], values, rtol=1e-4)
    if library != "sklearn":
        best = best_iteration(model, library)
        assert best == seen.argmin()
        assert len(values) == best + 1


@each_library_with_sets
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    ("name", "target"),
    [("sigmoid_focal_loss", "binary"), ("hinge_loss", "binary"), ("softmax_focal_loss", "classes")],
)
def test_early_stopping_of_classifiers(library, name, target, weighted):
    loss, y = get_loss(name), NAMES_OF_CLASSES[DATA[target]]
    rate = 0.9 if target == "classes" else 0.5
    model = classifier(
        library, loss, 300, class_weight={"low": 2.0}, learning_rate=rate, **STOPPING[library]
    )
    weight, more = None, {}
    if weighted:
        weight = DATA["weight"]
        key = {
            "sklearn": "sample_weight_val",
            "lightgbm": "eval_sample_weight",
            "xgboost": "sample_weight_eval_set",
        }.get(library)
        if key is None:
            pytest.skip("CatBoost takes no weights of evaluation sets")
        more[key] = weight[200:] if library == "sklearn" else [weight[200:]]
    model.fit(
        X[:200],
        y[:200],
        None if weight is None else weight[:200],
        eval_set=[(X[200:], y[200:])],
        **more,
    )
    positions = np.searchsorted(model.classes_, y[200:])
    own = np.where(y[200:] == "low", 2.0, 1.0) * (1 if weight is None else weight[200:])
    values = [
        loss(*arrays_of(loss, positions, raw), sample_weight=own)
        for raw in model.staged_decision_function(X[200:])
    ]
    check_history(model, library, values)
    # What predicts is the best iteration.
    last = list(model.staged_decision_function(X[200:]))[-1]
    assert_allclose(model.decision_function(X[200:]), last, rtol=1e-5, atol=1e-6)


@each_library_with_sets
@pytest.mark.parametrize("scale", [1.0, 1e4])
@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("huber_loss", "real"),
        ("quantile_loss", "real"),
        ("poisson_nll_loss", "counts"),
        ("crps_gaussian_loss", "real"),
    ],
)
def test_early_stopping_of_regressors(library, name, target, scale):
    loss, y = get_loss(name), DATA[target] * (1 if target == "counts" else scale)
    model = regressor(library, loss, 300, learning_rate=0.5, **STOPPING[library])
    model.fit(X[:200], y[:200], eval_set=(X[200:], y[200:]))
    seen = history(model, library)
    if name == "crps_gaussian_loss":
        mean, std = model.predict(X[200:], return_std=True)
        best = best_iteration(model, library)
        assert_allclose(loss(y[200:], mean, std**2), seen[best], rtol=1e-5)
        assert library == "sklearn" or best == seen.argmin()
        return
    link = np.log if target == "counts" else np.asarray
    values = [loss(y[200:], link(predicted)) for predicted in model.staged_predict(X[200:])]
    check_history(model, library, values)


@each_library_with_sets
def test_evaluation_sets_in_any_form(library):
    y = NAMES_OF_CLASSES[DATA["classes"]]
    frame = pd.DataFrame(X, columns=list("abcd"))
    valid = frame[200:], pd.Series(y[200:])
    found = []
    for sets in ([valid], valid, [list(valid)]):
        model = classifier(library, n_rounds=3, **STOPPING[library])
        found.append(history(model.fit(frame[:200], y[:200], eval_set=sets), library))
    assert_array_equal(found[0], found[1])
    assert_array_equal(found[0], found[2])


def test_evaluation_sets_under_the_names_of_the_library():
    y = NAMES_OF_CLASSES[DATA["binary"]]
    lightgbm = load("lightgbm")
    model = classifier("lightgbm")
    expected = clone(model).fit(X[:200], y[:200], eval_set=(X[200:], y[200:]))
    if "eval_X" in inspect.signature(lightgbm.LGBMClassifier.fit).parameters:
        for X_val, y_val in ((X[200:], y[200:]), ((X[200:],), (y[200:],))):
            found = clone(model).fit(X[:200], y[:200], eval_X=X_val, eval_y=y_val)
            assert_array_equal(history(found, "lightgbm"), history(expected, "lightgbm"))
    # Further metrics are shown beside the loss.
    found = clone(model).fit(X[:200], y[:200], eval_set=(X[200:], y[200:]), eval_metric="auc")
    seen = found.estimator_.evals_result_["valid_0"]
    assert set(seen) == {"auc", "binary_cross_entropy_with_logits"}
    # LightGBM would evaluate its own metric first, and stop by it.
    stopping = clone(model).set_params(estimator__early_stopping_round=2)
    with pytest.raises(ValueError, match=r"Pass further metrics as functions, or none\."):
        stopping.fit(X[:200], y[:200], eval_set=(X[200:], y[200:]), eval_metric="auc")
    worse = iter(range(1000))

    def no_use(y_true, y_pred):
        return "no use", next(worse), False

    stopping.fit(X[:200], y[:200], eval_set=(X[200:], y[200:]), eval_metric=no_use)
    seen = stopping.estimator_.evals_result_["valid_0"]["binary_cross_entropy_with_logits"]
    assert stopping.estimator_.best_iteration_ == np.argmin(seen) + 1 > 1


def rounds(y_true, raw):
    """A metric that gets worse with each iteration."""
    return "rounds", float(np.abs(raw).sum()), False


def test_lightgbm_stops_by_the_loss_among_further_metrics():
    load("lightgbm")
    y = DATA["binary"]
    model = classifier("lightgbm", n_rounds=300, learning_rate=0.5, **STOPPING["lightgbm"])
    sets = {"eval_set": (X[200:], y[200:])}
    expected = clone(model).fit(X[:200], y[:200], **sets).estimator_
    for metric in (rounds, [rounds]):
        found = clone(model).fit(X[:200], y[:200], eval_metric=metric, **sets).estimator_
        seen = found.evals_result_["valid_0"]
        assert list(seen) == ["binary_cross_entropy_with_logits", "rounds"]
        assert found.best_iteration_ == expected.best_iteration_ > 3
        assert np.argmin(seen["rounds"]) == 0


@pytest.mark.parametrize("library", NAMES)
def test_several_evaluation_sets(library):
    y = NAMES_OF_CLASSES[DATA["binary"]]
    sets = (X[200:], y[200:]), (X[:200], y[:200])
    found = []
    for form in (sets, list(sets)):
        booster = classifier(library, n_rounds=3).fit(X[:200], y[:200], eval_set=form).estimator_
        if library == "catboost":
            seen = booster.get_evals_result()
            seen = {key: seen[key] for key in seen if key.startswith("validation")}
        else:
            seen = booster.evals_result_ if library == "lightgbm" else booster.evals_result()
        assert len(seen) == 2
        found.append([next(iter(item.values())) for item in seen.values()])
    assert_array_equal(found[0], found[1])
    assert np.abs(np.subtract(*found[0])).min() > 0


@SETS_OF_SKLEARN
def test_scikit_learn_stops_if_there_is_an_evaluation_set():
    """By default, it would stop early only for more than 10,000 samples."""
    y = DATA["binary"]
    model = classifier("sklearn", n_rounds=300, early_stopping="auto", learning_rate=0.5)
    model.fit(X[:200], y[:200], eval_set=(X[200:], y[200:]))
    assert model.estimator_.n_iter_ < 100


@SETS_OF_SKLEARN
def test_evaluation_sets_under_the_names_of_scikit_learn():
    y = NAMES_OF_CLASSES[DATA["binary"]]
    model = classifier("sklearn", **STOPPING["sklearn"])
    expected = clone(model).fit(X[:200], y[:200], eval_set=(X[200:], y[200:]))
    found = clone(model).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert_array_equal(history(found, "sklearn"), history(expected, "sklearn"))


def test_scikit_learn_holds_out_a_part_by_itself():
    y = NAMES_OF_CLASSES[DATA["classes"]]
    model = classifier(
        "sklearn", "softmax_focal_loss", 300, learning_rate=0.9, **STOPPING["sklearn"]
    )
    model.fit(X, y)
    assert model.estimator_.n_iter_ < 100
    reg = regressor("sklearn", "gaussian_nll_loss", 300, learning_rate=0.9, **STOPPING["sklearn"])
    assert reg.fit(X, DATA["real"]).estimator_.n_iter_ < 100
    assert reg.score(X, DATA["real"]) > 0.8


@pytest.mark.parametrize("library", NAMES)
def test_several_quantiles_stop_by_themselves(library):
    loss = sklosses.QuantileLoss(quantile=[0.1, 0.5, 0.9])
    y = DATA["real"]
    model = regressor(library, loss, 300, learning_rate=0.5, **STOPPING[library])
    model.fit(X[:200], y[:200], eval_set=(X[200:], y[200:]))
    assert len(model.estimators_) == 3
    predicted = model.predict(X[200:])
    for k, q in enumerate(loss.quantile):
        seen = history(model, library, k)
        found = sklosses.quantile_loss(y[200:], predicted[:, k], quantile=q)
        assert_allclose(found, seen.min(), rtol=1e-5)
    stages = list(model.staged_predict(X[200:]))
    assert stages[0].shape == (100, 3)


# ---------------------------------------------------------------------------------------------
# Predictions
# ---------------------------------------------------------------------------------------------


@each_library
@pytest.mark.parametrize("quantiles", [[0.1, 0.5, 0.9], [0.5], np.array([0.2, 0.7])], ids=len)
def test_several_quantiles(library, quantiles):
    y = DATA["real"]
    loss = sklosses.QuantileLoss(quantile=quantiles)
    # Shallow trees, which cannot go through the targets.
    params = {"learning_rate": 0.2, "depth" if library == "catboost" else "max_depth": 2}
    reg = regressor(library, loss, 20, **params).fit(X, y)
    found = reg.predict(X)
    assert found.shape == (len(y), len(quantiles))
    if len(quantiles) == 1:
        assert reg.score(X, y) == r2_score(y, found)
    else:
        with pytest.raises(ValueError, match=r"no R\^2: there are several predictions"):
            reg.score(X, y)
    assert len(reg.estimators_) == len(reg.start_) == len(quantiles)
    assert not hasattr(reg, "estimator_")
    assert_allclose((y[:, np.newaxis] <= found).mean(axis=0), quantiles, atol=0.1)
    for k, q in enumerate(quantiles):
        loss = sklosses.QuantileLoss(quantile=float(q))
        one = regressor(library, loss, 20, **params).fit(X, y)
        assert_allclose(one.predict(X), found[:, k], rtol=1e-12)
        assert one.predict(X).shape == y.shape
    stages = list(reg.staged_predict(X))
    assert len(stages) == 20
    assert_allclose(stages[-1], found, rtol=1e-5)
    # Fitted again with one quantile, it has one booster.
    reg.set_params(loss__quantile=0.5).fit(X, y)
    assert reg.predict(X).shape == y.shape
    assert reg.estimator_ is reg.estimators_[0]


@each_library
@pytest.mark.parametrize("name", ["gaussian_nll_loss", "crps_gaussian_loss"])
def test_means_and_variances(library, name):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    std = np.where(X[:, 1] > 0, 3.0, 0.5)
    y = 100 + 2 * X[:, 0] + std * rng.normal(size=300)
    reg = regressor(library, name, 15, learning_rate=0.3).fit(X, y)
    mean, found = reg.predict(X, return_std=True)
    assert mean.shape == found.shape == y.shape
    assert_array_equal(mean, reg.predict(X))
    low, high = found[X[:, 1] < 0].mean(), found[X[:, 1] > 0].mean()
    assert 0.3 < low < 1.3
    assert 2 * low < high < 4
    assert np.corrcoef(mean, X[:, 0])[0, 1] > 0.8
    assert_allclose(list(reg.staged_predict(X))[-1], mean, rtol=1e-5)
    assert len(reg.start_) == 2
    scorer = make_loss_scorer(name)
    assert_allclose(scorer(reg, X, y), -get_loss(name)(y, mean, found**2), rtol=1e-9)


@each_library
def test_stages(library):
    for target in ("binary", "classes"):
        clf = classifier(library, n_rounds=6).fit(X, NAMES_OF_CLASSES[DATA[target]])
        for of in ("decision_function", "predict", "predict_proba"):
            stages = list(getattr(clf, f"staged_{of}")(X))
            expected = getattr(clf, of)(X)
            assert len(stages) == 6
            if of == "predict":
                assert_array_equal(stages[-1], expected)
            else:
                assert_allclose(stages[-1], expected, rtol=1e-5, atol=1e-6)
                # Each is an array of its own, and not the last one six times.
                assert np.ptp([stage.ravel()[0] for stage in stages]) > 0
    assert not hasattr(classifier(library, "hinge_loss"), "staged_predict_proba")
    reg = regressor(library, "tweedie_deviance", 6).fit(X, DATA["positive"])
    stages = list(reg.staged_predict(X))
    assert len(stages) == 6
    assert_allclose(stages[-1], reg.predict(X), rtol=1e-5)


@each_library
def test_predictions_that_the_caller_has_are_left_alone(library):
    clf = classifier(library, n_rounds=3).fit(X, DATA["binary"])
    held = clf.decision_function(X)
    view, copy = held[5:], held.copy()
    clf.decision_function(2 * X)
    assert_array_equal(held, copy)
    del held
    clf.decision_function(2 * X)
    assert_array_equal(view, copy[5:])
    reg = regressor(library, n_rounds=3).fit(X, DATA["real"])
    held = reg.predict(X)
    copy = held.copy()
    reg.predict(2 * X)
    assert_array_equal(held, copy)


OF_ANY_SCALE = {
    "mse": lambda unit: sklosses.MSELoss(),
    "l1": lambda unit: sklosses.L1Loss(),
    "mape": lambda unit: sklosses.MAPELoss(),
    "huber": lambda unit: sklosses.HuberLoss(delta=unit),
    "expectile": lambda unit: sklosses.ExpectileLoss(expectile=0.8),
    "robust": lambda unit: sklosses.RobustLoss(alpha=-2, scale=unit),
    "gaussian nll": lambda unit: sklosses.GaussianNLLLoss(eps=0),
    "crps": lambda unit: sklosses.CRPSGaussianLoss(),
}


@each_library
@pytest.mark.parametrize("unit", [2.0**-20, 1e-6, 1e6], ids=str)
@pytest.mark.parametrize("make", OF_ANY_SCALE.values(), ids=OF_ANY_SCALE)
def test_targets_of_any_scale(library, make, unit):
    loss = make(1.0)
    X, y = first_rows(library, loss.tags.response == "distribution", "real")
    expected = regressor(library, loss, 5).fit(X, y)
    found = regressor(library, make(unit), 5).fit(X, unit * y)

    def predictions(reg, unit):
        if loss.tags.response != "distribution":
            return [reg.predict(X) / unit]
        mean, std = reg.predict(X, return_std=True)
        return [mean / unit, (std / unit) ** 2]

    assert_allclose(np.ravel(found.start_)[0] / unit, np.ravel(expected.start_)[0], rtol=1e-6)
    if unit == 2.0**-20:
        # All roundings are the same.
        for part, like in zip(predictions(found, unit), predictions(expected, 1), strict=True):
            assert_allclose(part, like, rtol=1e-5)
    # Otherwise they decide between splits that are equally good, of which L1Loss has many.
    values = [loss(y, *predictions(*pair)) for pair in ((found, unit), (expected, 1))]
    rel = 0.05 if isinstance(loss, sklosses.L1Loss) else 1e-3
    assert values[0] == pytest.approx(values[1], rel=rel)


@each_library
@pytest.mark.parametrize("loss", ["mse_loss", "huber_loss", "quantile_loss", "gaussian_nll_loss"])
def test_targets_of_any_offset(library, loss):
    """Most libraries hold them in single precision, in which 1e9 + 5 is 1e9."""
    X, y = first_rows(library, loss == "gaussian_nll_loss", "real")
    y = np.round(y, 2)
    expected = regressor(library, loss, 5).fit(X, y).predict(X)
    offset = 2.0**30
    found = regressor(library, loss, 5).fit(X, offset + y).predict(X)
    # The sum has lost digits beyond 1e-7.
    assert_allclose(found - offset, expected, atol=2e-3 * np.ptp(y))


def test_margins_mean_what_their_loss_says():
    clf = classifier("sklearn", "exponential_loss", 20).fit(X, DATA["binary"])
    assert_allclose(clf.predict_proba(X)[:, 1], expit(2 * clf.decision_function(X)))


# ---------------------------------------------------------------------------------------------
# As an estimator
# ---------------------------------------------------------------------------------------------


@each_library
def test_pickles_and_clones(library):
    X, y = first_rows(library, True, "classes")
    _, real = first_rows(library, True, "real")
    y, loss = NAMES_OF_CLASSES[y], sklosses.SoftmaxFocalLoss(gamma=1.0)
    models = [
        classifier(library, loss, 3).fit(X, y),
        regressor(library, "huber_loss", 3).fit(X, real),
        regressor(library, "gaussian_nll_loss", 3).fit(X, real),
        regressor(library, sklosses.QuantileLoss(quantile=[0.2, 0.8]), 3).fit(X, real),
    ]
    for model in models:
        again = pickle.loads(pickle.dumps(model))
        assert_array_equal(again.predict(X), model.predict(X))
        if isinstance(model, LossBoostingClassifier):
            assert_array_equal(again.predict_proba(X), model.predict_proba(X))
        copy = clone(model)
        with pytest.raises(NotFittedError):
            copy.predict(X)
        target = y if isinstance(model, LossBoostingClassifier) else real
        assert_array_equal(copy.fit(X, target).predict(X), model.predict(X))


@each_library
def test_the_given_objects_are_not_changed(library):
    booster = make_booster(library, "Classifier", 3)
    loss = sklosses.SigmoidFocalLoss(reduction="sum", alpha=None)
    before = repr(booster.get_params()), loss.get_params()
    sets = {} if library == "sklearn" else {"eval_set": [(X, DATA["binary"])]}
    given = {**sets}
    clf = LossBoostingClassifier(booster, loss=loss).fit(X, DATA["binary"], **sets)
    assert sets == given
    assert (repr(booster.get_params()), loss.get_params()) == before
    assert clf.loss_ is not loss
    assert clf.estimator_ is not booster
    assert not hasattr(booster, "n_features_in_") or library != "sklearn"
    # What is set has no influence on what is fitted.
    expected = clf.decision_function(X)
    loss.set_params(gamma=0.0)
    assert_array_equal(clf.decision_function(X), expected)


@each_library
def test_repeated_fits_are_the_same(library):
    more = {"random_seed": 0} if library == "catboost" else {}
    clf = classifier(library, "sigmoid_focal_loss", **more).fit(X, DATA["binary"])
    expected = clf.decision_function(X)
    assert_array_equal(clf.fit(X, DATA["binary"]).decision_function(X), expected)
    # With other data in between.
    clf.fit(X[:100, :2], DATA["classes"][:100])
    assert clf.n_features_in_ == 2
    assert_array_equal(clf.fit(X, DATA["binary"]).decision_function(X), expected)


@pytest.mark.parametrize(
    ("library", "n_jobs"),
    [(library, None) for library in LIBRARIES]
    + [("sklearn", 2), ("lightgbm", 2)]
    # The processes import the library, which takes long.
    + [pytest.param(library, 2, marks=pytest.mark.slow) for library in ("xgboost", "catboost")],
)
def test_grid_search_over_loss_and_booster(library, n_jobs):
    depth = "depth" if library == "catboost" else "max_depth"
    grid = {"loss__gamma": [0.0, 2.0], f"estimator__{depth}": [1, 3]}
    clf = classifier(library, sklosses.SigmoidFocalLoss(alpha=None), 5)
    scorer = make_loss_scorer("binary_cross_entropy_with_logits")
    search = GridSearchCV(clf, grid, scoring=scorer, cv=2, n_jobs=n_jobs, error_score="raise")
    search.fit(X, NAMES_OF_CLASSES[DATA["binary"]])
    assert len(set(search.cv_results_["mean_test_score"])) == 4
    best = search.best_estimator_
    assert best.loss_.gamma == best.loss.gamma == search.best_params_["loss__gamma"]
    assert best.estimator_.get_params()[depth] == search.best_params_[f"estimator__{depth}"]


def test_grid_search_with_the_defaults():
    grid = {"loss__delta": [0.5, 1.0], "estimator__max_depth": [1, 3], "estimator__max_iter": [5]}
    search = GridSearchCV(LossBoostingRegressor(loss="huber_loss"), grid, cv=2, error_score="raise")
    search.fit(X, DATA["real"])
    assert search.best_estimator_.estimator_.max_iter == 5
    assert isinstance(search.best_estimator_.loss, sklosses.HuberLoss)
    grid = {"loss": ["hinge_loss", sklosses.SigmoidFocalLoss(alpha=None)]}
    grid |= {"class_weight": [None, "balanced"], "hessian": ["auto", "ones"]}
    search = GridSearchCV(classifier("sklearn", n_rounds=5), grid, cv=2, error_score="raise")
    assert search.fit(X, DATA["binary"]).best_score_ > 0.6


def test_parameters():
    clf = LossBoostingClassifier()
    params = clf.get_params()
    assert params["estimator"] is params["loss"] is params["class_weight"] is None
    assert params["estimator__max_iter"] == 100
    assert "estimator__max_iter" not in clf.get_params(deep=False)
    assert repr(clf) == "LossBoostingClassifier()"
    clf.set_params(estimator__max_iter=7)
    assert isinstance(clf.estimator, HistGradientBoostingClassifier)
    assert clf.get_params()["estimator__max_iter"] == clf.estimator.max_iter == 7
    clf.set_params(loss="sigmoid_focal_loss", loss__gamma=1.0)
    assert clf.get_params()["loss__gamma"] == clf.loss.gamma == 1.0
    clf.set_params(estimator=None, estimator__max_depth=2)
    assert clf.estimator.max_iter == 100
    assert clf.estimator.max_depth == 2
    reg = LossBoostingRegressor(loss=sklosses.huber_loss)
    assert reg.get_params()["loss__delta"] == 1.0
    assert reg.set_params(loss__delta=2.0).loss.delta == 2.0
    with pytest.raises(ValueError, match="Invalid parameter 'max_deep'"):
        reg.set_params(estimator__max_deep=3)
    with pytest.raises(ValueError, match="Invalid parameter 'booster'"):
        reg.set_params(booster=3)


@each_library
def test_scores_of_cross_validation(library):
    y = NAMES_OF_CLASSES[DATA["classes"]]
    for loss in ("cross_entropy", "softmax_focal_loss"):
        scorer = make_loss_scorer(loss)
        scores = cross_val_score(classifier(library, n_rounds=4), X, y, scoring=scorer, cv=2)
        assert np.all(scores > -1.1)
        assert np.all(np.isfinite(scores))
    pipeline = make_pipeline(StandardScaler(), regressor(library, "huber_loss"))
    scorer = make_loss_scorer("huber_loss")
    scores = cross_val_score(pipeline, X, DATA["real"], scoring=scorer, cv=2)
    constant = sklosses.HuberLoss().optimal_constant(DATA["real"])
    worst = -sklosses.huber_loss(DATA["real"], np.full(len(X), constant))
    assert np.all(scores > worst)
    hinge = make_loss_scorer("hinge_loss")
    scores = cross_val_score(
        classifier(library, "hinge_loss"), X, DATA["binary"], scoring=hinge, cv=2
    )
    assert np.all(scores > -1)


def test_losses_in_any_form():
    expected = None
    for loss in (
        "huber_loss",
        sklosses.huber_loss,
        sklosses.HuberLoss,
        sklosses.HuberLoss(),
        1.0 * sklosses.HuberLoss(),
    ):
        found = regressor("sklearn", loss).fit(X, DATA["real"]).predict(X)
        expected = found if expected is None else expected
        assert_allclose(found, expected, rtol=1e-12)


def test_defaults_of_the_classifier():
    clf = LossBoostingClassifier(make_booster("sklearn", "Classifier", 3))
    assert isinstance(clf.fit(X, DATA["binary"]).loss_, sklosses.BCEWithLogitsLoss)
    assert isinstance(clf.fit(X, DATA["classes"]).loss_, sklosses.CrossEntropyLoss)
    assert clf.loss is None


@pytest.mark.parametrize("estimator", [LossBoostingClassifier, LossBoostingRegressor])
def test_is_the_booster_of_scikit_learn_with_a_start(estimator):
    """With the default loss, the models are scikit-learn's."""
    kind = estimator.__name__.removeprefix("LossBoosting")
    booster = make_booster("sklearn", kind, 20)
    for target in ["binary", "classes"] if kind == "Classifier" else ["real"]:
        found, expected = estimator(booster), clone(booster)
        for model in (found, expected):
            model.fit(X, DATA[target], sample_weight=DATA["weight"])
        of = "predict_proba" if kind == "Classifier" else "predict"
        assert_allclose(getattr(found, of)(X), getattr(expected, of)(X), atol=1e-6)


@each_library
def test_attributes_of_the_booster(library):
    frame = pd.DataFrame(X, columns=list("abcd"))
    for model, target in ((classifier(library), "classes"), (regressor(library), "real")):
        for name in ("feature_names_in_", "feature_importances_", "n_features_in_"):
            assert not hasattr(model, name)
        model.fit(frame, DATA[target])
        assert model.n_features_in_ == 4
        if hasattr(model.estimator_, "feature_names_in_"):
            assert list(model.feature_names_in_) == list("abcd")
        assert hasattr(model, "feature_importances_") == (library != "sklearn")
        if library != "sklearn":
            assert np.argmax(model.feature_importances_) == 0


def test_missing_values_and_categories():
    assert get_tags_of(LossBoostingClassifier()).allow_nan
    holes = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    for library in ("sklearn",):
        clf = classifier(library).fit(holes, DATA["binary"])
        assert clf.score(holes, DATA["binary"]) > 0.8
    frame = pd.DataFrame({"a": X[:, 0], "b": pd.Categorical(np.where(X[:, 1] > 0, "u", "v"))})
    booster = make_booster("sklearn", "Regressor", categorical_features="from_dtype")
    reg = LossBoostingRegressor(booster, loss="log_cosh_loss").fit(frame, DATA["real"])
    assert reg.score(frame, DATA["real"]) > 0.5


def get_tags_of(estimator):
    from sklearn.utils import get_tags

    return get_tags(estimator).input_tags


@pytest.mark.parametrize("library", NAMES)
def test_missing_values_in_other_libraries(library):
    holes = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    clf = classifier(library).fit(holes, DATA["binary"])
    assert clf.score(holes, DATA["binary"]) > 0.8


def test_catboost_takes_categories():
    load("catboost")
    frame = pd.DataFrame({"a": X[:, 0], "b": np.where(X[:, 1] > 0, "u", "v")})
    y = DATA["binary"]
    sets = {"eval_set": (frame[200:], y[200:])}
    found = []
    for class_weight in (None, "balanced"):
        clf = classifier("catboost", n_rounds=15, class_weight=class_weight, cat_features=["b"])
        found.append(clf.fit(frame[:200], y[:200], **sets).decision_function(frame))
        assert clf.score(frame, y) > 0.8
        clf = classifier("catboost", n_rounds=15, class_weight=class_weight)
        clf.fit(frame[:200], y[:200], cat_features=["b"], **sets)
        assert_array_equal(clf.decision_function(frame), found[-1])
    # scikit-learn's clone takes tuples.
    clf = clone(classifier("catboost", n_rounds=15, cat_features=("b",)))
    assert_array_equal(clf.fit(frame[:200], y[:200]).decision_function(frame), found[0])


@pytest.mark.parametrize("library", NAMES)
def test_targets_beyond_single_precision(library):
    """Libraries hold targets in float32, in units in which they are ordinary numbers."""
    y = DATA["real"]
    expected = regressor(library, n_rounds=5).fit(X, y).predict(X)
    found = regressor(library, n_rounds=5).fit(X, y * 1e150).predict(X)
    assert_allclose(found / 1e150, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_steps_of_xgboost_are_limited_for_counts():
    """As by its own objective; without a limit, the predictions are NaN after 50 rounds."""
    xgboost = load("xgboost")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = np.exp(X @ [1.0, 2.0, 0.0, -1.0] + rng.normal(size=300))
    params = {"n_estimators": 50, "n_jobs": 1}
    reg = LossBoostingRegressor(xgboost.XGBRegressor(**params), loss="poisson_nll_loss").fit(X, y)
    own = xgboost.XGBRegressor(objective="count:poisson", **params).fit(X, y)
    deviances = [mean_poisson_deviance(y, model.predict(X)) for model in (reg, own)]
    assert deviances[0] <= deviances[1]
    assert reg.estimator_.max_delta_step == 0.7
    assert reg.estimator.max_delta_step is None
    for loss, step, expected in (
        ("poisson_nll_loss", 0.5, 0.5),
        (0.5 * sklosses.PoissonNLLLoss(), None, 0.7),
        (sklosses.PoissonNLLLoss(log_input=False), None, None),  # has no exponentials
        ("mse_loss", None, None),
    ):
        booster = xgboost.XGBRegressor(n_estimators=2, max_delta_step=step)
        reg = LossBoostingRegressor(booster, loss=loss).fit(X, y)
        assert reg.estimator_.max_delta_step == expected
