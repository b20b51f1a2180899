"""Fits of linear models on Dask arrays: `ChunkedObjective`, and what it reads of the data.

L-BFGS runs where `fit` is called. Coefficients go to the chunks, and sums of the size of the
coefficients come back. In addition, a sample of rows is held in memory, from which the curvature is
estimated; they are the rows that a fit in memory would take.
"""

import copy
import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score
from sklearn.utils import check_array, check_X_y
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from ._blas import one_blas_thread
from ._chunks import Chunks, optimize
from ._domains import NONNEGATIVE, REAL
from ._features import full_columns, moments_of, root_of, shift_of, shifted
from ._labels import encode_classes, encode_indicator, find_positions
from ._linear import Objective, Sample, most_samples, take
from ._outputs import arrange
from ._targets import check_domain
from ._validation import first_where, raise_empty, raise_outside, raise_shapes, refuse_unread
from ._warnings import warn
from .losses.combined import CombinedLoss

# Of scikit-learn's functions, pyright takes the types of the defaults for those of the parameters.
_SPARSE: Any = ["csr", "csc"]
_FLOATS: Any = [np.float64, np.float32]
_DOUBLE: Any = np.float64

# ---------------------------------------------------------------------------------------------
# Chunks as a loss takes them
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Values:
    """How targets are encoded that are numbers."""

    def __call__(self, y, weight, dtype):
        """A tuple of what the loss takes as targets, and weights."""
        return (np.ascontiguousarray(y, dtype=dtype),), weight


@dataclass(frozen=True)
class Labels:
    """How targets are encoded that are labels, one for each sample.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    target : str
        What the loss takes, one of `TARGETS`.
    class_weight : ndarray of shape (n_classes,) or None
    """

    classes: np.ndarray
    target: str
    class_weight: np.ndarray | None

    def __call__(self, y, weight, dtype):
        """A tuple of what the loss takes as targets, and weights."""
        positions = find_positions(y, self.classes)
        if self.class_weight is not None:
            own = self.class_weight[positions]
            weight = own if weight is None else own * weight
        y_true = encode_classes(positions, len(self.classes), self.target)
        return (_cast(y_true, dtype),), weight


@dataclass(frozen=True)
class Indicators:
    """How targets are encoded that are several labels for each sample."""

    target: str

    def __call__(self, y, weight, dtype):
        """A tuple of what the loss takes as targets, and weights."""
        return (_cast(encode_indicator(y, self.target), dtype),), weight


def _cast(y_true, dtype):
    return y_true.astype(dtype, copy=False) if y_true.dtype.kind == "f" else y_true


@dataclass(frozen=True)
class _Reader:
    """Reads a chunk that has been checked: converts it to what the loss takes.

    Parameters
    ----------
    dtype : dtype
        That of the features.
    encode : callable
        One of `Values`, `Labels` and `Indicators`.
    shift : ndarray of shape (n_features,) or None
        What is subtracted from the features.
    """

    dtype: Any
    encode: Any = None
    shift: np.ndarray | None = None

    def __call__(self, X, y, weight):
        X = check_array(X, accept_sparse=_SPARSE, dtype=self.dtype, ensure_all_finite=False)
        if self.shift is not None:
            X = shifted(X, self.shift)
        weight = _read_weight(weight, X.shape[0])
        return X, *self.encode(y, weight, self.dtype)


def _read_weight(weight, n_rows):
    """The weights of a chunk. Unlike those of all the data, they may all be 0."""
    if weight is None:
        return None
    weight = check_array(weight, ensure_2d=False, dtype=_FLOATS, input_name="sample_weight")
    if weight.shape != (n_rows,):
        raise ValueError(
            "sample_weight must have shape (n_samples,), one weight for each sample. Got shape "
            f"{weight.shape} for {n_rows} samples instead."
        )
    return weight


def _read_and_call(function, read, arrays, place, *constants):
    """``function(X, targets, weight, place, *constants)``; None if the chunk has no rows."""
    if not arrays[0].shape[0]:
        return None

    def call():
        with config_context(assume_finite=True):
            data = read(*arrays)
        # Dask computes several chunks at the same time.
        with one_blas_thread():
            return function(*data, place, *constants)

    return place.call(call)


