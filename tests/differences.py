"""Finite differences of the references, in long double."""

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


def moves_several(case, x, k, shape):
    """Whether an element of array `k` is in the losses of several samples."""
    return case.row.coupled or (case.is_summed(k) and x.shape != shape)


def moved_together(case, x, k, shape):
    """Masks of elements of array `k` that are moved together: no two are of the same sample.

    `shape` is that of the unreduced loss. All the elements of an elementwise loss are moved at
    once, and one class, or one component, of all the rows; where rows are coupled, one element.
    """
    alone = moves_several(case, x, k, shape)
    reduced = () if shape == x.shape else case.row.reduced(x.ndim)
    inner = x.shape if alone else tuple(x.shape[axis] for axis in reduced)
    for number in moved_elements(int(np.prod(inner))):
        position = np.unravel_index(number, inner) if inner else ()
        mask = np.zeros(x.shape, bool)
        if alone:
            mask[position] = True
        else:
            index = [slice(None)] * x.ndim
            for axis, i in zip(reduced, position, strict=True):
                index[axis] = i
            mask[tuple(index)] = True
        yield mask


def differences(case, arrays, k, order):
    """Derivatives of the reference's sum with respect to array `k`, with their error bounds.

    They are nan where the loss is not smooth, and for some elements of long rows. The step h
    balances the truncation, (h / scale)^4, with the rounding, eps / h^order; steps are powers of
    two, so that x + h is exact.
    """
    eps = np.finfo(WIDE).eps
    relative = eps ** (1 / WIDE(4 + order))
    x = np.asarray(arrays[k]).astype(WIDE)
    scale = np.minimum(np.broadcast_to(case.scales(arrays, k), x.shape), 1e6)
    unmoved = case.unreduced(arrays)
    terms = case.value_terms(arrays, unmoved)
    derivative = np.full(x.shape, np.nan, WIDE)
    bound = np.full(x.shape, np.nan, WIDE)
    coefficients = FIRST if order == 1 else SECOND
    smooth = (scale > 0) & np.isfinite(x)
    step = np.where(smooth, relative * scale, 1)
    step = np.ldexp(np.ones_like(x), np.floor(np.log2(step)).astype(int))
    nodes = [x + step * i for i in range(-2, 3)]
    with np.errstate(invalid="ignore"):
        for i in range(4):
            smooth &= nodes[i + 1] - nodes[i] == step
    for mask in moved_together(case, x, k, terms.shape):
        mask &= smooth
        if not mask.any():
            continue
        values = np.stack(
            [
                unmoved
                if node is nodes[2]
                else case.unreduced([*arrays[:k], np.where(mask, node, x), *arrays[k + 1 :]])
                for node in nodes
            ]
        )
        size = terms
        if moves_several(case, x, k, terms.shape):
            # All the terms that the one element moves.
            values, size = values.reshape(5, -1), np.ravel(size)
            size = np.maximum(np.abs(values).sum(), 5 * size.sum())
            values = values.sum(axis=1, keepdims=True)
        else:
            if terms.shape != x.shape:
                reduced = case.row.reduced(x.ndim)
                size = np.expand_dims(size, reduced)
                values = np.expand_dims(values, [axis + 1 for axis in reduced])
            values = np.broadcast_to(values, (5, *x.shape))[:, mask]
            size = np.maximum(np.abs(values).sum(axis=0), 5 * np.broadcast_to(size, x.shape)[mask])
        h = step[mask]
        derivative[mask] = (coefficients @ values) / h**order
        # Rounding of the values, at most a few eps, times the sum of the coefficients; the
        # truncation, in units of the values' size, is (step / scale)^(4 + order) / step^order.
        bound[mask] = (16 * eps + 16 * (h / scale[mask]) ** (4 + order)) * size / h**order
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
