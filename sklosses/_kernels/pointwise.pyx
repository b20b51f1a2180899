"""Elementwise losses: one loop per loss, and the one driver that runs them.

A kernel is a plain loop over contiguous arrays. It writes the loss of each element to `value`
and, where the pointers are not NULL, the derivative by each differentiable input to
`gradient` and the second derivative to `hessian`. All else is the driver's: dtypes and
strides, domain checks, weights, scaling, sums, threads. To add a loss, write its loop, name
it in KERNELS, and give it a class in `sklosses`.
"""

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange
from libc.float cimport FLT_MIN
from libc.stdlib cimport free, malloc

from sklosses._kernels.lanes cimport (
    Domain, UNCHECKED, block_size, compensated_sum, make_domain, outside, scale_run,
    scale_weighted_run, sum_run, sum_weighted_run,
)
from sklosses._kernels.strided cimport (
    Space, gather, scatter, space_add, space_settle, space_start, stream, stream_end, streams,
)
from sklosses._kernels.vecmath cimport (
    exp, exp_negabs, fabs, log, log1p, log1p_unit, maximum, minimum,
)

cnp.import_array()

ctypedef void (*kernel32)(const float** x, const double* param, float* value, float** gradient,
                          float** hessian, Py_ssize_t n) noexcept nogil
ctypedef void (*kernel64)(const double** x, const double* param, double* value,
                          double** gradient, double** hessian, Py_ssize_t n) noexcept nogil

# ---------------------------------------------------------------------------------------------
# Kernels
# ---------------------------------------------------------------------------------------------


cdef void identity(const floating** x, const double* param, floating* value,
                   floating** gradient, floating** hessian, Py_ssize_t n) noexcept nogil:
    """Not a loss: sums and checks one array, such as the weights."""
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = x[0][i]


cdef void l1_loss(const floating** x, const double* param, floating* value,
                  floating** gradient, floating** hessian, Py_ssize_t n) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating d
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        value[i] = fabs(d)
        if g is not NULL:
            # Zero at a tie, a subgradient; the sum keeps a NaN.
            g[i] = d if d != d else <floating> ((d > 0) - (d < 0))
        if h is not NULL:
            h[i] = 1


cdef void mse_loss(const floating** x, const double* param, floating* value,
                   floating** gradient, floating** hessian, Py_ssize_t n) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating d
    cdef Py_ssize_t i
    for i in range(n):
        d = y_pred[i] - y_true[i]
        value[i] = d * d
        if g is not NULL:
            g[i] = 2 * d
        if h is not NULL:
            h[i] = 2


cdef void huber_loss(const floating** x, const double* param, floating* value,
                     floating** gradient, floating** hessian, Py_ssize_t n) noexcept nogil:
    """d^2 / 2 within `delta`, linear beyond, all over `divisor`: param = (delta, divisor).

    Smooth L1 with a beta is the same function, with delta = divisor = beta.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating delta = <floating> param[0]
    cdef floating divisor = <floating> param[1]
    cdef floating d, a, inner
    cdef Py_ssize_t i
    if divisor == 0:
        # A beta that float32 does not hold: the smallest that it does is as good.
        delta = divisor = FLT_MIN
    for i in range(n):
        d = y_pred[i] - y_true[i]
        a = fabs(d)
        # inner (a - inner / 2) is d^2 / 2 within delta and delta (a - delta / 2) beyond it. The
        # division comes first, and is one: neither the square nor 1 / beta may overflow.
        inner = delta if a > delta else a
        value[i] = (inner / divisor) * (a - <floating> 0.5 * inner)
        if g is not NULL:
            g[i] = (delta if d > delta else -delta if d < -delta else d) / divisor
        if h is not NULL:
            h[i] = 0 if a > delta else 1 / divisor


cdef void binary_cross_entropy(const floating** x, const double* param, floating* value,
                               floating** gradient, floating** hessian,
                               Py_ssize_t n) noexcept nogil:
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating y, p, q, a, b
    # PyTorch's 1e-12, which is a float32 there.
    cdef floating tiny = <float> 1e-12
    cdef Py_ssize_t i
    for i in range(n):
        y = y_true[i]
        p = y_pred[i]
        q = 1 - p
        # `maximum` returns its second argument where the two do not compare: a NaN passes.
        value[i] = -(y * maximum(-100, log(p)) + (1 - y) * maximum(-100, log1p(-p)))
        if g is not NULL:
            g[i] = (p - y) / maximum(tiny, p * q)
        if h is not NULL:
            a = maximum(tiny, p)
            b = maximum(tiny, q)
            h[i] = y / (a * a) + (1 - y) / (b * b)


cdef void binary_cross_entropy_with_logits(const floating** x, const double* param,
                                           floating* value, floating** gradient,
                                           floating** hessian, Py_ssize_t n) noexcept nogil:
    """y pos_weight softplus(-z) + (1 - y) softplus(z): every term is positive, none cancels.

    The exponential has a loop of its own: the two halves fit the registers, the whole does not.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef const floating* pos_weight = x[2]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating y, z, a, b, e, r, t, near, far
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = exp_negabs(y_pred[i])
    for i in range(n):
        z = y_pred[i]
        y = y_true[i]
        a = y * pos_weight[i]
        b = 1 - y
        e = value[i]
        # softplus(z) = max(z, 0) + log1p(e): of the two, one has the |z|, for which the weight
        # of the label that the prediction speaks against (`far`) counts.
        far = b if z >= 0 else a
        near = a if z >= 0 else b
        value[i] = far * fabs(z) + (a + b) * log1p_unit(e)
        if g is not NULL or h is not NULL:
            r = 1 / (1 + e)
            if g is not NULL:
                t = r * (far - near * e)
                g[i] = t if z >= 0 else -t
            if h is not NULL:
                h[i] = (a + b) * ((e * r) * r)


