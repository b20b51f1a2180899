"""Gradients and Hessians as boosters get them, beside differences and formulas."""

import copy
import pickle
import threading

import numpy as np
import pytest
from boosted import BOOSTED, NAMES, arrays_of, load, sample
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.special import expit, softmax

import sklosses
from sklosses import get_loss, get_loss_names
from sklosses.boosting import as_eval_metric, as_objective, as_sklearn_loss

BY_NUMBERS = [name for name in BOOSTED if get_loss(name).tags.target == "real"]
SEVERAL = [
    (name, several)
    for name in BOOSTED
    for several in ([False] if name in BY_NUMBERS else [False, True])
]
each_loss = pytest.mark.parametrize(
    ("name", "several"), SEVERAL, ids=[f"{n}-{'several' if s else 'one'}" for n, s in SEVERAL]
)
#: The factor of the Hessians of C coupled classes.
FACTORS = {"lightgbm": lambda n_classes: n_classes / (n_classes - 1), "xgboost": lambda n: 2}
# Whose outputs are on the scale of the target; others are logits and logarithms.
ON_SCALE = ("real", "rate", "distribution")


def derivatives(loss, y, outputs, hessian="exact", library="xgboost", weight=None):
    """float64 copies of the gradients and Hessians that an objective returns."""
    found = as_objective(loss, library, hessian=hessian)(y, outputs, weight)
    return tuple(np.array(item, dtype=np.float64) for item in found)


def scale_of(y):
    return np.median(np.abs(y - np.median(y)))


def is_coupled(loss, outputs):
    return loss.tags.response in ("class_logits", "class_margin") and outputs.ndim == 2


def by_difference(function, outputs, step):
    """Derivative of the sum of a function of the outputs with respect to each of them.

    Rows do not depend on each other, so all of them move together.
    """
    columns = [...] if outputs.ndim == 1 else [np.s_[:, k] for k in range(outputs.shape[1])]
    result = np.empty(outputs.shape)
    for column in columns:
        ends = []
        for sign in (1, -1):
            moved = outputs.copy()
            moved[column] += sign * step
            ends.append(function(moved, column))
        result[column] = (ends[0] - ends[1]) / (2 * step)
    return result


def gradients(loss, y, outputs, weight):
    """The derivative of the weighted sum of the loss, by differences."""
    own = np.ones(len(y)) if weight is None else weight

    def value(moved, column):
        values = loss(*arrays_of(loss, y, moved), reduction="none")
        return own * values.reshape(len(y), -1).sum(axis=1)

    return by_difference(value, outputs, 1e-6)


both_weights = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


@each_loss
@both_weights
def test_gradients_are_those_of_the_sum(name, several, weighted):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    weight = np.random.default_rng(1).uniform(0, 2, len(y)) if weighted else None
    expected = gradients(loss, y, outputs, weight)
    for library in ("lightgbm", "xgboost"):
        gradient, _ = derivatives(loss, y, outputs, "auto", library, weight)
        assert_allclose(gradient, expected, rtol=1e-5, atol=2e-6)
    # scikit-learn allocates float32, and has the weights in its sums.
    loss_ = as_sklearn_loss(loss)
    out = np.empty(outputs.shape, np.float32), np.empty(outputs.shape, np.float32)
    gradient, hessian = loss_.gradient_hessian(y, outputs, weight, *out)
    assert gradient is out[0]
    assert hessian is out[1]
    assert_allclose(gradient, expected, rtol=1e-5, atol=2e-6)
    assert_allclose(loss_.gradient(y, outputs, weight), expected, rtol=1e-5, atol=2e-6)


@each_loss
@both_weights
def test_gradients_of_catboost(name, several, weighted):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    weight = np.random.default_rng(1).uniform(0, 2, len(y)) if weighted else None
    expected = gradients(loss, y, outputs, weight)
    gradient = -catboost_derivatives(loss, y, outputs, "auto", weight)[0]
    assert_allclose(gradient, expected, rtol=1e-6, atol=1e-6)


