"""How notebooks show a loss: its parameters, its formula and its source, from its docstring."""

import inspect
import re
from html import escape

from sklearn import get_config

_STYLE = "text-align: left; padding: 0.1em 1em 0.1em 0"


def _section(doc, name):
    """The text of a section of a numpydoc docstring; "" if it has none."""
    found = re.search(rf"^{name}\n-{{3,}}\n(.*?)(?=^\S[^\n]*\n-{{3,}}$|\Z)", doc, re.M | re.S)
    return found.group(1).strip() if found else ""


def _formulas(notes):
    """The displayed formulas of a text, as LaTeX."""
    lines, formula, found = notes.splitlines(), None, []
    for line in lines:
        start = re.match(r"\.\. math::(.*)", line)
        if start:
            formula = [start.group(1)]
            found.append(formula)
        elif formula is not None:
            if line.strip() and not line.startswith(" "):
                formula = None
            else:
                formula.append(line)
    return [" ".join(part.strip() for part in item).strip() for item in found]


def _plain(text):
    """A text without the roles of reStructuredText."""
    return re.sub(r":[a-z:]+:`([^`]*)`", r"\1", text).replace("``", "")


class HTMLRepr:
    """Mixin for losses: what notebooks show, if scikit-learn's `display` is "diagram"."""

    def _html_repr(self):
        """HTML with everything that users pass escaped."""
        doc = inspect.getdoc(type(self)) or ""
        params = self.get_params(deep=False)  # pyright: ignore[reportAttributeAccessIssue]
        rows = "".join(
            f'<tr><td style="{_STYLE}"><code>{escape(name)}</code></td>'
            f'<td style="{_STYLE}"><code>{escape(repr(value))}</code></td></tr>'
            for name, value in params.items()
        )
        parts = [
            f"<strong>{escape(type(self).__name__)}</strong>",
            f"<p>{escape(_plain(doc.partition(chr(10))[0]))}</p>",
            f"<table>{rows}</table>",
            *(f"<p>$${escape(formula)}$$</p>" for formula in _formulas(_section(doc, "Notes"))[:1]),
        ]
        reference = _section(doc, "References").split("\n\n")[0]
        if reference:
            parts.append(f"<small>{escape(_plain(' '.join(reference.split())))}</small>")
        return "<div>" + "".join(parts) + "</div>"

    @property
    def _repr_html_(self):
        if get_config()["display"] != "diagram":
            raise AttributeError("_repr_html_ is only defined if 'display' is set to 'diagram'")
        return self._html_repr

    def _repr_mimebundle_(self, **kwargs):
        """What notebooks ask for, beside the plain text."""
        bundle = {"text/plain": repr(self)}
        if get_config()["display"] == "diagram":
            bundle["text/html"] = self._html_repr()
        return bundle
