"""Losses of sequences whose alignment with their targets is unknown."""

from numbers import Integral

from .._description import Input, LossTags
from .._domains import LOG_PROBABILITY, NONNEGATIVE
from .._families.ctc import SequenceLoss
from .._sklearn_compat import Interval

__all__ = ["CTCLoss"]


class CTCLoss(SequenceLoss):
    r"""Connectionist temporal classification (CTC) loss of log-probabilities over time.

    Parameters
    ----------
    blank : int, default=0
        Class index of the blank, which targets must not contain.
    zero_infinity : bool, default=False
        Whether targets that cannot be aligned, because the input is too short or because of
        log-probabilities of -inf, have a loss of 0 instead of infinity.

    See Also
    --------
    CrossEntropyLoss : For a label of each prediction.

    Notes
    -----
    An alignment assigns a class to each time step. Merging repeated classes and then dropping the
    blanks gives its sequence of labels. The loss is minus the logarithm of the probability of the
    target, a sum over the set A of its alignments:

    .. math:: \ell = -\log \sum_{a \in A} \prod_t e^{z_{t, a_t}}

    with the log-probabilities z. With the sample weights w and the target lengths n, the mean is
    :math:`\sum (w\, \ell / \max(n, 1)) / \sum w`. The other reductions do not divide by the
    lengths. Minimised, to 0, if an alignment of the target has probability 1.

    The derivative with respect to :math:`z_{t,c}` is :math:`-o_{t,c}`, where the occupancy o is the
    share of the probability of the target that comes from alignments with class c at time t.
    (PyTorch returns :math:`e^{z_{t,c}} - o_{t,c}`, which is not the derivative but leads to the
    same gradient of logits after a log-softmax.) From `input_lengths` on the gradient is 0. There
    is no diagonal Hessian. The lattice of the forward-backward algorithm is computed in float64,
    with a separate exponent for each state, so it neither underflows nor loses accuracy over
    thousands of time steps.

    Log-probabilities may be -inf and need not be normalised. A negative loss is returned with a
    UserWarning, since it shows that `log_probs` holds probabilities or logits.

    A target needs as many time steps as it has labels, and one more for each label that equals the
    one before it. If there are fewer, the loss is infinite, or 0 with `zero_infinity`, and its
    gradient is 0 in both cases (nan in PyTorch). An empty target is aligned with blanks only, also
    for an input of length 0. Sequences of weight 0 contribute 0 even if their loss is infinite. If
    NaN is allowed (`assume_finite`), a NaN or +inf anywhere in a sequence, even beyond its length,
    makes its loss and its gradient NaN.

    References
    ----------
    A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist Temporal Classification:
    Labelling Unsegmented Sequence Data with Recurrent Neural Networks", ICML 2006.
    :doi:`10.1145/1143844.1143891`

    Examples
    --------
    Two sequences of up to 4 time steps, with a blank and the labels 1 and 2:

    >>> import numpy as np
    >>> from sklosses import CTCLoss, ctc_loss
    >>> log_probs = np.log(np.full((4, 2, 3), 1 / 3))
    >>> targets = [[1, 2], [2, 0]]  # the second target has a single label
    >>> round(ctc_loss(targets, log_probs, [4, 3], [2, 1]), 4)
    1.1736
    >>> loss = CTCLoss(reduction="sum")
    >>> gradient = loss.gradient(targets, log_probs, [4, 3], [2, 1])
    >>> gradient[:, 1].round(4)
    array([[-0.5   ,  0.    , -0.5   ],
           [-0.3333,  0.    , -0.6667],
           [-0.5   ,  0.    , -0.5   ],
           [ 0.    ,  0.    ,  0.    ]])
    """

    function_name = "ctc_loss"
    of_log_probabilities = True
    inputs = (
        Input(
            "targets",
            NONNEGATIVE,
            "array-like of shape (n_sequences, n) or (n,)\n"
            "Labels: one row for each sequence, in which the first `target_lengths` entries are\n"
            "used, or the concatenated labels of all sequences. Class indices other than the\n"
            "blank; entries that are not used may have any value. n may be 0.",
            may_be_empty=True,
        ),
        Input(
            "log_probs",
            LOG_PROBABILITY,
            "array-like of shape (n_times, n_sequences, n_classes) or (n_times, n_classes)\n"
            "Log-probabilities of the classes, such as the result of log_softmax.",
            differentiable=True,
        ),
        Input(
            "input_lengths",
            NONNEGATIVE,
            "array-like of shape (n_sequences,)\n"
            "Number of time steps of each sequence, from 0 to n_times. A single number for\n"
            "`log_probs` with two axes.",
        ),
        Input(
            "target_lengths",
            NONNEGATIVE,
            "array-like of shape (n_sequences,)\n"
            "Number of labels of each sequence. A single number for `log_probs` with two axes.",
        ),
    )
    tags = LossTags(response="alignment", target="sequence", hessian="none", convex=False)
    _parameter_constraints = {
        "blank": [Interval(Integral, 0, None, closed="left")],
        "zero_infinity": ["boolean"],
    }

    def __init__(self, *, blank: int = 0, zero_infinity: bool = False, reduction: str = "mean"):
        self.blank = blank
        self.zero_infinity = zero_infinity
        self.reduction = reduction
