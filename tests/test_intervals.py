"""The sets of values that inputs may have, as the drivers check them."""

import numpy as np
import pytest
import sklearn

from sklosses._description import Input
from sklosses._domains import POSITIVE, Domain
from sklosses.losses.regression import MSELoss

UNIT_WITHOUT = {
    closed: Domain("interval", 0.0, 1.0, "such values", closed=closed)
    for closed in ("both", "left", "right", "neither")
}


DTYPES = [np.float16, np.float32, np.float64, np.longdouble, np.int8, bool]


def loss_of(domain):
    """The squared error of targets in the domain."""
    inputs = (Input("y_true", domain), MSELoss.inputs[1])
    return type("Narrow", (MSELoss,), {"inputs": inputs})()


def is_refused(loss, values):
    y_pred = np.ones(len(values), np.float32 if values.dtype == np.float32 else np.float64)
    try:
        value = loss(values, y_pred)
    except ValueError:
        return True
    assert np.isfinite(value)
    return False


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_next_to_an_open_end(dtype):
    loss = loss_of(UNIT_WITHOUT["neither"])
    half = np.full(3, 0.5, dtype)
    for inside in (np.nextafter(dtype(0), dtype(1)), np.nextafter(dtype(1), dtype(0))):
        assert not is_refused(loss, np.append(half, inside))
    for outside in (-0.0, np.nextafter(dtype(1), dtype(2)), np.nextafter(dtype(0), dtype(-1))):
        assert is_refused(loss, np.append(half, np.asarray(outside, dtype)))


def test_positive_numbers():
    loss = loss_of(POSITIVE)
    assert loss([5e-324, 1.0], [0.0, 1.0]) == 0
    with pytest.raises(ValueError, match=r"got 0.0 at index 1. Only finite values > 0 are allowed"):
        loss([1.0, 0.0], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"got 0 at index 1. Only finite values > 0 are allowed"):
        loss([1, 0], [1.0, 1.0])
    with sklearn.config_context(assume_finite=True):
        assert loss([np.inf, 1.0], [0.0, 1.0]) == np.inf
        assert np.isnan(loss([np.nan, 1.0], [0.0, 1.0]))
        with pytest.raises(ValueError, match="Only finite values > 0 are allowed"):
            loss([0.0, 1.0], [0.0, 1.0])


def test_the_narrowest_domain_of_a_sum_of_losses():
    closed, opened = loss_of(UNIT_WITHOUT["both"]), loss_of(UNIT_WITHOUT["right"])
    for loss in (closed + opened, opened + closed):
        assert loss.inputs[0].domain is UNIT_WITHOUT["right"]
        with pytest.raises(ValueError, match="Only such values are allowed"):
            loss([0.0], [0.5])
