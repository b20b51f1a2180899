"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _Numbers, _ValueT

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "ExponentialLoss",
    "GaussianFocalLoss",
    "HingeLoss",
    "ModifiedHuberLoss",
    "SigmoidFocalLoss",
    "SoftMarginLoss",
]

class BCELoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: BCELoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: BCELoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class BCEWithLogitsLoss(Loss[_Array, _ValueT]):
    pos_weight: float | _Numbers | None
    label_smoothing: float
    ignore_index: float | None
    @overload
    def __init__(
        self: BCEWithLogitsLoss[float], *, pos_weight: float | _Numbers | None = None,
        label_smoothing: float = 0.0, ignore_index: float | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: BCEWithLogitsLoss[_Array], *, pos_weight: float | _Numbers | None = None,
        label_smoothing: float = 0.0, ignore_index: float | None = None, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, pos_weight: float | _Numbers | None = None, label_smoothing: float = 0.0,
        ignore_index: float | None = None, reduction: str = "mean",
    ) -> None: ...

class SoftMarginLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: SoftMarginLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: SoftMarginLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class HingeLoss(Loss[_Array, _ValueT]):
    p: int
    margin: float
    @overload
    def __init__(
        self: HingeLoss[float], *, p: int = 1, margin: float = 1.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: HingeLoss[_Array], *, p: int = 1, margin: float = 1.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, p: int = 1, margin: float = 1.0, reduction: str = "mean") -> None: ...

class ExponentialLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: ExponentialLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: ExponentialLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class ModifiedHuberLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: ModifiedHuberLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: ModifiedHuberLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class SigmoidFocalLoss(Loss[_Array, _ValueT]):
    alpha: float | None
    gamma: float
    loss_weight: float
    ignore_index: float | None
    @overload
    def __init__(
        self: SigmoidFocalLoss[float], *, alpha: float | None = 0.25, gamma: float = 2.0,
        loss_weight: float = 1.0, ignore_index: float | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: SigmoidFocalLoss[_Array], *, alpha: float | None = 0.25, gamma: float = 2.0,
        loss_weight: float = 1.0, ignore_index: float | None = None, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float | None = 0.25, gamma: float = 2.0, loss_weight: float = 1.0,
        ignore_index: float | None = None, reduction: str = "mean",
    ) -> None: ...

class GaussianFocalLoss(Loss[_Array, _ValueT]):
    alpha: float
    gamma: float
    eps: float
    @overload
    def __init__(
        self: GaussianFocalLoss[float], *, alpha: float = 2.0, gamma: float = 4.0,
        eps: float = 1e-12, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: GaussianFocalLoss[_Array], *, alpha: float = 2.0, gamma: float = 4.0,
        eps: float = 1e-12, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float = 2.0, gamma: float = 4.0, eps: float = 1e-12,
        reduction: str = "mean",
    ) -> None: ...
