"""Check that this machine can compile the package, and if not say what is missing in one sentence.

Without a compiler, setuptools fails late and prints pages of command lines. This check needs
neither setuptools nor Cython, except on Windows, where setuptools has to find the compiler.
"""

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

PROGRAM = "#include <Python.h>\nint main(void) { return 0; }\n"
COMMANDS = {
    "darwin": "`xcode-select --install`",
    "win32": "the Build Tools for Visual Studio",
}
OTHER_COMMANDS = (
    "`apt install gcc python3-dev` (Debian, Ubuntu) or `dnf install gcc python3-devel` (Fedora)"
)


def missing():
    """A sentence on what is missing to compile an extension, or an empty string."""
    problem = _problem_on_windows() if os.name == "nt" else _problem()
    if not problem:
        return ""
    commands = COMMANDS.get(sys.platform, OTHER_COMMANDS)
    return f"sklosses is compiled when it is installed, but {problem}: install it with {commands}."


def require_compiler():
    """End the process with that sentence if something is missing."""
    text = missing()
    if text:
        sys.exit(text)


def _include_folders():
    """The folders in which setuptools lets the compiler look for Python.h."""
    found = [sysconfig.get_config_var("INCLUDEPY")]
    found += [sysconfig.get_path(name) for name in ("include", "platinclude")]
    return list(dict.fromkeys(filter(None, found)))


def _problem():
    """Why setuptools's compiler cannot compile a program with Python.h, or an empty string."""
    named = os.environ.get("CC")
    compiler = shlex.split(named or sysconfig.get_config_var("CC") or "cc")
    flags = shlex.split(f"{os.environ.get('CPPFLAGS', '')} {os.environ.get('CFLAGS', '')}")
    folders = _include_folders()
    flags += [f"-I{folder}" for folder in folders]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text(PROGRAM)
        output = source.with_suffix(".o")
        try:
            done = subprocess.run(
                [*compiler, *flags, "-c", str(source), "-o", str(output)],
                env={**os.environ, "LC_ALL": "C"},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError:
            origin = ", which the environment variable CC names," if named else ""
            return f"there is no C compiler ({compiler[0]!r}{origin} cannot be run)"
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if "error" in line]
    reason = lines[0] if lines else f"exit status {done.returncode}"
    if "Python.h" in reason and not any(Path(path, "Python.h").exists() for path in folders):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"Python.h of Python {version} is not in {' or '.join(folders)}"
    return f"there is no C compiler that works ({compiler[0]!r} says: {reason})"


def _problem_on_windows():
    """Why setuptools finds no compiler, or an empty string."""
    import setuptools  # noqa: F401  (this import makes distutils importable)

    # isort: split
    from distutils.ccompiler import new_compiler

    try:
        getattr(new_compiler(), "initialize", lambda: None)()
    except Exception:
        return "there is no C compiler"
    return ""


if __name__ == "__main__":
    require_compiler()
