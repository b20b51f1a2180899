"""Losses of paired embeddings of two modalities, such as images and texts."""

from numbers import Real

from .._description import Input, LossTags
from .._domains import LABELS, REAL
from .._families.batch import BatchLoss
from .._families.vectors import VectorLoss
from .._sklearn_compat import Interval, StrOptions
from ..losses.contrastive import inverse  # pyright: ignore[reportAttributeAccessIssue]

__all__ = ["BidirectionalTripletLoss", "CMPMLoss", "InfoNCELoss", "SigLIPLoss", "VSELoss"]

_IMAGES = Input(
    "images",
    REAL,
    "array-like of shape (n_samples, n_features)\nEmbeddings of one modality.",
    differentiable=True,
)
_TEXTS = Input(
    "texts",
    REAL,
    "array-like of the shape of images\n"
    "Embeddings of the other modality; each row belongs to the same row of images.",
    differentiable=True,
)
_TAGS = LossTags(response="modalities", target="identity", hessian="none", convex=False)
_FINITE = [Interval(Real, None, None, closed="neither")]
_POSITIVE = [Interval(Real, 0, None, closed="neither")]
_PARAMETER_GRADIENT = (
    'parameter_gradient : dict of float, or of ndarray for the reduction "none"\n'
    "    Only with `return_parameter_gradient`: the derivatives of the value with respect to\n"
    '    {}. For "none", those of each loss, of shape (n_samples,).'
)


class VSELoss(BatchLoss):
    r"""Visual-semantic embedding loss (VSE, VSE++): a hinge for each row of the other modality.

    Parameters
    ----------
    margin : float, default=0.2
        By how much the similarity to the counterpart must be greater than any other.
    max_violation : bool, default=False
        Whether only the hardest negative of each row counts (VSE++) instead of the sum over all.
    similarity : {"cosine", "dot", "precomputed"}, default="cosine"
        Similarity of two rows: the cosine or the dot product. With "precomputed", pass a matrix of
        shape (n_samples, n_samples) as `images`, the similarities of all images (rows) to all texts
        (columns), and no `texts`.

    See Also
    --------
    InfoNCELoss : A softmax instead of the hinges.
    TripletMarginLoss : Distances of triplets that the caller passes.

    Notes
    -----
    With the similarity s of images i and texts j, and the margin m,

    .. math:: \ell_i = \sum_{j \ne i} \max(0, m - s_{ii} + s_{ij})
        + \sum_{j \ne i} \max(0, m - s_{ii} + s_{ji})

    or, with `max_violation`, the maximum over j instead of each sum. The default reduction is
    "sum", as in the paper; "mean" divides it by the number of samples, or the total weight. A
    single pair has no negatives and a loss of 0. Minimised, to 0, where each row is more similar to
    its counterpart than to all others by the margin.

    At the kink of a hinge the gradient is 0; of equally hard negatives the first is chosen. There
    is no diagonal Hessian. With "cosine", a row of zeros has similarity 0 to all others and
    gradient 0. If NaN is allowed (`assume_finite`), a single one makes all losses and gradients
    NaN.

    References
    ----------
    F. Faghri, D. J. Fleet, J. R. Kiros, S. Fidler, "VSE++: Improving Visual-Semantic Embeddings
    with Hard Negatives", BMVC 2018. :doi:`10.48550/arXiv.1707.05612`

    Examples
    --------
    >>> from sklosses import VSELoss, vse_loss
    >>> images = [[1.0, 0.0], [0.0, 1.0]]
    >>> texts = [[1.0, 0.1], [1.0, 2.0]]
    >>> round(vse_loss(images, texts, margin=0.5), 4)
    0.0528
    >>> similarities = [[0.9, 0.6], [0.2, 0.5]]
    >>> value, gradient = vse_loss(similarities, similarity="precomputed", return_gradient=True)
    >>> round(value, 4)
    0.3
    >>> gradient
    array([[ 0.,  1.],
           [ 0., -1.]])
    >>> VSELoss(max_violation=True, reduction="none")(images, texts).round(4)
    array([0., 0.])
    """

    function_name = "vse_loss"
    inputs = (
        Input(
            "images",
            REAL,
            "array-like of shape (n_samples, n_features) or (n_samples, n_samples)\n"
            'Embeddings of one modality, or the similarities of all pairs with "precomputed".',
            differentiable=True,
        ),
        Input(
            "texts",
            REAL,
            "array-like of the shape of images, default=None\n"
            "Embeddings of the other modality; each row belongs to the same row of images. None\n"
            'with "precomputed".',
            differentiable=True,
            optional=True,
        ),
    )
    tags = _TAGS
    _parameter_constraints = {
        "margin": _FINITE,
        "max_violation": ["boolean"],
        "similarity": [StrOptions({"cosine", "dot", "precomputed"})],
    }

    def __init__(
        self,
        *,
        margin: float = 0.2,
        max_violation: bool = False,
        similarity: str = "cosine",
        reduction: str = "sum",
    ):
        self.margin = margin
        self.max_violation = max_violation
        self.similarity = similarity
        self.reduction = reduction

    @property
    def kernel(self):
        """The kernel, for the sum of the hinges or for the largest."""
        return "vse_hardest" if self.max_violation else "vse"

    @property
    def metric(self):
        """How rows are compared."""
        return self.similarity

    def _kernel_params(self):
        return (self.margin,)

    def _check_arrays(self, arrays):
        if (self.similarity == "precomputed") != (arrays[1] is None):
            wanted = "no texts" if arrays[1] is not None else "texts as well as images"
            raise ValueError(f"VSELoss with similarity={self.similarity!r} takes {wanted}.")


