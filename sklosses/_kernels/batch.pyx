"""Losses of a batch: a kernel for each loss, which sees all pairs of the batch, and the driver.

The similarities s_ij (or squared differences) of n rows with n rows form a matrix. SciPy's BLAS
computes it in tiles, and unless it is small it is never stored as a whole. A sweep visits all
tiles. A loss is computed in these steps:

1. a sweep gathers statistics of each row of the matrix (`summarise`);
2. each row's loss, and what its derivatives need, follow from these (`settle`);
3. some losses have another sweep over the positives (`revisit`), and then `resettle`;
4. if gradients are wanted, a sweep replaces each s_ij by the derivative w_ij with respect to it
   (`slope`), and two products for each tile add to the gradients of both sides:

       G_I += W_IJ Z_J,    G_J += W_IJ' X_I

   Losses of a few mined pairs have no such sweep, and add the gradients of these pairs instead.

The functions of a loss are written for a *segment*: adjacent columns of one row that all are
positives of that row, or all are negatives. Rows are sorted by their labels, so the positives of a
row are adjacent, no segment has to compare labels, and most tiles have one segment in each row. If
the columns have losses as well (those of the other modality; or those of the rows, because a tile
of a symmetric matrix stands for its mirror image too), the same functions are called for the
transposed tile. A transposition costs a tenth of the product that computes the tile.

Which thread writes what. A round has tiles that share neither rows nor columns: a round of a
round-robin tournament of the blocks of rows or, if the two sides differ, of a Latin square. The
tiles of a round are processed in parallel, and the rounds one after another. Each row therefore
sees its columns in the same order for any number of threads, no thread needs a gradient of its own,
and results have the same bits.

The layers of this file, from top to bottom:

- helpers of the losses, and the losses, which plans find in `KERNELS`;
- products and tiles: `sweep_tile`, `sweep_rows`, `run_sweep` with its queue of tiles;
- `Rows`, the rows of an array as the products need them;
- gradients of mined pairs, and the last step of all gradients;
- `run_sweeps`, the steps above, and `run`, which allocates what a call needs;
- losses of all triplets, which need the distances of a row in order. `run_triplets` processes
  strips of whole rows in place of tiles.

To add a loss, write its functions here, add it to `KERNELS`, and write its class in
`sklosses.losses`.
"""

import numpy as np

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange
from libc.math cimport (
    INFINITY, exp as exp_, fabs as fabs_, frexp, isfinite, ldexp, log as log_, log1p as log1p_,
    sqrt as sqrt_,
)
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from scipy.linalg.cython_blas cimport dgemm, sgemm

from sklosses._kernels.lanes cimport compensated_sum, sum_16_lanes, sum_span
from sklosses._kernels.strided cimport (
    Operand, Space, read_span, space_add, space_start, write_span,
)
from sklosses._kernels.vecmath cimport exp, fabs, maximum, sigmoid, softplus, sqrt

cnp.import_array()

cdef extern from "transpose.h" nogil:
    void sk_transposef(const float* source, Py_ssize_t step, Py_ssize_t rows, Py_ssize_t columns,
                       float* target, Py_ssize_t target_step, bint add) noexcept
    void sk_transpose(const double* source, Py_ssize_t step, Py_ssize_t rows, Py_ssize_t columns,
                      double* target, Py_ssize_t target_step, bint add) noexcept

cdef extern from "queue.h" nogil:
    ctypedef struct Queue "sk_queue":
        Py_ssize_t next
        Py_ssize_t done
    Py_ssize_t take "sk_take"(Queue* queue) noexcept
    void finish "sk_finish"(Queue* queue) noexcept
    void await_ "sk_await"(const Queue* queue, Py_ssize_t n) noexcept

cdef enum:
    EDGE = 256          # most rows and columns of a tile
    PAD = 16            # padding of a tile's rows, so that their length is not a power of two
    STRIP = 32          # rows of a strip
    MAX_PARAMS = 4
    LANES = 16
    LINE = 64           # bytes of a cache line
    # If all tiles together take at most this, they are kept from one sweep to the next.
    KEPT_BYTES = 1 << 20

# |x|^2 + |y|^2 - 2 xy loses too many digits of a squared distance below this share of
# |x|^2 + |y|^2. Such a distance is computed from the difference of the rows.
cdef double NEAR = 1 / 32.0

# Two directions with a squared difference below this, an angle of 8 eps, differ by rounding alone.
# They count as the same, so that all multiples of a row are at distance 0 from it.
cdef double SAME = 3e-30

# Kinds of segments,
cdef enum:
    NEGATIVE = 0
    POSITIVE = 1

# and bitmasks of them.
cdef enum:
    NEGATIVES = 1
    POSITIVES = 2
    BOTH = 3

cdef enum Metric:
    # Similarities,
    COSINE, DOT, PRECOMPUTED
    # and distances, which follow from the squared difference of two rows: its root, the square
    # itself and, of rows that are divided by their lengths, half the square, 1 - cosine.
    EUCLIDEAN, SQEUCLIDEAN, COSINE_DISTANCE

# A row of the matrix, or a column with losses: what its loss gathers.
cdef struct Row:
    Py_ssize_t first            # its positives are the columns first, ..., last - 1
    Py_ssize_t last
    Py_ssize_t own              # the column of the row itself, which is not a pair, or -1
    Py_ssize_t n_positive
    Py_ssize_t n_negative
    double weight
    double norm
    double top[2]               # of negatives and of positives: sum exp(e) = total exp(top)
    double total[2]
    double weighted[2]          # sum exp(e - top) (s - pair), if `want_parameters`
    double moment               # any other sum that a loss needs
    double best[2]              # extremes of negatives and of positives, and their columns
    Py_ssize_t at[2]
    double pair                 # similarity with the row of the same number
    double loss
    double slopes[MAX_PARAMS]   # of the loss, with respect to `param`; if `want_parameters`
    double factor               # these are left by `settle` for `slope`
    double shift
    double offset

# A function of a loss for the n columns at, ..., at + n - 1 of a row: s are their similarities.
ctypedef void (*segment32)(const Job* job, Row* row, float* s, Py_ssize_t n, Py_ssize_t at,
                           int kind) noexcept nogil
ctypedef void (*segment64)(const Job* job, Row* row, double* s, Py_ssize_t n, Py_ssize_t at,
                           int kind) noexcept nogil
ctypedef void (*settle_t)(const Job* job, Row* row, Py_ssize_t i) noexcept nogil

cdef struct Job:
    Py_ssize_t n                # rows of each side
    Py_ssize_t d                # columns of each side
    Metric metric
    bint symmetric              # both sides are the same rows
    bint two_sided              # the columns have losses as well
    bint double_
    bint radial                 # losses depend on the lengths of the rows: see cmpm_slope
    void* x                     # (n, d) in the compute dtype; x and z are the same if symmetric
    void* z
    void* x_gradient            # NULL if no gradient is wanted
    void* z_gradient
    void* square                # |x|^2 of each row, for distances
    const double* inverse       # 1 / |x| of each row, 0 for zeros, for cosine distances; or NULL
    double unit                 # differences are those of the rows times this
    Row* rows
    Row* columns
    double param[MAX_PARAMS]
    bint want_parameters        # `slopes` of the rows are wanted as well
    Py_ssize_t edge             # rows and columns of a tile
    Py_ssize_t step             # elements from one row of a tile to the next
    Py_ssize_t n_blocks         # of rows, and of columns
    void* kept                  # memory of all tiles, or NULL
    Space precomputed           # a precomputed matrix, and its gradient
    double scale                # of the gradients

# ---------------------------------------------------------------------------------------------
# Helpers of the losses
# ---------------------------------------------------------------------------------------------


cdef inline floating largest(const floating* e, Py_ssize_t n) noexcept nogil:
    cdef floating lane[2 * LANES]
    cdef Py_ssize_t i = 0, k
    cdef floating top
    for k in range(2 * LANES):
        lane[k] = -INFINITY
    while i + 2 * LANES <= n:
        for k in range(2 * LANES):
            lane[k] = e[i + k] if e[i + k] > lane[k] else lane[k]
        i += 2 * LANES
    for k in range(n - i):
        lane[k] = e[i + k] if e[i + k] > lane[k] else lane[k]
    top = lane[0]
    for k in range(1, 2 * LANES):
        top = lane[k] if lane[k] > top else top
    return top


cdef inline floating smallest(const floating* e, Py_ssize_t n) noexcept nogil:
    cdef floating lane[2 * LANES]
    cdef Py_ssize_t i = 0, k
    cdef floating top
    for k in range(2 * LANES):
        lane[k] = INFINITY
    while i + 2 * LANES <= n:
        for k in range(2 * LANES):
            lane[k] = e[i + k] if e[i + k] < lane[k] else lane[k]
        i += 2 * LANES
    for k in range(n - i):
        lane[k] = e[i + k] if e[i + k] < lane[k] else lane[k]
    top = lane[0]
    for k in range(1, 2 * LANES):
        top = lane[k] if lane[k] < top else top
    return top


cdef inline double sum_exp(const floating* e, Py_ssize_t n, double shift) noexcept nogil:
    """Sum of exp(e - shift), where no e exceeds `shift`.

    A segment has at most EDGE columns, so the lanes may be in the compute dtype: each of them has
    at most 16 terms.
    """
    cdef floating lane[LANES]
    cdef double wide[LANES]
    cdef floating less = <floating> shift
    cdef Py_ssize_t i = 0, k
    for k in range(LANES):
        lane[k] = 0
    while i + LANES <= n:
        for k in range(LANES):
            lane[k] += exp(e[i + k] - less)
        i += LANES
    for k in range(n - i):
        lane[k] += exp(e[i + k] - less)
    for k in range(LANES):
        wide[k] = lane[k]
    return sum_16_lanes(wide)


cdef inline void add_exponents(const floating* e, Py_ssize_t n, double* top,
                               double* total) noexcept nogil:
    """Add exp(e) of a segment to total exp(top), with the largest exponent so far as `top`."""
    cdef double highest = largest(e, n)
    if highest > top[0]:
        total[0] *= exp_(top[0] - highest)
        top[0] = highest
    total[0] += sum_exp(e, n, top[0])


cdef inline void add_weighted(const floating* e, const floating* a, Py_ssize_t n, double* top,
                              double* total, double* weighted) noexcept nogil:
    """The same, and add exp(e) a to weighted exp(top)."""
    cdef double highest = largest(e, n)
    cdef double shrink
    cdef floating less
    cdef floating w[EDGE]
    cdef Py_ssize_t k
    if highest > top[0]:
        shrink = exp_(top[0] - highest)
        total[0] *= shrink
        weighted[0] *= shrink
        top[0] = highest
    less = <floating> top[0]
    for k in range(n):
        w[k] = exp(e[k] - less)
    total[0] += sum_span(w, n)
    for k in range(n):
        w[k] *= a[k]
    weighted[0] += sum_span(w, n)


