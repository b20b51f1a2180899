"""Losses along a class axis: a kernel for each loss, and the driver of the family.

A row has the predictions of one sample for all classes. A kernel computes one group, whose
predictions are a tile laid out as [step][32 lanes]:

- with few classes the group is 32 rows, the lanes are the rows, and each step is a class;
- with many classes the group is one row, the lanes are 32 classes, and the steps cover all
  classes. The last step may reach beyond the last class. There predictions are arbitrary numbers,
  targets are 0, and what a kernel writes is discarded.

In both cases the inner loop runs over 32 adjacent lanes, which is what compilers vectorise, so one
kernel serves both. It only matters which case it is where the lanes of one row are combined
(`row_totals`, `sum_tile`, `nan_of_rows`). What a kernel computes once per row it computes in all
lanes, including those beyond the last row: such loops are vectorised as well, and a tile of two
classes spends most of its time in them.

A kernel writes one loss for each row to `value` (32 elements). If they are wanted (wanted.pxd) it
also writes `gradient` and `hessian`, in the layout of the tile and multiplied by the row's
`scale`. `work` is two tiles of scratch space. Class weights are a tile, or NULL if all are 1.
Literals in the arithmetic are constants of type `floating`, as in pointwise.pyx.

The driver does everything else: dtypes, strides, transposition, checks, weights, sums and threads.
The layers of this file, from top to bottom:

- what kernels share: softmax, and sums and scalings of a tile;
- the kernels, which plans find in `KERNELS`;
- reading and writing of tiles, one at a time or in bundles;
- `run_block`: evaluates a block of rows, group by group; `run_blocks`: distributes the blocks over
  threads; `run`: describes the arrays as a `Space`, and allocates what a call needs;
- `sum_labels`: checks labels and sums their weights, before `run`.

To add a loss, write its kernel here, add it to `KERNELS`, and write its class in `sklosses.losses`.
"""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, NAN
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from sklosses._kernels.lanes cimport (
    Domain, UNCHECKED, block_size, compensated_sum, make_domain, outside,
    scale_span, scale_weighted_span, sum_16_lanes, sum_weighted_span,
)
from sklosses._kernels.rows cimport (
    is_plain, lanes_to_rows, read_row, row_addresses, rows_to_lanes, write_row,
)
from sklosses._kernels.strided cimport (
    MAX_AXES, Operand, Space, address, fetch, fetch_to_write, gather, read_span, scatter, seek,
    space_add, space_like, space_settle, stream_end, streams,
)
from sklosses._kernels.vecmath cimport (
    at_most, exp_negabs, fabs, log1p, log1p_unit, maximum, minimum, pow,
)
from sklosses._kernels.wanted cimport value_alone, wanted_t, with_gradient, with_hessian

cnp.import_array()

cdef struct Group:
    Py_ssize_t steps
    Py_ssize_t size         # elements of the tile that are predictions
    int rows                # rows in the group: 1 if by_row, else at most 32
    bint by_row             # the lanes belong to one row
    int n_threads           # for a single row that is long
    bint labelled           # targets are one class index for each row
    bint nan_passes         # predictions may be NaN, since they are assumed to be finite
    # Index in the tile of each row's labelled class, negative if the row is ignored; NULL for
    # dense targets.
    const Py_ssize_t* pick
    # The number of each row's labelled class, negative if the row is ignored. NULL if it is faster
    # to look at one place of the tile for each row than to look for the label in each step. Never
    # NULL for ranks, unless the lanes belong to one row, whose number is `pick`.
    const float* label

# The versions of a kernel.
ctypedef void (*float_value)(const Group*, const float*, const float*, const float*, const float*,
                             const double*, float*, float*, float*, float*,
                             value_alone) noexcept nogil
ctypedef void (*float_gradient)(const Group*, const float*, const float*, const float*,
                                const float*, const double*, float*, float*, float*, float*,
                                with_gradient) noexcept nogil
ctypedef void (*float_hessian)(const Group*, const float*, const float*, const float*,
                               const float*, const double*, float*, float*, float*, float*,
                               with_hessian) noexcept nogil
ctypedef void (*double_value)(const Group*, const double*, const double*, const double*,
                              const double*, const double*, double*, double*, double*, double*,
                              value_alone) noexcept nogil
ctypedef void (*double_gradient)(const Group*, const double*, const double*, const double*,
                                 const double*, const double*, double*, double*, double*, double*,
                                 with_gradient) noexcept nogil
ctypedef void (*double_hessian)(const Group*, const double*, const double*, const double*,
                                const double*, const double*, double*, double*, double*, double*,
                                with_hessian) noexcept nogil

cdef enum:
    # Rows of a group, or classes of a step: with AVX-512 two vectors of 16 floats. Even with 32
    # lanes a group of few classes spends as much time on its start and end as on the classes.
    LANES = 32
    # Steps that are summed in the compute dtype before they are added to a float64 sum: few enough
    # that float32 sums of any length are accurate to about 2e-7.
    FLUSH = 64
    # Classes of a long row that are one piece of work of a thread.
    PART = FLUSH * LANES
    # Accumulators of a loop along one row. A dependency chain is bound by latency, so these sums
    # and maxima use 64 lanes.
    WIDE = 2 * LANES

# ---------------------------------------------------------------------------------------------
# What kernels share
# ---------------------------------------------------------------------------------------------


cdef inline double sum_32_lanes(const double* lane) noexcept nogil:
    """Sum of 32 lanes as a tree."""
    cdef double[16] half
    cdef int i
    for i in range(16):
        half[i] = lane[i] + lane[i + 16]
    return sum_16_lanes(half)


cdef inline void row_totals(const Group* group, const double* lane,
                            floating* total) noexcept nogil:
    """Sum the lanes of each row, and set all lanes of the row to its sum."""
    cdef int ln
    cdef double row
    if group.by_row:
        row = sum_32_lanes(lane)
        for ln in range(LANES):
            total[ln] = <floating> row
    else:
        for ln in range(LANES):
            total[ln] = <floating> lane[ln]


cdef inline void softmax(const Group* group, const floating* x, floating rate, floating* e,
                         bint kept, floating* top, floating* rest) noexcept nogil:
    """Compute e = exp(rate (x - top)), the maximum `top` of each row, and rest = sum(e) - 1.

    The maximum contributes exactly 1 to the sum. Leaving it out preserves the digits of the other
    terms where these are small, so log1p(rest) and rest / (1 + rest) are accurate for confident
    predictions. Unless it is `kept`, e is left undefined, and stays within the caches.
    """
    if group.by_row:
        softmax_of_row(group, x, group.size, rate, e, kept, top, rest)
    else:
        softmax_of_lanes(x, group.steps, rate, e, kept, top, rest)


cdef inline void softmax_of_lanes(const floating* x, Py_ssize_t steps, floating rate,
                                  floating* e, bint kept, floating* top,
                                  floating* rest) noexcept nogil:
    cdef Py_ssize_t i, j, stop
    cdef int ln
    # The arrays that the loops write to besides the tile are never passed to a function. So the
    # compiler knows that they do not overlap the tile, and does not check it in the inner loops.
    cdef floating[LANES] high
    cdef floating[LANES] part
    cdef floating[LANES] ties
    cdef double[LANES] others
    cdef double[LANES] maxima
    cdef floating v, u, zero = 0, one = 1
    if steps == 2:
        # One exponential is enough. The difference of infinities is NaN, as it is below.
        for ln in range(LANES):
            v = x[ln]
            u = x[LANES + ln]
            high[ln] = maximum(v, u)
            part[ln] = exp_negabs(rate * (v - u)) + (high[ln] - high[ln])
        for ln in range(LANES):
            e[ln] = one if x[ln] == high[ln] else part[ln]
            e[LANES + ln] = one if x[LANES + ln] == high[ln] else part[ln]
        for ln in range(LANES):
            top[ln] = high[ln]
            rest[ln] = part[ln]
        return
    for ln in range(LANES):
        high[ln] = x[ln]
        others[ln] = 0
        maxima[ln] = 0
    for i in range(1, steps):
        for ln in range(LANES):
            high[ln] = maximum(high[ln], x[i * LANES + ln])
    i = 0
    while i < steps:
        # Several short loops rather than one: the constants of the exponential leave no registers
        # for the sums.
        stop = min(steps, i + FLUSH)
        for j in range(stop - i):
            for ln in range(LANES):
                e[j * LANES + ln] = rate * (x[j * LANES + ln] - high[ln])
        for j in range((stop - i) * LANES):
            e[j] = exp_negabs(e[j])
        for ln in range(LANES):
            part[ln] = 0
            ties[ln] = 0
        for j in range(stop - i):
            for ln in range(LANES):
                v = x[j * LANES + ln]
                part[ln] += e[j * LANES + ln] if v != high[ln] else zero
                ties[ln] += zero if v != high[ln] else one
        if steps > FLUSH:
            for ln in range(LANES):
                others[ln] += part[ln]
                maxima[ln] += ties[ln]
        x += (stop - i) * LANES
        if kept:
            e += (stop - i) * LANES
        i = stop
    for ln in range(LANES):
        top[ln] = high[ln]
    if steps > FLUSH:
        for ln in range(LANES):
            rest[ln] = <floating> others[ln] + (<floating> maxima[ln] - one)
    else:
        for ln in range(LANES):
            rest[ln] = part[ln] + (ties[ln] - one)


cdef inline floating max_of_part(const floating* x, Py_ssize_t n) noexcept nogil:
    """The largest of some classes of a row, with WIDE accumulators."""
    cdef floating[WIDE] high
    cdef floating[16] some
    cdef floating[4] few
    cdef Py_ssize_t i = 0
    cdef int ln
    for ln in range(WIDE):
        high[ln] = x[0]
    while i + WIDE <= n:
        for ln in range(WIDE):
            high[ln] = maximum(high[ln], x[i + ln])
        i += WIDE
    for ln in range(<int> (n - i)):
        high[ln] = maximum(high[ln], x[i + ln])
    # A tree whose widths the compiler knows: with few classes its end takes as long as the classes.
    for ln in range(16):
        some[ln] = maximum(maximum(high[ln], high[ln + 16]),
                           maximum(high[ln + 32], high[ln + 48]))
    for ln in range(4):
        few[ln] = maximum(maximum(some[ln], some[ln + 4]), maximum(some[ln + 8], some[ln + 12]))
    return maximum(maximum(few[0], few[1]), maximum(few[2], few[3]))


cdef inline void exps_of_part(const floating* x, Py_ssize_t n, floating rate, floating high,
                              floating* e, double* others, double* maxima) noexcept nogil:
    """Exponentials of at most PART classes of a row; their sum, and the number of the largest."""
    cdef floating[WIDE] part
    cdef floating[WIDE] ties
    cdef double[LANES] lane
    cdef floating v, u, zero = 0, one = 1
    cdef Py_ssize_t i
    cdef int ln
    for ln in range(WIDE):
        part[ln] = 0
        ties[ln] = 0
    i = 0
    while i + WIDE <= n:
        for ln in range(WIDE):
            v = x[i + ln]
            e[i + ln] = u = exp_negabs(rate * (v - high))
            part[ln] += u if v != high else zero
            ties[ln] += zero if v != high else one
        i += WIDE
    for ln in range(<int> (n - i)):
        v = x[i + ln]
        e[i + ln] = u = exp_negabs(rate * (v - high))
        part[ln] += u if v != high else zero
        ties[ln] += zero if v != high else one
    for ln in range(LANES):
        lane[ln] = part[ln] + part[ln + LANES]
    others[0] = sum_32_lanes(lane)
    for ln in range(LANES):
        lane[ln] = ties[ln] + ties[ln + LANES]
    maxima[0] = sum_32_lanes(lane)


cdef inline void softmax_of_row(const Group* group, const floating* x, Py_ssize_t n,
                                floating rate, floating* e, bint kept, floating* top,
                                floating* rest) noexcept nogil:
    """`softmax` of a single row, whose parts of PART classes are summed in order."""
    cdef int ln
    cdef double others = 0, maxima = 0
    cdef floating v, high, one = 1
    if group.n_threads > 1:
        high = softmax_in_threads(group.n_threads, x, n, rate, e, kept, &others, &maxima)
    else:
        high = softmax_in_order(x, n, rate, e, kept, &others, &maxima)
    v = <floating> others + (<floating> maxima - one)
    for ln in range(LANES):
        top[ln] = high
        rest[ln] = v


