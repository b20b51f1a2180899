"""Losses of object detection: of rare labels, of the quality of a box, and of boxes."""

from numbers import Real

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import CLASS_POSITION, REAL, UNIT
from .._families.classwise import ClasswiseLoss
from .._families.pointwise import PointwiseLoss
from .._families.vectors import BoxLoss
from .._sklearn_compat import Interval, StrOptions

__all__ = [
    "AsymmetricLoss",
    "DistributionFocalLoss",
    "IoULoss",
    "QualityFocalLoss",
    "VarifocalLoss",
]

_LOGITS = Input(
    "y_pred",
    REAL,
    "array-like of the shape of y_true\nRaw predictions: log-odds of the label 1.",
    differentiable=True,
)
_LABELS = Input(
    "y_true", UNIT, "array-like of any shape\nLabels 0 and 1, or probabilities in [0, 1]."
)
_QUALITIES = Input(
    "y_true",
    UNIT,
    "array-like of any shape\n"
    "Qualities in [0, 1], such as the overlap of a box with an object, and 0 where there is none.",
)
_NONNEGATIVE = [Interval(Real, 0, None, closed="left")]


class AsymmetricLoss(PointwiseLoss):
    r"""Focal loss whose negatives have an exponent, and a shift, of their own.

    Parameters
    ----------
    gamma_neg : float, default=4.0
        Exponent for the label 0, >= 0; gives less weight to easy negatives.
    gamma_pos : float, default=1.0
        Exponent for the label 1, >= 0; gives less weight to easy positives.
    clip : float, default=0.05
        Subtracted from the probability of a negative, in [0, 1]. Negatives with a probability up
        to this one count nothing.

    See Also
    --------
    SigmoidFocalLoss : One exponent for both labels.
    BCEWithLogitsLoss : Without factors: all three parameters are 0.

    Notes
    -----
    With :math:`p = \sigma(z)` and the shifted probability :math:`q = \max(0, p - m)`, where m is
    `clip`,

    .. math:: \ell = -y\, (1 - p)^{\gamma_+} \log p - (1 - y)\, q^{\gamma_-} \log (1 - q).

    A target between 0 and 1 weighs the two terms. Value, gradient and Hessian are exact where
    probabilities round to 0 or 1; no logarithm is clamped. The gradient is that of the value. The
    published code has an option, on by default, that holds the factors constant in the gradient;
    this loss does not. It bounds probabilities from below by 1e-8, too.

    For the label 1 the infimum 0 is approached as p approaches 1. For the label 0 the loss is 0 up
    to p = m, where its gradient and Hessian are 0; at p = m they are 0 as well. Negatives cannot
    lose more than :math:`-\log m`, and their gradient tends to 0 as p approaches 1, so mislabelled
    ones count little. A constant that minimises the loss is far above the logit of the mean of the
    targets. Not convex.

    References
    ----------
    T. Ridnik, E. Ben-Baruch, N. Zamir, A. Noy, I. Friedman, M. Protter, L. Zelnik-Manor,
    "Asymmetric Loss For Multi-Label Classification", ICCV 2021.
    :doi:`10.1109/ICCV48922.2021.00015`, arXiv:2009.14119

    Examples
    --------
    >>> from sklosses import AsymmetricLoss, asymmetric_loss
    >>> y_true, y_pred = [0, 0, 1], [-4.0, 1.0, 1.0]
    >>> round(asymmetric_loss(y_true, y_pred), 4)
    0.11
    >>> AsymmetricLoss(reduction="sum").gradient(y_true, y_pred).round(4)
    array([ 0.    ,  0.4165, -0.1339])
    """

    function_name = "asymmetric_loss"
    aliases = ("asl", "asymmetric_loss_optimized")
    kernel = "asymmetric_loss"
    inputs = (_LABELS, _LOGITS)
    tags = LossTags(response="logit", target="binary", convex=False)
    _parameter_constraints = {
        "gamma_neg": _NONNEGATIVE,
        "gamma_pos": _NONNEGATIVE,
        "clip": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        gamma_neg: float = 4.0,
        gamma_pos: float = 1.0,
        clip: float = 0.05,
        reduction: str = "mean",
    ):
        self.gamma_neg = gamma_neg
        self.gamma_pos = gamma_pos
        self.clip = clip
        self.reduction = reduction

    def _kernel_params(self):
        return (self.gamma_pos, self.gamma_neg, self.clip)


