"""Losses of scores by which the rows of groups are ranked: learning to rank."""

from numbers import Integral

from .._description import Input, LossTags
from .._domains import LABELS, NONNEGATIVE, REAL
from .._families.groups import GroupLoss
from .._sklearn_compat import Interval

__all__ = ["LambdaRankLoss", "ListMLELoss", "ListNetLoss", "RankNetLoss"]

_Y_TRUE = Input(
    "y_true",
    REAL,
    "array-like of shape (n_samples,)\nRelevance of each row; higher is better.",
)
_GRADES = Input(
    "y_true",
    NONNEGATIVE,
    "array-like of shape (n_samples,)\nRelevance of each row, >= 0; higher is better.",
)
_Y_PRED = Input(
    "y_pred",
    REAL,
    "array-like of shape (n_samples,)\nScores; rows are ranked by them, the highest first.",
    differentiable=True,
)
_GROUPS = Input(
    "groups",
    LABELS,
    "array-like of shape (n_samples,)\n"
    "Labels of the groups, of any type that NumPy can sort. Rows with the same label, wherever\n"
    "they are, are ranked together.",
)
_INPUTS = (_Y_TRUE, _Y_PRED, _GROUPS)


class RankNetLoss(GroupLoss):
    r"""RankNet: the logistic loss of the pairs of a group, averaged over the pairs.

    See Also
    --------
    LambdaRankLoss : Pairs weighted by what swapping them would change.
    ListNetLoss : A softmax over the group, without pairs.
    MarginRankingLoss : Pairs that the caller passes.

    Notes
    -----
    With the relevances y and the scores s, the loss of a group is the mean over its pairs of
    different relevance,

    .. math:: \ell = \frac{1}{|P|} \sum_{(i, j) \in P} \log(1 + e^{-(s_i - s_j)}), \qquad
        P = \{(i, j) : y_i > y_j\}

    where :math:`e^{-(s_i - s_j)}` may have any size. Only the order of the relevances matters.
    Decreases towards 0 as the rows are ranked by relevance with growing distances. Groups have the
    same weight whatever the number of their pairs: `sample_weight` and the reduction "none" have
    one element for each group, in the order of ``numpy.unique(groups)``. A group of one row, or of
    rows of equal relevance, has a loss of 0, which counts in the mean.

    Gradient and diagonal of the Hessian are exact. A group of m rows takes time in proportion to
    its number of pairs, and memory in proportion to m. Parts of a data set add up if each group is
    in one part (`partial`). If NaN is allowed (`assume_finite`), a NaN or infinite value makes
    everything of its group NaN, and a NaN in `groups` all of the result.

    References
    ----------
    C. Burges, T. Shaked, E. Renshaw, A. Lazier, M. Deeds, N. Hamilton, G. Hullender, "Learning to
    Rank Using Gradient Descent", ICML 2005. :doi:`10.1145/1102351.1102363`

    Examples
    --------
    >>> from sklosses import RankNetLoss, ranknet_loss
    >>> y_true = [2, 0, 1, 1, 0]
    >>> y_pred = [1.0, 0.0, 0.5, -1.0, 1.0]
    >>> groups = ["a", "a", "a", "b", "b"]
    >>> round(ranknet_loss(y_true, y_pred, groups), 4)
    1.2737
    >>> loss = RankNetLoss(reduction="none")
    >>> loss(y_true, y_pred, groups).round(4)
    array([0.4205, 2.1269])
    >>> loss.gradient(y_true, y_pred, groups).round(4)
    array([-0.2155,  0.2155,  0.    , -0.8808,  0.8808])
    """

    function_name = "ranknet_loss"
    aliases = ("pairwise_logistic", "rank_pairwise")
    kernel = "ranknet_loss"
    of_pairs = True
    inputs = _INPUTS
    tags = LossTags(response="score", target="relevance")


