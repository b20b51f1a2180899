"""Labels of any type that scorers are called with, also several for each sample."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.special import expit, logit
from scored import EPS, Decide, Fixed, probabilities, spy_scorer
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import make_multilabel_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import cross_val_score, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from sklosses import get_loss, make_loss_scorer


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
