"""
===========================
Several questions at a time
===========================

Is the digit even? Is it prime? Does it have a closed loop? In a multilabel problem each sample has
any number of labels. :func:`~sklosses.multilabel_soft_margin_loss` is the mean log loss over all
questions. :class:`~sklosses.linear_model.LossClassifier` fits all labels at once.

A linear model of the pixels has to give all digits of a set the same answer. How well it does
depends less on whether a question is about shape or about arithmetic than on which digits it puts
together, and the figure shows which of them do not fit in.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.kernel_approximation import Nystroem
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline

from sklosses import multilabel_soft_margin_loss
from sklosses.linear_model import LossClassifier

plt.style.use("tableau-colorblind10")

X, digit = load_digits(return_X_y=True)
X = X / 16
questions = {
    "has a loop": [0, 6, 8, 9],
    "has a straight line": [1, 4, 7],
    "is even": [0, 2, 4, 6, 8],
    "is prime": [2, 3, 5, 7],
    "is above 4": [5, 6, 7, 8, 9],
    "is a square": [0, 1, 4, 9],
}
y = np.column_stack([np.isin(digit, digits) for digits in questions.values()]).astype(int)

# %%
# Two models
# ----------
# One is linear in the pixels. The other is linear in 200 kernel features, similarities to images of
# the training data.

models = {
    "pixels": LossClassifier("multilabel_soft_margin_loss", alpha=1e-4),
    "kernel features": make_pipeline(
        Nystroem(gamma=0.25, n_components=200, random_state=0),
        LossClassifier("multilabel_soft_margin_loss", alpha=1e-5),
    ),
}
folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, digit))
probabilities = {}
for name, model in models.items():
    probabilities[name] = np.empty(y.shape)
    for train, test in folds:
        probabilities[name][test] = model.fit(X[train], y[train]).predict_proba(X[test])

# %%
# The loss with ``reduction="none"`` has one value for each sample; called on a single column it is
# the loss of one question.

print(f"{'':<22}{'loss of':>16}{'':>18}{'wrong answers of':>16}")
print(f"{'':<22}" + f"{'pixels':>16}{'kernel features':>18}" * 2)
for j, question in enumerate(questions):
    cells = []
    for p in probabilities.values():
        logit = np.log(p[:, [j]]) - np.log1p(-p[:, [j]])
        cells.append(multilabel_soft_margin_loss(y[:, [j]], logit))
    wrong = [np.mean((p[:, j] > 0.5) != y[:, j]) for p in probabilities.values()]
    print(f"{question:<22}{cells[0]:>16.3f}{cells[1]:>18.3f}{wrong[0]:>16.1%}{wrong[1]:>18.1%}")

# %%
# The figure
# ----------

fig, axes = plt.subplots(1, 2, figsize=(14, 5), sharey=True, layout="constrained")
for ax, (name, p) in zip(axes, probabilities.items(), strict=True):
    right = (p > 0.5) == y
    table = np.array([right[digit == d].mean(axis=0) for d in range(10)]).T
    picture = ax.imshow(100 * table, cmap="cividis", vmin=70, vmax=100, aspect="auto")
    for j, digits in enumerate(questions.values()):
        for d in range(10):
            answer = "yes" if d in digits else "no"
            ax.text(
                d, j, f"{100 * table[j, d]:.0f}\n{answer}", ha="center", va="center", fontsize=9,
                color="black" if table[j, d] > 0.84 else "white",
            )  # fmt: skip
    ax.set_xticks(range(10))
    ax.set_yticks(range(len(questions)), questions)
    ax.set_xlabel("digit")
    ax.set_title(f"Linear in {name}: {right.all(axis=1).mean():.0%} have all six answers right")
fig.colorbar(picture, ax=axes, label="right answers on test folds (%)")
plt.show()
