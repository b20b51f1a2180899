"""References of the losses in ``sklosses.losses.contrastive``."""

import numpy as np

from ._base import Data, Reference, all_axes
from ._shared import sigmoid, softplus

# All the pairs at once, as (n, n) arrays: rows are anchors. `slopes` are the sizes of the terms
# of the derivatives of the anchors' losses with respect to the similarities.


def log_sum(e, mask):
    """log of the sum of exp(e) over the columns where `mask` holds; -inf where there are none."""
    top = np.max(np.where(mask, e, -np.inf), axis=1, keepdims=True)
    top = np.where(np.isinf(top), 0, top)
    with np.errstate(divide="ignore"):
        return (top + np.log(np.where(mask, np.exp(e - top), 0).sum(axis=1, keepdims=True)))[:, 0]


def exp_of(e, mask):
    return np.where(mask, np.exp(np.where(mask, e, 0)), 0)


def directions(x):
    """Unit vectors and norms; those of a zero vector are zero."""
    top = np.abs(x).max(axis=1, keepdims=True)
    top = np.where(top > 0, top, 1)
    norm = np.sqrt(((x / top) ** 2).sum(axis=1, keepdims=True))
    return x / top / np.where(norm > 0, norm, 1), (top * norm)[:, 0]


def masks(y_true):
    """Positives and negatives of each row."""
    same = y_true[:, None] == y_true[None, :]
    return same & ~np.eye(len(y_true), dtype=bool), ~same


def sup_con(s, positive, negative, temperature=0.07):
    e = s / temperature
    count = positive.sum(axis=1)
    lse = log_sum(e, positive | negative)
    mean = np.where(positive, e, 0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, lse - mean, 0)


def sup_con_slopes(s, positive, negative, temperature=0.07):
    e = s / temperature
    count = positive.sum(axis=1)
    counts = (count > 0)[:, None]
    p = exp_of(e - np.where(counts[:, 0], log_sum(e, positive | negative), 0)[:, None], s == s)
    p = p * (positive | negative)
    return counts * (p + positive / np.maximum(count, 1)[:, None]) / temperature


def nt_xent(s, positive, negative, temperature=0.07):
    e = s / temperature
    u = log_sum(e, negative)[:, None] - e
    return softplus(u[positive])


def nt_xent_slopes(s, positive, negative, temperature=0.07):
    e = s / temperature
    ln = log_sum(e, negative)
    has = negative.any(axis=1)
    u = np.where(has, ln, 0)[:, None] - e
    pulls = np.where(positive & has[:, None], sigmoid(u), 0)
    p = exp_of(e - np.where(has, ln, 0)[:, None], negative)
    return (pulls + p * pulls.sum(axis=1, keepdims=True)) / temperature


def multi_similarity(s, positive, negative, alpha=2.0, beta=50.0, base=0.5):
    pull = softplus(log_sum(-alpha * (s - base), positive)) / alpha
    return pull + softplus(log_sum(beta * (s - base), negative)) / beta


def multi_similarity_slopes(s, positive, negative, alpha=2.0, beta=50.0, base=0.5):
    result = 0
    for k, mask in ((-alpha, positive), (beta, negative)):
        e = k * (s - base)
        result = result + exp_of(e - softplus(log_sum(e, mask))[:, None], mask)
    return result


def circle_parts(s, margin, gamma):
    """alpha and exponents of positives and negatives."""
    a_p, a_n = np.maximum(0, 1 + margin - s), np.maximum(0, s + margin)
    return a_p, -gamma * a_p * (s - 1 + margin), a_n, gamma * a_n * (s - margin)


def circle(s, positive, negative, margin=0.4, gamma=80.0):
    _, e_p, _, e_n = circle_parts(s, margin, gamma)
    both = positive.any(axis=1) & negative.any(axis=1)
    u = log_sum(e_p, positive) + log_sum(e_n, negative)
    return np.where(both, softplus(np.where(both, u, 0)), 0)


def circle_derivatives(s, positive, negative, margin=0.4, gamma=80.0):
    """With respect to the similarities, with alpha held constant."""
    a_p, e_p, a_n, e_n = circle_parts(s, margin, gamma)
    both = positive.any(axis=1) & negative.any(axis=1)
    l_p, l_n = (np.where(both, log_sum(e, m), 0) for e, m in ((e_p, positive), (e_n, negative)))
    pull = gamma * (np.where(both, sigmoid(l_p + l_n), 0))[:, None]
    return pull * (
        a_n * exp_of(e_n - l_n[:, None], negative) - a_p * exp_of(e_p - l_p[:, None], positive)
    )


