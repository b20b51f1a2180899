"""Derivatives and values of a loss in the form in which each library calls them.

Objects of these classes are parameters of estimators, which are copied and pickled. They are no
estimators themselves: a copy is the object itself, and LightGBM fails with an object that has
`get_params`.
"""

import importlib
from functools import cache
from typing import Any

import numpy as np

from .._sklearn_compat import BaseLoss, IdentityLink, LogLink
from .._targets import OF_ROWS


class Callback:
    """An objective or a metric of a library.

    Parameters
    ----------
    derivatives : Derivatives
    """

    def __init__(self, derivatives):
        self.derivatives = derivatives
        self.__name__ = derivatives.loss.function_name or type(derivatives.loss).__name__

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"<{type(self).__name__}: {self.derivatives.loss!r}>"


def _read_native(outputs, data):
    """Targets, outputs, weights and sizes of groups, of a native training call."""
    weight = data.get_weight()
    weight = weight if weight is not None and len(weight) else None
    # XGBoost's `get_group` is newer than the oldest version that works.
    of_xgboost = hasattr(data, "get_uint_info")
    groups = np.diff(data.get_uint_info("group_ptr")) if of_xgboost else data.get_group()
    groups = groups if groups is not None and len(groups) else None
    if weight is not None and groups is not None and len(weight) == len(groups):
        # XGBoost has a weight for each group.
        weight = np.repeat(weight, groups)
    return data.get_label(), outputs, weight, groups


class LightGBMObjective(Callback):
    """``objective=`` of LightGBM's estimators, and of the parameters of ``lightgbm.train``."""

    # LightGBM counts the parameters: with four, it passes the weights and the sizes of groups.
    def __call__(self, y_true, y_pred, weight=None, group=None):
        if hasattr(y_pred, "get_label"):
            y_true, y_pred, weight, group = _read_native(y_true, y_pred)
        return self.derivatives(y_true, y_pred, weight, groups=group)


class LightGBMMetric(Callback):
    """``eval_metric=`` of LightGBM's ``fit``, and ``feval=`` of ``lightgbm.train``."""

    def __call__(self, y_true, y_pred, weight=None, group=None):
        if hasattr(y_pred, "get_label"):
            y_true, y_pred, weight, group = _read_native(y_true, y_pred)
        value = self.derivatives.value(y_true, y_pred, weight, groups=group)
        return self.__name__, value, False


class XGBoostObjective(Callback):
    """``objective=`` of XGBoost's estimators, and ``obj=`` of ``xgboost.train``."""

    # XGBoost looks for a parameter of this name.
    def __call__(self, y_true, y_pred, sample_weight=None):
        groups = None
        if hasattr(y_pred, "get_label"):
            y_true, y_pred, sample_weight, groups = _read_native(y_true, y_pred)
        return self.derivatives(y_true, y_pred, sample_weight, groups=groups)


class XGBoostMetric(Callback):
    """``eval_metric=`` of XGBoost's estimators, and ``custom_metric=`` of ``xgboost.train``."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        if hasattr(y_pred, "get_label"):
            *arrays, groups = _read_native(y_true, y_pred)
            return self.__name__, self.derivatives.value(*arrays, groups=groups)
        return self.derivatives.value(y_true, y_pred, sample_weight)


class CatBoostObjective(Callback):
    """``loss_function=`` of CatBoost's estimators."""

    # CatBoost is not to compile the methods with numba.
    no_jit = True

    def calc_ders_range(self, approxes, targets, weights):
        """Compute minus the gradients and minus the Hessians of a block, for one output."""
        outputs = np.asarray(approxes)
        found = np.empty((len(outputs), 2))
        weight = None if weights is None else np.asarray(weights)
        self.derivatives(targets, outputs, weight, found[:, 0], found[:, 1])
        return np.negative(found, out=found)

    def calc_ders_multi(self, approx, target, weight):
        """Compute minus the gradient and minus the Hessian of a sample, for several outputs."""
        derivatives = self.derivatives
        outputs = np.asarray(approx, dtype=np.float64)[np.newaxis]
        target = np.atleast_2d(target) if np.ndim(target) else np.array([target])
        gradient, hessian = np.empty((1, outputs.size)), np.empty((1, outputs.size))
        derivatives(target, outputs, None, gradient, hessian)
        matrix = np.zeros((outputs.size, outputs.size))
        if derivatives.coupled and derivatives.tags.likelihood and derivatives.mode != "ones":
            # The Hessian of a softmax, times the weight of the class, if there is one.
            share = derivatives.raw(outputs)[0]
            share = np.exp(share - share.max())
            share /= share.sum()
            np.outer(share, share, out=matrix)
            ratio = hessian.sum() / max(1 - (share * share).sum(), 1e-300)
            matrix *= -ratio
        matrix.flat[:: outputs.size + 1] = hessian
        matrix *= -weight
        gradient *= -weight
        return gradient[0], matrix


