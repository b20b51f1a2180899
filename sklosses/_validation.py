"""Arrays, labels, weights, outputs and threads: every check of what a user passes in.

All errors are made here, in scikit-learn's sentences. They name the argument, the first index
and the value that is wrong, and what is allowed.
"""

import contextlib
import difflib
import itertools
import math
from numbers import Integral, Real

import numpy as np

from ._domains import END_OF_LIST, NONNEGATIVE, UNIT
from ._sklearn_compat import _get_threadlocal_config

# ---------------------------------------------------------------------------------------------
# Arrays
# ---------------------------------------------------------------------------------------------


def hinted(text, hint):
    """A ValueError that remembers whether its sentence says what to do instead."""
    error = ValueError(text + hint)
    error.is_hinted = bool(hint)
    return error


def as_array(values, name, may_be_empty=False, text_hint=""):
    """A NumPy array of real numbers, without a copy where `values` already is one.

    `text_hint` says what to do about strings.
    """
    array = values if type(values) is np.ndarray else as_dense(values, name)
    kind = array.dtype.kind
    if kind not in "fiub":
        array = _as_real(array, name, text_hint)
    if array.size == 0 and not may_be_empty:
        _raise_empty(array, name)
    return array


def as_dense(values, name):
    """A NumPy array of anything that NumPy reads without losing something."""
    if values is None:
        raise ValueError(f"{name} must be array-like. Got None instead.")
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        raise TypeError(
            f"Sparse data was passed for {name}, but dense data is required. "
            "Use '.toarray()' to convert to a dense numpy array."
        )
    if isinstance(values, (list, tuple)) and any(
        isinstance(item, np.ma.MaskedArray) for item in values
    ):
        values = np.ma.array(values)
    refuse_masked(values, name)
    try:
        return np.asarray(values)
    except MemoryError:
        raise
    except Exception as error:
        # Tensors of other libraries refuse in many ways; so do ragged lists.
        raise _unreadable(values, name, error) from error


def refuse_masked(values, name):
    """Refuse masked elements, which NumPy would read as if they were not masked."""
    if not isinstance(values, np.ma.MaskedArray) or not np.ma.is_masked(values):
        return
    index = int(np.flatnonzero(np.ma.getmaskarray(values))[0])
    raise ValueError(
        f"{name} is a masked array with a masked element at index "
        f"{_position(index, values.shape)}. Masks are not supported: leave these samples out, or "
        "fill their elements by numpy.ma.filled and give the samples a sample_weight of 0."
    )


def _unreadable(values, name, error):
    """The error for what NumPy cannot read as an array."""
    library = type(values).__module__.partition(".")[0]
    if library == "torch":
        steps = {
            ".detach()": getattr(values, "requires_grad", False),
            ".cpu()": getattr(getattr(values, "device", None), "type", "cpu") != "cpu",
            ".float()": str(getattr(values, "dtype", "")).startswith(
                ("torch.bfloat", "torch.float8")
            ),
        }
        used = "".join(step for step, needed in steps.items() if needed)
        hint = f"Pass {name}{used}." if used else "Pass a dense tensor on the CPU."
    elif library in ("jax", "jaxlib"):
        hint = (
            "Inside jax.jit, jax.grad and jax.vmap an array has no values yet. Call the loss "
            "outside of them, or through jax.pure_callback."
        )
    elif isinstance(error, ValueError):
        return ValueError(f"{name} must be a rectangular array: {error}")
    else:
        hint = "Convert it to a NumPy array first."
    kind, (reason, *_) = type(values), str(error).splitlines() or [""]
    return TypeError(
        f"{name} cannot be read as a NumPy array: got {kind.__module__}.{kind.__qualname__} "
        f"({reason}). {hint}"
    )


def as_labels(values, name):
    """A NumPy array (n_samples,) of anything."""
    array = values if type(values) is np.ndarray else as_dense(values, name)
    if array.size == 0:
        _raise_empty(array, name)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must have shape (n_samples,), one label for each sample. "
            f"Got shape {array.shape} instead."
        )
    return array


