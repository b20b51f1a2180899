"""Derivatives of losses that compare rows: those of a group, or all that are at risk.

A booster passes one number for each row, but such a loss takes several things about it: a relevance
and a group, or a time and an event. So `RowDerivatives` keeps tables of these, and the target that
a booster gets is the number of a row in them. Then a booster may have rows in any order, or parts
of them, and times keep their double precision. A booster that users set up themselves passes what
its library has: the sizes of groups, or times with the sign of censoring.
"""

import numpy as np
from sklearn.base import clone

from .._targets import OF_ROWS, weights_of_groups
from .._validation import as_labels
from .derivatives import Derivatives

# Whole numbers up to this one are exact in single precision.
_MOST_IN_SINGLE = 2**24

_NO_GROUPS = {
    "lightgbm": "Pass group=, the sizes of the groups, to the fit of an LGBMRanker or to a "
    "lightgbm.Dataset (eval_group= for evaluation sets)",
    "xgboost": "Pass group= or qid= to an xgboost.DMatrix for xgboost.train",
}


def check_whole(loss, library, caller):
    """Raise if a loss compares rows that the library passes apart."""
    if library == "catboost" and loss.tags.target in OF_ROWS:
        name = type(loss).__name__
        what = "the rows of a group" if loss.tags.target == "relevance" else "all rows"
        raise ValueError(
            f"{caller} does not support {name} with CatBoost, which passes at most 1000 rows at a "
            f"time, without groups: {name} compares {what} with one another. Use LightGBM, XGBoost "
            "or scikit-learn's HistGradientBoostingRegressor instead."
        )


def make_derivatives(loss, hessian, coupling=1.0):
    """The derivatives of a loss of any kind; the parameters are those of `Derivatives`."""
    of_rows = loss.tags.target in OF_ROWS
    return (RowDerivatives if of_rows else Derivatives)(loss, hessian, coupling)


def _with_params(loss, params):
    copy = clone(loss)
    return copy.set_params(**params)  # pyright: ignore[reportAttributeAccessIssue]


class RowDerivatives(Derivatives):
    """`Derivatives` of a loss of groups, or of times of events.

    The parameters are those of `Derivatives`. For a call that passes no row numbers, the targets
    are relevances, beside the sizes of the groups, or times, negative for censored rows.

    Attributes
    ----------
    tables : list of ndarray of shape (n_rows,), or None
        What the loss takes beside the prediction, for all rows of training and evaluation. If set,
        targets are numbers of rows.
    """

    # The names of the parameters of the loss that have an element for each row of training, and
    # come after the arrays of the loss in those of a call.
    _by_row = ()

    def __init__(self, loss, hessian, coupling=1.0, n_outputs=None):
        super().__init__(loss, hessian, coupling, n_outputs)
        self.tables = None
        # A likelihood has a unit of its own: one event, or one choice among rows. The mean over the
        # pairs of a large group has tiny derivatives, with which `min_child_weight` would allow no
        # split.
        self.rescales = not self.tags.likelihood

    def tabulate(self, targets, in_single):
        columns = [np.concatenate(parts) for parts in zip(*targets, strict=True)]
        n_train, n_rows = len(targets[0][0]), len(columns[0])
        if in_single and n_rows > _MOST_IN_SINGLE:
            raise ValueError(
                f"{type(self.loss).__name__} is boosted by the numbers of the rows, which this "
                f"library holds in single precision: at most {_MOST_IN_SINGLE} rows of training "
                f"and evaluation. Got {n_rows} rows. HistGradientBoostingRegressor takes more."
            )
        strata = {
            name: value
            for name, value in self.loss.get_params().items()
            if name.rpartition("__")[2] == "strata" and value is not None
        }
        if strata:
            if n_rows > n_train:
                raise ValueError(
                    "The 'strata' parameter belongs to the rows of training, so evaluation sets "
                    "have no strata. Train without evaluation sets, or without strata."
                )
            # The loss says what is wrong with its strata, before a booster sees a part of them.
            self.loss(*self._with_prediction(columns, np.zeros(n_rows)))
            self._by_row = tuple(strata)
            self.loss = _with_params(self.loss, dict.fromkeys(strata))
            columns += [
                np.unique(as_labels(value, name), return_inverse=True)[1].reshape(-1)
                for name, value in strata.items()
            ]
        self.tables = columns
        ends = np.cumsum([len(parts[0]) for parts in targets])[:-1]
        return np.split(np.arange(n_rows, dtype=np.float64), ends)

    def calibrate(self, y_true, weight, n_outputs):
        super().calibrate(y_true, weight, n_outputs)
        outputs = np.zeros(len(y_true))
        if self.mode == "ones":
            self.slope = self._slope_at_zero(self.arrays(y_true, outputs))
        # Computed in any case, so that the loss says what is wrong with the data.
        bend = self._mean_hessian(y_true, weight, outputs)
        if self.rescales:
            self.gradient_factor = self.hessian_factor = 1 / bend
        return self

    def best_outputs(self, y_true, weight, n_outputs):
        # A constant makes no difference.
        return 0.0

    def release(self):
        super().release()
        self.tables = None

    def arrays(self, y_true, outputs, groups=None):
        return self._with_prediction(self._columns(y_true, groups), self._raw(outputs))

    def _with_prediction(self, columns, prediction):
        """The arrays of a call of the loss, and then those of its parameters."""
        k = self.loss._outputs[0]
        return (*columns[:k], prediction, *columns[k:])

    def _columns(self, y_true, groups):
        if self.tables is not None:
            rows = y_true.astype(np.intp)
            return [column[rows] for column in self.tables]
        if self.tags.target == "survival":
            # The sign, not the comparison: -0.0 is a censored time.
            return [np.abs(y_true), ~np.signbit(y_true)]
        if groups is None:
            instead = _NO_GROUPS.get(self.library, "Pass the sizes of the groups")
            raise ValueError(
                f"{type(self.loss).__name__} ranks groups, of which the objective or the metric "
                f"got none. {instead}, or use LossBoostingRegressor."
            )
        return [y_true, np.repeat(np.arange(len(groups)), groups)]

    def _bind(self, arrays, weight):
        n = len(self.loss.inputs)
        loss, arrays, params = self.loss, arrays[:n], arrays[n:]
        if params:
            loss = _with_params(loss, dict(zip(self._by_row, params, strict=True)))
        if weight is not None and loss.weighted:
            weight = weights_of_groups(weight, arrays[2])
        return loss, arrays, weight

    def _flatten(self, y_true, arrays, weight, hessians):
        slope = self._slope_at_zero(arrays) if self.slope is None else self.slope
        hessians[0][...] = slope if weight is None else slope * weight

    def _slope_at_zero(self, arrays):
        """The mean absolute gradient where all predictions are the same."""
        k = self.loss._outputs[0]
        arrays = (*arrays[:k], np.zeros(len(arrays[0])), *arrays[k + 1 :])
        gradient, unused = np.empty((2, len(arrays[0])))
        self._call_loss(arrays, None, gradient, unused)
        return float(np.abs(gradient).mean()) or 1.0

    def _differentiate(self, arrays, weight, gradients, hessians):
        self._call_loss(arrays, weight, gradients[0], hessians[0])
