"""Tests of single losses of ``sklosses.losses.pairs``."""

import math

import numpy as np
import pytest
from cases import typical
from numpy.testing import assert_allclose, assert_array_equal

import sklosses
from sklosses import get_loss

VECTOR_LOSSES = (
    "cosine_embedding_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
)


@pytest.mark.parametrize("name", VECTOR_LOSSES)
def test_shapes_of_vectors(name):
    function = getattr(sklosses, name)
    case = typical(name)
    arrays = case.arrays()
    labelled = len(arrays) > len(case.differentiable)
    names = [case.names[k] for k in case.differentiable]
    together = f"{', '.join(names[:-1])} and {names[-1]} must have the same shape"
    for k in case.differentiable:
        for shape in ((5,), (1, 3), (5, 1), (5, 4), (1, 5, 3), (3, 5), ()):
            with pytest.raises(ValueError, match=together):
                function(*arrays[:k], np.ones(shape), *arrays[k + 1 :])
    scalars = [1.0] * len(arrays)
    with pytest.raises(ValueError, match=f"{names[0]} must have an axis"):
        function(*scalars)
    if labelled:
        for shape in ((), (1,), (4,), (5, 1), (5, 3), (1, 5)):
            with pytest.raises(ValueError, match=r"y_true must have shape \(5,\)"):
                function(np.ones(shape), *arrays[1:])


def with_label(name, vectors, label=1):
    """The arrays of a call of one sample or more."""
    if name != "cosine_embedding_loss":
        return vectors
    return np.full(np.shape(vectors[0])[:-1], label), *vectors[:2]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("cosine_embedding_loss", (36_000, 128)),
        ("triplet_margin_loss", (36_000, 128)),
        ("triplet_margin_loss", (1_400_123, 3)),
        ("triplet_margin_loss", (4200, 1003)),
    ],
)
def test_vectors_written_past_the_caches(name, shape):
    """Gradients so large that they are streamed, in bursts of rows, are those of the parts."""
    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=shape).astype(np.float32) for _ in range(3)]
    arrays = with_label(name, vectors, -1)
    loss = get_loss(name, reduction="sum")
    # At no multiple of a cache line.
    outs = tuple(np.full(vectors[0].size + 3, 7, np.float32) for _ in loss._outputs)
    given = tuple(out[1:-2].reshape(shape) for out in outs)
    loss.gradient(*arrays, gradient_out=given)
    for out in outs:
        assert_array_equal(out[[0, -2, -1]], 7)
    step = shape[0] // 7
    for start in range(0, shape[0], step):
        part = slice(start, start + step)
        expected = loss.gradient(*(a[part] for a in arrays))
        for a, b in zip(given, expected, strict=True):
            assert_array_equal(a[part], b)
    strided = tuple(np.empty((*shape[:-1], shape[-1] + 1), np.float32)[..., 1:] for _ in given)
    for a, b in zip(loss.gradient(*arrays, gradient_out=strided), given, strict=True):
        assert_array_equal(a, b)


DISTANCES = [
    *(("triplet_margin_loss", {"p": p, "eps": 0.0}) for p in (1, 1.5, 2, 3, 40.0, np.inf)),
    *(
        ("triplet_margin_with_distance_loss", {"distance": d})
        for d in ("euclidean", "cosine", "manhattan", "chebyshev", "sqeuclidean")
    ),
    ("cosine_embedding_loss", {}),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("dim", [1, 3, 100])
@pytest.mark.parametrize("size", [0.0, 1.0])
@pytest.mark.parametrize(("name", "params"), DISTANCES)
def test_equal_vectors_have_a_finite_gradient(name, params, size, dim, dtype):
    x = np.full((20, dim), size, dtype)
    for swap in (False, True):
        if name != "cosine_embedding_loss":
            params = {**params, "swap": swap}
        for label in (1, -1):
            loss = get_loss(name, **params)
            value, gradients = loss.value_and_gradient(*with_label(name, (x, x, x), label))
            assert math.isfinite(value)
            for gradient in gradients:
                assert np.isfinite(gradient).all()
                if "cosine" not in (name[:6], params.get("distance")) and params.get("eps") == 0:
                    assert not gradient.any()


@pytest.mark.parametrize("dim", [2, 70])
@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 1e200), (np.float32, 1e30)])
@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize(("name", "params"), DISTANCES)
def test_vectors_whose_squares_are_beyond_the_dtype(name, params, dtype, size, dim, inverse):
    """Lengths scale: distances with them, gradients not at all, or against them for cosines."""
    angular = "cosine" in (name[:6], params.get("distance"))
    if params.get("distance") == "sqeuclidean":
        pytest.skip("the squares are the loss")
    size = 1 / size if inverse else size
    if inverse and (angular or params.get("distance") == "euclidean"):
        pytest.skip("eps is larger")
    vectors = np.random.default_rng(0).normal(size=(3, 20, dim)).astype(dtype)
    results = []
    # Beside 2^40 an eps is nothing either.
    for exponent, kind in ((40, float), (int(np.log2(size)), dtype)):
        scaled = [np.ldexp(v.astype(kind), exponent) for v in vectors]
        margin = {"margin": 0.5 if angular else np.ldexp(0.5, exponent)}
        value, gradients = getattr(sklosses, name)(
            *with_label(name, scaled),
            reduction="none",
            return_gradient=True,
            **params,
            **(margin if "triplet" in name else {}),
        )
        results.append(np.ldexp(value.astype(float), 0 if angular else -exponent))
        for gradient in gradients:
            results.append(np.ldexp(gradient.astype(float), exponent if angular else 0))
    rtol = 1e-6 if dtype == np.float32 else 1e-13
    half = len(results) // 2
    for actual, expected in zip(results[half:], results[:half], strict=True):
        assert_allclose(actual, expected, rtol=rtol, atol=rtol)


def test_the_order_of_a_distance_may_be_any():
    """From 1 on and to infinity, where powers of the components alone would overflow."""
    rng = np.random.default_rng(0)
    anchor, positive, negative = rng.normal(scale=100, size=(3, 50, 6))
    for p, limit in ((1 + 1e-9, 1), (1e6, np.inf)):
        own, other = (
            sklosses.triplet_margin_loss(
                anchor, positive, negative, p=order, return_gradient=True, reduction="none"
            )
            for order in (p, limit)
        )
        assert_allclose(own[0], other[0], rtol=1e-4, atol=1e-4)
        for a, b in zip(own[1], other[1], strict=True):
            assert_allclose(a, b, atol=1e-4)


def test_slopes_at_the_kinks_are_pytorch_s():
    loss = sklosses.HingeEmbeddingLoss(margin=1.0, reduction="none")
    assert_array_equal(loss.gradient([-1, -1, 1], [1.0, np.nextafter(1, 2), 1.0]), [-1, 0, 1])
    ranking = sklosses.MarginRankingLoss(reduction="none")
    first, second = ranking.gradient([1, -1, 1], [2.0, 2.0, 2.0], [2.0, 2.0, 1.0])
    assert_array_equal(first, [-1, 1, 0])
    assert_array_equal(second, [1, -1, 0])
