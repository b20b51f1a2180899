"""Divergences and entropies of probability distributions."""

import math
from numbers import Real

import numpy as np
from scipy.special import softmax

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import LOG_PROBABILITY, NONNEGATIVE, REAL, UNIT
from .._families.classwise import ClasswiseLoss
from .._families.pointwise import PointwiseLoss
from .._sklearn_compat import Interval
from .._validation import is_on

__all__ = ["DistillationLoss", "Entropy", "JSDivLoss", "KLDivLoss"]

_CLASS_SHAPES = (
    "array-like of shape (n_classes,), (n_samples, n_classes) or (n_samples, n_classes, d1, ...)\n"
)
_LOG_PREDICTION = Input(
    "y_pred",
    LOG_PROBABILITY,
    "array-like of the shape of y_true\nPredicted log-probabilities; -inf means probability 0.",
    differentiable=True,
)
_TARGET_DOC = (
    "array-like of any shape\nTarget probabilities or, with `log_target`, their logarithms, where\n"
    "-inf means probability 0."
)


class KLDivLoss(PointwiseLoss):
    r"""Kullback-Leibler divergence of predicted log-probabilities from target probabilities.

    Parameters
    ----------
    log_target : bool, default=False
        Whether the targets are log-probabilities.

    See Also
    --------
    CrossEntropyLoss : For logits; differs by the entropy of the targets.

    Notes
    -----
    With the target probability p and the prediction q, the logarithm of a probability, the loss of
    an element is

    .. math:: \ell = p\, (\log p - q).

    Summed over a distribution it is the divergence, which is >= 0, and 0 where the predicted and
    the target distribution agree; single elements may be negative. As in PyTorch, "mean" divides by
    the number of elements, and "batchmean" by the number of samples, which gives the mean
    divergence. With weights, "batchmean" divides the weighted sum by the number of samples.

    Elements with a target probability of 0 have a loss of 0, also if the predicted probability is 0
    (nan in PyTorch). A positive target with a predicted probability of 0 has an infinite loss.
    Probabilities need not sum to 1. The gradient is -p. The loss is linear in the prediction, so
    its true Hessian is zero; 1 is returned instead, scaled like the loss.

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
    aliases = ("kullback_leibler", "relative_entropy")
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
        """The arrays; targets are >= 0, or logarithms."""
        return self._inputs[is_on(self.log_target)]

    @property
    def kernel(self):
        """The kernel, for probabilities or log-probabilities as targets."""
        return "kl_div_of_logs" if self.log_target else "kl_div"

    def _best_constant(self, y_true, weight):
        shares = y_true
        if self.log_target:
            # A common factor of the shares has no influence; this one keeps them finite.
            shares = np.exp(y_true - max(0.0, y_true.max() - 700.0))
        return _constants.log_shares(_constants.weighted_sum(weight / weight.sum(), shares))


class DistillationLoss(ClasswiseLoss):
    r"""Knowledge distillation: divergence of a student's softmax from a teacher's.

    Parameters
    ----------
    temperature : float, default=4.0
        Divisor of the logits of both, > 0. A higher temperature gives more weight to the less
        likely classes.

    See Also
    --------
    CrossEntropyLoss : Has the same gradient for probabilities as targets and T = 1.
    JSDivLoss : A symmetric divergence of probabilities.

    Notes
    -----
    With the temperature T, the teacher's logits s, the student's z, :math:`u = softmax(s / T)`
    and :math:`v = softmax(z / T)`,

    .. math:: \ell = T^2 \sum_j u_j \log \frac{u_j}{v_j},

    a sum over the classes of a sample. The mean is over the samples. (Packages that also average
    over the C classes return 1 / C of it.) Minimised, to 0, where the student's logits equal the
    teacher's up to a constant in each row.

    The factor :math:`T^2` keeps the magnitude of the gradient. The gradient is taken with respect
    to the student's logits only; it is :math:`T (v_j - u_j)`, and the diagonal of the Hessian is
    :math:`v_j (1 - v_j)`.

    References
    ----------
    G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network", 2015.
    :doi:`10.48550/arXiv.1503.02531`

    Examples
    --------
    >>> from sklosses import DistillationLoss, distillation_loss
    >>> teacher, student = [[4.0, 1.0, -2.0]], [[2.0, 2.0, 0.0]]
    >>> round(distillation_loss(teacher, student), 4)
    1.4319
    >>> DistillationLoss(temperature=1.0).gradient(teacher, student).round(3)
    array([[-0.482,  0.421,  0.061]])
    """

    function_name = "distillation_loss"
    kernel = "distillation_loss"
    targets = ("dense",)
    inputs = (
        Input("teacher", REAL, _CLASS_SHAPES + "Logits of the teacher."),
        Input(
            "student",
            REAL,
            "array-like of the shape of teacher\nLogits of the student.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="class_logits", target="teacher_logits")
    _parameter_constraints = {"temperature": [Interval(Real, 0, None, closed="neither")]}

    def __init__(self, *, temperature: float = 4.0, reduction: str = "mean"):
        self.temperature = temperature
        self.reduction = reduction

    def _class_params(self, n_classes):
        return (self.temperature, 1 / self.temperature)

    def _best_constant(self, y_true, weight):
        shares = softmax(y_true / self.temperature, axis=1)
        return self.temperature * _constants.log_shares(_constants.weighted_sum(weight, shares))


class JSDivLoss(ClasswiseLoss):
    r"""Jensen-Shannon divergence of two distributions over classes.

    See Also
    --------
    KLDivLoss : For log-probabilities; not symmetric, and elementwise.
    DistillationLoss : For logits.

    Notes
    -----
    With the target probabilities p, the predicted probabilities q, and :math:`m = (p + q) / 2`,

    .. math:: \ell = \frac{1}{2} \sum_j \left(p_j \log \frac{p_j}{m_j} +
              q_j \log \frac{q_j}{m_j}\right),

    a sum over the classes of a sample, where 0 log 0 is 0. The mean is over the samples. Minimised,
    to 0, where p = q; it stays accurate where they are nearly equal. At most log 2 for
    distributions. Probabilities need not sum to 1.

    The gradient is :math:`\frac{1}{2} \log (q_j / m_j)`, and the diagonal of the Hessian is
    :math:`p_j / (2 q_j (p_j + q_j))`. Where p = q = 0 the gradient is the one-sided derivative (log
    2) / 2, and the Hessian is 0. Where q = 0 and p > 0 the loss is finite but its slope is not: the
    gradient is -inf and the Hessian inf, except for samples of weight zero, where both are 0.

    References
    ----------
    J. Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Trans. Inf. Theory 37
    (1991). :doi:`10.1109/18.61115`

    Examples
    --------
    >>> from sklosses import JSDivLoss, js_div
    >>> y_true, y_pred = [[1.0, 0.0], [0.5, 0.5]], [[0.75, 0.25], [0.5, 0.5]]
    >>> round(js_div(y_true, y_pred), 4)
    0.0478
    >>> JSDivLoss(reduction="sum").gradient(y_true, y_pred).round(4)
    array([[-0.0771,  0.3466],
           [ 0.    ,  0.    ]])
    """

    function_name = "js_div"
    aliases = ("jensen_shannon",)
    binary_loss = "binary_cross_entropy"
    kernel = "js_div"
    targets = ("dense",)
    inputs = (
        Input("y_true", UNIT, _CLASS_SHAPES + "Target probabilities of the classes, in [0, 1]."),
        Input(
            "y_pred",
            UNIT,
            "array-like of the shape of y_true\nPredicted probabilities, in [0, 1].",
            differentiable=True,
        ),
    )
    tags = LossTags(response="class_probabilities", target="class_probability")


class Entropy(ClasswiseLoss):
    r"""Shannon entropy of the softmax of logits: the uncertainty of predictions.

    Parameters
    ----------
    base : float, default=None
        Base of the logarithm, > 1. None means e; with base 2 the unit is the bit.

    See Also
    --------
    CrossEntropyLoss : Compares predictions with targets.

    Notes
    -----
    With the softmax p of the logits of a sample,

    .. math:: \ell = -\sum_j p_j \log p_j.

    The mean is over the samples. There is no target. The entropy is added to a loss of labelled
    data: minimised for samples without labels, or maximised against overconfidence. It is 0 for a
    certain prediction, and at most log C, for equal logits of C classes.

    For natural logarithms the gradient is :math:`-p_j (\log p_j + \ell)`, which vanishes in both
    cases, and the diagonal of the Hessian is :math:`p_j ((2 p_j - 1) (\log p_j + \ell) - 1 + p_j)`.
    Another base divides all of them by its logarithm. They are exact where probabilities round to 0
    or 1. Not convex.

    References
    ----------
    Y. Grandvalet, Y. Bengio, "Semi-supervised Learning by Entropy Minimization", NIPS 2004.

    Examples
    --------
    >>> from sklosses import Entropy, entropy
    >>> y_pred = [[0.0, 0.0], [3.0, 0.0]]
    >>> entropy(y_pred, base=2, reduction="none").round(4)
    array([1.    , 0.2754])
    >>> Entropy().gradient(y_pred).round(4)
    array([[ 0.    ,  0.    ],
           [-0.0678,  0.0678]])
    """

    function_name = "entropy"
    kernel = "entropy"
    targets = ()
    inputs = (
        Input(
            "y_pred",
            REAL,
            _CLASS_SHAPES + "Raw predictions (logits) of the classes.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="class_logits", target="none", convex=False)
    _parameter_constraints = {"base": [Interval(Real, 1, None, closed="neither"), None]}

    def __init__(self, *, base: float | None = None, reduction: str = "mean"):
        self.base = base
        self.reduction = reduction

    def _class_params(self, n_classes):
        return (1.0 if self.base is None else 1 / math.log(self.base),)
