"""Write PyTorch's values and gradients, with the inputs, to ``tests/pytorch_reference.npz``.

Run ``python tools/make_pytorch_reference.py`` where PyTorch 2.13 (CPU) is installed. Without
a change here or in PyTorch the file comes out the same. To add a loss, give it a row in ROWS:
its PyTorch face and a grid of cases; ``tests/test_reference.py`` (without PyTorch) and
``tests/test_pytorch.py`` (with it) then compare it.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parent.parent / "tests" / "pytorch_reference.npz"


@dataclass(frozen=True)
class Row:
    """One loss.

    Parameters
    ----------
    call : callable
        ``call(torch, *tensors, reduction, weight, **params)`` with the parameters of sklosses;
        `weight` is None or sample weights of the shape of the unreduced loss. With weights
        only "none" and "sum" are asked for.
    data : callable
        ``data(rng, shape, kind)``, the arrays of a call, in sklosses' order.
    params : tuple of dict
    shapes : tuple of tuple
    kinds : tuple of str
        Kinds of data, for `data`.
    differentiable : tuple of int
        Numbers of the arrays that have a gradient.
    mean_is_sum : bool
        Whether the mean is the sum over a denominator.
    finest : str
        The reduction that leaves most of the loss as it is.
    terms : callable
        ``terms(*arrays, **params)``: sizes of the terms of PyTorch's formula that may cancel in
        the unreduced loss; their rounding is what the comparison allows for.
    gradient_terms : callable
        The same of the gradients, a tuple; None where nothing cancels.
    """

    call: Callable
    data: Callable
    params: tuple = ({},)
    shapes: tuple = ((), (9,), (5, 3), (2, 3, 4))
    kinds: tuple = ("plain", "hard")
    differentiable: tuple = (1,)
    mean_is_sum: bool = True
    terms: Callable = lambda *arrays, **params: 0.0
    gradient_terms: Callable | None = None
    finest: str = "none"


def places(rng, array, values):
    """Put some of `values` at random places, half of the array at most."""
    flat = array.reshape(-1)
    n = min(len(values), (flat.size + 1) // 2)
    flat[rng.permutation(flat.size)[:n]] = rng.permutation(np.asarray(values, float))[:n]
    return flat.reshape(array.shape)


# -- regression -----------------------------------------------------------------------------


def real(rng, shape, kind):
    """Real targets and predictions."""
    y_true = np.asarray(rng.normal(scale=3, size=shape))
    d = np.asarray(rng.normal(scale=2, size=shape))
    if kind == "hard":
        # From a target of 0 the differences are what they are here: ties, places where two
        # pieces meet, extremes.
        d = places(rng, d, [0, 0, 1, -1, 0.3, -0.3, 50, -50, 1e-9, -1e-200, 1e100, -1e60])
        y_true = np.where(rng.random(shape) < 0.7, 0.0, y_true)
    return y_true, y_true + d


def regression(name):
    """The face of a loss of one target and one prediction."""

    def call(torch, y_true, y_pred, reduction, weight=None, **params):
        function = getattr(torch.nn.functional, name)
        return weighted(
            function(y_pred, y_true, reduction=inner(reduction, weight), **params),
            reduction,
            weight,
        )

    return call


def inner(reduction, weight):
    """The reduction to ask PyTorch for, where the weights come after it."""
    return reduction if weight is None else "none"


def weighted(loss, reduction, weight):
    """Weights and the sum after them; PyTorch's own weights are broadcast, these are not."""
    if weight is None:
        return loss
    loss = loss * weight
    return loss if reduction == "none" else loss.sum()


def reduced(loss, reduction, weight):
    """Weights and the reduction of an unreduced loss."""
    if weight is not None:
        loss = loss * weight
    return loss if reduction == "none" else getattr(loss, reduction)()


def counts(rng, shape, kind):
    """Counts, and predictions that may be rates as well as their logarithms."""
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
    """Targets, means and variances, these in fewer elements for some kinds."""
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
    function = torch.nn.functional.gaussian_nll_loss
    loss = function(y_pred, y_true, var, reduction=inner(reduction, weight), **params)
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
    """Of that by the variance; a sum of few where it is shared."""
    d, v = gaussian_parts(y_true, y_pred, var, eps)
    terms = (1 + d**2 / v) / v
    return 0.0, terms if var.shape == d.shape else terms.sum()


# -- binary ---------------------------------------------------------------------------------

LOGITS = [0, 1e-9, -1e-9, 17, -17, 40, -40, 300, -300, 746, -746, 1e4, -1e4, 1e30, -1e30]
PROBABILITIES = [0, 0, 1, 1, 1e-300, 1e-40, 1e-13, 1e-12, 2e-12, 1 - 1e-16, 1 - 1e-12, 4e-44]


def soft_target(rng, shape, kind):
    """Labels 0 and 1 and probabilities between."""
    labels = rng.integers(0, 2, shape)
    return np.where(rng.random(shape) < 0.6, labels, np.asarray(rng.random(shape)))


def probabilities(rng, shape, kind):
    """Targets and predicted probabilities."""
    p = np.asarray(rng.uniform(0.01, 0.99, shape))
    if kind == "hard":
        p = places(rng, p, PROBABILITIES)
    return soft_target(rng, shape, kind), p


def logits(rng, shape, kind):
    """Targets and logits."""
    z = np.asarray(rng.normal(scale=3, size=shape))
    if kind == "hard":
        z = places(rng, z, LOGITS)
    return soft_target(rng, shape, kind), z


def signs(rng, shape):
    """Targets -1 and 1."""
    return 2.0 * np.asarray(rng.integers(0, 2, shape)) - 1


def signs_and_logits(rng, shape, kind):
    """Logits at which PyTorch's exponential does not overflow."""
    y_true, z = signs(rng, shape), np.asarray(rng.normal(scale=3, size=shape))
    return y_true, places(rng, z, [x for x in LOGITS if abs(x) < 700]) if kind == "hard" else z


def size_of_logits(y_true, y_pred, **params):
    """Of z, which softplus(z) and y z both have, and of the 1 in log(1 + exp(z))."""
    return 1 + np.abs(y_pred)


