/* Elementary functions that compilers vectorise.
 *
 * vm_exp, vm_log, vm_log1p, vm_expm1, vm_sigmoid, vm_softplus, vm_tanh, vm_erf and vm_pow for double,
 * and with the suffix f for float, as in libm.  vm_exp_negabs(x) = exp(-|x|) and vm_log1p_unit(e) =
 * log1p(e) for e in [0, 1] are cheaper, and are the pair that most losses need.  For double only,
 * vm_exp_split and others compute with numbers f 2^n whose exponent n is a separate number.
 *
 * How they are written
 * --------------------
 * There are no branches, tables or calls, so gcc 12 vectorises a plain loop over any of them for
 * SSE2, AVX2 and AVX-512, given -O3 -fno-math-errno -fno-trapping-math.  Special values are
 * selected by comparisons at the end.  All other values take the same path, so a NaN propagates
 * without further code.
 *
 * SSE2 and AVX2 have neither an arithmetic shift of int64 nor a conversion between int64 and
 * double, and one such operation makes a loop scalar.  Therefore
 * - a number is rounded to an integer n by adding 1.5 * 2^52 (float: 1.5 * 2^23).  The low bits of
 *   the sum are then n, and a logical shift turns them into 2^n;
 * - an integer exponent is converted to double by placing it in the low bits of 2^52.
 *
 * exp reduces x to r = x - n ln 2 in [-ln(2)/2, ln(2)/2].  ln 2 is split into two parts, the first
 * with so few bits (42; float: 16) that its product with n is exact.  log writes x as 2^k (1 + f)
 * with f in [-1/4, 1/2], where k comes from the bits of x without a comparison.  log1p computes f
 * without rounding.
 *
 * gcc contracts a * b + c if the target has FMA, and does not if it lacks it.  Both must be
 * accurate, so every product that takes part in a cancellation is exact.  Nothing here may be
 * compiled with -ffast-math, -fassociative-math or -ffinite-math-only.
 *
 * Accuracy
 * --------
 * The largest errors found, in units in the last place, with the methods of tests/test_vecmath.py
 * and these samples: for float every 151st bit pattern, for double 8 million points over the whole
 * range, for both all numbers around each breakpoint of a reduction.  Subnormal arguments and
 * results are included.  "SSE2" is the code without FMA.  The tests allow 2 units.
 *
 *               float            double
 *               SSE2    FMA      SSE2    FMA     where the error comes from
 *   exp         0.99    1.02     0.98    1.01    1/2 the last sum; 1/4 each r and r + r^2 q
 *   exp_negabs  0.99    1.01     0.98    1.01    the same
 *   log         0.99    0.88     0.87    0.86    1/2 the last sum; f + w where k ln 2 cancels it
 *   log1p       0.95    0.93     0.89    0.89    the same: f is exact
 *   log1p_unit  0.91    0.85     0.89    0.89    the same
 *   expm1       1.32    1.32     1.26    1.26    1/2 each of the last two sums, and 2^n - 1
 *   sigmoid     1.83    1.42     1.84    1.47    3/4 exp, 1/2 the quotient, 1/2 its correction
 *   softplus    1.58    1.54     1.60    1.60    3/4 exp, 0.9 log1p
 *   tanh        1.37    1.37     1.42    1.42    just above 9/16: half of exp, sum and quotient
 *   erf         1.30    1.30     1.40    1.40    half the sum; a p or e q, below 1/4
 *   pow         0.54    0.54     1.02    0.96    1/2 the last sum; up to 1/4 from y log(x)
 *
 * Infinities, NaN, zeros and their signs are as in C, except that pow is for x >= 0: a negative x
 * gives NaN (unless y = 0), and -0 is treated as 0.
 *
 * Cost: a long chain of dependent operations, such as log1p_unit(exp_negabs(x)), fills a CPU's
 * scheduler before it keeps the arithmetic units busy.  Over a tile in the L1 cache, a loop for
 * each of the two functions takes a fifth to a quarter less time than one loop for both (Zen 3).
 */
#ifndef SKLOSSES_VECMATH_H
#define SKLOSSES_VECMATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Inlining is forced: a loop with a call left in it is not vectorised, and the growth limits of
 * gcc's inliner would leave some calls in large modules. */
#if defined(__GNUC__)
#define VM_INLINE static inline __attribute__((always_inline, unused))
#elif defined(_MSC_VER)
#define VM_INLINE static __forceinline
#else
#define VM_INLINE static inline
#endif

/* Whether fma() is one instruction.  Elsewhere it is a slow call. */
#if defined(__FMA__) || defined(__FP_FAST_FMA) || defined(__ARM_FEATURE_FMA)
#define VM_HAS_FMA 1
#else
#define VM_HAS_FMA 0
#endif

