"""Limit BLAS to one thread: in kernels that call it from their own threads, and in optimisers."""

import threading
from contextlib import contextmanager
from itertools import product

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_libraries = None


def _setter(library):
    """The function that sets the number of threads of a library.

    The threads of OpenBLAS belong to the process, but threadpoolctl lets only the Python thread
    that first set their number set it again. Here the number has to be 1 whichever thread calls,
    because products are rounded differently on several threads than on one.
    """
    if library.internal_api == "openblas" and library.threading_layer != "openmp":
        for prefix, suffix in product(("", "scipy_"), ("", "64_", "_64")):
            name = f"{prefix}openblas_set_num_threads{suffix}"
            if hasattr(library.dynlib, name):
                return getattr(library.dynlib, name)
    return library.set_num_threads


class _Library:
    """A BLAS library of the process, and the number of calls that hold it to one thread."""

    def __init__(self, controller):
        self.controller = controller
        self.set = _setter(controller)
        # Whether it is the one that NumPy's wheels include; SciPy then has another one.
        self.is_numpy_s = "numpy" in controller.filepath
        self.n_holders = 0
        self.found = None

    def hold(self):
        if self.n_holders == 0:
            self.found = self.controller.get_num_threads()
            self.set(1)
        self.n_holders += 1

    def release(self):
        self.n_holders -= 1
        if self.n_holders == 0:
            self.set(self.found)


@contextmanager
def _hold(choose):
    """Hold some of the libraries to one thread.

    Overlapping calls from several Python threads share the limit. The number of threads that the
    first call found is restored when the last one ends.

    Parameters
    ----------
    choose : callable
        ``choose(libraries)`` returns those to hold.
    """
    global _libraries
    with _lock:
        if _libraries is None:
            # This inspects all libraries of the process, which takes milliseconds.
            controller = ThreadpoolController().select(user_api="blas")
            _libraries = [_Library(item) for item in controller.lib_controllers]
        held = choose(_libraries)
        for library in held:
            library.hold()
    try:
        yield
    finally:
        with _lock:
            for library in held:
                library.release()


def one_blas_thread():
    """Hold all BLAS libraries to one thread."""
    return _hold(lambda libraries: libraries)


def one_thread_except_numpy():
    """Hold all BLAS libraries except NumPy's to one thread, if NumPy has its own.

    SciPy's optimisers call SciPy's BLAS for vectors of a few elements. Each call would wake threads
    that compete with those of NumPy's BLAS for the cores: a fit took two and a half times as long.
    """

    def others(libraries):
        if any(library.is_numpy_s for library in libraries):
            return [library for library in libraries if not library.is_numpy_s]
        return []

    return _hold(others)
