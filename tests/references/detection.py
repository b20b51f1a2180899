"""References of the losses in ``sklosses.losses.detection``."""

import numpy as np

from ._base import WIDE, Data, Reference, class_axis, last_axis
from ._shared import LOGITS, minus_log_softmax, place, softplus
from .binary import hard_logits, soft_logits
from .multiclass import CE_LARGE, CE_SHAPES

PI = WIDE("3.14159265358979323846264")
BAD_UNIT = (("y_true", -0.25), ("y_true", 1.25), ("y_true", -1), ("y_true", 2))


def not_exponents(*names):
    """Values that exponents and weights must not have."""
    return tuple((name, value) for name in names for value in (-1, np.nan, np.inf, None, "1"))


def both_sigmoids(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))


# -- asymmetric loss --


def asymmetric_parts(z, clip):
    """The probability and its complement, the shifted one and minus the log of its complement."""
    p, rest = both_sigmoids(z)
    clip = WIDE(clip)
    q = np.maximum(0, p - clip)
    if clip == 0:
        return p, rest, q, softplus(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(q > 0.5, np.log(rest + clip), np.log1p(-q))
    return p, rest, q, np.where(q > 0, -log, 0)


def asymmetric(y_true, y_pred, gamma_neg=4.0, gamma_pos=1.0, clip=0.05):
    _, rest, q, minus_log = asymmetric_parts(y_pred, clip)
    with np.errstate(under="ignore"):
        positive = rest**gamma_pos * softplus(-y_pred)
        return y_true * positive + (1 - y_true) * q**gamma_neg * minus_log


def asymmetric_sizes(y_true, y_pred, gamma_neg=4.0, gamma_pos=1.0, clip=0.05):
    """Sums of the absolute terms of the value and both derivatives.

    A power multiplies the relative error of its base, which is large where the shifted probability
    is the difference of nearly equal numbers.
    """
    a, b = WIDE(gamma_pos), WIDE(gamma_neg)
    p, u, q, minus_log = asymmetric_parts(y_pred, clip)
    c = softplus(-y_pred)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        own = y_true * u**a * (1 + a / 2)
        lost = np.where(q > 0, (p + clip) / q, 1)
        other = (1 - y_true) * np.where(q > 0, q**b, 0) * (1 + b / 2 + (2 + b) * lost)
        pace = np.where(q > 0, minus_log / q, 1)
        ratio = np.where(u + clip > 0, u / (u + clip), 1)
    lift = np.where(q > 0, p / np.where(q > 0, q, 1), 1)
    value = own * c + other * minus_log
    slope = own * (a * p * c + u) + other * p * (b * u * pace + ratio)
    bend = own * p * (a * c * (a * p + u) + (2 * a + 1) * u)
    of_power = b * u * pace * (abs(b - 1) * lift * u + u + p) + 2 * b * lift * u * ratio
    return value, slope, bend + other * p * (of_power + ratio * (u + p * (1 - ratio)))


def asymmetric_scale(y_true, y_pred, gamma_neg=4.0, gamma_pos=1.0, clip=0.05):
    """The distance to the clip, where a power that is not whole has a singularity."""
    scale = np.full(y_pred.shape, 1 / WIDE(1 + max(gamma_neg, gamma_pos)))
    if 0 < clip < 1:
        clip = WIDE(clip)
        scale = np.minimum(scale, np.abs(y_pred - np.log(clip / (1 - clip))) / 8)
    return scale


def hard_at_clip(rng, shape, dtype, params):
    """Saturated logits, and some around the clip."""
    y_true, z = hard_logits(rng, shape, dtype, params)
    clip = params.get("clip", 0.05)
    if 0 < clip < 1:
        at = np.log(clip / (1 - clip))
        z = place(rng, [at, at, at + 1e-9, at - 1e-9, at + 1e-4, at + 0.01, at - 0.1], z)
    return y_true, z


ASYMMETRIC_PARAMS = (
    {},
    {"clip": 0},
    {"gamma_neg": 0, "gamma_pos": 0},
    {"gamma_neg": 0, "gamma_pos": 0, "clip": 0.0},
    {"gamma_neg": 0.5, "gamma_pos": 0.3, "clip": 0.2},
    {"gamma_neg": 2, "gamma_pos": 2, "clip": 0.5},
    {"gamma_neg": 1.5, "gamma_pos": 7.0, "clip": 0.9},
    {"gamma_neg": 0.3, "clip": 0},
    {"gamma_neg": 3.0, "clip": 1e-9},
    {"clip": 1},
)


# -- quality focal loss --


def quality_parts(y_true, y_pred):
    """The distance from the target, the sizes of its two terms, and the cross-entropy."""
    p, rest = both_sigmoids(y_pred)
    # p - y, or (1 - y) - (1 - p): the one whose terms are smaller.
    distance = np.where(y_pred < 0, p - y_true, (1 - y_true) - rest)
    size = np.where(y_pred < 0, p + y_true, (1 - y_true) + rest)
    entropy = y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred)
    return distance, size, entropy, p * rest


