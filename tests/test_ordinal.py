"""Tests of single losses of ``sklosses.losses.ordinal``."""

import math

import mpmath
import numpy as np
import pytest
import sklearn
from helpers import derivatives
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit

import sklosses
from sklosses import get_loss

OF_QUESTIONS = ["coral_loss", "corn_loss"]


@pytest.fixture
def samples():
    rng = np.random.default_rng(0)
    return np.append(np.arange(5), rng.integers(0, 5, 60)), rng.normal(scale=2, size=(65, 4))


@pytest.mark.parametrize("name", OF_QUESTIONS)
@pytest.mark.parametrize("n_classes", [2, 5, 400])
def test_probabilities_of_classes(name, n_classes):
    rng = np.random.default_rng(0)
    for scale in 1.0, 30.0, 1e4:
        raw = rng.normal(scale=scale, size=(50, n_classes - 1))
        for y_pred in raw, raw.astype(np.float32), np.sort(raw)[:, ::-1]:
            probability = get_loss(name).predict_proba(y_pred)
            assert probability.shape == (50, n_classes)
            assert probability.dtype == y_pred.dtype
            assert (probability >= 0).all()
            assert_allclose(probability.sum(axis=1), 1, rtol=n_classes * np.finfo(y_pred.dtype).eps)
            assert_array_equal(get_loss(name).inverse_link(y_pred), probability)
    one = get_loss(name).predict_proba(raw[0])
    assert_array_equal(one, get_loss(name).predict_proba(raw[:1])[0])


def test_probabilities_of_coral():
    """Differences of sigmoids; those below 0 become 0."""
    loss = sklosses.CoralLoss()
    logits = np.array([[2.0, 1.0, -1.0]])
    above = expit(logits[0])
    assert_allclose(loss.predict_proba(logits)[0], -np.diff(above, prepend=1, append=0))
    above = expit([2.0, 0.0, 1.0])
    parts = np.array([1 - above[0], above[0] - above[1], 0, above[2]])
    assert_allclose(loss.predict_proba([[2.0, 0.0, 1.0]])[0], parts / parts.sum())
    # Both sigmoids are 1 or 0 to rounding, but their difference is not.
    assert_allclose(loss.predict_proba([[40.0, 39.0]])[0, 1], expit(-39) - expit(-40), rtol=1e-13)
    assert_allclose(loss.predict_proba([[-700.0, -701.0]])[0, 1], np.exp(-700) - np.exp(-701))


@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_best_constant_gives_the_frequencies(name, samples):
    y_true, _ = samples
    weight = np.random.default_rng(1).random(len(y_true))
    for w in None, weight:
        constant = get_loss(name).optimal_constant(y_true, w)
        shares = np.bincount(y_true, w) / np.sum(np.ones(65) if w is None else w)
        assert_allclose(get_loss(name).predict_proba(constant), shares, rtol=1e-12)
    # Without samples of a class, its probability is as good as 0.
    constant = get_loss(name).optimal_constant([0, 3, 3])
    assert_allclose(get_loss(name).predict_proba(constant), [1 / 3, 0, 0, 2 / 3], atol=1e-14)
    assert get_loss(name).optimal_constant([0, 0]).shape == (1,)
    for label in 0.5, -1:
        with pytest.raises(ValueError, match=f"got {label} at index 1"):
            get_loss(name).optimal_constant([0, label])


def test_conditional_terms_are_the_likelihood(samples):
    y_true, y_pred = samples
    probability = sklosses.CornLoss().predict_proba(y_pred)
    values = sklosses.corn_loss(y_true, y_pred, reduction="none")
    assert_allclose(values, -np.log(probability[np.arange(65), y_true]), rtol=1e-12)


def test_mean_over_the_questions_that_are_asked(samples):
    y_true, y_pred = samples
    weight = np.random.default_rng(1).random(65)
    n_asked = np.minimum(y_true + 1, 4)
    values = sklosses.corn_loss(y_true, y_pred, reduction="none")
    assert_allclose(sklosses.corn_loss(y_true, y_pred), values.sum() / n_asked.sum())
    assert_allclose(
        sklosses.corn_loss(y_true, y_pred, sample_weight=weight),
        weight @ values / (weight @ n_asked),
    )
    assert_allclose(sklosses.corn_loss(y_true, y_pred, avg_factor=7), values.sum() / 7)
    parts = [sklosses.CornLoss().partial(y_true[k::3], y_pred[k::3]) for k in range(3)]
    assert_allclose(sum(parts).value, sklosses.corn_loss(y_true, y_pred))
    # Nothing is asked of samples of weight 0.
    with pytest.warns(UserWarning, match="total weight is zero"):
        assert np.isnan(sklosses.corn_loss(y_true, y_pred, sample_weight=np.zeros(65)))