cdef void sigmoid_focal_loss(const floating** x, const double* param, floating* value,
                             floating** gradient, floating** hessian,
                             Py_ssize_t n) noexcept nogil:
    """With z the logit of the true class, p = sigmoid(z) and q = 1 - p: -alpha q^gamma log p.

    q^gamma = exp(-gamma softplus(z)) and -log p = softplus(-z) are exact at saturation, where
    powers of a rounded 1 - p are not. param = (alpha of y = 1, alpha of y = 0, gamma), the
    loss weight in both alphas.
    """
    cdef const floating* y_true = x[0]
    cdef const floating* y_pred = x[1]
    cdef floating* g = gradient[0]
    cdef floating* h = hessian[0]
    cdef floating positive = <floating> param[0]
    cdef floating negative = <floating> param[1]
    cdef floating gamma = <floating> param[2]
    cdef floating sign, alpha, z, e, soft, r, p, q, s, a, b
    cdef Py_ssize_t i
    for i in range(n):
        value[i] = exp_negabs(y_pred[i])
    for i in range(n):
        # y is 0 or 1; a NaN that is let through must reach the value.
        sign = 2 * y_true[i] - 1
        alpha = y_true[i] * positive + (1 - y_true[i]) * negative
        z = sign * y_pred[i]
        e = value[i]
        soft = log1p_unit(e)
        s = maximum(-z, 0) + soft
        a = alpha * exp(-gamma * (maximum(z, 0) + soft))
        value[i] = a * s
        if g is not NULL or h is not NULL:
            r = 1 / (1 + e)
            p = r if z >= 0 else e * r
            q = e * r if z >= 0 else r
            b = gamma * p * s + q
            if g is not NULL:
                g[i] = -sign * a * b
            if h is not NULL:
                # Where s is large p is 0, so a bound on s changes nothing but inf * 0.
                s = minimum(s, 10000)
                h[i] = a * p * (gamma * b + q * (gamma + 1 - gamma * s))


cdef class Kernel:
    """The two instantiations of a kernel, and how many of its inputs have gradients."""

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
        make("identity", identity[float], identity[double]),
        make("l1_loss", l1_loss[float], l1_loss[double]),
        make("mse_loss", mse_loss[float], mse_loss[double]),
        make("huber_loss", huber_loss[float], huber_loss[double]),
        make("binary_cross_entropy", binary_cross_entropy[float], binary_cross_entropy[double]),
        make("binary_cross_entropy_with_logits", binary_cross_entropy_with_logits[float],
             binary_cross_entropy_with_logits[double]),
        make("sigmoid_focal_loss", sigmoid_focal_loss[float], sigmoid_focal_loss[double]),
    )
}

# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------

cdef enum:
    MAX_INPUTS = 4
    MAX_OUTPUTS = 2
    MAX_PARAMS = 8
    # A tile buffer holds 240 float64 or 480 float32: short enough for the CPU to fetch the next
    # tile while it computes this one, and off the powers of two that would make the buffers
    # compete for cache sets.
    TILE = 240
    # Inputs, the value, gradients and Hessians, and the second half of a matched pair.
    N_TILES = 10

