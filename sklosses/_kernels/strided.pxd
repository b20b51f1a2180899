"""Operands of any real dtype, byte order and stride, read and written in spans.

A driver describes the arrays it iterates over as a `Space`: one shape and, for each array (an
`Operand`), its strides along that shape, which are 0 where the array is broadcast.
`space_settle` sorts the axes by the memory order of the leading operand. It merges neighbouring
axes wherever all operands allow it, so contiguous data in C or Fortran order become one axis.

The elements of a space are numbered in the order of the iteration. A span is a sequence of them
along the last axis, so each operand has one stride in it. `gather` reads any number of
consecutive elements into a tile buffer in the compute dtype, and `scatter` writes such a buffer
back. An operand that is `direct` needs neither: kernels read and write its memory in place.
`Blocks` are the pieces of a space that threads work on.

Everything here is inline, because kernel modules of different builds must not share compiled
code.
"""

cimport numpy as cnp
from cython cimport floating
from libc.string cimport memcpy

cdef extern from *:
    """
    /* IEEE half to single precision. The fields are shifted into place, and a multiplication
       by 2^112 corrects the exponent, which also normalises subnormals. */
    static inline float sk_half_to_float(unsigned short h) {
        union { unsigned int i; float f; } u, scale;
        scale.i = 0x77800000u; /* 2^112 */
        u.i = ((unsigned int)(h & 0x7fffu)) << 13;
        u.f *= scale.f;
        if ((h & 0x7c00u) == 0x7c00u)
            u.i = 0x7f800000u | (((unsigned int)(h & 0x03ffu)) << 13);
        u.i |= ((unsigned int)(h & 0x8000u)) << 16;
        return u.f;
    }
    """
    float sk_half_to_float(unsigned short h) noexcept nogil

cdef extern from "stream.h" nogil:
    void sk_stream(void* to, const void* source, Py_ssize_t n_bytes) noexcept
    void stream_end "sk_stream_end"() noexcept
    void fetch "sk_fetch"(const void* source) noexcept
    void fetch_to_write "sk_fetch_to_write"(const void* target) noexcept

cdef enum:
    MAX_AXES = 64       # the limit of NumPy 2
    MAX_OPERANDS = 12
    STAGE = 64          # elements converted to native form at a time
    # Outputs of at least this many elements bypass the caches. As float32 that is 16 MiB, which
    # together with the inputs exceeds what a process usually has of the last-level cache.
    STREAM_FROM = 1 << 22

# Storage formats. NumPy's type numbers stand for C types, several of which have the same size.
cdef enum Storage:
    I8, U8, I16, U16, I32, U32, I64, U64, F16, F32, F64, FLONG

ctypedef fused real_t:
    signed char
    unsigned char
    short
    unsigned short
    int
    unsigned int
    long long
    unsigned long long
    float
    double
    long double

# What operands are converted to: one of the compute dtypes, or an integer for labels.
ctypedef fused value_t:
    float
    double
    long long

cdef struct Operand:
    char* data
    Py_ssize_t strides[MAX_AXES]
    Storage storage
    int itemsize
    bint swapped        # not in native byte order
    bint unaligned      # not aligned for its dtype
    bint direct         # contiguous over the whole space, and in the compute dtype

cdef struct Space:
    int n_axes
    Py_ssize_t shape[MAX_AXES]
    Py_ssize_t size
    int n_operands
    Operand operands[MAX_OPERANDS]

# The blocks of a space: consecutive elements, cut along one axis. The iteration walks along that
# axis once for each position on the axes before it, and a step of the axis spans all axes after
# it. A block is a number of whole steps of one walk. The cuts depend on the problem alone, never
# on the number of threads.
cdef struct Blocks:
    int axis
    Py_ssize_t step         # elements per step
    Py_ssize_t extent       # steps per walk
    Py_ssize_t steps        # steps per block; the last block of a walk may have fewer
    Py_ssize_t in_walk      # blocks per walk
    Py_ssize_t n            # blocks in total


cdef inline Storage storage_of(cnp.ndarray array) except *:
    cdef int size = cnp.PyArray_ITEMSIZE(array)
    cdef int kind = array.descr.kind
    if kind == c"f":
        if size == 8:
            return F64
        if size == 4:
            return F32
        return F16 if size == 2 else FLONG
    if kind == c"b":
        return U8
    if kind == c"i":
        return I8 if size == 1 else I16 if size == 2 else I32 if size == 4 else I64
    if kind == c"u":
        return U8 if size == 1 else U16 if size == 2 else U32 if size == 4 else U64
    raise TypeError(f"Expected an array of real numbers. Got dtype {array.dtype} instead.")


