"""Extensions, compiler flags and the OpenMP probe. The metadata is in pyproject.toml.

Installers run this file several times, also just for the metadata. Only a real build checks for a
compiler (``tools/check_compiler.py``) and runs Cython.

Every kernel module is compiled once per instruction set, from the same source and into a folder of
its own. Environment variables change what is built:

- `SKLOSSES_BUILD`, a comma-separated list such as ``x86_64_v3``, builds fewer instruction sets
  while developing;
- `SKLOSSES_OPENMP=0` builds without OpenMP;
- `SKLOSSES_CHECKED` builds with checks for errors in the kernels, or with counters of their lines:
  see ``tools/run_checked.py`` and ``tools/run_coverage.py``.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

KERNEL_FOLDER = Path("sklosses/_kernels")
KERNELS = [
    "pointwise",
    "classwise",
    "vectors",
    "ctc",
    "batch",
    "groups",
    "regions",
    "vecmath_ufuncs",
]

# Extra flags per build, from the one that runs everywhere to the fastest.
ISA_FLAGS = {
    "baseline": [],
    "x86_64_v3": ["-march=x86-64-v3"],
    "x86_64_v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
}

# Without the last two, loops with a comparison (trapping-math) or a square root (math-errno) are
# not vectorised. Neither changes a result. No other relaxation is allowed: -ffast-math breaks NaN.
MATH_FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math"]

# Used if the compiler knows them. Without these flags gcc would turn a loop that clears the lanes
# into a slow memset, would not move a test such as `gradient is not NULL` out of a longer loop, and
# would unroll short loops before it tries to vectorise them. It would also not vectorise loops over
# more than a few arrays, since it has to check that no two of them overlap. The last flag keeps
# clang from unrolling loops over the lanes before it vectorises them.
TUNING_FLAGS = [
    "-fno-tree-loop-distribute-patterns",
    "--param=max-unswitch-insns=600",
    "--param=vect-max-version-for-alias-checks=40",
    "--param=max-completely-peel-times=8",
    "-mllvm=-unroll-full-max-count=8",
]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": False,
    "freethreading_compatible": True,
}

# Flags for each value of `SKLOSSES_CHECKED`. "sanitize" checks accesses through pointers. "bounds"
# checks indices of arrays of known length: Cython those of memoryviews, and the compiler those of C
# arrays, with a trap that ends the process at once. "coverage" counts how often each line runs, in
# all threads.
CHECKED_FLAGS = {
    "sanitize": [
        "-O1",
        "-g",
        "-fno-omit-frame-pointer",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
    ],
    "bounds": [
        "-O1",
        "-g",
        "-fsanitize=bounds,integer-divide-by-zero,signed-integer-overflow",
        "-fsanitize-undefined-trap-on-error",
    ],
    "coverage": ["-O0", "--coverage", "-fprofile-update=atomic"],
}
CHECKED = os.environ.get("SKLOSSES_CHECKED", "")
if CHECKED not in ("", *CHECKED_FLAGS):
    sys.exit(f"SKLOSSES_CHECKED: {CHECKED!r} is not among {list(CHECKED_FLAGS)}.")
# cdivision stays on: kernels divide by zero on purpose, and a check would end them early.
if CHECKED == "bounds":
    DIRECTIVES |= {"boundscheck": True, "initializedcheck": True}

OPENMP_PROGRAM = (
    "#include <omp.h>\n"
    "int main(void) { int n = 0;\n"
    "#pragma omp parallel reduction(+:n)\n"
    "n += 1; return omp_get_max_threads() < 1 || n < 1; }\n"
)
# On macOS every clang takes these flags, Apple's too, which has neither -fopenmp nor omp.h; the
# header is where Homebrew or conda put it. Nothing is linked: two copies of libomp in a process
# end it, so the kernels take the functions of the copy that scikit-learn brings, which
# sklosses/_kernels/__init__.py loads before them.
CLANG_OPENMP = [
    "-Xpreprocessor",
    "-fopenmp",
    "-I/opt/homebrew/opt/libomp/include",
    "-I/usr/local/opt/libomp/include",
    f"-I{sys.prefix}/include",
]

MACROS = [("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")]


def requested_builds():
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    known = list(ISA_FLAGS) if x86 and os.name == "posix" else ["baseline"]
    asked = os.environ.get("SKLOSSES_BUILD")
    if not asked:
        return known
    names = [name.strip() for name in asked.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"SKLOSSES_BUILD: {unknown[0]!r} is not among {known} on this machine.")
    return [name for name in known if name in names]


def folder_of(extension):
    """The folder of a module. For a kernel module it is the name of its build."""
    return extension.name.split(".")[-2]


class Stamp:
    """A file that says what other files were made from."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    @property
    def is_current(self):
        return self.path.exists() and self.path.read_text() == self.text

    def set(self):
        self.path.write_text(self.text)


