"""Losses for one label out of several classes."""

from dataclasses import replace
from numbers import Integral, Real

import numpy as np

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import CLASS_INDEX, LOG_PROBABILITY, REAL, UNIT
from .._families.classwise import ClasswiseLoss
from .._sklearn_compat import Interval, Options, StrOptions
from .._smooth import SmoothForm

__all__ = [
    "CrammerSingerLoss",
    "CrossEntropyLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "SoftmaxFocalLoss",
]

_CLASS_SHAPES = (
    "array-like of shape (n_classes,), (n_samples, n_classes) or (n_samples, n_classes, d1, ...)\n"
)
_CLASS_LOGITS = Input(
    "y_pred",
    REAL,
    _CLASS_SHAPES + "Raw predictions (logits) of the classes.",
    differentiable=True,
)
_CLASS_TARGET = Input(
    "y_true",
    UNIT,
    "array-like of the shape of y_pred, or of that shape without the class axis\n"
    "Probabilities of the classes, or class indices.",
)
_LABEL = Input(
    "y_true", CLASS_INDEX, "array-like of shape (n_samples,), or a scalar\nClass indices."
)
_MARGINS = Input(
    "y_pred",
    REAL,
    "array-like of shape (n_classes,) or (n_samples, n_classes)\nRaw predictions of the classes.",
    differentiable=True,
)


class CrossEntropyLoss(ClasswiseLoss):
    r"""Cross-entropy of raw predictions (logits) over classes.

    Parameters
    ----------
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, >= 0. The keys of a dict are class indices; missing classes have
        weight 1. "balanced" means n / (n_classes * count), with the counts of the labels in the
        call, weighted by `sample_weight`. None means 1 for all.
    ignore_index : int, default=-100
        Samples with this label are ignored: their loss and gradient are 0, and they do not count in
        the mean.
    label_smoothing : float, default=0.0
        Share of each target, in [0, 1], that is distributed evenly over all classes.

    See Also
    --------
    BCEWithLogitsLoss : For labels that are not mutually exclusive.
    SoftmaxFocalLoss : Gives less weight to easy samples.

    Notes
    -----
    With the class weights c and the target t, a one-hot row or probabilities, with label smoothing
    :math:`\epsilon` over C classes,

    .. math:: \ell = \sum_j c_j \left((1 - \epsilon) t_j + \epsilon / C\right)
              \left(\log \textstyle\sum_k e^{z_k} - z_j\right).

    With the sample weights w, the mean is :math:`\sum w\, \ell / \sum w\, c_y` for class indices y,
    and :math:`\sum w\, \ell / \sum w` for probabilities. If all samples are ignored it is nan, with
    a warning. With the weighted and smoothed targets :math:`\tau` and the softmax p, the derivative
    with respect to :math:`z_j` is :math:`p_j \sum_k \tau_k - \tau_j`, and the diagonal of the
    Hessian is :math:`p_j (1 - p_j) \sum_k \tau_k`. Minimised where the softmax is the distribution
    of the targets, weighted and smoothed.

    Targets with the shape of `y_pred` are probabilities; targets without the class axis are class
    indices. Probabilities of float dtype need not sum to 1. Those of integer or boolean dtype must
    be one-hot rows; for labels that are not mutually exclusive use `BCEWithLogitsLoss`.
    As in PyTorch, an `ignore_index` >= 0 beside probabilities is an error.

    References
    ----------
    C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, "Rethinking the Inception
    Architecture for Computer Vision", CVPR 2016 (label smoothing).
    :doi:`10.1109/CVPR.2016.308`

    Examples
    --------
    >>> from sklosses import CrossEntropyLoss, cross_entropy
    >>> y_true, y_pred = [0, 2], [[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    >>> round(cross_entropy(y_true, y_pred), 4)
    0.8955
    >>> loss = CrossEntropyLoss(class_weight={2: 3.0}, label_smoothing=0.1)
    >>> loss.gradient(y_true, y_pred).round(4)
    array([[-0.0235,  0.0201,  0.0034],
           [ 0.1436,  0.4046, -0.5481]])
    """

    function_name = "cross_entropy"
    aliases = (
        "log_loss",
        "neg_log_loss",
        "softmax_cross_entropy",
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "ce",
    )
    kernel = "cross_entropy"
    binary_loss = "binary_cross_entropy_with_logits"
    inputs = (_CLASS_TARGET, _CLASS_LOGITS)
    tags = LossTags(response="class_logits", target="class_index", likelihood=True)
    _parameter_constraints = {
        "class_weight": ["array-like", dict, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="both")],
        "ignore_index": [Interval(Integral, -(2**63), 2**63 - 1, closed="both")],
    }

    def __init__(
        self,
        *,
        class_weight=None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        reduction: str = "mean",
    ):
        self.class_weight = class_weight
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing
        self.reduction = reduction

    def _class_params(self, n_classes):
        return (1 - self.label_smoothing, self.label_smoothing / n_classes)

    def _best_constant(self, y_true, weight):
        shares = _constants.frequencies(y_true, weight, self.class_weight)
        keep, smooth = self._class_params(len(shares))
        return _constants.log_shares(_constants.weigh(keep * shares + smooth, self.class_weight))


