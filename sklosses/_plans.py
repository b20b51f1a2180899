"""Plans: the Python side of each kernel family, from a loss's arrays to a run of its driver.

A plan knows the shape of the unreduced loss, checks the targets, sums the weights and runs
the kernel. `Loss._evaluate` sets `reduction`, `threads` and `assume_finite`, then calls, in this
order, `total_weight` (which checks labels), `check` (all else, where outputs are the caller's) and
`run`.
"""

import inspect
import itertools
import math

import numpy as np

from ._blas import one_blas_thread
from ._kernels import classwise, ctc, pairwise, pointwise, vectors
from ._validation import (
    END_OF_LIST,
    REAL,
    UNIT,
    balanced_weight,
    broadcast_to,
    check_batch,
    check_blank,
    check_class_weight,
    check_lengths,
    check_one_hot,
    check_samples,
    check_similarities,
    check_vectors,
    exact_in_single,
    first_where,
    group_labels,
    is_single,
    output_dtype,
    raise_axes,
    raise_changed,
    raise_label,
    raise_outside,
    raise_sequence,
    raise_shapes,
    raise_target_shape,
)
from ._warnings import warn
from .base import Loss


def _check_elements(plan, array, item):
    """Refuse an array that has an element outside the domain of its input."""
    if pointwise.run(
        None,
        array.shape,
        (),
        (array,),
        (item.domain.key,),
        plan.double,
        assume_finite=plan.assume_finite,
        n_threads=plan.threads,
    )[1]:
        raise_outside(array, item.name, item.domain)


class Plan:
    """What `Loss._evaluate` works with, whatever the kernel.

    Attributes
    ----------
    arrays : sequence of ndarray
        The arrays of the call.
    shape : tuple of int
        That of the unreduced loss.
    size : int
        Number of elements that are read.
    reduction : str
        The reduction whose terms are added: of a call, or of the whole for a part of the data.
    avg_factor : float or None
        What was given for the denominator of a mean.
    threads : int
    assume_finite : bool
    checked : bool
        The inputs need no checks any more.
    sloping : bool
        Whether a gradient is wanted.
    """

    __slots__ = (
        "arrays",
        "assume_finite",
        "avg_factor",
        "checked",
        "reduction",
        "shape",
        "size",
        "sloping",
        "threads",
    )

    #: Whether the arrays are averaged each on its own, so that the loss has no elements.
    apart = False
    #: How many log-probabilities a term of the loss is a sum of.
    n_added = 1

    @property
    def work(self):
        """What there is to do, in units of an element of an elementwise loss."""
        return self.size

    def warn_of_sign(self, caller, total, total_weight):
        """Warn of a negative total of a loss that takes log-probabilities, beyond rounding."""
        prediction = self.prediction
        dtype = prediction.dtype if prediction.dtype.kind == "f" else np.dtype(np.float64)
        # Numbers of more digits may have been computed in float32.
        eps = float(max(np.finfo(dtype).eps, np.finfo(np.float32).eps))
        rounding = 16 * eps * self.n_added
        if -total > rounding * total_weight:
            warn(
                f"{caller} is negative, which it cannot be of log-probabilities: those are <= 0. "
                "Pass the logarithm of probabilities, such as scipy.special.log_softmax(logits, "
                "axis)" + (", or use cross_entropy for logits." if self.n_added == 1 else "."),
                UserWarning,
            )


