"""Estimators with known answers, and scorers that show what they were called with."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from sklosses import GaussianNLLLoss, MSELoss, make_loss_scorer
from sklosses.base import LossTags

EPS = np.finfo(np.float64).eps


class Fixed(ClassifierMixin, BaseEstimator):
    """A classifier whose answers are columns of X; counts the calls of predict_proba."""

    n_calls = 0

    def __init__(self, classes=None):
        self.classes = classes

    def fit(self, X, y):
        self.classes_ = np.unique(y) if self.classes is None else np.asarray(self.classes)
        return self

    def predict_proba(self, X):
        type(self).n_calls += 1
        return np.asarray(X)

    def predict(self, X):
        return self.classes_[np.argmax(X, axis=1)]


class Decide(ClassifierMixin, BaseEstimator):
    """A classifier whose decisions are X."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return np.asarray(X)


def spy_scorer(response, target, **params):
    """A scorer whose loss keeps the arrays that it is called with."""

    def call(self, *arrays, sample_weight=None):
        self.arrays = arrays
        return 0.0

    class SpyLoss(MSELoss):
        inputs = (GaussianNLLLoss if response == "distribution" else MSELoss).inputs
        tags = LossTags(response, target)
        __call__ = call

    return make_loss_scorer(SpyLoss, **params)


def probabilities(n_samples, n_classes, scale=1.0, seed=0):
    p = np.exp(scale * np.random.default_rng(seed).normal(size=(n_samples, n_classes)))
    return p / p.sum(axis=1, keepdims=True)


def respond(estimator, X):
    return estimator.predict_proba(X)[:, 1]


def two_halves(estimator, X):
    embedding = estimator.transform(X)
    return embedding, embedding[:, ::-1]
