"""Connectionist temporal classification (CTC): the forward-backward lattice, and the driver.

A target of S labels has a lattice of 2 S + 1 states, in which blanks and labels alternate. From one
time to the next an alignment stays in its state, advances by one state, or advances by two states
if it skips a blank between different labels. Blanks and labels are stored in separate arrays: blank
i is the one before label i, and blank S comes after the last label. Each recurrence is therefore a
loop over adjacent elements:

    blank i  from  blank i and label i - 1
    label i  from  label i, blank i, and label i - 1 unless that is the same label

The products of probabilities over many times leave the range of double. Normalising them at each
time only preserves the largest ones, and which states matter is not known before the other end of
the sequence has been reached. Logarithms would need an exponential for each arc. Here each state
has an exponent of its own: its probability is f 2^n, where the integer n is in a second array. A
sum of such numbers takes the largest n and multiplies by powers of two, which are built from their
bits. The recurrences are then sums and products without exponentials, nothing is lost to underflow,
and log-probabilities may have any size. No input needs another algorithm. A probability of 0 has
n = NEVER.

The mantissas f are only brought back into [1, 2) every RENEW times. From one time to the next they
grow at most by a factor of 6 and shrink at most to a half, so they stay far within the range.

The layers of this file, from top to bottom:

- the lattice: rows of states, `forward_step` and `backward_step`;
- reading of log-probabilities and targets, writing of gradients;
- `forward` and `backward`, and `run_sequence` with the loss of one sequence;
- `check_targets` and `run`, which distributes the sequences over threads.

Each sequence has a sum of its own, so results have the same bits for any number of threads.
Log-probabilities of any dtype and stride are read once, one row of classes at a time.

CTC is the only loss of its family. A variant of it would start at `run_sequence`.
"""

import numpy as np

cimport numpy as cnp
from cython cimport floating
from cython.parallel cimport prange, threadid
from libc.float cimport DBL_MAX, FLT_MAX
from libc.math cimport INFINITY, NAN
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from sklosses._kernels.lanes cimport Domain, INTERVAL, UNCHECKED, compensated_sum, outside, sum_span
from sklosses._kernels.strided cimport (
    F32, F64, Operand, Space, read_span, space_add, space_start,
)
from sklosses._kernels.vecmath cimport (
    exp_split, exponent, log, mantissa, maximum, minimum, pow2,
)

cnp.import_array()

cdef extern from *:
    """
    /* Tells compilers that a result overlaps no other array. */
    typedef double *__restrict sk_result;
    /* Far below the n of any log-probability above -1e299, and so far above the lowest double that
       a million of them can be added. */
    #define SK_NEVER -1e300
    #define SK_LN2 0.6931471805599453
    """
    ctypedef double* Result "sk_result"
    double NEVER "SK_NEVER"
    double LN2 "SK_LN2"

cdef enum:
    RENEW = 32
    # Rows of the lattice are padded to a multiple of this many states, one vector of AVX-512.
    PAD = 8

# ---------------------------------------------------------------------------------------------
# Lattice
# ---------------------------------------------------------------------------------------------

# A row of the lattice has all states at one time: mantissas and exponents of blanks and of labels,
# `width` of each, with PAD unreachable states before and after the labels and after the blanks.
cdef struct Row:
    double* blank
    double* blank_n
    double* label
    double* label_n


cdef inline Py_ssize_t row_size(Py_ssize_t width) noexcept nogil:
    return 4 * width + 6 * PAD


cdef inline Row row_at(double* memory, Py_ssize_t width) noexcept nogil:
    cdef Row row
    row.blank = memory
    row.blank_n = row.blank + width + PAD
    row.label = row.blank_n + width + 2 * PAD
    row.label_n = row.label + width + 2 * PAD
    return row


cdef void clear(const Row* row, Py_ssize_t width) noexcept nogil:
    """Make all states unreachable, including the padding."""
    cdef Py_ssize_t i
    for i in range(width + PAD):
        row.blank[i] = 1
        row.blank_n[i] = NEVER
    for i in range(-PAD, width + PAD):
        row.label[i] = 1
        row.label_n[i] = NEVER


