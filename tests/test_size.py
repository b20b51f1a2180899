"""More elements, and longer ways between them, than 32 bits count.

The arrays are views of little memory: broadcast, or few elements far apart.
"""

import math

import numpy as np
import pytest
from helpers import as_tuple
from numpy.testing import assert_allclose

import sklosses

MORE = (1 << 32) + 5


def far_apart(values):
    """An array whose last rows are more than 2**31 bytes away from the first; few pages of it."""
    values = np.asarray(values)
    step = (1 << 32) // (len(values) - 1) // values.itemsize * values.itemsize
    memory = np.empty(step * (len(values) - 1) + values[0].nbytes, np.uint8)
    strides = (step, *values.strides[1:])
    view = np.lib.stride_tricks.as_strided(memory.view(values.dtype), values.shape, strides)
    view[...] = values
    return view


FAR = {
    "mse_loss": lambda rng: rng.normal(size=(2, 4, 3)),
    "cross_entropy": lambda rng: (rng.integers(0, 3, 4), rng.normal(size=(4, 3))),
    "triplet_margin_loss": lambda rng: rng.normal(size=(3, 4, 5)),
    "batch_hard_triplet_loss": lambda rng: ([0, 0, 1, 1], rng.normal(size=(4, 3))),
    "dice_loss": lambda rng: (rng.integers(0, 3, (4, 5)), rng.random((4, 3, 5))),
    "lovasz_softmax_loss": lambda rng: (rng.integers(0, 3, (4, 5)), rng.random((4, 3, 5))),
    "ctc_loss": lambda rng: ([[1], [2]], rng.normal(size=(4, 2, 3)), [4, 3], [1, 1]),
}


@pytest.mark.parametrize("name", FAR)
def test_rows_far_apart(name):
    arrays = list(map(np.asarray, FAR[name](np.random.default_rng(0))))
    loss = sklosses.get_loss(name)
    k = max(loss._outputs)
    far = list(arrays)
    far[k] = far_apart(arrays[k])
    expected, gradients = loss.value_and_gradient(*arrays)
    value, far_gradients = loss.value_and_gradient(*far)
    assert_allclose(value, expected, rtol=1e-14)
    for a, b in zip(as_tuple(gradients), as_tuple(far_gradients), strict=True):
        assert_allclose(b, a, rtol=1e-13, atol=1e-15)


@pytest.mark.slow
def test_elements_beyond_32_bits():
    y_true, y_pred = np.broadcast_to(np.float32(0.25), MORE), np.broadcast_to(np.float32(1), MORE)
    assert sklosses.mse_loss(y_true, y_pred) == 0.75**2
    assert sklosses.mse_loss(y_true, y_pred, reduction="sum") == 0.75**2 * MORE
    weight = np.broadcast_to(0.5, MORE)
    assert sklosses.mse_loss(y_true, y_pred, sample_weight=weight, reduction="sum") == (
        0.75**2 * MORE / 2
    )
    # Rows of three are not a single span.
    rows = np.broadcast_to([0.0, 0.5, 1.0], (MORE // 3, 3))
    zeros = np.broadcast_to(0.0, rows.shape)
    assert sklosses.l1_loss(rows, zeros, reduction="sum") == 1.5 * len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("n_classes", [3, 1000])
def test_rows_times_classes_beyond_32_bits(n_classes):
    n = MORE // n_classes
    logits = np.broadcast_to(np.linspace(-1, 1, n_classes, dtype=np.float32), (n, n_classes))
    labels = np.broadcast_to(n_classes - 1, n)
    one = sklosses.cross_entropy([n_classes - 1], logits[:1])
    assert_allclose(sklosses.cross_entropy(labels, logits), one, rtol=1e-6)
    broken = np.broadcast_to(n_classes, n)
    with pytest.raises(ValueError, match=f"got {n_classes} at index 0"):
        sklosses.cross_entropy(broken, logits)


@pytest.mark.slow
def test_components_of_vectors_beyond_32_bits():
    anchor = np.broadcast_to(np.float32([0.0, 1.0]), (MORE // 2, 2))
    negative = np.broadcast_to(np.float32([3.0, 5.0]), (MORE // 2, 2))
    value = sklosses.triplet_margin_loss(anchor, anchor, negative, margin=6.0, eps=0.0)
    assert value == 1.0


@pytest.mark.slow
def test_pixels_beyond_32_bits():
    mask, half = (np.broadcast_to(np.float32(x), (1, 1, MORE)) for x in (1, 0.5))
    assert_allclose(sklosses.dice_loss(mask, half, smooth=0.0), 1 / 3, rtol=1e-7)


@pytest.mark.slow
def test_pairs_beyond_32_bits():
    """More than 2**32 pairs of rows, all of them alike."""
    n = (1 << 16) + 8
    x = np.broadcast_to(np.float32([1.0, 0.0]), (n, 2))
    value = sklosses.info_nce_loss(x, x, temperature=1.0)
    assert_allclose(value, math.log(n), rtol=1e-6)
