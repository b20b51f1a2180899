"""From raw predictions to the scale of the target, and the best constant among them.

What a loss takes as prediction (`LossTags.response`) decides how that becomes an expected target
or probabilities: a row of `LINKS`. The constant that minimises a loss follows from a formula
where the loss has one (`Loss._best_constant`), or else from a minimisation of the loss itself
over what its link allows.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_softmax, softmax

from ._domains import LOG_PROBABILITY
from ._validation import as_array

# Probabilities nearer to 0 or 1 than this count as this, so that the logit of a label that always
# or never occurs is finite: about 36.
EPS = float(np.finfo(np.float64).eps)
LARGEST_LOGIT = math.log((1 - EPS) / EPS)

# ---------------------------------------------------------------------------------------------
# Links
# ---------------------------------------------------------------------------------------------


def centre(raw):
    return raw - raw.mean()


def _same(raw, axis=None):
    return raw


def _sigmoid(raw, axis=None):
    return expit(raw)


def _exp(raw, axis=None):
    return np.exp(raw)


@dataclass(frozen=True)
class Link:
    """How raw predictions of one kind relate to the target.

    Parameters
    ----------
    mean : callable or None
        ``mean(raw, axis)``: the expected target, or the probabilities of the classes along
        `axis`. None where raw predictions have no such meaning.
    probability : {"", "label", "classes"}, default=""
        Whether `mean` is the probability of a label, or those of the classes.
    low, high : float
        Limits of a single constant raw prediction.
    free : callable or None
        From any vector to the raw predictions of the classes; None: for single outputs.
    pull : callable
        ``pull(gradient, raw)``: from the gradient by raw predictions to that by this vector.
    settle : callable
        Which of the raw predictions that mean the same is returned.
    """

    mean: Callable | None = _same
    probability: str = ""
    low: float = -math.inf
    high: float = math.inf
    free: Callable | None = None
    pull: Callable = _same
    settle: Callable = _same


def _pull_log_softmax(gradient, raw):
    return gradient - np.exp(raw) * gradient.sum()


def _pull_softmax(gradient, raw):
    return raw * (gradient - raw @ gradient)


_LOGIT = Link(_sigmoid, "label", -LARGEST_LOGIT, LARGEST_LOGIT)

# By `LossTags.response`; None where there is neither a constant nor a scale of the target.
LINKS = {
    "real": Link(),
    "rate": Link(low=0.0),
    "log_rate": Link(_exp),
    "distribution": Link(),
    "logit": _LOGIT,
    "margin": _LOGIT,
    "probability": Link(_same, "label", 0.0, 1.0),
    "distance": Link(None, low=0.0),
    "class_logits": Link(softmax, "classes", free=_same, settle=log_softmax),
    "class_log_probabilities": Link(_exp, "classes", free=log_softmax, pull=_pull_log_softmax),
    "class_probabilities": Link(_same, "classes", free=softmax, pull=_pull_softmax),
    "class_margin": Link(None, free=_same, settle=centre),
    "alignment": None,
    "embedding": None,
    "modalities": None,
    "vectors": None,
    "pair": None,
    "critic": None,
}


def _class_axis(loss, raw):
    return loss._class_axis(raw.ndim) if hasattr(loss, "_class_axis") and raw.ndim else -1


def _read_raw(raw):
    raw = as_array(raw, "raw")
    return raw if raw.dtype.kind == "f" else raw.astype(np.float64)


def inverse_link(loss, raw):
    """See `Loss.inverse_link`."""
    link = LINKS[loss.tags.response]
    if link is None or link.mean is None:
        raise ValueError(
            f"The raw predictions of {type(loss).__name__} have no counterpart on the scale of the "
            "target."
        )
    raw = _read_raw(raw)
    if loss.tags.target == "teacher_logits" or loss.inputs[0].domain is LOG_PROBABILITY:
        return raw
    if loss.tags.target == "sign":
        # The expectation of -1 and 1, which keeps its digits near 0.
        return np.tanh(raw / 2)
    return link.mean(raw, axis=_class_axis(loss, raw))


def has_probabilities(loss):
    """Whether the raw predictions of a loss stand for probabilities."""
    link = LINKS[loss.tags.response]
    if link is None or not link.probability:
        raise ValueError(
            f"The raw predictions of {type(loss).__name__} stand for no probabilities."
        )
    return True


def predict_proba(loss, raw):
    """See `Loss.predict_proba`."""
    link = LINKS[loss.tags.response]
    raw = _read_raw(raw)
    probability = link.mean(raw, axis=_class_axis(loss, raw))
    if link.probability == "classes" or raw.ndim > 1 or loss.tags.target == "multilabel":
        return probability
    # Of logits both are exact, also where one of them rounds to 1.
    other = 1 - probability if link.mean is _same else link.mean(-raw)
    return np.stack([other, probability], axis=-1)
