"""
========================================
Find mislabelled samples by their losses
========================================

If a model has not learnt a wrong label, the loss of that sample is large. Here three in a hundred
labels of the digits are changed, a model predicts each sample from the others (out of fold), and
the samples with the largest losses are inspected first.

:class:`~sklosses.plotting.SampleLossDisplay` draws the losses and says which samples they are.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from sklosses.plotting import SampleLossDisplay

# %%
# Change the labels
# -----------------

X, y = load_digits(return_X_y=True)
rng = np.random.default_rng(0)
changed = rng.choice(len(y), size=round(0.03 * len(y)), replace=False)
y_given = y.copy()
y_given[changed] = (y[changed] + rng.integers(1, 10, len(changed))) % 10

# %%
# Predict each sample from the others
# -----------------------------------
# A model that has learnt a wrong label may repeat it, hence the folds.

model = ExtraTreesClassifier(200, random_state=0)
folds = StratifiedKFold(5, shuffle=True, random_state=0)
y_pred = cross_val_predict(model, X, y_given, cv=folds, method="predict_proba")

# %%
# Look at the hardest samples
# ---------------------------

fig = plt.figure(figsize=(12, 5), layout="constrained")
left, right = fig.subfigures(1, 2)
n = len(changed)
display = SampleLossDisplay.from_predictions(
    y_given,
    y_pred,
    loss="cross_entropy",
    response_method="predict_proba",
    n_hardest=n,
    ax=left.subplots(),
)
is_changed = np.isin(display.hardest_, changed)

print(f"{n} of {len(y)} labels were changed.")
for k in (10, n // 2, n):
    print(f"Of the {k} hardest samples {is_changed[:k].sum()} have a changed label.")

# The last of them are the doubtful cases.
right.suptitle(f"Numbers {n - 14} to {n} of the hardest, and their labels")
for ax, index in zip(right.subplots(3, 5).flat, display.hardest_[-15:], strict=True):
    ax.imshow(X[index].reshape(8, 8), cmap="gray_r")
    if y_given[index] == y[index]:
        ax.set_title(f"{y[index]}")
    else:
        ax.set_title(f"{y_given[index]}, was {y[index]}", color="C3")
    ax.set_axis_off()

plt.show()
