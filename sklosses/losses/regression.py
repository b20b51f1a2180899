"""Losses for regression: real targets or counts."""

import math
from dataclasses import replace
from numbers import Real

import numpy as np

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import ABOVE_MINUS_ONE, NONNEGATIVE, OPEN_UNIT, POSITIVE, REAL
from .._families.pointwise import PointwiseLoss, away_from_zero
from .._sklearn_compat import Interval
from .._smooth import SmoothForm
from .._validation import as_parameter, is_on, raise_order, raise_outside

__all__ = [
    "CRPSGaussianLoss",
    "ExpectileLoss",
    "GaussianNLLLoss",
    "HuberLoss",
    "L1Loss",
    "LogCoshLoss",
    "MAPELoss",
    "MSELoss",
    "MSLELoss",
    "PoissonNLLLoss",
    "QuantileLoss",
    "RobustLoss",
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
    tags = LossTags(response="real", target="real", hessian="ones", of_difference=True)

    def _smoothed(self, width):
        return SmoothL1Loss(beta=width)

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
    tags = LossTags(response="real", target="real", of_difference=True, likelihood=True)

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
        return LossTags(response="real", target="real", hessian=hessian, of_difference=True)

    def _smoothed(self, width):
        return None if self.beta else SmoothL1Loss(beta=width)

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
    tags = LossTags(response="real", target="real", of_difference=True)
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
        The quantile to predict, in the range (0, 1). With an array, which must be strictly
        increasing, the predictions have an additional last axis for the quantiles, over which the
        mean is taken as well.

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
    tags = LossTags(response="real", target="real", hessian="ones", of_difference=True)
    _parameter_constraints = {"quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"]}
    # For one quantile, and for several.
    _inputs = ((_Y_TRUE, _Y_PRED), (replace(_Y_TRUE, broadcasts=True), _Y_PRED))

    def __init__(self, *, quantile=0.5, reduction: str = "mean"):
        self.quantile = quantile
        self.reduction = reduction

    def _by_output(self):
        if not self.trailing_shape:
            return [self]
        return [QuantileLoss(quantile=q, reduction=self.reduction) for q in np.ravel(self.quantile)]

    def _smoothed(self, width):
        return _SmoothQuantileLoss.of(self, width)

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
        if quantile.ndim:
            raise_order(quantile, "quantile")
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


class _SmoothQuantileLoss(SmoothForm, QuantileLoss):
    """The quantile loss, and a parabola for small errors."""

    kernel = "smooth_quantile_loss"
    tags = LossTags(response="real", target="real")

    def _kernel_params(self):
        return (*super()._kernel_params(), self.width)


class ExpectileLoss(PointwiseLoss):
    r"""Expectile loss: squared error with different weights above and below.

    Parameters
    ----------
    expectile : float, default=0.5
        The expectile to predict, in the range (0, 1).

    See Also
    --------
    MSELoss : Twice this loss for the mean, the expectile 0.5.
    QuantileLoss : The same for the absolute error.

    Notes
    -----
    With :math:`d = y - \hat y` and the expectile e,

    .. math:: \ell = |e - [d < 0]|\, d^2

    Minimised by the e-expectile of the targets, the number around which the squared deviations
    above, times e, and those below, times 1 - e, have derivatives of the same size. The gradient
    is :math:`-2\, |e - [d < 0]|\, d`, the Hessian twice the weight.

    References
    ----------
    W. K. Newey, J. L. Powell, "Asymmetric Least Squares Estimation and Testing", Econometrica 55
    (1987). :doi:`10.2307/1911031`

    Examples
    --------
    >>> from sklosses import ExpectileLoss, expectile_loss
    >>> expectile_loss([1.0, 2.0], [1.5, 4.0], expectile=0.25)
    1.59375
    >>> ExpectileLoss(expectile=0.9).optimal_constant([0.0, 0.0, 1.0])
    0.8181818181818182
    """

    function_name = "expectile_loss"
    aliases = ("expectile", "expectileerror")
    kernel = "expectile_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real", of_difference=True, likelihood=True)
    _parameter_constraints = {"expectile": [Interval(Real, 0, 1, closed="neither")]}

    def __init__(self, *, expectile: float = 0.5, reduction: str = "mean"):
        self.expectile = expectile
        self.reduction = reduction

    def _kernel_params(self):
        return (self.expectile, 1 - self.expectile)


