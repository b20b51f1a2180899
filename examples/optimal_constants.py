"""
=========================
What does a loss ask for?
=========================

Every loss is an answer to the question which single number stands for a distribution. The squared
error asks for the mean, the absolute error for the median, and others for something in between or
beyond. For a skewed target the answers differ by a factor, and whoever chooses a loss chooses one
of them. :meth:`~sklosses.Loss.optimal_constant` computes it.

The target is the area of the nuclei of 569 breast tumours: few are large, and one is 17 times the
smallest.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer

from sklosses import (
    ExpectileLoss,
    HuberLoss,
    L1Loss,
    MAPELoss,
    MSELoss,
    MSLELoss,
    QuantileLoss,
    TweedieDeviance,
)

plt.style.use("tableau-colorblind10")

data = load_breast_cancer()
y = data.data[:, data.feature_names == "mean area"].ravel()

# %%
# The best constants
# ------------------
# ``optimal_constant`` returns the raw prediction. The deviances take logarithms of means as
# predictions, so ``inverse_link`` brings them to the scale of the target.

losses = {
    "mape_loss": MAPELoss(),
    "l1_loss": L1Loss(),
    "huber_loss, delta 100": HuberLoss(delta=100.0),
    "msle_loss": MSLELoss(),
    "tweedie_deviance, power 2": TweedieDeviance(power=2.0),
    "mse_loss": MSELoss(),
    "expectile_loss, 0.9": ExpectileLoss(expectile=0.9),
    "quantile_loss, 0.9": QuantileLoss(quantile=0.9),
}
constants = {}
for name, loss in losses.items():
    constants[name] = float(loss.inverse_link(loss.optimal_constant(y)))
    print(f"{name:<26} {constants[name]:7.1f}")

# %%
# All means are the same mean
# ---------------------------
# A Tweedie deviance assumes that the variance grows with a power of the mean. It is minimised by
# the mean whatever the power, as the squared error is. The power decides what an error costs, so
# it matters for models, which cannot be right everywhere, but not for a constant.

powers = [1.0, 1.5, 2.0, 3.0]
for power in powers:
    loss = TweedieDeviance(power=power)
    print(f"power {power}: {float(loss.inverse_link(loss.optimal_constant(y))):.1f}")

# %%
# The figure
# ----------
# Each curve is the mean loss of a constant prediction, relative to the best one. It shows as well
# what the answer costs those who wanted another: where a curve is flat, little is lost.

fig, (top, bottom) = plt.subplots(
    2, 1, figsize=(10, 8), sharex=True, height_ratios=[1, 1.4], layout="constrained"
)
top.hist(y, bins=50, color="C2")
for height, (name, constant) in enumerate(constants.items()):
    level = 76 - 9 * height
    top.plot([constant, constant], [0, level], color="C3", lw=1)
    top.annotate(
        f" {name}: {constant:.0f}", (constant, level), va="center", fontsize=9, color="black",
        bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.5},
    )  # fmt: skip
top.set_ylim(0, 82)
top.set_ylabel("tumours")
top.set_title("Which constant each loss asks for")

grid = np.linspace(200, 1800, 400)
curves = ["mape_loss", "l1_loss", "mse_loss", "quantile_loss, 0.9"]
for name, color, style in zip(
    curves, ["C5", "C0", "C1", "C3"], ["-.", "-", "--", ":"], strict=True
):
    loss = losses[name]
    value = np.array([loss(y, np.full_like(y, constant)) for constant in grid])
    bottom.plot(grid, value / loss(y, np.full_like(y, constants[name])), style, color=color,
                label=name, lw=2)  # fmt: skip
    bottom.plot(constants[name], 1, "o", color=color)
bottom.set_ylim(0.95, 3)
bottom.set_xlim(100, 1900)
bottom.set_xlabel("mean area of the nuclei (no unit), or the constant predicted in its place")
bottom.set_ylabel("mean loss, relative to the best constant")
bottom.legend(loc="upper right")
plt.show()
