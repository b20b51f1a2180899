"""Losses of functions that users write: Python callables, or compiled ones."""

import math

import numpy as np
from scipy import LowLevelCallable
from sklearn.base import clone

from .._description import Input, LossTags, by_parameters
from .._domains import NONNEGATIVE, REAL, SIGN, UNIT
from .._families.plan import BUFFER
from .._families.pointwise import PointwiseLoss, PointwisePlan
from .._kernels import pointwise
from .._sklearn_compat import StrOptions
from .._validation import check_result, check_signature, raise_result
from ..base import Loss, changed_params

__all__ = ["CustomLoss"]

_FUNCTIONS = ("value", "gradient", "hessian")

# Domains by what tags say of the arrays of an elementwise loss.
_PREDICTIONS = {
    "real": REAL,
    "rate": NONNEGATIVE,
    "log_rate": REAL,
    "logit": REAL,
    "probability": UNIT,
    "margin": REAL,
    "distance": NONNEGATIVE,
}
_TARGETS = {"real": REAL, "binary": UNIT, "sign": SIGN}


class _MethodAndParameter:
    """A method that shares its name with a parameter: called as the one, set as the other."""

    def __init__(self, method):
        self.method = method
        self.__doc__ = method.__doc__

    def __get__(self, loss, cls):
        return self.method.__get__(loss, cls)

    def __set__(self, loss, value):
        vars(loss)[self.method.__name__] = value


class _by_parameters(by_parameters):
    """Where the constructor has a parameter without a default."""

    def __get__(self, loss, cls):
        return super().__get__(cls(value=None) if loss is None else loss, cls)


class CustomLoss(PointwiseLoss):
    r"""An elementwise loss of functions of one's own.

    Parameters
    ----------
    value : callable or scipy.LowLevelCallable
        The loss of each element. A Python function ``value(y_true, y_pred)`` gets two arrays
        and returns one of their shape; a compiled one is described below.
    gradient : callable or scipy.LowLevelCallable, default=None
        The derivative of each element's loss by its prediction. None: there is no gradient,
        and asking for one is an error.
    hessian : callable or scipy.LowLevelCallable, default=None
        The second derivative. None: there is no Hessian.
    response : {"real", "rate", "log_rate", "logit", "probability", "margin", "distance"}, \
            default="real"
        What the predictions are (`tags.response`): where a scorer gets them from, and their
        domain, [0, 1] for probabilities, >= 0 for rates and distances.
    target : {"real", "binary", "sign"}, default="real"
        What the targets are: real, in [0, 1], or -1 and 1.
    convex : bool, default=False
        Whether the loss is convex in the prediction. Nobody checks it.
    reduction : {"mean", "sum", "none"}, default="mean"
        As of every loss.

    See Also
    --------
    check_loss : Whether the functions are the derivatives of one another.
    CombinedLoss : Sums of losses.

    Notes
    -----
    Everything else is as for any other loss: weights, reductions, dtypes, strides, NaN and
    domains, parts, scorers. The object can be pickled where the functions can.

    Python functions are called with at most 65536 elements or one sample at a time, so that
    what they allocate stays in the caches: all axes are there, the first one in parts. The
    arrays are read-only and of the dtype in which the loss is computed, float32 for float32
    predictions, else float64. What they return is an array of real numbers of any dtype.

    Compiled functions are :class:`scipy.LowLevelCallable` objects, all of the given ones, and
    are called by the driver of the compiled losses: in threads, without the GIL, tile by tile.
    They compute in float64. These are their signatures::

        double (double y_true, double y_pred)
        void (const double *y_true, const double *y_pred, double *out, intptr_t n)

    The second form takes runs of n elements, so that the compiler can vectorise it. Either may
    have a last argument ``void *`` for the callable's `user_data`. Such functions come from
    numba's ``@cfunc`` (``LowLevelCallable(f.ctypes)``), from Cython
    (``LowLevelCallable.from_cython``), or from any shared library through ctypes or cffi.

    What a function returns has to be finite, unless scikit-learn's `assume_finite` is set. When
    one returns something else, or fails, `gradient_out` is filled with NaN.

    Examples
    --------
    The log-cosh loss:

    >>> import numpy as np
    >>> from sklosses import CustomLoss
    >>> log_cosh = CustomLoss(
    ...     value=lambda y_true, y_pred: np.log(np.cosh(y_pred - y_true)),
    ...     gradient=lambda y_true, y_pred: np.tanh(y_pred - y_true),
    ...     hessian=lambda y_true, y_pred: 1 - np.tanh(y_pred - y_true) ** 2,
    ...     convex=True,
    ... )
    >>> round(log_cosh([0.0, 1.0], [1.0, 3.0]), 4)
    0.8794
    >>> log_cosh.gradient([0.0, 1.0], [1.0, 3.0]).round(4)
    array([0.3808, 0.482 ])
    """

    kernel = "custom"
    gradient = _MethodAndParameter(Loss.gradient)
    _parameter_constraints = {
        "value": [callable, LowLevelCallable],
        "gradient": [callable, LowLevelCallable, None],
        "hessian": [callable, LowLevelCallable, None],
        "response": [StrOptions(set(_PREDICTIONS))],
        "target": [StrOptions(set(_TARGETS))],
        "convex": ["boolean"],
    }

    def __init__(
        self,
        *,
        value,
        gradient=None,
        hessian=None,
        response: str = "real",
        target: str = "real",
        convex: bool = False,
        reduction: str = "mean",
    ):
        self.value = value
        self.gradient = gradient
        self.hessian = hessian
        self.response = response
        self.target = target
        self.convex = convex
        self.reduction = reduction

    @_by_parameters
    def inputs(self):
        """Targets and predictions, with the domains that the tags stand for."""
        return (
            Input("y_true", _TARGETS.get(self.target, REAL), "array-like of any shape\nTargets."),
            Input(
                "y_pred",
                _PREDICTIONS.get(self.response, REAL),
                "array-like of the shape of y_true\nPredictions.",
                differentiable=True,
            ),
        )

    @_by_parameters
    def tags(self):
        """What the loss expects and guarantees, by the parameters."""
        _, gradient, hessian = self._functions
        return LossTags(
            response=self.response,
            target=self.target,
            hessian="exact" if gradient is not None and hessian is not None else "none",
            convex=self.convex,
            gradient="exact" if gradient is not None else "none",
        )

    @property
    def _functions(self):
        return tuple(vars(self)[name] for name in _FUNCTIONS)

    def get_params(self, deep=True):
        """Parameters of the loss.

        Parameters
        ----------
        deep : bool, default=True
            As for any estimator.

        Returns
        -------
        params : dict
        """
        params = super().get_params(deep=deep)
        return {**params, "gradient": vars(self)["gradient"]}

    def __sklearn_clone__(self):
        # A LowLevelCallable is the address of a function: it can be shared, not copied.
        params = self.get_params(deep=False)
        return type(self)(
            **{
                name: value if isinstance(value, LowLevelCallable) else clone(value, safe=False)
                for name, value in params.items()
            }
        )

    def __repr__(self):
        arguments = [f"{name}={text}" for name, text in changed_params(self).items()]
        return f"{type(self).__name__}({', '.join(arguments)})"

    def _kernel_params(self):
        functions = self._functions
        caller = type(self).__name__
        compiled = [isinstance(function, LowLevelCallable) for function in functions]
        if not any(compiled):
            return functions
        if not all(c or f is None for c, f in zip(compiled, functions, strict=True)):
            raise ValueError(
                f"The functions of {caller} must be Python callables, all of them, or all of them "
                "LowLevelCallable objects."
            )
        forms = tuple(
            function and check_signature(function, name, caller)
            for name, function in zip(_FUNCTIONS, functions, strict=True)
        )
        return pointwise.LowLevelKernel(functions, forms)

    @property
    def plan_class(self):
        """The plan: of Python functions, or of compiled ones."""
        return LowLevelPlan if isinstance(self.value, LowLevelCallable) else PythonPlan


