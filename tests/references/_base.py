"""What a reference is: the formula, the data and the bounds of one loss."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

#: The dtype in which the formulas are evaluated.
WIDE = np.longdouble


def any_zeros_and_ones(rng, shapes):
    return [rng.integers(0, 2, shape) for shape in shapes]


@dataclass(frozen=True)
class Data:
    """One way of calling a loss.

    Parameters
    ----------
    arrays : callable
        ``arrays(rng, shape, dtype, params)`` makes the arrays of a call, float64 or of `dtype`
        where they are real; `shape` is the shape of the first array with a gradient.
    params : tuple of dict
        Parameters to test. A value that is a function is called with `shape`.
    shapes : tuple of tuple
        Small ones, for finite differences.
    large : tuple of tuple
        Shapes at which the blocks, tiles and layouts of the kernels change.
    threaded : tuple
        A shape with more elements than 7 threads ask for.
    bad : tuple of (str, value)
        An input and a value that it must not have.
    zeros_and_ones : callable
        ``zeros_and_ones(rng, shapes)``, the arrays of a call that hold only the integers 0 and 1.
    huge : callable
        ``huge(rng)``, float64 arrays of a call with 40 MB; None where they follow from the
        arrays of a small call.
    shared : tuple of str
        Inputs whose elements all samples share: no part of them belongs to one sample.
    """

    arrays: Callable
    params: tuple = ({},)
    shapes: tuple = ((), (1,), (7,), (5, 3), (2, 3, 4))
    large: tuple = ((480,), (16385,), (960, 3), (1, 1000), (7, 5, 961))
    threaded: tuple = (40_000, 3)
    bad: tuple = ()
    zeros_and_ones: Callable = any_zeros_and_ones
    huge: Callable | None = None
    shared: tuple = ()


def one(arrays, shape, **params):
    """The weight of each element of the unreduced loss in the denominator of the mean: 1."""
    return np.ones(shape)


def unit_scale(*arrays, **params):
    return np.ones(arrays[min(1, len(arrays) - 1)].shape)


def class_axis(ndim):
    return min(ndim - 1, 1)


def class_axis_alone(ndim):
    return (class_axis(ndim),)


def all_used(arrays, k):
    return np.ones(np.shape(arrays[k]), bool)


def n_samples(arrays):
    return len(arrays[0])


def own_size(*arrays, **params):
    """The result is a single product: there is no sum whose terms could cancel."""
    return None


@dataclass(frozen=True)
class Reference:
    """The formula and the data of a loss.

    Parameters
    ----------
    function_name : str
    unreduced : callable
        ``unreduced(*arrays, **params)``, the loss before weights and reduction; it keeps the
        dtype of its floating arrays.
    data : dict of Data
        By a name.
    counts : callable
        ``counts(arrays, shape, **params)``: what an element of the unreduced loss counts in the
        denominator of the mean.
    share : callable
        ``share(arrays, shape, **params)``: the factor of an element of the unreduced loss in
        the mean, beside its weight.
    reduced : callable
        ``reduced(ndim)``: the axes of a prediction that the unreduced loss lacks, where it is
        not of the same shape.
    sample_axes : tuple of int
        The axis of the samples of each array; the first axis where this is empty.
    used : callable
        ``used(arrays, k)``: mask of the elements of array k that the loss reads.
    scale : callable
        ``scale(*arrays, **params)``, of the shape of the prediction: the length over which
        the loss is smooth, which is the unit of the steps of finite differences. 0 where the
        loss is not smooth. A tuple where it differs between the arrays with a gradient.
    value_terms : callable
        ``value_terms(*arrays, **params)``: sums of the absolute terms that make up each
        element of the unreduced loss; None where that is one product, or a sum of terms of
        one sign.
    terms : callable
        The same of the gradient, or a tuple with one for each gradient; the sum over the
        elements that share it where an input is broadcast.
    hessian_terms : callable
        The same of the Hessian.
    invalid : tuple of (str, value)
        A parameter and a value out of its range.
    others : dict
        For each parameter a value that changes the result when the others have their defaults.
    gradient : callable or None
        ``gradient(*arrays, **params)``, the gradient of the sum of the unreduced loss, where it
        is not its derivative.
    coupled : bool
        Whether each loss depends on all the rows. Where the loss has no reduction "none", the
        unreduced loss consists of the terms that it adds up.
    n_weights : callable
        ``n_weights(arrays)``: how many sample weights a call takes.
    copies : int
        How many float64 copies of the arrays the loss may make.
    """

    function_name: str
    unreduced: Callable
    data: dict
    counts: Callable = one
    share: Callable = one
    reduced: Callable = class_axis_alone
    sample_axes: tuple = ()
    used: Callable = all_used
    scale: Callable = unit_scale
    value_terms: Callable = own_size
    terms: Callable = own_size
    hessian_terms: Callable = own_size
    invalid: tuple = ()
    others: dict = field(default_factory=dict)
    gradient: Callable | None = None
    coupled: bool = False
    n_weights: Callable = n_samples
    copies: int = 0


def last_axis(n_axes):
    return (n_axes - 1,)


def all_axes(ndim):
    return tuple(range(ndim))
