"""What every loss is: its formula in plain NumPy, data to evaluate it on, and its bounds.

There is a module for each module of ``sklosses.losses``. A new loss is added to the tests by a
`Reference` in the tuple ``REFERENCES`` of its module; nothing else lists the losses. The formulas
are written as in a textbook. They are evaluated in long double, so what they lose to rounding
does not matter.
"""

import pkgutil
from importlib import import_module

from ._base import WIDE, Data, Reference
from ._shared import broadcast, erf, fold, minus_log_softmax

__all__ = [
    "REFERENCES",
    "WIDE",
    "Data",
    "Reference",
    "broadcast",
    "erf",
    "fold",
    "minus_log_softmax",
]


def _collect():
    """The references of all modules of this package, by the names of their functions."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        for reference in import_module(f"{__name__}.{info.name}").REFERENCES:
            if reference.function_name in found:
                raise ValueError(f"{reference.function_name} has two references")
            found[reference.function_name] = reference
    return found


#: References by the name of the loss's function.
REFERENCES = _collect()
