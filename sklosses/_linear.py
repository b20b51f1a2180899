"""Fit linear models that minimise the mean loss of their outputs plus an L2 penalty.

`Objective` says what a fit needs of the data, wherever these are. `minimise` finds the coefficients
by L-BFGS. It works in scaled variables (`Variables`), in which the steps of L-BFGS are nearly
Newton steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import minimize as minimize_scipy
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning

from ._blas import one_thread_except_numpy
from ._families.classwise import ClasswiseLoss
from ._features import (
    N_ROWS,
    Grouping,
    moments_of,
    root_of,
    shift_of,
    shifted,
    shifted_within,
)
from ._outputs import Outputs
from ._warnings import warn

# ---------------------------------------------------------------------------------------------
# The objective
# ---------------------------------------------------------------------------------------------


@dataclass
class Point:
    """Coefficients, (n_outputs, n_features), and intercepts, with the objective at this point."""

    coef: np.ndarray
    intercept: np.ndarray
    value: float
    coef_gradient: np.ndarray
    intercept_gradient: np.ndarray

    @property
    def is_finite(self):
        """Whether value and gradient are finite: nothing overflowed."""
        gradients = (self.coef_gradient, self.intercept_gradient)
        return np.isfinite(self.value) and all(np.isfinite(item).all() for item in gradients)


@dataclass
class Sample:
    """Some of the samples, or all: features, targets and weights."""

    X: Any
    targets: tuple
    weight: np.ndarray | None
    is_all: bool
    #: The number of the group of each sample, if the loss compares the samples of a group.
    groups: np.ndarray | None = None


def take(targets, rows):
    """Some rows of each of the targets."""
    return tuple(item[rows] for item in targets)


class Objective:
    """The objective: mean loss + alpha / 2 * |coef|^2. Subclasses know where the data are.

    Attributes
    ----------
    loss : Loss
    alpha : float
    outputs : Outputs
        Those of all samples or, if these are not in memory, of some.
    n_features : int
    dtype : dtype
        That of X.
    n_threads : int or None
    """

    loss: Any
    alpha: float
    outputs: Outputs
    n_features: int
    dtype: Any
    n_threads: int | None

    @property
    def n_outputs(self):
        """Number of outputs."""
        return self.outputs.values_gradient.shape[1]

    @property
    def row_alpha(self):
        """The penalty of the coefficients of each output."""
        return self.alpha / (self.n_outputs if self.outputs.is_tied else 1)

    def penalised(self, coef, intercept, value, coef_gradient, intercept_gradient):
        """The point with these values and gradients of the mean loss."""
        return Point(
            coef,
            intercept,
            float(value + self.row_alpha / 2 * np.vdot(coef, coef)),
            coef_gradient + self.row_alpha * coef,
            intercept_gradient,
        )

    def with_loss(self, loss):
        """The objective of another loss."""
        raise NotImplementedError

    def evaluate(self, coef, intercept):
        """Value and gradient at a point. X is read once for each of them."""
        raise NotImplementedError

    def shift_features(self):
        """Subtract the means of features far from 0; return what was subtracted, or None."""
        raise NotImplementedError

    def optimal_constant(self):
        """The best constant of the loss, or nearly so: the fit starts from it."""
        raise NotImplementedError

    def is_relative(self, point):
        """Whether the loss only depends on differences between the outputs of a sample."""
        raise NotImplementedError

    def sample(self, most):
        """A `Sample` of evenly spaced rows, fewer than twice `most`."""
        raise NotImplementedError

    def moments(self, centred):
        """`moments_of` all samples, with their covariance matrix."""
        raise NotImplementedError

    def root(self, mean):
        """`root_of` all samples."""
        raise NotImplementedError


class ArrayObjective(Objective):
    """The objective of arrays in memory."""

    def __init__(self, loss, X, targets, weight, alpha, n_threads, kind, n_outputs):
        self.loss = loss
        self.X = X
        self.targets = targets
        self.weight = weight
        self.alpha = alpha
        self.outputs = kind(targets, n_outputs, X.dtype)
        self.outputs.anchor_at(targets, weight)
        self.n_features = X.shape[1]
        self.dtype = X.dtype
        self.n_threads = n_threads

    def with_loss(self, loss):
        data = self.X, self.targets, self.weight
        return ArrayObjective(
            loss, *data, self.alpha, self.n_threads, type(self.outputs), self.n_outputs
        )

    def evaluate(self, coef, intercept):
        outputs = self.outputs
        outputs.predict(self.X, coef, intercept)
        value = outputs.evaluate(self.loss, self.targets, self.weight, self.n_threads)
        return self.penalised(coef, intercept, value, *outputs.gradients(self.X))

    def shift_features(self):
        groups = self.outputs.groups(self.loss)
        if groups is not None:
            self.X = shifted_within(self.X, groups)
            return None
        shift = shift_of(self.X, self.weight)
        if shift is not None:
            self.X = shifted(self.X, shift)
        return shift

    def optimal_constant(self):
        return self.loss.optimal_constant(*self.targets, self.weight)

    def is_relative(self, point):
        return self.outputs.is_relative

    def sample(self, most):
        weight, all_rows = self.weight, slice(None, None, 1)
        rows = self.outputs.some_rows(max(1, self.X.shape[0] // most))
        if weight is not None and not weight[rows].any():
            rows = all_rows
        is_all = isinstance(rows, slice) and rows == all_rows
        groups = self.outputs.groups(self.loss)
        return Sample(
            self.X if is_all else self.X[rows],
            take(self.targets, rows),
            weight if weight is None else weight[rows],
            is_all,
            None if groups is None else groups[rows],
        )

    def moments(self, centred):
        return moments_of(self.X, self.weight, centred)

    def root(self, mean):
        return root_of(self.X, self.weight, mean)


# ---------------------------------------------------------------------------------------------
# Variables
# ---------------------------------------------------------------------------------------------

# Up to this many features, their correlations are taken into account: the products and the
# eigenvectors cost less than the passes over X that they save. Each output has its own eigenvectors
# as long as these have no more than _MOST_DIRECTIONS elements in total.
_MOST_CORRELATED = 256
_MOST_DIRECTIONS = 1 << 20

# The curvature is estimated from a subset of `N_ROWS` samples, plus so many for each feature.
_N_ROWS_PER_FEATURE = 20

# Eigenvalues of the correlations below this are computed from the features themselves. Those
# computed from the products of features are only accurate to eps times the largest.
_LEAST_EIGENVALUE = 1e-10

# Least deviation along a direction, relative to the largest, by which variables are scaled: the
# rounding error of the gradient, about eps, is scaled with it and must stay below `tol`.
_LEAST_DEVIATION = 1e-9

# If the outputs are off by this many roundings of their terms, the gradient cannot show it.
_ROUNDINGS = 16


def most_samples(n_features):
    """The number of samples that the curvature is estimated from, or up to twice as many."""
    return N_ROWS + _N_ROWS_PER_FEATURE * n_features * (n_features <= _MOST_CORRELATED)


class Variables:
    """Variables in which the objective has a curvature of about 1 in all directions.

    Let h be the second derivative of the loss with respect to an output, C the covariance of the
    features, with samples weighted by their share of h, and alpha the penalty. The block of the
    Hessian that belongs to this output is h C + alpha. Each of its eigenvectors is scaled by the
    square root of its eigenvalue; for many features, the diagonal is used in place of the
    eigenvectors. The intercept is that at the mean of the features, which decouples it from the
    coefficients without changing X. If the loss only depends on differences between the outputs,
    the outputs are kept at a sum of 0, because the penalty is all the curvature of their mean. If
    the outputs have common coefficients, these are the mean over the outputs. If the fit varies
    gaps (`Outputs.has_gaps`), the curvature of the coefficients is that of the output at the
    anchor.

    Parameters
    ----------
    objective : Objective
    point : Point
        Where the curvature is estimated, from some of the samples.
    fit_intercept : bool

    Attributes
    ----------
    size : float
        Upper estimate of how far the objective can fall, from the derivatives of the samples.
    is_quadratic : bool
        Whether the curvature is the same everywhere.
    is_exact : bool
        Whether the curvature is that of all samples.
    """

    def __init__(self, objective, point, fit_intercept):
        self.fit_intercept = fit_intercept
        self.is_relative = objective.is_relative(point)
        self.is_tied = objective.outputs.is_tied
        n_features = objective.n_features
        self.is_correlated = n_features <= _MOST_CORRELATED
        sample = objective.sample(most_samples(n_features))
        X = sample.X
        curvature, rows = self._estimate_curvature(objective, point, sample)
        # With the curvature of all samples, a single step then reaches the minimum.
        takes_all = self.is_quadratic and not sample.is_all and self.is_correlated
        self.is_exact = sample.is_all or takes_all
        between = 0.0
        if sample.groups is not None:
            # The loss depends on the differences within groups only.
            grouping = Grouping(sample.groups, rows[0])
            if sparse.issparse(X):
                between = grouping.between(X, self.is_correlated)
            else:
                X = grouping.centred(X)
        if takes_all:
            moments = [objective.moments(fit_intercept)]
        else:
            moments = [moments_of(X, row, fit_intercept, self.is_correlated) for row in rows]
        self.mean = np.stack([mean for mean, _ in moments])
        anchor = objective.outputs.anchor
        if objective.outputs.has_gaps:
            # The features move one intercept, and no gap.
            self.mean = np.eye(len(curvature))[:, [anchor]] * self.mean
        covariance = np.stack([covariance for _, covariance in moments]) - between
        variances = np.diagonal(covariance, axis1=1, axis2=2) if self.is_correlated else covariance
        self.squares = self.mean**2 + np.maximum(variances, 0)
        if sample.groups is not None:
            self.squares = moments_of(sample.X, None, False, correlated=False)[1][np.newaxis]
        # If all outputs share the same directions, these are computed for the mean curvature.
        shared = curvature if len(covariance) == len(curvature) else curvature.mean(keepdims=True)
        if objective.outputs.has_gaps:
            shared = curvature[[anchor]] / len(curvature)
        hessian = None
        if self.is_correlated:
            hessian = shared[:, np.newaxis, np.newaxis] * covariance
            hessian[:, range(n_features), range(n_features)] += objective.row_alpha
            diagonal = np.diagonal(hessian, axis1=1, axis2=2)
        else:
            diagonal = shared[:, np.newaxis] * np.maximum(covariance, 0) + objective.row_alpha
        # First the scales of the features are removed, because they would hide small eigenvalues.
        # The gradient of a feature that does not vary is 0, so its scale does not matter.
        self.units = np.sqrt(np.where(diagonal > 0, diagonal, 1))
        self.directions, curved = None, np.ones_like(self.units)
        if hessian is not None:
            hessian /= self.units[:, :, np.newaxis] * self.units[:, np.newaxis]
            curved, self.directions = np.linalg.eigh(hessian)
            curved = np.maximum(curved, n_features * np.finfo(np.float64).eps)
            if curved.min() < _LEAST_EIGENVALUE and not sparse.issparse(X):
                for k, mean in enumerate(self.mean[: len(curved)]):
                    root = objective.root(mean) if takes_all else root_of(X, rows[k], mean)
                    root = np.sqrt(shared[k]) * root
                    root = np.vstack([root, np.sqrt(objective.row_alpha) * np.eye(n_features)])
                    curved[k], self.directions[k] = _eigen_of_root(root / self.units[k])
        share = np.ones(len(curvature)) if objective.outputs.has_gaps else curvature / shared
        self.scale = np.sqrt(curved * share[:, np.newaxis])
        self.intercept_scale = np.sqrt(curvature)

    def _estimate_curvature(self, objective, point, sample):
        """Estimate the curvature of the objective from a sample.

        Sets `is_quadratic` and `size`.

        Returns
        -------
        curvature : ndarray of shape (n_outputs,)
            The second derivative of the mean loss with respect to each output.
        rows : list of (ndarray of shape (n_samples,) or None)
            Weights of the samples for the covariance, one item for each output or a single one.
            None stands for equal weights.
        """
        loss, X, targets, weight = objective.loss, sample.X, sample.targets, sample.weight
        outputs = objective.outputs.like(targets)

        def derivatives(intercept):
            outputs.predict(X, point.coef, intercept)
            both = outputs.derivatives(loss, targets, weight)
            if weight is not None:
                for item in both:
                    item[weight == 0] = 0  # an exponential might overflow there
            return both

        first, second = derivatives(point.intercept)
        # A loss that compares samples does not depend on the intercept.
        self.is_quadratic = (
            loss.tags.hessian == "exact"
            and not outputs.is_compared
            and _is_constant(derivatives, point.intercept, first, second)
        )
        squares = np.average(first.astype(np.float64) ** 2, axis=0, weights=weight)
        second = np.maximum(second.astype(np.float64), 0)
        curvature = np.average(second, axis=0, weights=weight)
        rows = [weight]
        if loss.tags.hessian != "exact" or not curvature.max() > 0:
            # The curvature of the parabola with the same gradient whose minimum is 0.
            outputs.predict(X, point.coef, point.intercept)
            value = outputs.evaluate(loss, targets, weight, objective.n_threads)
            curvature = squares / value if value > 0 else squares
        elif np.ptp(second, axis=0).any():
            second /= np.maximum(curvature, np.finfo(np.float64).tiny)
            if outputs.has_gaps:
                second = second[:, [outputs.anchor]]  # coefficients move all thresholds
            if np.count_nonzero(second, axis=0).min() < 2 * X.shape[1]:
                # Too few samples for all directions, as with a Huber loss that is linear almost
                # everywhere. Give the other samples a small weight as well.
                second += 0.01
            if second.shape[1] * X.shape[1] ** 2 > _MOST_DIRECTIONS or not self.is_correlated:
                second = second.mean(axis=1, keepdims=True)
            rows = [row if weight is None else row * weight for row in second.T if row.any()]
        most = curvature.max()
        if not 0 < most < np.inf:
            curvature, most = np.ones(len(curvature)), 1.0
        # A curvature that is much smaller than that of the other outputs may be due to another
        # unit, as with a mean and a log-variance. It is only raised if the gradient then also
        # predicts a much larger decrease. A curvature of 0 is always raised.
        decreases = squares / np.where(curvature > 0, curvature, np.inf)
        smallest = decreases[decreases > 0].min(initial=np.inf)
        least = np.minimum(1e-4 * most, 1e-4 * squares / smallest)
        curvature = np.maximum(curvature, np.where(curvature > 0, least, 1e-4 * most))
        # The mean of an elementwise loss is over the outputs as well.
        y_true = targets[0]
        share = 1.0 if isinstance(loss, ClasswiseLoss) else len(y_true) / y_true.size
        self.size = float(share * (squares / curvature).sum())
        return share * curvature, rows if len(rows) in (1, len(curvature)) else [weight]

    def rounding(self, point, eps):
        """Norm of the gradient if the outputs are off by `_ROUNDINGS` roundings of their terms."""
        terms = (point.coef**2 * self.squares).sum(axis=1) + point.intercept**2
        return float(_ROUNDINGS * eps * np.sqrt(self.intercept_scale**2 @ terms))

    def _turn(self, values):
        """Components along the directions. `_turn_back` is the inverse."""
        if self.directions is None:
            return values
        return np.matmul(values[:, np.newaxis], self.directions)[:, 0]

    def _turn_back(self, values):
        if self.directions is None:
            return values
        return np.matmul(self.directions, values[:, :, np.newaxis])[:, :, 0]

    def _balance(self, values):
        """Subtract the mean over the outputs if the loss does not depend on it."""
        return values - values.mean(axis=0) if self.is_relative else values

    def _project(self, coef):
        """Coefficients, or their gradient, in the space that the outputs allow."""
        if self.is_tied:
            return np.tile(coef.mean(axis=0), (len(coef), 1))
        return self._balance(coef)

    def to_model(self, theta):
        """Convert variables to coefficients and intercepts."""
        size, n_outputs = self.scale.size, len(self.scale)
        coef = self._turn_back(theta[:size].reshape(self.scale.shape) / self.scale)
        coef = self._project(coef / self.units)
        if not self.fit_intercept:
            return coef, np.zeros(n_outputs)
        intercept = theta[size:] / self.intercept_scale - (self.mean * coef).sum(axis=1)
        return coef, self._balance(intercept)

    def from_model(self, coef, intercept):
        """Convert coefficients and intercepts to variables."""
        theta = (self._turn(coef * self.units) * self.scale).ravel()
        if self.fit_intercept:
            central = intercept + (self.mean * coef).sum(axis=1)
            theta = np.append(theta, central * self.intercept_scale)
        return theta

    def gradient(self, point):
        """The gradient with respect to the variables."""
        coef_gradient = point.coef_gradient
        if not self.fit_intercept:
            return (self._turn(self._project(coef_gradient) / self.units) / self.scale).ravel()
        intercept_gradient = self._balance(point.intercept_gradient)
        coef_gradient = self._project(coef_gradient - self.mean * intercept_gradient[:, np.newaxis])
        gradient = (self._turn(coef_gradient / self.units) / self.scale).ravel()
        return np.append(gradient, intercept_gradient / self.intercept_scale)


def _eigen_of_root(root):
    """Eigenvalues of R.T @ R, bounded from below by their accuracy, and its eigenvectors."""
    values, directions = np.linalg.svd(root, full_matrices=False)[1:]
    most, eps = values.max() or 1.0, np.finfo(np.float64).eps
    # Along directions in which the features vary only by rounding errors, the gradient is a
    # rounding error, too. Scaled any further, it would look like a gradient that is not 0.
    is_null = values <= 10 * len(values) * eps * most
    least = np.where(is_null, np.sqrt(len(values) * eps), _LEAST_DEVIATION) * most
    return np.maximum(values, least) ** 2, directions.T


def _is_constant(derivatives, intercept, first, second):
    """Whether the second derivatives are the same at intercepts far away.

    Parameters
    ----------
    derivatives : callable
        ``derivatives(intercept)`` returns the first and second derivatives with respect to the
        outputs.
    intercept : ndarray of shape (n_outputs,)
    first, second : ndarray of shape (n_samples, n_outputs)
        The return value for `intercept`.
    """
    # A loss that is linear at all outputs may be curved elsewhere.
    if not second.max() > 0:
        return False
    # Ten times the largest distance to a minimum, so that kinks and tails of the loss show up. The
    # outputs are moved by different amounts, because a loss may depend only on their differences.
    way = 10 * np.abs(first).max().astype(np.float64) / second.max()
    for sign in (-1, 1):
        with np.errstate(over="ignore", invalid="ignore"):
            elsewhere = derivatives(intercept + sign * way * np.arange(1, len(intercept) + 1))[1]
        if not np.array_equal(second, elsewhere):
            return False
    return True


# ---------------------------------------------------------------------------------------------
# Minimisation
# ---------------------------------------------------------------------------------------------

# A step that overflows is reported as an increase of this many times the directional derivative, so
# that the line search goes back to about a tenth of the step.
_BARRIER = 5.0

# Number of iterations after which the variables are recomputed at the current point. It is doubled
# each time.
_FIRST_ROUND = 20

# The same if the gradient jumps, which stops the fit once it does not halve in as many iterations.
_SHORT_ROUND = 10

# For more classes than this, the fit does not start from the best constant class margins. Finding
# them takes a linear program over all pairs of classes.
_MOST_LEADS = 100

# A fit that has converged to `tol` continues to this fraction of it, for at most _LAST_ROUND
# iterations, if its steps are nearly Newton steps. The result then hardly depends on the starting
# point.
_LAST_DIGITS, _LAST_ROUND = 1e-3, 10


class Round:
    """The objective as a function of the scaled variables, for some iterations of L-BFGS.

    The first step of L-BFGS has length 1. Variables and objective are therefore scaled such that
    the gradient at the first point has length 1. This step then reaches the minimum of a quadratic
    objective.

    If the loss holds factors constant in its gradient, the value jumps where they change. It is
    then replaced by the integral of the gradient along the steps, so that line searches look at
    slopes only, and the result is the point with the smallest gradient.
    """

    def __init__(self, objective, point, variables, report):
        self.objective = objective
        self.point = point
        self.variables = variables
        self.report = report
        self.enough = 0.0
        self.origin = None
        self.unit = 1.0
        self.theta = variables.from_model(point.coef, point.intercept)
        self.gradient = variables.gradient(point)
        self.unit = self.gradient_norm or 1.0
        self.theta = self.theta / self.unit
        self.gradient = self.gradient / self.unit
        self.is_partial = is_partial(objective.loss)
        if self.is_partial:
            self.origin = self.theta, self.gradient, 0.0
        self.flattest = self.theta, self.gradient, self.point

    @property
    def gradient_norm(self):
        """Norm of the gradient at the last point."""
        return float(np.linalg.norm(self.gradient)) * self.unit

    def __call__(self, theta):
        """Value and gradient of the scaled objective."""
        if not np.array_equal(theta, self.theta):
            point = self.objective.evaluate(*self.variables.to_model(theta * self.unit))
            if not point.is_finite:
                rise = _BARRIER * abs(self.gradient @ (theta - self.theta))
                return self.point.value / self.unit**2 + rise, np.zeros_like(theta)
            self.theta, self.point = theta.copy(), point
            self.gradient = self.variables.gradient(point) / self.unit
        if self.origin is None:
            return self.point.value / self.unit**2, self.gradient
        start, start_gradient, level = self.origin
        return level + (self.gradient + start_gradient) @ (theta - start) / 2, self.gradient

    def record(self, intermediate_result):
        """Callback after each iteration. SciPy finds out its signature by the argument's name."""
        self.report(self.point.value, self.gradient_norm)
        if self.is_partial:
            self.origin = self.theta, self.gradient, self(self.theta)[0]
            if np.linalg.norm(self.gradient) < np.linalg.norm(self.flattest[1]):
                self.flattest = self.theta, self.gradient, self.point
        if self.gradient_norm <= self.enough:
            raise StopIteration

    def run(self, enough, **options):
        """Iterate until the gradient norm is at most `enough`.

        Returns
        -------
        point : Point
        goes_on : bool
            Whether L-BFGS could continue. False if its line search failed or if the value changed
            by less than `ftol`.
        """
        self.enough = enough
        # The input has been checked, and `__call__` handles steps that overflow.
        with (
            config_context(assume_finite=True),
            np.errstate(over="ignore", invalid="ignore"),
            one_thread_except_numpy(),
        ):
            result = minimize_scipy(
                self,
                self.theta,
                jac=True,
                method="L-BFGS-B",
                callback=self.record,
                options={"gtol": 0.0, "maxfun": 10**9, **options},
            )
            self(result.x)
        if self.is_partial:
            self.theta, self.gradient, self.point = self.flattest
        return self.point, result.status not in (0, 2)

    def finish(self, enough, **options):
        """Iterate although the value changes by less than its rounding error.

        The change of the value is computed from the gradients at both ends, which is exact for a
        quadratic function.
        """
        self.origin = self.theta, self.gradient, 0.0
        return self.run(enough, **options)[0]


