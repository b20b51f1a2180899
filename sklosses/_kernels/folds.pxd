"""Outputs with fewer elements than the loop has: sums along the axes on which they are broadcast.

An input that is broadcast, a variance for each row say, has a gradient of its own shape: the sum
over all the elements that it takes part in. To a driver such an output is an operand with
strides of 0, like the input. A `Fold` numbers its sums along the axes that it does have, in the
order of the iteration.

Blocks are cut along one axis (`Blocks` in strided.pxd), so the sums that a block adds to are
consecutive ones, at most as many as the block has elements. A thread works on a unit of blocks,
which has a window of sums to itself (`Units`):

- A unit is all the blocks that add to the same sums, which it stores when it is done. Of few sums
  that makes few units, too few for many threads.
- A unit is a run of blocks, and its window holds all the sums. In the end the windows are added,
  in the order of the units. Of many sums that makes few units, as their memory is bounded.

Whichever makes more of them is taken.

All sums are float64. So the order of every sum is a property of the problem, not of the threads;
no thread waits for another before the end; and the memory is that of some windows, whatever the
size of the data.

Everything here is inline, as in strided.pxd.
"""

from cython cimport floating
from libc.stdlib cimport free, malloc

from sklosses._kernels.lanes cimport LANES, sum_run
from sklosses._kernels.strided cimport (
    MAX_AXES, Blocks, Operand, Space, block_start, block_steps, scatter, seek, step_run,
)

cdef enum:
    # Elements of a block, and so the most of its window.
    FOLD_BLOCK = 4096
    # The most elements of all the windows of runs, 2 MB, and the least number of elements of the
    # data for each of them.
    WINDOWS = 1 << 18
    ELEMENTS = 8

cdef struct Fold:
    int number                      # of the operand
    Py_ssize_t strides[MAX_AXES]    # along the sums, 0 on an axis that is summed
    Py_ssize_t size                 # number of sums
    Py_ssize_t step                 # sums of one step of the axis that is cut
    Py_ssize_t window               # largest number of sums of a unit
    Space sums                      # the output itself, in the order of the sums
    double* windows                 # of the units at work, of all of them if they are runs

cdef struct Units:
    bint runs                       # of consecutive blocks; else of blocks with the same sums
    Py_ssize_t n
    Py_ssize_t length               # blocks of a unit, the last run excepted
    bint kept[MAX_AXES]             # whether blocks that differ along an axis differ in their sums


cdef inline bint is_fold(const Space* space, int number) noexcept nogil:
    """Whether an output of a settled space is to be summed."""
    cdef int axis
    for axis in range(space.n_axes):
        if space.operands[number].strides[axis] == 0 and space.shape[axis] > 1:
            return True
    return False


cdef inline void fold_start(Fold* fold, const Space* space,
                            const Blocks* blocks) noexcept nogil:
    """Number the sums of an output, that of `number`."""
    cdef const Operand* operand = &space.operands[fold.number]
    cdef Space* sums = &fold.sums
    cdef int axis
    fold.size = 1
    fold.step = 1
    fold.windows = NULL
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
    """Put the blocks into units, for all the folds or for none."""
    cdef bint alike = True
    cdef Py_ssize_t n_runs = blocks.n
    cdef int axis, k
    units.n = 1
    for axis in range(blocks.axis + 1):
        units.kept[axis] = n_folds > 0 and folds[0].strides[axis] != 0
        if units.kept[axis]:
            units.n *= blocks.in_walk if axis == blocks.axis else space.shape[axis]
        for k in range(1, n_folds):
            alike &= units.kept[axis] == (folds[k].strides[axis] != 0)
    for k in range(n_folds):
        n_runs = min(n_runs, min(WINDOWS, space.size // ELEMENTS) // folds[k].size)
    units.runs = not alike or n_runs > units.n or n_folds == 0
    if units.runs:
        units.length = (blocks.n + max(n_runs, 1) - 1) // max(n_runs, 1)
        units.n = (blocks.n + units.length - 1) // units.length
    else:
        units.length = blocks.n // units.n
    for k in range(n_folds):
        folds[k].window = folds[k].size
        if not units.runs:
            folds[k].window = folds[k].step
            if units.kept[blocks.axis]:
                folds[k].window *= min(blocks.steps, blocks.extent)


cdef inline Py_ssize_t unit_length(const Units* units, const Blocks* blocks,
                                   Py_ssize_t unit) noexcept nogil:
    """Number of blocks of a unit."""
    if units.runs:
        return min(units.length, blocks.n - unit * units.length)
    return units.length


cdef inline Py_ssize_t unit_block(const Units* units, const Space* space, const Blocks* blocks,
                                  Py_ssize_t unit, Py_ssize_t j) noexcept nogil:
    """Number of the j-th block of a unit."""
    cdef Py_ssize_t block = 0
    cdef Py_ssize_t weight = 1
    cdef Py_ssize_t extent
    cdef int axis
    if units.runs:
        return unit * units.length + j
    # The digits of the block's number, along the axes, are those of the unit or of j.
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
    if units.runs:
        return 0
    seek(space, block_start(blocks, unit_block(units, space, blocks, unit, 0)), position)
    return index_of(fold, space, position)


cdef inline double* fold_open(const Fold* fold, const Units* units, const Space* space,
                              const Blocks* blocks, Py_ssize_t unit,
                              Py_ssize_t slot) noexcept nogil:
    """Clear the window of a unit, number `slot`; where the sum with index 0 would be."""
    cdef double* window = fold.windows + slot * fold.window
    cdef Py_ssize_t i
    for i in range(fold.window):
        window[i] = 0
    return window - first_sum(fold, units, space, blocks, unit)


cdef inline void fold_add(const Fold* fold, const Space* space, double* sums, Py_ssize_t start,
                          Py_ssize_t n, const floating* source) noexcept nogil:
    """Add the elements start, ..., start + n - 1 of the iteration to their sums."""
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t run = seek(space, start, position)
    cdef Py_ssize_t done = 0, i
    cdef bint summed = fold.strides[space.n_axes - 1] == 0
    cdef double* target
    while True:
        run = min(run, n - done)
        target = sums + index_of(fold, space, position)
        if not summed:
            for i in range(run):
                target[i] += source[done + i]
        elif run >= LANES:
            target[0] += sum_run(source + done, run)
        else:
            for i in range(run):
                target[0] += source[done + i]
        done += run
        if done == n:
            return
        step_run(space, position)
        run = space.shape[space.n_axes - 1]


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
    """A unit is done: store its sums, if nobody else has a part in them."""
    cdef Py_ssize_t n = fold.step
    if units.runs:
        return
    if units.kept[blocks.axis]:
        n *= block_steps(blocks, unit_block(units, space, blocks, unit, 0))
    store_sums(fold, first_sum(fold, units, space, blocks, unit), n,
               fold.windows + slot * fold.window, scale)


cdef inline void fold_finish(const Fold* fold, const Units* units, double scale) noexcept nogil:
    """All units are done: add the windows of runs, and store the sums."""
    cdef Py_ssize_t unit, i
    cdef const double* window
    if not units.runs:
        return
    for unit in range(1, units.n):
        window = fold.windows + unit * fold.window
        for i in range(fold.size):
            fold.windows[i] += window[i]
    store_sums(fold, 0, fold.size, fold.windows, scale)
