"""Losses as scikit-learn scorers.

A scorer asks an estimator for predictions, brings predictions and target into the form that its
loss consumes, and returns minus the loss. Which form that is stands in the tags of the loss;
where it comes from, in the table `RESPONSES`: a new kind of prediction is a row there.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from types import MappingProxyType

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.ensemble import BaseEnsemble
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.frozen import FrozenEstimator
from sklearn.utils import assert_all_finite

from ._constants import has_constant, optimal_constant
from ._labels import (
    PER_CLASS,
    PER_QUESTION,
    classes_of_outputs,
    encode,
    find_positions,
    is_distribution,
    is_listed,
    is_multilabel,
    is_second,
    list_classes,
    mark_pairs,
    positions_in_outputs,
    raise_unseen,
    weigh_by_label,
)
from ._sklearn_compat import StrOptions, _BaseScorer, validate_parameter_constraints
from ._validation import as_dense
from ._warnings import warn
from .base import (
    Loss,
    LossParameter,
    as_loss,
    changed_params,
    get_loss,
    get_loss_names,
    nearest_names,
)

__all__ = ["LossScorer", "get_loss_scorer", "get_loss_scorer_names", "make_loss_scorer"]

# ---------------------------------------------------------------------------------------------
# What a loss consumes, and where it comes from
# ---------------------------------------------------------------------------------------------


def _same(values):
    return values


def _log(probability):
    return np.log(probability, dtype=np.float64)


def _logit(probability):
    # NumPy's log is vectorised, scipy.special.logit is not.
    probability = np.asarray(probability, dtype=np.float64)
    return np.log(probability / (1 - probability))


def _log_rate(y_pred):
    smallest = np.min(y_pred)
    if smallest <= 0:
        raise ValueError(
            "The loss takes the logarithm of the predictions, which must be positive. "
            f"The smallest one is {smallest}."
        )
    return np.log(y_pred)


def _predict_mean_and_variance(loss, estimator, X):
    cause = None
    while hasattr(estimator, "best_estimator_"):
        estimator = estimator.best_estimator_  # a search hands no keyword on
    try:
        answer = estimator.predict(X, return_std=True)
    except Exception as error:
        # Some do not know the keyword, or hand it on and stumble over two arrays in place of one.
        try:
            estimator.predict(X)
        except Exception:
            raise error from None  # it is not about the keyword
        cause, answer = error, None
    if not isinstance(answer, tuple) or len(answer) != 2:
        names = " in ".join(_without_std(estimator))
        raise TypeError(
            f"{type(loss).__name__} needs a standard deviation for each prediction, and "
            f"{names} does not return one from predict(X, return_std=True)."
        ) from cause
    mean, std = answer
    return mean, np.square(std)


# Where a meta-estimator keeps the estimator that makes its predictions.
_INNER = ("best_estimator_", "estimator_", "final_estimator_")


def _delegates(estimator):
    """The estimators that a prediction comes from: the innermost first, `estimator` last.

    A pipeline, a search or a tuned threshold hands on what another estimator predicts.
    """
    chain = [estimator]
    while True:
        outer = chain[0]
        inner = None
        if isinstance(outer, FrozenEstimator):
            inner = outer.estimator
        elif hasattr(outer, "steps"):
            inner = outer.steps[-1][1]
        elif not hasattr(outer, "estimator_weights_"):  # the decisions of boosting are its own
            found = (getattr(outer, name, None) for name in _INNER)
            # Not by truth: an ensemble has the length of what has been fitted.
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
    """Names of an estimator and of those inside that may be why it has no standard deviation."""
    names = []
    for item in reversed(_delegates(estimator)):
        if _takes_std(item):
            break
        names.insert(0, type(item).__name__)
        if isinstance(item, BaseEnsemble):
            break
    return names or [type(estimator).__name__]


def _refuse_pairs_of_classes(estimator):
    """Refuse decisions for pairs of classes, of which there may be as many as classes."""
    if getattr(_delegates(estimator)[0], "decision_function_shape", None) == "ovo":
        name = type(_delegates(estimator)[0]).__name__
        raise ValueError(
            f"The decisions of {name}(decision_function_shape='ovo') belong to pairs of classes, "
            "and the loss takes one for each class. Set decision_function_shape='ovr', which "
            "needs no new fit, or use probabilities."
        )


def _transform_each(loss, estimator, X):
    """Embeddings of the vectors of each sample: of the first ones, of the second ones, ..."""
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
class _Response:
    """How an estimator provides the predictions of one kind.

    Parameters
    ----------
    methods : tuple of str
        The methods that can, in order of preference.
    from_probability : callable, default=_same
        From a probability to what the loss takes, elementwise. Decisions are taken as they are.
    from_value : callable, default=_same
        The same from a predicted value.
    ask : callable(loss, estimator, X), default=None
        Where it takes more than a call of the method.
    of_vectors : bool, default=False
        Whether it is vectors that are compared, or distances of them, not predictions with y.
    """

    methods: tuple[str, ...]
    from_probability: Callable = _same
    from_value: Callable = _same
    ask: Callable | None = None
    of_vectors: bool = False


# By `LossTags.response`.
RESPONSES = {
    "real": _Response(("predict",)),
    "rate": _Response(("predict",)),
    "log_rate": _Response(("predict",), from_value=_log_rate),
    "distribution": _Response(("predict",), ask=_predict_mean_and_variance),
    "embedding": _Response(("transform",), of_vectors=True),
    "vectors": _Response(("transform",), ask=_transform_each, of_vectors=True),
    "modalities": _Response(("transform",), ask=_transform_each, of_vectors=True),
    "distance": _Response(("pair_distance",), of_vectors=True),
    "margin": _Response(("decision_function",), from_probability=_logit),
    "class_margin": _Response(("decision_function",), from_probability=_log),
    "logit": _Response(("predict_proba", "decision_function"), from_probability=_logit),
    "probability": _Response(("predict_proba",)),
    "class_logits": _Response(("predict_proba", "decision_function"), from_probability=_log),
    "class_log_probabilities": _Response(("predict_proba",), from_probability=_log),
    "class_probabilities": _Response(("predict_proba",)),
    # No method of an estimator returns these, a callable may.
    "alignment": _Response(()),
    "pair": _Response(()),
    "critic": _Response(()),
}

# Losses that compare something other than predictions with `y`: why, by response or by target.
_NO_SCORE = {
    "critic": "takes the scores that a critic gives real and generated samples, not predictions "
    "of y",
    "teacher_logits": "compares predictions with the logits of a teacher, not with y",
    "none": "takes predictions alone, with nothing to compare them with",
}


def _no_score(loss):
    """Why a loss cannot score an estimator; None if it can."""
    return _NO_SCORE.get(loss.tags.response) or _NO_SCORE.get(loss.tags.target)


# ---------------------------------------------------------------------------------------------
# Predictions of classifiers
# ---------------------------------------------------------------------------------------------


def _check_probability(probability, source):
    """Probabilities within [eps, 1 - eps], as sklearn.metrics.log_loss has them."""
    if probability.dtype.kind != "f":
        probability = probability.astype(np.float64)
    eps = float(np.finfo(probability.dtype).eps)
    low, high = probability.min(), probability.max()
    # A NaN passes, for the loss to report.
    if low < -(eps**0.5) or high > 1 + eps**0.5:
        raise ValueError(
            f"{source} must return probabilities in the range [0, 1]. "
            f"Got values from {low} to {high} instead."
        )
    return probability.clip(eps, 1 - eps)


def _columns_of_outputs(answer, classes):
    """Predictions for the second class of each output, (n_samples, n_outputs).

    Some classifiers list the probabilities (n_samples, 2) of each output.
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


