"""Losses of pairs and triplets that the caller passes: of vectors, distances or scores."""

from numbers import Real

import numpy as np

from .._description import Input, LossTags
from .._domains import BINARY, REAL, SIGN
from .._families.pointwise import PointwiseLoss
from .._families.vectors import VectorLoss
from .._sklearn_compat import Interval, StrOptions

__all__ = [
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "PairwiseContrastiveLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]

_X1 = Input(
    "x1",
    REAL,
    "array-like of shape (n_samples, n_features)\n"
    "First vectors; of shape (n_features,) for a scalar y_true.",
    differentiable=True,
)
_X2 = Input("x2", REAL, "array-like of the shape of x1\nSecond vectors.", differentiable=True)
_ANCHOR = Input(
    "anchor",
    REAL,
    "array-like of shape (n_samples, n_features)\n"
    "Vectors, in general of shape (..., n_features); a single one may be (n_features,).",
    differentiable=True,
)
_POSITIVE = Input(
    "positive",
    REAL,
    "array-like of the shape of anchor\nFor each anchor, a vector of the same class.",
    differentiable=True,
)
_NEGATIVE = Input(
    "negative",
    REAL,
    "array-like of the shape of anchor\nFor each anchor, a vector of another class.",
    differentiable=True,
)


class CosineEmbeddingLoss(VectorLoss):
    r"""Cosine embedding loss: cosine distance of similar pairs, hinge for dissimilar pairs.

    Parameters
    ----------
    margin : float, default=0.0
        Similarity up to which a pair with the label -1 has a loss of 0. Useful values are between
        -1 and 1, usually between 0 and 0.5.

    See Also
    --------
    TripletMarginLoss : Compares the distances of two pairs.

    Notes
    -----
    With :math:`s = x_1 \cdot x_2 / \sqrt{(|x_1|^2 + \epsilon) (|x_2|^2 + \epsilon)}` and
    PyTorch's :math:`\epsilon = 10^{-12}`,

    .. math:: \ell = \begin{cases} 1 - s & y = 1 \\ \max(0, s - m) & y = -1. \end{cases}

    Minimised by parallel vectors for y = 1, and by vectors with a similarity of at most m for
    y = -1. At the kink s = m the gradient is that of the rising side, as in PyTorch. A vector of
    zeros has similarity 0 to all others, and a gradient that is finite but may be as large as
    :math:`1 / \sqrt\epsilon`. Vectors whose squares overflow have the similarity of their
    directions. There is no diagonal Hessian.

    Examples
    --------
    >>> from sklosses import CosineEmbeddingLoss, cosine_embedding_loss
    >>> x1, x2 = [[1.0, 0.0], [1.0, 1.0]], [[3.0, 4.0], [2.0, 2.0]]
    >>> round(cosine_embedding_loss([1, -1], x1, x2), 6)
    0.7
    >>> CosineEmbeddingLoss(margin=0.5, reduction="none")([1, -1], x1, x2).round(6)
    array([0.4, 0.5])
    """

    function_name = "cosine_embedding_loss"
    kernel = "cosine_embedding_loss"
    # PyTorch's 1e-12 is a float32.
    metric = ("cosine_similarity", float(np.float32(1e-12)), 2.0)
    inputs = (
        Input(
            "y_true",
            SIGN,
            "array-like of shape (n_samples,)\n1 for similar pairs, -1 for dissimilar pairs.",
        ),
        _X1,
        _X2,
    )
    tags = LossTags(response="vectors", target="sign", hessian="none", convex=False)
    _parameter_constraints = {"margin": [Interval(Real, None, None, closed="neither")]}

    def __init__(self, *, margin: float = 0.0, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class PairwiseContrastiveLoss(VectorLoss):
    r"""Contrastive loss: squared distance of similar pairs, squared hinge for dissimilar pairs.

    Parameters
    ----------
    margin : float, default=1.0
        Distance from which a dissimilar pair has a loss of 0, >= 0.

    See Also
    --------
    CosineEmbeddingLoss : Compares directions.
    TripletMarginLoss : Compares the distances of two pairs.
    SupConLoss : All pairs of a batch.

    Notes
    -----
    With the Euclidean distance :math:`d = |x_1 - x_2|`,

    .. math:: \ell = \tfrac 1 2 y\, d^2 + \tfrac 1 2 (1 - y) \max(0, m - d)^2

    Minimised, to 0, by equal vectors for y = 1, and by vectors at a distance of at least m for
    y = 0. Equal vectors with y = 0 have a loss of :math:`m^2/2` and, since no direction is
    distinguished, a gradient of 0. There is no diagonal Hessian.

    In the paper Y = 0 means a similar pair. pytorch-metric-learning's `ContrastiveLoss` uses the
    distance instead of its square, and averages over the nonzero terms.

    References
    ----------
    R. Hadsell, S. Chopra, Y. LeCun, "Dimensionality Reduction by Learning an Invariant
    Mapping", CVPR 2006. :doi:`10.1109/CVPR.2006.100`

    Examples
    --------
    >>> from sklosses import PairwiseContrastiveLoss, pairwise_contrastive_loss
    >>> x1, x2 = [[0.0, 0.0], [0.0, 0.0]], [[3.0, 4.0], [0.3, 0.4]]
    >>> pairwise_contrastive_loss([1, 0], x1, x2, reduction="none").round(4)
    array([12.5  ,  0.125])
    >>> PairwiseContrastiveLoss(margin=0.5)([0, 0], x1, x2)
    0.0
    """

    function_name = "pairwise_contrastive_loss"
    aliases = ("contrastive",)
    kernel = "pairwise_contrastive_loss"
    inputs = (
        Input(
            "y_true",
            BINARY,
            "array-like of shape (n_samples,)\n1 for similar pairs, 0 for dissimilar pairs.",
        ),
        _X1,
        _X2,
    )
    tags = LossTags(response="vectors", target="binary", hessian="none", convex=False)
    _parameter_constraints = {"margin": [Interval(Real, 0, None, closed="left")]}

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class _TripletLoss(VectorLoss):
    """Base class of the triplet losses."""

    margin: float
    swap: bool
    inputs = (_ANCHOR, _POSITIVE, _NEGATIVE)
    # Which vectors are similar follows from the order of the arrays.
    tags = LossTags(response="vectors", target="identity", hessian="none", convex=False)

    @property
    def kernel(self):
        """The kernel; with `swap` one that also takes the third distance."""
        return "triplet_margin_loss_with_swap" if self.swap else "triplet_margin_loss"

    def _kernel_params(self):
        return (self.margin,)


class TripletMarginLoss(_TripletLoss):
    r"""Triplet margin loss: the negative should be farther from the anchor than the positive.

    Parameters
    ----------
    margin : float, default=1.0
        By how much the negative should be farther than the positive, > 0.
    p : float, default=2.0
        Order of the distance, >= 1: 1 is Manhattan, 2 Euclidean, infinity Chebyshev.
    eps : float, default=1e-06
        Added to each component of a difference, >= 0, as in PyTorch.
    swap : bool, default=False
        Whether to use the distance between negative and positive where it is smaller than that
        between negative and anchor.

    See Also
    --------
    TripletMarginWithDistanceLoss : Other distances.
    CosineEmbeddingLoss : Takes pairs instead of triplets.
    BatchHardTripletLoss : Takes the triplets from a batch.

    Notes
    -----
    With :math:`d(x, z) = \|x - z + \epsilon\|_p`,

    .. math:: \ell = \max(0,\ m + d(a, p) - d(a, n)),

    or with :math:`\min(d(a, n), d(p, n))` instead of :math:`d(a, n)` if `swap`. Minimised, to 0,
    wherever the negative is farther than the positive by the margin.

    Where the loss is not differentiable, a subgradient is returned, PyTorch's where that is finite:
    0 for a distance of 0, that of the rising side at the kink of the hinge, and equal shares for
    components that tie for the largest (:math:`p = \infty`) and for two distances that tie with
    `swap`. There is no diagonal Hessian. Distances are computed from differences, and scaled if
    powers would overflow.

    References
    ----------
    F. Schroff, D. Kalenichenko, J. Philbin, "FaceNet: A Unified Embedding for Face Recognition
    and Clustering", CVPR 2015. :doi:`10.1109/CVPR.2015.7298682`

    V. Balntas, E. Riba, D. Ponsa, K. Mikolajczyk, "Learning local feature descriptors with
    triplets and shallow convolutional neural networks", BMVC 2016 (the swap).
    :doi:`10.5244/C.30.119`

    Examples
    --------
    >>> from sklosses import TripletMarginLoss, triplet_margin_loss
    >>> anchor, positive, negative = [[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 5.5]]
    >>> round(triplet_margin_loss(anchor, positive, negative), 4)
    0.5
    >>> gradients = TripletMarginLoss(eps=0).gradient(anchor, positive, negative)
    >>> [gradient.round(4).tolist() for gradient in gradients]
    [[[-0.6, 0.2]], [[0.6, 0.8]], [[0.0, -1.0]]]
    """

    function_name = "triplet_margin_loss"
    _parameter_constraints = {
        "margin": [Interval(Real, 0, None, closed="neither")],
        "p": [Interval(Real, 1, np.inf, closed="both")],
        "eps": [Interval(Real, 0, None, closed="left")],
        "swap": ["boolean"],
    }

    def __init__(
        self,
        *,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        reduction: str = "mean",
    ):
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap
        self.reduction = reduction

    @property
    def metric(self):
        """The metric of the kernel."""
        name = {1: "manhattan", 2: "euclidean", np.inf: "chebyshev"}.get(self.p, "minkowski")
        return (name, self.eps, self.p)


class TripletMarginWithDistanceLoss(_TripletLoss):
    r"""Triplet margin loss with a choice of distances.

    Parameters
    ----------
    distance : {"euclidean", "cosine", "manhattan", "chebyshev", "sqeuclidean"}, default="euclidean"
        "euclidean" is PyTorch's default, with 1e-6 added to each component of a difference;
        "cosine" is 1 minus the cosine similarity; the others are defined as in SciPy ("manhattan"
        is called "cityblock" there).
    margin : float, default=1.0
        By how much the negative should be farther than the positive, > 0.
    swap : bool, default=False
        Whether to use the distance between negative and positive where it is smaller than that
        between negative and anchor.

    See Also
    --------
    TripletMarginLoss : Any order of the distance and any `eps`.

    Notes
    -----
    .. math:: \ell = \max(0,\ m + d(a, p) - d(a, n)),

    or with :math:`\min(d(a, n), d(p, n))` instead of :math:`d(a, n)` if `swap`. Minimised, to 0,
    wherever the negative is farther than the positive by the margin. Subgradients are those of
    `TripletMarginLoss`. There is no diagonal Hessian.

    The cosine similarity is that of PyTorch, :math:`x \cdot z / (\max(|x|, 10^{-8})
    \max(|z|, 10^{-8}))`. As in PyTorch, its gradient ignores the bound for vectors shorter than
    :math:`10^{-8}`. A vector of zeros has distance 1 from all others.

    Examples
    --------
    >>> from sklosses import TripletMarginWithDistanceLoss, triplet_margin_with_distance_loss
    >>> anchor, positive, negative = [[1.0, 0.0]], [[3.0, 4.0]], [[4.0, 3.0]]
    >>> round(triplet_margin_with_distance_loss(anchor, positive, negative, distance="cosine"), 4)
    1.2
    >>> TripletMarginWithDistanceLoss(distance="chebyshev")(anchor, positive, negative)
    2.0
    """

    function_name = "triplet_margin_with_distance_loss"
    _metrics = {
        "euclidean": ("euclidean", 1e-6, 2.0),
        "cosine": ("cosine", 1e-8, 2.0),
        "manhattan": ("manhattan", 0.0, 1.0),
        "chebyshev": ("chebyshev", 0.0, np.inf),
        "sqeuclidean": ("sqeuclidean", 0.0, 2.0),
    }
    _parameter_constraints = {
        "distance": [StrOptions(set(_metrics))],
        "margin": [Interval(Real, 0, None, closed="neither")],
        "swap": ["boolean"],
    }

    def __init__(
        self,
        *,
        distance: str = "euclidean",
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ):
        self.distance = distance
        self.margin = margin
        self.swap = swap
        self.reduction = reduction

    @property
    def metric(self):
        """The metric of the kernel."""
        return self._metrics[self.distance]


class HingeEmbeddingLoss(PointwiseLoss):
    r"""Hinge embedding loss: distance of similar pairs, hinge of the distance of dissimilar pairs.

    Parameters
    ----------
    margin : float, default=1.0
        Distance from which a dissimilar pair has a loss of 0.

    See Also
    --------
    MarginRankingLoss : For two scores and which of them should be larger.
    PairwiseContrastiveLoss : Squared, for vectors instead of distances.

    Notes
    -----
    With the distance d and the margin m,

    .. math:: \ell = \begin{cases} d & y = 1 \\ \max(0, m - d) & y = -1. \end{cases}

    Distances may have any sign. Minimised by distances that are as small as possible for y = 1, and
    at least m for y = -1. At the kink d = m the derivative is -1, a subgradient, as in PyTorch. The
    true Hessian is zero almost everywhere; 1 is returned instead, scaled like the loss.

    Examples
    --------
    >>> from sklosses import HingeEmbeddingLoss, hinge_embedding_loss
    >>> hinge_embedding_loss([1, -1, -1], [0.5, 0.25, 2.0], reduction="none")
    array([0.5 , 0.75, 0.  ])
    >>> HingeEmbeddingLoss(margin=3.0, reduction="sum").gradient([1, -1, -1], [0.5, 0.25, 2.0])
    array([ 1., -1., -1.])
    """

    function_name = "hinge_embedding_loss"
    kernel = "hinge_embedding_loss"
    inputs = (
        Input(
            "y_true",
            SIGN,
            "array-like of any shape\n1 for similar pairs, -1 for dissimilar pairs.",
        ),
        Input(
            "y_pred",
            REAL,
            "array-like of the shape of y_true\nDistances of the pairs.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="distance", target="sign", hessian="ones")
    _parameter_constraints = {"margin": [Interval(Real, None, None, closed="neither")]}

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class MarginRankingLoss(PointwiseLoss):
    r"""Margin ranking loss: hinge of the difference of two scores.

    Parameters
    ----------
    margin : float, default=0.0
        By how much the score that should be larger must lead for a loss of 0.

    See Also
    --------
    HingeEmbeddingLoss : For distances.
    SoftMarginLoss : Smooth, for a single score.

    Notes
    -----
    With the margin m,

    .. math:: \ell = \max(0, -y\, (x_1 - x_2) + m)

    Minimised, to 0, where the score that should be larger leads by the margin. The derivatives with
    respect to the two scores are -y and y where the loss is positive. As in PyTorch they are the
    same at the kink, a subgradient; with the default margin the kink is where the scores tie. The
    true Hessian is zero almost everywhere; 1 is returned instead, scaled like the loss.

    Examples
    --------
    >>> from sklosses import MarginRankingLoss, margin_ranking_loss
    >>> margin_ranking_loss([1, 1, -1], [2.0, 0.0, 1.0], [1.0, 0.5, 0.0], reduction="none")
    array([0. , 0.5, 1. ])
    >>> loss = MarginRankingLoss(margin=2.0, reduction="sum")
    >>> loss.gradient([1, -1], [2.0, 0.0], [1.0, 0.5])
    (array([-1.,  1.]), array([ 1., -1.]))
    """

    function_name = "margin_ranking_loss"
    kernel = "margin_ranking_loss"
    inputs = (
        Input(
            "y_true",
            SIGN,
            "array-like of any shape\n1 where x1 should be larger, -1 where x2 should be larger.",
        ),
        Input("x1", REAL, "array-like of the shape of y_true\nScores.", differentiable=True),
        Input("x2", REAL, "array-like of the shape of y_true\nScores.", differentiable=True),
    )
    tags = LossTags(response="pair", target="sign", hessian="ones")
    _parameter_constraints = {"margin": [Interval(Real, None, None, closed="neither")]}

    def __init__(self, *, margin: float = 0.0, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)
