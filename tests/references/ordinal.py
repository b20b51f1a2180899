"""References of the losses in ``sklosses.losses.ordinal``."""

import numpy as np

from ._base import Data, Reference, last_axis
from ._shared import LOGITS, place, sigmoid, softplus
from .multiclass import BAD_INDEX, ROW_LARGE, ROW_SHAPES


def logits_and_ranks(rng, shape, dtype, params):
    z = rng.normal(scale=3, size=shape).astype(dtype)
    return np.asarray(rng.integers(0, shape[-1] + 1, shape[:-1])), z


def hard_ranks(rng, shape, dtype, params):
    """Saturated logits, and as many samples of the lowest and the highest class as others."""
    labels, z = logits_and_ranks(rng, shape, dtype, params)
    ends = rng.integers(0, 2, labels.shape) * shape[-1]
    labels = np.where(rng.random(labels.shape) < 0.5, ends, labels)
    return labels, place(rng, LOGITS, z)


def is_above(y_true, y_pred):
    """Whether a label is above each class but the last, and whether it is not below it."""
    k = np.arange(y_pred.shape[-1])
    y = np.expand_dims(y_true, -1)
    return y > k, y >= k


def coral(y_true, y_pred):
    above, _ = is_above(y_true, y_pred)
    return np.where(above, softplus(-y_pred), softplus(y_pred)).sum(axis=-1)


def corn(y_true, y_pred):
    above, asked = is_above(y_true, y_pred)
    terms = np.where(above, softplus(-y_pred), softplus(y_pred))
    return np.where(asked, terms, 0).sum(axis=-1)


def corn_counts(arrays, shape):
    """The number of questions that are asked of a sample."""
    y_true, y_pred = arrays
    return is_above(y_true, y_pred)[1].sum(axis=-1).astype(float).reshape(shape)


def rank_data(arrays, bad):
    return Data(arrays, ({},), ROW_SHAPES, ROW_LARGE, (15_000, 8), bad)


def scores_and_thresholds(rng, shape, dtype, params):
    labels = np.asarray(rng.integers(0, 3, shape))
    thresholds = np.array([-1.0, rng.uniform(0, 2)])
    return (
        labels,
        np.asarray(rng.normal(scale=3, size=shape)).astype(dtype),
        thresholds.astype(dtype),
    )


def score_and_one_threshold(rng, shape, dtype, params):
    labels, z, _ = scores_and_thresholds(rng, shape, dtype, params)
    return labels // 2, z, np.array([0.5], dtype)


def far_scores(rng, shape, dtype, params):
    """Thresholds that are close, and predictions that are far away."""
    labels, z, _ = scores_and_thresholds(rng, shape, dtype, params)
    return labels, place(rng, LOGITS, z), np.array([-1.0, -0.999], dtype)


def bounds(y_true, y_pred, thresholds):
    """The distances of the thresholds around each class from the prediction, and their own."""
    low = np.concatenate([[-np.inf], thresholds]).astype(thresholds.dtype)
    high = np.concatenate([thresholds, [np.inf]]).astype(thresholds.dtype)
    label = np.asarray(y_true).astype(int)
    return low[label] - y_pred, high[label] - y_pred, (high - low)[label]


def cumulative_logit(y_true, y_pred, thresholds):
    a, b, gap = bounds(y_true, y_pred, thresholds)
    return softplus(-b) + softplus(a) - np.log(-np.expm1(-gap))


def rounded(x, size):
    """The size of a function of `x`, and of what a rounding error of `x` makes of its slope."""
    return np.where(np.isfinite(x), np.abs(x), 0) * size


def cumulative_logit_value_terms(y_true, y_pred, thresholds):
    a, b, _ = bounds(y_true, y_pred, thresholds)
    value = cumulative_logit(y_true, y_pred, thresholds)
    return value + rounded(a, sigmoid(a)) + rounded(b, sigmoid(-b))


def at_thresholds(y_true, lower, upper):
    """Sums over the samples of terms that belong to the thresholds around their classes."""
    label = np.asarray(y_true).astype(int).ravel()
    by_class = [
        np.array([terms.ravel()[label == k].sum() for k in range(3)]) for terms in (lower, upper)
    ]
    return by_class[0][1:] + by_class[1][:-1]


def cumulative_logit_terms(y_true, y_pred, thresholds):
    a, b, gap = bounds(y_true, y_pred, thresholds)
    lower = sigmoid(a) + rounded(a, sigmoid(a) * sigmoid(-a))
    upper = sigmoid(-b) + rounded(b, sigmoid(b) * sigmoid(-b))
    ratio = 1 / np.expm1(gap)
    n = len(thresholds)
    return lower + upper, at_thresholds(y_true, lower + ratio, upper + ratio)[:n]


def cumulative_logit_hessian_terms(y_true, y_pred, thresholds):
    a, b, gap = bounds(y_true, y_pred, thresholds)
    lower, upper = ((1 + rounded(t, 1)) * sigmoid(t) * sigmoid(-t) for t in (a, b))
    ratio = 1 / np.expm1(gap)
    bend = ratio * (1 + ratio)
    n = len(thresholds)
    return lower + upper, at_thresholds(y_true, lower + bend, upper + bend)[:n]


def cumulative_logit_scale(y_true, y_pred, thresholds):
    """A threshold may move up to the next one."""
    gap = np.diff(thresholds).min() if len(thresholds) > 1 else 1
    return np.ones(y_pred.shape), np.full(thresholds.shape, min(gap, 1))


def two_thresholds(rng, shapes):
    return [rng.integers(0, 2, shapes[0]), rng.integers(0, 2, shapes[1]), np.arange(*shapes[2])]


def huge_scores(n_thresholds):
    def make(rng):
        shape = (1_000_000, 5)
        return [rng.integers(0, 2, shape), rng.random(shape), np.arange(float(n_thresholds))]

    return make


def threshold_data(arrays, n_thresholds, bad=()):
    return Data(
        arrays,
        bad=bad,
        zeros_and_ones=two_thresholds,
        huge=huge_scores(n_thresholds),
        shared=("thresholds",),
    )


REFERENCES = (
    Reference(
        "coral_loss",
        coral,
        {"plain": rank_data(logits_and_ranks, BAD_INDEX), "hard": rank_data(hard_ranks, ())},
        reduced=last_axis,
    ),
    Reference(
        "corn_loss",
        corn,
        {"plain": rank_data(logits_and_ranks, BAD_INDEX), "hard": rank_data(hard_ranks, ())},
        counts=corn_counts,
        reduced=last_axis,
    ),
    Reference(
        "cumulative_logit_loss",
        cumulative_logit,
        {
            "plain": threshold_data(
                scores_and_thresholds,
                2,
                (*BAD_INDEX, ("y_true", 3)),
            ),
            "two classes": threshold_data(score_and_one_threshold, 1, (("y_true", 2),)),
            "hard": threshold_data(far_scores, 2),
        },
        scale=cumulative_logit_scale,
        value_terms=cumulative_logit_value_terms,
        terms=cumulative_logit_terms,
        hessian_terms=cumulative_logit_hessian_terms,
    ),
)
