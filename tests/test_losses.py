"""Every loss of the registry, against its reference in ``references``.

A new loss is tested here by its reference: the tests go through `REFERENCES`, and the first one
sees to it that no registered loss is without one. The bounds, once for all:

- float64: a loss is a product of a few factors, each within 2 ULP. What is larger is the
  error of an exponential's argument: exp(-gamma softplus(z)) has a relative error of half an
  ULP of an argument of up to 745, the largest whose exponential is not 0, that is 8e-14.
  Hence `RTOL`, relative to the sum of the absolute terms.
- float32: 2e-5 relative to the same, as the contract has it.
"""

import importlib
import math
from dataclasses import replace

import numpy as np
import pytest
from cases import (
    STRIDED,
    broadcast_weight,
    cases,
    denominator,
    divisors,
    like_gradient,
    middle,
    over,
    separate,
    sum_terms,
    weighted,
    weights_of,
)
from differences import DIFFERENCES, check_against_differences
from helpers import RTOL, as_tuple, close, derivatives, widen
from numpy.testing import assert_array_equal
from references import REFERENCES, WIDE, fold
from references.adversarial import OF_SEVERAL_MEANS

from sklosses import get_loss, get_loss_names
from sklosses._domains import REAL
from sklosses._families.pointwise import PointwiseLoss


def losses_of_modules():
    """Names of the losses that have a reference, by the module that they are defined in."""
    found = {}
    for name in REFERENCES:
        module = type(get_loss(name)).__module__.rpartition(".")[2]
        found.setdefault(module, set()).add(name)
    return found


@pytest.mark.parametrize("name", get_loss_names())
def test_every_registered_loss_has_a_reference(name):
    assert name in {*REFERENCES, *OF_SEVERAL_MEANS}


def test_every_reference_is_of_a_registered_loss():
    assert set(REFERENCES) <= set(get_loss_names())


@pytest.mark.parametrize("module", sorted(losses_of_modules()))
def test_references_are_in_the_module_named_like_that_of_their_losses(module):
    references = importlib.import_module(f"references.{module}").REFERENCES
    assert {row.function_name for row in references} == losses_of_modules()[module]


def at_kinks():
    """Cases of elementwise losses whose data have kinks, and the number of an array."""
    return [
        pytest.param(case, k, id=f"{case}-{case.names[k]}")
        for case in cases(names=get_loss_names())
        if issubclass(case.cls, PointwiseLoss) and "hard" in case.kind and case.shape == (5, 3)
        for k in case.differentiable
        # Elsewhere the scale is 0 at the edges of the domain.
        if case.inputs[k].domain is REAL
    ]


@pytest.mark.parametrize(("case", "k"), at_kinks())
def test_gradient_at_kinks_is_between_the_one_sided_derivatives(case, k):
    """Where the scale of a reference is 0, there are no differences of both sides."""
    found = 0
    for shape in ((480,), (7, 5, 961)):
        case = replace(case, shape=shape)
        arrays = case.arrays()
        at = (case.scales(arrays, k) == 0) & (np.abs(arrays[k]) < 100)
        found += at.sum()
        value = case.unreduced(arrays)
        sides = []
        for step in (-1e-7, 1e-7):
            moved = [array.copy() for array in arrays]
            moved[k] = moved[k] + np.where(at, step, 0)
            change = np.asarray(moved[k], WIDE) - arrays[k]
            sides.append((case.unreduced(moved) - value)[at] / change[at])
        loss = case.loss(reduction="none")
        gradient = as_tuple(loss.gradient(*arrays))[case.differentiable.index(k)][at]
        slack = 1e-5 * (1 + np.abs(sides[0]) + np.abs(sides[1]))
        assert (gradient >= np.minimum(*sides) - slack).all()
        assert (gradient <= np.maximum(*sides) + slack).all()
    if not found:
        pytest.skip("these data have no kinks")


@over(cases())
def test_value(case):
    arrays = case.arrays()
    expected = case.unreduced(arrays)
    terms = case.value_terms(arrays, expected)
    # Weights of samples are in balanced weights of classes as well: see test_class_weight.py.
    balanced = isinstance(case.params.get("class_weight"), str)
    for kind in (None, "samples", "elements")[: 1 if balanced else 3]:
        check_value(case, kind, arrays, expected, terms)


