"""The base class `Loss`, the registry of losses, and the ways to look one up.

A loss class describes itself: `function_name`, `inputs`, `tags`, its parameters and their
constraints. The base class of its kernel family, in `_families/`, sets how it is evaluated, by
`plan_class`. What all losses share is in this module: calls, reductions, weights, outputs, partial
losses and arithmetic.
"""

import difflib
import inspect
import math
import numbers
import operator
import warnings
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils.metaestimators import available_if

from . import _constants, _links
from ._declaration import check_name, find_flaw, signature_of_init
from ._description import Input, LossTags, by_parameters  # noqa: F401 (re-exported for loss classes)
from ._docs import class_doc
from ._domains import NONNEGATIVE
from ._html import HTMLRepr
from ._kernels import pointwise
from ._partial import PartialLoss
from ._results import Result, new_output
from ._sklearn_compat import InvalidParameterError, StrOptions, validate_parameter_constraints
from ._validation import (
    assume_finite,
    check_avg_factor,
    check_factor,
    check_out,
    check_sample_weight,
    check_separate_means,
    output_dtype,
    raise_named,
    raise_outputs,
    raise_outside,
    raise_parameter,
    raise_reduction,
    raise_unexpected,
    refuse_estimator,
    rescale,
)
from ._warnings import warn

__all__ = ["Loss", "PartialLoss", "get_loss", "get_loss_names"]


#: Loss classes by `function_name`.
_REGISTRY = {}

# Types of parameters that cannot be changed in place; what is derived from them may be cached.
_IMMUTABLE = (str, bytes, numbers.Number, type(None))


