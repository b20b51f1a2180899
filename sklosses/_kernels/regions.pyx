"""Losses of regions: of all pixels of a sample, or of all samples, that belong to a class.

A region has the predictions for one class of all pixels of a group. A group is a sample or, where
the sums are over the samples too, all of them. What a loss has to know of a region is either

- three sums over its pixels, for losses of the overlap of two masks (`run_overlap`), or
- the order of its errors, for the Lovász extension of the Jaccard loss (`run_sorted`).

The arrays are views whose C order is that of groups, classes and pixels. They form a `Space` whose
axes keep that order (`add_order`), so that a region is consecutive elements of it, whatever the
layout in memory. Class indices have a stride of 0 along the classes.

Overlap: a first pass adds up, for each region, what prediction and target have in common, what
only the prediction has and what only the target has. From these follow the loss and two
coefficients, with which a second pass computes the gradient: a plain loop over the pixels. Both
passes go through tiles [class][pixel], of some pixels and of all classes or a single one. The
losses differ only in the parameters of one formula, `settle`.

- A group of one block is processed at once, so that the second pass finds it in the caches.
- Groups of several blocks are processed one after the other by each thread, if there are enough of
  them. Otherwise all threads take the blocks of all groups, first in one pass and then in the
  other.

The sums of each block are kept, and added in order. So the bits do not depend on this choice, nor
on the number of threads.

Sorting: the errors of a region are sorted, the largest first, by a stable radix sort: equal errors
remain in the order of the pixels, however the work is cut. All of this is in float64, so that
float32 and float64 see the same order of the same numbers.
"""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.math cimport NAN
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from sklosses._kernels.lanes cimport (
    Domain, UNCHECKED, block_size, compensated_sum, double_bits, make_domain, outside,
    sum_16_lanes,
)
from sklosses._kernels.strided cimport (
    F64, Operand, Space, gather, scatter, space_add, space_like, space_settle, space_start, stream,
    stream_end, streams,
)
from sklosses._kernels.vecmath cimport exp_negabs, fuse, maximum, pow

cnp.import_array()

cdef enum:
    TILE = 1024         # elements of a tile: five of them, of doubles, are about an L1 cache
    MOST = 512          # pixels of a tile: as many as may be summed in float32 lanes
    FEW = 32            # pixels of a tile of many classes
    MANY = 1024         # pixels of a region whose sums are little beside them
    LANES = 32          # accumulators of a sum
    FLUSH = 64          # exponentials that are summed in the compute dtype
    N_SUMS = 3          # of a region
    N_SLOPES = 2
    N_TILES = 5         # predictions, targets, probabilities, their complements, derivatives
    CHUNK = 64          # regions whose weights are read at a time

# The operands of `Job.space`; operand 0 only orders the axes.
cdef enum:
    PREDICTION, TARGET, GRADIENT
    N_OPERANDS

cdef enum Activation:
    IDENTITY, SIGMOID, SOFTMAX

# What is summed: see `add_terms`. With an activation the complements of the probabilities are
# known.
cdef struct overlap_form:
    int _

cdef struct squared_form:
    int _

ctypedef fused form_t:
    overlap_form
    squared_form

cdef struct Job:
    Space space                     # groups, classes, pixels
    Space table                     # groups, classes; for `run_sorted` only groups
    int number[N_OPERANDS]          # of the operands of the space, -1 for a missing one
    int weight                      # of the operands of the table
    int value
    Py_ssize_t n_groups
    Py_ssize_t n_classes
    Py_ssize_t n_pixels
    Py_ssize_t width                # classes of a tile: all or one
    Py_ssize_t tile                 # pixels of a tile
    Py_ssize_t block                # pixels of a block
    Py_ssize_t n_blocks             # of a group
    Py_ssize_t groups_per_task
    Py_ssize_t n_tasks
    bint labelled                   # targets are class indices
    bint streaming
    bint nan_passes
    Activation activation
    bint squared
    double alpha
    double beta
    double smooth
    double gamma
    double scale
    Domain domain[2]


# ---------------------------------------------------------------------------------------------
# Operands
# ---------------------------------------------------------------------------------------------


cdef int add_order(Space* space) except -1:
    """Add an operand, without memory, by whose strides the axes are in C order already."""
    cdef Operand* operand = &space.operands[space.n_operands]
    cdef Py_ssize_t stride = sizeof(double)
    cdef int axis
    for axis in range(space.n_axes - 1, -1, -1):
        operand.strides[axis] = stride
        stride *= space.shape[axis]
    operand.data = NULL
    operand.storage = F64
    operand.itemsize = sizeof(double)
    operand.swapped = operand.unaligned = operand.direct = False
    space.n_operands += 1
    return 0


cdef int bind_arrays(Job* job, cnp.ndarray y_pred, cnp.ndarray y_true, cnp.ndarray gradient,
                     tuple shape, cnp.ndarray weight, cnp.ndarray value,
                     bint double_) except -1:
    """Describe the arrays as spaces; `shape` is that of the weights and values."""
    space_like(&job.space, y_pred, -1)
    add_order(&job.space)
    job.number[PREDICTION] = space_add(&job.space, y_pred, -1)
    job.number[TARGET] = space_add(&job.space, y_true, -1)
    job.number[GRADIENT] = -1
    if gradient is not None:
        job.number[GRADIENT] = space_add(&job.space, gradient, -1)
    space_settle(&job.space, 0, 8 if double_ else 4)
    space_start(&job.table, shape)
    add_order(&job.table)
    job.weight = -1 if weight is None else space_add(&job.table, weight, -1)
    job.value = -1 if value is None else space_add(&job.table, value, -1)
    space_settle(&job.table, 0, 8)
    job.streaming = streams(job.space.size)
    return 0


cdef int set_domains(Job* job, tuple domains, bint double_, bint assume_finite) except -1:
    cdef int k
    job.nan_passes = assume_finite
    for k in range(2):
        job.domain[k].kind = UNCHECKED
        if k < len(domains) and not (k == TARGET and job.labelled):
            job.domain[k] = make_domain(domains[k], double_, assume_finite)
    return 0


cdef inline Py_ssize_t place(const Job* job, Py_ssize_t group, Py_ssize_t class_,
                             Py_ssize_t pixel) noexcept nogil:
    """Number of an element of the space."""
    return (group * job.n_classes + class_) * job.n_pixels + pixel


