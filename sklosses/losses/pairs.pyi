"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "PairwiseContrastiveLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]

class CosineEmbeddingLoss(Loss[tuple[_Array, _Array], _ValueT]):
    margin: float
    @overload
    def __init__(
        self: CosineEmbeddingLoss[float], *, margin: float = 0.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CosineEmbeddingLoss[_Array], *, margin: float = 0.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, margin: float = 0.0, reduction: str = "mean") -> None: ...

class PairwiseContrastiveLoss(Loss[tuple[_Array, _Array], _ValueT]):
    margin: float
    @overload
    def __init__(
        self: PairwiseContrastiveLoss[float], *, margin: float = 1.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: PairwiseContrastiveLoss[_Array], *, margin: float = 1.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, margin: float = 1.0, reduction: str = "mean") -> None: ...

class TripletMarginLoss(Loss[tuple[_Array, _Array, _Array], _ValueT]):
    margin: float
    p: float
    eps: float
    swap: bool
    @overload
    def __init__(
        self: TripletMarginLoss[float], *, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06,
        swap: bool = False, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: TripletMarginLoss[_Array], *, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06,
        swap: bool = False, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, margin: float = 1.0, p: float = 2.0, eps: float = 1e-06, swap: bool = False,
        reduction: str = "mean",
    ) -> None: ...

class TripletMarginWithDistanceLoss(Loss[tuple[_Array, _Array, _Array], _ValueT]):
    distance: str
    margin: float
    swap: bool
    @overload
    def __init__(
        self: TripletMarginWithDistanceLoss[float], *, distance: str = "euclidean",
        margin: float = 1.0, swap: bool = False, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: TripletMarginWithDistanceLoss[_Array], *, distance: str = "euclidean",
        margin: float = 1.0, swap: bool = False, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, distance: str = "euclidean", margin: float = 1.0, swap: bool = False,
        reduction: str = "mean",
    ) -> None: ...

class HingeEmbeddingLoss(Loss[_Array, _ValueT]):
    margin: float
    @overload
    def __init__(
        self: HingeEmbeddingLoss[float], *, margin: float = 1.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: HingeEmbeddingLoss[_Array], *, margin: float = 1.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, margin: float = 1.0, reduction: str = "mean") -> None: ...

class MarginRankingLoss(Loss[tuple[_Array, _Array], _ValueT]):
    margin: float
    @overload
    def __init__(
        self: MarginRankingLoss[float], *, margin: float = 0.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: MarginRankingLoss[_Array], *, margin: float = 0.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, margin: float = 0.0, reduction: str = "mean") -> None: ...
