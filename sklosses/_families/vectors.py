"""Losses of pairs and triplets of vectors that the caller passes, and of the norms of samples."""

import itertools
import math
from typing import Any

import numpy as np

from .._families.plan import BUFFER, Plan, find_kernel
from .._kernels import vectors
from .._validation import (
    check_samples,
    check_vectors,
    first_where,
    is_single,
    output_dtype,
    position_of,
    raise_changed,
    raise_outside,
)
from ..base import Loss


class VectorPlan(Plan):
    """A loss of each row, which depends on the distances between the vectors of the row."""

    __slots__ = ("label", "order", "params", "vectors")

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.params = params
        self.arrays = arrays
        # The driver numbers the arrays with a gradient first and the other one last.
        others = tuple(k for k in range(len(arrays)) if k not in loss._outputs)
        self.order = loss._outputs + others
        self.label = arrays[others[0]] if others and loss.is_labelled else None
        check_vectors(loss._input_names, arrays, labelled=self.label is not None)
        n_vectors = len(arrays) - (self.label is not None)
        self.vectors = tuple(arrays[k] for k in self.order[:n_vectors])
        self.shape = self.vectors[0].shape[:-1]
        self.size = self.vectors[0].size
        self.double = not all(is_single(array) for array in self.vectors)

    @property
    def values_dtype(self):
        return np.float64 if self.double else np.float32

    def check(self):
        for array, item in zip(self.arrays, self.loss.inputs, strict=True):
            self.check_elements(array, item)
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        total, bad = vectors.run(
            find_kernel(self.loss, vectors),
            self.params,
            self.loss.metric,
            self.vectors,
            self.double,
            label=self.label,
            label_domain=self.loss.inputs[0].domain.key,
            weight=weight,
            value=values,
            gradients=gradients,
            scale=scale,
            checked=self.checked,
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
        )
        if bad:
            for number, k in sorted(zip(self.order, range(len(self.order)), strict=True)):
                if bad >> k & 1:
                    self._raise_bad(self.arrays[number], self.loss.inputs[number])
        return total

    def _raise_bad(self, array, item):
        """Raise for the first element that the driver refuses."""
        raise_outside(array, item.name, item.domain)


class VectorLoss(Loss):
    """Base class of the losses of pairs and triplets of vectors.

    The differentiable inputs are the vectors. They have the same shape, with their components
    along the last axis. Before them there may be an input with a label for each row.
    """

    #: Name of the kernel in `_kernels/vectors.pyx`.
    kernel: Any = None
    #: Whether an input without a gradient has labels; otherwise it has vectors, too.
    is_labelled = True
    #: Name of the metric in that module, the eps in its definition, and the order p of
    #: "minkowski".
    metric = ("euclidean", 0.0, 2.0)
    plan_class = VectorPlan


class BoxPlan(VectorPlan):
    """A loss of pairs of boxes, whose second corners must not be below or left of the first."""

    __slots__ = ()

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, params)
        if arrays[0].shape[-1] != 4:
            raise ValueError(
                f"{loss._input_names[0]} must have shape (n_samples, 4), boxes x1, y1, x2, y2. "
                f"Got shape {arrays[0].shape} instead."
            )

    @property
    def values_dtype(self):
        return output_dtype(self.vectors[0])

    def check(self):
        # The driver compares the corners while it computes the loss.
        self.run(None, 1.0, None, (), ())
        self.checked = True

    def _raise_bad(self, array, item):
        if self.assume_finite or first_where(array, item.domain.outside) is None:
            _raise_inverted(array, item.name)
        super()._raise_bad(array, item)


