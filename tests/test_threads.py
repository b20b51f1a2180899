"""Threads of a call and calls from several threads, for all losses."""

import threading

import numpy as np
import pytest
from cases import (
    cases,
    evaluate,
    every_family,
    every_loss,
    is_like_others,
    over,
    typical,
)
from helpers import as_tuple, sliced
from numpy.testing import assert_array_equal

from sklosses._families import plan
from sklosses._threads import effective_threads


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over([c for c in cases("threaded", numbers=[0]) if "hard" not in c.kind], slow=is_like_others)
def test_same_bits_at_any_number_of_threads(case, dtype, monkeypatch):
    """Drivers start the threads; `check_loss` compares one and two of them for all losses."""
    arrays = case.arrays(dtype)
    expected = evaluate(case, arrays, 1)
    used = []
    monkeypatch.setattr(
        plan, "effective_threads", lambda *args: used.append(effective_threads(*args)) or used[-1]
    )
    for n_threads in (2, 7):
        for a, b in zip(evaluate(case, arrays, n_threads), expected, strict=True):
            assert_array_equal(a, b)
        assert max(used) == n_threads
        used.clear()
    for n_threads in (None, -1):
        assert_array_equal(case.loss()(*arrays, n_threads=n_threads), expected[0])
    # Another layout, read through buffers.
    strided = [sliced(np.asarray(a)) for a in arrays]
    expected = evaluate(case, strided, 1)
    for a, b in zip(evaluate(case, strided, 7), expected, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("bad", [0, 1.5, "2", True, [1], np.nan])
@every_family
def test_bad_n_threads(name, bad):
    case = typical(name)
    with pytest.raises((ValueError, TypeError), match="n_threads"):
        case.loss()(*case.arrays(), n_threads=bad)


@every_loss
def test_calls_from_several_threads(name):
    """One object used by four Python threads at once."""
    case = cases("threaded", [name], numbers=[0])[0]
    arrays = case.arrays()
    loss = case.loss()
    expected = loss.value_and_gradient(*arrays)
    results = []

    def work():
        for _ in range(3):
            value, gradient = loss.value_and_gradient(*arrays)
            same = value == expected[0]
            for a, b in zip(as_tuple(gradient), as_tuple(expected[1]), strict=True):
                same = same and np.array_equal(a, b)
            results.append(same)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 12
