"""NaN, infinities and values out of the domain of an input, for all losses."""

import math
import re

import numpy as np
import pytest
import sklearn
from cases import (
    MIDDLE,
    SEPARATE,
    cases,
    is_like_others,
    long_cases,
    one_of_each,
    over,
    partial_of,
    replaced,
    separate,
    typical,
    weighted,
)
from helpers import as_tuple
from numpy.testing import assert_array_equal
from references import broadcast
from sklearn.base import clone

import sklosses
from sklosses._families.pointwise import PointwiseLoss

EVERYWHERE = [0, 479, 480, 959, 960, 16383, 16384, -1]


def spots(case, arrays, k):
    """Flat positions in an array: the ends of tiles and blocks and some at random.

    Where values that are not used are not looked at, of those that are.
    """
    used = np.flatnonzero(case.row.used(arrays, k))
    rng = np.random.default_rng(3)
    fixed = [p % used.size for p in EVERYWHERE if p < used.size]
    return used[[*fixed, *rng.integers(0, used.size, 4)]]


def is_long_and_like_others(case):
    """Whether it has many blocks and tiles, which are tested with another loss of its family."""
    return case.shape == case.data.threaded and is_like_others(case)


def floats_of(case, arrays):
    """Numbers of the inputs in which a NaN may be let through: all but class indices."""
    shape = np.shape(arrays[case.differentiable[0]])
    return [
        k
        for k, item in enumerate(case.inputs)
        if item.broadcasts or (np.shape(arrays[k]) == shape and item.domain.kind != "index")
    ]


def elements_of(case, arrays, k, marked, shape):
    """Mask of the elements of the unreduced loss that depend on these elements of input `k`."""
    mask = np.zeros(np.shape(arrays[k]), bool)
    mask.reshape(-1)[marked] = True
    if case.inputs[k].broadcasts:
        return broadcast(mask, shape)
    return mask if mask.shape == shape else mask.any(axis=case.row.reduced(mask.ndim))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(
    [case for case in MIDDLE if "hard" not in case.kind] + long_cases(),
    slow=is_long_and_like_others,
)
def test_nan_and_infinity_are_named(case, dtype):
    arrays = [np.asarray(a) for a in case.arrays(dtype)]
    for k, name in enumerate(case.names):
        domain = case.loss().inputs[k].domain
        values = [v for v in (np.nan, np.inf, -np.inf, *[np.nan] * 20) if domain.outside(v)]
        for spot, value in zip(spots(case, arrays, k), values, strict=False):
            broken = list(arrays)
            broken[k] = broken[k].astype(dtype)
            index = np.unravel_index(spot, broken[k].shape)
            broken[k][index] = value
            # A later one is not the first.
            broken[k].reshape(-1)[-1] = np.nan if spot != broken[k].size - 1 else value
            where = str(index[0]) if len(index) == 1 else str(tuple(map(int, index)))
            with pytest.raises(ValueError, match=rf"\b{name}\b") as error:
                case.loss()(*broken)
            assert where in str(error.value)
            assert ("NaN" if np.isnan(value) else "inf") in str(error.value)


def long_vectors():
    """Vectors so long that each is alone in the lanes of a kernel: no other NaN is near."""
    return [
        case
        for case in cases("large", numbers=[0])
        if case.shape == (20, 1000) and case.cls().tags.response == "vectors"
    ]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(long_cases() + long_vectors())
