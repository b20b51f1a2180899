"""Run the tests on a build that detects errors in the kernels, such as reads out of bounds.

    python tools/run_checked.py sanitize
    python tools/run_checked.py bounds tests/test_losses.py -k cross_entropy

"sanitize" compiles with the address and undefined-behaviour sanitizers of gcc or clang, and
preloads their library. "bounds" turns on the checks of Cython and of the compiler for indices of
arrays of known length and for integer arithmetic. The working tree is copied and built in a
temporary folder, so it does not change. All further arguments go to pytest; without any, the whole
suite runs. The exit status is that of pytest.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def files():
    """The files of the working tree that are under version control, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and Path(ROOT, name).is_file()]


def runtime_libraries():
    """The libraries that have to be preloaded.

    These are the library of the address sanitizer and that of C++. Without the latter the sanitizer
    cannot intercept the exceptions of other extensions, such as matplotlib's.
    """
    compiler = os.environ.get("CC", "gcc").split()
    sanitizer = "libclang_rt.asan.so" if "clang" in compiler[0] else "libasan.so"
    for name in (sanitizer, "libstdc++.so"):
        command = [*compiler, f"-print-file-name={name}"]
        yield subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def copy_tree(folder):
    """Copy the working tree, without build products."""
    for name in files():
        target = Path(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path(ROOT, name), target)


def sanitizer_environment():
    """Environment variables that a process needs to load extensions with sanitizers."""
    return {
        "LD_PRELOAD": " ".join(runtime_libraries()),
        # Python itself does not free all of its memory at exit.
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        # Red zones around arrays make the tiles on the kernels' stacks several times as large.
        "OMP_STACKSIZE": "32M",
    }


def build_copy(folder, kind):
    """Copy the working tree and build the copy; return the environment that its tests need."""
    copy_tree(folder)
    env = {
        **os.environ,
        "SKLOSSES_CHECKED": kind,
        "SKLOSSES_BUILD": "baseline",
        "PYTHONPATH": folder,
    }
    build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    subprocess.run(build, cwd=folder, env=env, check=True)
    return env


def stop_when_terminated():
    """Exit normally if terminated, for instance by a time limit, so that the copy is removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def main():
    """Copy, build, test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=["sanitize", "bounds"])
    args, others = parser.parse_known_args()
    stop_when_terminated()
    with tempfile.TemporaryDirectory(prefix="sklosses-") as folder:
        env = build_copy(folder, args.kind)
        if args.kind == "sanitize":
            env |= sanitizer_environment()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *others]
        return subprocess.run(command, cwd=folder, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
