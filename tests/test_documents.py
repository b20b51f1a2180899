"""The documents: what they include, the files that they name, and some of their words."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest
from helpers import load_tool

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "doc").glob("*.rst"))
README = ROOT / "README.md"
MARKDOWN = sorted([*ROOT.glob("*.md"), *(ROOT / ".github").glob("*.md")])
FOLDERS = ("sklosses", "tests", "tools", "doc", "benchmarks", "examples", "recipe", ".github")


def page_id(value):
    return value.name if isinstance(value, Path) else None


# ---------------------------------------------------------------------------------------------
# Code that is included
# ---------------------------------------------------------------------------------------------


def literal_includes(page):
    """(file, options) of each literalinclude directive of a page."""
    pattern = re.compile(r"^( *)\.\. literalinclude:: (\S+)\n((?:\1 +:[\w-]+:.*\n)*)", re.MULTILINE)
    for _, file, options in pattern.findall(page.read_text("utf-8") + "\n"):
        found = re.findall(r"^ +:([\w-]+): *(.*)$", options, re.MULTILINE)
        yield file, {name: value.strip() for name, value in found}


INCLUDES = [
    pytest.param(page, file, options, id=f"{page.stem}-{Path(file).stem}-{number}")
    for page in PAGES
    for number, (file, options) in enumerate(literal_includes(page))
]


def included_lines(page, file, options):
    """The lines that a directive includes, as Sphinx selects them."""
    lines = (page.parent / file).read_text("utf-8").splitlines()
    if name := options.get("pyobject"):
        nodes = ast.parse("\n".join(lines)).body
        (node,) = [node for node in nodes if getattr(node, "name", None) == name]
        return lines[node.lineno - 1 : node.end_lineno]
    start, stop = 0, len(lines)
    for option, skipped in (("start-at", 0), ("start-after", 1)):
        if marker := options.get(option):
            start = find(lines, marker) + skipped
    for option, kept in (("end-at", 1), ("end-before", 0)):
        if marker := options.get(option):
            stop = find(lines, marker, start) + kept
    return lines[start:stop]


def find(lines, marker, start=0):
    """Number of the first line with a marker, which has to be there."""
    found = [k for k, line in enumerate(lines) if k >= start and marker in line]
    assert found, f"no line has {marker!r}"
    return found[0]


@pytest.mark.parametrize(("page", "file", "options"), INCLUDES)
def test_included_code_is_there(page, file, options):
    markers = {"pyobject", "start-at", "start-after", "end-at", "end-before"}
    assert options.keys() <= markers | {"language", "dedent", "prepend", "append"}
    lines = included_lines(page, file, options)
    assert any(line.strip() for line in lines)
    # More than that is not what was meant.
    assert len(lines) < 120
    # The text before the directive names the file, for readers of the plain text.
    name = (page.parent / file).resolve().relative_to(ROOT).as_posix()
    assert f"``{name}``" in page.read_text("utf-8")


def test_guide_shows_all_places_of_a_loss():
    """The kernel and its entry, the class, the reference."""
    shown = [p.values for p in INCLUDES if p.values[0].stem == "add_a_loss"]
    text = "\n".join(line for values in shown for line in included_lines(*values))
    for code in (
        "cdef void quantile_loss(",
        'make("quantile_loss", ',
        "class QuantileLoss(",
        "def quantile(",
        "scale=quantile_scale",
    ):
        assert text.count(code) == 1, code


# ---------------------------------------------------------------------------------------------
# Files that are named
# ---------------------------------------------------------------------------------------------


def repository_files():
    """The files of the repository and the folders that they are in, relative to its root."""
    paths = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        paths += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    files = {path.relative_to(ROOT).as_posix() for path in paths}
    return files | {
        f"{parent.as_posix()}/" for name in files for parent in Path(name).parents if parent.name
    }


def named_files(page):
    """What a page has in backquotes (double ones in .rst) that looks like a file or a folder."""
    text = page.read_text("utf-8")
    quotes = "`" if page.suffix == ".md" else "``"
    for quoted in re.findall(rf"{quotes}([^`\n]+){quotes}", text):
        name = quoted.partition("::")[0]
        if re.fullmatch(
            r"[\w./-]+\.(py|pyi|pyx|pxd|h|rst|md|toml|npz|yml|yaml|cff)|[\w./-]+/", name
        ):
            yield name


@pytest.mark.parametrize("page", [*PAGES, *MARKDOWN], ids=page_id)
def test_named_files_exist(page):
    known = {f"/{name}" for name in repository_files()}
    missing = {
        name for name in named_files(page) if not any(path.endswith(f"/{name}") for path in known)
    }
    assert not missing


def anchors(page):
    """The anchors of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", MARKDOWN, ids=page_id)
