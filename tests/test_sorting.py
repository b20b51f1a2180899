"""The sorting of the rows of groups, compared with NumPy's."""

import numpy as np
import pytest

from sklosses._families.sorting import sort_groups, sort_keys
from sklosses._kernels import groups


def random_keys(kind, n, rng):
    """Keys of 64 bits that agree in few or in many of their bits."""
    if kind == "all bits":
        return rng.integers(0, 2**64, n, dtype=np.uint64)
    if kind == "equal":
        return np.full(n, 12345, np.uint64)
    if kind == "low bits":
        return rng.integers(0, 7, n, dtype=np.uint64)
    if kind == "high bits":
        return rng.integers(0, 7, n, dtype=np.uint64) << np.uint64(61)
    if kind == "both ends":
        # Rows that agree in all bits that the passes sort by, in long and in short runs.
        ends = rng.integers(0, 5, n, dtype=np.uint64) << np.uint64(60)
        return ends | rng.integers(0, 2**20, n, dtype=np.uint64)
    if kind == "three levels":
        parts = [rng.integers(0, 2, n, dtype=np.uint64) << np.uint64(s) for s in (63, 31, 0)]
        return parts[0] | parts[1] | parts[2]
    return np.asarray(np.sort(rng.integers(0, 2**40, n, dtype=np.uint64)))


KINDS = ("all bits", "equal", "low bits", "high bits", "both ends", "three levels", "sorted")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [0, 1, 2, 31, 32, 33, 1000, 70_000])
def test_sort_rows(kind, n):
    rng = np.random.default_rng(n)
    keys = random_keys(kind, n, rng)
    np.testing.assert_array_equal(groups.sort_rows(keys), np.argsort(keys, kind="stable"))
    given = rng.permutation(n)
    expected = given[np.argsort(keys[given], kind="stable")]
    np.testing.assert_array_equal(groups.sort_rows(keys, given), expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 33, 5000])
@pytest.mark.parametrize("n_strata", [1, 7])
def test_sort_times(kind, n, n_strata):
    rng = np.random.default_rng(n)
    keys, event = random_keys(kind, n, rng), rng.random(n) < 0.4
    strata = rng.integers(0, n_strata, n)
    numbers = None if n_strata == 1 else strata.astype(np.uint64)
    unknown = rng.random(n) < 0.1
    order, marks = groups.sort_times(keys, event, numbers, unknown)
    np.testing.assert_array_equal(order, np.lexsort([np.arange(n), ~event, keys, strata]))
    own = np.stack([strata[order], keys[order].view(np.int64)])[:, event[order]]
    tied = np.r_[False, (own[:, 1:] == own[:, :-1]).all(axis=0), False]
    expected = 8 * unknown[order]
    expected[event[order]] += 1 + 2 * tied[:-1] + 4 * tied[1:]
    np.testing.assert_array_equal(marks, expected)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "i1", "i8", "u8", "?"])
@pytest.mark.parametrize("highest_first", [False, True])
def test_keys_are_in_the_order_of_numbers(dtype, highest_first):
    values = np.array([0, 1, 2, 5, 100, 127], dtype)
    if values.dtype.kind in "if":
        values = np.r_[-values[::-1], values].astype(dtype)
    if values.dtype.kind == "f":
        info = np.finfo(values.dtype)
        ends = [info.max, info.tiny, info.smallest_subnormal, np.inf, -np.inf, -info.max]
        values = np.sort(np.r_[values, np.array(ends, dtype)])
    keys = sort_keys(values[::-1], highest_first=highest_first)[::-1]
    expected = np.unique(values, return_inverse=True)[1]
    order = np.unique(keys, return_inverse=True)[1]
    np.testing.assert_array_equal(order, expected.max() - expected if highest_first else expected)


def test_labels_are_sorted_as_numpy_sorts_them():
    rng = np.random.default_rng(0)
    for labels in (rng.normal(size=500).round(1), rng.integers(-9, 9, 500), rng.permutation(99)):
        order, starts = sort_groups(labels, "groups")
        names, counts = np.unique(labels, return_counts=True)
        np.testing.assert_array_equal(labels[order[starts[:-1]]], names)
        np.testing.assert_array_equal(np.diff(starts), counts)
        np.testing.assert_array_equal(order, np.argsort(labels, kind="stable"))