cdef inline double soft(double x) noexcept nogil:
    """log(1 + exp(x)), which is 0 for -inf."""
    if x > 0:
        return x + log1p_(exp_(-x))
    return log1p_(exp_(x))


cdef inline double logistic(double x) noexcept nogil:
    if x >= 0:
        return 1 / (1 + exp_(-x))
    return exp_(x) / (1 + exp_(x))


cdef inline double log_total(const Row* row, int kind) noexcept nogil:
    """The logarithm of the sum of the exponentials, or -inf if there are none."""
    if row.total[kind] == 0:
        return -INFINITY
    return row.top[kind] + log_(row.total[kind])


cdef inline void mine(Row* row, int kind, floating best, bint highest, const floating* s,
                      Py_ssize_t n, Py_ssize_t at) noexcept nogil:
    """Keep the extreme of a segment if it is the best so far. Of equal ones the first is kept."""
    cdef Py_ssize_t k = 0
    if row.at[kind] >= 0 and (best < row.best[kind] if highest else best > row.best[kind]):
        return
    while k < n - 1 and s[k] != best:
        k += 1
    if row.at[kind] < 0 or best != row.best[kind] or at + k < row.at[kind]:
        row.best[kind] = best
        row.at[kind] = at + k


cdef inline bint of_distances(const Job* job) noexcept nogil:
    return job.metric >= EUCLIDEAN


cdef inline double to_distance(const Job* job, double square) noexcept nogil:
    """The distance of two rows from the square of their difference."""
    if job.metric == EUCLIDEAN:
        return job.unit * sqrt_(square)
    if job.metric == SQEUCLIDEAN:
        # One after the other, because the square of the unit may overflow.
        return job.unit * (job.unit * square)
    return square / 2


cdef inline double pull_of(const Job* job, double slope, double distance) noexcept nogil:
    """The factor of the difference of two rows in the gradient of `slope` times their distance."""
    if job.metric == EUCLIDEAN:
        return slope * job.unit / distance if distance > 0 else 0
    if job.metric == SQEUCLIDEAN:
        return slope * 2 * job.unit
    return slope


cdef inline double squared(const floating* x, const floating* y, Py_ssize_t d) noexcept nogil:
    """The squared distance of two rows, in float64 for both dtypes."""
    cdef double lane[LANES]
    cdef double difference
    cdef Py_ssize_t i = 0, k
    for k in range(LANES):
        lane[k] = 0
    while i + LANES <= d:
        for k in range(LANES):
            difference = <double> x[i + k] - <double> y[i + k]
            lane[k] += difference * difference
        i += LANES
    for k in range(d - i):
        difference = <double> x[i + k] - <double> y[i + k]
        lane[k] += difference * difference
    return sum_16_lanes(lane)


# The difference of two directions, a x - b y with a = 1 / |x| and b = 1 / |y|, is computed as
# a (x - y) + (a - b) y, or b (x - y) + (a - b) x if y is longer. So the difference of near
# duplicates keeps its digits: that of the rows is exact, and the error of a - b moves both along
# their common direction, which changes the angle only to second order.
cdef struct Turn:
    double factor               # of x - y
    double more                 # of the shorter row
    bint second                 # whether that is y


cdef inline Turn turn_of(const Job* job, Py_ssize_t i, Py_ssize_t j) noexcept nogil:
    cdef double a = job.inverse[i]
    cdef double b = job.inverse[j]
    cdef Turn turn
    turn.second = b >= a
    turn.factor = a if turn.second else b
    # Cosines of zero vectors are treated as constant.
    turn.more = a - b if turn.factor > 0 else 0
    return turn


cdef inline double squared_turn(double factor, const floating* x, const floating* y, double more,
                                const floating* z, Py_ssize_t d) noexcept nogil:
    """|factor (x - y) + more z|^2, in float64 for both dtypes."""
    cdef double lane[LANES]
    cdef double difference
    cdef Py_ssize_t i = 0, k
    for k in range(LANES):
        lane[k] = 0
    while i + LANES <= d:
        for k in range(LANES):
            difference = (factor * (<double> x[i + k] - <double> y[i + k])
                          + more * <double> z[i + k])
            lane[k] += difference * difference
        i += LANES
    for k in range(d - i):
        difference = (factor * (<double> x[i + k] - <double> y[i + k])
                      + more * <double> z[i + k])
        lane[k] += difference * difference
    return sum_16_lanes(lane)


cdef inline double squared_difference(const Job* job, Py_ssize_t i, Py_ssize_t j,
                                      floating dtype_tag) noexcept nogil:
    """The square of the difference of two rows, computed from the difference itself."""
    cdef const floating* x = <const floating*> job.x + i * job.d
    cdef const floating* y = <const floating*> job.x + j * job.d
    cdef Turn turn
    cdef double square
    if job.inverse is NULL:
        return squared(x, y, job.d)
    turn = turn_of(job, i, j)
    if turn.factor == 0:
        return 2  # the cosine of a zero vector is 0
    square = squared_turn(turn.factor, x, y, turn.more, y if turn.second else x, job.d)
    return square if square >= SAME else 0


cdef inline void add_difference(const Job* job, Py_ssize_t i, Py_ssize_t j, double factor,
                                floating* gradient) noexcept nogil:
    """Add `factor` times the difference of rows i and j, of their directions for cosines."""
    cdef const floating* x = <const floating*> job.x + i * job.d
    cdef const floating* y = <const floating*> job.x + j * job.d
    cdef const floating* z
    cdef double more
    cdef Turn turn
    cdef Py_ssize_t k
    if job.inverse is NULL:
        for k in range(job.d):
            gradient[k] = <floating> (gradient[k] + factor * (<double> x[k] - <double> y[k]))
        return
    turn = turn_of(job, i, j)
    more = factor * turn.more
    factor *= turn.factor
    z = y if turn.second else x
    for k in range(job.d):
        gradient[k] = <floating> (
            gradient[k] + (factor * (<double> x[k] - <double> y[k]) + more * <double> z[k]))


# ---------------------------------------------------------------------------------------------
# Softmax over the pairs of a row: sup_con_loss and, with one positive, info_nce_loss
# ---------------------------------------------------------------------------------------------


cdef void softmax_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                            int kind) noexcept nogil:
    """param = (1 / temperature,)."""
    cdef floating inverse = <floating> job.param[0]
    cdef floating pair = <floating> row.pair
    cdef floating e[EDGE]
    cdef floating a[EDGE]
    cdef Py_ssize_t k
    for k in range(n):
        e[k] = s[k] * inverse
    if job.want_parameters:
        # Only differences of similarities count. Those from the pair's own keep more digits.
        for k in range(n):
            a[k] = s[k] - pair
        add_weighted(e, a, n, &row.top[kind], &row.total[kind], &row.weighted[kind])
    else:
        add_exponents(e, n, &row.top[kind], &row.total[kind])
    if kind == POSITIVE:
        row.moment += sum_span(e, n)


cdef void softmax_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    """The mean of lse - e over the positives, with lse = log(sum of all exponentials).

    With a single positive the loss is log(1 + exp(negatives - positive)), with derivative -(1 - p),
    and both keep their digits where p is almost 1. So does the derivative with respect to
    1 / temperature, which is 1 - p times the mean similarity of the negatives, weighted by their
    exponentials, minus that of the positive.
    """
    cdef double negatives = log_total(row, NEGATIVE)
    cdef double positives = log_total(row, POSITIVE)
    cdef double more = soft(negatives - positives)
    if row.n_positive == 0:
        row.loss = row.factor = row.shift = row.offset = 0
        return
    row.loss = more
    row.factor = row.weight * job.param[0]
    row.shift = positives + more
    if row.n_positive == 1:
        row.offset = -row.factor * logistic(negatives - positives)
        if job.want_parameters and row.n_negative > 0:
            row.slopes[0] = logistic(negatives - positives) * (
                row.weighted[NEGATIVE] / row.total[NEGATIVE]
                - row.weighted[POSITIVE] / row.total[POSITIVE])
    else:
        row.loss += positives - row.moment / row.n_positive
        row.offset = -row.factor / row.n_positive


cdef void softmax_slope(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                        int kind) noexcept nogil:
    cdef floating inverse = <floating> job.param[0]
    cdef floating factor = <floating> row.factor
    cdef floating shift = <floating> row.shift
    cdef floating offset = 0
    cdef Py_ssize_t k
    if kind == POSITIVE:
        offset = <floating> row.offset
        if row.n_positive == 1:
            factor = 0
    for k in range(n):
        s[k] = factor * exp(s[k] * inverse - shift) + offset


# ---------------------------------------------------------------------------------------------
# Each positive pair against all the negatives of its row: nt_xent_loss
# ---------------------------------------------------------------------------------------------


cdef void nt_xent_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                            int kind) noexcept nogil:
    """param = (1 / temperature,); called for negatives only."""
    cdef floating inverse = <floating> job.param[0]
    cdef floating e[EDGE]
    cdef Py_ssize_t k
    for k in range(n):
        e[k] = s[k] * inverse
    add_exponents(e, n, &row.top[kind], &row.total[kind])


cdef void nt_xent_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    # Without negatives the loss of each positive pair is log(1 + 0); -1e30 stands for -inf.
    row.shift = maximum(log_total(row, NEGATIVE), -1e30)


cdef void nt_xent_revisit(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                          int kind) noexcept nogil:
    """softplus(u) and its derivative, with u = log(sum of the negatives) - e."""
    cdef floating inverse = <floating> job.param[0]
    cdef floating shift = <floating> row.shift
    cdef floating value[EDGE]
    cdef floating slope[EDGE]
    cdef Py_ssize_t k
    for k in range(n):
        value[k] = softplus(shift - s[k] * inverse)
    for k in range(n):
        slope[k] = sigmoid(shift - s[k] * inverse)
    row.loss += sum_span(value, n)
    row.moment += sum_span(slope, n)


cdef void nt_xent_resettle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    row.factor = row.weight * job.param[0]


cdef void nt_xent_slope(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                        int kind) noexcept nogil:
    cdef floating inverse = <floating> job.param[0]
    cdef floating shift = <floating> row.shift
    cdef floating factor = <floating> row.factor
    cdef Py_ssize_t k
    if kind == POSITIVE:
        for k in range(n):
            s[k] = -factor * sigmoid(shift - s[k] * inverse)
    else:
        factor *= <floating> row.moment
        for k in range(n):
            s[k] = factor * exp(s[k] * inverse - shift)


# ---------------------------------------------------------------------------------------------
# Softplus of the log-sum-exp of each side: multi_similarity_loss
# ---------------------------------------------------------------------------------------------


