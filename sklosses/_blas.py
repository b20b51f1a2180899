"""BLAS held to one thread: where kernels call it from threads of their own, and in optimisers."""

import threading
from contextlib import contextmanager
from itertools import product

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_libraries = None


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


class _Library:
    """A BLAS that the process has loaded, and who holds it to one thread."""

    def __init__(self, controller):
        self.controller = controller
        self.set = _setter(controller)
        # NumPy's own, where NumPy brings one: SciPy's is another one then.
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
    """Hold the libraries that are chosen to one thread.

    The own number of a library is back once the last of several calls is done. Calls from several
    Python threads share the limit: what a later one of them found would be that of the first.
    """
    global _libraries
    with _lock:
        if _libraries is None:
            # Looks at all the libraries of the process, which takes milliseconds.
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
    """Hold all BLAS to one thread."""
    return _hold(lambda libraries: libraries)


def one_thread_beside_numpy():
    """Hold all BLAS but NumPy's to one thread, where NumPy has its own.

    SciPy's optimisers call theirs for vectors of a few elements, each call of which would wake
    threads that then contend with NumPy's for the cores: a fit took two and a half times as long.
    """

    def others(libraries):
        if any(library.is_numpy_s for library in libraries):
            return [library for library in libraries if not library.is_numpy_s]
        return []

    return _hold(others)
