"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "CTCLoss",
]

class CTCLoss(Loss[_Array, _ValueT]):
    blank: int
    zero_infinity: bool
    @overload
    def __init__(
        self: CTCLoss[float], *, blank: int = 0, zero_infinity: bool = False,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CTCLoss[_Array], *, blank: int = 0, zero_infinity: bool = False,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, blank: int = 0, zero_infinity: bool = False, reduction: str = "mean",
    ) -> None: ...
