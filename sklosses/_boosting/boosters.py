"""The estimators of each library: how they are set up, trained and asked for raw outputs.

One class for each library. A new one is a new subclass of `Booster` in `BOOSTERS`, and the
callbacks that it takes.
"""

import importlib
import inspect
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from .._targets import OF_ROWS
from .callbacks import (
    COUPLINGS,
    SklearnClassifierLoss,
    SklearnLoss,
    make_metric,
    make_objective,
)


class Booster:
    """An estimator of a library with a loss as its objective.

    Parameters
    ----------
    estimator : estimator
        A clone, which is changed and fitted.
    derivatives : Derivatives
    n_outputs : int
        Number of outputs of the booster.
    """

    #: Name of the library, and of its top package.
    library = ""
    #: Names of the parameters of the estimator that weigh classes: encoded ones, or in its own
    #: objectives alone.
    weighing: tuple = ("class_weight",)
    #: Names of the keywords of `fit` for the weights of the evaluation sets.
    weights_of_sets = ""
    #: Whether it holds targets in single precision.
    in_single = True

    estimator: Any
    #: The constant raw prediction that minimises the loss, and the unit of the outputs.
    start: Any = None
    unit: Any = None

    def __init__(self, estimator, derivatives, n_outputs):
        self.estimator = estimator
        self.derivatives = derivatives
        self.n_outputs = n_outputs

    @staticmethod
    def clone(estimator):
        """A copy of the estimator that is not fitted."""
        return clone(estimator)

    @classmethod
    def takes(cls, estimator):
        """Whether this is an estimator of the library that can be trained with a loss."""
        names = {base.__module__.partition(".")[0] for base in type(estimator).__mro__}
        return cls.library in names and hasattr(estimator, "fit") and hasattr(estimator, "predict")

    @property
    def coupling(self):
        """See `Derivatives`."""
        return COUPLINGS.get(self.library, 1.0)

    @classmethod
    def read_sets(cls, fit_params) -> tuple[list[Any], list[Any]]:
        """Take the evaluation sets out of the keywords of `fit`: pairs of X and y, and weights."""
        sets = fit_params.pop("eval_set", None)
        if sets is None:
            return [], []
        if isinstance(sets, tuple) and len(sets) == 2 and not isinstance(sets[0], tuple):
            sets = [sets]
        for item in sets:
            if not isinstance(item, (tuple, list)) or len(item) != 2:
                raise TypeError(
                    "eval_set must be a pair (X, y), or a list of such pairs. "
                    f"Got {type(item).__name__} instead of a pair."
                )
        weights: Any = fit_params.pop(cls.weights_of_sets, None) if cls.weights_of_sets else None
        return list(sets), list(weights) if weights is not None else [None] * len(sets)

    def _callbacks(self):
        """The objective and the metric."""
        of_targets = self.n_outputs > 1 and not is_classifier(self.estimator)
        return (
            make_objective(self.derivatives, self.library, of_targets),
            make_metric(self.derivatives, self.library, of_targets),
        )

    def fit(self, X, y, weight, sets, weights, fit_params):
        """Train; `sets` and `weights` are those of evaluation, with encoded targets."""
        raise NotImplementedError

    def outputs(self, X):
        """Outputs of the trained booster, (n_samples,) or (n_samples, n_outputs)."""
        raise NotImplementedError

    def staged_outputs(self, X):
        """Yield the outputs after each iteration."""
        raise NotImplementedError

    def raw(self, X):
        """Raw predictions of the loss."""
        return self.derivatives.raw(self.outputs(X))

    def staged_raw(self, X):
        """Yield raw predictions of the loss after each iteration."""
        return map(self.derivatives.raw, self.staged_outputs(X))

    @property
    def sets_leaves(self):
        """Whether the booster sets the values of its leaves, and its start, by itself."""
        return False

    def _several(self, y):
        """Targets for a regressor that has an output for each column of them."""
        if self.n_outputs > 1 and not is_classifier(self.estimator):
            return np.repeat(y[:, np.newaxis], self.n_outputs, axis=1)
        return y

    def _sum_stages(self, X, n_stages, outputs_of):
        total = 0.0
        for k in range(n_stages):
            total = total + outputs_of(X, k)
            yield total


