"""References of the losses in ``sklosses.losses.multilabel``."""

import numpy as np

from ._base import Data, Reference, last_axis
from ._shared import LOGITS, place, soft_targets
from .binary import bce_with_logits, bce_with_logits_terms
from .multiclass import (
    BAD_INDEX,
    CLASS_WEIGHT_INVALID,
    ROW_LARGE,
    ROW_SHAPES,
    per_last,
    resolve_class_weight,
)


def label_lists(rng, shape, dtype, params):
    """Lists of none to all of the classes, ended by -1 and followed by arbitrary numbers."""
    n_classes = shape[-1]
    lists = np.asarray(rng.integers(-1, n_classes, shape))
    for row in lists.reshape(-1, n_classes):
        n = rng.integers(0, min(n_classes, 40) + 1)
        row[:n] = rng.permutation(n_classes)[:n]
        if n < n_classes:
            row[n] = -1
    # A class that is listed twice counts twice.
    if n_classes > 3:
        lists.reshape(-1, n_classes)[0, :4] = [2, 1, 2, -1]
    else:
        lists.reshape(-1, n_classes)[0, :2] = [0, -1][: min(2, n_classes)]
    return lists, rng.normal(scale=2, size=shape).astype(dtype)


def hard_lists(rng, shape, dtype, params):
    lists, z = label_lists(rng, shape, dtype, params)
    return lists, place(rng, [0.0, 0.0, 1.0, 1.0, 2.0, 1e4, -1e4, 1e-9], z)


def times_listed(y_true, n_classes):
    ended = np.maximum.accumulate(y_true == -1, axis=-1)
    labels = np.where(ended, n_classes, y_true)
    return (labels[..., None] == np.arange(n_classes)).sum(axis=-2)


def list_margins(y_true, y_pred):
    """1 - x_j + x_k for each pair (j, k) of classes, and its weight, 0 where it is no pair."""
    times = times_listed(y_true, y_pred.shape[-1])
    z = 1 - y_pred[..., :, None] + y_pred[..., None, :]
    return z, times[..., :, None] * (times == 0)[..., None, :]


def multilabel_margin(y_true, y_pred):
    z, weight = list_margins(y_true, y_pred)
    return (weight * np.maximum(0, z)).sum(axis=(-2, -1)) / y_pred.shape[-1]


def multilabel_margin_scale(y_true, y_pred):
    z, weight = list_margins(y_true, y_pred)
    distance = np.where(weight != 0, np.abs(z), np.inf)
    nearest = np.minimum(distance.min(axis=-1), distance.min(axis=-2))
    return np.where(np.isfinite(nearest), nearest, 1.0)


def multilabel_margin_value_terms(y_true, y_pred):
    _, weight = list_margins(y_true, y_pred)
    size = 1 + np.abs(y_pred)[..., :, None] + np.abs(y_pred)[..., None, :]
    return (weight * size).sum(axis=(-2, -1)) / y_pred.shape[-1]


def multilabel_margin_terms(y_true, y_pred):
    z, weight = list_margins(y_true, y_pred)
    active = weight * (z > 0)
    return (active.sum(axis=-1) + active.sum(axis=-2)) / y_pred.shape[-1]


def indicators(rng, shape, dtype, params):
    z = rng.normal(scale=3, size=shape).astype(dtype)
    return soft_targets(rng, shape, dtype), z


def hard_indicators(rng, shape, dtype, params):
    y_true, z = indicators(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def weight_of_classes(y_true, y_pred, class_weight):
    """The weight of each class along the last axis, of the dtype of the predictions."""
    n_classes = y_pred.shape[-1]
    if isinstance(class_weight, str):
        counts = y_true.reshape(-1, n_classes).sum(axis=0, dtype=float)
        return counts.sum() / (n_classes * counts)
    return resolve_class_weight(class_weight, None, n_classes, None).astype(y_pred.dtype)


def multilabel_soft_margin(y_true, y_pred, class_weight=None):
    c = weight_of_classes(y_true, y_pred, class_weight)
    return (c * bce_with_logits(y_true, y_pred)).sum(axis=-1) / y_pred.shape[-1]


def multilabel_soft_margin_terms(y_true, y_pred, class_weight=None):
    c = weight_of_classes(y_true, y_pred, class_weight)
    return c * bce_with_logits_terms(y_true, y_pred) / y_pred.shape[-1]


LIST_LARGE = ((2000, 2), (700, 10), (35, 255), (5, 256), (3, 300), (300,))


REFERENCES = (
    Reference(
        "multilabel_margin_loss",
        multilabel_margin,
        {
            name: Data(arrays, ({},), ROW_SHAPES, LIST_LARGE, (15_000, 8), bad)
            for name, arrays, bad in (
                (
                    "plain",
                    label_lists,
                    tuple(
                        (k, -2 if v == -1 else v)
                        for k, v in BAD_INDEX
                        if not isinstance(v, np.uint64)  # no array of these ends with -1
                    ),
                ),
                ("hard", hard_lists, ()),
            )
        },
        scale=multilabel_margin_scale,
        value_terms=multilabel_margin_value_terms,
        terms=multilabel_margin_terms,
        reduced=last_axis,
    ),
    Reference(
        "multilabel_soft_margin_loss",
        multilabel_soft_margin,
        {
            name: Data(
                arrays,
                ({}, {"class_weight": per_last}, {"class_weight": {0: 3.0}}),
                (*ROW_SHAPES, (2, 3, 4)),
                (*ROW_LARGE, (7, 5, 961)),
                (15_000, 8),
                bad,
            )
            for name, arrays, bad in (
                ("plain", indicators, (("y_true", -0.25), ("y_true", 1.25))),
                ("hard", hard_indicators, ()),
            )
        },
        terms=multilabel_soft_margin_terms,
        reduced=last_axis,
        invalid=CLASS_WEIGHT_INVALID,
        others={"class_weight": [1.0, 2.0, 3.0]},
    ),
)
