"""The compiled kernel modules, of the build that suits this CPU.

Each family of losses has one kernel module with its kernels and its driver:

- `pointwise`: elementwise losses;
- `classwise`: losses along a class axis;
- `vectors`: losses of pairs and triplets of vectors;
- `batch`: losses of all pairs of a batch;
- `regions`: losses of the regions of images;
- `groups`: losses of groups of rows, ranked or at risk together;
- `ctc`: CTC.

They are built on inline code that they share: vecmath (exp, log and so on in a form that compilers
vectorise), lanes.pxd (sums and domain checks), strided.pxd (operands, spaces, blocks), rows.pxd
(rows as tiles) and folds.pxd (gradients of broadcast inputs). `runtime` says what the machine
supports.

Kernel modules are compiled from one source for several instruction sets (see setup.py). This module
imports those of the best build that the CPU can run. The environment variable ``SKLOSSES_ISA``
overrides the choice.
"""

import ctypes
import importlib
import importlib.util
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from threadpoolctl import threadpool_info

__all__ = [
    "ISA",
    "available_builds",
    "batch",
    "classwise",
    "ctc",
    "groups",
    "pointwise",
    "present_builds",
    "regions",
    "runtime",
    "vectors",
]

# Slowest first, each with the x86-64 level that the CPU must have.
_LEVELS = {"baseline": 0, "x86_64_v3": 3, "x86_64_v4": 4}


def _explain_missing(name):
    """A sentence on why this Python has no compiled module of this name, and what to do."""
    package = Path(__file__).resolve().parent
    *folder, module = name.split(".")
    files = sorted(package.joinpath(*folder).glob(f"{module}.*"))
    others = [path.name for path in files if path.suffix in (".so", ".pyd")]
    if others:
        state = (
            f"has been built for another Python ({others[0]}), not for this one "
            f"({module}{EXTENSION_SUFFIXES[0]})"
        )
    elif name == "runtime" or not present_builds():
        state = "has not been built"
    else:
        state = f"has been built in part ({name} is missing)"
    root = package.parent.parent
    if not (root / "setup.py").exists():
        return f"The sklosses in {package.parent} {state}: install it again."
    return (
        f"{root} is a source tree of sklosses that {state}: run `python -m pip install -e .` "
        "there, or start Python in another folder to use a sklosses that is installed."
    )


def _import(name):
    """Import one compiled module."""
    full_name = f"{__name__}.{name}"
    if importlib.util.find_spec(full_name) is None:
        raise ImportError(_explain_missing(name), name=full_name)
    try:
        return importlib.import_module(full_name)
    except ImportError as error:
        raise ImportError(
            f"A compiled module of sklosses, {full_name}, cannot be loaded: {error}",
            name=full_name,
            path=error.path,
        ) from error


def _load_openmp():
    """Let the modules that are loaded next use scikit-learn's copy of the OpenMP library.

    On macOS they are linked with none (see setup.py), since two copies of it end the process. A
    build without OpenMP needs none either.
    """
    importlib.import_module("sklearn.utils._openmp_helpers")
    for library in threadpool_info():
        if library["user_api"] == "openmp":
            ctypes.CDLL(library["filepath"], mode=ctypes.RTLD_GLOBAL)
            return


def present_builds():
    """Names of the builds that are installed, slowest first."""
    return [
        isa
        for isa in _LEVELS
        if importlib.util.find_spec(f"{__name__}.{isa}.pointwise") is not None
    ]


def available_builds():
    """Names of the builds that are installed and that this CPU can run, slowest first."""
    level = runtime.cpu_level()
    return [isa for isa in present_builds() if _LEVELS[isa] <= level]


def load(isa, module):
    """Import one kernel module of one build."""
    return _import(f"{isa}.{module}")


def _choose():
    """The name of the build to import."""
    present, available = present_builds(), available_builds()
    if not present:
        raise ImportError(_explain_missing("baseline.pointwise"))
    if not available:
        raise ImportError(
            f"sklosses has been built only for {present}, which this CPU cannot run. Build it "
            "again without SKLOSSES_BUILD."
        )
    wanted = os.environ.get("SKLOSSES_ISA")
    if not wanted:
        return available[-1]
    if wanted not in available:
        raise ImportError(
            f"The SKLOSSES_ISA environment variable must be among {available} on this machine. "
            f"Got {wanted!r} instead."
        )
    return wanted


class _Kernels(dict):
    """The kernels of a module by their names."""

    def __missing__(self, name):
        raise MissingKernelError(name)


class MissingKernelError(RuntimeError):
    """There is no kernel of a name."""

    def __init__(self, name):
        super().__init__(
            f"The build {ISA!r} of the kernels has no kernel {name!r}. Build it again, or choose "
            "another build by the environment variable SKLOSSES_ISA: sklosses.show_config() lists "
            "those that are present."
        )


if sys.platform == "darwin":
    _load_openmp()
runtime = _import("runtime")
ISA = _choose()
pointwise = load(ISA, "pointwise")
classwise = load(ISA, "classwise")
ctc = load(ISA, "ctc")
vectors = load(ISA, "vectors")
batch = load(ISA, "batch")
groups = load(ISA, "groups")
regions = load(ISA, "regions")
for _module in (pointwise, classwise, vectors, batch, groups):
    vars(_module)["KERNELS"] = _Kernels(_module.KERNELS)
