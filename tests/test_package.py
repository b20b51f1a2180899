"""What pyproject.toml says at several places is the same."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def metadata():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def versions(requirements, operator):
    """Versions by name, of requirements that have one such bound and no other."""
    found = {}
    for text in requirements:
        requirement = Requirement(text)
        (bound,) = requirement.specifier
        assert bound.operator == operator, text
        found[requirement.name] = Version(bound.version)
    return found


def test_oldest_environment_is_of_the_lower_bounds(metadata):
    build = versions(metadata["build-system"]["requires"], ">=")
    run = versions(metadata["project"]["dependencies"], ">=")
    assert {name: build[name] for name in build.keys() & run.keys()} == {
        name: run[name] for name in build.keys() & run.keys()
    }
    pins = versions(metadata["tool"]["tox"]["env"]["3.11-oldest"]["deps"], "==")
    assert pins.keys() == build.keys() | run.keys()
    for name, lowest in (build | run).items():
        # The first release of a series that is given by two numbers may be its second.
        assert pins[name].release[: len(lowest.release)] == lowest.release, name
        assert pins[name] >= lowest


def test_every_python_has_an_environment(metadata):
    project = metadata["project"]
    named = [c.rpartition(" ")[2] for c in project["classifiers"] if ":: Python :: 3." in c]
    assert project["requires-python"] == f">={named[0]}"
    environments = metadata["tool"]["tox"]["env_list"]
    assert f"{named[0]}-oldest" in environments
    assert set(named[1:]) <= set(environments)


def test_no_python_file_is_about_two_things():
    """One of more than a thousand lines is to be split by what it is about."""
    ignored = {"build", ".venv", ".venv-test", ".venv-cff", ".tox"}
    files = [p for p in ROOT.rglob("*.py") if not ignored & set(p.relative_to(ROOT).parts)]
    assert len(files) > 100
    lengths = {str(p): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > 1000} == {}