class LambdaRankLoss(GroupLoss):
    r"""LambdaRank: logistic loss of pairs, weighted by the change of NDCG if they were swapped.

    Parameters
    ----------
    k : int, default=None
        Number of ranks that count in the NDCG; None means all.

    See Also
    --------
    RankNetLoss : All pairs have the same weight.
    ListNetLoss : A softmax over the group, without pairs.

    Notes
    -----
    With the relevances y, the scores s and the ranks r by score, which begin at 1, the loss of a
    group is a sum over its pairs of different relevance,

    .. math:: \ell = \sum_{y_i > y_j} |\Delta_{ij}| \log(1 + e^{-(s_i - s_j)}), \qquad
        |\Delta_{ij}| = \frac{(2^{y_i} - 2^{y_j}) \, |D(r_i) - D(r_j)|}{\max \mathrm{DCG@k}}

    with the discounts :math:`D(r) = 1 / \log_2(1 + r)` for :math:`r \le k`, otherwise 0. Logarithms
    of the loss are natural, and there is no further normalisation. Of equal scores the one that
    comes first in the arrays has the better rank. Decreases towards 0 as the rows are ranked by
    relevance with growing distances.

    The weights are held constant in gradient and Hessian. They only change where two scores are
    equal, so elsewhere these are the derivatives of the value. They are those of LightGBM's
    objective `lambdarank` with ``k=None``, its `lambdarank_norm` off and its
    `lambdarank_truncation_level` at least the size of the largest group; LightGBM adds them over
    the groups, as the reduction "sum" does.

    `sample_weight` and the reduction "none" have one element for each group, in the order of
    ``numpy.unique(groups)``. A group of one row, or of rows of equal relevance, has a loss of 0,
    which counts in the mean. Relevances may have any size, since gains are computed relative to the
    highest, and need not be integers. Everything is computed in float64, because discounts of
    distant ranks are almost the same. A group of m rows takes time in proportion to its number of
    pairs, and memory in proportion to m. Parts of a data set add up if each group is in one part
    (`partial`). If NaN is allowed (`assume_finite`), a NaN or infinite value makes everything of
    its group NaN, and a NaN in `groups` all of the result.

    References
    ----------
    X. Wang, C. Li, N. Golbandi, M. Bendersky, M. Najork, "The LambdaLoss Framework for Ranking
    Metric Optimization", CIKM 2018. :doi:`10.1145/3269206.3271784`

    C. Burges, "From RankNet to LambdaRank to LambdaMART: An Overview", Microsoft Research Technical
    Report MSR-TR-2010-82, 2010.

    Examples
    --------
    >>> from sklosses import LambdaRankLoss, lambdarank_loss
    >>> y_true = [2, 0, 1, 1, 0]
    >>> y_pred = [1.0, 0.0, 0.5, -1.0, 1.0]
    >>> groups = ["a", "a", "a", "b", "b"]
    >>> round(lambdarank_loss(y_true, y_pred, groups), 4)
    0.5139
    >>> loss = LambdaRankLoss(k=1, reduction="none")
    >>> loss(y_true, y_pred, groups).round(4)
    array([0.6293, 2.1269])
    >>> gradient, hessian = loss.gradient_and_hessian(y_true, y_pred, groups)
    >>> gradient.round(4)
    array([-0.5206,  0.2689,  0.2517, -0.8808,  0.8808])
    >>> hessian.round(4)
    array([0.3533, 0.1966, 0.1567, 0.105 , 0.105 ])
    """

    function_name = "lambdarank_loss"
    aliases = ("lambda_loss", "rank_ndcg", "rank_xendcg")
    kernel = "lambdarank_loss"
    of_pairs = True
    in_double = True
    inputs = (_GRADES, _Y_PRED, _GROUPS)
    tags = LossTags(response="score", target="relevance", convex=False, gradient="partial")
    _parameter_constraints = {"k": [Interval(Integral, 1, 2**62, closed="both"), None]}

    def __init__(self, *, k=None, reduction: str = "mean"):
        self.k = k
        self.reduction = reduction

    def _kernel_params(self):
        return () if self.k is None else (float(self.k),)


