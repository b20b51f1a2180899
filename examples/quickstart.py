"""
===============================================
Score, select and fit real models with any loss
===============================================

Three uses of sklosses, on data sets that come with scikit-learn: evaluate models by losses in
cross-validation, select a model by a loss, and fit a model by minimising a loss directly.

Each part prints a table or more, and one figure is drawn at the end. ``python
examples/quickstart.py --output quickstart.png`` saves it instead of showing it.
"""

import argparse
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import HuberRegressor, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import BCEWithLogitsLoss, SigmoidFocalLoss, make_loss_scorer, sigmoid_focal_loss

parser = argparse.ArgumentParser(description="Score, select and fit real models with any loss.")
parser.add_argument("--output", help="save the figure to this file instead of showing it")
# A notebook made of this file has arguments of its own in sys.argv.
args, _ = parser.parse_known_args()


def print_table(title, header, rows):
    """Print rows of texts and numbers below a header, large numbers with fewer digits."""
    columns = []
    for column in zip(*rows, strict=True):
        digits = 1 if any(isinstance(cell, float) and abs(cell) >= 1000 for cell in column) else 4
        columns.append([f"{c:.{digits}f}" if isinstance(c, float) else str(c) for c in column])
    cells = list(zip(*columns, strict=True))
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    print(f"\n{title}\n{'-' * len(title)}")
    for line in [header, *cells]:
        first = f"{line[0]:<{widths[0]}}"
        rest = [f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True)]
        print("  ".join([first, *rest]).rstrip())


# %%
# Evaluate models by several losses at once
# -----------------------------------------
# A loss scorer returns minus the loss, because greater is better in scikit-learn. The scorers of a
# dict share the predictions of a model, so further losses cost next to nothing. A scorer asks the
# model for what its loss needs: probabilities, logits or values.


def evaluate(models, X, y, scoring, cv):
    """Mean test score of each model and scorer; losses are positive."""
    results = {}
    for name, model in models.items():
        scores = cross_validate(model, X, y, scoring=scoring, cv=cv)
        results[name] = [
            scores[f"test_{key}"].mean() * (1 if isinstance(scorer, str) else -1)
            for key, scorer in scoring.items()
        ]
    return results


def print_results(title, scoring, results):
    """Print one line for each model."""
    rows = [[name, *values] for name, values in results.items()]
    print_table(title, ["model", *scoring], rows)


cv = StratifiedKFold(5, shuffle=True, random_state=0)
classifiers = {
    "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "random forest": RandomForestClassifier(100, random_state=0),
    "15 nearest neighbours": make_pipeline(StandardScaler(), KNeighborsClassifier(15)),
    "naive Bayes": GaussianNB(),
}

binary_scoring = {
    "accuracy": "accuracy",
    "binary_cross_entropy": make_loss_scorer("binary_cross_entropy"),
    "sigmoid_focal_loss": make_loss_scorer("sigmoid_focal_loss", alpha=None, gamma=2.0),
}
X, y = load_breast_cancer(return_X_y=True)
cancer_results = evaluate(classifiers, X, y, binary_scoring, cv)
print_results(
    "1a. Breast cancer, 2 classes: 5-fold cross-validation", binary_scoring, cancer_results
)

# %%
# Ten classes. Accuracy depends only on the decisions of a model. The losses also depend on how
# confident it was, and naive Bayes is very confident of its errors.

digits_scoring = {
    "accuracy": "accuracy",
    "cross_entropy": make_loss_scorer("cross_entropy"),
    "smoothed cross_entropy": make_loss_scorer("cross_entropy", label_smoothing=0.1),
    "sigmoid_focal_loss": make_loss_scorer("sigmoid_focal_loss", alpha=None),
}
X_digits, y_digits = load_digits(return_X_y=True)
digits_results = evaluate(classifiers, X_digits, y_digits, digits_scoring, cv)
print_results("1b. Digits, 10 classes: 5-fold cross-validation", digits_scoring, digits_results)

# %%
# Regression: the Huber loss counts errors beyond 50 units linearly.

regressors = {
    "ridge": Ridge(alpha=0.1),
    "Huber regression": make_pipeline(StandardScaler(), HuberRegressor()),
    "random forest": RandomForestRegressor(100, min_samples_leaf=5, random_state=0),
}
regression_scoring = {
    "r2": "r2",
    "huber_loss": make_loss_scorer("huber_loss", delta=50.0),
    "mse_loss": make_loss_scorer("mse_loss"),
    "l1_loss": make_loss_scorer("l1_loss"),
}
X_diabetes, y_diabetes = load_diabetes(return_X_y=True)
diabetes_results = evaluate(regressors, X_diabetes, y_diabetes, regression_scoring, 5)
print_results(
    "1c. Diabetes, regression: 5-fold cross-validation", regression_scoring, diabetes_results
)

# %%
# Select a model by a focal loss
# ------------------------------
# "Is this digit an 8?" has about nine times as many negatives as positives. The focal loss
# emphasises the hard samples. ``refit`` names the scorer that selects.

