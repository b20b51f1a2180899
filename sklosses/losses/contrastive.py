"""Losses of a batch of labelled embeddings, for metric learning: all pairs of rows count."""

from numbers import Real

from .._description import Input, LossTags
from .._domains import LABELS, REAL
from .._families.batch import BatchLoss, TripletBatchLoss
from .._sklearn_compat import Interval, StrOptions

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
        "Labels of any type that NumPy can sort. Rows with the same label are positives of each\n"
        "other, all others are negatives.",
    ),
    Input(
        "embeddings",
        REAL,
        "array-like of shape (n_samples, n_features)\nEmbeddings, one row for each sample.",
        differentiable=True,
    ),
)
_TAGS = LossTags(response="embedding", target="identity", hessian="none", convex=False)
_FINITE = [Interval(Real, None, None, closed="neither")]
_POSITIVE = [Interval(Real, 0, None, closed="neither")]


#: The metrics of the kernels, by the values of the parameter `distance`.
_METRICS = {
    "euclidean": "euclidean",
    "sqeuclidean": "sqeuclidean",
    "cosine": "cosine_distance",
}
_DISTANCE = [StrOptions(set(_METRICS))]


def inverse(temperature):
    """1 / temperature, but finite for any temperature."""
    return min(1 / temperature, 1e300) if temperature > 1e-300 else 1e300


class _ComparesDistances:
    """What the triplet losses have in common: they compare distances of a kind."""

    distance: str

    @property
    def metric(self):
        """The metric of the kernel."""
        return _METRICS[self.distance]


class BatchHardTripletLoss(_ComparesDistances, BatchLoss):
    r"""Batch-hard triplet loss: the farthest positive and the nearest negative of each anchor.

    Parameters
    ----------
    margin : float, default=0.3
        By how much the nearest negative must be farther than the farthest positive; not used with
        `soft`.
    soft : bool, default=False
        Whether to replace the hinge by softplus, which keeps pulling negatives away even if they
        satisfy a margin.
    distance : {"euclidean", "sqeuclidean", "cosine"}, default="euclidean"
        Distance d of two rows x and z: :math:`|x - z|`, :math:`|x - z|^2`, or
        :math:`1 - x \cdot z / (|x| |z|)`, 1 minus the cosine similarity.

    See Also
    --------
    BatchSemiHardTripletLoss : Negatives that are not the hardest; more robust to noisy labels.
    BatchAllTripletLoss : All triplets whose loss is not zero.
    TripletMarginLoss : Triplets that the caller passes.

    Notes
    -----
    With the distance d,

    .. math:: \ell_i = \max\left(0, m + \max_{p \in P_i} d(x_i, x_p)
        - \min_{n \in N_i} d(x_i, x_n)\right)

    or :math:`\log(1 + \exp(\max_p d - \min_n d))` with `soft`. Minimised, to 0, where for
    each anchor all negatives are farther than all positives by the margin.

    An anchor without another row of its label is its own positive, at distance 0. An anchor without
    a negative has a loss of 0, which counts in the mean. pytorch-metric-learning's batch-hard miner
    leaves out anchors without a positive or a negative; for all others the losses are the same.

    The distances of the chosen pairs are computed from differences of the rows, so near duplicates
    and an offset common to all rows do not reduce their accuracy. With "cosine" they are computed
    as :math:`|u - v|^2 / 2` from the unit vectors u and v. A row of zeros has a cosine distance of
    1 from all others and gradient 0. Of equal distances the first is chosen. The gradient is that
    of the chosen pairs, 0 for a distance of 0. There is no diagonal Hessian. Pairs are processed in
    tiles, so the memory required is that of two copies of the embeddings. If NaN is allowed
    (`assume_finite`), a single one makes all losses and gradients NaN.

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
    >>> directions = [[1.0, 0.0], [1.0, 2.0], [0.0, 2.0]]
    >>> round(batch_hard_triplet_loss(y_true, directions, distance="cosine"), 4)
    0.3139
    """

    function_name = "batch_hard_triplet_loss"
    aliases = ("triplet_hard",)
    kernel = "batch_hard"
    inputs = _INPUTS
    tags = _TAGS
    switches = {
        "return_distances": "positive_distances, negative_distances : ndarray of shape "
        "(n_samples,)\n"
        "    Only with `return_distances`: distances of each anchor from its farthest positive,\n"
        "    0 if there is none, and from its nearest negative, infinity if there is none."
    }
    _parameter_constraints = {"margin": _FINITE, "soft": ["boolean"], "distance": _DISTANCE}

    def __init__(
        self,
        *,
        margin: float = 0.3,
        soft: bool = False,
        distance: str = "euclidean",
        reduction: str = "mean",
    ):
        self.margin = margin
        self.soft = soft
        self.distance = distance
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin, float(self.soft))


