"""Calls that cannot be meant: refused in a sentence that names the argument and what to do."""

import functools
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

import sklosses
from sklosses import get_loss, get_loss_scorer, make_loss_scorer
from sklosses.linear_model import LossClassifier, LossRegressor
from sklosses.metric_learning import LossEmbedding
from sklosses.plotting import LossCurveDisplay

RNG = np.random.default_rng(0)
LABELS = np.array([0, 1, 2, 1])
LOGITS = RNG.normal(size=(4, 3))
X = RNG.normal(size=(30, 3))
Y = np.arange(30) % 2


def refused(message, function, *args, error=ValueError, **kwargs):
    with pytest.raises(error, match=message):
        function(*args, **kwargs)


# ---------------------------------------------------------------------------------------------
# Shapes and types that mean something else
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 5])
@pytest.mark.parametrize("face", [sklosses.sigmoid_focal_loss, sklosses.SigmoidFocalLoss()])
def test_labels_beside_one_column_of_logits(face, n):
    y, z = np.arange(n) % 2, RNG.normal(size=(n, 1))
    refused(r"y_true\[:, None\] for labels, y_true\[:, None\] == 0 for class indices", face, y, z)
    # What the sentence says to do for class indices: the one-hot row, zeros for the background.
    two = np.column_stack([z, np.full(n, -800.0)])
    expected = sklosses.sigmoid_focal_loss(2 * y, two, reduction="sum")  # index 2: the background
    assert_allclose(
        sklosses.sigmoid_focal_loss(y[:, None] == 0, z, reduction="sum"), expected, rtol=1e-12
    )


MULTI_HOT = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
OF_CLASSES = {
    "cross_entropy": (LOGITS, "binary_cross_entropy_with_logits"),
    "nll_loss": (np.log(PROBABILITIES), "binary_cross_entropy"),
    "js_div": (PROBABILITIES, "binary_cross_entropy"),
}


@pytest.mark.parametrize("dtype", [int, bool, np.uint8, np.int32])
@pytest.mark.parametrize("name", OF_CLASSES)
def test_integers_as_class_probabilities(name, dtype):
    y_pred, other = OF_CLASSES[name]
    function = getattr(sklosses, name)
    target = MULTI_HOT.astype(dtype)
    message = rf"y_true of dtype {target.dtype} .* sum of 2 at index 1\. .* for {other};"
    refused(message, function, target, y_pred)
    refused("sum of 0 at index 0", function, target[3:], y_pred[3:])
    # Classes along the second of more axes.
    refused(r"sum of 2 at index \(1, 0\)", function, target[:, :, None], y_pred[:, :, None])
    refused(r"sum of 2 at index \(0, 1\)", function, target.T[None], y_pred.T[None])
    gradient = np.full(y_pred.shape, 7.0)
    refused(message, function, target, y_pred, return_gradient=True, gradient_out=gradient)
    assert (gradient == 7).all()
    # One-hot rows are fine, and so are floats of any sum.
    hot = np.eye(3)[LABELS]
    assert function(hot.astype(dtype), y_pred) == function(hot, y_pred)
    assert np.isfinite(function(MULTI_HOT.astype(float), y_pred))


@pytest.mark.parametrize("name", OF_CLASSES)
def test_nullable_and_mixed_integers_as_class_probabilities(name):
    y_pred, _ = OF_CLASSES[name]
    function = getattr(sklosses, name)
    mixed = pd.DataFrame(MULTI_HOT).astype({0: bool})
    hot = pd.DataFrame(np.eye(3, dtype=int)[LABELS])
    for target in (
        MULTI_HOT.astype(object),
        pd.DataFrame(MULTI_HOT).astype("Int64"),
        pd.DataFrame(MULTI_HOT.astype(bool)).astype("boolean"),
        mixed,
    ):
        refused("sum of 2 at index 1", function, target, y_pred)
    for target in hot.astype("Int64"), hot.astype({0: bool}), hot.to_numpy().astype(object):
        assert function(target, y_pred) == function(hot.to_numpy(float), y_pred)
    assert np.isfinite(function(MULTI_HOT.astype(float).astype(object), y_pred))


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_labels_beside_one_logit_each(name):
    y_pred = np.log([0.1, 0.2, 0.3, 0.4])
    function = getattr(sklosses, name)
    for labels in [0, 1, 1, 0], [0, 0, 0, 0], [2, 0, 1, 1], [True, False, True, False]:
        refused(r"Shape \(4,\) means a single sample of 4 classes", function, labels, y_pred)
    assert_allclose(function([0, 0, 1, 0], y_pred), function(2, y_pred), rtol=1e-12)
    refused("sum of 2", get_loss(name).optimal_constant, MULTI_HOT)
    # Whose swap would fit, which is not what was meant.
    for y_pred in (np.full(4, 0.3), np.array([0.2, 0.8, 0.9, 0.1])):
        with pytest.raises(ValueError, match="sum of 2") as error:
            function([0, 1, 1, 0], y_pred)
        assert "swapped" not in str(error.value)


