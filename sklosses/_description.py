"""How a loss class describes itself: `Input`, `LossTags` with its vocabulary, `by_parameters`."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ._domains import REAL, Domain
from ._validation import as_array, as_labels, raise_parameter

__all__ = ["Input", "LossTags", "by_parameters"]


@dataclass(frozen=True)
class Input:
    """One of the arrays that a loss is called with.

    Parameters
    ----------
    name : str
        Name of the argument.
    domain : Domain, default=REAL
        The values that its elements may have.
    doc : str, default=""
        Its entry in the docstring of the function: the type on the first line, then the
        description.
    differentiable : bool, default=False
        Whether the loss has a gradient with respect to it.
    may_be_empty : bool, default=False
        Whether it may have no elements.
    broadcasts : bool, default=False
        Whether it is broadcast to the shape of the other arrays. Its gradient has its own shape.
    optional : bool, default=False
        Whether it may be omitted, in which case it is None.
    shared : bool, default=False
        Whether its elements belong to all samples. Its gradient is a sum over the samples.
    """

    name: str
    domain: Domain = REAL
    doc: str = ""
    differentiable: bool = False
    may_be_empty: bool = False
    broadcasts: bool = False
    optional: bool = False
    shared: bool = False

    def read(self, values):
        """Convert an argument to an array and check its dtype; its values are checked later."""
        if values is None and self.optional:
            return None
        if self.domain.kind == "labels":
            return as_labels(values, self.name)
        hint = "" if self.differentiable else _TEXT_HINT
        return as_array(values, self.name, self.may_be_empty, hint)


# Appended to the error for labels that are strings.
_TEXT_HINT = (
    " Encode labels first: sklearn.preprocessing.LabelEncoder gives class indices, y == label "
    "gives 0 and 1."
)


class by_parameters:
    """A property that depends on parameters; on the class, it has the value for their defaults.

    On a base class, of which there are no objects, it is this descriptor, as a property would be.
    `help` asks for that of each base class of a loss.

    For `inputs` and `tags`. Parameters may change domains and descriptions, but neither the names
    of the inputs nor which of them are differentiable.

    Parameters
    ----------
    describe : callable
        ``describe(loss)`` returns the value.
    """

    def __init__(self, describe):
        self.describe = describe

    def __get__(self, loss, cls):
        if loss is None and cls._flaw is not None:
            return self
        return self.describe(cls() if loss is None else loss)


#: What predictions can be, for `LossTags.response`. The tables by response say what follows from
#: it: `_links.LINKS`, `scorer.RESPONSES`, and smaller ones for plots, linear models and custom
#: losses.
RESPONSES = {
    "real": "a number on the scale of the target",
    "rate": "an expected count, >= 0",
    "log_rate": "the logarithm of an expected count",
    "distribution": "mean and variance",
    "logit": "the log-odds of the label 1, one for each binary output",
    "probability": "the probability of the label 1",
    "margin": "a decision value, whose sign is the label",
    "distance": "a distance between two samples, >= 0",
    "class_logits": "the logarithm of the probability of each class, up to a common constant",
    "class_log_probabilities": "the logarithm of the probability of each class",
    "class_probabilities": "the probability of each class",
    "class_margin": "a decision value for each class, to be compared with those of the others",
    "cumulative_logits": "for each class but the last, the log-odds of a higher class",
    "conditional_logits": "for each class but the last, the log-odds of a higher class, if it is "
    "not a lower one",
    "latent": "a number that is compared with thresholds between the classes, and these",
    "pixels": "a number for each pixel of an image, or for each pixel and class",
    "alignment": "the log-probabilities of the classes at each time step",
    "embedding": "a vector for each sample of a batch",
    "modalities": "a vector for each sample of a batch, in each of two modalities",
    "vectors": "the vectors of pairs, triplets or quadruplets of samples",
    "pair": "the scores of two samples that are to be ranked",
    "box": "a box x1, y1, x2, y2 for each sample",
    "score": "a number by which the rows of a group are ranked, the highest first",
    "log_hazard": "the logarithm of a hazard, up to a common constant",
    "critic": "the scores of a critic, or their gradients",
}

#: How a raw prediction becomes an expected target, for `LossTags.link`: as its response says, or
#: what the margins of a loss stand for, which their response leaves open.
OWN_LINKS = {
    "response": "what the response is",
    "logit": "the log-odds of the label 1",
    "half_logit": "half the log-odds of the label 1",
    "expected_sign": "the expected value of a target of -1 or 1, clipped to [-1, 1]",
}

#: What targets can be, for `LossTags.target`.
TARGETS = {
    "real": "a number",
    "binary": "0 or 1, or a probability",
    "sign": "-1 or 1",
    "multilabel": "0 or 1 for each label of a sample",
    "class_index": "the index of a class",
    "class_rank": "the index of a class, of classes that have an order",
    "class_position": "a number on the scale of class indices, between two of them",
    "class_list": "the indices of the classes of a sample, ended by -1",
    "class_probability": "the probability of each class",
    "box": "a box x1, y1, x2, y2",
    "relevance": "how relevant a row is in its group",
    "survival": "a time, and whether it is that of an event or of censoring",
    "identity": "which samples belong together: by labels, or by their order in the arrays",
    "sequence": "a sequence of class indices",
    "teacher_logits": "the logits of the classes from another model",
    "none": "nothing: the loss takes only predictions",
}

#: For `LossTags.hessian` and `LossTags.gradient`, from the strongest guarantee to the weakest.
HESSIANS = ("exact", "ones", "none")
GRADIENTS = ("exact", "partial", "none")


@dataclass(frozen=True)
class LossTags:
    """What a loss expects and guarantees; scorers, estimators and tests rely on it.

    Parameters
    ----------
    response : str
        What the predictions are, one of `RESPONSES`.
    target : str
        What the targets are, one of `TARGETS`.
    hessian : {"exact", "ones", "none"}, default="exact"
        "exact": the second derivative with respect to each prediction. "ones": the true Hessian
        is zero almost everywhere; 1 is returned instead, scaled like the loss. "none": there is
        no diagonal Hessian.
    convex : bool, default=True
        Whether the loss is convex in the prediction for all values of its parameters.
    gradient : {"exact", "partial", "none"}, default="exact"
        "exact": the derivative of the value. "partial": some factors of the value that depend on
        the prediction are held constant, and the class says which. "none": there is no gradient.
    link : str, default="response"
        What a raw prediction stands for, one of `OWN_LINKS`. By default its response says it. A
        "margin" by itself has no probability; other links are for losses whose margins have one.
    likelihood : bool, default=False
        Whether the loss is a negative log-likelihood of the target, but for terms and factors that
        do not depend on the prediction; for several binary questions, the sum of theirs.
    of_difference : bool, default=False
        Whether the loss depends only on the difference of target and prediction.

    Raises
    ------
    ValueError
        If a tag is not in its vocabulary, or if `convex`, `likelihood` or `of_difference` is not a
        bool.
    """

    response: str
    target: str
    hessian: str = "exact"
    convex: bool = True
    gradient: str = "exact"
    link: str = "response"
    likelihood: bool = False
    of_difference: bool = False

    def __post_init__(self):
        words = (self.response, self.target, self.hessian, self.gradient, self.link)
        try:
            _check_words(*words)
        except TypeError:  # a list, which cannot be cached
            _check_words.__wrapped__(*words)
        for name in ("convex", "likelihood", "of_difference"):
            if not isinstance(getattr(self, name), (bool, np.bool_)):
                raise_parameter("LossTags", name, "a bool", getattr(self, name))


_VOCABULARY = {
    "response": RESPONSES,
    "target": TARGETS,
    "hessian": HESSIANS,
    "gradient": GRADIENTS,
    "link": OWN_LINKS,
}


# Tags that depend on parameters are made anew in each call.
@lru_cache
def _check_words(*words):
    """Raise for the first word that is not in its vocabulary."""
    for word, (name, allowed) in zip(words, _VOCABULARY.items(), strict=True):
        if not isinstance(word, str) or word not in allowed:
            names = ", ".join(map(repr, allowed))
            raise_parameter("LossTags", name, f"a str among {{{names}}}", word)
