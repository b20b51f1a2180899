"""Types of `base.py`.

scikit-learn has no type stubs, so that a class derived from `BaseEstimator` is `Any` to mypy, and
so is whatever is made of it. Here what losses inherit from it is declared by `_Estimator`.

To type checkers, not at run time, a loss is generic in the types of its gradient and its value.
Which these are follows from the class and from the `reduction` of the constructor; the stubs of the
loss classes, which say so, are made by ``tools/make_stubs.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, Self, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import TypeVar

from ._description import Input as Input
from ._description import LossTags as LossTags
from ._description import by_parameters as by_parameters
from .losses.combined import CombinedLoss

__all__ = ["Loss", "PartialLoss", "get_loss", "get_loss_names"]

class _SupportsArray(Protocol):
    def __array__(self) -> NDArray[Any]: ...

class _Sparse(Protocol):
    """A sparse matrix or array of SciPy."""

    def tocsr(self) -> Any: ...

_Array: TypeAlias = NDArray[Any]
# What gradients are written to.
_Out: TypeAlias = NDArray[np.floating[Any]]
# Numbers, where a string means something else: to `ArrayLike` any string is an array.
_Numbers: TypeAlias = _SupportsArray | Sequence[float] | Sequence[Sequence[float]]
_Real: TypeAlias = float | np.floating[Any] | np.integer[Any]
_Matrix: TypeAlias = ArrayLike | _Sparse
# The arrays of a loss. None of them may be sparse, but pyright infers from the code of scikit-learn
# that predictions might be, those of `cross_val_predict` for one.
_ArrayLike: TypeAlias = ArrayLike | _Sparse
# The name, the function, the class or an object of a loss.
_LossLike: TypeAlias = str | Callable[..., Any] | type[Loss[Any, Any]] | Loss[Any, Any]
_ClassWeight: TypeAlias = _Numbers | Mapping[Any, float] | Literal["balanced"] | None

# `| Any` where it depends on more than the type of the loss: nobody has to take apart a union of
# which one member alone is possible.
_GradientT = TypeVar("_GradientT", covariant=True, default=_Array | Any)
_ValueT = TypeVar("_ValueT", covariant=True, default=float | Any)
_LossT = TypeVar("_LossT", bound=Loss[Any, Any])

class _Estimator:
    """What scikit-learn's `BaseEstimator` has for users."""

    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
    def get_metadata_routing(self) -> Any: ...

