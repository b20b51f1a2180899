"""Losses of groups of rows: rows that are ranked together, or that are at risk together.

A group is a set of rows of any number, in any places. The caller passes `order`, the rows sorted by
group, and `starts`, where each group begins in it. The driver copies one group at a time into the
memory of a thread, checks it, calls the kernel of the loss, and writes the derivatives back to the
rows. Kernels see contiguous arrays of the rows of a single group, all of them finite.

The layers of this file, from top to bottom:

- `sort_rows`, a stable radix sort, by which the caller makes `order`;
- reading and writing the rows of a group;
- losses of pairs: `count_above`, `pair_tile`;
- the softmax loss, `listnet`;
- partial likelihoods, `scan_back` and `scan_forth`;
- `run_group`, and the driver `run`.

Losses of pairs
---------------

The pairs of a group are those of two rows of different relevance. Rows are sorted by relevance, the
highest first, so the partners of row i are the columns from `last[i]` on. A row is compared with
tiles of 16 columns, whose number is known to the compiler; columns of the tile that are no partners
have the weight 0. Where the scores of a group are within 32 of one another, the exponential of a
difference is the product of two, one of each row, which costs at most a few units in the last
place. Sums of a row stay in lanes, and those of a column are added to an array. There is no matrix
of pairs. Small groups are sorted by counting, which takes as many comparisons as there are pairs,
each of which costs a small part of what a pair costs.

A group of more than PANEL rows is cut into panels of rows and STRIPS of columns, and threads take
the strips of a panel. A strip has its own sums for the rows of the panel, which are added in the
order of the strips. Smaller groups are the work of one thread each.

Partial likelihoods
-------------------

The terms are logarithms of sums over risk sets, S_t, the sum of exp(x) over all rows from some
place on. Let rows be sorted such that each risk set is a suffix. A scan from the end adds up the S;
one from the start adds up 1 / S, with which the derivative of the sum of log S with respect to x_i
is exp(x_i) sum(1 / S_t) over the sets that row i is in. The Plackett-Luce likelihood of a ranking
is the case in which each row is an event with a time of its own.

exp(x) leaves the range of double. So, as in ctc.pyx, a number is f 2^n, with the integer n in a
second array, and a running sum has one n, the highest so far: rescaling it is exact. Predictions
may have any size, and there is one exponential for each row. Running sums are added up in parts of
64 terms, and the parts by a compensated sum.

Results have the same bits for any number of threads: groups are independent, and their losses are
added in order.
"""

import numpy as np

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, NAN, floor
from libc.stdint cimport uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from sklosses._kernels.lanes cimport (
    Domain, FINITE, compensated_sum, make_domain, outside, sum_16_lanes, sum_span,
)
from sklosses._kernels.strided cimport (
    F32, F64, Operand, Space, read_span, space_add, space_start,
)
from sklosses._kernels.vecmath cimport (
    exp, exp_negabs, exp_split, expm1, fabs, fuse, log, log1p, log1p_unit, maximum, minimum, pow2,
)
from sklosses._kernels.wanted cimport value_alone, wanted_t, with_gradient, with_hessian

cnp.import_array()

cdef enum:
    TILE = 16           # columns of pairs that are processed at once
    SPAN = 256          # columns whose terms are added up in lanes of the compute dtype
    PANEL = 2048        # rows of a panel, and of the largest group that is one thread's work
    STRIPS = 16
    PANEL_SUMS = (2 * PANEL + 1) * STRIPS
    PART = 64           # terms of a part of a running sum
    LOGS = 256          # logarithms that are taken at once
    NEAR = 32           # largest difference of scores that are near
    BLOCK = 2048        # rows of a block of groups, the unit of work of a thread
    ARRAYS = 11         # arrays of the length of a group that the kernels need

cdef extern from *:
    """
    /* The exponent of 0: see ctc.pyx. */
    #define SK_NEVER -1e300
    /* Predictions beyond this are taken for it, so that exponents stay above SK_NEVER. */
    #define SK_MOST 5e299
    #define SK_LN2 0.6931471805599453
    """
    double NEVER "SK_NEVER"
    double MOST "SK_MOST"
    double LN2 "SK_LN2"

cdef enum Kind:
    RANKNET, LAMBDARANK, LISTNET, LISTMLE, COX

# How the pairs of a group are weighted, known when the kernel is compiled: see wanted.pxd.
cdef struct equally:
    int _

cdef struct by_ndcg:
    int _

ctypedef fused weighting_t:
    equally
    by_ndcg

# Whether the scores of a group are so near one another that the exponential of a difference is a
# product of two exponentials, which takes one for each row in place of one for each pair.
cdef struct near:
    int _

cdef struct far:
    int _

ctypedef fused distance_t:
    near
    far


# ---------------------------------------------------------------------------------------------
# Sorting
# ---------------------------------------------------------------------------------------------

cdef enum:
    DIGIT = 11          # bits of a digit
    DIGITS = 6          # digits of a key
    VALUES = 1 << DIGIT
    SORT_COUNTS = DIGITS * VALUES

cdef struct Keyed:
    uint64_t key
    Py_ssize_t row


cdef Keyed* sort_keyed(Keyed* source, Keyed* target, Py_ssize_t* counts,
                       Py_ssize_t n) noexcept nogil:
    """Sort by the keys, stably; the one of both arrays that has the result.

    A radix sort, from the last of six digits to the first. Digits that are the same for all rows
    take no pass: those of small integers, or of float32 numbers. `counts` is of SORT_COUNTS.
    """
    cdef Py_ssize_t i, k, at, sum_, count
    cdef int digit, shift
    cdef Py_ssize_t* row
    memset(counts, 0, SORT_COUNTS * sizeof(Py_ssize_t))
    for i in range(n):
        for digit in range(DIGITS):
            counts[digit * VALUES + (source[i].key >> (DIGIT * digit) & (VALUES - 1))] += 1
    for digit in range(DIGITS):
        row = counts + digit * VALUES
        shift = DIGIT * digit
        if n == 0 or row[source[0].key >> shift & (VALUES - 1)] == n:
            continue
        sum_ = 0
        for k in range(VALUES):
            count = row[k]
            row[k] = sum_
            sum_ += count
        for i in range(n):
            at = source[i].key >> shift & (VALUES - 1)
            target[row[at]] = source[i]
            row[at] += 1
        source, target = target, source
    return source


