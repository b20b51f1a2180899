"""Print the packages that examples need besides the package itself and matplotlib.

    python tools/needs.py

Examples are the files of that folder and the blocks of Python in README.md. An example is left out,
of the tests and of the documentation's figures, where one of its packages is not installed.
Optional imports, in an ``if`` or a ``try``, do not count.
"""

import ast
import importlib.util
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
#: What comes with sklosses, its tests and its pictures.
COMMON = {"matplotlib", "numpy", "pandas", "scipy", "sklearn", "sklosses", "threadpoolctl"}


def blocks():
    """The blocks of Python in README.md."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)


def needs(example):
    """The packages that an example, a path or code, imports at its top level, sorted."""
    code = example.read_text("utf-8") if isinstance(example, Path) else example
    found = set()
    for node in ast.parse(code).body:
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
    for number, block in enumerate(blocks(), 1):
        if names := needs(block):
            print(f"README.md, block {number}: {', '.join(names)}")
