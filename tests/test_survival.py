"""The partial likelihood of Cox: peers, ties, strata, and what is not defined."""

import math
import warnings

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import UndefinedMetricWarning

from sklosses import CoxPHLoss, ListMLELoss, cox_ph_loss


def drawn(n=60, seed=0):
    """Times with ties, events and predictions."""
    rng = np.random.default_rng(seed)
    return np.round(rng.exponential(4, n)), rng.integers(0, 2, n), rng.normal(size=n)


# ---------------------------------------------------------------------------------------------
# Peers
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strata", [None, 3])
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_statsmodels(ties, strata):
    phreg = pytest.importorskip("statsmodels.duration.hazard_regression")
    time, event, x = drawn()
    strata = None if strata is None else np.arange(60) % strata
    # Each prediction is a parameter of its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = phreg.PHReg(time, np.eye(60), event, strata=strata, ties=ties)
    loss = CoxPHLoss(ties=ties, strata=strata, reduction="sum")
    value, gradient = loss.value_and_gradient(time, event, x)
    assert value == pytest.approx(-model.loglike(x), rel=1e-12)
    # Strata are sorted by their label there, and rows that are never at risk are left out.
    assert_allclose(gradient, -model.score(x), rtol=1e-9, atol=1e-12)
    hessian = loss.gradient_and_hessian(time, event, x)[1]
    assert_allclose(hessian, -np.diag(model.hessian(x)), rtol=1e-9, atol=1e-12)
    assert loss(time, event, x, reduction="mean") == pytest.approx(value / event.sum(), rel=1e-15)


@pytest.mark.parametrize("strata", [False, True])
def test_lifelines(strata):
    """With Efron's ties, which are the only ones of lifelines."""
    lifelines = pytest.importorskip("lifelines")
    data = lifelines.datasets.load_rossi()
    columns = ["fin", "age", "prio"]
    model = lifelines.CoxPHFitter()
    model.fit(
        data[[*columns, "week", "arrest", "race"]],
        "week",
        "arrest",
        **({"strata": ["race"]} if strata else {"formula": " + ".join(columns)}),
    )
    x = data[columns].to_numpy(float) @ model.params_[columns].to_numpy()
    value = cox_ph_loss(
        data["week"], data["arrest"], x, strata=data["race"] if strata else None, reduction="sum"
    )
    assert value == pytest.approx(-model.log_likelihood_, rel=1e-9)


def test_a_ranking_is_a_sequence_of_events():
    rng = np.random.default_rng(0)
    time, x = rng.permutation(40).astype(float), rng.normal(size=40)
    cox, mle = CoxPHLoss(reduction="sum"), ListMLELoss()
    for a, b in zip(
        (cox(time, np.ones(40), x), *cox.gradient_and_hessian(time, np.ones(40), x)),
        (mle(-time, x, np.zeros(40)), *mle.gradient_and_hessian(-time, x, np.zeros(40))),
        strict=True,
    ):
        assert_array_equal(a, b)


# ---------------------------------------------------------------------------------------------
# Times, events and strata
# ---------------------------------------------------------------------------------------------


def test_only_the_order_of_times_matters():
    time, event, x = drawn()
    loss = CoxPHLoss()
    expected = loss.value_and_gradient(time, event, x)
    for other in (time - 100, time * 1e300, time * 1e-320, np.arcsinh(time), time.astype(">i8")):
        value, gradient = loss.value_and_gradient(other, event, x)
        assert value == expected[0]
        assert_array_equal(gradient, expected[1])
    zeros = np.where(time == 0, -0.0, time)
    assert loss(zeros, event, x) == expected[0]
    assert loss(time, event.astype(bool), x) == expected[0]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_strata_are_separate(ties):
    time, event, x = drawn()
    codes = np.arange(60) % 4
    names = np.array(["d", "a", "c", "b"])
    loss = CoxPHLoss(ties=ties, reduction="sum")
    apart = [
        loss.value_and_gradient(time[codes == k], event[codes == k], x[codes == k])
        for k in range(4)
    ]
    for strata in (
        codes,
        names[codes],
        list(names[codes]),
        codes * 0.5,
        np.sort(codes)[codes * 15],
    ):
        stratified = CoxPHLoss(ties=ties, strata=strata, reduction="sum")
        value, gradient = stratified.value_and_gradient(time, event, x)
        assert value == pytest.approx(sum(part[0] for part in apart), rel=1e-14)
        for k in range(4):
            assert_array_equal(gradient[codes == k], apart[k][1])
    one = CoxPHLoss(ties=ties, strata=np.zeros(60), reduction="sum")
    assert one(time, event, x) == loss(time, event, x)


