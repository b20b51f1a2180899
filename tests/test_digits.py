"""Gradients that are small differences of large terms, against mpmath.

Where a softmax is almost certain of one class, its derivatives are as small as the probability of
all other classes. They have to keep their digits relative to the largest entry of their row,
however small that is. The oracle evaluates the formulas as in a textbook, with so many digits that
nothing is lost where they subtract.
"""

import itertools

import numpy as np
import pytest

import sklosses

mpmath = pytest.importorskip("mpmath", reason="mpmath is not installed")

MP = mpmath.mp.clone()
MP.dps = 250

EPS = {np.float64: 2.0**-52, np.float32: 2.0**-23}
EXP = np.vectorize(MP.exp, otypes=[object])
LOG = np.vectorize(MP.log, otypes=[object])
SQRT = np.vectorize(MP.sqrt, otypes=[object])


def exact(array):
    """An array of mpmath numbers."""
    return np.vectorize(lambda x: MP.mpf(float(x)), otypes=[object])(np.asarray(array))


def rows_agree(actual, expected, rtol, terms=0):
    """Each row of a gradient, relative to its largest entry, or to `terms` where it has larger."""
    tiny = MP.mpf(float(np.finfo(actual.dtype).tiny))
    rtols, terms = (np.broadcast_to(x, len(actual)) for x in (rtol, terms))
    for row, true, rtol, term in zip(actual, expected, rtols, terms, strict=True):
        largest = max(*map(abs, true), term)
        error = max(abs(MP.mpf(float(a)) - b) for a, b in zip(row, true, strict=True))
        assert error <= float(rtol) * largest + tiny, (row, [MP.nstr(x, 17) for x in true])


def softmax(logits):
    e = EXP(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# Projections on another modality --------------------------------------------------------------

# From uniform softmaxes to certain ones, in either direction.
LENGTHS = [1e-6, 1.0, 30.0, 1e3, 1e6]


def directions(x):
    norm = SQRT((x * x).sum(axis=1, keepdims=True))
    return x / norm, norm


def cmpm_direction(x, z, q, eps):
    """The losses of the rows x, and the gradients of their sum by x and by z."""
    unit, norm = directions(z)
    p = softmax(x @ unit.T)
    ratio = LOG(p) - LOG(q + eps)
    loss = (p * ratio).sum(axis=1, keepdims=True)
    slope = p * (ratio - loss)
    by_unit = slope.T @ x
    by_z = (by_unit - (by_unit * unit).sum(axis=1, keepdims=True) * unit) / norm
    return loss[:, 0], slope @ unit, by_z


def cmpm(y_true, x, z, eps):
    """The mean of the losses, and its gradients."""
    same = y_true[:, None] == y_true[None, :]
    q = exact(same) / exact(same.sum(axis=1, keepdims=True))
    n = len(y_true)
    loss, by_x, by_z = cmpm_direction(x, z, q, eps)
    other_loss, more_by_z, more_by_x = cmpm_direction(z, x, q, eps)
    return (loss + other_loss).sum() / n, (by_x + more_by_x) / n, (by_z + more_by_z) / n


def images_and_texts(lengths, n=7, d=8):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, d))
    z = x + rng.normal(size=(n, d))
    return [a * (length / np.sqrt(d)) for a, length in zip((x, z), lengths, strict=True)]


def some_labels(n_labels):
    return np.random.default_rng(1).integers(0, n_labels, 7)


@pytest.mark.parametrize("n_labels", [1, 3, 100])
@pytest.mark.parametrize("lengths", list(itertools.product(LENGTHS, repeat=2)))
def test_cmpm_loss(lengths, n_labels):
    y_true = some_labels(n_labels)
    arrays = images_and_texts(lengths)
    value, gradients = sklosses.cmpm_loss(y_true, *arrays, return_gradient=True)
    total, *expected = cmpm(y_true, *map(exact, arrays), MP.mpf(1e-8))
    # Terms that are not small cancel where all have one label.
    assert abs(MP.mpf(value) - total) <= 1e-14 * max(abs(total), 1)
    # A cosine is rounded by some eps, and a logit by its length times that; so is the logarithm of
    # each probability. With a length of 1e6 those that are not 1 are 0.
    rtol = 4 * EPS[np.float64] * (8 + min(max(lengths), 1e3))
    for actual, true in zip(gradients, expected, strict=True):
        rows_agree(actual, true, rtol)


@pytest.mark.parametrize("lengths", [(10.0, 30.0), (30.0, 1e-3)])
def test_cmpm_loss_of_float32(lengths):
    """Computed in float32, as no row is longer than 32."""
    y_true = some_labels(3)
    arrays = [a.astype(np.float32) for a in images_and_texts(lengths)]
    arrays = [
        a * np.float32(0.9 * b / np.linalg.norm(a, axis=1).max())
        for a, b in zip(arrays, lengths, strict=True)
    ]
    gradients = sklosses.CMPMLoss().gradient(y_true, *arrays)
    _, *expected = cmpm(y_true, *map(exact, arrays), MP.mpf(1e-8))
    for actual, true in zip(gradients, expected, strict=True):
        rows_agree(actual, true, 4 * EPS[np.float32] * (8 + max(lengths)))


