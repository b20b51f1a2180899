"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "NegativeBinomialNLLLoss",
    "TweedieDeviance",
]

class TweedieDeviance(Loss[_Array, _ValueT]):
    power: float
    log_input: bool
    @overload
    def __init__(
        self: TweedieDeviance[float], *, power: float = 1.5, log_input: bool = True,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: TweedieDeviance[_Array], *, power: float = 1.5, log_input: bool = True,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, power: float = 1.5, log_input: bool = True, reduction: str = "mean",
    ) -> None: ...

class NegativeBinomialNLLLoss(Loss[_Array, _ValueT]):
    alpha: float
    log_input: bool
    full: bool
    @overload
    def __init__(
        self: NegativeBinomialNLLLoss[float], *, alpha: float = 1.0, log_input: bool = True,
        full: bool = False, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: NegativeBinomialNLLLoss[_Array], *, alpha: float = 1.0, log_input: bool = True,
        full: bool = False, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float = 1.0, log_input: bool = True, full: bool = False,
        reduction: str = "mean",
    ) -> None: ...