class BidirectionalTripletLoss(VectorLoss):
    r"""Triplet loss in both directions, from images to texts and from texts to images.

    Parameters
    ----------
    margin : float, default=0.2
        By how much a negative must be farther than the counterpart.

    See Also
    --------
    VSELoss : Takes the negatives from the other rows of the batch.
    TripletMarginLoss : A single direction, within one modality.

    Notes
    -----
    With the Euclidean distance d, an image i, its text t and their negatives :math:`i^-, t^-`,

    .. math:: \ell = \max(0, d(i, t) - d(i, t^-) + m) + \max(0, d(i, t) - d(i^-, t) + m)

    Minimised, to 0, wherever both negatives are farther by the margin. At the kink of a hinge the
    gradient is that of the rising side, as for `TripletMarginLoss`. The gradient of a distance of 0
    is 0. There is no diagonal Hessian.

    References
    ----------
    X. Wei, T. Zhang, Y. Li, Y. Zhang, F. Wu, "Multi-Modality Cross Attention Network for Image
    and Sentence Matching", CVPR 2020. :doi:`10.1109/CVPR42600.2020.01095`

    Examples
    --------
    >>> from sklosses import BidirectionalTripletLoss, bidirectional_triplet_loss
    >>> image, text = [[0.0, 0.0]], [[0.0, 1.0]]
    >>> negative_image, negative_text = [[0.0, 2.0]], [[3.0, 4.0]]
    >>> bidirectional_triplet_loss(image, text, negative_image, negative_text)
    0.2
    >>> loss = BidirectionalTripletLoss(margin=0.0)
    >>> loss.gradient(image, text, [[0.0, 1.5]], negative_text)[2]
    array([[ 0., -1.]])
    """

    function_name = "bidirectional_triplet_loss"
    kernel = "bidirectional_triplet_loss"
    inputs = tuple(
        Input(
            name, REAL, f"array-like of shape (n_samples, n_features)\n{text}", differentiable=True
        )
        for name, text in (
            ("image", "Embeddings of images, in general of shape (..., n_features)."),
            ("text", "For each image, the text that belongs to it."),
            ("negative_image", "For each text, an image that does not belong to it."),
            ("negative_text", "For each image, a text that does not belong to it."),
        )
    )
    tags = LossTags(response="vectors", target="identity", hessian="none", convex=False)
    _parameter_constraints = {"margin": _FINITE}

    def __init__(self, *, margin: float = 0.2, reduction: str = "mean"):
        self.margin = margin
        self.reduction = reduction

    def _kernel_params(self):
        return (self.margin,)


