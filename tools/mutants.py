"""Plant faults in the code, one at a time, and check that a test catches each of them.

    python tools/mutants.py
    python tools/mutants.py --only "dropped NaN"
    python tools/mutants.py --write

A fault replaces one piece of text in one file. It is planted in a copy of the tree, which is then
rebuilt, some faults in a checked build. The tests named with the fault run until the first failure.
The exit status is 1 if a fault survives, and 2 if the text to replace does not occur exactly once.
``--write`` writes the list to ``doc/mutants.rst``.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from run_checked import ROOT, copy_tree, sanitizer_environment

DOC = ROOT / "doc" / "mutants.rst"


@dataclass(frozen=True)
class Mutant:
    """A fault.

    Parameters
    ----------
    kind : str
        What the fault is an example of.
    path : str
        The file, relative to ``sklosses``.
    old, new : str
        The text to replace, which occurs exactly once in the file, and its replacement.
    tests : tuple of str
        Arguments of pytest.
    checked : str
        The value of `SKLOSSES_CHECKED` for the build: "", "sanitize" or "bounds".
    builds : str
        The value of `SKLOSSES_BUILD`, the instruction sets to build for.
    """

    kind: str
    path: str
    old: str
    new: str
    tests: tuple
    checked: str = ""
    builds: str = "baseline"


#: What the tests of all losses are about, each in a file of its own.
TOPICS = ("losses", "dtypes", "layouts", "outputs", "weights", "threads", "domains", "parts")


def losses(names):
    """Arguments of pytest for the common tests of these losses."""
    return (*(f"tests/test_{topic}.py" for topic in TOPICS), "-k", names)


MUTANTS = [
    Mutant(
        "an off-by-one at a tile edge",
        "_kernels/pointwise.pyx",
        "        n = min(tile, stop - start)\n        for k in range(job.n_inputs):",
        "        n = min(tile + 1, stop - start)\n        for k in range(job.n_inputs):",
        losses("huber_loss"),
    ),
    Mutant(
        "a last element left out",
        "_kernels/lanes.pxd",
        "    for k in range(<int> (n - i)):\n        lane[k] += value[i + k]\n    return",
        "    for k in range(<int> (n - i) - 1):\n        lane[k] += value[i + k]\n    return",
        losses("mse_loss"),
    ),
    Mutant(
        "a dropped NaN",
        "_kernels/vectors.pyx",
        "    return x if x != x else <double> (x >= 0)",
        "    return <double> (x >= 0)",
        losses("triplet_margin_loss"),
    ),
    Mutant(
        "a NaN that the check lets pass",
        "_kernels/lanes.pxd",
        "            inside += (x[i] >= low) & (x[i] <= high)",
        "            inside += not ((x[i] < low) | (x[i] > high))",
        losses("poisson_nll_loss"),
    ),
    Mutant(
        "a missing weight",
        "_kernels/vectors.pyx",
        "            scale[i] = weight[i] * job.scale",
        "            scale[i] = job.scale",
        losses("cosine_embedding_loss"),
    ),
    Mutant(
        "a race",
        "_kernels/vectors.pyx",
        "                                   scratch + threadid() * share)",
        "                                   scratch + 0 * threadid() * share)",
        ("tests/test_threads.py", "-k", "cosine_embedding_loss and bits"),
    ),
    Mutant(
        "a round that does not wait for the one before",
        "_kernels/queue.h",
        "    while (sk_look(&queue->done) < n)",
        "    while (sk_look(&queue->done) < n - 1)",
        ("tests/test_batch.py", "tests/test_threads.py", "-k", "bits or calls_from"),
    ),
    Mutant(
        "an index unchecked",
        "_kernels/classwise.pyx",
        "            valid += (label[i] >= 0) & (label[i] < n_classes)\n",
        "            valid += (label[i] >= 0) & (label[i] <= n_classes)\n",
        (
            "tests/test_losses.py",
            "tests/test_multiclass.py",
            "-k",
            "multi_margin_loss and (value or beyond)",
        ),
    ),
    Mutant(
        "a wrong sign",
        "_kernels/pointwise.pyx",
        "            g[i] = scale * (rate - y_true[i])\n",
        "            g[i] = scale * (rate + y_true[i])\n",
        losses("poisson_nll_loss"),
    ),
    Mutant(
        "a wrong factor of a Hessian",
        "_kernels/pointwise.pyx",
        "            h[i] = scale * two\n",
        "            h[i] = scale\n",
        losses("mse_loss"),
    ),
    Mutant(
        "a stale buffer",
        "_kernels/vectors.pyx",
        "        for i in range(size):\n            gradient[k][i] = 0\n",
        "        for i in range(size if done == 0 else 0):\n            gradient[k][i] = 0\n",
        losses("triplet_margin_loss"),
    ),
    Mutant(
        "an int32 overflow",
        "_kernels/strided.pxd",
        "        data += position[axis] * operand.strides[axis]\n",
        "        data += <int> (position[axis] * operand.strides[axis])\n",
        ("tests/test_size.py",),
    ),
    Mutant(
        "a sum that depends on the threads",
        "_kernels/vectors.pyx",
        "    job.rows_per_block = max(block_size(job.space.size * job.dim) // job.dim, 1)",
        "    job.rows_per_block = max(16384 // n_threads // job.dim, 1)",
        ("tests/test_threads.py", "-k", "cosine_embedding_loss and bits"),
    ),
    Mutant(
        "a leaked setting of BLAS",
        "_blas.py",
        "            self.set(self.found)\n",
        "            pass\n",
        ("tests/test_batch.py", "-k", "blas or BLAS"),
    ),
    Mutant(
        "a child that forks into a parallel region",
        "_threads.py",
        "    _in_forked_child = True\n",
        "    _in_forked_child = False\n",
        ("tests/test_processes.py", "-k", "forked_child"),
    ),
    Mutant(
        "a refused call that has written",
        "base.py",
        "                plan.check()\n",
        "                pass\n",
        ("tests/test_outputs.py", "-k", "untouched"),
    ),
    Mutant(
        "a refused call of which the driver has written",
        "_kernels/pointwise.pyx",
        "            if check_first:\n                found =",
        "            if False:\n                found =",
        ("tests/test_outputs.py", "-k", "untouched and mse_loss"),
    ),
    Mutant(
        "an infinity that the value does not tell of",
        "_kernels/pointwise.pyx",
        'make("soft_margin_loss", 2, 1, 0, (), ',
        'make("soft_margin_loss", 2, 1, 0, (1,), ',
        ("tests/test_domains.py", "-k", "soft_margin_loss"),
    ),
    Mutant(
        "a read beyond an array",
        "_kernels/classwise.pyx",
        "        job.steps * LANES <= (stop - row) * job.n_classes and job.space.n_axes == 1\n",
        "        job.steps * LANES <= (stop - row + 1) * job.n_classes and job.space.n_axes == 1\n",
        losses("cross_entropy and value"),
        checked="sanitize",
    ),
    Mutant(
        "an index beyond an array of known length",
        "_kernels/classwise.pyx",
        "    for ln in range(LANES):\n        own[ln] = factor[ln]\n",
        "    for ln in range(LANES + 1):\n        own[ln] = factor[ln]\n",
        losses("cross_entropy and value"),
        checked="bounds",
    ),
    Mutant(
        "a last digit of a logarithm",
        "_kernels/vecmath.h",
        "#define VM_LOG_R0 0.666666666666666\n",
        "#define VM_LOG_R0 0.66666666666\n",
        ("tests/test_vecmath.py",),
    ),
    Mutant(
        "an instruction set that rounds otherwise",
        "_kernels/vecmath.h",
        "#define VM_LOG_R0 0.666666666666666\n",
        "#ifdef __AVX2__\n#define VM_LOG_R0 0.66666666666\n#else\n"
        "#define VM_LOG_R0 0.666666666666666\n#endif\n",
        ("tests/test_instruction_sets.py",),
        builds="baseline,x86_64_v3",
    ),
    Mutant(
        "a copy of the data",
        "base.py",
        "            values\n            if type(values) is np.ndarray\n",
        "            values.copy()\n            if type(values) is np.ndarray\n",
        ("tests/test_memory.py",),
    ),
    Mutant(
        "threads that do not know of other workers",
        "_threads.py",
        "    return int(min(runtime.max_threads(), _cpu_limit))\n",
        "    return int(runtime.num_procs())\n",
        ("tests/test_processes.py",),
    ),
    Mutant(
        "parts that count once where they should twice",
        "_partial.py",
        "            self.total + other.total, self.weight + other.weight, "
        "reduction=self.reduction\n",
        "            self.total + other.total, max(self.weight, other.weight), "
        "reduction=self.reduction\n",
        ("tests/test_properties.py",),
    ),
    Mutant(
        "a sign lost where a loss is convex",
        "_kernels/pointwise.pyx",
        "            g[i] = scale * (rate - y_true[i])\n",
        "            g[i] = scale * (y_true[i] - rate)\n",
        ("tests/test_properties.py", "-k", "below"),
    ),
    Mutant(
        "an error that names the value before",
        "_validation.py",
        "    where = position_of(index, array.shape, name)\n    what =",
        "    where = position_of(max(index - 1, 0), array.shape, name)\n    what =",
        ("tests/test_domains.py", "-k", "named"),
    ),
]


def first_failure(folder, mutant, env):
    """The first test that fails, or how else the tests ended; None if all of them pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests]
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=1200
    )
    if done.returncode == 5 or (done.returncode == 0 and " passed" not in done.stdout):
        sys.exit(f"{mutant.kind}: no test of {mutant.tests} has run. {done.stdout[-200:]}")
    if done.returncode == 0:
        return None
    found = re.search(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    if found:
        return found[1]
    report = re.search(r"(ERROR: AddressSanitizer: [\w-]+|runtime error: .*)", done.stderr)
    return report[1] if report else f"the interpreter ends with status {done.returncode}"


def write(rows):
    """Write the list of the faults, with the test that caught each."""
    lines = [
        "Faults that the tests find",
        "==========================",
        "",
        "Written by ``python tools/mutants.py --write``, which plants each of these faults in a",
        "copy of the code, builds it, and runs tests until one fails.",
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 30 25 45",
        "",
        "   * - fault",
        "     - file",
        "     - caught by",
    ]
    for mutant, caught in rows:
        lines += [f"   * - {mutant.kind}", f"     - ``{mutant.path}``", f"     - ``{caught}``"]
    DOC.write_text("\n".join(lines) + "\n")


def main():
    """Plant each fault, build, run its tests, and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="KIND", help="words of the kinds to plant")
    parser.add_argument("--write", action="store_true", help="write doc/mutants.rst")
    args = parser.parse_args()
    chosen = [m for m in MUTANTS if not args.only or any(word in m.kind for word in args.only)]
    stale = [
        mutant
        for mutant in chosen
        if (ROOT / "sklosses" / mutant.path).read_text().count(mutant.old) != 1
    ]
    for mutant in stale:
        print(f"{mutant.kind}: its place in {mutant.path} is not there, or not alone.")
    if stale:
        return 2

    rows, survivors = [], 0
    for checked in sorted({mutant.checked for mutant in chosen}):
        with tempfile.TemporaryDirectory(prefix="sklosses-") as folder:
            copy_tree(folder)
            env = {
                **os.environ,
                "SKLOSSES_CHECKED": checked,
                "PYTHONPATH": folder,
                "OMP_NUM_THREADS": str(max(2, os.cpu_count() or 1)),
            }
            testing = env | (sanitizer_environment() if checked == "sanitize" else {})
            for mutant in chosen:
                if mutant.checked != checked:
                    continue
                start = time.perf_counter()
                path = Path(folder, "sklosses", mutant.path)
                text = path.read_text()
                path.write_text(text.replace(mutant.old, mutant.new))
                build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
                building = env | {"SKLOSSES_BUILD": mutant.builds}
                # A better build, left by the fault before, would be imported in place of this one.
                for module in Path(folder, "sklosses", "_kernels").glob("*/*.so"):
                    if module.parent.name not in mutant.builds.split(","):
                        module.unlink()
                subprocess.run(build, cwd=folder, env=building, check=True, capture_output=True)
                caught = first_failure(folder, mutant, testing)
                path.write_text(text)
                survivors += caught is None
                rows.append((mutant, caught))
                seconds = time.perf_counter() - start
                print(f"{mutant.kind} ({seconds:.0f} s): {caught or 'SURVIVES'}", flush=True)
    if args.write:
        write([next(row for row in rows if row[0] is mutant) for mutant in chosen])
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
