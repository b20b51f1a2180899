"""Weighted sums of losses of the same arrays."""

import math
import numbers
from collections import Counter
from dataclasses import replace

import numpy as np
from sklearn.base import clone

from .._description import GRADIENTS, HESSIANS, LossTags
from .._families.plan import Plan
from .._sklearn_compat import InvalidParameterError
from .._validation import is_finite, output_dtype, raise_parameter, raise_reduction
from ..base import Loss, PartialLoss, as_loss

__all__ = ["CombinedLoss", "CombinedPartialLoss"]


def _terms_of(plan):
    """The shape of the terms, and whether they are regions: the same shape may say nothing."""
    return plan.shape, plan.loss.tags.response == "pixels"


class CombinedPlan(Plan):
    """A weighted sum of losses of the same arrays: runs the plan of each and adds the results."""

    __slots__ = ("of_plans", "plans", "total_weights", "weights")

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.arrays = arrays
        losses, self.weights = params
        self.plans = plans = [item.plan_class(item, arrays, item._resolve()) for item in losses]
        self.shape = plans[0].shape
        if self._odd() is not None:
            # What the terms of all losses have in common, if anything, are the samples.
            heads = {plan.shape[:1] for plan in plans}
            self.shape = heads.pop() if len(heads) == 1 else ()
        self.size = max(plan.size for plan in plans)
        self.double = any(plan.double for plan in plans)
        self.total_weights = self.of_plans = ()

    def _odd(self):
        """The first plan whose terms are others than those of the first plan, or None."""
        first, *others = ((plan, _terms_of(plan)) for plan in self.plans)
        return next((plan for plan, terms in others if terms != first[1]), None)

    def _refuse_odd(self, what):
        """Raise for what needs terms of the same shape, if the losses have others."""
        first, odd = self.plans[0], self._odd()
        if odd is not None:
            raise ValueError(
                f"For {what}, all losses of a CombinedLoss must have the same unreduced shape. "
                f"Got {first.shape} for {type(first.loss).__name__} and {odd.shape} for "
                f"{type(odd.loss).__name__}."
            )

    @property
    def separate_means(self):
        return any(plan.separate_means for plan in self.plans)

    @property
    def work(self):
        return max(plan.work for plan in self.plans)

    @property
    def values_dtype(self):
        return self.plans[0].values_dtype

    @property
    def values_like(self):
        return self.plans[0].values_like

    def begin(self, *args):
        super().begin(*args)
        if self.reduction == "none":
            self._refuse_odd("reduction='none'")
        for plan in self.plans:
            plan.begin(*args)

    def prepare(self, weight, weight_sum):
        if weight is not None and not self.shape:
            self._refuse_odd("sample_weight")
        self.of_plans = [self._weight_of(plan, weight, weight_sum) for plan in self.plans]
        # The mean of the sum is the sum of the means, each with its own denominator.
        self.total_weights = [
            plan.prepare(*own) for plan, own in zip(self.plans, self.of_plans, strict=True)
        ]
        return float(all(self.total_weights))

    def _weight_of(self, plan, weight, weight_sum):
        """The weights of the terms of one loss, and their sum."""
        if weight is None or weight.shape == plan.shape:
            return weight, weight_sum
        own = weight.reshape(weight.shape + (1,) * (len(plan.shape) - 1))
        return np.broadcast_to(own, plan.shape), weight_sum * math.prod(plan.shape[1:])

    def check(self):
        for plan in self.plans:
            plan.check()
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        factors = self.weights
        if self.reduction == "mean" and self.avg_factor is None and all(self.total_weights):
            factors = [w / total for w, total in zip(factors, self.total_weights, strict=True)]
        passed = [() if values is None else (values,), gradients, hessians]
        outputs = [passed[0], *map(self._widen, passed[1:])]
        target, total = outputs, 0.0
        for k, (plan, factor) in enumerate(zip(self.plans, factors, strict=True)):
            if k == 1:
                target = [tuple(map(np.empty_like, outs)) for outs in outputs]
            # Not all drivers scale the unreduced loss, which has no denominator.
            inner = factor if values is None else 1.0
            value = target[0][0] if target[0] else None
            own = weight if self.cotangent is not None else self.of_plans[k][0]
            part = plan.run(own, scale * inner, value, *target[1:])
            if part < 0:
                plan.warn_of_sign(part, self.total_weights[k])
            total += factor * part
            for outs, results in zip(outputs, target, strict=True):
                for out, result in zip(outs, results, strict=True):
                    if inner != factor:
                        np.multiply(result, factor, out=result)
                    if result is not out:
                        np.add(out, result, out=out)
        for outs, results in zip(passed, outputs, strict=True):
            for out, result in zip(outs, results, strict=True):
                if result is not out:
                    with np.errstate(over="ignore", under="ignore"):
                        out[...] = result
        return total

    def _widen(self, outputs):
        """The outputs, with a float64 array in place of each float32 one for a float64 result."""
        dtypes = [output_dtype(array) for array in self.plans[0].loss._differentiable(self.arrays)]
        return tuple(
            out if out.dtype == dtype else np.empty_like(out, dtype)
            for out, dtype in zip(outputs, dtypes, strict=False)
        )