cdef inline const floating* read_rows(const Job* job, int which, Py_ssize_t group,
                                      Py_ssize_t class_, Py_ssize_t start, Py_ssize_t n,
                                      floating* buffer, Py_ssize_t* step) noexcept nogil:
    """Pixels start, ..., start + n - 1 of `width` classes, in place if that is possible.

    The pixels of a class are `step` elements after those of the class before it.
    """
    cdef Py_ssize_t first = place(job, group, class_, start)
    cdef const Operand* operand = &job.space.operands[job.number[which]]
    cdef Py_ssize_t c
    if operand.direct:
        step[0] = job.n_pixels
        return <const floating*> operand.data + first
    step[0] = n
    if n == job.n_pixels:
        gather(&job.space, job.number[which], first, n * job.width, buffer)
    else:
        for c in range(job.width):
            gather(&job.space, job.number[which], first + c * job.n_pixels, n, buffer + c * n)
    return buffer


cdef inline const floating* read_targets(const Job* job, Py_ssize_t group, Py_ssize_t class_,
                                         Py_ssize_t start, Py_ssize_t n, floating* buffer,
                                         Py_ssize_t* step) noexcept nogil:
    """`read_rows` for the targets; class indices become one-hot."""
    cdef long long[MOST] label
    cdef floating[MOST] number
    cdef floating own, zero = 0, one = 1
    cdef Py_ssize_t c, i
    if not job.labelled:
        return read_rows(job, TARGET, group, class_, start, n, buffer, step)
    gather(&job.space, job.number[TARGET], place(job, group, class_, start), n, label)
    step[0] = n
    for i in range(n):
        number[i] = <floating> label[i]
    for c in range(job.width):
        own = <floating> (class_ + c)
        for i in range(n):
            buffer[c * n + i] = one if number[i] == own else zero
    return buffer


cdef inline bint outside_rows(const floating* x, Py_ssize_t step, Py_ssize_t n,
                              Py_ssize_t n_rows, const Domain* domain) noexcept nogil:
    cdef Py_ssize_t c
    if domain.kind == UNCHECKED:
        return False
    if step == n:
        return outside(x, n * n_rows, domain)
    for c in range(n_rows):
        if outside(x + c * step, n, domain):
            return True
    return False


cdef inline void read_weights(const Job* job, Py_ssize_t first, Py_ssize_t n,
                              double* weight) noexcept nogil:
    cdef Py_ssize_t i
    if job.weight >= 0:
        gather(&job.table, job.weight, first, n, weight)
    else:
        for i in range(n):
            weight[i] = 1


# ---------------------------------------------------------------------------------------------
# Overlap
# ---------------------------------------------------------------------------------------------


cdef inline void sigmoid_row(const floating* x, Py_ssize_t n, floating* p,
                             floating* q) noexcept nogil:
    """Sigmoids and their complements, each to full precision."""
    cdef floating e, large, small, zero = 0, one = 1
    cdef Py_ssize_t i
    for i in range(n):
        e = exp_negabs(x[i])
        large = one / (one + e)
        small = e * large
        p[i] = large if x[i] > zero else small
        q[i] = small if x[i] > zero else large


cdef inline void softmax_rows(const floating* x, Py_ssize_t step, Py_ssize_t n,
                              Py_ssize_t n_classes, floating* p, floating* q,
                              floating* top) noexcept nogil:
    """Softmax over the rows, its complements, and the largest logits.

    The largest exponential is exactly 1 and is left out of the sum. The complement of its
    probability is the sum of the others.
    """
    cdef double[MOST] total
    cdef floating[MOST] rest
    cdef floating[MOST] ties
    cdef floating[MOST] share
    cdef floating v, e, zero = 0, one = 1
    cdef Py_ssize_t c, i, k, stop
    for i in range(n):
        top[i] = x[i]
    if n_classes > FLUSH:
        for i in range(n):
            total[i] = -1
    for c in range(1, n_classes):
        for i in range(n):
            top[i] = maximum(top[i], x[c * step + i])
    c = 0
    while c < n_classes:
        stop = min(n_classes, c + FLUSH)
        # Several short loops rather than one: the constants of the exponential leave no registers
        # for the sums.
        for k in range(c, stop):
            for i in range(n):
                p[k * n + i] = x[k * step + i] - top[i]
        for i in range(c * n, stop * n):
            p[i] = exp_negabs(p[i])
        for i in range(n):
            rest[i] = ties[i] = 0
        while c < stop:
            for i in range(n):
                v = x[c * step + i]
                rest[i] += p[c * n + i] if v != top[i] else zero
                ties[i] += zero if v != top[i] else one
            c += 1
        # The number of the largest, less 1, is exact, and 0 unless several are equal.
        if n_classes > FLUSH:
            for i in range(n):
                total[i] = (total[i] + ties[i]) + rest[i]
        else:
            for i in range(n):
                rest[i] += ties[i] - one
    if n_classes > FLUSH:
        for i in range(n):
            rest[i] = <floating> total[i]
    for i in range(n):
        share[i] = one / (one + rest[i])
        rest[i] *= share[i]
    for c in range(n_classes):
        for i in range(n):
            v = p[c * n + i] * share[i]
            e = one - v
            p[c * n + i] = v
            q[c * n + i] = e if x[c * step + i] != top[i] else rest[i]


cdef inline floating difference(floating y, floating p, floating q) noexcept nogil:
    """p - y, from complements where these are small."""
    cdef floating half = 0.5, one = 1
    cdef floating direct = p - y
    cdef floating other = (one - y) - q
    return direct if p < half else other


cdef inline double sum_32_lanes(const floating* lane) noexcept nogil:
    """Sum of 32 lanes, in float64, as a tree."""
    cdef double[16] half
    cdef int k
    for k in range(16):
        half[k] = <double> lane[k] + <double> lane[k + 16]
    return sum_16_lanes(half)


