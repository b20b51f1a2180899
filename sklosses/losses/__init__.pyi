"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from sklosses.losses import adversarial as adversarial
from sklosses.losses import binary as binary
from sklosses.losses import combined as combined
from sklosses.losses import contrastive as contrastive
from sklosses.losses import crossmodal as crossmodal
from sklosses.losses import custom as custom
from sklosses.losses import detection as detection
from sklosses.losses import deviance as deviance
from sklosses.losses import divergence as divergence
from sklosses.losses import multiclass as multiclass
from sklosses.losses import multilabel as multilabel
from sklosses.losses import ordinal as ordinal
from sklosses.losses import pairs as pairs
from sklosses.losses import ranking as ranking
from sklosses.losses import regression as regression
from sklosses.losses import segmentation as segmentation
from sklosses.losses import sequence as sequence
from sklosses.losses import survival as survival
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
]
