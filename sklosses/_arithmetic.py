"""Sums and multiples of losses: the operators that every `Loss` has."""

import numbers


class Arithmetic:
    """Losses are added, subtracted, and multiplied or divided by numbers."""

    # NumPy's scalars and arrays leave `0.5 * loss` to the loss.
    __array_ufunc__ = None

    def _combine(self, *terms):
        # `combined` needs `Loss`, which is made of this class.
        from .combined import combine

        return combine(terms)

    def __mul__(self, factor):
        if not isinstance(factor, numbers.Real):
            return NotImplemented
        return self._combine((self, factor))

    __rmul__ = __mul__

    def __truediv__(self, divisor):
        if not isinstance(divisor, numbers.Real):
            return NotImplemented
        return self._combine((self, 1 / float(divisor)))

    def __neg__(self):
        return self._combine((self, -1.0))

    def __add__(self, other):
        if isinstance(other, numbers.Real) and other == 0:
            return self  # the start value of sum()
        if not isinstance(other, Arithmetic):
            return NotImplemented
        return self._combine((self, 1.0), (other, 1.0))

    __radd__ = __add__

    def __sub__(self, other):
        if not isinstance(other, Arithmetic):
            return NotImplemented
        return self._combine((self, 1.0), (other, -1.0))
