"""Write the type stubs that follow from the loss classes.

The functions are made at import from the classes, and the classes inherit from scikit-learn, which
has no types: no type checker can follow either. Here their signatures are written out, only from
the registry; nothing is said about a single loss. The stubs are

- that of `sklosses.functional`,
- one for each module of losses, beside it,
- those of the package and of `sklosses.losses`, whose names are imported from wherever they are
  defined.

All other stubs in the package are written by hand; a new loss needs none of them.

With the package installed (``pip install -e .``):

    python tools/make_stubs.py           # after a loss, a parameter or a public name changed
    python tools/make_stubs.py --check   # exit status 1 if a file is out of date

It prints the files that it writes, and writes only into the repository that it lies in.
"""

import argparse
import inspect
import itertools
import pkgutil
import re
import sys
from collections import defaultdict
from numbers import Integral, Real
from pathlib import Path
from types import UnionType

import sklosses
from sklosses import _constants, functional, losses
from sklosses._docs import result_names
from sklosses.base import _REGISTRY, Loss

HEADER = '''\
"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

'''
LINE_LENGTH = 100

# The keywords of every call; those that depend on the overload are left to it.
CALL = {
    "sample_weight": "ArrayLike | None",
    "avg_factor": "_Real | None",
    "n_threads": "int | None",
}

# Where names that signatures may use come from.
SOURCES = {
    "collections.abc": ("Callable", "Mapping"),
    "typing": ("Any", "Literal", "overload"),
    "numpy.typing": ("ArrayLike",),
    Loss.__module__: ("Loss", "_Array", "_ArrayLike", "_Numbers", "_Out", "_Real", "_ValueT"),
}


# ---------------------------------------------------------------------------------------------
# Types of parameters
# ---------------------------------------------------------------------------------------------


def type_of_constraint(constraint, label):
    """The type that goes with one of scikit-learn's parameter constraints."""
    if constraint is None:
        return "None"
    if constraint == "array-like":
        return "_Numbers"
    if constraint in ("boolean", bool):
        return "bool"
    if constraint is dict:
        # A dict is invariant: one of int weights is no dict of floats.
        return f"Mapping[{label}, float]"
    if isinstance(constraint, type):
        return constraint.__name__
    if callable(constraint) or constraint == "callable":
        return "Callable[..., Any]"
    # Interval, StrOptions and Options have these.
    options = getattr(constraint, "options", None)
    if options is not None:
        return literal(sorted(options))
    number = getattr(constraint, "type", None)
    return {Real: "float", Integral: "int"}.get(number, "object")


def type_of_parameter(cls, name, label="int"):
    """The annotation of the class's __init__, or else what its constraints allow.

    `label` is the type of the keys of `class_weight`. A loss object may be handed to a scorer or
    an estimator, which take any labels for keys; a function may not.
    """
    annotation = inspect.signature(cls.__init__).parameters[name].annotation
    if annotation is inspect.Parameter.empty:
        constraints = cls._parameter_constraints.get(name, ["object"])
        return " | ".join(dict.fromkeys(type_of_constraint(item, label) for item in constraints))
    if isinstance(annotation, type) and not isinstance(annotation, UnionType):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def repr_of(value):
    """The value as source code, strings in double quotes."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def literal(values):
    """The type of only these values."""
    return f"Literal[{', '.join(map(repr_of, values))}]"


def argument(name, kind, default=inspect.Parameter.empty):
    """Source of an argument."""
    if default is inspect.Parameter.empty:
        return f"{name}: {kind}"
    return f"{name}: {kind} = {repr_of(default)}"


def fill(items, indent=""):
    """The items with commas after them, in lines as long as they may be."""
    lines = [""]
    for item in items:
        if len(f"{indent}    {lines[-1]}{item},") > LINE_LENGTH:
            lines.append("")
        lines[-1] += f"{item}, "
    return "".join(f"{indent}    {line.rstrip()}\n" for line in lines)


def definition(name, arguments, result, indent=""):
    """Source of a function without a body."""
    line = f"{indent}def {name}({', '.join(arguments)}) -> {result}: ..."
    if len(line) <= LINE_LENGTH:
        return line + "\n"
    end = f"{indent}) -> {result}: ..."
    if len(end) > LINE_LENGTH:
        end += "  # noqa: E501"
    return f"{indent}def {name}(\n{fill(arguments, indent)}{end}\n"


def overloads(signatures, indent=""):
    """Source of the overloads of a function, or of a function that has one signature."""
    mark = f"{indent}@overload\n" if len(signatures) > 1 else ""
    return "".join(mark + definition(*signature, indent=indent) for signature in signatures)


def import_names(module, names):
    """Source of an import, in lines as long as they may be."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= LINE_LENGTH:
        return line + "\n"
    return f"from {module} import (\n{fill(names)})\n"


def imports(text):
    """Source of the imports of those names that the text uses."""
    used = {
        module: [name for name in names if re.search(rf"\b{name}\b", text)]
        for module, names in SOURCES.items()
    }
    return "".join(import_names(*item) for item in used.items() if item[1]) + "\n"


