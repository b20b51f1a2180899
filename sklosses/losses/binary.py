"""Losses for binary outputs, one or several for each sample."""

from dataclasses import replace
from numbers import Real

import numpy as np

from .. import _constants
from .._description import Input, LossTags, by_parameters
from .._domains import NONNEGATIVE, REAL, SIGN, UNIT
from .._families.pointwise import PointwiseLoss
from .._sklearn_compat import Interval, Options
from .._smooth import SmoothForm
from .._validation import as_parameter, check_labels, raise_outside

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "ExponentialLoss",
    "GaussianFocalLoss",
    "HingeLoss",
    "ModifiedHuberLoss",
    "SigmoidFocalLoss",
    "SoftMarginLoss",
]

_SOFT_TARGET = Input(
    "y_true", UNIT, "array-like of any shape\nTargets: probabilities in [0, 1], or labels 0 and 1."
)
_LOGITS = Input(
    "y_pred",
    REAL,
    "array-like of the shape of y_true\nRaw predictions: log-odds of the label 1.",
    differentiable=True,
)
_PROBABILITIES = Input(
    "y_pred",
    UNIT,
    "array-like of the shape of y_true\nPredicted probabilities of the label 1.",
    differentiable=True,
)
_SIGNS = Input("y_true", SIGN, "array-like of any shape\nTargets -1 and 1.")
_MARGIN_DOC = "array-like of the shape of y_true\nRaw predictions"
_MARGINS = Input(
    "y_pred", REAL, f"{_MARGIN_DOC}: positive ones mean the target 1.", differentiable=True
)

# A target that is not counted, for the losses that may have one.
_IGNORE_INDEX = [Interval(Real, -(2**63), 2**63 - 1, closed="both"), None]


class BCELoss(PointwiseLoss):
    r"""Binary cross-entropy (log loss) of predicted probabilities.

    See Also
    --------
    BCEWithLogitsLoss : For logits; exact where probabilities round to 0 or 1.

    Notes
    -----
    .. math:: \ell = -y \log p - (1 - y) \log (1 - p)

    Both logarithms are clamped at -100, so a prediction that is certain and wrong has a loss of
    100. The gradient is :math:`(p - y) / \max(p (1 - p), 10^{-12})`, which is finite everywhere.
    Both are PyTorch's conventions. The Hessian is :math:`y / p^2 + (1 - y) / (1 - p)^2`, with p and
    1 - p replaced by :math:`10^{-12}` where they are smaller. Minimised where p is the mean of the
    targets.

    Examples
    --------
    >>> from sklosses import BCELoss, binary_cross_entropy
    >>> round(binary_cross_entropy([0, 1, 1], [0.1, 0.8, 0.5]), 4)
    0.3406
    >>> BCELoss(reduction="none")([0, 1], [1.0, 0.0])
    array([100., 100.])
    """

    function_name = "binary_cross_entropy"
    aliases = ("log_loss", "neg_log_loss", "bce", "binary_crossentropy")
    kernel = "binary_cross_entropy"
    inputs = (
        _SOFT_TARGET,
        _PROBABILITIES,
    )
    tags = LossTags(response="probability", target="binary", likelihood=True)

    def _best_constant(self, y_true, weight):
        return _constants.mean(y_true, weight)


