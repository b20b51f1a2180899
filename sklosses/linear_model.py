"""Linear models that are trained with any loss.

This module converts targets to the form that a loss takes, and outputs of the model to the form of
the targets. The fit itself is in `_linear.py`.
"""

import math
from functools import partial
from inspect import signature
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.utils import check_consistent_length
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from ._compared import AtRisk, Ranked
from ._constants import increasing
from ._declaration import changed_params
from ._labels import (
    PER_CLASS,
    encode_classes,
    encode_indicator,
    probabilities_of_classes,
    weigh_by_label,
    weigh_samples,
)
from ._lazy import is_lazy
from ._linear import ArrayObjective, minimise
from ._links import has_probabilities
from ._loss_parameter import LossParameter
from ._ordered import Levels, Questions, Thresholds
from ._outputs import Classes, Gaussian, Lead, Outputs, Quantiles
from ._sklearn_compat import (
    Interval,
    StrOptions,
    _check_sample_weight,
    validate_parameter_constraints,
)
from ._targets import (
    check_domain,
    check_groups,
    check_r_squared,
    check_ranks,
    read_targets,
    weights_of_groups,
)
from ._validation import as_array, refuse_unread
from .base import Loss, as_loss, get_loss, get_loss_names

__all__ = ["LossClassifier", "LossRegressor"]

# With at least this many features, most of the time is spent in BLAS. Its idle threads compete with
# those of OpenMP: with two of each on two busy cores, a fit took twice as long.
_MANY_FEATURES = 16


# The outputs of losses that compare samples with each other, by `LossTags.response`. Such outputs
# are not on the scale of the target.
COMPARED = {"score": Ranked, "log_hazard": AtRisk}


