"""PyTorch's losses for binary targets, and the usual compositions of the focal losses."""

import numpy as np

from ._base import Row
from ._shared import (
    LOGITS,
    function,
    logits,
    places,
    reduced,
    signs,
    size_of_logits,
    soft_target,
)

PROBABILITIES = [0, 0, 1, 1, 1e-300, 1e-40, 1e-13, 1e-12, 2e-12, 1 - 1e-16, 1 - 1e-12, 4e-44]


def probabilities(rng, shape, kind):
    """Targets and predicted probabilities."""
    p = np.asarray(rng.uniform(0.01, 0.99, shape))
    if kind == "hard":
        p = places(rng, p, PROBABILITIES)
    return soft_target(rng, shape), p


def signs_and_logits(rng, shape, kind):
    """Logits at which PyTorch's exponential does not overflow."""
    y_true, z = signs(rng, shape), np.asarray(rng.normal(scale=3, size=shape))
    return y_true, places(rng, z, [x for x in LOGITS if abs(x) < 700]) if kind == "hard" else z


def signs_and_exponents(rng, shape, kind):
    """Moderate predictions; hard ones have the largest exponentials of float64."""
    y_true, z = signs(rng, shape), np.asarray(rng.normal(size=shape))
    return y_true, places(rng, z, [0, 0, 600, -600, 40, -40]) if kind == "hard" else z


def bce(torch, y_true, y_pred, reduction, weight=None):
    """PyTorch's own."""
    loss = torch.nn.functional.binary_cross_entropy
    return loss(y_pred, y_true, weight=weight, reduction=reduction)


def bce_with_logits(
    torch,
    y_true,
    y_pred,
    reduction,
    weight=None,
    pos_weight=None,
    label_smoothing=0.0,
    ignore_index=None,
):
    """PyTorch's own, of smoothed targets."""
    if pos_weight is not None:
        pos_weight = torch.as_tensor(pos_weight, dtype=y_pred.dtype)
    smoothed = y_true * (1 - label_smoothing) + label_smoothing / 2
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    if ignore_index is None:
        return loss(y_pred, smoothed, weight=weight, reduction=reduction, pos_weight=pos_weight)
    loss = loss(y_pred, smoothed, weight=weight, reduction="none", pos_weight=pos_weight)
    return of_counted(loss, y_true != ignore_index, reduction)


def of_counted(loss, kept, reduction):
    """The unreduced loss with 0 for what is ignored, or the reduction of the rest."""
    return loss * kept if reduction == "none" else getattr(loss[kept], reduction)()


def has_three_columns(shape, kind, params):
    """For the three weights of a list."""
    return np.ndim(params.get("pos_weight", 0)) == 0 or shape[-1] == 3


def labels_and_logits(rng, shape, kind):
    """Moderate logits: PyTorch has no focal loss, and the usual composition is not exact."""
    y_true = soft_target(rng, shape) if kind == "soft" else rng.integers(0, 2, shape).astype(float)
    return y_true, np.asarray(rng.uniform(-12, 12, shape))


def focal(
    torch,
    y_true,
    y_pred,
    reduction,
    weight=None,
    alpha=0.25,
    gamma=2.0,
    loss_weight=1.0,
    ignore_index=None,
):
    """As torchvision and others compose it, with sigmoid(-z) in place of 1 - p."""
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(
        y_pred, y_true, reduction="none"
    )
    lacking = y_true * torch.sigmoid(-y_pred) + (1 - y_true) * torch.sigmoid(y_pred)
    loss = cross_entropy * lacking**gamma * loss_weight
    if alpha is not None and alpha >= 0:
        loss = loss * (alpha * y_true + (1 - alpha) * (1 - y_true))
    if ignore_index is not None:
        return of_counted(loss, y_true != ignore_index, reduction)
    return reduced(loss, reduction, weight)


def heat_maps(rng, shape, kind):
    """Heat maps with peaks, and probabilities; hard ones are 0 and 1 in places."""
    y_true = np.where(rng.random(shape) < 0.3, 1.0, np.asarray(rng.random(shape)) ** 3)
    p = np.asarray(rng.uniform(0.01, 0.99, shape))
    return y_true, places(rng, p, [0, 0, 0, 1, 1, 1]) if kind == "hard" else p


