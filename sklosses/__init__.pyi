"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from sklosses import base as base
from sklosses import boosting as boosting
from sklosses import dask as dask
from sklosses import functional as functional
from sklosses import jax as jax
from sklosses import linear_model as linear_model
from sklosses import losses as losses
from sklosses import metric_learning as metric_learning
from sklosses import plotting as plotting
from sklosses import scorer as scorer
from sklosses import torch as torch
from sklosses._checks import check_loss
from sklosses._config import show_config
from sklosses._partial import PartialLoss
from sklosses.base import Loss, get_loss, get_loss_names
from sklosses.functional import (
    adversarial_consistency_discriminator_loss, adversarial_consistency_generator_loss,
    asymmetric_loss, batch_all_triplet_loss, batch_hard_triplet_loss, batch_semi_hard_triplet_loss,
    bidirectional_triplet_loss, binary_cross_entropy, binary_cross_entropy_with_logits, circle_loss,
    cmpm_loss, coral_loss, corn_loss, cosine_embedding_loss, cox_ph_loss, crammer_singer_loss,
    cross_entropy, crps_gaussian_loss, ctc_loss, cumulative_logit_loss, dice_loss,
    discriminator_loss, distillation_loss, distribution_focal_loss, entropy, expectile_loss,
    exponential_loss, gaussian_focal_loss, gaussian_nll_loss, generator_loss, gradient_penalty,
    hinge_embedding_loss, hinge_loss, huber_loss, info_nce_loss, iou_loss, js_div, kl_div, l1_loss,
    lambdarank_loss, listmle_loss, listnet_loss, log_cosh_loss, lovasz_hinge_loss,
    lovasz_softmax_loss, mape_loss, margin_ranking_loss, modified_huber_loss, mse_loss, msle_loss,
    multi_margin_loss, multi_similarity_loss, multilabel_margin_loss, multilabel_soft_margin_loss,
    negative_binomial_nll_loss, nll_loss, nt_xent_loss, pairwise_contrastive_loss, poisson_nll_loss,
    quality_focal_loss, quantile_loss, ranknet_loss, robust_loss, siglip_loss, sigmoid_focal_loss,
    smooth_l1_loss, soft_margin_loss, softmax_focal_loss, sup_con_loss, triplet_margin_loss,
    triplet_margin_with_distance_loss, tversky_loss, tweedie_deviance, varifocal_loss, vse_loss,
)
from sklosses.losses.adversarial import (
    AdversarialConsistencyDiscriminatorLoss, AdversarialConsistencyGeneratorLoss, DiscriminatorLoss,
    GeneratorLoss, GradientPenalty,
)
from sklosses.losses.binary import (
    BCELoss, BCEWithLogitsLoss, ExponentialLoss, GaussianFocalLoss, HingeLoss, ModifiedHuberLoss,
    SigmoidFocalLoss, SoftMarginLoss,
)
from sklosses.losses.combined import CombinedLoss, CombinedPartialLoss
from sklosses.losses.contrastive import (
    BatchAllTripletLoss, BatchHardTripletLoss, BatchSemiHardTripletLoss, CircleLoss,
    MultiSimilarityLoss, NTXentLoss, SupConLoss,
)
from sklosses.losses.crossmodal import (
    BidirectionalTripletLoss, CMPMLoss, InfoNCELoss, SigLIPLoss, VSELoss,
)
from sklosses.losses.custom import CustomLoss
from sklosses.losses.detection import (
    AsymmetricLoss, DistributionFocalLoss, IoULoss, QualityFocalLoss, VarifocalLoss,
)
from sklosses.losses.deviance import NegativeBinomialNLLLoss, TweedieDeviance
from sklosses.losses.divergence import DistillationLoss, Entropy, JSDivLoss, KLDivLoss
from sklosses.losses.multiclass import (
    CrammerSingerLoss, CrossEntropyLoss, MultiMarginLoss, NLLLoss, SoftmaxFocalLoss,
)
from sklosses.losses.multilabel import MultiLabelMarginLoss, MultiLabelSoftMarginLoss
from sklosses.losses.ordinal import CoralLoss, CornLoss, CumulativeLogitLoss
from sklosses.losses.pairs import (
    CosineEmbeddingLoss, HingeEmbeddingLoss, MarginRankingLoss, PairwiseContrastiveLoss,
    TripletMarginLoss, TripletMarginWithDistanceLoss,
)
from sklosses.losses.ranking import LambdaRankLoss, ListMLELoss, ListNetLoss, RankNetLoss
from sklosses.losses.regression import (
    CRPSGaussianLoss, ExpectileLoss, GaussianNLLLoss, HuberLoss, L1Loss, LogCoshLoss, MAPELoss,
    MSELoss, MSLELoss, PoissonNLLLoss, QuantileLoss, RobustLoss, SmoothL1Loss,
)
from sklosses.losses.segmentation import DiceLoss, LovaszHingeLoss, LovaszSoftmaxLoss, TverskyLoss
from sklosses.losses.sequence import CTCLoss
from sklosses.losses.survival import CoxPHLoss
from sklosses.scorer import LossScorer, get_loss_scorer, get_loss_scorer_names, make_loss_scorer

