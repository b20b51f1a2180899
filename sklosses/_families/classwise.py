"""Losses of every row of classes."""

import math

import numpy as np

from .._domains import END_OF_LIST, UNIT
from .._families.plan import Plan, check_elements
from .._kernels import classwise
from .._validation import (
    balanced_weight,
    check_class_weight,
    check_one_hot,
    exact_in_single,
    is_single,
    output_dtype,
    raise_axes,
    raise_changed,
    raise_label,
    raise_outside,
    raise_target_shape,
)
from ..base import Loss


class ClasswisePlan(Plan):
    """A loss of every row of classes, beside labels, lists of labels, dense targets or nothing."""

    __slots__ = (
        "axis",
        "class_weight",
        "double",
        "kernel",
        "labelled",
        "listed",
        "loss",
        "n_classes",
        "params",
        "prediction",
        "target",
    )

    def __init__(self, loss, arrays):
        self.loss = loss
        self.kernel = classwise.KERNELS[loss.kernel]
        self.arrays = arrays
        *targets, self.prediction = arrays
        prediction = self.prediction
        self.target = target = targets[0] if targets else None
        if not 0 < prediction.ndim <= loss.max_axes:
            raise_axes(prediction, loss.inputs[-1].name, loss.max_axes)
        self.axis = axis = loss._class_axis(prediction.ndim)
        self.shape = prediction.shape[:axis] + prediction.shape[axis + 1 :]
        self.size = prediction.size
        self.labelled = "index" in loss.targets and target.shape == self.shape
        self.listed = "list" in loss.targets
        rowwise = loss.targets == ("index",)
        fits = target is None or (target.shape == prediction.shape and not rowwise)
        if not (self.labelled or fits):
            raise_target_shape(loss._input_names, arrays, self.shape, loss.targets)
        self.double = not (
            is_single(prediction)
            and (not self._dense or exact_in_single(target, loss.inputs[0].domain))
        )
        self.n_classes = prediction.shape[axis]
        self.params = loss._class_params(self.n_classes)
        self.class_weight = None
        self.checked = False

    @property
    def _dense(self):
        """Whether the target has a number for each class."""
        return self.target is not None and not self.labelled and not self.listed

    def check(self):
        """Check all the inputs, before anything is written."""
        check_elements(self, self.prediction, self.loss.inputs[-1])
        if self._dense:
            check_elements(self, self.target, self.loss.inputs[0])
        self.checked = True

    def total_weight(self, weight, weight_sum):
        """Check the labels; the denominator of the mean."""
        if not self.labelled:
            self._check_one_hot()
        self._resolve_class_weight(weight)
        if self.labelled:
            counted = self.class_weight if self.loss.weighted_mean else None
            return self._sum_labels(weight, counted, self.loss.ignore_index)
        if self.listed:
            self._sum_labels(None, None, END_OF_LIST)
        return float(math.prod(self.shape)) if weight is None else weight_sum

    def _check_one_hot(self):
        """Refuse integers as class probabilities that are none."""
        loss = self.loss
        binary_loss = loss.binary_loss
        if binary_loss is None:
            return
        for array, item in zip(self.arrays, loss.inputs, strict=True):
            if item.domain is UNIT and array.ndim == self.prediction.ndim:
                check_one_hot(array, self.axis, item.name, binary_loss)

    def _resolve_class_weight(self, weight):
        given = self.loss.class_weight
        if given is None:
            return
        if isinstance(given, str):
            if self.labelled:
                self._sum_labels(None, None, self.loss.ignore_index)
            self.class_weight = balanced_weight(
                self.target,
                self.n_classes,
                None if self.labelled else self.axis,
                self.loss.ignore_index,
                weight,
            )
        else:
            self.class_weight = check_class_weight(given, self.n_classes)

    def _sum_labels(self, weight, class_weight, ignore_index):
        """Check that all are class indices; the weight of those that are not ignored."""
        labels, name = self.target, self.loss.inputs[0].name
        if labels.dtype.kind == "f" or labels.dtype == np.uint64:
            # The driver reads integers of 64 bits: fractions and what is beyond are found here.
            raise_label(labels, name, self.n_classes, ignore_index, self.listed)
        total, bad = classwise.sum_labels(
            labels,
            self.n_classes,
            ignore_index=ignore_index,
            weight=weight,
            class_weight=class_weight,
            n_threads=self.threads,
        )
        if bad:
            raise_label(labels, name, self.n_classes, ignore_index, self.listed)
            raise_changed(name)
        return total

    def new_values(self):
        return np.empty(self.shape, dtype=output_dtype(self.prediction))

    def run(self, weight, scale, values, gradients, hessians):
        # That of the predictions, then that of the target.
        inputs = self.loss.inputs[::-1]
        total, bad = classwise.run(
            self.kernel,
            self.params,
            self.prediction,
            self.target,
            self.axis,
            self.class_weight,
            self.double,
            listed=self.listed,
            ignore_index=self.loss.ignore_index if self.labelled else None,
            weight=weight,
            value=values,
            gradient=gradients[0] if gradients else None,
            hessian=hessians[0] if hessians else None,
            scale=scale,
            assume_finite=self.assume_finite,
            domains=tuple(item.domain.key for item in inputs),
            checked=self.checked,
            n_threads=self.threads,
        )
        for k, item in enumerate(inputs):
            if bad >> k & 1:
                raise_outside((self.prediction, self.target)[k], item.name, item.domain)
        return total


class ClasswiseLoss(Loss):
    """Base class of the losses along a class axis."""

    #: Name of the kernel in `_kernels/classwise.pyx`.
    kernel = None
    #: Forms of the targets: "index" (a class index for each row), "dense" (a number for each
    #: class), "list" (class indices along the class axis, ended by -1); none for a loss of
    #: predictions alone.
    targets = ("index", "dense")
    #: Whether the mean of indexed losses is over the weights of the classes.
    weighted_mean = True
    #: Most axes that predictions may have.
    max_axes = 64
    #: The function for labels that do not exclude one another, if dense targets are probabilities.
    binary_loss = None
    # Parameters that some of the losses have.
    class_weight = None
    ignore_index = None

    def _plan(self, arrays, params):
        return ClasswisePlan(self, arrays)

    def _check_additive(self):
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' depends on the labels of all the data, so the losses of "
                "parts do not add up. Compute the weights of the whole and pass them as an array."
            )

    @staticmethod
    def _class_axis(n_axes):
        """Number of the class axis of predictions."""
        return min(n_axes - 1, 1)

    def _class_params(self, n_classes):
        """Parameters as the kernel takes them."""
        return ()
