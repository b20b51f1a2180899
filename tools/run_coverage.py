"""Run tests, and report which lines of the package they reach, those of the kernels as well.

    python tools/run_coverage.py tests/test_losses.py -k mse_loss
    python tools/run_coverage.py --html coverage -n auto

The tree is copied and built elsewhere with gcc's ``--coverage``, which counts how often each line
of C is run. The comments in which Cython quotes its source tell which line of a ``.pyx`` or
``.pxd`` a line of C was made from. coverage.py traces the ``.py`` files and prints one report of
all. ``--html`` also writes the sources with their lines marked to a folder. What follows goes to
pytest; without it the whole suite runs. The exit status is that of pytest.

Counted are loops without the GIL, inline functions of ``.pxd`` files and headers, all threads, and
processes that the tests start. A line of a fused function counts if it is reached for one of the
types, a line of a ``.pxd`` if it is reached from one of the modules.

Not counted: branches and parts of a line, such as the two sides of ``a if b else c``; the body of
a ``prange`` (but the functions that it calls), which gcov leaves out; processes that end in
``os._exit`` or by a signal, as forked workers do; what is compiled for other builds than
``baseline``; functions of headers that no module calls. Nothing is optimised, so tests of large
arrays take long, and tests of time or memory may fail.

Cython's own ``linetrace`` was tried: it sees only one thread, takes the GIL at each line, which
makes the tests three times as slow, reports no ``.pxd``, and does not work on Python 3.12.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import coverage
from run_checked import build_copy, stop_when_terminated

QUOTED = re.compile(r'\s*/\* "(.+\.(?:pyx|pxd))":(\d+)$')
# The end of a block or a label, after which code is reached in other ways.
LEFT = re.compile(r"\s*}|\s*__pyx_L\w+:")


class KernelReporter(coverage.FileReporter):
    """What coverage.py asks about a source file that was compiled."""

    def __init__(self, path, executable):
        super().__init__(path)
        self.executable = executable

    def lines(self):
        """The lines that there is code for."""
        return self.executable


class Kernels(coverage.CoveragePlugin):
    """Tell coverage.py about source files that were compiled."""

    def __init__(self, executable):
        self.executable = executable

    def file_reporter(self, filename):
        """Report on one of these files."""
        return KernelReporter(filename, self.executable[filename])


def count_c_lines(folder):
    """How often each line of C was run: a dict of counts for each file."""
    counts = defaultdict(lambda: defaultdict(int))
    starts = defaultdict(set)
    gcov = Path(os.environ.get("CC", "gcc").split()[0]).name.replace("gcc", "gcov")
    for notes in sorted(Path(folder, "build").rglob("*.gcno")):
        command = [gcov, "--json-format", "--stdout", str(notes)]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        for file in json.loads(done.stdout)["files"]:
            path = Path(folder, file["file"])
            starts[path] |= {function["start_line"] for function in file["functions"]}
            for line in file["lines"]:
                number = line["line_number"]
                counts[path][number] = max(counts[path][number], line["count"])
    return counts, starts


def lines_of_sources(path, counts, starts):
    """Which lines of a module's sources there is C for, and whether it was run.

    A line is reached if the first C that was made from it is: later C may be a label to which
    others jump.
    """
    source = None
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if match := QUOTED.match(text):
            source = match[1], int(match[2])
        elif LEFT.match(text) or number in starts:
            source = None
        elif source and number in counts:
            yield *source, counts[number] > 0
            source = None


def kernel_lines(folder):
    """The lines of compiled sources: those that there is code for, and those that were reached."""
    executable, reached = defaultdict(set), defaultdict(set)
    counts, starts = count_c_lines(folder)
    for path, lines in counts.items():
        if path.suffix == ".c":
            found = lines_of_sources(path, lines, starts[path])
        else:
            found = ((path, number, count > 0) for number, count in lines.items())
        for source, number, hit in found:
            # Cython copies the headers beside the C files. Those of Python and NumPy are not ours.
            if Path(source).suffix == ".h":
                source = Path("sklosses", "_kernels", Path(source).name)
            source = str(Path(folder, source))
            if Path(source).is_file():
                executable[source].add(number)
                if hit:
                    reached[source].add(number)
    return executable, reached


def report(folder, html):
    """Print the report of a run."""
    executable, reached = kernel_lines(folder)
    kernels = Kernels(executable)
    run = coverage.Coverage(plugins=[lambda registry: registry.add_file_tracer(kernels)])
    run.combine()
    data = run.get_data()
    data.add_lines({path: reached[path] for path in executable})
    data.add_file_tracers(dict.fromkeys(executable, kernels._coverage_plugin_name))
    run.report()
    if html:
        run.html_report(directory=html)


def main():
    """Copy, build, test, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--html", type=Path, help="a folder for the marked sources")
    args, others = parser.parse_known_args()
    stop_when_terminated()
    with tempfile.TemporaryDirectory(prefix="sklosses-") as folder:
        folder = os.path.realpath(folder)
        env = build_copy(folder, "coverage")
        env["COVERAGE_FILE"] = os.environ["COVERAGE_FILE"] = str(Path(folder, ".coverage"))
        command = [sys.executable, "-m", "coverage", "run", "-m", "pytest", "-q"]
        command += ["-p", "no:cacheprovider", *others]
        status = subprocess.run(command, cwd=folder, env=env, check=False).returncode
        html = args.html and str(args.html.resolve())
        os.chdir(folder)
        report(folder, html)
        return status


if __name__ == "__main__":
    sys.exit(main())
