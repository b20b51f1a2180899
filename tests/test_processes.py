"""Processes, Python threads and interrupts around calls that have threads of their own."""

import itertools
import os
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
import threadpoolctl
from helpers import run_python
from sklearn.base import clone
from sklearn.exceptions import UndefinedMetricWarning

import sklosses
from sklosses.linear_model import LossRegressor

N = 100_000


def arrays_of(name):
    """Enough for several threads; one loss of each driver."""
    rng = np.random.default_rng(0)
    if name == "huber_loss":
        return tuple(rng.normal(size=(2, N)))
    if name == "cross_entropy":
        return rng.integers(0, 10, N // 10), rng.normal(size=(N // 10, 10))
    if name == "triplet_margin_loss":
        return tuple(rng.normal(size=(3, N // 10, 10)))
    if name == "sup_con_loss":
        return rng.integers(0, 9, 600), rng.normal(size=(600, 16))
    log_probs = np.log(rng.dirichlet(np.ones(8), size=(60, 20)))
    return rng.integers(1, 8, (20, 5)), log_probs, np.full(20, 60), np.full(20, 5)


DRIVERS = ["huber_loss", "cross_entropy", "triplet_margin_loss", "sup_con_loss", "ctc_loss"]


def evaluate(name, n_threads=2):
    """Value and gradients, as bytes."""
    value, gradient = sklosses.get_loss(name).value_and_gradient(
        *arrays_of(name), n_threads=n_threads
    )
    gradients = gradient if isinstance(gradient, tuple) else (gradient,)
    return value, b"".join(g.tobytes() for g in gradients)


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_joblib(backend):
    """Also `multiprocessing`, which forks where the system does, after threads have run here."""
    expected = [evaluate(name) for name in DRIVERS]
    for n_threads in (2, None):
        got = joblib.Parallel(n_jobs=2, backend=backend, timeout=120)(
            joblib.delayed(evaluate)(name, n_threads) for name in DRIVERS
        )
        assert got == expected


def threads_in_worker():
    return sklosses.show_config(mode="dicts")["threads"]


def test_workers_of_joblib_share_the_cores():
    """loky gives each worker its part of the cores, and that is what a worker takes."""
    n_jobs = max(2, os.cpu_count() or 1)
    counts = joblib.Parallel(n_jobs=n_jobs, backend="loky")(
        joblib.delayed(threads_in_worker)() for _ in range(n_jobs)
    )
    assert set(counts) == {1}


@pytest.mark.parametrize("name", DRIVERS)
def test_eight_python_threads(name):
    expected = evaluate(name)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: evaluate(name), range(32)))
    assert set(results) == {expected}


CHANGED = {
    "binary_cross_entropy": "binary",
    "cosine_embedding_loss": "vectors",
    "cross_entropy": "classes",
    "nll_loss": "classes",
    "multi_margin_loss": "classes",
    "softmax_focal_loss": "classes",
    "sigmoid_focal_loss": "classes",
    "multilabel_margin_loss": "lists",
    "ctc_loss": "sequences",
}


@pytest.mark.parametrize("name", CHANGED)
def test_labels_that_another_thread_changes(name):
    """What was checked may be another when it is read: no index is used that is out of range.

    It is the sanitizers that tell.
    """
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 10, 50_000), -rng.random((50_000, 10))
    if CHANGED[name] == "sequences":
        arrays = [*arrays_of("ctc_loss")]
    elif CHANGED[name] == "binary":
        arrays = [labels % 2, -scores[:, 0]]
    elif CHANGED[name] == "vectors":
        arrays = [labels % 2 * 2 - 1, scores, scores]
    elif CHANGED[name] == "lists":
        arrays = [np.full(scores.shape, -1), scores]
        arrays[0][:, 0] = labels
    else:
        arrays = [labels, scores]
    indices = [a for a in arrays if a.dtype.kind == "i"]
    right = [a.copy() for a in indices]
    wrong = (np.iinfo(np.int64).max, -5, 10**6, 2**31)
    done = threading.Event()

    def change():
        for number in itertools.cycle(wrong):
            for array, kept in zip(indices, right, strict=True):
                array[...] = number
                array[...] = kept
            if done.wait(0.0002):
                break

    changing = threading.Thread(target=change)
    changing.start()
    accepted = refused = 0
    end = time.monotonic() + 0.4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)  # all labels are ignored
        while time.monotonic() < end:
            try:
                sklosses.get_loss(name).value_and_gradient(*arrays, n_threads=2)
                accepted += 1
            except ValueError:
                refused += 1
    done.set()
    changing.join()
    assert accepted + refused > 0


