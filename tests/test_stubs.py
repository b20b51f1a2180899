"""functional.pyi says what the functions are."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from conftest import load_tool

from sklosses import functional, get_loss_names

ROOT = Path(__file__).resolve().parent.parent
STUB = ROOT / "sklosses" / "functional.pyi"


@pytest.fixture(scope="module")
def overloads():
    """The function definitions of the stub by name."""
    found = {}
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


def test_stub_is_up_to_date():
    stub = load_tool("make_stubs").stub()
    assert STUB.read_text(encoding="utf-8") == stub, "run python tools/make_stubs.py"


def test_stub_has_every_function_and_no_other(overloads):
    assert sorted(overloads) == get_loss_names() == sorted(functional.__all__)


@pytest.mark.parametrize("name", get_loss_names())
def test_overloads_have_the_real_signature(name, overloads):
    real = inspect.signature(getattr(functional, name)).parameters
    without, with_gradient = overloads[name]
    for node in (without, with_gradient):
        assert [a.arg for a in node.args.args] == [
            p.name for p in real.values() if p.kind is not p.KEYWORD_ONLY
        ]
        assert [a.arg for a in node.args.kwonlyargs] == [
            p.name for p in real.values() if p.kind is p.KEYWORD_ONLY
        ]
        assert all(a.annotation is not None for a in node.args.args + node.args.kwonlyargs)
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if argument.arg != "return_gradient":
                assert ast.literal_eval(default) == real[argument.arg].default

    kinds = [
        ast.unparse(next(a for a in node.args.kwonlyargs if a.arg == "return_gradient").annotation)
        for node in (without, with_gradient)
    ]
    assert kinds == ["Literal[False]", "Literal[True]"]
    assert ast.unparse(with_gradient.returns).startswith("tuple[")


def test_docstrings_hold_no_control_characters():
    """Of a formula that was no raw string, a backslash and the letter after it are one of them."""
    for path in sorted(STUB.parent.rglob("*.p*")):
        if path.suffix in (".py", ".pyi", ".pyx", ".pxd"):
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"[\x00-\x09\x0b-\x1f]", text), path.name
