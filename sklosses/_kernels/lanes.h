/* Sums of floats in 32 lanes, which stay in registers with every compiler.
 *
 * gcc keeps an array of sums in registers.  clang either takes it apart into pairs of floats, or
 * keeps it in memory, and then each addition waits for the one before.  GNU C's vector types leave
 * no choice, and are cut into whatever registers there are.
 */
#ifndef SKLOSSES_LANES_H
#define SKLOSSES_LANES_H

#include <stddef.h>
#include <string.h>

/* lane[k] = value[k] + value[32 + k] + value[64 + k] + ..., added in this order, for a number `n` of
 * floats that is a multiple of 32. */
static inline void sk_sum_lanesf(const float *value, ptrdiff_t n, float *lane) {
    ptrdiff_t i;
#if defined(__GNUC__)
    typedef float eight __attribute__((vector_size(32)));
    eight a = {0}, b = {0}, c = {0}, d = {0}, v;
    for (i = 0; i < n; i += 32) {
        memcpy(&v, value + i, sizeof v);
        a += v;
        memcpy(&v, value + i + 8, sizeof v);
        b += v;
        memcpy(&v, value + i + 16, sizeof v);
        c += v;
        memcpy(&v, value + i + 24, sizeof v);
        d += v;
    }
    memcpy(lane, &a, sizeof a);
    memcpy(lane + 8, &b, sizeof b);
    memcpy(lane + 16, &c, sizeof c);
    memcpy(lane + 24, &d, sizeof d);
#else
    int k;
    for (k = 0; k < 32; k++) lane[k] = 0;
    for (i = 0; i < n; i += 32)
        for (k = 0; k < 32; k++) lane[k] += value[i + k];
#endif
}

#endif
