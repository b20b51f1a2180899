"""References of the losses in ``sklosses.losses.pairs``."""

import numpy as np

from ._base import WIDE, Data, Reference, last_axis
from ._shared import BAD_SIGNS, SIGNS, both_signs, huge_scores, norm, place, real, sign_targets


def minkowski(x, z, p=2.0, eps=1e-6):
    d = np.abs(x - z + eps)
    return d.max(axis=-1) if p == np.inf else (d**p).sum(axis=-1) ** (1 / WIDE(p))


def minkowski_terms(x, z, p=2.0, eps=1e-6):
    """The gradient's elements: (|x - z| / d)^(p - 1)."""
    if p in (1, np.inf):
        return np.ones(x.shape)
    d = minkowski(x, z, p, eps)[..., None]
    return (np.abs(x - z + eps) / np.where(d == 0, 1, d)) ** (WIDE(p) - 1)


def minkowski_scale(x, z, p=2.0, eps=1e-6):
    """Distance of a component from where another becomes the largest or it is 0 itself."""
    d = np.abs(x - z + eps)
    if p == np.inf:
        if d.shape[-1] == 1:
            return d
        two = np.sort(d, axis=-1)[..., -2:]
        gap = (two[..., 1:] - two[..., :1]) / 2
        return np.minimum(np.maximum(gap, 0), two[..., 1:]) + 0 * d
    return minkowski(x, z, p, eps)[..., None] + 0 * d if p == 2 else d


def cosine_similarity(x, z):
    return (x * z).sum(axis=-1) / np.maximum(norm(x), 1e-8) / np.maximum(norm(z), 1e-8)


def unit_terms(x, z, eps=1e-8):
    """Terms of the gradient of the cosine with respect to x: z / (|x| |z|) and x s / |x|^2."""
    length, other = (np.maximum(norm(v), eps)[..., None] for v in (x, z))
    return (np.abs(z) / other + np.abs(x) / length) / length


# For each distance its definition, the terms of its gradient with respect to the first vector,
# and the length over which it is smooth.
DISTANCES = {
    "euclidean": (minkowski, minkowski_terms, minkowski_scale),
    "cosine": (
        lambda x, z: 1 - cosine_similarity(x, z),
        unit_terms,
        # For a vector shorter than 1e-8, PyTorch's derivative is not that of the definition.
        lambda x, z: np.where(norm(x) > 1e-7, norm(x), 0)[..., None] + 0 * x,
    ),
    "manhattan": tuple(
        lambda x, z, f=f: f(x, z, 1.0, 0.0) for f in (minkowski, minkowski_terms, minkowski_scale)
    ),
    "chebyshev": tuple(
        lambda x, z, f=f: f(x, z, np.inf, 0.0)
        for f in (minkowski, minkowski_terms, minkowski_scale)
    ),
    "sqeuclidean": (
        lambda x, z: ((x - z) ** 2).sum(axis=-1),
        lambda x, z: 2 * np.abs(x - z),
        lambda x, z: np.maximum(norm(x - z)[..., None], 1e-3) + 0 * x,
    ),
}


def distances_of(distance="euclidean", p=None, eps=None, **others):
    """Definition, terms and scale of the distance that these parameters of a loss mean."""
    if p is None and eps is None:
        return DISTANCES[distance]
    given = {"p": 2.0 if p is None else p, "eps": 1e-6 if eps is None else eps}
    return tuple(
        lambda x, z, f=f: f(x, z, **given) for f in (minkowski, minkowski_terms, minkowski_scale)
    )


def triplet_parts(anchor, positive, negative, margin=1.0, swap=False, **params):
    """The hinge before it is cut off at 0, and the distances that it is made of."""
    d = distances_of(**params)[0]
    near, far = d(anchor, positive), d(anchor, negative)
    other = d(positive, negative) if swap else far
    return margin + near - np.minimum(far, other), near, far, other


def triplet(anchor, positive, negative, **params):
    return np.maximum(triplet_parts(anchor, positive, negative, **params)[0], 0)


def triplet_value_terms(anchor, positive, negative, margin=1.0, **params):
    _, near, far, other = triplet_parts(anchor, positive, negative, margin, **params)
    return margin + near + np.minimum(far, other)


def triplet_terms(anchor, positive, negative, margin=1.0, swap=False, **params):
    terms = distances_of(**params)[1]
    a, p, n = anchor, positive, negative
    by_a = terms(a, p) + terms(a, n)
    by_p, by_n = terms(p, a), terms(n, a)
    if swap:
        by_p, by_n = by_p + terms(p, n), by_n + terms(n, p)
    return by_a, by_p, by_n


