"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Any, Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "AdversarialConsistencyDiscriminatorLoss",
    "AdversarialConsistencyGeneratorLoss",
    "DiscriminatorLoss",
    "GeneratorLoss",
    "GradientPenalty",
]

class DiscriminatorLoss(Loss[tuple[_Array, _Array], float]):
    kind: str
    def __init__(self, *, kind: str = "vanilla", reduction: str = "mean") -> None: ...

class GeneratorLoss(Loss[_Array | Any, _ValueT]):
    kind: str
    @overload
    def __init__(
        self: GeneratorLoss[float], *, kind: str = "vanilla",
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: GeneratorLoss[_Array], *, kind: str = "vanilla", reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, kind: str = "vanilla", reduction: str = "mean") -> None: ...

class AdversarialConsistencyDiscriminatorLoss(Loss[tuple[_Array, _Array], float]):
    def __init__(self, *, reduction: str = "mean") -> None: ...

class AdversarialConsistencyGeneratorLoss(Loss[tuple[_Array, _Array], float]):
    def __init__(self, *, reduction: str = "mean") -> None: ...

class GradientPenalty(Loss[_Array, _ValueT]):
    weight: float
    target: float
    @overload
    def __init__(
        self: GradientPenalty[float], *, weight: float = 10.0, target: float = 1.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: GradientPenalty[_Array], *, weight: float = 10.0, target: float = 1.0,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, weight: float = 10.0, target: float = 1.0, reduction: str = "mean",
    ) -> None: ...