cdef struct Job:
    Space space
    void* kernel
    double param[MAX_PARAMS]
    int n_inputs
    int inputs[MAX_INPUTS]      # operand numbers
    bint constant[MAX_INPUTS]   # one value: it is read once in a block
    int matches[MAX_INPUTS]     # operand that an input is compared with (one-hot), or -1
    Domain domains[MAX_INPUTS]
    int weight                  # operand number, or -1
    int value                   # operand number of the unreduced loss, or -1
    int gradients[MAX_OUTPUTS]
    int hessians[MAX_OUTPUTS]
    double scale
    bint streaming              # outputs go past the caches


cdef inline floating* tile_target(const Job* job, int number, Py_ssize_t start,
                                  floating* buffer) noexcept nogil:
    """Where a kernel writes an output: in its own memory if that is best, else in `buffer`."""
    if number < 0:
        return NULL
    if job.space.operands[number].direct and not job.streaming:
        return <floating*> job.space.operands[number].data + start
    return buffer


cdef double run_block(const Job* job, Py_ssize_t start, Py_ssize_t stop,
                      unsigned char* bad, floating unused) noexcept nogil:
    """Evaluate one block; its sum of weighted values. Bit k of `bad` tells of input k."""
    cdef Py_ssize_t tile = TILE * 8 // <Py_ssize_t> sizeof(floating)
    cdef double storage[N_TILES * TILE]
    cdef double weight_storage[2 * TILE]
    cdef floating* buffer = <floating*> storage
    cdef floating* spare = buffer + (N_TILES - 1) * tile
    cdef const floating* x[MAX_INPUTS]
    cdef floating* gradient[MAX_OUTPUTS]
    cdef floating* hessian[MAX_OUTPUTS]
    cdef floating* value
    cdef floating* output
    cdef floating* target
    cdef const double* weight = NULL
    cdef const Space* space = &job.space
    cdef Py_ssize_t first = start
    cdef Py_ssize_t n, i
    cdef int k, number
    cdef double total = 0

    bad[0] = 0
    for k in range(MAX_INPUTS):
        x[k] = NULL
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
            if job.matches[k] >= 0:
                gather(space, job.matches[k], start, n, spare)
                for i in range(n):
                    target[i] = <floating> (target[i] == spare[i])
            if outside(target, n, &job.domains[k]):
                bad[0] |= 1 << k
            x[k] = target
        if job.kernel is NULL:
            start += n
            continue
        value = buffer + MAX_INPUTS * tile
        if job.value >= 0:
            value = tile_target(job, job.value, start, value)
        if job.weight >= 0:
            weight = weight_storage
            gather(space, job.weight, start, n, weight_storage)
        for k in range(MAX_OUTPUTS):
            output = buffer + (MAX_INPUTS + 1 + 2 * k) * tile
            gradient[k] = tile_target(job, job.gradients[k], start, output)
            hessian[k] = tile_target(job, job.hessians[k], start, output + tile)

        if floating is float:
            (<kernel32> job.kernel)(x, job.param, value, gradient, hessian, n)
        else:
            (<kernel64> job.kernel)(x, job.param, value, gradient, hessian, n)

        for k in range(MAX_OUTPUTS):
            finish(job, job.gradients[k], gradient[k], weight, start, n)
            finish(job, job.hessians[k], hessian[k], weight, start, n)
        if weight is NULL:
            total += sum_run(value, n)
        else:
            total += sum_weighted_run(value, weight, n)
        finish(job, job.value, value, weight, start, n)
        start += n
    if job.streaming:
        stream_end()
    return total


cdef inline void finish(const Job* job, int number, floating* tile, const double* weight,
                        Py_ssize_t start, Py_ssize_t n) noexcept nogil:
    """Scale a tile of an output and store it."""
    if number < 0:
        return
    if weight is NULL:
        scale_run(tile, job.scale, n)
    else:
        scale_weighted_run(tile, weight, job.scale, n)
    if not job.space.operands[number].direct:
        scatter(&job.space, number, start, n, tile)
    elif job.streaming:
        stream(<floating*> job.space.operands[number].data + start, tile, n)


