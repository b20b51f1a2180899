"""Elementwise losses: a kernel for each loss, and the driver of the family.

A kernel is a plain loop over contiguous arrays, the tiles of its inputs. It writes the loss of each
element to `value`. If they are wanted (wanted.pxd) it also writes the derivatives with respect to
its k-th differentiable input to `gradient[k]`, and the second derivatives to `hessian[k]`, both
multiplied by `scales[k]`. Literals in its arithmetic are constants of type `floating`, since Cython
writes a plain 1 as the C literal 1.0, which turns arithmetic of floats into that of doubles.

The driver does everything else: dtypes and strides, domain checks, weights, sums and threads. The
layers of this file, from top to bottom:

- the kernels, which plans find in `KERNELS`;
- `run_block`: gathers the inputs of a block tile by tile, checks them, runs the kernel, and stores
  the outputs or adds them to folds;
- `run_unit` and `run_units`: distribute the blocks over threads, in the units of folds.pxd;
- `run`: describes the arrays as a `Space`, and allocates what a call needs.

To add a loss, write its kernel here, add it to `KERNELS`, and write its class in `sklosses.losses`.
"""

cimport numpy as cnp
from cpython.pycapsule cimport PyCapsule_GetContext, PyCapsule_GetName, PyCapsule_GetPointer
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.float cimport DBL_MAX, DBL_MIN, FLT_MIN
from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc

from sklosses._kernels.folds cimport (
    FOLD_BLOCK, Fold, Units, fold_add, fold_add_by_label, fold_allocate, fold_close, fold_finish,
    fold_free, fold_open, fold_start, is_fold, unit_block, unit_length, units_start,
)
from sklosses._kernels.lanes cimport (
    Domain, FINITE, UNCHECKED, block_size, compensated_sum, make_domain, outside, scale_span,
    scale_weighted_span, sum_span, sum_weighted_span,
)
from sklosses._kernels.strided cimport (
    MAX_OPERANDS, Blocks, Space, block_start, block_steps, cut_blocks, gather, scatter, space_add,
    space_settle, space_start, stream, stream_end, streams,
)
from sklosses._kernels.vecmath cimport (
    at_least, erf_with, exp, exp_negabs, expm1, fabs, fuse, log, log1p, log1p_unit, maximum,
    minimum, pow, sqrt,
)
from sklosses._kernels.wanted cimport value_alone, wanted_t, with_gradient, with_hessian

cnp.import_array()

# The versions of a kernel.
ctypedef void (*float_value)(const float**, const double*, float*, float**, float**, const float*,
                             Py_ssize_t, value_alone) noexcept nogil
ctypedef void (*float_gradient)(const float**, const double*, float*, float**, float**,
                                const float*, Py_ssize_t, with_gradient) noexcept nogil
ctypedef void (*float_hessian)(const float**, const double*, float*, float**, float**,
                               const float*, Py_ssize_t, with_hessian) noexcept nogil
ctypedef void (*double_value)(const double**, const double*, double*, double**, double**,
                              const double*, Py_ssize_t, value_alone) noexcept nogil
ctypedef void (*double_gradient)(const double**, const double*, double*, double**, double**,
                                 const double*, Py_ssize_t, with_gradient) noexcept nogil
ctypedef void (*double_hessian)(const double**, const double*, double*, double**, double**,
                                const double*, Py_ssize_t, with_hessian) noexcept nogil

# User functions: of two numbers or of contiguous arrays, with or without user data.
ctypedef double (*scalar)(double, double) noexcept nogil
ctypedef double (*scalar_with_data)(double, double, void*) noexcept nogil
ctypedef void (*vector)(const double*, const double*, double*, Py_ssize_t) noexcept nogil
ctypedef void (*vector_with_data)(const double*, const double*, double*, Py_ssize_t,
                                  void*) noexcept nogil

cdef enum:
    # Elements of the longest tile, for kernels that have buffers of their own.
    LONGEST = 480

# ---------------------------------------------------------------------------------------------
# Kernels
# ---------------------------------------------------------------------------------------------


