"""Derivatives by finite differences of the references."""

import numpy as np
from cases import cases
from helpers import RTOL
from references import WIDE

# Coefficients of f(x - 2h), f(x - h), f(x), f(x + h), f(x + 2h): errors of h^4 f'''''/30 and
# h^4 f''''''/90.
FIRST = np.array([1, -8, 0, 8, -1], WIDE) / 12


SECOND = np.array([-1, 16, -30, 16, -1], WIDE) / 12


def moved_elements(size):
    """Numbers of the elements that are moved: all of a few, both ends and some between of many."""
    if size <= 128:
        return range(size)
    return sorted(
        {*range(32), *np.linspace(32, size - 33, 32).astype(int), *range(size - 32, size)}
    )


def differences(case, arrays, k, order):
    """Derivative of the reference's sum by each element of array `k`, with its error bound.

    nan where the loss is not smooth, and for elements of long rows that are not looked at. The
    step h balances the truncation, (h / scale)^4, with
    the rounding, eps / h^order; powers of two make x + h exact.
    """
    eps = np.finfo(WIDE).eps
    relative = eps ** (1 / WIDE(4 + order))
    x = np.asarray(arrays[k]).astype(WIDE)
    scale = np.broadcast_to(case.scales(arrays, k), x.shape)
    terms = case.value_terms(arrays)
    derivative = np.full(x.shape, np.nan, WIDE)
    bound = np.full(x.shape, np.nan, WIDE)
    coefficients = FIRST if order == 1 else SECOND
    for number in moved_elements(x.size):
        index = np.unravel_index(number, x.shape)
        if not (scale[index] > 0 and np.isfinite(x[index])):
            continue
        step = np.ldexp(WIDE(1), int(np.floor(np.log2(relative * min(scale[index], 1e6)))))
        nodes = x[index] + step * np.arange(-2, 3)
        if any(nodes[i + 1] - nodes[i] != step for i in range(4)):
            continue
        values = []
        for node in nodes:
            moved = x.copy()
            moved[index] = node
            values.append(case.unreduced([*arrays[:k], moved, *arrays[k + 1 :]]))
        values = np.stack(values)
        size = terms
        if values.shape[1:] == x.shape:
            values, size = values[(slice(None), *index)], size[index]
        elif not case.inputs[k].broadcasts:
            reduced = case.row.reduced(x.ndim)
            kept = tuple(i for axis, i in enumerate(index) if axis not in reduced)
            values, size = values[(slice(None), *kept)], size[kept]
        values = values.reshape(5, -1)
        derivative[index] = (coefficients @ values).sum() / step**order
        size = np.maximum(np.abs(values).sum(), 5 * np.sum(size))
        # Rounding of the values, at most a few eps, times the sum of the coefficients; the
        # truncation, in units of the values' size, is (step / scale)^(4 + order) / step^order.
        bound[index] = (
            (16 * eps + 16 * WIDE(step / min(scale[index], 1e6)) ** (4 + order))
            * size
            / step**order
        )
    return derivative, bound


def check_against_differences(case, arrays, k, actual, order):
    expected, bound = differences(case, arrays, k, order)
    smooth = ~np.isnan(expected)
    terms = (case.terms if order == 1 else case.hessian_terms)(arrays, actual, k)
    error = np.abs(actual.astype(WIDE) - expected)[smooth]
    allowed = (bound + RTOL * terms + np.finfo(float).tiny)[smooth]
    assert np.all(error <= allowed), (
        f"worst ratio {np.max(error / allowed)} of {error[np.argmax(error / allowed)]}"
    )
    return smooth.sum()


# Long rows of classes take long; two sets of parameters go through them.
DIFFERENCES = [c for c in cases() if np.prod(c.shape) < 60 or c.number in (0, 4)]