def catboost_derivatives(loss, y, outputs, hessian, weight=None):
    """What CatBoost gets: minus gradients, and minus Hessians or the matrices of each sample."""
    if loss.tags.response == "distribution":
        load("catboost")  # its base class is CatBoost's
    objective = as_objective(loss, "catboost", hessian=hessian)
    if outputs.ndim == 1:
        found = objective.calc_ders_range(outputs, y, weight)
        assert found.shape == (len(y), 2)
        return found.T
    own = np.ones(len(y)) if weight is None else weight
    rows = [objective.calc_ders_multi(*row) for row in zip(outputs, y, own, strict=True)]
    return [np.array(part) for part in zip(*rows, strict=True)]


@each_loss
def test_exact_hessians(name, several):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    found = derivatives(loss, y, outputs)[1]
    if loss.tags.hessian == "ones":
        # A constant, which is positive.
        assert np.ptp(found) == 0
        assert found[0].min() > 0
        return

    def gradient(moved, column):
        arrays = arrays_of(loss, y, moved)
        gradients = loss.gradient(*arrays, reduction="sum")
        if isinstance(gradients, tuple):  # of the logarithm of the variance
            gradients = np.column_stack([gradients[0], gradients[1] * arrays[2]])
        elif gradients.shape != moved.shape and moved.ndim == 1:
            gradients = gradients[:, -1]
        elif gradients.shape != moved.shape:  # the last output has no influence
            gradients = np.column_stack([gradients, 0 * moved[:, 0]])
        return gradients[column]

    expected = by_difference(gradient, outputs, 1e-6)
    if loss.tags.target == "class_rank" and several:
        assert_array_equal(derivatives(loss, y, outputs)[0][:, -1], 0)
        expected[:, -1] = 1
    for library, factor in FACTORS.items():
        found = derivatives(loss, y, outputs, "exact", library)[1]
        own = factor(3) if is_coupled(loss, outputs) else 1
        assert_allclose(found, own * expected, rtol=1e-5, atol=1e-5)


@each_loss
def test_absolute_and_clipped_hessians(name, several):
    loss = get_loss(name)
    y, outputs = sample(loss, several, size=3.0)
    weight = np.random.default_rng(1).uniform(0, 2, len(y))
    exact = derivatives(loss, y, outputs, "exact", weight=weight)
    for hessian, of in (("abs", np.abs), ("clip", lambda h: np.maximum(h, 1e-6))):
        found = derivatives(loss, y, outputs, hessian, weight=weight)
        assert_array_equal(found[0], exact[0])
        factor = 2 if is_coupled(loss, outputs) and loss.tags.hessian != "ones" else 1
        assert_allclose(found[1], factor * of(exact[1] / factor), rtol=1e-6)


@each_loss
def test_constant_hessians(name, several):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    weight = np.random.default_rng(1).uniform(0, 2, len(y))
    expected = np.broadcast_to(np.reshape(weight, (-1, *[1] * (outputs.ndim - 1))), outputs.shape)
    expected = np.array(expected)
    if loss.tags.response in ON_SCALE:
        # The mean absolute gradient at the best constant, over the scale of the targets.
        best = loss.optimal_constant(y)
        arrays = [np.full(len(y), best if np.isscalar(best) else best[0])]
        if loss.tags.response == "distribution":
            arrays.append(np.full(len(y), scale_of(y) ** 2))
        slope = loss.gradient(y, *arrays, reduction="sum")
        slope = np.abs(slope[0] if isinstance(slope, tuple) else slope).mean()
        first = expected[:, 0] if expected.ndim == 2 else expected
        first *= slope / scale_of(y)
    if loss.tags.target == "class_rank" and several:
        expected[:, -1] = 1
    found = derivatives(loss, y, outputs, "ones", weight=weight)[1]
    assert_allclose(found, expected, rtol=1e-6)


def longest_steps(loss, y, outputs):
    """How far a sample may ask to go: 10, or to its target, but at least the scale of all."""
    if loss.tags.response not in ON_SCALE:
        return 10.0
    if loss.tags.response == "distribution":
        first = np.maximum(np.abs(outputs[:, 0] - y), scale_of(y))
        return np.column_stack([first, np.ones(len(y))])
    prediction = outputs
    if loss.tags.response == "rate":
        prediction = np.maximum(outputs, loss.inputs[1].domain.low + 1e-6)
    target = y if y.ndim == outputs.ndim else y[:, np.newaxis]
    return np.maximum(np.abs(prediction - target), scale_of(y))


