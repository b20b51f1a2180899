"""What a build needs, and what a source tree says that has not been built."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from helpers import load_tool

from sklosses import _kernels

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"
SUFFIX = EXTENSION_SUFFIXES[0]


def python(*arguments, cwd=ROOT, **variables):
    """The result of a Python process that does not see the package that is tested."""
    env = {**os.environ, **variables}
    env.pop("PYTHONPATH", None)
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


# ---------------------------------------------------------------------------------------------
# A compiler
# ---------------------------------------------------------------------------------------------

posix = pytest.mark.skipif(os.name == "nt", reason="on Windows setuptools chooses the compiler")


@pytest.fixture(scope="module")
def check_compiler():
    return load_tool("check_compiler")


def fake_compiler(folder, text, status):
    """A value of CC: a program that prints an error and exits."""
    path = folder / "compiler.py"
    path.write_text(f"import sys\nprint({text!r}, file=sys.stderr)\nsys.exit({status})\n")
    return f'"{sys.executable}" "{path}"'


@posix
def test_no_compiler_is_one_sentence(check_compiler):
    commands = check_compiler.COMMANDS.get(sys.platform, check_compiler.OTHER_COMMANDS)
    done = python(TOOLS / "check_compiler.py", CC="/nonexistent -O2")
    assert done.returncode == 1
    assert done.stderr == (
        "sklosses is compiled when it is installed, but there is no C compiler ('/nonexistent', "
        f"which the environment variable CC names, cannot be run): install it with {commands}.\n"
    )
    assert done.stdout == ""


@posix
def test_compilers_that_fail(check_compiler, tmp_path, monkeypatch):
    monkeypatch.setattr(check_compiler, "_include_folders", lambda: [str(tmp_path)])
    for text in (
        "probe.c:1:10: fatal error: Python.h: No such file or directory",
        "probe.c:1:10: fatal error: 'Python.h' file not found",
    ):
        monkeypatch.setenv("CC", fake_compiler(tmp_path, text, 1))
        version = ".".join(map(str, sys.version_info[:2]))
        assert f"but Python.h of Python {version} is not in {tmp_path}: install it" in (
            check_compiler.missing()
        )
    text = "In file included from Python.h:\nPython.h:4: fatal error: stdlib.h: No such file"
    monkeypatch.setenv("CC", fake_compiler(tmp_path, text, 1))
    (tmp_path / "Python.h").touch()
    assert "says: Python.h:4: fatal error: stdlib.h: No such file): install" in (
        check_compiler.missing()
    )
    monkeypatch.setenv("CC", fake_compiler(tmp_path, "", 3))
    assert "says: exit status 3): install" in check_compiler.missing()
    monkeypatch.setenv("CC", fake_compiler(tmp_path, "warning: something", 0))
    assert check_compiler.missing() == ""


# What build_backend.py takes from setuptools, which need not be there where tests run.
SETUPTOOLS = """
def get_requires_for_build_sdist(config_settings=None):
    return ["sdist"]
def get_requires_for_build_wheel(config_settings=None):
    return ["wheel"]
def get_requires_for_build_editable(config_settings=None):
    return ["editable"]
