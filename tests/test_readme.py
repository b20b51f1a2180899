"""Every block of Python in the README runs by itself, in a process and a folder of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sklosses

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def first_name(block):
    """The first name of the package that a block imports."""
    return re.search(r"from sklosses\S* import (\w+)", block).group(1)


def test_there_are_blocks():
    assert len(BLOCKS) > 5


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=first_name)
def test_block_runs_by_itself(block, tmp_path):
    if "sklosses.plotting" in block:
        pytest.importorskip("matplotlib", reason="the block draws with matplotlib")
    env = {
        **os.environ,
        "PYTHONPATH": str(Path(sklosses.__file__).parents[1]),
        "MPLBACKEND": "Agg",
        # Other tests run beside this one.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
