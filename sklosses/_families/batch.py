"""Losses of all pairs or triplets of the rows of a batch."""

import math
from typing import Any

import numpy as np

from .._blas import one_blas_thread
from .._domains import REAL
from .._families.plan import Plan, find_kernel
from .._families.sorting import first_unsortable, sort_groups
from .._kernels import batch, pointwise
from .._validation import (
    check_batch,
    check_similarities,
    is_single,
    output_dtype,
    raise_outside,
)
from ..base import Loss

# In float32 arithmetic a cosine has an error of about 3e-7. If the exponents of a loss change by
# more than this for each unit of similarity, it is computed in float64. So the error of an exponent
# stays below 1e-5.
_STEEPEST_IN_SINGLE = 32.0


def group_labels(labels, name):
    """Sort rows by label and find the bounds of each group of equal labels.

    Returns
    -------
    order : intp ndarray of shape (n_samples,)
        Indices that sort the rows by label. Rows of the same label stay in order.
    first, last : intp ndarray of shape (n_samples,)
        For each sorted row, the slice ``first:last`` of the sorted rows with its label.
    """
    order, starts = sort_groups(labels, name)
    sizes = starts[1:] - starts[:-1]
    first, last = starts[:-1].repeat(sizes), starts[1:].repeat(sizes)
    return np.arange(len(labels)) if order is None else order, first, last


class BatchPlan(Plan):
    """A loss of all pairs of rows, either within one array or between two arrays."""

    __slots__ = (
        "first",
        "labels",
        "last",
        "mined",
        "order",
        "parameter_gradient",
        "params",
        "sides",
    )

    first: Any
    last: Any
    order: Any

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.params = params
        self.arrays = arrays
        self.sides = loss._differentiable(arrays)
        names = [loss._input_names[k] for k in loss._outputs]
        self.labels = arrays[0] if loss.inputs[0].domain.kind == "labels" else None
        self.order = self.first = self.last = None
        if loss.metric == "precomputed":
            check_similarities(self.sides[0], names[0])
        else:
            check_batch(names[: len(self.sides)], self.sides, self.labels)
        self.shape = self.sides[0].shape[:1]
        self.size = sum(side.size for side in self.sides)
        steep = loss._steepness(params) > _STEEPEST_IN_SINGLE
        self.double = steep or not all(map(is_single, self.sides))

    @property
    def work(self):
        # A pair takes one or two products of d terms, several of which cost as much as an element.
        n, d = self.sides[0].shape
        return n * n * (4 + d // 4)

    def check(self):
        for k, side in zip(self.loss._outputs, self.sides, strict=False):
            self.check_elements(side, self.loss.inputs[k])
        self.checked = True

    def prepare(self, weight, weight_sum):
        self._sort_labels()
        counted = self.loss.counted
        if counted == "all":
            return super().prepare(weight, weight_sum)
        size = self.last - self.first
        if counted == "pairs":
            return float((size - 1).sum()) or 1.0  # so that the mean of no terms is 0
        mask = (size > 1) & (size < len(size)) if counted == "both" else size > 1
        if weight is None or not mask.any():
            return float(mask.sum()) or 1.0
        return float(weight[self.order][mask].sum(dtype=np.float64))

    def _sort_labels(self):
        """Check the labels, and set the order of the rows sorted by label."""
        if self.labels is None:
            return
        item = self.loss.inputs[0]
        if not self.assume_finite and first_unsortable(self.labels) is not None:
            raise_outside(self.labels, item.name, item.domain)
        self.order, self.first, self.last = group_labels(self.labels, item.name)

    @property
    def values_dtype(self):
        return np.result_type(*map(output_dtype, self.sides))

    def extra(self, name):
        if name == "return_distances":
            with np.errstate(over="ignore"):
                return tuple(each.astype(self.values_dtype) for each in self.mined)
        return (self.parameter_gradient,)

    def _read(self, metric):
        """The rows of all sides as the kernels take them; None if a value is not finite."""
        rows = [batch.rows_of(side, metric, self.double, self.order) for side in self.sides]
        if not self.double and self.loss.by_length:
            # Here the steepness is the norm of a row.
            self.double = max(side.norm.max() for side in rows) > _STEEPEST_IN_SINGLE
            if self.double:
                return self._read(metric)
        for k, side, array in zip(self.loss._outputs, rows, self.sides, strict=True):
            if not side.finite:
                if not self.assume_finite:
                    item = self.loss.inputs[k]
                    raise_outside(array, item.name, item.domain)
                return None
        return rows

    def _is_finite(self):
        """Whether the labels, and precomputed similarities, are all finite."""
        # Unless finite values are assumed, `prepare` has refused all other labels.
        labels = self.labels if self.assume_finite else None
        if labels is not None and first_unsortable(labels) is not None:
            return False
        if self.loss.metric != "precomputed":
            return True
        side = self.sides[0]
        _, bad = pointwise.run(
            None, side.shape, (), (side,), (REAL.key,), self.double, n_threads=self.n_threads
        )
        if bad and not self.assume_finite:
            raise_outside(side, self.loss.inputs[0].name, REAL)
        return not bad

    def _fill_with_nan(self, values, gradients):
        """Fill the outputs with NaN: each row forms a pair with the row that is not finite."""
        for array in gradients if values is None else (values, *gradients):
            array.fill(np.nan)
        self.mined = (np.full(self.shape, np.nan),) * 2
        if "return_parameter_gradient" in self.switches:
            slopes = [(np.full(self.shape, np.nan), math.nan)] * len(self.params)
            self._keep_slopes(slopes, values, 1.0)
        return math.nan

    def _keep_slopes(self, slopes, values, scale):
        """Set `parameter_gradient`: of the value or, if that is an array, of each element."""
        with np.errstate(over="ignore", under="ignore"):
            gradient = self.loss._parameter_gradient(
                self.params,
                [scale * total if values is None else each for each, total in slopes],
            )
            if values is not None:
                gradient = {key: each.astype(values.dtype) for key, each in gradient.items()}
        self.parameter_gradient = gradient

    def run(self, weight, scale, values, gradients, hessians):
        loss = self.loss
        precomputed = loss.metric == "precomputed"
        rows = self._read(loss.metric) if not precomputed else [None, None]
        if rows is None or not self._is_finite():
            return self._fill_with_nan(values, gradients)
        if weight is not None or loss.share != 1:
            weight = np.full(self.shape, loss.share) if weight is None else loss.share * weight
            weight = np.ascontiguousarray(weight, np.float64)
        kernel = find_kernel(loss, batch)
        with one_blas_thread():
            losses, total, mined, slopes = batch.run(
                kernel,
                self.params,
                *rows,
                precomputed=self.sides[0] if precomputed else None,
                metric=loss.metric,
                double_=self.double,
                two_sided=loss.two_sided,
                order=self.order,
                first=self.first,
                last=self.last,
                weight=weight,
                gradients=gradients,
                scale=scale,
                want_parameters="return_parameter_gradient" in self.switches,
                n_threads=self.n_threads,
            )
        if slopes:
            self._keep_slopes(slopes, values, scale)
        if precomputed and mined and gradients:
            self._scatter(gradients[0], mined, weight, scale)
        if mined:
            self.mined = mined[0][1], mined[0][0]
        if values is not None:
            with np.errstate(over="ignore"):
                values[...] = losses
        return total

    def _scatter(self, gradient, mined, weight, scale):
        """Write the gradient with respect to precomputed similarities, nonzero for a few pairs."""
        # A float64 gradient that is written as float32 is rounded once.
        total = gradient
        if gradient.dtype != output_dtype(self.sides[0]):
            total = np.empty(gradient.shape)
        total[...] = 0
        for side, (_, _, at) in enumerate(mined):
            anchors = np.flatnonzero(at >= 0)
            slope = np.full(len(anchors), scale) if weight is None else scale * weight[anchors]
            pairs = (anchors, at[anchors])
            np.add.at(total, pairs[::-1] if side else pairs, slope)
            np.add.at(total, (anchors, anchors), -slope)
        if total is not gradient:
            with np.errstate(over="ignore", under="ignore"):
                gradient[...] = total


class TripletPlan(BatchPlan):
    """A loss of all triplets of a batch, in float64."""

    __slots__ = ("gradient", "total")

    gradient: Any

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, params)
        self.double = True

    def prepare(self, weight, weight_sum):
        # The denominator of the mean may be the number of terms > 0, which is known only after the
        # evaluation. So the loss is evaluated here, and `run` only scales the results.
        self._sort_labels()
        rows = self._read(self.loss.metric)
        if rows is None or not self._is_finite():
            self.total = self.gradient = None
            return 1.0
        with one_blas_thread():
            self.total, n_counted, self.gradient = batch.run_triplets(
                self.loss.kernel,
                *self.params,
                *rows,
                self.order,
                self.first,
                self.last,
                metric=self.loss.metric,
                want_gradient=self.want_gradient,
                n_threads=self.n_threads,
            )
        return n_counted or 1.0

    def run(self, weight, scale, values, gradients, hessians):
        if self.total is None:
            return self._fill_with_nan(values, gradients)
        for out in gradients:
            np.multiply(self.gradient, scale, out=self.gradient)
            with np.errstate(over="ignore", under="ignore"):
                out[self.order] = self.gradient
        return self.total


