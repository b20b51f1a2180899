/* Copies that bypass the caches, and prefetches.
 *
 * An ordinary store to a cache line that is not cached reads the line before it overwrites it, so
 * an output costs as much memory traffic as two inputs.  A non-temporal store does not read the
 * line.  It only pays off for outputs larger than the caches, because it leaves nothing in them
 * for whoever reads the output next.
 *
 * Where the target has no such stores, or the compiler does not know them, memcpy is used. */
#ifndef SKLOSSES_STREAM_H
#define SKLOSSES_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Prefetch a line that will soon be read, or written.  Any address is allowed. */
#if defined(__GNUC__)
static inline void sk_fetch(const void *from) { __builtin_prefetch(from, 0, 3); }
static inline void sk_fetch_to_write(const void *to) { __builtin_prefetch(to, 1, 3); }
#else
static inline void sk_fetch(const void *from) { (void)from; }
static inline void sk_fetch_to_write(const void *to) { (void)to; }
#endif

#if defined(__SSE2__)
#include <immintrin.h>
#define SK_LINE 64

/* Copy n bytes.  Whole cache lines of `to` are streamed, its ragged ends are not.  `from` may have
 * any alignment. */
static inline void sk_stream(void *to, const void *from, ptrdiff_t n) {
    char *target = (char *)to;
    const char *source = (const char *)from;
    ptrdiff_t head = (ptrdiff_t)(-(uintptr_t)target & (SK_LINE - 1));
    if (head > n)
        head = n;
    if (head) {
        memcpy(target, source, (size_t)head);
        target += head;
        source += head;
        n -= head;
    }
    for (; n >= SK_LINE; n -= SK_LINE, target += SK_LINE, source += SK_LINE) {
#if defined(__AVX512F__)
        _mm512_stream_si512((void *)target, _mm512_loadu_si512(source));
#elif defined(__AVX__)
        __m256i a = _mm256_loadu_si256((const __m256i *)source);
        __m256i b = _mm256_loadu_si256((const __m256i *)(source + 32));
        _mm256_stream_si256((__m256i *)target, a);
        _mm256_stream_si256((__m256i *)(target + 32), b);
#else
        int i;
        for (i = 0; i < SK_LINE; i += 16)
            _mm_stream_si128((__m128i *)(target + i),
                             _mm_loadu_si128((const __m128i *)(source + i)));
#endif
    }
    if (n)
        memcpy(target, source, (size_t)n);
}

/* Order the streamed stores before all later ones, as ordinary stores are. */
static inline void sk_stream_end(void) { _mm_sfence(); }

#else

static inline void sk_stream(void *to, const void *from, ptrdiff_t n) {
    memcpy(to, from, (size_t)n);
}
static inline void sk_stream_end(void) {}

#endif

#endif
