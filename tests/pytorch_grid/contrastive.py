"""Compositions of losses over all pairs of the rows of a batch."""

from ._base import Row
from ._shared import averaged, labelled_rows, size_of_exponents, softplus


def of_cosines(losses):
    """The call of a loss of labels and of the cosines between all rows."""

    def call(torch, y_true, x, reduction, weight=None, **params):
        x = torch.nn.functional.normalize(x)
        same = y_true[:, None] == y_true[None, :]
        positive = same & ~torch.eye(len(x), dtype=torch.bool)
        return averaged(*losses(torch, x @ x.T, positive, ~same, **params), reduction, weight)

    return call


def of_distances(losses):
    """The call of a loss of labels and of the distances between all rows."""

    def call(torch, y_true, x, reduction, weight=None, distance="euclidean", **params):
        if distance == "cosine":
            d = 1 - torch.nn.functional.cosine_similarity(x[:, None], x, dim=2)
        elif distance == "sqeuclidean":
            d = (x[:, None] - x).square().sum(2)
        else:
            d = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
        same = y_true[:, None] == y_true[None, :]
        positive = same & ~torch.eye(len(x), dtype=torch.bool)
        return averaged(*losses(torch, d, positive, ~same, **params), reduction, weight)

    return call


def log_sum(torch, e, mask):
    """Logarithm of the sum of the exponentials where the mask is set."""
    return torch.where(mask, e, -torch.inf).logsumexp(1)


def sup_con(torch, s, positive, negative, temperature=0.07):
    """L_out of the paper."""
    e = s / temperature
    log_p = e - log_sum(torch, e, positive | negative)[:, None]
    count = positive.sum(1)
    mean = torch.where(positive, log_p, 0).sum(1) / count.clamp_min(1)
    return torch.where(count > 0, -mean, 0), count > 0


def nt_xent(torch, s, positive, negative, temperature=0.07):
    """One loss for each positive pair."""
    e = s / temperature
    losses = softplus(torch, log_sum(torch, e, negative)[:, None] - e)[positive]
    return losses, torch.ones_like(losses)


def multi_similarity(torch, s, positive, negative, alpha=2.0, beta=50.0, base=0.5):
    """Only the loss, without mining."""
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


def batch_hard(torch, d, positive, negative, margin=0.3, soft=False):
    """Maximum and minimum of masked distances."""
    gap = torch.where(positive, d, 0).amax(1) - torch.where(negative, d, torch.inf).amin(1)
    losses = softplus(torch, gap) if soft else (gap + margin).relu()
    return losses, torch.ones_like(losses)


def batch_semi_hard(torch, d, positive, negative, margin=1.0):
    """As TensorFlow Addons composes it, all triplets at once."""
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


def row(call, params, **keywords):
    """A row of a loss of labels and embeddings."""
    return Row(
        call,
        labelled_rows,
        params,
        ((5, 3), (13, 4)),
        ("batch",),
        terms=size_of_exponents,
        **keywords,
    )


TEMPERATURES = ({}, {"temperature": 0.5})

DISTANCES = (
    {"distance": "cosine"},
    {"distance": "sqeuclidean"},
    {"distance": "cosine", "soft": True},
    {"distance": "sqeuclidean", "soft": True},
)

ROWS = {
    "sup_con_loss": row(of_cosines(sup_con), TEMPERATURES),
    "nt_xent_loss": row(of_cosines(nt_xent), TEMPERATURES, finest="sum"),
    "multi_similarity_loss": row(
        of_cosines(multi_similarity), ({}, {"alpha": 5.0, "beta": 10.0, "base": 0.1})
    ),
    "circle_loss": row(of_cosines(circle), ({}, {"margin": 0.25, "gamma": 10.0})),
    "batch_hard_triplet_loss": row(
        of_distances(batch_hard), ({}, {"margin": 1.5}, {"soft": True}, *DISTANCES)
    ),
    "batch_semi_hard_triplet_loss": row(
        of_distances(batch_semi_hard), ({}, {"margin": 0.2}, *DISTANCES[:2]), finest="sum"
    ),
    "batch_all_triplet_loss": row(
        of_distances(batch_all), ({}, {"margin": 1.0}, *DISTANCES[:2]), finest="sum"
    ),
}
