"""What the estimators around boosters refuse, and how they say it."""

import re

import numpy as np
import pytest
from boosted import (
    SETS_OF_SKLEARN,
    classifier,
    each_library,
    each_library_with_sets,
    load,
    make_booster,
    make_data,
    regressor,
)
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression

from sklosses import HingeLoss, QuantileLoss, get_loss
from sklosses.boosting import LossBoostingClassifier, LossBoostingRegressor, as_sklearn_loss

pytestmark = pytest.mark.usefixtures("one_thread")

X, DATA = make_data()
NAMES_OF_CLASSES = np.array(["low", "middle", "high"], dtype=object)


@pytest.mark.parametrize("make", [LossBoostingClassifier, LossBoostingRegressor])
@pytest.mark.parametrize(
    "estimator",
    [LinearRegression(), LogisticRegression(), 3, "lightgbm", HistGradientBoostingClassifier],
    ids=repr,
)
def test_what_is_no_booster(make, estimator):
    match = f"^The estimator of {make.__name__} must be one of LightGBM's, XGBoost's or CatBoost's"
    with pytest.raises(TypeError, match=match):
        make(estimator).fit(X, DATA["binary"])


@pytest.mark.parametrize("loss", ["hinge_loss", HingeLoss(p=2)])
def test_a_loss_in_the_place_of_the_estimator(loss):
    with pytest.raises(TypeError, match=r"Pass the loss by its name: LossBoosting\w+\(loss=.*\)"):
        LossBoostingClassifier(loss).fit(X, DATA["binary"])


@each_library
def test_boosters_of_the_other_kind(library):
    booster = make_booster(library, "Regressor")
    with pytest.raises(
        TypeError, match=r"^The estimator of LossBoostingClassifier must be a classifier"
    ):
        LossBoostingClassifier(booster).fit(X, DATA["binary"])
    booster = make_booster(library, "Classifier")
    with pytest.raises(
        TypeError, match=r"^The estimator of LossBoostingRegressor must be a regressor"
    ):
        LossBoostingRegressor(booster).fit(X, DATA["real"])


@pytest.mark.parametrize(
    ("loss", "takes"),
    [
        ("nt_xent_loss", "a vector for each sample of a batch"),
        ("ctc_loss", "the log-probabilities of the classes at each time step"),
        (
            "binary_cross_entropy",
            "the probability of the label 1.*Use binary_cross_entropy_with_log",
        ),
        ("js_div", "the probability of each class.* Use cross_entropy"),
        ("nll_loss", "the logarithm of the probability of each class.* Use cross_entropy"),
        ("triplet_margin_loss", "the vectors of pairs, triplets"),
        ("margin_ranking_loss", "the scores of two samples"),
        ("generator_loss", "the scores of a critic"),
        ("distillation_loss", "the logits of the classes from another model"),
    ],
)
@pytest.mark.parametrize("make", [LossBoostingClassifier, LossBoostingRegressor])
def test_losses_without_a_use(make, loss, takes):
    cls = type(get_loss(loss)).__name__
    with pytest.raises(ValueError, match=f"^{make.__name__} does not support {cls}, .*{takes}"):
        make(loss=loss).fit(X, DATA["binary"])


def test_losses_of_the_other_estimator():
    for loss in ("mse_loss", "poisson_nll_loss", "gaussian_nll_loss"):
        with pytest.raises(ValueError, match=r"Loss\. Use LossBoostingRegressor instead\.$"):
            LossBoostingClassifier(loss=loss).fit(X, DATA["binary"])
    for loss in ("cross_entropy", "hinge_loss", "coral_loss"):
        with pytest.raises(ValueError, match=r"Loss\. Use LossBoostingClassifier instead\.$"):
            LossBoostingRegressor(loss=loss).fit(X, DATA["real"])


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"loss": "focal"}, "'focal' is not a valid loss name"),
        ({"loss": 3}, "The 'loss' parameter of LossBoostingClassifier must be"),
        ({"hessian": "gauss"}, "The 'hessian' parameter of LossBoostingClassifier must be a str"),
        ({"hessian": "fisher", "loss": "hinge_loss"}, "HingeLoss is none; use hessian='auto'"),
        ({"hessian": "fisher", "loss": "sigmoid_focal_loss"}, "SigmoidFocalLoss is none"),
        ({"class_weight": "even"}, "The 'class_weight' parameter of LossBoostingClassifier must"),
        ({"class_weight": {"none": 2.0}}, "Got 'none', which is neither among the classes"),
        ({"class_weight": [1.0, 2.0, 3.0]}, r"class_weight.*2.*3"),
        ({"class_weight": [1.0, -2.0]}, "class_weight"),
    ],
)
def test_bad_parameters(params, match):
    with pytest.raises(ValueError, match=match):
        LossBoostingClassifier(**params).fit(X, NAMES_OF_CLASSES[DATA["binary"]])


@each_library
@pytest.mark.parametrize("label", ["only", 1, 2.0, True])
def test_one_class(library, label):
    match = re.escape(f"at least 2 classes. The data has only one class: {label!r}.")
    with pytest.raises(ValueError, match=match):
        classifier(library).fit(X, np.full(len(X), label))


@each_library_with_sets
def test_unseen_labels_in_evaluation_sets(library):
    y = NAMES_OF_CLASSES[DATA["binary"]]
    other = y[200:].copy()
    other[7] = "highest"
    match = r"^eval_set\[0\] has the label 'highest' at index 7, which is not in y\.$"
    with pytest.raises(ValueError, match=match):
        classifier(library).fit(X[:200], y[:200], eval_set=[(X[200:], other)])