@pytest.mark.parametrize("lengths", [(1.0, 1e3), (30.0, 30.0)])
def test_cmpm_derivatives_are_derivatives(lengths):
    """The formulas above against differences."""
    y_true, eps, step = some_labels(3), MP.mpf(1e-8), MP.mpf(10) ** -60
    arrays = [exact(a) for a in images_and_texts(lengths)]
    _, *gradients = cmpm(y_true, *arrays, eps)
    for array, gradient in zip(arrays, gradients, strict=True):
        for place in ((0, 0), (3, 5)):
            middle, values = array[place], []
            for moved in (middle + step, middle - step):
                array[place] = moved
                values.append(cmpm(y_true, *arrays, eps)[0])
            array[place] = middle
            difference = (values[0] - values[1]) / (2 * step)
            assert abs(difference - gradient[place]) <= MP.mpf(10) ** -40 * abs(gradient).max()


# Softmaxes less their targets -----------------------------------------------------------------


def sure_logits(n_classes, dtype):
    """One row for each lead of one class over the others, which lie around 0."""
    leads = [0, 1, 5, 20, 40, 80] if dtype is np.float32 else [0, 1, 5, 20, 60, 300]
    rng = np.random.default_rng(2)
    labels = rng.integers(0, n_classes, len(leads))
    logits = rng.normal(size=(len(leads), n_classes))
    logits[np.arange(len(leads)), labels] += leads
    return labels, logits.astype(dtype)


def make_probabilities(kind, labels, n_classes, dtype):
    one_hot = np.eye(n_classes)[labels]
    if kind == "one hot":
        return one_hot.astype(dtype)
    if kind == "nearly one hot":
        return np.where(one_hot == 1, 1 - 1e-6, 1e-6 / max(n_classes - 1, 1)).astype(dtype)
    # The second of two classes that nothing tells apart has a little.
    shared = one_hot.copy()
    shared[np.arange(len(labels)), (labels + 1) % n_classes] += 1e-9
    return shared.astype(dtype)


def tolerance(dtype, logits):
    """The difference of two logits is rounded, which is a relative error of its exponential."""
    return EPS[dtype] * (16 + np.ptp(logits, axis=1).astype(float))


# Three classes: rows are lanes. Three hundred: the classes of one row are.
@pytest.mark.parametrize("n_classes", [2, 3, 40, 300])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", ["one hot", "nearly one hot", "not of sum 1"])
def test_cross_entropy_of_probabilities(kind, dtype, n_classes):
    labels, logits = sure_logits(n_classes, dtype)
    y_true = make_probabilities(kind, labels, n_classes, dtype)
    class_weight = np.linspace(0.5, 2, n_classes)
    loss = sklosses.CrossEntropyLoss(class_weight=class_weight, reduction="none")
    t = exact(y_true) * exact(class_weight)
    expected = softmax(exact(logits)) * t.sum(axis=1, keepdims=True) - t
    rows_agree(loss.gradient(y_true, logits), expected, tolerance(dtype, logits))


@pytest.mark.parametrize("n_classes", [3, 300])
@pytest.mark.parametrize("smoothing", [1e-3, 1e-9, 1e-15])
@pytest.mark.parametrize("right", [True, False])
def test_cross_entropy_of_smoothed_labels(right, smoothing, n_classes):
    labels, logits = sure_logits(n_classes, np.float64)
    y_true = labels if right else (labels + 1) % n_classes
    loss = sklosses.CrossEntropyLoss(label_smoothing=smoothing, reduction="none")
    # 1 - smoothing is rounded, in the loss as here.
    t = MP.mpf(1 - smoothing) * exact(np.eye(n_classes)[y_true]) + MP.mpf(smoothing) / n_classes
    expected = softmax(exact(logits)) * t.sum(axis=1, keepdims=True) - t
    rows_agree(loss.gradient(y_true, logits), expected, tolerance(np.float64, logits))


@pytest.mark.parametrize("n_classes", [2, 3, 40, 300])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
@pytest.mark.parametrize("agreed", [True, False])
def test_distillation_loss(agreed, temperature, dtype, n_classes):
    """A teacher and a student who are both certain: of the same class, or of another."""
    _, student = sure_logits(n_classes, dtype)
    teacher = (student * np.linspace(0.4, 0.8, len(student))[:, None]).astype(dtype)
    if not agreed:
        teacher = np.roll(teacher, 1, axis=1)
    loss = sklosses.DistillationLoss(temperature=temperature, reduction="none")
    heat = MP.mpf(temperature)
    p, u = softmax(exact(student) / heat), softmax(exact(teacher) / heat)
    # What is not certain may be all but agreed on, and has probabilities that are rounded.
    terms = heat * np.sort(np.minimum(p, u), axis=1)[:, -2]
    actual = loss.gradient(teacher, student)
    rows_agree(actual, heat * (p - u), tolerance(dtype, student), terms)


@pytest.mark.parametrize("n_classes", [4, 40, 300])
def test_equally_large_logits(n_classes):
    """Of several largest logits none is certain: teacher and student, and a target of one."""
    logits = np.zeros((2, n_classes))
    logits[0, [1, 3]] = 50
    logits[1, 2] = 50
    teacher = logits[:, ::-1].copy()
    teacher[1] = 0
    teacher[1, [0, 2]] = 30
    p, u = softmax(exact(logits)), softmax(exact(teacher))
    rtol = 64 * EPS[np.float64]
    loss = sklosses.DistillationLoss(temperature=1.0, reduction="none")
    rows_agree(loss.gradient(teacher, logits), p - u, rtol)
    t = np.eye(n_classes)[[1, 2]]
    loss = sklosses.CrossEntropyLoss(reduction="none")
    rows_agree(loss.gradient(t, logits), p - exact(t), rtol)