def _columns_of_classes(answer, n_classes, per_class, is_probability, source):
    """Predictions for y of one label, (n_samples, n_classes).

    For two classes and a loss that asks binary questions: (n_samples,), of the second class.
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
        # A model that knows a single class leaves the rest of the probability to all others.
        answer = np.hstack([answer, 1 - answer])
    if per_class or answer.shape[1] != 2:
        return answer
    return answer[:, 1] if is_probability else answer[:, 1] - answer[:, 0]


def _make_worst(y_pred, positions, from_probability, eps, per_class):
    """Rows with position -1: give them a class, and a prediction as bad as can be for it.

    It is the class that the model takes for the least likely one, with probability eps.
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


# ---------------------------------------------------------------------------------------------
# The scorer
# ---------------------------------------------------------------------------------------------


def _ask(estimator, method, X):
    """What the method returns; scikit-learn's method callers reduce and may cache it."""
    return getattr(estimator, method)(X)


def _can_share(estimator, method, y_true, classes):
    """Whether what scikit-learn's method caller makes of a prediction is enough for us.

    Of two classes it keeps the second column; it refuses a single class, takes two labels for
    two classes, and (in version 1.6) knows only classifiers and regressors.
    """
    if method == "predict":
        return True
    if method == "transform" or not is_classifier(estimator):
        return False
    if is_listed(classes):
        return all(np.asarray(known).tolist() == [0, 1] for known in classes)
    return len(classes) > (2 if is_multilabel(y_true, classes) else 1)


