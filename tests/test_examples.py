"""Every example runs by itself, in a process and a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sklosses

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
    env = {
        **os.environ,
        "PYTHONPATH": str(Path(sklosses.__file__).parents[1]),
        "MPLBACKEND": "Agg",
        # Other tests run beside this one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error::sklearn.exceptions.ConvergenceWarning", str(example)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    figures = [path.name for path in tmp_path.iterdir()]
    assert figures == ([f"{example.stem}.png"] if "--output" in text else [])
