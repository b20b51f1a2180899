"""The constant prediction that minimises a loss: the formulas, and a numerical minimisation.

`optimal_constant` is the implementation of `Loss.optimal_constant`. It uses the formula of the
loss, `Loss._best_constant`, if there is one. Otherwise it minimises the loss over the constants
that its link (`_links.py`) allows. The first half of this module has what the formulas are made of:
weighted means, quantiles and class frequencies, and their links.
"""

import math
from typing import Any

import numpy as np
from scipy.optimize import brentq, linprog, minimize, minimize_scalar
from scipy.sparse import csr_array
from scipy.special import log_softmax
from sklearn.base import clone

from ._class_weight import balanced_weight, check_class_weight
from ._domains import END_OF_LIST, NONNEGATIVE
from ._links import EPS, LARGEST_LOGIT, centre, link_of
from ._validation import (
    as_array,
    assume_finite,
    check_one_hot,
    check_sample_weight,
    raise_label,
    raise_outside,
    target_to_ignore,
)


def has_constant(loss):
    """Whether a loss compares predictions with targets, so that a constant can minimise it."""
    return link_of(loss) is not None and loss.tags.target not in ("none", "box")


# ---------------------------------------------------------------------------------------------
# Formulas for the best constant
# ---------------------------------------------------------------------------------------------


# Numbers above this one are scaled down before they are added, so that their sum is finite.
_HUGE = 2.0**960


def mean(values, weight):
    """Weighted mean along the samples. It is finite if the values are."""
    largest = np.abs(values).max(axis=0)
    if not np.any(largest > _HUGE):
        return np.average(values, axis=0, weights=weight)
    _, exponent = np.frexp(largest)
    scaled = np.average(np.ldexp(values, -exponent), axis=0, weights=weight)
    # Rounding must not carry the mean of the largest numbers to infinity.
    with np.errstate(over="ignore"):
        return np.clip(np.ldexp(scaled, exponent), values.min(axis=0), values.max(axis=0))


def weighted_sum(weight, values):
    """Weighted sum of the rows of a matrix.

    ``weight @ values`` would be rounded differently by the BLAS kernels for different CPUs.
    """
    return np.einsum("i,ij->j", weight, values)


def mean_and_variance(loss, values, weight):
    """The normal distribution that minimises a loss, for each column: the tuple (mean, variance).

    The variance is at least the smallest normal number.
    """
    least = np.finfo(np.float64).tiny
    means, variances = np.empty(values.shape[1:]), np.empty(values.shape[1:])
    for column in np.ndindex(means.shape):
        share = weight[(slice(None), *column)]
        # Values without weight must not decide about the unit.
        own, share = values[(slice(None), *column)][share > 0], share[share > 0]
        share = share / share.sum()
        # In units in which the values have mean 0 and a variance of 1.
        centre_, largest = mean(own, share), np.abs(own).max()
        unit = np.sqrt(mean(((own - centre_) / (largest or 1)) ** 2, share)) * largest
        means[column], variances[column] = centre_, least
        if unit <= 0:
            continue
        scaled = (own - centre_) / unit

        def value_and_gradient(point, scaled=scaled, share=share):
            at, log_variance = point
            value, (by_mean, by_variance) = loss.value_and_gradient(
                scaled,
                np.full(scaled.shape, at),
                np.exp(log_variance),
                sample_weight=share,
                reduction="sum",
            )
            return value, np.array([by_mean.sum(), by_variance * np.exp(log_variance)])

        found = minimize(
            value_and_gradient,
            np.zeros(2),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), (-600.0, 600.0)],
            options={"ftol": 0.0, "gtol": 1e-11, "maxiter": 2000},
        ).x
        means[column] = centre_ + found[0] * unit
        variances[column] = max(np.exp(found[1]) * unit**2, least)
    return means, variances


def median(values, weight):
    """Weighted median along the samples; see `quantile`."""
    return quantile(values, weight, 0.5)


