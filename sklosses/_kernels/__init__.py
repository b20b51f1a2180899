"""Picks the build of the kernels that suits this CPU.

The modules `pointwise`, `classwise`, ... exist once per instruction set, compiled from one
source (see setup.py); this module imports those of one build. The environment variable
``SKLOSSES_ISA`` overrides the choice.
"""

import importlib
import importlib.util
import os

from . import runtime

__all__ = [
    "ISA",
    "available_builds",
    "classwise",
    "ctc",
    "pairwise",
    "pointwise",
    "present_builds",
    "runtime",
    "vectors",
]

# Slowest first; the number is the x86-64 level that the CPU must have.
_LEVELS = {"baseline": 0, "x86_64_v3": 3, "x86_64_v4": 4}


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
    return importlib.import_module(f"{__name__}.{isa}.{module}")


def _choose():
    available = available_builds()
    if not available:
        raise ImportError(
            "sklosses has no compiled kernels that this CPU can run; installed builds: "
            f"{present_builds()}. Build the package with `pip install .`."
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


ISA = _choose()
pointwise = load(ISA, "pointwise")
classwise = load(ISA, "classwise")
ctc = load(ISA, "ctc")
vectors = load(ISA, "vectors")
pairwise = load(ISA, "pairwise")
