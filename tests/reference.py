"""What every loss is: the one place of the tests where a new loss is added.

A `Reference` tells of one loss its formula in plain NumPy, data to evaluate it on, parameters
worth testing, and what it has to refuse. The common tests in ``test_losses.py`` go through
all of them. The formulas are written as in a textbook; they are evaluated in long double, so
that what they lose by it does not matter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

#: The dtype in which the formulas are evaluated.
WIDE = np.longdouble


def any_zeros_and_ones(rng, shapes):
    return [rng.integers(0, 2, shape) for shape in shapes]


@dataclass(frozen=True)
class Data:
    """One way of calling a loss.

    Parameters
    ----------
    arrays : callable
        ``arrays(rng, shape, dtype, params)`` makes the arrays of a call, float64 or of `dtype`
        where they are real; `shape` is that of the first array with a gradient.
    params : tuple of dict
        Parameters to test. A value that is a function is called with `shape`.
    shapes : tuple of tuple
        Small ones, for finite differences.
    large : tuple of tuple
        Those at which blocks, tiles and layouts of the kernels change.
    threaded : tuple
        A shape of more elements than 7 threads ask for.
    bad : tuple of (str, value)
        Input and a value that it must not have.
    zeros_and_ones : callable
        ``zeros_and_ones(rng, shapes)``, the arrays of a call, of the integers 0 and 1 alone.
    huge : callable
        ``huge(rng)``, float64 arrays of a call with 40 MB; None for those that follow from
        the arrays of a small one.
    shared : tuple of str
        Inputs of which all samples share the elements: no part of them belongs to a sample.
    """

    arrays: Callable
    params: tuple = ({},)
    shapes: tuple = ((), (1,), (7,), (5, 3), (2, 3, 4))
    large: tuple = ((480,), (16385,), (960, 3), (1, 1000), (7, 5, 961))
    threaded: tuple = (40_000, 3)
    bad: tuple = ()
    zeros_and_ones: Callable = any_zeros_and_ones
    huge: Callable | None = None
    shared: tuple = ()


def one(arrays, shape, **params):
    """Each element of the unreduced loss counts 1 in the mean."""
    return np.ones(shape)


def unit_scale(*arrays, **params):
    return np.ones(arrays[min(1, len(arrays) - 1)].shape)


def class_axis(ndim):
    return min(ndim - 1, 1)


def class_axis_alone(ndim):
    return (class_axis(ndim),)


def all_used(arrays, k):
    return np.ones(np.shape(arrays[k]), bool)


def own_size(*arrays, **params):
    """What is computed is one product."""
    return None


@dataclass(frozen=True)
class Reference:
    """A loss, by the name of its function.

    Parameters
    ----------
    function_name : str
    unreduced : callable
        ``unreduced(*arrays, **params)``, the loss before weights and reduction; it keeps the
        dtype of its floating arrays.
    data : dict of Data
        By a name.
    mass : callable
        ``mass(arrays, shape, **params)``: what an element of the unreduced loss counts in the
        denominator of the mean.
    share : callable
        ``share(arrays, shape, **params)``: the factor of an element of the unreduced loss in
        the mean, beside its weight.
    reduced : callable
        ``reduced(ndim)``: the axes of a prediction that the unreduced loss lacks, where it is
        not of the same shape.
    sample_axes : tuple of int
        The axis of the samples of each array; the first where nothing is said.
    used : callable
        ``used(arrays, k)``: mask of the elements of array k that are looked at.
    scale : callable
        ``scale(*arrays, **params)``, of the shape of the prediction: the length over which
        the loss is smooth, the unit of the steps of finite differences. 0 where it is not. A
        tuple where that is not the same for all arrays with a gradient.
    value_terms : callable
        ``value_terms(*arrays, **params)``: sums of the absolute terms that make up each
        element of the unreduced loss; None where that is one product, or a sum of terms of
        one sign.
    terms : callable
        The same of the gradient, or a tuple with one for each gradient; the sum over the
        elements that share it where an input is broadcast.
    hessian_terms : callable
        The same of the Hessian.
    invalid : tuple of (str, value)
        Parameter and a value that is out of its range.
    others : dict
        Parameters and for each a value that, with the defaults of the others, changes the
        result.
    gradient : callable or None
        ``gradient(*arrays, **params)``, of the sum of the unreduced loss, where it is not the
        derivative of that.
    coupled : bool
        Whether each loss depends on all the rows. Where the loss has no reduction "none", the
        unreduced loss is that of the terms that it adds up.
    copies : int
        How many float64 copies of the arrays the loss may make.
    """

    function_name: str
    unreduced: Callable
    data: dict
    mass: Callable = one
    share: Callable = one
    reduced: Callable = class_axis_alone
    sample_axes: tuple = ()
    used: Callable = all_used
    scale: Callable = unit_scale
    value_terms: Callable = own_size
    terms: Callable = own_size
    hessian_terms: Callable = own_size
    invalid: tuple = ()
    others: dict = field(default_factory=dict)
    gradient: Callable | None = None
    coupled: bool = False
    copies: int = 0


def place(rng, values, array):
    """Overwrite part of an array by values at random places, each at most once."""
    flat = array.reshape(-1)
    values = np.asarray(values, dtype=array.dtype)
    n = min(len(values), (flat.size + 1) // 2)
    flat[rng.permutation(flat.size)[:n]] = rng.permutation(values)[:n]
    return flat.reshape(array.shape)


def both_signs(*values):
    return [*values, *(-value for value in values)]


def spread(array, shape):
    """A broadcast input in the shape of the loss; beside (3, 3), (3,) is one for each row."""
    if shape and array.shape == shape[:-1]:
        array = array[..., np.newaxis]
    return np.broadcast_to(array, shape)


def fold(array, shape):
    """The inverse: the sums of what goes to one element of a broadcast input of that shape."""
    if array.shape == shape:
        return array
    if shape == array.shape[:-1]:
        return array.sum(axis=-1)
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    summed = tuple(k for k, n in enumerate(shape) if n == 1)
    return array.sum(axis=summed, keepdims=True)


# ---------------------------------------------------------------------------------------------
# Regression
# ---------------------------------------------------------------------------------------------


def real(rng, shape, dtype, params):
    y_true = np.asarray(rng.normal(scale=3, size=shape)).astype(dtype)
    return y_true, (y_true + rng.normal(scale=2, size=shape)).astype(dtype)


def hard_real(rng, shape, dtype, params):
    """Ties, the places where pieces meet, tiny and huge differences, signed zeros."""
    finfo = np.finfo(dtype)
    y_true = place(rng, [0.0, -0.0, 1.0, 1e6, -1e6], real(rng, shape, dtype, params)[0])
    distance = np.asarray(rng.normal(size=shape)).astype(dtype)
    meets = [params.get("beta", 0.5), params.get("delta", 0.5), 1.0, 2.0]
    # The square of the largest is the loss, which is to be finite in the dtype.
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
    # The larger of the two is never wanted; it may overflow.
    with np.errstate(over="ignore"):
        return np.where(d < beta, d**2 / (2 * beta), d - beta / 2)


def huber(y_true, y_pred, delta=1.0):
    d = np.abs(y_pred - y_true)
    return np.where(d <= delta, d**2 / 2, delta * (d - delta / 2))


def to_kink(*places):
    """Distance of y_pred - y_true to the nearest of +-`places`, which are parameters or numbers."""

    def scale(y_true, y_pred, **params):
        d = np.abs(y_pred - y_true)
        kinks = [params.get(p, 1.0) if isinstance(p, str) else p for p in places]
        return np.minimum.reduce([np.abs(d - kink) for kink in kinks])

    return scale


def smooth_l1_scale(y_true, y_pred, beta=1.0):
    # At beta = 0 the only kink is the tie, elsewhere a tie is smooth.
    return to_kink(beta)(y_true, y_pred)


def quantile(y_true, y_pred, quantile=0.5):
    d = spread(y_true, y_pred.shape) - y_pred
    quantile = np.asarray(quantile, WIDE)
    return np.maximum(quantile * d, (quantile - 1) * d)


def quantile_scale(y_true, y_pred, quantile=0.5):
    """A tie is the only kink."""
    return np.abs(y_pred - spread(y_true, y_pred.shape))


def one_target_for_each_row(rng, shape, dtype, params):
    return real(rng, shape[:-1], dtype, params)[0], real(rng, shape, dtype, params)[1]


def quantiles_of(shape):
    """One for each number along the last axis."""
    return list((np.arange(shape[-1]) + 0.5) / shape[-1])


def huge_quantiles(rng):
    return [rng.random(1_000_000), rng.random((1_000_000, 5))]


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
        # Infinity beside a count.
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
    """The terms of the value, their signs left on, and those of an error."""
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
    """Without the last axis; of three axes, the middle one is 1."""
    return shape[:1] if len(shape) < 3 else (shape[0], 1, *shape[2:])


def columns_of(shape):
    """For all samples: with a first axis of 1, or the last axis alone."""
    return shape[-1:] if shape in {(6, 3), (2, 3, 4), (700, 130)} else (1, *shape[1:])


def huge_means(shape_of_var):
    def make(rng):
        shape = (1_000_000, 5)
        return [rng.random(shape), rng.random(shape), np.asarray(rng.random(shape_of_var(shape)))]

    return make


def hard_means(rng, shape, dtype, params):
    """Ties and far misses, variances at, below and just above the least that counts."""
    eps = params.get("eps", 1e-6)
    y_true, y_pred, var = means(lambda shape: shape)(rng, shape, dtype, params)
    y_true = place(rng, [0.0, -0.0, 1e4], y_true)
    y_pred = y_true + place(rng, [0.0, 0.0, 1e-7, -1.0, 1.0, 30.0, -1e4], y_pred - y_true)
    variances = [0.0, 0.0, -0.0, np.finfo(dtype).tiny, eps / 2, eps, 2 * eps, 1.0, 1e10]
    return y_true, y_pred, place(rng, variances, var)


def gaussian_parts(y_true, y_pred, var, eps=1e-6):
    return y_pred - y_true, np.maximum(spread(var, y_pred.shape), eps)


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
    """At and below `eps` the derivative by the variance is not that of the value."""
    return np.ones(y_pred.shape), np.maximum(var - eps, 0)


GAUSSIAN_PARAMS = ({}, {"full": True}, {"eps": 0.3}, {"eps": 0, "full": True})
GAUSSIAN_LARGE = ((960, 3), (1, 1000), (3, 16385), (700, 130), (7, 5, 961))

REGRESSION = (
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
)

# ---------------------------------------------------------------------------------------------
# Binary
# ---------------------------------------------------------------------------------------------

LOGITS = both_signs(0.0, 1e-30, 1e-9, 5.0, 17.0, 40.0, 88.5, 104.0, 710.0, 746.0, 1e4, 1e30)


def soft_targets(rng, shape, dtype):
    y_true = np.asarray(rng.random(shape)).astype(dtype)
    labels = rng.integers(0, 2, shape)
    return np.where(rng.random(shape) < 0.5, labels, y_true).astype(dtype)


def probabilities(rng, shape, dtype, params):
    p = np.asarray(rng.uniform(0.02, 0.98, shape)).astype(dtype)
    return soft_targets(rng, shape, dtype), p


def hard_probabilities(rng, shape, dtype, params):
    """Certain predictions, right and wrong, and the neighbourhood of PyTorch's clamps."""
    finfo = np.finfo(dtype)
    low = [0.0, 0.0, finfo.tiny, finfo.eps, 1e-13, 1e-12, 1e-20, np.exp(-99.5), 4e-44]
    high = [1.0, 1.0, 1 - finfo.epsneg, 1 - 4 * finfo.epsneg, 1 - 1e-5]
    y_true, p = probabilities(rng, shape, dtype, params)
    return y_true, place(rng, [*low, *high], p)


