"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from typing import Any, Literal, overload
from sklosses.base import Loss, _Array, _ValueT

__all__ = [
    "BidirectionalTripletLoss",
    "CMPMLoss",
    "InfoNCELoss",
    "SigLIPLoss",
    "VSELoss",
]

class VSELoss(Loss[_Array | Any, _ValueT]):
    margin: float
    max_violation: bool
    similarity: str
    @overload
    def __init__(
        self: VSELoss[float], *, margin: float = 0.2, max_violation: bool = False,
        similarity: str = "cosine", reduction: Literal["mean", "sum"] = "sum",
    ) -> None: ...
    @overload
    def __init__(
        self: VSELoss[_Array], *, margin: float = 0.2, max_violation: bool = False,
        similarity: str = "cosine", reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, margin: float = 0.2, max_violation: bool = False, similarity: str = "cosine",
        reduction: str = "sum",
    ) -> None: ...

class BidirectionalTripletLoss(Loss[tuple[_Array, _Array, _Array, _Array], _ValueT]):
    margin: float
    @overload
    def __init__(
        self: BidirectionalTripletLoss[float], *, margin: float = 0.2,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: BidirectionalTripletLoss[_Array], *, margin: float = 0.2, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, margin: float = 0.2, reduction: str = "mean") -> None: ...

class InfoNCELoss(Loss[tuple[_Array, _Array], _ValueT]):
    temperature: float
    symmetric: bool
    @overload
    def __init__(
        self: InfoNCELoss[float], *, temperature: float = 0.07, symmetric: bool = True,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: InfoNCELoss[_Array], *, temperature: float = 0.07, symmetric: bool = True,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, temperature: float = 0.07, symmetric: bool = True, reduction: str = "mean",
    ) -> None: ...

class SigLIPLoss(Loss[tuple[_Array, _Array], _ValueT]):
    temperature: float
    bias: float
    @overload
    def __init__(
        self: SigLIPLoss[float], *, temperature: float = 10.0, bias: float = -10.0,
        reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: SigLIPLoss[_Array], *, temperature: float = 10.0, bias: float = -10.0,
        reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(
        self, *, temperature: float = 10.0, bias: float = -10.0, reduction: str = "mean",
    ) -> None: ...

class CMPMLoss(Loss[tuple[_Array, _Array], _ValueT]):
    eps: float
    @overload
    def __init__(
        self: CMPMLoss[float], *, eps: float = 1e-08, reduction: Literal["mean", "sum"] = "mean",
    ) -> None: ...
    @overload
    def __init__(
        self: CMPMLoss[_Array], *, eps: float = 1e-08, reduction: Literal["none"],
    ) -> None: ...
    @overload
    def __init__(self, *, eps: float = 1e-08, reduction: str = "mean") -> None: ...
