/* Transposition: rows of classes into tiles with one row per lane and back, and matrices.
 *
 * This is the only place with explicit vectors, written in the portable vector extension of gcc
 * and clang.  A plain loop over rows that are not adjacent compiles to single loads and stores,
 * and takes a third of the time of a softmax over ten classes.  A block of 4 x 4 floats takes two
 * rounds of shuffles instead, and four rows of two classes take one.  Compilers without the
 * extension use the plain loops, and so does double precision, for which shuffles were measured
 * to gain nothing.
 *
 * The number of lanes of a tile is a multiple of 4. */
#ifndef SKLOSSES_TRANSPOSE_H
#define SKLOSSES_TRANSPOSE_H

#include <stddef.h>
#include <string.h>

#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define SK_SHUFFLES 1
#endif
#endif

#ifdef SK_SHUFFLES
typedef float sk_quad __attribute__((vector_size(16)));

static inline sk_quad sk_read_quad(const void *from) {
    sk_quad q;
    memcpy(&q, from, sizeof q);
    return q;
}

/* Transpose a block of 4 x 4; its rows are `step` bytes apart, those of the result `to_step`. */
static inline void sk_block(const char *from, ptrdiff_t step, char *to, ptrdiff_t to_step) {
    sk_quad a = sk_read_quad(from), b = sk_read_quad(from + step);
    sk_quad c = sk_read_quad(from + 2 * step), d = sk_read_quad(from + 3 * step);
    sk_quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    sk_quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    sk_quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    sk_quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
    memcpy(to, &a, sizeof a);
    memcpy(to + to_step, &b, sizeof b);
    memcpy(to + 2 * to_step, &c, sizeof c);
    memcpy(to + 3 * to_step, &d, sizeof d);
}
#endif

/* Read rows of `n` classes into tile[class][lanes].  Rows are `step` bytes apart, and the classes
 * of a row `stride` bytes. */
static inline void sk_rows_to_tilef(const char *rows, ptrdiff_t step, ptrdiff_t stride, ptrdiff_t n,
                                    ptrdiff_t lanes, float *tile) {
    ptrdiff_t c = 0, lane;
#ifdef SK_SHUFFLES
    if (n == 2 && stride == (ptrdiff_t)sizeof(float) && step == 2 * stride) {
        for (lane = 0; lane < lanes; lane += 4) {
            sk_quad a = sk_read_quad(rows + lane * step), b = sk_read_quad(rows + lane * step + 16);
            sk_quad first = __builtin_shufflevector(a, b, 0, 2, 4, 6);
            sk_quad second = __builtin_shufflevector(a, b, 1, 3, 5, 7);
            memcpy(tile + lane, &first, sizeof first);
            memcpy(tile + lanes + lane, &second, sizeof second);
        }
        return;
    }
    if (n >= 4 && stride == (ptrdiff_t)sizeof(float)) {
        /* The last block ends with the last class, and may overlap the block before it. */
        for (; c < n; c += 4) {
            ptrdiff_t from = c + 4 <= n ? c : n - 4;
            for (lane = 0; lane < lanes; lane += 4)
                sk_block(rows + lane * step + from * stride, step,
                         (char *)(tile + lanes * from + lane), lanes * (ptrdiff_t)sizeof(float));
        }
        return;
    }
    for (; c < n; c++)
        for (lane = 0; lane < lanes; lane += 4) {
            const char *from = rows + lane * step + c * stride;
            float q[4];
            memcpy(q, from, sizeof(float));
            memcpy(q + 1, from + step, sizeof(float));
            memcpy(q + 2, from + 2 * step, sizeof(float));
            memcpy(q + 3, from + 3 * step, sizeof(float));
            sk_quad quad = {q[0], q[1], q[2], q[3]};
            memcpy(tile + lanes * c + lane, &quad, sizeof quad);
        }
#else
    for (; c < n; c++)
        for (lane = 0; lane < lanes; lane++)
            memcpy(tile + lanes * c + lane, rows + lane * step + c * stride, sizeof(float));
#endif
}

static inline void sk_rows_to_tile(const char *rows, ptrdiff_t step, ptrdiff_t stride, ptrdiff_t n,
                                   ptrdiff_t lanes, double *tile) {
    ptrdiff_t c, lane;
    for (c = 0; c < n; c++)
        for (lane = 0; lane < lanes; lane++)
            tile[lanes * c + lane] = *(const double *)(rows + lane * step + c * stride);
}

