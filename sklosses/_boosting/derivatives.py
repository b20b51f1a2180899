"""Gradients and Hessians of a loss as gradient boosting takes them, whatever the library.

A booster predicts one or several outputs for each sample, and takes a Newton step for each leaf of
a tree: minus the sum of the gradients over the sum of the Hessians. `Derivatives` converts targets
and outputs to the arrays of a loss, evaluates it, and replaces Hessians with which such steps would
go wrong. The gradients are those of the sum of the loss, so that a leaf's sum of Hessians is of the
order of the number of its samples.
"""

import sys
import threading
from typing import Any

import numpy as np

from .. import _constants
from .._description import RESPONSES, TARGETS
from .._labels import encode, probabilities_of_classes
from .._sklearn_compat import StrOptions, validate_parameter_constraints
from .._targets import OF_ROWS

#: The values of the parameter `hessian`.
HESSIANS = ("auto", "exact", "abs", "clip", "fisher", "ones")

# For each `LossTags.response` whose predictions may be any numbers: whether they are on the scale
# of the target. On other scales, logits and logarithms, a step of 1 is an ordinary one.
_ON_SCALE = {
    "real": True,
    "rate": True,
    "distribution": True,
    "log_rate": False,
    "logit": False,
    "margin": False,
    "class_logits": False,
    "class_margin": False,
    "cumulative_logits": False,
    "conditional_logits": False,
    "score": False,
    "log_hazard": False,
}
_TARGETS = (
    *("real", "binary", "sign", "multilabel", "class_index", "class_rank", "class_list"),
    *OF_ROWS,
)
# What to use instead of losses that look alike but take something else.
_INSTEAD = {
    "probability": "binary_cross_entropy_with_logits or sigmoid_focal_loss, which take logits",
    "class_log_probabilities": "cross_entropy, which takes logits",
    "class_probabilities": "cross_entropy, which takes logits",
    "latent": "coral_loss or corn_loss, which have no thresholds beside their predictions",
}

# The longest step that a sample may ask for: of logits and logarithms, and of the logarithm of a
# variance.
_LONGEST = 10.0
_LONGEST_OF_LOG_VARIANCE = 1.0
# So few of the targets do not tell the scale of all of them, but their size.
_FEW = 10
# The most parts of the targets whose scale is remembered.
_MOST_KNOWN = 10_000
# What "clip" raises Hessians to.
_LEAST = 1e-6
# Predictions of rates stay at least this far above the lower end of their domain.
_ABOVE = 1e-6


def check_boosted(loss, caller):
    """Raise if the outputs of a booster cannot be predictions of the loss."""
    tags = loss.tags
    name = type(loss).__name__
    if tags.response in _ON_SCALE and tags.target not in _TARGETS:
        raise ValueError(
            f"{caller} does not support {name}, which takes as target {TARGETS[tags.target]}."
        )
    if tags.response not in _ON_SCALE:
        instead = _INSTEAD.get(tags.response)
        raise ValueError(
            f"{caller} does not support {name}, which takes {RESPONSES[tags.response]}: a booster "
            "predicts any real numbers, sample by sample." + (f" Use {instead}." if instead else "")
        )
    if tags.hessian == "none":
        raise ValueError(f"{caller} needs a Hessian, and {name} has no diagonal Hessian.")


def check_hessian(hessian, loss, caller):
    """Raise if `hessian` is not one of `HESSIANS`, or is "fisher" and the loss no likelihood."""
    validate_parameter_constraints(
        {"hessian": [StrOptions(set(HESSIANS))]}, {"hessian": hessian}, caller_name=caller
    )
    if hessian == "fisher" and not loss.tags.likelihood:
        raise ValueError(
            "hessian='fisher' is the expectation of the Hessian under the model, which exists for "
            f"negative log-likelihoods. {type(loss).__name__} is none; use hessian='auto'."
        )
    if hessian == "fisher" and loss.tags.target in OF_ROWS:
        raise ValueError(
            "hessian='fisher' is the expectation of the Hessian under the model, which "
            f"{type(loss).__name__} does not have: its terms depend on the order of the targets. "
            "Use hessian='exact'."
        )


def scale_of(y_true, weight=None):
    """The median absolute deviation or, if that is 0, the mean one; 1 for a constant."""
    y_true = np.asarray(y_true, dtype=np.float64)
    if weight is None:
        distance = np.abs(y_true - np.median(y_true))
        found = float(np.median(distance))
    else:
        distance = np.abs(y_true - _constants.median(y_true, weight))
        found = float(_constants.median(distance, weight))
    return found or float(np.average(distance, weights=weight)) or 1.0


