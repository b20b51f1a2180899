/* Transposition: rows of classes into tiles with one row per lane and back, and matrices.
 *
 * Explicit vectors, written in the portable vector extension of gcc and clang, are used here and in
 * lanes.h only.  A plain loop over rows that are not adjacent compiles to single loads and stores,
 * and takes a third of the time of a softmax over ten classes.  A block of 4 x 4 elements takes two
 * rounds of shuffles instead, and four rows of two classes take one.  Compilers without the
 * extension use the plain loops.
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
typedef float sk_quad_float __attribute__((vector_size(16)));
typedef double sk_quad_double __attribute__((vector_size(32)));

/* Transpose a block of 4 x 4; its rows are `step` bytes apart, those of the result `to_step`. */
#define SK_DEFINE_BLOCK(type)                                                                      \
    static inline void sk_block_##type(const char *from, ptrdiff_t step, char *to,                 \
                                       ptrdiff_t to_step) {                                        \
        sk_quad_##type a, b, c, d, ab_low, ab_high, cd_low, cd_high;                               \
        memcpy(&a, from, sizeof a);                                                                \
        memcpy(&b, from + step, sizeof b);                                                         \
        memcpy(&c, from + 2 * step, sizeof c);                                                     \
        memcpy(&d, from + 3 * step, sizeof d);                                                     \
        ab_low = __builtin_shufflevector(a, b, 0, 4, 2, 6);                                        \
        ab_high = __builtin_shufflevector(a, b, 1, 5, 3, 7);                                       \
        cd_low = __builtin_shufflevector(c, d, 0, 4, 2, 6);                                        \
        cd_high = __builtin_shufflevector(c, d, 1, 5, 3, 7);                                       \
        a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);                                   \
        b = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);                                 \
        c = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);                                   \
        d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);                                 \
        memcpy(to, &a, sizeof a);                                                                  \
        memcpy(to + to_step, &b, sizeof b);                                                        \
        memcpy(to + 2 * to_step, &c, sizeof c);                                                    \
        memcpy(to + 3 * to_step, &d, sizeof d);                                                    \
    }                                                                                              \
                                                                                                   \
    /* Four rows of two: two vectors to the first and second class of each, and back. */           \
    static inline void sk_unzip_##type(const char *from, type *first, type *second) {              \
        sk_quad_##type a, b, even, odd;                                                            \
        memcpy(&a, from, sizeof a);                                                                \
        memcpy(&b, from + sizeof a, sizeof b);                                                     \
        even = __builtin_shufflevector(a, b, 0, 2, 4, 6);                                          \
        odd = __builtin_shufflevector(a, b, 1, 3, 5, 7);                                           \
        memcpy(first, &even, sizeof even);                                                         \
        memcpy(second, &odd, sizeof odd);                                                          \
    }                                                                                              \
                                                                                                   \
    static inline void sk_zip_##type(const type *first, const type *second, char *to) {            \
        sk_quad_##type a, b, low, high;                                                            \
        memcpy(&a, first, sizeof a);                                                               \
        memcpy(&b, second, sizeof b);                                                              \
        low = __builtin_shufflevector(a, b, 0, 4, 1, 5);                                           \
        high = __builtin_shufflevector(a, b, 2, 6, 3, 7);                                          \
        memcpy(to, &low, sizeof low);                                                              \
        memcpy(to + sizeof low, &high, sizeof high);                                               \
    }

#else
#define SK_DEFINE_BLOCK(type)                                                                      \
    static inline void sk_block_##type(const char *from, ptrdiff_t step, char *to,                 \
                                       ptrdiff_t to_step) {                                        \
        ptrdiff_t i, j;                                                                            \
        for (i = 0; i < 4; i++)                                                                    \
            for (j = 0; j < 4; j++)                                                                \
                memcpy(to + j * to_step + i * (ptrdiff_t)sizeof(type),                             \
                       from + i * step + j * (ptrdiff_t)sizeof(type), sizeof(type));               \
    }                                                                                              \
                                                                                                   \
    static inline void sk_unzip_##type(const char *from, type *first, type *second) {              \
        ptrdiff_t i;                                                                               \
        for (i = 0; i < 4; i++) {                                                                  \
            memcpy(first + i, from + 2 * i * sizeof(type), sizeof(type));                          \
            memcpy(second + i, from + (2 * i + 1) * sizeof(type), sizeof(type));                   \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static inline void sk_zip_##type(const type *first, const type *second, char *to) {            \
        ptrdiff_t i;                                                                               \
        for (i = 0; i < 4; i++) {                                                                  \
            memcpy(to + 2 * i * sizeof(type), first + i, sizeof(type));                            \
            memcpy(to + (2 * i + 1) * sizeof(type), second + i, sizeof(type));                     \
        }                                                                                          \
    }
#endif

SK_DEFINE_BLOCK(float)
SK_DEFINE_BLOCK(double)

/* Read rows of `n` classes into tile[class][lanes], and write such a tile to rows.  Rows are `step`
 * bytes apart, and the classes of a row `stride` bytes.  The last block of a row ends with the last
 * class, and may overlap the block before it. */
