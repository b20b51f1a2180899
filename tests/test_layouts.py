"""Arrays of any layout in memory, for all losses."""

import numpy as np
from cases import (
    MIDDLE,
    STRIDED,
    broadcast_weight,
    finest_terms,
    like_gradient,
    over,
    over_layouts,
    sum_terms,
    weights_of,
)
from helpers import LAYOUTS, as_tuple, close, derivatives, sliced
from numpy.testing import assert_allclose, assert_array_equal


@over_layouts(["sliced", *(layout for layout in LAYOUTS if layout != "sliced")])
def test_layouts(case, layout):
    """Any layout has the derivatives of a contiguous one to the last bits."""
    check_layout(case, layout, np.float64)


@over_layouts(
    ["sliced", "fortran", "unaligned"],
    [c for c in STRIDED if c.shape in {(960, 3), (700, 10), (2, 260, 200)}],
)
def test_layouts_in_single_precision(case, layout):
    check_layout(case, layout, np.float32)


def check_layout(case, layout, dtype):
    arrays = [np.asarray(a) for a in case.arrays(dtype)]
    given = [LAYOUTS[layout](a) for a in arrays]
    kept = [a.copy() for a in given]
    for a, b in zip(given, arrays, strict=True):
        assert_array_equal(a, b)
    loss = case.loss()
    # Values themselves are compared with the reference in test_losses.py.
    unreduced = case.loss(reduction="none")(*arrays) if case.finest == "none" else None
    shape = (case.unreduced(arrays) if unreduced is None else unreduced).shape
    weight = weights_of(case, "elements", shape)
    # Rows of classes are summed along lanes or in order, up to 64 terms at a time.
    eps = 64 * np.finfo(dtype).eps
    given_weight = None if weight is None else LAYOUTS[layout](weight)
    value = loss(*given, sample_weight=given_weight, reduction="sum")
    # Another order of summation, in float64.
    terms = sum_terms(case, arrays, weight, shape, unreduced)
    close(value, loss(*arrays, sample_weight=weight, reduction="sum"), eps, terms)
    keywords = {"sample_weight": weight, "reduction": case.finest}
    got = derivatives(loss, *given, **keywords)
    expected = derivatives(loss, *arrays, **keywords)
    for a, b in zip(got, expected, strict=True):
        terms_of = case.terms if a is got[0] else case.hessian_terms
        for k, x, y in zip(case.differentiable, a, b, strict=True):
            if case.row.coupled:
                # The rows are read into one form: not a bit differs.
                assert_array_equal(x, y)
                continue
            terms = terms_of(arrays, y, k)
            if case.is_summed(k):
                terms = terms * weight.max()
            else:
                factor = like_gradient(case, weight, shape, y)
                terms = terms * np.where(factor, np.maximum(factor, 1), 0)
            close(x, y, eps, terms)
    if case.finest == "none":
        none = loss(*given, **keywords)
        terms = broadcast_weight(weight, shape) * case.value_terms(arrays, unreduced)
        close(none, loss(*arrays, **keywords), eps, terms)
    for a, b in zip(given, kept, strict=True):
        assert_array_equal(a, b)


@over([c for c in STRIDED if c.shape != (2, 4100, 3)])
def test_one_strided_array_beside_contiguous_ones(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    loss = case.loss(reduction=case.finest)
    expected_value, expected = loss.value_and_gradient(*arrays)
    terms = finest_terms(case, arrays, expected_value if case.finest == "none" else None)
    for mixed, array in enumerate(arrays):
        given = list(arrays)
        given[mixed] = sliced(np.array(array, order="F"))
        value, gradient = loss.value_and_gradient(*given)
        close(np.asarray(value), expected_value, 4e-15, terms)
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            close(a, b, 4e-15, case.terms(arrays, b, k))


@over(MIDDLE)
def test_broadcast_arrays(case):
    """Strides of 0: every row the same."""
    shown = case.by_sample(case.arrays(), lambda a: np.broadcast_to(a[:1], a.shape))
    assert all(0 in a.strides for k, a in enumerate(shown) if k not in case.shared)
    copies = [a.copy() for a in shown]
    loss = case.loss()
    half = np.broadcast_to(np.float64(0.5), case.n_weights(shown))
    for weight in (None, half) if case.cls.weighted else (None,):
        value, gradient = loss.value_and_gradient(*shown, sample_weight=weight)
        expected_value, expected = loss.value_and_gradient(*copies, sample_weight=weight)
        assert_allclose(value, expected_value, rtol=1e-15)
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            close(a, b, 1e-14, case.terms(copies, b, k))
            assert 0 not in a.strides
