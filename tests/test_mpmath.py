"""Saturated predictions against mpmath with 60 digits, where NumPy has no digits left."""

from functools import cache

import numpy as np
import pytest

import sklosses

mpmath = pytest.importorskip("mpmath", reason="mpmath is not installed")

MP = mpmath.mp.clone()
MP.dps = 60
LOGITS = [0.0, 1e-12, 0.3, 1.0, 5.0, 20.0, 36.0, 40.0, 100.0, 300.0, 700.0, 746.0, 1e3, 1e4]
LOGITS = sorted({sign * z for z in LOGITS for sign in (1, -1)})
TINY = np.finfo(np.float64).tiny
# PyTorch keeps the least denominator of its gradient in float32.
CLAMP = MP.mpf(float(np.float32(1e-12)))

# A product of a few factors of at most 2 ULP each, and exp(-gamma softplus(z)) whose argument,
# at most 745 where the result is not 0, is rounded: 745 eps / 2 = 8e-14.
RTOL = 2e-13


def agrees(actual, expected, rtol=RTOL, terms=None):
    """Relative to the exact value, unless that is smaller than float64's normal numbers."""
    terms = abs(expected) if terms is None else terms
    error = abs(MP.mpf(float(actual)) - expected)
    assert error <= rtol * terms + MP.mpf(TINY), (actual, MP.nstr(expected, 20))


def sigmoid(z):
    return 1 / (1 + MP.exp(-z))


def log_sigmoid(z):
    """log(sigmoid(z)), which 60 digits do not tell from 0 beyond z = 138 if taken literally."""
    return -MP.log1p(MP.exp(-z))


def focal(z, label, alpha, gamma, order):
    """The `order`-th derivative with respect to z, written out in p_t as in the paper.

    With z_t = +-z: d p_t / d z_t = p_t (1 - p_t), applied to (1 - p_t)^gamma log p_t.
    """
    sign = 1 if label else -1
    z_t = MP.mpf(z) * sign
    p, q = sigmoid(z_t), sigmoid(-z_t)
    weight = alpha if label else 1 - MP.mpf(alpha)
    log_p = log_sigmoid(z_t)
    if order == 0:
        return -weight * q**gamma * log_p
    if order == 1:
        return sign * weight * q**gamma * (gamma * p * log_p - q)
    # d/dz [q^g (g p log p - q)]: the product rule, with dq/dz = -pq and d(log p)/dz = q.
    inner = gamma * p * log_p - q
    change = gamma * p * q * log_p + gamma * p * q + p * q
    return weight * (-gamma * p * q**gamma * inner + q**gamma * change)


def soft_focal(z, y, gamma):
    """Of any target, as written; MP differentiates it."""
    p, q = sigmoid(z), sigmoid(-z)
    entropy = -y * log_sigmoid(z) - (1 - y) * log_sigmoid(-z)
    return (y / 4 + 3 * (1 - y) / 4) * (y * q + (1 - y) * p) ** gamma * entropy


@pytest.mark.parametrize("y", [0.0, 1e-17, 1e-3, 0.3, 0.5, 1 - 1e-6, 1.0])
@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.0, 5.0])
def test_focal_loss_of_soft_targets(gamma, y):
    loss = sklosses.SigmoidFocalLoss(gamma=gamma, reduction="none")
    z = np.array([x for x in LOGITS if abs(x) <= 100])
    targets = np.full(len(z), y)
    value = loss(targets, z)
    gradient, hessian = loss.gradient_and_hessian(targets, z)
    wide, power = MP.mpf(y), MP.mpf(gamma)
    for k, x in enumerate(z):
        x = MP.mpf(x)
        exact = [soft_focal(x, wide, power)]
        exact += [MP.diff(lambda t: soft_focal(t, wide, power), x, n) for n in (1, 2)]
        agrees(value[k], exact[0])
        # Sums of terms of both signs, unless the target is 0 or 1.
        p, q = sigmoid(x), sigmoid(-x)
        slope = abs(1 - 2 * wide) * p * q / (wide * q + (1 - wide) * p)
        factor = exact[0] / (-wide * log_sigmoid(x) - (1 - wide) * log_sigmoid(-x))
        inner = wide * q + (1 - wide) * p
        agrees(gradient[k], exact[1], terms=power * slope * exact[0] + factor * inner)
        bend = slope * (power * slope + slope + 1)
        terms = power * bend * exact[0] + factor * (2 * power * slope * inner + p * q)
        agrees(hessian[k], exact[2], terms=terms)


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("gamma", [0.0, 0.3, 0.5, 1.0, 2.0, 5.0])
def test_focal_loss(gamma, label):
    loss = sklosses.SigmoidFocalLoss(alpha=0.25, gamma=gamma, reduction="none")
    z = np.array(LOGITS)
    labels = np.full(len(z), label)
    value = loss(labels, z)
    gradient, hessian = loss.gradient_and_hessian(labels, z)
    exact = MP.mpf(gamma)
    for k, x in enumerate(LOGITS):
        agrees(value[k], focal(x, label, 0.25, exact, 0))
        agrees(gradient[k], focal(x, label, 0.25, exact, 1))
        # The Hessian changes its sign: relative to its terms, of which the largest has no
        # more than gamma (gamma + 1) s in its factor.
        second = focal(x, label, 0.25, exact, 2)
        p, q = (sigmoid(MP.mpf(s * x * (1 if label else -1))) for s in (1, -1))
        s = -log_sigmoid(MP.mpf(x if label else -x))
        b = gamma * p * s + q
        terms = q**exact * p * (gamma * b + q * (gamma + 1 + gamma * s))
        agrees(hessian[k], second, terms=terms)


