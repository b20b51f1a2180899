"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "LambdaRankLoss",
    "ListMLELoss",
    "ListNetLoss",
    "RankNetLoss",
]

class RankNetLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: RankNetLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: RankNetLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class LambdaRankLoss(Loss[_Array, _ValueT]):
    k: int | None
    @overload
    def __init__(
        self: LambdaRankLoss[float], *, k: int | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: LambdaRankLoss[_Array], *, k: int | None = None, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, k: int | None = None, reduction: str = "mean") -> None: ...

class ListNetLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: ListNetLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: ListNetLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class ListMLELoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: ListMLELoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: ListMLELoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