def test_expected_hessians_beside_a_class_that_is_ignored():
    """The probabilities of the labels, without that one's."""
    loss = get_loss("cross_entropy", ignore_index=1)
    y, outputs = sample(get_loss("cross_entropy"), True)
    found = derivatives(loss, y, outputs, "fisher")[1]
    p = softmax(outputs, axis=1)
    factor = 2 if is_coupled(loss, outputs) else 1
    assert_allclose(found, factor * p * (1 - p) * (1 - p[:, 1:2]), rtol=1e-5)


@each_loss
@pytest.mark.parametrize("size", [1.0, 10.0])
def test_automatic_hessians(name, several, size):
    """As `as_objective` describes them."""
    loss = get_loss(name)
    tags = loss.tags
    y, outputs = sample(loss, several, size=size)
    gradient, exact = derivatives(loss, y, outputs)
    found = derivatives(loss, y, outputs, "auto")[1]
    limit = longest_steps(loss, y, outputs)
    if name == "gaussian_nll_loss":
        expected = derivatives(loss, y, outputs, "fisher")[1]
    elif tags.likelihood and tags.convex and tags.response != "rate":
        expected = exact
    elif tags.hessian == "ones" and tags.response in ON_SCALE:
        expected = np.abs(gradient) / limit
    elif tags.hessian == "ones":
        # Over what the loss of the sample can decrease by.
        values = loss(*arrays_of(loss, y, outputs), reduction="none")
        values = values.reshape(*values.shape, *[1] * (exact.ndim - values.ndim))
        expected = exact / np.maximum(1, values)
    else:
        factor = 2 if is_coupled(loss, outputs) else 1
        expected = np.maximum(np.abs(exact), factor * np.abs(gradient) / limit)
    if tags.target == "class_rank" and several:
        expected[:, -1] = 1
    assert_allclose(found, expected, rtol=1e-6)


@each_loss
def test_automatic_steps_are_bounded(name, several):
    """Losses that are no likelihoods ask for no step that is longer than is ordinary."""
    loss = get_loss(name)
    y, outputs = sample(loss, several, size=10.0)
    gradient, hessian = derivatives(loss, y, outputs, "auto")
    assert np.all(hessian >= 0)
    if not loss.tags.likelihood and (loss.tags.hessian != "ones" or loss.tags.response in ON_SCALE):
        limits = longest_steps(loss, y, outputs)
        assert np.all(np.abs(gradient) <= hessian * limits * (1 + 1e-5))


@each_loss
@pytest.mark.parametrize("hessian", ["exact", "abs", "clip", "fisher", "ones", "auto"])
def test_all_is_finite(name, several, hessian):
    loss = get_loss(name)
    if hessian == "fisher" and not loss.tags.likelihood:
        return
    for size in (0.0, 1e-3, 30.0):
        y, outputs = sample(loss, several, size=size)
        outputs = np.clip(outputs, -40, 40)
        for library in ("lightgbm", "xgboost"):
            found = derivatives(loss, y, outputs, hessian, library)
            assert np.isfinite(found).all()
        found = derivatives(loss, y, outputs.astype(np.float32), hessian)
        assert np.isfinite(found).all()


# ---------------------------------------------------------------------------------------------
# Expected Hessians
# ---------------------------------------------------------------------------------------------


def integrate(values, points):
    return np.trapezoid(values, points, axis=0)