class PointwisePlan(Plan):
    """A loss of every element on its own."""

    __slots__ = (
        "domains",
        "double",
        "inputs",
        "kernel",
        "leading",
        "operands",
        "outputs",
        "params",
    )

    def __init__(self, loss, arrays, operands, params):
        self.kernel = pointwise.KERNELS[loss.kernel]
        self.inputs = loss.inputs
        self.domains = loss._domains or tuple(item.domain.key for item in self.inputs)
        self.checked = False
        self.params = params
        self.arrays = arrays
        self.operands = operands
        self.outputs = loss._outputs
        self.leading = loss._outputs[0]
        prediction = arrays[self.leading]
        self.shape = prediction.shape
        self.size = prediction.size
        self.double = False
        for array, item in zip(arrays, self.inputs, strict=True):
            if not (
                is_single(array)
                or (not item.differentiable and exact_in_single(array, item.domain))
            ):
                self.double = True

    def _run(self, kernel, domains, weight=None, scale=1.0, value=None, outputs=((), ())):
        total, bad = pointwise.run(
            kernel,
            self.shape,
            self.params,
            self.operands,
            domains,
            self.double,
            weight=weight,
            value=value,
            gradients=outputs[0] and self._spread(outputs[0]),
            hessians=outputs[1] and self._spread(outputs[1]),
            leading=self.leading,
            scale=scale,
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )
        if bad:
            self._refuse(bad)
        return total

    def _refuse(self, bad):
        """Raise for what the driver has found outside its domain."""
        for k, item in enumerate(self.inputs):
            if bad >> k & 1:
                raise_outside(self.arrays[k], item.name, item.domain)

    def _spread(self, outputs):
        """Outputs as views of the loss's shape; the driver sums along strides of 0."""
        return tuple(
            broadcast_to(out, self.shape, self.inputs[k].name)
            for k, out in zip(self.outputs, outputs, strict=False)
        )

    def check(self):
        """Check all the inputs, before anything is written."""
        self._run(None, self.domains)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        return float(self.size) if weight is None else weight_sum

    def new_values(self):
        prediction = self.arrays[self.leading]
        whole = [
            array
            for array, item in zip(self.arrays, self.inputs, strict=True)
            if item.differentiable and not item.broadcasts
        ]
        dtype = np.result_type(*map(output_dtype, whole))
        return np.empty_like(prediction, dtype=dtype, subok=False)

    def run(self, weight, scale, values, gradients, hessians):
        domains = () if self.checked else self.domains
        return self._run(self.kernel, domains, weight, scale, values, (gradients, hessians))


class PointwiseLoss(Loss):
    """Base class of the elementwise losses.

    All the arrays have one shape, but for inputs that say that they are broadcast to it.
    """

    #: Name of the kernel in `_kernels/pointwise.pyx`.
    kernel = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # Once for all calls, where the domains do not depend on parameters.
        fixed = isinstance(inspect.getattr_static(cls, "inputs"), tuple)
        cls._domains = tuple(item.domain.key for item in cls.inputs) if fixed else None

    def _plan(self, arrays, params):
        operands = self._operands(arrays)
        if params and isinstance(params[0], np.ndarray):
            # Parameters that may differ from element to element are further inputs.
            shape = arrays[self._outputs[0]].shape
            operands += tuple(self._spread(weight, shape) for weight in params)
            params = ()
        return PointwisePlan(self, arrays, operands, params)

    def _operands(self, arrays):
        """The arrays as the kernel takes them, all of one shape."""
        shape = arrays[self._outputs[0]].shape
        operands = tuple(arrays)
        for k, array in enumerate(arrays):
            if array.shape == shape:
                continue
            item = self.inputs[k]
            if not item.broadcasts:
                whole = [k for k, item in enumerate(self.inputs) if not item.broadcasts]
                raise_shapes([self._input_names[k] for k in whole], [arrays[k] for k in whole])
            array = broadcast_to(array, shape, item.name)
            operands = (*operands[:k], array, *operands[k + 1 :])
        return operands

    def _spread(self, weight, shape):
        """A parameter broadcast to the shape of the loss; the driver spreads scalars itself."""
        if weight.ndim == 0:
            return weight
        try:
            return np.broadcast_to(weight, shape)
        except ValueError:
            raise ValueError(
                f"{self._param_names[0]} must broadcast to the shape of the predictions, {shape}. "
                f"Got shape {weight.shape} instead."
            ) from None


