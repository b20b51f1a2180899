"""PyTorch's losses for several labels of a sample."""

import numpy as np

from ._base import Row
from ._shared import function, function_with_class_weight, logits, margins


def label_lists(rng, shape, kind):
    """Lists of labels that end with -1, and raw predictions."""
    lists = np.asarray(rng.integers(-1, shape[-1], shape))
    for row in lists.reshape(-1, shape[-1]):
        n = rng.integers(0, shape[-1] + 1)
        row[:n] = rng.permutation(shape[-1])[:n]
        row[n : n + 1] = -1
    return lists, margins(rng, shape, kind)[1]


ROWS = {
    "multilabel_margin_loss": Row(
        function("multilabel_margin_loss"), label_lists, shapes=((1,), (4,), (1, 4), (19, 5))
    ),
    "multilabel_soft_margin_loss": Row(
        function_with_class_weight("multilabel_soft_margin_loss"),
        logits,
        ({}, {"class_weight": [0.5, 3.0, 0.0, 1.0]}),
        ((4,), (1, 4), (19, 4), (2, 3, 4)),
    ),
}
