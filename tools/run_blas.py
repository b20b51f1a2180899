"""Run the tests that use BLAS as they would run on other CPUs.

    python tools/run_blas.py
    python tools/run_blas.py Prescott -x tests/test_batch.py

OpenBLAS chooses its kernels by the CPU, and they round differently. Each run makes OpenBLAS use the
kernels for one kind of CPU, and restricts NumPy and sklosses to the instructions of such a CPU.
Without names, there is a run for every kind that this CPU can imitate, except for the kind that an
ordinary test run uses. All further arguments go to pytest. The exit status is that of the first run
that fails.
"""

import json
import os
import subprocess
import sys

# Values of OPENBLAS_CORETYPE, with the x86-64 level that each needs.
KERNELS = {"SkylakeX": 4, "Haswell": 3, "Zen": 3, "Prescott": 1}
BUILDS = {4: "x86_64_v4", 3: "x86_64_v3", 1: "baseline"}

PROBE = """
import json
import numpy
import scipy.linalg
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from threadpoolctl import threadpool_info
from sklosses import _kernels

libraries = [item for item in threadpool_info() if item["internal_api"] == "openblas"]
print(json.dumps({
    "level": _kernels.runtime.cpu_level(),
    "builds": _kernels.available_builds(),
    "taken": sorted({item["architecture"] for item in libraries}),
    "features": [name for name in __cpu_dispatch__ if __cpu_features__[name]],
}))
"""


def probe(**variables):
    """What the CPU supports, and which kernels a process with these environment variables uses."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def environments(found):
    """Kinds of CPU that this CPU can imitate, each with its environment variables."""
    for name, level in KERNELS.items():
        if found["level"] < level:
            continue
        # AVX-512 is X86_V4 and the groups above it, or AVX512_SKX and so on in older releases.
        hidden = [f for f in found["features"] if "512" in f or f == "X86_V4"]
        if level == 1:
            hidden = found["features"]
        variables = {"OPENBLAS_CORETYPE": name}
        if level < 4 and hidden:
            variables["NPY_DISABLE_CPU_FEATURES"] = " ".join(hidden)
        if BUILDS[level] in found["builds"]:
            variables["SKLOSSES_ISA"] = BUILDS[level]
        yield name, variables


def main():
    """Run pytest once for each kind of CPU."""
    arguments = sys.argv[1:]
    names = []
    while arguments and arguments[0] in KERNELS:
        names.append(arguments.pop(0))
    found = probe()
    print(f"A plain run takes the kernels {found['taken']}.")
    seen = [found["taken"]]
    for name, variables in environments(found):
        if names and name not in names:
            continue
        taken = probe(**variables)["taken"]
        # Some builds of OpenBLAS use the same kernels for several kinds.
        if not names and taken in seen:
            continue
        seen.append(taken)
        print(f"\n{name}, which takes {taken}:", *(f"{k}={v!r}" for k, v in variables.items()))
        sys.stdout.flush()
        command = [sys.executable, "-m", "pytest", "-q", "-m", "blas and not slow", *arguments]
        status = subprocess.run(command, env={**os.environ, **variables}, check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