cdef void renew(Result f, Result n, Py_ssize_t width) noexcept nogil:
    """Bring mantissas back into [1, 2)."""
    cdef Py_ssize_t i
    for i in range(width):
        n[i] += exponent(f[i])
        f[i] = mantissa(f[i])


cdef void renew_row(const Row* row, Py_ssize_t width) noexcept nogil:
    renew(row.blank, row.blank_n, width)
    renew(row.label, row.label_n, width)


cdef void split(const double* x, Result f, Result n, Py_ssize_t width) noexcept nogil:
    """Write exp(x) as f 2^n."""
    cdef Py_ssize_t i
    cdef double power
    for i in range(width):
        f[i] = exp_split(x[i], &power)
        n[i] = power


cdef void forward_step(const double* blank, const double* blank_n, const double* label,
                       const double* label_n, const double* skip, const double* f,
                       const double* n, double blank_f, double blank_power, Result new_blank,
                       Result new_blank_n, Result new_label, Result new_label_n,
                       Py_ssize_t width) noexcept nogil:
    """From the forward probabilities of all states at one time to those at the next.

    f 2^n are the probabilities of the labels at the next time, `blank_f` and `blank_power` those
    of the blank. `skip` is 0, or NEVER where label i must not directly follow label i - 1.
    """
    cdef Py_ssize_t i
    cdef double own, before, jump, top
    for i in range(width):
        top = maximum(blank_n[i], label_n[i - 1])
        new_blank[i] = (blank[i] * pow2(blank_n[i] - top)
                        + label[i - 1] * pow2(label_n[i - 1] - top)) * blank_f
        new_blank_n[i] = top + blank_power
    for i in range(width):
        own = label_n[i]
        before = blank_n[i]
        jump = label_n[i - 1] + skip[i]
        top = maximum(maximum(own, before), jump)
        new_label[i] = (label[i] * pow2(own - top) + blank[i] * pow2(before - top)
                        + label[i - 1] * pow2(jump - top)) * f[i]
        new_label_n[i] = top + n[i]


cdef void backward_step(const double* blank, const double* blank_n, const double* label,
                        const double* label_n, const double* skip, const double* f,
                        const double* n, double blank_f, double blank_power, Result new_blank,
                        Result new_blank_n, Result new_label, Result new_label_n,
                        Py_ssize_t width, const Row* alpha, double total_n, Result blank_share,
                        Result label_share) noexcept nogil:
    """From the backward probabilities of all states at one time to those at the time before.

    It also computes the share of each state in the probability of all alignments. Forward and
    backward probabilities both contain the probabilities of their own time. A share must contain
    it once, so it is computed before f and n are multiplied in.
    """
    # Shares are at most 1. Only exponents beyond 2**53, which are not exact, can give more.
    cdef double highest = 512
    cdef const double* alpha_blank = alpha.blank
    cdef const double* alpha_blank_n = alpha.blank_n
    cdef const double* alpha_label = alpha.label
    cdef const double* alpha_label_n = alpha.label_n
    cdef Py_ssize_t i
    cdef double own, after, jump, top, sum_
    for i in range(width):
        top = maximum(blank_n[i], label_n[i])
        sum_ = (blank[i] * pow2(blank_n[i] - top) + label[i] * pow2(label_n[i] - top))
        blank_share[i] = alpha_blank[i] * sum_ * pow2(
            minimum((alpha_blank_n[i] + top) - total_n, highest))
        new_blank[i] = sum_ * blank_f
        new_blank_n[i] = top + blank_power
    for i in range(width):
        own = label_n[i]
        after = blank_n[i + 1]
        jump = label_n[i + 1] + skip[i + 1]
        top = maximum(maximum(own, after), jump)
        sum_ = (label[i] * pow2(own - top) + blank[i + 1] * pow2(after - top)
                + label[i + 1] * pow2(jump - top))
        label_share[i] = alpha_label[i] * sum_ * pow2(
            minimum((alpha_label_n[i] + top) - total_n, highest))
        new_label[i] = sum_ * f[i]
        new_label_n[i] = top + n[i]


