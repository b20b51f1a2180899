"""PyTorch's connectionist temporal classification."""

import numpy as np

from ._base import Row
from ._shared import inner, weighted


def sequences(rng, shape, kind):
    """Targets without the classes 0 and 2, log-probabilities, lengths of both."""
    n_times, n_classes = shape[0], shape[-1]
    n = shape[1] if len(shape) == 3 else 1
    z = rng.normal(scale=6 if kind == "hard" else 1, size=shape)
    log_probs = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    if kind == "hard":
        log_probs[rng.random(shape) < 0.1] -= 60
    targets = rng.choice(np.setdiff1d(np.arange(n_classes), [0, 2]), (n, n_times // 2))
    times = rng.integers(n_times - 2, n_times, n, endpoint=True)
    lengths = rng.integers(0, n_times // 2 - 1, n, endpoint=True)
    lengths[0] = n_times // 2 - 1
    if kind == "impossible":
        times[1::2] = rng.integers(0, 3, len(times[1::2]))
    if kind == "empty":
        targets, lengths = targets[:, :0], 0 * lengths
    if kind == "concatenated" or len(shape) == 2:
        targets = np.concatenate([row[:k] for row, k in zip(targets, lengths, strict=True)])
    if len(shape) == 2:
        times, lengths = times[0], lengths[0]
    return targets, log_probs, np.asarray(times), np.asarray(lengths)


def ctc(torch, targets, log_probs, times, lengths, reduction, weight=None, **params):
    """PyTorch's own value, with the true derivative as its gradient.

    PyTorch's backward pass returns exp(log_probs) more than the derivative. A term whose value is
    0 subtracts it.
    """
    loss = torch.nn.functional.ctc_loss
    args = log_probs, targets, times, lengths
    single = log_probs.ndim == 2
    rows = log_probs.exp()[:, None] if single else log_probs.exp()
    used = torch.arange(len(rows))[:, None] < times.reshape(1, -1)
    possible = loss(*args, **{**params, "zero_infinity": False}, reduction="none").isfinite()
    excess = (rows.sum(dim=2) * used).sum(dim=0).reshape(possible.shape) * possible
    excess = excess - excess.detach()
    if reduction == "mean":
        excess = (excess / lengths.clamp_min(1)).mean()
    elif weight is None and reduction == "sum":
        excess = excess.sum()
    value = loss(*args, reduction=inner(reduction, weight), **params) - excess
    return weighted(value, reduction, weight)


def has_a_gradient(shape, kind, params):
    """PyTorch's gradient of impossible targets is nan unless `zero_infinity` is set."""
    return kind != "impossible" or params.get("zero_infinity", False)


def size_of_times(targets, log_probs, *lengths, **params):
    """Of sums over the times; each term is at most the largest logarithm."""
    sizes = np.where(np.isinf(log_probs), 0, np.abs(log_probs))
    return sizes.max(axis=-1).sum(axis=0)


ROWS = {
    "ctc_loss": Row(
        ctc,
        sequences,
        ({}, {"blank": 2}, {"zero_infinity": True}),
        ((7, 4), (8, 3, 4), (13, 4, 6)),
        ("plain", "concatenated", "hard", "empty", "impossible"),
        mean_is_sum=False,
        terms=size_of_times,
        takes=has_a_gradient,
    ),
}
