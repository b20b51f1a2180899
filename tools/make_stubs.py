"""Write sklosses/functional.pyi, the functions as type checkers see them.

The functions are made at import from the classes, which no type checker can follow. Here their
signatures are written out, from the registry alone; nothing is said about a single loss.

With the package installed (``pip install -e .``):

    python tools/make_stubs.py           # after a loss or a parameter changed
    python tools/make_stubs.py --check   # exit status 1 if the file is out of date
"""

import argparse
import inspect
import sys
from numbers import Integral, Real
from pathlib import Path
from types import UnionType

from sklosses import functional
from sklosses.base import _REGISTRY

STUB = Path(__file__).resolve().parent.parent / "sklosses" / "functional.pyi"

HEADER = '''\
"""Made by tools/make_stubs.py from the loss classes; do not edit."""

{imports}

from numpy.typing import ArrayLike, NDArray

__all__ = [{names}]
'''

# The keywords of every call; the two that depend on the overload are None.
CALL = {
    "sample_weight": "ArrayLike | None",
    "reduction": None,
    "avg_factor": "float | None",
    "return_gradient": None,
    "gradient_out": "{gradient} | None",
    "n_threads": "int | None",
}


def type_of_constraint(constraint):
    """The type that goes with one of scikit-learn's parameter constraints."""
    if constraint is None:
        return "None"
    if constraint == "array-like":
        return "ArrayLike"
    if constraint in ("boolean", bool):
        return "bool"
    if constraint is dict:
        return "dict[int, float]"
    if isinstance(constraint, type):
        return constraint.__name__
    if callable(constraint) or constraint == "callable":
        return "Callable[..., object]"
    # Interval, StrOptions and Options have these.
    options = getattr(constraint, "options", None)
    if options is not None:
        return f"Literal[{', '.join(repr_of(value) for value in sorted(options))}]"
    number = getattr(constraint, "type", None)
    return {Real: "float", Integral: "int"}.get(number, "object")


def repr_of(value):
    """The value as source code, strings in double quotes."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def type_of_parameter(cls, parameter):
    """The annotation of the class's __init__, or else what its constraints allow."""
    annotation = parameter.annotation
    if annotation is inspect.Parameter.empty:
        constraints = cls._parameter_constraints.get(parameter.name, ["object"])
        types = dict.fromkeys(type_of_constraint(constraint) for constraint in constraints)
        return " | ".join(types)
    if isinstance(annotation, type) and not isinstance(annotation, UnionType):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def overload_of(cls, with_gradient):
    """Source of one of the two overloads of a function."""
    signature = inspect.signature(getattr(functional, cls.function_name))
    own = inspect.signature(cls.__init__).parameters
    outputs = [item for item in cls.inputs if item.differentiable]
    array = "NDArray[Any]"
    # As many as there are arrays, of which some may be left out.
    gradient = " | ".join(
        array if n == 1 else f"tuple[{', '.join([array] * n)}]"
        for n in range(sum(not item.optional for item in outputs), len(outputs) + 1)
    )

    arguments = []
    for parameter in signature.parameters.values():
        name, default = parameter.name, repr_of(parameter.default)
        if parameter.kind is not parameter.KEYWORD_ONLY:
            kind = "ArrayLike" if parameter.default is parameter.empty else "ArrayLike | None"
        elif name == "return_gradient":
            kind, default = ("Literal[True]", None) if with_gradient else ("Literal[False]", "...")
        elif name == "reduction":
            kind = f"Literal[{', '.join(map(repr_of, cls.reductions))}] | None"
        elif name in cls.switches:
            kind = "bool"
        elif CALL.get(name):
            kind = CALL[name].format(gradient=gradient)
        else:
            kind = type_of_parameter(cls, own[name])
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in arguments:
            arguments.append("*")
        given = default is None or parameter.default is parameter.empty
        arguments.append(f"{name}: {kind}" if given else f"{name}: {kind} = {default}")

    value = f"float | {array}"
    result = f"tuple[{value}, {gradient}]" if with_gradient else value
    if cls.switches:
        result = f"{result} | tuple[Any, ...]"
    lines = "".join(f"    {argument},\n" for argument in arguments)
    return f"@overload\ndef {cls.function_name}(\n{lines}) -> {result}: ...\n"


def stub():
    """Text of the whole file."""
    names = "".join(f'\n    "{name}",' for name in sorted(_REGISTRY)) + "\n"
    functions = "".join(
        overload_of(_REGISTRY[name], with_gradient)
        for name in sorted(_REGISTRY)
        for with_gradient in (False, True)
    )
    imports = "from typing import Any, Literal, overload"
    if "Callable[" in functions:
        imports = f"from collections.abc import Callable\n{imports}"
    return HEADER.format(imports=imports, names=names) + "\n" + functions


def main():
    """Write the file, or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    args = parser.parse_args()
    text = stub()
    if not args.check:
        STUB.write_text(text, encoding="utf-8")
        return 0
    if STUB.is_file() and STUB.read_text(encoding="utf-8") == text:
        return 0
    print(f"{STUB} is out of date; run python tools/make_stubs.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
