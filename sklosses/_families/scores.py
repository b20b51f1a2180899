"""Losses of the scores of a critic: sums of elementwise terms, each averaged separately."""

from .._description import LossTags, by_parameters
from .._families.plan import Plan
from .._kernels import pointwise
from .._validation import is_single, output_dtype, raise_outside
from ..base import Loss


class ScoresPlan(Plan):
    """A sum of elementwise losses of one or two arrays of scores, each averaged separately.

    Relativistic scores have the mean of the other array subtracted. They take up to three passes:
    one for the means, for gradients one for the sums of the derivatives, from which those with
    respect to the means follow, and one for everything else.
    """

    __slots__ = ("offsets", "passed", "shifts")

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        self.passed = passed = [array for array in arrays if array is not None]
        self.shape = passed[0].shape
        self.size = sum(array.size for array in passed)
        self.double = not all(map(is_single, passed))
        self.shifts = self.offsets = (0.0,) * len(passed)

    @property
    def separate_means(self):
        """Whether there are two arrays."""
        return len(self.passed) > 1

    @property
    def values_dtype(self):
        return output_dtype(self.passed[0])

    @property
    def values_like(self):
        return self.passed[0]

    def prepare(self, weight, weight_sum):
        if self.separate_means:
            return 1.0
        return super().prepare(weight, weight_sum)

    def check(self):
        for array, item in zip(self.passed, self.loss.inputs, strict=False):
            self.check_elements(array, item)
        self.checked = True

    def _share(self, k):
        """Factor of an element of array k in the loss, before the denominator."""
        own_mean = self.separate_means and self.reduction == "mean" and self.avg_factor is None
        return 1 / self.passed[k].size if own_mean else 1.0

    def _run(self, k, kernel, params, **keywords):
        array, item = self.passed[k], self.loss.inputs[k]
        total, bad = pointwise.run(
            pointwise.KERNELS[kernel],
            array.shape,
            params,
            (array,),
            () if self.checked else (item.domain.key,),
            not is_single(array),
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
            **keywords,
        )
        if bad:
            raise_outside(array, item.name, item.domain)
        return total

    def _run_term(self, k, derivatives=False, **keywords):
        kernel, sign, edge, factor = self.loss._terms()[k]
        params = (sign, self.shifts[k], edge, factor, self.offsets[k], float(derivatives))
        return self._run(k, kernel, params, **keywords)

    def run(self, weight, scale, values, gradients, hessians):
        each = range(len(self.passed))
        sizes = [array.size for array in self.passed]
        if self.loss._is_relative():
            means = [self._run(k, "identity", ()) / sizes[k] for k in each]
            self.shifts = means[::-1]
            self.checked = True
            if gradients:
                # The derivative with respect to the mean of array k is minus the sum of the
                # derivatives of the other array's relative scores.
                sums = [self._run_term(k, derivatives=True) * self._share(k) for k in each]
                self.offsets = [-sums[1 - k] / sizes[k] / self._share(k) for k in each]
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


# Kernels with an exact Hessian. The others are piecewise linear.
_SMOOTH = ("softplus_of_scores", "square_of_scores")


class ScoresLoss(Loss):
    """Base class of the losses of scores: one term for each array, averaged over that array."""

    plan_class = ScoresPlan

    def _terms(self):
        """For each array: the kernel of its term, and the sign, edge and factor of its scores."""
        raise NotImplementedError

    def _is_relative(self):
        """Whether each score is compared with the mean of the other array."""
        return False

    def _is_convex(self):
        return True

    @by_parameters
    def tags(self):
        """What the loss expects and guarantees."""
        hessian = "exact" if all(term[0] in _SMOOTH for term in self._terms()) else "ones"
        return LossTags(
            response="critic",
            target="none",
            hessian="none" if self._is_relative() else hessian,
            convex=self._is_convex(),
        )

    def _check_additive(self):
        several = len(self._terms()) > 1
        if self._is_relative() or (several and self.reduction == "mean"):
            raise ValueError(
                f"{type(self).__name__} averages {' and '.join(self._input_names)} separately, so "
                "the losses of parts do not add up. With reduction='sum' they do, unless the "
                "scores are relativistic."
            )
