"""Losses for regression: real targets or counts."""

import math
from dataclasses import replace
from numbers import Real

import numpy as np

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import NONNEGATIVE, OPEN_UNIT, REAL
from .._families.pointwise import PointwiseLoss
from .._sklearn_compat import Interval
from .._validation import as_parameter, is_on, raise_outside

__all__ = [
    "GaussianNLLLoss",
    "HuberLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "QuantileLoss",
    "SmoothL1Loss",
]

_Y_TRUE = Input("y_true", REAL, "array-like of any shape\nTargets.")
_Y_PRED = Input(
    "y_pred", REAL, "array-like of the shape of y_true\nPredictions.", differentiable=True
)


class L1Loss(PointwiseLoss):
    r"""Absolute error.

    See Also
    --------
    MSELoss : Squared error.
    HuberLoss : Squared near zero, absolute beyond `delta`.

    Notes
    -----
    .. math:: \ell = |\hat y - y|

    Minimised by the median of the targets. The gradient at a tie is 0, a subgradient. The true
    Hessian is zero almost everywhere; 1 is returned instead, scaled like the loss. This turns a
    Newton step into a gradient step, as boosting libraries expect.

    Examples
    --------
    >>> from sklosses import L1Loss, l1_loss
    >>> l1_loss([1.0, 2.0], [1.5, 4.0])
    1.25
    >>> L1Loss().gradient([1.0, 2.0], [1.5, 4.0])
    array([0.5, 0.5])
    """

    function_name = "l1_loss"
    aliases = ("mae", "mean_absolute_error", "neg_mean_absolute_error", "absolute_error")
    kernel = "l1_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real", hessian="ones")

    def _best_constant(self, y_true, weight):
        return _constants.median(y_true, weight)


class MSELoss(PointwiseLoss):
    r"""Squared error.

    See Also
    --------
    L1Loss : Absolute error, less sensitive to outliers.

    Notes
    -----
    .. math:: \ell = (\hat y - y)^2

    Minimised by the mean of the targets. There is no factor 1/2, unlike in some packages: the
    gradient is :math:`2 (\hat y - y)`, the Hessian 2.

    Examples
    --------
    >>> from sklosses import MSELoss, mse_loss
    >>> mse_loss([1.0, 2.0], [1.5, 4.0])
    2.125
    >>> MSELoss(reduction="sum").gradient([1.0, 2.0], [1.5, 4.0])
    array([1., 4.])
    """

    function_name = "mse_loss"
    aliases = ("l2", "mean_squared_error", "neg_mean_squared_error", "squared_error", "rmse")
    kernel = "mse_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real")

    def _best_constant(self, y_true, weight):
        return _constants.mean(y_true, weight)


