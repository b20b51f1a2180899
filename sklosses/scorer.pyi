"""Types of `scorer.py`; see `base.pyi`."""

from collections.abc import Callable
from typing import Any, Self, TypeAlias

from numpy.typing import ArrayLike

from .base import Loss, _Estimator, _LossLike, _Matrix

__all__ = ["LossScorer", "get_loss_scorer", "get_loss_scorer_names", "make_loss_scorer"]

# The name of a method, or a function of estimator and X in its place.
_ResponseMethod: TypeAlias = str | Callable[[Any, Any], Any]

class LossScorer(_Estimator):
    # An object if the scorer was made by `make_loss_scorer`.
    loss: Loss
    response_method: _ResponseMethod
    unseen: str
    d2: bool

    def __init__(
        self,
        loss: _LossLike,
        *,
        response_method: _ResponseMethod = "auto",
        unseen: str = "raise",
        d2: bool = False,
    ) -> None: ...
    def __call__(
        self,
        estimator: object,
        X: object,
        y: _Matrix | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> float: ...
    @property
    def __name__(self) -> str: ...
    # Used by `plotting.py`.
    def _consume(
        self, estimator: Any, X: Any, y_true: Any, method_caller: Any = ...
    ) -> tuple[Loss, tuple[Any, ...]]: ...
    def _match(
        self, y_true: Any, answer: Any, classes: Any, method: Any, name: str
    ) -> tuple[Loss, tuple[Any, ...]]: ...
    # scikit-learn generates this method from the signature of `__call__`.
    def set_score_request(
        self, *, sample_weight: bool | str | None = ..., groups: bool | str | None = ...
    ) -> Self: ...

def make_loss_scorer(
    loss: _LossLike,
    *,
    response_method: _ResponseMethod = "auto",
    unseen: str = "raise",
    d2: bool = False,
    **loss_params: Any,
) -> LossScorer: ...
def get_loss_scorer(scoring: str | LossScorer) -> LossScorer: ...
def get_loss_scorer_names() -> list[str]: ...
