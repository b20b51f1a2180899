"""The protocol of a plan: which of its methods `Loss._evaluate` calls, and in which order.

A plan is the Python side of one evaluation: it prepares the arrays of a call for the driver of a
family and calls the driver. Each family has its own, a subclass of `Plan` in the module named after
the family. The base class of the family's losses names it as `plan_class`, the only way from a loss
to its plan.

`Loss._evaluate` makes the plan and calls its methods in this order, each at most once:

1. ``plan_class(loss, arrays, params)`` checks the shapes.
2. `begin` stores the settings of the call.
3. `prepare` checks the labels and returns the total weight. For a vector-Jacobian product,
   `signed_weight` follows.
4. `check` checks all other values; called only if the caller passed arrays for the outputs, and
   unless the driver can do that itself at the start of `run` (`check_first`).
5. `run` evaluates the loss.
"""

import difflib
import math
from functools import partial

import numpy as np

from .._kernels import ISA, MissingKernelError, classwise, pointwise
from .._threads import effective_threads
from .._validation import output_dtype, raise_changed, raise_label, raise_outside, raise_shapes
from .._warnings import warn


def raise_kernel(loss, module):
    """Raise for a loss whose `kernel` is not in a kernel module, with the nearest one that is."""
    name = loss.kernel
    near = difflib.get_close_matches(str(name), module.KERNELS, n=1)
    hint = f"One that is new has to be built: the build in use is {ISA!r}."
    if near:
        hint = f"Did you mean {near[0]!r}?"
    family = module.__name__.rpartition(".")[2]
    raise RuntimeError(
        f"{type(loss).__name__}.kernel must be the name of a kernel in _kernels/{family}.pyx. "
        f"Got {name!r} instead. {hint}"
    ) from None


def find_kernel(loss, module):
    """The kernel of a loss. Plans of losses that take little time look it up themselves."""
    try:
        return module.KERNELS[loss.kernel]
    except (MissingKernelError, TypeError):
        raise_kernel(loss, module)


# Number of elements that are copied at a time.
BUFFER = 1 << 16
# From here on float32 does not tell all integers apart.
NOT_IN_SINGLE = 2.0**24
# NumPy's type number of uint64.
_UINT64 = np.dtype(np.uint64).num


