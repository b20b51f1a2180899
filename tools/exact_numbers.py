"""Numbers of mpmath that know their derivatives, in arrays that NumPy's functions take.

`truth` evaluates a formula of ``tests/references/`` with them, for ``tools/accuracy.py``.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from scipy import special

MP = mpmath.mp.clone()


@dataclass
class Part:
    """One array of a result: the value, or a derivative.

    Parameters
    ----------
    expected : ndarray of mpf
    terms : array-like or None
        Sums of the absolute values of the terms; None where these are those of `expected`.
    smooth : array-like of bool
        Where the result is defined.
    """

    expected: Any
    terms: Any = None
    smooth: Any = True


class Number:
    """A number of mpmath that remembers what it was computed from.

    Parameters
    ----------
    value : mpf
    sources : tuple of (Number, callable)
        What it depends on, and the derivative with respect to that. It is asked for only if it is
        needed: of an alternative that ``np.where`` drops it may not exist.
    """

    # NumPy's scalars leave the arithmetic to this class.
    __array_ufunc__ = None
    __slots__ = ("active", "made", "slope", "sources", "value")
    made_so_far = itertools.count()

    def __init__(self, value, *sources, active=False):
        self.value = value
        self.sources = [item for item in sources if item[0].active]
        self.active = active or bool(self.sources)
        self.made = next(self.made_so_far)
        self.slope = 0

    def __add__(self, other):
        other = number(other)
        return Number(self.value + other.value, (self, lambda: 1), (other, lambda: 1))

    def __sub__(self, other):
        other = number(other)
        return Number(self.value - other.value, (self, lambda: 1), (other, lambda: -1))

    def __mul__(self, other):
        other = number(other)
        x, y = self.value, other.value
        return Number(x * y, (self, lambda: y), (other, lambda: x))

    def __truediv__(self, other):
        other = number(other)
        x, y = self.value, other.value
        value = x / y if y else MP.nan
        return Number(value, (self, lambda: 1 / y), (other, lambda: -x / y**2))

    def __pow__(self, exponent):
        x, a = self.value, number(exponent).value

        def slope():
            if not x and 0 < a < 1:
                return MP.inf
            return a * x ** (a - 1) if a else 0

        return Number(x**a, (self, slope))

    def __radd__(self, other):
        return number(other) + self

    def __rsub__(self, other):
        return number(other) - self

    def __rmul__(self, other):
        return number(other) * self

    def __rtruediv__(self, other):
        return number(other) / self

    def __neg__(self):
        return Number(-self.value, (self, lambda: -1))

    def __abs__(self):
        sign = -1 if self.value < 0 else 1
        return Number(abs(self.value), (self, lambda: sign))

    def __bool__(self):
        return bool(self.value)

    def __eq__(self, other):
        # An `ignore_index` of None is compared with targets.
        return other is not None and self.value == number(other).value

    def __lt__(self, other):
        return self.value < number(other).value

    def __le__(self, other):
        return self.value <= number(other).value

    def __gt__(self, other):
        return self.value > number(other).value

    def __ge__(self, other):
        return self.value >= number(other).value

    __hash__ = None


def number(x):
    """`x` if it is a Number, else a constant."""
    return x if isinstance(x, Number) else Number(MP.convert(x))


def exp(x):
    """For the function of that name in NumPy or `scipy.special`, as are the next ones."""
    value = MP.exp(x.value)
    return Number(value, (x, lambda: value))


def expm1(x):
    """Exact near 0."""
    return Number(MP.expm1(x.value), (x, lambda: MP.exp(x.value)))


def log(x):
    """Also of 0, in an alternative that is dropped."""
    return Number(MP.log(x.value) if x else -MP.inf, (x, lambda: 1 / x.value))


def log1p(x):
    """Exact near 0."""
    value = MP.log1p(x.value) if x.value > -1 else -MP.inf
    return Number(value, (x, lambda: 1 / (1 + x.value)))


def sqrt(x):
    """Its derivative at 0 is infinite."""
    value = MP.sqrt(x.value)
    return Number(value, (x, lambda: 1 / (2 * value) if value else MP.inf))


def cosh(x):
    """Hyperbolic cosine."""
    return Number(MP.cosh(x.value), (x, lambda: MP.sinh(x.value)))


def sinh(x):
    """Hyperbolic sine."""
    return Number(MP.sinh(x.value), (x, lambda: MP.cosh(x.value)))


def tanh(x):
    """Hyperbolic tangent."""
    return Number(MP.tanh(x.value), (x, lambda: 1 / MP.cosh(x.value) ** 2))


def logaddexp(x, y):
    """Without a cancellation in its derivatives."""
    if -MP.inf in (x.value, y.value):
        return x if y.value == -MP.inf else y
    d = y.value - x.value
    value = max(x.value, y.value) + MP.log1p(MP.exp(-abs(d)))
    return Number(value, (x, lambda: 1 / (1 + MP.exp(d))), (y, lambda: 1 / (1 + MP.exp(-d))))


def erf(x):
    """Error function."""
    return Number(MP.erf(x.value), (x, lambda: 2 / MP.sqrt(MP.pi) * MP.exp(-(x.value**2))))


def arctan2(y, x):
    """The angle of a point, which is not the origin."""
    a, b = y.value, x.value
    square = a**2 + b**2
    value = MP.atan2(a, b) if square else MP.nan
    return Number(value, (y, lambda: b / square), (x, lambda: -a / square))


def sign(x):
    """-1, 0 or 1."""
    return Number(MP.sign(x.value))


_FUNCTIONS = exp, expm1, log, log1p, sqrt, cosh, sinh, tanh, logaddexp, erf, arctan2, sign
_QUESTIONS = {np.isnan: MP.isnan, np.isinf: MP.isinf, np.isfinite: MP.isfinite}


class Numbers(np.ndarray):
    """An array of such numbers, for the functions that NumPy has only for floats."""

    functions = {
        getattr(np if hasattr(np, f.__name__) else special, f.__name__): f for f in _FUNCTIONS
    }

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs, out = (
            tuple(x.view(np.ndarray) if isinstance(x, Numbers) else x for x in arrays)
            for arrays in (inputs, kwargs.pop("out", ()))
        )
        if out:
            kwargs["out"] = out
        function = self.functions.get(ufunc)
        if ufunc in _QUESTIONS:
            answers = each(lambda x: _QUESTIONS[ufunc](number(x).value), *inputs)
            return answers.astype(bool)
        if function is None:
            try:
                return numbers(getattr(ufunc, method)(*inputs, **kwargs))
            except TypeError:
                raise NotImplementedError(f"np.{ufunc.__name__} is not in _FUNCTIONS") from None
        of_numbers = np.frompyfunc(lambda *args: function(*map(number, args)), ufunc.nin, 1)
        return numbers(getattr(of_numbers, method)(*inputs, **kwargs))

    def __array_function__(self, function, types, args, kwargs):
        return numbers(super().__array_function__(function, types, args, kwargs))


def numbers(result):
    """Arrays of objects as `Numbers`; anything else as it is."""
    kept = not isinstance(result, np.ndarray) or result.dtype != object
    return result if kept else result.view(Numbers)


def each(function, array):
    """An array of the results of a function of each element, also of an array without axes."""
    elements = np.asarray(array).astype(object)
    return np.asarray(np.frompyfunc(function, 1, 1)(elements), object)


def truth(unreduced, arrays, differentiable, params, gradient=None):
    """Value of each element, and derivatives of their sum, as arrays of mpf.

    `gradient` is that of the sum as a function of the same arguments, where it is not the
    derivative of the value.
    """
    active = differentiable if gradient is None else ()
    exact = [
        numbers(each(lambda x, k=k: Number(MP.convert(x), active=k in active), array))
        if array.dtype.kind == "f"
        else array
        for k, array in enumerate(arrays)
    ]
    value = each(number, np.asarray(unreduced(*exact, **params)))
    if gradient is not None:
        result = gradient(*exact, **params)
        gradients = result if isinstance(result, tuple) else (result,)
        return values_of(value), [values_of(each(number, x)) for x in gradients]
    pending, found = [*value.flat], {}
    for node in value.flat:
        node.slope += 1
    while pending:
        node = pending.pop()
        if node.made not in found:
            found[node.made] = node
            pending += [source for source, _ in node.sources]
    # What depends on a number was made after it.
    for _, node in sorted(found.items(), reverse=True):
        if node.slope:
            for source, derivative in node.sources:
                source.slope += node.slope * derivative()
    return values_of(value), [each(lambda x: MP.convert(x.slope), exact[k]) for k in differentiable]


def values_of(array):
    """An array of mpf."""
    return each(lambda x: x.value, array)