def triplet_scale(anchor, positive, negative, margin=1.0, swap=False, **params):
    scale = distances_of(**params)[2]
    hinge, near, far, other = triplet_parts(
        anchor, positive, negative, margin=margin, swap=swap, **params
    )
    # How far a vector moves while a distance changes by 1: not 1 for squares and for angles.
    reach = 1.0
    if params.get("distance") == "sqeuclidean":
        reach = 1 / (2 * np.sqrt(np.maximum.reduce([near, far, other])) + 1e-3)
    elif params.get("distance") == "cosine":
        reach = np.minimum.reduce([norm(v) for v in (anchor, positive, negative)])
    gap = np.abs(hinge) if not swap else np.minimum(np.abs(hinge), np.abs(far - other))
    gap = (gap * reach / 4)[..., None]
    a, p, n = anchor, positive, negative
    pairs = [(a, p), (p, a), (a, n), (n, a)] + ([(p, n), (n, p)] if swap else [])
    return np.minimum.reduce([gap + 0 * a, *(scale(x, z) for x, z in pairs)])


def vectors_of(scales):
    """Vectors around common centres, as those of a training set are."""

    def make(rng, shape, dtype, params):
        base = rng.normal(size=shape)
        return tuple((base + scale * rng.normal(size=shape)).astype(dtype) for scale in scales)

    return make


triplets = vectors_of((0.8, 0.8, 1.2))


def hard_rows(rng, arrays, dtype):
    """Overwrite rows with vectors whose distances, angles or lengths are special."""
    n_rows, dim = arrays[0].reshape(-1, arrays[0].shape[-1]).shape
    rows = [array.reshape(n_rows, dim) for array in arrays]
    huge = float(np.finfo(dtype).max) ** 0.5 * 1e2
    for i in range(n_rows):
        x = rng.integers(-3, 4, dim).astype(dtype)
        one = np.eye(1, dim, i % dim, dtype=dtype)[0]
        special = (
            None,
            (x, x, x),  # no distance at all
            (x, x, x + one),  # a positive at distance 0; a negative at the margin
            (0 * x, one, -one),  # zero and opposite vectors; a tie
            (x, x + one, x - one),
            (one, 2 * one, 3 * one),  # parallel; the swap's distance is the smaller
            (x + one, x - one, x + 2 * one),
            (one * dtype(huge), one * dtype(-huge), x),
            (one * dtype(1 / huge), 0 * x, one * dtype(3 / huge)),
        )[i % 9]
        if special is not None:
            # A fourth vector equals the first.
            for array, row in zip(rows, (*special, special[0]), strict=False):
                array[i] = row
    return tuple(row.reshape(array.shape) for row, array in zip(rows, arrays, strict=True))


def hard_triplets(rng, shape, dtype, params):
    arrays = hard_rows(rng, triplets(rng, shape, dtype, params), np.dtype(dtype).type)
    if params.get("distance") == "sqeuclidean":
        # The loss is made of squares, and has to be finite in the dtype.
        top = float(np.finfo(dtype).max) ** 0.5 / 1e4
        arrays = tuple(np.clip(array, -top, top) for array in arrays)
    return arrays


def embeddings(rng, shape, dtype, params):
    x1, x2 = vectors_of((0.5, 0.8))(rng, shape, dtype, params)
    return np.where(rng.random(shape[:-1]) < 0.5, 1, -1), x1, x2


def hard_embeddings(rng, shape, dtype, params):
    y_true, x1, x2 = embeddings(rng, shape, dtype, params)
    return y_true, *hard_rows(rng, (x1, x2), np.dtype(dtype).type)


def embedding_cosine(x1, x2):
    # PyTorch's 1e-12 is a float32.
    a, b = ((x**2).sum(axis=-1) + np.float32(1e-12) for x in (x1, x2))
    return (x1 * x2).sum(axis=-1) / np.sqrt(a) / np.sqrt(b)


def cosine_embedding(y_true, x1, x2, margin=0.0):
    s = embedding_cosine(x1, x2)
    return np.where(y_true == 1, 1 - s, np.maximum(0, s - margin))


def cosine_embedding_value_terms(y_true, x1, x2, margin=0.0):
    return np.where(y_true == 1, 2, 1 + abs(margin))


def cosine_embedding_terms(y_true, x1, x2, margin=0.0):
    return unit_terms(x1, x2, 1e-6), unit_terms(x2, x1, 1e-6)


def cosine_embedding_scale(y_true, x1, x2, margin=0.0):
    gap = np.where(y_true == 1, 1, np.abs(embedding_cosine(x1, x2) - margin) / 4)[..., None]
    return tuple(gap * np.sqrt(norm(x) ** 2 + 1e-12)[..., None] + 0 * x for x in (x1, x2))


def pairs_of_vectors(rng, shape, dtype, params):
    y_true, x1, x2 = embeddings(rng, shape, dtype, params)
    return (y_true + 1) // 2, x1, x2


