"""Types of `torch.py`; see `base.pyi`. Without PyTorch, modules are of any type."""

# pyright: reportMissingImports=false

from typing import Any

from torch.nn import Module

from .base import _LossLike

__all__ = ["as_module"]

def as_module(loss: _LossLike, *, target_last: bool = False, **params: Any) -> Module: ...