@pytest.mark.parametrize("name", ["multi_margin_loss", "softmax_focal_loss"])
def test_labels_beside_one_logit_each_of_losses_of_indices(name):
    refused("classes of a single sample", getattr(sklosses, name), [0, 1, 1], [0.1, 0.2, 0.3])


@pytest.mark.parametrize("name", ["sample_weight", "y_true", "y_pred"])
@pytest.mark.parametrize("face", [sklosses.mse_loss, sklosses.MSELoss().value_and_gradient])
def test_masked_arrays(face, name):
    arrays = {"y_true": np.arange(4.0), "y_pred": np.ones(4), "sample_weight": np.ones(4)}
    expected = face(**arrays)
    arrays[name] = np.ma.masked_array(arrays[name], mask=[0, 0, 1, 0])
    refused(rf"{name} is a masked array with a masked element at index 2", face, **arrays)
    arrays[name].mask = False  # nothing is lost
    np.testing.assert_equal(face(**arrays), expected)


def test_masked_rows():
    rows = [np.ma.masked_array([1.0, 2.0], mask=[0, 1]), np.ma.masked_array([3.0, 4.0])]
    refused(r"y_true is a masked array .* index \(0, 1\)", sklosses.mse_loss, rows, np.ones((2, 2)))
    masked = np.ma.masked_array(np.ones(4), mask=[0, 1, 0, 0])
    refused("y_true is a masked", sklosses.check_loss, sklosses.MSELoss(), masked, np.ones(4))


def test_masked_outputs():
    out = np.ma.masked_array(np.ones(4), mask=[0, 1, 0, 0])
    gradient = sklosses.MSELoss().gradient
    refused("gradient_out is a masked array", gradient, np.ones(4), np.ones(4), gradient_out=out)
    loss = sklosses.CustomLoss(value=lambda y_true, y_pred: np.ma.masked_array(y_pred, y_pred > 1))
    refused("The result of the 'value' function of CustomLoss is a masked", loss, [1, 1], [1, 2])


def test_masked_labels_and_parameters():
    masked = np.ma.masked_array(LABELS, mask=LABELS == 1)
    refused("y_true is a masked", sklosses.cross_entropy, masked, LOGITS)
    refused("y_true is a masked", sklosses.batch_hard_triplet_loss, masked, LOGITS)
    refused("y_true is a masked", sklosses.CrossEntropyLoss().optimal_constant, masked)
    weights = np.ma.masked_array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    refused(
        "class_weight is a masked", sklosses.cross_entropy, LABELS, LOGITS, class_weight=weights
    )


