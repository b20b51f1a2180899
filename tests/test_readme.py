"""Every block of Python in the README runs by itself, in a process and a folder of its own."""

import re
from pathlib import Path

import pytest
from helpers import run_alone

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
    if "import LGBM" in block:
        pytest.importorskip("lightgbm", reason="the block trains LightGBM")
    assert run_alone(tmp_path, "-c", block)