def test_focal_derivatives_are_derivatives():
    """The formulas above against mpmath's numerical differentiation."""
    for gamma in (0.3, 2.0):
        for label in (0, 1):
            for z in (-3.0, 0.4, 20.0):
                for order in (1, 2):
                    numeric = MP.diff(
                        lambda x: focal(x, label, 0.25, MP.mpf(gamma), 0),  # noqa: B023
                        z,
                        order,
                    )
                    exact = focal(z, label, 0.25, MP.mpf(gamma), order)
                    assert abs(numeric - exact) <= MP.mpf("1e-18") * abs(exact)


@pytest.mark.parametrize("pos_weight", [None, 3.0, 1e-3])
@pytest.mark.parametrize("target", [0.0, 1.0, 0.25, 1e-3])
def test_binary_cross_entropy_with_logits(target, pos_weight):
    loss = sklosses.BCEWithLogitsLoss(pos_weight=pos_weight, reduction="none")
    z = np.array(LOGITS)
    labels = np.full(len(z), target)
    value = loss(labels, z)
    gradient, hessian = loss.gradient_and_hessian(labels, z)
    a = MP.mpf(target) * (1 if pos_weight is None else MP.mpf(pos_weight))
    b = 1 - MP.mpf(target)
    for k, x in enumerate(LOGITS):
        p, q = sigmoid(MP.mpf(x)), sigmoid(-MP.mpf(x))
        expected = -a * log_sigmoid(MP.mpf(x)) - b * log_sigmoid(-MP.mpf(x))
        agrees(value[k], expected, 4e-15)
        agrees(gradient[k], b * p - a * q, 4e-15, terms=b * p + a * q)
        agrees(hessian[k], (a + b) * p * q, 4e-15)


@pytest.mark.parametrize("target", [0.0, 1.0, 0.25])
def test_binary_cross_entropy(target):
    loss = sklosses.BCELoss(reduction="none")
    p = np.array([1e-300, 1e-44, 1e-20, 1e-11, 0.5, 1 - 1e-9, 1 - 1e-15, 1 - 2**-53])
    labels = np.full(len(p), target)
    value, gradient = loss.value_and_gradient(labels, p)
    y = MP.mpf(target)
    for k, x in enumerate(p):
        x = MP.mpf(float(x))
        right, wrong = MP.log(x), MP.log1p(-x)
        expected = -y * max(right, -100) - (1 - y) * max(wrong, -100)
        agrees(value[k], expected, 4e-15)
        agrees(gradient[k], (x - y) / max(x * (1 - x), CLAMP), 4e-15)