class Loss(HTMLRepr, BaseEstimator):
    """Base class of all losses.

    A loss is called with the target first, ``loss(y_true, y_pred)``. Its parameters are those of
    the constructor and work with `get_params`, `set_params` and :func:`sklearn.base.clone`. A
    subclass that defines `function_name` is registered under that name. Losses of the same arrays
    can be combined by arithmetic: ``0.7 * loss_a + 0.3 * loss_b``.

    See Also
    --------
    get_loss : Get a loss by the name of its function.
    CombinedLoss : A weighted sum of losses, the result of arithmetic.
    CustomLoss : A loss defined by user functions.
    check_loss : Check that a loss is consistent.
    """

    #: Name of the function that is generated from the class, and key in the registry.
    function_name = None
    #: The arrays of a call, in order.
    inputs: tuple[Input, ...] = ()
    #: A `LossTags`: what the loss expects and guarantees.
    tags: Any = None
    #: Allowed values of `reduction`.
    reductions = ("mean", "sum", "none")
    #: Whether each term of the loss belongs to one sample, so that samples may have weights.
    weighted = True
    #: The shape of the weights, for docstrings.
    weight_shape = "(n_samples,) or of the unreduced loss"
    #: What has a weight, for error messages.
    weight_of = "sample"
    #: Boolean keywords that only the function has. Each makes it return more, what
    #: `plan.extra(name)` returns. The values are the entries in the "Returns" section of the
    #: docstring.
    switches = {}
    #: Whether predictions are log-probabilities, for which the loss cannot be negative.
    of_log_probabilities = False
    #: Names of the loss in other libraries, for hints in error messages.
    aliases = ()
    #: The subclass of `_families.plan.Plan` that evaluates the loss, set by the family's
    #: base class.
    plan_class: Any = None

    #: Shape of the axes that predictions have after those of the target.
    trailing_shape: tuple[int, ...] = ()

    _parameter_constraints = {}
    # What keeps objects from working, see `find_flaw`; found for each subclass.
    _flaw: Any = "Loss is the base class of all losses. Use one of its subclasses, or get_loss."

    # Make NumPy scalars and arrays defer to the loss in `0.5 * loss`.
    __array_ufunc__ = None
    # ``_combine((loss, factor), ...)`` returns the weighted sum. It is set by `losses/combined.py`,
    # which imports this module.
    _combine: Any = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # Otherwise `inspect.signature` would report the signature of `__new__`.
        cls.__signature__ = signature_of_init(cls)
        cls._param_names = tuple(cls.__signature__.parameters)
        cls._own_param_names = tuple(name for name in cls._param_names if name != "reduction")
        # Values are read from vars(self), because a parameter may have the name of a method.
        cls._param_values = operator.itemgetter(*cls._param_names, "reduction")
        inputs = inspect.getattr_static(cls, "inputs")
        cls._flaw = flaw = find_flaw(cls)
        if flaw is None and not isinstance(inputs, property):
            cls._input_names = tuple(item.name for item in cls.inputs)
            cls._outputs = tuple(k for k, item in enumerate(cls.inputs) if item.differentiable)
        cls._checks_arrays = cls._check_arrays is not Loss._check_arrays
        # Looked up once for all calls, unless the inputs depend on parameters.
        fixed = isinstance(inputs, tuple) and flaw is None
        cls._domain_keys = tuple(item.domain.key for item in cls.inputs) if fixed else None
        if "function_name" in cls.__dict__:
            if flaw is not None:
                raise TypeError(flaw)
            # If the tags depend on parameters, those for the default parameters are checked.
            if not isinstance(cls.tags, LossTags):
                raise TypeError(f"{cls.__name__}.tags must be LossTags. Got {cls.tags!r} instead.")
            check_name(cls, _REGISTRY)
            _REGISTRY[cls.function_name] = cls
            cls.__doc__ = class_doc(cls)

    def __new__(cls, *args, **params):
        """Raise for parameters that do not exist, with a hint at the nearest name that does."""
        refuse_estimator(cls.__name__, args)
        if cls._flaw is not None:
            raise TypeError(cls._flaw)
        for name in params:
            if name not in cls._param_names:
                raise_unexpected(cls.__name__, name, cls._param_names)
        return super().__new__(cls)

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction

    # -- what subclasses define ---------------------------------------------------------------

    def _kernel_params(self):
        """Return the parameters that the kernel takes; called once for each set of valid values."""
        return ()

    def _check_arrays(self, arrays):
        """Raise if the arrays are inconsistent with each other or with the parameters.

        For checks that the family's plan does not make. Called only if a class overrides it.
        """

    def _best_constant(self, y_true, weight):
        """Return the constant that minimises the loss if there is a formula, else None.

        For losses of classes, `y_true` holds class indices, (n_samples,), or one row for each
        sample, (n_samples, n_classes), and `weight` has shape (n_samples,). For all other losses,
        `y_true` is float64 with the samples along the first axis, and `weight` has its shape.
        """
        return None

    def _leaves(self):
        """The losses that a sum of losses is made of, each with its factor; else the loss."""
        return [(self, 1.0)]

    # -- parameters ---------------------------------------------------------------------------

    def _resolve(self):
        """Validate the parameters and return those of the kernel; cached until one changes."""
        # Empty until the parameters are resolved. It is replaced when one is set, and what another
        # thread finds out meanwhile about the old ones is lost.
        resolved = self.__dict__.setdefault("_resolved", [])
        if resolved:
            return resolved[0]
        try:
            values = self._param_values(vars(self))
        except KeyError as error:
            raise TypeError(
                f"{type(self).__name__}.__init__ must store its parameter {error} under this name."
            ) from None
        validate_parameter_constraints(
            {**self._parameter_constraints, "reduction": [StrOptions(set(self.reductions))]},
            dict(zip(self._param_names, values, strict=False)),
            caller_name=type(self).__name__,
        )
        params = self._kernel_params()
        if all(isinstance(value, _IMMUTABLE) for value in values):
            resolved.append(params)
        return params

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        self.__dict__["_resolved"] = []

    def __getstate__(self):
        state: dict[str, Any] = {**super().__getstate__()}  # pyright: ignore[reportGeneralTypeIssues]
        state.pop("_resolved", None)
        return state

    # -- arithmetic ---------------------------------------------------------------------------

    def __mul__(self, factor):
        if not isinstance(factor, numbers.Real):
            return NotImplemented
        return self._combine((self, check_factor(factor, "factor")))

    __rmul__ = __mul__

    def __truediv__(self, divisor):
        if not isinstance(divisor, numbers.Real):
            return NotImplemented
        return self._combine((self, 1 / check_factor(divisor, "divisor")))

    def __neg__(self):
        return self._combine((self, -1.0))

    def __add__(self, other):
        if isinstance(other, numbers.Real) and other == 0:
            return self  # the start value of sum()
        if not isinstance(other, Loss):
            return NotImplemented
        return self._combine((self, 1.0), (other, 1.0))

    __radd__ = __add__

    def __sub__(self, other):
        if not isinstance(other, Loss):
            return NotImplemented
        return self._combine((self, 1.0), (other, -1.0))

    # -- calls --------------------------------------------------------------------------------

    def __call__(
        self,
        *arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        n_threads=None,
        **named_arrays,
    ):
        """Compute the loss.

        Parameters
        ----------
        *arrays : array-like
            The arrays of the loss, target first.
        sample_weight : array-like of shape (n_samples,) or of the unreduced loss, default=None
            Weights, >= 0.
        reduction : str, default=None
            Overrides the `reduction` parameter of the loss. None means no override.
        avg_factor : float, default=None
            The denominator of "mean" in place of the sum of the weights. Ignored for "none", which
            has no denominator; an error for any other reduction.
        n_threads : int, default=None
            Number of threads. None means what OMP_NUM_THREADS and threadpoolctl allow.
        **named_arrays : array-like
            Arrays passed by name.

        Returns
        -------
        value : float, or ndarray for the reduction "none"
            nan, with an UndefinedMetricWarning, for a mean with a total weight of zero.

        Raises
        ------
        ValueError
            If an array is empty, has a wrong shape or a value outside its domain, or if a parameter
            is invalid.
        TypeError
            If an argument is missing or does not exist, or if NumPy cannot read an array.
        """
        arrays = self._positional(arrays, named_arrays)
        return self._evaluate(arrays, sample_weight, reduction, avg_factor, n_threads).value

    def gradient(
        self,
        *arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        gradient_out=None,
        n_threads=None,
        **named_arrays,
    ):
        """Compute the gradient of the loss with respect to the prediction.

        Parameters
        ----------
        *arrays, sample_weight, reduction, avg_factor, n_threads, **named_arrays
            As in a call.
        gradient_out : ndarray or tuple of ndarray, default=None
            Array of the shape of the prediction to write the gradient to. Its dtype must be that
            of the gradient, or float32, in which case a float64 gradient is rounded. The array is
            left unchanged if an input is invalid. A tuple of arrays if the loss has several
            differentiable inputs.

        Returns
        -------
        gradient : ndarray or tuple of ndarray
            float32 for float32 and float16 predictions, else float64. A tuple if the loss has
            several differentiable inputs.

        Raises
        ------
        ValueError
            If the loss has no gradient.
        """
        return self._evaluate(
            self._positional(arrays, named_arrays),
            sample_weight,
            reduction,
            avg_factor,
            n_threads,
            want_gradient=True,
            gradient_out=gradient_out,
        ).gradient

    def value_and_gradient(
        self,
        *arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        gradient_out=None,
        n_threads=None,
        **named_arrays,
    ):
        """Compute the loss and its gradient in one pass over the data.

        Parameters
        ----------
        *arrays, sample_weight, reduction, avg_factor, n_threads, **named_arrays
            As in a call.
        gradient_out : ndarray or tuple of ndarray, default=None
            As in `gradient`.

        Returns
        -------
        value : float, or ndarray for the reduction "none"
        gradient : ndarray or tuple of ndarray
        """
        result = self._evaluate(
            self._positional(arrays, named_arrays),
            sample_weight,
            reduction,
            avg_factor,
            n_threads,
            want_gradient=True,
            gradient_out=gradient_out,
        )
        return result.value, result.gradient

    def gradient_and_hessian(
        self,
        *arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        gradient_out=None,
        hessian_out=None,
        n_threads=None,
        **named_arrays,
    ):
        """Compute the gradient and the diagonal of the Hessian with respect to the prediction.

        Parameters
        ----------
        *arrays, sample_weight, reduction, avg_factor, n_threads, **named_arrays
            As in a call.
        gradient_out, hessian_out : ndarray or tuple of ndarray, default=None
            Arrays to write the results to, as in `gradient`.

        Returns
        -------
        gradient : ndarray or tuple of ndarray
        hessian : ndarray or tuple of ndarray
            Of the shape of the gradient. If `tags.hessian` is not "exact", the docstring of the
            class says what is returned instead.

        Raises
        ------
        ValueError
            If the loss has no diagonal Hessian.
        """
        self._resolve()  # the tags may depend on the parameters
        if self.tags.hessian == "none":
            raise ValueError(f"{type(self).__name__} has no diagonal Hessian.")
        result = self._evaluate(
            self._positional(arrays, named_arrays),
            sample_weight,
            reduction,
            avg_factor,
            n_threads,
            want_gradient=True,
            gradient_out=gradient_out,
            want_hessian=True,
            hessian_out=hessian_out,
        )
        return result.gradient, result.hessian

    def partial(self, *arrays, sample_weight=None, n_threads=None, **named_arrays):
        """Compute the loss of one part of a data set, to be added to the loss of the other parts.

        Parameters
        ----------
        *arrays, sample_weight, n_threads, **named_arrays
            As in a call.

        Returns
        -------
        part : PartialLoss
            ``sum(parts).value`` is the loss of the whole data set.

        Raises
        ------
        ValueError
            If the loss of a part depends on the rest of the data, or for the reduction "none".
        """
        self._resolve()
        self._check_additive()
        if self.reduction == "none":
            raise ValueError("Partial losses add up only after a reduction. Got reduction='none'.")
        arrays = self._positional(arrays, named_arrays)
        part_of = (self.reduction, 1.0)
        return self._evaluate(arrays, sample_weight, "sum", None, n_threads, part_of=part_of).value

    # -- raw predictions ----------------------------------------------------------------------

    def optimal_constant(self, y_true, sample_weight=None):
        """Compute the constant prediction that minimises the loss.

        Parameters
        ----------
        y_true : array-like
            Targets of all samples. For losses that take both class indices and class
            probabilities, an array with more than one axis holds probabilities.
        sample_weight : array-like of shape (n_samples,) or of the unreduced loss, default=None
            Weights, >= 0. A weight of k counts as k repetitions of the sample.

        Returns
        -------
        constant : float, ndarray or tuple of them
            A raw prediction: a float for one target per sample, an array with one element for
            each column of `y_true` for several, and an array of shape (n_classes,) for losses of
            classes. For `GaussianNLLLoss`, the tuple (mean, variance), and for
            `CumulativeLogitLoss` (0, thresholds).

        Raises
        ------
        ValueError
            If there is no such constant because the loss does not compare predictions with
            targets, or if all weights are zero.

        See Also
        --------
        inverse_link : From raw predictions to the scale of the target.

        Notes
        -----
        A formula is used where there is one: a mean, a quantile, the frequencies of the classes,
        or the link function of these. Otherwise the loss is minimised numerically. Probabilities
        are clipped to [eps, 1 - eps], so the logit of a label that always or never occurs is about
        36 or -36. Logits of classes, which are defined only up to a common constant, are returned
        as log-probabilities, and class margins with a mean of 0. The number of classes is the
        highest index plus 1, or the number of class weights if that is larger.

        Examples
        --------
        >>> from sklosses import BCEWithLogitsLoss, CrossEntropyLoss
        >>> round(BCEWithLogitsLoss().optimal_constant([0, 1, 1, 1]), 4)
        1.0986
        >>> CrossEntropyLoss().optimal_constant([0, 1, 1, 2]).round(4)
        array([-1.3863, -0.6931, -1.3863])
        """
        return _constants.optimal_constant(self, y_true, sample_weight)

    def inverse_link(self, raw, *others):
        """Convert raw predictions to the scale of the target.

        Parameters
        ----------
        raw, *others : array-like
            Predictions as the loss takes them; `CumulativeLogitLoss` takes thresholds as well.

        Returns
        -------
        prediction : ndarray or float
            The expected target: a rate from its logarithm, a probability from a logit, the
            expected value of a target in {-1, 1}. Predictions that are on the scale of the target
            already are returned unchanged. The class axis is that of the loss.

        Raises
        ------
        ValueError
            If raw predictions have no counterpart on the scale of the target.

        See Also
        --------
        predict_proba : Probabilities of the classes.

        Examples
        --------
        >>> from sklosses import BCEWithLogitsLoss, PoissonNLLLoss
        >>> PoissonNLLLoss().inverse_link([0.0, 1.0]).round(4)
        array([1.    , 2.7183])
        >>> BCEWithLogitsLoss().inverse_link([0.0, 1.0]).round(4)
        array([0.5   , 0.7311])
        """
        return _links.inverse_link(self, raw, *others)

    @available_if(_links.has_probabilities)
    def predict_proba(self, raw, *others):
        """Convert raw predictions to probabilities of the classes.

        Only losses of logits, probabilities and log-probabilities have this method, and those of
        margins that stand for a probability.

        Parameters
        ----------
        raw, *others : array-like
            Predictions as the loss takes them; `CumulativeLogitLoss` takes thresholds as well.

        Returns
        -------
        probability : ndarray
            For losses of classes, the probabilities of the classes, of the shape of `raw`; for
            ordered classes there is one column more. For losses of labels and `raw` of shape
            (n_samples,), an array of shape (n_samples, 2) with the probability of the label 1 in
            the second column. For more axes, and for multilabel losses, the probability of the
            label 1 for each element, of the shape of `raw`.

        See Also
        --------
        inverse_link : From raw predictions to the scale of the target.

        Examples
        --------
        >>> from sklosses import BCEWithLogitsLoss
        >>> BCEWithLogitsLoss().predict_proba([0.0, 1.0]).round(4)
        array([[0.5   , 0.5   ],
               [0.2689, 0.7311]])
        """
        return _links.predict_proba(self, raw, *others)

    def _check_additive(self):
        """Raise if the loss of a part depends on the rest of the data."""

    def _by_output(self):
        """The losses of the single predictions, if there are several for each target."""
        return [self]

    def _smoothed(self, width):
        """The loss with its kinks rounded over errors of this size; None for any other loss."""

    def _positional(self, arrays, named):
        """All arrays of a call, positional and named, in the order of the inputs."""
        if named:
            arrays = (*arrays, *self._named(len(arrays), named))
        if len(arrays) < len(self.inputs):
            arrays += tuple(None for item in self.inputs[len(arrays) :] if item.optional)
        if len(arrays) != len(self.inputs):
            refuse_estimator(repr(self), arrays)
            raise TypeError(
                f"{type(self).__name__} is called with {len(self.inputs)} arrays "
                f"({', '.join(self._input_names)}). Got {len(arrays)} instead."
            )
        return arrays

    def _named(self, n_positional, named):
        """The named arrays in order, after the `n_positional` that were passed by position."""
        names = self._input_names
        for name in named:
            if name not in names[n_positional:]:
                raise_named(type(self).__name__, name, names, n_positional, self._param_names)
        rest = self.inputs[n_positional:]
        missing = [item.name for item in rest if item.name not in named and not item.optional]
        if missing:
            raise TypeError(f"{type(self).__name__} is missing the argument {missing[0]!r}.")
        return [named.get(item.name) for item in rest]

    # -- evaluation, in stages ----------------------------------------------------------------

    def _evaluate(
        self,
        arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        n_threads=None,
        **wanted,
    ):
        """Evaluate the loss. All public methods and functions call this one.

        Parameters
        ----------
        arrays : sequence of array-like
            One for each input, in order.
        sample_weight, reduction, avg_factor, n_threads, gradient_out, hessian_out
            As the user passed them; the last two by keyword, as all that follow.
        want_gradient, want_hessian : bool, default=False
            Whether the gradient and the Hessian are computed.
        part_of : tuple, default=None
            Of a part of a data set, whose reduction is "sum": the reduction of the whole, since the
            terms of a mean may differ from those of a sum, and the denominator of the gradients.
        switches : tuple of str, default=()
            The switches of the function that are on.
        cotangent : ndarray, default=None
            Factors of the unreduced losses, of any sign. With the reduction "sum", the gradients
            are then the vector-Jacobian product of the reduction "none".
        spare : tuple of ndarray, default=()
            Arrays like those of the gradients, whose memory is used for them.

        Returns
        -------
        result : Result
        """
        params = self._resolve()
        if wanted.get("want_gradient") and self.tags.gradient == "none":
            raise ValueError(f"{type(self).__name__} has no gradient.")
        if reduction is None and avg_factor is None:
            reduction = self.reduction
        else:
            reduction, avg_factor = self._check_call(reduction, avg_factor)
        try:
            return self._evaluate_arrays(
                params, arrays, sample_weight, reduction, avg_factor, n_threads, **wanted
            )
        except (TypeError, ValueError) as error:
            refuse_estimator(repr(self), arrays)
            settings = (sample_weight, reduction, avg_factor, n_threads)
            self._raise_if_swapped(error, params, arrays, settings)
            raise

    def _evaluate_arrays(
        self,
        params,
        arrays,
        sample_weight,
        reduction,
        avg_factor,
        n_threads,
        *,
        want_gradient=False,
        gradient_out=None,
        want_hessian=False,
        hessian_out=None,
        part_of=None,
        switches=(),
        cotangent=None,
        spare=(),
    ):
        """Read and check the arrays, find the denominator, allocate the outputs, run the plan."""
        arrays = self._read_arrays(arrays)
        plan = self.plan_class(self, arrays, params)
        if plan.separate_means:
            check_separate_means(type(self).__name__, self._input_names, sample_weight, reduction)
        terms_of, denominator = reduction, 1.0
        if part_of is not None:
            terms_of, denominator = part_of
        plan.begin(
            terms_of, avg_factor, n_threads, assume_finite(), want_gradient, switches, cotangent
        )

        weight = weight_sum = None
        if sample_weight is not None:
            weight, weight_sum = self._check_weight(sample_weight, plan, reduction)
        total_weight = plan.prepare(weight, weight_sum)
        if cotangent is not None:
            weight = plan.signed_weight(weight)

        if gradient_out is not None or hessian_out is not None:
            outs = gradient_out, hessian_out
            gradient_out, hessian_out = self._check_outputs(arrays, weight, *outs)
            plan.check_first = plan.can_check_first
            if not plan.check_first:
                plan.check()

        if reduction in _AVERAGES:
            denominator = self._denominator(reduction, avg_factor, total_weight, plan)
        scale = 1 / denominator if denominator else 0.0

        values = None
        if reduction == "none":
            values = new_output(plan.values_like, plan.values_dtype, plan.shape)
        gradients = (gradient_out or spare or self._new_gradients(arrays)) if want_gradient else ()
        hessians = (hessian_out or self._new_gradients(arrays)) if want_hessian else ()
        try:
            total = plan.run(weight, scale, values, gradients, hessians)
        except Exception:
            # A user function raised: fill the outputs with NaN, so that a partly written gradient
            # cannot be mistaken for a complete one. A driver that checks first has written nothing.
            if not plan.check_first:
                for out in (*gradients, *hessians):
                    out.fill(np.nan)
            raise
        if total < 0:
            plan.warn_of_sign(total, total_weight)
        if values is None and part_of:
            counted = plan.n_samples if terms_of == "batchmean" else total_weight
            values = PartialLoss(float(total), counted, reduction=terms_of)
        elif values is None:
            values = total / denominator if denominator else math.nan
        return Result(values, gradients, hessians, total_weight, plan)

    def _check_call(self, reduction, avg_factor):
        """Validate the reduction and the denominator of a call."""
        if reduction is None:
            reduction = self.reduction
        elif not isinstance(reduction, str) or reduction not in self.reductions:
            raise_reduction(type(self).__name__, self.reductions, reduction)
        if avg_factor is not None:
            avg_factor = check_avg_factor(avg_factor)
            if reduction not in ("mean", "none"):
                raise ValueError(
                    "The 'avg_factor' parameter goes with reduction='mean'. "
                    f"Got reduction={reduction!r}."
                )
        return reduction, avg_factor

    def _read_arrays(self, arrays):
        """Convert what was passed to NumPy arrays, one for each input."""
        arrays = [
            # The common case is inlined: in a small call the time of `item.read` is noticeable.
            values
            if type(values) is np.ndarray
            and values.dtype.kind in _REAL_KINDS
            and values.size
            # Labels may have any dtype, but only one axis, which `read` checks.
            and item.domain.kind != "labels"
            else item.read(values)
            for item, values in zip(self.inputs, arrays, strict=True)
        ]
        if self._checks_arrays:
            self._check_arrays(arrays)
        return arrays

    def _check_weight(self, sample_weight, plan, reduction):
        """Weights broadcast to the unreduced loss, and their sum."""
        if not self.weighted:
            raise ValueError(
                f"{type(self).__name__} does not take sample_weight: each term involves several "
                "samples."
            )
        weight, repeats = check_sample_weight(sample_weight, plan.shape, self.weight_of)
        # Of broadcast weights, each one is read only once.
        passed = weight if repeats == 1 else weight[(slice(None),) + (0,) * (weight.ndim - 1)]
        total, bad = pointwise.run(
            pointwise.KERNELS["identity"],
            passed.shape,
            (),
            (passed,),
            (NONNEGATIVE.key,),
            True,
            assume_finite=plan.assume_finite,
            n_threads=plan.n_threads,
        )
        if bad:
            raise_outside(passed, "sample_weight", NONNEGATIVE)
        if reduction == "mean" and plan.avg_factor is None:
            return rescale(weight, total * repeats)
        return weight, total * repeats

    def _check_outputs(self, arrays, weight, gradient_out, hessian_out):
        """Check the caller's output arrays; return them as two tuples."""
        params = self._read_params()
        like = arrays[self._outputs[0]]
        single = hessian_out is None and len(self._outputs) == 1
        # The common case takes one call, for which a small problem need not wait.
        if single and pointwise.is_plain_output(gradient_out, like, arrays, weight, params):
            return (gradient_out,), ()
        # Memory that the outputs must not share.
        taken = [*zip(self._input_names, arrays, strict=True), ("sample_weight", weight), *params]
        wanted = self._differentiable(arrays)
        checked = []
        for name, out in (("gradient_out", gradient_out), ("hessian_out", hessian_out)):
            outs = () if out is None else out if isinstance(out, tuple) else (out,)
            if out is not None and len(outs) != len(wanted):
                raise_outputs(name, len(wanted), out)
            for array, item in zip(wanted, outs, strict=False):
                check_out(item, name, array, output_dtype(array), taken)
                taken.append((name, item))
            checked.append(outs)
        return checked

    def _denominator(self, reduction, avg_factor, total_weight, plan):
        """The denominator of a mean."""
        if reduction == "batchmean":
            denominator = plan.n_samples
        else:
            denominator = total_weight if avg_factor is None else avg_factor
        if denominator == 0:
            warn(
                f"The mean of {type(self).__name__} is undefined: {plan.why_undefined}.",
                UndefinedMetricWarning,
            )
        return denominator

    def _differentiable(self, arrays):
        """The arrays that were passed for differentiable inputs."""
        return [arrays[k] for k in self._outputs if arrays[k] is not None]

    def _new_gradients(self, arrays):
        return tuple([new_output(a, output_dtype(a)) for a in self._differentiable(arrays)])

    def _raise_if_swapped(self, error, params, arrays, settings):
        """If the arrays are valid in another order, raise `error` with a hint at that order."""
        if getattr(error, "is_hinted", False):
            return
        if order := self._fitting_order(params, arrays, settings):
            # Not type(error), whose constructor may take other arguments.
            kind = ValueError if isinstance(error, ValueError) else TypeError
            raise kind(
                f"{error} The arguments seem to be swapped: they fit as ({', '.join(order)}), but "
                f"{type(self).__name__} takes ({', '.join(self._input_names)})."
            ) from error

    def _fitting_order(self, params, arrays, settings):
        """What the arrays seem to be, in the order of the call, if only another order is valid.

        Returns None if there is no such order. PyTorch, for one, takes the target last.
        """
        inputs = self.inputs
        if inputs[0].differentiable or len({item.domain for item in inputs}) == 1:
            return None
        own, *others = range(len(inputs))
        for order in dict.fromkeys([(own, *others), (1, own, *others[1:]), (*others, own)]):
            # The array at position k was meant for position order[k].
            swapped = [arrays[order.index(k)] for k in range(len(inputs))]
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    self._evaluate_arrays(params, swapped, *settings)
            except Exception:
                continue
            # If the arrays are valid in their own order, the error was about an output array.
            return [self._input_names[k] for k in order] if order[0] != own else None
        return None

    def _read_params(self):
        """Names and values of the parameters; a kernel may read those that are arrays."""
        return [(name, getattr(self, name)) for name in self._own_param_names]