def quality(y_true, y_pred, beta=2.0):
    distance, _, entropy, _ = quality_parts(y_true, y_pred)
    with np.errstate(under="ignore"):
        return np.abs(distance) ** beta * entropy


def quality_sizes(y_true, y_pred, beta=2.0):
    """Sums of the absolute terms, times what the distance loses to cancellation."""
    beta = WIDE(beta)
    distance, size, c, bend = quality_parts(y_true, y_pred)
    d = np.abs(distance)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        lost = np.where(d > 0, size / d, 1)
        power = d**beta * (1 + beta / 2)
        w = np.where(d > 0, bend / d, 0)
        value = power * c * (1 + beta * lost)
        slope = power * (d * lost + beta * w * c * (1 + (1 + beta) * lost) + beta * d * lost)
        of_power = beta * w * c * (abs(beta - 1) * w + 1)
        second = power * (of_power + (2 * beta + 1) * bend) * (1 + (3 + beta) * lost)
    flat = np.where((d == 0) & (beta == 2), 2 * bend * bend * c, 0)
    return value, slope, second + flat


def quality_scale(y_true, y_pred, beta=2.0):
    """The distance to the prediction of the target, where a power may have a singularity."""
    scale = np.full(y_pred.shape, 1 / WIDE(1 + beta))
    if beta in (0, 2, 4):
        return scale
    with np.errstate(divide="ignore"):
        at = np.log(y_true / (1 - y_true))
    return np.minimum(scale, np.abs(y_pred - at) / 8)


def hard_qualities(rng, shape, dtype, params):
    """Saturated logits, and targets that are predicted exactly."""
    y_true, z = hard_logits(rng, shape, dtype, params)
    return np.where((z == 0) & (rng.random(shape) < 0.7), 0.5, y_true).astype(dtype), z


# -- varifocal loss --


def varifocal(y_true, y_pred, alpha=0.75, gamma=2.0):
    p, _ = both_sigmoids(y_pred)
    entropy = y_true * softplus(-y_pred) + (1 - y_true) * softplus(y_pred)
    with np.errstate(under="ignore"):
        return np.where(y_true > 0, y_true * entropy, WIDE(alpha) * p**gamma * softplus(y_pred))


def varifocal_sizes(y_true, y_pred, alpha=0.75, gamma=2.0):
    p, u = both_sigmoids(y_pred)
    g, c = WIDE(gamma), softplus(y_pred)
    with np.errstate(under="ignore"):
        own = y_true
        other = np.where(y_true > 0, 0, WIDE(alpha) * p**g) * (1 + g / 2)
    value = own * (y_true * softplus(-y_pred) + (1 - y_true) * c) + other * c
    slope = own * (y_true * u + (1 - y_true) * p) + other * (g * u * c + p)
    bend = g * c * u * (g * u + p) + (2 * g + 1) * p * u
    return value, slope, own * p * u + other * bend


def varifocal_scale(y_true, y_pred, alpha=0.75, gamma=2.0):
    return np.full(y_pred.shape, 1 / WIDE(1 + gamma))


# -- distribution focal loss --


def positions(rng, shape, dtype, params):
    """Numbers from 0 to the highest class index, and some of the indices."""
    axis = class_axis(len(shape))
    # float16 holds the integers up to 2048.
    rows, top = shape[:axis] + shape[axis + 1 :], min(shape[axis] - 1, 2048)
    y_true = np.asarray(rng.uniform(0, top, rows))
    kind = rng.random(rows)
    y_true = np.where(kind < 0.2, np.round(y_true), np.where(kind < 0.3, top, y_true))
    z = rng.normal(scale=3, size=shape).astype(dtype)
    # Rounding must not carry a number above the highest index.
    return np.minimum(y_true.astype(dtype), dtype(top)), z


