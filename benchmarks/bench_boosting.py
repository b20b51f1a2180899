"""Boosting with a loss of this package beside the libraries' own objectives.

    python benchmarks/bench_boosting.py hessians      # the table of doc/boosting.rst
    python benchmarks/bench_boosting.py cost          # time over that of the built-in objective

``hessians`` trains each library with each value of the parameter `hessian`, from the best constant
and from a start that is bad on purpose, and prints the mean training loss at the end. ``cost``
trains with the loss and with the built-in objective in turns, 200,000 x 20, 50 rounds. Libraries
that are not installed are left out.
"""

import argparse
import os
import statistics
import time
import warnings

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

import sklosses
from sklosses import HuberLoss, QuantileLoss, RobustLoss, SigmoidFocalLoss
from sklosses.boosting import (
    LossBoostingClassifier,
    LossBoostingRegressor,
    as_eval_metric,
    as_objective,
    as_sklearn_loss,
)

try:
    import lightgbm
except ImportError:
    lightgbm = None
try:
    import xgboost
except ImportError:
    xgboost = None
try:
    import catboost
except ImportError:
    catboost = None

MODES = ("exact", "abs", "clip", "fisher", "ones", "auto")

# --------------------------------------------------------------------------------------------
# Training: each function returns raw predictions for X
# --------------------------------------------------------------------------------------------


def with_lightgbm(X, y, loss, hessian, start, rounds, labels):
    cls = lightgbm.LGBMClassifier if labels else lightgbm.LGBMRegressor
    model = cls(
        n_estimators=rounds, objective=as_objective(loss, "lightgbm", hessian=hessian), verbose=-1
    )
    model.fit(X, y, init_score=np.full(len(y), start))
    return model.predict(X, raw_score=True) + start


def with_xgboost(X, y, loss, hessian, start, rounds, labels):
    cls = xgboost.XGBClassifier if labels else xgboost.XGBRegressor
    objective = as_objective(loss, "xgboost", hessian=hessian)
    model = cls(n_estimators=rounds, learning_rate=0.1, max_depth=5, objective=objective)
    margin = np.full(len(y), start)
    model.fit(X, y, base_margin=margin)
    return model.predict(X, output_margin=True, base_margin=margin)


def with_catboost(X, y, loss, hessian, start, rounds, labels):
    cls = catboost.CatBoostClassifier if labels else catboost.CatBoostRegressor
    model = cls(
        iterations=rounds,
        learning_rate=0.1,
        loss_function=as_objective(loss, "catboost", hessian=hessian),
        eval_metric=as_eval_metric(loss, "catboost"),
        verbose=0,
        allow_writing_files=False,
    )
    model.fit(X, y, baseline=np.full(len(y), start))
    return model.predict(X, prediction_type="RawFormulaVal") + start


def with_sklearn(X, y, loss, hessian, start, rounds, labels):
    cls = HistGradientBoostingClassifier if labels else HistGradientBoostingRegressor
    own = as_sklearn_loss(loss, hessian=hessian)
    given = own.fit_intercept_only
    # Of all samples it is the start, of a leaf its value.
    own.fit_intercept_only = lambda y_true, sample_weight=None: (
        np.float64(start) if len(y_true) == len(y) else given(y_true, sample_weight)
    )
    model = cls(max_iter=rounds, early_stopping=False, loss=own).fit(X, y)
    return model.decision_function(X) if labels else model.predict(X)


def by_estimator(X, y, loss, library, rounds, labels):
    """The same boosters in the estimators of this package."""
    kind = "Classifier" if labels else "Regressor"
    if library == "LightGBM":
        model = getattr(lightgbm, f"LGBM{kind}")(n_estimators=rounds, verbose=-1)
    elif library == "XGBoost":
        cls = getattr(xgboost, f"XGB{kind}")
        model = cls(n_estimators=rounds, learning_rate=0.1, max_depth=5)
    elif library == "CatBoost":
        cls = getattr(catboost, f"CatBoost{kind}")
        model = cls(iterations=rounds, learning_rate=0.1, verbose=0, allow_writing_files=False)
    else:
        cls = HistGradientBoostingClassifier if labels else HistGradientBoostingRegressor
        model = cls(max_iter=rounds, early_stopping=False)
    if labels:
        return LossBoostingClassifier(model, loss=loss).fit(X, y).decision_function(X)
    return LossBoostingRegressor(model, loss=loss).fit(X, y).predict(X)


