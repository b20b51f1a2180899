"""Elementary functions that compilers vectorise, fused over float and double.

Kernels write ``from sklosses._kernels.vecmath cimport exp, log1p``. The head of vecmath.h describes
accuracy and method. There is no module to import at run time: everything here is inline, so each
build of a kernel module has its own copy.

A function that is added here needs a line ``VM_FORCE_1`` or ``VM_FORCE_2`` at the end of vecmath.h.
"""

from cython cimport floating

cdef extern from "vecmath.h" nogil:
    float vm_expf(float x) noexcept
    double vm_exp(double x) noexcept
    float vm_exp_negabsf(float x) noexcept
    double vm_exp_negabs(double x) noexcept
    float vm_logf(float x) noexcept
    double vm_log(double x) noexcept
    float vm_log1pf(float x) noexcept
    double vm_log1p(double x) noexcept
    float vm_log1p_unitf(float x) noexcept
    double vm_log1p_unit(double x) noexcept
    float vm_expm1f(float x) noexcept
    double vm_expm1(double x) noexcept
    float vm_sigmoidf(float x) noexcept
    double vm_sigmoid(double x) noexcept
    float vm_softplusf(float x) noexcept
    double vm_softplus(double x) noexcept
    float vm_tanhf(float x) noexcept
    double vm_tanh(double x) noexcept
    float vm_erff(float x) noexcept
    double vm_erf(double x) noexcept
    float vm_erf_withf(float x, float e) noexcept
    double vm_erf_with(double x, double e) noexcept
    float vm_at_leastf(float limit, float x) noexcept
    double vm_at_least(double limit, double x) noexcept
    float vm_at_mostf(float limit, float x) noexcept
    double vm_at_most(double limit, double x) noexcept
    float vm_powf(float x, float y) noexcept
    double vm_pow(double x, double y) noexcept
    float vm_fusef "VM_FUSEF"(float a, float b, float c) noexcept
    double vm_fuse "VM_FUSE"(double a, double b, double c) noexcept
    float vm_fabsf(float x) noexcept
    double vm_fabs(double x) noexcept
    float vm_copysignf(float x, float s) noexcept
    double vm_copysign(double x, double s) noexcept
    float vm_sqrtf(float x) noexcept
    double vm_sqrt(double x) noexcept
    # For double only: exp(x) as f 2^n, powers of two, exponents and mantissas.
    double exp_split "vm_exp_split"(double x, double* n) noexcept
    double pow2 "vm_pow2"(double n) noexcept
    double exponent "vm_split_n"(double x) noexcept
    double mantissa "vm_split_f"(double x) noexcept


cdef inline floating exp(floating x) noexcept nogil:
    if floating is float:
        return vm_expf(x)
    else:
        return vm_exp(x)


cdef inline floating exp_negabs(floating x) noexcept nogil:
    """exp(-|x|), a little cheaper than `exp`."""
    if floating is float:
        return vm_exp_negabsf(x)
    else:
        return vm_exp_negabs(x)


cdef inline floating log(floating x) noexcept nogil:
    if floating is float:
        return vm_logf(x)
    else:
        return vm_log(x)


cdef inline floating log1p(floating x) noexcept nogil:
    if floating is float:
        return vm_log1pf(x)
    else:
        return vm_log1p(x)


cdef inline floating log1p_unit(floating x) noexcept nogil:
    """log1p(x) for x in [0, 1] (or NaN), cheaper than `log1p`."""
    if floating is float:
        return vm_log1p_unitf(x)
    else:
        return vm_log1p_unit(x)


cdef inline floating expm1(floating x) noexcept nogil:
    if floating is float:
        return vm_expm1f(x)
    else:
        return vm_expm1(x)


cdef inline floating sigmoid(floating x) noexcept nogil:
    """1 / (1 + exp(-x))"""
    if floating is float:
        return vm_sigmoidf(x)
    else:
        return vm_sigmoid(x)


cdef inline floating softplus(floating x) noexcept nogil:
    """log(1 + exp(x))"""
    if floating is float:
        return vm_softplusf(x)
    else:
        return vm_softplus(x)


cdef inline floating tanh(floating x) noexcept nogil:
    if floating is float:
        return vm_tanhf(x)
    else:
        return vm_tanh(x)


cdef inline floating erf(floating x) noexcept nogil:
    if floating is float:
        return vm_erff(x)
    else:
        return vm_erf(x)


cdef inline floating erf_with(floating x, floating e) noexcept nogil:
    """erf(x), given e = exp(-x**2)."""
    if floating is float:
        return vm_erf_withf(x, e)
    else:
        return vm_erf_with(x, e)


cdef inline floating fuse(floating a, floating b, floating c) noexcept nogil:
    """a * b + c, where c is a product too: all compilers round the same one of the two."""
    if floating is float:
        return vm_fusef(a, b, c)
    else:
        return vm_fuse(a, b, c)


cdef inline floating fabs(floating x) noexcept nogil:
    if floating is float:
        return vm_fabsf(x)
    else:
        return vm_fabs(x)


cdef inline floating sqrt(floating x) noexcept nogil:
    if floating is float:
        return vm_sqrtf(x)
    else:
        return vm_sqrt(x)


cdef inline floating pow(floating x, floating y) noexcept nogil:
    """x**y for x >= 0; NaN for x < 0, unless y is 0."""
    if floating is float:
        return vm_powf(x, y)
    else:
        return vm_pow(x, y)


cdef inline floating copysign(floating x, floating s) noexcept nogil:
    if floating is float:
        return vm_copysignf(x, s)
    else:
        return vm_copysign(x, s)


cdef inline floating maximum(floating a, floating b) noexcept nogil:
    """The larger number, or `b` if either is NaN: maximum(0, x) propagates a NaN in x."""
    return a if a > b else b


cdef inline floating minimum(floating a, floating b) noexcept nogil:
    """The smaller number, or `b` if either is NaN: minimum(1, x) propagates a NaN in x."""
    return a if a < b else b


cdef inline floating at_least(floating limit, floating x) noexcept nogil:
    """`maximum` of a limit and a logarithm: see vecmath.h."""
    if floating is float:
        return vm_at_leastf(limit, x)
    else:
        return vm_at_least(limit, x)


cdef inline floating at_most(floating limit, floating x) noexcept nogil:
    """`minimum` of a limit and a logarithm: see vecmath.h."""
    if floating is float:
        return vm_at_mostf(limit, x)
    else:
        return vm_at_most(limit, x)
