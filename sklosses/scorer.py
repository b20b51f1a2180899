"""Losses as scikit-learn scorers.

A scorer gets predictions from an estimator, converts predictions and target to the form that its
loss takes, and returns minus the loss. The tags of the loss say what that form is, and
`_answers.py` where it comes from.
"""

import math
from types import MappingProxyType

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils import assert_all_finite

from ._answers import (
    RESPONSES,
    check_probability,
    columns_of_classes,
    columns_of_outputs,
    make_worst,
    no_score,
    refuse_pairs_of_classes,
    same,
)
from ._constants import has_constant, optimal_constant
from ._declaration import changed_params, expression
from ._labels import (
    PER_CLASS,
    PER_QUESTION,
    classes_of_outputs,
    encode,
    find_positions,
    is_distribution,
    is_listed,
    is_multilabel,
    list_classes,
    mark_pairs,
    positions_in_outputs,
    raise_unseen,
    weigh_by_label,
)
from ._lazy import is_lazy
from ._links import link_of
from ._loss_parameter import LossParameter
from ._sklearn_compat import StrOptions, _BaseScorer, validate_parameter_constraints
from ._targets import split_survival, weights_of_groups
from ._validation import as_dense, broadcast_to, raise_parameter
from ._warnings import warn
from .base import Loss, as_loss, get_loss, get_loss_names, nearest_names
from .losses.multiclass import NLLLoss

__all__ = ["LossScorer", "get_loss_scorer", "get_loss_scorer_names", "make_loss_scorer"]

# ---------------------------------------------------------------------------------------------
# The scorer
# ---------------------------------------------------------------------------------------------


def _ask(estimator, method, X):
    """Call a method. Unlike scikit-learn's method callers, this returns all columns, uncached."""
    return getattr(estimator, method)(X)


def _can_share(estimator, method, y_true, classes):
    """Whether scikit-learn's method caller, which may cache predictions, can be used.

    For two classes, it returns only the second column. It raises for a single class, takes two
    labels of a sample for two classes, and in version 1.6 supports only classifiers and
    regressors.
    """
    if method == "predict":
        return True
    if method == "transform" or not is_classifier(estimator):
        return False
    if is_listed(classes):
        return all(np.asarray(known).tolist() == [0, 1] for known in classes)
    return len(classes) > (2 if is_multilabel(y_true, classes) else 1)


# If all labels are the same, the loss of the best constant is slightly above 0, because
# probabilities are clipped at eps. Below this value it counts as 0.
_NOTHING = 1e-12


def _explained(loss, arrays, sample_weight, value):
    """D^2 score: the fraction of the loss of the best constant that the predictions save."""
    y_true, *predictions = arrays
    if len(y_true) < 2:
        warn("D^2 score is not well-defined with less than two samples.", UndefinedMetricWarning)
        return math.nan
    n_classes = np.shape(predictions[0])[-1] if loss.tags.target in PER_CLASS else 0
    n_classes += loss.tags.target == "class_rank"
    constants = optimal_constant(loss, y_true, sample_weight, n_classes)
    constants = constants if isinstance(constants, tuple) else (constants,)
    constants = [
        np.broadcast_to(constant, np.shape(prediction))
        for constant, prediction in zip(constants, predictions, strict=True)
    ]
    rows = y_true
    if sample_weight is not None:
        # Weights of the shape of the unreduced loss have further axes.
        rows = y_true[np.any(np.reshape(sample_weight, (len(y_true), -1)) > 0, axis=1)]
    nothing = 0.0
    if (rows == rows[:1]).all():
        # y is constant: there is nothing to explain.
        if loss.tags.target in PER_CLASS + PER_QUESTION:
            nothing = _NOTHING * (len(y_true) if loss.reduction == "sum" else 1)
        elif loss.tags.response == "real":
            # Exactly y: a mean of equal numbers may have a rounding error.
            constants = [broadcast_to(y_true, np.shape(predictions[0]), "y")]
    best = loss(y_true, *constants, sample_weight=sample_weight)
    if abs(best) <= nothing:
        return 1.0 if value <= nothing else 0.0
    # A negative log-likelihood may be below 0; the score still increases with what is saved.
    return (best - value) / abs(best)


