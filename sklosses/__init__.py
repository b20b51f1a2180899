"""Compiled loss functions with gradients and Hessians, in scikit-learn's style."""

import importlib

# First, since a source tree that has not been built says so here.
from . import _kernels  # noqa: F401
from ._checks import check_loss
from ._config import show_config
from ._version import __version__
from .adversarial import (
    AdversarialConsistencyDiscriminatorLoss,
    AdversarialConsistencyGeneratorLoss,
    DiscriminatorLoss,
    GeneratorLoss,
    GradientPenalty,
)
from .base import Loss, PartialLoss, get_loss, get_loss_names
from .binary import (
    BCELoss,
    BCEWithLogitsLoss,
    GaussianFocalLoss,
    SigmoidFocalLoss,
    SoftMarginLoss,
)
from .combined import CombinedLoss, CombinedPartialLoss
from .contrastive import (
    BatchAllTripletLoss,
    BatchHardTripletLoss,
    BatchSemiHardTripletLoss,
    CircleLoss,
    MultiSimilarityLoss,
    NTXentLoss,
    SupConLoss,
)
from .crossmodal import BidirectionalTripletLoss, CMPMLoss, InfoNCELoss, SigLIPLoss, VSELoss
from .custom import CustomLoss
from .divergence import DistillationLoss, Entropy, JSDivLoss, KLDivLoss
from .functional import (
    adversarial_consistency_discriminator_loss,
    adversarial_consistency_generator_loss,
    batch_all_triplet_loss,
    batch_hard_triplet_loss,
    batch_semi_hard_triplet_loss,
    bidirectional_triplet_loss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    circle_loss,
    cmpm_loss,
    cosine_embedding_loss,
    cross_entropy,
    ctc_loss,
    discriminator_loss,
    distillation_loss,
    entropy,
    gaussian_focal_loss,
    gaussian_nll_loss,
    generator_loss,
    gradient_penalty,
    hinge_embedding_loss,
    huber_loss,
    info_nce_loss,
    js_div,
    kl_div,
    l1_loss,
    margin_ranking_loss,
    mse_loss,
    multi_margin_loss,
    multi_similarity_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    nt_xent_loss,
    pairwise_contrastive_loss,
    poisson_nll_loss,
    siglip_loss,
    sigmoid_focal_loss,
    smooth_l1_loss,
    soft_margin_loss,
    softmax_focal_loss,
    sup_con_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
    vse_loss,
)
from .multiclass import CrossEntropyLoss, MultiMarginLoss, NLLLoss, SoftmaxFocalLoss
from .multilabel import MultiLabelMarginLoss, MultiLabelSoftMarginLoss
from .pairs import (
    CosineEmbeddingLoss,
    HingeEmbeddingLoss,
    MarginRankingLoss,
    PairwiseContrastiveLoss,
    TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)
from .regression import (
    GaussianNLLLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    PoissonNLLLoss,
    SmoothL1Loss,
)
from .scorer import LossScorer, get_loss_scorer, get_loss_scorer_names, make_loss_scorer
from .sequence import CTCLoss

__all__ = [
    "AdversarialConsistencyDiscriminatorLoss",
    "AdversarialConsistencyGeneratorLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchAllTripletLoss",
    "BatchHardTripletLoss",
    "BatchSemiHardTripletLoss",
    "BidirectionalTripletLoss",
    "CMPMLoss",
    "CTCLoss",
    "CircleLoss",
    "CombinedLoss",
    "CombinedPartialLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "CustomLoss",
    "DiscriminatorLoss",
    "DistillationLoss",
    "Entropy",
    "GaussianFocalLoss",
    "GaussianNLLLoss",
    "GeneratorLoss",
    "GradientPenalty",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "InfoNCELoss",
    "JSDivLoss",
    "KLDivLoss",
    "L1Loss",
    "Loss",
    "LossScorer",
    "MSELoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "MultiSimilarityLoss",
    "NLLLoss",
    "NTXentLoss",
    "PairwiseContrastiveLoss",
    "PartialLoss",
    "PoissonNLLLoss",
    "SigLIPLoss",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "SoftmaxFocalLoss",
    "SupConLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "VSELoss",
    "__version__",
    "adversarial_consistency_discriminator_loss",
    "adversarial_consistency_generator_loss",
    "batch_all_triplet_loss",
    "batch_hard_triplet_loss",
    "batch_semi_hard_triplet_loss",
    "bidirectional_triplet_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "check_loss",
    "circle_loss",
    "cmpm_loss",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "discriminator_loss",
    "distillation_loss",
    "entropy",
    "gaussian_focal_loss",
    "gaussian_nll_loss",
    "generator_loss",
    "get_loss",
    "get_loss_names",
    "get_loss_scorer",
    "get_loss_scorer_names",
    "gradient_penalty",
    "hinge_embedding_loss",
    "huber_loss",
    "info_nce_loss",
    "js_div",
    "kl_div",
    "l1_loss",
    "make_loss_scorer",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "multi_similarity_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "nt_xent_loss",
    "pairwise_contrastive_loss",
    "poisson_nll_loss",
    "show_config",
    "siglip_loss",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "sup_con_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "vse_loss",
]

# What builds on the losses is imported when it is first asked for.
_SUBMODULES = ("linear_model", "metric_learning", "plotting")


def __getattr__(name):
    if name in _SUBMODULES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*globals(), *_SUBMODULES]