class BCEWithLogitsLoss(PointwiseLoss):
    r"""Binary cross-entropy of raw predictions (logits).

    Parameters
    ----------
    pos_weight : float or array-like, default=None
        Factor of the loss of the label 1, >= 0: one number, or an array that broadcasts to
        the shape of the predictions, such as one weight for each output. None means 1.
    label_smoothing : float, default=0.0
        The share s of a target that is replaced by 1/2, in [0, 1]: the targets become
        y (1 - s) + s/2.
    ignore_index : float, default=None
        A target whose elements do not count: their loss and derivatives are 0, and they are not in
        the denominator of the mean. It is compared with the targets as they are passed, before
        they are smoothed, and need not be in [0, 1]. None means that all elements count.

    See Also
    --------
    BCELoss : For probabilities.
    SigmoidFocalLoss : Gives less weight to easy samples.

    Notes
    -----
    With :math:`\zeta(z) = \log(1 + e^z)`, the smoothed target :math:`y` and the weight :math:`c`,

    .. math:: \ell = c\, y\, \zeta(-z) + (1 - y)\, \zeta(z),

    in which no term overflows or cancels. The derivative is
    :math:`(1 - y) \sigma(z) - c\, y\, \sigma(-z)`, the second derivative
    :math:`(c\, y + 1 - y)\, \sigma(z) \sigma(-z)`. Minimised where
    :math:`\sigma(z) = c\, m / (c\, m + 1 - m)` with the mean m of the smoothed targets; for
    :math:`c = 1` this is m.

    Examples
    --------
    >>> from sklosses import BCEWithLogitsLoss, binary_cross_entropy_with_logits
    >>> round(binary_cross_entropy_with_logits([0, 1], [-1.0, 2.0]), 4)
    0.2201
    >>> loss = BCEWithLogitsLoss(pos_weight=3.0)
    >>> value, gradient = loss.value_and_gradient([0, 1], [-1.0, 2.0])
    >>> gradient.round(4)
    array([ 0.1345, -0.1788])
    >>> loss = BCEWithLogitsLoss(label_smoothing=0.1, ignore_index=-1)
    >>> round(loss([0, 1, -1], [-1.0, 2.0, 5.0]), 4)
    0.2951
    """

    function_name = "binary_cross_entropy_with_logits"
    aliases = ("bce_with_logits", "logistic", "sigmoid_cross_entropy")
    kernel = "binary_cross_entropy_with_logits"
    inputs = (_SOFT_TARGET, _LOGITS)
    tags = LossTags(response="logit", target="binary", likelihood=True)
    _parameter_constraints = {
        "pos_weight": [Interval(Real, 0, None, closed="left"), "array-like", None],
        "label_smoothing": [Interval(Real, 0, 1, closed="both")],
        "ignore_index": _IGNORE_INDEX,
    }

    def __init__(
        self,
        *,
        pos_weight=None,
        label_smoothing: float = 0.0,
        ignore_index: float | None = None,
        reduction: str = "mean",
    ):
        self.pos_weight = pos_weight
        self.label_smoothing = label_smoothing
        self.ignore_index = ignore_index
        self.reduction = reduction

    def _kernel_params(self):
        weight = as_parameter(1.0 if self.pos_weight is None else self.pos_weight, "pos_weight")
        if NONNEGATIVE.outside(weight).any():
            raise_outside(weight, "pos_weight", NONNEGATIVE)
        return (weight, 1 - self.label_smoothing, self.label_smoothing / 2)

    def _best_constant(self, y_true, weight):
        factor, keep, spread = self._kernel_params()
        positive = factor * (keep * _constants.mean(y_true, weight) + spread)
        return _constants.logit(positive, keep * _constants.mean(1 - y_true, weight) + spread)


class SoftMarginLoss(PointwiseLoss):
    r"""Logistic loss (soft margin loss) for targets of -1 and 1.

    See Also
    --------
    BCEWithLogitsLoss : The same loss for targets in [0, 1].
    HingeLoss, ExponentialLoss, ModifiedHuberLoss : Other losses of margins.

    Notes
    -----
    With the raw prediction z,

    .. math:: \ell = \log(1 + e^{-y z}),

    exact and finite for all z. (In PyTorch, float64 values overflow to inf below
    :math:`y z = -709`.) The derivative is :math:`-y\, \sigma(-y z)`, the second derivative
    :math:`\sigma(z) \sigma(-z)`. Minimised where :math:`\sigma(z)` is the share of samples with
    target 1.

    Examples
    --------
    >>> from sklosses import SoftMarginLoss, soft_margin_loss
    >>> round(soft_margin_loss([-1, 1, 1], [-1.0, 2.0, -0.5]), 4)
    0.4714
    >>> SoftMarginLoss(reduction="sum").gradient([-1, 1], [0.0, 1e4])
    array([ 0.5, -0. ])
    """

    function_name = "soft_margin_loss"
    aliases = ("logistic",)
    kernel = "soft_margin_loss"
    inputs = (_SIGNS, replace(_MARGINS, doc=f"{_MARGIN_DOC}: log-odds of the target 1."))
    tags = LossTags(response="margin", target="sign", link="logit", likelihood=True)

    def _best_constant(self, y_true, weight):
        return _constants.logit((1 + _constants.mean(y_true, weight)) / 2)


