"""Objectives and metrics of boosters, beside the built-in ones of each library."""

import warnings

import numpy as np
import pytest
from boosted import (
    BOOSTED,
    REFUSED,
    arrays_of,
    encode,
    load,
    make_booster,
    make_data,
    sample,
)
from numpy.testing import assert_allclose

import sklosses
from sklosses import MSELoss, MSLELoss, QuantileLoss, RobustLoss, TweedieDeviance, get_loss
from sklosses.boosting import as_eval_metric, as_objective, as_sklearn_loss

pytestmark = pytest.mark.usefixtures("one_thread")

both_weights = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
both_calls = pytest.mark.parametrize("native", [False, True], ids=["estimator", "train"])


def start_of(loss, y, weight, n_classes):
    """The best constant output: a number, or one for each class."""
    loss = get_loss(loss) if isinstance(loss, str) else loss
    target = encode(loss, y, n_classes if n_classes > 2 else 1)
    start = loss.optimal_constant(target, sample_weight=weight)
    if np.ndim(start) and n_classes == 2:
        return start[1] - start[0]
    return start


# ---------------------------------------------------------------------------------------------
# The same trees as with the built-in objectives
# ---------------------------------------------------------------------------------------------


@both_weights
@both_calls
@pytest.mark.parametrize(
    ("builtin", "target", "loss"),
    [
        ("binary", "binary", "binary_cross_entropy_with_logits"),
        ("binary", "binary", "soft_margin_loss"),
        ("binary", "binary", "cross_entropy"),
        ("multiclass", "classes", "cross_entropy"),
        ("multiclassova", "classes", "binary_cross_entropy_with_logits"),
        ("regression", "real", "mse_loss"),
        ("poisson", "counts", "poisson_nll_loss"),
        ("tweedie", "positive", TweedieDeviance(power=1.5)),
        ("gamma", "positive", TweedieDeviance(power=2)),
    ],
)
def test_lightgbm_trains_as_with_its_own(builtin, target, loss, native, weighted):
    lightgbm = load("lightgbm")
    X, data = make_data()
    y, weight = data[target], data["weight"] if weighted else None
    n_classes = {"binary": 2, "classes": 3}.get(target, 1)
    start = start_of(loss, y, weight, n_classes)
    first = np.zeros((len(y), *np.shape(start))) + start
    objective = as_objective(loss, "lightgbm")
    # By default, its Hessian is exp(0.7) times the right one.
    extra = {"poisson_max_delta_step": 1e-12} if builtin == "poisson" else {}
    if native:
        params = {"verbose": -1, "num_threads": 1, **extra}
        params |= {"num_class": n_classes} if n_classes > 2 else {}

        def train(objective, first=None):
            trained = lightgbm.Dataset(X, y, weight=weight, init_score=first)
            return lightgbm.train({"objective": objective, **params}, trained, 15)

    else:

        def train(objective, first=None):
            kind = "Classifier" if n_classes > 1 else "Regressor"
            model = make_booster("lightgbm", kind, 15, objective=objective, **extra)
            return model.fit(X, y, sample_weight=weight, init_score=first)

    expected = train(builtin).predict(X, raw_score=True)
    found = train(objective, first).predict(X, raw_score=True) + start
    assert np.ptp(expected) > 0.5
    assert_allclose(found, expected, atol=1e-6)


class Scaled:
    """An objective of XGBoost whose Hessians have a factor."""

    def __init__(self, objective, factor):
        self.objective = objective
        self.factor = factor

    def __call__(self, y_true, y_pred, sample_weight=None):
        gradient, hessian = self.objective(y_true, y_pred, sample_weight)
        return gradient, hessian * np.float32(self.factor)


