"""Losses for counts and positive targets: deviances and likelihoods of their distributions."""

import math
from functools import lru_cache
from numbers import Real

import numpy as np

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import NONNEGATIVE, POSITIVE, REAL
from .._families.pointwise import PointwiseLoss
from .._sklearn_compat import Interval
from .._validation import is_on

__all__ = ["NegativeBinomialNLLLoss", "TweedieDeviance"]

_MEAN_DOC = (
    "array-like of the shape of y_true\nLogarithms of the predicted means or, with\n"
    "``log_input=False``, the means, > 0."
)

_TARGETS_DOC = (
    "array-like of any shape\nTargets: >= 0 for a power in [1, 2), > 0 from 2 on, any for a power\n"
    "of at most 0."
)
_COUNTS_DOC = "array-like of any shape\nCounts, >= 0."


@lru_cache
def _inputs(targets, means, doc):
    """The arrays, by the domains of both and the documentation of the targets."""
    return (
        Input("y_true", targets, doc),
        Input("y_pred", means, _MEAN_DOC, differentiable=True),
    )


def _power(loss):
    """The power, or NaN for what is no number, which is refused later with a clear error."""
    return loss.power if isinstance(loss.power, Real) else math.nan


class TweedieDeviance(PointwiseLoss):
    r"""Unit deviance of Tweedie distributions: normal, Poisson, gamma, inverse Gaussian and others.

    Parameters
    ----------
    power : float, default=1.5
        The variance is proportional to this power of the mean. 0 is the normal, 1 the Poisson, 2
        the gamma and 3 the inverse Gaussian distribution; between 1 and 2 are sums of a random
        number of gamma variables, such as the claims of a year. Powers between 0 and 1 have no
        distribution and are refused.
    log_input : bool, default=True
        Whether the predictions are logarithms of the means rather than the means.

    See Also
    --------
    PoissonNLLLoss : Half the deviance for power=1, up to a term that depends on the target alone.
    NegativeBinomialNLLLoss : For counts whose variance exceeds their mean.
    sklearn.metrics.mean_tweedie_deviance : The mean, of means.

    Notes
    -----
    With the mean m, which is :math:`e^z` for the prediction z if `log_input`,

    .. math:: \ell = 2 \int_m^y \frac{y - t}{t^p} \, dt
              = 2 \left( \frac{y^{2-p}}{(1-p)(2-p)} - \frac{y\, m^{1-p}}{1-p}
              + \frac{m^{2-p}}{2-p} \right),

    which is :math:`(y - m)^2` for p = 0 and tends to
    :math:`2 (y \log(y / m) - y + m)` and :math:`2 (y / m - 1 - \log(y / m))` for p = 1 and 2. It is
    accurate next to these powers as well. Targets are >= 0 for powers in [1, 2) and > 0 from 2 on.
    For negative powers, as in scikit-learn, they may be any number, and the first term is 0 where
    they are negative.

    Minimised by the mean of the targets for every power. The derivative with respect to the mean is
    :math:`2 (m - y) / m^p`; with respect to its logarithm it is m times that. Convex in the
    logarithm for powers in [1, 2]; convex in the mean for 0 and 1.

    References
    ----------
    B. Jorgensen, "Exponential Dispersion Models", J. R. Statist. Soc. B 49 (1987).
    :doi:`10.1111/j.2517-6161.1987.tb01685.x`

    Examples
    --------
    >>> from sklosses import TweedieDeviance, tweedie_deviance
    >>> round(tweedie_deviance([0.0, 1.0, 4.0], [-1.0, 0.0, 1.0]), 4)
    0.9085
    >>> loss = TweedieDeviance(power=2, log_input=False)
    >>> loss.gradient([1.0, 4.0], [2.0, 2.0])
    array([ 0.25, -0.5 ])
    """

    function_name = "tweedie_deviance"
    aliases = (
        "tweedie",
        "mean_tweedie_deviance",
        "mean_gamma_deviance",
        "gamma",
        "inverse_gaussian",
    )
    _parameter_constraints = {
        "power": [
            Interval(Real, None, 0, closed="right"),
            Interval(Real, 1, None, closed="left"),
        ],
        "log_input": ["boolean"],
    }

    def __init__(self, *, power: float = 1.5, log_input: bool = True, reduction: str = "mean"):
        self.power = power
        self.log_input = log_input
        self.reduction = reduction

    @by_parameters
    def inputs(self):
        """The arrays; their domains depend on `power` and `log_input`."""
        power = _power(self)
        targets = REAL if power <= 0 else NONNEGATIVE if power < 2 else POSITIVE
        means = REAL if is_on(self.log_input) or not power else POSITIVE
        return _inputs(targets, means, _TARGETS_DOC)

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees."""
        power = _power(self)
        if is_on(self.log_input):
            response, convex = "log_rate", 1 <= power <= 2  # pyright: ignore[reportOperatorIssue]
        else:
            response, convex = "rate" if power else "real", power in (0, 1)
        return LossTags(response=response, target="real", convex=bool(convex), likelihood=True)

    @property
    def kernel(self):
        """The kernel; with means and a `power` of 0 that of `MSELoss`."""
        if self.power >= 1:
            return "tweedie_deviance"
        return "tweedie_deviance_below_one" if self.power or self.log_input else "mse_loss"

    def _kernel_params(self):
        power = float(self.power)
        if self.kernel == "mse_loss":
            return ()
        return (2 - power, abs(1 - power), bool(self.log_input))

    def _best_constant(self, y_true, weight):
        mean = _constants.mean(y_true, weight)
        if self.log_input:
            return _constants.log_rate(mean)
        return np.maximum(mean, _constants.EPS) if self.power else mean


class NegativeBinomialNLLLoss(PointwiseLoss):
    r"""Negative log-likelihood of counts whose variance exceeds their mean.

    Parameters
    ----------
    alpha : float, default=1.0
        Dispersion, > 0: the variance of counts with the mean m is :math:`m + \alpha m^2`.
    log_input : bool, default=True
        Whether the predictions are logarithms of the means rather than the means.
    full : bool, default=False
        Whether to add the terms that do not depend on the predictions, logarithms of gamma
        functions.

    See Also
    --------
    PoissonNLLLoss : The limit for alpha = 0, up to terms that do not depend on the predictions.
    scipy.stats.nbinom : The distribution, with n = 1 / alpha and p = 1 / (1 + alpha mean).

    Notes
    -----
    With the mean m, :math:`r = 1 / \alpha`, :math:`u = \log(\alpha m)` and
    :math:`\zeta(u) = \log(1 + e^u)`,

    .. math:: \ell = r\, \zeta(u) + y\, \zeta(-u)
              \left[ {} + \log \Gamma(y + 1) + \log \Gamma(r) - \log \Gamma(y + r) \right],

    with the bracket only if `full`. No term overflows or cancels. The derivative with respect to
    :math:`\log m` is :math:`r\, \sigma(u) - y\, \sigma(-u)`, the second derivative
    :math:`(r + y)\, \sigma(u) \sigma(-u)`. Minimised by the mean of the counts, which need not be
    integers. Convex in the logarithm of the mean, not in the mean.

    References
    ----------
    J. M. Hilbe, "Negative Binomial Regression", Cambridge University Press, 2011.
    :doi:`10.1017/CBO9780511973420`

    Examples
    --------
    >>> from sklosses import NegativeBinomialNLLLoss, negative_binomial_nll_loss
    >>> round(negative_binomial_nll_loss([1, 0, 2], [0.0, 0.0, 0.0]), 4)
    1.3863
    >>> loss = NegativeBinomialNLLLoss(alpha=0.5, log_input=False, full=True, reduction="sum")
    >>> value, gradient = loss.value_and_gradient([1, 0, 2], [1.0, 0.5, 4.0])
    >>> round(value, 4)
    3.5722
    >>> gradient.round(4)
    array([0.    , 0.8   , 0.1667])
    """

    function_name = "negative_binomial_nll_loss"
    aliases = ("negative_binomial", "nbinom")
    kernel = "negative_binomial_nll_loss"
    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "log_input": ["boolean"],
        "full": ["boolean"],
    }

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        log_input: bool = True,
        full: bool = False,
        reduction: str = "mean",
    ):
        self.alpha = alpha
        self.log_input = log_input
        self.full = full
        self.reduction = reduction

    @by_parameters
    def inputs(self):
        """The arrays; predictions are logarithms of means, or means > 0."""
        return _inputs(NONNEGATIVE, REAL if is_on(self.log_input) else POSITIVE, _COUNTS_DOC)

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; the response depends on `log_input`."""
        logs = is_on(self.log_input)
        return LossTags(
            response="log_rate" if logs else "rate", target="real", convex=logs, likelihood=True
        )

    def _kernel_params(self):
        alpha = float(self.alpha)
        return (1 / alpha, alpha, math.log(alpha), bool(self.full), bool(self.log_input))

    def _best_constant(self, y_true, weight):
        mean = _constants.mean(y_true, weight)
        return _constants.log_rate(mean) if self.log_input else np.maximum(mean, _constants.EPS)