class InfoNCELoss(BatchLoss):
    r"""InfoNCE loss (CLIP): cross-entropy of each row's counterpart in the other modality.

    Parameters
    ----------
    temperature : float, default=0.07
        Divisor of the cosine similarities, > 0.
    symmetric : bool, default=True
        Whether the loss is the mean of both directions, from images to texts and from texts to
        images, as in CLIP, or only the first.

    See Also
    --------
    SigLIPLoss : A logistic loss of each pair, without a softmax.
    SupConLoss : Pairs of rows of one array, by labels.

    Notes
    -----
    With the cosine similarity s of images i and texts j, and the temperature t,

    .. math:: \ell_i = -\frac12 \log \frac{e^{s_{ii} / t}}{\sum_j e^{s_{ij} / t}}
        - \frac12 \log \frac{e^{s_{ii} / t}}{\sum_j e^{s_{ji} / t}}

    or twice the first term if not `symmetric`. A lower bound of the mutual information of the two
    modalities is :math:`\log n - \ell`. Minimised by similarities of 1 within each pair and as
    small as possible between all others. A single pair has a loss of 0.

    For a temperature that is learned, `info_nce_loss` also returns its derivative. With the softmax
    p over j,

    .. math:: \frac{\partial}{\partial t} \left( -\log \frac{e^{s_{ii} / t}}{\sum_j e^{s_{ij} / t}}
        \right) = -\frac{1}{t^2} \sum_j p_{ij} (s_{ij} - s_{ii})

    A row of zeros has similarity 0 to all others and gradient 0. There is no diagonal Hessian. For
    temperatures below 1/32 the loss is computed in float64, also for float32 embeddings. The matrix
    of similarities is computed in tiles, so the memory required is that of two copies of the
    embeddings. If NaN is allowed (`assume_finite`), a single one makes all losses and gradients
    NaN.

    References
    ----------
    A. van den Oord, Y. Li, O. Vinyals, "Representation Learning with Contrastive Predictive
    Coding", 2018. :doi:`10.48550/arXiv.1807.03748`

    A. Radford et al., "Learning Transferable Visual Models From Natural Language Supervision",
    ICML 2021. :doi:`10.48550/arXiv.2103.00020`

    Examples
    --------
    >>> from sklosses import InfoNCELoss, info_nce_loss
    >>> images = [[1.0, 0.0], [0.0, 1.0]]
    >>> texts = [[1.0, 0.1], [1.0, 2.0]]
    >>> round(info_nce_loss(images, texts, temperature=0.5), 4)
    0.2428
    >>> loss = InfoNCELoss(temperature=0.5, symmetric=False)
    >>> image_gradient, text_gradient = loss.gradient(images, texts)
    >>> text_gradient.shape
    (2, 2)
    >>> value, by_parameter = info_nce_loss(
    ...     images, texts, temperature=0.5, return_parameter_gradient=True
    ... )
    >>> round(by_parameter["temperature"], 4)
    0.5297
    """

    function_name = "info_nce_loss"
    aliases = ("clip",)
    kernel = "softmax"
    inputs = (_IMAGES, _TEXTS)
    tags = _TAGS
    switches = {"return_parameter_gradient": _PARAMETER_GRADIENT.format("`temperature`")}
    _parameter_constraints = {"temperature": _POSITIVE, "symmetric": ["boolean"]}

    def __init__(
        self, *, temperature: float = 0.07, symmetric: bool = True, reduction: str = "mean"
    ):
        self.temperature = temperature
        self.symmetric = symmetric
        self.reduction = reduction

    @property
    def two_sided(self):
        """Whether the rows of the second array are anchors as well."""
        return self.symmetric

    @property
    def share(self):
        """Factor of the loss of an anchor."""
        return 0.5 if self.symmetric else 1.0

    def _kernel_params(self):
        return (inverse(self.temperature),)

    def _steepness(self, params):
        return params[0]

    def _parameter_gradient(self, params, slopes):
        # Not the square, which may overflow where the product does not; 0 - x is never -0.
        return {"temperature": 0 - params[0] * (params[0] * slopes[0])}


