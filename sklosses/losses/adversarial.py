"""Losses of generative adversarial networks: of a critic's scores, which are logits."""

from numbers import Real

from .._description import Input, LossTags
from .._domains import REAL
from .._families.scores import ScoresLoss
from .._families.vectors import LengthLoss
from .._sklearn_compat import Interval, StrOptions
from .._validation import check_both

__all__ = [
    "AdversarialConsistencyDiscriminatorLoss",
    "AdversarialConsistencyGeneratorLoss",
    "DiscriminatorLoss",
    "GeneratorLoss",
    "GradientPenalty",
]

# Kernel and edge of a score that should be high; one that should be low is mirrored. A score that
# is held against another is both.
_KINDS = {
    "vanilla": ("softplus_of_scores", 0.0),
    "lsgan": ("square_of_scores", 1.0),
    "hinge": ("hinge_of_scores", 1.0),
    "wgan": ("score_itself", 0.0),
}
_RELATIVE = {
    "relativistic": _KINDS["vanilla"],
    "relativistic_lsgan": _KINDS["lsgan"],
    "relativistic_hinge": _KINDS["hinge"],
}


def _high(kernel, edge, factor=1.0):
    """The term of scores that should be high: kernel, sign, edge, factor."""
    return (kernel, -1.0, edge, factor)


def _low(kernel, edge, factor=1.0):
    """The term of scores that should be low."""
    return (kernel, 1.0, edge, factor)


class DiscriminatorLoss(ScoresLoss):
    r"""Loss of a critic that is to tell real samples from generated ones.

    Parameters
    ----------
    kind : str, default="vanilla"
        What is made of the scores: "vanilla", "lsgan", "hinge", "wgan", "relativistic",
        "relativistic_lsgan" or "relativistic_hinge", see Notes.

    See Also
    --------
    GeneratorLoss : What the other side minimises.
    GradientPenalty : To be added to it, above all for "wgan".

    Notes
    -----
    With the scores a of real samples and b of generated ones (logits), E the mean over each
    array on its own, and :math:`\zeta(z) = \log(1 + e^z)`:

    ==================  ================================================================
    vanilla             :math:`E \zeta(-a) + E \zeta(b)`
    lsgan               :math:`E (a - 1)^2 / 2 + E\, b^2 / 2`
    hinge               :math:`E \max(0, 1 - a) + E \max(0, 1 + b)`
    wgan                :math:`-E\, a + E\, b`
    relativistic        vanilla of :math:`a - E\, b` and :math:`b - E\, a`
    relativistic_lsgan  :math:`E (a - E\, b - 1)^2 / 2 + E (b - E\, a + 1)^2 / 2`
    relativistic_hinge  hinge of :math:`a - E\, b` and :math:`b - E\, a`
    ==================  ================================================================

    As one formula, with the slope of the loss f of a score that should be high,

    .. math:: \ell = E f(a - s\, E\, b) + E g(b - s\, E\, a), \qquad s \in \{0, 1\}.

    Real and fake may differ in length and in shape. "sum" adds up the losses of all scores
    instead, and the means within relative scores stay means; `avg_factor` takes the place of both
    lengths. There is no reduction "none", and there are no weights: an element belongs to no
    sample. The gradient is a tuple, and flows through the means of relative scores. At the kink of
    a hinge it is 0. The Hessian of "hinge" and "wgan" is 0 almost everywhere, and
    `gradient_and_hessian` returns 1 instead, over the length; the relativistic kinds have none.

    References
    ----------
    I. Goodfellow et al., "Generative Adversarial Nets", NIPS 2014.

    X. Mao et al., "Least Squares Generative Adversarial Networks", ICCV 2017.
    :doi:`10.1109/ICCV.2017.304`

    M. Arjovsky, S. Chintala, L. Bottou, "Wasserstein Generative Adversarial Networks", ICML 2017.

    A. Jolicoeur-Martineau, "The relativistic discriminator: a key element missing from standard
    GAN", ICLR 2019. :doi:`10.48550/arXiv.1807.00734`

    Examples
    --------
    >>> from sklosses import DiscriminatorLoss, discriminator_loss
    >>> real, fake = [2.0, 0.5, 1.0], [-1.0, 0.5]
    >>> round(discriminator_loss(real, fake), 4)
    0.9484
    >>> by_real, by_fake = DiscriminatorLoss(kind="hinge").gradient(real, fake)
    >>> by_real.round(4)
    array([ 0.    , -0.3333,  0.    ])
    >>> by_fake
    array([0. , 0.5])
    """

    function_name = "discriminator_loss"
    aliases = ("gan",)
    reductions = ("mean", "sum")
    weighted = False
    inputs = (
        Input(
            "real",
            REAL,
            "array-like of any shape\nScores of real samples.",
            differentiable=True,
        ),
        Input(
            "fake",
            REAL,
            "array-like of any shape\nScores of generated samples.",
            differentiable=True,
        ),
    )
    _parameter_constraints = {"kind": [StrOptions({*_KINDS, *_RELATIVE})]}

    def __init__(self, *, kind: str = "vanilla", reduction: str = "mean"):
        self.kind = kind
        self.reduction = reduction

    def _is_relative(self):
        return self.kind in _RELATIVE

    def _terms(self):
        kernel, edge = (_KINDS | _RELATIVE)[self.kind]
        # (b + 1)^2 / 2 is for a score that is relative to others; absolute ones are to be 0.
        return (_high(kernel, edge), _low(kernel, 0.0 if self.kind == "lsgan" else edge))


