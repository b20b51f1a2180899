"""Formulas and data that the references of several modules share."""

import numpy as np
from scipy import special

from ._base import WIDE, any_zeros_and_ones


def place(rng, values, array):
    """Write values to random places of an array, each at most once."""
    flat = array.reshape(-1)
    values = np.asarray(values, dtype=array.dtype)
    n = min(len(values), (flat.size + 1) // 2)
    flat[rng.permutation(flat.size)[:n]] = rng.permutation(values)[:n]
    return flat.reshape(array.shape)


def both_signs(*values):
    return [*values, *(-value for value in values)]


def broadcast(array, shape):
    """A broadcast input in the shape of the loss; for (3, 3), a shape of (3,) is one per row."""
    if shape and array.shape == shape[:-1]:
        array = array[..., np.newaxis]
    return np.broadcast_to(array, shape)


def fold(array, shape):
    """The transpose of `broadcast`: sums over the elements that share an element of the input."""
    if array.shape == shape:
        return array
    if shape == array.shape[:-1]:
        return array.sum(axis=-1)
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    summed = tuple(k for k, n in enumerate(shape) if n == 1)
    return array.sum(axis=summed, keepdims=True)


def real(rng, shape, dtype, params):
    y_true = np.asarray(rng.normal(scale=3, size=shape)).astype(dtype)
    return y_true, (y_true + rng.normal(scale=2, size=shape)).astype(dtype)


LOGITS = both_signs(0.0, 1e-30, 1e-9, 5.0, 17.0, 40.0, 88.5, 104.0, 710.0, 746.0, 1e4, 1e30)


def soft_targets(rng, shape, dtype):
    y_true = np.asarray(rng.random(shape)).astype(dtype)
    labels = rng.integers(0, 2, shape)
    return np.where(rng.random(shape) < 0.5, labels, y_true).astype(dtype)


def softplus(z):
    return np.logaddexp(np.zeros_like(z), z)


def sigmoid(z):
    return np.exp(-softplus(-z))


def sign_targets(rng, shape, dtype):
    return (2 * rng.integers(0, 2, shape) - 1).astype(dtype)


def ones_of_both_signs(rng, shapes):
    """Targets of 1: the other target, -1, is neither 0 nor 1."""
    return [np.ones(shapes[0], int), *any_zeros_and_ones(rng, shapes[1:])]


def huge_scores(n_scores):
    def make(rng):
        shape = (1_000_000, 5)
        return [np.ones(shape), *(rng.random(shape) for _ in range(n_scores))]

    return make


SIGNS = {"zeros_and_ones": ones_of_both_signs, "huge": huge_scores(1)}


BAD_SIGNS = (("y_true", 0), ("y_true", 0.5), ("y_true", 2), ("y_true", -2.0))


def minus_log_softmax(z, axis):
    """A sum of terms that are not negative, so that certain predictions keep their digits."""
    top = z.max(axis=axis, keepdims=True)
    e = np.exp(z - top)
    np.put_along_axis(e, np.expand_dims(z.argmax(axis=axis), axis), 0, axis)
    return (top - z) + np.log1p(e.sum(axis=axis, keepdims=True))


def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def norm(x):
    return np.sqrt((x**2).sum(axis=-1))


def erf(x):
    """erf, also of long doubles: a series of terms of one sign or a continued fraction."""
    x = np.asanyarray(x)  # tools/accuracy.py has arrays of its own
    if x.dtype != WIDE or np.float64 == WIDE:
        return special.erf(x)
    root = np.sqrt(WIDE("3.14159265358979323846264"))
    a = np.minimum(np.abs(x), 10)
    result = np.where(np.isnan(x), x, 1)
    # Few numbers are large, and none of those beyond 7 differs from 1.
    small, large = a[a < 1.5], a[(a >= 1.5) & (a < 7)]
    total = np.ones_like(small)
    for n in range(40, 0, -1):
        total = 1 + total * (2 * small * small) / (2 * n + 1)
    result[a < 1.5] = 2 / root * small * np.exp(-small * small) * total
    fraction = large
    for n in range(120, 0, -1):
        fraction = large + WIDE(n) / 2 / fraction
    result[(a >= 1.5) & (a < 7)] -= np.exp(-large * large) / root / fraction
    return np.copysign(result, x)
