"""The functions of vecmath applied to contiguous arrays, for the tests and the benchmarks."""

import numpy as np

from cython cimport floating

from sklosses._kernels cimport vecmath


cdef void exp_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.exp(x[i])


cdef void exp_negabs_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.exp_negabs(x[i])


cdef void log_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.log(x[i])


cdef void log1p_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.log1p(x[i])


cdef void log1p_unit_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.log1p_unit(x[i])


cdef void expm1_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.expm1(x[i])


cdef void sigmoid_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.sigmoid(x[i])


cdef void softplus_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.softplus(x[i])


cdef void tanh_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.tanh(x[i])


cdef void erf_loop(const floating* x, floating* out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.erf(x[i])


cdef void pow_loop(const floating* x, const floating* y, floating* out,
                   Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = vecmath.pow(x[i], y[i])


ctypedef void (*loop32)(const float*, float*, Py_ssize_t) noexcept nogil
ctypedef void (*loop64)(const double*, double*, Py_ssize_t) noexcept nogil

NAMES = (
    "exp",
    "exp_negabs",
    "log",
    "log1p",
    "log1p_unit",
    "expm1",
    "sigmoid",
    "softplus",
    "tanh",
    "erf",
)

# Called through pointers, like kernels. In a long if-else chain gcc would consider the loops of
# the later branches cold, and would not vectorise them.
cdef loop32[10] LOOPS32 = [
    exp_loop[float],
    exp_negabs_loop[float],
    log_loop[float],
    log1p_loop[float],
    log1p_unit_loop[float],
    expm1_loop[float],
    sigmoid_loop[float],
    softplus_loop[float],
    tanh_loop[float],
    erf_loop[float],
]
cdef loop64[10] LOOPS64 = [
    exp_loop[double],
    exp_negabs_loop[double],
    log_loop[double],
    log1p_loop[double],
    log1p_unit_loop[double],
    expm1_loop[double],
    sigmoid_loop[double],
    softplus_loop[double],
    tanh_loop[double],
    erf_loop[double],
]


def apply(name, x, out=None):
    """Apply the function `name` to a contiguous 1-d float32 or float64 array."""
    cdef const float[::1] x32
    cdef const double[::1] x64
    cdef float[::1] out32
    cdef double[::1] out64
    cdef int index
    if name not in NAMES:
        raise ValueError(f"The function must be one of {NAMES}. Got {name!r} instead.")
    index = NAMES.index(name)
    if out is None:
        out = np.empty_like(x)
    if x.shape != out.shape:
        raise ValueError("x and out must have the same shape.")
    if x.shape[0] == 0:
        return out
    if x.dtype == np.float32:
        x32 = x
        out32 = out
        LOOPS32[index](&x32[0], &out32[0], x32.shape[0])
    else:
        x64 = x
        out64 = out
        LOOPS64[index](&x64[0], &out64[0], x64.shape[0])
    return out


def apply2(name, x, y, out=None):
    """Apply a function of two arguments; the only one is "pow"."""
    cdef const float[::1] x32, y32
    cdef const double[::1] x64, y64
    cdef float[::1] out32
    cdef double[::1] out64
    if name != "pow":
        raise ValueError(f"The function must be 'pow'. Got {name!r} instead.")
    if out is None:
        out = np.empty_like(x)
    if x.shape != y.shape or x.shape != out.shape:
        raise ValueError("x, y and out must have the same shape.")
    if x.shape[0] == 0:
        return out
    if x.dtype == np.float32:
        x32 = x
        y32 = y
        out32 = out
        pow_loop(&x32[0], &y32[0], &out32[0], x32.shape[0])
    else:
        x64 = x
        y64 = y
        out64 = out
        pow_loop(&x64[0], &y64[0], &out64[0], x64.shape[0])
    return out


def exp_split(const double[::1] x):
    """exp(x) = f 2^n, as arrays f and n."""
    cdef double[::1] f = np.empty(x.shape[0])
    cdef double[::1] n = np.empty(x.shape[0])
    cdef double power
    cdef Py_ssize_t i
    for i in range(x.shape[0]):
        f[i] = vecmath.exp_split(x[i], &power)
        n[i] = power
    return np.asarray(f), np.asarray(n)


def split(const double[::1] x):
    """x = f 2^n, as arrays f and n, for positive normal numbers."""
    cdef double[::1] f = np.empty(x.shape[0])
    cdef double[::1] n = np.empty(x.shape[0])
    cdef Py_ssize_t i
    for i in range(x.shape[0]):
        f[i] = vecmath.mantissa(x[i])
        n[i] = vecmath.exponent(x[i])
    return np.asarray(f), np.asarray(n)


def pow2(const double[::1] n):
    """2^n for integers."""
    cdef double[::1] out = np.empty(n.shape[0])
    cdef Py_ssize_t i
    for i in range(n.shape[0]):
        out[i] = vecmath.pow2(n[i])
    return np.asarray(out)
