"""PyTorch's side of the losses: how PyTorch computes them, and a grid of cases to compare.

There is a module for each module of ``sklosses.losses``, with the rows of its losses in ``ROWS``.
Rows are optional: a loss that PyTorch lacks needs none, and nothing asks for one. The cases are
compared live where PyTorch is installed (``test_pytorch.py``), and with stored results anywhere
else (``test_reference.py``); ``python tools/make_pytorch_reference.py`` writes these. No module
here imports PyTorch: it is passed to the functions that use it.
"""

import pkgutil
from importlib import import_module
from itertools import product

from ._base import STORED, Case, Row, StoredCase, load, save

__all__ = ["ROWS", "STORED", "Case", "Row", "StoredCase", "grid", "load", "save"]


def _collect():
    """The rows of all modules of this package, by the names of the losses."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        if not info.name.startswith("_"):
            found |= import_module(f"{__name__}.{info.name}").ROWS
    return found


#: Rows by the name of the loss's function.
ROWS = _collect()


def grid():
    """All cases that PyTorch takes."""
    for name, row in ROWS.items():
        for kind, number, shape in product(row.kinds, range(len(row.params)), row.shapes):
            if row.takes(shape, kind, row.params[number]):
                yield Case(name, row, kind, number, shape)
