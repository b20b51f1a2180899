"""CTC beyond the common tests: all its alignments, its forms of input, its degenerate cases."""

import itertools
import math
import pickle
import re

import numpy as np
import pytest
import sklearn
from helpers import LAYOUTS, RTOL, RTOL_SINGLE, close
from numpy.testing import assert_allclose, assert_array_equal
from references import WIDE
from references.sequence import ctc_one, log_softmax, needed, sequences

import sklosses
from sklosses import CTCLoss, ctc_loss

INF = np.inf


def alignments(target, n_times, n_classes, blank):
    """All the ways to spend the times on the classes that give the target."""
    for path in itertools.product(range(n_classes), repeat=n_times):
        merged = [c for c, _ in itertools.groupby(path)]
        if [c for c in merged if c != blank] == list(target):
            yield path


def occupancy(target, log_probs, blank):
    """Minus the gradient of one sequence: forward and backward in logarithms, long double."""
    n_times = len(log_probs)
    result = np.zeros(log_probs.shape, WIDE)
    states = [blank]
    for label in target:
        states += [label, blank]
    emission = log_probs.astype(WIDE)[:, states]
    n = len(states)

    def arcs(s):
        yield s
        if s > 0:
            yield s - 1
        if s > 1 and states[s] != blank and states[s] != states[s - 2]:
            yield s - 2

    alpha = np.full((n_times, n), -INF, WIDE)
    beta = np.full((n_times, n), -INF, WIDE)
    alpha[0, :2] = emission[0, :2]
    beta[-1, -2:] = 0
    for t in range(1, n_times):
        for s in range(n):
            alpha[t, s] = emission[t, s] + np.logaddexp.reduce([alpha[t - 1, r] for r in arcs(s)])
    for t in range(n_times - 2, -1, -1):
        for s in range(n):
            for r in arcs(s):
                beta[t, r] = np.logaddexp(beta[t, r], beta[t + 1, s] + emission[t + 1, s])
    total = np.logaddexp.reduce(alpha[-1, -2:])
    with np.errstate(under="ignore"):
        share = np.exp(alpha + beta - total)
    for s, label in enumerate(states):
        result[:, label] += share[:, s]
    return result


def one_sequence(n_times, n_labels, n_classes, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    target = rng.integers(1, n_classes, n_labels)
    return target, log_softmax(scale * rng.normal(size=(n_times, n_classes)))


def check_sequence(target, log_probs, rtol=RTOL, blank=0):
    """Loss and gradient against long double."""
    args = target, log_probs, len(log_probs), len(target)
    value, gradient = ctc_loss(*args, blank=blank, reduction="sum", return_gradient=True)
    expected = -ctc_one(target, log_probs.astype(WIDE), blank)
    # A probability of nearly 1 has the digits of 1.
    close(np.float64(value), expected, rtol, atol=2e-16)
    assert ctc_loss(*args, blank=blank, reduction="sum") == value
    # Shares are of one at each time.
    close(gradient, -occupancy(target, log_probs, blank), rtol, 1.0)
    assert_allclose(gradient.sum(axis=1), -1, rtol=1e-14)
    return value


# ---------------------------------------------------------------------------------------------
# What it is
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize("n_times", [1, 2, 3, 5])
def test_sum_over_all_alignments(n_times, blank):
    n_classes = 3
    labels = [c for c in range(n_classes) if c != blank]
    log_probs = np.random.default_rng(n_times).normal(size=(n_times, n_classes))
    for n_labels in range(4):
        for target in itertools.product(labels, repeat=n_labels):
            paths = list(alignments(target, n_times, n_classes, blank))
            assert bool(paths) == (needed(np.array(target)) <= n_times)
            args = np.array(target, int), log_probs, n_times, n_labels
            loss = CTCLoss(blank=blank, reduction="sum")
            value, gradient = loss.value_and_gradient(*args)
            if not paths:
                assert value == INF
                assert_array_equal(gradient, 0)
                continue
            p = np.array([math.exp(sum(log_probs[range(n_times), path])) for path in paths])
            assert_allclose(value, -math.log(math.fsum(p)), rtol=1e-13, atol=1e-14)
            expected = np.zeros_like(log_probs)
            for path, share in zip(paths, p / p.sum(), strict=True):
                expected[range(n_times), path] -= share
            assert_allclose(gradient, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("n_times", "n_labels", "n_classes"),
    [
        (1, 0, 1),
        (1, 1, 2),
        (9, 4, 3),
        (40, 7, 5),
        (41, 8, 5),
        (90, 15, 9),
        (70, 33, 50),
        (33, 0, 4),
    ],
)
def test_against_logarithms_in_long_double(n_times, n_labels, n_classes):
    for seed in range(3):
        check_sequence(*one_sequence(n_times, n_labels, n_classes, seed))


# ---------------------------------------------------------------------------------------------
# Numbers of any size
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [10.0, 1e3, 1e5, 1e8])
def test_log_probabilities_far_apart(scale):
    """An alignment that has to go through classes that the others make all but impossible."""
    for seed in range(4):
        target, log_probs = one_sequence(40, 12, 6, seed, scale)
        assert log_probs.min() < -2 * scale
        # The shares are as exact as the numbers that they are the exponentials of.
        check_sequence(target, log_probs, max(RTOL, 40 * scale * np.finfo(float).eps))


