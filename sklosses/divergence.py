"""Divergences of probability distributions, element by element."""

from ._plans import PointwiseLoss
from ._validation import LOG_PROBABILITY, NONNEGATIVE
from .base import Input, LossTags, by_parameters

__all__ = ["KLDivLoss"]

_LOG_PREDICTION = Input(
    "y_pred",
    LOG_PROBABILITY,
    "array-like of the shape of y_true\nPredicted log-probabilities; -inf is a probability of 0.",
    differentiable=True,
)
_TARGET_DOC = (
    "array-like of any shape\nTarget probabilities; with `log_target` their logarithms, in which\n"
    "-inf is a probability of 0."
)


class KLDivLoss(PointwiseLoss):
    r"""Kullback-Leibler divergence of predicted log-probabilities from target probabilities.

    Parameters
    ----------
    log_target : bool, default=False
        Whether the targets are logarithms, too.

    See Also
    --------
    CrossEntropyLoss : Of raw predictions; differs by the entropy of the targets.

    Notes
    -----
    With the target probability p and the prediction q = log of the predicted probability, each
    element on its own,

    .. math:: \ell = p\, (\log p - q).

    It is the sum over a distribution that is the divergence, at least 0, and 0 where the two
    agree; an element may be negative. "mean" divides by the number of elements, as PyTorch
    does; "batchmean", by the number of samples, is the mean divergence. With weights,
    "batchmean" is the weighted sum over the number of samples.

    A target probability of 0 counts 0, also beside a predicted one of 0 (where PyTorch has
    nan); a positive one beside a predicted probability of 0 is inf. That probabilities sum to
    1 is not asked. The gradient is -p, for any prediction: the loss is linear in it, and its
    Hessian 0; `gradient_and_hessian` returns 1 instead, as for `L1Loss`.

    References
    ----------
    S. Kullback, R. A. Leibler, "On Information and Sufficiency", Ann. Math. Statist. 22 (1951).
    :doi:`10.1214/aoms/1177729694`

    Examples
    --------
    >>> import numpy as np
    >>> from sklosses import KLDivLoss, kl_div
    >>> y_true, y_pred = [[0.5, 0.5], [1.0, 0.0]], np.log([[0.25, 0.75], [0.5, 0.5]])
    >>> round(kl_div(y_true, y_pred, reduction="batchmean"), 4)
    0.4185
    >>> KLDivLoss(reduction="sum").gradient(y_true, y_pred)
    array([[-0.5, -0.5],
           [-1. , -0. ]])
    """

    function_name = "kl_div"
    reductions = ("mean", "sum", "none", "batchmean")
    tags = LossTags(response="class_log_probabilities", target="class_probability", hessian="ones")
    _inputs = {
        False: (Input("y_true", NONNEGATIVE, _TARGET_DOC), _LOG_PREDICTION),
        True: (Input("y_true", LOG_PROBABILITY, _TARGET_DOC), _LOG_PREDICTION),
    }
    _parameter_constraints = {"log_target": ["boolean"]}

    def __init__(self, *, log_target: bool = False, reduction: str = "mean"):
        self.log_target = log_target
        self.reduction = reduction

    @by_parameters
    def inputs(self):
        """The arrays; targets >= 0, or any logarithm."""
        return self._inputs[bool(self.log_target)]

    @property
    def kernel(self):
        """The kernel: of probabilities or of logarithms as targets."""
        return "kl_div_of_logs" if self.log_target else "kl_div"