cdef inline void add_terms(const floating* y, const floating* p, const floating* q,
                           Py_ssize_t n, double* sums, Py_ssize_t stride,
                           form_t form) noexcept nogil:
    """Add the terms of at most MOST pixels to three sums, `stride` apart.

    These are y p, (1 - y) p and y (1 - p) or, squared, y p and (y - p)^2: terms that do not cancel.
    """
    cdef floating[LANES] common
    cdef floating[LANES] extra
    cdef floating[LANES] missing
    # The last pixels, and zeros.
    cdef floating[LANES] y_rest
    cdef floating[LANES] p_rest
    cdef floating[LANES] q_rest
    cdef floating d, zero = 0, one = 1
    cdef Py_ssize_t i = 0, whole = n // LANES * LANES
    cdef int k, rest = <int> (n - whole)
    for k in range(LANES):
        common[k] = extra[k] = missing[k] = 0
    while i < whole:
        for k in range(LANES):
            common[k] += y[i + k] * p[i + k]
            if form_t is overlap_form:
                extra[k] += (one - y[i + k]) * p[i + k]
                missing[k] += y[i + k] * q[i + k]
            else:
                d = difference(y[i + k], p[i + k], q[i + k])
                extra[k] += d * d
        i += LANES
    if rest > 0:
        for k in range(LANES):
            y_rest[k] = p_rest[k] = q_rest[k] = zero
        for k in range(rest):
            y_rest[k] = y[whole + k]
            p_rest[k] = p[whole + k]
            q_rest[k] = q[whole + k]
        for k in range(LANES):
            common[k] += y_rest[k] * p_rest[k]
            if form_t is overlap_form:
                extra[k] += (one - y_rest[k]) * p_rest[k]
                missing[k] += y_rest[k] * q_rest[k]
            else:
                d = difference(y_rest[k], p_rest[k], q_rest[k])
                extra[k] += d * d
    if n < LANES:
        for k in range(rest):
            sums[0] += common[k]
            sums[stride] += extra[k]
            sums[2 * stride] += missing[k]
        return
    sums[0] += sum_32_lanes(common)
    sums[stride] += sum_32_lanes(extra)
    sums[2 * stride] += sum_32_lanes(missing)


cdef inline double settle(const Job* job, const double* sums, double factor,
                          double* slope) noexcept nogil:
    """The loss of a region from its sums, and two coefficients of its derivative, times `factor`.

    With the sums t, f and m of what is common, extra and missing,

        r = alpha f + beta m,  d = t + smooth + r,  loss = (r / d)^gamma.

    This is 1 minus the Tversky index, and in this form it does not cancel. The derivative with
    respect to p is slope[0] where y = 0 and slope[1] where y = 1, and linear in y. Squared, it is
    slope[0] (p - y) - slope[1] y. A region without anything in it, 0 / 0, has the loss 0.
    """
    cdef double missed = job.alpha * sums[1] + job.beta * sums[2]
    cdef double shared = sums[0] + job.smooth
    cdef double whole = shared + missed
    cdef double loss, index, value, outer
    slope[0] = slope[1] = 0
    if whole == 0:
        return 0
    loss = missed / whole
    index = shared / whole
    value = loss
    outer = factor / whole
    if job.gamma != 1:
        value = pow(loss, job.gamma)
        # At a loss of 0, that of gamma < 1 would be infinite.
        outer = outer * job.gamma * pow(loss, job.gamma - 1) if loss != 0 else 0
    if factor == 0:
        return value
    if job.squared:
        slope[0] = 2 * job.alpha * index * outer
        slope[1] = loss * outer
    else:
        slope[0] = index * job.alpha * outer
        slope[1] = -(index * job.beta + loss) * outer
    return value


cdef inline void slope_row(const floating* y, const floating* p, const floating* q,
                           Py_ssize_t n, const double* slope, floating* gradient,
                           form_t form) noexcept nogil:
    """The derivative with respect to the probabilities of one region, from its coefficients."""
    cdef floating first = <floating> slope[0]
    cdef floating second = <floating> slope[1]
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        if form_t is overlap_form:
            gradient[i] = fuse(y[i], second, (one - y[i]) * first)
        else:
            gradient[i] = fuse(first, difference(y[i], p[i], q[i]), -y[i] * second)


cdef inline void through_sigmoid(const floating* p, const floating* q, Py_ssize_t n,
                                 floating* gradient) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        gradient[i] *= p[i] * q[i]


cdef inline void through_softmax(const floating* x, Py_ssize_t x_step, const floating* top,
                                 const floating* p, Py_ssize_t n, Py_ssize_t n_classes,
                                 floating* gradient, Py_ssize_t step) noexcept nogil:
    """From derivatives with respect to probabilities to those with respect to logits.

    They are p_j (g_j - sum_k g_k p_k). A constant may be subtracted from all g. That of the
    largest logit is, so its own term, which is nearly that sum where it is certain, drops out.
    """
    cdef floating[MOST] peak
    cdef floating[MOST] mean
    cdef Py_ssize_t c, i
    for i in range(n):
        peak[i] = mean[i] = 0
    for c in range(n_classes):
        for i in range(n):
            peak[i] = gradient[c * step + i] if x[c * x_step + i] == top[i] else peak[i]
    for c in range(n_classes):
        for i in range(n):
            gradient[c * step + i] -= peak[i]
            mean[i] += gradient[c * step + i] * p[c * n + i]
    for c in range(n_classes):
        for i in range(n):
            gradient[c * step + i] = p[c * n + i] * (gradient[c * step + i] - mean[i])


cdef inline void activate(const Job* job, const floating* x, Py_ssize_t step, Py_ssize_t n,
                          floating* p, floating* q, floating* top) noexcept nogil:
    """Probabilities and their complements, of the classes of a tile."""
    cdef floating one = 1
    cdef Py_ssize_t c, i
    if job.activation == SOFTMAX:
        softmax_rows(x, step, n, job.n_classes, p, q, top)
    elif job.activation == SIGMOID:
        for c in range(job.width):
            sigmoid_row(x + c * step, n, p + c * n, q + c * n)
    else:
        for c in range(job.width):
            for i in range(n):
                q[c * n + i] = one - x[c * step + i]


cdef void measure_block(const Job* job, Py_ssize_t group, Py_ssize_t block, double* sums,
                        Py_ssize_t stride, unsigned char* bad, floating* scratch) noexcept nogil:
    """The first pass over a block: check its values, and set the sums of its regions.

    There are N_SUMS for each class, `stride` apart. Bit 0 of `bad` is set for predictions outside
    their domain, bit 1 for targets.
    """
    cdef Py_ssize_t start = block * job.block, n, c
    cdef Py_ssize_t stop = min(start + job.block, job.n_pixels)
    bad[0] = 0
    for c in range(N_SUMS * job.n_classes):
        sums[c * stride] = 0
    c = 0
    while c < job.n_classes:
        start = block * job.block
        while start < stop:
            n = min(job.tile, stop - start)
            measure_tile(job, group, c, start, n, sums + c * N_SUMS * stride, stride, bad,
                         scratch)
            start += n
        c += job.width


