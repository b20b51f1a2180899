"""The stubs say what is there, and what users write is as they say."""

import ast
import importlib
import inspect
import itertools
import re
import types
import typing
from functools import lru_cache
from pathlib import Path

import pytest
from helpers import load_file, load_tool

import sklosses
from sklosses import functional, get_loss_names

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sklosses"
STUBS = sorted(PACKAGE.rglob("*.pyi"))


# ---------------------------------------------------------------------------------------------
# Signatures
# ---------------------------------------------------------------------------------------------


def module_of(stub):
    if stub.stem == "dask":
        pytest.importorskip("dask", reason="the module cannot be imported without Dask")
    name = ".".join(stub.relative_to(ROOT).with_suffix("").parts)
    return importlib.import_module(name.removesuffix(".__init__"))


@lru_cache
def parse(stub):
    return ast.parse(stub.read_text(encoding="utf-8")).body


def definitions(body):
    """The overloads of each function or method, by name; properties are left out."""
    found = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            decorators = {ast.unparse(item) for item in node.decorator_list}
            if decorators <= {"overload", "classmethod"}:
                found.setdefault(node.name, []).append(node)
    return found


def literal(node):
    """The value of a default; Ellipsis stands for any."""
    return ... if ast.unparse(node) == "..." else ast.literal_eval(node)


