"""Losses for one label out of several classes that have an order."""

import numpy as np

from .. import _constants
from .._description import Input, LossTags
from .._domains import CLASS_INDEX, REAL
from .._families.classwise import ClasswiseLoss
from .._families.thresholds import ThresholdLoss
from .._links import shares_above

__all__ = ["CoralLoss", "CornLoss", "CumulativeLogitLoss"]

_RANK = Input(
    "y_true",
    CLASS_INDEX,
    "array-like of shape (n_samples,), or a scalar\nIndices of the classes, in their order.",
)


def _logits(doc):
    return Input(
        "y_pred",
        REAL,
        f"array-like of shape (n_classes - 1,) or (n_samples, n_classes - 1)\n{doc}",
        differentiable=True,
    )


class CoralLoss(ClasswiseLoss):
    r"""Ordinal loss of logits that say whether the label is above each class.

    See Also
    --------
    CornLoss : Asks each question only of samples that are not below it.
    CumulativeLogitLoss : The likelihood of such probabilities, with one prediction per sample.

    Notes
    -----
    For C classes there are C - 1 predictions. The k-th, counted from 0, is the logit of the event
    that the label y is greater than k. With the softplus :math:`\sigma_+(z) = \log(1 + e^z)`,

    .. math:: \ell = \sum_{k < y} \sigma_+(-z_k) + \sum_{k \ge y} \sigma_+(z_k).

    The mean is over the samples, not over the questions. Minimised where the logits are those of
    the frequencies of y > k. The diagonal of the Hessian, with the sigmoid s, is
    :math:`s(z_k) (1 - s(z_k))`, which is also the whole Hessian.

    The probability of a class is a difference of neighbouring sigmoids. If the logits do not
    decrease, there are negative differences. `predict_proba` replaces them by 0 and divides by the
    sum. Logits that share one weight vector, as in the paper, decrease at the minimum of the loss.

    References
    ----------
    W. Cao, V. Mirjalili, S. Raschka, "Rank consistent ordinal regression for neural networks with
    application to age estimation", Pattern Recognition Letters 140 (2020).
    :doi:`10.1016/j.patrec.2020.11.008`

    Examples
    --------
    >>> from sklosses import CoralLoss, coral_loss
    >>> y_true, y_pred = [0, 2], [[-1.0, -2.0], [1.0, 0.0]]
    >>> round(coral_loss(y_true, y_pred), 4)
    0.7233
    >>> CoralLoss().gradient(y_true, y_pred).round(4)
    array([[ 0.1345,  0.0596],
           [-0.1345, -0.25  ]])
    >>> CoralLoss().predict_proba(y_pred).round(4)
    array([[0.7311, 0.1497, 0.1192],
           [0.2689, 0.2311, 0.5   ]])
    """

    function_name = "coral_loss"
    kernel = "coral_loss"
    targets = ("rank",)
    max_axes = 2
    inputs = (_RANK, _logits("Logits of y_true > k, for each class k but the last."))
    tags = LossTags(response="cumulative_logits", target="class_rank", likelihood=True)

    def _best_constant(self, y_true, weight):
        shares = _constants.frequencies(y_true, weight, None)
        return _constants.logit(shares_above(shares), np.cumsum(shares)[:-1])


class CornLoss(ClasswiseLoss):
    r"""Ordinal loss of logits that say whether a label that is not below a class is above it.

    See Also
    --------
    CoralLoss : Asks all questions of all samples.
    CumulativeLogitLoss : Takes one prediction for each sample, and thresholds.

    Notes
    -----
    For C classes there are C - 1 predictions. The k-th, counted from 0, is the logit of the event
    that the label y is greater than k, given that it is at least k. With the softplus
    :math:`\sigma_+(z) = \log(1 + e^z)`,

    .. math:: \ell = \sum_{k < y} \sigma_+(-z_k) + \sigma_+(z_y),

    without the last term for the highest class. This is the negative log-likelihood of the label. A
    sample has a term for each question that is asked of it, :math:`\min(y + 1, C - 1)` of them. The
    mean is over these terms, :math:`\sum w\, \ell / \sum w \min(y + 1, C - 1)`. Minimised where the
    logits are those of the conditional frequencies. The gradient and the Hessian are 0 for the
    questions that are not asked, and otherwise as in `CoralLoss`.

    The products of the conditional probabilities are probabilities of classes for any logits: see
    `predict_proba`.

    References
    ----------
    X. Shi, W. Cao, S. Raschka, "Deep neural networks for rank-consistent ordinal regression based
    on conditional probabilities", Pattern Analysis and Applications 26 (2023).
    :doi:`10.1007/s10044-023-01181-9`, arXiv:2111.08851

    Examples
    --------
    >>> from sklosses import CornLoss, corn_loss
    >>> y_true, y_pred = [0, 2], [[-1.0, -2.0], [1.0, 0.0]]
    >>> round(corn_loss(y_true, y_pred), 4)
    0.4399
    >>> CornLoss().gradient(y_true, y_pred).round(4)
    array([[ 0.0896,  0.    ],
           [-0.0896, -0.1667]])
    >>> CornLoss().predict_proba(y_pred).round(4)
    array([[0.7311, 0.2369, 0.0321],
           [0.2689, 0.3655, 0.3655]])
    """

    function_name = "corn_loss"
    kernel = "corn_loss"
    targets = ("rank",)
    max_axes = 2
    inputs = (
        _RANK,
        _logits("Logits of y_true > k among the samples of y_true >= k, for each k but the last."),
    )
    tags = LossTags(response="conditional_logits", target="class_rank", likelihood=True)

    def _terms_of_labels(self, n_labels):
        return np.minimum(np.arange(1.0, n_labels + 1), n_labels - 1)

    def _best_constant(self, y_true, weight):
        shares = _constants.frequencies(y_true, weight, None)
        return _constants.logit(shares_above(shares), shares[:-1])


