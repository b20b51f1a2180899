"""What several modules of this package use."""

import numpy as np

LOGITS = [0, 1e-9, -1e-9, 17, -17, 40, -40, 300, -300, 746, -746, 1e4, -1e4, 1e30, -1e30]


# -- data: functions of (rng, shape, kind) ----------------------------------------------------


def places(rng, array, values):
    """Put some of `values` at random places, half of the array at most."""
    flat = array.reshape(-1)
    n = min(len(values), (flat.size + 1) // 2)
    flat[rng.permutation(flat.size)[:n]] = rng.permutation(np.asarray(values, float))[:n]
    return flat.reshape(array.shape)


def real(rng, shape, kind):
    """Real targets and predictions."""
    y_true = np.asarray(rng.normal(scale=3, size=shape))
    d = np.asarray(rng.normal(scale=2, size=shape))
    if kind == "hard":
        # The differences from a target of 0 are exactly these: ties, places where two pieces
        # meet, extremes.
        d = places(rng, d, [0, 0, 1, -1, 0.3, -0.3, 50, -50, 1e-9, -1e-200, 1e100, -1e60])
        y_true = np.where(rng.random(shape) < 0.7, 0.0, y_true)
    return y_true, y_true + d


def signs(rng, shape):
    """Targets -1 and 1."""
    return 2.0 * np.asarray(rng.integers(0, 2, shape)) - 1


def soft_target(rng, shape):
    """Labels 0 and 1 and probabilities between."""
    labels = rng.integers(0, 2, shape)
    return np.where(rng.random(shape) < 0.6, labels, np.asarray(rng.random(shape)))


def logits(rng, shape, kind):
    """Targets between 0 and 1, and logits."""
    z = np.asarray(rng.normal(scale=3, size=shape))
    if kind == "hard":
        z = places(rng, z, LOGITS)
    return soft_target(rng, shape), z


def class_axis(shape):
    """The axis of the classes."""
    return min(len(shape) - 1, 1)


def classes(rng, shape, kind):
    """Labels or probabilities of classes, and logits."""
    axis = class_axis(shape)
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


def margins(rng, shape, kind):
    """Labels and raw predictions; hard ones differ by exactly 0, 0.5 and 1."""
    z = rng.normal(scale=2, size=shape)
    if kind == "hard":
        z = np.round(2 * z) / 2
    return np.asarray(rng.integers(0, shape[-1], shape[:-1])), z


def vectors(rng, shape, kind, number=3):
    """Vectors around common centres; hard ones have ties, kinks, zero and equal vectors."""
    center = rng.normal(size=shape)
    arrays = [center + radius * rng.normal(size=shape) for radius in (0.7, 0.7, 1.2, 1.2)[:number]]
    if kind == "hard":
        rows = [array.reshape(-1, shape[-1]) for array in arrays]
        for i in range(len(rows[0])):
            x, y = rng.integers(-2, 3, (2, shape[-1])).astype(float)
            special = ((x, x, x), (x, y, -x), (0 * x, x, y), (x, x, y), (x, 3 * x, 0 * x))[i % 5]
            for array, row in zip(rows, special, strict=False):
                array[i] = row
    return tuple(arrays)


def labelled_rows(rng, shape, kind):
    """Labels with several rows each, one with a single row, and embeddings."""
    y_true = rng.integers(0, max(2, shape[0] // 4), shape[0])
    y_true[:3] = 0, 0, 1
    y_true[-1] = 99
    return y_true, rng.normal(size=shape)


# -- terms ------------------------------------------------------------------------------------


def size_of_logits(y_true, y_pred, **params):
    """Of z, which softplus(z) and y z both contain, and of the 1 in log(1 + exp(z))."""
    return 1 + np.abs(y_pred)


def size_of_largest_logit(y_true, y_pred, **params):
    """Of logsumexp(z) - z_y."""
    return np.abs(y_pred).max(axis=class_axis(y_pred.shape))


def size_of_distances(a, p, n, /, distance="euclidean", **params):
    """Of all three: each is at most the sum of the components' distances, or of their squares."""
    power = 2 if distance == "sqeuclidean" else 1
    return 1 + sum((np.abs(x - z) ** power).sum(axis=-1) for x, z in ((a, p), (a, n), (p, n)))


def size_of_exponents(*arrays, **params):
    """Of the terms of losses of a batch: similarities divided by temperatures."""
    return 100.0


# -- calls of PyTorch -------------------------------------------------------------------------


def inner(reduction, weight):
    """The reduction to ask PyTorch for if weights are applied afterwards."""
    return reduction if weight is None else "none"


def weighted(loss, reduction, weight):
    """Apply weights, and the sum after them.

    PyTorch broadcasts its own weights, so they cannot be used.
    """
    if weight is None:
        return loss
    loss = loss * weight
    return loss if reduction == "none" else loss.sum()


def reduced(loss, reduction, weight):
    """Apply weights and the reduction to an unreduced loss."""
    if weight is not None:
        loss = loss * weight
    return loss if reduction == "none" else getattr(loss, reduction)()


def averaged(losses, counted, reduction, weight):
    """Losses whose mean is over those that count."""
    counted = counted.to(losses.dtype)
    if weight is not None:
        losses, counted = losses * weight, counted * weight
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / counted.sum()


def function(name):
    """The call of a function of PyTorch that takes one prediction and one target."""

    def call(torch, y_true, y_pred, reduction, weight=None, **params):
        loss = getattr(torch.nn.functional, name)(
            y_pred, y_true, reduction=inner(reduction, weight), **params
        )
        return weighted(loss, reduction, weight)

    return call


def function_with_class_weight(name):
    """The same, with one weight for each class."""

    def call(torch, y_true, y_pred, reduction, weight=None, class_weight=None, **params):
        if class_weight is not None:
            class_weight = torch.as_tensor(class_weight, dtype=y_pred.dtype)
        loss = getattr(torch.nn.functional, name)(
            y_pred, y_true, weight=class_weight, reduction=inner(reduction, weight), **params
        )
        return weighted(loss, reduction, weight)

    return call


def softplus(torch, z):
    """log(1 + exp(z)); PyTorch's own function returns z beyond a threshold."""
    return torch.logaddexp(z, torch.zeros_like(z))
