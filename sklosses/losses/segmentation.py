"""Losses of segmentations: of the regions of an image, rather than of its single pixels."""

from dataclasses import replace
from numbers import Real

from .._description import Input, LossTags, by_parameters
from .._domains import BINARY, CLASS_INDEX, REAL, UNIT
from .._families.regions import OverlapLoss, SortedLoss
from .._sklearn_compat import Interval, StrOptions

__all__ = ["DiceLoss", "LovaszHingeLoss", "LovaszSoftmaxLoss", "TverskyLoss"]

_SHAPE = "array-like of shape (n_samples, n_classes, d1, ..., dK), K >= 0\n"
_MASK = Input(
    "y_true",
    UNIT,
    "array-like of the shape of y_pred, or of that shape without the class axis\n"
    "Masks of the classes, in [0, 1], or class indices; of a single class only as integers.",
)
_PROBABILITIES = Input(
    "y_pred",
    UNIT,
    _SHAPE + "Probabilities of the classes or, with an `activation`, logits.",
    differentiable=True,
)


class _OverlapOfMasks(OverlapLoss):
    """What the losses of overlaps declare alike."""

    tags = LossTags(response="pixels", target="class_index", hessian="none", convex=False)

    @by_parameters
    def inputs(self):
        """The arrays; without an activation, predictions are probabilities."""
        domain = UNIT if self.activation is None else REAL
        return (_MASK, replace(_PROBABILITIES, domain=domain))


class DiceLoss(_OverlapOfMasks):
    r"""Dice loss of masks: 1 minus the overlap, relative to the size of both masks.

    Parameters
    ----------
    smooth : float, default=1.0
        Added to numerator and denominator, >= 0. With 0, two empty masks have the loss 0.
    squared : bool, default=False
        Whether the sizes in the denominator are sums of squares.
    activation : {"sigmoid", "softmax"}, default=None
        What makes probabilities of `y_pred`, which then holds logits. "sigmoid" is for classes that
        may overlap, "softmax" for those of which each pixel has exactly one. None: `y_pred` holds
        probabilities.
    batch : bool, default=False
        Whether the sums are over the samples, too. There is one loss for each class then, and
        samples have no weights.

    See Also
    --------
    TverskyLoss : Weighs false positives and false negatives; includes the Jaccard loss.
    LovaszSoftmaxLoss : The Jaccard index itself, extended to probabilities.
    CrossEntropyLoss : The loss of each pixel on its own.

    Notes
    -----
    For each sample and class, with sums over the pixels, the mask y, the probabilities p and the
    smoothing s,

    .. math:: \ell = 1 - \frac{2 \sum y\, p + s}{\sum y + \sum p + s},

    or with :math:`\sum y^2 + \sum p^2` in the denominator if `squared`. The unreduced loss has the
    shape (n_samples, n_classes), with `batch` (n_classes,). Each region counts the same in the
    mean, however small it is. That is why the loss is used where a class has few pixels.

    Minimised, to 0, where the prediction is the mask, if that holds only 0 and 1. Of soft masks the
    loss is positive, unless `squared`, and its minimum is at probabilities of 0 and 1. It is not
    convex. An empty mask has the loss :math:`\sum p / (\sum p + s)`, so with s = 0 a loss of 1 and
    no gradient for any prediction but an empty one, whose loss is 0. Without pixel axes (K = 0) a
    region is a single number; with `batch`, it is a column.

    The loss is computed as the mismatch, :math:`\sum y (1 - p) + \sum (1 - y) p` or
    :math:`\sum (y - p)^2`, over the denominator, which has no cancellation where the masks almost
    agree. Sums are float64. There is no diagonal Hessian.

    References
    ----------
    F. Milletari, N. Navab, S.-A. Ahmadi, "V-Net: Fully Convolutional Neural Networks for Volumetric
    Medical Image Segmentation", 3DV 2016. :doi:`10.1109/3DV.2016.79`

    Examples
    --------
    One image of four pixels and two classes:

    >>> from sklosses import DiceLoss, dice_loss
    >>> y_true, y_pred = [[0, 0, 0, 1]], [[[0.9, 0.8, 0.7, 0.4], [0.1, 0.2, 0.3, 0.6]]]
    >>> dice_loss(y_true, y_pred, reduction="none").round(4)
    array([[0.1471, 0.3125]])
    >>> DiceLoss(smooth=0.0).gradient(y_true, y_pred).round(4)
    array([[[-0.1011, -0.1011, -0.1011,  0.0713],
            [ 0.124 ,  0.124 ,  0.124 , -0.3306]]])

    Its sum with the cross-entropy, of logits, is the loss of nnU-Net
    (:doi:`10.1038/s41592-020-01008-z`):

    >>> from sklosses import CrossEntropyLoss
    >>> loss = DiceLoss(activation="softmax") + CrossEntropyLoss()
    >>> round(loss([[0, 0, 0, 1]], [[[2.0, 1.0, 1.0, -1.0], [-2.0, -1.0, 0.0, 1.0]]]), 4)
    0.2654
    """

    function_name = "dice_loss"
    aliases = ("soft_dice", "f1_loss", "generalized_dice")
    _parameter_constraints = {
        "smooth": [Interval(Real, 0, None, closed="left")],
        "squared": ["boolean"],
        "activation": [StrOptions({"sigmoid", "softmax"}), None],
        "batch": ["boolean"],
    }

    def __init__(
        self,
        *,
        smooth: float = 1.0,
        squared: bool = False,
        activation=None,
        batch: bool = False,
        reduction: str = "mean",
    ):
        self.smooth = smooth
        self.squared = squared
        self.activation = activation
        self.batch = batch
        self.reduction = reduction

    def _kernel_params(self):
        return (0.5, 0.5, 0.5 * self.smooth, 1.0)