class ListNetLoss(GroupLoss):
    r"""ListNet: cross-entropy of the softmaxes of relevances and scores of a group.

    See Also
    --------
    ListMLELoss : The likelihood of the order of the relevances.
    RankNetLoss : Pairs of rows.
    CrossEntropyLoss : The same for classes, with probabilities as targets.

    Notes
    -----
    With the relevances y and the scores s, the loss of a group is

    .. math:: \ell = -\sum_i q_i \log p_i, \qquad
        q_i = \frac{e^{y_i}}{\sum_j e^{y_j}}, \quad p_i = \frac{e^{s_i}}{\sum_j e^{s_j}}

    the probabilities of each row to be the first ("top one"). Minimised by scores that are the
    relevances plus a constant, where it is the entropy of q. `sample_weight` and the reduction
    "none" have one element for each group, in the order of ``numpy.unique(groups)``. A group of one
    row, or of rows of equal relevance, which is not about any order, has a loss of 0, which counts
    in the mean.

    Gradient and diagonal of the Hessian, :math:`p_i (1 - p_i)`, are exact. Scores and relevances
    may have any size, and are only compared with those of their group. Parts of a data set add up
    if each group is in one part (`partial`). If NaN is allowed (`assume_finite`), a NaN or infinite
    value makes everything of its group NaN, and a NaN in `groups` all of the result.

    References
    ----------
    Z. Cao, T. Qin, T.-Y. Liu, M.-F. Tsai, H. Li, the paper that introduced ListNet, ICML 2007.
    :doi:`10.1145/1273496.1273513`

    Examples
    --------
    >>> from sklosses import ListNetLoss, listnet_loss
    >>> y_true = [2, 0, 1, 1, 0]
    >>> y_pred = [1.0, 0.0, 0.5, -1.0, 1.0]
    >>> groups = ["a", "a", "a", "b", "b"]
    >>> round(listnet_loss(y_true, y_pred, groups), 4)
    1.2409
    >>> loss = ListNetLoss(reduction="none")
    >>> loss(y_true, y_pred, groups).round(4)
    array([0.8927, 1.589 ])
    >>> loss.gradient(y_true, y_pred, groups).round(4)
    array([-0.1588,  0.0963,  0.0625, -0.6119,  0.6119])
    """

    function_name = "listnet_loss"
    aliases = ("softmax_loss", "list_softmax")
    kernel = "listnet_loss"
    inputs = _INPUTS
    tags = LossTags(response="score", target="relevance")


class ListMLELoss(GroupLoss):
    r"""ListMLE: negative log-likelihood of the order of the relevances (Plackett-Luce).

    See Also
    --------
    ListNetLoss : Compares the scores with the relevances themselves, not with their order.
    CoxPHLoss : The same likelihood for times of events.

    Notes
    -----
    Let :math:`\pi` sort the rows of a group by relevance, the highest first; rows of equal
    relevance keep their order in the arrays. With the scores s, the loss of the group is

    .. math:: \ell = \sum_i \left( \log \sum_{k \ge i} e^{s_{\pi(k)}} - s_{\pi(i)} \right)

    minus the logarithm of the probability that rows are drawn in this order if each is drawn from
    those that are left with a probability in proportion to :math:`e^s`. Decreases towards 0 as the
    scores are in the order of the relevances with growing distances. `sample_weight` and the
    reduction "none" have one element for each group, in the order of ``numpy.unique(groups)``. A
    group of one row, or of rows of equal relevance, has a loss of 0, which counts in the mean.

    Gradient and diagonal of the Hessian are exact. A group of m rows takes m log m time. The sums
    have exponents of their own, so scores may have any size. Everything is computed in float64.
    Parts of a data set add up if each group is in one part (`partial`). If NaN is allowed
    (`assume_finite`), a NaN or infinite value makes everything of its group NaN, and a NaN in
    `groups` all of the result.

    References
    ----------
    F. Xia, T.-Y. Liu, J. Wang, W. Zhang, H. Li, "Listwise Approach to Learning to Rank: Theory and
    Algorithm", ICML 2008. :doi:`10.1145/1390156.1390306`

    Examples
    --------
    >>> from sklosses import ListMLELoss, listmle_loss
    >>> y_true = [2, 0, 1, 1, 0]
    >>> y_pred = [1.0, 0.0, 0.5, -1.0, 1.0]
    >>> groups = ["a", "a", "a", "b", "b"]
    >>> round(listmle_loss(y_true, y_pred, groups), 4)
    1.6406
    >>> loss = ListMLELoss(reduction="none")
    >>> loss(y_true, y_pred, groups).round(4)
    array([1.1543, 2.1269])
    >>> loss.gradient(y_true, y_pred, groups).round(4)
    array([-0.4935,  0.5639, -0.0703, -0.8808,  0.8808])
    """

    function_name = "listmle_loss"
    aliases = ("plackett_luce",)
    kernel = "listmle_loss"
    sorts = True
    in_double = True
    inputs = _INPUTS
    tags = LossTags(response="score", target="relevance", likelihood=True)