def bce(torch, y_true, y_pred, reduction, weight=None):
    """PyTorch's own."""
    loss = torch.nn.functional.binary_cross_entropy
    return loss(y_pred, y_true, weight=weight, reduction=reduction)


def bce_with_logits(torch, y_true, y_pred, reduction, weight=None, pos_weight=None):
    """PyTorch's own."""
    if pos_weight is not None:
        pos_weight = torch.as_tensor(pos_weight, dtype=y_pred.dtype)
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    return loss(y_pred, y_true, weight=weight, reduction=reduction, pos_weight=pos_weight)


def labels_and_logits(rng, shape, kind):
    """Moderate logits: PyTorch has no focal loss, and the usual composition is not exact."""
    return rng.integers(0, 2, shape).astype(float), np.asarray(rng.uniform(-12, 12, shape))


def focal(torch, y_true, y_pred, reduction, weight=None, alpha=0.25, gamma=2.0, loss_weight=1.0):
    """The composition that torchvision and others have, with 1 - p_t = sigmoid(-z_t)."""
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(
        y_pred, y_true, reduction="none"
    )
    loss = cross_entropy * torch.sigmoid((1 - 2 * y_true) * y_pred) ** gamma * loss_weight
    if alpha is not None and alpha >= 0:
        loss = loss * (alpha * y_true + (1 - alpha) * (1 - y_true))
    return reduced(loss, reduction, weight)


def heat_maps(rng, shape, kind):
    """Heat maps with peaks, and probabilities; certain ones if hard."""
    y_true = np.where(rng.random(shape) < 0.3, 1.0, np.asarray(rng.random(shape)) ** 3)
    p = np.asarray(rng.uniform(0.01, 0.99, shape))
    return y_true, places(rng, p, [0, 0, 0, 1, 1, 1]) if kind == "hard" else p


def gaussian_focal(torch, y_true, y_pred, reduction, weight=None, alpha=2.0, gamma=4.0, eps=1e-12):
    """As mmdetection composes it."""
    peak = y_true.eq(1)
    of_peak = -(y_pred + eps).log() * (1 - y_pred).pow(alpha) * peak
    of_rest = -(1 - y_pred + eps).log() * y_pred.pow(alpha) * (1 - y_true).pow(gamma) * ~peak
    return reduced(of_peak + of_rest, reduction, weight)


# -- multiclass -----------------------------------------------------------------------------


def classes(rng, shape, kind):
    """Labels or probabilities of classes, and logits."""
    axis = min(len(shape) - 1, 1)
    z = rng.normal(scale=3, size=shape)
    if kind.startswith("hard"):
        z = places(rng, z, [*LOGITS, 2.0, 2.0, 2.0])
    rows = shape[:axis] + shape[axis + 1 :]
    if kind.endswith("probabilities"):
        t = rng.random(shape)
        t /= t.sum(axis=axis, keepdims=True)
        # Zeros: such rows do not sum to 1.
        return np.where(rng.random(shape) < 0.2, 0.0, t), z
    y_true = np.asarray(rng.integers(0, shape[axis], rows))
    if kind == "ignored":
        y_true[np.asarray(rng.random(rows) < 0.3)] = -100
    y_true.reshape(-1)[0] = 0
    return y_true, z


def size_of_largest_logit(y_true, y_pred, **params):
    """Of logsumexp(z) - z_y."""
    return np.abs(y_pred).max(axis=min(y_pred.ndim - 1, 1))


def cross_entropy(
    torch,
    y_true,
    y_pred,
    reduction,
    weight=None,
    class_weight=None,
    ignore_index=-100,
    label_smoothing=0.0,
):
    """PyTorch's own."""
    if class_weight is not None:
        class_weight = torch.as_tensor(class_weight, dtype=y_pred.dtype)
    loss = torch.nn.functional.cross_entropy(
        y_pred,
        y_true,
        weight=class_weight,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        reduction=inner(reduction, weight),
    )
    return weighted(loss, reduction, weight)


def log_classes(rng, shape, kind):
    """Labels and log-probabilities."""
    y_true, z = classes(rng, shape, kind)
    axis = min(len(shape) - 1, 1)
    top = z.max(axis=axis, keepdims=True)
    return y_true, z - top - np.log(np.exp(z - top).sum(axis=axis, keepdims=True))


def labelled(name):
    """The face of a loss of labels, with class weights."""

    def call(torch, y_true, y_pred, reduction, weight=None, class_weight=None, **params):
        if class_weight is not None:
            class_weight = torch.as_tensor(class_weight, dtype=y_pred.dtype)
        loss = getattr(torch.nn.functional, name)(
            y_pred, y_true, weight=class_weight, reduction=inner(reduction, weight), **params
        )
        return weighted(loss, reduction, weight)

    return call


def margins(rng, shape, kind):
    """Labels and raw predictions; leads of exactly 0, 0.5 and 1 if hard."""
    z = rng.normal(scale=2, size=shape)
    if kind == "hard":
        z = np.round(2 * z) / 2
    return np.asarray(rng.integers(0, shape[-1], shape[:-1])), z


def softmax_focal(
    torch,
    y_true,
    y_pred,
    reduction,
    weight=None,
    class_weight=None,
    gamma=2.0,
    ignore_index=-100,
):
    """The usual composition, with 1 - p as -expm1(log p)."""
    shares = {"reduction": "none", "ignore_index": ignore_index}
    minus_log_p = torch.nn.functional.cross_entropy(y_pred, y_true, **shares)
    if class_weight is None:
        class_weight = [1.0] * y_pred.shape[min(y_pred.ndim - 1, 1)]
    class_weight = torch.as_tensor(class_weight, dtype=y_pred.dtype)
    counted = y_true != ignore_index
    own = class_weight[torch.where(counted, y_true, 0)] * counted
    # Where a row is ignored the power of 0 has no derivative.
    q = torch.where(counted, -torch.expm1(-minus_log_p), 1)
    loss = own * minus_log_p * q**gamma
    if reduction == "mean":
        return loss.sum() / own.sum()
    return reduced(loss, reduction, weight)


# -- multilabel -----------------------------------------------------------------------------