@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_two_classes_are_a_binary_loss(name):
    rng = np.random.default_rng(0)
    y_true, z = rng.integers(0, 2, 40), rng.normal(scale=5, size=40)
    value, gradient = get_loss(name).value_and_gradient(y_true, z[:, None])
    binary = sklosses.BCEWithLogitsLoss().value_and_gradient(y_true, z)
    assert_allclose(value, binary[0], rtol=1e-14)
    assert_allclose(gradient[:, 0], binary[1], rtol=1e-14)
    assert_allclose(get_loss(name).predict_proba(z[:, None])[:, 1], expit(z), rtol=1e-14)
    assert_allclose(get_loss(name).optimal_constant([0, 1, 1, 1]), [logit(0.75)])


@pytest.mark.parametrize("name", OF_QUESTIONS)
def test_predictions_of_another_width(name):
    with pytest.raises(ValueError, match=r"got 4 at index 1\. Only class indices from 0 to 3"):
        get_loss(name)([0, 4], np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"\(n_samples, n_classes - 1\)"):
        get_loss(name)([0, 1], np.zeros((2, 3, 1)))
    with pytest.raises(ValueError, match=r"y_true must have shape \(2,\) \(class indices\)"):
        get_loss(name)(np.zeros((2, 3)), np.zeros((2, 3)))


# ---------------------------------------------------------------------------------------------
# Predictions and thresholds
# ---------------------------------------------------------------------------------------------


def exact(label, z, thresholds):
    """The loss, its gradients and its Hessians for one sample, with all digits."""
    with mpmath.workdps(1000):
        z, *points = map(mpmath.mpf, (float(z), *map(float, thresholds)))

        def loss(*x):
            low = mpmath.mpf(0) if label == 0 else 1 / (1 + mpmath.exp(x[0] - x[label]))
            top = label == len(points)
            high = mpmath.mpf(1) if top else 1 / (1 + mpmath.exp(x[0] - x[label + 1]))
            return -mpmath.log(high - low)

        x = (z, *points)
        # Differences with a step far below all the distances.
        step = mpmath.mpf(10) ** -150
        slopes, bends = [], []
        for k in range(len(x)):
            near = [loss(*x[:k], x[k] + i * step, *x[k + 1 :]) for i in (-1, 0, 1)]
            slopes.append(float((near[2] - near[0]) / (2 * step)))
            bends.append(float((near[2] - 2 * near[1] + near[0]) / step**2))
        return float(loss(*x)), np.array(slopes), np.array(bends)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("z", "thresholds"),
    [
        (0.3, [-1.0, 0.5]),
        (300.0, [-1.0, 0.5]),
        (-300.0, [-1.0, 0.5]),
        (0.0, [1.0, "next"]),
        (40.0, [1.0, "next"]),
        (-40.0, [1e-3, "next"]),
        (0.0, [-50.0, 60.0]),
        (2.0, [0.0, 1e-30]),
    ],
)
def test_close_thresholds_and_far_tails(z, thresholds, dtype):
    first, second = thresholds
    second = np.nextafter(dtype(first), dtype(np.inf)) if second == "next" else second
    thresholds = np.array([first, second], dtype)
    y_pred = np.array([z], dtype)
    loss = sklosses.CumulativeLogitLoss(reduction="none")
    rtol = 64 * np.finfo(dtype).eps
    for label in range(3):
        value, slopes, bends = exact(label, y_pred[0], thresholds)
        got = derivatives(loss, [label], y_pred, thresholds)
        assert_allclose(loss([label], y_pred, thresholds), [value], rtol=rtol, atol=1e-37)
        for found, expected in zip(got, (slopes, bends), strict=True):
            with np.errstate(over="ignore"):
                expected = expected.astype(dtype)
            assert_allclose(np.concatenate(found), expected, rtol=rtol, atol=1e-35)
        probability = loss.predict_proba(y_pred, thresholds)[0]
        assert_allclose(probability[label], np.exp(-value), rtol=rtol, atol=1e-37)