def test_strata_that_are_changed_take_effect():
    time, event, x = drawn()
    strata = np.zeros(60, int)
    loss = CoxPHLoss(strata=strata)
    before = loss(time, event, x)
    strata[:30] = 1
    assert loss(time, event, x) != before
    assert cox_ph_loss(time, event, x, strata=strata) == loss(time, event, x)


def test_the_same_bits_for_strata_at_any_number_of_threads():
    time, event, x = drawn(100_000)
    loss = CoxPHLoss(strata=np.arange(100_000) % 37)
    expected = loss.gradient_and_hessian(time, event, x, n_threads=1)
    for n_threads in (2, 7):
        got = loss.gradient_and_hessian(time, event, x, n_threads=n_threads)
        for a, b in zip(got, expected, strict=True):
            assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("strata", "words"),
    [
        ([0, 0], r"The 'strata' parameter of CoxPHLoss must have shape \(3,\).*Got shape \(2,\)"),
        ([0.0, np.nan, 1.0], "Input strata contains NaN: got nan at index 1"),
        ([[0], [1], [1]], "strata must have shape"),
        (["a", "b", None], "Input strata contains a missing value: got None at index 2"),
        (np.array(["a", 1, "b"], dtype=object), "strata must hold labels that can be sorted"),
        ("abc", "must be an array-like or None"),
        ([], "minimum of 1 is required for strata"),
    ],
)
def test_strata_that_are_refused(strata, words):
    with pytest.raises(ValueError, match=words):
        CoxPHLoss(strata=strata)([1, 2, 3], [1, 0, 1], [0.0, 1.0, 2.0])


@pytest.mark.parametrize("strata", [None, [0, 0, 1]])
def test_without_events_the_mean_is_undefined(strata):
    loss = CoxPHLoss(strata=strata)
    arrays = [1.0, 2.0, 3.0], [0, 0, 0], [0.0, 1.0, 2.0]
    with pytest.warns(UndefinedMetricWarning, match="undefined: there is no event"):
        value, gradient = loss.value_and_gradient(*arrays)
    assert math.isnan(value)
    assert_array_equal(gradient, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loss(*arrays, reduction="sum") == 0
        assert loss(*arrays, avg_factor=2.0) == 0
        # A stratum without an event counts nothing.
        some = CoxPHLoss(strata=[0, 0, 1])([1.0, 2.0, 3.0], [1, 0, 0], [0.0, 1.0, 2.0])
        assert some == pytest.approx(np.log1p(np.e), rel=1e-15)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([1, np.nan, 3], [1, 0, 1], [0, 1, 2]), "y_true contains NaN: got nan at index 1"),
        (([1, np.inf, 3], [1, 0, 1], [0, 1, 2]), "y_true contains infinity: got inf at index 1"),
        (([1, 2, 3], [1, 2, 1], [0, 1, 2]), "event.* got 2 at index 1. Only the values 0 and 1"),
        (([1, 2, 3], [1, 0, 1], [0, 1, np.nan]), "y_pred contains NaN: got nan at index 2"),
        (([1, 2, 3], [1, 0], [0, 1, 2]), "must have the same shape"),
        (([[1, 2]], [[1, 0]], [[0, 1]]), r"y_true must have shape \(n_samples,\)"),
        (([1, 0, 1], [0.5, 1, 2], [1, 2, 3]), "event"),
    ],
)
def test_arrays_that_are_refused(arrays, words):
    with pytest.raises(ValueError, match=words):
        cox_ph_loss(*arrays)


