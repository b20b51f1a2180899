"""References of the losses in ``sklosses.losses.binary``."""

import numpy as np

from ._base import WIDE, Data, Reference
from ._shared import (
    BAD_SIGNS,
    LOGITS,
    SIGNS,
    both_signs,
    place,
    real,
    sigmoid,
    sign_targets,
    soft_targets,
    softplus,
)


def probabilities(rng, shape, dtype, params):
    p = np.asarray(rng.uniform(0.02, 0.98, shape)).astype(dtype)
    return soft_targets(rng, shape, dtype), p


def hard_probabilities(rng, shape, dtype, params):
    """Certain predictions, right and wrong, and the neighbourhood of PyTorch's clamps."""
    finfo = np.finfo(dtype)
    low = [0.0, 0.0, finfo.tiny, finfo.eps, 1e-13, 1e-12, 1e-20, np.exp(-99.5), 4e-44]
    high = [1.0, 1.0, 1 - finfo.epsneg, 1 - 4 * finfo.epsneg, 1 - 1e-5]
    y_true, p = probabilities(rng, shape, dtype, params)
    return y_true, place(rng, [*low, *high], p)


def bce(y_true, y_pred):
    with np.errstate(divide="ignore"):
        right = np.maximum(np.log(y_pred), -100)
        wrong = np.maximum(np.log1p(-y_pred), -100)
    return -(y_true * right + (1 - y_true) * wrong)


def bce_scale(y_true, y_pred):
    p = np.minimum(y_pred, 1 - y_pred)
    return np.where(p > 1e-11, p, 0)


def soft_logits(rng, shape, dtype, params):
    return soft_targets(rng, shape, dtype), np.asarray(rng.normal(scale=3, size=shape)).astype(
        dtype
    )