ROWS = [
    [0.0, 0.0, 0.0],
    [1e4, 0.0, -1e4],
    [0.0, 1e4, 1e4],
    [40.0, 0.0, -40.0],
    [0.0, 1e-12, 36.0],
    [700.0, -45.0, 0.0],
    [746.0, 0.0, 1.0],
    [-1e4, -1e4, -1e4 + 1],
    [1e-300, 0.0, -1e-300],
]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_cross_entropy(label, smoothing, wide):
    """Three classes along the lanes; or sixty-four, all but three of them ruled out."""
    z = np.array(ROWS)
    if wide:
        z = np.hstack([z, np.full((len(z), 61), -2e4)])
    n_classes = z.shape[1]
    loss = sklosses.CrossEntropyLoss(label_smoothing=smoothing, reduction="none")
    labels = np.full(len(z), label)
    value = loss(labels, z)
    gradient, hessian = loss.gradient_and_hessian(labels, z)
    smooth = MP.mpf(smoothing)
    for i, row in enumerate(z):
        exact = [MP.mpf(float(x)) for x in row]
        # exp(x_k - x_j) over the other classes k: -log p_j is log1p of its sum, and 1 - p_j
        # is sum / (1 + sum), without a cancellation.
        others = [
            MP.fsum(MP.exp(y - x) for k, y in enumerate(exact) if k != j)
            for j, x in enumerate(exact)
        ]
        t = [(1 - smooth) * (j == label) + smooth / n_classes for j in range(n_classes)]
        expected = MP.fsum(t_j * MP.log1p(o) for t_j, o in zip(t, others, strict=True) if t_j)
        agrees(value[i], expected, 1e-14)
        for j, other in enumerate(others):
            p, q = 1 / (1 + other), other / (1 + other)
            if smoothing == 0:
                # The gradient of a certain label keeps its digits.
                agrees(gradient[i, j], -q if j == label else p, 1e-14)
            else:
                agrees(gradient[i, j], p - t[j], 1e-14, terms=p + t[j])
            agrees(hessian[i, j], p * q, 1e-14)


def shares(row):
    """For each class, the exact sum of exp(x_k - x_j) over the other classes k."""
    return _shares(tuple(map(float, row)))


@cache
def _shares(row):
    exact = [MP.mpf(x) for x in row]
    return [
        MP.fsum(MP.exp(y - x) for k, y in enumerate(exact) if k != j) for j, x in enumerate(exact)
    ]


def widened(z, wide):
    """Three classes along the lanes; or sixty-four, or 300 of a row, all but three ruled out."""
    return np.hstack([z, np.full((len(z), wide - 3), -2e4)])