def check_value(case, kind, arrays, expected, terms):
    if kind == "samples" and expected.ndim == 0:
        return  # it has no samples
    weight = weights_of(case, kind, expected.shape)
    loss = case.loss()
    shape = expected.shape
    terms = broadcast_weight(weight, shape) * terms
    expected = broadcast_weight(weight, shape) * expected
    total, total_weight = expected.sum(), denominator(case, arrays, weight, shape)
    shared = (case.share(arrays, shape) * expected).sum()

    if case.finest == "none":
        none = loss(*arrays, sample_weight=weight, reduction="none")
        assert isinstance(none, np.ndarray)
        close(none, expected, RTOL, terms)
    assert total_weight > 0
    for reduction, divisor in divisors(case, total_weight, shape).items():
        if reduction != "none":
            value = loss(*arrays, sample_weight=weight, reduction=reduction)
            assert type(value) is float
            added = shared if reduction == "mean" else total
            close(value, added / divisor, RTOL, terms.sum() / divisor)
            assert case.loss(reduction=reduction)(*arrays, sample_weight=weight) == value
    assert loss(*arrays, sample_weight=weight) == loss(
        *arrays, sample_weight=weight, reduction=loss.reduction
    )
    value = loss(*arrays, sample_weight=weight, reduction="mean", avg_factor=0.7)
    close(value, shared / WIDE(0.7), RTOL, terms.sum() / WIDE(0.7))


@over(cases("large", numbers=[0, 1, 3]))
def test_value_where_layouts_change(case):
    arrays = case.arrays()
    expected = case.unreduced(arrays)
    terms = case.value_terms(arrays, expected)
    if case.finest == "none":
        close(case.loss(reduction="none")(*arrays), expected, RTOL, terms)
    total_weight = denominator(case, arrays, None, expected.shape)
    shared = (case.share(arrays, expected.shape) * expected).sum()
    close(
        case.loss(reduction="mean")(*arrays),
        shared / total_weight,
        RTOL,
        terms.sum() / total_weight,
    )


@over(weighted(cases("large", numbers=[0, 1])))
def test_none_sums_to_sum(case):
    arrays = case.arrays()
    loss = case.loss()
    unweighted = loss(*arrays, reduction="none")
    weight = weights_of(case, "samples", unweighted.shape)
    none = loss(*arrays, sample_weight=weight, reduction="none")
    total = loss(*arrays, sample_weight=weight, reduction="sum")
    # One rounding for the weight of each element, and one for the sum.
    terms = sum_terms(case, arrays, weight, none.shape, unweighted)
    close(total, math.fsum(none.ravel()), 8 * np.finfo(float).eps, terms)


@over(DIFFERENCES)
def test_gradient_against_differences(case):
    arrays = case.arrays()
    gradients = as_tuple(case.loss(reduction=case.finest).gradient(*arrays))
    assert len(gradients) == len(case.differentiable)
    if case.loss().tags.gradient == "partial":
        expected = as_tuple(case.row.gradient(*map(widen, arrays), **case.params))
        for k, a, b in zip(case.differentiable, gradients, expected, strict=True):
            close(a, b, RTOL, case.terms(arrays, b, k))
        return
    assert case.loss().tags.gradient == "exact"
    checked = 0
    for k, gradient in zip(case.differentiable, gradients, strict=True):
        assert gradient.shape == np.shape(arrays[k])
        checked += check_against_differences(case, arrays, k, gradient, 1)
    if "hard" not in case.kind:
        assert checked > 0


@over(DIFFERENCES)
def test_hessian_against_differences(case):
    loss = case.loss(reduction=case.finest)
    arrays = case.arrays()
    if loss.tags.hessian == "none":
        with pytest.raises(ValueError, match="Hessian"):
            loss.gradient_and_hessian(*arrays)
        return
    _, hessians = loss.gradient_and_hessian(*arrays)
    for k, hessian in zip(case.differentiable, as_tuple(hessians), strict=True):
        assert hessian.shape == np.shape(arrays[k])
        if loss.tags.hessian == "ones":
            # Times what the element counts in the mean.
            shape = loss(*arrays).shape
            counts = like_gradient(case, case.counts(arrays, shape), shape, hessian)
            assert_array_equal(hessian, np.broadcast_to(counts, hessian.shape))
        else:
            # A kink has no second derivative; elsewhere that of the reference.
            check_against_differences(case, arrays, k, hessian, 2)