class CombinedLoss(Loss):
    r"""A weighted sum of losses of the same arrays.

    Arithmetic with losses makes such sums: ``0.7 * loss_a + 0.3 * loss_b``.

    Parameters
    ----------
    losses : list of Loss objects, classes, functions or str
        The losses. They must take the same arrays, with the same names: the `tags.response` and
        the `tags.target` of all are the same, or may be the same numbers, as the logits of
        `DiceLoss` and `CrossEntropyLoss` are. Their own reductions are not used.
    weights : list of float, default=None
        A finite factor for each loss; None means 1 for all. A loss with a negative factor is
        maximised, and the sum may then be unbounded below.
    reduction : str, default="mean"
        A reduction that all the losses have. The mean is the weighted sum of their means, each
        with its own denominator. For "none" the unreduced losses must have the same shape.

    See Also
    --------
    CustomLoss : A loss defined by functions of the user.

    Notes
    -----
    .. math:: \ell = \sum_k w_k \ell_k

    Gradients and Hessians are added in the same way. `tags` promises what all the losses promise:
    the sum is convex if all of them are and no weight is negative, and its Hessian is "ones" or
    "none" if one of theirs is. Margins have a `predict_proba` if it is the same for all the losses.
    The arrays must be in the domain of each loss. The losses of parts of the data can be added
    (`CombinedPartialLoss`) if those of all the losses can.

    Each loss takes a pass over the data. The gradients of all but the first are computed in one
    additional array of the size of the gradient.

    In `get_params`, `set_params` and grid searches the parameters of the losses are
    ``<name>__<parameter>``, where the name is that of the loss function, or of the class in lower
    case if there is no function. Losses with the same name are numbered: "huber_loss-1",
    "huber_loss-2".

    Examples
    --------
    >>> from sklosses import HuberLoss, L1Loss
    >>> loss = 0.7 * HuberLoss(delta=2.0) + 0.3 * L1Loss()
    >>> loss
    CombinedLoss(losses=[HuberLoss(delta=2.0), L1Loss()], weights=[0.7, 0.3])
    >>> round(loss([0.0, 1.0], [1.0, 4.0]), 4)
    2.175
    >>> loss.gradient([0.0, 1.0], [1.0, 4.0])
    array([0.5 , 0.85])
    >>> loss.set_params(huber_loss__delta=1.0).losses[0]
    HuberLoss()
    """

    plan_class = CombinedPlan
    # Properties of objects only, since the arrays depend on the losses.
    inputs = property(lambda self: _merge(self._terms()[0]))  # pyright: ignore[reportAssignmentType]
    _input_names = property(lambda self: self._terms()[0][0]._input_names)  # pyright: ignore[reportAssignmentType]
    _outputs = property(lambda self: self._terms()[0][0]._outputs)  # pyright: ignore[reportAssignmentType]

    _parameter_constraints = {"losses": [list, tuple], "weights": ["array-like", None]}

    def __init__(self, losses, *, weights=None, reduction: str = "mean"):
        self.losses = losses
        self.weights = weights
        self.reduction = reduction

    @property
    def trailing_shape(self):
        """Axes that the predictions have beyond those of the targets."""
        return max((loss.trailing_shape for loss in self._terms()[0]), key=len)

    @property
    def tags(self):
        """What the loss expects and guarantees."""
        losses, weights = self._terms()
        tags = [loss.tags for loss in losses]
        links = {item.link for item in tags}
        response, target = _common_tags(losses)
        return LossTags(
            response=response or tags[0].response,
            target=target or tags[0].target,
            hessian=max((item.hessian for item in tags), key=HESSIANS.index),
            gradient=max((item.gradient for item in tags), key=GRADIENTS.index),
            convex=min(weights) >= 0 and all(item.convex for item in tags),
            likelihood=min(weights) >= 0 and all(item.likelihood for item in tags),
            of_difference=all(item.of_difference for item in tags),
            # Margins that stand for different probabilities have none in common.
            link=links.pop() if len(links) == 1 else "response",
        )

    @property
    def reductions(self):
        """The reductions that all the losses have."""
        first, *others = self._terms()[0]
        return tuple(
            name for name in first.reductions if all(name in loss.reductions for loss in others)
        )

    @property
    def weighted(self):
        """Whether the terms of all the losses belong to samples."""
        return all(loss.weighted for loss in self._terms()[0])

    # -- parameters ---------------------------------------------------------------------------

    def _terms(self):
        """The losses and their weights."""
        losses = self.losses
        if not isinstance(losses, (list, tuple)) or not losses:
            raise ValueError(
                "The 'losses' parameter of CombinedLoss must be a non-empty list of losses. "
                f"Got {losses!r} instead."
            )
        losses = _as_objects(losses)
        weights = (1.0,) * len(losses) if self.weights is None else self.weights
        if np.ndim(weights) != 1:
            raise_parameter("CombinedLoss", "weights", "a list of numbers", weights)
        weights = tuple(weights)
        if len(weights) != len(losses):
            raise ValueError(
                f"The 'weights' parameter of CombinedLoss must have {len(losses)} numbers, one for "
                f"each loss. Got {len(weights)} instead."
            )
        for k, weight in enumerate(weights):
            if not isinstance(weight, numbers.Real) or not is_finite(weight):
                raise ValueError(
                    "The 'weights' parameter of CombinedLoss must hold finite numbers. "
                    f"Got {weight!r} at index {k} instead."
                )
        return losses, weights

    def _leaves(self):
        return [
            (leaf, weight * factor)
            for loss, weight in zip(*self._terms(), strict=True)
            for leaf, factor in loss._leaves()
        ]

    def _kernel_params(self):
        losses, weights = self._terms()
        _check_agreement(losses)
        return losses, weights

    def _read_params(self):
        return [item for loss in self._terms()[0] for item in loss._read_params()]

    def _by_name(self):
        """A dict of the losses by name."""
        losses = self.losses if isinstance(self.losses, (list, tuple)) else ()
        try:
            losses = _as_objects(losses)
        except (TypeError, ValueError):
            losses = []  # a call will raise the error
        names = [loss.function_name or type(loss).__name__.lower() for loss in losses]
        count, seen = Counter(names), Counter()
        named = {}
        for name, loss in zip(names, losses, strict=True):
            seen[name] += 1
            named[f"{name}-{seen[name]}" if count[name] > 1 else name] = loss
        return named

    def get_params(self, deep=True):
        """Parameters of the sum and, as ``<name>__<parameter>``, of its losses.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the parameters of the losses.

        Returns
        -------
        params : dict
        """
        params = super().get_params(deep=False)
        if deep:
            for name, loss in self._by_name().items():
                params[name] = loss
                nested = loss.get_params(deep=True)
                params |= {f"{name}__{key}": value for key, value in nested.items()}
        return params

    def set_params(self, **params):
        """Set parameters of the sum, and of its losses as ``<name>__<parameter>``.

        Parameters
        ----------
        **params : dict
            Names and values. The name of a loss itself stands for the loss, which is replaced.

        Returns
        -------
        self : CombinedLoss
        """
        if "losses" in params:
            self.losses = params.pop("losses")
        named = self._by_name()
        if any("__" in name for name in params):
            self.losses = list(named.values())
        if replaced := named.keys() & params.keys():
            self.losses = [
                params.pop(name) if name in replaced else loss for name, loss in named.items()
            ]
        return super().set_params(**params)

    # -- calls --------------------------------------------------------------------------------

    def partial(self, *arrays, sample_weight=None, n_threads=None, **named_arrays):
        """The loss of one part of a data set, to be added to those of the other parts.

        Parameters
        ----------
        *arrays, sample_weight, n_threads, **named_arrays
            As in a call.

        Returns
        -------
        part : CombinedPartialLoss
            ``sum(parts).value`` is the loss of all the data.
        """
        losses, weights = self._resolve()
        arrays = self._positional(arrays, named_arrays)
        parts = [
            _with_reduction(loss, self.reduction).partial(
                *arrays, sample_weight=sample_weight, n_threads=n_threads
            )
            for loss in losses
        ]
        return CombinedPartialLoss(parts, weights)

    def _check_arrays(self, arrays):
        for loss in self._terms()[0]:
            loss._check_arrays(arrays)

    def _check_additive(self):
        for loss in self._terms()[0]:
            _with_reduction(loss, self.reduction)._check_additive()


