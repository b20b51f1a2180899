"""Losses for several labels of each sample."""

from dataclasses import replace

import numpy as np

from .. import _constants
from .._description import Input, LossTags
from .._domains import CLASS_LIST, UNIT
from .._families.classwise import ClasswiseLoss
from ..losses.multiclass import (
    _MARGINS,  # pyright: ignore[reportAttributeAccessIssue]
    CrossEntropyLoss,
)

__all__ = ["MultiLabelMarginLoss", "MultiLabelSoftMarginLoss"]


class MultiLabelMarginLoss(ClasswiseLoss):
    r"""Multilabel hinge loss: each class of the sample should lead every other class by 1.

    See Also
    --------
    MultiMarginLoss : For a single label of each sample.
    MultiLabelSoftMarginLoss : A smooth loss; takes indicators of the labels.

    Notes
    -----
    With the C predictions z of a sample and its classes J,

    .. math:: \ell = \frac{1}{C} \sum_{j \in J} \sum_{k \notin J} \max(0, 1 - z_j + z_k).

    A row of `y_true` lists the classes of the sample and is terminated by -1. The entries after
    that are ignored, but must be class indices or -1 as well. A class that is listed twice counts
    twice. Samples without labels, or with all of them, have a loss of 0.

    Minimised, to 0, where every listed class leads every other class by 1. At the kink the gradient
    is that of the side where the hinge is 0. The true Hessian is zero almost everywhere; 1 is
    returned instead, scaled like the loss.

    Examples
    --------
    >>> from sklosses import MultiLabelMarginLoss, multilabel_margin_loss
    >>> y_true, y_pred = [[3, 0, -1, 1]], [[0.1, 0.2, 0.4, 0.8]]
    >>> round(multilabel_margin_loss(y_true, y_pred), 4)
    0.85
    >>> MultiLabelMarginLoss().gradient(y_true, y_pred)
    array([[-0.5,  0.5,  0.5, -0.5]])
    """

    function_name = "multilabel_margin_loss"
    kernel = "multilabel_margin_loss"
    targets = ("list",)
    max_axes = 2
    inputs = (
        Input(
            "y_true",
            CLASS_LIST,
            "array-like of int of the shape of y_pred\n"
            "In each row the class indices of the sample, terminated by -1 unless there are\n"
            "n_classes.",
        ),
        _MARGINS,
    )
    tags = LossTags(response="class_margin", target="class_list", hessian="ones")

    def _class_params(self, n_classes):
        return (1 / n_classes,)

    def _best_constant(self, y_true, weight):
        counts = _constants.count_listed(y_true, y_true.shape[1])
        # BLAS is not used: its rounding depends on the CPU, and could change which of several best
        # constants is returned.
        costs = np.einsum("i,ij,ik->jk", weight, counts, counts == 0)
        return _constants.best_leads(costs, 1)


class MultiLabelSoftMarginLoss(ClasswiseLoss):
    r"""Multilabel binary cross-entropy of raw predictions (logits), averaged over the classes.

    Parameters
    ----------
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, >= 0, as in `CrossEntropyLoss`. The mean over the classes is the
        weighted sum divided by their number.

    See Also
    --------
    BCEWithLogitsLoss : Without the mean over the classes.
    MultiLabelMarginLoss : A hinge loss; takes lists of labels.

    Notes
    -----
    With C classes, their weights c and the targets y,

    .. math:: \ell = \frac{1}{C} \sum_j c_j \left(y_j \log(1 + e^{-z_j})
              + (1 - y_j) \log(1 + e^{z_j})\right).

    Minimised where the sigmoid of each prediction is the probability of its label. With the sigmoid
    p, the gradient is :math:`c_j (p_j - y_j) / C` and the diagonal of the Hessian is
    :math:`c_j p_j (1 - p_j) / C`.

    Examples
    --------
    >>> from sklosses import MultiLabelSoftMarginLoss, multilabel_soft_margin_loss
    >>> y_true, y_pred = [[1, 0, 1]], [[2.0, -1.0, 0.0]]
    >>> round(multilabel_soft_margin_loss(y_true, y_pred), 4)
    0.3778
    >>> MultiLabelSoftMarginLoss().gradient(y_true, y_pred).round(4)
    array([[-0.0397,  0.0896, -0.1667]])
    """

    function_name = "multilabel_soft_margin_loss"
    kernel = "multilabel_soft_margin_loss"
    targets = ("dense",)
    inputs = (
        Input(
            "y_true",
            UNIT,
            "array-like of the shape of y_pred\n"
            "Indicators 0 and 1 of the labels, or their probabilities.",
        ),
        replace(
            _MARGINS,
            doc="array-like of shape (n_classes,), (n_samples, n_classes) or (..., n_classes)\n"
            "Raw predictions: log-odds of each label.",
        ),
    )
    tags = LossTags(response="logit", target="multilabel", likelihood=True)
    _parameter_constraints = {
        "class_weight": CrossEntropyLoss._parameter_constraints["class_weight"]
    }

    def __init__(self, *, class_weight=None, reduction: str = "mean"):
        self.class_weight = class_weight
        self.reduction = reduction

    @staticmethod
    def _class_axis(n_axes):
        return n_axes - 1

    def _class_params(self, n_classes):
        return (1 / n_classes,)

    def _best_constant(self, y_true, weight):
        return _constants.logit(_constants.mean(y_true, weight))