class LogCoshLoss(PointwiseLoss):
    r"""Logarithm of the hyperbolic cosine of the error: squared near zero, linear beyond.

    See Also
    --------
    HuberLoss : Has two pieces, and a parameter for the place where they meet.

    Notes
    -----
    With :math:`d = \hat y - y`,

    .. math:: \ell = \log \cosh d,

    which is about :math:`d^2 / 2` for small d and :math:`|d| - \log 2` for large d, and accurate
    for both. The derivative is :math:`\tanh d`, the second derivative :math:`1 / \cosh^2 d`. The
    unit in which d is measured matters: divide targets and predictions by the size of a typical
    error.

    References
    ----------
    P. J. Green, "Bayesian Reconstructions from Emission Tomography Data Using a Modified EM
    Algorithm", IEEE Trans. Med. Imaging 9 (1990). :doi:`10.1109/42.52985`

    Examples
    --------
    >>> from sklosses import LogCoshLoss, log_cosh_loss
    >>> round(log_cosh_loss([1.0, 2.0], [1.5, 4.0]), 4)
    0.7226
    >>> LogCoshLoss(reduction="none")([0.0, 0.0], [1e-8, 1e4]).round(20)
    array([5.00000000e-17, 9.99930685e+03])
    """

    function_name = "log_cosh_loss"
    aliases = ("logcosh", "log_cosh")
    kernel = "log_cosh_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real", of_difference=True)