class CatBoostMetric(Callback):
    """``eval_metric=`` of CatBoost's estimators."""

    no_jit = True

    def is_max_optimal(self):
        """Say that less is better."""
        return False

    def evaluate(self, approxes, target, weight):
        """Compute the weighted sum of the loss, and the sum of the weights."""
        outputs = np.asarray(approxes)
        outputs = outputs[0] if len(outputs) == 1 else outputs.T
        target = np.asarray(target)
        target = target.T if target.ndim > 1 else target
        weight = None if weight is None or not len(weight) else np.asarray(weight)
        total = float(len(outputs)) if weight is None else float(weight.sum())
        return self.derivatives.value(target, outputs, weight) * total, total

    def get_final_error(self, error, weight):
        """Compute the mean."""
        return error / (weight + 1e-38)


_OBJECTIVES = {
    "lightgbm": LightGBMObjective,
    "xgboost": XGBoostObjective,
    "catboost": CatBoostObjective,
}
METRICS = {"lightgbm": LightGBMMetric, "xgboost": XGBoostMetric, "catboost": CatBoostMetric}
LIBRARIES = tuple(METRICS)

# The factor by which the built-in objectives of several classes multiply their Hessians, for
# `Derivatives.coupling`. CatBoost takes the whole matrix, and scikit-learn the diagonal.
COUPLINGS = {"lightgbm": None, "xgboost": 2.0}


def make_objective(derivatives, library, of_targets=False):
    """The objective of a library.

    Parameters
    ----------
    derivatives : Derivatives
    library : str
        One of `LIBRARIES`.
    of_targets : bool, default=False
        Whether there are several outputs, with a target for each of them.
    """
    derivatives.library = library
    if library == "catboost":
        derivatives.in_blocks = True
        if of_targets:
            return _of_targets()[0](derivatives)
    return _OBJECTIVES[library](derivatives)


def make_metric(derivatives, library, of_targets=False):
    """The metric of a library; the parameters are those of `make_objective`."""
    derivatives.library = library
    if library == "catboost" and of_targets:
        return _of_targets()[1](derivatives)
    return METRICS[library](derivatives)


@cache
def _of_targets():
    """CatBoost's objective and metric for several targets, which it knows by their class."""
    catboost = importlib.import_module("catboost")

    class Objective(CatBoostObjective, catboost.MultiTargetCustomObjective):
        def __reduce__(self):
            return make_objective, (self.derivatives, "catboost", True)

    class Metric(CatBoostMetric, catboost.MultiTargetCustomMetric):
        def __reduce__(self):
            return make_metric, (self.derivatives, "catboost", True)

    return Objective, Metric


