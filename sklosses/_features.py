"""What a fit of a linear model needs of its features: their moments, and features near zero.

Means and moments are those of all samples or, for losses that compare the samples of a group with
each other, of the deviations from the means of the groups (`Grouping`).
"""

from typing import Any

import numpy as np
from scipy import sparse

# Number of elements of X that are copied at a time.
_BLOCK = 1 << 18

# What a subset of the samples can tell is found out from this many of them.
N_ROWS = 4096

# ---------------------------------------------------------------------------------------------
# Moments
# ---------------------------------------------------------------------------------------------


def moments_of(X, weight, centred, correlated=True):
    """Weighted mean of the features, and their covariance matrix or just their variances.

    Unless `centred`, the mean is taken to be 0. Unless `correlated`, there are only variances.
    """
    n_samples, n_features = X.shape
    share = None if weight is None else weight / weight.sum()
    mean = np.zeros(n_features)
    if centred:
        mean = np.ones(n_samples, X.dtype) @ X / n_samples
        if share is not None:
            mean = share.astype(X.dtype) @ X
        mean = mean.astype(np.float64)
    if sparse.issparse(X):
        # X is not centred, because that would make it dense.
        scaled = X / n_samples if share is None else sparse.diags_array(share) @ X
        if correlated:
            return mean, (X.T @ scaled).toarray() - np.outer(mean, mean)
        return mean, np.asarray(scaled.multiply(X).sum(axis=0)).ravel() - mean**2
    covariance = np.zeros((n_features, n_features) if correlated else n_features)
    n_rows = max(1, _BLOCK // n_features)
    for start in range(0, n_samples, n_rows):
        block = slice(start, start + n_rows)
        # In float64, because eigenvalues far below the largest one are small differences.
        rows = X[block] - mean
        if share is not None:
            rows *= np.sqrt(share[block])[:, np.newaxis]
        covariance += rows.T @ rows if correlated else (rows * rows).sum(axis=0)
    return mean, covariance / n_samples if share is None else covariance


def root_of(X, weight, mean):
    """A matrix R whose square, R.T @ R, is the covariance that `moments_of` returns."""
    n_samples, n_features = X.shape
    share = np.full(n_samples, 1 / n_samples) if weight is None else weight / weight.sum()
    root = np.empty((0, n_features))
    n_rows = max(n_features, _BLOCK // n_features)
    for start in range(0, n_samples, n_rows):
        block = slice(start, start + n_rows)
        rows = np.sqrt(share[block])[:, np.newaxis] * (X[block] - mean)
        root = np.linalg.qr(np.vstack([root, rows]), mode="r")
    return root


# ---------------------------------------------------------------------------------------------
# Features far from zero
# ---------------------------------------------------------------------------------------------


def shift_of(X, weight, is_full=None):
    """What to subtract from the features before the fit; None if they can stay as they are.

    `is_full` replaces the mask of `full_columns`, if X is a part of a sparse matrix.

    For a feature of mean m and standard deviation s, the products with the coefficients and with
    the gradient lose log10(m / s) digits. Up to a ratio of eps^(-1/4), enough digits remain for any
    tolerance. Beyond that, the mean is subtracted. A constant feature becomes exactly 0.
    """
    used = np.arange(X.shape[0]) if weight is None else np.flatnonzero(weight)
    rows = X[used[:: max(1, len(used) // N_ROWS)]]
    if sparse.issparse(rows):
        rows = rows.toarray()
    # One of the rows is subtracted first, so that mean and deviation are accurate.
    rows = rows.astype(np.float64)
    pivot = rows[0].copy()
    rows -= pivot
    shift = (pivot + rows.mean(axis=0)).astype(X.dtype)
    is_far = np.abs(shift) > np.finfo(X.dtype).eps ** -0.25 * rows.std(axis=0)
    if sparse.issparse(X) and is_far.any():
        # Unless its zeros are few, a feature with implicit zeros has a deviation of the order of
        # its mean, and need not be shifted.
        is_far &= full_columns(X) if is_full is None else is_full
    return np.where(is_far, shift, 0) if is_far.any() else None


def full_columns(X):
    """Mask of the columns of a sparse X that have all elements stored."""
    # The parts of duplicate entries would each be shifted.
    is_full = np.bincount(_columns(X), minlength=X.shape[1]) == X.shape[0]
    return is_full & bool(X.has_canonical_format)


def _columns(X):
    """The column of each stored element of a sparse X."""
    return X.indices if X.format == "csr" else np.repeat(np.arange(X.shape[1]), np.diff(X.indptr))


def shifted(X, shift):
    """X - shift. In a sparse X, all elements of the shifted columns are stored."""
    if not sparse.issparse(X):
        return X - shift
    X = X.copy()
    X.data -= shift[_columns(X)]
    return X


# ---------------------------------------------------------------------------------------------
# Features within groups
# ---------------------------------------------------------------------------------------------


def _as_csr(X, **options) -> Any:
    return sparse.csr_array(X, **options)


class Grouping:
    """Sums over the groups of samples that a loss compares with each other.

    Parameters
    ----------
    groups : ndarray of shape (n_samples,)
        The number of the group of each sample.
    weight : ndarray of shape (n_samples,), default=None

    Attributes
    ----------
    first : ndarray of shape (n_groups,)
        A sample of each group.
    numbers : ndarray of shape (n_samples,)
        As `groups`, but without gaps.
    totals : ndarray of shape (n_groups,)
        The weight of each group.
    """

    def __init__(self, groups, weight=None):
        _, self.first, self.numbers = np.unique(groups, return_index=True, return_inverse=True)
        weight = np.ones(len(groups)) if weight is None else weight.astype(np.float64)
        n_groups, n_samples = len(self.first), len(groups)
        self.totals = np.bincount(self.numbers, weight, n_groups)
        place = self.numbers, np.arange(n_samples)
        self.matrix = sparse.csr_array((weight, place), (n_groups, n_samples))

    def means(self, X):
        """Weighted means of the features, (n_groups, n_features); 0 in a group without weight."""
        share = np.divide(1, self.totals, out=np.zeros_like(self.totals), where=self.totals > 0)
        return sparse.diags_array(share) @ (self.matrix @ X)

    def centred(self, X):
        """Dense X minus the means of each group, in float64. Constants become exactly 0."""
        rows = X - self.spread(X[self.first].astype(np.float64))
        rows -= self.spread(self.means(rows))
        return rows

    def spread(self, values):
        """What each sample has in common with its group, from one row for each group."""
        is_row = len(self.first) == 1 and not sparse.issparse(values)  # NumPy broadcasts it
        return values if is_row else values[self.numbers]

    def between(self, X, correlated):
        """The part of the second moments of sparse X that is due to the means of groups."""
        means = _as_csr(self.means(X))
        scaled = sparse.diags_array(self.totals / self.totals.sum()) @ means
        if correlated:
            return (means.T @ scaled).toarray()
        return np.asarray(scaled.multiply(means).sum(axis=0)).ravel()

    def shift(self, X):
        """What to subtract in each group from the features; None if they can stay as they are.

        The same as `shift_of`, with the means and deviations within groups. In sparse X, all
        elements of a column and a group have to be stored; otherwise they stay.
        """
        shift, full = X[self.first].astype(np.float64), None
        if sparse.issparse(X):
            stored = _as_csr(X, dtype=np.float64, copy=True)
            if not stored.has_canonical_format:
                return None
            stored.data[:] = 1
            full = self.matrix @ stored
            full.data = 1.0 * (full.data == np.repeat(self.totals, np.diff(full.indptr)))
            shift = _as_csr(shift.multiply(full))
        rest = self.means(X - self.spread(shift))
        shift = (shift + (rest if full is None else rest.multiply(full))).astype(X.dtype)
        square, deviation = (
            moments_of(item, None, False, correlated=False)[1]
            for item in (X, X - self.spread(shift))
        )
        is_far = np.sqrt(square) > np.finfo(X.dtype).eps ** -0.25 * np.sqrt(deviation)
        if not is_far.any():
            return None
        return shift * is_far if full is None else shift @ sparse.diags_array(1.0 * is_far)


def shifted_within(X, groups):
    """X minus the means of the groups, for features that are far from 0."""
    grouping = Grouping(groups)
    if sparse.issparse(X):
        shift = grouping.shift(X)
        if shift is None:
            return X
        return type(X)((X - grouping.spread(shift)).astype(X.dtype))
    parts, width = [], max(1, 16 * _BLOCK // len(X))
    for start in range(0, X.shape[1], width):
        parts.append((slice(start, start + width), grouping.shift(X[:, start : start + width])))
    parts = [(columns, shift) for columns, shift in parts if shift is not None]
    if parts:
        X = X.copy(order="K")
    for columns, shift in parts:
        X[:, columns] -= grouping.spread(shift)
    return X
