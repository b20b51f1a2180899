"""
=================================================
Focal loss and label smoothing bend probabilities
=================================================

Log loss and Brier score are minimised by the true probabilities. The focal loss and label smoothing
are not: a model that minimises them perfectly still predicts probabilities that are closer to 1/2.
That can help training, or a ranking, but whoever reads the probabilities has to know of it. For a
binary problem the bend is a known curve. A single number, a temperature fitted by minimising the
log loss, undoes nearly all of it after training.

The question is whether a tumour is malignant, asked of four features of its nuclei for 569 tumours.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import BCEWithLogitsLoss, SigmoidFocalLoss
from sklosses.linear_model import LossClassifier

plt.style.use("tableau-colorblind10")

data = load_breast_cancer()
X = data.data[:, np.isin(data.feature_names, ["mean texture", "mean smoothness", "mean symmetry",
                                              "mean fractal dimension"])]  # fmt: skip
y = (data.target == 0).astype(float)  # malignant

# %%
# What a perfect model would predict
# ----------------------------------
# ``optimal_constant`` says it: among samples of which a share p is positive, it is the best
# prediction, and ``inverse_link`` makes a probability of it.

losses = {
    "log loss": BCEWithLogitsLoss(),
    "label smoothing 0.2": BCEWithLogitsLoss(label_smoothing=0.2),
    "focal, gamma 2": SigmoidFocalLoss(alpha=None, gamma=2.0),
    "focal, gamma 5": SigmoidFocalLoss(alpha=None, gamma=5.0),
}
share = np.linspace(0.01, 0.99, 99)
perfect = {
    name: [
        float(loss.inverse_link(loss.optimal_constant([0, 1], sample_weight=[1 - p, p])))
        for p in share
    ]
    for name, loss in losses.items()
}

# %%
# What real models predict
# ------------------------
# Linear models, each fitted by one of the losses. The probabilities are those of samples that a
# model has not seen.

cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=0)
folds = list(cv.split(X, y))
targets = np.concatenate([y[test] for _, test in folds])
log_loss = BCEWithLogitsLoss()
raw, tempered = {}, {}
print(f"{'log loss on test folds':<26}{'as fitted':>12}{'with temperature':>18}{'temperature':>13}")
for name, loss in losses.items():
    raw[name], tempered[name], temperatures = [], [], []
    for train, test in folds:
        model = make_pipeline(StandardScaler(), LossClassifier(loss)).fit(X[train], y[train])
        logit = model.decision_function(X[train])
        # The temperature is fitted to the training data: for a model with five parameters these
        # will do. A large model needs data of its own for it.
        best = minimize_scalar(
            lambda t, logit=logit, train=train: log_loss(y[train], logit / t),
            bounds=(0.05, 5), method="bounded",
        )  # fmt: skip
        raw[name].append(model.decision_function(X[test]))
        tempered[name].append(raw[name][-1] / best.x)
        temperatures.append(best.x)
    raw[name], tempered[name] = np.concatenate(raw[name]), np.concatenate(tempered[name])
    print(
        f"{name:<26}{log_loss(targets, raw[name]):>12.4f}{log_loss(targets, tempered[name]):>18.4f}"
        f"{np.mean(temperatures):>13.2f}"
    )

# %%
# The figure
# ----------
# The models bend as perfect ones would. After division of the logits by the temperature, all of
# them predict nearly the same.


def reliability(logit, n_bins=10):
    """Mean probability and share of positives, by bins with equally many samples."""
    order = np.array_split(np.argsort(logit), n_bins)
    p = log_loss.inverse_link(logit)
    return [p[k].mean() for k in order], [targets[k].mean() for k in order]


fig, axes = plt.subplots(1, 3, figsize=(14, 5), sharey=True, layout="constrained")
looks = zip(["C3", "C2", "C0", "C1"], ["-", "-.", "--", ":"], ["o", "s", "^", "v"], strict=True)
for name, (color, style, marker) in zip(losses, looks, strict=True):
    axes[0].plot(perfect[name], share, style, color=color, lw=2, label=name)
    for ax, logit in zip(axes[1:], [raw[name], tempered[name]], strict=True):
        ax.plot(*reliability(logit), style, marker=marker, color=color, ms=5, lw=1.2, label=name)
titles = ["Perfect models", "Linear models on test folds", "The same, with a temperature"]
for ax, title in zip(axes, titles, strict=True):
    ax.plot([0, 1], [0, 1], color="gray", lw=0.8, zorder=0)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title=title)
    ax.set_xlabel("predicted probability of a malignant tumour")
axes[0].set_ylabel("share of malignant tumours")
axes[0].legend(loc="upper left")
plt.show()