cdef inline floating softmax_in_order(const floating* x, Py_ssize_t n, floating rate, floating* e,
                                      bint kept, double* others, double* maxima) noexcept nogil:
    """Exponentials of a row, the sum of all but the largest, and the number of these; the maximum.

    The sums are added to `others` and `maxima`.
    """
    cdef Py_ssize_t p, n_parts = (n + PART - 1) // PART
    cdef double part, ties
    cdef floating high = x[0]
    for p in range(n_parts):
        high = maximum(high, max_of_part(x + p * PART, min(PART, n - p * PART)))
    for p in range(n_parts):
        exps_of_part(x + p * PART, min(PART, n - p * PART), rate, high,
                     e + p * PART if kept else e, &part, &ties)
        others[0] += part
        maxima[0] += ties
    return high


cdef floating softmax_in_threads(int n_threads, const floating* x, Py_ssize_t n, floating rate,
                                 floating* e, bint kept, double* others,
                                 double* maxima) noexcept nogil:
    """`softmax_in_order` by several threads, with the same bits."""
    cdef Py_ssize_t p, n_parts = (n + PART - 1) // PART
    cdef floating high = x[0]
    cdef double* sums = <double*> malloc(2 * n_parts * sizeof(double))
    if sums is NULL:
        return softmax_in_order(x, n, rate, e, kept, others, maxima)
    for p in prange(n_parts, num_threads=n_threads, schedule="static"):
        sums[p] = max_of_part(x + p * PART, min(PART, n - p * PART))
    for p in range(n_parts):
        high = maximum(high, <floating> sums[p])
    for p in prange(n_parts, num_threads=n_threads, schedule="static"):
        exps_of_part(x + p * PART, min(PART, n - p * PART), rate, high,
                     e + (p if kept else threadid()) * PART, sums + 2 * p, sums + 2 * p + 1)
    for p in range(n_parts):
        others[0] += sums[2 * p]
        maxima[0] += sums[2 * p + 1]
    free(sums)
    return high


cdef inline floating complement(floating p, floating x, floating top, floating rest,
                                floating share) noexcept nogil:
    """1 - p of a class without cancellation: p is at most 1/2 unless x is the largest logit."""
    cdef floating one = 1
    return rest * share if x == top else one - p


cdef inline void sum_tile(const Group* group, floating* term, floating* total) noexcept nogil:
    """Sum the terms of each row, and set all lanes of the row to its sum.

    Terms beyond the last class are set to 0.
    """
    cdef double[LANES] lane
    cdef Py_ssize_t i
    cdef int ln
    for i in range(group.size, group.steps * LANES):
        term[i] = 0
    for ln in range(LANES):
        lane[ln] = 0
    for i in range(group.steps):
        for ln in range(LANES):
            lane[ln] += term[i * LANES + ln]
    row_totals(group, lane, total)


cdef inline void read_labelled(const Group* group, const floating* tile,
                               floating* value) noexcept nogil:
    """Read the tile at the label of each row. Lanes without a label keep their value."""
    cdef floating[LANES] label
    cdef Py_ssize_t i
    cdef floating c
    cdef int ln
    if group.label is not NULL:
        for ln in range(LANES):
            label[ln] = group.label[ln]
        for i in range(group.steps):
            c = <floating> i
            for ln in range(LANES):
                value[ln] = tile[i * LANES + ln] if label[ln] == c else value[ln]
        return
    for ln in range(group.rows):
        # Without a branch, since a row without a label may be any.
        value[ln] = tile[max(group.pick[ln], 0)] if group.pick[ln] >= 0 else value[ln]
    if group.by_row:
        for ln in range(1, LANES):
            value[ln] = value[0]


cdef inline void write_labelled(const Group* group, const floating* value,
                                floating* tile) noexcept nogil:
    """Write to the tile at the label of each row."""
    cdef floating[LANES] label
    cdef floating[LANES] own
    cdef Py_ssize_t i, k
    cdef floating c
    cdef int ln
    if group.label is not NULL:
        for ln in range(LANES):
            label[ln] = group.label[ln]
            own[ln] = value[ln]
        for i in range(group.steps):
            c = <floating> i
            for ln in range(LANES):
                k = i * LANES + ln
                tile[k] = own[ln] if label[ln] == c else tile[k]
        return
    for ln in range(group.rows):
        if group.pick[ln] >= 0:
            tile[group.pick[ln]] = value[ln]


cdef inline void live_rows(const Group* group, floating* live) noexcept nogil:
    """1 in the lanes of rows that have a label, 0 in the others."""
    cdef floating zero = 0, one = 1
    cdef int ln
    if group.label is not NULL:
        for ln in range(LANES):
            live[ln] = one if group.label[ln] >= 0 else zero
        return
    for ln in range(LANES):
        live[ln] = 0
    for ln in range(group.rows):
        live[ln] = <floating> (group.pick[ln] >= 0)
    if group.by_row:
        for ln in range(1, LANES):
            live[ln] = live[0]


cdef inline void weights_of_labels(const Group* group, const floating* class_weight,
                                   floating* weight) noexcept nogil:
    """The class weight of each row's label, 0 in lanes without a label."""
    live_rows(group, weight)
    if class_weight is not NULL:
        read_labelled(group, class_weight, weight)


cdef inline void weight_tile(const Group* group, floating* tile,
                             const floating* class_weight) noexcept nogil:
    """Multiply a tile by the class weights, if there are any."""
    cdef Py_ssize_t i
    if class_weight is not NULL:
        for i in range(group.size):
            tile[i] *= class_weight[i]


cdef inline const floating* weighted_targets(const Group* group, const floating* target,
                                             const floating* class_weight, floating keep,
                                             floating smooth, floating* room) noexcept nogil:
    """The tile class_weight (keep target + smooth), 0 beyond the last class.

    A missing target is 0 everywhere. If nothing has to be computed, the result is `target` itself,
    else it is in `room`.
    """
    cdef Py_ssize_t i
    if target is NULL:
        for i in range(group.size):
            room[i] = smooth
    elif class_weight is NULL and keep == 1 and smooth == 0:
        return target
    else:
        for i in range(group.size):
            room[i] = keep * target[i] + smooth
    weight_tile(group, room, class_weight)
    for i in range(group.size, group.steps * LANES):
        room[i] = 0
    return room


cdef inline void compare_with_rank(const Group* group, floating* order) noexcept nogil:
    """1 at the columns before the label of each row, 0 at that of the label, -1 beyond it.

    A rank, the label of an ordinal loss, is at most the number of columns.
    """
    cdef floating[LANES] label
    cdef floating c, zero = 0, one = 1
    cdef Py_ssize_t i, rank
    cdef int ln
    if group.by_row:
        rank = group.pick[0]
        for i in range(group.steps * LANES):
            order[i] = one if i < rank else zero if i == rank else -one
        return
    for ln in range(LANES):
        label[ln] = <floating> group.label[ln]
    for i in range(group.steps):
        c = <floating> i
        for ln in range(LANES):
            order[i * LANES + ln] = one if c < label[ln] else zero if c == label[ln] else -one


cdef inline void scale_tile(const Group* group, floating* tile,
                            const floating* factor) noexcept nogil:
    """Multiply each row by its factor.

    In a single row only the classes are multiplied: reading beyond them, where the tile is in
    place, would wait for the start of the next row, which is not cached yet.
    """
    cdef floating[LANES] own
    cdef floating row = factor[0]
    cdef Py_ssize_t i
    cdef int ln
    if group.by_row:
        if group.n_threads > 1:
            scale_in_threads(group.n_threads, tile, group.size, row)
            return
        for i in range(group.size):
            tile[i] *= row
        return
    for ln in range(LANES):
        own[ln] = factor[ln]
    for i in range(group.steps):
        for ln in range(LANES):
            tile[i * LANES + ln] *= own[ln]


cdef void scale_in_threads(int n_threads, floating* tile, Py_ssize_t n,
                           floating factor) noexcept nogil:
    cdef Py_ssize_t p, n_parts = (n + PART - 1) // PART
    for p in prange(n_parts, num_threads=n_threads, schedule="static"):
        scale_span(tile + p * PART, factor, min(PART, n - p * PART))


cdef inline void nan_of_rows(const Group* group, const floating* x, floating* nan) noexcept nogil:
    """Set all lanes of a row to NaN if the row has one that was let pass, else to 0.

    For kernels whose value does not depend on all predictions.
    """
    cdef floating[LANES] seen
    cdef floating v, row, zero = 0
    cdef Py_ssize_t i, whole = group.size // LANES
    cdef int ln
    for ln in range(LANES):
        seen[ln] = 0
        nan[ln] = 0
    if not group.nan_passes:
        return
    for i in range(whole):
        for ln in range(LANES):
            v = x[i * LANES + ln]
            seen[ln] += v if v != v else zero
    for ln in range(<int> (group.size - whole * LANES)):
        v = x[whole * LANES + ln]
        seen[ln] += v if v != v else zero
    if group.by_row:
        row = 0
        for ln in range(LANES):
            row += seen[ln]
        for ln in range(LANES):
            nan[ln] = row
    else:
        for ln in range(LANES):
            nan[ln] = seen[ln]


# ---------------------------------------------------------------------------------------------
# Kernels
# ---------------------------------------------------------------------------------------------