@both_weights
@both_calls
@pytest.mark.parametrize(
    ("builtin", "target", "loss", "hessian", "start"),
    [
        ("binary:logistic", "binary", "binary_cross_entropy_with_logits", "auto", 0.0),
        ("binary:logistic", "binary", "cross_entropy", "auto", 0.0),
        ("multi:softprob", "classes", "cross_entropy", "auto", 0.5),
        ("reg:squarederror", "real", 0.5 * MSELoss(), "auto", 0.0),
        ("count:poisson", "counts", "poisson_nll_loss", "auto", 0.0),
        ("reg:gamma", "positive", 0.5 * TweedieDeviance(power=2), "auto", 0.0),
        ("reg:tweedie", "positive", 0.5 * TweedieDeviance(power=1.5), "auto", 0.0),
        ("reg:squaredlogerror", "positive", 0.5 * MSLELoss(), "clip", 0.0),
        ("reg:pseudohubererror", "real", RobustLoss(alpha=1), "exact", 5.0),
    ],
)
def test_xgboost_trains_as_with_its_own(builtin, target, loss, hessian, start, native, weighted):
    xgboost = load("xgboost")
    X, data = make_data()
    y, weight = data[target], data["weight"] if weighted else None
    objective = as_objective(loss, "xgboost", hessian=hessian)
    shared = {}
    if builtin == "count:poisson":
        # Its Hessian is that of predictions that are larger by this.
        shared["max_delta_step"] = 0.7
        objective = Scaled(objective, np.exp(0.7))
    link = builtin in ("count:poisson", "reg:gamma", "reg:tweedie")
    # The built-in objective takes the start on the scale of its target.
    own = 0.5 if builtin == "binary:logistic" else np.exp(start) if link else start
    if native:
        shared |= {"num_class": 3} if target == "classes" else {}

        def train(params, **objective):
            trained = xgboost.DMatrix(X, y, weight=weight)
            return xgboost.train({"nthread": 1, **shared, **params}, trained, 15, **objective)

        expected = train({"objective": builtin, "base_score": own})
        found = train({"base_score": start}, obj=objective)
        X = xgboost.DMatrix(X)
    else:
        kind = "Classifier" if target in ("binary", "classes") else "Regressor"

        def train(objective, start):
            shared.setdefault("learning_rate", 0.3)
            model = make_booster(
                "xgboost", kind, 15, objective=objective, base_score=start, **shared
            )
            return model.fit(X, y, sample_weight=weight)

        expected = train(builtin, own)
        # XGBClassifier takes it for a probability.
        found = train(objective, own if target == "binary" else start)
    expected = expected.predict(X, output_margin=True)
    assert np.ptp(expected) > 0.5
    assert_allclose(
        found.predict(X, output_margin=True), expected, atol=2e-6 * np.abs(expected).max()
    )


@both_weights
@both_calls
@pytest.mark.parametrize(
    ("builtin", "target", "loss", "hessian"),
    [
        ("Logloss", "binary", "binary_cross_entropy_with_logits", "auto"),
        ("Logloss", "binary", "cross_entropy", "auto"),
        ("MultiClass", "classes", "cross_entropy", "auto"),
        ("MultiClassOneVsAll", "classes", "binary_cross_entropy_with_logits", "auto"),
        ("RMSE", "real", 0.5 * MSELoss(), "auto"),
        ("Poisson", "counts", "poisson_nll_loss", "auto"),
        ("Tweedie:variance_power=1.5", "positive", 0.5 * TweedieDeviance(power=1.5), "auto"),
        ("Expectile:alpha=0.8", "real", sklosses.ExpectileLoss(expectile=0.8), "auto"),
        ("LogCosh", "real", "log_cosh_loss", "exact"),
        ("Quantile:alpha=0.8", "real", QuantileLoss(quantile=0.8), "exact"),
        ("MAE", "real", "quantile_loss", "exact"),
    ],
)
def test_catboost_trains_as_with_its_own(builtin, target, loss, hessian, native, weighted):
    catboost = load("catboost")
    X, data = make_data()
    y, weight = data[target], data["weight"] if weighted else None
    kind = "Classifier" if target in ("binary", "classes") else "Regressor"
    params = {
        "bootstrap_type": "No",
        "leaf_estimation_method": "Newton",
        "leaf_estimation_iterations": 1,
    }
    params |= {"classes_count": 3} if target == "classes" else {"boost_from_average": False}
    n_rounds = 4 if target == "classes" else 15

    def train(objective, **more):
        model = make_booster(
            "catboost", kind, n_rounds, loss_function=objective, **{**params, **more}
        )
        if not native:
            return model.fit(X, y, sample_weight=weight)
        return catboost.train(catboost.Pool(X, y, weight=weight), model.get_params())

    # The Hessian is constant then, and 1.
    own = {"leaf_estimation_method": "Gradient"} if builtin.startswith(("MAE", "Quantile")) else {}
    expected = train(builtin, **own).predict(X, prediction_type="RawFormulaVal")
    objective = as_objective(loss, "catboost", hessian=hessian)
    found = train(objective, eval_metric=as_eval_metric(loss, "catboost"))
    assert np.ptp(expected) > 0.3
    found = found.predict(X, prediction_type="RawFormulaVal")
    assert_allclose(found, expected, atol=1e-6)


