"""Losses of a batch: all pairs, or triplets, of its rows."""

import math

import numpy as np

from .._blas import one_blas_thread
from .._domains import REAL
from .._families.plan import Plan
from .._kernels import batch, pointwise
from .._validation import (
    check_batch,
    check_similarities,
    first_where,
    group_labels,
    is_single,
    output_dtype,
    raise_outside,
)
from ..base import Loss

# Float32 arithmetic leaves a cosine an error of some 3e-7. A loss whose exponents move by more
# than this for each unit of it is computed in float64, so that none is off by more than 1e-5.
_STEEPEST_IN_SINGLE = 32.0


class BatchPlan(Plan):
    """A loss of all pairs of the rows of a batch: of one array, or of one array with another."""

    __slots__ = ("first", "labels", "last", "mined", "order", "params", "sides")

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
        # A pair takes a product of d terms or two, at several of these in the time of an element.
        n, d = self.sides[0].shape
        return n * n * (4 + d // 4)

    def check(self):
        for k, side in zip(self.loss._outputs, self.sides, strict=False):
            self.check_elements(side, self.loss.inputs[k])
        self.checked = True

    def prepare(self, weight, weight_sum):
        self._group()
        counted = self.loss.counted
        if counted == "all":
            return float(self.shape[0]) if weight is None else weight_sum
        size = self.last - self.first
        if counted == "pairs":
            return float((size - 1).sum()) or 1.0  # the mean of no terms is 0
        mask = (size > 1) & (size < len(size)) if counted == "both" else size > 1
        if weight is None or not mask.any():
            return float(mask.sum()) or 1.0
        return float(weight[self.order][mask].sum(dtype=np.float64))

    def _group(self):
        """Sort the labels."""
        if self.labels is None:
            return
        item = self.loss.inputs[0]
        if not self.assume_finite and first_where(self.labels, item.domain.outside) is not None:
            raise_outside(self.labels, item.name, item.domain)
        self.order, self.first, self.last = group_labels(self.labels, item.name)

    @property
    def values_dtype(self):
        return np.result_type(*map(output_dtype, self.sides))

    def extra(self, name):
        return self.mined

    def _read(self, metric):
        """The rows of all sides as the kernels take them; None where one is not finite."""
        rows = [batch.rows_of(side, metric, self.double, self.order) for side in self.sides]
        if not self.double and self.loss.by_length:
            # The lengths are the steepness here.
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
        """Whether labels and precomputed similarities are numbers."""
        domain = self.loss.inputs[0].domain
        if self.labels is not None and first_where(self.labels, domain.outside) is not None:
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

    def _poison(self, values, gradients):
        """All pairs of a row that is no number are none, and every row has a pair with it."""
        for array in gradients if values is None else (values, *gradients):
            array.fill(np.nan)
        self.mined = (np.full(self.shape, np.nan),) * 2
        return math.nan

    def run(self, weight, scale, values, gradients, hessians):
        loss = self.loss
        precomputed = loss.metric == "precomputed"
        rows = self._read(loss.metric) if not precomputed else [None, None]
        if rows is None or not self._is_finite():
            return self._poison(values, gradients)
        if weight is not None or loss.share != 1:
            weight = np.full(self.shape, loss.share) if weight is None else loss.share * weight
            weight = np.ascontiguousarray(weight, np.float64)
        with one_blas_thread():
            losses, total, mined = batch.run(
                batch.KERNELS[loss.kernel],
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
                n_threads=self.n_threads,
            )
        if precomputed and mined and gradients:
            self._scatter(gradients[0], mined, weight, scale)
        if mined:
            self.mined = tuple(mined[0][kind].astype(self.values_dtype) for kind in (1, 0))
        if values is not None:
            with np.errstate(over="ignore"):
                values[...] = losses
        return total

    def _scatter(self, gradient, mined, weight, scale):
        """Write the derivatives with respect to precomputed similarities, most of which are 0."""
        # Where what is float64 is asked for in float32, it is rounded once.
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

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, params)
        self.double = True

    def prepare(self, weight, weight_sum):
        # The mean is over the terms that are not 0, whose number an evaluation tells: this is it,
        # and `run` only scales what it found.
        self._group()
        rows = self._read("distance")
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
                want_gradient=self.want_gradient,
                n_threads=self.n_threads,
            )
        return n_counted or 1.0

    def run(self, weight, scale, values, gradients, hessians):
        if self.total is None:
            return self._poison(values, gradients)
        for out in gradients:
            np.multiply(self.gradient, scale, out=self.gradient)
            with np.errstate(over="ignore", under="ignore"):
                out[self.order] = self.gradient
        return self.total


class BatchLoss(Loss):
    """Base class of the losses of a batch: all pairs of its rows.

    The inputs with a gradient are the rows, of one array or of two; before them there may be a
    label for each row. Each row is an anchor.
    """

    #: Name of the kernel in `_kernels/batch.pyx`.
    kernel = None
    #: What the pairs are compared by: "cosine", "dot", "distance" or "precomputed".
    metric = "cosine"
    #: Whether the rows of the second array are anchors as well.
    two_sided = True
    #: What counts in the mean: "all" anchors, those with a "positive", those with "both"
    #: positives and negatives, or positive "pairs".
    counted = "all"
    #: Factor of the loss of each anchor.
    share = 1.0
    #: Whether exponents grow with the length of a row.
    by_length = False
    plan_class = BatchPlan

    def _steepness(self, params):
        """The most that an exponent changes by for each unit of similarity."""
        return 0.0

    def _check_additive(self):
        raise ValueError(
            f"{type(self).__name__} compares all rows of a batch with one another, so the losses "
            "of parts do not add up to that of the whole."
        )


class TripletBatchLoss(BatchLoss):
    """Base class of the losses that average over pairs or triplets of a batch."""

    metric = "distance"
    reductions = ("mean", "sum")
    weighted = False
    plan_class = TripletPlan