def hard_positions(rng, shape, dtype, params):
    y_true, z = positions(rng, shape, dtype, params)
    y_true = place(rng, [0, 0, 1e-30 if shape[class_axis(len(shape))] > 1 else 0], y_true)
    return y_true, place(rng, [*LOGITS, 3.0, 3.0, 3.0], z)


def position_shares(y_true, y_pred):
    """The shares of the classes: of the two next to the target, its distance from the other one."""
    axis = class_axis(y_pred.ndim)
    along = [1] * y_pred.ndim
    along[axis] = y_pred.shape[axis]
    index = np.arange(y_pred.shape[axis]).reshape(along)
    at = np.expand_dims(np.asarray(y_true), axis)
    return np.maximum(0, np.minimum(index + 1 - at, at - (index - 1))), axis


def distribution_focal(y_true, y_pred):
    shares, axis = position_shares(y_true, y_pred)
    return (shares * minus_log_softmax(y_pred, axis)).sum(axis=axis)


def distribution_focal_terms(y_true, y_pred):
    shares, axis = position_shares(y_true, y_pred)
    return np.exp(-minus_log_softmax(y_pred, axis)) + shares


def first_two_positions(rng, shapes):
    """Positions of 0 and 1, or of 0 alone where there is a single class."""
    target, z = (rng.integers(0, 2, shape) for shape in shapes)
    return [target if shapes[1][class_axis(len(shapes[1]))] > 1 else 0 * target, z]


# -- losses of boxes --


def boxes(rng, shape, dtype, params):
    """Boxes that overlap, or do not."""
    rows = shape[:-1]
    corner = rng.normal(scale=2, size=(*rows, 2))
    target = np.concatenate([corner, corner + rng.uniform(0.5, 4, (*rows, 2))], axis=-1)
    corner = corner + rng.normal(scale=1, size=(*rows, 2))
    found = np.concatenate([corner, corner + rng.uniform(0.5, 4, (*rows, 2))], axis=-1)
    return target.astype(dtype), found.astype(dtype)


def hard_boxes(rng, shape, dtype, params):
    """Equal corners, boxes without an area, far, tiny and huge ones."""
    target, found = boxes(rng, shape, dtype, params)
    huge = float(np.finfo(dtype).max) ** 0.75
    special = (
        ((0, 0, 2, 2), (0, 0, 2, 2)),  # the same box
        ((0, 0, 2, 2), (2, 0, 4, 2)),  # boxes that touch
        ((0, 0, 2, 2), (0, 1, 2, 5)),  # equal edges
        ((0, 0, 4, 4), (1, 1, 2, 3)),  # one inside the other
        ((0, 0, 2, 2), (1, 1, 3, 1)),  # a height of 0
        ((0, 0, 2, 2), (1, 0, 1, 2)),  # a width of 0
        ((1, 1, 1, 1), (0, 0, 2, 2)),  # a point
        ((1, 1, 1, 1), (1, 1, 1, 1)),  # the same point
        ((0, 0, 3, 0), (1, 0, 2, 0)),  # boxes without an area
        ((1e5, 1e5, 1e5 + 1, 1e5 + 2), (1e5, 1e5, 1e5 + 2, 1e5 + 1)),
        ((-huge, 0, huge, huge), (0, 0, huge, huge)),
        ((0, 0, 1 / huge, 1 / huge), (0, 0, 1 / huge, 2 / huge)),
        ((0, 0, 1, 1), (huge, huge, 2 * huge, 2 * huge)),
        None,
    )
    a, b = target.reshape(-1, 4), found.reshape(-1, 4)
    for i in range(len(a)):
        pair = special[i % len(special)]
        if pair is not None:
            a[i], b[i] = pair
    return target, found


def box_sizes(y_true, y_pred):
    """Edges of both boxes, of the intersection and of the box around; its signed overlaps."""
    low, high, other_low, other_high = (
        y_pred[..., :2], y_pred[..., 2:], y_true[..., :2], y_true[..., 2:]
    )  # fmt: skip
    raw = np.minimum(high, other_high) - np.maximum(low, other_low)
    shared = np.where((raw > 0).all(axis=-1, keepdims=True), raw, 0)
    around = np.maximum(high, other_high) - np.minimum(low, other_low)
    return high - low, other_high - other_low, shared, around, raw


def over(x, y):
    """x / y, or 0 where y is 0."""
    return np.where(y != 0, x / np.where(y != 0, y, 1), 0)


def angle(edges):
    """arctan(w / h)."""
    return np.arctan2(edges[..., 0], edges[..., 1])


def is_point(edges):
    return (edges == 0).all(axis=-1)