def list_names(names):
    """Source of __all__."""
    return "__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n\n"


def default_reduction(cls):
    """Default of the reduction of a loss."""
    return inspect.signature(cls.__init__).parameters["reduction"].default


def values_by_reduction(cls):
    """(type, default, type of the value) of `reduction`, for each of its overloads but the last.

    The last one takes any str, since a variable may hold any of the reductions. Where there are
    only numbers, it takes the place of all of them.
    """
    if "none" not in cls.reductions:
        return []
    default = default_reduction(cls)
    totals = [name for name in cls.reductions if name != "none"]
    return [
        (literal(names), default if default in names else inspect.Parameter.empty, value)
        for names, value in ((totals, "float"), (["none"], "_Array"))
    ]


# ---------------------------------------------------------------------------------------------
# Functions
# ---------------------------------------------------------------------------------------------


def gradient_types(array, n_arrays):
    """Type of this many gradients, or of what they are written to."""
    return array if n_arrays == 1 else f"tuple[{', '.join([array] * n_arrays)}]"


def extra_types(cls, names, value):
    """Types of what switches make a function return beside a value of the type `value`."""
    types = []
    for entry in (cls.switches[name] for name in names):
        kind = "_Array"
        if entry.partition(" : ")[2].startswith("dict of float"):
            # Of the same kind as the value. All items of a dict are.
            kind = " | ".join(f"dict[str, {one}]" for one in value.split(" | "))
        types += [kind] * len(result_names(entry))
    return types


def result_type(value, gradient, extras):
    """Type of what a function returns."""
    parts = [value, *([gradient] if gradient else []), *extras]
    return f"tuple[{', '.join(parts)}]" if len(parts) > 1 else value


def signatures_of_function(cls):
    """Name, arguments and type of the result, for each overload of a function.

    What is returned depends on `reduction`, on `return_gradient` and the switches, and with a
    gradient on the optional arrays that are given. The last overload is for variables.
    """
    signature = inspect.signature(getattr(functional, cls.function_name))
    outputs = [item for item in cls.inputs if item.differentiable]
    optional = [item.name for item in outputs if item.optional]
    needed = len(outputs) - len(optional)
    counts = range(needed, len(outputs) + 1)
    gradients = [gradient_types("_Array", n) for n in counts]
    any_gradient = " | ".join(gradients)
    any_out = " | ".join(gradient_types("_Out", n) for n in counts)
    values = values_by_reduction(cls)
    any_value = " | ".join(value for _, _, value in values) or "float"
    any_reduction = ("str", default_reduction(cls), any_value)
    states = list(itertools.product((False, True), repeat=len(cls.switches)))

    def write(reduction, with_gradient, n_given, switched):
        """Arguments, where None is a state that a variable has, or a number that one decides."""
        arguments = []
        for parameter in signature.parameters.values():
            name, default = parameter.name, parameter.default
            if parameter.kind is parameter.KEYWORD_ONLY and "*" not in arguments:
                arguments.append("*")
            if name in optional and n_given is not None:
                given = optional.index(name) < n_given
                kind = "_ArrayLike" if given else "None"
                default = parameter.empty if given else None
            elif parameter.kind is not parameter.KEYWORD_ONLY:
                kind = "_ArrayLike" if default is parameter.empty else "_ArrayLike | None"
            elif name == "reduction":
                kind, default, _ = reduction
            elif name == "return_gradient" or name in switched:
                state = with_gradient if name == "return_gradient" else switched[name]
                kind = "bool" if state is None else literal([state])
                # Without any variable the overloads before say all; of several keywords each may
                # be the one that has one.
                is_given = state or (state is None and not cls.switches)
                default = parameter.empty if is_given else False
            elif name == "gradient_out":
                kind = "None" if with_gradient is False else f"{any_out} | None"
                if with_gradient and n_given is not None:
                    kind = f"{gradient_types('_Out', needed + n_given)} | None"
            elif name in CALL:
                kind = CALL[name]
            else:
                kind = type_of_parameter(cls, name)
            arguments.append(argument(name, kind, default))
        return arguments

    signatures, results = [], []
    for state in states:
        switched = dict(zip(cls.switches, state, strict=True))
        on = [name for name, is_on in switched.items() if is_on]
        for with_gradient in (False, True):
            given = range(len(optional) + 1) if with_gradient and optional else [None]
            cases = [*itertools.product((*values, any_reduction), given)]
            if (any_reduction, None) not in cases:
                cases.append((any_reduction, None))
            for reduction, n_given in cases:
                found = any_gradient if n_given is None else gradients[n_given]
                extras = extra_types(cls, on, reduction[2])
                result = result_type(reduction[2], with_gradient and found, extras)
                arguments = write(reduction, with_gradient, n_given, switched)
                signatures.append((cls.function_name, arguments, result))
            extras = extra_types(cls, on, any_value)
            results.append(result_type(any_value, with_gradient and any_gradient, extras))
    arguments = write(any_reduction, None, None, dict.fromkeys(cls.switches))
    signatures.append((cls.function_name, arguments, " | ".join(results)))
    return signatures