/* ---- constants: printed by tools/derive_vecmath.py, do not edit ---- */
#define VM_LOG2E 1.4426950408889634
#define VM_LOG2EF 1.442695f
#define VM_LN2_HI 0.6931471805598903
#define VM_LN2_LO 5.497923018708371e-14
#define VM_LN2_HIF 0.69314575f
#define VM_LN2_LOF 1.4286068e-06f
#define VM_LN2_HI_32 0.6931471806019545
#define VM_LN2_LO_32 -4.2009150726810846e-11
#define VM_TWO_THIRDS_HI 0.6666666666666666
#define VM_TWO_THIRDS_LO 3.700743415417188e-17
/* EXPF_Q: max error 2^-28.3 */
#define VM_EXPF_Q0 0.49999994f
#define VM_EXPF_Q1 0.16666521f
#define VM_EXPF_Q2 0.04166827f
#define VM_EXPF_Q3 0.008368683f
#define VM_EXPF_Q4 0.0013820356f
/* EXP_Q: max error 2^-57.9 */
#define VM_EXP_Q0 0.5000000000000011
#define VM_EXP_Q1 0.16666666666666438
#define VM_EXP_Q2 0.041666666666526776
#define VM_EXP_Q3 0.008333333333478982
#define VM_EXP_Q4 0.0013888888944435997
#define VM_EXP_Q5 0.00019841269538922008
#define VM_EXP_Q6 2.4801492314336852e-05
#define VM_EXP_Q7 2.7557558106394306e-06
#define VM_EXP_Q8 2.7630517041501885e-07
#define VM_EXP_Q9 2.5008898599326192e-08
/* EXPM1F_Q: max error 2^-26.1 */
#define VM_EXPM1F_Q0 0.5f
#define VM_EXPM1F_Q1 0.16666543f
#define VM_EXPM1F_Q2 0.04166643f
#define VM_EXPM1F_Q3 0.008366556f
#define VM_EXPM1F_Q4 0.0013938115f
/* EXPM1_Q: max error 2^-61.5 */
#define VM_EXPM1_Q0 0.5
#define VM_EXPM1_Q1 0.16666666666666677
#define VM_EXPM1_Q2 0.04166666666666668
#define VM_EXPM1_Q3 0.008333333333321416
#define VM_EXPM1_Q4 0.0013888888888876616
#define VM_EXPM1_Q5 0.00019841269886680974
#define VM_EXPM1_Q6 2.480158734234389e-05
#define VM_EXPM1_Q7 2.7557243635450027e-06
#define VM_EXPM1_Q8 2.7557257701877687e-07
#define VM_EXPM1_Q9 2.510924279617841e-08
#define VM_EXPM1_Q10 2.0919968973046932e-09
/* LOGF_Q: max error 2^-27.6 */
#define VM_LOGF_Q0 0.3333345f
#define VM_LOGF_Q1 -0.25000185f
#define VM_LOGF_Q2 0.19990966f
#define VM_LOGF_Q3 -0.16643976f
#define VM_LOGF_Q4 0.14469956f
#define VM_LOGF_Q5 -0.13186689f
#define VM_LOGF_Q6 0.10569001f
#define VM_LOGF_Q7 -0.04601197f
/* LOG_R: max error 2^-61.7 */
#define VM_LOG_R0 0.666666666666666
#define VM_LOG_R1 0.40000000000056457
#define VM_LOG_R2 0.2857142855590955
#define VM_LOG_R3 0.22222224285318892
#define VM_LOG_R4 0.18181666622124754
#define VM_LOG_R5 0.1539108575535958
#define VM_LOG_R6 0.13174062199253433
#define VM_LOG_R7 0.13839788661735813
/* TANHF_Q: max error 2^-29.4 */
#define VM_TANHF_Q0 -0.33333313f
#define VM_TANHF_Q1 0.13332441f
#define VM_TANHF_Q2 -0.053836524f
#define VM_TANHF_Q3 0.021004358f
#define VM_TANHF_Q4 -0.006176067f
/* TANH_Q: max error 2^-59.9 */
#define VM_TANH_Q0 -0.3333333333333328
#define VM_TANH_Q1 0.13333333333323638
#define VM_TANH_Q2 -0.05396825396197596
#define VM_TANH_Q3 0.021869488333620447
#define VM_TANH_Q4 -0.008863231730264935
#define VM_TANH_Q5 0.0035920831010395776
#define VM_TANH_Q6 -0.001455484639638304
#define VM_TANH_Q7 0.0005882025101990086
#define VM_TANH_Q8 -0.0002327604374123201
#define VM_TANH_Q9 8.241953520161298e-05
#define VM_TANH_Q10 -1.8937516766292306e-05
#define VM_ERFF_P0 0.12837915f
#define VM_ERFF_P1 -0.37612537f
#define VM_ERFF_P2 0.11282366f
#define VM_ERFF_P3 -0.02678904f
#define VM_ERFF_P4 0.0050292457f
#define VM_ERFF_P5 -0.00061900844f
#define VM_ERFF_Q0 0.0016226299f
#define VM_ERFF_Q1 0.26142782f
#define VM_ERFF_Q2 0.3908536f
#define VM_ERFF_Q3 -0.054254547f
#define VM_ERFF_Q4 0.6279551f
#define VM_ERFF_Q5 -0.22782822f
#define VM_ERF_P0 0.12837916709551256
#define VM_ERF_P1 -0.3761263890318312
#define VM_ERF_P2 0.11283791670920397
#define VM_ERF_P3 -0.026866170637874814
#define VM_ERF_P4 0.005223977548294337
#define VM_ERF_P5 -0.0008548322251306577
#define VM_ERF_P6 0.00012055148965962526
#define VM_ERF_P7 -1.4921083513740123e-05
#define VM_ERF_P8 1.6388915827389611e-06
#define VM_ERF_P9 -1.5628582422894257e-07
#define VM_ERF_P10 1.0480825546559658e-08
#define VM_ERF_Q0 -9.412519985264644e-06
#define VM_ERF_Q1 0.2823434963168102
#define VM_ERF_Q2 0.27906161064972795
#define VM_ERF_Q3 0.26942903158777926
#define VM_ERF_Q4 0.06171756130861794
#define VM_ERF_Q5 0.500616185225423
#define VM_ERF_Q6 -1.119257365762811
#define VM_ERF_Q7 2.146732098178109
#define VM_ERF_Q8 -3.2298693747446916
#define VM_ERF_Q9 3.211746310224223
#define VM_ERF_Q10 -2.0623474358684004
#define VM_ERF_Q11 0.8350939833616831
#define VM_ERF_Q12 -0.19548709645716172
#define VM_ERF_Q13 0.020230330376469593
/* POW_LOG_Q: max error 2^-72.5 */
#define VM_POW_LOG_Q0 0.3999999999999998
#define VM_POW_LOG_Q1 0.2857142857144386
#define VM_POW_LOG_Q2 0.22222222217783172
#define VM_POW_LOG_Q3 0.1818181884500684
#define VM_POW_LOG_Q4 0.15384558349215624
#define VM_POW_LOG_Q5 0.1333626784322782
#define VM_POW_LOG_Q6 0.11675708215366626
#define VM_POW_LOG_Q7 0.11982387905853711
/* POWF_LOG_R: max error 2^-43.9 */
#define VM_POWF_LOG_R0 0.6666666667583088
#define VM_POWF_LOG_R1 0.39999995610780326
#define VM_POWF_LOG_R2 0.28572110421505903
#define VM_POWF_LOG_R3 0.22176132257418138
#define VM_POWF_LOG_R4 0.19585014170862952
/* POWF_EXP_Q: max error 2^-28.3 */
#define VM_POWF_EXP_Q0 0.49999993423238476
#define VM_POWF_EXP_Q1 0.1666652023736832
#define VM_POWF_EXP_Q2 0.041668391959778776
#define VM_POWF_EXP_Q3 0.00836876457299249
#define VM_POWF_EXP_Q4 0.0013814555436077677
/* ---- end of the printed constants ---- */