class CombinedPartialLoss(PartialLoss):
    """A weighted sum of losses for one part of a data set; parts add up to the whole.

    Created by `CombinedLoss.partial`. Small and picklable.

    Parameters
    ----------
    parts : sequence of PartialLoss
        One for each loss.
    weights : sequence of float
        The factor of each loss.

    See Also
    --------
    PartialLoss : The same for a single loss.

    Examples
    --------
    >>> from sklosses import L1Loss, MSELoss
    >>> loss = 0.5 * MSELoss() + L1Loss()
    >>> parts = [loss.partial([0.0, 1.0], [1.0, 1.0]), loss.partial([2.0], [4.0])]
    >>> round(sum(parts).value, 4) == round(loss([0.0, 1.0, 2.0], [1.0, 1.0, 4.0]), 4)
    True
    """

    __slots__ = ("parts", "weights")

    def __init__(self, parts, weights):
        self.parts = tuple(parts)
        self.weights = tuple(weights)
        self.reduction = self.parts[0].reduction

    @property
    def value(self):
        """The loss of all parts added so far."""
        return math.fsum(w * part.value for w, part in zip(self.weights, self.parts, strict=True))

    @property
    def total(self):
        """Weighted sum of the total losses."""
        return math.fsum(w * part.total for w, part in zip(self.weights, self.parts, strict=True))

    @property
    def weight(self):
        """The denominator: a float if it is the same for all the losses, else a tuple."""
        weights = tuple(part.weight for part in self.parts)
        return weights[0] if len(set(weights)) == 1 else weights

    def __add__(self, other):
        if isinstance(other, (int, float)) and other == 0:
            return self  # the start value of sum()
        if not isinstance(other, PartialLoss):
            return NotImplemented
        if not isinstance(other, CombinedPartialLoss) or self.weights != other.weights:
            raise ValueError(
                f"Only parts of the same sum of losses can be added. Got {self!r} and {other!r}."
            )
        return CombinedPartialLoss(
            [a + b for a, b in zip(self.parts, other.parts, strict=True)], self.weights
        )

    __radd__ = __add__  # pyright: ignore[reportAssignmentType]

    def __reduce__(self):
        return type(self), (self.parts, self.weights)

    def __repr__(self):
        return f"CombinedPartialLoss({list(self.parts)!r}, {list(self.weights)!r})"


