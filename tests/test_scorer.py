"""Scorers, through scikit-learn's public API alone."""

import pickle

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    make_multilabel_classification,
)
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFECV
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import (
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    RidgeCV,
)
from sklearn.metrics import (
    log_loss,
    make_scorer,
    mean_absolute_error,
    mean_poisson_deviance,
    mean_squared_error,
)
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NeighborhoodComponentsAnalysis
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

import sklosses
from sklosses import (
    LossScorer,
    get_loss,
    get_loss_names,
    get_loss_scorer,
    get_loss_scorer_names,
    make_loss_scorer,
)
from sklosses.base import Loss, LossTags

EPS = np.finfo(np.float64).eps


@pytest.fixture
def binary():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X[::2]), y[::2]


@pytest.fixture
def multiclass():
    return load_iris(return_X_y=True)


@pytest.fixture
def regression():
    return load_diabetes(return_X_y=True)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


class Fixed(ClassifierMixin, BaseEstimator):
    """A classifier whose answers are columns of X; counts the calls of predict_proba."""

    n_calls = 0

    def __init__(self, classes=None):
        self.classes = classes

    def fit(self, X, y):
        self.classes_ = np.unique(y) if self.classes is None else np.asarray(self.classes)
        return self

    def predict_proba(self, X):
        type(self).n_calls += 1
        return np.asarray(X)

    def predict(self, X):
        return self.classes_[np.argmax(X, axis=1)]