cdef inline void measure_tile(const Job* job, Py_ssize_t group, Py_ssize_t class_,
                              Py_ssize_t start, Py_ssize_t n, double* sums, Py_ssize_t stride,
                              unsigned char* bad, floating* scratch) noexcept nogil:
    """`measure_block` for `width` classes of n pixels."""
    cdef Py_ssize_t size = job.tile * job.width
    cdef floating* p_buffer = scratch + 2 * size
    cdef floating* q = scratch + 3 * size
    cdef floating[MOST] top
    cdef Py_ssize_t x_step = 0, y_step = 0, p_step = n, c
    cdef const floating* x = read_rows(job, PREDICTION, group, class_, start, n, scratch, &x_step)
    cdef const floating* y = read_targets(job, group, class_, start, n, scratch + size, &y_step)
    cdef const floating* p = p_buffer
    cdef double* own
    cdef overlap_form plain
    cdef squared_form squares
    plain._ = squares._ = 0
    if outside_rows(x, x_step, n, job.width, &job.domain[PREDICTION]):
        bad[0] |= 1 << PREDICTION
    if outside_rows(y, y_step, n, job.width, &job.domain[TARGET]):
        bad[0] |= 1 << TARGET
    activate(job, x, x_step, n, p_buffer, q, top)
    if job.activation == IDENTITY:
        p = x
        p_step = x_step
    for c in range(job.width):
        own = sums + c * N_SUMS * stride
        if job.squared:
            add_terms(y + c * y_step, p + c * p_step, q + c * n, n, own, stride, squares)
        else:
            add_terms(y + c * y_step, p + c * p_step, q + c * n, n, own, stride, plain)


cdef void slope_block(const Job* job, Py_ssize_t group, Py_ssize_t block, const double* slopes,
                      floating* scratch) noexcept nogil:
    """The second pass over a block: its gradient, from N_SLOPES coefficients for each class."""
    cdef Py_ssize_t start, n, c = 0
    cdef Py_ssize_t stop = min((block + 1) * job.block, job.n_pixels)
    while c < job.n_classes:
        start = block * job.block
        while start < stop:
            n = min(job.tile, stop - start)
            slope_tile(job, group, c, start, n, slopes + c * N_SLOPES, scratch)
            start += n
        c += job.width
    if job.streaming:
        stream_end()


cdef inline void slope_tile(const Job* job, Py_ssize_t group, Py_ssize_t class_,
                            Py_ssize_t start, Py_ssize_t n, const double* slopes,
                            floating* scratch) noexcept nogil:
    """`slope_block` for `width` classes of n pixels."""
    cdef Py_ssize_t size = job.tile * job.width
    cdef floating* p_buffer = scratch + 2 * size
    cdef floating* q = scratch + 3 * size
    cdef floating[MOST] top
    cdef const Operand* output = &job.space.operands[job.number[GRADIENT]]
    cdef bint in_place = output.direct and not job.streaming
    cdef Py_ssize_t x_step = 0, y_step = 0, p_step = n, g_step = n, c
    cdef Py_ssize_t first = place(job, group, class_, start)
    cdef const floating* y = read_targets(job, group, class_, start, n, scratch + size, &y_step)
    cdef const floating* x = y
    cdef const floating* p = p_buffer
    cdef floating* gradient = scratch + 4 * size
    cdef overlap_form plain
    cdef squared_form squares
    plain._ = squares._ = 0
    # Without an activation, the derivative of an overlap does not depend on the prediction.
    if job.squared or job.activation != IDENTITY:
        x = read_rows(job, PREDICTION, group, class_, start, n, scratch, &x_step)
        activate(job, x, x_step, n, p_buffer, q, top)
    if job.activation == IDENTITY:
        p = x
        p_step = x_step
    if in_place:
        gradient = <floating*> output.data + first
        g_step = job.n_pixels
    for c in range(job.width):
        if job.squared:
            slope_row(y + c * y_step, p + c * p_step, q + c * n, n, slopes + c * N_SLOPES,
                      gradient + c * g_step, squares)
        else:
            slope_row(y + c * y_step, p, q, n, slopes + c * N_SLOPES, gradient + c * g_step,
                      plain)
        if job.activation == SIGMOID:
            through_sigmoid(p + c * n, q + c * n, n, gradient + c * g_step)
    if job.activation == SOFTMAX:
        through_softmax(x, x_step, top, p, n, job.n_classes, gradient, g_step)
    if in_place:
        return
    if output.direct:
        for c in range(job.width):
            stream(<floating*> output.data + first + c * job.n_pixels, gradient + c * n, n)
    elif n == job.n_pixels:
        scatter(&job.space, job.number[GRADIENT], first, n * job.width, gradient)
    else:
        for c in range(job.width):
            scatter(&job.space, job.number[GRADIENT], first + c * job.n_pixels, n,
                    gradient + c * n)


cdef double settle_group(const Job* job, Py_ssize_t group, const double* sums, double* slopes,
                         floating* dtype_tag) noexcept nogil:
    """Losses of the regions of a group from the sums of its blocks: their weighted sum.

    Sum k of block b of class c is sums[(c N_SUMS + k) n_blocks + b].
    """
    cdef double[CHUNK] weight
    cdef floating[CHUNK] value
    cdef double[N_SUMS] total
    cdef double all_ = 0, loss
    cdef Py_ssize_t c, i, n, first
    cdef int k
    c = 0
    while c < job.n_classes:
        n = min(CHUNK, job.n_classes - c)
        first = group * job.n_classes + c
        read_weights(job, first, n, weight)
        for i in range(n):
            for k in range(N_SUMS):
                total[k] = compensated_sum(sums + ((c + i) * N_SUMS + k) * job.n_blocks,
                                           job.n_blocks)
            loss = settle(job, total, weight[i] * job.scale, slopes + (c + i) * N_SLOPES)
            loss *= weight[i]
            all_ += loss
            value[i] = <floating> loss
        if job.value >= 0:
            scatter(&job.table, job.value, first, n, value)
        c += n
    return all_


cdef double run_task(const Job* job, Py_ssize_t task, double* sums, double* slopes,
                     unsigned char* bad, bint only_check, floating* scratch) noexcept nogil:
    """Evaluate some groups, one after the other; the sum of their weighted losses."""
    cdef Py_ssize_t group, block
    cdef Py_ssize_t start = task * job.groups_per_task
    cdef Py_ssize_t stop = min(start + job.groups_per_task, job.n_groups)
    cdef unsigned char found = 0
    cdef double total = 0
    bad[0] = 0
    for group in range(start, stop):
        for block in range(job.n_blocks):
            measure_block(job, group, block, sums + block, job.n_blocks, &found, scratch)
            bad[0] |= found
        if only_check:
            continue
        total += settle_group(job, group, sums, slopes, scratch)
        if job.number[GRADIENT] >= 0:
            for block in range(job.n_blocks):
                slope_block(job, group, block, slopes, scratch)
    return total