@pytest.fixture
def scores():
    rng = np.random.default_rng(0)
    thresholds = np.cumsum(rng.uniform(0.1, 1.5, 9)) - 4
    return rng.integers(0, 10, 100_000), rng.normal(scale=3, size=100_000), thresholds


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_gradient_of_thresholds_is_a_weighted_sum(scores, reduction):
    y_true, y_pred, thresholds = (array[:300] for array in scores)
    weight = np.random.default_rng(1).integers(0, 3, 300) * 0.5
    loss = sklosses.CumulativeLogitLoss(reduction=reduction)
    got = derivatives(loss, y_true, y_pred, thresholds, sample_weight=weight)
    scale = 1 / weight.sum() if reduction == "mean" else 1.0
    alone = [
        derivatives(loss, [label], [z], thresholds, reduction="sum")
        for label, z in zip(y_true, y_pred, strict=True)
    ]
    for order, (by_prediction, by_threshold) in enumerate(got):
        one = np.array([both[order][0][0] for both in alone])
        several = np.array([both[order][1] for both in alone])
        assert_allclose(by_prediction, scale * weight * one, rtol=1e-13, atol=1e-17)
        terms = np.abs(scale * weight[:, None] * several).sum(axis=0)
        error = np.abs(by_threshold - (scale * weight[:, None] * several).sum(axis=0))
        assert (error <= 1e-13 * terms).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_threads_do_not_change_a_bit(scores, dtype):
    y_true, y_pred, thresholds = scores
    arrays = y_true, y_pred.astype(dtype), thresholds.astype(dtype)
    loss = sklosses.CumulativeLogitLoss()
    results = [
        (loss(*arrays, n_threads=n), derivatives(loss, *arrays, n_threads=n)) for n in (1, 2, 7)
    ]
    for value, both in results[1:]:
        assert value == results[0][0]
        for found, expected in zip(both, results[0][1], strict=True):
            for a, b in zip(found, expected, strict=True):
                assert_array_equal(a, b, strict=True)
                assert a.dtype == dtype


def test_best_thresholds(scores):
    y_true, _, _ = scores
    loss = sklosses.CumulativeLogitLoss()
    prediction, thresholds = loss.optimal_constant(y_true)
    shares = np.bincount(y_true) / len(y_true)
    assert prediction == 0
    assert_allclose(loss.predict_proba(prediction, thresholds), shares, rtol=1e-12)
    # Without samples of a class, the thresholds around it are as close as they can be.
    for labels in [0, 3, 3], [1, 1, 4], [2], [0] * 1000 + [50]:
        _, thresholds = loss.optimal_constant(labels)
        assert (np.diff(thresholds) > 0).all()
        shares = np.bincount(labels) / len(labels)
        assert_allclose(loss.predict_proba(0.0, thresholds), shares, atol=1e-13)
        assert math.isfinite(loss(labels, np.zeros(len(labels)), thresholds))


