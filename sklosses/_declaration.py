"""What a class declares: the parameters of its constructor and, of a loss, all that it needs."""

import inspect
import math

import numpy as np
from sklearn.base import BaseEstimator

from ._description import Input, LossTags

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def signature_of_init(cls):
    """The signature of the constructor, without `self`."""
    signature = inspect.signature(cls.__init__)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def changed_params(estimator):
    """An expression for each parameter that differs from its default; expressions are compared."""
    signature = inspect.signature(type(estimator)).parameters
    params = {name: expression(value) for name, value in estimator.get_params(deep=False).items()}
    return {
        name: text for name, text in params.items() if text != expression(signature[name].default)
    }


def expression(value):
    """A parameter as Python writes it, with names of this package, functions and builtins only.

    Arrays become lists. What has no such form has its repr.
    """
    if isinstance(value, BaseEstimator):
        if type(value).__repr__ is not BaseEstimator.__repr__:
            return repr(value)
        arguments = [f"{name}={text}" for name, text in changed_params(value).items()]
        return f"{type(value).__name__}({', '.join(arguments)})"
    if isinstance(value, np.generic) and value.dtype.kind in "biufSU":
        value = float(value) if value.dtype.kind == "f" else value.item()
    elif hasattr(value, "__array__") and not isinstance(value, (np.generic, type)):
        value = np.asarray(value).tolist()
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{expression(k)}: {expression(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(expression, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(expression, value))}{',' * (len(value) == 1)})"
    return getattr(value, "__qualname__", repr(value))


def find_flaw(cls):
    """What keeps objects of a loss class from working: a sentence, or None.

    Base classes, which declare only a part, have such a flaw, too.
    """
    name = cls.__name__
    parameters = cls.__signature__.parameters
    for parameter in parameters.values():
        if parameter.kind in _VARIADIC:
            return f"{name}.__init__ must name each of its parameters. Got {str(parameter)!r}."
    if "reduction" not in parameters:
        return f"{name}.__init__ must have a parameter 'reduction', as all losses have."
    inputs, tags = (inspect.getattr_static(cls, key) for key in ("inputs", "tags"))
    if not _is_property(inputs):
        if not isinstance(inputs, (tuple, list)) or not inputs:
            return (
                f"{name}.inputs must be a non-empty tuple of Input. Got {inputs!r} instead. Losses "
                "are made from subclasses that declare their arrays."
            )
        for k, item in enumerate(inputs):
            if not isinstance(item, Input):
                return f"{name}.inputs must be a tuple of Input. Got {item!r} at index {k} instead."
        if not any(item.differentiable for item in inputs):
            return (
                f"{name}.inputs must have an Input with differentiable=True, the predictions. "
                f"Got {', '.join(item.name for item in inputs)} without one."
            )
    if not _is_property(tags) and not isinstance(tags, LossTags):
        return f"{name}.tags must be LossTags. Got {tags!r} instead."
    if cls.plan_class is None:
        return (
            f"{name} must be a subclass of the base class of a kernel family, such as "
            "sklosses._families.pointwise.PointwiseLoss, rather than of Loss itself."
        )
    return None


def _is_property(value):
    """Whether an attribute of a class depends on parameters, so that only objects know it."""
    return hasattr(value, "__get__") and not inspect.isfunction(value)


def check_name(cls, registry):
    """Raise if the name of a loss is taken. A class may be defined again, as in a notebook."""
    other = registry.get(cls.function_name, cls)
    if _origin(other) != _origin(cls):
        raise ValueError(
            f"The function_name {cls.function_name!r} of {'.'.join(_origin(cls))} is that of "
            f"{'.'.join(_origin(other))}. Choose another one."
        )


def _origin(cls):
    return cls.__module__, cls.__qualname__
