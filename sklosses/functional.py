"""The function face: for each loss class, one function of the same loss.

Nothing is written here for a single loss. Signature and docstring of a function follow from
its class; `functional.pyi`, for type checkers, is made by ``tools/make_stubs.py``.
"""

import inspect
import linecache
from functools import lru_cache

from . import losses  # noqa: F401 (they register themselves)
from ._docs import function_doc
from ._validation import CALL_KEYWORDS, raise_reduction, raise_unexpected, refuse_estimator
from .base import _REGISTRY

# The lines of a function are kept for tracebacks and inspect.getsource, which say where to read on.
_SOURCE = """\
def {name}(
    {arguments}, *extra{params}, sample_weight=None, reduction={reduction!r}, avg_factor=None,
    return_gradient=False{switches}, gradient_out=None, n_threads=None, **unknown,
):
    # Made by sklosses.functional.make_function from the class {cls} in {module}.
    if extra or unknown:
        _refuse(_cls, ({arrays},), extra, unknown)
    return _call(
        _cls, ({arrays},), ({values}), sample_weight, reduction, avg_factor, return_gradient,
        gradient_out, n_threads, ({switched}),
    )
"""


@lru_cache(maxsize=512, typed=True)
def _cached_loss(cls, *values):
    return _new_loss(cls, values)


def _new_loss(cls, values):
    return cls(**dict(zip(cls._own_param_names, values, strict=True)))


def _call(
    cls,
    arrays,
    values,
    sample_weight,
    reduction,
    avg_factor,
    return_gradient,
    gradient_out,
    n_threads,
    switches,
):
    """What every function does. Objects are kept for repeated calls: validated once."""
    if reduction is None:
        raise_reduction(cls.__name__, cls.reductions, reduction)
    try:
        loss = _cached_loss(cls, *values)
    except TypeError:  # an array or a dict among the parameters
        loss = _new_loss(cls, values)
    if gradient_out is not None and not return_gradient:
        raise ValueError("gradient_out was given without return_gradient=True.")
    result = loss._evaluate(
        arrays,
        sample_weight,
        reduction,
        avg_factor,
        n_threads,
        want_gradient=return_gradient,
        gradient_out=gradient_out,
    )
    results = (result.value, result.gradient) if return_gradient else (result.value,)
    for name, is_on in switches:
        if is_on:
            results += result.plan.extra(name)
    return results if len(results) > 1 else results[0]


def _refuse(cls, arrays, extra, unknown):
    """Refuse arguments that the function does not have."""
    if extra:
        refuse_estimator(cls.function_name, arrays)
        names = ", ".join(item.name for item in cls.inputs)
        raise TypeError(
            f"{cls.function_name}() takes {len(arrays)} positional arguments ({names}), and the "
            f"others by keyword. Got {len(arrays) + len(extra)} positional arguments."
        )
    allowed = (*cls._own_param_names, *CALL_KEYWORDS, "return_gradient", "gradient_out")
    raise_unexpected(f"{cls.function_name}()", next(iter(unknown)), allowed)


def make_function(cls):
    """The function of a loss class.

    Parameters
    ----------
    cls : type
        A subclass of `Loss` with a `function_name`.

    Returns
    -------
    function : callable
    """
    parameters = inspect.signature(cls.__init__).parameters
    own = cls._own_param_names
    defaults = {f"_default_{name}": parameters[name].default for name in own}
    source = _SOURCE.format(
        name=cls.function_name,
        arguments=", ".join(item.name + "=None" * item.optional for item in cls.inputs),
        arrays=", ".join(item.name for item in cls.inputs),
        params="".join(f", {name}=_default_{name}" for name in own),
        values="".join(f"{name}, " for name in own),
        reduction=parameters["reduction"].default,
        switches="".join(f", {name}=False" for name in cls.switches),
        switched="".join(f"({name!r}, {name}), " for name in cls.switches),
        cls=cls.__name__,
        module=cls.__module__,
    )
    file = f"<sklosses {cls.function_name}>"
    # Without a time of change: never thrown away as stale.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {
        "_call": _call, "_cls": cls, "_refuse": _refuse, **defaults, "__name__": __name__
    }  # fmt: skip
    exec(compile(source, file, "exec"), namespace)
    function = namespace[cls.function_name]
    function.__doc__ = function_doc(cls)
    function.__module__ = __name__
    signature = inspect.signature(function)
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    known = [item for item in signature.parameters.values() if item.kind not in variadic]
    function.__signature__ = signature.replace(parameters=known)
    function._loss_class = cls
    return function


__all__ = sorted(_REGISTRY)
globals().update({name: make_function(cls) for name, cls in _REGISTRY.items()})
