"""Scorers, only through scikit-learn's public API: their scores, parameters and copies."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scored import Fixed, probabilities, respond
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

import sklosses
from sklosses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    LossScorer,
    MSELoss,
    QuantileLoss,
    RobustLoss,
    get_loss,
    get_loss_names,
    get_loss_scorer,
    get_loss_scorer_names,
    make_loss_scorer,
)


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


@pytest.mark.parametrize(
    ("args", "params"),
    [
        (("mse_loss",), {}),
        (("huber_loss",), {"delta": 2.0, "reduction": "sum"}),
        (("cross_entropy",), {"class_weight": {"a": 2.0}, "unseen": "worst"}),
        (("cross_entropy",), {"response_method": "decision_function"}),
        (("binary_cross_entropy",), {"response_method": respond}),
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


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (RobustLoss(alpha=-np.inf), "'robust_loss', alpha=float('-inf')"),
        (RobustLoss(alpha=np.float64(0.5)), "'robust_loss', alpha=0.5"),
        (RobustLoss(alpha=np.float32(1)), "'robust_loss'"),
        (QuantileLoss(quantile=np.array([0.1, 0.9])), "'quantile_loss', quantile=[0.1, 0.9]"),
        (QuantileLoss(quantile=(np.float64(0.5),)), "'quantile_loss', quantile=(0.5,)"),
        (CrossEntropyLoss(class_weight=np.ones(2)), "'cross_entropy', class_weight=[1.0, 1.0]"),
        (
            CrossEntropyLoss(class_weight={np.str_("a"): np.int64(2), np.nan: 1.0}),
            "'cross_entropy', class_weight={'a': 2, float('nan'): 1.0}",
        ),
        (
            BCEWithLogitsLoss(pos_weight=np.array([[2.0, 3.0]])),
            "'binary_cross_entropy_with_logits', pos_weight=[[2.0, 3.0]]",
        ),
        (
            np.float64(2) * RobustLoss(alpha=-np.inf) + MSELoss(),
            "CombinedLoss(losses=[RobustLoss(alpha=float('-inf')), MSELoss()], weights=[2.0, 1.0])",
        ),
    ],
    ids=str,
)
def test_repr_needs_no_other_names(loss, expected):
    scorer = make_loss_scorer(loss)
    assert repr(scorer) == f"make_loss_scorer({expected})"
    again = eval(repr(scorer), vars(sklosses).copy())
    assert repr(again) == repr(scorer)


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
