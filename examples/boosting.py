"""
=========================================
Train boosters with the loss that matters
=========================================

:class:`~sklosses.boosting.LossBoostingClassifier` and
:class:`~sklosses.boosting.LossBoostingRegressor` train scikit-learn's histogram-based gradient
boosting, LightGBM, XGBoost or CatBoost with any loss. There are three parts: a focal loss
(:func:`~sklosses.sigmoid_focal_loss`) for a rare class, beside the log loss; a
:func:`~sklosses.tweedie_deviance` for the costs of insurance, beside squared errors and the Poisson
loss; and an interval of three quantiles. All models are cross-validated with loss scorers.

The first and the third part use data sets that come with scikit-learn. None of these is about
insurance, so the second part simulates one. If LightGBM is installed, it is trained as well, in the
first part.
"""

import matplotlib.pyplot as plt
import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import KFold, RepeatedStratifiedKFold, cross_validate
from threadpoolctl import threadpool_limits

from sklosses import (
    QuantileLoss,
    SigmoidFocalLoss,
    TweedieDeviance,
    binary_cross_entropy,
    make_loss_scorer,
)
from sklosses.boosting import LossBoostingClassifier, LossBoostingRegressor

# The data are small. Several threads would take minutes where other programs use the same cores.
limits = threadpool_limits(1, user_api="openmp")

kept = {"return_estimator": True, "return_indices": True}  # what cross_validate returns besides


def each_fold(results, *arrays):
    """For each fold, the model, the test rows, and these rows of the arrays."""
    for model, rows in zip(results["estimator"], results["indices"]["test"], strict=True):
        yield model, rows, *(array[rows] for array in arrays)


# %%
# A rare class
# ------------
# "Is this digit an 8?", with 45 eights among 1668 digits. The focal loss with gamma > 0 reduces the
# weight of samples that are predicted well already. Its default ``alpha=0.25`` was chosen for
# object detection; ``alpha=None`` leaves the classes as they are.
#
# The booster keeps its own settings, and the loss is a parameter beside it. The same line trains
# LightGBM.

X, digit = load_digits(return_X_y=True)
chosen = np.ones(len(X), bool)
chosen[np.flatnonzero(digit == 8)[45:]] = False
X, y = X[chosen], digit[chosen] == 8

n_trees = 200
focal = SigmoidFocalLoss(alpha=None, gamma=2.0)
booster = HistGradientBoostingClassifier(
    max_iter=n_trees, max_leaf_nodes=8, early_stopping=False, random_state=0
)
models = {
    "log loss, built in": booster,
    "focal loss": LossBoostingClassifier(booster, loss=focal),
}
try:
    from lightgbm import LGBMClassifier
except ImportError:
    print('LightGBM is left out: it is not installed (pip install "sklosses[boosting]").\n')
else:
    booster = LGBMClassifier(n_estimators=n_trees, num_leaves=8, n_jobs=1, verbose=-1)
    models["focal loss, LightGBM"] = LossBoostingClassifier(booster, loss=focal)

# %%
# All models are judged by both losses, and by the average precision. The log loss is also computed
# after each tree, from ``staged_predict_proba``.
#
# Trained by the log loss, the booster soon becomes too sure of its predictions, and those that are
# wrong cost more with each tree. The focal loss prefers probabilities that are closer to 1/2. With
# few trees they are too close: the best constant prediction is 0.2, although one digit in 37 is an
# 8. With more trees, the two tendencies balance.

scoring = {
    "log loss": make_loss_scorer("binary_cross_entropy"),
    "focal loss": make_loss_scorer(focal),
    "average precision": "average_precision",
}
cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=0)
print(f"1. A rare class: digit 8 or not, {y.mean():.1%} of {len(y)} digits, {n_trees} trees")
print(
    f"{'':<21} {'log loss':>9} {'focal loss':>11} {'average precision':>18} {'least log loss':>22}"
)
curves = {}
for name, model in models.items():
    results = cross_validate(model, X, y, scoring=scoring, cv=cv, **kept)
    curves[name] = curve = np.mean(
        [
            [binary_cross_entropy(y_test, p[:, 1]) for p in model.staged_predict_proba(X_test)]
            for model, _, X_test, y_test in each_fold(results, X, y)
        ],
        axis=0,
    )
    print(
        f"{name:<21} {-results['test_log loss'].mean():>9.4f} "
        f"{-results['test_focal loss'].mean():>11.4f} "
        f"{results['test_average precision'].mean():>18.3f} "
        f"{f'{curve.min():.4f} with {curve.argmin() + 1} trees':>22}"
    )

