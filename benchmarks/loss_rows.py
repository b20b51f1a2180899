"""The rows of the tables of speed: a loss, its data, and how PyTorch and JAX compute it.

Rows are optional: a loss without a `Row` in `ROWS` is not listed, and a row need not have a formula
for PyTorch or JAX.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    torch = F = None
try:
    import jax
    import jax.numpy as jnp
except ImportError:
    jax = jnp = None

# --------------------------------------------------------------------------------------------
# Data: make(n, rng) returns the arrays of a call, about n elements in those with a gradient
# --------------------------------------------------------------------------------------------


def real_data(n, rng):
    return rng.standard_normal(n, np.float32), rng.standard_normal(n, np.float32)


def logit_data(n, rng):
    return (rng.random(n) < 0.3).astype(np.float32), 3 * rng.standard_normal(n, np.float32)


def probability_data(n, rng):
    return (rng.random(n) < 0.3).astype(np.float32), rng.random(n, np.float32) * 0.98 + 0.01


def count_data(n, rng):
    return rng.poisson(2.0, n).astype(np.float32), rng.standard_normal(n, np.float32)


def positive_data(n, rng):
    """Positive numbers, and predictions of the same kind."""
    return rng.random(n, np.float32) * 4 + 0.1, rng.random(n, np.float32) * 4 + np.float32(0.1)


def amount_data(n, rng):
    """Amounts, most of them 0, and logarithms of their means."""
    y_true = np.maximum(rng.standard_normal(n, np.float32), 0)
    return y_true, rng.standard_normal(n, np.float32)


def mean_data(n, rng):
    return *real_data(n, rng), rng.random(n, np.float32) + np.float32(0.1)


def margin_data(n, rng):
    y_true, y_pred = logit_data(n, rng)
    return 2 * y_true - 1, y_pred


def score_data(n, rng):
    return *margin_data(n, rng), rng.standard_normal(n, np.float32)


def divergence_data(n, rng):
    return rng.random(n, np.float32), np.log(rng.random(n, np.float32) + np.float32(1e-6))


def class_data(n_classes):
    def make(n, rng):
        rows = max(1, n // n_classes)
        y_pred = 3 * rng.standard_normal((rows, n_classes), np.float32)
        return rng.integers(0, n_classes, rows), y_pred

    return make


def rank_data(n_classes):
    def make(n, rng):
        y_pred = class_data(n_classes - 1)(n, rng)[1]
        return rng.integers(0, n_classes, len(y_pred)), y_pred

    return make


def position_data(n_classes):
    def make(n, rng):
        y_pred = class_data(n_classes)(n, rng)[1]
        return rng.uniform(0, n_classes - 1.01, len(y_pred)).astype(np.float32), y_pred

    return make


def box_data(n, rng):
    """Boxes of which most overlap."""
    corner = rng.standard_normal((2, max(1, n // 4), 2), np.float32)
    return tuple(np.concatenate([corner, corner + 1 + rng.random(corner.shape, np.float32)], -1))


def threshold_data(n_classes):
    def make(n, rng):
        y_pred = 3 * rng.standard_normal(n, np.float32)
        thresholds = np.arange(n_classes - 1, dtype=np.float32) - n_classes / 2
        return rng.integers(0, n_classes, n), y_pred, thresholds.astype(np.float32)

    return make


def log_probability_data(n_classes):
    def make(n, rng):
        y_true, z = class_data(n_classes)(n, rng)
        return y_true, z - np.log(np.exp(z).sum(axis=1, keepdims=True))

    return make


def segmentation_data(n, rng):
    """Images of 256 x 256 pixels, 21 classes, as many as come near n elements."""
    shape = (max(1, round(n / (21 * 256 * 256))), 21, 256, 256)
    y_true = rng.integers(0, 21, (shape[0], 256, 256))
    return y_true, 3 * rng.standard_normal(shape, np.float32)


def image_data(n, rng):
    """Masks and logits of images of 512 x 512 pixels and 4 classes, about n elements."""
    shape = (max(1, round(n / (4 * 512 * 512))), 4, 512, 512)
    return (rng.random(shape) < 0.3).astype(np.float32), 3 * rng.standard_normal(shape, np.float32)


def image_probability_data(n, rng):
    y_true, y_pred = image_data(n, rng)
    return y_true, 1 / (1 + np.exp(-y_pred))


def image_label_data(n, rng):
    """Class indices and probabilities of such images."""
    _, y_pred = image_data(n, rng)
    e = np.exp(y_pred)
    return rng.integers(0, 4, (len(e), *e.shape[2:])), e / e.sum(axis=1, keepdims=True)


def indicator_data(n_classes):
    def make(n, rng):
        shape = (max(1, n // n_classes), n_classes)
        return (rng.random(shape) < 0.1).astype(np.float32), rng.standard_normal(shape, np.float32)

    return make


def list_data(n_classes, n_labels):
    def make(n, rng):
        shape = (max(1, n // n_classes), n_classes)
        y_true = np.full(shape, -1)
        y_true[:, :n_labels] = rng.random(shape).argsort(axis=1)[:, :n_labels]
        return y_true, rng.standard_normal(shape, np.float32)

    return make


def batch_data(n, rng, d=128):
    """Labels of 8 rows each, and embeddings."""
    rows = max(2, n // d)
    return rng.integers(0, max(1, rows // 8), rows), rng.standard_normal((rows, d), np.float32)


def modality_data(n, rng, d=128):
    x = rng.standard_normal((max(2, n // d), d), np.float32)
    return x, x + rng.standard_normal(x.shape, np.float32)


def sequence_data(n, rng, n_times=200, n_classes=80, n_labels=30):
    n_sequences = max(1, n // (n_times * n_classes))
    z = rng.standard_normal((n_times, n_sequences, n_classes), np.float32)
    log_probs = z - np.log(np.exp(z).sum(axis=2, keepdims=True))
    targets = rng.integers(1, n_classes, (n_sequences, n_labels))
    return targets, log_probs, np.full(n_sequences, n_times), np.full(n_sequences, n_labels)


def triplet_data(n, rng):
    """As many rows as n = 100 rows: 100,000 x 128 for the default of ten million."""
    return tuple(rng.standard_normal((3, max(1, n // 100), 128), np.float32))


def sign_data(n, rng):
    x1, x2, _ = triplet_data(n, rng)
    return np.where(rng.random(len(x1)) < 0.5, 1, -1), x1, x2


def marked_data(n, rng):
    y, x1, x2 = sign_data(n, rng)
    return (y + 1) // 2, x1, x2


def image_text_data(n, rng):
    return tuple(rng.standard_normal((4, max(1, n // 100), 128), np.float32))


def torch_pairwise_contrastive(y, x1, x2):
    d = F.pairwise_distance(x1, x2, eps=0)
    return (torch.where(y == 1, d**2, F.relu(1 - d) ** 2) / 2).mean()


def torch_bidirectional_triplet(image, text, negative_image, negative_text):
    near = F.pairwise_distance(image, text, eps=0)
    to_text = near - F.pairwise_distance(image, negative_text, eps=0) + 0.2
    to_image = near - F.pairwise_distance(negative_image, text, eps=0) + 0.2
    return (F.relu(to_text) + F.relu(to_image)).mean()


def heat_map_data(n, rng):
    y_true = rng.random(n, np.float32) ** 4
    return np.where(rng.random(n) < 0.05, np.float32(1), y_true), probability_data(n, rng)[1]


def two_logits_data(n_classes):
    def make(n, rng):
        return tuple(3 * rng.standard_normal((2, max(1, n // n_classes), n_classes), np.float32))

    return make


def two_distributions_data(n_classes):
    def make(n, rng):
        e = np.exp(rng.standard_normal((2, max(1, n // n_classes), n_classes), np.float32))
        return tuple(e / e.sum(axis=2, keepdims=True))

    return make


def class_logits_data(n_classes):
    def make(n, rng):
        return class_data(n_classes)(n, rng)[1:]

    return make


# --------------------------------------------------------------------------------------------
# What the others need more than one line for: the usual formulas of their users
# --------------------------------------------------------------------------------------------


def torch_focal(y, p, alpha=0.25, gamma=2.0):
    """As torchvision.ops.sigmoid_focal_loss composes it."""
    probability = torch.sigmoid(p)
    ce = F.binary_cross_entropy_with_logits(p, y, reduction="none")
    p_t = probability * y + (1 - probability) * (1 - y)
    loss = ce * ((1 - p_t) ** gamma)
    alpha_t = alpha * y + (1 - alpha) * (1 - y)
    return (alpha_t * loss).mean()


def torch_gaussian_focal(y, p, eps=1e-12):
    """As mmdetection composes it."""
    peak = y.eq(1)
    of_peak = -(p + eps).log() * (1 - p).pow(2) * peak
    of_rest = -(1 - p + eps).log() * p.pow(2) * (1 - y).pow(4)
    return (of_peak + of_rest * ~peak).mean()


def torch_asymmetric(y, p):
    """As in the code of its authors, with the gradient of the factors."""
    positive = torch.sigmoid(p)
    negative = (1 - positive + 0.05).clamp(max=1)
    loss = y * torch.log(positive.clamp(min=1e-8)) * (1 - positive)
    return -(loss + (1 - y) * torch.log(negative.clamp(min=1e-8)) * (1 - negative) ** 4).mean()


def torch_quality_focal(y, p):
    """As mmdetection composes it, for each class."""
    bce = F.binary_cross_entropy_with_logits(p, y, reduction="none")
    return (bce * (y - p.sigmoid()).abs().pow(2)).mean()


def torch_varifocal(y, p):
    """As mmdetection composes it."""
    factor = y * (y > 0).float() + 0.75 * (p.sigmoid() - y).abs().pow(2) * (y <= 0).float()
    return (F.binary_cross_entropy_with_logits(p, y, reduction="none") * factor).mean()


def torch_distribution_focal(y, p):
    """As mmdetection composes it."""
    left = y.long()
    of_left = F.cross_entropy(p, left, reduction="none") * (left + 1 - y)
    return (of_left + F.cross_entropy(p, left + 1, reduction="none") * (y - left)).mean()


def torch_giou(y, p, eps=1e-7):
    """As torchvision.ops.generalized_box_iou_loss."""
    x1, y1, x2, y2 = p.unbind(-1)
    x1g, y1g, x2g, y2g = y.unbind(-1)
    left, top = torch.max(x1, x1g), torch.max(y1, y1g)
    right, bottom = torch.min(x2, x2g), torch.min(y2, y2g)
    inner = torch.zeros_like(x1)
    mask = (bottom > top) & (right > left)
    inner[mask] = (right[mask] - left[mask]) * (bottom[mask] - top[mask])
    union = (x2 - x1) * (y2 - y1) + (x2g - x1g) * (y2g - y1g) - inner
    area = (torch.max(x2, x2g) - torch.min(x1, x1g)) * (torch.max(y2, y2g) - torch.min(y1, y1g))
    return (1 - (inner / (union + eps) - (area - union) / (area + eps))).mean()


def torch_softmax_focal(y, p, gamma=2.0):
    ce = F.cross_entropy(p, y, reduction="none")
    return ((1 - torch.exp(-ce)) ** gamma * ce).mean()


def torch_crammer_singer(y, p):
    label = y[:, None]
    others = p.scatter(1, label, -torch.inf)
    return F.relu(1 - p.gather(1, label)[:, 0] + others.max(dim=1).values).mean()


def torch_questions(y, p):
    """Binary cross-entropies of "is the label above k?", as coral-pytorch computes them."""
    above = (y[:, None] > torch.arange(p.shape[1])).to(p.dtype)
    log_sigmoid = F.logsigmoid(p)
    return -(log_sigmoid * above + (log_sigmoid - p) * (1 - above))


def torch_coral(y, p):
    return torch_questions(y, p).sum(dim=1).mean()


def torch_corn(y, p):
    asked = y[:, None] >= torch.arange(p.shape[1])
    return (torch_questions(y, p) * asked).sum() / asked.sum()


def torch_dice(y, p):
    common = (y * p).sum(dim=(2, 3))
    sizes = y.sum(dim=(2, 3)) + p.sum(dim=(2, 3))
    return (1 - (2 * common + 1) / (sizes + 1)).mean()


def torch_dice_sigmoid(y, z):
    return torch_dice(y, torch.sigmoid(z))


def torch_dice_softmax(y, z):
    return torch_dice(y, F.softmax(z, dim=1))


def torch_tversky(y, z):
    p = torch.sigmoid(z)
    common = (y * p).sum(dim=(2, 3)) + 1
    extra, missing = ((1 - y) * p).sum(dim=(2, 3)), (y * (1 - p)).sum(dim=(2, 3))
    return ((1 - common / (common + 0.3 * extra + 0.7 * missing)) ** 0.75).mean()


SIGMOID, SOFTMAX = {"activation": "sigmoid"}, {"activation": "softmax"}
TVERSKY = {"alpha": 0.3, "beta": 0.7, "gamma": 0.75, **SIGMOID}


def torch_lovasz_softmax(y, p):
    """As published: errors sorted, times the differences of Jaccard losses."""
    losses = []
    for labels, image in zip(y, p, strict=True):
        terms = []
        for c in labels.unique():
            mask = (labels == c).reshape(-1)
            errors = (mask.float() - image[c].reshape(-1)).abs()
            errors, order = torch.sort(errors, descending=True)
            hits = mask[order].double()
            jaccard = 1 - (hits.sum() - hits.cumsum(0)) / (hits.sum() + (1 - hits).cumsum(0))
            steps = torch.cat([jaccard[:1], jaccard.diff()])
            terms.append(torch.dot(errors, steps.float()))
        losses.append(torch.stack(terms).mean())
    return torch.stack(losses).mean()


def torch_cumulative_logit(y, p, thresholds):
    ends = torch.full((1,), torch.inf)
    # The gradient of the thresholds needs sums in float64.
    bounds = torch.cat([-ends, thresholds, ends]).double()
    lower, upper = bounds[y].float(), bounds[y + 1].float()
    width = torch.log(-torch.expm1(lower - upper))
    return (F.softplus(p - upper) + F.softplus(lower - p) - width).mean()


def torch_distillation(teacher, student, temperature=4.0):
    target = F.softmax(teacher / temperature, dim=1)
    divergence = F.kl_div(
        F.log_softmax(student / temperature, dim=1), target, reduction="batchmean"
    )
    return divergence * temperature**2


def torch_js_div(y, p):
    log_mean = ((y + p) / 2).log()
    divergences = (
        F.kl_div(log_mean, y, reduction="batchmean"),
        (p * (p.log() - log_mean)).sum() / len(p),
    )
    return sum(divergences) / 2


def torch_discriminator(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def torch_relativistic(real, fake):
    return torch_discriminator(real - fake.mean(), fake - real.mean())


def torch_entropy(p):
    log_p = F.log_softmax(p, dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()


def torch_info_nce(images, texts, temperature=0.07):
    """As CLIP is trained."""
    logits = F.normalize(images) @ F.normalize(texts).T / temperature
    y = torch.arange(len(logits))
    return (F.cross_entropy(logits, y) + F.cross_entropy(logits.T, y)) / 2


def torch_sup_con(y, x, temperature=0.07):
    """As its authors compose it: masks, log-softmax, mean over the positives."""
    x = F.normalize(x)
    own = torch.eye(len(x), dtype=torch.bool)
    logits = (x @ x.T / temperature).masked_fill(own, -torch.inf)
    log_p = logits - logits.logsumexp(1, keepdim=True)
    positive = (y[:, None] == y[None, :]) & ~own
    count = positive.sum(1)
    mean = torch.where(positive, log_p, 0.0).sum(1)[count > 0] / count[count > 0]
    return -mean.mean()


def torch_batch_hard(y, x, margin=0.3):
    """Maximum and minimum of the masked distances."""
    distance = torch.cdist(x, x)
    same = y[:, None] == y[None, :]
    positive = torch.where(same, distance, -torch.inf).amax(1)
    negative = torch.where(same, torch.inf, distance).amin(1)
    return F.relu(positive - negative + margin).mean()


def jax_focal(y, p, alpha=0.25):
    """As optax.sigmoid_focal_loss, with the square as an integer power, which XLA runs faster."""
    probability = jax.nn.sigmoid(p)
    ce = jax.nn.softplus(p) - p * y
    p_t = probability * y + (1 - probability) * (1 - y)
    alpha_t = alpha * y + (1 - alpha) * (1 - y)
    return (alpha_t * ce * (1 - p_t) ** 2).mean()


def jax_bce(y, p):
    log_p, log_q = jnp.maximum(jnp.log(p), -100), jnp.maximum(jnp.log1p(-p), -100)
    return -(y * log_p + (1 - y) * log_q).mean()


def jax_huber(y, p):
    """As optax.huber_loss."""
    error = jnp.abs(p - y)
    quadratic = jnp.minimum(error, 1.0)
    return (0.5 * quadratic**2 + (error - quadratic)).mean()


def jax_kl_div(y, p):
    """As optax.kl_divergence, of its elements."""
    return (y * (jnp.where(y == 0, 0, jnp.log(y)) - p)).mean()


def jax_gaussian(y, p, var):
    var = jnp.maximum(var, 1e-6)
    return 0.5 * (jnp.log(var) + (p - y) ** 2 / var).mean()


def jax_cross_entropy(y, p):
    """As optax.softmax_cross_entropy_with_integer_labels."""
    picked = jnp.take_along_axis(p, jnp.expand_dims(y, 1), axis=1)[:, 0]
    return (jax.nn.logsumexp(p, axis=1) - picked).mean()


def jax_cosine_embedding(y, x1, x2):
    squares = ((x1 * x1).sum(1) + 1e-12) * ((x2 * x2).sum(1) + 1e-12)
    cosine = (x1 * x2).sum(1) / jnp.sqrt(squares)
    return jnp.where(y == 1, 1 - cosine, jnp.maximum(0, cosine)).mean()


def jax_triplet(a, p, n):
    def distance(x, z):
        return jnp.linalg.norm(x - z + 1e-6, axis=1)

    far = jnp.minimum(distance(a, n), distance(p, n))
    return jnp.maximum(0, 1 + distance(a, p) - far).mean()


def torch_robust(y, p):
    return (torch.sqrt((p - y) ** 2 + 1) - 1).mean()


def torch_log_cosh(y, p):
    d = torch.abs(p - y)
    return (d + F.softplus(-2 * d) - math.log(2)).mean()


def torch_tweedie(y, z):
    """For the power 1.5."""
    return (4 * (torch.exp(z / 2) + y * torch.exp(-z / 2)) - 8 * torch.sqrt(y)).mean()


def torch_crps(y, p, var):
    sigma = torch.sqrt(var)
    w = (y - p) / sigma
    density = torch.exp(-(w**2) / 2) / math.sqrt(2 * math.pi)
    share = torch.erf(w / math.sqrt(2))
    return (sigma * (w * share + 2 * density - 1 / math.sqrt(math.pi))).mean()


# --------------------------------------------------------------------------------------------
# One row of the table is one entry here
# --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One loss on one kind of data.

    `torch` and `jax` are functions of the arrays of a call that return the mean; None where
    there is nothing to compare with. `n` is the number of elements, where it is not that of the
    command line; `more` is a function of the arrays that returns what PyTorch's gradient
    adds to the derivative.
    """

    name: str
    ours: str
    make_data: Callable
    torch: Callable | None = None
    jax: Callable | None = None
    params: dict = field(default_factory=dict)
    small: bool = True
    n: int | None = None
    more: Callable | None = None