def group_labels(labels, name):
    """Where the rows are once they are sorted by label, and where the group of each begins, ends.

    Returns
    -------
    order, first, last : intp ndarray of shape (n_samples,)
        Rows of one label stay in order. The second and third are of the sorted rows.
    """
    try:
        groups = np.unique(labels, return_inverse=True)[1].reshape(-1)
    except TypeError as error:
        raise ValueError(f"{name} must hold labels that can be sorted: {error}") from error
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.bincount(groups))
    groups = groups[order]
    last = ends[groups]
    first = np.concatenate([[0], ends])[groups]
    return tuple(item.astype(np.intp, copy=False) for item in (order, first, last))


def _as_real(array, name, text_hint):
    kind = array.dtype.kind
    if kind == "c":
        raise ValueError(f"Complex data not supported: {name} has dtype {array.dtype}.")
    if kind == "O":
        # Columns of mixed or nullable numbers, as scikit-learn converts them.
        flat = array.ravel()
        integers = True
        for position, item in enumerate(flat):
            if isinstance(item, (str, bytes)) or np.iscomplexobj(item):
                hint = text_hint if isinstance(item, (str, bytes)) else ""
                _raise_value(array, name, position, "real numbers", hint)
            integers = integers and isinstance(item, (Integral, np.bool_))
        try:
            with contextlib.suppress(OverflowError):
                # Labels of a nullable dtype are integers as any others.
                return array.astype(np.int64 if integers else np.float64)
            return array.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} must be an array of real numbers: {error}") from error
    hint = text_hint if kind in "US" else ""
    if array.dtype.name.startswith(("bfloat", "float8")):
        # NumPy has no such type; JAX's package of them adds some that no kernel reads.
        hint = f" Use {name}.astype('float32')."
    raise ValueError(
        f"{name} must be an array of real numbers. Got dtype {array.dtype} instead.{hint}"
    )


def _raise_empty(array, name):
    what = "sample" if array.ndim == 0 or array.shape[0] == 0 else "feature"
    raise ValueError(
        f"Found array with 0 {what}(s) (shape={array.shape}) while a minimum of 1 is required "
        f"for {name}."
    )


def raise_shapes(names, arrays):
    """Refuse shapes that differ, also those that broadcasting would reconcile."""
    shapes = [f"{array.shape}" for array in arrays]
    raise ValueError(
        f"{', '.join(names[:-1])} and {names[-1]} must have the same shape. "
        f"Got {', '.join(shapes[:-1])} and {shapes[-1]} instead."
    )


def raise_axes(array, name, most):
    """Refuse predictions without a class axis, or with more axes than the loss has a use for."""
    allowed = "1 axis (n_classes,) or 2 axes (n_samples, n_classes)"
    if most > 2:
        allowed = "a class axis: shape (n_classes,), (n_samples, n_classes) or more axes"
    raise ValueError(f"{name} must have {allowed}. Got shape {array.shape} instead.")


def raise_target_shape(names, arrays, rows, forms):
    """Refuse a target whose shape is that of no form that goes with the predictions."""
    target, prediction = arrays
    shapes = {
        "index": f"{rows} (class indices)",
        "dense": f"{prediction.shape} (one number for each class)",
        "list": f"{prediction.shape} (class indices, ended by {END_OF_LIST})",
    }
    hint = ""
    if target.shape == prediction.shape and target.ndim == 1:
        hint = f" (One axis of {names[1]} is that of the classes of a single sample.)"
    raise ValueError(
        f"{names[0]} must have shape {' or '.join(shapes[form] for form in forms)} beside "
        f"{names[1]} of shape {prediction.shape}. Got shape {target.shape} instead.{hint}"
    )