def bce(y_true, y_pred):
    with np.errstate(divide="ignore"):
        right = np.maximum(np.log(y_pred), -100)
        wrong = np.maximum(np.log1p(-y_pred), -100)
    return -(y_true * right + (1 - y_true) * wrong)


def bce_scale(y_true, y_pred):
    p = np.minimum(y_pred, 1 - y_pred)
    return np.where(p > 1e-11, p, 0)


def soft_logits(rng, shape, dtype, params):
    return soft_targets(rng, shape, dtype), np.asarray(rng.normal(scale=3, size=shape)).astype(
        dtype
    )


def hard_logits(rng, shape, dtype, params):
    y_true, z = soft_logits(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def softplus(z):
    return np.logaddexp(np.zeros_like(z), z)


def bce_with_logits(y_true, y_pred, pos_weight=None):
    c = 1.0 if pos_weight is None else np.asarray(pos_weight)
    return c * y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred)


def bce_with_logits_terms(y_true, y_pred, pos_weight=None):
    c = 1.0 if pos_weight is None else np.asarray(pos_weight)
    return c * y_true * sigmoid(-y_pred) + (1 - y_true) * sigmoid(y_pred)


def sigmoid(z):
    return np.exp(-softplus(-z))


def per_output(shape):
    """A positive weight for each place on the last axis; one number for a scalar."""
    return np.linspace(0.5, 4.0, shape[-1]) if shape else 2.5


def binary_labels(rng, shape, dtype, params):
    z = np.asarray(rng.normal(scale=3, size=shape)).astype(dtype)
    return rng.integers(0, 2, shape).astype(dtype), z


def hard_binary_labels(rng, shape, dtype, params):
    y_true, z = binary_labels(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def class_indices(rng, shape, dtype, params):
    """Indices beside logits (n, C), C being the background."""
    z = np.asarray(rng.normal(scale=3, size=shape)).astype(dtype)
    return rng.integers(0, shape[1] + 1, shape[:1]), z


def focal(y_true, y_pred, alpha=0.25, gamma=2.0, loss_weight=1.0):
    if y_true.ndim < y_pred.ndim:
        y_true = (y_true[:, None] == np.arange(y_pred.shape[1])).astype(y_pred.dtype)
    z = np.where(y_true == 1, y_pred, -y_pred)
    with np.errstate(over="ignore", under="ignore"):
        focus = (1 / (1 + np.exp(z))) ** gamma
    balance = 1.0
    if alpha is not None and alpha >= 0:
        balance = np.where(y_true == 1, alpha, 1 - alpha)
    return loss_weight * balance * focus * softplus(-z)


def focal_scale(y_true, y_pred, alpha=0.25, gamma=2.0, loss_weight=1.0):
    """The exponential bends (gamma + 1) times as fast as that of cross-entropy."""
    return np.full(y_pred.shape, 1 / (1 + gamma))


def heat_maps(rng, shape, dtype, params):
    """Peaks, their neighbourhood and much that is 0, beside probabilities."""
    y_true = np.asarray(rng.random(shape)) ** 4
    kind = rng.random(shape)
    y_true = np.where(kind < 0.25, 1, np.where(kind < 0.5, 0, y_true)).astype(dtype)
    return y_true, np.asarray(rng.uniform(0.02, 0.98, shape)).astype(dtype)


def hard_heat_maps(rng, shape, dtype, params):
    """Certain predictions, right and wrong, errors of about eps, targets of almost 1."""
    finfo = np.finfo(dtype)
    low = [0.0, 0.0, finfo.tiny, finfo.eps, 1e-13, 1e-12, 1e-20, 1e-30, 1e-6, 1e-4]
    high = [1.0, 1.0, 1 - finfo.epsneg, 1 - 4 * finfo.epsneg, 1 - 1e-5]
    y_true, p = heat_maps(rng, shape, dtype, params)
    y_true = place(rng, [1 - finfo.epsneg, finfo.tiny, *[1.0] * 6, *[0.0] * 6], y_true)
    return y_true, place(rng, [*low, *high], p)


def log_beside_error(error, eps):
    """log(1 - error + eps), of which little is left where both are small."""
    eps = np.longdouble(eps)
    return np.where(error > 0.5, np.log((1 - error) + eps), np.log1p(eps - error))


def gaussian_focal(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    with np.errstate(under="ignore"):
        error = 1 - y_pred
        # The logarithm of p + eps itself: 1 - (1 - p) has lost digits.
        log_peak = np.where(y_pred < 0.5, np.log(y_pred + eps), log_beside_error(error, eps))
        peak = -log_peak * error**alpha
        rest = -log_beside_error(y_pred, eps) * y_pred**alpha * (1 - y_true) ** gamma
    return np.where(y_true == 1, peak, rest)


def gaussian_focal_value_terms(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    """log t and what eps adds to it."""
    return gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps)[5]


def gaussian_focal_scale(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    """To where the logarithm and, unless its exponent is whole, the power begin."""
    error = np.where(y_true == 1, 1 - y_pred, y_pred)
    scale = np.minimum(1 - error, error) / (1 + alpha)
    return np.where(scale > 1e-11, scale, 0)


def gaussian_focal_terms(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    """Each of the two terms of the derivative has its sign: at o = 0 a power of 0 counts 0."""
    return gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps)[:2].sum(axis=0)


def gaussian_focal_hessian_terms(y_true, y_pred, alpha=2.0, gamma=4.0, eps=1e-12):
    return gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps)[2:5].sum(axis=0)


def gaussian_focal_derivatives(y_true, y_pred, alpha, gamma, eps):
    """Sizes of the terms of the first derivative and of the second, and of the loss."""
    peak = y_true == 1
    o = np.where(peak, 1 - y_pred, y_pred)
    t = np.where(peak, y_pred, 1 - y_pred) + np.longdouble(eps)
    log_t = np.abs(np.log(t)) + eps / t
    weight = np.where(peak, 1, (1 - y_true) ** gamma)
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        powers = [
            np.where(o, o ** (alpha - k), 0) if alpha < k else o ** (alpha - k) for k in range(3)
        ]
    slope = alpha * powers[1] if alpha else 0 * o
    bend = abs(alpha * (alpha - 1)) * powers[2] if alpha not in (0, 1) else 0 * o
    terms = (
        powers[0] / t,
        slope * log_t,
        powers[0] / t**2,
        2 * slope / t,
        bend * log_t,
        powers[0] * log_t,
    )
    return np.stack([weight * term for term in terms])


GAUSSIAN_FOCAL_PARAMS = (
    {},
    {"alpha": 3.0, "gamma": 2},
    {"alpha": 0.5, "gamma": 1.5},
    {"alpha": 1, "gamma": 0},
    {"alpha": 0},
    {"alpha": 1.3, "gamma": 1, "eps": 1e-3},
    {"alpha": 20.0, "gamma": 0.1},
)

FOCAL_PARAMS = (
    {},
    {"alpha": None},
    {"alpha": -1},
    {"alpha": 0},
    {"alpha": 1.0},
    {"alpha": 1e-7},
    {"alpha": 0.9, "gamma": 0.3, "loss_weight": 2.5},
    {"gamma": 0},
    {"gamma": 0.5},
    {"gamma": 20.0},
    {"loss_weight": 0.0},
)


def sign_targets(rng, shape, dtype):
    return (2 * rng.integers(0, 2, shape) - 1).astype(dtype)


def ones_of_both_signs(rng, shapes):
    """Of the two targets the one that is among the integers 0 and 1."""
    return [np.ones(shapes[0], int), *any_zeros_and_ones(rng, shapes[1:])]


def huge_scores(n_scores):
    def make(rng):
        shape = (1_000_000, 5)
        return [np.ones(shape), *(rng.random(shape) for _ in range(n_scores))]

    return make


SIGNS = {"zeros_and_ones": ones_of_both_signs, "huge": huge_scores(1)}


def signs_and_logits(rng, shape, dtype, params):
    return sign_targets(rng, shape, dtype), real(rng, shape, dtype, params)[1]


def hard_signs_and_logits(rng, shape, dtype, params):
    y_true, z = signs_and_logits(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def soft_margin(y_true, y_pred):
    return softplus(-y_true * y_pred)


BAD_SIGNS = (("y_true", 0), ("y_true", 0.5), ("y_true", 2), ("y_true", -2.0))

BINARY = (
    Reference(
        "soft_margin_loss",
        soft_margin,
        {
            "plain": Data(signs_and_logits, bad=BAD_SIGNS, **SIGNS),
            "hard": Data(hard_signs_and_logits, **SIGNS),
        },
    ),
    Reference(
        "binary_cross_entropy",
        bce,
        {
            "plain": Data(
                probabilities,
                bad=(
                    ("y_true", -0.25),
                    ("y_true", 1.25),
                    ("y_pred", -0.25),
                    ("y_pred", 1.25),
                    ("y_true", 255),
                ),
            ),
            "hard": Data(hard_probabilities),
        },
        scale=bce_scale,
    ),
    Reference(
        "binary_cross_entropy_with_logits",
        bce_with_logits,
        {
            name: Data(
                arrays,
                (
                    {},
                    {"pos_weight": 3.0},
                    {"pos_weight": 0},
                    {"pos_weight": per_output},
                    {"pos_weight": lambda shape: np.full(shape, 0.25)},
                    {"pos_weight": lambda shape: [1e-3] if shape else 1e-3},
                ),
                bad=(("y_true", -0.25), ("y_true", 1.25)),
            )
            for name, arrays in (("plain", soft_logits), ("hard", hard_logits))
        },
        terms=bce_with_logits_terms,
        invalid=(
            ("pos_weight", -1.0),
            ("pos_weight", [1.0, -1.0]),
            ("pos_weight", np.nan),
            ("pos_weight", np.inf),
            ("pos_weight", [1.0, np.nan]),
            ("pos_weight", "balanced"),
        ),
        others={"pos_weight": 3.0},
    ),
    Reference(
        "sigmoid_focal_loss",
        focal,
        {
            "plain": Data(
                binary_labels,
                FOCAL_PARAMS,
                bad=(("y_true", 0.5), ("y_true", -1), ("y_true", 2)),
            ),
            "hard": Data(hard_binary_labels, FOCAL_PARAMS),
            "classes": Data(
                class_indices,
                FOCAL_PARAMS[:2],
                shapes=((1, 2), (1, 3), (6, 3), (4, 70)),
                large=((480, 2), (5, 961), (1, 16385)),
                bad=(("y_true", -1), ("y_true", 300), ("y_true", 0.5)),
            ),
        },
        scale=focal_scale,
        invalid=(
            ("gamma", -1),
            ("gamma", np.nan),
            ("gamma", np.inf),
            ("gamma", None),
            ("alpha", 1.5),
            ("alpha", np.nan),
            ("alpha", "balanced"),
            ("loss_weight", -1.0),
            ("loss_weight", np.inf),
            ("loss_weight", None),
        ),
        others={"alpha": 0.9, "gamma": 0.5, "loss_weight": 3.0},
    ),
    Reference(
        "gaussian_focal_loss",
        gaussian_focal,
        {
            "plain": Data(
                heat_maps,
                GAUSSIAN_FOCAL_PARAMS,
                bad=(
                    ("y_true", -0.25),
                    ("y_true", 1.25),
                    ("y_pred", -0.25),
                    ("y_pred", 1.25),
                    ("y_true", 255),
                ),
            ),
            "hard": Data(hard_heat_maps, GAUSSIAN_FOCAL_PARAMS),
        },
        scale=gaussian_focal_scale,
        value_terms=gaussian_focal_value_terms,
        terms=gaussian_focal_terms,
        hessian_terms=gaussian_focal_hessian_terms,
        invalid=(
            ("alpha", -1),
            ("alpha", np.nan),
            ("alpha", None),
            ("gamma", -0.5),
            ("gamma", np.inf),
            ("gamma", None),
            ("eps", 0),
            ("eps", -1e-12),
            ("eps", np.nan),
            ("eps", None),
        ),
        others={"alpha": 3.0, "gamma": 0.5, "eps": 0.1},
    ),
)

# ---------------------------------------------------------------------------------------------
# Multiclass
# ---------------------------------------------------------------------------------------------


def logits_and_labels(rng, shape, dtype, params):
    axis = class_axis(len(shape))
    z = rng.normal(scale=3, size=shape).astype(dtype)
    labels = np.asarray(rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :]))
    # Something is left if class 1 is ignored, or if class 2 weighs nothing.
    labels.reshape(-1)[0] = 0
    return labels, z


def some_ignored(rng, shape, dtype, params):
    labels, z = logits_and_labels(rng, shape, dtype, params)
    drop = np.asarray(rng.random(labels.shape) < 0.4)
    drop.reshape(-1)[0] = False
    labels[drop] = params.get("ignore_index", -100)
    return labels, z


def hard_labels(rng, shape, dtype, params):
    """Saturated and equal logits beside labels."""
    labels, z = some_ignored(rng, shape, dtype, params)
    return labels, place(rng, [*LOGITS, 3.0, 3.0, 3.0], z)


def class_probabilities(rng, shape, dtype, params):
    """Rows that sum to 1 and rows that do not, exact zeros and ones."""
    z = rng.normal(scale=3, size=shape).astype(dtype)
    t = rng.random(shape)
    t[rng.random(shape) < 0.2] = 0
    t[rng.random(shape) < 0.1] = 1
    axis = class_axis(len(shape))
    total = t.sum(axis=axis, keepdims=True)
    normed = np.where(total > 0, t / np.where(total > 0, total, 1), 0)
    return np.where(rng.random(total.shape) < 0.7, normed, t).astype(dtype), z


def one_hot(rng, shape, dtype, params):
    labels, z = logits_and_labels(rng, shape, dtype, params)
    axis = class_axis(len(shape))
    t = np.zeros(shape, dtype=np.int8)
    np.put_along_axis(t, np.expand_dims(labels, axis), 1, axis)
    return t, z


def hot_rows(rng, shapes):
    """One-hot rows of integers, and any zeros and ones as logits."""
    target, z = any_zeros_and_ones(rng, shapes)
    axis = class_axis(len(shapes[0]))
    first = np.cumsum(target, axis=axis) * target == 1
    first[(slice(None),) * axis + (slice(0, 1),)] |= ~first.any(axis=axis, keepdims=True)
    return [first.astype(int), z]


def two_hot_rows(rng, shapes):
    """One-hot rows of integers for both arrays."""
    return [hot_rows(rng, shapes)[0], hot_rows(rng, shapes)[0]]


def hard_class_probabilities(rng, shape, dtype, params):
    t, z = class_probabilities(rng, shape, dtype, params)
    return t, place(rng, [*LOGITS, 3.0, 3.0, 3.0], z)


def resolve_class_weight(class_weight, labels, n_classes, ignore_index):
    if class_weight is None:
        return np.ones(n_classes)
    if isinstance(class_weight, str):
        used = labels[labels != ignore_index]
        counts = np.array([np.sum(used == k) for k in range(n_classes)])
        return np.array([used.size / (n_classes * c) if c else 0.0 for c in counts])
    if isinstance(class_weight, dict):
        return np.array([class_weight.get(k, 1.0) for k in range(n_classes)])
    return np.asarray(class_weight, dtype=float)


def minus_log_softmax(z, axis):
    """Of terms that are not negative, so that certain predictions keep their digits."""
    top = z.max(axis=axis, keepdims=True)
    e = np.exp(z - top)
    np.put_along_axis(e, np.expand_dims(z.argmax(axis=axis), axis), 0, axis)
    return (top - z) + np.log1p(e.sum(axis=axis, keepdims=True))


def ce_targets(y_true, y_pred, class_weight, ignore_index, label_smoothing):
    """The weighted targets tau_j, of the shape of the prediction."""
    axis = class_axis(y_pred.ndim)
    n_classes = y_pred.shape[axis]
    c = resolve_class_weight(class_weight, y_true, n_classes, ignore_index)
    along = [1] * y_pred.ndim
    along[axis] = n_classes
    t = y_true
    if y_true.ndim < y_pred.ndim:
        t = np.expand_dims(y_true, axis) == np.arange(n_classes).reshape(along)
    smooth = (1 - label_smoothing) * t + label_smoothing / n_classes
    tau = c.reshape(along).astype(y_pred.dtype) * smooth
    if y_true.ndim < y_pred.ndim:
        tau = tau * (np.expand_dims(y_true, axis) != ignore_index)
    return tau, axis


def ce(y_true, y_pred, class_weight=None, ignore_index=-100, label_smoothing=0.0):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, label_smoothing)
    return (tau * minus_log_softmax(y_pred, axis)).sum(axis=axis)


