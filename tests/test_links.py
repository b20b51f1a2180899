"""Best constants, inverse links and probabilities, beside minimisers that know nothing of them."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.base import clone
from sklearn.linear_model import SGDClassifier

import sklosses
from sklosses import get_loss, get_loss_names

EPS = np.finfo(np.float64).eps
N_CLASSES = 4


def lists(rng, n):
    """Rows of class indices, ended by -1."""
    rows = np.full((n, N_CLASSES), -1)
    for row, length in zip(rows, rng.integers(0, N_CLASSES + 1, n), strict=True):
        row[:length] = rng.permutation(N_CLASSES)[:length]
    return rows


#: By `LossTags.target`.
TARGETS = {
    "real": lambda rng, n: rng.poisson(3.0, n) + rng.integers(0, 2, n) / 4,
    "binary": lambda rng, n: (rng.random(n) < 0.3).astype(float),
    "sign": lambda rng, n: np.where(rng.random(n) < 0.3, 1.0, -1.0),
    "class_index": lambda rng, n: np.append(
        np.arange(N_CLASSES), rng.choice(N_CLASSES, n - N_CLASSES, p=[0.1, 0.2, 0.25, 0.45])
    ),
    "class_rank": lambda rng, n: np.append(
        np.arange(N_CLASSES), rng.choice(N_CLASSES, n - N_CLASSES, p=[0.1, 0.2, 0.25, 0.45])
    ),
    "class_position": lambda rng, n: np.append(
        N_CLASSES - 1.0, rng.uniform(0, N_CLASSES - 1, n - 1)
    ),
    "class_list": lists,
    "class_probability": lambda rng, n: rng.dirichlet([1.0, 2.0, 0.5, 4.0], n),
    "multilabel": lambda rng, n: (rng.random((n, N_CLASSES)) < 0.3).astype(float),
    "teacher_logits": lambda rng, n: rng.normal(size=(n, N_CLASSES)),
}
# What the raw predictions are limited to: from free numbers to raw predictions.
FREE = {
    "rate": np.exp,
    "distance": np.exp,
    "probability": expit,
    "class_probabilities": softmax,
    "class_log_probabilities": log_softmax,
}
CONSTANT = {*FREE, "real", "log_rate", "distribution", "logit", "margin", "class_logits"} | {
    "class_margin",
    "cumulative_logits",
    "conditional_logits",
    "latent",
}

PARAMS = {
    "smooth_l1_loss": [{"beta": 0.5}, {"beta": 0}],
    "huber_loss": [{"delta": 0.7}],
    "poisson_nll_loss": [{}, {"log_input": False, "eps": 0.01}, {"full": True}],
    "binary_cross_entropy_with_logits": [
        {},
        {"pos_weight": 3.0, "label_smoothing": 0.2},
        {"ignore_index": -1},
    ],
    "hinge_embedding_loss": [{}, {"margin": 2.5}, {"margin": -1.0}],
    "hinge_loss": [{}, {"p": 2}, {"margin": 0.3}, {"p": 2, "margin": 2.0}, {"margin": -1.0}],
    "sigmoid_focal_loss": [
        {},
        {"alpha": None, "gamma": 0.5},
        {"gamma": 5.0},
        {"ignore_index": 255},
    ],
    "gaussian_focal_loss": [{}, {"alpha": 1.0, "gamma": 0.5}],
    "asymmetric_loss": [{}, {"gamma_neg": 0.5, "gamma_pos": 0, "clip": 0}],
    "quality_focal_loss": [{}, {"beta": 0.5}],
    "varifocal_loss": [{}, {"alpha": 0.3, "gamma": 0.5}],
    "cross_entropy": [
        {},
        {"class_weight": [1.0, 3.0, 0.5, 2.0], "label_smoothing": 0.2},
        {"class_weight": "balanced"},
        {"class_weight": {1: 4.0}, "ignore_index": 2},
    ],
    "nll_loss": [{}, {"class_weight": [1.0, 3.0, 0.5, 2.0]}],
    "softmax_focal_loss": [{}, {"gamma": 0.5, "class_weight": "balanced"}],
    "multi_margin_loss": [{}, {"p": 2}, {"margin": 0.3, "class_weight": [1.0, 3.0, 0.5, 2.0]}],
    "crammer_singer_loss": [{}, {"margin": 0.3}, {"margin": -1.0}],
    "multilabel_soft_margin_loss": [{}, {"class_weight": [1.0, 3.0, 0.5, 2.0]}],
    "kl_div": [{}, {"log_target": True}],
    "distillation_loss": [{}, {"temperature": 1.0}],
}


def has_constant(name):
    tags = get_loss(name).tags
    return tags.response in CONSTANT and tags.target != "none"


CASES = [
    (name, params)
    for name in get_loss_names()
    if has_constant(name)
    for params in PARAMS.get(name, [{}])
]


def make(name, params, n=60, seed=0):
    """A loss, targets and weights of which some are 0."""
    rng = np.random.default_rng(seed)
    loss = get_loss(name, **params)
    y_true = TARGETS[loss.tags.target](rng, n)
    if params.get("log_target"):
        y_true = np.log(y_true)
    if loss.tags.target == "binary" and "ignore_index" in params:
        y_true = np.where(rng.random(y_true.shape) < 0.2, params["ignore_index"], y_true)
    return loss, y_true, rng.integers(0, 4, n)


def broadcast_constant(loss, constant, y_true):
    """The constant as a prediction for each sample."""
    if loss.tags.response == "latent":
        return np.broadcast_to(constant[0], y_true.shape), constant[1]
    if isinstance(constant, tuple):
        return tuple(np.broadcast_to(item, y_true.shape) for item in constant)
    shape = y_true.shape if np.ndim(constant) == 0 else (len(y_true), *np.shape(constant))
    return (np.broadcast_to(constant, shape),)


def flat(constant):
    """All the numbers of a constant."""
    parts = constant if isinstance(constant, tuple) else (constant,)
    return np.concatenate([np.ravel(part) for part in parts])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "params"), CASES)
def test_nothing_beats_the_constant(name, params, weighted):
    loss, y_true, weight = make(name, params)
    weight = weight if weighted else None
    constant = loss.optimal_constant(y_true, weight)

    def value(constant):
        return loss(y_true, *broadcast_constant(loss, constant, y_true), sample_weight=weight)

    response = loss.tags.response
    free = FREE.get(response, np.asarray)
    size = flat(constant).size
    if response == "distribution":
        size, free = 2, lambda u: (u[0], np.exp(u[1]))
    if response == "latent":
        size, free = N_CLASSES - 1, lambda u: (0.0, np.cumsum([u[0], *np.exp(u[1:])]))

    def candidate(u):
        found = free(np.asarray(u, dtype=float))
        return value(found if size > 1 or isinstance(constant, tuple) else found[0])

    rng = np.random.default_rng(1)
    options = {"maxfev": 4000, "xtol": 1e-9, "ftol": 1e-13}
    starts = [np.zeros(size), *rng.normal(scale=1.5, size=(3, size))]
    found = [minimize(candidate, u, method="Powell", options=options).fun for u in starts]
    best = value(constant)
    assert best <= min(found) + 1e-9 * max(abs(best), 1e-3)


@pytest.mark.parametrize(("name", "params"), CASES)
def test_weights_are_repetitions(name, params):
    loss, y_true, weight = make(name, params)
    weighted = loss.optimal_constant(y_true, weight)
    repeated = loss.optimal_constant(np.repeat(y_true, weight, axis=0))
    assert_allclose(
        loss(y_true, *broadcast_constant(loss, weighted, y_true), sample_weight=weight),
        loss(y_true, *broadcast_constant(loss, repeated, y_true), sample_weight=weight),
        rtol=1e-11,
    )
    if loss.tags.hessian == "exact":
        assert_allclose(flat(weighted), flat(repeated), rtol=1e-5, atol=1e-6)
    assert type(weighted) is type(repeated)


@pytest.mark.parametrize("name", [name for name in get_loss_names() if not has_constant(name)])
def test_other_losses_say_that_they_have_none(name):
    with pytest.raises(ValueError, match="has no constant prediction that minimises it"):
        get_loss(name).optimal_constant([0.0, 1.0])


def test_formulas():
    rng = np.random.default_rng(0)
    y, w = rng.normal(size=11), rng.random(11)
    assert sklosses.MSELoss().optimal_constant(y, w) == np.average(y, weights=w)
    assert sklosses.L1Loss().optimal_constant(y) == np.median(y)
    assert sklosses.L1Loss().optimal_constant(y[:10]) == np.median(y[:10])
    assert sklosses.L1Loss().optimal_constant([1.0, 2.0, 9.0], [1, 1, 2]) == 5.5
    mean, variance = sklosses.GaussianNLLLoss().optimal_constant(y)
    assert_allclose([mean, variance], [y.mean(), y.var()])
    labels = np.array([0, 1, 1, 2, 2, 2, 2, 2])
    assert_allclose(
        sklosses.CrossEntropyLoss().optimal_constant(labels), np.log([1 / 8, 2 / 8, 5 / 8])
    )
    shares = 0.9 * np.array([1 / 8, 2 / 8, 5 / 8]) + 0.1 / 3
    loss = sklosses.CrossEntropyLoss(label_smoothing=0.1)
    assert_allclose(loss.optimal_constant(labels), np.log(shares))
    assert_allclose(sklosses.PoissonNLLLoss().optimal_constant([1, 2, 6]), np.log(3))
    assert_allclose(sklosses.SoftMarginLoss().optimal_constant([-1, 1, 1, 1]), logit(0.75))
    assert_allclose(sklosses.ExponentialLoss().optimal_constant([-1, 1, 1, 1]), logit(0.75) / 2)
    assert sklosses.ModifiedHuberLoss().optimal_constant([-1, 1, 1, 1]) == 0.5
    hinge = sklosses.HingeLoss(margin=2.0)
    assert hinge.optimal_constant([-1, 1, 1, 1]) == 2
    # In the middle of those that are equally good.
    assert hinge.optimal_constant([-1, 1, 1], [0.3, 0.1, 0.2]) == 0
    assert sklosses.HingeLoss(p=2, margin=2.0).optimal_constant([-1, 1, 1, 1]) == 1
    assert_array_equal(sklosses.MultiMarginLoss().optimal_constant([0, 0, 0, 1]), [0.5, -0.5])


def test_huber_is_scale_free():
    y = np.random.default_rng(0).standard_cauchy(500)
    small = sklosses.HuberLoss(delta=1.0).optimal_constant(y)
    large = sklosses.HuberLoss(delta=1e9).optimal_constant(1e9 * y)
    assert_allclose(large, 1e9 * small, rtol=1e-12)


def test_several_outputs():
    rng = np.random.default_rng(0)
    y, w = rng.normal(size=(20, 3)), rng.random((20, 3))
    for loss in (sklosses.MSELoss(), sklosses.L1Loss(), sklosses.HuberLoss()):
        found = loss.optimal_constant(y, w)
        expected = [loss.optimal_constant(y[:, k], w[:, k]) for k in range(3)]
        assert_allclose(found, expected, rtol=1e-14)
        expected = [loss.optimal_constant(y[:, k], w[:, 0]) for k in range(3)]
        assert_allclose(loss.optimal_constant(y, w[:, 0]), expected, rtol=1e-14)
    assert loss.optimal_constant(y[:, :1]).shape == (1,)
    mean, variance = sklosses.GaussianNLLLoss().optimal_constant(y)
    assert mean.shape == variance.shape == (3,)


def test_probabilities_of_classes_as_targets():
    y = np.random.default_rng(0).dirichlet(np.ones(3), 10)
    assert_allclose(sklosses.CrossEntropyLoss().optimal_constant(y), np.log(y.mean(axis=0)))
    images = np.moveaxis(y.reshape(5, 2, 3), 2, 1)
    assert_allclose(sklosses.CrossEntropyLoss().optimal_constant(images), np.log(y.mean(axis=0)))


@pytest.mark.parametrize("name", ["binary_cross_entropy_with_logits", "sigmoid_focal_loss"])
def test_logits_of_a_single_label_are_finite(name):
    for label in (0, 1):
        constant = get_loss(name).optimal_constant([label] * 3)
        assert abs(constant) == pytest.approx(-np.log(EPS), rel=0.05)
        assert (constant > 0) == (label == 1)


def test_degenerate_targets():
    assert sklosses.BCELoss().optimal_constant([0, 0]) == 0
    assert sklosses.HuberLoss().optimal_constant([2.0, 2.0]) == 2
    assert sklosses.GaussianNLLLoss(eps=1e-3).optimal_constant([2.0, 2.0]) == (2, 1e-3)
    assert np.isfinite(sklosses.PoissonNLLLoss().optimal_constant([0, 0]))
    assert sklosses.MSELoss().optimal_constant(3) == 3
    loss = sklosses.CrossEntropyLoss(class_weight=[1.0, 1.0, 1.0])
    absent = loss.optimal_constant([0, 1])
    assert absent.shape == (3,)
    assert absent[2] == pytest.approx(np.log(EPS), rel=0.05)
    pos_weight = sklosses.BCEWithLogitsLoss(pos_weight=0.0)
    assert np.isfinite(pos_weight.optimal_constant([1, 1]))


def test_refused_targets():
    with pytest.raises(ValueError, match="Input y_true contains a value out of its domain: got 2"):
        sklosses.SigmoidFocalLoss().optimal_constant([0, 2])
    with pytest.raises(ValueError, match=r"Input y_true contains NaN: got nan at index 1"):
        sklosses.MSELoss().optimal_constant([0.0, np.nan])
    with pytest.raises(ValueError, match=r"got -1 at index 1"):
        sklosses.CrossEntropyLoss().optimal_constant([0, -1])
    with pytest.raises(ValueError, match=r"got 0.5 at index 1"):
        sklosses.SoftmaxFocalLoss().optimal_constant([0, 0.5])
    with pytest.raises(ValueError, match="sample_weight"):
        sklosses.MSELoss().optimal_constant([0.0, 1.0], [1.0, -1.0])
    with pytest.raises(ValueError, match=r"sample_weight.shape == \(3,\), expected \(2,\)"):
        sklosses.MSELoss().optimal_constant([0.0, 1.0], [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="weights are all zero"):
        sklosses.CrossEntropyLoss().optimal_constant([0, 1], [0, 0])
    with pytest.raises(ValueError, match="all ignored"):
        sklosses.CrossEntropyLoss().optimal_constant([-100, -100])
    with pytest.raises(ValueError, match="'delta' parameter of HuberLoss"):
        sklosses.HuberLoss(delta=-1).optimal_constant([0.0, 1.0])


@pytest.mark.parametrize("name", ["binary_cross_entropy_with_logits", "sigmoid_focal_loss"])
def test_ignored_targets_have_no_influence(name):
    rng = np.random.default_rng(0)
    loss = get_loss(name, ignore_index=-1)
    y, w = rng.integers(0, 2, (30, 2)).astype(float), rng.random((30, 2))
    expected = loss.optimal_constant(y, w)
    both = np.vstack([y, np.full((4, 2), -1.0)])
    found = loss.optimal_constant(both, np.vstack([w, np.full((4, 2), 1e3)]))
    assert_allclose(found, expected, rtol=1e-12)
    assert_allclose((loss + loss).optimal_constant(both, np.vstack([w, w[:4]])), expected)
    # One of the losses ignores what the other does not take, or counts.
    mixed = loss + get_loss(name)
    with pytest.raises(ValueError, match=r"y_true .* got -1\.0 at index \(30, 0\)"):
        mixed.optimal_constant(both)
    half = get_loss(name, ignore_index=0) + get_loss(name)
    assert (half.optimal_constant(y) > get_loss(name).optimal_constant(y)).all()
    both[3, 1] = 2
    with pytest.raises(ValueError, match=r"got 2\.0 at index \(3, 1\).* and the ignore_index -1 "):
        loss.optimal_constant(both)
    with pytest.raises(ValueError, match="all ignored"):
        loss.optimal_constant([[0.0, -1.0], [1.0, -1.0]])


def test_the_loss_itself_is_left_alone():
    loss = sklosses.CrossEntropyLoss(class_weight="balanced")
    loss.optimal_constant([0, 1, 1])
    assert loss.get_params() == clone(loss).get_params()


# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inverse_link(dtype):
    raw = np.random.default_rng(0).normal(size=(5, 3)).astype(dtype)
    p = expit(raw)
    expected = {
        "mse_loss": raw,
        "poisson_nll_loss": np.exp(raw),
        "gaussian_nll_loss": raw,
        "binary_cross_entropy_with_logits": p,
        "sigmoid_focal_loss": p,
        "multilabel_soft_margin_loss": p,
        "soft_margin_loss": 2 * p - 1,
        "exponential_loss": np.tanh(raw),
        "modified_huber_loss": np.clip(raw, -1, 1),
        "binary_cross_entropy": raw,
        "cross_entropy": softmax(raw, axis=1),
        "softmax_focal_loss": softmax(raw, axis=1),
        "nll_loss": np.exp(raw),
        "kl_div": np.exp(raw),
        "js_div": raw,
        "distillation_loss": raw,
    }
    for name, values in expected.items():
        found = get_loss(name).inverse_link(raw)
        assert found.dtype == dtype
        assert_allclose(found, values, rtol=1e-5 if dtype == np.float32 else 1e-12)
    assert_allclose(sklosses.SoftMarginLoss().inverse_link(1e-9), 5e-10)
    assert_allclose(sklosses.ExponentialLoss().inverse_link(1e-9), 1e-9)
    # Targets of -1 and 1 do not make a number or a probability a logit.
    square = {"value": lambda y, p: (y - p) ** 2, "target": "sign"}
    assert_array_equal(sklosses.CustomLoss(**square).inverse_link(raw), raw)
    share = sklosses.CustomLoss(**square, response="probability")
    assert_allclose(share.inverse_link(p), 2 * p - 1)
    for name in ("multi_margin_loss", "hinge_loss", "hinge_embedding_loss", "triplet_margin_loss"):
        with pytest.raises(ValueError, match="no counterpart on the scale of the target"):
            get_loss(name).inverse_link(raw)


#: Losses of margins that stand for a probability.
SIGNS = (sklosses.SoftMarginLoss(), sklosses.ExponentialLoss(), sklosses.ModifiedHuberLoss())


def test_constants_are_links_of_means():
    rng = np.random.default_rng(0)
    for name in ("mse_loss", "poisson_nll_loss", "binary_cross_entropy_with_logits"):
        y = rng.integers(0, 2, 30).astype(float)
        loss = get_loss(name)
        assert_allclose(loss.inverse_link(loss.optimal_constant(y)), y.mean())
    for sign in SIGNS:
        constant = sign.optimal_constant(2 * y - 1)
        assert_allclose(sign.inverse_link(constant), (2 * y - 1).mean())
        assert_allclose(sign.predict_proba(constant), [1 - y.mean(), y.mean()])


def test_classes_are_along_the_axis_of_the_loss():
    raw = np.random.default_rng(0).normal(size=(2, 3, 4))
    assert_allclose(sklosses.CrossEntropyLoss().predict_proba(raw).sum(axis=1), np.ones((2, 4)))
    assert_allclose(sklosses.CrossEntropyLoss().predict_proba(raw[0, :, 0]).sum(), 1)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("coral_loss", "n_classes - 1"),
        ("corn_loss", "n_classes - 1"),
        ("cross_entropy", "n_classes"),
        ("softmax_focal_loss", "n_classes"),
        ("entropy", "n_classes"),
    ],
)
def test_classes_need_an_axis(name, columns):
    loss = get_loss(name)
    message = f"raw must have shape ({columns},) or (n_samples, {columns}). Got shape () instead."
    for method in loss.predict_proba, loss.inverse_link:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            method(1.0)


def test_predict_proba():
    raw = np.array([-800.0, -1.0, 0.0, 800.0])
    for loss in (sklosses.BCEWithLogitsLoss(), sklosses.SoftMarginLoss()):
        assert_allclose(loss.predict_proba(raw), np.column_stack([expit(-raw), expit(raw)]))
        assert_allclose(loss.predict_proba(0.0), [0.5, 0.5])
        # Of several outputs each is a question of its own.
        assert_allclose(loss.predict_proba(raw.reshape(2, 2)), expit(raw.reshape(2, 2)))
    halves = np.column_stack([expit(-2 * raw), expit(2 * raw)])
    assert_allclose(sklosses.ExponentialLoss().predict_proba(raw), halves)
    # As scikit-learn's SGDClassifier.
    model = SGDClassifier(loss="modified_huber").fit([[0.0], [1.0]], [0, 1])
    model.coef_, model.intercept_ = np.ones((1, 1)), np.zeros(1)
    z = np.linspace(-2, 2, 21)
    expected = model.predict_proba(z[:, None])
    assert_allclose(sklosses.ModifiedHuberLoss().predict_proba(z), expected, atol=1e-15)
    assert_allclose(sklosses.BCELoss().predict_proba([0.25]), [[0.75, 0.25]])
    assert_allclose(sklosses.MultiLabelSoftMarginLoss().predict_proba([[0.0, 1.0]]).shape, (1, 2))
    assert_allclose(sklosses.NLLLoss().predict_proba(np.log([[0.25, 0.75]])), [[0.25, 0.75]])


def test_predict_proba_is_there_where_it_means_something():
    having = {name for name in get_loss_names() if hasattr(get_loss(name), "predict_proba")}
    logits = {"logit", "probability", "cumulative_logits", "conditional_logits", "latent"}
    classes = {"class_logits", "class_log_probabilities", "class_probabilities"}
    expected = {
        name for name in get_loss_names() if get_loss(name).tags.response in logits | classes
    }
    # A margin alone has no probability, nor have several that differ in theirs.
    assert having == expected | {loss.function_name for loss in SIGNS}
    assert hasattr(SIGNS[0] + 2 * SIGNS[0], "predict_proba")
    assert not hasattr(SIGNS[0] + SIGNS[1], "predict_proba")
    assert not hasattr(SIGNS[0] + sklosses.HingeLoss(), "predict_proba")
    assert not hasattr(sklosses.CustomLoss(value=np.multiply, response="margin"), "predict_proba")
    with pytest.raises(AttributeError, match="has no attribute 'predict_proba'"):
        sklosses.MSELoss().predict_proba([0.0])


# ---------------------------------------------------------------------------------------------
# Huge numbers, weights of the unreduced loss, and sums
# ---------------------------------------------------------------------------------------------

MAX = np.finfo(np.float64).max
RNG = np.random.default_rng(2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("loss", ["mse_loss", "l1_loss", "quantile_loss", "huber_loss"])
def test_best_constants_of_huge_targets_are_finite(loss):
    loss = get_loss(loss)
    assert_allclose(loss.optimal_constant([1.7e308, 1.6e308]), 1.65e308, rtol=1e-12)
    assert_allclose(loss.optimal_constant([-1.7e308, 1.6e308]), -0.05e308, rtol=1e-9)
    assert loss.optimal_constant([MAX, MAX, MAX]) == MAX
    both = [[1.7e308, 1.0], [1.6e308, 2.0]]
    assert_allclose(loss.optimal_constant(both), [1.65e308, 1.5], rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_best_constants_of_other_losses_of_huge_targets():
    mean, variance = sklosses.GaussianNLLLoss().optimal_constant([1.7e308, 1.6e308])
    assert_allclose(mean, 1.65e308)
    assert variance == MAX  # the largest one that there is
    huge = [1.7e308, 1.6e308]
    assert_allclose(sklosses.PoissonNLLLoss().optimal_constant(huge), np.log(1.65e308))
    kl_div = sklosses.KLDivLoss()
    assert_allclose(kl_div.optimal_constant([huge, huge]), np.log([17 / 33, 16 / 33]))
    kl_div = sklosses.KLDivLoss(log_target=True)
    assert_allclose(kl_div.optimal_constant([[800.0, 800.0]]), np.log([0.5, 0.5]))
    quantiles = sklosses.QuantileLoss(quantile=[0.5, 0.9]).optimal_constant([1.7e308, 1.6e308])
    assert_allclose(quantiles, [1.65e308, 1.7e308])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor", [1e308, 1e-310])
@pytest.mark.parametrize(("name", "params"), CASES)
def test_weights_of_any_size(name, params, factor):
    """A common factor of the weights has no influence, however large it is."""
    loss, y_true, weight = make(name, params)
    weight = weight / weight.max()
    expected = loss.optimal_constant(y_true, weight)
    found = loss.optimal_constant(y_true, weight * factor)
    assert_allclose(flat(found), flat(expected), rtol=1e-6, atol=1e-6)


def test_class_weights_of_any_size():
    expected = sklosses.CrossEntropyLoss().optimal_constant([0, 1, 1])
    loss = sklosses.CrossEntropyLoss(class_weight=[1e308, 1e308])
    assert_allclose(loss.optimal_constant([0, 1, 1], [1e308] * 3), expected)


def test_weights_of_the_quantiles():
    loss, y = sklosses.QuantileLoss(quantile=[0.2, 0.5, 0.9]), RNG.normal(size=(40, 2))
    weight = RNG.uniform(size=(40, 2, 3))
    expected = [
        [
            sklosses.QuantileLoss(quantile=q).optimal_constant(y[:, j], weight[:, j, k])
            for k, q in enumerate(loss.quantile)
        ]
        for j in range(2)
    ]
    assert_array_equal(loss.optimal_constant(y, weight), expected)
    assert_array_equal(loss.optimal_constant(y[:, 0], weight[:, 0]), expected[0])
    # Equal weights of all elements are the same as none.
    assert_array_equal(loss.optimal_constant(y, np.ones((40, 2, 3))), loss.optimal_constant(y))
    with pytest.raises(ValueError, match=r"sample_weight\.shape == \(40, 3\), expected \(40,\) or"):
        loss.optimal_constant(y, np.ones((40, 3)))


def test_sums_of_quantile_losses():
    quantile, y = sklosses.QuantileLoss(quantile=[0.2, 0.5, 0.9]), RNG.normal(size=(41, 2))
    expected = quantile.optimal_constant(y)
    assert_array_equal((2 * quantile).optimal_constant(y), expected)
    assert_array_equal((2 * (3 * quantile)).optimal_constant(y[:, 0]), expected[0])
    # The sum of two of them is minimised between the quantiles of both.
    other = sklosses.QuantileLoss(quantile=[0.4, 0.5, 0.7])
    low, high = np.sort([expected, other.optimal_constant(y)], axis=0)
    found = (quantile + other).optimal_constant(y)
    assert np.all((low - 1e-9 <= found) & (found <= high + 1e-9))
    middle = sklosses.QuantileLoss(quantile=[0.3, 0.5, 0.8]).optimal_constant(y)
    assert_allclose(found, middle, rtol=1e-9)


def test_sums_of_losses_of_classes():
    weighted = sklosses.CrossEntropyLoss(class_weight=[1.0, 2.0, 3.0])
    balanced = sklosses.CrossEntropyLoss(class_weight="balanced")
    labels = [0, 1, 1, 0, 1]
    for loss in weighted, balanced, sklosses.CrossEntropyLoss(ignore_index=0):
        assert_array_equal((2 * loss).optimal_constant(labels), loss.optimal_constant(labels))
        both = (loss + loss).optimal_constant(labels)
        assert_allclose(np.exp(both), np.exp(loss.optimal_constant(labels)), atol=1e-6)
    # The mean of each loss has its own denominator, so both have the same influence.
    plain = sklosses.CrossEntropyLoss()
    found = (weighted + plain).optimal_constant(labels)
    shares = np.mean([np.exp(weighted.optimal_constant(labels))[:2], [0.4, 0.6]], axis=0)
    assert_allclose(np.exp(found), [*shares, 0.0], atol=1e-6)
    dense = np.array([[0.2, 0.8, 0.0], [0.5, 0.5, 0.0]])
    both = (plain + plain).optimal_constant(dense)
    assert_allclose(np.exp(both), dense.mean(axis=0), atol=1e-6)
