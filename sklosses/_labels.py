"""The encoding of y, labels in the form of scikit-learn, into the target that a loss takes.

Scorers, linear models and plots share it: positions of labels in `classes_`, indicators and lists
of classes, several outputs, and class weights by label.
"""

import reprlib
from collections import defaultdict

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.utils import assert_all_finite

from ._class_weight import balanced_weight, check_class_weight
from ._lazy import first_row
from .losses.combined import CombinedLoss

# Values of `LossTags.target` that are made from labels. For those in PER_CLASS, a loss takes what
# models predict for each class, or numbers that are made from it; for those in PER_QUESTION, one
# prediction for each binary question "is it this class?". One of each allows several labels per
# sample: lists of classes, and rows of 0 and 1.
PER_CLASS = ("class_index", "class_rank", "class_probability", "class_list")
PER_QUESTION = ("binary", "sign", "multilabel")


def is_listed(answer):
    """Whether predictions, or `classes_`, are a list with one array for each output of a model."""
    return isinstance(answer, (list, tuple)) and all(hasattr(item, "ndim") for item in answer)


def is_multilabel(y_true, classes):
    """Whether y holds several labels for each sample."""
    return is_listed(classes) or (y_true.ndim == 2 and y_true.shape[1] > 1)


def is_distribution(y_true, classes, target):
    """Whether y holds a probability for each class, (n_samples, n_classes)."""
    fits = not is_listed(classes) and y_true.shape[1:] == np.shape(classes)
    return fits and target == "class_probability"


def mark_pairs(y_true, target):
    """Convert the marks of similar pairs, 0 and 1 or -1 and 1, to those that the loss takes.

    Any other y is returned unchanged.
    """
    if target not in _MARKS:
        return y_true
    for marks in _MARKS.values():
        if np.isin(y_true, marks).all():
            return np.take(_MARKS[target], np.equal(y_true, marks[1]))
    return y_true


# The marks of a dissimilar and of a similar pair, by target. metric-learn uses -1 and 1.
_MARKS = {"binary": (0, 1), "sign": (-1, 1)}


def find_positions(labels, classes):
    """Position of each label in `classes`; -1 for a label that is not among them."""
    kinds = labels.dtype.kind + classes.dtype.kind
    if "O" not in kinds and (kinds[0] == kinds[1] or set(kinds) <= set("biuf")):
        positions = np.minimum(classes.searchsorted(labels), len(classes) - 1)
        if (classes[positions] == labels).all():
            return positions
    # Python objects, unsorted classes, or a label that is not among them.
    table = defaultdict(lambda: -1, zip(classes.tolist(), range(len(classes)), strict=True))
    return np.fromiter(map(table.__getitem__, labels.tolist()), np.intp, len(labels))


def raise_unseen(labels, positions, classes, name):
    """Raise for the first label with position -1."""
    index = int(np.argmin(positions))
    raise ValueError(
        f"y contains the label {labels[index : index + 1].tolist()[0]!r} at index "
        f"{first_row('y') + index}, which {name} has not seen: its classes_ are "
        f"{reprlib.repr(classes.tolist())}. "
        "Pass unseen='worst' to score it as if its predicted probability were the dtype's eps."
    )


def encode(positions, shape, target):
    """Encode positions of labels as a target for predictions of `shape`."""
    if target in ("class_index", "class_rank"):
        return positions
    if target == "class_list":
        return list_classes(np.arange(shape[1]) == positions[:, None])
    if len(shape) == 1:
        encoded = positions.astype(np.float64)
    else:
        encoded = np.zeros(shape)
        encoded[np.arange(len(positions)), positions] = 1
    return 2 * encoded - 1 if target == "sign" else encoded


def list_classes(indicator):
    """The classes of each row of a multilabel indicator; the rest of a row is filled with -1."""
    order = np.argsort(indicator == 0, axis=1, kind="stable")
    return np.where(np.take_along_axis(indicator, order, axis=1) != 0, order, -1)


def encode_indicator(indicator, target):
    """Encode several labels for each sample, an indicator matrix, as a loss takes them."""
    dense = indicator.toarray() if issparse(indicator) else indicator
    dense = dense.astype(np.float64)
    if target == "class_list":
        return list_classes(dense)
    return 2 * dense - 1 if target == "sign" else dense


def check_weighted_labels(class_weight, classes, y_true=()):
    """Raise for labels in a class_weight dict that are neither classes nor in y."""
    known = {*classes.tolist(), *np.asarray(y_true).ravel().tolist()}
    for label in class_weight:
        if label not in known:
            raise ValueError(
                "The keys of class_weight must be existing labels. "
                f"Got {label!r}, which is neither among the classes "
                f"{reprlib.repr(classes.tolist())} nor in y."
            )


def weigh_by_label(loss, classes, y_true=()):
    """Convert a class_weight dict of the loss from labels to positions in `classes`."""
    if isinstance(loss, CombinedLoss):
        losses = [weigh_by_label(item, classes, y_true) for item in loss.losses]
        return CombinedLoss(losses, weights=loss.weights, reduction=loss.reduction)
    weights = getattr(loss, "class_weight", None)
    if not isinstance(weights, dict):
        return loss
    check_weighted_labels(weights, classes, y_true)
    known = classes.tolist()
    by_position = {known.index(label): weights[label] for label in weights if label in known}
    copy = clone(loss)
    return copy.set_params(class_weight=by_position)  # pyright: ignore[reportAttributeAccessIssue]


