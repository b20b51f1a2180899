"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Any, Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "CoralLoss",
    "CornLoss",
    "CumulativeLogitLoss",
]

class CoralLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: CoralLoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: CoralLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class CornLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: CornLoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: CornLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class CumulativeLogitLoss(Loss[tuple[_Array, _Array], _ValueT]):
    @overload
    def __init__(
        self: CumulativeLogitLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: CumulativeLogitLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> tuple[Any, Any]: ...