def test_nan_reaches_the_value(case, dtype):
    arrays = [np.asarray(a) for a in case.arrays(dtype)]
    loss = case.loss()
    with sklearn.config_context(assume_finite=True):
        assert math.isfinite(loss(*arrays))
        for k in floats_of(case, arrays):
            broken = list(arrays)
            broken[k] = arrays[k].astype(dtype, order="C")
            flat = broken[k].reshape(-1)
            places = spots(case, arrays, k)
            if is_long_and_like_others(case):
                places = places[::3]  # blocks and tiles are the family's
            for spot in places:
                kept, flat[spot] = flat[spot], np.nan
                assert math.isnan(loss(*broken))
                value, gradients = loss.value_and_gradient(*broken)
                assert math.isnan(value)
                if k in case.differentiable and case.row.function_name not in CONSTANT_SLOPE:
                    gradient = as_tuple(gradients)[case.differentiable.index(k)]
                    assert np.isnan(gradient.reshape(-1)[spot])
                flat[spot] = kept
            if case.row.coupled:
                continue  # it is in the pairs of all rows
            # It is where it belongs, and nowhere else: neighbours by turns.
            for marked in (places[::2], places[1::2]):
                kept, flat[marked] = flat[marked], np.nan
                none = loss(*broken, reduction="none")
                expected = elements_of(case, arrays, k, marked, none.shape)
                assert_array_equal(np.isnan(none), expected)
                flat[marked] = kept
        n_weights = case.n_weights(arrays)
        for spot in (0, 479, 480, 16383, 16384, n_weights - 1):
            if spot < n_weights and case.cls.weighted:
                weight = np.ones(n_weights)
                weight[spot] = np.nan
                assert math.isnan(loss(*arrays, sample_weight=weight))


# Where the gradient does not depend on the input, it need not be nan.
CONSTANT_SLOPE = ("kl_div", "nll_loss")


