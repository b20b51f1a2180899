"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from sklosses.base import Loss, _Array, _Numbers

__all__ = [
    "CoxPHLoss",
]

class CoxPHLoss(Loss[_Array, float]):
    ties: str
    strata: _Numbers | None
    def __init__(
        self, *, ties: str = "efron", strata: _Numbers | None = None, reduction: str = "mean",
    ) -> None: ...
