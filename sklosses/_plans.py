"""Plans: the Python side of each kernel family, from a loss's arrays to a run of its driver.

A plan knows the shape of the unreduced loss, checks the targets, sums the weights and runs
the kernel. `Loss._evaluate` sets `threads` and `assume_finite`, then calls, in this order,
`total_weight` (which checks labels), `check` (all else, where outputs are the caller's) and `run`.
"""

import math

import numpy as np

from ._kernels import classwise, pointwise
from ._validation import (
    balanced_weight,
    check_class_weight,
    exact_in_single,
    is_single,
    output_dtype,
    raise_label,
    raise_outside,
    raise_shapes,
)
from .base import Loss


class PointwisePlan:
    """A loss of every element on its own."""

    __slots__ = (
        "arrays",
        "assume_finite",
        "checked",
        "domains",
        "double",
        "inputs",
        "kernel",
        "leading",
        "operands",
        "params",
        "shape",
        "size",
        "threads",
    )

    def __init__(self, loss, arrays, operands, params):
        self.kernel = pointwise.KERNELS[loss.kernel]
        self.inputs = loss.inputs
        self.domains = loss._domains
        self.checked = False
        self.params = params
        self.arrays = arrays
        self.operands = operands
        self.leading = loss._outputs[0]
        prediction = arrays[self.leading]
        self.shape = prediction.shape
        self.size = prediction.size
        self.double = False
        for array, item in zip(arrays, loss.inputs, strict=True):
            if not (
                is_single(array)
                or (not item.differentiable and exact_in_single(array, item.domain))
            ):
                self.double = True

    def _run(self, kernel, domains, weight=None, scale=1.0, value=None, outputs=((), ())):
        total, bad = pointwise.run(
            kernel,
            self.shape,
            self.params,
            self.operands,
            domains,
            self.double,
            weight=weight,
            value=value,
            gradients=outputs[0],
            hessians=outputs[1],
            leading=self.leading,
            scale=scale,
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )
        if bad:
            for k, item in enumerate(self.inputs):
                if bad >> k & 1:
                    raise_outside(self.arrays[k], item.name, item.domain)
        return total

    def check(self):
        """Check all the inputs, before anything is written."""
        self._run(None, self.domains)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        return float(self.size) if weight is None else weight_sum

    def new_values(self):
        prediction = self.arrays[self.leading]
        return np.empty_like(prediction, dtype=output_dtype(prediction), subok=False)

    def run(self, weight, scale, values, gradients, hessians):
        domains = () if self.checked else self.domains
        return self._run(self.kernel, domains, weight, scale, values, (gradients, hessians))


class PointwiseLoss(Loss):
    """Base class of the elementwise losses: all the arrays have one shape."""

    #: Name of the kernel in `_kernels/pointwise.pyx`.
    kernel = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._domains = tuple(item.domain.key for item in cls.inputs)

    def _plan(self, arrays, params):
        operands = self._operands(arrays)
        if params and isinstance(params[0], np.ndarray):
            # Parameters that may differ from element to element are further inputs.
            shape = arrays[self._outputs[0]].shape
            operands += tuple(self._spread(weight, shape) for weight in params)
            params = ()
        return PointwisePlan(self, arrays, operands, params)

    def _operands(self, arrays):
        """The arrays as the kernel takes them, all of one shape."""
        prediction = arrays[self._outputs[0]]
        shape = prediction.shape
        for array in arrays:
            if array.shape != shape:
                raise_shapes(self._input_names, arrays)
        return tuple(arrays)

    def _spread(self, weight, shape):
        """A parameter broadcast to the shape of the loss; the driver spreads scalars itself."""
        if weight.ndim == 0:
            return weight
        try:
            return np.broadcast_to(weight, shape)
        except ValueError:
            raise ValueError(
                f"{self._param_names[0]} must broadcast to the shape of the predictions, {shape}. "
                f"Got shape {weight.shape} instead."
            ) from None