def check_signature(node, function, is_method):
    """One overload against what is there."""
    real = list(inspect.signature(function).parameters.values())
    if is_method and not inspect.ismethod(function):
        real = real[1:]
    args = node.args
    positional = args.posonlyargs + args.args
    first = len(positional) - len(args.defaults)
    defaults = {
        a.arg: default for a, default in zip(positional[first:], args.defaults, strict=True)
    }
    defaults |= {
        a.arg: default
        for a, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        if default is not None
    }
    positional = positional[1:] if is_method else positional
    named = [a.arg for a in positional]
    keywords = [a.arg for a in args.kwonlyargs]
    variadic = [a.arg for a in (args.vararg, args.kwarg) if a is not None]
    by_kind = {kind: [p.name for p in real if p.kind is kind] for kind in inspect._ParameterKind}
    assert named == by_kind[inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert variadic == [p.name for p in real if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    takes_more = bool(by_kind[inspect.Parameter.VAR_KEYWORD])
    wanted = by_kind[inspect.Parameter.KEYWORD_ONLY]
    # What `**params` takes may have a type of its own.
    assert [name for name in keywords if name in wanted or not takes_more] == wanted
    for parameter in real:
        if parameter.name in defaults:
            assert parameter.default is not parameter.empty
            assert literal(defaults[parameter.name]) in (..., parameter.default)
    everything = [*positional, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    assert all(a.annotation is not None for a in everything)
    assert node.returns is not None


def test_stubs_are_up_to_date():
    make_stubs = load_tool("make_stubs")
    for path, text in make_stubs.stubs().items():
        assert path.read_text(encoding="utf-8") == text, f"{path}: run python tools/make_stubs.py"


def test_stubs_of_another_repository_are_not_written(monkeypatch, tmp_path):
    make_stubs = load_tool("make_stubs")
    monkeypatch.setattr(make_stubs, "__file__", str(tmp_path / "tools" / "make_stubs.py"))
    monkeypatch.setattr("sys.argv", ["make_stubs.py"])
    with pytest.raises(SystemExit, match=r"This script writes into .*, but Python imports "):
        make_stubs.main()


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.stem)
def test_stubs_have_the_public_names(stub):
    names = next(
        ast.literal_eval(node.value)
        for node in parse(stub)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert sorted(names) == sorted(module_of(stub).__all__)


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.stem)
def test_stubs_have_the_real_signatures(stub):
    module, body = module_of(stub), parse(stub)
    for name, nodes in definitions(body).items():
        for node in nodes:
            check_signature(node, getattr(module, name), is_method=False)
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    for name, node in classes.items():
        cls = getattr(module, name, None)
        if cls is None:
            assert name.startswith("_")
            continue
        methods = definitions(node.body)
        for base in map(ast.unparse, node.bases):
            # A base that only the stub has, whose methods each of the classes has.
            if base in classes and not hasattr(module, base):
                methods |= definitions(classes[base].body)
        for method, overloads in methods.items():
            function = getattr(cls, method)
            # What is scikit-learn's differs from one version to another.
            for overload in overloads if function.__module__.startswith("sklosses") else ():
                check_signature(overload, function, is_method=True)


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.stem)
def test_stubs_have_all_public_methods(stub):
    module = module_of(stub)
    known = {
        name
        for path in STUBS
        for node in parse(path)
        if isinstance(node, ast.ClassDef)
        for name in definitions(node.body)
    }
    for node in parse(stub):
        cls = getattr(module, node.name, None) if isinstance(node, ast.ClassDef) else None
        for name, value in vars(cls).items() if cls else ():
            if isinstance(value, types.FunctionType | classmethod) and not name.startswith("_"):
                assert name in known, f"{node.name}.{name}"


@pytest.mark.parametrize("name", get_loss_names())
def test_overloads_of_functions(name):
    """What depends on what: of each combination of switches there is an overload, and no other."""
    cls = type(sklosses.get_loss(name))
    nodes = definitions(parse(Path(functional.__file__).with_suffix(".pyi")))[name]
    switches = ["return_gradient", *cls.switches]
    kinds = [
        tuple(ast.unparse(a.annotation) for a in node.args.kwonlyargs if a.arg in switches)
        for node in nodes
    ]
    states = itertools.product(("Literal[False]", "Literal[True]"), repeat=len(switches))
    assert kinds[-1] == ("bool",) * len(switches)
    assert set(kinds[:-1]) == set(states)
    for node, row in zip(nodes[:-1], kinds[:-1], strict=True):
        assert ast.unparse(node.returns).startswith("tuple[") == ("Literal[True]" in row)
    reductions = {
        ast.unparse(next(a for a in node.args.kwonlyargs if a.arg == "reduction").annotation)
        for node in nodes
    }
    assert len(reductions) == (3 if "none" in cls.reductions else 1)
    assert "str" in reductions


# ---------------------------------------------------------------------------------------------
# Users' code
# ---------------------------------------------------------------------------------------------

USERS = {stem: load_file(ROOT / "tests" / "type_checks" / f"{stem}.py")
         for stem in ("users_code", "with_scikit_learn")}  # fmt: skip
EXAMPLES = [
    (module, name)
    for module in USERS.values()
    for name, value in vars(module).items()
    if isinstance(value, types.FunctionType)
    and value.__module__ == module.__name__
    and inspect.signature(value).return_annotation is None
]


def agrees(value, kind):
    """Whether a value is of the type that a type checker has for it."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(agrees(value, item) for item in args)
    if origin is tuple and args[-1] is not ...:
        return (
            isinstance(value, tuple) and len(value) == len(args) and all(map(agrees, value, args))
        )
    if origin is list:
        return isinstance(value, list) and all(agrees(item, args[0]) for item in value)
    if kind is float:
        return isinstance(value, float | int)
    return isinstance(value, origin or kind)


def check_type(value, kind):
    """`typing.assert_type` at run time."""
    assert agrees(value, kind), f"{value!r} is no {kind}"
    return value


@pytest.mark.parametrize(("module", "name"), EXAMPLES, ids=[name for _, name in EXAMPLES])
def test_types_of_users_code(module, name, monkeypatch):
    if name == "pictures":
        pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.setattr(module, "assert_type", check_type)
    getattr(module, name)()


def test_docstrings_hold_no_control_characters():
    """Of a formula that was no raw string, a backslash and the letter after it are one of them."""
    for path in sorted(PACKAGE.rglob("*.p*")):
        if path.suffix in (".py", ".pyi", ".pyx", ".pxd"):
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"[\x00-\x09\x0b-\x1f]", text), path.name