@pytest.mark.parametrize(
    ("library", "params"),
    [
        ("sklearn", {"class_weight": "balanced"}),
        ("lightgbm", {"class_weight": {0: 1, 1: 2}}),
        ("lightgbm", {"is_unbalance": True}),
        ("lightgbm", {"scale_pos_weight": 2.0}),
        ("xgboost", {"scale_pos_weight": 3.0}),
        ("catboost", {"class_weights": [1.0, 2.0]}),
        ("catboost", {"auto_class_weights": "Balanced"}),
    ],
    ids=str,
)
def test_weights_of_classes_in_the_booster(library, params):
    clf = LossBoostingClassifier(make_booster(library, "Classifier", **params))
    (name,) = params
    match = f"does not support the parameter '{name}' of the estimator. Set class_weight of Loss"
    with pytest.raises(ValueError, match=match):
        clf.fit(X, DATA["binary"])


def test_neutral_weights_of_classes_in_the_booster():
    load("lightgbm")
    clf = classifier("lightgbm", n_rounds=2, is_unbalance=False, scale_pos_weight=1)
    plain = classifier("lightgbm", n_rounds=2)
    expected = plain.fit(X, DATA["binary"]).decision_function(X)
    assert_array_equal(clf.fit(X, DATA["binary"]).decision_function(X), expected)


@pytest.mark.parametrize(
    "loss", ["gaussian_nll_loss", "crps_gaussian_loss", QuantileLoss(quantile=[0.1, 0.9])], ids=str
)
def test_losses_of_several_predictions_in_scikit_learn(loss):
    reg = HistGradientBoostingRegressor(loss=as_sklearn_loss(loss))
    with pytest.raises(ValueError, match=r"has one output, but .* Use LossBoostingRegressor"):
        reg.fit(X, DATA["real"])


def test_no_array_of_the_training_is_kept():
    reg = regressor("sklearn", n_rounds=2).fit(X, DATA["real"])
    reg.predict(X)
    assert reg._trained[0].derivatives._buffers.arrays == {}


@each_library
def test_bad_evaluation_sets(library):
    y = DATA["binary"]
    for sets in ([X], [(X, y, y)], (X, y, y)):
        with pytest.raises(
            TypeError, match=r"^eval_set must be a pair \(X, y\), or a list of such"
        ):
            classifier(library).fit(X, y, eval_set=sets)
    bad = DATA["real"].copy()
    bad[3] = np.nan
    with pytest.raises(ValueError, match=r"y of eval_set\[0\] contains NaN"):
        regressor(library).fit(X, DATA["real"], eval_set=(X, bad))


@SETS_OF_SKLEARN
def test_scikit_learn_takes_one_evaluation_set():
    y = DATA["binary"]
    with pytest.raises(ValueError, match=r"takes one evaluation set. Got 2 instead\.$"):
        classifier("sklearn").fit(X, y, eval_set=[(X, y), (X, y)])


@each_library
def test_bad_targets(library):
    y = DATA["real"].copy()
    for value, match in ((np.nan, "Input y contains NaN"), (np.inf, "Input y contains infinity")):
        y[3] = value
        with pytest.raises(ValueError, match=match):
            regressor(library).fit(X, y)
    with pytest.raises(ValueError, match=r"Input y contains .* -1\.0 at index 2"):
        regressor(library, "poisson_nll_loss").fit(X, np.where(np.arange(300) == 2, -1.0, 1.0))
    with pytest.raises(ValueError, match=r"y must be an array of real numbers\. Got dtype <U1"):
        regressor(library).fit(X, np.full(300, "a"))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        regressor(library).fit(X, DATA["real"][:-1])
    with pytest.raises(ValueError, match="y should be a 1d array"):
        regressor(library).fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="y should be a 1d array"):
        classifier(library).fit(X, np.eye(3)[DATA["classes"]])
    with pytest.raises(ValueError, match="Unknown label type"):
        classifier(library).fit(X, DATA["real"])
    with pytest.raises(ValueError, match="mask"):
        regressor(library).fit(X, np.ma.array(DATA["real"], mask=np.arange(300) == 3))
    for weight, match in (
        (np.ones(3), r"sample_weight"),
        (-np.ones(300), "sample_weight"),
        (np.full(300, np.nan), "sample_weight"),
        (np.zeros(300), "weight"),
    ):
        with pytest.raises(ValueError, match=match):
            regressor(library).fit(X, DATA["real"], sample_weight=weight)
        with pytest.raises(ValueError, match=match):
            classifier(library).fit(X, DATA["binary"], sample_weight=weight)


def test_standard_deviations_of_losses_that_have_none():
    reg = regressor("sklearn", "huber_loss").fit(X, DATA["real"])
    with pytest.raises(ValueError, match="return_std=True needs a loss that predicts a variance"):
        reg.predict(X, return_std=True)


@each_library
def test_probabilities_of_losses_that_have_none(library):
    clf = classifier(library, "hinge_loss")
    assert not hasattr(clf, "predict_proba")
    clf.fit(X, DATA["binary"])
    assert not hasattr(clf, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba"):
        clf.predict_proba(X)
    # It follows the loss that was fitted.
    clf.set_params(loss="sigmoid_focal_loss")
    assert not hasattr(clf, "predict_proba")
    assert hasattr(clf.fit(X, DATA["binary"]), "predict_proba")
    assert hasattr(LossBoostingClassifier(), "predict_proba")


def test_not_fitted():
    for model in (LossBoostingClassifier(), LossBoostingRegressor()):
        assert not hasattr(model, "n_features_in_")
        for of in ("predict", "staged_predict"):
            with pytest.raises(NotFittedError):
                next(iter(getattr(model, of)(X)))
