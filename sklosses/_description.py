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


@dataclass(frozen=True)
class LossTags:
    """What a loss expects and guarantees; scorers, estimators and tests go by these.

    Parameters
    ----------
    response : str
        What the predictions are: "real", "logit" (one for each binary output), "probability",
        "class_logits", "class_log_probabilities", "class_probabilities", "margin",
        "class_margin" (one for each class, to be compared with one another), "rate",
        "log_rate", "distribution", "embedding", "vectors" (in given pairs or triplets),
        "alignment" (log-probabilities of the classes over time), "distance", "pair" (of scores,
        to be ranked), "critic" (scores of a critic, or their gradients).
    target : str
        What the targets are: "real", "binary", "sign", "multilabel" (rows of binary ones),
        "class_index", "class_list" (rows of them, ended by -1), "class_probability",
        "identity" (also where it is in the order of the arrays), "sequence", "teacher_logits"
        (of classes, from another model), "none".
    hessian : str, default="exact"
        "exact": the second derivative by each prediction; "ones": a constant 1, times what the
        element counts in the mean, in place of one that is 0 almost everywhere; "none".
    convex : bool, default=True
        Whether the loss is convex in the prediction, for every value of its parameters.
    gradient : str, default="exact"
        "exact": the derivative of the value; "partial": some factors of the value that depend
        on the prediction are held constant, and the class says which; "none".
    """

    response: str
    target: str
    hessian: str = "exact"
    convex: bool = True
    gradient: str = "exact"
