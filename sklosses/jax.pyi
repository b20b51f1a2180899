"""Types of `jax.py`; see `base.pyi`. Arrays are those of JAX or whatever the loss takes."""

from collections.abc import Callable
from typing import Any

from .base import _LossLike

__all__ = ["as_function"]

def as_function(loss: _LossLike, **params: Any) -> Callable[..., Any]: ...