def check_one_hot(array, axis, name, binary_loss):
    """Refuse integers or booleans as class probabilities unless each row is one-hot.

    `axis`, not the first of several, is that of the classes; `binary_loss` is the function for
    labels that do not exclude one another.
    """
    if array.dtype.kind not in "iub":
        return
    found = _first_sum(array, axis)
    if found is None:
        return
    total, where = found
    meaning = ""
    if array.ndim == 1:
        meaning = f" Shape {array.shape} means a single sample of {array.size} classes."
    hint = (
        f"{meaning} Labels 0 and 1 that do not exclude one another are for {binary_loss}; class "
        "indices have no axis for the classes."
    )
    outside = first_where(array, UNIT.outside)
    if outside is not None:
        _raise_value(array, name, outside, UNIT.description, hint)
    raise hinted(
        f"{name} of dtype {array.dtype} holds class probabilities, which must sum to 1 over the "
        f"classes. Got a sum of {total}{where}.",
        hint,
    )


def _first_sum(array, axis):
    """The first sum over the classes that is not 1, and where it is; None if all are 1."""
    if array.ndim == 1:
        return None if array.sum() == 1 else (int(array.sum()), "")
    # Few samples at a time: the sums of all would be as large as an array of labels.
    n = max(1, (1 << 16) // max(1, array[0].size))
    for start in range(0, len(array), n):
        totals = array[start : start + n].sum(axis=axis)
        index = first_where(totals, lambda values: values != 1)
        if index is not None:
            row, *rest = np.unravel_index(index, totals.shape)
            where = (start + int(row), *map(int, rest))
            where = where if rest else where[0]
            return int(totals.flat[index]), f" at index {where}"
    return None


def check_apart(caller, names, sample_weight, reduction):
    """Refuse what means nothing for arrays that are averaged each on its own."""
    given = {
        "sample_weight": sample_weight is not None,
        "reduction='none'": reduction == "none",
    }
    for what, is_given in given.items():
        if is_given:
            raise ValueError(
                f"{caller} averages {' and '.join(names)} each on its own, and takes no {what}."
            )


def check_both(caller, kind, names, arrays, both):
    """Refuse a second array where it has no use, and the lack of one where it has."""
    if both and arrays[1] is None:
        raise ValueError(
            f"{caller} with kind={kind!r} compares {names[0]} with {names[1]}, which is missing."
        )
    if not both and arrays[1] is not None:
        raise ValueError(
            f"{caller} with kind={kind!r} takes {names[0]} alone. {names[1]} goes with the "
            "relativistic kinds."
        )


def check_samples(array, name):
    """Refuse what has no axis of samples."""
    if array.ndim == 0:
        raise ValueError(f"{name} must have shape (n_samples, ...). Got a scalar instead.")


def check_vectors(names, arrays, labelled):
    """Refuse vectors of different shapes; if `labelled`, the first array has a number for each."""
    vectors = arrays[1:] if labelled else arrays
    vector_names = names[len(names) - len(vectors) :]
    shape = vectors[0].shape
    if any(array.shape != shape for array in vectors):
        raise_shapes(vector_names, vectors)
    if not shape:
        raise ValueError(
            f"{vector_names[0]} must have an axis for the components of a vector. "
            "Got a scalar instead."
        )
    if labelled and arrays[0].shape != shape[:-1]:
        raise ValueError(
            f"{names[0]} must have shape {shape[:-1]}, one label for each vector, beside "
            f"{vector_names[0]} of shape {shape}. Got {arrays[0].shape} instead."
        )


def broadcast_to(array, shape, name):
    """A view of `array` in `shape`: broadcast, or spread along the last axis if it lacks that.

    The latter comes first: (3,) beside (3, 3) is a number for each row, as in PyTorch.
    """
    if array.shape == shape:
        return array
    lacks_last = array.shape == shape[:-1]
    try:
        return np.broadcast_to(array[..., np.newaxis] if lacks_last else array, shape)
    except ValueError:
        raise ValueError(
            f"{name} must have a shape that broadcasts to {shape}, or this without its last axis. "
            f"Got {array.shape} instead."
        ) from None


def check_batch(names, sides, labels=None):
    """Refuse what is not one row of features for each sample, or not as many of everything."""
    for name, side in zip(names, sides, strict=True):
        if side.ndim != 2:
            raise ValueError(
                f"{name} must have shape (n_samples, n_features). Got shape {side.shape} instead."
            )
    if any(side.shape != sides[0].shape for side in sides):
        raise_shapes(names, sides)
    if labels is not None and len(labels) != len(sides[0]):
        raise ValueError(
            f"y_true must have shape ({len(sides[0])},), one label for each row of {names[0]}. "
            f"Got shape {labels.shape} instead."
        )


def check_similarities(array, name):
    """Refuse what is no square matrix."""
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(
            f"{name} must have shape (n_samples, n_samples), the similarities of all pairs. "
            f"Got shape {array.shape} instead."
        )


# NumPy's type numbers of float32 and float16; comparing them is faster than comparing dtypes.
SINGLE = (11, 23)


def is_single(array):
    """Whether the losses compute in float32 for this prediction, and return float32."""
    return array.dtype.num in SINGLE


def output_dtype(array):
    """Dtype of the gradient for a prediction: float32 for float32 and float16, else float64."""
    return np.float32 if is_single(array) else np.float64


def exact_in_single(array, domain):
    """Whether float32 holds the values of a target exactly enough to compute with it."""
    dtype = array.dtype
    if dtype.kind == "f":
        return dtype.itemsize <= 4
    return domain.bounded or dtype.itemsize <= 2


def assume_finite():
    """Whether `sklearn.set_config(assume_finite=True)` is in force."""
    return _get_threadlocal_config()["assume_finite"]


# ---------------------------------------------------------------------------------------------
# First offending element
# ---------------------------------------------------------------------------------------------


def _position(index, shape):
    """An index as one writes it: 3 in one axis, (3, 1) in more, () in none."""
    index = tuple(int(i) for i in np.unravel_index(index, shape)) if shape else ()
    return index[0] if len(index) == 1 else index


def chunks(array, size=1 << 16):
    """Start and values of runs of an array in C order, never a copy of the whole."""
    # NumPy's iterators take 32 axes at most, arrays have up to 64.
    flat = array.squeeze().flat
    for start in range(0, array.size, size):
        yield start, flat[start : start + size]


def first_where(array, condition):
    """Flat C-order index of the first element where `condition(values)` holds, or None."""
    for start, values in chunks(array):
        found = np.flatnonzero(condition(values))
        if found.size:
            return start + int(found[0])
    return None


def _raise_value(array, name, index, allowed, hint=""):
    value = array.squeeze().flat[index]
    value = value.item() if isinstance(value, np.generic) else value
    where = _position(index, array.shape)
    what = "a value out of its domain"
    if isinstance(value, float) and not math.isfinite(value):
        what = "NaN" if math.isnan(value) else "infinity"
    raise hinted(
        f"Input {name} contains {what}: got {value!r} at index {where}. Only {allowed} are "
        "allowed.",
        hint,
    )


def raise_outside(array, name, domain):
    """Raise for the first element of `array` that is not in `domain`."""
    index = first_where(array, domain.outside)
    if index is None:
        # Finite as given, infinite in the compute dtype (a long double beyond float64).
        with np.errstate(over="ignore"):
            index = first_where(array, lambda values: domain.outside(values.astype(np.float64)))
    if index is None:
        raise_changed(name)
    _raise_value(array, name, index, domain.description)


def raise_changed(name):
    """Refuse an array that has nothing to refuse any more."""
    raise ValueError(f"Input {name} was changed by another thread while it was read.")


def _no_index(values, n):
    """Mask of the values that are not one of the integers 0, ..., n - 1."""
    wrong = ~((values >= 0) & (values < n))
    if values.dtype.kind == "f":
        wrong |= values != np.floor(values)
    return wrong


def raise_label(array, name, n_classes, ignore_index=None, listed=False):
    """Raise for the first element of `array` that is not a class index, if there is one."""

    def invalid(values):
        wrong = _no_index(values, n_classes)
        if ignore_index is not None:
            wrong &= values != ignore_index
        return wrong

    allowed = f"class indices from 0 to {n_classes - 1}"
    if listed:
        allowed += f" and {END_OF_LIST}, which ends a list,"
    elif ignore_index is not None:
        allowed += f" and the ignore_index {ignore_index}"
    index = first_where(array, invalid)
    if index is not None:
        _raise_value(array, name, index, allowed)


def check_labels(labels, name, n_classes):
    """Refuse what is not a class index."""
    if labels.dtype.kind == "f" or labels.min() < 0 or labels.max() >= n_classes:
        # Floats may be integral; the search for the first that is not finds none then.
        raise_label(labels, name, n_classes)
    return labels


# ---------------------------------------------------------------------------------------------
# Sequences
# ---------------------------------------------------------------------------------------------


def check_lengths(lengths, name, shape, longest):
    """Lengths of sequences, integers from 0 to `longest`, as an int64 array (n_sequences,).

    `shape` is (n_sequences,), or () for a single sequence, whose length may be a scalar.
    """
    n = math.prod(shape)
    if lengths.shape != (n,) and lengths.shape != shape:
        allowed = "(1,) or ()" if shape == () else f"{shape}"
        raise ValueError(
            f"{name} must have shape {allowed}, one length for each sequence. "
            f"Got {lengths.shape} instead."
        )
    index = first_where(lengths, lambda values: _no_index(values, longest + 1))
    if index is not None:
        _raise_value(lengths, name, index, f"integers from 0 to {longest}")
    return lengths.astype(np.int64).reshape(n)


def check_blank(blank, caller, n_classes):
    """The label of the blank: one of the classes."""
    if blank >= n_classes:
        raise ValueError(
            f"The 'blank' parameter of {caller} must be a class index from 0 to {n_classes - 1}. "
            f"Got {blank!r} instead."
        )
    return int(blank)


def raise_sequence(targets, name, lengths, n_classes, blank):
    """Raise for the first label of a sequence that is no class index or is the blank, if any.

    In rows of `targets` what is beyond the length is not looked at.
    """
    for start, values in chunks(targets):
        wrong = _no_index(values, n_classes) | (values == blank)
        if targets.ndim == 2:
            row, column = np.divmod(start + np.arange(len(values)), targets.shape[1])
            wrong &= column < lengths[row]
        found = np.flatnonzero(wrong)
        if found.size:
            allowed = f"class indices from 0 to {n_classes - 1} other than the blank {blank}"
            _raise_value(targets, name, start + int(found[0]), allowed)


# ---------------------------------------------------------------------------------------------
# Weights and outputs
# ---------------------------------------------------------------------------------------------


def check_sample_weight(sample_weight, shape):
    """The weights as an array of `shape`, broadcast from (n_samples,) without a copy."""
    weight = as_array(sample_weight, "sample_weight")
    if weight.shape == shape:
        return weight, 1
    if len(shape) > 1 and weight.shape == shape[:1]:
        expanded = weight.reshape(shape[:1] + (1,) * (len(shape) - 1))
        return np.broadcast_to(expanded, shape), math.prod(shape[1:])
    allowed = f"{shape}" if len(shape) < 2 else f"{shape[:1]} or {shape}"
    raise ValueError(
        f"sample_weight.shape == {weight.shape}, expected {allowed}: one weight for each "
        "sample, or one for each element of the unreduced loss."
    )


def check_class_weight(class_weight, n_classes, name="class_weight"):
    """Class weights as a float64 array (n_classes,), from an array or a dict of class indices."""
    if isinstance(class_weight, dict):
        weights = np.ones(n_classes)
        for label, value in class_weight.items():
            if isinstance(label, (bool, np.bool_)):
                label = int(label)
            if not isinstance(label, (int, np.integer)) or not 0 <= label < n_classes:
                raise ValueError(
                    f"The keys of {name} must be class indices from 0 to {n_classes - 1}. "
                    f"Got {label!r} instead."
                )
            if not isinstance(value, (Real, np.bool_)):
                raise ValueError(
                    f"The values of {name} must be real numbers. Got {value!r} for {label!r}."
                )
            weights[label] = value
    else:
        weights = as_array(class_weight, name).astype(np.float64)
    if weights.shape != (n_classes,):
        raise ValueError(
            f"{name} must have shape ({n_classes},), one weight for each class. "
            f"Got {weights.shape} instead."
        )
    if NONNEGATIVE.outside(weights).any():
        raise_outside(weights, name, NONNEGATIVE)
    return np.ascontiguousarray(weights)


def balanced_weight(labels, n_classes, class_axis, ignore_index, weight=None):
    """Total / (n_classes * count) of each class, scikit-learn's "balanced"; 0 if it is absent.

    A sample counts by its `weight`, of the shape of the labels without their class axis. Counts
    of dense targets (`class_axis` is not None) are the sums of their probabilities.
    """
    counts = np.zeros(n_classes)
    if class_axis is None:
        weights = itertools.repeat((0, None)) if weight is None else chunks(weight)
        for (_, values), (_, own) in zip(chunks(labels), weights, strict=False):
            kept = values != ignore_index
            counts += np.bincount(
                values[kept].astype(np.int64),
                None if own is None else own[kept].astype(np.float64),
                minlength=n_classes,
            )
    elif weight is None:
        others = tuple(axis for axis in range(labels.ndim) if axis != class_axis)
        counts += labels.sum(axis=others, dtype=np.float64)
    else:
        axes = list(range(weight.ndim))
        labels = np.moveaxis(labels, class_axis, -1)
        # In float64, and not by BLAS, whose rounding depends on the CPU.
        counts += np.einsum(
            labels, [*axes, ...], weight, axes, [...], dtype=np.float64, casting="unsafe"
        )
    present = counts > 0
    weights = np.zeros(n_classes)
    weights[present] = counts.sum() / (n_classes * counts[present])
    return weights


def check_out(out, name, like, dtype, inputs):
    """An output array given by the caller: of the right shape and dtype, apart from the inputs.

    What is float64 may be rounded to float32 on its way out.
    """
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name} must be a numpy array. Got {type(out).__name__} instead.")
    refuse_masked(out, name)
    if out.shape != like.shape:
        raise ValueError(f"{name} must have shape {like.shape}. Got {out.shape} instead.")
    if out.dtype not in (dtype, np.float32) or not out.dtype.isnative:
        allowed = "float32" if dtype == np.float32 else "float64 or float32"
        raise ValueError(f"{name} must have dtype {allowed}. Got {out.dtype} instead.")
    if not out.flags.writeable:
        raise ValueError(f"{name} must be writeable. Got a read-only array instead.")
    if _overlaps_itself(out):
        raise ValueError(f"{name} must have memory of its own for each element.")
    for other_name, other in inputs:
        if isinstance(other, np.ndarray) and _overlap(out, other):
            raise ValueError(f"{name} must not share memory with {other_name}.")
    return out