class LightGBM(Booster):
    """LGBMClassifier, LGBMRegressor, and their subclasses."""

    library = "lightgbm"
    weighing = ("class_weight", "scale_pos_weight", "is_unbalance")
    weights_of_sets = "eval_sample_weight"

    @classmethod
    def read_sets(cls, fit_params):
        if fit_params.get("eval_X") is not None:
            several = isinstance(fit_params["eval_X"], tuple)
            X, y = fit_params.pop("eval_X"), fit_params.pop("eval_y", None)
            fit_params["eval_set"] = list(zip(X, y, strict=True)) if several else [(X, y)]
        return super().read_sets(fit_params)

    def fit(self, X, y, weight, sets, weights, fit_params):
        objective, metric = self._callbacks()
        self.estimator.set_params(objective=objective, metric="None")
        if self.n_outputs > 1 and not is_classifier(self.estimator):
            self.estimator.set_params(num_class=self.n_outputs)
        if sets:
            more = fit_params.pop("eval_metric", None)
            more = [] if more is None else more if isinstance(more, list) else [more]
            params = self.estimator.get_params()
            stops = fit_params.get("callbacks") or any(
                value for name, value in params.items() if "early_stopping" in name
            )
            if more and self.derivatives.tags.target in OF_ROWS:
                name = type(self.derivatives.loss).__name__
                raise ValueError(
                    f"Other metrics cannot be computed beside {name}, for which the booster's "
                    f"targets are numbers of rows. Got eval_metric={more!r}."
                )
            if stops and not all(map(callable, more)):
                raise ValueError(
                    "Early stopping would watch LightGBM's own metrics first. Pass further metrics "
                    f"as functions, or none. Got eval_metric={more!r}."
                )
            fit_params["eval_metric"] = [metric, *more]
            if more:
                self.estimator.set_params(first_metric_only=True)
            if any(w is not None for w in weights):
                fit_params["eval_sample_weight"] = weights
            if "eval_X" in inspect.signature(self.estimator.fit).parameters:
                fit_params["eval_X"], fit_params["eval_y"] = map(tuple, zip(*sets, strict=True))
            else:
                fit_params["eval_set"] = sets
        self.estimator.fit(X, y, sample_weight=weight, **fit_params)

    def outputs(self, X):
        return self.estimator.predict(X, raw_score=True)

    def staged_outputs(self, X):
        # Of all trees: after early stopping, only those up to the best iteration.
        n = self.estimator.best_iteration_ or self.estimator.booster_.current_iteration()
        return self._sum_stages(
            X,
            n,
            lambda X, k: self.estimator.predict(
                X, raw_score=True, start_iteration=k, num_iteration=1
            ),
        )


#: The `max_delta_step` of XGBoost's own objective of counts, unless the user sets one. A leaf of
#: small rates has a small Hessian: without a limit its step may be so long that the next
#: exponentials overflow.
STEP_OF_COUNTS = 0.7


def _counts(loss):
    """Whether the loss, or a term of it, is the Poisson loss of logarithms of rates."""
    names = {leaf.function_name for leaf, _ in loss._leaves()}
    return loss.tags.response == "log_rate" and "poisson_nll_loss" in names


