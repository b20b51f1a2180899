"""Sums, scalings and domain checks of contiguous spans, shared by all kernel modules.

A compiler may not reorder a floating-point sum, so it cannot vectorise a loop with a single
accumulator. The sums here have 16 accumulators, the lanes, which it can. The number of lanes is
fixed, so a sum has the same bits in every build and for any number of threads.

Many functions of the kernel modules are fused over `floating`. One without an argument of that
type takes a `floating dtype_tag`: its value is never used, its type selects the float or the
double version.

Everything here is inline, as in strided.pxd.
"""

from cython cimport floating
from libc.float cimport DBL_MAX, FLT_MAX
from libc.math cimport INFINITY, fabs as absolute, nextafter, nextafterf

cdef extern from "vecmath.h" nogil:
    unsigned int float_bits "vm_bitsf"(float x) noexcept
    unsigned long long double_bits "vm_bits"(double x) noexcept

cdef extern from "lanes.h" nogil:
    void sum_lanes_of_floats "sk_sum_lanesf"(const float* value, Py_ssize_t n, float* lane) noexcept

cdef enum:
    LANES = 16
    SHORT = 512     # most floats that are summed in float32


cdef inline Py_ssize_t block_size(Py_ssize_t n_elements) noexcept nogil:
    """Number of elements of a block, the unit of work of a thread and of summation.

    It depends on the problem alone, so sums do not depend on the number of threads. Small
    problems have small blocks, so that there is one for each thread. Large problems have large
    blocks, which give each thread longer stretches of memory to itself (this saves a tenth of the
    time of the cheapest losses).
    """
    return 16384 if n_elements < 1 << 20 else 65536


# How a driver checks the values of an input: the C form of `sklosses._domains.Domain`.
cdef enum DomainKind:
    UNCHECKED, FINITE, INTERVAL, PAIR

cdef struct Domain:
    DomainKind kind
    double low
    double high
    bint nan_passes     # if assume_finite


cdef inline double next_number(double x, double towards, bint double_) noexcept:
    """The number of the compute dtype next to `x`, which both dtypes hold exactly."""
    return nextafter(x, towards) if double_ else nextafterf(<float> x, <float> towards)


cdef inline Domain make_domain(tuple key, bint double_, bint assume_finite) except *:
    """The domain with the key (kind, low, high, open_low, open_high), for the compute dtype."""
    cdef Domain domain
    domain.low = key[1]
    domain.high = key[2]
    domain.kind = INTERVAL if key[0] == "interval" else PAIR
    domain.nan_passes = assume_finite
    if domain.kind == INTERVAL:
        if assume_finite and domain.high >= FLT_MAX:
            # NaN and infinity pass, so at most the lower limit is left to check.
            domain.high = INFINITY
            if domain.low <= -FLT_MAX:
                domain.kind = UNCHECKED
        elif not double_:
            # A float64 beyond the range of float32 becomes infinite, which must be found. A
            # lower limit of -inf is deliberate and stays.
            if domain.low > -INFINITY:
                domain.low = max(domain.low, -FLT_MAX)
            domain.high = min(domain.high, FLT_MAX)
        # An open end is replaced by the number next to it, which is inside.
        if key[3]:
            domain.low = next_number(domain.low, INFINITY, double_)
        if key[4]:
            domain.high = next_number(domain.high, -INFINITY, double_)
        if not assume_finite and (
                (domain.low == -DBL_MAX and domain.high == DBL_MAX) if double_
                else (domain.low == -FLT_MAX and domain.high == FLT_MAX)):
            domain.kind = FINITE
    return domain


cdef inline double sum_16_lanes(const double* lane) noexcept nogil:
    """Sum of 16 lanes as a tree, so that each term is rounded as few times as possible."""
    cdef double half[8]
    cdef int i
    for i in range(8):
        half[i] = lane[i] + lane[i + 8]
    for i in range(4):
        half[i] += half[i + 4]
    return (half[0] + half[2]) + (half[1] + half[3])


cdef inline double sum_span(const floating* value, Py_ssize_t n) noexcept nogil:
    """Sum of a span, in float64. Of floats, SHORT ones at a time are summed in float32 lanes.

    Each lane adds up 16 terms at most, so the error of the sum is at most 16 roundings of the
    float32 terms, and usually less than one.
    """
    cdef double total = 0
    cdef double part
    cdef Py_ssize_t start = 0
    cdef Py_ssize_t length
    if floating is float:
        while start < n:
            length = min(SHORT, n - start)
            part = sum_short(value + start, length)
            if part - part != 0:
                # A sum that overflows in float32 need not do so in float64.
                part = sum_lanes(value + start, length)
            total += part
            start += length
        return total
    else:
        return sum_lanes(value, n)


cdef inline double sum_short(const float* value, Py_ssize_t n) noexcept nogil:
    cdef float lane[2 * LANES]
    cdef double pair[LANES]
    cdef Py_ssize_t whole = n - n % (2 * LANES)
    cdef int k
    sum_lanes_of_floats(value, whole, lane)
    for k in range(<int> (n - whole)):
        lane[k] += value[whole + k]
    for k in range(LANES):
        pair[k] = <double> lane[k] + <double> lane[k + LANES]
    return sum_16_lanes(pair)


cdef inline double sum_lanes(const floating* value, Py_ssize_t n) noexcept nogil:
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
    return sum_16_lanes(lane)


cdef inline double sum_weighted_span(const floating* value, const double* weight,
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
    return sum_16_lanes(lane)


cdef inline void scale_span(floating* x, double scale, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef floating factor = <floating> scale
    if scale != 1:
        for i in range(n):
            x[i] *= factor


cdef inline void scale_weighted_span(floating* x, const double* weight, double scale,
                                     Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        x[i] = <floating> (x[i] * (weight[i] * scale))


cdef inline bint outside(const floating* x, Py_ssize_t n, const Domain* domain) noexcept nogil:
    """Whether any element is outside the domain. NaN is outside unless `nan_passes`.

    Counting the elements inside is the cheapest form of this search: two comparisons, an AND and
    a subtraction for each vector. With `nan_passes` an interval counts the elements outside
    instead, since comparisons with NaN are false. To find what is not finite takes a subtraction
    and an OR: x - x is +0, of which all bits are 0, unless it is NaN.
    """
    cdef Py_ssize_t i
    cdef floating low = <floating> domain.low
    cdef floating high = <floating> domain.high
    cdef int inside = 0
    cdef unsigned long long found = 0
    cdef unsigned int found_single = 0
    if domain.kind == UNCHECKED:
        return False
    if domain.kind == FINITE:
        if floating is float:
            for i in range(n):
                found_single |= float_bits(x[i] - x[i])
            return found_single != 0
        else:
            for i in range(n):
                found |= double_bits(x[i] - x[i])
            return found != 0
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
    """Neumaier's compensated sum, in order: its error does not grow with the number of terms."""
    cdef double total = 0, compensation = 0, sum_
    cdef Py_ssize_t i
    for i in range(n):
        sum_ = total + term[i]
        if absolute(total) >= absolute(term[i]):
            compensation += (total - sum_) + term[i]
        else:
            compensation += (term[i] - sum_) + total
        total = sum_
    # The compensation of an infinite sum is NaN.
    return total + compensation if compensation == compensation else total