def lighten(y, weight, quantile):
    """Change weights so that the sample at a quantile has next to none.

    The start is at the kink of its loss, where derivatives are a convention.
    """
    order = np.argsort(y)
    at = order[int(quantile * len(y))]
    below, above = y < y[at], y > y[at]
    weight = (
        np.where(above, weight, 0) / weight[above].sum() * (1 - quantile)
        + np.where(below, weight, 0) / weight[below].sum() * quantile
    )
    weight[at] = 1e-9
    return len(y) * weight


@both_weights
@pytest.mark.parametrize(
    ("builtin", "target", "loss"),
    [
        ("log_loss", "binary", "binary_cross_entropy_with_logits"),
        ("log_loss", "binary", "soft_margin_loss"),
        ("log_loss", "binary", "cross_entropy"),
        ("log_loss", "classes", "cross_entropy"),
        ("squared_error", "real", "mse_loss"),
        ("absolute_error", "real", "l1_loss"),
        ("quantile", "real", QuantileLoss(quantile=0.7931)),
        ("poisson", "counts", "poisson_nll_loss"),
        ("gamma", "positive", TweedieDeviance(power=2)),
    ],
)
def test_hist_gradient_boosting_trains_as_with_its_own(builtin, target, loss, weighted):
    X, data = make_data()
    y, weight = data[target], data["weight"] if weighted else None
    kind = "Classifier" if builtin == "log_loss" else "Regressor"
    own = {"loss": builtin}
    if builtin == "quantile":
        own["quantile"] = loss.quantile
        # Without weights, scikit-learn interpolates quantiles between two targets.
        weight = lighten(y, data["weight"] if weighted else np.ones(len(y)), loss.quantile)
    elif builtin == "absolute_error" and weighted:
        weight = lighten(y, weight, 0.5)
    expected = make_booster("sklearn", kind, 20, **own).fit(X, y, sample_weight=weight)
    found = make_booster("sklearn", kind, 20, loss=as_sklearn_loss(loss))
    found.fit(X, y, sample_weight=weight)
    of = "predict_proba" if kind == "Classifier" else "predict"
    expected = getattr(expected, of)(X)
    assert np.ptp(expected) > 0.5
    assert_allclose(getattr(found, of)(X), expected, atol=1e-9)


@both_weights
@pytest.mark.parametrize(
    ("builtin", "target", "loss"),
    [
        ("log_loss", "binary", "binary_cross_entropy_with_logits"),
        ("log_loss", "classes", "cross_entropy"),
        ("squared_error", "real", 0.5 * MSELoss()),
        ("absolute_error", "real", "l1_loss"),
    ],
)
def test_hist_gradient_boosting_stops_as_with_its_own(builtin, target, loss, weighted):
    X, data = make_data()
    y, weight = data[target], data["weight"] if weighted else None
    kind = "Classifier" if builtin == "log_loss" else "Regressor"
    stopping = {"early_stopping": True, "n_iter_no_change": 3, "random_state": 0, "tol": 0}

    def fit(loss):
        booster = make_booster("sklearn", kind, 200, loss=loss, learning_rate=0.5, **stopping)
        return booster.fit(X, y, sample_weight=weight)

    expected, found = fit(builtin), fit(as_sklearn_loss(loss))
    assert found.n_iter_ == expected.n_iter_ < 100
    assert_allclose(found.validation_score_, expected.validation_score_, rtol=1e-9)
    assert_allclose(found.train_score_, expected.train_score_, rtol=1e-9)


# ---------------------------------------------------------------------------------------------
# Metrics
# ---------------------------------------------------------------------------------------------


@both_weights
@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
@pytest.mark.parametrize("name", BOOSTED)
def test_metrics_are_the_mean_of_the_loss(name, several, weighted):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    weight = np.random.default_rng(1).uniform(0, 2, len(y)) if weighted else None
    arrays = arrays_of(loss, y, outputs)
    expected = loss(*arrays, sample_weight=weight)
    found = as_eval_metric(loss, "lightgbm")(y, outputs, weight)
    assert found == (name, pytest.approx(expected, rel=1e-12), False)
    assert as_eval_metric(name, "xgboost")(y, outputs, sample_weight=weight) == pytest.approx(
        expected, rel=1e-12
    )
    if loss.tags.response != "distribution":  # CatBoost's metric would be of a class of its own
        metric = as_eval_metric(type(loss), "catboost")
        approxes = [outputs] if outputs.ndim == 1 else list(outputs.T)
        error, total = metric.evaluate(approxes, y, weight)
        assert total == pytest.approx(len(y) if weight is None else weight.sum())
        assert metric.get_final_error(error, total) == pytest.approx(expected, rel=1e-12)
        assert not metric.is_max_optimal()
    metric = as_sklearn_loss(loss)
    assert metric(y, outputs, weight) == pytest.approx(expected, rel=1e-12)


