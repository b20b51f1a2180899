"""Losses of a batch: what the common tests do not ask of every loss."""

import math
import warnings
from itertools import product
from threading import Thread

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
from cases import typical
from differences import differences
from helpers import as_tuple, measures_memory, run_python
from numpy.testing import assert_allclose, assert_array_equal
from references import REFERENCES, WIDE
from references.contrastive import batch_all, batch_hard, batch_semi_hard, pair_distances
from references.crossmodal import vse
from sklearn.exceptions import UndefinedMetricWarning
from threadpoolctl import threadpool_info, threadpool_limits

import sklosses
from sklosses import get_loss
from sklosses._blas import one_blas_thread
from sklosses._families.batch import BatchLoss

BATCH = [name for name in REFERENCES if isinstance(get_loss(name), BatchLoss)]
LABELLED = [n for n in BATCH if type(get_loss(n)).inputs[0].domain.kind == "labels"]
ONE_ARRAY = [n for n in LABELLED if len(type(get_loss(n)).inputs) == 2]
TRIPLETS = {
    "batch_hard_triplet_loss": batch_hard,
    "batch_semi_hard_triplet_loss": batch_semi_hard,
    "batch_all_triplet_loss": batch_all,
}
WEIGHTED = [n for n in BATCH if type(get_loss(n)).weighted]

DISTANCES = ["euclidean", "sqeuclidean", "cosine"]
#: A loss of each kernel and metric.
METRICS = [(name, {}) for name in BATCH]
METRICS += [(name, {"distance": distance}) for name in TRIPLETS for distance in DISTANCES[1:]]

every_batch_loss = pytest.mark.parametrize("name", BATCH)
every_labelled_loss = pytest.mark.parametrize("name", LABELLED)
every_metric = pytest.mark.parametrize(("name", "params"), METRICS)
every_distance = pytest.mark.parametrize("distance", DISTANCES)


def arrays_of(name, labels, x, z=None):
    """The arrays of a call of any of the losses."""
    inputs = type(get_loss(name)).inputs
    sides = [x, x[::-1] + 0.5 if z is None else z][: sum(i.differentiable for i in inputs)]
    return [labels, *sides] if name in LABELLED else sides


# ---------------------------------------------------------------------------------------------
# Degenerate batches
# ---------------------------------------------------------------------------------------------