class ClasswisePlan(Plan):
    """A loss of every row of classes, beside labels, lists of labels, dense targets or nothing."""

    __slots__ = (
        "axis",
        "class_weight",
        "double",
        "kernel",
        "labelled",
        "listed",
        "loss",
        "n_classes",
        "params",
        "prediction",
        "target",
    )

    def __init__(self, loss, arrays):
        self.loss = loss
        self.kernel = classwise.KERNELS[loss.kernel]
        self.arrays = arrays
        *targets, self.prediction = arrays
        prediction = self.prediction
        self.target = target = targets[0] if targets else None
        if not 0 < prediction.ndim <= loss.max_axes:
            raise_axes(prediction, loss.inputs[-1].name, loss.max_axes)
        self.axis = axis = loss._class_axis(prediction.ndim)
        self.shape = prediction.shape[:axis] + prediction.shape[axis + 1 :]
        self.size = prediction.size
        self.labelled = "index" in loss.targets and target.shape == self.shape
        self.listed = "list" in loss.targets
        rowwise = loss.targets == ("index",)
        fits = target is None or (target.shape == prediction.shape and not rowwise)
        if not (self.labelled or fits):
            raise_target_shape(loss._input_names, arrays, self.shape, loss.targets)
        self.double = not (
            is_single(prediction)
            and (not self._dense or exact_in_single(target, loss.inputs[0].domain))
        )
        self.n_classes = prediction.shape[axis]
        self.params = loss._class_params(self.n_classes)
        self.class_weight = None
        self.checked = False

    @property
    def _dense(self):
        """Whether the target has a number for each class."""
        return self.target is not None and not self.labelled and not self.listed

    def check(self):
        """Check all the inputs, before anything is written."""
        _check_elements(self, self.prediction, self.loss.inputs[-1])
        if self._dense:
            _check_elements(self, self.target, self.loss.inputs[0])
        self.checked = True

    def total_weight(self, weight, weight_sum):
        """Check the labels; the denominator of the mean."""
        if not self.labelled:
            self._check_one_hot()
        self._resolve_class_weight(weight)
        if self.labelled:
            counted = self.class_weight if self.loss.weighted_mean else None
            return self._sum_labels(weight, counted, self.loss.ignore_index)
        if self.listed:
            self._sum_labels(None, None, END_OF_LIST)
        return float(math.prod(self.shape)) if weight is None else weight_sum

    def _check_one_hot(self):
        """Refuse integers as class probabilities that are none."""
        loss = self.loss
        binary_loss = loss.binary_loss
        if binary_loss is None:
            return
        for array, item in zip(self.arrays, loss.inputs, strict=True):
            if item.domain is UNIT and array.ndim == self.prediction.ndim:
                check_one_hot(array, self.axis, item.name, binary_loss)

    def _resolve_class_weight(self, weight):
        given = self.loss.class_weight
        if given is None:
            return
        if isinstance(given, str):
            if self.labelled:
                self._sum_labels(None, None, self.loss.ignore_index)
            self.class_weight = balanced_weight(
                self.target,
                self.n_classes,
                None if self.labelled else self.axis,
                self.loss.ignore_index,
                weight,
            )
        else:
            self.class_weight = check_class_weight(given, self.n_classes)

    def _sum_labels(self, weight, class_weight, ignore_index):
        """Check that all are class indices; the weight of those that are not ignored."""
        labels, name = self.target, self.loss.inputs[0].name
        if labels.dtype.kind == "f" or labels.dtype == np.uint64:
            # The driver reads integers of 64 bits: fractions and what is beyond are found here.
            raise_label(labels, name, self.n_classes, ignore_index, self.listed)
        total, bad = classwise.sum_labels(
            labels,
            self.n_classes,
            ignore_index=ignore_index,
            weight=weight,
            class_weight=class_weight,
            n_threads=self.threads,
        )
        if bad:
            raise_label(labels, name, self.n_classes, ignore_index, self.listed)
            raise_changed(name)
        return total

    def new_values(self):
        return np.empty(self.shape, dtype=output_dtype(self.prediction))

    def run(self, weight, scale, values, gradients, hessians):
        # That of the predictions, then that of the target.
        inputs = self.loss.inputs[::-1]
        total, bad = classwise.run(
            self.kernel,
            self.params,
            self.prediction,
            self.target,
            self.axis,
            self.class_weight,
            self.double,
            listed=self.listed,
            ignore_index=self.loss.ignore_index if self.labelled else None,
            weight=weight,
            value=values,
            gradient=gradients[0] if gradients else None,
            hessian=hessians[0] if hessians else None,
            scale=scale,
            assume_finite=self.assume_finite,
            domains=tuple(item.domain.key for item in inputs),
            checked=self.checked,
            n_threads=self.threads,
        )
        for k, item in enumerate(inputs):
            if bad >> k & 1:
                raise_outside((self.prediction, self.target)[k], item.name, item.domain)
        return total