class SmoothL1Loss(PointwiseLoss):
    r"""Smooth L1 loss: squared error below `beta`, absolute error above.

    Parameters
    ----------
    beta : float, default=1.0
        Absolute error at which the two pieces meet, in the units of the target, >= 0. With 0 this
        is `L1Loss`, including its Hessian.

    See Also
    --------
    HuberLoss : The same, multiplied by delta.

    Notes
    -----
    With :math:`d = \hat y - y`,

    .. math:: \ell = \begin{cases} d^2 / (2 \beta) & |d| < \beta \\
              |d| - \beta / 2 & \text{otherwise.} \end{cases}

    The gradient is :math:`d / \beta`, clipped to [-1, 1]. The Hessian is :math:`1 / \beta` for
    :math:`|d| \le \beta` and 0 beyond. As beta grows, the minimiser moves from the median of the
    targets to their mean.

    References
    ----------
    R. Girshick, "Fast R-CNN", ICCV 2015. :doi:`10.1109/ICCV.2015.169`

    Examples
    --------
    >>> from sklosses import SmoothL1Loss, smooth_l1_loss
    >>> smooth_l1_loss([1.0, 2.0], [1.5, 4.0])
    0.8125
    >>> SmoothL1Loss(beta=4.0)([1.0, 2.0], [1.5, 4.0])
    0.265625
    """

    function_name = "smooth_l1_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    _parameter_constraints = {"beta": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, *, beta: float = 1.0, reduction: str = "mean"):
        self.beta = beta
        self.reduction = reduction

    @property
    def kernel(self):
        """The kernel; for a `beta` of 0 that of `L1Loss`."""
        return "huber_loss" if self.beta else "l1_loss"

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; for a `beta` of 0 that of `L1Loss`."""
        hessian = "exact" if self.beta else "ones"
        return LossTags(response="real", target="real", hessian=hessian)

    def _kernel_params(self):
        return (self.beta, self.beta) if self.beta else ()

    def _best_constant(self, y_true, weight):
        return None if self.beta else _constants.median(y_true, weight)


class HuberLoss(PointwiseLoss):
    r"""Huber loss: half the squared error below `delta`, linear above.

    Parameters
    ----------
    delta : float, default=1.0
        Absolute error at which the two pieces meet, in the units of the target, > 0.

    See Also
    --------
    SmoothL1Loss : The same, divided by delta.

    Notes
    -----
    With :math:`d = \hat y - y`,

    .. math:: \ell = \begin{cases} d^2 / 2 & |d| \le \delta \\
              \delta (|d| - \delta / 2) & \text{otherwise.} \end{cases}

    The gradient is d, clipped to :math:`[-\delta, \delta]`. The Hessian is 1 for
    :math:`|d| \le \delta` and 0 beyond. As delta grows, the minimiser moves from the median of the
    targets to their mean.

    References
    ----------
    P. J. Huber, "Robust Estimation of a Location Parameter", Ann. Math. Statist. 35 (1964).
    :doi:`10.1214/aoms/1177703732`

    Examples
    --------
    >>> from sklosses import HuberLoss, huber_loss
    >>> huber_loss([1.0, 2.0], [1.5, 4.0])
    0.8125
    >>> HuberLoss(delta=0.5).gradient([1.0, 2.0], [1.5, 4.0])
    array([0.25, 0.25])
    """

    function_name = "huber_loss"
    kernel = "huber_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real")
    _parameter_constraints = {"delta": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, *, delta: float = 1.0, reduction: str = "mean"):
        self.delta = delta
        self.reduction = reduction

    def _kernel_params(self):
        return (self.delta, 1.0)


class QuantileLoss(PointwiseLoss):
    r"""Quantile loss (pinball loss): absolute error with different weights above and below.

    Parameters
    ----------
    quantile : float or array-like of shape (n_quantiles,), default=0.5
        The quantile to predict, in the range (0, 1). With an array, the predictions have an
        additional last axis for the quantiles.

    See Also
    --------
    L1Loss : Twice this loss for the median.
    sklearn.metrics.mean_pinball_loss : The mean for one quantile.

    Notes
    -----
    With :math:`d = y - \hat y` and the quantile q,

    .. math:: \ell = \max(q\, d, (q - 1)\, d)

    Minimised by the q-quantile of the targets. The gradient is 1 - q where the prediction is too
    high, -q where it is too low, and 0 at a tie, a subgradient. The true Hessian is zero almost
    everywhere; 1 is returned instead, scaled like the loss.

    References
    ----------
    R. Koenker, G. Bassett, "Regression Quantiles", Econometrica 46 (1978).
    :doi:`10.2307/1913643`

    Examples
    --------
    >>> from sklosses import QuantileLoss, quantile_loss
    >>> quantile_loss([1.0, 2.0], [1.5, 4.0], quantile=0.25)
    0.9375
    >>> loss = QuantileLoss(quantile=[0.25, 0.75])
    >>> loss([1.0, 2.0], [[0.5, 1.5], [1.5, 4.0]], reduction="none")
    array([[0.125, 0.125],
           [0.125, 0.5  ]])
    """

    function_name = "quantile_loss"
    aliases = ("pinball", "mean_pinball_loss", "quantile_regression")
    kernel = "quantile_loss"
    tags = LossTags(response="real", target="real", hessian="ones")
    _parameter_constraints = {"quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"]}
    # For one quantile, and for several.
    _inputs = ((_Y_TRUE, _Y_PRED), (replace(_Y_TRUE, broadcasts=True), _Y_PRED))

    def __init__(self, *, quantile=0.5, reduction: str = "mean"):
        self.quantile = quantile
        self.reduction = reduction

    @by_parameters
    def inputs(self):
        """The arrays; for several quantiles the targets are broadcast along their axis."""
        return self._inputs[not isinstance(self.quantile, Real) and np.ndim(self.quantile) > 0]

    def _kernel_params(self):
        quantile = as_parameter(self.quantile, "quantile").astype(np.float64)
        if quantile.ndim > 1:
            raise ValueError(
                "quantile must be a number or have shape (n_quantiles,). "
                f"Got shape {quantile.shape} instead."
            )
        if OPEN_UNIT.outside(quantile).any():
            raise_outside(quantile, "quantile", OPEN_UNIT)
        return (quantile, np.asarray(1 - quantile))

    @property
    def trailing_shape(self):
        """The axis of the quantiles, if there are several."""
        return np.shape(self.quantile) if self.inputs[0].broadcasts else ()

    def _check_arrays(self, arrays):
        if not self.inputs[0].broadcasts:
            return
        shape = arrays[0].shape + np.shape(self.quantile)
        if arrays[1].shape != shape:
            raise ValueError(
                f"y_pred must have shape {shape} for y_true of shape {arrays[0].shape} and "
                f"quantile={self.quantile!r}. Got shape {arrays[1].shape} instead."
            )

    def _best_constant(self, y_true, weight):
        return _constants.quantile(y_true, weight, self._kernel_params()[0])


_COUNTS = Input("y_true", NONNEGATIVE, "array-like of any shape\nCounts, >= 0.")
_RATE_DOC = (
    "array-like of the shape of y_true\nLogarithms of the predicted rates or, with\n"
    "``log_input=False``, the rates, >= 0."
)


class PoissonNLLLoss(PointwiseLoss):
    r"""Negative log-likelihood of counts with a Poisson distribution.

    Parameters
    ----------
    log_input : bool, default=True
        Whether the predictions are logarithms of the rates rather than the rates.
    full : bool, default=False
        Whether to add Stirling's approximation of log(y!), which does not depend on the
        predictions, for counts above 1.
    eps : float, default=1e-8
        Added to a rate before taking the logarithm, >= 0; only used with ``log_input=False``.

    See Also
    --------
    MSELoss : For targets of any sign.
    sklearn.metrics.mean_poisson_deviance : Twice this loss minus its minimum.

    Notes
    -----
    With the predictions z or, for ``log_input=False``, :math:`\lambda`,

    .. math:: \ell = e^z - y z \quad \text{or} \quad
              \ell = \lambda - y \log(\lambda + \varepsilon),

    Minimised where :math:`e^z` or :math:`\lambda + \varepsilon` is the mean of the counts.
    ``full=True`` adds :math:`y \log y - y + \log(2 \pi y) / 2` where y > 1. The derivatives are
    :math:`e^z - y` and :math:`1 - y / (\lambda + \varepsilon)`, the second derivatives :math:`e^z`
    and :math:`y / (\lambda + \varepsilon)^2`. Counts need not be integers. For a count of 0 the
    logarithmic term vanishes, even where ``eps=0`` makes it infinite; for any other count a rate of
    0 then has an infinite loss.

    Examples
    --------
    >>> from sklosses import PoissonNLLLoss, poisson_nll_loss
    >>> poisson_nll_loss([1, 0, 2], [0.0, 0.0, 0.0])
    1.0
    >>> loss = PoissonNLLLoss(log_input=False, full=True, reduction="sum")
    >>> value, gradient = loss.value_and_gradient([1, 0, 2], [1.0, 0.5, 4.0])
    >>> round(value, 4)
    3.3792
    >>> gradient.round(4)
    array([0. , 1. , 0.5])
    """

    function_name = "poisson_nll_loss"
    aliases = ("mean_poisson_deviance",)
    _inputs = {
        True: (_COUNTS, Input("y_pred", REAL, _RATE_DOC, differentiable=True)),
        False: (_COUNTS, Input("y_pred", NONNEGATIVE, _RATE_DOC, differentiable=True)),
    }
    _parameter_constraints = {
        "log_input": ["boolean"],
        "full": ["boolean"],
        "eps": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-8,
        reduction: str = "mean",
    ):
        self.log_input = log_input
        self.full = full
        self.eps = eps
        self.reduction = reduction

    @by_parameters
    def inputs(self):
        """The arrays; predictions are logarithms, or rates >= 0."""
        return self._inputs[is_on(self.log_input)]

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; the response depends on `log_input`."""
        return LossTags(response="log_rate" if is_on(self.log_input) else "rate", target="real")

    @property
    def kernel(self):
        """The kernel, for logarithms or for rates."""
        return "poisson_nll_loss" if self.log_input else "poisson_nll_loss_of_rates"

    def _kernel_params(self):
        return (bool(self.full), self.eps)

    def _best_constant(self, y_true, weight):
        rate = _constants.mean(y_true, weight)
        return _constants.log_rate(rate) if self.log_input else np.maximum(rate - self.eps, 0)