def ce_mass(arrays, shape, class_weight=None, ignore_index=-100, label_smoothing=0.0):
    y_true, y_pred = arrays
    if y_true.ndim == y_pred.ndim:
        return np.ones(shape)
    n_classes = y_pred.shape[class_axis(y_pred.ndim)]
    c = resolve_class_weight(class_weight, y_true, n_classes, ignore_index)
    ignored = y_true == ignore_index
    return np.where(ignored, 0.0, c[np.where(ignored, 0, y_true).astype(int)])


def ce_terms(y_true, y_pred, class_weight=None, ignore_index=-100, label_smoothing=0.0):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, label_smoothing)
    softmax = np.exp(-minus_log_softmax(y_pred, axis))
    return softmax * tau.sum(axis=axis, keepdims=True) + tau


def per_class(shape):
    weight = np.linspace(0.5, 2.0, shape[class_axis(len(shape))])
    weight[2:3] = 0
    return weight


CE_SHAPES = ((4,), (1, 1), (1, 2), (6, 3), (17, 2), (3, 4, 2, 2), (2, 261), (1, 256, 2))
CE_LARGE = (
    (2000, 2),
    (700, 10),
    (33, 63),
    (33, 63),
    (70, 255),
    (40, 256),
    (20, 1000),
    (3, 16400),
    (300,),
    (2, 260, 200),
    (2, 4100, 3),
    (4, 7, 5, 30),
)
CE_PARAMS = (
    {},
    {"class_weight": per_class},
    {"class_weight": lambda shape: {0: 3, shape[class_axis(len(shape))] - 1: 0.25}},
    {"label_smoothing": 0.1},
    {"label_smoothing": 1, "class_weight": per_class},
)
CE_LABEL_PARAMS = (
    *CE_PARAMS,
    {"class_weight": "balanced"},
    {"ignore_index": 1},
    {"ignore_index": -1, "class_weight": "balanced", "label_smoothing": 0.3},
)


def ce_data(arrays, params, bad, zeros_and_ones=any_zeros_and_ones):
    return Data(arrays, params, CE_SHAPES, CE_LARGE, (15_000, 8), bad, zeros_and_ones)


BAD_LABELS = (
    ("y_true", -1),
    ("y_true", -99),
    ("y_true", 100_000),
    ("y_true", 0.5),
    ("y_true", np.nan),
    ("y_true", np.inf),
    ("y_true", np.uint64(2**64 - 1)),
    ("y_true", np.int64(-(2**63))),
    ("y_true", 1e300),
)

MULTICLASS = (
    Reference(
        "cross_entropy",
        ce,
        {
            "labels": ce_data(logits_and_labels, CE_LABEL_PARAMS, BAD_LABELS),
            "ignored": ce_data(some_ignored, CE_LABEL_PARAMS, ()),
            "hard": ce_data(hard_labels, CE_PARAMS, ()),
            "probabilities": ce_data(
                class_probabilities, CE_PARAMS, (("y_true", -0.25), ("y_true", 1.25)), hot_rows
            ),
            "one_hot": ce_data(one_hot, CE_PARAMS[:1], (("y_true", 2), ("y_true", -1)), hot_rows),
            "hard_probabilities": ce_data(hard_class_probabilities, CE_PARAMS, (), hot_rows),
        },
        mass=ce_mass,
        terms=ce_terms,
        invalid=(
            ("label_smoothing", -0.1),
            ("label_smoothing", 1.1),
            ("label_smoothing", np.nan),
            ("ignore_index", 1.5),
            ("ignore_index", None),
            ("class_weight", "unbalanced"),
            ("class_weight", 1.0),
            ("class_weight", [1.0, -1.0, 1.0]),
            ("class_weight", [1.0, np.nan, 1.0]),
            ("class_weight", [1.0, np.inf, 1.0]),
            ("class_weight", [1.0, 1.0]),
            ("class_weight", {0: -1.0}),
            ("class_weight", {0: np.nan}),
            ("class_weight", {3: 1.0}),
            ("class_weight", {"a": 1.0}),
        ),
        others={"class_weight": [1.0, 2.0, 3.0], "ignore_index": 0, "label_smoothing": 0.2},
    ),
)


def log_probabilities(arrays):
    """The same data with the log-softmax of its logits."""

    def make(rng, shape, dtype, params):
        target, z = arrays(rng, shape, dtype, params)
        axis = class_axis(len(shape))
        return target, -minus_log_softmax(z.astype(np.longdouble), axis).astype(dtype)

    return make


def hard_log_probabilities(arrays):
    """Logarithms of 0, and numbers that are the logarithm of no probability."""

    def make(rng, shape, dtype, params):
        target, z = log_probabilities(arrays)(rng, shape, dtype, params)
        special = [0.0, -0.0, 5.0, -1e30, 1e30, -1e-30, -745.0]
        if target.ndim < z.ndim or not target.all():
            special += [-np.inf, -np.inf]
        z = place(rng, special, z)
        if target.ndim == z.ndim:
            # The loss is to be finite.
            z[(target != 0) & np.isneginf(z)] = -3.0
        else:
            axis = class_axis(len(shape))
            at = np.expand_dims(np.where(target < 0, 0, target), axis)
            own = np.take_along_axis(z, at, axis)
            np.put_along_axis(z, at, np.where(np.isneginf(own), -3.0, own), axis)
        return target, z

    return make


def nll(y_true, y_pred, class_weight=None, ignore_index=-100):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, 0.0)
    return -np.where(tau != 0, tau * np.where(tau != 0, y_pred, 0), 0).sum(axis=axis)


def nll_scale(y_true, y_pred, **params):
    return np.where(np.isneginf(y_pred), 0, 1)


NLL_PARAMS = (*CE_PARAMS[:3],)
NLL_LABEL_PARAMS = (*NLL_PARAMS, {"ignore_index": 1}, {"class_weight": "balanced"})


def margin_data(rng, shape, dtype, params):
    labels, z = logits_and_labels(rng, shape, dtype, params)
    return labels, z


def hard_margins(rng, shape, dtype, params):
    """Kinks: leads of exactly the margin, and ties."""
    labels, z = logits_and_labels(rng, shape, dtype, params)
    margin = params.get("margin", 1.0)
    return labels, place(rng, [0.0, 0.0, margin, margin, 2 * margin, 1e4, -1e4, 1e-9], z)


def leads(y_true, y_pred):
    """x_y - x_j of every class j, and the place of the label."""
    axis = y_pred.ndim - 1
    own = np.expand_dims(y_true, axis) == np.arange(y_pred.shape[-1])
    at = np.where(own, y_pred, 0).sum(axis=axis, keepdims=True)
    return at - y_pred, own


def label_weight(y_true, n_classes, class_weight):
    return resolve_class_weight(class_weight, y_true, n_classes, None)[y_true.astype(int)]


