"""Compiled loss functions with gradients and Hessians, in scikit-learn's style.

Each loss is a function and a class. Arrays are positional, the target comes
first. Everything else is passed by keyword: the parameters of the loss, and
what every call takes, such as `sample_weight`, `reduction` and `n_threads`.
Values and conventions are those of `torch.nn.functional` where it has the
loss.

>>> from sklosses import HuberLoss, huber_loss
>>> y_true, y_pred = [1.0, 2.0, 4.0], [1.5, 2.0, 1.0]
>>> huber_loss(y_true, y_pred, delta=2.0)
1.375
>>> loss = HuberLoss(delta=2.0)
>>> value, gradient = loss.value_and_gradient(y_true, y_pred)
>>> gradient
array([ 0.16666667,  0.        , -0.66666667])

`get_loss_names` lists the functions, and `get_loss` makes an object from
such a name. ``help(sklosses.huber_loss)`` has its formula, its shapes, what
minimises it, and an example. The classes are in modules by the kind of
task, and all can be imported from `sklosses`:

===================  ====================================================
losses.regression    real targets and counts, quantiles, forecasts
losses.deviance      counts and positive targets: their likelihoods
losses.binary        binary targets, focal losses, margins
losses.multiclass    one class out of several
losses.ordinal       one class out of several that have an order
losses.multilabel    several labels of each sample
losses.detection     rare labels, qualities of boxes, boxes
losses.divergence    probability distributions, teachers and students
losses.pairs         given pairs and triplets of vectors
losses.contrastive   all pairs of a batch of labelled embeddings
losses.crossmodal    paired embeddings of two modalities
losses.ranking       rows that are ranked in groups
losses.survival      times of events that may be censored (Cox)
losses.adversarial   scores of a critic
losses.segmentation  masks of images: overlaps of regions
losses.sequence      sequences without an alignment (CTC)
losses.custom        losses of functions of your own (`CustomLoss`)
losses.combined      weighted sums of losses, ``0.7 * a + 0.3 * b``
===================  ====================================================

Other modules use them:

===================  ====================================================
scorer               as `scoring` in scikit-learn (`make_loss_scorer`)
linear_model         linear models that minimise a loss
metric_learning      linear embeddings that minimise a loss of a batch
boosting             LightGBM, XGBoost, CatBoost and scikit-learn
dask                 losses and linear models of Dask arrays; with Dask
plotting             curves of losses, losses by sample; with matplotlib
torch                losses as modules of PyTorch (`as_module`)
jax                  losses as functions of JAX (`as_function`)
===================  ====================================================

`check_loss` tests a loss, for instance one of your own. `show_config`, and
``python -m sklosses``, print which build of the kernels is in use, the
number of threads and the versions.
"""

import importlib

# These come first: if the source tree has not been built, importing them raises an error that says
# so.
from . import (
    _checks,
    _config,
    _kernels,
    base,
    functional,
    losses,
    scorer,
)
from ._checks import *
from ._config import *
from ._version import __version__
from .base import *
from .functional import *
from .losses import *
from .scorer import *

__all__ = [
    "__version__",
    *_checks.__all__,
    *_config.__all__,
    *base.__all__,
    *functional.__all__,
    *losses.__all__,
    *scorer.__all__,
]

# Modules that build on the losses are imported on first use.
_SUBMODULES = (
    "boosting",
    "dask",
    "jax",
    "linear_model",
    "metric_learning",
    "plotting",
    "torch",
)


def __getattr__(name):
    if name in _SUBMODULES:
        try:
            return importlib.import_module(f".{name}", __name__)
        except ImportError as error:
            # Of a package that is optional. `help` asks for all attributes.
            raise AttributeError(str(error)) from error
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return [*globals(), *_SUBMODULES]