def _raise_inverted(boxes, name):
    """Raise for the first box whose second corner is below or left of the first."""
    rows = boxes.reshape(-1, 4)
    wrong = np.flatnonzero((rows[:, 2:] < rows[:, :2]).any(axis=1))
    if not len(wrong):
        raise_changed(name)
    row = rows[wrong[0]].tolist()
    axis = "x" if row[2] < row[0] else "y"
    where = ""
    if boxes.ndim > 1:
        where = f" at index {position_of(wrong[0], boxes.shape[:-1], name)}"
    raise ValueError(
        f"Input {name} contains a box whose {axis}2 is less than its {axis}1: got {row}{where}. "
        "Only boxes x1, y1, x2, y2 with x1 <= x2 and y1 <= y2 are allowed."
    )


class BoxLoss(VectorLoss):
    """Base class of the losses of pairs of boxes, of which one has a gradient.

    The last axis has the coordinates x1, y1, x2, y2. The class attribute `metric` names one of the
    measures of overlap in `_kernels/vectors.pyx`.
    """

    kernel = "distance_itself"
    is_labelled = False
    plan_class = BoxPlan


class LengthPlan(VectorPlan):
    """A loss of the Euclidean norm of each sample, which may have any number of axes.

    The norm is computed as the distance from a vector of zeros, which is one number in memory with
    strides of 0.
    """

    __slots__ = ("is_scattered", "whole")

    def __init__(self, loss, arrays, params):
        (self.whole,) = arrays
        check_samples(self.whole, loss._input_names[0])
        rows = rows_of_samples(self.whole, self.whole)
        self.is_scattered = rows is None
        if rows is None:
            # Only for its shape.
            rows = np.broadcast_to(np.float64(0), (len(self.whole), self.whole[0].size))
        super().__init__(loss, (rows,), params)
        self.arrays = arrays
        self.double = not is_single(self.whole)

    def check(self):
        self.check_elements(self.whole, self.loss.inputs[0])
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        gradient = gradients[0] if gradients else None
        out = None if gradient is None else rows_of_samples(gradient, self.whole)
        if not self.is_scattered and (gradient is None or out is not None):
            return self._run_rows(
                rows_of_samples(self.whole, self.whole), weight, scale, values, out
            )
        # Samples whose elements do not have one stride are copied, a buffer at a time.
        n, total = max(1, BUFFER // self.whole[0].size), []
        for start in range(0, len(self.whole), n):
            part = slice(start, start + n)
            rows = self.whole[part].reshape(len(self.whole[part]), -1)
            out = None if gradient is None else np.empty(rows.shape, gradient.dtype)
            total.append(
                self._run_rows(
                    rows,
                    None if weight is None else weight[part],
                    scale,
                    None if values is None else values[part],
                    out,
                )
            )
            if gradient is not None and out is not None:
                gradient[part] = out.reshape(gradient[part].shape)
        return math.fsum(total)

    def _run_rows(self, rows, weight, scale, values, gradient):
        zeros = np.broadcast_to(rows.dtype.type(0), rows.shape)
        total, bad = vectors.run(
            find_kernel(self.loss, vectors),
            self.params,
            self.loss.metric,
            (rows, zeros),
            self.double,
            weight=weight,
            value=values,
            gradients=() if gradient is None else (gradient, None),
            scale=scale,
            checked=self.checked,
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
        )
        if bad:
            raise_outside(self.whole, self.loss.inputs[0].name, self.loss.inputs[0].domain)
        return total


class LengthLoss(VectorLoss):
    """Base class of the losses of the norm of each sample, which may have any number of axes."""

    plan_class = LengthPlan


def rows_of_samples(array, like):
    """A view of shape (n_samples, n), with the elements of a sample in the memory order of `like`.

    None if the elements of a sample do not have a single stride.
    """
    axes = sorted(range(1, array.ndim), key=lambda axis: -abs(like.strides[axis]))
    axes = [axis for axis in axes if array.shape[axis] > 1]
    for outer, inner in itertools.pairwise(axes):
        if array.strides[outer] != array.strides[inner] * array.shape[inner]:
            return None
    stride = array.strides[axes[-1]] if axes else array.itemsize
    return np.lib.stride_tricks.as_strided(
        array, (len(array), array[0].size), (array.strides[0], stride)
    )