# The loss of a label that is always the same is not quite 0, since probabilities of 0 and 1 are
# clipped at eps: below this it counts as 0.
_NOTHING = 1e-12


def _explained(loss, arrays, sample_weight, value):
    """The share of the loss of the best constant that the predictions save, a D^2 score."""
    y_true, *predictions = arrays
    if len(y_true) < 2:
        warn("D^2 score is not well-defined with less than two samples.", UndefinedMetricWarning)
        return math.nan
    n_classes = np.shape(predictions[0])[-1] if loss.tags.target in PER_CLASS else 0
    constants = optimal_constant(loss, y_true, sample_weight, n_classes)
    constants = constants if isinstance(constants, tuple) else (constants,)
    constants = [
        np.broadcast_to(constant, np.shape(prediction))
        for constant, prediction in zip(constants, predictions, strict=True)
    ]
    rows = y_true if sample_weight is None else y_true[np.asarray(sample_weight) > 0]
    nothing = 0.0
    if (rows == rows[:1]).all():
        # Beside a constant y nothing is left to be explained.
        if loss.tags.target in PER_CLASS + PER_QUESTION:
            nothing = _NOTHING * (len(y_true) if loss.reduction == "sum" else 1)
        elif loss.tags.response == "real":
            constants = [y_true]  # a mean of equal numbers may be rounded
    best = loss(y_true, *constants, sample_weight=sample_weight)
    if abs(best) <= nothing:
        return 1.0 if value <= nothing else 0.0
    # Some likelihoods are negative: what is saved counts all the same.
    return (best - value) / abs(best)


