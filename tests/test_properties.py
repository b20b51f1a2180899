"""What holds for every loss whatever the data: properties, on data that hypothesis draws.

The data are those of the references with seeds, weights and layouts that hypothesis
chooses, and shrinks where something fails. The seed of its own is fixed, so that a run is
repeated by the next one.
"""

import math

import numpy as np
import pytest
import sklearn
from cases import cases
from differences import check_against_differences
from helpers import as_tuple
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

EPS = np.finfo(float).eps
#: Single precision, relative to the sum of the absolute terms, as the contract has it.
SINGLE = 2e-5


def has_samples(case):
    """Whether the arrays are those of several samples, not of one alone."""
    arrays = case.arrays()
    leading = np.ndim(arrays[case.differentiable[0]])
    several = leading > len(case.row.reduced(leading)) or case.row.coupled
    return several and all(np.ndim(a) > case.sample_axis(k) for k, a in enumerate(arrays))


def with_samples(found):
    """The cases that have samples, for which parameters do not matter."""
    several = {}
    for case in found:
        key = case.row.function_name, case.kind, case.shape
        if key not in several:
            several[key] = has_samples(case)
        if several[key]:
            yield case


CASES = list(with_samples(case for case in cases() if case.shape))


def depends_on_the_data(value, shape):
    """Whether a parameter is that of these samples: balanced weights, one for each element."""
    return value == "balanced" if isinstance(value, str) else np.shape(value) == shape


SEPARATE = [
    case
    for case in CASES
    if not case.row.coupled
    and not case.data.shared
    and not any(depends_on_the_data(value, case.shape) for value in case.params.values())
]
WEIGHTED = [case for case in CASES if case.cls.weighted]
CONVEX = [case for case in SEPARATE if case.loss().tags.convex]