@pytest.mark.parametrize("shift", [500.0, -1e5, 1e4])
def test_rows_that_are_not_normalised(shift):
    target, log_probs = one_sequence(50, 9, 7)
    shifted = log_probs + shift * np.arange(50)[:, None] / 7
    check_sequence(target, shifted, 1e-10)
    got = ctc_loss(target, shifted, 50, 9, reduction="sum")
    moved = ctc_loss(target, log_probs, 50, 9, reduction="sum") - shift * 25 * 7
    assert_allclose(got, moved, rtol=1e-13)


def test_thousands_of_times():
    target, log_probs = one_sequence(3000, 60, 8)
    value = check_sequence(target, log_probs, 1e-11)
    assert value > 1000


def test_what_must_be_ahead_is_far_less_likely_than_what_lags():
    """No factor common to all states serves both: the blank is certain, the target is not."""
    n = 60
    log_probs = np.full((n + 1, n + 1), -1000.0)
    log_probs[:, 0] = 0.0
    target = np.arange(1, n + 1)
    value = check_sequence(target, log_probs, 1e-12)
    # One blank at each of the n + 1 places.
    assert_allclose(value, 1000.0 * n - math.log(n + 1), rtol=1e-12)


def test_detour_whose_ends_are_unlikely():
    """Likely only in the middle, beside one that is likely only at the ends."""
    log_probs = np.full((90, 3), -500.0)
    log_probs[:30, 0] = log_probs[30:60, 1] = log_probs[60:, 2] = 0
    for target in ([1, 2], [2, 1], [1], [2], []):
        check_sequence(np.array(target, int), log_probs, 1e-11)


def test_certain_alignments_cost_nothing():
    log_probs = np.full((4, 3), -INF)
    log_probs[[0, 1, 2, 3], [1, 0, 1, 2]] = 0
    value, gradient = ctc_loss([1, 1, 2], log_probs, 4, 3, return_gradient=True)
    assert value == 0
    assert math.copysign(1, value) == 1
    assert_allclose(gradient, -np.exp(log_probs) / 3, rtol=1e-15)
    assert not np.signbit(gradient[gradient == 0]).any()


