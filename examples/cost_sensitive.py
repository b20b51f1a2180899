"""
=================================================
Costs of errors: in the loss, or in the decision?
=================================================

To overlook a malignant tumour is worse than to examine a benign one again. If it costs c times as
much, there are two ways to tell a model: weigh the malignant samples by c in the loss
(``class_weight``), or fit the model without weights and decide by a lower threshold, 1 / (1 + c).
For a model that gets the probabilities right both give the same decisions. The second way leaves
the probabilities intact, and a change of the costs needs no new fit.

No model gets them quite right. The one here is linear in three features of 569 tumours.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import binary_cross_entropy
from sklosses.linear_model import LossClassifier

plt.style.use("tableau-colorblind10")

data = load_breast_cancer()
X = data.data[:, np.isin(data.feature_names, ["mean texture", "mean radius", "mean smoothness"])]
y = (data.target == 0).astype(int)  # 1: malignant

# %%
# Three ways, for costs of 1 to 50
# --------------------------------
# ``class_weight`` is a parameter of :class:`~sklosses.linear_model.LossClassifier`, as elsewhere in
# scikit-learn. A squared hinge (:func:`~sklosses.hinge_loss`) has no probabilities, so that weights
# are the only way there.

costs = np.array([1, 2, 3, 5, 10, 20, 50])
folds = list(RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=0).split(X, y))
ways = ["one decision for all", "no weights, threshold 1/2", "weights in the log loss",
        "weights in the squared hinge", "no weights, threshold 1/(1 + c)"]  # fmt: skip
cost_per_tumour = {way: np.zeros((len(costs), len(folds))) for way in ways}
shifted = np.zeros(len(costs))


def linear(loss, **params):
    """A linear model that minimises a loss."""
    return make_pipeline(StandardScaler(), LossClassifier(loss, alpha=1e-3, **params))


for k, (train, test) in enumerate(folds):
    plain = linear("binary_cross_entropy_with_logits").fit(X[train], y[train])
    probability = plain.predict_proba(X[test])[:, 1]
    for j, c in enumerate(costs):
        weights = {0: 1, 1: c}
        weighted = linear("binary_cross_entropy_with_logits", class_weight=weights)
        weighted.fit(X[train], y[train])
        hinge = linear("hinge_loss", class_weight=weights)
        hinge.set_params(lossclassifier__loss__p=2).fit(X[train], y[train])
        decisions = [
            np.full(len(test), c * y[train].mean() > 1 - y[train].mean(), int),
            probability > 0.5,
            weighted.predict(X[test]),
            hinge.predict(X[test]),
            probability > 1 / (1 + c),
        ]
        for way, decided in zip(ways, decisions, strict=True):
            overlooked, examined = (y[test] == 1) & (decided == 0), (y[test] == 0) & (decided == 1)
            cost_per_tumour[way][j, k] = (c * overlooked + examined).mean()
        shifted[j] += binary_cross_entropy(y[test], weighted.predict_proba(X[test])[:, 1])
shifted /= len(folds)

print(f"{'cost per tumour on test folds':<34}" + "".join(f"{f'c = {c}':>9}" for c in costs))
for way, cost in cost_per_tumour.items():
    print(f"{way:<34}" + "".join(f"{value:>9.3f}" for value in cost.mean(axis=1)))
print(f"\n{'log loss of the weighted model':<34}" + "".join(f"{value:>9.3f}" for value in shifted))

# %%
# The figure
# ----------
# Up to c = 20, weights and thresholds cost the same. At c = 50 the threshold is where the model has
# few samples to learn from, and weights make it look there, so they are a little cheaper. But
# their probabilities are no better than the same probability for all.

fig, (left, right) = plt.subplots(1, 2, figsize=(13, 5), layout="constrained")
looks = zip(["C2", "C3", "C0", "C4", "C1"], ["-", ":", "-", "-.", "--"], ["", "v", "o", "s", "^"],
            strict=True)  # fmt: skip
for (way, cost), (color, style, marker) in zip(cost_per_tumour.items(), looks, strict=True):
    left.plot(costs, cost.mean(axis=1), style, marker=marker, color=color, lw=2, label=way)
left.set(xscale="log", yscale="log")
left.set_xticks(costs, costs)
left.set_xticks([], minor=True)
left.set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
left.set_yticks([], minor=True)
left.set_xlabel("cost c of overlooking a malignant tumour")
left.set_ylabel("cost per tumour on test folds")
left.set_title("Weights or threshold: nearly the same decisions")
left.legend(loc="upper left", fontsize=9)

right.plot(costs, shifted, "o-", color="C0", lw=2, label="weights in the log loss")
right.axhline(shifted[0], color="C1", ls="--", lw=2, label="no weights")
prior = -y.mean() * np.log(y.mean()) - (1 - y.mean()) * np.log(1 - y.mean())
right.axhline(prior, color="gray", lw=0.8)
right.text(1, prior, "the share of malignant tumours for all", color="gray", va="bottom")
right.set_xscale("log")
right.set_xticks(costs, costs)
right.set_xticks([], minor=True)
right.set_ylim(0, 0.72)
right.set_xlabel("cost c of overlooking a malignant tumour")
right.set_ylabel("log loss on test folds")
right.set_title("What weights do to the probabilities")
right.legend(loc="center left")
plt.show()
