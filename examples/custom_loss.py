"""
=========================================
A loss of your own, for costs of your own
=========================================

To expect too much of a disease is better than to expect too little. The LINEX loss, exp(a d) - a d
- 1 of the difference d of target and prediction, is nearly exponential on one side and nearly
linear on the other. It is not in the package. Three short functions of arrays make it a loss
(:class:`~sklosses.CustomLoss`), :func:`~sklosses.check_loss` checks them, and from there it is a
loss like any other: with weights and reductions, in a scorer, in a linear model, and in a booster.

The data are 442 patients with diabetes, whose disease has progressed more or less in a year.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import CustomLoss, MSELoss, check_loss
from sklosses.boosting import LossBoostingRegressor
from sklosses.linear_model import LossRegressor
from sklosses.plotting import LossCurveDisplay

plt.style.use("tableau-colorblind10")

# %%
# The loss
# --------
# With a = 0.03, an error of 50 on the wrong side costs 2.7 times as much as on the other side.

a = 0.03


def linex(y_true, y_pred):
    """Value of each element."""
    return np.expm1(a * (y_true - y_pred)) - a * (y_true - y_pred)


def linex_gradient(y_true, y_pred):
    """Derivative with respect to the prediction."""
    return -a * np.expm1(a * (y_true - y_pred))


def linex_hessian(y_true, y_pred):
    """Second derivative, which only boosters need."""
    return a**2 * np.exp(a * (y_true - y_pred))


loss = CustomLoss(value=linex, gradient=linex_gradient, hessian=linex_hessian)
check_loss(loss)

# %%
# ``check_loss`` compares the gradient with finite differences, among other things. This is what it
# says to a sign that is wrong.

try:
    check_loss(CustomLoss(value=linex, gradient=lambda t, p: -linex_gradient(t, p)))
except AssertionError as error:
    print(f"AssertionError: {error}\n")

# %%
# Models
# ------

X, y = load_diabetes(return_X_y=True)
booster = HistGradientBoostingRegressor(
    max_iter=60, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=20, random_state=0
)
models = {
    "linear, squared error": LinearRegression(),
    "linear, LINEX": make_pipeline(StandardScaler(), LossRegressor(loss, alpha=1e-4)),
    "boosted, squared error": LossBoostingRegressor(booster, loss="mse_loss"),
    "boosted, LINEX": LossBoostingRegressor(booster, loss=loss),
}
cv = KFold(5, shuffle=True, random_state=0)
predictions = {name: cross_val_predict(model, X, y, cv=cv) for name, model in models.items()}
print(f"{'out of fold':<26}{'LINEX':>8}{'RMSE':>8}{'too low':>9}")
for name, y_pred in predictions.items():
    print(
        f"{name:<26}{loss(y, y_pred):>8.3f}{np.sqrt(np.mean((y - y_pred) ** 2)):>8.1f}"
        f"{np.mean(y_pred < y):>9.1%}"
    )
constant = loss.optimal_constant(y)
print(f"{'the best constant':<26}{loss(y, np.full_like(y, constant)):>8.3f}")

# %%
# The figure
# ----------
# :class:`~sklosses.plotting.LossCurveDisplay` draws losses of users as well.

fig, axes = plt.subplots(1, 3, figsize=(14, 4.6), layout="constrained")
LossCurveDisplay.from_loss(
    {"LINEX": loss, "squared error / 2500": MSELoss() * (1 / 2500)},
    y_pred=np.linspace(-80, 80, 201), quantities="value", ax=axes[0],
)  # fmt: skip
axes[0].set_xlabel("prediction minus target")
axes[0].set_title("Too low is worse than too high")
linear = [predictions["linear, squared error"], predictions["linear, LINEX"]]
for ax, y_pred, title in zip(axes[1:], linear, ["squared error", "LINEX"], strict=True):
    low = y_pred < y
    for chosen, color, marker, name in [(~low, "C0", ".", "high"), (low, "C1", "x", "low")]:
        label = f"predicted too {name} ({chosen.mean():.0%})"
        ax.plot(y_pred[chosen], y[chosen], marker, ms=5, color=color, label=label)
    ax.plot([0, 350], [0, 350], color="gray", lw=0.8)
    ax.set(xlim=(0, 400), ylim=(0, 420), xlabel="prediction (out of fold)")
    ax.set_ylabel("progression of the disease")
    ax.set_title(f"Linear model, {title}: LINEX {loss(y, y_pred):.2f}")
    ax.legend(loc="upper left")
plt.show()
