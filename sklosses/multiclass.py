"""Losses for one label out of many classes."""

from numbers import Integral, Real

from ._plans import ClasswiseLoss
from ._sklearn_compat import Interval, StrOptions
from ._validation import REAL, UNIT
from .base import Input, LossTags

__all__ = ["CrossEntropyLoss"]

_CLASS_LOGITS = Input(
    "y_pred",
    REAL,
    "array-like of shape (n_classes,), (n_samples, n_classes) or (n_samples, n_classes, d1, ...)\n"
    "Raw predictions (logits) of the classes.",
    differentiable=True,
)


class CrossEntropyLoss(ClasswiseLoss):
    r"""Cross-entropy of raw predictions (logits) over classes.

    Parameters
    ----------
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, >= 0. A dict has class indices as keys; a class that it lacks
        counts 1. "balanced" is n / (n_classes * count) with the counts of the labels of the
        call. None: all 1.
    ignore_index : int, default=-100
        Label of elements that count nothing.
    label_smoothing : float, default=0.0
        Share of each target, in [0, 1], that is spread evenly over all classes.

    See Also
    --------
    BCEWithLogitsLoss : For outputs that do not exclude each other.

    Notes
    -----
    With the class weights c and the target t, a one-hot row or probabilities, smoothed by
    :math:`\epsilon` over C classes,

    .. math:: \ell = \sum_j c_j \left((1 - \epsilon) t_j + \epsilon / C\right)
              \left(\log \textstyle\sum_k e^{z_k} - z_j\right).

    The mean of losses of class indices is sum(w c l) / sum(w c) with c the weight of the
    label's class and w the sample weights; of probabilities it is sum(w l) / sum(w). The
    gradient by :math:`z_j` is :math:`p_j \sum_k \tau_k - \tau_j` with the weighted targets
    :math:`\tau` and p the softmax, the Hessian's diagonal
    :math:`p_j (1 - p_j) \sum_k \tau_k`. Minimised where the softmax is the distribution of
    the targets. With all elements ignored the mean is nan, with a warning.

    Targets of one axis fewer than `y_pred` are class indices, those of its shape are
    probabilities, integers too. Probabilities need not sum to 1, and `ignore_index` does not
    apply to them.

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
    kernel = "cross_entropy"
    inputs = (
        Input(
            "y_true",
            UNIT,
            "array-like of the shape of y_pred, or of that shape without the class axis\n"
            "Probabilities of the classes, or class indices.",
        ),
        _CLASS_LOGITS,
    )
    tags = LossTags(response="class_logits", target="class_index")
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