class LossScorer(LossParameter, _BaseScorer, BaseEstimator):
    """Scorer that returns minus a loss, so that greater is better.

    Use `make_loss_scorer` to create one. Scorers can be passed as the `scoring` parameter of
    scikit-learn's functions and estimators.

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
    make_loss_scorer : Make a scorer; describes the parameters and what an estimator must provide.

    Notes
    -----
    A scorer has `get_params` and `set_params`, with the parameters of the loss as
    ``loss__<name>``. :func:`sklearn.base.clone` keeps the metadata request that was set by
    `set_score_request`. The `repr` of a scorer evaluates to the scorer, without that request;
    arrays become lists.

    Examples
    --------
    >>> from sklosses import make_loss_scorer
    >>> scorer = make_loss_scorer("huber_loss")
    >>> scorer.set_params(loss__delta=2.0)
    make_loss_scorer('huber_loss', delta=2.0)
    """

    # `_BaseScorer.__init__`, which stores these attributes, is not called. They are derived from
    # the parameters, so that they cannot become stale after set_params or clone.
    _sign = property(lambda self: 1 if self.d2 else -1)
    _kwargs = MappingProxyType({})
    # scikit-learn 1.9 infers this from the signature of _score_func. In 1.6 it must be declared;
    # otherwise weights that the estimator requests and the scorer does not are silently dropped.
    __metadata_request__score = MappingProxyType({"sample_weight": None})

    def __init__(self, loss, *, response_method="auto", unseen="raise", d2=False):
        self.loss = loss
        self.response_method = response_method
        self.unseen = unseen
        self.d2 = d2
        # There is no fit that could validate them.
        self._validate()

    def set_params(self, **params):
        """Set parameters of the scorer, and those of its loss as ``loss__<name>``.

        Parameters
        ----------
        **params : dict
            Parameter names and values.

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
        if reason := no_score(loss):
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
            raise_parameter(
                "make_loss_scorer",
                "response_method",
                f"one of {allowed} or a callable for {name}",
                self.response_method,
            )

    def __repr__(self):
        params, loss = changed_params(self), self._loss
        params["loss"] = expression(loss)
        # A subclass that merely inherits a function_name cannot be found by it.
        if "function_name" in vars(type(loss)):
            params["loss"] = repr(loss.function_name)
            params |= changed_params(loss)
        arguments = [params.pop("loss"), *(f"{name}={text}" for name, text in params.items())]
        return f"make_loss_scorer({', '.join(arguments)})"

    @property
    def __name__(self):
        """The name of the score, which scikit-learn's displays show."""
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
    def _link(self):
        """The link, which converts probabilities to what the loss takes, but not decisions."""
        return link_of(self._loss)

    @property
    def _methods(self):
        """Methods of the estimator to try, in order."""
        if callable(self.response_method):
            return ()
        return self._response.methods if self.response_method == "auto" else (self.response_method,)

    @property
    def _response_method(self):
        # scikit-learn looks these up before any prediction, to set up its cache. Every object has
        # the last one. So if an estimator lacks the others, the error is that of `_find_method`,
        # which is raised for this scorer and not for all scorers of a dict.
        return [*self._methods, "__init__"]

    def _score_func(self, y_true, y_pred, *, sample_weight=None):
        # scikit-learn infers from this signature that weights are accepted. It calls this function
        # only to tune a threshold, with hard labels.
        raise ValueError(
            f"{type(self._loss).__name__} takes the scores of a model, not hard labels, so it has "
            "no best threshold. Tune the threshold by a metric of labels, such as "
            "scoring='balanced_accuracy'."
        )

    def __call__(self, estimator, X, y=None, *, sample_weight=None, groups=None):
        """Compute the score of an estimator: minus the loss of its predictions.

        Parameters
        ----------
        estimator : object
            A fitted estimator.
        X : {array-like, sparse matrix, Dask array}
            Samples to predict. For losses of pairs and triplets of vectors, of shape
            (n_samples, n_vectors, n_features). Of a Dask array, each chunk of rows is passed to the
            estimator as an array in memory, and its losses are added.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Labels or target values of the kind that the estimator was fitted with. Not used by
            losses that only compare predictions with each other. For losses of survival a
            structured array (event, time), or two columns, the time and the event.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, >= 0. For losses of groups the same for all samples of a group.
        groups : array-like of shape (n_samples,), default=None
            Labels of the groups, for losses that rank groups. Functions of scikit-learn pass them
            after ``set_score_request(groups=True)``, with metadata routing enabled.

        Returns
        -------
        score : float
            Minus the loss, or the D^2 score if `d2` is True.

        Raises
        ------
        AttributeError
            If the estimator has none of the methods that return what the loss takes.
        ValueError
            If `y` has a label that the estimator has not seen in training, or if the predictions
            do not fit the loss or the target.
        """
        return self._score(_ask, estimator, X, y, sample_weight=sample_weight, groups=groups)

    def _score(self, method_caller, estimator, X, y_true=None, *, sample_weight=None, groups=None):
        self._check_groups(groups)
        if is_lazy(X):
            return self._score_chunks(estimator, X, y_true, sample_weight, groups)
        loss, arrays = self._consume(estimator, X, y_true, method_caller)
        if sample_weight is not None:
            sample_weight = as_dense(sample_weight, "sample_weight")
        if groups is not None:
            arrays = (*arrays[:2], groups)
            if sample_weight is not None:
                sample_weight = weights_of_groups(sample_weight, groups)
        value = loss(*arrays, sample_weight=sample_weight)
        return _explained(loss, arrays, sample_weight, value) if self.d2 else -value

    def _check_groups(self, groups):
        """Raise if groups are missing, or have been passed for a loss without groups."""
        name, needed = type(self._loss).__name__, self._loss.tags.target == "relevance"
        if needed and groups is None:
            raise ValueError(
                f"{name} ranks groups, which the scorer has not been passed. Use "
                "scorer.set_score_request(groups=True) with metadata routing enabled, or "
                "scorer(estimator, X, y, groups=groups)."
            )
        if not needed and groups is not None:
            raise TypeError(f"{name} does not rank groups. Got groups={type(groups).__name__}.")

    def _score_chunks(self, estimator, X, y_true, sample_weight, groups):
        """The score of predictions for a Dask array, of one chunk after the other."""
        from ._chunked import sum_chunks

        if self.d2:
            raise ValueError(
                "d2=True compares with the best constant prediction, which depends on all of y. "
                "It is not supported for Dask arrays."
            )
        if groups is not None:
            raise ValueError(
                "A chunk of a Dask array may end within a group. Pass arrays in memory."
            )
        names = [item.name for item in self._loss.inputs if not item.shared]
        return -sum_chunks(self._score_part, estimator, X, y_true, sample_weight, names)

    def _score_part(self, estimator, X, y_true, sample_weight):
        """The `PartialLoss` of the predictions for some samples."""
        loss, arrays = self._consume(estimator, X, y_true)
        return loss.partial(*arrays, sample_weight=sample_weight, n_threads=1)

    def _consume(self, estimator, X, y_true, method_caller=_ask):
        """Get predictions from an estimator; return the loss and the arrays to call it with."""
        if issparse(y_true):
            y_true = y_true.toarray()
        elif y_true is not None:
            y_true = as_dense(y_true, "y")
        classes = getattr(estimator, "classes_", None)
        method = self._find_method(estimator)
        if classes is not None and not is_listed(classes):
            classes = as_dense(classes, "classes_")
        n_classes = 0 if classes is None or is_listed(classes) else len(classes)
        if method == "decision_function" and n_classes > 2:
            refuse_pairs_of_classes(estimator)
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
        """Convert target and predictions to what the loss takes.

        Parameters
        ----------
        y_true : ndarray or None
        answer : array-like, tuple or list of them
            What the method of the estimator returned.
        classes : array-like, list of them or None
            The `classes_` of the estimator, if it has any.
        method : str or None
            Name of the method. None for a callable, which returns what the loss takes.
        name : str
            Name of the estimator, for messages.

        Returns
        -------
        loss : Loss
        arrays : tuple
        """
        loss = self._loss
        if loss.tags.target == "survival" and y_true is not None:
            return loss, (*split_survival(y_true), np.ravel(answer))
        arrays = answer if isinstance(answer, tuple) else (answer,)
        if len(arrays) == len(loss.inputs):
            return loss, arrays
        if y_true is None:
            raise ValueError(
                f"{type(loss).__name__} needs y to compare the predictions with. Got y=None."
            )
        # The marks of similar pairs do not depend on the classes_ of an estimator.
        of_labels = loss.tags.target in PER_CLASS + PER_QUESTION and not (
            isinstance(answer, tuple) or self._response.of_vectors
        )
        if of_labels and classes is None and method == "predict_proba":
            raise AttributeError(
                f"{name} has no classes_, which say what the columns of its predict_proba belong "
                "to."
            )
        if not of_labels or classes is None:
            y_true, y_pred = self._match_values(y_true, answer, method)
        elif is_distribution(y_true, classes, loss.tags.target):
            y_pred = self._from_columns(*self._columns(answer, classes, method, name))
        elif is_multilabel(y_true, classes) or is_listed(answer):
            y_true, y_pred = self._match_outputs(y_true, answer, classes, method, name)
        else:
            labels = y_true
            y_true, y_pred = self._match_classes(y_true, answer, classes, method, name)
            loss = weigh_by_label(loss, classes, labels)
            if self._response.is_likelihood:
                loss = NLLLoss(reduction=loss.reduction)
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
            f"{type(self._loss).__name__} takes what {' or '.join(self._methods)} returns, but "
            f"{type(estimator).__name__} has no such method. Pass a callable(estimator, X) as "
            "'response_method' instead."
        ) from cause

    # These return target and prediction as the loss takes them. Arguments are those of `_match`.

    def _match_values(self, y_true, answer, method):
        """For targets that are not labels."""
        y_pred = answer
        if method is not None and self._response.ask is None:
            y_pred = self._response.from_value(np.asarray(answer))
        if self._response.of_vectors:
            return mark_pairs(y_true, self._loss.tags.target), y_pred
        # For y of shape (n, 1), some estimators predict (n,), others (n, 1).
        shape = np.shape(y_pred[0] if isinstance(y_pred, tuple) else y_pred)
        shape = shape[: len(shape) - len(self._loss.trailing_shape)]
        if {y_true.shape, shape} == {y_true.shape[:1], (*y_true.shape[:1], 1)}:
            y_true = y_true.reshape(shape)
        return y_true, y_pred

    def _match_outputs(self, y_true, answer, classes, method, name):
        """For several outputs with a label each: y of shape (n_samples, n_outputs).

        If the estimator has a list of the classes of each output, labels are encoded by these.
        Otherwise y is an indicator.
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
            raise ValueError("y must be an indicator of 0 and 1 if samples have several labels.")
        if method is not None:
            y_pred = columns_of_outputs(answer, classes)
        if method == "predict_proba":
            y_pred = check_probability(y_pred, f"{name}.{method}")
            eps = float(np.finfo(y_pred.dtype).eps)
            y_pred = self._link.from_probability(y_pred)
        if is_unseen is not None and is_unseen.any():
            # The worst prediction: probability eps for the class that the label is encoded as.
            convert = self._link.from_probability
            worst = np.where(y_true == 1, convert(eps), convert(1 - eps))
            y_pred = np.where(is_unseen, worst, y_pred)
        if target == "class_list":
            return list_classes(y_true), y_pred
        return 2.0 * y_true - 1 if target == "sign" else y_true, y_pred

    def _columns(self, answer, classes, method, name):
        """The predictions for y with one label per sample, and whether they are probabilities."""
        if method is None:
            return self._check_columns(answer, len(classes)), False
        source = f"{name}.{method}"
        is_probability = method == "predict_proba"
        per_class = self._loss.tags.target in PER_CLASS
        y_pred = columns_of_classes(answer, len(classes), per_class, is_probability, source)
        return check_probability(y_pred, source) if is_probability else y_pred, is_probability

    def _from_columns(self, y_pred, is_probability):
        """Convert the result of `_columns` to what the loss takes."""
        return self._link.from_probability(y_pred) if is_probability else y_pred

    def _check_columns(self, y_pred, n_classes):
        """Check that what a callable returned has a column for each class."""
        if self._loss.tags.target not in PER_CLASS and n_classes == 2 and y_pred.shape[1:] == (1,):
            return y_pred[:, 0]
        if self._loss.tags.target == "class_rank":
            allowed = f"an array of shape (n_samples, {n_classes - 1})"
            if self._loss.tags.response == "latent":
                allowed = "a tuple (y_pred, thresholds)"
            elif y_pred.ndim == 2 and y_pred.shape[1] >= n_classes - 1:
                return y_pred
            raise ValueError(
                f"The callable 'response_method' must return {allowed} for {n_classes} ordered "
                f"classes. Got shape {y_pred.shape} instead."
            )
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
        """For y with one label per sample, (n_samples,)."""
        target = self._loss.tags.target
        y_true = y_true.ravel()
        y_pred, is_probability = self._columns(answer, classes, method, name)
        if len(y_pred) != len(y_true):
            raise ValueError(
                f"y has {len(y_true)} samples, but there are predictions for {len(y_pred)}."
            )
        positions = find_positions(y_true, classes)
        if (positions < 0).any():
            if self.unseen == "raise":
                raise_unseen(y_true, positions, classes, name)
            assert_all_finite(y_true[positions < 0], input_name="y")
            if target == "class_rank" and not is_probability:
                # What a callable returned is not about single classes.
                y_pred, is_probability = self._loss.predict_proba(y_pred), True
            eps = float(np.finfo(y_pred.dtype if is_probability else np.float64).eps)
            to_raw = same if is_probability else self._link.from_probability
            y_pred, positions = make_worst(y_pred, positions, to_raw, eps, target in PER_CLASS)
        y_pred = self._from_columns(y_pred, is_probability)
        y_true = encode(positions, y_pred.shape, target)
        if target == "multilabel" and y_pred.ndim == 1:
            # One label for each sample, not one sample with many labels.
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        return y_true, y_pred


def make_loss_scorer(loss, *, response_method="auto", unseen="raise", d2=False, **loss_params):
    """Make a scorer from a loss, for the `scoring` parameter of scikit-learn.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        Name of a loss function, one of `get_loss_names()`, the function, a class, or an object. Of
        an object, the scorer gets a clone.
    response_method : {"auto", "predict", "predict_proba", "decision_function", "transform"} \
            or callable, default="auto"
        Where the predictions come from. "auto" is the first method in the table below that the
        estimator has. A method of the same row can be chosen by name. The result of a
        ``callable(estimator, X)`` must be what the loss takes and is not converted. It may be a
        tuple of arrays if the target is not encoded.
    unseen : {"raise", "worst"}, default="raise"
        What to do if `y` has a label that the estimator has not seen in training: raise a
        ValueError, or score the label as if its predicted probability were eps, the machine
        precision of the dtype of the probabilities.
    d2 : bool, default=False
        If True, return a D^2 score in place of minus the loss: the fraction of the loss of the
        best constant prediction for the same `y` that the model saves,
        ``1 - loss / loss of the constant``. The best possible score is 1; the constant scores 0.
        If `y` is constant and the loss of the constant is 0, the score is 1 for a loss of 0 and
        otherwise 0. For a single sample it is nan, with an UndefinedMetricWarning. The losses of
        several outputs are added first, as with ``multioutput="variance_weighted"`` in
        :func:`sklearn.metrics.r2_score`. An error for losses that have no best constant.
    **loss_params : dict
        Parameters of the loss. The keys of a `class_weight` dict are labels.

    Returns
    -------
    scorer : LossScorer
        ``scorer(estimator, X, y, sample_weight=None)`` returns minus the loss.

    Raises
    ------
    ValueError
        If there is no loss of that name, if a parameter is invalid, or if the loss cannot score an
        estimator.

    See Also
    --------
    get_loss_scorer : Get a scorer by name, with default parameters.
    sklearn.metrics.make_scorer : Make a scorer from a function of ``y_true`` and ``y_pred``.

    Notes
    -----
    The method that is called depends on what the loss takes:

    ====================================  ======================================
    the loss takes                        it comes from
    ====================================  ======================================
    real values, or rates                 predict
    logarithm of a rate                   predict, which must be positive
    mean and variance                     predict(X, return_std=True)
    margins                               decision_function
    logits                                predict_proba, else decision_function
    probabilities, or their logarithms    predict_proba
    logits or scores of ordered classes   predict_proba
    embeddings                            transform
    pairs or triplets of vectors          transform, of each of them
    distances of pairs                    pair_distance
    ====================================  ======================================

    Probabilities are clipped to [eps, 1 - eps], as in :func:`sklearn.metrics.log_loss`. The
    results of decision_function are used as logits, one for each class. Those of
    :class:`sklearn.svm.SVC` with ``decision_function_shape="ovo"``, one for each pair of classes,
    raise an error. A model of two classes has a single logit or margin, that of the second class.
    For more classes, a loss with a target in {0, 1} or {-1, 1} compares each class with the rest
    and averages over all (sample, class) pairs. Multilabel `y` is an indicator matrix; it is
    converted to lists of classes for losses that take these.

    For pairs and triplets of vectors, and for two modalities, `X` has the format of metric-learn:
    (n_samples, 2, n_features), with 3 or 4 in place of 2 for triplets and quadruplets. `y` is 1 for
    similar pairs and 0 or -1 for dissimilar ones. Triplets do not need `y`.

    Ordered classes have the order of `classes_`. Logits between them are computed from sums of the
    probabilities on both sides. `CumulativeLogitLoss` is then minus the logarithm of the label's
    probability.

    Labels are those of the `classes_` of the estimator and may have any type. Some of them may be
    missing in a test set. If an estimator has a list of outputs
    (:class:`sklearn.multioutput.MultiOutputClassifier`, forests), each output is encoded by its own
    `classes_`, of which there may be at most two. If an output has a single class, 1 and True count
    as the second class. A label in a `class_weight` dict must be among the classes or in `y`. With
    ``unseen="worst"``, a label that occurs only in `y` gets the weight of the class as which it is
    scored. If the target of the loss is a probability for each class, `y` may be an array of
    probabilities of shape (n_samples, n_classes), with the classes in the order of `classes_`.

    In :func:`sklearn.model_selection.cross_validate`, one call of each method serves all scorers of
    a dict. For two classes, scikit-learn then returns only the second column of predict_proba, and
    the first one is computed as 1 minus the second. A scorer that is called by itself uses both
    columns. Do not put a scorer whose `pos_label` is the first class into such a dict: the cache of
    scikit-learn does not distinguish the columns.

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
        One of `get_loss_scorer_names()`, or another form of a loss. A scorer is returned
        unchanged.

    Returns
    -------
    scorer : LossScorer
        A new scorer for each call, unless `scoring` is a scorer.

    Raises
    ------
    ValueError
        If there is no loss scorer of that name.

    See Also
    --------
    get_loss_scorer_names : Names of the loss scorers.
    make_loss_scorer : Make a scorer with parameters.
    sklearn.metrics.get_scorer : Get one of scikit-learn's scorers by name.

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
    """Get the names of the losses that can score an estimator.

    Returns
    -------
    names : list of str
        Names for `get_loss_scorer`, those of the loss functions, sorted.

    See Also
    --------
    get_loss_scorer : Get a scorer by name.
    sklosses.get_loss_names : Get the names of all losses.

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
        if RESPONSES[loss.tags.response].methods and not no_score(loss)
    ]
