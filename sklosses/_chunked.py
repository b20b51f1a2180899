"""Losses of Dask arrays, evaluated chunk by chunk: `evaluate`, and scores for `LossScorer`."""

import math
import operator
from dataclasses import dataclass, field
from functools import partial, reduce
from typing import Any, cast

import numpy as np
from sklearn.base import clone

from ._chunks import UNKNOWN, Chunks, as_dask
from ._class_weight import balance, count_classes
from ._families.batch import BatchLoss
from ._families.ctc import SequenceLoss
from ._validation import (
    as_array,
    as_dense,
    check_sample_weight,
    hinted,
    output_dtype,
    raise_empty,
    raise_label,
)
from .base import as_loss

__all__ = ["evaluate"]


def evaluate(
    loss,
    *arrays,
    sample_weight=None,
    reduction=None,
    avg_factor=None,
    return_gradient=False,
    return_hessian=False,
    n_threads=1,
    **named_arrays,
):
    r"""Evaluate a loss of Dask arrays, chunk by chunk.

    Nothing is computed until the results are, and then each chunk is read once. The results equal
    those of a call with the whole arrays.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        A loss whose parts add up. Losses of a batch, which compare all samples with one another,
        do not.
    *arrays : Dask array or array-like
        The arrays of the loss, target first. Chunks of rows are those of the predictions; other
        arrays are cut in the same way. Chunks along other axes, such as classes, are merged. The
        lengths of the chunks of rows may be unknown. Dask data frames and series are taken as
        arrays of their values. Arrays in memory may stand beside Dask arrays.
    sample_weight : Dask array or array-like, default=None
        Weights, >= 0, of shape (n_samples,) or of that of the unreduced loss.
    reduction : str, default=None
        Overrides the `reduction` parameter of the loss. None means no override.
    avg_factor : float, default=None
        The denominator of "mean" in place of the sum of the weights.
    return_gradient : bool, default=False
        Whether to return the gradient as well.
    return_hessian : bool, default=False
        Whether to return the diagonal of the Hessian as well.
    n_threads : int, default=1
        Number of threads for each chunk. Dask evaluates several chunks at the same time, so more
        than one is of use only for few chunks.
    **named_arrays : Dask array or array-like
        Arrays passed by name.

    Returns
    -------
    value : Dask array of shape (), or of the unreduced loss for the reduction "none"
        float64, except for "none". When it is computed, nan, with an UndefinedMetricWarning, for a
        mean with a total weight of zero.
    gradient : Dask array or tuple of Dask arrays
        Only if `return_gradient` is True: the gradient with respect to each prediction, in the
        chunks of the value. A tuple if the loss has several differentiable inputs.
    hessian : Dask array or tuple of Dask arrays
        Only if `return_hessian` is True, of the shape of the gradient.

    Raises
    ------
    ValueError
        If the losses of parts do not add up, if they are those of groups of rows, if the loss has
        no gradient or Hessian, or if shapes do not match. Values are checked when the results are
        computed: errors then name the row in the whole array or, if lengths are unknown, in the
        chunk.
    TypeError
        If an argument is missing or does not exist.

    See Also
    --------
    sklosses.Loss.partial : The loss of one part, for data that come in another way.
    sklosses.dask.LossRegressor : A linear model on Dask arrays.

    Notes
    -----
    The losses of the chunks are added in a tree, in a fixed order, so results have the same bits on
    any scheduler. Value and gradient are computed together: pass both to one ``dask.compute``,
    because two calls of ``compute`` evaluate each chunk twice.

    The denominator of a mean is known beforehand if there are no weights, if the lengths of the
    chunks are known, and unless the loss ignores or weighs labels. The gradient of each chunk is
    then complete as soon as it is evaluated. Otherwise gradients wait for the total weight, and all
    of them are in memory until then. With `avg_factor`, or the reduction "sum", they do not wait.
    ``class_weight="balanced"`` takes a pass over the labels before.

    Examples
    --------
    >>> import dask.array as da
    >>> from sklosses.dask import evaluate
    >>> y_true = da.from_array([0.0, 1.0, 2.0, 3.0], chunks=2)
    >>> y_pred = da.from_array([0.5, 1.0, 2.0, 1.0], chunks=2)
    >>> value, gradient = evaluate("mse_loss", y_true, y_pred, return_gradient=True)
    >>> float(value.compute())
    1.0625
    >>> gradient
    dask.array<..., shape=(4,), dtype=float64, chunksize=(2,), chunktype=numpy.ndarray>
    >>> gradient.compute()
    array([ 0.25,  0.  ,  0.  , -1.  ])
    """
    loss = as_loss(loss, "evaluate")
    loss._resolve()
    reduction, avg_factor = loss._check_call(reduction, avg_factor)
    name = type(loss).__name__
    if return_gradient and loss.tags.gradient == "none":
        raise ValueError(f"{name} has no gradient.")
    if return_hessian and loss.tags.hessian == "none":
        raise ValueError(f"{name} has no diagonal Hessian.")
    passed = _Passed(loss, loss._positional(arrays, named_arrays), sample_weight)
    terms = _make_terms(loss, reduction, avg_factor, passed)
    call = _Call(
        terms=terms,
        reduction=reduction,
        avg_factor=avg_factor,
        places=passed.places,
        rest=passed.shape[1:],
        want_gradient=return_gradient,
        want_hessian=return_hessian,
        n_threads=n_threads,
    )
    weights = [_balanced_weight(term, passed) for term in terms]
    balanced = [item for item in weights if item is not None]
    parts = passed.chunks.map(
        partial(_evaluate_chunk, call, [item is not None for item in weights]),
        constants=tuple(balanced),
    )
    sums = parts.total(_Part.take_sums)
    if reduction == "none":
        array = passed.rows_of(parts, _Part.take_values, passed.shape, passed.values_dtype)
        results = [array]
    else:
        results = [sums.finish(partial(_finish_value, call, passed.names[0]), np.float64)]
    for kind, is_wanted in (("gradients", return_gradient), ("hessians", return_hessian)):
        if is_wanted:
            outputs = tuple(
                _output(passed, call, parts, sums, kind, number, k)
                for number, k in enumerate(passed.differentiable)
            )
            results += [outputs] if len(outputs) > 1 else outputs
    return tuple(results) if len(results) > 1 else results[0]


