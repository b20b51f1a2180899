"""Types of `_config.py`."""

from typing import Any, Literal, overload

__all__ = ["show_config"]

@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, Any]: ...
@overload
def show_config(mode: str = "stdout") -> dict[str, Any] | None: ...
