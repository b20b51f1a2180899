"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "DiceLoss",
    "LovaszHingeLoss",
    "LovaszSoftmaxLoss",
    "TverskyLoss",
]

class DiceLoss(Loss[_Array, _ValueT]):
    smooth: float
    squared: bool
    activation: Literal["sigmoid", "softmax"] | None
    batch: bool
    @overload
    def __init__(
        self: DiceLoss[float], *, smooth: float = 1.0, squared: bool = False,
        activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: DiceLoss[_Array], *, smooth: float = 1.0, squared: bool = False,
        activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, smooth: float = 1.0, squared: bool = False,
        activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
        reduction: str = "mean",
    ) -> None: ...

class TverskyLoss(Loss[_Array, _ValueT]):
    alpha: float
    beta: float
    gamma: float
    smooth: float
    activation: Literal["sigmoid", "softmax"] | None
    batch: bool
    @overload
    def __init__(
        self: TverskyLoss[float], *, alpha: float = 0.5, beta: float = 0.5, gamma: float = 1.0,
        smooth: float = 1.0, activation: Literal["sigmoid", "softmax"] | None = None,
        batch: bool = False, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: TverskyLoss[_Array], *, alpha: float = 0.5, beta: float = 0.5, gamma: float = 1.0,
        smooth: float = 1.0, activation: Literal["sigmoid", "softmax"] | None = None,
        batch: bool = False, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float = 0.5, beta: float = 0.5, gamma: float = 1.0, smooth: float = 1.0,
        activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
        reduction: str = "mean",
    ) -> None: ...

class LovaszHingeLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: LovaszHingeLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: LovaszHingeLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class LovaszSoftmaxLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: LovaszSoftmaxLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: LovaszSoftmaxLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
