"""Losses and linear models of Dask arrays.

`evaluate` evaluates a loss chunk by chunk, and the two estimators are those of `linear_model` for
arrays that are larger than memory.
"""

import warnings
from functools import partial
from typing import Any

import numpy as np
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from . import linear_model
from ._chunked import evaluate, read_arrays
from ._chunked_linear import (
    ChunkedObjective,
    Data,
    Indicators,
    Labels,
    Values,
    accuracy,
    r_squared,
)
from ._chunks import Chunks
from ._labels import balance_loss, encode_classes, encode_indicator, weigh_samples
from ._lazy import is_lazy
from ._targets import check_groups, check_r_squared
from .linear_model import COMPARED, _predicts_probabilities

__all__ = ["LossClassifier", "LossRegressor", "evaluate"]


class _DaskModel:
    """What both estimators share: they read Dask arrays, and predict chunk by chunk."""

    # Of the classes in `linear_model`.
    alpha: float
    n_threads: int | None
    predict: Any

    @classmethod
    def _takes(cls, loss):
        return loss.tags.response not in COMPARED and super()._takes(loss)  # pyright: ignore[reportAttributeAccessIssue]

    @classmethod
    def _hint(cls, loss):
        if loss.tags.response in COMPARED:
            return (
                " It compares samples with each other, and a chunk may end within a group of them. "
                "Use sklosses.linear_model.LossRegressor, with arrays in memory."
            )
        return super()._hint(loss)  # pyright: ignore[reportAttributeAccessIssue]

    def _read_data(self, X, y, sample_weight, of_labels):
        """The data in chunks, checked."""
        names = getattr(X, "columns", None)
        if y is None:
            raise ValueError("y must be array-like. Got None instead.")
        X, y, sample_weight = read_arrays(X=X, y=y, sample_weight=sample_weight).values()
        if X.ndim != 2:
            raise ValueError(
                f"X must have shape (n_samples, n_features). Got shape {X.shape} instead."
            )
        if of_labels and y.ndim == 2 and y.shape[1] == 1:
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected. Please change the "
                "shape of y to (n_samples,).",
                DataConversionWarning,
                stacklevel=4,
            )
            y = y[:, 0]
        data = Data(X, y, sample_weight, type(self).__name__, of_labels)
        self.n_features_in_ = data.n_features
        if hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        if names is not None and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.asarray(names, dtype=object)
        return data

    def _objective_of(self, loss, data, few=None):
        """A function of the kind and the number of outputs that makes the objective."""
        return partial(ChunkedObjective, loss, data, self.alpha, self.n_threads, few)

    def _compare(self, measure, X, y, sample_weight):
        """What `measure`, a function of `_chunked_linear`, makes of the predictions."""
        check_is_fitted(self)
        if y is None:
            raise ValueError("y must be array-like. Got None instead.")
        arrays = read_arrays(X=X, y=y, sample_weight=sample_weight)
        self._check_features(arrays["X"])
        return measure(self, *arrays.values())

    def _check_features(self, array):
        if array.ndim != 2 or array.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have shape (n_samples, {self.n_features_in_}), the number of features "
                f"that {type(self).__name__} was fitted with. Got shape {array.shape} instead."
            )

    def _by_chunk(self, X, method, n_results=1, **kwargs):
        """A Dask array, or several, of what a method returns for each chunk."""
        check_is_fitted(self)
        array = read_arrays(X=X)["X"]
        self._check_features(array)
        dtype = np.float32 if array.dtype == np.float32 else np.float64
        shown = _call_method(self, method, kwargs, np.zeros((1, array.shape[1]), dtype))
        nothing = tuple(item[:0] for item in shown)
        call = partial(_call_chunk, method, kwargs, nothing)
        results = Chunks({"X": array}).map(call, constants=(self,))
        outputs = tuple(
            results.rows(partial(_take, k), item.shape[1:], item.dtype)
            for k, item in enumerate(shown)
        )
        return outputs[0] if n_results == 1 else outputs


def _call_method(model, method, kwargs, X):
    """The results of a method, as a tuple."""
    results = getattr(model, method)(X, **kwargs)
    return results if isinstance(results, tuple) else (results,)


def _call_chunk(method, kwargs, nothing, arrays, place, model):
    (X,) = arrays
    return place.call(_call_method, model, method, kwargs, X) if X.shape[0] else nothing


def _take(k, results):
    return results[k]


