"""Types of `metric_learning.py`; see `base.pyi`."""

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from .base import Loss, _Array, _Estimator, _LossLike, _Numbers

__all__ = ["LossEmbedding"]

class LossEmbedding(_Estimator):
    loss: _LossLike
    n_components: int | None
    batch_size: int | None
    alpha: float
    init: Literal["pca", "random"] | _Numbers
    learning_rate: float
    max_iter: int
    tol: float
    warm_start: bool
    verbose: int
    random_state: int | np.random.RandomState | None
    n_threads: int | None

    components_: _Array
    mean_: _Array
    loss_: Loss
    loss_curve_: list[float]
    n_iter_: int
    n_features_in_: int
    feature_names_in_: _Array

    def __init__(
        self,
        loss: _LossLike = "batch_hard_triplet_loss",
        *,
        n_components: int | None = None,
        batch_size: int | None = None,
        alpha: float = 0.1,
        init: Literal["pca", "random"] | _Numbers = "pca",
        learning_rate: float = 0.01,
        max_iter: int = 100,
        tol: float = 1e-4,
        warm_start: bool = False,
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
        n_threads: int | None = None,
    ) -> None: ...
    def fit(self, X: ArrayLike, y: ArrayLike) -> Self: ...
    def transform(self, X: ArrayLike) -> _Array: ...
    # From scikit-learn's mixins. `set_output` selects containers other than arrays.
    def fit_transform(self, X: ArrayLike, y: ArrayLike, **fit_params: Any) -> _Array: ...
    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> _Array: ...
    def set_output(self, *, transform: str | None = None) -> Self: ...
