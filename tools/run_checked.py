"""Run the tests on a build that finds errors of the kernels, such as reads out of bounds.

    python tools/run_checked.py sanitize
    python tools/run_checked.py bounds tests/test_losses.py -k cross_entropy

"sanitize" compiles with gcc's or clang's address and undefined-behaviour sanitizers and loads
their library before all else; "bounds" turns on the checks that Cython and the compiler have for
indices of arrays whose length they know, and for integers. The tree is copied and built elsewhere,
so that nothing of the working tree changes. What follows goes to pytest; without it the whole suite
runs. The exit status is that of pytest.
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
    """All the files of the working tree that are under version control, or new."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and Path(ROOT, name).is_file()]


def runtime_libraries():
    """What has to be loaded before all else.

    The library of the address sanitizer; and that of C++, whose exceptions it can only then follow
    into extensions of others, such as matplotlib's.
    """
    compiler = os.environ.get("CC", "gcc").split()
    sanitizer = "libclang_rt.asan.so" if "clang" in compiler[0] else "libasan.so"
    for name in (sanitizer, "libstdc++.so"):
        command = [*compiler, f"-print-file-name={name}"]
        yield subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def copy_tree(folder):
    """Copy the working tree, without what was built in it."""
    for name in files():
        target = Path(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path(ROOT, name), target)


def sanitizer_environment():
    """What a process needs to load extensions with sanitizers."""
    return {
        "LD_PRELOAD": " ".join(runtime_libraries()),
        # Python itself keeps memory to its end.
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        # The zones around arrays make the stacks of the kernels' tiles several times as large.
        "OMP_STACKSIZE": "32M",
    }


def main():
    """Copy, build, test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=["sanitize", "bounds"])
    args, others = parser.parse_known_args()
    # Whoever stops it for taking too long wants the copy removed as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="sklosses-") as folder:
        copy_tree(folder)
        env = {
            **os.environ,
            "SKLOSSES_CHECKED": args.kind,
            "SKLOSSES_BUILD": "baseline",
            "PYTHONPATH": folder,
        }
        build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
        subprocess.run(build, cwd=folder, env=env, check=True)
        if args.kind == "sanitize":
            env |= sanitizer_environment()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *others]
        return subprocess.run(command, cwd=folder, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
