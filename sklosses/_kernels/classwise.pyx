"""Losses along a class axis: one kernel per loss, and the one driver that runs them.

A kernel sees a group: a tile of predictions laid out as [step][32 lanes]. For few classes the
lanes are 32 rows (samples) and a step is a class; for many classes the group is one row, cut
into steps of 32 classes, the last of which may reach beyond the last class: predictions are any
number there, targets and class weights 0, and what is written there is lost. Either way the
inner loop runs over 32 adjacent lanes, which is what compilers vectorise, so one kernel serves
both; only where lanes that belong to one row are brought together (`sum_tile`, `nan_of_rows`)
does it matter which it is. What a kernel computes for each row it computes in all the lanes,
those beyond the last row included: also these loops are vectorised, and a tile of two classes
spends most of its time in them.

A kernel writes one loss for each row to `value` (32 places) and, where the pointers are not
NULL, `gradient` and `hessian` in the layout of the tile, multiplied by the row's `scale`.
`work` is a tile of scratch space. Dtypes, strides, transposition, checks, weights, sums and
threads are the driver's. To add a loss, write its kernel, name it in KERNELS, and give it a class
in `sklosses`.
"""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, NAN
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from sklosses._kernels.lanes cimport (
    Domain, UNCHECKED, block_size, compensated_sum, sum_16_lanes, make_domain, outside,
    scale_weighted_span, sum_weighted_span,
)
from sklosses._kernels.rows cimport (
    is_plain, lanes_to_rows, read_row, row_addresses, rows_to_lanes, write_row,
)
from sklosses._kernels.strided cimport (
    MAX_AXES, Operand, Space, address, fetch, fetch_to_write, gather, read_span, scatter, seek,
    space_add, space_settle, space_start, stream_end, streams,
)
from sklosses._kernels.vecmath cimport (
    exp_negabs, fabs, log1p, log1p_unit, maximum, minimum, pow,
)

cnp.import_array()

cdef struct Group:
    Py_ssize_t steps
    Py_ssize_t size         # elements of the tile that are predictions
    int rows                # rows in the group: 1 if by_row, else at most 16
    bint by_row             # the lanes belong to one row
    # Place of each row's labelled class in the tile, negative if ignored; NULL for dense targets.
    const Py_ssize_t* pick

ctypedef void (*kernel32)(const Group* group, const float* x, const float* target,
                          const float* class_weight, const float* scale, const double* param,
                          float* work, float* value, float* gradient,
                          float* hessian) noexcept nogil
ctypedef void (*kernel64)(const Group* group, const double* x, const double* target,
                          const double* class_weight, const double* scale, const double* param,
                          double* work, double* value, double* gradient,
                          double* hessian) noexcept nogil

cdef enum:
    # Rows of a group, or classes of a step: two vectors of 16 floats. With 32 lanes a group of few
    # classes takes as long to begin and to end as to compute.
    LANES = 32
    # Steps summed in the compute dtype before they go into a float64 sum: few enough that
    # float32 sums of any length keep 2e-7.
    FLUSH = 64
    # Lanes of a loop that runs along one row.
    WIDE = 2 * LANES

# ---------------------------------------------------------------------------------------------
# What kernels share
# ---------------------------------------------------------------------------------------------


cdef inline double fold_lanes(const double* lane) noexcept nogil:
    """Sum of the lanes, as a tree."""
    cdef double[16] half
    cdef int i
    for i in range(16):
        half[i] = lane[i] + lane[i + 16]
    return sum_16_lanes(half)


cdef inline void fold_total(const Group* group, const double* lane,
                            floating* total) noexcept nogil:
    """Give every lane of a row that row's sum."""
    cdef int ln
    cdef double row
    if group.by_row:
        row = fold_lanes(lane)
        for ln in range(LANES):
            total[ln] = <floating> row
    else:
        for ln in range(LANES):
            total[ln] = <floating> lane[ln]


cdef inline void softmax(const Group* group, const floating* x, floating rate, floating* e,
                         floating* top, floating* rest) noexcept nogil:
    """exp(rate (x - top)) into `e`, the rows' maxima into `top` and, into `rest`, the sums of
    the exponentials less 1.

    The maximum contributes exactly 1 to the sum. Leaving it out keeps the digits of the others
    where they are small: log1p(rest) and rest / (1 + rest) are exact for certain predictions.
    """
    if group.by_row:
        softmax_of_row(x, group.size, rate, e, top, rest)
    else:
        softmax_of_lanes(x, group.steps, rate, e, top, rest)


cdef inline void softmax_of_lanes(const floating* x, Py_ssize_t steps, floating rate,
                                  floating* e, floating* top,
                                  floating* rest) noexcept nogil:
    cdef Py_ssize_t i, j, stop
    cdef int ln
    # Arrays that loops write to beside the tile are never passed to a function: the compiler
    # then knows that they lie apart, and checks nothing in the inner loops.
    cdef floating[LANES] high
    cdef floating[LANES] part
    cdef floating[LANES] ties
    cdef double[LANES] others
    cdef double[LANES] maxima
    cdef floating v
    for ln in range(LANES):
        high[ln] = x[ln]
        others[ln] = 0
        maxima[ln] = 0
    for i in range(1, steps):
        for ln in range(LANES):
            high[ln] = maximum(high[ln], x[i * LANES + ln])
    i = 0
    while i < steps:
        # Short loops rather than one long: the constants of the exponential leave no registers
        # for the sums.
        stop = min(steps, i + FLUSH)
        for j in range(i, stop):
            for ln in range(LANES):
                e[j * LANES + ln] = rate * (x[j * LANES + ln] - high[ln])
        for j in range(i * LANES, stop * LANES):
            e[j] = exp_negabs(e[j])
        for ln in range(LANES):
            part[ln] = 0
            ties[ln] = 0
        for j in range(i, stop):
            for ln in range(LANES):
                v = x[j * LANES + ln]
                part[ln] += e[j * LANES + ln] if v != high[ln] else 0
                ties[ln] += 0 if v != high[ln] else 1
        if steps > FLUSH:
            for ln in range(LANES):
                others[ln] += part[ln]
                maxima[ln] += ties[ln]
        i = stop
    for ln in range(LANES):
        top[ln] = high[ln]
    if steps > FLUSH:
        for ln in range(LANES):
            rest[ln] = <floating> others[ln] + (<floating> maxima[ln] - 1)
    else:
        for ln in range(LANES):
            rest[ln] = part[ln] + (ties[ln] - 1)