# Kinds of dtypes that the drivers read.
_REAL_KINDS = "fiub"

# Reductions with a denominator.
_AVERAGES = ("mean", "batchmean")


def get_loss(loss, **params):
    """Get a loss object by the name of its function, or from any other form of a loss.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        One of `get_loss_names()`, the function of a loss, a class, or an object. Of an object, a
        clone is returned.
    **params
        Parameters of the loss.

    Returns
    -------
    loss : Loss

    Raises
    ------
    ValueError
        If there is no loss of that name.
    InvalidParameterError
        If `loss` is none of these forms. It is a ValueError and a TypeError.

    See Also
    --------
    get_loss_names : Names of all losses.

    Examples
    --------
    >>> from sklosses import get_loss
    >>> get_loss("huber_loss", delta=2.0)
    HuberLoss(delta=2.0)
    """
    return as_loss(loss, "get_loss", **params)


def get_loss_names():
    """Get the names of all losses.

    Returns
    -------
    names : list of str
        The names of the functions, sorted.

    See Also
    --------
    get_loss : Get a loss object by name.

    Examples
    --------
    >>> from sklosses import get_loss_names
    >>> "mse_loss" in get_loss_names()
    True
    """
    return sorted(_REGISTRY)


def as_loss(loss, caller, **params):
    """Convert any form of a loss to a loss object.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        Name of a loss function, the function, a class, or an object. Of an object, a clone is
        returned.
    caller : str
        Name of the class or function that was called, for error messages.
    **params
        Parameters of the loss.

    Returns
    -------
    loss : Loss
    """
    if isinstance(loss, Loss):
        return clone(loss).set_params(**params)  # pyright: ignore[reportAttributeAccessIssue]
    cls = loss
    if isinstance(loss, str):
        cls = _REGISTRY.get(loss)
        if cls is None:
            raise ValueError(
                f"{loss!r} is not a valid loss name.{nearest_names(loss)} "
                "Use sklosses.get_loss_names() to get valid options."
            )
    elif not isinstance(loss, type):
        cls = getattr(loss, "_loss_class", None)
    if isinstance(cls, type) and issubclass(cls, Loss):
        return cls(**params)
    raise_parameter(
        caller,
        "loss",
        "the name of a loss, its function, a Loss class or a Loss object",
        loss,
        error=InvalidParameterError,
    )


def _squeezed(name):
    """The part of a name that libraries agree on: letters and digits, without a final "loss"."""
    return "".join(filter(str.isalnum, name.lower())).removesuffix("loss")


def nearest_names(name, among=None):
    """A question that suggests the losses, all or those in `among`, closest to `name`; or ""."""
    wanted = _squeezed(name)
    words = {}
    for known, cls in _REGISTRY.items():
        if among is not None and known not in among:
            continue
        for word in (known, cls.__name__, *cls.aliases):
            words.setdefault(_squeezed(word), []).append(known)
    near = words.get(wanted, [])
    if not near and len(wanted) > 2:
        near = [known for word, names in words.items() if wanted in word for known in names]
    if not near:
        close = difflib.get_close_matches(wanted, words, n=1)
        near = [known for word in close for known in words[word]]
    near = list(dict.fromkeys(near))[:4]
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
