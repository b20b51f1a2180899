"""References of the losses in ``sklosses.losses.crossmodal``."""

import numpy as np

from ._base import Data, Reference, all_axes, last_axis
from ._shared import norm, sigmoid, softplus
from .contrastive import (
    BATCH_LARGE,
    BATCH_SHAPES,
    BATCH_THREADED,
    MARGIN_INVALID,
    TEMPERATURE_INVALID,
    TEMPERATURES,
    batch_rows,
    binary_batch,
    directions,
    over_length,
    sup_con,
    sup_con_slopes,
)
from .pairs import MARGINS, hard_rows, minkowski_terms, vector_data, vectors_of

images_and_texts = vectors_of((0.6, 0.6, 1.2, 1.2))


def hard_images_and_texts(rng, shape, dtype, params):
    return hard_rows(rng, images_and_texts(rng, shape, dtype, params), np.dtype(dtype).type)


def bidirectional_parts(image, text, negative_image, negative_text, margin=0.2):
    """The distance of a matching pair, and the hinges before they are cut off at 0."""
    near = norm(image - text)
    others = norm(image - negative_text), norm(negative_image - text)
    return near, others, [margin + near - far for far in others]


def bidirectional_triplet(*vectors, margin=0.2):
    return sum(np.maximum(0, z) for z in bidirectional_parts(*vectors, margin=margin)[2])


def bidirectional_value_terms(*vectors, margin=0.2):
    near, others, _ = bidirectional_parts(*vectors, margin=margin)
    return 2 * (margin + near) + sum(others)


def bidirectional_terms(image, text, negative_image, negative_text, margin=0.2):
    together, to_text, to_image = (
        minkowski_terms(x, z, 2.0, 0.0)
        for x, z in ((image, text), (image, negative_text), (negative_image, text))
    )
    return 2 * together + to_text, 2 * together + to_image, to_image, to_text


def bidirectional_scale(image, text, negative_image, negative_text, margin=0.2):
    near, others, hinges = bidirectional_parts(
        image, text, negative_image, negative_text, margin=margin
    )
    reach = np.minimum.reduce([near, *others, *np.abs(hinges)])[..., None] / 4
    return tuple(reach + 0 * x for x in (image, text, negative_image, negative_text))


def modalities(rng, shape, dtype, params):
    x = rng.normal(size=shape)
    return x.astype(dtype), (x + rng.normal(size=shape)).astype(dtype)


def hard_modalities(rng, shape, dtype, params):
    x, z = modalities(rng, shape, dtype, params)
    n = len(x)
    if n > 3:
        z[1] = x[1]
        z[2] = -x[2]
        x[3] *= 30
        z[0] = x[0]
        x[1] *= 1e-3
    if n > 5:
        x[4] = 0
        z[5] = 0
    return x, z


def cosines(x, z):
    a, norm = directions(x)
    b, other = directions(z)
    return a @ b.T, norm, other


def info_nce(images, texts, temperature=0.07, symmetric=True):
    s, _, _ = cosines(images, texts)
    own = np.eye(len(s), dtype=bool)
    rows = sup_con(s, own, ~own, temperature)
    return (rows + sup_con(s.T, own, ~own, temperature)) / 2 if symmetric else rows


def info_nce_slopes(s, temperature=0.07, symmetric=True):
    own = np.eye(len(s), dtype=bool)
    w = sup_con_slopes(s, own, ~own, temperature)
    return (w + sup_con_slopes(s.T, own, ~own, temperature).T) / 2 if symmetric else w


def siglip(images, texts, temperature=10.0, bias=-10.0):
    s, _, _ = cosines(images, texts)
    sign = 1 - 2 * np.eye(len(s))
    return softplus(sign * (temperature * s + bias)).sum(axis=1)


def siglip_slopes(s, temperature=10.0, bias=-10.0):
    sign = 1 - 2 * np.eye(len(s))
    return temperature * sigmoid(sign * (temperature * s + bias))


def vse_similarities(images, texts, similarity):
    if similarity == "precomputed":
        return images
    return cosines(images, texts)[0] if similarity == "cosine" else images @ texts.T


def vse_gaps(s, margin):
    """The arguments of the hinges in both directions; -inf on the diagonal."""
    own = np.diag(s)[:, None]
    off = np.where(np.eye(len(s), dtype=bool), -np.inf, 0)
    return margin - own + s + off, margin - own + s.T + off