#define SK_DEFINE_TILES(type, read, write)                                                         \
    static inline void read(const char *rows, ptrdiff_t step, ptrdiff_t stride, ptrdiff_t n,       \
                            ptrdiff_t lanes, type *tile) {                                         \
        const ptrdiff_t size = sizeof(type);                                                       \
        ptrdiff_t c, lane, k;                                                                      \
        if (n == 2 && stride == size && step == 2 * size) {                                        \
            for (lane = 0; lane < lanes; lane += 4)                                                \
                sk_unzip_##type(rows + lane * step, tile + lane, tile + lanes + lane);             \
        } else if (n >= 4 && stride == size) {                                                     \
            for (c = 0; c < n; c += 4) {                                                           \
                k = c + 4 <= n ? c : n - 4;                                                        \
                for (lane = 0; lane < lanes; lane += 4)                                            \
                    sk_block_##type(rows + lane * step + k * size, step,                           \
                                    (char *)(tile + lanes * k + lane), lanes * size);              \
            }                                                                                      \
        } else {                                                                                   \
            for (c = 0; c < n; c++)                                                                \
                for (lane = 0; lane < lanes; lane += 4) {                                          \
                    type quad[4];                                                                  \
                    for (k = 0; k < 4; k++)                                                        \
                        memcpy(quad + k, rows + (lane + k) * step + c * stride, sizeof(type));     \
                    memcpy(tile + lanes * c + lane, quad, sizeof quad);                            \
                }                                                                                  \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static inline void write(const type *tile, ptrdiff_t n, ptrdiff_t lanes, char *rows,           \
                             ptrdiff_t step, ptrdiff_t stride) {                                   \
        const ptrdiff_t size = sizeof(type);                                                       \
        ptrdiff_t c, lane, k;                                                                      \
        if (n == 2 && stride == size && step == 2 * size) {                                        \
            for (lane = 0; lane < lanes; lane += 4)                                                \
                sk_zip_##type(tile + lane, tile + lanes + lane, rows + lane * step);               \
        } else if (n >= 4 && stride == size) {                                                     \
            for (c = 0; c < n; c += 4) {                                                           \
                k = c + 4 <= n ? c : n - 4;                                                        \
                for (lane = 0; lane < lanes; lane += 4)                                            \
                    sk_block_##type((const char *)(tile + lanes * k + lane), lanes * size,         \
                                    rows + lane * step + k * size, step);                          \
            }                                                                                      \
        } else {                                                                                   \
            for (c = 0; c < n; c++)                                                                \
                for (lane = 0; lane < lanes; lane++)                                               \
                    memcpy(rows + lane * step + c * stride, tile + lanes * c + lane,               \
                           sizeof(type));                                                          \
        }                                                                                          \
    }

SK_DEFINE_TILES(float, sk_rows_to_tilef, sk_tile_to_rowsf)
SK_DEFINE_TILES(double, sk_rows_to_tile, sk_tile_to_rows)

/* Write the transpose of a matrix, or add it to the target.  Rows are `step` elements apart, those
 * of the target `to_step`.  The matrix is processed in squares of SK_SQUARE rows and columns, so
 * that the cache lines they touch on both sides stay in the L1 cache. */
#define SK_SQUARE 16

#define SK_DEFINE_TRANSPOSE(name, type)                                                            \
    static inline void name(const type *from, ptrdiff_t step, ptrdiff_t rows, ptrdiff_t columns,   \
                            type *to, ptrdiff_t to_step, int add) {                                \
        for (ptrdiff_t i = 0; i < rows; i += SK_SQUARE)                                            \
            for (ptrdiff_t j = 0; j < columns; j += SK_SQUARE) {                                   \
                const type *source = from + i * step + j;                                          \
                type *target = to + j * to_step + i;                                               \
                ptrdiff_t m = rows - i < SK_SQUARE ? rows - i : SK_SQUARE;                         \
                ptrdiff_t n = columns - j < SK_SQUARE ? columns - j : SK_SQUARE;                   \
                ptrdiff_t p, q, mq = m - m % 4, nq = n - n % 4;                                    \
                for (q = 0; q < nq; q += 4)                                                        \
                    for (p = 0; p < mq; p += 4)                                                    \
                        sk_put_block_##type(source + p * step + q, step,                           \
                                            target + q * to_step + p, to_step, add);               \
                for (q = 0; q < n; q++)                                                            \
                    for (p = q < nq ? mq : 0; p < m; p++)                                          \
                        target[q * to_step + p] =                                                  \
                            source[p * step + q] + (add ? target[q * to_step + p] : 0);            \
            }                                                                                      \
    }

/* The transpose of a block of 4 x 4, stored or added. */
#define SK_DEFINE_PUT_BLOCK(type)                                                                  \
    static inline void sk_put_block_##type(const type *from, ptrdiff_t step, type *to,             \
                                           ptrdiff_t to_step, int add) {                           \
        const ptrdiff_t size = sizeof(type);                                                       \
        type block[16];                                                                            \
        ptrdiff_t k, c;                                                                            \
        if (!add) {                                                                                \
            sk_block_##type((const char *)from, step * size, (char *)to, to_step * size);          \
            return;                                                                                \
        }                                                                                          \
        sk_block_##type((const char *)from, step * size, (char *)block, 4 * size);                 \
        for (k = 0; k < 4; k++)                                                                    \
            for (c = 0; c < 4; c++)                                                                \
                to[k * to_step + c] += block[4 * k + c];                                           \
    }

SK_DEFINE_PUT_BLOCK(float)
SK_DEFINE_PUT_BLOCK(double)
SK_DEFINE_TRANSPOSE(sk_transposef, float)
SK_DEFINE_TRANSPOSE(sk_transpose, double)

#endif