def _overlaps_itself(array):
    # Sufficient for distinct elements: each stride steps over all that the smaller ones span.
    span = array.itemsize
    for stride, size in sorted(
        (abs(k), n) for k, n in zip(array.strides, array.shape, strict=True)
    ):
        if size > 1 and stride < span:
            return True
        span += stride * (size - 1)
    return False


def _overlap(a, b):
    try:
        return np.shares_memory(a, b, max_work=1000)
    except np.exceptions.TooHardError:
        return True


def check_avg_factor(avg_factor):
    """A positive, finite number."""
    # numpy.generic scalars and 0-d arrays convert; anything else is refused by float itself.
    try:
        value = float(avg_factor)
    except (TypeError, ValueError):
        value = math.nan
    if not (0 < value < math.inf):
        raise ValueError(
            "The 'avg_factor' parameter must be a float in the range (0.0, inf). "
            f"Got {avg_factor!r} instead."
        )
    return value


# ---------------------------------------------------------------------------------------------
# Functions of the user
# ---------------------------------------------------------------------------------------------

#: C types of one size on this machine by what stands for them; pointers keep their target.
_SAME_TYPES = {
    name: "intptr_t"
    for name in ("intptr_t", "npy_intp", "Py_ssize_t", "ssize_t", "int64_t", "long", "long long")
    if name != "long" or np.dtype(np.long).itemsize == np.dtype(np.intp).itemsize
}
_DATA = ", void *"
#: Signatures of a low-level function: whether it takes runs of elements, and data of its own.
_SIGNATURES = {
    "double (double, double)": (False, False),
    f"double (double, double{_DATA})": (False, True),
    "void (double *, double *, double *, intptr_t)": (True, False),
    f"void (double *, double *, double *, intptr_t{_DATA})": (True, True),
}


