"""What is wanted of a kernel besides the losses, known when the kernel is compiled.

A kernel is written once, as a function with an argument of type `wanted_t`, and compiled once for
each of the three types::

    value[i] = d * d
    if wanted_t is not value_alone:
        g[i] = 2 * d
    if wanted_t is with_hessian:
        h[i] = 2

Cython resolves such a condition, so no compiled loop has a branch for it. A pointer that is NULL if
an output is not wanted would leave the choice to the compiler: GCC moves the test out of some
loops, and clang out of none of them; its masked stores to address 0 are four times slower.

The value of the argument is never used.
"""

cdef struct value_alone:
    int _

cdef struct with_gradient:
    int _

cdef struct with_hessian:       # and with the gradient
    int _

ctypedef fused wanted_t:
    value_alone
    with_gradient
    with_hessian