def quantile(values, weight, q):
    """Weighted quantile along the samples: the midpoint of the interval of all q-quantiles.

    A sample of weight k counts as k samples. `q` is a number or an array of numbers, whose axis
    then is the last one of `weight` and of the result.
    """
    order = np.argsort(values, axis=0)
    values = np.take_along_axis(values, order, axis=0)

    def midpoint(q, weight):
        below = np.cumsum(np.take_along_axis(weight, order, axis=0), axis=0)
        total = below[-1:]
        # Samples beyond this one have no weight.
        last = (below < total).sum(axis=0, keepdims=True)
        # Each sample adds a rounding error to the cumulative sums.
        rounding = len(values) * EPS * q * total
        lower = (below < q * total - rounding).sum(axis=0, keepdims=True)
        upper = np.minimum((below <= q * total + rounding).sum(axis=0, keepdims=True), last)
        low, high = (np.take_along_axis(values, at, axis=0)[0] for at in (lower, upper))
        with np.errstate(over="ignore"):
            middle = (low + high) / 2
        # The sum of two large numbers is not finite.
        return np.where(np.isinf(middle), low / 2 + high / 2, middle)

    if np.ndim(q) == 0:
        return midpoint(q, weight)
    return np.stack([midpoint(item, weight[..., k]) for k, item in enumerate(q)], axis=-1)


def log_rate(rate):
    """Logarithm of a rate; a rate of 0 counts as eps."""
    return np.log(np.where(rate > 0, rate, EPS))


def logit(positive, negative=None):
    """Log-odds of two shares, which need not sum to 1; `negative` defaults to 1 - positive."""
    negative = 1 - positive if negative is None else negative
    total = positive + negative
    # If both are 0, the loss is 0 and any constant minimises it.
    total = np.where(total == 0, 1.0, total)
    return np.log(np.maximum(positive / total, EPS)) - np.log(np.maximum(negative / total, EPS))


def log_shares(shares):
    """Log-probabilities of classes from their shares, which need not sum to 1."""
    largest = shares.max()
    if largest <= 0:
        return np.full(shares.shape, -math.log(len(shares)))
    _, exponent = np.frexp(largest)
    shares = np.ldexp(shares, -exponent)  # so that their sum is finite
    return log_softmax(np.log(np.clip(shares / shares.sum(), EPS, None)))


def frequencies(y_true, weight, class_weight):
    """Weighted shares of the classes, from labels or from probabilities."""
    total = weight.sum()
    if y_true.ndim == 1:
        n_classes = _n_classes(class_weight)
        return np.bincount(y_true.astype(np.intp), weight, minlength=n_classes) / total
    return weighted_sum(weight / total, y_true)


def increasing(thresholds):
    """Raise thresholds that are not greater than the one before, in place, to the next number."""
    for k in range(1, len(thresholds)):
        least = np.nextafter(thresholds[k - 1], thresholds.dtype.type(np.inf))
        thresholds[k] = np.maximum(thresholds[k], least)
    return thresholds


def weigh(shares, class_weight):
    """Shares of the classes times their weights."""
    if class_weight is None:
        return shares
    return shares * check_class_weight(class_weight, len(shares))


def count_listed(lists, n_classes):
    """How many times each row lists each class, an array of shape (n_samples, n_classes)."""
    listed = np.cumsum(lists == END_OF_LIST, axis=1) == 0
    counts = np.zeros((len(lists), n_classes))
    np.add.at(counts, (np.nonzero(listed)[0], lists[listed].astype(np.intp)), 1)
    return counts


def best_leads(cost, margin):
    """Minimise the sum over j and k of cost[j, k] * max(0, margin - z[j] + z[k]) over z.

    The dual linear program is solved: the maximal circulation between the classes, a flow without
    sources, with the capacities `cost`. Its potentials are z.
    """
    pairs = (cost > 0) & ~np.eye(len(cost), dtype=bool)
    leads, lags = np.nonzero(pairs)
    arcs = np.arange(len(leads))
    if not len(arcs):
        return np.zeros(len(cost))
    signs = np.repeat([1.0, -1.0], len(arcs))
    places = (np.concatenate([leads, lags]), np.tile(arcs, 2))
    result = linprog(
        np.full(len(arcs), -float(margin)),
        A_eq=csr_array((signs, places), shape=(len(cost), len(arcs))),
        b_eq=np.zeros(len(cost)),
        bounds=np.column_stack([np.zeros(len(arcs)), cost[pairs]]),
        method="highs",
    )
    return centre(-result.eqlin.marginals)