cdef void multi_similarity_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n,
                                     Py_ssize_t at, int kind) noexcept nogil:
    """param = (alpha, beta, base)."""
    cdef floating steepness = <floating> (-job.param[0] if kind == POSITIVE else job.param[1])
    cdef floating base = <floating> job.param[2]
    cdef floating e[EDGE]
    cdef Py_ssize_t k
    for k in range(n):
        e[k] = steepness * (s[k] - base)
    add_exponents(e, n, &row.top[kind], &row.total[kind])


cdef void multi_similarity_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    row.offset = soft(log_total(row, POSITIVE))
    row.shift = soft(log_total(row, NEGATIVE))
    row.loss = row.offset / job.param[0] + row.shift / job.param[1]


cdef void multi_similarity_slope(const Job* job, Row* row, floating* s, Py_ssize_t n,
                                 Py_ssize_t at, int kind) noexcept nogil:
    cdef floating steepness = <floating> (-job.param[0] if kind == POSITIVE else job.param[1])
    cdef floating base = <floating> job.param[2]
    cdef floating factor = <floating> (-row.weight if kind == POSITIVE else row.weight)
    cdef floating shift = <floating> (row.offset if kind == POSITIVE else row.shift)
    cdef Py_ssize_t k
    for k in range(n):
        s[k] = factor * exp(steepness * (s[k] - base) - shift)


# ---------------------------------------------------------------------------------------------
# Pairs weighted by their distance from the optimum: circle_loss
# ---------------------------------------------------------------------------------------------


cdef inline floating circle_exponent(floating s, floating margin, floating gamma,
                                     bint positive) noexcept nogil:
    """gamma alpha (s - delta) of a negative, or -gamma alpha (s - delta) of a positive."""
    if positive:
        return -gamma * maximum(0, 1 + margin - s) * (s - 1 + margin)
    return gamma * maximum(0, s + margin) * (s - margin)


cdef void circle_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                           int kind) noexcept nogil:
    """param = (margin, gamma)."""
    cdef floating margin = <floating> job.param[0]
    cdef floating gamma = <floating> job.param[1]
    cdef floating e[EDGE]
    cdef Py_ssize_t k
    if kind == POSITIVE:
        for k in range(n):
            e[k] = circle_exponent(s[k], margin, gamma, True)
    else:
        for k in range(n):
            e[k] = circle_exponent(s[k], margin, gamma, False)
    add_exponents(e, n, &row.top[kind], &row.total[kind])


cdef void circle_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    cdef double both
    row.offset = log_total(row, POSITIVE)
    row.shift = log_total(row, NEGATIVE)
    row.loss = row.factor = 0
    if row.n_positive == 0 or row.n_negative == 0:
        row.offset = row.shift = 0
        return
    both = row.offset + row.shift
    row.loss = soft(both)
    row.factor = row.weight * job.param[1] * logistic(both)


cdef void circle_slope(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                       int kind) noexcept nogil:
    """The factors alpha are treated as constants, without derivatives."""
    cdef floating margin = <floating> job.param[0]
    cdef floating gamma = <floating> job.param[1]
    cdef floating factor = <floating> row.factor
    cdef floating shift = <floating> (row.offset if kind == POSITIVE else row.shift)
    cdef Py_ssize_t k
    if row.factor == 0:
        # The exponents of an anchor that does not count are arbitrary.
        for k in range(n):
            s[k] = 0
    elif kind == POSITIVE:
        for k in range(n):
            s[k] = -factor * maximum(0, 1 + margin - s[k]) * exp(
                circle_exponent(s[k], margin, gamma, True) - shift)
    else:
        for k in range(n):
            s[k] = factor * maximum(0, s[k] + margin) * exp(
                circle_exponent(s[k], margin, gamma, False) - shift)


# ---------------------------------------------------------------------------------------------
# Every pair on its own: siglip_loss
# ---------------------------------------------------------------------------------------------


cdef void siglip_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                           int kind) noexcept nogil:
    """param = (temperature, bias)."""
    cdef floating sign = -1 if kind == POSITIVE else 1
    cdef floating temperature = sign * <floating> job.param[0]
    cdef floating bias = sign * <floating> job.param[1]
    cdef floating value[EDGE]
    cdef Py_ssize_t k
    for k in range(n):
        value[k] = softplus(temperature * s[k] + bias)
    row.loss += sum_span(value, n)
    if job.want_parameters:
        for k in range(n):
            value[k] = sigmoid(temperature * s[k] + bias)
        row.slopes[1] += sign * sum_span(value, n)
        for k in range(n):
            value[k] *= s[k]
        row.slopes[0] += sign * sum_span(value, n)


cdef void nothing(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    pass


cdef void siglip_slope(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                       int kind) noexcept nogil:
    cdef floating sign = -1 if kind == POSITIVE else 1
    cdef floating temperature = sign * <floating> job.param[0]
    cdef floating bias = sign * <floating> job.param[1]
    cdef floating factor = <floating> (row.weight * sign * job.param[0])
    cdef Py_ssize_t k
    for k in range(n):
        s[k] = factor * sigmoid(temperature * s[k] + bias)


# ---------------------------------------------------------------------------------------------
# Hinges on the similarity with the row's own pair: vse_loss
# ---------------------------------------------------------------------------------------------


cdef void vse_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                        int kind) noexcept nogil:
    """The sum of the hinges, and how many are active: param = (margin,).

    Called for negatives only.
    """
    cdef floating least = <floating> (job.param[0] - row.pair)
    cdef floating value[EDGE]
    cdef int active = 0
    cdef Py_ssize_t k
    for k in range(n):
        active += least + s[k] > 0
    for k in range(n):
        value[k] = maximum(0, least + s[k])
    row.loss += sum_span(value, n)
    row.moment += active


cdef void vse_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    row.offset = 0 - row.weight * row.moment  # never -0


cdef void vse_slope(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                    int kind) noexcept nogil:
    cdef floating least = <floating> (job.param[0] - row.pair)
    cdef floating factor = <floating> row.weight
    cdef Py_ssize_t k
    if kind == POSITIVE:
        s[0] = <floating> row.offset
    else:
        for k in range(n):
            s[k] = factor if least + s[k] > 0 else 0


cdef void vse_hardest_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n,
                                Py_ssize_t at, int kind) noexcept nogil:
    mine(row, kind, largest(s, n), True, s, n, at)


cdef void vse_hardest_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    cdef double gap
    row.loss = row.factor = 0
    if row.at[NEGATIVE] >= 0:
        gap = job.param[0] - row.pair + row.best[NEGATIVE]
        row.loss = gap if gap > 0 else 0
        row.factor = row.weight if gap > 0 else 0


# ---------------------------------------------------------------------------------------------
# Projections on the other modality: cmpm_loss
# ---------------------------------------------------------------------------------------------


cdef void cmpm_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                         int kind) noexcept nogil:
    """Sums of exp(u) and of u exp(u), where u = |x| (s - the largest s): param = (eps,).

    The largest s would add exactly 1 to the first sum and 0 to the second. It is left out, so that
    tiny sums of the others keep their digits. If several are equally large, one of them is left
    out. `row.at[0]` is its kind rather than its column. Cosines are subtracted before they are
    multiplied, so u of the largest is exactly 0 even if the compiler fuses a product and a sum.
    """
    cdef floating norm = <floating> row.norm
    cdef floating u[EDGE]
    cdef floating weighted[EDGE]
    cdef floating top = largest(s, n)
    cdef double fall, shrink
    cdef bint reached = row.at[0] < 0 or top >= row.top[0]
    cdef int count = 0
    cdef Py_ssize_t k
    if row.at[0] < 0 or top > row.top[0]:
        count = -1
        if row.at[0] >= 0:
            # The previous largest becomes one of the others.
            row.total[row.at[0]] += 1
            fall = row.norm * (row.top[0] - top)
            shrink = exp_(fall)
            row.moment = (shrink * (row.moment + fall * (row.total[0] + row.total[1]))
                          if shrink > 0 else 0)
            row.total[0] *= shrink
            row.total[1] *= shrink
        row.top[0] = top
        row.at[0] = kind
    top = <floating> row.top[0]
    for k in range(n):
        u[k] = norm * (s[k] - top)
    for k in range(n):
        weighted[k] = exp(u[k])
    if reached:
        for k in range(n):
            count += s[k] == top
        for k in range(n):
            weighted[k] = weighted[k] if s[k] != top else 0
    row.total[kind] += sum_span(weighted, n) + count
    for k in range(n):
        weighted[k] *= u[k]
    row.moment += sum_span(weighted, n)


cdef void cmpm_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    """sum p (log p - log(q + eps)), where q is 1 / n_positive for positives and 0 for negatives.

    Let t be the column of the largest, c_j = log(q_j + eps) and b_j = c_j - c_t. The loss is
    log p_t - c_t + mean, where `mean` is the sum of p_j (u_j - b_j) over all j but t. Its
    derivative with respect to the logit of j is p_j (u_j - b_j - mean), and that of t is
    -p_t mean. This form keeps its digits where p_t rounds to 1: log p_t - c_t, which the loss and
    the logarithm of t have in common, is never subtracted from itself.
    """
    cdef double others = row.total[0] + row.total[1]
    cdef int kind = <int> row.at[0]
    cdef int other = NEGATIVE if kind == POSITIVE else POSITIVE
    cdef double log_n = log_(row.n_positive)
    cdef double log_eps = log_(job.param[0])
    # log(q + eps) of positives exceeds that of negatives by log(1 + 1 / (n eps)).
    cdef double gap = soft(-log_n - log_eps)
    cdef double mean
    if kind == POSITIVE:
        gap = -gap
    mean = (row.moment - row.total[other] * gap) / (1 + others)
    row.loss = mean - log1p_(others) - (
        soft(log_n + log_eps) - log_n if kind == POSITIVE else log_eps)
    # What cmpm_slope subtracts from u, for negatives and for positives.
    row.offset = mean if kind == NEGATIVE else mean + gap
    row.shift = mean if kind == POSITIVE else mean + gap
    row.factor = row.weight / (1 + others)
    row.moment = 0


cdef void cmpm_slope(const Job* job, Row* row, floating* s, Py_ssize_t n, Py_ssize_t at,
                     int kind) noexcept nogil:
    """Derivatives with respect to the cosines, and in `moment` that for the length of the row.

    The latter is the sum of the derivatives times the logits. The derivatives of a row sum to 0,
    so u, a shifted logit, gives the same sum.
    """
    cdef floating norm = <floating> row.norm
    cdef floating top = <floating> row.top[0]
    cdef floating less = <floating> (row.shift if kind == POSITIVE else row.offset)
    cdef floating factor = <floating> row.factor
    cdef floating along[EDGE]
    cdef floating u, slope
    cdef Py_ssize_t k
    for k in range(n):
        u = norm * (s[k] - top)
        slope = factor * exp(u) * (u - less)
        along[k] = slope * u
        s[k] = slope * norm
    row.moment += sum_span(along, n)


