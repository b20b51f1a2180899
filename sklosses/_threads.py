"""The number of threads that a call uses."""

import math
import os

import numpy as np

from ._kernels import runtime

# Below this many elements for each thread, starting a thread costs more than it saves.
_WORK_PER_THREAD = 16384

_in_forked_child = False
_cpu_limit = None


def _after_fork_in_child():
    # libgomp's thread pool does not survive a fork. A child that enters a parallel region hangs.
    global _in_forked_child
    _in_forked_child = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def default_threads():
    """The limit of OpenMP, set by OMP_NUM_THREADS or threadpoolctl, or 1 after a fork.

    Unless OMP_NUM_THREADS is set, the number of CPUs is a limit as well.
    """
    global _cpu_limit
    if _in_forked_child:
        return 1
    if _cpu_limit is None:
        if "OMP_NUM_THREADS" in os.environ:
            _cpu_limit = math.inf
        else:
            # joblib knows the limits of containers; OpenMP does not.
            from joblib import cpu_count

            _cpu_limit = cpu_count()
    return int(min(runtime.max_threads(), _cpu_limit))


def effective_threads(n_threads, work):
    """The number of threads to use for `work` elements.

    A negative `n_threads` counts back from the number of processors, like `n_jobs`: -1 means all.
    """
    if n_threads is None:
        if work < 2 * _WORK_PER_THREAD:
            return 1
        limit = default_threads()
    else:
        if isinstance(n_threads, (bool, np.bool_)) or not isinstance(n_threads, (int, np.integer)):
            raise TypeError(
                f"The 'n_threads' parameter must be an int or None. Got {n_threads!r} instead."
            )
        if n_threads == 0:
            raise ValueError(
                "The 'n_threads' parameter must not be 0. Use None for the default number."
            )
        limit = int(n_threads)
        if limit < 0:
            limit = max(1, runtime.num_procs() + 1 + limit)
        if _in_forked_child:
            limit = 1
    return max(1, min(limit, work // _WORK_PER_THREAD, 1024))