def halves(target):
    """Features, targets and weights for training, and the same for evaluation."""
    X, data = make_data()
    arrays = X, data[target], data["weight"]
    return [a[:200] for a in arrays], [a[200:] for a in arrays]


both_targets = pytest.mark.parametrize(
    ("target", "loss"), [("binary", "soft_margin_loss"), ("classes", "cross_entropy")]
)


@both_calls
@both_targets
def test_lightgbm_shows_what_it_shows_for_its_own(target, loss, native):
    lightgbm = load("lightgbm")
    (X, y, weight), valid = halves(target)
    objective, metric = as_objective(loss, "lightgbm"), as_eval_metric(loss, "lightgbm")
    if target == "binary":
        own = {"objective": "binary", "metric": "binary_logloss", "boost_from_average": False}
    else:
        own = {"objective": "multiclass", "num_class": 3, "boost_from_average": False}
        own["metric"] = "multi_logloss"
    ours = {**own, "objective": objective, "metric": "None"}

    def train(params, **metric):
        seen = {}
        callbacks = [lightgbm.record_evaluation(seen)]
        if native:
            trained = lightgbm.Dataset(X, y, weight=weight)
            held_out = lightgbm.Dataset(valid[0], valid[1], weight=valid[2], reference=trained)
            params = {"verbose": -1, **params}
            metric = {"feval": metric["eval_metric"]} if metric else {}
            lightgbm.train(params, trained, 5, valid_sets=[held_out], callbacks=callbacks, **metric)
        else:
            model = make_booster("lightgbm", "Classifier", 5, **params)
            with warnings.catch_warnings():
                # LightGBM 4.7 has other names for it.
                warnings.filterwarnings("ignore", ".*eval_set", FutureWarning)
                model.fit(
                    X,
                    y,
                    sample_weight=weight,
                    eval_set=[valid[:2]],
                    eval_sample_weight=[valid[2]],
                    callbacks=callbacks,
                    **metric,
                )
        return seen["valid_0"]

    found = train(ours, eval_metric=metric)
    assert list(found) == [loss]
    assert_allclose(found[loss], train(own)[own["metric"]], rtol=1e-6)


@both_calls
@both_targets
def test_xgboost_shows_what_it_shows_for_its_own(target, loss, native):
    xgboost = load("xgboost")
    (X, y, weight), valid = halves(target)
    objective, metric = as_objective(loss, "xgboost"), as_eval_metric(loss, "xgboost")
    several = target == "classes"
    own = ("multi:softprob", "mlogloss") if several else ("binary:logistic", "logloss")
    params = {"base_score": 0.5, "disable_default_eval_metric": True}

    def train(ours):
        if not native:
            choice = (objective, metric) if ours else own
            more = {**params, "objective": choice[0], "eval_metric": choice[1]}
            model = make_booster("xgboost", "Classifier", 5, **more)
            model.fit(
                X,
                y,
                sample_weight=weight,
                eval_set=[valid[:2]],
                sample_weight_eval_set=[valid[2]],
                verbose=False,
            )
            return model.evals_result()["validation_0"]
        seen = {}
        trained = xgboost.DMatrix(X, y, weight=weight)
        held_out = xgboost.DMatrix(valid[0], valid[1], weight=valid[2])
        more = {"nthread": 1, **params, **({"num_class": 3} if several else {})}
        if ours:
            more["base_score"] = 0.5 if several else 0.0
            calls = {"obj": objective, "custom_metric": metric}
        else:
            more |= {"objective": own[0], "eval_metric": own[1]}
            calls = {}
        evals = {"evals": [(held_out, "valid")], "evals_result": seen, "verbose_eval": False}
        xgboost.train(more, trained, 5, **evals, **calls)
        return seen["valid"]

    found = train(True)
    assert list(found) == [loss]
    assert_allclose(found[loss], train(False)[own[1]], rtol=1e-5)