def test_minus_infinity_is_a_log_probability():
    target, log_probs = one_sequence(12, 3, 5)
    log_probs[3, target[0]] = log_probs[:5, 0] = log_probs[11, 4] = -INF
    check_sequence(target, log_probs)
    # No alignment is left: the label of the middle never occurs.
    log_probs[:, target[1]] = -INF
    for zero_infinity, expected in ((False, INF), (True, 0.0)):
        value, gradient = ctc_loss(
            target, log_probs, 12, 3, zero_infinity=zero_infinity, return_gradient=True
        )
        assert value == expected
        assert_array_equal(gradient, 0)
    log_probs[...] = -INF
    assert ctc_loss(target, log_probs, 12, 3) == INF


@pytest.mark.parametrize("value", [-1e30, -1e150, -1e290])
def test_the_largest_log_probabilities(value):
    log_probs = np.array([[0.0, value], [value, 0.0], [2 * value, value]])
    got, gradient = ctc_loss([1], log_probs, 3, 1, return_gradient=True)
    assert_allclose(got, -value, rtol=1e-15)
    assert_array_equal(gradient, -np.array([[1, 0], [0, 1], [0, 1]]))


@pytest.mark.parametrize("scale", [1e12, 1e17, 1e25, 1e100, 1e290])
def test_gradients_are_numbers_whatever_the_size(scale):
    """Where the differences of log-probabilities have no digits below 1 any more."""
    for seed in range(5):
        target, log_probs = one_sequence(40, 9, 5, seed)
        value, gradient = ctc_loss(target, scale * log_probs, 40, 9, return_gradient=True)
        expected = -ctc_one(target, scale * log_probs.astype(WIDE), 0) / 9
        assert_allclose(value, float(expected), rtol=1e-14)
        assert np.all((gradient <= 0) & (gradient >= -(1 + 1e-15) / 9))


@pytest.mark.parametrize("value", [-np.finfo(float).max, np.finfo(float).max])
def test_the_very_largest_do_no_harm(value):
    value, gradient = ctc_loss([1, 1], np.full((9, 3), value), 9, 2, return_gradient=True)
    assert abs(value) > 1e300 / 2 or not math.isfinite(value)
    assert np.all(np.isfinite(gradient))


def test_single_precision_of_long_sequences():
    rng = np.random.default_rng(0)
    log_probs = log_softmax(rng.normal(size=(900, 3, 20))).astype(np.float32)
    targets, lengths = rng.integers(1, 20, (3, 80)), [80, 1, 40]
    args = targets, log_probs, [900, 899, 500], lengths
    value, gradient = ctc_loss(*args, reduction="none", return_gradient=True)
    wide = targets, log_probs.astype(float), [900, 899, 500], lengths
    expected, expected_gradient = ctc_loss(*wide, reduction="none", return_gradient=True)
    assert value.dtype == gradient.dtype == np.float32
    close(value, expected, RTOL_SINGLE)
    assert_array_equal(gradient, expected_gradient.astype(np.float32))


# ---------------------------------------------------------------------------------------------
# Forms of the input
# ---------------------------------------------------------------------------------------------


@pytest.fixture
def batch():
    rng = np.random.default_rng(1)
    return list(sequences(rng, (11, 6, 5), np.float64, {}))


def concatenated(targets, lengths):
    return np.concatenate([row[:n] for row, n in zip(targets, lengths, strict=True)])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_rows_and_one_after_the_other_are_the_same(batch, reduction):
    targets, log_probs, times, lengths = batch
    loss = CTCLoss(reduction=reduction)
    expected = loss.value_and_gradient(*batch)
    joined = concatenated(targets, lengths)
    for given in (joined, joined.tolist(), joined.astype(np.float32), joined[::-1].copy()[::-1]):
        got = loss.value_and_gradient(given, log_probs, times, lengths)
        assert_array_equal(got[0], expected[0])
        assert_array_equal(got[1], expected[1])


def test_lengths_of_any_kind(batch):
    targets, log_probs, times, lengths = batch
    expected = ctc_loss(*batch)
    for dtype in (np.float64, np.int8, np.uint64, np.float16, np.longdouble, object):
        given = times.astype(dtype), lengths.astype(dtype)
        assert ctc_loss(targets, log_probs, *given) == expected
    for make in (list, tuple):
        assert ctc_loss(targets, log_probs, make(times), make(lengths)) == expected


