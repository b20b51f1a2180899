"""The usual compositions, in PyTorch, of the losses of object detection."""

import math

import numpy as np

from ._base import Row
from ._shared import class_axis, reduced, size_of_largest_logit, size_of_logits, soft_target


def soft_labels_and_logits(rng, shape, kind):
    """Moderate logits, at which the compositions do not round probabilities to 1."""
    return soft_target(rng, shape), np.asarray(rng.uniform(-12, 12, shape))


def asymmetric(
    torch, y_true, y_pred, reduction, weight=None, gamma_neg=4.0, gamma_pos=1.0, clip=0.05
):
    """The formula of the authors' code, with the gradient of its factors."""
    positive = torch.sigmoid(y_pred)
    negative = torch.sigmoid(-y_pred)
    shifted = (negative + clip).clamp(max=1)
    of_positive = y_true * torch.log(positive) * negative**gamma_pos
    of_negative = (1 - y_true) * torch.log(shifted) * (1 - shifted) ** gamma_neg
    return reduced(-(of_positive + of_negative), reduction, weight)


def quality_focal(torch, y_true, y_pred, reduction, weight=None, beta=2.0):
    """As mmdetection composes it for the class of the object, and with y = 0 for the others."""
    loss = torch.nn.functional.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
    return reduced(loss * (y_true - y_pred.sigmoid()).abs().pow(beta), reduction, weight)


def varifocal(torch, y_true, y_pred, reduction, weight=None, alpha=0.75, gamma=2.0):
    """As mmdetection composes it."""
    positive = (y_true > 0).to(y_pred.dtype)
    distance = (y_pred.sigmoid() - y_true).abs()
    factor = y_true * positive + alpha * distance.pow(gamma) * (1 - positive)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
    return reduced(loss * factor, reduction, weight)


def one(y_true, y_pred, **params):
    """The terms of p - y, the derivative of the cross-entropy."""
    return (np.ones(y_pred.shape),)


def positions_and_logits(rng, shape, kind):
    """Numbers below the highest class index, which mmdetection's second label must not exceed."""
    axis = class_axis(shape)
    y_true = np.asarray(rng.uniform(0, shape[axis] - 1, shape[:axis] + shape[axis + 1 :]))
    whole = rng.random(y_true.shape) < 0.3
    return np.where(whole, np.floor(y_true), y_true), rng.normal(scale=3, size=shape)


def distribution_focal(torch, y_true, y_pred, reduction, weight=None):
    """As mmdetection composes it."""
    left = y_true.long()
    cross_entropy = torch.nn.functional.cross_entropy
    of_left = cross_entropy(y_pred, left, reduction="none") * (left + 1 - y_true)
    of_right = cross_entropy(y_pred, left + 1, reduction="none") * (y_true - left)
    return reduced(of_left + of_right, reduction, weight)


def boxes(rng, shape, kind):
    """Boxes that overlap or not; hard ones have integer corners, of which many are equal."""
    corner = rng.normal(size=(2, *shape[:-1], 2))
    edges = rng.uniform(0.3, 3, corner.shape)
    if kind == "hard":
        corner, edges = np.round(corner), np.ceil(edges)
    return tuple(np.concatenate([corner, corner + edges], axis=-1))


def iou(torch, y_true, y_pred, reduction, weight=None, kind="iou", eps=1e-7):
    """As torchvision composes the losses of boxes."""
    x1, y1, x2, y2 = y_pred.unbind(dim=-1)
    x1g, y1g, x2g, y2g = y_true.unbind(dim=-1)
    width = torch.min(x2, x2g) - torch.max(x1, x1g)
    height = torch.min(y2, y2g) - torch.max(y1, y1g)
    overlaps = (width > 0) & (height > 0)
    inner = torch.where(overlaps, width * height, 0)
    union = (x2 - x1) * (y2 - y1) + (x2g - x1g) * (y2g - y1g) - inner
    if kind == "iou":
        return reduced(1 - inner / union, reduction, weight)
    cover = inner / (union + eps)
    wide = torch.max(x2, x2g) - torch.min(x1, x1g)
    high = torch.max(y2, y2g) - torch.min(y1, y1g)
    if kind == "giou":
        area = wide * high
        return reduced(1 - (cover - (area - union) / (area + eps)), reduction, weight)
    apart = ((x1 + x2) / 2 - (x1g + x2g) / 2) ** 2 + ((y1 + y2) / 2 - (y1g + y2g) / 2) ** 2
    loss = 1 - cover + apart / (wide**2 + high**2 + eps)
    if kind == "ciou":
        turn = torch.atan((x2g - x1g) / (y2g - y1g)) - torch.atan((x2 - x1) / (y2 - y1))
        v = 4 / math.pi**2 * turn**2
        with torch.no_grad():
            alpha = v / (1 - cover + v + eps)
        loss = loss + alpha * v
    return reduced(loss, reduction, weight)


def ones(y_true, y_pred, **params):
    """1 minus a measure between -1 and 1."""
    return np.ones(y_pred.shape[:-1])


def gradients_of_boxes(y_true, y_pred, **params):
    """The terms of the gradient are at most a few over the shortest edge."""
    edges = [array[..., 2:] - array[..., :2] for array in (y_true, y_pred)]
    shortest = np.minimum(*edges).min(axis=-1, keepdims=True)
    return (np.broadcast_to(1 / shortest, y_pred.shape),)


ROWS = {
    "asymmetric_loss": Row(
        asymmetric,
        soft_labels_and_logits,
        (
            {},
            {"clip": 0.0},
            {"gamma_neg": 0.0, "gamma_pos": 0.0},
            {"gamma_neg": 1.5, "gamma_pos": 0.5, "clip": 0.2},
            {"gamma_neg": 2.0, "gamma_pos": 3.0, "clip": 0.5},
        ),
        kinds=("plain",),
        terms=size_of_logits,
    ),
    "quality_focal_loss": Row(
        quality_focal,
        soft_labels_and_logits,
        ({}, {"beta": 0.0}, {"beta": 1.0}, {"beta": 1.5}, {"beta": 5.0}),
        kinds=("plain",),
        terms=size_of_logits,
        gradient_terms=one,
    ),
    "varifocal_loss": Row(
        varifocal,
        soft_labels_and_logits,
        ({}, {"alpha": 0.3, "gamma": 0.0}, {"gamma": 1.0}, {"gamma": 1.5, "alpha": 2.0}),
        kinds=("plain",),
        terms=size_of_logits,
        gradient_terms=one,
    ),
    "distribution_focal_loss": Row(
        distribution_focal,
        positions_and_logits,
        shapes=((4,), (6, 3), (9, 17), (2, 5, 4)),
        kinds=("plain",),
        terms=size_of_largest_logit,
    ),
    "iou_loss": Row(
        iou,
        boxes,
        (
            {},
            {"kind": "giou"},
            {"kind": "diou"},
            {"kind": "ciou"},
            {"kind": "giou", "eps": 0.01},
            {"kind": "ciou", "eps": 0.01},
        ),
        shapes=((4,), (12, 4), (3, 5, 4)),
        terms=ones,
        gradient_terms=gradients_of_boxes,
    ),
}
