"""References of the losses in ``sklosses.losses.divergence``."""

import numpy as np

from ._base import Data, Reference, class_axis
from ._shared import LOGITS, both_signs, minus_log_softmax, place
from .multiclass import ce_data, two_hot_rows


def target_and_log_probability(rng, shape, dtype, params):
    """Targets that may be probabilities or logarithms, some of them 0."""
    p = np.asarray(rng.uniform(0.01, 1, shape))
    p = np.where(rng.random(shape) < 0.2, 0, p).astype(dtype)
    return p, np.log(rng.uniform(0.01, 1, shape)).astype(dtype)


def two_log_probabilities(rng, shape, dtype, params):
    p = np.log(rng.uniform(0.01, 1, shape)).astype(dtype)
    return p, np.log(rng.uniform(0.01, 1, shape)).astype(dtype)


HARD_LOGS = (0.0, -0.0, -1e-9, -40.0, -104.0, -746.0, -1e4, -np.inf, -np.inf, -np.inf)


def hard_target_and_log_probability(rng, shape, dtype, params):
    """A prediction of probability 0 only where the target is 0: else the loss is infinite."""
    p, q = target_and_log_probability(rng, shape, dtype, params)
    p = place(rng, [0, 0, 0, 0, 1, 1, np.finfo(dtype).tiny, 1e-30, 1 - 2**-20, 3.0], p)
    q = place(rng, HARD_LOGS, q)
    return p, np.where((q == -np.inf) & (p > 0), -50, q).astype(dtype)


def hard_logs(rng, shape, dtype, params):
    p, q = two_log_probabilities(rng, shape, dtype, params)
    p, q = place(rng, HARD_LOGS, p), place(rng, HARD_LOGS, q)
    return p, np.where((q == -np.inf) & (p > -np.inf), -50, q).astype(dtype)


def kl_logs(y_true, y_pred, log_target=False):
    """Probability, its logarithm and that of the prediction, where the probability is not 0."""
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


def two_logits(rng, shape, dtype, params):
    """Logits of a teacher and of a student, which in some samples is equal to it."""
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
    """Sizes of the logarithms of both, which nearly cancel where they are nearly equal."""
    axis = class_axis(teacher.ndim)
    of_teacher = minus_log_softmax(teacher / temperature, axis)
    of_student = minus_log_softmax(student / temperature, axis)
    p = np.exp(-of_teacher)
    # A mean of logarithms adds differences of logits and the logarithm of a sum.
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
    """In terms of t, the relative difference from the mean: x log x cancels for x near 1."""
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
    """Near the target a term is almost a square of the distance."""
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


REFERENCES = (
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
