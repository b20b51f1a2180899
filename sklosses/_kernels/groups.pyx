"""Losses of groups of rows: rows that are ranked together, or that are at risk together.

A group is a set of rows of any number, in any places. The caller passes `order`, the rows sorted by
group, and `starts`, where each group begins in it. The driver copies one group at a time into the
memory of a thread, checks it, calls the kernel of the loss, and writes the derivatives back to the
rows. Kernels see contiguous arrays of the rows of a single group, all of them finite.

The layers of this file, from top to bottom:

- `sort_rows` and `sort_times`, stable radix sorts, by which the caller makes `order`;
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

Tied events, those of the same time, have a term each whose sum is theirs alone. They follow one
another, before the other rows of that time, and `Mark`s tell where. All that need not wait for the
row before is done for a span of rows at once, in loops that can be vectorised, before or after the
running sums.

Predictions may have any size, but exp(x) leaves the range of double. If they are within 500 of one
another, all exponentials have a power of two in common. Otherwise, as in ctc.pyx, a number is
f 2^n, with the integer n in a second array, and a running sum has one n, the highest so far.
Rescaling is exact in both cases. Running sums are added up in parts of 64 terms, and the parts by a
compensated sum.

Results have the same bits for any number of threads: groups are independent, and their losses are
added in order.
"""

import numpy as np

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, NAN, floor
from libc.stdint cimport uint64_t
from libc.string cimport memcpy, memset

