"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "BatchAllTripletLoss",
    "BatchHardTripletLoss",
    "BatchSemiHardTripletLoss",
    "CircleLoss",
    "MultiSimilarityLoss",
    "NTXentLoss",
    "SupConLoss",
]

class BatchHardTripletLoss(Loss[_Array, _ValueT]):
    margin: float
    soft: bool
    distance: str
    @overload
    def __init__(
        self: BatchHardTripletLoss[float], *, margin: float = 0.3, soft: bool = False,
        distance: str = "euclidean", reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: BatchHardTripletLoss[_Array], *, margin: float = 0.3, soft: bool = False,
        distance: str = "euclidean", reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, margin: float = 0.3, soft: bool = False, distance: str = "euclidean",
        reduction: str = "mean",
    ) -> None: ...

class BatchSemiHardTripletLoss(Loss[_Array, float]):
    margin: float
    distance: str
    def __init__(
        self, *, margin: float = 1.0, distance: str = "euclidean", reduction: str = "mean",
    ) -> None: ...

class BatchAllTripletLoss(Loss[_Array, float]):
    margin: float
    distance: str
    def __init__(
        self, *, margin: float = 0.3, distance: str = "euclidean", reduction: str = "mean",
    ) -> None: ...

class NTXentLoss(Loss[_Array, float]):
    temperature: float
    def __init__(self, *, temperature: float = 0.07, reduction: str = "mean") -> None: ...

class SupConLoss(Loss[_Array, _ValueT]):
    temperature: float
    @overload
    def __init__(
        self: SupConLoss[float], *, temperature: float = 0.07,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: SupConLoss[_Array], *, temperature: float = 0.07, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, temperature: float = 0.07, reduction: str = "mean") -> None: ...

class MultiSimilarityLoss(Loss[_Array, _ValueT]):
    alpha: float
    beta: float
    base: float
    @overload
    def __init__(
        self: MultiSimilarityLoss[float], *, alpha: float = 2.0, beta: float = 50.0,
        base: float = 0.5, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: MultiSimilarityLoss[_Array], *, alpha: float = 2.0, beta: float = 50.0,
        base: float = 0.5, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float = 2.0, beta: float = 50.0, base: float = 0.5, reduction: str = "mean",
    ) -> None: ...

class CircleLoss(Loss[_Array, _ValueT]):
    margin: float
    gamma: float
    @overload
    def __init__(
        self: CircleLoss[float], *, margin: float = 0.4, gamma: float = 80.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CircleLoss[_Array], *, margin: float = 0.4, gamma: float = 80.0,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, margin: float = 0.4, gamma: float = 80.0, reduction: str = "mean",
    ) -> None: ...