cdef void identity(const floating** x, const double* param, floating* value,
                   floating** gradient, floating** hessian, const floating* scales,
                   Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """Not a loss: it sums and checks one array, such as the weights."""
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = x[0][i]


cdef void count(const floating** x, const double* param, floating* value,
                floating** gradient, floating** hessian, const floating* scales,
                Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """Not a loss: it counts the elements, or adds their weights."""
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = 1


cdef void l1_loss(const floating** x, const double* param, floating* value,
                  floating** gradient, floating** hessian, const floating* scales,
                  Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating d
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        value[i] = fabs(d)
        if wanted_t is not value_alone:
            # 0, a subgradient, where the two are equal. A NaN is propagated.
            g[i] = d if d != d else <floating> ((d > 0) - (d < 0)) * scale
        if wanted_t is with_hessian:
            h[i] = scale


cdef void mse_loss(const floating** x, const double* param, floating* value,
                   floating** gradient, floating** hessian, const floating* scales,
                   Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating d
    cdef floating two = 2
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        value[i] = d * d
        if wanted_t is not value_alone:
            g[i] = scale * (two * d)
        if wanted_t is with_hessian:
            h[i] = scale * two


cdef void huber_loss(const floating** x, const double* param, floating* value,
                     floating** gradient, floating** hessian, const floating* scales,
                     Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """d^2 / 2 for |d| <= delta and linear beyond, divided by `divisor`.

    param = (delta, divisor). Smooth L1 with a beta is the same function with
    delta = divisor = beta.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating delta = <floating> param[0]
    cdef floating divisor = <floating> param[1]
    cdef floating d, a, inner, bend
    cdef floating half = 0.5
    cdef Py_ssize_t i
    if divisor == 0:
        # A beta that underflows in float32 is replaced by the smallest normal number.
        delta = divisor = FLT_MIN
    bend = scale / divisor
    for i in range(n):
        d = y_pred[i] - y_true[i]
        a = fabs(d)
        # inner (a - inner / 2) is d^2 / 2 within delta and delta (a - delta / 2) beyond it. It is
        # divided before the product is taken, so that neither the square nor 1 / beta overflows.
        inner = delta if a > delta else a
        value[i] = (inner / divisor) * (a - half * inner)
        if wanted_t is not value_alone:
            g[i] = scale * ((delta if d > delta else -delta if d < -delta else d) / divisor)
        if wanted_t is with_hessian:
            h[i] = 0 if a > delta else bend


cdef void quantile_loss(const floating** x, const double* param, floating* value,
                        floating** gradient, floating** hessian, const floating* scales,
                        Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef const floating* quantile = x[2]
    cdef const floating* rest = x[3]    # 1 - quantile, which float32 would round near 1
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating d, slope
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        # One of the terms is 0, or both are NaN. A choice between two loads takes AVX2.
        value[i] = maximum(0, d) * rest[i] + maximum(0, -d) * quantile[i]
        if wanted_t is not value_alone:
            # The subgradient at a tie is 0; NaN is passed on.
            slope = <floating> (d > 0) * rest[i] - <floating> (d < 0) * quantile[i]
            g[i] = scale * (slope if d == d else d)
        if wanted_t is with_hessian:
            h[i] = scale


cdef void smooth_quantile_loss(const floating** x, const double* param, floating* value,
                               floating** gradient, floating** hessian, const floating* scales,
                               Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """The quantile loss, in which d^2 / (2 width) takes the place of |d| up to width.

    Beyond, width / 2 is subtracted. param = (width,).
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef const floating* quantile = x[2]
    cdef const floating* rest = x[3]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating width = maximum(<floating> param[0], FLT_MIN)
    cdef floating d, a, inner, factor
    cdef floating half = 0.5
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        a = fabs(d)
        factor = quantile[i] + (rest[i] - quantile[i]) * <floating> (d > 0)
        inner = minimum(width, a)
        value[i] = factor * (inner / width) * (a - half * inner)
        if wanted_t is not value_alone:
            g[i] = scale * factor * (inner / width if d > 0 else -inner / width)
        if wanted_t is with_hessian:
            h[i] = scale * factor / width if a <= width else 0


cdef void expectile_loss(const floating** x, const double* param, floating* value,
                         floating** gradient, floating** hessian, const floating* scales,
                         Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """param = (expectile, 1 - expectile): the factors of d^2 below and above the target."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating below = <floating> param[0]
    cdef floating above = <floating> param[1]
    cdef floating d, factor
    cdef floating two = 2
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        factor = above if d > 0 else below
        value[i] = factor * d * d
        if wanted_t is not value_alone:
            g[i] = scale * (two * factor * d)
        if wanted_t is with_hessian:
            h[i] = scale * (two * factor)


cdef void log_cosh_loss(const floating** x, const double* param, floating* value,
                        floating** gradient, floating** hessian, const floating* scales,
                        Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """With a = |d| and T = tanh(a): -log1p(-T^2) / 2 up to a = 1, then a - log 2 + log1p(exp(-2a)).

    T = -E / (2 + E) with E = expm1(-2a) has all its digits where a is small.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating log_two = <floating> 0.69314718055994530942
    cdef floating d, a, e, t, u
    cdef floating half = 0.5, one = 1, two = 2, four = 4
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = expm1(-two * fabs(y_pred[i] - y_true[i]))
    for i in range(n):
        d = y_pred[i] - y_true[i]
        a = fabs(d)
        e = value[i]
        t = -e / (two + e)
        u = log1p(-t * t if a <= one else one + e)
        value[i] = -half * u if a <= one else (a - log_two) + u
        if wanted_t is not value_alone:
            g[i] = scale * (t if d > 0 else -t)
    if wanted_t is with_hessian:
        for i in range(n):
            e = exp_negabs(two * (y_pred[i] - y_true[i]))
            t = one / (one + e)
            h[i] = scale * (four * (e * t) * t)


cdef void robust_loss(const floating** x, const double* param, floating* value,
                      floating** gradient, floating** hessian, const floating* scales,
                      Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """Barron's loss of u = d / scale, with b = 2 - alpha and L = log(1 + u^2 / b).

    The loss is (b / alpha) (exp(alpha L / 2) - 1), the derivative u exp(-b L / 2). Nothing is
    divided by a small alpha that is not multiplied by it before: expm1 is about alpha L / 2. For
    alpha >= 1 the loss is written as (u^2 E + b (E - 1)) / alpha with E = exp(-b L / 2), which also
    holds where b vanishes. For alpha = -inf, L / b becomes u^2 / b^2.

    param = (1 / scale, alpha, b, log(b), factor of L in expm1, factor of L in E, limit): neither
    alpha nor b is 0, and b is 0 in place of infinity. Beyond `limit`, where u^2 / b might overflow,
    L is 2 log |u| - log(b).
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating unit = <floating> param[0]
    cdef floating alpha = <floating> param[1]
    cdef floating b = <floating> param[2]
    cdef floating log_b = <floating> param[3]
    cdef floating first = <floating> param[4]
    cdef floating second = <floating> param[5]
    cdef bint welsch = b == 0
    cdef bint steep = alpha >= 1
    cdef floating scale = scales[0] * unit
    cdef floating bend = scale * unit
    cdef floating front = -1 if welsch else b / alpha
    cdef floating limit, most, least
    cdef floating[LONGEST] u
    cdef floating[LONGEST] length       # L
    cdef floating[LONGEST] power        # E
    cdef floating a, q, inverse
    cdef floating one = 1, two = 2
    cdef Py_ssize_t i
    # Squares are bounded, so that no infinity is multiplied by 0.
    if floating is float:
        limit = 1e9
        most = 1e36
        least = 1e-8
    else:
        limit = 1e17
        most = 1e300
        least = 1e-17
    if steep:
        least = -1
    if b > 1e6:
        limit = most
    for i in range(n):
        u[i] = unit * (y_pred[i] - y_true[i])
    if welsch:
        for i in range(n):
            length[i] = u[i] * u[i]
    else:
        for i in range(n):
            a = fabs(u[i])
            length[i] = log1p(a if a > limit else a * a / b)
        for i in range(n):
            length[i] = two * length[i] - log_b if fabs(u[i]) > limit else length[i]
    for i in range(n):
        # The product with a small alpha might underflow.
        a = first * length[i]
        value[i] = expm1(a) if fabs(a) > least else length[i]
    for i in range(n):
        power[i] = exp(second * length[i])
    if not steep:
        for i in range(n):
            a = first * length[i]
            value[i] *= front if fabs(a) > least else front * first
    for i in range(n):
        a = u[i]
        if wanted_t is with_hessian:
            q = minimum(most, a * a)
            inverse = one if welsch else one / (one + q / b)
            # The two forms of 1 - u^2 / (1 + u^2 / b). Each cancels only where it has a zero.
            q = (alpha - one) + b * inverse if (b <= 2) & (b > 0) else one - q * inverse
            h[i] = bend * (power[i] * q)
        if steep:
            value[i] = (a * (a * power[i]) + b * value[i]) / alpha
        if wanted_t is not value_alone:
            g[i] = scale * (a * power[i])


cdef void mape_loss(const floating** x, const double* param, floating* value,
                    floating** gradient, floating** hessian, const floating* scales,
                    Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """|d| / max(eps, |y_true|): param = (eps,)."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating eps = <floating> param[0]
    cdef floating d, share
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        share = one / maximum(eps, fabs(y_true[i]))
        value[i] = fabs(d) * share
        if wanted_t is not value_alone:
            # As in l1_loss.
            g[i] = d if d != d else <floating> ((d > 0) - (d < 0)) * (scale * share)
        if wanted_t is with_hessian:
            h[i] = scale


cdef void msle_loss(const floating** x, const double* param, floating* value,
                    floating** gradient, floating** hessian, const floating* scales,
                    Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """The difference of the logarithms is +-log1p(|d| / (1 + the lower one)); nothing cancels."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating d, q, s
    cdef floating one = 1, two = 2
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        q = log1p(fabs(d) / (one + (y_pred[i] if d < 0 else y_true[i])))
        q = -q if d < 0 else q
        s = one / (one + y_pred[i])
        value[i] = q * q
        if wanted_t is not value_alone:
            g[i] = scale * (two * q * s)
        if wanted_t is with_hessian:
            h[i] = scale * (two * (one - q) * s * s)


cdef void poisson_nll_loss(const floating** x, const double* param, floating* value,
                           floating** gradient, floating** hessian, const floating* scales,
                           Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """For predicted logarithms of rates: param = (full, eps), of which eps is not used."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating rate
    cdef Py_ssize_t i
    for i in range(n):
        rate = exp(y_pred[i])
        value[i] = rate - y_true[i] * y_pred[i]
        if wanted_t is not value_alone:
            g[i] = scale * (rate - y_true[i])
        if wanted_t is with_hessian:
            h[i] = scale * rate
    if param[0] != 0:
        add_stirling(y_true, value, n)


cdef void poisson_nll_loss_of_rates(const floating** x, const double* param, floating* value,
                                    floating** gradient, floating** hessian, const floating* scales,
                                    Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """For predicted rates: param = (full, eps)."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating eps = <floating> param[1]
    cdef floating y, rate, shifted, ratio
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        y = y_true[i]
        rate = y_pred[i]
        shifted = rate + eps
        # For a count of 0 the logarithmic term vanishes, even where eps = 0 makes it infinite.
        value[i] = rate - (y * log(shifted) if y > 0 else y)
        if wanted_t is not value_alone:
            # y * rate is 0, or NaN if either of them is.
            ratio = y / shifted if y > 0 else y * rate
            g[i] = scale * (one - ratio)
            if wanted_t is with_hessian:
                h[i] = scale * (ratio / shifted if y > 0 else ratio)
    if param[0] != 0:
        add_stirling(y_true, value, n)


cdef inline void add_stirling(const floating* y_true, floating* value,
                              Py_ssize_t n) noexcept nogil:
    """Add Stirling's approximation of log(y!) where y > 1."""
    cdef floating constant = <floating> 0.91893853320467274178  # log(2 pi) / 2
    cdef floating y
    cdef floating half = 0.5
    cdef Py_ssize_t i
    for i in range(n):
        y = y_true[i]
        value[i] += ((y + half) * log(y) - y + constant) if y > 1 else 0


cdef void gaussian_nll_loss(const floating** x, const double* param, floating* value,
                            floating** gradient, floating** hessian, const floating* scales,
                            Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """param = (eps, constant): the lower bound of the variance, and a term of each loss."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef const floating* var = x[2]
    cdef floating* g_mean = gradient[0]
    cdef floating* g_var = gradient[1]
    cdef floating* h_mean = hessian[0]
    cdef floating* h_var = hessian[1]
    cdef floating scale = scales[0]
    cdef floating scale_var = scales[1]
    cdef floating constant = <floating> param[1]
    cdef floating least = <floating> param[0]
    cdef floating d, v, precision, t
    cdef floating half = 0.5, one = 1
    cdef Py_ssize_t i
    # An eps that is 0, or whose inverse overflows, must not give infinity.
    if floating is float:
        least = maximum(least, FLT_MIN)
    else:
        least = maximum(least, DBL_MIN)
    for i in range(n):
        d = y_pred[i] - y_true[i]
        v = maximum(least, var[i])
        precision = one / v
        # In this order, because the square of d might overflow.
        t = d * (d * precision)
        value[i] = half * (log(v) + t) + constant
        if wanted_t is not value_alone:
            g_mean[i] = scale * (d * precision)
            g_var[i] = scale_var * (half * precision * (one - t))
        if wanted_t is with_hessian:
            h_mean[i] = scale * precision
            h_var[i] = scale_var * (precision * precision * (t - half))


cdef void tweedie_deviance(const floating** x, const double* param, floating* value,
                           floating** gradient, floating** hessian, const floating* scales,
                           Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """Unit deviance for powers from 1 on: param = (2 - power, power - 1, log_input).

    With m the mean, c = 2 - power, b = power - 1, t = log(y / m), U = expm1(-d |t|) and
    F = expm1(-k |t|), where k = |c|, it is

        2 f ((1 + U) F / k - U / d) for m < y   and   2 f ((1 + F) U / d - F / k) for m >= y.

    If c >= 0, d is b, and f the larger one of m^c and y m^-b. If c < 0, d is 1, and f is y m^-b / b
    for m < y and y^c / b for m >= y. For the power 1 U is 0 and U / d is -|t|, and for the power 2
    F and F / k. No exponential in a bracket is above 1, and f is the square of a root, by which the
    bracket is multiplied twice. So nothing overflows unless the deviance does.

    The derivative with respect to log(m) is 2 (m^c - y m^-b), the larger one times expm1(-|t|).
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating c = <floating> param[0]
    cdef floating b = <floating> param[1]
    cdef bint logs = param[2] != 0
    cdef floating slope = scale + scale
    cdef bint steep = c < 0
    cdef floating[LONGEST] z            # log(m)
    cdef floating[LONGEST] w            # log(y)
    cdef floating[LONGEST] root         # of f, without 1 / b
    cdef floating[LONGEST] first        # F, or -|t|
    cdef floating[LONGEST] rate
    cdef floating[LONGEST] whole        # expm1(-|t|), unless it is made of U and F
    cdef bint mixed = c > 0 and b > 0
    cdef floating* lower = &w[0] if steep else &z[0]
    # The root of the larger one of m^c and y m^-b.
    cdef floating* larger = &rate[0] if steep else &root[0]
    cdef floating p, q, r, s, bend
    # Exponents and distances are bounded, so that no infinity is multiplied by 0.
    cdef floating most = 88 if floating is float else 709
    cdef floating farthest = <floating> -1e36
    cdef floating zero = 0, half = 0.5, one = 1, two = 2
    cdef floating k = fabs(c)
    cdef floating d = one if steep else b
    cdef floating front = two / b if steep else two
    cdef floating over_k = front / k if c != 0 else front
    cdef floating over_d = front / d if b != 0 else front
    cdef floating has_first = c != 0
    cdef floating has_second = b != 0
    # Factors of m^c and y m^-b in the second derivative.
    cdef floating of_mean = c if logs else -b
    cdef floating of_target = b if logs else one + b
    cdef floating turn = INFINITY if of_target == 0 else -INFINITY if of_mean == 0 else zero
    cdef Py_ssize_t i
    for i in range(n):
        w[i] = log(y_true[i])
    if logs:
        for i in range(n):
            z[i] = y_pred[i]
    else:
        for i in range(n):
            z[i] = log(y_pred[i])
    if b == 0:
        for i in range(n):
            value[i] = maximum(farthest, -fabs(w[i] - z[i]))
    else:
        for i in range(n):
            value[i] = expm1(-d * fabs(w[i] - z[i]))
    if c == 0:
        for i in range(n):
            first[i] = maximum(farthest, -fabs(w[i] - z[i]))
    elif k == d:
        # For the powers 1.5, which is the default, and 3.
        for i in range(n):
            first[i] = value[i]
    else:
        for i in range(n):
            first[i] = expm1(-k * fabs(w[i] - z[i]))
    for i in range(n):
        root[i] = exp(minimum(most, half * maximum(w[i] - b * z[i], c * lower[i])))
    if wanted_t is not value_alone:
        if steep:
            for i in range(n):
                rate[i] = exp(minimum(most, half * maximum(w[i] - b * z[i], c * z[i])))
        if b == 0:
            for i in range(n):
                whole[i] = first[i]
        elif not mixed:
            for i in range(n):
                whole[i] = value[i]
    for i in range(n):
        # 1 + F and 1 + U, and F / k and U / d times 2 or 2 / b.
        p = one + has_first * first[i]
        q = one + has_second * value[i]
        r = over_k * first[i]
        s = over_d * value[i]
        r = fuse(q, r, -s) if z[i] < w[i] else fuse(p, s, -r)
        s = (first[i] + value[i]) + first[i] * value[i] if mixed else whole[i]
        value[i] = root[i] * r * root[i]
        if wanted_t is not value_alone:
            bend = larger[i] * s * larger[i]
            bend = bend if logs else bend / y_pred[i]
            g[i] = (slope if z[i] < w[i] else -slope) * bend
    if wanted_t is with_hessian:
        # The larger term is a factor, unless it does not occur: then the other one is.
        for i in range(n):
            s = c * z[i] if w[i] - z[i] <= turn else w[i] - b * z[i]
            rate[i] = exp(minimum(most, half * s))
        for i in range(n):
            whole[i] = exp_negabs(w[i] - z[i])
        for i in range(n):
            bend = (of_mean + of_target * whole[i] if w[i] - z[i] <= turn
                    else of_target + of_mean * whole[i])
            s = rate[i] if logs else rate[i] / y_pred[i]
            h[i] = scale * (two * (s * bend) * s)


cdef void tweedie_deviance_below_one(const floating** x, const double* param, floating* value,
                                     floating** gradient, floating** hessian,
                                     const floating* scales, Py_ssize_t n,
                                     wanted_t wanted) noexcept nogil:
    """Unit deviance for powers up to 0: param = (2 - power, 1 - power, log_input).

    It is (y - m)^2 for the power 0, where the mean m is given by its logarithm. Else, with
    c = 2 - power, a = 1 - power, t = log(max(y, 0) / m) and F = expm1(-c |t|), it is

        2 y^c (F / c - expm1(-a |t|) / a) for m < y   and   2 m^c (F / c - expm1(-|t|)) / a else,

    and 2 |y| m^a / a more for negative targets. As above, powers are squares of roots.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating c = <floating> param[0]
    cdef floating a = <floating> param[1]
    cdef bint logs = param[2] != 0
    cdef floating[LONGEST] z            # log(m)
    cdef floating[LONGEST] w            # log(max(y, 0))
    cdef floating[LONGEST] mean
    cdef floating[LONGEST] root         # of m^a or, if the means are given, of m^(a - 1)
    cdef floating[LONGEST] first        # F
    cdef floating[LONGEST] front        # the root of y^c or m^c
    cdef floating r, s, t, share
    cdef floating most = 88 if floating is float else 709
    cdef floating zero = 0, half = 0.5, one = 1, two = 2
    cdef floating power = a if logs else a - one
    cdef Py_ssize_t i
    if logs:
        for i in range(n):
            z[i] = y_pred[i]
        for i in range(n):
            mean[i] = exp(y_pred[i])
    else:
        for i in range(n):
            z[i] = log(y_pred[i])
        for i in range(n):
            mean[i] = y_pred[i]
    for i in range(n):
        root[i] = exp(minimum(most, half * power * z[i]))
    if a == 1:
        for i in range(n):
            value[i] = (y_true[i] - mean[i]) * (y_true[i] - mean[i])
    else:
        for i in range(n):
            w[i] = log(maximum(zero, y_true[i]))
        for i in range(n):
            first[i] = expm1(-c * fabs(w[i] - z[i]))
        for i in range(n):
            front[i] = exp(minimum(most, half * c * (w[i] if z[i] < w[i] else z[i])))
        for i in range(n):
            value[i] = expm1((a if z[i] < w[i] else one) * -fabs(w[i] - z[i]))
        for i in range(n):
            r = first[i] / c
            s = value[i] / a
            t = r - s if z[i] < w[i] else r / a - s
            r = two * (root[i] * (maximum(zero, -y_true[i]) / a)) * root[i]
            value[i] = fuse(r, one if logs else mean[i], two * (front[i] * t) * front[i])
    if wanted_t is not value_alone:
        for i in range(n):
            g[i] = scale * (two * (root[i] * (mean[i] - y_true[i])) * root[i])
    if wanted_t is with_hessian:
        # 2 m^a (c m - a y) for the logarithm, and 2 m^(a - 2) (a m - (a - 1) y).
        share = a / c if logs else (a - one) / a
        r = two * (c if logs else a)
        if not logs:
            for i in range(n):
                root[i] = exp(minimum(most, half * (power - one) * z[i]))
        for i in range(n):
            h[i] = scale * (r * (root[i] * (mean[i] - share * y_true[i])) * root[i])


cdef inline floating stirling_rest(floating x) noexcept nogil:
    """log Gamma(x) - ((x - 1/2) log(x) - x + log(2 pi) / 2) for x >= 10."""
    cdef floating one = 1
    cdef floating a = <floating> 8.3333333333333333e-2      # 1 / 12
    cdef floating b = <floating> 2.7777777777777778e-3      # 1 / 360
    cdef floating c = <floating> 7.9365079365079365e-4      # 1 / 1260
    cdef floating d = <floating> 5.9523809523809524e-4      # 1 / 1680
    cdef floating e = <floating> 8.4175084175084175e-4      # 1 / 1188
    cdef floating f = <floating> 1.9175269175269175e-3      # 691 / 360360
    cdef floating g = <floating> 6.4102564102564103e-3      # 1 / 156
    cdef floating r = one / x
    cdef floating z = r * r
    return r * (a - z * (b - z * (c - z * (d - z * (e - z * (f - z * g))))))


cdef inline void add_log_rising(const floating* y, double r, floating sign, floating* out,
                                Py_ssize_t n) noexcept nogil:
    """Add sign (log Gamma(y + r) - log Gamma(r)) to `out`.

    By Stirling's series, in which the large terms of the two are subtracted before they are
    rounded. Arguments below 10 are raised by 10: each step is a logarithm of a quotient.
    """
    cdef double ten = 10
    cdef bint raised = r < ten
    cdef floating base = <floating> (r + ten if raised else r)
    cdef floating rest = stirling_rest(base)
    cdef floating start, t
    cdef floating half = 0.5
    cdef Py_ssize_t i, k
    for i in range(n):
        t = (base - half) * log1p(y[i] / base) + (stirling_rest(y[i] + base) - rest)
        out[i] += sign * (t + y[i] * (log(y[i] + base) - <floating> 1.0))
    if raised:
        for k in range(10):
            start = <floating> (r + k)
            for i in range(n):
                out[i] -= sign * log1p(y[i] / start)


cdef void negative_binomial_nll_loss(const floating** x, const double* param, floating* value,
                                     floating** gradient, floating** hessian,
                                     const floating* scales, Py_ssize_t n,
                                     wanted_t wanted) noexcept nogil:
    """r softplus(u) + y softplus(-u) with r = 1 / alpha and u = log(alpha mean).

    param = (r, alpha, log(alpha), full, log_input).
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating r = <floating> param[0]
    cdef floating alpha = <floating> param[1]
    cdef floating log_alpha = <floating> param[2]
    cdef bint full = param[3] != 0
    cdef bint logs = param[4] != 0
    cdef floating[LONGEST] u
    cdef floating y, e, soft, s, near, far, inverse
    cdef floating one = 1
    cdef Py_ssize_t i
    # exp(-|u|), and u itself.
    if logs:
        for i in range(n):
            u[i] = y_pred[i] + log_alpha
        for i in range(n):
            value[i] = exp_negabs(u[i])
    else:
        for i in range(n):
            s = alpha * y_pred[i]
            u[i] = log(s)
            value[i] = s if s <= one else one / s
    for i in range(n):
        y = y_true[i]
        e = value[i]
        soft = log1p_unit(e)
        value[i] = r * (maximum(0, u[i]) + soft) + y * (maximum(0, -u[i]) + soft)
        if wanted_t is not value_alone:
            s = one / (one + e)
            near = s if u[i] >= 0 else e * s        # sigmoid(u)
            far = e * s if u[i] >= 0 else s         # sigmoid(-u)
            inverse = one if logs else one / y_pred[i]
            g[i] = scale * (fuse(r, near, -y * far) * inverse)
            if wanted_t is with_hessian:
                h[i] = scale * ((r + y) * ((e * s) * s) if logs
                                else fuse(y * far, one + near, -(r * near) * near)
                                * inverse * inverse)
    if full:
        add_log_rising(y_true, 1, 1, value, n)
        add_log_rising(y_true, param[0], -1, value, n)


cdef void crps_gaussian_loss(const floating** x, const double* param, floating* value,
                             floating** gradient, floating** hessian, const floating* scales,
                             Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """d erf(u) + sigma / sqrt(pi) (sqrt(2) e - 1) with u = d / (sqrt(2) sigma), e = exp(-u^2)."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef const floating* var = x[2]
    cdef floating* g_mean = gradient[0]
    cdef floating* g_var = gradient[1]
    cdef floating* h_mean = hessian[0]
    cdef floating* h_var = hessian[1]
    cdef floating scale = scales[0]
    cdef floating scale_var = scales[1]
    cdef floating root_two = <floating> 1.41421356237309504880
    cdef floating root_pi = <floating> 0.56418958354775628695       # 1 / sqrt(pi)
    cdef floating[LONGEST] u
    cdef floating[LONGEST] e
    cdef floating[LONGEST] peak         # sqrt(2) e
    cdef floating d, sigma, square, t, least
    cdef floating quarter = 0.25, half = 0.5, one = 1, two = 2
    cdef Py_ssize_t i
    # A variance whose inverse overflows is replaced by the smallest normal number.
    if floating is float:
        least = FLT_MIN
    else:
        least = DBL_MIN
    for i in range(n):
        u[i] = (y_pred[i] - y_true[i]) * sqrt(half / maximum(least, var[i]))
    for i in range(n):
        e[i] = exp_negabs(u[i] * u[i])
    for i in range(n):
        peak[i] = root_two * e[i]
    for i in range(n):
        d = y_pred[i] - y_true[i]
        sigma = sqrt(maximum(least, var[i]))
        t = erf_with(u[i], e[i])
        value[i] = fuse(d, t, sigma * (root_pi * (peak[i] - one)))
        if wanted_t is not value_alone:
            g_mean[i] = scale * t
            g_var[i] = scale_var * (half * (root_pi * (peak[i] - one)) / sigma)
        if wanted_t is with_hessian:
            # Where u is large the density is 0, so bounding u only prevents 0 * inf.
            square = minimum(10000, u[i] * u[i])
            h_mean[i] = scale * (root_pi * peak[i] / sigma)
            t = peak[i] * (two * square - one) + one
            h_var[i] = scale_var * (quarter * root_pi * t / sigma / maximum(least, var[i]))


cdef void kl_div(const floating** x, const double* param, floating* value,
                 floating** gradient, floating** hessian, const floating* scales,
                 Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating p, q
    cdef Py_ssize_t i
    for i in range(n):
        p = y_true[i]
        q = y_pred[i]
        # The term of a probability of 0 vanishes for every prediction but NaN.
        value[i] = p * (log(p) - q) if p > 0 else p if q == q else q
        if wanted_t is not value_alone:
            g[i] = -scale * p
        if wanted_t is with_hessian:
            h[i] = scale


cdef void kl_div_of_logs(const floating** x, const double* param, floating* value,
                         floating** gradient, floating** hessian, const floating* scales,
                         Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating p, q, d
    cdef Py_ssize_t i
    for i in range(n):
        p = exp(y_true[i])
        q = y_pred[i]
        d = y_true[i] - q
        # As in kl_div. But if exp(y_true) merely underflows, its divergence from a probability
        # that is exactly 0 is infinite.
        value[i] = p * d if p > 0 else d if d == <floating> INFINITY else p if q == q else q
        if wanted_t is not value_alone:
            g[i] = -scale * p
        if wanted_t is with_hessian:
            h[i] = scale


cdef void binary_cross_entropy(const floating** x, const double* param, floating* value,
                               floating** gradient, floating** hessian, const floating* scales,
                               Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating y, p, q, a, b
    # PyTorch's EPSILON, 1e-12 rounded to float32.
    cdef floating tiny = <float> 1e-12
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        y = y_true[i]
        p = y_pred[i]
        q = one - p
        value[i] = -(y * at_least(-100, log(p)) + (one - y) * at_least(-100, log1p(-p)))
        if wanted_t is not value_alone:
            g[i] = scale * ((p - y) / maximum(tiny, p * q))
        if wanted_t is with_hessian:
            a = maximum(tiny, p)
            b = maximum(tiny, q)
            h[i] = scale * (y / (a * a) + (one - y) / (b * b))


cdef void binary_cross_entropy_with_logits(const floating** x, const double* param,
                                           floating* value, floating** gradient,
                                           floating** hessian, const floating* scales,
                                           Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """y pos_weight softplus(-z) + (1 - y) softplus(z): no term is negative, so none cancel.

    param = (1 - s, s / 2), with which s smooths y and 1 - y alike. The exponential has a loop of
    its own, because the two halves fit the registers and the whole does not.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef const floating* pos_weight = x[2]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating keep = <floating> param[0]
    cdef floating spread = <floating> param[1]
    cdef floating y, z, a, b, e, r, t, near, far
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = exp_negabs(y_pred[i])
    for i in range(n):
        z = y_pred[i]
        y = y_true[i]
        a = (keep * y + spread) * pos_weight[i]
        b = keep * (one - y) + spread
        e = value[i]
        # softplus(z) = max(z, 0) + log1p(e), so only one of the two terms contains |z|: that of
        # the label that the prediction speaks against, whose weight is `far`.
        far = b if z >= 0 else a
        near = a if z >= 0 else b
        value[i] = far * fabs(z) + (a + b) * log1p_unit(e)
        if wanted_t is not value_alone:
            r = one / (one + e)
            t = r * (far - near * e)
            g[i] = scale * (t if z >= 0 else -t)
            if wanted_t is with_hessian:
                h[i] = scale * ((a + b) * ((e * r) * r))


cdef void soft_margin_loss(const floating** x, const double* param, floating* value,
                           floating** gradient, floating** hessian, const floating* scales,
                           Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """softplus(-y z), as a sum of non-negative terms."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating z, e, r
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = exp_negabs(y_pred[i])
    for i in range(n):
        z = y_true[i] * y_pred[i]
        e = value[i]
        value[i] = maximum(0, -z) + log1p_unit(e)
        if wanted_t is not value_alone:
            r = one / (one + e)
            g[i] = -scale * y_true[i] * (e * r if z >= 0 else r)
            if wanted_t is with_hessian:
                h[i] = scale * ((e * r) * r)


cdef void hinge_loss(const floating** x, const double* param, floating* value,
                     floating** gradient, floating** hessian, const floating* scales,
                     Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """param = (margin,)."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating margin = <floating> param[0]
    cdef floating left
    cdef Py_ssize_t i
    for i in range(n):
        left = margin - y_true[i] * y_pred[i]
        value[i] = maximum(0, left)
        if wanted_t is not value_alone:
            # At the kink as in hinge_embedding_loss. A NaN is propagated.
            g[i] = -scale * (y_true[i] if left >= 0 else 0 if left < 0 else left)
        if wanted_t is with_hessian:
            h[i] = scale


cdef void smooth_hinge_loss(const floating** x, const double* param, floating* value,
                            floating** gradient, floating** hessian, const floating* scales,
                            Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """The hinge t, and t^2 / (2 width) + width / 2 up to t = width: param = (margin, width).

    The term width / 2 is left out.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating margin = <floating> param[0]
    cdef floating width = maximum(<floating> param[1], FLT_MIN)
    cdef floating kept, inner
    cdef floating half = 0.5
    cdef Py_ssize_t i
    for i in range(n):
        kept = maximum(0, margin - y_true[i] * y_pred[i])
        inner = minimum(width, kept)
        value[i] = (inner / width) * (kept - half * inner)
        if wanted_t is not value_alone:
            g[i] = -scale * (y_true[i] * (inner / width))
        if wanted_t is with_hessian:
            h[i] = scale / width if (kept > 0) & (kept <= width) else 0


cdef void squared_hinge_loss(const floating** x, const double* param, floating* value,
                             floating** gradient, floating** hessian, const floating* scales,
                             Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """param = (margin,)."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating margin = <floating> param[0]
    cdef floating left, kept
    cdef floating two = 2
    cdef Py_ssize_t i
    for i in range(n):
        left = margin - y_true[i] * y_pred[i]
        kept = maximum(0, left)
        value[i] = kept * kept
        if wanted_t is not value_alone:
            g[i] = -scale * (two * (y_true[i] * kept))
        if wanted_t is with_hessian:
            h[i] = scale * two if left >= 0 else 0


cdef void exponential_loss(const floating** x, const double* param, floating* value,
                           floating** gradient, floating** hessian, const floating* scales,
                           Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating e
    cdef Py_ssize_t i
    for i in range(n):
        e = exp(-y_true[i] * y_pred[i])
        value[i] = e
        if wanted_t is not value_alone:
            g[i] = -scale * (y_true[i] * e)
        if wanted_t is with_hessian:
            h[i] = scale * e


cdef void modified_huber_loss(const floating** x, const double* param, floating* value,
                              floating** gradient, floating** hessian, const floating* scales,
                              Py_ssize_t n, wanted_t wanted) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating left, kept, inner
    cdef floating one = 1, two = 2
    cdef Py_ssize_t i
    for i in range(n):
        left = one - y_true[i] * y_pred[i]
        kept = maximum(0, left)
        inner = minimum(2, kept)
        # The square of kept up to 2, and 4 (kept - 1) beyond.
        value[i] = inner * (two * kept - inner)
        if wanted_t is not value_alone:
            g[i] = -scale * (two * (y_true[i] * inner))
        if wanted_t is with_hessian:
            h[i] = scale * two if left >= 0 and left <= two else 0


cdef void cumulative_logit_loss(const floating** x, const double* param, floating* value,
                                floating** gradient, floating** hessian, const floating* scales,
                                Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """softplus(lower - z) + softplus(z - upper) + width, for x = (z, lower, upper, width).

    The thresholds around the class of each element may be -inf and inf. `width` is the term that
    depends only on their distance. The derivatives with respect to lower and upper, without those
    of `width`, are for sums by label, which are scaled later.
    """
    cdef const floating* z = x[0]
    cdef const floating* lower = x[1]
    cdef const floating* upper = x[2]
    cdef const floating* width = x[3]
    cdef floating* g = gradient[0]
    cdef floating* g_lower = gradient[1]
    cdef floating* g_upper = gradient[2]
    cdef floating* h = hessian[0]
    cdef floating* h_lower = hessian[1]
    cdef floating* h_upper = hessian[2]
    cdef floating scale = scales[0]
    cdef floating a, b, e, r, s
    cdef floating one = 1
    cdef Py_ssize_t i
    # One exponential for each loop: its constants need most of the registers.
    for i in range(n):
        a = lower[i] - z[i]
        e = exp_negabs(a)
        value[i] = (maximum(0, a) + log1p_unit(e)) + width[i]
        if wanted_t is not value_alone:
            r = one / (one + e)
            g_lower[i] = r if a >= 0 else e * r
            if wanted_t is with_hessian:
                h_lower[i] = (e * r) * r
    for i in range(n):
        b = z[i] - upper[i]
        e = exp_negabs(b)
        value[i] += maximum(0, b) + log1p_unit(e)
        if wanted_t is not value_alone:
            r = one / (one + e)
            s = r if b >= 0 else e * r
            g[i] = scale * (s - g_lower[i])
            g_upper[i] = -s
            if wanted_t is with_hessian:
                s = (e * r) * r
                h[i] = scale * (h_lower[i] + s)
                h_upper[i] = s


cdef void hinge_embedding_loss(const floating** x, const double* param, floating* value,
                               floating** gradient, floating** hessian, const floating* scales,
                               Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """param = (margin,)."""
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating margin = <floating> param[0]
    cdef floating y, left
    cdef floating zero = 0
    cdef Py_ssize_t i
    for i in range(n):
        y = y_true[i]
        left = margin - y_pred[i]
        # y is -1 or 1, or a NaN that was let pass, which has to reach the value.
        value[i] = y_pred[i] if y > 0 else maximum(0, left) if y < 0 else y
        if wanted_t is not value_alone:
            # At the kink, as in PyTorch, the slope of the side that is not flat.
            g[i] = (left * y if left * y != left * y
                    else scale if y > 0 else -scale if left >= 0 else zero)
        if wanted_t is with_hessian:
            h[i] = scale


cdef void margin_ranking_loss(const floating** x, const double* param, floating* value,
                              floating** gradient, floating** hessian, const floating* scales,
                              Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """param = (margin,)."""
    cdef const floating* y_true = x[0]
    cdef const floating* x1 = x[1]
    cdef const floating* x2 = x[2]
    cdef floating* g1 = gradient[0]
    cdef floating* g2 = gradient[1]
    cdef floating* h1 = hessian[0]
    cdef floating* h2 = hessian[1]
    cdef floating scale1 = scales[0]
    cdef floating scale2 = scales[1]
    cdef floating margin = <floating> param[0]
    cdef floating left, slope
    cdef Py_ssize_t i
    for i in range(n):
        left = margin - y_true[i] * (x1[i] - x2[i])
        value[i] = maximum(0, left)
        if wanted_t is not value_alone:
            # At the kink as in hinge_embedding_loss. A NaN is propagated.
            slope = y_true[i] if left >= 0 else 0 if left < 0 else left
            g1[i] = -scale1 * slope
            g2[i] = scale2 * slope
        if wanted_t is with_hessian:
            h1[i] = scale1
            h2[i] = scale2


cdef inline void power_span(floating* x, double exponent, floating* out,
                            Py_ssize_t n) noexcept nogil:
    """x^exponent for x >= 0, or 0 where x is 0 and the exponent is negative."""
    cdef Py_ssize_t i
    if exponent == 0:
        for i in range(n):
            out[i] = 1
    elif exponent == 1:
        for i in range(n):
            out[i] = x[i]
    elif exponent == 2:
        for i in range(n):
            out[i] = x[i] * x[i]
    elif exponent == 4:
        for i in range(n):
            out[i] = (x[i] * x[i]) * (x[i] * x[i])
    elif exponent < 0:
        for i in range(n):
            out[i] = pow(x[i], <floating> exponent) if x[i] != 0 else 0
    else:
        for i in range(n):
            out[i] = pow(x[i], <floating> exponent)


cdef inline void focal_span(floating* x, double gamma, floating* out, Py_ssize_t n) noexcept nogil:
    """x^gamma for x in [0, 1] and gamma >= 0, faster than `power_span` for most gammas.

    The relative error is that of an exponential of gamma log(x), which matters only where the power
    is tiny. A gamma that underflows in float32 is replaced by the smallest normal number.
    """
    cdef floating exponent = <floating> max(gamma, FLT_MIN)
    cdef Py_ssize_t i
    if gamma == 0 or gamma == 1 or gamma == 2 or gamma == 4:
        power_span(x, gamma, out, n)
    else:
        for i in range(n):
            out[i] = exp(exponent * log(x[i]))


cdef void sigmoid_focal_loss(const floating** x, const double* param, floating* value,
                             floating** gradient, floating** hessian, const floating* scales,
                             Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """alpha u^gamma c: c is the cross-entropy of y, and u what p lacks, y (1 - p) + (1 - y) p.

    With e = exp(-|z|) and r = 1 / (1 + e), the weight `near` of the label that z speaks for and the
    weight `far` of the other one, u = r (far + near e) and c = far |z| + log1p(e): sums of terms
    that are not negative, so they keep their digits at saturation. Where u underflows, so does c.
    The derivatives of log u and of c with respect to |z| are r w and r v.

    param = (alpha of y = 1, alpha of y = 0, gamma); both alphas contain the loss weight.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating positive = <floating> param[0]
    cdef floating negative = <floating> param[1]
    cdef floating gamma = <floating> param[2]
    cdef floating[LONGEST] exponential
    cdef floating[LONGEST] power
    cdef floating y, z, e, r, near, far, t, a, c, w, v, b, s
    cdef floating one = 1, two = 2
    cdef Py_ssize_t i
    for i in range(n):
        exponential[i] = exp_negabs(y_pred[i])
    for i in range(n):
        y = y_true[i]
        e = exponential[i]
        far = one - y if y_pred[i] >= 0 else y
        near = y if y_pred[i] >= 0 else one - y
        power[i] = (far + near * e) / (one + e)
    focal_span(power, param[2], power, n)
    for i in range(n):
        y = y_true[i]
        z = y_pred[i]
        e = exponential[i]
        far = one - y if z >= 0 else y
        near = y if z >= 0 else one - y
        c = far * fabs(z) + log1p_unit(e)
        a = power[i] * (y * positive + (one - y) * negative)
        value[i] = a * c
        if wanted_t is not value_alone:
            r = one / (one + e)
            # e / t is 1 for far = 0, also where e is 0.
            t = far + near * e
            w = (far - near) * ((e if t > 0 else one) / (t if t > 0 else one))
            v = far - near * e
            b = gamma * w
            s = a * (r * (b * c + v))
            g[i] = scale * (s if z >= 0 else -s)
            if wanted_t is with_hessian:
                # Where c is large w is 0, so bounding c only prevents inf * 0.
                c = minimum(c, 10000)
                h[i] = scale * (a * (r * r) * (b * (c * (b - w - (one - e)) + two * v) + e))


cdef void asymmetric_loss(const floating** x, const double* param, floating* value,
                          floating** gradient, floating** hessian, const floating* scales,
                          Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """-y u^a log p - (1 - y) q^b log(1 - q), with u = 1 - p and q = max(0, p - clip).

    p and u are e / (1 + e) and 1 / (1 + e) with e = exp(-|z|), or the reverse, so both keep their
    digits. 1 - q is computed as u + clip, which does not cancel. Where it is near 1, what q lacks
    of the difference is added to the logarithm. The derivatives of q^b and of log(1 - q) contain
    1 / q and 1 / (1 - q), which may overflow; they are written with ratios that do not:
    `ratio` = u / (1 - q), `lift` = p / q and `pace` = -log(1 - q) / q.

    param = (a, b, clip). A clip that underflows is replaced by the smallest normal number.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating a = <floating> param[0]
    cdef floating b = <floating> param[1]
    cdef floating least = FLT_MIN if floating is float else DBL_MIN
    cdef floating clip = <floating> param[2]
    cdef floating[LONGEST] exponential
    cdef floating[LONGEST] rest
    cdef floating[LONGEST] lacking
    cdef floating[LONGEST] shifted
    cdef floating[LONGEST] power
    cdef floating y, z, e, r, p, u, q, m, c, d, s, t, ratio, share, lift, pace, own, other
    cdef floating zero = 0, half = 0.5, one = 1, two = 2
    cdef Py_ssize_t i
    if param[2] > 0:
        clip = maximum(clip, least)
    for i in range(n):
        exponential[i] = exp_negabs(y_pred[i])
    for i in range(n):
        e = exponential[i]
        r = one / (one + e)
        p = r if y_pred[i] >= 0 else e * r
        u = e * r if y_pred[i] >= 0 else r
        lacking[i] = u
        shifted[i] = maximum(0, p - clip)
        rest[i] = u + clip
    # -log(1 - q).
    if clip > 0:
        for i in range(n):
            value[i] = log(rest[i])
        for i in range(n):
            m = rest[i]
            q = shifted[i]
            d = (one - m) - q if m > half else zero
            d = -(value[i] + d / m)
            value[i] = zero if q <= 0 else d
    else:
        for i in range(n):
            value[i] = maximum(0, y_pred[i]) + log1p_unit(exponential[i])
    focal_span(lacking, param[0], power, n)
    for i in range(n):
        lacking[i] = power[i]
    focal_span(shifted, param[1], power, n)
    for i in range(n):
        y = y_true[i]
        z = y_pred[i]
        e = exponential[i]
        q = shifted[i]
        c = maximum(0, -z) + log1p_unit(e)
        d = value[i]
        own = y * lacking[i]
        # Nothing counts below the clip, for an exponent of 0 as well.
        other = (one - y) * (zero if q <= 0 else power[i])
        value[i] = fuse(own, c, other * d)
        if wanted_t is not value_alone:
            r = one / (one + e)
            p = r if z >= 0 else e * r
            u = e * r if z >= 0 else r
            m = rest[i]
            # Both are 0 for a prediction that is certain, without a clip.
            ratio = (u if m > 0 else one) / (m if m > 0 else one)
            pace = (d if q > 0 else one) / (q if q > 0 else one)
            s = fuse(a * p, c, u)
            t = fuse(b * u, pace, ratio)
            g[i] = scale * fuse(other * p, t, -own * s)
            if wanted_t is with_hessian:
                share = (clip if m > 0 else zero) / (m if m > 0 else one)
                lift = (p if q > 0 else one) / (q if q > 0 else one)
                # Where c is large p is 0, so bounding c only prevents inf * 0.
                s = a * minimum(c, 10000) * (a * p - u) + (two * a + one) * u
                t = b * u * pace * ((b - one) * lift * u + (u - p))
                t += two * b * lift * u * ratio + ratio * (u - p * share)
                h[i] = scale * (p * (own * s + other * t))


cdef void quality_focal_loss(const floating** x, const double* param, floating* value,
                             floating** gradient, floating** hessian, const floating* scales,
                             Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """|p - y|^beta c, where c is the cross-entropy of y: param = (beta,).

    As in sigmoid_focal_loss, |z| takes the place of z. With `far` and `near` as there, the
    derivative of c with respect to |z| is D = r (far - near e), which is p - y or y - p.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating beta = <floating> param[0]
    # Where p = y, the square alone has a second derivative other than 0 that is finite.
    cdef floating flat = <floating> (param[0] == 2)
    cdef floating[LONGEST] exponential
    cdef floating[LONGEST] power
    cdef floating y, z, e, r, far, near, c, d, w, s, bend
    cdef floating zero = 0, one = 1, two = 2
    cdef Py_ssize_t i
    for i in range(n):
        exponential[i] = exp_negabs(y_pred[i])
    for i in range(n):
        y = y_true[i]
        e = exponential[i]
        far = one - y if y_pred[i] >= 0 else y
        near = y if y_pred[i] >= 0 else one - y
        power[i] = fabs((far - near * e) / (one + e))
    focal_span(power, param[0], power, n)
    for i in range(n):
        y = y_true[i]
        z = y_pred[i]
        e = exponential[i]
        far = one - y if z >= 0 else y
        near = y if z >= 0 else one - y
        c = far * fabs(z) + log1p_unit(e)
        value[i] = power[i] * c
        if wanted_t is not value_alone:
            r = one / (one + e)
            d = r * (far - near * e)
            bend = e * r * r
            # The derivative of log |D|. At D = 0 it is multiplied by a power of 0.
            w = (bend if d != 0 else zero) / (d if d != 0 else one)
            s = power[i] * fuse(beta * w, c, d)
            g[i] = scale * (s if z >= 0 else -s)
            if wanted_t is with_hessian:
                s = beta * w * c * ((beta - one) * w - (one - e) * r) + (two * beta + one) * bend
                s = power[i] * s + (zero if d != 0 else flat * (two * bend * bend * c))
                h[i] = scale * s


cdef void varifocal_loss(const floating** x, const double* param, floating* value,
                         floating** gradient, floating** hessian, const floating* scales,
                         Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """y c for y > 0, where c is the cross-entropy of y, and alpha p^gamma softplus(z) for y = 0.

    `far` and `near` are as in sigmoid_focal_loss. param = (alpha, gamma).
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating alpha = <floating> param[0]
    cdef floating gamma = <floating> param[1]
    cdef floating[LONGEST] exponential
    cdef floating[LONGEST] power
    cdef floating y, z, e, r, p, u, far, near, c, d, own, other
    cdef floating zero = 0, one = 1, two = 2
    cdef Py_ssize_t i
    for i in range(n):
        exponential[i] = exp_negabs(y_pred[i])
    for i in range(n):
        e = exponential[i]
        power[i] = (one if y_pred[i] >= 0 else e) / (one + e)
    focal_span(power, param[1], power, n)
    for i in range(n):
        y = y_true[i]
        z = y_pred[i]
        e = exponential[i]
        far = one - y if z >= 0 else y
        near = y if z >= 0 else one - y
        d = log1p_unit(e)
        c = far * fabs(z) + d
        d += maximum(0, z)
        # One of the factors is 0. A NaN of y is in both.
        own = y
        other = (zero if y > 0 else alpha + y) * power[i]
        value[i] = fuse(own, c, other * d)
        if wanted_t is not value_alone:
            r = one / (one + e)
            p = r if z >= 0 else e * r
            u = e * r if z >= 0 else r
            c = r * (far - near * e)
            c = c if z >= 0 else -c
            g[i] = scale * fuse(own, c, other * fuse(gamma * u, d, p))
            if wanted_t is with_hessian:
                d = gamma * u * d * (gamma * u - p) + (two * gamma + one) * p * u
                h[i] = scale * (own * (p * u) + other * d)


cdef void gaussian_focal_loss(const floating** x, const double* param, floating* value,
                              floating** gradient, floating** hessian, const floating* scales,
                              Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """-c o^alpha log(t + eps).

    At a peak (y = 1) t = p, o = 1 - p and c = 1; elsewhere t = 1 - p, o = p and
    c = (1 - y)^gamma. param = (alpha, gamma, eps).

    Powers of o with a negative exponent occur for alpha < 2 only. They are multiplied by the
    logarithm, which is 0 at o = 0 apart from eps, so the product tends to 0 unless alpha < 1.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating alpha = <floating> param[0]
    # An eps that underflows in float32 is replaced by the smallest normal number.
    cdef floating eps = <floating> max(param[2], FLT_MIN)
    cdef floating[LONGEST] other
    cdef floating[LONGEST] weight
    cdef floating[LONGEST] power
    cdef floating[LONGEST] lower
    cdef floating t, u, v, error, log_t, sign, bend
    cdef floating zero = 0, one = 1, two = 2
    cdef Py_ssize_t i
    for i in range(n):
        weight[i] = one - y_true[i]
        other[i] = y_pred[i] if y_true[i] != one else one - y_pred[i]
    power_span(weight, param[1], weight, n)
    power_span(other, param[0], power, n)
    if wanted_t is not value_alone:
        # With alpha = 0 the result is not used, and must not be the infinity of 1 / o.
        power_span(other, 0 if alpha == 0 else param[0] - 1, lower, n)
    for i in range(n):
        t = y_pred[i] if y_true[i] == one else one - y_pred[i]
        # The rounding errors of the two sums, which matter for the logarithm of numbers near 1.
        error = zero if y_true[i] == one else (one - t) - y_pred[i]
        u = t + eps
        v = u - t
        error += (t - (u - v)) + (eps - v)
        log_t = log(u) + error / u
        # NaN^0 is 1, so a NaN of y_true is added.
        weight[i] = one if y_true[i] == one else weight[i] + zero * y_true[i]
        value[i] = -weight[i] * power[i] * log_t
        if wanted_t is not value_alone:
            sign = -weight[i] if y_true[i] == one else weight[i]
            g[i] = scale * sign * (power[i] / u - alpha * lower[i] * log_t)
        if wanted_t is with_hessian:
            h[i] = scale * weight[i] * ((power[i] / u + two * alpha * lower[i]) / u)
            power[i] = log_t
    if wanted_t is with_hessian:
        # The term vanishes for alpha = 0 and 1, where the power might be infinite.
        if alpha == 0 or alpha == one:
            return
        bend = alpha * (alpha - one)
        power_span(other, param[0] - 2, lower, n)
        for i in range(n):
            h[i] -= scale * weight[i] * (bend * lower[i] * power[i])


# Losses of a critic's scores: factor f(z) with z = sign (x - shift) + edge. Relativistic scores
# have the mean of the other array subtracted, which is `shift`. Each score then also has a gradient
# through the mean that it is part of, the same for all of its array: `offset` is added to the
# gradients. param = (sign, shift, edge, factor, offset, want_slopes); with `want_slopes` the
# derivatives are written in place of the losses, so that the driver sums them.


cdef void softplus_of_scores(const floating** x, const double* param, floating* value,
                             floating** gradient, floating** hessian, const floating* scales,
                             Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """f(z) = log(1 + exp(z)). edge is 0."""
    cdef const floating* score = x[0]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating sign = <floating> param[0]
    cdef floating shift = <floating> param[1]
    cdef floating factor = <floating> param[3]
    cdef floating offset = <floating> param[4]
    cdef bint want_slopes = param[5] != 0
    cdef floating z, e, r, s
    cdef floating one = 1
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = exp_negabs(score[i] - shift)
    for i in range(n):
        z = sign * (score[i] - shift)
        e = value[i]
        r = one / (one + e)
        s = factor * sign * (r if z >= 0 else e * r)
        value[i] = s if want_slopes else factor * (maximum(0, z) + log1p_unit(e))
        if wanted_t is not value_alone:
            g[i] = scale * (s + offset)
        if wanted_t is with_hessian:
            h[i] = scale * (factor * ((e * r) * r))


cdef void hinge_of_scores(const floating** x, const double* param, floating* value,
                          floating** gradient, floating** hessian, const floating* scales,
                          Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """f(z) = max(0, z), with a slope of 0 at the kink."""
    cdef const floating* score = x[0]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating sign = <floating> param[0]
    cdef floating shift = <floating> param[1]
    cdef floating edge = <floating> param[2]
    cdef floating factor = <floating> param[3]
    cdef floating offset = <floating> param[4]
    cdef bint want_slopes = param[5] != 0
    cdef floating z, s
    cdef Py_ssize_t i
    for i in range(n):
        z = sign * (score[i] - shift) + edge
        s = factor * sign * (z if z != z else <floating> (z > 0))
        value[i] = s if want_slopes else factor * maximum(0, z)
        if wanted_t is not value_alone:
            g[i] = scale * (s + offset)
        if wanted_t is with_hessian:
            h[i] = scale


cdef void square_of_scores(const floating** x, const double* param, floating* value,
                           floating** gradient, floating** hessian, const floating* scales,
                           Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """f(z) = z^2 / 2."""
    cdef const floating* score = x[0]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating sign = <floating> param[0]
    cdef floating shift = <floating> param[1]
    cdef floating edge = <floating> param[2]
    cdef floating factor = <floating> param[3]
    cdef floating offset = <floating> param[4]
    cdef bint want_slopes = param[5] != 0
    cdef floating z, s
    cdef floating half = 0.5
    cdef Py_ssize_t i
    for i in range(n):
        z = sign * (score[i] - shift) + edge
        s = factor * sign * z
        value[i] = s if want_slopes else factor * (half * (z * z))
        if wanted_t is not value_alone:
            g[i] = scale * (s + offset)
        if wanted_t is with_hessian:
            h[i] = scale * factor


cdef void score_itself(const floating** x, const double* param, floating* value,
                       floating** gradient, floating** hessian, const floating* scales,
                       Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """f(z) = z. shift, edge and offset are 0."""
    cdef const floating* score = x[0]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef floating slope = <floating> (param[0] * param[3])
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = slope * score[i]
        if wanted_t is not value_alone:
            g[i] = scale * slope
        if wanted_t is with_hessian:
            h[i] = scale


cdef void custom(const floating** x, const double* param, floating* value,
                 floating** gradient, floating** hessian, const floating* scales,
                 Py_ssize_t n, wanted_t wanted) noexcept nogil:
    """The results of a CustomLoss's Python functions: x = (value, gradient, hessian)."""
    cdef const floating* first = x[1]
    cdef const floating* second = x[2]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating scale = scales[0]
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = x[0][i]
    if wanted_t is not value_alone:
        for i in range(n):
            g[i] = scale * first[i]
    if wanted_t is with_hessian:
        for i in range(n):
            h[i] = scale * second[i]


cdef struct Function:
    void* address
    void* data
    bint vectorised
    bint with_data


cdef inline void apply(const Function* function, const double* y_true, const double* y_pred,
                       double* out, Py_ssize_t n) noexcept nogil:
    """Call a user function for all elements."""
    cdef Py_ssize_t i
    if function.vectorised:
        if function.with_data:
            (<vector_with_data> function.address)(y_true, y_pred, out, n, function.data)
        else:
            (<vector> function.address)(y_true, y_pred, out, n)
    elif function.with_data:
        for i in range(n):
            out[i] = (<scalar_with_data> function.address)(y_true[i], y_pred[i], function.data)
    else:
        for i in range(n):
            out[i] = (<scalar> function.address)(y_true[i], y_pred[i])


cdef void low_level(const double** x, const double* param, double* value, double** gradient,
                    double** hessian, const double* scales, Py_ssize_t n,
                    wanted_t wanted) noexcept nogil:
    """User functions: `param` is the address of three `Function` structs rather than numbers.

    Their results are not scaled yet, because the driver checks them first.
    """
    cdef const Function* functions = <const Function*> param
    apply(functions, x[0], x[1], value, n)
    if wanted_t is not value_alone:
        # A Hessian may be wanted of a loss that has no gradient.
        if functions[1].address is not NULL:
            apply(functions + 1, x[0], x[1], gradient[0], n)
    if wanted_t is with_hessian:
        apply(functions + 2, x[0], x[1], hessian[0], n)


cdef class Kernel:
    """The versions of a kernel, by dtype and by what is wanted, and what it reads and writes.

    `carried` has bit k set if a NaN or an infinity of input k always makes the loss of its element
    NaN or infinite. The driver then looks for one only if the sum of a tile is not finite.
    """

    cdef void* single[3]
    cdef void* double_[3]
    cdef int carried
    cdef readonly str name
    cdef readonly int n_inputs
    cdef readonly int n_gradients
    cdef readonly int n_params


cdef class LowLevelKernel(Kernel):
    """User functions, each a SciPy LowLevelCallable, as a kernel for float64.

    Parameters
    ----------
    callables : tuple of LowLevelCallable or None
        The value, the gradient and the Hessian.
    forms : tuple of (bool, bool)
        For each of them, whether it takes contiguous arrays rather than numbers, and whether it
        takes user data.
    """

    cdef Function functions[3]
    cdef object callables       # keeps the code alive

    def __init__(self, tuple callables, tuple forms):
        cdef int k
        cdef const char* name
        self.name = "low_level"
        self.n_inputs = 2
        self.n_gradients = 1
        self.double_[0] = <void*> <double_value> low_level
        self.double_[1] = <void*> <double_gradient> low_level
        self.double_[2] = <void*> <double_hessian> low_level
        self.callables = callables
        for k in range(3):
            if callables[k] is None:
                continue
            # The first item is a capsule with the address, named by the signature. SciPy's C code
            # reads it in the same way.
            capsule = tuple.__getitem__(callables[k], 0)
            name = PyCapsule_GetName(capsule)
            self.functions[k].address = PyCapsule_GetPointer(capsule, name)
            self.functions[k].data = PyCapsule_GetContext(capsule)
            self.functions[k].vectorised, self.functions[k].with_data = forms[k]


cdef Kernel make(str name, int n_inputs, int n_gradients, int n_params, tuple carried,
                 float_value value, float_gradient gradient, float_hessian hessian,
                 double_value value64, double_gradient gradient64, double_hessian hessian64):
    """A row of `KERNELS`: what the kernel reads and writes, and six times the function's name.

    Each of the last six arguments selects one version of the function by its type.
    """
    cdef Kernel kernel = Kernel.__new__(Kernel)
    cdef int k
    kernel.name = name
    kernel.n_inputs = n_inputs
    kernel.n_gradients = n_gradients
    kernel.n_params = n_params
    for k in carried:
        kernel.carried |= 1 << k
    kernel.single[0] = <void*> value
    kernel.single[1] = <void*> gradient
    kernel.single[2] = <void*> hessian
    kernel.double_[0] = <void*> value64
    kernel.double_[1] = <void*> gradient64
    kernel.double_[2] = <void*> hessian64
    return kernel


KERNELS = {
    kernel.name: kernel for kernel in (
        make("identity", 1, 0, 0, (0,), identity, identity, identity, identity, identity, identity),
        make("count", 1, 0, 0, (), count, count, count, count, count, count),
        make("custom", 1, 1, 0, (), custom, custom, custom, custom, custom, custom),
        make("l1_loss", 2, 1, 0, (0, 1), l1_loss, l1_loss, l1_loss, l1_loss, l1_loss, l1_loss),
        make("mse_loss", 2, 1, 0, (0, 1), mse_loss, mse_loss, mse_loss, mse_loss, mse_loss,
             mse_loss),
        make("huber_loss", 2, 1, 2, (0, 1), huber_loss, huber_loss, huber_loss, huber_loss,
             huber_loss, huber_loss),
        make("quantile_loss", 4, 1, 0, (0, 1), quantile_loss, quantile_loss, quantile_loss,
             quantile_loss, quantile_loss, quantile_loss),
        make("smooth_quantile_loss", 4, 1, 1, (0, 1), smooth_quantile_loss, smooth_quantile_loss,
             smooth_quantile_loss, smooth_quantile_loss, smooth_quantile_loss,
             smooth_quantile_loss),
        make("expectile_loss", 2, 1, 2, (0, 1), expectile_loss, expectile_loss, expectile_loss,
             expectile_loss, expectile_loss, expectile_loss),
        make("log_cosh_loss", 2, 1, 0, (0, 1), log_cosh_loss, log_cosh_loss, log_cosh_loss,
             log_cosh_loss, log_cosh_loss, log_cosh_loss),
        make("robust_loss", 2, 1, 6, (), robust_loss, robust_loss, robust_loss, robust_loss,
             robust_loss, robust_loss),
        make("mape_loss", 2, 1, 1, (0, 1), mape_loss, mape_loss, mape_loss, mape_loss, mape_loss,
             mape_loss),
        make("msle_loss", 2, 1, 0, (), msle_loss, msle_loss, msle_loss, msle_loss, msle_loss,
             msle_loss),
        make("poisson_nll_loss", 2, 1, 2, (1,), poisson_nll_loss, poisson_nll_loss,
             poisson_nll_loss, poisson_nll_loss, poisson_nll_loss, poisson_nll_loss),
        make("poisson_nll_loss_of_rates", 2, 1, 2, (), poisson_nll_loss_of_rates,
             poisson_nll_loss_of_rates, poisson_nll_loss_of_rates, poisson_nll_loss_of_rates,
             poisson_nll_loss_of_rates, poisson_nll_loss_of_rates),
        make("gaussian_nll_loss", 3, 2, 2, (0, 1), gaussian_nll_loss, gaussian_nll_loss,
             gaussian_nll_loss, gaussian_nll_loss, gaussian_nll_loss, gaussian_nll_loss),
        make("tweedie_deviance", 2, 1, 3, (), tweedie_deviance, tweedie_deviance, tweedie_deviance,
             tweedie_deviance, tweedie_deviance, tweedie_deviance),
        make("tweedie_deviance_below_one", 2, 1, 3, (), tweedie_deviance_below_one,
             tweedie_deviance_below_one, tweedie_deviance_below_one, tweedie_deviance_below_one,
             tweedie_deviance_below_one, tweedie_deviance_below_one),
        make("negative_binomial_nll_loss", 2, 1, 5, (), negative_binomial_nll_loss,
             negative_binomial_nll_loss, negative_binomial_nll_loss, negative_binomial_nll_loss,
             negative_binomial_nll_loss, negative_binomial_nll_loss),
        make("crps_gaussian_loss", 3, 2, 0, (0, 1), crps_gaussian_loss, crps_gaussian_loss,
             crps_gaussian_loss, crps_gaussian_loss, crps_gaussian_loss, crps_gaussian_loss),
        make("kl_div", 2, 1, 0, (), kl_div, kl_div, kl_div, kl_div, kl_div, kl_div),
        make("kl_div_of_logs", 2, 1, 0, (), kl_div_of_logs, kl_div_of_logs, kl_div_of_logs,
             kl_div_of_logs, kl_div_of_logs, kl_div_of_logs),
        make("binary_cross_entropy", 2, 1, 0, (), binary_cross_entropy, binary_cross_entropy,
             binary_cross_entropy, binary_cross_entropy, binary_cross_entropy,
             binary_cross_entropy),
        make("binary_cross_entropy_with_logits", 3, 1, 2, (1,), binary_cross_entropy_with_logits,
             binary_cross_entropy_with_logits, binary_cross_entropy_with_logits,
             binary_cross_entropy_with_logits, binary_cross_entropy_with_logits,
             binary_cross_entropy_with_logits),
        make("soft_margin_loss", 2, 1, 0, (), soft_margin_loss, soft_margin_loss, soft_margin_loss,
             soft_margin_loss, soft_margin_loss, soft_margin_loss),
        make("hinge_loss", 2, 1, 1, (), hinge_loss, hinge_loss, hinge_loss, hinge_loss, hinge_loss,
             hinge_loss),
        make("smooth_hinge_loss", 2, 1, 2, (), smooth_hinge_loss, smooth_hinge_loss,
             smooth_hinge_loss, smooth_hinge_loss, smooth_hinge_loss, smooth_hinge_loss),
        make("squared_hinge_loss", 2, 1, 1, (), squared_hinge_loss, squared_hinge_loss,
             squared_hinge_loss, squared_hinge_loss, squared_hinge_loss, squared_hinge_loss),
        make("exponential_loss", 2, 1, 0, (), exponential_loss, exponential_loss,
             exponential_loss, exponential_loss, exponential_loss, exponential_loss),
        make("modified_huber_loss", 2, 1, 0, (), modified_huber_loss, modified_huber_loss,
             modified_huber_loss, modified_huber_loss, modified_huber_loss, modified_huber_loss),
        make("cumulative_logit_loss", 4, 3, 0, (), cumulative_logit_loss, cumulative_logit_loss,
             cumulative_logit_loss, cumulative_logit_loss, cumulative_logit_loss,
             cumulative_logit_loss),
        make("hinge_embedding_loss", 2, 1, 1, (), hinge_embedding_loss, hinge_embedding_loss,
             hinge_embedding_loss, hinge_embedding_loss, hinge_embedding_loss,
             hinge_embedding_loss),
        make("margin_ranking_loss", 3, 2, 1, (), margin_ranking_loss, margin_ranking_loss,
             margin_ranking_loss, margin_ranking_loss, margin_ranking_loss, margin_ranking_loss),
        make("sigmoid_focal_loss", 2, 1, 3, (), sigmoid_focal_loss, sigmoid_focal_loss,
             sigmoid_focal_loss, sigmoid_focal_loss, sigmoid_focal_loss, sigmoid_focal_loss),
        make("asymmetric_loss", 2, 1, 3, (), asymmetric_loss, asymmetric_loss, asymmetric_loss,
             asymmetric_loss, asymmetric_loss, asymmetric_loss),
        make("quality_focal_loss", 2, 1, 1, (), quality_focal_loss, quality_focal_loss,
             quality_focal_loss, quality_focal_loss, quality_focal_loss, quality_focal_loss),
        make("varifocal_loss", 2, 1, 2, (), varifocal_loss, varifocal_loss, varifocal_loss,
             varifocal_loss, varifocal_loss, varifocal_loss),
        make("gaussian_focal_loss", 2, 1, 3, (), gaussian_focal_loss, gaussian_focal_loss,
             gaussian_focal_loss, gaussian_focal_loss, gaussian_focal_loss, gaussian_focal_loss),
        make("softplus_of_scores", 1, 1, 6, (), softplus_of_scores, softplus_of_scores,
             softplus_of_scores, softplus_of_scores, softplus_of_scores, softplus_of_scores),
        make("hinge_of_scores", 1, 1, 6, (), hinge_of_scores, hinge_of_scores, hinge_of_scores,
             hinge_of_scores, hinge_of_scores, hinge_of_scores),
        make("square_of_scores", 1, 1, 6, (0,), square_of_scores, square_of_scores,
             square_of_scores, square_of_scores, square_of_scores, square_of_scores),
        make("score_itself", 1, 1, 6, (0,), score_itself, score_itself, score_itself, score_itself,
             score_itself, score_itself),
    )
}

# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------

cdef enum:
    MAX_INPUTS = 4
    MAX_OUTPUTS = 3
    MAX_PARAMS = 8
    MAX_FOLDS = 2 * MAX_OUTPUTS
    # A tile buffer holds 240 float64 or 480 float32. Such a tile is short enough for the CPU to
    # fetch the next one while it computes this one, and its size is not a power of two, which would
    # make the buffers compete for the same cache sets.
    TILE = 240
    # The most labels that are looked up by comparing.
    FEW_LABELS = 8
    # Inputs, the value, gradients and Hessians, and a spare one.
    N_TILES = 12

# The first bit of `run`'s result that is about what a kernel returned rather than about an input.
FIRST_RESULT = MAX_INPUTS

cdef struct Labels:
    # Labels of the elements, which some inputs are looked up by and some outputs are summed by.
    int number                  # of their operand, or -1
    Py_ssize_t n                # number of labels
    int n_rows                  # inputs 1, ..., n_rows are looked up in the rows of a table
    const double* table         # of shape (n_rows, n)
    int counts                  # numbers of the folds: of the weights,
    int gradients[MAX_OUTPUTS]  # and of the outputs, or -1
    int hessians[MAX_OUTPUTS]

cdef struct Job:
    Space space
    Blocks blocks
    void* kernel                # the version for what is wanted
    int wanted                  # 0: the value alone, 1: with gradients, 2: with Hessians
    int carried                 # inputs that the sums tell about: see `Kernel`
    double scales[MAX_OUTPUTS]  # factors of the outputs that a kernel applies
    bint scaled                 # whether it does
    double param[MAX_PARAMS]
    const double* params        # `param`, or what a kernel has in its place
    int n_inputs
    int inputs[MAX_INPUTS]      # operand numbers
    bint constant[MAX_INPUTS]   # an input has one value, which is read once per block
    int matches[MAX_INPUTS]     # operand that an input is compared with (one-hot), or -1
    Domain domains[MAX_INPUTS]
    bint ignoring               # whether elements count nothing where the first input is `ignore`
    double ignore
    bint fill                   # what stands for that input there: 0 or 1
    Labels labels
    int weight                  # operand number, or -1
    int value                   # operand number of the unreduced loss, or -1
    int gradients[MAX_OUTPUTS]
    int hessians[MAX_OUTPUTS]
    int n_folds
    Fold folds[MAX_FOLDS]
    int folded[MAX_OPERANDS]    # number of the fold of an output, or -1
    Units units
    double scale
    bint streaming              # outputs bypass the caches
    Domain results              # of results; UNCHECKED unless user functions computed them


cdef inline void leave_out(const Job* job, const floating* x, floating* target, double* kept,
                           Py_ssize_t n) noexcept nogil:
    """Copy the first input, with `fill` where it is ignored; `kept` is 0 there and 1 elsewhere."""
    cdef floating ignore = <floating> job.ignore
    cdef floating fill = job.fill
    cdef floating value
    cdef Py_ssize_t i
    for i in range(n):
        value = x[i]
        kept[i] = <double> (value != ignore)
        target[i] = value if value != ignore else fill


cdef inline void look_up(const Labels* labels, int row, const int* label, Py_ssize_t n,
                         floating* target) noexcept nogil:
    """Copy what a row of the table has for each label."""
    cdef const double* table = labels.table + row * labels.n
    cdef Py_ssize_t i, k
    cdef floating entry
    if labels.n <= FEW_LABELS:
        # Comparing vectors takes less time than reading one entry after the other.
        entry = <floating> table[0]
        for i in range(n):
            target[i] = entry
        for k in range(1, labels.n):
            entry = <floating> table[k]
            for i in range(n):
                target[i] = entry if label[i] == k else target[i]
        return
    for i in range(n):
        target[i] = <floating> table[label[i]]


cdef inline void read_labels(const Job* job, Py_ssize_t start, Py_ssize_t n, floating* buffer,
                             int* label) noexcept nogil:
    """Read labels. They are checked, but another thread may have changed them, even to NaN."""
    cdef floating last = <floating> (job.labels.n - 1)
    cdef floating found
    cdef Py_ssize_t i
    gather(&job.space, job.labels.number, start, n, buffer)
    for i in range(n):
        found = buffer[i] if buffer[i] > 0 else 0
        label[i] = <int> (found if found < last else last)


cdef inline floating* tile_target(const Job* job, int number, Py_ssize_t start,
                                  floating* buffer) noexcept nogil:
    """Where a kernel writes an output: in place if it is direct and not streamed, else a buffer."""
    if number >= 0 and job.space.operands[number].direct and not job.streaming:
        return <floating*> job.space.operands[number].data + start
    return buffer


cdef inline unsigned char bad_results(const Domain* domain, const floating* value,
                                      const floating* gradient, const floating* hessian,
                                      Py_ssize_t n) noexcept nogil:
    """The bits, after those of the inputs, for results of a kernel outside their domain."""
    cdef unsigned char bad = outside(value, n, domain)
    if gradient is not NULL:
        bad |= outside(gradient, n, domain) << 1
    if hessian is not NULL:
        bad |= outside(hessian, n, domain) << 2
    return bad << MAX_INPUTS


cdef double run_block(const Job* job, Py_ssize_t block, double** sums, unsigned char* bad,
                      floating dtype_tag) noexcept nogil:
    """Evaluate one block; its sum of weighted values.

    Bit k of `bad` is set if input k has an element outside its domain. `sums` has for each fold
    the address of its sums.
    """
    cdef Py_ssize_t tile = TILE * 8 // <Py_ssize_t> sizeof(floating)
    cdef double storage[N_TILES * TILE]
    cdef double weight_storage[2 * TILE]
    cdef double kept[2 * TILE]
    cdef int label[2 * TILE]
    cdef floating* buffer = <floating*> storage
    cdef floating* spare = buffer + (N_TILES - 1) * tile
    cdef const floating* x[MAX_INPUTS]
    cdef floating* gradient[MAX_OUTPUTS]
    cdef floating* hessian[MAX_OUTPUTS]
    cdef floating scales[MAX_OUTPUTS]
    cdef floating* value
    cdef floating* output
    cdef floating* target
    cdef const double* weight = NULL
    cdef const Space* space = &job.space
    cdef Py_ssize_t first = block_start(&job.blocks, block)
    cdef Py_ssize_t start = first
    cdef Py_ssize_t stop = start + block_steps(&job.blocks, block) * job.blocks.step
    cdef Py_ssize_t n, i
    cdef int k, number
    cdef double total = 0, part

    bad[0] = 0
    for k in range(MAX_INPUTS):
        x[k] = NULL
    for k in range(MAX_OUTPUTS):
        scales[k] = <floating> job.scales[k]
    while start < stop:
        n = min(tile, stop - start)
        for k in range(job.n_inputs):
            number = job.inputs[k]
            if number < 0:
                continue
            target = buffer + k * tile
            if space.operands[number].direct:
                target = <floating*> space.operands[number].data + start
            elif not (job.constant[k] and start > first):
                gather(space, number, start, n, target)
            if k == 0 and job.ignoring:
                leave_out(job, target, buffer, kept, n)
                target = buffer
            if job.matches[k] >= 0:
                gather(space, job.matches[k], start, n, spare)
                for i in range(n):
                    target[i] = <floating> (target[i] == spare[i])
            if not job.carried >> k & 1 and outside(target, n, &job.domains[k]):
                bad[0] |= 1 << k
            x[k] = target
        if job.kernel is NULL:
            start += n
            continue
        if job.labels.number >= 0:
            read_labels(job, start, n, spare, label)
            for k in range(job.labels.n_rows):
                look_up(&job.labels, k, label, n, buffer + (k + 1) * tile)
                x[k + 1] = buffer + (k + 1) * tile
        value = buffer + MAX_INPUTS * tile
        if job.value >= 0:
            value = tile_target(job, job.value, start, value)
        if job.weight >= 0:
            weight = weight_storage
            gather(space, job.weight, start, n, weight_storage)
            if job.ignoring:
                for i in range(n):
                    weight_storage[i] *= kept[i]
        elif job.ignoring:
            # A NaN times 0 is NaN, so what is not finite still reaches the value.
            weight = kept
        for k in range(MAX_OUTPUTS):
            output = buffer + (MAX_INPUTS + 1 + 2 * k) * tile
            gradient[k] = tile_target(job, job.gradients[k], start, output)
            hessian[k] = tile_target(job, job.hessians[k], start, output + tile)

        call_kernel(job, x, value, gradient, hessian, scales, n)

        if job.results.kind != UNCHECKED:
            bad[0] |= bad_results(
                &job.results, value, gradient[0] if job.gradients[0] >= 0 else NULL,
                hessian[0] if job.hessians[0] >= 0 else NULL, n)
        for k in range(MAX_OUTPUTS):
            finish(job, job.gradients[k], gradient[k], weight, sums, start, n)
            finish(job, job.hessians[k], hessian[k], weight, sums, start, n)
        if job.labels.number >= 0:
            add_by_label(job, gradient, hessian, label, weight, sums, n)
        part = sum_span(value, n) if weight is NULL else sum_weighted_span(value, weight, n)
        if job.carried and part - part != 0:
            for k in range(job.n_inputs):
                if job.carried >> k & 1 and outside(x[k], n, &job.domains[k]):
                    bad[0] |= 1 << k
        total += part
        finish(job, job.value, value, weight, sums, start, n)
        start += n
    if job.streaming:
        stream_end()
    return total


cdef inline void call_kernel(const Job* job, const floating** x, floating* value,
                             floating** gradient, floating** hessian, const floating* scales,
                             Py_ssize_t n) noexcept nogil:
    cdef void* kernel = job.kernel
    cdef const double* param = job.params
    cdef value_alone alone
    cdef with_gradient first
    cdef with_hessian second
    alone._ = first._ = second._ = 0
    if floating is float:
        if job.wanted == 0:
            (<float_value> kernel)(x, param, value, gradient, hessian, scales, n, alone)
        elif job.wanted == 1:
            (<float_gradient> kernel)(x, param, value, gradient, hessian, scales, n, first)
        else:
            (<float_hessian> kernel)(x, param, value, gradient, hessian, scales, n, second)
    else:
        if job.wanted == 0:
            (<double_value> kernel)(x, param, value, gradient, hessian, scales, n, alone)
        elif job.wanted == 1:
            (<double_gradient> kernel)(x, param, value, gradient, hessian, scales, n, first)
        else:
            (<double_hessian> kernel)(x, param, value, gradient, hessian, scales, n, second)


cdef inline void finish(const Job* job, int number, floating* tile, const double* weight,
                        double** sums, Py_ssize_t start, Py_ssize_t n) noexcept nogil:
    """Weight and scale a tile of an output and store it, or add it to the output's fold."""
    cdef int fold
    if number < 0:
        return
    fold = job.folded[number]
    if fold >= 0:
        # The scale of a mean could make small terms underflow in float32, so the sum is scaled.
        if weight is not NULL:
            scale_weighted_span(tile, weight, 1, n)
        fold_add(&job.folds[fold], &job.space, sums[fold], start, n, tile)
        return
    if weight is not NULL:
        scale_weighted_span(tile, weight, job.scale, n)
    elif not job.scaled:
        scale_span(tile, job.scale, n)
    if not job.space.operands[number].direct:
        scatter(&job.space, number, start, n, tile)
    elif job.streaming:
        stream(<floating*> job.space.operands[number].data + start, tile, n)


cdef inline void add_by_label(const Job* job, floating** gradient, floating** hessian,
                              const int* label, const double* weight, double** sums,
                              Py_ssize_t n) noexcept nogil:
    """Add weights, and the outputs that are summed by label, to their folds."""
    cdef const Labels* labels = &job.labels
    cdef double one = 1
    cdef Py_ssize_t i
    cdef int k
    if labels.counts < 0:
        return
    if weight is NULL:
        for i in range(n):
            sums[labels.counts][label[i]] += one
    else:
        fold_add_by_label(sums[labels.counts], label, n, weight)
    for k in range(MAX_OUTPUTS):
        add_output_by_label(labels.gradients[k], gradient[k], label, weight, sums, n)
        add_output_by_label(labels.hessians[k], hessian[k], label, weight, sums, n)


cdef inline void add_output_by_label(int fold, floating* tile, const int* label,
                                     const double* weight, double** sums,
                                     Py_ssize_t n) noexcept nogil:
    if fold < 0:
        return
    if weight is not NULL:
        scale_weighted_span(tile, weight, 1, n)
    fold_add_by_label(sums[fold], label, n, tile)


cdef void run_unit(const Job* job, Py_ssize_t unit, Py_ssize_t slot, unsigned char* bad,
                   double* partial, floating dtype_tag) noexcept nogil:
    """Evaluate the blocks of a unit. `slot` is the number of its window in each fold."""
    cdef const Space* space = &job.space
    cdef const Blocks* blocks = &job.blocks
    cdef double* sums[MAX_FOLDS]
    cdef Py_ssize_t j, b
    cdef int k
    for k in range(job.n_folds):
        sums[k] = fold_open(&job.folds[k], &job.units, space, blocks, unit, slot)
    for j in range(unit_length(&job.units, blocks, unit)):
        b = unit_block(&job.units, space, blocks, unit, j)
        partial[b] = run_block(job, b, sums, bad + b, dtype_tag)
    for k in range(job.n_folds):
        fold_close(&job.folds[k], &job.units, space, blocks, unit, slot, job.scale)


cdef double run_units(Job* job, unsigned char* bad, double* partial, int n_threads,
                      floating dtype_tag) noexcept nogil:
    cdef Py_ssize_t u
    cdef int k
    if n_threads == 1:
        for u in range(job.units.n):
            run_unit(job, u, u if job.units.consecutive else 0, bad, partial, dtype_tag)
    else:
        for u in prange(job.units.n, num_threads=n_threads, schedule="dynamic"):
            run_unit(job, u, u if job.units.consecutive else threadid(), bad, partial, dtype_tag)
    for k in range(job.n_folds):
        fold_finish(&job.folds[k], &job.units, job.scale)
    return compensated_sum(partial, job.blocks.n)


cdef int check_blocks(Job* job, unsigned char* bad, int n_threads, bint double_) noexcept nogil:
    """Check the inputs of all blocks, which are not checked again: bits as in `bad`."""
    cdef void* kernel = job.kernel
    cdef Py_ssize_t b
    cdef int k, found = 0
    job.kernel = NULL
    job.carried = 0
    if n_threads == 1:
        for b in range(job.blocks.n):
            check_block(job, b, bad + b, double_)
    else:
        for b in prange(job.blocks.n, num_threads=n_threads, schedule="dynamic"):
            check_block(job, b, bad + b, double_)
    for b in range(job.blocks.n):
        found |= bad[b]
    job.kernel = kernel
    for k in range(job.n_inputs):
        job.domains[k].kind = UNCHECKED
    return found


cdef void check_block(const Job* job, Py_ssize_t block, unsigned char* bad,
                      bint double_) noexcept nogil:
    if double_:
        run_block(job, block, NULL, bad, <double> 0)
    else:
        run_block(job, block, NULL, bad, <float> 0)


cdef int bind(Space* space, object array) except -2:
    return -1 if array is None else space_add(space, array, -1)


cdef bint is_constant(const Space* space, int number):
    """Whether an operand has the same value everywhere."""
    cdef int axis
    for axis in range(space.n_axes):
        if space.operands[number].strides[axis] != 0:
            return False
    return True


cdef void cut_work(Job* job):
    """Find the outputs that are folded, and cut the space into blocks and units."""
    cdef int k
    for k in range(MAX_OUTPUTS):
        add_fold(job, job.gradients[k])
        add_fold(job, job.hessians[k])
    if job.n_folds > 0:
        cut_blocks(&job.space, FOLD_BLOCK, True, &job.blocks)
    else:
        cut_blocks(&job.space, block_size(job.space.size), False, &job.blocks)
    for k in range(job.n_folds):
        fold_start(&job.folds[k], &job.space, &job.blocks)
    units_start(&job.units, job.folds, job.n_folds, &job.space, &job.blocks)


cdef void add_fold(Job* job, int number):
    """Add a fold for an output, if it needs one."""
    if number < 0:
        return
    job.folded[number] = -1
    if is_fold(&job.space, number):
        job.folded[number] = job.n_folds
        job.folds[job.n_folds].number = number
        job.n_folds += 1


cdef int bind_sums(Job* job, object array) except -2:
    """Add a fold by label whose sums go to `array`; its number."""
    cdef Fold* fold
    if array is None:
        return -1
    if array.shape != (job.labels.n,):
        raise ValueError(f"Sums by label must have shape {(job.labels.n,)}. Got {array.shape}.")
    fold = &job.folds[job.n_folds]
    fold.number = -1
    space_start(&fold.sums, array.shape)
    space_add(&fold.sums, array, -1)
    job.n_folds += 1
    return job.n_folds - 1


cdef int bind_labels(Job* job, tuple by_label) except -1:
    """Describe the labels, what is looked up by them, and what is summed by them."""
    cdef cnp.ndarray table
    cdef int k
    labels, table, sums = by_label
    job.labels.number = bind(&job.space, labels)
    job.labels.table = <const double*> cnp.PyArray_DATA(table)
    job.labels.n_rows, job.labels.n = table.shape[0], table.shape[1]
    job.labels.counts = -1
    for k in range(MAX_OUTPUTS):
        job.labels.gradients[k] = job.labels.hessians[k] = -1
    if len(sums) > MAX_FOLDS or job.labels.n_rows >= MAX_INPUTS or not (
            table.dtype == "f8" and table.flags.c_contiguous):
        raise ValueError("The table or the sums do not fit the pointwise driver.")
    if not sums:
        return 0
    job.labels.counts = bind_sums(job, sums[0])
    for k in range(1, MAX_OUTPUTS):
        if k < len(sums):
            job.labels.gradients[k] = bind_sums(job, sums[k])
        if MAX_OUTPUTS - 1 + k < len(sums):
            job.labels.hessians[k] = bind_sums(job, sums[MAX_OUTPUTS - 1 + k])
    return 0


cdef bint shares_range(cnp.ndarray out, object values):
    """Whether the ranges of memory of a contiguous array and another one, if it is one, overlap."""
    cdef cnp.ndarray array
    cdef size_t low = <size_t> cnp.PyArray_DATA(out)
    cdef size_t first, last
    cdef Py_ssize_t reach
    cdef int axis
    if not isinstance(values, cnp.ndarray):
        return False
    array = values
    first = last = <size_t> cnp.PyArray_DATA(array)
    last += cnp.PyArray_ITEMSIZE(array)
    for axis in range(cnp.PyArray_NDIM(array)):
        reach = (cnp.PyArray_DIM(array, axis) - 1) * cnp.PyArray_STRIDE(array, axis)
        if reach < 0:
            first += reach
        else:
            last += reach
    return first < low + cnp.PyArray_NBYTES(out) and low < last


def is_plain_output(values, cnp.ndarray like, arrays, weight, params):
    """Whether `values` can take the gradient with respect to `like` without a further question.

    That is so if it is an array of that shape and the right dtype, is contiguous and writeable, and
    lies outside the ranges of memory of `arrays`, of `weight`, and of the values of `params`.
    """
    cdef cnp.ndarray out
    cdef int axis, dtype = cnp.PyArray_TYPE(like)
    if type(values) is not cnp.ndarray:
        return False
    out = values
    # Predictions of float16 have a gradient of float32.
    dtype = cnp.NPY_FLOAT if dtype in (cnp.NPY_FLOAT, cnp.NPY_FLOAT16) else cnp.NPY_DOUBLE
    if (cnp.PyArray_TYPE(out) != dtype or not cnp.PyArray_ISCARRAY(out)
            or cnp.PyArray_NDIM(out) != cnp.PyArray_NDIM(like)):
        return False
    for axis in range(cnp.PyArray_NDIM(out)):
        if cnp.PyArray_DIM(out, axis) != cnp.PyArray_DIM(like, axis):
            return False
    for array in arrays:
        if shares_range(out, array):
            return False
    for _, array in params:
        if shares_range(out, array):
            return False
    return not shares_range(out, weight)


def run(Kernel kernel, tuple shape, tuple params, tuple inputs, tuple domains, bint double_,
        *, weight=None, value=None, tuple gradients=(), tuple hessians=(), int leading=0,
        double scale=1.0, bint assume_finite=False, bint check_first=False, int n_threads=1,
        ignore=None, tuple by_label=None):
    """Run a kernel over arrays that all have `shape` (broadcast ones with strides of 0).

    Parameters
    ----------
    kernel : Kernel or None
        None only checks the inputs.
    shape : tuple of int
    params : tuple of float
    inputs : tuple of ndarray, (ndarray, ndarray) or None
        A pair of arrays is one input, 1 where the two are equal and 0 elsewhere.
    domains : tuple of keys of domains
        The domain of each input.
    double_ : bool
        Compute in float64 rather than float32.
    weight, value : ndarray or None
        Weights; where the weighted, unreduced loss goes.
    gradients, hessians : tuple of ndarray or None
        One with a stride of 0 along an axis gets the sums along that axis.
    leading : int
        The input whose memory order the iteration follows.
    scale : float
        Factor of the outputs (not of the sum).
    assume_finite : bool
        Let NaN and infinity pass.
    check_first : bool
        Check all inputs before anything is written.
    n_threads : int
    ignore : float or None
        Where the first input is this number, an element has the weight 0, and the number need not
        be in the domain. Of a pair, the first array is compared with it.
    by_label : (ndarray, ndarray, tuple of ndarray) or None
        Labels of the shape `shape`; a contiguous float64 table with a column for each label, whose
        rows are the inputs from the second on; and where sums by label go, if derivatives are
        wanted: the weights, the gradients from the second on, then the Hessians.

    Returns
    -------
    total : float
        The sum of the weighted values.
    bad : int
        Bit k is set if input k has an element outside its domain; the bits from `FIRST_RESULT`
        on if the functions of a `LowLevelKernel` returned what is not finite: a value, a
        gradient, a Hessian.
    """
    cdef Job job
    cdef int k, number
    cdef Py_ssize_t b
    cdef unsigned char* bad = NULL
    cdef double* partial = NULL
    cdef bint enough
    cdef int found = 0
    cdef double total = 0, zero = 0

    if by_label is not None:
        inputs += (None,) * len(by_label[1])
    if len(inputs) > MAX_INPUTS or len(params) > MAX_PARAMS or len(gradients) > MAX_OUTPUTS:
        raise ValueError("Too many inputs, parameters or outputs for the pointwise driver.")
    if kernel is not None and (len(inputs) < kernel.n_inputs or len(params) < kernel.n_params
                               or max(len(gradients), len(hessians)) > kernel.n_gradients):
        raise ValueError(
            f"The kernel {kernel.name!r} takes {kernel.n_inputs} inputs and {kernel.n_params} "
            f"parameters and has {kernel.n_gradients} gradients. Got {len(inputs)} inputs, "
            f"{len(params)} parameters and {max(len(gradients), len(hessians))} gradients instead.")
    job.wanted = 2 if hessians else 1 if gradients else 0
    job.kernel = NULL
    job.carried = 0
    if kernel is not None:
        job.kernel = kernel.double_[job.wanted] if double_ else kernel.single[job.wanted]
    for k in range(len(params)):
        job.param[k] = params[k]
    job.params = job.param
    job.results.kind = UNCHECKED
    if isinstance(kernel, LowLevelKernel):
        job.params = <const double*> (<LowLevelKernel> kernel).functions
        job.results = make_domain(
            ("interval", -DBL_MAX, DBL_MAX, False, False), double_, assume_finite)
    space_start(&job.space, shape)
    job.n_inputs = len(inputs)
    for k in range(job.n_inputs):
        item = inputs[k]
        job.matches[k] = -1
        job.domains[k].kind = UNCHECKED
        if isinstance(item, tuple):
            job.inputs[k] = bind(&job.space, item[0])
            job.matches[k] = bind(&job.space, item[1])
            continue
        job.inputs[k] = bind(&job.space, item)
        if k >= len(domains):
            continue  # a parameter, checked already
        job.domains[k] = make_domain(domains[k], double_, assume_finite)
        if kernel is not None and kernel.carried >> k & 1 and job.domains[k].kind == FINITE:
            job.carried |= 1 << k
    job.ignoring = ignore is not None
    if job.ignoring:
        job.ignore = ignore
        job.fill = outside(&zero, 1, &job.domains[0])
    job.weight = bind(&job.space, weight)
    job.value = bind(&job.space, value)
    if value is not None:
        job.folded[job.value] = -1
    for k in range(MAX_OUTPUTS):
        job.gradients[k] = bind(&job.space, gradients[k]) if k < len(gradients) else -1
        job.hessians[k] = bind(&job.space, hessians[k]) if k < len(hessians) else -1
    job.n_folds = 0
    job.labels.number = -1
    if by_label is not None:
        bind_labels(&job, by_label)
    job.scale = scale
    job.streaming = streams(job.space.size)
    # A matched pair is never direct: its operands are only compared.
    space_settle(&job.space, job.inputs[leading], 8 if double_ else 4)
    for k in range(job.n_inputs):
        job.constant[k] = False
        if job.matches[k] >= 0:
            job.space.operands[job.inputs[k]].direct = False
        elif job.inputs[k] >= 0:
            job.constant[k] = is_constant(&job.space, job.inputs[k])
    if job.ignoring:
        job.constant[0] = False  # its tile is overwritten
    cut_work(&job)
    job.scaled = job.weight < 0 and not job.ignoring and job.results.kind == UNCHECKED
    for k in range(MAX_OUTPUTS):
        # A fold scales its sums, and an output with weights is scaled with them.
        # The Hessian has the shape of the gradient, so both are folded or neither is.
        number = max(job.gradients[k], job.hessians[k])
        job.scales[k] = scale if job.scaled and number >= 0 and job.folded[number] < 0 else 1

    bad = <unsigned char*> malloc(job.blocks.n)
    partial = <double*> malloc(job.blocks.n * sizeof(double))
    enough = bad is not NULL and partial is not NULL
    for k in range(job.n_folds):
        enough &= fold_allocate(&job.folds[k], job.units.n if job.units.consecutive else n_threads)
    if enough:
        with nogil:
            if check_first:
                found = check_blocks(&job, bad, n_threads, double_)
            if not found:
                if double_:
                    total = run_units(&job, bad, partial, n_threads, <double> 0)
                else:
                    total = run_units(&job, bad, partial, n_threads, <float> 0)
                for b in range(job.blocks.n):
                    found |= bad[b]
    free(bad)
    free(partial)
    for k in range(job.n_folds):
        fold_free(&job.folds[k])
    if not enough:
        raise MemoryError()
    return total, found