def label_lists(rng, shape, kind):
    """Lists of labels ended by -1, and raw predictions."""
    lists = np.asarray(rng.integers(-1, shape[-1], shape))
    for row in lists.reshape(-1, shape[-1]):
        n = rng.integers(0, shape[-1] + 1)
        row[:n] = rng.permutation(shape[-1])[:n]
        row[n : n + 1] = -1
    return lists, margins(rng, shape, kind)[1]


def indicators(rng, shape, kind):
    """Indicators of labels, and logits."""
    return logits(rng, shape, kind)


# -- divergences ----------------------------------------------------------------------------


def two_logits(rng, shape, kind):
    """Logits of a teacher and of a student."""
    teacher, student = rng.normal(scale=4, size=(2, *shape))
    if kind == "hard":
        teacher, student = (places(rng, z, [*LOGITS[:-2], 2, 2]) for z in (teacher, student))
    return teacher, student


def distillation(torch, teacher, student, reduction, weight=None, temperature=4.0):
    """The usual composition."""
    axis = min(student.ndim - 1, 1)
    of_teacher, of_student = (
        torch.nn.functional.log_softmax(z / temperature, dim=axis) for z in (teacher, student)
    )
    loss = torch.nn.functional.kl_div(of_student, of_teacher, reduction="none", log_target=True)
    return reduced(temperature**2 * loss.sum(dim=axis), reduction, weight)


def size_of_two_logits(teacher, student, temperature=4.0):
    """Logarithms of the softmax of both at the temperature, times its square."""
    return temperature * sum(size_of_largest_logit(None, z) for z in (teacher, student))


def two_distributions(rng, shape, kind):
    """Two distributions over classes; if hard, zeros in that of the target."""
    p, q = np.exp(rng.normal(scale=2, size=(2, *shape)))
    if kind == "hard":
        p = np.where(rng.random(shape) < 0.3, 0, p)
    axis = min(len(shape) - 1, 1)
    return tuple(x / np.maximum(x.sum(axis=axis, keepdims=True), 1e-9) for x in (p, q))


def jensen_shannon(torch, y_true, y_pred, reduction, weight=None):
    """The definition."""
    mean = (y_true + y_pred) / 2
    terms = [torch.xlogy(x, x) - torch.xlogy(x, mean) for x in (y_true, y_pred)]
    return reduced(sum(terms).sum(dim=min(y_pred.ndim - 1, 1)) / 2, reduction, weight)


def class_logits(rng, shape, kind):
    """Logits alone."""
    return (classes(rng, shape, kind)[1],)


def entropy(torch, y_pred, reduction, weight=None, base=None):
    """The definition."""
    axis = min(y_pred.ndim - 1, 1)
    log_p = torch.nn.functional.log_softmax(y_pred, dim=axis)
    loss = -(log_p.exp() * log_p).sum(dim=axis)
    return reduced(loss if base is None else loss / np.log(base), reduction, weight)


# -- sequences ------------------------------------------------------------------------------


