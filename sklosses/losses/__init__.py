"""The losses: one module for each kind of task."""

from .adversarial import *
from .binary import *
from .combined import *
from .contrastive import *
from .crossmodal import *
from .custom import *
from .detection import *
from .deviance import *
from .divergence import *
from .multiclass import *
from .multilabel import *
from .ordinal import *
from .pairs import *
from .ranking import *
from .regression import *
from .segmentation import *
from .sequence import *
from .survival import *

__all__ = [
    name
    for module in (
        adversarial,
        binary,
        combined,
        contrastive,
        crossmodal,
        custom,
        detection,
        deviance,
        divergence,
        multiclass,
        multilabel,
        ordinal,
        pairs,
        ranking,
        regression,
        segmentation,
        sequence,
        survival,
    )
    for name in module.__all__
]