# ---------------------------------------------------------------------------------------------
# The arrays of a call
# ---------------------------------------------------------------------------------------------


class _Passed:
    """The arrays of a call in the same chunks of rows.

    Shapes are checked, as in a call of the loss, with stand-ins that take no memory.

    Attributes
    ----------
    names : list of str
        Names of the inputs.
    chunks : Chunks
        The arrays and the weights.
    places : list of _Place
        Where each input is found, and the axes that it lacks.
    standins : list of ndarray
        An array of the shape and dtype of each input; UNKNOWN stands for an unknown length.
    shape : tuple of int
        Shape of the unreduced loss.
    """

    def __init__(self, loss, arrays, sample_weight):
        for leaf, _ in loss._leaves():
            if isinstance(leaf, SequenceLoss):
                raise ValueError(
                    f"{type(leaf).__name__} does not have its sequences along the first axis of "
                    "its arrays, so that it is not evaluated in chunks of rows. Use Loss.partial "
                    "for each part."
                )
            if leaf.tags.target == "relevance":
                # The two parts of a group that a chunk cuts would be ranked as two groups.
                raise ValueError(
                    f"{type(leaf).__name__} ranks groups, which chunks of rows may cut. Use "
                    "Loss.partial for parts of whole groups."
                )
        self.names = names = [item.name for item in loss.inputs]
        arrays = [
            _read(values, item.name, item.read)
            for item, values in zip(loss.inputs, arrays, strict=True)
        ]
        if sample_weight is not None:
            sample_weight = _read(
                sample_weight, "sample_weight", partial(as_array, name="sample_weight")
            )
        leader = names[loss._outputs[0]]
        n_rows = _number_of_rows([*arrays, sample_weight], names.index(leader))
        standins = [
            _standin(array, item.shared, item.broadcasts, n_rows)
            for item, array in zip(loss.inputs, arrays, strict=True)
        ]
        self.standins = loss._read_arrays(standins)
        self.plan = plan = loss.plan_class(loss, self.standins, loss._resolve())
        self.shape = plan.shape
        self.values_dtype = plan.values_dtype
        self.is_single = not self.shape
        self.differentiable = [k for k in loss._outputs if arrays[k] is not None]
        if sample_weight is not None:
            check_sample_weight(_standin(sample_weight, False, False, n_rows), self.shape)
        self.places = [
            _locate(item, array, self.shape)
            for item, array in zip(loss.inputs, self.standins, strict=True)
        ]
        shared = [n for n, place in zip(names, self.places, strict=True) if not place.by_row]
        named = dict(zip([*names, "sample_weight"], [*arrays, sample_weight], strict=True))
        self.chunks = Chunks(named, leader, self.is_single, shared)
        self.is_known = self.chunks.is_known

    def rows_of(self, results, take, shape, dtype, constants=()):
        """A Dask array of what `take` returns for each chunk; `shape` is that of the whole."""
        if self.is_single:
            return results.whole(take, shape, dtype, constants=constants)
        return results.rows(take, shape[1:], dtype, constants=constants)