class ClasswiseLoss(Loss):
    """Base class of the losses along a class axis."""

    #: Name of the kernel in `_kernels/classwise.pyx`.
    kernel = None
    #: Forms of the targets: "index" (a class index for each row), "dense" (a number for each
    #: class), "list" (class indices along the class axis, ended by -1); none for a loss of
    #: predictions alone.
    targets = ("index", "dense")
    #: Whether the mean of indexed losses is over the weights of the classes.
    weighted_mean = True
    #: Most axes that predictions may have.
    max_axes = 64
    #: The function for labels that do not exclude one another, if dense targets are probabilities.
    binary_loss = None
    # Parameters that some of the losses have.
    class_weight = None
    ignore_index = None

    def _plan(self, arrays, params):
        return ClasswisePlan(self, arrays)

    def _check_additive(self):
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' depends on the labels of all the data, so the losses of "
                "parts do not add up. Compute the weights of the whole and pass them as an array."
            )

    @staticmethod
    def _class_axis(n_axes):
        """Number of the class axis of predictions."""
        return min(n_axes - 1, 1)

    def _class_params(self, n_classes):
        """Parameters as the kernel takes them."""
        return ()


class CTCPlan(Plan):
    """Sequences of log-probabilities beside sequences of labels."""

    __slots__ = (
        "blank",
        "log_probs",
        "loss",
        "offsets",
        "prediction",
        "target_lengths",
        "targets",
        "times",
    )

    def __init__(self, loss, arrays):
        self.loss = loss
        self.arrays = targets, log_probs, input_lengths, target_lengths = arrays
        if log_probs.ndim not in (2, 3):
            raise ValueError(
                "log_probs must have shape (n_times, n_sequences, n_classes) or "
                f"(n_times, n_classes). Got {log_probs.shape} instead."
            )
        self.shape = log_probs.shape[1:-1]
        self.size = log_probs.size
        self.prediction = log_probs
        self.log_probs = self._three_axes(log_probs)
        n_times, n_sequences, n_classes = self.log_probs.shape
        self.blank = check_blank(loss.blank, type(loss).__name__, n_classes)
        self.times = check_lengths(input_lengths, "input_lengths", self.shape, n_times)
        self.targets = targets
        if targets.ndim != 1 and (targets.ndim != 2 or targets.shape[0] != n_sequences):
            raise ValueError(
                f"targets must have shape ({n_sequences}, n), a row for each sequence, or (n,). "
                f"Got {targets.shape} instead."
            )
        self.target_lengths = check_lengths(
            target_lengths, "target_lengths", self.shape, targets.shape[-1]
        )
        # Where the labels of each sequence begin, if they are not in rows of their own.
        ends = np.cumsum(self.target_lengths)
        self.offsets = ends - self.target_lengths
        if targets.ndim == 1 and len(targets) != ends[-1]:
            raise ValueError(
                f"targets must have shape ({ends[-1]},), the sum of target_lengths, or "
                f"({n_sequences}, n), a row for each sequence. Got {targets.shape} instead."
            )
        self.checked = False

    @property
    def work(self):
        # A state of the lattice costs as much as four elements of a light loss.
        return self.size + 8 * int(self.times @ (self.target_lengths + 1))

    @property
    def n_added(self):
        return len(self.log_probs)

    @staticmethod
    def _three_axes(array):
        """With an axis of sequences."""
        return array if array.ndim == 3 else array[:, None, :]

    def check(self):
        """Check the log-probabilities, before anything is written."""
        item = self.loss.inputs[1]
        log_probs = self.arrays[1]
        if pointwise.run(
            None,
            log_probs.shape,
            (),
            (log_probs,),
            (item.domain.key,),
            not is_single(log_probs),
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )[1]:
            raise_outside(log_probs, item.name, item.domain)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        """Check the labels; the denominator of the mean."""
        targets = self.targets
        n_classes = self.log_probs.shape[2]
        # The driver reads integers of 64 bits: fractions and what is beyond are found here.
        beyond = targets.dtype.kind == "f" or targets.dtype == np.uint64
        if beyond or not ctc.check_targets(
            targets, self.target_lengths, self.offsets, n_classes, self.blank
        ):
            raise_sequence(targets, "targets", self.target_lengths, n_classes, self.blank)
        return float(len(self.times)) if weight is None else weight_sum

    def new_values(self):
        return np.empty(self.shape, output_dtype(self.arrays[1]))

    def run(self, weight, scale, values, gradients, hessians):
        losses, total, bad = ctc.run(
            self.targets,
            self.log_probs,
            self.times,
            self.target_lengths,
            self.offsets,
            self.blank,
            weight=None if weight is None else np.array(weight, np.float64, ndmin=1),
            gradient=self._three_axes(gradients[0]) if gradients else None,
            scale=scale,
            zero_infinity=self.loss.zero_infinity,
            by_length=self.reduction == "mean",
            assume_finite=self.assume_finite,
            checked=self.checked,
            n_threads=self.threads,
        )
        if bad:
            raise_outside(self.arrays[1], "log_probs", self.loss.inputs[1].domain)
        if values is not None:
            with np.errstate(over="ignore"):
                values[...] = losses.reshape(self.shape)
        return total


