"""
====================================
Counts that vary more than Poisson's
====================================

The Poisson distribution has no parameter for the variance: it equals the mean. Real counts usually
vary more, for reasons that a model does not know. A Poisson regression then predicts good means,
but believes too firmly in them. The negative binomial distribution has the variance mean + alpha *
mean², and :func:`~sklosses.negative_binomial_nll_loss` fits its mean. Alpha is chosen by the same
loss, in cross-validation.

The counts are those of words in the documentation of scikit-learn itself: how often does the text
of a class or function say "data"? What is known of it is how long it is, and what it documents. The
numbers depend a little on the version of scikit-learn.
"""

import inspect
import re

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import nbinom, poisson
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict
from sklearn.utils.discovery import all_estimators, all_functions

from sklosses import NegativeBinomialNLLLoss, negative_binomial_nll_loss, poisson_nll_loss
from sklosses.linear_model import LossRegressor

plt.style.use("tableau-colorblind10")

rows, counts, lengths = [], [], []
for _, item in all_estimators() + all_functions():
    words = re.findall(r"[a-z]+", (inspect.getdoc(item) or "").lower())
    if len(words) >= 50:
        mentioned = [word in inspect.getmodule(item).__name__ for word in ("datasets", "metrics")]
        rows.append([np.log(len(words)), inspect.isclass(item), *mentioned])
        counts.append(words.count("data"))
        lengths.append(len(words))
X, y, lengths = np.array(rows, float), np.array(counts, float), np.array(lengths)
X[:, 0] -= X[:, 0].mean()
print(f"{len(y)} texts of 50 to {lengths.max()} words")
print(f"'data' occurs {y.sum():.0f} times, {y.max():.0f} of them in one text")

# %%
# Two models
# ----------
# Both predict the logarithm of the mean as a linear function of the logarithm of the length and of
# what kind of thing is documented. ``full=True`` keeps the terms that do not depend on the
# prediction, without which different values of alpha cannot be compared.


def score(estimator, X, y):
    """Log-likelihood, with the alpha of the estimator's loss."""
    return -estimator.loss_(y, np.log(estimator.predict(X)))


cv = KFold(5, shuffle=True, random_state=0)
model = LossRegressor(NegativeBinomialNLLLoss(full=True))
search = GridSearchCV(model, {"loss__alpha": np.logspace(-2, 1, 13)}, scoring=score, cv=cv)
search.fit(X, y)
alpha = search.best_params_["loss__alpha"]
means = {
    "Poisson": cross_val_predict(LossRegressor("poisson_nll_loss"), X, y, cv=cv),
    "negative binomial": cross_val_predict(search.best_estimator_, X, y, cv=cv),
}

# %%
# How firmly do they believe?
# ---------------------------
# Each distribution gives an interval that should contain at least nine of ten counts.

poisson_mean, nb_mean = means.values()
distributions = {
    "Poisson": poisson(poisson_mean),
    "negative binomial": nbinom(1 / alpha, 1 / (1 + alpha * nb_mean)),
}
values = {
    "Poisson": poisson_nll_loss(y, np.log(poisson_mean), full=True),
    "negative binomial": negative_binomial_nll_loss(y, np.log(nb_mean), alpha=alpha, full=True),
}
inside = {}
print(f"alpha = {alpha:.2f}\n")
print(f"{'out of fold':<20}{'NLL':>8}{'mean error':>12}{'in 90 % interval':>18}")
for name, distribution in distributions.items():
    low, high = distribution.ppf(0.05), distribution.ppf(0.95)
    inside[name] = (low <= y) & (y <= high)
    error = np.abs(y - means[name]).mean()
    print(f"{name:<20}{values[name]:>8.3f}{error:>12.3f}{inside[name].mean():>18.1%}")

# %%
# The figure
# ----------
# On the right, how many texts say "data" a number of times, beside what the two models expect. The
# Poisson model expects too few texts that never say it, and too few that keep saying it.

fig, (left, right) = plt.subplots(1, 2, figsize=(13, 5), layout="constrained")
order = np.argsort(nb_mean)
colors = {"Poisson": "C1", "negative binomial": "C0"}
left.plot(nb_mean, y + np.random.default_rng(0).uniform(-0.25, 0.25, len(y)), ".", color="C3", ms=4,
          label="texts")  # fmt: skip
grid = np.geomspace(nb_mean.min(), nb_mean.max(), 300)
for name, distribution in {
    "negative binomial": nbinom(1 / alpha, 1 / (1 + alpha * grid)),
    "Poisson": poisson(grid),
}.items():
    label = f"{name}, 90 % interval: {inside[name].mean():.0%} of the texts"
    left.fill_between(
        grid, distribution.ppf(0.05) - 0.4, distribution.ppf(0.95) + 0.4, color=colors[name],
        alpha=0.45, lw=0, label=label,
    )  # fmt: skip
left.set(xscale="log", yscale="symlog", ylim=(-0.6, 60))
ticks = [0.3, 1, 3, 10]
left.set_xticks(ticks, ticks)
left.set_xticks([], minor=True)
left.set_yticks([0, 1, 2, 5, 10, 20, 40], [0, 1, 2, 5, 10, 20, 40])
left.set_xlabel("predicted mean (negative binomial)")
left.set_ylabel("how often a text says 'data'")
left.set_title("Intervals")
left.legend(loc="upper left", fontsize=9)

k = np.arange(16)
observed = np.append(np.bincount(y.astype(int))[:15], np.sum(y >= 15))
right.bar(k, np.pad(observed, (0, 16 - len(observed))), color="C2", label="observed")
looks = zip(distributions.items(), ["v", "o"], ["--", "-"], strict=True)
for (name, distribution), marker, style in looks:
    args = [arg[:, None] if np.ndim(arg) else arg for arg in distribution.args]
    frozen = distribution.dist(*args)
    expected = np.append(frozen.pmf(k[:15]).sum(axis=0), frozen.sf(14).sum())
    right.plot(k, expected, style, marker=marker, color=colors[name], label=f"{name}, expected")
right.set_xticks(k[::3], ["0", "3", "6", "9", "12", "15 or more"])
right.set_yscale("symlog", linthresh=10)
right.set_yticks([0, 5, 10, 20, 50, 100, 200], [0, 5, 10, 20, 50, 100, 200])
right.set_xlabel("how often a text says 'data'")
right.set_ylabel("texts")
right.set_title("All texts")
right.legend()
plt.show()