def sort_rows(cnp.ndarray keys, cnp.ndarray order=None):
    """Sort rows by a key, stably.

    Parameters
    ----------
    keys : contiguous uint64 ndarray of shape (n,)
    order : contiguous intp ndarray of shape (n,), or None
        The order that rows of equal keys keep. None means that of the rows. Must be a permutation.

    Returns
    -------
    order : intp ndarray of shape (n,)
    """
    cdef Py_ssize_t n = keys.shape[0]
    cdef Py_ssize_t i, k
    cdef cnp.ndarray result = np.empty(n, np.intp)
    cdef Py_ssize_t* out = <Py_ssize_t*> cnp.PyArray_DATA(result)
    cdef const uint64_t* key = <const uint64_t*> cnp.PyArray_DATA(keys)
    cdef const Py_ssize_t* given = NULL
    cdef Keyed* memory
    cdef Keyed* sorted_
    if order is not None:
        given = <const Py_ssize_t*> cnp.PyArray_DATA(order)
    memory = <Keyed*> malloc(2 * n * sizeof(Keyed) + SORT_COUNTS * sizeof(Py_ssize_t))
    if memory is NULL:
        raise MemoryError()
    with nogil:
        for i in range(n):
            k = i if given is NULL else given[i]
            memory[i].key = key[k]
            memory[i].row = k
        sorted_ = sort_keyed(memory, memory + n, <Py_ssize_t*> (memory + 2 * n), n)
        for i in range(n):
            out[i] = sorted_[i].row
    free(memory)
    return result


# ---------------------------------------------------------------------------------------------
# Reading and writing
# ---------------------------------------------------------------------------------------------

cdef struct Job:
    Kind kind
    Space space                 # of the rows
    int n_inputs                # operands that are read: target, prediction and, for Cox, event
    int gradient                # numbers of operands, or -1
    int hessian
    const Py_ssize_t* order     # NULL if the rows are sorted by group
    const Py_ssize_t* starts
    Py_ssize_t n_groups
    Py_ssize_t largest          # number of rows of a group that one thread processes
    const double* weight        # of each group, or NULL
    double* losses
    Domain domains[3]
    bint checked
    bint nan_passes
    double scale
    double cut                  # rank from which on discounts are 0
    const double* discount
    bint efron

# Memory of one thread.
cdef struct Scratch:
    double* input[3]
    double* gradient
    double* hessian
    double* array[ARRAYS]


cdef inline Py_ssize_t padded(Py_ssize_t n) noexcept nogil:
    return (n + TILE - 1) // TILE * TILE


cdef Py_ssize_t lay_out(double* memory, Py_ssize_t n, Scratch* scratch) noexcept nogil:
    """Lay out memory for a group of `n` rows; its size, in units of 8 bytes."""
    cdef Py_ssize_t width = padded(n) + TILE
    cdef int k
    for k in range(3):
        scratch.input[k] = memory + k * width
    scratch.gradient = memory + 3 * width
    scratch.hessian = memory + 4 * width
    for k in range(ARRAYS):
        scratch.array[k] = memory + (5 + k) * width
    return (5 + ARRAYS) * width


cdef inline void fetch(const Operand* operand, const Py_ssize_t* order, Py_ssize_t start,
                       Py_ssize_t n, floating* target) noexcept nogil:
    """Read `n` rows of an operand from place `start` of the order on."""
    cdef Py_ssize_t i, stride = operand.strides[0]
    cdef bint plain = not operand.swapped and not operand.unaligned
    cdef const char* data = operand.data
    if order is NULL:
        read_span(operand, data + start * stride, stride, n, target)
    elif plain and operand.storage == F64:
        for i in range(n):
            target[i] = <floating> (<const double*> (data + order[start + i] * stride))[0]
    elif plain and operand.storage == F32:
        for i in range(n):
            target[i] = <floating> (<const float*> (data + order[start + i] * stride))[0]
    else:
        for i in range(n):
            read_span(operand, data + order[start + i] * stride, stride, 1, target + i)


cdef inline void store(const Operand* operand, const Py_ssize_t* order, Py_ssize_t start,
                       Py_ssize_t n, const floating* source, double factor) noexcept nogil:
    """Write `n` rows of an output, times a factor."""
    cdef Py_ssize_t i, stride = operand.strides[0]
    cdef double value
    cdef float single
    cdef char* data = operand.data
    # memcpy of a fixed size compiles to one store, and is also correct for unaligned targets.
    if operand.storage == F32:
        if order is NULL and stride == sizeof(float):
            data += start * stride
            for i in range(n):
                single = <float> (source[i] * factor)
                memcpy(data + i * sizeof(float), &single, sizeof(float))
            return
        for i in range(n):
            single = <float> (source[i] * factor)
            memcpy(data + (start + i if order is NULL else order[start + i]) * stride, &single,
                   sizeof(float))
    else:
        for i in range(n):
            value = source[i] * factor
            memcpy(data + (start + i if order is NULL else order[start + i]) * stride, &value,
                   sizeof(double))


# ---------------------------------------------------------------------------------------------
# Pairs
# ---------------------------------------------------------------------------------------------

# The rows of a group, sorted by relevance, and the sums of the derivatives of its pairs. Arrays
# of floats or doubles, the compute dtype, are padded with columns that have no partners.
cdef struct Pairs:
    Py_ssize_t n
    Py_ssize_t width            # padded n
    Py_ssize_t* last            # the first column with a lower relevance
    double* score
    double* level               # relevance or, for NDCG, the gain; infinite in the padding
    double* discount            # of the row's rank
    double* power               # exp(score) and its inverse, relative to the middle of the scores
    double* inverse
    bint is_near
    double* slope               # sums of the derivatives with respect to each column
    double* bend
    double scale                # factor of the loss and of all sums