DEGENERATE = {
    "one row": ([0], [[1.0, 2.0]]),
    "one row of zeros": ([0], [[0.0, 0.0]]),
    "one class": ([3, 3, 3, 3], [[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [0.5, -1.0]]),
    "no two alike": ([0, 1, 2, 3], [[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [0.5, -1.0]]),
    "duplicates": ([0, 0, 1, 1], np.ones((4, 3))),
    "zeros": ([0, 0, 1, 1], np.zeros((4, 3))),
    "opposites": ([0, 0, 1, 1], [[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", DEGENERATE)
@every_metric
def test_degenerate_batches_are_finite(name, params, kind, dtype):
    labels, x = DEGENERATE[kind]
    arrays = arrays_of(name, np.array(labels), np.asarray(x, dtype), np.asarray(x, dtype))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for reduction in type(get_loss(name)).reductions:
            loss = get_loss(name, reduction=reduction, **params)
            value, gradient = loss.value_and_gradient(*arrays)
            assert np.isfinite(value).all()
            for a in as_tuple(gradient):
                assert np.isfinite(a).all()


@pytest.mark.parametrize("name", ONE_ARRAY)
def test_batches_that_have_nothing_to_compare(name):
    x = np.random.default_rng(0).normal(size=(5, 3))
    loss = get_loss(name)
    if name != "multi_similarity_loss":
        # It has no negatives to push or no positives to pull, and the other term remains.
        alike, different = np.zeros(5), np.arange(5)
        nothing = [different] if name != "batch_hard_triplet_loss" else []
        nothing += [alike] if name != "sup_con_loss" else []
        for labels in nothing:
            value, gradient = loss.value_and_gradient(labels, x)
            assert value == 0
            assert not gradient.any()
    value, gradient = loss.value_and_gradient([1], x[:1])
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("name", ["sup_con_loss", "circle_loss"])
def test_anchors_that_do_not_count(name):
    """They cost nothing, and are not in the mean; the mean of weights of 0 is undefined."""
    x = np.random.default_rng(0).normal(size=(6, 3))
    y_true = [0, 0, 1, 2, 2, 3]
    none = get_loss(name, reduction="none")(y_true, x)
    assert_array_equal(none[[2, 5]], 0)
    assert (none[[0, 1, 3, 4]] > 0).all()
    assert_allclose(get_loss(name)(y_true, x), none.sum() / 4, rtol=1e-14)
    weight = np.array([1.0, 2.0, 5.0, 1.0, 0.0, 7.0])
    mean = get_loss(name)(y_true, x, sample_weight=weight)
    assert_allclose(mean, (weight * none).sum() / 4, rtol=1e-14)
    with pytest.warns(UndefinedMetricWarning):
        value = get_loss(name)(y_true, x, sample_weight=[0, 0, 1, 0, 0, 1])
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("name", "params"),
    [row for row in METRICS if row[0] not in TRIPLETS or row[1].get("distance") == "cosine"],
)
def test_zero_vectors_have_no_gradient(name, params):
    x = np.random.default_rng(0).normal(size=(6, 3))
    x[2] = 0
    arrays = arrays_of(name, np.array([0, 0, 0, 1, 1, 1]), x, x[::-1].copy())
    gradients = as_tuple(get_loss(name, **params).gradient(*arrays))
    assert not gradients[0][2].any()
    assert gradients[0][3].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distance_of_zero_vectors_is_one(dtype):
    x = np.array([[0, 0], [3, 4], [0, 0], [-4, -3]], dtype)
    value, gradient, positive, negative = sklosses.batch_hard_triplet_loss(
        [0, 0, 1, 1], x, distance="cosine", return_gradient=True, return_distances=True
    )
    assert_array_equal(positive, 1)
    assert_array_equal(negative, 1)
    assert_allclose(value, 0.3, rtol=1e-15)
    assert not gradient.any()


def test_single_anchor_and_its_own_positive():
    value, positive, negative = sklosses.batch_hard_triplet_loss(
        [0, 1], [[0.0], [0.1]], return_distances=True
    )
    assert_allclose(value, 0.2, rtol=1e-15)
    assert_array_equal(positive, [0, 0])
    assert_allclose(negative, [0.1, 0.1], rtol=1e-15)
    value, gradient, positive, negative = sklosses.batch_hard_triplet_loss(
        [0, 0], np.float32([[0.0], [2.0]]), return_distances=True, return_gradient=True
    )
    assert value == 0
    assert not gradient.any()
    assert positive.dtype == negative.dtype == np.float32
    assert_array_equal(positive, [2, 2])
    assert_array_equal(negative, np.inf)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_distance
def test_distances_of_the_hardest_pairs(distance, dtype):
    y_true, x = hard_rows("near duplicates", dtype)
    y_true[0] = 100  # it has no positive
    value, positive, negative = sklosses.batch_hard_triplet_loss(
        y_true, x, distance=distance, reduction="none", return_distances=True
    )
    d = pair_distances(x.astype(WIDE), distance)
    same = y_true[:, None] == y_true
    rtol = 1e-11 if dtype == np.float64 else 1e-6
    assert value.dtype == positive.dtype == negative.dtype == dtype
    assert positive[0] == 0
    farthest = np.where(same & ~np.eye(len(d), dtype=bool), d, 0).max(axis=1)
    assert_allclose(positive, farthest.astype(float), rtol=rtol)
    assert_allclose(negative, np.where(same, np.inf, d).min(axis=1).astype(float), rtol=rtol)


# ---------------------------------------------------------------------------------------------
# Labels
# ---------------------------------------------------------------------------------------------

CODES = np.array([2, 0, 1, 2, 1, 0, 2, 2])
TYPES = {
    "strings": np.array(["a", "b", "c"])[CODES],
    "list of strings": [["a", "b", "c"][k] for k in CODES],
    "objects": np.array(["a", "b", "c"], dtype=object)[CODES],
    "bytes": np.array([b"a", b"b", b"c"])[CODES],
    "floats": CODES + 0.5,
    "float16": (CODES + 0.5).astype(np.float16),
    "negative": -5 - CODES,
    "huge": CODES.astype(np.uint64) + np.uint64(2**64 - 3),
    "big endian": CODES.astype(">i4"),
    "dates": np.array(["2020-01-01", "2021-01-01", "2022-01-01"], "datetime64[D]")[CODES],
    "complex": CODES * 1j,
    "series": pd.Series(CODES, index=range(8, 16)),
    "categories": pd.Series(np.array(["x", "y", "z"])[CODES], dtype="category"),
    "strided": np.repeat(CODES, 2)[::2],
    "read only": np.broadcast_to(CODES, (2, 8))[0],
}


@pytest.mark.parametrize("kind", TYPES)
@every_labelled_loss
def test_labels_of_any_type(name, kind):
    x, z = np.random.default_rng(0).normal(size=(2, 8, 4))
    loss = get_loss(name)
    expected = loss.value_and_gradient(*arrays_of(name, CODES, x, z))
    got = loss.value_and_gradient(*arrays_of(name, TYPES[kind], x, z))
    # Labels in another order are other tiles: the sums are in another order.
    assert_allclose(got[0], expected[0], rtol=1e-12)
    for a, b in zip(as_tuple(got[1]), as_tuple(expected[1]), strict=True):
        assert_allclose(a, b, rtol=1e-10, atol=1e-13)


@every_labelled_loss
def test_labels_that_are_refused(name):
    x = np.ones((4, 2))

    def call(labels):
        return get_loss(name)(*arrays_of(name, labels, x))

    for labels in ([1, 2, 3], [1, 2, 3, 4, 5], [[1], [2], [3], [4]], 1, "abcd", {"a": 1}):
        with pytest.raises(ValueError, match=r"y_true must have shape \("):
            call(labels)
    with pytest.raises(ValueError, match=r"y_true must be array-like\. Got None"):
        call(None)
    for labels in (np.array([1, "a", 3, 2.0], dtype=object), [object()] * 4):
        with pytest.raises(ValueError, match="y_true must hold labels that can be sorted"):
            call(labels)
    with pytest.raises(ValueError, match="y_true"):
        call([[1], [2, 3], [4], [5]])
    with pytest.raises(ValueError, match="minimum of 1"):
        call([])
    with pytest.raises(TypeError, match="Sparse"):
        call(scipy.sparse.csr_array(np.ones((4, 1))))
    with pytest.raises(ValueError, match=r"y_true contains NaN.*index 2"):
        call([1.0, 2.0, np.nan, np.nan])
    with sklearn.config_context(assume_finite=True):
        assert math.isnan(call([1.0, 2.0, np.nan, 1.0]))


@every_batch_loss
def test_shapes_that_are_refused(name):
    x = np.ones((4, 2))
    labels = [0, 0, 1, 1]
    for wrong in (np.ones(4), np.ones((4, 2, 1)), np.float64(1.0)):
        with pytest.raises(ValueError, match=r"must have shape \(n_samples, n_features\)"):
            get_loss(name)(*arrays_of(name, labels, wrong, x))
    if name not in ONE_ARRAY:
        for wrong in (np.ones((3, 2)), np.ones((4, 3)), np.ones((1, 2))):
            with pytest.raises(ValueError, match="images and texts must have the same shape"):
                get_loss(name)(*arrays_of(name, labels, x, wrong))


# ---------------------------------------------------------------------------------------------
# Weights, reductions, parts
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights_are_those_of_anchors(name):
    """The weighted sum of the losses, and its gradient, which has a part in all rows."""
    case = typical(name)
    arrays = case.arrays()
    weight = np.linspace(0, 2, len(arrays[-1]))
    none = get_loss(name, reduction="none")
    total = get_loss(name, reduction="sum")
    assert_array_equal(none(*arrays, sample_weight=weight), weight * none(*arrays))
    value, gradient = total.value_and_gradient(*arrays, sample_weight=weight)
    assert_allclose(value, (weight * none(*arrays)).sum(), rtol=1e-14)
    # The losses of single anchors have gradients that add up.
    parts = [as_tuple(total.gradient(*arrays, sample_weight=row)) for row in np.eye(len(weight))]
    for k, a in enumerate(as_tuple(gradient)):
        expected = sum(w * part[k] for w, part in zip(weight, parts, strict=True))
        assert_allclose(a, expected, rtol=1e-10, atol=1e-12)
    whole = as_tuple(total.gradient(*arrays))
    for k, a in enumerate(whole):
        assert_allclose(a, sum(part[k] for part in parts), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in BATCH if n not in WEIGHTED])
def test_averages_over_pairs_have_neither_weights_nor_none(name):
    arrays = typical(name).arrays()
    loss = get_loss(name)
    with pytest.raises(ValueError, match=rf"'reduction'.*{type(loss).__name__}.*'none'"):
        loss(*arrays, reduction="none")
    with pytest.raises(ValueError, match="'reduction'"):
        get_loss(name, reduction="none")(*arrays)
    for call in (loss, loss.gradient):
        with pytest.raises(ValueError, match="does not take sample_weight"):
            call(*arrays, sample_weight=np.ones(len(arrays[0])))


@every_batch_loss
def test_parts_of_a_batch_do_not_add_up(name):
    loss = get_loss(name)
    with pytest.raises(ValueError, match=rf"{type(loss).__name__}.*do not add up"):
        loss.partial(*typical(name).arrays())


@every_batch_loss
def test_there_is_no_hessian(name):
    with pytest.raises(ValueError, match="Hessian"):
        get_loss(name).gradient_and_hessian(*typical(name).arrays())


# ---------------------------------------------------------------------------------------------
# Exactness
# ---------------------------------------------------------------------------------------------


def hard_rows(kind, dtype):
    """Rows whose distances the form |x|^2 + |y|^2 - 2 xy loses."""
    rng = np.random.default_rng(1)
    n, d = 60, 8
    x = rng.normal(size=(n, d))
    if kind == "offset":
        x += 1e4 * np.arange(1, d + 1)
    elif kind == "clusters":
        x = 1e-4 * x + 1e3 * rng.normal(size=(7, d))[rng.integers(0, 7, n)]
    elif kind == "near duplicates":
        x[1::2] = x[::2] + 1e-5 * rng.normal(size=(n // 2, d))
    elif kind == "lengths":
        x *= 10.0 ** rng.integers(-3, 4, (n, 1))
    elif kind == "tiny":
        x *= 1e-25
    elif kind == "huge":
        x *= 1e25
    return np.arange(n) // 2 % 7, x.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "kind", ["offset", "clusters", "near duplicates", "lengths", "tiny", "huge"]
)
@every_distance
@pytest.mark.parametrize("name", TRIPLETS)
def test_distances_are_those_of_differences(name, distance, kind, dtype):
    y_true, x = hard_rows(kind, dtype)
    scale = float(pair_distances(x.astype(WIDE), distance).max())
    margin = 0.1 * min(scale, 1.0) if kind != "huge" else 0.1 * scale
    expected = TRIPLETS[name](y_true, x.astype(WIDE), margin=margin, distance=distance)
    loss = get_loss(name, margin=margin, distance=distance, reduction="sum")
    value, gradient = loss.value_and_gradient(y_true, x)
    # Squares of distances between two clusters are large, and differ by little.
    atol = 16 * np.finfo(float).eps * scale * (distance == "sqeuclidean")
    assert_allclose(value, float(expected.sum()), rtol=1e-11, atol=atol)
    wide = loss.gradient(y_true, x.astype(np.float64))
    assert_allclose(gradient, wide, rtol=2e-5, atol=2e-5 * np.abs(wide).max())
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("size", [1e155, 1e200])
@pytest.mark.parametrize("name", TRIPLETS)
def test_squares_that_overflow_are_no_perfect_loss(name, size):
    """Of embeddings in random places; those of one class have no triplets, and a loss of 0."""
    x = size * np.random.default_rng(0).normal(size=(6, 3))
    loss = get_loss(name, distance="sqeuclidean")
    assert not math.isfinite(loss([0, 0, 1, 1, 2, 2], x))
    assert loss([0, 0, 0], [[0.0], [1.0], [size]]) == 0
    # All that belongs together is near, and the rest infinitely far.
    assert loss([0, 0, 1, 1], [[0.0], [0.1], [size], [size]]) == 0


def exact_distance(x, y, distance):
    """The distance of two rows, and its gradient with respect to the first, by mpmath."""
    mp = pytest.importorskip("mpmath").mp.clone()
    mp.dps = 60
    x, y = ([mp.mpf(float(value)) for value in row] for row in (x, y))
    if distance == "cosine":
        norm, other = (mp.sqrt(mp.fdot(row, row)) for row in (x, y))
        s = mp.fdot(x, y) / norm / other
        gradient = [(s * a / norm - b / other) / norm for a, b in zip(x, y, strict=True)]
        return 1 - s, gradient
    difference = [a - b for a, b in zip(x, y, strict=True)]
    square = mp.fdot(difference, difference)
    if distance == "sqeuclidean":
        return square, [2 * value for value in difference]
    return mp.sqrt(square), [value / mp.sqrt(square) for value in difference]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("near", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize(
    ("distance", "stretch"),
    [
        ("euclidean", 1),
        ("sqeuclidean", 1),
        ("cosine", 1),
        ("cosine", 1 + 2**-10),
        ("cosine", 3),
        ("cosine", 1e30),
    ],
)
def test_tiny_distances_keep_their_digits(distance, stretch, near, dtype):
    x = np.random.default_rng(0).normal(size=(2, 9))
    # Near 0, float32 has numbers that are this close to each other.
    x[:, 3] = 0
    x[1] = x[0] * stretch
    x[1, 3] = near * stretch
    x = x.astype(dtype)
    expected, slope = exact_distance(*x, distance)
    # Directions are rounded but, as far as the lengths are the same, not their difference.
    eps = 4 * np.finfo(float).eps
    angle = near / np.linalg.norm(x[0].astype(float))
    rtol = 1e-14 + (eps * (1 - 1 / stretch) / angle + (eps / angle) ** 2) * (distance == "cosine")

    def relative(a, b):
        return max(abs(a - b)) / max(map(abs, b))

    for labels, which in (([0, 0], 0), ([0, 1], 1)):
        results = sklosses.batch_hard_triplet_loss(
            labels, x.astype(float), distance=distance, return_distances=True
        )
        assert relative(results[1 + which], [expected]) < rtol
    # Of two rows of different labels, each loses the margin minus the distance.
    gradient = get_loss(
        "batch_hard_triplet_loss", margin=4.0, distance=distance, reduction="sum"
    ).gradient([0, 1], x)
    rtol = rtol if dtype == np.float64 else 2e-6
    assert relative(gradient[0].astype(object) / -2, slope) < rtol


def test_multiples_of_a_row_have_its_direction():
    """Their distances are 0, so it does not depend on rounding which of them is farther."""
    rng = np.random.default_rng(0)
    for d in (1, 2, 3, 50):
        x = np.arange(1, 41)[:, None] * rng.normal(size=d)
        for labels, which in ((np.zeros(40), 0), (np.arange(40), 1)):
            results = sklosses.batch_hard_triplet_loss(
                labels, x, distance="cosine", return_distances=True
            )
            assert_array_equal(results[1 + which], 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ties_are_ties(dtype):
    """Distances of a lattice are equal or they are not, also far from the origin."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (40, 3)).astype(dtype)
    y_true = rng.integers(0, 5, 40)
    for name, formula in TRIPLETS.items():
        for margin, distance in product((0.0, 0.5), ("euclidean", "sqeuclidean")):
            params = {"margin": margin, "distance": distance}
            expected = formula(y_true, x.astype(WIDE), **params)
            for shift in (0, 1000):
                value = get_loss(name, **params, reduction="sum")(y_true, x + dtype(shift))
                assert_allclose(value, float(expected.sum()), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("temperature", [1e-4, 1e-3, 0.02, 0.07, 10.0, 1e300, 1e-320])
@pytest.mark.parametrize("name", ["info_nce_loss", "sup_con_loss", "nt_xent_loss"])
def test_any_temperature(name, temperature, dtype):
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 20, 5)).astype(dtype)
    arrays = arrays_of(name, np.arange(20) % 6, x, z)
    value, gradient = get_loss(name, temperature=temperature).value_and_gradient(*arrays)
    assert math.isfinite(value)
    if temperature < 1e-300:
        return
    wide = [a.astype(WIDE) if a.dtype.kind == "f" else a for a in arrays]
    expected = REFERENCES[name].unreduced(*wide, temperature=temperature).mean()
    rtol = 2e-5 if dtype == np.float32 and temperature > 1 / 32 else 1e-11
    assert_allclose(value, float(expected), rtol=rtol)
    for a in as_tuple(gradient):
        assert np.isfinite(a).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_of_all_but_certain_pairs_keep_their_digits(dtype):
    x = np.eye(4, dtype=dtype)
    expected = math.log1p(3 * math.exp(-1 / 0.07))
    value, gradient = sklosses.info_nce_loss(x, x, return_gradient=True)
    assert_allclose(value, expected, rtol=1e-5 if dtype == np.float32 else 1e-14)
    p = math.exp(-1 / 0.07) / (1 + 3 * math.exp(-1 / 0.07)) / 0.07 / 4
    assert_allclose(gradient[0][0, 1], p, rtol=1e-5 if dtype == np.float32 else 1e-13)


# ---------------------------------------------------------------------------------------------
# Derivatives with respect to parameters
# ---------------------------------------------------------------------------------------------

PARAMETERS = [
    ("info_nce_loss", {"temperature": 0.07}),
    ("info_nce_loss", {"temperature": 0.02}),
    ("info_nce_loss", {"temperature": 0.5, "symmetric": False}),
    ("siglip_loss", {"temperature": 10.0, "bias": -10.0}),
    ("siglip_loss", {"temperature": 40.0, "bias": -3.0}),
]
LEARNED = {"info_nce_loss": ["temperature"], "siglip_loss": ["temperature", "bias"]}

every_learned = pytest.mark.parametrize(("name", "params"), PARAMETERS)


def parameter_gradient(name, *arrays, **keywords):
    """The last of the results."""
    function = getattr(sklosses, name)
    return function(*arrays, return_parameter_gradient=True, **keywords)[-1]


def two_modalities(n, d, dtype=np.float64, seed=0):
    x, z = np.random.default_rng(seed).normal(size=(2, n, d))
    return x.astype(dtype), (x + z).astype(dtype)


def pytorch_losses(torch, x, z, name, temperature, bias=None, symmetric=True):
    """The losses of the rows, as users of PyTorch write them."""
    normalize = torch.nn.functional.normalize
    s = normalize(torch.tensor(x).double()) @ normalize(torch.tensor(z).double()).T
    if name == "siglip_loss":
        sign = 2 * torch.eye(len(x)).double() - 1
        return -torch.nn.functional.logsigmoid(sign * (temperature * s + bias)).sum(dim=1)
    sides = [
        torch.nn.functional.cross_entropy(side, torch.arange(len(x)), reduction="none")
        for side in (s / temperature, s.T / temperature)
    ]
    return sum(sides) / 2 if symmetric else sides[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [2, 7, 150, 400])
@every_learned
def test_derivatives_of_parameters_are_those_of_pytorch(name, params, n, dtype):
    torch = pytest.importorskip("torch")
    x, z = two_modalities(n, 6, dtype)
    weight = np.random.default_rng(1).uniform(0, 2, n)
    tensors = {
        key: torch.tensor(params[key], dtype=torch.float64, requires_grad=True)
        for key in LEARNED[name]
    }
    losses = pytorch_losses(torch, x, z, name, **{**params, **tensors})
    # Absolute as well: PyTorch loses the digits of 1 - p where a pair is all but certain.
    rtol = 1e-10 if dtype == np.float64 else 2e-6
    for factor, keywords in (
        (weight / weight.sum(), {"sample_weight": weight}),
        (np.full(n, 1 / n), {}),
        (np.ones(n), {"reduction": "sum"}),
        (weight / 3.5, {"sample_weight": weight, "avg_factor": 3.5}),
    ):
        total = (torch.tensor(factor) * losses).sum()
        expected = torch.autograd.grad(total, list(tensors.values()), retain_graph=True)
        got = parameter_gradient(name, x, z, **params, **keywords)
        assert list(got) == LEARNED[name]
        for derivative, tensor in zip(got.values(), expected, strict=True):
            assert type(derivative) is float
            assert_allclose(derivative, tensor.item(), rtol=rtol, atol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_learned
def test_derivatives_of_parameters_are_differences_of_values(name, params, dtype):
    x, z = two_modalities(20, 5, dtype)
    weight = np.linspace(0, 2, 20)
    wide = x.astype(WIDE), z.astype(WIDE)
    got = parameter_gradient(name, x, z, **params, sample_weight=weight, reduction="none")
    for key in LEARNED[name]:
        step = WIDE(1e-5) * abs(WIDE(params[key]))
        high, low = (
            REFERENCES[name].unreduced(*wide, **{**params, key: WIDE(params[key]) + sign * step})
            for sign in (1, -1)
        )
        expected = weight * (high - low) / (2 * step)
        assert got[key].dtype == dtype
        # Similarities, of at most 1, are rounded, and that of InfoNCE is divided by temperature^2.
        steepness = params["temperature"] ** -2 if name == "info_nce_loss" else 1
        rtol = 1e-7 if dtype == np.float64 else 1e-5
        atol = 1e-9 if dtype == np.float64 else np.finfo(dtype).eps * steepness
        assert_allclose(got[key], expected.astype(float), rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_learned
def test_results_beside_derivatives_of_parameters(name, params, dtype):
    """They come last, and no other result depends on them but for rounding."""
    x, z = two_modalities(300, 5, dtype)
    function = getattr(sklosses, name)
    for reduction in ("mean", "sum", "none"):
        keywords = {**params, "reduction": reduction}
        value, gradient = function(x, z, **keywords, return_gradient=True)
        alone = parameter_gradient(name, x, z, **keywords)
        for n_threads in (1, 2, 3):
            results = function(
                x,
                z,
                **keywords,
                return_gradient=True,
                return_parameter_gradient=True,
                n_threads=n_threads,
            )
            assert_allclose(results[0], value, rtol=1e-12 if dtype == np.float64 else 1e-6)
            for a, b in zip(results[1], gradient, strict=True):
                assert_allclose(a, b, rtol=1e-5, atol=1e-6 * np.abs(b).max())
            for key, derivative in results[2].items():
                assert_array_equal(derivative, alone[key])


def test_derivatives_of_parameters_of_degenerate_batches():
    x = np.random.default_rng(0).normal(size=(5, 3))
    zeros = np.zeros((5, 3))
    for dtype in (np.float32, np.float64):
        # A single pair is certain.
        got = parameter_gradient("info_nce_loss", x[:1].astype(dtype), x[1:2].astype(dtype))
        assert str(got) == "{'temperature': 0.0}"
        # All similarities are equal, so the temperature does not matter.
        got = parameter_gradient("info_nce_loss", zeros.astype(dtype), x.astype(dtype))
        assert str(got) == "{'temperature': 0.0}"
        got = parameter_gradient("siglip_loss", zeros.astype(dtype), x.astype(dtype), bias=0.0)
        assert got["temperature"] == 0
        assert_allclose(got["bias"], (4 - 1) / 2, rtol=1e-6)
    for name, learned in LEARNED.items():
        with pytest.warns(UndefinedMetricWarning):
            value, got = getattr(sklosses, name)(
                x, x, sample_weight=np.zeros(5), return_parameter_gradient=True
            )
        assert math.isnan(value)
        assert got == dict.fromkeys(learned, 0)
        bad = x.copy()
        bad[2, 1] = np.nan
        with pytest.raises(ValueError, match="texts contains NaN"):
            parameter_gradient(name, x, bad)
        with sklearn.config_context(assume_finite=True):
            got = parameter_gradient(name, x, bad)
            assert list(got) == learned
            assert np.isnan(list(got.values())).all()
            got = parameter_gradient(name, x, bad, reduction="none")
            for derivative in got.values():
                assert_array_equal(derivative, np.full(5, np.nan))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("temperature", [1e-320, 1e-200, 1e-3, 1e3, 1e200])
@pytest.mark.parametrize("name", LEARNED)
def test_derivatives_of_any_temperature(name, temperature, dtype):
    for x, z in (two_modalities(20, 3, dtype), (np.eye(4, dtype=dtype),) * 2):
        for reduction in ("mean", "none"):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                got = parameter_gradient(name, x, z, temperature=temperature, reduction=reduction)
            assert not np.isnan(list(got.values())).any()


def test_derivatives_of_all_but_certain_pairs_keep_their_digits():
    """The derivative is as small as the probability of all others."""
    mpmath = pytest.importorskip("mpmath")
    mp = mpmath.mp.clone()
    mp.dps = 80
    t = 0.02
    rows = np.array([[1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [0.6, 0.8, 1e-3]])
    others = rows * [[3.0], [1e-3], [7.0], [1.0]] + [0, 0, 1e-4]

    def cosine(x, z):
        x, z = ([mp.mpf(float(value)) for value in row] for row in (x, z))
        return mp.fdot(x, z) / mp.sqrt(mp.fdot(x, x) * mp.fdot(z, z))

    s = [[cosine(x, z) for z in others] for x in rows]
    got = parameter_gradient("info_nce_loss", rows, others, temperature=t, reduction="none")
    for i in range(4):
        expected = mp.mpf(0)
        for side in (s[i], [row[i] for row in s]):
            weights = [mp.exp((value - side[i]) / t) for value in side]
            parts = [w * (v - side[i]) for w, v in zip(weights, side, strict=True)]
            expected -= mp.fsum(parts) / mp.fsum(weights) / mp.mpf(t) ** 2 / 2
        # An exponent of 50 is rounded to 50 eps, and a difference of cosines to eps.
        terms = abs(expected) * 1e-13 + mp.mpf(2) ** -51 / mp.mpf(t) ** 2
        assert abs(mp.mpf(float(got["temperature"][i])) - expected) <= terms

    x = np.eye(4)
    e = mp.exp(-1 / mp.mpf(t))
    expected = 3 * e / (1 + 3 * e) / mp.mpf(t) ** 2
    got = parameter_gradient("info_nce_loss", x, x, temperature=t)["temperature"]
    assert abs(mp.mpf(got) / expected - 1) < 1e-13
    got = parameter_gradient("siglip_loss", x, x, temperature=100.0, bias=-50.0)
    q = 1 / (1 + mp.exp(50))
    assert abs(mp.mpf(got["bias"]) / (2 * q) - 1) < 1e-13
    assert abs(mp.mpf(got["temperature"]) / -q - 1) < 1e-13


# ---------------------------------------------------------------------------------------------
# Similarities that are given
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("max_violation", [False, True])
@pytest.mark.parametrize("n", [1, 2, 7, 150, 400])
def test_similarities_that_are_given(n, max_violation, dtype):
    rng = np.random.default_rng(n)
    s = rng.uniform(-1, 1, (n, n)).astype(dtype)
    weight = rng.uniform(0, 2, n)
    loss = sklosses.VSELoss(similarity="precomputed", max_violation=max_violation)
    expected = vse(s.astype(WIDE), max_violation=max_violation, similarity="precomputed")
    if n == 1:
        expected = np.zeros(1)
    rtol = 1e-12 if dtype == np.float64 else 2e-6
    assert_allclose(loss(s, reduction="none"), expected.astype(float), rtol=rtol, atol=rtol)
    value, gradient = loss.value_and_gradient(s, sample_weight=weight)
    assert_allclose(value, float(weight @ expected), rtol=rtol)
    assert gradient.dtype == dtype
    # Piecewise linear: the gradient comes from the active hinges.
    own, off = np.diag(s).astype(float)[:, None], ~np.eye(n, dtype=bool)
    slope = np.zeros((n, n))
    for side, transposed in ((s.astype(float), False), (s.T.astype(float), True)):
        gap = np.where(off, 0.2 - own + side, -np.inf)
        active = (gap > 0) * 1.0
        if max_violation:
            active *= gap == gap.max(axis=1, keepdims=True)
        active *= weight[:, None]
        slope += (active.T if transposed else active) - np.diag(active.sum(axis=1))
    assert_allclose(gradient, slope, rtol=1e-5, atol=1e-5 * n)
    for layout in (np.asfortranarray(s), np.repeat(s, 2, axis=1)[:, ::2], s[::-1].copy()[::-1]):
        out = np.full((n, 2 * n), 7, dtype)[:, ::2]
        got = loss.gradient(layout, sample_weight=weight, gradient_out=out)
        assert got is out
        assert_array_equal(out, gradient)
    for n_threads in (2, 7):
        other = loss.value_and_gradient(s, sample_weight=weight, n_threads=n_threads)
        assert other[0] == value
        assert_array_equal(other[1], gradient)


def test_similarities_have_the_gradient_of_their_value():
    rng = np.random.default_rng(0)
    s = rng.uniform(-1, 1, (6, 6))
    case = typical("vse_loss")
    for max_violation in (False, True):
        params = {"similarity": "precomputed", "max_violation": max_violation}
        gradient = sklosses.VSELoss(**params).gradient(s)

        class Given(type(case)):
            params = {"similarity": "precomputed", "max_violation": max_violation}

        given = Given(case.row, case.kind, case.number, (6, 6))
        expected, bound = differences(given, [s], 0, 1)
        assert np.isfinite(expected).all()
        assert (np.abs(gradient - expected) <= bound + 1e-12).all()


def test_arrays_that_do_not_go_with_the_similarity():
    s, x = np.ones((3, 3)), np.ones((3, 2))
    with pytest.raises(ValueError, match="takes no texts"):
        sklosses.vse_loss(s, s, similarity="precomputed")
    for similarity in ("cosine", "dot"):
        with pytest.raises(ValueError, match="takes texts"):
            sklosses.vse_loss(x, similarity=similarity)
    with pytest.raises(ValueError, match=r"images must have shape \(n_samples, n_samples\)"):
        sklosses.vse_loss(x, similarity="precomputed")
    bad = s.copy()
    bad[1, 2] = np.nan
    out = np.full((3, 3), -7.0)
    loss = sklosses.VSELoss(similarity="precomputed")
    with pytest.raises(ValueError, match=r"images contains NaN.*\(1, 2\)"):
        loss.gradient(bad, gradient_out=out)
    assert (out == -7).all()
    with sklearn.config_context(assume_finite=True):
        value, gradient = loss.value_and_gradient(bad)
    assert math.isnan(value)
    assert np.isnan(gradient).all()
    with pytest.raises(ValueError, match=r"must be a single array\. Got a tuple of 2 arrays"):
        loss.gradient(s, gradient_out=(out, out.copy()))


# ---------------------------------------------------------------------------------------------
# BLAS and memory
# ---------------------------------------------------------------------------------------------


def blas_threads():
    return [item["num_threads"] for item in threadpool_info() if item["user_api"] == "blas"]


def test_blas_is_left_as_it_was_found():
    x = np.random.default_rng(0).normal(size=(300, 300))
    y_true = np.arange(300) % 9
    expected = sklosses.sup_con_loss(y_true, x, return_gradient=True)
    with threadpool_limits(2, user_api="blas"):
        found = blas_threads()
        with one_blas_thread():
            assert set(blas_threads()) == {1}
            with one_blas_thread():
                assert set(blas_threads()) == {1}
            assert set(blas_threads()) == {1}
        assert blas_threads() == found
        results = []
        # Of a thread that is not the one that has set a limit.
        threads = [
            Thread(
                target=lambda: results.append(
                    sklosses.sup_con_loss(y_true, x, return_gradient=True)
                )
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert blas_threads() == found
    for value, gradient in results:
        assert value == expected[0]
        assert_array_equal(gradient, expected[1])
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        1 / 0  # noqa: B018
    assert set(blas_threads()) != {0}


MEMORY = """
import sys
import numpy as np
import sklosses
from helpers import peak_memory, reset_peak_memory

rng = np.random.default_rng(0)
n, d = 6000, 8
x, z = rng.normal(size=(2, n, d)).astype(np.float32)
y = rng.integers(0, n // 6, n)
for argument in sys.argv[1:]:
    name, _, distance = argument.partition(":")
    loss = sklosses.get_loss(name, **({"distance": distance} if distance else {}))
    arrays = [x, z] if loss.inputs[0].name != "y_true" else [y, x, z]
    arrays = arrays[: len(loss.inputs)]
    loss.value_and_gradient(*[a[:300] for a in arrays])
    reset_peak_memory()
    before = peak_memory()
    loss.value_and_gradient(*arrays)
    print(argument, peak_memory() - before)
"""


@measures_memory
def test_no_matrix_of_all_pairs_is_ever_allocated():
    """An (n, n) array of float32 would be 144 MB, of bool 36 MB."""
    losses = [*BATCH, *(f"{name}:cosine" for name in TRIPLETS)]
    for line in run_python(MEMORY, *losses, timeout=300).splitlines():
        name, size = line.split()
        assert int(size) < 12e6, name
