"""Losses as objectives of LightGBM, XGBoost, CatBoost and scikit-learn's gradient boosting.

`as_objective`, `as_eval_metric` and `as_sklearn_loss` are for those who set up a booster
themselves; the two estimators do it for them.
"""

import contextlib
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.utils import assert_all_finite, check_consistent_length, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from ._boosting.boosters import Booster, find_booster
from ._boosting.callbacks import (
    COUPLINGS,
    LIBRARIES,
    SklearnClassifierLoss,
    SklearnLoss,
    make_metric,
    make_objective,
)
from ._boosting.derivatives import HESSIANS, check_boosted, check_hessian
from ._boosting.rows import check_whole, make_derivatives
from ._labels import (
    balance_loss,
    find_positions,
    weigh_by_label,
    weigh_samples,
    weighs_by_frequency,
)
from ._links import has_probabilities
from ._loss_parameter import LossParameter
from ._sklearn_compat import StrOptions, _check_sample_weight, validate_parameter_constraints
from ._targets import OF_ROWS, check_r_squared, check_ranks, list_groups, read_targets
from ._validation import refuse_unread
from .base import Loss, as_loss, get_loss_names

__all__ = [
    "LossBoostingClassifier",
    "LossBoostingRegressor",
    "as_eval_metric",
    "as_objective",
    "as_sklearn_loss",
]


def _derivatives(loss, hessian, caller, library=""):
    """Derivatives of a loss in any form, checked."""
    loss = as_loss(loss, caller)
    check_boosted(loss, caller)
    check_whole(loss, library, caller)
    check_hessian(hessian, loss, caller)
    return make_derivatives(loss, hessian, COUPLINGS.get(library, 1.0))


def _check_library(library, caller):
    validate_parameter_constraints(
        {"library": [StrOptions(set(LIBRARIES))]}, {"library": library}, caller_name=caller
    )


