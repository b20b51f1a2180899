"""BLAS held to one thread while kernels call it from threads of their own."""

import threading
from contextlib import contextmanager
from itertools import product

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_libraries = None
_found = ()
_n_inside = 0


def _setter(library):
    """What sets the number of threads of a library.

    The threads of OpenBLAS are the process's, and threadpoolctl lets that Python thread alone
    set their number which did so first. Here it has to be 1 whichever thread calls: products of
    several threads are rounded otherwise than those of one.
    """
    if library.internal_api == "openblas" and library.threading_layer != "openmp":
        for prefix, suffix in product(("", "scipy_"), ("", "64_", "_64")):
            name = f"{prefix}openblas_set_num_threads{suffix}"
            if hasattr(library.dynlib, name):
                return getattr(library.dynlib, name)
    return library.set_num_threads


@contextmanager
def one_blas_thread():
    """Hold BLAS to one thread; its own number is back once the last of several calls is done.

    Calls from several Python threads share the limit: what a later one of them found would be
    the limit of the first.
    """
    global _libraries, _found, _n_inside
    with _lock:
        if _n_inside == 0:
            if _libraries is None:
                # Looks at all the libraries of the process, which takes milliseconds.
                controller = ThreadpoolController().select(user_api="blas")
                _libraries = [(item, _setter(item)) for item in controller.lib_controllers]
            _found = [(setter, item.get_num_threads()) for item, setter in _libraries]
            for setter, _ in _found:
                setter(1)
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                for setter, number in _found:
                    setter(number)