class Decide(ClassifierMixin, BaseEstimator):
    """A classifier whose decisions are X."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return np.asarray(X)


def spy_scorer(response, target, **params):
    """A scorer whose loss keeps the arrays that it is called with."""

    def call(self, *arrays, sample_weight=None):
        self.arrays = arrays
        return 0.0

    spy = type("SpyLoss", (Loss,), {"tags": LossTags(response, target), "__call__": call})
    return make_loss_scorer(spy, **params)


def probabilities(n_samples, n_classes, scale=1.0, seed=0):
    p = np.exp(scale * np.random.default_rng(seed).normal(size=(n_samples, n_classes)))
    return p / p.sum(axis=1, keepdims=True)


# ---------------------------------------------------------------------------------------------
# The same measures as scikit-learn's
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("name", "metric"), [("mse_loss", mean_squared_error), ("l1_loss", mean_absolute_error)]
)
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_regression_equals_sklearn(regression, name, metric, n_outputs, weighted):
    X, y = regression
    if n_outputs > 1:
        y = np.column_stack([y, y**0.5, -y])
    weight = np.random.default_rng(0).random(len(y)) if weighted else None
    model = Ridge().fit(X, y)
    score = make_loss_scorer(name)(model, X, y, sample_weight=weight)
    assert isinstance(score, float)
    assert_allclose(score, -metric(y, model.predict(X), sample_weight=weight), rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("scale", [1.0, 10.0, 100.0])
def test_cross_entropy_equals_log_loss(n_classes, weighted, scale):
    X = probabilities(300, n_classes, scale)
    y = np.arange(300) % n_classes
    weight = np.random.default_rng(1).random(300) if weighted else None
    model = Fixed().fit(X, y)
    score = make_loss_scorer("cross_entropy")(model, X, y, sample_weight=weight)
    expected = -log_loss(y, X, labels=model.classes_, sample_weight=weight)
    assert_allclose(score, expected, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_focal_loss_and_divergence_of_classes(n_classes, weighted):
    """Of labels of any kind; a class_weight goes by label, a divergence has one-hot targets."""
    X = probabilities(300, n_classes, 3.0)
    labels = np.array(["a", "b", "c"])[np.arange(300) % n_classes]
    weight = np.random.default_rng(1).random(300) if weighted else np.ones(300)
    model = Fixed().fit(X, labels)
    p = X[np.arange(300), np.arange(300) % n_classes]

    counted = weight * np.where(labels == "b", 3.0, 1.0)
    expected = np.average(-((1 - p) ** 1.5) * np.log(p), weights=counted)
    scorer = make_loss_scorer("softmax_focal_loss", gamma=1.5, class_weight={"b": 3.0})
    assert_allclose(scorer(model, X, labels, sample_weight=weight), -expected, rtol=1e-12)

    # Of the classes that are not the label each has q / 2 log 2.
    per_sample = (np.log(2 / (1 + p)) + p * np.log(2 * p / (1 + p)) + (1 - p) * np.log(2)) / 2
    score = make_loss_scorer("js_div")(model, X, labels, sample_weight=weight)
    assert_allclose(score, -np.average(per_sample, weights=weight), rtol=1e-12)


def test_probabilities_are_clipped_by_dtype():
    X = np.array([[0.0, 1.0], [1.0, 0.0]])
    for dtype, rtol in (np.float64, 1e-12), (np.float32, 1e-6):
        model = Fixed().fit(X, [0, 1])
        expected = np.log(float(np.finfo(dtype).eps))
        for name in (
            "cross_entropy",
            "binary_cross_entropy",
            "binary_cross_entropy_with_logits",
        ):
            score = make_loss_scorer(name)(model, X.astype(dtype), [0, 1])
            assert_allclose(score, expected, rtol=rtol)
        assert_allclose(-log_loss([0, 1], X.astype(dtype), labels=[0, 1]), expected, rtol=1e-6)


@pytest.mark.parametrize("model", [GaussianNB(), DecisionTreeClassifier(random_state=0)])
@pytest.mark.parametrize("name", ["binary", "multiclass"])
def test_cross_validation_equals_sklearn(model, name, request):
    X, y = request.getfixturevalue(name)
    ours = cross_val_score(model, X, y, scoring=make_loss_scorer("cross_entropy"))
    theirs = cross_val_score(model, X, y, scoring="neg_log_loss")
    assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_binary_losses_agree(binary):
    X, y = binary
    model = LogisticRegression().fit(X, y)
    scores = [
        make_loss_scorer(name)(model, X, y)
        for name in ("cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits")
    ]
    assert_allclose(scores, scores[0], rtol=1e-10)
    # LogisticRegression's decisions are logits.
    decide = make_loss_scorer("cross_entropy", response_method="decision_function")
    assert_allclose(decide(model, X, y), scores[0], rtol=1e-10)


@pytest.mark.parametrize("shape_of_y", ["row", "column"])
@pytest.mark.parametrize("shape_of_prediction", ["row", "column"])
def test_column_target(regression, shape_of_y, shape_of_prediction):
    X, y = regression
    column = y[:, np.newaxis]
    model = LinearRegression().fit(X, column if shape_of_prediction == "column" else y)
    score = make_loss_scorer("mse_loss")(model, X, column if shape_of_y == "column" else y)
    assert_allclose(score, -mean_squared_error(y, model.predict(X)), rtol=1e-12)


# ---------------------------------------------------------------------------------------------
# Wherever scikit-learn has `scoring`
# ---------------------------------------------------------------------------------------------


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


# ---------------------------------------------------------------------------------------------
# Parameters, copies, text
# ---------------------------------------------------------------------------------------------


def test_loss_by_name_class_and_object():
    loss = get_loss("sigmoid_focal_loss", gamma=3.0)
    scorers = [
        make_loss_scorer("sigmoid_focal_loss", gamma=1.0),
        make_loss_scorer(type(loss), gamma=1.0),
        make_loss_scorer(loss, gamma=1.0),
    ]
    assert {repr(scorer) for scorer in scorers} == {
        "make_loss_scorer('sigmoid_focal_loss', gamma=1.0)"
    }
    assert loss.gamma == 3.0
    assert make_loss_scorer(loss).loss.gamma == 3.0


def test_params_clone_pickle():
    scorer = make_loss_scorer("sigmoid_focal_loss", gamma=1.0, unseen="worst")
    assert scorer.get_params()["loss__gamma"] == 1.0
    copy = clone(scorer)
    assert copy.set_params(loss__gamma=0.5) is copy
    assert (scorer.loss.gamma, copy.loss.gamma) == (1.0, 0.5)
    again = pickle.loads(pickle.dumps(copy))
    assert isinstance(again, LossScorer)
    assert repr(again) == repr(copy)


def _respond(estimator, X):
    return estimator.predict_proba(X)[:, 1]


@pytest.mark.parametrize(
    ("args", "params"),
    [
        (("mse_loss",), {}),
        (("huber_loss",), {"delta": 2.0, "reduction": "sum"}),
        (("cross_entropy",), {"class_weight": {"a": 2.0}, "unseen": "worst"}),
        (("cross_entropy",), {"response_method": "decision_function"}),
        (("binary_cross_entropy",), {"response_method": _respond}),
    ],
)
def test_repr_evaluates_back(args, params):
    scorer = make_loss_scorer(*args, **params)
    again = eval(repr(scorer))
    assert repr(again) == repr(scorer)
    assert again.get_params().keys() == scorer.get_params().keys()
    for name, value in again.get_params(deep=True).items():
        if name != "loss":
            assert value == scorer.get_params()[name]


def test_representation_in_a_notebook():
    scorer = make_loss_scorer("huber_loss", delta=2.0)
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, scoring=scorer)
    assert "delta=2.0" in repr(search)
    for estimator in scorer, search:
        assert "<div" in estimator._repr_html_()


def test_repr_of_a_loss_without_a_name():
    class Mine(type(get_loss("huber_loss"))):
        pass

    assert repr(make_loss_scorer(Mine(delta=2.0))) == "make_loss_scorer(Mine(delta=2.0))"


@pytest.mark.parametrize("response_method", ["auto", "transform", lambda estimator, X: X])
@pytest.mark.parametrize(
    "name",
    [
        "distillation_loss",
        "entropy",
        "discriminator_loss",
        "generator_loss",
        "gradient_penalty",
    ],
)
def test_losses_of_something_else_score_no_estimator(name, response_method):
    with pytest.raises(ValueError, match="cannot score an estimator"):
        make_loss_scorer(name, response_method=response_method)
    assert name not in get_loss_scorer_names()


def test_names():
    names = get_loss_scorer_names()
    assert names == sorted(names)
    assert set(names) <= set(get_loss_names())
    assert {"l1_loss", "mse_loss", "cross_entropy", "sigmoid_focal_loss"} <= set(names)
    for name in names:
        scorer = get_loss_scorer(name)
        assert repr(scorer) == f"make_loss_scorer({name!r})"
        assert get_loss_scorer(scorer) is scorer
        assert get_loss_scorer(name) is not scorer
    with pytest.raises(ValueError, match="'log_loss' is not a valid scoring value"):
        get_loss_scorer("log_loss")


@pytest.mark.parametrize(
    ("args", "params", "message"),
    [
        (("x",), {}, "'x' is not a valid loss name"),
        ((3,), {}, "The 'loss' parameter of make_loss_scorer must be .* Got 3 instead"),
        (
            ("mse_loss",),
            {"unseen": "x"},
            "The 'unseen' parameter of make_loss_scorer must be a str among .* Got 'x' instead",
        ),
        (
            ("mse_loss",),
            {"response_method": "x"},
            "The 'response_method' parameter of make_loss_scorer must be .* Got 'x' instead",
        ),
        (
            ("binary_cross_entropy",),
            {"response_method": "decision_function"},
            "one of .*'auto', 'predict_proba'.* for BCELoss. Got 'decision_function' instead",
        ),
        (("mse_loss",), {"reduction": "none"}, "A score is a single number"),
    ],
)
def test_refused_parameters(args, params, message):
    with pytest.raises(ValueError, match=message):
        make_loss_scorer(*args, **params)
    name = next(iter(params), None)
    if name in ("unseen", "response_method"):
        with pytest.raises(ValueError, match=message):
            make_loss_scorer(*args).set_params(**params)


# ---------------------------------------------------------------------------------------------
# Weights and metadata routing
# ---------------------------------------------------------------------------------------------


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


# ---------------------------------------------------------------------------------------------
# Responses
# ---------------------------------------------------------------------------------------------


def test_missing_methods(binary, regression):
    X, y = binary
    svc = SVC().fit(X, y)
    with pytest.raises(AttributeError, match=r"BCELoss takes what predict_proba.*SVC has no such"):
        make_loss_scorer("binary_cross_entropy")(svc, X, y)
    with pytest.raises(AttributeError, match=r"predict_proba or decision_function.*Ridge"):
        make_loss_scorer("cross_entropy")(Ridge().fit(*regression), *regression)
    forest = DecisionTreeClassifier().fit(X, y)
    decide = make_loss_scorer("cross_entropy", response_method="decision_function")
    with pytest.raises(AttributeError, match=r"decision_function.*DecisionTreeClassifier"):
        decide(forest, X, y)
    with pytest.raises(TypeError, match=r"Ridge does not return one from predict"):
        spy_scorer("distribution", "real")(Ridge().fit(*regression), *regression)
    with pytest.raises(ValueError, match="No method of an estimator"):
        spy_scorer("triplets", "identity")


def test_decisions_are_logits(binary):
    X, y = binary
    model = SVC().fit(X, y)
    decision = model.decision_function(X)
    expected = -log_loss(y, expit(decision))
    for name in "binary_cross_entropy_with_logits", "cross_entropy":
        assert_allclose(make_loss_scorer(name)(model, X, y), expected, rtol=1e-12)
    scorer = spy_scorer("class_logits", "class_index")
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[1], np.column_stack([0 * decision, decision]))


@pytest.mark.parametrize("response", ["logit", "margin"])
def test_two_columns_of_decisions(response):
    X = np.random.default_rng(0).normal(size=(20, 2))
    y = np.arange(20) % 2
    scorer = spy_scorer(response, "binary")
    scorer(Decide().fit(X, y), X, y)
    assert_array_equal(scorer.loss.arrays[1], X[:, 1] - X[:, 0])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_margin(multiclass, n_classes):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    model = LinearSVC().fit(X, y)
    scorer = spy_scorer("margin", "sign")
    scorer(model, X, y)
    y_true, y_pred = scorer.loss.arrays
    assert_array_equal(y_pred, model.decision_function(X))
    expected = y == model.classes_[1] if n_classes == 2 else y[:, None] == model.classes_
    assert_array_equal(y_true, np.where(expected, 1, -1))
    with pytest.raises(AttributeError, match="GaussianNB"):
        scorer(GaussianNB().fit(X, y), X, y)


def test_margin_of_an_outlier_detector(binary):
    X, y = binary
    model = IsolationForest(n_estimators=5).fit(X)
    scorer = spy_scorer("margin", "sign")
    assert_array_equal(cross_val_score(model, X, 2 * y - 1, scoring=scorer, cv=2), 0)
    scorer(model, X, 2 * y - 1)
    assert_array_equal(scorer.loss.arrays[0], 2 * y - 1)
    assert_array_equal(scorer.loss.arrays[1], model.decision_function(X))


def test_no_classes():
    class Bare:
        def predict_proba(self, X):
            return X

    X = probabilities(20, 2)
    with pytest.raises(AttributeError, match="Bare has no classes_"):
        make_loss_scorer("cross_entropy")(Bare(), X, np.arange(20) % 2)


@pytest.mark.parametrize(
    ("response", "convert"),
    [
        ("class_logits", np.log),
        ("class_log_probabilities", np.log),
        ("class_probabilities", np.asarray),
    ],
)
@pytest.mark.parametrize("target", ["class_index", "class_probability"])
def test_class_responses(multiclass, response, convert, target):
    X, y = multiclass
    model = GaussianNB().fit(X, y)
    scorer = spy_scorer(response, target)
    scorer(model, X, y)
    y_true, y_pred = scorer.loss.arrays
    assert_array_equal(y_pred, convert(model.predict_proba(X).clip(EPS, 1 - EPS)))
    assert_array_equal(y_true, y if target == "class_index" else np.eye(3)[y])


def test_log_rate():
    X = np.arange(20.0)[:, None]
    y = np.arange(20)
    scorer = spy_scorer("log_rate", "real")
    model = PoissonRegressor().fit(X, y)
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[1], np.log(model.predict(X)))
    with pytest.raises(ValueError, match="must be positive"):
        scorer(LinearRegression().fit(X, y - 5.5), X, y)


@pytest.mark.parametrize("model", [BayesianRidge(), GaussianProcessRegressor(optimizer=None)])
def test_distribution(regression, model):
    X, y = regression
    model.fit(X[:100], y[:100])
    scorer = spy_scorer("distribution", "real")
    for name in "auto", "predict":
        scorer.set_params(response_method=name)(model, X, y)
        mean, std = model.predict(X, return_std=True)
        for array, expected in zip(scorer.loss.arrays, (y, mean, std**2), strict=True):
            assert_array_equal(array, expected)
    assert_array_equal(cross_val_score(model, X, y, scoring=scorer, cv=2), 0)


@pytest.mark.parametrize("weighted", [False, True])
def test_poisson_equals_half_the_deviance(weighted):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = rng.poisson(np.exp(X @ [0.5, -0.3, 0.1]))
    weight = rng.random(200) if weighted else None
    model = PoissonRegressor().fit(X, y)
    deviance = mean_poisson_deviance(y, model.predict(X), sample_weight=weight)
    # What remains of the loss at the best of all predictions, the counts themselves.
    best = np.where(y > 0, y - y * np.log(np.maximum(y, 1)), 0)
    expected = -(deviance / 2 + np.average(best, weights=weight))
    for params in ({}, {"log_input": False, "eps": 0}):
        scorer = make_loss_scorer("poisson_nll_loss", **params)
        assert_allclose(scorer(model, X, y, sample_weight=weight), expected, rtol=1e-12)
    scores = cross_val_score(model, X, y, scoring=make_loss_scorer("poisson_nll_loss"))
    assert np.isfinite(scores).all()
    with pytest.raises(ValueError, match="must be positive"):
        make_loss_scorer("poisson_nll_loss")(LinearRegression().fit(X, y - 9.0), X, y)
    with pytest.raises(ValueError, match=r"y_pred .*Only finite values >= 0"):
        scorer(LinearRegression().fit(X, y - 9.0), X, y)


@pytest.mark.parametrize("model", [BayesianRidge(), GaussianProcessRegressor(optimizer=None)])
def test_gaussian_equals_the_density(regression, model):
    X, y = regression
    model.fit(X[:100], y[:100])
    mean, std = model.predict(X, return_std=True)
    scorer = make_loss_scorer("gaussian_nll_loss", full=True, eps=1e-12)
    std = np.maximum(std, 1e-6)
    assert_allclose(scorer(model, X, y), norm.logpdf(y, mean, std).mean(), rtol=1e-10)
    assert np.isfinite(cross_val_score(model, X, y, scoring=scorer, cv=2)).all()


@pytest.mark.parametrize("model", [LinearSVC(), LogisticRegression(max_iter=1000)])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_soft_margin_of_decisions(model, n_classes, multiclass):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    labels = np.array(["a", "b", "c"])[y]
    model = clone(model).fit(X, labels)
    decision = model.decision_function(X)
    positive = labels == model.classes_[1] if n_classes == 2 else labels[:, None] == model.classes_
    expected = -get_loss("binary_cross_entropy_with_logits")(positive, decision)
    scorer = make_loss_scorer("soft_margin_loss")
    assert_allclose(scorer(model, X, labels), expected, rtol=1e-12)
    if n_classes == 2 and isinstance(model, LogisticRegression):
        assert_allclose(scorer(model, X, labels), -log_loss(labels, model.predict_proba(X)))


def test_soft_margin_of_several_outputs():
    X, y = make_multilabel_classification(80, n_classes=3, random_state=0)
    model = OneVsRestClassifier(LinearSVC()).fit(X, y)
    expected = -get_loss("soft_margin_loss")(2 * y - 1, model.decision_function(X))
    assert_allclose(make_loss_scorer("soft_margin_loss")(model, X, y), expected, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_divergence_from_labels_and_from_distributions(multiclass, n_classes):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    model = GaussianNB().fit(X, y)
    scorer = make_loss_scorer("kl_div", reduction="batchmean")
    probability = model.predict_proba(X)
    # Of a label it is minus the log of its probability.
    assert_allclose(scorer(model, X, y), -log_loss(y, probability), rtol=1e-12, atol=1e-15)
    target = probabilities(len(X), n_classes)
    clipped = probability.clip(EPS, 1 - EPS)
    expected = -(target * np.log(target / clipped)).sum(axis=1).mean()
    assert_allclose(scorer(model, X, target), expected, rtol=1e-12)
    weight = np.arange(len(X)) % 2
    half = -(target * np.log(target / clipped)).sum(axis=1) @ weight / len(X)
    assert_allclose(scorer(model, X, target, sample_weight=weight), half, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_nll_equals_log_loss(n_classes, weighted):
    rng = np.random.default_rng(n_classes)
    X = rng.dirichlet(np.ones(n_classes), size=50)
    y = np.array(list("abcdefghij"))[rng.integers(0, n_classes, 50)]
    y[:n_classes] = list("abcdefghij")[:n_classes]
    weight = rng.uniform(0, 2, 50) if weighted else None
    model = Fixed().fit(X, y)
    score = make_loss_scorer("nll_loss")(model, X, y, sample_weight=weight)
    expected = -log_loss(y, X, labels=model.classes_, sample_weight=weight)
    assert_allclose(score, expected, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_multi_margin_of_decisions(multiclass, n_classes):
    X, y = multiclass
    X, y = X[y < n_classes], y[y < n_classes]
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    model = LinearSVC().fit(X, labels)
    z = model.decision_function(X)
    if n_classes == 2:
        # The margin between two classes is the difference of their predictions.
        z = np.column_stack([np.zeros_like(z), z])
    lead = z[np.arange(len(y)), y][:, None] - z
    hinge = np.maximum(0, 1 - lead)
    hinge[np.arange(len(y)), y] = 0
    score = make_loss_scorer("multi_margin_loss")(model, X, labels)
    assert_allclose(score, -hinge.mean(axis=1).mean(), rtol=1e-12)
    with pytest.raises(AttributeError, match="decision_function"):
        make_loss_scorer("multi_margin_loss")(GaussianNB().fit(X, y), X, y)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_multilabel_soft_margin_of_single_labels(multiclass, n_classes):
    """One binary question for each class, or a single one: as binary cross-entropy has it."""
    X, y = multiclass
    X, y = X[y < n_classes], y[y < n_classes]
    model = GaussianNB().fit(X, y)
    weight = np.linspace(0.5, 2, len(y))
    scores = [
        make_loss_scorer(name)(model, X, y, sample_weight=weight)
        for name in ("multilabel_soft_margin_loss", "binary_cross_entropy_with_logits")
    ]
    assert_allclose(scores[0], scores[1], rtol=1e-12)


@pytest.mark.parametrize("name", ["multilabel_soft_margin_loss", "multilabel_margin_loss"])
def test_losses_of_several_labels(name):
    X, y = make_multilabel_classification(n_samples=80, n_classes=4, random_state=0)
    model = OneVsRestClassifier(LogisticRegression()).fit(X, y)
    z = model.decision_function(X)
    scorer = make_loss_scorer(name, response_method="decision_function")
    score = scorer(model, X, y)
    if name == "multilabel_margin_loss":
        pairs = (y[:, :, None] == 1) & (y[:, None, :] == 0)
        loss = (pairs * np.maximum(0, 1 - z[:, :, None] + z[:, None, :])).sum(axis=(1, 2)) / 4
        assert_allclose(score, -loss.mean(), rtol=1e-12)
    else:
        assert_allclose(score, -(np.logaddexp(0, z) - y * z).mean(), rtol=1e-12)
    assert cross_val_score(model, X, y, scoring=scorer, cv=3).shape == (3,)
    # A single label is a list of one.
    single = LogisticRegression().fit(X, y[:, 0])
    assert np.isfinite(scorer(single, X, y[:, 0]))


def test_losses_of_scores_need_a_callable():
    name = "margin_ranking_loss"
    with pytest.raises(ValueError, match="No method of an estimator returns what"):
        make_loss_scorer(name)
    assert name not in get_loss_scorer_names()
    scorer = make_loss_scorer(name, response_method=lambda _, X: (X[:, 0], X[:, 1]))
    X, y = np.random.default_rng(0).normal(size=(9, 2)), np.resize([1, -1], 9)
    assert scorer(BaseEstimator(), X, y) == -sklosses.margin_ranking_loss(y, X[:, 0], X[:, 1])


def test_embedding(multiclass):
    X, y = multiclass
    y = np.array(["a", "b", "c"])[y]
    model = PCA(2).fit(X)
    scorer = spy_scorer("embedding", "identity")
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[0], y)
    assert_array_equal(scorer.loss.arrays[1], model.transform(X))
    scoring = {"a": scorer, "b": scorer}
    assert_array_equal(cross_validate(model, X, y, scoring=scoring, cv=2)["test_a"], 0)


@pytest.mark.parametrize("labels", ["abc", [7, 3, 5], ["long", "longer", "longest"]])
def test_embeddings_are_selected_by_a_batch_loss(multiclass, labels):
    """A grid search over the dimensions of an embedding, by the loss of its batch."""
    X, y = multiclass
    y = np.array(list(labels))[y]
    model = make_pipeline(StandardScaler(), PCA())
    for name in ("batch_hard_triplet_loss", "sup_con_loss", "nt_xent_loss"):
        scorer = make_loss_scorer(name)
        search = GridSearchCV(model, {"pca__n_components": [1, 2, 3]}, scoring=scorer, cv=2)
        search.fit(X, y)
        scores = search.cv_results_["mean_test_score"]
        assert np.isfinite(scores).all()
        assert len(set(scores)) == 3
        best = search.best_estimator_
        expected = -getattr(sklosses, name)(y, best.transform(X))
        assert scorer(best, X, y) == expected
    nca = NeighborhoodComponentsAnalysis(n_components=2, random_state=0).fit(X, y)
    scorer = make_loss_scorer("sup_con_loss", temperature=0.5)
    assert scorer(nca, X, y) == -sklosses.sup_con_loss(y, nca.transform(X), temperature=0.5)


class TuplesPCA(PCA):
    """Learns from tuples of vectors, as the estimators of metric-learn do."""

    def fit(self, X, y=None):
        # metric-learn has these beside labels -1 and 1.
        self.classes_ = np.array([0, 1])
        return super().fit(np.reshape(X, (-1, np.shape(X)[-1])))

    def pair_distance(self, pairs):
        first, second = (self.transform(pairs[:, k]) for k in (0, 1))
        return np.linalg.norm(first - second, axis=1)


@pytest.fixture
def tuples(multiclass):
    """Four vectors for each sample: two of one class, then two of others."""
    X, y = multiclass
    rng = np.random.default_rng(0)
    same = np.array([rng.choice(np.flatnonzero(y == label)) for label in y])
    others = np.array([rng.choice(np.flatnonzero(y != label), 2) for label in y])
    return np.stack([X, X[same], X[others[:, 0]], X[others[:, 1]]], axis=1)


@pytest.mark.parametrize("marks", [(-1, 1), (0, 1), (False, True), (-1.0, 1.0)])
def test_pairs_of_vectors(tuples, marks):
    alike = np.arange(len(tuples)) % 3 == 0
    pairs = np.where(alike[:, None, None], tuples[:, [0, 1]], tuples[:, [0, 2]])
    y = np.array(marks)[alike.astype(int)]
    for name, own in (
        ("cosine_embedding_loss", np.where(alike, 1, -1)),
        ("pairwise_contrastive_loss", alike.astype(int)),
        ("hinge_embedding_loss", np.where(alike, 1, -1)),
    ):
        model = TuplesPCA(2).fit(pairs)
        scorer = make_loss_scorer(name)
        arrays = [model.transform(pairs[:, k]) for k in (0, 1)]
        if name == "hinge_embedding_loss":
            arrays = [np.linalg.norm(arrays[0] - arrays[1], axis=1)]
        else:
            # A single label is no other case.
            expected = -getattr(sklosses, name)(own[alike], *(a[alike] for a in arrays))
            assert_allclose(scorer(model, pairs[alike], y[alike]), expected, rtol=1e-12)
        assert scorer(model, pairs, y) == -getattr(sklosses, name)(own, *arrays)
        weight = np.arange(len(y))
        assert scorer(model, pairs, y, sample_weight=weight) == -getattr(sklosses, name)(
            own, *arrays, sample_weight=weight
        )
        search = GridSearchCV(TuplesPCA(), {"n_components": [1, 2, 3]}, scoring=scorer, cv=3)
        assert len(set(search.fit(pairs, y).cv_results_["mean_test_score"])) == 3
    scorer = make_loss_scorer("cosine_embedding_loss")
    with pytest.raises(ValueError, match=r"y_true .*got 2 at index 0. Only the values -1 and 1"):
        scorer(model, pairs, np.where(alike, 2, 0))
    with pytest.raises(ValueError, match=r"CosineEmbeddingLoss takes y.* Got y=None"):
        scorer(model, pairs)
    for wrong in (tuples, pairs[:, 0]):
        with pytest.raises(ValueError, match=r"\(n_samples, 2, n_features\). Got shape"):
            scorer(model, wrong, y)


@pytest.mark.parametrize("y", [None, "labels"])
def test_triplets_of_vectors(tuples, y):
    y = np.ones(len(tuples)) if y else None
    for name, vectors in (
        ("triplet_margin_loss", 3),
        ("triplet_margin_with_distance_loss", 3),
        ("bidirectional_triplet_loss", 4),
    ):
        X = tuples[:, :vectors]
        model = TuplesPCA(2).fit(X)
        arrays = [model.transform(X[:, k]) for k in range(vectors)]
        scorer = make_loss_scorer(name)
        assert scorer(model, X, y) == -getattr(sklosses, name)(*arrays)
        cv = KFold(3, shuffle=True, random_state=0)
        scores = cross_val_score(TuplesPCA(2), X, y, scoring=scorer, cv=cv)
        assert (scores < 0).all()
        scoring = {"a": scorer, "b": make_loss_scorer(name, margin=0.5)}
        both = cross_validate(TuplesPCA(2), X, y, scoring=scoring, cv=cv)
        assert_array_equal(both["test_a"], scores)
        assert (both["test_b"] != scores).all()


def test_embeddings_as_data_frames(tuples):
    pairs, y = tuples[:, [0, 1]], np.ones(len(tuples))
    plain = TuplesPCA(2).fit(pairs)
    framed = TuplesPCA(2).set_output(transform="pandas").fit(pairs)
    scorer = make_loss_scorer("pairwise_contrastive_loss")
    assert scorer(plain, pairs, y) == scorer(framed, pairs, y)


def test_two_modalities(multiclass, tuples):
    X, y = multiclass
    pairs = tuples[:, :2]
    model = TuplesPCA(2).fit(pairs)
    both = [model.transform(pairs[:, k]) for k in (0, 1)]
    for name in ("info_nce_loss", "siglip_loss", "vse_loss"):
        assert make_loss_scorer(name)(model, pairs) == -getattr(sklosses, name)(*both)
    assert make_loss_scorer("cmpm_loss")(model, pairs, y) == -sklosses.cmpm_loss(y, *both)

    # Of two models, one has made y.
    def embed(estimator, X):
        return estimator.transform(X)

    scorer = make_loss_scorer("info_nce_loss", response_method=embed)
    assert scorer(model, X, X[:, :2]) == -sklosses.info_nce_loss(X[:, :2], model.transform(X))
    scorer = make_loss_scorer("cmpm_loss", response_method=_two_halves)
    halves = _two_halves(model, X)
    assert scorer(model, X, y) == -sklosses.cmpm_loss(y, *halves)
    scorer = make_loss_scorer("vse_loss", response_method=_two_halves)
    assert scorer(model, X) == -sklosses.vse_loss(*halves)


def _two_halves(estimator, X):
    embedding = estimator.transform(X)
    return embedding, embedding[:, ::-1]


def test_callable_is_used_as_it_is(binary, regression):
    X, y = binary
    labels = np.array(["no", "yes"])[y]
    model = LogisticRegression().fit(X, labels)
    scorer = make_loss_scorer("binary_cross_entropy", response_method=_respond)
    assert_allclose(scorer(model, X, labels), -log_loss(y, _respond(model, X)), rtol=1e-12)
    scores = cross_validate(model, X, labels, scoring={"a": scorer, "b": "accuracy"}, cv=2)
    assert (scores["test_a"] < 0).all()

    X, y = regression
    scorer = spy_scorer(
        "distribution", "real", response_method=lambda model, X: (model.predict(X), np.ones(len(X)))
    )
    scorer(Ridge().fit(X, y), X, y)
    assert_array_equal(scorer.loss.arrays[2], 1)


def test_one_against_the_rest(multiclass):
    X, y = multiclass
    model = GaussianNB().fit(X, y)
    probability = model.predict_proba(X).clip(EPS, 1 - EPS)
    one_hot = np.eye(3)[y]
    for name, prediction in (
        ("binary_cross_entropy", probability),
        ("binary_cross_entropy_with_logits", logit(probability)),
        ("sigmoid_focal_loss", logit(probability)),
    ):
        expected = -get_loss(name)(one_hot, prediction)
        assert_allclose(make_loss_scorer(name)(model, X, y), expected, rtol=1e-12)


def test_refused_answers():
    X = probabilities(20, 3)
    y = np.arange(20) % 3
    scorer = make_loss_scorer("cross_entropy")
    model = Fixed().fit(X, y)
    with pytest.raises(ValueError, match=r"Fixed.predict_proba must return one column for each"):
        scorer(model, X[:, :2], y)
    with pytest.raises(ValueError, match=r"Fixed.predict_proba must .* in the range \[0, 1\]"):
        scorer(model, X * 2, y)
    largest = X.max() == X
    assert np.isfinite(scorer(model, np.where(largest, 1 + EPS, X), y))
    with pytest.raises(ValueError, match="NaN"):
        scorer(model, np.where(largest, np.nan, X), y)
    with pytest.raises(ValueError, match=r"CrossEntropyLoss takes a single label.*\(20, 3\)"):
        scorer(model, X, np.eye(3)[y])


# ---------------------------------------------------------------------------------------------
# Labels
# ---------------------------------------------------------------------------------------------


def _containers():
    pd = pytest.importorskip("pandas")
    names = np.array(["b", "c", "a"])
    return {
        "int": lambda y: y,
        "list": lambda y: y.tolist(),
        "float": lambda y: y.astype(float),
        "shifted": lambda y: y * 10 - 7,
        "uint8": lambda y: y.astype(np.uint8),
        "str": lambda y: names[y],
        "object": lambda y: names.astype(object)[y],
        "column": lambda y: y[:, np.newaxis],
        "Series": lambda y: pd.Series(names[y], index=np.arange(len(y))[::-1]),
        "categorical": lambda y: pd.Series(pd.Categorical(names[y], categories=["c", "b", "a"])),
        "Int64": lambda y: pd.Series(y, dtype="Int64"),
        "string": lambda y: pd.Series(names[y], dtype="string"),
    }


@pytest.mark.filterwarnings("ignore:A column-vector y")
@pytest.mark.parametrize("container", _containers())
@pytest.mark.parametrize("n_classes", [2, 3])
def test_labels_of_any_type(container, n_classes, multiclass):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    y = y - y.min()
    labels = _containers()[container](y)
    model = LogisticRegression(max_iter=1000).fit(X, labels)
    expected = -log_loss(np.asarray(labels).ravel(), model.predict_proba(X))
    assert_allclose(make_loss_scorer("cross_entropy")(model, X, labels), expected, rtol=1e-12)


@pytest.mark.parametrize("labels", [[False, True], ["no", "yes"], [-1, 1], [1.0, 2.0]])
def test_second_class_is_the_positive_one(binary, labels):
    X, y = binary
    model = GaussianNB().fit(X, np.array(labels)[y])
    expected = make_loss_scorer("sigmoid_focal_loss")(GaussianNB().fit(X, y), X, y)
    score = make_loss_scorer("sigmoid_focal_loss")(model, X, np.array(labels)[y])
    assert_allclose(score, expected, rtol=1e-12)


def test_polars(binary, regression):
    pl = pytest.importorskip("polars")
    X, y = binary
    for labels in pl.Series(y), pl.Series(np.array(["no", "yes"])[y], dtype=pl.Categorical):
        model = LogisticRegression().fit(X, np.asarray(labels))
        score = make_loss_scorer("cross_entropy")(model, X, labels)
        assert_allclose(score, -log_loss(y, model.predict_proba(X)), rtol=1e-12)
    X, y = regression
    model = Ridge().fit(X, y)
    score = make_loss_scorer("mse_loss")(model, X, pl.Series(y), sample_weight=pl.Series(y))
    assert_allclose(score, -mean_squared_error(y, model.predict(X), sample_weight=y), rtol=1e-12)


def test_classes_in_any_order():
    X = probabilities(30, 3)
    y = np.arange(30) % 3
    model = Fixed(classes=[2, 0, 1]).fit(X, y)
    score = make_loss_scorer("cross_entropy")(model, X, y)
    assert_allclose(score, -log_loss(y, X[:, [1, 2, 0]]), rtol=1e-12)


def test_class_missing_in_the_test_set(multiclass):
    X, y = multiclass
    model = GaussianNB().fit(X, y)
    expected = -log_loss(y[50:], model.predict_proba(X[50:]), labels=[0, 1, 2])
    assert_allclose(make_loss_scorer("cross_entropy")(model, X[50:], y[50:]), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "labels", [np.arange(3), np.array(list("abc")), np.array(list("abc"), dtype=object)]
)
def test_unseen_label(multiclass, labels):
    X, y = multiclass
    y = labels[y]
    model = GaussianNB().fit(X[:100], y[:100])
    label = repr(labels[2:].tolist()[0])
    with pytest.raises(ValueError, match=f"label {label} at index 100, which GaussianNB"):
        make_loss_scorer("cross_entropy")(model, X, y)
    scorer = make_loss_scorer("cross_entropy", unseen="worst")
    known = -log_loss(y[:100], model.predict_proba(X[:100]))
    assert_allclose(scorer(model, X, y), (100 * known + 50 * np.log(EPS)) / 150, rtol=1e-12)
    assert_allclose(scorer(model, X[100:], y[100:]), np.log(EPS), rtol=1e-12)
    assert_allclose(scorer(model, X[:100], y[:100]), known, atol=1e-12)


@pytest.mark.parametrize("n_classes", [1, 2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
def test_worst_is_probability_eps(n_classes, dtype, method):
    if method == "decision_function" and n_classes == 1:
        pytest.skip("no such classifier")
    X = probabilities(10, n_classes).astype(dtype)
    X.flags.writeable = False
    y = np.arange(10) % n_classes
    model = (Fixed if method == "predict_proba" else Decide)().fit(X, y)
    eps = float(np.finfo(dtype if method == "predict_proba" else float).eps)
    scorer = make_loss_scorer("cross_entropy", unseen="worst")
    assert_allclose(scorer(model, X, np.full(10, 7)), np.log(eps), rtol=1e-12)
    if n_classes <= 2:
        scorer = make_loss_scorer("binary_cross_entropy_with_logits", unseen="worst")
        assert_allclose(scorer(model, X, np.full(10, 7)), np.log(eps), rtol=1e-9)
    else:
        scorer = spy_scorer("logit", "binary", unseen="worst")
        scorer(model, X, np.full(10, 7))
        y_true, y_pred = scorer.loss.arrays
        assert_array_equal(y_true.sum(axis=1), 1)
        assert_allclose(y_pred[y_true == 1], logit(eps), rtol=1e-12)


@pytest.mark.parametrize("dtype", [float, object])
@pytest.mark.parametrize("unseen", ["raise", "worst"])
def test_missing_label_is_an_error(dtype, unseen):
    X = probabilities(10, 2)
    y = np.arange(10).astype(dtype) % 2
    model = Fixed().fit(X, y)
    y[3] = np.nan
    with pytest.raises(ValueError, match=r"nan|NaN"):
        make_loss_scorer("cross_entropy", unseen=unseen)(model, X, y)


def test_model_of_a_single_class(binary):
    X, y = binary
    model = DummyClassifier().fit(X[y == 1], y[y == 1])
    for name in "cross_entropy", "binary_cross_entropy":
        scorer = make_loss_scorer(name, unseen="worst")
        assert_allclose(scorer(model, X[y == 1], y[y == 1]), 0, atol=1e-12)
        assert_allclose(scorer(model, X, y), (1 - y.mean()) * np.log(EPS), rtol=1e-12)
    order = np.argsort(y)
    scores = cross_val_score(
        DummyClassifier(), X[order], y[order], scoring=scorer, cv=[(order[-50:], order[:50])] * 2
    )
    assert np.isfinite(scores).all()


def test_class_weight_goes_by_label(multiclass):
    X, y = multiclass
    names = np.array(["a", "b", "c"])
    model = GaussianNB().fit(X, names[y])
    weights = {"a": 3.0, "c": 0.5}
    score = make_loss_scorer("cross_entropy", class_weight=weights)(model, X, names[y])
    per_sample = np.array([3.0, 1.0, 0.5])[y]
    expected = -log_loss(y, model.predict_proba(X), sample_weight=per_sample)
    assert_allclose(score, expected, rtol=1e-12)
    for other in [3.0, 1.0, 0.5], np.array([3.0, 1.0, 0.5]):
        score = make_loss_scorer("cross_entropy", class_weight=other)(model, X, names[y])
        assert_allclose(score, expected, rtol=1e-12)
    for unknown in 0, "d":
        scorer = make_loss_scorer("cross_entropy", class_weight={**weights, unknown: 9.0})
        with pytest.raises(ValueError, match=f"Got {unknown!r}, which is neither among"):
            scorer(model, X, names[y])
    # A label of y that the model has not seen is no mistake.
    model = GaussianNB().fit(X[:100], names[y[:100]])
    scorer = make_loss_scorer("cross_entropy", class_weight={"c": 2.0}, unseen="worst")
    assert np.isfinite(scorer(model, X, names[y]))


# ---------------------------------------------------------------------------------------------
# Multilabel
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        OneVsRestClassifier(LogisticRegression()),
        MultiOutputClassifier(LogisticRegression()),
        ClassifierChain(LogisticRegression()),
        RandomForestClassifier(n_estimators=10, random_state=0),
        KNeighborsClassifier(),
        MLPClassifier(max_iter=20, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("n_labels", [2, 3, 4])
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_multilabel(model, n_labels):
    X, y = make_multilabel_classification(80, n_classes=n_labels, random_state=0)
    model.fit(X, y)
    probability = model.predict_proba(X)
    if isinstance(probability, list):
        probability = np.column_stack([p[:, 1] for p in probability])
    probability = probability.clip(EPS, 1 - EPS)
    expected = -get_loss("binary_cross_entropy")(y, probability)
    scorer = make_loss_scorer("binary_cross_entropy")
    assert_allclose(scorer(model, X, y), expected, rtol=1e-12)
    assert_allclose(scorer(model, X, csr_array(y)), expected, rtol=1e-12)

    class Again(type(model)):
        """Fitted already; for the scorers of cross_validate."""

        def fit(self, *args):
            vars(self).update(vars(model))
            return self

    again = Again(**model.get_params(deep=False))
    focal = make_loss_scorer("sigmoid_focal_loss")
    every = np.arange(len(X))
    scores = cross_validate(
        again, X, y, scoring={"focal": focal, "bce": scorer}, cv=[(every, every)]
    )
    assert_allclose(scores["test_bce"], expected, rtol=1e-12)
    assert_allclose(scores["test_focal"], focal(model, X, y), rtol=1e-12)


def test_multilabel_decisions():
    X, y = make_multilabel_classification(80, n_classes=3, random_state=0)
    model = RidgeClassifier().fit(X, y)
    loss = get_loss("binary_cross_entropy_with_logits")
    score = make_loss_scorer(loss)(model, X, y)
    assert_allclose(score, -loss(y, model.decision_function(X)), rtol=1e-12)
    scorer = spy_scorer("margin", "sign")
    for dtype in int, np.uint8, bool:
        scorer(model, X, y.astype(dtype))
        assert_array_equal(scorer.loss.arrays[0], 2 * y - 1)


@pytest.mark.parametrize("constant", [0, 1])
def test_output_constant_in_training(constant):
    X, y = make_multilabel_classification(80, n_classes=3, random_state=0)
    trained = y.copy()
    trained[:, 1] = constant
    model = RandomForestClassifier(n_estimators=10, random_state=0).fit(X, trained)
    scorer = spy_scorer("probability", "binary", unseen="worst")
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[0], y)
    assert_array_equal(scorer.loss.arrays[1][:, 1], 1 - EPS if constant else EPS)
    with pytest.raises(ValueError, match=f"label {1 - constant} .* output 1 of RandomForest"):
        make_loss_scorer("binary_cross_entropy")(model, X, y)
    every = np.arange(len(X))
    score = cross_val_score(
        RandomForestClassifier(n_estimators=2), X, trained, scoring=scorer, cv=[(every, every)]
    )
    assert_array_equal(score, 0)


def test_regressor_of_probabilities(regression):
    class Rate(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return expit(X[:, 0])

    X, y = regression
    y = y / y.max()
    scorer = make_loss_scorer(
        "binary_cross_entropy", response_method=lambda model, X: model.predict(X)
    )
    expected = -get_loss("binary_cross_entropy")(y, expit(X[:, 0]))
    assert_allclose(scorer(Rate(), X, y), expected, rtol=1e-12)


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