@both_calls
@both_targets
def test_catboost_shows_what_it_shows_for_its_own(target, loss, native):
    catboost = load("catboost")
    (X, y, weight), valid = halves(target)
    several = target == "classes"
    params = {
        "leaf_estimation_method": "Newton",
        "leaf_estimation_iterations": 1,
        "bootstrap_type": "No",
        **({"classes_count": 3} if several else {"boost_from_average": False}),
    }

    def train(**choice):
        model = make_booster("catboost", "Classifier", 4, **params, **choice)
        trained = catboost.Pool(X, y, weight=weight)
        held_out = catboost.Pool(valid[0], valid[1], weight=valid[2])
        if native:
            model = catboost.train(trained, model.get_params(), eval_set=held_out)
        else:
            model.fit(X, y, sample_weight=weight, eval_set=held_out)
        return model.get_evals_result()["validation"]

    expected = train(loss_function="MultiClass" if several else "Logloss")
    found = train(
        loss_function=as_objective(loss, "catboost"), eval_metric=as_eval_metric(loss, "catboost")
    )
    (expected,), (found,) = expected.values(), found.values()
    assert_allclose(found, expected, rtol=1e-9)


def test_cross_validation_of_lightgbm():
    lightgbm = load("lightgbm")
    X, data = make_data()
    y = data["binary"]
    folds = [(np.arange(150, 300), np.arange(150)), (np.arange(150), np.arange(150, 300))]

    def run(params, **metric):
        params = {"verbose": -1, "num_threads": 1, **params}
        return lightgbm.cv(params, lightgbm.Dataset(X, y), 5, folds=folds, **metric)

    own = {"objective": "binary", "metric": "binary_logloss", "boost_from_average": False}
    expected = run(own)["valid binary_logloss-mean"]
    loss = "binary_cross_entropy_with_logits"
    objective, metric = as_objective(loss, "lightgbm"), as_eval_metric(loss, "lightgbm")
    found = run({"objective": objective, "metric": "None"}, feval=metric)
    assert_allclose(found[f"valid {loss}-mean"], expected, rtol=1e-9)


def test_catboost_looks_for_no_compiler():
    """It would for callbacks without `no_jit`, and warn if numba is not installed."""
    load("catboost")
    X, data = make_data()
    for kind, target, loss in (
        ("Regressor", "real", "huber_loss"),
        ("Classifier", "classes", "cross_entropy"),
    ):
        objective, metric = as_objective(loss, "catboost"), as_eval_metric(loss, "catboost")
        model = make_booster("catboost", kind, 2, loss_function=objective, eval_metric=metric)
        if target == "classes":
            model.set_params(classes_count=3, class_names=[0, 1, 2])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.fit(X, data[target], eval_set=(X, data[target]))
        assert model.predict(X).size == len(X)
    loss = get_loss("gaussian_nll_loss")
    callbacks = as_objective(loss, "catboost"), as_eval_metric(loss, "catboost")
    assert all(hasattr(item, "no_jit") for item in callbacks)


def test_several_quantiles_are_several_outputs():
    lightgbm = load("lightgbm")
    X, data = make_data()
    y, loss = data["real"], QuantileLoss(quantile=[0.2, 0.8])
    start = np.tile(loss.optimal_constant(y), (len(y), 1))
    params = {"objective": as_objective(loss, "lightgbm"), "num_class": 2, "verbose": -1}
    booster = lightgbm.train(params, lightgbm.Dataset(X, y, init_score=start), 15)
    found = start + booster.predict(X)
    assert found.shape == (len(y), 2)
    assert loss(y, found) < 0.7 * loss(y, start)
    objective = as_objective(loss, "xgboost")
    model = make_booster("xgboost", "Regressor", 15, objective=objective, base_score=5.0)
    model.fit(X, np.column_stack([y, y]))
    assert loss(y, model.predict(X)) < 0.7 * loss(y, start)
    with pytest.raises(ValueError, match=r"y_pred must have shape \(300, 2\) for y_true of shape"):
        make_booster("lightgbm", "Regressor", objective=params["objective"]).fit(X, y)