def read_arrays(**arrays) -> dict[str, Any]:
    """Dask arrays and arrays in memory by name; those that are None stay None."""
    found = {}
    for name, values in arrays.items():
        array = as_dask(values)
        found[name] = as_dense(values, name) if array is None and values is not None else array
    return found


def _number_of_rows(arrays, leading):
    """The number of rows, `UNKNOWN` if the leading array does not tell."""
    leader = arrays[leading]
    length = leader.shape[0] if leader is not None and leader.ndim else 1
    return UNKNOWN if math.isnan(length) else length


def _read(values, name, read):
    """A Dask array, an array in memory or None."""
    array = as_dask(values)
    if array is None:
        return read(values)
    if any(map(math.isnan, array.shape[1:])):
        raise ValueError(
            f"{name} must have known lengths along all axes but the first. "
            f"Got shape {array.shape} instead."
        )
    return array


def _standin(array, is_shared, broadcasts, n_rows):
    """An array of the same shape and dtype that takes no memory.

    Shared arrays may have to increase, so those in memory stand for themselves.
    """
    if array is None or (is_shared and isinstance(array, np.ndarray)):
        return array
    shape = array.shape
    if is_shared:
        return np.arange(math.prod(shape), dtype=array.dtype).reshape(shape)
    if shape and (math.isnan(shape[0]) or (n_rows == UNKNOWN and not broadcasts)):
        # Beside arrays of unknown length, the lengths of others are not compared.
        shape = (n_rows, *shape[1:])
    dtype = np.dtype(np.int64) if array.dtype.kind == "O" else array.dtype
    return np.broadcast_to(np.zeros((), dtype), shape)


@dataclass(frozen=True)
class _Place:
    """How an input goes along with the rows.

    Parameters
    ----------
    by_row : bool
        Whether its first axis is that of the samples; else all samples share it.
    axes : tuple
        Index that gives a shared input all axes of the loss. Without them, it might be taken for
        one number for each row of a chunk that happens to have as many.
    """

    by_row: bool = True
    axes: tuple = (...,)


def _locate(item, array, shape):
    """The `_Place` of an input in a loss of this shape."""
    if array is None or not shape:
        return _Place()
    if item.shared:
        return _Place(by_row=False)
    if not item.broadcasts or array.shape == shape:
        return _Place(by_row=True)
    if array.ndim and array.shape == shape[:-1]:  # which takes precedence, see `broadcast_to`
        return _Place()
    lacking = (None,) * (len(shape) - array.ndim)
    return _Place(by_row=not lacking and array.shape[0] == shape[0], axes=(*lacking, ...))