def functional_stub():
    """Text of the stub of the functions."""
    names = sorted(_REGISTRY)
    functions = "".join(overloads(signatures_of_function(_REGISTRY[name])) for name in names)
    return HEADER + imports(functions) + list_names(names) + functions


# ---------------------------------------------------------------------------------------------
# Classes
# ---------------------------------------------------------------------------------------------


def constant_type(cls):
    """Type of the best constant, where it follows from the class; None where it does not."""
    if not _constants.has_constant(cls):
        return None
    n_outputs = sum(item.differentiable for item in cls.inputs)
    if n_outputs == 1 and cls.tags.target in _constants.OF_CLASSES:
        return "_Array"
    return None if n_outputs == 1 else gradient_types("Any", n_outputs)


def class_source(cls):
    """Source of a class: its parameters, its constructors, the types of its results."""
    name = cls.__name__
    values = values_by_reduction(cls)
    outputs = [item for item in cls.inputs if item.differentiable]
    # Of an array that may be left out it depends on the call how many gradients there are.
    gradient = gradient_types("_Array", len(outputs))
    if any(item.optional for item in outputs):
        gradient = "_Array | Any"
    base = f"Loss[{gradient}, {'_ValueT' if values else 'float'}]"

    parameters = inspect.signature(cls.__init__).parameters
    own = {key: type_of_parameter(cls, key, "Any") for key in cls._own_param_names}
    constructors = []
    for kind, default, value in (*values, ("str", default_reduction(cls), None)):
        arguments = [f"self: {name}[{value}]" if value else "self", "*"]
        arguments += [argument(key, own[key], parameters[key].default) for key in own]
        arguments.append(argument("reduction", kind, default))
        constructors.append(("__init__", arguments, "None"))

    text = f"class {name}({base}):\n"
    text += "".join(f"    {key}: {kind}\n" for key, kind in own.items())
    text += overloads(constructors, indent="    ")
    if constant := constant_type(cls):
        arguments = ["self", "y_true: ArrayLike", "sample_weight: ArrayLike | None = None"]
        text += definition("optimal_constant", arguments, constant, indent="    ")
    return text


def module_stub(module, classes):
    """Text of the stub of a module of losses."""
    if sorted(module.__all__) != sorted(cls.__name__ for cls in classes):
        sys.exit(
            f"{module.__name__} has other public names than its losses. They need a module of "
            "their own: the stub beside a module of losses has only these."
        )
    text = "\n".join(map(class_source, classes))
    return HEADER + imports(text) + list_names(sorted(module.__all__)) + text


# ---------------------------------------------------------------------------------------------
# The package
# ---------------------------------------------------------------------------------------------


def package_stub(package):
    """Text of the stub of a package, without which mypy takes any name for one of it."""
    names = defaultdict(list)
    for name in package.__all__:
        if name != "__version__":
            names[getattr(package, name).__module__].append(name)
    text = "".join(
        f"from {package.__name__} import {module.name} as {module.name}\n"
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_")
    )
    text += "".join(import_names(module, names[module]) for module in sorted(names))
    text += "\n" + list_names(sorted(package.__all__))
    text += "__version__: str" if "__version__" in package.__all__ else ""
    return HEADER + text.strip() + "\n"


# ---------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------


def stubs():
    """Text of each stub by its path."""
    by_module = defaultdict(list)
    for cls in _REGISTRY.values():
        by_module[sys.modules[cls.__module__]].append(cls)
    texts = {functional: functional_stub()}
    texts |= {package: package_stub(package) for package in (sklosses, losses)}
    texts |= {module: module_stub(module, classes) for module, classes in by_module.items()}
    return {Path(module.__file__).with_suffix(".pyi"): text for module, text in texts.items()}


def main():
    """Write the files, or compare with them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    args = parser.parse_args()
    package, own = (Path(path).resolve().parent for path in (sklosses.__file__, __file__))
    if package != own.parent / "sklosses":
        sys.exit(
            f"This script writes into {own.parent / 'sklosses'}, but Python imports {package}. "
            f"Run it with PYTHONPATH={own.parent}, or install that repository: pip install -e ."
        )
    wanted = stubs()
    # The stub of a module that is no more.
    for path in package.rglob("*.pyi"):
        if path not in wanted and path.read_text(encoding="utf-8").startswith(HEADER):
            wanted[path] = None
    outdated = [path for path, text in wanted.items() if text != read(path)]
    for path in outdated:
        if args.check:
            print(f"{path} is out of date; run python tools/make_stubs.py", file=sys.stderr)
        elif wanted[path] is None:
            path.unlink()
            print(f"removed {path}")
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {path}")
    return int(args.check and bool(outdated))


def read(path):
    """Text of the file, None if there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
