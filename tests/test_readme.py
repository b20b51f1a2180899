"""Every block of Python in the README runs by itself, in a process and a folder of its own."""

import re

import pytest
from helpers import load_tool, run_alone

NEEDS = load_tool("needs")
BLOCKS = NEEDS.blocks()


def first_name(block):
    """The first name of the package that a block imports."""
    return re.search(r"from sklosses\S* import (\w+)", block).group(1)


def test_there_are_blocks():
    assert len(BLOCKS) > 5
    assert [names for names in map(NEEDS.needs, BLOCKS) if names] == [
        ["dask"],
        ["torch"],
        ["lightgbm"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("block", BLOCKS, ids=first_name)
def test_block_runs_by_itself(block, tmp_path):
    if names := NEEDS.missing(block):
        pytest.skip(f"the block needs {', '.join(names)}")
    assert run_alone(tmp_path, "-c", block)