class VectorPlan(Plan):
    """A loss of every row on its own, through distances of the vectors in it."""

    __slots__ = ("double", "label", "loss", "params", "vectors")

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.params = params
        self.arrays = arrays
        self.vectors = tuple(arrays[k] for k in loss._outputs)
        self.label = arrays[0] if len(self.vectors) < len(arrays) else None
        check_vectors(loss._input_names, arrays, labelled=self.label is not None)
        self.shape = self.vectors[0].shape[:-1]
        self.size = self.vectors[0].size
        self.double = not all(is_single(array) for array in self.vectors)
        self.checked = False

    def check(self):
        """Check all the inputs, before anything is written."""
        for array, item in zip(self.arrays, self.loss.inputs, strict=True):
            _check_elements(self, array, item)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        return float(math.prod(self.shape)) if weight is None else weight_sum

    def new_values(self):
        return np.empty(self.shape, dtype=np.float64 if self.double else np.float32)

    def run(self, weight, scale, values, gradients, hessians):
        total, bad = vectors.run(
            vectors.KERNELS[self.loss.kernel],
            self.params,
            self.loss.metric,
            self.vectors,
            self.double,
            label=self.label,
            label_domain=self.loss.inputs[0].domain.key,
            weight=weight,
            value=values,
            gradients=gradients,
            scale=scale,
            checked=self.checked,
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )
        if bad:
            # The driver numbers the vectors first, the label after them.
            first = 0 if self.label is None else -1
            for k, (array, item) in enumerate(zip(self.arrays, self.loss.inputs, strict=True)):
                if bad >> (k + first) % len(self.arrays) & 1:
                    raise_outside(array, item.name, item.domain)
        return total


class VectorLoss(Loss):
    """Base class of the losses of pairs and triplets of vectors.

    The vectors are the inputs with a gradient, all of one shape, their components along the last
    axis; before them there may be a label for each row.
    """

    #: Name of the kernel in `_kernels/vectors.pyx`.
    kernel = None
    #: Name of the metric there, the eps of its definition, and the order p of "minkowski".
    metric = ("euclidean", 0.0, 2.0)

    def _plan(self, arrays, params):
        return VectorPlan(self, arrays, params)