def circle_gradient(y_true, embeddings, **params):
    """Through the normalisation, for which each row's gradient is tangential."""
    x, norm = directions(embeddings)
    w = circle_derivatives(x @ x.T, *masks(y_true), **params)
    g = (w + w.T) @ x
    g = g - (g * x).sum(axis=1, keepdims=True) * x
    return np.where(norm > 0, 1, 0)[:, None] * g / np.where(norm > 0, norm, 1)[:, None]


def circle_slopes(*args, gamma=80.0, **params):
    # The derivatives are those of exponents that themselves are off by some ULP of gamma.
    return np.abs(circle_derivatives(*args, gamma=gamma, **params)) * (1 + gamma / 100)


def by_cosine(losses):
    """A loss of labelled rows, made from a loss of their similarities."""

    def unreduced(y_true, embeddings, **params):
        x, _ = directions(embeddings)
        return losses(x @ x.T, *masks(y_true), **params)

    return unreduced


def cosine_terms(slopes):
    """Terms of the gradient: each similarity adds a unit vector over the length of the row."""

    def terms(y_true, embeddings, **params):
        x, norm = directions(embeddings)
        w = np.abs(slopes(x @ x.T, *masks(y_true), **params))
        return over_length(w.sum(axis=1) + w.sum(axis=0), norm, embeddings.shape)

    return terms


def over_length(total, norm, shape):
    per_row = np.where(norm > 0, 2 * total / np.where(norm > 0, norm, 1), 0)
    return np.broadcast_to(per_row[:, None], shape)


def exponent_size(y_true, embeddings, temperature=0.07, alpha=0.0, beta=0.0, gamma=0.0, **params):
    """The largest exponents, and the logarithm of their number."""
    steepness = max(1 / temperature if not (alpha or beta or gamma) else 0, alpha, beta, gamma)
    return np.full(1, 2 * steepness + np.log(len(y_true)) + 1)


def anchors_of(size):
    def terms(y_true, embeddings, **params):
        return np.full(len(y_true), size(y_true, embeddings, **params)[0])

    return terms


def pairs_of(size):
    def terms(y_true, embeddings, **params):
        n = int(masks(y_true)[0].sum())
        return np.full(n, size(y_true, embeddings, **params)[0])

    return terms


def multi_similarity_size(y_true, embeddings, alpha=2.0, beta=50.0, base=0.5):
    return np.full(1, 4 + 2 * abs(base) + (1 + np.log(len(y_true))) * (1 / alpha + 1 / beta))


def circle_size(y_true, embeddings, margin=0.4, gamma=80.0):
    return np.full(1, 8 * gamma + 2 * np.log(len(y_true)))


def cosine_scale(steepness):
    """The length over which the exponents change, of rows that have a direction."""

    def scale(y_true, embeddings, **params):
        _, norm = directions(embeddings)
        unit = np.minimum(1, 1 / steepness(**params)) / 4
        return np.broadcast_to((norm * unit)[:, None], embeddings.shape)

    return scale


def counted_positive(arrays, shape, **params):
    return masks(arrays[0])[0].any(axis=1) * 1.0


def counted_both(arrays, shape, **params):
    positive, negative = masks(arrays[0])
    return (positive.any(axis=1) & negative.any(axis=1)) * 1.0


