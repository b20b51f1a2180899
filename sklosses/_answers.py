"""Where the predictions come from that a loss takes, and what columns of an answer are.

The table `RESPONSES` says by which methods an estimator provides each kind of predictions; a new
kind is a new row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature

import numpy as np
from scipy.sparse import issparse
from sklearn.ensemble import BaseEnsemble
from sklearn.frozen import FrozenEstimator

from ._labels import (
    is_second,
)
from ._lazy import refuse_lazy

# ---------------------------------------------------------------------------------------------
# What a loss takes, and where it comes from
# ---------------------------------------------------------------------------------------------


def same(values):
    """Predicted values as they are."""
    return values


def _log_rate(y_pred):
    smallest = np.min(y_pred)
    if smallest <= 0:
        raise ValueError(
            "The loss takes the logarithm of the predictions, so they must be positive. "
            f"The smallest one is {smallest}."
        )
    return np.log(y_pred)


def _predict_mean_and_variance(loss, estimator, X):
    cause = None
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_  # predict of a search takes no keywords
    try:
        answer = estimator.predict(X, return_std=True)
    except Exception as error:
        # Some estimators do not know the keyword; others pass it on and cannot handle two arrays.
        try:
            estimator.predict(X)
        except Exception:
            raise error from None  # the error is not about the keyword
        cause, answer = error, None
    if not isinstance(answer, tuple) or len(answer) != 2:
        names = " in ".join(_without_std(estimator))
        raise TypeError(
            f"{type(loss).__name__} needs a standard deviation for each prediction, but "
            f"{names} does not return one from predict(X, return_std=True)."
        ) from cause
    mean, std = answer
    return mean, np.square(std)


# Attributes in which a meta-estimator keeps the estimator that makes its predictions.
_INNER = ("best_estimator_", "estimator_", "final_estimator_")


def _delegates(estimator):
    """The chain of estimators that a prediction passes through: innermost first, `estimator` last.

    A pipeline, a search or a tuned threshold returns what another estimator predicts.
    """
    chain = [estimator]
    while True:
        outer = chain[0]
        inner = None
        if isinstance(outer, FrozenEstimator):
            inner = outer.estimator
        elif hasattr(outer, "steps"):
            inner = outer.steps[-1][1]
        elif not hasattr(outer, "estimator_weights_"):  # boosting makes its own predictions
            found = (getattr(outer, name, None) for name in _INNER)
            # `is not None`, because an ensemble that is not fitted has length 0.
            inner = next((item for item in found if item is not None), None)
        if inner is None or isinstance(inner, str):
            return chain
        chain.insert(0, inner)


def _takes_std(estimator):
    try:
        return "return_std" in signature(estimator.predict).parameters
    except (AttributeError, TypeError, ValueError):  # compiled functions may have no signature
        return False


def _without_std(estimator):
    """Names of the nested estimators, outermost first, that may lack a standard deviation."""
    names = []
    for item in reversed(_delegates(estimator)):
        if _takes_std(item):
            break
        names.insert(0, type(item).__name__)
        if isinstance(item, BaseEnsemble):
            break
    return names or [type(estimator).__name__]


def refuse_pairs_of_classes(estimator):
    """Raise for decisions of pairs of classes.

    For three classes there are three pairs, so the shape does not tell them from decisions of
    classes.
    """
    if getattr(_delegates(estimator)[0], "decision_function_shape", None) == "ovo":
        name = type(_delegates(estimator)[0]).__name__
        raise ValueError(
            f"The decisions of {name}(decision_function_shape='ovo') belong to pairs of classes, "
            "but the loss takes one for each class. Set decision_function_shape='ovr', which "
            "does not need a new fit, or use probabilities."
        )


def _transform_each(loss, estimator, X):
    """Embed the vectors of each sample; return an array of the first ones, of the second ones..."""
    refuse_lazy(X, "X")
    X = np.asarray(X)
    n_vectors = sum(item.differentiable for item in loss.inputs)
    if X.ndim != 3 or X.shape[1] != n_vectors:
        raise ValueError(
            f"{type(loss).__name__} takes {n_vectors} vectors for each sample: X must have shape "
            f"(n_samples, {n_vectors}, n_features). Got shape {X.shape} instead."
        )
    embedded = estimator.transform(X.reshape(-1, X.shape[2]))
    embedded = embedded.toarray() if issparse(embedded) else np.asarray(embedded)
    return tuple(np.moveaxis(embedded.reshape(*X.shape[:2], -1), 1, 0))


@dataclass(frozen=True)
class Response:
    """How an estimator provides the predictions of one kind.

    Parameters
    ----------
    methods : tuple of str
        The methods that provide them, in order of preference.
    from_value : callable, default=same
        Converts predicted values to what the loss takes.
    ask : callable(loss, estimator, X), default=None
        Gets the predictions, if a plain call of the method is not enough.
    of_vectors : bool, default=False
        Whether the loss compares vectors, or their distances, rather than predictions with y.
    is_likelihood : bool, default=False
        Whether the loss is the negative log-likelihood of a label, whatever the model of the
        probabilities. Probabilities are then scored by `NLLLoss`.
    """

    methods: tuple[str, ...]
    from_value: Callable = same
    ask: Callable | None = None
    of_vectors: bool = False
    is_likelihood: bool = False


# By `LossTags.response`.
RESPONSES = {
    "real": Response(("predict",)),
    "rate": Response(("predict",)),
    "log_rate": Response(("predict",), from_value=_log_rate),
    "box": Response(("predict",)),
    "distribution": Response(("predict",), ask=_predict_mean_and_variance),
    "embedding": Response(("transform",), of_vectors=True),
    "vectors": Response(("transform",), ask=_transform_each, of_vectors=True),
    "modalities": Response(("transform",), ask=_transform_each, of_vectors=True),
    "distance": Response(("pair_distance",), of_vectors=True),
    "margin": Response(("decision_function",)),
    "class_margin": Response(("decision_function",)),
    "logit": Response(("predict_proba", "decision_function")),
    "probability": Response(("predict_proba",)),
    "class_logits": Response(("predict_proba", "decision_function")),
    "class_log_probabilities": Response(("predict_proba",)),
    "class_probabilities": Response(("predict_proba",)),
    "cumulative_logits": Response(("predict_proba",)),
    "conditional_logits": Response(("predict_proba",)),
    "latent": Response(("predict_proba",), is_likelihood=True),
    "score": Response(("predict",)),
    "log_hazard": Response(("predict",)),
    # No method of an estimator returns these; a callable may.
    "pixels": Response(()),
    "alignment": Response(()),
    "pair": Response(()),
    "critic": Response(()),
}

# Why losses with these responses or targets cannot score an estimator.
NO_SCORE = {
    "critic": "takes the scores that a critic gives real and generated samples, not predictions "
    "of y",
    "class_position": "takes numbers between class indices as targets, which no classifier has",
    "teacher_logits": "compares predictions with the logits of a teacher, not with y",
    "none": "takes only predictions and does not compare them with y",
}


def no_score(loss):
    """The reason why a loss cannot score an estimator; None if it can."""
    return NO_SCORE.get(loss.tags.response) or NO_SCORE.get(loss.tags.target)


# ---------------------------------------------------------------------------------------------
# Predictions of classifiers
# ---------------------------------------------------------------------------------------------


def check_probability(probability, source):
    """Check the range of probabilities; clip them to [eps, 1 - eps], as sklearn's log_loss does."""
    if probability.dtype.kind != "f":
        probability = probability.astype(np.float64)
    eps = float(np.finfo(probability.dtype).eps)
    low, high = probability.min(), probability.max()
    # NaN passes here and is reported by the loss.
    if low < -(eps**0.5) or high > 1 + eps**0.5:
        raise ValueError(
            f"{source} must return probabilities in the range [0, 1]. "
            f"Got values from {low} to {high} instead."
        )
    return probability.clip(eps, 1 - eps)


