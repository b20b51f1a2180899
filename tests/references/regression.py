"""References of the losses in ``sklosses.losses.regression``."""

import numpy as np

from ._base import WIDE, Data, Reference, any_zeros_and_ones
from ._shared import both_signs, broadcast, erf, fold, place, real


def hard_real(rng, shape, dtype, params):
    """Ties, the places where pieces meet, tiny and huge differences, signed zeros."""
    finfo = np.finfo(dtype)
    y_true = place(rng, [0.0, -0.0, 1.0, 1e6, -1e6], real(rng, shape, dtype, params)[0])
    distance = np.asarray(rng.normal(size=shape)).astype(dtype)
    meets = [params.get("beta", 0.5), params.get("delta", 0.5), 1.0, 2.0]
    # The loss is the square of the largest difference, and has to be finite in the dtype.
    steps = both_signs(*meets, 1e-7, 1e4, float(finfo.max) ** 0.5 / 8)
    y_pred = y_true + place(rng, [*steps, 0.0, 0.0], distance)
    # Differences far below the unit in the last place, reached only from zero.
    tiny = np.asarray(rng.random(shape) < 0.1)
    y_true[tiny] = 0
    y_pred = np.asarray(y_pred)
    y_pred[tiny] = (rng.normal(size=shape) * 1e-15).astype(dtype)[tiny]
    return y_true, y_pred


def regression(*params):
    return {
        "plain": Data(real, params),
        "hard": Data(hard_real, params),
    }


def l1(y_true, y_pred):
    return np.abs(y_pred - y_true)


def mse(y_true, y_pred):
    return (y_pred - y_true) ** 2


def smooth_l1(y_true, y_pred, beta=1.0):
    d = np.abs(y_pred - y_true)
    if beta == 0:
        return d
    # The branch that is not taken may overflow.
    with np.errstate(over="ignore"):
        return np.where(d < beta, d**2 / (2 * beta), d - beta / 2)


def huber(y_true, y_pred, delta=1.0):
    d = np.abs(y_pred - y_true)
    return np.where(d <= delta, d**2 / 2, delta * (d - delta / 2))


def to_kink(*places):
    """Distance of y_pred - y_true from the nearest of +-`places`: parameters or numbers."""

    def scale(y_true, y_pred, **params):
        d = np.abs(y_pred - y_true)
        kinks = [params.get(p, 1.0) if isinstance(p, str) else p for p in places]
        return np.minimum.reduce([np.abs(d - kink) for kink in kinks])

    return scale


def smooth_l1_scale(y_true, y_pred, beta=1.0):
    # Only at beta = 0 is a tie a kink.
    return to_kink(beta)(y_true, y_pred)


def quantile(y_true, y_pred, quantile=0.5):
    d = broadcast(y_true, y_pred.shape) - y_pred
    quantile = np.asarray(quantile, WIDE)
    return np.maximum(quantile * d, (quantile - 1) * d)


def quantile_scale(y_true, y_pred, quantile=0.5):
    """A tie is the only kink."""
    return np.abs(y_pred - broadcast(y_true, y_pred.shape))


def expectile(y_true, y_pred, expectile=0.5):
    d = y_true - y_pred
    return np.abs(expectile - (y_true < y_pred)) * d**2


def log_cosh(y_true, y_pred):
    a = np.abs(y_pred - y_true)
    small = np.log1p(2 * np.sinh(np.minimum(a, 1) / 2) ** 2)
    return np.where(a < 1, small, a + np.log1p(np.exp(-2 * a)) - np.log(WIDE(2)))


def log_cosh_size(y_true, y_pred):
    """The logarithm of 1 minus a square, which doubles the relative error of its base."""
    return 2 * log_cosh(y_true, y_pred)


