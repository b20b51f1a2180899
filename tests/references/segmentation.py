"""References of the losses of ``sklosses.losses.segmentation``."""

import numpy as np

from ._base import WIDE, Data, Reference
from ._shared import sigmoid, soft_targets

# ---------------------------------------------------------------------------------------------
# Overlap of masks
# ---------------------------------------------------------------------------------------------


def one_hot(y_true, y_pred):
    """The masks of the classes, also from class indices."""
    if y_true.ndim == y_pred.ndim:
        return y_true
    classes = np.arange(y_pred.shape[1]).reshape(-1, *[1] * (y_pred.ndim - 2))
    return (y_true[:, np.newaxis] == classes).astype(y_pred.dtype)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def probabilities(y_pred, activation):
    """Probabilities and their complements, which keep their digits where they are small."""
    if activation == "softmax":
        p = softmax(y_pred)
        others = [np.delete(p, c, axis=1).sum(axis=1) for c in range(p.shape[1])]
        return p, np.stack(others, axis=1)
    return (sigmoid(y_pred), sigmoid(-y_pred)) if activation else (y_pred, 1 - y_pred)


def pixel_axes(ndim):
    return tuple(range(2, ndim))


def sums(terms, batch):
    """Over the pixels, and over the samples as well."""
    return terms.sum(axis=(0, *pixel_axes(terms.ndim)) if batch else pixel_axes(terms.ndim))


def ratio(a, b):
    """a / b, where 0 / 0 is 0."""
    with np.errstate(invalid="ignore"):
        return np.where((a == 0) & (b == 0), 0, a / b)


def dice(y_true, y_pred, smooth=1.0, squared=False, activation=None, batch=False):
    y, (p, q) = one_hot(y_true, y_pred), probabilities(y_pred, activation)
    power = 2 if squared else 1
    sizes = sums(y**power, batch) + sums(p**power, batch) + WIDE(smooth)
    # The sizes of both masks less twice what they have in common.
    mismatch = (y * q - (1 - y) * p) ** 2 if squared else y * q + (1 - y) * p
    return ratio(sums(mismatch, batch), sizes)


def tversky(
    y_true, y_pred, alpha=0.5, beta=0.5, gamma=1.0, smooth=1.0, activation=None, batch=False
):
    y, (p, q) = one_hot(y_true, y_pred), probabilities(y_pred, activation)
    missed = WIDE(alpha) * sums((1 - y) * p, batch) + WIDE(beta) * sums(y * q, batch)
    return ratio(missed, sums(y * p, batch) + WIDE(smooth) + missed) ** WIDE(gamma)


def parts(y_true, y_pred, params):
    """Target, probabilities and their derivatives, and the numbers that make up a loss.

    These are, for each region and with axes for its pixels: weights of both errors, what is
    common, the whole, the mismatch relative to it, and the exponent.
    """
    y, (p, q) = one_hot(y_true, y_pred), probabilities(y_pred, params.get("activation"))
    slope = p * q if params.get("activation") else np.ones_like(p)
    alpha, beta = params.get("alpha", 0.5), params.get("beta", 0.5)
    smooth = params.get("smooth", 1.0) / (1 if params.get("of_tversky") else 2)
    axes = pixel_axes(y.ndim)

    def add(terms):
        return terms.sum(axis=axes, keepdims=True)

    missed = alpha * add((1 - y) * p) + beta * add(y * q)
    if params.get("squared"):
        missed = add((y * q - (1 - y) * p) ** 2) / 2
    common = add(y * p) + smooth
    whole = common + missed
    gamma = params.get("gamma", 1.0)
    return y, p, slope, alpha, beta, common, whole, ratio(missed, whole), gamma


def overlap_scale(*arrays, **params):
    """The distance to where the denominator is 0, and to a loss of 0 for powers of it."""
    *_, whole, loss, gamma = parts(*arrays, params)
    scale = np.minimum(1, whole) / 4 * (loss if gamma != 1 else 1)
    return np.broadcast_to(scale, arrays[1].shape)