def batch_rows(rng, shape, dtype, params):
    """Labels, each of several rows, beside embeddings."""
    n = shape[0]
    y_true = rng.integers(0, max(n // 3, 1), n) * 3 - 1
    # The first two are a pair and the third is of another class, so that no mean is empty.
    y_true[:2], y_true[2:3] = 5, 2
    return y_true, rng.normal(size=shape).astype(dtype)


def hard_batch_rows(rng, shape, dtype, params):
    """Near and exact duplicates, lengths far from 1, a row of zeros, classes of one."""
    y_true, x = batch_rows(rng, shape, dtype, params)
    n = len(x)
    if n > 4:
        x[1] = x[0] * (1 + 1e-5) + 1e-6 * rng.normal(size=shape[1])
        x[3] = x[2]
        x[4] *= 1e3
        y_true[-1] = 1000
    if n > 6:
        x[5] = 0
        x[6] *= 1e-3
    return y_true, x


def huge_batch(rng):
    n, d = 40, 130_000
    return [rng.integers(0, 10, n).astype(float), rng.normal(size=(n, d))]


def binary_batch(rng, shapes):
    """Labels 0 and 1 in turn, beside rows of 0 and 1."""
    y_true = np.arange(shapes[0][0]) % 2
    return [y_true, *(rng.integers(0, 2, shape) for shape in shapes[1:])]


BATCH_SHAPES = ((3, 1), (4, 3), (6, 3), (17, 4))


BATCH_LARGE = ((150, 5), (300, 7), (400, 3))


BATCH_THREADED = (400, 300)


def batch_data(params, kinds=("plain", "hard"), shapes=BATCH_SHAPES):
    return {
        kind: Data(
            hard_batch_rows if "hard" in kind else batch_rows,
            params,
            shapes,
            BATCH_LARGE,
            BATCH_THREADED,
            zeros_and_ones=binary_batch,
            huge=huge_batch,
        )
        for kind in kinds
    }


TEMPERATURE_INVALID = tuple(("temperature", v) for v in (0, -1.0, np.nan, np.inf, None, "1"))


MARGIN_INVALID = tuple(("margin", v) for v in (np.nan, np.inf, None, "1"))


def batch(name, losses, slopes, size, steepness, params, **keywords):
    """The reference of a loss of the cosines of labelled rows."""
    defaults = {
        "value_terms": anchors_of(size),
        "terms": cosine_terms(slopes),
        "scale": cosine_scale(steepness),
        "reduced": all_axes,
        "coupled": True,
        "copies": 2,
    }
    return Reference(name, by_cosine(losses), batch_data(params), **{**defaults, **keywords})


def by_temperature(temperature=0.07):
    return 1 / temperature


TEMPERATURES = ({}, {"temperature": 0.5}, {"temperature": 0.01}, {"temperature": 3})


def pair_distances(x, distance="euclidean"):
    """For cosines 1 - s = |u - v|^2 / 2 with the unit vectors u and v, and 1 for a zero vector."""
    if distance == "cosine":
        x, norm = directions(x)
    squares = ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=-1)
    if distance == "cosine":
        return np.where((norm[:, None] > 0) & (norm[None, :] > 0), squares / 2, 1)
    return np.sqrt(squares) if distance == "euclidean" else squares


def batch_hard(y_true, embeddings, margin=0.3, soft=False, distance="euclidean"):
    d = pair_distances(embeddings, distance)
    positive, negative = masks(y_true)
    gap = np.where(positive, d, 0).max(axis=1) - np.where(negative, d, np.inf).min(axis=1)
    if soft:
        return np.where(negative.any(axis=1), softplus(gap), 0)
    return np.where(negative.any(axis=1), np.maximum(0, gap + margin), 0)


def batch_semi_hard(y_true, embeddings, margin=1.0, distance="euclidean"):
    d = pair_distances(embeddings, distance)
    positive, negative = masks(y_true)
    losses = []
    for i, p in np.argwhere(positive):
        others = d[i, negative[i]]
        if len(others) == 0:
            losses.append(0.0)
            continue
        farther = others[others > d[i, [p]]]
        chosen = farther.min() if len(farther) else others.max()
        losses.append(max(0.0, margin + d[i, p] - chosen))
    return np.array(losses, embeddings.dtype)


def batch_all(y_true, embeddings, margin=0.3, distance="euclidean"):
    d = pair_distances(embeddings, distance)
    positive, negative = masks(y_true)
    losses = []
    for i in range(len(d)):
        own, others = d[i, positive[i]], d[i, negative[i]]
        losses.append(np.maximum(0, margin + own[:, None] - others[None, :]).ravel())
    return np.concatenate(losses)


def with_a_loss(arrays, shape, **params):
    return (batch_all(arrays[0], np.asarray(arrays[1], np.longdouble), **params) > 0) * 1.0


def mined_scale(y_true, embeddings, margin=0.3, soft=False, distance="euclidean"):
    """Half the least change that makes another choice, or reaches a kink."""
    d = pair_distances(embeddings, distance)
    off = ~np.eye(len(d), dtype=bool)
    gaps = [
        np.abs(d[i, :, None] - d[i, None, :] + m)[off] for i in range(len(d)) for m in (0, margin)
    ]
    nearest = np.min(gaps) if len(d) > 1 else 1.0
    # How far a row moves while a distance changes by 1.
    reach = 1.0
    if distance == "sqeuclidean":
        reach = 1 / (2 * np.sqrt(d.max()) + 1)
    elif distance == "cosine":
        reach = directions(embeddings)[1][:, None]
    least = min(nearest, np.min(d[off], initial=1.0)) / 4
    return np.broadcast_to(least * reach, embeddings.shape)


def mined_value_terms(losses):
    def terms(y_true, embeddings, margin=0.3, distance="euclidean", **params):
        n = len(losses(y_true, embeddings, margin=margin, distance=distance, **params))
        return np.full(n, 2 * np.max(pair_distances(embeddings, distance)) + abs(margin))

    return terms


def mined_terms(count):
    """The gradients of two distances for each triplet that a row may be in."""

    def terms(y_true, embeddings, distance="euclidean", **params):
        n = len(embeddings)
        total = np.full(n, 2.0 * {"anchors": n, "pairs": n * n}[count])
        if distance == "cosine":
            return over_length(total, directions(embeddings)[1], embeddings.shape)
        if distance == "sqeuclidean":
            total = total * np.sqrt(np.max(pair_distances(embeddings, distance)))
        return np.broadcast_to(2 * total[:, None], embeddings.shape)

    return terms


def mined(name, losses, count, params, **keywords):
    defaults = {
        "scale": mined_scale,
        "value_terms": mined_value_terms(losses),
        "terms": mined_terms(count),
        "reduced": all_axes,
        "coupled": True,
        "copies": 2,
        **keywords,
        "invalid": (*MARGIN_INVALID, *DISTANCE_INVALID, *keywords.get("invalid", ())),
        "others": {"margin": 0.5, "distance": "cosine", **keywords.get("others", {})},
    }
    data = batch_data(params)
    for distance in ("sqeuclidean", "cosine"):
        # A number has no direction that could change.
        shapes = BATCH_SHAPES if distance != "cosine" else ((3, 2), *BATCH_SHAPES[1:])
        others = tuple({**more, "distance": distance} for more in params[:2])
        data |= batch_data(others, (distance, f"hard {distance}"), shapes)
    return Reference(name, losses, data, **defaults)


DISTANCE_INVALID = tuple(("distance", v) for v in ("manhattan", "l2", None, 2))


BATCH_MARGINS = ({}, {"margin": 2.0}, {"margin": -0.1}, {"margin": 0})


REFERENCES = (
    batch(
        "sup_con_loss",
        sup_con,
        sup_con_slopes,
        exponent_size,
        by_temperature,
        TEMPERATURES,
        counts=counted_positive,
        invalid=TEMPERATURE_INVALID,
        others={"temperature": 0.5},
    ),
    batch(
        "nt_xent_loss",
        nt_xent,
        nt_xent_slopes,
        exponent_size,
        by_temperature,
        TEMPERATURES,
        value_terms=pairs_of(exponent_size),
        invalid=TEMPERATURE_INVALID,
        others={"temperature": 0.5},
    ),
    batch(
        "multi_similarity_loss",
        multi_similarity,
        multi_similarity_slopes,
        multi_similarity_size,
        lambda alpha=2.0, beta=50.0, base=0.5: max(alpha, beta),
        ({}, {"alpha": 1.0, "beta": 8.0}, {"alpha": 40.0, "beta": 3.0, "base": -0.2}),
        invalid=(
            *((name, v) for name in ("alpha", "beta") for v in (0, -1.0, np.nan, np.inf, None)),
            *(("base", v) for v in (np.nan, np.inf, None)),
        ),
        others={"alpha": 1.0, "beta": 20.0, "base": 0.3},
    ),
    batch(
        "circle_loss",
        circle,
        circle_slopes,
        circle_size,
        lambda margin=0.4, gamma=80.0: gamma,
        ({}, {"margin": 0.25, "gamma": 256.0}, {"gamma": 2.0}, {"margin": -0.2, "gamma": 5.0}),
        counts=counted_both,
        gradient=circle_gradient,
        invalid=(*MARGIN_INVALID, *(("gamma", v) for v in (0, -1.0, np.nan, np.inf, None))),
        others={"margin": 0.2, "gamma": 10.0},
    ),
    mined(
        "batch_hard_triplet_loss",
        batch_hard,
        "anchors",
        ({}, {"soft": True}, *BATCH_MARGINS[1:]),
        invalid=(("soft", "yes"), ("soft", None)),
        others={"soft": True},
    ),
    mined("batch_semi_hard_triplet_loss", batch_semi_hard, "anchors", BATCH_MARGINS),
    mined("batch_all_triplet_loss", batch_all, "pairs", BATCH_MARGINS, counts=with_a_loss),
)
