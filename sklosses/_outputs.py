"""From the outputs of a linear model to the predictions that a loss takes.

`_ordered.py` has the outputs of models of ordered classes, `_compared.py` those of losses that
compare samples. Targets are passed as a tuple of arrays: all that a loss takes and does not
differentiate.
"""

from typing import Any

import numpy as np
from scipy import sparse


def arrange(loss, targets, predictions):
    """The arrays of a call in their order: predictions are what the loss differentiates."""
    arrays = list(targets)
    for k, prediction in zip(loss._outputs, predictions, strict=True):
        arrays.insert(k, prediction)
    return arrays


def differentiate(loss, targets, *predictions, reduction="none") -> tuple[Any, Any]:
    """Gradient and Hessian, by default of each term; zeros if the loss has no Hessian."""
    arrays = arrange(loss, targets, predictions)
    if loss.tags.hessian != "none":
        return loss.gradient_and_hessian(*arrays, reduction=reduction)
    gradient = loss.gradient(*arrays, reduction=reduction)
    if isinstance(gradient, tuple):
        return gradient, tuple(map(np.zeros_like, gradient))
    return gradient, np.zeros_like(gradient)


class Outputs:
    """Outputs of a linear model, (n_samples, n_outputs), which are the predictions of a loss.

    Attributes
    ----------
    values : ndarray of shape (n_samples, n_outputs)
        The outputs, written by the model.
    values_gradient : ndarray of shape (n_samples, n_outputs)
        The gradient with respect to the outputs, written by `evaluate`.
    prediction, gradient : ndarray or tuple of ndarray
        What the loss reads and writes. They share the memory of `values` and `values_gradient`,
        except for the variances of `Gaussian`, which `evaluate` computes.
    """

    #: Whether all outputs have the same coefficients, and each one an intercept of its own.
    is_tied = False
    #: Whether predictions have a second axis, even if there is a single output.
    has_columns = False
    #: Whether the fit varies one intercept, at the index `anchor`, and gaps: see `to_free`.
    has_gaps = False
    anchor = 0
    #: Whether the loss compares samples with each other. Its terms are then not those of samples,
    #: and it does not depend on a constant that is added to the outputs of all `groups`, so that
    #: there is no intercept.
    is_compared = False
    #: The denominator of the mean, if the samples are a part of the data; None means their weight.
    avg_factor = None

    def __init__(self, targets, n_outputs, dtype):
        y_true = targets[0]
        shape = (len(y_true), n_outputs)
        self.values = np.zeros(shape, dtype)
        self.values_gradient = np.empty(shape, dtype)
        # Several outputs for each target are one more axis: classes, or quantiles.
        is_flat = y_true.size == self.values.size and not self.has_columns
        own = y_true.shape if is_flat else (*y_true.shape, -1)
        self.prediction = self.values.reshape(own)
        self.gradient = self.values_gradient.reshape(own)

    @staticmethod
    def start(constant):
        """Convert the best constant of the loss to outputs."""
        return np.ravel(constant)

    def like(self, targets):
        """Outputs of the same kind for other samples."""
        return type(self)(targets, self.values.shape[1], self.values.dtype)

    def anchor_at(self, targets, weight):
        """Choose the `anchor`."""

    def some_rows(self, step):
        """Indices of about every `step`-th sample, as a slice or an array."""
        return slice(None, None, step)

    def groups(self, loss):
        """The number of the group of each sample, within which they are compared, or None."""

    def to_free(self, intercept):
        """Convert intercepts to the numbers that the fit varies, which `predict` takes."""
        return intercept

    def from_free(self, free):
        """The inverse of `to_free`."""
        return free

    @property
    def is_relative(self):
        """Whether the loss only depends on differences between the outputs of a sample."""
        return False

    def predict(self, X, coef, intercept):
        """Write the outputs of the model to `values`."""
        write_outputs(X, coef, intercept, self.values)

    def gradients(self, X):
        """The gradients with respect to coefficients and intercepts, after `evaluate`."""
        slopes = self.values_gradient
        if slopes.shape[1] == 1:
            gradient = (X.T @ slopes[:, 0])[np.newaxis]
        elif sparse.issparse(X):
            gradient = (X.T @ slopes).T
        else:
            gradient = slopes.T @ X
        return gradient, slopes.sum(axis=0, dtype=np.float64)

    def predictions(self, loss):
        """What the loss takes beside the targets, as a tuple."""
        return (self.prediction,)

    def evaluate(self, loss, targets, weight, n_threads):
        """Return the mean loss; write its gradient to `values_gradient`."""
        return loss.value_and_gradient(
            *arrange(loss, targets, self.predictions(loss)),
            sample_weight=weight,
            avg_factor=self.avg_factor,
            gradient_out=self.gradient,
            n_threads=n_threads,
        )[0]

    def derivatives(self, loss, targets, weight):
        """First and second derivatives of the loss of each sample, of the shape of `values`."""
        both = differentiate(loss, targets, self.prediction)
        return tuple(item.reshape(self.values_gradient.shape) for item in both)