# ---------------------------------------------------------------------------------------------
# The hardest pairs of a row: batch_hard_triplet_loss
# ---------------------------------------------------------------------------------------------


cdef void batch_hard_summarise(const Job* job, Row* row, floating* s, Py_ssize_t n,
                               Py_ssize_t at, int kind) noexcept nogil:
    """Find the farthest positive and the nearest negative. Of equal ones the first is taken.

    Candidates that the products cannot tell apart are compared by their differences in float64:
    the choice of the pair decides the gradient, and should not depend on the precision.
    """
    cdef double sign = 1 if kind == POSITIVE else -1
    # Several times the relative error of the result of to_squares.
    cdef double slack = 1e-12 if floating is double else 4e-5
    cdef double limit = largest(s, n) if kind == POSITIVE else smallest(s, n)
    cdef double exact
    cdef Py_ssize_t k
    limit *= 1 - sign * slack
    if row.at[kind] >= 0 and sign * (1 + 2 * sign * slack) * limit < sign * row.best[kind]:
        return
    for k in range(n):
        if sign * s[k] >= sign * limit:
            exact = squared_difference(job, row.own, at + k, <floating> 0)
            if row.at[kind] < 0 or sign * exact > sign * row.best[kind] or (
                    exact == row.best[kind] and at + k < row.at[kind]):
                row.best[kind] = exact
                row.at[kind] = at + k


cdef void batch_hard_settle(const Job* job, Row* row, Py_ssize_t i) noexcept nogil:
    """param = (margin, soft). An anchor without positives is its own positive, at distance 0."""
    cdef double positive = row.best[POSITIVE], negative = row.best[NEGATIVE]
    cdef double gap
    row.best[POSITIVE] = to_distance(job, positive)
    row.best[NEGATIVE] = INFINITY
    row.loss = row.factor = 0
    if row.at[NEGATIVE] < 0:
        return
    row.best[NEGATIVE] = to_distance(job, negative)
    gap = row.best[POSITIVE] - row.best[NEGATIVE]
    if job.metric == SQEUCLIDEAN:
        gap = to_distance(job, positive - negative)  # both may have overflowed
    if job.param[1] != 0:
        row.loss = soft(gap)
        row.factor = row.weight * logistic(gap)
    else:
        gap += job.param[0]
        row.loss = gap if gap > 0 else 0
        row.factor = row.weight if gap > 0 else 0


cdef class Kernel:
    """A loss: its functions of a segment, for float and double, and its functions of a row."""

    cdef readonly str name
    cdef void* summarise[2]     # float, double
    cdef void* revisit[2]       # called for positives after all rows are settled; may be NULL
    cdef void* slope[2]         # NULL for losses of a few mined pairs
    cdef settle_t settle
    cdef settle_t resettle      # after `revisit`
    cdef int summarised         # the kinds of segments that `summarise` is called for


cdef Kernel make(str name, segment32 summarise, segment64 summarise_double, segment32 slope,
                 segment64 slope_double, settle_t settle, int summarised=BOTH,
                 segment32 revisit=NULL, segment64 revisit_double=NULL, settle_t resettle=NULL):
    cdef Kernel kernel = Kernel.__new__(Kernel)
    kernel.name = name
    kernel.summarise[0] = <void*> summarise
    kernel.summarise[1] = <void*> summarise_double
    kernel.slope[0] = <void*> slope
    kernel.slope[1] = <void*> slope_double
    kernel.revisit[0] = <void*> revisit
    kernel.revisit[1] = <void*> revisit_double
    kernel.settle = settle
    kernel.resettle = resettle
    kernel.summarised = summarised
    return kernel


KERNELS = {
    kernel.name: kernel for kernel in (
        make("softmax", softmax_summarise[float], softmax_summarise[double], softmax_slope[float],
             softmax_slope[double], softmax_settle),
        make("nt_xent", nt_xent_summarise[float], nt_xent_summarise[double], nt_xent_slope[float],
             nt_xent_slope[double], nt_xent_settle, NEGATIVES, nt_xent_revisit[float],
             nt_xent_revisit[double], nt_xent_resettle),
        make("multi_similarity", multi_similarity_summarise[float],
             multi_similarity_summarise[double], multi_similarity_slope[float],
             multi_similarity_slope[double], multi_similarity_settle),
        make("circle", circle_summarise[float], circle_summarise[double], circle_slope[float],
             circle_slope[double], circle_settle),
        make("siglip", siglip_summarise[float], siglip_summarise[double], siglip_slope[float],
             siglip_slope[double], nothing),
        make("vse", vse_summarise[float], vse_summarise[double], vse_slope[float],
             vse_slope[double], vse_settle, NEGATIVES),
        make("vse_hardest", vse_hardest_summarise[float], vse_hardest_summarise[double], NULL, NULL,
             vse_hardest_settle, NEGATIVES),
        make("cmpm", cmpm_summarise[float], cmpm_summarise[double], cmpm_slope[float],
             cmpm_slope[double], cmpm_settle),
        make("batch_hard", batch_hard_summarise[float], batch_hard_summarise[double], NULL, NULL,
             batch_hard_settle),
    )
}

# ---------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------

# BLAS stores matrices by columns and these arrays are stored by rows, so BLAS is called for the
# transposed problem.


cdef inline void multiply(char by, char by_other, int m, int n, int k, floating alpha,
                          const floating* a, Py_ssize_t a_step, const floating* b,
                          Py_ssize_t b_step, floating beta, floating* c,
                          Py_ssize_t c_step) noexcept nogil:
    cdef int lda = <int> a_step, ldb = <int> b_step, ldc = <int> c_step
    if floating is float:
        sgemm(&by, &by_other, &m, &n, &k, &alpha, <float*> a, &lda, <float*> b, &ldb, &beta, c,
              &ldc)
    else:
        dgemm(&by, &by_other, &m, &n, &k, &alpha, <double*> a, &lda, <double*> b, &ldb, &beta, c,
              &ldc)


cdef inline void products(const floating* x, const floating* z, Py_ssize_t d, floating alpha,
                          Py_ssize_t rows, Py_ssize_t columns, floating* s,
                          Py_ssize_t step) noexcept nogil:
    """s = alpha x z'."""
    multiply(c"T", c"N", <int> columns, <int> rows, <int> d, alpha, z, d, x, d, <floating> 0, s,
             step)


cdef inline void add_to_rows(const floating* s, Py_ssize_t step, const floating* z, Py_ssize_t d,
                             Py_ssize_t rows, Py_ssize_t columns,
                             floating* gradient) noexcept nogil:
    """gradient += s z."""
    multiply(c"N", c"N", <int> d, <int> rows, <int> columns, <floating> 1, z, d, s, step,
             <floating> 1, gradient, d)


cdef inline void add_to_columns(const floating* s, Py_ssize_t step, const floating* x,
                                Py_ssize_t d, Py_ssize_t rows, Py_ssize_t columns,
                                floating* gradient) noexcept nogil:
    """gradient += s' x."""
    multiply(c"N", c"T", <int> d, <int> columns, <int> rows, <floating> 1, x, d, s, step,
             <floating> 1, gradient, d)


cdef inline void transpose(const floating* source, Py_ssize_t step, Py_ssize_t rows,
                           Py_ssize_t columns, floating* target, bint add) noexcept nogil:
    if floating is float:
        sk_transposef(source, step, rows, columns, target, step, add)
    else:
        sk_transpose(source, step, rows, columns, target, step, add)


# ---------------------------------------------------------------------------------------------
# Tiles
# ---------------------------------------------------------------------------------------------

cdef struct Sweep:
    void* function          # of segments
    int kinds               # of the segments that it is called for, a bitmask
    bint want_gradient      # it computes derivatives, which are added to the gradients
    bint first              # kept tiles have to be computed


cdef inline void to_squares(const Job* job, floating* s, Py_ssize_t i, Py_ssize_t j,
                            Py_ssize_t n) noexcept nogil:
    """From -2 x y to |x - y|^2, of directions for cosines, for one row of a tile."""
    cdef const floating* square = <const floating*> job.square + j
    cdef floating own = (<const floating*> job.square)[i]
    cdef floating near = <floating> NEAR
    cdef int found = 0
    cdef Py_ssize_t k
    if job.inverse is not NULL:
        for k in range(n):
            s[k] *= <floating> (job.inverse[i] * job.inverse[j + k])
    for k in range(n):
        s[k] += own + square[k]
        found += s[k] < near * (own + square[k])
    if found == 0:
        return
    for k in range(n):
        if s[k] < near * (own + square[k]):
            s[k] = <floating> squared_difference(job, i, j + k, <floating> 0)


cdef void fill_tile(const Job* job, Py_ssize_t i, Py_ssize_t j, Py_ssize_t rows,
                    Py_ssize_t columns, floating* s) noexcept nogil:
    cdef Py_ssize_t k
    cdef const Operand* operand
    cdef floating alpha = -2 if of_distances(job) else 1
    if job.metric == PRECOMPUTED:
        operand = &job.precomputed.operands[0]
        for k in range(rows):
            read_span(operand,
                      operand.data + (i + k) * operand.strides[0] + j * operand.strides[1],
                      operand.strides[1], columns, s + k * job.step)
        return
    products(<const floating*> job.x + i * job.d, <const floating*> job.z + j * job.d, job.d,
             alpha, rows, columns, s, job.step)
    if of_distances(job):
        for k in range(rows):
            to_squares(job, s + k * job.step, i + k, j, columns)


cdef inline void call_segment(const Job* job, void* function, Row* row, floating* s,
                              Py_ssize_t n, Py_ssize_t at, int kind) noexcept nogil:
    if n <= 0:
        return
    if floating is float:
        (<segment32> function)(job, row, s, n, at, kind)
    else:
        (<segment64> function)(job, row, s, n, at, kind)


cdef void sweep_rows(const Job* job, const Sweep* sweep, Row* row, floating* s, Py_ssize_t rows,
                     Py_ssize_t at, Py_ssize_t n) noexcept nogil:
    """Cut columns at, ..., at + n - 1 of some rows into segments, and call the sweep's function."""
    cdef Py_ssize_t _row, first, last, own
    for _row in range(rows):
        first = min(max(row.first - at, 0), n)
        last = min(max(row.last - at, 0), n)
        if sweep.kinds & NEGATIVES:
            call_segment(job, sweep.function, row, s, first, at, NEGATIVE)
            call_segment(job, sweep.function, row, s + last, n - last, at + last, NEGATIVE)
        if sweep.kinds & POSITIVES:
            own = row.own - at
            if first <= own < last:
                call_segment(job, sweep.function, row, s + first, own - first, at + first, POSITIVE)
                s[own] = 0
                first = own + 1
            call_segment(job, sweep.function, row, s + first, last - first, at + first, POSITIVE)
        row += 1
        s += job.step


