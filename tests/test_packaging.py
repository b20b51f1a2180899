"""Recipe, workflows, wheels and citation say what pyproject.toml says."""

import importlib.util
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from helpers import load_tool
from packaging.requirements import Requirement

import sklosses

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name):
    return (ROOT / name).read_text("utf-8")


def workflow(name):
    return yaml.safe_load(read(f".github/workflows/{name}.yml"))


@pytest.fixture(scope="module")
def settings():
    return tomllib.loads(read("pyproject.toml"))


@pytest.fixture(scope="module")
def project(settings):
    return settings["project"]


@pytest.fixture(scope="module")
def pythons(project):
    """The versions of Python that the classifiers name, from the oldest to the newest."""
    return [c.rpartition(" ")[2] for c in project["classifiers"] if ":: Python :: 3." in c]


@pytest.fixture(scope="module")
def free_threaded(settings):
    """The free-threaded ones for which wheels are built."""
    found = re.findall(r"cp3(\d+)t-\*", settings["tool"]["cibuildwheel"]["build"])
    return [f"3.{minor}t" for minor in found]


# ---------------------------------------------------------------------------------------------
# The recipe
# ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recipe():
    return yaml.safe_load(read("recipe/recipe.yaml"))


def required(requirements):
    """Bounds by name, of texts such as "numpy >=2.0"."""
    parsed = [Requirement(text) for text in requirements]
    return {item.name.lower(): str(item.specifier) for item in parsed}


def named(requirements):
    """The requirements of a recipe on every system that have a fixed name."""
    return [text for text in requirements if isinstance(text, str) and "${{" not in text]


def test_recipe_needs_what_the_package_needs(recipe, project):
    run = required(recipe["requirements"]["run"])
    assert run.pop("python") == ""
    assert run == required(project["dependencies"])


def test_recipe_builds_with_what_the_build_needs(recipe, settings):
    host = required(named(recipe["requirements"]["host"]))
    assert host.pop("python") == host.pop("pip") == ""
    assert host == required(settings["build-system"]["requires"])
    # For another processor, what runs during the build is that of this one.
    [cross] = [item["then"] for item in recipe["requirements"]["build"] if isinstance(item, dict)]
    build = required(named(cross))
    assert build.pop("python") == ""
    assert build.items() <= host.items()
    assert {"cython", "setuptools"} <= build.keys()


def test_recipe_is_of_this_package(recipe, project):
    assert recipe["context"] == {"name": project["name"], "version": sklosses.__version__}
    about = recipe["about"]
    assert about["summary"] == project["description"]
    assert about["license"] == project["license"]
    assert [about["license_file"]] == project["license-files"]
    oldest = project["requires-python"].removeprefix(">=")
    assert recipe["build"]["skip"] == [f'match(python, "<{oldest}")']


def test_recipe_tests_what_is_there(recipe):
    python, script = recipe["tests"]
    for name in python["python"]["imports"]:
        assert importlib.util.find_spec(name), name
    for name in script["files"]["source"]:
        assert (ROOT / name).is_file()
        assert f"python {name}" in script["script"]


# ---------------------------------------------------------------------------------------------
# The citation
# ---------------------------------------------------------------------------------------------


def test_citation_is_of_this_version(project):
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["title"] == project["name"]
    assert str(citation["version"]) == sklosses.__version__
    assert citation["license"] == project["license"]
    assert citation["keywords"] == project["keywords"]
    assert citation["authors"] == project["authors"]


# ---------------------------------------------------------------------------------------------
# Metadata
# ---------------------------------------------------------------------------------------------


def test_description_is_the_first_sentence(project):
    assert sklosses.__doc__.splitlines()[0] == f"{project['description']}."


def test_typed(project, settings):
    assert "Typing :: Typed" in project["classifiers"]
    assert (ROOT / "sklosses" / "py.typed").is_file()
    assert "py.typed" in settings["tool"]["setuptools"]["package-data"]["*"]


