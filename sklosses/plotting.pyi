"""Types of `plotting.py`."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from .base import _Array, _ArrayLike, _LossLike, _Matrix
from .scorer import _ResponseMethod

__all__ = ["LossCurveDisplay", "SampleLossDisplay"]

class LossCurveDisplay:
    y_pred: _Array
    curves: list[dict[str, Any]]
    quantities: Sequence[str]
    xlabel: str
    # `Axes`, or an array with one for each quantity.
    ax_: Any
    figure_: Figure
    lines_: dict[str, list[Line2D]]

    def __init__(
        self,
        *,
        y_pred: _Array,
        curves: list[dict[str, Any]],
        quantities: Sequence[str] = ...,
        xlabel: str = "prediction",
    ) -> None: ...
    @classmethod
    def from_loss(
        cls,
        loss: _LossLike | list[Any] | Mapping[str, _LossLike],
        *,
        y_true: float | Sequence[float] | None = None,
        y_pred: ArrayLike | None = None,
        quantities: str | Sequence[str] = ...,
        ax: Axes | Sequence[Axes] | _Array | None = None,
        **kwargs: Any,
    ) -> Self: ...
    def plot(self, ax: Axes | Sequence[Axes] | _Array | None = None, **kwargs: Any) -> Self: ...

class SampleLossDisplay:
    losses: ArrayLike
    labels: ArrayLike | None
    n_hardest: int
    loss_name: str
    ax_: Axes
    figure_: Figure
    points_: PathCollection
    marks_: PathCollection

    def __init__(
        self,
        losses: ArrayLike,
        *,
        labels: ArrayLike | None = None,
        n_hardest: int = 10,
        loss_name: str = "loss",
    ) -> None: ...
    @property
    def hardest_(self) -> _Array: ...
    @classmethod
    def from_estimator(
        cls,
        estimator: object,
        X: object,
        y: _Matrix,
        *,
        loss: _LossLike | None = None,
        response_method: _ResponseMethod = "auto",
        unseen: str = "raise",
        n_hardest: int = 10,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self: ...
    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: _ArrayLike | tuple[_ArrayLike, ...],
        *,
        loss: _LossLike,
        response_method: str | None = None,
        classes: ArrayLike | None = None,
        unseen: str = "raise",
        n_hardest: int = 10,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self: ...
    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self: ...
