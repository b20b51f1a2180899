"""Cross-compile for aarch64, see that the kernels are vectorised, and run tests under QEMU.

    python tools/run_aarch64.py
    python tools/run_aarch64.py --only gcc --folder arm tests/test_losses.py -k mse_loss

The tree is copied and built twice: by ``aarch64-linux-gnu-gcc``, with OpenMP, and by ``clang-19``,
without. After each build the machine code of the elementwise losses and of those of classes is
searched for loops that compute with whole NEON vectors. A table has their number in each version of
each kernel: for the value alone (v), with the gradient (g), and with the Hessian (h). A version
that computes without such a loop is an error. Then QEMU runs tests as on an aarch64 machine: those
of `TESTS`, or what further arguments tell pytest. The exit status is 0 if all of this succeeds.

QEMU shows whether results are right, not how long they take. Nor does it show what a weaker order
of memory accesses might do to threads, since it runs them in the order of this machine.

Needs Debian 12, on which nothing is changed, with the packages ``gcc-aarch64-linux-gnu``,
``clang-19`` and ``qemu-user-static``, and Cython, NumPy and setuptools for the Python that runs
this. An aarch64 Python comes from Debian's archive, and what the tests need from wheels. Both are
kept with the builds in the folder that ``--folder`` names, for the next time, and are otherwise
temporary.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from run_checked import ROOT, copy_tree, stop_when_terminated

COMPILERS = {
    # setup.py looks for OpenMP by a program that it runs, so the flag is given here.
    "gcc": ["aarch64-linux-gnu-gcc", "-fopenmp"],
    # Debian has no OpenMP of clang's for another processor.
    "clang": ["clang-19", "--target=aarch64-linux-gnu"],
}
# Of test_losses.py the first parameters of every kind of data. Its references are long doubles,
# which aarch64 computes in software, and QEMU slower still: on the large arrays of "layouts_change"
# they take longer than all the rest. "both_faces" is about Python.
SELECTION = "vecmath or -0- and not (layouts_change or both_faces)"
TESTS = ["tests/test_vecmath.py", "tests/test_losses.py", "-k", SELECTION]

# Debian's Python with what its modules are linked with, as far as the tests import them.
PACKAGES = [
    *("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "libpython3.11-dev"),
    *("libc6", "libgcc-s1", "libstdc++6", "libgomp1", "zlib1g", "libexpat1", "libffi8", "libssl3"),
    *("libbz2-1.0", "liblzma5", "libuuid1", "libcrypt1", "libsqlite3-0"),
]

# What sys.executable names, so that the tests can start processes.
PYTHON = """#!/bin/sh
exec qemu-aarch64-static -L {root} -0 "$0" {root}/usr/bin/python3.11 "$@"
"""


def run(*command, **options):
    """Run a command, which has to succeed."""
    return subprocess.run([*map(str, command)], check=True, **options)


def install_python(root):
    """Extract an aarch64 Python with its headers, and write a program that runs it."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # The lists of packages are those of another processor, apart from this machine's own.
        for name in ("lists/partial", "cache/archives/partial"):
            Path(folder, name).mkdir(parents=True)
        settings = {
            "APT::Architecture": "arm64",
            "APT::Architectures": "arm64",
            "APT::Sandbox::User": "root",
            "Dir::State": folder,
            "Dir::State::status": "/dev/null",
            "Dir::Cache": f"{folder}/cache",
        }
        apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in settings.items())]
        run(*apt, "update")
        run(*apt, "download", *PACKAGES, cwd=folder)
        for path in sorted(Path(folder).glob("*.deb")):
            run("dpkg", "-x", path, root)
    python = root / "usr/bin/python3"
    python.write_text(PYTHON.format(root=root))
    python.chmod(0o755)