class LossRegressor(_DaskModel, linear_model.LossRegressor):
    """Linear regression on Dask arrays with any loss of real targets or counts.

    The model, its parameters and its attributes are those of
    :class:`sklosses.linear_model.LossRegressor`, and so are the coefficients.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object, default="huber_loss"
        The loss that is minimised.
    alpha : float, default=1e-4
        Factor of the penalty, >= 0.
    fit_intercept : bool, default=True
        Whether to fit an intercept. It is not penalised.
    max_iter : int, default=1000
        Maximum number of iterations.
    tol : float, default=1e-6
        The fit stops when the norm of the gradient is at most this.
    warm_start : bool, default=False
        Whether `fit` starts from the coefficients of the previous call.
    verbose : int, default=0
        Whether to print a line for each iteration.
    n_threads : int, default=None
        Number of threads for the loss of a chunk. None means one, because Dask evaluates several
        chunks at the same time.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,) or (n_outputs, n_features)
        Coefficients, in memory.
    intercept_ : float or ndarray of shape (n_outputs,)
        Intercepts.
    log_variance_coef_, log_variance_intercept_ : of the shapes of `coef_` and `intercept_`
        Only for losses of means and variances.
    n_iter_ : int
        Number of iterations, at least 1.
    loss_curve_ : list of float
        The objective after each iteration.
    loss_ : Loss
        The loss that was minimised.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X is a data frame with names that are all strings.

    See Also
    --------
    sklosses.linear_model.LossRegressor : The same model of arrays in memory, where all parameters
        and attributes are described.
    LossClassifier : For labels.
    evaluate : The loss itself.

    Notes
    -----
    L-BFGS runs where `fit` is called, on any scheduler of Dask. It takes one pass over the chunks
    for each evaluation of the objective, a pass of checks before, and a few for the curvature. In
    each pass the coefficients go to the chunks, and sums of the size of the coefficients come back.
    About 4000 rows, and 20 for each feature up to 256 features, are kept in memory: the curvature
    is estimated from them. If X fits into the memory of the workers, ``X.persist()`` saves reading
    it in each pass; if a worker is lost, Dask computes its chunks again.

    Chunks may be sparse matrices (those of ``scipy.sparse``), and their lengths unknown. With
    arrays that are all in memory, `fit` is that of the class in `linear_model`.

    Examples
    --------
    >>> import dask.array as da
    >>> from sklosses.dask import LossRegressor
    >>> X = da.random.default_rng(0).normal(size=(1000, 2), chunks=(250, 2))
    >>> y = X @ [1.0, -2.0] + 3.0
    >>> reg = LossRegressor("huber_loss", alpha=0).fit(X, y)
    >>> reg.coef_.round(3), round(float(reg.intercept_), 3)
    (array([ 1., -2.]), 3.0)
    >>> reg.predict(X)
    dask.array<..., shape=(1000,), dtype=float64, chunksize=(250,), chunktype=numpy.ndarray>
    """

    def fit(self, X, y, sample_weight=None, groups=None):
        """Fit the model.

        Parameters
        ----------
        X : Dask array or data frame of shape (n_samples, n_features)
            Features, in chunks of rows that may be sparse matrices.
        y : Dask array or array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : Dask array or array-like of shape (n_samples,), default=None
            Weights, >= 0.
        groups : None
            Not supported, because a chunk may end within a group. Losses that rank groups, and
            `CoxPHLoss`, are trained in memory.

        Returns
        -------
        self : LossRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If the model does not support the loss, or if a parameter or the data are invalid.

        Warns
        -----
        ConvergenceWarning
            If L-BFGS stops before the gradient is small enough for `tol`.
        """
        if not any(map(is_lazy, (X, y, sample_weight))):
            return super().fit(X, y, sample_weight, groups)
        loss = self._validate()
        check_groups(loss, groups)
        data = self._read_data(X, y, sample_weight, of_labels=False)
        data.encode(Values())
        return self._fit(loss, data.targets, self._objective_of(loss, data))

    def predict(self, X, return_std=False):
        """Predict targets.

        Parameters
        ----------
        X : Dask array, data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Features.
        return_std : bool, default=False
            Whether to return the standard deviation as well, which is only possible for losses of
            means and variances.

        Returns
        -------
        y_pred : Dask array or ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions on the scale of the target: a Dask array, which is not computed yet, for a
            Dask array.
        y_std : Dask array or ndarray of the shape of y_pred
            The standard deviations, only returned if `return_std` is True.
        """
        if not is_lazy(X):
            return super().predict(X, return_std)
        return self._by_chunk(X, "predict", 1 + bool(return_std), return_std=return_std)

    def score(self, X, y, sample_weight=None):
        """Compute the coefficient of determination, R^2, of the predictions.

        Parameters
        ----------
        X : Dask array, data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Features.
        y : Dask array or array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : Dask array or array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float
            The mean over the outputs if there are several.
        """
        if not any(map(is_lazy, (X, y, sample_weight))):
            return super().score(X, y, sample_weight)
        check_is_fitted(self)
        check_r_squared(self, self.loss_)
        return self._compare(r_squared, X, y, sample_weight)