cdef void count_above(const floating* x, Py_ssize_t n, Py_ssize_t* rank) noexcept nogil:
    """Set the ranks of elements to the number of higher ones.

    A counter is as wide as what is compared, which vectors need.
    """
    cdef Py_ssize_t i, j
    cdef int count
    cdef long long long_count
    cdef floating own
    for i in range(n):
        own = x[i]
        count = 0
        long_count = 0
        if floating is float:
            for j in range(n):
                count += x[j] > own
            rank[i] = count
        else:
            for j in range(n):
                long_count += x[j] > own
            rank[i] = long_count


cdef void part_ties(Py_ssize_t* rank, Py_ssize_t* seen, Py_ssize_t n) noexcept nogil:
    """Give equal elements, which `count_above` gave the same rank, consecutive ones, in order."""
    cdef Py_ssize_t i, k
    memset(seen, 0, n * sizeof(Py_ssize_t))
    for i in range(n):
        k = rank[i]
        rank[i] = k + seen[k]
        seen[k] += 1


cdef void rank_by_sorting(const floating* x, Py_ssize_t n, Py_ssize_t* rank,
                          double* memory) noexcept nogil:
    """Rank all elements, the highest first; equal ones in order. Memory is as in `sort_rows`."""
    cdef Keyed* keyed = <Keyed*> memory
    cdef Py_ssize_t i
    cdef double value
    cdef uint64_t bits, sign = (<uint64_t> 1) << 63
    for i in range(n):
        # Zeros of both signs are equal.
        value = 0.0 + x[i]
        memcpy(&bits, &value, sizeof(double))
        # In the order of the bits, positive numbers have to be reversed.
        keyed[i].key = bits if bits & sign else ~(bits | sign)
        keyed[i].row = i
    keyed = sort_keyed(keyed, keyed + n, <Py_ssize_t*> (keyed + 2 * n), n)
    for i in range(n):
        rank[keyed[i].row] = i


cdef inline double sum_lanes(const floating* lane) noexcept nogil:
    cdef double wide[TILE]
    cdef int k
    for k in range(TILE):
        wide[k] = lane[k]
    return sum_16_lanes(wide)