"""


@posix
def test_first_hooks_of_installers_ask_for_a_compiler(tmp_path):
    (tmp_path / "setuptools").mkdir()
    (tmp_path / "setuptools" / "__init__.py").touch()
    (tmp_path / "setuptools" / "build_meta.py").write_text(SETUPTOOLS)

    def hook(kind, **variables):
        code = (
            f"import sys; sys.path[:0] = [{str(TOOLS)!r}, {str(tmp_path)!r}]\n"
            f"import build_backend; print(build_backend.get_requires_for_build_{kind}())"
        )
        return python("-c", code, **variables)

    works = fake_compiler(tmp_path, "", 0)
    for kind in ("wheel", "editable"):
        assert hook(kind, CC=works).stdout == f"[{kind!r}]\n"
        done = hook(kind, CC="/nonexistent")
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("sklosses is compiled when it is installed, but")
        assert done.stderr.count("\n") == 1
    assert hook("sdist", CC="/nonexistent").stdout == "['sdist']\n"


# ---------------------------------------------------------------------------------------------
# A source tree
# ---------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path):
    """A source tree without compiled modules."""
    ignored = shutil.ignore_patterns("*.so", "*.pyd", "*.pyx", "*.h", "__pycache__")
    shutil.copytree(ROOT / "sklosses", tmp_path / "sklosses", ignore=ignored)
    (tmp_path / "setup.py").touch()
    return tmp_path


def import_error(tree, **variables):
    """The last line of what Python says when it imports the package of a tree."""
    done = python("-c", "import sklosses", cwd=tree, **variables)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def message(tree, state):
    return (
        f"ImportError: {tree.resolve()} is a source tree of sklosses that {state}: run "
        "`python -m pip install -e .` there, or start Python in another folder to use a sklosses "
        "that is installed."
    )


def test_tree_that_has_not_been_built(tree):
    assert import_error(tree) == message(tree, "has not been built")
    # The compiled module that is common to all builds does not make one.
    shutil.copy(_kernels.runtime.__file__, tree / "sklosses" / "_kernels")
    assert import_error(tree) == message(tree, "has not been built")


def test_tree_that_has_been_built_for_another_python(tree):
    name = "runtime.cpython-27-some-system.so"
    (tree / "sklosses" / "_kernels" / name).touch()
    state = f"has been built for another Python ({name}), not for this one (runtime{SUFFIX})"
    assert import_error(tree) == message(tree, state)
    (tree / "setup.py").unlink()
    folder = (tree / "sklosses").resolve()
    assert import_error(tree) == f"ImportError: The sklosses in {folder} {state}: install it again."


def test_tree_that_has_been_built_in_part(tree):
    kernels, isa = tree / "sklosses" / "_kernels", _kernels.available_builds()[0]
    shutil.copy(_kernels.runtime.__file__, kernels)
    shutil.copy(_kernels.load(isa, "pointwise").__file__, kernels / isa)
    state = f"has been built in part ({isa}.classwise is missing)"
    assert import_error(tree, SKLOSSES_ISA="") == message(tree, state)
    assert import_error(tree, SKLOSSES_ISA="sse9") == (
        f"ImportError: The SKLOSSES_ISA environment variable must be among ['{isa}'] on this "
        "machine. Got 'sse9' instead."
    )


def test_compiled_module_that_cannot_be_loaded(tree):
    (tree / "sklosses" / "_kernels" / f"runtime{SUFFIX}").write_bytes(b"no module")
    done = python("-c", "import sklosses", cwd=tree)
    last = done.stderr.splitlines()[-1]
    head, _, reason = last.partition(" cannot be loaded: ")
    assert head == "ImportError: A compiled module of sklosses, sklosses._kernels.runtime,"
    # What the system said is there, and where it was raised.
    assert reason
    assert f"ImportError: {reason}" in done.stderr.splitlines()[:-1]
    assert "was the direct cause of" in done.stderr


# ---------------------------------------------------------------------------------------------
# The OpenMP library of scikit-learn, which builds for macOS use
# ---------------------------------------------------------------------------------------------


def test_openmp_of_scikit_learn(monkeypatch):
    libraries = _kernels.threadpool_info()
    loaded = []
    monkeypatch.setattr(_kernels, "threadpool_info", lambda: libraries)
    monkeypatch.setattr(_kernels.ctypes, "CDLL", lambda path, mode: loaded.append((path, mode)))
    _kernels._load_openmp()
    [(path, mode)] = loaded
    assert "omp" in Path(path).name
    assert mode == _kernels.ctypes.RTLD_GLOBAL


def test_scikit_learn_without_openmp(monkeypatch):
    """Then a build without OpenMP can still be imported."""
    loaded = []
    monkeypatch.setattr(_kernels, "threadpool_info", lambda: [{"user_api": "blas"}])
    monkeypatch.setattr(_kernels.ctypes, "CDLL", lambda path, mode: loaded.append(path))
    _kernels._load_openmp()
    assert not loaded