@pytest.mark.parametrize("dtype", [np.int8, np.int16, ">i4", np.uint64, "f2", "g", ">f8", object])
def test_targets_of_any_dtype(batch, dtype):
    targets, log_probs, times, lengths = batch
    expected = ctc_loss(*batch)
    unused = np.arange(targets.shape[1]) >= lengths[:, None]
    # What is not used is not looked at, whatever it is.
    given = np.where(unused, 7 if dtype == np.uint64 else -3, targets).astype(dtype)
    assert ctc_loss(given, log_probs, times, lengths) == expected
    if np.dtype(dtype).kind == "f":
        given[unused] = np.nan
        assert ctc_loss(given, log_probs, times, lengths) == expected


def test_one_sequence_without_the_axis(batch):
    targets, log_probs, times, lengths = batch
    for i in range(6):
        target, row, n = targets[i, : lengths[i]], log_probs[:, i], int(lengths[i])
        expected = ctc_loss(
            targets[i : i + 1], log_probs[:, i : i + 1], times[i : i + 1], [n], return_gradient=True
        )
        time = int(times[i])
        for args in ((target, time, n), (target[None], [time], [n]), (target, np.int8(time), (n,))):
            value, gradient = ctc_loss(args[0], row, *args[1:], return_gradient=True)
            assert type(value) is float
            assert value == expected[0]
            assert gradient.shape == row.shape
            assert_array_equal(gradient, expected[1][:, 0])
        none = ctc_loss(target, row, time, n, reduction="none")
        assert none.shape == ()
        assert isinstance(none, np.ndarray)
        assert_allclose(none / max(n, 1), expected[0], rtol=1e-15)
        out = np.empty(row.shape[::-1]).T
        loss = CTCLoss()
        assert loss.gradient(target, row, time, n, gradient_out=out) is out
        assert_array_equal(out, expected[1][:, 0])
        assert ctc_loss(target, row, time, n, sample_weight=3.0, reduction="sum") == 3 * none


@pytest.mark.parametrize("targets", [np.empty((3, 0)), [], [[], [], []], np.empty((3, 0), int)])
def test_empty_targets(targets):
    log_probs = log_softmax(np.random.default_rng(0).normal(size=(5, 3, 4)))
    value, gradient = ctc_loss(
        targets, log_probs, [5, 2, 0], [0, 0, 0], reduction="none", return_gradient=True
    )
    # Only blanks.
    expected = [-log_probs[:5, 0, 0].sum(), -log_probs[:2, 1, 0].sum(), 0]
    assert_allclose(value, expected, rtol=1e-15)
    assert not np.signbit(value[2])
    assert_array_equal(gradient[:, :, 1:], 0)
    assert_array_equal(gradient[:, :, 0], -(np.arange(5)[:, None] < [5, 2, 0]).astype(float))
    # An empty target counts as one of length 1.
    assert_allclose(ctc_loss(targets, log_probs, [5, 2, 0], [0, 0, 0]), np.mean(expected))


def test_only_targets_may_be_empty():
    log_probs = np.zeros((3, 2, 2))
    for k, name in ((1, "log_probs"), (2, "input_lengths"), (3, "target_lengths")):
        args = [np.empty((2, 0)), log_probs, [3, 3], [0, 0]]
        args[k] = np.empty((0, *np.shape(args[k])[1:]))
        with pytest.raises(ValueError, match=f"minimum of 1 is required for {name}"):
            ctc_loss(*args)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, ">f8", np.float16, np.longdouble])