class HingeLoss(PointwiseLoss):
    r"""Hinge loss, or its square, for targets of -1 and 1: the loss of support vector machines.

    Parameters
    ----------
    p : {1, 2}, default=1
        Exponent of the hinge.
    margin : float, default=1.0
        The product of target and prediction from which the loss is 0.

    See Also
    --------
    ModifiedHuberLoss : Grows linearly for outliers, and has probabilities.
    SoftMarginLoss : Smooth, and has probabilities.
    MultiMarginLoss : For one label out of several classes.
    sklearn.metrics.hinge_loss : The same for p = 1 and a margin of 1, for labels of any type.

    Notes
    -----
    With the raw prediction z and the margin m,

    .. math:: \ell = \max(0, m - y z)^p.

    The derivative is :math:`-p\, y \max(0, m - y z)^{p - 1}` where :math:`y z < m`, and 0 where
    :math:`y z > m`. At the kink of p = 1 it is -y, as in
    :class:`sklearn.linear_model.SGDClassifier`. For p = 2 the second derivative is 2 where
    :math:`y z \le m`, and 0 elsewhere. For p = 1 the true Hessian is zero almost everywhere; 1 is
    returned instead, scaled like the loss.

    The best constant for p = 1 is m or -m, the one with the sign of the more frequent target. If
    both targets are equally frequent, all constants from -m to m are equally good. For p = 2 it is
    m times the mean of the targets. A prediction has a sign but no probability, so there is no
    `predict_proba`.

    References
    ----------
    C. Cortes, V. Vapnik, "Support-Vector Networks", Machine Learning 20 (1995), 273-297.
    :doi:`10.1007/BF00994018`

    Examples
    --------
    >>> from sklosses import HingeLoss, hinge_loss
    >>> round(hinge_loss([-1, 1, 1], [-2.0, 0.5, -1.0]), 4)
    0.8333
    >>> HingeLoss(p=2, reduction="sum").gradient([-1, 1, 1], [-2.0, 0.5, -1.0])
    array([ 0., -1., -4.])
    """

    function_name = "hinge_loss"
    aliases = ("hinge", "squared_hinge")
    inputs = (_SIGNS, _MARGINS)
    _parameter_constraints = {
        "p": [Options(Real, {1, 2})],
        "margin": [Interval(Real, None, None, closed="neither")],
    }

    def __init__(self, *, p: int = 1, margin: float = 1.0, reduction: str = "mean"):
        self.p = p
        self.margin = margin
        self.reduction = reduction

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees; the Hessian is exact only for p = 2."""
        hessian = "exact" if self.p == 2 else "ones"
        return LossTags(response="margin", target="sign", hessian=hessian)

    @property
    def kernel(self):
        """The kernel, for the hinge or its square."""
        return "squared_hinge_loss" if self.p == 2 else "hinge_loss"

    def _smoothed(self, width):
        return None if self.p == 2 else _SmoothHingeLoss.of(self, width)

    def _kernel_params(self):
        return (self.margin,)

    def _best_constant(self, y_true, weight):
        centre = _constants.mean if self.p == 2 else _constants.median
        # With a negative margin, the prediction 0 has no loss.
        return max(self.margin, 0.0) * centre(y_true, weight)


class _SmoothHingeLoss(SmoothForm, HingeLoss):
    """The hinge loss, and a parabola at its foot."""

    kernel = "smooth_hinge_loss"  # pyright: ignore[reportAssignmentType]
    tags = LossTags(response="margin", target="sign")  # pyright: ignore[reportAssignmentType]

    def _kernel_params(self):
        return (self.margin, self.width)


class ExponentialLoss(PointwiseLoss):
    r"""Exponential loss for targets of -1 and 1: the loss of AdaBoost.

    See Also
    --------
    SoftMarginLoss : Grows linearly for outliers.
    sklearn.ensemble.GradientBoostingClassifier : Minimises it for ``loss="exponential"``.

    Notes
    -----
    With the raw prediction z,

    .. math:: \ell = e^{-y z}.

    The derivative is :math:`-y e^{-y z}`, the second derivative :math:`e^{-y z}`. All of them
    overflow to infinity below :math:`y z = -709`, in float32 below -88. Minimised where z is half
    the log-odds of the target 1, so `predict_proba` is :math:`\sigma(2 z)`.

    References
    ----------
    J. Friedman, T. Hastie, R. Tibshirani, "Additive logistic regression: a statistical view of
    boosting", Annals of Statistics 28 (2000), 337-407. :doi:`10.1214/aos/1016218223`

    Examples
    --------
    >>> from sklosses import ExponentialLoss, exponential_loss
    >>> round(exponential_loss([-1, 1, 1], [-2.0, 0.5, -1.0]), 4)
    1.1534
    >>> ExponentialLoss(reduction="sum").gradient([-1, 1], [0.0, 2.0]).round(4)
    array([ 1.    , -0.1353])
    """

    function_name = "exponential_loss"
    aliases = ("exponential", "adaboost")
    kernel = "exponential_loss"
    inputs = (
        _SIGNS,
        replace(_MARGINS, doc=f"{_MARGIN_DOC}: half the log-odds of the target 1."),
    )
    tags = LossTags(response="margin", target="sign", link="half_logit")

    def _best_constant(self, y_true, weight):
        return _constants.logit((1 + _constants.mean(y_true, weight)) / 2) / 2


class ModifiedHuberLoss(PointwiseLoss):
    r"""Squared hinge loss that grows linearly for outliers, for targets of -1 and 1.

    See Also
    --------
    HingeLoss : With p = 2, squared for outliers too.
    HuberLoss : For real targets.
    sklearn.linear_model.SGDClassifier : Minimises it for ``loss="modified_huber"``.

    Notes
    -----
    With the raw prediction z,

    .. math:: \ell = \begin{cases}
              \max(0, 1 - y z)^2 & y z \ge -1 \\
              -4 y z & \text{otherwise.} \end{cases}

    The derivative is :math:`-2 y \min(2, \max(0, 1 - y z))`. The second derivative is 2 where
    :math:`-1 \le y z \le 1`, and 0 elsewhere. Minimised where z is the mean of the targets, so
    `predict_proba` is :math:`(\min(1, \max(-1, z)) + 1) / 2`.

    References
    ----------
    T. Zhang, "Solving large scale linear prediction problems using stochastic gradient descent
    algorithms", ICML 2004. :doi:`10.1145/1015330.1015332`

    Examples
    --------
    >>> from sklosses import ModifiedHuberLoss, modified_huber_loss
    >>> round(modified_huber_loss([-1, 1, 1], [-2.0, 0.5, -3.0]), 4)
    4.0833
    >>> ModifiedHuberLoss().predict_proba([-2.0, 0.0, 0.5])
    array([[1.  , 0.  ],
           [0.5 , 0.5 ],
           [0.25, 0.75]])
    """

    function_name = "modified_huber_loss"
    aliases = ("modified_huber",)
    kernel = "modified_huber_loss"
    inputs = (
        _SIGNS,
        replace(_MARGINS, doc=f"{_MARGIN_DOC}: the expected value of the target."),
    )
    tags = LossTags(response="margin", target="sign", link="expected_sign")

    def _best_constant(self, y_true, weight):
        return _constants.mean(y_true, weight)


class SigmoidFocalLoss(PointwiseLoss):
    r"""Binary focal loss of logits: cross-entropy with less weight on easy samples.

    Parameters
    ----------
    alpha : float, default=0.25
        Weight of the label 1, in [0, 1]; the label 0 has the weight 1 - alpha. With None or a
        negative number both weights are 1. The default is meant for object detection; use None
        for tabular data (see Notes).
    gamma : float, default=2.0
        Exponent of 1 - p_t, >= 0, not necessarily an integer. With gamma=0 and alpha=None this is
        `BCEWithLogitsLoss`.
    loss_weight : float, default=1.0
        Factor of the loss, >= 0.
    ignore_index : float, default=None
        A target whose elements do not count, as in `BCEWithLogitsLoss`. A class index that equals
        it makes its whole row not count.

    See Also
    --------
    BCEWithLogitsLoss : Without the focal factor.
    SoftmaxFocalLoss : For one label out of several classes.
    GaussianFocalLoss : For heat maps.

    Notes
    -----
    With :math:`p_t` the predicted probability of the true label,

    .. math:: \ell = -\alpha_t (1 - p_t)^\gamma \log p_t.

    For a target y between 0 and 1 and the predicted probability p of the label 1, it is
    :math:`p_t = y p + (1 - y) (1 - p)`, :math:`\alpha_t = \alpha y + (1 - \alpha) (1 - y)`, and in
    place of :math:`-\log p_t` the cross-entropy :math:`-y \log p - (1 - y) \log (1 - p)`, as in
    torchvision. It is not minimised by p = y then, and not 0 there.

    :math:`1 - p_t` is computed from exponentials of the logit, not by a subtraction. So value,
    gradient and Hessian are exact and finite where probabilities round to 0 or 1, also for gamma <
    1. For the targets 0 and 1 the infimum 0 is approached as :math:`p_t` approaches 1. Not convex
    for gamma > 0: the Hessian is negative for some wrong predictions.

    For predictions of shape (n, C), targets of shape (n,) are class indices, which stand for
    one-hot rows. The index C means background, a row of zeros. For a single column, targets of
    shape (n,) are ambiguous and raise an error: pass ``y_true[:, None]`` for labels or
    ``y_true[:, None] == 0`` for class indices.

    The default ``alpha=0.25`` is that of the paper and of torchvision. It was chosen for object
    detection, with a great majority of easy negatives, and gives a positive a third of the weight
    of a negative. On tabular data a model then misses positives, the more the harder the
    classes are to tell apart. Use ``alpha=None`` there, which is optax's default, or tune alpha by
    cross-validation.

    References
    ----------
    T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, "Focal Loss for Dense Object
    Detection", ICCV 2017. :doi:`10.1109/ICCV.2017.324`

    Examples
    --------
    >>> from sklosses import SigmoidFocalLoss, sigmoid_focal_loss
    >>> y_true, y_pred = [0, 1, 1], [-2.0, 3.0, -1.0]
    >>> round(sigmoid_focal_loss(y_true, y_pred), 4)
    0.0589
    >>> value, gradient = sigmoid_focal_loss(y_true, y_pred, gamma=0.5, return_gradient=True)
    >>> gradient.round(4)
    array([ 0.0151, -0.0013, -0.0647])
    >>> round(SigmoidFocalLoss(alpha=None, reduction="sum")(y_true, y_pred), 4)
    0.7038
    >>> round(sigmoid_focal_loss([0.1, 0.9, -1], y_pred, ignore_index=-1), 4)
    0.0054
    """

    function_name = "sigmoid_focal_loss"
    kernel = "sigmoid_focal_loss"
    inputs = (
        Input(
            "y_true",
            UNIT,
            "array-like of the shape of y_pred, or of shape (n_samples,)\n"
            "Labels 0 and 1, or probabilities in [0, 1]; or class indices for y_pred of shape\n"
            "(n_samples, n_classes), where n_classes means background.",
        ),
        Input(
            "y_pred",
            REAL,
            "array-like of any shape\nRaw predictions: log-odds of the label 1.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="logit", target="binary", convex=False)
    _parameter_constraints = {
        "alpha": [Interval(Real, None, 1, closed="right"), None],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "loss_weight": [Interval(Real, 0, None, closed="left")],
        "ignore_index": _IGNORE_INDEX,
    }

    def __init__(
        self,
        *,
        alpha: float | None = 0.25,
        gamma: float = 2.0,
        loss_weight: float = 1.0,
        ignore_index: float | None = None,
        reduction: str = "mean",
    ):
        self.alpha = alpha
        self.gamma = gamma
        self.loss_weight = loss_weight
        self.ignore_index = ignore_index
        self.reduction = reduction

    def _kernel_params(self):
        positive = negative = 1.0
        if self.alpha is not None and self.alpha >= 0:
            positive, negative = self.alpha, 1 - self.alpha
        return (self.loss_weight * positive, self.loss_weight * negative, self.gamma)

    def _operands(self, arrays):
        labels, prediction = arrays
        if prediction.ndim == 2 and labels.shape == prediction.shape[:1]:
            n_classes = prediction.shape[1]
            if n_classes == 1:
                raise ValueError(
                    f"y_true of shape {labels.shape} is ambiguous for y_pred of shape "
                    f"{prediction.shape}: it may hold labels 0 and 1, or class indices where 1 "
                    "means background. Pass y_true[:, None] for labels, y_true[:, None] == 0 for "
                    "class indices."
                )
            labels = check_labels(labels, "y_true", n_classes + 1, self.ignore_index)
            classes = np.arange(n_classes)
            shape = prediction.shape
            pair = (np.broadcast_to(labels[:, None], shape), np.broadcast_to(classes, shape))
            return (pair, prediction)
        return None


class GaussianFocalLoss(PointwiseLoss):
    r"""Focal loss of heat maps with Gaussian peaks (CornerNet).

    Parameters
    ----------
    alpha : float, default=2.0
        Exponent of the error, >= 0; gives less weight to easy elements.
    gamma : float, default=4.0
        Exponent of 1 - y, >= 0; gives less weight to elements near a peak.
    eps : float, default=1e-12
        Added to probabilities before taking the logarithm, > 0. It keeps the loss of a prediction
        that is certain and wrong finite.

    See Also
    --------
    SigmoidFocalLoss : For logits, with targets 0 and 1.
    BCELoss : Without the focal factors.

    Notes
    -----
    .. math:: \ell = \begin{cases}
              -(1 - p)^\alpha \log(p + \epsilon) & y = 1 \\
              -(1 - y)^\gamma\, p^\alpha \log(1 - p + \epsilon) & \text{otherwise.} \end{cases}

    Only targets of exactly 1 are peaks. Minimised by p = 1 at peaks and p = 0 elsewhere. The paper
    divides the sum by the number of peaks, which can be passed as `avg_factor`. Not convex.

    The gradient is finite: with the error o, which is 1 - p at peaks and p elsewhere, the powers
    :math:`o^{\alpha - 1}` and :math:`o^{\alpha - 2}` in the derivatives are set to 0 at o = 0 if
    their exponent is negative.

    References
    ----------
    H. Law, J. Deng, "CornerNet: Detecting Objects as Paired Keypoints", ECCV 2018.
    :doi:`10.1007/978-3-030-01264-9_45`

    Examples
    --------
    >>> from sklosses import GaussianFocalLoss, gaussian_focal_loss
    >>> y_true, y_pred = [0.0, 0.5, 1.0], [0.1, 0.5, 0.8]
    >>> round(gaussian_focal_loss(y_true, y_pred, avg_factor=1), 4)
    0.0208
    >>> GaussianFocalLoss(reduction="sum").gradient(y_true, y_pred).round(4)
    array([ 0.0322,  0.0746, -0.1393])
    """

    function_name = "gaussian_focal_loss"
    kernel = "gaussian_focal_loss"
    inputs = (
        Input("y_true", UNIT, "array-like of any shape\nHeat maps in [0, 1]; peaks are 1."),
        replace(_PROBABILITIES, doc="array-like of the shape of y_true\nPredicted heat maps."),
    )
    tags = LossTags(response="probability", target="binary", convex=False)
    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "gamma": [Interval(Real, 0, None, closed="left")],
        "eps": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        alpha: float = 2.0,
        gamma: float = 4.0,
        eps: float = 1e-12,
        reduction: str = "mean",
    ):
        self.alpha = alpha
        self.gamma = gamma
        self.eps = eps
        self.reduction = reduction

    def _kernel_params(self):
        return (self.alpha, self.gamma, self.eps)
