"""Which module may import which: only from lower layers, so there are no circles."""

import ast
from pathlib import Path

import sklosses

PACKAGE = Path(sklosses.__file__).parent

#: From the bottom to the top, by the first part of a module's name. A module imports from lower
#: layers; within a package (``losses``, ``_families``), from modules that do not import it.
LAYERS = (
    {"_version", "_warnings", "_sklearn_compat", "_blas", "_kernels"},
    {"_domains", "_interchange", "_lazy", "_threads"},
    {"_chunks", "_features", "_outputs", "_validation"},
    {"_class_weight", "_description", "_html", "_links", "_partial", "_results", "_smooth"},
    {"_constants", "_declaration", "_docs"},
    {"base"},
    {"_families"},
    {"losses"},
    {
        *("functional", "_checks", "_chunked", "_config", "_jax", "_labels", "_linear"),
        *("_loss_parameter", "_targets", "_torch"),
    },
    {
        "_answers",
        "_boosting",
        "_chunked_linear",
        "_compared",
        "_ordered",
        "jax",
        "metric_learning",
        "torch",
    },
    {"boosting", "linear_model", "scorer"},
    {"dask", "plotting"},
    {"__init__", "__main__"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def module_name(path):
    """The name below the package, such as ``losses.regression``."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def imports(name):
    """Names of the modules of the package that a module imports, wherever in its code."""
    path = MODULES[name]
    package = path.relative_to(PACKAGE).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = [alias.name.split(".") for alias in node.names]
            yield from (".".join(parts[1:]) for parts in found if parts[0] == "sklosses")
        elif isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".") if node.module else []
            if node.level:
                parts = [*package[: len(package) + 1 - node.level], *parts]
            elif parts[:1] == ["sklosses"]:
                parts = parts[1:]
            else:
                continue
            for alias in node.names:
                inner = ".".join([*parts, alias.name])
                yield inner if inner in MODULES else ".".join(parts)


def test_every_module_has_a_layer():
    assert {name.partition(".")[0] for name in MODULES} == set(LEVEL)


def test_no_module_imports_from_its_own_layer_or_a_higher_one():
    wrong = [
        f"{name} imports {other}"
        for name in MODULES
        for other in imports(name)
        if name.partition(".")[0] != other.partition(".")[0]
        and LEVEL[other.partition(".")[0]] >= LEVEL[name.partition(".")[0]]
    ]
    assert not wrong, wrong


def test_no_modules_import_one_another():
    graph = {name: {other for other in imports(name) if other in MODULES} for name in MODULES}
    # A package is imported before its modules, which it imports itself.
    while graph:
        free = [name for name, others in graph.items() if not others & graph.keys() - {name}]
        assert free, f"a circle among {sorted(graph)}"
        for name in free:
            del graph[name]


def test_imports_are_found():
    """The test's own eye: a relative import, one of a package, one within a function."""
    assert {"_constants", "_links", "_kernels"} <= set(imports("base"))
    assert "_families.pointwise" in set(imports("losses.regression"))
    assert "losses.combined" in set(imports("losses"))
    assert {"base", "losses"} <= set(imports("__init__"))
