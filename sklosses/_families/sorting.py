"""Rows sorted by label or by number, for the families whose losses compare rows."""

from typing import Any

import numpy as np

from .._domains import LABELS
from .._kernels import groups
from .._validation import codes_of_labels, first_where

# The bit of the sign.
_SIGN = np.uint64(1 << 63)


def sort_keys(values, *, highest_first=False) -> Any:
    """Unsigned integers in the order of the numbers, in reverse if `highest_first`.

    None for what is not numbers of 64 bits.
    """
    kind = values.dtype.kind
    if kind == "f" and values.dtype.itemsize <= 8:
        single = values.dtype == np.float32
        values = np.ascontiguousarray(values, dtype=np.float32 if single else np.float64)
        return groups.sort_keys(values, highest_first)
    if kind == "u" or kind == "b":
        keys = values.astype(np.uint64)
    elif kind == "i":
        keys = values.astype(np.int64).view(np.uint64) ^ _SIGN
    else:
        return None
    return ~keys if highest_first else keys


def keys_of_numbers(values, **order):
    """`sort_keys` of real numbers of any dtype."""
    return sort_keys(values if values.dtype.itemsize <= 8 else values.astype(np.float64), **order)


def _changes(values):
    """Where values begin that differ from the one before, and the number of values."""
    changed = (values[1:] != values[:-1]).nonzero()[0]
    bounds = np.empty(len(changed) + 2, np.intp)
    bounds[0], bounds[-1] = 0, len(values)
    np.add(changed, 1, out=bounds[1:-1])
    return bounds


def sort_groups(labels, name):
    """Sort rows by their labels.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    name : str
        Name of the argument, for messages.

    Returns
    -------
    order : intp ndarray of shape (n,), or None
        The rows sorted by label. Rows of the same label stay in order. None if they are sorted.
    starts : intp ndarray of shape (n_groups + 1,)
        Where each group begins in `order`, and n.
    """
    if labels.dtype.kind in "biufSUmM":
        starts = _changes(labels)
        heads = labels[starts[:-1]]
        if np.all(heads[1:] > heads[:-1]):
            return None, starts
    keys = sort_keys(labels)
    if keys is None:
        keys = codes_of_labels(labels, name).astype(np.uint64)
    order = groups.sort_rows(keys)
    return order, _changes(keys[order])


def first_unsortable(labels):
    """The index of the first label that is NaN or infinite, or None."""
    if labels.dtype.kind in "iubSU":
        return None
    return first_where(labels, LABELS.outside)