class QualityFocalLoss(PointwiseLoss):
    r"""Focal loss for targets between 0 and 1, minimised by the target itself.

    Parameters
    ----------
    beta : float, default=2.0
        Exponent of the distance between prediction and target, >= 0. With 0 this is
        `BCEWithLogitsLoss`.

    See Also
    --------
    VarifocalLoss : Gives less weight to negatives only.
    SigmoidFocalLoss : For labels 0 and 1, with weights of both.

    Notes
    -----
    With :math:`p = \sigma(z)`,

    .. math:: \ell = |p - y|^\beta \left(-y \log p - (1 - y) \log (1 - p)\right).

    The target is the quality of a box that is predicted beside z, usually its overlap with the
    object, for the class of the object, and 0 for all other classes. Minimised, to 0, by p = y for
    beta > 0. The loss is elementwise. mmdetection adds up the classes of a box, so its mean over n
    boxes is ``reduction="sum"`` divided by n, or ``avg_factor=n``.

    The derivative contains that of the factor. For :math:`\beta \le 1` there is a kink at p = y,
    where the gradient is 0; for beta < 1 it grows without bound towards it, unless y is 0 or 1. At
    p = y the Hessian is exact for beta = 0 and :math:`\beta \ge 2`, and 0 otherwise. Not convex.

    References
    ----------
    X. Li, W. Wang, L. Wu, S. Chen, X. Hu, J. Li, J. Tang, J. Yang, "Generalized Focal Loss:
    Learning Qualified and Distributed Bounding Boxes for Dense Object Detection", NeurIPS 2020.
    arXiv:2006.04388

    Examples
    --------
    >>> from sklosses import QualityFocalLoss, quality_focal_loss
    >>> y_true, y_pred = [[0.8, 0.0], [0.0, 0.0]], [[1.0, -2.0], [-3.0, 0.0]]
    >>> round(quality_focal_loss(y_true, y_pred, avg_factor=2), 4)
    0.0888
    >>> QualityFocalLoss(reduction="sum").gradient(y_true, y_pred).round(4)
    array([[-0.0142,  0.0049],
           [ 0.0003,  0.2983]])
    """

    function_name = "quality_focal_loss"
    aliases = ("qfl",)
    kernel = "quality_focal_loss"
    inputs = (_QUALITIES, _LOGITS)
    tags = LossTags(response="logit", target="binary", convex=False)
    _parameter_constraints = {"beta": _NONNEGATIVE}

    def __init__(self, *, beta: float = 2.0, reduction: str = "mean"):
        self.beta = beta
        self.reduction = reduction

    def _kernel_params(self):
        return (self.beta,)


class VarifocalLoss(PointwiseLoss):
    r"""Focal loss of negatives, and cross-entropy weighted by the target for positives.

    Parameters
    ----------
    alpha : float, default=0.75
        Weight of the target 0, >= 0.
    gamma : float, default=2.0
        Exponent of the probability for the target 0, >= 0; gives less weight to easy negatives.

    See Also
    --------
    QualityFocalLoss : Gives less weight to all that is predicted well.
    SigmoidFocalLoss : For labels 0 and 1.

    Notes
    -----
    With :math:`p = \sigma(z)`,

    .. math:: \ell = \begin{cases}
              y \left(-y \log p - (1 - y) \log (1 - p)\right) & y > 0 \\
              -\alpha\, p^\gamma \log (1 - p) & y = 0. \end{cases}

    The target is the quality of a box that is predicted beside z, usually its overlap with the
    object, for the class of the object, and 0 for all other classes. Positives of a high quality
    count more. Minimised by p = y, where the loss is not 0 for a target between 0 and 1.

    The derivative contains that of :math:`p^\gamma`. The Hessian is exact, and negative for some
    negatives that are badly wrong. Not convex for gamma > 0.

    References
    ----------
    H. Zhang, Y. Wang, F. Dayoub, N. Sünderhauf, "VarifocalNet: An IoU-aware Dense Object
    Detector", CVPR 2021. :doi:`10.1109/CVPR46437.2021.00841`, arXiv:2008.13367

    Examples
    --------
    >>> from sklosses import VarifocalLoss, varifocal_loss
    >>> y_true, y_pred = [0.8, 0.0, 0.0], [1.0, -2.0, 0.0]
    >>> round(varifocal_loss(y_true, y_pred), 4)
    0.1806
    >>> VarifocalLoss(reduction="sum").gradient(y_true, y_pred).round(4)
    array([-0.0552,  0.0037,  0.2237])
    """

    function_name = "varifocal_loss"
    aliases = ("vfl",)
    kernel = "varifocal_loss"
    inputs = (_QUALITIES, _LOGITS)
    tags = LossTags(response="logit", target="binary", convex=False)
    _parameter_constraints = {"alpha": _NONNEGATIVE, "gamma": _NONNEGATIVE}

    def __init__(self, *, alpha: float = 0.75, gamma: float = 2.0, reduction: str = "mean"):
        self.alpha = alpha
        self.gamma = gamma
        self.reduction = reduction

    def _kernel_params(self):
        return (self.alpha, self.gamma)