@pytest.mark.parametrize(
    "model", [LossRegressor(), LossClassifier(), LossEmbedding(max_iter=1)], ids=repr
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_masked_arrays_in_estimators(model):
    mask = X > 1
    refused("X is a masked", model.fit, np.ma.masked_array(X, mask), Y)
    refused("y is a masked", model.fit, X, np.ma.masked_array(Y, Y > 0))
    if not isinstance(model, LossEmbedding):
        weight = np.ma.masked_array(np.ones(30), Y > 0)
        refused("sample_weight is a masked", model.fit, X, Y, sample_weight=weight)
    model.fit(X, Y)
    predict = model.transform if isinstance(model, LossEmbedding) else model.predict
    refused("X is a masked", predict, np.ma.masked_array(X, mask))


def test_masked_arrays_in_scorers():
    model = LogisticRegression().fit(X, Y)
    scorer = make_loss_scorer("cross_entropy")
    refused("y is a masked", scorer, model, X, np.ma.masked_array(Y, Y > 0))
    scorer = make_loss_scorer(
        "mse_loss", response_method=lambda model, X: np.ma.masked_array(X[:, 0], Y > 0)
    )
    refused("is a masked array", scorer, model, X, Y)


def test_none():
    refused("y_true must be array-like. Got None", sklosses.mse_loss, None, [1.0])
    refused("y_pred must be array-like. Got None", sklosses.mse_loss, [1.0], None)
    refused("y_true must be array-like. Got None", sklosses.CrossEntropyLoss(), None, LOGITS)
    refused("y_true must be array-like. Got None", sklosses.sup_con_loss, None, LOGITS)
    refused("y_true must be array-like. Got None", sklosses.MSELoss().optimal_constant, None)


@pytest.mark.parametrize("labels", [["a", "b", "c", "b"], np.array(list("abcb"), dtype=object)])
@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy_with_logits"])
def test_string_labels(name, labels):
    refused("y_true .*LabelEncoder .*y == label", getattr(sklosses, name), labels, LOGITS)
    with pytest.raises(ValueError, match="y_pred must be an array of real") as error:
        getattr(sklosses, name)(LABELS, ["a", "b", "c", "b"])
    assert "LabelEncoder" not in str(error.value)


# ---------------------------------------------------------------------------------------------
# Arrays of other libraries
# ---------------------------------------------------------------------------------------------


class Foreign:
    """An array that NumPy cannot read."""

    __module__ = "elsewhere"

    def __array__(self, *args, **kwargs):
        raise RuntimeError("on another device")


def test_arrays_that_numpy_cannot_read():
    message = r"y_pred cannot be read as a NumPy array: got elsewhere.Foreign \(on another device\)"
    refused(message, sklosses.mse_loss, [1.0], Foreign(), error=TypeError)
    refused("y_true cannot be read", sklosses.sup_con_loss, Foreign(), LOGITS, error=TypeError)
    refused("sample_weight cannot", sklosses.mse_loss, [1.0], [1.0], sample_weight=Foreign(),
            error=TypeError)  # fmt: skip
    refused("must be a rectangular array", sklosses.mse_loss, [[1.0], [1.0, 2.0]], [1.0])


def test_tensors_of_pytorch():
    torch = pytest.importorskip("torch")
    tensor = torch.ones(4, requires_grad=True)
    y = np.zeros(4)
    refused(
        r"y_pred .* Pass y_pred\.detach\(\)\. .* sklosses\.torch\.as_module",
        sklosses.mse_loss,
        y,
        tensor,
        error=TypeError,
    )
    refused(r"y_true .* Pass y_true\.detach\(\)\.", sklosses.mse_loss, tensor, y, error=TypeError)
    half = torch.ones(4, dtype=torch.bfloat16)
    refused(r"Pass y_pred\.float\(\)\.", sklosses.mse_loss, y, half, error=TypeError)
    both = torch.ones(4, dtype=torch.bfloat16, requires_grad=True)
    refused(r"\.detach\(\)\.float\(\)\.", sklosses.MSELoss().gradient, y, both, error=TypeError)
    meta = torch.ones(4, device="meta")
    refused("y_pred cannot be read", sklosses.mse_loss, y, meta, error=TypeError)
    # What the sentences say to do works.
    assert sklosses.mse_loss(y, both.detach().float()) == sklosses.mse_loss(y, np.ones(4))


def test_arrays_of_jax():
    jax = pytest.importorskip("jax")
    y = np.zeros(4)
    refused("sklosses.jax.as_function", jax.jit(lambda p: sklosses.mse_loss(y, p)), np.ones(4),
            error=TypeError)  # fmt: skip
    refused("y_pred .* outside of them", jax.grad(lambda p: sklosses.mse_loss(y, p)), np.ones(4),
            error=TypeError)  # fmt: skip
    half = jax.numpy.ones(4, dtype="bfloat16")
    refused(r"dtype bfloat16 .* y_pred\.astype\('float32'\)", sklosses.mse_loss, y, half)
    assert sklosses.mse_loss(y, half.astype("float32")) == 1.0
    assert sklosses.mse_loss(y, jax.numpy.ones(4)) == 1.0


# ---------------------------------------------------------------------------------------------
# Arguments
# ---------------------------------------------------------------------------------------------

PAIRS = np.array([1, -1, 1, -1])
SWAPPED = {
    "cross_entropy": (LOGITS, LABELS),
    "nll_loss": (np.log(PROBABILITIES), LABELS),
    "multi_margin_loss": (LOGITS, LABELS),
    "binary_cross_entropy_with_logits": (LOGITS, MULTI_HOT),
    "sigmoid_focal_loss": (LOGITS, MULTI_HOT),
    "soft_margin_loss": (LOGITS[:, 0], PAIRS),
    "kl_div": (np.log(PROBABILITIES), PROBABILITIES),
    "poisson_nll_loss": (np.log(PROBABILITIES), LABELS[:, None] + np.zeros((1, 3))),
    "batch_hard_triplet_loss": (LOGITS, LABELS),
    # PyTorch has the target last.
    "cosine_embedding_loss": (LOGITS, LOGITS[::-1], PAIRS),
    "margin_ranking_loss": (LOGITS[:, 0], LOGITS[:, 1], PAIRS),
    "ctc_loss": (np.log(PROBABILITIES)[:, None], [[1, 2]], [4], [2]),
}


@pytest.mark.parametrize("name", SWAPPED)
def test_swapped_arguments(name):
    cls, arrays = type(get_loss(name)), SWAPPED[name]
    names = ", ".join(item.name for item in cls.inputs)
    message = rf"seem to be swapped: they fit as \(.*\), but {cls.__name__} takes \({names}\)"
    refused(message, getattr(sklosses, name), *arrays)
    refused(message, get_loss(name).value_and_gradient, *arrays)


def test_no_hint_at_a_swap_where_something_else_is_wrong():
    for keywords in ({"n_threads": 0}, {"sample_weight": [1.0]}, {"gradient_out": np.ones(2)}):
        # Counts and rates may be swapped.
        with pytest.raises(ValueError) as error:  # noqa: PT011
            sklosses.PoissonNLLLoss(log_input=False).gradient([1, 2, 3], [1, 2, 3], **keywords)
        assert "swapped" not in str(error.value)


def test_no_hint_at_a_swap_that_does_not_fit():
    for y_true, y_pred in (
        ([0, 5, 1, 1], LOGITS),
        ([0, 2, 1], LOGITS),
        (LABELS, np.where(LOGITS > 1, np.nan, LOGITS)),
    ):
        with pytest.raises(ValueError) as error:  # noqa: PT011
            sklosses.cross_entropy(y_true, y_pred)
        assert "swapped" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "keyword", "hint"),
    [
        ("cross_entropy", "weight", "class_weight"),
        ("nll_loss", "weight", "class_weight"),
        ("multi_margin_loss", "weight", "class_weight"),
        ("binary_cross_entropy", "weight", "sample_weight"),
        ("mse_loss", "weights", "sample_weight"),
        ("mse_loss", "size_average", "reduction"),
        ("cross_entropy", "label_smothing", "label_smoothing"),
        ("huber_loss", "detla", "delta"),
        ("sigmoid_focal_loss", "sample_weights", "sample_weight"),
        ("batch_hard_triplet_loss", "return_distance", "return_distances"),
        ("quantile_loss", "alpha", "quantile"),
        ("expectile_loss", "tau", "expectile"),
        ("tweedie_deviance", "variance_power", "power"),
        ("negative_binomial_nll_loss", "dispersion", "alpha"),
    ],
)
def test_keywords_of_other_libraries(name, keyword, hint):
    loss = get_loss(name)
    message = f"unexpected keyword argument '{keyword}'. Did you mean '{hint}'"
    refused(message, getattr(sklosses, name), LABELS, LOGITS, error=TypeError, **{keyword: 1})
    if hint in loss.get_params():
        refused(message, type(loss), error=TypeError, **{keyword: 1})
        refused(message, get_loss, name, error=TypeError, **{keyword: 1})
        refused(message, make_loss_scorer, name, error=TypeError, **{keyword: 1})
    if hint in ("sample_weight", "reduction"):
        refused(message, loss, LABELS, LOGITS, error=TypeError, **{keyword: 1})