checked = settings(
    max_examples=1000,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@st.composite
def calls(draw, found):
    """A case, its arrays and a random generator; each loss as often as the others."""
    name = draw(st.sampled_from(sorted({case.row.function_name for case in found})))
    case = draw(st.sampled_from([case for case in found if case.row.function_name == name]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return case, list(case.data.arrays(rng, case.shape, np.float64, case.params)), rng


def n_samples(case, arrays):
    return case.samples(case.differentiable[0], arrays[case.differentiable[0]]).shape[0]


def size_of(case, arrays, weight=None):
    """Sum of the absolute terms of the sum."""
    with np.errstate(all="ignore"):
        terms = case.value_terms(arrays)
    if weight is not None:
        terms = terms * weight.reshape(-1, *(1,) * (terms.ndim - 1))
    return float(terms.sum())


def near(a, b, size, rtol, smallest=1e-300):
    """Equal to rounding or in what is below the smallest number, both infinite, or both NaN."""
    return a == b or abs(a - b) <= rtol * size + smallest or (math.isnan(a) and math.isnan(b))


def gradient_terms(case, arrays, k, gradient):
    """Sums of the absolute terms of each element of a gradient."""
    if case.inputs[k].broadcasts:
        return np.abs(gradient)
    return np.asarray(case.terms(arrays, gradient, k), float)


def assert_gradients_agree(case, arrays, k, gradient, other, rtol):
    """Relative to the sums of the absolute terms; infinite where those are."""
    with np.errstate(all="ignore"):
        terms = gradient_terms(case, arrays, k, gradient)
        fine = (np.abs(gradient - other) <= rtol * terms + 1e-300) | (gradient == other)
    assert fine.all()


def total(case, arrays, **keywords):
    return case.loss()(*arrays, reduction="sum", **keywords)


@given(
    calls(
        [
            case
            for case in CASES
            # Strata go by sample, too, and would have to be moved with them.
            if not (
                case.row.coupled
                and any(depends_on_the_data(value, case.shape) for value in case.params.values())
            )
        ]
    )
)
@checked
def test_order_of_the_samples_does_not_matter(call):
    case, arrays, rng = call
    order = rng.permutation(n_samples(case, arrays))
    moved = case.by_sample(arrays, lambda a: a[order])
    # Terms of pairs are added in another order too.
    rtol = 1e-12 if case.row.coupled else 64 * EPS
    assert near(total(case, arrays), total(case, moved), size_of(case, arrays), rtol)
    if case.shared or case.row.coupled:
        return  # of pairs, a tie may be decided otherwise: see test_batch.py
    loss = case.loss(reduction="sum")
    pairs = zip(
        case.differentiable,
        as_tuple(loss.gradient(*arrays)),
        as_tuple(loss.gradient(*moved)),
        strict=True,
    )
    for k, before, after in pairs:
        # A whole vector of lanes and the rest of one may be rounded otherwise.
        back = np.empty_like(after)
        case.samples(k, back)[order] = case.samples(k, after)
        assert_gradients_agree(case, arrays, k, before, back, 64 * EPS)


@given(calls([case for case in SEPARATE if case.cls.weighted]), st.data())
@checked
def test_integer_weights_are_repetitions(call, data):
    case, arrays, _ = call
    n = n_samples(case, arrays)
    weight = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    assume(weight.any())
    repeated = case.by_sample(arrays, lambda a: np.repeat(a, weight, axis=0))
    size = size_of(case, arrays, weight)
    assert near(total(case, arrays, sample_weight=weight), total(case, repeated), size, 64 * EPS)


@given(calls([case for case in SEPARATE if case.cls.weighted]), st.data())
@checked
def test_parts_add_up(call, data):
    case, arrays, _ = call
    n = n_samples(case, arrays)
    assume(n > 1)
    cut = data.draw(st.integers(1, n - 1))
    size = size_of(case, arrays)
    denominator = case.counts(arrays, case.unreduced(arrays).shape).sum()
    for reduction, divisor in (("sum", 1), ("mean", denominator)):
        loss = case.loss(reduction=reduction)
        assume(divisor > 0)
        parts = [
            loss.partial(*case.by_sample(arrays, lambda a, rows=rows: a[rows]))
            for rows in (slice(cut), slice(cut, None))
        ]
        assert near(sum(parts).value, loss(*arrays), size / divisor, 64 * EPS)


@given(calls(WEIGHTED), st.floats(0.125, 8.0))
@checked
def test_weights_scale_the_sum_and_leave_the_mean(call, factor):
    case, arrays, rng = call
    weight = rng.uniform(0.5, 2, case.n_weights(arrays))
    size = size_of(case, arrays, weight)
    plain, scaled = (total(case, arrays, sample_weight=w) for w in (weight, factor * weight))
    assert near(factor * plain, scaled, factor * size, 64 * EPS)
    loss = case.loss(reduction="mean")
    means = [loss(*arrays, sample_weight=w) for w in (weight, factor * weight)]
    assert near(*means, size, 1e-13)
    # avg_factor takes the place of the denominator.
    given_factor = loss(*arrays, sample_weight=weight, avg_factor=factor)
    assert near(
        given_factor * factor, loss(*arrays, sample_weight=weight, avg_factor=1), size, 1e-13
    )


@given(calls([case for case in WEIGHTED if case.finest == "none"]))
@checked
def test_none_sums_to_sum(call):
    case, arrays, rng = call
    weight = rng.uniform(0, 2, case.n_weights(arrays))
    none = case.loss()(*arrays, sample_weight=weight, reduction="none")
    summed = total(case, arrays, sample_weight=weight)
    assert near(math.fsum(none.ravel()), summed, size_of(case, arrays, weight), 64 * EPS)


@given(calls(CONVEX), st.floats(0.0, 1.0))
@checked
def test_convex_losses_are_convex_along_lines(call, t):
    """Between two predictions for one target, the value is at most that of the chord."""
    case, arrays, rng = call
    others = case.data.arrays(rng, case.shape, np.float64, case.params)
    between, ends = list(arrays), list(arrays)
    for k in case.differentiable:
        ends[k] = others[k]
        with np.errstate(invalid="ignore"):
            between[k] = (1 - t) * arrays[k] + t * others[k]
        assume(np.isfinite(between[k]).all())
    with sklearn.config_context(assume_finite=True):
        low, slopes = case.loss(reduction="sum").value_and_gradient(*between)
        a, b = (total(case, x) for x in (arrays, ends))
    # The point between is rounded. By a step to it, a convex function rises by its slope at most.
    with np.errstate(invalid="ignore"):
        rounded = sum(
            np.sum(np.abs(slope) * 2 * EPS * ((1 - t) * np.abs(arrays[k]) + t * np.abs(others[k])))
            for k, slope in zip(case.differentiable, as_tuple(slopes), strict=True)
        )
    size = size_of(case, arrays) + size_of(case, ends) + size_of(case, between)
    assume(math.isfinite(size + rounded))
    assert low <= (1 - t) * a + t * b + rounded + 1e-12 * size


@given(calls(CONVEX))
@checked
def test_gradients_of_convex_losses_support_them_from_below(call):
    """No prediction has a value below the tangent plane, also at a kink: subgradients."""
    case, arrays, rng = call
    others = case.data.arrays(rng, case.shape, np.float64, case.params)
    moved = [others[k] if k in case.differentiable else a for k, a in enumerate(arrays)]
    value, gradients = case.loss(reduction="sum").value_and_gradient(*arrays)
    rise, size = 0.0, size_of(case, arrays) + size_of(case, moved)
    with np.errstate(all="ignore"):
        for k, gradient in zip(case.differentiable, as_tuple(gradients), strict=True):
            step = moved[k] - arrays[k]
            rise += np.sum(gradient * step)
            size += np.sum(gradient_terms(case, arrays, k, gradient) * np.abs(step))
    assume(math.isfinite(size) and math.isfinite(rise))
    assert total(case, moved) >= value + rise - 1e-12 * size


@given(calls([case for case in CASES if np.prod(case.shape) < 60]))
@checked
def test_gradients_match_differences(call):
    case, arrays, _ = call
    assume(case.loss().tags.gradient == "exact")
    gradients = as_tuple(case.loss(reduction=case.finest).gradient(*arrays))
    for k, gradient in zip(case.differentiable, gradients, strict=True):
        check_against_differences(case, arrays, k, gradient, 1)


def n_tiny(arrays):
    """What single precision may lose of elements that are almost 0."""
    return sum(np.size(a) for a in arrays) * float(np.finfo(np.float32).tiny)


@given(calls(CASES))
@checked
def test_single_precision_agrees_with_double(call):
    case, _, rng = call
    single = list(case.data.arrays(rng, case.shape, np.float32, case.params))
    double = [a.astype(float) if np.asarray(a).dtype == np.float32 else a for a in single]
    assert near(
        total(case, single), total(case, double), size_of(case, double), SINGLE, n_tiny(double)
    )


@given(calls(CASES), st.data())
@checked
def test_memory_order_and_strides_do_not_matter(call, data):
    case, arrays, _ = call
    laid_out = []
    for array in map(np.asarray, arrays):
        axes = data.draw(st.permutations(range(array.ndim)))
        steps = [data.draw(st.sampled_from([1, 2, -1, -3])) for _ in axes]
        wide = np.zeros([array.shape[k] * 3 + 1 for k in axes], array.dtype).transpose(
            np.argsort(axes)
        )
        view = wide[
            tuple(
                slice(0, n * s, s) if s > 0 else slice(n * -s, 0, s)
                for n, s in zip(array.shape, steps, strict=True)
            )
        ]
        view[...] = array
        laid_out.append(view)
    loss = case.loss(reduction="sum")
    value, gradients = loss.value_and_gradient(*arrays)
    other, others = loss.value_and_gradient(*laid_out)
    assert near(value, other, size_of(case, arrays), 64 * EPS)
    for k, a, b in zip(case.differentiable, as_tuple(gradients), as_tuple(others), strict=True):
        assert_gradients_agree(case, arrays, k, a, b, 1e-12)


@given(calls(CASES), st.data())
@checked
def test_nan_anywhere_reaches_the_value(call, data):
    case, arrays, _ = call
    k = data.draw(st.sampled_from(range(len(arrays))))
    array = np.array(arrays[k])
    if array.dtype.kind != "f":
        array = array.astype(float)
    fewer = array.ndim < case.arrays()[case.differentiable[0]].ndim
    classes = fewer and case.loss().tags.response not in ("vectors", "embedding", "modalities")
    if case.inputs[k].domain.kind == "index" or (
        classes and not case.inputs[k].broadcasts and not case.inputs[k].differentiable
    ):
        return  # no class index, and no length, is NaN
    array.reshape(-1)[data.draw(st.integers(0, array.size - 1))] = np.nan
    broken = [*arrays[:k], array, *arrays[k + 1 :]]
    with pytest.raises(ValueError, match="NaN"):
        total(case, broken)
    with sklearn.config_context(assume_finite=True):
        assert math.isnan(total(case, broken))
