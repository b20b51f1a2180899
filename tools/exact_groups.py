"""Values, gradients and Hessians of the losses of groups, by mpmath, for ``tools/accuracy.py``.

These are the definitions written out, pair by pair and sum by sum. Nothing cancels that is not
among the terms of the result, so `DIGITS` digits are plenty, and groups of thousands of rows take
seconds. The terms are those of ``tests/references/``; but those of the Hessians of ranknet_loss and
lambdarank_loss, which there have the terms of the gradients as a bound, are second derivatives.
"""

from functools import cache

import numpy as np
from exact_numbers import MP, Part

DIGITS = 60
# Discounts are integers here, in units of this: so all pairs of many rows can be compared.
UNIT = 2**250


class Sums:
    """Value and derivatives of a loss of n rows, beside the sums of their absolute terms."""

    def __init__(self, n):
        self.value = self.value_terms = MP.mpf(0)
        self.gradient, self.terms, self.hessian, self.hessian_terms = (
            [MP.mpf(0)] * n for _ in range(4)
        )


def parts_of(value, value_terms, *derivatives):
    """The parts of a result by the names of the columns of the table."""
    gradient, terms, hessian, hessian_terms = (np.array(x, object) for x in derivatives)
    return {
        "value": [Part(np.array(value, object), np.array(value_terms, object))],
        "gradient": [Part(gradient, terms)],
        "hessian": [Part(hessian, hessian_terms)],
    }


def by_group(sums_of_group):
    """Results of all groups, in the order of their labels, from the sums of the rows of one."""

    def exact(y_true, y_pred, groups, **params):
        found = []
        derivatives = np.full((4, len(y_pred)), MP.mpf(0), object)
        with MP.workdps(DIGITS):
            for label in np.unique(groups):
                own = np.flatnonzero(groups == label)
                y, s = y_true[own], y_pred[own]
                # Rows of equal relevance have no order.
                sums = sums_of_group(y, s, **params) if len(np.unique(y)) > 1 else Sums(len(y))
                found.append((sums.value, sums.value_terms))
                derivatives[:, own] = np.array(
                    [sums.gradient, sums.terms, sums.hessian, sums.hessian_terms], object
                )
        return parts_of(*zip(*found, strict=True), *derivatives)

    return exact


# --------------------------------------------------------------------------------------------
# Pairs
# --------------------------------------------------------------------------------------------


def of_pairs(y, s, weigh):
    """The sum of weight * log(1 + exp(s_j - s_i)) over the pairs with y_i > y_j.

    Rows that have score and relevance in common share their exponentials. ``weigh(rows, others)``
    has the sums of the weights of such pairs, and those of the sizes of their terms: of each row,
    of each other one, and of all.
    """

    @cache
    def logistic(high, low):
        e = MP.exp(MP.mpf(low) - MP.mpf(high))
        q = 1 / (1 + e)
        return MP.log1p(e), e * q, e * q * q

    cells = {}
    for i, cell in enumerate(zip(y.tolist(), s.tolist(), strict=True)):
        cells.setdefault(cell, []).append(i)
    sums = Sums(len(y))
    derivatives = np.full((4, len(y)), MP.mpf(0), object)
    gradient, terms, hessian, hessian_terms = derivatives
    for (higher, high), rows in cells.items():
        for (lower, low), others in cells.items():
            if not higher > lower:
                continue
            loss, pull, bend = logistic(high, low)
            (of_rows, of_others, total), sizes = weigh(rows, others)
            sums.value += total * loss
            sums.value_terms += sizes[2] * loss
            gradient[rows] -= of_rows * pull
            gradient[others] += of_others * pull
            hessian[rows] += of_rows * bend
            hessian[others] += of_others * bend
            for members, size in ((rows, sizes[0]), (others, sizes[1])):
                terms[members] += size * pull
                hessian_terms[members] += size * bend
    sums.gradient, sums.terms, sums.hessian, sums.hessian_terms = derivatives
    return sums


def ranknet(y, s):
    """All pairs weigh the same."""
    share = 1 / MP.mpf(int((y[:, np.newaxis] > y).sum()))

    def weigh(rows, others):
        n, m = len(rows), len(others)
        weights = share * m, share * n, share * n * m
        return weights, weights

    return of_pairs(y, s, weigh)


def lambdarank(y, s, k=None):
    """Pairs weigh what swapping them changes the NDCG by."""
    k = len(y) if k is None else k
    gain = [MP.mpf(2) ** MP.mpf(x) - 1 for x in y.tolist()]
    of_rank = [1 / MP.log(r + 2, 2) for r in range(min(k, len(y)))]
    best = MP.fdot(sorted(gain, reverse=True)[:k], of_rank)
    in_units = [int(d * UNIT) for d in of_rank] + [0] * len(y)
    discount = np.zeros(len(y), object)
    # Of equal scores the first one is ahead.
    for rank, i in enumerate(np.argsort(-s.astype(np.float64), kind="stable")):
        discount[i] = in_units[rank]

    def weigh(rows, others):
        change = (gain[rows[0]] - gain[others[0]]) / best / UNIT
        d, e = discount[rows][:, np.newaxis], discount[others]
        return (
            tuple(x * change for x in (of.sum(axis=1), of.sum(axis=0), of.sum()))
            for of in (np.abs(d - e), d + e)
        )

    return of_pairs(y, s, weigh)


