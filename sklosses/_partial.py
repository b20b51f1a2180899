"""`PartialLoss`: the loss of one part of a data set."""

import math

from sklearn.exceptions import UndefinedMetricWarning

from ._warnings import warn

__all__ = ["PartialLoss"]


class PartialLoss:
    """The loss of one part of a data set; the parts add up to the loss of the whole.

    `Loss.partial` returns objects of this class. They are small and can be pickled, so that a loss
    can be reduced over several processes, machines or files.

    Parameters
    ----------
    total : float
        Sum of the weighted losses of the part.
    weight : float
        The denominator: the sum of the weights, or the number of samples for "batchmean".
    reduction : {"mean", "sum", "batchmean"}, default="mean"
        The reduction that `value` applies.

    Attributes
    ----------
    value : float
        The loss of all parts added so far.

    See Also
    --------
    Loss.partial : Compute the loss of one part.

    Examples
    --------
    >>> from sklosses import MSELoss
    >>> loss = MSELoss()
    >>> parts = [loss.partial([0.0, 1.0], [1.0, 1.0]), loss.partial([2.0], [4.0])]
    >>> round(sum(parts).value, 4)
    1.6667
    """

    __slots__ = ("reduction", "total", "weight")

    def __init__(self, total, weight, *, reduction="mean"):
        self.total = total
        self.weight = weight
        self.reduction = reduction

    @property
    def value(self):
        """The loss of all parts added so far."""
        if self.reduction == "sum":
            return self.total
        if self.weight == 0:
            warn(
                "The mean of the partial losses is undefined: the total weight is zero.",
                UndefinedMetricWarning,
            )
            return math.nan
        return self.total / self.weight

    def __add__(self, other):
        if isinstance(other, (int, float)) and other == 0:
            return self  # the start value of sum()
        if not isinstance(other, PartialLoss):
            return NotImplemented
        if self.reduction != other.reduction:
            raise ValueError(
                "Partial losses of different reductions cannot be added. "
                f"Got {self.reduction!r} and {other.reduction!r}."
            )
        return PartialLoss(
            self.total + other.total, self.weight + other.weight, reduction=self.reduction
        )

    __radd__ = __add__

    def __repr__(self):
        return (
            f"PartialLoss(total={self.total!r}, weight={self.weight!r}, "
            f"reduction={self.reduction!r})"
        )
