"""Rows of operands: where they begin, and groups of them as the lanes of a tile.

For the families whose operands have one more axis than their `Space`: the space is that of the
rows, and the elements of a row (classes, the components of a vector) are `extent` elements with
a stride of their own. Everything here is inline, as in strided.pxd.
"""

from cython cimport floating
from libc.string cimport memcpy

from sklosses._kernels.strided cimport (
    F32, F64, MAX_AXES, Operand, Space, address, next_span, read_span, seek, stream, write_span,
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
    # The fewest elements of a span for which streaming pays off: only whole cache lines are
    # streamed, its ragged ends are not.
    LONG_SPAN = 256
    MAX_LANES = 32      # of all families


cdef inline Py_ssize_t row_addresses(const Space* space, int number, Py_ssize_t start, int n,
                                     char** rows) noexcept nogil:
    """Addresses of the rows start, ..., start + n - 1 of an operand.

    If the rows are a constant number of bytes apart, and that is not 0, only `rows[0]` is set and
    this number is returned. Otherwise all of `rows` is set and 0 is returned.
    """
    cdef const Operand* operand = &space.operands[number]
    cdef Py_ssize_t position[MAX_AXES]
    cdef Py_ssize_t stride = operand.strides[space.n_axes - 1]
    cdef Py_ssize_t span
    cdef char* first
    cdef int done = 0, i
    if space.n_axes == 1 and stride != 0:
        rows[0] = operand.data + start * stride
        return stride
    span = seek(space, start, position)
    while True:
        first = address(space, operand, position)
        if span >= n and done == 0 and stride != 0:
            rows[0] = first
            return stride
        span = min(span, n - done)
        for i in range(span):
            rows[done + i] = first + i * stride
        done += <int> span
        if done == n:
            return 0
        next_span(space, position)
        span = space.shape[space.n_axes - 1]


cdef inline bint is_plain(const Operand* operand, Py_ssize_t stride,
                          floating dtype_tag) noexcept nogil:
    """Whether the elements can be read in place as the compute dtype."""
    return (operand.storage == (F32 if sizeof(floating) == 4 else F64) and not operand.swapped
            and not operand.unaligned and stride % <Py_ssize_t> sizeof(floating) == 0)


cdef inline void read_row(const Operand* operand, const char* row, Py_ssize_t stride,
                          Py_ssize_t extent, floating* target) noexcept nogil:
    """Read a row whose elements are `stride` bytes apart."""
    if stride == sizeof(floating) and is_plain(operand, stride, <floating> 0):
        memcpy(target, row, extent * sizeof(floating))
    else:
        read_span(operand, row, stride, extent, target)


cdef inline void write_row(const Operand* operand, char* row, Py_ssize_t stride,
                           Py_ssize_t extent, const floating* source) noexcept nogil:
    """The inverse of `read_row`."""
    if stride == sizeof(floating) and is_plain(operand, stride, <floating> 0):
        memcpy(row, source, extent * sizeof(floating))
    else:
        write_span(operand, row, stride, extent, source)


cdef inline void rows_to_lanes(const Space* space, int number, Py_ssize_t stride,
                               Py_ssize_t extent, Py_ssize_t start, int rows, int lanes,
                               floating* tile, floating* spare) noexcept nogil:
    """Read rows start, ..., start + rows - 1 of an operand into a tile [extent][lanes].

    The elements of a row are `stride` bytes apart, and `spare` has room for one row. Lanes beyond
    the last row are set to 0.
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
        read_span(operand, source, stride, extent, spare)
        for c in range(extent):
            tile[c * lanes + ln] = spare[c]
    for ln in range(rows, lanes):
        for c in range(extent):
            tile[c * lanes + ln] = 0


cdef inline void lanes_to_rows(const Space* space, int number, Py_ssize_t stride,
                               Py_ssize_t extent, Py_ssize_t start, int rows, int lanes,
                               const floating* tile, floating* spare,
                               bint streaming) noexcept nogil:
    """The inverse of `rows_to_lanes`, for an output. `spare` has room for a tile."""
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
        # Rows that follow one another without a gap form one span.
        streaming = (streaming and lanes * extent >= LONG_SPAN and stride == sizeof(floating)
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
        write_span(operand, to, stride, extent, spare)