def as_objective(loss, library, *, hessian="auto"):
    """Make a loss the objective of a booster.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        A loss of real numbers, counts or labels, whose predictions may be any real numbers: logits
        and logarithms of means rather than probabilities and means. Or, for libraries other than
        CatBoost, a loss that ranks groups, or `CoxPHLoss`.
    library : {"lightgbm", "xgboost", "catboost"}
        The library that calls the objective.
    hessian : {"auto", "exact", "abs", "clip", "fisher", "ones"}, default="auto"
        What the booster gets as second derivatives h beside the gradients g:

        - "auto": h for convex likelihoods; the expected Hessian for `GaussianNLLLoss`; for other
          losses ``max(|h|, |g| / s)``, where s is 10 for logits, logarithms and scores and, for
          predictions on the scale of the targets, the distance from the target, but at least the
          scale of the targets; for losses whose curvature is zero, ``|g| / s`` on that scale and,
          for margins, h over the loss of the sample, but at most h.
        - "exact": h.
        - "abs": its absolute value.
        - "clip": h, but at least 1e-6.
        - "fisher": the expectation of h if the targets were distributed as the model says. Only
          for losses that are likelihoods of one sample at a time.
        - "ones": a constant; for predictions on the scale of the targets, the mean absolute
          gradient at the best constant prediction, divided by that scale; for losses of groups and
          `CoxPHLoss`, the mean absolute gradient at predictions that are all the same.

        The scale of the targets is their median absolute deviation from the median. With CatBoost
        it is that of each block of at most 1000 samples, or the size of the target where samples
        are passed one by one.

    Returns
    -------
    objective : object
        For LightGBM, pass it as ``objective=`` to an estimator, or in the parameters of
        ``lightgbm.train``; for XGBoost, as ``objective=`` to an estimator or as ``obj=`` to
        ``xgboost.train``; for CatBoost, as ``loss_function=`` to an estimator, together with an
        ``eval_metric`` and, for a classifier to predict labels, ``class_names``. It can be pickled;
        copies are the object itself.

    Raises
    ------
    ValueError
        If the loss cannot be used for boosting, or if there is no such library or Hessian.

    See Also
    --------
    as_eval_metric : The metric for early stopping.
    LossBoostingClassifier, LossBoostingRegressor : Do all that is described below.

    Notes
    -----
    The derivatives are those of the weighted sum of the loss. For losses that compare C > 2
    classes, Hessians have the factor of the library's own objective: C / (C - 1) for LightGBM and
    2 for XGBoost. CatBoost gets a matrix for each sample, by a call that takes some tens of
    microseconds.

    Losses that rank groups take these from the library, whose successive rows they are: from
    `LGBMRanker`, ``lightgbm.Dataset(group=...)`` and ``xgboost.DMatrix(qid=...)``. The weights of
    LightGBM's rows must be the same within a group; XGBoost has one for each group. `XGBRanker`
    takes no custom objective. Since the mean over the pairs of a large group has tiny derivatives,
    set ``min_child_weight=0`` for XGBoost; `LossBoostingRegressor` needs nothing like that.

    For `CoxPHLoss`, y holds the times, with a negative sign for those that are censored, as for
    XGBoost's ``survival:cox``. Its `strata` must be those of the rows that the library passes.

    Labels are class indices. Losses of labels -1 and 1 get them as 0 and 1. If there are several
    outputs, a loss of binary questions is asked one for each class. Losses of classes with a single
    output take it for the lead of the second of two classes.

    With an objective of one's own, no library estimates the start of the raw predictions, and none
    converts them: ``predict`` and ``predict_proba`` of LightGBM return raw predictions. Start from
    `Loss.optimal_constant` by ``init_score``, ``base_margin`` or ``baseline``, add it to the
    predictions, and convert them by `Loss.inverse_link` and `Loss.predict_proba`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklosses.boosting import as_objective
    >>> objective = as_objective("binary_cross_entropy_with_logits", "lightgbm")
    >>> gradient, hessian = objective(np.array([0, 1]), np.array([0.0, 2.0]))
    >>> gradient.round(4), hessian.round(4)
    (array([ 0.5   , -0.1192], dtype=float32), array([0.25 , 0.105], dtype=float32))
    """
    _check_library(library, "as_objective")
    derivatives = _derivatives(loss, hessian, "as_objective", library)
    if library == "catboost" and weighs_by_frequency(derivatives.loss):
        raise ValueError(
            "CatBoost passes a part of the samples at a time, by which class_weight='balanced' of "
            f"{type(derivatives.loss).__name__} would weigh them. Pass the weights of the classes."
        )
    return make_objective(derivatives, library, derivatives.tags.response == "distribution")


def as_eval_metric(loss, library):
    """Make a loss the evaluation metric of a booster, for raw predictions.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        As for `as_objective`.
    library : {"lightgbm", "xgboost", "catboost"}
        The library that calls the metric.

    Returns
    -------
    metric : object
        For LightGBM, pass it as ``eval_metric=`` to ``fit`` or as ``feval=`` to
        ``lightgbm.train``, and set ``metric="None"``: otherwise early stopping may watch LightGBM's
        default metric, which takes raw predictions for probabilities. For XGBoost, pass it as
        ``eval_metric=`` to an estimator or as ``custom_metric=`` to ``xgboost.train``; for CatBoost
        as ``eval_metric=``. It is the weighted mean of the loss; less is better.

    Raises
    ------
    ValueError
        If the loss cannot be used for boosting, or if there is no such library.

    See Also
    --------
    as_objective : The objective.

    Examples
    --------
    >>> import numpy as np
    >>> from sklosses.boosting import as_eval_metric
    >>> metric = as_eval_metric("binary_cross_entropy_with_logits", "lightgbm")
    >>> name, value, greater_is_better = metric(np.array([0, 1]), np.array([0.0, 2.0]))
    >>> name, round(value, 4), greater_is_better
    ('binary_cross_entropy_with_logits', 0.41, False)
    """
    _check_library(library, "as_eval_metric")
    derivatives = _derivatives(loss, "auto", "as_eval_metric", library)
    of_targets = derivatives.loss.tags.response == "distribution"
    return make_metric(derivatives, library, of_targets)