def check_signature(callable_, name, caller):
    """Whether a LowLevelCallable takes runs of elements, and whether data of its own."""
    result, _, arguments = callable_.signature.partition("(")
    types = [result, *arguments.rstrip(") ").split(",")]
    types = [" ".join(item.replace("const", " ").replace("*", " * ").split()) for item in types]
    result, *types = [_SAME_TYPES.get(item, item) for item in types]
    form = _SIGNATURES.get(f"{result} ({', '.join(types)})")
    if form is None:
        raise ValueError(
            f"The {name!r} function of {caller} must have one of the signatures "
            f"{', '.join(map(repr, _SIGNATURES))}. Got {callable_.signature!r} instead."
        )
    return form


def check_result(result, name, caller, shape):
    """The array that a function of the user has returned."""
    refuse_masked(result, f"The result of the {name!r} function of {caller}")
    array = np.asarray(result)
    if array.dtype.kind not in "fiub":
        raise ValueError(
            f"The {name!r} function of {caller} must return an array of real numbers. "
            f"Got dtype {array.dtype} instead."
        )
    if array.shape != shape:
        raise ValueError(
            f"The {name!r} function of {caller} must return an array of the shape of y_pred, one "
            f"number for each element: {shape} here. Got shape {array.shape} instead."
        )
    return array