class XGBoost(Booster):
    """XGBClassifier, XGBRegressor, and their subclasses."""

    library = "xgboost"
    weighing = ("scale_pos_weight",)
    weights_of_sets = "sample_weight_eval_set"

    def fit(self, X, y, weight, sets, weights, fit_params):
        objective, metric = self._callbacks()
        # The start of two classes is the logit of 0.5, and then 0 as well.
        logistic = is_classifier(self.estimator) and self.n_outputs == 1
        self.estimator.set_params(
            objective=objective,
            eval_metric=metric,
            disable_default_eval_metric=True,
            base_score=0.5 if logistic else 0.0,
        )
        params = self.estimator.get_params()
        if _counts(self.derivatives.loss) and params.get("max_delta_step") is None:
            self.estimator.set_params(max_delta_step=STEP_OF_COUNTS)
        if sets:
            fit_params["eval_set"] = [(X, self._several(y)) for X, y in sets]
            if any(w is not None for w in weights):
                fit_params["sample_weight_eval_set"] = weights
            fit_params.setdefault("verbose", False)
        self.estimator.fit(X, self._several(y), sample_weight=weight, **fit_params)

    def outputs(self, X):
        return self.estimator.predict(X, output_margin=True)

    def staged_outputs(self, X):
        try:
            n = self.estimator.best_iteration + 1
        except AttributeError:
            n = self.estimator.get_booster().num_boosted_rounds()
        return self._sum_stages(
            X,
            n,
            lambda X, k: self.estimator.predict(X, output_margin=True, iteration_range=(k, k + 1)),
        )


class CatBoost(Booster):
    """CatBoostClassifier, CatBoostRegressor, and their subclasses."""

    library = "catboost"
    weighing = ("class_weights", "auto_class_weights", "scale_pos_weight")

    @staticmethod
    def clone(estimator):
        # scikit-learn's clone fails for parameters that are lists, since CatBoost copies them.
        return type(estimator)(**estimator.get_params())

    def fit(self, X, y, weight, sets, weights, fit_params):
        estimator = self.estimator
        if self.n_outputs > 1 and is_classifier(estimator):
            estimator.set_params(classes_count=self.n_outputs)
        objective, metric = self._callbacks()
        estimator.set_params(loss_function=objective, eval_metric=metric)
        if sets:
            fit_params["eval_set"] = [
                self._pool(X_set, y_set, w, fit_params)
                for (X_set, y_set), w in zip(sets, weights, strict=True)
            ]
        estimator.fit(X, self._several(y), sample_weight=weight, **fit_params)

    def _pool(self, X, y, weight, fit_params):
        """An evaluation set; only a pool has weights."""
        if weight is None:
            return X, self._several(y)
        catboost = importlib.import_module("catboost")
        names = ("cat_features", "text_features", "embedding_features")
        features = {k: fit_params.get(k, self.estimator.get_params().get(k)) for k in names}
        return catboost.Pool(X, self._several(y), weight=weight, **features)

    def outputs(self, X):
        return self.estimator.predict(X, prediction_type="RawFormulaVal")

    def staged_outputs(self, X):
        return self.estimator.staged_predict(X, prediction_type="RawFormulaVal")


