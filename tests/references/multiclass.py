"""References of the losses in ``sklosses.losses.multiclass``."""

import numpy as np

from ._base import Data, Reference, any_zeros_and_ones, class_axis, last_axis
from ._shared import LOGITS, minus_log_softmax, place


def logits_and_labels(rng, shape, dtype, params):
    axis = class_axis(len(shape))
    z = rng.normal(scale=3, size=shape).astype(dtype)
    labels = np.asarray(rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :]))
    # A label remains even if class 1 is ignored or class 2 has weight zero.
    labels.reshape(-1)[0] = 0
    return labels, z


def some_ignored(rng, shape, dtype, params):
    labels, z = logits_and_labels(rng, shape, dtype, params)
    drop = np.asarray(rng.random(labels.shape) < 0.4)
    drop.reshape(-1)[0] = False
    labels[drop] = params.get("ignore_index", -100)
    return labels, z


def hard_labels(rng, shape, dtype, params):
    """Saturated and equal logits beside labels."""
    labels, z = some_ignored(rng, shape, dtype, params)
    return labels, place(rng, [*LOGITS, 3.0, 3.0, 3.0], z)


def class_probabilities(rng, shape, dtype, params):
    """Rows that sum to 1 and rows that do not, exact zeros and ones."""
    z = rng.normal(scale=3, size=shape).astype(dtype)
    t = rng.random(shape)
    t[rng.random(shape) < 0.2] = 0
    t[rng.random(shape) < 0.1] = 1
    axis = class_axis(len(shape))
    total = t.sum(axis=axis, keepdims=True)
    normed = np.where(total > 0, t / np.where(total > 0, total, 1), 0)
    return np.where(rng.random(total.shape) < 0.7, normed, t).astype(dtype), z


def one_hot(rng, shape, dtype, params):
    labels, z = logits_and_labels(rng, shape, dtype, params)
    axis = class_axis(len(shape))
    t = np.zeros(shape, dtype=np.int8)
    np.put_along_axis(t, np.expand_dims(labels, axis), 1, axis)
    return t, z


def hot_rows(rng, shapes):
    """One-hot rows of integers, and any zeros and ones as logits."""
    target, z = any_zeros_and_ones(rng, shapes)
    axis = class_axis(len(shapes[0]))
    first = np.cumsum(target, axis=axis) * target == 1
    first[(slice(None),) * axis + (slice(0, 1),)] |= ~first.any(axis=axis, keepdims=True)
    return [first.astype(int), z]


def two_hot_rows(rng, shapes):
    """One-hot rows of integers for both arrays."""
    return [hot_rows(rng, shapes)[0], hot_rows(rng, shapes)[0]]


def hard_class_probabilities(rng, shape, dtype, params):
    t, z = class_probabilities(rng, shape, dtype, params)
    return t, place(rng, [*LOGITS, 3.0, 3.0, 3.0], z)


def resolve_class_weight(class_weight, labels, n_classes, ignore_index):
    if class_weight is None:
        return np.ones(n_classes)
    if isinstance(class_weight, str):
        used = labels[labels != ignore_index]
        counts = np.array([np.sum(used == k) for k in range(n_classes)])
        return np.array([used.size / (n_classes * c) if c else 0.0 for c in counts])
    if isinstance(class_weight, dict):
        return np.array([class_weight.get(k, 1.0) for k in range(n_classes)])
    return np.asarray(class_weight, dtype=float)


def ce_targets(y_true, y_pred, class_weight, ignore_index, label_smoothing):
    """The weighted targets tau_j, of the shape of the prediction."""
    axis = class_axis(y_pred.ndim)
    n_classes = y_pred.shape[axis]
    c = resolve_class_weight(class_weight, y_true, n_classes, ignore_index)
    along = [1] * y_pred.ndim
    along[axis] = n_classes
    t = y_true
    if y_true.ndim < y_pred.ndim:
        t = np.expand_dims(y_true, axis) == np.arange(n_classes).reshape(along)
    smooth = (1 - label_smoothing) * t + label_smoothing / n_classes
    tau = c.reshape(along).astype(y_pred.dtype) * smooth
    if y_true.ndim < y_pred.ndim:
        tau = tau * (np.expand_dims(y_true, axis) != ignore_index)
    return tau, axis


