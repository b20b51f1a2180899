"""Types of `_partial.py`; see `base.pyi`."""

from typing import Literal, Self

__all__ = ["PartialLoss"]

class PartialLoss:
    reduction: str
    total: float
    weight: float

    def __init__(self, total: float, weight: float, *, reduction: str = "mean") -> None: ...
    @property
    def value(self) -> float: ...
    def __add__(self, other: PartialLoss | Literal[0]) -> Self: ...
    def __radd__(self, other: PartialLoss | int) -> Self: ...