cdef inline void softmax_of_row(const floating* x, Py_ssize_t n, floating rate, floating* e,
                                floating* top, floating* rest) noexcept nogil:
    """With four times as many lanes: one chain of dependent operations would be waited for."""
    cdef Py_ssize_t i, j, stop, even
    cdef int ln, width
    cdef floating[WIDE] part
    cdef floating[WIDE] ties
    cdef double[LANES] others
    cdef double[LANES] maxima
    cdef floating v, high
    # There are at least as many, see MANY_CLASSES.
    even = n - n % WIDE
    for ln in range(WIDE):
        part[ln] = x[ln]
    i = WIDE
    while i < even:
        for ln in range(WIDE):
            part[ln] = maximum(part[ln], x[i + ln])
        i += WIDE
    for ln in range(<int> (n - even)):
        part[ln] = maximum(part[ln], x[even + ln])
    width = WIDE // 2
    while width:
        for ln in range(width):
            part[ln] = maximum(part[ln], part[ln + width])
        width //= 2
    high = part[0]
    for ln in range(LANES):
        others[ln] = 0
        maxima[ln] = 0
    i = 0
    while i < n:
        stop = min(n, i + FLUSH * LANES)
        even = stop - (stop - i) % WIDE
        for j in range(i, stop):
            e[j] = exp_negabs(rate * (x[j] - high))
        for ln in range(WIDE):
            part[ln] = 0
            ties[ln] = 0
        while i < even:
            for ln in range(WIDE):
                v = x[i + ln]
                part[ln] += e[i + ln] if v != high else 0
                ties[ln] += 0 if v != high else 1
            i += WIDE
        for ln in range(<int> (stop - even)):
            v = x[even + ln]
            part[ln] += e[even + ln] if v != high else 0
            ties[ln] += 0 if v != high else 1
        for ln in range(LANES):
            others[ln] += part[ln] + part[ln + LANES]
            maxima[ln] += ties[ln] + ties[ln + LANES]
        i = stop
    v = <floating> fold_lanes(others) + (<floating> fold_lanes(maxima) - 1)
    for ln in range(LANES):
        top[ln] = high
        rest[ln] = v


cdef inline floating complement(floating p, floating x, floating top, floating rest,
                                floating share) noexcept nogil:
    """1 - p of a class, without a cancellation: of all but the largest p is at most 1/2."""
    return rest * share if x == top else 1 - p


cdef inline void sum_tile(const Group* group, floating* term, floating* total) noexcept nogil:
    """Give every lane of a row the sum of that row's terms, which are cleared beyond the last."""
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
    fold_total(group, lane, total)


cdef inline void scale_tile(const Group* group, floating* tile,
                            const floating* factor) noexcept nogil:
    """Multiply each row by its factor.

    Of a single row no more than its classes: the next row is not in the caches yet, and reading
    its first elements would be waited for.
    """
    cdef floating[LANES] own
    cdef floating row = factor[0]
    cdef Py_ssize_t i
    cdef int ln
    if group.by_row:
        for i in range(group.size):
            tile[i] *= row
        return
    for ln in range(LANES):
        own[ln] = factor[ln]
    for i in range(group.steps):
        for ln in range(LANES):
            tile[i * LANES + ln] *= own[ln]


cdef inline void nan_of_rows(const Group* group, const floating* x, floating* nan) noexcept nogil:
    """NaN for every lane of a row that has one, else 0.

    For kernels whose value does not depend on each of the predictions.
    """
    cdef floating[LANES] seen
    cdef floating row
    cdef Py_ssize_t i, whole = group.size // LANES
    cdef int ln
    for ln in range(LANES):
        seen[ln] = 0
    for i in range(whole):
        for ln in range(LANES):
            seen[ln] += x[i * LANES + ln] if x[i * LANES + ln] != x[i * LANES + ln] else 0
    for ln in range(<int> (group.size - whole * LANES)):
        seen[ln] += x[whole * LANES + ln] if x[whole * LANES + ln] != x[whole * LANES + ln] else 0
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
                        const floating* class_weight, const floating* scale,
                        const double* param, floating* work, floating* value,
                        floating* gradient, floating* hessian) noexcept nogil:
    """sum_j t_j (lse - x_j) with t_j = class_weight_j (keep target_j + smooth).

    param = (keep, smooth): 1 - label_smoothing and label_smoothing / n_classes. A label is a
    target of 1 in one place; without smoothing only that place is looked at.

    With m the sum of the t_j the gradient is m p_j - t_j. Near p_j = 1 both terms may be nearly
    equal, so at the largest logit it is computed as the sum of the other t_k minus m (1 - p_j).
    """
    cdef floating keep = <floating> param[0]
    cdef floating smooth = <floating> param[1]
    cdef bint spread = target is not NULL or smooth != 0
    cdef floating* e = work if gradient is NULL else gradient
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] mass       # sum of the t_j
    cdef floating[LANES] away       # sum of the t_j (top - x_j)
    cdef floating[LANES] own        # the t_j of the label
    cdef floating[LANES] at         # the x_j of the label
    cdef floating[LANES] share      # 1 / sum of exp(x_j - top)
    cdef floating[LANES] labelled   # the gradient at the label
    cdef floating[LANES] below      # sum of the t_j of all but the largest logit
    cdef floating[LANES] certain    # the largest logit if its p exceeds 1/2, else NaN
    cdef floating[LANES] topmost    # the gradient there
    cdef floating[LANES] peak       # the t_j of the largest logit
    cdef double[LANES] below_total
    cdef double[LANES] peak_total
    cdef double[LANES] away_total
    cdef floating t, p, lse
    cdef Py_ssize_t i, k
    cdef int ln
    softmax(group, x, 1, e, top, rest)
    for ln in range(LANES):
        mass[ln] = 0
        away[ln] = 0
        own[ln] = 0
        at[ln] = 0
        below[ln] = 0
    if spread:
        for ln in range(LANES):
            peak[ln] = 0
            below_total[ln] = 0
            away_total[ln] = 0
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                t = class_weight[k] * ((keep * target[k] if target is not NULL else 0) + smooth)
                p = t if x[k] != top[ln] else 0
                below_total[ln] += p
                peak[ln] += t - p
                # Not 0 * inf for a class that is ruled out, nor for what is beyond the last.
                away_total[ln] += t * (top[ln] - x[k]) if t != 0 else 0
        for ln in range(LANES):
            peak_total[ln] = peak[ln]
        fold_total(group, below_total, below)
        fold_total(group, peak_total, mass)
        fold_total(group, away_total, away)
        for ln in range(LANES):
            mass[ln] += below[ln]
    if group.pick is not NULL:
        for ln in range(group.rows):
            k = group.pick[ln]
            if k < 0:
                below[ln] = 0
                mass[ln] = 0
                away[ln] = 0
            else:
                own[ln] = keep * class_weight[k]
                at[ln] = x[k]
    for ln in range(LANES):
        lse = log1p(rest[ln])
        # A NaN reaches the sum of the exponentials, so also the value of an ignored row.
        value[ln] = away[ln] + mass[ln] * lse + (
            own[ln] * ((top[ln] - at[ln]) + lse) if own[ln] != 0 else 0 * lse)
        mass[ln] += own[ln]
        below[ln] += own[ln] if at[ln] != top[ln] else 0
        share[ln] = 1 / (1 + rest[ln])
    if group.by_row:
        for ln in range(1, LANES):
            mass[ln] = mass[0]
            below[ln] = below[0]

    if hessian is not NULL:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                hessian[k] = scale[ln] * mass[ln] * p * (
                    complement(p, x[k], top[ln], rest[ln], share[ln]))
    if gradient is NULL:
        return
    for ln in range(LANES):
        # At the label, p - 1 is minus the others' share where p is the largest.
        p = exp_negabs(at[ln] - top[ln]) * share[ln]
        labelled[ln] = scale[ln] * own[ln] * (
            p - 1 if at[ln] != top[ln] else -(rest[ln] * share[ln]))
        certain[ln] = top[ln] if rest[ln] < 1 else NAN
        topmost[ln] = scale[ln] * (below[ln] - mass[ln] * (rest[ln] * share[ln]))
        share[ln] *= scale[ln] * mass[ln]
        own[ln] *= scale[ln]
    scale_tile(group, gradient, share)
    if spread:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                t = class_weight[k] * ((keep * target[k] if target is not NULL else 0) + smooth)
                t = gradient[k] - scale[ln] * t
                gradient[k] = topmost[ln] if x[k] == certain[ln] else t
    if group.pick is not NULL:
        for ln in range(group.rows):
            k = group.pick[ln]
            if k < 0:
                continue
            if not spread:
                gradient[k] = labelled[ln]
            elif at[ln] != certain[ln]:
                gradient[k] -= own[ln]


cdef void nll_loss(const Group* group, const floating* x, const floating* target,
                   const floating* class_weight, const floating* scale, const double* param,
                   floating* work, floating* value, floating* gradient,
                   floating* hessian) noexcept nogil:
    """-sum_j t_j x_j with t_j = class_weight_j target_j, where 0 times -inf is 0.

    The second derivative is 0; in its place stands what the row counts in the mean.
    """
    cdef floating[LANES] nan
    cdef floating[LANES] counts
    cdef floating t
    cdef Py_ssize_t i, k
    cdef int ln
    nan_of_rows(group, x, nan)
    for ln in range(LANES):
        counts[ln] = 1
    if target is not NULL:
        for i in range(group.steps * LANES):
            t = class_weight[i] * target[i]
            work[i] = -t * x[i] if t != 0 else 0
        sum_tile(group, work, value)
        for ln in range(group.rows):
            value[ln] += nan[ln]
        if gradient is not NULL:
            for i in range(group.steps):
                for ln in range(LANES):
                    k = i * LANES + ln
                    gradient[k] = -scale[ln] * (class_weight[k] * target[k])
    else:
        if gradient is not NULL:
            for i in range(group.steps * LANES):
                gradient[i] = 0
        for ln in range(group.rows):
            k = group.pick[ln]
            counts[ln] = 0 if k < 0 else class_weight[k]
            value[ln] = nan[ln] - (counts[ln] * x[k] if counts[ln] != 0 else 0)
            if gradient is not NULL and k >= 0:
                gradient[k] = -scale[ln] * counts[ln]
        if group.by_row:
            for ln in range(1, LANES):
                counts[ln] = counts[0]
    if hessian is not NULL:
        for i in range(group.steps):
            for ln in range(LANES):
                hessian[i * LANES + ln] = scale[ln] * counts[ln]


cdef void multi_margin_loss(const Group* group, const floating* x, const floating* target,
                            const floating* class_weight, const floating* scale,
                            const double* param, floating* work, floating* value,
                            floating* gradient, floating* hessian) noexcept nogil:
    """c_y / C sum_{j != y} max(0, margin - x_y + x_j)^p: param = (margin, p, 1 / C).

    With p = 1 the second derivative is 0 almost everywhere, and 1 stands in its place.
    """
    cdef floating margin = <floating> param[0]
    cdef bint squared = param[1] == 2
    cdef floating share = <floating> param[2]
    cdef floating[LANES] edge       # margin - x_y
    cdef floating[LANES] own        # c_y / C
    cdef floating[LANES] factor
    cdef floating[LANES] total
    cdef floating z, s
    cdef Py_ssize_t i, k
    cdef int ln
    for ln in range(LANES):
        edge[ln] = 0
        own[ln] = 0
    for ln in range(group.rows):
        k = group.pick[ln]
        if k >= 0:
            edge[ln] = margin - x[k]
            own[ln] = class_weight[k] * share
    if group.by_row:
        for ln in range(1, LANES):
            edge[ln] = edge[0]
            own[ln] = own[0]
    for i in range(group.steps):
        for ln in range(LANES):
            # `maximum` returns its second argument where the two do not compare: a NaN passes.
            work[i * LANES + ln] = maximum(0, edge[ln] + x[i * LANES + ln])
    for ln in range(group.rows):
        if group.pick[ln] >= 0:
            # A NaN of the label itself is in all the others, if there are any.
            work[group.pick[ln]] = edge[ln] - edge[ln]
    if not squared:
        sum_tile(group, work, total)
        for ln in range(group.rows):
            value[ln] = own[ln] * total[ln]
    if gradient is not NULL or hessian is not NULL:
        # The derivative by x_j; that by x_y is minus their sum.
        for i in range(group.steps * LANES):
            z = work[i]
            s = z if z != z else 2 * z if squared else <floating> (z > 0)
            if gradient is not NULL:
                gradient[i] = s
            if hessian is not NULL:
                hessian[i] = 1 if not squared else 2 * <floating> (z > 0)
    if gradient is not NULL:
        sum_tile(group, gradient, total)
        for ln in range(LANES):
            factor[ln] = scale[ln] * own[ln]
        scale_tile(group, gradient, factor)
        for ln in range(group.rows):
            if group.pick[ln] >= 0:
                gradient[group.pick[ln]] = -scale[ln] * own[ln] * total[ln]
    if hessian is not NULL:
        if squared:
            sum_tile(group, hessian, total)
            for ln in range(group.rows):
                if group.pick[ln] >= 0:
                    hessian[group.pick[ln]] = total[ln]
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


cdef void multilabel_margin_loss(const Group* group, const floating* x, const floating* target,
                                 const floating* class_weight, const floating* scale,
                                 const double* param, floating* work, floating* value,
                                 floating* gradient, floating* hessian) noexcept nogil:
    """1 / C sum_j m_j sum_{k: m_k = 0} max(0, 1 - x_j + x_k): param = (1 / C,).

    m_j, in `target`, is how often class j is listed. The second derivative is 0 almost
    everywhere, and 1 stands in its place.
    """
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
    # The derivative by x_k, a whole number: work collects it.
    for i in range(size):
        work[i] = 0
    j = 0
    while j < group.size:
        listed = False
        for ln in range(LANES):
            k = j if group.by_row else j + ln
            times[ln] = target[k]
            edge[ln] = 1 - x[k]
            active[ln] = 0
            listed |= target[k] != 0
        if listed:
            for i in range(group.steps):
                for ln in range(LANES):
                    k = i * LANES + ln
                    # What is beyond the last class is neither listed nor a rival.
                    z = maximum(0, edge[ln] + x[k])
                    z = z if (times[ln] != 0) & (target[k] == 0) & (class_weight[k] != 0) else 0
                    loss[ln] += times[ln] * z
                    z = times[ln] if z > 0 else 0
                    work[k] += z
                    active[ln] += z
            if group.by_row:
                work[j] -= <floating> fold_lanes(active)
            else:
                for ln in range(LANES):
                    work[j + ln] -= <floating> active[ln]
        j += step
    fold_total(group, loss, total)
    for ln in range(group.rows):
        value[ln] = share * total[ln] + nan[ln]
    for i in range(group.steps):
        for ln in range(LANES):
            if gradient is not NULL:
                gradient[i * LANES + ln] = scale[ln] * (share * work[i * LANES + ln] + nan[ln])
            if hessian is not NULL:
                hessian[i * LANES + ln] = scale[ln]


cdef void multilabel_soft_margin_loss(const Group* group, const floating* x,
                                      const floating* target, const floating* class_weight,
                                      const floating* scale, const double* param,
                                      floating* work, floating* value, floating* gradient,
                                      floating* hessian) noexcept nogil:
    """1 / C sum_j c_j (y_j softplus(-x_j) + (1 - y_j) softplus(x_j)): param = (1 / C,)."""
    cdef floating share = <floating> param[0]
    cdef floating[LANES] total
    cdef floating y, z, c, e, r, t, near, far
    cdef Py_ssize_t i, k
    cdef int ln
    for i in range(group.steps * LANES):
        work[i] = exp_negabs(x[i])
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            z = x[k]
            y = target[k]
            c = class_weight[k] * share
            e = work[k]
            # As in binary_cross_entropy_with_logits: no term cancels another.
            far = 1 - y if z >= 0 else y
            near = y if z >= 0 else 1 - y
            work[k] = c * (far * fabs(z) + log1p_unit(e))
            if gradient is not NULL or hessian is not NULL:
                r = 1 / (1 + e)
                if gradient is not NULL:
                    t = r * (far - near * e)
                    gradient[k] = scale[ln] * c * (t if z >= 0 else -t)
                if hessian is not NULL:
                    hessian[k] = scale[ln] * c * ((e * r) * r)
    sum_tile(group, work, total)
    for ln in range(group.rows):
        value[ln] = total[ln]


cdef void softmax_focal_loss(const Group* group, const floating* x, const floating* target,
                             const floating* class_weight, const floating* scale,
                             const double* param, floating* work, floating* value,
                             floating* gradient, floating* hessian) noexcept nogil:
    """-c_y q^gamma log p, with p the softmax of the label and q = 1 - p: param = (gamma,).

    With s = -log p and a = c_y q^gamma (gamma p s + q) the gradient is -a at the label and
    a r_k elsewhere, where r_k is the share of class k among the others. Nothing is divided by a
    power of q, which may be 0: all of this is at most of the size of q, however small gamma is.
    """
    cdef floating gamma = <floating> param[0]
    cdef floating* e = work if gradient is NULL else gradient
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] own        # c_y
    cdef floating[LANES] at         # the x of the label
    cdef floating[LANES] share      # 1 / sum of exp(x_j - top)
    cdef floating[LANES] others     # sum of exp(x_j - top) but for the label's; 1 in place of 0
    cdef floating[LANES] slope      # a
    cdef floating[LANES] bend       # what the Hessian has beside it
    cdef floating[LANES] labelled   # the Hessian at the label
    cdef floating[LANES] right      # p
    cdef floating[LANES] wrong      # q
    cdef floating[LANES] focus      # q^gamma
    cdef floating[LANES] factor
    cdef floating p, q, r, s, a, b
    cdef Py_ssize_t i, k
    cdef int ln
    softmax(group, x, 1, e, top, rest)
    for ln in range(LANES):
        own[ln] = 0
        at[ln] = top[ln]
    for ln in range(group.rows):
        k = group.pick[ln]
        # What counts nothing is as certain and right: nothing of it is infinite, times 0.
        if k >= 0 and class_weight[k] != 0:
            own[ln] = class_weight[k]
            at[ln] = x[k]
    if group.by_row:
        for ln in range(1, LANES):
            own[ln] = own[0]
            at[ln] = at[0]
    # Three loops: the power alone needs most of the registers.
    for ln in range(LANES):
        r = exp_negabs(at[ln] - top[ln])
        share[ln] = 1 / (1 + rest[ln])
        # All but the largest are summed without it. If the label is not the largest, the others
        # are more than half of the sum, and the difference is as exact as that.
        others[ln] = rest[ln] if at[ln] == top[ln] else 1 + (rest[ln] - r)
        right[ln] = r * share[ln]
        wrong[ln] = others[ln] * share[ln]
    for ln in range(LANES):
        focus[ln] = pow(wrong[ln], gamma)
    for ln in range(LANES):
        p = right[ln]
        q = wrong[ln]
        s = (top[ln] - at[ln]) + log1p(rest[ln])
        a = own[ln] * focus[ln]
        # A NaN reaches the sum of the exponentials, so also the value of an ignored row.
        value[ln] = a * s
        # Where s is large p is 0, so a bound on s changes nothing but 0 * inf.
        s = minimum(10000, s)
        b = gamma * p * s + q
        slope[ln] = a * b
        bend[ln] = a * gamma * p * (2 * q + s * ((gamma - 1) * p - q))
        labelled[ln] = scale[ln] * (a * p * (gamma * b + q * (gamma + 1 - gamma * s)))
        # A NaN is no 0. In a row that counts nothing, 0 times 1 / others could be NaN.
        others[ln] = 1 if (others[ln] == 0) | (own[ln] == 0) else others[ln]
        factor[ln] = scale[ln] * (slope[ln] / others[ln])
    if hessian is not NULL:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                r = e[k] / others[ln]
                q = complement(e[k] * share[ln], x[k], top[ln], rest[ln], share[ln])
                hessian[k] = scale[ln] * (r * (q * slope[ln] + r * bend[ln]))
        for ln in range(group.rows):
            if group.pick[ln] >= 0:
                hessian[group.pick[ln]] = labelled[ln]
    if gradient is not NULL:
        scale_tile(group, gradient, factor)
        for ln in range(group.rows):
            if group.pick[ln] >= 0:
                gradient[group.pick[ln]] = -scale[ln] * slope[ln]


