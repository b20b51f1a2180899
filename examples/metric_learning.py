"""
===========================================
Choose and train an embedding of the digits
===========================================

An embedding is good if the nearest neighbours of a sample are of its class. Losses over all pairs
of a batch say how far it is from that, here :func:`~sklosses.batch_hard_triplet_loss` and
:func:`~sklosses.sup_con_loss`. So they can choose the number of components of a scikit-learn
transformer, and they can train a linear embedding directly.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier, NeighborhoodComponentsAnalysis
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import Normalizer, normalize

from sklosses import SupConLoss, make_loss_scorer

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)
# Directions are compared, so the centre has to be the origin.
center = X_train.mean(axis=0)
X_train, X_test = X_train - center, X_test - center


def nearest_neighbour_accuracy(train, test):
    """Share of the test samples whose nearest training sample is of their class."""
    return KNeighborsClassifier(1).fit(train, y_train).score(test, y_test)


# %%
# Choose the number of components by a loss
# -----------------------------------------
# The batch-hard triplet loss compares, for each sample, the farthest sample of its class with the
# nearest sample of any other class. Its scorer takes what ``transform`` returns. Distances and the
# margin depend on the scale of an embedding, so ``Normalizer`` gives all embeddings the same scale.

components = [2, 4, 8, 16, 32, 64]
transformers = {
    "PCA": PCA(random_state=0),
    "NCA": NeighborhoodComponentsAnalysis(max_iter=20, random_state=0),
}
cv = StratifiedKFold(3, shuffle=True, random_state=0)
searches, accuracies = {}, {}
for name, transformer in transformers.items():
    pipeline = Pipeline([("embed", transformer), ("unit", Normalizer())])
    searches[name] = GridSearchCV(
        pipeline,
        {"embed__n_components": components},
        scoring=make_loss_scorer("batch_hard_triplet_loss"),
        cv=cv,
    ).fit(X_train, y_train)
    accuracies[name] = []
    for n in components:
        pipeline.set_params(embed__n_components=n).fit(X_train, y_train)
        accuracies[name].append(
            nearest_neighbour_accuracy(pipeline.transform(X_train), pipeline.transform(X_test))
        )

print("1. Components chosen by the batch-hard triplet loss (cross-validated on the training half)")
print("   and the accuracy of the nearest neighbour (on the test half)\n")
print(f"{'':>10}{'loss':>18}{'accuracy':>20}")
print(f"{'components':>10}{'PCA':>9}{'NCA':>9}{'PCA':>11}{'NCA':>9}")
losses = {name: -search.cv_results_["mean_test_score"] for name, search in searches.items()}
for k, n in enumerate(components):
    line = f"{n:>10}"
    for name, search in searches.items():
        line += f"{losses[name][k]:8.3f}{'*' if search.best_index_ == k else ' '}"
    print(f"{line}{accuracies['PCA'][k]:>11.3f}{accuracies['NCA'][k]:>9.3f}")
print("* chosen")

# %%
# Train a linear embedding by hand
# --------------------------------
# The gradient with respect to the embeddings, times the data, is the gradient with respect to the
# weights. With SciPy's L-BFGS this takes ten lines. The supervised contrastive loss uses all pairs.
# (The batch-hard loss evaluates an embedding well. But as long as classes overlap, its hardest
# pairs are outliers, and training on all the data at once moves all samples to one point.)

loss = SupConLoss(temperature=0.1)
alpha = 1e-2


def train(start):
    """Weights (n_features, n_components) that minimise the loss, with a small penalty."""

    def objective(w):
        weights = w.reshape(start.shape)
        value, gradient = loss.value_and_gradient(y_train, X_train @ weights)
        return value + alpha / 2 * (w @ w), (X_train.T @ gradient).ravel() + alpha * w

    result = minimize(
        objective, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 100}
    )
    return result.x.reshape(start.shape)


def embed(weights):
    """Both halves of the data, as unit vectors."""
    return normalize(X_train @ weights), normalize(X_test @ weights)


print(
    "\n2. A linear embedding, before (PCA) and after training by the supervised contrastive loss\n"
)
print(f"{'':>10}{'loss on the training half':>28}{'accuracy on the test half':>28}")
print(f"{'components':>10}{'before':>16}{'after':>12}{'before':>16}{'after':>12}")
dimensions = [2, 3, 4, 8, 16]
trained = {}
for n in dimensions:
    start = PCA(n, random_state=0).fit(X_train).components_.T
    both = [embed(weights) for weights in (start, train(start))]
    values = [loss(y_train, own) for own, _ in both]
    scores = [nearest_neighbour_accuracy(*halves) for halves in both]
    trained[n] = both, scores
    print(f"{n:>10}{values[0]:16.3f}{values[1]:12.3f}{scores[0]:16.3f}{scores[1]:12.3f}")

# %%
# The figure
# ----------

fig = plt.figure(figsize=(13, 8), layout="constrained")
grid = fig.add_gridspec(2, 2, height_ratios=[1, 1.15])

ax = fig.add_subplot(grid[0, 0])
for name, search in searches.items():
    (line,) = ax.plot(components, losses[name], "o-", label=name)
    best = search.best_index_
    ax.plot(components[best], losses[name][best], "*", ms=18, color=line.get_color())
ax.set_xscale("log", base=2)
ax.set_xticks(components, components)
ax.set_xlabel("components (star: chosen)")
ax.set_ylabel("batch_hard_triplet_loss, test folds")
ax.set_title("Components chosen by a loss")
ax.legend()

ax = fig.add_subplot(grid[0, 1])
places = np.arange(len(dimensions))
for shift, label, k in ((-0.2, "before: PCA", 0), (0.2, "after training", 1)):
    heights = [trained[n][1][k] for n in dimensions]
    ax.bar_label(ax.bar(places + shift, heights, 0.4, label=label), fmt="%.2f", padding=2)
ax.set_xticks(places, dimensions)
ax.set_ylim(0, 1.25)
ax.set_xlabel("components")
ax.set_ylabel("nearest-neighbour accuracy, test half")
ax.set_title("A linear embedding trained by sup_con_loss")
ax.legend(loc="upper left", ncols=2)

for k, title in enumerate(["before: PCA", "after training"]):
    ax = fig.add_subplot(grid[1, k], projection="mollweide")
    points = trained[3][0][k][1]
    for digit in range(10):
        x, z, height = points[y_test == digit].T
        longitude, latitude = np.arctan2(z, x), np.arcsin(height.clip(-1, 1))
        ax.plot(longitude, latitude, marker=f"${digit}$", ms=5, ls="", mew=0.2, color=f"C{digit}")
    ax.set_xticklabels([])
    ax.set_yticklabels([])
    ax.grid(alpha=0.3)
    ax.set_title(f"Three components on the unit sphere, test half, {title}")

plt.show()
