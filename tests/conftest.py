"""Which tests go through BLAS, and which files hold no tests."""

import pytest

pytest.register_assert_rewrite("cases", "differences", "helpers")

from helpers import as_tuple, load_tool  # noqa: E402, F401

import sklosses  # noqa: E402
from sklosses._families.batch import BatchLoss  # noqa: E402

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
    "test_digits.py",
    "test_faces.py",
    "test_fuzz.py",
    "test_linear_model.py",
    "test_links.py",
    "test_metric_learning.py",
    "test_plotting.py",
    "test_processes.py",
    "test_properties.py",
    "test_rounded_outputs.py",
    "test_scorer.py",
    "test_scorer_outputs.py",
}
BLAS_LOSSES = [
    name for name in sklosses.get_loss_names() if isinstance(sklosses.get_loss(name), BatchLoss)
]


def pytest_collection_modifyitems(items):
    """Mark the tests for which it matters which kernel BLAS takes: see tools/run_blas.py."""
    for item in items:
        # Memory is the same with all kernels, and takes long to measure.
        if "allocated" in item.name:
            continue
        if item.path.name in BLAS_FILES or any(name in item.nodeid for name in BLAS_LOSSES):
            item.add_marker("blas")


# Users' code, which test_stubs.py runs.
collect_ignore = ["type_checks"]
