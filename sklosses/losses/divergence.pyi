"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "DistillationLoss",
    "Entropy",
    "JSDivLoss",
    "KLDivLoss",
]

class KLDivLoss(Loss[_Array, _ValueT]):
    log_target: bool
    @overload
    def __init__(
        self: KLDivLoss[float], *, log_target: bool = False,
        reduction: Literal["mean", "sum", "batchmean"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: KLDivLoss[_Array], *, log_target: bool = False, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, log_target: bool = False, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class DistillationLoss(Loss[_Array, _ValueT]):
    temperature: float
    @overload
    def __init__(
        self: DistillationLoss[float], *, temperature: float = 4.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: DistillationLoss[_Array], *, temperature: float = 4.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, temperature: float = 4.0, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class JSDivLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: JSDivLoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: JSDivLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class Entropy(Loss[_Array, _ValueT]):
    base: float | None
    @overload
    def __init__(
        self: Entropy[float], *, base: float | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: Entropy[_Array], *, base: float | None = None, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, base: float | None = None, reduction: str = "mean") -> None: ...
