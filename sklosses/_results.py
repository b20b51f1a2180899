"""The results of an evaluation, and the arrays that it writes to."""

import numpy as np


class Result:
    """The results of one evaluation."""

    __slots__ = ("gradients", "hessians", "plan", "value", "weight")

    def __init__(self, value, gradients, hessians, weight, plan):
        self.value = value
        self.gradients = gradients
        self.hessians = hessians
        self.weight = weight
        self.plan = plan

    @property
    def gradient(self):
        """The gradient, or a tuple of gradients."""
        return self.gradients[0] if len(self.gradients) == 1 else self.gradients

    @property
    def hessian(self):
        """The diagonal of the Hessian, or a tuple of diagonals."""
        return self.hessians[0] if len(self.hessians) == 1 else self.hessians


def new_output(like, dtype, shape=()):
    """Allocate a result: like `like` in shape and memory order, or of `shape` in C order."""
    if like is None:
        return np.empty(shape, dtype)
    return np.empty_like(like, dtype=dtype, subok=False)