__all__ = [
    "AdversarialConsistencyDiscriminatorLoss",
    "AdversarialConsistencyGeneratorLoss",
    "AsymmetricLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchAllTripletLoss",
    "BatchHardTripletLoss",
    "BatchSemiHardTripletLoss",
    "BidirectionalTripletLoss",
    "CMPMLoss",
    "CRPSGaussianLoss",
    "CTCLoss",
    "CircleLoss",
    "CombinedLoss",
    "CombinedPartialLoss",
    "CoralLoss",
    "CornLoss",
    "CosineEmbeddingLoss",
    "CoxPHLoss",
    "CrammerSingerLoss",
    "CrossEntropyLoss",
    "CumulativeLogitLoss",
    "CustomLoss",
    "DiceLoss",
    "DiscriminatorLoss",
    "DistillationLoss",
    "DistributionFocalLoss",
    "Entropy",
    "ExpectileLoss",
    "ExponentialLoss",
    "GaussianFocalLoss",
    "GaussianNLLLoss",
    "GeneratorLoss",
    "GradientPenalty",
    "HingeEmbeddingLoss",
    "HingeLoss",
    "HuberLoss",
    "InfoNCELoss",
    "IoULoss",
    "JSDivLoss",
    "KLDivLoss",
    "L1Loss",
    "LambdaRankLoss",
    "ListMLELoss",
    "ListNetLoss",
    "LogCoshLoss",
    "Loss",
    "LossScorer",
    "LovaszHingeLoss",
    "LovaszSoftmaxLoss",
    "MAPELoss",
    "MSELoss",
    "MSLELoss",
    "MarginRankingLoss",
    "ModifiedHuberLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "MultiSimilarityLoss",
    "NLLLoss",
    "NTXentLoss",
    "NegativeBinomialNLLLoss",
    "PairwiseContrastiveLoss",
    "PartialLoss",
    "PoissonNLLLoss",
    "QualityFocalLoss",
    "QuantileLoss",
    "RankNetLoss",
    "RobustLoss",
    "SigLIPLoss",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "SoftmaxFocalLoss",
    "SupConLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "TverskyLoss",
    "TweedieDeviance",
    "VSELoss",
    "VarifocalLoss",
    "__version__",
    "adversarial_consistency_discriminator_loss",
    "adversarial_consistency_generator_loss",
    "asymmetric_loss",
    "batch_all_triplet_loss",
    "batch_hard_triplet_loss",
    "batch_semi_hard_triplet_loss",
    "bidirectional_triplet_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "check_loss",
    "circle_loss",
    "cmpm_loss",
    "coral_loss",
    "corn_loss",
    "cosine_embedding_loss",
    "cox_ph_loss",
    "crammer_singer_loss",
    "cross_entropy",
    "crps_gaussian_loss",
    "ctc_loss",
    "cumulative_logit_loss",
    "dice_loss",
    "discriminator_loss",
    "distillation_loss",
    "distribution_focal_loss",
    "entropy",
    "expectile_loss",
    "exponential_loss",
    "gaussian_focal_loss",
    "gaussian_nll_loss",
    "generator_loss",
    "get_loss",
    "get_loss_names",
    "get_loss_scorer",
    "get_loss_scorer_names",
    "gradient_penalty",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "info_nce_loss",
    "iou_loss",
    "js_div",
    "kl_div",
    "l1_loss",
    "lambdarank_loss",
    "listmle_loss",
    "listnet_loss",
    "log_cosh_loss",
    "lovasz_hinge_loss",
    "lovasz_softmax_loss",
    "make_loss_scorer",
    "mape_loss",
    "margin_ranking_loss",
    "modified_huber_loss",
    "mse_loss",
    "msle_loss",
    "multi_margin_loss",
    "multi_similarity_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "negative_binomial_nll_loss",
    "nll_loss",
    "nt_xent_loss",
    "pairwise_contrastive_loss",
    "poisson_nll_loss",
    "quality_focal_loss",
    "quantile_loss",
    "ranknet_loss",
    "robust_loss",
    "show_config",
    "siglip_loss",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "sup_con_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "tversky_loss",
    "tweedie_deviance",
    "varifocal_loss",
    "vse_loss",
]

__version__: str