cdef void cross_entropy(const Group* group, const floating* x, const floating* target,
                        const floating* class_weight, const floating* scale, const double* param,
                        floating* work, floating* value, floating* gradient, floating* hessian,
                        wanted_t wanted) noexcept nogil:
    """sum_j t_j (lse - x_j) with t_j = class_weight_j (keep target_j + smooth).

    param = (keep, smooth): 1 - label_smoothing and label_smoothing / n_classes. A label is a
    target of 1 at one class; without smoothing the kernel only reads that class.

    With m the sum of the t_j, the gradient is m p_j - t_j. Near p_j = 1 both terms may be nearly
    equal, so for the largest logit it is computed as the sum of the other t_k minus m (1 - p_j).
    """
    cdef floating keep = <floating> param[0]
    cdef floating smooth = <floating> param[1]
    cdef floating zero = 0, one = 1
    cdef bint dense = target is not NULL or smooth != 0
    cdef const floating* weighted = NULL    # the t_j but for the label's
    cdef floating* e = work
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] t_total    # sum of the t_j
    cdef floating[LANES] away       # sum of the t_j (top - x_j)
    cdef floating[LANES] own        # the label's t_j
    cdef floating[LANES] at         # the label's x_j
    cdef floating[LANES] share      # 1 / sum of exp(x_j - top)
    cdef floating[LANES] labelled   # the label's exponential, then its gradient
    cdef floating[LANES] below      # sum of the t_j of all but the largest logit
    cdef floating[LANES] certain    # largest logit if its p exceeds 1/2, else NaN
    cdef floating[LANES] topmost    # gradient of that logit
    cdef floating[LANES] peak       # t_j of the largest logit
    cdef floating[LANES] live       # 0 in ignored rows, else 1
    cdef double[LANES] below_total
    cdef double[LANES] peak_total
    cdef double[LANES] away_total
    cdef floating t, p, lse
    cdef Py_ssize_t i, k
    cdef int ln
    if wanted_t is not value_alone:
        e = gradient
    softmax(group, x, 1, e, wanted_t is not value_alone, top, rest)
    for ln in range(LANES):
        t_total[ln] = 0
        away[ln] = 0
        own[ln] = 0
        at[ln] = 0
        labelled[ln] = 0
        below[ln] = 0
    if dense:
        for ln in range(LANES):
            peak[ln] = 0
            below_total[ln] = 0
            away_total[ln] = 0
        weighted = weighted_targets(group, target, class_weight, keep, smooth,
                                    work + group.steps * LANES)
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                t = weighted[k]
                p = t if x[k] != top[ln] else 0
                below_total[ln] += p
                peak[ln] += t - p
                # Avoid 0 * inf for a logit of -inf, and for lanes beyond the last class.
                away_total[ln] += t * (top[ln] - x[k]) if t != 0 else 0
        for ln in range(LANES):
            peak_total[ln] = peak[ln]
        row_totals(group, below_total, below)
        row_totals(group, peak_total, t_total)
        row_totals(group, away_total, away)
        for ln in range(LANES):
            t_total[ln] += below[ln]
    if group.labelled:
        weights_of_labels(group, class_weight, own)
        read_labelled(group, x, at)
        if wanted_t is not value_alone:
            read_labelled(group, e, labelled)
        for ln in range(LANES):
            own[ln] *= keep
    if group.labelled and dense:
        # The smoothed targets of ignored rows do not count either.
        live_rows(group, live)
        for ln in range(LANES):
            below[ln] = below[ln] if live[ln] != 0 else zero
            t_total[ln] = t_total[ln] if live[ln] != 0 else zero
            away[ln] = away[ln] if live[ln] != 0 else zero
    for ln in range(LANES):
        lse = log1p(rest[ln])
        # A NaN reaches the sum of the exponentials, and so the value, even of an ignored row.
        value[ln] = away[ln] + t_total[ln] * lse + (
            own[ln] * ((top[ln] - at[ln]) + lse) if own[ln] != 0 else zero * lse)
        t_total[ln] += own[ln]
        below[ln] += own[ln] if at[ln] != top[ln] else zero
        share[ln] = one / (one + rest[ln])
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                hessian[k] = scale[ln] * t_total[ln] * p * (
                    complement(p, x[k], top[ln], rest[ln], share[ln]))
    if wanted_t is not value_alone:
        for ln in range(LANES):
            # If the label has the largest p, p - 1 is minus the probability of the others.
            p = labelled[ln] * share[ln]
            labelled[ln] = scale[ln] * own[ln] * (
                p - one if at[ln] != top[ln] else -(rest[ln] * share[ln]))
            certain[ln] = top[ln] if rest[ln] < 1 else NAN
            topmost[ln] = scale[ln] * (below[ln] - t_total[ln] * (rest[ln] * share[ln]))
            share[ln] *= scale[ln] * t_total[ln]
            own[ln] *= scale[ln]
        scale_tile(group, gradient, share)
        if dense:
            for i in range(group.steps):
                for ln in range(LANES):
                    k = i * LANES + ln
                    t = gradient[k] - scale[ln] * weighted[k]
                    gradient[k] = topmost[ln] if x[k] == certain[ln] else t
        if group.labelled and dense:
            # That of the largest logit is complete. That of another label lacks its own t_j.
            for ln in range(LANES):
                labelled[ln] = 0
            read_labelled(group, gradient, labelled)
            for ln in range(LANES):
                labelled[ln] -= own[ln] if at[ln] != certain[ln] else zero
        if group.labelled:
            write_labelled(group, labelled, gradient)


cdef void nll_loss(const Group* group, const floating* x, const floating* target,
                   const floating* class_weight, const floating* scale, const double* param,
                   floating* work, floating* value, floating* gradient, floating* hessian,
                   wanted_t wanted) noexcept nogil:
    """-sum_j t_j x_j with t_j = class_weight_j target_j, where 0 * -inf is 0.

    The true Hessian is 0; the class weight of the label (1 for dense targets) is returned instead,
    scaled like the loss.
    """
    cdef floating zero = 0, one = 1
    cdef const floating* weighted
    cdef floating[LANES] nan
    cdef floating[LANES] counts
    cdef floating[LANES] at
    cdef floating t
    cdef Py_ssize_t i, k
    cdef int ln
    nan_of_rows(group, x, nan)
    for ln in range(LANES):
        counts[ln] = 1
    if target is not NULL:
        weighted = weighted_targets(group, target, class_weight, one, zero,
                                    work + group.steps * LANES)
        for i in range(group.steps * LANES):
            t = weighted[i]
            work[i] = -t * x[i] if t != 0 else 0
        sum_tile(group, work, value)
        for ln in range(group.rows):
            value[ln] += nan[ln]
        if wanted_t is not value_alone:
            for i in range(group.steps):
                for ln in range(LANES):
                    k = i * LANES + ln
                    gradient[k] = -scale[ln] * weighted[k]
    else:
        weights_of_labels(group, class_weight, counts)
        for ln in range(LANES):
            at[ln] = 0
        read_labelled(group, x, at)
        for ln in range(LANES):
            value[ln] = nan[ln] - (counts[ln] * at[ln] if counts[ln] != 0 else zero)
        if wanted_t is not value_alone:
            for i in range(group.steps * LANES):
                gradient[i] = 0
            for ln in range(LANES):
                at[ln] = -scale[ln] * counts[ln]
            write_labelled(group, at, gradient)
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                hessian[i * LANES + ln] = scale[ln] * counts[ln]


cdef void multi_margin_loss(const Group* group, const floating* x, const floating* target,
                            const floating* class_weight, const floating* scale,
                            const double* param, floating* work, floating* value,
                            floating* gradient, floating* hessian, wanted_t wanted) noexcept nogil:
    """c_y / C sum_{j != y} max(0, margin - x_y + x_j)^p: param = (margin, p, 1 / C).

    With p = 1 the true Hessian is 0 almost everywhere; 1 is returned instead, scaled like the loss.
    """
    cdef floating zero = 0, one = 1, two = 2
    cdef floating margin = <floating> param[0]
    cdef bint squared = param[1] == 2
    cdef floating share = <floating> param[2]
    cdef floating[LANES] edge       # margin - x_y
    cdef floating[LANES] own        # c_y / C
    cdef floating[LANES] factor
    cdef floating[LANES] total
    cdef floating z, s
    cdef Py_ssize_t i
    cdef int ln
    for ln in range(LANES):
        edge[ln] = 0
    weights_of_labels(group, class_weight, own)
    read_labelled(group, x, edge)
    live_rows(group, total)
    for ln in range(LANES):
        edge[ln] = margin - edge[ln] if total[ln] != 0 else zero
        own[ln] *= share
    for i in range(group.steps):
        for ln in range(LANES):
            # `maximum` returns its second argument if either is NaN, so a NaN is propagated.
            work[i * LANES + ln] = maximum(0, edge[ln] + x[i * LANES + ln])
    # 0, or NaN if the label's own prediction is NaN or infinite.
    for ln in range(LANES):
        factor[ln] = edge[ln] - edge[ln]
    write_labelled(group, factor, work)
    if not squared:
        sum_tile(group, work, total)
        for ln in range(group.rows):
            value[ln] = own[ln] * total[ln]
    if wanted_t is not value_alone:
        # The derivatives with respect to x_j; that with respect to x_y is minus their sum.
        for i in range(group.steps * LANES):
            z = work[i]
            s = z if z != z else two * z if squared else <floating> (z > 0)
            if wanted_t is not value_alone:
                gradient[i] = s
            if wanted_t is with_hessian:
                hessian[i] = one if not squared else two * <floating> (z > 0)
    if wanted_t is not value_alone:
        sum_tile(group, gradient, total)
        for ln in range(LANES):
            factor[ln] = scale[ln] * own[ln]
        scale_tile(group, gradient, factor)
        for ln in range(LANES):
            factor[ln] = -factor[ln] * total[ln]
        write_labelled(group, factor, gradient)
    if wanted_t is with_hessian:
        if squared:
            sum_tile(group, hessian, total)
            write_labelled(group, total, hessian)
            for ln in range(LANES):
                factor[ln] = scale[ln] * own[ln]
            scale_tile(group, hessian, factor)
        else:
            scale_tile(group, hessian, scale)
    if squared:
        for i in range(group.steps * LANES):
            work[i] *= work[i]
        sum_tile(group, work, total)
        for ln in range(group.rows):
            value[ln] = own[ln] * total[ln]


cdef void crammer_singer_loss(const Group* group, const floating* x, const floating* target,
                              const floating* class_weight, const floating* scale,
                              const double* param, floating* work, floating* value,
                              floating* gradient, floating* hessian,
                              wanted_t wanted) noexcept nogil:
    """max(0, margin - x_y + max_{j != y} x_j): param = (margin,).

    Several largest x_j share the gradient. A single class has no others, whose maximum is -inf. The
    true Hessian is 0 almost everywhere; 1 is returned instead, scaled like the loss.
    """
    cdef floating zero = 0, one = 1, low = <floating> -INFINITY
    cdef floating margin = <floating> param[0]
    cdef floating[LANES] nan
    cdef floating[LANES] edge       # margin - x_y
    cdef floating[LANES] high       # the largest other x_j
    cdef floating[LANES] slope      # scaled derivative with respect to that x_j
    cdef floating[LANES] share      # what each of the largest has of it
    cdef double[LANES] ties
    cdef floating z
    cdef Py_ssize_t i, k
    cdef int ln
    nan_of_rows(group, x, nan)
    for ln in range(LANES):
        edge[ln] = margin
        high[ln] = low
    read_labelled(group, x, edge)
    # The others: x without the label's prediction and without what is beyond the last class.
    for i in range(group.size):
        work[i] = x[i]
    for i in range(group.size, group.steps * LANES):
        work[i] = low
    write_labelled(group, high, work)
    for i in range(group.steps):
        for ln in range(LANES):
            high[ln] = maximum(high[ln], work[i * LANES + ln])
    if group.by_row:
        z = high[0]
        for ln in range(1, LANES):
            z = maximum(z, high[ln])
        for ln in range(LANES):
            high[ln] = z
    for ln in range(LANES):
        # `maximum` returns its second argument if either is NaN, so a NaN is propagated.
        z = (margin - edge[ln]) + high[ln]
        value[ln] = maximum(0, z) + nan[ln]
        slope[ln] = scale[ln] * ((one if z > 0 else zero * maximum(0, z)) + nan[ln])
    if wanted_t is not value_alone:
        for ln in range(LANES):
            nan[ln] = scale[ln] * nan[ln]
            ties[ln] = 0
        for i in range(group.steps):
            for ln in range(LANES):
                ties[ln] += one if work[i * LANES + ln] == high[ln] else zero
        row_totals(group, ties, share)
        for ln in range(LANES):
            share[ln] = slope[ln] / maximum(one, share[ln])
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                gradient[k] = share[ln] if work[k] == high[ln] else nan[ln]
        for ln in range(LANES):
            slope[ln] = -slope[ln]
        write_labelled(group, slope, gradient)
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                hessian[i * LANES + ln] = scale[ln]


cdef void smooth_crammer_singer_loss(const Group* group, const floating* x,
                                     const floating* target, const floating* class_weight,
                                     const floating* scale, const double* param, floating* work,
                                     floating* value, floating* gradient, floating* hessian,
                                     wanted_t wanted) noexcept nogil:
    """w log(sum_j exp(v_j / w)) - x_y with v_j = x_j + margin but for v_y = x_y, and the width w.

    It exceeds crammer_singer_loss by at most w times the logarithm of the number of classes.
    param = (margin, 1 / width, width).
    """
    cdef floating one = 1
    cdef floating margin = <floating> param[0]
    cdef floating rate = <floating> param[1]
    cdef floating width = <floating> param[2]
    cdef floating* shifted = work + group.steps * LANES
    cdef floating* e = work
    cdef floating[LANES] at         # the label's x_j
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] share      # 1 / sum of exp((v_j - top) / width)
    cdef floating[LANES] labelled   # the label's probability, then its gradient
    cdef floating p
    cdef Py_ssize_t i, k
    cdef int ln
    if wanted_t is not value_alone:
        e = gradient
    for ln in range(LANES):
        at[ln] = labelled[ln] = 0
    read_labelled(group, x, at)
    for i in range(group.size):
        shifted[i] = x[i] + margin
    for i in range(group.size, group.steps * LANES):
        shifted[i] = 0
    write_labelled(group, at, shifted)
    softmax(group, shifted, rate, e, wanted_t is not value_alone, top, rest)
    for ln in range(LANES):
        share[ln] = one / (one + rest[ln])
        value[ln] = (top[ln] - at[ln]) + width * log1p(rest[ln])
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                hessian[k] = scale[ln] * rate * p * (
                    complement(p, shifted[k], top[ln], rest[ln], share[ln]))
    if wanted_t is not value_alone:
        for ln in range(LANES):
            share[ln] *= scale[ln]
        scale_tile(group, gradient, share)
        read_labelled(group, gradient, labelled)
        for ln in range(LANES):
            labelled[ln] -= scale[ln]
        write_labelled(group, labelled, gradient)


