"""Types of `_checks.py`."""

from typing import Any

from numpy.typing import ArrayLike

from .base import Loss, _ArrayLike

__all__ = ["check_loss"]

def check_loss(
    loss: Loss[Any, Any], *arrays: _ArrayLike, sample_weight: ArrayLike | None = None
) -> None: ...