def test_layouts_of_all_the_arrays(batch, layout, dtype):
    targets, log_probs, times, lengths = batch
    log_probs = log_probs.astype(dtype)
    native = np.float32 if np.dtype(dtype).itemsize <= 4 else np.float64
    args = targets, log_probs.astype(native), times, lengths
    expected, expected_gradient = ctc_loss(*args, return_gradient=True)
    change = LAYOUTS[layout]
    given = [change(a) for a in (targets, log_probs, times, lengths)]
    out = np.full(log_probs.shape, -77, native)
    out = out if layout == "read-only" else change(out)
    value, gradient = ctc_loss(*given, return_gradient=True, gradient_out=out)
    assert value == expected
    assert gradient is out
    assert_array_equal(gradient, expected_gradient)
    if layout == "sliced":
        assert (out.base == 7).sum() == out.base.size - out.size
    joined = change(concatenated(targets, lengths))
    assert ctc_loss(joined, *given[1:]) == expected


def test_float16_is_read_without_a_rounding(batch):
    targets, log_probs, times, lengths = batch
    half = log_probs.astype(np.float16)
    value, gradient = ctc_loss(targets, half, times, lengths, return_gradient=True)
    assert gradient.dtype == np.float32
    assert value == ctc_loss(targets, half.astype(float), times, lengths)


# ---------------------------------------------------------------------------------------------
# Reductions and weights
# ---------------------------------------------------------------------------------------------


def test_mean_is_by_the_length_of_the_target(batch):
    lengths = batch[3]
    lengths[2] = 0
    losses, bare = ctc_loss(*batch, reduction="none", return_gradient=True)
    weight = np.array([1.0, 0.0, 2.5, 0.1, 3.0, 1.0])
    share = weight / np.maximum(lengths, 1)
    for avg_factor, divisor in ((None, weight.sum()), (7.0, 7.0)):
        value, gradient = ctc_loss(
            *batch, sample_weight=weight, avg_factor=avg_factor, return_gradient=True
        )
        assert_allclose(value, (share * losses).sum() / divisor, rtol=1e-14)
        assert_allclose(gradient, bare * (share / divisor)[:, None], rtol=1e-14)
    value, gradient = ctc_loss(*batch, sample_weight=weight, reduction="sum", return_gradient=True)
    assert_allclose(value, (weight * losses).sum(), rtol=1e-14)
    assert_allclose(gradient, bare * weight[:, None], rtol=1e-14)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_parts_of_a_batch(batch, reduction):
    targets, log_probs, times, lengths = batch
    loss = CTCLoss(reduction=reduction)
    parts = []
    for i in range(6):
        part = loss.partial(targets[i : i + 1], log_probs[:, [i]], times[[i]], lengths[[i]])
        parts.append(pickle.loads(pickle.dumps(part)))
    assert_allclose(sum(parts).value, loss(*batch), rtol=1e-14)
    assert sum(parts).weight == 6


def test_impossible_targets():
    log_probs = log_softmax(np.random.default_rng(0).normal(size=(5, 4, 4)))
    # The second is too short for a blank between its equal labels, the third has no time at all.
    args = [[1, 2, 3], [1, 1, 2], [1, 1, 1], [2, 2, 2]], log_probs, [5, 3, 0, 5], [3, 3, 1, 3]
    for reduction in ("none", "sum", "mean"):
        loss = CTCLoss(reduction=reduction)
        value, gradient = loss.value_and_gradient(*args)
        assert_array_equal(
            np.isinf(value), [False, True, True, False] if reduction == "none" else True
        )
        value, other = loss.set_params(zero_infinity=True).value_and_gradient(*args)
        assert np.all(np.isfinite(value))
        for g in (gradient, other):
            assert_array_equal(g[:, 1:3], 0)
            assert_allclose(g[:, [0, 3]].sum(axis=2) * (1 if reduction != "mean" else 12), -1)
        assert_array_equal(gradient, other)
    # One that weighs nothing does not make nan of the others.
    weight = [1.0, 0.0, 0.0, 1.0]
    value = ctc_loss(*args, sample_weight=weight, reduction="none")
    assert_array_equal(value[1:3], 0)
    kept = [0, 3]
    expected = ctc_loss(np.array(args[0])[kept], log_probs[:, kept], [5, 5], [3, 3])
    assert_allclose(ctc_loss(*args, sample_weight=weight), expected, rtol=1e-15)


