"""Losses that contrast the rows of one batch with one another, by their labels."""

from numbers import Real

from .._description import Input, LossTags
from .._domains import LABELS, REAL
from .._families.batch import BatchLoss, TripletBatchLoss
from .._sklearn_compat import Interval

__all__ = [
    "BatchAllTripletLoss",
    "BatchHardTripletLoss",
    "BatchSemiHardTripletLoss",
    "CircleLoss",
    "MultiSimilarityLoss",
    "NTXentLoss",
    "SupConLoss",
]

_INPUTS = (
    Input(
        "y_true",
        LABELS,
        "array-like of shape (n_samples,)\n"
        "Labels of any type that NumPy can sort. Rows of one label are positives of one another,\n"
        "all others are negatives.",
    ),
    Input(
        "embeddings",
        REAL,
        "array-like of shape (n_samples, n_features)\nThe rows that are compared.",
        differentiable=True,
    ),
)
_TAGS = LossTags(response="embedding", target="identity", hessian="none", convex=False)
_FINITE = [Interval(Real, None, None, closed="neither")]
_POSITIVE = [Interval(Real, 0, None, closed="neither")]


def inverse(temperature):
    """1 / temperature, finite for any temperature."""
    return min(1 / temperature, 1e300) if temperature > 1e-300 else 1e300


class BatchHardTripletLoss(BatchLoss):
    r"""For each anchor the farthest positive against the nearest negative of the batch.

    Parameters
    ----------
    margin : float, default=0.3
        By how much the nearest negative has to be farther off than the farthest positive; not
        used with `soft`.
    soft : bool, default=False
        Whether the hinge is replaced by softplus, which goes on pulling apart what the margin
        is satisfied with.

    See Also
    --------
    BatchSemiHardTripletLoss : Negatives that are not the hardest, which noisy labels ask for.
    BatchAllTripletLoss : All triplets that have a loss.
    TripletMarginLoss : Triplets that are given.

    Notes
    -----
    With the Euclidean distance d,

    .. math:: \ell_i = \max\left(0, m + \max_{p \in P_i} d(x_i, x_p)
        - \min_{n \in N_i} d(x_i, x_n)\right)

    or :math:`\log(1 + \exp(\max_p d - \min_n d))` with `soft`. Distances are those of the
    differences of the rows: neither near duplicates nor an offset that all rows share take
    digits from them. Of equal distances the first found counts; the gradient is that of the
    chosen pairs, 0 for a distance of 0.

    An anchor without another row of its label is its own positive, at distance 0. One without
    a negative has a loss of 0, and counts in the mean. Minimised, to 0, where each class is
    farther from all others than it is wide, by the margin. pytorch-metric-learning's batch-hard
    miner has no anchors that lack a positive or a negative; for all others the losses are equal.

    Of all pairs there are the distances of some tiles at a time: the memory is that of two
    copies of the embeddings. NaN, where it is let through, makes all the losses NaN.

    References
    ----------
    A. Hermans, L. Beyer, B. Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017. :doi:`10.48550/arXiv.1703.07737`

    Examples
    --------
    >>> from sklosses import BatchHardTripletLoss, batch_hard_triplet_loss
    >>> y_true = ["a", "a", "b"]
    >>> embeddings = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> round(batch_hard_triplet_loss(y_true, embeddings), 4)
    0.1
    >>> BatchHardTripletLoss(reduction="none", margin=0.5)(y_true, embeddings).round(4)
    array([0.0858, 0.5   , 0.    ])
    >>> value, positive, negative = batch_hard_triplet_loss(
    ...     y_true, embeddings, return_distances=True
    ... )
    >>> positive, negative.round(4)
    (array([1., 1., 0.]), array([1.4142, 1.    , 1.    ]))
    """

    function_name = "batch_hard_triplet_loss"
    aliases = ("triplet_hard",)
    kernel = "batch_hard"
    metric = "distance"
    inputs = _INPUTS
    tags = _TAGS
    switches = {
        "return_distances": "positive_distances, negative_distances : ndarray of shape "
        "(n_samples,)\n"
        "    Only with `return_distances`: from each anchor to its farthest positive, 0 if it has\n"
        "    none, and to its nearest negative, infinity if it has none."
    }
    _parameter_constraints = {"margin": _FINITE, "soft": ["boolean"]}

    def __init__(self, *, margin: float = 0.3, soft: bool = False, reduction: str = "mean"):
        self.margin = margin
        self.soft = soft
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin, float(self.soft))