def as_sklearn_loss(loss, *, hessian="auto"):
    """Make a loss the `loss` of scikit-learn's histogram-based gradient boosting.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        As for `as_objective`.
    hessian : {"auto", "exact", "abs", "clip", "fisher", "ones"}, default="auto"
        As for `as_objective`. With "auto", losses without a curvature that depend only on the
        difference of target and prediction (`L1Loss`, `QuantileLoss`) are fitted as scikit-learn
        fits its own: a leaf's value is the best constant for its samples.

    Returns
    -------
    loss : object
        For the parameter `loss` of :class:`~sklearn.ensemble.HistGradientBoostingClassifier` and
        :class:`~sklearn.ensemble.HistGradientBoostingRegressor`. The start is the best constant.
        The classifier has probabilities if the loss has them.

    Raises
    ------
    ValueError
        If the loss cannot be used for boosting, or if there is no such Hessian.

    See Also
    --------
    LossBoostingClassifier, LossBoostingRegressor : Estimators that need no such parameter.

    Notes
    -----
    `HistGradientBoosting*` takes instances of scikit-learn's `BaseLoss`, which is private. Other
    estimators of scikit-learn do not. They know no groups, so losses that rank are not supported.
    For `CoxPHLoss`, y holds the times, with a negative sign for those that are censored.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.ensemble import HistGradientBoostingRegressor
    >>> from sklosses.boosting import as_sklearn_loss
    >>> X, y = load_diabetes(return_X_y=True)
    >>> reg = HistGradientBoostingRegressor(loss=as_sklearn_loss("l1_loss")).fit(X, y)
    >>> reg.score(X, y) > 0.7
    True
    """
    derivatives = _derivatives(loss, hessian, "as_sklearn_loss")
    if derivatives.tags.target == "relevance":
        raise ValueError(
            f"as_sklearn_loss does not support {type(derivatives.loss).__name__}: scikit-learn's "
            "gradient boosting knows no groups. Use LossBoostingRegressor, whose fit takes them."
        )
    of_labels = derivatives.tags.target not in ("real", *OF_ROWS)
    if of_labels and hasattr(derivatives.loss, "predict_proba"):
        return SklearnClassifierLoss(derivatives)
    return SklearnLoss(derivatives)


def _predicts_probabilities(estimator):
    """Whether raw predictions can be converted to probabilities; raises if not."""
    loss = getattr(estimator, "loss_", estimator.loss)
    return loss is None or has_probabilities(as_loss(loss, type(estimator).__name__))


