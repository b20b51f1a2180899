"""The function face: for each loss class, one function of the same loss.

Nothing is written here for a single loss. Signature and docstring of a function follow from
its class; `functional.pyi`, for type checkers, is made by ``tools/make_stubs.py``.
"""

import inspect
from functools import lru_cache

from . import (  # noqa: F401  (they register their losses)
    adversarial,
    binary,
    contrastive,
    crossmodal,
    divergence,
    multiclass,
    multilabel,
    pairs,
    regression,
    sequence,
)
from ._docs import function_doc
from .base import _REGISTRY

_SOURCE = """\
def {name}(
    {arguments}, *{params}, sample_weight=None, reduction={reduction!r}, avg_factor=None,
    return_gradient=False{switches}, gradient_out=None, n_threads=None,
):
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
    try:
        loss = _cached_loss(cls, *values)
    except TypeError:  # an array or a dict among the parameters
        loss = _new_loss(cls, values)
    if gradient_out is not None and not return_gradient:
        raise ValueError("gradient_out was given without return_gradient=True.")
    result = loss._evaluate(
        arrays, sample_weight, reduction, avg_factor, n_threads, return_gradient, gradient_out
    )
    results = (result.value, result.gradient) if return_gradient else (result.value,)
    for name, is_on in switches:
        if is_on:
            results += result.plan.extra(name)
    return results if len(results) > 1 else results[0]


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
    )
    namespace = {"_call": _call, "_cls": cls, **defaults, "__name__": __name__}
    exec(compile(source, f"<{cls.function_name}>", "exec"), namespace)
    function = namespace[cls.function_name]
    function.__doc__ = function_doc(cls)
    function.__module__ = __name__
    return function


__all__ = sorted(_REGISTRY)
globals().update({name: make_function(cls) for name, cls in _REGISTRY.items()})
