"""Losses along a class axis."""

from typing import Any

from .._class_weight import balanced_weight, check_class_weight
from .._domains import END_OF_LIST, UNIT
from .._families.plan import Plan, raise_kernel
from .._kernels import MissingKernelError, classwise
from .._validation import (
    SINGLE,
    check_one_hot,
    exact_in_single,
    output_dtype,
    raise_axes,
    raise_outside,
    raise_target_shape,
)
from ..base import Loss

# Forms of targets that have one number for each row.
_OF_ROWS = ("index", "rank", "position")


class ClasswisePlan(Plan):
    """A loss along a class axis, with targets of any form, or none."""

    __slots__ = (
        "axis",
        "class_weight",
        "domains",
        "form",
        "ignore_index",
        "kernel",
        "labelled",
        "listed",
        "n_classes",
        "n_labels",
        "params",
        "prediction",
        "target",
        "target_domain",
    )

    can_check_first = True
    target: Any

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        try:
            self.kernel = classwise.KERNELS[loss.kernel]
        except (MissingKernelError, TypeError):
            raise_kernel(loss, classwise)
        forms = loss.targets
        self.prediction = prediction = arrays[-1]
        self.target = target = arrays[0] if forms else None
        shape = prediction.shape
        n_axes = len(shape)
        if not 0 < n_axes <= loss.max_axes:
            columns = "n_classes - 1" if "rank" in forms else "n_classes"
            raise_axes(prediction, loss.inputs[-1].name, loss.max_axes, columns)
        self.axis = axis = loss._class_axis(n_axes)
        self.n_classes = self.n_labels = shape[axis]
        self.shape = shape[:axis] + shape[axis + 1 :]
        self.size = prediction.size
        self.double = prediction.dtype.num not in SINGLE
        self.form = form = self._find_form(forms)
        self.labelled = form in ("index", "rank")
        self.listed = form == "list"
        self.ignore_index = loss.ignore_index if self.labelled else None
        if form == "dense" and loss.ignore_index is not None and loss.ignore_index >= 0:
            raise ValueError(
                f"The 'ignore_index' parameter of {type(loss).__name__} goes with class indices. "
                f"Got ignore_index={loss.ignore_index} and class probabilities. Give samples that "
                "do not count a sample_weight of 0."
            )
        self.n_labels += form == "rank"
        # The driver takes the predictions first.
        keys = loss._domain_keys or tuple(item.domain.key for item in loss.inputs)
        self.domains = keys[::-1]
        self.target_domain = loss.inputs[0].domain
        if form == "position":
            self.target_domain = self.target_domain.up_to(self.n_classes - 1)
            self.domains = (self.domains[0], self.target_domain.key)
        if form in ("dense", "position") and not exact_in_single(target, self.target_domain):
            self.double = True
        self.params = loss._class_params(self.n_classes)
        self.class_weight = None

    def _find_form(self, forms):
        """The form of the target, by its shape: one of those that the loss takes, or ""."""
        if not forms:
            return ""
        # At most one of the forms has a number for each row, and one a number for each class.
        if self.target.shape == self.shape:
            for form in forms:
                if form in _OF_ROWS:
                    return form
        elif self.target.shape == self.prediction.shape:
            for form in forms:
                if form not in _OF_ROWS:
                    return form
        return raise_target_shape(self.loss._input_names, self.arrays, self.shape, forms)

    @property
    def values_dtype(self):
        return output_dtype(self.prediction)

    @property
    def counts_all(self):
        loss = self.loss
        return not self.labelled or (
            loss._terms_of_labels(self.n_labels) is None
            and not (loss.weighted_mean and loss.class_weight is not None)
            and loss.ignore_index is None
        )

    def prepare(self, weight, weight_sum):
        loss = self.loss
        if not self.labelled:
            self._check_one_hot()
        if loss.class_weight is not None:
            self._resolve_class_weight(weight)
        if self.labelled:
            counted = loss._terms_of_labels(self.n_labels)
            if loss.weighted_mean and self.class_weight is not None:
                counted = self.class_weight
            return self._sum_labels(weight, counted, self.ignore_index)
        if self.listed:
            self._sum_labels(None, None, END_OF_LIST)
        return super().prepare(weight, weight_sum)

    def _check_one_hot(self):
        """Raise if integers that are read as class probabilities are not one-hot rows."""
        loss = self.loss
        if loss.binary_loss is None:
            return
        for array, item in zip(self.arrays, loss.inputs, strict=True):
            if item.domain is UNIT and array.ndim == self.prediction.ndim:
                check_one_hot(array, self.axis, item.name, loss.binary_loss)

    def _resolve_class_weight(self, weight):
        """Set the weights of the classes, which for "balanced" are computed from the labels."""
        passed = self.loss.class_weight
        if not isinstance(passed, str):
            self.class_weight = check_class_weight(passed, self.n_classes)
            return
        if self.labelled:
            self._sum_labels(None, None, self.ignore_index)
        self.class_weight = balanced_weight(
            self.target,
            self.n_classes,
            None if self.labelled else self.axis,
            self.loss.ignore_index,
            weight,
        )

    def _sum_labels(self, weight, class_weight, ignore_index):
        return self.sum_labels(
            self.target, self.n_labels, weight, class_weight, ignore_index, self.listed
        )

    def check(self):
        # For sums of losses, which check all their terms before the first one writes.
        self.check_elements(self.prediction, self.loss.inputs[-1])
        if self.form in ("dense", "position"):
            self.check_elements(self.target, self.loss.inputs[0], self.target_domain)
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        total, bad = classwise.run(
            self.kernel,
            self.params,
            self.prediction,
            self.target,
            self.axis,
            self.class_weight,
            self.double,
            self.form,
            self.ignore_index,
            weight,
            values,
            gradients[0] if gradients else None,
            hessians[0] if hessians else None,
            scale,
            self.assume_finite,
            () if self.checked else self.domains,
            self.check_first,
            self.n_threads,
        )
        if bad:
            for k, item in enumerate(self.loss.inputs[::-1]):
                if bad >> k & 1:
                    domain = self.target_domain if k else item.domain
                    raise_outside(self.arrays[-1 - k], item.name, domain)
        return total


