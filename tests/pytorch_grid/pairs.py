"""PyTorch's losses for pairs and triplets of vectors, distances or scores."""

import numpy as np

from ._base import Row
from ._shared import (
    function,
    inner,
    places,
    real,
    reduced,
    signs,
    size_of_distances,
    vectors,
    weighted,
)


def signs_and_vectors(rng, shape, kind):
    """Labels -1 and 1, and two vectors for each."""
    return np.where(rng.random(shape[:-1]) < 0.5, 1, -1), *vectors(rng, shape, kind, 2)


def marked_vectors(rng, shape, kind):
    """The same with labels 0 and 1."""
    labels, *arrays = signs_and_vectors(rng, shape, kind)
    return (labels + 1) // 2, *arrays


def cosine_embedding(torch, y_true, x1, x2, reduction, weight=None, **params):
    """PyTorch's own."""
    loss = torch.nn.functional.cosine_embedding_loss(
        x1, x2, y_true, reduction=inner(reduction, weight), **params
    )
    return weighted(loss, reduction, weight)


def contrastive(torch, y_true, x1, x2, reduction, weight=None, margin=1.0):
    """The definition, with PyTorch's distance."""
    d = torch.nn.functional.pairwise_distance(x1, x2, eps=0)
    lack = torch.clamp(margin - d, min=0)
    return reduced(torch.where(y_true == 1, d**2, lack**2) / 2, reduction, weight)


def triplet(torch, *vectors, reduction, weight=None, **params):
    """PyTorch's own."""
    loss = torch.nn.functional.triplet_margin_loss(
        *vectors, reduction=inner(reduction, weight), **params
    )
    return weighted(loss, reduction, weight)


def distance_functions(torch):
    """What PyTorch users write for the distances of sklosses; None is PyTorch's default."""
    norm = torch.linalg.vector_norm
    return {
        "euclidean": None,
        "cosine": lambda x, z: 1 - torch.nn.functional.cosine_similarity(x, z, dim=-1),
        "manhattan": lambda x, z: norm(x - z, 1, dim=-1),
        "chebyshev": lambda x, z: norm(x - z, float("inf"), dim=-1),
        "sqeuclidean": lambda x, z: ((x - z) ** 2).sum(dim=-1),
    }


def triplet_with_distance(torch, *vectors, reduction, weight=None, distance="euclidean", **params):
    """PyTorch's own."""
    loss = torch.nn.functional.triplet_margin_with_distance_loss(
        *vectors,
        distance_function=distance_functions(torch)[distance],
        reduction=inner(reduction, weight),
        **params,
    )
    return weighted(loss, reduction, weight)


def distances(rng, shape, kind):
    """Labels and distances; hard ones are at the kinks of the margins below."""
    d = np.asarray(rng.uniform(0, 4, shape))
    return signs(rng, shape), places(rng, d, [1, 1, 0.3, 0, 0, -1, 1e30]) if kind == "hard" else d


def scores(rng, shape, kind):
    """Two scores; hard ones are tied or differ by the margins below."""
    y_true, (x1, x2) = signs(rng, shape), real(rng, shape, "plain")
    if kind == "hard":
        x1 = np.where(rng.random(shape) < 0.7, 0.0, x1)
        x2 = x1 - places(rng, x1 - x2, [0, 0, 0, 0.3, -0.3, 2, -2, 1e30])
    return y_true, x1, x2


def margin_ranking(torch, y_true, x1, x2, reduction, weight=None, **params):
    """PyTorch's own."""
    loss = torch.nn.functional.margin_ranking_loss(
        x1, x2, y_true, reduction=inner(reduction, weight), **params
    )
    return weighted(loss, reduction, weight)


ROWS = {
    "hinge_embedding_loss": Row(
        function("hinge_embedding_loss"), distances, ({}, {"margin": 0.3}, {"margin": -1.0})
    ),
    "margin_ranking_loss": Row(
        margin_ranking,
        scores,
        ({}, {"margin": 0.3}, {"margin": -2.0}),
        differentiable=(1, 2),
    ),
    "cosine_embedding_loss": Row(
        cosine_embedding,
        signs_and_vectors,
        ({}, {"margin": 0.5}, {"margin": -0.25}),
        ((3,), (10, 4)),
        differentiable=(1, 2),
        # 1 - s, or s minus the margin.
        terms=lambda y_true, *vectors, **params: np.full(y_true.shape, 2.0),
    ),
    "pairwise_contrastive_loss": Row(
        contrastive,
        marked_vectors,
        ({}, {"margin": 2.5}),
        ((3,), (10, 4)),
        differentiable=(1, 2),
        terms=lambda y_true, x1, x2, margin=1.0: margin**2 + ((x1 - x2) ** 2).sum(axis=-1),
    ),
    "triplet_margin_loss": Row(
        triplet,
        vectors,
        tuple(
            {"p": p, "swap": swap, **others}
            for p in (1.0, 1.5, 2.0, 3.0, float("inf"))
            for swap, others in ((False, {}), (True, {"eps": 0.0, "margin": 0.5}), (True, {}))
        ),
        ((3,), (6, 3), (2, 3, 2)),
        differentiable=(0, 1, 2),
        terms=size_of_distances,
    ),
    "triplet_margin_with_distance_loss": Row(
        triplet_with_distance,
        vectors,
        tuple(
            {"distance": distance, "swap": swap, "margin": margin}
            # Cosines of integers are rounded: at a kink at 1 they could be on either side.
            for distance, margin in (
                ("euclidean", 1.0),
                ("cosine", 0.8),
                ("manhattan", 1.0),
                ("chebyshev", 1.0),
                ("sqeuclidean", 2.0),
            )
            for swap in (False, True)
        ),
        ((3,), (6, 3), (2, 3, 2)),
        differentiable=(0, 1, 2),
        terms=size_of_distances,
    ),
}
