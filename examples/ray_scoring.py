"""
===================
Score models on Ray
===================

A data set of Ray is read in batches, each of which may come from another file and be read by
another process. A loss scorer scores a model on a batch, and the scores of the batches are averaged
with their weights: that is the score of the whole.

Six models with different penalties are scored in one pass over the data, which are the breast
cancer data of scikit-learn, and Ray runs on this machine. The example needs ray and pyarrow.
"""

import logging
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklosses import make_loss_scorer

os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"  # no warning about graphics cards
import ray

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
y = np.where(y == 0, "malignant", "benign")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.6, random_state=0)
weight = np.where(y_test == "malignant", 3.0, 1.0)  # missing one is worse

models = {
    C: make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=10_000)).fit(
        X_train, y_train
    )
    for C in (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
}
scorers = {
    "cross-entropy": make_loss_scorer("binary_cross_entropy_with_logits"),
    "focal, gamma = 2": make_loss_scorer("sigmoid_focal_loss", alpha=None),
}

# %%
# Score
# -----
# Each batch is a DataFrame. What is returned for it has one row for each model and loss.


def score(batch):
    """Scores of the models on a batch, with the weight of its samples."""
    labels, weights = batch.pop("label"), batch.pop("weight")
    rows = [
        (C, name, scorer(model, batch, labels, sample_weight=weights), weights.sum())
        for C, model in models.items()
        for name, scorer in scorers.items()
    ]
    return pd.DataFrame(rows, columns=["C", "loss", "score", "weight"])


ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
logging.getLogger("ray.data").setLevel(logging.ERROR)
ray.data.DataContext.get_current().enable_progress_bars = False
table = X_test.assign(label=y_test, weight=weight)
data = ray.data.from_pandas(table).repartition(4)
scores = data.map_batches(score, batch_format="pandas", batch_size=64).to_pandas()
ray.shutdown()

scores["sum"] = scores["score"] * scores["weight"]
sums = scores.groupby(["loss", "C"])[["sum", "weight"]].sum()
means = sums["sum"] / sums["weight"]

# %%
# The same in memory
# ------------------

for name, scorer in scorers.items():
    for C, model in models.items():
        in_memory = scorer(model, X_test, y_test, sample_weight=weight)
        np.testing.assert_allclose(means[name, C], in_memory, rtol=1e-12)
    best = means[name].idxmax()
    print(
        f"{name:<17} {len(scores) // len(means)} batches, best C {best:g}: {-means[name, best]:.4f}"
    )

# %%
# The figure
# ----------
# The lines are the losses of all samples, the dots those of single batches.

plt.style.use("tableau-colorblind10")
fig, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for ax, name in zip(axes, scorers, strict=True):
    batches = scores[scores["loss"] == name]
    ax.plot(batches["C"], -batches["score"], "o", alpha=0.4, label="batches")
    ax.plot(-means[name], label="all samples")
    ax.set(xscale="log", xlabel="C", ylabel="loss", title=name)
    ax.legend()
plt.show()