class NLLLoss(ClasswiseLoss):
    r"""Negative log-likelihood of class labels, for log-probabilities.

    Parameters
    ----------
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, >= 0, as in `CrossEntropyLoss`.
    ignore_index : int, default=-100
        Samples with this label are ignored, as in `CrossEntropyLoss`.

    See Also
    --------
    CrossEntropyLoss : The same after a log-softmax of logits.

    Notes
    -----
    With the class weights c and the label y or the target probabilities t,

    .. math:: \ell = -c_y \log p_y, \qquad \ell = -\sum_j c_j t_j \log p_j.

    The mean is that of `CrossEntropyLoss`. Log-probabilities may be -inf, the logarithm of 0, and
    the probabilities need not sum to 1. Minimised by the distribution of the targets among all
    distributions. A negative loss is returned with a UserWarning, since it shows that `y_pred`
    holds probabilities or logits. A class of weight or target 0 contributes 0 even if its
    log-probability is -inf (nan in PyTorch).

    The gradient is :math:`-c_y` at the label and 0 elsewhere, or :math:`-c_j t_j`. The loss is
    linear, so its true Hessian is zero; instead, :math:`c_y` (for probabilities 1) is returned for
    all classes, scaled like the loss.

    Examples
    --------
    >>> import numpy as np
    >>> from sklosses import NLLLoss, nll_loss
    >>> y_true, y_pred = [0, 1], np.log([[0.5, 0.5], [0.75, 0.25]])
    >>> round(nll_loss(y_true, y_pred), 4)
    1.0397
    >>> NLLLoss(class_weight=[1.0, 3.0]).gradient(y_true, y_pred)
    array([[-0.25,  0.  ],
           [ 0.  , -0.75]])
    """

    function_name = "nll_loss"
    aliases = ("negative_log_likelihood",)
    kernel = "nll_loss"
    binary_loss = "binary_cross_entropy"
    of_log_probabilities = True
    inputs = (
        _CLASS_TARGET,
        replace(
            _CLASS_LOGITS,
            domain=LOG_PROBABILITY,
            doc=_CLASS_SHAPES + "Log-probabilities of the classes.",
        ),
    )
    tags = LossTags(
        response="class_log_probabilities",
        target="class_index",
        hessian="ones",
        likelihood=True,
    )
    _parameter_constraints = {
        name: CrossEntropyLoss._parameter_constraints[name]
        for name in ("class_weight", "ignore_index")
    }

    def __init__(self, *, class_weight=None, ignore_index: int = -100, reduction: str = "mean"):
        self.class_weight = class_weight
        self.ignore_index = ignore_index
        self.reduction = reduction

    def _best_constant(self, y_true, weight):
        shares = _constants.frequencies(y_true, weight, self.class_weight)
        return _constants.log_shares(_constants.weigh(shares, self.class_weight))


