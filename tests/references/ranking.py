"""References of the losses in ``sklosses.losses.ranking``."""

import numpy as np

from ._base import WIDE, Data, Reference
from ._shared import sigmoid, softplus

# All the pairs of a group at once, as (m, m) arrays: row i is compared with column j.


def by_group(function):
    """A loss of groups, in the order of their labels, from that of the rows of one group."""

    def unreduced(y_true, y_pred, groups, **params):
        losses = [
            function(y_true[groups == label], y_pred[groups == label], **params)
            if len(np.unique(y_true[groups == label])) > 1
            else y_pred.dtype.type(0)
            for label in np.unique(groups)
        ]
        return np.array(losses, y_pred.dtype)

    return unreduced


def by_row(function):
    """An array of the shape of the rows, from a function of the rows of each group."""

    def rows(y_true, y_pred, groups, **params):
        result = np.zeros(y_pred.shape, y_pred.dtype)
        for label in np.unique(groups):
            own = groups == label
            if len(np.unique(y_true[own])) > 1:
                result[own] = function(y_true[own], y_pred[own], **params)
        return result

    return rows


def higher(y):
    """Whether row i is more relevant than column j."""
    return y[:, None] > y[None, :]


def leads(s):
    return s[:, None] - s[None, :]


def ranknet(y, s):
    return softplus(-leads(s))[higher(y)].mean()


def pulls(s):
    return sigmoid(-leads(s))


def ranknet_terms(y, s):
    w = higher(y) * pulls(s)
    return (w.sum(axis=0) + w.sum(axis=1)) / higher(y).sum()


def discounts(s, k):
    """The discount of each row, by its rank; the first of equal scores is ahead."""
    rank = np.empty(len(s), int)
    rank[np.argsort(-s, kind="stable")] = np.arange(len(s))
    # Of a rank from 0 on: the paper counts from 1.
    discount = 1 / np.log2(rank.astype(WIDE) + 2)
    return discount if k is None else np.where(rank < k, discount, 0)


def best_dcg(gain, k):
    best = np.sort(gain)[::-1][:k]
    return (best / np.log2(np.arange(len(best)).astype(WIDE) + 2)).sum()


def ndcg_weights(y, s, k, combine):
    """|delta NDCG| of all pairs, or for the sizes of the terms that sum of discounts instead."""
    gain = WIDE(2) ** np.asarray(y, WIDE) - 1
    d = discounts(s, k)
    changes = (gain[:, None] - gain[None, :]) * np.abs(combine(d[:, None], d[None, :]))
    return np.where(higher(y), changes / best_dcg(gain, k), 0)


def lambdarank(y, s, k=None):
    return (ndcg_weights(y, s, k, np.subtract) * softplus(-leads(s))).sum()


def lambdarank_value_terms(y, s, k=None):
    return (ndcg_weights(y, s, k, np.add) * softplus(-leads(s))).sum()


def lambdarank_gradient(y, s, k=None):
    w = ndcg_weights(y, s, k, np.subtract) * pulls(s)
    return w.sum(axis=0) - w.sum(axis=1)


def lambdarank_terms(y, s, k=None):
    w = ndcg_weights(y, s, k, np.add) * pulls(s)
    return w.sum(axis=0) + w.sum(axis=1)


def gaps(y, s, k=None):
    """A part of the distance to the nearest other score, where ranks change."""
    distance = np.abs(leads(s)) + np.where(np.eye(len(s), dtype=bool), np.inf, 0)
    return np.minimum(distance.min(axis=1) / 4, 1)


def log_softmax(x):
    """Without the 1 of the largest in the sum, so that it does not lose the others."""
    top = x.argmax()
    x = x - x[top]
    return x - np.log1p(np.delete(np.exp(x), top).sum())


def listnet(y, s):
    q = np.exp(log_softmax(y.astype(s.dtype)))
    return -(q * log_softmax(s)).sum()


def listnet_terms(y, s):
    return np.exp(log_softmax(y.astype(s.dtype))) + np.exp(log_softmax(s))


def draws(y, s):
    """p[i, j]: the probability of row j at draw i, from the rows that are left."""
    order = np.argsort(-np.asarray(y, float), kind="stable")
    p = np.zeros((len(s), len(s)), s.dtype)
    for i in range(len(s)):
        p[i, order[i:]] = np.exp(log_softmax(s[order[i:]]))
    return order, p


