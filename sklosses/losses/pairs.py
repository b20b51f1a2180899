"""Losses over given pairs and triplets: of vectors, of their distances, of scores."""

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
    "First vectors; (n_features,) beside a scalar y_true.",
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
    "array-like of the shape of anchor\nFor each anchor a vector of its own kind.",
    differentiable=True,
)
_NEGATIVE = Input(
    "negative",
    REAL,
    "array-like of the shape of anchor\nFor each anchor a vector of another kind.",
    differentiable=True,
)


class CosineEmbeddingLoss(VectorLoss):
    r"""Cosine distance of pairs of one kind, cosine similarity beyond a margin of all others.

    Parameters
    ----------
    margin : float, default=0.0
        Similarity up to which a pair with the label -1 costs nothing; sensible from -1 to 1,
        and from 0 to 0.5 as a rule.

    See Also
    --------
    TripletMarginLoss : Compares the distances of two pairs instead.

    Notes
    -----
    With :math:`s = x_1 \cdot x_2 / \sqrt{(|x_1|^2 + \epsilon) (|x_2|^2 + \epsilon)}` and
    PyTorch's :math:`\epsilon = 10^{-12}`,

    .. math:: \ell = \begin{cases} 1 - s & y = 1 \\ \max(0, s - m) & y = -1. \end{cases}

    Minimised by parallel vectors where y = 1, by any of a similarity of at most m where y = -1.
    At the kink s = m the gradient is that of the rising side, as in PyTorch. A vector of zeros
    has the similarity 0 to all others, and a gradient that is finite but large, up to
    :math:`1 / \sqrt\epsilon`. Lengths do not matter: vectors whose squares overflow have the
    similarity of their directions.

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
            "array-like of shape (n_samples,)\n1 for a pair of one kind, -1 for any other.",
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
    r"""Squared distance of pairs of one kind, squared lack of distance of all others.

    Parameters
    ----------
    margin : float, default=1.0
        Distance from which a pair of two kinds costs nothing, >= 0.

    See Also
    --------
    CosineEmbeddingLoss : Compares directions.
    TripletMarginLoss : Compares the distances of two pairs instead.
    SupConLoss : All pairs of a batch.

    Notes
    -----
    With the Euclidean distance :math:`d = |x_1 - x_2|`,

    .. math:: \ell = \tfrac 1 2 y\, d^2 + \tfrac 1 2 (1 - y) \max(0, m - d)^2

    Minimised, to 0, by equal vectors where y = 1, by any of a distance of at least the margin
    where y = 0. Equal vectors where y = 0 cost :math:`m^2/2` and have, among the many
    directions away from one another, the gradient 0.

    The published formula has Y = 0 for a pair of one kind. pytorch-metric-learning's
    `ContrastiveLoss` takes the distance itself, not its square, and averages over the terms
    that are not 0.

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
            "array-like of shape (n_samples,)\n1 for a pair of one kind, 0 for any other.",
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
    """What the losses of triplets have in common."""

    inputs = (_ANCHOR, _POSITIVE, _NEGATIVE)
    # What is of one kind and what is not stands in the order of the arrays.
    tags = LossTags(response="vectors", target="identity", hessian="none", convex=False)

    @property
    def kernel(self):
        """The kernel; with `swap` one that takes the third distance as well."""
        return "triplet_margin_loss_with_swap" if self.swap else "triplet_margin_loss"

    def _kernel_params(self):
        return (self.margin,)


class TripletMarginLoss(_TripletLoss):
    r"""How much less than a margin an anchor is nearer to its positive than to its negative.

    Parameters
    ----------
    margin : float, default=1.0
        By how much the negative is to be farther than the positive, > 0.
    p : float, default=2.0
        Order of the distance, >= 1: 1 is Manhattan, 2 Euclidean, infinity Chebyshev.
    eps : float, default=1e-06
        Added to every component of a difference, >= 0, as PyTorch does.
    swap : bool, default=False
        Take the negative's distance from the positive where that is smaller than the one from
        the anchor.

    See Also
    --------
    TripletMarginWithDistanceLoss : Other distances.
    CosineEmbeddingLoss : Judges pairs, each by itself.

    Notes
    -----
    With :math:`d(x, z) = \|x - z + \epsilon\|_p`,

    .. math:: \ell = \max(0,\ m + d(a, p) - d(a, n)),

    or with :math:`\min(d(a, n), d(p, n))` for :math:`d(a, n)` if `swap`. Minimised wherever the
    negative is farther by the margin. Where something has no derivative the gradient is a
    subgradient, PyTorch's where that is finite: 0 for a distance of 0, the slope of the rising
    side at the kink of the margin, equal shares for the components that are the largest
    (:math:`p = \infty`) and for the two distances that `swap` finds equal. Distances are
    computed from differences, scaled where powers would overflow.

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
    r"""The loss of a triplet, with a distance to choose.

    Parameters
    ----------
    distance : {"euclidean", "cosine", "manhattan", "chebyshev", "sqeuclidean"}, default="euclidean"
        "euclidean" is PyTorch's default, with 1e-6 added to every component of a difference;
        "cosine" is 1 less the cosine similarity; the others are SciPy's of these names.
    margin : float, default=1.0
        By how much the negative is to be farther than the positive, > 0.
    swap : bool, default=False
        Take the negative's distance from the positive where that is smaller than the one from
        the anchor.

    See Also
    --------
    TripletMarginLoss : Any order of the distance, any `eps`.

    Notes
    -----
    .. math:: \ell = \max(0,\ m + d(a, p) - d(a, n)),

    or with :math:`\min(d(a, n), d(p, n))` for :math:`d(a, n)` if `swap`. Minimised wherever the
    negative is farther by the margin. Subgradients are those of `TripletMarginLoss`.

    The cosine similarity is that of PyTorch, :math:`x \cdot z / (\max(|x|, 10^{-8})
    \max(|z|, 10^{-8}))`, also in its gradient: of vectors that are shorter than
    :math:`10^{-8}` that takes no notice of the bound. A vector of zeros has the distance 1 from
    all others.

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
    r"""Distance of the pairs that belong together, hinge of the distance of the others.

    Parameters
    ----------
    margin : float, default=1.0
        Distance from which pairs that do not belong together cost nothing.

    See Also
    --------
    MarginRankingLoss : Of two scores, which of them is to be larger.

    Notes
    -----
    With the distance d,

    .. math:: \ell = \begin{cases} d & y = 1 \\ \max(0, m - d) & y = -1. \end{cases}

    Distances may have any sign. The derivative of the hinge at d = margin is -1, as PyTorch has
    it, a subgradient. The Hessian is 0 wherever it exists; `gradient_and_hessian` returns 1
    instead, as for `L1Loss`.

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
            "array-like of any shape\n1 for pairs that belong together, -1 for the others.",
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
    r"""Hinge of the difference of two scores, of which one is to be the larger.

    Parameters
    ----------
    margin : float, default=0.0
        Lead of the score that is to be the larger from which the pair costs nothing.

    See Also
    --------
    HingeEmbeddingLoss : Of distances.
    SoftMarginLoss : Smooth, of one score.

    Notes
    -----
    .. math:: \ell = \max(0, -y\, (x_1 - x_2) + m)

    The gradients by the two scores are -y and y where the loss is positive and, as PyTorch has
    it, also at the kink, a subgradient; with the default margin that is where the scores tie.
    The Hessians are 0 wherever they exist; `gradient_and_hessian` returns 1 instead, as for
    `L1Loss`.

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
            "array-like of any shape\n1 where x1 is to be the larger, -1 where x2 is.",
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