class Quantiles(Outputs):
    """One output for each target and quantile, of which there may be a single one."""

    has_columns = True


class Classes(Outputs):
    """One output for each class, for losses of classes."""

    @staticmethod
    def start(constant):
        return constant - constant.mean()

    @property
    def is_relative(self):
        common = np.abs(self.values_gradient.sum(axis=1)).max()
        return (
            common
            <= np.sqrt(np.finfo(self.values_gradient.dtype).eps)
            * np.abs(self.values_gradient).max()
        )


class Lead(Outputs):
    """One output for two classes, for losses of classes.

    It is the prediction for the second class; that for the first is 0. The objective is then that
    of a binary model.
    """

    def __init__(self, targets, n_outputs, dtype):
        shape = (2, len(targets[0]))
        rows = np.zeros(shape, dtype), np.empty(shape, dtype)
        self.prediction, self.gradient = (array.T for array in rows)
        self.values, self.values_gradient = (array[1][:, np.newaxis] for array in rows)

    @staticmethod
    def start(constant):
        return constant[1:] - constant[:1]

    def derivatives(self, loss, targets, weight):
        both = differentiate(loss, targets, self.prediction)
        return tuple(item[:, 1:] for item in both)


class Gaussian(Outputs):
    """Outputs of a Gaussian model: means, and logarithms of the variances minus `eps`."""

    def __init__(self, targets, n_outputs, dtype):
        y_true = targets[0]
        shape = (len(y_true), n_outputs)
        self.values = np.zeros(shape, dtype)
        self.values_gradient = np.empty(shape, dtype)
        self.excess = np.empty((len(y_true), n_outputs // 2), dtype)
        self.variance = np.empty_like(self.excess)
        columns = slice(None) if y_true.ndim == 2 else 0
        halves = slice(0, n_outputs // 2), slice(n_outputs // 2, n_outputs)
        self.log_excess = self.values[:, halves[1]]
        self.log_excess_gradient = self.values_gradient[:, halves[1]]
        self.prediction = self.values[:, halves[0]][:, columns], self.variance[:, columns]
        self.gradient = tuple(self.values_gradient[:, half][:, columns] for half in halves)

    @staticmethod
    def start(constant):
        mean, variance = constant
        return np.append(mean, np.log(variance))

    def predictions(self, loss):
        with np.errstate(over="ignore", under="ignore"):
            np.exp(self.log_excess, out=self.excess)
        np.add(self.excess, getattr(loss, "eps", 0.0), out=self.variance)
        # A variance has to be positive.
        np.maximum(self.variance, np.finfo(self.variance.dtype).tiny, out=self.variance)
        return self.prediction

    def evaluate(self, loss, targets, weight, n_threads):
        value = super().evaluate(loss, targets, weight, n_threads)
        # The loss has written its gradient with respect to the variance.
        self.log_excess_gradient *= self.excess
        return value

    def derivatives(self, loss, targets, weight):
        gradients, hessians = differentiate(loss, targets, *self.predictions(loss))
        first, second = (
            [item.reshape(self.excess.shape) for item in pair] for pair in (gradients, hessians)
        )
        # The chain rule for var = eps + exp(output).
        second[1] = (second[1] * self.excess + first[1]) * self.excess
        first[1] = first[1] * self.excess
        return np.hstack(first), np.hstack(second)


def write_outputs(X, coef, intercept, out):
    """Compute X @ coef.T + intercept in the precision of X."""
    coef = coef.astype(X.dtype, copy=False)
    if not coef.any():
        out[...] = 0
    elif sparse.issparse(X):
        out[...] = X @ coef.T
    elif len(coef) == 1:
        np.dot(X, coef[0], out=out[:, 0])
    else:
        np.dot(X, coef.T, out=out)
    out += intercept.astype(X.dtype)