def test_keywords_like_nothing():
    for call in sklosses.MSELoss, lambda **kwargs: sklosses.mse_loss([1.0], [1.0], **kwargs):
        with pytest.raises(TypeError, match=r"unexpected keyword argument 'xyz'\.$"):
            call(xyz=1)


def test_functions_name_the_wrong_keyword_before_a_missing_argument():
    loss = functools.partial(sklosses.lambdarank_loss, [1.0], [1.0])
    message = r"lambdarank_loss\(\) got an unexpected keyword argument 'group'. .* 'groups'\?"
    refused(message, loss, group=[0], error=TypeError)
    refused("argument 'qid'. Did you mean 'groups'", loss, qid=[0], error=TypeError)
    quantile = functools.partial(sklosses.quantile_loss, [1.0], [1.0])
    refused("argument 'alpha'. Did you mean 'quantile'", quantile, alpha=0.1, error=TypeError)
    message = r"lambdarank_loss\(\) missing 1 required argument: 'groups'"
    refused(message, loss, error=TypeError)
    message = r"mse_loss\(\) missing 2 required arguments: 'y_true' and 'y_pred'"
    refused(message, sklosses.mse_loss, error=TypeError)


def test_arrays_that_are_passed_twice():
    loss = sklosses.MSELoss()
    for call in (loss, loss.gradient, loss.value_and_gradient, loss.gradient_and_hessian,
                 loss.partial):  # fmt: skip
        for name in "y_true", "y_pred":
            message = f"got multiple values for argument '{name}'"
            refused(message, call, [1.0], [2.0], error=TypeError, **{name: [1.0]})
        assert str(call([1.0], y_pred=[2.0])) == str(call([1.0], [2.0]))


