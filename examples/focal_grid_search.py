"""
==================================
Tune the focal loss of a classifier
==================================

The focal loss reduces the weight of easy samples by an exponent gamma, and weighs the two classes
against each other by alpha. `LossClassifier` is a linear model that minimises any loss, and the
parameters of the loss are parameters of the model, so a grid search finds them like any others. The
default alpha, 0.25, was chosen for object detection; ``alpha=None`` leaves the classes as they are.

One sample in fifty is positive, and some labels are wrong. The models are compared with
`LogisticRegression` on samples that neither the search nor the fit has seen: by average precision,
which depends only on the ranking, and by log loss, which depends on the probabilities. Run it with
``python examples/focal_grid_search.py``.
"""

import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split

from sklosses import SigmoidFocalLoss
from sklosses.linear_model import LossClassifier

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
