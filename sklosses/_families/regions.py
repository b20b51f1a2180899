"""Losses of regions: of all pixels of a sample, or of all samples, that belong to a class."""

import math

import numpy as np

from .._description import by_parameters
from .._families.plan import NOT_IN_SINGLE, Plan
from .._kernels import regions
from .._validation import (
    check_samples,
    exact_in_single,
    is_single,
    output_dtype,
    raise_outside,
    raise_shapes,
    raise_target_shape,
)
from ..base import Loss


class RegionPlan(Plan):
    """What the losses of regions share: shapes, checks, and views for the drivers.

    The C order of the views is that of groups, classes and pixels. A group is a sample or, if the
    loss is of all samples together, all of them.
    """

    __slots__ = ("labelled", "n_classes", "n_groups", "order", "params", "prediction", "target")

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.params = params
        self.arrays = arrays
        self.target, self.prediction = arrays
        shape = self.prediction.shape
        has_classes = bool(loss.targets)
        check_samples(self.prediction, loss.inputs[1].name, has_classes)
        rows = shape[:1] + shape[2:] if has_classes else shape
        forms = loss.targets
        if "dense" in forms and shape[1] == 1 and self.target.dtype.kind not in "iu":
            # Masks of the only class that lack its axis would pass for class indices: 0 for all of
            # it, where they mean nothing of it. Only integers can be indices.
            forms = ("dense",)
        self.labelled = "index" in forms and self.target.shape == rows
        if not self.labelled and (self.target.shape != shape or forms == ("index",)):
            if not has_classes:
                raise_shapes(loss._input_names, arrays)
            raise_target_shape(loss._input_names, arrays, rows, forms)
        self.size = self.prediction.size
        self.n_classes = shape[1] if has_classes else 1
        self._group()
        self.n_groups = math.prod(self.shape) // self._per_group()

    def _group(self):
        """Set `shape`, the `order` of the axes for the driver, and `double`."""
        raise NotImplementedError

    def _per_group(self):
        """Number of terms of a group."""
        raise NotImplementedError

    @property
    def values_dtype(self):
        return output_dtype(self.prediction)

    def prepare(self, weight, weight_sum):
        if self.labelled:
            self.sum_labels(self.target, self.n_classes, None)
        return super().prepare(weight, weight_sum)

    def check(self):
        self.check_elements(self.prediction, self.loss.inputs[1])
        if not self.labelled:
            self.check_elements(self.target, self.loss.inputs[0])
        self.checked = True

    def _arguments(self, weight, values, gradients):
        """The arguments that both drivers begin with."""
        target = self.target
        if self.labelled:
            # Class indices are the same for all classes.
            target = np.broadcast_to(np.expand_dims(target, 1), self.prediction.shape)
        return (
            self.prediction.transpose(self.order),
            target.transpose(self.order),
            self.labelled,
            gradients[0].transpose(self.order) if gradients else None,
            self.n_groups,
            self.n_classes,
            self.shape,
            weight,
            values,
        )

    def _domains(self):
        """Those of the values that are still to be checked, the predictions first."""
        return () if self.checked else tuple(item.domain.key for item in self.loss.inputs[::-1])

    def _raise_outside(self, bad):
        """Raise for the arrays in which the driver found values outside the domain."""
        for k in (1, 0):
            if bad >> (1 - k) & 1:
                item = self.loss.inputs[k]
                raise_outside(self.arrays[k], item.name, item.domain)


class OverlapPlan(RegionPlan):
    """A loss of the overlap of two masks, for each sample and class, or for each class."""

    __slots__ = ()

    can_check_first = True

    def _group(self):
        prediction, target = self.prediction, self.target
        shape, strides = prediction.shape, prediction.strides
        batch = self.loss.batch
        self.shape = shape[1:2] if batch else shape[:2]
        pixels = [axis for axis in range(len(shape)) if axis > 1 or (batch and axis == 0)]
        # Sums may be in any order: that of the memory is the fastest.
        pixels.sort(key=lambda axis: -abs(strides[axis]))
        self.order = (1, *pixels) if batch else (0, 1, *pixels)
        self.double = not is_single(prediction) or self.n_classes >= NOT_IN_SINGLE
        if not self.labelled and not exact_in_single(target, self.loss.inputs[0].domain):
            self.double = True

    def _per_group(self):
        return self.n_classes

    def run(self, weight, scale, values, gradients, hessians):
        total, bad = regions.run_overlap(
            self.params,
            self.loss.activation,
            self.loss.squared,
            *self._arguments(weight, values, gradients),
            scale,
            self.double,
            self._domains(),
            self.assume_finite,
            self.check_first,
            self.n_threads,
        )
        if bad:
            self._raise_outside(bad)
        return total


class SortedPlan(RegionPlan):
    """The Lovász extension of the Jaccard loss, which sorts the errors of each image.

    It is computed in float64, in which float32 predictions have the same order and the same ties.
    """

    __slots__ = ()

    def _group(self):
        # Equal errors are in the order of the pixels, which is not to depend on the memory.
        first_pixel = 2 if self.loss.targets else 1
        self.double = True
        if self.prediction.ndim == first_pixel:
            # A single image: its pixels are along the first axis.
            self.shape = ()
            self.order = tuple(range(self.prediction.ndim))[::-1]
        else:
            self.shape = self.prediction.shape[:1]
            self.order = tuple(range(self.prediction.ndim))

    def _per_group(self):
        return 1

    def run(self, weight, scale, values, gradients, hessians):
        total, bad = regions.run_sorted(
            *self._arguments(weight, values, gradients),
            scale,
            self._domains(),
            self.assume_finite,
            self.n_threads,
        )
        if bad:
            self._raise_outside(bad)
        return total


class RegionLoss(Loss):
    """Base class of the losses of regions.

    The arrays are a target and predictions, with the samples along the first axis, the classes
    along the second and the pixels along all others.
    """

    #: Forms that targets may have: "index" (a class index for each pixel), "dense" (a number for
    #: each pixel and class). Empty if the predictions have no class axis and the target has their
    #: shape.
    targets: tuple[str, ...] = ("index", "dense")


class OverlapLoss(RegionLoss):
    """Base class of the losses of the overlap of two masks.

    They have the parameters `activation` and `batch`, and no kernel: they are one formula, whose
    parameters alpha, beta, smooth and gamma are those of the kernel (`settle` in
    `_kernels/regions.pyx`).
    """

    plan_class = OverlapPlan
    # Parameters of some of the losses.
    squared = False
    activation: str | None = None
    batch = False

    @by_parameters
    def weighted(self):
        """Whether samples may have weights: unless their sums are added."""
        return not self.batch

    def _check_additive(self):
        if self.batch:
            raise ValueError(
                f"{type(self).__name__} with batch=True divides sums over all samples, so the "
                "losses of parts do not add up."
            )


class SortedLoss(RegionLoss):
    """Base class of the Lovász extensions of the Jaccard loss."""

    plan_class = SortedPlan
