"""Losses of pairs and triplets of vectors: a kernel for each loss, metrics, and the driver.

The arrays of such a loss have one vector per row, and the loss of a row depends only on the
distances of a few pairs of these vectors. Two parts can be combined freely: a *metric* computes the
distance of two vectors and its gradient, and a *kernel* is a plain loop over rows that computes the
loss, and its derivative with respect to each distance, from the distances (and a label). A kernel
does not see the vectors.

The driver works on one group at a time, while it is in the L1 cache. With few components a group is
16 rows, transposed into tiles whose lanes are the rows. With many components it is one row, in
place if possible, and the lanes are 16 components. The loops are the same for both.

Precision: differences and distances are computed in float64 whatever the dtype of the vectors. The
squares of float32 numbers neither overflow nor round in float64, sums of any length are accurate to
float32, and memory traffic dominates the time anyway. Gradients are stored and summed in the dtype
of the vectors. Only the gradient of a cosine is computed in that dtype; the terms of all others are
rounded to it once.

The layers of this file, from top to bottom:

- the kernels, which plans find in `KERNELS`;
- metrics: `distances` and `add_gradient`, and the functions of a group that they consist of;
- reading and writing of rows, and `write_gradients`;
- `run_block`: evaluates a block of rows, group by group; `run_blocks`: distributes the blocks over
  threads; `run`: describes the arrays as a `Space`, and allocates what a call needs.

The driver does everything else: dtypes, strides, checks, weights, sums and threads.

To add a loss, write its kernel here, add it to `KERNELS` with the pairs whose distances it takes,
and write its class in `sklosses.losses`.
"""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.float cimport DBL_MAX
from libc.math cimport INFINITY, NAN, atan2
from libc.stdlib cimport free, malloc

from sklosses._kernels.lanes cimport (
    Domain, LANES, UNCHECKED, block_size, compensated_sum, make_domain, outside,
    scale_weighted_span, sum_16_lanes, sum_weighted_span,
)
from sklosses._kernels.rows cimport (
    is_plain, lanes_to_rows, read_row, row_addresses, rows_to_lanes, write_row,
)
from sklosses._kernels.strided cimport (
    Operand, Space, gather, scatter, space_add, space_settle, space_start, stream, stream_end,
    streams,
)
from sklosses._kernels.vecmath cimport fabs, maximum, minimum, pow, sqrt

cnp.import_array()

# ---------------------------------------------------------------------------------------------
# Kernels
# ---------------------------------------------------------------------------------------------

ctypedef void (*kernel_t)(const double** distance, const double* label, const double* param,
                          double* value, double** slope, Py_ssize_t n) noexcept nogil


cdef inline double hinge(double x) noexcept nogil:
    return maximum(0, x)


cdef inline double hinge_slope(double x) noexcept nogil:
    """The derivative of `hinge`: 1 at the kink, as in PyTorch. A NaN is propagated."""
    return x if x != x else <double> (x >= 0)


cdef void cosine_embedding_loss(const double** distance, const double* label,
                                const double* param, double* value, double** slope,
                                Py_ssize_t n) noexcept nogil:
    """1 - s for similar pairs (label 1) and max(0, s - margin) for others (label -1).

    The distance is the cosine similarity s.
    """
    cdef double margin = param[0]
    cdef double s, same
    cdef Py_ssize_t i
    for i in range(n):
        s = distance[0][i]
        # 1 or 0, or a NaN that was let pass, which has to reach the value.
        same = 0.5 * (1 + label[i])
        value[i] = same * (1 - s) + (1 - same) * hinge(s - margin)
        slope[0][i] = (1 - same) * hinge_slope(s - margin) - same


cdef void triplet_margin_loss(const double** distance, const double* label,
                              const double* param, double* value, double** slope,
                              Py_ssize_t n) noexcept nogil:
    cdef double margin = param[0]
    cdef double x
    cdef Py_ssize_t i
    for i in range(n):
        x = margin + distance[0][i] - distance[1][i]
        value[i] = hinge(x)
        slope[0][i] = hinge_slope(x)
        slope[1][i] = -hinge_slope(x)


cdef void triplet_margin_loss_with_swap(const double** distance, const double* label,
                                        const double* param, double* value, double** slope,
                                        Py_ssize_t n) noexcept nogil:
    """The negative's distance is the smaller of those from anchor and positive.

    If these are equal, each of them gets half of the gradient.
    """
    cdef double margin = param[0]
    cdef double x, g, a, b, share
    cdef Py_ssize_t i
    for i in range(n):
        a = distance[1][i]
        b = distance[2][i]
        # `minimum` returns its second argument if either is NaN, so a NaN in a is tested for.
        x = margin + distance[0][i] - (a if a != a else minimum(a, b))
        g = hinge_slope(x)
        share = 1 if a < b else 0.5 if a == b else 0
        value[i] = hinge(x)
        slope[0][i] = g
        slope[1][i] = -g * share
        slope[2][i] = -g * (1 - share)


cdef void pairwise_contrastive_loss(const double** distance, const double* label,
                                    const double* param, double* value, double** slope,
                                    Py_ssize_t n) noexcept nogil:
    """d^2 / 2 for similar pairs (label not 0) and max(0, margin - d)^2 / 2 for others."""
    cdef double margin = param[0]
    cdef double d, lack, unknown
    cdef Py_ssize_t i
    for i in range(n):
        d = distance[0][i]
        lack = hinge(margin - d)
        # One of the squares is selected rather than multiplied by 0, since it may be infinite. A
        # NaN label that was let pass has to reach the value.
        unknown = 0 * label[i]
        value[i] = 0.5 * (d * d if label[i] != 0 else lack * lack) + unknown
        slope[0][i] = (d if label[i] != 0 else -lack) + unknown


cdef void bidirectional_triplet_loss(const double** distance, const double* label,
                                     const double* param, double* value, double** slope,
                                     Py_ssize_t n) noexcept nogil:
    """The distances are image to text, image to negative text and negative image to text."""
    cdef double margin = param[0]
    cdef double to_text, to_image
    cdef Py_ssize_t i
    for i in range(n):
        to_text = distance[0][i] - distance[1][i] + margin
        to_image = distance[0][i] - distance[2][i] + margin
        value[i] = hinge(to_text) + hinge(to_image)
        slope[0][i] = hinge_slope(to_text) + hinge_slope(to_image)
        slope[1][i] = -hinge_slope(to_text)
        slope[2][i] = -hinge_slope(to_image)


cdef void gradient_penalty(const double** distance, const double* label, const double* param,
                           double* value, double** slope, Py_ssize_t n) noexcept nogil:
    """weight (distance - target)^2: param = (weight, target)."""
    cdef double weight = param[0]
    cdef double excess
    cdef Py_ssize_t i
    for i in range(n):
        excess = distance[0][i] - param[1]
        value[i] = weight * (excess * excess)
        slope[0][i] = 2 * weight * excess