def ce(y_true, y_pred, class_weight=None, ignore_index=-100, label_smoothing=0.0):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, label_smoothing)
    return (tau * minus_log_softmax(y_pred, axis)).sum(axis=axis)


def ce_counts(arrays, shape, class_weight=None, ignore_index=-100, label_smoothing=0.0):
    y_true, y_pred = arrays
    if y_true.ndim == y_pred.ndim:
        return np.ones(shape)
    n_classes = y_pred.shape[class_axis(y_pred.ndim)]
    c = resolve_class_weight(class_weight, y_true, n_classes, ignore_index)
    ignored = y_true == ignore_index
    return np.where(ignored, 0.0, c[np.where(ignored, 0, y_true).astype(int)])


def ce_terms(y_true, y_pred, class_weight=None, ignore_index=-100, label_smoothing=0.0):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, label_smoothing)
    softmax = np.exp(-minus_log_softmax(y_pred, axis))
    return softmax * tau.sum(axis=axis, keepdims=True) + tau


def per_class(shape):
    weight = np.linspace(0.5, 2.0, shape[class_axis(len(shape))])
    weight[2:3] = 0
    return weight


CE_SHAPES = ((4,), (1, 1), (1, 2), (6, 3), (17, 2), (3, 4, 2, 2), (2, 261), (1, 256, 2))


CE_LARGE = (
    (2000, 2),
    (700, 10),
    (33, 63),
    (33, 63),
    (70, 255),
    (40, 256),
    (30, 384),
    (20, 1000),
    (3, 16400),
    (300,),
    (2, 260, 200),
    (2, 4100, 3),
    (4, 7, 5, 30),
)


CE_PARAMS = (
    {},
    {"class_weight": per_class},
    {"class_weight": lambda shape: {0: 3, shape[class_axis(len(shape))] - 1: 0.25}},
    {"label_smoothing": 0.1},
    {"label_smoothing": 1, "class_weight": per_class},
)


CE_LABEL_PARAMS = (
    *CE_PARAMS,
    {"class_weight": "balanced"},
    {"ignore_index": 1},
    {"ignore_index": -1, "class_weight": "balanced", "label_smoothing": 0.3},
)


def ce_data(arrays, params, bad, zeros_and_ones=any_zeros_and_ones):
    return Data(arrays, params, CE_SHAPES, CE_LARGE, (15_000, 8), bad, zeros_and_ones)


BAD_LABELS = (
    ("y_true", -1),
    ("y_true", -99),
    ("y_true", 100_000),
    ("y_true", 0.5),
    ("y_true", np.nan),
    ("y_true", np.inf),
    ("y_true", np.uint64(2**64 - 1)),
    ("y_true", np.int64(-(2**63))),
    ("y_true", 1e300),
)


def log_probabilities(arrays):
    """The same data with the log-softmax of its logits."""

    def make(rng, shape, dtype, params):
        target, z = arrays(rng, shape, dtype, params)
        axis = class_axis(len(shape))
        return target, -minus_log_softmax(z.astype(np.longdouble), axis).astype(dtype)

    return make


def hard_log_probabilities(arrays):
    """Logarithms of 0, and numbers that are the logarithm of no probability."""

    def make(rng, shape, dtype, params):
        target, z = log_probabilities(arrays)(rng, shape, dtype, params)
        special = [0.0, -0.0, 5.0, -1e30, 1e30, -1e-30, -745.0]
        if target.ndim < z.ndim or not target.all():
            special += [-np.inf, -np.inf]
        z = place(rng, special, z)
        if target.ndim == z.ndim:
            # The loss has to be finite.
            z[(target != 0) & np.isneginf(z)] = -3.0
        else:
            axis = class_axis(len(shape))
            at = np.expand_dims(np.where(target < 0, 0, target), axis)
            own = np.take_along_axis(z, at, axis)
            np.put_along_axis(z, at, np.where(np.isneginf(own), -3.0, own), axis)
        return target, z

    return make


def nll(y_true, y_pred, class_weight=None, ignore_index=-100):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, 0.0)
    return -np.where(tau != 0, tau * np.where(tau != 0, y_pred, 0), 0).sum(axis=axis)


def nll_scale(y_true, y_pred, **params):
    return np.where(np.isneginf(y_pred), 0, 1)


NLL_PARAMS = (*CE_PARAMS[:3],)


