"""Elementwise losses defined by functions of the user, in Python or compiled."""

import math

import numpy as np
from scipy import LowLevelCallable
from sklearn.base import clone

from .._declaration import changed_params
from .._description import Input, LossTags, by_parameters
from .._domains import NONNEGATIVE, REAL, SIGN, UNIT
from .._families.pointwise import PointwiseLoss, PointwisePlan
from .._kernels import pointwise
from .._sklearn_compat import StrOptions
from .._validation import check_result, check_signature, raise_result
from ..base import Loss

__all__ = ["CustomLoss"]

_FUNCTIONS = ("value", "gradient", "hessian")

# Domains of predictions and targets by `tags.response` and `tags.target`.
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


def _domain(domains, word):
    """The domain of a word; of anything else, which a call will refuse, all numbers."""
    return domains.get(word, REAL) if isinstance(word, str) else REAL


class _MethodAndParameter:
    """A method with the name of a parameter: read as the method, set as the parameter."""

    def __init__(self, method):
        self.method = method
        self.__doc__ = method.__doc__

    def __get__(self, loss, cls):
        return self.method.__get__(loss, cls)

    def __set__(self, loss, value):
        vars(loss)[self.method.__name__] = value


class _by_parameters(by_parameters):
    """`by_parameters` for a class whose constructor has a parameter without a default."""

    def __get__(self, loss, cls):
        return super().__get__(cls(value=None) if loss is None else loss, cls)


class CustomLoss(PointwiseLoss):
    r"""An elementwise loss defined by functions of the user.

    Parameters
    ----------
    value : callable or scipy.LowLevelCallable
        The loss of each element. A Python function ``value(y_true, y_pred)`` takes two arrays and
        returns an array of the same shape. For compiled functions see Notes.
    gradient : callable or scipy.LowLevelCallable, default=None
        The derivative of each element's loss with respect to its prediction. With None, asking for
        a gradient is an error.
    hessian : callable or scipy.LowLevelCallable, default=None
        The second derivative. With None, asking for a Hessian is an error.
    response : str, default="real"
        What the predictions are (`tags.response`): "real", "rate", "log_rate", "logit",
        "probability", "margin" or "distance". Determines which output of an estimator a scorer
        uses, and the domain: [0, 1] for probabilities, >= 0 for rates and distances. Logits and
        probabilities give a `predict_proba`, margins do not.
    target : {"real", "binary", "sign"}, default="real"
        What the targets are (`tags.target`): real numbers, numbers in [0, 1], or -1 and 1.
    convex : bool, default=False
        Whether the loss is convex in the prediction. This is not checked.
    reduction : {"mean", "sum", "none"}, default="mean"
        As for any other loss.

    See Also
    --------
    check_loss : Checks a loss, including its derivatives.
    CombinedLoss : Sums of losses.

    Notes
    -----
    Everything else works as for any other loss: weights, reductions, dtypes, strides, NaN and
    domains, parts of the data, scorers. The object can be pickled if the functions can.

    Python functions are called for at most 65536 elements, or for one sample, at a time, so that
    temporary arrays stay in the caches. The arrays have all their axes, with a part of the first
    one. They are read-only, and have the dtype in which the loss is computed: float32 for float32
    predictions, else float64. The functions may return real numbers of any dtype.

    If one function is compiled, a :class:`scipy.LowLevelCallable`, all of them must be. Compiled
    functions are called by the driver of the package's own losses: in several threads, without the
    GIL, tile by tile. They compute in float64. The allowed signatures are::

        double (double y_true, double y_pred)
        void (const double *y_true, const double *y_pred, double *out, intptr_t n)

    The second form takes n contiguous elements, so the compiler can vectorise it. Both may have a
    last argument ``void *`` for the `user_data` of the callable. Such functions can be obtained
    from numba's ``@cfunc`` (``LowLevelCallable(f.ctypes)``), from Cython
    (``LowLevelCallable.from_cython``), or from a shared library with ctypes or cffi.

    The functions must return finite numbers, unless scikit-learn's `assume_finite` is set. If a
    function fails or returns anything else, `gradient_out` is filled with NaN.

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
    gradient = _MethodAndParameter(Loss.gradient)  # pyright: ignore[reportAssignmentType]
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
        self.gradient = gradient  # pyright: ignore[reportAttributeAccessIssue]
        self.hessian = hessian
        self.response = response
        self.target = target
        self.convex = convex
        self.reduction = reduction

    @_by_parameters
    def inputs(self):
        """Targets and predictions, with the domains that follow from the tags."""
        return (
            Input("y_true", _domain(_TARGETS, self.target), "array-like of any shape\nTargets."),
            Input(
                "y_pred",
                _domain(_PREDICTIONS, self.response),
                "array-like of the shape of y_true\nPredictions.",
                differentiable=True,
            ),
        )

    @_by_parameters
    def tags(self):
        """What the loss expects and guarantees; follows from the parameters."""
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
        # A LowLevelCallable holds the address of a function: it is shared, since it has no copies.
        params = {
            name: value if isinstance(value, LowLevelCallable) else clone(value, safe=False)
            for name, value in self.get_params(deep=False).items()
        }
        return type(self)(**params)  # pyright: ignore[reportArgumentType]

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
                f"The functions of {caller} must be either all Python callables or all "
                "LowLevelCallable objects."
            )
        forms = tuple(
            function and check_signature(function, name, caller)
            for name, function in zip(_FUNCTIONS, functions, strict=True)
        )
        return pointwise.LowLevelKernel(functions, forms)

    @property
    def plan_class(self):
        """The plan, for Python functions or for compiled ones."""
        return LowLevelPlan if isinstance(self.value, LowLevelCallable) else PythonPlan


class _CustomPlan(PointwisePlan):
    """An elementwise loss defined by functions of the user."""

    __slots__ = ()

    can_check_first = False

    @property
    def caller(self):
        """Name of the class, for messages."""
        return type(self.loss).__name__

    def _raise_results(self, results, part, start):
        """Raise for the first result that is not finite."""
        arrays = {item.name: a[part] for a, item in zip(self.arrays, self.loss.inputs, strict=True)}
        for name, result in zip(_FUNCTIONS, results, strict=False):
            raise_result(result, name, self.caller, arrays, start)


class PythonPlan(_CustomPlan):
    """Python functions of arrays, called for one part of the data after the other."""

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
            for part, start in self.parts()
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
    """Compiled functions, which the driver calls."""

    __slots__ = ()

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, ())
        self.kernel = params
        self.double = True

    def _raise_outside(self, bad):
        super()._raise_outside(bad)
        # The driver has scaled and summed the results of the functions, so they are called again.
        wanted = (bad >> pointwise.FIRST_RESULT).bit_length()
        for part, start in self.parts():
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