def expected_hessian(name, loss, outputs):
    """The expectation of the exact Hessian over targets, by sums and integrals."""

    def hessian_of(y):
        return derivatives(loss, y, outputs)[1]

    n = len(outputs)
    if loss.tags.target == "class_rank":
        probability = loss.predict_proba(
            outputs[:, np.newaxis] if outputs.ndim == 1 else outputs[:, :-1]
        )
    elif outputs.ndim == 2 and loss.tags.response == "class_logits":
        probability = softmax(outputs, axis=1)
    elif loss.tags.target != "real" and outputs.ndim == 1:
        probability = np.column_stack([expit(-outputs), expit(outputs)])
    elif loss.tags.target != "real":
        # A question for each class: whether a label is that class decides about one column.
        yes = np.stack([hessian_of(np.full(n, k))[:, k] for k in range(3)], axis=1)
        no = np.stack([hessian_of(np.full(n, (k + 1) % 3))[:, k] for k in range(3)], axis=1)
        return expit(outputs) * yes + expit(-outputs) * no
    else:
        probability = None
    if probability is not None:
        shares = [
            probability[:, k] if outputs.ndim == 1 else probability[:, [k]]
            for k in range(probability.shape[1])
        ]
        return sum(share * hessian_of(np.full(n, k)) for k, share in enumerate(shares))
    if name in ("mse_loss", "expectile_loss"):
        # The density is proportional to exp(-loss). No node is at 0, where the Hessian may jump.
        errors = np.linspace(-30, 30, 60_000)
        density = np.exp(-loss(errors, 0 * errors, reduction="none"))
        one = derivatives(loss, errors, 0 * errors)[1]
        mean = integrate(one * density, errors) / integrate(density, errors)
        return np.full(n, mean)
    if name == "gaussian_nll_loss":
        nodes, weights = np.polynomial.hermite_e.hermegauss(20)
        std = np.exp(outputs[:, 1] / 2)
        terms = [
            w * hessian_of(outputs[:, 0] + std * x) for x, w in zip(nodes, weights, strict=True)
        ]
        return sum(terms) / weights.sum()
    if name == "poisson_nll_loss":
        counts = np.arange(400.0)
        return sum(
            stats.poisson.pmf(k, np.exp(outputs)) * hessian_of(np.full(n, k)) for k in counts
        )
    if name == "negative_binomial_nll_loss":
        counts = np.arange(1500.0)
        shape = 1 / loss.alpha
        success = shape / (shape + np.exp(outputs))
        return sum(stats.nbinom.pmf(k, shape, success) * hessian_of(np.full(n, k)) for k in counts)
    assert name == "tweedie_deviance"
    # Sums of a Poisson number of gamma variables.
    p, mean = loss.power, np.exp(outputs)
    rate, shape, scale = mean ** (2 - p) / (2 - p), (2 - p) / (p - 1), (p - 1) * mean ** (p - 1)
    points = np.concatenate([np.linspace(1e-9, 1e-2, 500), np.linspace(1e-2, 120, 12_000)])
    total = np.exp(-rate) * hessian_of(np.zeros(n))
    for i in range(n):
        density = sum(
            stats.poisson.pmf(k, rate[i]) * stats.gamma.pdf(points, k * shape, scale=scale[i])
            for k in range(1, 60)
        )
        own = derivatives(loss, points, np.full(len(points), outputs[i]))[1]
        total[i] += integrate(density * own, points)
    return total


LIKELIHOODS = [(n, s) for n, s in SEVERAL if get_loss(n).tags.likelihood]


@pytest.mark.parametrize(
    ("name", "several"),
    LIKELIHOODS,
    ids=[f"{n}-{'several' if s else 'one'}" for n, s in LIKELIHOODS],
)
def test_expected_hessians(name, several):
    params = {"expectile_loss": {"expectile": 0.8}}.get(name, {})
    loss = get_loss(name, **params)
    y, outputs = sample(loss, several, n_samples=12)
    expected = expected_hessian(name, loss, outputs)
    if loss.tags.target == "class_rank" and several:
        expected[:, -1] = 1
    weight = np.random.default_rng(1).uniform(0.5, 2, len(y))
    for own in (None, weight):
        found = derivatives(loss, y, outputs, "fisher", weight=own)[1]
        by_row = np.reshape(1 if own is None else own, (-1, *[1] * (outputs.ndim - 1)))
        by_row = np.broadcast_to(by_row, outputs.shape).copy()
        if loss.tags.target == "class_rank" and several:
            by_row[:, -1] = 1
        assert_allclose(found, by_row * expected, rtol=1e-4)


