"""Compositions of losses of two modalities."""

from ._base import Row
from ._shared import (
    averaged,
    labelled_rows,
    reduced,
    size_of_distances,
    size_of_exponents,
    vectors,
)


def images_and_texts(rng, shape, kind):
    """An image, its text, and a wrong one of each."""
    return vectors(rng, shape, kind, 4)


def bidirectional_triplet(torch, *vectors, reduction, weight=None, margin=0.2):
    """Two of PyTorch's triplet losses: from the image, and from the text."""
    image, text, negative_image, negative_text = vectors

    def distance(x, z):
        return torch.nn.functional.pairwise_distance(x, z, eps=0)

    near = distance(image, text)
    loss = sum(
        torch.clamp(near - far + margin, min=0)
        for far in (distance(image, negative_text), distance(negative_image, text))
    )
    return reduced(loss, reduction, weight)


def size_of_two_triplets(image, text, negative_image, negative_text, **params):
    """Of the distances of both triplets."""
    return 3 * size_of_distances(image, text, negative_image, **params) + 3 * size_of_distances(
        image, text, negative_text, **params
    )


def modalities(rng, shape, kind):
    """Embeddings of two modalities."""
    x = rng.normal(size=shape)
    return x, x + rng.normal(size=shape)


def labelled_modalities(rng, shape, kind):
    """The same, after labels."""
    return labelled_rows(rng, shape, kind)[0], *modalities(rng, shape, kind)


def cosine_matrix(torch, images, texts):
    """Similarities of all images to all texts."""
    normalize = torch.nn.functional.normalize
    return normalize(images) @ normalize(texts).T


def mean_of_samples(losses, reduction, weight):
    """All samples count."""
    return averaged(losses, losses.detach() * 0 + 1, reduction, weight)


def info_nce(torch, images, texts, reduction, weight=None, temperature=0.07, symmetric=True):
    """With PyTorch's cross-entropy."""
    s = cosine_matrix(torch, images, texts) / temperature
    y = torch.arange(len(s))
    losses = torch.nn.functional.cross_entropy(s, y, reduction="none")
    if symmetric:
        losses = (losses + torch.nn.functional.cross_entropy(s.T, y, reduction="none")) / 2
    return mean_of_samples(losses, reduction, weight)


def siglip(torch, images, texts, reduction, weight=None, temperature=10.0, bias=-10.0):
    """With PyTorch's log-sigmoid, as the authors compose it."""
    logits = temperature * cosine_matrix(torch, images, texts) + bias
    sign = 2 * torch.eye(len(logits), dtype=logits.dtype) - 1
    losses = -torch.nn.functional.logsigmoid(sign * logits).sum(1)
    return mean_of_samples(losses, reduction, weight)


def vse(torch, images, texts, reduction, weight=None, **params):
    """As VSE++ composes it."""
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
    """Both projections, with PyTorch's softmax."""
    match = (y_true[:, None] == y_true[None, :]).to(images.dtype)
    q = match / match.sum(1, keepdim=True)
    losses = 0
    for x, z in ((images, texts), (texts, images)):
        log_p = (x @ torch.nn.functional.normalize(z).T).log_softmax(1)
        losses = losses + (log_p.exp() * (log_p - (q + eps).log())).sum(1)
    return mean_of_samples(losses, reduction, weight)


def row(call, params, data=modalities, differentiable=(0, 1)):
    """A row of a loss over all pairs of a batch."""
    return Row(
        call,
        data,
        params,
        ((5, 3), (13, 4)),
        ("batch",),
        differentiable,
        terms=size_of_exponents,
    )


ROWS = {
    "bidirectional_triplet_loss": Row(
        bidirectional_triplet,
        images_and_texts,
        ({}, {"margin": 0.0}, {"margin": 1.5}),
        ((3,), (10, 4)),
        differentiable=(0, 1, 2, 3),
        terms=size_of_two_triplets,
    ),
    "info_nce_loss": row(info_nce, ({}, {"temperature": 0.5}, {"symmetric": False})),
    "siglip_loss": row(siglip, ({}, {"temperature": 2.0, "bias": -1.0})),
    "vse_loss": row(vse, ({}, {"max_violation": True}, {"similarity": "dot", "margin": 1.0})),
    "cmpm_loss": row(cmpm, ({}, {"eps": 0.1}), labelled_modalities, (1, 2)),
}
