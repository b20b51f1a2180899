"""References of the losses in ``sklosses.losses.survival``."""

import numpy as np

from ._base import Data, Reference


def log_sum(x, weight):
    """log of the sum of weight * exp(x), where the weights are >= 0.

    The largest term is left out of the sum: others may be less than its rounding error.
    """
    x, weight = x[weight > 0], weight[weight > 0]
    top = x.argmax()
    terms = weight * np.exp(x - x[top])
    terms[top] = weight[top] - 1
    return x[top] + np.log1p(terms.sum())


def events_at_risk(y_true, event, ties, strata):
    """For each event: its number, and what of each sample is at risk with it."""
    strata = np.zeros(len(y_true)) if strata is None else np.asarray(strata)
    for i in np.flatnonzero(event):
        own = strata == strata[i]
        tied = np.flatnonzero(own & (y_true == y_true[i]) & (event != 0))
        weight = (own & (y_true >= y_true[i])).astype(y_true.dtype)
        if ties == "efron":
            # The events at the same time are counted in the order of the rows.
            weight[tied] = 1 - y_true.dtype.type(np.flatnonzero(tied == i)[0]) / len(tied)
        yield i, weight, len(tied)


def cox(y_true, event, y_pred, ties="efron", strata=None):
    return np.array(
        [
            log_sum(y_pred - y_pred[i], weight)
            for i, weight, _ in events_at_risk(
                np.asarray(y_true, y_pred.dtype), event, ties, strata
            )
        ],
        y_pred.dtype,
    )


def cox_value_terms(y_true, event, y_pred, ties="efron", strata=None):
    times = np.asarray(y_true, y_pred.dtype)
    d = np.array([d for *_, d in events_at_risk(times, event, ties, strata)])
    # The logarithm of one term of several tied events may be near 0 by chance.
    return np.abs(cox(y_true, event, y_pred, ties, strata)) + (d > 1)


def shares(y_true, event, y_pred, ties, strata):
    """p[i, j]: the share of sample j in the sum of event i."""
    times = np.asarray(y_true, y_pred.dtype)
    return np.array(
        [
            np.where(weight > 0, weight * np.exp(y_pred - log_sum(y_pred, weight)), 0)
            for _, weight, _ in events_at_risk(times, event, ties, strata)
        ]
    ).reshape(-1, len(y_pred))


def cox_terms(y_true, event, y_pred, ties="efron", strata=None):
    return shares(y_true, event, y_pred, ties, strata).sum(axis=0) + (event != 0)


def cox_hessian_terms(y_true, event, y_pred, ties="efron", strata=None):
    p = shares(y_true, event, y_pred, ties, strata)
    return (p + p * p).sum(axis=0)


def n_events(arrays, shape, **params):
    return np.ones(int((np.asarray(arrays[1]) != 0).sum()))


def times(rng, shape, dtype, params):
    """Times, some of them equal or negative, of which about half are those of events."""
    n = shape[0]
    t = np.round(rng.normal(scale=3, size=n) * max(n, 4) / 8).astype(dtype)
    event = rng.integers(0, 2, n)
    event[0] = 1
    return t, event, rng.normal(scale=2, size=n).astype(dtype)


def distinct_times(rng, shape, dtype, params):
    _, event, x = times(rng, shape, dtype, params)
    return rng.permutation(shape[0]).astype(dtype), event, x


def far(rng, shape, dtype, params):
    """Hazards beyond the range of float64."""
    t, event, x = times(rng, shape, dtype, params)
    n = shape[0]
    x = x * rng.choice([1e-3, 1, 200], n).astype(dtype) + rng.choice([-3000, 0, 500], n)
    return t, event, x.astype(dtype)


def huge_times(rng):
    n = 4_200_000
    return [rng.random(n), rng.integers(0, 2, n) * 1.0, rng.random(n)]


def strata(shape):
    return np.arange(shape[0]) % 3


def data(arrays, params=({}, {"ties": "breslow"}, {"strata": strata}), bad=()):
    return Data(
        arrays,
        params,
        ((1,), (7,), (23,), (50,)),
        ((400,), (1000,)),
        (120_000,),
        bad,
        huge=huge_times,
    )


REFERENCES = (
    Reference(
        "cox_ph_loss",
        cox,
        {
            "plain": data(times, bad=(("event", 2), ("event", 0.5), ("event", -1))),
            "distinct": data(distinct_times),
            "hard": data(far),
        },
        counts=n_events,
        value_terms=cox_value_terms,
        terms=cox_terms,
        hessian_terms=cox_hessian_terms,
        invalid=(("ties", "exact"), ("ties", None), ("strata", 1)),
        others={"ties": "breslow"},
        coupled=True,
        copies=5,
    ),
)
