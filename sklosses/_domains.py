"""The sets of values that inputs may have."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_MAX = np.finfo(np.float64).max


@dataclass(frozen=True)
class Domain:
    """The set of values that an input may have, as the kernels check it.

    Parameters
    ----------
    kind : {"interval", "pair", "index", "labels"}
        Every value from `low` to `high`, these two alone, integers from `low` on, or anything
        that can be sorted.
    low, high : float
    description : str
        What is allowed, for messages: "Only ... are allowed."
    closed : {"both", "left", "right", "neither"}, default="both"
        Which of the limits of an interval belong to it.
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
        """What the drivers take."""
        return (self.kind, self.low, self.high, self.open_low, self.open_high)

    def outside(self, values):
        """Mask of the values that are not in the domain."""
        if self.kind == "labels":
            values = np.asarray(values)
            return (
                ~np.isfinite(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
            )
        if self.kind == "pair":
            return (values != self.low) & (values != self.high)
        above = values > self.low if self.open_low else values >= self.low
        below = values < self.high if self.open_high else values <= self.high
        return np.logical_not(above & below)

    @property
    def bounded(self):
        """Whether integers of the domain are exact in float32."""
        return self.high <= 1


REAL = Domain("interval", -_MAX, _MAX, "finite values")
NONNEGATIVE = Domain("interval", 0.0, _MAX, "finite values >= 0")
POSITIVE = Domain("interval", 0.0, _MAX, "finite values > 0", closed="right")
UNIT = Domain("interval", 0.0, 1.0, "values in the range [0, 1]")
OPEN_UNIT = Domain("interval", 0.0, 1.0, "values in the range (0, 1)", closed="neither")
BINARY = Domain("pair", 0.0, 1.0, "the values 0 and 1")
SIGN = Domain("pair", -1.0, 1.0, "the values -1 and 1")
# Their limits depend on the number of classes: see `raise_label`.
CLASS_INDEX = Domain("index", 0.0, _MAX, "class indices")
CLASS_LIST = Domain("index", -1.0, _MAX, "class indices and -1")
LABELS = Domain("labels", -_MAX, _MAX, "labels that can be sorted, no NaN or infinity,")
# The logarithm of a probability of 0 is one of them; of their sign nothing is asked.
LOG_PROBABILITY = Domain("interval", -math.inf, _MAX, "finite values and -inf")


# What ends a list of class indices.
END_OF_LIST = -1
