"""Comparison with packages that are known for a loss, where they are installed."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import sklosses

RTOL = 1e-9


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    # Every label occurs more than once: packages differ in how they treat single rows.
    return np.resize(np.arange(6), 40), rng.normal(size=(40, 8))


def metric_learning_losses(params):
    """Losses of pytorch-metric-learning, by the names of sklosses' functions."""
    pml = pytest.importorskip("pytorch_metric_learning")
    from pytorch_metric_learning import distances, losses, miners, reducers

    assert pml
    params = dict(params)
    distance = {
        "euclidean": distances.LpDistance(normalize_embeddings=False, p=2),
        "sqeuclidean": distances.LpDistance(normalize_embeddings=False, p=2, power=2),
        "cosine": distances.CosineSimilarity(),
    }[params.pop("distance", "euclidean")]

    def batch_hard(embeddings, labels):
        mined = miners.BatchHardMiner(distance=distance)(embeddings, labels)
        loss = losses.TripletMarginLoss(distance=distance, reducer=reducers.MeanReducer(), **params)
        return loss(embeddings, labels, mined)

    def contrastive(embeddings, labels):
        # The squares, summed over all pairs, each of which occurs twice.
        def squared(x):
            return torch.where(x > 0, x, 0) ** 2

        torch = pytest.importorskip("torch")
        loss = losses.ContrastiveLoss(
            pos_margin=0,
            neg_margin=params["margin"],
            distance=distance,
            reducer=reducers.DoNothingReducer(),
        )
        parts = loss(embeddings, labels)
        return sum(squared(parts[k]["losses"]).sum() for k in ("pos_loss", "neg_loss")) / 4

    return {
        "nt_xent_loss": lambda: losses.NTXentLoss(**params),
        "sup_con_loss": lambda: losses.SupConLoss(**params),
        "multi_similarity_loss": lambda: losses.MultiSimilarityLoss(**params),
        "circle_loss": lambda: losses.CircleLoss(m=params["margin"], gamma=params["gamma"]),
        "batch_all_triplet_loss": lambda: losses.TripletMarginLoss(distance=distance, **params),
        "batch_hard_triplet_loss": lambda: batch_hard,
        "pairwise_contrastive_loss": lambda: contrastive,
    }


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("nt_xent_loss", {"temperature": 0.07}),
        ("nt_xent_loss", {"temperature": 1.0}),
        ("sup_con_loss", {"temperature": 0.07}),
        ("sup_con_loss", {"temperature": 1.0}),
        ("multi_similarity_loss", {"alpha": 2.0, "beta": 50.0, "base": 0.5}),
        ("multi_similarity_loss", {"alpha": 1.0, "beta": 5.0, "base": 0.1}),
        ("circle_loss", {"margin": 0.4, "gamma": 80.0}),
        ("circle_loss", {"margin": 0.1, "gamma": 4.0}),
        ("batch_hard_triplet_loss", {"margin": 0.3}),
        ("batch_hard_triplet_loss", {"margin": 2.0}),
        ("batch_hard_triplet_loss", {"margin": 2.0, "distance": "sqeuclidean"}),
        ("batch_hard_triplet_loss", {"margin": 0.3, "distance": "cosine"}),
        ("batch_all_triplet_loss", {"margin": 0.3}),
        ("batch_all_triplet_loss", {"margin": 2.0}),
        ("batch_all_triplet_loss", {"margin": 2.0, "distance": "sqeuclidean"}),
        ("batch_all_triplet_loss", {"margin": 0.3, "distance": "cosine"}),
        ("pairwise_contrastive_loss", {"margin": 3.0}),
    ],
)
def test_pytorch_metric_learning(batch, name, params):
    peer = metric_learning_losses(params)[name]()
    import torch

    labels, embeddings = batch
    tensor = torch.tensor(embeddings, requires_grad=True)
    expected = peer(tensor, torch.tensor(labels))
    expected.backward()
    loss = sklosses.get_loss(name, **params)
    if name == "pairwise_contrastive_loss":
        first, second = np.triu_indices(len(labels), 1)
        value, gradients = loss.value_and_gradient(
            labels[first] == labels[second], embeddings[first], embeddings[second], reduction="sum"
        )
        gradient = np.zeros(embeddings.shape)
        for rows, by_rows in zip((first, second), gradients, strict=True):
            np.add.at(gradient, rows, by_rows)
    else:
        value, gradient = loss.value_and_gradient(labels, embeddings)
    assert_allclose(value, expected.item(), rtol=RTOL)
    assert_allclose(gradient, tensor.grad, atol=RTOL * np.abs(gradient).max())


