"""Docstrings of everything public."""

import ast
import importlib.util
import inspect
import pkgutil
import pydoc
import re
from importlib import metadata

import pytest
from cases import every_loss
from helpers import run_python

import sklosses
from sklosses import __main__ as main
from sklosses import (
    boosting,
    get_loss,
    get_loss_names,
    jax,
    linear_model,
    losses,
    metric_learning,
    plotting,
    torch,
)
from sklosses.base import Loss


def public_callables():
    """Every public function, class and method, each with its docstring."""
    modules = [sklosses, linear_model, metric_learning, boosting, plotting, torch, jax]
    if importlib.util.find_spec("dask"):
        modules.append(importlib.import_module("sklosses.dask"))
    public = [(module, name) for module in modules for name in module.__all__]
    for module, name in public:
        item = getattr(module, name)
        if callable(item):
            yield name, item
        if inspect.isclass(item):
            for attribute, member in vars(item).items():
                member = getattr(member, "__func__", member)
                if inspect.isfunction(member) and not attribute.startswith("_"):
                    yield f"{name}.{attribute}", member
    yield "Loss.__call__", Loss.__call__


SECTIONS = [
    "Parameters",
    "Attributes",
    "Returns",
    "Yields",
    "Raises",
    "Warns",
    "See Also",
    "Notes",
    "References",
    "Examples",
]


def docs():
    return [pytest.param(item, id=name) for name, item in public_callables()]


def split_doc(item):
    doc = inspect.getdoc(item) or ""
    parts = re.split(r"^(\w[\w ]*)\n(-{3,})$", doc, flags=re.MULTILINE)
    headings = list(zip(parts[1::3], parts[2::3], strict=True))
    return parts[0].strip(), headings, dict(zip(parts[1::3], parts[3::3], strict=True))


@pytest.mark.parametrize("item", docs())
def test_docstrings_follow_numpydoc(item):
    summary, headings, bodies = split_doc(item)
    assert summary, "no docstring"
    assert summary.split("\n")[0].endswith("."), "the summary is no sentence on one line"
    names = [name for name, _ in headings]
    assert all(len(name) == len(line) for name, line in headings)
    assert names == [name for name in SECTIONS if name in names], "unknown or unordered sections"
    own = item.__init__ if inspect.isclass(item) else item
    parameters = [
        p for p in inspect.signature(own).parameters.values() if p.name not in ("self", "cls")
    ]
    if inspect.isclass(item) and own is object.__init__:
        parameters = []
    if not parameters:
        return
    if item is Loss:
        return  # abstract: its one parameter is documented by every loss
    assert "Parameters" in bodies
    described = []
    for line in re.findall(r"^(\*{0,2}\w.*?)(?: :.*)?$", bodies["Parameters"], re.MULTILINE):
        described += [part.strip() for part in line.split(",")]
    prefix = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    assert set(described) == {prefix.get(p.kind, "") + p.name for p in parameters}
    if not inspect.isclass(item) and not item.__name__.startswith("set_"):
        assert "Returns" in bodies or "Yields" in bodies


@every_loss
def test_docstrings_of_both_faces(name):
    cls, function = type(get_loss(name)), getattr(sklosses, name)
    for item in (cls, function):
        _, _, bodies = split_doc(item)
        for section in ("Parameters", "See Also", "Notes", "Examples"):
            assert bodies.get(section, "").strip(), section
        assert ".. math::" in bodies["Notes"]
        assert ">>> " in bodies["Examples"]
        for parameter, value in cls().get_params().items():
            found = re.search(rf"^{parameter} :.*default=(.*)$", bodies["Parameters"], re.MULTILINE)
            assert found, parameter
            assert ast.literal_eval(found[1]) == value
    assert "Raises" in split_doc(function)[2]
    assert function.__name__ in split_doc(cls)[2]["See Also"]
    assert cls.__name__ in split_doc(function)[2]["See Also"]


# ---------------------------------------------------------------------------------------------
# The overview of the package, and `python -m sklosses`
# ---------------------------------------------------------------------------------------------


def test_help_of_the_package():
    """With all classes and functions, and so what base classes have that have no objects."""
    text = pydoc.plain(pydoc.render_doc(sklosses))
    assert "class DiscriminatorLoss" in text


def test_overview_names_every_public_module():
    named = set(re.findall(r"^([\w.]+) {2,}\w", sklosses.__doc__, re.MULTILINE))
    modules = {f"losses.{item.name}" for item in pkgutil.iter_modules(losses.__path__)}
    assert modules | {*sklosses._SUBMODULES, "scorer"} == named


def test_overview_fits_into_80_columns():
    lines = pydoc.plain(pydoc.render_doc(sklosses)).partition("PACKAGE CONTENTS")[0].splitlines()
    assert any("help(sklosses.huber_loss)" in line for line in lines)
    # The first line is that of the name.
    assert max(map(len, lines[lines.index("DESCRIPTION") :])) <= 80


def test_run_as_a_program():
    printed = run_python("import runpy; runpy.run_module('sklosses', run_name='__main__')")
    config = sklosses.show_config(mode="dicts")
    assert re.search(rf"^build in use +{config['build in use']}$", printed, re.MULTILINE)
    [name] = re.findall(r"help\(sklosses\.(\w+)\)", printed)
    assert name in get_loss_names()


@pytest.mark.parametrize(
    "lines", [None, ["Source, https://a.test/b", "Documentation, https://a.test/c, d"]]
)
def test_addresses_are_those_of_the_metadata(monkeypatch, capsys, lines):
    class Metadata:
        def get_all(self, name):
            return {"Project-URL": lines}[name]

    monkeypatch.setattr(metadata, "metadata", lambda name: {"sklosses": Metadata()}[name])
    main.main()
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in printed if "https" in line] == [
        line.replace(", ", ": ", 1) for line in lines or ()
    ]


def test_source_tree_that_was_not_installed(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    assert main.project_urls() == {}