class TverskyLoss(_OverlapOfMasks):
    r"""Focal Tversky loss of masks: the Dice loss with weights for both kinds of errors.

    Parameters
    ----------
    alpha : float, default=0.5
        Weight of false positives, >= 0.
    beta : float, default=0.5
        Weight of false negatives, >= 0. A larger one favours recall.
    gamma : float, default=1.0
        Exponent of the loss, > 0. Below 1 it raises small losses, above 1 large ones dominate.
    smooth : float, default=1.0
        Added to numerator and denominator, >= 0. With 0, two empty masks have the loss 0.
    activation : {"sigmoid", "softmax"}, default=None
        What makes probabilities of `y_pred`, as in `DiceLoss`.
    batch : bool, default=False
        Whether the sums are over the samples, too, as in `DiceLoss`.

    See Also
    --------
    DiceLoss : The same with alpha = beta = 1/2, but for twice the smoothing.
    LovaszSoftmaxLoss : The Jaccard index itself, extended to probabilities.

    Notes
    -----
    For each sample and class, with sums over the pixels, the mask y, the probabilities p and the
    smoothing s,

    .. math:: T = \frac{\sum y\, p + s}{\sum y\, p + \alpha \sum (1 - y)\, p
                        + \beta \sum y\, (1 - p) + s}, \qquad \ell = (1 - T)^\gamma.

    With alpha = beta = 1 and gamma = 1 this is the Jaccard loss, 1 minus the intersection over
    union. Shapes, means and empty masks are those of `DiceLoss`. Papers write the exponent as
    :math:`1 / \gamma`, too: theirs of 4/3 is 0.75 here.

    Minimised, to 0, where the prediction is the mask, if that holds only 0 and 1. It is not convex.
    At T = 1 the derivative is infinite for gamma < 1; it is set to 0 there. With alpha = 0 nothing
    keeps a prediction from being 1 everywhere.

    1 - T is computed from the errors, without cancellation. There is no diagonal Hessian.

    References
    ----------
    S. S. M. Salehi, D. Erdogmus, A. Gholipour, "Tversky Loss Function for Image Segmentation Using
    3D Fully Convolutional Deep Networks", MLMI 2017. :doi:`10.1007/978-3-319-67389-9_44`

    N. Abraham, N. M. Khan, "A Novel Focal Tversky Loss Function with Improved Attention U-Net for
    Lesion Segmentation", ISBI 2019. :doi:`10.1109/ISBI.2019.8759329`

    Examples
    --------
    >>> from sklosses import TverskyLoss, tversky_loss
    >>> y_true, y_pred = [[0, 0, 0, 1]], [[[0.9, 0.8, 0.7, 0.4], [0.1, 0.2, 0.3, 0.6]]]
    >>> tversky_loss(y_true, y_pred, alpha=0.3, beta=0.7, reduction="none").round(4)
    array([[0.1371, 0.2233]])
    >>> jaccard = TverskyLoss(alpha=1.0, beta=1.0, smooth=0.0)
    >>> round(jaccard(y_true, y_pred), 4)
    0.4596
    """

    function_name = "tversky_loss"
    aliases = ("focal_tversky", "jaccard", "iou")
    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "beta": [Interval(Real, 0, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="neither")],
        **{
            name: DiceLoss._parameter_constraints[name]
            for name in ("smooth", "activation", "batch")
        },
    }

    def __init__(
        self,
        *,
        alpha: float = 0.5,
        beta: float = 0.5,
        gamma: float = 1.0,
        smooth: float = 1.0,
        activation=None,
        batch: bool = False,
        reduction: str = "mean",
    ):
        self.alpha = alpha
        self.beta = beta
        self.gamma = gamma
        self.smooth = smooth
        self.activation = activation
        self.batch = batch
        self.reduction = reduction

    def _kernel_params(self):
        return (self.alpha, self.beta, self.smooth, self.gamma)


