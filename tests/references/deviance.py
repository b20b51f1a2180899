"""References of the losses in ``sklosses.losses.deviance``."""

import numpy as np

from ._base import WIDE, Data, Reference
from ._shared import place, sigmoid, softplus

#: Powers with a name, between them and beyond; the last two take any target.
POWERS = (1.5, 1, 2, 3, 1.05, 1.99, 4.0, 0, -1.3)


def means_of(rng, shape, dtype, params):
    """Targets as the power allows, and predictions that may be means or their logarithms."""
    power = params.get("power", 1.5)
    y_true = rng.gamma(2.0, size=shape)
    if power < 2:
        y_true = np.where(rng.random(shape) < 0.2, 0, y_true)
    if power <= 0:
        y_true = y_true - 1.5
    y_pred = np.asarray(rng.uniform(0.2, 3, shape))
    return np.asarray(y_true).astype(dtype), y_pred.astype(dtype)


def logs_of(rng, shape, dtype, params):
    y_true, _ = means_of(rng, shape, dtype, params)
    return y_true, np.asarray(rng.normal(scale=2, size=shape)).astype(dtype)


def hard_logs(rng, shape, dtype, params):
    """Close pairs, and means far below and above the targets."""
    y_true, y_pred = logs_of(rng, shape, dtype, params)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(y_true > 0, np.log(y_true), 0)
    y_pred = np.where(rng.random(shape) < 0.4, near, y_pred).astype(dtype)
    far = [0.0, -0.0, 1e-9, -9.0, 9.0]
    if params.get("power", 1.5) >= 1:
        far += [-20.0, 20.0]
    return y_true, place(rng, far, np.asarray(y_pred))


def logs(y_pred, log_input):
    return y_pred if log_input else np.log(y_pred)


def tweedie_terms_of_value(y_true, y_pred, power=1.5, log_input=True):
    """The terms of the unit deviance."""
    p = WIDE(power)
    if power == 0:
        mean = np.exp(y_pred) if log_input else y_pred
        return [(y_true - mean) ** 2]
    z = logs(y_pred, log_input)
    a, c = 1 - p, 2 - p
    with np.errstate(divide="ignore"):
        w = np.log(np.maximum(y_true, 0))
    if power == 1:
        product = np.where(y_true > 0, y_true * (np.where(y_true > 0, w, 0) - z), 0)
        return [2 * product, -2 * y_true, 2 * np.exp(z)]
    if power == 2:
        return [2 * np.exp(w - z), -2 * np.ones_like(z), 2 * (z - w)]
    return [
        2 * np.exp(c * w) / (a * c),
        -2 * y_true * np.exp(a * z) / a,
        2 * np.exp(c * z) / c,
    ]


def tweedie(*arrays, **params):
    return sum(tweedie_terms_of_value(*arrays, **params))


def tweedie_size(*arrays, **params):
    """The size of a rounding error: also that of the logarithms of targets and means."""
    if params.get("power") == 0:
        y_true, mean = arrays[0], np.exp(arrays[1]) if params.get("log_input", True) else arrays[1]
        return (np.abs(y_true) + np.abs(mean)) ** 2
    terms = tweedie_terms_of_value(*arrays, **params)
    power, log_input = params.get("power", 1.5), params.get("log_input", True)
    rate = 1 + abs(power) * (1 + np.abs(logs(arrays[1], log_input) if log_input or power else 0))
    return sum(map(np.abs, terms)) * rate


def tweedie_slopes(y_true, y_pred, power=1.5, log_input=True):
    """The two terms of the derivative with respect to the logarithm of the mean."""
    z = logs(y_pred, log_input)
    p = WIDE(power)
    return 2 * np.exp((2 - p) * z), 2 * np.abs(y_true) * np.exp((1 - p) * z)


def tweedie_terms(y_true, y_pred, power=1.5, log_input=True):
    if power == 0 and not log_input:
        return None
    rate = 1 + abs(power) * (1 + np.abs(logs(y_pred, log_input)))
    total = sum(tweedie_slopes(y_true, y_pred, power, log_input)) * rate
    return total if log_input else total / y_pred


def tweedie_hessian_terms(y_true, y_pred, power=1.5, log_input=True):
    if power == 0 and not log_input:
        return None
    rate = 1 + abs(power) * (1 + np.abs(logs(y_pred, log_input)))
    first, second = tweedie_slopes(y_true, y_pred, power, log_input)
    total = (abs(2 - power) * first + abs(1 - power) * second) * rate
    return total if log_input else (total + (first + second) * rate) / y_pred**2


def mean_scale(y_true, y_pred, log_input=True, **params):
    """The loss changes over a part of the mean, or of its logarithm."""
    return np.full(y_pred.shape, 0.2) if log_input else y_pred / 4


def one_of_both(rng, shapes):
    """Ones, the only one of the two that all domains contain."""
    return [np.ones(shape, int) for shape in shapes]


def huge_positive(rng):
    return list(rng.uniform(0.5, 1.5, (2, 1_000_000, 5)))


def tweedie_data(make, log_input, powers, bad_mean=()):
    """Data for each domain of the targets."""
    params = [{"power": power} for power in powers]
    if not log_input:
        params = [{**item, "log_input": False} for item in params]
    return {
        "positive": Data(
            make,
            tuple(item for item in params if item["power"] >= 2),
            bad=(("y_true", 0), ("y_true", -0.25), *bad_mean),
            zeros_and_ones=one_of_both,
            huge=huge_positive,
        ),
        "nonnegative": Data(
            make,
            tuple(item for item in params if 1 <= item["power"] < 2),
            bad=(("y_true", -0.25), ("y_true", -1), *bad_mean),
            zeros_and_ones=one_of_both,
        ),
        "real": Data(
            make,
            tuple(item for item in params if item["power"] <= 0),
            zeros_and_ones=one_of_both,
        ),
    }


