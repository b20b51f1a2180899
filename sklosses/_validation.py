"""Checks that several modules share: of arrays, labels, weights, outputs and user functions.

Errors follow scikit-learn's wording. They name the argument, the value that is wrong, its first
index, and what is allowed. Constraints on parameters are declared by each class and checked by
scikit-learn; `raise_parameter` words other errors about a parameter in the same way. Checks that
only one module needs are in that module.
"""

import contextlib
import difflib
import math
import reprlib
from numbers import Integral

import numpy as np

from ._domains import END_OF_LIST, UNIT, is_missing
from ._interchange import share, unreadable
from ._lazy import first_row, is_lazy, refuse_lazy
from ._sklearn_compat import _get_threadlocal_config

# ---------------------------------------------------------------------------------------------
# Arrays
# ---------------------------------------------------------------------------------------------


def hinted(text, hint):
    """A ValueError with the attribute `is_hinted`: whether it says what to do instead.

    `Loss` adds no hint of its own to such an error.
    """
    error = ValueError(text + hint)
    error.is_hinted = bool(hint)  # pyright: ignore[reportAttributeAccessIssue]
    return error


def as_array(values, name, may_be_empty=False, text_hint=""):
    """Convert to a NumPy array of real numbers, without a copy if `values` already is one.

    `text_hint` is appended to the error for strings.
    """
    array = values if type(values) is np.ndarray else as_dense(values, name)
    kind = array.dtype.kind
    if kind not in "fiub":
        array = _as_real(array, name, text_hint)
    if array.size == 0 and not may_be_empty:
        raise_empty(array, name)
    return array


def as_parameter(values, name):
    """As `as_array`, for a parameter of a loss: its elements do not belong to samples."""
    values = _gather_masked(values)
    refuse_masked(values, name, _FILL_HINT)
    return as_array(values, name)


def as_dense(values, name):
    """Convert to a NumPy array; raise for data that NumPy cannot read or would misread."""
    if values is None:
        raise ValueError(f"{name} must be array-like. Got None instead.")
    refuse_lazy(values, name, "sklosses.dask.evaluate, or Loss.partial for each chunk")
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        raise TypeError(
            f"Sparse data was passed for {name}, but dense data is required. "
            "Use '.toarray()' to convert to a dense numpy array."
        )
    values = _gather_masked(values)
    refuse_masked(values, name)
    try:
        return share(values)
    except MemoryError:
        raise
    except Exception as error:
        # Tensors of other libraries, and ragged lists, raise errors of many types.
        raise unreadable(values, name, error) from error


def _gather_masked(values):
    """Make a masked array of a list of them."""
    if isinstance(values, (list, tuple)) and any(
        isinstance(item, np.ma.MaskedArray) for item in values
    ):
        return np.ma.array(values)
    return values


# What to do about masked elements of data, and of other arrays.
_FILL_HINT = "fill the elements with numpy.ma.filled"
_MASK_HINT = (
    "leave these samples out, or fill their elements with numpy.ma.filled and give the samples a "
    "sample_weight of 0"
)


def refuse_masked(values, name, hint=_MASK_HINT):
    """Raise for masked elements, which NumPy would read as if they were not masked.

    `hint` says what to do about them, by default for data.
    """
    if not isinstance(values, np.ma.MaskedArray) or not np.ma.is_masked(values):
        return
    index = int(np.flatnonzero(np.ma.getmaskarray(values))[0])
    raise ValueError(
        f"{name} is a masked array with a masked element at index "
        f"{position_of(index, values.shape, name)}. Masks are not supported: {hint}."
    )


def refuse_unread(instead=None, **arrays):
    """Raise for masked arrays, whose masks scikit-learn drops, and for Dask's, which it loads.

    `instead` is what takes Dask arrays.
    """
    for name, array in arrays.items():
        refuse_lazy(array, name, instead)
        refuse_masked(array, name)


def as_labels(values, name):
    """Convert to a NumPy array of shape (n_samples,) and of any dtype."""
    array = values if type(values) is np.ndarray else as_dense(values, name)
    if array.size == 0:
        raise_empty(array, name)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must have shape (n_samples,), one label for each sample. "
            f"Got shape {array.shape} instead."
        )
    return array