def weighs_by_frequency(loss):
    """Whether a loss, or one of a sum, weighs the classes by the labels of each call."""
    weights = [getattr(leaf, "class_weight", None) for leaf, _ in loss._leaves()]
    return any(isinstance(item, str) for item in weights)


def balance_loss(loss, positions, n_classes, sample_weight, several=False):
    """Replace ``class_weight="balanced"`` of the loss by the weights for these labels.

    Then they do not depend on which samples a call has. `positions` are those of the labels, of
    which a sample may have `several`.
    """
    if not weighs_by_frequency(loss):
        return loss
    if isinstance(loss, CombinedLoss):
        losses = [
            balance_loss(leaf, positions, n_classes, sample_weight, several) for leaf in loss.losses
        ]
        return CombinedLoss(losses, weights=loss.weights, reduction=loss.reduction)
    if loss.tags.target == "multilabel" and n_classes == 2 and not several:
        weights = None  # there is one question
    else:
        ignored = getattr(loss, "ignore_index", None)
        weights = balanced_weight(positions, n_classes, None, ignored, sample_weight)
    copy = clone(loss)
    return copy.set_params(class_weight=weights)  # pyright: ignore[reportAttributeAccessIssue]


def weigh_samples(class_weight, classes, positions, sample_weight):
    """Multiply the sample weights by the weights of their classes.

    Parameters
    ----------
    class_weight : array-like, dict, "balanced" or None
    classes : ndarray of shape (n_classes,)
        The labels.
    positions : ndarray of shape (n_samples,)
        Position of the label of each sample in `classes`.
    sample_weight : ndarray of shape (n_samples,) or None

    Returns
    -------
    sample_weight : ndarray of shape (n_samples,) or None
    class_weight : ndarray of shape (n_classes,) or None
        The weights of the classes.
    """
    if class_weight is None:
        return sample_weight, None
    n_classes = len(classes)
    if isinstance(class_weight, str):
        weights = balanced_weight(positions, n_classes, None, None, sample_weight)
    elif isinstance(class_weight, dict):
        check_weighted_labels(class_weight, classes)
        known = classes.tolist()
        by_position = {known.index(label): w for label, w in class_weight.items()}
        weights = check_class_weight(by_position, n_classes)
    else:
        weights = check_class_weight(class_weight, n_classes)
    of_samples = weights[positions]
    return (of_samples if sample_weight is None else of_samples * sample_weight), weights


def encode_classes(positions, n_classes, target):
    """Encode one label for each sample as a loss takes it beside one prediction for each class.

    For two classes and a loss of binary questions there is one prediction: for the second class.
    """
    shape = (len(positions), n_classes)
    if target not in PER_CLASS and n_classes == 2:
        shape = shape[:1]
    y_true = encode(positions, shape, target)
    return y_true[:, np.newaxis] if target == "multilabel" and len(shape) == 1 else y_true


def probabilities_of_classes(loss, decision):
    """Probabilities of the classes, (n_samples, n_classes), from the decisions of a classifier.

    Parameters
    ----------
    loss : Loss
        A loss of classes or of binary questions. The answers to several questions are divided by
        their sum.
    decision : ndarray of shape (n_samples,) or (n_samples, n_classes)
        (n_samples,) for two classes: raw predictions for the second one.
    """
    if decision.ndim == 1:
        # The probabilities of both labels are accurate, even if one of them rounds to 1.
        first = np.zeros_like(decision) if loss.tags.target in PER_CLASS else -decision
        return loss.predict_proba(np.column_stack([first, decision]))
    probability = loss.predict_proba(decision)
    if loss.tags.target not in PER_CLASS:
        total = probability.sum(axis=1, keepdims=True)
        probability[total[:, 0] == 0] = 1
        probability /= probability.sum(axis=1, keepdims=True)
    return probability


def classes_of_outputs(answer, classes, name):
    """The one or two classes of each output; the second is encoded as 1.

    An output that was constant in training has a single class.
    """
    if not is_listed(classes):
        # A list of probabilities, but `classes_` is not a list.
        classes = [np.arange(np.shape(item)[1]) for item in answer]
    for k, known in enumerate(classes):
        if len(known) > 2:
            raise ValueError(
                f"Output {k} of {name} has {len(known)} classes, {reprlib.repr(known.tolist())}. "
                "The loss takes several outputs of two classes each, or one output of more classes."
            )
    return classes


def is_second(known):
    """Whether the single class of an output is encoded as the second one, as 1 and True are."""
    return known[0] == 1


def positions_in_outputs(y_true, classes, unseen, name):
    """Encode the labels of each output as 0 and 1, its first and second class.

    An unseen label, if `unseen` allows it, is encoded as the class that an output with a single
    class lacks, and otherwise as the first class.

    Returns
    -------
    positions : intp ndarray of shape (n_samples, n_outputs)
    is_unseen : bool ndarray of shape (n_samples, n_outputs)
    """
    positions = np.zeros(y_true.shape, dtype=np.intp)
    is_unseen = np.zeros(y_true.shape, dtype=bool)
    for k, known in enumerate(classes):
        labels = y_true[:, k]
        found = find_positions(labels, known)
        is_unseen[:, k] = found < 0
        if is_unseen[:, k].any():
            if unseen == "raise":
                raise_unseen(labels, found, known, f"output {k} of {name}")
            assert_all_finite(labels[found < 0], input_name="y")
        if len(known) == 1:
            found = np.where(found < 0, not is_second(known), is_second(known))
        positions[:, k] = np.maximum(found, 0)
    return positions, is_unseen
