"""From raw predictions to the scale of the target: a table by response, and what follows from it.

`LossTags.response` says what a loss takes as prediction. The row of `LINKS` for it, or for
`LossTags.link` where a loss names one, says how such a raw prediction becomes an expected target or
a probability, and back, and over which values `_constants.py` searches for the best constant.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_softmax, softmax

from ._domains import LOG_PROBABILITY, REAL
from ._validation import as_array, check_thresholds

# Probabilities are clipped to [EPS, 1 - EPS], so that the logit of a label that always or never
# occurs is finite: about 36 or -36.
EPS = float(np.finfo(np.float64).eps)
LARGEST_LOGIT = math.log((1 - EPS) / EPS)


def centre(raw):
    """Subtract the mean over the classes."""
    return raw - raw.mean()


def _same(raw, axis=None):
    return raw


def _sigmoid(raw, axis=None):
    return expit(raw)


def _sigmoid_of_double(raw, axis=None):
    return expit(2 * raw)


def _tanh_of_half(raw):
    # 2 * expit(raw) - 1, without its cancellation near 0.
    return np.tanh(raw / 2)


def _clip_to_signs(raw):
    return np.clip(raw, -1, 1)


def _share_of_signs(raw, axis=None):
    return (_clip_to_signs(raw) + 1) / 2


def _sign_of_share(probability):
    return 2 * probability - 1


def _exp(raw, axis=None):
    return np.exp(raw)


def _refuse_scalar(raw, n_columns):
    if np.ndim(raw) == 0:
        allowed = f"({n_columns},) or (n_samples, {n_columns})"
        raise ValueError(f"raw must have shape {allowed}. Got shape () instead.")


def _softmax(raw, axis=-1):
    _refuse_scalar(raw, "n_classes")
    return softmax(raw, axis)


def _from_cumulative(raw, axis=-1, steps=None):
    """Probabilities of ordered classes from the log-odds of a higher class than each but the last.

    A difference of sigmoids, s(a) - s(b), is computed as s(a) s(-b) (1 - exp(b - a)), without
    cancellation. Differences below 0 become 0. The sum of the others is then at least 1. `steps`
    are the b - a, where they are known more accurately.
    """
    _refuse_scalar(raw, "n_classes - 1")
    raw = np.moveaxis(raw, axis, -1)
    steps = np.diff(raw) if steps is None else steps
    inner = expit(raw[..., :-1]) * expit(-raw[..., 1:]) * -np.expm1(np.minimum(steps, 0))
    probability = np.concatenate([expit(-raw[..., :1]), inner, expit(raw[..., -1:])], axis=-1)
    return np.moveaxis(probability / probability.sum(axis=-1, keepdims=True), -1, axis)


def _from_latent(raw, thresholds, axis=-1):
    """Probabilities of ordered classes from predictions and thresholds."""
    check_thresholds(thresholds, "thresholds", REAL)
    leads = np.asarray(raw)[..., np.newaxis] - thresholds
    return _from_cumulative(leads, steps=-np.diff(thresholds).astype(leads.dtype))


def _from_conditional(raw, axis=-1):
    """Probabilities of ordered classes from the log-odds of a higher class, if not a lower one."""
    _refuse_scalar(raw, "n_classes - 1")
    raw = np.moveaxis(raw, axis, -1)
    one = np.ones_like(raw[..., :1])
    reached = np.concatenate([one, np.cumprod(expit(raw), axis=-1)], axis=-1)
    left = np.concatenate([expit(-raw), one], axis=-1)
    return np.moveaxis(reached * left, -1, axis)


def _log(probability):
    return np.log(probability, dtype=np.float64)


def _logit(probability):
    # Faster than scipy.special.logit, which is not vectorised.
    probability = np.asarray(probability, dtype=np.float64)
    return np.log(probability / (1 - probability))


def _half_logit(probability):
    return _logit(probability) / 2


def _cumulative_logits(probability):
    # From sums of classes on both sides, so that neither is 1 minus the other.
    probability = np.asarray(probability, dtype=np.float64)
    return np.log(shares_above(probability)) - np.log(np.cumsum(probability, axis=1)[:, :-1])


def _conditional_logits(probability):
    probability = np.asarray(probability, dtype=np.float64)
    return np.log(shares_above(probability)) - np.log(probability[:, :-1])


def shares_above(shares):
    """The share, or the probability, of the classes above each but the last, along the last axis.

    They are summed from the last one, so that small ones keep their digits.
    """
    return np.cumsum(shares[..., :0:-1], axis=-1)[..., ::-1]


@dataclass(frozen=True)
class Link:
    """How raw predictions of one kind relate to the target.

    Parameters
    ----------
    mean : callable or None
        ``mean(raw, axis)`` returns the expected target, or the probabilities of the classes along
        `axis`. If there are `others`, these come after `raw`. None if raw predictions have no such
        meaning.
    probability : {"", "label", "classes"}, default=""
        Whether `mean` returns the probability of a label, or the probabilities of the classes.
    sign : callable
        ``sign(raw)`` returns the expected value of a target of -1 or 1, if `mean` returns the
        probability of a label.
    from_probability : callable
        Converts probabilities to raw predictions, elementwise or, for ordered classes, row by row:
        the inverse of `mean` or, for margins without a probability, log-odds or logarithms.
    low, high : float
        Bounds of a constant raw prediction, for responses with a single output.
    from_free : callable or None, default=None
        Maps an unconstrained vector to the raw predictions of the classes. None for responses with
        a single output.
    pull_back : callable
        ``pull_back(gradient, raw)`` converts the gradient with respect to the raw predictions into
        that with respect to the unconstrained vector.
    normalise : callable
        Maps equivalent raw predictions of the classes to the same one.
    others : tuple of str, default=()
        Names of the inputs that the loss takes beside the raw predictions and that `mean` needs.
    """

    mean: Callable | None = _same
    probability: str = ""
    sign: Callable = _same
    from_probability: Callable = _same
    low: float = -math.inf
    high: float = math.inf
    from_free: Callable | None = None
    pull_back: Callable = _same
    normalise: Callable = _same
    others: tuple = ()


def _pull_back_log_softmax(gradient, raw):
    return gradient - np.exp(raw) * gradient.sum()


def _pull_back_softmax(gradient, raw):
    return raw * (gradient - raw @ gradient)


# By `LossTags.response`, or by `LossTags.link` for what only that can name. None: there is neither
# a best constant nor a scale of the target.
LINKS = {
    "real": Link(),
    "rate": Link(low=0.0),
    "log_rate": Link(_exp),
    "distribution": Link(),
    "logit": Link(_sigmoid, "label", _tanh_of_half, _logit, low=-LARGEST_LOGIT, high=LARGEST_LOGIT),
    "half_logit": Link(
        _sigmoid_of_double,
        "label",
        np.tanh,
        _half_logit,
        low=-LARGEST_LOGIT / 2,
        high=LARGEST_LOGIT / 2,
    ),
    "expected_sign": Link(
        _share_of_signs, "label", _clip_to_signs, _sign_of_share, low=-1.0, high=1.0
    ),
    "margin": Link(None, from_probability=_logit),
    "probability": Link(_same, "label", _sign_of_share, low=0.0, high=1.0),
    "distance": Link(None, low=0.0),
    "class_logits": Link(
        _softmax, "classes", from_probability=_log, from_free=_same, normalise=log_softmax
    ),
    "class_log_probabilities": Link(
        _exp,
        "classes",
        from_probability=_log,
        from_free=log_softmax,
        pull_back=_pull_back_log_softmax,
    ),
    "class_probabilities": Link(_same, "classes", from_free=softmax, pull_back=_pull_back_softmax),
    "class_margin": Link(None, from_probability=_log, from_free=_same, normalise=centre),
    "cumulative_logits": Link(
        _from_cumulative, "classes", from_probability=_cumulative_logits, from_free=_same
    ),
    "conditional_logits": Link(
        _from_conditional, "classes", from_probability=_conditional_logits, from_free=_same
    ),
    "latent": Link(_from_latent, "classes", from_probability=_log, others=("thresholds",)),
    "pixels": None,
    "alignment": None,
    "embedding": None,
    "modalities": None,
    "vectors": None,
    "pair": None,
    "box": Link(),
    "score": None,
    "log_hazard": None,
    "critic": None,
}


def link_of(loss):
    """The row of `LINKS` for a loss."""
    tags = loss.tags
    return LINKS[tags.response if tags.link == "response" else tags.link]


def _class_axis(loss, raw):
    """The class axis of raw predictions."""
    return loss._class_axis(raw.ndim) if hasattr(loss, "_class_axis") and raw.ndim else -1


def _read_raw(raw, name="raw"):
    """Convert raw predictions to a floating-point array."""
    raw = as_array(raw, name)
    return raw if raw.dtype.kind == "f" else raw.astype(np.float64)


def _read_all(loss, link, raw, others):
    """Raw predictions and the other arrays that the link of the loss needs."""
    names = link.others
    if len(others) != len(names):
        raise TypeError(
            f"The raw predictions of {type(loss).__name__} are {1 + len(names)} arrays "
            f"({', '.join(('raw', *names))}). Got {1 + len(others)} instead."
        )
    return _read_raw(raw), [_read_raw(a, name) for a, name in zip(others, names, strict=True)]


def inverse_link(loss, raw, *others):
    """See `Loss.inverse_link`."""
    link = link_of(loss)
    if link is None or link.mean is None:
        raise ValueError(
            f"The raw predictions of {type(loss).__name__} have no counterpart on the scale of the "
            "target."
        )
    raw, others = _read_all(loss, link, raw, others)
    if loss.tags.target == "teacher_logits" or loss.inputs[0].domain is LOG_PROBABILITY:
        return raw
    if loss.tags.target == "sign" and link.probability == "label":
        return link.sign(raw)
    axis = _class_axis(loss, raw)
    mean = link.mean(raw, *others, axis=axis)
    if loss.tags.target == "class_position":
        # The expected one.
        mean = np.moveaxis(mean, axis, -1)
        return (mean * np.arange(mean.shape[-1])).sum(axis=-1)
    return mean


def has_probabilities(loss):
    """Return True if raw predictions of a loss can be converted to probabilities, else raise."""
    link = link_of(loss)
    if link is None or not link.probability:
        raise ValueError(
            f"The raw predictions of {type(loss).__name__} cannot be converted to probabilities."
        )
    return True


def predict_proba(loss, raw, *others):
    """See `Loss.predict_proba`."""
    link = link_of(loss)
    raw, others = _read_all(loss, link, raw, others)
    probability = link.mean(raw, *others, axis=_class_axis(loss, raw))
    if link.probability == "classes" or raw.ndim > 1 or loss.tags.target == "multilabel":
        return probability
    # For logits, both probabilities are accurate, even if one of them rounds to 1.
    other = 1 - probability if link.mean is _same else link.mean(-raw)
    return np.stack([other, probability], axis=-1)