# --------------------------------------------------------------------------------------------
# Softmaxes
# --------------------------------------------------------------------------------------------


def softmax(x):
    """Shares, 1 minus them, and minus their logarithms."""
    x = [MP.mpf(each) for each in x.tolist()]
    top = max(x)
    powers = [MP.exp(each - top) for each in x]
    first = x.index(top)
    rest = MP.fsum(e for i, e in enumerate(powers) if i != first)
    total = 1 + rest
    shares = [e / total for e in powers]
    # Only of one of them can the others be far below its last digit.
    others = [(rest if i == first else total - e) / total for i, e in enumerate(powers)]
    return shares, others, [MP.log1p(rest) + (top - each) for each in x]


def listnet(y, s):
    """The cross-entropy of two softmaxes."""
    q, _, _ = softmax(y)
    p, rest, logs = softmax(s)
    sums = Sums(len(y))
    sums.value = sums.value_terms = MP.fdot(q, logs)
    sums.gradient = [a - b for a, b in zip(p, q, strict=True)]
    sums.terms = [a + b for a, b in zip(p, q, strict=True)]
    sums.hessian = sums.hessian_terms = [a * b for a, b in zip(p, rest, strict=True)]
    return sums


# --------------------------------------------------------------------------------------------
# Partial likelihoods
# --------------------------------------------------------------------------------------------


def at_risk(sums, times, x, efron):
    """Add the terms of all events to the sums.

    `times` has the rows of each time, the first time first: two lists, those of the events and of
    the others. At risk is everything from a time on.
    """
    e = [MP.exp(MP.mpf(each)) for each in x.tolist()]
    later, risks = MP.mpf(0), []
    for events, others in reversed(times):
        later += MP.fsum(e[i] for i in others)
        risks.append(later)
        later += MP.fsum(e[i] for i in events)
    # Sums of 1 / S and of 1 / S^2 over the events so far.
    first = second = MP.mpf(0)
    for (events, others), rest in zip(times, reversed(risks), strict=True):
        d = len(events)
        tied = MP.fsum(e[i] for i in events)
        counts = [1 - MP.mpf(k) / d if efron else MP.mpf(1) for k in range(d)]
        inverse = [1 / (rest + count * tied) for count in counts]
        for i, count in zip(events, counts, strict=True):
            # Of an event that is alone, without its own 1.
            loss = MP.log1p(rest / e[i]) if d == 1 else MP.log((rest + count * tied) / e[i])
            sums.value += loss
            sums.value_terms += abs(loss) + (d > 1)
        for members, factors, is_event in ((events, counts, 1), (others, [1] * d, 0)):
            by_sum = [c * v for c, v in zip(factors, inverse, strict=True)]
            one = first + MP.fsum(by_sum)
            two = second + MP.fsum(v**2 for v in by_sum)
            for i in members:
                share, square = e[i] * one, e[i] ** 2 * two
                sums.gradient[i] = share - is_event
                sums.terms[i] = share + is_event
                sums.hessian[i] = share - square
                sums.hessian_terms[i] = share + square
        first += MP.fsum(inverse)
        second += MP.fsum(v**2 for v in inverse)


def listmle(y, s):
    """Each row is an event with a time of its own; the highest relevance is the first time."""
    sums = Sums(len(y))
    order = np.argsort(-y.astype(np.float64), kind="stable")
    at_risk(sums, [([i], []) for i in order], s, efron=False)
    return sums


def cox(y_true, event, y_pred, ties="efron"):
    """The sum over all events."""
    with MP.workdps(DIGITS):
        sums = Sums(len(y_true))
        times = [
            tuple(np.flatnonzero((y_true == time) & (event == kind)) for kind in (1, 0))
            for time in np.unique(y_true)
        ]
        at_risk(sums, times, y_pred, ties == "efron")
    return parts_of(
        sums.value,
        sums.value_terms,
        sums.gradient,
        sums.terms,
        sums.hessian,
        sums.hessian_terms,
    )


#: Functions of the arrays and the parameters of a call, by the name of the loss.
EXACT = {
    "ranknet_loss": by_group(ranknet),
    "lambdarank_loss": by_group(lambdarank),
    "listnet_loss": by_group(listnet),
    "listmle_loss": by_group(listmle),
    "cox_ph_loss": cox,
}
