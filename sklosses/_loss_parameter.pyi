"""Types of `_loss_parameter.py`; see `base.pyi`."""

from typing import Any, Self

__all__ = ["LossParameter"]

class LossParameter:
    loss: Any

    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
