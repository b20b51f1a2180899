"""Every example runs by itself, in a process and a folder of its own."""

from pathlib import Path

import pytest
from helpers import run_alone

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def test_there_are_examples():
    assert len(EXAMPLES) > 3


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_readme_mentions_it(example):
    assert f"(examples/{example.name})" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(example, tmp_path):
    text = example.read_text("utf-8")
    if "matplotlib" in text:
        pytest.importorskip("matplotlib", reason="the example draws with matplotlib")
    assert run_alone(tmp_path, "-W", "error::sklearn.exceptions.ConvergenceWarning", example)
    figures = [path.name for path in tmp_path.iterdir()]
    assert figures == ([f"{example.stem}.png"] if "--output" in text else [])
