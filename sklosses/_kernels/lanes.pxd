"""Sums, scalings and domain checks over contiguous runs, in 16 explicit lanes.

The compiler may not reorder a floating-point sum, so a plain loop of one accumulator is not
vectorised. Sixteen accumulators are: a fixed number, so that the result has the same bits
in any build, for any number of threads.
"""

from cython cimport floating
from libc.float cimport FLT_MAX
from libc.math cimport INFINITY, fabs as absolute, nextafter, nextafterf

cdef enum:
    LANES = 16


cdef inline Py_ssize_t block_size(Py_ssize_t n_elements) noexcept nogil:
    """Elements of a block, the unit of work of a thread and of summation.

    A number of the problem alone, so that sums do not depend on the number of threads. Small
    problems have small blocks, enough for all threads; large ones have large blocks, of which
    each thread walks through memory on its own (a tenth of the time of light losses).
    """
    return 16384 if n_elements < 1 << 20 else 65536


# How a driver checks the values of an input, from `sklosses._domains.Domain`.
cdef enum DomainKind:
    UNCHECKED, INTERVAL, PAIR

cdef struct Domain:
    DomainKind kind
    double low
    double high
    bint nan_passes     # with assume_finite


cdef inline double next_number(double x, double towards, bint double_) noexcept:
    """The number of the compute dtype next to `x`, which is one of both dtypes."""
    return nextafter(x, towards) if double_ else nextafterf(<float> x, <float> towards)


cdef inline Domain make_domain(tuple key, bint double_, bint assume_finite) except *:
    """A domain from its key (kind, low, high, open_low, open_high) for the compute dtype."""
    cdef Domain domain
    domain.low = key[1]
    domain.high = key[2]
    domain.kind = INTERVAL if key[0] == "interval" else PAIR
    domain.nan_passes = assume_finite
    if domain.kind == INTERVAL:
        if assume_finite and domain.high >= FLT_MAX:
            # NaN and infinities pass: all that may be left to check is the sign.
            domain.high = INFINITY
            if domain.low <= -FLT_MAX:
                domain.kind = UNCHECKED
        elif not double_:
            # A float64 beyond float32 is infinite there; -inf is a limit that is meant.
            if domain.low > -INFINITY:
                domain.low = max(domain.low, -FLT_MAX)
            domain.high = min(domain.high, FLT_MAX)
        # Without its ends an interval is closed at the numbers next to them.
        if key[3]:
            domain.low = next_number(domain.low, INFINITY, double_)
        if key[4]:
            domain.high = next_number(domain.high, -INFINITY, double_)
    return domain


cdef inline double fold_sum(const double* lane) noexcept nogil:
    """Sum of the lanes as a tree, the shortest chain of roundings."""
    cdef double half[8]
    cdef int i
    for i in range(8):
        half[i] = lane[i] + lane[i + 8]
    for i in range(4):
        half[i] += half[i + 4]
    return (half[0] + half[2]) + (half[1] + half[3])


cdef inline double sum_run(const floating* value, Py_ssize_t n) noexcept nogil:
    cdef double lane[LANES]
    cdef Py_ssize_t i = 0
    cdef int k
    for k in range(LANES):
        lane[k] = 0
    while i + LANES <= n:
        for k in range(LANES):
            lane[k] += value[i + k]
        i += LANES
    for k in range(<int> (n - i)):
        lane[k] += value[i + k]
    return fold_sum(lane)


cdef inline double sum_weighted_run(const floating* value, const double* weight,
                                    Py_ssize_t n) noexcept nogil:
    cdef double lane[LANES]
    cdef Py_ssize_t i = 0
    cdef int k
    for k in range(LANES):
        lane[k] = 0
    while i + LANES <= n:
        for k in range(LANES):
            lane[k] += value[i + k] * weight[i + k]
        i += LANES
    for k in range(<int> (n - i)):
        lane[k] += value[i + k] * weight[i + k]
    return fold_sum(lane)


cdef inline void scale_run(floating* x, double scale, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef floating factor = <floating> scale
    if scale != 1:
        for i in range(n):
            x[i] *= factor


cdef inline void scale_weighted_run(floating* x, const double* weight, double scale,
                                    Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        x[i] = <floating> (x[i] * (weight[i] * scale))


cdef inline bint outside(const floating* x, Py_ssize_t n, const Domain* domain) noexcept nogil:
    """Whether any element is outside its domain; a NaN is, unless `nan_passes`.

    Counting those inside is the form of this search that costs least: two comparisons, an
    and, a subtraction.
    """
    cdef Py_ssize_t i
    cdef floating low = <floating> domain.low
    cdef floating high = <floating> domain.high
    cdef int inside = 0
    if domain.kind == UNCHECKED:
        return False
    if domain.kind == INTERVAL:
        if domain.nan_passes:
            for i in range(n):
                inside += (x[i] < low) | (x[i] > high)
            return inside != 0
        for i in range(n):
            inside += (x[i] >= low) & (x[i] <= high)
    else:
        for i in range(n):
            inside += (x[i] == low) | (x[i] == high)
        if domain.nan_passes:
            for i in range(n):
                inside += x[i] != x[i]
    return inside != n


cdef inline double compensated_sum(const double* term, Py_ssize_t n) noexcept nogil:
    """Neumaier's sum, in order: its error does not grow with the number of terms."""
    cdef double total = 0, compensation = 0, sum_
    cdef Py_ssize_t i
    for i in range(n):
        sum_ = total + term[i]
        if absolute(total) >= absolute(term[i]):
            compensation += (total - sum_) + term[i]
        else:
            compensation += (term[i] - sum_) + total
        total = sum_
    # Infinite sums have a compensation of NaN.
    return total + compensation if compensation == compensation else total
