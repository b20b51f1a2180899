"""Losses of one prediction for each sample and thresholds between the classes."""

import numpy as np

from .._families.plan import NOT_IN_SINGLE, Plan, find_kernel
from .._kernels import pointwise
from .._validation import (
    SINGLE,
    check_thresholds,
    output_dtype,
    raise_outside,
    raise_shapes,
)
from ..base import Loss


class ThresholdPlan(Plan):
    """A loss of class indices, a prediction for each of them, and thresholds.

    The driver looks up the thresholds on both sides of the class of each sample, and sums the
    derivatives with respect to them by class. What depends only on the distance of the thresholds
    is computed once for each class.
    """

    __slots__ = ("kernel", "labels", "n_classes", "prediction", "thresholds")

    can_check_first = True

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        self.kernel = find_kernel(loss, pointwise)
        self.labels, self.prediction, self.thresholds = arrays
        names = loss._input_names
        if self.labels.shape != self.prediction.shape:
            raise_shapes(names[:2], arrays[:2])
        item = loss.inputs[2]
        self.thresholds = check_thresholds(self.thresholds, item.name, item.domain)
        self.n_classes = len(self.thresholds) + 1
        self.shape = self.prediction.shape
        self.size = self.prediction.size
        self.double = self.n_classes >= NOT_IN_SINGLE or any(
            array.dtype.num not in SINGLE for array in arrays[1:]
        )

    @property
    def values_dtype(self):
        return output_dtype(self.prediction)

    @property
    def values_like(self):
        return self.prediction

    def prepare(self, weight, weight_sum):
        return self.sum_labels(self.labels, self.n_classes, weight)

    def check(self):
        self.check_elements(self.prediction, self.loss.inputs[1])
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        table, ratio = self._by_class()
        # Of the weights, and of the derivatives with respect to lower and upper thresholds.
        sums = np.zeros((1 + 2 * (bool(gradients) + bool(hessians)), self.n_classes))
        item = self.loss.inputs[1]
        total, bad = pointwise.run(
            self.kernel,
            self.shape,
            (),
            (self.prediction,),
            () if self.checked else (item.domain.key,),
            self.double,
            weight=weight,
            value=values,
            gradients=gradients[:1],
            hessians=hessians[:1],
            scale=scale,
            assume_finite=self.assume_finite,
            check_first=self.check_first,
            n_threads=self.n_threads,
            by_label=(self.labels, table, tuple(sums) if gradients else ()),
        )
        if bad:
            raise_outside(self.prediction, item.name, item.domain)
        if gradients:
            counts = sums[0]
            # A class without samples has no share, not even of an infinite ratio.
            ratio = np.where(counts == 0, 0, ratio)
            with np.errstate(all="ignore"):
                # A threshold is the upper one of a class, and the lower one of the next.
                term = counts * ratio
                gradients[1][...] = (sums[2] - term)[:-1] + (sums[1] + term)[1:]
                if hessians:
                    term *= 1 + ratio
                    hessians[1][...] = (sums[4] + term)[:-1] + (sums[3] + term)[1:]
        return total

    def _by_class(self):
        """What depends only on the class.

        Returns
        -------
        table : ndarray of shape (3, n_classes)
            The lower and the upper threshold, and -log(1 - exp(-gap)) of their distance, the gap.
        ratio : ndarray of shape (n_classes,)
            1 / (exp(gap) - 1): minus the derivative of that term with respect to the gap.
        """
        bounds = np.concatenate([[-np.inf], self.thresholds, [np.inf]])
        # Thresholds that are not finite, if this is not checked, have a distance of NaN.
        with np.errstate(all="ignore"):
            gap = np.diff(bounds)
            ratio = 1 / np.expm1(gap)
            # Of log1p(-exp(-gap)) and log(-expm1(-gap)), the one whose argument is accurate.
            width = -np.where(gap > 1, np.log1p(-np.exp(-gap)), np.log(-np.expm1(-gap)))
        # A NaN counts, too, where no sample is near.
        width += 0 * self.thresholds.sum() if np.isnan(self.thresholds).any() else 0
        return np.stack([bounds[:-1], bounds[1:], width]), ratio


class ThresholdLoss(Loss):
    """Base class of the losses of one prediction for each sample and thresholds between classes.

    The arrays are class indices, predictions of the same shape, and increasing thresholds.
    """

    #: Name of the kernel in `_kernels/pointwise.pyx`.
    kernel = None
    plan_class = ThresholdPlan
