"""``python -m sklosses``: the configuration, and where the documentation is."""

from importlib import metadata

from ._config import show_config

HELP = """
Documentation, in Python after `import sklosses`:
  help(sklosses)                an overview
  sklosses.get_loss_names()     all losses
  help(sklosses.cross_entropy)  one of them: formula, shapes, an example
The guides are in the folder `doc` of the source distribution.\
"""


def project_urls():
    """Addresses by name, from the metadata: those in ``[project.urls]`` of ``pyproject.toml``."""
    try:
        lines = metadata.metadata("sklosses").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:  # a source tree that was not installed
        return {}
    return dict(line.split(", ", 1) for line in lines)


def main():
    """Print both."""
    show_config()
    print(HELP)
    for name, address in project_urls().items():
        print(f"{name}: {address}")


if __name__ == "__main__":
    main()