cdef double pair_tile(const Pairs* pairs, Py_ssize_t first_row, Py_ssize_t last_row,
                      Py_ssize_t first, Py_ssize_t last, double* row_slope, double* row_bend,
                      floating dtype_tag, weighting_t weighting, wanted_t wanted,
                      distance_t distance) noexcept nogil:
    """Add the terms of pairs of some rows with some columns; the sum of the losses.

    `first` and `last` are multiples of TILE. The sums of a row are added to `row_slope` and
    `row_bend`, which begin with the first row, and those of a column to `pairs`.
    """
    cdef const floating* score = <const floating*> pairs.score
    cdef const floating* level = <const floating*> pairs.level
    cdef const floating* discount = <const floating*> pairs.discount
    cdef const floating* power = <const floating*> pairs.power
    cdef const floating* inverse = <const floating*> pairs.inverse
    cdef double* slope = pairs.slope
    cdef double* bend = pairs.bend
    cdef floating loss[TILE]
    cdef floating pull[TILE]
    cdef floating curve[TILE]
    cdef floating zero = 0, one = 1
    cdef floating own, own_level, own_discount = 0, own_inverse = 0, d, e, q, p, v, h, w
    cdef double total = 0, pulls, curves
    cdef Py_ssize_t i, j, stop
    cdef int k
    for i in range(first_row, last_row):
        j = max(first, pairs.last[i] // TILE * TILE)
        if j >= last or pairs.last[i] == pairs.n:
            break       # so do all rows of a lower relevance
        own = score[i]
        own_level = level[i]
        if weighting_t is by_ndcg:
            own_discount = discount[i]
        if distance_t is near:
            own_inverse = inverse[i]
        pulls = curves = 0
        while j < last:
            stop = min(j + SPAN, last)
            for k in range(TILE):
                loss[k] = 0
                if wanted_t is not value_alone:
                    pull[k] = 0
                if wanted_t is with_hessian:
                    curve[k] = 0
            while j < stop:
                for k in range(TILE):
                    if weighting_t is by_ndcg:
                        w = (maximum(zero, own_level - level[j + k])
                             * fabs(own_discount - discount[j + k]))
                    else:
                        w = one if level[j + k] < own_level else zero
                    if distance_t is near:
                        e = power[j + k] * own_inverse
                        q = one / (one + e)
                        p = w * (e * q)
                        loss[k] += w * log1p(e)
                        if wanted_t is not value_alone:
                            pull[k] += p
                            slope[j + k] += p
                    else:
                        d = score[j + k] - own
                        e = exp_negabs(d)
                        q = one / (one + e)
                        v = w * (maximum(zero, d) + log1p_unit(e))
                        # The loss of scores that are far apart may be infinite.
                        loss[k] += v if w > 0 else zero
                        p = w * (q if d > 0 else e * q)
                        if wanted_t is not value_alone:
                            pull[k] += p
                            slope[j + k] += p
                    if wanted_t is with_hessian:
                        h = w * (e * q * q)
                        curve[k] += h
                        bend[j + k] += h
                j += TILE
            total += sum_lanes(<const floating*> loss)
            if wanted_t is not value_alone:
                pulls += sum_lanes(<const floating*> pull)
            if wanted_t is with_hessian:
                curves += sum_lanes(<const floating*> curve)
        if wanted_t is not value_alone:
            row_slope[i - first_row] += pulls
        if wanted_t is with_hessian:
            row_bend[i - first_row] += curves
    return total


cdef double weighted_tile(const Job* job, const Pairs* pairs, Py_ssize_t first_row,
                          Py_ssize_t last_row, Py_ssize_t first, Py_ssize_t last,
                          double* row_slope, double* row_bend, floating tag,
                          weighting_t weighting, distance_t distance) noexcept nogil:
    """`pair_tile` for what is wanted of a job. Here and below, the values of tags are not used."""
    cdef value_alone value
    cdef with_gradient gradient
    cdef with_hessian hessian
    value._ = gradient._ = hessian._ = 0
    if job.hessian >= 0:
        return pair_tile(pairs, first_row, last_row, first, last, row_slope, row_bend, tag,
                         weighting, hessian, distance)
    if job.gradient >= 0:
        return pair_tile(pairs, first_row, last_row, first, last, row_slope, row_bend, tag,
                         weighting, gradient, distance)
    return pair_tile(pairs, first_row, last_row, first, last, row_slope, row_bend, tag,
                     weighting, value, distance)


cdef double tile_of(const Job* job, const Pairs* pairs, Py_ssize_t first_row, Py_ssize_t last_row,
                    Py_ssize_t first, Py_ssize_t last, double* row_slope, double* row_bend,
                    floating tag) noexcept nogil:
    """`pair_tile` for the loss of a job, its group, and what is wanted."""
    cdef equally equal
    cdef by_ndcg ndcg
    cdef near close
    cdef far apart
    equal._ = ndcg._ = close._ = apart._ = 0
    if job.kind == RANKNET:
        if pairs.is_near:
            return weighted_tile(job, pairs, first_row, last_row, first, last, row_slope,
                                 row_bend, tag, equal, close)
        return weighted_tile(job, pairs, first_row, last_row, first, last, row_slope, row_bend,
                             tag, equal, apart)
    if pairs.is_near:
        return weighted_tile(job, pairs, first_row, last_row, first, last, row_slope, row_bend,
                             tag, ndcg, close)
    return weighted_tile(job, pairs, first_row, last_row, first, last, row_slope, row_bend, tag,
                         ndcg, apart)


cdef inline double gain_of(double y) noexcept nogil:
    """2^y - 1 for 0 <= y < 1000, exact for integers and for small y."""
    cdef double n = floor(y + 0.5)
    cdef double power = pow2(n)
    return power * expm1((y - n) * LN2) + (power - 1)


cdef void sort_pairs(const Job* job, const Scratch* scratch, const Py_ssize_t* place,
                     const Py_ssize_t* rank, Py_ssize_t n, Pairs* pairs,
                     floating dtype_tag) noexcept nogil:
    """Sort the rows of a group by relevance, and weigh its pairs.

    `place` has the place of each row in the order of relevance, `rank` that in the order of the
    scores.
    """
    cdef const floating* y = <const floating*> scratch.input[0]
    cdef const floating* s = <const floating*> scratch.input[1]
    cdef floating* score = <floating*> scratch.array[0]
    cdef floating* level = <floating*> scratch.array[1]
    cdef floating* discount = <floating*> scratch.array[2]
    cdef floating* power = <floating*> scratch.array[9]
    cdef floating* inverse = <floating*> scratch.array[10]
    cdef double* gain = scratch.array[5]
    cdef Py_ssize_t i, j
    cdef floating top, bottom, middle, two = 2
    cdef double best = 0, high, low, unit = 0, count = 0
    pairs.n = n
    pairs.width = padded(n)
    pairs.score = scratch.array[0]
    pairs.level = scratch.array[1]
    pairs.discount = scratch.array[2]
    pairs.slope = scratch.array[3]
    pairs.bend = scratch.array[4]
    pairs.last = <Py_ssize_t*> scratch.array[6]
    pairs.power = scratch.array[9]
    pairs.inverse = scratch.array[10]
    memset(pairs.slope, 0, pairs.width * sizeof(double))
    memset(pairs.bend, 0, pairs.width * sizeof(double))
    for i in range(n):
        score[place[i]] = s[i]
        level[place[i]] = y[i]
    j = n
    for i in range(n - 1, -1, -1):
        if i + 1 < n and level[i] != level[i + 1]:
            j = i + 1
        pairs.last[i] = j
        count += n - j
    for i in range(n, pairs.width):
        score[i] = 0
        level[i] = <floating> INFINITY
        discount[i] = power[i] = 0
    top = bottom = s[0]
    for i in range(n):
        top = maximum(s[i], top)
        bottom = minimum(s[i], bottom)
    pairs.is_near = top - bottom <= NEAR
    if pairs.is_near:
        middle = bottom + (top - bottom) / two
        for i in range(n):
            power[i] = exp(score[i] - middle)
            inverse[i] = exp(middle - score[i])
    pairs.scale = 1 / count if count > 0 else 0
    if job.kind == RANKNET or count == 0:
        return
    pairs.scale = 1
    # Gains are differences from the lowest, over the best DCG. So that none of them overflows,
    # the highest relevance becomes the unit if it is large. What is lost then, the 1 of 2^y - 1,
    # is far below the rounding of the best DCG.
    high, low = level[0], level[n - 1]
    if high >= 500:
        unit = high
    for i in range(n):
        gain[i] = exp((level[i] - unit) * LN2) if unit > 0 else gain_of(level[i])
        if i < job.cut:
            best += gain[i] * job.discount[i]
    low = gain[n - 1]
    for i in range(n):
        level[i] = <floating> ((gain[i] - low) / best)
    for i in range(n):
        discount[place[i]] = <floating> (job.discount[rank[i]] if rank[i] < job.cut else 0)


cdef double finish_pairs(const Job* job, const Scratch* scratch, const Pairs* pairs,
                         const Py_ssize_t* place, double total,
                         floating dtype_tag) noexcept nogil:
    """The loss of a group from the sum of its pairs; the derivatives in the order of the rows."""
    cdef floating* gradient = <floating*> scratch.gradient
    cdef floating* hessian = <floating*> scratch.hessian
    cdef Py_ssize_t i
    if job.gradient >= 0:
        for i in range(pairs.n):
            gradient[i] = <floating> (pairs.scale * pairs.slope[place[i]])
    if job.hessian >= 0:
        for i in range(pairs.n):
            hessian[i] = <floating> (pairs.scale * pairs.bend[place[i]])
    return total * pairs.scale if pairs.scale > 0 else 0


cdef double pairs_of_group(const Job* job, const Scratch* scratch, Py_ssize_t n,
                           floating tag) noexcept nogil:
    """Loss and derivatives of the pairs of a group of at most PANEL rows."""
    cdef Py_ssize_t* place = <Py_ssize_t*> scratch.array[7]
    cdef Py_ssize_t* rank = <Py_ssize_t*> scratch.array[8]
    cdef Py_ssize_t* seen = <Py_ssize_t*> scratch.array[9]      # before the powers
    cdef double* row_slope = scratch.array[5]   # the gains are in `level` by then
    cdef double* row_bend = scratch.array[8]    # and the ranks in `discount`
    cdef Py_ssize_t i
    cdef double total = 0
    cdef Pairs pairs
    count_above(<const floating*> scratch.input[0], n, place)
    part_ties(place, seen, n)
    if job.kind == LAMBDARANK:
        count_above(<const floating*> scratch.input[1], n, rank)
        part_ties(rank, seen, n)
    sort_pairs(job, scratch, place, rank, n, &pairs, tag)
    memset(row_slope, 0, n * sizeof(double))
    memset(row_bend, 0, n * sizeof(double))
    total = tile_of(job, &pairs, 0, n, 0, pairs.width, row_slope, row_bend, tag)
    for i in range(n):
        pairs.slope[i] -= row_slope[i]
        pairs.bend[i] += row_bend[i]
    return finish_pairs(job, scratch, &pairs, place, total, tag)


cdef double pairs_of_large(const Job* job, const Scratch* scratch, Py_ssize_t n, double* sums,
                           int n_threads, floating tag) noexcept nogil:
    """The same for a group of more than PANEL rows, with several threads.

    `sums` is memory for PANEL_SUMS numbers, and for sorting.
    """
    cdef Py_ssize_t* place = <Py_ssize_t*> scratch.array[7]
    cdef Py_ssize_t* rank = <Py_ssize_t*> scratch.array[8]
    cdef double* losses = sums + 2 * STRIPS * PANEL
    cdef double* own
    cdef Py_ssize_t i, first, last, start, width
    cdef int strip
    cdef double total = 0
    cdef Pairs pairs
    rank_by_sorting(<const floating*> scratch.input[0], n, place, sums + PANEL_SUMS)
    if job.kind == LAMBDARANK:
        rank_by_sorting(<const floating*> scratch.input[1], n, rank, sums + PANEL_SUMS)
    sort_pairs(job, scratch, place, rank, n, &pairs, tag)
    first = 0
    while first < n:
        last = min(n, first + PANEL)
        start = pairs.last[first] // TILE * TILE
        if start >= pairs.width:
            break
        width = padded((pairs.width - start + STRIPS - 1) // STRIPS)
        memset(sums, 0, 2 * STRIPS * PANEL * sizeof(double))
        for strip in prange(STRIPS, num_threads=n_threads, schedule="dynamic"):
            losses[strip] = tile_of(
                job, &pairs, first, last, min(start + strip * width, pairs.width),
                min(start + (strip + 1) * width, pairs.width), sums + 2 * strip * PANEL,
                sums + (2 * strip + 1) * PANEL, tag)
        for strip in range(STRIPS):
            total += losses[strip]
            own = sums + 2 * strip * PANEL
            for i in range(last - first):
                pairs.slope[first + i] -= own[i]
                pairs.bend[first + i] += own[PANEL + i]
        first = last
    return finish_pairs(job, scratch, &pairs, place, total, tag)


# ---------------------------------------------------------------------------------------------
# Softmax
# ---------------------------------------------------------------------------------------------


cdef inline Py_ssize_t powers_of(floating* x, Py_ssize_t n, floating* e,
                                 double* rest) noexcept nogil:
    """exp(x - max(x)) and its sum without the first maximum, which is 1; the index of that.

    `x` is padded, so that no loop has a rest of less than a tile, and `e` with zeros.
    """
    cdef Py_ssize_t i = 0, top = 0, width = padded(n)
    cdef floating lane[TILE]
    cdef floating high = x[0]
    cdef int k, found = 0
    for i in range(n, width):
        x[i] = <floating> -INFINITY
    for k in range(TILE):
        lane[k] = high
    i = 0
    while i < width:
        for k in range(TILE):
            lane[k] = maximum(lane[k], x[i + k])
        i += TILE
    for k in range(TILE):
        high = maximum(high, lane[k])
    while top < width and not found:
        for k in range(TILE):
            found |= x[top + k] == high
        top += 0 if found else TILE
    while x[top] != high and top + 1 < n:
        top += 1
    i = 0
    while i < width:
        for k in range(TILE):
            e[i + k] = exp(x[i + k] - high)
        i += TILE
    e[top] = 0
    rest[0] = sum_span(<const floating*> e, width)
    e[top] = 1
    return top


cdef double listnet(const Job* job, const Scratch* scratch, Py_ssize_t n,
                    floating dtype_tag) noexcept nogil:
    """Cross-entropy of the softmaxes of relevance and scores; 0 for equal relevance.

    Sums leave out the largest term, which is exactly 1, so neither the loss nor the gradient loses
    digits where a softmax is almost certain.
    """
    cdef floating* y = <floating*> scratch.input[0]
    cdef floating* s = <floating*> scratch.input[1]
    cdef floating* gradient = <floating*> scratch.gradient
    cdef floating* hessian = <floating*> scratch.hessian
    cdef floating* p = <floating*> scratch.array[0]
    cdef floating* q = <floating*> scratch.array[1]
    cdef floating* term = <floating*> scratch.array[2]
    cdef floating high, by_p, by_q, zero = 0, one = 1
    cdef double rest_p, rest_q, loss
    cdef Py_ssize_t i, top_p, top_q, width = padded(n)
    cdef bint differ = False
    for i in range(1, n):
        differ |= y[i] != y[0]
    if not differ:
        memset(gradient, 0, n * sizeof(floating))
        memset(hessian, 0, n * sizeof(floating))
        return 0
    top_p = powers_of(s, n, p, &rest_p)
    top_q = powers_of(y, n, q, &rest_q)
    high = s[top_p]
    for i in range(width):
        # The distance of scores that are far apart may be infinite.
        term[i] = q[i] * (high - s[i]) if q[i] > 0 else zero
    loss = log1p(rest_p) + sum_span(<const floating*> term, width) / (1 + rest_q)
    by_p = <floating> (1 / (1 + rest_p))
    by_q = <floating> (1 / (1 + rest_q))
    if job.gradient >= 0:
        for i in range(width):
            gradient[i] = by_p * p[i] - by_q * q[i]
        if top_p == top_q:
            gradient[top_p] = <floating> (rest_q / (1 + rest_q) - rest_p / (1 + rest_p))
    if job.hessian >= 0:
        for i in range(width):
            hessian[i] = by_p * p[i] * (one - by_p * p[i])
        hessian[top_p] = <floating> (rest_p / (1 + rest_p) / (1 + rest_p))
    return loss


# ---------------------------------------------------------------------------------------------
# Partial likelihoods
# ---------------------------------------------------------------------------------------------

# A running sum of numbers f 2^n: (total + error + part) 2^power.
cdef struct Running:
    double total
    double error
    double part
    double power
    int count


cdef inline void start_sum(Running* sum_) noexcept nogil:
    sum_.total = sum_.error = sum_.part = 0
    sum_.power = NEVER
    sum_.count = 0


cdef inline void add(Running* sum_, double f, double n) noexcept nogil:
    cdef double factor, total, large, small
    if n > sum_.power:
        factor = pow2(sum_.power - n)
        sum_.total *= factor
        sum_.error *= factor
        sum_.part *= factor
        sum_.power = n
    sum_.part += f * pow2(n - sum_.power)
    sum_.count += 1
    if sum_.count == PART:
        sum_.count = 0
        # All terms are positive.
        large, small = maximum(sum_.total, sum_.part), minimum(sum_.total, sum_.part)
        total = large + small
        sum_.error += (large - total) + small
        sum_.total = total
        sum_.part = 0


cdef inline double sum_of(const Running* sum_) noexcept nogil:
    return sum_.total + (sum_.error + sum_.part)


# Logarithms that are to be added up, as log1p of what is collected here.
cdef struct Logs:
    double x[LOGS]
    int n
    double total
    double error


cdef inline void add_log(Logs* logs, double value) noexcept nogil:
    """Add one logarithm, by Neumaier's compensated sum."""
    cdef double total = logs.total + value
    if fabs(logs.total) >= fabs(value):
        logs.error += (logs.total - total) + value
    else:
        logs.error += (value - total) + logs.total
    logs.total = total


cdef void take_logs(Logs* logs) noexcept nogil:
    cdef int k
    for k in range(logs.n):
        logs.x[k] = log1p(logs.x[k])
    add_log(logs, sum_span(<const double*> logs.x, logs.n))
    logs.n = 0


cdef inline void log_ratio(Logs* logs, double f, double n, double own_f, double own_n,
                           bint without_own) noexcept nogil:
    """Add log(r), or log(1 + r) if the sum is `without_own`, with r = f 2^n / (own_f 2^own_n)."""
    cdef double power = n - own_n
    cdef double ratio = f / own_f * pow2(minimum(power, 1000.0))
    # Of tied events that are far apart, the sum may be far below one of them.
    if power > 1000 or (not without_own and ratio < 0.5):
        add_log(logs, log(f / own_f) + power * LN2)
        return
    logs.x[logs.n] = ratio if without_own else ratio - 1
    logs.n += 1
    if logs.n == LOGS:
        take_logs(logs)


# The rows of a group, sorted such that the rows at risk with a row are those that come after it,
# and those of the same time.
cdef struct Risk:
    Py_ssize_t n
    const double* time          # NULL if each row has a time of its own
    const double* event         # NULL if each row is an event
    double* f                   # exp of the predictions, f 2^n
    double* power
    double* rest                # at the first row of a time: the sum over the rows at risk but
    double* rest_power          # for the events of that time
    bint efron


cdef inline bint is_event(const Risk* risk, Py_ssize_t i) noexcept nogil:
    return risk.event is NULL or risk.event[i] != 0


cdef inline double left_of(const Risk* risk, Py_ssize_t k, Py_ssize_t n_events) noexcept nogil:
    """What is left of each tied event when event number k of them is counted."""
    return 1 - <double> k / n_events if risk.efron else 1.0


cdef double scan_back(const Risk* risk) noexcept nogil:
    """Compute the sums over the risk sets; the loss."""
    cdef Running running, tied
    cdef Logs logs
    cdef Py_ssize_t i, k, start, stop = risk.n, n_events
    cdef double rest, power, top, own, left
    logs.n = 0
    logs.total = logs.error = 0
    start_sum(&running)
    while stop > 0:
        start = stop - 1
        if risk.time is not NULL:
            while start > 0 and risk.time[start - 1] == risk.time[stop - 1]:
                start -= 1
        n_events = 0
        start_sum(&tied)
        for i in range(start, stop):
            if is_event(risk, i):
                n_events += 1
                add(&tied, risk.f[i], risk.power[i])
            else:
                add(&running, risk.f[i], risk.power[i])
        rest = sum_of(&running)
        risk.rest[start] = rest
        risk.rest_power[start] = running.power
        if n_events > 0:
            top = maximum(running.power, tied.power)
            own = sum_of(&tied) * pow2(tied.power - top)
            power = running.power
            k = 0
            for i in range(start, stop):
                if not is_event(risk, i):
                    continue
                if n_events == 1:
                    log_ratio(&logs, rest, power, risk.f[i], risk.power[i], True)
                else:
                    left = left_of(risk, k, n_events)
                    log_ratio(&logs, rest * pow2(power - top) + left * own, top,
                              risk.f[i], risk.power[i], False)
                add(&running, risk.f[i], risk.power[i])
                k += 1
        stop = start
    take_logs(&logs)
    return logs.total + logs.error


cdef void scan_forth(const Risk* risk, double* gradient, double* hessian) noexcept nogil:
    """Derivatives of the loss, after `scan_back`; `hessian` may be NULL."""
    # Sums of 1 / S and of 1 / S^2 over the events so far.
    cdef Running first, second
    cdef Running tied
    cdef Py_ssize_t i, k, start = 0, stop, n_events
    cdef double rest, top, own, left, by_sum, e, shares, squares
    # The same for the events of this time: for rows that are no events, and for those that are.
    cdef double whole, whole_square, part, part_square
    start_sum(&first)
    start_sum(&second)
    while start < risk.n:
        stop = start + 1
        if risk.time is not NULL:
            while stop < risk.n and risk.time[stop] == risk.time[start]:
                stop += 1
        n_events = 0
        start_sum(&tied)
        for i in range(start, stop):
            if is_event(risk, i):
                n_events += 1
                add(&tied, risk.f[i], risk.power[i])
        whole = whole_square = part = part_square = rest = 0
        top = 0
        if n_events > 0:
            top = maximum(risk.rest_power[start], tied.power)
            rest = risk.rest[start] * pow2(risk.rest_power[start] - top)
            own = sum_of(&tied) * pow2(tied.power - top)
            for k in range(n_events):
                left = left_of(risk, k, n_events)
                by_sum = 1 / (rest + left * own)
                whole += by_sum
                part += left * by_sum
                whole_square += by_sum * by_sum
                part_square += (left * by_sum) * (left * by_sum)
        for i in range(start, stop):
            # Shares are at most 1; only exponents beyond 2**53, which are not exact, give more.
            e = risk.f[i]
            shares = e * sum_of(&first) * pow2(minimum(risk.power[i] + first.power, 512.0))
            squares = e * e * sum_of(&second) * pow2(
                minimum(2 * risk.power[i] + second.power, 512.0))
            e *= pow2(risk.power[i] - top)
            if n_events == 0:
                gradient[i] = shares
            elif not is_event(risk, i):
                shares = fuse(e, whole, shares)
                gradient[i] = shares
                squares = fuse(e * e, whole_square, squares)
            elif n_events == 1:
                # 1 - p, without cancellation.
                gradient[i] = fuse(-rest, whole, shares)
                if hessian is not NULL:
                    hessian[i] = fuse(e * whole, rest * whole, maximum(0.0, shares - squares))
                continue
            else:
                gradient[i] = shares + fuse(e, part, -1.0)
                shares = fuse(e, part, shares)
                squares = fuse(e * e, part_square, squares)
            if hessian is not NULL:
                hessian[i] = maximum(0.0, shares - squares)
        if n_events > 0:
            add(&first, whole, -top)
            add(&second, whole_square, -2 * top)
        start = stop


cdef double partial_likelihood(const Job* job, const Scratch* scratch,
                               Py_ssize_t n) noexcept nogil:
    """The loss of a sorted group, and its derivatives."""
    cdef Risk risk
    # Large groups spend much of their time on fresh memory, so arrays are used twice.
    cdef double* f = scratch.input[1]
    cdef double* power = scratch.array[0]
    cdef Py_ssize_t i
    cdef double n_of_x, loss
    risk.n = n
    risk.time = scratch.input[0] if job.kind == COX else NULL
    risk.event = scratch.input[2] if job.kind == COX else NULL
    risk.f = f
    risk.power = power
    # `scan_forth` reads them at the first row of a time, before it writes any row of it.
    risk.rest = scratch.gradient
    risk.rest_power = scratch.hessian
    risk.efron = job.efron
    if job.kind == LISTMLE and scratch.input[0][0] == scratch.input[0][n - 1]:
        memset(scratch.gradient, 0, n * sizeof(double))
        memset(scratch.hessian, 0, n * sizeof(double))
        return 0
    for i in range(n):
        # Exponents stay above NEVER.
        f[i] = exp_split(maximum(-MOST, minimum(MOST, f[i])), &n_of_x)
        power[i] = n_of_x
    loss = scan_back(&risk)
    if job.gradient >= 0:
        scan_forth(&risk, scratch.gradient, scratch.hessian if job.hessian >= 0 else NULL)
    return loss


# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------


cdef bint run_group(const Job* job, Py_ssize_t g, const Scratch* scratch, double* memory,
                    int n_threads, floating tag) noexcept nogil:
    """Compute the loss of one group and write its derivatives; whether a value is not allowed.

    `memory` is that of `pairs_of_large`, which a group of more than PANEL rows needs.
    """
    cdef Py_ssize_t start = job.starts[g]
    cdef Py_ssize_t n = job.starts[g + 1] - start
    cdef Py_ssize_t i
    cdef double weight = 1 if job.weight is NULL else job.weight[g]
    cdef double loss = 0
    cdef bint bad = False, finite = True
    cdef Domain anything
    cdef int k
    cdef floating* gradient = <floating*> scratch.gradient
    cdef floating* hessian = <floating*> scratch.hessian
    anything.kind = FINITE
    for k in range(job.n_inputs):
        fetch(&job.space.operands[k], job.order, start, n, <floating*> scratch.input[k])
        if not job.checked:
            bad |= outside(<const floating*> scratch.input[k], n, &job.domains[k])
        if job.nan_passes or job.checked:
            # Also if it has been checked: another thread may have changed it since.
            finite &= not outside(<const floating*> scratch.input[k], n, &anything)
    if bad:
        job.losses[g] = NAN
        return True
    if not finite:
        loss = NAN
        for i in range(n):
            gradient[i] = hessian[i] = <floating> NAN
    elif job.kind == LISTNET:
        loss = listnet(job, scratch, n, tag)
    elif job.kind == LISTMLE or job.kind == COX:
        if floating is double:
            loss = partial_likelihood(job, scratch, n)
    elif n > PANEL:
        loss = pairs_of_large(job, scratch, n, memory, n_threads, tag)
    else:
        loss = pairs_of_group(job, scratch, n, tag)
    # The loss of a group of weight zero is 0 even if it is infinite.
    job.losses[g] = 0 if weight == 0 and loss == INFINITY else weight * loss
    if job.gradient >= 0:
        store(&job.space.operands[job.gradient], job.order, start, n,
              <const floating*> gradient, weight * job.scale)
    if job.hessian >= 0:
        store(&job.space.operands[job.hessian], job.order, start, n,
              <const floating*> hessian, weight * job.scale)
    return False


cdef bint run_typed(const Job* job, Py_ssize_t g, const Scratch* scratch, double* memory,
                    int n_threads, bint double_) noexcept nogil:
    if double_:
        return run_group(job, g, scratch, memory, n_threads, <double> 0)
    return run_group(job, g, scratch, memory, n_threads, <float> 0)


cdef bint run_block(const Job* job, const Py_ssize_t* cuts, Py_ssize_t block,
                    double* memory, bint double_) noexcept nogil:
    """Compute the groups of one block, except for the large ones."""
    cdef Scratch scratch
    cdef Py_ssize_t g
    cdef bint bad = False
    lay_out(memory, job.largest, &scratch)
    for g in range(cuts[block], cuts[block + 1]):
        if job.starts[g + 1] - job.starts[g] <= job.largest:
            bad |= run_typed(job, g, &scratch, NULL, 1, double_)
    return bad


#: Kernels by name.
KERNELS = {
    "ranknet_loss": RANKNET,
    "lambdarank_loss": LAMBDARANK,
    "listnet_loss": LISTNET,
    "listmle_loss": LISTMLE,
    "cox_ph_loss": COX,
}


def run(int kernel, tuple inputs, cnp.ndarray order, cnp.ndarray starts, *, tuple domains,
        double cut=INFINITY, bint efron=True, cnp.ndarray weight=None, gradient=None, hessian=None,
        double scale=1.0, bint double_=True, bint assume_finite=False, bint checked=False,
        int n_threads=1):
    """Compute the losses of groups of rows, and their derivatives.

    Parameters
    ----------
    kernel : int
        One of `KERNELS`.
    inputs : tuple of ndarray of shape (n,)
        Target, prediction and, for Cox, event.
    order : intp ndarray of shape (n,), or None
        The rows sorted by group and, for partial likelihoods, such that the rows at risk with a row
        come after it. A permutation. None means that the rows are sorted.
    starts : intp ndarray of shape (n_groups + 1,)
        The place in `order` at which each group begins, and n. Groups are not empty.
    domains : tuple of tuple
        The keys of the domains of `inputs`.
    cut : float
        Rank from which on discounts are 0.
    efron : bool
        Whether tied events are treated as Efron does, rather than Breslow.
    weight : float64 ndarray of shape (n_groups,), or None
    gradient, hessian : ndarray of shape (n,), or None
        Outputs. The Hessian is only computed beside the gradient.
    scale : float
        Factor of the derivatives (not of the losses).
    double_ : bool
        Whether the kernel computes in float64. Partial likelihoods always do.
    assume_finite : bool
        Whether NaN and infinity pass. They make the loss and the derivatives of their group NaN.
    checked : bool
        Whether the values have been checked.
    n_threads : int

    Returns
    -------
    losses : float64 ndarray of shape (n_groups,)
        The weighted losses.
    total : float
        Their sum.
    bad : bool
        Whether a value is not allowed.
    """
    cdef Job job
    cdef Scratch scratch
    cdef Py_ssize_t n = starts[starts.shape[0] - 1]
    cdef Py_ssize_t n_groups = starts.shape[0] - 1
    cdef Py_ssize_t g, size, rows, share, n_blocks, longest = 0
    cdef cnp.ndarray losses = np.empty(n_groups)
    cdef cnp.ndarray cuts_array = np.empty(n_groups + 1, np.intp)
    cdef cnp.ndarray discounts
    cdef Py_ssize_t* cuts = <Py_ssize_t*> cnp.PyArray_DATA(cuts_array)
    cdef double* memory
    cdef double* large_memory
    cdef double total
    cdef unsigned char* found
    cdef bint bad = False
    cdef int k

    job.kind = <Kind> kernel
    space_start(&job.space, (n,))
    job.n_inputs = <int> len(inputs)
    for k in range(job.n_inputs):
        space_add(&job.space, inputs[k], -1)
        job.domains[k] = make_domain(domains[k], double_, assume_finite)
    job.gradient = -1 if gradient is None else space_add(&job.space, gradient, -1)
    job.hessian = -1 if hessian is None else space_add(&job.space, hessian, -1)
    job.order = NULL
    if order is not None:
        job.order = <const Py_ssize_t*> cnp.PyArray_DATA(order)
    job.starts = <const Py_ssize_t*> cnp.PyArray_DATA(starts)
    job.n_groups = n_groups
    job.weight = NULL
    if weight is not None:
        job.weight = <const double*> cnp.PyArray_DATA(weight)
    job.losses = <double*> cnp.PyArray_DATA(losses)
    job.checked = checked
    job.nan_passes = assume_finite
    job.scale = scale
    job.cut = cut
    job.efron = efron

    # Blocks of groups. They depend on the groups alone.
    job.largest = 1
    rows = n_blocks = 0
    cuts[0] = 0
    for g in range(n_groups):
        size = job.starts[g + 1] - job.starts[g]
        longest = max(longest, size)
        if size <= PANEL or job.kind not in (RANKNET, LAMBDARANK):
            job.largest = max(job.largest, size)
        rows += size
        if rows >= BLOCK or g + 1 == n_groups:
            n_blocks += 1
            cuts[n_blocks] = g + 1
            rows = 0
    job.discount = NULL
    if job.kind == LAMBDARANK:
        discounts = 1 / np.log2(np.arange(2.0, longest + 2.0))
        job.discount = <const double*> cnp.PyArray_DATA(discounts)

    share = lay_out(NULL, job.largest, &scratch)
    n_threads = <int> max(1, n_threads)
    # In place of threads without a block.
    k = <int> min(n_threads, n_blocks)
    memory = <double*> malloc(k * share * sizeof(double) + n_blocks)
    if memory is NULL:
        raise MemoryError()
    found = <unsigned char*> (memory + k * share)
    with nogil:
        if k == 1:
            for g in range(n_blocks):
                found[g] = run_block(&job, cuts, g, memory, double_)
        else:
            for g in prange(n_blocks, num_threads=k, schedule="dynamic"):
                found[g] = run_block(&job, cuts, g, memory + threadid() * share, double_)
        for g in range(n_blocks):
            bad |= found[g]
    free(memory)
    if job.largest < longest:
        share = lay_out(NULL, longest, &scratch)
        memory = <double*> malloc(
            (share + PANEL_SUMS + SORT_COUNTS) * sizeof(double) + 2 * longest * sizeof(Keyed))
        if memory is NULL:
            raise MemoryError()
        large_memory = memory + share
        lay_out(memory, longest, &scratch)
        with nogil:
            for g in range(n_groups):
                if job.starts[g + 1] - job.starts[g] > job.largest:
                    bad |= run_typed(&job, g, &scratch, large_memory, n_threads, double_)
        free(memory)
    with nogil:
        total = compensated_sum(job.losses, n_groups)
    return losses, total, bad