/* The inverses of these two. */
static inline void sk_tile_to_rowsf(const float *tile, ptrdiff_t n, ptrdiff_t lanes, char *rows,
                                    ptrdiff_t step, ptrdiff_t stride) {
    ptrdiff_t c = 0, lane;
#ifdef SK_SHUFFLES
    if (n == 2 && stride == (ptrdiff_t)sizeof(float) && step == 2 * stride) {
        for (lane = 0; lane < lanes; lane += 4) {
            sk_quad a = sk_read_quad(tile + lane), b = sk_read_quad(tile + lanes + lane);
            sk_quad low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
            sk_quad high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            memcpy(rows + lane * step, &low, sizeof low);
            memcpy(rows + lane * step + 16, &high, sizeof high);
        }
        return;
    }
    if (n >= 4 && stride == (ptrdiff_t)sizeof(float)) {
        for (; c < n; c += 4) {
            ptrdiff_t from = c + 4 <= n ? c : n - 4;
            for (lane = 0; lane < lanes; lane += 4)
                sk_block((const char *)(tile + lanes * from + lane),
                         lanes * (ptrdiff_t)sizeof(float),
                         rows + lane * step + from * stride, step);
        }
        return;
    }
#endif
    for (; c < n; c++)
        for (lane = 0; lane < lanes; lane++)
            memcpy(rows + lane * step + c * stride, tile + lanes * c + lane, sizeof(float));
}

static inline void sk_tile_to_rows(const double *tile, ptrdiff_t n, ptrdiff_t lanes, char *rows,
                                   ptrdiff_t step, ptrdiff_t stride) {
    ptrdiff_t c, lane;
    for (c = 0; c < n; c++)
        for (lane = 0; lane < lanes; lane++)
            *(double *)(rows + lane * step + c * stride) = tile[lanes * c + lane];
}

/* Write the transpose of a matrix, or add it to the target.  Rows are `step` elements apart, those
 * of the target `to_step`.  The matrix is processed in squares of SK_SQUARE rows and columns, so
 * that the cache lines they touch on both sides stay in the L1 cache. */
#define SK_SQUARE 16

#define SK_DEFINE_TRANSPOSE(name, type, quads)                                                     \
    static inline void name(const type *from, ptrdiff_t step, ptrdiff_t rows, ptrdiff_t columns,   \
                            type *to, ptrdiff_t to_step, int add) {                                \
        for (ptrdiff_t i = 0; i < rows; i += SK_SQUARE)                                            \
            for (ptrdiff_t j = 0; j < columns; j += SK_SQUARE) {                                   \
                const type *source = from + i * step + j;                                          \
                type *target = to + j * to_step + i;                                               \
                ptrdiff_t m = rows - i < SK_SQUARE ? rows - i : SK_SQUARE;                         \
                ptrdiff_t n = columns - j < SK_SQUARE ? columns - j : SK_SQUARE;                   \
                ptrdiff_t p, q, mq = quads ? m - m % 4 : 0, nq = quads ? n - n % 4 : 0;            \
                for (q = 0; q < nq; q += 4)                                                        \
                    for (p = 0; p < mq; p += 4)                                                    \
                        SK_BLOCK_##type(source + p * step + q, step, target + q * to_step + p,     \
                                        to_step, add);                                             \
                for (q = 0; q < n; q++)                                                            \
                    for (p = q < nq ? mq : 0; p < m; p++)                                          \
                        target[q * to_step + p] =                                                  \
                            source[p * step + q] + (add ? target[q * to_step + p] : 0);            \
            }                                                                                      \
    }

#ifdef SK_SHUFFLES
/* The transpose of a block of 4 x 4 floats, stored or added. */
static inline void sk_put_block(const float *from, ptrdiff_t step, float *to, ptrdiff_t to_step,
                                int add) {
    float block[16];
    ptrdiff_t k, c;
    if (!add) {
        sk_block((const char *)from, step * sizeof(float), (char *)to, to_step * sizeof(float));
        return;
    }
    sk_block((const char *)from, step * sizeof(float), (char *)block, 4 * sizeof(float));
    for (k = 0; k < 4; k++)
        for (c = 0; c < 4; c++)
            to[k * to_step + c] += block[4 * k + c];
}
#define SK_BLOCK_float(from, step, to, to_step, add) sk_put_block(from, step, to, to_step, add)
SK_DEFINE_TRANSPOSE(sk_transposef, float, 1)
#else
#define SK_BLOCK_float(from, step, to, to_step, add)
SK_DEFINE_TRANSPOSE(sk_transposef, float, 0)
#endif
#define SK_BLOCK_double(from, step, to, to_step, add)
SK_DEFINE_TRANSPOSE(sk_transpose, double, 0)

#endif
