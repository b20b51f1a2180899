"""Elementwise losses."""

import numpy as np

from .._families.plan import NOT_IN_SINGLE, Plan, raise_kernel
from .._kernels import MissingKernelError, pointwise
from .._validation import (
    SINGLE,
    broadcast_to,
    exact_in_single,
    output_dtype,
    raise_outside,
    raise_shapes,
    target_to_ignore,
)
from ..base import Loss

# So small that a kernel computes the limit for 0, and so large that float32 can divide by it.
_TINY = 1e-20


def away_from_zero(number):
    """A parameter that a kernel divides by, where a limit exists for 0."""
    return number if abs(number) >= _TINY else _TINY


class PointwisePlan(Plan):
    """An elementwise loss."""

    __slots__ = ("domains", "ignore", "kernel", "leading", "operands", "params")

    can_check_first = True

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        try:
            self.kernel = pointwise.KERNELS[loss.kernel]
        except (MissingKernelError, TypeError):
            raise_kernel(loss, pointwise)
        self.domains = loss._domain_keys or tuple(item.domain.key for item in loss.inputs)
        self.leading = leading = loss._outputs[0]
        prediction = arrays[leading]
        self.shape = shape = prediction.shape
        self.size = prediction.size
        self.double = False
        for array, item in zip(arrays, loss.inputs, strict=True):
            if array.dtype.num not in SINGLE and (
                item.differentiable or not exact_in_single(array, item.domain)
            ):
                self.double = True
        self.ignore = target_to_ignore(loss.ignore_index, arrays[0].dtype)
        if self.ignore is not None:
            self.double |= abs(self.ignore) >= NOT_IN_SINGLE
        self.operands = tuple(arrays)
        for array in arrays:
            if array.shape != shape:
                self.operands = loss._operands(arrays) or self._broadcast_inputs()
                break
        if params and isinstance(params[0], np.ndarray):
            # Parameters that may differ between elements become operands. Numbers follow them.
            varying = [value for value in params if isinstance(value, np.ndarray)]
            self.operands += tuple(map(self._broadcast_parameter, varying))
            params = params[len(varying) :]
        self.params = params

    @property
    def values_dtype(self):
        # Inputs that are broadcast, such as a common variance, have no influence.
        return np.result_type(
            *(
                output_dtype(array)
                for array, item in zip(self.arrays, self.loss.inputs, strict=True)
                if item.differentiable and not item.broadcasts
            )
        )

    @property
    def values_like(self):
        return self.arrays[self.leading]

    @property
    def counts_all(self):
        return self.ignore is None

    def _broadcast_inputs(self):
        """Broadcast the arrays to the shape of the loss, where their inputs allow it."""
        inputs = self.loss.inputs
        operands = []
        for array, item in zip(self.arrays, inputs, strict=True):
            if array.shape != self.shape and not item.broadcasts:
                whole = [k for k, item in enumerate(inputs) if not item.broadcasts]
                raise_shapes([inputs[k].name for k in whole], [self.arrays[k] for k in whole])
            operands.append(broadcast_to(array, self.shape, item.name))
        return tuple(operands)

    def _broadcast_parameter(self, value):
        """Broadcast a parameter to the shape of the loss, except scalars: the driver does that."""
        if value.ndim == 0:
            return value
        try:
            return np.broadcast_to(value, self.shape)
        except ValueError:
            raise ValueError(
                f"{self.loss._param_names[0]} must broadcast to the shape of the predictions, "
                f"{self.shape}. Got shape {value.shape} instead."
            ) from None

    def _broadcast_outputs(self, outputs):
        """Outputs as views of the shape of the loss; the driver sums along strides of 0."""
        if len(outputs) < 2:
            return outputs  # that of the leading input
        inputs = self.loss.inputs
        return tuple(
            broadcast_to(out, self.shape, inputs[k].name)
            for k, out in zip(self.loss._outputs, outputs, strict=True)
        )

    def _raise_outside(self, bad):
        """Raise for the arrays in which the driver found values outside the domain."""
        for k, item in enumerate(self.loss.inputs):
            if bad >> k & 1:
                ignore = self.ignore if k == 0 else None
                raise_outside(self.arrays[k], item.name, item.domain, ignore)

    def prepare(self, weight, weight_sum):
        if self.ignore is None:
            return super().prepare(weight, weight_sum)
        return pointwise.run(
            pointwise.KERNELS["count"],
            self.shape,
            (),
            self.operands[:1],
            (),
            self.double,
            weight=weight,
            n_threads=self.n_threads,
            ignore=self.ignore,
        )[0]

    def check(self):
        _, bad = pointwise.run(
            None,
            self.shape,
            (),
            self.operands,
            self.domains,
            self.double,
            leading=self.leading,
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
            ignore=self.ignore,
        )
        if bad:
            self._raise_outside(bad)
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        total, bad = pointwise.run(
            self.kernel,
            self.shape,
            self.params,
            self.operands,
            () if self.checked else self.domains,
            self.double,
            weight=weight,
            value=values,
            gradients=self._broadcast_outputs(gradients),
            hessians=self._broadcast_outputs(hessians),
            leading=self.leading,
            scale=scale,
            assume_finite=self.assume_finite,
            check_first=self.check_first,
            n_threads=self.n_threads,
            ignore=self.ignore,
        )
        if bad:
            self._raise_outside(bad)
        return total


class PointwiseLoss(Loss):
    """Base class of the elementwise losses.

    All arrays have the same shape, except those of inputs with `broadcasts`, which are broadcast
    to it.
    """

    #: Name of the kernel in `_kernels/pointwise.pyx`.
    kernel = None
    plan_class = PointwisePlan
    # A parameter of some of the losses.
    ignore_index = None

    def _operands(self, arrays):
        """Operands to use if the shapes of the arrays differ, or None to broadcast the arrays."""
        return None