strengths = np.logspace(-4, 2, 7)
search = GridSearchCV(
    make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    {"logisticregression__C": strengths},
    scoring={
        "focal": make_loss_scorer("sigmoid_focal_loss", alpha=None, gamma=2.0),
        "accuracy": "accuracy",
    },
    refit="focal",
    cv=cv,
)
search.fit(X_digits, y_digits == 8)
focal_by_strength = -search.cv_results_["mean_test_focal"]
accuracy_by_strength = search.cv_results_["mean_test_accuracy"]
print_table(
    "2. Digit 8 or not: GridSearchCV selects C by a focal loss",
    ["C", "sigmoid_focal_loss", "accuracy", "selected"],
    [
        [f"{C:g}", focal, accuracy, "<--" if k == search.best_index_ else ""]
        for k, (C, focal, accuracy) in enumerate(
            zip(strengths, focal_by_strength, accuracy_by_strength, strict=True)
        )
    ],
)

# %%
# Fit a linear model by hand
# --------------------------
# A loss computes its value and its gradient with respect to the predictions in one pass. By the
# chain rule, ``X.T @ gradient`` is the gradient with respect to the coefficients. C times the sum
# of the logistic loss, plus half the squared norm of the coefficients, is the objective of
# ``LogisticRegression``, so the result is the same. Any other loss takes the same ten lines; here
# it is the focal loss.

C = 1.0
X = StandardScaler().fit_transform(X)


def fit_by_hand(loss):
    """Coefficients and intercept that minimise C * loss + |coefficients|^2 / 2."""

    def objective(w):
        value, gradient = loss.value_and_gradient(y, X @ w[:-1] + w[-1], reduction="sum")
        penalty = w[:-1] @ w[:-1] / 2
        slope = np.append(C * (X.T @ gradient) + w[:-1], C * gradient.sum())
        return C * value + penalty, slope

    start = np.zeros(X.shape[1] + 1)
    options = {"ftol": 1e-15, "gtol": 1e-7, "maxiter": 5000}
    result = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return result.x, result.nit


reference = LogisticRegression(C=C, tol=1e-8, max_iter=5000).fit(X, y)
reference_w = np.append(reference.coef_, reference.intercept_)
logistic_w, logistic_steps = fit_by_hand(BCEWithLogitsLoss())
focal_w, focal_steps = fit_by_hand(SigmoidFocalLoss(alpha=None, gamma=2.0))

mean_log_loss = BCEWithLogitsLoss()
rows = []
for name, w, steps in [
    ("LogisticRegression", reference_w, int(reference.n_iter_[0])),
    ("by hand, binary_cross_entropy_with_logits", logistic_w, logistic_steps),
    ("by hand, sigmoid_focal_loss", focal_w, focal_steps),
]:
    logit = X @ w[:-1] + w[-1]
    difference = "" if w is reference_w else f"{np.abs(w - reference_w).max():.1e}"
    focal = sigmoid_focal_loss(y, logit, alpha=None)
    rows.append([name, steps, mean_log_loss(y, logit), focal, w @ w, difference])
print_table(
    f"3. Breast cancer, logistic model with an L2 penalty, C = {C:g}: losses on the training data",
    ["fit", "steps", "cross-entropy", "focal loss", "|w|^2", "max difference of coefficients"],
    rows,
)

# %%
# The figure
# ----------

fig, axes = plt.subplots(1, 3, figsize=(14, 4.6), layout="constrained")
fig.get_layout_engine().set(wspace=0.06)

ax = axes[0]
names = sorted(digits_results, key=lambda name: digits_results[name][1], reverse=True)
losses = [digits_results[name][1] for name in names]
bars = ax.barh(names, losses, color="tab:blue")
labels = [f"{digits_results[name][1]:.2f}  ({digits_results[name][0]:.1%})" for name in names]
ax.bar_label(bars, labels, padding=4)
ax.set_yticks(names, [textwrap.fill(name, 12) for name in names])
ax.set_xlim(0, 1.6 * max(losses))
ax.set_xlabel("cross_entropy on test folds (accuracy in brackets)")
ax.set_title("Digits: models judged by a loss")

ax = axes[1]
best = search.best_index_
(line,) = ax.semilogx(strengths, focal_by_strength, "o-", label="sigmoid_focal_loss (left)")
(star,) = ax.plot(
    strengths[best], focal_by_strength[best], "*", ms=18, color="tab:red", label="selected"
)
ax.set_xlabel("C of LogisticRegression")
ax.set_ylabel("sigmoid_focal_loss on test folds")
ax.set_ylim(0, 0.16)
right = ax.twinx()
(dashed,) = right.semilogx(
    strengths, accuracy_by_strength, "s--", color="tab:gray", label="accuracy (right)"
)
right.set_ylabel("accuracy on test folds")
right.set_ylim(0.86, 1.0)
ax.legend(handles=[line, star, dashed], loc="upper right")
ax.set_title("Digit 8 or not: selected by focal loss")

ax = axes[2]
bounds = np.array([reference_w.min(), reference_w.max()])
ax.plot(bounds, bounds, color="lightgray", zorder=0, label="equal")
ax.plot(reference_w, logistic_w, "o", mfc="none", label="binary_cross_entropy_with_logits")
ax.plot(reference_w, focal_w, "x", label="sigmoid_focal_loss")
ax.set_xlabel("coefficients of LogisticRegression")
ax.set_ylabel("coefficients found by hand")
ax.set_ylim(top=1.6)  # room for the legend
ax.legend(loc="upper left")
ax.set_title("Breast cancer: fitted by hand")

if args.output is None:
    plt.show()
else:
    fig.savefig(args.output, dpi=120)
    print(f"\nThe figure is in {args.output}.")