class LengthPlan(VectorPlan):
    """A loss of the length of each sample, an array of any number of axes.

    The length is the distance from a vector of zeros, all of them the same number in memory.
    """

    __slots__ = ("apart_in_memory", "whole")

    def __init__(self, loss, arrays, params):
        (self.whole,) = arrays
        check_samples(self.whole, loss._input_names[0])
        rows = _rows(self.whole, self.whole)
        self.apart_in_memory = rows is None
        if rows is None:
            # Of the shape alone.
            rows = np.broadcast_to(np.float64(0), (len(self.whole), self.whole[0].size))
        super().__init__(loss, (rows,), params)
        self.arrays = arrays
        self.double = not is_single(self.whole)

    def check(self):
        """Check all the inputs, before anything is written."""
        _check_elements(self, self.whole, self.loss.inputs[0])
        self.checked = True

    def run(self, weight, scale, values, gradients, hessians):
        gradient = gradients[0] if gradients else None
        out = None if gradient is None else _rows(gradient, self.whole)
        if not self.apart_in_memory and (gradient is None or out is not None):
            return self._run_rows(_rows(self.whole, self.whole), weight, scale, values, out)
        # Samples whose elements are no one run with a stride: as many as fit a buffer at a time.
        n, total = max(1, BUFFER // self.whole[0].size), []
        for start in range(0, len(self.whole), n):
            part = slice(start, start + n)
            rows = self.whole[part].reshape(len(self.whole[part]), -1)
            out = None if gradient is None else np.empty(rows.shape, gradient.dtype)
            total.append(
                self._run_rows(
                    rows,
                    None if weight is None else weight[part],
                    scale,
                    None if values is None else values[part],
                    out,
                )
            )
            if gradient is not None:
                gradient[part] = out.reshape(gradient[part].shape)
        return math.fsum(total)

    def _run_rows(self, rows, weight, scale, values, gradient):
        zeros = np.broadcast_to(rows.dtype.type(0), rows.shape)
        total, bad = vectors.run(
            vectors.KERNELS[self.loss.kernel],
            self.params,
            self.loss.metric,
            (rows, zeros),
            self.double,
            weight=weight,
            value=values,
            gradients=() if gradient is None else (gradient, None),
            scale=scale,
            checked=self.checked,
            assume_finite=self.assume_finite,
            n_threads=self.threads,
        )
        if bad:
            raise_outside(self.whole, self.loss.inputs[0].name, self.loss.inputs[0].domain)
        return total


# Elements that are copied at a time.
BUFFER = 1 << 16


def _rows(array, like):
    """A view (n_samples, n) of an array, its axes in the order of those of `like` in memory.

    None if the elements of a sample are no one run with a stride.
    """
    axes = sorted(range(1, array.ndim), key=lambda axis: -abs(like.strides[axis]))
    axes = [axis for axis in axes if array.shape[axis] > 1]
    for outer, inner in itertools.pairwise(axes):
        if array.strides[outer] != array.strides[inner] * array.shape[inner]:
            return None
    stride = array.strides[axes[-1]] if axes else array.itemsize
    return np.lib.stride_tricks.as_strided(
        array, (len(array), array[0].size), (array.strides[0], stride)
    )


class ScoresPlan(Plan):
    """A sum of elementwise losses of one or two arrays of scores, of which each has its own mean.

    A relative score is less the mean of the other array. This takes a pass for the means, one for
    the sums of the slopes, which are the gradient by the means, and the last for the rest.
    """

    __slots__ = ("double", "inputs", "offsets", "relative", "shifts", "terms")

    def __init__(self, arrays, inputs, terms, relative):
        self.arrays = arrays
        self.inputs = inputs[: len(arrays)]
        self.terms = terms
        self.relative = relative
        self.shape = arrays[0].shape
        self.size = sum(array.size for array in arrays)
        self.double = not all(map(is_single, arrays))
        self.shifts = self.offsets = (0.0,) * len(arrays)
        self.checked = False

    @property
    def apart(self):
        """Whether there are two arrays."""
        return len(self.arrays) > 1

    def check(self):
        """Check all the inputs, before anything is written."""
        for array, item in zip(self.arrays, self.inputs, strict=True):
            _check_elements(self, array, item)
        self.checked = True

    def total_weight(self, weight, weight_sum):
        if self.apart:
            return 1.0
        return float(self.size) if weight is None else weight_sum

    def new_values(self):
        array = self.arrays[0]
        return np.empty_like(array, dtype=output_dtype(array), subok=False)

    def _share(self, k):
        """What an element of an array counts in the mean, before the denominator."""
        own_mean = self.apart and self.reduction == "mean" and self.avg_factor is None
        return 1 / self.arrays[k].size if own_mean else 1.0

    def _run(self, k, kernel, params, **keywords):
        array, item = self.arrays[k], self.inputs[k]
        total, bad = pointwise.run(
            pointwise.KERNELS[kernel],
            array.shape,
            params,
            (array,),
            () if self.checked else (item.domain.key,),
            not is_single(array),
            assume_finite=self.assume_finite,
            n_threads=self.threads,
            **keywords,
        )
        if bad:
            raise_outside(array, item.name, item.domain)
        return total

    def _run_term(self, k, slopes=False, **keywords):
        kernel, sign, edge, factor = self.terms[k]
        params = (sign, self.shifts[k], edge, factor, self.offsets[k], float(slopes))
        return self._run(k, kernel, params, **keywords)

    def run(self, weight, scale, values, gradients, hessians):
        each = range(len(self.arrays))
        if self.relative:
            means = [self._run(k, "identity", ()) / self.arrays[k].size for k in each]
            self.shifts = means[::-1]
            self.checked = True
            if gradients:
                # By the mean of array k: minus the slopes of the other's relative scores.
                slopes = [self._run_term(k, slopes=True) * self._share(k) for k in each]
                self.offsets = [-slopes[1 - k] / self.arrays[k].size / self._share(k) for k in each]
        total = 0.0
        for k in each:
            share = self._share(k)
            total += share * self._run_term(
                k,
                weight=weight,
                value=values,
                gradients=gradients[k : k + 1],
                hessians=hessians[k : k + 1],
                scale=scale * share,
            )
        return total


# Float32 arithmetic leaves a cosine an error of some 3e-7. A loss whose exponents move by more
# than this for each unit of it is computed in float64, so that none is off by more than 1e-5.
_STEEPEST_IN_SINGLE = 32.0


class BatchPlan(Plan):
    """A loss of all pairs of the rows of a batch: of one array, or of one array with another."""

    __slots__ = ("double", "first", "labels", "last", "loss", "mined", "order", "params", "sides")

    def __init__(self, loss, arrays, params):
        self.loss = loss
        self.params = params
        self.arrays = arrays
        given = loss._given_outputs(arrays)
        names = [loss._input_names[k] for k in given]
        self.sides = [arrays[k] for k in given]
        self.labels = arrays[0] if loss.inputs[0].domain.kind == "labels" else None
        self.order = self.first = self.last = None
        if loss.metric == "given":
            check_similarities(self.sides[0], names[0])
        else:
            check_batch(names, self.sides, self.labels)
        self.shape = self.sides[0].shape[:1]
        self.size = sum(side.size for side in self.sides)
        steep = loss._steepness(params) > _STEEPEST_IN_SINGLE
        self.double = steep or not all(map(is_single, self.sides))
        self.checked = False

    @property
    def work(self):
        # A pair takes a product of d terms or two, at several of these in the time of an element.
        n, d = self.sides[0].shape
        return n * n * (4 + d // 4)

    def check(self):
        """Check all the inputs, before anything is written."""
        for k, side in zip(self.loss._outputs, self.sides, strict=False):
            _check_elements(self, side, self.loss.inputs[k])
        self.checked = True

    def total_weight(self, weight, weight_sum):
        """Sort the labels; the denominator of the mean."""
        self._group()
        counted = self.loss.counted
        if counted == "all":
            return float(self.shape[0]) if weight is None else weight_sum
        size = self.last - self.first
        if counted == "pairs":
            return float((size - 1).sum()) or 1.0  # the mean of no terms is 0
        mask = (size > 1) & (size < len(size)) if counted == "both" else size > 1
        if weight is None or not mask.any():
            return float(mask.sum()) or 1.0
        return float(weight[self.order][mask].sum(dtype=np.float64))

    def _group(self):
        """Sort the labels."""
        if self.labels is None:
            return
        item = self.loss.inputs[0]
        if not self.assume_finite and first_where(self.labels, item.domain.outside) is not None:
            raise_outside(self.labels, item.name, item.domain)
        self.order, self.first, self.last = group_labels(self.labels, item.name)

    def new_values(self):
        return np.empty(self.shape, dtype=np.result_type(*map(output_dtype, self.sides)))

    def extra(self, name):
        """The arrays that a switch of the function asks for."""
        return self.mined

    def _read(self, metric):
        """The rows of all sides as the kernels take them; None where one is not finite."""
        rows = [pairwise.rows_of(side, metric, self.double, self.order) for side in self.sides]
        if not self.double and self.loss.by_length:
            # The lengths are the steepness here.
            self.double = max(side.norm.max() for side in rows) > _STEEPEST_IN_SINGLE
            if self.double:
                return self._read(metric)
        for k, side, array in zip(self.loss._outputs, rows, self.sides, strict=True):
            if not side.finite:
                if not self.assume_finite:
                    item = self.loss.inputs[k]
                    raise_outside(array, item.name, item.domain)
                return None
        return rows

    def _is_finite(self):
        """Whether similarities and labels that are given are numbers."""
        domain = self.loss.inputs[0].domain
        if self.labels is not None and first_where(self.labels, domain.outside) is not None:
            return False
        if self.loss.metric != "given":
            return True
        side = self.sides[0]
        _, bad = pointwise.run(
            None, side.shape, (), (side,), (REAL.key,), self.double, n_threads=self.threads
        )
        if bad and not self.assume_finite:
            raise_outside(side, self.loss.inputs[0].name, REAL)
        return not bad

    def _poison(self, values, gradients):
        """All pairs of a row that is no number are none, and every row has a pair with it."""
        for array in gradients if values is None else (values, *gradients):
            array.fill(np.nan)
        self.mined = (np.full(self.shape, np.nan),) * 2
        return math.nan

    def run(self, weight, scale, values, gradients, hessians):
        loss = self.loss
        given = loss.metric == "given"
        rows = self._read(loss.metric) if not given else [None, None]
        if rows is None or not self._is_finite():
            return self._poison(values, gradients)
        if weight is not None or loss.share != 1:
            weight = np.full(self.shape, loss.share) if weight is None else loss.share * weight
            weight = np.ascontiguousarray(weight, np.float64)
        with one_blas_thread():
            losses, total, mined = pairwise.run(
                pairwise.KERNELS[loss.kernel],
                self.params,
                *rows,
                given=self.sides[0] if given else None,
                metric=loss.metric,
                double_=self.double,
                two_sided=loss.two_sided,
                order=self.order,
                first=self.first,
                last=self.last,
                weight=weight,
                gradients=gradients,
                scale=scale,
                n_threads=self.threads,
            )
        if given and mined and gradients:
            self._scatter(gradients[0], mined, weight, scale)
        if mined:
            dtype = np.result_type(*map(output_dtype, self.sides))
            self.mined = tuple(mined[0][kind].astype(dtype) for kind in (1, 0))
        if values is not None:
            with np.errstate(over="ignore"):
                values[...] = losses
        return total

    def _scatter(self, gradient, mined, weight, scale):
        """The derivatives by similarities that are given: of a few elements."""
        # Where what is float64 is asked for in float32, it is rounded once.
        total = gradient
        if gradient.dtype != output_dtype(self.sides[0]):
            total = np.empty(gradient.shape)
        total[...] = 0
        for side, (_, _, at) in enumerate(mined):
            anchors = np.flatnonzero(at >= 0)
            slope = np.full(len(anchors), scale) if weight is None else scale * weight[anchors]
            pairs = (anchors, at[anchors])
            np.add.at(total, pairs[::-1] if side else pairs, slope)
            np.add.at(total, (anchors, anchors), -slope)
        if total is not gradient:
            with np.errstate(over="ignore", under="ignore"):
                gradient[...] = total


class TripletPlan(BatchPlan):
    """A loss of all triplets of a batch, in float64."""

    __slots__ = ("gradient", "total")

    def __init__(self, loss, arrays, params):
        super().__init__(loss, arrays, params)
        self.double = True

    def total_weight(self, weight, weight_sum):
        """Evaluate: how many terms count is known afterwards."""
        self._group()
        rows = self._read("distance")
        if rows is None or not self._is_finite():
            self.total = self.gradient = None
            return 1.0
        with one_blas_thread():
            self.total, n_counted, self.gradient = pairwise.run_triplets(
                self.loss.kernel,
                *self.params,
                *rows,
                self.order,
                self.first,
                self.last,
                sloping=self.sloping,
                n_threads=self.threads,
            )
        return n_counted or 1.0

    def run(self, weight, scale, values, gradients, hessians):
        if self.total is None:
            return self._poison(values, gradients)
        for out in gradients:
            np.multiply(self.gradient, scale, out=self.gradient)
            with np.errstate(over="ignore", under="ignore"):
                out[self.order] = self.gradient
        return self.total


class BatchLoss(Loss):
    """Base class of the losses of a batch: all pairs of its rows.

    The inputs with a gradient are the rows, of one array or of two; before them there may be a
    label for each row. Each row is an anchor.
    """

    #: Name of the kernel in `_kernels/pairwise.pyx`.
    kernel = None
    #: What the pairs are compared by: "cosine", "dot", "distance" or "given".
    metric = "cosine"
    #: Whether the rows of the second array are anchors as well.
    two_sided = True
    #: What counts in the mean: "all" anchors, those with a "positive", those with "both"
    #: positives and negatives, or positive "pairs".
    counted = "all"
    #: Factor of the loss of each anchor.
    share = 1.0
    #: Whether exponents grow with the length of a row.
    by_length = False

    def _plan(self, arrays, params):
        return BatchPlan(self, arrays, params)

    def _steepness(self, params):
        """The most that an exponent changes by for each unit of similarity."""
        return 0.0

    def _check_additive(self):
        raise ValueError(
            f"{type(self).__name__} compares all rows of a batch with one another, so the losses "
            "of parts do not add up to that of the whole."
        )


class TripletBatchLoss(BatchLoss):
    """Base class of the losses that average over pairs or triplets of a batch."""

    metric = "distance"
    reductions = ("mean", "sum")
    weighted = False

    def _plan(self, arrays, params):
        return TripletPlan(self, arrays, params)