def _combine(merge, results):
    """``merge(results)`` of those that are not None; None if there are none."""
    results = [item for item in results if item is not None]
    return merge(results) if results else None


def _add_each(results):
    """Element by element, the sums of tuples or lists of the same length."""
    return [sum(items[1:], start=items[0]) for items in zip(*results, strict=True)]


# ---------------------------------------------------------------------------------------------
# The first pass: checks, and what has to be known about all the data
# ---------------------------------------------------------------------------------------------


@dataclass
class Survey:
    """What is known after the first pass.

    Parameters
    ----------
    lengths : list of int
        Numbers of rows of the chunks.
    labels : ndarray or None
        The labels, sorted, or the different rows of an indicator; None if there are too many of
        these.
    totals : ndarray or None
        The total weight of each of them.
    columns : ndarray or None
        The total weight of each column of an indicator.
    kinds : set of str
        The `type_of_target` of the chunks.
    is_full : ndarray of bool, or None
        For sparse features, the columns that have all elements stored.
    """

    lengths: list
    labels: Any = None
    totals: Any = None
    columns: Any = 0.0
    kinds: frozenset = frozenset()
    is_full: Any = None

    def __add__(self, other):
        if not (sum(self.lengths) and sum(other.lengths)):
            full = self if sum(self.lengths) else other
            return replace(full, lengths=self.lengths + other.lengths)
        labels = totals = None
        if self.labels is not None and other.labels is not None:
            both = np.concatenate([self.labels, other.labels])
            labels, totals = _count(both, np.concatenate([self.totals, other.totals]))
        return Survey(
            self.lengths + other.lengths,
            labels,
            totals,
            self.columns + other.columns,
            self.kinds | other.kinds,
            None if self.is_full is None else self.is_full & other.is_full,
        )


# An indicator may have this many different rows that are counted.
_MOST_ROWS = 4096


def _count(labels, weight):
    """The different labels, or rows of an indicator, and the total weight of each.

    (None, None) if there are too many different rows.
    """
    if labels.ndim == 1:
        found, places = np.unique(labels, return_inverse=True)
    else:
        found, places = np.unique(labels, axis=0, return_inverse=True)
        if len(found) > _MOST_ROWS:
            return None, None
    return found, np.bincount(places.ravel(), weight, len(found)).astype(np.float64)


def _survey_chunk(caller, dtype, of_labels, arrays, place):
    X, y, weight = arrays
    if not X.shape[0]:
        return Survey([0])
    return place.call(_survey, caller, dtype, of_labels, X, y, weight, place)


def _survey(caller, dtype, of_labels, X, y, weight, place):
    refuse_unread(X=X, y=y, sample_weight=weight)
    try:
        X, y = check_X_y(
            X,
            y,
            accept_sparse=_SPARSE,
            dtype=dtype,
            multi_output=True,
            y_numeric=not of_labels,
            estimator=caller,
        )
        weight = _read_weight(weight, X.shape[0])
    except ValueError as error:
        for name, array in {"X": X, "y": y, "sample_weight": weight}.items():
            _raise_infinite(array, name)
        where = "" if place.first is None else f" Found in the chunk that begins at {place.first}."
        raise ValueError(f"{error}{where}") from error
    survey = Survey([X.shape[0]])
    if sparse.issparse(X):
        survey.is_full = full_columns(X)
    if of_labels:
        check_classification_targets(y)
        survey.kinds = frozenset([type_of_target(y)])
        if y.ndim == 2:
            y = (y.toarray() if sparse.issparse(y) else y).astype(np.int8)
            survey.columns = (np.ones(len(y)) if weight is None else weight) @ y
        survey.labels, survey.totals = _count(y, weight)
    return survey


def _raise_infinite(array, name):
    """Raise for the first element that is not finite, with its position."""
    is_float = isinstance(array, np.ndarray) and array.dtype.kind == "f"
    if is_float and first_where(array, lambda values: ~np.isfinite(values)) is not None:
        raise_outside(array, name, REAL)