cdef void multilabel_margin_loss(const Group* group, const floating* x, const floating* target,
                                 const floating* class_weight, const floating* scale,
                                 const double* param, floating* work, floating* value,
                                 floating* gradient, floating* hessian,
                                 wanted_t wanted) noexcept nogil:
    """1 / C sum_j m_j sum_{k: m_k = 0} max(0, 1 - x_j + x_k): param = (1 / C,).

    `target` has m_j, the number of times that class j is listed, and is not 0 beyond the last
    class. The true Hessian is 0 almost everywhere; 1 is returned instead, scaled like the loss.
    """
    cdef floating one = 1, zero = 0
    cdef floating share = <floating> param[0]
    cdef floating[LANES] edge       # 1 - x_j
    cdef floating[LANES] times      # m_j
    cdef floating[LANES] nan
    cdef floating[LANES] total
    cdef double[LANES] loss
    cdef double[LANES] active
    cdef floating z
    cdef Py_ssize_t i, j, k, size = group.steps * LANES
    cdef int ln, step = 1 if group.by_row else LANES
    cdef bint listed
    nan_of_rows(group, x, nan)
    for ln in range(LANES):
        loss[ln] = 0
    # `work` collects C times the derivative with respect to each x_k, an integer.
    if wanted_t is not value_alone:
        for i in range(size):
            work[i] = 0
    j = 0
    while j < group.size:
        if group.by_row and target[j] == 0:
            j += 1
            continue
        listed = False
        for ln in range(LANES):
            k = j if group.by_row else j + ln
            times[ln] = target[k]
            edge[ln] = one - x[k]
            active[ln] = 0
            listed |= target[k] != 0
        if listed:
            for i in range(group.steps):
                for ln in range(LANES):
                    k = i * LANES + ln
                    z = maximum(zero, edge[ln] + x[k])
                    z = z if (times[ln] != 0) & (target[k] == 0) else zero
                    loss[ln] += times[ln] * z
                    if wanted_t is not value_alone:
                        z = times[ln] if z > 0 else zero
                        work[k] += z
                        active[ln] += z
            if wanted_t is not value_alone:
                if group.by_row:
                    work[j] -= <floating> sum_32_lanes(active)
                else:
                    for ln in range(LANES):
                        work[j + ln] -= <floating> active[ln]
        j += step
    row_totals(group, loss, total)
    for ln in range(group.rows):
        value[ln] = share * total[ln] + nan[ln]
    for i in range(group.steps):
        for ln in range(LANES):
            if wanted_t is not value_alone:
                gradient[i * LANES + ln] = scale[ln] * (share * work[i * LANES + ln] + nan[ln])
            if wanted_t is with_hessian:
                hessian[i * LANES + ln] = scale[ln]


cdef void multilabel_soft_margin_loss(const Group* group, const floating* x,
                                      const floating* target, const floating* class_weight,
                                      const floating* scale, const double* param, floating* work,
                                      floating* value, floating* gradient, floating* hessian,
                                      wanted_t wanted) noexcept nogil:
    """1 / C sum_j c_j (y_j softplus(-x_j) + (1 - y_j) softplus(x_j)): param = (1 / C,)."""
    cdef floating one = 1
    cdef floating share = <floating> param[0]
    cdef floating[LANES] total
    cdef floating y, z, e, r, t, near, far
    cdef Py_ssize_t i, k
    cdef int ln
    for i in range(group.steps * LANES):
        work[i] = exp_negabs(x[i])
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            z = x[k]
            y = target[k]
            e = work[k]
            # As in binary_cross_entropy_with_logits, no two terms cancel.
            far = one - y if z >= 0 else y
            near = y if z >= 0 else one - y
            work[k] = share * (far * fabs(z) + log1p_unit(e))
            if wanted_t is not value_alone:
                r = one / (one + e)
                t = r * (far - near * e)
                gradient[k] = scale[ln] * share * (t if z >= 0 else -t)
            if wanted_t is with_hessian:
                hessian[k] = scale[ln] * share * ((e * r) * r)
    weight_tile(group, work, class_weight)
    if wanted_t is not value_alone:
        weight_tile(group, gradient, class_weight)
    if wanted_t is with_hessian:
        weight_tile(group, hessian, class_weight)
    sum_tile(group, work, total)
    for ln in range(group.rows):
        value[ln] = total[ln]


cdef void softmax_focal_loss(const Group* group, const floating* x, const floating* target,
                             const floating* class_weight, const floating* scale,
                             const double* param, floating* work, floating* value,
                             floating* gradient, floating* hessian,
                             wanted_t wanted) noexcept nogil:
    """-c_y q^gamma log p, with p the softmax probability of the label: param = (gamma,).

    q = 1 - p. With s = -log p and a = c_y q^gamma (gamma p s + q) the gradient is -a for the label
    and a r_k for any other class k, where r_k is its share of the probability q. Nothing is divided
    by a power of q, which may be 0. gamma p s + q is of the order of q, so the gradient vanishes
    with q however small gamma is.
    """
    cdef floating one = 1, two = 2
    cdef floating gamma = <floating> param[0]
    cdef floating* e = work
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] own        # c_y
    cdef floating[LANES] at         # the label's x
    cdef floating[LANES] share      # 1 / sum of exp(x_j - top)
    cdef floating[LANES] others     # sum of exp(x_j - top) without the label; 1 in place of 0
    cdef floating[LANES] slope      # a
    cdef floating[LANES] bend       # factor of the second term of the Hessian
    cdef floating[LANES] labelled   # Hessian of the label
    cdef floating[LANES] right      # p
    cdef floating[LANES] wrong      # q
    cdef floating[LANES] focus      # q^gamma
    cdef floating[LANES] factor
    cdef floating p, q, r, s, a, b
    cdef Py_ssize_t i, k
    cdef int ln
    if wanted_t is not value_alone:
        e = gradient
    softmax(group, x, 1, e, True, top, rest)
    # Rows of weight zero are treated as predicted correctly: no infinity is multiplied by 0.
    weights_of_labels(group, class_weight, own)
    for ln in range(LANES):
        at[ln] = top[ln]
    read_labelled(group, x, at)
    for ln in range(LANES):
        at[ln] = at[ln] if own[ln] != 0 else top[ln]
    # Three loops, because the power needs most of the registers by itself.
    for ln in range(LANES):
        r = exp_negabs(at[ln] - top[ln])
        share[ln] = one / (one + rest[ln])
        # `rest` is the sum without the largest logit. If that is not the label, the others are
        # more than half of the whole sum, so the difference is as accurate as the sum.
        others[ln] = rest[ln] if at[ln] == top[ln] else one + (rest[ln] - r)
        right[ln] = r * share[ln]
        wrong[ln] = others[ln] * share[ln]
    for ln in range(LANES):
        focus[ln] = pow(wrong[ln], gamma)
    for ln in range(LANES):
        p = right[ln]
        q = wrong[ln]
        s = (top[ln] - at[ln]) + log1p(rest[ln])
        a = own[ln] * focus[ln]
        # A NaN reaches the sum of the exponentials, and so the value, even of an ignored row.
        value[ln] = a * s
        # Where s is large p is 0, so bounding s only prevents 0 * inf.
        s = minimum(10000, s)
        b = gamma * p * s + q
        slope[ln] = a * b
        bend[ln] = a * gamma * p * (two * q + s * ((gamma - one) * p - q))
        labelled[ln] = scale[ln] * (a * p * (gamma * b + q * (gamma + one - gamma * s)))
        # This leaves a NaN. In a row of weight zero, 0 / others could be NaN.
        others[ln] = one if (others[ln] == 0) | (own[ln] == 0) else others[ln]
        factor[ln] = scale[ln] * (slope[ln] / others[ln])
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                r = e[k] / others[ln]
                q = complement(e[k] * share[ln], x[k], top[ln], rest[ln], share[ln])
                hessian[k] = scale[ln] * (r * (q * slope[ln] + r * bend[ln]))
        write_labelled(group, labelled, hessian)
    if wanted_t is not value_alone:
        scale_tile(group, gradient, factor)
        for ln in range(LANES):
            labelled[ln] = -scale[ln] * slope[ln]
        write_labelled(group, labelled, gradient)


cdef void distillation_loss(const Group* group, const floating* x, const floating* target,
                            const floating* class_weight, const floating* scale,
                            const double* param, floating* work, floating* value,
                            floating* gradient, floating* hessian, wanted_t wanted) noexcept nogil:
    """T^2 sum_j u_j (log u_j - log v_j) with u = softmax(target / T) and v = softmax(x / T).

    param = (T, 1 / T). The gradient is T (v_j - u_j). If j is the largest logit of both arrays, u_j
    and v_j may both round to 1, so it is computed as T ((1 - u_j) - (1 - v_j)).
    """
    cdef floating one = 1
    cdef floating temperature = <floating> param[0]
    cdef floating rate = <floating> param[1]
    cdef floating square = <floating> (param[0] * param[0])
    cdef floating* e = work
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] share
    cdef floating[LANES] teacher_top
    cdef floating[LANES] teacher_rest
    cdef floating[LANES] teacher_share
    cdef floating[LANES] factor
    cdef floating[LANES] certain    # largest logit if both largest probabilities exceed 1/2, or NaN
    cdef floating[LANES] topmost    # gradient of that logit
    cdef floating[LANES] total
    cdef floating p, q, u
    cdef Py_ssize_t i, k
    cdef int ln
    if wanted_t is not value_alone:
        e = gradient
    softmax(group, x, rate, e, True, top, rest)
    for ln in range(LANES):
        share[ln] = one / (one + rest[ln])
        factor[ln] = temperature * scale[ln]
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                q = complement(p, x[k], top[ln], rest[ln], share[ln])
                hessian[k] = scale[ln] * (p * q)
    # Without a gradient `work` had the exponentials of x, which are no longer needed.
    softmax(group, target, rate, work, True, teacher_top, teacher_rest)
    for ln in range(LANES):
        teacher_share[ln] = one / (one + teacher_rest[ln])
        certain[ln] = top[ln] if (rest[ln] < 1) & (teacher_rest[ln] < 1) else NAN
        topmost[ln] = factor[ln] * (
            teacher_rest[ln] * teacher_share[ln] - rest[ln] * share[ln])
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            u = work[k] * teacher_share[ln]
            if wanted_t is not value_alone:
                p = factor[ln] * (gradient[k] * share[ln] - u)
                gradient[k] = topmost[ln] if (
                    (x[k] == certain[ln]) & (target[k] == teacher_top[ln])) else p
            q = (target[k] - teacher_top[ln]) - (x[k] - top[ln])
            # Avoid 0 * inf for a class that the teacher rules out.
            work[k] = u * q if u != 0 else 0
    sum_tile(group, work, total)
    for ln in range(group.rows):
        # A NaN in either array reaches the sum of its exponentials.
        value[ln] = temperature * total[ln] + square * (log1p(rest[ln]) - log1p(teacher_rest[ln]))


