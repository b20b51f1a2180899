"""Saturated predictions against mpmath with 60 digits, where NumPy has no digits left."""

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
    """The `order`-th derivative by z, written out in p_t as in the paper.

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
            # p and p^2: of a softmax of nearly 1 nothing is left in 1 - p, unless it is that
            # of the label.
            agrees(hessian[i, j], p * q, 1e-14, terms=None if j == label else p)