cdef void sweep_tile(const Job* job, const Sweep* sweep, Py_ssize_t block, Py_ssize_t other,
                     floating* memory) noexcept nogil:
    """Process the tile with the rows of one block and the columns of another."""
    cdef Py_ssize_t i = block * job.edge, j = other * job.edge
    cdef Py_ssize_t rows = min(job.edge, job.n - i)
    cdef Py_ssize_t columns = min(job.edge, job.n - j)
    cdef Py_ssize_t size = job.edge * job.step
    cdef floating* s = memory
    cdef floating* transposed = memory + size
    cdef bint diagonal = job.symmetric and block == other
    cdef bint both = job.two_sided and not diagonal

    # Rows are sorted by labels, so the positives of a block are between the first positive of its
    # first row and the last positive of its last row.
    if sweep.kinds == POSITIVES and (job.rows[i].first >= j + columns
                                     or job.rows[i + rows - 1].last <= j):
        return
    if job.kept is not NULL:
        s = <floating*> job.kept + (block * job.n_blocks + other) * size
    if job.kept is NULL or sweep.first:
        fill_tile(job, i, j, rows, columns, s)
    if both:
        transpose(s, job.step, rows, columns, transposed, False)
        sweep_rows(job, sweep, job.columns + j, transposed, columns, i, rows)
    sweep_rows(job, sweep, job.rows + i, s, rows, j, columns)
    if not sweep.want_gradient:
        return
    if diagonal:
        # The tile contains its own mirror image: add the derivatives of each pair for both rows.
        transpose(s, job.step, rows, columns, transposed, False)
        for k in range(rows * job.step):
            s[k] += transposed[k]
    elif both:
        transpose(transposed, job.step, columns, rows, s, True)
    if job.metric == PRECOMPUTED:
        write_tile(job, i, j, rows, columns, s)
        return
    add_to_rows(s, job.step, <const floating*> job.z + j * job.d, job.d, rows, columns,
                <floating*> job.x_gradient + i * job.d)
    if not diagonal:
        add_to_columns(s, job.step, <const floating*> job.x + i * job.d, job.d, rows, columns,
                       <floating*> job.z_gradient + j * job.d)


cdef void write_tile(const Job* job, Py_ssize_t i, Py_ssize_t j, Py_ssize_t rows,
                     Py_ssize_t columns, floating* s) noexcept nogil:
    """Write a tile of the derivatives with respect to a precomputed matrix."""
    cdef const Operand* operand = &job.precomputed.operands[1]
    cdef floating scale = <floating> job.scale
    cdef Py_ssize_t k, c
    for k in range(rows):
        for c in range(columns):
            s[c] *= scale
        write_span(operand,
                   operand.data + (i + k) * operand.strides[0] + j * operand.strides[1],
                   operand.strides[1], columns, s)
        s += job.step


cdef void run_sweep(const Job* job, const Sweep* sweep, floating* memory, Py_ssize_t share,
                    int n_threads) noexcept nogil:
    """Process all tiles, in rounds of tiles that share no rows and no columns."""
    cdef Queue queue
    cdef int k
    queue.next = queue.done = 0
    if n_threads == 1:
        process_tiles(job, sweep, &queue, memory)
    else:
        for k in prange(n_threads, num_threads=n_threads, schedule="static"):
            process_tiles(job, sweep, &queue, memory + k * share)


cdef void process_tiles(const Job* job, const Sweep* sweep, Queue* queue,
                        floating* memory) noexcept nogil:
    """The work of one thread: take the next tile, and wait until the rounds before it are done."""
    cdef Py_ssize_t n = job.n_blocks
    # With an odd number of blocks, each round of the tournament has one diagonal tile. With an even
    # number, the last block meets one of the others instead, and the diagonal tiles form a round
    # of their own.
    cdef Py_ssize_t odd = n if n % 2 else n - 1
    cdef Py_ssize_t of_round = (odd + 1) // 2 if job.symmetric else n
    cdef Py_ssize_t n_tiles = n * (n + 1) // 2 if job.symmetric else n * n
    cdef Py_ssize_t number, turn, k, one, other
    while True:
        number = take(queue)
        if number >= n_tiles:
            return
        turn = number // of_round
        if job.symmetric:
            turn = min(turn, odd)
        k = number - turn * of_round
        if not job.symmetric:
            one = k
            other = (k + turn) % n
        elif turn == odd:
            one = other = k
        elif k == 0:
            one = turn
            other = turn if n % 2 else n - 1
        else:
            one = (turn + k) % odd
            other = (turn + odd - k) % odd
        if job.symmetric and one > other:
            one, other = other, one
        await_(queue, turn * of_round)
        sweep_tile(job, sweep, one, other, memory)
        finish(queue)


# ---------------------------------------------------------------------------------------------
# Rows of embeddings, in the form from which tiles are computed
# ---------------------------------------------------------------------------------------------


cdef class Rows:
    """The rows of one array, sorted by their labels and in the compute dtype.

    For cosines they are normalised, for cosine distances scaled, each by a power of two, and for
    other distances they may be shifted and scaled.

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        Contiguous.
    norm : float64 ndarray of shape (n,)
        |x| of each row of the array for cosines and cosine distances, else 1.
    inverse : float64 ndarray of shape (n,), or None
        1 / |x| of each row of `rows`, 0 for a row of zeros, for cosine distances.
    finite : bool
        Whether all values are finite.
    unit : float
        A power of two. The differences of the array are those of `rows` times this.
    square : ndarray of shape (max(n, d),)
        The first n elements are |x|^2 of each row, for distances. For cosine distances they are 1,
        as if all rows, also those of zeros, were normalised.
    """

    cdef readonly cnp.ndarray rows
    cdef readonly cnp.ndarray norm
    cdef readonly cnp.ndarray inverse
    cdef readonly cnp.ndarray square
    cdef readonly bint finite
    cdef readonly double unit


cdef bint normalise(floating* x, Py_ssize_t d, double* norm) noexcept nogil:
    """Divide a row by its norm, unless that is 0; whether all its values are finite."""
    cdef double top = 0, total = 0, value
    cdef Py_ssize_t k
    for k in range(d):
        top = fabs_(x[k]) if fabs_(x[k]) > top else top
    norm[0] = 0
    for k in range(d):
        # Divided by the largest magnitude, no square overflows, and not all of them underflow.
        value = x[k] / top if top > 0 else <double> x[k]
        total += value * value
    if not isfinite(total):
        return False
    if top == 0:
        return True
    norm[0] = top * sqrt_(total)
    total = 1 / sqrt_(total)
    for k in range(d):
        x[k] = <floating> (x[k] / top * total)
    return True


cdef bint take_length(floating* x, Py_ssize_t d, double* norm, double* inverse) noexcept nogil:
    """Take the length of a row, without normalising it; whether all its values are finite.

    Divided by their lengths, near duplicates would be rounded before they are subtracted. A row of
    extreme size is scaled by a power of two, so that no square overflows.
    """
    cdef double top = maximum(largest(x, d), -smallest(x, d))
    cdef double unit, total
    cdef int exponent = 0
    cdef Py_ssize_t k
    norm[0] = inverse[0] = 0
    if isfinite(top) and top > 0:
        frexp(top, &exponent)
        # Ordinary rows are not scaled, so that near duplicates are scaled alike.
        exponent = 0 if -20 < exponent < 20 else max(exponent, -1000)
        unit = ldexp(1, -exponent)
        for k in range(d if exponent != 0 else 0):
            x[k] = <floating> (x[k] * unit)
    total = squared_turn(0, x, x, 1, x, d)
    if total > 0:
        norm[0] = ldexp(sqrt_(total), exponent)
        inverse[0] = 1 / sqrt_(total)
    return isfinite(total)


cdef double shift_columns(floating* x, Py_ssize_t n, Py_ssize_t d,
                          floating* scratch) noexcept nogil:
    """Shift and scale the rows without rounding; the power of two by which they were divided.

    Distances do not depend on the origin, but |x|^2 + |y|^2 - 2 xy loses more digits the farther
    away the origin is. If all values of a column are between 1/2 and 3/2 of the first, their
    differences from it are exact (Sterbenz), and it is subtracted. Values of extreme size are
    scaled, so that no square overflows. `scratch` has room for d elements.
    """
    cdef floating* row = x
    cdef floating first, top = 0
    cdef int exponent = 0
    cdef double unit
    cdef Py_ssize_t _row, i, k
    for k in range(d):
        scratch[k] = 0
    for _row in range(n):
        for k in range(d):
            first = fabs(row[k] - x[k])
            scratch[k] = first if first > scratch[k] else scratch[k]
        row += d
    for k in range(d):
        scratch[k] = x[k] if scratch[k] <= fabs(x[k]) / 2 else 0
    row = x
    for _row in range(n):
        for k in range(d):
            row[k] -= scratch[k]
            top = fabs(row[k]) if fabs(row[k]) > top else top
        row += d
    if top == 0:
        return 1
    frexp(top, &exponent)
    # Ordinary data are not scaled.
    if -20 < exponent < 20:
        return 1
    exponent = min(max(exponent, -1000), 1000)
    unit = ldexp(1, -exponent)
    for i in range(n * d):
        x[i] = <floating> (x[i] * unit)
    return ldexp(1, exponent)


cdef bint take_rows(const Operand* operand, const Py_ssize_t* order, floating* x, Py_ssize_t n,
                    Py_ssize_t d, Metric metric, double* norm, double* inverse, floating* square,
                    double* unit) noexcept nogil:
    """Read the rows of an array; whether all values are finite."""
    cdef bint finite = True
    cdef Py_ssize_t i, k
    cdef double total
    for i in range(n):
        read_span(operand,
                  operand.data + (order[i] if order is not NULL else i) * operand.strides[0],
                  operand.strides[1], d, x + i * d)
        if metric == COSINE:
            finite &= normalise(x + i * d, d, norm + i)
        elif metric == COSINE_DISTANCE:
            finite &= take_length(x + i * d, d, norm + i, inverse + i)
            square[i] = 1
        else:
            total = 0
            for k in range(d):
                # 0 if it is finite, else NaN.
                total += x[i * d + k] - x[i * d + k]
            finite &= total == 0
            norm[i] = 1
    if (metric == EUCLIDEAN or metric == SQEUCLIDEAN) and finite:
        unit[0] = shift_columns(x, n, d, square)
        for i in range(n):
            total = 0
            for k in range(d):
                total += <double> x[i * d + k] * <double> x[i * d + k]
            square[i] = <floating> total
    return finite


METRICS = {
    "cosine": COSINE,
    "dot": DOT,
    "precomputed": PRECOMPUTED,
    "euclidean": EUCLIDEAN,
    "sqeuclidean": SQEUCLIDEAN,
    "cosine_distance": COSINE_DISTANCE,
}