def install_wheels(folder):
    """Unpack the wheels of what the package and its tests need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    # As new as the C library of that Debian.
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in range(17, 37)]
    platforms.append("--platform=manylinux2014_aarch64")
    options = ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11"]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-warn-conflicts", "--target", folder]
    run(*pip, *options, *platforms, *wanted)


def build(tree, root, packages, compiler, jobs):
    """Cross-compile all modules in place."""
    headers = (
        root / "usr/include/python3.11",
        root / "usr/include",
        packages / "numpy/_core/include",
    )
    # These folders precede those of this machine's Python, which setup.py names.
    command = [*compiler, *(f"-I{path}" for path in headers)]
    name = "_sysconfigdata__aarch64-linux-gnu"
    (tree / "build").mkdir(exist_ok=True)
    shutil.copy(root / f"usr/lib/python3.11/{name}.py", tree / "build")
    env = {
        **os.environ,
        "CC": " ".join(command),
        "LDSHARED": " ".join([*compiler, "-shared"]),
        "PYTHONPATH": str(tree / "build"),
        "SKLOSSES_BUILD": "baseline",
        "SKLOSSES_OPENMP": "0",
        "_PYTHON_HOST_PLATFORM": "linux-aarch64",
        "_PYTHON_SYSCONFIGDATA_NAME": name,
    }
    setup = [sys.executable, "setup.py", "-q", "build_ext", "--inplace", f"--parallel={jobs}"]
    run(*setup, cwd=tree, env=env)


def disassemble(library):
    """The instructions of each function: dicts by address."""
    objdump = ["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", library]
    functions = {}
    for line in run(*objdump, capture_output=True, text=True).stdout.splitlines():
        if found := re.match(r"[0-9a-f]+ <(\S+)>:", line):
            current = functions.setdefault(found[1], {})
        elif found := re.match(r" *([0-9a-f]+):\t(.*)", line):
            current[int(found[1], 16)] = found[2]
    return functions


def loops(instructions):
    """The innermost loops: for each, the instructions from the target of a branch back to it."""
    ends = {}
    for address, text in instructions.items():
        found = re.match(r"(?:b|b\.\w+|cbn?z|tbn?z)\t(?:.*, )?([0-9a-f]+) <", text)
        if found and (start := int(found[1], 16)) in instructions and start <= address:
            ends[start] = address
    for start, end in ends.items():
        if not any(start < other <= ends[other] <= end for other in ends):
            yield [text for address, text in instructions.items() if start <= address <= end]


VECTOR = re.compile(r"(?!fmov)f\w+\tv\d+\.(?:4s|2d),")  # arithmetic or comparison of floats
# Versions of a kernel as Cython numbers them: the dtype, and what is wanted besides the losses.
VERSIONS = {
    f"{i}_{j}": f"{dtype} {wanted}"
    for i, dtype in enumerate(("float32", "float64"))
    for j, wanted in enumerate(("value", "gradient", "Hessian"))
}
# Kernels with their versions that only copy.
COPIES = {"identity": VERSIONS, "custom": ("0_0", "1_0")}


def scalar_kernels(tree):
    """Print how many vectorised loops each kernel has; return the names of those without any."""
    missing = []
    print(f"{'vectorised loops':42}     float32     float64\n{'':42}{'   v   g   h' * 2}")
    for module in ("pointwise", "classwise"):
        kernels = tree / "sklosses/_kernels"
        functions = disassemble(next(kernels.glob(f"baseline/{module}.*-aarch64-*.so")))
        names = re.findall(r'make\("(\w+)"', (kernels / f"{module}.pyx").read_text())
        for name in names:
            counts = []
            for version in VERSIONS:
                # Compilers split parts off, which have the name of the whole and a suffix.
                symbol = re.compile(rf"__pyx_fuse_{version}__pyx_f_\w+{module}_{name}(\.\w+)*")
                parts = [code for key, code in functions.items() if symbol.fullmatch(key)]
                found = [loop for code in parts for loop in loops(code)]
                counts.append(sum(any(map(VECTOR.match, loop)) for loop in found))
                if not counts[-1] and version not in COPIES.get(name, ()):
                    missing.append(f"{name} ({VERSIONS[version]})")
            print(f"{f'{module}.{name}':42}", *(f"{count:3}" for count in counts))
    return missing


def check(compiler, folder, arguments, jobs):
    """Build with one compiler, look for vectorised loops and run tests; whether all is well."""
    root, tree = folder / "root", folder / compiler
    packages = root / "usr/local/lib/python3.11/dist-packages"
    if not packages.exists():  # the last of what is installed
        install_python(root)
        install_wheels(packages)
    print(f"\n{compiler}: {' '.join(COMPILERS[compiler])}", flush=True)
    copy_tree(tree)
    build(tree, root, packages, COMPILERS[compiler], jobs)
    missing = scalar_kernels(tree)
    print(f"without a vectorised loop: {', '.join(missing) or 'none'}", flush=True)
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONNOUSERSITE": "1", "OMP_NUM_THREADS": "2"}
    pytest = [root / "usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tests = subprocess.run([*map(str, pytest), *arguments], cwd=tree, env=env, check=False)
    return not missing and tests.returncode == 0


def main():
    """Install, build, look, test."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, help="where to keep what is installed and built")
    parser.add_argument("--only", choices=COMPILERS, help="the only compiler to build with")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="compilations at a time")
    args, others = parser.parse_known_args()
    stop_when_terminated()
    with tempfile.TemporaryDirectory(prefix="sklosses-") as temporary:
        folder = (args.folder or Path(temporary)).resolve()
        compilers = [args.only] if args.only else list(COMPILERS)
        results = [check(name, folder, others or TESTS, args.jobs) for name in compilers]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