# ---------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------


def call(targets=((1, 2), (2, 1)), log_probs=None, times=(4, 3), lengths=(2, 1), **params):
    if log_probs is None:
        log_probs = np.full((4, 2, 3), -1.0)
    return ctc_loss(np.array(targets), log_probs, times, lengths, **params)


@pytest.mark.parametrize("assume_finite", [False, True])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"targets": [[1, 0], [2, 9]]}, r"targets .* got 0 at index \(0, 1\).* the blank 0"),
        ({"targets": [[1, 2], [3, 9]]}, r"targets .* got 3 at index \(1, 0\).* from 0 to 2 other"),
        ({"targets": [[1, -1], [3, 9]]}, r"targets .* got -1 at index \(0, 1\)"),
        ({"targets": [[1, 0.5], [2, 9]]}, r"targets .* got 0\.5 at index \(0, 1\)"),
        ({"targets": [[1, np.nan], [2, 9]]}, r"targets .*NaN.* index \(0, 1\)"),
        ({"targets": [[1, -np.inf], [2, 9]]}, r"targets .*infinity.* index \(0, 1\)"),
        (
            {"targets": np.array([[1, 2**63], [2, 9]], np.uint64)},
            r"targets .* got 9223372036854775",
        ),
        ({"targets": [1, 2, 3]}, r"targets .* got 3 at index 2\b"),
        ({"targets": [1, 0, 2]}, r"targets .* got 0 at index 1\b"),
        ({"targets": [[1, 2], [0, 1]], "blank": 1}, r"targets .* got 1 at index \(0, 0\)"),
        ({"times": [4, 5]}, r"input_lengths .* got 5 at index 1\b.* integers from 0 to 4"),
        ({"times": [-1, 5]}, r"input_lengths .* got -1 at index 0\b"),
        ({"times": [4, 2.5]}, r"input_lengths .* got 2\.5 at index 1\b"),
        ({"times": [np.nan, 4]}, r"input_lengths .* NaN.* index 0\b"),
        ({"lengths": [3, 1]}, r"target_lengths .* got 3 at index 0\b.* integers from 0 to 2"),
        ({"lengths": [2, -1]}, r"target_lengths .* got -1 at index 1\b"),
        ({"lengths": [2, 0.25]}, r"target_lengths .* got 0\.25 at index 1\b"),
    ],
)
def test_values_out_of_range_are_named(given, words, assume_finite):
    with sklearn.config_context(assume_finite=assume_finite):
        with pytest.raises(ValueError, match=words):
            call(**given)
        out = np.full((4, 2, 3), -77.0)
        with pytest.raises(ValueError, match=words):
            call(**given, return_gradient=True, gradient_out=out)
        assert_array_equal(out, -77)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"times": [4]}, r"input_lengths must have shape \(2,\).* Got \(1,\)"),
        ({"times": 4}, r"input_lengths must have shape \(2,\).* Got \(\)"),
        ({"times": [[4, 4]]}, r"input_lengths must have shape"),
        ({"lengths": [2, 1, 1]}, r"target_lengths must have shape \(2,\).* Got \(3,\)"),
        ({"targets": [1, 2, 2, 1]}, r"targets must have shape .*\(3,\).* Got \(4,\)"),
        ({"targets": [1, 2]}, r"targets must have shape .*\(3,\).* Got \(2,\)"),
        ({"targets": [[1, 2]]}, r"targets must have shape \(2, n\).* Got \(1, 2\)"),
        ({"targets": [[[1, 2], [2, 1]]]}, r"targets must have shape"),
        ({"targets": 1, "lengths": [0, 0]}, r"targets must have shape"),
        ({"log_probs": np.zeros(3)}, r"log_probs must have shape"),
        ({"log_probs": np.zeros((4, 2, 3, 1))}, r"log_probs must have shape"),
        ({"blank": 3}, r"The 'blank' parameter of CTCLoss must be .* 0 to 2\. Got 3 instead"),
        ({"log_probs": np.zeros((4, 3)), "times": [4, 4]}, r"input_lengths .*\(1,\) or \(\)"),
    ],
)
def test_shapes_that_do_not_fit(given, words):
    with pytest.raises(ValueError, match=words):
        call(**given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_log_probability_is_named(value, dtype):
    """Also where it is not used: a label that does not occur, a time beyond the length."""
    for index in ((0, 0, 1), (2, 1, 0), (3, 1, 2), (1, 0, 2)):
        log_probs = np.full((4, 2, 3), -1.0, dtype)
        log_probs[index] = value
        log_probs[3, 1, 2] = value
        words = rf"log_probs contains .* at index {re.escape(str(index))}\..* and -inf"
        for n_threads in (1, 2):
            with pytest.raises(ValueError, match=words):
                call([[1, 1], [1, 1]], log_probs, n_threads=n_threads)
        out = np.full(log_probs.shape, -77, dtype)
        with pytest.raises(ValueError, match=words):
            CTCLoss().gradient([1, 1, 1], log_probs, [4, 3], [2, 1], gradient_out=out)
        assert_array_equal(out, -77)


def test_large_outputs_of_a_refused_call_stay_untouched():
    log_probs = np.full((300, 36, 100), -1.0, np.float32)
    log_probs[200, 30, 50] = np.nan
    out = np.zeros_like(log_probs)
    with pytest.raises(ValueError, match=r"\(200, 30, 50\)"):
        CTCLoss().gradient(np.ones((36, 2)), log_probs, [300] * 36, [1] * 36, gradient_out=out)
    assert not out.any()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_reaches_the_loss_of_its_sequence(batch, value):
    targets, log_probs, times, lengths = batch
    times[3], lengths[3] = 6, 1
    expected, expected_gradient = ctc_loss(*batch, reduction="none", return_gradient=True)
    others = np.arange(6) != 3
    for t in range(11):
        for c in range(5):
            broken = log_probs.copy()
            broken[t, 3, c] = value
            with sklearn.config_context(assume_finite=True):
                for zero_infinity, out in ((False, None), (True, np.empty_like(broken))):
                    got, gradient = ctc_loss(
                        targets,
                        broken,
                        times,
                        lengths,
                        reduction="none",
                        return_gradient=True,
                        zero_infinity=zero_infinity,
                        gradient_out=out,
                    )
                    assert np.isnan(got[3])
                    assert np.isnan(gradient[:, 3]).all()
                    assert_array_equal(got[others], expected[others])
                    assert_array_equal(gradient[:, others], expected_gradient[:, others])
                weight = np.where(others, 1.0, 0.0)
                assert np.isnan(ctc_loss(targets, broken, times, lengths, sample_weight=weight))


# ---------------------------------------------------------------------------------------------
# The scorer
# ---------------------------------------------------------------------------------------------


def test_scorer_needs_a_callable(batch):
    targets, log_probs, times, lengths = batch
    with pytest.raises(ValueError, match=r"CTCLoss.*callable"):
        sklosses.make_loss_scorer("ctc_loss")
    assert "ctc_loss" not in sklosses.get_loss_scorer_names()
    scorer = sklosses.make_loss_scorer(
        "ctc_loss", response_method=lambda estimator, X: (log_probs, times, lengths)
    )
    assert scorer(None, None, targets) == -ctc_loss(*batch)
    weight = np.arange(6.0)
    assert scorer(None, None, targets, sample_weight=weight) == -ctc_loss(
        *batch, sample_weight=weight
    )