class GeneratorLoss(ScoresLoss):
    r"""Loss of a generator whose samples a critic is to take for real.

    Parameters
    ----------
    kind : str, default="vanilla"
        What is made of the scores: "vanilla", "saturating", "lsgan", "hinge", "wgan",
        "relativistic", "relativistic_lsgan" or "relativistic_hinge", see Notes.

    See Also
    --------
    DiscriminatorLoss : What the other side minimises.

    Notes
    -----
    With the scores b of generated samples (logits) and :math:`\zeta(z) = \log(1 + e^z)`,

    .. math:: \ell = f(b)

    for each score, where f is:

    ==================  ================================================================
    vanilla             :math:`\zeta(-b)`, the non-saturating form
    saturating          :math:`-\zeta(b) = \log(1 - \sigma(b))`, which is not convex
    lsgan               :math:`(b - 1)^2 / 2`
    hinge, wgan         :math:`-b`
    ==================  ================================================================

    These take `fake` alone, and have weights and all the reductions. The relativistic kinds take
    `real` as well, and are those of `DiscriminatorLoss` with the roles swapped, with its
    reductions and without weights; their gradient is a tuple, of `fake` and `real`.

    The Hessian of "hinge" and "wgan" is 0, and `gradient_and_hessian` returns 1 instead; the
    relativistic kinds have none.

    References
    ----------
    I. Goodfellow et al., "Generative Adversarial Nets", NIPS 2014.

    X. Mao et al., "Least Squares Generative Adversarial Networks", ICCV 2017.
    :doi:`10.1109/ICCV.2017.304`

    A. Jolicoeur-Martineau, "The relativistic discriminator: a key element missing from standard
    GAN", ICLR 2019. :doi:`10.48550/arXiv.1807.00734`

    Examples
    --------
    >>> from sklosses import GeneratorLoss, generator_loss
    >>> fake, real = [-1.0, 0.5], [2.0, 0.5, 1.0]
    >>> round(generator_loss(fake), 4)
    0.8937
    >>> value, (by_fake, by_real) = generator_loss(
    ...     fake, real, kind="relativistic", return_gradient=True
    ... )
    >>> by_fake.round(4)
    array([-0.8421, -0.7239])
    """

    function_name = "generator_loss"
    inputs = (
        Input(
            "fake",
            REAL,
            "array-like of any shape\nScores of generated samples.",
            differentiable=True,
        ),
        Input(
            "real",
            REAL,
            "array-like of any shape, default=None\n"
            "Scores of real samples, for the relativistic kinds alone.",
            differentiable=True,
            optional=True,
        ),
    )
    _parameter_constraints = {"kind": [StrOptions({*_KINDS, *_RELATIVE, "saturating"})]}

    def __init__(self, *, kind: str = "vanilla", reduction: str = "mean"):
        self.kind = kind
        self.reduction = reduction

    def _is_relative(self):
        return self.kind in _RELATIVE

    def _terms(self):
        if self._is_relative():
            return (_high(*_RELATIVE[self.kind]), _low(*_RELATIVE[self.kind]))
        if self.kind == "saturating":
            return (_low(*_KINDS["vanilla"], -1.0),)
        return (_high(*_KINDS["wgan" if self.kind == "hinge" else self.kind]),)

    def _is_convex(self):
        return self.kind != "saturating"

    def _check_arrays(self, arrays):
        check_both(
            type(self).__name__, self.kind, self._input_names, arrays, both=self._is_relative()
        )


_IDENTITY_SCORES = Input(
    "identity_scores",
    REAL,
    "array-like of any shape\nScores of pairs of an image and its identity translation.",
    differentiable=True,
)
_CYCLE_SCORES = Input(
    "cycle_scores",
    REAL,
    "array-like of any shape\nScores of pairs of an image and what a translation there and back\n"
    "has made of it.",
    differentiable=True,
)