class LossScorer(LossParameter, _BaseScorer, BaseEstimator):
    """Score an estimator by minus a loss: greater is better.

    Made by `make_loss_scorer`, which takes a loss in any form; to be passed on as `scoring` to
    whatever in scikit-learn has that parameter.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        The loss.
    response_method : str or callable, default="auto"
        See `make_loss_scorer`.
    unseen : {"raise", "worst"}, default="raise"
        See `make_loss_scorer`.
    d2 : bool, default=False
        See `make_loss_scorer`.

    See Also
    --------
    make_loss_scorer : What the parameters mean, and what is asked of an estimator.

    Notes
    -----
    A scorer has `get_params` and `set_params`, with the parameters of the loss as
    ``loss__<name>``; :func:`sklearn.base.clone` keeps the metadata request that
    `set_score_request` made. Its `repr`, which leaves that request out, evaluates to it.

    Examples
    --------
    >>> from sklosses import make_loss_scorer
    >>> scorer = make_loss_scorer("huber_loss")
    >>> scorer.set_params(loss__delta=2.0)
    make_loss_scorer('huber_loss', delta=2.0)
    """

    # What `_BaseScorer` stores in its __init__, not called here, follows from the parameters:
    # set_params and clone leave nothing behind.
    _sign = property(lambda self: 1 if self.d2 else -1)
    _kwargs = MappingProxyType({})
    # scikit-learn 1.9 reads this off the signature of _score_func; 1.6 has to be told, or it
    # drops weights that the estimator requests and the scorer does not, without a word.
    __metadata_request__score = MappingProxyType({"sample_weight": None})

    def __init__(self, loss, *, response_method="auto", unseen="raise", d2=False):
        self.loss = loss
        self.response_method = response_method
        self.unseen = unseen
        self.d2 = d2
        # There is no fit that could check them.
        self._validate()

    def set_params(self, **params):
        """Set parameters of the scorer, and of its loss as ``loss__<name>``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : LossScorer
        """
        super().set_params(**params)
        self._validate()
        return self

    def _validate(self):
        names = {method for response in RESPONSES.values() for method in response.methods}
        validate_parameter_constraints(
            {
                "loss": [Loss, str, callable],
                "response_method": [StrOptions({"auto", *names}), callable],
                "unseen": [StrOptions({"raise", "worst"})],
                "d2": ["boolean"],
            },
            self.get_params(deep=False),
            caller_name="make_loss_scorer",
        )
        loss = self._loss
        loss._resolve()
        name = type(loss).__name__
        if loss.reduction == "none":
            raise ValueError(f"A score is a single number. Got reduction='none' of {name}.")
        if reason := _no_score(loss):
            raise ValueError(f"{name} {reason}. It cannot score an estimator.")
        if self.d2 and not has_constant(loss):
            raise ValueError(
                f"d2=True compares with the best constant prediction, which {name} does not have."
            )
        if callable(self.response_method):
            return
        if not self._response.methods:
            raise ValueError(
                f"No method of an estimator returns what {name} takes. Pass a "
                "callable(estimator, X) as the 'response_method' parameter of make_loss_scorer."
            )
        allowed = ("auto", *self._response.methods)
        if self.response_method not in allowed:
            raise ValueError(
                f"The 'response_method' parameter of make_loss_scorer must be one of {allowed} "
                f"or a callable for {name}. Got {self.response_method!r} instead."
            )

    def __repr__(self):
        params, loss = changed_params(self), self._loss
        params["loss"] = repr(loss)
        # A class that merely inherits the name is not the one that it stands for.
        if "function_name" in vars(type(loss)):
            params["loss"] = repr(loss.function_name)
            params |= changed_params(loss)
        arguments = [params.pop("loss"), *(f"{name}={text}" for name, text in params.items())]
        return f"make_loss_scorer({', '.join(arguments)})"

    @property
    def __name__(self):
        """The name of the score, as scikit-learn's displays show it."""
        loss = self._loss
        name = loss.function_name or type(loss).__name__
        return f"d2_{name}" if self.d2 else f"neg_{name}"

    @property
    def _loss(self):
        """The loss as an object."""
        return self.loss if isinstance(self.loss, Loss) else as_loss(self.loss, "make_loss_scorer")

    @property
    def _response(self):
        return RESPONSES[self._loss.tags.response]

    @property
    def _methods(self):
        """Methods of the estimator to try, in order."""
        if callable(self.response_method):
            return ()
        return self._response.methods if self.response_method == "auto" else (self.response_method,)

    @property
    def _response_method(self):
        # scikit-learn looks these up before any prediction to decide about its cache. Every
        # object has the last one, so that an estimator which lacks the others gets the error
        # of `_find_method`, for this scorer alone, and not one for all the scorers of a dict.
        return [*self._methods, "__init__"]

    def _score_func(self, y_true, y_pred, *, sample_weight=None):
        # scikit-learn reads off this signature that weights are accepted. What calls it has
        # labels: those on either side of a threshold.
        raise ValueError(
            f"{type(self._loss).__name__} takes the scores of a model, not hard labels, so it has "
            "no best threshold. Tune the threshold by a metric of labels, such as "
            "scoring='balanced_accuracy'."
        )

    def __call__(self, estimator, X, y=None, *, sample_weight=None):
        """Minus the loss of the predictions of an estimator.

        Parameters
        ----------
        estimator : object
            A fitted estimator.
        X : {array-like, sparse matrix}
            What it predicts from; for losses of pairs and triplets of vectors of shape
            (n_samples, n_vectors, n_features).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Labels or target values of the kind that it was trained with. Not used by losses
            that compare predictions with one another alone.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, >= 0.

        Returns
        -------
        score : float
            Minus the loss.

        Raises
        ------
        AttributeError
            If the estimator has none of the methods that return what the loss takes.
        ValueError
            If `y` has a label that the estimator has not seen, or if its predictions do not
            fit the loss or the target.
        """
        return self._score(_ask, estimator, X, y, sample_weight=sample_weight)

    def _score(self, method_caller, estimator, X, y_true=None, *, sample_weight=None):
        loss, arrays = self._consume(estimator, X, y_true, method_caller)
        value = loss(*arrays, sample_weight=sample_weight)
        return _explained(loss, arrays, sample_weight, value) if self.d2 else -value

    def _consume(self, estimator, X, y_true, method_caller=_ask):
        """The loss, and the arrays that it takes of an estimator."""
        if issparse(y_true):
            y_true = y_true.toarray()
        elif y_true is not None:
            y_true = as_dense(y_true, "y")
        classes = getattr(estimator, "classes_", None)
        method = self._find_method(estimator)
        n_classes = 0 if classes is None or is_listed(classes) else len(classes)
        if method == "decision_function" and n_classes > 2:
            _refuse_pairs_of_classes(estimator)
        if callable(self.response_method):
            answer = self.response_method(estimator, X)
        elif self._response.ask is not None:
            answer = self._response.ask(self._loss, estimator, X)
        elif method_caller is _ask or _can_share(estimator, method, y_true, classes):
            answer = method_caller(estimator, method, X)
        else:
            answer = _ask(estimator, method, X)
        name = type(estimator).__name__
        if not (isinstance(answer, tuple) or is_listed(answer)):
            answer = as_dense(answer, "y_pred")
        return self._match(y_true, answer, classes, method, name)

    def _match(self, y_true, answer, classes, method, name):
        """The loss, and target and prediction as it takes them.

        Parameters
        ----------
        y_true : ndarray or None
        answer : array-like, tuple or list of them
            What the method returned.
        classes : array-like, list of them or None
            The estimator's `classes_`, if it has such.
        method : str or None
            None where a callable has brought the prediction into the loss's form already.
        name : str
            The estimator's, for messages.

        Returns
        -------
        loss : Loss
        arrays : tuple
        """
        loss = self._loss
        arrays = answer if isinstance(answer, tuple) else (answer,)
        if len(arrays) == len(loss.inputs):
            return loss, arrays
        if y_true is None:
            raise ValueError(f"{type(loss).__name__} takes y, with which it compares. Got y=None.")
        # What marks pairs is the same for all estimators, whatever their classes_.
        of_labels = loss.tags.target in PER_CLASS + PER_QUESTION and not (
            isinstance(answer, tuple) or self._response.of_vectors
        )
        if of_labels and classes is None and method == "predict_proba":
            raise AttributeError(
                f"{name} has no classes_, which tell what the columns of its predict_proba "
                "belong to."
            )
        if not of_labels or classes is None:
            y_true, y_pred = self._match_values(y_true, answer, method)
        elif is_distribution(y_true, classes, loss.tags.target):
            y_pred, _ = self._columns(answer, np.asarray(classes), method, name)
        elif is_multilabel(y_true, classes) or is_listed(answer):
            y_true, y_pred = self._match_outputs(y_true, answer, classes, method, name)
        else:
            classes, labels = np.asarray(classes), y_true
            y_true, y_pred = self._match_classes(y_true, answer, classes, method, name)
            loss = weigh_by_label(loss, classes, labels)
        return loss, (y_true, *(y_pred if isinstance(y_pred, tuple) else (y_pred,)))

    def _find_method(self, estimator):
        """Name of the method to call; None for a callable."""
        cause = None
        for method in self._methods:
            try:
                getattr(estimator, method)
            except AttributeError as error:
                cause = error
            else:
                return method
        if cause is None:
            return None
        raise AttributeError(
            f"{type(self._loss).__name__} takes what {' or '.join(self._methods)} returns; "
            f"{type(estimator).__name__} has no such method. A callable(estimator, X) as "
            "'response_method' can take its place."
        ) from cause

    # Target and prediction as the loss takes them; the arguments are those of `_match`.

    def _match_values(self, y_true, answer, method):
        """Where the target is passed through."""
        y_pred = answer
        if method is not None and self._response.ask is None:
            y_pred = self._response.from_value(np.asarray(answer))
        if self._response.of_vectors:
            return mark_pairs(y_true, self._loss.tags.target), y_pred
        # Some estimators make (n,) of a column y, others (n, 1).
        shape = np.shape(y_pred[0] if isinstance(y_pred, tuple) else y_pred)
        if {y_true.shape, shape} == {y_true.shape[:1], (*y_true.shape[:1], 1)}:
            y_true = y_true.reshape(shape)
        return y_true, y_pred

    def _match_outputs(self, y_true, answer, classes, method, name):
        """Where there are several outputs, each with a label of its own: y (n_samples, n_outputs).

        They are encoded by the classes of each output where the estimator lists these; else y is
        an indicator.
        """
        target = self._loss.tags.target
        if target in PER_CLASS and target != "class_list":
            raise ValueError(
                f"{type(self._loss).__name__} takes a single label for each sample. Got y of "
                f"shape {y_true.shape} instead."
            )
        y_pred, is_unseen, eps = answer, None, float(np.finfo(np.float64).eps)
        if is_listed(classes) or is_listed(answer):
            classes = classes_of_outputs(answer, classes, name)
            y_true = y_true.reshape(len(y_true), -1)
            if y_true.shape[1] != len(classes):
                raise ValueError(
                    f"y must have shape (n_samples, {len(classes)}), a label for each output of "
                    f"{name}. Got shape {y_true.shape} instead."
                )
            y_true, is_unseen = positions_in_outputs(y_true, classes, self.unseen, name)
        elif target == "class_list" and not np.isin(y_true, (0, 1)).all():
            raise ValueError("y must be an indicator of 0 and 1 for several labels of a sample.")
        if method is not None:
            y_pred = _columns_of_outputs(answer, classes)
        if method == "predict_proba":
            y_pred = _check_probability(y_pred, f"{name}.{method}")
            eps = float(np.finfo(y_pred.dtype).eps)
            y_pred = self._response.from_probability(y_pred)
        if is_unseen is not None and is_unseen.any():
            # As bad as can be: eps for the class that the label counts as.
            convert = self._response.from_probability
            worst = np.where(y_true == 1, convert(eps), convert(1 - eps))
            y_pred = np.where(is_unseen, worst, y_pred)
        if target == "class_list":
            return list_classes(y_true), y_pred
        return 2.0 * y_true - 1 if target == "sign" else y_true, y_pred

    def _columns(self, answer, classes, method, name):
        """The prediction beside a class for each sample; the least probability of its dtype."""
        source = f"{name}.{method}"
        eps = float(np.finfo(np.float64).eps)
        if method is None:
            return self._check_columns(answer, len(classes)), eps
        is_probability = method == "predict_proba"
        per_class = self._loss.tags.target in PER_CLASS
        y_pred = _columns_of_classes(answer, len(classes), per_class, is_probability, source)
        if is_probability:
            y_pred = _check_probability(y_pred, source)
            eps = float(np.finfo(y_pred.dtype).eps)
            y_pred = self._response.from_probability(y_pred)
        return y_pred, eps

    def _check_columns(self, y_pred, n_classes):
        """What a callable returned, if there is a column for each class where there are columns."""
        if self._loss.tags.target not in PER_CLASS and n_classes == 2 and y_pred.shape[1:] == (1,):
            return y_pred[:, 0]
        if y_pred.ndim not in (1, 2) or (y_pred.ndim == 2 and y_pred.shape[1] < n_classes):
            allowed = f"(n_samples, {n_classes})"
            if self._loss.tags.target not in PER_CLASS and n_classes == 2:
                allowed = f"(n_samples,) or {allowed}"
            raise ValueError(
                f"The callable 'response_method' must return an array of shape {allowed} for "
                f"{n_classes} classes. Got shape {y_pred.shape} instead."
            )
        return y_pred

    def _match_classes(self, y_true, answer, classes, method, name):
        """Where y is a label for each sample, (n_samples,)."""
        target = self._loss.tags.target
        y_true = y_true.ravel()
        y_pred, eps = self._columns(answer, classes, method, name)
        if len(y_pred) != len(y_true):
            raise ValueError(
                f"y has {len(y_true)} samples, and there are predictions for {len(y_pred)}."
            )
        positions = find_positions(y_true, classes)
        if (positions < 0).any():
            if self.unseen == "raise":
                raise_unseen(y_true, positions, classes, name)
            assert_all_finite(y_true[positions < 0], input_name="y")
            y_pred, positions = _make_worst(
                y_pred, positions, self._response.from_probability, eps, target in PER_CLASS
            )
        y_true = encode(positions, y_pred.shape, target)
        if target == "multilabel" and y_pred.ndim == 1:
            # One question for each sample, not one sample of many questions.
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        return y_true, y_pred