cdef double run_blocks(const Job* job, unsigned char* bad, double* partial, Py_ssize_t n_blocks,
                       int n_threads, floating unused) noexcept nogil:
    cdef Py_ssize_t b, block = block_size(job.space.size)
    if n_threads == 1:
        for b in range(n_blocks):
            partial[b] = run_block(job, b * block, min((b + 1) * block, job.space.size),
                                   bad + b, unused)
    else:
        for b in prange(n_blocks, num_threads=n_threads, schedule="dynamic"):
            partial[b] = run_block(job, b * block, min((b + 1) * block, job.space.size),
                                   bad + b, unused)
    return compensated_sum(partial, n_blocks)


cdef int bind(Space* space, object array) except -2:
    return -1 if array is None else space_add(space, array, -1)


def run(Kernel kernel, tuple shape, tuple params, tuple inputs, tuple domains, bint double_,
        *, weight=None, value=None, tuple gradients=(), tuple hessians=(), int leading=0,
        double scale=1.0, bint assume_finite=False, int n_threads=1):
    """Run a kernel over arrays that all have `shape` (broadcast ones with strides of 0).

    Parameters
    ----------
    kernel : Kernel or None
        None only checks the inputs.
    shape : tuple of int
    params : tuple of float
    inputs : tuple of ndarray, (ndarray, ndarray) or None
        A pair of arrays is one input, 1 where the two are equal and 0 elsewhere.
    domains : tuple of (str, float, float)
        Kind ("interval" or "pair") and limits of each input.
    double_ : bool
        Compute in float64 rather than float32.
    weight, value : ndarray or None
        Weights; where the weighted, unreduced loss goes.
    gradients, hessians : tuple of ndarray or None
    leading : int
        The input whose memory order the iteration follows.
    scale : float
        Factor of the outputs (not of the sum).
    assume_finite : bool
        Let NaN and infinity pass.
    n_threads : int

    Returns
    -------
    total : float
        The sum of the weighted values.
    bad : int
        Bit k is set if input k has an element outside its domain.
    """
    cdef Job job
    cdef int k
    cdef Py_ssize_t n_blocks, b, block
    cdef unsigned char* bad = NULL
    cdef double* partial = NULL
    cdef int found = 0
    cdef double total

    if len(inputs) > MAX_INPUTS or len(params) > MAX_PARAMS or len(gradients) > MAX_OUTPUTS:
        raise ValueError("Too many inputs, parameters or outputs for the pointwise driver.")
    job.kernel = NULL if kernel is None else kernel.double_ if double_ else kernel.single
    for k in range(len(params)):
        job.param[k] = params[k]
    space_start(&job.space, shape)
    job.n_inputs = len(inputs)
    for k in range(job.n_inputs):
        item = inputs[k]
        job.matches[k] = -1
        job.constant[k] = False
        job.domains[k].kind = UNCHECKED
        if isinstance(item, tuple):
            job.inputs[k] = bind(&job.space, item[0])
            job.matches[k] = bind(&job.space, item[1])
            continue
        job.inputs[k] = bind(&job.space, item)
        job.constant[k] = item is not None and item.ndim == 0
        if k >= len(domains):
            continue  # a parameter, checked already
        job.domains[k] = make_domain(domains[k], double_, assume_finite)
    job.weight = bind(&job.space, weight)
    job.value = bind(&job.space, value)
    for k in range(MAX_OUTPUTS):
        job.gradients[k] = bind(&job.space, gradients[k]) if k < len(gradients) else -1
        job.hessians[k] = bind(&job.space, hessians[k]) if k < len(hessians) else -1
    job.scale = scale
    job.streaming = streams(job.space.size)
    # A matched pair is never direct: its operands are only compared.
    space_settle(&job.space, job.inputs[leading], 8 if double_ else 4)
    for k in range(job.n_inputs):
        if job.matches[k] >= 0:
            job.space.operands[job.inputs[k]].direct = False

    block = block_size(job.space.size)
    n_blocks = (job.space.size + block - 1) // block
    bad = <unsigned char*> malloc(n_blocks)
    partial = <double*> malloc(n_blocks * sizeof(double))
    if bad is NULL or partial is NULL:
        free(bad)
        free(partial)
        raise MemoryError()
    with nogil:
        if double_:
            total = run_blocks(&job, bad, partial, n_blocks, n_threads, <double> 0)
        else:
            total = run_blocks(&job, bad, partial, n_blocks, n_threads, <float> 0)
        for b in range(n_blocks):
            found |= bad[b]
    free(bad)
    free(partial)
    return total, found