class AdversarialConsistencyDiscriminatorLoss(ScoresLoss):
    r"""Loss of a critic that is to tell two kinds of reconstructions of an image.

    See Also
    --------
    AdversarialConsistencyGeneratorLoss : What the other side minimises.

    Notes
    -----
    With the scores s of identity translations and t of translations there and back,

    .. math:: \ell = E\, s^2 + E (t - 1)^2,

    least squares without the 1/2 of `DiscriminatorLoss`, each mean over its own array, which may
    differ in shape. As there, the reductions are "mean" and "sum", there are no weights, and the
    gradient is a tuple. Minimised by scores of 0 and 1.

    References
    ----------
    Y. Zhao, R. Wu, H. Dong, "Unpaired Image-to-Image Translation Using Adversarial Consistency
    Loss", ECCV 2020. :doi:`10.1007/978-3-030-58545-7_46`

    Examples
    --------
    >>> from sklosses import adversarial_consistency_discriminator_loss
    >>> adversarial_consistency_discriminator_loss([0.5, 0.0], [1.0, 0.5])
    0.25
    >>> from sklosses import AdversarialConsistencyDiscriminatorLoss
    >>> AdversarialConsistencyDiscriminatorLoss().gradient([0.5, 0.0], [1.0, 0.5])
    (array([0.5, 0. ]), array([ 0. , -0.5]))
    """

    function_name = "adversarial_consistency_discriminator_loss"
    reductions = ("mean", "sum")
    weighted = False
    inputs = (_IDENTITY_SCORES, _CYCLE_SCORES)

    def _terms(self):
        return (_low("square_of_scores", 0.0, 2.0), _high("square_of_scores", 1.0, 2.0))


class AdversarialConsistencyGeneratorLoss(ScoresLoss):
    r"""Loss of a translator whose reconstructions a critic is to take for the other kind.

    See Also
    --------
    AdversarialConsistencyDiscriminatorLoss : What the other side minimises; the details.

    Notes
    -----
    With the scores s of identity translations and t of translations there and back,

    .. math:: \ell = E (s - 1)^2 + E\, t^2,

    the critic's loss with both targets flipped. Minimised by scores of 1 and 0.

    References
    ----------
    Y. Zhao, R. Wu, H. Dong, "Unpaired Image-to-Image Translation Using Adversarial Consistency
    Loss", ECCV 2020. :doi:`10.1007/978-3-030-58545-7_46`

    Examples
    --------
    >>> from sklosses import adversarial_consistency_generator_loss
    >>> adversarial_consistency_generator_loss([0.5, 1.0], [1.0, 0.5])
    0.75
    >>> from sklosses import AdversarialConsistencyGeneratorLoss
    >>> AdversarialConsistencyGeneratorLoss().gradient([0.5, 1.0], [1.0, 0.5])
    (array([-0.5,  0. ]), array([1. , 0.5]))
    """

    function_name = "adversarial_consistency_generator_loss"
    reductions = ("mean", "sum")
    weighted = False
    inputs = (_IDENTITY_SCORES, _CYCLE_SCORES)

    def _terms(self):
        return (_high("square_of_scores", 1.0, 2.0), _low("square_of_scores", 0.0, 2.0))


class GradientPenalty(LengthLoss):
    r"""Penalty of a critic's gradients whose length is not the one that it should be.

    Parameters
    ----------
    weight : float, default=10.0
        Factor of the loss, >= 0.
    target : float, default=1.0
        The length that gradients should have, >= 0.

    See Also
    --------
    DiscriminatorLoss : What it is added to.

    Notes
    -----
    With the gradient g of the critic's score by a sample, and :math:`|g|` the square root of the
    sum of all its squares,

    .. math:: \ell = \lambda\, (|g| - r)^2

    with the weight :math:`\lambda` and the target r; the mean is over the samples. For WGAN-GP the
    gradients are those at random points between real and generated samples. The gradient (by g) is
    :math:`2 \lambda (|g| - r)\, g / |g|`, and 0 at g = 0, where that has no limit. Minimised by
    gradients of the length r. Not convex where they are shorter.

    References
    ----------
    I. Gulrajani, F. Ahmed, M. Arjovsky, V. Dumoulin, A. Courville, "Improved Training of
    Wasserstein GANs", NIPS 2017.

    Examples
    --------
    >>> from sklosses import GradientPenalty, gradient_penalty
    >>> gradients = [[0.6, 0.8], [3.0, 4.0]]
    >>> gradient_penalty(gradients, reduction="none")
    array([  0., 160.])
    >>> GradientPenalty(weight=1.0, target=0.0).gradient(gradients)
    array([[0.6, 0.8],
           [3. , 4. ]])
    """

    function_name = "gradient_penalty"
    aliases = ("wgan_gp",)
    kernel = "gradient_penalty"
    inputs = (
        Input(
            "gradients",
            REAL,
            "array-like of shape (n_samples, ...)\nGradients of the critic's scores by samples.",
            differentiable=True,
        ),
    )
    tags = LossTags(response="critic", target="none", hessian="none", convex=False)
    _parameter_constraints = {
        "weight": [Interval(Real, 0, None, closed="left")],
        "target": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, *, weight: float = 10.0, target: float = 1.0, reduction: str = "mean"):
        self.weight = weight
        self.target = target
        self.reduction = reduction

    def _kernel_params(self):
        return (self.weight, self.target)