def rows_of(cnp.ndarray array, str metric, bint double_, cnp.ndarray order=None):
    """Read the rows of an array into the form from which tiles are computed.

    Parameters
    ----------
    array : ndarray of shape (n, d)
    metric : {"cosine", "dot", "euclidean", "sqeuclidean", "cosine_distance"}
    double_ : bool
        Whether to compute in float64 rather than float32.
    order : intp ndarray of shape (n,), or None
        The numbers of the array's rows in the order that is wanted.

    Returns
    -------
    rows : Rows
    """
    cdef Space space
    cdef Rows result = Rows.__new__(Rows)
    cdef Py_ssize_t n = array.shape[0], d = array.shape[1]
    cdef const Py_ssize_t* at = NULL
    cdef Metric kind = METRICS[metric]
    dtype = np.float64 if double_ else np.float32
    if order is not None:
        at = <const Py_ssize_t*> cnp.PyArray_DATA(order)
    space_start(&space, (<object> array).shape)
    space_add(&space, array, -1)
    result.rows = np.empty((n, d), dtype)
    result.norm = np.empty(n)
    if kind == COSINE_DISTANCE:
        result.inverse = np.empty(n)
    # shift_columns uses it as scratch space, with an element for each column.
    result.square = np.empty(max(n, d), dtype)
    result.unit = 1
    cdef void* x = cnp.PyArray_DATA(result.rows)
    cdef double* norm = <double*> cnp.PyArray_DATA(result.norm)
    cdef double* inverse = inverses(result)
    cdef void* square = cnp.PyArray_DATA(result.square)
    with nogil:
        if double_:
            result.finite = take_rows(&space.operands[0], at, <double*> x, n, d, kind, norm,
                                      inverse, <double*> square, &result.unit)
        else:
            result.finite = take_rows(&space.operands[0], at, <float*> x, n, d, kind, norm,
                                      inverse, <float*> square, &result.unit)
    return result


# ---------------------------------------------------------------------------------------------
# Gradients
# ---------------------------------------------------------------------------------------------


cdef void add_distance(const Job* job, Py_ssize_t i, Py_ssize_t j, double factor,
                       floating dtype_tag) noexcept nogil:
    """Add `factor` times the gradient of the distance of rows i and j, which is 0 at distance 0.

    For cosines, it is the gradient with respect to the directions.
    """
    cdef const floating* x = <const floating*> job.x + i * job.d
    cdef const floating* y = <const floating*> job.x + j * job.d
    cdef floating* to_x = <floating*> job.x_gradient + i * job.d
    cdef floating* to_y = <floating*> job.x_gradient + j * job.d
    cdef double length
    cdef floating step, inverse
    cdef Py_ssize_t k
    if job.metric != EUCLIDEAN:
        factor = pull_of(job, factor, 0)
        add_difference(job, i, j, factor, to_x)
        add_difference(job, i, j, -factor, to_y)
        return
    length = sqrt_(squared(x, y, job.d))
    if length == 0:
        return
    inverse = <floating> (factor / length)
    for k in range(job.d):
        step = inverse * (x[k] - y[k])
        to_x[k] += step
        to_y[k] -= step


cdef void add_hardest_pairs(const Job* job, floating dtype_tag) noexcept nogil:
    """Add the gradients of the hardest pairs of each row, for distances."""
    cdef const Row* row = job.rows
    cdef Py_ssize_t i
    for i in range(job.n):
        if row.factor != 0:
            if row.at[POSITIVE] >= 0:
                add_distance(job, i, row.at[POSITIVE], row.factor, dtype_tag)
            add_distance(job, i, row.at[NEGATIVE], -row.factor, dtype_tag)
        row += 1


cdef void write_gradient(const Job* job, bint side, const Py_ssize_t* order,
                         const Operand* out) noexcept nogil:
    """Write the gradient of one side to the caller's array."""
    cdef const Row* row = job.columns if side else job.rows
    cdef void* rows = job.z if side else job.x
    cdef void* gradient = job.z_gradient if side else job.x_gradient
    if job.double_:
        finish_gradient(job, row, <const double*> rows, <double*> gradient, order, out)
    else:
        finish_gradient(job, row, <const float*> rows, <float*> gradient, order, out)


cdef void add_violations(const Job* job, floating dtype_tag) noexcept nogil:
    """Add the gradients of the hardest negatives of both sides, for similarities."""
    cdef const Row* row
    cdef Py_ssize_t i
    cdef floating weight
    for i in range(job.n):
        row = job.rows + i
        if row.factor != 0:
            weight = <floating> row.factor
            add_pair(job, i, row.at[NEGATIVE], weight)
            add_pair(job, i, i, -weight)
        row = job.columns + i
        if row.factor != 0:
            weight = <floating> row.factor
            add_pair(job, row.at[NEGATIVE], i, weight)
            add_pair(job, i, i, -weight)


cdef inline void add_pair(const Job* job, Py_ssize_t i, Py_ssize_t j,
                          floating slope) noexcept nogil:
    """Add `slope` times the gradient of one similarity to the gradients of both sides."""
    cdef const floating* x = <const floating*> job.x + i * job.d
    cdef const floating* z = <const floating*> job.z + j * job.d
    cdef floating* to_x = <floating*> job.x_gradient + i * job.d
    cdef floating* to_z = <floating*> job.z_gradient + j * job.d
    cdef Py_ssize_t k
    for k in range(job.d):
        to_x[k] += slope * z[k]
        to_z[k] += slope * x[k]


cdef inline void from_direction(const Job* job, const Row* row, Py_ssize_t i, const floating* x,
                                floating* gradient) noexcept nogil:
    """From the gradient with respect to a row's direction to that for the row, times the scale."""
    # The similarities of a zero vector are treated as constant.
    cdef double factor = job.scale / row.norm if row.norm > 0 else 0
    cdef double inverse = 1 if job.inverse is NULL else job.inverse[i]
    cdef double along = 0
    cdef Py_ssize_t k
    for k in range(job.d):
        along += <double> x[k] * gradient[k]
    along *= inverse
    if job.radial:
        along -= row.moment
    along *= inverse
    for k in range(job.d):
        gradient[k] = <floating> ((gradient[k] - along * x[k]) * factor)


cdef void finish_gradient(const Job* job, const Row* row, const floating* x, floating* gradient,
                          const Py_ssize_t* order, const Operand* out) noexcept nogil:
    """Apply the chain rule for the normalisation and the scale, and write the gradient."""
    cdef double scale = job.scale
    cdef Py_ssize_t i, k
    for i in range(job.n):
        if job.metric == COSINE or job.metric == COSINE_DISTANCE:
            from_direction(job, row, i, x, gradient)
        elif scale != 1:
            for k in range(job.d):
                gradient[k] = <floating> (gradient[k] * scale)
        write_span(out, out.data + (order[i] if order is not NULL else i) * out.strides[0],
                   out.strides[1], job.d, gradient)
        x += job.d
        gradient += job.d
        row += 1


# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------


cdef Py_ssize_t edge_of(Py_ssize_t n, bint double_) noexcept nogil:
    """Rows of a tile, which depend on the problem alone.

    BLAS is fast with large tiles, as long as two of them about fit the L2 cache. A small matrix
    needs smaller tiles, so that there are enough for all threads.
    """
    return EDGE // 2 if double_ or n <= 4096 else EDGE


cdef void start_rows(const Job* job, Row* row, const Py_ssize_t* first, const Py_ssize_t* last,
                     const double* norm, const double* weight,
                     const Py_ssize_t* order) noexcept nogil:
    cdef bint own = job.symmetric
    cdef Py_ssize_t i, k
    for i in range(job.n):
        row.first = i if first is NULL else first[i]
        row.last = i + 1 if last is NULL else last[i]
        row.own = i if own else -1
        row.n_positive = row.last - row.first - own
        row.n_negative = job.n - (row.last - row.first)
        row.weight = 1 if weight is NULL else weight[i if order is NULL else order[i]]
        row.norm = 1 if norm is NULL else norm[i]
        row.top[0] = row.top[1] = -INFINITY
        row.total[0] = row.total[1] = row.moment = row.loss = 0
        row.weighted[0] = row.weighted[1] = 0
        for k in range(MAX_PARAMS):
            row.slopes[k] = 0
        row.factor = row.shift = row.offset = 0
        row.at[0] = row.at[1] = -1
        row.best[0] = row.best[1] = 0
        row.pair = 0
        if not own:
            row.pair = pair_of(job, i)
        row += 1


cdef double pair_of(const Job* job, Py_ssize_t i) noexcept nogil:
    """The similarity of row i of one side with row i of the other."""
    cdef const Operand* operand = &job.precomputed.operands[0]
    cdef double total = 0
    cdef Py_ssize_t k
    if job.metric == PRECOMPUTED:
        read_span(operand, operand.data + i * (operand.strides[0] + operand.strides[1]), 0, 1,
                  &total)
    elif job.double_:
        for k in range(job.d):
            total += ((<const double*> job.x)[i * job.d + k]
                      * (<const double*> job.z)[i * job.d + k])
    else:
        for k in range(job.d):
            total += (<double> (<const float*> job.x)[i * job.d + k]
                      * <double> (<const float*> job.z)[i * job.d + k])
    return total


cdef void settle_rows(const Job* job, settle_t settle) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(job.n):
        settle(job, job.rows + i, i)
    if job.two_sided and not job.symmetric:
        for i in range(job.n):
            settle(job, job.columns + i, i)


cdef void run_sweeps(const Job* job, Kernel kernel, bint want_gradient, void* memory,
                     Py_ssize_t share, int n_threads, floating dtype_tag):
    """The steps of a loss, as at the top of this file."""
    cdef int which = 1 if floating is double else 0
    cdef Sweep sweep
    cdef floating* own = <floating*> memory
    cdef void* revisit = kernel.revisit[which]
    cdef void* slope = kernel.slope[which]
    cdef settle_t settle = kernel.settle
    cdef settle_t resettle = kernel.resettle
    sweep.function = kernel.summarise[which]
    sweep.kinds = kernel.summarised
    sweep.want_gradient = False
    sweep.first = True
    with nogil:
        run_sweep(job, &sweep, own, share, n_threads)
        settle_rows(job, settle)
        sweep.first = False
        if revisit is not NULL:
            sweep.function = revisit
            sweep.kinds = POSITIVES
            run_sweep(job, &sweep, own, share, n_threads)
            settle_rows(job, resettle)
        if want_gradient and slope is not NULL:
            sweep.function = slope
            sweep.kinds = BOTH
            sweep.want_gradient = True
            run_sweep(job, &sweep, own, share, n_threads)
        elif want_gradient and of_distances(job):
            add_hardest_pairs(job, dtype_tag)
        elif want_gradient and job.metric != PRECOMPUTED:
            add_violations(job, dtype_tag)