def overlap_terms(*arrays, **params):
    y, p, slope, alpha, beta, common, whole, loss, gamma = parts(*arrays, params)
    with np.errstate(divide="ignore", invalid="ignore"):
        outer = np.where(loss == 0, gamma == 1, gamma * loss ** (gamma - 1)) / whole * slope
        index = common / whole
        if params.get("squared"):
            terms = outer * (2 * alpha * index * (y + p) + loss * y)
        else:
            terms = outer * ((1 - y) * alpha * index + y * (beta * index + loss))
    return np.where(whole == 0, 0, terms)


def squared_terms(y_true, y_pred, **params):
    """Squares of differences are small where their terms are not."""
    if not params.get("squared"):
        return None
    y, p, *_, whole, _, _ = parts(y_true, y_pred, params)
    return ratio(sums((y + p) ** 2, False), whole.reshape(whole.shape[:2]))


def of_tversky(function):
    """A function of `parts` for the loss whose smoothing is not halved."""
    return lambda *arrays, **params: function(*arrays, **params, of_tversky=True)


def masks(rng, shape, dtype, params):
    """Soft and hard masks, and probabilities."""
    return soft_targets(rng, shape, dtype), rng.uniform(0.02, 0.98, shape).astype(dtype)


def hard_masks(rng, shape, dtype, params):
    """Empty and full masks, and predictions that are right, wrong or certain."""
    y_true = rng.random(shape) < rng.choice([0, 0.2, 1], (*shape[:2], *[1] * (len(shape) - 2)))
    flipped = rng.random(shape) < rng.choice([0, 0.1], (*shape[:2], *[1] * (len(shape) - 2)))
    y_pred = np.where(rng.random(shape) < 0.5, y_true ^ flipped, rng.random(shape))
    y_pred = np.where(rng.random(shape[:2])[(..., *[np.newaxis] * (len(shape) - 2))] < 0.3,
                      y_true, y_pred)  # fmt: skip
    return y_true.astype(dtype), y_pred.astype(dtype)


def mask_logits(rng, shape, dtype, params):
    return soft_targets(rng, shape, dtype), rng.normal(scale=3, size=shape).astype(dtype)


def labels(rng, shape):
    return rng.integers(0, shape[1], (shape[0], *shape[2:]))


def labels_and_probabilities(rng, shape, dtype, params):
    return labels(rng, shape), rng.uniform(0.02, 0.98, shape).astype(dtype)


def labels_and_logits(rng, shape, dtype, params):
    return labels(rng, shape), rng.normal(scale=3, size=shape).astype(dtype)


def huge_masks(rng):
    shape = (1000, 5, 1000)
    return [(rng.random(shape) < 0.5).astype(float), rng.random(shape)]


def huge_labels(rng):
    shape = (1000, 5, 1000)
    return [rng.integers(0, 2, (1000, 1000)).astype(float), rng.random(shape)]


SHAPES = ((1, 1), (1, 2, 7), (9, 5, 4), (5, 3), (2, 3, 2, 3))
LARGE = ((960, 3), (1, 2, 16385), (7, 5, 961), (2, 70, 40), (2, 260, 200), (3, 4, 65, 61))
BAD_MASKS = (("y_true", -0.25), ("y_true", 1.25))
BAD_PROBABILITIES = (("y_pred", -0.25), ("y_pred", 1.25))
BAD_INDEX = (("y_true", -1), ("y_true", 100), ("y_true", 0.5), ("y_true", np.uint64(2**63)))


