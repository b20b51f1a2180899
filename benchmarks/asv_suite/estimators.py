"""Fits of linear models, and scoring."""

import numpy as np

from sklosses import make_loss_scorer
from sklosses.linear_model import LossClassifier, LossRegressor


class Fits:
    """20,000 samples of 20 features."""

    params = (["huber_loss", "quantile_loss", "poisson_nll_loss"], ["float32", "float64"])
    param_names = ("loss", "dtype")

    def setup(self, loss, dtype):
        rng = np.random.default_rng(0)
        self.X = rng.normal(size=(20_000, 20)).astype(dtype)
        mean = self.X[:, 0] + 0.5 * self.X[:, 1]
        self.y = rng.poisson(np.exp(mean / 2)) if loss.startswith("poisson") else mean
        self.y = self.y.astype(dtype)

    def time_fit(self, loss, dtype):
        LossRegressor(loss).fit(self.X, self.y)


class Scoring:
    """Of 100,000 samples, without the time of the predictions."""

    params = ["cross_entropy", "sigmoid_focal_loss", "hinge_loss"]
    param_names = ("loss",)

    def setup(self, loss):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(100_000, 2))
        self.X, self.y = X, X[:, 0] + rng.normal(size=len(X)) > 0
        self.model = LossClassifier("hinge_loss" if loss == "hinge_loss" else "cross_entropy")
        self.model.fit(X[:1000], self.y[:1000])
        self.scorer = make_loss_scorer(loss)

    def time_score(self, loss):
        self.scorer(self.model, self.X, self.y)