def vse(images, texts=None, margin=0.2, max_violation=False, similarity="cosine"):
    s = vse_similarities(images, texts, similarity)
    sides = [np.maximum(0, gap) for gap in vse_gaps(s, margin)]
    return sum(side.max(axis=1) if max_violation else side.sum(axis=1) for side in sides)


def vse_slopes(s, margin=0.2, max_violation=False, similarity="cosine"):
    n = len(s)
    return np.full((n, n), 2.0) + np.eye(n) * 4 * n


def vse_scale(images, texts=None, margin=0.2, max_violation=False, similarity="cosine"):
    s = vse_similarities(images, texts, similarity)
    kinks = [np.abs(gap[np.isfinite(gap)]) for gap in vse_gaps(s, margin)]
    if max_violation:
        for gap in vse_gaps(s, margin):
            for row in gap:
                row = np.sort(row[np.isfinite(row)])
                kinks.append(np.diff(row))
    least = min([np.min(kink, initial=1.0) for kink in kinks])
    if similarity == "precomputed":
        return np.full(s.shape, least / 4)
    longest = max(np.linalg.norm(a.astype(float), axis=1).max() for a in (images, texts))
    results = []
    for a in (images, texts):
        _, norm = directions(a)
        unit = norm / 8 if similarity == "cosine" else np.full(len(a), 1 / (8 * (1 + longest)))
        results.append(np.broadcast_to((least * unit)[:, None], a.shape))
    return tuple(results)


def vse_value_terms(images, texts=None, margin=0.2, max_violation=False, similarity="cosine"):
    s = vse_similarities(images, texts, similarity)
    return np.full(len(s), 2.0 * len(s) * (abs(margin) + 2 * np.abs(s).max()))


def cmpm_parts(s, norm, y_true, eps):
    logits = norm[:, None] * s
    lse = np.logaddexp.reduce(logits, axis=1)[:, None]
    match = y_true[:, None] == y_true[None, :]
    q = (match + 0 * s) / match.sum(axis=1, keepdims=True)
    return logits - lse, np.log(q + eps)


def cmpm(y_true, images, texts, eps=1e-8):
    s, norm, other = cosines(images, texts)
    total = 0
    for matrix, length in ((s, norm), (s.T, other)):
        log_p, log_q = cmpm_parts(matrix, length, y_true, eps)
        total = total + (np.exp(log_p) * (log_p - log_q)).sum(axis=1)
    return total


def cmpm_sizes(y_true, images, texts, eps):
    s, norm, other = cosines(images, texts)
    for matrix, length in ((s, norm), (s.T, other)):
        log_p, log_q = cmpm_parts(matrix, length, y_true, eps)
        yield np.exp(log_p) * (np.abs(log_p) + np.abs(log_q)), 1 + length, norm, other


def cmpm_value_terms(y_true, images, texts, eps=1e-8):
    return sum(p.sum(axis=1) * steep for p, steep, _, _ in cmpm_sizes(y_true, images, texts, eps))


def cmpm_terms(y_true, images, texts, eps=1e-8):
    (w, steep, norm, other), (v, steep_v, _, _) = cmpm_sizes(y_true, images, texts, eps)
    w = (w + np.exp(0) * w.sum(axis=1, keepdims=True) * (w > 0)) * (steep**2)[:, None]
    v = (v + v.sum(axis=1, keepdims=True) * (v > 0)) * (steep_v**2)[:, None]
    both = w + v.T
    return (
        over_length(both.sum(axis=1), norm, images.shape),
        over_length(both.sum(axis=0), other, texts.shape),
    )


def cmpm_scale(y_true, images, texts, eps=1e-8):
    _, norm, other = cosines(images, texts)
    longest = 1 + max(norm.max(), other.max())
    return tuple(
        np.broadcast_to((np.minimum(1, length) / (4 * longest))[:, None], a.shape)
        for length, a in ((norm, images), (other, texts))
    )


def modality_terms(slopes):
    def terms(images, texts=None, similarity="cosine", **params):
        if similarity == "precomputed":
            return slopes(images, **params)
        if similarity == "dot":
            w = slopes(images @ texts.T, **params)
            return w @ np.abs(texts), w.T @ np.abs(images)
        s, norm, other = cosines(images, texts)
        w = np.abs(slopes(s, **params))
        return (
            over_length(w.sum(axis=1), norm, images.shape),
            over_length(w.sum(axis=0), other, texts.shape),
        )

    return terms


