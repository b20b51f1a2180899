"""Types of `_description.py`; see `base.pyi`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from ._domains import Domain

__all__ = ["Input", "LossTags", "by_parameters"]

RESPONSES: dict[str, str]
TARGETS: dict[str, str]
HESSIANS: tuple[str, ...]
GRADIENTS: tuple[str, ...]
OWN_LINKS: dict[str, str]

@dataclass(frozen=True)
class Input:
    name: str
    domain: Domain = ...
    doc: str = ""
    differentiable: bool = False
    may_be_empty: bool = False
    broadcasts: bool = False
    optional: bool = False
    shared: bool = False

    def read(self, values: ArrayLike | None) -> Any: ...

class by_parameters:
    describe: Callable[[Any], Any]

    def __init__(self, describe: Callable[[Any], Any]) -> None: ...
    def __get__(self, loss: Any, cls: Any) -> Any: ...

@dataclass(frozen=True)
class LossTags:
    response: str
    target: str
    hessian: str = "exact"
    convex: bool = True
    gradient: str = "exact"
    link: str = "response"
    likelihood: bool = False
    of_difference: bool = False