cdef void distance_itself(const double** distance, const double* label, const double* param,
                          double* value, double** slope, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = distance[0][i]
        slope[0][i] = 1


cdef enum:
    MAX_VECTORS = 4
    MAX_PAIRS = 4
    MAX_PARAMS = 4


cdef class Kernel:
    """A kernel, and the pairs of arrays whose distances it takes, by their numbers."""

    cdef kernel_t function
    cdef readonly str name
    cdef readonly int n_params
    cdef readonly tuple pairs
    cdef int first[MAX_PAIRS]
    cdef int second[MAX_PAIRS]


cdef Kernel make(str name, int n_params, tuple pairs, kernel_t function):
    cdef Kernel kernel = Kernel.__new__(Kernel)
    cdef int k
    kernel.name = name
    kernel.n_params = n_params
    kernel.function = function
    kernel.pairs = pairs
    for k in range(len(pairs)):
        kernel.first[k], kernel.second[k] = pairs[k]
    return kernel


KERNELS = {
    kernel.name: kernel for kernel in (
        make("cosine_embedding_loss", 1, ((0, 1),), cosine_embedding_loss),
        make("triplet_margin_loss", 1, ((0, 1), (0, 2)), triplet_margin_loss),
        make("triplet_margin_loss_with_swap", 1, ((0, 1), (0, 2), (1, 2)),
             triplet_margin_loss_with_swap),
        make("pairwise_contrastive_loss", 1, ((0, 1),), pairwise_contrastive_loss),
        make("bidirectional_triplet_loss", 1, ((0, 1), (0, 3), (2, 1)), bidirectional_triplet_loss),
        make("gradient_penalty", 2, ((0, 1),), gradient_penalty),
        make("distance_itself", 0, ((0, 1),), distance_itself),
    )
}

# ---------------------------------------------------------------------------------------------
# Metrics
# ---------------------------------------------------------------------------------------------

cdef enum MetricKind:
    # With z = x - y + eps: sqrt(sum z^2), sum |z|, max |z|, (sum |z|^p)^(1/p), sum z^2.
    EUCLIDEAN, MANHATTAN, CHEBYSHEV, MINKOWSKI, SQUARED
    # x.y / (|x| |y|), with eps added to both squares; 1 - x.y / (|x| |y|), with norms >= eps.
    SIMILARITY, COSINE
    # Of boxes, see `compare_boxes`. These come last.
    IOU, GIOU, DIOU, CIOU

METRICS = {
    "euclidean": EUCLIDEAN,
    "manhattan": MANHATTAN,
    "chebyshev": CHEBYSHEV,
    "minkowski": MINKOWSKI,
    "sqeuclidean": SQUARED,
    "cosine_similarity": SIMILARITY,
    "cosine": COSINE,
    "iou": IOU,
    "giou": GIOU,
    "diou": DIOU,
    "ciou": CIOU,
}

cdef struct Metric:
    MetricKind kind
    double eps
    double p

cdef struct Group:
    Py_ssize_t steps    # of 16 lanes
    int rest            # lanes of one more, shorter step
    int rows            # rows in the group: 1 if by_row, else at most 16
    bint by_row         # the lanes belong to one row

# Two boxes, for each of 16 rows: along x and along y the edges of both, of what they share and of
# the smallest box around them, and the difference of their centres.
cdef struct Boxes:
    double edge[2][LANES]           # of the first box
    double other_edge[2][LANES]     # of the second box
    double shared[2][LANES]         # 0 if they do not overlap
    double around[2][LANES]
    double shift[2][LANES]          # from the centre of the second box to that of the first
    double unit[LANES]              # by which all of these have been multiplied
    double eps[LANES]               # in units of an area
    double intersection[LANES]
    double union_[LANES]
    double turn[LANES]              # difference of the angles of the diagonals
    double aspect[LANES]            # weight of the square of that difference

# The distance of two vectors, for each of up to 16 rows, and what its gradient needs: for cosines
# all up to `other_own`, for boxes `boxes`.
cdef struct Pair:
    double distance[LANES]
    double norm[LANES]          # of the first vector, with eps applied
    double other_norm[LANES]    # of the second vector
    double own[LANES]           # coefficient of the first vector in its own gradient
    double other_own[LANES]     # coefficient of the second vector in its own gradient
    Boxes boxes

# Outside [2^-900, 2^900] a sum of squares has overflowed or underflowed, either as a whole or in
# terms that matter. If it is computed again, scaled by 2^-600 or 2^600, no such term does.
cdef extern from *:
    """
    #define SK_TWO_TO_900 0x1p900
    #define SK_TWO_TO_600 0x1p600
    """
    const double TWO_TO_900 "SK_TWO_TO_900"
    const double TWO_TO_600 "SK_TWO_TO_600"


cdef inline int width(const Group* group) noexcept nogil:
    """How many elements of a result are set: one per row, including lanes beyond the last row."""
    return 1 if group.by_row else LANES


cdef inline void row_sums(const Group* group, const double* lane, double* total) noexcept nogil:
    """The sum of each row from the sums of the lanes."""
    cdef int ln
    if group.by_row:
        total[0] = sum_16_lanes(lane)
    else:
        for ln in range(LANES):
            total[ln] = lane[ln]


cdef inline void broadcast_lanes(const Group* group, floating* lane) noexcept nogil:
    """Set all lanes of a row to the row's number, which is in its first lane."""
    cdef int ln
    if group.by_row:
        for ln in range(1, LANES):
            lane[ln] = lane[0]


# A loop over a group consists of two functions. One, `step_...`, processes one step of lanes. The
# other calls it for each whole step and for the rest. The first is inline, so that its loop has a
# constant length for whole steps.


cdef inline double difference(floating x, floating y, double eps) noexcept nogil:
    """x - y + eps, in float64 for both dtypes.

    So float32 vectors have the same ties and kinks as the same numbers in float64.
    """
    return (<double> x - <double> y) + eps


cdef inline void step_squares(const floating* x, const floating* y, double eps, int n,
                              double* lane) noexcept nogil:
    cdef double z
    cdef int ln
    for ln in range(n):
        z = difference(x[ln], y[ln], eps)
        lane[ln] += z * z


cdef inline void sum_squares(const Group* group, const floating* x, const floating* y,
                             double eps, double* total) noexcept nogil:
    cdef double[LANES] lane
    cdef Py_ssize_t i, whole = group.steps * LANES
    cdef int ln
    for ln in range(LANES):
        lane[ln] = 0
    for i in range(group.steps):
        step_squares(x + i * LANES, y + i * LANES, eps, LANES, lane)
    step_squares(x + whole, y + whole, eps, group.rest, lane)
    row_sums(group, lane, total)


cdef inline void step_magnitudes(const floating* x, const floating* y, double eps, int n,
                                 double* lane) noexcept nogil:
    cdef int ln
    for ln in range(n):
        lane[ln] += fabs(difference(x[ln], y[ln], eps))


cdef inline void sum_magnitudes(const Group* group, const floating* x, const floating* y,
                                double eps, double* total) noexcept nogil:
    cdef double[LANES] lane
    cdef Py_ssize_t i, whole = group.steps * LANES
    cdef int ln
    for ln in range(LANES):
        lane[ln] = 0
    for i in range(group.steps):
        step_magnitudes(x + i * LANES, y + i * LANES, eps, LANES, lane)
    step_magnitudes(x + whole, y + whole, eps, group.rest, lane)
    row_sums(group, lane, total)


cdef inline void step_top(const floating* x, const floating* y, double eps, int n,
                          double* high, double* total) noexcept nogil:
    cdef double z
    cdef int ln
    for ln in range(n):
        z = fabs(difference(x[ln], y[ln], eps))
        high[ln] = maximum(z, high[ln])
        total[ln] += z


cdef inline void top_magnitude(const Group* group, const floating* x, const floating* y,
                               double eps, double* top) noexcept nogil:
    """The largest |z| of each row, or NaN if the row has one. If `by_row` it is in all lanes."""
    cdef double[LANES] high
    cdef double[LANES] total    # a sum of terms >= 0, which is NaN if and only if a term is
    cdef Py_ssize_t i, whole = group.steps * LANES
    cdef int ln, half = LANES // 2
    for ln in range(LANES):
        high[ln] = 0
        total[ln] = 0
    for i in range(group.steps):
        step_top(x + i * LANES, y + i * LANES, eps, LANES, high, total)
    step_top(x + whole, y + whole, eps, group.rest, high, total)
    for ln in range(LANES):
        top[ln] = high[ln] if total[ln] == total[ln] else total[ln]
    if group.by_row:
        while half:
            for ln in range(half):
                # `maximum` propagates a NaN in its second argument only.
                top[ln] = top[ln] if top[ln] != top[ln] else maximum(top[ln], top[ln + half])
            half //= 2
        broadcast_lanes(group, top)


cdef inline void step_powers(const floating* x, const floating* y, double eps, double p, int n,
                             const double* divisor, double* lane) noexcept nogil:
    cdef int ln
    for ln in range(n):
        lane[ln] += pow(fabs(difference(x[ln], y[ln], eps)) / divisor[ln], p)


cdef inline void minkowski(const Group* group, const floating* x, const floating* y,
                           double eps, double p, double* distance) noexcept nogil:
    """max |z| (sum (|z| / max |z|)^p)^(1/p), which does not overflow or underflow for any p."""
    cdef double[LANES] lane
    cdef double[LANES] top
    cdef double[LANES] divisor
    cdef Py_ssize_t i, whole = group.steps * LANES
    cdef int ln
    top_magnitude(group, x, y, eps, top)
    for ln in range(LANES):
        divisor[ln] = top[ln] if top[ln] > 0 else 1
        lane[ln] = 0
    for i in range(group.steps):
        step_powers(x + i * LANES, y + i * LANES, eps, p, LANES, divisor, lane)
    step_powers(x + whole, y + whole, eps, p, group.rest, divisor, lane)
    row_sums(group, lane, distance)
    for ln in range(width(group)):
        # An infinite difference gives infinity rather than the NaN of inf / inf.
        distance[ln] = INFINITY if top[ln] == INFINITY else (
            top[ln] * pow(distance[ln], 1 / p))


cdef inline void step_products(const floating* x, const floating* y, int n, double* xx,
                               double* yy, double* xy) noexcept nogil:
    cdef double u, v
    cdef int ln
    for ln in range(n):
        u = x[ln]
        v = y[ln]
        xx[ln] += u * u
        yy[ln] += v * v
        xy[ln] += u * v


cdef inline void sum_products(const Group* group, const floating* x, const floating* y,
                              double* xx, double* yy, double* xy) noexcept nogil:
    cdef double[LANES] lane_xx
    cdef double[LANES] lane_yy
    cdef double[LANES] lane_xy
    cdef Py_ssize_t i, whole = group.steps * LANES
    cdef int ln
    for ln in range(LANES):
        lane_xx[ln] = 0
        lane_yy[ln] = 0
        lane_xy[ln] = 0
    for i in range(group.steps):
        step_products(x + i * LANES, y + i * LANES, LANES, lane_xx, lane_yy, lane_xy)
    step_products(x + whole, y + whole, group.rest, lane_xx, lane_yy, lane_xy)
    row_sums(group, lane_xx, xx)
    row_sums(group, lane_yy, yy)
    row_sums(group, lane_xy, xy)


cdef inline bint unsafe(const Group* group, const double* total, double* factor) noexcept nogil:
    """Whether a sum of squares overflowed or underflowed; `factor` is to scale its vectors."""
    cdef int ln, found = 0
    for ln in range(LANES):
        factor[ln] = 1
    for ln in range(width(group)):
        if total[ln] > TWO_TO_900:
            factor[ln] = 1 / TWO_TO_600
        elif total[ln] < 1 / TWO_TO_900:
            factor[ln] = TWO_TO_600
        found |= factor[ln] != 1
    broadcast_lanes(group, factor)
    return found != 0


cdef void sum_scaled(const Group* group, const floating* x, const floating* y, double eps,
                     const double* factor, const double* other_factor, double* xx, double* yy,
                     double* xy) noexcept nogil:
    """The sums of `sum_products` for scaled vectors.

    If `other_factor` is NULL, the sum of `sum_squares` for scaled differences, in `xx`.
    """
    cdef double lane[3][LANES]
    cdef double u, v
    cdef Py_ssize_t i, n = group.steps * LANES + group.rest
    cdef int ln, k
    for k in range(3):
        for ln in range(LANES):
            lane[k][ln] = 0
    for i in range(n):
        ln = i % LANES
        if other_factor is NULL:
            u = difference(x[i], y[i], eps) * factor[ln]
            v = 0
        else:
            u = x[i] * factor[ln]
            v = y[i] * other_factor[ln]
        lane[0][ln] += u * u
        lane[1][ln] += v * v
        lane[2][ln] += u * v
    row_sums(group, lane[0], xx)
    if other_factor is not NULL:
        row_sums(group, lane[1], yy)
        row_sums(group, lane[2], xy)


cdef inline void cosine(const Group* group, const Metric* metric, const floating* x,
                        const floating* y, Pair* pair) noexcept nogil:
    cdef double[LANES] xx
    cdef double[LANES] yy
    cdef double[LANES] xy
    cdef double[LANES] f
    cdef double[LANES] g
    cdef double eps = metric.eps, a, b, s
    cdef bint rescue
    cdef int ln
    sum_products(group, x, y, xx, yy, xy)
    for ln in range(LANES):
        f[ln] = 1
        g[ln] = 1
    if floating is double:
        rescue = unsafe(group, xx, f)
        if unsafe(group, yy, g) or rescue:
            for ln in range(LANES):
                # Tiny vectors are not scaled, since eps dominates their norms.
                f[ln] = minimum(f[ln], 1)
                g[ln] = minimum(g[ln], 1)
            sum_scaled(group, x, y, eps, f, g, xx, yy, xy)
    for ln in range(width(group)):
        if metric.kind == SIMILARITY:
            a = sqrt(xx[ln] + eps * f[ln] * f[ln])
            b = sqrt(yy[ln] + eps * g[ln] * g[ln])
        else:
            a = maximum(eps * f[ln], sqrt(xx[ln]))
            b = maximum(eps * g[ln], sqrt(yy[ln]))
        # Only rounding can take it outside [-1, 1].
        s = maximum(-1, minimum(1, (xy[ln] / a) / b))
        pair.norm[ln] = a / f[ln]
        pair.other_norm[ln] = b / g[ln]
        pair.distance[ln] = s if metric.kind == SIMILARITY else 1 - s
        pair.own[ln] = s
        pair.other_own[ln] = s
        if metric.kind == COSINE:
            # As in PyTorch, the derivative of the norm ignores its lower bound.
            pair.own[ln] = s * (a / sqrt(xx[ln])) if xx[ln] != 0 else 0
            pair.other_own[ln] = s * (b / sqrt(yy[ln])) if yy[ln] != 0 else 0


cdef extern from *:
    """
    #define SK_TWO_TO_500 0x1p500
    #define SK_PI_SQUARED 9.8696044010893586188
    """
    const double TWO_TO_500 "SK_TWO_TO_500"
    const double PI_SQUARED "SK_PI_SQUARED"


cdef inline double inverse(double x) noexcept nogil:
    """1 / x, or 0 for 0: for areas of 0, of which nothing is shared."""
    return (1 if x != 0 else 0) / (x if x != 0 else 1)


cdef inline void unit_of_boxes(const floating* x, const floating* y, double eps,
                               Boxes* boxes) noexcept nogil:
    """Scale coordinates whose products would overflow or underflow by a power of 2."""
    cdef double top
    cdef int ln, k
    for ln in range(LANES):
        boxes.unit[ln] = 1
        boxes.eps[ln] = eps
    if floating is double:
        for ln in range(LANES):
            top = 0
            for k in range(4):
                top = maximum(top, maximum(fabs(x[k * LANES + ln]), fabs(y[k * LANES + ln])))
            if top > TWO_TO_500:
                boxes.unit[ln] = 1 / TWO_TO_600
            elif top < 1 / TWO_TO_500 and top > 0:
                boxes.unit[ln] = TWO_TO_600
        for ln in range(LANES):
            # An infinite eps would make 0 * inf of a factor.
            top = (eps * boxes.unit[ln]) * boxes.unit[ln]
            boxes.eps[ln] = minimum(top, 1e300)


cdef void compare_boxes(const Metric* metric, const floating* x, const floating* y,
                        Pair* pair) noexcept nogil:
    """1 minus a measure of the overlap of two boxes (x1, y1, x2, y2), or NaN if one is inverted.

    With the intersection I, the union U, the area A of the smallest box around both, its diagonal
    D and the distance d of the centres: iou is I / (U + eps), giou subtracts (A - U) / (A + eps)
    from that, and diou d^2 / (D^2 + eps). ciou also subtracts alpha v, where v is
    4 / pi^2 times the square of the difference of the angles of the diagonals, and
    alpha = v / (1 - iou + v + eps).
    """
    cdef Boxes* boxes = &pair.boxes
    cdef double[LANES] inverted
    cdef double low, high, other_low, other_high, u, a, b, shared, cover, area, v, alpha
    cdef int ln, k
    unit_of_boxes(x, y, metric.eps, boxes)
    for ln in range(LANES):
        inverted[ln] = 0
    for k in range(2):
        for ln in range(LANES):
            u = boxes.unit[ln]
            low = u * x[k * LANES + ln]
            high = u * x[(k + 2) * LANES + ln]
            other_low = u * y[k * LANES + ln]
            other_high = u * y[(k + 2) * LANES + ln]
            boxes.edge[k][ln] = high - low
            boxes.other_edge[k][ln] = other_high - other_low
            shared = minimum(high, other_high) - maximum(low, other_low)
            boxes.shared[k][ln] = maximum(0, shared)
            boxes.around[k][ln] = maximum(high, other_high) - minimum(low, other_low)
            boxes.shift[k][ln] = 0.5 * ((low - other_low) + (high - other_high))
            inverted[ln] += (high < low) | (other_high < other_low)
    for ln in range(LANES):
        a = boxes.shared[0][ln]
        b = boxes.shared[1][ln]
        # A side of 0 has no slope either.
        boxes.shared[0][ln] = a if b > 0 else 0
        boxes.shared[1][ln] = b if a > 0 else 0
        boxes.intersection[ln] = a * b
        area = boxes.edge[0][ln] * boxes.edge[1][ln]
        area += boxes.other_edge[0][ln] * boxes.other_edge[1][ln]
        boxes.union_[ln] = area - a * b
        cover = (a * b) * inverse(boxes.union_[ln] + boxes.eps[ln])
        # The sum of the areas is NaN if a coordinate is.
        pair.distance[ln] = (1 - cover) + 0 * area
    if metric.kind == GIOU:
        for ln in range(LANES):
            area = boxes.around[0][ln] * boxes.around[1][ln]
            pair.distance[ln] += (area - boxes.union_[ln]) * inverse(area + boxes.eps[ln])
    if metric.kind == CIOU:
        for ln in range(LANES):
            a = (boxes.other_edge[0][ln] * boxes.edge[1][ln]
                 - boxes.edge[0][ln] * boxes.other_edge[1][ln])
            b = (boxes.other_edge[1][ln] * boxes.edge[1][ln]
                 + boxes.other_edge[0][ln] * boxes.edge[0][ln])
            boxes.turn[ln] = atan2(a, b)
        for ln in range(LANES):
            v = 4 / PI_SQUARED * (boxes.turn[ln] * boxes.turn[ln])
            # Before the distance of the centres is added, this is 1 - iou.
            alpha = v * inverse(pair.distance[ln] + v + metric.eps)
            boxes.aspect[ln] = alpha * (4 / PI_SQUARED)
            pair.distance[ln] += alpha * v
    if metric.kind >= DIOU:
        for ln in range(LANES):
            a = boxes.shift[0][ln] * boxes.shift[0][ln] + boxes.shift[1][ln] * boxes.shift[1][ln]
            b = (boxes.around[0][ln] * boxes.around[0][ln]
                 + boxes.around[1][ln] * boxes.around[1][ln])
            pair.distance[ln] += a * inverse(b + boxes.eps[ln])
    for ln in range(LANES):
        pair.distance[ln] = NAN if inverted[ln] != 0 else pair.distance[ln]


cdef inline double part_below(double x, double y) noexcept nogil:
    """The derivative of min(x, y) with respect to x: 1/2 at a tie, as in PyTorch."""
    return 0.5 * (<double> (x < y) + <double> (x <= y))


cdef void add_box(const Metric* metric, const Pair* pair, const double* slope, const floating* x,
                  const floating* y, floating* dx) noexcept nogil:
    """Add the gradient of `compare_boxes` with respect to the first box; alpha is constant."""
    cdef const Boxes* boxes = &pair.boxes
    cdef double[LANES] by_area      # derivatives with respect to the area of the first box,
    cdef double[LANES] by_shared    # that of the intersection,
    cdef double[LANES] by_around    # that of the box around both,
    cdef double[LANES] by_shift     # half the squared distance of the centres,
    cdef double[LANES] by_diagonal  # half the squared diagonal
    cdef double[2][LANES] by_edge   # and the edges of the first box, directly
    cdef double[LANES] low_slope
    cdef double[LANES] high_slope
    cdef double a, b, c, inner, outer, both, factor
    cdef int ln, k
    for ln in range(LANES):
        a = inverse(boxes.union_[ln] + boxes.eps[ln])
        by_area[ln] = boxes.intersection[ln] * a * a
        by_shared[ln] = -a - by_area[ln]
        by_around[ln] = by_shift[ln] = by_diagonal[ln] = 0
        by_edge[0][ln] = by_edge[1][ln] = 0
    if metric.kind == GIOU:
        for ln in range(LANES):
            a = inverse(boxes.around[0][ln] * boxes.around[1][ln] + boxes.eps[ln])
            by_area[ln] -= a
            by_shared[ln] += a
            by_around[ln] = ((boxes.union_[ln] + boxes.eps[ln]) * a) * a
    if metric.kind >= DIOU:
        for ln in range(LANES):
            a = boxes.shift[0][ln] * boxes.shift[0][ln] + boxes.shift[1][ln] * boxes.shift[1][ln]
            b = (boxes.around[0][ln] * boxes.around[0][ln]
                 + boxes.around[1][ln] * boxes.around[1][ln])
            c = inverse(b + boxes.eps[ln])
            by_shift[ln] = 2 * c
            by_diagonal[ln] = -2 * ((a * c) * c)
    if metric.kind == CIOU:
        for ln in range(LANES):
            a = boxes.edge[0][ln]
            b = boxes.edge[1][ln]
            c = 2 * boxes.aspect[ln] * boxes.turn[ln] * inverse(a * a + b * b)
            by_edge[0][ln] = -c * b
            by_edge[1][ln] = c * a
    for k in range(2):
        for ln in range(LANES):
            factor = slope[ln] * boxes.unit[ln]
            inner = by_shared[ln] * boxes.shared[1 - k][ln]
            outer = (by_around[ln] * boxes.around[1 - k][ln]
                     + by_diagonal[ln] * boxes.around[k][ln])
            both = by_area[ln] * boxes.edge[1 - k][ln] + by_edge[k][ln]
            c = 0.5 * (by_shift[ln] * boxes.shift[k][ln])
            # The lower corner is that of the intersection where it is the higher of the two.
            a = part_below(y[k * LANES + ln], x[k * LANES + ln])
            b = part_below(x[(k + 2) * LANES + ln], y[(k + 2) * LANES + ln])
            low_slope[ln] = factor * (c - (both + a * inner + (1 - a) * outer))
            high_slope[ln] = factor * (c + (both + b * inner + (1 - b) * outer))
        for ln in range(LANES):
            dx[k * LANES + ln] += <floating> low_slope[ln]
        for ln in range(LANES):
            dx[(k + 2) * LANES + ln] += <floating> high_slope[ln]


cdef inline bint any_inverted(const floating* x, int rows) noexcept nogil:
    """Whether a box has a corner of x2 or y2 that is less than its x1 or y1."""
    cdef int ln, k, found = 0
    for k in range(2):
        for ln in range(rows):
            found |= x[(k + 2) * LANES + ln] < x[k * LANES + ln]
    return found != 0


cdef void distances(const Group* group, const Metric* metric, const floating* x, const floating* y,
                    Pair* pair) noexcept nogil:
    """The distance of two vectors, for each row of a group."""
    cdef double eps = metric.eps
    cdef double[LANES] total
    cdef double[LANES] factor
    cdef int ln
    if metric.kind == MANHATTAN:
        sum_magnitudes(group, x, y, eps, pair.distance)
    elif metric.kind == CHEBYSHEV:
        top_magnitude(group, x, y, eps, pair.distance)
    elif metric.kind == MINKOWSKI:
        minkowski(group, x, y, eps, metric.p, pair.distance)
    elif metric.kind == SIMILARITY or metric.kind == COSINE:
        cosine(group, metric, x, y, pair)
    elif metric.kind >= IOU:
        compare_boxes(metric, x, y, pair)
    else:
        sum_squares(group, x, y, eps, total)
        if metric.kind == SQUARED:
            for ln in range(width(group)):
                pair.distance[ln] = total[ln]
            return
        for ln in range(width(group)):
            pair.distance[ln] = sqrt(total[ln])
        if floating is double:
            if unsafe(group, total, factor):
                sum_scaled(group, x, y, eps, factor, NULL, total, NULL, NULL)
                for ln in range(width(group)):
                    pair.distance[ln] = sqrt(total[ln]) / factor[ln]


cdef inline void add_and_subtract(const floating* t, int n, floating* dx,
                                  floating* dy) noexcept nogil:
    """Add `t` to one gradient and subtract it from the other.

    A function of the difference of two vectors has opposite gradients. `t` is a local array of the
    caller, so the compiler knows that it overlaps no other. A loop that reads vectors and writes
    gradients would check for overlaps in every step.
    """
    cdef int ln
    for ln in range(n):
        dx[ln] += t[ln]
    for ln in range(n):
        dy[ln] -= t[ln]


cdef inline void step_multiple(const floating* x, const floating* y, double eps, int n,
                               const double* factor, const double* coefficient, floating* dx,
                               floating* dy) noexcept nogil:
    cdef floating[LANES] t
    cdef int ln
    for ln in range(n):
        t[ln] = <floating> (difference(x[ln], y[ln], eps) * factor[ln] * coefficient[ln])
    add_and_subtract(t, n, dx, dy)


cdef inline void add_multiple(const Group* group, const Metric* metric, const Pair* pair,
                              const double* slope, const floating* x, const floating* y,
                              floating* dx, floating* dy) noexcept nogil:
    """Euclidean distances and their squares: the gradient is a multiple of the difference."""
    cdef double[LANES] factor
    cdef double[LANES] coefficient
    cdef double d, f, eps = metric.eps
    cdef Py_ssize_t i, k
    cdef int ln
    for ln in range(width(group)):
        if metric.kind == SQUARED:
            factor[ln] = 2
            coefficient[ln] = slope[ln]
        else:
            # The inverse of a tiny distance overflows, that of a huge one underflows, so such
            # differences are scaled.
            d = pair.distance[ln]
            f = 1 / TWO_TO_600 if d > TWO_TO_600 else TWO_TO_600 if d < 1 / TWO_TO_600 else 1
            factor[ln] = f
            # Where the vectors are equal the gradient is 0.
            coefficient[ln] = slope[ln] / (d * f) if d != 0 else 0
    broadcast_lanes(group, factor)
    broadcast_lanes(group, coefficient)
    for i in range(group.steps):
        k = i * LANES
        step_multiple(x + k, y + k, eps, LANES, factor, coefficient, dx + k, dy + k)
    k = group.steps * LANES
    step_multiple(x + k, y + k, eps, group.rest, factor, coefficient, dx + k, dy + k)


cdef inline void step_ties(const floating* x, const floating* y, double eps, int n,
                           const double* least, double* ties) noexcept nogil:
    cdef int ln
    for ln in range(n):
        ties[ln] += fabs(difference(x[ln], y[ln], eps)) >= least[ln]


cdef inline void count_ties(const Group* group, const floating* x, const floating* y,
                            double eps, const double* least, double* total) noexcept nogil:
    cdef double[LANES] lane
    cdef Py_ssize_t i, whole = group.steps * LANES
    cdef int ln
    for ln in range(LANES):
        lane[ln] = 0
    for i in range(group.steps):
        step_ties(x + i * LANES, y + i * LANES, eps, LANES, least, lane)
    step_ties(x + whole, y + whole, eps, group.rest, least, lane)
    row_sums(group, lane, total)


cdef inline void step_signs(const floating* x, const floating* y, double eps, int n,
                            const double* least, const double* coefficient, floating* dx,
                            floating* dy) noexcept nogil:
    cdef floating[LANES] t
    cdef double z
    cdef int ln
    for ln in range(n):
        z = difference(x[ln], y[ln], eps)
        # A product even where it is 0, because a NaN is in the coefficient.
        t[ln] = <floating> (
            coefficient[ln] * (<double> ((z > 0) - (z < 0)) if fabs(z) >= least[ln] else 0))
    add_and_subtract(t, n, dx, dy)


cdef inline void add_signs(const Group* group, const Metric* metric, const Pair* pair,
                           const double* slope, const floating* x, const floating* y,
                           floating* dx, floating* dy) noexcept nogil:
    """The gradient depends on signs only: of all differences, or of the largest (Chebyshev)."""
    cdef double[LANES] least        # least magnitude of the differences that have a gradient
    cdef double[LANES] coefficient
    cdef double[LANES] ties
    cdef double eps = metric.eps
    cdef Py_ssize_t i, k
    cdef int ln
    for ln in range(LANES):
        least[ln] = 0
        ties[ln] = 1
    if metric.kind == CHEBYSHEV:
        for ln in range(width(group)):
            least[ln] = pair.distance[ln]
        broadcast_lanes(group, least)
        count_ties(group, x, y, eps, least, ties)
    for ln in range(width(group)):
        # Equal differences share the gradient. If the distance is NaN, none are counted.
        coefficient[ln] = slope[ln] / maximum(ties[ln], 1)
    broadcast_lanes(group, coefficient)
    for i in range(group.steps):
        k = i * LANES
        step_signs(x + k, y + k, eps, LANES, least, coefficient, dx + k, dy + k)
    k = group.steps * LANES
    step_signs(x + k, y + k, eps, group.rest, least, coefficient, dx + k, dy + k)


cdef inline void step_power_slopes(const floating* x, const floating* y, double eps,
                                   double power, int n, const double* divisor,
                                   const double* coefficient, floating* dx,
                                   floating* dy) noexcept nogil:
    cdef floating[LANES] t
    cdef double z, ratio
    cdef int ln
    for ln in range(n):
        z = difference(x[ln], y[ln], eps)
        ratio = pow(fabs(z) / divisor[ln], power) * coefficient[ln]
        t[ln] = <floating> (ratio if z > 0 else -ratio)
    add_and_subtract(t, n, dx, dy)


cdef inline void add_power_slopes(const Group* group, const Metric* metric, const Pair* pair,
                                  const double* slope, const floating* x, const floating* y,
                                  floating* dx, floating* dy) noexcept nogil:
    """The gradient of the Minkowski distance d is sign(z) (|z| / d)^(p - 1)."""
    cdef double[LANES] divisor
    cdef double[LANES] coefficient
    cdef double eps = metric.eps, power = metric.p - 1
    cdef Py_ssize_t i, k
    cdef int ln
    for ln in range(width(group)):
        divisor[ln] = pair.distance[ln] if pair.distance[ln] != 0 else 1
        coefficient[ln] = slope[ln]
    broadcast_lanes(group, divisor)
    broadcast_lanes(group, coefficient)
    for i in range(group.steps):
        k = i * LANES
        step_power_slopes(x + k, y + k, eps, power, LANES, divisor, coefficient, dx + k, dy + k)
    k = group.steps * LANES
    step_power_slopes(x + k, y + k, eps, power, group.rest, divisor, coefficient, dx + k,
                      dy + k)


cdef inline void step_direction(const floating* x, const floating* y, int n,
                                const floating* inverse, const floating* other_inverse,
                                const floating* own, const floating* coefficient,
                                floating* dx) noexcept nogil:
    cdef floating[LANES] t
    cdef int ln
    for ln in range(n):
        t[ln] = y[ln] * other_inverse[ln] - own[ln] * (x[ln] * inverse[ln])
        t[ln] *= coefficient[ln]
    for ln in range(n):
        dx[ln] += t[ln]


cdef inline void add_direction(const Group* group, const double* slope, const floating* x,
                               const floating* y, const double* norm, const double* other_norm,
                               const double* own_share, floating* dx) noexcept nogil:
    """Add the gradient of a cosine with respect to x: (y / |y| - own_share x / |x|) / |x|.

    The vectors are divided by their norms first, because a product of norms may overflow.
    """
    cdef floating[LANES] inverse
    cdef floating[LANES] other_inverse
    cdef floating[LANES] own
    cdef floating[LANES] coefficient
    cdef Py_ssize_t i, k
    cdef int ln
    for ln in range(width(group)):
        inverse[ln] = <floating> (1 / norm[ln])
        other_inverse[ln] = <floating> (1 / other_norm[ln])
        own[ln] = <floating> own_share[ln]
        coefficient[ln] = <floating> (slope[ln] / norm[ln])
    broadcast_lanes(group, inverse)
    broadcast_lanes(group, other_inverse)
    broadcast_lanes(group, own)
    broadcast_lanes(group, coefficient)
    for i in range(group.steps):
        k = i * LANES
        step_direction(x + k, y + k, LANES, inverse, other_inverse, own, coefficient, dx + k)
    k = group.steps * LANES
    step_direction(x + k, y + k, group.rest, inverse, other_inverse, own, coefficient, dx + k)


cdef inline void add_cosine(const Group* group, const Metric* metric, const Pair* pair,
                            const double* slope, const floating* x, const floating* y,
                            floating* dx, floating* dy) noexcept nogil:
    cdef double[LANES] signed_slope
    cdef int ln
    for ln in range(width(group)):
        signed_slope[ln] = slope[ln] if metric.kind == SIMILARITY else -slope[ln]
    add_direction(group, signed_slope, x, y, pair.norm, pair.other_norm, pair.own, dx)
    add_direction(group, signed_slope, y, x, pair.other_norm, pair.norm, pair.other_own, dy)


cdef void add_gradient(const Group* group, const Metric* metric, const Pair* pair,
                       const double* slope, const floating* x, const floating* y,
                       floating* dx, floating* dy) noexcept nogil:
    """Add the gradient of a distance, times `slope`, to the gradients of its two vectors.

    Of boxes only the first one has a gradient.
    """
    if metric.kind == MANHATTAN or metric.kind == CHEBYSHEV:
        add_signs(group, metric, pair, slope, x, y, dx, dy)
    elif metric.kind == MINKOWSKI:
        add_power_slopes(group, metric, pair, slope, x, y, dx, dy)
    elif metric.kind == SIMILARITY or metric.kind == COSINE:
        add_cosine(group, metric, pair, slope, x, y, dx, dy)
    elif metric.kind >= IOU:
        add_box(metric, pair, slope, x, y, dx)
    else:
        add_multiple(group, metric, pair, slope, x, y, dx, dy)


# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------

cdef enum:
    # Rows whose labels and weights are read at a time.
    CHUNK = 256
    # From this many components on, if they are adjacent in memory, a group is one row.
    LONG = 64
    # Up to this many components, if it is the rows that are adjacent, as in Fortran order, a group
    # is 16 rows. With more components such tiles would be too large for the caches.
    LONG_STRIDED = 1024
    # Components that are streamed at once, in whole rows: enough that the ragged ends hardly
    # matter, and few enough that those of all gradients stay in the L1 cache.
    BURST = 1024

cdef struct Job:
    Space space                         # of the rows
    kernel_t function
    Metric metric
    double param[MAX_PARAMS]
    int n_vectors
    int n_pairs
    int first[MAX_PAIRS]
    int second[MAX_PAIRS]
    int vectors[MAX_VECTORS]            # operand numbers
    Py_ssize_t strides[MAX_VECTORS]     # in bytes, along a row
    int gradients[MAX_VECTORS]          # operand numbers, or -1; all are -1 if the first is
    Py_ssize_t gradient_strides[MAX_VECTORS]
    int label                           # operand number, or -1
    int weight                          # operand number, or -1
    int value                           # operand number, or -1
    Py_ssize_t dim                      # components of a vector
    bint by_row
    bint checked                        # NaN and infinity pass, or have been checked for
    bint ordered                        # there are no corners, or their order has been checked
    Domain finite                       # of vectors
    Domain label_domain
    double scale
    bint streaming                      # gradients bypass the caches
    Py_ssize_t burst                    # rows of a gradient that are streamed at once, or 0
    Py_ssize_t tile                     # elements of the tile of an array
    Py_ssize_t gradient_tile            # elements of the tile of a gradient
    Py_ssize_t rows_per_block


cdef inline const floating* load(const Job* job, int number, Py_ssize_t stride,
                                 Py_ssize_t start, int rows, floating* tile,
                                 floating* spare) noexcept nogil:
    """Read a group of rows into `tile`; a single row stays in place if possible."""
    cdef const Operand* operand = &job.space.operands[number]
    cdef char* row[LANES]
    if not job.by_row:
        rows_to_lanes(&job.space, number, stride, job.dim, start, rows, LANES, tile, spare)
        return tile
    row_addresses(&job.space, number, start, 1, row)
    if stride == sizeof(floating) and is_plain(operand, stride, <floating> 0):
        return <const floating*> row[0]
    read_row(operand, row[0], stride, job.dim, tile)
    return tile


cdef inline floating* target(const Job* job, int number, Py_ssize_t stride, Py_ssize_t start,
                             Py_ssize_t done, floating* tile) noexcept nogil:
    """Where the gradient of a group is summed: in a tile, or in place if possible.

    `done` is the number of rows of this block that are finished.
    """
    cdef char* row[LANES]
    if number < 0:
        return tile
    if job.burst:
        return tile + done % job.burst * job.dim
    if job.by_row and stride == sizeof(floating) and is_plain(
            &job.space.operands[number], stride, <floating> 0):
        row_addresses(&job.space, number, start, 1, row)
        return <floating*> row[0]
    return tile


cdef inline void store(const Job* job, int number, Py_ssize_t stride, Py_ssize_t start,
                       Py_ssize_t done, bint last, int rows, const floating* source,
                       floating* tile, floating* spare) noexcept nogil:
    """Write the gradient of a group, at its `target`, to the output.

    Bursts are written when they are full, or with the `last` row of the block.
    """
    cdef char* row[LANES]
    cdef Py_ssize_t burst
    if number < 0:
        return
    if not job.by_row:
        lanes_to_rows(&job.space, number, stride, job.dim, start, rows, LANES, source, spare,
                      job.streaming)
    elif job.burst:
        burst = done % job.burst + 1
        if burst == job.burst or last:
            row_addresses(&job.space, number, start + 1 - burst, 1, row)
            stream(<floating*> row[0], tile, burst * job.dim)
    else:
        row_addresses(&job.space, number, start, 1, row)
        if <const floating*> row[0] != source:
            write_row(&job.space.operands[number], row[0], stride, job.dim, source)


cdef inline bint any_nonfinite(const double* x, int n) noexcept nogil:
    cdef double sum_ = 0
    cdef int i
    for i in range(n):
        sum_ += 0 * x[i]
    return sum_ != 0


cdef inline void write_gradients(const Job* job, const Group* group, const Pair* pair,
                                 const double** slope, const floating** x, Py_ssize_t start,
                                 Py_ssize_t done, bint last, floating* tiles,
                                 floating* spare) noexcept nogil:
    """Write the gradients of a group, from the slopes of its losses."""
    cdef floating* gradient[MAX_VECTORS]
    cdef Py_ssize_t i, size = group.steps * LANES + group.rest
    cdef int k, ln
    cdef bint live
    for k in range(job.n_vectors):
        gradient[k] = target(job, job.gradients[k], job.gradient_strides[k], start, done,
                             tiles + k * job.gradient_tile)
        for i in range(size):
            gradient[k][i] = 0
    for k in range(job.n_pairs):
        live = False
        for ln in range(width(group)):
            live |= slope[k][ln] != 0
        if live:
            add_gradient(group, &job.metric, &pair[k], slope[k], x[job.first[k]],
                         x[job.second[k]], gradient[job.first[k]], gradient[job.second[k]])
    for k in range(job.n_vectors):
        store(job, job.gradients[k], job.gradient_strides[k], start, done, last, group.rows,
              gradient[k], tiles + k * job.gradient_tile, spare)


cdef double run_block(const Job* job, Py_ssize_t start, Py_ssize_t stop, unsigned char* bad,
                      floating* scratch) noexcept nogil:
    """Evaluate one block of rows; its sum of weighted values.

    Bit k of `bad` is set if array k has a bad element, the bit after those if a label is bad.
    """
    cdef floating* gradient_tiles = scratch + job.n_vectors * job.tile
    cdef floating* spare = gradient_tiles + job.n_vectors * job.gradient_tile
    cdef const floating* x[MAX_VECTORS]
    cdef Pair pair[MAX_PAIRS]
    cdef double slopes[MAX_PAIRS][LANES]
    cdef const double* distance[MAX_PAIRS]
    cdef double* slope[MAX_PAIRS]
    # With room for lanes beyond the last row.
    cdef double[CHUNK + LANES] label
    cdef double[CHUNK + LANES] value
    cdef double[CHUNK + LANES] scale
    cdef double[CHUNK] weight
    cdef Group group
    cdef Py_ssize_t n, i, first = start
    cdef int k, ln
    cdef bint suspect
    cdef double total = 0
    bad[0] = 0
    group.by_row = job.by_row
    group.steps = job.dim // LANES if job.by_row else job.dim
    group.rest = <int> (job.dim % LANES) if job.by_row else 0
    for k in range(job.n_pairs):
        distance[k] = pair[k].distance
        slope[k] = slopes[k]
    for i in range(CHUNK):
        weight[i] = 1
    while start < stop:
        n = min(CHUNK, stop - start)
        if job.weight >= 0:
            gather(&job.space, job.weight, start, n, weight)
        for i in range(CHUNK + LANES):
            label[i] = 0
            scale[i] = 0
        for i in range(n):
            scale[i] = weight[i] * job.scale
        if job.label >= 0:
            gather(&job.space, job.label, start, n, label)
            if outside(label, n, &job.label_domain):
                bad[0] |= 1 << job.n_vectors
        i = 0
        while i < n:
            group.rows = 1 if job.by_row else <int> min(LANES, n - i)
            for k in range(job.n_vectors):
                x[k] = load(job, job.vectors[k], job.strides[k], start + i, group.rows,
                            scratch + k * job.tile, spare)
            suspect = False
            for k in range(job.n_pairs):
                distances(&group, &job.metric, x[job.first[k]], x[job.second[k]], &pair[k])
                suspect |= any_nonfinite(pair[k].distance, width(&group))
            if suspect and not job.checked:
                # A vector with NaN or infinity never has a finite distance, so the vectors are
                # only searched if a distance is not finite.
                for k in range(job.n_vectors):
                    if outside(x[k], group.steps * LANES + group.rest, &job.finite):
                        bad[0] |= 1 << k
            if suspect and not job.ordered:
                for k in range(job.n_vectors):
                    if any_inverted(x[k], group.rows):
                        bad[0] |= 1 << k
            job.function(distance, label + i, job.param, value + i, slope, width(&group))
            if job.gradients[0] >= 0:
                for k in range(job.n_pairs):
                    for ln in range(width(&group)):
                        slopes[k][ln] *= scale[i + ln]
                write_gradients(job, &group, pair, <const double**> slope, x, start + i,
                                start + i - first, start + i + group.rows == stop,
                                gradient_tiles, spare)
            i += group.rows
        total += sum_weighted_span(value, weight, n)
        if job.value >= 0:
            scale_weighted_span(value, weight, 1, n)
            scatter(&job.space, job.value, start, n, value)
        start += n
    if job.streaming:
        stream_end()
    return total


cdef inline Py_ssize_t scratch_size(const Job* job) noexcept nogil:
    """Elements of scratch space per thread: tiles, and one more for conversions."""
    return job.n_vectors * (job.tile + job.gradient_tile) + job.tile


cdef double run_blocks(const Job* job, unsigned char* bad, double* partial, Py_ssize_t n_blocks,
                       int n_threads, floating* scratch) noexcept nogil:
    cdef Py_ssize_t b
    cdef Py_ssize_t rows = job.rows_per_block
    cdef Py_ssize_t share = scratch_size(job)
    if n_threads == 1:
        for b in range(n_blocks):
            partial[b] = run_block(job, b * rows, min((b + 1) * rows, job.space.size), bad + b,
                                   scratch)
    else:
        for b in prange(n_blocks, num_threads=n_threads, schedule="dynamic"):
            partial[b] = run_block(job, b * rows, min((b + 1) * rows, job.space.size), bad + b,
                                   scratch + threadid() * share)
    return compensated_sum(partial, n_blocks)


cdef int bind(Job* job, object array, Py_ssize_t* stride) except -2:
    """Add an operand. If it is of vectors, `stride` is not NULL and gets the stride along a row."""
    if array is None:
        return -1
    if stride is NULL:
        return space_add(&job.space, array, -1)
    stride[0] = cnp.PyArray_STRIDE(array, array.ndim - 1)
    return space_add(&job.space, array, array.ndim - 1)


cdef bint end_to_end(const Job* job, int k, Py_ssize_t itemsize) noexcept:
    """Whether a gradient's rows are contiguous, without gaps, and in the compute dtype."""
    cdef const Operand* operand = &job.space.operands[job.gradients[k]]
    return (job.gradient_strides[k] == itemsize and operand.itemsize == itemsize
            and not operand.unaligned and job.space.n_axes == 1
            and operand.strides[0] == job.dim * itemsize)


def run(Kernel kernel, tuple params, tuple metric, tuple vectors, bint double_, *, label=None,
        tuple label_domain=(), weight=None, value=None, tuple gradients=(), double scale=1.0,
        bint checked=False, bint assume_finite=False, int n_threads=1):
    """Run a kernel over rows of vectors.

    Parameters
    ----------
    kernel : Kernel
    params : tuple of float
    metric : (str, float, float)
        Name in METRICS, eps and p.
    vectors : tuple of ndarray
        Arrays of the same shape, with the components of a vector along the last axis.
    double_ : bool
        Whether to compute in float64 rather than float32.
    label : ndarray or None
        Its shape is that of the vectors without the last axis, as for `weight` and `value`.
    label_domain : key of a domain
    weight : ndarray or None
    value : ndarray or None
        Output for the weighted losses.
    gradients : tuple of ndarray
        Outputs, one for each of `vectors`, or an empty tuple. All but the first may be None, or
        missing.
    scale : float
        Factor of the gradients (not of the sum).
    checked : bool
        Whether the inputs have been checked.
    assume_finite : bool
        Whether NaN and infinity pass.
    n_threads : int

    Returns
    -------
    total : float
        The sum of the weighted losses.
    bad : int
        Bit k is set if `vectors[k]` has an element that is not finite, or an inverted box; the bit
        after those if a label is outside its domain.
    """
    cdef Job job
    cdef int k, found = 0
    cdef Py_ssize_t n_blocks, b, row_stride, itemsize = 8 if double_ else 4
    cdef size_t scratch_bytes
    cdef char* buffers
    cdef unsigned char* bad
    cdef double* partial
    cdef double total
    cdef bint fits
    cdef tuple shape = vectors[0].shape

    if len(vectors) > MAX_VECTORS or len(params) > MAX_PARAMS:
        raise ValueError("Too many arrays or parameters for the vector driver.")
    fits = len(params) >= kernel.n_params
    job.function = kernel.function
    job.n_pairs = <int> len(kernel.pairs)
    for k in range(job.n_pairs):
        job.first[k] = kernel.first[k]
        job.second[k] = kernel.second[k]
        fits &= max(job.first[k], job.second[k]) < len(vectors)
    if not fits:
        raise ValueError(
            f"The kernel {kernel.name!r} takes {kernel.n_params} parameters and distances of the "
            f"pairs {kernel.pairs} of arrays. Got {len(params)} parameters and {len(vectors)} "
            "arrays instead.")
    for k in range(len(params)):
        job.param[k] = params[k]
    name, job.metric.eps, job.metric.p = metric
    job.metric.kind = METRICS[name]
    job.n_vectors = <int> len(vectors)
    job.dim = shape[len(shape) - 1]
    if job.metric.kind >= IOU and job.dim != 4:
        raise ValueError(f"Boxes have 4 coordinates. Got {job.dim}.")
    space_start(&job.space, shape[:len(shape) - 1])
    for k in range(job.n_vectors):
        job.vectors[k] = bind(&job, vectors[k], &job.strides[k])
        job.gradients[k] = -1
        if k < len(gradients):
            job.gradients[k] = bind(&job, gradients[k], &job.gradient_strides[k])
    job.label = bind(&job, label, NULL)
    job.weight = bind(&job, weight, NULL)
    job.value = bind(&job, value, NULL)
    job.scale = scale
    job.checked = checked or assume_finite
    job.ordered = checked or job.metric.kind < IOU
    job.finite = make_domain(("interval", -DBL_MAX, DBL_MAX, False, False), double_, False)
    job.label_domain.kind = UNCHECKED
    if label is not None and not checked:
        job.label_domain = make_domain(label_domain, True, assume_finite)
    space_settle(&job.space, job.vectors[0], itemsize)

    # The lanes are along the axis with the shorter stride.
    row_stride = abs(job.space.operands[job.vectors[0]].strides[job.space.n_axes - 1])
    job.by_row = job.dim >= LONG and (
        job.dim > LONG_STRIDED or job.space.size < LANES
        or abs(job.strides[0]) <= row_stride)
    job.tile = (job.dim + LANES - 1) // LANES * LANES if job.by_row else job.dim * LANES
    job.streaming = len(gradients) > 0 and streams(job.space.size * job.dim)
    job.burst = max(BURST // job.dim, 1) if job.streaming and job.by_row else 0
    for k in range(job.n_vectors):
        if job.burst and job.gradients[k] >= 0 and not end_to_end(&job, k, itemsize):
            job.burst = 0
    job.gradient_tile = max(job.tile, job.burst * job.dim)
    # Whole groups of rows, at least one.
    job.rows_per_block = max(block_size(job.space.size * job.dim) // job.dim, 1)
    if not job.by_row:
        job.rows_per_block = (job.rows_per_block + LANES - 1) // LANES * LANES
    n_blocks = (job.space.size + job.rows_per_block - 1) // job.rows_per_block
    n_threads = <int> min(n_threads, n_blocks)

    scratch_bytes = <size_t> (n_threads * scratch_size(&job) * itemsize)
    buffers = <char*> malloc(scratch_bytes + n_blocks * (sizeof(double) + 1))
    if buffers is NULL:
        raise MemoryError()
    partial = <double*> (buffers + scratch_bytes)
    bad = <unsigned char*> (partial + n_blocks)
    with nogil:
        if double_:
            total = run_blocks(&job, bad, partial, n_blocks, n_threads, <double*> buffers)
        else:
            total = run_blocks(&job, bad, partial, n_blocks, n_threads, <float*> buffers)
        for b in range(n_blocks):
            found |= bad[b]
    free(buffers)
    return total, found