def _as_objects(losses):
    """Convert the losses to objects."""
    objects = []
    for k, loss in enumerate(losses):
        try:
            objects.append(loss if isinstance(loss, Loss) else as_loss(loss, "CombinedLoss"))
        except InvalidParameterError:
            raise InvalidParameterError(
                "The 'losses' parameter of CombinedLoss must hold names of losses, their "
                f"functions, Loss classes or Loss objects. Got {loss!r} at index {k} instead."
            ) from None
    return objects


def combine(*terms):
    """The sum of (loss, weight) pairs; the terms of sums become terms of the result."""
    losses, weights = [], []
    for loss, weight in terms:
        inner = loss._terms() if isinstance(loss, CombinedLoss) else ((loss,), (1.0,))
        losses += inner[0]
        weights += [float(weight) * float(own) for own in inner[1]]
    reductions = [loss.reduction for loss, _ in terms]
    for (loss, _), reduction in zip(terms, reductions, strict=True):
        if not isinstance(reduction, str):
            raise_reduction(type(loss).__name__, loss.reductions, reduction)
    if len(set(reductions)) > 1:
        raise ValueError(
            "Losses that are added must have the same reduction. "
            f"Got {' and '.join(map(repr, reductions))} instead."
        )
    combined = CombinedLoss(losses, weights=weights, reduction=reductions[0])
    combined._resolve()
    return combined