def hard_logits(rng, shape, dtype, params):
    y_true, z = soft_logits(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def some_ignored(draw):
    """The same data with targets that are ignored, but for the first one."""

    def make(rng, shape, dtype, params):
        y_true, z = draw(rng, shape, dtype, params)
        ignore_index = params["ignore_index"]
        y_true = np.where(rng.random(y_true.shape) < 0.3, ignore_index, y_true).astype(y_true.dtype)
        y_true.reshape(-1)[0] = ignore_index != 1
        return y_true, z

    return make


def counted(arrays, shape, ignore_index=None, **params):
    """1 for each element of the loss whose target is not ignored."""
    kept = arrays[0] != ignore_index
    return np.broadcast_to(kept[:, None] if kept.ndim < len(shape) else kept, shape).astype(float)


def bce_weights(y_true, y_pred, pos_weight, label_smoothing, ignore_index):
    """The weights of both logarithms."""
    c = 1.0 if pos_weight is None else np.asarray(pos_weight)
    s, kept = WIDE(label_smoothing), y_true != ignore_index
    smoothed = y_true * (1 - s) + s / 2, (1 - y_true) * (1 - s) + s / 2
    return kept * c * smoothed[0], kept * smoothed[1]


def bce_with_logits(y_true, y_pred, pos_weight=None, label_smoothing=0.0, ignore_index=None):
    one, zero = bce_weights(y_true, y_pred, pos_weight, label_smoothing, ignore_index)
    return one * softplus(-y_pred) + zero * softplus(y_pred)


def bce_with_logits_terms(y_true, y_pred, pos_weight=None, label_smoothing=0.0, ignore_index=None):
    one, zero = bce_weights(y_true, y_pred, pos_weight, label_smoothing, ignore_index)
    return one * sigmoid(-y_pred) + zero * sigmoid(y_pred)


def per_output(shape):
    """A positive weight for each place on the last axis; one number for a scalar."""
    return np.linspace(0.5, 4.0, shape[-1]) if shape else 2.5


def binary_labels(rng, shape, dtype, params):
    z = np.asarray(rng.normal(scale=3, size=shape)).astype(dtype)
    return rng.integers(0, 2, shape).astype(dtype), z


def hard_binary_labels(rng, shape, dtype, params):
    y_true, z = binary_labels(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def class_indices(rng, shape, dtype, params):
    """Indices beside logits (n, C), C being the background."""
    z = np.asarray(rng.normal(scale=3, size=shape)).astype(dtype)
    return rng.integers(0, shape[1] + 1, shape[:1]), z


def focal_parts(y_true, y_pred, alpha, gamma, loss_weight, ignore_index):
    """The target, the factor, the weights, and the sigmoids of the logit and of minus it."""
    kept = y_true != ignore_index
    if y_true.ndim < y_pred.ndim:
        kept = kept[:, None]
        y_true = (y_true[:, None] == np.arange(y_pred.shape[1])).astype(y_pred.dtype)
    balance = 1.0
    if alpha is not None and alpha >= 0:
        balance = y_true * WIDE(alpha) + (1 - y_true) * (1 - WIDE(alpha))
    with np.errstate(over="ignore"):
        p, q = 1 / (1 + np.exp(-y_pred)), 1 / (1 + np.exp(y_pred))
    lacking = y_true * q + (1 - y_true) * p
    factor = loss_weight * balance * np.where(kept, lacking, 1) ** gamma * kept
    return y_true, factor, lacking, p, q


def focal(y_true, y_pred, alpha=0.25, gamma=2.0, loss_weight=1.0, ignore_index=None):
    params = alpha, gamma, loss_weight, ignore_index
    y, factor, _, _, _ = focal_parts(y_true, y_pred, *params)
    return factor * (y * softplus(-y_pred) + (1 - y) * softplus(y_pred))


def focal_size(*arrays, **params):
    """A power multiplies the relative error of its base, here by up to gamma."""
    return focal(*arrays, **params) * (1 + params.get("gamma", 2.0) / 2)


def focal_scale(y_true, y_pred, alpha=0.25, gamma=2.0, loss_weight=1.0, ignore_index=None):
    """The exponential changes (gamma + 1) times as fast as that of cross-entropy."""
    return np.full(y_pred.shape, 1 / (1 + gamma))


def focal_terms(y_true, y_pred, alpha=0.25, gamma=2.0, loss_weight=1.0, ignore_index=None):
    """The derivatives of the power and of both logarithms; of hard targets they have one sign."""
    params = alpha, gamma, loss_weight, ignore_index
    y, factor, lacking, p, q = focal_parts(y_true, y_pred, *params)
    entropy = y * softplus(-y_pred) + (1 - y) * softplus(y_pred)
    slope = np.abs(1 - 2 * y) * p * q / np.where(lacking > 0, lacking, 1)
    return np.abs(factor) * (gamma * slope * entropy + y * q + (1 - y) * p)


def heat_maps(rng, shape, dtype, params):
    """Peaks, their neighbourhood and many zeros, beside probabilities."""
    y_true = np.asarray(rng.random(shape)) ** 4
    kind = rng.random(shape)
    y_true = np.where(kind < 0.25, 1, np.where(kind < 0.5, 0, y_true)).astype(dtype)
    return y_true, np.asarray(rng.uniform(0.02, 0.98, shape)).astype(dtype)


def hard_heat_maps(rng, shape, dtype, params):
    """Certain predictions, right and wrong, errors of about eps, targets of almost 1."""
    finfo = np.finfo(dtype)
    low = [0.0, 0.0, finfo.tiny, finfo.eps, 1e-13, 1e-12, 1e-20, 1e-30, 1e-6, 1e-4]
    high = [1.0, 1.0, 1 - finfo.epsneg, 1 - 4 * finfo.epsneg, 1 - 1e-5]
    y_true, p = heat_maps(rng, shape, dtype, params)
    y_true = place(rng, [1 - finfo.epsneg, finfo.tiny, *[1.0] * 6, *[0.0] * 6], y_true)
    return y_true, place(rng, [*low, *high], p)


def log_beside_error(error, eps):
    """log(1 - error + eps), without cancellation where both are small."""
    eps = np.longdouble(eps)
    return np.where(error > 0.5, np.log((1 - error) + eps), np.log1p(eps - error))


def gaussian_focal(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    with np.errstate(under="ignore"):
        error = 1 - y_pred
        # The logarithm of p + eps itself: 1 - (1 - p) has lost digits.
        log_peak = np.where(y_pred < 0.5, np.log(y_pred + eps), log_beside_error(error, eps))
        peak = -log_peak * error**alpha
        rest = -log_beside_error(y_pred, eps) * y_pred**alpha * (1 - y_true) ** gamma
    return np.where(y_true == 1, peak, rest)


def gaussian_focal_value_terms(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    """The size of log t, and of what eps adds to it."""
    return gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps)[5]


def gaussian_focal_scale(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    """Distance from the singularities of the logarithm and of a power that is not whole."""
    error = np.where(y_true == 1, 1 - y_pred, y_pred)
    scale = np.minimum(1 - error, error) / (1 + alpha)
    return np.where(scale > 1e-11, scale, 0)


def gaussian_focal_terms(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    """The two terms of the derivative differ in sign; at o = 0 a power of 0 counts as 0."""
    return gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps)[:2].sum(axis=0)


def gaussian_focal_hessian_terms(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    return gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps)[2:5].sum(axis=0)


def gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps):
    """Sizes of the terms of the first derivative and of the second, and of the loss."""
    peak = y_true == 1
    o = np.where(peak, 1 - y_pred, y_pred)
    t = np.where(peak, y_pred, 1 - y_pred) + np.longdouble(eps)
    log_t = np.abs(np.log(t)) + eps / t
    weight = np.where(peak, 1, (1 - y_true) ** gamma)
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        powers = [
            np.where(o, o ** (alpha - k), 0) if alpha < k else o ** (alpha - k) for k in range(3)
        ]
    slope = alpha * powers[1] if alpha else 0 * o
    bend = abs(alpha * (alpha - 1)) * powers[2] if alpha not in (0, 1) else 0 * o
    terms = (
        powers[0] / t,
        slope * log_t,
        powers[0] / t**2,
        2 * slope / t,
        bend * log_t,
        powers[0] * log_t,
    )
    return np.stack([weight * term for term in terms])


GAUSSIAN_FOCAL_PARAMS = (
    {},
    {"alpha": 3.0, "gamma": 2},
    {"alpha": 0.5, "gamma": 1.5},
    {"alpha": 1, "gamma": 0},
    {"alpha": 0},
    {"alpha": 1.3, "gamma": 1, "eps": 1e-3},
    {"alpha": 20.0, "gamma": 0.1},
)


IGNORED = (
    {"ignore_index": -1},
    {"ignore_index": 1, "label_smoothing": 0.1, "pos_weight": 3.0},
    {"ignore_index": 255, "label_smoothing": 1e-3},
    {"ignore_index": -100.0, "pos_weight": per_output},
)


FOCAL_IGNORED = ({"ignore_index": -100}, {"ignore_index": 0, "gamma": 0.5}, {"ignore_index": 0.25})


FOCAL_PARAMS = (
    {},
    {"alpha": None},
    {"alpha": -1},
    {"alpha": 0},
    {"alpha": 1.0},
    {"alpha": 1e-7},
    {"alpha": 0.9, "gamma": 0.3, "loss_weight": 2.5},
    {"gamma": 0},
    {"gamma": 0.5},
    {"gamma": 20.0},
    {"loss_weight": 0.0},
)


def signs_and_logits(rng, shape, dtype, params):
    return sign_targets(rng, shape, dtype), real(rng, shape, dtype, params)[1]


def hard_signs_and_logits(rng, shape, dtype, params):
    y_true, z = signs_and_logits(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def soft_margin(y_true, y_pred):
    return softplus(-y_true * y_pred)


def hinge(y_true, y_pred, p=1, margin=1.0):
    return np.maximum(margin - y_true * y_pred, 0) ** p


def hinge_scale(y_true, y_pred, p=1, margin=1.0):
    return np.abs(margin - y_true * y_pred)


def hinge_size(y_true, y_pred, p=1, margin=1.0):
    """The rounding of the difference, times the slope."""
    size = abs(margin) + np.abs(y_pred)
    return size if p == 1 else 2 * size * hinge(y_true, y_pred, 1, margin)


def hinge_terms(y_true, y_pred, p=1, margin=1.0):
    size = abs(margin) + np.abs(y_pred)
    return np.ones(size.shape) if p == 1 else 2 * size


def hard_margins(rng, shape, dtype, params):
    """At and beside the kinks; far."""
    margin = params.get("margin", 1.0)
    y_true, z = signs_and_logits(rng, shape, dtype, params)
    at = [margin, margin, 1.0, np.nextafter(dtype(margin), dtype(9)), 0.0, 1e-9, 1e9]
    return y_true, place(rng, both_signs(*at), z)


# Exact in float32, so that what is at the kink there is at the kink in float64.
HINGES = (
    {},
    {"p": 2},
    {"margin": 0.25},
    {"p": 2, "margin": 3.0},
    {"margin": 0},
    {"margin": -2.0},
    {"p": 2, "margin": -0.5},
)


def exponential(y_true, y_pred):
    return np.exp(-y_true * y_pred)


def hard_exponents(rng, shape, dtype, params):
    """Almost the largest exponentials, and some that round to 0."""
    y_true, z = signs_and_logits(rng, shape, dtype, params)
    top = float(np.log(np.finfo(dtype).max)) - 4
    z = place(rng, both_signs(0.0, 1e-30, 1e-9, 5.0, 40.0, top), z)
    far = place(rng, [104.0, 746.0, 1e4, 1e30], np.zeros(shape, dtype))
    return y_true, np.where(far, y_true * far, z)


def modified_huber(y_true, y_pred):
    product = y_true * y_pred
    return np.where(product < -1, -4 * product, np.maximum(1 - product, 0) ** 2)


def modified_huber_scale(y_true, y_pred):
    return np.abs(1 - np.abs(y_pred))


def modified_huber_size(y_true, y_pred):
    """The rounding of 1 - y z, times the slope."""
    return (1 + np.abs(y_pred)) * modified_huber_terms(y_true, y_pred)


def modified_huber_terms(y_true, y_pred):
    return 2 * np.clip(1 - y_true * y_pred, 0, 2) + 2


BAD_CLASSES = (("y_true", -1), ("y_true", 300), ("y_true", 0.5))


OF_CLASSES = {
    "shapes": ((1, 2), (1, 3), (6, 3), (4, 70)),
    "large": ((480, 2), (5, 961), (1, 16385)),
}


REFERENCES = (
    Reference(
        "hinge_loss",
        hinge,
        {
            "plain": Data(signs_and_logits, HINGES, bad=BAD_SIGNS, **SIGNS),
            "hard": Data(hard_margins, HINGES, **SIGNS),
        },
        scale=hinge_scale,
        value_terms=hinge_size,
        terms=hinge_terms,
        invalid=(
            ("p", 0),
            ("p", 3),
            ("p", 1.5),
            ("p", None),
            ("margin", None),
            ("margin", np.nan),
            ("margin", np.inf),
            ("margin", "1"),
        ),
        others={"p": 2, "margin": 3.0},
    ),
    Reference(
        "exponential_loss",
        exponential,
        {
            "plain": Data(signs_and_logits, bad=BAD_SIGNS, **SIGNS),
            "hard": Data(hard_exponents, **SIGNS),
        },
    ),
    Reference(
        "modified_huber_loss",
        modified_huber,
        {
            "plain": Data(signs_and_logits, bad=BAD_SIGNS, **SIGNS),
            "hard": Data(hard_margins, **SIGNS),
        },
        scale=modified_huber_scale,
        value_terms=modified_huber_size,
        terms=modified_huber_terms,
    ),
    Reference(
        "soft_margin_loss",
        soft_margin,
        {
            "plain": Data(signs_and_logits, bad=BAD_SIGNS, **SIGNS),
            "hard": Data(hard_signs_and_logits, **SIGNS),
        },
    ),
    Reference(
        "binary_cross_entropy",
        bce,
        {
            "plain": Data(
                probabilities,
                bad=(
                    ("y_true", -0.25),
                    ("y_true", 1.25),
                    ("y_pred", -0.25),
                    ("y_pred", 1.25),
                    ("y_true", 255),
                ),
            ),
            "hard": Data(hard_probabilities),
        },
        scale=bce_scale,
    ),
    Reference(
        "binary_cross_entropy_with_logits",
        bce_with_logits,
        {
            name: Data(
                arrays,
                (
                    {},
                    {"pos_weight": 3.0},
                    {"pos_weight": 0},
                    {"pos_weight": per_output},
                    {"pos_weight": lambda shape: np.full(shape, 0.25)},
                    {"pos_weight": lambda shape: [1e-3] if shape else 1e-3},
                    {"label_smoothing": 0.1},
                    {"label_smoothing": 1, "pos_weight": 3.0},
                    {"label_smoothing": 1e-3},
                ),
                bad=(("y_true", -0.25), ("y_true", 1.25)),
            )
            for name, arrays in (("plain", soft_logits), ("hard", hard_logits))
        }
        | {
            "ignored": Data(
                some_ignored(soft_logits), IGNORED, bad=(("y_true", -0.25), ("y_true", 255))
            ),
            "hard and ignored": Data(some_ignored(hard_logits), IGNORED),
        },
        counts=counted,
        terms=bce_with_logits_terms,
        invalid=(
            ("pos_weight", -1.0),
            ("pos_weight", [1.0, -1.0]),
            ("pos_weight", np.nan),
            ("pos_weight", np.inf),
            ("pos_weight", [1.0, np.nan]),
            ("pos_weight", "balanced"),
            ("label_smoothing", -0.1),
            ("label_smoothing", 1.5),
            ("label_smoothing", np.nan),
            ("label_smoothing", None),
            ("ignore_index", np.nan),
            ("ignore_index", np.inf),
            ("ignore_index", "1"),
        ),
        others={"pos_weight": 3.0, "label_smoothing": 0.2, "ignore_index": 1},
    ),
    Reference(
        "sigmoid_focal_loss",
        focal,
        {
            "plain": Data(
                binary_labels,
                FOCAL_PARAMS,
                bad=(("y_true", -0.25), ("y_true", -1), ("y_true", 2)),
            ),
            "hard": Data(hard_binary_labels, FOCAL_PARAMS),
            "soft": Data(soft_logits, FOCAL_PARAMS),
            "hard and soft": Data(hard_logits, FOCAL_PARAMS),
            "ignored": Data(
                some_ignored(soft_logits), FOCAL_IGNORED, bad=(("y_true", -0.25), ("y_true", -1))
            ),
            "classes": Data(class_indices, FOCAL_PARAMS[:2], bad=BAD_CLASSES, **OF_CLASSES),
            "ignored classes": Data(
                some_ignored(class_indices), FOCAL_IGNORED[:2], bad=BAD_CLASSES, **OF_CLASSES
            ),
        },
        counts=counted,
        scale=focal_scale,
        value_terms=focal_size,
        terms=focal_terms,
        invalid=(
            ("gamma", -1),
            ("gamma", np.nan),
            ("gamma", np.inf),
            ("gamma", None),
            ("alpha", 1.5),
            ("alpha", np.nan),
            ("alpha", "balanced"),
            ("loss_weight", -1.0),
            ("loss_weight", np.inf),
            ("loss_weight", None),
            ("ignore_index", np.nan),
            ("ignore_index", "1"),
        ),
        others={"alpha": 0.9, "gamma": 0.5, "loss_weight": 3.0, "ignore_index": 1},
    ),
    Reference(
        "gaussian_focal_loss",
        gaussian_focal,
        {
            "plain": Data(
                heat_maps,
                GAUSSIAN_FOCAL_PARAMS,
                bad=(
                    ("y_true", -0.25),
                    ("y_true", 1.25),
                    ("y_pred", -0.25),
                    ("y_pred", 1.25),
                    ("y_true", 255),
                ),
            ),
            "hard": Data(hard_heat_maps, GAUSSIAN_FOCAL_PARAMS),
        },
        scale=gaussian_focal_scale,
        value_terms=gaussian_focal_value_terms,
        terms=gaussian_focal_terms,
        hessian_terms=gaussian_focal_hessian_terms,
        invalid=(
            ("alpha", -1),
            ("alpha", np.nan),
            ("alpha", None),
            ("gamma", -0.5),
            ("gamma", np.inf),
            ("gamma", None),
            ("eps", 0),
            ("eps", -1e-12),
            ("eps", np.nan),
            ("eps", None),
        ),
        others={"alpha": 3.0, "gamma": 0.5, "eps": 0.1},
    ),
)
