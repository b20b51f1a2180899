"""
==============================================
Predict an interval instead of a single number
==============================================

The :func:`~sklosses.quantile_loss` of a quantile q is minimised by the q-quantile of the target
given the features. With the quantiles 0.1, 0.5 and 0.9, one linear model predicts a median and an
interval that should contain four of five new targets. The data are those of 442 patients with
diabetes. The target is a measure, without a unit, of how far the disease has progressed a year
later.

Two models are compared in cross-validation: by the loss, by the fraction of the loss of a constant
prediction that they save, by the share of the targets in the intervals, and by the mean width of
the intervals.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold, cross_val_predict, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import QuantileLoss, make_loss_scorer
from sklosses.linear_model import LossRegressor

data = load_diabetes(scaled=False)
X, y = data.data, data.target
bmi = data.feature_names.index("bmi")

# %%
# Two models
# ----------
# Given three quantiles, ``predict`` returns an array of shape (n_samples, 3). The first model has
# only the BMI (weight over height squared), so that it can be drawn; the second one has all ten
# features.

loss = QuantileLoss(quantile=[0.1, 0.5, 0.9])
models = {
    "BMI alone": make_pipeline(
        make_column_transformer((StandardScaler(), [bmi])), LossRegressor(loss)
    ),
    "all ten features": make_pipeline(StandardScaler(), LossRegressor(loss)),
}

# %%
# Cross-validation
# ----------------
# The scorer of the loss takes what such a model predicts. The same interval for all patients is
# what ``optimal_constant`` returns; with ``d2=True``, a model is scored relative to that.

scoring = {"loss": make_loss_scorer(loss), "saved": make_loss_scorer(loss, d2=True)}
cv = KFold(5, shuffle=True, random_state=0)
low, median, high = loss.optimal_constant(y)
print(f"The same interval for all patients: {low:g} to {high:g}, with the median {median:g}.\n")

predictions = {}
print(
    f"{'5-fold cross-validation':<24} {'loss':>6} {'saved':>6} {'in the interval':>16} {'width':>6}"
)
for name, model in models.items():
    scores = cross_validate(model, X, y, scoring=scoring, cv=cv)
    predictions[name] = quantiles = cross_val_predict(model, X, y, cv=cv)
    low, _, high = quantiles.T
    print(
        f"{name:<24} {-scores['test_loss'].mean():>6.2f} {scores['test_saved'].mean():>6.1%} "
        f"{np.mean((low <= y) & (y <= high)):>16.1%} {np.mean(high - low):>6.1f}"
    )

# %%
# Each quantile is a linear function of its own, so they may cross where there are few data.

low, median, high = predictions["all ten features"].T
crossed = np.sum((low > median) | (median > high))
print(f"\nWith all features, the quantiles of {crossed} of {len(y)} patients are not in order.")

# %%
# The figure
# ----------

fig, (left, right) = plt.subplots(
    1, 2, figsize=(12, 5), sharey=True, width_ratios=[2, 3], layout="constrained"
)

model = models["BMI alone"].fit(X, y)
grid = np.tile(X.mean(axis=0), (100, 1))
grid[:, bmi] = np.linspace(X[:, bmi].min(), X[:, bmi].max(), len(grid))
quantiles = model.predict(grid)
left.plot(X[:, bmi], y, ".", color="tab:gray", label="patients")
left.plot(grid[:, bmi], quantiles[:, 1], color="tab:blue", label="median")
left.fill_between(
    grid[:, bmi],
    *quantiles[:, ::2].T,
    color="tab:blue",
    alpha=0.2,
    label="0.1- to 0.9-quantile",
)
left.set_xlabel("BMI (kg/m²)")
left.set_ylabel("progression of the disease after a year (no unit)")
left.set_title("BMI alone, fitted to all patients")
left.legend(loc="upper left")

order = np.argsort(median)
rank = np.arange(len(y))
inside = (low <= y) & (y <= high)
right.vlines(rank, low[order], high[order], color="tab:blue", alpha=0.25, linewidth=0.9)
right.plot(rank, median[order], color="tab:blue")
for chosen, color, marker, name in [
    (inside, "tab:gray", ".", "in"),
    (~inside, "tab:red", "x", "outside"),
]:
    label = f"{name} the interval ({100 * chosen.mean():.0f} %)"
    x = rank[chosen[order]]
    right.plot(x, y[order][chosen[order]], marker, ms=5, ls="", color=color, label=label)
right.set_xlabel("patients in the order of their predicted median")
right.set_title("All ten features, each patient predicted from the other folds")
right.legend(loc="upper left")
right.set_ylim(top=440)  # room for the legends

plt.show()