# ---------------------------------------------------------------------------------------------
# The terms of a sum of losses
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Term:
    """One loss of a sum, its factor, and its denominator: None if it is not known yet."""

    loss: object
    factor: float
    denominator: float | None
    is_balanced: bool


def _copy(loss, **params) -> Any:
    """A copy of a loss with other parameters."""
    copy: Any = clone(loss)
    return copy.set_params(**params)


def _make_terms(loss, reduction, avg_factor, passed):
    """The terms of a loss, each with the reduction of the call."""
    leaves, terms = loss._leaves(), []
    if len(leaves) > 1:
        # Raises if the terms of a sum cannot be added one by one.
        plan = loss.plan_class(loss, passed.standins, loss._resolve())
        plan.begin(reduction, avg_factor, 1, True, False, (), None)
    for leaf, factor in leaves:
        leaf = _copy(leaf, reduction=reduction)
        is_balanced = isinstance(getattr(leaf, "class_weight", None), str)
        additive = _copy(leaf, class_weight=None) if is_balanced else leaf
        try:
            additive._check_additive()
        except ValueError as error:
            hint = ""
            if isinstance(leaf, BatchLoss):
                hint = " Evaluate it for one mini-batch after the other."
            raise hinted(str(error), hint) from None
        terms.append(
            _Term(leaf, factor, _denominator(leaf, reduction, avg_factor, passed), is_balanced)
        )
    return terms


def _denominator(leaf, reduction, avg_factor, passed):
    """The denominator of a term if it does not depend on values, else None."""
    if reduction in ("sum", "none"):
        return 1.0
    if reduction == "mean" and avg_factor is not None:
        return avg_factor
    if not passed.is_known:
        return None
    plan = leaf.plan_class(leaf, passed.standins, leaf._resolve())
    if reduction == "batchmean":
        return plan.n_samples
    is_weighted = passed.chunks.arrays["sample_weight"] is not None
    return float(math.prod(plan.shape)) if plan.counts_all and not is_weighted else None


def _balanced_weight(term, passed):
    """The class weights of a term that balances the classes, as a `Result`; else None."""
    if not term.is_balanced:
        return None
    leaf, prediction = term.loss, passed.standins[-1]
    plan = leaf.plan_class(leaf, passed.standins, leaf._resolve())
    count = partial(
        _count_chunk,
        leaf,
        passed.names[0],
        prediction.shape[plan.axis],
        None if plan.labelled else plan.axis,
        passed.shape[1:],
    )
    labels = {name: passed.chunks.arrays[name] for name in (passed.names[0], "sample_weight")}
    counts = Chunks(labels, passed.names[0], whole=passed.is_single).map(count).total()
    return counts.then(balance)


def _count_chunk(leaf, name, n_classes, class_axis, rest, arrays, place):
    labels, weight = arrays
    if not labels.size:
        return np.zeros(n_classes)

    def count():
        values = leaf.inputs[0].read(labels)
        if class_axis is None:
            raise_label(values, name, n_classes, leaf.ignore_index)
        own = weight
        if own is not None:
            shape = (len(values), *rest) if values.ndim else ()
            own = check_sample_weight(own, shape)[0]
        return count_classes(values, n_classes, class_axis, leaf.ignore_index, own)

    return place.call(count)


# ---------------------------------------------------------------------------------------------
# One chunk
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Call:
    """What is the same for all chunks; `rest` is the shape of a row of the unreduced loss."""

    terms: list
    reduction: str
    avg_factor: float | None
    places: list
    rest: tuple
    want_gradient: bool
    want_hessian: bool
    n_threads: int | None

    @property
    def is_known(self):
        """Whether all denominators are known, so that derivatives are complete."""
        return all(term.denominator is not None for term in self.terms)