cdef inline int space_start(Space* space, tuple shape) except -1:
    cdef Py_ssize_t extent
    space.n_axes = 0
    space.n_operands = 0
    space.size = 1
    for extent in shape:
        space.shape[space.n_axes] = extent
        space.n_axes += 1
        space.size *= extent
    return 0


cdef inline int space_like(Space* space, cnp.ndarray array, int without) except -1:
    """Start a space with the shape of an array, except for the axis `without` (-1: none)."""
    cdef int axis
    space.n_axes = 0
    space.n_operands = 0
    space.size = 1
    for axis in range(cnp.PyArray_NDIM(array)):
        if axis != without:
            space.shape[space.n_axes] = cnp.PyArray_DIM(array, axis)
            space.size *= space.shape[space.n_axes]
            space.n_axes += 1
    return 0


cdef inline int space_add(Space* space, cnp.ndarray array, int without) except -1:
    """Add an operand and return its number.

    The array has the space's shape, or is a scalar, which is broadcast. `without` is an axis of
    the array that the space lacks, or -1.
    """
    cdef Operand* operand = &space.operands[space.n_operands]
    cdef int axis, k = 0
    if array.ndim == 0:
        for axis in range(space.n_axes):
            operand.strides[axis] = 0
    elif array.ndim - (without >= 0) != space.n_axes:
        raise ValueError(
            f"Expected {space.n_axes} axes. Got shape {(<object> array).shape} instead.")
    for axis in range(array.ndim):
        if axis == without:
            continue
        if cnp.PyArray_DIM(array, axis) != space.shape[k]:
            raise ValueError(
                f"An operand has shape {(<object> array).shape}, which is not the space's.")
        operand.strides[k] = cnp.PyArray_STRIDE(array, axis)
        k += 1
    operand.data = cnp.PyArray_BYTES(array)
    operand.storage = storage_of(array)
    operand.itemsize = cnp.PyArray_ITEMSIZE(array)
    operand.swapped = cnp.PyArray_ISBYTESWAPPED(array)
    operand.unaligned = not (cnp.PyArray_CHKFLAGS(array, cnp.NPY_ARRAY_ALIGNED))
    operand.direct = False
    space.n_operands += 1
    return space.n_operands - 1


cdef inline Py_ssize_t magnitude(Py_ssize_t stride) noexcept nogil:
    return stride if stride >= 0 else -stride


cdef inline void space_settle(Space* space, int leading, int itemsize) noexcept nogil:
    """Sort and merge the axes, then determine which operands are direct.

    The iteration follows the memory order of the operand `leading`. `itemsize` is that of the
    compute dtype, float32 or float64.
    """
    cdef int i, j, k, last
    cdef Py_ssize_t extent, expected
    cdef bint merge
    cdef Operand* operand
    cdef Storage native = F64 if itemsize == 8 else F32

    # Drop the axes of extent 1.
    j = 0
    for i in range(space.n_axes):
        if space.shape[i] != 1:
            space.shape[j] = space.shape[i]
            for k in range(space.n_operands):
                space.operands[k].strides[j] = space.operands[k].strides[i]
            j += 1
    space.n_axes = j

    # Stable insertion sort, by decreasing stride of the leading operand.
    for i in range(1, space.n_axes):
        j = i
        while j > 0 and (magnitude(space.operands[leading].strides[j - 1])
                         < magnitude(space.operands[leading].strides[j])):
            extent = space.shape[j]
            space.shape[j] = space.shape[j - 1]
            space.shape[j - 1] = extent
            for k in range(space.n_operands):
                extent = space.operands[k].strides[j]
                space.operands[k].strides[j] = space.operands[k].strides[j - 1]
                space.operands[k].strides[j - 1] = extent
            j -= 1

    last = 0
    for i in range(1, space.n_axes):
        merge = True
        for k in range(space.n_operands):
            operand = &space.operands[k]
            if operand.strides[last] != operand.strides[i] * space.shape[i]:
                merge = False
        if merge:
            space.shape[last] *= space.shape[i]
        else:
            last += 1
            space.shape[last] = space.shape[i]
        for k in range(space.n_operands):
            space.operands[k].strides[last] = space.operands[k].strides[i]
    if space.n_axes == 0:
        space.n_axes = 1
        space.shape[0] = 1
        for k in range(space.n_operands):
            space.operands[k].strides[0] = itemsize
    else:
        space.n_axes = last + 1

    for k in range(space.n_operands):
        operand = &space.operands[k]
        operand.direct = (operand.storage == native and not operand.swapped
                          and not operand.unaligned)
        expected = itemsize
        for i in range(space.n_axes - 1, -1, -1):
            if operand.strides[i] != expected and space.shape[i] != 1:
                operand.direct = False
            expected *= space.shape[i]