def test_what_involves_all_samples():
    time, event, x = drawn()
    for call in (CoxPHLoss(), CoxPHLoss().gradient):
        with pytest.raises(ValueError, match="does not take sample_weight"):
            call(time, event, x, sample_weight=np.ones(60))
        with pytest.raises(ValueError, match="'reduction' parameter of CoxPHLoss"):
            call(time, event, x, reduction="none")
    with pytest.raises(ValueError, match="do not add up"):
        CoxPHLoss().partial(time, event, x)


# ---------------------------------------------------------------------------------------------
# Sizes
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_log_hazards_of_any_size(ties, dtype):
    time, event, x = drawn()
    loss = CoxPHLoss(ties=ties)
    expected = loss.value_and_gradient(time, event, x.astype(dtype))
    # A constant changes nothing, far beyond the range of the exponential.
    moved = (np.round(x * 256) / 256).astype(dtype)
    at_origin = loss.value_and_gradient(time, event, moved)
    for shift in (2.0**14, -(2.0**14)):
        value, gradient = loss.value_and_gradient(time, event, moved + dtype(shift))
        assert value == pytest.approx(at_origin[0], rel=1e-11)
        assert_allclose(
            gradient, at_origin[1], rtol=1e-4 if dtype == np.float32 else 1e-9, atol=1e-9
        )
    assert np.isfinite(expected[0])
    for factor in (1e4, np.finfo(dtype).max / 10):
        value, gradient = loss.value_and_gradient(time, event, (x * factor).astype(dtype))
        assert value > 0
        assert not math.isnan(value)
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).max() <= 1 + 1e-6


def test_a_certain_order_keeps_its_digits():
    """Each event is of the one sample that is sure to have it: the loss is almost 0, not 0."""
    gap = 50.0
    x = -gap * np.arange(10)
    value, gradient = CoxPHLoss(reduction="sum").value_and_gradient(np.arange(10), np.ones(10), x)
    assert value == pytest.approx(9 * np.exp(-gap), rel=1e-12)
    assert gradient[0] == pytest.approx(-np.exp(-gap), rel=1e-12)


def test_what_is_not_finite_stays_in_its_stratum():
    time, event, x = drawn()
    strata = np.arange(60) % 3
    loss = CoxPHLoss(strata=strata)
    expected = loss.gradient(time, event, x)
    for k in (0, 2):
        for bad in (np.nan, np.inf):
            arrays = [time.copy(), event, x.copy()]
            arrays[k][4] = bad
            with sklearn.config_context(assume_finite=True):
                value, gradient = loss.value_and_gradient(*arrays)
            assert math.isnan(value)
            assert_array_equal(np.isnan(gradient), strata == 1)
            assert_array_equal(gradient[strata != 1], expected[strata != 1])


def test_long_sums_keep_their_digits():
    """A million samples, whose sums over risk sets are known."""
    n = 1_000_000
    value, gradient = CoxPHLoss(reduction="sum").value_and_gradient(
        np.arange(n), np.ones(n), np.full(n, 0.3)
    )
    assert value == pytest.approx(math.lgamma(n + 1), rel=1e-14)
    # 1/n + 1/(n-1) + ... - 1.
    harmonic = np.cumsum(1 / np.arange(n, 0, -1, dtype=np.longdouble))
    assert_allclose(gradient, (harmonic - 1).astype(float), rtol=1e-12, atol=1e-13)


def test_predictions_near_the_largest():
    """Exponents of squares are twice those of predictions, and stay above the one that means 0."""
    loss = CoxPHLoss(reduction="sum")
    time, event, x = [1, 2, 3], [1, 1, 1], [-1e300, -1e300, 0]
    assert loss(time, event, x) == 2e300
    gradient, hessian = loss.gradient_and_hessian(time, event, x)
    np.testing.assert_array_equal(gradient, [-1, -1, 2])
    np.testing.assert_array_equal(hessian, [0, 0, 0])
    gradient, hessian = loss.gradient_and_hessian([0, 1], [1, 1], [-1e300, 1e300])
    np.testing.assert_array_equal(gradient, [-1, 1])
    np.testing.assert_array_equal(hessian, [0, 0])