# %%
# Costs of insurance
# ------------------
# A simulation in which buildings are insured. The number of claims has a Poisson distribution. Its
# mean depends on the risk, the age and the value of the building, and is proportional to the
# exposure, the part of a year for which the policy is in force. The cost of a claim has a gamma
# distribution, whose mean depends on the value and on whether there are sprinklers. What is to be
# predicted is the cost for a year of exposure, with the exposure as weight. Most policies cost
# nothing.


def simulate(n_policies, rng):
    """Features, cost for a year of exposure, exposure, and expected cost of a year."""
    value = rng.normal(12, 1, n_policies)  # logarithms
    age = rng.uniform(0, 100, n_policies)
    risk = rng.normal(0, 1, n_policies)
    sprinklers = rng.integers(0, 2, n_policies)
    exposure = rng.uniform(0.2, 1, n_policies)
    frequency = 0.1 * np.exp(0.3 * risk + 0.01 * (age - 50) + 0.2 * (value - 12))
    severity = 0.02 * np.exp(12 + 0.8 * (value - 12) - 0.7 * sprinklers)
    n_claims = rng.poisson(frequency * exposure)
    cost = severity * rng.standard_gamma(n_claims)
    X = np.column_stack([value, age, risk, sprinklers])
    return X, cost / exposure, exposure, frequency * severity


X, y, exposure, expected = simulate(40_000, np.random.default_rng(0))

# %%
# A sum of gamma variables whose number is a Poisson variable has a Tweedie distribution with a
# power between 1 and 2: its variance grows with that power of the mean. Squared errors and the
# Poisson loss are minimised by the mean as well, but they assume that the variance is constant, or
# proportional to the mean. So a few large claims decide about the trees. Early stopping holds out a
# tenth of the policies and watches the loss with which the model is trained.

tweedie = TweedieDeviance(power=1.5)
settings = {
    "max_iter": 300,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 100,
    "early_stopping": True,
    "random_state": 0,
}
models = {
    "squared error, built in": HistGradientBoostingRegressor(**settings),
    "Poisson loss, built in": HistGradientBoostingRegressor(loss="poisson", **settings),
    "Tweedie deviance": LossBoostingRegressor(
        HistGradientBoostingRegressor(**settings), loss=tweedie
    ),
}

# %%
# The score is the fraction of the deviance of the best constant prediction that a model saves. A
# booster of squared errors predicts some costs below 0, which have no deviance. They count as 1.
#
# In a simulation the expected costs are known. The policies are sorted by them and divided into
# tenths, and the predictions for each tenth are compared with them.


def log_cost(model, X):
    """What the Tweedie deviance takes: logarithms of the means."""
    return np.log(np.maximum(model.predict(X), 1.0))


print(f"\n2. Costs of insurance: {len(y)} policies, {np.mean(y > 0):.1%} of them with claims")
print(f"{'':<24} {'deviance saved':>14} {'predicted / expected cost, by tenths':>50}")
tenth = np.argsort(np.argsort(expected)) * 10 // len(expected)
ratios = {}
with sklearn.config_context(enable_metadata_routing=True):
    scorer = make_loss_scorer(tweedie, d2=True, response_method=log_cost)
    scorer.set_score_request(sample_weight=True)
    cv = KFold(5, shuffle=True, random_state=0)
    for name, model in models.items():
        model.set_fit_request(sample_weight=True)
        results = cross_validate(
            model, X, y, scoring=scorer, cv=cv, params={"sample_weight": exposure}, **kept
        )
        predicted = np.empty_like(y)
        for fitted, rows, X_test in each_fold(results, X):
            predicted[rows] = fitted.predict(X_test)
        ratios[name] = np.array(
            [predicted[tenth == k].mean() / expected[tenth == k].mean() for k in range(10)]
        )
        print(
            f"{name:<24} {results['test_score'].mean():>14.1%} "
            f"{' '.join(f'{ratio:.2f}' for ratio in ratios[name]):>50}"
        )

# %%
# Intervals
# ---------
# The size of the largest cells of a tumour, the feature "worst area", is predicted from the mean
# values of ten features of all its cells. The larger the cells, the less certain the prediction.
# Three quantiles are a median and an interval that should contain nine of ten new tumours. There is
# one booster for each quantile.
#
# Large trees fit the training data too closely, so that their intervals are too narrow for others.

data = load_breast_cancer()
X, y = data.data[:, :10], data.data[:, data.feature_names == "worst area"].ravel()