class RobustLoss(PointwiseLoss):
    r"""General robust loss, whose shape parameter leads from squared error to bounded losses.

    Parameters
    ----------
    alpha : float, default=1.0
        Shape, at most 2; ``-inf`` is allowed. 2 is half the squared error, 1 the Charbonnier
        loss (pseudo-Huber loss), 0 the Cauchy loss, -2 the Geman-McClure loss and -inf the Welsch
        loss. The smaller it is, the less outliers count.
    scale : float, default=1.0
        Error at which the loss begins to bend, in the units of the target, > 0.

    See Also
    --------
    HuberLoss : The convex robust loss with two pieces.
    LogCoshLoss : A smooth loss that is similar to this one for alpha=1.

    Notes
    -----
    With :math:`u = (\hat y - y) / c`, where c is the scale,

    .. math:: \ell = \frac{|\alpha - 2|}{\alpha} \left(
              \left( \frac{u^2}{|\alpha - 2|} + 1 \right)^{\alpha / 2} - 1 \right),

    and its limits :math:`u^2 / 2` for 2, :math:`\log(u^2 / 2 + 1)` for 0 and
    :math:`1 - e^{-u^2 / 2}` for :math:`-\infty`. It is accurate for any alpha, also next to these.
    The derivative is :math:`u\, (u^2 / |\alpha - 2| + 1)^{\alpha / 2 - 1} / c`. Convex for
    :math:`\alpha \ge 1` only; below, the Hessian is negative for large errors.

    References
    ----------
    J. T. Barron, "A General and Adaptive Robust Loss Function", CVPR 2019.
    :doi:`10.1109/CVPR.2019.00446`

    Examples
    --------
    >>> from sklosses import RobustLoss, robust_loss
    >>> round(robust_loss([1.0, 2.0], [1.5, 4.0]), 4)
    0.6771
    >>> RobustLoss(alpha=-2.0).gradient([1.0, 2.0], [1.5, 100.0]).round(4)
    array([0.2215, 0.    ])
    """

    function_name = "robust_loss"
    aliases = ("barron", "charbonnier", "pseudo_huber", "cauchy", "welsch", "geman_mcclure")
    kernel = "robust_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    _parameter_constraints = {
        "alpha": [Interval(Real, -math.inf, 2, closed="both")],
        "scale": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(self, *, alpha: float = 1.0, scale: float = 1.0, reduction: str = "mean"):
        self.alpha = alpha
        self.scale = scale
        self.reduction = reduction

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; it is convex for `alpha` from 1 on."""
        return LossTags(
            response="real", target="real", convex=bool(self.alpha >= 1), of_difference=True
        )

    def _kernel_params(self):
        alpha = float(self.alpha)
        if alpha == -math.inf:
            return (1 / self.scale, -1.0, 0.0, 0.0, -0.5, -0.5)
        alpha, b = away_from_zero(alpha), away_from_zero(2 - alpha)
        first = alpha / 2 if alpha < 1 else -b / 2
        return (1 / self.scale, alpha, b, math.log(b), first, -b / 2)


class MAPELoss(PointwiseLoss):
    r"""Absolute error relative to the target (mean absolute percentage error, as a fraction).

    See Also
    --------
    MSLELoss : Relative errors as differences of logarithms.
    sklearn.metrics.mean_absolute_percentage_error : The mean.

    Notes
    -----
    .. math:: \ell = \frac{|\hat y - y|}{\max(|y|, \varepsilon)},

    with :math:`\varepsilon = 2^{-52}` as in scikit-learn, so targets of 0 have enormous losses.
    Minimised by a median of the targets with the weights :math:`1 / |y|`, which lies below the
    median. The gradient at a tie is 0, a subgradient. The true Hessian is zero almost everywhere;
    1 is returned instead, scaled like the loss.

    Examples
    --------
    >>> from sklosses import MAPELoss, mape_loss
    >>> mape_loss([1.0, 2.0], [1.5, 4.0])
    0.75
    >>> MAPELoss(reduction="sum").gradient([1.0, -2.0], [1.5, -4.0])
    array([ 1. , -0.5])
    """

    function_name = "mape_loss"
    aliases = (
        "mape",
        "mean_absolute_percentage_error",
        "neg_mean_absolute_percentage_error",
    )
    kernel = "mape_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real", hessian="ones")
    _eps = float(np.finfo(np.float64).eps)

    def _kernel_params(self):
        return (self._eps,)

    def _best_constant(self, y_true, weight):
        return _constants.median(y_true, weight / np.maximum(np.abs(y_true), self._eps))


class MSLELoss(PointwiseLoss):
    r"""Squared error of logarithms (squared logarithmic error), for targets above -1.

    See Also
    --------
    MSELoss : Squared error of the numbers themselves.
    sklearn.metrics.mean_squared_log_error : The mean.

    Notes
    -----
    .. math:: \ell = (\log(1 + \hat y) - \log(1 + y))^2

    With q the difference of the logarithms, which keeps its digits where the two are close, the
    derivative is :math:`2 q / (1 + \hat y)`, the second derivative
    :math:`2 (1 - q) / (1 + \hat y)^2`. Not convex. Minimised where :math:`\log(1 + \hat y)` is the
    mean of :math:`\log(1 + y)`. To fit a linear model with this loss, fit one to the logarithms
    with `MSELoss`.

    Examples
    --------
    >>> from sklosses import MSLELoss, msle_loss
    >>> round(msle_loss([1.0, 2.0], [1.5, 4.0]), 4)
    0.1554
    >>> MSLELoss().gradient([1.0, 2.0], [1.5, 4.0]).round(4)
    array([0.0893, 0.1022])
    """

    function_name = "msle_loss"
    aliases = ("msle", "mean_squared_log_error", "neg_mean_squared_log_error", "rmsle")
    kernel = "msle_loss"
    inputs = (replace(_Y_TRUE, domain=ABOVE_MINUS_ONE), replace(_Y_PRED, domain=ABOVE_MINUS_ONE))
    tags = LossTags(response="rate", target="real", convex=False)

    def _best_constant(self, y_true, weight):
        return np.expm1(_constants.mean(np.log1p(y_true), weight))


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
        return LossTags(
            response="log_rate" if is_on(self.log_input) else "rate", target="real", likelihood=True
        )

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
    tags = LossTags(response="distribution", target="real", convex=False, likelihood=True)
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


class CRPSGaussianLoss(PointwiseLoss):
    r"""Continuous ranked probability score of a normal distribution.

    See Also
    --------
    GaussianNLLLoss : The likelihood of the same distribution, which outliers dominate.
    L1Loss : The limit for a variance of 0.

    Notes
    -----
    The prediction is the mean and the variance of the distribution. The score is the integral of
    the squared difference between the predicted distribution function and that of
    the target, a step. With :math:`\sigma^2 = \mathrm{var}` and :math:`w = (y - \hat y) / \sigma`,

    .. math:: \ell = \sigma \left( w\, (2 \Phi(w) - 1) + 2 \varphi(w) - \tfrac{1}{\sqrt \pi}
              \right),

    in the units of the target. The derivatives are :math:`1 - 2 \Phi(w)` with respect to the mean
    and :math:`(2 \varphi(w) - 1 / \sqrt \pi) / (2 \sigma)` with respect to the variance, the second
    derivatives :math:`2 \varphi(w) / \sigma` and
    :math:`(2 (w^2 - 1) \varphi(w) + 1 / \sqrt \pi) / (4 \sigma^3)`. A proper score: minimised by
    the distribution that the targets have. Not convex in the variance. A variance below the
    smallest normal number of the dtype counts as that number.

    The variance has the shapes that `GaussianNLLLoss` allows, and so has its derivative.

    References
    ----------
    T. Gneiting, A. E. Raftery, A. H. Westveld, T. Goldman, "Calibrated Probabilistic Forecasting
    Using Ensemble Model Output Statistics and Minimum CRPS Estimation", Mon. Weather Rev. 133
    (2005). :doi:`10.1175/MWR2904.1`

    Examples
    --------
    >>> from sklosses import CRPSGaussianLoss, crps_gaussian_loss
    >>> y_true, y_pred = [1.0, 2.0, 3.0], [1.5, 2.0, 1.0]
    >>> round(crps_gaussian_loss(y_true, y_pred, [1.0, 0.5, 4.0]), 4)
    0.5672
    >>> CRPSGaussianLoss(reduction="sum").gradient(y_true, y_pred, 2.0)[0].round(4)
    array([ 0.2763,  0.    , -0.8427])
    """

    function_name = "crps_gaussian_loss"
    aliases = ("crps", "crps_normal")
    kernel = "crps_gaussian_loss"
    inputs = (
        *GaussianNLLLoss.inputs[:2],
        replace(
            GaussianNLLLoss.inputs[2],
            domain=POSITIVE,
            doc=GaussianNLLLoss.inputs[2].doc.replace(">= 0", "> 0"),
        ),
    )
    tags = LossTags(response="distribution", target="real", convex=False)

    def _best_constant(self, y_true, weight):
        return _constants.mean_and_variance(self, y_true, weight)