def codes_of_labels(labels, name):
    """The number of each row's label among the sorted labels."""
    try:
        return np.unique(labels, return_inverse=True)[1].reshape(-1)
    except TypeError as error:
        raise ValueError(f"{name} must hold labels that can be sorted: {error}") from error


def _as_real(array, name, text_hint):
    """Convert an array of objects to numbers; raise for all other dtypes."""
    kind = array.dtype.kind
    if kind == "c":
        raise ValueError(f"Complex data not supported: {name} has dtype {array.dtype}.")
    if kind == "O":
        # Columns of mixed or nullable numbers, converted as in scikit-learn.
        flat = array.ravel()
        integers = True
        for position, item in enumerate(flat):
            if isinstance(item, (str, bytes)) or np.iscomplexobj(item):
                hint = text_hint if isinstance(item, (str, bytes)) else ""
                _raise_value(array, name, position, "real numbers", hint)
            integers = integers and isinstance(item, (Integral, np.bool_))
        try:
            with contextlib.suppress(OverflowError):
                # Labels of a nullable dtype are integers, too.
                return array.astype(np.int64 if integers else np.float64)
            return array.astype(np.float64)
        except OverflowError:
            _raise_value(array, name, first_where(array, _is_huge), "numbers that fit a float")
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} must be an array of real numbers: {error}") from error
    hint = text_hint if kind in "US" else ""
    if array.dtype.name.startswith(("bfloat", "float8")):
        # Types that ml_dtypes, a dependency of JAX, adds to NumPy and that no kernel reads.
        hint = f" Use {name}.astype('float32')."
    raise ValueError(
        f"{name} must be an array of real numbers. Got dtype {array.dtype} instead.{hint}"
    )


def _is_huge(values):
    """Mask of the integers that no float can hold."""
    mask = np.zeros(len(values), bool)
    for k, value in enumerate(values):
        try:
            float(value)
        except OverflowError:
            mask[k] = True
        except (TypeError, ValueError):
            pass  # not a number
    return mask


def raise_empty(array, name):
    """Raise for an empty array, in scikit-learn's words."""
    what = "sample" if array.ndim == 0 or array.shape[0] == 0 else "feature"
    raise ValueError(
        f"Found array with 0 {what}(s) (shape={array.shape}) while a minimum of 1 is required "
        f"for {name}."
    )


def raise_shapes(names, arrays):
    """Raise for arrays of different shapes, even if these could be broadcast."""
    shapes = [f"{array.shape}" for array in arrays]
    raise ValueError(
        f"{', '.join(names[:-1])} and {names[-1]} must have the same shape. "
        f"Got {', '.join(shapes[:-1])} and {shapes[-1]} instead."
    )


def raise_labels_shape(name, labels, n_samples):
    """Raise for labels of groups of another length than there are samples."""
    raise hinted(
        f"{name} must have shape ({n_samples},), one label for each sample. Got shape "
        f"{labels.shape} instead.",
        " np.repeat(np.arange(len(sizes)), sizes) makes labels of the sizes of successive groups.",
    )


def raise_axes(array, name, most, columns="n_classes"):
    """Raise for predictions without a class axis, or with more than `most` axes."""
    allowed = f"1 axis ({columns},) or 2 axes (n_samples, {columns})"
    if most > 2:
        allowed = "a class axis: shape (n_classes,), (n_samples, n_classes) or more axes"
    raise ValueError(f"{name} must have {allowed}. Got shape {array.shape} instead.")


def raise_target_shape(names, arrays, rows, forms):
    """Raise for a target whose shape fits none of the `forms` of target that the loss takes.

    `rows` is the shape of the predictions without the class axis.
    """
    target, prediction = arrays
    shapes = {
        "index": f"{rows} (class indices)",
        "rank": f"{rows} (class indices)",
        "position": f"{rows} (numbers between class indices)",
        "dense": f"{prediction.shape} (one number for each class)",
        "list": f"{prediction.shape} (class indices, ended by {END_OF_LIST})",
    }
    hint = ""
    if target.shape == prediction.shape and target.ndim == 1:
        hint = f" (A single axis of {names[1]} holds the classes of a single sample.)"
    raise ValueError(
        f"{names[0]} must have shape {' or '.join(shapes[form] for form in forms)} for "
        f"{names[1]} of shape {prediction.shape}. Got shape {target.shape} instead.{hint}"
    )