from sklosses._kernels.lanes cimport (
    Domain, FINITE, compensated_sum, make_domain, outside, sum_16_lanes, sum_span,
)
from sklosses._kernels.strided cimport (
    F32, F64, Operand, Space, Storage, read_span, space_add, space_start,
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
    PART = 64           # terms of a part of a running sum, and rows of a part of pairs
    LOGS = 64           # logarithms of tied events that are taken at once
    NEAR = 32           # largest difference of scores that are near
    NEAR_HAZARDS = 500  # the same for partial likelihoods, whose sums of squares stay in range
    BLOCK = 2048        # rows of a block of groups, the unit of work of a thread
    ARRAYS = 13         # arrays of the length of a group that the kernels need

cdef extern from *:
    """
    /* The exponent of 0: see ctc.pyx. Those of squares, and of their inverses, are far above it. */
    #define SK_NEVER -1e306
    /* Predictions beyond this are taken for it, as `exp_split` does. */
    #define SK_MOST 1e300
    #define SK_LN2 0.6931471805599453
    """
    double NEVER "SK_NEVER"
    double MOST "SK_MOST"
    double LN2 "SK_LN2"

cdef enum Kind:
    RANKNET, LAMBDARANK, LISTNET, LISTMLE, COX

# What a row is whose time may be that of an event. Rows are sorted by time, and events come first.
cdef enum Mark:
    EVENT = 1
    AFTER = 2           # an event at the time of the event before it
    BEFORE = 4          # an event at the time of the event after it
    UNKNOWN = 8         # its time or event is NaN or infinite, which has been allowed

ctypedef fused stored_t:
    float
    double

# How the pairs of a group are weighted, known when the kernel is compiled: see wanted.pxd.
cdef struct equally:
    int _

cdef struct by_ndcg:
    int _

ctypedef fused weighting_t:
    equally
    by_ndcg

# Whether the scores of a group are so near one another that the exponential of a difference is a
# product of two exponentials, which takes one for each row in place of one for each pair; and, for
# partial likelihoods, that their exponentials have a power of two in common.
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
    DIGITS = 3          # digits that are sorted by at once
    VALUES = 1 << DIGIT
    SORT_COUNTS = DIGITS * VALUES
    FEW = 32            # rows that are sorted by insertion


cdef void fill_keys(const floating* values, Py_ssize_t n, uint64_t* keys,
                    uint64_t inverted) noexcept nogil:
    cdef Py_ssize_t i
    cdef uint64_t bits, sign = (<uint64_t> 1) << 63
    cdef double value
    for i in range(n):
        # Zeros of both signs are equal. Of negative numbers all bits are inverted.
        value = <double> values[i] + 0.0
        memcpy(&bits, &value, sizeof(double))
        keys[i] = bits ^ (((~bits >> 63) - 1) | sign) ^ inverted


def sort_keys(cnp.ndarray values, bint highest_first=False):
    """Unsigned integers in the order of floats.

    Parameters
    ----------
    values : contiguous float64 or float32 ndarray of shape (n,)
    highest_first : bool

    Returns
    -------
    keys : uint64 ndarray of shape (n,)
    """
    cdef Py_ssize_t n = values.shape[0]
    cdef cnp.ndarray keys = np.empty(n, np.uint64)
    cdef uint64_t* out = <uint64_t*> cnp.PyArray_DATA(keys)
    cdef void* data = cnp.PyArray_DATA(values)
    cdef uint64_t inverted = ~(<uint64_t> 0) if highest_first else 0
    if cnp.PyArray_TYPE(values) == cnp.NPY_FLOAT32:
        fill_keys(<const float*> data, n, out, inverted)
    else:
        fill_keys(<const double*> data, n, out, inverted)
    return keys


cdef inline int bit_length(uint64_t x) noexcept nogil:
    cdef int n = 0
    while x:
        x >>= 1
        n += 1
    return n


cdef void sort_few(const uint64_t* key, Py_ssize_t* rows, Py_ssize_t n,
                   int flags) noexcept nogil:
    cdef Py_ssize_t i, j, row
    for i in range(1, n):
        row = rows[i]
        j = i
        while j > 0 and key[rows[j - 1] >> flags] > key[row >> flags]:
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row


cdef void sort_by(const uint64_t* key, Py_ssize_t* rows, Py_ssize_t n, int row_bits, int flags,
                  uint64_t* words, Py_ssize_t* counts, unsigned char* alike) noexcept nogil:
    """Sort rows by their keys, stably.

    A radix sort of words, which hold the leading bits of the difference from the lowest key and,
    below them, the number of the row: a word takes half the memory of a key and a row. There are
    three passes at most. Rows whose keys agree in the bits that these sort by, of which there are
    few as a rule, are then sorted among themselves.

    Row numbers have `row_bits` bits, the last `flags` of which are not part of the number but flags
    that go with the row. `words` is memory for n words, and `counts` is of SORT_COUNTS.
    If `alike` is not NULL, it is set to 0 where a key is known to differ from the one before, else
    to 1.
    """
    cdef uint64_t lowest, highest, own, varying = 0, word, mask, numbers
    cdef Py_ssize_t i, k, stop, at, total, count
    cdef Py_ssize_t* place
    cdef uint64_t* source = <uint64_t*> rows
    cdef uint64_t* target = words
    cdef int high, low, width, n_digits, digit, shift, d
    if alike is not NULL:
        for i in range(n):
            alike[i] = 1
    if n <= FEW:
        sort_few(key, rows, n, flags)
        return
    lowest = highest = key[rows[0] >> flags]
    for i in range(n):
        own = key[rows[i] >> flags]
        lowest = min(lowest, own)
        highest = max(highest, own)
        varying |= own ^ key[rows[0] >> flags]
    if varying == 0:
        return
    # A word has the bits of the difference from `high` down to `low`, `width` of which count.
    high = bit_length(highest - lowest)
    low = bit_length(varying & (~varying + 1)) - 1
    width = min(min(high - low, DIGITS * DIGIT), 64 - row_bits)
    n_digits = (width + DIGIT - 1) // DIGIT
    digit = (width + n_digits - 1) // n_digits
    mask = (<uint64_t> 1 << digit) - 1
    numbers = (<uint64_t> 1 << row_bits) - 1
    memset(counts, 0, SORT_COUNTS * sizeof(Py_ssize_t))
    for i in range(n):
        word = (key[rows[i] >> flags] - lowest) << (64 - high) >> (64 - width)
        for d in range(DIGITS):
            # Digits that there are not are all 0.
            counts[d * VALUES + (word >> (d * digit) & mask)] += 1
    for d in range(n_digits):
        place = counts + d * VALUES
        total = 0
        for k in range(<Py_ssize_t> mask + 1):
            count = place[k]
            place[k] = total
            total += count
    for i in range(n):
        word = (key[rows[i] >> flags] - lowest) << (64 - high) >> (64 - width)
        at = word & mask
        words[counts[at]] = word << (64 - width) | <uint64_t> rows[i]
        counts[at] += 1
    for d in range(1, n_digits):
        source, target = target, source
        place = counts + d * VALUES
        shift = 64 - width + d * digit
        for i in range(n):
            at = source[i] >> shift & mask
            target[place[at]] = source[i]
            place[at] += 1
    if alike is not NULL:
        for i in range(1, n):
            alike[i] = (target[i] ^ target[i - 1]) >> (64 - width) == 0
        alike[0] = 0
    if width < high - low:
        i = 0
        while i < n:
            stop = i + 1
            word = target[i]
            target[i] &= numbers
            while stop < n and (target[stop] ^ word) >> (64 - width) == 0:
                target[stop] &= numbers
                stop += 1
            if stop - i > 1:
                sort_by(key, <Py_ssize_t*> target + i, stop - i, row_bits, flags, source + i,
                        counts, NULL)
            i = stop
    for i in range(n):
        rows[i] = target[i] & numbers


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
    cdef cnp.ndarray result = np.arange(n, dtype=np.intp) if order is None else order.copy()
    cdef Py_ssize_t* rows = <Py_ssize_t*> cnp.PyArray_DATA(result)
    cdef const uint64_t* key = <const uint64_t*> cnp.PyArray_DATA(keys)
    cdef cnp.ndarray memory = np.empty(n + SORT_COUNTS, np.uint64)
    cdef uint64_t* words = <uint64_t*> cnp.PyArray_DATA(memory)
    with nogil:
        sort_by(key, rows, n, bit_length(n - 1), 0, words, <Py_ssize_t*> (words + n), NULL)
    return result


cdef void events_first(const uint64_t* key, Py_ssize_t* rows, Py_ssize_t n, Py_ssize_t* spare,
                       const unsigned char* alike) noexcept nogil:
    """Of sorted rows with the same key, move the events before the others; otherwise keep order.

    Rows have the flag that they are events.
    """
    cdef Py_ssize_t i, start = 0, stop, first, n_others
    while start < n:
        stop = start + 1
        while stop < n and alike[stop] and key[rows[stop] >> 1] == key[rows[start] >> 1]:
            stop += 1
        if stop - start > 1:
            first = start
            n_others = 0
            for i in range(start, stop):
                if rows[i] & 1:
                    rows[first] = rows[i]
                    first += 1
                else:
                    spare[n_others] = rows[i]
                    n_others += 1
            memcpy(rows + first, spare, n_others * sizeof(Py_ssize_t))
        start = stop


def sort_times(cnp.ndarray keys, cnp.ndarray event, cnp.ndarray numbers=None,
               cnp.ndarray unknown=None):
    """Sort rows by stratum and time; of the same time, events come first.

    The rows at risk at the time of an event are then those from its first event on.

    Parameters
    ----------
    keys : contiguous uint64 ndarray of shape (n,)
        In the order of the times.
    event : contiguous bool ndarray of shape (n,)
        As NumPy makes it by a comparison: of bytes 0 and 1.
    numbers : contiguous uint64 ndarray of shape (n,), or None
        The stratum of each row.
    unknown : contiguous bool ndarray of shape (n,), or None
        Rows that make all of their stratum NaN.

    Returns
    -------
    order : intp ndarray of shape (n,)
    marks : uint8 ndarray of shape (n,)
        `Mark`s of the sorted rows.
    """
    cdef Py_ssize_t n = keys.shape[0]
    cdef cnp.ndarray order = np.empty(n, np.intp)
    cdef cnp.ndarray marks = np.empty(n, np.uint8)
    cdef Py_ssize_t* rows = <Py_ssize_t*> cnp.PyArray_DATA(order)
    cdef unsigned char* mark = <unsigned char*> cnp.PyArray_DATA(marks)
    cdef const uint64_t* key = <const uint64_t*> cnp.PyArray_DATA(keys)
    cdef const uint64_t* number = NULL
    cdef const unsigned char* is_event = <const unsigned char*> cnp.PyArray_DATA(event)
    cdef const unsigned char* is_unknown = NULL
    cdef cnp.ndarray memory = np.empty(n + SORT_COUNTS, np.uint64)
    cdef uint64_t* words = <uint64_t*> cnp.PyArray_DATA(memory)
    cdef Py_ssize_t* counts = <Py_ssize_t*> (words + n)
    cdef Py_ssize_t i
    cdef int row_bits = 1 + bit_length(n - 1)
    cdef bint tied
    if numbers is not None:
        number = <const uint64_t*> cnp.PyArray_DATA(numbers)
    if unknown is not None:
        is_unknown = <const unsigned char*> cnp.PyArray_DATA(unknown)
    with nogil:
        for i in range(n):
            rows[i] = 2 * i + is_event[i]
        sort_by(key, rows, n, row_bits, 1, words, counts, mark)
        events_first(key, rows, n, <Py_ssize_t*> words, mark)
        if number is not NULL:
            sort_by(number, rows, n, row_bits, 1, words, counts, mark)
        for i in range(n):
            tied = rows[i] & 1 and mark[i] and i > 0 and mark[i - 1]
            mark[i] = rows[i] & 1
            rows[i] >>= 1
            if tied and key[rows[i]] == key[rows[i - 1]] and (
                    number is NULL or number[rows[i]] == number[rows[i - 1]]):
                mark[i] |= AFTER
                mark[i - 1] |= BEFORE
        if is_unknown is not NULL:
            for i in range(n):
                if is_unknown[rows[i]]:
                    mark[i] |= UNKNOWN
    return order, marks


# ---------------------------------------------------------------------------------------------
# Reading and writing
# ---------------------------------------------------------------------------------------------

cdef struct Job:
    Kind kind
    Space space                 # of the rows
    int n_inputs                # operands that are read: target and prediction, or that alone
    int gradient                # numbers of operands, or -1
    int hessian
    const Py_ssize_t* order     # NULL if the rows are sorted by group
    const Py_ssize_t* starts
    Py_ssize_t n_groups
    Py_ssize_t largest          # number of rows of a group that one thread processes
    const double* weight        # of each group, or NULL
    double* losses
    Domain domains[2]
    bint checked
    bint nan_passes
    double scale
    double cut                  # rank from which on discounts are 0
    const double* discount
    const unsigned char* mark   # of the sorted rows, or NULL
    bint efron

# Memory of one thread.
cdef struct Scratch:
    double* input[2]
    double* gradient
    double* hessian
    double* array[ARRAYS]


cdef inline Py_ssize_t padded(Py_ssize_t n) noexcept nogil:
    return (n + TILE - 1) // TILE * TILE


cdef Py_ssize_t lay_out(double* memory, Py_ssize_t n, Scratch* scratch) noexcept nogil:
    """Lay out memory for a group of `n` rows; its size, in units of 8 bytes."""
    cdef Py_ssize_t width = padded(n) + TILE
    cdef int k
    for k in range(2):
        scratch.input[k] = memory + k * width
    scratch.gradient = memory + 2 * width
    scratch.hessian = memory + 3 * width
    for k in range(ARRAYS):
        scratch.array[k] = memory + (4 + k) * width
    return (4 + ARRAYS) * width


cdef inline void fetch(const Operand* operand, const Py_ssize_t* order, Py_ssize_t start,
                       Py_ssize_t n, floating* target) noexcept nogil:
    """Read `n` rows of an operand from place `start` of the order on."""
    cdef Py_ssize_t i, stride = operand.strides[0]
    cdef bint plain = not operand.swapped and not operand.unaligned
    cdef Storage own = F32 if sizeof(floating) == sizeof(float) else F64
    cdef const char* data = operand.data
    if order is NULL and plain and operand.storage == own and stride == sizeof(floating):
        memcpy(target, data + start * stride, n * sizeof(floating))
    elif order is NULL:
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


cdef inline void store_as(char* data, Py_ssize_t stride, const Py_ssize_t* order,
                          Py_ssize_t start, Py_ssize_t n, const floating* source, double factor,
                          stored_t value) noexcept nogil:
    """`store` of elements of one dtype. What `value` is when it is called does not matter."""
    cdef Py_ssize_t i
    # memcpy of a fixed size compiles to one store, and is also correct for unaligned targets.
    if order is NULL and stride == sizeof(stored_t):
        data += start * stride
        for i in range(n):
            value = <stored_t> (source[i] * factor)
            memcpy(data + i * sizeof(stored_t), &value, sizeof(stored_t))
    else:
        for i in range(n):
            value = <stored_t> (source[i] * factor)
            memcpy(data + (start + i if order is NULL else order[start + i]) * stride, &value,
                   sizeof(stored_t))


cdef inline void store(const Operand* operand, const Py_ssize_t* order, Py_ssize_t start,
                       Py_ssize_t n, const floating* source, double factor) noexcept nogil:
    """Write `n` rows of an output, times a factor."""
    cdef Py_ssize_t stride = operand.strides[0]
    if operand.storage == F32:
        store_as(operand.data, stride, order, start, n, source, factor, <float> 0)
    else:
        store_as(operand.data, stride, order, start, n, source, factor, <double> 0)


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
    double* slope_part          # the same of at most PART rows
    double* bend_part
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
                          uint64_t* memory) noexcept nogil:
    """Rank all elements, the highest first; equal ones in order.

    `memory` is of 3 n words and SORT_COUNTS.
    """
    cdef uint64_t* key = memory
    cdef Py_ssize_t* rows = <Py_ssize_t*> (memory + n)
    cdef Py_ssize_t i
    fill_keys(x, n, key, ~(<uint64_t> 0))
    for i in range(n):
        rows[i] = i
    sort_by(key, rows, n, bit_length(n - 1), 0, memory + 2 * n,
            <Py_ssize_t*> (memory + 3 * n), NULL)
    for i in range(n):
        rank[rows[i]] = i


