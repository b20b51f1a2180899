"""What users write beside scikit-learn, SciPy and pandas, which have no types of their own.

See users_code.py.
"""

from typing import Any, assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn import config_context
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sklosses
from sklosses import (
    CrossEntropyLoss,
    HuberLoss,
    LossScorer,
    NLLLoss,
    SoftmaxFocalLoss,
    cross_entropy,
    get_loss_scorer,
    get_loss_scorer_names,
    make_loss_scorer,
    mse_loss,
    nll_loss,
)
from sklosses.linear_model import LossClassifier, LossRegressor
from sklosses.metric_learning import LossEmbedding

Array = NDArray[Any]


def numbers() -> tuple[Array, Array]:
    """Features and targets."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 3))
    return X, X @ np.array([10.0, -20.0, 30.0]) + rng.standard_normal(60)


def data_frames() -> None:
    frame = pd.DataFrame({"y": [0.0, 1.0, 2.0], "p": [0.5, 1.5, 2.0], "w": [1, 2, 3]})
    assert_type(mse_loss(frame["y"], frame["p"], sample_weight=frame["w"]), float)
    assert_type(HuberLoss().gradient(frame["y"], frame.p), Array)
    LossRegressor().fit(frame[["p", "w"]], frame["y"]).predict(frame[["p", "w"]])


def scorers() -> None:
    X, y = load_iris(return_X_y=True)
    model = GaussianNB().fit(X, y)
    focal = make_loss_scorer("softmax_focal_loss", gamma=1.0)
    assert_type(focal, LossScorer)
    assert_type(focal(model, X, y), float)
    assert_type(focal(model, X, y, sample_weight=np.ones(len(y))), float)
    assert_type(focal.set_params(loss__gamma=2.0), LossScorer)
    assert_type(focal.loss.function_name, str | None)
    with config_context(enable_metadata_routing=True):
        assert_type(focal.set_score_request(sample_weight=True), LossScorer)
        LossRegressor().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        LossRegressor("ranknet_loss").set_fit_request(groups=True)
    assert_type(get_loss_scorer("mse_loss"), LossScorer)
    assert_type(get_loss_scorer_names(), list[str])

    make_loss_scorer(SoftmaxFocalLoss, class_weight={"setosa": 2.0}, unseen="worst")
    assert_type(make_loss_scorer(cross_entropy, d2=True), LossScorer)
    assert_type(LossScorer(CrossEntropyLoss, d2=True).__name__, str)
    make_loss_scorer(CrossEntropyLoss(), response_method="decision_function")
    make_loss_scorer("mse_loss", response_method=lambda estimator, X: estimator.predict(X))

    scores = cross_val_score(model, X, y, scoring=focal, cv=3)
    assert scores.shape == (3,)
    scoring = {"accuracy": "accuracy", "focal": focal}
    cross_validate(model, X, y, scoring=scoring, cv=3)


def regressors(return_std: bool = False) -> None:
    X, y = numbers()
    model = LossRegressor(HuberLoss(delta=2.0), alpha=1e-3)
    assert_type(model.fit(X, y), LossRegressor)
    assert_type(model.fit(X, y, sample_weight=np.ones(len(y))).predict(X), Array)
    assert_type(model.predict(sparse.csr_array(X)), Array)
    assert_type(model.predict(sparse.csc_matrix(X)), Array)
    assert_type(model.coef_, Array)
    assert_type(model.intercept_, float | Array)
    assert_type(float(model.intercept_), float)
    assert_type(model.n_iter_, int)
    assert_type(model.loss_curve_, list[float])
    assert_type(model.score(X, y), float)
    assert_type(model.set_params(loss__delta=1.0), LossRegressor)
    assert_type(model.get_params(), dict[str, Any])

    ranker = LossRegressor("ranknet_loss")
    assert_type(ranker.fit(X, y, groups=np.repeat([0, 1], len(y) // 2)), LossRegressor)
    assert_type(ranker.predict(X), Array)

    gaussian = LossRegressor("gaussian_nll_loss").fit(X, y)
    mean, std = gaussian.predict(X, return_std=True)
    assert_type(mean, Array)
    assert_type(std, Array)
    assert_type(gaussian.predict(X, return_std), Array | tuple[Array, Array])


def classifiers() -> None:
    X, y = load_iris(return_X_y=True)
    model = LossClassifier(loss=SoftmaxFocalLoss(), alpha=1e-2, class_weight="balanced")
    assert_type(model.fit(X, y), LossClassifier)
    assert_type(model.predict(X), Array)
    assert_type(model.predict_proba(X), Array)
    assert_type(model.decision_function(X), Array)
    assert_type(model.classes_, Array)
    assert_type(model.loss_(y, model.decision_function(X), reduction="mean"), float)
    LossClassifier(class_weight={"setosa": 2.0, "virginica": 1.0})
    LossClassifier(SoftmaxFocalLoss, class_weight=[1, 2, 1])
    assert_type(LossClassifier(cross_entropy).fit(X, y).intercept_, Array)

    search = GridSearchCV(model, {"loss__gamma": [0, 1]}, scoring="neg_log_loss", cv=2).fit(X, y)
    best: LossClassifier = search.best_estimator_
    n_iter: int = best.n_iter_
    assert n_iter > 0
    make_pipeline(StandardScaler(), LossClassifier()).fit(X, y).predict(X)


def embeddings() -> None:
    X, y = load_iris(return_X_y=True)
    embedding = LossEmbedding("nt_xent_loss", n_components=2, batch_size=64, random_state=0)
    assert_type(embedding.fit(X, y), LossEmbedding)
    assert_type(embedding.transform(X), Array)
    assert_type(embedding.components_, Array)
    assert_type(embedding.loss_curve_, list[float])
    assert_type(embedding.fit_transform(X, y), Array)
    assert_type(embedding.get_feature_names_out(), Array)
    LossEmbedding(init=np.eye(2, 4), random_state=np.random.RandomState(0))
    make_pipeline(embedding, KNeighborsClassifier(1)).fit(X, y)
    # Without an import of its own.
    assert_type(sklosses.metric_learning.LossEmbedding().n_components, int | None)


def predictions() -> None:
    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    model = LinearDiscriminantAnalysis().fit(X_train, y_train)
    assert_type(cross_entropy(y_test, model.decision_function(X_test)), float)
    assert_type(nll_loss(y_test, model.predict_log_proba(X_test)), float)
    predicted = cross_val_predict(model, X, y, method="predict_log_proba", cv=3)
    assert_type(nll_loss(y, predicted), float)
    assert_type(nll_loss(y, predicted, return_gradient=True), tuple[float, Array])
    assert_type(NLLLoss(reduction="none")(y, predicted), Array)


def optimisers() -> None:
    X, y = numbers()
    loss = HuberLoss(delta=50.0)

    def objective(w: Array) -> tuple[float, Array]:
        value, gradient = loss.value_and_gradient(y, X @ w)
        return value + float(1e-4 * w @ w), X.T @ gradient + 2e-4 * w

    result = minimize(objective, np.zeros(3), jac=True, method="L-BFGS-B")
    assert_type(loss(y, X @ result.x), float)


def pictures() -> None:
    from sklosses.plotting import LossCurveDisplay, SampleLossDisplay

    curves = LossCurveDisplay.from_loss(["l1_loss", HuberLoss(), "mse_loss"], color="C1")
    assert_type(curves, LossCurveDisplay)
    LossCurveDisplay.from_loss({"small": HuberLoss(delta=0.5)}, quantities="value")
    curves.ax_[0].set_title("value")
    X, y = load_iris(return_X_y=True)
    model = GaussianNB().fit(X, y)
    display = SampleLossDisplay.from_estimator(model, X, y, loss="cross_entropy", n_hardest=5)
    assert_type(display, SampleLossDisplay)
    assert_type(display.hardest_, Array)
    assert_type(display.plot(), SampleLossDisplay)
    display.figure_.suptitle("losses")
    display.ax_.set_xlabel("loss")
    SampleLossDisplay.from_predictions(y, model.predict_log_proba(X), loss="nll_loss")
