"""
===========================================
Ordered classes need fewer samples to learn
===========================================

Grades, stages and ratings are classes with an order. Cross-entropy does not know of it: to take
stage 1 for stage 5 costs as much as to take it for stage 2, and each stage has coefficients of its
own. The losses of ordered classes share one direction between all of them and learn thresholds:
:func:`~sklosses.cumulative_logit_loss` (ordered logistic regression) and
:func:`~sklosses.coral_loss`. :func:`~sklosses.corn_loss` keeps the order, but has coefficients for
each threshold.

The stages here are fifths of the progression of diabetes in 442 patients.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import l1_loss, make_loss_scorer
from sklosses.linear_model import LossClassifier

plt.style.use("tableau-colorblind10")

data = load_diabetes(scaled=False)
X, progression = data.data, data.target
edges = np.quantile(progression, [0.2, 0.4, 0.6, 0.8])
stage = np.searchsorted(edges, progression) + 1
print("patients in each stage:", np.bincount(stage)[1:])

# %%
# From few samples to many
# ------------------------
# The models differ in the loss alone. They are judged by the log loss of their probabilities, and
# by how many stages a prediction is off on average. The scorer of
# :func:`~sklosses.cross_entropy` takes the probabilities of any classifier.

names = ["cross_entropy", "corn_loss", "coral_loss", "cumulative_logit_loss"]
sizes = [30, 45, 70, 110, 170, 250]
log_loss = make_loss_scorer("cross_entropy")
log_losses = {name: np.zeros((len(sizes), 20)) for name in names}
distances = {name: np.zeros((len(sizes), 20)) for name in names}
splits = StratifiedShuffleSplit(20, train_size=sizes[-1], test_size=150, random_state=0)
for k, (all_train, test) in enumerate(splits.split(X, stage)):
    for j, size in enumerate(sizes):
        train = all_train[:size]
        for name in names:
            model = make_pipeline(StandardScaler(), LossClassifier(name, alpha=0.02))
            model.fit(X[train], stage[train])
            log_losses[name][j, k] = -log_loss(model, X[test], stage[test])
            distances[name][j, k] = l1_loss(stage[test], model.predict(X[test]))

print(f"\n{'log loss on 150 other patients':<32}" + "".join(f"{size:>8}" for size in sizes))
for name in names:
    print(f"{name:<32}" + "".join(f"{value:>8.3f}" for value in log_losses[name].mean(axis=1)))
print(f"\n{'stages off':<32}" + "".join(f"{size:>8}" for size in sizes))
for name in names:
    print(f"{name:<32}" + "".join(f"{value:>8.3f}" for value in distances[name].mean(axis=1)))

# %%
# The figure
# ----------
# The right panel shows what a model with thresholds is: the probabilities of all stages along the
# one direction that it has found. The dots are the patients, at the height of their stages.

model = make_pipeline(StandardScaler(), LossClassifier("cumulative_logit_loss", alpha=0.02))
model.fit(X, stage)
classifier = model[-1]
direction = model[0].transform(X) @ np.ravel(classifier.coef_)

fig, axes = plt.subplots(1, 3, figsize=(15, 4.8), layout="constrained")
looks = zip(["C2", "C4", "C1", "C0"], [":", "-.", "--", "-"], ["s", "v", "^", "o"], strict=True)
for name, (color, style, marker) in zip(names, looks, strict=True):
    for ax, result in zip(axes, [log_losses, distances], strict=False):
        ax.plot(sizes, result[name].mean(axis=1), style, marker=marker, color=color, label=name)
for ax in axes[:2]:
    ax.set_xscale("log")
    ax.set_xticks(sizes, sizes)
    ax.set_xticks([], minor=True)
    ax.set_xlabel("patients to learn from")
axes[0].axhline(np.log(5), color="gray", lw=0.8)
axes[0].text(sizes[-1], np.log(5), "chance", color="gray", ha="right", va="bottom")
axes[0].set_ylabel("log loss on 150 other patients")
axes[0].set_title("Probabilities")
axes[0].legend()
axes[1].set_ylabel("mean distance to the true stage")
axes[1].set_title("Predicted stages")

ax = axes[2]
grid = np.linspace(direction.min(), direction.max(), 200)
thresholds = classifier.thresholds_
above = 1 / (1 + np.exp(-(grid[:, None] - thresholds)))
above = np.column_stack([np.ones_like(grid), above, np.zeros_like(grid)])
shades = plt.get_cmap("cividis")(np.linspace(0.1, 0.95, 5))
ax.stackplot(
    grid, -np.diff(above, axis=1).T, colors=shades, labels=[f"stage {k}" for k in range(1, 6)]
)
jitter = np.random.default_rng(0).uniform(-0.06, 0.06, len(stage))
ax.scatter(
    direction, (stage - 0.5) / 5 + jitter, s=13, c="white", edgecolors="black", linewidths=0.6
)
ax.set_xlim(grid[0], grid[-1])
ax.set_ylim(0, 1)
ax.set_xlabel("the linear score of a patient")
ax.set_ylabel("probability (areas)")
ax.set_title("Ordered logit: one score, four thresholds")
handles, labels = ax.get_legend_handles_labels()
ax.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5))
plt.show()