# ---------------------------------------------------------------------------------------------
# The matrices that CatBoost gets
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "params", [{}, {"class_weight": [1.0, 3.0, 0.5]}, {"label_smoothing": 0.2}], ids=repr
)
def test_matrix_of_coupled_classes(params):
    loss = sklosses.CrossEntropyLoss(**params)
    y, outputs = sample(loss, several=True, n_samples=20, size=2.0)
    weight = np.random.default_rng(1).uniform(0.5, 2, len(y))
    found = -catboost_derivatives(loss, y, outputs, "auto", weight)[1]
    for k in range(3):
        step = np.zeros(3)
        step[k] = 1e-6
        ends = [loss.gradient(y, outputs + sign * step, reduction="sum") for sign in (1, -1)]
        expected = weight[:, np.newaxis] * (ends[0] - ends[1]) / 2e-6
        assert_allclose(found[:, k], expected, rtol=1e-6, atol=1e-8)


@each_loss
@pytest.mark.parametrize("hessian", ["auto", "abs", "ones"])
def test_matrices_have_no_negative_curvature(name, several, hessian):
    loss = get_loss(name)
    y, outputs = sample(loss, several, n_samples=20, size=5.0)
    found = -catboost_derivatives(loss, y, outputs, hessian)[1]
    if outputs.ndim == 1:
        assert np.all(found >= 0)
        return
    assert_array_equal(found, np.swapaxes(found, 1, 2))
    assert np.linalg.eigvalsh(found).min() > -1e-9
    if loss.tags.target == "real":
        return  # the scale of the targets is not known from one of them
    expected = derivatives(loss, y, outputs, hessian, "lightgbm")[1]
    if is_coupled(loss, outputs) and hessian != "ones" and loss.tags.hessian != "ones":
        expected /= FACTORS["lightgbm"](3)
    diagonal = np.diagonal(found, axis1=1, axis2=2)
    assert_allclose(diagonal, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("loss", ["l1_loss", "huber_loss"])
@pytest.mark.parametrize("hessian", ["auto", "ones"])
def test_blocks_do_not_depend_on_their_order(loss, hessian):
    """CatBoost's threads pass them in any order, and the last one is smaller."""
    y, outputs = sample(get_loss(loss), n_samples=250)
    y[:100] *= 1000
    blocks = [np.s_[:100], np.s_[100:200], np.s_[200:]]
    found = []
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0, 2, 1)):
        objective = as_objective(loss, "catboost", hessian=hessian)
        result = np.empty((250, 2))
        for block in (blocks[k] for k in order):
            result[block] = objective.calc_ders_range(outputs[block], y[block], None)
        found.append(result)
    assert_array_equal(found[0], found[1])
    assert_array_equal(found[0], found[2])


@pytest.mark.parametrize("n_samples", [1, 5])
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_blocks_of_few_samples(n_samples, unit):
    """Their targets ask for no step beyond their own size."""
    y = unit * (5 + np.arange(n_samples) / 10)
    objective = as_objective("l1_loss", "catboost")
    gradient, hessian = objective.calc_ders_range(np.zeros(n_samples), y, None).T
    assert_allclose(gradient / -hessian, y.max())


# ---------------------------------------------------------------------------------------------
# Arrays: dtypes, memory order, and who may still have them
# ---------------------------------------------------------------------------------------------


@each_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_of_any_memory_order(name, several, dtype):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    outputs = outputs.astype(dtype)
    expected = as_objective(loss, "lightgbm")(y.astype(np.float32), outputs)
    expected = [item.copy() for item in expected]
    layouts = {
        "C": np.array(outputs, order="C"),
        "F": np.array(outputs, order="F"),
        "sliced": np.repeat(outputs, 2, axis=0)[::2],
        "reversed": np.ascontiguousarray(outputs[::-1])[::-1],
        "read-only": outputs.copy(),
        "unaligned": unaligned(outputs),
    }
    layouts["read-only"].flags.writeable = False
    for layout, array in layouts.items():
        given = array.copy()
        objective = as_objective(loss, "lightgbm")
        for target in (y.astype(np.float32), y.astype(np.float64), y.astype(np.float32).tolist()):
            found = objective(np.asarray(target), array)
            for item, like in zip(found, expected, strict=True):
                assert item.dtype == np.float32
                assert item.shape == outputs.shape
                if layout in "CF":
                    assert item.flags.f_contiguous == array.flags.f_contiguous
                    assert item.flags.c_contiguous == array.flags.c_contiguous
                assert_allclose(item, like, rtol=1e-5, atol=1e-6)
        assert_array_equal(array, given)