class SigLIPLoss(BatchLoss):
    r"""Sigmoid loss (SigLIP): binary cross-entropy of each pair of an image and a text.

    Parameters
    ----------
    temperature : float, default=10.0
        Factor of the cosine similarities, > 0: t itself, not its logarithm.
    bias : float, default=-10.0
        Added after the multiplication. The default is so low that, at the start of training, the
        many pairs that do not belong together have a small loss.

    See Also
    --------
    InfoNCELoss : A softmax over all candidates.
    BCEWithLogitsLoss : The loss of a single pair.

    Notes
    -----
    With the cosine similarity s of images i and texts j, the temperature t and the bias b,

    .. math:: \ell_i = \log(1 + e^{-(t s_{ii} + b)}) + \sum_{j \ne i} \log(1 + e^{t s_{ij} + b})

    The mean is the sum over all pairs divided by the number of samples, or by the total weight.
    Minimised by similarities of 1 within each pair and as small as possible between all others.

    For a temperature and a bias that are learned, `siglip_loss` also returns their derivatives.
    With :math:`q_{ij} = 1 / (1 + e^{-(t s_{ij} + b)})`, and :math:`y_{ij} = 1` for i = j, else 0,

    .. math:: \frac{\partial \ell_i}{\partial t} = \sum_j (q_{ij} - y_{ij}) s_{ij}, \qquad
        \frac{\partial \ell_i}{\partial b} = \sum_j (q_{ij} - y_{ij})

    A row of zeros has similarity 0 to all others and gradient 0. There is no diagonal Hessian. For
    temperatures above 32 the loss is computed in float64, also for float32 embeddings. If NaN is
    allowed (`assume_finite`), a single one makes all losses and gradients NaN.

    References
    ----------
    X. Zhai, B. Mustafa, A. Kolesnikov, L. Beyer, "Sigmoid Loss for Language Image
    Pre-Training", ICCV 2023. :doi:`10.48550/arXiv.2303.15343`

    Examples
    --------
    >>> from sklosses import SigLIPLoss, siglip_loss
    >>> images = [[1.0, 0.0], [0.0, 1.0]]
    >>> texts = [[1.0, 0.1], [1.0, 2.0]]
    >>> round(siglip_loss(images, texts), 4)
    1.0383
    >>> SigLIPLoss(bias=-5.0, reduction="none")(images, texts).round(4)
    array([0.4707, 0.0372])
    >>> value, by_parameter = siglip_loss(images, texts, return_parameter_gradient=True)
    >>> {name: round(derivative, 4) for name, derivative in by_parameter.items()}
    {'temperature': -0.5858, 'bias': -0.6251}
    """

    function_name = "siglip_loss"
    kernel = "siglip"
    inputs = (_IMAGES, _TEXTS)
    tags = _TAGS
    switches = {"return_parameter_gradient": _PARAMETER_GRADIENT.format("`temperature` and `bias`")}
    # Each pair belongs to one sum, that of its image.
    two_sided = False
    _parameter_constraints = {"temperature": _POSITIVE, "bias": _FINITE}

    def __init__(self, *, temperature: float = 10.0, bias: float = -10.0, reduction: str = "mean"):
        self.temperature = temperature
        self.bias = bias
        self.reduction = reduction

    def _kernel_params(self):
        return (self.temperature, self.bias)

    def _steepness(self, params):
        return params[0]

    def _parameter_gradient(self, params, slopes):
        return dict(zip(("temperature", "bias"), slopes, strict=True))


class CMPMLoss(BatchLoss):
    r"""Cross-modal projection matching loss: divergence of projections from label matches.

    Parameters
    ----------
    eps : float, default=1e-08
        Added to each matching probability before taking the logarithm, > 0.

    See Also
    --------
    InfoNCELoss : Without labels, and with the divergence in the opposite direction.
    KLDivLoss : The divergence of two distributions that the caller passes.

    Notes
    -----
    An image x_i is projected on the directions of all texts z_j and matches those with its label:

    .. math:: p_{ij} = \frac{e^{x_i \cdot z_j / |z_j|}}{\sum_k e^{x_i \cdot z_k / |z_k|}},
        \qquad q_{ij} = \frac{y_{ij}}{\sum_k y_{ik}}

    with y_ij = 1 for equal labels, else 0. The loss is

    .. math:: \ell_i = \sum_j p_{ij} \log \frac{p_{ij}}{q_{ij} + \epsilon}

    plus the same for texts projected on the directions of images. Minimised where p is proportional
    to q + eps in both directions. The minimum is slightly negative, -2 log(1 + n eps) for n rows.

    The norm of a row acts as an inverse temperature. Batches with norms above 32 are computed in
    float64, also for float32 embeddings. A row of zeros has no direction; its similarities are 0
    and its gradient is 0. There is no diagonal Hessian. If NaN is allowed (`assume_finite`), a
    single one makes all losses and gradients NaN.

    References
    ----------
    Y. Zhang, H. Lu, "Deep Cross-Modal Projection Learning for Image-Text Matching", ECCV 2018.

    Examples
    --------
    >>> from sklosses import CMPMLoss, cmpm_loss
    >>> y_true = [3, 7]
    >>> images = [[2.0, 0.0], [0.0, 2.0]]
    >>> texts = [[1.0, 0.1], [1.0, 2.0]]
    >>> round(cmpm_loss(y_true, images, texts), 4)
    7.9066
    >>> CMPMLoss(eps=1e-3, reduction="none")(y_true, images, texts).round(4)
    array([2.5618, 1.9893])
    """

    function_name = "cmpm_loss"
    kernel = "cmpm"
    inputs = (
        Input(
            "y_true",
            LABELS,
            "array-like of shape (n_samples,)\n"
            "Labels of any type that NumPy can sort; each belongs to an image and its text.",
        ),
        _IMAGES,
        _TEXTS,
    )
    tags = _TAGS
    by_length = True
    _parameter_constraints = {"eps": _POSITIVE}

    def __init__(self, *, eps: float = 1e-8, reduction: str = "mean"):
        self.eps = eps
        self.reduction = reduction

    def _kernel_params(self):
        return (self.eps,)
