"""Labels."""

import reprlib
from collections import defaultdict

import numpy as np
from sklearn.base import clone
from sklearn.utils import assert_all_finite

from .losses.combined import CombinedLoss

# The values of `LossTags.target` that are made of labels: beside one prediction for each class,
# or beside one for each binary question "is it this class?". Of each kind one is made for several
# labels of a sample: lists of classes, and rows of answers.
PER_CLASS = ("class_index", "class_probability", "class_list")
PER_QUESTION = ("binary", "sign", "multilabel")

# ---------------------------------------------------------------------------------------------
# Labels
# ---------------------------------------------------------------------------------------------


def is_listed(answer):
    """Whether an answer, or `classes_`, lists the outputs of a model one by one."""
    return isinstance(answer, (list, tuple)) and all(hasattr(item, "ndim") for item in answer)


def is_multilabel(y_true, classes):
    return is_listed(classes) or (y_true.ndim == 2 and y_true.shape[1] > 1)


def is_distribution(y_true, classes, target):
    """Whether y is a probability for each class, (n_samples, n_classes)."""
    fits = not is_listed(classes) and y_true.shape[1:] == np.shape(classes)
    return fits and target == "class_probability"


def mark_pairs(y_true, target):
    """Whether pairs are alike as the loss has it, where it is one of the ways to say that."""
    if target not in _MARKS:
        return y_true
    for marks in _MARKS.values():
        if np.isin(y_true, marks).all():
            return np.take(_MARKS[target], np.equal(y_true, marks[1]))
    return y_true


# What says of a pair that it is not alike, or that it is; metric-learn has the second way.
_MARKS = {"binary": (0, 1), "sign": (-1, 1)}


def find_positions(labels, classes):
    """Position of each label in `classes`; -1 for a label that is not there."""
    kinds = labels.dtype.kind + classes.dtype.kind
    if "O" not in kinds and (kinds[0] == kinds[1] or set(kinds) <= set("biuf")):
        positions = np.minimum(classes.searchsorted(labels), len(classes) - 1)
        if (classes[positions] == labels).all():
            return positions
    # Python objects, or a label not found, which only means something in sorted classes.
    table = defaultdict(lambda: -1, zip(classes.tolist(), range(len(classes)), strict=True))
    return np.fromiter(map(table.__getitem__, labels.tolist()), np.intp, len(labels))


def raise_unseen(labels, positions, classes, name):
    index = int(np.argmin(positions))
    raise ValueError(
        f"y contains the label {labels[index : index + 1].tolist()[0]!r} at index {index}, which "
        f"{name} has not seen: its classes_ are {reprlib.repr(classes.tolist())}. "
        "unseen='worst' scores it as if its predicted probability were the dtype's eps."
    )


def encode(positions, shape, target):
    """Positions of the labels in the form that goes with predictions of `shape`."""
    if target == "class_index":
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
    """The classes of each row of a multilabel indicator, and -1 in what is left of the row."""
    order = np.argsort(indicator == 0, axis=1, kind="stable")
    return np.where(np.take_along_axis(indicator, order, axis=1) != 0, order, -1)


def check_weighted_labels(class_weight, classes, y_true=()):
    """Refuse labels in a class_weight dict that are neither classes nor in y."""
    known = {*classes.tolist(), *np.asarray(y_true).ravel().tolist()}
    for label in class_weight:
        if label not in known:
            raise ValueError(
                "The keys of class_weight must be labels that exist. "
                f"Got {label!r}, which is neither among the classes "
                f"{reprlib.repr(classes.tolist())} nor in y."
            )


def weigh_by_label(loss, classes, y_true=()):
    """The loss with a class_weight dict that goes by positions, where it goes by labels."""
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


def classes_of_outputs(answer, classes, name):
    """The classes of each output, of which the second counts as 1.

    An output that was constant in training has a single class.
    """
    if not is_listed(classes):
        # Listed probabilities beside classes_ that are not.
        classes = [np.arange(np.shape(item)[1]) for item in answer]
    for k, known in enumerate(classes):
        if len(known) > 2:
            raise ValueError(
                f"Output {k} of {name} has {len(known)} classes, {reprlib.repr(known.tolist())}. "
                "The loss takes several outputs of two classes each, or one of more."
            )
    return classes


def is_second(known):
    """Whether the single class of an output counts as the second one: 1 and True do."""
    return known[0] == 1


def positions_in_outputs(y_true, classes, unseen, name):
    """0 or 1 for the first or second class of each output, and which labels are unseen.

    Where unseen labels are let through they count as the class that an output with a single one
    lacks, or else as the first.
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