def modality_scale(steepness):
    def scale(images, texts, **params):
        unit = np.minimum(1, 1 / steepness(**params)) / 4
        return tuple(
            np.broadcast_to((directions(a)[1] * unit)[:, None], a.shape) for a in (images, texts)
        )

    return scale


def sum_size(images, texts, temperature=0.07, bias=0.0, symmetric=True):
    n = len(images)
    steepness = temperature if bias else 1 / temperature
    size = 2 * steepness + abs(bias) + np.log(n) + 1
    return np.full(n, size * (n if bias else 1))


def huge_modalities(rng):
    n, d = 40, 65_000
    return list(rng.normal(size=(2, n, d)))


def matrix_of_similarities(rng, shape, dtype, params):
    return (rng.uniform(-1, 1, size=shape).astype(dtype),)


def binary_modalities(rng, shapes):
    return [rng.integers(0, 2, shape) for shape in shapes]


def modality_data(params, arrays=modalities, hard=hard_modalities, labelled=False):
    huge = huge_modalities
    if labelled:
        arrays, hard = with_labels(arrays), with_labels(hard)

        def huge(rng):
            return [rng.integers(0, 10, 40).astype(float), *huge_modalities(rng)]

    return {
        kind: Data(
            make,
            params,
            ((2, 2), *BATCH_SHAPES[1:]),
            BATCH_LARGE,
            BATCH_THREADED,
            zeros_and_ones=binary_batch if labelled else binary_modalities,
            huge=huge,
        )
        for kind, make in (("plain", arrays), ("hard", hard))
    }


def with_labels(arrays):
    def make(rng, shape, dtype, params):
        return batch_rows(rng, shape, dtype, params)[0], *arrays(rng, shape, dtype, params)

    return make


VSE_PARAMS = (
    {},
    {"max_violation": True},
    {"similarity": "dot", "margin": 1.0},
    {"similarity": "dot", "max_violation": True},
    {"margin": -0.3},
)


REFERENCES = (
    Reference(
        "bidirectional_triplet_loss",
        bidirectional_triplet,
        vector_data(images_and_texts, hard_images_and_texts, ({}, {"margin": 0}, {"margin": -0.5})),
        reduced=last_axis,
        value_terms=bidirectional_value_terms,
        scale=bidirectional_scale,
        terms=bidirectional_terms,
        invalid=MARGINS[2:],
        others={"margin": 0.5},
    ),
    Reference(
        "info_nce_loss",
        info_nce,
        modality_data((*TEMPERATURES, {"symmetric": False})),
        value_terms=sum_size,
        terms=modality_terms(info_nce_slopes),
        scale=modality_scale(lambda temperature=0.07, symmetric=True: 1 / temperature),
        reduced=all_axes,
        invalid=(*TEMPERATURE_INVALID, ("symmetric", "yes"), ("symmetric", None)),
        others={"temperature": 0.5, "symmetric": False},
        coupled=True,
        copies=2,
    ),
    Reference(
        "siglip_loss",
        siglip,
        modality_data(({}, {"temperature": 1.0, "bias": -1.0}, {"temperature": 90, "bias": -5})),
        value_terms=sum_size,
        terms=modality_terms(siglip_slopes),
        scale=modality_scale(lambda temperature=10.0, bias=-10.0: temperature),
        reduced=all_axes,
        invalid=(*TEMPERATURE_INVALID, *(("bias", v) for v in (np.nan, np.inf, None))),
        others={"temperature": 5.0, "bias": -3.0},
        coupled=True,
        copies=2,
    ),
    Reference(
        "vse_loss",
        vse,
        modality_data(VSE_PARAMS),
        value_terms=vse_value_terms,
        terms=modality_terms(vse_slopes),
        scale=vse_scale,
        reduced=all_axes,
        invalid=(
            *MARGIN_INVALID,
            ("max_violation", "yes"),
            ("similarity", "euclidean"),
            ("similarity", None),
        ),
        others={"margin": 0.5, "max_violation": True, "similarity": "dot"},
        coupled=True,
        copies=2,
    ),
    Reference(
        "cmpm_loss",
        cmpm,
        modality_data(({}, {"eps": 0.1}), labelled=True),
        value_terms=cmpm_value_terms,
        terms=cmpm_terms,
        scale=cmpm_scale,
        reduced=all_axes,
        invalid=tuple(("eps", v) for v in (0, -1.0, np.nan, np.inf, None)),
        others={"eps": 0.1},
        coupled=True,
        copies=2,
    ),
)
