"""Types of `dask.py`; see `base.pyi`. Dask has no types: its arrays are `Any`."""

from typing import Any, Self

from . import linear_model
from .base import _LossLike

__all__ = ["LossClassifier", "LossRegressor", "evaluate"]

def evaluate(
    loss: _LossLike,
    *arrays: Any,
    sample_weight: Any = None,
    reduction: str | None = None,
    avg_factor: float | None = None,
    return_gradient: bool = False,
    return_hessian: bool = False,
    n_threads: int | None = 1,
    **named_arrays: Any,
) -> Any: ...

class LossRegressor(linear_model.LossRegressor):
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self: ...
    def predict(self, X: Any, return_std: bool = False) -> Any: ...
    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...

class LossClassifier(linear_model.LossClassifier):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self: ...
    def decision_function(self, X: Any) -> Any: ...
    def predict(self, X: Any) -> Any: ...
    def predict_proba(self, X: Any) -> Any: ...
    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...