def hard_pairs_of_vectors(rng, shape, dtype, params):
    y_true, x1, x2 = hard_embeddings(rng, shape, dtype, params)
    # The loss is made of squares, and has to be finite in the dtype.
    top = float(np.finfo(dtype).max) ** 0.5 / 1e4
    return (y_true + 1) // 2, np.clip(x1, -top, top), np.clip(x2, -top, top)


def pairwise_contrastive(y_true, x1, x2, margin=1.0):
    d = norm(x1 - x2)
    return np.where(y_true == 1, d, np.maximum(0, margin - d)) ** 2 / 2


def pairwise_contrastive_value_terms(y_true, x1, x2, margin=1.0):
    """The margin minus the distance has the rounding errors of both."""
    d = norm(x1 - x2)
    lack = np.maximum(0, margin - d)
    return np.where(y_true == 1, d**2 / 2, lack * (margin + d) + 1e-16 * (margin + d) ** 2)


def pairwise_contrastive_terms(y_true, x1, x2, margin=1.0):
    d = norm(x1 - x2)[..., None]
    unit = np.abs(x1 - x2) / np.where(d, d, 1)
    terms = unit * np.where(np.expand_dims(y_true, -1) == 1, d, np.where(d < margin, margin + d, 0))
    return terms, terms


def pairwise_contrastive_scale(y_true, x1, x2, margin=1.0):
    """The slope has a kink at the margin, and the distance at 0."""
    d = norm(x1 - x2)
    reach = np.where(y_true == 1, 1 + d, np.minimum(d, np.abs(margin - d)))[..., None]
    return reach + 0 * x1, reach + 0 * x2


VECTOR_SHAPES = ((3,), (1, 2), (5, 3), (2, 3, 4), (18, 2), (3, 67))


# Vectors of one component are all parallel: there is nothing smooth about them.
HARD_VECTOR_SHAPES = (*VECTOR_SHAPES, (1, 1), (9, 1))


VECTOR_LARGE = ((700, 10), (960, 3), (33, 63), (300, 64), (17, 100), (20, 1000), (2, 20_000))


VECTOR_LARGE += ((2, 40, 100), (5500, 3), (70,))


def vector_data(plain, hard, params, bad=(), **more):
    return {
        "plain": Data(plain, params, VECTOR_SHAPES, VECTOR_LARGE, (40_000, 3), bad, **more),
        "hard": Data(hard, params, HARD_VECTOR_SHAPES, VECTOR_LARGE, (40_000, 3), **more),
    }


def same_kind(rng, shapes):
    """Vectors of zeros and ones, all of the same kind."""
    return [np.ones(shapes[0], int), *(rng.integers(0, 2, shape) for shape in shapes[1:])]


def many_of_same_kind(rng):
    return [np.ones(1_000_000), *rng.random((2, 1_000_000, 5))]


TRIPLET_PARAMS = (
    {},
    {"swap": True},
    {"margin": 0.3, "p": 1},
    {"p": np.inf, "swap": True},
    {"p": 3.0, "eps": 0.0},
    {"p": 1.5, "swap": True, "eps": 0},
    {"eps": 0.0, "swap": True},
    {"p": 1.0, "eps": 0.0, "swap": True, "margin": 2},
    {"p": np.inf, "eps": 0.0},
)


DISTANCE_PARAMS = (
    {},
    {"distance": "cosine", "margin": 0.5},
    {"distance": "manhattan", "swap": True},
    {"distance": "chebyshev", "swap": True, "margin": 0.1},
    {"distance": "sqeuclidean"},
    {"distance": "cosine", "swap": True},
    {"distance": "sqeuclidean", "swap": True, "margin": 3},
)


COSINE_PARAMS = ({}, {"margin": 0.5}, {"margin": -1})


MARGINS = tuple(("margin", value) for value in (0, -1.0, np.nan, np.inf, None, "1"))


def distances(rng, shape, dtype, params):
    return sign_targets(rng, shape, dtype), np.asarray(rng.uniform(0, 4, shape)).astype(dtype)


def hard_distances(rng, shape, dtype, params):
    """At and beside the kink; far; negative."""
    margin = params.get("margin", 1.0)
    y_true, d = distances(rng, shape, dtype, params)
    kinks = [margin, margin, np.nextafter(dtype(margin), dtype(9)), 0.0, -0.0]
    return y_true, place(rng, [*kinks, -1.0, 1e30, -1e30, 1e-30], d)


def hinge_embedding(y_true, y_pred, margin=1.0):
    return np.where(y_true == 1, y_pred, np.maximum(margin - y_pred, 0))


def hinge_embedding_scale(y_true, y_pred, margin=1.0):
    return np.where(y_true == 1, 1, np.abs(margin - y_pred))


