"""What the machine and the build support: instruction sets, OpenMP, threads, compiler flags.

Compiled once, unlike the kernel modules, and for any CPU.
"""

cdef extern from * nogil:
    """
    #ifdef _OPENMP
    #include <omp.h>
    #define SK_OPENMP 1
    static int sk_max_threads(void) { return omp_get_max_threads(); }
    static int sk_num_procs(void) { return omp_get_num_procs(); }
    #else
    #define SK_OPENMP 0
    static int sk_max_threads(void) { return 1; }
    static int sk_num_procs(void) { return 1; }
    #endif

    /* The psABI levels as lists of features: older compilers do not know the levels by name. */
    #if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    static int sk_cpu_level(void) {
        __builtin_cpu_init();
        if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")))
            return 1;
        if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512vl")))
            return 3;
        return 4;
    }
    #else
    static int sk_cpu_level(void) { return 0; }
    #endif

    #ifndef SKLOSSES_CFLAGS
    #define SKLOSSES_CFLAGS ""
    #endif
    #ifdef __VERSION__
    #define SK_COMPILER __VERSION__
    #else
    #define SK_COMPILER "unknown"
    #endif
    """
    int SK_OPENMP
    int sk_max_threads()
    int sk_num_procs()
    int sk_cpu_level()
    const char* SKLOSSES_CFLAGS
    const char* SK_COMPILER

OPENMP = bool(SK_OPENMP)
CFLAGS = SKLOSSES_CFLAGS.decode()
COMPILER = SK_COMPILER.decode()


def cpu_level():
    """x86-64 microarchitecture level of this CPU (1, 3 or 4); 0 on other architectures."""
    return sk_cpu_level()


def max_threads():
    """OpenMP's current limit, set by OMP_NUM_THREADS, omp_set_num_threads or threadpoolctl."""
    return sk_max_threads()


def num_procs():
    """Number of processors that OpenMP may use, by the CPU affinity of the process."""
    return sk_num_procs()
