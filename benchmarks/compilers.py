"""Compare compilers: the time of each kernel, divided by that with the fastest compiler.

Builds the package once for each compiler that is found, into a folder of its own, and times the
losses on one thread, each build in a process of its own; the processes take turns.

    python benchmarks/compilers.py
    python benchmarks/compilers.py --compilers gcc-12 clang-19 --builds x86_64_v3 --only huber

Prints the value, the value with the gradient, and the gradient with the Hessian where there is one.
Ratios from 1.3 on are marked. With ``--rst`` it prints the table of ``doc/compilers.rst``: for each
loss the largest of these ratios.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COMPILERS = (
    *(f"gcc-{version}" for version in range(11, 18)),
    *(f"clang-{version}" for version in range(16, 24)),
)
ASKED = ("value", "gradient", "hessian")
#: Elements of the arrays: they fit the caches.
SIZE = 100_000


def measure(only, rounds):
    """Times of all rows with the build that is imported, printed as JSON: seconds by name."""
    import numpy as np

    sys.path.insert(0, str(HERE))
    from loss_rows import ROWS

    import sklosses

    times = {}
    for row in ROWS:
        if row.n is not None or not row.name.startswith(only):
            continue
        arrays = row.make_data(SIZE, np.random.default_rng(0))
        loss = sklosses.get_loss(row.ours, **row.params)
        calls = {
            "value": lambda loss=loss, arrays=arrays: loss(*arrays, n_threads=1),
            "gradient": lambda loss=loss, arrays=arrays: loss.value_and_gradient(
                *arrays, n_threads=1
            ),
        }
        if loss.tags.hessian != "none":
            calls["hessian"] = lambda loss=loss, arrays=arrays: loss.gradient_and_hessian(
                *arrays, n_threads=1
            )
        for asked, call in calls.items():
            call()
            taken = []
            for _ in range(rounds):
                start = time.perf_counter()
                call()
                taken.append(time.perf_counter() - start)
            times[f"{row.name}/{asked}"] = min(taken)
    print(json.dumps(times))


def build(compiler, isa, folder):
    """Build the package with a compiler for an instruction set; the folder to import it from."""
    target = folder / f"{compiler}-{isa}"
    shutil.rmtree(target, ignore_errors=True)
    tree = shutil.ignore_patterns("build", ".git", "*.so", ".venv*", "__pycache__")
    shutil.copytree(ROOT, target, ignore=tree)
    environment = {**os.environ, "CC": compiler, "LDSHARED": f"{compiler} -shared"}
    result = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=target,
        env=environment | {"SKLOSSES_BUILD": isa},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        print(result.stdout[-2000:], result.stderr[-2000:])
        raise SystemExit(f"{compiler} does not build the package.")
    return target


def run(tree, args):
    command = [sys.executable, __file__, "--measure", "--only", args.only]
    output = subprocess.run(
        [*command, "--rounds", str(args.rounds)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(output.stdout.splitlines()[-1])


def table(times, compilers):
    """Print the ratio to the fastest compiler for each loss and what is asked for."""
    print("  ".join(["kernel".ljust(38), "asked for".ljust(9), *(c.rjust(9) for c in compilers)]))
    for key in times[compilers[0]]:
        best = min(times[compiler][key] for compiler in compilers)
        cells = []
        for compiler in compilers:
            ratio = times[compiler][key] / best
            cells.append(f"{ratio:.2f}{'!' if ratio >= 1.3 else ' '}".rjust(9))
        name, asked = key.rsplit("/", 1)
        print("  ".join([name.ljust(38), asked.ljust(9), *cells]))


def rst_table(times, compilers):
    """Print the largest ratio of each loss as a table of reStructuredText."""
    worst = {}
    for key in times[compilers[0]]:
        best = min(times[compiler][key] for compiler in compilers)
        row = worst.setdefault(key.rsplit("/", 1)[0], [0.0] * len(compilers))
        for k, compiler in enumerate(compilers):
            row[k] = max(row[k], times[compiler][key] / best)
    print(".. csv-table::\n   :header: loss, " + ", ".join(compilers) + "\n")
    for name, row in worst.items():
        print(f'   "{name}", ' + ", ".join(f"{ratio:.2f}" for ratio in row))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--compilers", nargs="+", default=None)
    parser.add_argument("--builds", nargs="+", default=["x86_64_v3", "x86_64_v4"])
    parser.add_argument("--only", default="", help="rows whose name starts so")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/compilers"))
    parser.add_argument("--keep", action="store_true", help="use builds that are there")
    parser.add_argument("--rst", action="store_true", help="the table of the documentation")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(args.only, args.rounds)
        return
    compilers = args.compilers or [name for name in COMPILERS if shutil.which(name)]
    folder = args.folder.resolve()
    for isa in args.builds:
        trees = {}
        for compiler in compilers:
            tree = folder / f"{compiler}-{isa}"
            trees[compiler] = tree if args.keep and tree.exists() else build(compiler, isa, folder)
        turns = {compiler: [] for compiler in compilers}
        try:
            for _ in range(args.turns):
                for compiler, tree in trees.items():
                    turns[compiler].append(run(tree, args))
        except subprocess.CalledProcessError as error:
            print(f"\n{isa}: left out, this CPU does not run it.\n{error.stderr[-300:]}")
            continue
        times = {
            compiler: {key: statistics.median(turn[key] for turn in taken) for key in taken[0]}
            for compiler, taken in turns.items()
        }
        print(f"\n{isa}, ratios to the fastest\n")
        (rst_table if args.rst else table)(times, compilers)


if __name__ == "__main__":
    main()