class Loss(_Estimator, Generic[_GradientT, _ValueT]):
    function_name: str | None
    inputs: tuple[Input, ...]
    tags: LossTags
    reductions: tuple[str, ...]
    weighted: bool
    switches: dict[str, str]
    reduction: str
    # NumPy's numbers leave `0.5 * loss` to the loss.
    __array_ufunc__: None
    # What the other modules of the package use.
    _parameter_constraints: dict[str, Any]
    _input_names: tuple[str, ...]
    _outputs: tuple[int, ...]
    _combine: Any
    def _resolve(self) -> Any: ...
    def _read_params(self) -> list[tuple[str, Any]]: ...
    def _positional(self, arrays: Any, named: Any) -> Any: ...
    def _check_arrays(self, arrays: Any) -> None: ...
    def _check_additive(self) -> None: ...
    def __init__(self, *, reduction: str = "mean") -> None: ...
    @overload
    def __call__(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: None = None,
        avg_factor: _Real | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> _ValueT: ...
    @overload
    def __call__(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: Literal["mean", "sum", "batchmean"],
        avg_factor: _Real | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> float: ...
    @overload
    def __call__(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: Literal["none"],
        avg_factor: _Real | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> _Array: ...
    @overload
    def __call__(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: str | None = None,
        avg_factor: _Real | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> _ValueT | float | _Array: ...
    def gradient(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: str | None = None,
        avg_factor: _Real | None = None,
        gradient_out: _Out | tuple[_Out, ...] | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> _GradientT: ...
    @overload
    def value_and_gradient(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: None = None,
        avg_factor: _Real | None = None,
        gradient_out: _Out | tuple[_Out, ...] | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> tuple[_ValueT, _GradientT]: ...
    @overload
    def value_and_gradient(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: Literal["mean", "sum", "batchmean"],
        avg_factor: _Real | None = None,
        gradient_out: _Out | tuple[_Out, ...] | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> tuple[float, _GradientT]: ...
    @overload
    def value_and_gradient(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: Literal["none"],
        avg_factor: _Real | None = None,
        gradient_out: _Out | tuple[_Out, ...] | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> tuple[_Array, _GradientT]: ...
    @overload
    def value_and_gradient(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: str | None = None,
        avg_factor: _Real | None = None,
        gradient_out: _Out | tuple[_Out, ...] | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> tuple[_ValueT | float | _Array, _GradientT]: ...
    def gradient_and_hessian(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        reduction: str | None = None,
        avg_factor: _Real | None = None,
        gradient_out: _Out | tuple[_Out, ...] | None = None,
        hessian_out: _Out | tuple[_Out, ...] | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> tuple[_GradientT, _GradientT]: ...
    def partial(
        self,
        *arrays: _ArrayLike,
        sample_weight: ArrayLike | None = None,
        n_threads: int | None = None,
        **named_arrays: _ArrayLike,
    ) -> PartialLoss: ...
    # A float or an array, by the shape of y_true.
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Any: ...
    @overload
    def inverse_link(self, raw: float) -> float: ...  # pyright: ignore[reportOverlappingOverload]
    @overload
    def inverse_link(self, raw: _ArrayLike) -> _Array: ...
    def predict_proba(self, raw: _ArrayLike) -> _Array: ...
    def __mul__(self, factor: _Real) -> CombinedLoss[_GradientT, _ValueT]: ...
    def __rmul__(self, factor: _Real) -> CombinedLoss[_GradientT, _ValueT]: ...
    def __truediv__(self, divisor: _Real) -> CombinedLoss[_GradientT, _ValueT]: ...
    def __neg__(self) -> CombinedLoss[_GradientT, _ValueT]: ...
    @overload
    def __add__(self, other: Loss[Any, Any]) -> CombinedLoss[_GradientT, _ValueT]: ...
    @overload
    def __add__(self, other: Literal[0]) -> Self: ...
    # The start value of `sum`, which is declared to be any int.
    def __radd__(self, other: int) -> Self: ...
    def __sub__(self, other: Loss[Any, Any]) -> CombinedLoss[_GradientT, _ValueT]: ...

class PartialLoss:
    reduction: str
    total: float
    weight: float

    def __init__(self, total: float, weight: float, *, reduction: str = "mean") -> None: ...
    @property
    def value(self) -> float: ...
    def __add__(self, other: PartialLoss | Literal[0]) -> Self: ...
    def __radd__(self, other: PartialLoss | int) -> Self: ...

@overload
def get_loss(loss: type[_LossT], **params: Any) -> _LossT: ...
@overload
def get_loss(
    loss: _LossLike, *, reduction: Literal["mean", "sum", "batchmean"] = ..., **params: Any
) -> Loss[_Array | Any, float]: ...
@overload
def get_loss(
    loss: _LossLike, *, reduction: Literal["none"], **params: Any
) -> Loss[_Array | Any, _Array]: ...
@overload
def get_loss(loss: _LossLike, *, reduction: str = ..., **params: Any) -> Loss: ...
def get_loss_names() -> list[str]: ...
def as_loss(loss: _LossLike, caller: str, **params: Any) -> Loss: ...
def changed_params(estimator: Any) -> dict[str, str]: ...
def nearest_names(name: str, among: Any = None) -> str: ...

_REGISTRY: dict[str, type[Loss[Any, Any]]]

class LossParameter:
    loss: Any

    def get_params(self, deep: bool = True) -> dict[str, Any]: ...
    def set_params(self, **params: Any) -> Self: ...