LIBRARIES = {
    "LightGBM": (lightgbm, with_lightgbm),
    "XGBoost": (xgboost, with_xgboost),
    "CatBoost": (catboost, with_catboost),
    "scikit-learn": (sklosses, with_sklearn),
}

# --------------------------------------------------------------------------------------------
# Which Hessian
# --------------------------------------------------------------------------------------------


def rare_data(n=5000):
    """Labels, of which one in twenty is positive."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 10))
    score = X[:, 0] + X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=n)
    return X, (score > np.quantile(score, 0.95)).astype(int)


def amount_data(n=5000):
    """Real targets of some hundreds."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 10))
    y = 500 + 200 * (X[:, 0] + np.sin(2 * X[:, 1])) + 50 * rng.standard_t(3, size=n)
    return X, y


def table_of_hessians(rounds):
    """For each loss and start, the mean training loss by library and Hessian."""
    losses = [
        ("focal", SigmoidFocalLoss(alpha=None), rare_data(), -6.0),
        ("hinge", sklosses.HingeLoss(), rare_data(), -6.0),
        ("L1", sklosses.L1Loss(), amount_data(), -500.0),
        ("quantile 0.9", QuantileLoss(quantile=0.9), amount_data(), -500.0),
        ("Huber, delta = 10", HuberLoss(delta=10.0), amount_data(), -500.0),
        ("robust, alpha = -2, scale = 50", RobustLoss(alpha=-2, scale=50), amount_data(), 0.0),
    ]
    rows = []
    for name, loss, (X, y), bad in losses:
        labels = loss.tags.target != "real"
        y_true = 2 * y - 1 if loss.tags.target == "sign" else y
        best = loss.optimal_constant(y_true)
        for where, start in (("best constant", best), (f"{bad:g}", bad)):
            for library, (module, train) in LIBRARIES.items():
                if module is None:
                    continue
                cells = [f"{loss(y_true, np.full(len(y), float(start))):.4g}"]
                for mode in MODES:
                    try:
                        raw = train(X, y, loss, mode, start, rounds, labels)
                        cells.append(f"{loss(y_true, raw):.4g}")
                    except Exception as error:
                        refused = "fisher" in str(error) and mode == "fisher"
                        cells.append("–" if refused else "error")
                own = "–"
                if start is best:
                    raw = by_estimator(X, y, loss, library, rounds, labels)
                    own = f"{loss(y_true, raw):.4g}"
                rows.append((name, where, library, *cells, own))
    return ("loss", "start", "library", "at the start", *MODES, "LossBoosting*"), rows


# --------------------------------------------------------------------------------------------
# Cost
# --------------------------------------------------------------------------------------------


def cost_data(n=200_000, d=20):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d)).astype(np.float32)
    mean = X[:, 0] + np.sin(X[:, 1]) * X[:, 2]
    return {
        "binary": (X, (mean + rng.normal(size=n) > 0).astype(int)),
        "classes": (X, np.digitize(mean + rng.normal(size=n), [-0.7, 0.7])),
        "real": (X, 10 * mean + rng.normal(size=n)),
        "counts": (X, rng.poisson(np.exp(mean / 2)).astype(float)),
    }


