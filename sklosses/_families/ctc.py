"""Losses of sequences of predictions against sequences of labels."""

import numpy as np

from .._families.plan import Plan
from .._kernels import ctc
from .._validation import (
    check_blank,
    check_lengths,
    is_single,
    output_dtype,
    raise_outside,
    raise_sequence,
)
from ..base import Loss


class CTCPlan(Plan):
    """A loss of sequences of log-probabilities against sequences of labels."""

    __slots__ = (
        "blank",
        "log_probs",
        "offsets",
        "target_lengths",
        "targets",
        "times",
    )

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        targets, log_probs, input_lengths, target_lengths = arrays
        if log_probs.ndim not in (2, 3):
            raise ValueError(
                "log_probs must have shape (n_times, n_sequences, n_classes) or "
                f"(n_times, n_classes). Got {log_probs.shape} instead."
            )
        self.shape = log_probs.shape[1:-1]
        self.size = log_probs.size
        self.double = not is_single(log_probs)
        self.log_probs = self._three_axes(log_probs)
        n_times, n_sequences, n_classes = self.log_probs.shape
        self.blank = check_blank(loss.blank, type(loss).__name__, n_classes)
        self.times = check_lengths(input_lengths, "input_lengths", self.shape, n_times)
        self.targets = targets
        if targets.ndim != 1 and (targets.ndim != 2 or targets.shape[0] != n_sequences):
            raise ValueError(
                f"targets must have shape ({n_sequences}, n), one row for each sequence, or (n,). "
                f"Got {targets.shape} instead."
            )
        self.target_lengths = check_lengths(
            target_lengths, "target_lengths", self.shape, targets.shape[-1]
        )
        # Where the labels of each sequence begin if all are concatenated.
        ends = np.cumsum(self.target_lengths)
        self.offsets = ends - self.target_lengths
        if targets.ndim == 1 and len(targets) != ends[-1]:
            raise ValueError(
                f"targets must have shape ({ends[-1]},), the sum of target_lengths, or "
                f"({n_sequences}, n), one row for each sequence. Got {targets.shape} instead."
            )

    @property
    def work(self):
        # There are 2 * length + 1 states at each time, each as costly as four elements of a cheap
        # elementwise loss.
        return self.size + 8 * int(self.times @ (self.target_lengths + 1))

    @property
    def n_added(self):
        return len(self.log_probs)

    @property
    def values_dtype(self):
        return output_dtype(self.log_probs)

    @staticmethod
    def _three_axes(array):
        """Insert the axis of sequences if it is missing."""
        return array if array.ndim == 3 else array[:, None, :]

    def check(self):
        self.check_elements(self.arrays[1], self.loss.inputs[1])
        self.checked = True

    def prepare(self, weight, weight_sum):
        targets = self.targets
        n_classes = self.log_probs.shape[2]
        # The driver reads int64, so fractions and larger numbers are detected here.
        beyond = targets.dtype.kind == "f" or targets.dtype == np.uint64
        if beyond or not ctc.check_targets(
            targets, self.target_lengths, self.offsets, n_classes, self.blank
        ):
            raise_sequence(targets, "targets", self.target_lengths, n_classes, self.blank)
        return super().prepare(weight, weight_sum)

    def run(self, weight, scale, values, gradients, hessians):
        losses, total, bad = ctc.run(
            self.targets,
            self.log_probs,
            self.times,
            self.target_lengths,
            self.offsets,
            self.blank,
            weight=None if weight is None else np.array(weight, np.float64, ndmin=1),
            gradient=self._three_axes(gradients[0]) if gradients else None,
            scale=scale,
            zero_infinity=self.loss.zero_infinity,
            by_length=self.reduction == "mean",
            assume_finite=self.assume_finite,
            checked=self.checked,
            n_threads=self.n_threads,
        )
        if bad:
            raise_outside(self.arrays[1], "log_probs", self.loss.inputs[1].domain)
        if values is not None:
            with np.errstate(over="ignore"):
                values[...] = losses.reshape(self.shape)
        return total


class SequenceLoss(Loss):
    """Base class of the losses of sequences whose alignment with their targets is unknown."""

    plan_class = CTCPlan
