"""The protocol of a plan: what `Loss._evaluate` asks of it, and in which order.

A plan is the Python side of one evaluation: it takes the arrays of a call to a run of a driver.
Each kernel family has its own, a subclass of `Plan` in the module named after the family, and the
base class of the family's losses names it as `plan_class`. That is the only way from a loss to its
plan.

`Loss._evaluate` makes the plan and calls its methods in this order, each at most once:

1. ``plan_class(loss, arrays, params)`` checks the shapes;
2. `begin` takes what the call decides;
3. `prepare` checks the labels and returns the total weight;
4. `check` checks all other values, only where outputs are the caller's;
5. `run` evaluates the loss.
"""

import numpy as np

from .._kernels import pointwise
from .._threads import effective_threads
from .._validation import output_dtype, raise_outside
from .._warnings import warn

# Elements that are copied at a time.
BUFFER = 1 << 16


class Plan:
    """One evaluation of a loss, whatever its kernel.

    Parameters
    ----------
    loss : Loss
    arrays : sequence of ndarray
        The arrays of the call, in the order of `loss.inputs`; None for an optional one that was
        not passed.
    params : tuple
        What `Loss._kernel_params` returned.

    Attributes
    ----------
    loss, arrays
        As above.
    shape : tuple of int
        Shape of the unreduced loss.
    size : int
        Number of elements that are read.
    reduction : str
        The reduction whose terms are added: that of the call, or for a part of a data set that of
        the whole.
    avg_factor : float or None
        The denominator of a mean that the caller passed.
    n_threads : int
    assume_finite : bool
        Whether NaN and infinity are let through.
    want_gradient : bool
    checked : bool
        Whether all values have been checked, so that `run` need not.
    double : bool
        Whether the kernel computes in float64, not in float32.
    """

    __slots__ = (
        "arrays",
        "assume_finite",
        "avg_factor",
        "checked",
        "double",
        "loss",
        "n_threads",
        "reduction",
        "shape",
        "size",
        "want_gradient",
    )

    #: Whether each array has a mean of its own, so that the unreduced loss has no shape.
    separate_means = False
    #: The number of log-probabilities whose sum is one term of the loss.
    n_added = 1

    def __init__(self, loss, arrays, params):
        """Check that the shapes of the arrays go together; set `shape`, `size`, `double`."""
        raise NotImplementedError

    @property
    def work(self):
        """The amount of work, in elements of an elementwise loss: decides about threads."""
        return self.size

    @property
    def n_samples(self):
        """The number of samples, the denominator of "batchmean"."""
        return float(self.shape[0]) if self.shape else 1.0

    @property
    def values_dtype(self):
        """The dtype of the unreduced loss."""
        return output_dtype(self.arrays[-1])

    @property
    def values_like(self):
        """The array whose order in memory the unreduced loss has, or None for C order."""
        return None

    def begin(self, reduction, avg_factor, n_threads, assume_finite, want_gradient):
        """Take what the call decides; nothing else sets these attributes.

        Parameters
        ----------
        reduction, avg_factor, assume_finite, want_gradient
            See the attributes.
        n_threads : int or None
            As the caller passed it.
        """
        self.reduction = reduction
        self.avg_factor = avg_factor
        self.n_threads = effective_threads(n_threads, self.work)
        self.assume_finite = assume_finite
        self.want_gradient = want_gradient
        self.checked = False

    def prepare(self, weight, weight_sum):
        """Check the labels, and whatever else the total weight depends on.

        Parameters
        ----------
        weight : ndarray or None
            Sample weights, checked and broadcast to `shape`.
        weight_sum : float or None
            Their sum.

        Returns
        -------
        total_weight : float
            The denominator of the mean, unless `avg_factor` takes its place.
        """
        raise NotImplementedError

    def check(self):
        """Check all values that `prepare` has not, and set `checked`.

        Called before anything is written to outputs that belong to the caller, which must stay as
        they are when an input is refused. Otherwise `run` finds bad values as it goes along.
        """
        raise NotImplementedError

    def run(self, weight, scale, values, gradients, hessians):
        """Evaluate the loss; called after `prepare`.

        Parameters
        ----------
        weight : ndarray or None
            As for `prepare`.
        scale : float
            The factor of gradients and Hessians: one over the denominator.
        values : ndarray of shape `shape`, or None
            Where the weighted, unreduced loss is written.
        gradients, hessians : tuple of ndarray
            Where they are written, one for each differentiable array that was passed; empty where
            they are not wanted.

        Returns
        -------
        total : float
            The weighted sum of the losses, not scaled.
        """
        raise NotImplementedError

    def extra(self, name):
        """A tuple of the arrays that the switch `name` of the function asks for, after `run`."""
        raise NotImplementedError

    def warn_of_sign(self, total, total_weight):
        """Warn of a negative total of a loss of log-probabilities, beyond rounding."""
        if not self.loss.of_log_probabilities:
            return
        dtypes = [self.arrays[k].dtype for k in self.loss._outputs]
        # Numbers of more digits may have been computed in float32.
        eps = max(float(np.finfo(d).eps) if d.kind == "f" else 0.0 for d in dtypes)
        rounding = 16 * max(eps, float(np.finfo(np.float32).eps)) * self.n_added
        if -total > rounding * total_weight:
            warn(
                f"{type(self.loss).__name__} is negative, which it cannot be of log-probabilities: "
                "those are <= 0. Pass the logarithm of probabilities, such as "
                "scipy.special.log_softmax(logits, axis)"
                + (", or use cross_entropy for logits." if self.n_added == 1 else "."),
                UserWarning,
            )

    def check_elements(self, array, item):
        """Raise if an element of an array is outside the domain of its input."""
        if pointwise.run(
            None,
            array.shape,
            (),
            (array,),
            (item.domain.key,),
            self.double,
            assume_finite=self.assume_finite,
            n_threads=self.n_threads,
        )[1]:
            raise_outside(array, item.name, item.domain)