def box_parts(y_true, y_pred, kind="iou", eps=1e-7):
    """The overlap, the other terms of the loss, the difference of the angles, and alpha."""
    eps = WIDE(0 if kind == "iou" else eps)
    edges, other, shared, around, _ = box_sizes(y_true, y_pred)
    inner, area = shared.prod(axis=-1), around.prod(axis=-1)
    union = edges.prod(axis=-1) + other.prod(axis=-1) - inner
    cover = over(inner, union + eps)
    diagonal = (around**2).sum(axis=-1) + eps
    shift = (y_pred[..., :2] + y_pred[..., 2:] - y_true[..., :2] - y_true[..., 2:]) / 2
    turn = np.where(is_point(edges) | is_point(other), 0, angle(other) - angle(edges))
    v = 4 / PI**2 * turn**2
    alpha = over(v, 1 - cover + v + eps)
    terms = {
        "iou": 0 * area,
        "giou": over(area - union, area + eps),
        "diou": over((shift**2).sum(axis=-1), diagonal),
    }
    terms["ciou"] = terms["diou"] + alpha * v
    return cover, terms[kind], turn, alpha, (union + eps, area + eps, diagonal, inner, shift)


def iou(y_true, y_pred, kind="iou", eps=1e-7):
    cover, more, *_ = box_parts(y_true, y_pred, kind, eps)
    return 1 - cover + more


def iou_value_terms(y_true, y_pred, kind="iou", eps=1e-7):
    cover, more, *_ = box_parts(y_true, y_pred, kind, eps)
    return 2 + cover + more


def iou_slopes(y_true, y_pred, kind="iou", eps=1e-7):
    """The derivative with respect to the prediction, and the sum of its absolute terms.

    alpha is constant. Of equal coordinates, each box has half of the derivative.
    """
    edges, _, shared, around, _ = box_sizes(y_true, y_pred)
    _, _, turn, alpha, sizes = box_parts(y_true, y_pred, kind, eps)
    union, area, diagonal, inner = (x[..., None] for x in sizes[:4])
    shift = sizes[4]
    one = np.ones_like(union)
    of_own = [over(inner, union**2) * edges[..., ::-1]]
    of_shared = [-over(one, union) * shared[..., ::-1], -over(inner, union**2) * shared[..., ::-1]]
    of_around, of_shift, shift_size = [0 * edges], 0 * shift, 0 * shift
    if kind == "giou":
        of_own.append(-over(one, area) * edges[..., ::-1])
        of_shared.append(over(one, area) * shared[..., ::-1])
        of_around.append(over(union, area**2) * around[..., ::-1])
    if kind in ("diou", "ciou"):
        distance = (shift**2).sum(axis=-1)[..., None]
        of_around.append(-2 * over(distance, diagonal**2) * around)
        of_shift = over(shift, diagonal)
        shift_size = over(np.abs(y_pred[..., :2]) + np.abs(y_pred[..., 2:]), diagonal)
        shift_size += over(np.abs(y_true[..., :2]) + np.abs(y_true[..., 2:]), diagonal)
    if kind == "ciou":
        # Of v with respect to the angle, and of the angle arctan(w / h).
        factor = -8 / PI**2 * (alpha * turn)[..., None]
        of_angle = over(edges[..., ::-1] * [1, -1], (edges**2).sum(axis=-1)[..., None])
        of_own.append(factor * of_angle)
    ties = [
        (np.sign(edge) + 1) / 2
        for edge in (y_pred[..., :2] - y_true[..., :2], y_true[..., 2:] - y_pred[..., 2:])
    ]
    low, high = (sum(of_own) + tie * sum(of_shared) + (1 - tie) * sum(of_around) for tie in ties)
    gradient = np.concatenate([of_shift - low, of_shift + high], axis=-1)
    terms = sum(np.abs(term) for term in (*of_own, *of_shared, *of_around)) + shift_size
    return gradient, np.concatenate([terms, terms], axis=-1)


def iou_scale(y_true, y_pred, kind="iou", eps=1e-7):
    """The distance from a tie, from boxes that touch, and from where a denominator is 0."""
    edges, other, _, _, raw = box_sizes(y_true, y_pred)
    union, area, diagonal, *_ = (x[..., None] for x in box_parts(y_true, y_pred, kind, eps)[4])
    sides = (edges + other)[..., ::-1]
    smooth = np.minimum(np.abs(raw), over(union, sides))
    if kind == "giou":
        smooth = np.minimum(smooth, over(area, sides))
    if kind in ("diou", "ciou"):
        smooth = np.minimum(smooth, np.sqrt(diagonal))
    if kind == "ciou":
        smooth = np.minimum(smooth, np.sqrt((edges**2).sum(axis=-1))[..., None])
    return np.minimum(np.abs(y_pred - y_true), np.concatenate([smooth, smooth], axis=-1)) / 8