def _n_references(arrays, key):
    return sys.getrefcount(arrays[key])


# References to an array that only the dictionary holds.
_FREE = _n_references({0: np.empty(1)}, 0)


class _Buffers(threading.local):
    """Arrays that are used again, for each thread, unless somebody else still has them."""

    def __init__(self):
        self.arrays = {}

    def take(self, name, like, dtype):
        """An array like `like`, of its shape and order, with any values."""
        held = self.arrays.get(name)
        if held is not None:
            fits = held.shape == like.shape and held.dtype == dtype
            fits = fits and held.flags.f_contiguous == like.flags.f_contiguous
            del held
            if fits and _n_references(self.arrays, name) == _FREE:
                return self.arrays[name]
        self.arrays[name] = np.empty_like(like, dtype=dtype, subok=False)
        return self.arrays[name]


def _ignores_label(loss):
    """Whether a class is ignored: there are no probabilities in place of its label."""
    if loss.tags.target != "class_index":
        return False
    ignored = [getattr(leaf, "ignore_index", None) for leaf, _ in loss._leaves()]
    return any(index is not None and index >= 0 for index in ignored)


class Derivatives:
    """The derivatives of a loss with respect to the outputs of a booster.

    Parameters
    ----------
    loss : Loss
        It has passed `check_boosted`.
    hessian : str
        One of `HESSIANS`; it has passed `check_hessian`.
    coupling : float or None, default=1.0
        Factor of the Hessians of losses that couple C classes; None for C / (C - 1).
    n_outputs : int, default=None
        The number of outputs that the loss takes, if it is known. A booster of ordered classes may
        have one more, which has no influence.

    Attributes
    ----------
    start, unit : float or ndarray of shape (n_outputs,), or None
        If set, the raw predictions are ``start + unit * outputs``.
    gradient_factor, hessian_factor : float or ndarray of shape (n_outputs,)
        What the derivatives are multiplied by, if `start` is set.
    scale, slope : float or None
        The scale of the targets, and the mean absolute gradient at their best constant prediction.
        None takes it from the targets of the call.
    origin : float or None
        If set, targets come as ``(y - origin) / scale``.
    rescales : bool
        Whether `calibrate` sets these factors.
    library : str
        The library that calls the derivatives, if it is known, for messages.
    in_blocks : bool
        Whether a call may have few of the samples, or only one.
    sets_leaves : bool
        Whether scikit-learn is to set the values of leaves to the best constants. That is right for
        losses of a difference, and needed where there is no curvature.
    """

    start: Any
    unit: Any
    scale: Any
    slope: Any
    gradient_factor: Any
    hessian_factor: Any

    def __init__(self, loss, hessian, coupling=1.0, n_outputs=None):
        self.loss = loss
        self.hessian = hessian
        self.coupling = coupling
        self.n_outputs = n_outputs
        # Looked up once: CatBoost asks for the derivatives of one sample after the other.
        self.tags = tags = loss.tags
        self.on_scale = _ON_SCALE[tags.response]
        # Whether it compares the predictions for all classes with each other.
        self.coupled = tags.response in ("class_logits", "class_margin")
        self.mode = self._automatic() if hessian == "auto" else hessian
        self.sets_leaves = hessian == "auto" and tags.hessian == "ones" and tags.of_difference
        self.start = self.unit = self.scale = self.slope = self.origin = None
        self.gradient_factor = self.hessian_factor = 1.0
        self.rescales = self.on_scale
        self.library = ""
        self.in_blocks = False
        self._known = {}
        self._buffers = _Buffers()

    def __getstate__(self):
        state = {**vars(self), "_known": {}}
        del state["_buffers"]
        return state

    def __setstate__(self, state):
        vars(self).update(state, _buffers=_Buffers())

    def calibrate(self, y_true, weight, n_outputs):
        """Set the start, and units in which the scale of the targets and the mean Hessian are 1.

        Parameters
        ----------
        y_true : ndarray of shape (n_samples,)
            All targets, as for a call.
        weight : ndarray of shape (n_samples,) or None
        n_outputs : int
            Number of the booster's outputs.

        Returns
        -------
        self : Derivatives
        """
        loss = self.loss
        self.start, self.unit = self.best_outputs(y_true, weight, n_outputs), 1.0
        if self.on_scale:
            outputs = np.zeros((len(y_true), n_outputs) if n_outputs > 1 else len(y_true))
            self.scale = scale = scale_of(y_true, weight)
            self.slope = self._mean_slope(y_true) if self.mode == "ones" else None
            bend = self._mean_hessian(y_true, weight, outputs)
            self.unit, self.gradient_factor, self.hessian_factor = (
                scale,
                1 / (scale * bend),
                1 / bend,
            )
            if loss.tags.response == "distribution":
                # The logarithm of the variance has no unit.
                shared = self.gradient_factor / scale
                self.unit = np.array([scale, 1.0])
                self.gradient_factor = np.array([self.gradient_factor, shared])
                self.hessian_factor = np.array([self.hessian_factor, shared])
            # Rounding must not carry targets out of their domain.
            if loss.inputs[0].domain.low < -1:
                self.origin = float(np.ravel(self.start)[0])
        return self

    def _mean_hessian(self, y_true, weight, outputs):
        """The mean Hessian of the first output; 1 if there is none."""
        g, h = np.empty_like(outputs), np.empty_like(outputs)
        self(y_true, outputs, weight, g, h)
        total = len(y_true) if weight is None else weight.sum()
        bend = h.reshape(len(y_true), -1)[:, 0].sum() / total
        return bend if np.isfinite(bend) and bend > 0 else 1.0

    def best_outputs(self, y_true, weight, n_outputs):
        """The constant outputs that minimise the loss: a float, or (n_outputs,)."""
        outputs = np.zeros((len(y_true), n_outputs) if n_outputs > 1 else len(y_true))
        target, *_ = self.arrays(y_true, outputs)
        best = self.loss.optimal_constant(target, sample_weight=weight)
        if self.tags.response == "distribution":
            return np.array([best[0], np.log(best[1])])
        if self._leads(outputs):
            return float(best[1] - best[0])
        if not np.ndim(best):
            return float(best)
        padded = np.zeros(n_outputs)
        padded[: len(best)] = best
        return padded

    def release(self):
        """Let go of the arrays that training alone needs."""
        self._buffers, self._known = _Buffers(), {}

    @property
    def _is_extreme(self):
        """Whether the scale of calibrated targets, or its square, is beyond single precision."""
        return self.start is not None and self.on_scale and not 1e-15 < self.scale < 1e15

    # -- from targets and outputs to the arrays of the loss -------------------------------------

    def raw(self, outputs, out=None):
        """The raw predictions of the loss; a new array, unless one is passed."""
        if self.start is None:
            return outputs
        raw = np.multiply(outputs, self.unit, out=out, dtype=np.float64)
        raw += self.start
        return raw

    def probabilities(self, raw):
        """Probabilities of the classes, from raw predictions."""
        if self.tags.target == "class_rank":
            return self.loss.predict_proba(raw[:, :-1] if raw.ndim == 2 else raw[:, np.newaxis])
        return probabilities_of_classes(self.loss, raw)

    def tabulate(self, targets, in_single):
        """Replace targets that are not a number for each row by numbers, before calibration.

        Parameters
        ----------
        targets : list
            Those of training and of each evaluation set.
        in_single : bool
            Whether the booster holds them in single precision.

        Returns
        -------
        targets : list of ndarray of shape (n_samples,)
        """
        return targets

    def targets(self, y_true):
        """The targets that a booster gets.

        Most of them have targets in single precision, which must not lose digits to their mean.
        """
        return y_true if self.origin is None else (y_true - self.origin) / self.scale

    def _raw(self, outputs):
        """The raw predictions, in memory that is used again."""
        if self.start is None:
            return outputs
        return self.raw(outputs, self._buffers.take("raw", outputs, np.dtype(np.float64)))

    def arrays(self, y_true, outputs, groups=None):
        """The arrays of a call of the loss: targets and predictions."""
        predictions = self._predictions(y_true, self._raw(outputs))
        return self._targets(y_true, predictions[0]), *predictions

    def predictions(self, raw):
        """The predictions that a loss of real targets takes, from raw ones."""
        response = self.tags.response
        if response == "distribution":
            # In double precision, so that variances and their squares are finite.
            with np.errstate(over="ignore"):
                return raw[:, 0].astype(np.float64), np.exp(raw[:, 1], dtype=np.float64)
        if response == "rate":
            low = self.loss.inputs[self.loss._outputs[0]].domain.low
            return (np.maximum(raw, low + _ABOVE),)
        return (raw,)

    def _leads(self, outputs):
        """Whether there is one output for two classes: the lead of the second one."""
        return self.coupled and outputs.ndim == 1

    def _split(self, y_true, array):
        """Views of the outputs that the loss takes, or of their derivatives, as it takes them."""
        target = self.tags.target
        if array.ndim == 1:
            return (array[:, np.newaxis] if target in ("multilabel", "class_rank") else array,)
        if self.tags.response == "distribution":
            return array[:, 0], array[:, 1]
        if target == "class_rank":
            # Known, or one for each class, or one for each class but the last.
            known = self.n_outputs or max(array.shape[1] - 1, int(y_true.max()))
            return (array[:, :known],)
        return (array,)

    def _predictions(self, y_true, raw):
        """The predictions that the loss takes."""
        if self._leads(raw):
            return (np.column_stack([np.zeros_like(raw), raw]),)
        if self.tags.target == "real":
            return self.predictions(raw)
        return self._split(y_true, raw)

    def _targets(self, y_true, prediction):
        """The targets as the loss takes them beside its first prediction."""
        target = self.tags.target
        if target in ("class_index", "class_rank"):
            # Libraries pass them as floats, whose check would take the loss longer.
            positions = y_true.astype(np.intp)
            return positions if (positions == y_true).all() else y_true
        if target == "real":
            # Some libraries want a target for each output.
            alike = y_true.shape == prediction.shape and not self.loss.trailing_shape
            y_true = y_true if y_true.ndim == 1 or alike else y_true[:, 0]
            if self.origin is None:
                return y_true
            original = self._buffers.take("y", y_true, np.dtype(np.float64))
            np.multiply(y_true, self.scale, out=original, dtype=np.float64)
            original += self.origin
            return original
        if prediction.ndim == 2 and y_true.ndim == 1 and prediction.shape[1] == 1:
            y_true = y_true[:, np.newaxis]
        if prediction.ndim == 2 and y_true.ndim == 1:
            # A question for each class.
            return encode(self._positions(y_true, prediction.shape[1]), prediction.shape, target)
        return np.where(y_true == 0, y_true.dtype.type(-1), y_true) if target == "sign" else y_true

    def _positions(self, y_true, n_classes):
        """Class indices as integers."""
        bad = (y_true < 0) | (y_true >= n_classes) | (y_true != np.floor(y_true))
        if bad.any():
            index = int(np.argmax(bad))
            raise ValueError(
                f"y_true must contain class indices in the range [0, {n_classes}), since there are "
                f"{n_classes} outputs. Got {y_true[index]} at index {index}."
            )
        return y_true.astype(np.intp)

    # -- values and derivatives ------------------------------------------------------------------

    def value(self, y_true, outputs, weight=None, reduction="mean", groups=None):
        """The loss of the outputs."""
        arrays = self.arrays(np.asarray(y_true), np.asarray(outputs), groups)
        loss, arrays, weight = self._bind(arrays, weight)
        return loss(*arrays, sample_weight=weight, reduction=reduction, n_threads=1)

    def _bind(self, arrays, weight):
        """The loss, and the arrays and the weights to call it with."""
        return self.loss, arrays, weight

    def __call__(
        self,
        y_true,
        outputs,
        weight=None,
        gradient: Any = None,
        hessian: Any = None,
        groups=None,
    ):
        """Compute gradients and Hessians of the sum of the loss with respect to the outputs.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets; class indices for losses of labels.
        outputs : array-like of shape (n_samples,) or (n_samples, n_outputs)
        weight : ndarray of shape (n_samples,), default=None
        gradient, hessian : ndarray, default=None
            Where to write the results. By default these are float32, in the memory order of
            `outputs`.
        groups : ndarray of shape (n_groups,), default=None
            The sizes of groups of successive samples, for losses that rank them.

        Returns
        -------
        gradient, hessian : ndarray of the shape of `outputs`
            Their memory is used again when nobody has them any longer.
        """
        y_true, outputs = np.asarray(y_true), np.asarray(outputs)
        if gradient is None:
            single = np.dtype(np.float32)
            gradient, hessian = (self._buffers.take(k, outputs, single) for k in ("g", "h"))
        if self._is_extreme and gradient.dtype == np.float32:
            # Before their factors are applied, the derivatives may be beyond single precision.
            double = np.dtype(np.float64)
            wide = [self._buffers.take(k, outputs, double) for k in ("wide_g", "wide_h")]
            gradient[...], hessian[...] = self(y_true, outputs, weight, *wide)
            return gradient, hessian
        arrays = self.arrays(y_true, outputs, groups)
        if self._leads(outputs):
            g, h = (self._buffers.take(k, arrays[1], gradient.dtype) for k in ("g2", "h2"))
            self._evaluate(y_true, arrays, weight, (g,), (h,))
            gradient[...], hessian[...] = g[:, 1], h[:, 1]
        else:
            parts, bends = self._split(y_true, gradient), self._split(y_true, hessian)
            if gradient.ndim == 2 and parts[0].ndim == 2:
                n = parts[0].shape[1]
                gradient[:, n:], hessian[:, n:] = 0, 1
            self._evaluate(y_true, arrays, weight, parts, bends)
        if self.start is not None and self.rescales:
            gradient *= self.gradient_factor
            hessian *= self.hessian_factor
        return gradient, hessian

    def _evaluate(self, y_true, arrays, weight, gradients, hessians):
        """Write the derivatives with respect to the raw predictions, one array for each."""
        mode = self.mode
        self._differentiate(arrays, weight, gradients, hessians)
        if mode == "fisher":
            self._expect(arrays, weight, hessians)
        elif mode == "ones":
            self._flatten(y_true, arrays, weight, hessians)
        elif mode == "chord" and not self.on_scale:
            # A unit of logits or, if it is larger, what the loss can decrease by.
            values = self.loss(*arrays, reduction="none", n_threads=1)
            length = np.maximum(1, values, out=values)
            hessians[0][...] /= length if length.ndim == hessians[0].ndim else length[:, np.newaxis]
        elif mode in ("chord", "guard"):
            for k, (g, h) in enumerate(zip(gradients, hessians, strict=True)):
                least = h if mode == "chord" else self._buffers.take("least", g, g.dtype)
                if mode == "guard":
                    np.abs(h, out=h)
                np.abs(g, out=least)
                least /= self._longest_steps(y_true, arrays, k)
                np.maximum(h, least, out=h)
        elif mode != "exact":
            for h in hessians:
                np.maximum(h, _LEAST, out=h) if mode == "clip" else np.abs(h, out=h)
        if self.coupled and self.coupling != 1 and mode != "ones" and self.tags.hessian != "ones":
            n_classes = arrays[1].shape[1]
            factor = n_classes / (n_classes - 1) if self.coupling is None else self.coupling
            if n_classes > 2:
                hessians[0][...] *= factor

    def _automatic(self):
        """What "auto" stands for."""
        tags = self.tags
        if tags.hessian == "ones":
            # Where there is no curvature, there is that of a parabola with its lowest point at the
            # end of the longest step.
            return "chord"
        if tags.likelihood and tags.response == "distribution":
            return "fisher"
        if tags.likelihood and tags.convex and tags.response != "rate":
            return "exact"
        # A Hessian that is negative, zero or close to it would send a leaf anywhere.
        return "guard"

    def _differentiate(self, arrays, weight, gradients, hessians):
        """Write gradients and Hessians as they are, of logarithms of variances too."""
        if len(arrays) < 3:
            self._call_loss(arrays, weight, gradients[0], hessians[0])
            return
        outs = np.empty((4, len(arrays[1])))
        self._call_loss(arrays, weight, tuple(outs[:2]), tuple(outs[2:]))
        var = arrays[2]
        gradients[0][...], hessians[0][...] = outs[0], outs[2]
        slope = outs[1] * var
        gradients[1][...], hessians[1][...] = slope, outs[3] * var * var + slope

    def _call_loss(self, arrays, weight, gradient, hessian):
        loss, arrays, weight = self._bind(arrays, weight)
        loss.gradient_and_hessian(
            *arrays,
            sample_weight=weight,
            reduction="sum",
            gradient_out=gradient,
            hessian_out=hessian,
            n_threads=1,
        )

    def _expect(self, arrays, weight, hessians):
        """Write the expected Hessians if the targets were distributed as the model says."""
        loss = self.loss
        target, response = self.tags.target, self.tags.response
        unused = tuple(np.empty_like(h) for h in hessians)
        if response == "distribution":
            # The Hessians are linear in the squared distance, whose expectation is the variance.
            expected = arrays[1] + np.sqrt(arrays[2])
        elif target == "sign" or loss.inputs[0].domain.kind == "index" or _ignores_label(loss):
            self._average(arrays[1], weight, unused[0], hessians[0])
            return
        elif self.tags.of_difference:
            # The density has the shape of a normal distribution on each side of the prediction. The
            # shares of the sides are inversely proportional to the roots of their Hessians.
            sides = [np.empty_like(hessians[0]) for _ in range(2)]
            for side, end in zip(sides, (-np.inf, np.inf), strict=True):
                beside = np.nextafter(arrays[1], arrays[1].dtype.type(end))
                self._differentiate((beside, arrays[1]), weight, unused, (side,))
            hessians[0][...] = np.sqrt(sides[0]) * np.sqrt(sides[1])
            return
        else:
            # The Hessians are linear in the target.
            expected = loss.inverse_link(arrays[1])
        self._differentiate((expected, *arrays[1:]), weight, unused, hessians)

    def _average(self, prediction, weight, unused, hessian):
        """Average the Hessians over the labels, by their probabilities."""
        labels = (-1.0, 1.0)
        probability = self.loss.predict_proba(prediction)
        if self.tags.target != "sign":
            labels = range(probability.shape[1])
        elif prediction.ndim == 2:
            probability = np.stack([1 - probability, probability], axis=-1)
        total = np.zeros(hessian.shape)
        for k, label in enumerate(labels):
            share = probability[..., k]
            same = np.full(share.shape, label)
            self._call_loss((same, prediction), weight, unused, hessian)
            total += hessian * (share if share.ndim == hessian.ndim else share[:, np.newaxis])
        hessian[...] = total

    def _flatten(self, y_true, arrays, weight, hessians):
        """Write constant Hessians, times the weights."""
        for k, h in enumerate(hessians):
            h[...] = 1 if weight is None else weight if h.ndim == 1 else weight[:, np.newaxis]
            if k == 0 and self.on_scale:
                h *= self._measured(y_true, "slope") / self._measured(y_true, "scale")

    # -- the scale of the targets ----------------------------------------------------------------

    def _longest_steps(self, y_true, arrays, k):
        """The longest steps that samples may ask for, of the k-th array of raw predictions.

        On the scale of the targets, this is the distance of the prediction from the target, but at
        least the scale of the targets. Far from all targets the trees can then tell samples apart.
        """
        if not self.on_scale:
            return _LONGEST
        if k:
            return _LONGEST_OF_LOG_VARIANCE
        target, prediction = arrays[:2]
        distance = self._buffers.take("distance", prediction, np.dtype(np.float64))
        np.subtract(
            prediction,
            target if target.ndim == prediction.ndim else target[:, np.newaxis],
            out=distance,
        )
        np.abs(distance, out=distance)
        return np.maximum(distance, self._measured(y_true, "scale"), out=distance)

    def _measured(self, y_true, what):
        """The scale of the targets, or the mean absolute gradient at the best constant."""
        fixed = self.scale if what == "scale" else self.slope
        if fixed is not None:
            return fixed
        y_true = y_true if y_true.ndim == 1 else y_true[:, 0]
        # The targets of the next iteration are the same, but need not be the same array. What is
        # found depends on the targets alone, not on the order in which threads pass blocks of them.
        ends = float(y_true[0]), float(y_true[-1])
        key = what, len(y_true), *ends, float(y_true.sum(dtype=np.float64))
        found = self._known.get(key)
        if found is None:
            if what == "slope":
                found = self._mean_slope(y_true)
            elif self.in_blocks and len(y_true) < _FEW:
                found = float(np.abs(y_true).max()) or 1.0
            else:
                found = scale_of(y_true)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = found
        return found

    def _mean_slope(self, y_true):
        loss = self.loss
        constant = loss.optimal_constant(y_true)
        if loss.tags.response == "distribution":
            constant = constant[0]
            arrays = (np.full(len(y_true), constant), np.full(len(y_true), scale_of(y_true) ** 2))
            gradient = loss.gradient(y_true, *arrays, reduction="sum", n_threads=1)[0]
        else:
            like = np.broadcast_to(constant, (len(y_true), *np.shape(constant)))
            gradient = loss.gradient(y_true, like, reduction="sum", n_threads=1)
        return float(np.abs(gradient).mean()) or 1.0
