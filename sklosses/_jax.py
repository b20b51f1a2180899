"""What `jax.py` is made of: the only module that imports JAX.

`LossFunction` is the function. Each of its calls is a `_Call`, which JAX sees as a function of the
arrays that are traced; the others are constants.
"""

# Without JAX, pyright takes `jax.py` beside this file for it.
# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import jax
import numpy as np
from jax.core import Tracer

from ._validation import output_dtype


class LossFunction:
    """A loss as a function; `as_function` makes it and documents it.

    Parameters
    ----------
    loss : Loss
    """

    def __init__(self, loss):
        loss._resolve()  # the tags may depend on the parameters
        if loss.tags.gradient == "none":
            raise ValueError(f"{type(loss).__name__} has no gradient.")
        self.loss = loss
        self.__name__ = self.__qualname__ = loss.function_name or type(loss).__name__

    def __repr__(self):
        return f"as_function({self.loss!r})"

    def __call__(
        self,
        *arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        n_threads=None,
        **named_arrays,
    ):
        """Compute the loss; the parameters are those of `Loss.__call__`."""
        loss = self.loss
        arrays = loss._positional(arrays, named_arrays)
        reduction, avg_factor = loss._check_call(reduction, avg_factor)
        call = _Call(loss, (sample_weight, *arrays), (reduction, avg_factor, n_threads))
        return call.differentiable() if call.traced else call.value()