# ---------------------------------------------------------------------------------------------
# Reading and writing
# ---------------------------------------------------------------------------------------------

cdef enum:
    LOG_PROBS = 0       # number of the operand

cdef struct Job:
    Space space                         # of (time, sequence, class)
    int gradient                        # number of the operand, or -1
    Space targets                       # of (sequence, label) or (label)
    bint concatenated
    const long long* offsets            # of each sequence's targets, if these are concatenated
    const long long* input_lengths
    const long long* target_lengths
    const double* weight                # NULL for none
    double* losses
    long long blank
    Py_ssize_t n_sequences
    Py_ssize_t n_times
    Py_ssize_t n_classes
    Py_ssize_t max_times                # of the input lengths
    Py_ssize_t max_labels               # of the target lengths
    Domain domain
    bint nan_passes
    bint zero_infinity
    bint by_length                      # losses are divided by the lengths of the targets
    double scale

# Memory of one thread.
cdef struct Scratch:
    double* alpha           # forward rows of the lattice, of all times or of two
    double* f               # probabilities of the labels, at all times or at one
    double* n
    double* beta            # two backward rows of the lattice
    double* x               # log-probabilities of the labels
    double* skip
    double* blank_share
    double* label_share
    double* occupancy       # share of each class that occurs, the blank first
    double* classes         # a row of log-probabilities
    long long* label        # the target, followed by the blank
    long long* occurs       # the classes that occur, the blank first
    Py_ssize_t* slot        # index of each label in `occurs`
    Py_ssize_t* place       # index of each class in `occurs`, or -1


cdef inline Py_ssize_t padded(Py_ssize_t n) noexcept nogil:
    return (n + PAD - 1) // PAD * PAD


cdef inline bint keeps_rows(const Job* job) noexcept nogil:
    """Whether the forward rows of all times are kept, for the gradient."""
    return job.gradient >= 0


cdef double* reserve(double** memory, Py_ssize_t n) noexcept nogil:
    cdef double* start = memory[0]
    memory[0] += padded(n)
    return start


cdef Py_ssize_t lay_out(const Job* job, double* memory, Scratch* scratch) noexcept nogil:
    """Lay out the memory of one thread; its size, in units of 8 bytes like all lengths here."""
    cdef Py_ssize_t width = padded(job.max_labels + 1)
    cdef Py_ssize_t times = job.max_times if keeps_rows(job) else 1
    cdef double* end = memory
    scratch.alpha = reserve(&end, (times + 1) * row_size(width))
    scratch.f = reserve(&end, times * width)
    scratch.n = reserve(&end, times * width)
    scratch.beta = reserve(&end, 2 * row_size(width))
    scratch.x = reserve(&end, width)
    scratch.skip = reserve(&end, width + PAD)
    scratch.blank_share = reserve(&end, width)
    scratch.label_share = reserve(&end, width)
    scratch.occupancy = reserve(&end, width)
    scratch.classes = reserve(&end, job.n_classes)
    scratch.label = <long long*> reserve(&end, width)
    scratch.occurs = <long long*> reserve(&end, width)
    scratch.slot = <Py_ssize_t*> reserve(&end, width)
    scratch.place = <Py_ssize_t*> reserve(&end, job.n_classes)
    return end - memory


cdef inline char* class_row(const Job* job, int number, Py_ssize_t t, Py_ssize_t i) noexcept nogil:
    cdef const Operand* operand = &job.space.operands[number]
    return operand.data + t * operand.strides[0] + i * operand.strides[1]


cdef inline bint pick(const floating* row, Py_ssize_t n_classes, const Domain* domain,
                      const long long* label, Py_ssize_t n, double* x) noexcept nogil:
    """Copy the log-probabilities of labels; whether any class of the row is outside the domain."""
    cdef Py_ssize_t k
    for k in range(n):
        x[k] = row[label[k]]
    return outside(row, n_classes, domain)


cdef bint pick_at(const Job* job, const Scratch* scratch, Py_ssize_t t, Py_ssize_t i,
                  Py_ssize_t n) noexcept nogil:
    cdef const Operand* operand = &job.space.operands[LOG_PROBS]
    cdef const char* row = class_row(job, LOG_PROBS, t, i)
    cdef Py_ssize_t stride = operand.strides[2]
    if not operand.swapped and not operand.unaligned and stride == operand.itemsize:
        if operand.storage == F32:
            return pick(<const float*> row, job.n_classes, &job.domain, scratch.label, n,
                        scratch.x)
        if operand.storage == F64:
            return pick(<const double*> row, job.n_classes, &job.domain, scratch.label, n,
                        scratch.x)
    read_span(operand, row, stride, job.n_classes, scratch.classes)
    return pick(<const double*> scratch.classes, job.n_classes, &job.domain, scratch.label, n,
                scratch.x)


cdef inline void put(const Operand* operand, char* to, double value) noexcept nogil:
    cdef float single = <float> value
    # memcpy of a fixed size compiles to one store, and is also correct for unaligned targets.
    if operand.storage == F32:
        memcpy(to, &single, sizeof(float))
    else:
        memcpy(to, &value, sizeof(double))


cdef void fill_gradient(const Job* job, Py_ssize_t t, Py_ssize_t i, double value) noexcept nogil:
    cdef const Operand* operand = &job.space.operands[job.gradient]
    cdef char* row = class_row(job, job.gradient, t, i)
    cdef Py_ssize_t stride = operand.strides[2]
    cdef Py_ssize_t c
    if value == 0 and stride == operand.itemsize:
        memset(row, 0, job.n_classes * stride)
        return
    for c in range(job.n_classes):
        put(operand, row + c * stride, value)


# ---------------------------------------------------------------------------------------------
# One sequence
# ---------------------------------------------------------------------------------------------


cdef bint read_target(const Job* job, const Scratch* scratch, Py_ssize_t i) noexcept nogil:
    """Read the labels of a sequence; whether all of them are classes other than the blank."""
    cdef const Operand* operand = &job.targets.operands[0]
    cdef Py_ssize_t n = job.target_lengths[i]
    cdef const char* start = operand.data
    cdef Py_ssize_t stride = operand.strides[0]
    cdef Py_ssize_t k
    cdef long long valid = 0
    if job.concatenated:
        start += job.offsets[i] * stride
    else:
        start += i * stride
        stride = operand.strides[1]
    read_span(operand, start, stride, n, scratch.label)
    for k in range(n):
        valid += ((scratch.label[k] >= 0) & (scratch.label[k] < job.n_classes)
                  & (scratch.label[k] != job.blank))
    scratch.label[n] = job.blank
    return valid == n


cdef Py_ssize_t prepare_target(const Job* job, const Scratch* scratch, Py_ssize_t n,
                               Py_ssize_t width, Py_ssize_t* shortest) noexcept nogil:
    """Set `slot`, `occurs` and `skip`; how many classes occur, including the blank.

    `shortest` is set to the least number of times in which the target is possible.
    """
    cdef Py_ssize_t k, count = 1
    cdef long long c
    shortest[0] = n
    scratch.occurs[0] = job.blank
    for k in range(width + PAD):
        scratch.skip[k] = NEVER
    for k in range(width):
        scratch.x[k] = -INFINITY
    for k in range(n):
        c = scratch.label[k]
        if scratch.place[c] < 0:
            scratch.place[c] = count
            scratch.occurs[count] = c
            count += 1
        scratch.slot[k] = scratch.place[c]
        if k > 0 and c == scratch.label[k - 1]:
            # There has to be a blank between two equal labels.
            shortest[0] += 1
        elif k > 0:
            scratch.skip[k] = 0
    for k in range(count):
        scratch.place[scratch.occurs[k]] = -1
    return count


