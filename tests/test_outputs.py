"""The arrays that gradients and Hessians of all losses are written to."""

import numpy as np
import pytest
from cases import (
    FAMILY_CASES,
    MIDDLE,
    STRIDED,
    every_family,
    over,
    over_layouts,
    replaced,
    sentinels,
    typical,
    with_first,
)
from helpers import LAYOUTS, as_tuple, close, derivatives
from numpy.testing import assert_array_equal


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(STRIDED)
def test_outputs_are_written(case, dtype):
    arrays = case.arrays(dtype)
    loss = case.loss()
    expected, *expected_hessian = derivatives(loss, *arrays)
    out, hessian = sentinels(case, arrays, dtype), sentinels(case, arrays, dtype)
    assert loss.gradient(*arrays, gradient_out=out) is out
    for a, b in zip(as_tuple(out), as_tuple(expected), strict=True):
        assert_array_equal(a, b)
    out = sentinels(case, arrays, dtype)
    assert loss.value_and_gradient(*arrays, gradient_out=out)[1] is out
    for a, b in zip(as_tuple(out), as_tuple(expected), strict=True):
        assert_array_equal(a, b)
    out = sentinels(case, arrays, dtype)
    got = derivatives(loss, *arrays, gradient_out=out, hessian_out=hessian)
    assert [id(a) for a in got[0]] == [id(a) for a in as_tuple(out)]
    for own, other in zip(got[1:], expected_hessian, strict=True):
        assert [id(a) for a in own] == [id(a) for a in as_tuple(hessian)]
        for a, b in zip(own, other, strict=True):
            assert_array_equal(a, b)
    out = sentinels(case, arrays, dtype)
    got = case.function(*arrays, return_gradient=True, gradient_out=out, **case.params)
    assert got[1] is out
    for a, b in zip(as_tuple(out), as_tuple(expected), strict=True):
        assert_array_equal(a, b)


@over_layouts(["sliced", "negative", "fortran", "swapped axes", "unaligned"])
def test_outputs_of_any_layout(case, layout):
    arrays = case.arrays()
    loss = case.loss()
    outs = [LAYOUTS[layout](np.asarray(a)) for a in as_tuple(sentinels(case, arrays))]
    hessians = [LAYOUTS[layout](np.asarray(a)) for a in as_tuple(sentinels(case, arrays))]
    out, hessian = (tuple(x) if len(x) > 1 else x[0] for x in (outs, hessians))
    derivatives(loss, *arrays, gradient_out=out, hessian_out=hessian)
    for own, expected, terms_of in zip(
        (outs, hessians),
        derivatives(loss, *arrays),
        (case.terms, case.hessian_terms),
        strict=False,
    ):
        for k, a, b in zip(case.differentiable, own, expected, strict=True):
            if case.is_summed(k):
                # Another order of its sums.
                close(a, b, 1e-14, terms_of(arrays, b, k))
            else:
                assert_array_equal(a, b)
    if layout == "sliced":
        # Nothing is written between the elements.
        for a in outs:
            assert (np.asarray(a.base) == 7).sum() == a.base.size - a.size


def wrong_outputs(case, arrays):
    """Unusable outputs for the first gradient, with what the message says."""
    k = case.differentiable[0]
    shape = np.shape(arrays[k])
    frozen = np.zeros(shape)
    frozen.flags.writeable = False
    yield np.zeros((*shape, 1)), ValueError, "shape"
    yield np.zeros((*shape[:-1], shape[-1] + 1)), ValueError, "shape"
    yield np.zeros(shape, np.float16), ValueError, "dtype"
    yield np.zeros(shape, np.int64), ValueError, "dtype"
    yield np.zeros(shape, np.dtype("f8").newbyteorder()), ValueError, "dtype"
    yield frozen, ValueError, "read-only"
    yield np.broadcast_to(0.0, shape), ValueError, "gradient_out"
    yield np.lib.stride_tricks.as_strided(np.zeros(1), shape, (0,) * len(shape)), ValueError, "own"
    yield arrays[k], ValueError, "share memory"
    yield np.zeros(shape).tolist(), TypeError, "numpy array"
    yield "out", TypeError, "numpy array"
    yield 0.0, TypeError, "numpy array"
    yield (np.zeros(shape),) * (len(case.differentiable) + 1), ValueError, "gradient_out must be"


@over(FAMILY_CASES)
def test_wrong_outputs_are_refused(case):
    arrays = case.arrays()
    kept = [np.copy(a) for a in arrays]
    for out, error, words in wrong_outputs(case, arrays):
        given = out if isinstance(out, tuple) else with_first(case, arrays, out)
        with pytest.raises(error, match=words):
            case.loss().gradient(*arrays, gradient_out=given)
        if case.loss().tags.hessian == "none":
            continue
        with pytest.raises(error, match=words.replace("gradient_out", "hessian_out")):
            case.loss().gradient_and_hessian(*arrays, hessian_out=given)
    for a, b in zip(arrays, kept, strict=True):
        assert_array_equal(a, b)