class Data:
    """Features, targets and weights in the same chunks of rows.

    Parameters
    ----------
    X, y, sample_weight : Dask array, array in memory or None
    caller : str
        Name of the estimator.
    of_labels : bool
        Whether the targets are labels.

    Attributes
    ----------
    survey : Survey
    n_samples, n_features : int
    targets : tuple of int
        Shape of the targets of one sample.
    dtype : dtype
        That of the features: float32 if theirs is, else float64.
    read : _Reader
        How chunks are read. The estimator sets its `encode`.
    """

    def __init__(self, X, y, sample_weight, caller, of_labels):
        arrays = {"X": X, "y": y, "sample_weight": sample_weight}
        self.n_features = X.shape[1]
        self.targets = tuple(y.shape[1:])
        self.dtype = np.dtype(np.float32 if X.dtype == np.float32 else np.float64)
        self.read = _Reader(self.dtype)
        # Once for all passes.
        self._chunks = optimize(Chunks(arrays, "X"))
        look = partial(_survey_chunk, caller, self.dtype, of_labels)
        self.survey = self._chunks.map(look, also=("y_true",)).total().compute()
        self._chunks.lengths = tuple(self.survey.lengths)
        self.n_samples = sum(self.survey.lengths)
        if not self.n_samples:
            raise_empty(np.empty((0, self.n_features)), "X")
        self._samples = {}

    def encode(self, encode):
        """Set how targets are encoded."""
        self.read = replace(self.read, encode=encode)

    def total(self, function, merge, *constants):
        """Combine ``function(X, targets, weight, place, *constants)`` of all chunks by `merge`."""
        results = self._chunks.map(
            partial(_read_and_call, function, self.read),
            constants=constants,
            also=("y_true", "y_pred"),
        )
        return results.total(combine=partial(_combine, merge)).compute()

    def sample(self, most):
        """The `Sample` that a fit in memory would take, but for weights of 0."""
        if most not in self._samples:
            step = max(1, self.n_samples // most)
            data = self.total(partial(_take_rows, step), _join)
            if step > 1 and data[2] is not None and not data[2].any():
                # Rows with a weight are rare.
                share = -(-most // len(self._chunks.lengths))
                data = self.total(partial(_take_weighted, share), _join)
            self._samples[most] = Sample(*data, is_all=step == 1)
        return self._samples[most]

    def shift(self, most):
        """Subtract the means of features far from 0; return what was subtracted, or None."""
        sample = self.sample(most)
        shift = shift_of(sample.X, sample.weight, self.survey.is_full)
        if shift is not None:
            self.read = replace(self.read, shift=shift)
            self._samples = {most: replace(sample, X=shifted(sample.X, shift))}
        return shift


def _take_rows(step, X, targets, weight, place):
    """Every `step`-th row of the whole arrays, as far as it is in this chunk."""
    rows = slice(-place.first % step, None, step)
    return X[rows], take(targets, rows), None if weight is None else weight[rows]


def _take_weighted(most, X, targets, weight, place):
    """Up to `most` of the rows that have a weight."""
    rows = np.flatnonzero(weight)[:most]
    return X[rows], take(targets, rows), weight[rows]


def _join(samples):
    X, targets, weight = zip(*samples, strict=True)
    join = sparse.vstack if sparse.issparse(X[0]) else np.vstack
    rows = cast(Any, join(X))
    rows = rows.asformat(X[0].format) if sparse.issparse(rows) else np.ascontiguousarray(rows)
    targets = tuple(map(np.concatenate, zip(*targets, strict=True)))
    return rows, targets, None if weight[0] is None else np.concatenate(weight)


# ---------------------------------------------------------------------------------------------
# The objective
# ---------------------------------------------------------------------------------------------


class ChunkedObjective(Objective):
    """The objective of arrays in chunks.

    Parameters
    ----------
    loss : Loss
    data : Data
    alpha : float
    n_threads : int or None
    few : tuple of (tuple of ndarray, ndarray) or None
        A few targets and their weights, which stand for all targets. None if there are too many
        different ones.
    kind : type
        The subclass of `Outputs`.
    n_outputs : int
    """

    def __init__(self, loss, data, alpha, n_threads, few, kind, n_outputs):
        self.loss = loss
        self.data = data
        self.alpha = alpha
        self.n_threads = n_threads or 1
        self.n_features = data.n_features
        self.dtype = data.dtype
        sample = self.sample(most_samples(self.n_features))
        self.few = few or (sample.targets, sample.weight)
        self.outputs = kind(sample.targets, n_outputs, self.dtype)
        self.outputs.anchor_at(*self.few)
        leaves = [leaf for leaf, _ in loss._leaves()]
        domain = loss.inputs[0].domain if isinstance(data.read.encode, Values) else None
        weigh = partial(_weigh_chunk, leaves, domain, self._settings())
        self.denominators = data.total(weigh, _add_each)
        if not all(self.denominators):
            raise ValueError("The total weight of the samples is zero.")

    def _settings(self, avg_factor=None):
        kind, anchor = type(self.outputs), self.outputs.anchor
        return _OutputSettings(kind, self.n_outputs, anchor, avg_factor)

    def with_loss(self, loss):
        other = copy.copy(self)
        other.loss = loss
        return other

    def evaluate(self, coef, intercept):
        loss, (avg_factor, *others) = self.loss, self.denominators
        if others:
            # Each loss of a sum has a denominator of its own.
            leaves, factors = zip(*loss._leaves(), strict=True)
            shares = [f / total for f, total in zip(factors, self.denominators, strict=True)]
            loss, avg_factor = CombinedLoss(list(leaves), weights=shares), 1.0
        work = partial(_evaluate_chunk, loss, self._settings(avg_factor), self.n_threads)
        sums = self.data.total(work, _add_each, (coef, intercept))
        return self.penalised(coef, intercept, *sums)

    def shift_features(self):
        return self.data.shift(most_samples(self.n_features))

    def optimal_constant(self):
        targets, weight = self.few
        return self.loss.optimal_constant(*targets, weight)

    def is_relative(self, point):
        sample = self.sample(most_samples(self.n_features))
        self.outputs.predict(sample.X, point.coef, point.intercept)
        self.outputs.evaluate(self.loss, sample.targets, sample.weight, self.n_threads)
        return self.outputs.is_relative

    def sample(self, most):
        return self.data.sample(most)

    def moments(self, centred):
        _, mean, covariance = self.data.total(partial(_moments_chunk, centred), _merge_moments)
        return mean, covariance

    def root(self, mean):
        total, root = self.data.total(_root_chunk, _merge_roots, mean)
        return root / np.sqrt(total)


@dataclass(frozen=True)
class _OutputSettings:
    """What it takes to make the outputs of a chunk."""

    kind: type
    n_outputs: int
    anchor: int
    avg_factor: float | None

    def make(self, X, targets, weight):
        """The outputs of a chunk."""
        outputs = self.kind(targets, self.n_outputs, X.dtype)
        outputs.avg_factor = self.avg_factor
        outputs.anchor_at(targets, weight)
        outputs.anchor = self.anchor
        return outputs


def _weigh_chunk(leaves, domain, settings, X, targets, weight, place):
    """The denominator of the mean of each loss; also checks the targets and the weights."""
    if domain is not None:
        check_domain(targets[0], "y", domain)
    outputs = settings.make(X, targets, weight)
    n_outputs = settings.n_outputs
    outputs.predict(X, np.zeros((n_outputs, X.shape[1])), np.zeros(n_outputs))
    calls = [(leaf, arrange(leaf, targets, outputs.predictions(leaf))) for leaf in leaves]
    return [
        leaf.partial(*arrays, sample_weight=weight, n_threads=1).weight for leaf, arrays in calls
    ]


def _evaluate_chunk(loss, settings, n_threads, X, targets, weight, place, point):
    """The share of a chunk in the mean loss, and in its gradients."""
    outputs = settings.make(X, targets, weight)
    # The data have been checked, and the fit handles steps that overflow.
    with config_context(assume_finite=True), np.errstate(over="ignore", invalid="ignore"):
        outputs.predict(X, *point)
        value = outputs.evaluate(loss, targets, weight, n_threads)
        coef_gradient, intercept_gradient = outputs.gradients(X)
    return [value, coef_gradient.astype(np.float64), intercept_gradient]


def _moments_chunk(centred, X, targets, weight, place):
    total = float(X.shape[0] if weight is None else weight.sum(dtype=np.float64))
    return (total, *moments_of(X, weight, centred)) if total else None


def _merge_moments(moments):
    """The moments of all samples from those of their parts."""
    totals, means, covariances = map(np.stack, zip(*moments, strict=True))
    total = totals.sum()
    mean = np.einsum("k,ki->i", totals, means) / total
    rest = means - mean
    covariance = np.einsum("k,kij->ij", totals, covariances)
    covariance += np.einsum("k,ki,kj->ij", totals, rest, rest)
    return total, mean, covariance / total


def _root_chunk(X, targets, weight, place, mean):
    total = float(X.shape[0] if weight is None else weight.sum(dtype=np.float64))
    return (total, np.sqrt(total) * root_of(X, weight, mean)) if total else None


def _merge_roots(roots):
    """A root of the sum of the squares."""
    totals, parts = zip(*roots, strict=True)
    return sum(totals), np.linalg.qr(np.vstack(parts), mode="r")


# ---------------------------------------------------------------------------------------------
# Scores
# ---------------------------------------------------------------------------------------------


def accuracy(model, X, y, sample_weight):
    """The share of the labels that a model predicts, of arrays in chunks."""
    _, total, right = _total_of_chunks(_count_right, _add_each, model, X, y, sample_weight)
    return float(right / total)


def r_squared(model, X, y, sample_weight):
    """The coefficient of determination of a model, of arrays in chunks; the mean of all outputs."""
    sums = _total_of_chunks(_sum_squares, _merge_squares, model, X, y, sample_weight)
    n_samples, _, _, total, residual = sums
    if n_samples < 2:
        warn("R^2 score is not well-defined with less than two samples.", UndefinedMetricWarning)
        return math.nan
    # As scikit-learn's: constant targets are explained by themselves only.
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = np.where(total > 0, 1 - residual / total, np.where(residual > 0, 0.0, 1.0))
    return float(scores.mean())


def _total_of_chunks(function, merge, model, X, y, sample_weight) -> Any:
    """What `merge` makes of ``function(y, y_pred, weight)`` of all chunks.

    The first two elements are the number of samples and their weight.
    """
    chunks = Chunks({"X": X, "y": y, "sample_weight": sample_weight}, "X")
    results = chunks.map(partial(_compare_chunk, function), constants=(model,))
    found = results.total(combine=partial(_combine, merge)).compute()
    if found is None:
        return raise_empty(np.empty((0, X.shape[1])), "X")
    if not found[1]:
        raise ValueError("The total weight of the samples is zero.")
    return found


def _compare_chunk(function, arrays, place, model):
    return place.call(_compare, function, *arrays, model) if arrays[0].shape[0] else None


def _compare(function, X, y, weight, model):
    refuse_unread(X=X, y=y, sample_weight=weight)
    for name, array in {"y": y, "sample_weight": weight}.items():
        _raise_infinite(array, name)
    weight = _read_weight(weight, X.shape[0])
    if weight is not None:
        check_domain(weight, "sample_weight", NONNEGATIVE)
    y_pred = model.predict(X)
    if y.ndim == 2 and y_pred.ndim == 1 and y.shape[1] == 1:
        y = y[:, 0]
    return function(y, y_pred, weight)


def _count_right(y, y_pred, weight):
    n_samples = y.shape[0]
    total = float(n_samples) if weight is None else weight.sum(dtype=np.float64)
    # scikit-learn refuses weights that are all 0, which those of one chunk may be.
    weight = weight if total else None
    right = accuracy_score(y, y_pred, normalize=False, sample_weight=weight)
    return n_samples, total, right if total else 0.0


def _sum_squares(y, y_pred, weight):
    y = check_array(y, ensure_2d=False, dtype=_DOUBLE, input_name="y")
    if y.shape != y_pred.shape:
        raise_shapes(("y", "the predictions"), (y, y_pred))
    weight = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    total = weight.sum()
    mean = weight @ y / (total or 1.0)
    return len(y), total, mean, weight @ (y - mean) ** 2, weight @ (y - y_pred) ** 2


def _merge_squares(sums):
    """The sums of all samples from those of their parts."""
    counts, totals, means, squares, residuals = map(np.stack, zip(*sums, strict=True))
    total = totals.sum()
    mean = totals @ means / (total or 1.0)
    squares = squares.sum(axis=0) + totals @ (means - mean) ** 2
    return counts.sum(), total, mean, squares, residuals.sum(axis=0)
