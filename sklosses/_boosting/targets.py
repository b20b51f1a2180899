"""Targets and groups of training and of evaluation sets, as users pass them."""

import numpy as np
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import column_or_1d

from .._labels import number_groups, split_survival, weights_of_groups
from .._validation import as_array, as_dense, raise_outside


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
        A tuple for `RowDerivatives.tabulate`: relevances and numbers of groups, or times and
        events.
    """
    ranks, title = loss.tags.target == "relevance", type(loss).__name__
    name, name_of_groups = names
    if not ranks and groups is not None:
        raise ValueError(
            f"{title} does not rank groups. Got {name_of_groups} of type {type(groups).__name__}."
        )
    if loss.tags.target == "survival":
        return _read_survival(y, loss, name)
    y = column_or_1d(y, warn=True, dtype=np.float64)
    assert_all_finite(y, input_name=name)
    if not ranks:
        return y
    if groups is None:
        hint = " Where scikit-learn calls fit, pass them by set_fit_request(groups=True) with "
        hint = f"{hint}metadata routing enabled." if name_of_groups == "groups" else ""
        raise ValueError(
            f"{title} ranks groups. Pass {name_of_groups}, a label for each sample, to fit.{hint}"
        )
    _check_domain(y, name, loss.inputs[0].domain)
    codes = number_groups(groups, len(y), name_of_groups)
    if weight is not None:
        weights_of_groups(weight, groups)
    return y, codes


def _read_survival(y, loss, name):
    columns = list(split_survival(as_dense(y, name)))
    for k, what in enumerate(("time", "event")):
        title = f"{name} ({what})"
        columns[k] = as_array(columns[k], title).astype(np.float64)
        _check_domain(columns[k], title, loss.inputs[k].domain)
    if not columns[1].any():
        raise ValueError(f"{name} has no event: all times are censored, so none can be compared.")
    return tuple(columns)


def _check_domain(values, name, domain):
    if domain.outside(values).any():
        raise_outside(values, name, domain)


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