@each_loss
def test_arrays_that_the_caller_has_are_left_alone(name, several):
    loss = get_loss(name)
    y, outputs = sample(loss, several)
    objective = as_objective(loss, "lightgbm")
    held = objective(y, outputs)
    views = [item[1:] for item in objective(y, 2 * outputs)]
    copies = [item.copy() for item in (*held, *views)]
    others = objective(y, 3 * outputs)
    for item, like in zip((*held, *views), copies, strict=True):
        assert_array_equal(item, like)
        assert not any(np.shares_memory(item, other) for other in others)


def test_memory_is_used_again():
    y, outputs = sample(get_loss("huber_loss"))
    objective = as_objective("huber_loss", "lightgbm")

    def address():
        return [item.ctypes.data for item in objective(y, outputs)]

    assert address() == address()
    # Not for other shapes, nor in other threads.
    assert objective(y[:9], outputs[:9])[0].shape == (9,)
    held, found = objective(y, outputs), []
    thread = threading.Thread(target=lambda: found.extend(objective(y, 2 * outputs)))
    copies = [item.copy() for item in held]
    thread.start()
    thread.join()
    assert_array_equal(held, copies)
    assert_array_equal(found[0], np.clip(2 * outputs - y, -1, 1).astype(np.float32))


def unaligned(array):
    buffer = np.empty(array.nbytes + 1, np.uint8)
    view = buffer[1:].view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


# ---------------------------------------------------------------------------------------------
# Copies and pickles
# ---------------------------------------------------------------------------------------------


def callbacks(library, loss):
    return as_objective(loss, library, hessian="abs"), as_eval_metric(loss, library)


def answers(item, library, y, outputs):
    """What the methods of a callback return, as a list."""
    if library != "catboost":
        found = item(y, outputs)
        return [*found] if isinstance(found, tuple) else [found]
    if hasattr(item, "evaluate"):
        approxes = [outputs] if outputs.ndim == 1 else list(outputs.T)
        return [*item.evaluate(approxes, y, None)]
    if outputs.ndim == 1:
        return [item.calc_ders_range(outputs, y, None)]
    return [*item.calc_ders_multi(outputs[0], y[0], 2.0)]


@pytest.mark.parametrize("library", NAMES)
@pytest.mark.parametrize("name", ["huber_loss", "cross_entropy", "gaussian_nll_loss"])
def test_copies_are_the_object_and_pickles_are_alike(name, library):
    if name == "gaussian_nll_loss" and library == "catboost":
        load(library)  # its base class is CatBoost's
    loss = get_loss(name)
    y, outputs = sample(loss, several=True)
    for item in callbacks(library, loss):
        assert copy.deepcopy(item) is copy.copy(item) is item
        assert copy.deepcopy({"objective": [item]})["objective"][0] is item
        # LightGBM takes what has it for an estimator.
        assert not hasattr(item, "get_params")
        assert item.__name__ == name
        assert type(loss).__name__ in repr(item)
        again = pickle.loads(pickle.dumps(item))
        assert type(again) is type(item)
        expected = answers(item, library, y, outputs)
        for part, like in zip(answers(again, library, y, outputs), expected, strict=True):
            assert_array_equal(part, like)


def test_pickles_of_what_scikit_learn_takes():
    y, outputs = sample(get_loss("huber_loss"))
    loss = as_sklearn_loss(sklosses.HuberLoss(delta=2.0))
    for again in (pickle.loads(pickle.dumps(loss)), copy.deepcopy(loss)):
        assert_array_equal(again.gradient(y, outputs), loss.gradient(y, outputs))