@dataclass
class _Part:
    """The results of one chunk.

    The derivatives are lists with an item for each term, or a single one if they are complete; each
    item has an array for each differentiable input.
    """

    totals: list = field(default_factory=list)
    n_rows: int = 0
    values: np.ndarray | None = None
    gradients: list = field(default_factory=list)
    hessians: list = field(default_factory=list)
    shared: tuple = ()

    def take_sums(self):
        """What is added up over the chunks."""
        shared = {
            kind: [[outs[k] for k in self.shared] for outs in getattr(self, kind)]
            for kind in ("gradients", "hessians")
        }
        return _Sums(self.totals, self.n_rows, shared)

    def take_values(self):
        """The unreduced loss."""
        return self.values


@dataclass
class _Sums:
    """Sums over chunks; `shared` has the derivatives for inputs that all samples share."""

    totals: list
    n_rows: int
    shared: dict

    def __add__(self, other):
        if not other.n_rows or not self.n_rows:
            return self if self.n_rows else other
        shared = {
            kind: [
                [np.add(a, b, dtype=np.float64) for a, b in zip(*outs, strict=True)]
                for outs in zip(groups, other.shared[kind], strict=True)
            ]
            for kind, groups in self.shared.items()
        }
        totals = [a + b for a, b in zip(self.totals, other.totals, strict=True)]
        return _Sums(totals, self.n_rows + other.n_rows, shared)


def _evaluate_chunk(call, is_balanced, arrays, place, *weights):
    """Evaluate all terms for one chunk; `weights` are the class weights of the balanced ones."""
    return place.call(_evaluate_terms, call, is_balanced, arrays, weights)


def _evaluate_terms(call, is_balanced, arrays, weights):
    weights = iter(weights)
    terms = [
        _copy(term.loss, class_weight=next(weights)) if balanced else term.loss
        for term, balanced in zip(call.terms, is_balanced, strict=True)
    ]
    *arrays, weight = arrays
    part = _Part()
    lead = arrays[terms[0]._outputs[0]]
    outputs = [k for k in terms[0]._outputs if arrays[k] is not None]
    part.shared = tuple(n for n, k in enumerate(outputs) if not call.places[k].by_row)
    shapes = [np.shape(arrays[k]) for k in outputs]
    if np.ndim(lead) and not len(lead):
        dtypes = [output_dtype(np.asarray(arrays[k])) for k in outputs]
        zeros = list(map(np.zeros, shapes, dtypes))
        part.gradients = part.hessians = [zeros] * (1 if call.is_known else len(terms))
        if call.reduction == "none":
            part.values = np.zeros((0, *call.rest))
        return part
    arrays = [
        values if values is None else item.read(values)[where.axes]
        for item, values, where in zip(terms[0].inputs, arrays, call.places, strict=True)
    ]
    part.n_rows = len(lead) if np.ndim(lead) else 1
    reduction = "none" if call.reduction == "none" else "sum"
    for loss, term in zip(terms, call.terms, strict=True):
        factor = term.factor if call.is_known else 1.0
        part_of = None
        if reduction == "sum":
            # The factor is applied with the denominator, in the same pass.
            divisor = term.denominator / (factor or math.inf) if call.is_known else 1.0
            part_of = (call.reduction, divisor)
        result = loss._evaluate(
            arrays,
            weight,
            reduction,
            None,
            call.n_threads,
            part_of=part_of,
            want_gradient=call.want_gradient or call.want_hessian,
            want_hessian=call.want_hessian,
        )
        gradients, hessians = (
            [out.reshape(shape) for out, shape in zip(outs, shapes, strict=True)] if outs else []
            for outs in (result.gradients, result.hessians)
        )
        if part_of:
            part.totals.append(result.value)
        elif factor != 1:
            for out in (result.value, *gradients, *hessians):
                np.multiply(out, factor, out=out)
        if call.is_known and part.gradients + part.hessians:
            for outs, new in ((part.gradients, gradients), (part.hessians, hessians)):
                for out, item in zip(outs[0] if outs else (), new, strict=True):
                    np.add(out, item, out=out)
        else:
            part.gradients += [gradients] if gradients else []
            part.hessians += [hessians] if hessians else []
        if part_of is None:
            part.values = result.value if part.values is None else part.values + result.value
    return part