NLL_LABEL_PARAMS = (*NLL_PARAMS, {"ignore_index": 1}, {"class_weight": "balanced"})


def margin_data(rng, shape, dtype, params):
    labels, z = logits_and_labels(rng, shape, dtype, params)
    return labels, z


def hard_margins(rng, shape, dtype, params):
    """Kinks: leads of exactly the margin, and ties."""
    labels, z = logits_and_labels(rng, shape, dtype, params)
    margin = params.get("margin", 1.0)
    return labels, place(rng, [0.0, 0.0, margin, margin, 2 * margin, 1e4, -1e4, 1e-9], z)


def leads(y_true, y_pred):
    """x_y - x_j of every class j, and the place of the label."""
    axis = y_pred.ndim - 1
    own = np.expand_dims(y_true, axis) == np.arange(y_pred.shape[-1])
    at = np.where(own, y_pred, 0).sum(axis=axis, keepdims=True)
    return at - y_pred, own


def label_weight(y_true, n_classes, class_weight):
    return resolve_class_weight(class_weight, y_true, n_classes, None)[y_true.astype(int)]


def multi_margin(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    lead, own = leads(y_true, y_pred)
    c = label_weight(y_true, y_pred.shape[-1], class_weight)
    terms = np.where(own, 0, np.maximum(0, margin - lead) ** p)
    return c * terms.sum(axis=-1) / y_pred.shape[-1]


def multi_margin_scale(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    """Distance from the nearest kink that a prediction moves; that of the label moves all."""
    lead, own = leads(y_true, y_pred)
    distance = np.where(own, np.inf, np.abs(margin - lead))
    distance = np.where(own, distance.min(axis=-1, keepdims=True), distance)
    return np.where(np.isfinite(distance), distance, 1.0)


def multi_margin_value_terms(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    """The terms margin, x_y and x_j of the hinges that are not 0."""
    lead, own = leads(y_true, y_pred)
    at = np.abs(lead + y_pred)
    size = np.abs(margin) + at + np.abs(y_pred)
    z = np.maximum(0, margin - lead)
    terms = np.where(own, 0, size * (2 * z if p == 2 else z > 0))
    c = label_weight(y_true, y_pred.shape[-1], class_weight)
    return c * terms.sum(axis=-1) / y_pred.shape[-1]


def multi_margin_terms(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    lead, own = leads(y_true, y_pred)
    z = np.where(own, 0, np.maximum(0, margin - lead))
    slope = 2 * (z + np.abs(lead) * (z > 0)) if p == 2 else (z > 0) * 1.0
    slope = np.where(own, slope.sum(axis=-1, keepdims=True), slope)
    c = label_weight(y_true, y_pred.shape[-1], class_weight)
    return np.expand_dims(c, -1) * slope / y_pred.shape[-1]


def best_other(y_true, y_pred):
    """The prediction of the label, and the largest and second largest of the others."""
    _, own = leads(y_true, y_pred)
    others = np.sort(np.where(own, -np.inf, y_pred), axis=-1)
    at = np.where(own, y_pred, 0).sum(axis=-1, keepdims=True)
    return at, others[..., -1:], others[..., -2:-1]


def crammer_singer(y_true, y_pred, margin=1.0):
    at, best, _ = best_other(y_true, y_pred)
    return np.maximum(0, margin - at + best)[..., 0]


def crammer_singer_scale(y_true, y_pred, margin=1.0):
    """Distance from the kink of the hinge, and from a change of the largest of the others."""
    _, own = leads(y_true, y_pred)
    if y_pred.shape[-1] == 1:
        return np.ones(y_pred.shape)
    at, best, second = best_other(y_true, y_pred)
    hinge = np.abs(margin - at + best)
    to_best = np.where(own, np.inf, np.maximum(best, at - margin) - y_pred)
    own_or_best = own | (y_pred == best)
    change = np.where(own, np.inf, np.where(y_pred == best, best - second, to_best))
    distance = np.minimum(np.where(own_or_best, hinge, np.inf), change)
    return np.where(np.isfinite(distance), distance, 1.0)


def crammer_singer_value_terms(y_true, y_pred, margin=1.0):
    at, best, _ = best_other(y_true, y_pred)
    size = np.where(margin - at + best > 0, np.abs(margin) + np.abs(at) + np.abs(best), 0)
    return size[..., 0]


def per_last(shape):
    return per_class(shape[-1:])


BAD_INDEX = tuple(item for item in BAD_LABELS if item[1] != -99)


CLASS_WEIGHT_INVALID = (
    ("class_weight", "unbalanced"),
    ("class_weight", 1.0),
    ("class_weight", [1.0, -1.0, 1.0]),
    ("class_weight", [1.0, np.nan, 1.0]),
    ("class_weight", [1.0, 1.0]),
    ("class_weight", {0: -1.0}),
    ("class_weight", {3: 1.0}),
)


ROW_SHAPES = ((4,), (1, 1), (1, 2), (6, 3), (17, 2), (2, 261))


ROW_LARGE = ((2000, 2), (700, 10), (70, 255), (40, 256), (30, 384), (20, 1000), (3, 16400), (300,))


def softmax_focal(y_true, y_pred, class_weight=None, gamma=2.0, ignore_index=-100):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, 0.0)
    s = minus_log_softmax(y_pred, axis)
    with np.errstate(under="ignore"):
        # 1 - p without a cancellation.
        return (tau * s * (-np.expm1(-s)) ** gamma).sum(axis=axis)


def softmax_focal_counts(arrays, shape, class_weight=None, gamma=2.0, ignore_index=-100):
    return ce_counts(arrays, shape, class_weight, ignore_index)


def softmax_focal_scale(y_true, y_pred, class_weight=None, gamma=2.0, ignore_index=-100):
    """p q^gamma changes (gamma + 2) times as fast as the probability of a class."""
    return np.full(y_pred.shape, 1 / (2 + gamma))


def softmax_focal_hessian_terms(y_true, y_pred, class_weight=None, gamma=2.0, ignore_index=-100):
    """Terms of both signs where s is large: of the label, and of the others times p_k / q."""
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, 0.0)
    own = tau != 0
    minus_log = minus_log_softmax(y_pred, axis)
    s = np.where(own, minus_log, 0).sum(axis=axis, keepdims=True)
    p, q = np.exp(-s), -np.expm1(-s)
    share = np.exp(-minus_log) / np.where(q, q, 1)
    a = q**gamma
    slope = a * (gamma * p * s + q)
    bend = a * gamma * p * (2 * q + s * (np.abs((gamma - 1) * p) + q))
    labelled = a * p * (gamma * (gamma * p * s + q) + q * (gamma + 1 + gamma * s))
    c = tau.sum(axis=axis, keepdims=True)
    return c * np.where(own, labelled, share * (slope + share * bend))


SOFTMAX_FOCAL_PARAMS = (
    {},
    {"gamma": 0, "class_weight": per_class},
    {"gamma": 0.5, "class_weight": lambda shape: {0: 3}},
    {"gamma": 0.01},
    {"gamma": 20.0},
)


SOFTMAX_FOCAL_LABEL_PARAMS = (
    *SOFTMAX_FOCAL_PARAMS,
    {"gamma": 1, "class_weight": "balanced"},
    {"ignore_index": 1},
    {"ignore_index": -1, "class_weight": "balanced"},
)


REFERENCES = (
    Reference(
        "cross_entropy",
        ce,
        {
            "labels": ce_data(logits_and_labels, CE_LABEL_PARAMS, BAD_LABELS),
            "ignored": ce_data(some_ignored, CE_LABEL_PARAMS, ()),
            "hard": ce_data(hard_labels, CE_PARAMS, ()),
            "probabilities": ce_data(
                class_probabilities, CE_PARAMS, (("y_true", -0.25), ("y_true", 1.25)), hot_rows
            ),
            "one_hot": ce_data(one_hot, CE_PARAMS[:1], (("y_true", 2), ("y_true", -1)), hot_rows),
            "hard_probabilities": ce_data(hard_class_probabilities, CE_PARAMS, (), hot_rows),
        },
        counts=ce_counts,
        terms=ce_terms,
        invalid=(
            ("label_smoothing", -0.1),
            ("label_smoothing", 1.1),
            ("label_smoothing", np.nan),
            ("ignore_index", 1.5),
            ("ignore_index", None),
            ("class_weight", "unbalanced"),
            ("class_weight", 1.0),
            ("class_weight", [1.0, -1.0, 1.0]),
            ("class_weight", [1.0, np.nan, 1.0]),
            ("class_weight", [1.0, np.inf, 1.0]),
            ("class_weight", [1.0, 1.0]),
            ("class_weight", {0: -1.0}),
            ("class_weight", {0: np.nan}),
            ("class_weight", {3: 1.0}),
            ("class_weight", {"a": 1.0}),
        ),
        others={"class_weight": [1.0, 2.0, 3.0], "ignore_index": 0, "label_smoothing": 0.2},
    ),
    Reference(
        "nll_loss",
        nll,
        {
            "labels": ce_data(log_probabilities(logits_and_labels), NLL_LABEL_PARAMS, BAD_LABELS),
            "ignored": ce_data(log_probabilities(some_ignored), NLL_LABEL_PARAMS, ()),
            "hard": ce_data(hard_log_probabilities(some_ignored), NLL_PARAMS, ()),
            "probabilities": ce_data(
                log_probabilities(class_probabilities),
                NLL_PARAMS,
                (("y_true", -0.25), ("y_true", 1.25)),
                hot_rows,
            ),
            "hard_probabilities": ce_data(
                hard_log_probabilities(class_probabilities), NLL_PARAMS, (), hot_rows
            ),
        },
        counts=ce_counts,
        scale=nll_scale,
        invalid=(*CLASS_WEIGHT_INVALID, ("ignore_index", 1.5), ("ignore_index", None)),
        others={"class_weight": [1.0, 2.0, 3.0], "ignore_index": 0},
    ),
    Reference(
        "multi_margin_loss",
        multi_margin,
        {
            name: Data(
                arrays,
                (
                    {},
                    {"p": 2, "class_weight": per_last},
                    {"margin": 0.3, "class_weight": {0: 3.0}},
                    {"p": 2, "margin": 4.0},
                    {"margin": -0.5},
                    {"margin": 0, "class_weight": "balanced"},
                ),
                ROW_SHAPES,
                ROW_LARGE,
                (15_000, 8),
                bad,
            )
            for name, arrays, bad in (
                ("plain", margin_data, BAD_INDEX),
                ("hard", hard_margins, ()),
            )
        },
        scale=multi_margin_scale,
        value_terms=multi_margin_value_terms,
        terms=multi_margin_terms,
        reduced=last_axis,
        invalid=(
            *CLASS_WEIGHT_INVALID,
            ("p", 3),
            ("p", 0),
            ("p", 1.5),
            ("p", "1"),
            ("margin", np.nan),
            ("margin", np.inf),
            ("margin", None),
        ),
        others={"p": 2, "margin": 3.0, "class_weight": [1.0, 2.0, 3.0]},
    ),
    Reference(
        "crammer_singer_loss",
        crammer_singer,
        {
            name: Data(
                arrays,
                ({}, {"margin": 0.3}, {"margin": 4.0}, {"margin": -0.5}, {"margin": 0}),
                ROW_SHAPES,
                ROW_LARGE,
                (15_000, 8),
                bad,
            )
            for name, arrays, bad in (
                ("plain", margin_data, BAD_INDEX),
                ("hard", hard_margins, ()),
            )
        },
        scale=crammer_singer_scale,
        value_terms=crammer_singer_value_terms,
        reduced=last_axis,
        invalid=(("margin", np.nan), ("margin", np.inf), ("margin", None)),
        others={"margin": 3.0},
    ),
    Reference(
        "softmax_focal_loss",
        softmax_focal,
        {
            "labels": ce_data(logits_and_labels, SOFTMAX_FOCAL_LABEL_PARAMS, BAD_LABELS),
            "ignored": ce_data(some_ignored, SOFTMAX_FOCAL_LABEL_PARAMS, ()),
            "hard": ce_data(hard_labels, SOFTMAX_FOCAL_PARAMS, ()),
        },
        counts=softmax_focal_counts,
        scale=softmax_focal_scale,
        hessian_terms=softmax_focal_hessian_terms,
        invalid=(
            *CLASS_WEIGHT_INVALID,
            ("gamma", -1),
            ("gamma", np.nan),
            ("gamma", np.inf),
            ("gamma", None),
            ("ignore_index", 1.5),
        ),
        others={"class_weight": [1.0, 2.0, 3.0], "gamma": 0.5, "ignore_index": 0},
    ),
)