cdef void js_div(const Group* group, const floating* x, const floating* target,
                 const floating* class_weight, const floating* scale, const double* param,
                 floating* work, floating* value, floating* gradient, floating* hessian,
                 wanted_t wanted) noexcept nogil:
    """1/2 sum_j p_j log(p_j / m_j) + q_j log(q_j / m_j), where m = (p + q) / 2.

    With d = |p - q| and t = d / (p + q), the larger of the two is m (1 + t) and the smaller is
    m (1 - t). The term of a class is m/2 ((1 + t) log(1 + t) + (1 - t) log(1 - t)). For small t it
    is computed as m/2 (t (log(1 + t) - log(1 - t)) + log(1 - t^2)), which loses no digits.
    """
    cdef floating one = 1, two = 2, half = 0.5, quarter = 0.25
    cdef floating[LANES] total
    cdef floating p, q, d, s, t, low, high, above, below, g, h, near
    cdef Py_ssize_t i, k
    cdef int ln
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            p = target[k]
            q = x[k]
            d = fabs(p - q)
            s = p + q
            low = q if q < p else p
            high = p if q < p else q
            # For p = q = 0 as for p = 0 and a small q. A NaN is not equal to 0.
            t = d / s if s != 0 else one
            above = log1p_unit(t)
            # -log(1 - t) = log(m / low)
            below = log1p(d / (two * low) if low != 0 else d + <floating> INFINITY)
            near = t * t
            g = quarter * s * (t * (above + below) - log1p_unit(near / (one - near)))
            # If the smaller is 0 its term is 0. That is the only case where `below` exceeds 1000.
            h = half * (high * above - low * at_most(1000, below))
            work[k] = g if near <= half else h
            if wanted_t is not value_alone:
                g = half * (-below if q < p else above)
                # Avoid 0 * inf.
                gradient[k] = scale[ln] * g if scale[ln] != 0 else scale[ln] * work[k]
            if wanted_t is with_hessian:
                h = half * (p / s) / q if p != 0 else p * q
                hessian[k] = scale[ln] * h if scale[ln] != 0 else scale[ln] * work[k]
    sum_tile(group, work, total)
    for ln in range(group.rows):
        value[ln] = total[ln]


cdef void entropy(const Group* group, const floating* x, const floating* target,
                  const floating* class_weight, const floating* scale, const double* param,
                  floating* work, floating* value, floating* gradient, floating* hessian,
                  wanted_t wanted) noexcept nogil:
    """-sum_j p_j log(p_j) / log(base), with p the softmax of x: param = (1 / log(base),).

    With d_j = top - x_j and D = sum_j p_j d_j, and apart from the base, it is
    D + log(sum of exp(-d_j)), the sum of two non-negative terms, with gradient p_j (d_j - D).
    """
    cdef floating one = 1
    cdef floating unit = <floating> param[0]
    cdef floating* e = work
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] share
    cdef floating[LANES] mean       # D
    cdef floating[LANES] factor
    cdef floating p, q, d
    cdef Py_ssize_t i, k
    cdef int ln
    if wanted_t is not value_alone:
        e = gradient
    softmax(group, x, 1, e, True, top, rest)
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            # Where d is large p is 0, so bounding d only prevents 0 * inf.
            work[k] = e[k] * minimum(10000, top[ln] - x[k])
    sum_tile(group, work, mean)
    for ln in range(LANES):
        share[ln] = one / (one + rest[ln])
        mean[ln] *= share[ln]
        value[ln] = unit * (mean[ln] + log1p(rest[ln]))
        factor[ln] = unit * scale[ln]
    if wanted_t is with_hessian:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                q = complement(p, x[k], top[ln], rest[ln], share[ln])
                d = minimum(10000, top[ln] - x[k]) - mean[ln]
                hessian[k] = factor[ln] * (p * ((q - p) * d - q))
    if wanted_t is not value_alone:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                d = minimum(10000, top[ln] - x[k]) - mean[ln]
                gradient[k] = factor[ln] * (gradient[k] * share[ln] * d)


cdef inline void add_questions(const Group* group, const floating* x, bint conditional,
                               const floating* scale, floating* work, floating* value,
                               floating* gradient, floating* hessian,
                               wanted_t wanted) noexcept nogil:
    """Sum of the binary cross-entropies of the questions "is the label beyond k?", for logits x_k.

    If `conditional`, only the questions k <= label count: those beyond are decided.
    """
    cdef floating one = 1, zero = 0
    cdef floating lowest = zero if conditional else -one
    cdef floating* order = work + group.steps * LANES
    cdef floating[LANES] total
    cdef floating z, e, r, t, nothing
    cdef Py_ssize_t i, k
    cdef int ln
    compare_with_rank(group, order)
    for i in range(group.steps * LANES):
        work[i] = exp_negabs(x[i])
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            # softplus(z), in which no two terms cancel.
            z = -x[k] if order[k] > 0 else x[k]
            e = work[k]
            # A NaN counts, too, where no question is asked.
            nothing = zero if z == z else z
            t = (z if z > 0 else zero) + log1p_unit(e)
            work[k] = t if order[k] >= lowest else nothing
            if wanted_t is not value_alone:
                r = one / (one + e)
                t = r if z >= 0 else e * r
                t = scale[ln] * (-t if order[k] > 0 else t)
                gradient[k] = t if order[k] >= lowest else nothing
            if wanted_t is with_hessian:
                t = scale[ln] * ((e * r) * r)
                hessian[k] = t if order[k] >= lowest else zero
    sum_tile(group, work, total)
    for ln in range(LANES):
        value[ln] = total[ln]


cdef void coral_loss(const Group* group, const floating* x, const floating* target,
                     const floating* class_weight, const floating* scale, const double* param,
                     floating* work, floating* value, floating* gradient, floating* hessian,
                     wanted_t wanted) noexcept nogil:
    """sum_{k < y} softplus(-x_k) + sum_{k >= y} softplus(x_k)."""
    add_questions(group, x, False, scale, work, value, gradient, hessian, wanted)


cdef void corn_loss(const Group* group, const floating* x, const floating* target,
                    const floating* class_weight, const floating* scale, const double* param,
                    floating* work, floating* value, floating* gradient, floating* hessian,
                    wanted_t wanted) noexcept nogil:
    """sum_{k < y} softplus(-x_k) + softplus(x_y), without the last term for the highest y."""
    add_questions(group, x, True, scale, work, value, gradient, hessian, wanted)


cdef class Kernel:
    """The versions of a kernel, by dtype and by what is wanted, and what it reads."""

    cdef void* single[3]
    cdef void* double_[3]
    cdef readonly str name
    cdef readonly int n_params
    cdef readonly tuple targets
    cdef readonly bint picks
    cdef readonly int exact_without


cdef Kernel make(str name, int n_params, tuple targets, float_value value,
                 float_gradient gradient, float_hessian hessian, double_value value64,
                 double_gradient gradient64, double_hessian hessian64, bint picks=False,
                 int exact_without=-1):
    """A row of `KERNELS`: the parameters, the forms of targets, and six times the function's name.

    Each of the six arguments after the targets selects one version of the function by its type. The
    forms of targets are those of `ClasswiseLoss.targets`. A kernel `picks` if of a row with a label
    only that class counts, whose derivative is the only one that is not 0. It is exact if it
    neither reads nor writes beyond the classes of a single row with a label, without Hessians and
    if the parameter with the number `exact_without` is 0.
    """
    cdef Kernel kernel = Kernel.__new__(Kernel)
    kernel.name = name
    kernel.n_params = n_params
    kernel.targets = targets
    kernel.picks = picks
    kernel.exact_without = exact_without
    kernel.single[0] = <void*> value
    kernel.single[1] = <void*> gradient
    kernel.single[2] = <void*> hessian
    kernel.double_[0] = <void*> value64
    kernel.double_[1] = <void*> gradient64
    kernel.double_[2] = <void*> hessian64
    return kernel


KERNELS = {
    kernel.name: kernel for kernel in (
        make("cross_entropy", 2, ("index", "dense", "position"), cross_entropy, cross_entropy,
             cross_entropy, cross_entropy, cross_entropy, cross_entropy, picks=False,
             exact_without=1),
        make("nll_loss", 0, ("index", "dense"), nll_loss, nll_loss, nll_loss, nll_loss, nll_loss,
             nll_loss, picks=True),
        make("multi_margin_loss", 3, ("index",), multi_margin_loss, multi_margin_loss,
             multi_margin_loss, multi_margin_loss, multi_margin_loss, multi_margin_loss),
        make("crammer_singer_loss", 1, ("index",), crammer_singer_loss, crammer_singer_loss,
             crammer_singer_loss, crammer_singer_loss, crammer_singer_loss, crammer_singer_loss),
        make("smooth_crammer_singer_loss", 3, ("index",), smooth_crammer_singer_loss,
             smooth_crammer_singer_loss, smooth_crammer_singer_loss, smooth_crammer_singer_loss,
             smooth_crammer_singer_loss, smooth_crammer_singer_loss),
        make("multilabel_margin_loss", 1, ("list",), multilabel_margin_loss, multilabel_margin_loss,
             multilabel_margin_loss, multilabel_margin_loss, multilabel_margin_loss,
             multilabel_margin_loss),
        make("multilabel_soft_margin_loss", 1, ("dense",), multilabel_soft_margin_loss,
             multilabel_soft_margin_loss, multilabel_soft_margin_loss, multilabel_soft_margin_loss,
             multilabel_soft_margin_loss, multilabel_soft_margin_loss),
        make("softmax_focal_loss", 1, ("index",), softmax_focal_loss, softmax_focal_loss,
             softmax_focal_loss, softmax_focal_loss, softmax_focal_loss, softmax_focal_loss),
        make("distillation_loss", 2, ("dense",), distillation_loss, distillation_loss,
             distillation_loss, distillation_loss, distillation_loss, distillation_loss),
        make("js_div", 0, ("dense",), js_div, js_div, js_div, js_div, js_div, js_div),
        make("coral_loss", 0, ("rank",), coral_loss, coral_loss, coral_loss, coral_loss, coral_loss,
             coral_loss),
        make("corn_loss", 0, ("rank",), corn_loss, corn_loss, corn_loss, corn_loss, corn_loss,
             corn_loss),
        make("entropy", 1, (), entropy, entropy, entropy, entropy, entropy, entropy),
    )
}

# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------

cdef enum:
    MAX_PARAMS = 4
    CACHE_LINE = 64
    # Rows whose labels and weights are read at a time.
    CHUNK = 256
    # Labels of a list that are read at a time.
    FEW_LABELS = 8
    # From this many classes on, if they are adjacent in memory, a group is one row. A row takes as
    # long to start and to end as 250 exponentials; of doubles, tiles are too large before that.
    MANY_CLASSES = 384
    MANY_CLASSES_OF_DOUBLES = 256
    # What a kernel does once for a row takes the time of about so many steps.
    ROW_START = 3
    # Up to this many classes, the label of 32 rows is found faster by comparing it with each class.
    FEW_CLASSES = 4
    # The fewest classes of a row for each of several threads.
    LONG_PART = 8192
    # Up to this many classes, if it is the rows that are adjacent, a group is 32 rows. With more
    # classes such tiles would be too large for the caches.
    MANY_STRIDED_CLASSES = 4096
    # Steps of the groups that are read and written together: two bundles of float32 fit the L1
    # cache.
    BUNDLE = 84

# The operands of a job. Their rows are those of `space`, and their class axis is a separate stride.
cdef enum:
    PREDICTION, TARGET, GRADIENT, HESSIAN, N_TILES
    WEIGHT = N_TILES
    VALUE, N_OPERANDS

cdef struct Job:
    Space space                         # of the rows
    void* kernel                        # the version for what is wanted
    int wanted                          # 0: the value alone, 1: with gradients, 2: with Hessians
    double param[MAX_PARAMS]
    int number[N_OPERANDS]              # in the space, or -1
    Py_ssize_t class_stride[N_TILES]    # in bytes
    Py_ssize_t n_classes
    Py_ssize_t steps
    bint by_row
    int bundle                          # most groups that are read and written together
    bint labelled                       # targets are one class index per row
    Py_ssize_t n_labels                 # class indices are below it
    bint picked                         # of a row's predictions only the label's counts
    bint scanned                        # labels are looked for in each step
    bint exact                          # the kernel stays within the classes of a single row
    bint listed                         # targets are class indices along the class axis
    bint positioned                     # targets are one number per row, between class indices
    bint dense                          # targets are one number for each class
    long long ignore                    # label that is ignored; -1, never a valid one, for none
    Domain domain[2]                    # of predictions and dense targets
    const char* class_weight            # in the layout of a tile, in the compute dtype; or NULL
    double scale
    Py_ssize_t rows_per_block
    int row_threads                     # threads for each row
    bint streaming                      # outputs bypass the caches
    bint nan_passes                     # if assume_finite