class LossClassifier(_DaskModel, linear_model.LossClassifier):
    """Linear classifier on Dask arrays with any loss of logits or margins.

    The model, its parameters and its attributes are those of
    :class:`sklosses.linear_model.LossClassifier`, and so are the coefficients.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object, default="cross_entropy"
        The loss that is minimised.
    alpha : float, default=1e-4
        Factor of the penalty, >= 0.
    fit_intercept : bool, default=True
        Whether to fit an intercept. It is not penalised.
    class_weight : array-like of shape (n_classes,), dict or "balanced", default=None
        Weights of the classes.
    max_iter : int, default=1000
        Maximum number of iterations.
    tol : float, default=1e-6
        The fit stops when the norm of the gradient is at most this.
    warm_start : bool, default=False
        Whether `fit` starts from the coefficients of the previous call.
    verbose : int, default=0
        Whether to print a line for each iteration.
    n_threads : int, default=None
        As in `LossRegressor`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, which the first pass over the data finds.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        Coefficients, in memory.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        Intercepts.
    thresholds_ : ndarray of shape (n_classes - 1,)
        Only for `CumulativeLogitLoss`: the thresholds.
    n_iter_ : int
        Number of iterations, at least 1.
    loss_curve_ : list of float
        The objective after each iteration.
    loss_ : Loss
        The loss that was minimised.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X is a data frame with names that are all strings.

    See Also
    --------
    sklosses.linear_model.LossClassifier : The same model of arrays in memory, where all parameters
        and attributes are described.
    LossRegressor : For numbers; describes how the fit goes over the chunks.

    Examples
    --------
    >>> import dask.array as da
    >>> from sklosses.dask import LossClassifier
    >>> X = da.random.default_rng(0).normal(size=(1000, 2), chunks=(250, 2))
    >>> y = da.where(X[:, 0] > 0, "yes", "no")
    >>> clf = LossClassifier().fit(X, y)
    >>> clf.classes_
    array(['no', 'yes'], dtype='<U3')
    >>> round(clf.score(X, y), 1)
    1.0
    """

    def fit(self, X, y, sample_weight=None):
        """Fit the model.

        Parameters
        ----------
        X : Dask array or data frame of shape (n_samples, n_features)
            Features, in chunks of rows that may be sparse matrices.
        y : Dask array or array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels of any type, or an indicator matrix of several labels per sample.
        sample_weight : Dask array or array-like of shape (n_samples,), default=None
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
        if not any(map(is_lazy, (X, y, sample_weight))):
            return super().fit(X, y, sample_weight)
        loss = self._validate()
        data = self._read_data(X, y, sample_weight, of_labels=True)
        survey, target = data.survey, loss.tags.target
        self._refuse_outputs(survey.kinds)
        self._multilabel = bool(data.targets)
        few = None
        if self._multilabel:
            self._set_labels(loss, (data.n_samples, *data.targets))
            positions, totals = self.classes_, survey.columns
            data.encode(Indicators(target))
            if survey.labels is not None:
                few = (encode_indicator(survey.labels, target),), survey.totals
        else:
            loss = self._set_classes(loss, survey.labels)
            positions = np.arange(len(survey.labels))
            totals, class_weight = weigh_samples(
                self.class_weight, survey.labels, positions, survey.totals
            )
            data.encode(Labels(survey.labels, target, class_weight))
            few = (encode_classes(positions, len(positions), target),), totals
        # A chunk does not know how often the labels occur in the others.
        fitted = balance_loss(loss, positions, len(positions), totals, several=self._multilabel)
        self._fit(fitted, self._objective_of(fitted, data, few))
        self.loss_ = loss
        return self

    def decision_function(self, X):
        """Compute the outputs of the model: logits or margins.

        Parameters
        ----------
        X : Dask array, data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        decision : Dask array or ndarray of shape (n_samples,) or (n_samples, n_classes)
            As in the class of `linear_model`; a Dask array, which is not computed yet, for a Dask
            array.
        """
        if not is_lazy(X):
            return super().decision_function(X)
        return self._by_chunk(X, "decision_function")

    def predict(self, X):
        """Predict labels.

        Parameters
        ----------
        X : Dask array, data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        y_pred : Dask array or ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels, or an indicator matrix for several labels per sample.
        """
        return self._by_chunk(X, "predict") if is_lazy(X) else super().predict(X)

    @available_if(_predicts_probabilities)
    def predict_proba(self, X):
        """Predict probabilities of the classes.

        Only available for losses whose outputs can be converted to probabilities.

        Parameters
        ----------
        X : Dask array, data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Features.

        Returns
        -------
        probability : Dask array or ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`.
        """
        return self._by_chunk(X, "predict_proba") if is_lazy(X) else super().predict_proba(X)

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy of the predictions.

        Parameters
        ----------
        X : Dask array, data frame, array-like or sparse matrix of shape (n_samples, n_features)
            Features.
        y : Dask array or array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels. Of several labels per sample, all have to be right.
        sample_weight : Dask array or array-like of shape (n_samples,), default=None
            Weights.

        Returns
        -------
        score : float
        """
        if not any(map(is_lazy, (X, y, sample_weight))):
            return super().score(X, y, sample_weight)
        return self._compare(accuracy, X, y, sample_weight)