cdef inline void cut_blocks(const Space* space, Py_ssize_t size, bint along_axis,
                            Blocks* blocks) noexcept nogil:
    """Cut a settled space into blocks of at most `size` elements.

    With `along_axis` a block consists of whole steps along one axis; otherwise the space is cut
    as if it had a single axis.
    """
    blocks.axis = space.n_axes - 1
    blocks.step = 1
    blocks.extent = space.size
    if along_axis:
        while blocks.axis > 0 and blocks.step * space.shape[blocks.axis] < size:
            blocks.step *= space.shape[blocks.axis]
            blocks.axis -= 1
        blocks.extent = space.shape[blocks.axis]
    blocks.steps = size // blocks.step
    blocks.in_walk = (blocks.extent + blocks.steps - 1) // blocks.steps
    blocks.n = space.size // (blocks.extent * blocks.step) * blocks.in_walk


cdef inline Py_ssize_t block_start(const Blocks* blocks, Py_ssize_t block) noexcept nogil:
    cdef Py_ssize_t walk = block // blocks.in_walk
    cdef Py_ssize_t within = block % blocks.in_walk
    return (walk * blocks.extent + within * blocks.steps) * blocks.step


cdef inline Py_ssize_t block_steps(const Blocks* blocks, Py_ssize_t block) noexcept nogil:
    """Number of steps in a block."""
    return min(blocks.steps, blocks.extent - block % blocks.in_walk * blocks.steps)


cdef inline void convert(const real_t* source, Py_ssize_t stride, Py_ssize_t n,
                         value_t* target) noexcept nogil:
    """Convert `n` elements, `stride` elements apart."""
    cdef Py_ssize_t i
    cdef value_t constant
    if stride == 1:
        for i in range(n):
            target[i] = <value_t> source[i]
    elif stride == 0:
        # An empty array has no first element to read.
        constant = <value_t> source[0] if n > 0 else 0
        for i in range(n):
            target[i] = constant
    else:
        for i in range(n):
            target[i] = <value_t> source[i * stride]


cdef inline void read_span(const Operand* operand, const char* source, Py_ssize_t stride,
                           Py_ssize_t n, value_t* target) noexcept nogil:
    """Read `n` elements, `stride` bytes apart, into `target`."""
    cdef Py_ssize_t i, j, count, step
    cdef int size = operand.itemsize
    cdef char stage[STAGE * 16]
    if operand.swapped or operand.unaligned or stride % size != 0 or operand.storage == F16:
        # The rare formats are first copied, STAGE elements at a time, to native, aligned and
        # adjacent elements.
        i = 0
        while i < n:
            count = min(n - i, STAGE)
            for j in range(count):
                memcpy(stage + j * size, source + (i + j) * stride, size)
                if operand.swapped:
                    reverse_bytes(stage + j * size, size)
            if operand.storage == F16:
                for j in range(count):
                    target[i + j] = <value_t> sk_half_to_float((<unsigned short*> stage)[j])
            else:
                convert_storage(operand.storage, stage, 1, count, target + i)
            i += count
        return
    step = stride // size
    convert_storage(operand.storage, source, step, n, target)