def robust_parts(y_true, y_pred, alpha=1.0, scale=1.0):
    """u^2, and the logarithm of 1 + u^2 / b."""
    square = ((y_pred - y_true) / WIDE(scale)) ** 2
    b = WIDE(2) - WIDE(alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        return square, b, np.log1p(square / b)


def robust(y_true, y_pred, alpha=1.0, scale=1.0):
    square, b, length = robust_parts(y_true, y_pred, alpha, scale)
    alpha = WIDE(alpha)
    if alpha == 2:
        return square / 2
    if alpha == 0:
        return length
    if alpha == -np.inf:
        return -np.expm1(-square / 2)
    return b / alpha * np.expm1(alpha / 2 * length)


def robust_slope(y_true, y_pred, alpha=1.0, scale=1.0):
    """The derivative divided by u."""
    square, b, length = robust_parts(y_true, y_pred, alpha, scale)
    if alpha == 2:
        return np.ones_like(square)
    return np.exp(-square / 2 if alpha == -np.inf else -b / 2 * length)


def robust_hessian_terms(y_true, y_pred, alpha=1.0, scale=1.0):
    square, b, _ = robust_parts(y_true, y_pred, alpha, scale)
    share = square if alpha == -np.inf else square / (1 + square / b) if b else 0 * square
    return robust_slope(y_true, y_pred, alpha, scale) * (1 + share) / scale**2


def robust_scale(y_true, y_pred, alpha=1.0, scale=1.0):
    """Where b is small the loss bends at u^2 = b as well."""
    b = 2 - max(alpha, -8.0)
    return np.full(y_pred.shape, scale * min(np.sqrt(b), 1) if b else scale)


def mape(y_true, y_pred):
    return np.abs(y_pred - y_true) / np.maximum(np.abs(y_true), 2.0**-52)


def above_minus_one(rng, shape, dtype, params):
    y_true, y_pred = real(rng, shape, dtype, params)
    return np.expm1(y_true / 2).astype(dtype), np.expm1(y_pred / 2).astype(dtype)


def hard_above_minus_one(rng, shape, dtype, params):
    """Ties and close pairs, numbers next to -1, and large ones."""
    y_true, y_pred = above_minus_one(rng, shape, dtype, params)
    eps = float(np.finfo(dtype).eps)
    y_true = place(rng, [0.0, -0.0, 1.0, 1e4, 2**-10 - 1, -0.75], y_true)
    y_pred = np.where(rng.random(shape) < 0.3, y_true * (1 - 4 * eps), y_pred).astype(dtype)
    return y_true, place(rng, [0.0, -0.0, 1e-12, 1e4, -0.875, 2**-9 - 1], np.asarray(y_pred))


def msle(y_true, y_pred):
    return np.log1p(np.abs(y_pred - y_true) / (1 + np.minimum(y_true, y_pred))) ** 2


def msle_scale(y_true, y_pred):
    """0 for close pairs: the value is about 0, while its fifth derivative is not."""
    close = np.abs(y_pred - y_true) < 1e-3 * (1 + y_true)
    return np.where(close, 0, (1 + y_pred) / 2)


def msle_terms(y_true, y_pred):
    return 2 * (np.abs(np.log1p(y_true)) + np.abs(np.log1p(y_pred))) / (1 + y_pred)


def msle_hessian_terms(y_true, y_pred):
    return 2 * (1 + np.sqrt(msle(y_true, y_pred))) / (1 + y_pred) ** 2


def one_target_for_each_row(rng, shape, dtype, params):
    return real(rng, shape[:-1], dtype, params)[0], real(rng, shape, dtype, params)[1]


def quantiles_of(shape):
    """One for each number along the last axis."""
    return list((np.arange(shape[-1]) + 0.5) / shape[-1])


def huge_quantiles(rng):
    return [rng.random(1_800_000), rng.random((1_800_000, 3))]


def counts(rng, shape, dtype, params):
    """Counts, and predictions that may be rates as well as their logarithms."""
    y_pred = np.asarray(rng.uniform(0.05, 3, shape)).astype(dtype)
    return np.asarray(rng.poisson(2.0, shape)).astype(dtype), y_pred


def signed_counts(rng, shape, dtype, params):
    """Logarithms of small and large rates."""
    return counts(rng, shape, dtype, params)[0], real(rng, shape, dtype, params)[1]


HARD_COUNTS = (0, 0, 0, 1, 1, 2, 3, 0.5, 1 + 2**-20, 1.5, 1e6)


def hard_counts(rng, shape, dtype, params):
    y_true, y_pred = signed_counts(rng, shape, dtype, params)
    top = float(np.log(np.finfo(dtype).max)) - 4
    logs = [0.0, -0.0, 1e-9, -30.0, -104.0, -746.0, -1e4, top, 13.8, 2.5]
    return place(rng, HARD_COUNTS, y_true), place(rng, logs, y_pred)


def hard_rates(rng, shape, dtype, params):
    y_true, y_pred = counts(rng, shape, dtype, params)
    rates = [0.0, -0.0, 0.0, np.finfo(dtype).tiny, 1e-12, 1e-8, 1e-4, 1.0, 1e6, 1e9]
    y_true, y_pred = place(rng, HARD_COUNTS, y_true), place(rng, rates, y_pred)
    if params.get("eps") == 0:
        # A rate of 0 beside a count is an infinite loss.
        y_pred = np.where(y_true > 0, np.maximum(y_pred, np.asarray(1e-6, dtype)), y_pred)
    return y_true, y_pred


def log_where(condition, x):
    return np.log(np.where(condition, x, 1))


def stirling(y_true):
    """y log y - y + log(2 pi y) / 2 where y > 1, as terms."""
    log = log_where(y_true > 1, y_true)
    terms = (y_true * log, -y_true, (np.log(2 * np.pi) + log) / 2)
    return [np.where(y_true > 1, term, 0) for term in terms]


def poisson_value_terms(y_true, y_pred, log_input=True, full=False, eps=1e-8):
    """The signed terms of the value, and the size of a rounding error."""
    constant = stirling(y_true) if full else []
    if log_input:
        return [np.exp(y_pred), -y_true * y_pred, *constant], 0
    log = log_where(y_true > 0, y_pred + eps)
    # y_pred + eps is rounded before the logarithm.
    return [y_pred, -y_true * log, *constant], y_true


def poisson(*arrays, **params):
    return sum(poisson_value_terms(*arrays, **params)[0])


def poisson_size(*arrays, **params):
    terms, rounding = poisson_value_terms(*arrays, **params)
    return sum(map(np.abs, terms)) + rounding


def poisson_terms(y_true, y_pred, log_input=True, full=False, eps=1e-8):
    if log_input:
        return np.exp(y_pred) + y_true
    return 1 + np.where(y_true > 0, y_true / np.where(y_true > 0, y_pred + eps, 1), 0)


def poisson_scale(y_true, y_pred, log_input=True, full=False, eps=1e-8):
    return np.ones(y_pred.shape) if log_input else y_pred + eps


POISSON_BAD = (("y_true", -1), ("y_true", -0.25))


def means(shape_of_var):
    """Targets, means and variances of a shape that follows from that of the means."""

    def make(rng, shape, dtype, params):
        var = rng.uniform(0.05, 3, shape_of_var(shape))
        return (*real(rng, shape, dtype, params), np.asarray(var).astype(dtype))

    return make


def rows_of(shape):
    """The shape without its last axis; of three axes, the middle one becomes 1."""
    return shape[:1] if len(shape) < 3 else (shape[0], 1, *shape[2:])


def columns_of(shape):
    """A shape for all samples: with a first axis of 1, or only the last axis."""
    return shape[-1:] if shape in {(6, 3), (2, 3, 4), (700, 130)} else (1, *shape[1:])


def huge_means(shape_of_var):
    def make(rng):
        shape = (1_000_000, 5)
        return [rng.random(shape), rng.random(shape), np.asarray(rng.random(shape_of_var(shape)))]

    return make


def hard_means(rng, shape, dtype, params):
    """Ties and far misses; variances at, below and just above `eps`."""
    eps = params.get("eps", 1e-6)
    y_true, y_pred, var = means(lambda shape: shape)(rng, shape, dtype, params)
    y_true = place(rng, [0.0, -0.0, 1e4], y_true)
    y_pred = y_true + place(rng, [0.0, 0.0, 1e-7, -1.0, 1.0, 30.0, -1e4], y_pred - y_true)
    variances = [0.0, 0.0, -0.0, np.finfo(dtype).tiny, eps / 2, eps, 2 * eps, 1.0, 1e10]
    return y_true, y_pred, place(rng, variances, var)


def gaussian_parts(y_true, y_pred, var, eps=1e-6):
    return y_pred - y_true, np.maximum(broadcast(var, y_pred.shape), eps)


def gaussian(y_true, y_pred, var, full=False, eps=1e-6):
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    return (np.log(v) + d**2 / v + (np.log(2 * WIDE(np.pi)) if full else 0)) / 2


def gaussian_size(y_true, y_pred, var, full=False, eps=1e-6):
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    return (np.abs(np.log(v)) + d**2 / v) / 2 + full


def gaussian_terms(y_true, y_pred, var, full=False, eps=1e-6):
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    return np.abs(d) / v, fold((1 + d**2 / v) / (2 * v), var.shape)


def gaussian_hessian_terms(y_true, y_pred, var, full=False, eps=1e-6):
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    return 1 / v, fold((d**2 / v + 0.5) / v**2, var.shape)


def gaussian_scale(y_true, y_pred, var, full=False, eps=1e-6):
    """Up to `eps` the derivative with respect to the variance is not that of the value."""
    return np.ones(y_pred.shape), np.maximum(var - eps, 0)


def crps_parts(y_true, y_pred, var):
    """The standard deviation, the difference in units of sqrt(2) of it, and its density."""
    sigma = np.sqrt(np.maximum(broadcast(var, y_pred.shape), np.finfo(np.float32).tiny))
    u = (y_pred - y_true) / (sigma * np.sqrt(WIDE(2)))
    return sigma, u, np.exp(-(u**2)) * np.sqrt(WIDE(2))


ROOT_PI = np.sqrt(WIDE("3.14159265358979323846264"))


def crps(y_true, y_pred, var):
    sigma, u, density = crps_parts(y_true, y_pred, var)
    return (y_pred - y_true) * erf(u) + sigma / ROOT_PI * (density - 1)


def crps_size(y_true, y_pred, var):
    sigma, u, density = crps_parts(y_true, y_pred, var)
    return (y_pred - y_true) * erf(u) + sigma / ROOT_PI * (density + 1)


def crps_terms(y_true, y_pred, var):
    sigma, u, density = crps_parts(y_true, y_pred, var)
    return np.abs(erf(u)), fold((density + 1) / (2 * ROOT_PI * sigma), var.shape)


def crps_hessian_terms(y_true, y_pred, var):
    sigma, u, density = crps_parts(y_true, y_pred, var)
    # u^2 is rounded before the exponential.
    rounding = 1 + u**2
    by_var = (density * (2 * u**2 + 1) * rounding + 1) / (4 * ROOT_PI * sigma**3)
    return density * rounding / (ROOT_PI * sigma), fold(by_var, var.shape)


def crps_scale(y_true, y_pred, var):
    return np.sqrt(broadcast(var, y_pred.shape)), var


def unit_variances(rng, shapes):
    return [*any_zeros_and_ones(rng, shapes[:2]), np.ones(shapes[2], int)]


def positive_variances(make):
    """The data of `gaussian_nll_loss` without variances of 0."""

    def arrays(rng, shape, dtype, params):
        y_true, y_pred, var = make(rng, shape, dtype, params)
        return y_true, y_pred, np.maximum(var, np.asarray(1e-6, dtype))

    return arrays


GAUSSIAN_PARAMS = ({}, {"full": True}, {"eps": 0.3}, {"eps": 0, "full": True})


GAUSSIAN_LARGE = ((960, 3), (1, 1000), (3, 16385), (700, 130), (7, 5, 961))


REFERENCES = (
    Reference("l1_loss", l1, regression({}), scale=to_kink(0.0)),
    Reference("mse_loss", mse, regression({})),
    Reference(
        "smooth_l1_loss",
        smooth_l1,
        regression({}, {"beta": 0.3}, {"beta": 0.0}, {"beta": 1e-6}, {"beta": 50.0}),
        scale=smooth_l1_scale,
        invalid=(("beta", -1), ("beta", np.nan), ("beta", np.inf), ("beta", "1"), ("beta", None)),
        others={"beta": 0.3},
    ),
    Reference(
        "huber_loss",
        huber,
        regression({}, {"delta": 0.3}, {"delta": 1e-6}, {"delta": 50.0}, {"delta": 2}),
        scale=to_kink("delta"),
        invalid=(("delta", 0), ("delta", -1.0), ("delta", np.nan), ("delta", np.inf)),
        others={"delta": 0.3},
    ),
    Reference(
        "quantile_loss",
        quantile,
        {
            **regression({}, {"quantile": 0.1}, {"quantile": 0.9999}),
            "several": Data(
                one_target_for_each_row,
                ({"quantile": quantiles_of},),
                shapes=((7,), (5, 3), (3, 3), (2, 3, 4)),
                huge=huge_quantiles,
            ),
        },
        scale=quantile_scale,
        invalid=(("quantile", 0), ("quantile", 1.0), ("quantile", np.nan), ("quantile", None)),
        others={"quantile": 0.3},
    ),
    Reference(
        "expectile_loss",
        expectile,
        regression({}, {"expectile": 0.1}, {"expectile": 0.9999}),
        scale=to_kink(0.0),
        invalid=(("expectile", 0), ("expectile", 1.0), ("expectile", np.nan), ("expectile", None)),
        others={"expectile": 0.3},
    ),
    Reference("log_cosh_loss", log_cosh, regression({}), value_terms=log_cosh_size),
    Reference(
        "robust_loss",
        robust,
        regression(
            {},
            {"alpha": 2, "scale": 0.5},
            {"alpha": 0},
            {"alpha": -np.inf, "scale": 3.0},
            {"alpha": 1.5},
            {"alpha": -2.0},
            {"alpha": 1e-9},
            {"alpha": 2 - 1e-9},
            {"alpha": -1e5},
        ),
        scale=robust_scale,
        hessian_terms=robust_hessian_terms,
        invalid=(
            ("alpha", 2.1),
            ("alpha", np.inf),
            ("alpha", np.nan),
            ("alpha", None),
            ("scale", 0),
            ("scale", -1.0),
            ("scale", np.inf),
            ("scale", np.nan),
        ),
        others={"alpha": -1.0, "scale": 0.5},
    ),
    Reference("mape_loss", mape, regression({}), scale=to_kink(0.0)),
    Reference(
        "msle_loss",
        msle,
        {
            "plain": Data(
                above_minus_one,
                bad=(("y_true", -1), ("y_true", -1.5), ("y_pred", -1), ("y_pred", -2.0)),
            ),
            "hard": Data(hard_above_minus_one),
        },
        scale=msle_scale,
        terms=msle_terms,
        hessian_terms=msle_hessian_terms,
    ),
    Reference(
        "poisson_nll_loss",
        poisson,
        {
            "plain": Data(counts, ({}, {"full": True}), bad=POISSON_BAD),
            "signed": Data(signed_counts),
            "rates": Data(
                counts,
                ({"log_input": False}, {"log_input": False, "eps": 0.5, "full": True}),
                bad=(*POISSON_BAD, ("y_pred", -0.25)),
            ),
            "hard": Data(hard_counts, ({}, {"full": True})),
            "hard rates": Data(
                hard_rates,
                ({"log_input": False}, {"log_input": False, "eps": 0}),
            ),
        },
        scale=poisson_scale,
        value_terms=poisson_size,
        terms=poisson_terms,
        invalid=(
            ("log_input", None),
            ("log_input", "rate"),
            ("full", None),
            ("full", "yes"),
            ("eps", -1e-9),
            ("eps", np.nan),
            ("eps", np.inf),
            ("eps", None),
        ),
        others={"log_input": False, "full": True},
    ),
    Reference(
        "gaussian_nll_loss",
        gaussian,
        {
            "plain": Data(
                means(lambda shape: shape),
                GAUSSIAN_PARAMS,
                bad=(("var", -0.25), ("var", -1)),
            ),
            "hard": Data(hard_means, GAUSSIAN_PARAMS[:3]),
            "number": Data(
                means(lambda shape: ()),
                GAUSSIAN_PARAMS[:2],
                large=GAUSSIAN_LARGE,
                huge=huge_means(lambda shape: ()),
                shared=("var",),
            ),
            "rows": Data(
                means(rows_of),
                GAUSSIAN_PARAMS[:2],
                shapes=((5, 3), (3, 3), (2, 3, 4)),
                large=GAUSSIAN_LARGE,
                huge=huge_means(rows_of),
            ),
            "columns": Data(
                means(columns_of),
                GAUSSIAN_PARAMS[:2],
                # No part of (6, 3) is as long as its last axis.
                shapes=((7,), (5, 3), (6, 3), (2, 3, 4)),
                large=GAUSSIAN_LARGE,
                huge=huge_means(columns_of),
                shared=("var",),
            ),
        },
        scale=gaussian_scale,
        value_terms=gaussian_size,
        terms=gaussian_terms,
        hessian_terms=gaussian_hessian_terms,
        invalid=(
            ("full", None),
            ("full", "yes"),
            ("eps", -1e-9),
            ("eps", np.nan),
            ("eps", np.inf),
            ("eps", None),
        ),
        others={"full": True, "eps": 0.5},
    ),
    Reference(
        "crps_gaussian_loss",
        crps,
        {
            "plain": Data(
                means(lambda shape: shape),
                bad=(("var", 0), ("var", -0.25), ("var", -1)),
                zeros_and_ones=unit_variances,
            ),
            "hard": Data(positive_variances(hard_means), zeros_and_ones=unit_variances),
            "number": Data(
                means(lambda shape: ()),
                large=GAUSSIAN_LARGE,
                zeros_and_ones=unit_variances,
                huge=huge_means(lambda shape: ()),
                shared=("var",),
            ),
            "rows": Data(
                means(rows_of),
                shapes=((5, 3), (3, 3), (2, 3, 4)),
                large=GAUSSIAN_LARGE,
                zeros_and_ones=unit_variances,
                huge=huge_means(rows_of),
            ),
            "columns": Data(
                means(columns_of),
                shapes=((7,), (5, 3), (6, 3), (2, 3, 4)),
                large=GAUSSIAN_LARGE,
                zeros_and_ones=unit_variances,
                huge=huge_means(columns_of),
                shared=("var",),
            ),
        },
        scale=crps_scale,
        value_terms=crps_size,
        terms=crps_terms,
        hessian_terms=crps_hessian_terms,
    ),
)
