"""Warnings that point to the user's code, wherever in the package they are raised."""

import sys
import warnings

_PACKAGE = __name__.partition(".")[0]


def warn(message, category):
    """Issue a warning for the innermost line outside the package.

    Parameters
    ----------
    message : str
    category : type of Warning
    """
    level, frame = 1, sys._getframe()
    while frame is not None and _is_ours(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_ours(module):
    return module == _PACKAGE or module.startswith(_PACKAGE + ".")
