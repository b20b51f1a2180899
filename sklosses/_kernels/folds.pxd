"""Folds: the gradients of broadcast inputs, which are sums over the axes of the broadcast.

A broadcast input, such as one variance per row, has a gradient of its own, smaller shape. Each
element of that gradient is the sum of the derivatives of all elements of the space that share
the input's element. To the driver such an output is an operand with strides of 0, like the
input. A `Fold` numbers its sums along the axes that the output does have, in the order of the
iteration.

Blocks are cut along one axis (`Blocks` in strided.pxd). The sums that a block adds to are
therefore consecutive, and there are at most as many as the block has elements. A thread works on
a unit, a set of blocks with its own window of sums (`Units`). There are two ways to form units:

- A unit has all the blocks that add to the same sums, and stores these sums when it is done. If
  there are few sums there are few units, perhaps fewer than threads.
- A unit has consecutive blocks, and its window holds all the sums. At the end the windows are
  added, in the order of the units. If there are many sums there are few units, because the
  memory of all windows is bounded.

`units_start` takes the way that gives more units.

A fold can also add by label: each element has a label, and there is one sum for each label. Its
units have consecutive blocks, or there is one unit.

All sums are float64. The order of each sum depends on the problem and not on the threads, no
thread waits for another before the end, and the memory is that of a few windows, whatever the
size of the data.

Everything here is inline, as in strided.pxd.
"""

from cython cimport floating
from libc.stdlib cimport free, malloc

from sklosses._kernels.lanes cimport LANES, sum_span
from sklosses._kernels.strided cimport (
    MAX_AXES, Blocks, Operand, Space, block_start, block_steps, next_span, scatter, seek,
)

cdef enum:
    # Elements of a block if an output is folded. It bounds the sums that one block adds to.
    FOLD_BLOCK = 4096
    # Bounds on the elements of all windows of consecutive blocks together: 2 MiB, and an eighth
    # of the number of elements of the space.
    WINDOWS = 1 << 18
    ELEMENTS = 8

cdef struct Fold:
    int number                      # of the operand, or -1 for sums by label
    Py_ssize_t strides[MAX_AXES]    # of the numbers of the sums; 0 along an axis that is summed
    Py_ssize_t size                 # number of sums
    Py_ssize_t step                 # sums per step of the axis along which blocks are cut
    Py_ssize_t window               # sums in a window, the most that any unit adds to
    Space sums                      # the output itself, in the order of the sums
    double* windows                 # one for each unit if units are consecutive, else per thread

cdef struct Units:
    bint consecutive                # units of consecutive blocks; else of those with equal sums
    Py_ssize_t n
    Py_ssize_t length               # blocks of a unit; the last consecutive one may have fewer
    bint kept[MAX_AXES]             # whether blocks that differ along an axis have other sums


cdef inline bint is_fold(const Space* space, int number) noexcept nogil:
    """Whether an output of a settled space is broadcast, so that it has to be summed."""
    cdef int axis
    for axis in range(space.n_axes):
        if space.operands[number].strides[axis] == 0 and space.shape[axis] > 1:
            return True
    return False


cdef inline void fold_start(Fold* fold, const Space* space,
                            const Blocks* blocks) noexcept nogil:
    """Number the sums of the output `fold.number`."""
    cdef const Operand* operand = &space.operands[fold.number]
    cdef Space* sums = &fold.sums
    cdef int axis
    fold.windows = NULL
    if fold.number < 0:
        # All blocks add to the same sums, whose output is known already.
        fold.size = fold.step = sums.size
        for axis in range(space.n_axes):
            fold.strides[axis] = 0
        return
    fold.size = 1
    fold.step = 1
    for axis in range(space.n_axes - 1, -1, -1):
        if axis == blocks.axis:
            fold.step = fold.size
        fold.strides[axis] = fold.size if operand.strides[axis] != 0 else 0
        if fold.strides[axis] != 0:
            fold.size *= space.shape[axis]

    sums.n_axes = 0
    sums.operands[0] = operand[0]
    for axis in range(space.n_axes):
        if fold.strides[axis] != 0:
            sums.shape[sums.n_axes] = space.shape[axis]
            sums.operands[0].strides[sums.n_axes] = operand.strides[axis]
            sums.n_axes += 1
    if sums.n_axes == 0:
        sums.n_axes = 1
        sums.shape[0] = 1
        sums.operands[0].strides[0] = 0