class _Call:
    """One call of a loss.

    Parameters
    ----------
    loss : Loss
    passed : tuple
        The sample weights and the arrays, as the user passed them.
    settings : tuple
        The reduction, `avg_factor` and `n_threads`.

    Attributes
    ----------
    traced : list of int
        Which of `passed` have no values yet. The methods take these values.
    """

    def __init__(self, loss, passed, settings):
        self.loss = loss
        self.passed = passed
        self.settings = settings
        self.is_reduced = settings[0] != "none"
        self.traced = [k for k, item in enumerate(passed) if isinstance(item, Tracer)]
        # Of `passed`, those with gradients.
        self.outputs = [k + 1 for k in loss._outputs if passed[k + 1] is not None]

    def differentiable(self):
        """The value, as a function of the traced arrays that JAX can differentiate."""
        function = jax.custom_vjp(self.value)
        function.defvjp(self._forward, self._backward, symbolic_zeros=True)
        return function(*[self.passed[k] for k in self.traced])

    def value(self, *values):
        """The value alone."""
        return self._compute(self._value_type(values), values)[0]

    def _forward(self, *primals):
        """The value, and what `_backward` needs."""
        for k, primal in zip(self.traced, primals, strict=True):
            if primal.perturbed and k not in self.outputs:
                name = ("sample_weight", *self.loss._input_names)[k]
                raise TypeError(
                    f"{type(self.loss).__name__} has no gradient with respect to {name}. "
                    f"Use jax.lax.stop_gradient({name}), or the 'argnums' parameter of jax.grad."
                )
        values = [primal.value for primal in primals]
        types = self._value_type(values)
        value, *gradients = self._once(types, values, want_gradient=self.is_reduced)
        return value, (values, gradients)

    def _backward(self, residuals, cotangent):
        """The cotangents of the traced arrays."""
        values, gradients = residuals
        if isinstance(cotangent, jax.custom_derivatives.SymbolicZero):
            return (None,) * len(values)
        if self.is_reduced:
            gradients = [cotangent * gradient for gradient in gradients]
        else:
            gradients = self._once((), values, cotangent, want_gradient=True)
        found = dict(zip(self.outputs, gradients, strict=True))
        return tuple(
            found[k].astype(value.dtype) if k in found else None
            for k, value in zip(self.traced, values, strict=True)
        )

    def _once(self, types, values, *cotangent, want_gradient):
        """As `_compute`, for what cannot be differentiated again."""

        def compute(values, cotangent):
            return self._compute(types, values, *cotangent, want_gradient=want_gradient)

        def refuse(primals, tangents):
            raise TypeError(
                f"{type(self.loss).__name__} has no second derivatives in JAX: its gradient cannot "
                "be differentiated. The diagonal of the Hessian is what gradient_and_hessian of "
                "the loss returns."
            )

        function = jax.custom_jvp(compute)
        function.defjvp(refuse)
        return function(values, cotangent)

    def _compute(self, types, values, *cotangent, want_gradient=False):
        """The value, if `types` has its type, and the gradients: a tuple of arrays of JAX."""
        if want_gradient:
            passed = self._fill(values)
            types += tuple(_type_like(passed[k], np.shape(passed[k])) for k in self.outputs)

        def evaluate(values, cotangent):
            results = self._evaluate(values, *cotangent, want_gradient=want_gradient)
            found = results[len(results) - len(types) :]
            with np.errstate(over="ignore"):  # beyond the range of float32: infinite, as in JAX
                return tuple(
                    np.asarray(result, item.dtype)
                    for result, item in zip(found, types, strict=True)
                )

        if any(isinstance(item, Tracer) for item in (*values, *cotangent)):
            return jax.pure_callback(evaluate, types, values, cotangent, vmap_method="sequential")
        return tuple(map(jax.numpy.asarray, evaluate(values, cotangent)))

    def _evaluate(self, values, cotangent=None, want_gradient=False):
        """Value and gradients in NumPy."""
        weight, *arrays = map(_as_numpy, self._fill(values))
        reduction, avg_factor, n_threads = self.settings
        if cotangent is not None:
            reduction, avg_factor, cotangent = "sum", None, np.asarray(cotangent)
        result = self.loss._evaluate(
            arrays,
            weight,
            reduction,
            avg_factor,
            n_threads,
            want_gradient=want_gradient,
            cotangent=cotangent,
        )
        return result.value, *result.gradients

    def _fill(self, values):
        """What the user passed, with values of the traced arrays."""
        passed = list(self.passed)
        for k, value in zip(self.traced, values, strict=True):
            passed[k] = value
        return passed

    def _value_type(self, values):
        """Shape and dtype of the value, in a tuple."""
        passed = self._fill(values)
        like = passed[self.outputs[0]]
        shape = () if self.is_reduced else self._unreduced_shape(passed[1:])
        return (_type_like(like, shape),)

    def _unreduced_shape(self, arrays):
        """The shape of the unreduced loss, from the shapes of traced arrays."""
        loss, shapes, errors = self.loss, set(), []
        # Some arrays must increase along their axis, and zeros are what most others may be.
        for stand_in in (_zeros, _increasing):
            known = [stand_in(a.shape) if isinstance(a, Tracer) else _as_numpy(a) for a in arrays]
            try:
                plan = loss.plan_class(loss, loss._read_arrays(known), loss._resolve())
            except ValueError as error:
                errors.append(error)
            else:
                shapes.add(tuple(plan.shape))
        if len(shapes) == 1:
            return shapes.pop()
        reason = "it depends on their values" if shapes else errors[0]
        raise ValueError(
            f"The shape of the unreduced {type(loss).__name__} cannot be told from the shapes of "
            f"arrays without values, as they are in jax.jit: {reason}"
        ) from (None if shapes else errors[0])


def _type_like(array, shape):
    """The type of a result in JAX for an array that the loss is computed for."""
    if not hasattr(array, "dtype"):
        array = np.asarray(array)
    is_half = array.dtype == jax.numpy.bfloat16
    dtype = np.float32 if is_half else output_dtype(array)
    return jax.ShapeDtypeStruct(shape, jax.dtypes.canonicalize_dtype(dtype))


def _as_numpy(array):
    """An array of JAX in NumPy, in its memory if it is on the CPU; anything else as it is."""
    if not isinstance(array, jax.Array) or isinstance(array, Tracer):
        return array
    is_half = array.dtype == jax.numpy.bfloat16
    return np.asarray(array.astype(np.float32) if is_half else array)


def _zeros(shape):
    return np.broadcast_to(np.zeros(()), shape)


def _increasing(shape):
    return np.arange(shape[0], dtype=np.float64) if len(shape) == 1 else _zeros(shape)