cdef inline void extent(floating* x, Py_ssize_t n, floating* low, floating* high) noexcept nogil:
    """The lowest and the highest element, none of which is NaN. Fills the padding of `x`."""
    cdef floating lows[TILE]
    cdef floating highs[TILE]
    cdef Py_ssize_t i = 0
    cdef int k
    for k in range(TILE):
        x[n + k] = lows[k] = highs[k] = x[0]
    while i < n:
        for k in range(TILE):
            lows[k] = minimum(lows[k], x[i + k])
            highs[k] = maximum(highs[k], x[i + k])
        i += TILE
    # As a tree, because each step waits for the one before.
    for k in range(8):
        lows[k] = minimum(lows[k], lows[k + 8])
        highs[k] = maximum(highs[k], highs[k + 8])
    for k in range(4):
        lows[k] = minimum(lows[k], lows[k + 4])
        highs[k] = maximum(highs[k], highs[k + 4])
    low[0] = minimum(minimum(lows[0], lows[2]), minimum(lows[1], lows[3]))
    high[0] = maximum(maximum(highs[0], highs[2]), maximum(highs[1], highs[3]))


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
    `row_bend`, which begin with the first row, and those of a column to the parts of `pairs`.
    """
    cdef const floating* score = <const floating*> pairs.score
    cdef const floating* level = <const floating*> pairs.level
    cdef const floating* discount = <const floating*> pairs.discount
    cdef const floating* power = <const floating*> pairs.power
    cdef const floating* inverse = <const floating*> pairs.inverse
    cdef double* slope = pairs.slope_part
    cdef double* bend = pairs.bend_part
    cdef floating loss[TILE]
    cdef floating pull[TILE]
    cdef floating curve[TILE]
    cdef floating zero = 0, one = 1
    cdef floating own, own_level, own_discount = 0, own_inverse = 0, d, e, q, p, v, h, w
    cdef double total = 0, own_total, pulls, curves
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
        own_total = pulls = curves = 0
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
            own_total += sum_lanes(<const floating*> loss)
            if wanted_t is not value_alone:
                pulls += sum_lanes(<const floating*> pull)
            if wanted_t is with_hessian:
                curves += sum_lanes(<const floating*> curve)
        total += own_total
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


cdef double tile_in_parts(const Job* job, const Pairs* pairs, Py_ssize_t first_row,
                          Py_ssize_t last_row, Py_ssize_t first, Py_ssize_t last,
                          double* row_slope, double* row_bend, floating tag) noexcept nogil:
    """`tile_of`, with sums of at most PART rows, which are added up: these round less."""
    cdef Py_ssize_t row = first_row, stop, j
    cdef double total = 0
    while row < last_row:
        stop = min(row + PART, last_row)
        total += tile_of(job, pairs, row, stop, first, last, row_slope + (row - first_row),
                         row_bend + (row - first_row), tag)
        for j in range(max(first, pairs.last[row] // TILE * TILE), last):
            pairs.slope[j] += pairs.slope_part[j]
            pairs.bend[j] += pairs.bend_part[j]
            pairs.slope_part[j] = pairs.bend_part[j] = 0
        row = stop
    return total


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
    cdef floating* s = <floating*> scratch.input[1]
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
    pairs.slope_part = scratch.array[11]
    pairs.bend_part = scratch.array[12]
    for i in range(pairs.width):
        pairs.slope[i] = pairs.bend[i] = pairs.slope_part[i] = pairs.bend_part[i] = 0
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
    extent(s, n, &bottom, &top)
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
    total = tile_in_parts(job, &pairs, 0, n, 0, pairs.width, row_slope, row_bend, tag)
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
    cdef double total = 0, panel
    cdef Pairs pairs
    rank_by_sorting(<const floating*> scratch.input[0], n, place, <uint64_t*> sums + PANEL_SUMS)
    if job.kind == LAMBDARANK:
        rank_by_sorting(<const floating*> scratch.input[1], n, rank, <uint64_t*> sums + PANEL_SUMS)
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
            losses[strip] = tile_in_parts(
                job, &pairs, first, last, min(start + strip * width, pairs.width),
                min(start + (strip + 1) * width, pairs.width), sums + 2 * strip * PANEL,
                sums + (2 * strip + 1) * PANEL, tag)
        panel = 0
        for strip in range(STRIPS):
            panel += losses[strip]
            own = sums + 2 * strip * PANEL
            for i in range(last - first):
                pairs.slope[first + i] -= own[i]
                pairs.bend[first + i] += own[PANEL + i]
        total += panel
        first = last
    return finish_pairs(job, scratch, &pairs, place, total, tag)


# ---------------------------------------------------------------------------------------------
# Softmax
# ---------------------------------------------------------------------------------------------


# Of a softmax relative to its largest terms, which are exactly 1: the sum of the other terms, and
# the number of the largest.
cdef struct Softmax:
    double below
    double n_largest


cdef inline double rest_of(const Softmax* softmax) noexcept nogil:
    """The sum of all terms but one of the largest."""
    return softmax.below + (softmax.n_largest - 1)


cdef inline double add_powers(floating* s, floating* y, Py_ssize_t n, floating high_s,
                              floating high_y, floating* p, floating* q, Softmax* of_s,
                              Softmax* of_y) noexcept nogil:
    """Compute exp(s - high_s) and exp(y - high_y); the sum of exp(y - high_y) (high_s - s).

    Arrays are padded: no loop has a rest of less than a tile.
    """
    cdef Py_ssize_t i = 0, stop, width = padded(n)
    cdef floating below_p[TILE]
    cdef floating below_q[TILE]
    cdef floating ones_p[TILE]
    cdef floating ones_q[TILE]
    cdef floating term[TILE]
    cdef floating zero = 0, one = 1, distance, e, f
    cdef double terms = 0
    cdef int k
    of_s.below = of_s.n_largest = of_y.below = of_y.n_largest = 0
    for k in range(TILE):
        s[n + k] = y[n + k] = <floating> -INFINITY
    while i < width:
        stop = min(i + SPAN, width)
        for k in range(TILE):
            below_p[k] = below_q[k] = ones_p[k] = ones_q[k] = term[k] = 0
        while i < stop:
            for k in range(TILE):
                distance = high_s - s[i + k]
                e = exp(-distance)
                f = exp(y[i + k] - high_y)
                p[i + k] = e
                q[i + k] = f
                below_p[k] += e if e < one else zero
                ones_p[k] += zero if e < one else one
                below_q[k] += f if f < one else zero
                ones_q[k] += zero if f < one else one
                # The distance of scores that are far apart may be infinite.
                term[k] += f * distance if f > zero else zero
            i += TILE
        of_s.below += sum_lanes(<const floating*> below_p)
        of_s.n_largest += sum_lanes(<const floating*> ones_p)
        of_y.below += sum_lanes(<const floating*> below_q)
        of_y.n_largest += sum_lanes(<const floating*> ones_q)
        terms += sum_lanes(<const floating*> term)
    return terms


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
    cdef floating low, high_s, high_y, by_p, by_q, of_largest, one = 1
    cdef double rest_p, rest_q, loss
    cdef Softmax of_s, of_y
    cdef Py_ssize_t i
    extent(y, n, &low, &high_y)
    if low == high_y:
        memset(gradient, 0, n * sizeof(floating))
        memset(hessian, 0, n * sizeof(floating))
        return 0
    extent(s, n, &low, &high_s)
    loss = add_powers(s, y, n, high_s, high_y, p, q, &of_s, &of_y)
    rest_p, rest_q = rest_of(&of_s), rest_of(&of_y)
    loss = log1p(rest_p) + loss / (1 + rest_q)
    by_p = <floating> (1 / (1 + rest_p))
    by_q = <floating> (1 / (1 + rest_q))
    if job.gradient >= 0:
        of_largest = <floating> (rest_q / (1 + rest_q) - rest_p / (1 + rest_p))
        for i in range(padded(n)):
            gradient[i] = by_p * p[i] - by_q * q[i]
            gradient[i] = gradient[i] if minimum(p[i], q[i]) < one else of_largest
    if job.hessian >= 0:
        of_largest = <floating> (rest_p / (1 + rest_p) / (1 + rest_p))
        for i in range(padded(n)):
            hessian[i] = by_p * p[i] * (one - by_p * p[i])
            hessian[i] = hessian[i] if p[i] < one else of_largest
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


cdef inline void start_sum(Running* sum_, double power) noexcept nogil:
    sum_.total = sum_.error = sum_.part = 0
    sum_.power = power
    sum_.count = 0


cdef inline void end_part(Running* sum_) noexcept nogil:
    cdef double large = maximum(sum_.total, sum_.part)      # all terms are positive
    cdef double small = minimum(sum_.total, sum_.part)
    cdef double total = large + small
    sum_.error += (large - total) + small
    sum_.total = total
    sum_.part = 0
    sum_.count = 0


cdef inline void add(Running* sum_, double f, double n, distance_t distance) noexcept nogil:
    """Add f 2^n; near ones have the power 0."""
    cdef double factor
    if distance_t is far:
        if n > sum_.power:
            factor = pow2(sum_.power - n)
            sum_.total *= factor
            sum_.error *= factor
            sum_.part *= factor
            sum_.power = n
        f *= pow2(n - sum_.power)
    sum_.part += f
    sum_.count += 1
    if sum_.count == PART:
        end_part(sum_)


cdef inline double sum_of(const Running* sum_) noexcept nogil:
    return sum_.total + (sum_.error + sum_.part)


cdef inline void add_all(const double* f, const double* power, double* before,
                         double* power_before, Py_ssize_t n, Py_ssize_t step, Running* sum_,
                         distance_t distance) noexcept nogil:
    """Add n numbers, every `step` of the arrays; set what the sum is before each of them.

    `before` may be `f`. Powers are only of numbers that are far apart.
    """
    cdef double own, own_power, total, error, part
    cdef Py_ssize_t i = 0, _k, stop
    if distance_t is far:
        for _k in range(n):
            own, own_power = f[i], power[i]
            before[i], power_before[i] = sum_of(sum_), sum_.power
            add(sum_, own, own_power, distance)
            i += step
    else:
        # Each step waits for the one before, so there is nothing in the loop but what it needs.
        while n > 0:
            stop = min(n, <Py_ssize_t> (PART - sum_.count))
            total, error, part = sum_.total, sum_.error, sum_.part
            for _k in range(stop):
                own = f[i]
                before[i] = total + (error + part)
                part += own
                i += step
            sum_.part = part
            sum_.count += <int> stop
            if sum_.count == PART:
                end_part(sum_)
            n -= stop


# A sum of logarithms; those of tied events are collected, and added up as log1p of x.
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


cdef inline void log_ratio(Logs* logs, double f, double n, double own_f,
                           double own_n) noexcept nogil:
    """Add log(f 2^n / (own_f 2^own_n))."""
    cdef double power = n - own_n
    cdef double ratio = f / own_f * pow2(minimum(power, 1000.0))
    # Of tied events that are far apart, the sum may be far below one of them.
    if power > 1000 or ratio < 0.5:
        add_log(logs, log(f / own_f) + power * LN2)
        return
    logs.x[logs.n] = ratio - 1
    logs.n += 1
    if logs.n == LOGS:
        take_logs(logs)


# The rows of a group, sorted such that the rows at risk with an event are those from the first
# event of its time on. Powers are used if the predictions are far apart. The arrays from `first` on
# are of a span of rows, whose first row is the element 0.
cdef struct Risk:
    Py_ssize_t n
    const unsigned char* mark
    double* f                   # exp of the predictions, f 2^power; then the gradient
    double* power
    double* other               # sum over the rows that come later; then, of events that are not
    double* other_power         # tied, their share in the sum over the risk set
    double* hessian
    double* first               # sum of 1 / S over the events so far
    double* first_power
    double* second              # the same of 1 / S^2
    double* second_power
    double* own                 # what events add to the Hessian beside that
    bint is_far
    bint efron


cdef inline double power_of(const Risk* risk, Py_ssize_t i) noexcept nogil:
    return risk.power[i] if risk.is_far else 0


cdef inline double left_of(const Risk* risk, Py_ssize_t k, Py_ssize_t n_events) noexcept nogil:
    """What is left of each tied event when event number k of them is counted."""
    return 1 - <double> k / n_events if risk.efron else 1.0


cdef double sum_tied(const Risk* risk, Py_ssize_t first, Py_ssize_t last, double rest_power,
                     double* top) noexcept nogil:
    """The sum over tied events, in units of 2^top, which the sum over the other rows has, too."""
    cdef Running tied
    cdef Py_ssize_t i
    cdef far apart
    apart._ = 0
    start_sum(&tied, NEVER)
    for i in range(first, last + 1):
        add(&tied, risk.f[i], power_of(risk, i), apart)
    top[0] = maximum(rest_power, tied.power)
    return sum_of(&tied) * pow2(tied.power - top[0])


cdef Py_ssize_t tied_back(const Risk* risk, Py_ssize_t last, Running* running,
                          Logs* logs) noexcept nogil:
    """Add tied events, the last of which is given, in `scan_back`; the first of them."""
    cdef Py_ssize_t i, first = last
    cdef double top, own, rest
    cdef far apart
    apart._ = 0
    while risk.mark[first] & AFTER:
        first -= 1
    risk.other[last] = sum_of(running)
    if risk.is_far:
        risk.other_power[last] = running.power
    own = sum_tied(risk, first, last, running.power, &top)
    rest = risk.other[last] * pow2(running.power - top)
    for i in range(first, last + 1):
        log_ratio(logs, rest + left_of(risk, i - first, last + 1 - first) * own, top, risk.f[i],
                  power_of(risk, i))
        add(running, risk.f[i], power_of(risk, i), apart)
    return first


cdef void add_logs(const Risk* risk, Py_ssize_t start, Py_ssize_t stop, Logs* logs,
                   distance_t distance) noexcept nogil:
    """Add log(S / e) = log(1 + (S - e) / e) of the events from `start` on that are not tied."""
    cdef double x[SPAN]
    cdef double power = 0
    cdef const double* other
    cdef const double* f
    cdef const unsigned char* mark
    cdef Py_ssize_t k, n
    while start < stop:
        n = min(<Py_ssize_t> SPAN, stop - start)
        other = risk.other + start
        f = risk.f + start
        mark = risk.mark + start
        for k in range(n):
            x[k] = other[k] / f[k]
            if distance_t is far:
                x[k] *= pow2(minimum(risk.other_power[start + k] - risk.power[start + k], 1000.0))
            x[k] = x[k] if mark[k] == EVENT else 0.0
        if distance_t is far:
            for k in range(n):
                power = risk.other_power[start + k] - risk.power[start + k]
                if power > 1000 and mark[k] == EVENT:
                    add_log(logs, log(other[k] / f[k]) + power * LN2)
                    x[k] = 0
        for k in range(n):
            x[k] = log1p(x[k])
        add_log(logs, sum_span(<const double*> x, n))
        start += n


cdef double scan_back(const Risk* risk, distance_t distance) noexcept nogil:
    """Compute the sums over the risk sets; the loss."""
    cdef Running running
    cdef Logs logs
    cdef Py_ssize_t i, last, start, stop = risk.n
    logs.n = 0
    logs.total = logs.error = 0
    start_sum(&running, NEVER if distance_t is far else 0)
    while stop > 0:
        start = max(<Py_ssize_t> 0, stop - SPAN)
        while risk.mark[start] & AFTER:
            start -= 1
        i = stop
        while i > start:
            last = i - 1
            while i > start and not risk.mark[i - 1] & AFTER:
                i -= 1
            add_all(risk.f + last, risk.power + last, risk.other + last, risk.other_power + last,
                    last + 1 - i, -1, &running, distance)
            if i > start:
                i = tied_back(risk, i - 1, &running, &logs)
        add_logs(risk, start, stop, &logs, distance)
        stop = start
    take_logs(&logs)
    return logs.total + logs.error


cdef void share_out(const Risk* risk, Py_ssize_t start, Py_ssize_t stop, wanted_t wanted,
                    distance_t distance) noexcept nogil:
    """Compute 1 / S, and the shares in S, of the events from `start` on that are not tied."""
    cdef const unsigned char* mark = risk.mark
    cdef Py_ssize_t i
    cdef double e, o, rate, top
    for i in range(start, stop):
        e = risk.f[i]
        o = risk.other[i]
        if distance_t is far:
            top = maximum(risk.power[i], risk.other_power[i])
            e *= pow2(risk.power[i] - top)
            o *= pow2(risk.other_power[i] - top)
            risk.first_power[i - start] = -top if mark[i] & EVENT else NEVER
        rate = 1 / (e + o)
        rate = rate if mark[i] & EVENT else 0.0
        risk.first[i - start] = rate
        # The sums of tied events are still needed.
        risk.other[i] = o * rate if mark[i] <= EVENT else risk.other[i]
        if wanted_t is with_hessian:
            risk.own[i - start] = (e * rate) * (o * rate)
            risk.second[i - start] = rate * rate
            if distance_t is far:
                risk.second_power[i - start] = -2 * top if mark[i] & EVENT else NEVER


cdef Py_ssize_t tied_forth(const Risk* risk, Py_ssize_t start, Py_ssize_t first,
                           Running* by_first, Running* by_second) noexcept nogil:
    """Add tied events of the span from `start` on, in `scan_forth`; the last of them.

    `first` is the first of them.
    """
    cdef Py_ssize_t i, k, n_events, last = first
    cdef double top, own, rest, left, by_sum, e
    # Sums of 1 / S and of its squares, and the same of what is left of each event.
    cdef Running sums[4]
    cdef double part, part_square, rest_power
    cdef near close
    cdef far apart
    close._ = apart._ = 0
    while risk.mark[last] & BEFORE:
        last += 1
    n_events = last + 1 - first
    rest_power = risk.other_power[last] if risk.is_far else 0
    own = sum_tied(risk, first, last, rest_power, &top)
    rest = risk.other[last] * pow2(rest_power - top)
    for k in range(4):
        start_sum(&sums[k], 0)
    for i in range(n_events):
        left = left_of(risk, i, n_events)
        by_sum = 1 / (rest + left * own)
        add(&sums[0], by_sum, 0, close)
        add(&sums[1], by_sum * by_sum, 0, close)
        add(&sums[2], left * by_sum, 0, close)
        add(&sums[3], (left * by_sum) * (left * by_sum), 0, close)
    part, part_square = sum_of(&sums[2]), sum_of(&sums[3])
    for i in range(first, last + 1):
        e = risk.f[i] * pow2(power_of(risk, i) - top)
        k = i - start
        risk.first[k] = sum_of(by_first)
        risk.second[k] = sum_of(by_second)
        risk.own[k] = maximum(0.0, fuse(-e * e, part_square, e * part))
        risk.other[i] = -fuse(e, part, -1.0)
        if risk.is_far:
            risk.first_power[k] = by_first.power
            risk.second_power[k] = by_second.power
    add(by_first, sum_of(&sums[0]), -top, apart)
    add(by_second, sum_of(&sums[1]), -2 * top, apart)
    return last


cdef void finish_risk(const Risk* risk, Py_ssize_t start, Py_ssize_t stop, wanted_t wanted,
                      distance_t distance) noexcept nogil:
    """Turn the sums up to each row into its derivatives."""
    cdef Py_ssize_t i
    cdef double e, shares, squares, power, half
    for i in range(start, stop):
        e = risk.f[i]
        # Shares are at most 1; only exponents beyond 2**53, which are not exact, give more.
        shares = e * risk.first[i - start]
        if distance_t is far:
            # In two steps, so that small shares lose no digits before they have to.
            power = minimum(risk.power[i] + risk.first_power[i - start], 512.0)
            half = floor(power / 2)
            shares = shares * pow2(half) * pow2(power - half)
        risk.f[i] = shares - risk.other[i] if risk.mark[i] & EVENT else shares
        if wanted_t is with_hessian:
            squares = e * e * risk.second[i - start]
            if distance_t is far:
                squares *= pow2(minimum(2 * risk.power[i] + risk.second_power[i - start], 512.0))
            risk.hessian[i] = maximum(0.0, shares - squares) + risk.own[i - start]


cdef void scan_forth(const Risk* risk, wanted_t wanted, distance_t distance) noexcept nogil:
    """Compute the derivatives of the loss, after `scan_back`."""
    cdef Running first, second
    cdef Py_ssize_t i, k, n, start = 0, stop
    cdef double never = NEVER if distance_t is far else 0
    start_sum(&first, never)
    start_sum(&second, never)
    while start < risk.n:
        stop = min(risk.n, start + SPAN)
        while risk.mark[stop - 1] & BEFORE:
            stop += 1
        share_out(risk, start, stop, wanted, distance)
        i = start
        while i < stop:
            k = i - start
            while i < stop and not risk.mark[i] & BEFORE:
                i += 1
            n = i - start - k
            add_all(risk.first + k, risk.first_power + k, risk.first + k, risk.first_power + k, n,
                    1, &first, distance)
            if wanted_t is with_hessian:
                add_all(risk.second + k, risk.second_power + k, risk.second + k,
                        risk.second_power + k, n, 1, &second, distance)
            if i < stop:
                i = tied_forth(risk, start, i, &first, &second) + 1
        finish_risk(risk, start, stop, wanted, distance)
        start = stop


cdef double scan(const Job* job, const Risk* risk, distance_t distance) noexcept nogil:
    """The loss of a sorted group, and what is wanted of its derivatives."""
    cdef with_gradient gradient
    cdef with_hessian hessian
    cdef double loss = scan_back(risk, distance)
    gradient._ = hessian._ = 0
    if job.hessian >= 0:
        scan_forth(risk, hessian, distance)
    elif job.gradient >= 0:
        scan_forth(risk, gradient, distance)
    return loss


cdef void split_near(double* f, Py_ssize_t n, double middle) noexcept nogil:
    """Turn predictions into their exponentials, in units of 2^middle."""
    cdef Py_ssize_t i
    cdef double e, power
    for i in range(n):
        e = exp_split(f[i], &power)
        f[i] = e * pow2(power - middle)


cdef void split_far(double* f, double* power, Py_ssize_t n) noexcept nogil:
    """Turn predictions into their exponentials, f 2^power."""
    cdef Py_ssize_t i
    cdef double e, own
    for i in range(n):
        # Exponents stay above NEVER.
        e = exp_split(maximum(-MOST, minimum(MOST, f[i])), &own)
        f[i] = e
        power[i] = own


cdef double partial_likelihood(const Job* job, const Scratch* scratch, Py_ssize_t start,
                               Py_ssize_t n) noexcept nogil:
    """The loss of a sorted group, and its derivatives; the gradient is where the prediction was."""
    cdef Risk risk
    # Large groups spend much of their time on fresh memory, so arrays are used twice.
    cdef double* f = scratch.input[job.n_inputs - 1]
    cdef double middle, top, bottom
    cdef near close
    cdef far apart
    close._ = apart._ = 0
    risk.n = n
    risk.f = f
    risk.efron = job.efron
    risk.power = scratch.array[1]
    risk.other = scratch.array[0]
    risk.other_power = scratch.array[4]
    risk.first_power = scratch.array[5]
    risk.second_power = scratch.array[6]
    risk.hessian = scratch.hessian
    risk.first = scratch.gradient
    risk.second = scratch.array[7]
    risk.own = scratch.array[2]
    if job.mark is not NULL:
        risk.mark = job.mark + start
    else:
        # Each row is an event with a time of its own.
        risk.mark = <const unsigned char*> scratch.array[3]
        memset(scratch.array[3], EVENT, n)
        if scratch.input[0][0] == scratch.input[0][n - 1]:
            memset(f, 0, n * sizeof(double))
            memset(scratch.hessian, 0, n * sizeof(double))
            return 0
    extent(f, n, &bottom, &top)
    risk.is_far = top - bottom > NEAR_HAZARDS
    if not risk.is_far:
        middle = floor((bottom + (top - bottom) / 2) / LN2 + 0.5)
        split_near(f, n, middle)
        return scan(job, &risk, close)
    split_far(f, risk.power, n)
    return scan(job, &risk, apart)


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
    if job.nan_passes and job.mark is not NULL:
        for i in range(n):
            finite &= not job.mark[start + i] & UNKNOWN
    if not finite:
        loss = NAN
        for i in range(n):
            gradient[i] = hessian[i] = <floating> NAN
    elif job.kind == LISTNET:
        loss = listnet(job, scratch, n, tag)
    elif job.kind == LISTMLE or job.kind == COX:
        if floating is double:
            loss = partial_likelihood(job, scratch, start, n)
            gradient = scratch.input[job.n_inputs - 1]
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
        cnp.ndarray marks=None, double cut=INFINITY, bint efron=True, cnp.ndarray weight=None,
        gradient=None, hessian=None, double scale=1.0, bint double_=True,
        bint assume_finite=False, bint checked=False, int n_threads=1):
    """Compute the losses of groups of rows, and their derivatives.

    Parameters
    ----------
    kernel : int
        One of `KERNELS`.
    inputs : tuple of ndarray of shape (n,)
        Target and prediction; for Cox, the prediction alone.
    order : intp ndarray of shape (n,), or None
        The rows sorted by group and, for partial likelihoods, such that the rows at risk with a row
        come after it. A permutation. None means that the rows are sorted.
    starts : intp ndarray of shape (n_groups + 1,)
        The place in `order` at which each group begins, and n. Groups are not empty.
    domains : tuple of tuple
        The keys of the domains of `inputs`.
    marks : uint8 ndarray of shape (n,), or None
        For Cox, the marks that `sort_times` returns beside the order.
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
    cdef cnp.ndarray memory_array
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
    job.mark = NULL
    if marks is not None:
        job.mark = <const unsigned char*> cnp.PyArray_DATA(marks)
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
    # From NumPy, which asks the system for large pages: those are mapped in less time.
    memory_array = np.empty(k * share + n_blocks // 8 + 1)
    memory = <double*> cnp.PyArray_DATA(memory_array)
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
    if job.largest < longest:
        share = lay_out(NULL, longest, &scratch)
        memory_array = np.empty(share + PANEL_SUMS + SORT_COUNTS + 3 * longest)
        memory = <double*> cnp.PyArray_DATA(memory_array)
        large_memory = memory + share
        lay_out(memory, longest, &scratch)
        with nogil:
            for g in range(n_groups):
                if job.starts[g + 1] - job.starts[g] > job.largest:
                    bad |= run_typed(&job, g, &scratch, large_memory, n_threads, double_)
    with nogil:
        total = compensated_sum(job.losses, n_groups)
    return losses, total, bad