def cost_models(rounds):
    """Name of the library, of the data, and a model with our objective and one with its own."""
    if lightgbm is not None:
        common = {"n_estimators": rounds, "verbose": -1}
        for data, cls, own, loss in (
            ("binary", lightgbm.LGBMClassifier, "binary", "binary_cross_entropy_with_logits"),
            ("classes", lightgbm.LGBMClassifier, "multiclass", "cross_entropy"),
            ("real", lightgbm.LGBMRegressor, "regression", "mse_loss"),
            ("counts", lightgbm.LGBMRegressor, "poisson", "poisson_nll_loss"),
        ):
            ours = as_objective(loss, "lightgbm")
            yield "LightGBM", data, cls(objective=ours, **common), cls(objective=own, **common)
    if xgboost is not None:
        common = {"n_estimators": rounds}
        for data, cls, own, loss in (
            (
                "binary",
                xgboost.XGBClassifier,
                "binary:logistic",
                "binary_cross_entropy_with_logits",
            ),
            ("classes", xgboost.XGBClassifier, "multi:softprob", "cross_entropy"),
            ("real", xgboost.XGBRegressor, "reg:squarederror", "mse_loss"),
            ("counts", xgboost.XGBRegressor, "count:poisson", "poisson_nll_loss"),
        ):
            ours = as_objective(loss, "xgboost")
            yield "XGBoost", data, cls(objective=ours, **common), cls(objective=own, **common)
    for data, cls, own, loss in (
        ("binary", HistGradientBoostingClassifier, "log_loss", "binary_cross_entropy_with_logits"),
        ("classes", HistGradientBoostingClassifier, "log_loss", "cross_entropy"),
        ("real", HistGradientBoostingRegressor, "squared_error", "mse_loss"),
        ("counts", HistGradientBoostingRegressor, "poisson", "poisson_nll_loss"),
    ):
        common = {"max_iter": rounds, "early_stopping": False}
        ours = as_sklearn_loss(loss)
        yield "scikit-learn", data, cls(loss=ours, **common), cls(loss=own, **common)
    if catboost is not None:
        common = {"iterations": rounds, "verbose": 0, "allow_writing_files": False}
        for data, cls, own, loss in (
            ("binary", catboost.CatBoostClassifier, "Logloss", "binary_cross_entropy_with_logits"),
            ("real", catboost.CatBoostRegressor, "RMSE", "mse_loss"),
        ):
            ours = {
                "loss_function": as_objective(loss, "catboost"),
                "eval_metric": as_eval_metric(loss, "catboost"),
            }
            yield "CatBoost", data, cls(**ours, **common), cls(loss_function=own, **common)


def table_of_costs(rounds, repeat):
    """Medians of both times, and the median of the ratios of each turn."""
    data = cost_data()
    rows = []
    for library, kind, ours, own in cost_models(rounds):
        X, y = data[kind]
        times = [], []
        for _ in range(repeat):
            for model, taken in zip((ours, own), times, strict=True):
                start = time.perf_counter()
                model.fit(X, y)
                taken.append(time.perf_counter() - start)
        ratios = [a / b for a, b in zip(*times, strict=True)]
        seconds = (f"{statistics.median(taken):.2f}" for taken in times)
        rows.append((library, kind, *seconds, f"{statistics.median(ratios):.2f}"))
    return ("library", "targets", "with the loss, s", "built-in, s", "ratio"), rows


# --------------------------------------------------------------------------------------------
# Output
# --------------------------------------------------------------------------------------------


def print_table(header, rows):
    """Print a table of reStructuredText."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    edge = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]
    print(edge, lines[0], edge, *lines[1:], edge, sep="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["hessians", "cost"])
    parser.add_argument("--rounds", type=int, help="default: 60 for hessians, 50 for cost")
    parser.add_argument("--repeat", type=int, default=5, help="turns (default: %(default)s)")
    args = parser.parse_args()
    found = {
        module.__name__: module.__version__
        for module, _ in LIBRARIES.values()
        if module is not None
    }
    print(
        ", ".join(f"{name} {version}" for name, version in found.items()), os.cpu_count(), "cores"
    )
    warnings.simplefilter("ignore")
    if args.what == "hessians":
        print_table(*table_of_hessians(args.rounds or 60))
    else:
        print_table(*table_of_costs(args.rounds or 50, args.repeat))


if __name__ == "__main__":
    main()
