"""PyTorch's losses for classes, and the usual composition of the focal loss."""

import numpy as np

from ._base import Row
from ._shared import (
    class_axis,
    classes,
    function_with_class_weight,
    margins,
    reduced,
    size_of_largest_logit,
)


def log_classes(rng, shape, kind):
    """Labels and log-probabilities."""
    y_true, z = classes(rng, shape, kind)
    axis = class_axis(shape)
    top = z.max(axis=axis, keepdims=True)
    return y_true, z - top - np.log(np.exp(z - top).sum(axis=axis, keepdims=True))


def takes_ignored(shape, kind, params):
    """Rows are ignored by the default `ignore_index`; PyTorch refuses another for probabilities."""
    return not (kind == "ignored" or "probabilities" in kind) or "ignore_index" not in params


def softmax_focal(
    torch,
    y_true,
    y_pred,
    reduction,
    weight=None,
    class_weight=None,
    gamma=2.0,
    ignore_index=-100,
):
    """The usual composition, with 1 - p as -expm1(log p)."""
    minus_log_p = torch.nn.functional.cross_entropy(
        y_pred, y_true, reduction="none", ignore_index=ignore_index
    )
    if class_weight is None:
        class_weight = [1.0] * y_pred.shape[class_axis(y_pred.shape)]
    class_weight = torch.as_tensor(class_weight, dtype=y_pred.dtype)
    counted = y_true != ignore_index
    own = class_weight[torch.where(counted, y_true, 0)] * counted
    # For an ignored row the power of 0 has no derivative.
    q = torch.where(counted, -torch.expm1(-minus_log_p), 1)
    loss = own * minus_log_p * q**gamma
    if reduction == "mean":
        return loss.sum() / own.sum()
    return reduced(loss, reduction, weight)


ROWS = {
    "cross_entropy": Row(
        function_with_class_weight("cross_entropy"),
        classes,
        (
            {},
            {"class_weight": [0.5, 3.0, 0.0]},
            {"label_smoothing": 0.1},
            {"label_smoothing": 1.0, "class_weight": [0.5, 3.0, 0.0]},
            {"ignore_index": 1},
            {"ignore_index": 2, "class_weight": [2.0, 1.0, 7.0], "label_smoothing": 0.2},
        ),
        ((3,), (1, 3), (19, 3), (3, 3, 5), (2, 3, 2, 3)),
        ("plain", "hard", "ignored", "probabilities", "hard probabilities"),
        terms=size_of_largest_logit,
        takes=takes_ignored,
    ),
    "softmax_focal_loss": Row(
        softmax_focal,
        classes,
        (
            {},
            {"gamma": 0.5, "class_weight": [0.5, 3.0, 0.0]},
            {"gamma": 0.0, "ignore_index": 1},
            {"gamma": 5.0, "ignore_index": 2, "class_weight": [2.0, 1.0, 7.0]},
        ),
        ((3,), (1, 3), (19, 3), (3, 3, 5)),
        ("plain", "ignored"),
        terms=size_of_largest_logit,
        takes=takes_ignored,
    ),
    "nll_loss": Row(
        function_with_class_weight("nll_loss"),
        log_classes,
        ({}, {"class_weight": [0.5, 3.0, 0.0]}, {"ignore_index": 1}),
        ((3,), (1, 3), (19, 3), (3, 3, 5), (2, 3, 2, 3)),
        ("plain", "hard", "ignored"),
        takes=takes_ignored,
    ),
    "multi_margin_loss": Row(
        function_with_class_weight("multi_margin_loss"),
        margins,
        (
            {},
            {"p": 2},
            {"margin": 0.5, "class_weight": [0.5, 3.0, 0.0, 1.0]},
            {"p": 2, "margin": 4.0, "class_weight": [0.5, 3.0, 0.0, 1.0]},
        ),
        ((4,), (1, 4), (19, 4)),
    ),
}
