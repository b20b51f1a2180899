"""The sets of values that the elements of an input may have, as messages and kernels need them."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_MAX = np.finfo(np.float64).max


@dataclass(frozen=True)
class Domain:
    """The set of values that the elements of an input may have.

    Parameters
    ----------
    kind : {"interval", "pair", "index", "labels"}
        "interval": all values from `low` to `high`. "pair": only the two values `low` and `high`.
        "index": integers >= `low`. "labels": anything that can be sorted.
    low, high : float
    description : str
        The allowed values, for messages: "Only ... are allowed."
    closed : {"both", "left", "right", "neither"}, default="both"
        Which of the bounds of an interval belong to it.
    """

    kind: str
    low: float
    high: float
    description: str
    closed: str = "both"

    @property
    def open_low(self):
        """Whether `low` itself is outside."""
        return self.closed in ("right", "neither")

    @property
    def open_high(self):
        """Whether `high` itself is outside."""
        return self.closed in ("left", "neither")

    @cached_property
    def key(self):
        """The domain as the drivers take it."""
        return (self.kind, self.low, self.high, self.open_low, self.open_high)

    def outside(self, values):
        """Mask of the values that are not in the domain."""
        if self.kind == "labels":
            return _cannot_be_sorted(np.asarray(values))
        if self.kind == "pair":
            return (values != self.low) & (values != self.high)
        above = values > self.low if self.open_low else values >= self.low
        below = values < self.high if self.open_high else values <= self.high
        return np.logical_not(above & below)

    def up_to(self, high):
        """The interval from `low` to `high`, both included."""
        allowed = f"values in the range [{self.low:g}, {high:g}]"
        return Domain("interval", self.low, float(high), allowed)

    @property
    def bounded(self):
        """Whether all integers of the domain are so small that float32 holds them exactly."""
        return self.high <= 1


def is_missing(label):
    """Whether a Python object stands for a missing label: None, NaN, NaT or pandas' NA."""
    if label is None:
        return True
    try:
        # Nothing else differs from itself.
        return bool(label != label)
    except TypeError:  # whether NA differs from itself is NA, too
        return True


def _cannot_be_sorted(labels):
    """Mask of the labels that are missing or infinite, whatever their dtype."""
    if labels.dtype.kind in "fc":
        return ~np.isfinite(labels)
    if labels.dtype.kind in "mM":
        return np.isnat(labels)
    if labels.dtype.kind == "O":
        return np.fromiter(map(is_missing, labels.flat), bool, labels.size).reshape(labels.shape)
    return np.zeros(labels.shape, bool)


REAL = Domain("interval", -_MAX, _MAX, "finite values")
NONNEGATIVE = Domain("interval", 0.0, _MAX, "finite values >= 0")
POSITIVE = Domain("interval", 0.0, _MAX, "finite values > 0", closed="right")
ABOVE_MINUS_ONE = Domain("interval", -1.0, _MAX, "finite values > -1", closed="right")
UNIT = Domain("interval", 0.0, 1.0, "values in the range [0, 1]")
OPEN_UNIT = Domain("interval", 0.0, 1.0, "values in the range (0, 1)", closed="neither")
BINARY = Domain("pair", 0.0, 1.0, "the values 0 and 1")
SIGN = Domain("pair", -1.0, 1.0, "the values -1 and 1")
# The largest index depends on the number of classes: see `_validation.raise_label`.
CLASS_INDEX = Domain("index", 0.0, _MAX, "class indices")
# The highest position depends on the number of classes, too: see `Domain.up_to`.
CLASS_POSITION = Domain("interval", 0.0, _MAX, "finite values >= 0")
CLASS_LIST = Domain("index", -1.0, _MAX, "class indices and -1")
LABELS = Domain("labels", -_MAX, _MAX, "labels that are neither missing nor infinite")
# -inf is the logarithm of the probability 0. Positive values are allowed.
LOG_PROBABILITY = Domain("interval", -math.inf, _MAX, "finite values and -inf")


# The value that ends a list of class indices.
END_OF_LIST = -1
