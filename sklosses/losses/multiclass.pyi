"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from collections.abc import Mapping
from typing import Any, Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import Loss, _Array, _Numbers, _ValueT

__all__ = [
    "CrammerSingerLoss",
    "CrossEntropyLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "SoftmaxFocalLoss",
]

class CrossEntropyLoss(Loss[_Array, _ValueT]):
    class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None
    ignore_index: int
    label_smoothing: float
    @overload
    def __init__(
        self: CrossEntropyLoss[float], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        ignore_index: int = -100, label_smoothing: float = 0.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CrossEntropyLoss[_Array], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        ignore_index: int = -100, label_smoothing: float = 0.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        ignore_index: int = -100, label_smoothing: float = 0.0, reduction: str = "mean",
    ) -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class NLLLoss(Loss[_Array, _ValueT]):
    class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None
    ignore_index: int
    @overload
    def __init__(
        self: NLLLoss[float], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        ignore_index: int = -100, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: NLLLoss[_Array], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        ignore_index: int = -100, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        ignore_index: int = -100, reduction: str = "mean",
    ) -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class MultiMarginLoss(Loss[_Array, _ValueT]):
    p: int
    margin: float
    class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None
    @overload
    def __init__(
        self: MultiMarginLoss[float], *, p: int = 1, margin: float = 1.0,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: MultiMarginLoss[_Array], *, p: int = 1, margin: float = 1.0,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, p: int = 1, margin: float = 1.0,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        reduction: str = "mean",
    ) -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class CrammerSingerLoss(Loss[_Array, _ValueT]):
    margin: float
    @overload
    def __init__(
        self: CrammerSingerLoss[float], *, margin: float = 1.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CrammerSingerLoss[_Array], *, margin: float = 1.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, margin: float = 1.0, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class SoftmaxFocalLoss(Loss[_Array, _ValueT]):
    class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None
    gamma: float
    ignore_index: int
    @overload
    def __init__(
        self: SoftmaxFocalLoss[float], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        gamma: float = 2.0, ignore_index: int = -100, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: SoftmaxFocalLoss[_Array], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        gamma: float = 2.0, ignore_index: int = -100, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        gamma: float = 2.0, ignore_index: int = -100, reduction: str = "mean",
    ) -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...
