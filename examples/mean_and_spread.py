"""
==========================================
Predict a mean and how far it can be wrong
==========================================

:func:`~sklosses.gaussian_nll_loss` and :func:`~sklosses.crps_gaussian_loss` fit a mean and a
variance at once, both as functions of the features. Both are minimised by the true normal
distribution; where the data are not normal, they differ. The likelihood punishes a target that is z
standard deviations away by z², the continuous ranked probability score by about z, so that a few
surprising targets widen the intervals of the first more than those of the second.

The target is the progression of diabetes in 442 patients, predicted from ten features.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import crps_gaussian_loss, gaussian_nll_loss
from sklosses.linear_model import LossRegressor

plt.style.use("tableau-colorblind10")

X, y = load_diabetes(return_X_y=True)
rng = np.random.default_rng(0)


def predict(loss, y_given):
    """Mean and standard deviation for each patient, learnt from the other folds."""
    mean, std = np.empty_like(y), np.empty_like(y)
    for train, test in KFold(5, shuffle=True, random_state=0).split(X):
        model = make_pipeline(StandardScaler(), LossRegressor(loss, alpha=1e-4, max_iter=5000))
        model.fit(X[train], y_given[train])
        mean[test], std[test] = model.predict(X[test], return_std=True)
    return mean, std


# %%
# Clean targets, and targets of which some are wrong
# --------------------------------------------------
# In the second case, one target in thirty is replaced by one of 600 to 900, which no patient has.
# The predictions are compared with the true targets in both cases.

y_wrong = y.copy()
wrong = rng.choice(len(y), len(y) // 30, replace=False)
y_wrong[wrong] = rng.uniform(600, 900, len(wrong))

cases = {"clean": y, "some wrong": y_wrong}
losses = ["gaussian_nll_loss", "crps_gaussian_loss"]
predictions = {}
print(
    f"{'targets':<12}{'fitted by':<22}{'NLL':>8}{'CRPS':>8}{'in 80 % interval':>18}{'mean std':>10}"
)
for case, y_given in cases.items():
    for loss in losses:
        predictions[case, loss] = mean, std = predict(loss, y_given)
        inside = np.abs(y - mean) <= norm.ppf(0.9) * std
        print(
            f"{case:<12}{loss:<22}{gaussian_nll_loss(y, mean, std**2):>8.3f}"
            f"{crps_gaussian_loss(y, mean, std**2):>8.2f}{inside.mean():>18.1%}{std.mean():>10.1f}"
        )

# %%
# The figure
# ----------
# On the left, patients in the order of their predicted mean, with the interval that should contain
# four of five. It is wider where the disease is expected to progress further. On the right, how
# often intervals of every nominal size contain the truth.

fig, (left, right) = plt.subplots(
    1, 2, figsize=(13, 5), width_ratios=[1.5, 1], layout="constrained"
)
mean, std = predictions["clean", "crps_gaussian_loss"]
order = np.argsort(mean)
rank = np.arange(len(y))
half = norm.ppf(0.9) * std
inside = np.abs(y - mean) <= half
left.vlines(rank, (mean - half)[order], (mean + half)[order], color="C4", alpha=0.4, lw=1)
left.plot(rank, mean[order], color="C0", label="predicted mean")
for chosen, color, marker, name in [(inside, "C3", ".", "in"), (~inside, "C5", "x", "outside")]:
    label = f"{name} the interval ({100 * chosen.mean():.0f} %)"
    left.plot(
        rank[chosen[order]], y[order][chosen[order]], marker, ms=5, color=color, ls="", label=label
    )
left.set_xlabel("patients in the order of their predicted mean")
left.set_ylabel("progression of the disease (no unit)")
left.set_title("crps_gaussian_loss, each patient predicted from the other folds")
left.legend(loc="upper left")
left.set_ylim(top=420)

nominal = np.linspace(0.02, 0.98, 49)
for (case, loss), (mean, std) in predictions.items():
    covered = [np.mean(np.abs(y - mean) <= norm.ppf(0.5 + size / 2) * std) for size in nominal]
    right.plot(
        100 * nominal, 100 * np.array(covered), color="C0" if "crps" in loss else "C1", lw=2,
        ls="-" if case == "clean" else "--", label=f"{loss}, {case}",
    )  # fmt: skip
right.plot([0, 100], [0, 100], color="gray", lw=0.8)
right.set(xlim=(0, 100), ylim=(0, 100), aspect="equal")
right.set_xlabel("nominal size of the interval (%)")
right.set_ylabel("true targets in the interval (%)")
right.set_title("Are the intervals as wide as they say?")
right.legend(loc="lower right", fontsize=9)
plt.show()