@pytest.mark.parametrize("wide", [3, 64, 300])
@pytest.mark.parametrize("gamma", [0.0, 0.01, 0.3, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_softmax_focal_loss(label, gamma, wide):
    z = widened(np.array(ROWS), wide)
    loss = sklosses.SoftmaxFocalLoss(gamma=gamma, reduction="none")
    labels = np.full(len(z), label)
    value = loss(labels, z)
    gradient, hessian = loss.gradient_and_hessian(labels, z)
    g = MP.mpf(gamma)
    for i, row in enumerate(z):
        others = shares(row)
        p, q = 1 / (1 + others[label]), others[label] / (1 + others[label])
        s = MP.log1p(others[label])
        agrees(value[i], q**g * s)
        # The chain rule in p, with powers of q = 1 - p as they come.
        slope = g * q ** (g - 1) * s + q**g / p
        bend = g * (g - 1) * q ** (g - 2) * s + 2 * g * q ** (g - 1) / p + q**g / p**2
        for j, other in enumerate(others):
            p_j = 1 / (1 + other)
            by_z = -p * q if j == label else p * p_j
            change = p * q * (q - p) if j == label else p * p_j * (2 * p_j - 1)
            agrees(gradient[i, j], slope * by_z)
            # Each of the terms has one sign in (p, s, q), but for those of the bend.
            terms = abs(bend) * by_z**2 + slope * abs(change)
            terms += 2 * abs(g * (g - 1)) * q ** (g - 2) * s * by_z**2
            agrees(hessian[i, j], bend * by_z**2 + slope * -change, terms=terms)


@pytest.mark.parametrize("wide", [3, 64, 300])
def test_entropy(wide):
    z = widened(np.array(ROWS), wide)
    loss = sklosses.Entropy(reduction="none")
    value = loss(z)
    gradient, hessian = loss.gradient_and_hessian(z)
    for i, row in enumerate(z):
        others = shares(row)
        p = [1 / (1 + other) for other in others]
        s = [MP.log1p(other) for other in others]
        entropy = MP.fsum(x * y for x, y in zip(p, s, strict=True))
        agrees(value[i], entropy)
        # Of the s their distances from the smallest, which 60 digits keep.
        d = [MP.mpf(float(row.max())) - MP.mpf(float(x)) for x in row]
        mean = MP.fsum(x * y for x, y in zip(p, d, strict=True))
        for j, other in enumerate(others):
            q = other / (1 + other)
            agrees(gradient[i, j], p[j] * (d[j] - mean), terms=p[j] * (d[j] + mean))
            second = p[j] * ((q - p[j]) * (d[j] - mean) - q)
            agrees(hessian[i, j], second, terms=p[j] * (d[j] + mean + q))


@pytest.mark.parametrize("temperature", [0.5, 4.0])
def test_distillation_loss(temperature):
    teacher = np.repeat(np.array(ROWS), len(ROWS), axis=0)
    student = np.tile(np.array(ROWS), (len(ROWS), 1))
    loss = sklosses.DistillationLoss(temperature=temperature, reduction="none")
    value = loss(teacher, student)
    gradient, hessian = loss.gradient_and_hessian(teacher, student)
    heat = MP.mpf(temperature)
    for i, rows in enumerate(zip(teacher, student, strict=True)):
        of_teacher, of_student = (shares([MP.mpf(float(x)) / heat for x in row]) for row in rows)
        u = [1 / (1 + other) for other in of_teacher]
        logs = [(MP.log1p(b), MP.log1p(a)) for a, b in zip(of_teacher, of_student, strict=True)]
        expected = heat**2 * MP.fsum(x * (b - a) for x, (b, a) in zip(u, logs, strict=True))
        tops = min(b for b, _ in logs) + min(a for _, a in logs)
        terms = heat**2 * (MP.fsum(x * (b + a) for x, (b, a) in zip(u, logs, strict=True)) + tops)
        agrees(value[i], expected, terms=terms)
        for j, other in enumerate(of_student):
            v, w = 1 / (1 + other), other / (1 + other)
            agrees(gradient[i, j], heat * (v - u[j]), terms=heat * (v + u[j]))
            agrees(hessian[i, j], v * w)


def test_js_div():
    """Also of probabilities that are equal up to a few units in the last place."""
    points = [0.0, 1e-300, 1e-30, 1e-9, 0.3, 0.3 + 2**-54, 0.3 - 2**-53, 0.3001, 1 - 2**-53, 1.0]
    p, q = (x.reshape(-1, 1) for x in np.meshgrid(points, points))
    loss = sklosses.JSDivLoss(reduction="none")
    value = loss(p, q)
    gradient, hessian = loss.gradient_and_hessian(p, q)
    for i, (x, y) in enumerate(zip(p[:, 0], q[:, 0], strict=True)):
        x, y = MP.mpf(float(x)), MP.mpf(float(y))
        mean = (x + y) / 2
        if not mean:
            assert value[i] == 0
            assert gradient[i, 0] == np.log(2) / 2
            assert hessian[i, 0] == 0
            continue
        agrees(value[i], sum(z * MP.log(z / mean) for z in (x, y) if z) / 2)
        if not y:
            assert gradient[i, 0] == -np.inf
            assert hessian[i, 0] == np.inf
            continue
        agrees(gradient[i, 0], MP.log(y / mean) / 2)
        if hessian[i, 0] != np.inf:
            agrees(hessian[i, 0], x / (2 * y * (x + y)))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 4.0])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, 1.5, 2.0, 4.0])
@pytest.mark.parametrize("target", [1.0, 0.0, 0.9])
def test_gaussian_focal_loss(target, alpha, gamma):
    points = [0.0, 1e-300, 1e-30, 1e-13, 1e-6, 0.2, 0.5, 0.75, 1 - 1e-6, 1 - 1e-13, 1 - 2**-53, 1.0]
    p = np.array(points)
    loss = sklosses.GaussianFocalLoss(alpha=alpha, gamma=gamma, reduction="none")
    value, gradient = loss.value_and_gradient(np.full(len(p), target), p)
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()
    eps, a = MP.mpf(1e-12), MP.mpf(alpha)
    weight = 1 if target == 1 else (1 - MP.mpf(target)) ** MP.mpf(gamma)
    for k, x in enumerate(p):
        x = MP.mpf(float(x))
        right, wrong = (x, 1 - x) if target == 1 else (1 - x, x)
        log_t = MP.log(right + eps)
        size = abs(log_t) + eps
        agrees(value[k], -weight * wrong**a * log_t, terms=weight * wrong**a * size)
        # A power of 0 with a negative exponent counts 0.
        slope = a * wrong ** (a - 1) if a and (wrong or a >= 1) else 0
        by_t = wrong**a / (right + eps)
        expected = weight * (slope * log_t - by_t) * (1 if target == 1 else -1)
        agrees(gradient[k], expected, terms=weight * (slope * size + by_t))
