"""What both faces of a loss have around them: sources, tracebacks, warnings, forms, parameters."""

import inspect
import linecache
import traceback
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sklosses
from sklosses import CombinedLoss, LossScorer, check_loss, get_loss, get_loss_names
from sklosses._checks import _draw
from sklosses.linear_model import LossClassifier, LossRegressor
from sklosses.metric_learning import LossEmbedding

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
LABELS = np.arange(60) % 3
LOG_PROBABILITIES = np.log(RNG.dirichlet(np.ones(3), size=60))

# ---------------------------------------------------------------------------------------------
# Sources and warnings
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", get_loss_names())
def test_source_and_traceback(name):
    function = getattr(sklosses, name)
    linecache.checkcache()  # what debuggers and IPython do: stale files are thrown away
    source = inspect.getsource(function)
    assert source.startswith(f"def {name}(")
    assert type(get_loss(name)).__name__ in source
    arrays = [None if a is None else np.full(np.shape(a), np.nan) for a in _draw(get_loss(name))]
    with pytest.raises(ValueError) as error:  # noqa: PT011
        function(*arrays)
    frames = traceback.extract_tb(error.value.__traceback__)
    assert all(frame.line for frame in frames)


def line_of(text):
    """Number of the line of this file that ends with a comment."""
    lines = inspect.getsource(inspect.getmodule(line_of)).splitlines()
    return next(k for k, line in enumerate(lines, 1) if line.endswith(f"# {text}"))


def nothing_counts(call):
    return call([1.0], [2.0], sample_weight=[0.0])  # no weight


def no_logarithms(call):
    return call(LABELS, np.exp(LOG_PROBABILITIES))  # probabilities


@pytest.mark.parametrize(
    "call",
    [
        sklosses.mse_loss,
        lambda *a, **k: sklosses.mse_loss(*a, **k, return_gradient=True),  # a function
        sklosses.MSELoss(),
        sklosses.MSELoss().gradient,
        sklosses.MSELoss().value_and_gradient,
        sklosses.MSELoss().gradient_and_hessian,
        0.5 * sklosses.MSELoss() + sklosses.L1Loss(),
    ],
)
def test_warnings_point_at_the_line_of_the_user(call):
    with pytest.warns(UndefinedMetricWarning, match="total weight is zero") as record:
        nothing_counts(call)
    number = (
        "a function" if inspect.isfunction(call) and call.__name__ == "<lambda>" else "no weight"
    )
    assert [item.filename for item in record] == [__file__]
    assert [item.lineno for item in record] == [line_of(number)]


@pytest.mark.parametrize("loss", [sklosses.MSELoss(), sklosses.MSELoss() + sklosses.L1Loss()])
def test_warnings_of_parts(loss):
    part = loss.partial([1.0], [2.0], sample_weight=[0.0])
    with pytest.warns(UndefinedMetricWarning) as record:
        assert np.isnan(part.value)  # the value of a part
    assert {(item.filename, item.lineno) for item in record} == {
        (__file__, line_of("the value of a part"))
    }


