"""All imports of private names of scikit-learn, and why each is needed.

The rest of the package uses scikit-learn's public API or imports from here, so that this is the
only file to change if a private name moves. None of them moved from scikit-learn 1.6 to 1.9.
Differences in behaviour between these versions are explained in `scorer.py`, where they matter.
"""

from numbers import Real

# `sklearn.get_config` copies the whole configuration, which takes a tenth of a small loss call.
from sklearn._config import _get_threadlocal_config

# `HistGradientBoostingRegressor(loss=...)` takes instances of this class. Its links are the public
# ones' counterparts for raw predictions.
from sklearn._loss.link import IdentityLink, LogLink
from sklearn._loss.loss import BaseLoss

# scikit-learn's multimetric scorer shares its cache of predictions only with instances of this
# class; any other callable has to predict for itself. It also provides `set_score_request`.
from sklearn.metrics._scorer import _BaseScorer

# Publicly, Adam is only available inside multilayer perceptrons.
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

# scikit-learn's error for displays if matplotlib is missing.
from sklearn.utils._optional_dependencies import check_matplotlib_support

# Parameter constraints in scikit-learn's vocabulary and with its messages: "The 'delta' parameter
# of HuberLoss must be a float in the range (0.0, inf). Got -1.0 instead."
from sklearn.utils._param_validation import (
    Interval as _Interval,
)
from sklearn.utils._param_validation import (
    InvalidParameterError,
    Options,
    StrOptions,
    validate_parameter_constraints,
)

# The check of sample weights in estimators; there is no public one.
from sklearn.utils.validation import _check_sample_weight


class Interval(_Interval):
    """scikit-learn's constraint, also for numbers that NumPy cannot read: fractions, huge integers.

    An integer that no float can hold is in no interval of real numbers.
    """

    def __contains__(self, value):
        if self.type is Real:
            try:
                value = float(value)
            except OverflowError:
                return False
        return super().__contains__(value)


__all__ = [
    "AdamOptimizer",
    "BaseLoss",
    "IdentityLink",
    "Interval",
    "InvalidParameterError",
    "LogLink",
    "Options",
    "StrOptions",
    "_BaseScorer",
    "_check_sample_weight",
    "_get_threadlocal_config",
    "check_matplotlib_support",
    "validate_parameter_constraints",
]