def multi_margin(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    lead, own = leads(y_true, y_pred)
    c = label_weight(y_true, y_pred.shape[-1], class_weight)
    terms = np.where(own, 0, np.maximum(0, margin - lead) ** p)
    return c * terms.sum(axis=-1) / y_pred.shape[-1]


def multi_margin_scale(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    """The nearest kink of those that a prediction moves: of the label's, all of them."""
    lead, own = leads(y_true, y_pred)
    distance = np.where(own, np.inf, np.abs(margin - lead))
    distance = np.where(own, distance.min(axis=-1, keepdims=True), distance)
    return np.where(np.isfinite(distance), distance, 1.0)


def multi_margin_value_terms(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    """Those of the hinges that are not 0, each margin - x_y + x_j."""
    lead, own = leads(y_true, y_pred)
    at = np.abs(lead + y_pred)
    size = np.abs(margin) + at + np.abs(y_pred)
    z = np.maximum(0, margin - lead)
    terms = np.where(own, 0, size * (2 * z if p == 2 else z > 0))
    c = label_weight(y_true, y_pred.shape[-1], class_weight)
    return c * terms.sum(axis=-1) / y_pred.shape[-1]


def multi_margin_terms(y_true, y_pred, p=1, margin=1.0, class_weight=None):
    lead, own = leads(y_true, y_pred)
    z = np.where(own, 0, np.maximum(0, margin - lead))
    slope = 2 * (z + np.abs(lead) * (z > 0)) if p == 2 else (z > 0) * 1.0
    slope = np.where(own, slope.sum(axis=-1, keepdims=True), slope)
    c = label_weight(y_true, y_pred.shape[-1], class_weight)
    return np.expand_dims(c, -1) * slope / y_pred.shape[-1]


def label_lists(rng, shape, dtype, params):
    """Lists of none to all of the classes, ended by -1, with anything behind."""
    n_classes = shape[-1]
    lists = np.asarray(rng.integers(-1, n_classes, shape))
    for row in lists.reshape(-1, n_classes):
        n = rng.integers(0, min(n_classes, 40) + 1)
        row[:n] = rng.permutation(n_classes)[:n]
        if n < n_classes:
            row[n] = -1
    # A class that is listed twice counts twice.
    if n_classes > 3:
        lists.reshape(-1, n_classes)[0, :4] = [2, 1, 2, -1]
    else:
        lists.reshape(-1, n_classes)[0, :2] = [0, -1][: min(2, n_classes)]
    return lists, rng.normal(scale=2, size=shape).astype(dtype)


def hard_lists(rng, shape, dtype, params):
    lists, z = label_lists(rng, shape, dtype, params)
    return lists, place(rng, [0.0, 0.0, 1.0, 1.0, 2.0, 1e4, -1e4, 1e-9], z)


def times_listed(y_true, n_classes):
    ended = np.maximum.accumulate(y_true == -1, axis=-1)
    labels = np.where(ended, n_classes, y_true)
    return (labels[..., None] == np.arange(n_classes)).sum(axis=-2)


def list_margins(y_true, y_pred):
    """max(0, 1 - x_j + x_k) for each pair (j, k), and its weight, 0 where it is none."""
    times = times_listed(y_true, y_pred.shape[-1])
    z = 1 - y_pred[..., :, None] + y_pred[..., None, :]
    return z, times[..., :, None] * (times == 0)[..., None, :]


def multilabel_margin(y_true, y_pred):
    z, weight = list_margins(y_true, y_pred)
    return (weight * np.maximum(0, z)).sum(axis=(-2, -1)) / y_pred.shape[-1]


def multilabel_margin_scale(y_true, y_pred):
    z, weight = list_margins(y_true, y_pred)
    distance = np.where(weight != 0, np.abs(z), np.inf)
    nearest = np.minimum(distance.min(axis=-1), distance.min(axis=-2))
    return np.where(np.isfinite(nearest), nearest, 1.0)


def multilabel_margin_value_terms(y_true, y_pred):
    _, weight = list_margins(y_true, y_pred)
    size = 1 + np.abs(y_pred)[..., :, None] + np.abs(y_pred)[..., None, :]
    return (weight * size).sum(axis=(-2, -1)) / y_pred.shape[-1]


def multilabel_margin_terms(y_true, y_pred):
    z, weight = list_margins(y_true, y_pred)
    active = weight * (z > 0)
    return (active.sum(axis=-1) + active.sum(axis=-2)) / y_pred.shape[-1]


def indicators(rng, shape, dtype, params):
    z = rng.normal(scale=3, size=shape).astype(dtype)
    return soft_targets(rng, shape, dtype), z


def hard_indicators(rng, shape, dtype, params):
    y_true, z = indicators(rng, shape, dtype, params)
    return y_true, place(rng, LOGITS, z)


def spread_class_weight(y_true, y_pred, class_weight):
    """The weight of each class along the last axis, of the dtype of the predictions."""
    n_classes = y_pred.shape[-1]
    if isinstance(class_weight, str):
        counts = y_true.reshape(-1, n_classes).sum(axis=0, dtype=float)
        return counts.sum() / (n_classes * counts)
    return resolve_class_weight(class_weight, None, n_classes, None).astype(y_pred.dtype)


def multilabel_soft_margin(y_true, y_pred, class_weight=None):
    c = spread_class_weight(y_true, y_pred, class_weight)
    return (c * bce_with_logits(y_true, y_pred)).sum(axis=-1) / y_pred.shape[-1]


def multilabel_soft_margin_terms(y_true, y_pred, class_weight=None):
    c = spread_class_weight(y_true, y_pred, class_weight)
    return c * bce_with_logits_terms(y_true, y_pred) / y_pred.shape[-1]


def last_axis(n_axes):
    return (n_axes - 1,)


def per_last(shape):
    return per_class(shape[-1:])


BAD_INDEX = tuple(item for item in BAD_LABELS if item[1] != -99)
CLASS_WEIGHT_INVALID = (
    ("class_weight", "unbalanced"),
    ("class_weight", 1.0),
    ("class_weight", [1.0, -1.0, 1.0]),
    ("class_weight", [1.0, np.nan, 1.0]),
    ("class_weight", [1.0, 1.0]),
    ("class_weight", {0: -1.0}),
    ("class_weight", {3: 1.0}),
)
ROW_SHAPES = ((4,), (1, 1), (1, 2), (6, 3), (17, 2), (2, 261))
ROW_LARGE = ((2000, 2), (700, 10), (70, 255), (40, 256), (20, 1000), (3, 16400), (300,))
LIST_LARGE = ((2000, 2), (700, 10), (35, 255), (5, 256), (3, 300), (300,))

MULTICLASS += (
    Reference(
        "nll_loss",
        nll,
        {
            "labels": ce_data(log_probabilities(logits_and_labels), NLL_LABEL_PARAMS, BAD_LABELS),
            "ignored": ce_data(log_probabilities(some_ignored), NLL_LABEL_PARAMS, ()),
            "hard": ce_data(hard_log_probabilities(some_ignored), NLL_PARAMS, ()),
            "probabilities": ce_data(
                log_probabilities(class_probabilities),
                NLL_PARAMS,
                (("y_true", -0.25), ("y_true", 1.25)),
                hot_rows,
            ),
            "hard_probabilities": ce_data(
                hard_log_probabilities(class_probabilities), NLL_PARAMS, (), hot_rows
            ),
        },
        mass=ce_mass,
        scale=nll_scale,
        invalid=(*CLASS_WEIGHT_INVALID, ("ignore_index", 1.5), ("ignore_index", None)),
        others={"class_weight": [1.0, 2.0, 3.0], "ignore_index": 0},
    ),
    Reference(
        "multi_margin_loss",
        multi_margin,
        {
            name: Data(
                arrays,
                (
                    {},
                    {"p": 2, "class_weight": per_last},
                    {"margin": 0.3, "class_weight": {0: 3.0}},
                    {"p": 2, "margin": 4.0},
                    {"margin": -0.5},
                    {"margin": 0, "class_weight": "balanced"},
                ),
                ROW_SHAPES,
                ROW_LARGE,
                (15_000, 8),
                bad,
            )
            for name, arrays, bad in (
                ("plain", margin_data, BAD_INDEX),
                ("hard", hard_margins, ()),
            )
        },
        scale=multi_margin_scale,
        value_terms=multi_margin_value_terms,
        terms=multi_margin_terms,
        reduced=last_axis,
        invalid=(
            *CLASS_WEIGHT_INVALID,
            ("p", 3),
            ("p", 0),
            ("p", 1.5),
            ("p", "1"),
            ("margin", np.nan),
            ("margin", np.inf),
            ("margin", None),
        ),
        others={"p": 2, "margin": 3.0, "class_weight": [1.0, 2.0, 3.0]},
    ),
)


def softmax_focal(y_true, y_pred, class_weight=None, gamma=2.0, ignore_index=-100):
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, 0.0)
    s = minus_log_softmax(y_pred, axis)
    with np.errstate(under="ignore"):
        # 1 - p without a cancellation.
        return (tau * s * (-np.expm1(-s)) ** gamma).sum(axis=axis)


def softmax_focal_mass(arrays, shape, class_weight=None, gamma=2.0, ignore_index=-100):
    return ce_mass(arrays, shape, class_weight, ignore_index)


def softmax_focal_scale(y_true, y_pred, class_weight=None, gamma=2.0, ignore_index=-100):
    """p q^gamma has exponentials that bend (gamma + 2) times as fast as that of one class."""
    return np.full(y_pred.shape, 1 / (2 + gamma))


def softmax_focal_hessian_terms(y_true, y_pred, class_weight=None, gamma=2.0, ignore_index=-100):
    """Of both signs where s is large: those of the label, and p_k / q times what both have."""
    tau, axis = ce_targets(y_true, y_pred, class_weight, ignore_index, 0.0)
    own = tau != 0
    minus_log = minus_log_softmax(y_pred, axis)
    s = np.where(own, minus_log, 0).sum(axis=axis, keepdims=True)
    p, q = np.exp(-s), -np.expm1(-s)
    share = np.exp(-minus_log) / np.where(q, q, 1)
    a = q**gamma
    slope = a * (gamma * p * s + q)
    bend = a * gamma * p * (2 * q + s * (np.abs((gamma - 1) * p) + q))
    labelled = a * p * (gamma * (gamma * p * s + q) + q * (gamma + 1 + gamma * s))
    c = tau.sum(axis=axis, keepdims=True)
    return c * np.where(own, labelled, share * (slope + share * bend))


SOFTMAX_FOCAL_PARAMS = (
    {},
    {"gamma": 0, "class_weight": per_class},
    {"gamma": 0.5, "class_weight": lambda shape: {0: 3}},
    {"gamma": 0.01},
    {"gamma": 20.0},
)
SOFTMAX_FOCAL_LABEL_PARAMS = (
    *SOFTMAX_FOCAL_PARAMS,
    {"gamma": 1, "class_weight": "balanced"},
    {"ignore_index": 1},
    {"ignore_index": -1, "class_weight": "balanced"},
)

MULTICLASS += (
    Reference(
        "softmax_focal_loss",
        softmax_focal,
        {
            "labels": ce_data(logits_and_labels, SOFTMAX_FOCAL_LABEL_PARAMS, BAD_LABELS),
            "ignored": ce_data(some_ignored, SOFTMAX_FOCAL_LABEL_PARAMS, ()),
            "hard": ce_data(hard_labels, SOFTMAX_FOCAL_PARAMS, ()),
        },
        mass=softmax_focal_mass,
        scale=softmax_focal_scale,
        hessian_terms=softmax_focal_hessian_terms,
        invalid=(
            *CLASS_WEIGHT_INVALID,
            ("gamma", -1),
            ("gamma", np.nan),
            ("gamma", np.inf),
            ("gamma", None),
            ("ignore_index", 1.5),
        ),
        others={"class_weight": [1.0, 2.0, 3.0], "gamma": 0.5, "ignore_index": 0},
    ),
)

MULTILABEL = (
    Reference(
        "multilabel_margin_loss",
        multilabel_margin,
        {
            name: Data(arrays, ({},), ROW_SHAPES, LIST_LARGE, (15_000, 8), bad)
            for name, arrays, bad in (
                (
                    "plain",
                    label_lists,
                    tuple(
                        (k, -2 if v == -1 else v)
                        for k, v in BAD_INDEX
                        if not isinstance(v, np.uint64)  # no array of these ends with -1
                    ),
                ),
                ("hard", hard_lists, ()),
            )
        },
        scale=multilabel_margin_scale,
        value_terms=multilabel_margin_value_terms,
        terms=multilabel_margin_terms,
        reduced=last_axis,
    ),
    Reference(
        "multilabel_soft_margin_loss",
        multilabel_soft_margin,
        {
            name: Data(
                arrays,
                ({}, {"class_weight": per_last}, {"class_weight": {0: 3.0}}),
                (*ROW_SHAPES, (2, 3, 4)),
                (*ROW_LARGE, (7, 5, 961)),
                (15_000, 8),
                bad,
            )
            for name, arrays, bad in (
                ("plain", indicators, (("y_true", -0.25), ("y_true", 1.25))),
                ("hard", hard_indicators, ()),
            )
        },
        terms=multilabel_soft_margin_terms,
        reduced=last_axis,
        invalid=CLASS_WEIGHT_INVALID,
        others={"class_weight": [1.0, 2.0, 3.0]},
    ),
)

# ---------------------------------------------------------------------------------------------
# Sequences
# ---------------------------------------------------------------------------------------------


def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def needed(target):
    """The least number of times of a target: a blank between two of the same label."""
    return len(target) + int(np.sum(target[1:] == target[:-1]))


def sequences(rng, shape, dtype, params):
    """Rows of labels, of which some ends are not used, beside inputs of several lengths."""
    n_times, n_sequences, n_classes = shape
    # Two at the most: labels repeat. Without class 1 of four, which may then be the blank.
    labels = np.setdiff1d(np.arange(n_classes), [0, params.get("blank", 0)])
    labels = labels[-2:]
    targets = rng.choice(labels, (n_sequences, max(n_times // 2, 1)))
    times = rng.integers((n_times + 1) // 2, n_times, n_sequences, endpoint=True)
    lengths = rng.integers(0, targets.shape[1], n_sequences, endpoint=True)
    # The first and the last element are used.
    times[[0, -1]], lengths[[0, -1]] = n_times, targets.shape[1]
    for i in range(n_sequences):
        while needed(targets[i, : lengths[i]]) > times[i]:
            lengths[i] -= 1
        targets[i, lengths[i] :] = -77
    return targets, log_softmax(rng.normal(size=shape)).astype(dtype), times, lengths


def used_labels(arrays, k):
    if k != 0:
        return all_used(arrays, k)
    return np.arange(arrays[0].shape[1]) < arrays[3][:, None]


def unit_sequences(rng, shapes):
    """One label 1 for one time."""
    ones = [np.ones(shape, int) for shape in shapes]
    return [ones[0], rng.integers(0, 2, shapes[1]), *ones[2:]]


def huge_sequences(rng):
    n_times, n_sequences, n_classes = 100, 1000, 50
    log_probs = rng.random((n_times, n_sequences, n_classes))
    return [
        np.ones((n_sequences, 5)),
        log_probs,
        np.full(n_sequences, float(n_times)),
        np.full(n_sequences, 5.0),
    ]


def ctc_one(target, log_probs, blank):
    """Forward algorithm in logarithms over blanks and labels in turn."""
    if len(log_probs) == 0:
        return -np.inf if len(target) else 0.0
    states = [blank]
    for label in target:
        states += [label, blank]
    alpha = np.full(len(states), -np.inf, log_probs.dtype)
    alpha[:2] = log_probs[0][states[:2]]
    for row in log_probs[1:]:
        before = alpha
        alpha = np.empty_like(before)
        for s, label in enumerate(states):
            alpha[s] = np.logaddexp(before[s], before[s - 1]) if s else before[s]
            if s > 1 and label != blank and label != states[s - 2]:
                alpha[s] = np.logaddexp(alpha[s], before[s - 2])
            alpha[s] += row[label]
    return np.logaddexp.reduce(alpha[-2:])


def ctc(targets, log_probs, input_lengths, target_lengths, blank=0, zero_infinity=False):
    losses = []
    for i, (n_times, n_labels) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        losses.append(-ctc_one(targets[i, :n_labels], log_probs[:n_times, i], blank))
    losses = np.array(losses, log_probs.dtype)
    return np.where(np.isinf(losses), 0, losses) if zero_infinity else losses


def by_length(arrays, shape, **params):
    return 1 / np.maximum(arrays[3], 1)


SEQUENCE = (
    Reference(
        "ctc_loss",
        ctc,
        {
            "padded": Data(
                sequences,
                ({}, {"blank": 2}, {"zero_infinity": True}),
                ((1, 1, 3), (4, 2, 3), (9, 5, 4), (2, 3, 4)),
                ((70, 3, 40), (33, 9, 4)),
                (120, 40, 30),
                (
                    ("targets", -1),
                    ("targets", 0),
                    ("targets", 100),
                    ("targets", 0.5),
                    ("targets", np.uint64(2**63)),
                    ("input_lengths", -1),
                    ("input_lengths", 100),
                    ("input_lengths", 1.5),
                    ("target_lengths", -1),
                    ("target_lengths", 100),
                    ("target_lengths", 1.5),
                ),
                zeros_and_ones=unit_sequences,
                huge=huge_sequences,
            )
        },
        share=by_length,
        reduced=lambda ndim: (0, ndim - 1),
        sample_axes=(0, 1, 0, 0),
        used=used_labels,
        invalid=(
            ("blank", -1),
            ("blank", 4),
            ("blank", 0.5),
            ("blank", None),
            ("zero_infinity", "yes"),
            ("zero_infinity", None),
        ),
        others={"blank": 1},
    ),
)


# Pairs and triplets of vectors
# ---------------------------------------------------------------------------------------------


def norm(x):
    return np.sqrt((x**2).sum(axis=-1))


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
    """Those of the gradient of the cosine by x: of z / (|x| |z|) and x s / |x|^2."""
    length, other = (np.maximum(norm(v), eps)[..., None] for v in (x, z))
    return (np.abs(z) / other + np.abs(x) / length) / length


# For each distance its definition, terms of its gradient by the first vector, and the length
# over which it is smooth.
DISTANCES = {
    "euclidean": (minkowski, minkowski_terms, minkowski_scale),
    "cosine": (
        lambda x, z: 1 - cosine_similarity(x, z),
        unit_terms,
        # PyTorch's derivative of a vector shorter than 1e-8 is none of the definition.
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
    """The hinge before it is cut off, the distances in it, and the two that are compared."""
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


def vectors_of(spreads):
    """Vectors around common centres, as those of a training set are."""

    def make(rng, shape, dtype, params):
        base = rng.normal(size=shape)
        return tuple((base + s * rng.normal(size=shape)).astype(dtype) for s in spreads)

    return make


triplets = vectors_of((0.8, 0.8, 1.2))


def hard_rows(rng, arrays, dtype):
    """Overwrite rows by those at which distances, angles or lengths are special."""
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
            # A fourth one lies where the first does.
            for array, row in zip(rows, (*special, special[0]), strict=False):
                array[i] = row
    return tuple(row.reshape(array.shape) for row, array in zip(rows, arrays, strict=True))


def hard_triplets(rng, shape, dtype, params):
    arrays = hard_rows(rng, triplets(rng, shape, dtype, params), np.dtype(dtype).type)
    if params.get("distance") == "sqeuclidean":
        # Squares are the loss, which is to be finite in the dtype.
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
    # Squares are the loss, which is to be finite in the dtype.
    top = float(np.finfo(dtype).max) ** 0.5 / 1e4
    return (y_true + 1) // 2, np.clip(x1, -top, top), np.clip(x2, -top, top)


def pairwise_contrastive(y_true, x1, x2, margin=1.0):
    d = norm(x1 - x2)
    return np.where(y_true == 1, d, np.maximum(0, margin - d)) ** 2 / 2


def pairwise_contrastive_value_terms(y_true, x1, x2, margin=1.0):
    """The margin less the distance is known to as much as these are."""
    d = norm(x1 - x2)
    lack = np.maximum(0, margin - d)
    return np.where(y_true == 1, d**2 / 2, lack * (margin + d) + 1e-16 * (margin + d) ** 2)


def pairwise_contrastive_terms(y_true, x1, x2, margin=1.0):
    d = norm(x1 - x2)[..., None]
    unit = np.abs(x1 - x2) / np.where(d, d, 1)
    terms = unit * np.where(np.expand_dims(y_true, -1) == 1, d, np.where(d < margin, margin + d, 0))
    return terms, terms


def pairwise_contrastive_scale(y_true, x1, x2, margin=1.0):
    """Its slope has a kink at the margin, and the distance at 0."""
    d = norm(x1 - x2)
    reach = np.where(y_true == 1, 1 + d, np.minimum(d, np.abs(margin - d)))[..., None]
    return reach + 0 * x1, reach + 0 * x2


images_and_texts = vectors_of((0.6, 0.6, 1.2, 1.2))


def hard_images_and_texts(rng, shape, dtype, params):
    return hard_rows(rng, images_and_texts(rng, shape, dtype, params), np.dtype(dtype).type)


def bidirectional_parts(image, text, negative_image, negative_text, margin=0.2):
    """The distance of what belongs together, and the hinges before they are cut off."""
    near = norm(image - text)
    others = norm(image - negative_text), norm(negative_image - text)
    return near, others, [margin + near - far for far in others]


def bidirectional_triplet(*vectors, margin=0.2):
    return sum(np.maximum(0, z) for z in bidirectional_parts(*vectors, margin=margin)[2])


def bidirectional_value_terms(*vectors, margin=0.2):
    near, others, _ = bidirectional_parts(*vectors, margin=margin)
    return 2 * (margin + near) + sum(others)


def bidirectional_terms(image, text, negative_image, negative_text, margin=0.2):
    together, to_text, to_image = (
        minkowski_terms(x, z, 2.0, 0.0)
        for x, z in ((image, text), (image, negative_text), (negative_image, text))
    )
    return 2 * together + to_text, 2 * together + to_image, to_image, to_text


def bidirectional_scale(image, text, negative_image, negative_text, margin=0.2):
    near, others, hinges = bidirectional_parts(
        image, text, negative_image, negative_text, margin=margin
    )
    reach = np.minimum.reduce([near, *others, *np.abs(hinges)])[..., None] / 4
    return tuple(reach + 0 * x for x in (image, text, negative_image, negative_text))


VECTOR_SHAPES = ((3,), (1, 2), (5, 3), (2, 3, 4), (18, 2), (3, 67))
# Numbers are vectors too, but all of them are parallel: no data to be smooth in.
HARD_VECTOR_SHAPES = (*VECTOR_SHAPES, (1, 1), (9, 1))
VECTOR_LARGE = ((700, 10), (960, 3), (33, 63), (300, 64), (17, 100), (20, 1000), (2, 20_000))
VECTOR_LARGE += ((2, 40, 100), (5500, 3), (70,))


def vector_data(plain, hard, params, bad=(), **more):
    return {
        "plain": Data(plain, params, VECTOR_SHAPES, VECTOR_LARGE, (40_000, 3), bad, **more),
        "hard": Data(hard, params, HARD_VECTOR_SHAPES, VECTOR_LARGE, (40_000, 3), **more),
    }


def same_kind(rng, shapes):
    """Vectors of zeros and ones that are all to be alike."""
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

VECTORS = (
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
    Reference(
        "bidirectional_triplet_loss",
        bidirectional_triplet,
        vector_data(images_and_texts, hard_images_and_texts, ({}, {"margin": 0}, {"margin": -0.5})),
        reduced=last_axis,
        value_terms=bidirectional_value_terms,
        scale=bidirectional_scale,
        terms=bidirectional_terms,
        invalid=MARGINS[2:],
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
)

# ---------------------------------------------------------------------------------------------
# Divergences
# ---------------------------------------------------------------------------------------------


def target_and_log_probability(rng, shape, dtype, params):
    """Targets that may be probabilities as well as logarithms; zeros among them."""
    p = np.asarray(rng.uniform(0.01, 1, shape))
    p = np.where(rng.random(shape) < 0.2, 0, p).astype(dtype)
    return p, np.log(rng.uniform(0.01, 1, shape)).astype(dtype)


def two_log_probabilities(rng, shape, dtype, params):
    p = np.log(rng.uniform(0.01, 1, shape)).astype(dtype)
    return p, np.log(rng.uniform(0.01, 1, shape)).astype(dtype)


HARD_LOGS = (0.0, -0.0, -1e-9, -40.0, -104.0, -746.0, -1e4, -np.inf, -np.inf, -np.inf)


def hard_target_and_log_probability(rng, shape, dtype, params):
    """Beside a probability of 0 nothing but a probability of 0, as the loss is infinite."""
    p, q = target_and_log_probability(rng, shape, dtype, params)
    p = place(rng, [0, 0, 0, 0, 1, 1, np.finfo(dtype).tiny, 1e-30, 1 - 2**-20, 3.0], p)
    q = place(rng, HARD_LOGS, q)
    return p, np.where((q == -np.inf) & (p > 0), -50, q).astype(dtype)


def hard_logs(rng, shape, dtype, params):
    p, q = two_log_probabilities(rng, shape, dtype, params)
    p, q = place(rng, HARD_LOGS, p), place(rng, HARD_LOGS, q)
    return p, np.where((q == -np.inf) & (p > -np.inf), -50, q).astype(dtype)


def kl_logs(y_true, y_pred, log_target=False):
    """Where the probability is not 0: it, its logarithm, and that of the prediction."""
    some = y_true > -np.inf if log_target else y_true > 0
    p = np.where(some, y_true, 0 if log_target else 1)
    return (
        np.where(some, np.exp(p) if log_target else p, 0),
        p if log_target else np.log(p),
        np.where(some, y_pred, 0),
    )


def kl(y_true, y_pred, log_target=False):
    p, log_p, q = kl_logs(y_true, y_pred, log_target)
    return p * (log_p - q)


def kl_size(y_true, y_pred, log_target=False):
    p, log_p, q = kl_logs(y_true, y_pred, log_target)
    return p * (np.abs(log_p) + np.abs(q))


LOG_TARGET = {"log_target": True}

DIVERGENCES = (
    Reference(
        "kl_div",
        kl,
        {
            "plain": Data(target_and_log_probability, bad=(("y_true", -0.25), ("y_true", -1))),
            "logs": Data(two_log_probabilities, (LOG_TARGET,)),
            "hard": Data(hard_target_and_log_probability),
            "hard logs": Data(hard_logs, (LOG_TARGET,)),
        },
        value_terms=kl_size,
        invalid=(("log_target", None), ("log_target", "yes")),
        others={"log_target": True},
    ),
)


def two_logits(rng, shape, dtype, params):
    """Of a teacher and of a student that has learned something, or all."""
    teacher = rng.normal(scale=5, size=shape).astype(dtype)
    student = (teacher + rng.normal(scale=3, size=shape)).astype(dtype)
    return teacher, np.where(
        rng.random(shape[:1] + (1,) * (len(shape) - 1)) < 0.1, teacher, student
    )


def hard_two_logits(rng, shape, dtype, params):
    """Saturated and equal logits."""
    return tuple(
        place(rng, [*both_signs(0.0, 1e-9, 40.0, 88.5, 1e3, 1e4), 3.0, 3.0], z)
        for z in two_logits(rng, shape, dtype, params)
    )


def distillation(teacher, student, temperature=4.0):
    temperature = np.longdouble(temperature)
    axis = class_axis(teacher.ndim)
    of_teacher = minus_log_softmax(teacher / temperature, axis)
    of_student = minus_log_softmax(student / temperature, axis)
    p = np.exp(-of_teacher)
    return temperature**2 * (p * (of_student - of_teacher)).sum(axis=axis)


def distillation_value_terms(teacher, student, temperature=4.0):
    """The logarithms of both: where they are nearly equal little is left of them."""
    axis = class_axis(teacher.ndim)
    of_teacher = minus_log_softmax(teacher / temperature, axis)
    of_student = minus_log_softmax(student / temperature, axis)
    p = np.exp(-of_teacher)
    # A mean of logarithms is that of differences of logits and the logarithm of a sum.
    return temperature**2 * (
        (p * (of_student + of_teacher)).sum(axis=axis)
        + of_teacher.min(axis=axis)
        + of_student.min(axis=axis)
    )


def distillation_terms(teacher, student, temperature=4.0):
    axis = class_axis(teacher.ndim)
    u, v = (np.exp(-minus_log_softmax(z / temperature, axis)) for z in (teacher, student))
    return temperature * (u + v)


def distillation_scale(teacher, student, temperature=4.0):
    return np.full(student.shape, temperature)


def two_distributions(rng, shape, dtype, params):
    """Softmaxes, some of them nearly equal; some that do not sum to 1."""
    axis = class_axis(len(shape))
    z = rng.normal(scale=2, size=shape)
    near = rng.random(shape[:1] + (1,) * (len(shape) - 1)) < 0.3
    moved = z + np.where(near, 1e-3, 1) * rng.normal(size=shape)
    p, q = (np.exp(-minus_log_softmax(x, axis)) for x in (z, moved))
    return (0.75 * p).astype(dtype), np.where(near, 0.75 * q, q).astype(dtype)


def hard_distributions(rng, shape, dtype, params):
    """Exact zeros and ones, on either side and on both, and tiny probabilities."""
    finfo = np.finfo(dtype)
    p, q = (
        place(rng, [0.0, 0.0, 0.0, 1.0, 1.0, finfo.tiny, 1e-30, 1e-9, finfo.eps], x)
        for x in two_distributions(rng, shape, dtype, params)
    )
    alike = np.asarray(rng.random(shape))
    q = np.where(alike < 0.2, p, q)
    q = np.where((alike > 0.2) & (alike < 0.3), (p * (1 - 4 * finfo.eps)).astype(dtype), q)
    return p, q


def jensen_shannon(y_true, y_pred):
    """Relative to the mean: x log x for x near 1 loses what is of the first order, twice."""
    mean = (y_true + y_pred) / 2
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        t = np.where(mean > 0, (y_true - y_pred) / 2 / mean, 0)
        # By the series, where the logarithms cancel.
        series = np.zeros_like(t)
        for k in range(29, 0, -1):
            series = series * t**2 + t**2 / (k * (2 * k - 1))
        # 1 + t of the smaller one is not exact.
        low = np.minimum(y_true, y_pred)
        log_low = np.where(low > 0, np.log(np.where(low > 0, low, 1) / np.where(mean, mean, 1)), 0)
        far = np.abs(t) > 0.3
        high = (1 + np.abs(t)) * np.log1p(np.abs(t))
        exact = mean * high + low * log_low
    terms = np.where(far, exact, mean * series) / 2
    return terms.sum(axis=class_axis(y_pred.ndim))


def jensen_shannon_scale(y_true, y_pred):
    """Near the target the summand is a square, of the size of its value over the distance."""
    return np.minimum(y_pred / 2, np.abs(y_pred - y_true))


def entropy(y_pred, base=None):
    axis = class_axis(y_pred.ndim)
    s = minus_log_softmax(y_pred, axis)
    with np.errstate(under="ignore"):
        value = (np.exp(-s) * s).sum(axis=axis)
    return value if base is None else value / np.log(np.longdouble(base))


def entropy_terms(y_pred, base=None):
    """p_j log p_j and p_j times the entropy, each relative to the largest."""
    axis = class_axis(y_pred.ndim)
    s = minus_log_softmax(y_pred, axis)
    p = np.exp(-s)
    d = s - s.min(axis=axis, keepdims=True)
    unit = 1 if base is None else 1 / np.log(np.longdouble(base))
    return unit * p * (d + (p * d).sum(axis=axis, keepdims=True))


def entropy_hessian_terms(y_pred, base=None):
    axis = class_axis(y_pred.ndim)
    p = np.exp(-minus_log_softmax(y_pred, axis))
    unit = 1 if base is None else 1 / np.log(np.longdouble(base))
    return entropy_terms(y_pred, base) + unit * p


def logits_alone(rng, shape, dtype, params):
    return (rng.normal(scale=3, size=shape).astype(dtype),)


def hard_logits_alone(rng, shape, dtype, params):
    return (place(rng, [*LOGITS, 3.0, 3.0, 3.0], logits_alone(rng, shape, dtype, params)[0]),)


def small_probabilities(rng, shapes):
    return [rng.integers(0, 2, shape) for shape in shapes]


BAD_PROBABILITIES = (
    ("y_true", -0.25),
    ("y_true", 1.25),
    ("y_pred", -0.25),
    ("y_pred", 1.25),
    ("y_true", 2),
)

DIVERGENCES += (
    Reference(
        "distillation_loss",
        distillation,
        {
            "plain": ce_data(two_logits, ({}, {"temperature": 1}, {"temperature": 0.3}), ()),
            "hard": ce_data(hard_two_logits, ({}, {"temperature": 100.0}), ()),
        },
        scale=distillation_scale,
        value_terms=distillation_value_terms,
        terms=distillation_terms,
        invalid=(
            ("temperature", 0),
            ("temperature", -1.0),
            ("temperature", np.nan),
            ("temperature", np.inf),
            ("temperature", None),
        ),
        others={"temperature": 1.0},
    ),
    Reference(
        "js_div",
        jensen_shannon,
        {
            "plain": ce_data(two_distributions, ({},), BAD_PROBABILITIES, two_hot_rows),
            "hard": ce_data(hard_distributions, ({},), (), two_hot_rows),
        },
        scale=jensen_shannon_scale,
    ),
    Reference(
        "entropy",
        entropy,
        {
            "plain": ce_data(logits_alone, ({}, {"base": 2}, {"base": 10.0}), ()),
            "hard": ce_data(hard_logits_alone, ({}, {"base": 2}), ()),
        },
        terms=entropy_terms,
        hessian_terms=entropy_hessian_terms,
        invalid=(
            ("base", 1),
            ("base", 0.5),
            ("base", -2.0),
            ("base", np.nan),
            ("base", np.inf),
            ("base", "2"),
        ),
        others={"base": 2.0},
    ),
)

# ---------------------------------------------------------------------------------------------
# Given pairs
# ---------------------------------------------------------------------------------------------


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
    # Where float64 rounds it to 0, it is none.
    distance = np.where(distance > 1e-9 * (np.abs(x1) + np.abs(x2)), distance, 0)
    return distance, distance


def margin_ranking_size(y_true, x1, x2, margin=0.0):
    return np.abs(margin) + np.abs(x1 - x2)


def hinge_embedding_size(y_true, y_pred, margin=1.0):
    return np.abs(margin) + np.abs(y_pred)


# Exact in float32, so that what is at the kink there is at the kink in float64.
KINKS = ({}, {"margin": 0.25}, {"margin": -2.0}, {"margin": 50})
BAD_MARGINS = (("margin", None), ("margin", np.nan), ("margin", np.inf), ("margin", "1"))

PAIRS = (
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

# ---------------------------------------------------------------------------------------------
# Batches
# ---------------------------------------------------------------------------------------------

# All the pairs at once, as (n, n) arrays: rows are anchors. `slopes` are the sizes of the terms
# of the derivatives of the anchors' losses by the similarities.


def softplus_of(x):
    return np.logaddexp(0, x).astype(x.dtype)


def log_sum(e, mask):
    """log of the sum of exp(e) over the columns where `mask` holds; -inf where there are none."""
    top = np.max(np.where(mask, e, -np.inf), axis=1, keepdims=True)
    top = np.where(np.isinf(top), 0, top)
    with np.errstate(divide="ignore"):
        return (top + np.log(np.where(mask, np.exp(e - top), 0).sum(axis=1, keepdims=True)))[:, 0]


def exp_of(e, mask):
    return np.where(mask, np.exp(np.where(mask, e, 0)), 0)


def directions(x):
    """Unit vectors, and norms; a zero vector has neither."""
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
    return softplus_of(u[positive])


def nt_xent_slopes(s, positive, negative, temperature=0.07):
    e = s / temperature
    ln = log_sum(e, negative)
    has = negative.any(axis=1)
    u = np.where(has, ln, 0)[:, None] - e
    pulls = np.where(positive & has[:, None], sigmoid(u), 0)
    p = exp_of(e - np.where(has, ln, 0)[:, None], negative)
    return (pulls + p * pulls.sum(axis=1, keepdims=True)) / temperature


def multi_similarity(s, positive, negative, alpha=2.0, beta=50.0, base=0.5):
    pull = softplus_of(log_sum(-alpha * (s - base), positive)) / alpha
    return pull + softplus_of(log_sum(beta * (s - base), negative)) / beta


def multi_similarity_slopes(s, positive, negative, alpha=2.0, beta=50.0, base=0.5):
    result = 0
    for k, mask in ((-alpha, positive), (beta, negative)):
        e = k * (s - base)
        result = result + exp_of(e - softplus_of(log_sum(e, mask))[:, None], mask)
    return result


def circle_parts(s, margin, gamma):
    """alpha and exponents of positives and negatives."""
    a_p, a_n = np.maximum(0, 1 + margin - s), np.maximum(0, s + margin)
    return a_p, -gamma * a_p * (s - 1 + margin), a_n, gamma * a_n * (s - margin)


def circle(s, positive, negative, margin=0.4, gamma=80.0):
    _, e_p, _, e_n = circle_parts(s, margin, gamma)
    both = positive.any(axis=1) & negative.any(axis=1)
    u = log_sum(e_p, positive) + log_sum(e_n, negative)
    return np.where(both, softplus_of(np.where(both, u, 0)), 0)


def circle_derivatives(s, positive, negative, margin=0.4, gamma=80.0):
    """By the similarities, with alpha held constant."""
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
    """The loss of labelled rows, from one of their similarities."""

    def unreduced(y_true, embeddings, **params):
        x, _ = directions(embeddings)
        return losses(x @ x.T, *masks(y_true), **params)

    return unreduced


def cosine_terms(slopes):
    """Of the gradient: each similarity moves a row by a unit vector over the row's length."""

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
    """Labels, each of some rows, beside embeddings."""
    n = shape[0]
    y_true = rng.integers(0, max(n // 3, 1), n) * 3 - 1
    # The first two are a pair, the third is of another class: every mean is of something.
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
    """Labels 0 and 1, of both some, beside rows of 0 and 1."""
    y_true = np.arange(shapes[0][0]) % 2
    return [y_true, *(rng.integers(0, 2, shape) for shape in shapes[1:])]


BATCH_SHAPES = ((3, 1), (4, 3), (6, 3), (17, 4))
BATCH_LARGE = ((150, 5), (300, 7), (400, 3))
BATCH_THREADED = (400, 300)


def batch_data(params, kinds=("plain", "hard"), rows=batch_rows, hard=hard_batch_rows):
    return {
        kind: Data(
            rows if kind == "plain" else hard,
            params,
            BATCH_SHAPES,
            BATCH_LARGE,
            BATCH_THREADED,
            zeros_and_ones=binary_batch,
            huge=huge_batch,
        )
        for kind in kinds
    }


def all_axes(ndim):
    return tuple(range(ndim))


TEMPERATURE_INVALID = tuple(("temperature", v) for v in (0, -1.0, np.nan, np.inf, None, "1"))
MARGIN_INVALID = tuple(("margin", v) for v in (np.nan, np.inf, None, "1"))


def batch(name, losses, slopes, size, steepness, params, **keywords):
    """A row of a loss of labelled rows, by their cosines."""
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

BATCH = (
    batch(
        "sup_con_loss",
        sup_con,
        sup_con_slopes,
        exponent_size,
        by_temperature,
        TEMPERATURES,
        mass=counted_positive,
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
        mass=counted_both,
        gradient=circle_gradient,
        invalid=(*MARGIN_INVALID, *(("gamma", v) for v in (0, -1.0, np.nan, np.inf, None))),
        others={"margin": 0.2, "gamma": 10.0},
    ),
)

# Triplets -----------------------------------------------------------------------------------


def pair_distances(x):
    return np.sqrt(((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=-1))


def batch_hard(y_true, embeddings, margin=0.3, soft=False):
    d = pair_distances(embeddings)
    positive, negative = masks(y_true)
    gap = np.where(positive, d, 0).max(axis=1) - np.where(negative, d, np.inf).min(axis=1)
    if soft:
        return np.where(negative.any(axis=1), softplus_of(gap), 0)
    return np.where(negative.any(axis=1), np.maximum(0, gap + margin), 0)


def batch_semi_hard(y_true, embeddings, margin=1.0):
    d = pair_distances(embeddings)
    positive, negative = masks(y_true)
    losses = []
    for i, p in np.argwhere(positive):
        others = d[i, negative[i]]
        if len(others) == 0:
            losses.append(0.0)
            continue
        farther = others[others > d[i, p]]
        chosen = farther.min() if len(farther) else others.max()
        losses.append(max(0.0, margin + d[i, p] - chosen))
    return np.array(losses, embeddings.dtype)


def batch_all(y_true, embeddings, margin=0.3):
    d = pair_distances(embeddings)
    positive, negative = masks(y_true)
    losses = []
    for i in range(len(d)):
        own, others = d[i, positive[i]], d[i, negative[i]]
        losses.append(np.maximum(0, margin + own[:, None] - others[None, :]).ravel())
    return np.concatenate(losses)


def with_a_loss(arrays, shape, margin=0.3):
    return (batch_all(arrays[0], np.asarray(arrays[1], np.longdouble), margin) > 0) * 1.0


def mined_scale(y_true, embeddings, margin=0.3, soft=False):
    """Half the least change that makes another choice, or reaches a kink."""
    d = pair_distances(embeddings)
    off = ~np.eye(len(d), dtype=bool)
    gaps = [
        np.abs(d[i, :, None] - d[i, None, :] + m)[off] for i in range(len(d)) for m in (0, margin)
    ]
    nearest = np.min(gaps) if len(d) > 1 else 1.0
    return np.full(embeddings.shape, min(nearest, np.min(d[off], initial=1.0)) / 4)


def mined_value_terms(losses):
    def terms(y_true, embeddings, margin=0.3, **params):
        n = len(losses(y_true, embeddings, margin=margin, **params))
        return np.full(n, 2 * np.max(pair_distances(embeddings)) + abs(margin))

    return terms


def mined_terms(count):
    """As many unit vectors as triplets that a row may be in."""

    def terms(y_true, embeddings, **params):
        n = len(embeddings)
        return np.full(embeddings.shape, 4.0 * {"anchors": n, "pairs": n * n}[count])

    return terms


def mined(name, losses, count, params, **keywords):
    defaults = {
        "scale": mined_scale,
        "value_terms": mined_value_terms(losses),
        "terms": mined_terms(count),
        "reduced": all_axes,
        "invalid": MARGIN_INVALID,
        "others": {"margin": 0.5},
        "coupled": True,
        "copies": 2,
    }
    return Reference(name, losses, batch_data(params), **{**defaults, **keywords})


BATCH_MARGINS = ({}, {"margin": 2.0}, {"margin": -0.1}, {"margin": 0})

BATCH += (
    mined(
        "batch_hard_triplet_loss",
        batch_hard,
        "anchors",
        (*BATCH_MARGINS, {"soft": True}),
        invalid=(*MARGIN_INVALID, ("soft", "yes"), ("soft", None)),
        others={"margin": 0.5, "soft": True},
    ),
    mined("batch_semi_hard_triplet_loss", batch_semi_hard, "anchors", BATCH_MARGINS),
    mined("batch_all_triplet_loss", batch_all, "pairs", BATCH_MARGINS, mass=with_a_loss),
)

# Two modalities -----------------------------------------------------------------------------


def modalities(rng, shape, dtype, params):
    x = rng.normal(size=shape)
    return x.astype(dtype), (x + rng.normal(size=shape)).astype(dtype)


def hard_modalities(rng, shape, dtype, params):
    x, z = modalities(rng, shape, dtype, params)
    n = len(x)
    if n > 3:
        z[1] = x[1]
        z[2] = -x[2]
        x[3] *= 30
        z[0] = x[0]
        x[1] *= 1e-3
    if n > 5:
        x[4] = 0
        z[5] = 0
    return x, z


def cosines(x, z):
    a, norm = directions(x)
    b, other = directions(z)
    return a @ b.T, norm, other


def info_nce(images, texts, temperature=0.07, symmetric=True):
    s, _, _ = cosines(images, texts)
    own = np.eye(len(s), dtype=bool)
    rows = sup_con(s, own, ~own, temperature)
    return (rows + sup_con(s.T, own, ~own, temperature)) / 2 if symmetric else rows


def info_nce_slopes(s, temperature=0.07, symmetric=True):
    own = np.eye(len(s), dtype=bool)
    w = sup_con_slopes(s, own, ~own, temperature)
    return (w + sup_con_slopes(s.T, own, ~own, temperature).T) / 2 if symmetric else w


def siglip(images, texts, temperature=10.0, bias=-10.0):
    s, _, _ = cosines(images, texts)
    sign = 1 - 2 * np.eye(len(s))
    return softplus_of(sign * (temperature * s + bias)).sum(axis=1)


def siglip_slopes(s, temperature=10.0, bias=-10.0):
    sign = 1 - 2 * np.eye(len(s))
    return temperature * sigmoid(sign * (temperature * s + bias))


def vse_similarities(images, texts, similarity):
    if similarity == "precomputed":
        return images
    return cosines(images, texts)[0] if similarity == "cosine" else images @ texts.T


def vse_gaps(s, margin):
    """What the hinges are taken of, for both directions; -inf on the diagonal."""
    own = np.diag(s)[:, None]
    off = np.where(np.eye(len(s), dtype=bool), -np.inf, 0)
    return margin - own + s + off, margin - own + s.T + off


def vse(images, texts=None, margin=0.2, max_violation=False, similarity="cosine"):
    s = vse_similarities(images, texts, similarity)
    sides = [np.maximum(0, gap) for gap in vse_gaps(s, margin)]
    return sum(side.max(axis=1) if max_violation else side.sum(axis=1) for side in sides)


def vse_slopes(s, margin=0.2, max_violation=False, similarity="cosine"):
    n = len(s)
    return np.full((n, n), 2.0) + np.eye(n) * 4 * n


def vse_scale(images, texts=None, margin=0.2, max_violation=False, similarity="cosine"):
    s = vse_similarities(images, texts, similarity)
    kinks = [np.abs(gap[np.isfinite(gap)]) for gap in vse_gaps(s, margin)]
    if max_violation:
        for gap in vse_gaps(s, margin):
            for row in gap:
                row = np.sort(row[np.isfinite(row)])
                kinks.append(np.diff(row))
    least = min([np.min(kink, initial=1.0) for kink in kinks])
    if similarity == "precomputed":
        return np.full(s.shape, least / 4)
    longest = max(np.linalg.norm(a.astype(float), axis=1).max() for a in (images, texts))
    results = []
    for a in (images, texts):
        _, norm = directions(a)
        unit = norm / 8 if similarity == "cosine" else np.full(len(a), 1 / (8 * (1 + longest)))
        results.append(np.broadcast_to((least * unit)[:, None], a.shape))
    return tuple(results)


def vse_value_terms(images, texts=None, margin=0.2, max_violation=False, similarity="cosine"):
    s = vse_similarities(images, texts, similarity)
    return np.full(len(s), 2.0 * len(s) * (abs(margin) + 2 * np.abs(s).max()))


def cmpm_parts(s, norm, y_true, eps):
    logits = norm[:, None] * s
    lse = np.logaddexp.reduce(logits, axis=1)[:, None]
    match = y_true[:, None] == y_true[None, :]
    q = match / match.sum(axis=1, keepdims=True)
    return logits - lse, np.log(q + np.asarray(eps, s.dtype))


def cmpm(y_true, images, texts, eps=1e-8):
    s, norm, other = cosines(images, texts)
    total = 0
    for matrix, length in ((s, norm), (s.T, other)):
        log_p, log_q = cmpm_parts(matrix, length, y_true, eps)
        total = total + (np.exp(log_p) * (log_p - log_q)).sum(axis=1)
    return total


def cmpm_sizes(y_true, images, texts, eps):
    s, norm, other = cosines(images, texts)
    for matrix, length in ((s, norm), (s.T, other)):
        log_p, log_q = cmpm_parts(matrix, length, y_true, eps)
        yield np.exp(log_p) * (np.abs(log_p) + np.abs(log_q)), 1 + length, norm, other


def cmpm_value_terms(y_true, images, texts, eps=1e-8):
    return sum(p.sum(axis=1) * steep for p, steep, _, _ in cmpm_sizes(y_true, images, texts, eps))


def cmpm_terms(y_true, images, texts, eps=1e-8):
    (w, steep, norm, other), (v, steep_v, _, _) = cmpm_sizes(y_true, images, texts, eps)
    w = (w + np.exp(0) * w.sum(axis=1, keepdims=True) * (w > 0)) * (steep**2)[:, None]
    v = (v + v.sum(axis=1, keepdims=True) * (v > 0)) * (steep_v**2)[:, None]
    both = w + v.T
    return (
        over_length(both.sum(axis=1), norm, images.shape),
        over_length(both.sum(axis=0), other, texts.shape),
    )


def cmpm_scale(y_true, images, texts, eps=1e-8):
    _, norm, other = cosines(images, texts)
    longest = 1 + max(norm.max(), other.max())
    return tuple(
        np.broadcast_to((np.minimum(1, length) / (4 * longest))[:, None], a.shape)
        for length, a in ((norm, images), (other, texts))
    )


def modality_terms(slopes):
    def terms(images, texts=None, similarity="cosine", **params):
        if similarity == "precomputed":
            return slopes(images, **params)
        if similarity == "dot":
            w = slopes(images @ texts.T, **params)
            return w @ np.abs(texts), w.T @ np.abs(images)
        s, norm, other = cosines(images, texts)
        w = np.abs(slopes(s, **params))
        return (
            over_length(w.sum(axis=1), norm, images.shape),
            over_length(w.sum(axis=0), other, texts.shape),
        )

    return terms


def modality_scale(steepness):
    def scale(images, texts, **params):
        unit = np.minimum(1, 1 / steepness(**params)) / 4
        return tuple(
            np.broadcast_to((directions(a)[1] * unit)[:, None], a.shape) for a in (images, texts)
        )

    return scale


def sum_size(images, texts, temperature=0.07, bias=0.0, symmetric=True):
    n = len(images)
    steepness = temperature if bias else 1 / temperature
    size = 2 * steepness + abs(bias) + np.log(n) + 1
    return np.full(n, size * (n if bias else 1))


def huge_modalities(rng):
    n, d = 40, 65_000
    return list(rng.normal(size=(2, n, d)))


def matrix_of_similarities(rng, shape, dtype, params):
    return (rng.uniform(-1, 1, size=shape).astype(dtype),)


def binary_modalities(rng, shapes):
    return [rng.integers(0, 2, shape) for shape in shapes]


def modality_data(params, arrays=modalities, hard=hard_modalities, labelled=False):
    huge = huge_modalities
    if labelled:
        arrays, hard = with_labels(arrays), with_labels(hard)

        def huge(rng):
            return [rng.integers(0, 10, 40).astype(float), *huge_modalities(rng)]

    return {
        kind: Data(
            make,
            params,
            ((2, 2), *BATCH_SHAPES[1:]),
            BATCH_LARGE,
            BATCH_THREADED,
            zeros_and_ones=binary_batch if labelled else binary_modalities,
            huge=huge,
        )
        for kind, make in (("plain", arrays), ("hard", hard))
    }


def with_labels(arrays):
    def make(rng, shape, dtype, params):
        return batch_rows(rng, shape, dtype, params)[0], *arrays(rng, shape, dtype, params)

    return make


VSE_PARAMS = (
    {},
    {"max_violation": True},
    {"similarity": "dot", "margin": 1.0},
    {"similarity": "dot", "max_violation": True},
    {"margin": -0.3},
)

BATCH += (
    Reference(
        "info_nce_loss",
        info_nce,
        modality_data((*TEMPERATURES, {"symmetric": False})),
        value_terms=sum_size,
        terms=modality_terms(info_nce_slopes),
        scale=modality_scale(lambda temperature=0.07, symmetric=True: 1 / temperature),
        reduced=all_axes,
        invalid=(*TEMPERATURE_INVALID, ("symmetric", "yes"), ("symmetric", None)),
        others={"temperature": 0.5, "symmetric": False},
        coupled=True,
        copies=2,
    ),
    Reference(
        "siglip_loss",
        siglip,
        modality_data(({}, {"temperature": 1.0, "bias": -1.0}, {"temperature": 90, "bias": -5})),
        value_terms=sum_size,
        terms=modality_terms(siglip_slopes),
        scale=modality_scale(lambda temperature=10.0, bias=-10.0: temperature),
        reduced=all_axes,
        invalid=(*TEMPERATURE_INVALID, *(("bias", v) for v in (np.nan, np.inf, None))),
        others={"temperature": 5.0, "bias": -3.0},
        coupled=True,
        copies=2,
    ),
    Reference(
        "vse_loss",
        vse,
        modality_data(VSE_PARAMS),
        value_terms=vse_value_terms,
        terms=modality_terms(vse_slopes),
        scale=vse_scale,
        reduced=all_axes,
        invalid=(
            *MARGIN_INVALID,
            ("max_violation", "yes"),
            ("similarity", "euclidean"),
            ("similarity", None),
        ),
        others={"margin": 0.5, "max_violation": True, "similarity": "dot"},
        coupled=True,
        copies=2,
    ),
    Reference(
        "cmpm_loss",
        cmpm,
        modality_data(({}, {"eps": 0.1}), labelled=True),
        value_terms=cmpm_value_terms,
        terms=cmpm_terms,
        scale=cmpm_scale,
        reduced=all_axes,
        invalid=tuple(("eps", v) for v in (0, -1.0, np.nan, np.inf, None)),
        others={"eps": 0.1},
        coupled=True,
        copies=2,
    ),
)

# ---------------------------------------------------------------------------------------------
# Adversarial
# ---------------------------------------------------------------------------------------------


def scores(rng, shape, dtype, params):
    return (np.asarray(rng.normal(scale=2, size=shape)).astype(dtype),)


def hard_critic_scores(rng, shape, dtype, params):
    """Saturated ones, and those at which a term has its kink or its least value."""
    fake = scores(rng, shape, dtype, params)[0]
    kinks = [1.0, 1.0, -1.0, 0.0, -0.0, 1 - np.finfo(dtype).eps, 1e-30, 1e4, -1e4, 40.0, -40.0]
    return (place(rng, kinks, fake),)


def generator(fake, kind="vanilla"):
    if kind == "vanilla":
        return softplus(-fake)
    if kind == "saturating":
        return -softplus(fake)
    return (fake - 1) ** 2 / 2 if kind == "lsgan" else -fake


GENERATOR_PARAMS = tuple(
    {"kind": kind} for kind in ("vanilla", "saturating", "lsgan", "hinge", "wgan")
)


def critic_gradients(rng, shape, dtype, params):
    return (np.asarray(rng.normal(size=shape)).astype(dtype),)


def hard_critic_gradients(rng, shape, dtype, params):
    """Of length 0, of the target's length, tiny and huge."""
    g = critic_gradients(rng, shape, dtype, params)[0]
    huge = 1e15 if dtype == np.float32 else 1e150
    rows = g.reshape(len(g), -1)
    rows[::2] = 0
    rows[::2, -1] = np.resize([0.0, 1.0, 1e-30, huge], len(rows[::2]))
    return (g,)


def sample_lengths(gradients):
    """Of a sample: over all axes but the first, which are kept."""
    axes = tuple(range(1, gradients.ndim))
    return np.sqrt((gradients**2).sum(axis=axes, keepdims=True))


def gradient_penalty(gradients, weight=10.0, target=1.0):
    return weight * (sample_lengths(gradients).reshape(len(gradients)) - target) ** 2


def gradient_penalty_size(gradients, weight=10.0, target=1.0):
    """2 |g| times its error times the distance from the target; or the square of the error."""
    d = sample_lengths(gradients).reshape(len(gradients))
    return weight * (np.abs(d - target) * (d + target) + 1e-16 * (d + target) ** 2)


def gradient_penalty_terms(gradients, weight=10.0, target=1.0):
    d = sample_lengths(gradients)
    return 2 * weight * (d + target) * np.abs(gradients) / np.where(d, d, 1)


def gradient_penalty_scale(gradients, weight=10.0, target=1.0):
    """Over its own length a direction changes."""
    return sample_lengths(gradients) + 0 * gradients


PENALTY_PARAMS = ({}, {"weight": 0.5, "target": 0}, {"weight": 0, "target": 3.0})
SAMPLE_SHAPES = ((1,), (7,), (5, 3), (2, 3, 4), (3, 2, 2, 40))

ADVERSARIAL = (
    Reference(
        "generator_loss",
        generator,
        {
            "plain": Data(scores, GENERATOR_PARAMS),
            "hard": Data(hard_critic_scores, GENERATOR_PARAMS),
        },
        invalid=(("kind", "gan"), ("kind", None), ("kind", ["vanilla"])),
        others={"kind": "lsgan"},
    ),
    Reference(
        "gradient_penalty",
        gradient_penalty,
        {
            "plain": Data(critic_gradients, PENALTY_PARAMS, SAMPLE_SHAPES),
            "hard": Data(hard_critic_gradients, PENALTY_PARAMS, SAMPLE_SHAPES),
        },
        reduced=lambda ndim: tuple(range(1, ndim)),
        scale=gradient_penalty_scale,
        value_terms=gradient_penalty_size,
        terms=gradient_penalty_terms,
        invalid=(
            ("weight", -1),
            ("weight", np.nan),
            ("weight", None),
            ("target", -0.5),
            ("target", np.inf),
            ("target", "1"),
        ),
        others={"weight": 1.0, "target": 0.5},
    ),
)

# Losses whose arrays are averaged each on its own, and so have no elements of which the common
# tests could be: see test_adversarial.py.
OF_SEVERAL_MEANS = (
    "adversarial_consistency_discriminator_loss",
    "adversarial_consistency_generator_loss",
    "discriminator_loss",
)

ROWS = (
    *ADVERSARIAL,
    *REGRESSION,
    *BINARY,
    *MULTICLASS,
    *MULTILABEL,
    *SEQUENCE,
    *VECTORS,
    *DIVERGENCES,
    *PAIRS,
    *BATCH,
)
REFERENCES = {row.function_name: row for row in ROWS}
