"""Losses as modules of PyTorch: values and gradients, and what autograd asks of them."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from cases import FAMILY_CASES, MIDDLE, NAMES, over, typical, weighted, weights_of
from helpers import as_tuple, close, run_python
from numpy.testing import assert_allclose, assert_array_equal

import sklosses
from sklosses import get_loss
from sklosses.torch import as_module

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional


def tensors_of(case, arrays, requires_grad=True):
    """The arrays as tensors in the same memory; those with a gradient require it."""
    tensors = [torch.from_numpy(np.array(a, order="C")) for a in arrays]
    if requires_grad:
        for k in case.differentiable:
            tensors[k].requires_grad_()
    return tensors


def module_of(case, **keywords):
    return as_module(case.loss(), **keywords)


def gradients_of(case, tensors):
    return [tensors[k].grad for k in case.differentiable]


def check_module(case, arrays, reduction="mean", sample_weight=None, **keywords):
    """Value and gradient are those of the loss."""
    tensors = tensors_of(case, arrays)
    passed = None if sample_weight is None else torch.tensor(sample_weight)
    value = module_of(case)(*tensors, reduction=reduction, sample_weight=passed, **keywords)
    keywords |= {"reduction": reduction, "sample_weight": sample_weight}
    loss = case.loss()
    expected, gradient = loss.value_and_gradient(*arrays, **keywords)
    if reduction == "none":
        expected = loss(*arrays, **keywords)
    assert_array_equal(value.detach().numpy(), np.asarray(expected, str(value.dtype)[6:]))
    assert value.shape == np.shape(expected)
    value.sum().backward()
    for tensor, other in zip(gradients_of(case, tensors), as_tuple(gradient), strict=True):
        if reduction == "none":
            # Its gradient is the weighted sum's, which may be added up in another order.
            tolerance = {"float32": 2e-5, "float64": 1e-12}[str(other.dtype)]
            largest = np.abs(other[np.isfinite(other)]).max()
            close(tensor.numpy(), other, tolerance, np.abs(other), tolerance * largest)
        else:
            assert_array_equal(tensor.numpy(), other, strict=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(MIDDLE)
def test_values_and_gradients(case, dtype):
    if "hard" in case.kind and dtype == np.float32:
        pytest.skip("numbers of all sizes")
    arrays = case.arrays(dtype)
    for reduction in case.cls.reductions:
        check_module(case, arrays, reduction=reduction)


@over(weighted(FAMILY_CASES))
def test_weights(case):
    arrays = case.arrays()
    shape = case.loss()(*arrays, reduction="none").shape
    for kind in ("samples", "elements"):
        weight = weights_of(case, kind, shape)
        for reduction in case.cls.reductions:
            check_module(case, arrays, reduction=reduction, sample_weight=weight)
    check_module(case, arrays, avg_factor=2.5, reduction="mean")


@over([case for case in MIDDLE if "none" in case.cls.reductions])
def test_factors_of_the_unreduced_loss(case):
    """Of any sign, as the weighted sum of the losses is a combination of two that have weights."""
    arrays = case.arrays()
    rng = np.random.default_rng(0)
    tensors = tensors_of(case, arrays)
    value = module_of(case)(*tensors, reduction="none")
    factors = rng.normal(size=value.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no loss is said to be negative
        (value * torch.tensor(factors)).sum().backward()
    if "balanced" in map(str, case.params.values()):
        return  # there, weights change those of the classes
    loss = case.loss(reduction="sum")
    positive = as_tuple(loss.gradient(*arrays, sample_weight=np.maximum(factors, 0)))
    negative = as_tuple(loss.gradient(*arrays, sample_weight=np.maximum(-factors, 0)))
    for a, b, tensor in zip(positive, negative, gradients_of(case, tensors), strict=True):
        close(tensor.numpy(), a - b, 1e-12, np.abs(a) + np.abs(b) + 1e-3 * np.abs(a - b).max())