def test_labels_that_are_not_finite():
    refused("y_true contains NaN: .* Only labels that are neither missing nor infinite",
            sklosses.sup_con_loss, [np.nan, 1.0], [[1.0], [2.0]])  # fmt: skip


def test_weights_by_position():
    message = r"mse_loss\(\) takes 2 positional arguments \(y_true, y_pred\), and the others by key"
    refused(message, sklosses.mse_loss, [1.0], [1.0], [1.0], error=TypeError)


@pytest.mark.parametrize("face", ["huber_loss", sklosses.huber_loss, sklosses.HuberLoss])
def test_no_reduction(face):
    function = sklosses.huber_loss if isinstance(face, str) else face
    if function is sklosses.HuberLoss:
        refused("'reduction' parameter of HuberLoss must", function(reduction=None), [1.0], [1.0])
        return
    message = "'reduction' parameter of HuberLoss must be a str among .* Got None .*'none'"
    refused(message, function, [1.0, 2.0], [1.0, 3.0], reduction=None)
    # A call of an object keeps to the object's own.
    loss = sklosses.HuberLoss(reduction="sum")
    assert loss([1.0, 2.0], [1.0, 3.0], reduction=None) == 0.5


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        (["heavy", "light", "light"], "class_weight must be an array of real numbers"),
        ({"cat": 2.0}, "keys of class_weight must be class indices from 0 to 2. Got 'cat'"),
        ({0: "heavy"}, "values of class_weight must be real numbers. Got 'heavy' for 0"),
        ({3: 2.0}, "keys of class_weight must be class indices from 0 to 2. Got 3"),
        ("balance", "'class_weight' parameter of CrossEntropyLoss"),
    ],
)
def test_class_weight(class_weight, message):
    refused(message, sklosses.cross_entropy, LABELS, LOGITS, class_weight=class_weight)
    refused(message, sklosses.CrossEntropyLoss(class_weight=class_weight), LABELS, LOGITS)


@pytest.mark.parametrize("label", ["a", 0.0, -100, None])
def test_class_weight_of_the_best_constant(label):
    for name in "cross_entropy", "nll_loss", "multi_margin_loss", "softmax_focal_loss":
        loss = get_loss(name, class_weight={label: 2.0})
        refused(f"keys of class_weight must be class indices .*Got {label!r}",
                loss.optimal_constant, LABELS)  # fmt: skip


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ({0: -1}, "Input class_weight contains a value out of its domain: got -1.0 at index 0"),
        ({1: np.nan}, "Input class_weight contains NaN: got nan at index 1"),
        ({0: "x"}, "values of class_weight must be real numbers. Got 'x'"),
        (["x", "y"], "class_weight must be an array of real numbers"),
    ],
)
def test_class_weight_of_an_estimator(class_weight, message):
    refused(message, LossClassifier(class_weight=class_weight).fit, X, Y)


@pytest.mark.parametrize(
    "model",
    [
        LossClassifier(class_weight={0: 1.0, 1: 2.0, "no": 3.0}),
        LossClassifier(loss=sklosses.CrossEntropyLoss(class_weight={"no": 3.0})),
    ],
)
def test_class_weight_of_a_label_that_does_not_exist(model):
    refused("Got 'no', which is neither among the classes", model.fit, X, Y)