def test_free_threading(project, settings, free_threaded, pythons):
    declared = '"freethreading_compatible": True' in read("setup.py")
    classified = [c for c in project["classifiers"] if ":: Free Threading ::" in c]
    assert declared
    assert len(classified) == 1
    assert free_threaded
    assert {name.removesuffix("t") for name in free_threaded} <= set(pythons)
    assert set(free_threaded) <= set(settings["tool"]["tox"]["env_list"])


#: Addresses that are known and belong to others.
KNOWN = ("https://www.contributor-covenant.org", "https://keepachangelog.com", "https://semver.org")
NAMED_IN = [
    "pyproject.toml",
    "CITATION.cff",
    *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("*.md")),
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / "recipe").rglob("*.yaml")),
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*.*")),
]


@pytest.mark.parametrize("name", NAMED_IN)
def test_no_address_is_made_up(name, project):
    """An address of the project is one of those in [project.urls], or below one of them."""
    known = (*KNOWN, *project["urls"].values())
    found = re.findall(r"\w+://[^\s\"'<>)\]]+", read(name))
    assert not [address for address in found if not address.startswith(known)]
    assert not re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", read(name))


# ---------------------------------------------------------------------------------------------
# Wheels
# ---------------------------------------------------------------------------------------------


def test_wheels_are_for_every_python(settings, pythons, free_threaded):
    built = settings["tool"]["cibuildwheel"]["build"].split()
    assert built == [f"cp{name.replace('.', '')}-*" for name in [*pythons, *free_threaded]]


def test_wheels_are_tested_by_what_is_there(settings, project):
    options = settings["tool"]["cibuildwheel"]
    assert set(options["test-extras"]) <= project["optional-dependencies"].keys()
    commands = " ".join(options["test-command"])
    files = re.findall(r"\{project\}/(\S+)", commands)
    assert {"tests", "tests/test_readme.py", "tests/test_examples.py"} <= set(files)
    assert not [name for name in files if not (ROOT / name).exists()]


@pytest.fixture(scope="module")
def check_wheel():
    return load_tool("check_wheel")


WHEEL = "sklosses-0.1.0-cp313-cp313-manylinux_2_28_x86_64.whl"


def wheel_files(check_wheel, name=WHEEL):
    """Names of the files that a wheel should have."""
    package = ROOT / "sklosses"
    files = [p for kind in ("*.py", "*.pyi", "py.typed") for p in package.rglob(kind)]
    kernels = [path.stem for path in (package / "_kernels").glob("*.pyx")]
    kernels.remove("runtime")
    ending = ".cp313-win_amd64.pyd" if "win" in name else ".cpython-313-x86_64-linux-gnu.so"
    return [
        *(path.relative_to(ROOT).as_posix() for path in files),
        f"sklosses/_kernels/runtime{ending}",
        *(
            f"sklosses/_kernels/{isa}/{kernel}{ending}"
            for isa in check_wheel.instruction_sets(name)
            for kernel in kernels
        ),
        "sklosses.libs/libgomp-0123.so.1.0.0",
        "sklosses-0.1.0.dist-info/METADATA",
    ]


@pytest.mark.parametrize("name", [WHEEL, "sklosses-0.1.0-cp313-cp313-win_amd64.whl"])
def test_files_of_a_wheel(check_wheel, name):
    files = wheel_files(check_wheel, name)
    assert list(check_wheel.problems_of_files(name, files, 10_000_000)) == []
    assert list(check_wheel.problems_of_files(name, files, 12_340_000)) == [
        "it has 12.3 MB, and may have 12"
    ]


def test_wrong_files_of_a_wheel(check_wheel):
    files = set(wheel_files(check_wheel))
    lost = {
        name
        for name in files
        if name.endswith("py.typed") or fnmatch(name, "*/x86_64_v3/ctc.*") or name.count("base.pyi")
    }
    more = {"sklosses/_kernels/lanes.h", "tests/test_losses.py"}
    assert len(lost) == 3
    assert list(check_wheel.problems_of_files(WHEEL, files - lost | more, 1)) == [
        "sklosses/_kernels/x86_64_v3/ctc is missing",
        "sklosses/base.pyi is missing",
        "sklosses/py.typed is missing",
        "sklosses/_kernels/lanes.h is a source",
        "tests/test_losses.py is not of the package",
    ]


