"""
===================================
Tune the focal loss of a classifier
===================================

The focal loss (:func:`~sklosses.sigmoid_focal_loss`) reduces the weight of easy samples by an
exponent gamma, and weighs the two classes against each other by alpha.
:class:`~sklosses.linear_model.LossClassifier` is a linear model that minimises any loss, and the
parameters of the loss are parameters of the model, so a grid search finds them like any others. The
default alpha, 0.25, was chosen for object detection; ``alpha=None`` leaves the classes as they are.

The data are simulated. One sample in fifty is positive, and some labels are wrong. The models are
compared with ``LogisticRegression`` on samples that neither the search nor the fit has seen: by
average precision, which depends only on the ranking, and by log loss, which depends on the
probabilities.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    log_loss,
    precision_recall_curve,
)
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

from sklosses import SigmoidFocalLoss
from sklosses.linear_model import LossClassifier

plt.style.use("tableau-colorblind10")

X, y = make_classification(
    40_000,
    n_features=30,
    n_informative=8,
    n_clusters_per_class=3,
    weights=[0.98],
    flip_y=0.005,
    class_sep=1.0,
    random_state=0,
)
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)
print(f"{len(y)} samples to train with, {np.mean(y):.1%} of them positive")

# %%
# The search. Gamma and alpha are parameters of the loss, hence the prefix ``loss__``.

alpha = 1e-5
search = GridSearchCV(
    LossClassifier(loss="sigmoid_focal_loss", alpha=alpha),
    {"loss__gamma": [0.0, 0.5, 1.0, 2.0, 3.0], "loss__alpha": [None, 0.5, 0.9]},
    scoring="average_precision",
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
)
search.fit(X, y)

results = search.cv_results_
order = np.argsort(-results["mean_test_score"])
print("\naverage precision in cross-validation (standard deviation over the folds)")
for k in [*order[:3], order[-1]]:
    params = results["params"][k]
    print(
        f"  gamma {params['loss__gamma']:.1f}, alpha {params['loss__alpha']}: "
        f"{results['mean_test_score'][k]:.4f} ({results['std_test_score'][k]:.4f})"
    )

# %%
# Compare with logistic regression with the same penalty. A focal loss with gamma > 0 or an alpha
# other than 1/2 is not minimised by the true probabilities: its ranking may be better, but its
# probabilities are worse. For balanced accuracy, as large a share of the samples is predicted to
# be positive as is positive in training.

models = {
    "LogisticRegression": LogisticRegression(C=1 / (len(y) * alpha)).fit(X, y),
    "the same, balanced": LogisticRegression(C=1 / (len(y) * alpha), class_weight="balanced").fit(
        X, y
    ),
    "focal, gamma 2, no alpha": LossClassifier(SigmoidFocalLoss(alpha=None), alpha=alpha).fit(X, y),
    "focal, searched": search.best_estimator_,
}
print(
    "\n{:<28} {:>17} {:>9} {:>17}".format(
        "test", "average precision", "log loss", "balanced accuracy"
    )
)
for name, model in models.items():
    probability = model.predict_proba(X_test)[:, 1]
    chosen = probability >= np.quantile(probability, 1 - y.mean())
    print(
        f"{name:<28} {average_precision_score(y_test, probability):>17.4f} "
        f"{log_loss(y_test, probability):>9.4f} {balanced_accuracy_score(y_test, chosen):>17.4f}"
    )

# %%
# The figure
# ----------
# On the left, the search. For this linear model it chooses gamma = 0, the log loss: the focal loss
# has nothing to add here, and weights of the classes make the ranking worse. On the right, what the
# models do with the test samples: at the same share of positives found, which share of what is
# reported is right?

gammas, alphas = [0.0, 0.5, 1.0, 2.0, 3.0], [None, 0.5, 0.9]
table = np.zeros((len(alphas), len(gammas)))
for params, score in zip(results["params"], results["mean_test_score"], strict=True):
    table[alphas.index(params["loss__alpha"]), gammas.index(params["loss__gamma"])] = score

fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
picture = left.imshow(table, cmap="cividis", aspect="auto")
middle = (table.min() + table.max()) / 2
for (j, k), score in np.ndenumerate(table):
    color = "black" if score > middle else "white"
    left.text(k, j, f"{score:.3f}", ha="center", va="center", color=color)
left.set_xticks(range(len(gammas)), gammas)
left.set_yticks(range(len(alphas)), [str(alpha) for alpha in alphas])
left.set_xlabel("gamma")
left.set_ylabel("alpha")
left.set_title("Average precision in cross-validation")

looks = zip(["C2", "C1", "C4", "C0"], ["-", "-.", "--", "-"], [6, 1.8, 1.8, 1.8], strict=True)
for (name, model), (color, style, width) in zip(models.items(), looks, strict=True):
    precision, recall, _ = precision_recall_curve(y_test, model.predict_proba(X_test)[:, 1])
    right.plot(100 * recall, 100 * precision, style, color=color, lw=width, label=name)
right.set(xlim=(0, 100), ylim=(0, 102))
right.set_xlabel("positives that are found (recall, %)")
right.set_ylabel("reports that are right (precision, %)")
right.set_title("Test samples")
right.legend()
plt.show()