@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_focal_loss_of_optax(alpha, gamma):
    optax = pytest.importorskip("optax")
    import jax

    rng = np.random.default_rng(0)
    labels, logits = rng.integers(0, 2, 50).astype(float), rng.normal(scale=3, size=50)
    with jax.enable_x64(True):

        def loss(z):
            return optax.sigmoid_focal_loss(z, labels, alpha=alpha, gamma=gamma).mean()

        expected, slopes = jax.value_and_grad(loss)(jax.numpy.asarray(logits))
    value, gradient = sklosses.sigmoid_focal_loss(
        labels, logits, alpha=alpha, gamma=gamma, return_gradient=True
    )
    assert_allclose(value, expected, rtol=RTOL)
    assert_allclose(gradient, slopes, atol=RTOL * np.abs(gradient).max())


def forecasts():
    """Targets, means and variances."""
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=(2, 500))
    return y_true, y_pred, rng.gamma(1.0, size=500) + 1e-3


def test_scoringrules():
    scoringrules = pytest.importorskip("scoringrules")
    y_true, y_pred, var = forecasts()
    for far in (1, 10, 1e4):
        ours = sklosses.crps_gaussian_loss(far * y_true, y_pred, var, reduction="none")
        theirs = scoringrules.crps_normal(far * y_true, y_pred, np.sqrt(var))
        assert_allclose(ours, theirs, rtol=RTOL)


@pytest.mark.parametrize("expectile", [0.1, 0.5, 0.9])
def test_xgboost_expectiles(expectile):
    """The evaluation metric, and one step of a constant model from the gradient and the Hessian."""
    xgboost = pytest.importorskip("xgboost")
    y_true = forecasts()[0]
    data = xgboost.DMatrix(np.zeros((len(y_true), 1)), y_true)
    params = {
        "objective": "reg:expectileerror",
        "expectile_alpha": expectile,
        "base_score": 0.25,
        "eta": 1.0,
        "lambda": 0.0,
        "max_depth": 1,
    }
    try:
        before = xgboost.train({**params, "eta": 0.0}, data, num_boost_round=1)
    except xgboost.core.XGBoostError as error:
        if "Unknown objective" in str(error):
            pytest.skip(f"XGBoost {xgboost.__version__} has no expectiles")
        raise
    after = xgboost.train(params, data, num_boost_round=1)
    loss = sklosses.ExpectileLoss(expectile=expectile)
    start = np.full(y_true.shape, 0.25)
    theirs = float(before.eval(data).rpartition(":")[2])
    assert_allclose(loss(y_true, start), theirs, rtol=1e-5)
    gradient, hessian = loss.gradient_and_hessian(y_true, start)
    step = -gradient.sum() / hessian.sum()
    assert_allclose(after.predict(data)[0] - before.predict(data)[0], step, rtol=1e-4)


@pytest.mark.parametrize("n_classes", [2, 3, 8])
def test_ordinal_losses_of_coral_pytorch(n_classes):
    peer = pytest.importorskip("coral_pytorch")
    from coral_pytorch import dataset, losses

    assert peer
    import torch

    rng = np.random.default_rng(n_classes)
    labels = np.append(np.arange(n_classes), rng.integers(0, n_classes, 50))
    logits = rng.normal(scale=3, size=(len(labels), n_classes - 1))
    levels = dataset.levels_from_labelbatch(labels.tolist(), n_classes, dtype=torch.float64)
    for name, call in {
        "coral_loss": lambda z: losses.coral_loss(z, levels),
        "corn_loss": lambda z: losses.corn_loss(z, torch.tensor(labels), n_classes),
    }.items():
        tensor = torch.tensor(logits, requires_grad=True)
        expected = call(tensor)
        expected.backward()
        value, gradient = sklosses.get_loss(name).value_and_gradient(labels, logits)
        assert_allclose(value, expected.item(), rtol=RTOL)
        assert_allclose(gradient, tensor.grad, atol=RTOL * np.abs(gradient).max())


@pytest.mark.parametrize("n_classes", [3, 6])
def test_ordered_model_of_statsmodels(n_classes):
    miscmodels = pytest.importorskip("statsmodels.miscmodels.ordinal_model")

    rng = np.random.default_rng(n_classes)
    labels = np.append(np.arange(n_classes), rng.integers(0, n_classes, 50))
    z = rng.normal(scale=3, size=len(labels))
    thresholds = np.cumsum(rng.uniform(0.2, 2, n_classes - 1)) - n_classes / 2
    model = miscmodels.OrderedModel(labels, z[:, None], distr="logit")
    own = model.transform_reverse_threshold_params(np.append(thresholds, np.inf))
    params = np.append(1.0, own)
    loss = sklosses.CumulativeLogitLoss(reduction="none")
    assert_allclose(loss(labels, z, thresholds), -model.loglikeobs(params), rtol=RTOL)
    assert_allclose(loss.predict_proba(z, thresholds), model.predict(params), rtol=RTOL)