class _LossBoosting(LossParameter, MetaEstimatorMixin, BaseEstimator):
    """Base class of both estimators."""

    _parameter_constraints = {
        "loss": [str, Loss, callable, None],
        "hessian": [StrOptions(set(HESSIANS))],
    }

    #: The default of `estimator`.
    _default: type
    #: What the estimator is.
    _kind: str
    #: What `LossTags.target` may be.
    _targets: tuple

    estimator: Any
    hessian: str
    # The trained boosters, set by `fit`.
    _trained: list[Booster]

    def get_params(self, deep=True):
        """Get the parameters of the estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the parameters of the loss, as ``loss__<name>``, and those of the
            booster, as ``estimator__<name>``.

        Returns
        -------
        params : dict
            Parameter names mapped to their values.
        """
        params = super().get_params(deep=deep)
        if deep and self.estimator is None:
            nested = self._default().get_params()
            params |= {f"estimator__{name}": value for name, value in nested.items()}
        return params

    def set_params(self, **params):
        """Set parameters of the estimator, of its loss and of its booster.

        Parameters
        ----------
        **params : dict
            Parameter names and values; ``loss__<name>`` and ``estimator__<name>`` for those of the
            loss and of the booster.

        Returns
        -------
        self : object
            The estimator.
        """
        if params.get("estimator", self.estimator) is None and any(
            name.startswith("estimator__") for name in params
        ):
            params = {**params, "estimator": self._default()}
        return super().set_params(**params)

    def _check(self, loss):
        """Check the parameters; the loss as an object, and the class of the booster."""
        name = type(self).__name__
        validate_parameter_constraints(
            self._parameter_constraints, self.get_params(deep=False), caller_name=name
        )
        loss = as_loss(loss, name)
        check_boosted(loss, name)
        check_hessian(self.hessian, loss, name)
        if loss.tags.target not in self._targets:
            of_labels = loss.tags.target in LossBoostingClassifier._targets
            other = LossBoostingClassifier if of_labels else LossBoostingRegressor
            raise ValueError(
                f"{name} does not support {type(loss).__name__}. Use {other.__name__} instead."
            )
        estimator = self._default() if self.estimator is None else self.estimator
        if isinstance(estimator, Loss) or estimator in get_loss_names():
            raise TypeError(
                f"The first parameter of {name} is the estimator. Pass the loss by its name: "
                f"{name}(loss={estimator!r})."
            )
        booster = find_booster(estimator, self._kind, name)
        check_whole(loss, booster.library, name)
        return loss.set_params(reduction="mean"), booster, estimator

    def _train(self, loss, booster, estimator, X, y, weight, n_outputs, sets, weights, fit_params):
        """Fit a clone of the estimator with a loss of encoded targets."""
        trained = booster(booster.clone(estimator), None, n_outputs)
        derivatives = make_derivatives(loss, self.hessian, trained.coupling)
        if loss.tags.target == "class_rank":
            derivatives.n_outputs = max(n_outputs - 1, 1)
        trained.derivatives = derivatives
        y, *of_sets = derivatives.tabulate([y, *(y_set for _, y_set in sets)], booster.in_single)
        if not trained.sets_leaves:
            derivatives.calibrate(y, weight, n_outputs)
        sets = [
            (X_set, derivatives.targets(y_set))
            for (X_set, _), y_set in zip(sets, of_sets, strict=True)
        ]
        trained.fit(X, derivatives.targets(y), weight, sets, weights, {**fit_params})
        derivatives.release()
        trained.start, trained.unit = derivatives.start, derivatives.unit
        if trained.sets_leaves:
            trained.start, trained.unit = loss.optimal_constant(y, sample_weight=weight), 1.0
        return trained

    def _raw(self, X):
        """Raw predictions of each trained booster."""
        check_is_fitted(self)
        refuse_unread(X=X)
        return [item.raw(X) for item in self._trained]

    def _staged(self, X):
        """Yield raw predictions of each trained booster, after each iteration."""
        check_is_fitted(self)
        refuse_unread(X=X)
        return zip(*(item.staged_raw(X) for item in self._trained), strict=False)

    @property
    def n_features_in_(self):
        """Number of features."""
        return self._of_booster("n_features_in_")

    @property
    def feature_names_in_(self):
        """Names of the features, if the booster knows them."""
        return self._of_booster("feature_names_in_")

    @property
    def feature_importances_(self):
        """Importances of the features, if the booster has them."""
        return self._of_booster("feature_importances_")

    def _of_booster(self, name):
        """An attribute of the trained booster; of the first one, if there are several."""
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"{type(self).__name__} object has no attribute {name}")
        return getattr(self._trained[0].estimator, name)

    def __sklearn_is_fitted__(self):
        return "_trained" in vars(self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        try:
            inner = get_tags(self._default() if self.estimator is None else self.estimator)
        except (AttributeError, TypeError):  # fit says what is wrong
            return tags
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.non_deterministic = inner.non_deterministic
        return tags


class LossBoostingClassifier(ClassifierMixin, _LossBoosting):
    """Gradient boosting of any library with any loss of labels.

    Parameters
    ----------
    estimator : estimator, default=None
        An LGBMClassifier, XGBClassifier, CatBoostClassifier or HistGradientBoostingClassifier, with
        settings for everything but the loss. A clone is fitted. Its settings for early stopping
        watch the loss. None means a HistGradientBoostingClassifier.
    loss : str, function, Loss class or Loss object, default=None
        The loss that is minimised. None means `BCEWithLogitsLoss` for two classes and
        `CrossEntropyLoss` for more. Losses of labels (`SigmoidFocalLoss`, `HingeLoss`) compare each
        class with the rest if there are more than two; losses of ordered classes (`CoralLoss`,
        `CornLoss`) take the classes in the order of `classes_`. In any of these forms, the
        parameters of the loss are available as parameters ``loss__<name>`` of the estimator. The
        default ``alpha=0.25`` of `SigmoidFocalLoss` was chosen for object detection; for tabular
        data use ``SigmoidFocalLoss(alpha=None)``. For two classes, the label 1 of the loss is
        ``classes_[1]``, the last in sorted order.
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, in the order of `classes_` or by label, by which the weights of the
        samples are multiplied, in evaluation sets as well. "balanced" is the total weight of the
        samples divided by n_classes times that of the class.
    hessian : {"auto", "exact", "abs", "clip", "fisher", "ones"}, default="auto"
        The Hessians that the booster gets; see `as_objective`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    estimator_ : estimator
        The fitted booster. It was trained with positions of labels in `classes_`, and its raw
        predictions are to be added to `start_`.
    start_ : float or ndarray of shape (n_classes,)
        The constant raw prediction that minimises the loss, where the booster starts.
    loss_ : Loss
        The loss that was minimised.
    n_features_in_ : int
        Number of features.

    See Also
    --------
    as_objective : For those who set up a booster themselves.
    LossBoostingRegressor : For real targets and counts.
    sklosses.linear_model.LossClassifier : Linear models with the same losses.

    Notes
    -----
    Two classes have one output. Three and more have one each, also for ordered classes, where the
    last one has no influence.

    The objective, the metric and the start of the estimator are replaced. The booster predicts the
    difference from the best constant prediction, in the metric and in the objective as well.
    `predict_proba` converts raw predictions as the `predict_proba` of the loss does. If each class
    is compared with the rest, the probabilities are divided by their sum. A focal loss is minimised
    by probabilities that are less certain than the frequencies; with few trees, those of a rare
    class are too high.

    For CatBoost and three or more classes, Python is called for each sample and iteration, some
    tens of microseconds each time: half a minute for a million calls.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklosses import SigmoidFocalLoss
    >>> from sklosses.boosting import LossBoostingClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> clf = LossBoostingClassifier(loss=SigmoidFocalLoss(alpha=None)).fit(X, y)
    >>> clf.predict_proba(X).shape
    (569, 2)
    >>> clf.score(X, y) > 0.97
    True
    """

    _default = HistGradientBoostingClassifier
    _kind = "classifier"
    _targets = ("binary", "sign", "multilabel", "class_index", "class_rank", "class_list")

    _parameter_constraints = {
        **_LossBoosting._parameter_constraints,
        "class_weight": ["array-like", dict, StrOptions({"balanced"}), None],
    }

    def __init__(self, estimator=None, *, loss=None, class_weight=None, hessian="auto"):
        self.estimator = estimator
        self.loss = loss
        self.class_weight = class_weight
        self.hessian = hessian

    def fit(self, X, y, sample_weight=None, **fit_params):
        """Fit the booster.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, in any form that the booster takes.
        y : array-like of shape (n_samples,)
            Labels of any type.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, >= 0.
        **fit_params
            Further arguments of the booster's `fit`. ``eval_set``, a pair (X, y) or a list of
            pairs, has labels as in `y`, for each library.

        Returns
        -------
        self : LossBoostingClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If the loss is not for labels, if there are samples of only one class, or if a
            parameter or the data are invalid.
        TypeError
            If the estimator is not a classifier of the four libraries.
        """
        refuse_unread(X=X, y=y, sample_weight=sample_weight)
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        check_consistent_length(X, y)
        self.classes_, positions = np.unique(y, return_inverse=True)
        n_classes = len(self.classes_)
        if not n_classes:
            raise ValueError(f"Found array with 0 samples. {type(self).__name__} needs at least 2.")
        if n_classes < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes. The data has only "
                f"one class: {self.classes_.tolist()[0]!r}."
            )
        loss = self.loss
        if loss is None:
            loss = "binary_cross_entropy_with_logits" if n_classes == 2 else "cross_entropy"
        loss, booster, estimator = self._check(loss)
        loss = weigh_by_label(loss, self.classes_)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        sample_weight, by_class = weigh_samples(
            self.class_weight, self.classes_, positions, sample_weight
        )
        loss = balance_loss(loss, positions, n_classes, sample_weight)
        sets, weights = booster.read_sets(fit_params)
        for k, (X_set, y_set) in enumerate(sets):
            labels = column_or_1d(y_set)
            found = find_positions(labels, self.classes_)
            if (found < 0).any():
                raise ValueError(
                    f"eval_set[{k}] has the label {labels[found < 0].tolist()[0]!r} at index "
                    f"{int(np.argmin(found))}, which is not in y."
                )
            sets[k] = X_set, found
            if by_class is not None:
                own = 1.0 if weights[k] is None else np.asarray(weights[k])
                weights[k] = by_class[found] * own
        n_outputs = n_classes if n_classes > 2 else 1
        trained = self._train(
            loss,
            booster,
            estimator,
            X,
            positions,
            sample_weight,
            n_outputs,
            sets,
            weights,
            fit_params,
        )
        self._trained = [trained]
        self.estimator_ = trained.estimator
        self.start_ = trained.start
        self.loss_ = loss
        return self

    def _decision(self, raw):
        """Decisions of the classes, from raw predictions."""
        if self.loss_.tags.target == "class_rank" and raw.ndim == 2:
            probability = self._probability(raw)
            return np.log(np.maximum(probability, np.finfo(probability.dtype).tiny))
        return raw

    def _probability(self, raw):
        return self._trained[0].derivatives.probabilities(raw)

    def _labels(self, raw):
        decision = self._decision(raw)
        found = decision > 0 if decision.ndim == 1 else decision.argmax(axis=1)
        return self.classes_[found.astype(np.intp)]

    def decision_function(self, X):
        """Compute raw predictions: logits or margins.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        decision : ndarray of shape (n_samples,) or (n_samples, n_classes)
            (n_samples,) for two classes; values above 0 mean the second class. Logarithms of the
            probabilities for more than two ordered classes.
        """
        return self._decision(self._raw(X)[0])

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,)
            Labels.
        """
        return self._labels(self._raw(X)[0])

    @available_if(_predicts_probabilities)
    def predict_proba(self, X):
        """Predict probabilities of the classes.

        Only available for losses whose raw predictions can be converted to probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`.
        """
        return self._probability(self._raw(X)[0])

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        refuse_unread(y=y, sample_weight=sample_weight)
        return super().score(X, y, sample_weight)

    def staged_decision_function(self, X):
        """Compute raw predictions after each iteration.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Yields
        ------
        decision : ndarray of shape (n_samples,) or (n_samples, n_classes)
            As `decision_function` returns it.
        """
        for raw in self._staged(X):
            yield self._decision(raw[0])

    def staged_predict(self, X):
        """Predict labels after each iteration.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Yields
        ------
        y_pred : ndarray of shape (n_samples,)
            Labels.
        """
        for raw in self._staged(X):
            yield self._labels(raw[0])

    @available_if(_predicts_probabilities)
    def staged_predict_proba(self, X):
        """Predict probabilities of the classes after each iteration.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Yields
        ------
        probability : ndarray of shape (n_samples, n_classes)
            As `predict_proba` returns it.
        """
        for raw in self._staged(X):
            yield self._probability(raw[0])


class LossBoostingRegressor(RegressorMixin, _LossBoosting):
    """Gradient boosting of any library with any loss of numbers, of groups or of survival.

    Parameters
    ----------
    estimator : estimator, default=None
        An LGBMRegressor, XGBRegressor, CatBoostRegressor or HistGradientBoostingRegressor, with
        settings for everything but the loss. A clone is fitted. Its settings for early stopping
        watch the loss. None means a HistGradientBoostingRegressor.
    loss : str, function, Loss class or Loss object, default="mse_loss"
        The loss that is minimised: a loss of real predictions, a loss of logarithms of means such
        as `PoissonNLLLoss` and `TweedieDeviance`, or a loss of means and variances such as
        `GaussianNLLLoss` and `CRPSGaussianLoss`. `QuantileLoss` may have several quantiles. Losses
        that rank groups, such as `LambdaRankLoss`, and `CoxPHLoss` are trained by all libraries but
        CatBoost. In any of these forms, the parameters of the loss are available as parameters
        ``loss__<name>`` of the estimator.
    hessian : {"auto", "exact", "abs", "clip", "fisher", "ones"}, default="auto"
        The Hessians that the booster gets; see `as_objective`.

    Attributes
    ----------
    estimator_ : estimator
        The fitted booster. Its raw predictions are in units of `unit_`, from `start_` on. Not set
        for several quantiles.
    estimators_ : list of estimator
        The fitted boosters: one or, for several quantiles, one for each.
    start_ : float or ndarray
        The constant raw prediction that minimises the loss, where the booster starts; for means and
        variances, the mean and the logarithm of the variance.
    unit_ : float or ndarray
        The unit of the booster's raw predictions.
    loss_ : Loss
        The loss that was minimised.
    n_features_in_ : int
        Number of features.

    See Also
    --------
    as_objective : For those who set up a booster themselves.
    LossBoostingClassifier : For labels.
    sklosses.linear_model.LossRegressor : Linear models with the same losses.

    Notes
    -----
    Losses on the scale of the target are boosted in units in which the median absolute deviation of
    the targets is 1, and the mean Hessian at the start as well. The best constant is subtracted
    from targets that may be any real numbers, since most boosters hold them in single precision. So
    the mean of y does not matter, nor does its unit: ``min_child_weight`` counts samples, and L2
    regularisation acts as it does for squared errors. scikit-learn's boosters fit `L1Loss` and
    `QuantileLoss` without that, since they set the values of leaves to medians and quantiles.

    For means and variances there is one booster with two outputs, the mean and the logarithm of the
    variance. For several quantiles there is one booster for each, so that each has its own early
    stopping; predicted quantiles of a sample may cross.

    Losses of groups, and `CoxPHLoss`, start at 0. Their booster gets the number of each row as its
    target, by which the loss finds relevance and group, or time and event: rows may come in any
    order. Losses of groups that are no likelihoods have units in which the mean Hessian at the
    start is 1 for each row, however large the groups are. scikit-learn's early stopping holds out
    rows at random, which would cut groups: it is off for them, unless there is an evaluation set.
    The `strata` of `CoxPHLoss` are those of the rows of training, without evaluation sets.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklosses import QuantileLoss
    >>> from sklosses.boosting import LossBoostingRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> reg = LossBoostingRegressor(loss=QuantileLoss(quantile=[0.1, 0.5, 0.9])).fit(X, y)
    >>> reg.predict(X).shape
    (442, 3)
    >>> (y <= reg.predict(X).T).mean(axis=1).round(1)
    array([0.1, 0.5, 0.9])

    Rows that are ranked in groups:

    >>> groups = np.arange(len(y)) // 10
    >>> reg = LossBoostingRegressor(loss="ranknet_loss").fit(X, y, groups=groups)
    >>> bool(np.corrcoef(reg.predict(X), y)[0, 1] > 0.7)
    True
    """

    _default = HistGradientBoostingRegressor
    _kind = "regressor"
    _targets = ("real", *OF_ROWS)
    # Not requested unless the user asks for it: most losses are cross-validated by groups, if at
    # all, without taking them.
    __metadata_request__fit = MappingProxyType({"groups": False, "eval_groups": False})

    def __init__(self, estimator=None, *, loss="mse_loss", hessian="auto"):
        self.estimator = estimator
        self.loss = loss
        self.hessian = hessian

    def fit(self, X, y, sample_weight=None, *, groups=None, eval_groups=None, **fit_params):
        """Fit the booster.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features, in any form that the booster takes.
        y : array-like of shape (n_samples,)
            Targets. For losses of survival, a structured array (event, time) as of scikit-survival,
            or an array of shape (n_samples, 2) of times and events.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, >= 0. For losses of groups the same for all samples of a group.
        groups : array-like of shape (n_samples,), default=None
            A label of each sample's group, of any type that NumPy can sort. For losses that rank
            groups, and for no others.
        eval_groups : array-like or list of array-like, default=None
            The groups of each evaluation set.
        **fit_params
            Further arguments of the booster's `fit`. ``eval_set`` is a pair (X, y) or a list of
            pairs, for each library.

        Returns
        -------
        self : LossBoostingRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If the loss is not for targets of this kind, if groups are missing or superfluous, or if
            a parameter or the data are invalid.
        TypeError
            If the estimator is not a regressor of the four libraries.
        """
        refuse_unread(X=X, y=y, sample_weight=sample_weight)
        loss, booster, estimator = self._check(self.loss)
        check_consistent_length(X, y)
        y = read_targets(y, loss, groups, sample_weight)
        if loss.tags.target == "relevance":
            check_ranks(loss, *y)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        sets, weights = booster.read_sets(fit_params)
        of_sets = list_groups(eval_groups, len(sets))
        for k, (X_set, y_set) in enumerate(sets):
            names = f"y of eval_set[{k}]", f"eval_groups[{k}]"
            sets[k] = X_set, read_targets(y_set, loss, of_sets[k], weights[k], names)
        n_outputs = 2 if loss.tags.response == "distribution" else 1
        self._trained = [
            self._train(
                part, booster, estimator, X, y, sample_weight, n_outputs, sets, weights, fit_params
            )
            for part in loss._by_output()
        ]
        self.estimators_ = [item.estimator for item in self._trained]
        vars(self).pop("estimator_", None)
        if not loss.trailing_shape:
            self.estimator_ = self.estimators_[0]
        starts, units = ([getattr(item, of) for item in self._trained] for of in ("start", "unit"))
        several = bool(loss.trailing_shape)
        self.start_, self.unit_ = (starts, units) if several else (starts[0], units[0])
        self.loss_ = loss
        return self

    def _predictions(self, raw, return_std=False):
        """Predictions on the scale of the target, from the raw ones of each booster."""
        loss = self.loss_
        if loss.tags.response != "distribution":
            if return_std:
                raise ValueError(
                    "return_std=True needs a loss that predicts a variance, such as "
                    f"GaussianNLLLoss. Got {loss!r}."
                )
            raw = [
                item.derivatives.predictions(r)[0]
                for item, r in zip(self._trained, raw, strict=True)
            ]
            if loss.tags.target in OF_ROWS:
                return raw[0]
            return loss.inverse_link(np.stack(raw, axis=-1) if loss.trailing_shape else raw[0])
        mean, var = self._trained[0].derivatives.predictions(raw[0])
        if not return_std:
            return mean
        return mean, np.sqrt(np.maximum(var, getattr(loss, "eps", 0.0)))

    def predict(self, X, return_std=False):
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        return_std : bool, default=False
            Whether to return the standard deviation as well, which is only possible for losses of
            means and variances.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_quantiles)
            Predictions on the scale of the target: rates for `PoissonNLLLoss`. Scores for losses
            that rank groups, and logarithms of hazards for `CoxPHLoss`.
        y_std : ndarray of shape (n_samples,)
            The standard deviations, only returned if `return_std` is True.

        Raises
        ------
        ValueError
            If `return_std` is True and the loss does not predict a variance.
        """
        return self._predictions(self._raw(X), return_std)

    def score(self, X, y, sample_weight=None):
        """Compute the coefficient of determination, R^2, of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float

        Raises
        ------
        ValueError
            If the predictions are no estimates of `y`: scores by which groups are ranked, hazards,
            or several quantiles.
        """
        check_is_fitted(self)
        check_r_squared(self, self.loss_)
        refuse_unread(y=y, sample_weight=sample_weight)
        return super().score(X, y, sample_weight)

    def staged_predict(self, X):
        """Predict targets after each iteration.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Features.

        Yields
        ------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_quantiles)
            As `predict` returns them. If the boosters of several quantiles differ in their numbers
            of iterations, up to the smallest one.
        """
        for raw in self._staged(X):
            yield self._predictions(raw)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        with contextlib.suppress(TypeError, ValueError):  # fit says what is wrong
            tags.target_tags.positive_only = bool(as_loss(self.loss, "").inputs[0].domain.low == 0)
        return tags
