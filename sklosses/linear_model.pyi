"""Types of `linear_model.py`; see `base.pyi`."""

from collections.abc import Iterable
from typing import Any, Literal, Self, overload

from numpy.typing import ArrayLike

from .base import Loss, _Array, _ClassWeight, _Estimator, _LossLike, _Matrix

__all__ = ["LossClassifier", "LossRegressor"]

class _LinearModel(_Estimator):
    loss: _LossLike
    alpha: float
    fit_intercept: bool
    max_iter: int
    tol: float
    warm_start: bool
    verbose: int
    n_threads: int | None

    coef_: _Array
    n_iter_: int
    loss_curve_: list[float]
    loss_: Loss
    n_features_in_: int
    feature_names_in_: _Array

    def score(self, X: _Matrix, y: _Matrix, sample_weight: ArrayLike | None = None) -> float: ...
    # What `dask.py` uses.
    def _validate(self) -> Loss: ...
    def _refuse_unread(self, **arrays: Any) -> None: ...
    # scikit-learn generates this method, and others below, from signatures.
    def set_score_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...

COMPARED: dict[str, Any]

def _predicts_probabilities(estimator: _LinearModel) -> bool: ...

class LossRegressor(_LinearModel):
    intercept_: float | _Array
    log_variance_coef_: _Array
    log_variance_intercept_: float | _Array

    def __init__(
        self,
        loss: _LossLike = "huber_loss",
        *,
        alpha: float = 1e-4,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-6,
        warm_start: bool = False,
        verbose: int = 0,
        n_threads: int | None = None,
    ) -> None: ...
    def fit(
        self,
        X: _Matrix,
        y: _Matrix,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self: ...
    def set_fit_request(
        self, *, sample_weight: bool | str | None = ..., groups: bool | str | None = ...
    ) -> Self: ...
    @overload
    def predict(self, X: _Matrix, return_std: Literal[False] = False) -> _Array: ...
    @overload
    def predict(self, X: _Matrix, return_std: Literal[True]) -> tuple[_Array, _Array]: ...
    @overload
    def predict(self, X: _Matrix, return_std: bool = False) -> _Array | tuple[_Array, _Array]: ...
    def set_predict_request(self, *, return_std: bool | str | None = ...) -> Self: ...
    def _fit(self, loss: Loss, targets: tuple[int, ...], make_objective: Any) -> Self: ...

class LossClassifier(_LinearModel):
    class_weight: _ClassWeight
    classes_: _Array
    intercept_: _Array
    thresholds_: _Array

    def __init__(
        self,
        loss: _LossLike = "cross_entropy",
        *,
        alpha: float = 1e-4,
        fit_intercept: bool = True,
        class_weight: _ClassWeight = None,
        max_iter: int = 1000,
        tol: float = 1e-6,
        warm_start: bool = False,
        verbose: int = 0,
        n_threads: int | None = None,
    ) -> None: ...
    def fit(self, X: _Matrix, y: _Matrix, sample_weight: ArrayLike | None = None) -> Self: ...
    def set_fit_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...
    def decision_function(self, X: _Matrix) -> _Array: ...
    def predict(self, X: _Matrix) -> _Array: ...
    def predict_proba(self, X: _Matrix) -> _Array: ...
    def _refuse_outputs(self, kinds: Iterable[str]) -> None: ...
    def _set_classes(self, loss: Loss, classes: _Array) -> Loss: ...
    def _set_labels(self, loss: Loss, shape: tuple[int, ...]) -> None: ...
    def _fit(self, loss: Loss, make_objective: Any) -> Self: ...
