"""Which tests go through BLAS, which files hold no tests, and data to fit estimators to."""

import gc
import os
import re

# Threads of OpenMP that wait yield their CPU: beside as many workers as CPUs (`pytest -n auto`),
# spinning ones take it from threads that compute. Read when OpenMP is loaded, by sklosses below.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import pytest
import sklearn
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

# Before any of them is imported.
pytest.register_assert_rewrite("boosted", "cases", "differences", "helpers", "scored")


import sklosses  # noqa: E402
from sklosses._families.batch import BatchLoss  # noqa: E402

# Threads of OpenBLAS spin while they wait, whatever the policy above. Beside other workers, they
# make fits of scikit-learn's models several times as slow. Tests of threads set their own number.
if "PYTEST_XDIST_WORKER" in os.environ:
    threadpool_limits(1, user_api="blas")

# What goes through BLAS: losses of a batch, wherever they are tested, and what is fitted.
BLAS_FILES = {
    "contrastive.py",
    "crossmodal.py",
    "linear_model.py",
    "metric_learning.py",
    "test_batch.py",
    "test_check_loss.py",
    "test_class_weight.py",
    "test_custom.py",
    "test_d2.py",
    "test_detection.py",
    "test_digits.py",
    "test_faces.py",
    "test_fuzz.py",
    "test_linear_model.py",
    "test_linear_model_ordinal.py",
    "test_links.py",
    "test_margins.py",
    "test_metric_learning.py",
    "test_plotting.py",
    "test_processes.py",
    "test_properties.py",
    "test_rounded_outputs.py",
    "test_scorer.py",
    "test_scorer_labels.py",
    "test_scorer_ordinal.py",
    "test_scorer_outputs.py",
    "test_scorer_responses.py",
    "test_scorer_selection.py",
}
BLAS_LOSSES = re.compile(
    "|".join(
        name for name in sklosses.get_loss_names() if isinstance(sklosses.get_loss(name), BatchLoss)
    )
)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect the tests without looking for garbage among them: they stay until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    """Mark the tests for which it matters which kernel BLAS takes: see tools/run_blas.py."""
    for item in items:
        # Memory is the same with all kernels, and takes long to measure.
        if "allocated" in item.name:
            continue
        if item.path.name in BLAS_FILES or BLAS_LOSSES.search(item.name):
            item.add_marker("blas")


# Users' code, which test_stubs.py runs.
collect_ignore = ["type_checks"]


@pytest.fixture(scope="session")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.fixture
def binary():
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X[::2]), y[::2]


@pytest.fixture
def multiclass():
    return load_iris(return_X_y=True)


@pytest.fixture
def regression():
    return load_diabetes(return_X_y=True)


@pytest.fixture(scope="module")
def one_thread():
    """OpenMP with one thread: for small data, and beside other processes, it is the fastest."""
    with threadpool_limits(1):
        yield


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield
