"""Accuracy and special values of `_kernels/vecmath.h`, in every build that this CPU runs.

The references: for float32, NumPy in float64; for float64, NumPy in the 80-bit long double of
x86 (elsewhere only mpmath), with 11 more bits, so that a reference wrong by four of its own
units moves a measured error by 0.002. Both are themselves held against mpmath below, and
mpmath with 60 digits is the direct reference on the points most likely to be hard.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from references import erf

from sklosses import _kernels

mpmath = pytest.importorskip("mpmath")

HAS_LONG_DOUBLE = np.finfo(np.longdouble).nmant >= 63
MAX_ULP = 2.0 if HAS_LONG_DOUBLE else 2.5
BUILDS = _kernels.available_builds()
DTYPES = [np.float32, np.float64]
UNARY = [
    "exp",
    "exp_negabs",
    "log",
    "log1p",
    "log1p_unit",
    "expm1",
    "sigmoid",
    "softplus",
    "tanh",
    "erf",
]
inf, nan = np.inf, np.nan

DERIVE = Path(__file__).resolve().parent.parent / "tools" / "derive_vecmath.py"


@pytest.fixture(params=BUILDS)
def build(request):
    return importlib.import_module(f"sklosses._kernels.{request.param}.vecmath_ufuncs")


def wide(dtype):
    return np.float64 if dtype == np.float32 else np.longdouble


def reference(name, x):
    """The function in the precision wider than that of `x`, to a few units of that precision."""
    with np.errstate(all="ignore"):
        x = x.astype(wide(x.dtype))
        if name == "exp":
            return np.exp(x)
        if name == "log":
            return np.log(x)
        if name in ("log1p", "log1p_unit"):
            return np.log1p(x)
        if name == "expm1":
            return np.expm1(x)
        if name == "tanh":
            return np.tanh(x)
        if name == "erf":
            return erf(x)
        e = np.exp(-np.abs(x))
        if name == "exp_negabs":
            return e
        if name == "sigmoid":
            return np.where(x < 0, e, 1) / (1 + e)
        if name == "softplus":
            return np.maximum(x, 0) + np.log1p(e)
    raise ValueError(name)


def exact(name, x):
    """The same in mpmath, for one finite x inside the domain."""
    mp = mpmath.mp
    x = to_mp(x)
    if name == "exp":
        return mp.exp(x)
    if name == "exp_negabs":
        return mp.exp(-abs(x))
    if name == "log":
        return mp.log(x) if x else -mp.inf
    if name in ("log1p", "log1p_unit"):
        return mp.log1p(x) if x > -1 else -mp.inf
    if name == "expm1":
        return mp.expm1(x)
    if name == "tanh":
        return mp.tanh(x)
    if name == "erf":
        return mp.erf(x)
    if name == "sigmoid":
        return 1 / (1 + mp.exp(-x))
    if name == "softplus":
        return mp.log1p(mp.exp(x))
    raise ValueError(name)


def to_mp(x):
    """Exact also for a long double, which `mpf` would round to a double."""
    high = float(x)
    if not np.isfinite(high):
        return mpmath.mpf(high)
    return mpmath.mpf(high) + mpmath.mpf(float(x - type(x)(high)))


def from_mp(values):
    """A long double array; where that is a double, half a unit is lost."""
    parts, exponent = [], []
    for v in values:
        m, e = mpmath.frexp(v) if mpmath.isfinite(v) else (v, 0)
        # Three doubles, since a long double of 128 bits has more digits than two.
        high = float(m)
        middle = float(m - mpmath.mpf(high)) if mpmath.isfinite(v) else 0.0
        low = float(m - mpmath.mpf(high) - mpmath.mpf(middle)) if mpmath.isfinite(v) else 0.0
        parts.append((high, middle, low))
        exponent.append(max(min(int(e), 16383), -16400))
    high, middle, low = np.array(parts, dtype=np.longdouble).T
    with np.errstate(all="ignore"):
        return np.ldexp(high + (middle + low), np.array(exponent))


def ulp_error(got, want):
    """|got - want| in units in the last place of `want` rounded down to the dtype of `got`.

    The unit does not shrink below the least subnormal; an infinity counts as the power of two
    that follows the largest number, so an overflow half a unit early is not an error.
    """
    info = np.finfo(got.dtype)
    type_ = want.dtype.type
    with np.errstate(all="ignore"):
        limit = np.ldexp(type_(1), info.maxexp)
        _, exponent = np.frexp(want)
        unit = np.ldexp(type_(1), np.clip(exponent, info.minexp + 1, info.maxexp) - info.nmant - 1)
        error = (
            np.abs(np.clip(got.astype(want.dtype), -limit, limit) - np.clip(want, -limit, limit))
            / unit
        )
    error[(got == want) | (np.isnan(got) & np.isnan(want))] = 0
    error[np.isnan(got) != np.isnan(want)] = inf
    return error


def check(name, got, want, *arguments):
    if got.size == 0:
        return
    error = ulp_error(got, want)
    i = np.argmax(error)
    where = ", ".join(repr(a[i]) for a in arguments)
    assert error[i] <= MAX_ULP, f"{name}({where}) = {got[i]!r}, wrong by {error[i]:.2f} ULP"


def neighbours(x, dtype, radius=4):
    """`x` rounded to `dtype`, with the `radius` next numbers on both sides."""
    up = down = np.unique(np.asarray(x, dtype=np.longdouble).astype(dtype))
    found = [up]
    with np.errstate(all="ignore"):
        for _ in range(radius):
            up = np.nextafter(up, dtype(inf))
            down = np.nextafter(down, dtype(-inf))
            found += [up, down]
    return np.unique(np.concatenate(found))


def breakpoints(dtype):
    """Where a range reduction, a polynomial or a clamp changes, and where results run out."""
    info = np.finfo(dtype)
    n = np.arange(info.minexp - info.nmant - 2, info.maxexp + 2, dtype=np.longdouble)
    ln2 = np.log(np.longdouble(2))
    exponents = np.arange(info.minexp - info.nmant, info.maxexp)
    powers = np.ldexp(np.longdouble(1), exponents)
    near = np.ldexp(np.longdouble(1), np.arange(-info.nmant - 3, info.nmant + 3))
    x = np.concatenate(
        [
            n * ln2,
            (n + 0.5) * ln2,
            (n + 0.5) * ln2 / 2,
            powers,
            powers * np.sqrt(np.longdouble(0.5)),
            powers * 0.75,
            near * 0.75 - 1,
            near - 1,
            1 + near,
            [
                0.5,
                0.25,
                0.5625,
                0.875,
                0.41421356,
                4,
                6,
                9,
                10,
                18,
                20,
                22,
                40,
                88,
                89,
                104,
                710,
                746,
            ],
            [info.max, info.tiny, info.smallest_subnormal],
        ]
    )
    x = neighbours(np.concatenate([x, -x]), dtype)
    return x[np.isfinite(x)]


def random_points(dtype, n, rng):
    kind = np.uint32 if dtype == np.float32 else np.uint64
    edge = 110 if dtype == np.float32 else 760
    x = [
        rng.integers(0, np.iinfo(kind).max, n, dtype=kind, endpoint=True).view(dtype),
        rng.uniform(-edge, edge, n),
        rng.uniform(-1, 1, n),
        rng.uniform(-3, 6, n),
        10 * rng.standard_normal(n),
        1 + rng.standard_normal(n) * 10.0 ** rng.uniform(-16, 0, n),
        rng.choice([-1, 1], n) * 10.0 ** rng.uniform(-20, 3, n),
    ]
    with np.errstate(all="ignore"):
        return np.concatenate([part.astype(dtype) for part in x])


def in_domain(name, x):
    return x[(x >= 0) & (x <= 1)] if name == "log1p_unit" else x


def bit_patterns(stride, start=0, chunk=1 << 22):
    """All float32 numbers whose bits are `start` modulo `stride`, in pieces."""
    for low in range(start, 1 << 32, stride * chunk):
        high = min(low + stride * chunk, 1 << 32)
        yield np.arange(low, high, stride, dtype=np.uint64).astype(np.uint32).view(np.float32)


@pytest.mark.parametrize("name", UNARY)
def test_float32_bit_patterns(build, name):
    # An odd stride: every low-order pattern occurs with every exponent.
    for x in bit_patterns(2047):
        x = in_domain(name, x)
        check(name, build.apply(name, x), reference(name, x), x)


@pytest.mark.slow
@pytest.mark.parametrize("name", UNARY)
def test_float32_dense_bit_patterns(build, name):
    for x in bit_patterns(31, start=7):
        x = in_domain(name, x)
        check(name, build.apply(name, x), reference(name, x), x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_breakpoints(build, name, dtype):
    if dtype == np.float64 and not HAS_LONG_DOUBLE:
        pytest.skip("no reference wider than float64")
    x = in_domain(name, breakpoints(dtype))
    check(name, build.apply(name, x), reference(name, x), x)


def run_float64_random(build, name, n, seed):
    if not HAS_LONG_DOUBLE:
        pytest.skip("no reference wider than float64")
    x = in_domain(name, random_points(np.float64, n, np.random.default_rng(seed)))
    check(name, build.apply(name, x), reference(name, x), x)


@pytest.mark.parametrize("name", UNARY)
def test_float64_random(build, name):
    run_float64_random(build, name, 150_000, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", UNARY)
def test_float64_random_dense(build, name):
    for seed in range(1, 11):
        run_float64_random(build, name, 500_000, seed)


def hard_points(name, dtype, n=220):
    rng = np.random.default_rng(7)
    x = np.concatenate([rng.permutation(breakpoints(dtype))[:n], random_points(dtype, n // 6, rng)])
    x = in_domain(name, x[np.isfinite(x)])
    if name == "log":
        x = np.abs(x)
    if name == "log1p":
        x = x[x >= -1]
    # exp of 1e300 has more digits than mpmath should write.
    return x if name.startswith("log") else np.clip(x, dtype(-2000), dtype(2000))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_against_mpmath(name, dtype):
    x = hard_points(name, dtype)
    with mpmath.workdps(60):
        # More digits where 1 + x has to keep a subnormal x.
        with mpmath.workdps(700 if name in ("log1p", "log1p_unit", "expm1", "tanh") else 60):
            want = [exact(name, v) for v in x]
        want = from_mp(want)
    for isa in BUILDS:
        module = importlib.import_module(f"sklosses._kernels.{isa}.vecmath_ufuncs")
        check(name, module.apply(name, x), want, x)
    # The wide reference of the other tests, in its own units.
    if dtype == np.float32 or HAS_LONG_DOUBLE:
        with np.errstate(over="ignore", under="ignore"):
            want = want.astype(wide(dtype))
        assert np.max(ulp_error(reference(name, x), want)) <= 4


def pow_points(dtype, n, rng):
    """Bases over the whole range, exponents that make y log(x) uniform up to the edges."""
    edge = 106 if dtype == np.float32 else 748
    positive = np.abs(random_points(dtype, n, rng))
    positive = positive[np.isfinite(positive) & (positive > 0) & (positive != 1)]
    near_one = (1 + rng.standard_normal(n) * 10.0 ** rng.uniform(-15, -1, n)).astype(dtype)
    near_one = near_one[(near_one > 0) & (near_one != 1)]
    x = np.concatenate([positive, near_one])
    with np.errstate(all="ignore"):
        log = np.log(x.astype(np.float64))
        y = (rng.uniform(-edge, edge, x.size) / log).astype(dtype)
        small = rng.choice([-3, -2, -1, -0.5, 0.5, 1, 2, 3, 10], x.size).astype(dtype)
    return np.concatenate([x, x]), np.concatenate([y, small])


def run_pow(build, dtype, n, seed):
    if dtype == np.float64 and not HAS_LONG_DOUBLE:
        pytest.skip("no reference wider than float64")
    x, y = pow_points(dtype, n, np.random.default_rng(seed))
    with np.errstate(all="ignore"):
        want = np.power(x.astype(wide(dtype)), y.astype(wide(dtype)))
    check("pow", build.apply2("pow", x, y), want, x, y)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow(build, dtype):
    run_pow(build, dtype, 100_000, 0)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_dense(build, dtype):
    for seed in range(1, 11):
        run_pow(build, dtype, 300_000, seed)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_against_mpmath(dtype):
    rng = np.random.default_rng(3)
    x, y = pow_points(dtype, 400, rng)
    pick = rng.permutation(x.size)[:1500]
    x, y = x[pick], y[pick]
    with mpmath.workdps(60):
        want = from_mp([to_mp(a) ** to_mp(b) for a, b in zip(x, y, strict=True)])
    for isa in BUILDS:
        module = importlib.import_module(f"sklosses._kernels.{isa}.vecmath_ufuncs")
        check("pow", module.apply2("pow", x, y), want, x, y)


# Results that must have exactly these bits (the sign of a zero included).
SPECIAL = {
    "exp": [(0.0, 1), (-0.0, 1), (inf, inf), (-inf, 0.0), (nan, nan), (1e4, inf), (-1e4, 0.0)],
    "exp_negabs": [(0.0, 1), (-0.0, 1), (inf, 0.0), (-inf, 0.0), (nan, nan)],
    "log": [
        (0.0, -inf),
        (-0.0, -inf),
        (1, 0.0),
        (inf, inf),
        (-1, nan),
        (-inf, nan),
        (nan, nan),
        (-1e-30, nan),
    ],
    "log1p": [
        (0.0, 0.0),
        (-0.0, -0.0),
        (-1, -inf),
        (inf, inf),
        (-inf, nan),
        (nan, nan),
        (-1.5, nan),
    ],
    "log1p_unit": [(0.0, 0.0), (nan, nan)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (inf, inf), (-inf, -1), (nan, nan), (1e4, inf), (-1e4, -1)],
    "sigmoid": [(0.0, 0.5), (-0.0, 0.5), (inf, 1), (-inf, 0.0), (nan, nan), (1e4, 1), (-1e4, 0.0)],
    "softplus": [(inf, inf), (-inf, 0.0), (nan, nan), (1e4, 1e4), (-1e4, 0.0)],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (inf, 1), (-inf, -1), (nan, nan), (1e4, 1), (-1e4, -1)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (inf, 1), (-inf, -1), (nan, nan), (1e4, 1), (-1e4, -1)],
}


def assert_same(got, want):
    np.testing.assert_array_equal(got, want)
    finite = ~np.isnan(want)
    np.testing.assert_array_equal(np.signbit(got[finite]), np.signbit(want[finite]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_special_values(build, name, dtype):
    # Repeated, so that the vector loop and its scalar remainder both see them.
    x, want = (
        np.tile(np.array(column, dtype=dtype), 19) for column in zip(*SPECIAL[name], strict=True)
    )
    assert_same(build.apply(name, x), want)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["log1p", "expm1", "tanh", "log1p_unit"])
def test_odd_functions_keep_subnormals(build, name, dtype):
    """Below half a unit of x^2 the function is x itself."""
    info = np.finfo(dtype)
    x = np.array([1, 2, 3, 5, 1000, 12345], dtype=dtype) * info.smallest_subnormal
    x = np.concatenate([x, np.array([info.tiny, info.tiny * 1.5, 1e-30], dtype=dtype)])
    for sign in (1, -1) if name != "log1p_unit" else (1,):
        assert_same(build.apply(name, dtype(sign) * x), dtype(sign) * x)


POW_SPECIAL = [
    (0.0, 0.0, 1), (0.0, -0.0, 1), (nan, 0.0, 1), (inf, 0.0, 1), (5, -0.0, 1), (-2, 0.0, 1),
    (1, nan, 1), (1, inf, 1), (1, -inf, 1), (1, 123.25, 1), (1, 1e30, 1),
    (0.0, 2.5, 0.0), (0.0, -2.5, inf), (0.0, 1e-30, 0.0), (0.0, -1e-30, inf),
    (0.0, inf, 0.0), (0.0, -inf, inf), (0.0, nan, nan),
    (inf, 2, inf), (inf, -2, 0.0), (inf, 1e-30, inf), (inf, -1e-30, 0.0),
    (inf, inf, inf), (inf, -inf, 0.0), (inf, nan, nan),
    (nan, 1, nan), (nan, nan, nan), (2, nan, nan), (-1.5, 0.5, nan), (-inf, 0.5, nan),
    (2, inf, inf), (2, -inf, 0.0), (0.5, inf, 0.0), (0.5, -inf, inf), (2, 1e30, inf),
    (2, -1e30, 0.0), (0.5, 1e30, 0.0), (0.5, -1e30, inf), (4, 0.5, 2), (2, 10, 1024),
    (2, -1, 0.5), (7, 1, 7),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_special_values(build, dtype):
    x, y, want = (
        np.tile(np.array(column, dtype=dtype), 7) for column in zip(*POW_SPECIAL, strict=True)
    )
    assert_same(build.apply2("pow", x, y), want)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow_of_the_neighbours_of_one(build, dtype):
    """The smallest logarithms under the largest exponents."""
    info = np.finfo(dtype)
    x = np.array([1 + info.eps, 1 - info.epsneg], dtype=dtype)
    for y, want in ((info.max, [inf, 0]), (-info.max, [0, inf])):
        assert_same(build.apply2("pow", x, np.full(2, y, dtype=dtype)), np.array(want, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_same_bits_at_any_position(build, name, dtype):
    """The scalar remainder of a loop gives what its vector part would."""
    x = in_domain(name, random_points(dtype, 40, np.random.default_rng(5)))
    whole = build.apply(name, x)
    for i in range(x.size):
        assert_same(build.apply(name, x[i : i + 1].copy()), whole[i : i + 1])


def test_exponentials_with_an_exponent_apart(build):
    rng = np.random.default_rng(6)
    x = np.concatenate([rng.uniform(-size, size, 200) for size in (1, 50, 800, 3e4, 1.4e6)])
    x = np.append(x, [0.0, -0.0, 1e-300, np.log(2), -1.4e6, 1.4e6])
    f, n = build.exp_split(x)
    assert np.all((f >= 0.5) & (f <= 2))
    np.testing.assert_array_equal(n, np.rint(n))
    with mpmath.workdps(60):
        errors = [
            mpmath.mpf(float(a)) * mpmath.mpf(2) ** int(b) / mpmath.exp(float(c)) - 1
            for a, b, c in zip(f, n, x, strict=True)
        ]
    assert max(map(abs, errors)) < MAX_ULP * np.finfo(float).eps
    # Beyond, the sum of the logarithms is x to the last place.
    x = np.concatenate([-np.geomspace(2e6, 1e299, 500), np.geomspace(2e6, 1e299, 500)])
    f, n = build.exp_split(x)
    np.testing.assert_allclose(n * np.log(2) + np.log(f), x, rtol=4 * np.finfo(float).eps)
    f, n = build.exp_split(np.array([-inf, -np.finfo(float).max]))
    assert np.all((f >= 0.5) & (f <= 2))
    assert np.all((n < -1e300) & np.isfinite(n))


def test_powers_of_two_and_parts_of_numbers(build):
    n = np.arange(-3000.0, 1024.0)
    np.testing.assert_array_equal(
        build.pow2(n), np.where(n > -1023, np.ldexp(1.0, n.astype(int)), 0)
    )
    np.testing.assert_array_equal(build.pow2(np.array([-1e300, -1e18, -inf])), 0)
    x = np.exp(np.random.default_rng(7).uniform(-700, 700, 1000))
    x = np.append(x, [1.0, 2.0, 1 - 2**-53, np.finfo(float).tiny, np.finfo(float).max])
    f, n = build.split(x)
    expected_f, expected_n = np.frexp(x)
    np.testing.assert_array_equal(f, 2 * expected_f)
    np.testing.assert_array_equal(n, expected_n - 1)


def test_arguments_are_checked(build):
    x = np.ones(3)
    with pytest.raises(ValueError, match="'sinh'"):
        build.apply("sinh", x)
    with pytest.raises(ValueError, match="same shape"):
        build.apply("exp", x, np.empty(2))
    with pytest.raises(ValueError, match="'exp'"):
        build.apply2("exp", x, x)
    assert build.apply("exp", x[:0]).size == 0


@pytest.mark.slow
def test_coefficients_are_reproducible():
    if not DERIVE.exists():
        pytest.skip("needs the source tree")
    done = subprocess.run(
        [sys.executable, str(DERIVE), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
