"""`check_loss`: check that a loss is consistent with its derivatives, tags and interface."""

import itertools
import math
import pickle
from numbers import Integral
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.base import clone

from ._declaration import changed_params
from ._validation import as_dense
from .base import Loss, as_loss

__all__ = ["check_loss"]


def check_loss(loss, *arrays, sample_weight=None):
    """Check the derivatives of a loss against finite differences, and what all losses guarantee.

    Parameters
    ----------
    loss : Loss object, class, function or str
        The loss, for instance a `CustomLoss` or an object of a subclass of `Loss`.
    *arrays : array-like
        Arrays to call the loss with; a few samples are enough. If there are none, random data are
        drawn according to the domains of its `inputs` and its `tags`.
    sample_weight : array-like of shape (n_samples,) or of the unreduced loss, default=None
        Weights for the checks that use weights. If None, random weights are drawn.

    Returns
    -------
    None

    Raises
    ------
    AssertionError
        If a check fails. The message names the argument and the index, what was expected, and what
        the loss returned.

    See Also
    --------
    CustomLoss : A loss defined by user functions.

    Notes
    -----
    The following is checked, as far as the loss has it:

    - "none" sums to "sum". The mean is the sum divided by the sum of the weights. A weight of k
      counts as k repetitions of the sample. Partial losses add up. The order of the samples does
      not matter.
    - The gradient agrees with fourth-order finite differences of the value, with and without
      weights, and the Hessian with those of the gradient, both in float64. At a kink, the gradient
      must lie between the one-sided derivatives. Elements at the edge of their domain are left out.
      Neither is checked if the gradient is "partial" according to `tags`. A Hessian that is not
      "exact" must not be NaN. A derivative that differs by convention (with respect to a variance
      below the `eps` of `GaussianNLLLoss`) is reported like any other.
    - NaN raises an error and, with `assume_finite`, makes the value NaN.
    - float32 agrees with float64. The value is the same with and without a gradient.
      `gradient_out` is used. The result has the same bits for any number of threads.
    - `clone`, pickling (if the parameters can be pickled) and `repr` work.

    Examples
    --------
    >>> from sklosses import CustomLoss, check_loss
    >>> loss = CustomLoss(
    ...     value=lambda y_true, y_pred: (y_pred - y_true) ** 2,
    ...     gradient=lambda y_true, y_pred: 2 * (y_true - y_pred),
    ... )
    >>> check_loss(loss, [0.0, 1.0], [1.0, 3.0])
    Traceback (most recent call last):
        ...
    AssertionError: CustomLoss: the gradient with respect to y_pred is wrong at index 0 \
(reduction='sum'): expected 2.0, from differences of the value, got -2.0. Its sign is wrong.
    """
    if not isinstance(loss, Loss):
        loss = as_loss(loss, "check_loss")
    try:
        _Checks(loss, arrays or _draw(loss), sample_weight).run()
    except ValueError as error:
        if getattr(error, "is_of_result", False):
            raise AssertionError(str(error)) from error
        raise


# ---------------------------------------------------------------------------------------------
# Data
# ---------------------------------------------------------------------------------------------

_N, _WIDTH = 6, 4
# Responses with a row for each sample: embeddings, vectors, classes.
_BATCHES = ("embedding", "modalities")
# Responses of rows that are compared with the others of their group.
_GROUPED = ("score", "log_hazard")
_ROWS = (
    *_BATCHES,
    "vectors",
    "box",
    "class_logits",
    "class_log_probabilities",
    "class_probabilities",
    "class_margin",
    "cumulative_logits",
    "conditional_logits",
)


# The most elements that a parameter may ask for in a sample.
_WIDEST = 1000


def _draw(loss):
    """Draw random arrays for a call."""
    loss._resolve()  # the tags may depend on the parameters
    refused = None
    for shape in [None, *_parameter_shapes(loss)]:
        rng = np.random.default_rng(0)
        if loss.tags.response == "alignment":
            arrays = _draw_sequences(rng, loss)
        elif loss.tags.response == "latent":
            arrays = _draw_thresholds(rng)
        elif loss.tags.response in _GROUPED:
            arrays = _draw_rows(rng, loss)
        else:
            arrays = _draw_all(rng, loss, shape)
        # Whether an optional array must be passed, or must not be, may depend on parameters.
        without = [None if i.optional else a for a, i in zip(arrays, loss.inputs, strict=True)]
        for drawn in (arrays, without):
            try:
                loss(*drawn)
            except ValueError as error:
                if getattr(error, "is_of_result", False):
                    raise
                refused = refused or error
            else:
                return drawn
    if changed_params(loss):
        names = ", ".join(item.name for item in loss.inputs)
        raise ValueError(
            f"check_loss found no data that {type(loss).__name__} takes with these parameters: "
            f"pass arrays, check_loss(loss, {names}). {refused}"
        )
    raise AssertionError(
        f"{type(loss).__name__}: data drawn from its inputs and tags raise an error: {refused}"
    )