class BatchSemiHardTripletLoss(_ComparesDistances, TripletBatchLoss):
    r"""Semi-hard triplet loss: for each positive pair the nearest negative beyond the positive.

    Parameters
    ----------
    margin : float, default=1.0
        By how much a negative must be farther than the positive.
    distance : {"euclidean", "sqeuclidean", "cosine"}, default="euclidean"
        Distance d of two rows x and z: :math:`|x - z|`, :math:`|x - z|^2`, or
        :math:`1 - x \cdot z / (|x| |z|)`, 1 minus the cosine similarity.

    See Also
    --------
    BatchHardTripletLoss : The hardest pairs of each anchor.
    BatchAllTripletLoss : All triplets whose loss is not zero.

    Notes
    -----
    For each ordered pair (i, p) of two rows with the same label, with the distance d,

    .. math:: \ell_{ip} = \max(0, m + d(x_i, x_p) - d(x_i, x_n)), \qquad
        n = \arg\min_{k \in N_i, d(x_i, x_k) > d(x_i, x_p)} d(x_i, x_k)

    If no negative is farther than the positive, n is the farthest of all negatives. The mean is
    over the positive pairs, and 0 if there are none. The value is that of TensorFlow Addons'
    TripletSemiHardLoss with the distance "L2" or, for the other distances, "squared-L2" and
    "angular".

    A pair without negatives has a loss of 0. Minimised, to 0, where all negatives are farther than
    the positives by the margin. The gradient is that of the chosen triplets, 0 for a distance of 0.
    There is no diagonal Hessian. A row of zeros has a cosine distance of 1 from all others and
    gradient 0. Everything is computed in float64, since rounding could change which negative is
    chosen. The terms belong to pairs, not to anchors, so neither `sample_weight` nor the reduction
    "none" is supported. If NaN is allowed (`assume_finite`), a single one makes the value and all
    of the gradient NaN.

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
    >>> batch_semi_hard_triplet_loss(y_true, embeddings, distance="sqeuclidean")
    1.25
    """

    function_name = "batch_semi_hard_triplet_loss"
    aliases = ("triplet_semihard",)
    kernel = "semi_hard"
    inputs = _INPUTS
    tags = _TAGS
    _parameter_constraints = {"margin": _FINITE, "distance": _DISTANCE}

    def __init__(
        self, *, margin: float = 1.0, distance: str = "euclidean", reduction: str = "mean"
    ):
        self.margin = margin
        self.distance = distance
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class BatchAllTripletLoss(_ComparesDistances, TripletBatchLoss):
    r"""Batch-all triplet loss: the mean over all triplets of a batch whose loss is not zero.

    Parameters
    ----------
    margin : float, default=0.3
        By how much a negative must be farther than the positive.
    distance : {"euclidean", "sqeuclidean", "cosine"}, default="euclidean"
        Distance d of two rows x and z: :math:`|x - z|`, :math:`|x - z|^2`, or
        :math:`1 - x \cdot z / (|x| |z|)`, 1 minus the cosine similarity.

    See Also
    --------
    BatchHardTripletLoss : The hardest pairs of each anchor.
    BatchSemiHardTripletLoss : One negative for each positive pair.

    Notes
    -----
    For each anchor i, each other row p with the same label and each row n with another label, with
    the distance d,

    .. math:: \ell_{ipn} = \max(0, m + d(x_i, x_p) - d(x_i, x_n))

    The mean is over the triplets with :math:`\ell > 0`, and 0 if there are none. The gradient
    treats their number as a constant, which it is almost everywhere. Triplets are not enumerated:
    for each anchor the positives are sorted, and each negative is located among them by a binary
    search. pytorch-metric-learning's `TripletMarginLoss` with all triplets is the same with the
    distance `LpDistance(normalize_embeddings=False)`, that with `power=2`, or `CosineSimilarity`;
    by default it has the Euclidean distance of normalised embeddings.

    Minimised, to 0, where all negatives are farther than the positives by the margin. The gradient
    of a distance of 0 is 0. There is no diagonal Hessian. A row of zeros has a cosine distance of 1
    from all others and gradient 0. Everything is computed in float64, since rounding could change
    which triplets count. The terms belong to triplets, not to anchors, so neither `sample_weight`
    nor the reduction "none" is supported. If NaN is allowed (`assume_finite`), a single one makes
    the value and all of the gradient NaN.

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
    >>> directions = [[1.0, 0.0], [1.0, 2.0], [0.0, 2.0], [0.0, 0.5]]
    >>> round(batch_all_triplet_loss(y_true, directions, distance="cosine"), 4)
    0.4708
    """

    function_name = "batch_all_triplet_loss"
    kernel = "all"
    inputs = _INPUTS
    tags = _TAGS
    _parameter_constraints = {"margin": _FINITE, "distance": _DISTANCE}

    def __init__(
        self, *, margin: float = 0.3, distance: str = "euclidean", reduction: str = "mean"
    ):
        self.margin = margin
        self.distance = distance
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class NTXentLoss(BatchLoss):
    r"""Normalised temperature-scaled cross-entropy (NT-Xent), the contrastive loss of SimCLR.

    Parameters
    ----------
    temperature : float, default=0.07
        Divisor of the cosine similarities, > 0.

    See Also
    --------
    SupConLoss : The positives of an anchor also compete with each other.
    InfoNCELoss : Pairs of rows of two arrays.

    Notes
    -----
    For each ordered pair (i, p) of two rows with the same label, with the cosine similarity s and
    the temperature t,

    .. math:: \ell_{ip} = -\log \frac{e^{s_{ip} / t}}
        {e^{s_{ip} / t} + \sum_{n \in N_i} e^{s_{in} / t}}

    The mean is over the positive pairs, and 0 if there are none. For SimCLR, pass two views of each
    sample, both with the label of the sample. pytorch-metric-learning's NTXentLoss is the same.
    Minimised by similarities of 1 to all positives and similarities to the negatives that are as
    small as possible. A pair without negatives has a loss of 0.

    A row of zeros has similarity 0 to all others and gradient 0. There is no diagonal Hessian. For
    temperatures below 1/32 the loss is computed in float64, also for float32 embeddings. The terms
    belong to pairs, not to anchors, so neither `sample_weight` nor the reduction "none" is
    supported. If NaN is allowed (`assume_finite`), a single one makes the value and all of the
    gradient NaN.

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
    r"""Supervised contrastive loss: cross-entropy of an anchor's positives among all other rows.

    Parameters
    ----------
    temperature : float, default=0.07
        Divisor of the cosine similarities, > 0.

    See Also
    --------
    NTXentLoss : Each positive competes only with the negatives.
    MultiSimilarityLoss : Separate terms for positives and negatives.

    Notes
    -----
    With the cosine similarity s, the temperature t and the positives :math:`P_i` of the anchor,

    .. math:: \ell_i = -\frac{1}{|P_i|} \sum_{p \in P_i}
        \log \frac{e^{s_{ip} / t}}{\sum_{k \ne i} e^{s_{ik} / t}}

    This is :math:`L_\text{out}` of the paper, without the factor of the temperature in the authors'
    implementation. Anchors without a positive have a loss of 0 and do not count in the mean, which
    is 0 if there are no other anchors. pytorch-metric-learning's SupConLoss is the same, except
    that its mean also leaves out anchors with a loss of exactly 0. Minimised by similarities of 1
    to all positives and similarities to the negatives that are as small as possible.

    A row of zeros has similarity 0 to all others and gradient 0. There is no diagonal Hessian. For
    temperatures below 1/32 the loss is computed in float64, also for float32 embeddings. If NaN is
    allowed (`assume_finite`), a single one makes all losses and gradients NaN.

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
    r"""Multi-similarity loss: soft hinges on the similarities of positives and of negatives.

    Parameters
    ----------
    alpha : float, default=2.0
        Scale of the similarities of positives, > 0.
    beta : float, default=50.0
        Scale of the similarities of negatives, > 0.
    base : float, default=0.5
        The similarity above which positives, and below which negatives, contribute little.

    See Also
    --------
    CircleLoss : Weights each pair by its distance from the optimum.
    SupConLoss : A softmax instead of the soft hinges.

    Notes
    -----
    With the cosine similarity s and :math:`\lambda` for `base`,

    .. math:: \ell_i = \frac1\alpha
        \log\left(1 + \sum_{p \in P_i} e^{-\alpha (s_{ip} - \lambda)}\right)
        + \frac1\beta \log\left(1 + \sum_{n \in N_i} e^{\beta (s_{in} - \lambda)}\right)

    All pairs contribute; the pair mining that the paper combines with the loss is not included. The
    mean is over all anchors; for an anchor without positives or without negatives that term is 0.
    Minimised by similarities of 1 to positives and -1 to negatives.

    A row of zeros has similarity 0 to all others and gradient 0. There is no diagonal Hessian. If
    alpha or beta exceeds 32, as by default, the loss is computed in float64, also for float32
    embeddings. If NaN is allowed (`assume_finite`), a single one makes all losses and gradients
    NaN.

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
    r"""Circle loss: pair similarities weighted by their distance from the optimum.

    Parameters
    ----------
    margin : float, default=0.4
        Relaxation: the optima are 1 + margin for positives and -margin for negatives, the decision
        thresholds 1 - margin for positives and margin for negatives.
    gamma : float, default=80.0
        Scale of the exponents, > 0.

    See Also
    --------
    MultiSimilarityLoss : Without these weights.
    SupConLoss : A softmax over all pairs of an anchor.

    Notes
    -----
    With the cosine similarity s, the margin m and

    .. math:: \alpha_p = \max(0, 1 + m - s_{ip}), \qquad \alpha_n = \max(0, s_{in} + m)

    the loss of an anchor is

    .. math:: \ell_i = \log\left(1 + \sum_{n \in N_i} e^{\gamma \alpha_n (s_{in} - m)}
        \sum_{p \in P_i} e^{-\gamma \alpha_p (s_{ip} - 1 + m)}\right)

    **The gradient treats the weights** :math:`\alpha_p, \alpha_n` **as constants**, as in the
    paper. So it is not the derivative of the value, and finite differences do not reproduce it.
    `tags.gradient` is "partial". There is no diagonal Hessian.

    The value is minimised by similarities of 1 to positives and 0 to negatives. The gradient pushes
    negatives further, down to -margin. Anchors without a positive or without a negative have a loss
    of 0 and do not count in the mean, which is 0 if there are no other anchors.
    pytorch-metric-learning's CircleLoss is the same. A row of zeros has similarity 0 to all others
    and gradient 0. For gamma > 8 the loss is computed in float64, also for float32 embeddings. If
    NaN is allowed (`assume_finite`), a single one makes all losses and gradients NaN.

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
        # Derivatives of the exponents: -2 gamma (1 - s) for positives, 2 gamma s for negatives.
        return 4 * params[1]
