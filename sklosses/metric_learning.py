"""Linear embeddings that are trained with losses of all pairs of a batch."""

from numbers import Integral, Real

import numpy as np
import scipy.linalg
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ._blas import one_thread_except_numpy
from ._loss_parameter import LossParameter
from ._sklearn_compat import (
    AdamOptimizer,
    Interval,
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)
from ._validation import raise_parameter, refuse_unread
from ._warnings import warn
from .base import Loss, as_loss, get_loss, get_loss_names

__all__ = ["LossEmbedding"]

# Number of samples of one label that are drawn together into a mini-batch: most losses need
# positive pairs.
_DRAWN_TOGETHER = 4
# Number of epochs without progress after which training in mini-batches stops.
_PATIENCE = 10


class LossEmbedding(
    LossParameter, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    r"""Linear embedding that minimises a loss of all pairs of labelled samples.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object, default="batch_hard_triplet_loss"
        A loss of labels and embeddings, such as "batch_semi_hard_triplet_loss", "sup_con_loss"
        or ``NTXentLoss(temperature=0.1)``. In any of these forms, the parameters of the loss are
        available as parameters ``loss__<name>`` of the estimator. The `reduction` of the loss is
        ignored: the mean is minimised.
    n_components : int, default=None
        Dimension of the embedding, at most that of the data. If None, that of the data.
    batch_size : int, default=None
        Number of samples in a mini-batch, for training with Adam. Samples of a label are drawn in
        groups of four. If None, L-BFGS is used with all samples at once.
    alpha : float, default=0.1
        Strength of the penalty on the distance of the weights from their initial values.
    init : {"pca", "random"} or array-like of shape (n_components, n_features), default="pca"
        Initial weights: principal axes, random weights, or an array. They are scaled so that
        the embeddings have a root mean square length of 1, which the margins of the losses
        assume.
    learning_rate : float, default=0.01
        Step size of Adam.
    max_iter : int, default=100
        Maximum number of iterations of L-BFGS, or of epochs with mini-batches.
    tol : float, default=1e-4
        Tolerance of the stopping criterion. L-BFGS stops when an iteration improves the
        objective by less than this, relative to the objective or to 1, whichever is larger.
        Training in mini-batches stops when ten consecutive epochs do not improve the best loss by
        as much.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the previous call.
    verbose : int, default=0
        Whether to print a line for every iteration or epoch.
    random_state : int, RandomState instance or None, default=None
        Controls random initial weights and the order of mini-batches. Pass an int for
        reproducible results.
    n_threads : int, default=None
        Number of threads for the loss. None means what OMP_NUM_THREADS and threadpoolctl allow.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The weights.
    mean_ : ndarray of shape (n_features,)
        Mean of the training data, which is subtracted.
    loss_ : Loss
        The loss object that was minimised.
    loss_curve_ : list of float
        The objective at the initial weights and after each iteration. With mini-batches, the
        mean loss of each epoch.
    n_iter_ : int
        Number of iterations or epochs.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    sklearn.neighbors.NeighborhoodComponentsAnalysis : Maximises the expected accuracy of
        nearest neighbours.
    sklearn.decomposition.PCA : Provides the default initial weights; does not use labels.

    Notes
    -----
    With the centred data X, scaled to a root mean square length of 1, the labels y and the loss L,

    .. math:: L(y, X W^T) + \frac\alpha2 \|W - W_0\|^2

    is minimised over W. The penalty keeps the embedding near its initial value W_0, by default the
    principal axes, if there are few samples for their dimension. If classes overlap, losses of the
    hardest pairs are minimised by an embedding that maps all samples to one point. The penalty
    prevents this. These losses were designed for mini-batches and work better with, for example, a
    `batch_size` of 64.

    The losses are not convex, so the fit finds a local minimum. They are invariant, or nearly
    so, to rotations of the embedding. Single components therefore have no meaning.

    References
    ----------
    D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
    :doi:`10.48550/arXiv.1412.6980`

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklosses.metric_learning import LossEmbedding
    >>> X, y = load_digits(return_X_y=True)
    >>> for embedding in (PCA(4), LossEmbedding(n_components=4, batch_size=64, random_state=0)):
    ...     model = make_pipeline(embedding, KNeighborsClassifier(1)).fit(X[::2], y[::2])
    ...     print(f"{model.score(X[1::2], y[1::2]):.1f}")
    0.8
    0.9
    """

    _parameter_constraints = {
        "loss": [str, Loss, callable],
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "batch_size": [Interval(Integral, 2, None, closed="left"), None],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "init": [StrOptions({"pca", "random"}), "array-like"],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "n_threads": [Integral, None],
    }

    def __init__(
        self,
        loss="batch_hard_triplet_loss",
        *,
        n_components=None,
        batch_size=None,
        alpha=0.1,
        init="pca",
        learning_rate=0.01,
        max_iter=100,
        tol=1e-4,
        warm_start=False,
        verbose=0,
        random_state=None,
        n_threads=None,
    ):
        self.loss = loss
        self.n_components = n_components
        self.batch_size = batch_size
        self.alpha = alpha
        self.init = init
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.random_state = random_state
        self.n_threads = n_threads

    def fit(self, X, y):
        """Learn the weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.
        y : array-like of shape (n_samples,)
            Labels.

        Returns
        -------
        self : LossEmbedding
            The fitted estimator.

        Raises
        ------
        ValueError
            If the loss is not one of labels and embeddings, or if a parameter or the data are
            invalid.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` iterations or epochs are not enough.
        """
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )
        self.loss_ = _embedding_loss(self.loss)
        refuse_unread(X=X, y=y)
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], ensure_min_samples=2)
        check_classification_targets(y)
        y = np.unique(y, return_inverse=True)[1]
        random_state = check_random_state(self.random_state)

        # In float64, because a float32 sum of many numbers that are far from 0 is inaccurate.
        mean = X.mean(axis=0, dtype=np.float64).astype(X.dtype)  # pyright: ignore[reportAttributeAccessIssue]
        X = X - mean
        # Scale to a root mean square length of 1, first by the largest element so that squares do
        # not overflow. If all samples are the same, they are not scaled.
        largest = float(np.abs(X).max()) or 1.0
        X /= X.dtype.type(largest)
        length = np.sqrt(np.einsum("ij,ij", X, X, dtype=np.float64) / len(X)) or 1.0
        X /= X.dtype.type(length)
        length *= largest
        start = self._start(X, length, random_state)

        if self.batch_size is None:
            weights = self._fit_whole(X, y, start)
        else:
            weights = self._fit_batches(X, y, start, random_state)
        self.mean_ = mean
        self.components_ = weights / weights.dtype.type(length)
        return self

    def transform(self, X):
        """Embed samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples to embed.

        Returns
        -------
        embeddings : ndarray of shape (n_samples, n_components)
            The embedded samples.
        """
        check_is_fitted(self)
        refuse_unread(X=X)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return (X - self.mean_) @ self.components_.T

    def _start(self, X, length, random_state):
        """Initial weights, scaled so that the embeddings have a root mean square length of 1."""
        n_features = X.shape[1]
        if self.warm_start and hasattr(self, "components_"):
            if self.components_.shape != (self.n_components or n_features, n_features):
                raise ValueError(
                    f"warm_start=True needs the {self.components_.shape[0]} components of "
                    f"{self.components_.shape[1]} features of the previous fit. Got "
                    f"n_components={self.n_components} and X with {n_features} features."
                )
            return (self.components_ * length).astype(X.dtype)
        if not isinstance(self.init, str):
            start = check_array(self.init, dtype=X.dtype, copy=True, input_name="init")
            n_components = self.n_components or len(start)
            if start.shape != (n_components, n_features):
                raise ValueError(
                    f"init must have shape ({n_components}, {n_features}), (n_components, "
                    f"n_features). Got shape {start.shape} instead."
                )
        else:
            n_components = self.n_components or n_features
            if n_components > n_features:
                raise ValueError(
                    f"n_components={n_components} must be at most n_features={n_features}."
                )
            if self.init == "random":
                start = random_state.standard_normal((n_components, n_features))
            elif not X.any():
                start = np.eye(n_components, n_features)
            elif n_components <= min(X.shape):
                start = np.asarray(PCA(n_components, random_state=random_state).fit(X).components_)
            else:
                # More axes than samples: the additional ones are orthogonal to the data.
                start = scipy.linalg.svd(X, full_matrices=True)[2][:n_components]
        embedded = X @ start.T.astype(X.dtype)
        rms = np.sqrt(np.einsum("ij,ij", embedded, embedded, dtype=np.float64) / len(X))
        return (start / (rms or 1.0)).astype(X.dtype)

    def _objective(self, X, y, weights, start):
        """Objective and its gradient with respect to the weights."""
        value, gradient = self.loss_.value_and_gradient(
            y, X @ weights.T, reduction="mean", n_threads=self.n_threads
        )
        moved = weights - start
        penalty = self.alpha / 2 * float(np.vdot(moved, moved))
        return value + penalty, gradient.T @ X + X.dtype.type(self.alpha) * moved

    def _fit_whole(self, X, y, start):
        """Minimise the objective over all samples by L-BFGS; return the weights."""

        def objective(w):
            weights = w.reshape(start.shape).astype(X.dtype)
            value, gradient = self._objective(X, y, weights, start)
            return value, gradient.ravel().astype(np.float64)

        self.loss_curve_ = [objective(start.ravel())[0]]

        def report(intermediate_result):
            self._report("iteration", intermediate_result.fun)

        with one_thread_except_numpy():
            result = minimize(
                objective,
                start.ravel().astype(np.float64),
                jac=True,
                method="L-BFGS-B",
                callback=report,
                options={"maxiter": self.max_iter, "ftol": self.tol, "gtol": 0.0},
            )
        # scikit-learn requires at least one, even if the initial weights are a minimum.
        self.n_iter_ = max(result.nit, 1)
        if result.nit >= self.max_iter and not result.success:
            self._warn("L-BFGS")
        return result.x.reshape(start.shape).astype(X.dtype)

    def _fit_batches(self, X, y, start, random_state):
        """Minimise the objective in mini-batches by Adam; return the weights."""
        weights = start.copy()
        optimizer = AdamOptimizer([weights], self.learning_rate)
        self.loss_curve_ = []
        best, waiting = np.inf, 0
        for epoch in range(self.max_iter):
            total = 0.0
            for rows in _mini_batches(y, self.batch_size, random_state):
                value, gradient = self._objective(X[rows], y[rows], weights, start)
                optimizer.update_params([weights], [gradient])
                total += value * len(rows)
            self._report("epoch", total / len(X))
            self.n_iter_ = epoch + 1
            latest = self.loss_curve_[-1]
            waiting = 0 if latest < best - self.tol * max(abs(latest), 1) else waiting + 1
            best = min(best, latest)
            if waiting == _PATIENCE:
                return weights
        self._warn("Adam")
        return weights

    def _report(self, unit, value):
        self.loss_curve_.append(float(value))
        if self.verbose:
            number = len(self.loss_curve_) - (unit == "iteration")
            print(f"[{type(self).__name__}] {unit} {number} of {self.max_iter}: loss {value:.6g}")

    def _warn(self, optimizer):
        warn(
            f"{type(self).__name__} did not converge. {optimizer} reached "
            f"max_iter={self.max_iter}. Increase max_iter or tol.",
            ConvergenceWarning,
        )

    @property
    def _n_features_out(self):
        return self.components_.shape[0]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _embedding_loss(loss):
    """Convert any form of a loss to an object; raise if it is not one of labels and embeddings."""
    passed, loss = loss, as_loss(loss, "LossEmbedding")
    if loss.tags.response != "embedding":
        names = [key for key in get_loss_names() if get_loss(key).tags.response == "embedding"]
        raise_parameter(
            "LossEmbedding",
            "loss",
            f"a loss of labels and embeddings: {', '.join(names)}",
            passed,
            error=InvalidParameterError,
        )
    return loss


def _mini_batches(y, size, random_state):
    """Indices of the samples of each mini-batch of an epoch.

    Every sample is in one batch. Samples of a label are kept together in groups of a few.
    """
    order = random_state.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    counts = np.bincount(y)
    within = np.arange(len(y)) - np.repeat(np.cumsum(counts) - counts, counts)
    group = y[order] * len(y) + within // _DRAWN_TOGETHER
    groups = np.unique(group, return_inverse=True)[1]
    shuffled = random_state.permutation(groups.max() + 1)[groups]
    order = order[np.argsort(shuffled, kind="stable")]
    return np.array_split(order, max(1, round(len(y) / size)))