class SklearnLoss(BaseLoss):
    """``loss=`` of scikit-learn's HistGradientBoostingRegressor.

    Parameters
    ----------
    derivatives : Derivatives
    """

    _bend: Any

    def __init__(self, derivatives):
        logs = derivatives.start is None and derivatives.loss.tags.response == "log_rate"
        super().__init__(closs=None, link=LogLink() if logs else IdentityLink())
        self.derivatives = derivatives
        self.n_outputs = 1
        self.differentiable = not derivatives.sets_leaves
        self._bend = None

    @staticmethod
    def _flat(array) -> Any:
        return (
            array[:, 0] if array is not None and array.ndim == 2 and array.shape[1] == 1 else array
        )

    def fit_intercept_only(self, y_true, sample_weight=None):
        """Compute the outputs that minimise the loss."""
        derivatives = self.derivatives
        self._bend = self._find_bend(y_true)
        # scikit-learn then takes gradients alone, in units in which the Hessian is 1.
        self.constant_hessian = sample_weight is None and self._bend is not None
        if derivatives.start is not None:
            self.n_outputs = np.size(derivatives.start)
            return np.zeros(self.n_outputs)
        loss = derivatives.loss
        if loss.tags.response == "distribution" or loss.trailing_shape:
            raise ValueError(
                "HistGradientBoostingRegressor has one output, but "
                f"{type(loss).__name__} takes several predictions for each target. "
                "Use LossBoostingRegressor."
            )
        of_labels = derivatives.tags.target not in ("real", *OF_ROWS)
        n_classes = int(y_true.max()) + 1 if of_labels else 1
        self.n_outputs = n_classes if n_classes > 2 else 1
        best = derivatives.best_outputs(y_true, sample_weight, self.n_outputs)
        return best if self.n_outputs > 1 else np.float64(np.ravel(best)[0])

    def _find_bend(self, y_true):
        """The Hessian, if it is the same for all samples and outputs."""
        derivatives = self.derivatives
        if not derivatives.tags.of_difference:
            return None
        if derivatives.sets_leaves:
            return 1.0
        outputs = np.array([-30.0, -1.0, 0.5, 30.0])
        g, h = np.empty_like(outputs), np.empty_like(outputs)
        derivatives(np.full(outputs.shape, y_true[0]), outputs, None, g, h)
        return float(h[0]) if h[0] > 0 and np.all(h == h[0]) else None

    def init_gradient_and_hessian(self, n_samples, dtype=np.float64, order="F"):
        """Allocate the derivatives."""
        shape = (n_samples, self.n_outputs) if self.n_outputs > 1 else (n_samples,)
        if self.constant_hessian:
            return np.empty(shape, dtype), np.ones(1, dtype)
        # The transposed array is in Fortran order.
        shape = shape if order == "C" else shape[::-1]
        gradient, hessian = np.empty(shape, dtype), np.empty(shape, dtype)
        return (gradient, hessian) if order == "C" else (gradient.T, hessian.T)

    def loss(self, y_true, raw_prediction, sample_weight=None, loss_out=None, n_threads=1):
        """Compute the loss of each sample."""
        outputs = self._flat(raw_prediction)
        values = self.derivatives.value(y_true, outputs, sample_weight, reduction="none")
        values = values.mean(axis=1) if values.ndim > 1 else values
        if loss_out is None:
            return values
        loss_out[...] = values
        return loss_out

    def gradient_hessian(
        self,
        y_true,
        raw_prediction,
        sample_weight=None,
        gradient_out=None,
        hessian_out=None,
        n_threads=1,
    ):
        """Compute gradients and Hessians; one thread is fastest beside those of scikit-learn."""
        outputs = self._flat(raw_prediction)
        gradient_out, hessian_out = self._flat(gradient_out), self._flat(hessian_out)
        if gradient_out is None or hessian_out is None:
            gradient_out, hessian_out = (np.empty_like(outputs) for _ in range(2))
        self.derivatives(y_true, outputs, sample_weight, gradient_out, hessian_out)
        if not self.differentiable:
            hessian_out[...] = 1 if sample_weight is None else sample_weight
        return gradient_out, hessian_out

    def gradient(self, y_true, raw_prediction, sample_weight=None, gradient_out=None, n_threads=1):
        """Compute gradients."""
        outputs = self._flat(raw_prediction)
        out = np.empty_like(outputs) if gradient_out is None else self._flat(gradient_out)
        self.derivatives(y_true, outputs, sample_weight, out, np.empty_like(out))
        if self.constant_hessian and self._bend != 1:
            np.divide(out, self._bend, out)
        return out

    def __call__(self, y_true, raw_prediction, sample_weight=None, n_threads=1):
        """Compute the mean of the loss."""
        return self.derivatives.value(y_true, self._flat(raw_prediction), sample_weight)


class SklearnClassifierLoss(SklearnLoss):
    """``loss=`` of scikit-learn's HistGradientBoostingClassifier, for losses with probabilities."""

    def predict_proba(self, raw_prediction):
        """Compute probabilities of the classes."""
        return self.derivatives.probabilities(self.derivatives.raw(self._flat(raw_prediction)))
