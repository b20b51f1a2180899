"""Outputs of linear models whose loss compares samples with each other; see `_outputs.py`.

Rows are ranked in groups, or are at risk together. There is one output and no intercept, because a
constant that is added to all predictions of a group, or of a stratum, does not change the loss.
"""

import numpy as np

from ._outputs import Outputs, differentiate

# The curvature is estimated from this many groups or more.
_N_GROUPS = 100


class Compared(Outputs):
    """The output of a loss that compares samples with each other."""

    is_compared = True

    def derivatives(self, loss, targets, weight):
        """Derivatives of the mean, times the number of samples: their mean is that of its terms."""
        both = differentiate(loss, targets, self.prediction, reduction="mean")
        return tuple((len(item) * item)[:, np.newaxis] for item in both)


class Ranked(Compared):
    """A score by which the rows of a group are ranked. Targets are relevances and groups.

    Groups are integers from 0 on.
    """

    def __init__(self, targets, n_outputs, dtype):
        super().__init__(targets, n_outputs, dtype)
        self.members = targets[1]
        # A row of each group, in the order in which the loss takes their weights.
        self.first = np.unique(self.members, return_index=True)[1]

    def some_rows(self, step):
        step = min(step, len(self.first) // _N_GROUPS)
        if step < 2:
            return slice(None, None, 1)
        return np.flatnonzero(self.members % step == 0)

    def groups(self, loss):
        return self.members

    def evaluate(self, loss, targets, weight, n_threads):
        weight = weight if weight is None else weight[self.first]
        return super().evaluate(loss, targets, weight, n_threads)


class AtRisk(Compared):
    """The logarithm of a hazard. Targets are times and events."""

    def some_rows(self, step):
        return slice(None, None, 1)

    def groups(self, loss):
        """The strata. Losses of a sum whose strata differ share all samples only."""
        strata = [leaf.strata for leaf, _ in loss._leaves()]
        first = strata[0]
        if first is None or not all(
            item is first or np.array_equal(item, first) for item in strata
        ):
            return np.zeros(len(self.values), np.intp)
        return np.unique(first, return_inverse=True)[1].reshape(-1)
