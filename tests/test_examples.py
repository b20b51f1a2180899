"""Every example runs by itself, in a process and a folder of its own, and draws a figure."""

import ast
import re
from pathlib import Path

import pytest
from helpers import run_alone

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

# Runs an example and prints the numbers of axes of its figures. The filter is set here because
# Python ignores a -W option that names a warning of a package.
DRAW = """
import runpy, sys, warnings
import matplotlib.pyplot as plt
from sklearn.exceptions import ConvergenceWarning
warnings.simplefilter("error", ConvergenceWarning)
path, *sys.argv[1:] = sys.argv[1:]
runpy.run_path(path, run_name="__main__")
print([len(plt.figure(number).axes) for number in plt.get_fignums()])
"""


def test_there_are_examples():
    assert len(EXAMPLES) >= 15


def test_readme_mentions_examples():
    named = re.findall(r"\(examples/(\w+)\.py\)", (ROOT / "README.md").read_text("utf-8"))
    assert {"quickstart"} < set(named) <= {path.stem for path in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_form_of_the_gallery(example):
    """A title, cells with text, roles whose names exist, and a figure that is shown at the end."""
    import sklosses

    text = example.read_text("utf-8")
    over, title, under, empty, *_ = ast.get_docstring(ast.parse(text)).splitlines()
    assert over == under == "=" * len(title)
    assert not empty
    lines = text.splitlines()
    cells = [k for k, line in enumerate(lines) if line == "# %%"]
    assert cells
    for k in cells:
        assert lines[k + 1].startswith("# "), f"line {k + 1}: a cell without text"
        if set(lines[k + 2]) == set("# -"):
            assert len(lines[k + 2]) == len(lines[k + 1])
    assert any(line.strip() == "plt.show()" for line in lines[-5:])
    roles = re.findall(r":\w+:`~?sklosses\.([\w.]+)`", text)
    for name in roles:
        item = sklosses
        for part in name.split("."):
            item = getattr(item, part)
    # Elsewhere, single backquotes are a role that depends on the configuration of Sphinx.
    prose = "\n".join(line for line in lines if line.startswith("# "))
    prose += ast.get_docstring(ast.parse(text))
    prose = re.sub(r"``[^`]+``|:\w+:`[^`]+`|`[^`]+ <http[^`]+>`_", "", prose)
    assert "`" not in prose


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(example, tmp_path):
    pytest.importorskip("matplotlib", reason="the examples draw with matplotlib")
    if "import torch\n" in example.read_text("utf-8"):
        pytest.importorskip("torch", reason="the example trains a network of PyTorch")
    *printed, axes = run_alone(tmp_path, "-c", DRAW, example).splitlines()
    assert printed
    # At least one figure, and none is empty.
    assert re.fullmatch(r"\[[1-9]\d*(, [1-9]\d*)*\]", axes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_quickstart_saves_its_figure(tmp_path):
    pytest.importorskip("matplotlib", reason="the examples draw with matplotlib")
    assert run_alone(tmp_path, ROOT / "examples" / "quickstart.py", "--output", "figure.png")
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