class LovaszHingeLoss(SortedLoss):
    r"""Lovász hinge: the Jaccard loss of a binary mask, extended to logits.

    See Also
    --------
    LovaszSoftmaxLoss : For several classes.
    TverskyLoss : With alpha = beta = 1, a smooth Jaccard loss of probabilities.
    HingeLoss : The hinge of each pixel on its own.

    Notes
    -----
    The errors of an image are the hinges :math:`e = \max(0, 1 - s z)` of its logits z, with s = 1
    in the mask and -1 elsewhere. Sorted so that the largest comes first, they are weighted by what
    each pixel, if it is wrong, adds to the Jaccard loss of the pixels before it:

    .. math:: \ell = \sum_i e_{(i)} \left(\Delta_i - \Delta_{i-1}\right), \qquad
              \Delta_i = 1 - \frac{P - c_i}{P + k_i}

    for a mask of P pixels, :math:`c_i` of which are among the first i, and :math:`k_i` others.
    :math:`\Delta_0 = 0`. This is the tightest convex extension of the Jaccard loss. For an empty
    mask it is the largest error.

    The unreduced loss has one element for each sample, shape (n_samples,). Arrays of shape
    (n_pixels,) are one image, whose loss is a scalar.

    Minimised, to 0, where all logits have the right sign and are at least 1 in size. Convex. Where
    a hinge is 0, its gradient is 0, also at the kink. Equal errors, for which the gradient is not
    unique, are in the order of the pixels (the C order of their indices). There is no diagonal
    Hessian. Sorting and sums are float64; memory is about 40 bytes for each pixel of the images
    that the threads work on.

    References
    ----------
    M. Berman, A. R. Triki, M. B. Blaschko, "The Lovász-Softmax Loss: A Tractable Surrogate for the
    Optimization of the Intersection-Over-Union Measure in Neural Networks", CVPR 2018.
    :doi:`10.1109/CVPR.2018.00464`

    Examples
    --------
    >>> from sklosses import LovaszHingeLoss, lovasz_hinge_loss
    >>> y_true, y_pred = [[0, 0, 1, 1]], [[-2.0, 0.5, 1.5, -0.25]]
    >>> round(lovasz_hinge_loss(y_true, y_pred), 4)
    0.9167
    >>> LovaszHingeLoss().gradient(y_true, y_pred).round(4)
    array([[ 0.    ,  0.3333,  0.    , -0.3333]])
    """

    function_name = "lovasz_hinge_loss"
    targets = ()
    inputs = (
        Input(
            "y_true",
            BINARY,
            "array-like of shape (n_samples, d1, ..., dK) or (n_pixels,)\nMasks of 0 and 1.",
        ),
        Input("y_pred", REAL, "array-like of the shape of y_true\nLogits.", differentiable=True),
    )
    tags = LossTags(response="pixels", target="binary", hessian="none")

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction


