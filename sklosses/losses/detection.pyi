"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "AsymmetricLoss",
    "DistributionFocalLoss",
    "IoULoss",
    "QualityFocalLoss",
    "VarifocalLoss",
]

class AsymmetricLoss(Loss[_Array, _ValueT]):
    gamma_neg: float
    gamma_pos: float
    clip: float
    @overload
    def __init__(
        self: AsymmetricLoss[float], *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
        clip: float = 0.05, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: AsymmetricLoss[_Array], *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
        clip: float = 0.05, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0, clip: float = 0.05,
        reduction: str = "mean",
    ) -> None: ...

class QualityFocalLoss(Loss[_Array, _ValueT]):
    beta: float
    @overload
    def __init__(
        self: QualityFocalLoss[float], *, beta: float = 2.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: QualityFocalLoss[_Array], *, beta: float = 2.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, beta: float = 2.0, reduction: str = "mean") -> None: ...

class VarifocalLoss(Loss[_Array, _ValueT]):
    alpha: float
    gamma: float
    @overload
    def __init__(
        self: VarifocalLoss[float], *, alpha: float = 0.75, gamma: float = 2.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: VarifocalLoss[_Array], *, alpha: float = 0.75, gamma: float = 2.0,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float = 0.75, gamma: float = 2.0, reduction: str = "mean",
    ) -> None: ...

class DistributionFocalLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: DistributionFocalLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: DistributionFocalLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class IoULoss(Loss[_Array, _ValueT]):
    kind: str
    eps: float
    @overload
    def __init__(
        self: IoULoss[float], *, kind: str = "iou", eps: float = 1e-07,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: IoULoss[_Array], *, kind: str = "iou", eps: float = 1e-07, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, kind: str = "iou", eps: float = 1e-07, reduction: str = "mean",
    ) -> None: ...