def test_instruction_sets_are_those_that_setup_builds(check_wheel):
    names = re.findall(r'^    "(\w+)": \[', read("setup.py").partition("ISA_FLAGS = {")[2], re.M)
    assert check_wheel.instruction_sets(WHEEL) == names[:3]
    for system in ("win_amd64", "manylinux_2_28_aarch64", "macosx_11_0_arm64"):
        assert check_wheel.instruction_sets(f"a-1-cp313-cp313-{system}.whl") == ["baseline"]
    assert check_wheel.instruction_sets("a-1-cp313-cp313t-macosx_10_13_x86_64.whl") == names[:3]


def test_what_users_run(check_wheel):
    run = dict(check_wheel.programs_of_users())
    assert {"python -m sklosses", "README.md, block 1", "examples/quickstart.py"} <= run.keys()
    examples = [name for name in run if name.startswith("examples/")]
    blocks = [name for name in run if name.startswith("README.md, block ")]
    assert 15 < len(examples) == len(run) - 1 - len(blocks)
    # All but those with Dask and PyTorch.
    assert len(blocks) == read("README.md").count("```python") - 2
    assert "examples/spark_evaluation.py" not in examples


# ---------------------------------------------------------------------------------------------
# Badges
# ---------------------------------------------------------------------------------------------


def test_badges_are_true():
    """The README shows each badge, and each says what pyproject.toml says."""
    tool = load_tool("draw_pictures")
    badges = list(tool.badges())
    assert len(badges) == 3
    for name, left, right in badges:
        assert f"(doc/_static/{name}.svg)" in read("README.md")
        assert read(f"doc/_static/{name}.svg") == tool.badge(left, right)


# ---------------------------------------------------------------------------------------------
# Workflows
# ---------------------------------------------------------------------------------------------


def jobs_of(name):
    return workflow(name)["jobs"]


def commands_of(text):
    """What the steps of a workflow run."""
    jobs = yaml.safe_load(text)["jobs"].values()
    return [step["run"] for job in jobs for step in job.get("steps", []) if "run" in step]


def pythons_by_system():
    """The Pythons of tests.yml by system."""
    matrix = jobs_of("tests")["tests"]["strategy"]["matrix"]
    [linux] = matrix["system"]
    found = {linux: list(matrix["python"])}
    for item in matrix["include"]:
        found.setdefault(item["system"], []).append(item["python"])
    return found


def test_tests_run_on_every_python(pythons, free_threaded):
    found = pythons_by_system()
    assert found.pop("ubuntu-24.04") == pythons + free_threaded
    for kind in ("ubuntu", "macos", "windows"):
        versions = {v for system, vs in found.items() if system.startswith(kind) for v in vs}
        assert {pythons[0], pythons[-1]} <= versions <= set(pythons), kind


def test_nightly_runs_on_the_newest_python(pythons, free_threaded):
    matrix = jobs_of("nightly")["nightly"]["strategy"]["matrix"]
    assert matrix["python"] == [pythons[-1], free_threaded[-1]]


def test_systems_are_those_of_the_classifiers(project):
    kinds = {
        "Operating System :: POSIX :: Linux": "ubuntu",
        "Operating System :: MacOS": "macos",
        "Operating System :: Microsoft :: Windows": "windows",
    }
    classified = {c for c in project["classifiers"] if c.startswith("Operating System")}
    assert classified == kinds.keys()
    wheels = set(jobs_of("wheels")["wheels"]["strategy"]["matrix"]["system"])
    # Each is one processor of one system, and wheels are for what is tested.
    assert wheels == pythons_by_system().keys()
    assert {system.partition("-")[0] for system in wheels} == set(kinds.values())


