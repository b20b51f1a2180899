"""Embeddings trained with the losses of a batch, through scikit-learn's public API."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import sklosses
from sklosses import BatchAllTripletLoss, SupConLoss, get_loss, get_loss_names, make_loss_scorer
from sklosses.metric_learning import LossEmbedding

LOSSES = [name for name in get_loss_names() if get_loss(name).tags.response == "embedding"]


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return train_test_split(X, y, test_size=0.5, stratify=y, random_state=0)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return X[::2], y[::2]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks([LossEmbedding(), LossEmbedding(batch_size=16, max_iter=20)])
def test_estimator_checks(estimator, check):
    check(estimator)


def accuracy(embedding, digits):
    X_train, X_test, y_train, y_test = digits
    model = make_pipeline(embedding, KNeighborsClassifier(1)).fit(X_train, y_train)
    return model.score(X_test, y_test)


@pytest.mark.parametrize("batch_size", [None, 64])
@pytest.mark.parametrize("n_components", [4, 8])
def test_digits_beat_principal_components(digits, n_components, batch_size):
    embedding = LossEmbedding(n_components=n_components, batch_size=batch_size, random_state=0)
    assert accuracy(embedding, digits) > accuracy(PCA(n_components), digits)


@pytest.mark.parametrize("batch_size", [None, 50])
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_gets_smaller(iris, name, batch_size):
    X, y = iris
    model = LossEmbedding(name, n_components=2, batch_size=batch_size, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    start = PCA(2).fit_transform(X)
    start /= np.sqrt((start**2).sum(axis=1).mean())
    loss = get_loss(name)
    assert loss(y, model.transform(X)) < loss(y, start)
    assert model.components_.shape == (2, 4)
    assert_allclose(model.transform(X), (X - X.mean(axis=0)) @ model.components_.T, atol=1e-12)
    if batch_size is None:
        assert len(model.loss_curve_) == model.n_iter_ + 1
        # The line search needs the gradient of the value.
        if loss.tags.gradient == "exact":
            assert (np.diff(model.loss_curve_) < 0).all()
    else:
        assert len(model.loss_curve_) == model.n_iter_


def test_objective_is_the_loss_and_the_penalty(iris):
    """At the solution, with differences by the weights."""
    X, y = iris
    loss = SupConLoss(temperature=0.5)
    model = LossEmbedding(loss, n_components=2, tol=1e-15, max_iter=5000, alpha=0.3).fit(X, y)
    centred = X - X.mean(axis=0)
    unit = np.sqrt((centred**2).sum(axis=1).mean())
    start = PCA(2).fit(X).components_
    start /= np.sqrt(((centred / unit @ start.T) ** 2).sum(axis=1).mean())

    def objective(weights):
        return loss(y, centred / unit @ weights.T) + 0.15 * ((weights - start) ** 2).sum()

    found = model.components_ * unit
    assert_allclose(model.loss_curve_[-1], objective(found), rtol=1e-12)
    for k in np.ndindex(found.shape):
        step = np.zeros(found.shape)
        step[k] = 1e-5
        assert abs(objective(found + step) - objective(found - step)) / 2e-5 < 1e-4


@pytest.mark.parametrize("loss", ["sup_con_loss", SupConLoss, SupConLoss(reduction="sum")])
def test_forms_of_a_loss(iris, loss):
    X, y = iris
    expected = LossEmbedding(SupConLoss(), n_components=2).fit(X, y)
    model = LossEmbedding(loss, n_components=2).fit(X, y)
    assert_array_equal(model.components_, expected.components_)
    assert isinstance(model.loss_, SupConLoss)


def test_parameters_of_a_loss_are_searched(iris):
    X, y = iris
    model = make_pipeline(LossEmbedding(BatchAllTripletLoss(), n_components=2))
    search = GridSearchCV(
        model,
        {"lossembedding__loss__margin": [0.1, 0.5, 2.0]},
        scoring=make_loss_scorer("sup_con_loss", temperature=0.5),
    ).fit(X, y)
    assert len(set(search.cv_results_["mean_test_score"])) == 3
    assert (
        clone(search.best_estimator_[0]).loss.margin
        == search.best_params_["lossembedding__loss__margin"]
    )


@pytest.mark.parametrize("labels", ["abc", [-5.0, 3.0, 7.0], (False, True)])
def test_labels_of_any_type(iris, labels):
    X, y = iris
    y = np.minimum(y, len(labels) - 1)
    expected = LossEmbedding("sup_con_loss", n_components=2).fit(X, y)
    model = LossEmbedding("sup_con_loss", n_components=2).fit(X, np.array(list(labels))[y])
    assert_allclose(model.components_, expected.components_, rtol=1e-6)


def test_units_of_the_data_do_not_matter(iris):
    X, y = iris
    plain = LossEmbedding(n_components=2).fit(X, y)
    large = LossEmbedding(n_components=2).fit(1024 * X + 512, y)
    assert_allclose(plain.transform(X), large.transform(1024 * X + 512), atol=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**-500, 2.0**500, 2.0**1000])
def test_units_of_any_size(iris, scale):
    X, y = iris
    plain = LossEmbedding(n_components=2).fit(X, y)
    scaled = LossEmbedding(n_components=2).fit(X * scale, y)
    assert_allclose(scaled.loss_curve_, plain.loss_curve_, rtol=1e-9)
    assert_allclose(scaled.transform(X * scale), plain.transform(X), atol=1e-6)


def test_mean_of_many_samples_in_single_precision():
    rng = np.random.default_rng(0)
    X = (1000 + rng.normal(size=(50_000, 2))).astype(np.float32)
    model = LossEmbedding("sup_con_loss", batch_size=500, max_iter=1)
    with pytest.warns(ConvergenceWarning):
        model.fit(X[:0:-1], rng.integers(0, 2, len(X) - 1))
    # One rounding, in place of one for each sample.
    assert_allclose(model.mean_, X[1:].mean(axis=0, dtype=np.float64), atol=4e-5)


def test_warning_points_at_the_call_of_fit(iris):
    X, y = iris
    for params, optimizer in (({}, "L-BFGS"), ({"batch_size": 32}, "Adam")):
        with pytest.warns(ConvergenceWarning) as caught:
            LossEmbedding("sup_con_loss", max_iter=1, **params).fit(X, y)
        (caught,) = caught
        assert caught.filename == __file__
        assert str(caught.message).startswith(
            f"LossEmbedding did not converge. {optimizer} reached max_iter=1. "
        )


@pytest.mark.parametrize("batch_size", [None, 32])
def test_single_precision_stays(iris, batch_size):
    X, y = iris
    model = LossEmbedding(n_components=2, batch_size=batch_size, random_state=0)
    model.fit(X.astype(np.float32), y)
    assert model.components_.dtype == model.transform(X.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("batch_size", [None, 32])
def test_random_state(iris, batch_size):
    X, y = iris
    params = {"n_components": 2, "batch_size": batch_size, "init": "random"}
    a, b, c = (
        LossEmbedding(**params, random_state=seed).fit(X, y).components_ for seed in (0, 0, 1)
    )
    assert_array_equal(a, b)
    assert (a != c).all()


def test_start(iris):
    X, y = iris
    axes = PCA(3).fit(X).components_
    expected = LossEmbedding(n_components=3).fit(X, y)
    assert_allclose(LossEmbedding(init=5 * axes).fit(X, y).components_, expected.components_)
    # More components than samples.
    rng = np.random.default_rng(0)
    wide = LossEmbedding(n_components=9).fit(rng.normal(size=(6, 12)), [0, 0, 1, 1, 2, 2])
    assert wide.components_.shape == (9, 12)
    assert np.isfinite(wide.components_).all()
    # Data that are all alike.
    assert np.isfinite(LossEmbedding().fit(np.ones((4, 2)), [0, 0, 1, 1]).components_).all()


def test_warm_start(iris):
    X, y = iris
    model = LossEmbedding("sup_con_loss", n_components=2, max_iter=3, warm_start=True)
    with pytest.warns(
        ConvergenceWarning, match="LossEmbedding did not converge. L-BFGS reached max_iter=3"
    ):
        first = model.fit(X, y).loss_curve_
    model.set_params(max_iter=1000).fit(X, y)
    # Without the penalty, which is by the new start.
    assert model.loss_curve_[0] < first[-1] + 1e-9
    with pytest.raises(ValueError, match=r"warm_start=True needs the 2 components"):
        model.set_params(n_components=3).fit(X, y)


@pytest.mark.parametrize(("batch_size", "unit"), [(None, "iteration"), (40, "epoch")])
def test_progress(iris, capsys, batch_size, unit):
    X, y = iris
    model = LossEmbedding(n_components=2, batch_size=batch_size, max_iter=4, tol=0.0, verbose=1)
    with pytest.warns(ConvergenceWarning, match="did not converge"):
        model.fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == model.n_iter_ == 4
    assert lines[0].startswith(f"[LossEmbedding] {unit} 1 of 4: loss ")


def test_mini_batches_hold_positives():
    """Of a hundred labels too, and every sample is in one of them."""
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(100), 8))
    batches = sklosses.metric_learning._mini_batches(y, 32, np.random.RandomState(0))
    assert_array_equal(np.sort(np.concatenate(batches)), np.arange(800))
    assert {len(rows) for rows in batches} == {32}
    for rows in batches:
        assert (np.unique(y[rows], return_counts=True)[1] >= 4).all()


def test_names_of_the_components(iris):
    X, y = iris
    model = LossEmbedding(n_components=2).set_output(transform="pandas").fit(X, y)
    assert list(model.transform(X)) == ["lossembedding0", "lossembedding1"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"loss": "mse_loss"}, r"must be a loss of labels and embeddings.*Got 'mse_loss'"),
        ({"loss": "cmpm_loss"}, "must be a loss of labels and embeddings"),
        ({"loss": "triplets"}, "'triplets' is not a valid loss name"),
        ({"loss": 3}, "The 'loss' parameter of LossEmbedding must be"),
        ({"loss": dict}, "The 'loss' parameter of LossEmbedding must be"),
        ({"n_components": 5}, "n_components=5 must be at most n_features=4"),
        ({"n_components": 0}, "The 'n_components' parameter of LossEmbedding must be"),
        ({"batch_size": 1}, "The 'batch_size' parameter of LossEmbedding must be"),
        ({"alpha": -1}, "The 'alpha' parameter of LossEmbedding must be"),
        ({"init": "zeros"}, "The 'init' parameter of LossEmbedding must be"),
        ({"init": np.ones((2, 3))}, r"init must have shape \(2, 4\).*Got shape \(2, 3\)"),
        ({"max_iter": 0}, "The 'max_iter' parameter of LossEmbedding must be"),
        ({"n_threads": 0}, "n_threads"),
    ],
)
def test_wrong_parameters(iris, params, message):
    with pytest.raises(ValueError, match=message):
        LossEmbedding(**params).fit(*iris)


def test_wrong_data(iris):
    X, y = iris
    with pytest.raises(ValueError, match="Unknown label type"):
        LossEmbedding().fit(X, X[:, 0])
    with pytest.raises(ValueError, match="requires y to be passed"):
        LossEmbedding().fit(X, None)
    with pytest.raises(ValueError, match="NaN"):
        LossEmbedding().fit(np.where(X > 7, np.nan, X), y)
    with pytest.raises(ValueError, match="expecting 4 features"):
        LossEmbedding().fit(X, y).transform(X[:, :3])