# ---------------------------------------------------------------------------------------------
# From the sums to the results
# ---------------------------------------------------------------------------------------------


def _finish_value(call, name, sums):
    """The reduced loss."""
    if not sums.n_rows:
        raise_empty(np.empty(0), name)
    pairs = zip(call.terms, sums.totals, strict=True)
    if call.avg_factor is not None:
        value = math.fsum(term.factor * part.total for term, part in pairs) / call.avg_factor
    else:
        value = reduce(operator.add, (term.factor * part.value for term, part in pairs))
    return np.float64(value)


def _scales(call, sums):
    """The factor of the derivatives of each term."""
    if call.is_known:
        return [1.0]
    weights = [part.weight for part in sums.totals]
    # As in memory: if one of the means is undefined, all derivatives are 0.
    return [t.factor / w if all(weights) else 0.0 for t, w in zip(call.terms, weights, strict=True)]


def _scale(arrays, scales):
    """The sum of the arrays times their factors, in the dtype of the arrays."""
    out = cast(Any, None)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for array, scale in zip(arrays, scales, strict=True):
            if scale != 1:
                # In float64: the factor may be beyond single precision.
                item = np.empty_like(array)
                array = np.multiply(array, np.float64(scale), out=item, casting="same_kind")
            out = array if out is None else out + array
    return out


def _take_rows(kind, number, call, part, sums=None):
    """The derivatives of one chunk for the differentiable input of that number."""
    return _scale([outs[number] for outs in getattr(part, kind)], _scales(call, sums))


def _take_shared(kind, position, dtype, call, name, sums):
    """The derivatives for an input that all samples share; `position` is that among them."""
    if not sums.n_rows:
        raise_empty(np.empty(0), name)
    arrays = [outs[position] for outs in sums.shared[kind]]
    return _scale(arrays, _scales(call, sums)).astype(dtype, copy=False)


def _output(passed, call, parts, sums, kind, number, k):
    """The gradient or Hessian for input `k`, the differentiable one of that `number`."""
    standin = passed.standins[k]
    dtype = output_dtype(standin)
    if passed.places[k].by_row:
        constants = () if call.is_known else (sums,)
        take = partial(_take_rows, kind, number, call)
        return passed.rows_of(parts, take, standin.shape, dtype, constants)
    before = [j for j in passed.differentiable[:number] if not passed.places[j].by_row]
    take = partial(_take_shared, kind, len(before), dtype, call, passed.names[0])
    return sums.finish(take, dtype, standin.shape)


# ---------------------------------------------------------------------------------------------
# Scores
# ---------------------------------------------------------------------------------------------


def sum_chunks(evaluate_part, estimator, X, y_true, sample_weight, names):
    """The loss of what an estimator predicts, a float.

    Parameters
    ----------
    evaluate_part : callable
        ``evaluate_part(estimator, X, y_true, sample_weight)`` returns the `PartialLoss` of a chunk.
    estimator : object
    X, y_true, sample_weight : Dask array, array-like or None
    names : list of str
        Names of the arrays of the loss.
    """
    chunks = Chunks(read_arrays(X=X, y=y_true, sample_weight=sample_weight), "X")
    parts = chunks.map(partial(_score_chunk, evaluate_part), constants=(estimator,), also=names)
    part = cast(Any, parts.total(combine=_add_parts).compute())
    return raise_empty(np.empty(0), "X") if part is None else part.value


def _score_chunk(evaluate_part, arrays, place, estimator):
    X = arrays[0]
    return place.call(evaluate_part, estimator, *arrays) if X.shape[0] else None


def _add_parts(parts):
    """The sum of those parts that have samples."""
    parts = [part for part in parts if part is not None]
    return sum(parts) if parts else None
