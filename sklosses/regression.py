"""Losses for regression: real targets, real predictions."""

from numbers import Real

from ._plans import PointwiseLoss
from ._sklearn_compat import Interval
from ._validation import REAL
from .base import Input, LossTags

__all__ = ["HuberLoss", "L1Loss", "MSELoss", "SmoothL1Loss"]

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

    minimised by the median. The gradient at a tie is 0, a subgradient. The Hessian is 0
    wherever it exists; `gradient_and_hessian` returns 1 instead, which turns a Newton step
    into a gradient step, as boosting libraries expect it.

    Examples
    --------
    >>> from sklosses import L1Loss, l1_loss
    >>> l1_loss([1.0, 2.0], [1.5, 4.0])
    1.25
    >>> L1Loss().gradient([1.0, 2.0], [1.5, 4.0])
    array([0.5, 0.5])
    """

    function_name = "l1_loss"
    kernel = "l1_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real", hessian="ones")


class MSELoss(PointwiseLoss):
    r"""Squared error.

    See Also
    --------
    L1Loss : Absolute error, less moved by outliers.

    Notes
    -----
    .. math:: \ell = (\hat y - y)^2

    minimised by the mean. Without the 1/2 that some packages have: the gradient is
    :math:`2 (\hat y - y)`, the Hessian 2.

    Examples
    --------
    >>> from sklosses import MSELoss, mse_loss
    >>> mse_loss([1.0, 2.0], [1.5, 4.0])
    2.125
    >>> MSELoss(reduction="sum").gradient([1.0, 2.0], [1.5, 4.0])
    array([1., 4.])
    """

    function_name = "mse_loss"
    kernel = "mse_loss"
    inputs = (_Y_TRUE, _Y_PRED)
    tags = LossTags(response="real", target="real")


class SmoothL1Loss(PointwiseLoss):
    r"""Squared error below `beta`, absolute error above, of slope 1.

    Parameters
    ----------
    beta : float, default=1.0
        Where the two pieces meet, in the units of the target, >= 0. With 0 this is `L1Loss`,
        its Hessian included.

    See Also
    --------
    HuberLoss : The same, multiplied by delta.

    Notes
    -----
    With :math:`d = \hat y - y`,

    .. math:: \ell = \begin{cases} d^2 / (2 \beta) & |d| < \beta \\
              |d| - \beta / 2 & \text{otherwise.} \end{cases}

    The Hessian is :math:`1 / \beta` within and 0 beyond :math:`\beta`.

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
        """The kernel: that of `L1Loss` where `beta` is 0."""
        return "huber_loss" if self.beta else "l1_loss"

    @property
    def tags(self):
        """What the loss expects and guarantees; with a `beta` of 0 as `L1Loss`."""
        return HuberLoss.tags if self.beta else L1Loss.tags

    def _kernel_params(self):
        return (self.beta, self.beta) if self.beta else ()


class HuberLoss(PointwiseLoss):
    r"""Half the squared error below `delta`, a line above.

    Parameters
    ----------
    delta : float, default=1.0
        Where the two pieces meet, in the units of the target, > 0.

    See Also
    --------
    SmoothL1Loss : The same, divided by delta.

    Notes
    -----
    With :math:`d = \hat y - y`,

    .. math:: \ell = \begin{cases} d^2 / 2 & |d| \le \delta \\
              \delta (|d| - \delta / 2) & \text{otherwise.} \end{cases}

    The Hessian is 1 within and 0 beyond :math:`\delta`.

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