class BatchLoss(Loss):
    """Base class of the losses of all pairs of the rows of a batch.

    The differentiable inputs are the rows, in one array or two. Before them there may be an input
    with a label for each row. Each row is an anchor.
    """

    #: Name of the kernel in `_kernels/batch.pyx`.
    kernel = None
    #: How pairs are compared: by a similarity, "cosine", "dot" or "precomputed", or by a distance,
    #: "euclidean", "sqeuclidean" or "cosine_distance".
    metric = "cosine"
    #: Whether the rows of the second array are anchors as well.
    two_sided = True
    #: Which terms the mean is over: "all" anchors, anchors with a "positive", anchors with "both"
    #: positives and negatives, or positive "pairs".
    counted = "all"
    #: Factor of the loss of an anchor.
    share = 1.0
    #: Whether exponents grow with the norm of a row.
    by_length = False
    plan_class = BatchPlan

    def _steepness(self, params):
        """Largest change of an exponent for each unit of similarity."""
        return 0.0

    def _parameter_gradient(self, params, slopes):
        """Derivatives with respect to parameters of the loss, by name, from those of the kernel.

        Declared by losses with the switch "return_parameter_gradient".
        """
        raise NotImplementedError

    def _check_additive(self):
        raise ValueError(
            f"{type(self).__name__} compares all rows of a batch with one another, so the losses "
            "of parts do not add up to that of the whole."
        )


class TripletBatchLoss(BatchLoss):
    """Base class of the losses that average over pairs or triplets of a batch.

    `metric` is a distance.
    """

    metric = "euclidean"
    reductions = ("mean", "sum")
    weighted = False
    plan_class = TripletPlan