def blas_threads():
    libraries = threadpoolctl.threadpool_info()
    return [item["num_threads"] for item in libraries if item["user_api"] == "blas"]


@pytest.fixture
def two_blas_threads():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.usefixtures("two_blas_threads")
def test_blas_is_left_as_it_was_found():
    """By calls that succeed, that fail, and that run at once; also where a user has set it."""
    found = blas_threads()
    evaluate("sup_con_loss")
    assert blas_threads() == found
    labels, x = arrays_of("sup_con_loss")
    with pytest.raises(ValueError, match="NaN"):
        sklosses.sup_con_loss(labels, np.where(x > 2, np.nan, x))
    assert blas_threads() == found
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: evaluate("sup_con_loss"), range(16)))
    assert blas_threads() == found
    model = LossRegressor("huber_loss")
    model.fit(x, labels)
    assert blas_threads() == found
    with ThreadPoolExecutor(8) as pool:
        # Fits hold only SciPy's library, the loss of a batch all of them.
        calls = [lambda: clone(model).fit(x, labels), lambda: evaluate("sup_con_loss")] * 8
        list(pool.map(lambda call: call(), calls))
    assert blas_threads() == found
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        evaluate("sup_con_loss")
        assert set(blas_threads()) == {1}
    assert blas_threads() == found


INTERRUPTED = """
import os, signal, sys, threading, time
sys.path.insert(0, sys.argv[1])
from test_processes import DRIVERS, blas_threads, evaluate

# A shell starts what it runs in the background with this signal ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
expected, found = {name: evaluate(name) for name in DRIVERS}, blas_threads()
interrupts = 0
for name in DRIVERS * 4:
    timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        while True:
            evaluate(name)
    except KeyboardInterrupt:
        interrupts += 1
    timer.join()
    assert evaluate(name) == expected[name], name
    assert blas_threads() == found
print(interrupts)
"""


@pytest.mark.skipif(os.name == "nt", reason="the signal is one of POSIX")
def test_interrupts_leave_nothing_broken():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, os.path.dirname(__file__)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 20


FORK = """
import os, signal, sys, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from cases import cases

for name in sys.argv[1:]:
    case = cases("threaded", [name], numbers=[0])[0]
    arrays = case.arrays()
    loss = case.loss()
    expected = loss(*arrays, n_threads=2)
    pid = os.fork()
    if pid == 0:
        same = loss(*arrays, n_threads=2) == expected and loss(*arrays) == expected
        same = same and loss.value_and_gradient(*arrays, n_threads=7)[0] > 0
        os._exit(0 if same else 1)
    for _ in range(300):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        time.sleep(0.1)
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        sys.exit(f"{name}: the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0, (name, status)
    assert loss(*arrays, n_threads=2) == expected
    print(name)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_forked_child_does_not_hang():
    """libgomp's threads do not survive a fork; one loss of each driver, in one interpreter."""
    names = [
        "mse_loss",
        "cross_entropy",
        "triplet_margin_loss",
        "ctc_loss",
        "info_nce_loss",
        "batch_all_triplet_loss",
    ]
    assert run_python(FORK, *names, timeout=300, OMP_NUM_THREADS="2").split() == names