cdef inline void convert_storage(Storage storage, const char* source, Py_ssize_t stride,
                                 Py_ssize_t n, value_t* target) noexcept nogil:
    if storage == F32:
        convert(<const float*> source, stride, n, target)
    elif storage == F64:
        convert(<const double*> source, stride, n, target)
    elif storage == I64:
        convert(<const long long*> source, stride, n, target)
    elif storage == I32:
        convert(<const int*> source, stride, n, target)
    elif storage == U8:
        convert(<const unsigned char*> source, stride, n, target)
    elif storage == I8:
        convert(<const signed char*> source, stride, n, target)
    elif storage == I16:
        convert(<const short*> source, stride, n, target)
    elif storage == U16:
        convert(<const unsigned short*> source, stride, n, target)
    elif storage == U32:
        convert(<const unsigned int*> source, stride, n, target)
    elif storage == U64:
        convert(<const unsigned long long*> source, stride, n, target)
    elif storage == FLONG:
        convert(<const long double*> source, stride, n, target)


cdef inline void reverse_bytes(char* item, int size) noexcept nogil:
    cdef int i
    cdef char byte
    for i in range(size // 2):
        byte = item[i]
        item[i] = item[size - 1 - i]
        item[size - 1 - i] = byte


cdef inline Py_ssize_t seek(const Space* space, Py_ssize_t index,
                            Py_ssize_t* position) noexcept nogil:
    """Set `position` to the coordinates of element `index`; how many elements its span has left."""
    cdef int axis
    for axis in range(space.n_axes - 1, -1, -1):
        position[axis] = index % space.shape[axis]
        index //= space.shape[axis]
    return space.shape[space.n_axes - 1] - position[space.n_axes - 1]


cdef inline char* address(const Space* space, const Operand* operand,
                          const Py_ssize_t* position) noexcept nogil:
    cdef char* data = operand.data
    cdef int axis
    for axis in range(space.n_axes):
        data += position[axis] * operand.strides[axis]
    return data


cdef inline void next_span(const Space* space, Py_ssize_t* position) noexcept nogil:
    """Move to the start of the next span."""
    cdef int axis = space.n_axes - 1
    position[axis] = 0
    axis -= 1
    while axis >= 0:
        position[axis] += 1
        if position[axis] < space.shape[axis]:
            return
        position[axis] = 0
        axis -= 1


cdef inline void gather(const Space* space, int number, Py_ssize_t start, Py_ssize_t n,
                        value_t* target) noexcept nogil:
    """Read elements start, ..., start + n - 1 of an operand, in the order of the iteration."""
    cdef const Operand* operand = &space.operands[number]
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t stride = operand.strides[space.n_axes - 1]
    cdef Py_ssize_t span = seek(space, start, position)
    cdef Py_ssize_t done = 0
    while True:
        span = min(span, n - done)
        read_span(operand, address(space, operand, position), stride, span, target + done)
        done += span
        if done == n:
            return
        next_span(space, position)
        span = space.shape[space.n_axes - 1]


cdef inline void write_span(const Operand* operand, char* target, Py_ssize_t stride,
                            Py_ssize_t n, const floating* source) noexcept nogil:
    """Write `n` elements, `stride` bytes apart, to a float32 or float64 operand."""
    cdef Py_ssize_t i
    cdef float single
    cdef double wide
    # memcpy of a fixed size compiles to one store, and is also correct for unaligned targets.
    if operand.storage == F32:
        for i in range(n):
            single = <float> source[i]
            memcpy(target + i * stride, &single, sizeof(float))
    else:
        for i in range(n):
            wide = <double> source[i]
            memcpy(target + i * stride, &wide, sizeof(double))


cdef inline void scatter(const Space* space, int number, Py_ssize_t start, Py_ssize_t n,
                         const floating* source) noexcept nogil:
    """The inverse of `gather`, for an output (float32 or float64 in native byte order)."""
    cdef const Operand* operand = &space.operands[number]
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t stride = operand.strides[space.n_axes - 1]
    cdef Py_ssize_t span = seek(space, start, position)
    cdef Py_ssize_t done = 0
    while True:
        span = min(span, n - done)
        write_span(operand, address(space, operand, position), stride, span, source + done)
        done += span
        if done == n:
            return
        next_span(space, position)
        span = space.shape[space.n_axes - 1]


cdef inline bint streams(Py_ssize_t size) noexcept nogil:
    """Whether outputs of `size` elements bypass the caches."""
    return size >= STREAM_FROM


cdef inline void stream(floating* target, const floating* source, Py_ssize_t n) noexcept nogil:
    """Copy a contiguous span, bypassing the caches.

    Each thread calls `stream_end` after its last copy.
    """
    sk_stream(target, source, n * <Py_ssize_t> sizeof(floating))
