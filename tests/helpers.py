"""Comparisons, layouts, processes and memory: what several modules of tests need."""

import ctypes
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from references import WIDE

import sklosses


def load_file(path):
    """The module of a file that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[path.stem] = module
    # As in a script, which finds its neighbours.
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def load_tool(name):
    """A module of the folder tools."""
    return load_file(Path(__file__).resolve().parent.parent / "tools" / f"{name}.py")


def widen(array):
    array = np.asarray(array)
    return array.astype(WIDE) if array.dtype.kind == "f" else array


def as_tuple(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


def derivatives(loss, *arrays, hessian_out=None, **keywords):
    """Tuples of the gradients and, where the loss has them, of the Hessians."""
    if loss.tags.hessian == "none":
        return (as_tuple(loss.gradient(*arrays, **keywords)),)
    got = loss.gradient_and_hessian(*arrays, hessian_out=hessian_out, **keywords)
    return tuple(map(as_tuple, got))


#: Tests of the peak of the resident memory, which counts what compiled code allocates as well. Not
#: of `resource.getrusage`: that starts from the peak of the process that was forked.
measures_memory = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists() or os.environ.get("SKLOSSES_CHECKED") == "sanitize",
    reason="the peak can be reset only on Linux, and sanitizers keep memory that was freed",
)


#: The option of Linux's prctl that turns transparent huge pages off.
PR_SET_THP_DISABLE = 41


def peak_memory():
    """Bytes that this process had at most in memory since `reset_peak_memory`."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024


def reset_peak_memory():
    """Forget the peak; the bytes in memory now, which are the new one.

    What was freed before goes back to the system: it could be used again without being counted.
    From now on memory comes in small pages. NumPy asks for huge pages in its large arrays, and what
    is allocated in their place later takes up 2 MiB of memory for its first byte.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)
    Path("/proc/self/clear_refs").write_text("5")
    return peak_memory()


#: Bounds of relative errors: test_losses.py says where they come from.
RTOL = 2e-13
RTOL_SINGLE = 2e-5
HERE = str(Path(__file__).resolve().parent)


def close(actual, expected, rtol, terms=None, atol=0.0):
    """|actual - expected| <= rtol * terms, with what rounds to zero in the dtype allowed for."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    terms = np.abs(expected) if terms is None else terms
    tiny = np.finfo(actual.dtype).tiny
    with np.errstate(invalid="ignore"):
        error = np.abs(actual.astype(WIDE) - expected)
    bound = np.broadcast_to(rtol * terms + tiny + atol, error.shape)
    fine = (error <= bound) | (actual == expected)
    worst = np.unravel_index(np.argmin(fine), error.shape)
    assert np.all(fine), (
        f"at {worst}: {actual[worst]!r}, expected {expected[worst]!r}, bound {bound[worst]!r}"
    )


def negative(array):
    every = (slice(None, None, -1),) * array.ndim + (...,)
    return array[every].copy()[every]


def sliced(array):
    wide = np.full(tuple(2 * n + 1 for n in array.shape), 7, array.dtype)
    view = wide[(slice(1, None, 2),) * array.ndim + (...,)]
    view[...] = array
    return view


def unaligned(array):
    """A field of packed records, at no multiple of its size."""
    records = np.zeros(array.shape, np.dtype([("pad", "u1"), ("x", array.dtype), ("end", "u2")]))
    records["x"] = array
    view = records["x"]
    assert array.itemsize == 1 or not view.flags.aligned
    return view


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS = {
    "negative": negative,
    "fortran": lambda array: np.array(array, order="F"),
    "sliced": sliced,
    "swapped axes": lambda array: np.ascontiguousarray(array.T).T.reshape(array.shape),
    "unaligned": unaligned,
    "read-only": read_only,
}


def run_alone(folder, *args):
    """Output of a fresh interpreter in a folder of its own, as for a user who copies an example."""
    env = {
        **os.environ,
        "PYTHONPATH": str(Path(sklosses.__file__).parents[1]),
        "MPLBACKEND": "Agg",
        # Other tests run beside this one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(source, *args, timeout=120, **environment):
    """Output of a fresh interpreter that finds the tests' modules."""
    env = {**os.environ, **environment}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, env.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", source, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