class LovaszSoftmaxLoss(SortedLoss):
    r"""Lovász-Softmax loss: the Jaccard loss of each class, extended to probabilities.

    See Also
    --------
    LovaszHingeLoss : For a single mask and logits.
    DiceLoss : Ratios of sums, smooth in the probabilities.
    CrossEntropyLoss : The loss of each pixel on its own.

    Notes
    -----
    The errors of a class c in an image are :math:`e = |y - p|` with its probabilities p, and y = 1
    for its pixels, 0 for the others. The loss of an image is the mean over the set K of the classes
    that are present in its labels,

    .. math:: \ell = \frac{1}{|K|} \sum_{c \in K} \sum_i e^c_{(i)}
              \left(\Delta^c_i - \Delta^c_{i-1}\right),

    with the Jaccard losses :math:`\Delta` that `LovaszHingeLoss` describes. Where the probabilities
    are 0 and 1, this is 1 minus the mean intersection over union. Classes that are absent have no
    influence, and no gradient.

    The unreduced loss has one element for each sample, shape (n_samples,). Arrays without pixel
    axes, labels (n,) and probabilities (n, n_classes), are one image of n pixels, whose loss is a
    scalar. The probabilities are those that a softmax returns, though their sum is not checked.

    Minimised, to 0, where the class of each pixel has probability 1. Convex in the probabilities.
    Where an error is 0 its gradient is 0. Equal errors, for which the gradient is not unique, are
    in the order of the pixels (the C order of their indices). There is no diagonal Hessian. Sorting
    and sums are float64; memory is about 40 bytes for each pixel of the images that the threads
    work on, whatever the number of classes.

    References
    ----------
    M. Berman, A. R. Triki, M. B. Blaschko, "The Lovász-Softmax Loss: A Tractable Surrogate for the
    Optimization of the Intersection-Over-Union Measure in Neural Networks", CVPR 2018.
    :doi:`10.1109/CVPR.2018.00464`

    Examples
    --------
    >>> from sklosses import LovaszSoftmaxLoss, lovasz_softmax_loss
    >>> y_true, y_pred = [[0, 0, 0, 1]], [[[0.9, 0.8, 0.7, 0.4], [0.1, 0.2, 0.3, 0.6]]]
    >>> round(lovasz_softmax_loss(y_true, y_pred), 4)
    0.325
    >>> LovaszSoftmaxLoss().gradient(y_true, y_pred)
    array([[[-0.125, -0.125, -0.125,  0.125],
            [ 0.   ,  0.   ,  0.   , -0.5  ]]])
    """

    function_name = "lovasz_softmax_loss"
    targets = ("index",)
    inputs = (
        Input(
            "y_true",
            CLASS_INDEX,
            "array-like of shape (n_samples, d1, ..., dK) or (n_pixels,)\nClass indices.",
        ),
        Input(
            "y_pred",
            UNIT,
            "array-like of shape (n_samples, n_classes, d1, ..., dK) or (n_pixels, n_classes)\n"
            "Probabilities of the classes.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="pixels", target="class_index", hessian="none")

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction
