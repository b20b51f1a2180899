"""Version of the package, read by the build and by `sklosses.__version__`."""

__version__ = "0.1.0"
