"""References of the losses in ``sklosses.losses.adversarial``."""

import numpy as np

from ._base import Data, Reference
from ._shared import place, softplus


def scores(rng, shape, dtype, params):
    return (np.asarray(rng.normal(scale=2, size=shape)).astype(dtype),)


def hard_critic_scores(rng, shape, dtype, params):
    """Saturated scores, and scores at the kink or the minimum of a term."""
    fake = scores(rng, shape, dtype, params)[0]
    kinks = [1.0, 1.0, -1.0, 0.0, -0.0, 1 - np.finfo(dtype).eps, 1e-30, 1e4, -1e4, 40.0, -40.0]
    return (place(rng, kinks, fake),)


def generator(fake, kind="vanilla"):
    if kind == "vanilla":
        return softplus(-fake)
    if kind == "saturating":
        return -softplus(fake)
    return (fake - 1) ** 2 / 2 if kind == "lsgan" else -fake


GENERATOR_PARAMS = tuple(
    {"kind": kind} for kind in ("vanilla", "saturating", "lsgan", "hinge", "wgan")
)


def critic_gradients(rng, shape, dtype, params):
    return (np.asarray(rng.normal(size=shape)).astype(dtype),)


def hard_critic_gradients(rng, shape, dtype, params):
    """Gradients of length 0, of the target's length, tiny and huge ones."""
    g = critic_gradients(rng, shape, dtype, params)[0]
    huge = 1e15 if dtype == np.float32 else 1e150
    rows = g.reshape(len(g), -1)
    rows[::2] = 0
    rows[::2, -1] = np.resize([0.0, 1.0, 1e-30, huge], len(rows[::2]))
    return (g,)


def sample_lengths(gradients):
    """The length of each sample, over all axes but the first, which are kept."""
    axes = tuple(range(1, gradients.ndim))
    return np.sqrt((gradients**2).sum(axis=axes, keepdims=True))


def gradient_penalty(gradients, weight=10.0, target=1.0):
    return weight * (sample_lengths(gradients).reshape(len(gradients)) - target) ** 2


def gradient_penalty_size(gradients, weight=10.0, target=1.0):
    """2 |g| times its error times the distance from the target; or the square of the error."""
    d = sample_lengths(gradients).reshape(len(gradients))
    return weight * (np.abs(d - target) * (d + target) + 1e-16 * (d + target) ** 2)


def gradient_penalty_terms(gradients, weight=10.0, target=1.0):
    d = sample_lengths(gradients)
    return 2 * weight * (d + target) * np.abs(gradients) / np.where(d, d, 1)


def gradient_penalty_scale(gradients, weight=10.0, target=1.0):
    """A direction changes over the length of its vector."""
    return sample_lengths(gradients) + 0 * gradients


PENALTY_PARAMS = ({}, {"weight": 0.5, "target": 0}, {"weight": 0, "target": 3.0})


SAMPLE_SHAPES = ((1,), (7,), (5, 3), (2, 3, 4), (3, 2, 2, 40))


# Losses with a separate mean for each array. They have no unreduced loss, which the common tests
# go by: see test_adversarial.py.
OF_SEVERAL_MEANS = (
    "adversarial_consistency_discriminator_loss",
    "adversarial_consistency_generator_loss",
    "discriminator_loss",
)


REFERENCES = (
    Reference(
        "generator_loss",
        generator,
        {
            "plain": Data(scores, GENERATOR_PARAMS),
            "hard": Data(hard_critic_scores, GENERATOR_PARAMS),
        },
        invalid=(("kind", "gan"), ("kind", None), ("kind", ["vanilla"])),
        others={"kind": "lsgan"},
    ),
    Reference(
        "gradient_penalty",
        gradient_penalty,
        {
            "plain": Data(critic_gradients, PENALTY_PARAMS, SAMPLE_SHAPES),
            "hard": Data(hard_critic_gradients, PENALTY_PARAMS, SAMPLE_SHAPES),
        },
        reduced=lambda ndim: tuple(range(1, ndim)),
        scale=gradient_penalty_scale,
        value_terms=gradient_penalty_size,
        terms=gradient_penalty_terms,
        invalid=(
            ("weight", -1),
            ("weight", np.nan),
            ("weight", None),
            ("target", -0.5),
            ("target", np.inf),
            ("target", "1"),
        ),
        others={"weight": 1.0, "target": 0.5},
    ),
)