class ClasswisePlan:
    """A loss of every row of classes, beside labels or dense targets."""

    __slots__ = (
        "arrays",
        "assume_finite",
        "axis",
        "checked",
        "class_weight",
        "double",
        "kernel",
        "labelled",
        "loss",
        "params",
        "shape",
        "size",
        "threads",
    )

    def __init__(self, loss, arrays):
        self.loss = loss
        self.kernel = classwise.KERNELS[loss.kernel]
        self.arrays = labels, prediction = arrays
        if prediction.ndim == 0:
            raise ValueError("y_pred must have a class axis. Got a scalar instead.")
        self.axis = axis = min(prediction.ndim - 1, 1)
        self.shape = prediction.shape[:axis] + prediction.shape[axis + 1 :]
        self.size = prediction.size
        self.labelled = labels.shape == self.shape
        if not self.labelled and labels.shape != prediction.shape:
            raise ValueError(
                f"y_true must have shape {self.shape} (class indices) or {prediction.shape} "
                f"(class probabilities) beside y_pred of shape {prediction.shape}. "
                f"Got {labels.shape} instead."
            )
        self.double = not (
            is_single(prediction)
            and (self.labelled or exact_in_single(labels, loss.inputs[0].domain))
        )
        n_classes = prediction.shape[axis]
        self.params = loss._class_params(n_classes)
        self.class_weight = None
        self.checked = False

    def check(self):
        """Check all the inputs, before anything is written."""
        labels, prediction = self.arrays
        self._check_dense(prediction, self.loss.inputs[1])
        if not self.labelled:
            self._check_dense(labels, self.loss.inputs[0])
        self.checked = True

    def _check_dense(self, array, item):
        if pointwise.run(
            None,
            array.shape,
            (),
            (array,),
            (item.domain.key,),
            self.double,
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )[1]:
            raise_outside(array, item.name, item.domain)

    def total_weight(self, weight, weight_sum):
        """Check the labels; the denominator of the mean."""
        self._resolve_class_weight()
        if self.labelled:
            return self._sum_labels(weight)
        return float(math.prod(self.shape)) if weight is None else weight_sum

    def _resolve_class_weight(self):
        given = self.loss.class_weight
        n_classes = self.arrays[1].shape[self.axis]
        if given is None:
            return
        if isinstance(given, str):
            self._sum_labels(None)
            self.class_weight = balanced_weight(
                self.arrays[0],
                n_classes,
                self.axis if not self.labelled else None,
                self.loss.ignore_index,
            )
        else:
            self.class_weight = check_class_weight(given, n_classes)

    def _sum_labels(self, weight):
        if not self.labelled:
            return None
        labels, n_classes = self.arrays[0], self.arrays[1].shape[self.axis]
        if labels.dtype.kind == "f" or labels.dtype == np.uint64:
            # The driver reads integers of 64 bits: fractions and what is beyond are found here.
            raise_label(labels, self.loss.inputs[0].name, n_classes, self.loss.ignore_index)
        total, bad = classwise.sum_labels(
            labels,
            n_classes,
            ignore_index=self.loss.ignore_index,
            weight=weight,
            class_weight=self.class_weight,
            n_threads=self.threads,
        )
        if bad:
            raise_label(labels, self.loss.inputs[0].name, n_classes, self.loss.ignore_index)
        return total

    def new_values(self):
        return np.empty(self.shape, dtype=output_dtype(self.arrays[1]))

    def run(self, weight, scale, values, gradients, hessians):
        labels, prediction = self.arrays
        target, predicted = self.loss.inputs
        total, bad = classwise.run(
            self.kernel,
            self.params,
            prediction,
            labels,
            self.axis,
            self.class_weight,
            self.double,
            ignore_index=self.loss.ignore_index if self.labelled else None,
            weight=weight,
            value=values,
            gradient=gradients[0] if gradients else None,
            hessian=hessians[0] if hessians else None,
            scale=scale,
            assume_finite=self.assume_finite,
            target_domain=(target.domain.low, target.domain.high),
            checked=self.checked,
            n_threads=self.threads,
        )
        if bad & 1:
            raise_outside(prediction, predicted.name, predicted.domain)
        if bad & 2:
            raise_outside(labels, target.name, target.domain)
        return total


class ClasswiseLoss(Loss):
    """Base class of the losses along a class axis, with class indices or dense targets."""

    #: Name of the kernel in `_kernels/classwise.pyx`.
    kernel = None

    def _plan(self, arrays, params):
        return ClasswisePlan(self, arrays)

    def _check_additive(self):
        if isinstance(getattr(self, "class_weight", None), str):
            raise ValueError(
                "class_weight='balanced' depends on the labels of all the data, so the losses of "
                "parts do not add up. Compute the weights of the whole and pass them as an array."
            )

    def _class_params(self, n_classes):
        """Parameters as the kernel takes them."""
        return ()