class ClasswiseLoss(Loss):
    """Base class of the losses along a class axis.

    The predictions are the last input; before them there may be a target.
    """

    #: Name of the kernel in `_kernels/classwise.pyx`.
    kernel = None
    plan_class = ClasswisePlan
    #: Forms that targets may have: "index" (a class index for each row), "rank" (the same for
    #: ordered classes, between which there are the columns of the predictions: one class more than
    #: columns), "position" (a number between class indices for each row, which stands for the two
    #: next to it, weighted by their closeness), "dense" (a number for each class), "list" (class
    #: indices along the class axis, terminated by -1). Empty for a loss without targets.
    targets = ("index", "dense")
    #: Whether, for class indices, the denominator of the mean includes the class weights.
    weighted_mean = True
    #: Largest number of axes of the predictions.
    max_axes = 64
    #: If dense targets are class probabilities: the function for labels that are not exclusive.
    binary_loss = None
    # Parameters of some of the losses.
    class_weight = None
    ignore_index = None

    def _check_additive(self):
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' depends on the labels of all the data, so the losses of "
                "parts do not add up. Compute the weights from all the data and pass an array."
            )

    @staticmethod
    def _class_axis(n_axes):
        """Index of the class axis of predictions with `n_axes` axes."""
        return min(n_axes - 1, 1)

    def _class_params(self, n_classes):
        """Parameters of the kernel."""
        return ()

    def _terms_of_labels(self, n_labels):
        """How many terms of the mean a row with each label is, float64; None for one term each."""
        return None
