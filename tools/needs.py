"""Print the packages that each example needs besides the package itself and matplotlib.

    python tools/needs.py

An example is left out, of the tests and of the documentation's figures, where one of them is not
installed. Optional imports, in an ``if`` or a ``try``, do not count.
"""

import ast
import importlib.util
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
#: What comes with sklosses, its tests and its pictures.
COMMON = {"matplotlib", "numpy", "pandas", "scipy", "sklearn", "sklosses", "threadpoolctl"}


def needs(example):
    """The packages that an example imports at its top level, sorted."""
    found = set()
    for node in ast.parse(Path(example).read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    return sorted(found - COMMON - sys.stdlib_module_names)


def missing(example):
    """The packages that an example needs and that are not installed here."""
    return [name for name in needs(example) if importlib.util.find_spec(name) is None]


if __name__ == "__main__":
    for path in sorted(EXAMPLES.glob("*.py")):
        if names := needs(path):
            print(f"{path.name}: {', '.join(names)}")
