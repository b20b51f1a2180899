"""`show_config`: the builds of the kernels, the one in use, threads and versions."""

import platform

import numpy
import scipy
import sklearn

from . import _kernels
from ._kernels import runtime
from ._threads import default_threads
from ._validation import raise_parameter
from ._version import __version__

__all__ = ["show_config"]


def show_config(mode="stdout"):
    """Print the build in use, its compiler flags, the number of threads and versions.

    Parameters
    ----------
    mode : {"stdout", "dicts"}, default="stdout"
        With "dicts", return the information as a dict and print nothing.

    Returns
    -------
    config : dict or None
        None if `mode` is "stdout".

    Raises
    ------
    ValueError
        If `mode` is neither of these.

    Examples
    --------
    >>> import sklosses
    >>> config = sklosses.show_config(mode="dicts")
    >>> config["build in use"] in config["builds present"]
    True
    """
    if mode not in ("stdout", "dicts"):
        raise_parameter("show_config", "mode", "a str among {'stdout', 'dicts'}", mode)
    config = {
        "sklosses": __version__,
        "build in use": _kernels.ISA,
        "builds present": _kernels.present_builds(),
        "builds that this CPU runs": _kernels.available_builds(),
        "OpenMP": runtime.OPENMP,
        "threads": default_threads(),
        "compiler": runtime.COMPILER,
        "compiler flags": runtime.CFLAGS,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "machine": platform.machine(),
    }
    if mode == "dicts":
        return config
    width = max(map(len, config))
    for name, value in config.items():
        text = ", ".join(value) if isinstance(value, list) else value
        print(f"{name:<{width}}  {text}")
    return None