class BuildExt(build_ext):
    """Probe the compiler once, and give every extension the flags that it accepts."""

    def run(self):
        tools = Path(__file__).resolve().parent / "tools"
        sys.path.insert(0, str(tools))
        from check_compiler import require_compiler

        require_compiler()
        super().run()

    def run_probe(self, source, flags):
        """Whether `source` compiles, links and runs with `flags`."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "probe.c")
            path.write_text(source)
            try:
                objects = self.compiler.compile([str(path)], folder, extra_postargs=flags)
                self.compiler.link_executable(
                    objects, "probe", output_dir=folder, extra_postargs=flags
                )
            except Exception:
                return False
            return subprocess.run([str(Path(folder, "probe"))], check=False).returncode == 0

    def compiles(self, flags, source="int main(void) { return 0; }\n"):
        """Whether the compiler accepts `flags`. This machine need not be able to run the result."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "probe.c")
            path.write_text(source)
            try:
                self.compiler.compile([str(path)], folder, extra_postargs=[*flags, "-Werror"])
            except Exception:
                return False
            return True

    def openmp_flags(self):
        """The flags of the compiler and of the linker for OpenMP, both empty without it."""
        if os.environ.get("SKLOSSES_OPENMP", "1") == "0":
            return [], []
        if sys.platform == "darwin" and self.compiles(CLANG_OPENMP, OPENMP_PROGRAM):
            return CLANG_OPENMP, []
        flags = ["/openmp"] if os.name == "nt" else ["-fopenmp"]
        return (flags, flags) if self.run_probe(OPENMP_PROGRAM, flags) else ([], [])

    def translate(self):
        """Translate the modules to C with Cython, if their C files are not current.

        Each isolated build has files of NumPy and Cython of its own, which are newer than the C
        files of the build before. Going by their age, the build of a second environment would
        compile everything again. So stamps beside the C files say what these were made from, and
        with which flags they were compiled.
        """
        import numpy as np
        from Cython import __version__ as cython_version
        from Cython.Build import cythonize

        common = repr([np.__version__, cython_version, DIRECTIVES]).encode()
        common += b"".join(path.read_bytes() for path in sorted(KERNEL_FOLDER.glob("*.pxd")))
        # With a build_dir per folder, the builds have separate C files and object files.
        stale = {}
        for ext in self.extensions:
            build_dir, source = Path("build/cython", folder_of(ext)), Path(ext.sources[0])
            file = (build_dir / source).with_suffix(".c")
            digest = hashlib.sha256(common + source.read_bytes()).hexdigest()
            translated = Stamp(file.with_suffix(".translated"), digest)
            if not (translated.is_current and file.exists()):
                stale.setdefault(str(build_dir), []).append((ext, translated))
            flags = [self.compiler.compiler_so, ext.extra_compile_args]
            compiled = Stamp(file.with_suffix(".compiled"), repr(flags))
            if file.exists() and not compiled.is_current:
                file.touch()  # newer than what was compiled from it
            ext.c_file, ext.compiled = file, compiled
        for build_dir, outdated in stale.items():
            cythonize(
                [ext for ext, _ in outdated],
                build_dir=build_dir,
                compiler_directives=DIRECTIVES,
                include_path=["."],
                nthreads=os.cpu_count() or 1,
                force=True,
            )
            for _, translated in outdated:
                translated.set()
        for ext in self.extensions:
            ext.sources = [str(ext.c_file)]
            ext.compiled.set()

    def build_extensions(self):
        import numpy as np

        openmp, openmp_link = self.openmp_flags()
        if not openmp:
            print("sklosses: no OpenMP with this compiler; the kernels are built serial.")
        tuning = [flag for flag in TUNING_FLAGS if self.compiles([flag])]
        common = ["/O2"] if os.name == "nt" else [*MATH_FLAGS, *tuning]
        accepted = {isa for isa, flags in ISA_FLAGS.items() if not flags or self.compiles(flags)}
        self.extensions = [
            ext
            for ext in self.extensions
            if folder_of(ext) in accepted or folder_of(ext) not in ISA_FLAGS
        ]
        for ext in self.extensions:
            isa_flags = ISA_FLAGS.get(folder_of(ext), [])
            checked = CHECKED_FLAGS.get(CHECKED, [])
            ext.include_dirs += ["sklosses/_kernels", np.get_include()]
            ext.extra_compile_args = [
                *common, *isa_flags, *openmp, *checked, *ext.extra_compile_args
            ]  # fmt: skip
            ext.extra_link_args = [*openmp_link, *checked, *ext.extra_link_args]
            if folder_of(ext) not in ISA_FLAGS:
                text = " ".join([*common, *openmp])
                ext.define_macros.append(("SKLOSSES_CFLAGS", f'"{text}"'))
        self.translate()
        # Each extension is compiled in a process of its own, so that all cores are used.
        self.parallel = self.parallel or os.cpu_count()
        super().build_extensions()

    def build_extension(self, ext):
        built = Path(self.get_ext_filename(self.get_ext_fullname(ext.name)))
        # An editable install puts modules where those of another environment are already.
        is_current = built.exists() and not newer_group([*ext.sources, *ext.depends], str(built))
        if self.editable_mode and is_current:
            target = Path(self.get_ext_fullpath(ext.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(built, target)
        else:
            super().build_extension(ext)


def extensions():
    # Cython tracks what a .pyx file cimports, but not the C headers behind that.
    headers = [str(path) for path in sorted(KERNEL_FOLDER.glob("*.h"))]

    def one(name, source):
        return Extension(name, [source], define_macros=list(MACROS), depends=headers)

    result = [one("sklosses._kernels.runtime", "sklosses/_kernels/runtime.pyx")]
    for isa in requested_builds():
        result += [
            one(f"sklosses._kernels.{isa}.{kernel}", f"sklosses/_kernels/{kernel}.pyx")
            for kernel in KERNELS
        ]
    return result


# Where processes are not forked, those that translate import this file.
if __name__ == "__main__":
    setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExt})