# ---------------------------------------------------------------------------------------------
# Losses where something else is asked for, and the other way around
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (sklosses.CrossEntropyLoss(label_smoothing=0.1), "CrossEntropyLoss(label_smoothing=0.1)"),
        (sklosses.CrossEntropyLoss, "CrossEntropyLoss"),
        (sklosses.cross_entropy, "cross_entropy"),
        (sklosses.CosineEmbeddingLoss(), "CosineEmbeddingLoss()"),
    ],
)
def test_loss_as_a_scorer(loss, words):
    message = f"a loss of arrays, not a scorer.*{re.escape(f'make_loss_scorer({words})')}"
    with pytest.raises(TypeError, match=message):
        cross_val_score(LogisticRegression(), X, Y, scoring=loss, error_score="raise")


def test_arguments_of_the_other_face():
    loss = sklosses.CrossEntropyLoss()
    refused("use CrossEntropyLoss.value_and_gradient", loss, LABELS, LOGITS, error=TypeError,
            return_gradient=True)  # fmt: skip
    refused(r"'label_smoothing' is a parameter of CrossEntropyLoss, not of a call", loss, LABELS,
            LOGITS, error=TypeError, label_smoothing=0.1)  # fmt: skip


def test_parameters_of_scorers_are_checked_at_once():
    refused("'delta' parameter of HuberLoss", make_loss_scorer, "huber_loss", delta=-1)
    refused("'reduction' parameter of MSELoss", make_loss_scorer, "mse_loss", reduction=None)
    scorer = make_loss_scorer("huber_loss")
    refused("'delta' parameter of HuberLoss", scorer.set_params, loss__delta=-1)


@pytest.mark.parametrize("name", ["sigmoid_focal_loss", "js_div", "soft_margin_loss"])
def test_callables_of_another_shape(name):
    model = LogisticRegression().fit(X, np.arange(30) % 3)

    def scorer(answer):
        return make_loss_scorer(name, response_method=lambda model, X: answer)

    for answer in (
        np.full((30, 1), 0.5),
        np.full((30, 2), 0.5),
        np.float64(0.5),
        np.ones((30, 3, 1)),
    ):
        message = r"'response_method' must return an array of shape \(n_samples, 3\)"
        refused(message, scorer(answer), model, X, np.arange(30) % 3)
    message = "y has 30 samples, but there are predictions for 20"
    refused(message, scorer(np.full((20, 3), 0.25)), model, X, np.arange(30) % 3)


def test_callable_with_a_column_for_the_second_class():
    model = LogisticRegression().fit(X, Y)
    name = "binary_cross_entropy_with_logits"
    one = make_loss_scorer(name, response_method=lambda model, X: X[:, :1])
    other = make_loss_scorer(name, response_method=lambda model, X: X[:, 0])
    assert one(model, X, Y) == other(model, X, Y)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("huber", "huber_loss"),
        ("focal", "sigmoid_focal_loss"),
        ("log_loss", "cross_entropy"),
        ("log_loss", "binary_cross_entropy"),
        ("neg_log_loss", "cross_entropy"),
        ("CrossEntropyLoss", "cross_entropy"),
        ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
        ("mse", "mse_loss"),
        ("neg_mean_squared_error", "mse_loss"),
        ("mae", "l1_loss"),
        ("Smooth L1", "smooth_l1_loss"),
        ("cross-entropy", "cross_entropy"),
        ("croos_entropy", "cross_entropy"),
        ("hinge", "hinge_loss"),
        ("categorical hinge", "multi_margin_loss"),
        ("KLDivLoss", "kl_div"),
        ("inverse_gaussian", "tweedie_deviance"),
        ("pseudo_huber", "robust_loss"),
    ],
)
def test_nearest_name(name, near):
    for call in get_loss, make_loss_scorer, sklosses.LossScorer:
        refused(f"'{name}' is not a valid loss name. Did you mean .*'{near}'", call, name)
    refused(
        f"'{name}' is not a valid scoring value. Did you mean .*'{near}'", get_loss_scorer, name
    )
    for model in LossRegressor, LossClassifier, LossEmbedding:
        refused(f"Did you mean .*'{near}'", model(loss=name).fit, X, Y)


def test_nearest_name_in_displays():
    pytest.importorskip("matplotlib", reason="displays need it")
    refused("Did you mean 'huber_loss'", LossCurveDisplay.from_loss, ["mse_loss", "huber"])


def test_no_name_is_near():
    refused("'xyzzy' is not a valid loss name. Use sklosses.get_loss_names", get_loss, "xyzzy")
    for wrong in len, 3, object(), int, {"a": 1}:
        message = "must be the name of a loss, its function, a Loss class or a Loss object"
        refused(message, get_loss, wrong)