def make_loss_scorer(loss, *, response_method="auto", unseen="raise", d2=False, **loss_params):
    """Make a scorer of a loss, for `scoring` in scikit-learn.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        Name of a loss function, one of `get_loss_names()`; the function; a class; or an object,
        of which the scorer gets a clone.
    response_method : {"auto", "predict", "predict_proba", "decision_function", "transform"} \
            or callable, default="auto"
        Where the predictions come from. "auto" is the first method in the table below that the
        estimator has; a method of that row can be asked for by name. A
        ``callable(estimator, X)`` returns what the loss takes, and that is used as is; a tuple
        of arrays goes with a target that is passed through.
    unseen : {"raise", "worst"}, default="raise"
        What to do about a label of `y` that the estimator has not seen in training: raise a
        ValueError, or score it as if its predicted probability were eps, the machine precision
        of the probabilities' dtype.
    d2 : bool, default=False
        Return, in place of minus the loss, the share of the loss of the best constant prediction
        for the same `y` that the model saves: ``1 - loss / loss of the constant``. The best score
        is 1, that of the constant 0. Where `y` is constant and its loss is 0, the score is 1 for
        a loss of 0, else 0; of a single sample it is nan, with an UndefinedMetricWarning. The
        losses of several outputs are added before, as ``multioutput="variance_weighted"`` of
        :func:`sklearn.metrics.r2_score` does.
        Refused for losses that have no such constant.
    **loss_params : dict
        Parameters of the loss. The keys of a dict as `class_weight` are labels.

    Returns
    -------
    scorer : LossScorer
        Called as ``scorer(estimator, X, y, sample_weight=None)``, gives minus the loss.

    Raises
    ------
    ValueError
        If there is no loss of that name, or if a parameter is not as described.

    See Also
    --------
    get_loss_scorer : By name, with default parameters.
    sklearn.metrics.make_scorer : For a function of ``y_true`` and ``y_pred``.

    Notes
    -----
    What the loss consumes decides about the method:

    ====================================  ======================================
    the loss takes                        and it comes from
    ====================================  ======================================
    real values, or rates                 predict
    logarithm of a rate                   predict, which has to be positive
    mean and variance                     predict(X, return_std=True)
    margins                               decision_function
    logits                                predict_proba, else decision_function
    probabilities, or their logarithms    predict_proba
    embeddings                            transform
    pairs or triplets of vectors          transform, of each of them
    distances of pairs                    pair_distance
    ====================================  ======================================

    Probabilities are clipped to [eps, 1 - eps] as by :func:`sklearn.metrics.log_loss`;
    decisions are taken for logits, one for each class; those of
    :class:`sklearn.svm.SVC` with ``decision_function_shape="ovo"``, one for each pair of classes,
    are refused. A model of two classes has a single logit or margin, that of the
    second class; for more, a loss with a target in {0, 1} or {-1, 1} compares every class with
    the rest and averages over all (sample, class) pairs. Multilabel `y` is an indicator matrix;
    a loss that takes lists of classes gets the lists that it stands for.

    For pairs and triplets of vectors, and for two modalities, `X` is what metric-learn has:
    (n_samples, 2, n_features), or 3 or 4 in place of 2. `y` says which pairs are alike, by 1 for
    those and 0 or -1 for the others; triplets need no `y`.

    Labels are those of the estimator's `classes_`, whatever their type. A test set in which
    some of them are missing is no special case. Where an estimator lists its outputs
    (:class:`sklearn.multioutput.MultiOutputClassifier`, forests), each is encoded by its own
    `classes_`, of which there may be two; of an output with a single class 1 and True count as
    the second one. A label in a `class_weight` dict must be among the classes or in `y`. (With
    ``unseen="worst"`` a label that is in `y` alone weighs as the class that it is scored as.)
    Beside a loss whose target is a probability for each class, `y` may be that:
    (n_samples, n_classes), the classes in the order of `classes_`.

    In :func:`sklearn.model_selection.cross_validate` one call of each method serves all scorers
    of a dict. Of two classes scikit-learn then hands out the second column of predict_proba,
    and the first is 1 minus that; a scorer called by itself uses both columns. A scorer whose
    `pos_label` is the first class does not belong into such a dict: scikit-learn's cache does
    not tell the columns apart.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklosses import make_loss_scorer
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> scorer = make_loss_scorer("sigmoid_focal_loss", alpha=None, gamma=1.0)
    >>> cross_val_score(GaussianNB(), X, y, scoring=scorer, cv=3).round(2)
    array([...])
    """
    loss = as_loss(loss, "make_loss_scorer", **loss_params)
    return LossScorer(loss, response_method=response_method, unseen=unseen, d2=d2)