def raise_result(result, name, caller, arrays, first=0):
    """Raise for the first number that is not finite, of samples from `first` on, if any is not."""
    index = first_where(result, lambda values: ~np.isfinite(values))
    if index is None:
        return
    where = np.unravel_index(index, result.shape)
    values = " and ".join(f"{key} is {array[where].item()!r}" for key, array in arrays.items())
    where = (int(where[0]) + first, *map(int, where[1:])) if where else ()
    where = where[0] if len(where) == 1 else where
    raise ValueError(
        f"The {name!r} function of {caller} must return finite values. "
        f"Got {result.flat[index].item()!r} at index {where}, where {values}."
    )


# ---------------------------------------------------------------------------------------------
# Hints
# ---------------------------------------------------------------------------------------------

# What call keywords are called in other libraries.
_RENAMED = {
    "weight": ("class_weight", "sample_weight"),
    "weights": ("sample_weight",),
    "size_average": ("reduction",),
    "reduce": ("reduction",),
    "smoothing": ("label_smoothing",),
    "ignore_label": ("ignore_index",),
}

CALL_KEYWORDS = ("sample_weight", "reduction", "avg_factor", "n_threads")


def refuse_estimator(caller, arrays):
    """Raise if a loss, in its own words, is called as scikit-learn calls a scorer."""
    if arrays and hasattr(arrays[0], "fit"):
        raise TypeError(
            f"{caller} is a loss of arrays, not a scorer. Got {type(arrays[0]).__name__}, an "
            f"estimator. Pass scoring=make_loss_scorer({caller}) instead."
        )


def raise_unexpected(caller, name, allowed):
    """Refuse a keyword that does not exist, with a hint at the nearest that does."""
    near = [other for other in _RENAMED.get(name, ()) if other in allowed]
    near += difflib.get_close_matches(name, allowed, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise TypeError(f"{caller} got an unexpected keyword argument {name!r}.{hint}")


def raise_reduction(caller, reductions, reduction):
    """Refuse a reduction that the loss does not have."""
    hint = ""
    if reduction is None and "none" in reductions:
        hint = " The losses of the single elements are reduction='none'."
    raise ValueError(
        f"The 'reduction' parameter of {caller} must be a str among "
        f"{{{str(sorted(reductions))[1:-1]}}}. Got {reduction!r} instead.{hint}"
    )
