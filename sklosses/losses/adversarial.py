"""Losses of generative adversarial networks, computed from the scores of a critic."""

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

# Kernel and edge of the scores that should be high. For scores that should be low the sign is
# flipped and the edge stays, except for "lsgan".
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
    r"""Adversarial loss of a discriminator (critic), which tells real from generated samples.

    Parameters
    ----------
    kind : str, default="vanilla"
        The formula: "vanilla", "lsgan", "hinge", "wgan", "relativistic", "relativistic_lsgan" or
        "relativistic_hinge", see Notes.

    See Also
    --------
    GeneratorLoss : The loss that the generator minimises.
    GradientPenalty : A term to be added, especially for "wgan".

    Notes
    -----
    With the scores a of real samples and b of generated samples (logits), the mean E over an
    array, and :math:`\zeta(z) = \log(1 + e^z)`:

    ==================  ================================================================
    vanilla             :math:`E \zeta(-a) + E \zeta(b)`
    lsgan               :math:`E (a - 1)^2 / 2 + E\, b^2 / 2`
    hinge               :math:`E \max(0, 1 - a) + E \max(0, 1 + b)`
    wgan                :math:`-E\, a + E\, b`
    relativistic        vanilla of :math:`a - E\, b` and :math:`b - E\, a`
    relativistic_lsgan  :math:`E (a - E\, b - 1)^2 / 2 + E (b - E\, a + 1)^2 / 2`
    relativistic_hinge  hinge of :math:`a - E\, b` and :math:`b - E\, a`
    ==================  ================================================================

    In general, with a loss f of scores that should be high, a loss g of scores that should be low,
    and s = 1 for the relativistic kinds, else 0,

    .. math:: \ell = E f(a - s\, E\, b) + E g(b - s\, E\, a).

    The two arrays may differ in shape. With the reduction "sum" the outer means are sums, while the
    means that relativistic scores are compared with stay means. `avg_factor` replaces both
    denominators. Neither the reduction "none" nor `sample_weight` is supported, since the scores of
    the two arrays do not form samples.

    "lsgan" is minimised by a = 1 and b = 0, "hinge" by a >= 1 and b <= -1. "vanilla" and "wgan"
    decrease as real scores rise and generated scores fall, "wgan" without bound. The relativistic
    kinds do not change when the same constant is added to all scores.

    The gradient is a tuple of two arrays. That of a relativistic score includes the derivative
    through the mean. At the kink of a hinge it is 0. The true Hessian of "hinge" and "wgan" is zero
    almost everywhere; 1 is returned instead, scaled like the loss. The relativistic kinds have no
    diagonal Hessian.

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
    >>> real_gradient, fake_gradient = DiscriminatorLoss(kind="hinge").gradient(real, fake)
    >>> real_gradient.round(4)
    array([ 0.    , -0.3333,  0.    ])
    >>> fake_gradient
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
        # The target of low scores is 0 for "lsgan" but -1 for "relativistic_lsgan".
        return (_high(kernel, edge), _low(kernel, 0.0 if self.kind == "lsgan" else edge))


class GeneratorLoss(ScoresLoss):
    r"""Adversarial loss of a generator, whose samples the discriminator should take for real.

    Parameters
    ----------
    kind : str, default="vanilla"
        The formula: "vanilla", "saturating", "lsgan", "hinge", "wgan", "relativistic",
        "relativistic_lsgan" or "relativistic_hinge", see Notes.

    See Also
    --------
    DiscriminatorLoss : The loss that the discriminator minimises.

    Notes
    -----
    The loss of a generated sample depends on its score b, a logit:

    .. math:: \ell = f(b)

    where, with :math:`\zeta(z) = \log(1 + e^z)`, f is

    ==================  ================================================================
    vanilla             :math:`\zeta(-b)`, the non-saturating form
    saturating          :math:`-\zeta(b) = \log(1 - \sigma(b))`, which is not convex
    lsgan               :math:`(b - 1)^2 / 2`
    hinge, wgan         :math:`-b`
    ==================  ================================================================

    These kinds take only `fake`, and support `sample_weight` and all reductions. The relativistic
    kinds also take `real`. They are those of `DiscriminatorLoss` with the roles of the two arrays
    swapped, and support neither `sample_weight` nor the reduction "none". Their gradient is a
    tuple, with respect to `fake` and `real`.

    "lsgan" is minimised by b = 1. The other kinds above decrease as b rises, all but "vanilla"
    without bound.

    The true Hessian of "hinge" and "wgan" is zero; 1 is returned instead, scaled like the loss. The
    relativistic kinds have no diagonal Hessian.

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
    >>> value, (fake_gradient, real_gradient) = generator_loss(
    ...     fake, real, kind="relativistic", return_gradient=True
    ... )
    >>> fake_gradient.round(4)
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
            "Scores of real samples; only for the relativistic kinds.",
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
    "array-like of any shape\nScores of pairs of an image and its translation to the other domain\n"
    "and back.",
    differentiable=True,
)


class AdversarialConsistencyDiscriminatorLoss(ScoresLoss):
    r"""Adversarial consistency loss of the discriminator (ACL-GAN).

    The discriminator tells identity translations of an image from its translations to the other
    domain and back.

    See Also
    --------
    AdversarialConsistencyGeneratorLoss : The loss that the generator minimises.

    Notes
    -----
    With the scores s of identity translations, the scores t of translations to the other domain
    and back, and the mean E over an array,

    .. math:: \ell = E\, s^2 + E (t - 1)^2.

    This is the least squares loss without the factor 1/2 of `DiscriminatorLoss`. The two arrays may
    differ in shape. As for that loss, the reductions are "mean" and "sum", there are no weights,
    and the gradient is a tuple. Minimised by s = 0 and t = 1.

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
    r"""Adversarial consistency loss of the generator (ACL-GAN).

    The discriminator should not be able to tell identity translations of an image from its
    translations to the other domain and back.

    See Also
    --------
    AdversarialConsistencyDiscriminatorLoss : The loss that the discriminator minimises.

    Notes
    -----
    With the scores s of identity translations, the scores t of translations to the other domain
    and back, and the mean E over an array,

    .. math:: \ell = E (s - 1)^2 + E\, t^2.

    This is the discriminator's loss with both targets flipped; see there for shapes, reductions and
    the gradient. Minimised by s = 1 and t = 0.

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
    r"""Gradient penalty of a critic (WGAN-GP): squared deviation of gradient norms from a target.

    Parameters
    ----------
    weight : float, default=10.0
        Factor of the loss, >= 0.
    target : float, default=1.0
        Norm that the gradients should have, >= 0.

    See Also
    --------
    DiscriminatorLoss : The loss that the penalty is added to.

    Notes
    -----
    With the gradient g of the critic's score with respect to a sample and its Euclidean norm
    :math:`|g|`,

    .. math:: \ell = \lambda\, (|g| - r)^2

    with the weight :math:`\lambda` and the target r. The mean is over the samples. For WGAN-GP the
    gradients are evaluated at random points between real and generated samples.

    The derivative with respect to g is :math:`2 \lambda (|g| - r)\, g / |g|`, and 0 at g = 0, where
    this has no limit. Minimised by gradients of norm r. Not convex where :math:`|g| < r`. There is
    no diagonal Hessian.

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
            "array-like of shape (n_samples, ...)\n"
            "Gradients of the critic's scores with respect to the samples.",
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