class GaussianNLLLoss(PointwiseLoss):
    r"""Negative log-likelihood of a normal distribution with predicted mean and variance.

    Parameters
    ----------
    full : bool, default=False
        Whether to add the constant log(2 pi) / 2.
    eps : float, default=1e-6
        Lower bound of the variance, >= 0. It is raised to the smallest normal number of the dtype
        if it is smaller.

    See Also
    --------
    MSELoss : Equivalent for a constant variance, up to a factor and a constant.

    Notes
    -----
    With :math:`d = \hat y - y` and :math:`v = \max(\mathrm{var}, \varepsilon)`,

    .. math:: \ell = \tfrac12 \left( \log v + d^2 / v \right).

    The derivatives are :math:`d / v` with respect to the mean and :math:`(1 - d^2 / v) / (2 v)`
    with respect to the variance, the second derivatives :math:`1 / v` and :math:`(d^2 / v - 1/2) /
    v^2`. Where the variance is below `eps`, the derivatives are those at `eps`, not 0. This is
    PyTorch's convention, which lets a variance that has become too small grow again. Minimised by
    the mean of the targets and, for any fixed mean, by the mean of :math:`d^2` as the variance. Not
    convex in the variance.

    The variance may be a number, an array that broadcasts to the shape of `y_pred`, or an array of
    this shape without the last axis, one variance for each row. Where both are possible, for shape
    (n,) and predictions of shape (n, n), the latter applies, as in PyTorch. The derivative with
    respect to a variance that several elements share is the sum over these elements, also for the
    reduction "none".

    References
    ----------
    D. A. Nix, A. S. Weigend, "Estimating the mean and variance of the target probability
    distribution", ICNN 1994. :doi:`10.1109/ICNN.1994.374138`

    Examples
    --------
    >>> from sklosses import GaussianNLLLoss, gaussian_nll_loss
    >>> y_true, y_pred = [1.0, 2.0, 3.0], [1.5, 2.0, 1.0]
    >>> round(gaussian_nll_loss(y_true, y_pred, [1.0, 0.5, 4.0]), 4)
    0.3239
    >>> loss = GaussianNLLLoss(reduction="sum")
    >>> loss.gradient(y_true, y_pred, 2.0)
    (array([ 0.25,  0.  , -1.  ]), array(0.21875))
    """

    function_name = "gaussian_nll_loss"
    aliases = ("normal", "heteroscedastic")
    kernel = "gaussian_nll_loss"
    inputs = (
        _Y_TRUE,
        Input(
            "y_pred",
            REAL,
            "array-like of the shape of y_true\nPredicted means.",
            differentiable=True,
        ),
        Input(
            "var",
            NONNEGATIVE,
            "float or array-like\n"
            "Predicted variances, >= 0, of the shape of y_pred, of a shape that broadcasts to it,\n"
            "or of that shape without the last axis.",
            differentiable=True,
            broadcasts=True,
        ),
    )
    tags = LossTags(response="distribution", target="real", convex=False)
    _parameter_constraints = {
        "full": ["boolean"],
        "eps": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean"):
        self.full = full
        self.eps = eps
        self.reduction = reduction

    def _kernel_params(self):
        return (self.eps, math.log(2 * math.pi) / 2 if self.full else 0.0)

    def _best_constant(self, y_true, weight):
        mean = _constants.mean(y_true, weight)
        limits = np.finfo(np.float64)
        with np.errstate(over="ignore"):
            squares = np.minimum((y_true - mean) ** 2, limits.max)
        variance = _constants.mean(squares, weight)
        return mean, np.maximum(variance, max(self.eps, limits.tiny))