class _CustomPlan(PointwisePlan):
    """Elementwise functions of the user."""

    __slots__ = ()

    @property
    def caller(self):
        """Who the user called, for messages."""
        return type(self.loss).__name__

    def _parts(self):
        """Indices of parts of the arrays, of one sample or of few enough elements for the caches.

        And the number of the first sample of each.
        """
        if self.size <= BUFFER:
            yield ..., 0
            return
        n = max(1, BUFFER // (self.size // self.shape[0]))
        for start in range(0, self.shape[0], n):
            yield slice(start, start + n), start

    def _raise_results(self, results, part, start):
        """Raise for the first result that is not finite."""
        arrays = {item.name: a[part] for a, item in zip(self.arrays, self.loss.inputs, strict=True)}
        for name, result in zip(_FUNCTIONS, results, strict=False):
            raise_result(result, name, self.caller, arrays, start)


class PythonPlan(_CustomPlan):
    """Functions of arrays, called for one part of the data after the other."""

    __slots__ = ("functions",)

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, ())
        self.functions = params

    def run(self, weight, scale, values, gradients, hessians):
        if not self.checked:
            self.check()
        outputs = (values, *gradients, *hessians)
        wanted = 1 + len(gradients) + len(hessians)
        totals = [
            self._run_part(part, start, wanted, weight, scale, outputs)
            for part, start in self._parts()
        ]
        return math.fsum(totals) if all(map(math.isfinite, totals)) else sum(totals)

    def _run_part(self, part, start, wanted, weight, scale, outputs):
        dtype = np.float64 if self.double else np.float32
        arrays = [array[part].astype(dtype, copy=False).view() for array in self.arrays]
        for array in arrays:
            array.flags.writeable = False
        shape = arrays[0].shape
        results = tuple(
            check_result(function(*arrays), name, self.caller, shape)
            for name, function in zip(_FUNCTIONS, self.functions[:wanted], strict=False)
        )
        value, *derivatives = (None if out is None else out[part] for out in outputs)
        total, bad = pointwise.run(
            self.kernel,
            shape,
            (),
            results,
            (REAL.key,) * wanted,
            self.double,
            weight=None if weight is None else weight[part],
            value=value,
            gradients=tuple(derivatives[:1]),
            hessians=tuple(derivatives[1:]),
            scale=scale,
            assume_finite=self.assume_finite,
        )
        if bad:
            self._raise_results([result.astype(dtype) for result in results], part, start)
        return total


class LowLevelPlan(_CustomPlan):
    """Compiled functions of numbers, which the driver calls."""

    __slots__ = ()

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, ())
        self.kernel = params
        self.double = True

    def _raise_outside(self, bad):
        super()._raise_outside(bad)
        # The driver has scaled and added what the functions returned; they are called again.
        wanted = (bad >> pointwise.FIRST_RESULT).bit_length()
        for part, start in self._parts():
            operands = tuple(array[part] for array in self.arrays)
            results = [np.empty(operands[0].shape) for _ in range(wanted)]
            pointwise.run(
                self.kernel,
                operands[0].shape,
                (),
                operands,
                (),
                True,
                value=results[0],
                gradients=tuple(results[1:2]),
                hessians=tuple(results[2:3]),
                assume_finite=True,
            )
            self._raise_results(results, part, start)
        raise ValueError(f"A function of {self.caller} returned values that are not finite.")