def gaussian_focal(torch, y_true, y_pred, reduction, weight=None, alpha=2.0, gamma=4.0, eps=1e-12):
    """As mmdetection composes it."""
    peak = y_true.eq(1)
    of_peak = -(y_pred + eps).log() * (1 - y_pred).pow(alpha) * peak
    of_rest = -(1 - y_pred + eps).log() * y_pred.pow(alpha) * (1 - y_true).pow(gamma) * ~peak
    return reduced(of_peak + of_rest, reduction, weight)


def hinge(torch, y_true, y_pred, reduction, weight=None, p=1, margin=1.0):
    """As margin_ranking_loss of the prediction and 0, or its square."""
    loss = torch.nn.functional.margin_ranking_loss(
        y_pred, torch.zeros_like(y_pred), y_true, margin=margin, reduction="none"
    )
    return reduced(loss**p, reduction, weight)


def exponential(torch, y_true, y_pred, reduction, weight=None):
    """As written."""
    return reduced(torch.exp(-y_true * y_pred), reduction, weight)


def modified_huber(torch, y_true, y_pred, reduction, weight=None):
    """As the loss of Huber with delta = 2 of what is missing to 1, times 2."""
    missing = (1 - y_true * y_pred).clamp(min=0)
    huber = torch.nn.functional.huber_loss
    loss = 2 * huber(missing, torch.zeros_like(missing), reduction="none", delta=2.0)
    return reduced(loss, reduction, weight)


def signs_and_margins(rng, shape, kind):
    """Predictions at the kinks and far from them."""
    y_true, z = signs(rng, shape), np.asarray(rng.normal(scale=3, size=shape))
    return y_true, places(rng, z, [1, 1, -1, -1, 0, 0, 1e9, -1e9]) if kind == "hard" else z


def size_of_margins(y_true, y_pred, p=1, margin=1.0):
    """The rounding of margin - y z, times the slope of its power."""
    size = abs(margin) + np.abs(y_pred)
    return size if p == 1 else 2 * size**2


ROWS = {
    "hinge_loss": Row(
        hinge,
        signs_and_margins,
        ({}, {"p": 2}, {"margin": 0.3}, {"p": 2, "margin": 2.5}),
        terms=size_of_margins,
    ),
    "exponential_loss": Row(exponential, signs_and_exponents),
    "modified_huber_loss": Row(modified_huber, signs_and_margins, terms=size_of_margins),
    "binary_cross_entropy": Row(bce, probabilities),
    "binary_cross_entropy_with_logits": Row(
        bce_with_logits,
        logits,
        (
            {},
            {"pos_weight": 3.0},
            {"pos_weight": 0.0},
            {"pos_weight": [0.5, 1.0, 4.0]},
            {"label_smoothing": 0.1},
            {"pos_weight": 3.0, "label_smoothing": 1.0},
            {"ignore_index": 1},
            {"ignore_index": 0, "label_smoothing": 0.3, "pos_weight": 2.0},
        ),
        ((9,), (5, 3), (2, 4, 3)),
        terms=size_of_logits,
        takes=has_three_columns,
    ),
    "soft_margin_loss": Row(function("soft_margin_loss"), signs_and_logits, terms=size_of_logits),
    "sigmoid_focal_loss": Row(
        focal,
        labels_and_logits,
        (
            {},
            {"alpha": None, "gamma": 0.0},
            {"alpha": -1.0},
            {"alpha": 0.001, "gamma": 0.5},
            {"gamma": 5.0, "loss_weight": 0.1},
            {"gamma": 1.0, "alpha": 1.0},
            {"gamma": 1.5, "ignore_index": 1},
        ),
        kinds=("plain", "soft"),
        terms=size_of_logits,
    ),
    "gaussian_focal_loss": Row(
        gaussian_focal,
        heat_maps,
        ({}, {"alpha": 3.0, "gamma": 1.5}, {"alpha": 1.0, "gamma": 0.0, "eps": 1e-3}),
        # log(1 - error + eps)
        terms=lambda y_true, y_pred, **params: np.ones(y_pred.shape),
    ),
}
