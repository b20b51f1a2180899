"""Check that float32 loops compute in float32: no literal in them is a double.

    python tools/check_literals.py

Cython writes the number 1 in ``1 / (1 + e)`` as the C literal ``1.0`` whatever the type of ``e``.
In the float version of a kernel C then converts e to double, and computes in double. Constants must
therefore have a type: ``cdef floating one = 1``. This script translates the kernel modules, looks
for literals next to an operator in the float versions of their functions, and prints them with the
line of the source. The exit status is 1 if there are any.

Comparisons with literals and assignments of literals are no arithmetic and are left alone, as are
parameters, which are doubles until they are converted.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Distances of vectors are float64, once for each row.
MODULES = ("pointwise", "classwise")
#: Functions that compute in double on purpose, or once for a block rather than for each element.
EXEMPT = ("run_block", "load_counts", "power_span")
LITERAL = r"-?\d+\.\d*(?:e[-+]?\d+)?"
#: A literal with an operator on one of its sides.
ARITHMETIC = re.compile(rf"[-+*/] \(?{LITERAL}(?![\d.])|(?<![\w.])(?<![<>=] ){LITERAL} [-+*/] ")


def literals(path):
    """Yield the comment with the source line, and the line of C, for each literal."""
    function = source = None
    for line in path.read_text().splitlines():
        if line.startswith("static "):
            found = re.search(r"__pyx_fuse_0\w*\(", line)
            function = found.group() if found else None
        elif line.startswith("}"):
            function = None
        if function is None or any(name in function for name in EXEMPT):
            continue
        if re.match(r"\s*/\* \"", line):
            source = line.strip(' /*"')
        if line.lstrip().startswith(("*", "/*", "//")) or "__pyx_v_param" in line:
            continue
        code = re.sub(r"\(\((?:float|double)\)" + LITERAL + r"\)", "typed", line)
        if ARITHMETIC.search(code):
            yield source, code.strip()


def main():
    """Translate the modules and print what is found."""
    n_found = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in MODULES:
            path = Path(folder, f"{name}.c")
            cython = [sys.executable, "-m", "cython", "-3", "-X", "cdivision=True"]
            source = f"sklosses/_kernels/{name}.pyx"
            subprocess.run([*cython, source, "-o", str(path)], cwd=ROOT, check=True)
            for source, code in literals(path):
                n_found += 1
                print(f"{source}: {code[:160]}")
    if n_found:
        sys.exit(f"{n_found} literals make float32 loops compute in double: give them a type.")


if __name__ == "__main__":
    main()