@over(separate(cases(numbers=[0, 1])))
def test_derivatives_are_those_of_what_is_returned(case):
    """That of the mean is that of "none", weighted and divided: exact up to three roundings."""
    arrays = case.arrays()
    for kind in (None, "samples", "elements"):
        check_derivatives(case, kind, arrays)


def check_derivatives(case, kind, arrays):
    loss = case.loss()
    shape = loss(*arrays, reduction="none").shape
    if kind == "samples" and not shape:
        return  # it has no samples
    weight = weights_of(case, kind, shape)
    total_weight = denominator(case, arrays, weight, shape)
    # The elements of a broadcast input have the sums of the derivatives of its copies.
    whole = case.whole(arrays)
    bare = derivatives(loss, *whole, reduction="none")
    share = case.share(arrays, shape)
    plans = [(name, None, divisor) for name, divisor in divisors(case, total_weight, shape).items()]
    for reduction, avg_factor, divisor in (*plans, ("mean", 3.7, 3.7)):
        got = derivatives(
            loss, *arrays, sample_weight=weight, reduction=reduction, avg_factor=avg_factor
        )
        full = broadcast_weight(weight, shape) * (share if reduction == "mean" else 1)
        for own, plain in zip(got, bare, strict=True):
            terms_of = case.terms if own is got[0] else case.hessian_terms
            for k, a, b in zip(case.differentiable, own, plain, strict=True):
                if k in case.shared and not case.inputs[k].broadcasts:
                    continue  # there are no copies of it, one for each sample
                factor = like_gradient(case, full, shape, b) / divisor
                # What weighs nothing has no slope, also where it would be infinite.
                expected = np.where(factor, b, 0) * factor
                terms = np.where(factor, terms_of(whole, b, k), 0) * factor
                # The row's scale may be applied to each of two terms before they are added.
                expected, terms = (fold(x, a.shape) for x in (expected, terms))
                close(a, expected, 8 * np.finfo(float).eps, terms)


@over(middle(cases(numbers=[0, 1])) + STRIDED)
def test_value_alone_and_beside_a_gradient(case):
    arrays = case.arrays()
    expected = case.unreduced(arrays)
    shape, size = expected.shape, case.value_terms(arrays, expected)
    total_weight = denominator(case, arrays, None, shape)
    for reduction, divisor in divisors(case, total_weight, shape).items():
        loss = case.loss(reduction=reduction)
        alone = loss(*arrays)
        beside, gradient = loss.value_and_gradient(*arrays)
        terms = size
        if reduction != "none":
            terms = terms.sum() / divisor
        close(beside, alone, 16 * np.finfo(float).eps, terms)
        for a, b in zip(as_tuple(gradient), as_tuple(loss.gradient(*arrays)), strict=True):
            assert_array_equal(a, b)
        for a, b in zip(as_tuple(gradient), derivatives(loss, *arrays)[0], strict=True):
            assert_array_equal(a, b)


@over(middle(cases(numbers=[0, 1, 2])))
def test_both_faces_give_the_same_bits(case):
    arrays = case.arrays()
    weight = weights_of(case, "elements", case.unreduced(arrays).shape)
    for reduction in case.cls.reductions:
        loss = case.loss(reduction=reduction)
        kwargs = {"sample_weight": weight, "reduction": reduction}
        if reduction == "mean":
            kwargs["avg_factor"] = 2.5
        value = case.function(*arrays, **case.params, **kwargs)
        assert_array_equal(value, loss(*arrays, **kwargs))
        pair = case.function(*arrays, return_gradient=True, **case.params, **kwargs)
        assert isinstance(pair, tuple)
        assert len(pair) == 2
        expected = loss.value_and_gradient(*arrays, **kwargs)
        assert_array_equal(pair[0], expected[0])
        for a, b in zip(as_tuple(pair[1]), as_tuple(expected[1]), strict=True):
            assert_array_equal(a, b)
