"""The one place that imports private names of scikit-learn, and says why each is needed.

The rest of the package uses scikit-learn's public API or imports from here, so that a private
name that moves is mended in this file alone. From scikit-learn 1.6 to 1.9 none of these moved;
the differences in behaviour that matter are told where they matter, in `scorer.py`.
"""

# `sklearn.get_config` copies the whole configuration, which is a tenth of a small loss call.
from sklearn._config import _get_threadlocal_config

# scikit-learn's multimetric scorer hands its cache of predictions to instances of this class
# alone; any other callable has to predict for itself. It also brings `set_score_request`.
from sklearn.metrics._scorer import _BaseScorer

# The public way to Adam is a whole multilayer perceptron.
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

# The error of a display where matplotlib is missing, in scikit-learn's words.
from sklearn.utils._optional_dependencies import check_matplotlib_support

# Parameter constraints in scikit-learn's vocabulary and, above all, in its own sentence: "The
# 'delta' parameter of HuberLoss must be a float in the range (0.0, inf). Got -1.0 instead."
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
    validate_parameter_constraints,
)

# The weights of samples as estimators check them; the public names check arrays alone.
from sklearn.utils.validation import _check_sample_weight

__all__ = [
    "AdamOptimizer",
    "Interval",
    "InvalidParameterError",
    "Options",
    "StrOptions",
    "_BaseScorer",
    "_check_sample_weight",
    "_get_threadlocal_config",
    "check_matplotlib_support",
    "validate_parameter_constraints",
]