def test_links_exist(page):
    links = re.findall(r"\]\(([^)#:]*)(#[^):]+)?\)", page.read_text("utf-8"))
    assert ("doc/add_a_loss.rst", "") in links or page not in (README, ROOT / "CONTRIBUTING.md")
    assert not [file for file, _ in links if not (ROOT / file).exists()]
    for file, anchor in links:
        assert not anchor or anchor[1:] in anchors(ROOT / file if file else page), anchor


def test_files_are_found():
    """The test's own eye."""
    names = set(named_files(ROOT / "doc" / "architecture.rst"))
    assert {"base.py", "_families/", "tests/test_layers.py", "tools/make_stubs.py"} <= names
    assert {"sklosses/base.py", "sklosses/_families/", "README.md"} <= repository_files()


# ---------------------------------------------------------------------------------------------
# Planted faults
# ---------------------------------------------------------------------------------------------


def test_faults_can_be_planted():
    """Otherwise nobody notices until somebody runs tools/mutants.py."""
    page = (ROOT / "doc" / "mutants.rst").read_text("utf-8")
    mutants = load_tool("mutants").MUTANTS
    assert re.findall(r"\* - (.+)\n     - ``(.+)``\n", page) == [
        (mutant.kind, mutant.path) for mutant in mutants
    ]
    for mutant in mutants:
        assert (ROOT / "sklosses" / mutant.path).read_text("utf-8").count(mutant.old) == 1, mutant
    for file, name in re.findall(r"``(tests/\w+\.py)::(\w+)", page):
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), name


# ---------------------------------------------------------------------------------------------
# Words
# ---------------------------------------------------------------------------------------------

#: Words that are not used any more, and what is said instead.
RETIRED = {
    r"\bpoison": "fill with NaN",
    r"\bsloping\b": "want_gradient",
    r"\bspread\b": "broadcast, or covariance",
    r"\bmass\b": "total weight, or denominator",
    # Not in names of losses.
    r"\bpairwise\b": "batch for all pairs, pairs for those that are passed",
    r"\b(?:gradient|derivative|slope)s? by (?:the|a|an|each|it|that|another)\b": "with respect to",
    r"\bnobody shall\b": "must not",
}


SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def prose(page):
    """The text of a page; of a Python file, its comments and docstrings."""
    text = page.read_text("utf-8")
    if page.suffix != ".py":
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            found.append(ast.get_docstring(node) or "")
    return "\n".join(found)


@pytest.mark.parametrize("pages", [[*PAGES, *MARKDOWN], SOURCES], ids=["documents", "sources"])
def test_no_retired_words(pages):
    assert {page.name: found for page in pages if (found := retired_words(prose(page)))} == {}


def test_prose_of_a_source_is_found():
    """The test's own eye."""
    text = prose(Path(__file__))
    assert "The documents: what they include" in text
    assert "Not in names of losses." in text
    assert "RETIRED" not in text
    assert retired_words("Nobody shall spread") == {
        "Nobody shall": "must not", "spread": "broadcast, or covariance"
    }  # fmt: skip


def retired_words(text):
    """Words that are not used any more, and what is said instead."""
    return {
        match.group(): instead
        for pattern, instead in RETIRED.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    }