class Plan:
    """One evaluation of a loss; the base class of all plans.

    Parameters
    ----------
    loss : Loss
    arrays : sequence of ndarray
        The arrays of the call, in the order of `loss.inputs`; None for an optional one that was
        not passed.
    params : tuple
        The result of `Loss._kernel_params`.

    Attributes
    ----------
    loss, arrays
        As passed.
    shape : tuple of int
        Shape of the unreduced loss.
    size : int
        Number of elements; the default of `work`.
    reduction : str
        The reduction whose terms are added: that of the call or, for a part of a data set, that of
        the whole data set.
    avg_factor : float or None
        The denominator of the mean, if the caller passed one.
    n_threads : int
    assume_finite : bool
        Whether NaN and infinity are allowed.
    want_gradient : bool
    switches : tuple of str
        The switches of the function that are on, those whose results `extra` is asked for.
    cotangent : ndarray or None
        Factors of the terms, of any sign, for a vector-Jacobian product.
    check_first : bool
        Whether `run` has to check all values before it writes anything.
    checked : bool
        Whether all values have been checked, so that `run` can skip the checks.
    double : bool
        Whether the kernel computes in float64 rather than float32.
    """

    __slots__ = (
        "arrays",
        "assume_finite",
        "avg_factor",
        "check_first",
        "checked",
        "cotangent",
        "double",
        "loss",
        "n_threads",
        "reduction",
        "shape",
        "size",
        "switches",
        "want_gradient",
    )

    #: Whether the arrays are averaged separately. The loss then has neither weights nor an
    #: unreduced form.
    separate_means = False
    #: Whether `check_first` may be set in place of a call of `check`.
    can_check_first = False
    #: Why the mean is undefined if `prepare` returns 0.
    why_undefined = "the total weight is zero"
    #: How many log-probabilities are added up in one term of the loss.
    n_added = 1

    def __init__(self, loss, arrays, params):
        """Check that the shapes of the arrays match; set `shape`, `size` and `double`."""
        raise NotImplementedError

    @property
    def work(self):
        """Amount of work, in elements of an elementwise loss; decides how many threads are used."""
        return self.size

    @property
    def counts_all(self):
        """Whether, without weights, the mean has one term for each element of `shape`.

        Otherwise the denominator depends on the values of the arrays.
        """
        return True

    @property
    def n_samples(self):
        """Number of samples, the denominator of "batchmean"."""
        return float(self.shape[0]) if self.shape else 1.0

    @property
    def values_dtype(self):
        """Dtype of the unreduced loss."""
        return output_dtype(self.arrays[-1])

    @property
    def values_like(self):
        """The array whose memory order the unreduced loss takes over, or None for C order."""
        return None

    def begin(
        self, reduction, avg_factor, n_threads, assume_finite, want_gradient, switches, cotangent
    ):
        """Store the settings of the call. Nothing else sets these attributes.

        Parameters
        ----------
        reduction, avg_factor, assume_finite, want_gradient, switches, cotangent
            See the attributes.
        n_threads : int or None
            As the caller passed it.
        """
        self.reduction = reduction
        self.avg_factor = avg_factor
        self.n_threads = effective_threads(n_threads, self.work)
        self.assume_finite = assume_finite
        self.want_gradient = want_gradient
        self.switches = switches
        self.cotangent = cotangent
        self.checked = False
        self.check_first = False

    def prepare(self, weight, weight_sum):
        """Check the labels and whatever else the total weight depends on.

        Parameters
        ----------
        weight : ndarray or None
            Sample weights, checked and broadcast to `shape`.
        weight_sum : float or None
            Their sum.

        Returns
        -------
        total_weight : float
            The denominator of the mean, unless `avg_factor` replaces it. By default, without
            labels: the number of terms, or the sum of their weights.
        """
        return float(math.prod(self.shape)) if weight is None else weight_sum

    def signed_weight(self, weight):
        """The weights that `run` takes for a vector-Jacobian product; called after `prepare`.

        Class weights and denominators, which `prepare` finds, depend on the sample weights alone.
        """
        if not self.loss.weighted:
            raise ValueError(
                f"The losses of {type(self.loss).__name__} under reduction='none' have gradients "
                "only one by one: each term involves several samples. Use reduction='sum'."
            )
        if self.cotangent.shape != self.shape:
            raise_shapes(("The cotangent", "the unreduced loss"), (self.cotangent, self))
        return self.cotangent if weight is None else self.cotangent * weight

    def check(self):
        """Check all values that `prepare` has not checked, and set `checked`.

        Called before anything is written to output arrays of the caller, which must stay unchanged
        if an input is invalid. For all other calls, `run` checks the values while it reads them.
        """
        raise NotImplementedError

    def run(self, weight, scale, values, gradients, hessians):
        """Evaluate the loss; called after `prepare`.

        Parameters
        ----------
        weight : ndarray or None
            As for `prepare`.
        scale : float
            The factor of gradients and Hessians: one over the denominator, so 1 with `values`.
        values : ndarray of shape `shape`, or None
            Where the weighted, unreduced loss is written.
        gradients, hessians : tuple of ndarray
            Where they are written: one array for each differentiable array that was passed, none
            if they are not wanted.

        Returns
        -------
        total : float
            The weighted sum of the losses, without `scale`.
        """
        raise NotImplementedError

    def extra(self, name):
        """Tuple of what the switch `name` of the function adds to its results; after `run`."""
        raise NotImplementedError

    def warn_of_sign(self, total, total_weight):
        """Warn if the total of a loss of log-probabilities is negative beyond rounding."""
        if not self.loss.of_log_probabilities or self.cotangent is not None:
            return
        dtypes = [self.arrays[k].dtype for k in self.loss._outputs]
        # The numbers may have been computed in float32 before they were converted to float64.
        eps = max(float(np.finfo(d).eps) if d.kind == "f" else 0.0 for d in dtypes)
        rounding = 16 * max(eps, float(np.finfo(np.float32).eps)) * self.n_added
        if -total > rounding * total_weight:
            warn(
                f"{type(self.loss).__name__} is negative, which is impossible for "
                "log-probabilities, since they are <= 0. Pass logarithms of probabilities, such as "
                "scipy.special.log_softmax(logits, axis)"
                + (", or use cross_entropy for logits." if self.n_added == 1 else "."),
                UserWarning,
            )

    def parts(self, most=BUFFER):
        """Yield an index for each part of the arrays, and the number of its first sample.

        For plans of elementwise losses that make temporary arrays. A part has at most `most`
        elements, so that these stay in the caches, or one sample.
        """
        if self.size <= most:
            yield ..., 0
            return
        n = max(1, most // (self.size // self.shape[0]))
        for start in range(0, self.shape[0], n):
            yield slice(start, start + n), start

    def sum_labels(
        self, labels, n_labels, weight, class_weight=None, ignore_index=None, listed=False
    ):
        """Check that the first input has class indices; return the weight of those not ignored."""
        name = self.loss.inputs[0].name
        refuse = partial(raise_label, labels, name, n_labels, ignore_index, listed)
        if labels.dtype.kind == "f" or labels.dtype.num == _UINT64:
            # The driver reads int64, so fractions and larger numbers are detected here.
            refuse()
        total, bad = classwise.sum_labels(
            labels, n_labels, ignore_index, weight, class_weight, self.n_threads
        )
        if bad:
            refuse()
            raise_changed(name)
        return total

    def check_elements(self, array, item, domain=None):
        """Raise if an element of `array` is outside a domain, by default that of its input."""
        domain = domain or item.domain
        if pointwise.run(
            None,
            array.shape,
            (),
            (array,),
            (domain.key,),
            self.double,
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
        )[1]:
            raise_outside(array, item.name, domain)