cdef inline bint has_tile_layout(const Job* job, int which, Py_ssize_t stop,
                                 Py_ssize_t row, floating dtype_tag) noexcept nogil:
    """Whether a kernel can use a row of classes in place, including its whole last step.

    The last step may reach into the next rows, unless the kernel is exact. These must then follow
    without a gap, and come before `stop`.
    """
    cdef const Operand* operand = &job.space.operands[job.number[which]]
    cdef Py_ssize_t size = job.n_classes * <Py_ssize_t> sizeof(floating)
    if job.class_stride[which] != <Py_ssize_t> sizeof(floating) or not is_plain(
            operand, sizeof(floating), dtype_tag):
        return False
    return job.exact or job.n_classes % LANES == 0 or (
        job.steps * LANES <= (stop - row) * job.n_classes and job.space.n_axes == 1
        and operand.strides[0] == size)


cdef const floating* load_tile(const Job* job, int which, Py_ssize_t start, int rows,
                               floating* tile, floating* spare) noexcept nogil:
    """Read a group of rows in the layout of a tile: into `tile`, or in place if they have it."""
    cdef Py_ssize_t c, n_classes = job.n_classes
    cdef Py_ssize_t stride = job.class_stride[which]
    cdef char* row[LANES]
    if not job.by_row:
        rows_to_lanes(&job.space, job.number[which], stride, n_classes, start, rows, LANES, tile,
                      spare)
        return tile
    row_addresses(&job.space, job.number[which], start, 1, row)
    # Predictions beyond the last class have no effect. Targets beyond it are multiplied by class
    # weights of 0, so they must not be NaN or infinite: rows with such lanes are copied.
    if has_tile_layout(job, which, job.space.size if which == PREDICTION else 0, start, spare[0]):
        return <const floating*> row[0]
    read_row(&job.space.operands[job.number[which]], row[0], stride, n_classes, tile)
    for c in range(n_classes, job.steps * LANES):
        tile[c] = 0
    return tile


cdef const floating* load_counts(const Job* job, Py_ssize_t start, int rows,
                                 floating* tile) noexcept nogil:
    """Read rows of class indices, each ended by -1, as the number of times each class is listed.

    Beyond the last class the number is 1.
    """
    cdef const Operand* operand = &job.space.operands[job.number[TARGET]]
    cdef Py_ssize_t stride = job.class_stride[TARGET]
    cdef Py_ssize_t step, c, i, n, place
    cdef long long[FEW_LABELS] label
    cdef char* row[LANES]
    cdef const char* source
    cdef int ln
    step = row_addresses(&job.space, job.number[TARGET], start, rows, row)
    for c in range(job.steps * LANES):
        tile[c] = 0
    if job.by_row:
        for c in range(job.n_classes, job.steps * LANES):
            tile[c] = 1
    for ln in range(rows):
        source = row[ln] if step == 0 else row[0] + ln * step
        c = 0
        while c < job.n_classes:
            n = min(FEW_LABELS, job.n_classes - c)
            read_span(operand, source + c * stride, stride, n, label)
            for i in range(n):
                # The caller has checked the indices, but another thread may have changed them.
                # Anything that is not a class index ends the row.
                if label[i] < 0 or label[i] >= job.n_classes:
                    c = job.n_classes
                    break
                place = label[i] if job.by_row else label[i] * LANES + ln
                tile[place] += 1
            c += n
    return tile


cdef inline floating closeness(floating position, floating c) noexcept nogil:
    """The share of a class in a position: 1 at its index, and 0 from the neighbours on.

    It is the distance of the position from a neighbour, so small shares keep their digits. NaN for
    a position of NaN.
    """
    cdef floating one = 1
    return maximum(0, minimum((c + one) - position, position - (c - one)))


cdef const floating* load_positions(const Job* job, Py_ssize_t start, int rows, floating* position,
                                    floating* tile) noexcept nogil:
    """Read the positions of rows as shares of the classes, which are 0 beyond the last class."""
    cdef Py_ssize_t c
    cdef int ln
    cdef floating own
    for ln in range(rows, LANES):
        position[ln] = 0
    gather(&job.space, job.number[TARGET], start, rows, position)
    if job.by_row:
        own = position[0]
        for c in range(job.n_classes):
            tile[c] = closeness(own, <floating> c)
        for c in range(job.n_classes, job.steps * LANES):
            tile[c] = 0
        return tile
    for c in range(job.n_classes):
        own = <floating> c
        for ln in range(LANES):
            tile[c * LANES + ln] = closeness(position[ln], own)
    return tile


cdef inline floating* output_tile(const Job* job, int which, Py_ssize_t start, Py_ssize_t stop,
                                  floating* tile) noexcept nogil:
    """Where a kernel writes an output: in place if the row has the layout of a tile.

    One thread writes the rows from `start` to `stop` in order, so a step that reaches into the
    next row is overwritten when that row is written.
    """
    cdef char* row[LANES]
    if (job.number[which] >= 0 and job.by_row
            and has_tile_layout(job, which, stop, start, <floating> 0)):
        row_addresses(&job.space, job.number[which], start, 1, row)
        return <floating*> row[0]
    return tile


cdef void store_tile(const Job* job, int which, Py_ssize_t start, int rows,
                     const floating* tile, floating* spare) noexcept nogil:
    """The inverse of `load_tile`. An output that was written in place stays as it is."""
    cdef Py_ssize_t stride = job.class_stride[which]
    cdef char* row[LANES]
    if job.number[which] < 0:
        return
    if not job.by_row:
        lanes_to_rows(&job.space, job.number[which], stride, job.n_classes, start, rows, LANES,
                      tile, spare, job.streaming)
        return
    row_addresses(&job.space, job.number[which], start, 1, row)
    if <const floating*> row[0] != tile:
        write_row(&job.space.operands[job.number[which]], row[0], stride, job.n_classes, tile)


cdef inline char* adjacent_rows(const Job* job, int which, Py_ssize_t start,
                                Py_ssize_t n) noexcept nogil:
    """Address of `n` rows if they are within one span, else NULL."""
    cdef Py_ssize_t position[MAX_AXES]
    if seek(&job.space, start, position) < n:
        return NULL
    return address(&job.space, &job.space.operands[job.number[which]], position)


cdef inline bint adjacent(const Job* job, int which, Py_ssize_t start, int groups,
                          const floating* dtype_tag) noexcept nogil:
    """Whether the rows of an operand with a class axis are adjacent in memory."""
    cdef const Operand* operand
    if job.number[which] < 0 or (which == TARGET and not job.dense):
        return False
    operand = &job.space.operands[job.number[which]]
    return (operand.strides[job.space.n_axes - 1] == <Py_ssize_t> sizeof(floating)
            and is_plain(operand, job.class_stride[which], dtype_tag[0])
            and adjacent_rows(job, which, start, groups * LANES) is not NULL)


cdef inline void load_bundle(const Job* job, int which, Py_ssize_t start, int groups,
                             floating* tiles) noexcept nogil:
    """`load_tile` for several groups of adjacent rows, class by class.

    The classes of one pixel may be megabytes apart, and all of them in the same set of a cache.
    Reading one group at a time would then fetch the cache lines at its ends twice. Nor does the CPU
    prefetch from so many places at once, so what the next bundle needs is prefetched explicitly.
    """
    cdef const char* source = adjacent_rows(job, which, start, groups * LANES)
    cdef Py_ssize_t c, g
    for c in range(job.n_classes):
        for g in range(groups):
            memcpy(tiles + (g * job.n_classes + c) * LANES,
                   source + g * LANES * <Py_ssize_t> sizeof(floating), LANES * sizeof(floating))
            fetch(source + (g + groups) * LANES * <Py_ssize_t> sizeof(floating))
        source += job.class_stride[which]


cdef inline void store_bundle(const Job* job, int which, Py_ssize_t start, int groups,
                              const floating* tiles) noexcept nogil:
    """The inverse of `load_bundle`."""
    cdef char* target = adjacent_rows(job, which, start, groups * LANES)
    cdef Py_ssize_t c, g
    for c in range(job.n_classes):
        for g in range(groups):
            memcpy(target + g * LANES * <Py_ssize_t> sizeof(floating),
                   tiles + (g * job.n_classes + c) * LANES, LANES * sizeof(floating))
            fetch_to_write(target + (g + groups) * LANES * <Py_ssize_t> sizeof(floating))
        target += job.class_stride[which]


cdef inline Py_ssize_t tile_size(const Job* job) noexcept nogil:
    return job.steps * LANES


cdef inline Py_ssize_t n_tiles(const Job* job) noexcept nogil:
    """Tiles of a thread: a bundle for each operand, a kernel's two, and one for conversions."""
    return N_TILES * job.bundle + 3


