"""Outputs of linear models of ordered classes; see `_outputs.py`."""

import numpy as np
from scipy.special import expit

from ._constants import increasing
from ._outputs import Outputs, write_outputs

# The least gap between two thresholds at the start of a fit. Around a class without weight they
# stay about as close, since the objective hardly depends on such a gap.
_LEAST_GAP = 1e-12

# Below this, a gap has lost digits, or is 0.
_TINY = np.finfo(np.float64).tiny


def _gaps(free):
    """Gaps from the numbers that the fit varies, and their derivatives."""
    slopes = np.exp(np.minimum(free, 0))
    return slopes + np.maximum(free, 0), slopes


def _terms_of_gaps(gaps):
    """-log(1 - exp(-gap)), the loss of a sample for the gap of its class, and minus its slope."""
    rest = -np.expm1(-gaps)
    return -np.log(rest), np.exp(-gaps) / rest


class Questions(Outputs):
    """One output for each class but the last of ordered classes."""

    has_columns = True


class Levels(Questions):
    """The same with common coefficients: logits of a higher class."""

    is_tied = True

    def __init__(self, targets, n_outputs, dtype):
        super().__init__(targets, n_outputs, dtype)
        self.common = np.zeros((len(targets[0]), 1), dtype)

    def predict(self, X, coef, intercept):
        write_outputs(X, coef[:1], np.zeros(1), self.common)
        np.add(self.common, intercept.astype(X.dtype), out=self.values)

    def gradients(self, X):
        slopes = self.values_gradient
        return self._share(X.T @ slopes.sum(axis=1)), slopes.sum(axis=0, dtype=np.float64)

    def _share(self, gradient):
        """The gradient for the coefficients of each output, whose mean is the common ones."""
        n_outputs = self.values_gradient.shape[1]
        return np.tile(gradient / n_outputs, (n_outputs, 1))


class Thresholds(Levels):
    """A common prediction and thresholds, which are minus the intercepts.

    The fit varies one of the intercepts and, in place of each of the others, a number u for the gap
    between its threshold and the next one on the way to that one: the logarithm of a gap below 1,
    and gap - 1 for others. So thresholds increase wherever a step leads, and those around a class
    that is rare, or has no weight, may be as close as they have to be.

    In the value and the gradient, a gap is what u says, not what is left of it between thresholds
    that are rounded. Otherwise a gap would be lost once it is below their precision.
    """

    has_gaps = True

    def __init__(self, targets, n_outputs, dtype):
        super().__init__(targets, n_outputs, dtype)
        self.prediction = self.common[:, 0], np.zeros(n_outputs, dtype)
        self.gradient = tuple(map(np.empty_like, self.prediction))
        # For each class between two thresholds: u, the gap, its derivative, the share of the
        # samples, and what makes up for rounding in the gradient.
        self.free = self.gaps = self.slopes = self.shares = self.unrounded = np.zeros(n_outputs - 1)

    @staticmethod
    def start(constant):
        return -constant[1]

    def predictions(self, loss):
        return self.prediction

    def anchor_at(self, targets, weight):
        below = np.cumsum(np.bincount(targets[0], weight, minlength=len(self.gaps) + 2))
        # The threshold with about as many samples on both sides is the one that is known best.
        self.anchor = int(np.argmin(np.abs(2 * below[:-1] - below[-1])))
        self.shares = np.diff(below[:-1]) / (self.avg_factor or below[-1] or 1)

    def like(self, targets):
        other = super().like(targets)
        other.anchor, other.shares = self.anchor, self.shares
        return other

    def to_free(self, intercept):
        gaps = np.maximum(-np.diff(intercept), _LEAST_GAP)
        free = np.log(np.minimum(gaps, 1)) + np.maximum(gaps - 1, 0)
        return np.insert(free, self.anchor, intercept[self.anchor])

    def from_free(self, free):
        way = np.append(0.0, np.cumsum(_gaps(np.delete(free, self.anchor))[0]))
        return free[self.anchor] - (way - way[self.anchor])

    def predict(self, X, coef, intercept):
        write_outputs(X, coef[:1], np.zeros(1), self.common)
        self.free = np.delete(intercept, self.anchor)
        self.gaps, self.slopes = _gaps(self.free)
        self.prediction[1][:] = -self.from_free(intercept)
        increasing(self.prediction[1])

    def evaluate(self, loss, targets, weight, n_threads):
        if not np.isfinite(self.prediction[1]).all():
            return np.inf  # the next step will be shorter
        value = super().evaluate(loss, targets, weight, n_threads)
        # A gap below the least number is exp(u) all the same.
        term, ratio = _terms_of_gaps(np.maximum(self.gaps, _TINY))
        term = np.where(self.gaps < _TINY, -self.free, term)
        ratio = np.where(self.gaps < _TINY, 1, self.slopes * ratio)
        rounded, rounded_ratio = _terms_of_gaps(np.diff(self.prediction[1].astype(np.float64)))
        self.unrounded = self.shares * (self.slopes * rounded_ratio - ratio)
        return value + self.shares @ (term - rounded)

    def gradients(self, X):
        by_prediction, by_threshold = self.gradient
        total = np.cumsum(by_threshold, dtype=np.float64)
        # A gap moves all thresholds beyond it, below the anchor in the other direction.
        moved = total[-1] - total[:-1]
        moved[: self.anchor] = -total[: self.anchor]
        by_gap = moved * self.slopes + self.unrounded
        return self._share(X.T @ by_prediction), np.insert(by_gap, self.anchor, -total[-1])

    def derivatives(self, loss, targets, weight):
        """As for other outputs, but without the second derivatives of the gaps.

        They multiply sums of first derivatives, which are 0 at the minimum; where these are
        positive they are added at last, as the same number for all samples.
        """
        (y_true,), (z, thresholds) = targets, self.prediction
        bounds = np.concatenate([[-np.inf], thresholds, [np.inf]]).astype(z.dtype)
        # The sigmoids s(a) and s(-b) of the notes of `CumulativeLogitLoss`.
        low, high = expit(bounds[y_true] - z), expit(z - bounds[y_true + 1])
        first, second = np.zeros_like(self.values), np.zeros_like(self.values)
        # The anchor moves both thresholds of a sample, and a gap those of the classes beyond it. Of
        # its own class it moves one.
        both = high - low, low * (1 - low) + high * (1 - high)
        first[:, self.anchor], second[:, self.anchor] = both
        for k, (gap, slope) in enumerate(zip(self.gaps, self.slopes, strict=True)):
            above = k >= self.anchor
            column = k + above
            own, beyond = y_true == k + 1, y_true > k + 1 if above else y_true <= k
            first[beyond, column] = (-slope if above else slope) * both[0][beyond]
            second[beyond, column] = slope**2 * both[1][beyond]
            ratio = slope * _terms_of_gaps(gap)[1] if gap > _TINY else 1.0
            share = (high if above else low)[own]
            first[own, column] = -slope * share - ratio
            second[own, column] = slope**2 * share * (1 - share) + ratio * (slope + ratio)
            if slope < 1:
                rest = np.average(first[:, column], weights=weight)
                second[:, column] += np.maximum(rest, 0)
        return first, second