def test_losses_are_copied():
    loss = sklosses.HuberLoss(delta=2.0)
    objective, metric = callbacks("lightgbm", loss)
    y, outputs = sample(loss)
    expected = np.array(objective(y, outputs)), metric(y, outputs)
    loss.set_params(delta=0.1)
    assert_array_equal(np.array(objective(y, outputs)), expected[0])
    assert metric(y, outputs) == expected[1]
    assert loss.reduction == "mean"


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_reduction_of_the_loss_does_not_matter(reduction):
    loss = sklosses.HuberLoss(reduction=reduction)
    y, outputs = sample(loss)
    expected = as_objective("huber_loss", "lightgbm")(y, outputs)
    assert_array_equal(as_objective(loss, "lightgbm")(y, outputs), expected)
    expected = as_eval_metric("huber_loss", "xgboost")(y, outputs)
    assert as_eval_metric(loss, "xgboost")(y, outputs) == expected
    assert as_sklearn_loss(loss)(y, outputs) == expected


# ---------------------------------------------------------------------------------------------
# Tags
# ---------------------------------------------------------------------------------------------

WITH_ONE_PREDICTION = [
    name
    for name in get_loss_names()
    if get_loss(name).tags.target == "real" and get_loss(name).tags.response != "distribution"
]


@pytest.mark.parametrize("name", WITH_ONE_PREDICTION)
def test_losses_of_a_difference(name):
    loss = get_loss(name)
    rng = np.random.default_rng(0)
    y, p = rng.uniform(0.5, 4, (2, 50))
    first = loss(y, p, reduction="none")
    moved = loss(y + 2.5, p + 2.5, reduction="none")
    assert np.allclose(first, moved, rtol=1e-9) == loss.tags.of_difference


def test_losses_of_a_difference_with_other_parameters():
    rng = np.random.default_rng(0)
    y, p = rng.uniform(0.5, 4, (2, 50))
    for loss in (
        sklosses.SmoothL1Loss(beta=0),
        sklosses.HuberLoss(delta=0.3),
        sklosses.RobustLoss(alpha=-np.inf, scale=0.5),
        sklosses.ExpectileLoss(expectile=0.9),
        sklosses.L1Loss() + 2 * sklosses.MSELoss(),
    ):
        assert loss.tags.of_difference
        moved = loss(y + 2.5, p + 2.5, reduction="none")
        assert_allclose(moved, loss(y, p, reduction="none"), rtol=1e-9)
    assert not (sklosses.L1Loss() + sklosses.MAPELoss()).tags.of_difference


OF_CLASSES = [
    name
    for name in get_loss_names()
    if get_loss(name).tags.target in ("binary", "sign", "class_index", "class_rank")
    and get_loss(name).tags.response
    not in ("vectors", "pair", "distance", "cumulative_logits", "pixels")
]


@pytest.mark.parametrize("name", OF_CLASSES)
def test_likelihoods_of_labels(name):
    """Those of all labels add up to 1, whatever the prediction."""
    loss = get_loss(name)
    tags = loss.tags
    rng = np.random.default_rng(0)
    n, n_classes = 40, 4
    labels = {"binary": (0.0, 1.0), "sign": (-1.0, 1.0)}.get(tags.target, range(n_classes))
    others = ()
    if tags.target in ("binary", "sign"):
        p = rng.uniform(0.05, 0.95, n) if tags.response == "probability" else rng.normal(size=n)
    elif tags.response == "latent":
        p, others = rng.normal(size=n), (np.array([-1.0, 0.3, 0.9]),)
    else:
        p = rng.normal(size=(n, n_classes - (tags.target == "class_rank")))
        if tags.response == "class_log_probabilities":
            p -= np.log(np.exp(p).sum(axis=1, keepdims=True))
    total = sum(np.exp(-loss(np.full(n, label), p, *others, reduction="none")) for label in labels)
    assert total.shape == (n,)
    assert np.allclose(total, 1, rtol=1e-9) == tags.likelihood