@over(weighted(MIDDLE))
def test_nan_of_no_weight_reaches_the_value(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    for k in floats_of(case, arrays):
        broken = list(arrays)
        broken[k] = broken[k].astype(float)
        if k in case.shared:
            broken[k][...] = np.nan
        else:
            case.samples(k, broken[k])[1] = np.nan
        weight = np.ones(case.n_weights(broken))
        weight[1:2] = 0
        with sklearn.config_context(assume_finite=True):
            assert math.isnan(case.loss()(*broken, sample_weight=weight))
            assert math.isnan(case.loss()(*broken, sample_weight=weight, reduction="sum"))
            if not case.row.coupled:
                part = case.loss().partial(*broken, sample_weight=weight)
                assert math.isnan(part.value)


@pytest.mark.parametrize("sign", [1, -1])
@over(separate(MIDDLE))
def test_infinities_pass_where_finite_is_assumed(case, sign):
    """No crash, and all the other elements are what they would be."""
    arrays = [np.asarray(a) for a in case.arrays()]
    k = case.differentiable[0]
    domain = case.loss().inputs[k].domain
    if domain.high <= 1 or (domain.low > np.finfo(np.float64).min and sign < 0):
        pytest.skip("an infinity is out of its domain")
    broken = list(arrays)
    broken[k] = broken[k].copy()
    case.samples(k, broken[k])[2] = sign * np.inf
    loss = case.loss(reduction="none")
    with sklearn.config_context(assume_finite=True):
        value, gradient = loss.value_and_gradient(*broken)
    expected_value, expected = loss.value_and_gradient(*arrays)
    others = np.arange(len(arrays[0])) != 2
    assert_array_equal(value[others], expected_value[others])
    a, b = (case.samples(k, as_tuple(g)[0]) for g in (gradient, expected))
    assert_array_equal(a[others], b[others])
    # Infinitely wrong, infinitely right, or inf - inf; otherwise a loss with a limit.
    case.samples(k, broken[k])[2] = sign * 1e30
    limit = loss(*broken)[2]
    assert not np.any(np.isfinite(value[2]) & (value[2] != 0) & (value[2] != limit))


BAD_VALUES = [
    pytest.param(case, name, value, id=f"{case}-{name}-{value}")
    for case in MIDDLE
    for name, value in case.data.bad
]


@pytest.mark.parametrize("assume_finite", [False, True])
@pytest.mark.parametrize(("case", "name", "value"), BAD_VALUES)
def test_values_out_of_the_domain_are_named(case, name, value, assume_finite):
    arrays = [np.asarray(a) for a in case.arrays()]
    k = case.names.index(name)
    arrays[k] = replaced(arrays[k], 2, value)
    arrays[k].reshape(-1)[-1] = value
    index = np.unravel_index(2, arrays[k].shape)
    where = str(index[0]) if len(index) == 1 else str(tuple(map(int, index)))
    shown = repr(
        value.item() if isinstance(value, np.generic) else arrays[k].dtype.type(value).item()
    )
    with sklearn.config_context(assume_finite=assume_finite):
        for call in (case.loss(), case.loss().gradient, *partial_of(case)):
            with pytest.raises(ValueError, match=rf"\b{name}\b") as error:
                call(*arrays)
            assert re.search(rf"{re.escape(shown)}\b", str(error.value)), error.value
            assert f"index {where}" in str(error.value)
            assert "llowed" in str(error.value)


LONG_BAD_VALUES = [
    pytest.param(
        case,
        name,
        value,
        id=f"{case}-{name}-{value}",
        marks=pytest.mark.slow if is_long_and_like_others(case) else (),
    )
    for case in long_cases()
    for name, value in case.data.bad
    if type(value) is float and abs(value) < 1e6
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("case", "name", "value"), LONG_BAD_VALUES)
def test_first_bad_value_of_many(case, name, value, dtype):
    """Several blocks, several threads: it is the first that is named."""
    arrays = [np.asarray(a).astype(dtype) for a in case.arrays(dtype)]
    if name not in case.names:
        pytest.skip("it has no such input")
    k = case.names.index(name)
    for spot in spots(case, arrays, k)[1:]:
        broken = list(arrays)
        broken[k] = broken[k].copy()
        broken[k].reshape(-1)[[spot, -1]] = value
        index = np.unravel_index(spot, broken[k].shape)
        where = str(index[0]) if len(index) == 1 else str(tuple(map(int, index)))
        with pytest.raises(ValueError, match=re.escape(f"index {where}")):
            case.loss()(*broken, n_threads=7)


@pytest.mark.parametrize("name", [name for name in one_of_each(SEPARATE) if name != "ctc_loss"])
def test_more_axes_than_iterators_take(name):
    case = typical(name)
    arrays = [np.asarray(a) for a in case.arrays()]
    n = arrays[0].shape[0]
    # The coordinates of a box stay on the last axis.
    kept = 1 if case.cls.tags.response == "box" else 2
    deep = [
        a if k in case.shared else a.reshape(n, *a.shape[1:kept], *[1] * 40, *a.shape[kept:])
        for k, a in enumerate(arrays)
    ]
    k = case.differentiable[0]
    deep[k] = deep[k].copy()
    deep[k].reshape(-1)[-1] = np.nan
    with pytest.raises(ValueError, match=rf"\b{case.names[k]}\b"):
        case.loss()(*deep)


def test_parameters_decide_about_domains():
    for loss, bad, good in (
        (sklosses.PoissonNLLLoss(log_input=False), ([1.0], [-1.0]), ([1.0], [1.0])),
        (sklosses.KLDivLoss(), ([-1.0], [-1.0]), ([1.0], [-1.0])),
    ):
        (parameter,) = {"log_input", "log_target"} & set(loss.get_params())
        with pytest.raises(ValueError, match=r"got -1\.0 at index 0\. Only finite values >= 0"):
            loss(*bad)
        assert math.isfinite(loss(*good))
        flipped = clone(loss).set_params(**{parameter: not getattr(loss, parameter)})
        assert math.isfinite(flipped(*bad))
        assert [i.domain for i in flipped.inputs] != [i.domain for i in loss.inputs]
        # The class speaks for the default.
        default = type(loss)()
        assert type(loss).inputs == default.inputs
        assert type(loss).tags == default.tags
    with pytest.raises(ValueError, match=r"infinity.*Only finite values and -inf"):
        sklosses.kl_div([math.inf], [0.0], log_target=True)


@over([case for case in MIDDLE if issubclass(case.cls, PointwiseLoss)])
def test_what_is_not_finite_is_refused_beside_every_target(case):
    """Also where the target makes the loss of its element finite."""
    loss = case.loss()
    for k in case.differentiable:
        _, low, high, *_ = case.inputs[k].domain.key
        arrays = [np.asarray(a) for a in case.arrays()]
        for place in range(arrays[k].size):
            for bad in (np.nan, np.inf, -np.inf):
                if low <= bad <= high:
                    continue
                changed = arrays[k].astype(float)
                changed.flat[place] = bad
                with pytest.raises(ValueError, match=case.inputs[k].name):
                    loss(*arrays[:k], changed, *arrays[k + 1 :])
