"""Compiled loss functions with gradients and Hessians, in scikit-learn's style."""

from ._config import show_config
from ._version import __version__
from .base import Loss, PartialLoss, get_loss, get_loss_names
from .binary import BCELoss, BCEWithLogitsLoss, SigmoidFocalLoss
from .functional import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cosine_embedding_loss,
    cross_entropy,
    ctc_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    sigmoid_focal_loss,
    smooth_l1_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from .multiclass import CrossEntropyLoss, MultiMarginLoss, NLLLoss
from .multilabel import MultiLabelMarginLoss, MultiLabelSoftMarginLoss
from .pairs import CosineEmbeddingLoss, TripletMarginLoss, TripletMarginWithDistanceLoss
from .regression import HuberLoss, L1Loss, MSELoss, SmoothL1Loss
from .scorer import LossScorer, get_loss_scorer, get_loss_scorer_names, make_loss_scorer
from .sequence import CTCLoss

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "HuberLoss",
    "L1Loss",
    "Loss",
    "LossScorer",
    "MSELoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PartialLoss",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "__version__",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "get_loss",
    "get_loss_names",
    "get_loss_scorer",
    "get_loss_scorer_names",
    "huber_loss",
    "l1_loss",
    "make_loss_scorer",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "show_config",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]