def check_one_hot(array, axis, name, binary_loss):
    """Raise for integers or booleans as class probabilities unless each row is one-hot.

    `axis` is the class axis, which is not the first one unless the array has a single axis.
    `binary_loss` is the function for labels that are not mutually exclusive.
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
        f"{meaning} Labels 0 and 1 that are not mutually exclusive are for {binary_loss}; class "
        "indices have no class axis."
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
    """The first sum over the classes that is not 1 and its place; None if all are 1."""
    if array.ndim == 1:
        return None if array.sum() == 1 else (int(array.sum()), "")
    # In chunks of samples: all sums together would be as large as an array of labels.
    n = max(1, (1 << 16) // max(1, array[0].size))
    for start in range(0, len(array), n):
        totals = array[start : start + n].sum(axis=axis)
        index = first_where(totals, lambda values: values != 1)
        if index is not None:
            row, *rest = np.unravel_index(index, totals.shape)
            where = (first_row() + start + int(row), *map(int, rest))
            where = where if rest else where[0]
            return int(totals.flat[index]), f" at index {where}"
    return None


def check_separate_means(caller, names, sample_weight, reduction):
    """Raise for weights and unreduced losses where each array has a mean of its own."""
    passed = {
        "sample_weight": sample_weight is not None,
        "reduction='none'": reduction == "none",
    }
    for what, is_passed in passed.items():
        if is_passed:
            raise ValueError(
                f"{caller} averages {' and '.join(names)} separately and does not take {what}."
            )


def check_both(caller, kind, names, arrays, both):
    """Raise if the second array is missing although `both` are needed, or passed otherwise."""
    if both and arrays[1] is None:
        raise ValueError(
            f"{caller} with kind={kind!r} compares {names[0]} with {names[1]}, which is missing."
        )
    if not both and arrays[1] is not None:
        raise ValueError(
            f"{caller} with kind={kind!r} takes only {names[0]}. {names[1]} is for the "
            "relativistic kinds."
        )


def check_samples(array, name, has_classes=False):
    """Raise for an array without a sample axis, or without a class axis if it should have one."""
    if array.ndim < 1 + has_classes:
        axes = "n_samples, n_classes, ..." if has_classes else "n_samples, ..."
        got = f"shape {array.shape}" if array.ndim else "a scalar"
        raise ValueError(f"{name} must have shape ({axes}). Got {got} instead.")


def check_vectors(names, arrays, labelled):
    """Check that vectors have the same shape.

    If `labelled`, the first array is not one of vectors but holds a label for each of them.
    """
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
            f"{names[0]} must have shape {shape[:-1]}, one label for each vector, for "
            f"{vector_names[0]} of shape {shape}. Got {arrays[0].shape} instead."
        )


def broadcast_to(array, shape, name):
    """Broadcast `array` to `shape`, as a view; an array that lacks only the last axis gets one.

    The latter takes precedence: (3,) with (3, 3) means one number for each row, as in PyTorch.
    """
    if array.shape == shape:
        return array
    lacks_last = array.shape == shape[:-1]
    try:
        return np.broadcast_to(array[..., np.newaxis] if lacks_last else array, shape)
    except ValueError:
        raise ValueError(
            f"{name} must have shape {shape[:-1]} or a shape that broadcasts to {shape}. "
            f"Got {array.shape} instead."
        ) from None


def check_batch(names, sides, labels=None):
    """Check that each of `sides` is (n_samples, n_features) and that there are as many labels."""
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
    """Raise for similarities that are not a square matrix."""
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(
            f"{name} must have shape (n_samples, n_samples), the similarities of all pairs. "
            f"Got shape {array.shape} instead."
        )


# NumPy's type numbers of float32 and float16; comparing them is faster than comparing dtypes.
SINGLE = (11, 23)


def is_single(array):
    """Whether a gradient with respect to this prediction is float32: for float32 and float16."""
    return array.dtype.num in SINGLE


def output_dtype(array):
    """Dtype of the gradient of a prediction: float32 for float32 and float16, else float64."""
    return np.float32 if is_single(array) else np.float64


def exact_in_single(array, domain):
    """Whether converting a target to float32 loses nothing that float32 kernels would use.

    That is so for floats of at most 4 bytes, integers of at most 2 bytes, and integers of a
    bounded domain.
    """
    dtype = array.dtype
    if dtype.kind == "f":
        return dtype.itemsize <= 4
    return domain.bounded or dtype.itemsize <= 2


def target_to_ignore(ignore_index, dtype):
    """The number that targets of this dtype have where they equal `ignore_index`; None if none can.

    Floats are compared as in NumPy, after `ignore_index` is rounded to their dtype, except that a
    number does not become 0 or infinite.
    """
    if ignore_index is None:
        return None
    if dtype.kind != "f":
        number = float(ignore_index)
        return number if number.is_integer() else None
    with np.errstate(over="ignore", under="ignore"):
        number = float(dtype.type(ignore_index))
    return number if math.isfinite(number) and (number or not ignore_index) else None


def assume_finite():
    """Whether `sklearn.set_config(assume_finite=True)` is in force."""
    return _get_threadlocal_config()["assume_finite"]


# ---------------------------------------------------------------------------------------------
# First offending element
# ---------------------------------------------------------------------------------------------


def position_of(index, shape, name=None):
    """A flat index as one would write it: 3 for one axis, (3, 1) for more, () for none."""
    index = tuple(int(i) for i in np.unravel_index(index, shape)) if shape else ()
    # The array `name` may be a part of the user's.
    index = tuple(i + first_row(name) * (axis == 0) for axis, i in enumerate(index))
    return index[0] if len(index) == 1 else index


def chunks(array, size=1 << 16):
    """Yield the flat start and the values of each chunk of an array in C order.

    The array is never copied as a whole.
    """
    # Flat iterators take at most 32 axes; arrays can have up to 64.
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
    """Raise for the element at a flat index."""
    value = array.squeeze().flat[index]
    shown = str(value)
    if not isinstance(value, (np.datetime64, np.timedelta64)):
        # As Python writes it; of dates, this would lose NaT and their unit.
        value = value.item() if isinstance(value, np.generic) else value
        shown = reprlib.repr(value) if isinstance(value, int) else repr(value)
    where = position_of(index, array.shape, name)
    what = "a value out of its domain"
    if isinstance(value, float) and not math.isfinite(value):
        what = "NaN" if math.isnan(value) else "infinity"
    elif is_missing(value):
        what = "a missing value"
    raise hinted(
        f"Input {name} contains {what}: got {shown} at index {where}. Only {allowed} are allowed.",
        hint,
    )


def raise_outside(array, name, domain, ignore_index=None):
    """Raise for the first element of `array` that is not in `domain`.

    `ignore_index` is allowed, too.
    """

    def invalid(values):
        wrong = domain.outside(values)
        return wrong if ignore_index is None else wrong & (values != ignore_index)

    index = first_where(array, invalid)
    if index is None:
        # Finite as passed, infinite in the compute dtype (a long double beyond float64).
        with np.errstate(over="ignore"):
            index = first_where(array, lambda values: invalid(values.astype(np.float64)))
    if index is None:
        raise_changed(name)
    _raise_value(array, name, index, domain.description + _or_ignored(ignore_index))


def raise_changed(name):
    """Raise for an array in which a driver found an invalid value that is no longer there."""
    raise ValueError(f"Input {name} was changed by another thread while it was being read.")


def _is_not_index(values, n):
    """Mask of the values that are not integers in 0, ..., n - 1."""
    wrong = ~((values >= 0) & (values < n))
    if values.dtype.kind == "f":
        wrong |= values != np.floor(values)
    return wrong


def raise_label(array, name, n_classes, ignore_index=None, listed=False):
    """Raise for the first element of `array` that is not a class index, if there is one.

    `ignore_index` is allowed, too. If `listed`, the array holds lists of class indices, and
    `ignore_index` is the value that ends a list.
    """

    def invalid(values):
        wrong = _is_not_index(values, n_classes)
        if ignore_index is not None:
            wrong &= values != ignore_index
        return wrong

    allowed = f"class indices from 0 to {n_classes - 1}"
    if listed:
        allowed += f" and {END_OF_LIST}, which ends a list,"
    else:
        allowed += _or_ignored(ignore_index)
    index = first_where(array, invalid)
    if index is not None:
        _raise_value(array, name, index, allowed)


def raise_order(array, name):
    """Raise for the first element that is not greater than the one before it, if there is one."""
    wrong = np.flatnonzero(array[1:] <= array[:-1])
    if len(wrong):
        k = int(wrong[0]) + 1
        raise ValueError(
            f"Input {name} must be strictly increasing: got {array[k].item()!r} at index {k}, "
            f"after {array[k - 1].item()!r}."
        )


def check_thresholds(thresholds, name, domain):
    """Thresholds between classes in float64; raise unless they are 1-d, finite and increase."""
    if thresholds.ndim != 1:
        raise ValueError(
            f"{name} must have shape (n_classes - 1,). Got shape {thresholds.shape} instead."
        )
    if not assume_finite() and domain.outside(thresholds).any():
        raise_outside(thresholds, name, domain)
    thresholds = thresholds.astype(np.float64)
    raise_order(thresholds, name)
    return thresholds


def _or_ignored(ignore_index):
    """The end of a list of allowed values."""
    if ignore_index is None:
        return ""
    whole = int(ignore_index)
    return f" and the ignore_index {whole if whole == ignore_index else ignore_index}"


def check_labels(labels, name, n_classes, ignore_index=None):
    """Raise for labels that are not class indices, nor `ignore_index`."""
    if labels.dtype.kind == "f" or labels.min() < 0 or labels.max() >= n_classes:
        # Does not raise for floats that are all integers.
        raise_label(labels, name, n_classes, ignore_index)
    return labels


# ---------------------------------------------------------------------------------------------
# Sequences
# ---------------------------------------------------------------------------------------------


def check_lengths(lengths, name, shape, longest):
    """Check the lengths of sequences; return an int64 array of shape (n_sequences,).

    Lengths must be integers from 0 to `longest`. `shape` is (n_sequences,), or () for a single
    sequence, whose length may be a scalar.
    """
    n = math.prod(shape)
    if lengths.shape != (n,) and lengths.shape != shape:
        allowed = "(1,) or ()" if shape == () else f"{shape}"
        raise ValueError(
            f"{name} must have shape {allowed}, one length for each sequence. "
            f"Got {lengths.shape} instead."
        )
    index = first_where(lengths, lambda values: _is_not_index(values, longest + 1))
    if index is not None:
        _raise_value(lengths, name, index, f"integers from 0 to {longest}")
    return lengths.astype(np.int64).reshape(n)


def check_blank(blank, caller, n_classes):
    """Check that the class index of the blank is less than the number of classes."""
    if blank >= n_classes:
        raise_parameter(caller, "blank", f"a class index from 0 to {n_classes - 1}", blank)
    return int(blank)


def raise_sequence(targets, name, lengths, n_classes, blank):
    """Raise for the first label of a sequence that is the blank or not a class index, if any.

    If the rows of `targets` are padded, only the first `lengths` elements of each are checked.
    """
    for start, values in chunks(targets):
        wrong = _is_not_index(values, n_classes) | (values == blank)
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


def check_sample_weight(sample_weight, shape, of="sample"):
    """Broadcast weights to `shape`, without a copy; `of` is what has a weight.

    Returns
    -------
    weight : ndarray
        Weights of shape `shape`.
    repeats : int
        The number of elements that share each weight that was passed.
    """
    weight = as_array(sample_weight, "sample_weight")
    if weight.shape == shape:
        return weight, 1
    if len(shape) > 1 and weight.shape == shape[:1]:
        expanded = weight.reshape(shape[:1] + (1,) * (len(shape) - 1))
        return np.broadcast_to(expanded, shape), math.prod(shape[1:])
    allowed = f"{shape}" if len(shape) < 2 else f"{shape[:1]} or {shape}"
    raise ValueError(
        f"sample_weight.shape == {weight.shape}, expected {allowed}: one weight for each {of}, or "
        "one for each element of the unreduced loss."
    )


def rescale(weight, total):
    """Weights and their sum for a mean, times a power of 2 where they are far from 1.

    Otherwise one over the sum may overflow, and weighted terms that are summed in float32 as well.
    """
    if 1e-20 < total < 1e20 or not 0 < total < math.inf:
        return weight, total
    _, exponent = math.frexp(total)
    scaled = np.ldexp(weight.astype(np.float64), -exponent)
    return np.asarray(scaled), math.ldexp(total, -exponent)  # of one weight it is a scalar


def check_out(out, name, like, dtype, inputs):
    """Check the shape, dtype and memory of an output array that the caller passed.

    It must not share memory with any of `inputs`, pairs of a name and an array. A float64 result
    may be written to a float32 array.
    """
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name} must be a numpy array. Got {type(out).__name__} instead.")
    refuse_masked(out, name, "pass an array without a mask")
    if out.shape != like.shape:
        raise ValueError(f"{name} must have shape {like.shape}. Got {out.shape} instead.")
    if out.dtype not in (dtype, np.float32) or not out.dtype.isnative:  # pyright: ignore[reportAttributeAccessIssue]
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


def raise_outputs(name, n, out):
    """Raise for another number of output arrays than the `n` that there are gradients."""
    allowed = "a single array" if n == 1 else f"a tuple of {n} arrays, one for each gradient"
    got = f"a tuple of {len(out)} arrays" if isinstance(out, tuple) else "a single array"
    raise ValueError(f"{name} must be {allowed}. Got {got} instead.")


def _overlaps_itself(array):
    """Whether elements may share memory; False is certain.

    Elements are distinct if each stride is at least the extent of all axes with smaller strides.
    """
    span = array.itemsize
    for stride, size in sorted(
        (abs(k), n) for k, n in zip(array.strides, array.shape, strict=True)
    ):
        if size > 1 and stride < span:
            return True
        span += stride * (size - 1)
    return False


def _overlap(a, b):
    """Whether two arrays share memory; True if that is too hard to find out."""
    try:
        return np.shares_memory(a, b, max_work=1000)  # pyright: ignore[reportArgumentType]
    except np.exceptions.TooHardError:
        return True


def check_avg_factor(avg_factor):
    """Convert avg_factor to a float; raise unless it is positive and finite."""
    refuse_lazy(avg_factor, "avg_factor")
    # float() would read text and booleans.
    try:
        is_number = np.ndim(avg_factor) == 0 and np.asarray(avg_factor).dtype.kind not in "bSU"
        value = float(avg_factor) if is_number else math.nan
    except (TypeError, ValueError, OverflowError, RuntimeError):
        value = math.nan
    if not (0 < value < math.inf):
        raise_parameter(None, "avg_factor", "a float in the range (0.0, inf)", avg_factor)
    return value


def is_on(flag):
    """Whether a boolean parameter is True; of anything else, which a call will refuse, False."""
    return isinstance(flag, (bool, np.bool_)) and bool(flag)


def is_finite(number):
    """Whether a real number is finite as a float."""
    try:
        return math.isfinite(number)
    except OverflowError:  # a large integer
        return False


def check_factor(value, name):
    """Convert the factor or divisor of a loss to a float; raise if it is not a finite one."""
    if not is_finite(value):
        raise ValueError(
            f"The {name} of a loss must be a finite number. Got {reprlib.repr(value)} instead."
        )
    return float(value)


# ---------------------------------------------------------------------------------------------
# User functions
# ---------------------------------------------------------------------------------------------

#: Names of C types that have the size of intptr_t on this machine, mapped to that.
_SAME_TYPES = {
    name: "intptr_t"
    for name in ("intptr_t", "npy_intp", "Py_ssize_t", "ssize_t", "int64_t", "long", "long long")
    if name != "long" or np.dtype(np.long).itemsize == np.dtype(np.intp).itemsize
}
_DATA = ", void *"
#: Signatures of a low-level function: whether it takes spans of elements, and user data.
_SIGNATURES = {
    "double (double, double)": (False, False),
    f"double (double, double{_DATA})": (False, True),
    "void (double *, double *, double *, intptr_t)": (True, False),
    f"void (double *, double *, double *, intptr_t{_DATA})": (True, True),
}


def check_signature(callable_, name, caller):
    """Return whether a LowLevelCallable takes spans of elements, and whether user data."""
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


def _of_result(text):
    """An error about what a function of the user returned, which no data can make right."""
    error = ValueError(text)
    error.is_of_result = True  # pyright: ignore[reportAttributeAccessIssue]
    return error


def check_result(result, name, caller, shape):
    """Convert the return value of a user function to an array; check its dtype and shape."""
    refuse_masked(result, f"The result of the {name!r} function of {caller}", _FILL_HINT)
    array = np.asarray(result)
    if array.dtype.kind not in "fiub":
        raise _of_result(
            f"The {name!r} function of {caller} must return an array of real numbers. "
            f"Got dtype {array.dtype} instead."
        )
    if array.shape != shape:
        raise _of_result(
            f"The {name!r} function of {caller} must return an array of the shape of y_pred, "
            f"{shape}: one number for each element. Got shape {array.shape} instead."
        )
    return array


def raise_result(result, name, caller, arrays, first=0):
    """Raise for the first element of a user function's result that is not finite, if any.

    `first` is the index of the first sample of the chunk.
    """
    index = first_where(result, lambda values: ~np.isfinite(values))
    if index is None:
        return
    where = np.unravel_index(index, result.shape)
    values = " and ".join(f"{key} is {array[where].item()!r}" for key, array in arrays.items())
    where = (first_row() + first + int(where[0]), *map(int, where[1:])) if where else ()
    where = where[0] if len(where) == 1 else where
    raise ValueError(
        f"The {name!r} function of {caller} must return finite values. "
        f"Got {result.flat[index].item()!r} at index {where}, where {values}."
    )


# ---------------------------------------------------------------------------------------------
# Hints
# ---------------------------------------------------------------------------------------------

# Keywords of other libraries and their names here.
_RENAMED = {
    "weight": ("class_weight", "sample_weight"),
    "weights": ("sample_weight",),
    "size_average": ("reduction",),
    "reduce": ("reduction",),
    "smoothing": ("label_smoothing",),
    "ignore_label": ("ignore_index",),
    "alpha": ("quantile",),
    "tau": ("quantile", "expectile"),
    "variance_power": ("power",),
    "dispersion": ("alpha",),
    "qid": ("groups",),
    "query": ("groups",),
}

CALL_KEYWORDS = ("sample_weight", "reduction", "avg_factor", "n_threads")


def refuse_estimator(caller, arrays):
    """Raise if a loss is called with an estimator, as scikit-learn calls a scorer.

    `caller` is the loss as the user would write it.
    """
    # Delayed objects of Dask have all attributes.
    if arrays and hasattr(arrays[0], "fit") and not is_lazy(arrays[0]):
        raise TypeError(
            f"{caller} is a loss of arrays, not a scorer. Got {type(arrays[0]).__name__}, an "
            f"estimator. Pass scoring=make_loss_scorer({caller}) instead."
        )


def raise_parameter(caller, name, allowed, value, *, hint="", error=ValueError):
    """Raise for the value of a parameter, in scikit-learn's words.

    Parameters
    ----------
    caller : str or None
        The class or function that has the parameter; None for one that all losses have.
    name : str
        Name of the parameter.
    allowed : str
        What it must be.
    value : object
        What was passed.
    hint : str, default=""
        Appended to the message.
    error : type of Exception, default=ValueError
    """
    of_caller = f" of {caller}" if caller else ""
    raise error(
        f"The {name!r} parameter{of_caller} must be {allowed}. Got {value!r} instead.{hint}"
    )


def raise_named(caller, name, names, n_positional, params):
    """Raise for a keyword of a call that is not the name of a missing array.

    `names` are those of all arrays, of which `n_positional` were passed by position, and `params`
    those of the parameters of the loss.
    """
    if name in names[:n_positional]:
        raise TypeError(f"{caller} got multiple values for argument {name!r}.")
    if name in params:
        raise TypeError(
            f"{name!r} is a parameter of {caller}, not of a call: use {caller}({name}=...) or "
            "set_params."
        )
    if name == "return_gradient":
        raise TypeError(f"{name!r} is an argument of functions: use {caller}.value_and_gradient.")
    raise_unexpected(caller, name, (*names, *CALL_KEYWORDS))


def raise_unexpected(caller, name, allowed):
    """Raise for a keyword that does not exist, with a hint at the nearest one that does."""
    near = [other for other in _RENAMED.get(name, ()) if other in allowed]
    near += difflib.get_close_matches(name, allowed, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise TypeError(f"{caller} got an unexpected keyword argument {name!r}.{hint}")


def raise_reduction(caller, reductions, reduction):
    """Raise for a reduction that the loss does not have."""
    hint = ""
    if reduction is None and "none" in reductions:
        hint = " Use reduction='none' for the losses of the single elements."
    allowed = f"a str among {{{str(sorted(reductions))[1:-1]}}}"
    raise_parameter(caller, "reduction", allowed, reduction, hint=hint)
