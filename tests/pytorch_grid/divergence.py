"""PyTorch's Kullback-Leibler divergence, and definitions of the other divergences."""

import numpy as np

from ._base import Row
from ._shared import LOGITS, class_axis, classes, places, reduced, size_of_largest_logit


def distributions(rng, shape, kind):
    """Probabilities or their logarithms, and predicted logarithms."""
    p, q = np.asarray(rng.uniform(0.01, 1, shape)), np.log(rng.uniform(0.01, 1, shape))
    if kind == "logs":
        return places(rng, np.log(p), [0, -1e-9, -40, -746, -1e4]), np.asarray(q)
    if kind == "hard":
        p = places(rng, p, [0, 0, 0, 1, 1, 1e-300, 3])
        q = places(rng, np.asarray(q), [0, -1e-9, -40, -746, -1e4])
    return p, np.asarray(q)


def logs_if_log_target(shape, kind, params):
    """The kinds of targets that the parameters are for."""
    return (kind == "logs") == ("log_target" in params)


def kl_div(torch, y_true, y_pred, reduction, weight=None, log_target=False):
    """PyTorch's own; its "mean" warns that it is not the mean of the samples."""
    loss = torch.nn.functional.kl_div(y_pred, y_true, reduction="none", log_target=log_target)
    return reduced(loss, reduction, weight)


def kl_terms(y_true, y_pred, log_target=False):
    """Of p log p and p q."""
    p = np.exp(y_true) if log_target else y_true
    log_p = y_true if log_target else np.log(np.where(p > 0, p, 1))
    return p * (np.abs(log_p) + np.abs(y_pred))


def two_logits(rng, shape, kind):
    """Logits of a teacher and of a student."""
    teacher, student = rng.normal(scale=4, size=(2, *shape))
    if kind == "hard":
        teacher, student = (places(rng, z, [*LOGITS[:-2], 2, 2]) for z in (teacher, student))
    return teacher, student


def distillation(torch, teacher, student, reduction, weight=None, temperature=4.0):
    """The usual composition."""
    axis = class_axis(student.shape)
    of_teacher, of_student = (
        torch.nn.functional.log_softmax(z / temperature, dim=axis) for z in (teacher, student)
    )
    loss = torch.nn.functional.kl_div(of_student, of_teacher, reduction="none", log_target=True)
    return reduced(temperature**2 * loss.sum(dim=axis), reduction, weight)


def size_of_two_logits(teacher, student, temperature=4.0):
    """Logarithms of the softmax of both at the temperature, times its square."""
    return temperature * sum(size_of_largest_logit(None, z) for z in (teacher, student))


def two_distributions(rng, shape, kind):
    """Two distributions over classes; the hard ones of the target have zeros."""
    p, q = np.exp(rng.normal(scale=2, size=(2, *shape)))
    if kind == "hard":
        p = np.where(rng.random(shape) < 0.3, 0, p)
    axis = class_axis(shape)
    return tuple(x / np.maximum(x.sum(axis=axis, keepdims=True), 1e-9) for x in (p, q))


def jensen_shannon(torch, y_true, y_pred, reduction, weight=None):
    """The definition."""
    mean = (y_true + y_pred) / 2
    terms = [torch.xlogy(x, x) - torch.xlogy(x, mean) for x in (y_true, y_pred)]
    return reduced(sum(terms).sum(dim=class_axis(y_pred.shape)) / 2, reduction, weight)


def class_logits(rng, shape, kind):
    """Only logits."""
    return (classes(rng, shape, kind)[1],)


def entropy(torch, y_pred, reduction, weight=None, base=None):
    """The definition."""
    axis = class_axis(y_pred.shape)
    log_p = torch.nn.functional.log_softmax(y_pred, dim=axis)
    loss = -(log_p.exp() * log_p).sum(dim=axis)
    return reduced(loss if base is None else loss / np.log(base), reduction, weight)


ROWS = {
    "kl_div": Row(
        kl_div,
        distributions,
        ({}, {"log_target": True}),
        kinds=("plain", "hard", "logs"),
        terms=kl_terms,
        takes=logs_if_log_target,
    ),
    "distillation_loss": Row(
        distillation,
        two_logits,
        ({}, {"temperature": 1.0}, {"temperature": 0.5}),
        ((3,), (1, 3), (19, 3), (3, 3, 5)),
        terms=size_of_two_logits,
    ),
    "js_div": Row(
        jensen_shannon,
        two_distributions,
        shapes=((3,), (1, 3), (19, 3), (3, 3, 5)),
        # p log p, q log q, and the logarithm of the mean twice.
        terms=lambda y_true, y_pred: np.full(size_of_largest_logit(y_true, y_pred).shape, 4.0),
    ),
    "entropy": Row(
        entropy,
        class_logits,
        ({}, {"base": 2.0}),
        ((3,), (1, 3), (19, 3), (3, 3, 5)),
        differentiable=(0,),
        terms=lambda y_pred, **params: size_of_largest_logit(None, y_pred),
    ),
}
