"""The reference of the documentation has a page for each public name."""

import re
import sys
from pathlib import Path

import pytest

DOC = Path(__file__).resolve().parent.parent / "doc"
pytest.importorskip("matplotlib", reason="the pages have curves")
pytest.importorskip("dask", reason="there is a page for each name of sklosses.dask")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    sys.path.insert(0, str(DOC))
    try:
        import reference_pages
    finally:
        sys.path.remove(str(DOC))
    folder = tmp_path_factory.mktemp("reference")
    (folder / "gone.rst").write_text("A page of a name that is gone.")
    reference_pages.write(folder)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.rst")}
    return reference_pages, texts


def test_each_public_name_has_a_page(pages):
    reference_pages, texts = pages
    documented = re.findall(
        r"^\.\. auto(?:function|class):: (\S+)$", "\n".join(texts.values()), re.M
    )
    assert len(documented) == len(set(documented))
    assert set(documented) == reference_pages.public_names()


def test_each_page_is_in_the_index(pages):
    texts = dict(pages[1])
    listed = re.findall(r"^   (\S+)$", texts.pop("index").partition(":hidden:")[2], re.M)
    assert sorted(listed) == sorted(texts)
    assert "gone" not in texts


def test_losses_have_their_curves(pages):
    curves = {name for name, text in pages[1].items() if "LossCurveDisplay.from_loss('" in text}
    assert {"huber_loss", "cross_entropy", "sigmoid_focal_loss", "poisson_nll_loss"} <= curves
    assert not {"ctc_loss", "triplet_margin_loss", "get_loss"} & curves
