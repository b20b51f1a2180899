"""
=====================================
Ranking images by what they look like
=====================================

A query is an image of a digit, and 40 other images are to be ranked so that those of the same digit
come first. Queries are drawn from the digits of scikit-learn, since no data set for ranking comes
with the packages that are needed here. A row is a pair of a query and a candidate. Its features are
the squared differences of 20 principal components, and its score is linear in them: the model
learns which differences matter.

The models differ in the loss alone. All of them compare the rows of a query with one another, and
never those of two queries.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import ndcg_score

from sklosses.linear_model import LossRegressor

plt.style.use("tableau-colorblind10")

images, digit = load_digits(return_X_y=True)
components = PCA(20).fit_transform(images)
components /= components.std()

rng = np.random.default_rng(0)
n_queries, n_candidates = 200, 40


def draw_queries(among):
    """Features, relevances and the query of each row."""
    query = rng.choice(among, n_queries, replace=False)
    candidate = np.array([rng.choice(among[among != q], n_candidates) for q in query])
    features = (components[query][:, None] - components[candidate]) ** 2
    relevance = digit[query][:, None] == digit[candidate]
    groups = np.repeat(np.arange(n_queries), n_candidates)
    return features.reshape(len(groups), -1), relevance.ravel().astype(int), groups


half = np.arange(len(digit)) % 2 == 0
X, relevance, groups = draw_queries(np.flatnonzero(half))
X_test, relevance_test, _ = draw_queries(np.flatnonzero(~half))
print(f"{len(X)} rows of {n_queries} queries, {relevance.mean():.0%} of them relevant")

# %%
# Training
# --------
# :class:`~sklosses.linear_model.LossRegressor` takes the groups in ``fit``. There is no intercept,
# since it would move all scores of a query.


def ndcg(X, relevance, weights):
    """NDCG@10 of each query that has a relevant candidate."""
    score = (X @ weights).reshape(n_queries, n_candidates)
    relevance = relevance.reshape(n_queries, n_candidates)
    some = relevance.any(axis=1)
    rows = zip(relevance[some], score[some], strict=True)
    return np.array([ndcg_score([y], [s], k=10) for y, s in rows])


names = ["ranknet_loss", "listnet_loss", "listmle_loss", "lambdarank_loss"]
found = {"plain distance": -np.ones(20)}
for name in names:
    found[name] = LossRegressor(name, alpha=2e-3).fit(X, relevance, groups=groups).coef_
scores = {name: ndcg(X_test, relevance_test, weights) for name, weights in found.items()}
print("\nNDCG@10 on other queries")
for name, score in scores.items():
    print(f"{name:<18}{score.mean():.3f}")

# %%
# Which differences matter
# ------------------------
# The first components have the largest differences, but not those that tell digits apart. The order
# of relevant images among themselves means nothing, yet :func:`~sklosses.listmle_loss` learns it:
# it is for rankings without ties.

fig, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
axes[0].barh(list(scores), [score.mean() for score in scores.values()])
axes[0].set(xlabel="NDCG@10 on other queries", xlim=(0.5, 1))
axes[0].invert_yaxis()
for name in ("plain distance", "ranknet_loss", "lambdarank_loss"):
    weights = found[name]
    axes[1].plot(np.arange(1, 21), -weights / np.abs(weights).mean(), "o-", label=name)
axes[1].set(xlabel="principal component", ylabel="weight of its difference")
axes[1].legend()
plt.show()