def is_partial(loss):
    """Whether the gradient is not that of the value, because factors are held constant."""
    return loss.tags.gradient == "partial"


# A loss with kinks is replaced by smooth ones that are round within a width of them. The first
# width is this share of the loss of the best constant, each next one the second share of it.
_FIRST_WIDTH, _NEXT_WIDTH = 0.3, 0.2
# A fall of the objective by less than `tol` of it is the last one only below the first of these
# shares. Below the second, it cannot fall.
_NARROW_WIDTH, _LEAST_WIDTH = 1e-3, 1e-9


def minimise(objective, start, *, fit_intercept, max_iter, tol, verbose, caller):
    """Minimise the objective, that of a loss with kinks by way of smooth losses.

    At kinks, L-BFGS takes steps that become smaller and smaller before it is at the minimum. A
    smooth loss has a curvature, of which the variables make use, and its minimum is the better a
    start for the next one, the closer the two are.

    Parameters
    ----------
    objective : Objective
    start : tuple of ndarray or None
        Coefficients and intercepts. None means the best constant.
    fit_intercept : bool
    max_iter : int
    tol : float
    verbose : int
    caller : str
        Name of the estimator, for warnings.

    Returns
    -------
    coef : ndarray of shape (n_outputs, n_features)
    intercept : ndarray of shape (n_outputs,)
    curve : list of float
        The objective after each iteration, or at the start if there were no iterations. Those of
        smooth losses are theirs, but for the last one.
    """
    # Without an intercept only differences matter, if the loss compares samples.
    centres = fit_intercept or objective.outputs.is_compared
    shift = objective.shift_features() if centres else None
    if start is None:
        start = best_constant(objective, fit_intercept)
    elif not fit_intercept:
        start = start[0], np.zeros_like(start[1])
    elif shift is not None:
        start = start[0], start[1] + start[0] @ shift
    has_kinks = objective.loss._smoothed(1.0) is not None
    start = start[0], objective.outputs.to_free(start[1])
    coef, intercept, curve, reason = (_minimise_kinked if has_kinks else _minimise_smooth)(
        objective, start, fit_intercept=fit_intercept, max_iter=max_iter, tol=tol, verbose=verbose
    )
    if reason:
        warn(f"{caller} did not converge. {reason}", ConvergenceWarning)
    intercept = objective.outputs.from_free(intercept)
    if shift is not None:
        # The coefficients as they are stored in the model: the intercept compensates for their
        # rounding.
        coef = coef.astype(shift.dtype).astype(np.float64)
        intercept = intercept - coef @ shift.astype(np.float64)
    return coef, intercept, curve