class _LossLinearModel(LossParameter, BaseEstimator):
    """Base class of both estimators."""

    #: The losses that the model supports, by their `LossTags`.
    _responses = ()
    _targets = ()

    _parameter_constraints = {
        "loss": [str, Loss, callable],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "fit_intercept": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
        "n_threads": [Integral, None],
    }

    alpha: float
    fit_intercept: bool
    max_iter: int
    tol: float
    warm_start: bool
    verbose: int
    n_threads: int | None

    @classmethod
    def _takes(cls, loss):
        """Whether the model supports this loss."""
        return loss.tags.response in cls._responses and loss.tags.target in cls._targets

    @classmethod
    def _hint(cls, loss):
        """A sentence about what would help, or "": a parameter whose default makes it supported."""
        for leaf, _ in loss._leaves():
            if leaf.function_name is None or cls._takes(leaf):
                continue
            for name in changed_params(leaf):
                default = signature(type(leaf)).parameters[name].default
                if cls._takes(clone(leaf).set_params(**{name: default})):
                    return f" Set {name}={default!r} in {leaf!r}."
        return ""

    def _resolve_loss(self):
        """A copy of the loss as an object, with the reduction "mean"."""
        loss = as_loss(self.loss, type(self).__name__)
        if not self._takes(loss):
            allowed = [name for name in get_loss_names() if self._takes(get_loss(name))]
            raise ValueError(
                f"{type(self).__name__} does not support {type(loss).__name__}, which takes "
                f"predictions of the kind {loss.tags.response!r} and targets of the kind "
                f"{loss.tags.target!r}.{self._hint(loss)} "
                f"Supported losses: {', '.join(allowed)}."
            )
        return loss.set_params(reduction="mean")

    def _known_loss(self):
        """The loss, for use before `fit` has validated it; None if it is invalid."""
        try:
            return self._resolve_loss()
        except (TypeError, ValueError):
            return None

    def _validate(self):
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )
        return self._resolve_loss()

    def _objective(self, loss, X, targets, weight, kind, n_outputs):
        """The objective of arrays in memory."""
        if not (sparse.issparse(X) or X.flags.c_contiguous or X.flags.f_contiguous):
            # Otherwise each product would make a copy.
            X = np.ascontiguousarray(X)
        n_threads = self.n_threads
        if n_threads is None and X.shape[1] >= _MANY_FEATURES and not sparse.issparse(X):
            n_threads = 1
        return ArrayObjective(loss, X, targets, weight, self.alpha, n_threads, kind, n_outputs)

    def _minimise(self, objective):
        """Fit; return coefficients, (n_outputs, n_features), and intercepts in the dtype of X."""
        start = getattr(self, "_last", None) if self.warm_start else None
        shape = objective.n_outputs, objective.n_features
        if start is not None and start[0].shape != shape:
            start = None
        outputs = objective.outputs
        coef, intercept, self.loss_curve_ = minimise(
            objective,
            start,
            fit_intercept=(self.fit_intercept or outputs.is_tied) and not outputs.is_compared,
            max_iter=self.max_iter,
            tol=self.tol,
            verbose=self.verbose,
            caller=type(self).__name__,
        )
        self.n_iter_ = len(self.loss_curve_)
        self._last = coef, intercept
        self.loss_ = objective.loss
        return coef.astype(objective.dtype), intercept.astype(objective.dtype)

    def _refuse_unread(self, **arrays):
        instead = f"sklosses.dask.{type(self).__name__}"
        if any(map(is_lazy, arrays.values())) and self._resolve_loss().tags.response in COMPARED:
            instead = None
        refuse_unread(instead, **arrays)

    def _check_X(self, X):
        check_is_fitted(self)
        self._refuse_unread(X=X)
        return validate_data(
            self, X, accept_sparse=["csr", "csc"], dtype=[np.float64, np.float32], reset=False
        )

    def _output(self, X, coef, intercept):
        """The outputs, of shape (n_samples,) and then the axes of the intercepts."""
        if coef.ndim <= 2:
            return np.asarray(X @ coef.T + intercept)
        flat = np.asarray(X @ coef.reshape(-1, coef.shape[-1]).T)
        return flat.reshape(-1, *intercept.shape) + intercept

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class LossRegressor(RegressorMixin, _LossLinearModel):
    r"""Linear model with any loss of numbers, counts, rankings or survival, and an L2 penalty.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object, default="huber_loss"
        The loss that is minimised: a loss of real predictions, a loss of logarithms of means such
        as `PoissonNLLLoss` and `TweedieDeviance`, or a loss of means and variances such as
        `GaussianNLLLoss` and `CRPSGaussianLoss`. `QuantileLoss` may have several quantiles. Losses
        that rank groups, such as `LambdaRankLoss`, take the groups in `fit`, and `CoxPHLoss` takes
        times and events as `y`. For these and for several quantiles there is no R^2, so score the
        model by :func:`sklosses.make_loss_scorer`. In any of these forms, the parameters of the
        loss are available as parameters ``loss__<name>`` of the estimator. The `reduction` of the
        loss is ignored: the mean is minimised.
    alpha : float, default=1e-4
        Factor of the penalty, >= 0. The penalty is weighed against the loss, so its strength
        depends on the unit of the loss: for squared errors, targets that are ten times as large
        take the same alpha, for `L1Loss` a tenth of it.
    fit_intercept : bool, default=True
        Whether to fit an intercept. It is not penalised. Losses that rank groups and `CoxPHLoss` do
        not depend on it, so it is 0 for them.
    max_iter : int, default=1000
        Maximum number of iterations.
    tol : float, default=1e-6
        The fit stops when the norm of the gradient is at most this. The gradient is taken with
        respect to variables in which the objective has a curvature of about 1 in every direction
        and can decrease by about 1. The remaining decrease is then of the order of `tol` squared.
        The machine epsilon of the dtype of X is a lower bound.
    warm_start : bool, default=False
        Whether `fit` starts from the coefficients of the previous call.
    verbose : int, default=0
        Whether to print a line for each iteration.
    n_threads : int, default=None
        Number of threads for the loss. None means one if most of the time is spent on products with
        X (dense, 16 features or more), which use the threads of NumPy's BLAS; otherwise what
        OMP_NUM_THREADS and threadpoolctl allow.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_outputs, n_features)
        Coefficients; (n_features,) for one-dimensional targets. For several quantiles,
        (n_quantiles, n_features) or (n_outputs, n_quantiles, n_features).
    intercept_ : float or ndarray of shape (n_outputs,)
        Intercepts, of the shape of `coef_` without its last axis. 0.0 for losses that rank groups
        and for `CoxPHLoss`.
    log_variance_coef_, log_variance_intercept_ : of the shapes of `coef_` and `intercept_`
        Only for losses of means and variances: the variance is ``exp`` of this linear model, plus
        the `eps` of `GaussianNLLLoss`.
    n_iter_ : int
        Number of iterations, at least 1.
    loss_curve_ : list of float
        The objective after each iteration.
    loss_ : Loss
        The loss that was minimised.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    LossClassifier : Linear classifier with any loss.
    sklosses.make_loss_scorer : Scores by the loss, with groups or survival times as well.
    sklearn.linear_model.HuberRegressor : Estimates the scale of the errors as well.
    sklearn.linear_model.PoissonRegressor : Minimises half the Poisson deviance, which has the same
        minimum as `PoissonNLLLoss`.

    Notes
    -----
    With the sample weights w, the objective

    .. math:: \frac{\sum_i w_i\, \ell(y_i, x_i^\top \beta + \beta_0)}{\sum_i w_i}
              + \frac{\alpha}{2} \|\beta\|^2

    is minimised by L-BFGS. For several targets, the mean is over the targets as well. X may be
    dense or sparse. It is not copied unless it has features whose mean is larger than their
    standard deviation by orders of magnitude; these are centred. Products with float32 X are
    computed in float32. The variables of L-BFGS are not the coefficients. They are chosen such that
    the first step is nearly a Newton step, using the covariance of the features. Unless the loss
    is quadratic, it is estimated from some thousands of samples. For more than 256 features, only
    the variances are used. This does not change the objective: the features are not standardised.

    A loss with kinks (`L1Loss`, `QuantileLoss`) is replaced by smooth losses that come closer and
    closer to it, until that lowers the objective by less than `tol` of it; `loss_curve_` has their
    objectives, and at last that of the loss. For other losses with kinks (`MAPELoss`), L-BFGS may
    stop slightly above the minimum, where its line search finds no lower point, without a warning.
    The objective of `GaussianNLLLoss` is not convex. The fit starts from the best constant model.

    Rankers have the mean over the groups as their objective, and the model of `CoxPHLoss` the mean
    over the events; `predict` returns scores, of which the highest comes first, or logarithms of
    hazards. The penalty of other packages may be added to the sum: for scikit-survival's
    `CoxPHSurvivalAnalysis`, multiply alpha by the number of events. Both losses depend on
    differences between samples only, of a group or of a stratum. A feature that is constant there
    gets a coefficient of 0 (without a penalty it may keep that of a warm start), and features that
    are far from 0 are centred in each group. Strata are a parameter of `CoxPHLoss` and belong to
    the samples of one `fit`, so they do not work in cross-validation.

    The gradient of `LambdaRankLoss` holds weights constant that depend on the ranks, and its value
    jumps where ranks change. The fit looks for coefficients that are best for their own weights,
    where the gradient is 0. In small data sets it may jump over 0; the fit then ends, without a
    warning, with the smallest gradient that it found, and `loss_curve_` may rise.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sklosses import HuberLoss
    >>> from sklosses.linear_model import LossRegressor
    >>> X, y = make_regression(200, 3, noise=1.0, random_state=0)
    >>> y[::20] += 1000  # outliers
    >>> reg = LossRegressor(loss=HuberLoss(delta=2.0)).fit(X, y)
    >>> reg.coef_.round(1), round(float(reg.intercept_), 1)
    (array([24.7, 59.7, 56.9]), 0.1)

    A ranker, and a model of hazards from times, of which some are censored:

    >>> import numpy as np
    >>> query = np.repeat(np.arange(40), 5)
    >>> relevance = np.round(X[:, 0] + 2).clip(0, 4)
    >>> ranker = LossRegressor("ranknet_loss", alpha=0.01).fit(X, relevance, groups=query)
    >>> int(ranker.coef_.argmax()), ranker.predict(X).shape
    (0, (200,))
    >>> rng = np.random.default_rng(0)
    >>> time, event = rng.exponential(np.exp(-X[:, 2])), rng.random(200) < 0.8
    >>> cox = LossRegressor("cox_ph_loss").fit(X, np.column_stack([time, event]))
    >>> int(cox.coef_.argmax()), float(cox.intercept_)
    (2, 0.0)
    """

    _responses = ("real", "log_rate", "distribution", *COMPARED)
    _targets = ("real", "relevance", "survival")
    # Not requested unless the user asks for it: most losses are cross-validated by groups, if at
    # all, without taking them.
    __metadata_request__fit = MappingProxyType({"groups": False})

    def __init__(
        self,
        loss="huber_loss",
        *,
        alpha=1e-4,
        fit_intercept=True,
        max_iter=1000,
        tol=1e-6,
        warm_start=False,
        verbose=0,
        n_threads=None,
    ):
        self.loss = loss
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None, groups=None):
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets. Relevances, (n_samples,), for losses that rank groups. For `CoxPHLoss` a
            structured array with a boolean field, the event, and a field of numbers, the time, or
            two columns, the time and the event.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, >= 0. For losses that rank groups the same for all samples of a group. Not
            supported by `CoxPHLoss`.
        groups : array-like of shape (n_samples,), default=None
            Labels of the groups, of any type that NumPy can sort, for losses that rank groups.
            Samples of a group may be anywhere in `X`. An error for other losses. Metadata routing
            passes them to the model only after ``set_fit_request(groups=True)``; otherwise they are
            for the splitter alone.

        Returns
        -------
        self : LossRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If the model does not support the loss, if `groups` are missing or not needed, if there
            is nothing to compare (no group with rows of different relevance, no event), or if a
            parameter or the data are invalid.

        Warns
        -----
        ConvergenceWarning
            If L-BFGS stops before the gradient is small enough for `tol`.
        """
        loss = self._validate()
        self._refuse_unread(X=X, y=y, sample_weight=sample_weight, groups=groups)
        check_groups(loss, groups)
        kinds = {"relevance": self._read_ranking, "survival": self._read_survival}
        read = kinds.get(loss.tags.target, self._read_values)
        X, targets = read(X, y, groups)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
            if groups is not None:
                weights_of_groups(sample_weight, groups)  # raises if they differ within a group
        make_objective = partial(self._objective, loss, X, targets, sample_weight)
        return self._fit(loss, targets[0].shape[1:], make_objective)

    # These return features and targets. Arguments are those of `fit`.

    def _read_values(self, X, y, groups):
        X, y = self._read(X, y, multi_output=True, y_numeric=True)
        y = as_array(y, "y")
        check_domain(y, "y", self._resolve_loss().inputs[0].domain)
        return X, (np.ascontiguousarray(y, dtype=X.dtype),)

    def _read_ranking(self, X, y, groups):
        # Relevances are not rounded to the dtype of X, where different ones may be equal.
        X, y = self._read(X, y, y_numeric=True)
        loss = self._resolve_loss()
        targets = read_targets(y, loss, groups)
        check_ranks(loss, *targets)
        return X, targets

    def _read_survival(self, X, y, groups):
        X = self._read(X)
        check_consistent_length(X, y)
        loss = self._resolve_loss()
        time, event = read_targets(y, loss)
        # Raise what the loss says, before its strata are used.
        loss(time, event, np.zeros(len(time)))
        return X, (time, event)

    def _read(self, X, *y, **kwargs) -> Any:
        """Validated X, or X and y."""
        return validate_data(
            self, X, *y, accept_sparse=["csr", "csc"], dtype=[np.float64, np.float32], **kwargs
        )

    def _fit(self, loss, targets, make_objective):
        """Fit the model of `targets`, the shape of the targets of one sample.

        ``make_objective(kind, n_outputs)`` returns the objective.
        """
        shape = targets + loss.trailing_shape
        n_outputs = math.prod(shape)
        gaussian = loss.tags.response == "distribution"
        kind = Gaussian if gaussian else Quantiles if loss.trailing_shape else Outputs
        kind = COMPARED.get(loss.tags.response, kind)
        coef, intercept = self._minimise(make_objective(kind, n_outputs * (1 + gaussian)))
        parts = [
            (coef[k : k + n_outputs].reshape(*shape, -1), intercept[k : k + n_outputs])
            for k in (0, n_outputs)[: 1 + gaussian]
        ]
        self.coef_, self.intercept_ = parts[0][0], parts[0][1].reshape(shape)[()]
        if gaussian:
            self.log_variance_coef_ = parts[1][0]
            self.log_variance_intercept_ = parts[1][1].reshape(shape)[()]
        return self

    def predict(self, X, return_std=False):
        """Predict targets.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        return_std : bool, default=False
            Whether to return the standard deviation as well, which is only possible for losses of
            means and variances.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions on the scale of the target: rates for `PoissonNLLLoss`. For several
            quantiles there is one more axis, of length n_quantiles. Scores for losses that rank
            groups, and logarithms of hazards for `CoxPHLoss`.
        y_std : ndarray of the shape of y_pred
            The standard deviations, only returned if `return_std` is True.

        Raises
        ------
        ValueError
            If `return_std` is True and the loss does not predict a variance.
        """
        X = self._check_X(X)
        y_pred = self._output(X, self.coef_, self.intercept_)
        if self.loss_.tags.response not in COMPARED:
            y_pred = self.loss_.inverse_link(y_pred)
        if not return_std:
            return y_pred
        if self.loss_.tags.response != "distribution":
            raise ValueError(
                f"return_std=True needs a loss that predicts a variance, such as GaussianNLLLoss. "
                f"Got {self.loss_!r}."
            )
        log_excess = self._output(X, self.log_variance_coef_, self.log_variance_intercept_)
        return y_pred, np.sqrt(np.exp(log_excess) + getattr(self.loss_, "eps", 0.0))

    def score(self, X, y, sample_weight=None):
        """Compute the coefficient of determination, R^2, of the predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float
            The mean over the outputs if there are several.

        Raises
        ------
        ValueError
            If the predictions are no estimates of `y`: scores by which groups are ranked, hazards,
            or several quantiles.
        """
        check_is_fitted(self)
        check_r_squared(self, self.loss_)
        self._refuse_unread(X=X, y=y, sample_weight=sample_weight)
        return super().score(X, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        loss = self._known_loss()
        tags.target_tags.multi_output = loss is None or loss.tags.response not in COMPARED
        if loss is not None:
            tags.target_tags.positive_only = bool(loss.inputs[0].domain.low == 0)
        return tags


def _predicts_probabilities(estimator):
    """Whether the outputs can be converted to probabilities; raises if not."""
    loss = estimator.loss_ if hasattr(estimator, "loss_") else estimator._resolve_loss()
    return has_probabilities(loss)


# The outputs of a model of ordered classes, by `LossTags.response`.
_ORDERED = {
    "cumulative_logits": Levels,
    "conditional_logits": Questions,
    "latent": Thresholds,
}


class LossClassifier(ClassifierMixin, _LossLinearModel):
    r"""Linear classifier with any loss of logits or margins, and an L2 penalty.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object, default="cross_entropy"
        The loss that is minimised. Losses of classes (`CrossEntropyLoss`, `SoftmaxFocalLoss`,
        `MultiMarginLoss`) compare the classes with each other. Losses of labels
        (`BCEWithLogitsLoss`, `SigmoidFocalLoss`, `SoftMarginLoss`, `HingeLoss`, `ExponentialLoss`,
        `ModifiedHuberLoss`) compare each class with the rest if there are more than two, and
        support several labels per sample. So do `MultiLabelSoftMarginLoss` and
        `MultiLabelMarginLoss`. Losses of ordered classes (`CoralLoss`, `CornLoss`,
        `CumulativeLogitLoss`) take the classes in the order of `classes_`, in which labels are
        sorted. In any form of `loss`, the parameters of the loss are available as parameters
        ``loss__<name>`` of the estimator, for example in a search for those of a focal loss. The
        `reduction` of the loss is ignored: the mean is minimised. The default ``alpha=0.25`` of
        `SigmoidFocalLoss` was chosen for object detection. For tabular data use
        ``SigmoidFocalLoss(alpha=None)``; otherwise the model misses positives.
        For two classes, the label 1 of the loss is ``classes_[1]``, the last in sorted order.
    alpha : float, default=1e-4
        Factor of the penalty, >= 0. It corresponds to ``1 / (n_samples * C)`` with the `C` of
        :class:`sklearn.linear_model.LogisticRegression`.
    fit_intercept : bool, default=True
        Whether to fit an intercept. It is not penalised. The thresholds of `CoralLoss` and
        `CumulativeLogitLoss` are always fitted.
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes, in the order of `classes_` or by label. The weight of each sample is
        multiplied by that of its class. "balanced" is the total weight of the samples divided by
        n_classes times that of the class. An error for several labels per sample. Class weights of
        the loss itself are applied as well; the keys of a dict are labels there, too.
    max_iter : int, default=1000
        Maximum number of iterations.
    tol : float, default=1e-6
        As in `LossRegressor`.
    warm_start : bool, default=False
        Whether `fit` starts from the coefficients of the previous call.
    verbose : int, default=0
        Whether to print a line for each iteration.
    n_threads : int, default=None
        As in `LossRegressor`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels. For several labels per sample, the indices of the columns of `y`.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients. For two classes a single row, which belongs to the second class. For ordered
        classes a single row, or n_classes - 1 rows for `CornLoss`.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts. For ordered classes, of shape (n_classes - 1,): with these intercepts, the
        outputs are the logits that the loss takes.
    thresholds_ : ndarray of shape (n_classes - 1,)
        Only for `CumulativeLogitLoss`: the thresholds, which are minus the intercepts.
    n_iter_ : int
        Number of iterations, at least 1.
    loss_curve_ : list of float
        The objective after each iteration.
    loss_ : Loss
        The loss that was minimised.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    LossRegressor : For real targets and counts; describes the minimisation.
    sklearn.linear_model.LogisticRegression : The same model for cross-entropy.

    Notes
    -----
    The weighted mean of the loss plus :math:`\frac{\alpha}{2} \|\beta\|^2` is minimised. For an
    elementwise loss that compares each class with the rest, the mean is over samples and classes.
    For two classes there is one output. For losses of classes, it is the prediction for the second
    class, and that for the first class is 0.

    `predict_proba`, if the loss has it, converts the outputs as the `predict_proba` of the loss
    does. It is calibrated for losses that are minimised by the true probabilities; a focal loss is
    minimised by less certain ones. If each class is compared with the rest, the probabilities are
    divided by their sum.

    For ordered classes, the model has a logit for each class but the last: that of a higher class
    or, for `CornLoss`, that of a higher class if it is not a lower one. `CoralLoss` and
    `CumulativeLogitLoss` have common coefficients and an intercept for each logit. Around a class
    without weight, the thresholds of `CumulativeLogitLoss` come together. For three
    classes and more, `decision_function` returns the logarithms of the probabilities.

    For `MultiMarginLoss` with p = 1 and `MultiLabelMarginLoss`, which have kinks, the fit may end
    slightly above the minimum. For `HingeLoss` with p = 1 and `CrammerSingerLoss` it does not, see
    `LossRegressor`. With p = 2 the margin losses are smooth.
    `MultiLabelMarginLoss` only compares labels with each other; those whose output is above the
    mean of all outputs are predicted.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklosses.linear_model import LossClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> search = GridSearchCV(
    ...     LossClassifier(loss="softmax_focal_loss", alpha=1e-3), {"loss__gamma": [0, 1, 2]}
    ... )
    >>> search.fit(X, y).best_estimator_.predict_proba(X[:1]).round(1)
    array([[1., 0., 0.]])
    """

    _responses = ("logit", "margin", "class_logits", "class_margin", *_ORDERED)
    _targets = ("binary", "sign", "multilabel", "class_index", "class_rank", "class_list")

    _parameter_constraints = {
        **_LossLinearModel._parameter_constraints,
        "class_weight": ["array-like", dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        loss="cross_entropy",
        *,
        alpha=1e-4,
        fit_intercept=True,
        class_weight=None,
        max_iter=1000,
        tol=1e-6,
        warm_start=False,
        verbose=0,
        n_threads=None,
    ):
        self.loss = loss
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.n_threads = n_threads

    def fit(self, X, y, sample_weight=None):
        """Fit the model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or {array-like, sparse matrix} of shape \
                (n_samples, n_labels)
            Labels of any type, or an indicator matrix of several labels per sample.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights, >= 0.

        Returns
        -------
        self : LossClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If the model does not support the loss, if there are samples of only one class, or if a
            parameter or the data are invalid.

        Warns
        -----
        ConvergenceWarning
            If L-BFGS stops before the gradient is small enough for `tol`.
        """
        loss = self._validate()
        self._refuse_unread(X=X, y=y, sample_weight=sample_weight)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            dtype=[np.float64, np.float32],
            multi_output=True,
        )
        check_classification_targets(y)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        y_type = type_of_target(y)
        self._refuse_outputs([y_type])
        self._multilabel = y_type == "multilabel-indicator"
        if self._multilabel:
            self._set_labels(loss, y.shape)  # pyright: ignore[reportAttributeAccessIssue]
            y_true = encode_indicator(y, loss.tags.target)
        else:
            y = column_or_1d(y, warn=True)
            classes, positions = np.unique(y, return_inverse=True)
            loss = self._set_classes(loss, classes)
            sample_weight, _ = weigh_samples(self.class_weight, classes, positions, sample_weight)
            y_true = encode_classes(positions, len(classes), loss.tags.target)
        if y_true.dtype.kind == "f":
            y_true = y_true.astype(X.dtype, copy=False)  # pyright: ignore[reportAttributeAccessIssue]
        return self._fit(loss, partial(self._objective, loss, X, (y_true,), sample_weight))

    def _refuse_outputs(self, kinds):
        """Raise for targets with several outputs; `kinds` are those of `type_of_target`."""
        for kind in kinds:
            if kind.endswith("multioutput"):
                raise ValueError(
                    f"{type(self).__name__} takes one label for each sample, or an indicator "
                    f"matrix of several labels. Got y of the type {kind!r} instead."
                )

    def _set_classes(self, loss, classes):
        """Set `classes_`; return the loss with its class weights in their order."""
        self.classes_ = classes
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes. The data has only "
                f"one class: {classes.tolist()[0]!r}."
            )
        return weigh_by_label(loss, classes)

    def _fit(self, loss, make_objective):
        """Fit the model of `classes_`; ``make_objective(kind, n_outputs)`` is the objective."""
        target, n_classes = loss.tags.target, len(self.classes_)
        kind, n_outputs = Outputs, n_classes
        if self._multilabel:
            kind = Classes if target == "class_list" else Outputs
        elif target == "class_rank":
            kind, n_outputs = _ORDERED[loss.tags.response], n_classes - 1
        elif n_classes == 2:
            kind, n_outputs = Lead if target in PER_CLASS else Outputs, 1
        elif target in PER_CLASS:
            kind = Classes
        self.coef_, self.intercept_ = self._minimise(make_objective(kind, n_outputs))
        if kind.is_tied:
            self.coef_ = self.coef_[:1]
        if kind is Thresholds:
            # Rounded to the dtype of X, some may be equal.
            self.thresholds_ = increasing(-self.intercept_)
            self.intercept_ = -self.thresholds_
        return self

    def _set_labels(self, loss, shape):
        """Set `classes_` for an indicator of that shape; raise if the model does not take it."""
        name, target = type(loss).__name__, loss.tags.target
        if target in ("class_index", "class_rank"):
            raise ValueError(
                f"{name} takes a single label for each sample. Got y of shape {shape} instead."
            )
        if self.class_weight is not None:
            raise ValueError(
                "class_weight requires a single label for each sample. Got y of shape "
                f"{shape} instead."
            )
        self.classes_ = np.arange(shape[1])

    def decision_function(self, X):
        """Compute the outputs of the model: logits or margins.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        decision : ndarray of shape (n_samples,) or (n_samples, n_classes)
            (n_samples,) for two classes; values above 0 mean the second class. Logarithms of the
            probabilities for more than two ordered classes.
        """
        X = self._check_X(X)
        decision = self._output(X, self.coef_, self.intercept_)
        if self.loss_.tags.target == "class_rank" and decision.shape[1] > 1:
            probability = self._probability_of_ranks(X)
            return np.log(np.maximum(probability, np.finfo(probability.dtype).tiny))
        return decision if self._multilabel or decision.shape[1] > 1 else decision[:, 0]

    def _probability_of_ranks(self, X):
        """Probabilities of ordered classes."""
        if self.loss_.tags.response == "latent":
            z = self._output(X, self.coef_[0], np.zeros((), X.dtype))
            return self.loss_.predict_proba(z, self.thresholds_)
        return self.loss_.predict_proba(self._output(X, self.coef_, self.intercept_))

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels, or an indicator matrix for several labels per sample.
        """
        decision = self.decision_function(X)
        if self._multilabel:
            return (decision > 0).astype(np.intp)
        if decision.ndim == 1:
            return self.classes_[(decision > 0).astype(np.intp)]
        return self.classes_[decision.argmax(axis=1)]

    @available_if(_predicts_probabilities)
    def predict_proba(self, X):
        """Predict probabilities of the classes.

        Only available for losses whose outputs can be converted to probabilities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.

        Returns
        -------
        probability : ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`. They sum to 1 for one label per sample; for
            several, each is that of one label.
        """
        check_is_fitted(self)
        loss = self.loss_
        if loss.tags.target == "class_rank":
            return self._probability_of_ranks(self._check_X(X))
        decision = self.decision_function(X)
        if self._multilabel:
            return loss.predict_proba(decision)
        return probabilities_of_classes(loss, decision)

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy of the predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Features.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels. Of several labels per sample, all have to be right.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float
        """
        check_is_fitted(self)
        self._refuse_unread(X=X, y=y, sample_weight=sample_weight)
        return super().score(X, y, sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        loss = self._known_loss()
        several = loss is not None and loss.tags.target not in ("class_index", "class_rank")
        tags.classifier_tags.multi_label = several
        # The check of scikit-learn has classes without an order along any direction.
        kind = None if loss is None else _ORDERED.get(loss.tags.response)
        tags.classifier_tags.poor_score = kind is not None and kind.is_tied
        return tags
