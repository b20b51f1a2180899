"""What all plans have in common."""

import numpy as np

from .._kernels import pointwise
from .._validation import raise_outside
from .._warnings import warn


def check_elements(plan, array, item):
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


# Elements that are copied at a time.
BUFFER = 1 << 16
