"""`Loss`: what all losses share, whatever their kernels.

A loss class says what it is: `function_name`, `inputs`, `tags`, parameters and their constraints.
The base class of its kernel family, in `_families/`, says how it is evaluated: `plan_class`. Calls,
reductions, weights, outputs, parts and the registry are here, once.
"""

import difflib
import inspect
import math
import numbers
import operator
import warnings

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils.metaestimators import available_if

from . import _constants, _links
from ._description import Input, LossTags, by_parameters  # noqa: F401 (for classes of losses)
from ._docs import class_doc
from ._domains import NONNEGATIVE
from ._kernels import pointwise
from ._sklearn_compat import InvalidParameterError, StrOptions, validate_parameter_constraints
from ._validation import (
    CALL_KEYWORDS,
    assume_finite,
    check_apart,
    check_avg_factor,
    check_out,
    check_sample_weight,
    output_dtype,
    raise_outside,
    raise_reduction,
    raise_unexpected,
    refuse_estimator,
)
from ._warnings import warn

__all__ = ["Loss", "PartialLoss", "get_loss", "get_loss_names"]


_REGISTRY = {}

# Values that cannot change under a loss that has cached what it derived from them.
_IMMUTABLE = (str, bytes, numbers.Number, type(None))


class Loss(BaseEstimator):
    """Base class of all losses.

    An object is called with the target first, ``loss(y_true, y_pred)``; its parameters are
    those of the constructor, with scikit-learn's `get_params`, `set_params` and `clone`. A
    subclass that defines `function_name` is registered under it. Losses of the same arrays are
    combined by arithmetic, ``0.7 * loss_a + 0.3 * loss_b``.

    See Also
    --------
    get_loss : A loss by the name of its function.
    CombinedLoss : What arithmetic makes.
    CustomLoss : A loss of functions of one's own.
    check_loss : Whether a loss does what it says.
    """

    #: Name of the function derived from the class, and of the loss in the registry.
    function_name = None
    #: The arrays of a call, in order.
    inputs = ()
    tags = None
    #: Allowed values of `reduction`.
    reductions = ("mean", "sum", "none")
    #: Whether the terms of the loss belong to samples, which may have weights.
    weighted = True
    #: Switches of the function alone, by name, with what else each makes it return: a
    #: docstring's entry of "Returns". The plan has the arrays as `extra(name)`.
    switches = {}
    #: Whether predictions are log-probabilities, of which the loss cannot be negative.
    of_log_probabilities = False
    #: Names that the loss has in other libraries, for hints.
    aliases = ()
    #: How the loss is evaluated: a subclass of `_families.plan.Plan`, from the family's base class.
    plan_class = None

    _parameter_constraints = {}

    # NumPy's scalars and arrays leave `0.5 * loss` to the loss.
    __array_ufunc__ = None
    # ``_combine((loss, factor), ...)`` makes the weighted sum; `losses/combined.py`, which is built
    # on this class, puts its function here.
    _combine = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._param_names = tuple(
            name for name in inspect.signature(cls.__init__).parameters if name != "self"
        )
        cls._own_param_names = tuple(name for name in cls._param_names if name != "reduction")
        # Not that of __new__.
        cls.__signature__ = _signature_of_init(cls)
        # From the instance's own dictionary: a parameter may have the name of a method.
        cls._param_values = operator.itemgetter(*cls._param_names, "reduction")
        if not isinstance(inspect.getattr_static(cls, "inputs"), property):
            cls._input_names = tuple(item.name for item in cls.inputs)
            cls._outputs = tuple(k for k, item in enumerate(cls.inputs) if item.differentiable)
        cls._checks_arrays = cls._check_arrays is not Loss._check_arrays
        # Looked up once for all calls, where parameters do not decide.
        fixed = isinstance(inspect.getattr_static(cls, "inputs"), tuple)
        cls._domain_keys = tuple(item.domain.key for item in cls.inputs) if fixed else None
        if "function_name" in cls.__dict__:
            # Tags that follow from parameters are checked by their defaults.
            if not isinstance(cls.tags, LossTags):
                raise TypeError(f"{cls.__name__}.tags must be LossTags. Got {cls.tags!r} instead.")
            _REGISTRY[cls.function_name] = cls
            cls.__doc__ = class_doc(cls)

    def __new__(cls, *args, **params):
        """Refuse parameters that do not exist, with a hint at those that do."""
        refuse_estimator(cls.__name__, args)
        for name in params:
            if name not in cls._param_names:
                raise_unexpected(cls.__name__, name, cls._param_names)
        return super().__new__(cls)

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = reduction

    # -- what subclasses define ---------------------------------------------------------------

    def _kernel_params(self):
        """Parameters as the kernel takes them; called once for each set of valid values."""
        return ()

    def _check_arrays(self, arrays):
        """Raise if the arrays do not go together, or with the parameters.

        For what the family's plan does not check; called only where a class defines it.
        """

    def _best_constant(self, y_true, weight):
        """The constant prediction that minimises the loss, where there is a formula for it.

        `y_true` is float64 with the samples along the first axis, or an array of class indices
        (n_samples,) or numbers (n_samples, n_classes) beside classes. `weight` is of its shape, or
        (n_samples,) beside classes.
        """
        return None

    # -- parameters ---------------------------------------------------------------------------

    def _resolve(self):
        """Validate the parameters; return what the kernel takes. Cached while they stay."""
        values = self._param_values(vars(self))
        cached = self.__dict__.get("_resolved")
        if cached is not None and all(map(operator.is_, cached[0], values)):
            return cached[1]
        validate_parameter_constraints(
            {**self._parameter_constraints, "reduction": [StrOptions(set(self.reductions))]},
            dict(zip(self._param_names, values, strict=False)),
            caller_name=type(self).__name__,
        )
        params = self._kernel_params()
        if all(isinstance(value, _IMMUTABLE) for value in values):
            self._resolved = (values, params)
        return params

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_resolved", None)
        return state

    # -- arithmetic ---------------------------------------------------------------------------

    def __mul__(self, factor):
        if not isinstance(factor, numbers.Real):
            return NotImplemented
        return self._combine((self, factor))

    __rmul__ = __mul__

    def __truediv__(self, divisor):
        if not isinstance(divisor, numbers.Real):
            return NotImplemented
        return self._combine((self, 1 / float(divisor)))

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
        """Value of the loss.

        Parameters
        ----------
        *arrays : array-like
            The arrays of the loss, target first.
        sample_weight : array-like of shape (n_samples,) or of the unreduced loss, default=None
            Weights, >= 0.
        reduction : str, default=None
            Overrides the object's.
        avg_factor : float, default=None
            The denominator of "mean", in place of the sum of the weights. "none" has no
            denominator and ignores it; with any other reduction it is refused.
        n_threads : int, default=None
            None: what OMP_NUM_THREADS and threadpoolctl allow.
        **named_arrays : array-like
            Arrays given by name.

        Returns
        -------
        value : float, or ndarray for the reduction "none"
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
        """Gradient of the value by the prediction; a tuple where there are several.

        Parameters
        ----------
        *arrays, sample_weight, reduction, avg_factor, n_threads, **named_arrays
            As in a call.
        gradient_out : ndarray or tuple of ndarray, default=None
            Where to write the gradient: of the prediction's shape and of the gradient's dtype, or
            of float32, to which a float64 gradient is rounded. When an input is refused it stays
            as it was.

        Returns
        -------
        gradient : ndarray or tuple of ndarray
            float32 for float32 and float16 predictions, else float64.
        """
        arrays = self._positional(arrays, named_arrays)
        return self._evaluate(
            arrays,
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
        """Value and gradient in one pass over the data.

        Parameters
        ----------
        *arrays, sample_weight, reduction, avg_factor, n_threads, **named_arrays
            As in a call.
        gradient_out : ndarray or tuple of ndarray, default=None
            Where to write the gradient.

        Returns
        -------
        value : float, or ndarray for the reduction "none"
        gradient : ndarray or tuple of ndarray
        """
        arrays = self._positional(arrays, named_arrays)
        result = self._evaluate(
            arrays,
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
        """Gradient and diagonal of the Hessian by the prediction.

        Parameters
        ----------
        *arrays, sample_weight, reduction, avg_factor, n_threads, **named_arrays
            As in a call.
        gradient_out, hessian_out : ndarray or tuple of ndarray, default=None
            Where to write them.

        Returns
        -------
        gradient : ndarray or tuple of ndarray
        hessian : ndarray or tuple of ndarray
            Of the gradient's shape. Where `tags.hessian` is not "exact", the class says what
            it is instead.
        """
        self._resolve()  # parameters may decide about the tags
        if self.tags.hessian == "none":
            raise ValueError(f"{type(self).__name__} has no diagonal Hessian.")
        arrays = self._positional(arrays, named_arrays)
        result = self._evaluate(
            arrays,
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
        """The loss of one part of a data set, to be added to those of the others.

        Parameters
        ----------
        *arrays, sample_weight, n_threads, **named_arrays
            As in a call.

        Returns
        -------
        part : PartialLoss
            ``sum(parts).value`` is the loss of all the data.
        """
        self._resolve()
        self._check_additive()
        if self.reduction == "none":
            raise ValueError(
                "Parts add up for the reductions 'mean' and 'sum'. Got reduction='none'."
            )
        arrays = self._positional(arrays, named_arrays)
        result = self._evaluate(
            arrays, sample_weight, "sum", None, n_threads, terms_of=self.reduction
        )
        weight = result.plan.n_samples if self.reduction == "batchmean" else result.weight
        return PartialLoss(result.value, weight, reduction=self.reduction)

    # -- raw predictions ----------------------------------------------------------------------

    def optimal_constant(self, y_true, sample_weight=None):
        """The constant prediction that minimises the loss.

        Parameters
        ----------
        y_true : array-like
            Targets of all the samples. Beside class indices or, in more axes, probabilities of
            the classes are taken by losses that take both.
        sample_weight : array-like of shape (n_samples,) or of the unreduced loss, default=None
            Weights, >= 0; they count as so many repetitions.

        Returns
        -------
        constant : float, ndarray or tuple of them
            A raw prediction: a float beside one target for each sample, an array with one for
            each column of `y_true` beside several, an array (n_classes,) for losses of classes.
            A tuple, (mean, variance), for `GaussianNLLLoss`.

        Raises
        ------
        ValueError
            If the loss has no such constant, since it compares something else than predictions
            with targets; if all the weights are zero.

        See Also
        --------
        inverse_link : From raw predictions to the scale of the target.

        Notes
        -----
        By a formula where there is one: a mean, a median, shares of the classes, or the link of
        them. Else the loss itself is minimised. A probability nearer to 0 or 1 than eps counts
        as eps, so the logit of a label that always or never occurs is about 36 or -36.
        Predictions for classes that mean the same but for a constant are returned as
        log-probabilities, margins with a mean of 0. There are as many classes as the highest
        index, or the weights of the classes, say.

        Examples
        --------
        >>> from sklosses import BCEWithLogitsLoss, CrossEntropyLoss
        >>> round(BCEWithLogitsLoss().optimal_constant([0, 1, 1, 1]), 4)
        1.0986
        >>> CrossEntropyLoss().optimal_constant([0, 1, 1, 2]).round(4)
        array([-1.3863, -0.6931, -1.3863])
        """
        return _constants.optimal_constant(self, y_true, sample_weight)

    def inverse_link(self, raw):
        """From raw predictions to the scale of the target.

        Parameters
        ----------
        raw : array-like
            Predictions as the loss takes them.

        Returns
        -------
        prediction : ndarray or float
            The expected target: rates of their logarithms, probabilities of logits, the
            expectation of -1 and 1 for targets of these, what is given where predictions are on
            the scale of the target. Classes are along the axis that they have in the loss.

        Raises
        ------
        ValueError
            If raw predictions have no such counterpart.

        See Also
        --------
        predict_proba : A probability for each class.

        Examples
        --------
        >>> from sklosses import BCEWithLogitsLoss, PoissonNLLLoss
        >>> PoissonNLLLoss().inverse_link([0.0, 1.0]).round(4)
        array([1.    , 2.7183])
        >>> BCEWithLogitsLoss().inverse_link([0.0, 1.0]).round(4)
        array([0.5   , 0.7311])
        """
        return _links.inverse_link(self, raw)

    @available_if(_links.has_probabilities)
    def predict_proba(self, raw):
        """Probabilities of the classes, of raw predictions that stand for some.

        Only losses of logits, of logistic margins and of probabilities have this method.

        Parameters
        ----------
        raw : array-like
            Predictions as the loss takes them.

        Returns
        -------
        probability : ndarray
            (n_samples, 2) of one prediction for each sample, that of the label 1 second. Of an
            array of more axes in its shape: each number on its own, the probability of a label
            1, for losses of labels; the probabilities of the classes for losses of classes.

        See Also
        --------
        inverse_link : For all losses.

        Examples
        --------
        >>> from sklosses import BCEWithLogitsLoss
        >>> BCEWithLogitsLoss().predict_proba([0.0, 1.0]).round(4)
        array([[0.5   , 0.5   ],
               [0.2689, 0.7311]])
        """
        return _links.predict_proba(self, raw)

    def _check_additive(self):
        """Raise if the loss of a part depends on the rest of the data."""

    def _positional(self, arrays, named):
        """Arrays in order, those given by name put into their places."""
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

    def _named(self, n_given, named):
        for name in named:
            if name not in self._input_names[n_given:]:
                caller = type(self).__name__
                if name in self._param_names:
                    raise TypeError(
                        f"{name!r} is a parameter of {caller}, not of a call: use "
                        f"{caller}({name}=...) or set_params."
                    )
                if name == "return_gradient":
                    raise TypeError(
                        f"{name!r} is an argument of functions: use {caller}.value_and_gradient."
                    )
                raise_unexpected(type(self).__name__, name, (*self._input_names, *CALL_KEYWORDS))
        rest = self.inputs[n_given:]
        missing = [item.name for item in rest if item.name not in named and not item.optional]
        if missing:
            raise TypeError(f"{type(self).__name__} misses the argument {missing[0]!r}.")
        return [named.get(item.name) for item in rest]

    # -- evaluation, in stages ----------------------------------------------------------------

    def _evaluate(
        self,
        arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        n_threads=None,
        *,
        want_gradient=False,
        gradient_out=None,
        want_hessian=False,
        hessian_out=None,
        terms_of=None,
    ):
        """All the calls end here.

        Parameters
        ----------
        arrays : sequence of array-like
            One for each input, in order.
        sample_weight, reduction, avg_factor, n_threads, gradient_out, hessian_out
            As the user passed them.
        want_gradient, want_hessian : bool
        terms_of : str, default=None
            The reduction whose terms are added, where it is not `reduction`: the terms of a mean
            may differ from those of a sum.

        Returns
        -------
        result : _Result
        """
        params = self._resolve()
        if want_gradient and self.tags.gradient == "none":
            raise ValueError(f"{type(self).__name__} has no gradient.")
        reduction, avg_factor = self._check_call(reduction, avg_factor)
        try:
            return self._evaluate_arrays(
                params,
                arrays,
                sample_weight,
                reduction,
                avg_factor,
                n_threads,
                want_gradient=want_gradient,
                gradient_out=gradient_out,
                want_hessian=want_hessian,
                hessian_out=hessian_out,
                terms_of=terms_of,
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
        terms_of=None,
    ):
        """Read and check the arrays, find the denominator, allocate the outputs, run the plan."""
        arrays = self._read_arrays(arrays)
        plan = self.plan_class(self, arrays, params)
        if plan.separate_means:
            check_apart(type(self).__name__, self._input_names, sample_weight, reduction)
        plan.begin(terms_of or reduction, avg_factor, n_threads, assume_finite(), want_gradient)

        weight = weight_sum = None
        if sample_weight is not None:
            weight, weight_sum = self._check_weight(sample_weight, plan)
        total_weight = plan.prepare(weight, weight_sum)

        if gradient_out is not None or hessian_out is not None:
            gradient_out, hessian_out = self._check_outputs(
                arrays, weight, gradient_out, hessian_out
            )
            plan.check()

        denominator = 1.0
        if reduction in _AVERAGES:
            denominator = self._denominator(reduction, avg_factor, total_weight, plan)
        scale = 1 / denominator if denominator else 0.0

        values, gradients, hessians = None, (), ()
        if reduction == "none":
            values = _new_output(plan.values_like, plan.values_dtype, plan.shape)
        if want_gradient:
            gradients = gradient_out or self._new_gradients(arrays)
        if want_hessian:
            hessians = hessian_out or self._new_gradients(arrays)
        try:
            total = plan.run(weight, scale, values, gradients, hessians)
        except Exception:
            # A user function raised: fill the outputs with NaN, so that a partly written gradient
            # cannot be mistaken for a complete one.
            for out in (*gradients, *hessians):
                out.fill(np.nan)
            raise
        if total < 0:
            plan.warn_of_sign(total, total_weight)
        if values is None:
            values = total / denominator if denominator else math.nan
        return _Result(values, gradients, hessians, total_weight, plan)

    def _check_call(self, reduction, avg_factor):
        """The reduction and the denominator that a call asks for."""
        if reduction is None:
            reduction = self.reduction
        elif reduction not in self.reductions:
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
        """NumPy arrays of what was passed, one for each input."""
        arrays = [
            # As almost always, and what a small call has no time to go through `read` for.
            values
            if type(values) is np.ndarray
            and values.dtype.kind in _REAL_KINDS
            and values.size
            # Labels may be of any dtype, but have one axis.
            and item.domain.kind != "labels"
            else item.read(values)
            for item, values in zip(self.inputs, arrays, strict=True)
        ]
        if self._checks_arrays:
            self._check_arrays(arrays)
        return arrays

    def _check_weight(self, sample_weight, plan):
        """Weights broadcast to the unreduced loss, and their sum."""
        if not self.weighted:
            raise ValueError(
                f"{type(self).__name__} does not take sample_weight: each term involves several "
                "samples."
            )
        weight, repeats = check_sample_weight(sample_weight, plan.shape)
        # What is broadcast is read once.
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
        return weight, total * repeats

    def _check_outputs(self, arrays, weight, gradient_out, hessian_out):
        """Tuples of the outputs that the caller passed; empty where there are none."""
        taken = [
            *zip(self._input_names, arrays, strict=True),
            ("sample_weight", weight),
            *self._read_params(),
        ]
        wanted = self._differentiable(arrays)
        checked = []
        for name, out in (("gradient_out", gradient_out), ("hessian_out", hessian_out)):
            outs = () if out is None else out if isinstance(out, tuple) else (out,)
            if out is not None and len(outs) != len(wanted):
                raise ValueError(
                    f"{name} must hold {len(wanted)} arrays, one for each gradient. "
                    f"Got {len(outs)} instead."
                )
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
                f"The mean of {type(self).__name__} is undefined: the total weight is zero.",
                UndefinedMetricWarning,
            )
        return denominator

    def _differentiable(self, arrays):
        """The arrays that were passed for inputs with a gradient."""
        return [arrays[k] for k in self._outputs if arrays[k] is not None]

    def _new_gradients(self, arrays):
        return tuple(
            _new_output(array, output_dtype(array)) for array in self._differentiable(arrays)
        )

    def _raise_if_swapped(self, error, params, arrays, settings):
        """Raise with a hint, if an error was raised of arrays that fit in another order."""
        if getattr(error, "is_hinted", False):
            return
        if order := self._fitting_order(params, arrays, settings):
            # Not its own type, whose arguments may be others.
            kind = ValueError if isinstance(error, ValueError) else TypeError
            raise kind(
                f"{error} The arguments seem to be swapped: they fit as ({', '.join(order)}), but "
                f"{type(self).__name__} takes ({', '.join(self._input_names)})."
            ) from error

    def _fitting_order(self, params, arrays, settings):
        """Names of the arrays as they were given, if the loss takes them in another order alone.

        PyTorch has the target after the predictions.
        """
        inputs = self.inputs
        if inputs[0].differentiable or len({item.domain for item in inputs}) == 1:
            return None
        own, *others = range(len(inputs))
        for order in dict.fromkeys([(own, *others), (1, own, *others[1:]), (*others, own)]):
            # The array at place k was meant for the place order[k].
            swapped = [arrays[order.index(k)] for k in range(len(inputs))]
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    self._evaluate_arrays(params, swapped, *settings)
            except Exception:
                continue
            # Where the arrays fit as they are, it is an output that was refused.
            return [self._input_names[k] for k in order] if order[0] != own else None
        return None

    def _read_params(self):
        """Names and values of the parameters that a kernel may read."""
        return [(name, getattr(self, name)) for name in self._own_param_names]


class _Result:
    """What one evaluation gives."""

    __slots__ = ("gradients", "hessians", "plan", "value", "weight")

    def __init__(self, value, gradients, hessians, weight, plan):
        self.value = value
        self.gradients = gradients
        self.hessians = hessians
        self.weight = weight
        self.plan = plan

    @property
    def gradient(self):
        """The gradient, or a tuple of several."""
        return self.gradients[0] if len(self.gradients) == 1 else self.gradients

    @property
    def hessian(self):
        """The diagonal of the Hessian, or a tuple of several."""
        return self.hessians[0] if len(self.hessians) == 1 else self.hessians


# Kinds of dtypes that the drivers read.
_REAL_KINDS = "fiub"

# Reductions with a denominator.
_AVERAGES = ("mean", "batchmean")


def _new_output(like, dtype, shape=None):
    """An array for a result, in the memory order of `like`; else of `shape`, in C order."""
    if like is None:
        return np.empty(shape, dtype)
    return np.empty_like(like, dtype=dtype, subok=False)


class PartialLoss:
    """The loss of one part of a data set; parts add up to the whole.

    Made by `Loss.partial`. Small and picklable: a reduction for several processes, machines
    or files.

    Parameters
    ----------
    total : float
        Sum of the weighted losses of the part.
    weight : float
        The denominator: sum of the weights; for "batchmean" the number of samples.
    reduction : {"mean", "sum", "batchmean"}, default="mean"
        What `value` gives.

    Attributes
    ----------
    value : float
        The loss of everything added so far.

    Examples
    --------
    >>> from sklosses import MSELoss
    >>> loss = MSELoss()
    >>> parts = [loss.partial([0.0, 1.0], [1.0, 1.0]), loss.partial([2.0], [4.0])]
    >>> round(sum(parts).value, 4)
    1.6667
    """

    __slots__ = ("reduction", "total", "weight")

    def __init__(self, total, weight, *, reduction="mean"):
        self.total = total
        self.weight = weight
        self.reduction = reduction

    @property
    def value(self):
        """The loss of everything added so far."""
        if self.reduction == "sum":
            return self.total
        if self.weight == 0:
            warn(
                "The mean of the parts is undefined: the total weight is zero.",
                UndefinedMetricWarning,
            )
            return math.nan
        return self.total / self.weight

    def __add__(self, other):
        if isinstance(other, (int, float)) and other == 0:
            return self  # the start value of sum()
        if not isinstance(other, PartialLoss):
            return NotImplemented
        if self.reduction != other.reduction:
            raise ValueError(
                "Only parts of the same reduction add up. "
                f"Got {self.reduction!r} and {other.reduction!r}."
            )
        return PartialLoss(
            self.total + other.total, self.weight + other.weight, reduction=self.reduction
        )

    __radd__ = __add__

    def __repr__(self):
        return (
            f"PartialLoss(total={self.total!r}, weight={self.weight!r}, "
            f"reduction={self.reduction!r})"
        )


def get_loss(loss, **params):
    """A loss object by the name of its function, or from any other form of a loss.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        One of `get_loss_names()`; the function of a loss; a class; or an object, of which a
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

    See Also
    --------
    get_loss_names : The names.

    Examples
    --------
    >>> from sklosses import get_loss
    >>> get_loss("huber_loss", delta=2.0)
    HuberLoss(delta=2.0)
    """
    return as_loss(loss, "get_loss", **params)


def get_loss_names():
    """Names of all the losses.

    Returns
    -------
    names : list of str
        Sorted names of the functions.

    See Also
    --------
    get_loss : A loss object by name.

    Examples
    --------
    >>> from sklosses import get_loss_names
    >>> "mse_loss" in get_loss_names()
    True
    """
    return sorted(_REGISTRY)


def as_loss(loss, caller, **params):
    """A loss object from what users may pass for one.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        Name of a loss function; the function; a class; or an object, of which a clone is
        returned.
    caller : str
        Who asks, for the message.
    **params
        Parameters of the loss.

    Returns
    -------
    loss : Loss
    """
    if isinstance(loss, Loss):
        return clone(loss).set_params(**params)
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
    raise InvalidParameterError(
        f"The 'loss' parameter of {caller} must be the name of a loss, its function, a Loss "
        f"class or a Loss object. Got {loss!r} instead."
    )


class LossParameter:
    """For estimators with a parameter `loss`, in any of its forms.

    Parameters of the loss are those of the estimator, too, as ``loss__<name>``. A name, function
    or class is replaced by an object as soon as one of them is set.
    """

    def get_params(self, deep=True):
        """Parameters of the estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether those of the loss are wanted, as ``loss__<name>``.

        Returns
        -------
        params : dict
        """
        params = super().get_params(deep=deep)
        if deep and not isinstance(self.loss, Loss):
            try:
                nested = as_loss(self.loss, type(self).__name__).get_params()
            except (TypeError, ValueError):
                nested = {}  # fit will say what is wrong
            params |= {f"loss__{name}": value for name, value in nested.items()}
        return params

    def set_params(self, **params):
        """Set parameters of the estimator, and of its loss as ``loss__<name>``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : object
            The estimator.
        """
        loss = params.get("loss", self.loss)
        if any(name.startswith("loss__") for name in params) and not isinstance(loss, Loss):
            params["loss"] = as_loss(loss, type(self).__name__)
        return super().set_params(**params)


def _squeezed(name):
    """A name without what differs from library to library."""
    return "".join(filter(str.isalnum, name.lower())).removesuffix("loss")


def nearest_names(name, among=None):
    """A sentence with the names of the losses, or of some of them, that may have been meant."""
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


def _signature_of_init(cls):
    signature = inspect.signature(cls.__init__)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def changed_params(estimator):
    """Text of the parameters that differ from their defaults (by repr, as scikit-learn does)."""
    signature = inspect.signature(type(estimator)).parameters
    return {
        name: getattr(value, "__qualname__", repr(value))
        for name, value in estimator.get_params(deep=False).items()
        if repr(value) != repr(signature[name].default)
    }