def test_hist_gradient_boosting_of_labels_without_probabilities():
    X, data = make_data()
    booster = make_booster("sklearn", "Classifier", 40, loss=as_sklearn_loss("hinge_loss"))
    booster.fit(X, data["binary"])
    assert np.mean(booster.predict(X) == data["binary"]) > 0.8
    loss = as_sklearn_loss("hinge_loss")
    assert not hasattr(loss, "predict_proba")
    for name, kind in (("coral_loss", "Classifier"), ("huber_loss", "Regressor")):
        assert hasattr(as_sklearn_loss(name), "predict_proba") == (kind == "Classifier")


# ---------------------------------------------------------------------------------------------
# Bad input
# ---------------------------------------------------------------------------------------------

DOORS = {
    "as_objective": lambda loss, **more: as_objective(loss, "lightgbm", **more),
    "as_eval_metric": lambda loss: as_eval_metric(loss, "xgboost"),
    "as_sklearn_loss": as_sklearn_loss,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", REFUSED)
def test_losses_without_a_use_for_boosting(name, door):
    cls = type(get_loss(name))
    with pytest.raises(ValueError, match=f"^{door} does not support {cls.__name__}, which takes "):
        DOORS[door](name)


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("binary_cross_entropy", "Use binary_cross_entropy_with_logits or sigmoid_focal_loss"),
        ("nll_loss", "Use cross_entropy, which takes logits."),
        ("js_div", "Use cross_entropy, which takes logits."),
        ("cumulative_logit_loss", "Use coral_loss or corn_loss, which have no thresholds"),
    ],
)
def test_what_to_use_instead(name, use):
    with pytest.raises(ValueError, match=use):
        as_objective(name, "xgboost")


def test_losses_without_a_hessian():
    loss = sklosses.CustomLoss(value=lambda y, p: (y - p) ** 2, gradient=lambda y, p: 2 * (p - y))
    with pytest.raises(
        ValueError, match="as_objective needs a Hessian, and CustomLoss has no diag"
    ):
        as_objective(loss, "lightgbm")


@pytest.mark.parametrize("make", [as_objective, as_eval_metric])
@pytest.mark.parametrize("library", ["LightGBM", "sklearn", None, 3])
def test_unknown_libraries(make, library):
    match = f"The 'library' parameter of {make.__name__} must be a str among .*'catboost'.* Got"
    with pytest.raises(ValueError, match=match):
        make("mse_loss", library)


@pytest.mark.parametrize("door", ["as_objective", "as_sklearn_loss"])
def test_unknown_hessians(door):
    match = f"The 'hessian' parameter of {door} must be a str among .*'auto'.* Got 'newton' instead"
    with pytest.raises(ValueError, match=match):
        DOORS[door]("mse_loss", hessian="newton")


@pytest.mark.parametrize("door", ["as_objective", "as_sklearn_loss"])
@pytest.mark.parametrize("name", BOOSTED)
def test_expected_hessians_of_likelihoods_alone(name, door):
    loss = get_loss(name)
    if loss.tags.likelihood:
        DOORS[door](loss, hessian="fisher")
        return
    with pytest.raises(ValueError, match=f"{type(loss).__name__} is none; use hessian='auto'"):
        DOORS[door](loss, hessian="fisher")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("loss", "match"),
    [
        ("focal", "'focal' is not a valid loss name"),
        (3, "The 'loss' parameter of .* must be the name of a loss, its function"),
        (None, "The 'loss' parameter of .* must be the name of a loss, its function"),
    ],
)
def test_unknown_losses(door, loss, match):
    with pytest.raises(ValueError, match=match):
        DOORS[door](loss)


def test_labels_beyond_the_outputs():
    objective = as_objective("binary_cross_entropy_with_logits", "xgboost")
    match = r"class indices in the range \[0, 3\), since there are 3 outputs. Got 3.0 at index 1"
    with pytest.raises(ValueError, match=match):
        objective(np.array([0.0, 3.0]), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"Got 0.5 at index 0"):
        objective(np.array([0.5, 1.0]), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"got 2\.0 at index 1"):
        objective(np.array([0.0, 2.0]), np.zeros(2))
    objective = as_objective("cross_entropy", "xgboost")
    with pytest.raises(ValueError, match=r"y_true.* 3.* at index 1"):
        objective(np.array([0.0, 3.0]), np.zeros((2, 3)))


def test_class_weights_by_frequency_where_samples_come_in_parts():
    loss = sklosses.CrossEntropyLoss(class_weight="balanced")
    for loss_ in (loss, 2 * loss):
        with pytest.raises(ValueError, match="CatBoost passes a part of the samples at a time"):
            as_objective(loss_, "catboost")
        as_objective(loss_, "lightgbm")