def overlap_data(**params):
    """The kinds of data, each with its own sets of parameters."""
    return {
        "masks": Data(
            masks, params["plain"], SHAPES, LARGE, (3, 4, 10_000),
            (*BAD_MASKS, *BAD_PROBABILITIES), huge=huge_masks,
        ),
        "hard": Data(hard_masks, params["hard"], SHAPES, LARGE, (40, 3, 1000), ()),
        "mask_logits": Data(
            mask_logits, params["activated"], SHAPES, LARGE, (3, 4, 10_000), BAD_MASKS,
            huge=huge_masks,
        ),
        "labels": Data(
            labels_and_probabilities, params["plain"][:3], SHAPES, LARGE, (70, 5, 400),
            (*BAD_INDEX, *BAD_PROBABILITIES), huge=huge_labels,
        ),
        "label_logits": Data(
            labels_and_logits, params["activated"][:2], SHAPES, LARGE, (3, 4, 10_000), BAD_INDEX,
            huge=huge_labels,
        ),
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------
# Lovász extensions
# ---------------------------------------------------------------------------------------------


def extension(errors, is_class):
    """Sum of the errors, times what each pixel adds to the Jaccard loss of those before it."""
    errors, is_class = errors.reshape(-1), is_class.reshape(-1)
    order = np.argsort(-errors, kind="stable")
    hits = is_class[order].astype(int)
    left = 0 * errors + (hits.sum() - hits.cumsum())  # in the arithmetic of the errors
    union = hits.sum() + (1 - hits).cumsum()
    loss = np.concatenate([np.zeros(1, errors.dtype), 1 - left / union])
    return (np.maximum(errors[order], 0) * np.diff(loss)).sum()


def lovasz_hinge(y_true, y_pred):
    errors = 1 - (2 * y_true.astype(y_pred.dtype) - 1) * y_pred
    return np.array(list(map(extension, errors, y_true == 1)), y_pred.dtype)


def lovasz_softmax(y_true, y_pred):
    losses = []
    for y, p in zip(y_true, y_pred, strict=True):
        of_classes = [extension(np.abs((y == c) - p[int(c)]), y == c) for c in np.unique(y)]
        losses.append(sum(of_classes) / len(of_classes))
    return np.array(losses, y_pred.dtype)


def distances(errors):
    """Of each number to the nearest other one, and to 0."""
    flat = errors.reshape(-1)
    order = np.argsort(flat)
    gaps = np.concatenate([[np.inf], np.diff(flat[order]), [np.inf]])
    found = np.empty_like(flat)
    found[order] = np.minimum(gaps[1:], gaps[:-1])
    return np.minimum(found, np.abs(flat)).reshape(errors.shape) / 4


def hinge_scale(y_true, y_pred):
    errors = 1 - (2 * y_true.astype(y_pred.dtype) - 1) * y_pred
    return np.stack(list(map(distances, errors)))


def softmax_scale(y_true, y_pred):
    errors = np.abs(one_hot(y_true, y_pred) - y_pred)
    regions = errors.reshape(-1, *errors.shape[2:])
    return np.stack(list(map(distances, regions))).reshape(errors.shape)


def mask_and_logits(rng, shape, dtype, params):
    return rng.integers(0, 2, shape).astype(dtype), rng.normal(scale=2, size=shape).astype(dtype)


def hard_logits(rng, shape, dtype, params):
    """Ties, empty and full masks, logits at the kink and far from it."""
    sides = rng.choice([0, 0.5, 1], shape[:1])[(..., *[np.newaxis] * (len(shape) - 1))]
    y_pred = rng.choice([-1e30, -5.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, 1e4], shape)
    return (rng.random(shape) < sides).astype(dtype), y_pred.astype(dtype)


def hard_probabilities(rng, shape, dtype, params):
    y_true = labels(rng, shape)
    y_true[::2] %= 2  # absent classes
    return y_true, rng.choice([0, 0.25, 0.5, 1.0], shape).astype(dtype)


def huge_hinge(rng):
    shape = (1000, 5000)
    return [(rng.random(shape) < 0.5).astype(float), rng.normal(size=shape)]


REFERENCES = (
    Reference(
        "dice_loss",
        dice,
        overlap_data(
            plain=(
                {},
                {"smooth": 0.0},
                {"squared": True},
                {"squared": True, "smooth": 0},
                {"smooth": 1e-5},
                {"smooth": 100.0},
            ),
            hard=({}, {"smooth": 0.0}, {"squared": True, "smooth": 0.0}, {"smooth": 1e-30}),
            activated=(
                {"activation": "sigmoid"},
                {"activation": "sigmoid", "squared": True},
                {"activation": "sigmoid", "smooth": 0.0},
            ),
        ),
        reduced=pixel_axes,
        scale=overlap_scale,
        value_terms=squared_terms,
        terms=overlap_terms,
        invalid=(
            ("smooth", -1),
            ("smooth", np.nan),
            ("smooth", np.inf),
            ("smooth", None),
            ("squared", "yes"),
            ("squared", None),
            ("activation", "tanh"),
            ("activation", 1),
            ("batch", "yes"),
            ("batch", None),
        ),
        others={"smooth": 0.5, "squared": True, "activation": "sigmoid", "batch": True},
    ),
    Reference(
        "tversky_loss",
        tversky,
        overlap_data(
            plain=(
                {},
                {"alpha": 0.3, "beta": 0.7, "gamma": 0.75},
                {"alpha": 1, "beta": 1, "smooth": 0.0},
                {"alpha": 0.0, "beta": 1.0},
                {"alpha": 2.0, "beta": 0.0, "gamma": 2.0},
                {"gamma": 3, "smooth": 1e-5},
            ),
            hard=(
                {"alpha": 1, "beta": 1},
                {"gamma": 0.5, "smooth": 0.0},
                {"gamma": 2.0, "smooth": 0},
                {"alpha": 0.0, "beta": 1.0, "smooth": 0.0},
            ),
            activated=(
                {"activation": "sigmoid"},
                {"activation": "sigmoid", "alpha": 0.3, "beta": 0.7, "gamma": 0.75},
                {"activation": "sigmoid", "smooth": 0.0, "gamma": 2},
            ),
        ),
        reduced=pixel_axes,
        scale=of_tversky(overlap_scale),
        terms=of_tversky(overlap_terms),
        invalid=(
            ("alpha", -1),
            ("alpha", np.nan),
            ("beta", -0.5),
            ("beta", np.inf),
            ("gamma", 0),
            ("gamma", -1.0),
            ("gamma", None),
            ("smooth", -1),
            ("activation", "tanh"),
            ("batch", "yes"),
        ),
        others={
            "alpha": 0.9,
            "beta": 0.2,
            "gamma": 2.0,
            "smooth": 0.5,
            "activation": "sigmoid",
            "batch": True,
        },
    ),
    Reference(
        "lovasz_hinge_loss",
        lovasz_hinge,
        {
            name: Data(
                arrays,
                ({},),
                ((1, 1), (1, 7), (5, 3), (2, 3, 4)),
                ((960, 3), (1, 16385), (7, 5, 961), (2, 260, 200)),
                (3, 40_000),
                (("y_true", -1), ("y_true", 0.5), ("y_true", 2), ("y_true", -2.0)),
                huge=huge_hinge,
            )
            for name, arrays in (("plain", mask_and_logits), ("hard", hard_logits))
        },
        reduced=lambda ndim: tuple(range(1, ndim)),
        scale=hinge_scale,
    ),
    Reference(
        "lovasz_softmax_loss",
        lovasz_softmax,
        {
            name: Data(
                arrays,
                ({},),
                ((1, 1, 1), (1, 2, 7), (9, 5, 4), (2, 3, 2, 3)),
                ((2, 4100, 3), (1, 2, 16385), (7, 5, 961), (2, 260, 200)),
                (2, 3, 40_000),
                (*BAD_INDEX, *BAD_PROBABILITIES),
                huge=huge_labels,
            )
            for name, arrays in (("plain", labels_and_probabilities), ("hard", hard_probabilities))
        },
        reduced=lambda ndim: tuple(range(1, ndim)),
        scale=softmax_scale,
    ),
)