cdef double run_block(const Job* job, Py_ssize_t start, Py_ssize_t stop, unsigned char* bad,
                      floating* scratch) noexcept nogil:
    """Evaluate one block of rows; its sum of weighted values.

    Bit 0 of `bad` is set for predictions outside their domain, bit 1 for targets.
    """
    cdef Py_ssize_t tile = tile_size(job)
    cdef Py_ssize_t bundle = job.bundle * tile
    cdef floating* work = scratch + N_TILES * bundle
    cdef floating* spare = work + 2 * tile
    cdef const floating* x
    cdef const floating* target = NULL
    cdef floating* gradient
    cdef floating* hessian
    # With room for lanes beyond the last row.
    cdef floating[CHUNK + LANES] value
    cdef floating[CHUNK + LANES] scale
    cdef floating[LANES] row_scale
    cdef floating[LANES] position
    cdef const floating* scales
    cdef double[CHUNK] weight
    cdef Py_ssize_t[CHUNK] pick
    cdef float[CHUNK + LANES] label
    cdef Group group
    cdef Py_ssize_t n, i
    cdef int ln, k, g, groups = 1, group_rows = 1 if job.by_row else LANES
    cdef bint bundled[N_TILES]
    cdef double total = 0
    bad[0] = 0
    group.steps = job.steps
    group.size = job.n_classes if job.by_row else tile
    group.by_row = job.by_row
    group.n_threads = job.row_threads
    group.labelled = job.labelled
    group.nan_passes = job.nan_passes
    group.pick = NULL
    group.label = NULL
    while start < stop:
        n = min(CHUNK, stop - start)
        read_rows(job, start, n, weight, pick, label, scale)
        i = 0
        g = groups = 0
        while i < n:
            if g == groups:
                # Start a bundle: groups whose rows are adjacent are read and written together.
                g = 0
                groups = <int> max(min(job.bundle, (n - i) // LANES), 1)
                for k in range(N_TILES):
                    bundled[k] = groups > 1 and adjacent(job, k, start + i, groups, spare)
                    if bundled[k] and k <= TARGET:
                        load_bundle(job, k, start + i, groups, scratch + k * bundle)
            group.rows = <int> min(group_rows, n - i)
            x = scratch + g * tile
            if not bundled[PREDICTION]:
                x = load_tile(job, PREDICTION, start + i, group.rows, scratch, spare)
            if outside(x, group.size, &job.domain[0]):
                bad[0] |= 1 << PREDICTION
            if job.labelled:
                group.pick = pick + i
                if job.scanned:
                    group.label = label + i
            elif job.listed:
                target = load_counts(job, start + i, group.rows, scratch + TARGET * bundle)
            elif job.positioned:
                target = load_positions(job, start + i, group.rows, position,
                                        scratch + TARGET * bundle)
                if outside(position, group.rows, &job.domain[1]):
                    bad[0] |= 1 << TARGET
            elif job.dense:
                target = scratch + TARGET * bundle + g * tile
                if not bundled[TARGET]:
                    target = load_tile(job, TARGET, start + i, group.rows,
                                       scratch + TARGET * bundle, spare)
                if outside(target, tile, &job.domain[1]):
                    bad[0] |= 1 << TARGET
            scales = scale + i
            if job.by_row:
                for ln in range(LANES):
                    row_scale[ln] = scale[i]
                scales = row_scale
            gradient = output_tile(job, GRADIENT, start + i, stop,
                                   scratch + GRADIENT * bundle + g * tile)
            hessian = output_tile(job, HESSIAN, start + i, stop,
                                  scratch + HESSIAN * bundle + g * tile)
            call_kernel(job, &group, x, target, <const floating*> job.class_weight, scales,
                        work, value + i, gradient, hessian)
            if not bundled[GRADIENT]:
                store_tile(job, GRADIENT, start + i, group.rows, gradient, spare)
            if not bundled[HESSIAN]:
                store_tile(job, HESSIAN, start + i, group.rows, hessian, spare)
            i += group.rows
            g += 1
            if g == groups:
                for k in range(GRADIENT, N_TILES):
                    if bundled[k]:
                        store_bundle(job, k, start + i - groups * LANES, groups,
                                     scratch + k * bundle)
        total += finish_rows(job, start, n, weight, value)
        start += n
    if job.streaming:
        stream_end()
    return total


cdef double run_picked_block(const Job* job, Py_ssize_t start, Py_ssize_t stop,
                             unsigned char* bad, floating* scratch) noexcept nogil:
    """`run_block` of rows of which only the label's prediction counts.

    All predictions are checked, in place where that is possible. The kernel receives groups of
    rows as if they had a single class: the predictions of their labels.
    """
    cdef floating[LANES] x
    cdef floating[LANES] class_weight
    cdef floating[LANES] gradient
    cdef floating[2 * LANES] work
    cdef floating[CHUNK + LANES] value
    cdef floating[CHUNK + LANES] scale
    cdef double[CHUNK] weight
    cdef Py_ssize_t[CHUNK] pick
    cdef float[CHUNK + LANES] label
    cdef Py_ssize_t[LANES] own
    cdef const floating* class_weights = <const floating*> job.class_weight
    cdef const floating* weights = NULL
    cdef Group group
    cdef Py_ssize_t n, i
    cdef int ln, rows
    cdef double total = 0
    bad[0] = 0
    group.steps = 1
    group.size = LANES
    group.by_row = False
    group.n_threads = 1
    group.labelled = True
    group.nan_passes = False
    group.pick = own
    group.label = NULL
    for ln in range(LANES):
        x[ln] = class_weight[ln] = 0
    if class_weights is not NULL:
        weights = class_weight
    while start < stop:
        n = min(CHUNK, stop - start)
        bad[0] |= outside_rows(job, PREDICTION, start, start + n, scratch)
        read_rows(job, start, n, weight, pick, label, scale)
        i = 0
        while i < n:
            rows = <int> min(LANES, n - i)
            read_picked(job, start + i, rows, pick + i, x)
            for ln in range(rows):
                own[ln] = ln if pick[i + ln] >= 0 else -1
            if class_weights is not NULL:
                for ln in range(rows):
                    class_weight[ln] = class_weights[max(pick[i + ln], 0)]
            group.rows = rows
            call_kernel(job, &group, x, <const floating*> NULL, weights, scale + i, work,
                        value + i, gradient, <floating*> NULL)
            if job.number[GRADIENT] >= 0:
                write_picked(job, start + i, rows, pick + i, gradient, scratch)
            i += rows
        total += finish_rows(job, start, n, weight, value)
        start += n
    return total


cdef inline void read_rows(const Job* job, Py_ssize_t start, Py_ssize_t n, double* weight,
                           Py_ssize_t* pick, float* label, floating* scale) noexcept nogil:
    """Weights, labels and scales of at most CHUNK rows: `pick` and `label` are those of `Group`.

    Lanes beyond the last row have a scale of 0 and no label.
    """
    cdef long long[CHUNK] own
    cdef long long n_labels = job.n_labels
    cdef long long ignore = job.ignore
    cdef double zero = 0
    cdef Py_ssize_t i, place
    cdef bint live
    if job.number[WEIGHT] >= 0:
        gather(&job.space, job.number[WEIGHT], start, n, weight)
    else:
        for i in range(n):
            weight[i] = 1
    if job.labelled:
        gather(&job.space, job.number[TARGET], start, n, own)
        for i in range(n):
            # The caller has checked the labels, but another thread may have changed them.
            # Anything that is not a class index is treated as ignored.
            live = (own[i] >= 0) & (own[i] < n_labels) & (own[i] != ignore)
            # zero * weight keeps a NaN.
            weight[i] = weight[i] if live else zero * weight[i]
            place = own[i] if job.by_row else own[i] * LANES + (i & (LANES - 1))
            pick[i] = place if live else -1
            label[i] = <float> <int> (own[i] if live else -1)
    for i in range(n):
        scale[i] = <floating> (weight[i] * job.scale)
    for i in range(n, n + LANES):
        scale[i] = 0
        label[i] = -1


cdef inline double finish_rows(const Job* job, Py_ssize_t start, Py_ssize_t n,
                               const double* weight, floating* value) noexcept nogil:
    """Sum the losses of rows, and store them weighted if they are wanted."""
    cdef double total = sum_weighted_span(value, weight, n)
    if job.number[VALUE] >= 0:
        scale_weighted_span(value, weight, 1, n)
        scatter(&job.space, job.number[VALUE], start, n, value)
    return total


cdef bint outside_rows(const Job* job, int which, Py_ssize_t start, Py_ssize_t stop,
                       floating* tile) noexcept nogil:
    """Whether an element of some rows is outside its domain. They are read in place if they can be.

    `tile` has room for a row, and for LANES elements.
    """
    cdef const Operand* operand = &job.space.operands[job.number[which]]
    cdef const Domain* domain = &job.domain[which]
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t n, i, stride = job.class_stride[which], n_classes = job.n_classes
    cdef Py_ssize_t step = operand.strides[job.space.n_axes - 1]
    cdef Py_ssize_t itemsize = sizeof(floating)
    cdef bint plain = is_plain(operand, stride, tile[0])
    cdef const char* source
    if domain.kind == UNCHECKED:
        return False
    while start < stop:
        n = min(stop - start, seek(&job.space, start, position))
        source = address(&job.space, operand, position)
        start += n
        if plain and stride == itemsize and step == n_classes * itemsize:
            if outside(<const floating*> source, n * n_classes, domain):
                return True
        elif plain and step == itemsize and n >= LANES:
            for i in range(n_classes):
                if outside(<const floating*> (source + i * stride), n, domain):
                    return True
        elif plain and stride == itemsize:
            for i in range(n):
                if outside(<const floating*> (source + i * step), n_classes, domain):
                    return True
        else:
            for i in range(n):
                read_span(operand, source + i * step, stride, n_classes, tile)
                if outside(tile, n_classes, domain):
                    return True
    return False


cdef double check_block(const Job* job, Py_ssize_t start, Py_ssize_t stop, unsigned char* bad,
                        floating* scratch) noexcept nogil:
    """The checks of `run_block` alone."""
    cdef floating[LANES] position
    cdef Py_ssize_t n
    bad[0] = outside_rows(job, PREDICTION, start, stop, scratch)
    if job.dense:
        bad[0] |= outside_rows(job, TARGET, start, stop, scratch) << TARGET
    while job.positioned and start < stop:
        n = min(stop - start, LANES)
        gather(&job.space, job.number[TARGET], start, n, position)
        bad[0] |= outside(position, n, &job.domain[1]) << TARGET
        start += n
    return 0


cdef inline void read_picked(const Job* job, Py_ssize_t start, int rows, const Py_ssize_t* pick,
                             floating* x) noexcept nogil:
    """The prediction of each row's label, for a row without a label that of its first class."""
    cdef const Operand* operand = &job.space.operands[job.number[PREDICTION]]
    cdef Py_ssize_t stride = job.class_stride[PREDICTION]
    cdef Py_ssize_t step
    cdef char* row[LANES]
    cdef const char* source
    cdef bint plain = is_plain(operand, stride, x[0])
    cdef int ln
    step = row_addresses(&job.space, job.number[PREDICTION], start, rows, row)
    if plain and step != 0:
        for ln in range(rows):
            x[ln] = (<const floating*> (row[0] + ln * step + max(pick[ln], 0) * stride))[0]
        return
    for ln in range(rows):
        source = (row[ln] if step == 0 else row[0] + ln * step) + max(pick[ln], 0) * stride
        read_span(operand, source, stride, 1, x + ln)


cdef inline void write_picked(const Job* job, Py_ssize_t start, int rows, const Py_ssize_t* pick,
                              const floating* gradient, floating* tile) noexcept nogil:
    """Write rows of gradients that are 0 but for the label's."""
    cdef const Operand* operand = &job.space.operands[job.number[GRADIENT]]
    cdef Py_ssize_t stride = job.class_stride[GRADIENT]
    cdef Py_ssize_t step, n_classes = job.n_classes
    cdef char* row[LANES]
    cdef char* place
    cdef bint plain = stride == <Py_ssize_t> sizeof(floating) and is_plain(operand, stride, tile[0])
    cdef bint whole
    cdef int ln
    step = row_addresses(&job.space, job.number[GRADIENT], start, rows, row)
    whole = plain and step == n_classes * stride
    if whole:
        memset(row[0], 0, rows * step)
    elif not plain:
        memset(tile, 0, n_classes * sizeof(floating))
    for ln in range(rows):
        place = row[ln] if step == 0 else row[0] + ln * step
        if plain and not whole:
            memset(place, 0, n_classes * sizeof(floating))
        if plain and pick[ln] >= 0:
            (<floating*> place)[pick[ln]] = gradient[ln]
        elif not plain:
            if pick[ln] >= 0:
                tile[pick[ln]] = gradient[ln]
            write_row(operand, place, stride, n_classes, tile)
            if pick[ln] >= 0:
                tile[pick[ln]] = 0


cdef inline void call_kernel(const Job* job, const Group* group, const floating* x,
                             const floating* target, const floating* weight,
                             const floating* scale, floating* work, floating* value,
                             floating* gradient, floating* hessian) noexcept nogil:
    cdef void* kernel = job.kernel
    cdef const double* param = job.param
    cdef value_alone alone
    cdef with_gradient first
    cdef with_hessian second
    alone._ = first._ = second._ = 0
    if floating is float:
        if job.wanted == 0:
            (<float_value> kernel)(group, x, target, weight, scale, param, work, value, gradient,
                                   hessian, alone)
        elif job.wanted == 1:
            (<float_gradient> kernel)(group, x, target, weight, scale, param, work, value,
                                      gradient, hessian, first)
        else:
            (<float_hessian> kernel)(group, x, target, weight, scale, param, work, value,
                                     gradient, hessian, second)
    else:
        if job.wanted == 0:
            (<double_value> kernel)(group, x, target, weight, scale, param, work, value, gradient,
                                    hessian, alone)
        elif job.wanted == 1:
            (<double_gradient> kernel)(group, x, target, weight, scale, param, work, value,
                                       gradient, hessian, first)
        else:
            (<double_hessian> kernel)(group, x, target, weight, scale, param, work, value,
                                      gradient, hessian, second)


cdef double run_blocks(const Job* job, unsigned char* bad, double* partial, Py_ssize_t n_blocks,
                       int n_threads, floating* scratch) noexcept nogil:
    cdef Py_ssize_t b
    cdef Py_ssize_t rows = job.rows_per_block
    cdef Py_ssize_t share = n_tiles(job) * tile_size(job)
    if n_threads == 1:
        for b in range(n_blocks):
            partial[b] = run_any_block(job, b * rows, min((b + 1) * rows, job.space.size), bad + b,
                                       scratch)
    else:
        for b in prange(n_blocks, num_threads=n_threads, schedule="dynamic"):
            partial[b] = run_any_block(job, b * rows, min((b + 1) * rows, job.space.size), bad + b,
                                       scratch + threadid() * share)
    return compensated_sum(partial, n_blocks)


cdef inline double run_any_block(const Job* job, Py_ssize_t start, Py_ssize_t stop,
                                 unsigned char* bad, floating* scratch) noexcept nogil:
    if job.kernel is NULL:
        return check_block(job, start, stop, bad, scratch)
    if job.picked:
        return run_picked_block(job, start, stop, bad, scratch)
    return run_block(job, start, stop, bad, scratch)


cdef double run_kernel(Job* job, void* version, unsigned char* bad, double* partial,
                       Py_ssize_t n_blocks, int n_threads, char* buffers,
                       bint double_) noexcept nogil:
    """Run a version of a kernel, or only check the inputs if it is NULL."""
    job.kernel = version
    if double_:
        return run_blocks(job, bad, partial, n_blocks, n_threads, <double*> buffers)
    return run_blocks(job, bad, partial, n_blocks, n_threads, <float*> buffers)


cdef void fill_weights(const Job* job, const double* weight, floating* tile) noexcept nogil:
    """Write the class weights in the layout of a tile, with 0 beyond the last class."""
    cdef Py_ssize_t c
    cdef int ln
    if job.by_row:
        for c in range(job.n_classes):
            tile[c] = <floating> weight[c]
        for c in range(job.n_classes, job.steps * LANES):
            tile[c] = 0
        return
    for c in range(job.n_classes):
        for ln in range(LANES):
            tile[c * LANES + ln] = <floating> weight[c]


cdef int bind(Job* job, int which, cnp.ndarray array, int class_axis) except -1:
    """Add an operand, or note that it is missing. `class_axis` is -1 if it has no class axis."""
    job.number[which] = -1
    if array is None:
        return 0
    if class_axis >= 0:
        job.class_stride[which] = cnp.PyArray_STRIDE(array, class_axis)
    job.number[which] = space_add(&job.space, array, class_axis)
    return 0


def run(Kernel kernel, tuple params, cnp.ndarray y_pred, cnp.ndarray y_true, int class_axis,
        cnp.ndarray class_weight, bint double_, str form, ignore_index, cnp.ndarray weight,
        cnp.ndarray value, cnp.ndarray gradient, cnp.ndarray hessian, double scale,
        bint assume_finite, tuple domains, bint check_first, int n_threads):
    """Run a kernel over rows of classes.

    Parameters
    ----------
    kernel : Kernel or None
        None only checks the inputs.
    params : tuple of float
    y_pred : ndarray
        Predictions, with the classes along `class_axis`.
    y_true : ndarray
        Targets of a form: "index", valid labels, of the shape without that axis (see
        `sum_labels`); "rank", the same, which may be as high as the number of columns; "position",
        numbers of that shape; "dense", numbers of the shape of `y_pred`; "list", valid labels
        along the class axis, each row ended by -1. None for a loss of one array.
    class_axis : int
    class_weight : float64 ndarray of shape (n_classes,), or None
    double_ : bool
        Compute in float64 rather than float32.
    form : str
        That of `y_true`; empty if it is None.
    ignore_index : int or None
    weight, value : ndarray or None
        Of the shape without the class axis: weights; where the weighted losses go.
    gradient, hessian : ndarray or None
    scale : float
        Factor of the outputs (not of the sum).
    assume_finite : bool
    domains : tuple of keys of domains
        Those of predictions, and of targets that are numbers; empty where they have been checked.
    check_first : bool
        Check all of them before anything is written.
    n_threads : int

    Returns
    -------
    total : float
        The sum of the weighted losses.
    bad : int
        Bit 0 is set if a prediction is not finite, bit 1 if a target is out of its domain.
    """
    cdef Job job
    cdef int k, found = 0
    cdef void* version = NULL
    cdef Py_ssize_t n_blocks, b, many, steps, itemsize = 8 if double_ else 4
    cdef Py_ssize_t row_stride
    cdef char* memory = NULL
    cdef char* buffers
    cdef unsigned char* bad
    cdef double* partial
    cdef double total = 0
    cdef const double* weights
    cdef size_t scratch_bytes, weight_bytes

    job.wanted = 2 if hessian is not None else 1 if gradient is not None else 0
    if kernel is not None:
        version = kernel.double_[job.wanted] if double_ else kernel.single[job.wanted]
    for k in range(len(params)):
        job.param[k] = params[k]
    job.n_classes = cnp.PyArray_DIM(y_pred, class_axis)
    space_like(&job.space, y_pred, class_axis)
    job.labelled = form in ("index", "rank")
    job.positioned = form == "position"
    job.dense = form == "dense"
    job.listed = form == "list"
    job.n_labels = job.n_classes + (form == "rank")
    if kernel is not None and (len(params) < kernel.n_params or kernel.targets and (
            y_true is None or form not in kernel.targets)):
        raise ValueError(
            f"The kernel {kernel.name!r} takes {kernel.n_params} parameters and targets of the "
            f"forms {kernel.targets}. Got {len(params)} parameters and "
            f"{form if form and y_true is not None else 'no targets'} instead.")
    bind(&job, PREDICTION, y_pred, class_axis)
    bind(&job, TARGET, y_true, class_axis if job.dense or job.listed else -1)
    bind(&job, GRADIENT, gradient, class_axis)
    bind(&job, HESSIAN, hessian, class_axis)
    bind(&job, WEIGHT, weight, -1)
    bind(&job, VALUE, value, -1)
    job.ignore = -1 if ignore_index is None else ignore_index
    job.scale = scale
    for k in range(2):
        job.domain[k].kind = UNCHECKED
        if k < len(domains):
            job.domain[k] = make_domain(domains[k], double_, assume_finite)
    space_settle(&job.space, PREDICTION, itemsize)
    job.streaming = streams(job.space.size * job.n_classes)

    job.exact = (kernel is not None and kernel.exact_without >= 0 and job.labelled
                 and job.wanted < 2 and params[kernel.exact_without] == 0)
    row_stride = abs(job.space.operands[PREDICTION].strides[job.space.n_axes - 1])
    # With `assume_finite`, a NaN of another class has to reach the value, so all classes count.
    # In images the classes of a row are far apart, and rows are better read in bundles.
    job.nan_passes = assume_finite
    job.picked = (kernel is not None and kernel.picks and job.labelled and job.wanted < 2
                  and not assume_finite and abs(job.class_stride[PREDICTION]) <= row_stride)
    # The shorter stride goes along the lanes.
    steps = (job.n_classes + LANES - 1) // LANES
    many = MANY_CLASSES_OF_DOUBLES if double_ else MANY_CLASSES
    job.by_row = job.picked or job.listed or job.n_classes >= many and (
        job.n_classes > MANY_STRIDED_CLASSES or job.space.size < LANES
        or abs(job.class_stride[PREDICTION]) <= row_stride)
    if job.space.size < LANES and job.space.size * (steps + ROW_START) < job.n_classes:
        # Most of the lanes of a single group would be idle.
        job.by_row = True
    if not job.by_row:
        steps = job.n_classes
    job.steps = steps
    job.scanned = job.labelled and not job.by_row and (form == "rank" or steps <= FEW_CLASSES)
    # Whole groups of rows, at least one.
    job.rows_per_block = max(block_size(job.space.size * job.n_classes) // job.n_classes, 1)
    if not job.by_row:
        job.rows_per_block = (job.rows_per_block + LANES - 1) // LANES * LANES
    job.bundle = 1
    if not job.by_row and job.class_stride[PREDICTION] != itemsize:
        job.bundle = <int> min(max(BUNDLE // job.n_classes, 1), CHUNK // LANES)
    n_blocks = (job.space.size + job.rows_per_block - 1) // job.rows_per_block
    # A single long row is cut among the threads.
    job.row_threads = 1
    if job.by_row and job.space.size == 1:
        job.row_threads = <int> max(min(n_threads, job.n_classes // LONG_PART), 1)
    n_threads = <int> min(n_threads, n_blocks)

    scratch_bytes = <size_t> (n_threads * n_tiles(&job) * steps * LANES * itemsize)
    weight_bytes = 0 if class_weight is None else steps * LANES * itemsize
    memory = <char*> malloc(scratch_bytes + weight_bytes + n_blocks * (sizeof(double) + 1)
                            + CACHE_LINE)
    if memory is NULL:
        raise MemoryError()
    # A step of a tile is a whole number of cache lines.
    buffers = memory + (-<size_t> memory) % CACHE_LINE
    partial = <double*> (buffers + scratch_bytes + weight_bytes)
    bad = <unsigned char*> (partial + n_blocks)
    job.class_weight = NULL
    if class_weight is not None:
        job.class_weight = buffers + scratch_bytes
        weights = <const double*> cnp.PyArray_DATA(class_weight)
        if double_:
            fill_weights(&job, weights, <double*> job.class_weight)
        else:
            fill_weights(&job, weights, <float*> job.class_weight)
    with nogil:
        if check_first:
            run_kernel(&job, NULL, bad, partial, n_blocks, n_threads, buffers, double_)
            for b in range(n_blocks):
                found |= bad[b]
            job.domain[0].kind = job.domain[1].kind = UNCHECKED
        if not found:
            total = run_kernel(&job, version, bad, partial, n_blocks, n_threads, buffers, double_)
            for b in range(n_blocks):
                found |= bad[b]
    free(memory)
    return total, found


# ---------------------------------------------------------------------------------------------
# Labels
# ---------------------------------------------------------------------------------------------

cdef struct Labels:
    Space space
    int weight
    const double* class_weight
    long long n_classes
    bint ignoring
    long long ignore


cdef double sum_block(const Labels* job, Py_ssize_t start, Py_ssize_t stop,
                      unsigned char* bad) noexcept nogil:
    """Sum the weights of a block of labels; `bad` is set if one is neither valid nor ignored."""
    cdef long long[CHUNK] label
    cdef double[CHUNK] weight
    cdef Py_ssize_t n, i
    cdef long long valid, ignored, n_classes = job.n_classes, ignore = job.ignore
    cdef double total = 0, w
    bad[0] = 0
    while start < stop:
        n = min(CHUNK, stop - start)
        gather(&job.space, 0, start, n, label)
        if job.weight >= 0:
            gather(&job.space, job.weight, start, n, weight)
        valid = ignored = 0
        for i in range(n):
            valid += (label[i] >= 0) & (label[i] < n_classes)
        if job.ignoring:
            # The ignored index may be a class index.
            for i in range(n):
                ignored += label[i] == ignore
            if ignored:
                valid = 0
                for i in range(n):
                    valid += (label[i] >= 0) & (label[i] < n_classes) & (label[i] != ignore)
        if valid + ignored != n:
            bad[0] = 1
            return total
        if job.class_weight is NULL and job.weight < 0:
            total += valid
        else:
            for i in range(n):
                w = 0
                if not (job.ignoring and label[i] == ignore):
                    w = 1 if job.class_weight is NULL else job.class_weight[label[i]]
                total += w * weight[i] if job.weight >= 0 else w
        start += n
    return total


def sum_labels(cnp.ndarray labels, Py_ssize_t n_classes, ignore_index, cnp.ndarray weight,
               cnp.ndarray class_weight, int n_threads):
    """Check class indices and sum the weights of those that are not ignored.

    Parameters
    ----------
    labels : ndarray
        Class indices, of any integer dtype, or integral numbers of a float dtype.
    n_classes : int
    ignore_index : int or None
    weight : ndarray of the shape of `labels`, or None
    class_weight : float64 ndarray of shape (n_classes,), or None
    n_threads : int

    Returns
    -------
    total : float
    bad : bool
        Whether there is an element that is no class index.
    """
    cdef Labels job
    cdef Py_ssize_t b, block, n_blocks
    cdef double* partial
    cdef unsigned char* bad
    cdef double total
    cdef bint found = False
    space_like(&job.space, labels, -1)
    space_add(&job.space, labels, -1)
    job.weight = -1 if weight is None else space_add(&job.space, weight, -1)
    space_settle(&job.space, 0, sizeof(double))
    job.class_weight = NULL
    if class_weight is not None:
        job.class_weight = <const double*> cnp.PyArray_DATA(class_weight)
    job.n_classes = n_classes
    job.ignoring = ignore_index is not None
    job.ignore = ignore_index if job.ignoring else 0
    block = block_size(job.space.size)
    n_blocks = (job.space.size + block - 1) // block
    partial = <double*> malloc(n_blocks * (sizeof(double) + 1))
    if partial is NULL:
        raise MemoryError()
    bad = <unsigned char*> (partial + n_blocks)
    n_threads = <int> min(n_threads, n_blocks)
    with nogil:
        if n_threads == 1:
            for b in range(n_blocks):
                partial[b] = sum_block(&job, b * block, min((b + 1) * block, job.space.size),
                                       bad + b)
        else:
            for b in prange(n_blocks, num_threads=n_threads, schedule="dynamic"):
                partial[b] = sum_block(&job, b * block, min((b + 1) * block, job.space.size),
                                       bad + b)
        total = compensated_sum(partial, n_blocks)
        for b in range(n_blocks):
            found |= bad[b]
    free(partial)
    return total, found
