"""Losses of parts of the data, and their sum."""

import math
import pickle

import numpy as np
import pytest
from cases import (
    SEPARATE,
    cases,
    denominator,
    divisors,
    one_of_each,
    over,
    separate,
    sum_terms,
    typical,
    weights_of,
)
from helpers import RTOL, close
from numpy.testing import assert_allclose
from sklearn.exceptions import UndefinedMetricWarning

import sklosses
from sklosses import PartialLoss


@over([c for c in separate(cases(numbers=[0, 1, 3])) if c.shape[:1] > (1,) and len(c.shape) > 1])
def test_parts_add_up(case):
    for reduction in case.cls.reductions:
        if reduction != "none":
            for kind in (None, "samples", "elements"):
                check_parts(case, kind, reduction)


def check_parts(case, kind, reduction):
    arrays = [np.asarray(a) for a in case.arrays()]
    params = {k: v for k, v in case.params.items() if np.shape(v) != case.shape}
    loss = case.cls(reduction=reduction, **params)
    shape = loss(*arrays, reduction="none").shape
    weight = weights_of(case, kind, shape)
    expected = loss(*arrays, sample_weight=weight)
    total_weight = denominator(case, arrays, weight, shape)
    divisor = divisors(case, total_weight, shape)[reduction]
    size = sum_terms(case, arrays, weight, shape) / divisor
    cuts = [slice(0, 1), slice(1, 2), slice(2, None)]
    cuts = [c for c in cuts if len(arrays[0][c])]
    parts = [
        loss.partial(
            *case.by_sample(arrays, lambda a: a[c]),  # noqa: B023
            sample_weight=None if weight is None else weight[c],
        )
        for c in cuts
    ]
    assert all(type(part) is PartialLoss for part in parts)
    total = sum(parts)
    close(total.value, expected, RTOL, size)
    backwards = sum(reversed(parts))
    close(backwards.value, expected, RTOL, size)
    assert_allclose(total.weight, divisor if reduction == "batchmean" else total_weight, rtol=RTOL)
    again = [pickle.loads(pickle.dumps(part)) for part in parts]
    assert sum(again).value == total.value
    assert len(pickle.dumps(parts[0])) < 300
    close((parts[0] + sum(parts[1:])).value, expected, RTOL, size)
    # Parts are values: adding leaves them as they were.
    assert sum(parts).value == total.value


@pytest.mark.parametrize("name", one_of_each(SEPARATE))
def test_parts_that_do_not_add_up(name):
    case = typical(name)
    arrays = case.arrays()
    mean, total = case.loss().partial(*arrays), case.loss(reduction="sum").partial(*arrays)
    with pytest.raises(ValueError, match="reduction"):
        mean + total
    for other in (1, 1.5, None, "a"):
        with pytest.raises(TypeError):
            mean + other
    with pytest.raises(ValueError, match="none"):
        case.loss(reduction="none").partial(*arrays)
    empty = case.loss().partial(*arrays, sample_weight=np.zeros(case.n_weights(arrays)))
    with pytest.warns(UndefinedMetricWarning):
        assert math.isnan(empty.value)
    assert (empty + mean).value == mean.value
    assert eval(repr(mean), vars(sklosses).copy()).value == mean.value