cdef Py_ssize_t* indices(cnp.ndarray array):
    return NULL if array is None else <Py_ssize_t*> cnp.PyArray_DATA(array)


cdef double* norms(Rows side):
    return NULL if side is None else <double*> cnp.PyArray_DATA(side.norm)


cdef double* inverses(Rows side):
    return NULL if side.inverse is None else <double*> cnp.PyArray_DATA(side.inverse)


def run(Kernel kernel, tuple params, Rows x=None, Rows z=None, *, cnp.ndarray precomputed=None,
        str metric, bint double_, bint two_sided=True, cnp.ndarray order=None,
        cnp.ndarray first=None, cnp.ndarray last=None, cnp.ndarray weight=None,
        tuple gradients=(), double scale=1.0, bint want_parameters=False, int n_threads=1):
    """Compute the losses of a batch, and their gradients.

    Parameters
    ----------
    kernel : Kernel
    params : tuple of float
    x, z : Rows or None
        Both sides; z is None if they are the same.
    precomputed : ndarray of shape (n, n), or None
        The similarities, in place of both sides.
    metric : {"cosine", "dot", "euclidean", "sqeuclidean", "cosine_distance", "precomputed"}
        The metric for which the rows were read.
    double_ : bool
        Whether the rows are float64 rather than float32.
    two_sided : bool
        Whether the columns have losses as well; they always have if both sides are the same.
    order : intp ndarray of shape (n,), or None
        The number, in the arrays, of each row.
    first, last : intp ndarray of shape (n,), or None
        The positives of row i are the columns first[i], ..., last[i] - 1; None for column i.
    weight : float64 ndarray of shape (n,), or None
    gradients : tuple of ndarray
        Outputs, one for each side or one for `precomputed`, or an empty tuple.
    scale : float
        Factor of the gradients (neither of the losses nor of `slopes`).
    want_parameters : bool
        Whether to compute `slopes`: for the kernel "siglip" and, with a single positive in each
        row, "softmax".
    n_threads : int

    Returns
    -------
    losses : float64 ndarray of shape (n,)
        The weighted losses, in the order of the arrays.
    total : float
        Their sum.
    mined : list of (ndarray, ndarray, ndarray)
        For losses of mined pairs, and for rows and for columns: the extremes of the negatives,
        those of the positives, and the columns of the negatives that have a gradient (else -1).
    slopes : list of (ndarray, float)
        Derivatives with respect to each of `params`: of the weighted losses, and of their sum.
    """
    cdef Job job
    cdef Py_ssize_t n = precomputed.shape[0] if x is None else x.rows.shape[0]
    cdef Py_ssize_t i, k, to, share, size
    cdef Py_ssize_t itemsize = 8 if double_ else 4
    cdef bint want_gradient = len(gradients) > 0
    cdef const Py_ssize_t* at = indices(order)
    cdef double* w = NULL if weight is None else <double*> cnp.PyArray_DATA(weight)
    cdef char* memory
    cdef char* kept
    cdef Row* rows
    cdef Space out
    cdef cnp.ndarray losses = np.empty(n)
    cdef double* loss = <double*> cnp.PyArray_DATA(losses)
    cdef cnp.ndarray slope
    cdef list kept_gradients = [], slopes = []

    job.n = n
    job.metric = METRICS[metric]
    job.symmetric = z is None and precomputed is None
    job.two_sided = two_sided or job.symmetric
    job.double_ = double_
    job.radial = kernel.name == "cmpm"
    job.scale = scale
    job.want_parameters = want_parameters
    for i in range(len(params)):
        job.param[i] = params[i]
    job.x_gradient = job.z_gradient = NULL
    job.inverse = NULL
    if precomputed is None:
        job.d = x.rows.shape[1]
        job.x = cnp.PyArray_DATA(x.rows)
        job.z = job.x if z is None else cnp.PyArray_DATA(z.rows)
        job.square = cnp.PyArray_DATA(x.square)
        job.inverse = inverses(x)
        job.unit = x.unit
        for side in (x, z) if want_gradient else ():
            if side is not None:
                kept_gradients.append(np.zeros_like((<Rows> side).rows))
        if want_gradient:
            job.x_gradient = cnp.PyArray_DATA(kept_gradients[0])
            job.z_gradient = cnp.PyArray_DATA(kept_gradients[len(kept_gradients) - 1])
    else:
        space_start(&job.precomputed, (<object> precomputed).shape)
        space_add(&job.precomputed, precomputed, -1)
        if want_gradient:
            space_add(&job.precomputed, gradients[0], -1)

    job.edge = edge_of(n, double_)
    job.n_blocks = (n + job.edge - 1) // job.edge
    job.edge = min(job.edge, n)
    job.step = job.edge + PAD
    n_threads = <int> min(n_threads, job.n_blocks)
    share = 2 * job.edge * job.step
    size = job.n_blocks * job.n_blocks * job.edge * job.step * itemsize
    if size > KEPT_BYTES:
        size = 0
    memory = <char*> malloc(n_threads * share * itemsize + size + LINE)
    rows = <Row*> malloc((1 if job.symmetric else 2) * n * sizeof(Row))
    if memory is NULL or rows is NULL:
        free(memory)
        free(rows)
        raise MemoryError()
    kept = memory + (-<Py_ssize_t> <uintptr_t> memory & (LINE - 1))
    job.kept = kept if size else NULL
    job.rows = rows
    job.columns = rows if job.symmetric else rows + n
    # The rows of both sides have the same labels and the same weights.
    start_rows(&job, job.rows, indices(first), indices(last), norms(x), w, at)
    if not job.symmetric:
        start_rows(&job, job.columns, indices(first), indices(last), norms(z), w, at)
    try:
        if double_:
            run_sweeps(&job, kernel, want_gradient, kept + size, share, n_threads, <double> 0)
        else:
            run_sweeps(&job, kernel, want_gradient, kept + size, share, n_threads, <float> 0)
        for i in range(n):
            to = i if at is NULL else at[i]
            loss[to] = rows[i].loss
            if job.two_sided and not job.symmetric:
                loss[to] += job.columns[i].loss
            if w is not NULL:
                loss[to] *= w[to]
        for i in range(0 if precomputed is not None else len(gradients)):
            space_start(&out, gradients[i].shape)
            space_add(&out, gradients[i], -1)
            write_gradient(&job, i, at, &out.operands[0])
        mined = [] if kernel.slope[0] is not NULL else mined_of(&job, at)
        for k in range(len(params) if want_parameters else 0):
            slope = slopes_of(&job, k, w, at)
            slopes.append((slope, compensated_sum(<double*> cnp.PyArray_DATA(slope), n)))
    finally:
        free(memory)
        free(rows)
    return losses, compensated_sum(loss, n), mined, slopes


cdef cnp.ndarray slopes_of(const Job* job, Py_ssize_t k, const double* weight,
                           const Py_ssize_t* order):
    """Derivatives of the weighted losses with respect to parameter k."""
    cdef cnp.ndarray result = np.empty(job.n)
    cdef double* slope = <double*> cnp.PyArray_DATA(result)
    cdef Py_ssize_t i, to
    for i in range(job.n):
        to = i if order is NULL else order[i]
        slope[to] = job.rows[i].slopes[k]
        if job.two_sided and not job.symmetric:
            slope[to] += job.columns[i].slopes[k]
        if weight is not NULL:
            slope[to] *= weight[to]
    return result


cdef list mined_of(const Job* job, const Py_ssize_t* order):
    """The third result of `run`."""
    cdef const Row* row
    cdef Py_ssize_t i, side, to
    cdef cnp.ndarray negative, positive, found
    cdef list result = []
    for side in range(1 if job.symmetric else 2):
        negative, positive = np.empty(job.n), np.empty(job.n)
        found = np.full(job.n, -1, dtype=np.intp)
        row = job.columns if side else job.rows
        for i in range(job.n):
            to = i if order is NULL else order[i]
            (<double*> cnp.PyArray_DATA(negative))[to] = row.best[NEGATIVE]
            (<double*> cnp.PyArray_DATA(positive))[to] = row.best[POSITIVE]
            if row.factor != 0 and order is NULL:
                (<Py_ssize_t*> cnp.PyArray_DATA(found))[to] = row.at[NEGATIVE]
            row += 1
        result.append((negative, positive, found))
    return result


# ---------------------------------------------------------------------------------------------
# Triplets: strips of whole rows
# ---------------------------------------------------------------------------------------------

# A triplet compares two distances of one row. The row sorts the distances of its positives and
# looks up each negative among them, which takes n log k steps in place of n k. Everything is in
# float64, because in float32 rounding would change which negative is nearer.

cdef struct Place:
    double distance
    Py_ssize_t at               # the column

# What a thread needs for a row.
cdef struct Places:
    Place* sorted               # the positives, nearest first
    Place* spare                # for sorting
    Place* bucket               # of the negatives between one positive and the next
    double* count               # of the negatives in each bucket

ctypedef double (*triplets_t)(const Job* job, const Row* row, const double* distances,
                              double* slope, const Places* places,
                              double* n_counted) noexcept nogil


cdef void sort_places(Place* places, Place* spare, Py_ssize_t n) noexcept nogil:
    """Merge sort, which keeps equal distances in order."""
    cdef Place* source = places
    cdef Place* target = spare
    cdef Place* other
    cdef Py_ssize_t width = 1, start, middle, stop, i, j, k
    while width < n:
        start = 0
        while start < n:
            middle = min(start + width, n)
            stop = min(start + 2 * width, n)
            i, j = start, middle
            for k in range(start, stop):
                if i < middle and (j >= stop or source[i].distance <= source[j].distance):
                    target[k] = source[i]
                    i += 1
                else:
                    target[k] = source[j]
                    j += 1
            start = stop
        other = source
        source = target
        target = other
        width *= 2
    if source != places:
        for k in range(n):
            places[k] = source[k]


cdef Py_ssize_t sort_positives(const Row* row, const double* distances,
                               const Places* places) noexcept nogil:
    cdef Py_ssize_t j, k = 0
    for j in range(row.first, row.last):
        if j != row.own:
            places.sorted[k].distance = distances[j]
            places.sorted[k].at = j
            k += 1
    sort_places(places.sorted, places.spare, k)
    return k


cdef inline Py_ssize_t nearer(const Place* sorted_, Py_ssize_t n, double more, double limit,
                              bint or_equal) noexcept nogil:
    """How many places have distance + more < limit, or <= limit if `or_equal`."""
    cdef Py_ssize_t low = 0, half
    cdef double reached
    while n > 0:
        half = n // 2
        reached = sorted_[low + half].distance + more
        if reached < limit or (or_equal and reached == limit):
            low += half + 1
            n -= half + 1
        else:
            n = half
    return low