def two_scores(rng, shape, dtype, params):
    x1, x2 = real(rng, shape, dtype, params)
    return sign_targets(rng, shape, dtype), x1, x2


def hard_scores(rng, shape, dtype, params):
    """Ties, differences of the margin, far differences."""
    margin = params.get("margin", 0.0)
    y_true, x1, x2 = two_scores(rng, shape, dtype, params)
    x1 = np.where(rng.random(shape) < 0.5, 0, x1).astype(dtype)
    steps = both_signs(margin, 0.0, 0.0, 1e-9, 1e30)
    return y_true, x1, (x1 - place(rng, steps, x1 - x2)).astype(dtype)


def margin_ranking(y_true, x1, x2, margin=0.0):
    return np.maximum(margin - y_true * (x1 - x2), 0)


def margin_ranking_scale(y_true, x1, x2, margin=0.0):
    distance = np.abs(margin - y_true * (x1 - x2))
    # What float64 rounds to 0 counts as 0.
    distance = np.where(distance > 1e-9 * (np.abs(x1) + np.abs(x2)), distance, 0)
    return distance, distance


def margin_ranking_size(y_true, x1, x2, margin=0.0):
    return np.abs(margin) + np.abs(x1 - x2)


def hinge_embedding_size(y_true, y_pred, margin=1.0):
    return np.abs(margin) + np.abs(y_pred)


# Exact in float32, so that what is at the kink there is at the kink in float64.
KINKS = ({}, {"margin": 0.25}, {"margin": -2.0}, {"margin": 50})


BAD_MARGINS = (("margin", None), ("margin", np.nan), ("margin", np.inf), ("margin", "1"))


REFERENCES = (
    Reference(
        "cosine_embedding_loss",
        cosine_embedding,
        vector_data(
            embeddings,
            hard_embeddings,
            COSINE_PARAMS,
            (("y_true", 0), ("y_true", 0.5), ("y_true", 255), ("y_true", -2)),
            zeros_and_ones=same_kind,
            huge=many_of_same_kind,
        ),
        reduced=last_axis,
        value_terms=cosine_embedding_value_terms,
        scale=cosine_embedding_scale,
        terms=cosine_embedding_terms,
        invalid=tuple(("margin", value) for value in (np.nan, np.inf, None, "1")),
        others={"margin": -0.5},
    ),
    Reference(
        "pairwise_contrastive_loss",
        pairwise_contrastive,
        vector_data(
            pairs_of_vectors,
            hard_pairs_of_vectors,
            ({}, {"margin": 0}, {"margin": 2.5}),
            (("y_true", -1), ("y_true", 0.5), ("y_true", 255), ("y_true", 2)),
            zeros_and_ones=same_kind,
            huge=many_of_same_kind,
        ),
        reduced=last_axis,
        value_terms=pairwise_contrastive_value_terms,
        scale=pairwise_contrastive_scale,
        terms=pairwise_contrastive_terms,
        invalid=MARGINS[1:],
        others={"margin": 0.5},
    ),
    *(
        Reference(
            name,
            triplet,
            vector_data(triplets, hard_triplets, params),
            reduced=last_axis,
            value_terms=triplet_value_terms,
            scale=triplet_scale,
            terms=triplet_terms,
            invalid=(*MARGINS, ("swap", 2), ("swap", None), *invalid),
            others={"margin": 0.25, "swap": True, **others},
        )
        for name, params, others, invalid in (
            (
                "triplet_margin_loss",
                TRIPLET_PARAMS,
                {"p": 1.5, "eps": 0.1},
                (("p", 0.5), ("p", 0), ("p", np.nan), ("p", None), ("eps", -1), ("eps", np.inf)),
            ),
            (
                "triplet_margin_with_distance_loss",
                DISTANCE_PARAMS,
                {"distance": "manhattan"},
                (("distance", "minkowski"), ("distance", None), ("distance", np.linalg.norm)),
            ),
        )
    ),
    Reference(
        "hinge_embedding_loss",
        hinge_embedding,
        {
            "plain": Data(distances, KINKS, bad=BAD_SIGNS, **SIGNS),
            "hard": Data(hard_distances, KINKS, **SIGNS),
        },
        scale=hinge_embedding_scale,
        value_terms=hinge_embedding_size,
        invalid=BAD_MARGINS,
        others={"margin": 2.0},
    ),
    Reference(
        "margin_ranking_loss",
        margin_ranking,
        {
            "plain": Data(two_scores, KINKS, bad=BAD_SIGNS, **SIGNS | {"huge": huge_scores(2)}),
            "hard": Data(hard_scores, KINKS, **SIGNS),
        },
        scale=margin_ranking_scale,
        value_terms=margin_ranking_size,
        invalid=BAD_MARGINS,
        others={"margin": 2.0},
    ),
)
