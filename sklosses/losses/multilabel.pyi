"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from collections.abc import Mapping
from typing import Any, Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import Loss, _Array, _Numbers, _ValueT

__all__ = [
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
]

class MultiLabelMarginLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: MultiLabelMarginLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: MultiLabelMarginLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> _Array: ...

class MultiLabelSoftMarginLoss(Loss[_Array, _ValueT]):
    class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None
    @overload
    def __init__(
        self: MultiLabelSoftMarginLoss[float], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: MultiLabelSoftMarginLoss[_Array], *,
        class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, class_weight: _Numbers | Mapping[Any, float] | Literal["balanced"] | None = None,
        reduction: str = "mean",
    ) -> None: ...