def listmle(y, s):
    order = np.argsort(-np.asarray(y, float), kind="stable")
    losses = [-log_softmax(s[order[i:]])[0] for i in range(len(s))]
    return np.sum(losses)


def listmle_terms(y, s):
    return draws(y, s)[1].sum(axis=0) + 1


def listmle_hessian_terms(y, s):
    p = draws(y, s)[1]
    return (p + p * p).sum(axis=0)


def rows(rng, shape, dtype, params, grades=5):
    """Groups of a few rows, in no order, some of them of one row or of equal relevance."""
    n = shape[0]
    groups = rng.integers(0, max(n // 6, 1), n) * 3 - 1
    y_true = rng.integers(0, grades, n)
    y_true[groups == groups[0]] = rng.permutation(np.sum(groups == groups[0]))
    return y_true, rng.normal(scale=2, size=n).astype(dtype), groups


def numbers(rng, shape, dtype, params):
    """Relevances that are numbers, no two alike, and are ranked in groups of up to 40 rows."""
    n = shape[0]
    groups = -(np.arange(n) // 40)
    y_true = np.exp(rng.normal(size=n)).astype(dtype)
    return y_true, rng.normal(size=n).astype(dtype), groups


def far(rng, shape, dtype, params):
    """Scores and relevances that are far apart, as logits of softmaxes that are certain."""
    n = shape[0]
    groups = np.arange(n) % max(n // 7, 1)
    y_true = rng.permutation(n).astype(dtype) * 2
    s = rng.normal(size=n) * rng.choice([1e-3, 1, 40], n) + rng.choice([-300, 0, 500], n)
    return y_true, s.astype(dtype), groups


def ordered_rows(rng, shape, dtype, params):
    """As `rows`, but without ties, in which the order of the rows would matter."""
    _, s, groups = rows(rng, shape, dtype, params)
    return rng.permutation(shape[0]), s, groups


def huge_groups(rng):
    n = 4_200_000
    return [rng.integers(0, 5, n) * 1.0, rng.random(n), rng.integers(0, n // 10, n) * 1.0]


def two_grades(rng, shapes):
    """Two groups, of which long ones have few rows of a higher grade."""
    y_true, y_pred, groups = (rng.integers(0, 2, shape) for shape in shapes)
    y_true[min(len(y_true), 100) :] *= len(y_true) < 10_000
    return [y_true, y_pred, groups]


def n_groups(arrays):
    return len(np.unique(arrays[2]))


def data(arrays, params=({},), bad=()):
    return Data(
        arrays,
        params,
        ((1,), (7,), (23,), (50,)),
        ((400,), (1200,)),
        (30_000,),
        bad,
        zeros_and_ones=two_grades,
        huge=huge_groups,
    )


# Keys and orders of the rows, and twice both while they are sorted; of large groups also sums.
COMMON = {"coupled": True, "copies": 5, "n_weights": n_groups}


REFERENCES = (
    Reference(
        "ranknet_loss",
        by_group(ranknet),
        {"plain": data(rows), "numbers": data(numbers), "hard": data(far)},
        terms=by_row(ranknet_terms),
        hessian_terms=by_row(ranknet_terms),
        **COMMON,
    ),
    Reference(
        "lambdarank_loss",
        by_group(lambdarank),
        {
            "plain": data(rows, ({}, {"k": 3}), (("y_true", -1),)),
            "numbers": data(numbers, ({}, {"k": 5})),
            "hard": data(far),
        },
        value_terms=by_group(lambdarank_value_terms),
        terms=by_row(lambdarank_terms),
        hessian_terms=by_row(lambdarank_terms),
        gradient=by_row(lambdarank_gradient),
        scale=by_row(gaps),
        invalid=(("k", 0), ("k", -1), ("k", 1.5), ("k", "all")),
        others={"k": 2},
        **COMMON,
    ),
    Reference(
        "listnet_loss",
        by_group(listnet),
        {"plain": data(rows), "numbers": data(numbers), "hard": data(far)},
        terms=by_row(listnet_terms),
        **COMMON,
    ),
    Reference(
        "listmle_loss",
        by_group(listmle),
        {"plain": data(ordered_rows), "numbers": data(numbers), "hard": data(far)},
        terms=by_row(listmle_terms),
        hessian_terms=by_row(listmle_hessian_terms),
        **COMMON,
    ),
)
