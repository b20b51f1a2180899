"""Data, boosters and losses that the tests of boosting share."""

import inspect

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from sklosses import get_loss, get_loss_names
from sklosses.boosting import LossBoostingClassifier, LossBoostingRegressor

#: The libraries whose objectives are callbacks, by the names of their packages.
NAMES = {"lightgbm": "LightGBM", "xgboost": "XGBoost", "catboost": "CatBoost"}
#: All libraries: "sklearn" needs nothing installed.
LIBRARIES = ("sklearn", *NAMES)

each_library = pytest.mark.parametrize("library", LIBRARIES)
takes_sets = "X_val" in inspect.signature(HistGradientBoostingClassifier.fit).parameters
SETS_OF_SKLEARN = pytest.mark.skipif(
    not takes_sets, reason="HistGradientBoosting takes evaluation sets from scikit-learn 1.7 on"
)
each_library_with_sets = pytest.mark.parametrize(
    "library", [pytest.param("sklearn", marks=SETS_OF_SKLEARN), *NAMES]
)

#: Responses that may be any numbers, which is what a booster predicts.
FREE = (
    *("real", "rate", "log_rate", "distribution", "logit", "margin", "class_logits"),
    *("class_margin", "cumulative_logits", "conditional_logits"),
)
#: Targets of losses that compare rows with one another, see `test_boosting_groups.py`.
OF_ROWS = ("relevance", "survival")
#: Targets that no booster has.
NO_TARGETS = ("none", "teacher_logits", "class_position")


def is_boosted(name):
    tags = get_loss(name).tags
    return tags.response in FREE and tags.target not in NO_TARGETS and tags.hessian != "none"


#: Functions of the losses that train boosters, and of all others.
BOOSTED = [name for name in get_loss_names() if is_boosted(name)]
COMPARING = [name for name in get_loss_names() if get_loss(name).tags.target in OF_ROWS]
REFUSED = [name for name in get_loss_names() if not is_boosted(name) and name not in COMPARING]
OF_REAL = [name for name in BOOSTED if get_loss(name).tags.target == "real"]
OF_LABELS = [name for name in BOOSTED if get_loss(name).tags.target != "real"]


def load(library):
    """The package of a library; skips the test if it is not installed."""
    return pytest.importorskip(library, reason=f"{NAMES[library]} is not installed")


#: What makes a sample of weight 2 the same as two samples: no random choice of samples, no counts
#: of them, also in CatBoost's regularisation; shallow trees, since deep ones split by rounding.
REPEATABLE = {
    "sklearn": {"min_samples_leaf": 1, "max_depth": 3},
    "lightgbm": {"min_child_samples": 0, "min_data_in_bin": 1, "max_depth": 3},
    "xgboost": {"tree_method": "exact", "max_depth": 3},
    "catboost": {
        "bootstrap_type": "No",
        "random_strength": 0,
        "leaf_estimation_iterations": 1,
        "l2_leaf_reg": 0,
        "depth": 3,
    },
}


def make_booster(library, kind, n_rounds=10, **params):
    """An estimator of a library; `kind` is "Classifier" or "Regressor"."""
    if library == "sklearn":
        both = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
        cls = both[kind == "Regressor"]
        return cls(max_iter=n_rounds, **{"early_stopping": False, **params})
    module = load(library)
    if library == "lightgbm":
        params = {"verbose": -1, "n_jobs": 1, "n_estimators": n_rounds, **params}
        return getattr(module, f"LGBM{kind}")(**params)
    if library == "xgboost":
        params = {"n_jobs": 1, "n_estimators": n_rounds, "learning_rate": 0.1, **params}
        return getattr(module, f"XGB{kind}")(**params)
    params = {
        "verbose": 0,
        "thread_count": 1,
        "iterations": n_rounds,
        "learning_rate": 0.1,
    } | params
    return getattr(module, f"CatBoost{kind}")(allow_writing_files=False, **params)


def classifier(library, loss=None, n_rounds=10, class_weight=None, hessian="auto", **params):
    """A `LossBoostingClassifier` around an estimator of the library, with these parameters."""
    booster = make_booster(library, "Classifier", n_rounds, **params)
    return LossBoostingClassifier(booster, loss=loss, class_weight=class_weight, hessian=hessian)


def regressor(library, loss="mse_loss", n_rounds=10, hessian="auto", **params):
    """A `LossBoostingRegressor` around an estimator of the library, with these parameters."""
    booster = make_booster(library, "Regressor", n_rounds, **params)
    return LossBoostingRegressor(booster, loss=loss, hessian=hessian)


def make_data(n_samples=300):
    """Features, and targets of each kind by its name."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_samples, 4))
    z = X[:, 0] + 0.5 * rng.normal(size=n_samples)
    return X, {
        "binary": (z > 0.5).astype(np.int64),
        "classes": np.digitize(z, [-0.5, 0.6]),
        "real": 3 * z + 5,
        "counts": rng.poisson(np.exp(0.5 * z)).astype(np.float64),
        "positive": rng.gamma(2, np.exp(0.5 * z)),
        "weight": rng.uniform(0.5, 3, n_samples),
    }


def encode(loss, y, n_outputs=1):
    """Class indices as the loss takes them beside `n_outputs` predictions for each sample."""
    target = loss.tags.target
    if target in ("real", "class_index", "class_rank"):
        return y
    if target == "class_list":
        return np.column_stack([y, np.full((len(y), max(n_outputs, 2) - 1), -1)])
    if n_outputs > 1:
        y = np.eye(n_outputs)[y]
    elif target == "multilabel":
        y = y[:, np.newaxis]
    return 2.0 * y - 1 if target == "sign" else y * 1.0


def arrays_of(loss, y, outputs):
    """The arrays of a call of the loss, from targets and raw outputs of a booster."""
    n_outputs = 1 if outputs.ndim == 1 else outputs.shape[1]
    tags = loss.tags
    if tags.response == "distribution":
        return y, outputs[:, 0], np.exp(outputs[:, 1])
    if tags.response in ("class_logits", "class_margin") and n_outputs == 1:
        outputs = np.column_stack([np.zeros_like(outputs), outputs])
        return encode(loss, y), outputs
    if tags.target == "class_rank":
        return y, outputs[:, np.newaxis] if n_outputs == 1 else outputs[:, :-1]
    if tags.target == "multilabel" and n_outputs == 1:
        outputs = outputs[:, np.newaxis]
    return encode(loss, y, n_outputs), outputs


def sample(loss, several=False, n_samples=60, size=1.0, seed=0):
    """Targets, and raw outputs of a booster: one for each sample, or several where it may be."""
    rng = np.random.default_rng(seed)
    tags = loss.tags
    if tags.target == "real":
        y = rng.gamma(2.0, 2.0, n_samples)
        if tags.response == "distribution":
            return y, size * rng.normal(size=(n_samples, 2))
        outputs = size * rng.normal(size=n_samples)
        return y, np.abs(outputs) + 0.1 if tags.response == "rate" else outputs
    n_classes = 3 if several else 2
    y = np.append(np.arange(n_classes), rng.integers(0, n_classes, n_samples - n_classes))
    return y, size * rng.normal(size=(n_samples, n_classes) if several else n_samples)