class CumulativeLogitLoss(ThresholdLoss):
    r"""Negative log-likelihood of the ordered logit: one prediction compared with thresholds.

    See Also
    --------
    CoralLoss : A logit for each threshold.
    CornLoss : The likelihood of conditional logits.

    Notes
    -----
    For C classes there are C - 1 thresholds :math:`\theta_0 < \theta_1 < \dots`. With the sigmoid
    s, the probability of a label up to k is :math:`s(\theta_k - z)`. For a label y between the
    thresholds :math:`\theta_{y - 1}` and :math:`\theta_y`, which are infinite at the ends, let
    :math:`a = \theta_{y - 1} - z` and :math:`b = \theta_y - z`. With the softplus
    :math:`\sigma_+(t) = \log(1 + e^t)`,

    .. math:: \ell = -\log(s(b) - s(a)) = \sigma_+(-b) + \sigma_+(a) - \log(1 - e^{a - b}).

    The last term is computed from the difference of the thresholds alone, so the loss is exact for
    thresholds that are close and for predictions that are far from them.

    The derivative with respect to the prediction is :math:`1 - s(a) - s(b)`. With
    :math:`r = 1 / (e^{b - a} - 1)`, those with respect to the two thresholds are
    :math:`s(a) + r` and :math:`-s(-b) - r`. All samples share the thresholds, whose gradient is the
    sum over the samples, with "none" as well. The diagonal of the Hessian is exact for both. The
    loss is convex in predictions and thresholds together.

    A constant added to all predictions and thresholds changes nothing. The best constant is a
    prediction of 0 with thresholds that give the frequencies of the classes. `predict_proba` takes
    predictions and thresholds.

    References
    ----------
    P. McCullagh, "Regression Models for Ordinal Data", Journal of the Royal Statistical Society
    B 42 (1980). :doi:`10.1111/j.2517-6161.1980.tb01109.x`

    Examples
    --------
    >>> from sklosses import CumulativeLogitLoss, cumulative_logit_loss
    >>> y_true, y_pred, thresholds = [0, 1, 2], [-1.0, 0.5, 0.0], [0.0, 1.0]
    >>> round(cumulative_logit_loss(y_true, y_pred, thresholds), 4)
    1.0111
    >>> loss = CumulativeLogitLoss()
    >>> by_prediction, by_threshold = loss.gradient(y_true, y_pred, thresholds)
    >>> by_prediction.round(4), by_threshold.round(4)
    (array([ 0.0896,  0.    , -0.2437]), array([ 0.2302, -0.0762]))
    >>> loss.predict_proba(y_pred, thresholds).round(4)
    array([[0.7311, 0.1497, 0.1192],
           [0.3775, 0.2449, 0.3775],
           [0.5   , 0.2311, 0.2689]])
    """

    function_name = "cumulative_logit_loss"
    aliases = ("ordered_logit", "ordinal_logistic", "proportional_odds", "cumulative_link")
    kernel = "cumulative_logit_loss"
    inputs = (
        Input(
            "y_true",
            CLASS_INDEX,
            "array-like of shape (n_samples,), or a scalar\n"
            "Indices of the classes, in their order.",
        ),
        Input(
            "y_pred",
            REAL,
            "array-like of the shape of y_true\n"
            "Predictions on the scale of the thresholds; greater ones are for higher classes.",
            differentiable=True,
        ),
        Input(
            "thresholds",
            REAL,
            "array-like of shape (n_classes - 1,)\n"
            "Thresholds between the classes, strictly increasing.",
            differentiable=True,
            shared=True,
        ),
    )
    tags = LossTags(response="latent", target="class_rank", likelihood=True)

    def _best_constant(self, y_true, weight):
        shares = np.maximum(_constants.frequencies(y_true, weight, None), _constants.EPS)
        thresholds = _constants.logit(np.cumsum(shares)[:-1], shares_above(shares))
        # Around a class without samples they are equal but for rounding errors.
        return 0.0, _constants.increasing(thresholds)
