"""Losses of times of events that may be censored: survival analysis."""

from .._description import Input, LossTags
from .._domains import BINARY, REAL
from .._families.groups import RiskLoss
from .._sklearn_compat import StrOptions

__all__ = ["CoxPHLoss"]


class CoxPHLoss(RiskLoss):
    r"""Cox proportional hazards: negative log partial likelihood of censored times.

    Parameters
    ----------
    ties : {"efron", "breslow"}, default="efron"
        How events at the same time are treated. Both are the same if there are none.
    strata : array-like of shape (n_samples,), default=None
        A label for each sample, of any type that NumPy can sort. Each stratum has a baseline hazard
        of its own: only samples of the same stratum are compared. None means a single stratum.

    See Also
    --------
    ListMLELoss : The same likelihood for the order of relevances.
    PoissonNLLLoss : Counts of events per exposure.

    Notes
    -----
    A sample has the hazard :math:`h_0(t) e^{x_i}` with the prediction :math:`x_i` and a baseline
    that is not estimated. At risk at the time of an event are all samples, of the same stratum,
    whose time is not earlier, :math:`R_t = \{j : t_j \ge t\}`. With the set :math:`D_t` of the d
    events at the time t, the loss is

    .. math:: \sum_t \left( \sum_{l=0}^{d-1} \log\Big(\sum_{j \in R_t} e^{x_j}
        - \frac{l}{d} \sum_{j \in D_t} e^{x_j}\Big) - \sum_{i \in D_t} x_i \right)

    with Efron's treatment of ties; Breslow's has no term with l/d. The mean is over the events. It
    is nan, with an UndefinedMetricWarning, if there are none; the sum is then 0. Statsmodels'
    `PHReg.loglike` is minus the sum, and so is the log-likelihood of lifelines' `CoxPHFitter`. A
    constant that is added to all predictions of a stratum changes nothing. Decreases towards 0 as
    samples with earlier events have higher predictions, with growing distances.

    Times may be any finite numbers, also negative: only their order within a stratum matters.
    Samples without an event count at risk up to their time, including it. A stratum without an
    event contributes 0.

    Gradient and diagonal of the Hessian are exact, and the loss is convex. Terms belong to events
    and to all samples at risk, so neither `sample_weight` nor the reduction "none" is supported,
    and losses of parts do not add up. The time is that of sorting, n log n, and the memory in
    proportion to n. Sums over risk sets have exponents of their own, so predictions may have any
    size. Everything is computed in float64. If NaN is allowed (`assume_finite`), a single one makes
    the value NaN, and the gradient of its stratum.

    References
    ----------
    D. R. Cox, "Regression Models and Life-Tables", Journal of the Royal Statistical Society B 34,
    1972. :doi:`10.1111/j.2517-6161.1972.tb00899.x`

    B. Efron, "The Efficiency of Cox's Likelihood Function for Censored Data", Journal of the
    American Statistical Association 72, 1977. :doi:`10.1080/01621459.1977.10480613`

    Examples
    --------
    >>> from sklosses import CoxPHLoss, cox_ph_loss
    >>> time = [5.0, 3.0, 3.0, 8.0, 1.0]
    >>> event = [1, 1, 1, 0, 0]
    >>> log_hazard = [0.0, 1.0, 0.5, -1.0, 2.0]
    >>> round(cox_ph_loss(time, event, log_hazard), 4)
    0.6091
    >>> loss = CoxPHLoss(ties="breslow", reduction="sum")
    >>> round(loss(time, event, log_hazard), 4)
    2.3064
    >>> gradient, hessian = loss.gradient_and_hessian(time, event, log_hazard)
    >>> gradient.round(4)
    array([ 0.0798, -0.052 , -0.425 ,  0.3972,  0.    ])
    >>> hessian.round(4)
    array([0.4845, 0.4986, 0.4097, 0.3167, 0.    ])
    >>> round(cox_ph_loss(time, event, log_hazard, strata=["a", "b", "b", "a", "a"]), 4)
    0.3561
    """

    function_name = "cox_ph_loss"
    aliases = ("cox_partial_likelihood", "neg_partial_log_likelihood", "survival_cox")
    kernel = "cox_ph_loss"
    inputs = (
        Input(
            "y_true",
            REAL,
            "array-like of shape (n_samples,)\n"
            "Times of events or, for samples without an event, of censoring.",
        ),
        Input(
            "event",
            BINARY,
            "array-like of shape (n_samples,)\n"
            "1 for samples whose time is that of an event, 0 for those that are censored.",
        ),
        Input(
            "y_pred",
            REAL,
            "array-like of shape (n_samples,)\nLogarithms of the hazards.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="log_hazard", target="survival", likelihood=True)
    _parameter_constraints = {
        "ties": [StrOptions({"efron", "breslow"})],
        "strata": ["array-like", None],
    }

    def __init__(self, *, ties: str = "efron", strata=None, reduction: str = "mean"):
        self.ties = ties
        self.strata = strata
        self.reduction = reduction
