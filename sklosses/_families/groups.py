"""Losses of groups of rows: rows that are ranked together, or that are at risk together."""

import math
from typing import Any

import numpy as np

from .._domains import BINARY, LABELS
from .._families.plan import Plan, find_kernel
from .._families.sorting import first_unsortable, keys_of_numbers, sort_groups
from .._kernels import groups, pointwise
from .._validation import (
    as_labels,
    assume_finite,
    exact_in_single,
    is_single,
    output_dtype,
    raise_changed,
    raise_labels_shape,
    raise_outside,
    raise_shapes,
)
from ..base import Loss


def _check_rows(names, arrays):
    """Check that all arrays have the same shape (n_samples,)."""
    if any(array.shape != arrays[0].shape for array in arrays):
        raise_shapes(names, arrays)
    if arrays[0].ndim != 1:
        raise ValueError(
            f"{names[0]} must have shape (n_samples,). Got shape {arrays[0].shape} instead."
        )


class GroupPlan(Plan):
    """A loss of the scores of rows that are ranked in groups."""

    __slots__ = ("cut", "efron", "inputs", "items", "marks", "order", "starts")

    order: Any
    starts: Any

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        self.inputs, self.items = arrays[:2], loss.inputs[:2]
        self.cut, self.efron, self.marks = (*params, math.inf)[0], False, None
        labels, item = arrays[2], loss.inputs[2]
        if labels.shape != arrays[0].shape == arrays[1].shape and arrays[0].ndim == 1:
            raise_labels_shape(item.name, labels, arrays[0].size)
        _check_rows([item.name for item in loss.inputs], arrays)
        if not assume_finite() and first_unsortable(labels) is not None:
            raise_outside(labels, item.name, item.domain)
        self.order, self.starts = sort_groups(labels, item.name)
        self.shape = (len(self.starts) - 1,)
        self.size = arrays[1].size
        self.double = loss.in_double or not (
            is_single(arrays[1]) and exact_in_single(arrays[0], loss.inputs[0].domain)
        )

    @property
    def work(self):
        if not self.loss.of_pairs:
            return 4 * self.size
        # All pairs are compared, and about half of them enter the loss.
        sizes = np.diff(self.starts).astype(float)
        return int(min(2 * self.size + sizes @ sizes, 1e15))

    @property
    def values_dtype(self):
        return output_dtype(self.arrays[self.loss._outputs[0]])

    def check(self):
        for array, item in zip(self.inputs, self.items, strict=True):
            self.check_elements(array, item)
        self.checked = True

    def _is_sortable(self):
        """Whether no label is NaN, which only `assume_finite` lets pass."""
        return not self.assume_finite or first_unsortable(self.arrays[2]) is None

    def _sorted_rows(self):
        """The rows in the order that the kernel takes; None if it is that of the arrays."""
        if not self.loss.sorts:
            return self.order
        # Equal ones stay in order.
        order = groups.sort_rows(keys_of_numbers(self.inputs[0], highest_first=True))
        if len(self.starts) > 2:
            order = groups.sort_rows(self._group_numbers(), order)
        return order

    def _group_numbers(self):
        """The number of the group of each row."""
        n_groups = len(self.starts) - 1
        numbers = np.repeat(np.arange(n_groups, dtype=np.uint64), np.diff(self.starts))
        if self.order is None:
            return numbers
        result = np.empty_like(numbers)
        result[self.order] = numbers
        return result

    def run(self, weight, scale, values, gradients, hessians):
        if not self._is_sortable():
            for out in (values, *gradients, *hessians):
                if out is not None:
                    out.fill(np.nan)
            return math.nan
        order = self._sorted_rows()
        losses, total, bad = groups.run(
            find_kernel(self.loss, groups),
            tuple(self.inputs),
            order,
            self.starts,
            marks=self.marks,
            domains=tuple(item.domain.key for item in self.items),
            cut=self.cut,
            efron=self.efron,
            weight=None if weight is None else np.ascontiguousarray(weight, np.float64),
            gradient=gradients[0] if gradients else None,
            hessian=hessians[0] if hessians else None,
            scale=scale,
            double_=self.double,
            assume_finite=self.assume_finite,
            checked=self.checked,
            n_threads=self.n_threads,
        )
        if bad:
            self.check()
            raise_changed(self.items[0].name)
        if values is not None:
            with np.errstate(over="ignore"):
                values[...] = losses
        return total


class RiskPlan(GroupPlan):
    """A partial likelihood: sums over the rows at risk at the time of each event."""

    __slots__ = ("n_events",)

    why_undefined = "there is no event"
    n_events: float

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        # Times and events decide about the order of the rows, so the kernels need no more of them.
        self.inputs, self.items = arrays[2:], loss.inputs[2:]
        self.cut, self.efron, self.marks = math.inf, loss.ties == "efron", None
        _check_rows([item.name for item in loss.inputs], arrays)
        self.size = arrays[0].size
        self.order, self.starts = None, np.array([0, self.size], np.intp)
        if loss.strata is not None:
            self._read_strata(loss.strata)
        self.shape = ()
        self.double = True

    def _read_strata(self, strata):
        name = "strata"
        labels = as_labels(strata, name)
        if len(labels) != self.size:
            raise ValueError(
                f"The 'strata' parameter of {type(self.loss).__name__} must have shape "
                f"({self.size},), one stratum for each sample. Got shape {labels.shape} instead."
            )
        if first_unsortable(labels) is not None:
            raise_outside(labels, name, LABELS)
        self.order, self.starts = sort_groups(labels, name)

    def prepare(self, weight, weight_sum):
        """Return the number of events, over which the mean is."""
        self.check_elements(self.arrays[0], self.loss.inputs[0])
        event = self.arrays[1]
        self.n_events, bad = pointwise.run(
            pointwise.KERNELS["identity"],
            event.shape,
            (),
            (event,),
            (BINARY.key,),
            True,
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
        )
        if bad:
            raise_outside(event, self.loss.inputs[1].name, BINARY)
        return self.n_events

    def _is_sortable(self):
        return True

    def _sorted_rows(self):
        times, event = self.arrays[:2]
        numbers = self._group_numbers() if len(self.starts) > 2 else None
        unknown = None
        if self.assume_finite:
            unknown = ~(np.isfinite(times) & np.isfinite(event))
        order, self.marks = groups.sort_times(keys_of_numbers(times), event != 0, numbers, unknown)
        return order


class GroupLoss(Loss):
    """Base class of the losses of rows that are ranked in groups.

    The inputs are relevances, scores and the group of each row. Each group has one loss.
    """

    #: Name of the kernel in `_kernels/groups.pyx`.
    kernel = None
    #: Whether the loss is a sum over pairs of rows.
    of_pairs = False
    #: Whether the kernel takes the rows of a group in the order of the first input, the highest
    #: first.
    sorts = False
    #: Whether the kernel computes in float64 whatever the dtype of the scores.
    in_double = False
    weight_shape = "(n_groups,), in the order of ``numpy.unique(groups)``"
    weight_of = "group"
    plan_class = GroupPlan


class RiskLoss(GroupLoss):
    """Base class of the partial likelihoods of times, events and predictions."""

    in_double = True
    reductions = ("mean", "sum")
    weighted = False
    plan_class = RiskPlan

    def _check_additive(self):
        raise ValueError(
            f"{type(self).__name__} compares all samples with one another, so the losses of parts "
            "do not add up to that of the whole."
        )
