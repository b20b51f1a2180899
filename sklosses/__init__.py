"""Compiled loss functions with gradients and Hessians, in scikit-learn's style."""

import importlib

# These come first: if the source tree has not been built, importing them raises an error that says
# so.
from . import (
    _checks,
    _config,
    _kernels,
    base,
    functional,
    losses,
    scorer,
)
from ._checks import *
from ._config import *
from ._version import __version__
from .base import *
from .functional import *
from .losses import *
from .scorer import *

__all__ = [
    "__version__",
    *_checks.__all__,
    *_config.__all__,
    *base.__all__,
    *functional.__all__,
    *losses.__all__,
    *scorer.__all__,
]

# Modules that build on the losses are imported on first use.
_SUBMODULES = ("boosting", "linear_model", "metric_learning", "plotting")


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*globals(), *_SUBMODULES]
