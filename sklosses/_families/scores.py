"""Sums of elementwise losses of one or two arrays of scores."""

import numpy as np

from .._families.plan import Plan, check_elements
from .._kernels import pointwise
from .._validation import is_single, output_dtype, raise_outside


class ScoresPlan(Plan):
    """A sum of elementwise losses of one or two arrays of scores, of which each has its own mean.

    A relative score is less the mean of the other array. This takes a pass for the means, one for
    the sums of the slopes, which are the gradient by the means, and the last for the rest.
    """

    __slots__ = ("double", "inputs", "offsets", "relative", "shifts", "terms")

    def __init__(self, arrays, inputs, terms, relative):
        self.arrays = arrays
        self.inputs = inputs[: len(arrays)]
        self.terms = terms
        self.relative = relative
        self.shape = arrays[0].shape
        self.size = sum(array.size for array in arrays)
        self.double = not all(map(is_single, arrays))
        self.shifts = self.offsets = (0.0,) * len(arrays)
        self.checked = False

    @property
    def apart(self):
        """Whether there are two arrays."""
        return len(self.arrays) > 1

    def check(self):
        """Check all the inputs, before anything is written."""
        for array, item in zip(self.arrays, self.inputs, strict=True):
            check_elements(self, array, item)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        if self.apart:
            return 1.0
        return float(self.size) if weight is None else weight_sum

    def new_values(self):
        array = self.arrays[0]
        return np.empty_like(array, dtype=output_dtype(array), subok=False)

    def _share(self, k):
        """What an element of an array counts in the mean, before the denominator."""
        own_mean = self.apart and self.reduction == "mean" and self.avg_factor is None
        return 1 / self.arrays[k].size if own_mean else 1.0

    def _run(self, k, kernel, params, **keywords):
        array, item = self.arrays[k], self.inputs[k]
        total, bad = pointwise.run(
            pointwise.KERNELS[kernel],
            array.shape,
            params,
            (array,),
            () if self.checked else (item.domain.key,),
            not is_single(array),
            assume_finite=self.assume_finite,
            n_threads=self.threads,
            **keywords,
        )
        if bad:
            raise_outside(array, item.name, item.domain)
        return total

    def _run_term(self, k, slopes=False, **keywords):
        kernel, sign, edge, factor = self.terms[k]
        params = (sign, self.shifts[k], edge, factor, self.offsets[k], float(slopes))
        return self._run(k, kernel, params, **keywords)

    def run(self, weight, scale, values, gradients, hessians):
        each = range(len(self.arrays))
        if self.relative:
            means = [self._run(k, "identity", ()) / self.arrays[k].size for k in each]
            self.shifts = means[::-1]
            self.checked = True
            if gradients:
                # By the mean of array k: minus the slopes of the other's relative scores.
                slopes = [self._run_term(k, slopes=True) * self._share(k) for k in each]
                self.offsets = [-slopes[1 - k] / self.arrays[k].size / self._share(k) for k in each]
        total = 0.0
        for k in each:
            share = self._share(k)
            total += share * self._run_term(
                k,
                weight=weight,
                value=values,
                gradients=gradients[k : k + 1],
                hessians=hessians[k : k + 1],
                scale=scale * share,
            )
        return total