/* 1.5 * 2^52 and 1.5 * 2^23.  Adding one of them rounds a number to an integer, which is then in
 * the low bits of the sum. */
#define VM_MAGIC 6755399441055744.0
#define VM_MAGICF 12582912.0f

/* Polynomials are evaluated as separate even and odd halves.  The body of such a loop fills the
 * reorder buffer, so the loop is bound by the length of the dependency chain rather than by the
 * number of operations. */
#define VM_P2(x, a, b) ((a) + (x) * (b))
#define VM_P4(x, x2, a, b, c, d) (VM_P2(x, a, b) + (x2) * VM_P2(x, c, d))

/* a b + c, where c is a product as well.  Without this the compiler chooses which of the two
 * products it fuses with the sum, and gcc 16 chooses differently in a vectorised loop and in its
 * remainder: results would depend on the position in the array. */
#if VM_HAS_FMA
#define VM_FUSE(a, b, c) __builtin_fma(a, b, c)
#define VM_FUSEF(a, b, c) __builtin_fmaf(a, b, c)
#else
#define VM_FUSE(a, b, c) ((a) * (b) + (c))
#define VM_FUSEF(a, b, c) ((a) * (b) + (c))
#endif

VM_INLINE uint64_t vm_bits(double x) {
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

VM_INLINE double vm_from_bits(uint64_t u) {
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

VM_INLINE uint32_t vm_bitsf(float x) {
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

VM_INLINE float vm_from_bitsf(uint32_t u) {
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

VM_INLINE double vm_fabs(double x) { return fabs(x); }
VM_INLINE float vm_fabsf(float x) { return fabsf(x); }
VM_INLINE double vm_sqrt(double x) { return sqrt(x); }
VM_INLINE float vm_sqrtf(float x) { return sqrtf(x); }
VM_INLINE double vm_copysign(double x, double s) { return copysign(x, s); }
VM_INLINE float vm_copysignf(float x, float s) { return copysignf(x, s); }

/* copysign(a, s) for an `a` whose sign bit is clear. */
VM_INLINE double vm_with_sign(double a, double s) {
    return vm_from_bits(vm_bits(a) | (vm_bits(s) & 0x8000000000000000u));
}

VM_INLINE float vm_with_signf(float a, float s) {
    return vm_from_bitsf(vm_bitsf(a) | (vm_bitsf(s) & 0x80000000u));
}

/* The larger (smaller) of a limit and x, or NaN if x is NaN, by masks rather than a comparison.  gcc
 * 14 and newer make branches of max(-100, log(p)): where a special value of the logarithm is
 * selected, the result of the maximum is known. */
VM_INLINE float vm_at_leastf(float limit, float x) {
    uint32_t mask = -(uint32_t)(x < limit);
    return vm_from_bitsf((vm_bitsf(limit) & mask) | (vm_bitsf(x) & ~mask));
}

VM_INLINE double vm_at_least(double limit, double x) {
    uint64_t mask = -(uint64_t)(x < limit);
    return vm_from_bits((vm_bits(limit) & mask) | (vm_bits(x) & ~mask));
}

VM_INLINE float vm_at_mostf(float limit, float x) {
    uint32_t mask = -(uint32_t)(x > limit);
    return vm_from_bitsf((vm_bitsf(limit) & mask) | (vm_bitsf(x) & ~mask));
}

VM_INLINE double vm_at_most(double limit, double x) {
    uint64_t mask = -(uint64_t)(x > limit);
    return vm_from_bits((vm_bits(limit) & mask) | (vm_bits(x) & ~mask));
}

/* ------------------------------------------------------------------ exp */

/* exp(r + c) for |r| <= ln(2)/2.  The rounding error c of r is worth a quarter of a unit in the
 * last place.  Unless `tight`, it is left out and its computation optimised away. */
VM_INLINE float vm_exp_reducedf(float r, float c, int tight) {
    float r2 = r * r;
    float q = VM_P4(r, r2, VM_EXPF_Q0, VM_EXPF_Q1, VM_EXPF_Q2, VM_EXPF_Q3) +
              (r2 * r2) * VM_EXPF_Q4;
    return 1.0f + (r + (tight ? r2 * q + c : r2 * q));
}

VM_INLINE double vm_exp_reduced(double r, double c, int tight) {
    double r2 = r * r;
    double r4 = r2 * r2;
    double q = VM_P4(r, r2, VM_EXP_Q0, VM_EXP_Q1, VM_EXP_Q2, VM_EXP_Q3) +
               r4 * (VM_P4(r, r2, VM_EXP_Q4, VM_EXP_Q5, VM_EXP_Q6, VM_EXP_Q7) +
                     r4 * VM_P2(r, VM_EXP_Q8, VM_EXP_Q9));
    return 1.0 + (r + (tight ? r2 * q + c : r2 * q));
}

/* exp(x) 2^-n with n = rint(x / ln 2), and bits whose lowest ones are n + bias. */
VM_INLINE float vm_exp_scaledf(float x, float bias, int tight, uint32_t *bits) {
    float t = x * VM_LOG2EF + (VM_MAGICF + bias);
    float n = t - (VM_MAGICF + bias);
    float h = x - n * VM_LN2_HIF;
    float r = h - n * VM_LN2_LOF;
    float c = (h - r) - n * VM_LN2_LOF;
    *bits = vm_bitsf(t);
    return vm_exp_reducedf(r, c, tight);
}

VM_INLINE double vm_exp_scaled(double x, double bias, int tight, uint64_t *bits) {
    double t = x * VM_LOG2E + (VM_MAGIC + bias);
    double n = t - (VM_MAGIC + bias);
    double h = x - n * VM_LN2_HI;
    double r = h - n * VM_LN2_LO;
    double c = (h - r) - n * VM_LN2_LO;
    *bits = vm_bits(t);
    return vm_exp_reduced(r, c, tight);
}

/* exp(x) where 2^n, n = rint(x / ln 2), may lie outside the normal range by up to a factor of
 * 2^-22 (double: 2^-51) or 2.  2^n is applied as 2^floor((n + 254) / 2 - 127) times the remaining
 * power, so only the last product rounds.  The bias 254 makes n + 254 positive, so that both halves
 * can be used as exponent fields directly. */
VM_INLINE float vm_exp_clampedf(float x, int tight) {
    uint32_t u;
    float y = vm_exp_scaledf(x, 254.0f, tight, &u);
    uint32_t half = (u << 22) & 0x7f800000u;
    uint32_t rest = (u << 23) - half;
    return (y * vm_from_bitsf(half)) * vm_from_bitsf(rest);
}

VM_INLINE double vm_exp_clamped(double x, int tight) {
    uint64_t u;
    double y = vm_exp_scaled(x, 2046.0, tight, &u);
    uint64_t half = (u << 51) & 0x7ff0000000000000u;
    uint64_t rest = (u << 52) - half;
    return (y * vm_from_bits(half)) * vm_from_bits(rest);
}

/* The bounds are a little beyond the points where the result becomes 0 or infinity.  The
 * comparisons leave a NaN unchanged. */
VM_INLINE float vm_expf(float x) {
    x = x > 89.0f ? 89.0f : x;
    x = x < -104.0f ? -104.0f : x;
    return vm_exp_clampedf(x, 0);
}

VM_INLINE double vm_exp(double x) {
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    return vm_exp_clamped(x, 0);
}

/* exp(-|x|).  n is at most 0 and at least -150 (double: -1077), so 2^(n + 25) (2^(n + 55)) is
 * normal, and only the product with the constant rounds. */
VM_INLINE float vm_exp_negabs_tof(float x, int tight) {
    x = -fabsf(x);
    x = x < -104.0f ? -104.0f : x;
    uint32_t u;
    float y = vm_exp_scaledf(x, 152.0f, tight, &u);
    return (y * vm_from_bitsf(u << 23)) * 0x1p-25f;
}

VM_INLINE double vm_exp_negabs_to(double x, int tight) {
    x = -fabs(x);
    x = x < -746.0 ? -746.0 : x;
    uint64_t u;
    double y = vm_exp_scaled(x, 1078.0, tight, &u);
    return (y * vm_from_bits(u << 52)) * 0x1p-55;
}

VM_INLINE float vm_exp_negabsf(float x) { return vm_exp_negabs_tof(x, 0); }
VM_INLINE double vm_exp_negabs(double x) { return vm_exp_negabs_to(x, 0); }

/* exp(x) for |x| <= 64, where 2^n is a normal number and one factor is enough. */
VM_INLINE float vm_exp_mediumf(float x) {
    uint32_t u;
    float y = vm_exp_scaledf(x, 127.0f, 0, &u);
    return y * vm_from_bitsf(u << 23);
}

VM_INLINE double vm_exp_medium(double x) {
    uint64_t u;
    double y = vm_exp_scaled(x, 1023.0, 0, &u);
    return y * vm_from_bits(u << 52);
}

/* ---------------------------------------------- numbers beyond the range of double: f 2^n */

/* exp(x) = f 2^n with f in [1/2, 2] and an integer n, for x of any size.  The first part of ln 2
 * has 32 bits, so its product with n is exact up to |x| = 1.4e6, and the error is at most 2 units
 * in the last place.  For larger |x| the error is that of the last place of x.  x is clipped to
 * [-1e300, 1e300], and a NaN becomes -1e300. */
VM_INLINE double vm_exp_split(double x, double *n) {
    x = x > -1e300 ? x : -1e300;
    x = x < 1e300 ? x : 1e300;
    *n = (x * VM_LOG2E + VM_MAGIC) - VM_MAGIC;
    double r = (x - *n * VM_LN2_HI_32) - *n * VM_LN2_LO_32;
    r = r > -0.5 ? r : -0.5;
    r = r < 0.5 ? r : 0.5;
    return vm_exp_reduced(r, 0.0, 0);
}

/* 2^n for an integer n <= 1023; 0 for n <= -1023. */
VM_INLINE double vm_pow2(double n) {
    n = n > -1023.0 ? n : -1023.0;
    return vm_from_bits(vm_bits(n + (VM_MAGIC + 1023.0)) << 52);
}

/* The exponent n and the mantissa f of a positive normal number f 2^n, with f in [1, 2). */
VM_INLINE double vm_split_n(double x) {
    return vm_from_bits((vm_bits(x) >> 52) | 0x4330000000000000u) - (4503599627370496.0 + 1023.0);
}

VM_INLINE double vm_split_f(double x) {
    return vm_from_bits((vm_bits(x) & 0x000fffffffffffffu) | 0x3ff0000000000000u);
}

/* ---------------------------------------------------------------- expm1 */

/* 2^n exp(r) - 1 as (2^n - 1 + 2^n r) + 2^n (w + c), where w = r^2 q and c is the rounding error of
 * r.  For n = +-1 the first sum cancels, but is exact (Sterbenz).  All terms are halved, so that
 * n = 128 (double: 1024) does not overflow too early.  Halving would lose the last bit of a
 * subnormal x, so the last line returns tiny x unchanged, which also preserves -0. */
VM_INLINE float vm_expm1f(float x) {
    float a = x > 89.0f ? 89.0f : x;
    a = a < -20.0f ? -20.0f : a;
    float t = a * VM_LOG2EF + (VM_MAGICF + 126.0f);
    float n = t - (VM_MAGICF + 126.0f);
    float s = vm_from_bitsf(vm_bitsf(t) << 23);
    float h = a - n * VM_LN2_HIF;
    float r = h - n * VM_LN2_LOF;
    float c = (h - r) - n * VM_LN2_LOF;
    float r2 = r * r;
    float q = VM_P4(r, r2, VM_EXPM1F_Q0, VM_EXPM1F_Q1, VM_EXPM1F_Q2, VM_EXPM1F_Q3) +
              (r2 * r2) * VM_EXPM1F_Q4;
    float y = ((s - 0.5f) + s * r) + s * (r2 * q + c);
    return fabsf(x) < 0x1p-25f ? x : y + y;
}

VM_INLINE double vm_expm1(double x) {
    double a = x > 710.0 ? 710.0 : x;
    a = a < -40.0 ? -40.0 : a;
    double t = a * VM_LOG2E + (VM_MAGIC + 1022.0);
    double n = t - (VM_MAGIC + 1022.0);
    double s = vm_from_bits(vm_bits(t) << 52);
    double h = a - n * VM_LN2_HI;
    double r = h - n * VM_LN2_LO;
    double c = (h - r) - n * VM_LN2_LO;
    double r2 = r * r;
    double r4 = r2 * r2;
    double q = VM_P4(r, r2, VM_EXPM1_Q0, VM_EXPM1_Q1, VM_EXPM1_Q2, VM_EXPM1_Q3) +
               r4 * (VM_P4(r, r2, VM_EXPM1_Q4, VM_EXPM1_Q5, VM_EXPM1_Q6, VM_EXPM1_Q7) +
                     r4 * (VM_P2(r, VM_EXPM1_Q8, VM_EXPM1_Q9) + r2 * VM_EXPM1_Q10));
    double y = ((s - 0.5) + s * r) + s * (r2 * q + c);
    return fabs(x) < 0x1p-54 ? x : y + y;
}

/* ----------------------------------------------------------- log, log1p */

/* k ln(2) + log1p(f) for f in [-1/4, 1/2].  The float version takes k 2^23, which is how k stands
 * in the exponent field. */
VM_INLINE float vm_log_reducedf(float f, float k23) {
    float f2 = f * f;
    float f4 = f2 * f2;
    float q = VM_P4(f, f2, VM_LOGF_Q0, VM_LOGF_Q1, VM_LOGF_Q2, VM_LOGF_Q3) +
              f4 * VM_P4(f, f2, VM_LOGF_Q4, VM_LOGF_Q5, VM_LOGF_Q6, VM_LOGF_Q7);
    float w = f2 * (f * q - 0.5f);
    return k23 * (VM_LN2_HIF * 0x1p-23f) + (f + VM_FUSEF(k23, VM_LN2_LOF * 0x1p-23f, w));
}

/* With s = f / (2 + f), log1p(f) = 2 atanh(s) = f - s (f - R).  f^2/2 is split off, so the error of
 * the quotient is multiplied by f^2.  This form is from P. T. P. Tang, ACM TOMS 16(4), 1990,
 * doi:10.1145/98267.98294. */
VM_INLINE double vm_log_reduced(double f, double k) {
    double s = f / (2.0 + f);
    double z = s * s;
    double z2 = z * z;
    double q = VM_P4(z, z2, VM_LOG_R0, VM_LOG_R1, VM_LOG_R2, VM_LOG_R3) +
               (z2 * z2) * VM_P4(z, z2, VM_LOG_R4, VM_LOG_R5, VM_LOG_R6, VM_LOG_R7);
    double half_f2 = 0.5 * f * f;
    double w = VM_FUSE(s, VM_FUSE(z, q, half_f2), k * VM_LN2_LO);
    return k * VM_LN2_HI - ((half_f2 - w) - f);
}

/* The exponent k of x = 2^k m with m in [3/4, 3/2), in place in the exponent field.  It is the
 * masked difference of the bits of x and of 3/4. */
VM_INLINE uint32_t vm_exponentf(float x) {
    return (vm_bitsf(x) - 0x3f400000u) & 0xff800000u;
}

VM_INLINE uint64_t vm_exponent(double x) {
    return (vm_bits(x) - 0x3fe8000000000000u) & 0xfff0000000000000u;
}

/* An exponent field as a number.  There is no conversion of int64 to double before AVX-512, so the
 * field plus 2048 is shifted down and becomes the low bits of 2^52 + (k + 2048). */
VM_INLINE double vm_exponent_value(uint64_t k) {
    return vm_from_bits(((k ^ 0x8000000000000000u) >> 52) | 0x4330000000000000u) -
           (0x1p52 + 2048.0);
}

VM_INLINE float vm_logf(float x) {
    float tiny = x < 0x1p-126f ? 1.0f : 0.0f;
    float a = x < 0x1p-126f ? x * 0x1p23f : x;
    uint32_t k = vm_exponentf(a);
    float f = vm_from_bitsf(vm_bitsf(a) - k) - 1.0f;
    float y = vm_log_reducedf(f, (float)(int32_t)k - tiny * (23.0f * 0x1p23f));
    y = x < INFINITY ? y : x;
    y = x < 0.0f ? NAN : y;
    return x == 0.0f ? -INFINITY : y;
}

VM_INLINE double vm_log(double x) {
    double tiny = x < 0x1p-1022 ? 54.0 : 0.0;
    double a = x < 0x1p-1022 ? x * 0x1p54 : x;
    uint64_t k = vm_exponent(a);
    double f = vm_from_bits(vm_bits(a) - k) - 1.0;
    double y = vm_log_reduced(f, vm_exponent_value(k) - tiny);
    y = x < (double)INFINITY ? y : x;
    y = x < 0.0 ? (double)NAN : y;
    return x == 0.0 ? -(double)INFINITY : y;
}

/* log1p(x).  The exponent k is that of the rounded 1 + x, but f = 2^-k (1 + x) - 1 is computed from
 * x itself, as 2^-k x + (2^-k - 1).  For x in [-1/4, 1/2) k is 0 and f = x.  For 0 < |k| < 24
 * (double: 53) 2^-k - 1 is exact, and so is the sum, because its terms are within a factor of 2 of
 * each other (Sterbenz).  For larger |k| the error of f is negligible beside k ln 2.  2^-k is
 * stored as 2^(2-k), which is always normal. */
VM_INLINE float vm_log1pf(float x) {
    uint32_t k = vm_exponentf(1.0f + x);
    float s4 = vm_from_bitsf(0x40800000u - k);
    float f = vm_from_bitsf(vm_bitsf(x) - k) + (0.25f * s4 - 1.0f);
    float y = vm_log_reducedf(f, (float)(int32_t)k);
    y = vm_with_signf(y, x);
    y = x < INFINITY ? y : x;
    y = x < -1.0f ? NAN : y;
    return x == -1.0f ? -INFINITY : y;
}

VM_INLINE double vm_log1p(double x) {
    uint64_t k = vm_exponent(1.0 + x);
    double s4 = vm_from_bits(0x4010000000000000u - k);
    double f = vm_from_bits(vm_bits(x) - k) + (0.25 * s4 - 1.0);
    double y = vm_log_reduced(f, vm_exponent_value(k));
    y = vm_with_sign(y, x);
    y = x < (double)INFINITY ? y : x;
    y = x < -1.0 ? (double)NAN : y;
    return x == -1.0 ? -(double)INFINITY : y;
}

/* log1p(e) for e in [0, 1], for instance e = exp(-|x|).  The only special value is NaN, and k is 0
 * or 1. */
VM_INLINE float vm_log1p_unitf(float e) {
    float f = e >= 0.5f ? 0.5f * e - 0.5f : e;
    float k = e >= 0.5f ? 0x1p23f : 0.0f;
    return vm_log_reducedf(f, k);
}

VM_INLINE double vm_log1p_unit(double e) {
    double f = e >= 0.5 ? 0.5 * e - 0.5 : e;
    double k = e >= 0.5 ? 1.0 : 0.0;
    return vm_log_reduced(f, k);
}

/* ------------------------------------------- sigmoid, softplus and tanh */

/* Both signs are computed from e = exp(-|x|) <= 1, so nothing overflows, and results for negative x
 * are accurate down to the subnormals.  The quotient is corrected for the rounding of 1 + e and,
 * with FMA, for its own.  1.457 - d/2 approximates 1 / d to 5 % on [1, 2], which is enough for a
 * correction of one unit. */
VM_INLINE float vm_sigmoidf(float x) {
    float e = vm_exp_negabs_tof(x, 1);
    float top = x < 0.0f ? e : 1.0f;
    float d = 1.0f + e;
    float dl = e - (d - 1.0f);
    float q = top / d;
#if VM_HAS_FMA
    float rest = fmaf(-q, d, top) - q * dl;
#else
    float rest = -(q * dl);
#endif
    return q + rest * (1.457f - 0.5f * d);
}

VM_INLINE double vm_sigmoid(double x) {
    double e = vm_exp_negabs_to(x, 1);
    double top = x < 0.0 ? e : 1.0;
    double d = 1.0 + e;
    double dl = e - (d - 1.0);
    double q = top / d;
#if VM_HAS_FMA
    double rest = fma(-q, d, top) - q * dl;
#else
    double rest = -(q * dl);
#endif
    return q + rest * (1.457 - 0.5 * d);
}

VM_INLINE float vm_softplusf(float x) {
    return (x > 0.0f ? x : 0.0f) + vm_log1p_unitf(vm_exp_negabs_tof(x, 1));
}

VM_INLINE double vm_softplus(double x) {
    return (x > 0.0 ? x : 0.0) + vm_log1p_unit(vm_exp_negabs_to(x, 1));
}

/* For |x| < 9/16, x + x^3 q(x^2).  Above that, 1 - 2 / (exp(2|x|) + 1), where the quotient is below
 * 1/2, so its error is at least halved relative to the result. */
VM_INLINE float vm_tanhf(float x) {
    float a = fabsf(x);
    float b = a > 10.0f ? 10.0f : a;
    float large = 1.0f - 2.0f / (vm_exp_mediumf(b + b) + 1.0f);
    float z = a * a;
    float z2 = z * z;
    float q = VM_P4(z, z2, VM_TANHF_Q0, VM_TANHF_Q1, VM_TANHF_Q2, VM_TANHF_Q3) +
              (z2 * z2) * VM_TANHF_Q4;
    float small = a + (a * z) * q;
    return vm_with_signf(a < 0.5625f ? small : large, x);
}

VM_INLINE double vm_tanh(double x) {
    double a = fabs(x);
    double b = a > 20.0 ? 20.0 : a;
    double large = 1.0 - 2.0 / (vm_exp_medium(b + b) + 1.0);
    double z = a * a;
    double z2 = z * z;
    double z4 = z2 * z2;
    double q = VM_P4(z, z2, VM_TANH_Q0, VM_TANH_Q1, VM_TANH_Q2, VM_TANH_Q3) +
               z4 * (VM_P4(z, z2, VM_TANH_Q4, VM_TANH_Q5, VM_TANH_Q6, VM_TANH_Q7) +
                     z4 * (VM_P2(z, VM_TANH_Q8, VM_TANH_Q9) + z2 * VM_TANH_Q10));
    double small = a + (a * z) * q;
    return vm_with_sign(a < 0.5625 ? small : large, x);
}

/* ------------------------------------------------------------------ erf */

/* erf(x), given e = exp(-x^2), which the densities of normal distributions need as well.  Below 7/8,
 * x + x p(x^2).  Above that, 1 - e q(t), where q = exp(x^2) erfc(x) is a polynomial in
 * t = 1 / (1 + x / 2); there e q is below 1/4, so the rounding of e and of x^2 hardly matters. */
VM_INLINE float vm_erf_withf(float x, float e) {
    float a = fabsf(x);
    float b = a > 4.0f ? 4.0f : a;
    float t = 1.0f / (1.0f + 0.5f * b);
    float t2 = t * t;
    float q = VM_P4(t, t2, VM_ERFF_Q0, VM_ERFF_Q1, VM_ERFF_Q2, VM_ERFF_Q3) +
              (t2 * t2) * VM_P2(t, VM_ERFF_Q4, VM_ERFF_Q5);
    float z = b * b;
    float z2 = z * z;
    float p = VM_P4(z, z2, VM_ERFF_P0, VM_ERFF_P1, VM_ERFF_P2, VM_ERFF_P3) +
              (z2 * z2) * VM_P2(z, VM_ERFF_P4, VM_ERFF_P5);
    return vm_with_signf(a < 0.875f ? a + a * p : 1.0f - e * q, x);
}

VM_INLINE double vm_erf_with(double x, double e) {
    double a = fabs(x);
    double b = a > 6.0 ? 6.0 : a;
    double t = 1.0 / (1.0 + 0.5 * b);
    double t2 = t * t;
    double t4 = t2 * t2;
    double q = VM_P4(t, t2, VM_ERF_Q0, VM_ERF_Q1, VM_ERF_Q2, VM_ERF_Q3) +
               t4 * (VM_P4(t, t2, VM_ERF_Q4, VM_ERF_Q5, VM_ERF_Q6, VM_ERF_Q7) +
                     t4 * (VM_P4(t, t2, VM_ERF_Q8, VM_ERF_Q9, VM_ERF_Q10, VM_ERF_Q11) +
                           t4 * VM_P2(t, VM_ERF_Q12, VM_ERF_Q13)));
    double z = b * b;
    double z2 = z * z;
    double z4 = z2 * z2;
    double p = VM_P4(z, z2, VM_ERF_P0, VM_ERF_P1, VM_ERF_P2, VM_ERF_P3) +
               z4 * (VM_P4(z, z2, VM_ERF_P4, VM_ERF_P5, VM_ERF_P6, VM_ERF_P7) +
                     z4 * (VM_P2(z, VM_ERF_P8, VM_ERF_P9) + z2 * VM_ERF_P10));
    return vm_with_sign(a < 0.875 ? a + a * p : 1.0 - e * q, x);
}

VM_INLINE float vm_erff(float x) { return vm_erf_withf(x, vm_exp_negabsf(x * x)); }
VM_INLINE double vm_erf(double x) { return vm_erf_with(x, vm_exp_negabs(x * x)); }

/* ------------------------------------------------------------------ pow */

/* a * b - p for p near a * b.  Without FMA a mask splits the factors after 26 bits.  Only the
 * product of the tails is not exact, and its error is below 2^-106 of a * b. */
VM_INLINE double vm_product_error(double a, double b, double p) {
#if VM_HAS_FMA
    return fma(a, b, -p);
#else
    double ah = vm_from_bits(vm_bits(a) & 0xfffffffff8000000u);
    double bh = vm_from_bits(vm_bits(b) & 0xfffffffff8000000u);
    double al = a - ah;
    double bl = b - bh;
    return (((ah * bh - p) + ah * bl) + al * bh) + al * bl;
#endif
}

/* pow(x, y) = exp(y log(x)), with log(x) as a sum of two doubles that is accurate to about 2^-67.
 * |y log(x)| < 746 multiplies this relative error by less than 2^10, which leaves it well below a
 * unit in the last place.  x < 0 gives NaN (unless y = 0), and -0 is treated as 0. */
VM_INLINE double vm_pow(double x, double y) {
    double tiny = x < 0x1p-1022 ? 54.0 : 0.0;
    double a = x < 0x1p-1022 ? x * 0x1p54 : x;
    /* m is in [sqrt(1/2), sqrt(2)), so |s| < 0.172, and the second term of the series may be
     * rounded. */
    uint64_t field = (vm_bits(a) - 0x3fe6a09e667f3bcdu) & 0xfff0000000000000u;
    double k = vm_exponent_value(field) - tiny;
    double m = vm_from_bits(vm_bits(a) - field);

    /* s + sl = f / d, d + dl = 1 + m */
    double f = m - 1.0;
    double d = m + 1.0;
    double dl = m - (d - 1.0);
    double inv = 1.0 / d;
    double s = f * inv;
    double sl = (-vm_product_error(s, d, f) - s * dl) * inv;

    /* log(m) = 2 s + s^3 (2/3 + z q(z)), z = s^2; each product with its error. */
    double z = s * s;
    double z2 = z * z;
    double zl = vm_product_error(s, s, z) + 2.0 * s * sl;
    double q = VM_P4(z, z2, VM_POW_LOG_Q0, VM_POW_LOG_Q1, VM_POW_LOG_Q2, VM_POW_LOG_Q3) +
               (z2 * z2) *
                   VM_P4(z, z2, VM_POW_LOG_Q4, VM_POW_LOG_Q5, VM_POW_LOG_Q6, VM_POW_LOG_Q7);
    double t = z * q;
    double p = VM_TWO_THIRDS_HI + t;
    double pl = (t - (p - VM_TWO_THIRDS_HI)) + VM_TWO_THIRDS_LO;
    double c = z * s;
    double cl = vm_product_error(z, s, c) + (z * sl + zl * s);
    double u = c * p;
    double ul = vm_product_error(c, p, u) + (c * pl + cl * p);
    double s2 = s + s;
    double v = s2 + u;
    double vl = (u - (v - s2)) + (ul + 2.0 * sl);

    /* L + Ll = log(x) */
    double kh = k * VM_LN2_HI;
    double L = kh + v;
    double Ll = (v - (L - kh)) + (vl + k * VM_LN2_LO);
    L = x < (double)INFINITY ? L : x;
    L = x < 0.0 ? (double)NAN : L;
    L = x == 0.0 ? -(double)INFINITY : L;

    double e = y * L;
    double el = vm_product_error(y, L, e) + y * Ll;
    /* Where exp saturates the low part does not matter; where e is infinite it may be NaN. */
    el = fabs(e) < 1000.0 ? el : 0.0;
    e = e > 710.0 ? 710.0 : e;
    e = e < -746.0 ? -746.0 : e;

    double w = e * VM_LOG2E + (VM_MAGIC + 2046.0);
    double n = w - (VM_MAGIC + 2046.0);
    double h = e - n * VM_LN2_HI;
    double r0 = h - n * VM_LN2_LO;
    double r = r0 + el;
    double rl = (el - (r - r0)) + ((h - r0) - n * VM_LN2_LO);
    double r2 = r * r;
    double r4 = r2 * r2;
    double g = VM_P4(r, r2, VM_EXP_Q0, VM_EXP_Q1, VM_EXP_Q2, VM_EXP_Q3) +
               r4 * (VM_P4(r, r2, VM_EXP_Q4, VM_EXP_Q5, VM_EXP_Q6, VM_EXP_Q7) +
                     r4 * VM_P2(r, VM_EXP_Q8, VM_EXP_Q9));
    double b = 1.0 + (r + (r2 * g + rl));
    uint64_t bits = vm_bits(w);
    uint64_t half = (bits << 51) & 0x7ff0000000000000u;
    uint64_t rest = (bits << 52) - half;
    double result = (b * vm_from_bits(half)) * vm_from_bits(rest);
    result = x == 1.0 ? 1.0 : result;
    return y == 0.0 ? 1.0 : result;
}

/* pow for float, computed in double.  The errors of 2^-43 in log(x) and of 2^-28 in exp leave one
 * significant rounding, the final conversion to float, which also produces the subnormals.  Every
 * subnormal float is a normal double.  (A logarithm as a sum of two floats would take as many
 * operations on half as many registers with FMA, and three times as many without.) */
VM_INLINE float vm_powf(float xf, float yf) {
    double x = xf;
    double y = yf;
    uint64_t field = (vm_bits(x) - 0x3fe6a09e667f3bcdu) & 0xfff0000000000000u;
    double k = vm_exponent_value(field);
    double f = vm_from_bits(vm_bits(x) - field) - 1.0;
    double s = f / (2.0 + f);
    double z = s * s;
    double z2 = z * z;
    double q = VM_P4(z, z2, VM_POWF_LOG_R0, VM_POWF_LOG_R1, VM_POWF_LOG_R2, VM_POWF_LOG_R3) +
               (z2 * z2) * VM_POWF_LOG_R4;
    double L = k * 0.6931471805599453 + (s + s + (s * z) * q);
    L = x < (double)INFINITY ? L : x;
    L = x < 0.0 ? (double)NAN : L;
    L = x == 0.0 ? -(double)INFINITY : L;
    double e = y * L;
    e = e > 89.0 ? 89.0 : e;
    e = e < -105.0 ? -105.0 : e;
    double w = e * VM_LOG2E + (VM_MAGIC + 1023.0);
    double r = e - (w - (VM_MAGIC + 1023.0)) * 0.6931471805599453;
    double r2 = r * r;
    double g = VM_P4(r, r2, VM_POWF_EXP_Q0, VM_POWF_EXP_Q1, VM_POWF_EXP_Q2, VM_POWF_EXP_Q3) +
               (r2 * r2) * VM_POWF_EXP_Q4;
    double result = (1.0 + (r + r2 * g)) * vm_from_bits(vm_bits(w) << 52);
    result = x == 1.0 ? 1.0 : result;
    return (float)(y == 0.0 ? 1.0 : result);
}

/* ----------------------------------------------- the wrappers of vecmath.pxd */

/* Kernels call Cython's translations of the fused functions in vecmath.pxd, which are merely
 * declared `inline`.  In a module with many kernels gcc reaches its growth limit, and each loop
 * with a call left in it is scalar and ten times slower.  The attribute of an earlier declaration
 * also applies to the definition.  If Cython ever mangles names differently, these become
 * declarations of functions that do not exist, which costs speed and nothing else. */
#if defined(__GNUC__) && defined(CYTHON_HEX_VERSION)
/* Functions that a module does not use stay undefined, about which gcc warns at the end of the
 * file; hence there is no pop. */
#pragma GCC diagnostic ignored "-Wunused-function"
#define VM_FORCE_1(name)                                                                          \
    __attribute__((always_inline, unused)) static float                                           \
        __pyx_fuse_0__pyx_f_8sklosses_8_kernels_7vecmath_##name(float);                           \
    __attribute__((always_inline, unused)) static double                                          \
        __pyx_fuse_1__pyx_f_8sklosses_8_kernels_7vecmath_##name(double);
#define VM_FORCE_2(name)                                                                          \
    __attribute__((always_inline, unused)) static float                                           \
        __pyx_fuse_0__pyx_f_8sklosses_8_kernels_7vecmath_##name(float, float);                    \
    __attribute__((always_inline, unused)) static double                                          \
        __pyx_fuse_1__pyx_f_8sklosses_8_kernels_7vecmath_##name(double, double);
VM_FORCE_1(exp)
VM_FORCE_1(exp_negabs)
VM_FORCE_1(log)
VM_FORCE_1(log1p)
VM_FORCE_1(log1p_unit)
VM_FORCE_1(expm1)
VM_FORCE_1(sigmoid)
VM_FORCE_1(softplus)
VM_FORCE_1(tanh)
VM_FORCE_1(erf)
VM_FORCE_2(erf_with)
VM_FORCE_1(fabs)
VM_FORCE_1(sqrt)
VM_FORCE_2(pow)
VM_FORCE_2(copysign)
VM_FORCE_2(maximum)
VM_FORCE_2(minimum)
VM_FORCE_2(at_least)
VM_FORCE_2(at_most)
__attribute__((always_inline, unused)) static float
    __pyx_fuse_0__pyx_f_8sklosses_8_kernels_7vecmath_fuse(float, float, float);
__attribute__((always_inline, unused)) static double
    __pyx_fuse_1__pyx_f_8sklosses_8_kernels_7vecmath_fuse(double, double, double);
#undef VM_FORCE_1
#undef VM_FORCE_2
#endif

#endif
