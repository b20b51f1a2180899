"""Operands whose last step is along rows: where rows begin, and groups of them as lanes of a tile.

For kernel families whose `Space` is that of the rows, with one more axis (classes, the components
of a vector) as a stride of its own. All inline, as in strided.pxd.
"""

from cython cimport floating
from libc.string cimport memcpy

from sklosses._kernels.strided cimport (
    F32, F64, MAX_AXES, Operand, Space, address, read_run, seek, step_run, stream, write_run,
)

cdef extern from "transpose.h" nogil:
    void sk_rows_to_tilef(const char* rows, Py_ssize_t step, Py_ssize_t stride, Py_ssize_t n,
                          Py_ssize_t lanes, float* tile) noexcept
    void sk_rows_to_tile(const char* rows, Py_ssize_t step, Py_ssize_t stride, Py_ssize_t n,
                         Py_ssize_t lanes, double* tile) noexcept
    void sk_tile_to_rowsf(const float* tile, Py_ssize_t n, Py_ssize_t lanes, char* rows,
                          Py_ssize_t step, Py_ssize_t stride) noexcept
    void sk_tile_to_rows(const double* tile, Py_ssize_t n, Py_ssize_t lanes, char* rows,
                         Py_ssize_t step, Py_ssize_t stride) noexcept

cdef enum:
    # Elements from which on a run is worth to be streamed: its ragged ends are not.
    LONG_RUN = 256
    MAX_LANES = 32


cdef inline Py_ssize_t row_addresses(const Space* space, int number, Py_ssize_t start, int n,
                                     char** rows) noexcept nogil:
    """Where the rows start, ..., start + n - 1 of an operand begin.

    Returns the bytes from one row to the next, or 0 where that is not one number, or is 0; then,
    and only then, all of `rows` is filled in.
    """
    cdef const Operand* operand = &space.operands[number]
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t stride = operand.strides[space.n_axes - 1]
    cdef Py_ssize_t run
    cdef char* first
    cdef int done = 0, i
    if space.n_axes == 1 and stride != 0:
        rows[0] = operand.data + start * stride
        return stride
    run = seek(space, start, position)
    while True:
        first = address(space, operand, position)
        if run >= n and done == 0 and stride != 0:
            rows[0] = first
            return stride
        run = min(run, n - done)
        for i in range(run):
            rows[done + i] = first + i * stride
        done += <int> run
        if done == n:
            return 0
        step_run(space, position)
        run = space.shape[space.n_axes - 1]


cdef inline bint is_plain(const Operand* operand, Py_ssize_t stride,
                          floating unused) noexcept nogil:
    """Whether the elements can be read as the compute dtype where they are."""
    return (operand.storage == (F32 if sizeof(floating) == 4 else F64) and not operand.swapped
            and not operand.unaligned and stride % <Py_ssize_t> sizeof(floating) == 0)


cdef inline void read_row(const Operand* operand, const char* row, Py_ssize_t stride,
                          Py_ssize_t extent, floating* target) noexcept nogil:
    """A row whose elements are `stride` bytes apart."""
    if stride == sizeof(floating) and is_plain(operand, stride, <floating> 0):
        memcpy(target, row, extent * sizeof(floating))
    else:
        read_run(operand, row, stride, extent, target)


cdef inline void write_row(const Operand* operand, char* row, Py_ssize_t stride,
                           Py_ssize_t extent, const floating* source) noexcept nogil:
    """The inverse of `read_row`."""
    if stride == sizeof(floating) and is_plain(operand, stride, <floating> 0):
        memcpy(row, source, extent * sizeof(floating))
    else:
        write_run(operand, row, stride, extent, source)


cdef inline void rows_to_lanes(const Space* space, int number, Py_ssize_t stride,
                               Py_ssize_t extent, Py_ssize_t start, int rows, int lanes,
                               floating* tile, floating* spare) noexcept nogil:
    """Rows start, ..., start + rows - 1 of an operand as a tile [extent][lanes].

    `stride` is the number of bytes along a row, `spare` has room for one row; lanes beyond the
    last row are 0.
    """
    cdef const Operand* operand = &space.operands[number]
    cdef Py_ssize_t c, step
    cdef char* row[MAX_LANES]
    cdef const char* source
    cdef int ln
    step = row_addresses(space, number, start, rows, row)
    if step != 0 and rows == lanes and is_plain(operand, stride, <floating> 0):
        source = row[0]
        if step == sizeof(floating):
            for c in range(extent):
                memcpy(tile + c * lanes, source, lanes * sizeof(floating))
                source += stride
        elif floating is float:
            sk_rows_to_tilef(source, step, stride, extent, lanes, tile)
        else:
            sk_rows_to_tile(source, step, stride, extent, lanes, tile)
        return
    for ln in range(rows):
        source = row[ln] if step == 0 else row[0] + ln * step
        read_run(operand, source, stride, extent, spare)
        for c in range(extent):
            tile[c * lanes + ln] = spare[c]
    for ln in range(rows, lanes):
        for c in range(extent):
            tile[c * lanes + ln] = 0


cdef inline void lanes_to_rows(const Space* space, int number, Py_ssize_t stride,
                               Py_ssize_t extent, Py_ssize_t start, int rows, int lanes,
                               const floating* tile, floating* spare,
                               bint streaming) noexcept nogil:
    """The inverse of `rows_to_lanes`, for an output; `spare` has room for a tile."""
    cdef const Operand* operand = &space.operands[number]
    cdef Py_ssize_t c, step
    cdef char* row[MAX_LANES]
    cdef char* to
    cdef int ln
    step = row_addresses(space, number, start, rows, row)
    if step != 0 and rows == lanes and is_plain(operand, stride, <floating> 0):
        to = row[0]
        if step == sizeof(floating):
            for c in range(extent):
                memcpy(to, tile + c * lanes, lanes * sizeof(floating))
                to += stride
            return
        # Rows end to end are one run.
        streaming = (streaming and lanes * extent >= LONG_RUN and stride == sizeof(floating)
                     and step == extent * <Py_ssize_t> sizeof(floating))
        if streaming:
            to = <char*> spare
        if floating is float:
            sk_tile_to_rowsf(tile, extent, lanes, to, step, stride)
        else:
            sk_tile_to_rows(tile, extent, lanes, to, step, stride)
        if streaming:
            stream(<floating*> row[0], spare, lanes * extent)
        return
    for ln in range(rows):
        for c in range(extent):
            spare[c] = tile[c * lanes + ln]
        to = row[ln] if step == 0 else row[0] + ln * step
        write_run(operand, to, stride, extent, spare)