ROWS = [
    Row(
        "mse_loss",
        "mse_loss",
        real_data,
        lambda y, p: F.mse_loss(p, y),
        lambda y, p: ((p - y) ** 2).mean(),
    ),
    Row(
        "l1_loss",
        "l1_loss",
        real_data,
        lambda y, p: F.l1_loss(p, y),
        lambda y, p: jnp.abs(p - y).mean(),
    ),
    Row("huber_loss", "huber_loss", real_data, lambda y, p: F.huber_loss(p, y), jax_huber),
    Row(
        "quantile_loss",
        "quantile_loss",
        real_data,
        lambda y, p: torch.maximum(0.9 * (y - p), 0.1 * (p - y)).mean(),
        params={"quantile": 0.9},
    ),
    Row(
        "expectile_loss",
        "expectile_loss",
        real_data,
        lambda y, p: (torch.where(y < p, 0.1, 0.9) * (p - y) ** 2).mean(),
        params={"expectile": 0.9},
    ),
    Row("log_cosh_loss", "log_cosh_loss", real_data, torch_log_cosh),
    Row("robust_loss", "robust_loss", real_data, torch_robust),
    Row(
        "mape_loss",
        "mape_loss",
        positive_data,
        lambda y, p: ((p - y).abs() / y.abs().clamp(min=2**-52)).mean(),
    ),
    Row(
        "msle_loss",
        "msle_loss",
        positive_data,
        lambda y, p: ((torch.log1p(p) - torch.log1p(y)) ** 2).mean(),
    ),
    Row("tweedie_deviance", "tweedie_deviance", amount_data, torch_tweedie),
    Row(
        "negative_binomial_nll_loss",
        "negative_binomial_nll_loss",
        count_data,
        lambda y, z: (F.softplus(z) + y * F.softplus(-z)).mean(),
    ),
    Row("crps_gaussian_loss", "crps_gaussian_loss", mean_data, torch_crps),
    Row(
        "poisson_nll_loss",
        "poisson_nll_loss",
        count_data,
        lambda y, p: F.poisson_nll_loss(p, y),
        lambda y, p: (jnp.exp(p) - y * p).mean(),
    ),
    Row(
        "gaussian_nll_loss",
        "gaussian_nll_loss",
        mean_data,
        lambda y, p, var: F.gaussian_nll_loss(p, y, var),
        jax_gaussian,
    ),
    Row(
        "kl_div",
        "kl_div",
        divergence_data,
        # As PyTorch computes reduction="mean", which warns.
        lambda y, p: F.kl_div(p, y, reduction="sum") / p.numel(),
        jax_kl_div,
    ),
    Row(
        "binary_cross_entropy",
        "binary_cross_entropy",
        probability_data,
        lambda y, p: F.binary_cross_entropy(p, y),
        jax_bce,
    ),
    Row(
        "binary_cross_entropy_with_logits",
        "binary_cross_entropy_with_logits",
        logit_data,
        lambda y, p: F.binary_cross_entropy_with_logits(p, y),
        lambda y, p: (jax.nn.softplus(p) - p * y).mean(),
    ),
    Row(
        "soft_margin_loss",
        "soft_margin_loss",
        margin_data,
        lambda y, p: F.soft_margin_loss(p, y),
        lambda y, p: jax.nn.softplus(-y * p).mean(),
    ),
    Row(
        "hinge_loss",
        "hinge_loss",
        margin_data,
        lambda y, p: F.relu(1 - y * p).mean(),
        lambda y, p: jax.nn.relu(1 - y * p).mean(),
    ),
    Row(
        "exponential_loss",
        "exponential_loss",
        margin_data,
        lambda y, p: torch.exp(-y * p).mean(),
        lambda y, p: jnp.exp(-y * p).mean(),
    ),
    Row(
        "modified_huber_loss",
        "modified_huber_loss",
        margin_data,
        lambda y, p: 2 * F.huber_loss(F.relu(1 - y * p), torch.zeros_like(p), delta=2.0),
        lambda y, p: jnp.where(y * p < -1, -4 * y * p, jax.nn.relu(1 - y * p) ** 2).mean(),
    ),
    Row(
        "margin_ranking_loss",
        "margin_ranking_loss",
        score_data,
        lambda y, a, b: F.margin_ranking_loss(a, b, y),
        lambda y, a, b: jnp.maximum(0, -y * (a - b)).mean(),
    ),
    Row("sigmoid_focal_loss", "sigmoid_focal_loss", logit_data, torch_focal, jax_focal),
    Row("gaussian_focal_loss", "gaussian_focal_loss", heat_map_data, torch_gaussian_focal),
    Row("asymmetric_loss", "asymmetric_loss", logit_data, torch_asymmetric),
    Row("quality_focal_loss", "quality_focal_loss", logit_data, torch_quality_focal),
    Row("varifocal_loss", "varifocal_loss", logit_data, torch_varifocal),
    Row(
        "distribution_focal_loss, C = 17",
        "distribution_focal_loss",
        position_data(17),
        torch_distribution_focal,
    ),
    Row("iou_loss, giou", "iou_loss", box_data, torch_giou, None, {"kind": "giou"}, n=4_000_000),
    *(
        Row(
            f"cross_entropy, C = {n_classes}",
            "cross_entropy",
            class_data(n_classes),
            lambda y, p: F.cross_entropy(p, y),
            jax_cross_entropy,
            small=n_classes <= 10,
        )
        for n_classes in (2, 10, 1000, 50000)
    ),
    Row(
        "cross_entropy, (8, 21, 256, 256)",
        "cross_entropy",
        segmentation_data,
        lambda y, p: F.cross_entropy(p, y),
        jax_cross_entropy,
        small=False,
    ),
    *(
        Row(f"{title}, (8, 4, 512, 512)", name, data, call, params=params, small=False, n=1 << 23)
        for title, name, data, call, params in (
            ("dice_loss", "dice_loss", image_probability_data, torch_dice, {}),
            ("dice_loss, sigmoid", "dice_loss", image_data, torch_dice_sigmoid, SIGMOID),
            ("dice_loss, softmax", "dice_loss", image_data, torch_dice_softmax, SOFTMAX),
            ("tversky_loss", "tversky_loss", image_data, torch_tversky, TVERSKY),
            ("lovasz_softmax_loss",) * 2 + (image_label_data, torch_lovasz_softmax, {}),
        )
    ),
    Row(
        "discriminator_loss",
        "discriminator_loss",
        real_data,
        torch_discriminator,
        lambda real, fake: jax.nn.softplus(-real).mean() + jax.nn.softplus(fake).mean(),
    ),
    Row(
        "discriminator_loss, relativistic",
        "discriminator_loss",
        real_data,
        torch_relativistic,
        params={"kind": "relativistic"},
    ),
    Row(
        "softmax_focal_loss, C = 100",
        "softmax_focal_loss",
        class_data(100),
        torch_softmax_focal,
        small=False,
    ),
    Row(
        "distillation_loss, C = 100",
        "distillation_loss",
        two_logits_data(100),
        torch_distillation,
        small=False,
    ),
    Row("js_div, C = 100", "js_div", two_distributions_data(100), torch_js_div, small=False),
    Row("entropy, C = 100", "entropy", class_logits_data(100), torch_entropy, small=False),
    Row(
        "nll_loss, C = 10",
        "nll_loss",
        log_probability_data(10),
        lambda y, p: F.nll_loss(p, y),
    ),
    Row(
        "multi_margin_loss, C = 10",
        "multi_margin_loss",
        class_data(10),
        lambda y, p: F.multi_margin_loss(p, y),
    ),
    Row("crammer_singer_loss, C = 10", "crammer_singer_loss", class_data(10), torch_crammer_singer),
    Row("coral_loss, C = 11", "coral_loss", rank_data(11), torch_coral),
    Row("corn_loss, C = 11", "corn_loss", rank_data(11), torch_corn),
    Row(
        "cumulative_logit_loss, C = 5",
        "cumulative_logit_loss",
        threshold_data(5),
        torch_cumulative_logit,
    ),
    Row(
        "multilabel_margin_loss, C = 20",
        "multilabel_margin_loss",
        list_data(20, 3),
        lambda y, p: F.multilabel_margin_loss(p, y),
    ),
    Row(
        "multilabel_soft_margin_loss, C = 20",
        "multilabel_soft_margin_loss",
        indicator_data(20),
        lambda y, p: F.multilabel_soft_margin_loss(p, y),
    ),
    Row(
        "cosine_embedding_loss, d = 128",
        "cosine_embedding_loss",
        sign_data,
        lambda y, x1, x2: F.cosine_embedding_loss(x1, x2, y),
        jax_cosine_embedding,
    ),
    Row(
        "pairwise_contrastive_loss, d = 128",
        "pairwise_contrastive_loss",
        marked_data,
        torch_pairwise_contrastive,
    ),
    Row(
        "bidirectional_triplet_loss, d = 128",
        "bidirectional_triplet_loss",
        image_text_data,
        torch_bidirectional_triplet,
    ),
    Row(
        "triplet_margin_loss, swap, d = 128",
        "triplet_margin_loss",
        triplet_data,
        lambda a, p, n: F.triplet_margin_loss(a, p, n, swap=True),
        jax_triplet,
        {"swap": True},
    ),
    Row(
        "ctc_loss, 64 sequences, 200 times, 80 classes",
        "ctc_loss",
        sequence_data,
        lambda y, p, times, lengths: F.ctc_loss(p, y, times, lengths),
        small=False,
        n=64 * 200 * 80,
        more=lambda y, p, times, lengths: np.exp(p) / (lengths[:, None] * len(lengths)),
    ),
    *(
        Row(f"{name}, n = 8192, d = 128", name, data, call, small=False, n=8192 * 128)
        for name, data, call in (
            ("info_nce_loss", modality_data, torch_info_nce),
            ("sup_con_loss", batch_data, torch_sup_con),
            ("batch_hard_triplet_loss", batch_data, torch_batch_hard),
        )
    ),
]