def _n_classes(class_weight):
    """The least number of classes that fits the class weights."""
    if class_weight is None or isinstance(class_weight, str):
        return 0
    if isinstance(class_weight, dict):
        for label in class_weight:
            if not isinstance(label, (int, np.integer)) or label < 0:
                raise ValueError(
                    f"The keys of class_weight must be class indices >= 0. Got {label!r} instead."
                )
        return max(class_weight, default=-1) + 1
    return len(class_weight)


# ---------------------------------------------------------------------------------------------
# The best constant
# ---------------------------------------------------------------------------------------------

#: Targets that are, for each sample, a class index or one element for each class.
OF_CLASSES = (
    "class_index",
    "class_rank",
    "class_position",
    "class_list",
    "class_probability",
    "teacher_logits",
)
#: Those of them that are class indices, which depend on the number of classes.
_OF_INDICES = ("class_index", "class_rank", "class_list")

_ALL_ZERO = "There is no optimal constant: the sample weights are all zero."


def optimal_constant(loss, y_true, sample_weight=None, n_classes=0):
    """See `Loss.optimal_constant`. `n_classes` is a lower bound of the number of classes."""
    loss._resolve()  # the tags may depend on the parameters
    leaves = loss._leaves()
    if len(leaves) == 1 and leaves[0][1] > 0:
        loss = leaves[0][0]
    tags = loss.tags
    if not has_constant(loss):
        raise ValueError(f"{type(loss).__name__} has no constant prediction that minimises it.")
    link = link_of(loss)
    item = loss.inputs[0]
    y_true = np.atleast_1d(item.read(y_true))
    of_outputs = tags.target not in OF_CLASSES
    ignored = _find_ignored(loss, y_true) if of_outputs else np.zeros(y_true.shape, bool)
    is_checked = tags.target not in _OF_INDICES and not assume_finite()
    if is_checked and (item.domain.outside(y_true) & ~ignored).any():
        ignore_index = float(y_true[ignored][0]) if ignored.any() else None
        raise_outside(y_true, item.name, item.domain, ignore_index)
    if of_outputs:
        return _constant_of_outputs(loss, link, y_true, sample_weight, ignored)
    return _constant_of_classes(loss, link, y_true, sample_weight, n_classes)


def _find_ignored(loss, y_true):
    """Mask of the targets that a loss ignores, or all the losses of a sum."""
    indices = [getattr(leaf, "ignore_index", None) for leaf, _ in loss._leaves()]
    ignored = np.all([y_true == target_to_ignore(k, y_true.dtype) for k in indices], axis=0)
    if ignored.all(axis=0).any():
        raise ValueError("There is no optimal constant: the samples are all ignored.")
    return ignored


def _check_weight(sample_weight, shape, axis=None, ignored: Any = False):
    """Check weights and broadcast them to `shape`; return float64, 0 for what is ignored.

    The weights along `axis` are scaled by a power of 2, so that neither their sum nor its products
    with class weights overflow.
    """
    if sample_weight is None:
        weight = np.broadcast_to(1.0, shape)
        return np.where(ignored, 0.0, weight) if np.any(ignored) else weight
    weight, _ = check_sample_weight(sample_weight, shape)
    if NONNEGATIVE.outside(weight).any():
        raise_outside(weight, "sample_weight", NONNEGATIVE)
    weight = np.where(ignored, 0.0, weight.astype(np.float64))
    largest = weight.max(axis=axis)
    if not np.all(largest):
        raise ValueError(_ALL_ZERO)
    return np.ldexp(weight, -np.frexp(largest)[1])


