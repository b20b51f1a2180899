/* Copies past the caches, and words to the caches.
 *
 * An ordinary store to memory that is in no cache first reads the line that it is about to
 * overwrite: an output then costs as much traffic as two inputs.  A non-temporal store does not.
 * It is for outputs larger than the caches alone, since it also leaves nothing in them for
 * whoever reads the output next.
 *
 * Where the target has no such stores, or the compiler does not know them, it is memcpy. */
#ifndef SKLOSSES_STREAM_H
#define SKLOSSES_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What will soon be read, or written. Any address will do. */
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

/* `from` is anywhere; whole lines of `to` are streamed, its ragged ends are not. */
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

/* What was streamed is seen by other threads from here on, as ordinary stores are. */
static inline void sk_stream_end(void) { _mm_sfence(); }

#else

static inline void sk_stream(void *to, const void *from, ptrdiff_t n) {
    memcpy(to, from, (size_t)n);
}
static inline void sk_stream_end(void) {}

#endif

#endif