cdef inline void units_start(Units* units, Fold* folds, int n_folds, const Space* space,
                             const Blocks* blocks) noexcept nogil:
    """Distribute the blocks over units, which are the same for all folds."""
    cdef bint alike = True
    cdef Py_ssize_t n_consecutive = blocks.n
    cdef int axis, k
    units.n = 1
    for axis in range(blocks.axis + 1):
        units.kept[axis] = n_folds > 0 and folds[0].strides[axis] != 0
        if units.kept[axis]:
            units.n *= blocks.in_walk if axis == blocks.axis else space.shape[axis]
        for k in range(1, n_folds):
            alike &= units.kept[axis] == (folds[k].strides[axis] != 0)
    for k in range(n_folds):
        n_consecutive = min(n_consecutive, min(WINDOWS, space.size // ELEMENTS) // folds[k].size)
    units.consecutive = not alike or n_consecutive > units.n or n_folds == 0
    if units.consecutive:
        units.length = (blocks.n + max(n_consecutive, 1) - 1) // max(n_consecutive, 1)
        units.n = (blocks.n + units.length - 1) // units.length
    else:
        units.length = blocks.n // units.n
    for k in range(n_folds):
        folds[k].window = folds[k].size
        if not units.consecutive:
            folds[k].window = folds[k].step
            if units.kept[blocks.axis]:
                folds[k].window *= min(blocks.steps, blocks.extent)


cdef inline Py_ssize_t unit_length(const Units* units, const Blocks* blocks,
                                   Py_ssize_t unit) noexcept nogil:
    """Number of blocks in a unit."""
    if units.consecutive:
        return min(units.length, blocks.n - unit * units.length)
    return units.length


cdef inline Py_ssize_t unit_block(const Units* units, const Space* space, const Blocks* blocks,
                                  Py_ssize_t unit, Py_ssize_t j) noexcept nogil:
    """Number of the j-th block in a unit."""
    cdef Py_ssize_t block = 0
    cdef Py_ssize_t weight = 1
    cdef Py_ssize_t extent
    cdef int axis
    if units.consecutive:
        return unit * units.length + j
    # The position of the block along each axis is a digit of its number. Digits along kept axes
    # come from the number of the unit, the others from j.
    for axis in range(blocks.axis, -1, -1):
        extent = blocks.in_walk if axis == blocks.axis else space.shape[axis]
        if units.kept[axis]:
            block += unit % extent * weight
            unit //= extent
        else:
            block += j % extent * weight
            j //= extent
        weight *= extent
    return block


cdef inline bint fold_allocate(Fold* fold, Py_ssize_t n_windows) noexcept nogil:
    fold.windows = <double*> malloc(n_windows * fold.window * sizeof(double))
    return fold.windows is not NULL


cdef inline void fold_free(Fold* fold) noexcept nogil:
    free(fold.windows)


cdef inline Py_ssize_t index_of(const Fold* fold, const Space* space,
                                const Py_ssize_t* position) noexcept nogil:
    cdef Py_ssize_t index = 0
    cdef int axis
    for axis in range(space.n_axes):
        index += position[axis] * fold.strides[axis]
    return index


cdef inline Py_ssize_t first_sum(const Fold* fold, const Units* units, const Space* space,
                                 const Blocks* blocks, Py_ssize_t unit) noexcept nogil:
    """Index of the first sum of a unit's window."""
    cdef Py_ssize_t position[MAX_AXES]
    if units.consecutive:
        return 0
    seek(space, block_start(blocks, unit_block(units, space, blocks, unit, 0)), position)
    return index_of(fold, space, position)


cdef inline double* fold_open(const Fold* fold, const Units* units, const Space* space,
                              const Blocks* blocks, Py_ssize_t unit,
                              Py_ssize_t slot) noexcept nogil:
    """Clear window `slot` for a unit; the address at which the sum with index 0 would be."""
    cdef double* window = fold.windows + slot * fold.window
    cdef Py_ssize_t i
    for i in range(fold.window):
        window[i] = 0
    return window - first_sum(fold, units, space, blocks, unit)


cdef inline void fold_add(const Fold* fold, const Space* space, double* sums, Py_ssize_t start,
                          Py_ssize_t n, const floating* source) noexcept nogil:
    """Add elements start, ..., start + n - 1 of the space, in `source`, to their sums."""
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t span = seek(space, start, position)
    cdef Py_ssize_t done = 0, i
    cdef bint summed = fold.strides[space.n_axes - 1] == 0
    cdef double* target
    while True:
        span = min(span, n - done)
        target = sums + index_of(fold, space, position)
        if not summed:
            for i in range(span):
                target[i] += source[done + i]
        elif span >= LANES:
            target[0] += sum_span(source + done, span)
        else:
            for i in range(span):
                target[0] += source[done + i]
        done += span
        if done == n:
            return
        next_span(space, position)
        span = space.shape[space.n_axes - 1]


cdef inline void fold_add_by_label(double* sums, const int* label, Py_ssize_t n,
                                   const floating* source) noexcept nogil:
    """Add `n` elements to the sums of their labels."""
    cdef Py_ssize_t i
    for i in range(n):
        sums[label[i]] += source[i]


cdef inline void store_sums(const Fold* fold, Py_ssize_t first, Py_ssize_t n, double* sums,
                            double scale) noexcept nogil:
    """Scale sums and store them in the output."""
    cdef Py_ssize_t i
    for i in range(n):
        sums[i] *= scale
    scatter(&fold.sums, 0, first, n, sums)


cdef inline void fold_close(const Fold* fold, const Units* units, const Space* space,
                            const Blocks* blocks, Py_ssize_t unit, Py_ssize_t slot,
                            double scale) noexcept nogil:
    """Finish a unit: store its sums, unless other units add to them as well."""
    cdef Py_ssize_t n = fold.step
    if units.consecutive:
        return
    if units.kept[blocks.axis]:
        n *= block_steps(blocks, unit_block(units, space, blocks, unit, 0))
    store_sums(fold, first_sum(fold, units, space, blocks, unit), n,
               fold.windows + slot * fold.window, scale)


cdef inline void fold_finish(const Fold* fold, const Units* units, double scale) noexcept nogil:
    """Finish all units: add the windows of consecutive blocks, and store the sums."""
    cdef Py_ssize_t unit, i
    cdef const double* window
    if not units.consecutive:
        return
    for unit in range(1, units.n):
        window = fold.windows + unit * fold.window
        for i in range(fold.size):
            fold.windows[i] += window[i]
    store_sums(fold, 0, fold.size, fold.windows, scale)
