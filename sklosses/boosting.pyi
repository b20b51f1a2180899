"""Types of `boosting.py`; see `base.pyi`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, Self, TypeAlias, overload

from numpy.typing import ArrayLike
from sklearn._loss.loss import BaseLoss
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from .base import Loss, _Array, _ClassWeight, _Estimator, _LossLike, _Matrix

__all__ = [
    "LossBoostingClassifier",
    "LossBoostingRegressor",
    "as_eval_metric",
    "as_objective",
    "as_sklearn_loss",
]

_Hessian: TypeAlias = Literal["auto", "exact", "abs", "clip", "fisher", "ones"]

@overload
def as_objective(
    loss: _LossLike, library: Literal["lightgbm", "xgboost"], *, hessian: _Hessian = "auto"
) -> Callable[..., tuple[_Array, _Array]]: ...
@overload
def as_objective(
    loss: _LossLike, library: Literal["catboost"], *, hessian: _Hessian = "auto"
) -> object: ...
@overload
def as_eval_metric(
    loss: _LossLike, library: Literal["lightgbm"]
) -> Callable[..., tuple[str, float, bool]]: ...
@overload
def as_eval_metric(loss: _LossLike, library: Literal["xgboost"]) -> Callable[..., Any]: ...
@overload
def as_eval_metric(loss: _LossLike, library: Literal["catboost"]) -> object: ...
def as_sklearn_loss(loss: _LossLike, *, hessian: _Hessian = "auto") -> BaseLoss: ...

class _Boosting(_Estimator):
    # The estimators of the libraries have no common class.
    estimator: Any
    hessian: _Hessian

    estimator_: Any
    loss_: Loss

    @property
    def n_features_in_(self) -> int: ...
    @property
    def feature_names_in_(self) -> _Array: ...
    @property
    def feature_importances_(self) -> _Array: ...
    def score(self, X: _Matrix, y: _Matrix, sample_weight: ArrayLike | None = None) -> float: ...
    # scikit-learn generates the methods `set_*_request` from signatures.
    def set_score_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...

class LossBoostingClassifier(_Boosting):
    _default: type[HistGradientBoostingClassifier]
    loss: _LossLike | None
    class_weight: _ClassWeight
    classes_: _Array
    start_: float | _Array

    def __init__(
        self,
        estimator: Any = None,
        *,
        loss: _LossLike | None = None,
        class_weight: _ClassWeight = None,
        hessian: _Hessian = "auto",
    ) -> None: ...
    def fit(
        self, X: _Matrix, y: ArrayLike, sample_weight: ArrayLike | None = None, **fit_params: Any
    ) -> Self: ...
    def set_fit_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...
    def decision_function(self, X: _Matrix) -> _Array: ...
    def predict(self, X: _Matrix) -> _Array: ...
    def predict_proba(self, X: _Matrix) -> _Array: ...
    def staged_decision_function(self, X: _Matrix) -> Iterator[_Array]: ...
    def staged_predict(self, X: _Matrix) -> Iterator[_Array]: ...
    def staged_predict_proba(self, X: _Matrix) -> Iterator[_Array]: ...

class LossBoostingRegressor(_Boosting):
    _default: type[HistGradientBoostingRegressor]
    loss: _LossLike
    estimators_: list[Any]
    start_: float | _Array | list[float]
    unit_: float | _Array | list[float]

    def __init__(
        self,
        estimator: Any = None,
        *,
        loss: _LossLike = "mse_loss",
        hessian: _Hessian = "auto",
    ) -> None: ...
    def fit(
        self,
        X: _Matrix,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
        eval_groups: ArrayLike | Sequence[ArrayLike | None] | None = None,
        **fit_params: Any,
    ) -> Self: ...
    def set_fit_request(
        self,
        *,
        sample_weight: bool | str | None = ...,
        groups: bool | str | None = ...,
        eval_groups: bool | str | None = ...,
    ) -> Self: ...
    @overload
    def predict(self, X: _Matrix, return_std: Literal[False] = False) -> _Array: ...
    @overload
    def predict(self, X: _Matrix, return_std: Literal[True]) -> tuple[_Array, _Array]: ...
    @overload
    def predict(self, X: _Matrix, return_std: bool = False) -> _Array | tuple[_Array, _Array]: ...
    def set_predict_request(self, *, return_std: bool | str | None = ...) -> Self: ...
    def staged_predict(self, X: _Matrix) -> Iterator[_Array]: ...
