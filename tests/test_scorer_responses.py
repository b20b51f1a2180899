"""What a scorer asks an estimator for, by what its loss expects."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from scipy.stats import norm
from scored import EPS, Decide, Fixed, probabilities, respond, spy_scorer, two_halves
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import (
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
)
from sklearn.metrics import log_loss, mean_poisson_deviance
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

import sklosses
from sklosses import get_loss, get_loss_scorer_names, make_loss_scorer


def test_missing_methods(binary, regression):
    X, y = binary
    svc = SVC().fit(X, y)
    with pytest.raises(AttributeError, match=r"BCELoss takes what predict_proba.*SVC has no such"):
        make_loss_scorer("binary_cross_entropy")(svc, X, y)
    with pytest.raises(AttributeError, match=r"predict_proba or decision_function.*Ridge"):
        make_loss_scorer("cross_entropy")(Ridge().fit(*regression), *regression)
    forest = DecisionTreeClassifier().fit(X, y)
    decide = make_loss_scorer("cross_entropy", response_method="decision_function")
    with pytest.raises(AttributeError, match=r"decision_function.*DecisionTreeClassifier"):
        decide(forest, X, y)
    with pytest.raises(TypeError, match=r"Ridge does not return one from predict"):
        spy_scorer("distribution", "real")(Ridge().fit(*regression), *regression)
    with pytest.raises(ValueError, match="No method of an estimator"):
        spy_scorer("alignment", "sequence")


def test_decisions_are_logits(binary):
    X, y = binary
    model = SVC().fit(X, y)
    decision = model.decision_function(X)
    expected = -log_loss(y, expit(decision))
    for name in "binary_cross_entropy_with_logits", "cross_entropy":
        assert_allclose(make_loss_scorer(name)(model, X, y), expected, rtol=1e-12)
    scorer = spy_scorer("class_logits", "class_index")
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[1], np.column_stack([0 * decision, decision]))


@pytest.mark.parametrize("response", ["logit", "margin"])
def test_two_columns_of_decisions(response):
    X = np.random.default_rng(0).normal(size=(20, 2))
    y = np.arange(20) % 2
    scorer = spy_scorer(response, "binary")
    scorer(Decide().fit(X, y), X, y)
    assert_array_equal(scorer.loss.arrays[1], X[:, 1] - X[:, 0])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_margin(multiclass, n_classes):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    model = LinearSVC().fit(X, y)
    scorer = spy_scorer("margin", "sign")
    scorer(model, X, y)
    y_true, y_pred = scorer.loss.arrays
    assert_array_equal(y_pred, model.decision_function(X))
    expected = y == model.classes_[1] if n_classes == 2 else y[:, None] == model.classes_
    assert_array_equal(y_true, np.where(expected, 1, -1))
    with pytest.raises(AttributeError, match="GaussianNB"):
        scorer(GaussianNB().fit(X, y), X, y)


def test_margin_of_an_outlier_detector(binary):
    X, y = binary
    model = IsolationForest(n_estimators=5).fit(X)
    scorer = spy_scorer("margin", "sign")
    assert_array_equal(cross_val_score(model, X, 2 * y - 1, scoring=scorer, cv=2), 0)
    scorer(model, X, 2 * y - 1)
    assert_array_equal(scorer.loss.arrays[0], 2 * y - 1)
    assert_array_equal(scorer.loss.arrays[1], model.decision_function(X))


def test_no_classes():
    class Bare:
        def predict_proba(self, X):
            return X

    X = probabilities(20, 2)
    with pytest.raises(AttributeError, match="Bare has no classes_"):
        make_loss_scorer("cross_entropy")(Bare(), X, np.arange(20) % 2)


@pytest.mark.parametrize(
    ("response", "convert"),
    [
        ("class_logits", np.log),
        ("class_log_probabilities", np.log),
        ("class_probabilities", np.asarray),
    ],
)
@pytest.mark.parametrize("target", ["class_index", "class_probability"])
def test_class_responses(multiclass, response, convert, target):
    X, y = multiclass
    model = GaussianNB().fit(X, y)
    scorer = spy_scorer(response, target)
    scorer(model, X, y)
    y_true, y_pred = scorer.loss.arrays
    assert_array_equal(y_pred, convert(model.predict_proba(X).clip(EPS, 1 - EPS)))
    assert_array_equal(y_true, y if target == "class_index" else np.eye(3)[y])


def test_log_rate():
    X = np.arange(20.0)[:, None]
    y = np.arange(20)
    scorer = spy_scorer("log_rate", "real")
    model = PoissonRegressor().fit(X, y)
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[1], np.log(model.predict(X)))
    with pytest.raises(ValueError, match="must be positive"):
        scorer(LinearRegression().fit(X, y - 5.5), X, y)


@pytest.mark.parametrize("model", [BayesianRidge(), GaussianProcessRegressor(optimizer=None)])
def test_distribution(regression, model):
    X, y = regression
    model.fit(X[:100], y[:100])
    scorer = spy_scorer("distribution", "real")
    for name in "auto", "predict":
        scorer.set_params(response_method=name)(model, X, y)
        mean, std = model.predict(X, return_std=True)
        for array, expected in zip(scorer.loss.arrays, (y, mean, std**2), strict=True):
            assert_array_equal(array, expected)
    assert_array_equal(cross_val_score(model, X, y, scoring=scorer, cv=2), 0)


@pytest.mark.parametrize("weighted", [False, True])
def test_poisson_equals_half_the_deviance(weighted):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = rng.poisson(np.exp(X @ [0.5, -0.3, 0.1]))
    weight = rng.random(200) if weighted else None
    model = PoissonRegressor().fit(X, y)
    deviance = mean_poisson_deviance(y, model.predict(X), sample_weight=weight)
    # What remains of the loss at the best of all predictions, the counts themselves.
    best = np.where(y > 0, y - y * np.log(np.maximum(y, 1)), 0)
    expected = -(deviance / 2 + np.average(best, weights=weight))
    for params in ({}, {"log_input": False, "eps": 0}):
        scorer = make_loss_scorer("poisson_nll_loss", **params)
        assert_allclose(scorer(model, X, y, sample_weight=weight), expected, rtol=1e-12)
    scores = cross_val_score(model, X, y, scoring=make_loss_scorer("poisson_nll_loss"))
    assert np.isfinite(scores).all()
    with pytest.raises(ValueError, match="must be positive"):
        make_loss_scorer("poisson_nll_loss")(LinearRegression().fit(X, y - 9.0), X, y)
    with pytest.raises(ValueError, match=r"y_pred .*Only finite values >= 0"):
        scorer(LinearRegression().fit(X, y - 9.0), X, y)


@pytest.mark.parametrize("model", [BayesianRidge(), GaussianProcessRegressor(optimizer=None)])
def test_gaussian_equals_the_density(regression, model):
    X, y = regression
    model.fit(X[:100], y[:100])
    mean, std = model.predict(X, return_std=True)
    scorer = make_loss_scorer("gaussian_nll_loss", full=True, eps=1e-12)
    std = np.maximum(std, 1e-6)
    assert_allclose(scorer(model, X, y), norm.logpdf(y, mean, std).mean(), rtol=1e-10)
    assert np.isfinite(cross_val_score(model, X, y, scoring=scorer, cv=2)).all()


@pytest.mark.parametrize("model", [LinearSVC(), LogisticRegression(max_iter=1000)])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_soft_margin_of_decisions(model, n_classes, multiclass):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    labels = np.array(["a", "b", "c"])[y]
    model = clone(model).fit(X, labels)
    decision = model.decision_function(X)
    positive = labels == model.classes_[1] if n_classes == 2 else labels[:, None] == model.classes_
    expected = -get_loss("binary_cross_entropy_with_logits")(positive, decision)
    scorer = make_loss_scorer("soft_margin_loss")
    assert_allclose(scorer(model, X, labels), expected, rtol=1e-12)
    if n_classes == 2 and isinstance(model, LogisticRegression):
        assert_allclose(scorer(model, X, labels), -log_loss(labels, model.predict_proba(X)))


def test_soft_margin_of_several_outputs():
    X, y = make_multilabel_classification(80, n_classes=3, random_state=0)
    model = OneVsRestClassifier(LinearSVC()).fit(X, y)
    expected = -get_loss("soft_margin_loss")(2 * y - 1, model.decision_function(X))
    assert_allclose(make_loss_scorer("soft_margin_loss")(model, X, y), expected, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_divergence_from_labels_and_from_distributions(multiclass, n_classes):
    X, y = (array[50 * (3 - n_classes) :] for array in multiclass)
    model = GaussianNB().fit(X, y)
    scorer = make_loss_scorer("kl_div", reduction="batchmean")
    probability = model.predict_proba(X)
    # Of a label it is minus the log of its probability.
    assert_allclose(scorer(model, X, y), -log_loss(y, probability), rtol=1e-12, atol=1e-15)
    target = probabilities(len(X), n_classes)
    clipped = probability.clip(EPS, 1 - EPS)
    expected = -(target * np.log(target / clipped)).sum(axis=1).mean()
    assert_allclose(scorer(model, X, target), expected, rtol=1e-12)
    weight = np.arange(len(X)) % 2
    half = -(target * np.log(target / clipped)).sum(axis=1) @ weight / len(X)
    assert_allclose(scorer(model, X, target, sample_weight=weight), half, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_nll_equals_log_loss(n_classes, weighted):
    rng = np.random.default_rng(n_classes)
    X = rng.dirichlet(np.ones(n_classes), size=50)
    y = np.array(list("abcdefghij"))[rng.integers(0, n_classes, 50)]
    y[:n_classes] = list("abcdefghij")[:n_classes]
    weight = rng.uniform(0, 2, 50) if weighted else None
    model = Fixed().fit(X, y)
    score = make_loss_scorer("nll_loss")(model, X, y, sample_weight=weight)
    expected = -log_loss(y, X, labels=model.classes_, sample_weight=weight)
    assert_allclose(score, expected, rtol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_multi_margin_of_decisions(multiclass, n_classes):
    X, y = multiclass
    X, y = X[y < n_classes], y[y < n_classes]
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    model = LinearSVC().fit(X, labels)
    z = model.decision_function(X)
    if n_classes == 2:
        # The margin between two classes is the difference of their predictions.
        z = np.column_stack([np.zeros_like(z), z])
    lead = z[np.arange(len(y)), y][:, None] - z
    hinge = np.maximum(0, 1 - lead)
    hinge[np.arange(len(y)), y] = 0
    score = make_loss_scorer("multi_margin_loss")(model, X, labels)
    assert_allclose(score, -hinge.mean(axis=1).mean(), rtol=1e-12)
    with pytest.raises(AttributeError, match="decision_function"):
        make_loss_scorer("multi_margin_loss")(GaussianNB().fit(X, y), X, y)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_multilabel_soft_margin_of_single_labels(multiclass, n_classes):
    """One binary question for each class, or a single one: as binary cross-entropy has it."""
    X, y = multiclass
    X, y = X[y < n_classes], y[y < n_classes]
    model = GaussianNB().fit(X, y)
    weight = np.linspace(0.5, 2, len(y))
    scores = [
        make_loss_scorer(name)(model, X, y, sample_weight=weight)
        for name in ("multilabel_soft_margin_loss", "binary_cross_entropy_with_logits")
    ]
    assert_allclose(scores[0], scores[1], rtol=1e-12)


@pytest.mark.parametrize("name", ["multilabel_soft_margin_loss", "multilabel_margin_loss"])
def test_losses_of_several_labels(name):
    X, y = make_multilabel_classification(n_samples=80, n_classes=4, random_state=0)
    model = OneVsRestClassifier(LogisticRegression()).fit(X, y)
    z = model.decision_function(X)
    scorer = make_loss_scorer(name, response_method="decision_function")
    score = scorer(model, X, y)
    if name == "multilabel_margin_loss":
        pairs = (y[:, :, None] == 1) & (y[:, None, :] == 0)
        loss = (pairs * np.maximum(0, 1 - z[:, :, None] + z[:, None, :])).sum(axis=(1, 2)) / 4
        assert_allclose(score, -loss.mean(), rtol=1e-12)
    else:
        assert_allclose(score, -(np.logaddexp(0, z) - y * z).mean(), rtol=1e-12)
    assert cross_val_score(model, X, y, scoring=scorer, cv=3).shape == (3,)
    # A single label is a list of one.
    single = LogisticRegression().fit(X, y[:, 0])
    assert np.isfinite(scorer(single, X, y[:, 0]))


def test_losses_of_scores_need_a_callable():
    name = "margin_ranking_loss"
    with pytest.raises(ValueError, match="No method of an estimator returns what"):
        make_loss_scorer(name)
    assert name not in get_loss_scorer_names()
    scorer = make_loss_scorer(name, response_method=lambda _, X: (X[:, 0], X[:, 1]))
    X, y = np.random.default_rng(0).normal(size=(9, 2)), np.resize([1, -1], 9)
    assert scorer(BaseEstimator(), X, y) == -sklosses.margin_ranking_loss(y, X[:, 0], X[:, 1])


def test_embedding(multiclass):
    X, y = multiclass
    y = np.array(["a", "b", "c"])[y]
    model = PCA(2).fit(X)
    scorer = spy_scorer("embedding", "identity")
    scorer(model, X, y)
    assert_array_equal(scorer.loss.arrays[0], y)
    assert_array_equal(scorer.loss.arrays[1], model.transform(X))
    scoring = {"a": scorer, "b": scorer}
    assert_array_equal(cross_validate(model, X, y, scoring=scoring, cv=2)["test_a"], 0)


@pytest.mark.parametrize("labels", ["abc", [7, 3, 5], ["long", "longer", "longest"]])
def test_embeddings_are_selected_by_a_batch_loss(multiclass, labels):
    """A grid search over the dimensions of an embedding, by the loss of its batch."""
    X, y = multiclass
    y = np.array(list(labels))[y]
    model = make_pipeline(StandardScaler(), PCA())
    for name in ("batch_hard_triplet_loss", "sup_con_loss", "nt_xent_loss"):
        scorer = make_loss_scorer(name)
        search = GridSearchCV(model, {"pca__n_components": [1, 2, 3]}, scoring=scorer, cv=2)
        search.fit(X, y)
        scores = search.cv_results_["mean_test_score"]
        assert np.isfinite(scores).all()
        assert len(set(scores)) == 3
        best = search.best_estimator_
        expected = -getattr(sklosses, name)(y, best.transform(X))
        assert scorer(best, X, y) == expected
    nca = NeighborhoodComponentsAnalysis(n_components=2, random_state=0).fit(X, y)
    scorer = make_loss_scorer("sup_con_loss", temperature=0.5)
    assert scorer(nca, X, y) == -sklosses.sup_con_loss(y, nca.transform(X), temperature=0.5)


class TuplesPCA(PCA):
    """Learns from tuples of vectors, as the estimators of metric-learn do."""

    def fit(self, X, y=None):
        # metric-learn has these beside labels -1 and 1.
        self.classes_ = np.array([0, 1])
        return super().fit(np.reshape(X, (-1, np.shape(X)[-1])))

    def pair_distance(self, pairs):
        first, second = (self.transform(pairs[:, k]) for k in (0, 1))
        return np.linalg.norm(first - second, axis=1)


@pytest.fixture
def tuples(multiclass):
    """Four vectors for each sample: two of one class, then two of others."""
    X, y = multiclass
    rng = np.random.default_rng(0)
    same = np.array([rng.choice(np.flatnonzero(y == label)) for label in y])
    others = np.array([rng.choice(np.flatnonzero(y != label), 2) for label in y])
    return np.stack([X, X[same], X[others[:, 0]], X[others[:, 1]]], axis=1)


@pytest.mark.parametrize("marks", [(-1, 1), (0, 1), (False, True), (-1.0, 1.0)])
def test_pairs_of_vectors(tuples, marks):
    alike = np.arange(len(tuples)) % 3 == 0
    pairs = np.where(alike[:, None, None], tuples[:, [0, 1]], tuples[:, [0, 2]])
    y = np.array(marks)[alike.astype(int)]
    for name, own in (
        ("cosine_embedding_loss", np.where(alike, 1, -1)),
        ("pairwise_contrastive_loss", alike.astype(int)),
        ("hinge_embedding_loss", np.where(alike, 1, -1)),
    ):
        model = TuplesPCA(2).fit(pairs)
        scorer = make_loss_scorer(name)
        arrays = [model.transform(pairs[:, k]) for k in (0, 1)]
        if name == "hinge_embedding_loss":
            arrays = [np.linalg.norm(arrays[0] - arrays[1], axis=1)]
        else:
            # A single label is no other case.
            expected = -getattr(sklosses, name)(own[alike], *(a[alike] for a in arrays))
            assert_allclose(scorer(model, pairs[alike], y[alike]), expected, rtol=1e-12)
        assert scorer(model, pairs, y) == -getattr(sklosses, name)(own, *arrays)
        weight = np.arange(len(y))
        assert scorer(model, pairs, y, sample_weight=weight) == -getattr(sklosses, name)(
            own, *arrays, sample_weight=weight
        )
        search = GridSearchCV(TuplesPCA(), {"n_components": [1, 2, 3]}, scoring=scorer, cv=3)
        assert len(set(search.fit(pairs, y).cv_results_["mean_test_score"])) == 3
    scorer = make_loss_scorer("cosine_embedding_loss")
    with pytest.raises(ValueError, match=r"y_true .*got 2 at index 0. Only the values -1 and 1"):
        scorer(model, pairs, np.where(alike, 2, 0))
    with pytest.raises(ValueError, match=r"CosineEmbeddingLoss needs y.* Got y=None"):
        scorer(model, pairs)
    for wrong in (tuples, pairs[:, 0]):
        with pytest.raises(ValueError, match=r"\(n_samples, 2, n_features\). Got shape"):
            scorer(model, wrong, y)


@pytest.mark.parametrize("y", [None, "labels"])
def test_triplets_of_vectors(tuples, y):
    y = np.ones(len(tuples)) if y else None
    for name, vectors in (
        ("triplet_margin_loss", 3),
        ("triplet_margin_with_distance_loss", 3),
        ("bidirectional_triplet_loss", 4),
    ):
        X = tuples[:, :vectors]
        model = TuplesPCA(2).fit(X)
        arrays = [model.transform(X[:, k]) for k in range(vectors)]
        scorer = make_loss_scorer(name)
        assert scorer(model, X, y) == -getattr(sklosses, name)(*arrays)
        cv = KFold(3, shuffle=True, random_state=0)
        scores = cross_val_score(TuplesPCA(2), X, y, scoring=scorer, cv=cv)
        assert (scores < 0).all()
        scoring = {"a": scorer, "b": make_loss_scorer(name, margin=0.5)}
        both = cross_validate(TuplesPCA(2), X, y, scoring=scoring, cv=cv)
        assert_array_equal(both["test_a"], scores)
        assert (both["test_b"] != scores).all()


def test_embeddings_as_data_frames(tuples):
    pairs, y = tuples[:, [0, 1]], np.ones(len(tuples))
    plain = TuplesPCA(2).fit(pairs)
    framed = TuplesPCA(2).set_output(transform="pandas").fit(pairs)
    scorer = make_loss_scorer("pairwise_contrastive_loss")
    assert scorer(plain, pairs, y) == scorer(framed, pairs, y)


def test_two_modalities(multiclass, tuples):
    X, y = multiclass
    pairs = tuples[:, :2]
    model = TuplesPCA(2).fit(pairs)
    both = [model.transform(pairs[:, k]) for k in (0, 1)]
    for name in ("info_nce_loss", "siglip_loss", "vse_loss"):
        assert make_loss_scorer(name)(model, pairs) == -getattr(sklosses, name)(*both)
    assert make_loss_scorer("cmpm_loss")(model, pairs, y) == -sklosses.cmpm_loss(y, *both)

    # Of two models, one has made y.
    def embed(estimator, X):
        return estimator.transform(X)

    scorer = make_loss_scorer("info_nce_loss", response_method=embed)
    assert scorer(model, X, X[:, :2]) == -sklosses.info_nce_loss(X[:, :2], model.transform(X))
    scorer = make_loss_scorer("cmpm_loss", response_method=two_halves)
    halves = two_halves(model, X)
    assert scorer(model, X, y) == -sklosses.cmpm_loss(y, *halves)
    scorer = make_loss_scorer("vse_loss", response_method=two_halves)
    assert scorer(model, X) == -sklosses.vse_loss(*halves)


def test_callable_is_used_as_it_is(binary, regression):
    X, y = binary
    labels = np.array(["no", "yes"])[y]
    model = LogisticRegression().fit(X, labels)
    scorer = make_loss_scorer("binary_cross_entropy", response_method=respond)
    assert_allclose(scorer(model, X, labels), -log_loss(y, respond(model, X)), rtol=1e-12)
    scores = cross_validate(model, X, labels, scoring={"a": scorer, "b": "accuracy"}, cv=2)
    assert (scores["test_a"] < 0).all()

    X, y = regression
    scorer = spy_scorer(
        "distribution", "real", response_method=lambda model, X: (model.predict(X), np.ones(len(X)))
    )
    scorer(Ridge().fit(X, y), X, y)
    assert_array_equal(scorer.loss.arrays[2], 1)


def test_one_against_the_rest(multiclass):
    X, y = multiclass
    model = GaussianNB().fit(X, y)
    probability = model.predict_proba(X).clip(EPS, 1 - EPS)
    one_hot = np.eye(3)[y]
    for name, prediction in (
        ("binary_cross_entropy", probability),
        ("binary_cross_entropy_with_logits", logit(probability)),
        ("sigmoid_focal_loss", logit(probability)),
    ):
        expected = -get_loss(name)(one_hot, prediction)
        assert_allclose(make_loss_scorer(name)(model, X, y), expected, rtol=1e-12)


def test_refused_answers():
    X = probabilities(20, 3)
    y = np.arange(20) % 3
    scorer = make_loss_scorer("cross_entropy")
    model = Fixed().fit(X, y)
    with pytest.raises(ValueError, match=r"Fixed.predict_proba must return one column for each"):
        scorer(model, X[:, :2], y)
    with pytest.raises(ValueError, match=r"Fixed.predict_proba must .* in the range \[0, 1\]"):
        scorer(model, X * 2, y)
    largest = X.max() == X
    assert np.isfinite(scorer(model, np.where(largest, 1 + EPS, X), y))
    with pytest.raises(ValueError, match="NaN"):
        scorer(model, np.where(largest, np.nan, X), y)
    with pytest.raises(ValueError, match=r"CrossEntropyLoss takes a single label.*\(20, 3\)"):
        scorer(model, X, np.eye(3)[y])