cdef double forward(const Job* job, const Scratch* scratch, Py_ssize_t i, Py_ssize_t n_times,
                    Py_ssize_t n_labels, Py_ssize_t width, double* total_n,
                    bint* bad) noexcept nogil:
    """Probability of the target: the mantissa, with its exponent in `total_n`.

    If the gradient is wanted, row t + 1 of `alpha` is that of time t.
    """
    cdef Py_ssize_t t, at, size = row_size(width)
    cdef double* f = scratch.f
    cdef double* n = scratch.n
    cdef double total, top
    cdef Row old, new = row_at(scratch.alpha, width)
    clear(&new, width)
    # Before the first time, an alignment can enter the first blank or the first label.
    new.blank_n[0] = 0
    for t in range(n_times):
        old = new
        at = t + 1 if keeps_rows(job) else (t + 1) & 1
        new = row_at(scratch.alpha + at * size, width)
        # The only element of the row's padding that is read.
        (new.label - 1)[0] = 1
        (new.label_n - 1)[0] = NEVER
        if keeps_rows(job):
            f = scratch.f + t * width
            n = scratch.n + t * width
        bad[0] |= pick_at(job, scratch, t, i, n_labels + 1)
        # The probability of the blank is stored after that of the last label, which is a state
        # from which no alignment reaches the end.
        split(scratch.x, f, n, width)
        forward_step(old.blank, old.blank_n, old.label, old.label_n, scratch.skip, f, n,
                     f[n_labels], n[n_labels], new.blank, new.blank_n, new.label, new.label_n,
                     width)
        if t % RENEW == RENEW - 1:
            renew_row(&new, width)
    top = maximum(new.blank_n[n_labels], new.label_n[n_labels - 1])
    total = (new.blank[n_labels] * pow2(new.blank_n[n_labels] - top)
             + new.label[n_labels - 1] * pow2(new.label_n[n_labels - 1] - top))
    top += exponent(total)
    total = mantissa(total)
    if total > 1.5:
        # So that n ln 2 and log(f) do not cancel where the probability is about 1.
        total /= 2
        top += 1
    total_n[0] = top
    return total


cdef void backward(const Job* job, const Scratch* scratch, Py_ssize_t i, Py_ssize_t n_times,
                   Py_ssize_t n_labels, Py_ssize_t width, Py_ssize_t n_occurring, double total_n,
                   double scale) noexcept nogil:
    """Write the gradient for the first `n_times` times."""
    cdef const Operand* operand = &job.space.operands[job.gradient]
    cdef Py_ssize_t stride = operand.strides[2]
    cdef Py_ssize_t t, k, size = row_size(width)
    cdef const double* f
    cdef const double* n
    cdef double* blank_share = scratch.blank_share
    cdef double* label_share = scratch.label_share
    cdef double* occupancy = scratch.occupancy
    cdef double factor, whole
    cdef char* row
    cdef Row old, alpha, new = row_at(scratch.beta, width)
    old = row_at(scratch.beta + size, width)
    clear(&new, width)
    clear(&old, width)
    # After the last time, an alignment can have left the last blank or the last label.
    new.blank_n[n_labels] = 0
    for k in range(n_occurring):
        occupancy[k] = 0
    for t in range(n_times - 1, -1, -1):
        old, new = new, old
        alpha = row_at(scratch.alpha + (t + 1) * size, width)
        f = scratch.f + t * width
        n = scratch.n + t * width
        backward_step(old.blank, old.blank_n, old.label, old.label_n, scratch.skip, f, n,
                      f[n_labels], n[n_labels], new.blank, new.blank_n, new.label, new.label_n,
                      width, &alpha, total_n, blank_share, label_share)
        if t % RENEW == 0:
            renew_row(&new, width)
        occupancy[0] = sum_span(<const double*> blank_share, width)
        # Shares are divided by their sum rather than by the probability of the target, so they
        # add up to 1 at each time whatever rounding errors have accumulated over the times.
        whole = occupancy[0] + sum_span(<const double*> label_share, width)
        # Again, only exponents beyond 2**53 can make it 0.
        factor = scale / whole if whole > 0 else 0
        for k in range(n_labels):
            occupancy[scratch.slot[k]] += label_share[k]
        fill_gradient(job, t, i, 0)
        row = class_row(job, job.gradient, t, i)
        for k in range(n_occurring):
            put(operand, row + scratch.occurs[k] * stride, 0.0 - factor * occupancy[k])
            occupancy[k] = 0


