"""Definitions of the losses of critics and generators."""

import numpy as np

from ._base import Row
from ._shared import places, reduced, softplus

KINDS = ("vanilla", "lsgan", "hinge", "wgan")
RELATIVE_KINDS = ("relativistic", "relativistic_lsgan", "relativistic_hinge")


def real_and_fake(rng, shape, kind):
    """Scores of real samples and half as many more generated ones; hard ones are saturated."""
    a = rng.normal(loc=1, scale=2, size=shape)
    b = rng.normal(loc=-1, scale=2, size=(*shape[:-1], shape[-1] + shape[-1] // 2))
    if kind == "hard":
        # Without kinks: relative to a mean no score is at one to the last digit.
        a, b = (places(rng, x, [40.0, -40.0, 300.0, -300.0, 1e4, -1e4]) for x in (a, b))
    return a, b


def fake_alone(rng, shape, kind):
    """Scores of generated samples."""
    return real_and_fake(rng, shape, kind)[1:]


def adversarial_terms(torch, kind):
    """The loss of scores that should be high, and that of scores that should be low."""
    relu = torch.nn.functional.relu
    return {
        "vanilla": (lambda z: softplus(torch, -z), lambda z: softplus(torch, z)),
        "lsgan": (lambda z: (z - 1) ** 2 / 2, lambda z: z**2 / 2),
        "relative lsgan": (lambda z: (z - 1) ** 2 / 2, lambda z: (z + 1) ** 2 / 2),
        "hinge": (lambda z: relu(1 - z), lambda z: relu(1 + z)),
        "wgan": (lambda z: -z, lambda z: z),
    }[kind]


def opposed(torch, high, low, reduction, kind):
    """The critic's loss if `high` is real; a relativistic generator's loss if it is generated."""
    relative = kind.startswith("relativistic")
    name = kind.removeprefix("relativistic").strip("_") or "vanilla"
    if relative and name == "lsgan":
        name = "relative lsgan"
    of_high, of_low = adversarial_terms(torch, name)
    shifts = (low.mean(), high.mean()) if relative else (0, 0)
    terms = of_high(high - shifts[0]), of_low(low - shifts[1])
    return sum(getattr(term, reduction)() for term in terms)


def discriminator(torch, real, fake, reduction, weight=None, kind="vanilla"):
    """The definition."""
    return opposed(torch, real, fake, reduction, kind)


def generator(torch, fake, reduction, weight=None, kind="vanilla"):
    """The definition, for the kinds that need no real scores."""
    if kind == "saturating":
        loss = -softplus(torch, fake)
    else:
        loss = adversarial_terms(torch, "wgan" if kind == "hinge" else kind)[0](fake)
    return reduced(loss, reduction, weight)


def consistency(targets):
    """Least squares of two arrays of scores, each with its target."""

    def call(torch, identity_scores, cycle_scores, reduction, weight=None):
        pairs = zip((identity_scores, cycle_scores), targets, strict=True)
        return sum(getattr((scores - target) ** 2, reduction)() for scores, target in pairs)

    return call


def size_of_scores(*arrays, kind="vanilla"):
    """Sums of the terms: scores, their distances from means, or the squares of these."""
    size = sum((1 + np.abs(x) + np.abs(x).mean()).sum() for x in arrays)
    return size**2 if "lsgan" in kind else size


def gradients_of_critic(rng, shape, kind):
    """Gradients of a critic with respect to samples."""
    return (rng.normal(size=shape),)


def gradient_penalty(torch, gradients, reduction, weight=None, target=1.0):
    """The usual composition; `weight` is that of the samples."""
    lengths = gradients.flatten(1).norm(2, dim=1)
    return reduced(10 * (lengths - target) ** 2, reduction, weight)


ROWS = {
    "discriminator_loss": Row(
        discriminator,
        real_and_fake,
        tuple({"kind": kind} for kind in (*KINDS, *RELATIVE_KINDS)),
        ((1,), (9,), (4, 5)),
        differentiable=(0, 1),
        terms=size_of_scores,
        finest="sum",
    ),
    "generator_loss": Row(
        generator,
        fake_alone,
        tuple({"kind": kind} for kind in (*KINDS, "saturating")),
        ((9,), (4, 5)),
        differentiable=(0,),
    ),
    "adversarial_consistency_discriminator_loss": Row(
        consistency((0, 1)),
        real_and_fake,
        shapes=((9,), (4, 5)),
        differentiable=(0, 1),
        finest="sum",
    ),
    "adversarial_consistency_generator_loss": Row(
        consistency((1, 0)),
        real_and_fake,
        shapes=((9,), (4, 5)),
        differentiable=(0, 1),
        finest="sum",
    ),
    "gradient_penalty": Row(
        gradient_penalty,
        gradients_of_critic,
        ({}, {"target": 0.0}),
        ((5, 3), (4, 2, 3, 2)),
        ("plain",),
        (0,),
    ),
}