def _constant_of_outputs(loss, link, y_true, sample_weight, ignored):
    """The best constant for each column of the target, and for each quantile."""
    if y_true.dtype.kind != "f" or y_true.dtype.itemsize != 8:
        y_true = y_true.astype(np.float64)
    trailing = loss.trailing_shape
    if trailing and y_true.ndim > 1 and np.shape(sample_weight) == y_true.shape:
        # One weight for each target, whatever the quantile.
        sample_weight = as_array(sample_weight, "sample_weight")
        sample_weight = np.expand_dims(sample_weight, tuple(range(-len(trailing), 0)))
        sample_weight = np.broadcast_to(sample_weight, y_true.shape + trailing)
    if ignored.any():
        y_true = np.where(ignored, y_true[~ignored][0], y_true)
    ignored = np.expand_dims(ignored, tuple(range(-len(trailing), 0)))
    weight = _check_weight(sample_weight, y_true.shape + trailing, axis=0, ignored=ignored)
    constant = loss._best_constant(y_true, weight)
    if constant is None:
        constant = np.empty(weight.shape[1:])
        for column in np.ndindex(constant.shape):
            target = y_true[(slice(None), *column[: y_true.ndim - 1])]
            own = weight[(slice(None), *column)]
            if trailing:
                # The loss takes the columns of a target together; the others have no weight.
                own = np.zeros(own.shape + trailing)
                own[(slice(None), *column[y_true.ndim - 1 :])] = weight[(slice(None), *column)]
            constant[column] = _minimise_output(loss, link, target, own)
    if isinstance(constant, tuple):
        return tuple(map(_float_or_array, constant))
    return _float_or_array(constant)


def _float_or_array(value):
    value = np.asarray(value, dtype=np.float64)
    return value if value.ndim else float(value)


def _minimise_output(loss, link, y_true, weight):
    """Minimise the loss numerically for one column of the target.

    `weight` has the shape of the predictions.
    """
    if loss.tags.target in ("binary", "sign") and weight.ndim == 1:
        # One term for each distinct target; usually there are two.
        y_true, group = np.unique(y_true, return_inverse=True)
        weight = np.bincount(group, weight)
    kept = weight > 0 if weight.ndim == 1 else weight.any(axis=tuple(range(1, weight.ndim)))
    y_true, weight = y_true[kept], weight[kept]
    buffer = np.empty(weight.shape)
    total = {"sample_weight": weight, "reduction": "sum"}

    def value(constant):
        return loss(y_true, np.broadcast_to(constant, weight.shape), **total)

    def slope(constant):
        prediction = np.broadcast_to(constant, weight.shape)
        return loss.gradient(y_true, prediction, gradient_out=buffer, **total).sum()

    low, high = _bracket(link, y_true, slope)
    if not loss.tags.convex:
        return _search(value, slope, low, high)
    return _root(slope, low, high)


def _bracket(link, y_true, slope):
    """Bounds between which the slope changes its sign, within the bounds of the link."""
    low, high = link.low, link.high
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    # First guess: predictions are on the scale of the target.
    with np.errstate(over="ignore"):
        width = max(np.ptp(y_true), 1.0)
    start = (low, low + 1) if math.isfinite(low) else (y_true.min(), y_true.max())
    bounds = [float(np.clip(edge, low, high)) for edge in start]
    for side, sign in ((0, 1), (1, -1)):
        step = width
        while sign * slope(bounds[side]) > 0 and bounds[side] not in (low, high):
            if not step < 1e300:
                raise ValueError(
                    "There is no optimal constant: the loss decreases without bound along constant "
                    "predictions."
                )
            bounds[side] = float(np.clip(bounds[side] - sign * step, low, high))
            step *= 2
    return bounds


def _root(slope, low, high):
    """The zero of an increasing slope, or where it jumps across zero."""
    if low >= high or slope(low) >= 0:
        return low
    if slope(high) <= 0:
        return high
    # The length of the bracket may exceed the largest number.
    unit = 1.0 if math.isfinite(float(high) - float(low)) else 4.0
    # SciPy's annotation of rtol is too narrow.
    root = brentq(
        lambda x: slope(x * unit),
        low / unit,
        high / unit,
        xtol=1e-300,
        rtol=4 * EPS,  # pyright: ignore[reportArgumentType]
        maxiter=2000,
    )
    return float(root * unit)  # pyright: ignore[reportOperatorIssue]


# Number of grid points at which a loss that is not convex is evaluated first.
_N_GRID = 257