def same_corner(rng, shapes):
    """Boxes from the origin to corners of zeros and ones."""
    found = [rng.integers(0, 2, shape) for shape in shapes]
    for array in found:
        array[..., :2] = 0
    return found


def many_boxes(rng):
    return [np.sort(rng.random((1_250_000, 4)).reshape(-1, 2, 2), axis=1).reshape(-1, 4)] * 2


KINDS = (
    {},
    {"kind": "giou"},
    {"kind": "diou"},
    {"kind": "ciou"},
    {"kind": "giou", "eps": 0},
    {"kind": "diou", "eps": 0.01},
    {"kind": "ciou", "eps": 0.0},
)


REFERENCES = (
    *(
        Reference(
            name,
            formula,
            {
                "plain": Data(plain, params, bad=BAD_UNIT),
                "hard": Data(hard, params),
            },
            scale=scale,
            value_terms=lambda *arrays, sizes=sizes, **params: sizes(*arrays, **params)[0],
            terms=lambda *arrays, sizes=sizes, **params: sizes(*arrays, **params)[1],
            hessian_terms=lambda *arrays, sizes=sizes, **params: sizes(*arrays, **params)[2],
            invalid=invalid,
            others=others,
        )
        for name, formula, plain, hard, params, scale, sizes, invalid, others in (
            (
                "asymmetric_loss",
                asymmetric,
                soft_logits,
                hard_at_clip,
                ASYMMETRIC_PARAMS,
                asymmetric_scale,
                asymmetric_sizes,
                (
                    *not_exponents("gamma_neg", "gamma_pos"),
                    *(("clip", value) for value in (-0.1, 1.5, np.nan, None, "1")),
                ),
                {"gamma_neg": 1.5, "gamma_pos": 0.5, "clip": 0.2},
            ),
            (
                "quality_focal_loss",
                quality,
                soft_logits,
                hard_qualities,
                tuple({"beta": beta} for beta in (2.0, 0, 1, 0.5, 1.5, 4.0, 7.3)),
                quality_scale,
                quality_sizes,
                not_exponents("beta"),
                {"beta": 1.5},
            ),
            (
                "varifocal_loss",
                varifocal,
                soft_logits,
                hard_logits,
                (
                    {},
                    {"alpha": 0, "gamma": 1},
                    {"alpha": 3.0, "gamma": 0.0},
                    {"gamma": 0.3},
                    {"gamma": 6.5, "alpha": 1e-7},
                ),
                varifocal_scale,
                varifocal_sizes,
                not_exponents("alpha", "gamma"),
                {"alpha": 0.25, "gamma": 0.5},
            ),
        )
    ),
    Reference(
        "distribution_focal_loss",
        distribution_focal,
        {
            "plain": Data(
                positions,
                ({},),
                CE_SHAPES,
                CE_LARGE,
                (15_000, 8),
                (("y_true", -0.25), ("y_true", 1e6), ("y_true", 2**40), ("y_true", -1)),
                first_two_positions,
            ),
            "hard": Data(
                hard_positions, ({},), CE_SHAPES, CE_LARGE, (15_000, 8), (), first_two_positions
            ),
        },
        terms=distribution_focal_terms,
    ),
    Reference(
        "iou_loss",
        iou,
        {
            name: Data(
                arrays,
                KINDS,
                ((4,), (1, 4), (5, 4), (2, 3, 4), (18, 4)),
                ((480, 4), (5500, 4), (7, 5, 4), (2, 700, 4), (16_385, 4)),
                (40_000, 4),
                zeros_and_ones=same_corner,
                huge=many_boxes,
            )
            for name, arrays in (("plain", boxes), ("hard", hard_boxes))
        },
        reduced=last_axis,
        scale=iou_scale,
        value_terms=iou_value_terms,
        terms=lambda *arrays, **params: iou_slopes(*arrays, **params)[1],
        gradient=lambda *arrays, **params: iou_slopes(*arrays, **params)[0],
        invalid=(
            *(("kind", value) for value in ("IoU", "area", None, 1)),
            *not_exponents("eps"),
        ),
        others={"kind": "giou"},
    ),
)