quantiles = QuantileLoss(quantile=[0.05, 0.5, 0.95])
models = {
    "31 leaves, learning rate 0.1": HistGradientBoostingRegressor(random_state=0),
    "8 leaves, learning rate 0.05": HistGradientBoostingRegressor(
        max_leaf_nodes=8, learning_rate=0.05, random_state=0
    ),
}
scoring = {
    "loss": make_loss_scorer(quantiles),
    "saved": make_loss_scorer(quantiles, d2=True),
}
print(f"\n3. Intervals for the largest cells of {len(y)} tumours, 100 trees for each quantile")
print(f"{'':<29} {'loss':>6} {'saved':>6} {'in the interval':>16} {'median width':>13}")
for name, booster in models.items():
    model = LossBoostingRegressor(booster, loss=quantiles)
    results = cross_validate(model, X, y, scoring=scoring, cv=cv, **kept)
    predicted = np.empty((len(y), 3))
    for fitted, rows, X_test in each_fold(results, X):
        predicted[rows] = fitted.predict(X_test)
    low, median, high = predicted.T
    inside = (low <= y) & (y <= high)
    print(
        f"{name:<29} {-results['test_loss'].mean():>6.1f} {results['test_saved'].mean():>6.1%} "
        f"{inside.mean():>16.1%} {np.median(high - low):>13.0f}"
    )

# %%
# The figure
# ----------


def label_in_full(axis, ticks):
    """Label a logarithmic axis with plain numbers."""
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


fig, (left, middle, right) = plt.subplots(1, 3, figsize=(16, 5), layout="constrained")
fig.get_layout_engine().set(wspace=0.06)

styles = {
    "log loss, built in": {"color": "tab:red"},
    "focal loss": {"color": "tab:blue"},
    "focal loss, LightGBM": {"color": "black", "linestyle": ":"},
}
for name, curve in curves.items():
    left.plot(np.arange(1, n_trees + 1), curve, label=name, **styles[name])
for name, side in [("log loss, built in", -14), ("focal loss", 10)]:
    curve, color = curves[name], styles[name]["color"]
    best = curve.argmin() + 1, curve.min()
    left.plot(*best, "o", color=color)
    left.annotate(
        f"{best[1]:.3f}",
        best,
        xytext=(0, side),
        textcoords="offset points",
        ha="center",
        color=color,
    )
left.set_yscale("log")
label_in_full(left.yaxis, [0.02, 0.05, 0.1, 0.2, 0.4])
left.set_xlim(0, n_trees + 10)
left.set_xlabel("number of trees")
left.set_ylabel("log loss on test folds")
left.set_title("Digit 8 or not: the log loss overfits")
left.legend(title="trained by")

by_tenth = [expected[tenth == k].mean() for k in range(10)]
middle.axhline(1, color="gray", linewidth=0.8)
middle.text(by_tenth[-1], 1.02, "as expected", color="gray", ha="right", va="bottom")
looks = zip(["tab:red", "tab:orange", "tab:blue"], ["s--", "^:", "o-"], strict=True)
for (name, ratio), (color, style) in zip(ratios.items(), looks, strict=True):
    middle.plot(by_tenth, ratio, style, color=color, label=name)
middle.set(xscale="log", yscale="log")
label_in_full(middle.xaxis, [50, 100, 200, 500, 1000, 2000])
label_in_full(middle.yaxis, [0.7, 1, 1.5, 2, 3, 4])
middle.set_xlabel("expected cost of a year, tenths of the policies")
middle.set_ylabel("predicted cost / expected cost on test folds")
middle.set_title("Costs of insurance: small ones are predicted too high")
middle.legend(title="trained by")

right.vlines(median, low, high, color="tab:blue", alpha=0.25, linewidth=0.9)
for chosen, color, marker, name in [
    (inside, "tab:gray", ".", "in"),
    (~inside, "tab:red", "x", "outside"),
]:
    label = f"{name} the interval ({100 * chosen.mean():.0f} %)"
    right.plot(median[chosen], y[chosen], marker, ms=5, ls="", color=color, label=label)
right.set(xscale="log", yscale="log")
label_in_full(right.xaxis, [300, 500, 1000, 2000])
label_in_full(right.yaxis, [200, 500, 1000, 2000, 4000])
right.set_xlabel("predicted median")
right.set_ylabel("area of the largest cells")
right.set_title("Tumours: intervals of three quantiles")
right.legend(title="on test folds", loc="upper left")

limits.restore_original_limits()
plt.show()