cdef void distillation_loss(const Group* group, const floating* x, const floating* target,
                            const floating* class_weight, const floating* scale,
                            const double* param, floating* work, floating* value,
                            floating* gradient, floating* hessian) noexcept nogil:
    """T^2 sum_j u_j (log u_j - log v_j) with u = softmax(target / T) and v = softmax(x / T).

    param = (T, 1 / T). The gradient is T (v_j - u_j). Where j is the largest logit of both, u_j and
    v_j may both round to 1, so it is computed as T ((1 - u_j) - (1 - v_j)).
    """
    cdef floating heat = <floating> param[0]
    cdef floating rate = <floating> param[1]
    cdef floating square = <floating> (param[0] * param[0])
    cdef floating* e = work if gradient is NULL else gradient
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] share
    cdef floating[LANES] taught_top
    cdef floating[LANES] taught_rest
    cdef floating[LANES] taught_share
    cdef floating[LANES] factor
    cdef floating[LANES] certain    # the largest logit if its u and v exceed 1/2, else NaN
    cdef floating[LANES] topmost    # the gradient there
    cdef floating[LANES] total
    cdef floating p, q, u
    cdef Py_ssize_t i, k
    cdef int ln
    softmax(group, x, rate, e, top, rest)
    for ln in range(LANES):
        share[ln] = 1 / (1 + rest[ln])
        factor[ln] = heat * scale[ln]
    if hessian is not NULL:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                q = complement(p, x[k], top[ln], rest[ln], share[ln])
                hessian[k] = scale[ln] * (p * q)
    # Without a gradient the exponentials of x have been in `work`, and are not needed any more.
    softmax(group, target, rate, work, taught_top, taught_rest)
    for ln in range(LANES):
        taught_share[ln] = 1 / (1 + taught_rest[ln])
        certain[ln] = top[ln] if (rest[ln] < 1) & (taught_rest[ln] < 1) else NAN
        topmost[ln] = factor[ln] * (
            taught_rest[ln] * taught_share[ln] - rest[ln] * share[ln])
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            u = work[k] * taught_share[ln]
            if gradient is not NULL:
                p = factor[ln] * (gradient[k] * share[ln] - u)
                gradient[k] = topmost[ln] if (
                    (x[k] == certain[ln]) & (target[k] == taught_top[ln])) else p
            q = (target[k] - taught_top[ln]) - (x[k] - top[ln])
            # Not 0 * inf for a class that the teacher rules out.
            work[k] = u * q if u != 0 else 0
    sum_tile(group, work, total)
    for ln in range(group.rows):
        # A NaN of either is in the sum of its exponentials.
        value[ln] = heat * total[ln] + square * (log1p(rest[ln]) - log1p(taught_rest[ln]))


cdef void js_div(const Group* group, const floating* x, const floating* target,
                 const floating* class_weight, const floating* scale, const double* param,
                 floating* work, floating* value, floating* gradient,
                 floating* hessian) noexcept nogil:
    """1/2 sum_j p_j log(p_j / m_j) + q_j log(q_j / m_j), where m = (p + q) / 2.

    With d = |p - q| and t = d / (p + q) the larger of the two is m (1 + t), the smaller m (1 - t),
    and the summand is m/2 ((1 + t) log(1 + t) + (1 - t) log(1 - t)). Where t is small it is
    written as m/2 (t (log(1 + t) - log(1 - t)) + log(1 - t^2)), of which no digits are lost.
    """
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
            # At 0 and 0 as between 0 and a small q; a NaN is no 0.
            t = d / s if s != 0 else 1
            above = log1p_unit(t)
            # -log(1 - t) = log(m / low)
            below = log1p(d / (2 * low) if low != 0 else d + <floating> INFINITY)
            near = t * t
            g = <floating> 0.25 * s * (t * (above + below) - log1p_unit(near / (1 - near)))
            # A smaller one of 0 adds 0, and is the only one whose logarithm is not below 1000.
            h = <floating> 0.5 * (high * above - low * minimum(1000, below))
            work[k] = g if near <= <floating> 0.5 else h
            if gradient is not NULL:
                g = <floating> 0.5 * (-below if q < p else above)
                # Not 0 * inf.
                gradient[k] = scale[ln] * g if scale[ln] != 0 else 0 * work[k]
            if hessian is not NULL:
                h = <floating> 0.5 * (p / s) / q if p != 0 else 0 * q
                hessian[k] = scale[ln] * h if scale[ln] != 0 else 0 * work[k]
    sum_tile(group, work, total)
    for ln in range(group.rows):
        value[ln] = total[ln]


cdef void entropy(const Group* group, const floating* x, const floating* target,
                  const floating* class_weight, const floating* scale, const double* param,
                  floating* work, floating* value, floating* gradient,
                  floating* hessian) noexcept nogil:
    """-sum_j p_j log p_j over log(base), p the softmax of x: param = (1 / log(base),).

    With d_j = top - x_j and D = sum_j p_j d_j it is D + log(sum of exp(-d_j)), of two terms that
    are not negative, and its gradient is p_j (d_j - D).
    """
    cdef floating unit = <floating> param[0]
    cdef floating* e = work if gradient is NULL else gradient
    cdef floating[LANES] top
    cdef floating[LANES] rest
    cdef floating[LANES] share
    cdef floating[LANES] mean       # D
    cdef floating[LANES] factor
    cdef floating p, q, d
    cdef Py_ssize_t i, k
    cdef int ln
    softmax(group, x, 1, e, top, rest)
    for i in range(group.steps):
        for ln in range(LANES):
            k = i * LANES + ln
            # Where d is large p is 0, so a bound on d changes nothing but 0 * inf.
            work[k] = e[k] * minimum(10000, top[ln] - x[k])
    sum_tile(group, work, mean)
    for ln in range(LANES):
        share[ln] = 1 / (1 + rest[ln])
        mean[ln] *= share[ln]
        value[ln] = unit * (mean[ln] + log1p(rest[ln]))
        factor[ln] = unit * scale[ln]
    if hessian is not NULL:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                p = e[k] * share[ln]
                q = complement(p, x[k], top[ln], rest[ln], share[ln])
                d = minimum(10000, top[ln] - x[k]) - mean[ln]
                hessian[k] = factor[ln] * (p * ((q - p) * d - q))
    if gradient is not NULL:
        for i in range(group.steps):
            for ln in range(LANES):
                k = i * LANES + ln
                d = minimum(10000, top[ln] - x[k]) - mean[ln]
                gradient[k] = factor[ln] * (gradient[k] * share[ln] * d)