def _parameter_shapes(loss):
    """Shapes that parameters with several elements may ask for, of the data of a sample."""
    for leaf, _ in loss._leaves():
        for _, value in leaf._read_params():
            if isinstance(value, dict):
                # Class weights by the index of the class.
                shape = (1 + max([int(key) for key in value if isinstance(key, Integral)] or [0]),)
            elif isinstance(value, list) or hasattr(value, "dtype"):
                shape = np.shape(value)
            else:
                continue
            if 0 < math.prod(shape) <= _WIDEST and shape != ():
                yield shape


def _draw_all(rng, loss, shape=None):
    """Draw arrays whose samples have `shape`; without it, a few elements."""
    if shape is None:
        # A few classes, and for images a few pixels.
        several = loss.tags.response in (*_ROWS, "pixels")
        shape = (_WIDTH if several else 2, *(3,) * (loss.tags.response == "pixels"))
    shape = (_N, *shape)
    if any(item.optional for item in loss.inputs):
        shape = (_N, _N)  # precomputed similarities are a square matrix
    trailing = loss.trailing_shape
    arrays = []
    for item in loss.inputs:
        if item.differentiable:
            own = shape + trailing
            arrays.append(_draw_predictions(rng, item.domain, own, loss.tags.response))
        else:
            arrays.append(_draw_targets(rng, item.domain, shape, loss.tags))
    return arrays


def _draw_predictions(rng, domain, shape, response):
    if response in ("class_log_probabilities", "class_probabilities"):
        p = rng.dirichlet(np.full(shape[1], 2.0), shape[0])
        return np.log(p) if response == "class_log_probabilities" else p
    if response == "box":
        return _draw_boxes(rng, shape)
    return _draw_values(rng, domain, shape)


def _draw_targets(rng, domain, shape, tags):
    if domain.kind == "labels":
        return np.arange(shape[0]) % 2
    if tags.target in ("class_index", "class_rank"):
        shape_of_labels = shape[:1] + shape[2:]
        return rng.integers(0, shape[1] + (tags.target == "class_rank"), shape_of_labels)
    if tags.target == "class_position":
        return rng.uniform(0, shape[1] - 1, shape[0])
    if tags.target == "box":
        return _draw_boxes(rng, shape)
    if tags.target == "class_list":
        # Lists of no class, one class, two classes, ...
        order = rng.permuted(np.tile(np.arange(shape[1]), (shape[0], 1)), axis=1)
        return np.where(np.arange(shape[1]) < np.arange(shape[0])[:, None] % shape[1], order, -1)
    if tags.target == "class_probability":
        p = rng.dirichlet(np.full(shape[1], 2.0), shape[0])
        return np.log(p) if domain.low == -math.inf else p
    return _draw_values(rng, domain, shape[:1] if tags.response == "vectors" else shape)


def _draw_values(rng, domain, shape):
    if domain.kind == "pair":
        return rng.choice([domain.low, domain.high], shape)
    low, high = float(domain.low), float(domain.high)
    if high - low < 1e6:
        return low + (high - low) * rng.uniform(0.05, 0.95, shape)
    if low > -1e6:
        return low + rng.gamma(2.0, size=shape)
    if high < 1e6:
        return high - rng.gamma(2.0, size=shape)
    return rng.normal(scale=1.5, size=shape)


def _draw_boxes(rng, shape):
    corner = rng.normal(size=(shape[0], 2))
    return np.hstack([corner, corner + rng.uniform(0.5, 2.0, corner.shape)])


def _draw_thresholds(rng):
    labels = rng.integers(0, _WIDTH, _N)
    return [labels, rng.normal(scale=1.5, size=_N), np.cumsum(rng.uniform(0.5, 1.5, _WIDTH - 1))]


