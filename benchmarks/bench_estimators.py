"""Time of `sklosses.linear_model`, compared with scikit-learn's linear models.

    python benchmarks/bench_estimators.py
    python benchmarks/bench_estimators.py --n 20000 --features 200 --scaled 1000

Both estimators of a pair minimise the same objective, or nearly so (`HuberRegressor` also estimates
the scale of the errors), each with its own default tolerance. The last columns are the iterations
of both, and how much higher the objective is where scikit-learn ended than where sklosses ended,
relative to the latter (negative if it is lower). Times are medians of fits that take turns in one
process; pairs of which one takes more than a second are timed once. `QuantileRegressor` solves a
linear program exactly, for which it takes minutes at the default size: ``--quantile`` adds it.
"""

import argparse
import statistics
import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import (
    HuberRegressor,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    TweedieRegressor,
)

import sklosses
from sklosses import (
    CrossEntropyLoss,
    HuberLoss,
    MSELoss,
    PoissonNLLLoss,
    QuantileLoss,
    TweedieDeviance,
)
from sklosses.linear_model import LossClassifier, LossRegressor

ROW = "{:<34} {:>9} {:>9} {:>7} {:>6} {:>6} {:>10}"


def make_data(n, n_features, ratio):
    """Features, and targets of each kind; `ratio` is that of the largest scale to the smallest."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, n_features))
    X[:, 1:] += 0.5 * X[:, :-1]
    z = X @ rng.normal(size=n_features) / np.sqrt(n_features)
    classes = np.stack([z, -z, np.roll(X, 1, axis=1) @ np.ones(n_features) / n_features], axis=1)
    targets = {
        "binary": (z + rng.logistic(size=n) > 0).astype(int),
        "classes": (classes + rng.gumbel(size=classes.shape)).argmax(axis=1),
        "real": z + rng.standard_t(3, size=n),
        "counts": rng.poisson(np.exp(z / 2)),
        # Sums of Poisson numbers of gamma variables.
        "amounts": rng.gamma(np.maximum(rng.poisson(np.exp(z / 2)), 1e-300)),
    }
    return X * np.geomspace(1, ratio, n_features), targets


def pairs(n):
    """Name, target, our estimator, theirs, and the loss that both are compared by."""
    alpha = 1e-4
    strength = 1 / (n * alpha)
    ridge = Ridge(alpha=alpha * n / 2)
    # With its scale for the errors, HuberRegressor's delta is epsilon * scale.
    return [
        (
            "LogisticRegression, 2 classes",
            "binary",
            LossClassifier(alpha=alpha),
            LogisticRegression(C=strength, max_iter=10_000),
            CrossEntropyLoss(),
        ),
        (
            "LogisticRegression, 3 classes",
            "classes",
            LossClassifier(alpha=alpha),
            LogisticRegression(C=strength, max_iter=10_000),
            CrossEntropyLoss(),
        ),
        ("Ridge", "real", LossRegressor("mse_loss", alpha=alpha), ridge, MSELoss()),
        (
            "HuberRegressor",
            "real",
            LossRegressor(HuberLoss(delta=1.35), alpha=alpha),
            HuberRegressor(max_iter=10_000),
            None,
        ),
        (
            "PoissonRegressor",
            "counts",
            LossRegressor("poisson_nll_loss", alpha=alpha),
            PoissonRegressor(alpha=alpha, max_iter=10_000),
            PoissonNLLLoss(),
        ),
        (
            "TweedieRegressor, power 1.5",
            "amounts",
            LossRegressor("tweedie_deviance", alpha=alpha),
            TweedieRegressor(power=1.5, alpha=alpha / 2, link="log", max_iter=10_000),
            TweedieDeviance(),
        ),
        (
            "QuantileRegressor, 0.5",
            "real",
            # Their penalty is another one.
            LossRegressor("quantile_loss", alpha=0),
            QuantileRegressor(alpha=0, solver="highs"),
            QuantileLoss(),
        ),
    ]


def objective(loss, model, X, y, alpha):
    """Mean loss and penalty at the coefficients of a model."""
    raw = X @ np.atleast_2d(model.coef_).T + model.intercept_
    if loss.tags.target == "class_index":
        raw = np.hstack([np.zeros_like(raw), raw]) if raw.shape[1] == 1 else raw
    else:
        raw = raw[:, 0]
    return loss(y, raw) + alpha / 2 * np.sum(model.coef_**2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=100_000, help="number of samples")
    parser.add_argument("--features", type=int, default=50)
    parser.add_argument("--scaled", type=float, default=1.0, help="ratio of the features' scales")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--quantile", action="store_true", help="with QuantileRegressor")
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float64")
    args = parser.parse_args()
    config = sklosses.show_config(mode="dicts")
    print(
        f"{config['threads']} threads, {config['build in use']} build, {args.n:,} samples, ", end=""
    )
    print(f"{args.features} features, {args.dtype}\n")
    print(ROW.format("ms", "sklosses", "sklearn", "ratio", "its", "its", "their gap"))
    X, targets = make_data(args.n, args.features, args.scaled)
    X = X.astype(args.dtype)
    warnings.simplefilter("ignore", ConvergenceWarning)
    for name, target, ours, theirs, loss in pairs(args.n):
        if isinstance(theirs, QuantileRegressor) and not args.quantile:
            continue
        y = targets[target]
        times = {ours: [], theirs: []}
        for _ in range(args.repeat):
            if any(seconds and seconds[0] > 1 for seconds in times.values()):
                break
            for model in times:
                start = time.perf_counter()
                model.fit(X, y)
                times[model].append(time.perf_counter() - start)
        own, other = (1e3 * statistics.median(times[model]) for model in times)
        gap = "-"
        if loss is not None:
            low, high = (objective(loss, model, X, y, ours.alpha) for model in times)
            gap = f"{(high - low) / abs(low):.1e}"
        its = theirs.n_iter_ if theirs.n_iter_ is not None else 1
        row = (name, f"{own:.1f}", f"{other:.1f}", f"{other / own:.2f}", ours.n_iter_)
        print(ROW.format(*row, int(np.max(its)), gap), flush=True)


if __name__ == "__main__":
    main()
