"""Configuration of the documentation.

    pip install -e ".[docs]"
    sphinx-build -W -n -b html doc doc/_build/html

Nothing is fetched from a network: the names of other projects that are referred to are listed in
`other_projects.py`.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

# Idle threads of one library would keep those of another waiting.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).parent))

import other_projects  # noqa: E402
import reference_pages  # noqa: E402

import sklosses  # noqa: E402

HERE = Path(__file__).parent

project = "sklosses"
author = "The sklosses developers"
copyright = f"2026, {author}"
version = release = sklosses.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx-mathjax-offline",
    "sphinx.ext.extlinks",
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "Thumbs.db"]
templates_path = []
root_doc = "index"
nitpicky = True
# Types in docstrings are prose, as numpydoc has them, and parameters are no targets.
nitpick_ignore_regex = [("py:class", ".*"), ("py:obj", r"[a-z_]+")]

# -- Docstrings -------------------------------------------------------------------------------

autodoc_typehints = "none"
# The page of a class lists its methods itself.
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
autosummary_generate = False
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

# -- Pictures ---------------------------------------------------------------------------------

plot_include_source = True
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 110)]
plot_pre_code = "import numpy as np\nimport matplotlib.pyplot as plt\nimport sklosses\n"
plot_rcparams = {"figure.constrained_layout.use": True, "savefig.facecolor": "white"}
plot_apply_rcparams = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    # Without PyTorch its example is shown, but not run.
    "filename_pattern": r"\.py$" if find_spec("torch") else r"(?<!/pytorch_module)\.py$",
    "backreferences_dir": "reference/examples_of",
    "doc_module": ("sklosses",),
    "reference_url": {"sklosses": None},
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,
    "plot_gallery": os.environ.get("SKLOSSES_DOC_GALLERY", "1") != "0",
    "within_subsection_order": "gallery_order.QuickstartFirst",
    "download_all_examples": False,
}

# -- Other projects ---------------------------------------------------------------------------

intersphinx_mapping = other_projects.write_inventories(HERE / "_build" / "inventories")

# -- HTML -------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = f"sklosses {release}"
html_static_path = ["_static"]
html_css_files = ["sklosses.css"]
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "sklosses"},
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
html_context = {"default_mode": "auto"}
html_sidebars = {"index": []}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def link_from_here(app, path, docname, content):
    """Links of the changelog are relative to the top of the repository."""
    if path.name == "CHANGELOG.md":
        content[0] = content[0].replace("](doc/", "](")


def setup(app):
    """Write the pages of the reference before Sphinx looks for them."""
    reference_pages.write(HERE / "reference")
    app.connect("include-read", link_from_here)