class MultiMarginLoss(ClasswiseLoss):
    r"""Multiclass hinge loss: the label's class should lead all others by a margin.

    Parameters
    ----------
    p : {1, 2}, default=1
        Exponent of the hinge.
    margin : float, default=1.0
        The lead over another class from which that class contributes nothing.
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, >= 0, as in `CrossEntropyLoss`. Each loss is multiplied by the
        weight of its label, but the mean does not divide by the class weights.

    See Also
    --------
    CrammerSingerLoss : Compares the label's class only with the best of the others.
    CrossEntropyLoss : Smooth, and gives probabilities.
    MultiLabelMarginLoss : For several labels of each sample.

    Notes
    -----
    With C classes and the weight c of the label y,

    .. math:: \ell = \frac{c_y}{C} \sum_{j \ne y} \max(0, m - z_y + z_j)^p.

    Minimised, to 0, where the label's class leads all others by the margin. At the kink the
    gradient is that of the side where the hinge is 0. The diagonal of the Hessian is exact for p =
    2. For p = 1 the true Hessian is zero almost everywhere; 1 is returned instead, scaled like the
    loss.

    References
    ----------
    K. Crammer, Y. Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines", JMLR 2 (2001).

    Examples
    --------
    >>> from sklosses import MultiMarginLoss, multi_margin_loss
    >>> y_true, y_pred = [0, 2], [[2.0, 0.5, 1.5], [0.0, 1.0, 0.25]]
    >>> round(multi_margin_loss(y_true, y_pred), 4)
    0.5
    >>> MultiMarginLoss(p=2).gradient(y_true, y_pred).round(3)
    array([[-0.167,  0.   ,  0.167],
           [ 0.25 ,  0.583, -0.833]])
    """

    function_name = "multi_margin_loss"
    aliases = ("multiclass_hinge", "categorical_hinge")
    kernel = "multi_margin_loss"
    targets = ("index",)
    weighted_mean = False
    max_axes = 2
    inputs = (_LABEL, _MARGINS)
    _parameter_constraints = {
        "p": [Options(Real, {1, 2})],
        "margin": [Interval(Real, None, None, closed="neither")],
        "class_weight": CrossEntropyLoss._parameter_constraints["class_weight"],
    }

    def __init__(
        self, *, p: int = 1, margin: float = 1.0, class_weight=None, reduction: str = "mean"
    ):
        self.p = p
        self.margin = margin
        self.class_weight = class_weight
        self.reduction = reduction

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; the Hessian is exact only for p = 2."""
        return LossTags(
            response="class_margin",
            target="class_index",
            hessian="exact" if self.p == 2 else "ones",
        )

    def _class_params(self, n_classes):
        return (self.margin, self.p, 1 / n_classes)

    def _best_constant(self, y_true, weight):
        if self.p == 2:
            return None
        shares = _constants.frequencies(y_true, weight, self.class_weight)
        cost = np.repeat(
            _constants.weigh(shares, self.class_weight)[:, np.newaxis], len(shares), axis=1
        )
        return _constants.best_leads(cost, self.margin)


class CrammerSingerLoss(ClasswiseLoss):
    r"""Multiclass hinge loss: the label's class should lead the best of the others by a margin.

    Parameters
    ----------
    margin : float, default=1.0
        The lead over the best other class from which the loss is 0.

    See Also
    --------
    MultiMarginLoss : Adds the hinges of all other classes.
    CrossEntropyLoss : Smooth, and gives probabilities.
    sklearn.metrics.hinge_loss : The same mean for decision values and labels.

    Notes
    -----
    With the margin m and the label y,

    .. math:: \ell = \max\left(0, m - z_y + \max_{j \ne y} z_j\right).

    Minimised, to 0, where the label's class leads all others by the margin; with a single class the
    loss is 0. While the margin is not met, the gradient is -1 at the label and 1 at the largest
    other class, which several equal ones share. Once it is met the gradient is 0, also at the
    kink. The true Hessian is zero almost everywhere; 1 is returned instead, scaled like the loss.

    The best constant prefers a class, by the margin, only if more than half of the samples belong
    to it. Otherwise all classes are equal.

    References
    ----------
    K. Crammer, Y. Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines", JMLR 2 (2001).

    Examples
    --------
    >>> from sklosses import CrammerSingerLoss, crammer_singer_loss
    >>> y_true, y_pred = [0, 2], [[2.0, 0.5, 1.5], [0.0, 1.0, 0.25]]
    >>> crammer_singer_loss(y_true, y_pred)
    1.125
    >>> CrammerSingerLoss().gradient(y_true, y_pred)
    array([[-0.5,  0. ,  0.5],
           [ 0. ,  0.5, -0.5]])
    """

    function_name = "crammer_singer_loss"
    aliases = ("multiclass_hinge",)
    kernel = "crammer_singer_loss"
    targets = ("index",)
    max_axes = 2
    inputs = (_LABEL, _MARGINS)
    tags = LossTags(response="class_margin", target="class_index", hessian="ones")
    _parameter_constraints = {"margin": [Interval(Real, None, None, closed="neither")]}

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _smoothed(self, width):
        return _SmoothCrammerSingerLoss.of(self, width)

    def _class_params(self, n_classes):
        return (self.margin,)

    def _best_constant(self, y_true, weight):
        # The others are equal, because only the best of them counts. A lead d of the most frequent
        # class, with the share p, costs p (m - d) + (1 - p) (m + d) up to the margin m.
        shares = _constants.frequencies(y_true, weight, None)
        return _constants.centre(max(self.margin, 0.0) * (shares > 0.5))


class _SmoothCrammerSingerLoss(SmoothForm, CrammerSingerLoss):
    """The loss with a logarithm of a sum of exponentials in place of the maximum."""

    kernel = "smooth_crammer_singer_loss"
    tags = LossTags(response="class_margin", target="class_index")

    def _class_params(self, n_classes):
        return (self.margin, 1 / self.width, self.width)


class SoftmaxFocalLoss(ClasswiseLoss):
    r"""Multiclass focal loss of logits: cross-entropy with less weight on easy samples.

    Parameters
    ----------
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, >= 0, as in `CrossEntropyLoss`; the alpha of the paper.
    gamma : float, default=2.0
        Exponent of 1 - p, >= 0, not necessarily an integer. With 0 this is `CrossEntropyLoss`.
    ignore_index : int, default=-100
        Samples with this label are ignored, as in `CrossEntropyLoss`.

    See Also
    --------
    CrossEntropyLoss : Without the focal factor.
    SigmoidFocalLoss : For labels that are not mutually exclusive.

    Notes
    -----
    With the softmax probability p of the label y and the class weights c,

    .. math:: \ell = -c_y (1 - p)^\gamma \log p.

    The mean is that of `CrossEntropyLoss`, :math:`\sum w\, \ell / \sum w\, c_y`; its denominator
    does not include the focal factors. Minimised, like `CrossEntropyLoss`, by predictions that are
    certain and correct; the softmax that minimises the mean is less certain than the labels are.
    Not convex for gamma > 0.

    With :math:`q = 1 - p`, :math:`s = -\log p` and :math:`a = c_y q^\gamma (\gamma p s + q)`, the
    gradient is :math:`-a` at the label and :math:`a\, p_k / q` at another class k. The
    probabilities of the other classes are added up to q, :math:`p_k / q` is their share of it, and
    no power of q has a negative exponent. So value, gradient and Hessian are exact and finite where
    p rounds to 0 or 1, also for gamma < 1.

    References
    ----------
    T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, "Focal Loss for Dense Object
    Detection", ICCV 2017. :doi:`10.1109/ICCV.2017.324`

    Examples
    --------
    >>> from sklosses import SoftmaxFocalLoss, softmax_focal_loss
    >>> y_true, y_pred = [0, 2], [[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    >>> round(softmax_focal_loss(y_true, y_pred), 4)
    0.4872
    >>> SoftmaxFocalLoss(gamma=0.5, class_weight={2: 3.0}).gradient(y_true, y_pred).round(4)
    array([[-0.0355,  0.0177,  0.0177],
           [ 0.1705,  0.4636, -0.6341]])
    """

    function_name = "softmax_focal_loss"
    kernel = "softmax_focal_loss"
    targets = ("index",)
    inputs = (
        Input(
            "y_true",
            CLASS_INDEX,
            "array-like of the shape of y_pred without the class axis\nClass indices.",
        ),
        _CLASS_LOGITS,
    )
    tags = LossTags(response="class_logits", target="class_index", convex=False)
    _parameter_constraints = {
        **NLLLoss._parameter_constraints,
        "gamma": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        class_weight=None,
        gamma: float = 2.0,
        ignore_index: int = -100,
        reduction: str = "mean",
    ):
        self.class_weight = class_weight
        self.gamma = gamma
        self.ignore_index = ignore_index
        self.reduction = reduction

    def _class_params(self, n_classes):
        return (self.gamma,)
