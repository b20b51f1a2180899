"""Scorers beside estimators that answer in several parts: outputs, pairs of classes, thresholds."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    LearningCurveDisplay,
    TunedThresholdClassifierCV,
    ValidationCurveDisplay,
    cross_val_score,
    cross_validate,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, NuSVC
from sklearn.tree import DecisionTreeClassifier

import sklosses
from sklosses import make_loss_scorer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
BITS = (X + 0.5 * RNG.normal(size=X.shape) > 0).astype(int)
EPS = np.finfo(np.float64).eps

# ---------------------------------------------------------------------------------------------
# Several outputs
# ---------------------------------------------------------------------------------------------

CODES = {
    "indicator": ((0, 1), (0, 1)),
    "booleans": ((False, True), (False, True)),
    "codes 0 and 2": ((0, 2), (0, 2)),
    "codes 1 and 2": ((1, 2), (1, 2)),
    "different codes": ((0, 1), (1, 5)),
    "signs": ((-1, 1), (-1, 1)),
    "floats": ((1.0, 2.0), (0.0, 1.0)),
    "strings": (("no", "yes"), ("cold", "hot")),
}
MODELS = [
    MultiOutputClassifier(LogisticRegression()),
    RandomForestClassifier(10, max_depth=2, random_state=0),
    KNeighborsClassifier(),
    DecisionTreeClassifier(max_depth=2, random_state=0),
    DummyClassifier(),
]


def encode(codes, dtype=None):
    columns = [np.array(pair)[BITS[:, j]] for j, pair in enumerate(codes)]
    return np.column_stack(columns).astype(dtype) if dtype else np.column_stack(columns)


def log_loss_of_outputs(model, X, Y):
    """Mean over all outputs of minus the logarithm of the label's probability."""
    losses = []
    for j, (probability, classes) in enumerate(
        zip(model.predict_proba(X), model.classes_, strict=True)
    ):
        place = np.searchsorted(classes, Y[:, j].astype(classes.dtype))
        losses.append(-np.log(np.clip(probability[np.arange(len(X)), place], EPS, 1 - EPS)))
    return np.mean(losses)


@pytest.mark.parametrize("codes", CODES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_labels_of_each_output(model, codes):
    Y = encode(CODES[codes])
    model.fit(X, Y)
    expected = -log_loss_of_outputs(model, X, Y)
    for name in (
        "binary_cross_entropy",
        "binary_cross_entropy_with_logits",
        "multilabel_soft_margin_loss",
    ):
        assert_allclose(make_loss_scorer(name)(model, X, Y), expected, rtol=1e-9)
    # The second class is the one that counts as 1.
    model.fit(X, BITS)
    focal = make_loss_scorer("sigmoid_focal_loss", alpha=0.9)
    expected = focal(model, X, BITS)
    assert_allclose(focal(model.fit(X, Y), X, Y), expected, rtol=1e-12)


@pytest.mark.parametrize("codes", CODES)
def test_one_of_several_scorers(codes):
    """scikit-learn's cache of predictions knows nothing of these labels."""
    Y = encode(CODES[codes])
    every = np.arange(len(X))
    model = RandomForestClassifier(10, max_depth=2, random_state=0)
    scoring = {
        name: make_loss_scorer(name) for name in ("binary_cross_entropy", "sigmoid_focal_loss")
    }
    scores = cross_validate(model, X, Y, scoring=scoring, cv=[(every, every)])
    model.fit(X, Y)
    for name, scorer in scoring.items():
        assert_allclose(scores[f"test_{name}"], scorer(model, X, Y), rtol=1e-12)


def test_outputs_of_mixed_types():
    Y = np.empty((60, 2), dtype=object)
    Y[:, 0] = np.array(["no", "yes"])[BITS[:, 0]]
    Y[:, 1] = BITS[:, 1] + 1
    models = [LogisticRegression().fit(X, Y[:, 0]), LogisticRegression().fit(X, BITS[:, 1] + 1)]

    class Mixed:
        classes_ = [item.classes_ for item in models]

        def predict_proba(self, X):
            return [item.predict_proba(X) for item in models]

    scorer = make_loss_scorer("binary_cross_entropy")
    expected = np.mean([scorer(models[0], X, Y[:, 0]), scorer(models[1], X, BITS[:, 1] + 1)])
    assert_allclose(scorer(Mixed(), X, Y), expected, rtol=1e-12)


def test_chain():
    model = ClassifierChain(LogisticRegression()).fit(X, BITS)
    coded = ClassifierChain(LogisticRegression()).fit(X, 1 + 2 * BITS)
    for name in "binary_cross_entropy", "soft_margin_loss":
        scorer = make_loss_scorer(name)
        assert np.isfinite(scorer(coded, X, 1 + 2 * BITS))
        predict = coded.predict_proba if name == "binary_cross_entropy" else coded.decision_function
        target = BITS if name == "binary_cross_entropy" else 2 * BITS - 1
        expected = -sklosses.get_loss(name)(target, predict(X))
        assert_allclose(scorer(coded, X, 1 + 2 * BITS), expected, rtol=1e-9)
    assert np.isfinite(scorer(model, X, BITS))


def test_decisions_of_outputs_with_different_numbers_of_classes():
    class Decisions:
        classes_ = [np.array([0, 1]), np.array([0, 1, 2]), np.array([1])]

        def decision_function(self, X):
            return np.zeros((len(X), 3))

    Y = np.column_stack([BITS[:, 0], np.arange(60) % 3, np.ones(60, int)])
    with pytest.raises(ValueError, match="Output 1 of Decisions has 3 classes"):
        make_loss_scorer("soft_margin_loss")(Decisions(), X, Y)


@pytest.mark.parametrize("model", MODELS[:3], ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("fold", [slice(None), "only two labels"])
def test_output_of_three_classes(model, fold):
    Y = np.column_stack([np.arange(60) % 3, BITS[:, 0]])
    rows = Y[:, 0] < 2 if isinstance(fold, str) else fold
    model.fit(X, Y)
    for name in "binary_cross_entropy", "sigmoid_focal_loss", "multilabel_soft_margin_loss":
        scorer = make_loss_scorer(name)
        with pytest.raises(ValueError, match=r"Output 0 of .* has 3 classes, \[0, 1, 2\]"):
            scorer(model, X[rows], Y[rows])
        with pytest.raises(ValueError, match="Output 0 of"):
            cross_val_score(model, X, Y, scoring=scorer, cv=2, error_score="raise")


def test_number_of_outputs():
    model = MODELS[1].fit(X, BITS)
    scorer = make_loss_scorer("binary_cross_entropy")
    for y in BITS[:, 0], np.column_stack([BITS, BITS]):
        with pytest.raises(ValueError, match=r"y must have shape \(n_samples, 2\)"):
            scorer(model, X, y)
    one = MultiOutputClassifier(LogisticRegression()).fit(X, BITS[:, :1])
    expected = scorer(LogisticRegression().fit(X, BITS[:, 0]), X, BITS[:, 0])
    assert_allclose(scorer(one, X, BITS[:, :1]), expected, rtol=1e-12)
    assert_allclose(scorer(one, X, BITS[:, 0]), expected, rtol=1e-12)


@pytest.mark.parametrize("codes", ["indicator", "codes 1 and 2", "strings"])
def test_label_that_an_output_has_not_seen(codes):
    Y = encode(CODES[codes], dtype=object if codes == "strings" else None)
    model = RandomForestClassifier(5, random_state=0).fit(X, Y)
    test = Y.copy()
    test[7, 1] = "new" if codes == "strings" else 9
    label = repr(test[7:8, 1].tolist()[0])
    message = f"label {label} at index 7, which output 1 of RandomForestClassifier has not seen"
    for name in "binary_cross_entropy", "multilabel_soft_margin_loss":
        with pytest.raises(ValueError, match=message):
            make_loss_scorer(name)(model, X, test)
    scorer = make_loss_scorer("binary_cross_entropy", unseen="worst", reduction="sum")
    others = np.ones((60, 2), dtype=bool)
    others[7, 1] = False
    losses = -make_loss_scorer("binary_cross_entropy", reduction="sum")(model, X, Y)
    own = -np.log(
        model.predict_proba(X)[1][7, list(model.classes_[1]).index(Y[7, 1])].clip(EPS, 1 - EPS)
    )
    assert_allclose(-scorer(model, X, test), losses - own - np.log(EPS), rtol=1e-9)


@pytest.mark.parametrize("constant", [0, 1, 2, "a"])
def test_output_of_a_single_class(constant):
    Y = BITS.astype(object)
    Y[:, 1] = constant

    class Constant(ClassifierMixin, BaseEstimator):
        classes_ = [np.array([0, 1]), np.array([constant])]

        def predict_proba(self, X):
            return [np.full((len(X), 2), 0.5), np.ones((len(X), 1))]

    scorer = make_loss_scorer("binary_cross_entropy", unseen="worst", reduction="sum")
    assert_allclose(-scorer(Constant(), X, Y), 60 * np.log(2), rtol=1e-12)
    Y[3, 1] = "b" if constant == "a" else 7
    assert_allclose(-scorer(Constant(), X, Y), 60 * np.log(2) - np.log(EPS), rtol=1e-12)
    # For a weighted loss it matters that 1 is a positive and that what is not 1 is one's absence.
    focal = make_loss_scorer(
        "sigmoid_focal_loss", gamma=0, alpha=0.9, unseen="worst", reduction="sum"
    )
    mean = np.where(BITS[:, 0], 0.9, 0.1).sum() * np.log(2)
    expected = mean - (0.1 if constant == 1 else 0.9) * np.log(EPS)
    assert_allclose(-focal(Constant(), X, Y), expected, rtol=1e-9)


# ---------------------------------------------------------------------------------------------
# Decisions for pairs of classes
# ---------------------------------------------------------------------------------------------

IRIS, SPECIES = load_iris(return_X_y=True)


@pytest.mark.parametrize("n_classes", [3, 4])
@pytest.mark.parametrize(
    "make",
    [
        lambda svc: svc,
        lambda svc: make_pipeline(StandardScaler(), svc),
        lambda svc: GridSearchCV(svc, {"C": [1.0]}, cv=2),
        lambda svc: GridSearchCV(make_pipeline(StandardScaler(), svc), {"svc__C": [1.0]}, cv=2),
        lambda svc: make_pipeline(StandardScaler(), GridSearchCV(svc, {"C": [1.0]}, cv=2)),
        lambda svc: FrozenEstimator(svc.fit(IRIS, np.arange(150) % 3)),
        lambda svc: BaggingClassifier(svc, n_estimators=2, random_state=0),
    ],
)
@pytest.mark.parametrize("loss", ["cross_entropy", "multi_margin_loss", "soft_margin_loss"])
def test_decisions_for_pairs_of_classes(make, loss, n_classes):
    y = np.arange(150) % n_classes
    model = make(SVC(decision_function_shape="ovo")).fit(IRIS, y)
    scorer = make_loss_scorer(loss, response_method="decision_function")
    if isinstance(model, FrozenEstimator) and n_classes == 4:
        model = FrozenEstimator(SVC(decision_function_shape="ovo").fit(IRIS, y))
    with pytest.raises(ValueError, match=r"SVC\(decision_function_shape='ovo'\) belong to pairs"):
        scorer(model, IRIS, y)


def test_decisions_for_pairs_in_a_search():
    scorer = make_loss_scorer("cross_entropy")
    model = make_pipeline(StandardScaler(), NuSVC(nu=0.3, decision_function_shape="ovo"))
    search = GridSearchCV(model, {"nusvc__nu": [0.1, 0.3]}, scoring=scorer, error_score="raise")
    with pytest.raises(ValueError, match=r"NuSVC\(decision_function_shape='ovo'\)"):
        search.fit(IRIS, SPECIES)
    search.set_params(estimator__nusvc__decision_function_shape="ovr").fit(IRIS, SPECIES)


@pytest.mark.parametrize(
    "model",
    [
        OneVsRestClassifier(SVC(decision_function_shape="ovo")),
        OneVsOneClassifier(SVC(decision_function_shape="ovo")),
        AdaBoostClassifier(SVC(decision_function_shape="ovo"), n_estimators=2),
        SVC(decision_function_shape="ovr"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_decisions_for_classes(model):
    model.fit(IRIS, SPECIES)
    expected = -sklosses.cross_entropy(SPECIES, model.decision_function(IRIS))
    scorer = make_loss_scorer("cross_entropy", response_method="decision_function")
    assert_allclose(scorer(model, IRIS, SPECIES), expected, rtol=1e-12)


def test_two_classes_have_one_pair():
    model = SVC(decision_function_shape="ovo").fit(IRIS[:100], SPECIES[:100])
    assert np.isfinite(make_loss_scorer("cross_entropy")(model, IRIS[:100], SPECIES[:100]))


# ---------------------------------------------------------------------------------------------
# Thresholds, standard deviations, displays
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss", ["binary_cross_entropy_with_logits", "binary_cross_entropy", "soft_margin_loss",
             "cross_entropy", "mse_loss"]
)  # fmt: skip
@pytest.mark.parametrize("d2", [False, True])
def test_thresholds_make_hard_labels(loss, d2):
    model = TunedThresholdClassifierCV(
        LogisticRegression(), scoring=make_loss_scorer(loss, d2=d2), cv=2
    )
    with pytest.raises(ValueError, match=r"scores of a model, not hard labels.*balanced_accuracy"):
        model.fit(X, BITS[:, 0])


DIABETES, PROGRESSION = load_diabetes(return_X_y=True)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (TransformedTargetRegressor(BayesianRidge(), transformer=StandardScaler()),
         "TransformedTargetRegressor"),
        (make_pipeline(StandardScaler(), TransformedTargetRegressor(BayesianRidge())),
         "TransformedTargetRegressor in Pipeline"),
        (GridSearchCV(TransformedTargetRegressor(BayesianRidge()), {"check_inverse": [True]}),
         "TransformedTargetRegressor"),
        (MultiOutputRegressor(BayesianRidge()), "MultiOutputRegressor"),
        (BaggingRegressor(BayesianRidge(), n_estimators=2), "BaggingRegressor"),
        (BaggingRegressor(RandomForestRegressor(2), n_estimators=2), "BaggingRegressor"),
        (make_pipeline(StandardScaler(), RandomForestRegressor(2)),
         "RandomForestRegressor in Pipeline"),
        (make_pipeline(StandardScaler(), GridSearchCV(BayesianRidge(), {"tol": [1e-3]})),
         "but GridSearchCV in Pipeline"),
    ],
)  # fmt: skip
def test_no_standard_deviation(model, named):
    y = PROGRESSION
    if isinstance(model, MultiOutputRegressor):
        y = np.column_stack([y, y])
    model.fit(DIABETES, y)
    message = f"GaussianNLLLoss needs a standard deviation .* {named} does not return one"
    scorer = make_loss_scorer("gaussian_nll_loss")
    with pytest.raises(TypeError, match=message):
        scorer(model, DIABETES, y)
    with config_context(enable_metadata_routing=True), pytest.raises(TypeError, match=message):
        scorer(model, DIABETES, y)


def test_other_errors_are_the_estimator_s():
    scorer = make_loss_scorer("gaussian_nll_loss")
    with pytest.raises(NotFittedError, match="BayesianRidge"):
        scorer(BayesianRidge(), DIABETES, PROGRESSION)
    with pytest.raises(ValueError, match="3 features, but BayesianRidge is expecting 10"):
        scorer(BayesianRidge().fit(DIABETES, PROGRESSION), DIABETES[:, :3], PROGRESSION)


def test_standard_deviation_of_a_search():
    search = GridSearchCV(BayesianRidge(), {"alpha_1": [1e-6]}).fit(DIABETES, PROGRESSION)
    scorer = make_loss_scorer("gaussian_nll_loss")
    expected = scorer(search.best_estimator_, DIABETES, PROGRESSION)
    assert scorer(search, DIABETES, PROGRESSION) == expected


def test_displays_of_curves():
    pytest.importorskip("matplotlib").use("Agg")
    scorer = make_loss_scorer("gaussian_nll_loss")
    assert scorer.__name__ == "neg_gaussian_nll_loss"
    assert make_loss_scorer("mse_loss", d2=True).__name__ == "d2_mse_loss"
    display = LearningCurveDisplay.from_estimator(
        BayesianRidge(), DIABETES, PROGRESSION, scoring=scorer, train_sizes=[0.5, 1.0], cv=2
    )
    assert display.ax_.get_ylabel() == "Negative gaussian nll loss"
    display = ValidationCurveDisplay.from_estimator(
        BayesianRidge(),
        DIABETES,
        PROGRESSION,
        param_name="alpha_1",
        param_range=[1e-6, 1e-5],
        scoring=scorer,
        negate_score=True,
        cv=2,
    )
    assert display.ax_.get_ylabel() == "Gaussian nll loss"