cdef double semi_hard_row(const Job* job, const Row* row, const double* distances,
                          double* slope, const Places* places, double* n_counted) noexcept nogil:
    """For each positive the nearest negative beyond it, or the farthest if there is none.

    param = (margin,).
    """
    cdef Py_ssize_t k = sort_positives(row, distances, places)
    cdef Py_ssize_t j, q, start, stop, side
    cdef double total = 0, gap
    cdef Place nearest, farthest, chosen
    farthest.distance, farthest.at = -1, -1
    n_counted[0] = k
    if k == 0 or row.n_negative == 0:
        return 0
    for q in range(k):
        places.bucket[q].distance, places.bucket[q].at = INFINITY, -1
    for side in range(2):
        start = row.last if side else 0
        stop = job.n if side else row.first
        for j in range(start, stop):
            if distances[j] > farthest.distance:
                farthest.distance, farthest.at = distances[j], j
            q = nearer(places.sorted, k, 0, distances[j], False) - 1
            if q >= 0 and distances[j] < places.bucket[q].distance:
                places.bucket[q].distance, places.bucket[q].at = distances[j], j
    nearest.distance, nearest.at = INFINITY, -1
    for q in range(k - 1, -1, -1):
        if places.bucket[q].distance < nearest.distance:
            nearest = places.bucket[q]
        chosen = nearest if nearest.at >= 0 else farthest
        gap = job.param[0] + (places.sorted[q].distance - chosen.distance)
        # Two squares that have overflowed have the difference NaN, which is not dropped.
        if not gap <= 0:
            total += gap
            if slope is not NULL:
                slope[places.sorted[q].at] += 1
                slope[chosen.at] -= 1
    return total


cdef double all_row(const Job* job, const Row* row, const double* distances, double* slope,
                    const Places* places, double* n_counted) noexcept nogil:
    """All triplets whose distance to the positive + margin exceeds that to the negative.

    param = (margin,).
    """
    cdef Py_ssize_t k = sort_positives(row, distances, places)
    cdef Py_ssize_t j, q, start, stop, side
    cdef double total = 0, count = 0, sum_ = 0
    n_counted[0] = 0
    for q in range(k):
        places.bucket[q].distance = 0
        places.count[q] = 0
    for side in range(2):
        start = row.last if side else 0
        stop = job.n if side else row.first
        for j in range(start, stop):
            # The first positive with which it forms an active triplet. It also does with all that
            # are farther away. Two squares that have overflowed have the difference NaN, which is
            # not dropped.
            q = nearer(places.sorted, k, job.param[0], distances[j], distances[j] < INFINITY)
            if q < k:
                places.count[q] += 1
                places.bucket[q].distance += distances[j] - places.sorted[q].distance
                if slope is not NULL:
                    slope[j] -= k - q
    for q in range(k):
        # sum_ is the sum of the distances of the active negatives minus that of the positive, so
        # that its terms stay small.
        if q > 0 and count > 0:
            sum_ -= count * (places.sorted[q].distance - places.sorted[q - 1].distance)
        count += places.count[q]
        sum_ += places.bucket[q].distance
        total += count * job.param[0] - sum_
        n_counted[0] += count
        if slope is not NULL:
            slope[places.sorted[q].at] += count
    return total


cdef void fill_strip(const Job* job, Py_ssize_t i, Py_ssize_t rows, Py_ssize_t j,
                     double* distances) noexcept nogil:
    """Compute the distances of some rows from a block of columns."""
    cdef Py_ssize_t columns = min(EDGE, job.n - j)
    cdef const double* x = <const double*> job.x
    cdef Py_ssize_t k, c
    distances += j
    products(x + i * job.d, x + j * job.d, job.d, <double> -2, rows, columns, distances, job.step)
    for k in range(rows):
        to_squares(job, distances, i + k, j, columns)
        if job.metric == EUCLIDEAN:
            for c in range(columns):
                distances[c] = job.unit * sqrt(distances[c])
        else:
            for c in range(columns):
                distances[c] = to_distance(job, distances[c])
        distances += job.step


cdef void pull_row(const Job* job, Py_ssize_t i, const double* distances,
                   double* slope) noexcept nogil:
    """Replace the derivatives with respect to distances by factors of differences of rows.

    The sum of the differences times these is added to the gradient of row i.
    """
    cdef double* gradient = <double*> job.x_gradient + i * job.d
    cdef Py_ssize_t j
    for j in range(job.n):
        slope[j] = pull_of(job, slope[j], distances[j])
    for j in range(job.n):
        if slope[j] != 0:
            add_difference(job, i, j, slope[j], gradient)


cdef void pull_columns(const Job* job, Py_ssize_t i, Py_ssize_t rows, Py_ssize_t j,
                       const double* slope) noexcept nogil:
    """Add to the gradients of a block of columns, the other rows of the differences."""
    cdef Py_ssize_t columns = min(EDGE, job.n - j)
    cdef Py_ssize_t _row, c
    for _row in range(rows):
        for c in range(j, j + columns):
            if slope[c] != 0:
                add_difference(job, i + _row, c, -slope[c],
                               <double*> job.x_gradient + c * job.d)
        slope += job.step


cdef void one_row(const Job* job, triplets_t triplets, Py_ssize_t i, const double* distances,
                  double* slope, Place* places, double* loss, double* n_counted) noexcept nogil:
    """Compute the losses of a row's triplets, and the row's own part of the gradient."""
    cdef Places own
    cdef Py_ssize_t j
    own.sorted = places
    own.spare = places + job.n
    own.bucket = places + 2 * job.n
    own.count = <double*> (places + 3 * job.n)
    if slope is not NULL:
        for j in range(job.n):
            slope[j] = 0
    loss[i] = triplets(job, job.rows + i, distances, slope, &own, n_counted + i)
    if slope is not NULL:
        pull_row(job, i, distances, slope)


cdef void process_strips(const Job* job, triplets_t triplets, double* distances,
                         double* slopes, Place* places, double* loss, double* n_counted,
                         Queue* queue) noexcept nogil:
    """The work of one thread: take the next task, and wait until the steps before it are done.

    A strip has three steps. The first computes its distances, by blocks of columns. The second
    computes its rows. The third, if gradients are wanted, adds to the gradients of all other rows,
    by blocks of columns again. No two tasks of a step write to the same row.
    """
    cdef Py_ssize_t n_blocks = (job.n + EDGE - 1) // EDGE
    cdef Py_ssize_t of_strip = n_blocks + STRIP + (0 if slopes is NULL else n_blocks)
    cdef Py_ssize_t number, k, start, rows, before
    while True:
        number = take(queue)
        k = number % of_strip
        start = number // of_strip * STRIP
        if start >= job.n:
            return
        rows = min(STRIP, job.n - start)
        before = number - k
        if k < n_blocks:
            await_(queue, before)
            fill_strip(job, start, rows, k * EDGE, distances)
            finish(queue)
            continue
        k -= n_blocks
        before += n_blocks
        if k < rows:
            await_(queue, before)
            one_row(job, triplets, start + k, distances + k * job.step,
                    NULL if slopes is NULL else slopes + k * job.step, places, loss, n_counted)
            finish(queue)
            continue
        k -= rows
        before += rows
        if slopes is NULL or k >= n_blocks:
            return
        await_(queue, before)
        pull_columns(job, start, rows, k * EDGE, slopes)
        finish(queue)


cdef void run_strips(const Job* job, triplets_t triplets, double* distances, double* slopes,
                     Place* places, double* loss, double* n_counted,
                     int n_threads) noexcept nogil:
    cdef Queue queue
    cdef int k
    queue.next = queue.done = 0
    if n_threads == 1:
        process_strips(job, triplets, distances, slopes, places, loss, n_counted, &queue)
    else:
        for k in prange(n_threads, num_threads=n_threads, schedule="static"):
            process_strips(job, triplets, distances, slopes, places + k * 4 * job.n, loss,
                           n_counted, &queue)


def run_triplets(str name, double margin, Rows x, cnp.ndarray order, cnp.ndarray first,
                 cnp.ndarray last, *, str metric, bint want_gradient, int n_threads=1):
    """Compute the losses of the triplets of a batch, and the gradient of their sum.

    Parameters
    ----------
    name : {"semi_hard", "all"}
    margin : float
    x : Rows
        Rows for distances, in float64.
    order, first, last : intp ndarray of shape (n,)
        As in `run`.
    metric : {"euclidean", "sqeuclidean", "cosine_distance"}
        The metric for which the rows were read.
    want_gradient : bool
        Whether to compute the gradient.
    n_threads : int

    Returns
    -------
    total : float
        The sum of the losses.
    n_counted : float
        The number of positive pairs ("semi_hard"), or of triplets with a loss ("all").
    gradient : float64 ndarray of shape (n, d), or None
        In the order of the rows of `x`.
    """
    cdef Job job
    cdef Py_ssize_t n = x.rows.shape[0]
    cdef cnp.ndarray loss = np.empty(n), n_counted = np.empty(n), gradient = None
    cdef triplets_t triplets = semi_hard_row if name == "semi_hard" else all_row
    cdef char* memory
    cdef double* strips
    cdef double* slopes = NULL
    cdef Py_ssize_t i, size
    job.n = n
    job.d = x.rows.shape[1]
    job.metric = METRICS[metric]
    job.symmetric = True
    job.double_ = True
    job.radial = False
    job.scale = 1
    job.x = cnp.PyArray_DATA(x.rows)
    job.square = cnp.PyArray_DATA(x.square)
    job.inverse = inverses(x)
    job.unit = x.unit
    job.step = n + PAD
    job.param[0] = margin
    if want_gradient:
        gradient = np.zeros_like(x.rows)
        job.x_gradient = cnp.PyArray_DATA(gradient)
    size = STRIP * job.step
    memory = <char*> malloc((2 if want_gradient else 1) * size * sizeof(double)
                            + n_threads * 4 * n * sizeof(Place) + n * sizeof(Row))
    if memory is NULL:
        raise MemoryError()
    strips = <double*> memory
    if want_gradient:
        slopes = strips + size
    job.rows = job.columns = <Row*> (memory + (2 if want_gradient else 1) * size * sizeof(double)
                                     + n_threads * 4 * n * sizeof(Place))
    start_rows(&job, job.rows, indices(first), indices(last), norms(x), NULL, NULL)
    with nogil:
        run_strips(&job, triplets, strips, slopes,
                   <Place*> (strips + (2 if want_gradient else 1) * size),
                   <double*> cnp.PyArray_DATA(loss), <double*> cnp.PyArray_DATA(n_counted),
                   n_threads)
        if want_gradient and job.metric == COSINE_DISTANCE:
            for i in range(n):
                from_direction(&job, job.rows + i, i, <const double*> job.x + i * job.d,
                               <double*> job.x_gradient + i * job.d)
    free(memory)
    return (compensated_sum(<double*> cnp.PyArray_DATA(loss), n),
            compensated_sum(<double*> cnp.PyArray_DATA(n_counted), n), gradient)
