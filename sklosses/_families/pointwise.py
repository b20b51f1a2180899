"""Losses of every element on its own."""

import inspect

import numpy as np

from .._families.plan import Plan
from .._kernels import pointwise
from .._validation import (
    broadcast_to,
    exact_in_single,
    is_single,
    output_dtype,
    raise_outside,
    raise_shapes,
)
from ..base import Loss


class PointwisePlan(Plan):
    """A loss of every element on its own."""

    __slots__ = (
        "domains",
        "double",
        "inputs",
        "kernel",
        "leading",
        "operands",
        "outputs",
        "params",
    )

    def __init__(self, loss, arrays, operands, params):
        self.kernel = pointwise.KERNELS[loss.kernel]
        self.inputs = loss.inputs
        self.domains = loss._domains or tuple(item.domain.key for item in self.inputs)
        self.checked = False
        self.params = params
        self.arrays = arrays
        self.operands = operands
        self.outputs = loss._outputs
        self.leading = loss._outputs[0]
        prediction = arrays[self.leading]
        self.shape = prediction.shape
        self.size = prediction.size
        self.double = False
        for array, item in zip(arrays, self.inputs, strict=True):
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
            gradients=outputs[0] and self._spread(outputs[0]),
            hessians=outputs[1] and self._spread(outputs[1]),
            leading=self.leading,
            scale=scale,
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )
        if bad:
            self._refuse(bad)
        return total

    def _refuse(self, bad):
        """Raise for what the driver has found outside its domain."""
        for k, item in enumerate(self.inputs):
            if bad >> k & 1:
                raise_outside(self.arrays[k], item.name, item.domain)

    def _spread(self, outputs):
        """Outputs as views of the loss's shape; the driver sums along strides of 0."""
        return tuple(
            broadcast_to(out, self.shape, self.inputs[k].name)
            for k, out in zip(self.outputs, outputs, strict=False)
        )

    def check(self):
        """Check all the inputs, before anything is written."""
        self._run(None, self.domains)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        return float(self.size) if weight is None else weight_sum

    def new_values(self):
        prediction = self.arrays[self.leading]
        whole = [
            array
            for array, item in zip(self.arrays, self.inputs, strict=True)
            if item.differentiable and not item.broadcasts
        ]
        dtype = np.result_type(*map(output_dtype, whole))
        return np.empty_like(prediction, dtype=dtype, subok=False)

    def run(self, weight, scale, values, gradients, hessians):
        domains = () if self.checked else self.domains
        return self._run(self.kernel, domains, weight, scale, values, (gradients, hessians))


class PointwiseLoss(Loss):
    """Base class of the elementwise losses.

    All the arrays have one shape, but for inputs that say that they are broadcast to it.
    """

    #: Name of the kernel in `_kernels/pointwise.pyx`.
    kernel = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # Once for all calls, where the domains do not depend on parameters.
        fixed = isinstance(inspect.getattr_static(cls, "inputs"), tuple)
        cls._domains = tuple(item.domain.key for item in cls.inputs) if fixed else None

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
        shape = arrays[self._outputs[0]].shape
        operands = tuple(arrays)
        for k, array in enumerate(arrays):
            if array.shape == shape:
                continue
            item = self.inputs[k]
            if not item.broadcasts:
                whole = [k for k, item in enumerate(self.inputs) if not item.broadcasts]
                raise_shapes([self._input_names[k] for k in whole], [arrays[k] for k in whole])
            array = broadcast_to(array, shape, item.name)
            operands = (*operands[:k], array, *operands[k + 1 :])
        return operands

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