def test_thresholds_out_of_order():
    loss = sklosses.CumulativeLogitLoss()
    y_true, y_pred = [0, 1, 2, 3], np.zeros(4)
    for bad, index in (([0.0, 0.0, 1.0], 1), ([0.0, 2.0, 1.5], 2), ([3.0, 2.0, 1.0], 1)):
        message = rf"thresholds must be strictly increasing: got {bad[index]} at index {index}, "
        for finite in False, True:
            with (
                sklearn.config_context(assume_finite=finite),
                pytest.raises(ValueError, match=message + f"after {bad[index - 1]}"),
            ):
                loss(y_true, y_pred, bad)
            with (
                sklearn.config_context(assume_finite=finite),
                pytest.raises(ValueError, match=message + f"after {bad[index - 1]}"),
            ):
                loss.predict_proba(y_pred, bad)
    for call in (lambda bad: loss(y_true, y_pred, bad), lambda bad: loss.predict_proba(0.0, bad)):
        with pytest.raises(ValueError, match=r"thresholds contains infinity: got -inf at index 0"):
            call([-np.inf, 0.0, 1.0])
        with pytest.raises(ValueError, match=r"thresholds contains NaN: got nan at index 1"):
            call([-1.0, np.nan, 1.0])
    with pytest.raises(ValueError, match=r"got 4 at index 1\. Only class indices from 0 to 3"):
        loss([0, 4, 2, 3], y_pred, [0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match=r"thresholds must have shape \(n_classes - 1,\)"):
        loss(y_true, y_pred, [[0.0, 1.0, 2.0]])
    for method in loss.predict_proba, loss.inverse_link:
        for raw in y_pred, 0.5:
            with pytest.raises(ValueError, match=r"thresholds must have shape \(n_classes - 1,\)"):
                method(raw, [[0.0, 1.0, 2.0]])
            with pytest.raises(ValueError, match=r"thresholds must have .* Got shape \(\) instead"):
                method(raw, 1.0)
    out = np.full(4, 7.0), np.full(3, 7.0)
    with pytest.raises(ValueError, match="increasing"):
        loss.gradient(y_true, y_pred, [0.0, 2.0, 1.0], gradient_out=out)
    assert all((array == 7).all() for array in out)


def test_weights_of_thresholds_in_single_precision():
    """The sums by class are taken before the scale of the mean is applied."""
    y_true, thresholds = [0, 1, 2, 1], np.float32([0.0, 1e-3])
    y_pred = np.float32([0.0, 0.5, 1.0, -1.0])
    loss = sklosses.CumulativeLogitLoss()
    expected = derivatives(loss, y_true, y_pred, thresholds)
    for unit in 2.0**-1070, 2.0**-160, 2.0**130, 2.0**900:
        got = derivatives(loss, y_true, y_pred, thresholds, sample_weight=np.full(4, unit))
        for found, exact in zip(got, expected, strict=True):
            for a, b in zip(found, exact, strict=True):
                assert_allclose(a, b, rtol=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bad", [[-np.inf, 0.0], [0.0, np.inf], [-np.inf, np.inf], [np.nan, 0.0]])
def test_unchecked_thresholds_make_no_warnings_of_numpy(bad):
    with sklearn.config_context(assume_finite=True):
        value, _ = sklosses.CumulativeLogitLoss().value_and_gradient([0, 1, 2], np.zeros(3), bad)
        assert math.isnan(value)
        derivatives(sklosses.CumulativeLogitLoss(), [0, 1, 2], np.zeros(3), bad)


def test_nan_of_any_threshold_reaches_the_value():
    loss = sklosses.CumulativeLogitLoss()
    for k in range(5):
        thresholds = np.arange(5.0)
        thresholds[k] = np.nan
        with sklearn.config_context(assume_finite=True):
            value, gradients = loss.value_and_gradient([0, 0], [0.0, 1.0], thresholds)
        assert math.isnan(value)
        assert np.isnan(gradients[1]).any() or k > 0


def test_raw_predictions_need_thresholds():
    loss = sklosses.CumulativeLogitLoss()
    with pytest.raises(TypeError, match=r"are 2 arrays \(raw, thresholds\)\. Got 1 instead"):
        loss.predict_proba([0.0, 1.0])
    with pytest.raises(TypeError, match=r"are 1 arrays \(raw\)\. Got 2 instead"):
        sklosses.CoralLoss().predict_proba([[0.0, 1.0]], [0.0])
    assert loss.predict_proba(0.5, [0.0]).shape == (2,)
    assert_allclose(loss.predict_proba([0.5], [0.0]), [[expit(-0.5), expit(0.5)]])
    assert loss.predict_proba(np.zeros((3, 2)), [0.0, 1.0]).shape == (3, 2, 3)


def test_thresholds_of_sums_of_losses(scores):
    y_true, y_pred, thresholds = (array[:50] for array in scores)
    loss = sklosses.CumulativeLogitLoss()
    both = 0.5 * loss + 0.25 * loss
    assert_allclose(both(y_true, y_pred, thresholds), 0.75 * loss(y_true, y_pred, thresholds))
    for a, b in zip(
        both.gradient(y_true, y_pred, thresholds),
        loss.gradient(y_true, y_pred, thresholds),
        strict=True,
    ):
        assert_allclose(a, 0.75 * b)


@pytest.mark.parametrize("n_classes", [3, 20])
def test_labels_that_change_after_their_check_read_no_memory_outside(n_classes, monkeypatch):
    y_true, y_pred = np.zeros(1000), np.zeros(1000)
    thresholds = np.arange(n_classes - 1.0)
    plan = sklosses.CumulativeLogitLoss.plan_class
    check = plan.sum_labels

    def check_then_change(self, labels, *args, **kwargs):
        total = check(self, labels, *args, **kwargs)
        y_true[500:504] = np.nan, np.inf, -np.inf, 1e300  # as another thread might
        return total

    monkeypatch.setattr(plan, "sum_labels", check_then_change)
    gradients, hessians = derivatives(sklosses.CumulativeLogitLoss(), y_true, y_pred, thresholds)
    for array in (*gradients, *hessians):
        assert np.isfinite(array).all()