def sequences(rng, shape, kind):
    """Targets without the classes 0 and 2, log-probabilities, lengths of both."""
    n_times, n_classes = shape[0], shape[-1]
    n = shape[1] if len(shape) == 3 else 1
    z = rng.normal(scale=6 if kind == "hard" else 1, size=shape)
    log_probs = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    if kind == "hard":
        log_probs[rng.random(shape) < 0.1] -= 60
    targets = rng.choice(np.setdiff1d(np.arange(n_classes), [0, 2]), (n, n_times // 2))
    times = rng.integers(n_times - 2, n_times, n, endpoint=True)
    lengths = rng.integers(0, n_times // 2 - 1, n, endpoint=True)
    lengths[0] = n_times // 2 - 1
    if kind == "impossible":
        times[1::2] = rng.integers(0, 3, len(times[1::2]))
    if kind == "empty":
        targets, lengths = targets[:, :0], 0 * lengths
    if kind == "concatenated" or len(shape) == 2:
        targets = np.concatenate([row[:k] for row, k in zip(targets, lengths, strict=True)])
    if len(shape) == 2:
        times, lengths = times[0], lengths[0]
    return targets, log_probs, np.asarray(times), np.asarray(lengths)


def ctc(torch, targets, log_probs, times, lengths, reduction, weight=None, **params):
    """PyTorch's own value; of its gradient, the derivative.

    Backward gives exp(log_probs) more than the derivative: it is taken off by a term that is 0.
    """
    loss = torch.nn.functional.ctc_loss
    args = log_probs, targets, times, lengths
    single = log_probs.ndim == 2
    rows = log_probs.exp()[:, None] if single else log_probs.exp()
    used = torch.arange(len(rows))[:, None] < times.reshape(1, -1)
    possible = loss(*args, **{**params, "zero_infinity": False}, reduction="none").isfinite()
    excess = (rows.sum(dim=2) * used).sum(dim=0).reshape(possible.shape) * possible
    excess = excess - excess.detach()
    if reduction == "mean":
        excess = (excess / lengths.clamp_min(1)).mean()
    elif weight is None and reduction == "sum":
        excess = excess.sum()
    value = loss(*args, reduction=inner(reduction, weight), **params) - excess
    return weighted(value, reduction, weight)


# -- pairs and triplets of vectors ------------------------------------------------------------


def vectors(rng, shape, kind, number=3):
    """Vectors around common centres; hard ones with ties, kinks, zero and equal vectors."""
    center = rng.normal(size=shape)
    arrays = [center + spread * rng.normal(size=shape) for spread in (0.7, 0.7, 1.2, 1.2)[:number]]
    if kind == "hard":
        rows = [array.reshape(-1, shape[-1]) for array in arrays]
        for i in range(len(rows[0])):
            x, y = rng.integers(-2, 3, (2, shape[-1])).astype(float)
            special = ((x, x, x), (x, y, -x), (0 * x, x, y), (x, x, y), (x, 3 * x, 0 * x))[i % 5]
            for array, row in zip(rows, special, strict=False):
                array[i] = row
    return tuple(arrays)


def triplet(torch, *vectors, reduction, weight=None, **params):
    """PyTorch's own."""
    loss = torch.nn.functional.triplet_margin_loss
    return weighted(loss(*vectors, reduction=inner(reduction, weight), **params), reduction, weight)


def distance_functions(torch):
    """What PyTorch users write for the names of sklosses; None is PyTorch's default."""
    norm = torch.linalg.vector_norm
    return {
        "euclidean": None,
        "cosine": lambda x, z: 1 - torch.nn.functional.cosine_similarity(x, z, dim=-1),
        "manhattan": lambda x, z: norm(x - z, 1, dim=-1),
        "chebyshev": lambda x, z: norm(x - z, float("inf"), dim=-1),
        "sqeuclidean": lambda x, z: ((x - z) ** 2).sum(dim=-1),
    }


def triplet_with_distance(torch, *vectors, reduction, weight=None, distance="euclidean", **params):
    """PyTorch's own."""
    loss = torch.nn.functional.triplet_margin_with_distance_loss(
        *vectors,
        distance_function=distance_functions(torch)[distance],
        reduction=inner(reduction, weight),
        **params,
    )
    return weighted(loss, reduction, weight)


def signs_and_vectors(rng, shape, kind):
    """Labels and two vectors for each."""
    return np.where(rng.random(shape[:-1]) < 0.5, 1, -1), *vectors(rng, shape, kind, 2)


def marked_vectors(rng, shape, kind):
    """The same with 0 and 1 for labels."""
    labels, *arrays = signs_and_vectors(rng, shape, kind)
    return (labels + 1) // 2, *arrays


def images_and_texts(rng, shape, kind):
    """An image, its text, and a wrong one of each."""
    return vectors(rng, shape, kind, 4)


def size_of_distances(a, p, n, /, distance="euclidean", **params):
    """Of all three, none larger than the sum of the components' distances, or of their squares."""
    power = 2 if distance == "sqeuclidean" else 1
    return 1 + sum((np.abs(x - z) ** power).sum(axis=-1) for x, z in ((a, p), (a, n), (p, n)))


def cosine_embedding(torch, y_true, x1, x2, reduction, weight=None, **params):
    """PyTorch's own."""
    loss = torch.nn.functional.cosine_embedding_loss
    return weighted(
        loss(x1, x2, y_true, reduction=inner(reduction, weight), **params), reduction, weight
    )


def pairwise_contrastive(torch, y_true, x1, x2, reduction, weight=None, margin=1.0):
    """The definition, of PyTorch's distance."""
    d = torch.nn.functional.pairwise_distance(x1, x2, eps=0)
    lack = torch.clamp(margin - d, min=0)
    return reduced(torch.where(y_true == 1, d**2, lack**2) / 2, reduction, weight)


def bidirectional_triplet(torch, *vectors, reduction, weight=None, margin=0.2):
    """Two of PyTorch's triplet losses: from the image, and from the text."""
    image, text, negative_image, negative_text = vectors
    F = torch.nn.functional

    def distance(x, z):
        return F.pairwise_distance(x, z, eps=0)

    near = distance(image, text)
    loss = sum(
        torch.clamp(near - far + margin, min=0)
        for far in (distance(image, negative_text), distance(negative_image, text))
    )
    return reduced(loss, reduction, weight)


def size_of_times(targets, log_probs, *lengths, **params):
    """Of sums over the times, of terms as large as the largest logarithm of each."""
    sizes = np.where(np.isinf(log_probs), 0, np.abs(log_probs))
    return sizes.max(axis=-1).sum(axis=0)


# -- divergences and pairs ------------------------------------------------------------------


def distributions(rng, shape, kind):
    """Probabilities or their logarithms, and predicted logarithms."""
    p, q = np.asarray(rng.uniform(0.01, 1, shape)), np.log(rng.uniform(0.01, 1, shape))
    if kind == "logs":
        return places(rng, np.log(p), [0, -1e-9, -40, -746, -1e4]), np.asarray(q)
    if kind == "hard":
        p = places(rng, p, [0, 0, 0, 1, 1, 1e-300, 3])
        q = places(rng, np.asarray(q), [0, -1e-9, -40, -746, -1e4])
    return p, np.asarray(q)


def kl_div(torch, y_true, y_pred, reduction, weight=None, log_target=False):
    """PyTorch's own, whose mean warns that it is not that of the samples."""
    loss = torch.nn.functional.kl_div(y_pred, y_true, reduction="none", log_target=log_target)
    return reduced(loss, reduction, weight)


def kl_terms(y_true, y_pred, log_target=False):
    """Of p log p and p q."""
    p = np.exp(y_true) if log_target else y_true
    log_p = y_true if log_target else np.log(np.where(p > 0, p, 1))
    return p * (np.abs(log_p) + np.abs(y_pred))


def distances(rng, shape, kind):
    """Pairs that belong together or do not; at the kinks of the margins below."""
    d = np.asarray(rng.uniform(0, 4, shape))
    return signs(rng, shape), places(rng, d, [1, 1, 0.3, 0, 0, -1, 1e30]) if kind == "hard" else d


def scores(rng, shape, kind):
    """Two scores; ties, and differences of the margins below."""
    y_true, (x1, x2) = signs(rng, shape), real(rng, shape, "plain")
    if kind == "hard":
        x1 = np.where(rng.random(shape) < 0.7, 0.0, x1)
        x2 = x1 - places(rng, x1 - x2, [0, 0, 0, 0.3, -0.3, 2, -2, 1e30])
    return y_true, x1, x2


def margin_ranking(torch, y_true, x1, x2, reduction, weight=None, **params):
    """PyTorch's own."""
    function = torch.nn.functional.margin_ranking_loss
    loss = function(x1, x2, y_true, reduction=inner(reduction, weight), **params)
    return weighted(loss, reduction, weight)


# -- adversarial ------------------------------------------------------------------------------


def real_and_fake(rng, shape, kind):
    """Scores of as many real samples as generated ones and a half; saturated ones if hard."""
    a = rng.normal(loc=1, scale=2, size=shape)
    b = rng.normal(loc=-1, scale=2, size=(*shape[:-1], shape[-1] + shape[-1] // 2))
    if kind == "hard":
        # Not the places of a kink: relative to a mean they are none to the last digit.
        a, b = (places(rng, x, [40.0, -40.0, 300.0, -300.0, 1e4, -1e4]) for x in (a, b))
    return a, b


def fake_alone(rng, shape, kind):
    """Scores of generated samples."""
    return real_and_fake(rng, shape, kind)[1:]


def softplus(torch, z):
    """PyTorch's own takes z for it beyond a threshold."""
    return torch.logaddexp(z, torch.zeros_like(z))


def adversarial_terms(torch, kind):
    """The loss of scores that should be high, and that of scores that should be low."""
    F = torch.nn.functional
    return {
        "vanilla": (lambda z: softplus(torch, -z), lambda z: softplus(torch, z)),
        "lsgan": (lambda z: (z - 1) ** 2 / 2, lambda z: z**2 / 2),
        "relative lsgan": (lambda z: (z - 1) ** 2 / 2, lambda z: (z + 1) ** 2 / 2),
        "hinge": (lambda z: F.relu(1 - z), lambda z: F.relu(1 + z)),
        "wgan": (lambda z: -z, lambda z: z),
    }[kind]


def opposed(torch, high, low, reduction, kind):
    """The loss of the critic if `high` is real, that of a relativistic generator if it is not."""
    relative = kind.startswith("relativistic")
    name = kind.removeprefix("relativistic").strip("_") or "vanilla"
    if relative and name == "lsgan":
        name = "relative lsgan"
    of_high, of_low = adversarial_terms(torch, name)
    shifts = (low.mean(), high.mean()) if relative else (0, 0)
    terms = of_high(high - shifts[0]), of_low(low - shifts[1])
    return sum(getattr(term, reduction)() for term in terms)


def discriminator(torch, real, fake, reduction, weight=None, kind="vanilla"):
    """The definition."""
    return opposed(torch, real, fake, reduction, kind)


def generator(torch, fake, reduction, weight=None, kind="vanilla"):
    """The definition, for the kinds that do without real scores."""
    if kind == "saturating":
        loss = -softplus(torch, fake)
    else:
        loss = adversarial_terms(torch, "wgan" if kind == "hinge" else kind)[0](fake)
    return reduced(loss, reduction, weight)


def consistency(targets):
    """Least squares of two arrays of scores, each with its target."""

    def call(torch, identity_scores, cycle_scores, reduction, weight=None):
        pairs = zip((identity_scores, cycle_scores), targets, strict=True)
        return sum(getattr((scores - target) ** 2, reduction)() for scores, target in pairs)

    return call


def size_of_scores(*arrays, kind="vanilla"):
    """Sums of the terms: scores, their distances from means, or the squares of these."""
    size = sum((1 + np.abs(x) + np.abs(x).mean()).sum() for x in arrays)
    return size**2 if "lsgan" in kind else size


def gradient_penalty(torch, gradients, reduction, weight=None, target=1.0):
    """The usual composition; `weight` is that of the samples."""
    lengths = gradients.flatten(1).norm(2, dim=1)
    return reduced(10 * (lengths - target) ** 2, reduction, weight)


KINDS = ("vanilla", "lsgan", "hinge", "wgan")
RELATIVE_KINDS = ("relativistic", "relativistic_lsgan", "relativistic_hinge")


# -- batches --------------------------------------------------------------------------------


def labelled_rows(rng, shape, kind):
    """Labels of several rows each, and one of one row, beside embeddings."""
    y_true = rng.integers(0, max(2, shape[0] // 4), shape[0])
    y_true[:3] = 0, 0, 1
    y_true[-1] = 99
    return y_true, rng.normal(size=shape)


def modalities(rng, shape, kind):
    """Embeddings of two modalities."""
    x = rng.normal(size=shape)
    return x, x + rng.normal(size=shape)


def labelled_modalities(rng, shape, kind):
    """The same, beside labels."""
    return labelled_rows(rng, shape, kind)[0], *modalities(rng, shape, kind)


def averaged(losses, counted, reduction, weight):
    """Losses, of which the mean is over those that count."""
    counted = counted.to(losses.dtype)
    if weight is not None:
        losses, counted = losses * weight, counted * weight
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / counted.sum()


def of_cosines(losses):
    """The face of a loss of labels and of the cosines of all rows."""

    def call(torch, y_true, x, reduction, weight=None, **params):
        x = torch.nn.functional.normalize(x)
        same = y_true[:, None] == y_true[None, :]
        positive = same & ~torch.eye(len(x), dtype=torch.bool)
        return averaged(*losses(torch, x @ x.T, positive, ~same, **params), reduction, weight)

    return call


def log_sum(torch, e, mask):
    """Log of the sum of the exponentials where the mask holds."""
    return torch.where(mask, e, -torch.inf).logsumexp(1)


def sup_con(torch, s, positive, negative, temperature=0.07):
    """L_out of the paper."""
    e = s / temperature
    log_p = e - log_sum(torch, e, positive | negative)[:, None]
    count = positive.sum(1)
    mean = torch.where(positive, log_p, 0).sum(1) / count.clamp_min(1)
    return torch.where(count > 0, -mean, 0), count > 0


def nt_xent(torch, s, positive, negative, temperature=0.07):
    """Of each positive pair."""
    e = s / temperature
    losses = softplus(torch, log_sum(torch, e, negative)[:, None] - e)[positive]
    return losses, torch.ones_like(losses)


def multi_similarity(torch, s, positive, negative, alpha=2.0, beta=50.0, base=0.5):
    """The loss alone, without mining."""
    pull = torch.where(positive, torch.exp(-alpha * (s - base)), 0).sum(1)
    push = torch.where(negative, torch.exp(beta * (s - base)), 0).sum(1)
    losses = torch.log1p(pull) / alpha + torch.log1p(push) / beta
    return losses, torch.ones_like(losses)


def circle(torch, s, positive, negative, margin=0.4, gamma=80.0):
    """With the weights detached."""
    a_p, a_n = (1 + margin - s).relu().detach(), (s + margin).relu().detach()
    e_p = -gamma * a_p * (s - 1 + margin)
    e_n = gamma * a_n * (s - margin)
    counted = positive.any(1) & negative.any(1)
    u = log_sum(torch, e_n[counted], negative[counted])
    u = u + log_sum(torch, e_p[counted], positive[counted])
    losses = torch.zeros(len(s), dtype=s.dtype)
    losses[counted] = softplus(torch, u)
    return losses, counted


def of_distances(losses):
    """The face of a loss of labels and of the distances of all rows."""

    def call(torch, y_true, x, reduction, weight=None, **params):
        d = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
        same = y_true[:, None] == y_true[None, :]
        positive = same & ~torch.eye(len(x), dtype=torch.bool)
        return averaged(*losses(torch, d, positive, ~same, **params), reduction, weight)

    return call


def batch_hard(torch, d, positive, negative, margin=0.3, soft=False):
    """Maximum and minimum of masked distances."""
    gap = torch.where(positive, d, 0).amax(1) - torch.where(negative, d, torch.inf).amin(1)
    losses = softplus(torch, gap) if soft else (gap + margin).relu()
    return losses, torch.ones_like(losses)


def batch_semi_hard(torch, d, positive, negative, margin=1.0):
    """As TensorFlow Addons has it, all triplets at once."""
    farther = negative[:, None, :] & (d[:, None, :] > d[:, :, None])
    nearest = torch.where(farther, d[:, None, :], torch.inf).amin(2)
    farthest = torch.where(negative, d, 0).amax(1, keepdim=True)
    chosen = torch.where(farther.any(2), nearest, farthest)
    losses = (margin + d - chosen)[positive].relu()
    return losses, torch.ones_like(losses)


def batch_all(torch, d, positive, negative, margin=0.3):
    """All triplets at once."""
    losses = (margin + d[:, :, None] - d[:, None, :]).relu()
    losses = losses[positive[:, :, None] & negative[:, None, :]]
    return losses, losses > 0


def cosine_matrix(torch, images, texts):
    """Similarities of all images to all texts."""
    normalize = torch.nn.functional.normalize
    return normalize(images) @ normalize(texts).T


def mean_of_samples(losses, reduction, weight):
    """All samples count."""
    return averaged(losses, losses.detach() * 0 + 1, reduction, weight)


def info_nce(torch, images, texts, reduction, weight=None, temperature=0.07, symmetric=True):
    """By PyTorch's cross-entropy."""
    s = cosine_matrix(torch, images, texts) / temperature
    y = torch.arange(len(s))
    losses = torch.nn.functional.cross_entropy(s, y, reduction="none")
    if symmetric:
        losses = (losses + torch.nn.functional.cross_entropy(s.T, y, reduction="none")) / 2
    return mean_of_samples(losses, reduction, weight)


def siglip(torch, images, texts, reduction, weight=None, temperature=10.0, bias=-10.0):
    """By PyTorch's log-sigmoid, as its authors have it."""
    logits = temperature * cosine_matrix(torch, images, texts) + bias
    sign = 2 * torch.eye(len(logits), dtype=logits.dtype) - 1
    losses = -torch.nn.functional.logsigmoid(sign * logits).sum(1)
    return mean_of_samples(losses, reduction, weight)


def vse(torch, images, texts, reduction, weight=None, **params):
    """As VSE++ has it."""
    margin = params.get("margin", 0.2)
    dot = params.get("similarity") == "dot"
    s = images @ texts.T if dot else cosine_matrix(torch, images, texts)
    own = s.diagonal()[:, None]
    same = torch.eye(len(s), dtype=torch.bool)
    losses = 0
    for side in (s, s.T):
        cost = (margin - own + side).relu().masked_fill(same, 0)
        losses = losses + (cost.amax(1) if params.get("max_violation") else cost.sum(1))
    return mean_of_samples(losses, reduction, weight)


def cmpm(torch, y_true, images, texts, reduction, weight=None, eps=1e-8):
    """Both projections, by PyTorch's softmax."""
    match = (y_true[:, None] == y_true[None, :]).to(images.dtype)
    q = match / match.sum(1, keepdim=True)
    losses = 0
    for x, z in ((images, texts), (texts, images)):
        log_p = (x @ torch.nn.functional.normalize(z).T).log_softmax(1)
        losses = losses + (log_p.exp() * (log_p - (q + eps).log())).sum(1)
    return mean_of_samples(losses, reduction, weight)


def batch_row(call, params, data=labelled_rows, differentiable=(1,), **keywords):
    """A row of a loss of a batch, whose terms are exponents: similarities over temperatures."""
    return Row(
        call,
        data,
        params,
        ((5, 3), (13, 4)),
        ("batch",),
        differentiable,
        terms=lambda *arrays, **params: 100.0,
        **keywords,
    )


TEMPERATURES = ({}, {"temperature": 0.5})


ROWS = {
    "discriminator_loss": Row(
        discriminator,
        real_and_fake,
        tuple({"kind": kind} for kind in (*KINDS, *RELATIVE_KINDS)),
        ((1,), (9,), (4, 5)),
        differentiable=(0, 1),
        terms=size_of_scores,
        finest="sum",
    ),
    "generator_loss": Row(
        generator,
        fake_alone,
        tuple({"kind": kind} for kind in (*KINDS, "saturating")),
        ((9,), (4, 5)),
        differentiable=(0,),
    ),
    "adversarial_consistency_discriminator_loss": Row(
        consistency((0, 1)),
        real_and_fake,
        shapes=((9,), (4, 5)),
        differentiable=(0, 1),
        finest="sum",
    ),
    "adversarial_consistency_generator_loss": Row(
        consistency((1, 0)),
        real_and_fake,
        shapes=((9,), (4, 5)),
        differentiable=(0, 1),
        finest="sum",
    ),
    "gradient_penalty": Row(
        gradient_penalty,
        lambda rng, shape, kind: (rng.normal(size=shape),),
        ({}, {"target": 0.0}),
        ((5, 3), (4, 2, 3, 2)),
        ("plain",),
        (0,),
    ),
    "l1_loss": Row(regression("l1_loss"), real),
    "mse_loss": Row(regression("mse_loss"), real),
    "smooth_l1_loss": Row(
        regression("smooth_l1_loss"), real, ({}, {"beta": 0.3}, {"beta": 50.0}, {"beta": 0.0})
    ),
    "huber_loss": Row(regression("huber_loss"), real, ({}, {"delta": 0.3}, {"delta": 50.0})),
    "poisson_nll_loss": Row(
        regression("poisson_nll_loss"),
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
    "binary_cross_entropy": Row(bce, probabilities),
    "binary_cross_entropy_with_logits": Row(
        bce_with_logits,
        logits,
        ({}, {"pos_weight": 3.0}, {"pos_weight": 0.0}, {"pos_weight": [0.5, 1.0, 4.0]}),
        ((9,), (5, 3), (2, 4, 3)),
        terms=size_of_logits,
    ),
    "soft_margin_loss": Row(regression("soft_margin_loss"), signs_and_logits, terms=size_of_logits),
    "sigmoid_focal_loss": Row(
        focal,
        labels_and_logits,
        (
            {},
            {"alpha": None, "gamma": 0.0},
            {"alpha": -1.0},
            {"alpha": 0.001, "gamma": 0.5},
            {"gamma": 5.0, "loss_weight": 0.1},
            {"gamma": 1.0, "alpha": 1.0},
        ),
        kinds=("plain",),
        terms=size_of_logits,
    ),
    "gaussian_focal_loss": Row(
        gaussian_focal,
        heat_maps,
        ({}, {"alpha": 3.0, "gamma": 1.5}, {"alpha": 1.0, "gamma": 0.0, "eps": 1e-3}),
        # log(1 - error + eps)
        terms=lambda y_true, y_pred, **params: np.ones(y_pred.shape),
    ),
    "cross_entropy": Row(
        cross_entropy,
        classes,
        (
            {},
            {"class_weight": [0.5, 3.0, 0.0]},
            {"label_smoothing": 0.1},
            {"label_smoothing": 1.0, "class_weight": [0.5, 3.0, 0.0]},
            {"ignore_index": 1},
            {"ignore_index": 2, "class_weight": [2.0, 1.0, 7.0], "label_smoothing": 0.2},
        ),
        ((3,), (1, 3), (19, 3), (3, 3, 5), (2, 3, 2, 3)),
        ("plain", "hard", "ignored", "probabilities", "hard probabilities"),
        terms=size_of_largest_logit,
    ),
    "kl_div": Row(
        kl_div,
        distributions,
        ({}, {"log_target": True}),
        kinds=("plain", "hard", "logs"),
        terms=kl_terms,
    ),
    "hinge_embedding_loss": Row(
        regression("hinge_embedding_loss"),
        distances,
        ({}, {"margin": 0.3}, {"margin": -1.0}),
    ),
    "margin_ranking_loss": Row(
        margin_ranking,
        scores,
        ({}, {"margin": 0.3}, {"margin": -2.0}),
        differentiable=(1, 2),
    ),
    "softmax_focal_loss": Row(
        softmax_focal,
        classes,
        (
            {},
            {"gamma": 0.5, "class_weight": [0.5, 3.0, 0.0]},
            {"gamma": 0.0, "ignore_index": 1},
            {"gamma": 5.0, "ignore_index": 2, "class_weight": [2.0, 1.0, 7.0]},
        ),
        ((3,), (1, 3), (19, 3), (3, 3, 5)),
        ("plain", "ignored"),
        terms=size_of_largest_logit,
    ),
    "nll_loss": Row(
        labelled("nll_loss"),
        log_classes,
        ({}, {"class_weight": [0.5, 3.0, 0.0]}, {"ignore_index": 1}),
        ((3,), (1, 3), (19, 3), (3, 3, 5), (2, 3, 2, 3)),
        ("plain", "hard", "ignored"),
    ),
    "multi_margin_loss": Row(
        labelled("multi_margin_loss"),
        margins,
        (
            {},
            {"p": 2},
            {"margin": 0.5, "class_weight": [0.5, 3.0, 0.0, 1.0]},
            {"p": 2, "margin": 4.0, "class_weight": [0.5, 3.0, 0.0, 1.0]},
        ),
        ((4,), (1, 4), (19, 4)),
    ),
    "multilabel_margin_loss": Row(
        regression("multilabel_margin_loss"), label_lists, shapes=((1,), (4,), (1, 4), (19, 5))
    ),
    "multilabel_soft_margin_loss": Row(
        labelled("multilabel_soft_margin_loss"),
        indicators,
        ({}, {"class_weight": [0.5, 3.0, 0.0, 1.0]}),
        ((4,), (1, 4), (19, 4), (2, 3, 4)),
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
    "ctc_loss": Row(
        ctc,
        sequences,
        ({}, {"blank": 2}, {"zero_infinity": True}),
        ((7, 4), (8, 3, 4), (13, 4, 6)),
        ("plain", "concatenated", "hard", "empty", "impossible"),
        mean_is_sum=False,
        terms=size_of_times,
    ),
    "cosine_embedding_loss": Row(
        cosine_embedding,
        signs_and_vectors,
        ({}, {"margin": 0.5}, {"margin": -0.25}),
        ((3,), (10, 4)),
        differentiable=(1, 2),
        # 1 - s, or s less the margin.
        terms=lambda y_true, *vectors, **params: np.full(y_true.shape, 2.0),
    ),
    "triplet_margin_loss": Row(
        triplet,
        vectors,
        tuple(
            {"p": p, "swap": swap, **others}
            for p in (1.0, 1.5, 2.0, 3.0, float("inf"))
            for swap, others in ((False, {}), (True, {"eps": 0.0, "margin": 0.5}), (True, {}))
        ),
        ((3,), (6, 3), (2, 3, 2)),
        differentiable=(0, 1, 2),
        terms=size_of_distances,
    ),
    "pairwise_contrastive_loss": Row(
        pairwise_contrastive,
        marked_vectors,
        ({}, {"margin": 2.5}),
        ((3,), (10, 4)),
        differentiable=(1, 2),
        terms=lambda y_true, x1, x2, margin=1.0: margin**2 + ((x1 - x2) ** 2).sum(axis=-1),
    ),
    "bidirectional_triplet_loss": Row(
        bidirectional_triplet,
        images_and_texts,
        ({}, {"margin": 0.0}, {"margin": 1.5}),
        ((3,), (10, 4)),
        differentiable=(0, 1, 2, 3),
        terms=lambda i, t, *others, **params: (
            3 * size_of_distances(i, t, others[0], **params)
            + 3 * size_of_distances(i, t, others[1], **params)
        ),
    ),
    "triplet_margin_with_distance_loss": Row(
        triplet_with_distance,
        vectors,
        tuple(
            {"distance": distance, "swap": swap, "margin": margin}
            # Cosines of integers are rounded: of a kink at 1 one could be on either side.
            for distance, margin in (
                ("euclidean", 1.0),
                ("cosine", 0.8),
                ("manhattan", 1.0),
                ("chebyshev", 1.0),
                ("sqeuclidean", 2.0),
            )
            for swap in (False, True)
        ),
        ((3,), (6, 3), (2, 3, 2)),
        differentiable=(0, 1, 2),
        terms=size_of_distances,
    ),
    "sup_con_loss": batch_row(of_cosines(sup_con), TEMPERATURES),
    "nt_xent_loss": batch_row(of_cosines(nt_xent), TEMPERATURES, finest="sum"),
    "multi_similarity_loss": batch_row(
        of_cosines(multi_similarity), ({}, {"alpha": 5.0, "beta": 10.0, "base": 0.1})
    ),
    "circle_loss": batch_row(of_cosines(circle), ({}, {"margin": 0.25, "gamma": 10.0})),
    "batch_hard_triplet_loss": batch_row(
        of_distances(batch_hard), ({}, {"margin": 1.5}, {"soft": True})
    ),
    "batch_semi_hard_triplet_loss": batch_row(
        of_distances(batch_semi_hard), ({}, {"margin": 0.2}), finest="sum"
    ),
    "batch_all_triplet_loss": batch_row(
        of_distances(batch_all), ({}, {"margin": 1.0}), finest="sum"
    ),
    "info_nce_loss": batch_row(info_nce, (*TEMPERATURES, {"symmetric": False}), modalities, (0, 1)),
    "siglip_loss": batch_row(siglip, ({}, {"temperature": 2.0, "bias": -1.0}), modalities, (0, 1)),
    "vse_loss": batch_row(
        vse,
        ({}, {"max_violation": True}, {"similarity": "dot", "margin": 1.0}),
        modalities,
        (0, 1),
    ),
    "cmpm_loss": batch_row(cmpm, ({}, {"eps": 0.1}), labelled_modalities, (1, 2)),
}


@dataclass(frozen=True)
class Case:
    """One call of one loss of ROWS."""

    name: str
    kind: str
    number: int
    shape: tuple

    def __str__(self):
        shape = "x".join(map(str, self.shape)) or "scalar"
        return f"{self.name}-{self.kind}-{self.number}-{shape}".replace(" ", "_")

    @property
    def row(self):
        """The row of the loss."""
        return ROWS[self.name]

    @property
    def params(self):
        """Parameters of sklosses."""
        return self.row.params[self.number]

    def arrays(self):
        """The arrays of the call, the same in every run."""
        rng = np.random.default_rng([*str(self).encode()])
        return self.row.data(rng, self.shape, self.kind)


def grid():
    """All the cases that PyTorch takes."""
    for name, row in ROWS.items():
        for kind, number, shape in product(row.kinds, range(len(row.params)), row.shapes):
            case = Case(name, kind, number, shape)
            if np.ndim(case.params.get("pos_weight", 0)) and shape[-1] != 3:
                continue
            if kind == "ignored" and "ignore_index" in case.params:
                continue
            if name == "kl_div" and (kind == "logs") != ("log_target" in case.params):
                continue
            if "probabilities" in kind and "ignore_index" in case.params:
                continue  # PyTorch refuses the two together
            if kind == "impossible" and not case.params.get("zero_infinity"):
                continue  # its gradient is nan
            yield case


def evaluate(case, torch, dtype="float64", weight=None, reduction=None):
    """PyTorch's value, as float64, and the gradients of its sum, for the arrays of a case."""
    reduction = reduction or case.row.finest
    tensors = []
    for k, array in enumerate(case.arrays()):
        tensor = torch.tensor(array)
        if tensor.is_floating_point():
            tensor = tensor.to(getattr(torch, dtype))
        tensors.append(tensor.requires_grad_(k in case.row.differentiable))
    if weight is not None:
        weight = torch.tensor(weight).to(getattr(torch, dtype))
    loss = case.row.call(torch, *tensors, reduction=reduction, weight=weight, **case.params)
    loss.sum().backward()
    gradients = [tensors[k].grad.numpy() for k in case.row.differentiable]
    return loss.detach().numpy(), gradients


def main():
    """Write the reference file."""
    import torch

    torch.set_num_threads(1)
    stored, index = {}, []
    for number, case in enumerate(grid()):
        values, gradients = evaluate(case, torch, reduction=case.row.finest)
        mean, _ = evaluate(case, torch, reduction="mean")
        for k, array in enumerate(case.arrays()):
            stored[f"{number}.array{k}"] = array
        for k, gradient in enumerate(gradients):
            stored[f"{number}.gradient{k}"] = gradient
        stored[f"{number}.value"] = values
        stored[f"{number}.mean"] = mean
        index.append(
            {
                "id": str(case),
                "name": case.name,
                "params": case.params,
                "n_arrays": len(case.arrays()),
                "n_gradients": len(gradients),
                "finest": case.row.finest,
            }
        )
    stored["index"] = np.array(json.dumps({"torch": torch.__version__, "cases": index}))
    # One entry of the archive for each dtype, not for each small array: headers would be most
    # of the file.
    names, packed = [], {}
    for name, array in stored.items():
        if name != "index":
            array = np.asarray(array)
            kind = array.dtype.kind
            names.append([name, kind, list(array.shape)])
            packed.setdefault(kind, []).append(array.ravel())
    np.savez_compressed(
        TARGET,
        index=stored["index"],
        names=np.array(json.dumps(names)),
        **{kind: np.concatenate(arrays) for kind, arrays in packed.items()},
    )
    print(f"{len(index)} cases, {TARGET.stat().st_size / 1024:.0f} KB", file=sys.stderr)


def load(path=TARGET):
    """The index and the arrays of a reference file.

    Returns
    -------
    index : dict
        "torch", the version, and "cases".
    stored : dict of ndarray
        By "<number of the case>.<what>".
    """
    with np.load(path) as archive:
        packed = {name: archive[name] for name in archive.files}
    at, stored = {}, {}
    for name, kind, shape in json.loads(str(packed["names"])):
        start = at.get(kind, 0)
        at[kind] = stop = start + int(np.prod(shape))
        stored[name] = packed[kind][start:stop].reshape(shape)
    return json.loads(str(packed["index"])), stored


if __name__ == "__main__":
    main()
