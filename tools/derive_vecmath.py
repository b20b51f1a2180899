"""Derive every polynomial coefficient and split constant of ``vecmath.h``.

Run ``python tools/derive_vecmath.py`` to print them as C. With ``--check`` they
are compared with the header in the tree, and the exit status is 1 if one of
them is missing or differs. Only mpmath is needed.

Each polynomial is a weighted, nearly minimax fit by Lawson's algorithm.
Rounding all coefficients to the working format at the end would cost up to one
bit in float32. Therefore the first coefficients, which matter most, are rounded
one after another, and the others are fitted again each time.
"""

import argparse
import re
import struct
import sys
from pathlib import Path

from mpmath import mp, mpf

mp.dps = 50

N_LAWSON = 20
# Coefficients after the third contribute so little to the result that their
# rounding does not matter.
N_REFITS = 3

HEADER = Path(__file__).resolve().parent.parent / "sklosses" / "_kernels" / "vecmath.h"


def round_to(x, bits):
    """Round an mpf to the nearest number with `bits` significant bits."""
    if x == 0:
        return mpf(0)
    _, exponent = mp.frexp(x)
    scale = mpf(2) ** (bits - int(exponent))
    return mp.nint(x * scale) / scale


def minimax(func, weight, low, high, exponents):
    """Nearly minimise max ``|weight * (func - sum c_i x**e_i)|`` over [low, high].

    Lawson's algorithm is least squares, repeatedly reweighted by the remaining
    error. Unlike Remez' exchange it does not need the basis to satisfy the Haar
    condition, which ``x**k, x**(k+1), ...`` on an interval around zero violates.
    """
    low, high = mpf(low), mpf(high)
    n_grid = 60 + 12 * len(exponents)
    # Chebyshev spacing, because the extrema of the error are denser at the ends.
    grid = [
        (low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n_grid))
        for i in range(n_grid)
    ] + [low, high]
    weights = [weight(x) for x in grid]
    target = [w * func(x) for x, w in zip(grid, weights, strict=True)]
    basis = [[w * x**e for e in exponents] for x, w in zip(grid, weights, strict=True)]
    size = len(exponents)
    lawson = [mpf(1) / len(grid)] * len(grid)
    best, best_error = [], max(abs(t) for t in target)
    for _ in range(N_LAWSON if size else 0):
        normal, rhs = mp.matrix(size, size), mp.matrix(size, 1)
        for i in range(size):
            column = [v * row[i] for v, row in zip(lawson, basis, strict=True)]
            rhs[i] = mp.fdot(column, target)
            for j in range(i, size):
                normal[i, j] = normal[j, i] = mp.fdot(column, [row[j] for row in basis])
        coefs = list(mp.lu_solve(normal, rhs))
        errors = [abs(t - mp.fdot(coefs, row)) for t, row in zip(target, basis, strict=True)]
        worst = max(errors)
        if not best or worst < best_error:
            best, best_error = coefs, worst
        lawson = [v * e for v, e in zip(lawson, errors, strict=True)]
        total = mp.fsum(lawson)
        lawson = [v / total for v in lawson]
    return best, best_error


def fit(func, weight, low, high, n_coefs, bits):
    """Minimax coefficients of degree 0 .. n_coefs - 1, each rounded to `bits` bits."""
    fixed = []
    for k in range(min(n_coefs, N_REFITS)):

        def rest(x, fixed=tuple(fixed)):
            return func(x) - mp.fsum(c * x**i for i, c in enumerate(fixed))

        coefs, _ = minimax(rest, weight, low, high, range(k, n_coefs))
        fixed.append(round_to(coefs[0], bits))
    fixed += [round_to(c, bits) for c in coefs[1:]]
    _, error = minimax(
        lambda x: func(x) - mp.fsum(c * x**i for i, c in enumerate(fixed)), weight, low, high, ()
    )
    return fixed, error


def _exp_tail(start):
    """(exp(r) - sum_{i<start} r^i/i!) / r^start."""

    def func(r):
        if abs(r) < mpf("0.05"):
            return mp.fsum(r**i / mp.factorial(i + start) for i in range(40))
        return (mp.exp(r) - mp.fsum(r**i / mp.factorial(i) for i in range(start))) / r**start

    return func


def _log1p_tail(start):
    """(log1p(f) - sum_{1<=i<start} -(-f)^i/i) / f^start."""

    def func(f):
        if abs(f) < mpf("0.05"):
            return mp.fsum(-((-1) ** (i + start)) * f**i / (i + start) for i in range(45))
        head = mp.fsum(-((-f) ** i) / i for i in range(1, start))
        return (mp.log1p(f) - head) / f**start

    return func


def _atanh_tail(start):
    """(2 atanh(s) - sum_{odd i<start} 2 s^i/i) / s^start as a function of z = s^2."""

    def func(z):
        if z < mpf("0.003"):
            return mp.fsum(2 * z**i / (2 * i + start) for i in range(30))
        s = mp.sqrt(z)
        head = mp.fsum(2 * s**i / i for i in range(1, start, 2))
        return (2 * mp.atanh(s) - head) / s**start

    return func


def _tanh_tail(z):
    """(tanh(x) - x) / x^3 as a function of z = x^2."""
    if z < mpf("1e-6"):
        return mpf(-1) / 3 + 2 * z / 15 - 17 * z**2 / 315 + 62 * z**3 / 2835
    x = mp.sqrt(z)
    return (mp.tanh(x) - x) / x**3


def _erf_tail(z):
    """erf(x) / x - 1 as a function of z = x^2."""
    if z < mpf("1e-8"):
        return 2 / mp.sqrt(mp.pi) * (1 - z / 3 + z**2 / 10) - 1
    x = mp.sqrt(z)
    return mp.erf(x) / x - 1


