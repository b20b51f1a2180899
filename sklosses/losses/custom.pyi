"""Types of `custom.py`; see `../base.pyi`."""

from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias, overload

from ..base import Loss, _Array, _ValueT

__all__ = ["CustomLoss"]

class _LowLevelCallable(Protocol):
    """`scipy.LowLevelCallable`; SciPy has no types."""

    @property
    def function(self) -> Any: ...
    @property
    def user_data(self) -> Any: ...
    @property
    def signature(self) -> Any: ...

_Function: TypeAlias = Callable[[Any, Any], Any] | _LowLevelCallable

class CustomLoss(Loss[_Array, _ValueT]):
    value: _Function
    hessian: _Function | None
    response: str
    target: str
    convex: bool

    @overload
    def __init__(
        self: CustomLoss[float],
        *,
        value: _Function,
        gradient: _Function | None = None,
        hessian: _Function | None = None,
        response: str = "real",
        target: str = "real",
        convex: bool = False,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CustomLoss[_Array],
        *,
        value: _Function,
        gradient: _Function | None = None,
        hessian: _Function | None = None,
        response: str = "real",
        target: str = "real",
        convex: bool = False,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self,
        *,
        value: _Function,
        gradient: _Function | None = None,
        hessian: _Function | None = None,
        response: str = "real",
        target: str = "real",
        convex: bool = False,
        reduction: str = "mean",
    ) -> None: ...
