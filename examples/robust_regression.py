"""
======================================
Regression when some targets are wrong
======================================

A squared error grows without bound, so a few wrong targets decide about the whole model. Robust
losses limit what a single sample can do: the gradient of the Huber loss is bounded, and that of
Barron's general loss with ``alpha=-2`` (:func:`~sklosses.robust_loss`) goes back to 0 for residuals
that are far too large.

The data are 442 patients with diabetes. In the training half, some measurements of the progression
of the disease are replaced by ten times their value, as if a decimal point had slipped. Models are
judged on the other half, where nothing is changed.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import HuberLoss, L1Loss, MSELoss, RobustLoss, l1_loss
from sklosses.linear_model import LossRegressor

plt.style.use("tableau-colorblind10")

X, y = load_diabetes(return_X_y=True)

# %%
# Four losses
# -----------
# ``delta`` and ``scale`` are in the unit of the target. Clean residuals have a standard deviation
# of about 55, so residuals beyond 50 are treated as doubtful.

losses = {
    "squared error": MSELoss(),
    "absolute error": L1Loss(),
    "Huber, delta 50": HuberLoss(delta=50.0),
    "Geman-McClure, scale 100": RobustLoss(alpha=-2.0, scale=100.0),
}

# %%
# The gradient of each loss at a residual is the pull of that sample on the model. The curves are
# divided by their largest value within 50, so that their shapes can be compared.

residual = np.linspace(-600, 600, 601)
pull = {
    name: loss.gradient(np.zeros_like(residual), residual, reduction="none")
    for name, loss in losses.items()
}

# %%
# Fit with more and more wrong targets
# ------------------------------------
# :class:`~sklosses.linear_model.LossRegressor` minimises any of them. The Geman-McClure loss is not
# convex, so the result depends on the start: it is fitted after the Huber loss has been, from there
# (``warm_start``). Each number is a mean over ten random splits.


def fit(loss, X, y):
    """A linear model of standardised features that minimises a loss."""
    regressor = LossRegressor("huber_loss", alpha=0.0, warm_start=True, max_iter=5000)
    regressor.set_params(loss=HuberLoss(delta=50.0))
    model = make_pipeline(StandardScaler(), regressor).fit(X, y)
    if not isinstance(loss, HuberLoss):
        regressor.set_params(loss=loss)
        model.fit(X, y)
    return model


shares = np.array([0.0, 0.02, 0.05, 0.1, 0.15, 0.2])
splits = list(ShuffleSplit(10, test_size=0.5, random_state=0).split(X))
errors = {name: np.zeros((len(shares), len(splits))) for name in losses}
for k, (train, test) in enumerate(splits):
    order = np.random.default_rng(k).permutation(len(train))
    for j, share in enumerate(shares):
        y_train = y[train].copy()
        y_train[order[: round(share * len(train))]] *= 10
        for name, loss in losses.items():
            model = fit(loss, X[train], y_train)
            errors[name][j, k] = l1_loss(y[test], model.predict(X[test]))

print("mean absolute error on clean test data, by the share of wrong targets in training")
print(f"{'':<26}" + "".join(f"{share:>8.0%}" for share in shares))
for name, error in errors.items():
    print(f"{name:<26}" + "".join(f"{value:>8.1f}" for value in error.mean(axis=1)))

# %%
# The figure
# ----------
# With clean data the four agree. With one target in fifty wrong, the squared error has already lost
# more than the others lose with one in five. Where the gradient is bounded, the model still moves
# a little with every wrong target; where it goes back to 0, the model stays where it was.

fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained")
styles = dict(zip(losses, ["-", "--", "-.", "-"], strict=True))
for number, (name, gradient) in enumerate(pull.items()):
    scaled = gradient / gradient[np.abs(residual) <= 50].max()
    left.plot(residual, scaled, styles[name], color=f"C{(0, 3, 4, 1)[number]}", label=name, lw=2)
left.set_ylim(-3, 3)
left.set_xlabel("prediction minus target")
left.set_ylabel("gradient, relative to that within 50")
left.set_title("How hard a sample pulls at the model")
left.legend(loc="upper left")

for number, (name, error) in enumerate(errors.items()):
    mean, deviation = error.mean(axis=1), error.std(axis=1) / np.sqrt(len(splits))
    right.errorbar(
        100 * shares, mean, deviation, fmt="o", ls=styles[name], capsize=3, lw=2, label=name,
        color=f"C{(0, 3, 4, 1)[number]}",
    )  # fmt: skip
right.axhline(l1_loss(y, np.full_like(y, np.median(y))), color="gray", lw=0.8)
right.text(20, 64, "median of all patients", color="gray", ha="right", va="top")
right.set(yscale="log", ylim=(40, 330))
right.set_yticks([50, 100, 200, 300], ["50", "100", "200", "300"])
right.set_yticks([], minor=True)
right.set_xlabel("wrong targets in the training half (%)")
right.set_ylabel("mean absolute error, clean test half")
right.set_title("Diabetes: what wrong targets cost")
right.legend(loc="upper left")
plt.show()