cdef class Kernel:
    """The two instantiations of a kernel."""

    cdef void* single
    cdef void* double_
    cdef readonly str name


cdef Kernel make(str name, kernel32 single, kernel64 double_):
    cdef Kernel kernel = Kernel.__new__(Kernel)
    kernel.name = name
    kernel.single = <void*> single
    kernel.double_ = <void*> double_
    return kernel


KERNELS = {
    kernel.name: kernel for kernel in (
        make("cross_entropy", cross_entropy[float], cross_entropy[double]),
        make("nll_loss", nll_loss[float], nll_loss[double]),
        make("multi_margin_loss", multi_margin_loss[float], multi_margin_loss[double]),
        make("multilabel_margin_loss", multilabel_margin_loss[float],
             multilabel_margin_loss[double]),
        make("multilabel_soft_margin_loss", multilabel_soft_margin_loss[float],
             multilabel_soft_margin_loss[double]),
        make("softmax_focal_loss", softmax_focal_loss[float], softmax_focal_loss[double]),
        make("distillation_loss", distillation_loss[float], distillation_loss[double]),
        make("js_div", js_div[float], js_div[double]),
        make("entropy", entropy[float], entropy[double]),
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
    # From this many adjacent classes on, the lanes are 32 classes of a row.
    MANY_CLASSES = 256
    # Up to this many classes a class axis with a stride has its rows as lanes, which then are
    # adjacent in memory; beyond it the tiles would be too large for the caches.
    MANY_STRIDED_CLASSES = 4096
    # Steps of groups that are read and written together: two bundles fit the L1 cache.
    BUNDLE = 84

# The operands of a job: their rows are in `space`, their class axis is a stride of its own.
cdef enum:
    PREDICTION, TARGET, GRADIENT, HESSIAN, N_TILES
    WEIGHT = N_TILES
    VALUE, N_OPERANDS

cdef struct Job:
    Space space                         # of the rows
    void* kernel
    double param[MAX_PARAMS]
    int number[N_OPERANDS]              # in the space, or -1
    Py_ssize_t class_stride[N_TILES]    # bytes
    Py_ssize_t n_classes
    Py_ssize_t steps
    bint by_row
    int bundle                          # groups that may be read and written together
    bint labelled                       # one class index for each row
    bint listed                         # class indices along the class axis, ended by -1
    long long ignore                    # a label; -1, which never is one, for none
    Domain domain[2]                    # of predictions and dense targets
    const char* class_weight            # in the layout of a tile, the compute dtype
    double scale
    Py_ssize_t rows_per_block
    bint streaming                      # outputs go past the caches


cdef inline bint lies_as_tile(const Job* job, int which, Py_ssize_t stop,
                              Py_ssize_t row, floating dtype_tag) noexcept nogil:
    """Whether a kernel can take a row of classes where it is, its last step included.

    That step may reach into the next row, so there must be one before `stop`, end to end with it.
    """
    cdef const Operand* operand = &job.space.operands[job.number[which]]
    cdef Py_ssize_t size = job.n_classes * <Py_ssize_t> sizeof(floating)
    if job.class_stride[which] != <Py_ssize_t> sizeof(floating) or not is_plain(
            operand, sizeof(floating), dtype_tag):
        return False
    return job.n_classes % LANES == 0 or (
        row + 1 < stop and job.space.n_axes == 1 and operand.strides[0] == size)


cdef const floating* load_tile(const Job* job, int which, Py_ssize_t start, int rows,
                               floating* tile, floating* spare) noexcept nogil:
    """A group of rows in the layout of a tile: in `tile`, or in place where that is the same."""
    cdef Py_ssize_t c, n_classes = job.n_classes
    cdef Py_ssize_t stride = job.class_stride[which]
    cdef char* row[LANES]
    if not job.by_row:
        rows_to_lanes(&job.space, job.number[which], stride, n_classes, start, rows, LANES, tile,
                      spare)
        return tile
    row_addresses(&job.space, job.number[which], start, 1, row)
    # What is beyond the last class has no weight, but the weights of dense targets are
    # factors of these: there it has to be a number.
    if lies_as_tile(job, which, job.space.size if which == PREDICTION else 0, start, spare[0]):
        return <const floating*> row[0]
    read_row(&job.space.operands[job.number[which]], row[0], stride, n_classes, tile)
    for c in range(n_classes, job.steps * LANES):
        tile[c] = 0
    return tile


cdef const floating* load_counts(const Job* job, Py_ssize_t start, int rows,
                                 floating* tile) noexcept nogil:
    """Rows of class indices, each ended by -1, as how often each class is listed."""
    cdef const Operand* operand = &job.space.operands[job.number[TARGET]]
    cdef Py_ssize_t stride = job.class_stride[TARGET]
    cdef Py_ssize_t step, c, i, n, place
    cdef long long[CHUNK] label
    cdef char* row[LANES]
    cdef const char* source
    cdef int ln
    step = row_addresses(&job.space, job.number[TARGET], start, rows, row)
    for c in range(job.steps * LANES):
        tile[c] = 0
    for ln in range(rows):
        source = row[ln] if step == 0 else row[0] + ln * step
        c = 0
        while c < job.n_classes:
            n = min(CHUNK, job.n_classes - c)
            read_span(operand, source + c * stride, stride, n, label)
            for i in range(n):
                # The caller has checked them, but another thread may have changed them: whatever
                # is no class index ends the row.
                if label[i] < 0 or label[i] >= job.n_classes:
                    c = job.n_classes
                    break
                place = label[i] if job.by_row else label[i] * LANES + ln
                tile[place] += 1
            c += n
    return tile


cdef inline floating* output_tile(const Job* job, int which, Py_ssize_t start, Py_ssize_t stop,
                                  floating* tile) noexcept nogil:
    """Where a kernel writes an output: in place where it has the layout of a tile.

    The rows from `start` to `stop` are written in order, by one thread: a step that reaches into
    the next row is overwritten when that row's turn comes.
    """
    cdef char* row[LANES]
    if job.number[which] < 0:
        return NULL
    if job.by_row and lies_as_tile(job, which, stop, start, <floating> 0):
        row_addresses(&job.space, job.number[which], start, 1, row)
        return <floating*> row[0]
    return tile


cdef void store_tile(const Job* job, int which, Py_ssize_t start, int rows,
                     const floating* tile, floating* spare) noexcept nogil:
    """The inverse of `load_tile`, for an output that was not written in place."""
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
    """Where `n` rows begin if they are on one run, else NULL."""
    cdef Py_ssize_t position[MAX_AXES]
    if seek(&job.space, start, position) < n:
        return NULL
    return address(&job.space, &job.space.operands[job.number[which]], position)


cdef inline bint adjacent(const Job* job, int which, Py_ssize_t start, int groups,
                          const floating* dtype_tag) noexcept nogil:
    """Whether the rows of an operand of classes are next to one another in memory."""
    cdef const Operand* operand
    if job.number[which] < 0 or (which == TARGET and (job.labelled or job.listed)):
        return False
    operand = &job.space.operands[job.number[which]]
    return (operand.strides[job.space.n_axes - 1] == <Py_ssize_t> sizeof(floating)
            and is_plain(operand, job.class_stride[which], dtype_tag[0])
            and adjacent_rows(job, which, start, groups * LANES) is not NULL)


cdef inline void load_bundle(const Job* job, int which, Py_ssize_t start, int groups,
                             floating* tiles) noexcept nogil:
    """`load_tile` for several groups of adjacent rows, a class at a time.

    The classes of one pixel may be megabytes apart, all of them in the same set of a cache: a
    group at a time, the lines at its ends would be fetched twice. And from so many places at once
    the CPU does not fetch ahead by itself: it is told what the next bundle will need.
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
    """Tiles of a thread: bundles of the operands, a kernel's work, and one to convert through."""
    return N_TILES * job.bundle + 2


cdef double run_block(const Job* job, Py_ssize_t start, Py_ssize_t stop, unsigned char* bad,
                      floating* scratch) noexcept nogil:
    """Evaluate one block of rows; its sum of weighted values. Bit k of `bad`: input k."""
    cdef Py_ssize_t tile = tile_size(job)
    cdef Py_ssize_t bundle = job.bundle * tile
    cdef floating* work = scratch + N_TILES * bundle
    cdef floating* spare = work + tile
    cdef const floating* x
    cdef const floating* target = NULL
    cdef floating* gradient
    cdef floating* hessian
    # With room for the lanes beyond the last row.
    cdef floating[CHUNK + LANES] value
    cdef floating[CHUNK + LANES] scale
    cdef floating[LANES] row_scale
    cdef const floating* scales
    cdef double[CHUNK] weight
    cdef long long[CHUNK] label
    cdef Py_ssize_t[CHUNK] pick
    cdef Group group
    cdef Py_ssize_t n, i, place
    cdef int ln, k, g, groups = 1, group_rows = 1 if job.by_row else LANES
    cdef bint bundled[N_TILES]
    cdef long long n_classes = job.n_classes
    cdef long long ignore = job.ignore
    cdef bint live
    cdef double total = 0
    bad[0] = 0
    group.steps = job.steps
    group.size = job.n_classes if job.by_row else tile
    group.by_row = job.by_row
    group.pick = NULL
    while start < stop:
        n = min(CHUNK, stop - start)
        if job.number[WEIGHT] >= 0:
            gather(&job.space, job.number[WEIGHT], start, n, weight)
        else:
            for i in range(n):
                weight[i] = 1
        if job.labelled:
            gather(&job.space, job.number[TARGET], start, n, label)
            for i in range(n):
                # The caller has checked the labels, but another thread may have changed them:
                # whatever is no class index is never used as one.
                live = (label[i] >= 0) & (label[i] < n_classes) & (label[i] != ignore)
                # A NaN stays one.
                weight[i] = weight[i] if live else 0 * weight[i]
                place = label[i] if job.by_row else label[i] * LANES + (i & (LANES - 1))
                pick[i] = place if live else -1
        for i in range(n):
            scale[i] = <floating> (weight[i] * job.scale)
        for ln in range(LANES):
            scale[n + ln] = 0
        i = 0
        g = groups = 0
        while i < n:
            if g == groups:
                # Groups whose rows are adjacent in memory are read and written together.
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
            elif job.listed:
                target = load_counts(job, start + i, group.rows, scratch + TARGET * bundle)
            elif job.number[TARGET] >= 0:
                target = scratch + TARGET * bundle + g * tile
                if not bundled[TARGET]:
                    target = load_tile(job, TARGET, start + i, group.rows,
                                       scratch + TARGET * bundle, spare)
                if outside(target, tile, &job.domain[1]):
                    bad[0] |= 1 << TARGET
            if job.kernel is not NULL:
                scales = scale + i
                if job.by_row:
                    for ln in range(LANES):
                        row_scale[ln] = scale[i]
                    scales = row_scale
                gradient = output_tile(job, GRADIENT, start + i, stop,
                                       scratch + GRADIENT * bundle + g * tile)
                hessian = output_tile(job, HESSIAN, start + i, stop,
                                      scratch + HESSIAN * bundle + g * tile)
                call_kernel(job, &group, x, target, scales, work, value + i, gradient, hessian)
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
        if job.kernel is not NULL:
            total += sum_weighted_span(value, weight, n)
            if job.number[VALUE] >= 0:
                scale_weighted_span(value, weight, 1, n)
                scatter(&job.space, job.number[VALUE], start, n, value)
        start += n
    if job.streaming:
        stream_end()
    return total


cdef inline void call_kernel(const Job* job, const Group* group, const floating* x,
                             const floating* target, const floating* scale, floating* work,
                             floating* value, floating* gradient,
                             floating* hessian) noexcept nogil:
    if floating is float:
        (<kernel32> job.kernel)(group, x, target, <const float*> job.class_weight, scale,
                                job.param, work, value, gradient, hessian)
    else:
        (<kernel64> job.kernel)(group, x, target, <const double*> job.class_weight, scale,
                                job.param, work, value, gradient, hessian)


cdef double run_blocks(const Job* job, unsigned char* bad, double* partial, Py_ssize_t n_blocks,
                       int n_threads, floating* scratch) noexcept nogil:
    cdef Py_ssize_t b
    cdef Py_ssize_t rows = job.rows_per_block
    cdef Py_ssize_t share = n_tiles(job) * tile_size(job)
    if n_threads == 1:
        for b in range(n_blocks):
            partial[b] = run_block(job, b * rows, min((b + 1) * rows, job.space.size), bad + b,
                                   scratch)
    else:
        for b in prange(n_blocks, num_threads=n_threads, schedule="dynamic"):
            partial[b] = run_block(job, b * rows, min((b + 1) * rows, job.space.size), bad + b,
                                   scratch + threadid() * share)
    return compensated_sum(partial, n_blocks)


cdef int bind(Job* job, int which, cnp.ndarray array, int class_axis) except -1:
    """Add an operand; `class_axis` is -1 for one that has none."""
    job.number[which] = -1
    if array is None:
        return 0
    if class_axis >= 0:
        job.class_stride[which] = cnp.PyArray_STRIDE(array, class_axis)
    job.number[which] = space_add(&job.space, array, class_axis)
    return 0


def run(Kernel kernel, tuple params, y_pred, y_true, int class_axis, class_weight,
        bint double_, *, bint listed=False, ignore_index=None, weight=None, value=None,
        gradient=None, hessian=None, double scale=1.0, bint assume_finite=False,
        tuple domains=(), bint checked=False, int n_threads=1):
    """Run a kernel over rows of classes.

    Parameters
    ----------
    kernel : Kernel or None
        None only checks the inputs.
    params : tuple of float
    y_pred : ndarray
        Predictions, with the classes along `class_axis`.
    y_true : ndarray
        Valid labels, of the shape without that axis (see `sum_labels`), or dense targets of
        the shape of `y_pred`, or lists of labels of that shape; None for a loss of one array.
    class_axis : int
    class_weight : float64 ndarray of shape (n_classes,), or None
    double_ : bool
        Compute in float64 rather than float32.
    listed : bool
        `y_true` is lists of valid labels along the class axis, each ended by -1.
    ignore_index : int or None
    weight, value : ndarray or None
        Of the shape without the class axis: weights; where the weighted losses go.
    gradient, hessian : ndarray or None
    scale : float
        Factor of the outputs (not of the sum).
    assume_finite : bool
    domains : tuple of (str, float, float)
        Kind and limits of predictions and of dense targets.
    checked : bool
        The inputs have been checked.
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
    cdef Py_ssize_t n_blocks, b, c, place, steps, itemsize = 8 if double_ else 4
    cdef Py_ssize_t row_stride
    cdef char* memory = NULL
    cdef char* buffers
    cdef char* class_tile
    cdef unsigned char* bad
    cdef double* partial
    cdef double total
    cdef double* weights
    cdef double w
    cdef size_t scratch_bytes
    cdef tuple shape = y_pred.shape

    job.kernel = NULL if kernel is None else kernel.double_ if double_ else kernel.single
    for k in range(len(params)):
        job.param[k] = params[k]
    job.n_classes = shape[class_axis]
    space_start(&job.space, shape[:class_axis] + shape[class_axis + 1:])
    job.labelled = y_true is not None and y_true.ndim < y_pred.ndim
    job.listed = listed
    bind(&job, PREDICTION, y_pred, class_axis)
    bind(&job, TARGET, y_true, -1 if job.labelled else class_axis)
    bind(&job, GRADIENT, gradient, class_axis)
    bind(&job, HESSIAN, hessian, class_axis)
    bind(&job, WEIGHT, weight, -1)
    bind(&job, VALUE, value, -1)
    job.ignore = -1 if ignore_index is None else ignore_index
    job.scale = scale
    for k in range(2):
        job.domain[k].kind = UNCHECKED
        if not checked and k < len(domains):
            job.domain[k] = make_domain(domains[k], double_, assume_finite)
    space_settle(&job.space, PREDICTION, itemsize)
    job.streaming = streams(job.space.size * job.n_classes)

    # The shorter stride goes along the lanes.
    row_stride = abs(job.space.operands[PREDICTION].strides[job.space.n_axes - 1])
    job.by_row = job.n_classes >= MANY_CLASSES and (
        job.n_classes > MANY_STRIDED_CLASSES or job.space.size < LANES
        or abs(job.class_stride[PREDICTION]) <= row_stride)
    steps = (job.n_classes + LANES - 1) // LANES if job.by_row else job.n_classes
    job.steps = steps
    # Whole groups of rows, at least one.
    job.rows_per_block = max(block_size(job.space.size * job.n_classes) // job.n_classes, 1)
    if not job.by_row:
        job.rows_per_block = (job.rows_per_block + LANES - 1) // LANES * LANES
    job.bundle = 1
    if not job.by_row and job.class_stride[PREDICTION] != itemsize:
        job.bundle = <int> min(max(BUNDLE // job.n_classes, 1), CHUNK // LANES)
    n_blocks = (job.space.size + job.rows_per_block - 1) // job.rows_per_block
    n_threads = <int> min(n_threads, n_blocks)

    scratch_bytes = <size_t> (n_threads * n_tiles(&job) * steps * LANES * itemsize)
    memory = <char*> malloc(scratch_bytes + steps * LANES * itemsize
                            + n_blocks * (sizeof(double) + 1) + CACHE_LINE)
    if memory is NULL:
        raise MemoryError()
    # A step of a tile is a whole number of cache lines.
    buffers = memory + (-<size_t> memory) % CACHE_LINE
    partial = <double*> (buffers + scratch_bytes)
    class_tile = <char*> (partial + n_blocks)
    bad = <unsigned char*> (class_tile + steps * LANES * itemsize)
    job.class_weight = class_tile
    weights = NULL if class_weight is None else <double*> cnp.PyArray_DATA(class_weight)
    for c in range(steps * LANES):
        place = c if job.by_row else c // LANES
        # Padding has no weight.
        w = 0 if place >= job.n_classes else 1 if weights is NULL else weights[place]
        if double_:
            (<double*> class_tile)[c] = w
        else:
            (<float*> class_tile)[c] = <float> w
    with nogil:
        if double_:
            total = run_blocks(&job, bad, partial, n_blocks, n_threads, <double*> buffers)
        else:
            total = run_blocks(&job, bad, partial, n_blocks, n_threads, <float*> buffers)
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
            # Also an index within the range may be ignored.
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


def sum_labels(labels, Py_ssize_t n_classes, *, ignore_index=None, weight=None,
               class_weight=None, int n_threads=1):
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
    space_start(&job.space, labels.shape)
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