def _minimise_kinked(objective, start, *, max_iter, tol, **settings):
    """`_minimise_smooth` for a loss with kinks."""
    point = objective.evaluate(*start)
    if not point.is_finite or point.value <= 0:
        return _minimise_smooth(objective, start, max_iter=max_iter, tol=tol, **settings)
    unit, share, curve = point.value, _FIRST_WIDTH, []
    while True:
        smooth = objective.with_loss(objective.loss._smoothed(share * unit))
        *start, values, reason = _minimise_smooth(
            smooth,
            (point.coef, point.intercept),
            max_iter=max_iter,
            spent=len(curve),
            tol=tol,
            **settings,
        )
        curve += values
        found = objective.evaluate(*start)
        has_fallen = point.value - found.value > tol * abs(point.value)
        if found.value < point.value:
            point = found
        is_last = len(curve) >= max_iter
        if is_last or share < (_LEAST_WIDTH if has_fallen else _NARROW_WIDTH):
            # A line search that finds no lower point is of no consequence here.
            curve[-1] = point.value
            return point.coef, point.intercept, curve, reason if is_last else ""
        share *= _NEXT_WIDTH


def best_constant(objective, fit_intercept):
    """Coefficients of 0, and the intercepts that minimise the loss."""
    outputs, loss = objective.outputs, objective.loss
    n_outputs = objective.n_outputs
    coef, intercept = np.zeros((n_outputs, objective.n_features)), np.zeros(n_outputs)
    if fit_intercept and (loss.tags.response != "class_margin" or n_outputs <= _MOST_LEADS):
        intercept = outputs.start(objective.optimal_constant())
    return coef, intercept