def columns_of_outputs(answer, classes):
    """Predictions for the second class of each output, (n_samples, n_outputs).

    Some classifiers return a list with the probabilities of each output, (n_samples, 2).
    """
    if not isinstance(answer, (list, tuple)):
        return np.asarray(answer)
    columns = []
    for probability, known in zip(answer, classes, strict=True):
        if len(known) == 1 and not is_second(known):
            columns.append(np.zeros(len(probability)))
        else:
            columns.append(probability if np.ndim(probability) == 1 else probability[:, -1])
    return np.column_stack(columns)


def columns_of_classes(answer, n_classes, per_class, is_probability, source):
    """Predictions for y with one label per sample, (n_samples, n_classes).

    For two classes and a loss of binary targets: those for the second class, (n_samples,).
    """
    answer = np.asarray(answer)
    if answer.ndim == 1 and n_classes == 2:
        if not per_class:
            return answer
        return np.column_stack([1 - answer if is_probability else np.zeros_like(answer), answer])
    if answer.ndim != 2 or answer.shape[1] != n_classes:
        raise ValueError(
            f"{source} must return one column for each of the {n_classes} classes. "
            f"Got shape {answer.shape} instead."
        )
    if is_probability and n_classes == 1:
        # For a model of a single class, the rest of the probability belongs to all other classes.
        answer = np.hstack([answer, 1 - answer])
    if per_class or answer.shape[1] != 2:
        return answer
    return answer[:, 1] if is_probability else answer[:, 1] - answer[:, 0]


def make_worst(y_pred, positions, from_probability, eps, per_class):
    """Give samples with an unseen label, position -1, a class and the worst prediction for it.

    The class is the one that the model finds least likely. Its probability becomes eps.
    """
    y_pred, positions = y_pred.astype(np.float64), positions.copy()
    rows = np.flatnonzero(positions < 0)
    if y_pred.ndim == 1:
        positions[rows] = 0
        y_pred[rows] = from_probability(1 - eps)
        return y_pred, positions
    positions[rows] = y_pred[rows].argmin(axis=1)
    if per_class:
        y_pred[rows] = from_probability((1 - eps) / (y_pred.shape[1] - 1))
    y_pred[rows, positions[rows]] = from_probability(eps)
    return y_pred, positions