@over(FAMILY_CASES)
def test_outputs_may_not_overlap(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    k = case.differentiable[0]
    shape = arrays[k].shape
    loss = case.loss()
    out = np.zeros(shape)
    for other in (out, out[::-1]) if loss.tags.hessian != "none" else ():
        with pytest.raises(ValueError, match=r"hessian_out.*gradient_out"):
            loss.gradient_and_hessian(
                *arrays,
                gradient_out=with_first(case, arrays, out),
                hessian_out=with_first(case, arrays, other),
            )
    if len(case.differentiable) > 1:
        second = arrays[case.differentiable[1]]
        for flat in (out.reshape(-1), out.reshape(-1)[::-1]):
            part = flat[: second.size].reshape(second.shape)
            twice = (out, part, *with_first(case, arrays, out)[2:])
            with pytest.raises(ValueError, match=r"gradient_out must not share.*gradient_out"):
                loss.gradient(*arrays, gradient_out=twice)
    memory = np.zeros(2 * out.size)
    memory[: out.size] = arrays[k].ravel()
    shifted = [*arrays[:k], memory[: out.size].reshape(shape), *arrays[k + 1 :]]
    given = with_first(case, arrays, memory[1 : out.size + 1].reshape(shape))
    with pytest.raises(ValueError, match=f"share memory with {case.names[k]}"):
        loss.gradient(*shifted, gradient_out=given)
    # Beside it, in one allocation, is fine.
    given = with_first(case, arrays, memory[out.size :].reshape(shape))
    loss.gradient(*shifted, gradient_out=given)
    expected = as_tuple(loss.gradient(*arrays))[0]
    assert_array_equal(memory[out.size :].reshape(shape), expected)
    weight = out.reshape(-1)[: case.n_weights(arrays)]
    weight[...] = 1
    given = with_first(case, arrays, out)
    if not case.cls.weighted:
        return
    with pytest.raises(ValueError, match="share memory with sample_weight"):
        loss.gradient(*arrays, sample_weight=weight, gradient_out=given)


@every_family
def test_outputs_overlapping_themselves_are_refused(name):
    case = typical(name)
    arrays = case.arrays()
    shape = np.shape(arrays[case.differentiable[0]])
    strides = (8,) * len(shape) if len(shape) > 1 else (4,)
    out = np.lib.stride_tricks.as_strided(np.zeros(100), shape, strides)
    with pytest.raises(ValueError, match="memory of its own"):
        case.loss().gradient(*arrays, gradient_out=with_first(case, arrays, out))


def bad_calls(case):
    """Calls that fail, late as well as early: (arrays, keywords)."""
    arrays = [np.asarray(a) for a in case.arrays()]
    n = arrays[0].shape[0]
    for k, _ in enumerate(arrays):
        broken = [a.copy() for a in arrays]
        broken[k] = broken[k].astype(float)
        broken[k].reshape(-1)[-1] = np.nan
        yield broken, {}
    for name, value in case.data.bad:
        k = case.names.index(name)
        broken = [a.copy() for a in arrays]
        broken[k] = replaced(broken[k], -1, value)
        yield broken, {}
    yield arrays, {"sample_weight": np.array([1.0] * (n - 1) + [-1.0])}
    yield arrays, {"sample_weight": np.array([1.0] * (n - 1) + [np.nan])}
    yield arrays, {"sample_weight": np.ones(n + 1)}
    yield arrays, {"avg_factor": 0}
    yield arrays, {"reduction": "avg"}
    yield arrays, {"n_threads": 0}


@over(MIDDLE)
def test_outputs_stay_untouched_on_failure(case):
    loss = case.loss()
    for arrays, keywords in bad_calls(case):
        out, hessian = sentinels(case, arrays), sentinels(case, arrays)
        with pytest.raises((ValueError, TypeError)):
            loss.gradient(*arrays, gradient_out=out, **keywords)
        with pytest.raises((ValueError, TypeError)):
            derivatives(loss, *arrays, gradient_out=out, hessian_out=hessian, **keywords)
        with pytest.raises((ValueError, TypeError)):
            case.function(
                *arrays, return_gradient=True, gradient_out=out, **case.params, **keywords
            )
        for a in (*as_tuple(out), *as_tuple(hessian)):
            assert (a == -77).all()


@every_family
def test_gradient_out_needs_return_gradient(name):
    case = typical(name)
    arrays = case.arrays()
    with pytest.raises(ValueError, match="return_gradient"):
        case.function(*arrays, gradient_out=sentinels(case, arrays))


@pytest.mark.parametrize("name", ["mse_loss", "cross_entropy", "triplet_margin_loss"])
def test_large_outputs_stay_untouched_on_failure(name):
    """One loss of each driver; what is wrong is the last element, of all blocks' the last."""
    case = typical(name)
    n = 3_000_000 // np.prod(case.shape[1:], dtype=int)
    arrays = case.by_sample(case.arrays(np.float32), lambda a: np.resize(a, (n, *np.shape(a)[1:])))
    arrays[-1].reshape(-1)[-1] = np.nan
    out = tuple(np.full(arrays[k].shape, -77, np.float32) for k in case.differentiable)
    with pytest.raises(ValueError, match="contains NaN"):
        case.loss().gradient(*arrays, gradient_out=out, n_threads=2)
    for a in out:
        assert (a == -77).all()