def test_environments_are_those_of_tox(settings):
    tox = settings["tool"]["tox"]
    include = jobs_of("tests")["environments"]["strategy"]["matrix"]["include"]
    for item in include:
        assert item["environment"] in tox["env_list"]
        first = item["environment"].partition("-")[0]
        assert item["python"] == first or not first.startswith("3.")
    # The others only differ in their Python.
    assert {item["environment"] for item in include} >= tox["env"].keys()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_name_what_is_there(path, settings, project):
    commands = "\n".join(commands_of(path.read_text("utf-8")))
    extras = {
        name for group in re.findall(r"\.\[([\w,]+)\]", commands) for name in group.split(",")
    }
    assert extras <= project["optional-dependencies"].keys()
    files = re.findall(r"\b(?:tools|tests|sklosses|examples)/[\w./-]+", commands)
    assert not [name for name in files if not (ROOT / name).exists()]
    bounds = settings["build-system"]["requires"] + settings["tool"]["tox"]["requires"]
    assert set(re.findall(r'"([\w-]+>=[\d.]+)"', commands)) <= set(bounds)


def test_wheels_are_built_after_changes_of_what_builds_them():
    triggers = workflow("wheels")[True]  # YAML takes the key `on` for a truth value
    assert "workflow_call" in triggers
    for name in triggers["pull_request"]["paths"]:
        assert (ROOT / name).is_file()


def artifacts(name):
    """The names of what a workflow keeps."""
    steps = [step for job in jobs_of(name).values() for step in job["steps"]]
    return [s["with"]["name"] for s in steps if "upload-artifact" in s.get("uses", "")]


def test_release_publishes_what_was_built():
    steps = [step for job in jobs_of("release").values() for step in job.get("steps", [])]
    patterns = {s["with"]["pattern"] for s in steps if "download-artifact" in s.get("uses", "")}
    [pattern] = patterns
    kept = artifacts("wheels")
    assert len(kept) == 2
    assert all(fnmatch(name, pattern) for name in kept)
    assert not fnmatch(artifacts("documentation")[0], pattern)


def test_only_a_release_may_write():
    """And each of its jobs only what it needs: zizmor checks the rest."""
    allowed = {
        "version": {"contents": "read"},
        "wheels": {"contents": "read"},
        "publish": {"attestations": "write", "id-token": "write"},
        "announce": {"contents": "write"},
    }
    for path in WORKFLOWS:
        found = workflow(path.stem)
        assert found["permissions"] == {}
        for name, job in found["jobs"].items():
            expected = allowed[name] if path.stem == "release" else {"contents": "read"}
            assert job["permissions"] == expected, (path.stem, name)


# ---------------------------------------------------------------------------------------------
# The source distribution
# ---------------------------------------------------------------------------------------------


def in_manifest(name, rules):
    """Whether MANIFEST.in includes a file. The last rule that matches it decides."""
    base, included = name.rpartition("/")[2], False
    for kind, *patterns in rules:
        if kind == "include" and name in patterns:
            included = True
        elif kind == "recursive-include" and name.startswith(f"{patterns[0]}/"):
            included |= any(fnmatch(base, pattern) for pattern in patterns[1:])
        elif kind == "prune" and name.startswith(f"{patterns[0]}/"):
            included = False
        elif kind == "global-exclude":
            included &= not any(fnmatch(base, pattern) for pattern in patterns)
    return included


def test_everything_is_in_the_source_distribution():
    if not (ROOT / ".git").exists():
        pytest.skip("this is a source distribution")
    command = ["git", "-c", "safe.directory=*", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rules = [line.split() for line in read("MANIFEST.in").splitlines()]
    kinds = {"include", "recursive-include", "prune", "global-exclude"}
    assert {rule[0] for rule in rules} == kinds
    left_out = [name for name in listed.splitlines() if not in_manifest(name, rules)]
    # The modules are there since they are installed, and MANIFEST.in itself always.
    left_out = [name for name in left_out if not fnmatch(name, "sklosses/*.py")]
    assert left_out == [".gitignore", "MANIFEST.in"]
