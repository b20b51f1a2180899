/* A queue of tasks for threads: a counter of the tasks taken and one of the tasks done.
 *
 * A parallel region for each of many short steps is slow on a busy machine: at its end all threads
 * wait for one that the system may have suspended.  Here the threads take the tasks of all steps
 * from one queue, and a task waits until the tasks of the earlier steps are done.  Tasks are taken
 * in order, so a task only ever waits for tasks that other threads have already started. */
#ifndef SKLOSSES_QUEUE_H
#define SKLOSSES_QUEUE_H

#include <stddef.h>

#ifdef _WIN32
#include <windows.h>
#define SK_YIELD() SwitchToThread()
#else
#include <sched.h>
#define SK_YIELD() sched_yield()
#endif

typedef struct {
    ptrdiff_t next;
    char padding[64 - sizeof(ptrdiff_t)]; /* puts the counters on different cache lines */
    ptrdiff_t done;
} sk_queue;

#if defined(__GNUC__)
static inline ptrdiff_t sk_add_one(ptrdiff_t *counter) {
    return __atomic_fetch_add(counter, 1, __ATOMIC_ACQ_REL);
}
static inline ptrdiff_t sk_look(const ptrdiff_t *counter) {
    return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}
#elif defined(_WIN64)
static inline ptrdiff_t sk_add_one(ptrdiff_t *counter) {
    return (ptrdiff_t)InterlockedExchangeAdd64((volatile LONG64 *)counter, 1);
}
static inline ptrdiff_t sk_look(const ptrdiff_t *counter) {
    ptrdiff_t value = *(const volatile ptrdiff_t *)counter;
    MemoryBarrier();
    return value;
}
#else
#error "sklosses does not know the atomic additions of this compiler"
#endif

static inline ptrdiff_t sk_take(sk_queue *queue) { return sk_add_one(&queue->next); }
static inline void sk_finish(sk_queue *queue) { sk_add_one(&queue->done); }

static inline void sk_await(const sk_queue *queue, ptrdiff_t n) {
    int spins = 0;
    while (sk_look(&queue->done) < n)
        if (++spins > 200)
            SK_YIELD();
}

#endif