cdef bint run_sequence(const Job* job, Py_ssize_t i, double* memory) noexcept nogil:
    """Compute loss and gradient of one sequence; whether a log-probability is not allowed."""
    cdef Scratch scratch
    cdef Py_ssize_t n_times = job.input_lengths[i]
    cdef Py_ssize_t n_labels = job.target_lengths[i]
    cdef Py_ssize_t width = padded(n_labels + 1)
    cdef Py_ssize_t t, count, shortest
    cdef double weight = 1 if job.weight is NULL else job.weight[i]
    cdef double total_n = NEVER, total = 1, loss
    cdef bint bad = False, possible, counted = True
    lay_out(job, memory, &scratch)
    if not read_target(job, &scratch, i):
        # The caller has checked the labels, but another thread may have changed them.
        counted = False
        n_labels = 0
        scratch.label[0] = job.blank
        width = PAD
    count = prepare_target(job, &scratch, n_labels, width, &shortest)
    possible = counted and n_times >= shortest
    if possible:
        total = forward(job, &scratch, i, n_times, n_labels, width, &total_n, &bad)
        possible = total_n > NEVER / 2
        loss = 0.0 - (total_n * LN2 + log(total))
    if job.domain.kind != UNCHECKED:
        for t in range(n_times if counted and n_times >= shortest else 0, job.n_times):
            bad |= pick_at(job, &scratch, t, i, 0)

    if not possible:
        loss = 0 if job.zero_infinity else INFINITY
    if bad or not counted:
        loss = NAN
    if job.by_length and n_labels > 1:
        weight /= n_labels
    # The loss of a sequence of weight zero is 0 even if it is infinite.
    job.losses[i] = 0 if weight == 0 and loss == INFINITY else weight * loss
    if job.gradient >= 0 and (job.nan_passes or not bad):
        if loss != loss:
            for t in range(job.n_times):
                fill_gradient(job, t, i, NAN)
        else:
            if possible:
                backward(job, &scratch, i, n_times, n_labels, width, count, total_n,
                         weight * job.scale)
            for t in range(n_times if possible else 0, job.n_times):
                fill_gradient(job, t, i, 0)
    return bad and not job.nan_passes


# ---------------------------------------------------------------------------------------------
# Driver
# ---------------------------------------------------------------------------------------------


cdef int bind_targets(Job* job, targets, cnp.ndarray target_lengths, cnp.ndarray offsets,
                      long long blank) except -1:
    cdef Py_ssize_t i
    space_start(&job.targets, targets.shape)
    space_add(&job.targets, targets, -1)
    job.concatenated = targets.ndim == 1
    job.offsets = <const long long*> cnp.PyArray_DATA(offsets)
    job.target_lengths = <const long long*> cnp.PyArray_DATA(target_lengths)
    job.blank = blank
    job.n_sequences = target_lengths.shape[0]
    job.max_labels = 0
    for i in range(job.n_sequences):
        job.max_labels = max(job.max_labels, job.target_lengths[i])
    return 0


def check_targets(targets, target_lengths, offsets, Py_ssize_t n_classes, long long blank):
    """Check that all labels within the target lengths are class indices other than the blank.

    Parameters
    ----------
    targets : ndarray of shape (n_sequences, n) or (n,)
    target_lengths : int64 ndarray of shape (n_sequences,)
        Number of labels of each sequence.
    offsets : int64 ndarray of shape (n_sequences,)
        Index of each sequence's first label in one-dimensional `targets`.
    n_classes : int
    blank : int

    Returns
    -------
    valid : bool
    """
    cdef Job job
    cdef Scratch scratch
    cdef Py_ssize_t i
    cdef bint valid = True
    job.n_classes = n_classes
    bind_targets(&job, targets, target_lengths, offsets, blank)
    scratch.label = <long long*> malloc((job.max_labels + 1) * sizeof(long long))
    if scratch.label is NULL:
        raise MemoryError()
    with nogil:
        for i in range(job.n_sequences):
            valid &= read_target(&job, &scratch, i)
    free(scratch.label)
    return valid