def get_loss_scorer(scoring):
    """Get a loss scorer by name.

    Parameters
    ----------
    scoring : str, function, Loss class, Loss object or LossScorer
        One of `get_loss_scorer_names()`, or another form of a loss. A scorer is returned as it
        is.

    Returns
    -------
    scorer : LossScorer
        A new scorer for each call with a name.

    Raises
    ------
    ValueError
        If there is no such name.

    See Also
    --------
    get_loss_scorer_names : The names.
    make_loss_scorer : With parameters.
    sklearn.metrics.get_scorer : The same for scikit-learn's scorers.

    Examples
    --------
    >>> from sklosses import get_loss_scorer
    >>> get_loss_scorer("mse_loss")
    make_loss_scorer('mse_loss')
    """
    if isinstance(scoring, LossScorer):
        return scoring
    names = get_loss_scorer_names()
    if isinstance(scoring, str) and scoring not in names:
        raise ValueError(
            f"{scoring!r} is not a valid scoring value.{nearest_names(scoring, names)} "
            "Use sklosses.get_loss_scorer_names() to get valid options."
        )
    return make_loss_scorer(scoring)


def get_loss_scorer_names():
    """Names of the losses that score an estimator's predictions.

    Returns
    -------
    names : list of str
        Sorted names of the functions, those for `get_loss_scorer`.

    See Also
    --------
    get_loss_scorer : A scorer by name.
    sklosses.get_loss_names : The names of all losses.

    Examples
    --------
    >>> from sklosses import get_loss_scorer_names
    >>> "huber_loss" in get_loss_scorer_names()
    True
    """
    losses = {name: get_loss(name) for name in get_loss_names()}
    return [
        name
        for name, loss in losses.items()
        if RESPONSES[loss.tags.response].methods and not _no_score(loss)
    ]