class HistGradientBoosting(Booster):
    """scikit-learn's HistGradientBoostingClassifier and HistGradientBoostingRegressor."""

    library = "sklearn"
    weights_of_sets = "sample_weight_val"
    in_single = False

    def __init__(self, estimator, derivatives, n_outputs):
        super().__init__(estimator, derivatives, n_outputs)
        if n_outputs > 1 and not is_classifier(estimator):
            self.estimator = SeveralTrees(**estimator.get_params(deep=False))
            self.estimator.n_outputs = n_outputs

    @property
    def sets_leaves(self):
        return self.derivatives.sets_leaves

    @classmethod
    def takes(cls, estimator):
        return isinstance(
            estimator, (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
        )

    @classmethod
    def read_sets(cls, fit_params):
        if fit_params.get("X_val") is not None:
            fit_params["eval_set"] = [(fit_params.pop("X_val"), fit_params.pop("y_val", None))]
        if fit_params.get(cls.weights_of_sets) is not None:
            fit_params[cls.weights_of_sets] = [fit_params[cls.weights_of_sets]]
        return super().read_sets(fit_params)

    def fit(self, X, y, weight, sets, weights, fit_params):
        loss = self.derivatives.loss
        of_labels = is_classifier(self.estimator) and hasattr(loss, "predict_proba")
        self.estimator.set_params(
            loss=(SklearnClassifierLoss if of_labels else SklearnLoss)(self.derivatives)
        )
        if loss.tags.target in OF_ROWS:
            self._check_stopping(sets)
        if sets:
            if "X_val" not in inspect.signature(self.estimator.fit).parameters:
                raise TypeError(
                    f"{type(self.estimator).__name__} takes no evaluation set before scikit-learn "
                    "1.7. Set early_stopping=True, which holds out a part of X."
                )
            if len(sets) > 1:
                raise ValueError(
                    f"{type(self.estimator).__name__} takes one evaluation set. "
                    f"Got {len(sets)} instead."
                )
            if self.estimator.early_stopping == "auto":
                # It would depend on the number of samples.
                self.estimator.set_params(early_stopping=True)
            (X_val, y_val), w = sets[0], weights[0]
            fit_params |= {"X_val": X_val, "y_val": y_val, "sample_weight_val": w}
        self.estimator.fit(X, y, sample_weight=weight, **fit_params)

    def _check_stopping(self, sets):
        """Early stopping by a loss that compares rows: by nothing else, and of whole groups."""
        estimator, name = self.estimator, type(self.derivatives.loss).__name__
        ranks = self.derivatives.tags.target == "relevance"
        if ranks and not sets:
            if estimator.early_stopping is True:
                raise ValueError(
                    f"early_stopping=True of {type(estimator).__name__} holds out rows at random, "
                    f"which would cut the groups that {name} ranks. Pass eval_set and eval_groups "
                    "to fit, or set early_stopping=False."
                )
            estimator.set_params(early_stopping=False)
        elif estimator.early_stopping and estimator.scoring != "loss":
            raise ValueError(
                f"The 'scoring' parameter of {type(estimator).__name__} must be 'loss' for early "
                f"stopping with {name}. Got {estimator.scoring!r} instead."
            )

    def outputs(self, X):
        if is_classifier(self.estimator):
            return self.estimator.decision_function(X)
        return self._by_output(self.estimator.predict(X))

    def staged_outputs(self, X):
        if is_classifier(self.estimator):
            return self.estimator.staged_decision_function(X)
        return map(self._by_output, self.estimator.staged_predict(X))

    def _by_output(self, flat):
        return flat.reshape(-1, self.n_outputs) if self.n_outputs > 1 else flat


class SeveralTrees(HistGradientBoostingRegressor):
    """A regressor with several trees in each iteration, one for each raw prediction of a loss."""

    n_outputs = 1

    def _encode_y(self, y):
        y = super()._encode_y(y)
        self.n_trees_per_iteration_ = self.n_outputs
        return y


BOOSTERS = (LightGBM, XGBoost, CatBoost, HistGradientBoosting)


def _leaves_weights(value):
    """Whether a parameter that weighs classes leaves their weights as they are."""
    return (
        value is None
        or value is False
        or (value is not True and isinstance(value, Real) and value == 1)
    )


def find_booster(estimator, kind, caller):
    """The class in `BOOSTERS` for an estimator; raises if there is none.

    Parameters
    ----------
    estimator : object
    kind : {"classifier", "regressor"}
        What it must be.
    caller : str
        For messages.

    Returns
    -------
    booster : type
    """
    booster = next((item for item in BOOSTERS if item.takes(estimator)), None)
    if booster is None:
        raise TypeError(
            f"The estimator of {caller} must be one of LightGBM's, XGBoost's or CatBoost's, or "
            f"HistGradientBoostingClassifier or HistGradientBoostingRegressor. Got {estimator!r}."
        )
    ranks = any(base.__name__.endswith("Ranker") for base in type(estimator).__mro__)
    if ranks or is_classifier(estimator) != (kind == "classifier"):
        instead = " Pass the regressor of the library, and a loss that ranks." if ranks else ""
        # Not its repr: that of XGBoost's has twelve lines.
        got = type(estimator).__name__
        raise TypeError(f"The estimator of {caller} must be a {kind}. Got {got}.{instead}")
    params = estimator.get_params(deep=False)
    for parameter in booster.weighing:
        if not _leaves_weights(params.get(parameter)):
            instead = f"Set class_weight of {caller}" if kind == "classifier" else "Weigh samples"
            raise ValueError(
                f"{caller} does not support the parameter {parameter!r} of the estimator. "
                f"{instead} instead."
            )
    return booster