def run(targets, log_probs, cnp.ndarray input_lengths, target_lengths, offsets,
        long long blank, *, cnp.ndarray weight=None, gradient=None, double scale=1.0,
        bint zero_infinity=False, bint by_length=False, bint assume_finite=False,
        bint checked=False, int n_threads=1):
    """Compute the losses of sequences, and their gradient.

    Parameters
    ----------
    targets : ndarray of shape (n_sequences, n) or (n,)
        Valid labels (see `check_targets`).
    log_probs : ndarray of shape (n_times, n_sequences, n_classes)
    input_lengths : int64 ndarray of shape (n_sequences,)
        Number of times of each sequence.
    target_lengths : int64 ndarray of shape (n_sequences,)
        Number of labels of each sequence.
    offsets : int64 ndarray of shape (n_sequences,)
        Index of each sequence's first label in one-dimensional `targets`.
    blank : int
    weight : float64 ndarray of shape (n_sequences,), or None
    gradient : ndarray of the shape of `log_probs`, or None
        Output for the gradient.
    scale : float
        Factor of the gradient (not of the losses).
    zero_infinity : bool
        Whether the loss of an impossible target is 0 rather than infinity.
    by_length : bool
        Whether losses are divided by the lengths of their targets.
    assume_finite : bool
        Whether NaN and infinity pass.
    checked : bool
        Whether the log-probabilities have been checked.
    n_threads : int

    Returns
    -------
    losses : float64 ndarray of shape (n_sequences,)
        The weighted losses.
    total : float
        Their sum.
    bad : bool
        Whether a log-probability is not allowed: NaN or +infinity, unless `assume_finite`.
    """
    cdef Job job
    cdef Scratch scratch
    cdef Py_ssize_t i, k, n_sequences = log_probs.shape[1]
    cdef Py_ssize_t share
    cdef double* memory
    cdef double* start
    cdef double total
    cdef unsigned char* found
    cdef bint bad = False
    cdef cnp.ndarray losses = np.empty(n_sequences)

    bind_targets(&job, targets, target_lengths, offsets, blank)
    space_start(&job.space, log_probs.shape)
    space_add(&job.space, log_probs, -1)
    job.gradient = -1 if gradient is None else space_add(&job.space, gradient, -1)
    job.n_times = log_probs.shape[0]
    job.n_classes = log_probs.shape[2]
    job.input_lengths = <const long long*> cnp.PyArray_DATA(input_lengths)
    job.weight = NULL
    if weight is not None:
        job.weight = <const double*> cnp.PyArray_DATA(weight)
    job.losses = <double*> cnp.PyArray_DATA(losses)
    # NaN is searched for even if it may pass, because the loss then has to be NaN.
    job.domain.kind = UNCHECKED if checked and not assume_finite else INTERVAL
    job.domain.nan_passes = False
    job.domain.low = -INFINITY
    job.domain.high = FLT_MAX if job.space.operands[LOG_PROBS].storage == F32 else DBL_MAX
    job.nan_passes = assume_finite
    job.zero_infinity = zero_infinity
    job.by_length = by_length
    job.scale = scale
    job.max_times = 1
    for i in range(n_sequences):
        job.max_times = max(job.max_times, job.input_lengths[i])

    n_threads = <int> min(n_threads, n_sequences)
    share = lay_out(&job, NULL, &scratch)
    memory = <double*> malloc((n_threads * share + PAD) * sizeof(double) + n_sequences)
    if memory is NULL:
        raise MemoryError()
    # Rows of the lattice are aligned to whole vectors.
    start = memory + (-<Py_ssize_t> (<uintptr_t> memory // sizeof(double)) & (PAD - 1))
    found = <unsigned char*> (memory + n_threads * share + PAD)
    for k in range(n_threads):
        lay_out(&job, start + k * share, &scratch)
        for i in range(job.n_classes):
            scratch.place[i] = -1
    with nogil:
        if n_threads == 1:
            for i in range(n_sequences):
                found[i] = run_sequence(&job, i, start)
        else:
            for i in prange(n_sequences, num_threads=n_threads, schedule="dynamic"):
                found[i] = run_sequence(&job, i, start + threadid() * share)
        for i in range(n_sequences):
            bad |= found[i]
        total = compensated_sum(job.losses, n_sequences)
    free(memory)
    return losses, total, bad