def _draw_rows(rng, loss):
    """Rows of two groups, none of them equal."""
    arrays = [
        _draw_predictions(rng, item.domain, (2 * _N,), loss.tags.response)
        if item.differentiable
        else _draw_targets(rng, item.domain, (2 * _N,), loss.tags)
        for item in loss.inputs
    ]
    return [
        array % 3 if item.domain.kind == "labels" else array
        for array, item in zip(arrays, loss.inputs, strict=True)
    ]


def _draw_sequences(rng, loss):
    blanks = [getattr(leaf, "blank", 0) for leaf, _ in loss._leaves()]
    n_classes = max(_WIDTH, 1 + min(max(blanks), _WIDEST))
    labels = np.setdiff1d(np.arange(n_classes), blanks)
    logits = rng.normal(size=(5, _N, n_classes))
    log_probs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    lengths = 1 + np.arange(_N) % 2
    return [rng.choice(labels, (_N, 2)), log_probs, np.full(_N, 5), lengths]


# ---------------------------------------------------------------------------------------------
# Finite differences
# ---------------------------------------------------------------------------------------------

# Fourth-order stencils, central and one-sided: the nodes in multiples of the step, and the
# coefficients in twelfths.
_CENTRAL = ((-2, -1, 1, 2), (1, -8, 8, -1))
_FORWARD = ((0, 1, 2, 3, 4), (-25, 48, -36, 16, -3))
_BACKWARD = ((0, -1, -2, -3, -4), (25, -48, 36, -16, 3))
# Relative error at which a difference is accurate enough, and tolerance for a derivative.
_EXACT = 1e-9
_CLOSE = 1e-6


def _difference(function, x, stencil, step, size):
    """Derivative of a function of one variable at `x`, and an estimate of its error.

    `size` is the magnitude of the terms of the function, which may cancel in its values. The step
    is halved until two consecutive results agree. If none do, the closest two are used. The error
    is inf if the function is not finite.
    """
    nodes, factors = stencil
    best, previous = (math.nan, math.inf), None
    # Down to steps of 2^-26, whatever the first one is.
    for _ in range(max(16, 26 + math.frexp(step)[1])):
        values = [float(function(x + step * node)) for node in nodes]
        if not all(map(math.isfinite, values)):
            return math.nan, math.inf
        # The first value is subtracted, so that a constant cancels exactly. A product of arrays
        # would be rounded differently by the BLAS kernels for different CPUs.
        terms = (f * (v - values[0]) for f, v in zip(factors, values, strict=True))
        derivative = sum(terms) / 12 / step
        # The error due to the rounding of the values.
        noise = 16 * np.finfo(float).eps * max(size, *map(abs, values)) / step
        if previous is not None:
            error = max(abs(derivative - previous), noise)
            if error < best[1]:
                best = derivative, error
            if error <= _EXACT * abs(derivative):
                break
        previous = derivative
        step /= 2
    return best


def _agrees(function, x, slope, room, floor, size):
    """Compare `slope` with the derivative of a function at `x`.

    At a kink, a slope between the one-sided derivatives agrees.

    Parameters
    ----------
    function : callable
        A function of one variable.
    x, slope : float
    room : float
        Distance from `x` to the edge of the domain.
    floor : float
        Absolute tolerance.
    size : float
        Magnitude of the terms of the function.

    Returns
    -------
    agrees : bool or None
        None if the differences are too inaccurate to decide.
    expected : float, tuple of float or None
        The derivative, or 0 if it does not differ significantly from 0. At a kink, both one-sided
        derivatives.
    """
    step = min(room / 4, 2.0**-6 * max(1.0, abs(x)))
    if not step > 2.0**-30 * max(1.0, abs(x)):
        return None, None

    def near(expected, error):
        allowed = 4 * error + _CLOSE * max(abs(slope), abs(expected)) + floor
        return abs(slope - expected) <= allowed

    def is_sure(error, *expected):
        return error <= 1e-3 * max(map(abs, expected)) + floor

    def or_zero(expected, error):
        return 0.0 if abs(expected) <= error else expected

    expected, error = _difference(function, x, _CENTRAL, step, size)
    sure = is_sure(error, expected)
    if sure and near(expected, error):
        return True, expected
    expected = or_zero(expected, error)
    left, left_error = _difference(function, x, _BACKWARD, step / 2, size)
    right, right_error = _difference(function, x, _FORWARD, step / 2, size)
    error = max(left_error, right_error)
    if not is_sure(error, left, right):
        return (False, expected) if sure else (None, None)
    if near(left, error) or near(right, error) or min(left, right) < slope < max(left, right):
        return True, left
    return False, expected if sure else (or_zero(left, left_error), or_zero(right, right_error))


