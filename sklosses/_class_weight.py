"""Weights of the classes: their check, and those that balance the classes of some labels."""

import itertools
from numbers import Real

import numpy as np

from ._domains import NONNEGATIVE
from ._validation import as_parameter, chunks, raise_outside


def check_class_weight(class_weight, n_classes, name="class_weight"):
    """Check class weights, an array or a dict by class index; return float64 (n_classes,)."""
    if isinstance(class_weight, dict):
        weights = np.ones(n_classes)
        for label, value in class_weight.items():
            if isinstance(label, (bool, np.bool_)):
                label = int(label)
            if not isinstance(label, (int, np.integer)) or not 0 <= label < n_classes:
                raise ValueError(
                    f"The keys of {name} must be class indices from 0 to {n_classes - 1}. "
                    f"Got {label!r} instead."
                )
            if not isinstance(value, (Real, np.bool_)):
                raise ValueError(
                    f"The values of {name} must be real numbers. Got {value!r} for {label!r}."
                )
            try:
                weights[label] = value
            except OverflowError:
                raise ValueError(
                    f"The values of {name} must fit a float. Got {value!r} for {label!r}."
                ) from None
    else:
        weights = as_parameter(class_weight, name).astype(np.float64)
    if weights.shape != (n_classes,):
        raise ValueError(
            f"{name} must have shape ({n_classes},), one weight for each class. "
            f"Got {weights.shape} instead."
        )
    if NONNEGATIVE.outside(weights).any():
        raise_outside(weights, name, NONNEGATIVE)
    return np.ascontiguousarray(weights)


def balanced_weight(labels, n_classes, class_axis, ignore_index, weight=None):
    """Class weights total / (n_classes * count), scikit-learn's "balanced"; 0 for absent classes.

    Parameters are those of `count_classes`.
    """
    return balance(count_classes(labels, n_classes, class_axis, ignore_index, weight))


def balance(counts):
    """Class weights that balance classes with these counts, an array of shape (n_classes,)."""
    present = counts > 0
    weights = np.zeros(len(counts))
    weights[present] = counts.sum() / (len(counts) * counts[present])
    return weights


def count_classes(labels, n_classes, class_axis, ignore_index, weight=None):
    """How often each class occurs, float64 of shape (n_classes,).

    Samples are counted with their `weight`, which has the shape of the labels without a class
    axis. For dense targets (`class_axis` is not None), the count of a class is the sum of its
    probabilities.
    """
    counts = np.zeros(n_classes)
    if class_axis is None:
        weights = itertools.repeat((0, None)) if weight is None else chunks(weight)
        for (_, values), (_, own) in zip(chunks(labels), weights, strict=False):
            kept = values != ignore_index
            counts += np.bincount(
                values[kept].astype(np.int64),
                None if own is None else own[kept].astype(np.float64),
                minlength=n_classes,
            )
    elif weight is None:
        others = tuple(axis for axis in range(labels.ndim) if axis != class_axis)
        counts += labels.sum(axis=others, dtype=np.float64)
    else:
        axes = list(range(weight.ndim))
        labels = np.moveaxis(labels, class_axis, -1)
        # In float64 and without BLAS, whose rounding depends on the CPU.
        counts += np.einsum(
            labels, [*axes, ...], weight, axes, [...], dtype=np.float64, casting="unsafe"
        )
    return counts
