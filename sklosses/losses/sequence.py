"""Losses of sequences whose alignment with their targets is not known."""

from numbers import Integral

from .._description import Input, LossTags
from .._domains import LOG_PROBABILITY, NONNEGATIVE
from .._families.ctc import SequenceLoss
from .._sklearn_compat import Interval

__all__ = ["CTCLoss"]


class CTCLoss(SequenceLoss):
    r"""Connectionist temporal classification, of log-probabilities over time.

    Parameters
    ----------
    blank : int, default=0
        Class of the blank, of which targets have none.
    zero_infinity : bool, default=False
        Whether targets that cannot be aligned, because the input is too short or by
        log-probabilities of -inf, cost 0 rather than infinity.

    See Also
    --------
    CrossEntropyLoss : Where each prediction has a label of its own.

    Notes
    -----
    An alignment has one class for each time; leaving out first the repetitions and then the
    blanks gives the sequence of labels that it stands for. The loss is minus the logarithm of
    the probability of the target, the sum over the set A of its alignments:

    .. math:: \ell = -\log \sum_{a \in A} \prod_t e^{z_{t, a_t}}

    with the log-probabilities z. The mean divides each loss by the length of its target, at
    least 1, before it is averaged: it is sum(w l / max(length, 1)) / sum(w) with the sample
    weights w. "sum" and "none" are of the losses themselves.

    The gradient by :math:`z_{t,c}` is :math:`-o_{t,c}`, with the occupancy o: the share, by
    their probabilities, of the alignments that have class c at time t. PyTorch returns
    :math:`e^{z_{t,c}} - o_{t,c}`, which is not the derivative but leads to the same gradient
    of the logits behind a log-softmax. The gradient is 0 at the times from `input_lengths` on.

    Log-probabilities need not be normalised, and -inf is one of them. A negative loss is returned
    with a UserWarning, since it shows that `log_probs` holds probabilities or logits.

    The lattice of the forward-backward algorithm runs in float64 with an exponent of its own for
    each state: it neither underflows nor loses digits over thousands of times. Minimised by
    giving an alignment of the target the probability 1.

    A target needs as many times as it has labels, and one more for each label that equals the
    one before it. Where there are fewer, the loss is infinite, or 0 with `zero_infinity`, and
    its gradient 0 either way (nan in PyTorch). An empty target is aligned with blanks alone,
    also with an input of length 0. A sequence with a weight of 0 counts nothing even if it is
    infinitely unlikely. Where NaN is let through, one anywhere in a sequence, also beyond its
    length, makes its loss and its gradient NaN, and so does infinity.

    References
    ----------
    A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist Temporal Classification:
    Labelling Unsegmented Sequence Data with Recurrent Neural Networks", ICML 2006.
    :doi:`10.1145/1143844.1143891`

    Examples
    --------
    Two sequences of up to 4 times over a blank and the labels 1 and 2:

    >>> import numpy as np
    >>> from sklosses import CTCLoss, ctc_loss
    >>> log_probs = np.log(np.full((4, 2, 3), 1 / 3))
    >>> targets = [[1, 2], [2, 0]]  # of the second one label is used
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
            "Labels: a row for each sequence, of which as many are used as `target_lengths`\n"
            "says, or those of all the sequences one after the other. Class indices other than\n"
            "the blank; unused ones may have any value. n may be 0.",
            may_be_empty=True,
        ),
        Input(
            "log_probs",
            LOG_PROBABILITY,
            "array-like of shape (n_times, n_sequences, n_classes) or (n_times, n_classes)\n"
            "Logarithms of the probabilities of the classes, such as log_softmax gives.",
            differentiable=True,
        ),
        Input(
            "input_lengths",
            NONNEGATIVE,
            "array-like of shape (n_sequences,)\n"
            "How many times of each sequence are used, from 0 to n_times. One number for\n"
            "`log_probs` of two axes.",
        ),
        Input(
            "target_lengths",
            NONNEGATIVE,
            "array-like of shape (n_sequences,)\n"
            "How many labels each sequence has. One number for `log_probs` of two axes.",
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