class BatchSemiHardTripletLoss(TripletBatchLoss):
    r"""For each positive pair the nearest negative that is farther off than the positive.

    Parameters
    ----------
    margin : float, default=1.0
        By how much a negative has to be farther off than the positive.

    See Also
    --------
    BatchHardTripletLoss : The hardest pairs of each anchor.
    BatchAllTripletLoss : All triplets that have a loss.

    Notes
    -----
    For each ordered pair (i, p) of two rows of one label, with the Euclidean distance d,

    .. math:: \ell_{ip} = \max(0, m + d(x_i, x_p) - d(x_i, x_n)), \qquad
        n = \arg\min_{k \in N_i, d(x_i, x_k) > d(x_i, x_p)} d(x_i, x_k)

    where there is such a negative, and the farthest of all negatives n where there is none.
    The mean is over the positive pairs, and 0 if there are none. The value is that of
    TensorFlow Addons' TripletSemiHardLoss with the distance "L2".

    A pair without negatives costs 0. The gradient is that of the chosen triplets, 0 for a
    distance of 0. Everything is computed in float64, since rounding could choose another
    negative. Minimised, to 0, where all negatives are farther off than the positives by the
    margin. Terms are of pairs, not of anchors: `sample_weight` and the reduction "none" are
    refused. NaN, where it is let through, makes all of the value and of the gradient NaN.

    References
    ----------
    F. Schroff, D. Kalenichenko, J. Philbin, "FaceNet: A Unified Embedding for Face Recognition
    and Clustering", CVPR 2015. :doi:`10.1109/CVPR.2015.7298682`

    Examples
    --------
    >>> from sklosses import BatchSemiHardTripletLoss, batch_semi_hard_triplet_loss
    >>> y_true = [0, 0, 1, 1]
    >>> embeddings = [[0.0], [1.0], [1.5], [4.0]]
    >>> batch_semi_hard_triplet_loss(y_true, embeddings)
    0.75
    >>> BatchSemiHardTripletLoss(margin=0.2, reduction="sum").gradient(y_true, embeddings)
    array([[ 1.],
           [ 0.],
           [-2.],
           [ 1.]])
    """

    function_name = "batch_semi_hard_triplet_loss"
    aliases = ("triplet_semihard",)
    kernel = "semi_hard"
    inputs = _INPUTS
    tags = _TAGS
    _parameter_constraints = {"margin": _FINITE}

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class BatchAllTripletLoss(TripletBatchLoss):
    r"""All triplets of a batch that have a loss.

    Parameters
    ----------
    margin : float, default=0.3
        By how much a negative has to be farther off than the positive.

    See Also
    --------
    BatchHardTripletLoss : The hardest pairs of each anchor.
    BatchSemiHardTripletLoss : One negative for each positive pair.

    Notes
    -----
    For each anchor i, each other row p of its label and each row n of another one, with the
    Euclidean distance d,

    .. math:: \ell_{ipn} = \max(0, m + d(x_i, x_p) - d(x_i, x_n))

    The mean is over the triplets with :math:`\ell > 0`, whose number the gradient takes for a
    constant, as it is one almost everywhere; it is 0 if there are none. The triplets are never
    listed: each anchor sorts its positives and finds the place of each negative among them.
    pytorch-metric-learning's `TripletMarginLoss` of all triplets is the same with the plain
    Euclidean distance; its default normalises the embeddings.

    The gradient of a distance of 0 is 0. Everything is computed in float64, since rounding
    could decide which triplets count. Minimised, to 0, where all negatives are farther off than
    the positives by the margin. Terms are of triplets, not of anchors: `sample_weight` and the
    reduction "none" are refused. NaN, where it is let through, makes all of the value and of
    the gradient NaN.

    References
    ----------
    A. Hermans, L. Beyer, B. Leibe, "In Defense of the Triplet Loss for Person
    Re-Identification", 2017. :doi:`10.48550/arXiv.1703.07737`

    Examples
    --------
    >>> from sklosses import BatchAllTripletLoss, batch_all_triplet_loss
    >>> y_true = [0, 0, 1, 1]
    >>> embeddings = [[0.0], [1.0], [1.5], [4.0]]
    >>> round(batch_all_triplet_loss(y_true, embeddings, margin=0.5), 4)
    1.6667
    >>> BatchAllTripletLoss(margin=0.5, reduction="sum")(y_true, embeddings)
    5.0
    """

    function_name = "batch_all_triplet_loss"
    kernel = "all"
    inputs = _INPUTS
    tags = _TAGS
    _parameter_constraints = {"margin": _FINITE}

    def __init__(self, *, margin: float = 0.3, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class NTXentLoss(BatchLoss):
    r"""Cross-entropy of each positive pair against the negatives of its anchor.

    Parameters
    ----------
    temperature : float, default=0.07
        What cosine similarities are divided by.

    See Also
    --------
    SupConLoss : Positives of one anchor compete with one another as well.
    InfoNCELoss : Pairs across two arrays.

    Notes
    -----
    For each ordered pair (i, p) of two rows of one label, with the cosine similarity s and the
    temperature t,

    .. math:: \ell_{ip} = -\log \frac{e^{s_{ip} / t}}
        {e^{s_{ip} / t} + \sum_{n \in N_i} e^{s_{in} / t}}

    The mean is over the positive pairs, and 0 if there are none. With two views of each sample
    under one label it is the normalised temperature-scaled cross-entropy of SimCLR. Minimised
    by similarities of 1 to all positives and as small ones as possible to the negatives. A pair
    without negatives costs 0. That of pytorch-metric-learning is the same.

    A row of zeros has the similarity 0 to all others and the gradient 0. Temperatures below
    1/32 are computed in float64, also for float32 embeddings. Terms are of pairs, not of
    anchors: `sample_weight` and the reduction "none" are refused. NaN, where it is let through,
    makes all of the value and of the gradient NaN.

    References
    ----------
    T. Chen, S. Kornblith, M. Norouzi, G. Hinton, "A Simple Framework for Contrastive Learning of
    Visual Representations", ICML 2020. :doi:`10.48550/arXiv.2002.05709`

    Examples
    --------
    >>> from sklosses import NTXentLoss, nt_xent_loss
    >>> y_true = [0, 0, 1, 1]
    >>> embeddings = [[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [0.3, 1.0]]
    >>> round(nt_xent_loss(y_true, embeddings, temperature=0.5), 4)
    0.3962
    >>> NTXentLoss(temperature=0.5).gradient(y_true, embeddings).shape
    (4, 2)
    """

    function_name = "nt_xent_loss"
    kernel = "nt_xent"
    inputs = _INPUTS
    tags = _TAGS
    reductions = ("mean", "sum")
    weighted = False
    counted = "pairs"
    _parameter_constraints = {"temperature": _POSITIVE}

    def __init__(self, *, temperature: float = 0.07, reduction: str = "mean"):
        self.temperature = temperature
        self.reduction = reduction

    def _kernel_params(self):
        return (inverse(self.temperature),)

    def _steepness(self, params):
        return params[0]


class SupConLoss(BatchLoss):
    r"""Supervised contrastive loss: cross-entropy of an anchor's positives against all others.

    Parameters
    ----------
    temperature : float, default=0.07
        What cosine similarities are divided by.

    See Also
    --------
    NTXentLoss : Each positive alone against the negatives.
    MultiSimilarityLoss : Weighs positives and negatives apart.

    Notes
    -----
    With the cosine similarity s, the temperature t and the positives :math:`P_i` of the anchor,

    .. math:: \ell_i = -\frac{1}{|P_i|} \sum_{p \in P_i}
        \log \frac{e^{s_{ip} / t}}{\sum_{k \ne i} e^{s_{ik} / t}}

    which is :math:`L_\text{out}` of the paper, without the factor of the temperature that its
    implementation has. Anchors without a positive have a loss of 0 and do not count in the
    mean, which is 0 if there is no other. Minimised by similarities of 1 to all positives and
    as small ones as possible to the negatives. That of pytorch-metric-learning is the same,
    unless the loss of an anchor is exactly 0, which it does not count either.

    A row of zeros has the similarity 0 to all others and the gradient 0. Temperatures below
    1/32 are computed in float64, also for float32 embeddings. NaN, where it is let through,
    makes all the losses and all of the gradient NaN.

    References
    ----------
    P. Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020.
    :doi:`10.48550/arXiv.2004.11362`

    Examples
    --------
    >>> from sklosses import SupConLoss, sup_con_loss
    >>> y_true = [0, 0, 1, 1]
    >>> embeddings = [[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [0.3, 1.0]]
    >>> round(sup_con_loss(y_true, embeddings, temperature=0.5), 4)
    0.3962
    >>> SupConLoss(temperature=0.5, reduction="none")(y_true, embeddings).round(4)
    array([0.3298, 0.4499, 0.3113, 0.4936])
    """

    function_name = "sup_con_loss"
    kernel = "softmax"
    inputs = _INPUTS
    tags = _TAGS
    counted = "positive"
    _parameter_constraints = {"temperature": _POSITIVE}

    def __init__(self, *, temperature: float = 0.07, reduction: str = "mean"):
        self.temperature = temperature
        self.reduction = reduction

    def _kernel_params(self):
        return (inverse(self.temperature),)

    def _steepness(self, params):
        return params[0]


class MultiSimilarityLoss(BatchLoss):
    r"""Soft hinges on the similarities of positives and of negatives, each of a steepness.

    Parameters
    ----------
    alpha : float, default=2.0
        Steepness for the positives.
    beta : float, default=50.0
        Steepness for the negatives.
    base : float, default=0.5
        The similarity above which positives, and below which negatives, cost little.

    See Also
    --------
    CircleLoss : Weighs each pair by how far it is from its optimum.
    SupConLoss : A softmax in place of the hinges.

    Notes
    -----
    With the cosine similarity s and :math:`\lambda` for `base`,

    .. math:: \ell_i = \frac1\alpha
        \log\left(1 + \sum_{p \in P_i} e^{-\alpha (s_{ip} - \lambda)}\right)
        + \frac1\beta \log\left(1 + \sum_{n \in N_i} e^{\beta (s_{in} - \lambda)}\right)

    This is the loss alone, over all pairs; the mining of pairs that the paper combines it with
    is not part of it. The mean is over all anchors; one without positives or without negatives
    has but the other term. Minimised by similarities of 1 and -1.

    A row of zeros has the similarity 0 to all others and the gradient 0. With an alpha or beta
    above 32, as by default, it is computed in float64, also for float32 embeddings. NaN, where
    it is let through, makes all the losses and all of the gradient NaN.

    References
    ----------
    X. Wang, X. Han, W. Huang, D. Dong, M. R. Scott, "Multi-Similarity Loss with General Pair
    Weighting for Deep Metric Learning", CVPR 2019. :doi:`10.48550/arXiv.1904.06627`

    Examples
    --------
    >>> from sklosses import MultiSimilarityLoss, multi_similarity_loss
    >>> y_true = [0, 0, 1, 1]
    >>> embeddings = [[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [0.3, 1.0]]
    >>> round(multi_similarity_loss(y_true, embeddings), 4)
    0.1671
    >>> MultiSimilarityLoss(beta=10.0, reduction="none")(y_true, embeddings).round(4)
    array([0.1738, 0.2199, 0.1736, 0.2302])
    """

    function_name = "multi_similarity_loss"
    kernel = "multi_similarity"
    inputs = _INPUTS
    tags = _TAGS
    _parameter_constraints = {"alpha": _POSITIVE, "beta": _POSITIVE, "base": _FINITE}

    def __init__(
        self,
        *,
        alpha: float = 2.0,
        beta: float = 50.0,
        base: float = 0.5,
        reduction: str = "mean",
    ):
        self.alpha = alpha
        self.beta = beta
        self.base = base
        self.reduction = reduction

    def _kernel_params(self):
        return (self.alpha, self.beta, self.base)

    def _steepness(self, params):
        return max(params[:2])


class CircleLoss(BatchLoss):
    r"""Pair similarities, each weighted by its distance from an optimum, in one softplus.

    Parameters
    ----------
    margin : float, default=0.4
        Relaxation: the optima are 1 + margin for positives and -margin for negatives, the
        boundaries between which pairs are pushed 1 - margin and margin.
    gamma : float, default=80.0
        Scale of the exponents.

    See Also
    --------
    MultiSimilarityLoss : Without the weights.
    SupConLoss : A softmax over all the pairs of an anchor.

    Notes
    -----
    With the cosine similarity s, the margin m and

    .. math:: \alpha_p = \max(0, 1 + m - s_{ip}), \qquad \alpha_n = \max(0, s_{in} + m)

    the loss of an anchor is

    .. math:: \ell_i = \log\left(1 + \sum_{n \in N_i} e^{\gamma \alpha_n (s_{in} - m)}
        \sum_{p \in P_i} e^{-\gamma \alpha_p (s_{ip} - 1 + m)}\right)

    **The gradient holds the weights** :math:`\alpha_p, \alpha_n` **constant**, as published: it
    is not the derivative of the value, but what the paper trains with, and finite differences
    do not reproduce it. `tags.gradient` is "partial".

    Anchors without a positive or without a negative have a loss of 0 and do not count in the
    mean, which is 0 if there is no other. pytorch-metric-learning has the same loss. A row of
    zeros has the similarity 0 to all others and the gradient 0. With a gamma above 8 it is
    computed in float64, also for float32 embeddings. NaN, where it is let through, makes all
    the losses and all of the gradient NaN.

    References
    ----------
    Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization",
    CVPR 2020. :doi:`10.48550/arXiv.2002.10857`

    Examples
    --------
    >>> from sklosses import CircleLoss, circle_loss
    >>> y_true = [0, 0, 1, 1]
    >>> embeddings = [[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [0.3, 1.0]]
    >>> round(circle_loss(y_true, embeddings, gamma=10.0), 4)
    0.2421
    >>> CircleLoss(gamma=10.0, reduction="none")(y_true, embeddings).round(4)
    array([0.1261, 0.3586, 0.0975, 0.3861])
    """

    function_name = "circle_loss"
    kernel = "circle"
    inputs = _INPUTS
    tags = LossTags(
        response="embedding",
        target="identity",
        hessian="none",
        convex=False,
        gradient="partial",
    )
    counted = "both"
    _parameter_constraints = {"margin": _FINITE, "gamma": _POSITIVE}

    def __init__(self, *, margin: float = 0.4, gamma: float = 80.0, reduction: str = "mean"):
        self.margin = margin
        self.gamma = gamma
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin, self.gamma)

    def _steepness(self, params):
        # The derivative of gamma alpha (s - delta) is 2 gamma (1 - s) for positives.
        return 4 * params[1]
