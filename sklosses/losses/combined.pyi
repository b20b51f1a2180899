"""Types of `combined.py`; see `../base.pyi`."""

# What is ignored here is mypy's: overrides are not compared by pyright.
# pyright: reportUnnecessaryTypeIgnoreComment=false

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar, overload

from numpy.typing import ArrayLike

from ..base import (
    Input,
    Loss,
    LossTags,
    PartialLoss,
    _Array,
    _ArrayLike,
    _GradientT,
    _Numbers,
    _ValueT,
)

__all__ = ["CombinedLoss", "CombinedPartialLoss"]

_G = TypeVar("_G")

class CombinedLoss(Loss[_GradientT, _ValueT]):
    losses: Sequence[Loss[Any, Any]]
    weights: _Numbers | None

    # Of its losses, and not to be set.
    @property
    def inputs(self) -> tuple[Input, ...]: ...  # type: ignore[override]
    @property
    def tags(self) -> LossTags: ...  # type: ignore[override]
    @property
    def reductions(self) -> tuple[str, ...]: ...  # type: ignore[override]
    @property
    def weighted(self) -> bool: ...  # type: ignore[override]
    @overload
    def __init__(
        self: CombinedLoss[_G, float],
        losses: Sequence[Loss[_G, Any]],
        *,
        weights: _Numbers | None = None,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CombinedLoss[_G, _Array],
        losses: Sequence[Loss[_G, Any]],
        *,
        weights: _Numbers | None = None,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self,
        losses: Sequence[Loss[_GradientT, Any]],
        *,
        weights: _Numbers | None = None,
        reduction: str = "mean",
    ) -> None: ...
    def partial(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> CombinedPartialLoss: ...

class CombinedPartialLoss(PartialLoss):
    parts: tuple[PartialLoss, ...]
    weights: tuple[float, ...]

    def __init__(self, parts: Iterable[PartialLoss], weights: Iterable[float]) -> None: ...
    @property
    def total(self) -> float: ...  # type: ignore[override]
    @property
    def weight(self) -> float | tuple[float, ...]: ...  # type: ignore[override]