def test_likelihoods_of_several_questions():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(40, 3))
    answers = -np.log(expit(z)), -np.log(expit(-z))
    # The ranks 0 and 3 answer all questions alike.
    loss = sklosses.CoralLoss()
    assert loss.tags.likelihood
    for rank in range(4):
        expected = answers[0][:, :rank].sum(axis=1) + answers[1][:, rank:].sum(axis=1)
        assert_allclose(loss(np.full(40, rank), z, reduction="none"), expected)
    loss = sklosses.MultiLabelSoftMarginLoss()
    assert loss.tags.likelihood
    y = rng.integers(0, 2, (40, 3)).astype(float)
    expected = np.where(y == 1, *answers).mean(axis=1)
    assert_allclose(loss(y, z, reduction="none"), expected)


LIKELIHOODS_OF_NUMBERS = {
    sklosses.MSELoss(): lambda y, p: stats.norm.logpdf(y, p, np.sqrt(0.5)),
    0.5 * sklosses.MSELoss(): lambda y, p: stats.norm.logpdf(y, p, 1),
    sklosses.PoissonNLLLoss(): lambda y, p: stats.poisson.logpmf(y, np.exp(p)),
    sklosses.PoissonNLLLoss(log_input=False, eps=0): lambda y, p: stats.poisson.logpmf(y, p),
    sklosses.NegativeBinomialNLLLoss(alpha=0.5): lambda y, p: stats.nbinom.logpmf(
        y, 2, 2 / (2 + np.exp(p))
    ),
    sklosses.NegativeBinomialNLLLoss(alpha=0.5, log_input=False): (
        lambda y, p: stats.nbinom.logpmf(y, 2, 2 / (2 + p))
    ),
    0.5 * sklosses.TweedieDeviance(power=0, log_input=False): lambda y, p: stats.norm.logpdf(y, p),
    0.5 * sklosses.TweedieDeviance(power=1): lambda y, p: stats.poisson.logpmf(y, np.exp(p)),
    0.5 * sklosses.TweedieDeviance(power=2): lambda y, p: stats.expon.logpdf(y, 0, np.exp(p)),
    0.5 * sklosses.TweedieDeviance(power=3): lambda y, p: stats.invgauss.logpdf(y, np.exp(p)),
    # The density of a normal distribution on each side, with variances of 0.5 / e, 0.5 / (1 - e).
    sklosses.ExpectileLoss(expectile=0.8): lambda y, p: np.where(
        y < p, stats.norm.logpdf((y - p) * np.sqrt(0.4)), stats.norm.logpdf((y - p) * np.sqrt(1.6))
    ),
}


@pytest.mark.parametrize(
    ("loss", "logarithm"),
    LIKELIHOODS_OF_NUMBERS.items(),
    ids=[repr(loss) for loss in LIKELIHOODS_OF_NUMBERS],
)
def test_likelihoods_of_numbers(loss, logarithm):
    """The loss is minus the logarithm, but for what does not depend on the prediction."""
    assert loss.tags.likelihood
    rng = np.random.default_rng(0)
    y, p = np.arange(1.0, 11)[:, np.newaxis], rng.uniform(0.2, 2, 6)
    y, p = np.broadcast_arrays(y, p)
    rest = loss(y.copy(), p.copy(), reduction="none") + logarithm(y, p)
    assert_allclose(rest, rest[:, :1] * np.ones_like(rest), rtol=1e-9, atol=1e-9)


def test_likelihood_of_means_and_variances():
    loss = sklosses.GaussianNLLLoss(full=True)
    assert loss.tags.likelihood
    rng = np.random.default_rng(0)
    y, mean, var = rng.normal(size=50), rng.normal(size=50), rng.uniform(0.5, 2, 50)
    expected = -stats.norm.logpdf(y, mean, np.sqrt(var))
    assert_allclose(loss(y, mean, var, reduction="none"), expected)


def test_sums_are_likelihoods_if_their_terms_are():
    assert (sklosses.MSELoss() + 2 * sklosses.ExpectileLoss(expectile=0.9)).tags.likelihood
    assert not (sklosses.MSELoss() + sklosses.L1Loss()).tags.likelihood
    assert not (sklosses.MSELoss() - 0.5 * sklosses.MSELoss()).tags.likelihood
