"""References of the losses in ``sklosses.losses.sequence``."""

import numpy as np

from ._base import Data, Reference, all_used
from ._shared import log_softmax


def needed(target):
    """The least number of times of a target: a blank between two of the same label."""
    return len(target) + int(np.sum(target[1:] == target[:-1]))


def sequences(rng, shape, dtype, params):
    """Rows of labels, some with an unused end, beside inputs of several lengths."""
    n_times, n_sequences, n_classes = shape
    # At most two labels, so that they repeat. With four classes not class 1: it may be the blank.
    labels = np.setdiff1d(np.arange(n_classes), [0, params.get("blank", 0)])
    labels = labels[-2:]
    targets = rng.choice(labels, (n_sequences, max(n_times // 2, 1)))
    times = rng.integers((n_times + 1) // 2, n_times, n_sequences, endpoint=True)
    lengths = rng.integers(0, targets.shape[1], n_sequences, endpoint=True)
    # The first and the last element are used.
    times[[0, -1]], lengths[[0, -1]] = n_times, targets.shape[1]
    for i in range(n_sequences):
        while needed(targets[i, : lengths[i]]) > times[i]:
            lengths[i] -= 1
        targets[i, lengths[i] :] = -77
    return targets, log_softmax(rng.normal(size=shape)).astype(dtype), times, lengths


def used_labels(arrays, k):
    if k != 0:
        return all_used(arrays, k)
    return np.arange(arrays[0].shape[1]) < arrays[3][:, None]


def unit_sequences(rng, shapes):
    """One label, 1, at one time."""
    ones = [np.ones(shape, int) for shape in shapes]
    return [ones[0], rng.integers(0, 2, shapes[1]), *ones[2:]]


def huge_sequences(rng):
    n_times, n_sequences, n_classes = 100, 1000, 50
    log_probs = rng.random((n_times, n_sequences, n_classes))
    return [
        np.ones((n_sequences, 5)),
        log_probs,
        np.full(n_sequences, float(n_times)),
        np.full(n_sequences, 5.0),
    ]


def ctc_one(target, log_probs, blank):
    """The forward algorithm in logarithms; states are blanks and labels in turn."""
    if len(log_probs) == 0:
        return -np.inf if len(target) else 0.0
    states = np.full(2 * len(target) + 1, blank)
    states[1::2] = target
    # A label is reached from the one before it without a blank, unless they are the same.
    skips = np.zeros(len(states), bool)
    skips[2:] = (states[2:] != blank) & (states[2:] != states[:-2])
    never = np.full_like(log_probs, -np.inf, shape=len(states) + 2)
    alpha = never[2:].copy()
    alpha[:2] = log_probs[0][states[:2]]
    for row in log_probs[1:]:
        before = np.concatenate([never[:2], alpha])
        alpha = np.logaddexp(before[2:], before[1:-1])
        alpha = np.logaddexp(alpha, np.where(skips, before[:-2], -np.inf)) + row[states]
    return np.logaddexp.reduce(alpha[-2:])


def ctc(targets, log_probs, input_lengths, target_lengths, blank=0, zero_infinity=False):
    losses = np.zeros_like(log_probs, shape=len(input_lengths))
    for i, (n_times, n_labels) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        losses[i] = -ctc_one(targets[i, :n_labels], log_probs[:n_times, i], blank)
    return np.where(np.isinf(losses), 0, losses) if zero_infinity else losses


def by_length(arrays, shape, **params):
    return 1 / np.maximum(arrays[3], 1)


REFERENCES = (
    Reference(
        "ctc_loss",
        ctc,
        {
            "padded": Data(
                sequences,
                ({}, {"blank": 2}, {"zero_infinity": True}),
                ((1, 1, 3), (4, 2, 3), (9, 5, 4), (2, 3, 4)),
                ((70, 3, 40), (33, 9, 4)),
                (120, 40, 30),
                (
                    ("targets", -1),
                    ("targets", 0),
                    ("targets", 100),
                    ("targets", 0.5),
                    ("targets", np.uint64(2**63)),
                    ("input_lengths", -1),
                    ("input_lengths", 100),
                    ("input_lengths", 1.5),
                    ("target_lengths", -1),
                    ("target_lengths", 100),
                    ("target_lengths", 1.5),
                ),
                zeros_and_ones=unit_sequences,
                huge=huge_sequences,
            )
        },
        share=by_length,
        reduced=lambda ndim: (0, ndim - 1),
        sample_axes=(0, 1, 0, 0),
        used=used_labels,
        invalid=(
            ("blank", -1),
            ("blank", 4),
            ("blank", 0.5),
            ("blank", None),
            ("zero_infinity", "yes"),
            ("zero_infinity", None),
        ),
        others={"blank": 1},
    ),
)