def _search(value, slope, low, high):
    """The minimum of a loss that may have several, refined around the best point of a grid."""
    unit = 1.0 if math.isfinite(float(high) - float(low)) else 4.0
    grid = unit * np.linspace(low / unit, high / unit, _N_GRID)
    best = int(np.argmin([value(point) for point in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = [grid[best], low, high]
    if slope(low) < 0 < slope(high):
        found.append(_root(slope, low, high))
    found.append(minimize_scalar(value, bounds=(low, high), method="bounded").x)
    return min(found, key=value)


def _constant_of_classes(loss, link, y_true, sample_weight, least):
    """The best constant for each class; there are at least `least` classes."""
    leaves = [leaf for leaf, _ in loss._leaves()]
    ranked = loss.tags.target == "class_rank"
    has_index = loss.tags.target == "class_index"
    dense = y_true.ndim > 1 and "dense" in getattr(leaves[0], "targets", ())
    labelled = ranked or (has_index and not dense)
    weights = [getattr(leaf, "class_weight", None) for leaf in leaves]
    if loss.tags.target == "class_position":
        y_true = _share_positions(y_true, max(least, math.ceil(y_true.max()) + 1))
    if labelled:
        weight = _check_weight(sample_weight, y_true.shape).ravel()
        y_true = y_true.ravel()
        ignored = _find_ignored(loss, y_true)
        n_classes = max(*map(_n_classes, weights), least, math.floor(y_true[~ignored].max()) + 1)
        if ranked:
            n_classes = max(n_classes, 2)  # there is a column between them
        y_true, weight = y_true[~ignored], weight[~ignored]
        raise_label(y_true, loss.inputs[0].name, max(n_classes, 1))
        # A sample of weight 0 makes the highest class known, whether or not it has samples.
        y_true, weight = np.append(y_true, n_classes - 1), np.append(weight, 0)
    else:
        if y_true.ndim == 1:
            y_true = y_true[np.newaxis]
        y_true = np.moveaxis(y_true, 1, -1)
        n_classes = y_true.shape[-1]
        if binary_loss := getattr(leaves[0], "binary_loss", None):
            check_one_hot(y_true, -1, loss.inputs[0].name, binary_loss)
        weight = _check_weight(sample_weight, y_true.shape[:-1]).ravel()
        y_true = np.ascontiguousarray(y_true).reshape(-1, n_classes)
        if loss.tags.target == "class_list":
            raise_label(y_true, loss.inputs[0].name, n_classes, END_OF_LIST, listed=True)
    if loss is leaves[0] and isinstance(weights[0], str):
        balanced = balanced_weight(y_true, n_classes, None if labelled else 1, None, weight)
        loss = clone(loss).set_params(class_weight=balanced)  # pyright: ignore[reportAttributeAccessIssue]
    if not weight.any():
        raise ValueError(_ALL_ZERO)
    constant = loss._best_constant(y_true, weight)
    if constant is None:
        if labelled:
            weight = frequencies(y_true, weight, None)
            y_true = np.flatnonzero(weight)
            weight = weight[y_true]
        n_columns = n_classes - ranked
        raw = _minimise_classes(loss, link, y_true, weight / weight.sum(), n_columns)
        constant = link.normalise(raw)
    return constant


def _share_positions(y_true, n_classes):
    """Numbers between class indices as shares of the classes, along the second axis."""
    at, index = y_true[..., np.newaxis], np.arange(n_classes)
    shares = np.minimum(index + 1 - at, at - (index - 1))
    return np.moveaxis(np.maximum(shares, 0), -1, 1)


def _minimise_classes(loss, link, y_true, weight, n_columns):
    """Minimise the loss numerically over constant raw predictions of the classes."""
    shape = (len(weight), n_columns)
    buffer = np.empty(shape)
    # In the mean of a sum, each loss has a denominator of its own, which class weights change.
    reduction = "mean" if len(loss._leaves()) > 1 and loss.reduction == "mean" else "sum"

    def value_and_gradient(u):
        raw = link.from_free(u)
        value, gradient = loss.value_and_gradient(
            y_true,
            np.broadcast_to(raw, shape),
            sample_weight=weight,
            reduction=reduction,
            gradient_out=buffer,
        )
        return value, link.pull_back(gradient.sum(axis=0), raw)

    starts = [np.zeros(n_columns)]
    if loss.tags.target == "class_index" and y_true.ndim == 1:
        shares = np.zeros(n_columns)
        shares[y_true] = weight
        starts.append(log_shares(shares))
    results = [
        minimize(
            value_and_gradient,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-LARGEST_LOGIT, LARGEST_LOGIT)] * n_columns,
            options={"ftol": 0.0, "gtol": 1e-11, "maxiter": 2000, "maxcor": 30},
        )
        for start in starts
    ]
    return link.from_free(min(results, key=lambda result: result.fun).x)
