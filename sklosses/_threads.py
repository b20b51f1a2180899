"""How many threads a call takes."""

import math
import os

import numpy as np

from ._kernels import runtime

# Below this many elements for each thread, starting a thread costs more than it saves.
_WORK_PER_THREAD = 16384

_in_forked_child = False
_cpu_limit = None


def _after_fork_in_child():
    # libgomp's pool does not survive a fork: a child that enters a parallel region hangs.
    global _in_forked_child
    _in_forked_child = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


def default_threads():
    """What OMP_NUM_THREADS, threadpoolctl and, where neither is set, the machine allow."""
    global _cpu_limit
    if _in_forked_child:
        return 1
    if _cpu_limit is None:
        if "OMP_NUM_THREADS" in os.environ:
            _cpu_limit = math.inf
        else:
            # Knows of container limits, which OpenMP does not.
            from joblib import cpu_count

            _cpu_limit = cpu_count()
    return int(min(runtime.max_threads(), _cpu_limit))


def effective_threads(n_threads, work):
    """Number of threads for `work` elements.

    Negative numbers count from the number of processors, as `n_jobs` does: -1 means all.
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
            raise ValueError("The 'n_threads' parameter must not be 0; None means the default.")
        limit = int(n_threads)
        if limit < 0:
            limit = max(1, runtime.num_procs() + 1 + limit)
        if _in_forked_child:
            limit = 1
    return max(1, min(limit, work // _WORK_PER_THREAD, 1024))