class DistributionFocalLoss(ClasswiseLoss):
    r"""Cross-entropy of a number on a grid: of the two grid points next to it, by closeness.

    See Also
    --------
    CrossEntropyLoss : For class indices, and for probabilities of all classes.
    IoULoss : Compares the boxes whose sides such distributions predict.

    Notes
    -----
    The classes 0, ..., C - 1 are the points of a grid, and a target y is a number from 0 to C - 1.
    With :math:`j = \lfloor y \rfloor` and the softmax p of the logits,

    .. math:: \ell = -(j + 1 - y) \log p_j - (y - j) \log p_{j + 1}.

    For an integer y this is `CrossEntropyLoss`. In a detector, four such distributions predict the
    distances from a point to the sides of a box, in units of the grid: the targets are an array of
    shape (4 n,), and the logits one of shape (4 n, C). `predict_proba` returns p, and
    `inverse_link` the expected value :math:`\sum_j j\, p_j`, which is the predicted number.

    The gradient is p minus the shares of the two classes. The Hessian is the diagonal,
    :math:`p_j (1 - p_j)`. Minimised, for a single target, where the two classes have the
    probabilities j + 1 - y and y - j, so that the expected value is y. The loss is not 0 there.

    References
    ----------
    X. Li, W. Wang, L. Wu, S. Chen, X. Hu, J. Li, J. Tang, J. Yang, "Generalized Focal Loss:
    Learning Qualified and Distributed Bounding Boxes for Dense Object Detection", NeurIPS 2020.
    arXiv:2006.04388

    Examples
    --------
    >>> from sklosses import DistributionFocalLoss, distribution_focal_loss
    >>> y_true, y_pred = [0.25, 2.0], [[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]]
    >>> round(distribution_focal_loss(y_true, y_pred), 4)
    0.3763
    >>> loss = DistributionFocalLoss()
    >>> loss.gradient(y_true, y_pred).round(4)
    array([[-0.0424, -0.0026,  0.045 ],
           [ 0.0226,  0.0226, -0.0453]])
    >>> loss.inverse_link(y_pred).round(4)
    array([0.4248, 1.8642])
    """

    function_name = "distribution_focal_loss"
    aliases = ("dfl",)
    kernel = "cross_entropy"
    targets = ("position",)
    inputs = (
        Input(
            "y_true",
            CLASS_POSITION,
            "array-like of shape (n_samples,), or a scalar\n"
            "Numbers from 0 to n_classes - 1. In general, of the shape of y_pred without its\n"
            "class axis.",
        ),
        Input(
            "y_pred",
            REAL,
            "array-like of shape (n_classes,), (n_samples, n_classes) or "
            "(n_samples, n_classes, d1, ...)\n"
            "Logits of the classes.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="class_logits", target="class_position")

    def _class_params(self, n_classes):
        return (1.0, 0.0)

    def _best_constant(self, y_true, weight):
        return _constants.log_shares(_constants.frequencies(y_true, weight, None))


def _boxes(name, doc, **flags):
    return Input(
        name,
        REAL,
        "array-like of shape (n_samples, 4)\n"
        f"{doc}: x1, y1, x2, y2 with x1 <= x2 and y1 <= y2. In general, of shape (..., 4); a\n"
        "single box may be (4,).",
        **flags,
    )


class IoULoss(BoxLoss):
    r"""1 minus the overlap of two boxes: intersection over union, and its generalisations.

    Parameters
    ----------
    kind : {"iou", "giou", "diou", "ciou"}, default="iou"
        The measure of the overlap: see Notes.
    eps : float, default=1e-7
        Added to the denominators, >= 0, as in torchvision; not used for "iou".

    See Also
    --------
    SmoothL1Loss : Of the coordinates, each on its own.
    DistributionFocalLoss : Of distributions of the distances to the sides of a box.

    Notes
    -----
    With the intersection I and the union U of the two boxes, the area A and the diagonal D of the
    smallest box that contains both, and the distance d of their centres, the loss is 1 minus

    .. math:: \begin{aligned}
              \text{IoU} &= I / U \\
              \text{GIoU} &= I / (U + \epsilon) - (A - U) / (A + \epsilon) \\
              \text{DIoU} &= I / (U + \epsilon) - d^2 / (D^2 + \epsilon) \\
              \text{CIoU} &= \text{DIoU} - \alpha v,\quad
              v = \frac{4}{\pi^2} \left(\arctan\frac{w_t}{h_t} - \arctan\frac{w}{h}\right)^2,\quad
              \alpha = \frac{v}{1 - I / (U + \epsilon) + v + \epsilon},
              \end{aligned}

    with the widths w and heights h of both boxes. These are the losses of torchvision. They are
    computed in float64 for float32 boxes as well, and scaled where an area would overflow.

    Minimised, to 0 but for eps, by the box itself. The gradient is with respect to the prediction.
    That of "iou" is 0 for boxes that do not overlap; the others still move such boxes towards each
    other. At a tie of two coordinates, each box has half of the gradient, as in PyTorch. Boxes that
    only touch have the gradient of boxes that do not overlap. For "ciou", :math:`\alpha` is held
    constant in the gradient, as published. There is no diagonal Hessian.

    A box may have a width or a height of 0. The ratio w/h of a height of 0 is infinite; the angle
    of a point is taken to be that of the other box, so v is 0. Two boxes whose union has no area
    have an IoU of 0. A box with x2 < x1 or y2 < y1 is an error.

    References
    ----------
    H. Rezatofighi, N. Tsoi, J. Gwak, A. Sadeghian, I. Reid, S. Savarese, "Generalized Intersection
    over Union", CVPR 2019. :doi:`10.1109/CVPR.2019.00075`

    Z. Zheng, P. Wang, W. Liu, J. Li, R. Ye, D. Ren, "Distance-IoU Loss: Faster and Better Learning
    for Bounding Box Regression", AAAI 2020. :doi:`10.1609/aaai.v34i07.6999`

    Examples
    --------
    >>> from sklosses import IoULoss, iou_loss
    >>> y_true = [[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 1.0, 1.0]]
    >>> y_pred = [[1.0, 0.5, 2.5, 1.5], [2.0, 0.0, 3.0, 1.0]]
    >>> IoULoss(reduction="none")(y_true, y_pred).round(4)
    array([0.7778, 1.    ])
    >>> round(iou_loss(y_true, y_pred, kind="giou"), 4)
    1.1056
    >>> IoULoss(kind="giou").gradient(y_true, y_pred).round(4)
    array([[ 0.1111,  0.1488,  0.1047, -0.1488],
           [ 0.1667, -0.    , -0.0556,  0.    ]])
    """

    function_name = "iou_loss"
    aliases = ("giou", "diou", "ciou", "generalized_box_iou", "distance_box_iou")
    inputs = (
        _boxes("y_true", "Boxes of the objects"),
        _boxes("y_pred", "Predicted boxes", differentiable=True),
    )
    _parameter_constraints = {
        "kind": [StrOptions({"iou", "giou", "diou", "ciou"})],
        "eps": _NONNEGATIVE,
    }

    def __init__(self, *, kind: str = "iou", eps: float = 1e-7, reduction: str = "mean"):
        self.kind = kind
        self.eps = eps
        self.reduction = reduction

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; a factor of "ciou" is constant in its gradient."""
        gradient = "partial" if self.kind == "ciou" else "exact"
        return LossTags(
            response="box", target="box", hessian="none", convex=False, gradient=gradient
        )

    @property
    def metric(self):
        """The measure in `_kernels/vectors.pyx`, and its eps."""
        return (self.kind, 0.0 if self.kind == "iou" else float(self.eps), 0.0)
