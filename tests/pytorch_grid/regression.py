"""PyTorch's losses for regression."""

import numpy as np

from ._base import Row
from ._shared import function, inner, places, real, weighted


def counts(rng, shape, kind):
    """Counts, and predictions that may be rates as well as logarithms of rates."""
    y_true = np.asarray(rng.poisson(2.0, shape)).astype(float)
    y_pred = np.asarray(rng.uniform(0.05, 3, shape))
    if kind == "hard":
        y_true = places(rng, y_true, [0, 0, 0.5, 1, 1 + 2**-20, 1.5, 1e6])
        y_pred = places(rng, y_pred, [0, 0, 1e-300, 1e-12, 1e-8, 1, 13.8, 600])
    return y_true, y_pred


def poisson_terms(y_true, y_pred, log_input=True, full=False, eps=1e-8):
    """Exponential or rate, product with the count, Stirling's terms."""
    size = y_true * (1 + np.abs(np.log(np.maximum(y_true, 1)))) + 2 if full else 0
    if log_input:
        return size + np.exp(y_pred) + np.abs(y_true * y_pred)
    # The argument of the logarithm is a sum, itself rounded.
    return size + y_pred + y_true * (1 + np.abs(np.log(y_pred + eps)))


def poisson_gradient_terms(y_true, y_pred, log_input=True, full=False, eps=1e-8):
    """Of the one gradient."""
    if log_input:
        return (np.exp(y_pred) + y_true,)
    return (1 + y_true / (y_pred + eps),)


def means(rng, shape, kind):
    """Targets, means and variances; for some kinds several elements share a variance."""
    y_true, y_pred = real(rng, shape, "plain")
    var_shape = {
        "number of rows": shape[:-1],
        "axis": (*shape[:1], *(1 for _ in shape[1:2]), *shape[2:]),
        "columns": (1, *shape[1:]),
    }.get(kind, shape)
    var = np.asarray(rng.uniform(0.05, 3, var_shape))
    if kind == "hard":
        y_pred = y_true + places(rng, y_pred - y_true, [0, 0, 1e-7, 30, -1e4])
        var = places(rng, var, [0, 0, 1e-300, 5e-7, 1e-6, 2e-6, 0.3, 1e10])
    return y_true, y_pred, var


def gaussian(torch, y_true, y_pred, var, reduction, weight=None, **params):
    """PyTorch's own."""
    loss = torch.nn.functional.gaussian_nll_loss(
        y_pred, y_true, var, reduction=inner(reduction, weight), **params
    )
    return weighted(loss, reduction, weight)


def gaussian_parts(y_true, y_pred, var, eps=1e-6):
    """Difference, and variance in its shape."""
    d = y_pred - y_true
    var = np.maximum(var, eps)
    return d, np.broadcast_to(var if var.ndim == d.ndim else var[..., None], d.shape)


def gaussian_terms(y_true, y_pred, var, full=False, eps=1e-6):
    """Logarithm, square, constant."""
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    return (np.abs(np.log(v)) + d**2 / v) / 2 + 1


def gaussian_gradient_terms(y_true, y_pred, var, full=False, eps=1e-6):
    """Of the gradient with respect to the variance; a short sum if it is shared."""
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    terms = (1 + d**2 / v) / v
    return 0.0, terms if var.shape == d.shape else terms.sum()


ROWS = {
    "l1_loss": Row(function("l1_loss"), real),
    "mse_loss": Row(function("mse_loss"), real),
    "smooth_l1_loss": Row(
        function("smooth_l1_loss"), real, ({}, {"beta": 0.3}, {"beta": 50.0}, {"beta": 0.0})
    ),
    "huber_loss": Row(function("huber_loss"), real, ({}, {"delta": 0.3}, {"delta": 50.0})),
    "poisson_nll_loss": Row(
        function("poisson_nll_loss"),
        counts,
        ({}, {"full": True}, {"log_input": False}, {"log_input": False, "full": True, "eps": 0.1}),
        terms=poisson_terms,
        gradient_terms=poisson_gradient_terms,
    ),
    "gaussian_nll_loss": Row(
        gaussian,
        means,
        ({}, {"full": True, "eps": 0.3}),
        ((9,), (5, 3), (3, 3), (2, 3, 4)),
        ("plain", "hard", "number of rows", "axis", "columns"),
        (1, 2),
        terms=gaussian_terms,
        gradient_terms=gaussian_gradient_terms,
    ),
}