def _minimise_smooth(objective, start, *, fit_intercept, max_iter, tol, verbose, spent=0):
    """`minimise` by L-BFGS, `spent` iterations later; also why it did not converge, or ""."""
    loss = objective.loss
    rounding = float(np.finfo(objective.dtype).eps)
    tol = max(tol, rounding)
    # The value is a float64 sum of many terms that are rounded to single precision, so it is more
    # accurate than each term.
    ftol = min(rounding, 1e-9)
    # In single precision, most line searches of this length fail by rounding errors at the minimum.
    maxls = 30 if rounding == ftol else 12
    # The curvature of a loss with kinks is not known, so new variables would be no better.
    is_smooth = loss.tags.hessian != "ones"
    curve = []

    def report(value, norm):
        curve.append(value)
        if verbose:
            print(f"iteration {len(curve):5d}  objective {value:.10g}  gradient {norm:.2e}")

    point = objective.evaluate(*start)
    length, size, variables = _FIRST_ROUND, 0.0, None
    chances = 2 if rounding == ftol else 1
    jumps = is_partial(loss)
    if jumps:
        length, maxls, chances = _SHORT_ROUND, 8, 1
    is_stuck = False
    while True:
        if variables is None or not variables.is_quadratic:
            variables = Variables(objective, point, fit_intercept)
        size = max(variables.size, rounding * size)
        enough = tol * np.sqrt(size)
        step = Round(objective, point, variables, report)
        left = max_iter - spent - len(curve)
        converged = step.gradient_norm <= enough
        if converged or left <= 0 or (curve and not is_smooth):
            break
        if chances:
            norm = step.gradient_norm
            point, goes_on = step.run(
                enough, ftol=ftol, maxls=maxls, maxiter=min(left, length) if is_smooth else left
            )
            # If L-BFGS cannot go on in float64, try once more in new variables.
            chances -= not goes_on
            if not jumps:
                length *= 2
            elif enough < step.gradient_norm > norm / 2:
                curve[-1] = point.value
                break  # the gradient jumps over 0
            continue
        converged = step.gradient_norm <= np.sqrt(rounding * size)
        if converged or is_stuck:
            break
        # Steps change the value by less than its rounding error, but the gradient is still
        # significant.
        before, norm = point, step.gradient_norm
        point = step.finish(enough, ftol=0.0, maxls=5, maxiter=min(left, _LAST_ROUND))
        is_stuck = not step.gradient_norm <= norm / 2
        if is_stuck or point.value > before.value + 10 * rounding * abs(before.value):
            point, is_stuck = before, True
    is_near = (
        variables.is_exact
        and loss.tags.hessian == "exact"
        and step.gradient_norm > _LAST_DIGITS * enough
    )
    if converged and curve and left > 0 and is_near:
        point = step.finish(
            _LAST_DIGITS * enough, ftol=0.0, maxls=5, maxiter=min(left, _LAST_ROUND)
        )
    # With a gradient this small, the remaining decrease of the loss is less than its rounding
    # error, or the remaining change of the outputs is less than theirs.
    converged = converged or step.gradient_norm <= max(
        np.sqrt(rounding * max(size, abs(point.value))),
        min(variables.rounding(point, rounding), rounding**0.25 * np.sqrt(size)),
    )
    reason = ""
    left = max_iter - spent - len(curve)
    if not converged and (left <= 0 or (is_smooth and not jumps)):
        if left <= 0:
            reason = (
                f"L-BFGS reached max_iter={max_iter}. Increase max_iter or tol, scale the "
                "features, or use a larger alpha."
            )
        else:
            reason = (
                f"L-BFGS stopped after {len(curve)} iterations: the line search found no lower "
                "point. A larger max_iter does not help. Scale the features and the targets, use "
                "float64, or increase alpha or tol."
            )
    return point.coef, point.intercept, curve or [point.value], reason