def _with_reduction(loss, reduction):
    if loss.reduction == reduction:
        return loss
    return clone(loss).set_params(reduction=reduction)  # pyright: ignore[reportAttributeAccessIssue]


def _signature(loss):
    """Properties in which losses must agree to be added."""
    arrays = [
        item.name + " of labels" * (item.domain.kind == "labels") + " (optional)" * item.optional
        for item in loss.inputs
    ]
    return {
        "arrays": ", ".join(arrays),
        "gradients": ", ".join(loss._input_names[k] for k in loss._outputs),
    }


#: What the predictions of a sum are if those of its losses differ, but may be the same numbers.
_TOGETHER = {
    frozenset(("real", "rate")): "rate",
    frozenset(("class_logits", "class_margin")): "class_margin",
}
#: What predictions may be beside those of losses of the regions of images.
_OF_PIXELS = ("logit", "probability", "class_logits", "class_probabilities")


def _common_tags(losses):
    """The response and the target of a sum of losses; None for what they do not have in common."""
    tags = [loss.tags for loss in losses]
    responses, targets = {item.response for item in tags}, {item.target for item in tags}
    beside = responses - {"pixels"}
    if "pixels" in responses and (beside or len(targets) > 1):
        # Losses of regions take the same logits as those of pixels, or the same probabilities.
        domains = {loss.inputs[loss._outputs[0]].domain for loss in losses}
        if len(domains) > 1 or len(beside) > 1 or not beside.issubset(_OF_PIXELS):
            return None, None
        # Those of one mask, whose pixels have no axis of classes.
        of_mask = any((item.response, item.target) == ("pixels", "binary") for item in tags)
        if of_mask and not beside.issubset(("logit", "probability")):
            return None, None
        own = [item.target for item in tags if item.response != "pixels"]
        return "pixels", min(own) if own else min(targets)
    return (
        tags[0].response if len(responses) == 1 else _TOGETHER.get(frozenset(responses)),
        tags[0].target if len(targets) == 1 else None,
    )


def _check_agreement(losses):
    first, *others = losses
    wanted = _signature(first) if others else {}
    for loss in others:
        for what, found in _signature(loss).items():
            if found != wanted[what]:
                _raise_differing(what, first, wanted[what], loss, found)
    names = {"predictions": "response", "targets": "target"}
    for (what, name), common in zip(names.items(), _common_tags(losses), strict=True):
        own = getattr(first.tags, name)
        for loss in others if common is None else ():
            if (found := getattr(loss.tags, name)) != own:
                _raise_differing(what, first, own, loss, found)


def _raise_differing(what, first, own, other, found):
    domains = [loss.inputs[loss._outputs[0]].domain.description for loss in (first, other)]
    hint = ""
    if "pixels" in (own, found) and domains[0] != domains[1]:
        hint = f" The first are {domains[0]}, the second {domains[1]}"
        # What tells probabilities from logits, if the loss takes both.
        has_choice = any(hasattr(loss, "activation") for loss in (first, other))
        hint += ": see the 'activation' parameter." if has_choice else "."
    raise ValueError(
        f"Losses that are added must take the same arrays. The {what} of {type(first).__name__} "
        f"are {own!r} and those of {type(other).__name__} are {found!r}.{hint}"
    )


def _merge(losses):
    """The inputs of the losses, each with the smallest of its domains."""
    if len(losses) == 1:
        return losses[0].inputs
    if len({len(loss.inputs) for loss in losses}) > 1:
        _check_agreement(losses)
    return tuple(
        replace(items[0], domain=min((item.domain for item in items), key=_extent))
        for items in zip(*(loss.inputs for loss in losses), strict=True)
    )


def _extent(domain):
    # In Python's floats, the length of the domain of all finite values overflows without a warning.
    length = float(domain.high) - float(domain.low)
    # An open interval counts as smaller than a closed one of the same length.
    return domain.kind != "pair", length, -domain.open_low - domain.open_high


Loss._combine = staticmethod(combine)