def _erfcx(t):
    """exp(x^2) erfc(x) as a function of t = 1 / (1 + x / 2)."""
    x = 2 / t - 2
    return mp.erfc(x) * mp.exp(x**2)


def _erfcx_weight(t):
    return mp.exp(-((2 / t - 2) ** 2))


# Slightly wider than the reduced interval, because x * log2(e) is rounded before rint.
HALF_LN2 = mp.log(2) / 2 * mpf("1.0005")
LOG_LOW, LOG_HIGH = mpf("-0.25"), mpf("0.5")
# Bounds of s^2 for s = f / (2 + f), with f in [-1/4, 1/2] or f + 1 in [sqrt(1/2), sqrt(2)].
S2_WIDE = (mpf(1) / 5) ** 2
S2_SQRT = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mpf("1.0005")

TANH_SMALL = mpf("0.5625")
# erf is an odd polynomial below the first, and 1 from the second on.
ERF_SMALL, ERF_LARGE, ERFF_LARGE = mpf("0.875"), mpf(6), mpf(4)


def _erf_range(large):
    """The range of t, from `large` to ERF_SMALL."""
    return 1 / (1 + large / 2), 1 / (1 + ERF_SMALL / 2)


# name -> (function, weight that makes the error relative to the final result, low, high, number of
# coefficients, bits)
POLYNOMIALS = {
    "EXPF_Q": (_exp_tail(2), lambda r: r**2 * mp.exp(-r), -HALF_LN2, HALF_LN2, 5, 24),
    "EXP_Q": (_exp_tail(2), lambda r: r**2 * mp.exp(-r), -HALF_LN2, HALF_LN2, 10, 53),
    "EXPM1F_Q": (_exp_tail(2), lambda r: abs(r), -HALF_LN2, HALF_LN2, 5, 24),
    "EXPM1_Q": (_exp_tail(2), lambda r: abs(r), -HALF_LN2, HALF_LN2, 11, 53),
    "LOGF_Q": (_log1p_tail(3), lambda f: f**2, LOG_LOW, LOG_HIGH, 8, 24),
    "LOG_R": (_atanh_tail(3), lambda z: z, mpf(0), S2_WIDE, 8, 53),
    "TANHF_Q": (_tanh_tail, lambda z: z, mpf(0), TANH_SMALL**2, 5, 24),
    "TANH_Q": (_tanh_tail, lambda z: z, mpf(0), TANH_SMALL**2, 11, 53),
    "ERFF_P": (_erf_tail, lambda z: mpf(1), mpf(0), ERF_SMALL**2, 6, 24),
    "ERFF_Q": (_erfcx, _erfcx_weight, *_erf_range(ERFF_LARGE), 6, 24),
    "ERF_P": (_erf_tail, lambda z: mpf(1), mpf(0), ERF_SMALL**2, 11, 53),
    "ERF_Q": (_erfcx, _erfcx_weight, *_erf_range(ERF_LARGE), 14, 53),
    "POW_LOG_Q": (_atanh_tail(5), lambda z: z**2, mpf(0), S2_SQRT, 8, 53),
    "POWF_LOG_R": (_atanh_tail(3), lambda z: z, mpf(0), S2_SQRT, 5, 53),
    "POWF_EXP_Q": (_exp_tail(2), lambda r: r**2 * mp.exp(-r), -HALF_LN2, HALF_LN2, 5, 53),
}


def constants():
    """Values by name, each with the number of significant bits of its C type."""
    ln2 = mp.log(2)
    out = {
        "LOG2E": (round_to(1 / ln2, 53), 53),
        "LOG2EF": (round_to(1 / ln2, 24), 24),
    }
    # n * LN2_HI must be exact for |n| < 2^11 (float32: 2^8; _32: 2^21), with or without FMA.
    for suffix, bits, head in (("", 53, 42), ("F", 24, 16), ("_32", 53, 32)):
        high = round_to(ln2, head)
        out[f"LN2_HI{suffix}"] = (high, bits)
        out[f"LN2_LO{suffix}"] = (round_to(ln2 - high, bits), bits)
    high = round_to(mpf(2) / 3, 53)
    out["TWO_THIRDS_HI"] = (high, 53)
    out["TWO_THIRDS_LO"] = (round_to(mpf(2) / 3 - high, 53), 53)
    return out


def literal(x, bits):
    """The shortest decimal that reads back as exactly this float or double."""
    value = float(x)
    assert mpf(value) == x
    if bits == 53:
        return repr(value)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == value:
            break
    if "." not in text and "e" not in text:
        text += ".0"
    return text + "f"


def derive():
    """The lines to print: (name, C literal), or (None, comment)."""
    lines = []
    for name, (value, bits) in constants().items():
        lines.append((f"VM_{name}", literal(value, bits)))
    for name, (func, weight, low, high, n_coefs, bits) in POLYNOMIALS.items():
        coefs, error = fit(func, weight, low, high, n_coefs, bits)
        lines.append((None, f"{name}: max error 2^{float(mp.log(error, 2)):.1f}"))
        for i, c in enumerate(coefs):
            lines.append((f"VM_{name}{i}", literal(c, bits)))
    return lines


def main(argv=None):
    """Print the constants, or compare them with the header."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with vecmath.h")
    args = parser.parse_args(argv)
    lines = derive()
    if not args.check:
        for name, text in lines:
            print(f"/* {text} */" if name is None else f"#define {name} {text}")
        return 0
    header = dict(re.findall(r"^#define (VM_\w+) (\S+)$", HEADER.read_text(), re.M))
    wrong = [n for n, text in lines if n is not None and header.get(n) != text]
    for name in wrong:
        print(f"{name}: the header has {header.get(name)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