# ---------------------------------------------------------------------------------------------
# Checks
# ---------------------------------------------------------------------------------------------

# Number of elements of an array for which differences are computed.
_MOST = 24
# Number of elements with which the drivers use several threads.
_MANY = 70_000
# Number of rows of a batch with which they do.
_MANY_ROWS = 128
# How many times the rows of a group may be repeated: all of its pairs are compared.
_COPIES_OF_GROUP = 8


def _as_tuple(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


def _is_balanced(loss):
    """Whether class weights depend on the data."""
    return any(isinstance(getattr(leaf, "class_weight", None), str) for leaf, _ in loss._leaves())


def _at(index):
    """An index as one would write it: 3 for one axis, (3, 1) for more."""
    index = tuple(map(int, index))
    return index[0] if len(index) == 1 else index


class _Checks:
    """The checks of one loss with the arrays of one call.

    Attributes
    ----------
    loss : Loss
    arrays : list of (ndarray or None)
        The arrays of the call; numbers are float64.
    response : str
    differentiable : list of int
        Indices of the differentiable arrays that were passed.
    none : ndarray or None
        The unreduced loss, if there is one.
    n : int or None
        The number of samples; None if the arrays have no common sample axis.
    additive : bool
        Whether partial losses add up.
    weight : ndarray or None
        Sample weights, if the loss takes them.
    """

    # Only checks that are chosen where these are not None read them.
    none: Any
    n: Any
    weight: Any

    def __init__(self, loss, arrays, sample_weight):
        self.loss = loss
        self.arrays = list(loss._positional(tuple(arrays), {}))
        for k, (array, item) in enumerate(zip(self.arrays, loss.inputs, strict=True)):
            if array is not None:
                array = as_dense(array, item.name)
                exact = array.dtype.kind == "f" or not item.differentiable
                self.arrays[k] = array if exact else array.astype(np.float64)
                if self.arrays[k].dtype.kind == "f":
                    self.arrays[k] = self.arrays[k].astype(np.float64)
        self.response = loss.tags.response
        self.differentiable = [k for k in loss._outputs if self.arrays[k] is not None]
        self.none = self.unreduced()
        self.n = self.count()
        self.additive = self.n is not None and self.none is not None and self.adds_up()
        self.weight = None
        if loss.weighted and self.none is not None and self.none.ndim:
            rng = np.random.default_rng(1)
            self.weight = rng.uniform(0.5, 2.0, len(self.none))
            if sample_weight is not None:
                self.weight = np.asarray(sample_weight, dtype=np.float64)

    def fail(self, text):
        raise AssertionError(f"{type(self.loss).__name__}: {text}")

    def same(self, got, expected, what, size, rtol=1e-10):
        """Fail unless two numbers or arrays agree, relative to `size`."""
        got, expected = np.asarray(got, float), np.asarray(expected, float)
        with np.errstate(invalid="ignore"):
            close = np.abs(got - expected) <= rtol * np.asarray(size) + 1e-300
        # Equal infinities agree, too.
        bad = ~(close | (got == expected) | (np.isnan(got) & np.isnan(expected)))
        if np.any(bad):
            index = np.unravel_index(np.argmax(bad), bad.shape)
            got, expected = (float(np.broadcast_to(a, bad.shape)[index]) for a in (got, expected))
            where = f" at index {_at(index)}" if bad.ndim else ""
            self.fail(f"{what}{where}: expected {expected!r}, got {got!r}.")

    # -- properties of the data -----------------------------------------------------------------

    def unreduced(self):
        """The unreduced loss; None if there is none, as for losses with separate means."""
        if "none" not in self.loss.reductions:
            return None
        try:
            return np.asarray(self.loss(*self.arrays, reduction="none"))
        except ValueError:
            self.loss(*self.arrays)
            return None

    def count(self):
        """The number of samples; None if the arrays have no common sample axis."""
        if self.response in _BATCHES:
            return len(self.arrays[self.differentiable[0]])
        if self.none is None or not self.none.ndim:
            return None
        n = len(self.none)
        for k, (array, item) in enumerate(zip(self.arrays, self.loss.inputs, strict=True)):
            if array is None or item.broadcasts:
                continue
            axis = self.axis(k)
            if array.ndim <= axis or array.shape[axis] != n:
                return None
        try:
            self.n = n
            self.loss(*self.take([0]))
        except ValueError:
            return None  # a parameter has an element for each sample
        return n

    def adds_up(self):
        """Whether partial losses add up."""
        try:
            self.loss._check_additive()
        except ValueError:
            return False
        return self.loss.reduction != "none"

    def axis(self, k):
        """The sample axis of array `k`."""
        return 1 if self.response == "alignment" and k in self.loss._outputs else 0

    def is_square(self, k):
        """Whether an array is of similarities, whose rows and columns are the samples."""
        return getattr(self.loss, "metric", None) == "precomputed" and k in self.loss._outputs

    def shared(self, k):
        """Whether array `k` has no sample axis."""
        array = self.arrays[k]
        return array is None or (self.loss.inputs[k].broadcasts and array.shape[:1] != (self.n,))

    def pick(self, k, array, index):
        """Select samples of array `k` or of its gradient."""
        if self.shared(k):
            return array
        array = np.take(array, index, axis=self.axis(k))
        return np.take(array, index, axis=1) if self.is_square(k) else array

    def take(self, index):
        """Select samples of all arrays."""
        return [self.pick(k, array, index) for k, array in enumerate(self.arrays)]

    @property
    def reductions(self):
        return [r for r in ("sum", "mean") if r in self.loss.reductions]

    @property
    def size(self):
        """The magnitude of the terms of the sum."""
        if self.none is not None:
            return float(np.abs(self.none).sum()) + 1e-12
        return abs(self.loss(*self.arrays, reduction="sum")) + 1.0

    @property
    def promises_gradient(self):
        return self.loss.tags.gradient != "none"

    # -- values ---------------------------------------------------------------------------------

    def run(self):
        self.check_none()
        if self.additive:
            self.check_mean()
            self.check_parts()
            self.check_repetition()
        if self.n is not None:
            self.check_order()
        self.check_nan()
        self.check_single()
        self.check_derivatives()
        self.check_outputs()
        self.check_threads()
        self.check_object()

    def check_none(self):
        if self.none is None:
            return
        for weight in {None: None, 1: self.weight}.values():
            none = self.loss(*self.arrays, sample_weight=weight, reduction="none")
            total = self.loss(*self.arrays, sample_weight=weight, reduction="sum")
            weighted = " with sample_weight" * (weight is not None)
            size = np.abs(none).sum()
            self.same(total, np.sum(none), f"'none' does not sum to 'sum'{weighted}", size)
        if self.weight is not None:
            ones = self.loss(*self.arrays, sample_weight=np.ones(self.weight.shape))
            self.same(ones, self.loss(*self.arrays), "weights of 1 change the value", self.size)
            if _is_balanced(self.loss):
                return  # class weights depend on the sample weights
            weight = self.weight.reshape(
                self.weight.shape + (1,) * (self.none.ndim - self.weight.ndim)
            )
            got = self.loss(*self.arrays, sample_weight=self.weight, reduction="none")
            what = "'none' is not sample_weight times the loss"
            expected = weight * self.none
            self.same(got, expected, what, np.abs(expected))

    def check_mean(self):
        if self.loss.reduction != "mean":
            return
        for weight in {None: None, 1: self.weight}.values():
            keywords = {"sample_weight": weight}
            mean = self.loss(*self.arrays, **keywords)
            total_weight = self.loss.partial(*self.arrays, **keywords).weight
            if isinstance(total_weight, tuple):
                return  # a sum of losses, each with its own denominator
            total = self.loss(*self.arrays, avg_factor=1.0, **keywords)
            what = f"the mean is not the sum divided by the weight {total_weight!r}"
            size = self.size * (1 if weight is None else weight.max())
            self.same(mean * total_weight, total, what, size)
            leaves = self.loss._leaves()
            ignores = any(getattr(leaf, "ignore_index", None) is not None for leaf, _ in leaves)
            if not (ignores or self.response.startswith(("class", "conditional"))):
                full = np.ones(self.none.shape) if weight is None else weight
                expected = full.sum() * (self.none.size // full.size)
                self.same(total_weight, expected, "the weight of the mean is wrong", total_weight)

    def check_parts(self):
        cut = [np.arange(self.n // 2 + 1), np.arange(self.n // 2 + 1, self.n)]
        cut = [index for index in cut if len(index)]
        for weight in {None: None, 1: self.weight}.values():
            parts = [
                self.loss.partial(
                    *self.take(index), sample_weight=None if weight is None else weight[index]
                )
                for index in cut
            ]
            weighted = " with sample_weight" * (weight is not None)
            whole = self.loss(*self.arrays, sample_weight=weight)
            factor = 1 if weight is None else max(1.0, weight.max())
            what = f"the partial losses do not add up{weighted}"
            self.same(sum(parts[1:], parts[0]).value, whole, what, self.size * factor)

    def check_repetition(self):
        if not self.loss.weighted:
            return
        weight = np.arange(self.n) % 3
        weight[0] = 2
        index = np.repeat(np.arange(self.n), weight)
        repeated = self.take(index)
        for reduction in self.reductions:
            got = self.loss(*self.arrays, sample_weight=weight, reduction=reduction)
            expected = self.loss(*repeated, reduction=reduction)
            what = f"sample_weight is not equivalent to repetition (reduction={reduction!r})"
            self.same(got, expected, what, self.size)
            if not self.promises_gradient:
                continue
            got = self.gradients(self.arrays, sample_weight=weight, reduction=reduction)
            expected = self.gradients(repeated, reduction=reduction)
            for k, a, b in zip(self.differentiable, got, expected, strict=True):
                if not self.shared(k):
                    times = weight[index]
                    b = np.moveaxis(np.moveaxis(b, self.axis(k), -1) * times, -1, self.axis(k))
                self.same_gradient(self.pick(k, a, index), b, k, what)

    def same_gradient(self, got, expected, k, what, rtol=1e-10):
        size = np.abs(expected).max() + 1e-12
        name = self.loss.inputs[k].name
        self.same(got, expected, f"the gradient with respect to {name}: {what}", size, rtol)

    def gradients(self, arrays, **keywords):
        return _as_tuple(self.loss.gradient(*arrays, **keywords))

    def check_order(self):
        index = np.random.default_rng(2).permutation(self.n)
        moved = self.take(index)
        what = "the order of the samples matters"
        for reduction in self.reductions:
            got = self.loss(*moved, reduction=reduction)
            expected = self.loss(*self.arrays, reduction=reduction)
            self.same(got, expected, f"{what} (reduction={reduction!r})", self.size)
        if not (self.promises_gradient and self.additive):
            return  # losses of all pairs may choose any of several equal rows
        old, new = self.gradients(self.arrays), self.gradients(moved)
        for k, a, b in zip(self.differentiable, new, old, strict=True):
            self.same_gradient(a, self.pick(k, b, index), k, what)

    def check_nan(self):
        for k, array in enumerate(self.arrays):
            if array is None or array.dtype.kind != "f":
                continue
            name = self.loss.inputs[k].name
            moved = list(self.arrays)
            moved[k] = array.copy()
            moved[k][(0,) * array.ndim] = math.nan
            for reduction in self.reductions:
                try:
                    self.loss(*moved, reduction=reduction)
                except ValueError as error:
                    if name not in str(error):
                        self.fail(f"the error for NaN in {name} does not name it: {error}")
                else:
                    self.fail(f"NaN in {name} does not raise an error.")
                # User functions may make NumPy warn.
                with config_context(assume_finite=True), np.errstate(invalid="ignore"):
                    value = self.loss(*moved, reduction=reduction)
                if not math.isnan(value):
                    self.fail(
                        f"NaN in {name} does not reach the value under assume_finite "
                        f"(reduction={reduction!r}): expected nan, got {value!r}."
                    )

    def check_single(self):
        with np.errstate(over="ignore"):
            single = [
                a.astype(np.float32) if a is not None and a.dtype.kind == "f" else a
                for a in self.arrays
            ]
            for a, b in zip(single, self.arrays, strict=True):
                if a is None or b is None or a is b:
                    continue
                if not np.array_equal(np.isfinite(a), np.isfinite(b)):
                    return  # too large for float32
        double = [
            a.astype(np.float64) if a is not None and a.dtype.kind == "f" else a for a in single
        ]
        for reduction in self.reductions:
            got = self.loss(*single, reduction=reduction)
            expected = self.loss(*double, reduction=reduction)
            if abs(expected) > float(np.finfo(np.float32).max):
                return
            if type(got) is not float:
                self.fail(f"the value is of type {type(got).__name__}, not float.")
            size = self.size + sum(a.size for a in single if a is not None)
            what = f"float32 and float64 disagree (reduction={reduction!r})"
            self.same(got, expected, what, size, 2e-5)
        if not self.promises_gradient:
            return
        for k, a, b in zip(
            self.differentiable, self.gradients(single), self.gradients(double), strict=True
        ):
            name = self.loss.inputs[k].name
            for gradient, dtype in ((a, np.float32), (b, np.float64)):
                if gradient.dtype != dtype or gradient.shape != self.arrays[k].shape:
                    self.fail(
                        f"the gradient with respect to {name} of {np.dtype(dtype)} predictions has "
                        f"shape {gradient.shape} and dtype {gradient.dtype}: expected "
                        f"{self.arrays[k].shape} and {np.dtype(dtype)}."
                    )
            self.same_gradient(a, b, k, "float32 and float64 disagree", 1e-3)

    # -- derivatives ----------------------------------------------------------------------------

    def check_derivatives(self):
        tags = self.loss.tags
        if not self.promises_gradient:
            self.check_refused(self.loss.gradient, "gradient")
        elif tags.gradient == "exact":
            for reduction, weight in itertools.product(self.reductions, (None, self.weight)):
                if weight is not None or reduction == self.reductions[0]:
                    keywords = {"reduction": reduction, "sample_weight": weight}
                    self.check_against_values(keywords)
        if tags.hessian == "none":
            self.check_refused(self.loss.gradient_and_hessian, "Hessian")
            return
        keywords = {"reduction": self.reductions[0], "sample_weight": self.weight}
        gradients, hessians = map(
            _as_tuple, self.loss.gradient_and_hessian(*self.arrays, **keywords)
        )
        for k, gradient, hessian in zip(self.differentiable, gradients, hessians, strict=True):
            if np.isnan(hessian).any() or hessian.shape != gradient.shape:
                self.fail(
                    f"the Hessian with respect to {self.loss.inputs[k].name} contains NaN or does "
                    "not have the shape of the gradient."
                )
        if tags.hessian == "exact" and tags.gradient == "exact":
            for number, (k, hessian) in enumerate(zip(self.differentiable, hessians, strict=True)):
                self.check_against_gradients(number, k, hessian, keywords)

    def check_refused(self, method, what):
        """Fail unless a method raises, because according to the tags there is no `what`."""
        try:
            method(*self.arrays)
        except ValueError:
            return
        self.fail(f"its tags say that there is no {what}, but there is one.")

    def check_against_values(self, keywords):
        for k, gradient in zip(
            self.differentiable, self.gradients(self.arrays, **keywords), strict=True
        ):

            def function(arrays, index):
                return self.loss(*arrays, **keywords)

            size = self.size
            if keywords["reduction"] == "mean" and self.none is not None:
                size /= self.none.size
            self.check_elements(k, gradient, function, "gradient", "the value", keywords, size)

    def check_against_gradients(self, number, k, hessian, keywords):
        def function(arrays, index):
            return self.gradients(arrays, **keywords)[number][index]

        self.check_elements(k, hessian, function, "Hessian", "the gradient", keywords, 0.0)

    def check_elements(self, k, derivative, function, what, source, keywords, size):
        """Check the derivative of a function of the arrays with respect to some elements.

        Parameters
        ----------
        k : int
            Index of the array.
        derivative : ndarray
            What the loss returned.
        function : callable
            ``function(arrays, index)`` is what is differentiated with respect to
            ``arrays[k][index]``.
        what, source : str
            Names of the derivative and of the function, for messages.
        keywords : dict
            The keywords of the call, for messages.
        size : float
            Magnitude of the terms of the function.
        """
        item, array = self.loss.inputs[k], self.arrays[k]
        floor = 1e-10 * float(np.abs(derivative[np.isfinite(derivative)]).max(initial=0)) + 1e-30
        for index in self.some(array):

            def at(x, index=index):
                moved = list(self.arrays)
                moved[k] = array.copy()
                moved[k][index] = x
                return function(moved, index)

            x, got = float(array[index]), float(derivative[index])
            if not (math.isfinite(x) and math.isfinite(got)):
                continue
            room = min(x - float(item.domain.low), float(item.domain.high) - x)
            fits, expected = _agrees(at, x, got, room, floor, size)
            if fits is False:
                weighted = " with sample_weight" * (keywords["sample_weight"] is not None)
                where = f"at index {_at(index)}" if index else "of the scalar"
                self.fail(
                    f"the {what} with respect to {item.name} is wrong {where} "
                    f"(reduction={keywords['reduction']!r}{weighted}): expected "
                    f"{_rounded(expected)}, from differences of {source}, got {got!r}."
                    f"{_hint(got, expected)}"
                )

    @staticmethod
    def some(array):
        """Indices of some elements of an array."""
        chosen = np.arange(array.size)
        if array.size > _MOST:
            chosen = np.sort(np.random.default_rng(3).permutation(array.size)[:_MOST])
        return [tuple(map(int, np.unravel_index(i, array.shape))) for i in chosen]

    # -- interface ------------------------------------------------------------------------------

    def check_outputs(self):
        if not self.promises_gradient:
            return
        reduction = self.reductions[0]
        alone = self.loss(*self.arrays, reduction=reduction)
        value, expected = self.loss.value_and_gradient(*self.arrays, reduction=reduction)
        self.same(value, alone, "the value differs if the gradient is computed, too", self.size)
        outs = tuple(np.full_like(gradient, 7.0) for gradient in _as_tuple(expected))
        gradient_out = outs if isinstance(expected, tuple) else outs[0]
        returned = self.loss.gradient(*self.arrays, reduction=reduction, gradient_out=gradient_out)
        for k, out, a, b in zip(
            self.differentiable, outs, _as_tuple(returned), _as_tuple(expected), strict=True
        ):
            name = self.loss.inputs[k].name
            if a is not out:
                self.fail(
                    f"the gradient with respect to {name} that is returned is not gradient_out."
                )
            self.same(out, b, f"gradient_out for {name} is not the gradient", 0.0)

    def check_threads(self):
        if any(a is not None and not a.ndim for a in self.arrays):
            return
        rows = sum(a.size for k, a in enumerate(self.arrays) if k in self.differentiable)
        times = -(-_MANY // rows)
        if self.response in _BATCHES:
            times = -(-_MANY_ROWS // self.n)
        many = []
        for k, array in enumerate(self.arrays):
            if array is not None and not self.shared(k):
                repeats = [1] * array.ndim
                repeats[self.axis(k)] = times
                if self.is_square(k):
                    repeats[1] = times
                if self.response == "score" and self.loss.inputs[k].domain.kind == "labels":
                    _, array = np.unique(array, return_inverse=True)
                    copies = np.arange(times).repeat(len(array)) // _COPIES_OF_GROUP
                    array = np.tile(array, times) + copies * len(array)
                else:
                    array = np.tile(array, repeats)
            many.append(array)
        try:
            one, two = (self.everything(many, n_threads) for n_threads in (1, 2))
        except ValueError:
            if self.n is None:
                return  # a parameter has an element for each sample
            raise
        for a, b in zip(one, two, strict=True):
            if not np.array_equal(a, b, equal_nan=True):
                self.fail("n_threads=2 and n_threads=1 give different bits.")

    def everything(self, arrays, n_threads):
        """The value and the gradients, as a list."""
        reduction = self.reductions[-1]
        if not self.promises_gradient:
            return [self.loss(*arrays, reduction=reduction, n_threads=n_threads)]
        value, gradient = self.loss.value_and_gradient(
            *arrays, reduction=reduction, n_threads=n_threads
        )
        return [value, *_as_tuple(gradient)]

    def check_object(self):
        value = self.loss(*self.arrays)
        copies = {"clone": clone(self.loss)}
        try:
            pickle.dumps(self.loss.get_params(deep=False))
        except Exception:
            pass  # user functions that cannot be pickled are allowed
        else:
            copies["a pickled copy"] = pickle.loads(pickle.dumps(self.loss))
        for what, copy in copies.items():
            got = copy(*self.arrays)  # pyright: ignore[reportCallIssue]
            if not np.array_equal(got, value, equal_nan=True):
                self.fail(f"{what} returns a different value.")
        text = repr(self.loss)
        if not text.startswith(type(self.loss).__name__ + "("):
            self.fail(f"its repr is not a call of its class: {text}")


def _rounded(expected):
    """Format results of finite differences, with their significant digits."""
    if isinstance(expected, tuple):
        return " to ".join(str(_rounded(number)) for number in sorted(expected))
    return float(f"{expected:.9g}")


def _hint(got, expected):
    """A sentence about the ratio of the derivative and what was expected."""
    if isinstance(expected, tuple) or not expected:
        return ""
    ratio = got / expected
    if abs(ratio + 1) < 1e-6:
        return " Its sign is wrong."
    return f" It is {ratio:.7g} times what it should be."
