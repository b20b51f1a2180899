"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Any, Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import Loss, _Array, _Numbers, _ValueT

__all__ = [
    "CRPSGaussianLoss",
    "ExpectileLoss",
    "GaussianNLLLoss",
    "HuberLoss",
    "L1Loss",
    "LogCoshLoss",
    "MAPELoss",
    "MSELoss",
    "MSLELoss",
    "PoissonNLLLoss",
    "QuantileLoss",
    "RobustLoss",
    "SmoothL1Loss",
]

class L1Loss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: L1Loss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: L1Loss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class MSELoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: MSELoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: MSELoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class SmoothL1Loss(Loss[_Array, _ValueT]):
    beta: float
    @overload
    def __init__(
        self: SmoothL1Loss[float], *, beta: float = 1.0, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: SmoothL1Loss[_Array], *, beta: float = 1.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, beta: float = 1.0, reduction: str = "mean") -> None: ...

class HuberLoss(Loss[_Array, _ValueT]):
    delta: float
    @overload
    def __init__(
        self: HuberLoss[float], *, delta: float = 1.0, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: HuberLoss[_Array], *, delta: float = 1.0, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, delta: float = 1.0, reduction: str = "mean") -> None: ...

class QuantileLoss(Loss[_Array, _ValueT]):
    quantile: float | _Numbers
    @overload
    def __init__(
        self: QuantileLoss[float], *, quantile: float | _Numbers = 0.5,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: QuantileLoss[_Array], *, quantile: float | _Numbers = 0.5, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, quantile: float | _Numbers = 0.5, reduction: str = "mean") -> None: ...

class ExpectileLoss(Loss[_Array, _ValueT]):
    expectile: float
    @overload
    def __init__(
        self: ExpectileLoss[float], *, expectile: float = 0.5,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: ExpectileLoss[_Array], *, expectile: float = 0.5, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, expectile: float = 0.5, reduction: str = "mean") -> None: ...

class LogCoshLoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(
        self: LogCoshLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: LogCoshLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class RobustLoss(Loss[_Array, _ValueT]):
    alpha: float
    scale: float
    @overload
    def __init__(
        self: RobustLoss[float], *, alpha: float = 1.0, scale: float = 1.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: RobustLoss[_Array], *, alpha: float = 1.0, scale: float = 1.0,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, alpha: float = 1.0, scale: float = 1.0, reduction: str = "mean",
    ) -> None: ...

class MAPELoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: MAPELoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: MAPELoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class MSLELoss(Loss[_Array, _ValueT]):
    @overload
    def __init__(self: MSLELoss[float], *, reduction: Literal["mean", "sum"] = "mean") -> None: ...
    @overload
    def __init__(self: MSLELoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...

class PoissonNLLLoss(Loss[_Array, _ValueT]):
    log_input: bool
    full: bool
    eps: float
    @overload
    def __init__(
        self: PoissonNLLLoss[float], *, log_input: bool = True, full: bool = False,
        eps: float = 1e-08, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: PoissonNLLLoss[_Array], *, log_input: bool = True, full: bool = False,
        eps: float = 1e-08, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, log_input: bool = True, full: bool = False, eps: float = 1e-08,
        reduction: str = "mean",
    ) -> None: ...

class GaussianNLLLoss(Loss[tuple[_Array, _Array], _ValueT]):
    full: bool
    eps: float
    @overload
    def __init__(
        self: GaussianNLLLoss[float], *, full: bool = False, eps: float = 1e-06,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: GaussianNLLLoss[_Array], *, full: bool = False, eps: float = 1e-06,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, full: bool = False, eps: float = 1e-06, reduction: str = "mean",
    ) -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> tuple[Any, Any]: ...

class CRPSGaussianLoss(Loss[tuple[_Array, _Array], _ValueT]):
    @overload
    def __init__(
        self: CRPSGaussianLoss[float], *, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(self: CRPSGaussianLoss[_Array], *, reduction: Literal["none"]) -> None: ...
    @overload
    def __init__(self, *, reduction: str = "mean") -> None: ...
    def optimal_constant(
        self, y_true: ArrayLike, sample_weight: ArrayLike | None = None,
    ) -> tuple[Any, Any]: ...