BAD_MEANS = (("y_pred", 0), ("y_pred", -0.25))


def named(prefix, data):
    return {f"{prefix} {name}": item for name, item in data.items()}


def counts(rng, shape, dtype, params):
    y_pred = np.asarray(rng.uniform(0.05, 3, shape)).astype(dtype)
    return np.asarray(rng.poisson(2.0, shape)).astype(dtype), y_pred


def log_counts(rng, shape, dtype, params):
    y_pred = np.asarray(rng.normal(scale=2, size=shape)).astype(dtype)
    return counts(rng, shape, dtype, params)[0], y_pred


def hard_counts(rng, shape, dtype, params):
    """Logarithms of means that have no exponential, and counts that are not integers."""
    y_true, y_pred = log_counts(rng, shape, dtype, params)
    y_pred = place(rng, [0.0, -0.0, 1e-9, 100.0, -100.0, 800.0, -800.0, 1e4, -1e4], y_pred)
    return place(rng, [0, 0, 1, 0.5, 1e-6, 1e6], y_true), y_pred


def log_gamma(x):
    """log Gamma by Stirling's series at x + 40, where four terms are enough."""
    shift = sum(np.log(x + k) for k in range(40))
    x = x + 40
    rest = 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5) - 1 / (1680 * x**7)
    rest = rest + 1 / (1188 * x**9)
    half_log = np.log(2 * WIDE("3.14159265358979323846264")) / 2
    return (x - WIDE(0.5)) * np.log(x) - x + half_log + rest - shift


def binomial_terms(y_true, y_pred, alpha=1.0, log_input=True, full=False):
    r = 1 / WIDE(alpha)
    u = logs(y_pred, log_input) + np.log(WIDE(alpha))
    terms = [r * softplus(u), y_true * softplus(-u)]
    if full:
        y_true = y_true + WIDE(0)
        constant = (log_gamma(y_true + 1), log_gamma(r), -log_gamma(y_true + r))
        terms += [term + 0 * u for term in constant]
    return terms


def binomial(*arrays, **params):
    return sum(binomial_terms(*arrays, **params))


def binomial_size(*arrays, **params):
    """Stirling's series has terms of the size of its argument, at least 10."""
    size = sum(map(np.abs, binomial_terms(*arrays, **params)))
    return size + 10 + arrays[0] if params.get("full") else size


def binomial_parts(y_true, y_pred, alpha=1.0, log_input=True):
    u = logs(y_pred, log_input) + np.log(WIDE(alpha))
    return 1 / WIDE(alpha), sigmoid(u), sigmoid(-u)


def binomial_slopes(y_true, y_pred, alpha=1.0, log_input=True, full=False):
    r, near, far = binomial_parts(y_true, y_pred, alpha, log_input)
    total = r * near + y_true * far
    return total if log_input else total / y_pred


def binomial_hessian_terms(y_true, y_pred, alpha=1.0, log_input=True, full=False):
    r, near, far = binomial_parts(y_true, y_pred, alpha, log_input)
    if log_input:
        return (r + y_true) * near * far
    return (r * near**2 + y_true * far * (1 + near)) / y_pred**2


REFERENCES = (
    Reference(
        "tweedie_deviance",
        tweedie,
        {
            "plain": Data(means_of, zeros_and_ones=one_of_both),
            **named("logs", tweedie_data(logs_of, True, POWERS)),
            **named("means", tweedie_data(means_of, False, POWERS[:4] + POWERS[-2:], BAD_MEANS)),
            **named("hard", tweedie_data(hard_logs, True, (1, 1.99, 2, 4.0, 0))),
        },
        scale=mean_scale,
        value_terms=tweedie_size,
        terms=tweedie_terms,
        hessian_terms=tweedie_hessian_terms,
        invalid=(
            ("power", 0.5),
            ("power", np.nan),
            ("power", np.inf),
            ("power", None),
            ("log_input", None),
            ("log_input", "mean"),
        ),
        others={"power": 1.2, "log_input": False},
    ),
    Reference(
        "negative_binomial_nll_loss",
        binomial,
        {
            "plain": Data(counts),
            "logs": Data(
                log_counts,
                ({}, {"alpha": 0.1, "full": True}, {"alpha": 20.0}),
                bad=(("y_true", -1), ("y_true", -0.25)),
            ),
            "means": Data(
                counts,
                ({"log_input": False}, {"log_input": False, "alpha": 0.3, "full": True}),
                bad=(("y_true", -1), *BAD_MEANS),
                zeros_and_ones=one_of_both,
            ),
            "hard": Data(hard_counts, ({}, {"alpha": 1e-4}, {"full": True})),
        },
        scale=mean_scale,
        value_terms=binomial_size,
        terms=binomial_slopes,
        hessian_terms=binomial_hessian_terms,
        invalid=(
            ("alpha", 0),
            ("alpha", -1.0),
            ("alpha", np.nan),
            ("alpha", np.inf),
            ("alpha", None),
            ("log_input", None),
            ("full", None),
            ("full", "yes"),
        ),
        # For an alpha of 1, the default, the terms that `full` adds cancel.
        others={"alpha": 0.5, "log_input": False},
    ),
)
