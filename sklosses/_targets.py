"""Targets that are not labels, and groups, as users pass them.

Scorers, linear models and boosting share it: numbers, relevances of the rows of groups, and times
of events that may be censored.
"""

import math

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import column_or_1d

from ._domains import LABELS
from ._validation import (
    as_array,
    as_dense,
    as_labels,
    codes_of_labels,
    raise_labels_shape,
    raise_outside,
)

#: Targets of losses that compare rows with one another.
OF_ROWS = ("relevance", "survival")


def check_r_squared(estimator, loss):
    """Raise if there is no R^2, because predictions are not on the scale of the target."""
    groups = ""
    if loss.tags.target in OF_ROWS:
        reason = "predictions only matter relative to each other"
        groups = ", groups=groups" if loss.tags.target == "relevance" else ""
    elif math.prod(loss.trailing_shape) > 1:
        reason = "there are several predictions for each target"
    else:
        return
    raise ValueError(
        f"{type(estimator).__name__} with {type(loss).__name__} has no R^2: {reason}. Score it by "
        f"the loss: make_loss_scorer(model.loss_)(model, X, y{groups})."
    )


def check_groups(loss, groups, name="groups"):
    """Raise if groups are missing, or have been passed for a loss without groups."""
    title, ranks = type(loss).__name__, loss.tags.target == "relevance"
    if not ranks and groups is not None:
        raise ValueError(
            f"{title} does not rank groups. Got {name} of type {type(groups).__name__}."
        )
    if ranks and groups is None:
        hint = " Where scikit-learn calls fit, pass them by set_fit_request(groups=True) with "
        hint = f"{hint}metadata routing enabled." if name == "groups" else ""
        raise ValueError(
            f"{title} ranks groups. Pass {name}, a label for each sample, to fit.{hint}"
        )


def read_targets(y, loss, groups=None, weight=None, names=("y", "groups")):
    """Read the targets of a loss of real targets, of relevances or of survival.

    Parameters
    ----------
    y : array-like
    loss : Loss
    groups : array-like of shape (n_samples,) or None
        For losses that rank groups, which need them; no others may have any.
    weight : array-like of shape (n_samples,) or None
        Weights, which must be the same within a group.
    names : tuple of str
        Names of `y` and `groups`, for messages.

    Returns
    -------
    targets : float64 ndarray of shape (n_samples,) or tuple of them
        A tuple for losses of relevances and of survival: relevances and numbers of groups, or times
        and events.
    """
    name, name_of_groups = names
    check_groups(loss, groups, name_of_groups)
    if loss.tags.target == "survival":
        return _read_survival(y, loss, name)
    y = as_array(column_or_1d(y, warn=True), name).astype(np.float64)
    assert_all_finite(y, input_name=name)
    check_domain(y, name, loss.inputs[0].domain)
    if loss.tags.target != "relevance":
        return y
    codes = number_groups(groups, len(y), name_of_groups)
    if weight is not None:
        weights_of_groups(weight, groups)
    return y, codes


def check_ranks(loss, relevance, groups):
    """Raise if there is nothing to learn: no group has rows of different relevance.

    `groups` are numbers from 0 on.
    """
    first = np.unique(groups, return_index=True)[1]
    if np.all(relevance == relevance[first][groups]):
        raise ValueError(
            f"{type(loss).__name__} has nothing to rank: no group has rows of different relevance. "
            "Groups are labels that the rows of one list share."
        )


def _read_survival(y, loss, name):
    columns = list(split_survival(as_dense(y, name)))
    for k, what in enumerate(("time", "event")):
        title = f"{name} ({what})"
        columns[k] = as_array(columns[k], title).astype(np.float64)
        check_domain(columns[k], title, loss.inputs[k].domain)
    if not columns[1].any():
        raise ValueError(f"{name} has no event: all times are censored, so none can be compared.")
    return tuple(columns)


def check_domain(values, name, domain):
    """Raise for the first value that the domain does not have."""
    if domain.outside(values).any():
        raise_outside(values, name, domain)


def _is_boolean(column):
    return all(isinstance(item, (bool, np.bool_)) for item in column)


def split_survival(y):
    """Times and events of y: a structured array, as of scikit-survival, or two columns.

    A structured array has a boolean field, the event, and a field of numbers, the time. Of two
    columns the time is the first, unless it is the only one of booleans.
    """
    if y.dtype.names is not None:
        kinds = {name: y.dtype[name].kind for name in y.dtype.names}
        events = [name for name, kind in kinds.items() if kind == "b"]
        times = [name for name, kind in kinds.items() if kind in "fiu"]
        if y.ndim == 1 and len(events) == len(times) == 1 and len(kinds) == 2:
            return y[times[0]], y[events[0]]
    elif y.ndim == 2 and y.shape[1] == 2:
        time, event = y.T
        if y.dtype == object and _is_boolean(time) and not _is_boolean(event):
            time, event = event, time  # a data frame with the event first
        return time, event
    raise ValueError(
        "y must be a structured array of shape (n_samples,) with a boolean field, the event, and a "
        "field of numbers, the time, or an array of shape (n_samples, 2) of times and events. Got "
        f"shape {y.shape} and dtype {y.dtype} instead."
    )


def number_groups(groups, n_samples, name="groups"):
    """The number of the group of each sample, from 0 on in the order of the labels."""
    labels = as_labels(as_dense(groups, name), name)
    if len(labels) != n_samples:
        raise_labels_shape(name, labels, n_samples)
    if labels.dtype.kind not in "iubSU" and LABELS.outside(labels).any():
        raise_outside(labels, name, LABELS)
    return codes_of_labels(labels, name)


def weights_of_groups(sample_weight, groups):
    """The weight of each group from that of each sample, which is the same within a group."""
    weight = as_array(sample_weight, "sample_weight")
    labels = as_labels(as_dense(groups, "groups"), "groups")
    if weight.shape != labels.shape:
        raise ValueError(
            f"sample_weight.shape == {weight.shape}, expected {labels.shape}: one weight for each "
            "sample."
        )
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    own = weight[first]
    differs = np.flatnonzero(weight != own[number.reshape(-1)])
    if len(differs):
        index = int(differs[0])
        raise ValueError(
            "sample_weight must be the same for all samples of a group. Got "
            f"{weight[index].item()!r} at index {index}, after "
            f"{own[number.reshape(-1)[index]].item()!r} in the group "
            f"{labels[index : index + 1].tolist()[0]!r}."
        )
    return own


def list_groups(eval_groups, n_sets):
    """The groups of each evaluation set, from a list of them or those of the only set."""
    if eval_groups is None:
        return [None] * n_sets
    listed = isinstance(eval_groups, (list, tuple)) and all(
        item is None or np.ndim(item) for item in eval_groups
    )
    found = list(eval_groups) if listed else [eval_groups]
    if len(found) != n_sets:
        raise ValueError(
            f"eval_groups must hold the groups of each evaluation set, of which there are {n_sets}."
            f" Got those of {len(found)} instead."
        )
    return found
