"""What a loss says of itself: its arrays and its tags."""

from dataclasses import dataclass

from ._domains import REAL, Domain
from ._validation import as_array, as_labels

__all__ = ["Input", "LossTags", "by_parameters"]


@dataclass(frozen=True)
class Input:
    """One of the arrays that a loss is called with.

    Parameters
    ----------
    name : str
    domain : Domain
        The values that it may have.
    doc : str
        For the function's docstring: the type on the first line, then the description.
    differentiable : bool, default=False
        Whether there is a gradient for it.
    may_be_empty : bool, default=False
        Whether it may have no elements.
    broadcasts : bool, default=False
        Whether it is broadcast to the shape of the others. Its gradient has its own shape.
    optional : bool, default=False
        Whether it may be left out; then it is None.
    """

    name: str
    domain: Domain = REAL
    doc: str = ""
    differentiable: bool = False
    may_be_empty: bool = False
    broadcasts: bool = False
    optional: bool = False

    def read(self, values):
        """The array of an argument."""
        if values is None and self.optional:
            return None
        if self.domain.kind == "labels":
            return as_labels(values, self.name)
        hint = "" if self.differentiable else _TEXT_HINT
        return as_array(values, self.name, self.may_be_empty, hint)


# What to do about labels that are strings.
_TEXT_HINT = (
    " Encode labels first: sklearn.preprocessing.LabelEncoder gives class indices, y == label "
    "gives 0 and 1."
)


class by_parameters:
    """What parameters decide about: a property that the class has, too, for their defaults.

    For `inputs` and `tags`. Parameters may change domains and descriptions, not the names of
    the inputs nor which of them are differentiable.

    Parameters
    ----------
    describe : callable
        ``describe(loss)``
    """

    def __init__(self, describe):
        self.describe = describe

    def __get__(self, loss, cls):
        return self.describe(cls() if loss is None else loss)


#: What predictions can be, for `LossTags.response`. What follows from it is in the tables by
#: response: `_links.LINKS`, `scorer.RESPONSES`, and those of what is drawn, trained and customised.
RESPONSES = {
    "real": "a number on the scale of the target",
    "rate": "an expected count, >= 0",
    "log_rate": "the logarithm of an expected count",
    "distribution": "mean and variance",
    "logit": "the log-odds of the label 1, one for each binary output",
    "probability": "the probability of the label 1",
    "margin": "a decision value, whose sign is the label",
    "distance": "a distance between two samples, >= 0",
    "class_logits": "a number for each class, up to a constant the logarithm of its probability",
    "class_log_probabilities": "the logarithm of the probability of each class",
    "class_probabilities": "the probability of each class",
    "class_margin": "a decision value for each class, to be compared with one another",
    "alignment": "the log-probabilities of the classes at each time",
    "embedding": "a vector for each sample of a batch",
    "modalities": "a vector for each sample of a batch in either of two modalities",
    "vectors": "the vectors of pairs, triplets or quadruplets of samples",
    "pair": "the scores of two samples, to be ranked",
    "critic": "the scores of a critic, or their gradients",
}

#: What targets can be, for `LossTags.target`.
TARGETS = {
    "real": "a number",
    "binary": "0 or 1, or a probability",
    "sign": "-1 or 1",
    "multilabel": "0 or 1 for each label of a sample",
    "class_index": "the index of a class",
    "class_list": "the indices of the classes of a sample, ended by -1",
    "class_probability": "the probability of each class",
    "identity": "which samples are alike: labels, or the order of the arrays",
    "sequence": "a sequence of class indices",
    "teacher_logits": "the logits of the classes from another model",
    "none": "nothing: the loss takes predictions alone",
}

#: From the strongest promise to the weakest, for `LossTags.hessian` and `LossTags.gradient`.
HESSIANS = ("exact", "ones", "none")
GRADIENTS = ("exact", "partial", "none")


@dataclass(frozen=True)
class LossTags:
    """What a loss expects and guarantees; scorers, estimators and tests go by these.

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
        Whether the loss is convex in the prediction, for every value of its parameters.
    gradient : {"exact", "partial", "none"}, default="exact"
        "exact": the derivative of the value. "partial": some factors of the value that depend on
        the prediction are held constant, and the class says which. "none": there is no gradient.

    Raises
    ------
    ValueError
        If a tag is not in its vocabulary.
    """

    response: str
    target: str
    hessian: str = "exact"
    convex: bool = True
    gradient: str = "exact"

    def __post_init__(self):
        for name, allowed in _VOCABULARY.items():
            value = getattr(self, name)
            if value not in allowed:
                raise ValueError(
                    f"The {name!r} parameter of LossTags must be a str among "
                    f"{{{', '.join(map(repr, allowed))}}}. Got {value!r} instead."
                )


_VOCABULARY = {
    "response": RESPONSES,
    "target": TARGETS,
    "hessian": HESSIANS,
    "gradient": GRADIENTS,
}