@pytest.mark.parametrize(
    "call",
    [
        sklosses.nll_loss,
        sklosses.NLLLoss(),
        sklosses.NLLLoss(reduction="none"),
        sklosses.NLLLoss().gradient,
        sklosses.NLLLoss(class_weight=[1, 2, 3]).partial,
        0.5 * sklosses.NLLLoss() + sklosses.NLLLoss(class_weight=[1, 2, 3]) * 0.0,
    ],
)
def test_negative_likelihoods_warn(call):
    with pytest.warns(UserWarning, match=r"negative, which is impossible for log-prob") as record:
        no_logarithms(call)
    assert {(item.filename, item.lineno) for item in record} == {
        (__file__, line_of("probabilities"))
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(LABELS, LOG_PROBABILITIES)


def test_negative_likelihoods_of_sequences_warn():
    arrays = [[1, 2]], np.ones((4, 1, 3)), [4], [2]
    for call in sklosses.ctc_loss, sklosses.CTCLoss(reduction="sum").value_and_gradient:
        with pytest.warns(UserWarning, match="negative, which is impossible for log-probabilities"):
            call(*arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sklosses.ctc_loss([[1, 2]], np.log(np.full((4, 1, 3), 1 / 3)), [4], [2])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_rounding_is_no_negative_likelihood(dtype):
    """Logarithms of probabilities near 1 may round to something above 0."""
    logits = np.zeros((1000, 3), dtype)
    logits[:, 0] = 80
    sums = np.log(np.exp(logits.astype(np.float64)).sum(axis=1, keepdims=True))
    log_probabilities = (logits - sums.astype(dtype)) + np.finfo(dtype).eps
    assert (log_probabilities[:, 0] > 0).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sklosses.nll_loss(np.zeros(1000, int), log_probabilities) < 0
        # Of float32 numbers that became float64 ones on the way.
        sklosses.nll_loss(np.zeros(10, int), np.full((10, 2), 1e-7))
        sklosses.ctc_loss([[1]], np.full((50, 1, 2), 1e-7) - [[[80.0, 0.0]]], [50], [1])


# ---------------------------------------------------------------------------------------------
# Forms of a loss
# ---------------------------------------------------------------------------------------------

FORMS = ["huber_loss", sklosses.huber_loss, sklosses.HuberLoss, sklosses.HuberLoss()]


@pytest.mark.parametrize("form", FORMS, ids=["name", "function", "class", "object"])
def test_every_form_of_a_loss(form):
    expected = "HuberLoss(delta=2.0)"
    assert repr(get_loss(form, delta=2.0)) == expected
    scorer = sklosses.make_loss_scorer(form, delta=2.0)
    assert repr(scorer) == "make_loss_scorer('huber_loss', delta=2.0)"
    assert repr(LossScorer(form)) == "make_loss_scorer('huber_loss')"
    assert repr(clone(LossScorer(form)).set_params(loss__delta=2.0)) == repr(scorer)
    assert repr(clone(LossScorer(form))) == "make_loss_scorer('huber_loss')"
    assert repr(sklosses.get_loss_scorer(form)) == "make_loss_scorer('huber_loss')"
    check_loss(form)
    own = clone(form) if isinstance(form, sklosses.Loss) else form
    combined = CombinedLoss([own, "mse_loss"], weights=[0.5, 2.0])
    whole = 0.5 * sklosses.HuberLoss() + 2.0 * sklosses.MSELoss()
    assert combined(X[0], X[1]) == whole(X[0], X[1])
    assert combined.set_params(huber_loss__delta=2.0).losses[0].delta == 2.0
    model = LossRegressor(loss=form).fit(X, X[:, 0])
    assert_array_equal(model.coef_, LossRegressor().fit(X, X[:, 0]).coef_)
    assert_array_equal(clone(model).fit(X, X[:, 0]).coef_, model.coef_)


@pytest.mark.parametrize("name", get_loss_names())
def test_function_stands_for_its_loss(name):
    assert type(get_loss(getattr(sklosses, name))) is type(get_loss(name))


def test_objects_are_cloned():
    loss = sklosses.HuberLoss()
    assert get_loss(loss, delta=2.0).delta == 2.0
    assert loss.delta == 1.0


# ---------------------------------------------------------------------------------------------
# Parameters of the loss of an estimator
# ---------------------------------------------------------------------------------------------

MODELS = [
    (LossRegressor, "huber_loss", "delta", 2.0),
    (LossClassifier, "sigmoid_focal_loss", "gamma", 1.0),
    (LossEmbedding, "batch_all_triplet_loss", "margin", 0.5),
    (LossEmbedding, "batch_hard_triplet_loss", "distance", "cosine"),
]


@pytest.mark.parametrize(("cls", "name", "parameter", "value"), MODELS)
@pytest.mark.parametrize("form", ["name", "function", "class", "object"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_parameters_of_the_loss(cls, name, parameter, value, form):
    loss = {
        "name": name,
        "function": getattr(sklosses, name),
        "class": type(get_loss(name)),
        "object": get_loss(name),
    }[form]
    key = f"loss__{parameter}"
    model = cls(loss=loss, max_iter=5)
    assert key in model.get_params()
    assert key not in model.get_params(deep=False)
    y = LABELS if cls is not LossRegressor else X[:, 0]
    assert getattr(model.set_params(**{key: value}).fit(X, y).loss_, parameter) == value
    assert getattr(clone(model).fit(X, y).loss_, parameter) == value
    pipeline = make_pipeline(StandardScaler(), cls(loss=loss, max_iter=5))
    pipeline.set_params(**{f"{cls.__name__.lower()}__{key}": value})
    assert getattr(pipeline.fit(X, y)[-1].loss_, parameter) == value
    with pytest.raises(ValueError, match="Invalid parameter 'bogus' for estimator"):
        cls(loss=loss).set_params(loss__bogus=1)


def test_loss_and_its_parameters_at_once():
    model = LossRegressor("mse_loss").set_params(loss__delta=2.0, loss="huber_loss", alpha=1.0)
    assert repr(model) == "LossRegressor(alpha=1.0, loss=HuberLoss(delta=2.0))"
    assert "loss__delta" not in LossRegressor("no such loss").get_params()


def test_searches_over_parameters_of_the_loss():
    grid = {"loss__gamma": [0.0, 2.0], "loss__alpha": [None]}
    y = (X[:, 0] > 0).astype(int)
    search = GridSearchCV(LossClassifier("sigmoid_focal_loss"), grid, cv=2).fit(X, y)
    assert search.best_estimator_.loss_.alpha is None
    losses = {"loss": ["binary_cross_entropy_with_logits", sklosses.SigmoidFocalLoss]}
    search = GridSearchCV(LossClassifier(), losses, cv=2, scoring="neg_log_loss").fit(X, y)
    assert search.best_params_["loss"] in losses["loss"]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    grid = {"loss__delta": [0.1, 10.0]}
    search = GridSearchCV(LossRegressor(), grid, cv=2).fit(X, X[:, 0])
    assert set(search.best_params_) == {"loss__delta"}


def test_default_alpha_of_the_focal_loss():
    """What the docstrings say of it: as many positives as negatives, and most of them missed."""
    rng = np.random.default_rng(0)
    y = np.arange(2000) % 2
    X = rng.normal(size=(2000, 1)) + 0.8 * y[:, None]
    recall = {
        alpha: LossClassifier(sklosses.SigmoidFocalLoss(alpha=alpha)).fit(X, y).predict(X)[y == 1]
        for alpha in (0.25, None)
    }
    assert recall[0.25].mean() < 0.5
    reference = LogisticRegression().fit(X, y).predict(X)[y == 1]
    assert abs(recall[None].mean() - reference.mean()) < 0.02