cdef double run_tasks(const Job* job, double* sums, double* slopes, double* totals,
                      unsigned char* bad, int n_threads, bint only_check,
                      floating* scratch) noexcept nogil:
    """Threads take groups. Each has room for the sums and slopes of one group."""
    cdef Py_ssize_t task
    cdef Py_ssize_t share = N_TILES * job.tile * job.width
    cdef Py_ssize_t n_sums = N_SUMS * job.n_classes * job.n_blocks
    cdef Py_ssize_t n_slopes = N_SLOPES * job.n_classes
    if n_threads == 1:
        for task in range(job.n_tasks):
            totals[task] = run_task(job, task, sums, slopes, bad + task, only_check, scratch)
    else:
        for task in prange(job.n_tasks, num_threads=n_threads, schedule="dynamic"):
            totals[task] = run_task(job, task, sums + threadid() * n_sums,
                                    slopes + threadid() * n_slopes, bad + task, only_check,
                                    scratch + threadid() * share)
    return compensated_sum(totals, job.n_tasks)


cdef double run_passes(const Job* job, double* sums, double* slopes, double* totals,
                       unsigned char* bad, int n_threads, floating* scratch) noexcept nogil:
    """Threads take the blocks of all groups, first in one pass and then in the other."""
    cdef Py_ssize_t k, n = job.n_groups * job.n_blocks, n_blocks = job.n_blocks
    cdef Py_ssize_t share = N_TILES * job.tile * job.width
    cdef Py_ssize_t n_sums = N_SUMS * job.n_classes * job.n_blocks
    cdef Py_ssize_t n_slopes = N_SLOPES * job.n_classes
    cdef unsigned char found = 0
    for k in prange(n, num_threads=n_threads, schedule="dynamic"):
        measure_block(job, k // n_blocks, k % n_blocks,
                      sums + (k // n_blocks) * n_sums + k % n_blocks, n_blocks, bad + k,
                      scratch + threadid() * share)
    for k in range(n):
        found |= bad[k]
    if found:
        return 0
    for k in range(job.n_tasks):
        totals[k] = 0
    for k in range(job.n_groups):
        totals[k // job.groups_per_task] += settle_group(job, k, sums + k * n_sums,
                                                         slopes + k * n_slopes, scratch)
    if job.number[GRADIENT] >= 0:
        for k in prange(n, num_threads=n_threads, schedule="dynamic"):
            slope_block(job, k // n_blocks, k % n_blocks, slopes + (k // n_blocks) * n_slopes,
                        scratch + threadid() * share)
    return compensated_sum(totals, job.n_tasks)


cdef void cut_pixels(Job* job) noexcept:
    """Choose tiles, blocks and tasks, which depend on the problem alone."""
    cdef Py_ssize_t size = block_size(job.space.size), tiles
    # One class after the other is read in order; softmax needs all of them at once, and regions
    # of few pixels are better read together.
    job.width = job.n_classes
    if job.activation != SOFTMAX and job.n_pixels >= MOST:
        job.width = 1
    job.tile = TILE // job.width // FEW * FEW
    job.tile = min(max(min(job.tile, MOST), FEW), job.n_pixels)
    tiles = max(size // (job.tile * job.n_classes), 1)
    job.block = tiles * job.tile
    job.n_blocks = (job.n_pixels + job.block - 1) // job.block
    job.groups_per_task = 1
    if job.n_blocks == 1:
        job.groups_per_task = max(size // (job.n_pixels * job.n_classes), 1)
    job.n_tasks = (job.n_groups + job.groups_per_task - 1) // job.groups_per_task


def run_overlap(tuple params, str activation, bint squared, cnp.ndarray y_pred,
                cnp.ndarray y_true, bint labelled, cnp.ndarray gradient, Py_ssize_t n_groups,
                Py_ssize_t n_classes, tuple shape, cnp.ndarray weight, cnp.ndarray value,
                double scale, bint double_, tuple domains, bint assume_finite, bint check_first,
                int n_threads):
    """Evaluate a loss of overlaps.

    Parameters
    ----------
    params : tuple of float
        alpha, beta, smooth and gamma of `settle`.
    activation : {"sigmoid", "softmax"} or None
        What makes probabilities of the predictions.
    squared : bool
        Whether what is not common is the sum of the squared differences.
    y_pred, y_true, gradient : ndarray
        Of one shape, in the order of groups, classes and pixels. `gradient` may be None.
    labelled : bool
        Whether the targets are class indices, broadcast along the classes.
    n_groups, n_classes : int
    shape : tuple of int
        Shape of `weight` and `value`, which have n_groups * n_classes elements.
    weight, value : ndarray or None
        Weights of the regions; where their weighted losses are written.
    scale : float
        Factor of the gradient.
    double_ : bool
        Compute in float64 rather than float32.
    domains : tuple of keys of domains
        Those of predictions and of targets; empty where they have been checked.
    assume_finite : bool
    check_first : bool
        Check all values before anything is written.
    n_threads : int

    Returns
    -------
    total : float
        The sum of the weighted losses.
    bad : int
        Bit 0 is set if a prediction is outside its domain, bit 1 if a target is.
    """
    cdef Job job
    cdef Py_ssize_t itemsize = 8 if double_ else 4
    cdef Py_ssize_t n_bad, n_at_once, k
    cdef size_t tiles
    cdef char* memory
    cdef double* sums
    cdef double* slopes
    cdef double* totals
    cdef unsigned char* bad
    cdef double total = 0
    cdef bint in_passes
    cdef int found = 0
    job.n_groups = n_groups
    job.n_classes = n_classes
    job.n_pixels = y_pred.size // (n_groups * n_classes)
    job.labelled = labelled
    job.squared = squared
    job.activation = IDENTITY
    if activation is not None:
        job.activation = SOFTMAX if activation == "softmax" else SIGMOID
    job.alpha, job.beta, job.smooth, job.gamma = params
    job.scale = scale
    bind_arrays(&job, y_pred, y_true, gradient, shape, weight, value, double_)
    set_domains(&job, domains, double_, assume_finite)
    cut_pixels(&job)
    # With several groups for each thread, the second pass finds a group in the caches. But all
    # values have to be checked before the first group is written. In two passes that costs nothing,
    # while the sums of all groups are little memory.
    in_passes = check_first and job.n_pixels >= MANY
    if job.n_blocks > 1:
        in_passes |= check_first or (n_threads > 1 and n_groups < 2 * n_threads)
    n_bad = n_groups * job.n_blocks if in_passes else job.n_tasks
    n_threads = <int> min(n_threads, n_bad)
    n_at_once = n_groups if in_passes else n_threads
    tiles = <size_t> (n_threads * N_TILES * job.tile * job.width * itemsize)
    k = (n_at_once * n_classes * (N_SUMS * job.n_blocks + N_SLOPES) + job.n_tasks) * 8
    memory = <char*> malloc(tiles + k + n_bad)
    if memory is NULL:
        raise MemoryError()
    sums = <double*> memory
    slopes = sums + n_at_once * n_classes * N_SUMS * job.n_blocks
    totals = slopes + n_at_once * n_classes * N_SLOPES
    bad = <unsigned char*> (memory + k + tiles)
    with nogil:
        if in_passes:
            if double_:
                total = run_passes(&job, sums, slopes, totals, bad, n_threads,
                                   <double*> (memory + k))
            else:
                total = run_passes(&job, sums, slopes, totals, bad, n_threads,
                                   <float*> (memory + k))
        else:
            for k in range(0 if check_first else 1, 2):
                if double_:
                    total = run_tasks(&job, sums, slopes, totals, bad, n_threads, k == 0,
                                      <double*> (totals + job.n_tasks))
                else:
                    total = run_tasks(&job, sums, slopes, totals, bad, n_threads, k == 0,
                                      <float*> (totals + job.n_tasks))
                for n_bad in range(job.n_tasks):
                    found |= bad[n_bad]
                if found:
                    break
        if in_passes:
            for k in range(n_bad):
                found |= bad[k]
    free(memory)
    return total, found


# ---------------------------------------------------------------------------------------------
# Sorting
# ---------------------------------------------------------------------------------------------

cdef enum:
    DIGIT = 11              # bits of a digit of the radix sort
    N_DIGITS = 1 << DIGIT
    FEW_ITEMS = 48          # are sorted by insertion
    STEP = 4096             # positions whose terms are summed together
    # Pixels of a region from which all threads work on one region at a time, whose items are all
    # the memory that is needed; and the fewest pixels of a thread.
    LARGE = 1 << 20
    PART = 1 << 14

cdef struct Item:
    unsigned long long key          # sorts as the error does, the largest first
    unsigned long long tag          # 2 pixel + label

cdef union Bits:
    double number
    unsigned long long bits

# The work on one region, which a thread does alone or all of them together. The pixels, and later
# the items in their order, are cut into as many parts as there are threads.
cdef struct Region:
    Py_ssize_t group
    Py_ssize_t class_
    int n_parts
    Item* items
    Item* spare
    Py_ssize_t* first               # of each part: where its items begin, and how many there are
    Py_ssize_t* count
    Py_ssize_t* labelled            # items with the label 1 before those of the part
    Py_ssize_t* places              # N_DIGITS for each part
    double* sums                    # of STEP positions each
    double* slopes                  # of the pixels
    unsigned char* bad              # of each part
    Py_ssize_t* n_labelled          # pixels of each part with the label 1


cdef inline unsigned long long key_of(double error) noexcept nogil:
    """Numbers > 0 in descending order, NaN first."""
    cdef unsigned long long bits = double_bits(error)
    return ~(bits if error == error else <unsigned long long> 0x7ff8000000000000ULL)


cdef inline double error_of(unsigned long long key) noexcept nogil:
    cdef Bits bits
    bits.bits = ~key
    return bits.number


cdef void list_errors(const Job* job, Region* region, int part) noexcept nogil:
    """List the errors > 0 of a part of the pixels; check the values, and count the labels."""
    cdef double[MOST] x
    cdef double[MOST] y
    cdef long long[MOST] label
    cdef Py_ssize_t start = job.n_pixels * part // region.n_parts
    cdef Py_ssize_t stop = job.n_pixels * (part + 1) // region.n_parts
    cdef Py_ssize_t first, n, i, count = 0, n_labelled = 0
    cdef Item* items = region.items + start
    cdef double error, half = 0.5
    cdef bint is_class
    region.first[part] = start
    region.bad[part] = 0
    while start < stop:
        n = min(MOST, stop - start)
        first = place(job, region.group, region.class_, start)
        gather(&job.space, job.number[PREDICTION], first, n, x)
        if outside(x, n, &job.domain[PREDICTION]):
            region.bad[part] |= 1 << PREDICTION
        if job.labelled:
            gather(&job.space, job.number[TARGET], first, n, label)
            for i in range(n):
                y[i] = label[i] == region.class_
        else:
            gather(&job.space, job.number[TARGET], first, n, y)
            if outside(y, n, &job.domain[TARGET]):
                region.bad[part] |= 1 << TARGET
        for i in range(n):
            is_class = y[i] > half
            n_labelled += is_class
            if job.labelled:
                error = 1 - x[i] if is_class else x[i]
            else:
                error = 1 - x[i] * (2 * y[i] - 1)
            items[count].key = key_of(error)
            items[count].tag = (<unsigned long long> (start + i) << 1) | is_class
            # A NaN counts.
            count += not (error <= 0)
        start += n
    region.count[part] = count
    region.n_labelled[part] = n_labelled


cdef inline void sort_few(Item* items, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef Item item
    for i in range(1, n):
        item = items[i]
        j = i
        while j > 0 and items[j - 1].key > item.key:
            items[j] = items[j - 1]
            j -= 1
        items[j] = item


cdef void count_digits(Region* region, int part, int shift) noexcept nogil:
    cdef Py_ssize_t* places = region.places + part * N_DIGITS
    cdef const Item* items = region.items + region.first[part]
    cdef Py_ssize_t i
    memset(places, 0, N_DIGITS * sizeof(Py_ssize_t))
    for i in range(region.count[part]):
        places[(items[i].key >> shift) & (N_DIGITS - 1)] += 1


cdef void move_items(Region* region, int part, int shift) noexcept nogil:
    """Move the items of a part to their places, in their order."""
    cdef Py_ssize_t* places = region.places + part * N_DIGITS
    cdef const Item* items = region.items + region.first[part]
    cdef Py_ssize_t i, digit
    for i in range(region.count[part]):
        digit = <Py_ssize_t> ((items[i].key >> shift) & (N_DIGITS - 1))
        region.spare[places[digit]] = items[i]
        places[digit] += 1


cdef bint set_places(Region* region) noexcept nogil:
    """Turn counts into places: by digit, and for each digit by part. False if all are one digit."""
    cdef Py_ssize_t digit, n, begin, total = 0, most = 0
    cdef int part
    for digit in range(N_DIGITS):
        begin = total
        for part in range(region.n_parts):
            n = region.places[part * N_DIGITS + digit]
            region.places[part * N_DIGITS + digit] = total
            total += n
        most = max(most, total - begin)
    return most < total


cdef void cut_items(Region* region, Py_ssize_t n) noexcept nogil:
    """Cut items that follow one another into parts, between multiples of STEP."""
    cdef Py_ssize_t steps = (n + STEP - 1) // STEP
    cdef int part
    for part in range(region.n_parts):
        region.first[part] = steps * part // region.n_parts * STEP
        region.count[part] = min(n, steps * (part + 1) // region.n_parts * STEP)
        region.count[part] -= min(region.first[part], region.count[part])


cdef Py_ssize_t sort_items(Region* region) noexcept nogil:
    """Sort the items of all parts, and close the gaps between parts; the number of items."""
    cdef Py_ssize_t n = 0
    cdef int part, shift = 0
    cdef bint moved = region.n_parts == 1
    cdef Item* items
    for part in range(region.n_parts):
        n += region.count[part]
    if region.n_parts == 1 and n <= FEW_ITEMS:
        sort_few(region.items, n)
        return n
    while shift < 64:
        if region.n_parts == 1:
            count_digits(region, 0, shift)
        else:
            for part in prange(region.n_parts, num_threads=region.n_parts, schedule="static"):
                count_digits(region, part, shift)
        if set_places(region) or not moved:
            if region.n_parts == 1:
                move_items(region, 0, shift)
            else:
                for part in prange(region.n_parts, num_threads=region.n_parts, schedule="static"):
                    move_items(region, part, shift)
            items = region.items
            region.items = region.spare
            region.spare = items
            cut_items(region, n)
            moved = True
        shift += DIGIT
    return n


cdef void count_labels(Region* region, int part) noexcept nogil:
    cdef const Item* items = region.items + region.first[part]
    cdef Py_ssize_t i, n = 0
    for i in range(region.count[part]):
        n += items[i].tag & 1
    region.labelled[part] = n


cdef void walk_part(Region* region, int part, Py_ssize_t n_class, double factor) noexcept nogil:
    """Sum the terms of the items of a part, and set the derivatives of their pixels.

    After c pixels of the class and k others, the Jaccard loss of these errors is 1 - (n - c) /
    (n + k), of a class of n pixels. What the next one adds to it multiplies its error: 1 / (n + k)
    if it is of the class, else (n - c) / ((n + k) (n + k + 1)).
    """
    cdef const Item* items = region.items
    cdef Py_ssize_t i, start = region.first[part]
    cdef Py_ssize_t stop = start + region.count[part], end
    cdef double left = <double> (n_class - region.labelled[part])
    cdef double union_ = <double> (n_class + start - region.labelled[part])
    cdef double error, step, total
    cdef bint is_class
    while start < stop:
        end = min(start + STEP, stop)
        total = 0
        for i in range(start, end):
            is_class = items[i].tag & 1
            error = error_of(items[i].key)
            if is_class:
                step = 1 / union_
                left -= 1
            else:
                # Of no pixels of the class, the first error is all of the loss.
                step = left / (union_ * (union_ + 1)) if union_ > 0 else 1
                union_ += 1
            # An infinite error that adds nothing is not to become NaN; a NaN is to remain one.
            total += error * step if step != 0 or error != error else 0
            step *= factor
            region.slopes[items[i].tag >> 1] = (-step if is_class else step) if (
                error == error) else NAN
        region.sums[start // STEP] = total
        start = end


cdef void clear_part(const Job* job, Region* region, int part) noexcept nogil:
    cdef Py_ssize_t start = job.n_pixels * part // region.n_parts
    cdef Py_ssize_t stop = job.n_pixels * (part + 1) // region.n_parts
    memset(region.slopes + start, 0, (stop - start) * sizeof(double))


cdef void store_part(const Job* job, const Region* region, int part) noexcept nogil:
    cdef Py_ssize_t start = job.n_pixels * part // region.n_parts
    cdef Py_ssize_t stop = job.n_pixels * (part + 1) // region.n_parts
    if stop > start:
        scatter(&job.space, job.number[GRADIENT],
                place(job, region.group, region.class_, start), stop - start,
                region.slopes + start)


cdef double run_region(const Job* job, Region* region, bint counts, double factor,
                       unsigned char* bad) noexcept nogil:
    """The loss of a region, and its gradient times `factor`. A class that is absent has none."""
    cdef Py_ssize_t n, i, n_class = 0, before = 0
    cdef int part, n_parts = region.n_parts
    cdef double loss = 0
    if n_parts == 1:
        list_errors(job, region, 0)
        clear_part(job, region, 0)
    else:
        for part in prange(n_parts, num_threads=n_parts, schedule="static"):
            list_errors(job, region, part)
            clear_part(job, region, part)
    for part in range(n_parts):
        bad[0] |= region.bad[part]
        n_class += region.n_labelled[part]
    if counts:
        n = sort_items(region)
        cut_items(region, n)
        if n_parts == 1:
            region.labelled[0] = 0
            walk_part(region, 0, n_class, factor)
        else:
            for part in prange(n_parts, num_threads=n_parts, schedule="static"):
                count_labels(region, part)
            for part in range(n_parts):
                i = region.labelled[part]
                region.labelled[part] = before
                before += i
            for part in prange(n_parts, num_threads=n_parts, schedule="static"):
                walk_part(region, part, n_class, factor)
        loss = compensated_sum(region.sums, (n + STEP - 1) // STEP)
    elif job.nan_passes:
        for part in range(n_parts):
            for i in range(region.first[part], region.first[part] + region.count[part]):
                if error_of(region.items[i].key) != error_of(region.items[i].key):
                    region.slopes[region.items[i].tag >> 1] = loss = NAN
    if job.number[GRADIENT] >= 0:
        if n_parts == 1:
            store_part(job, region, 0)
        else:
            for part in prange(n_parts, num_threads=n_parts, schedule="static"):
                store_part(job, region, part)
    return loss


cdef Py_ssize_t find_classes(const Job* job, Py_ssize_t group,
                             unsigned char* present) noexcept nogil:
    """Mark the classes that are among the labels of a group; their number."""
    cdef long long[MOST] label
    cdef Py_ssize_t start = 0, n, i, total = 0
    memset(present, 0, job.n_classes)
    while start < job.n_pixels:
        n = min(MOST, job.n_pixels - start)
        gather(&job.space, job.number[TARGET], place(job, group, 0, start), n, label)
        for i in range(n):
            # The caller has checked the labels, but another thread may have changed them.
            if 0 <= label[i] < job.n_classes:
                present[label[i]] = 1
        start += n
    for i in range(job.n_classes):
        total += present[i]
    return total


cdef double run_sorted_task(const Job* job, Py_ssize_t task, Region* region,
                            unsigned char* present, unsigned char* bad) noexcept nogil:
    """Evaluate some groups; the sum of their weighted losses."""
    cdef Py_ssize_t group, c, n_present = 1
    cdef Py_ssize_t start = task * job.groups_per_task
    cdef Py_ssize_t stop = min(start + job.groups_per_task, job.n_groups)
    cdef double weight, loss, share, total = 0
    bad[0] = 0
    present[0] = 1
    for group in range(start, stop):
        read_weights(job, group, 1, &weight)
        if job.labelled:
            n_present = max(find_classes(job, group, present), 1)
        share = 1 / <double> n_present
        loss = 0
        for c in range(job.n_classes):
            region.group = group
            region.class_ = c
            loss += run_region(job, region, present[c], weight * job.scale * share, bad)
        loss *= weight * share
        total += loss
        if job.value >= 0:
            scatter(&job.table, job.value, group, 1, &loss)
    return total


cdef size_t region_bytes(const Job* job, int n_parts) noexcept nogil:
    """Bytes of the memory of a `Region`, and of the marks of the classes."""
    cdef size_t words = <size_t> (
        5 * job.n_pixels + job.n_pixels // STEP + 1 + n_parts * (N_DIGITS + 4))
    return (words + (n_parts + job.n_classes) // 8 + 2) * 8


cdef unsigned char* open_region(const Job* job, Region* region, int n_parts,
                                char* memory) noexcept nogil:
    """Distribute memory among the arrays of a region; the address of the marks of the classes."""
    region.n_parts = n_parts
    region.items = <Item*> memory
    region.spare = region.items + job.n_pixels
    region.slopes = <double*> (region.spare + job.n_pixels)
    region.sums = region.slopes + job.n_pixels
    region.places = <Py_ssize_t*> (region.sums + job.n_pixels // STEP + 1)
    region.first = region.places + n_parts * N_DIGITS
    region.count = region.first + n_parts
    region.labelled = region.count + n_parts
    region.n_labelled = region.labelled + n_parts
    region.bad = <unsigned char*> (region.n_labelled + n_parts)
    return region.bad + n_parts


cdef double run_sorted_tasks(const Job* job, double* totals, unsigned char* bad, int n_threads,
                             int n_parts, char* memory) noexcept nogil:
    cdef Py_ssize_t task
    cdef size_t share = region_bytes(job, n_parts)
    if n_threads == 1:
        run_some_tasks(job, 0, job.n_tasks, totals, bad, n_parts, memory)
    else:
        for task in prange(job.n_tasks, num_threads=n_threads, schedule="dynamic"):
            run_some_tasks(job, task, task + 1, totals, bad, n_parts,
                           memory + threadid() * share)
    return compensated_sum(totals, job.n_tasks)


cdef void run_some_tasks(const Job* job, Py_ssize_t start, Py_ssize_t stop, double* totals,
                         unsigned char* bad, int n_parts, char* memory) noexcept nogil:
    cdef Region region
    cdef unsigned char* present = open_region(job, &region, n_parts, memory)
    cdef Py_ssize_t task
    for task in range(start, stop):
        totals[task] = run_sorted_task(job, task, &region, present, bad + task)


def run_sorted(cnp.ndarray y_pred, cnp.ndarray y_true, bint labelled, cnp.ndarray gradient,
               Py_ssize_t n_groups, Py_ssize_t n_classes, tuple shape, cnp.ndarray weight,
               cnp.ndarray value, double scale, tuple domains, bint assume_finite, int n_threads):
    """Evaluate the Lovász extension of the Jaccard loss.

    The errors are those of probabilities, abs(y - p), if targets are class indices, and the hinge
    of logits, max(0, 1 - (2 y - 1) z), if they are 0 and 1. Of the classes, those that are present
    count, and are averaged.

    Parameters
    ----------
    y_pred, y_true, labelled, gradient, n_groups, n_classes
        As in `run_overlap`. Equal errors are in the C order of the pixels.
    shape : tuple of int
        Shape of `weight` and `value`, which have n_groups elements.
    weight, value : ndarray or None
        Weights of the groups; where their weighted losses are written.
    scale, domains, assume_finite, n_threads
        As in `run_overlap`.

    Returns
    -------
    total, bad
        As in `run_overlap`.
    """
    cdef Job job
    cdef Py_ssize_t size, k
    cdef size_t share
    cdef char* memory
    cdef double* totals
    cdef unsigned char* bad
    cdef double total
    cdef int n_parts, found = 0
    job.n_groups = n_groups
    job.n_classes = n_classes
    job.n_pixels = y_pred.size // (n_groups * n_classes)
    job.labelled = labelled
    job.scale = scale
    bind_arrays(&job, y_pred, y_true, gradient, shape, weight, value, True)
    set_domains(&job, domains, True, assume_finite)
    size = block_size(job.space.size)
    job.groups_per_task = max(size // (job.n_pixels * n_classes), 1)
    job.n_tasks = (n_groups + job.groups_per_task - 1) // job.groups_per_task
    n_parts = 1
    if job.n_pixels >= LARGE or job.n_tasks < 2 * n_threads:
        n_parts = <int> max(min(<Py_ssize_t> n_threads, job.n_pixels // PART), 1)
    n_threads = 1 if n_parts > 1 else <int> min(n_threads, job.n_tasks)
    share = region_bytes(&job, n_parts)
    memory = <char*> malloc(n_threads * share + job.n_tasks * (sizeof(double) + 1))
    if memory is NULL:
        raise MemoryError()
    totals = <double*> (memory + n_threads * share)
    bad = <unsigned char*> (totals + job.n_tasks)
    with nogil:
        total = run_sorted_tasks(&job, totals, bad, n_threads, n_parts, memory)
    for k in range(job.n_tasks):
        found |= bad[k]
    free(memory)
    return total, found
