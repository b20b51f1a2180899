"""Losses whose arrays are averaged each on its own, of which the common tests are not.

They are compared with the definition in long double, their gradients with differences of it. What
such a loss shares with all others, it shares by `Loss._evaluate` and by the pointwise driver.
"""

import inspect
import math
import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sklearn
from differences import FIRST, SECOND
from helpers import LAYOUTS, RTOL, RTOL_SINGLE, close, measures_memory, run_python
from numpy.testing import assert_allclose, assert_array_equal
from references import WIDE
from references.adversarial import OF_SEVERAL_MEANS, hard_critic_scores, scores, softplus
from sklearn.base import clone

import sklosses
from sklosses import _kernels

TERMS = {
    "vanilla": (lambda z: softplus(-z), softplus),
    "lsgan": (lambda z: (z - 1) ** 2 / 2, lambda z: z**2 / 2),
    "hinge": (lambda z: np.maximum(0, 1 - z), lambda z: np.maximum(0, 1 + z)),
    "wgan": (lambda z: -z, lambda z: z),
    "relativistic": (lambda z: softplus(-z), softplus),
    "relativistic_lsgan": (lambda z: (z - 1) ** 2 / 2, lambda z: (z + 1) ** 2 / 2),
    "relativistic_hinge": (lambda z: np.maximum(0, 1 - z), lambda z: np.maximum(0, 1 + z)),
    # Of identity scores and of cycle scores.
    "consistency": (lambda z: z**2, lambda z: (z - 1) ** 2),
}
CONSISTENCY = {
    "adversarial_consistency_discriminator_loss": False,
    "adversarial_consistency_generator_loss": True,
}


@dataclass(frozen=True)
class Pair:
    """A loss of two arrays."""

    name: str
    kind: str
    params: dict
    swapped: bool  # the first array takes the second one's term

    def __str__(self):
        return f"{self.name}-{self.kind}"

    @property
    def function(self):
        return getattr(sklosses, self.name)

    def loss(self, **params):
        return sklosses.get_loss(self.name, **self.params, **params)

    @property
    def relative(self):
        return self.kind.startswith("relativistic")

    def terms(self, first, second):
        """Of each element of the two arrays."""
        first, second = (np.asarray(a).astype(WIDE) for a in (first, second))
        shifts = (second.mean(), first.mean()) if self.relative else (0, 0)
        pair = TERMS[self.kind][::-1] if self.swapped else TERMS[self.kind]
        return [f(a - m) for f, a, m in zip(pair, (first, second), shifts, strict=True)]

    def value(self, first, second, reduction="mean"):
        return sum(getattr(term, reduction)() for term in self.terms(first, second))

    def size(self, first, second, reduction="mean"):
        """Sum of the absolute terms: of a square, what its root is a difference of, times that."""
        arrays = [np.abs(np.asarray(a).astype(WIDE)) for a in (first, second)]
        sizes = []
        for term, own, other in zip(self.terms(first, second), arrays, arrays[::-1], strict=True):
            size = np.abs(term)
            if self.relative or self.kind == "hinge":
                distance = 1 + own + (other.mean() if self.relative else 0)
                size = size + distance * (distance if "lsgan" in self.kind else 1)
            sizes.append(getattr(size, reduction)())
        return sum(sizes)


PAIRS = [
    *(Pair("discriminator_loss", k, {"kind": k}, False) for k in TERMS if k != "consistency"),
    # The relativistic generator is `generator_loss(fake, real)`: fake takes the role of real.
    *(Pair("generator_loss", k, {"kind": k}, False) for k in TERMS if k.startswith("rel")),
    *(Pair(name, "consistency", {}, flip) for name, flip in CONSISTENCY.items()),
]
pairs = pytest.mark.parametrize("pair", PAIRS, ids=str)
every_shape = pytest.mark.parametrize(
    "shapes", [((), ()), ((1,), (3,)), ((7,), (4, 3)), ((2, 3, 4), (5,))], ids=str
)
every_kind = pytest.mark.parametrize("data", [scores, hard_critic_scores])


def arrays_of(shapes, data=scores, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    return [data(rng, shape, dtype, {})[0] for shape in shapes]


def test_all_of_them_are_here():
    assert {*OF_SEVERAL_MEANS, "generator_loss"} == {pair.name for pair in PAIRS}


@every_kind
@every_shape
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pairs
def test_value(pair, reduction, shapes, data):
    arrays = arrays_of(shapes, data)
    value = pair.loss(reduction=reduction)(*arrays)
    assert type(value) is float
    size = pair.size(*arrays, reduction)
    close(np.float64(value), pair.value(*arrays, reduction), RTOL, size)
    assert value == pair.function(*arrays, reduction=reduction, **pair.params)
    beside, _ = pair.loss(reduction=reduction).value_and_gradient(*arrays)
    assert value == beside
    # In place of both lengths.
    value = pair.loss()(*arrays, avg_factor=2.5)
    close(
        np.float64(value), pair.value(*arrays, "sum") / WIDE(2.5), RTOL, pair.size(*arrays, "sum")
    )


def derivative(pair, arrays, k, reduction, order):
    """By differences of the reference, and where it is smooth."""
    h = WIDE(2) ** (-13 if order == 1 else -9)
    coefficients = FIRST if order == 1 else SECOND
    result = np.empty(arrays[k].shape, WIDE)
    smooth = np.ones(arrays[k].shape, bool)
    for index in np.ndindex(arrays[k].shape):
        values, kinks = [], []
        for step in range(-2, 3):
            moved = [np.asarray(a).astype(WIDE) for a in arrays]
            moved[k] = moved[k].copy()
            moved[k][index] += step * h
            values.append(pair.value(*moved, reduction))
            if "hinge" in pair.kind:
                kinks.append([term > 0 for term in pair.terms(*moved)])
        result[index] = coefficients @ np.array(values) / h**order
        # No hinge may open or close on the way.
        smooth[index] = all(
            np.array_equal(a, b) for x in kinks for a, b in zip(x, kinks[0], strict=True)
        )
    return result, smooth


@every_kind
@every_shape
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pairs
def test_gradients_against_differences(pair, reduction, shapes, data):
    arrays = arrays_of(shapes, data)
    gradients = pair.loss(reduction=reduction).gradient(*arrays)
    assert isinstance(gradients, tuple)
    assert len(gradients) == 2
    # Squares of 1e4 have 9 digits less for their differences.
    size = float(pair.size(*arrays, reduction))
    for k, gradient in enumerate(gradients):
        assert gradient.shape == arrays[k].shape
        assert gradient.dtype == np.float64
        expected, smooth = derivative(pair, arrays, k, reduction, 1)
        assert data is not scores or smooth.any()
        error = np.abs(gradient - expected)[smooth]
        assert np.all(error <= 1e-13 + 1e-15 * size + 1e-13 * np.abs(expected[smooth]))


@every_shape
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pairs
def test_hessians(pair, reduction, shapes):
    arrays = arrays_of(shapes)
    loss = pair.loss(reduction=reduction)
    if pair.relative:
        assert loss.tags.hessian == "none"
        with pytest.raises(ValueError, match="no diagonal Hessian"):
            loss.gradient_and_hessian(*arrays)
        return
    hessians = loss.gradient_and_hessian(*arrays)[1]
    for k, hessian in enumerate(hessians):
        if loss.tags.hessian == "ones":
            expected = 1 / arrays[k].size if reduction == "mean" else 1
            assert_array_equal(hessian, np.full(arrays[k].shape, expected))
            continue
        expected, _ = derivative(pair, arrays, k, reduction, 2)
        # Truncation h^4 / 90 times the sixth derivative.
        assert np.all(np.abs(hessian - expected) <= 1e-11 + 1e-11 * np.abs(expected))


def test_kinks_have_the_slope_0():
    loss = sklosses.DiscriminatorLoss(kind="hinge", reduction="sum")
    by_real, by_fake = loss.gradient([1.0, 0.5, 1.5], [-1.0, -0.5, -1.5])
    assert_array_equal(by_real, [0, -1, 0])
    assert_array_equal(by_fake, [0, 1, 0])


@pairs
def test_single_precision(pair):
    for data in (scores, hard_critic_scores):
        arrays = arrays_of(((17_000,), (40, 3)), data, np.float32)
        wide = [a.astype(float) for a in arrays]
        for reduction in ("mean", "sum"):
            value, gradients = pair.loss(reduction=reduction).value_and_gradient(*arrays)
            expected, others = pair.loss(reduction=reduction).value_and_gradient(*wide)
            assert abs(value - expected) <= RTOL_SINGLE * pair.size(*wide, reduction)
            for a, b in zip(gradients, others, strict=True):
                assert a.dtype == np.float32
                # A mean of 1e4 that float32 rounds moves all that is relative to it.
                slack = 1e-7 * max(np.abs(x).max() for x in wide) if "hard" in data.__name__ else 0
                if "hinge" not in pair.kind:
                    top = max(1.0, *(np.abs(x).max() for x in others))
                    assert_allclose(a, b, rtol=RTOL_SINGLE, atol=(RTOL_SINGLE + slack) * top)


@pairs
def test_dtypes(pair):
    """Each gradient goes by its own array; the others are as in float64."""
    a, b = (np.arange(1.0, 6.0), np.array([[4.0, 1.0], [-2.0, 3.0]]))
    expected_value, expected = pair.loss().value_and_gradient(a, b)
    for first in (np.float32, ">f4", np.float16, np.int8, np.uint64, ">f8", "g", list):
        given = a.tolist() if first is list else a.astype(first)
        value, gradients = pair.loss().value_and_gradient(given, b)
        single = first in (np.float32, ">f4", np.float16)
        assert gradients[0].dtype == (np.float32 if single else np.float64)
        assert gradients[1].dtype == np.float64
        for x, y in zip((value, *gradients), (expected_value, *expected), strict=True):
            assert_allclose(x, y, rtol=1e-5 if single else 1e-14, atol=1e-6 if single else 1e-16)


@pytest.mark.parametrize("layout", LAYOUTS)
@pairs
def test_layouts(pair, layout):
    arrays = arrays_of(((300, 70), (5, 7, 11)))
    given = [LAYOUTS[layout](a) for a in arrays]
    value, gradients = pair.loss().value_and_gradient(*given)
    expected, others = pair.loss().value_and_gradient(*arrays)
    size = float(pair.size(*arrays))
    assert abs(value - expected) <= 1e-15 * size
    for a, b in zip(gradients, others, strict=True):
        assert_allclose(a, b, rtol=1e-14, atol=1e-17)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pairs
def test_same_bits_at_any_number_of_threads(pair, dtype):
    arrays = arrays_of(((60_000, 3), (130_001,)), dtype=dtype)
    expected = pair.loss().value_and_gradient(*arrays, n_threads=1)
    for n_threads in (2, 7, None):
        value, gradients = pair.loss().value_and_gradient(*arrays, n_threads=n_threads)
        assert value == expected[0]
        for a, b in zip(gradients, expected[1], strict=True):
            assert_array_equal(a, b)


PROBE = """
import sys
import numpy as np
from test_adversarial import PAIRS, _kernels, arrays_of
assert _kernels.ISA == sys.argv[1], _kernels.ISA
results = {}
for dtype in (np.float64, np.float32):
    for pair in PAIRS:
        arrays = arrays_of(((700,), (31, 9)), dtype=dtype)
        value, gradients = pair.loss().value_and_gradient(*arrays)
        for k, item in enumerate((value, *gradients)):
            results[f"{pair}-{np.dtype(dtype)}-{k}"] = item
np.savez(sys.argv[2], **results)
"""


@pytest.mark.parametrize("isa", [b for b in _kernels.available_builds() if b != _kernels.ISA])
def test_every_build_agrees(isa, tmp_path):
    path = Path(tmp_path / "results.npz")
    run_python(PROBE, isa, path, SKLOSSES_ISA=isa)
    with np.load(path) as other:
        for dtype in (np.float64, np.float32):
            for pair in PAIRS:
                arrays = arrays_of(((700,), (31, 9)), dtype=dtype)
                value, gradients = pair.loss().value_and_gradient(*arrays)
                eps = np.finfo(dtype).eps
                for k, item in enumerate((value, *gradients)):
                    expected = other[f"{pair}-{np.dtype(dtype)}-{k}"]
                    atol = 16 * eps * (float(pair.size(*arrays)) if k == 0 else np.abs(item).max())
                    assert_allclose(item, expected, rtol=16 * eps, atol=atol)


MEMORY = """
import numpy as np
from helpers import peak_memory, reset_peak_memory
from test_adversarial import PAIRS

rng = np.random.default_rng(0)
scores = rng.normal(size=(2, 5_000_000))
layouts = {
    "plain": scores,
    "single": scores.astype(np.float32),
    "int": (scores > 0).astype(np.int64),
    "strided": scores.reshape(2, -1, 2).swapaxes(1, 2)[:, :, ::-1],
}
for pair in PAIRS:
    loss = pair.loss()
    for layout, arrays in layouts.items():
        loss.value_and_gradient(*arrays[:, :1000])
        outs = tuple(np.full(a.shape, 1.0, np.result_type(a, np.float32)) for a in arrays)
        reset_peak_memory()
        before = peak_memory()
        loss(*arrays)
        loss.value_and_gradient(*arrays, gradient_out=outs)
        print(f"{pair}-{layout}", peak_memory() - before)
"""


@measures_memory
def test_nothing_of_the_size_of_the_data_is_allocated():
    lines = run_python(MEMORY, OMP_NUM_THREADS="2", timeout=300).splitlines()
    assert len(lines) == 4 * len(PAIRS)
    for line in lines:
        name, size = line.split()
        # Threads' tiles; an array of float32 is 20 MB.
        assert int(size) < 4e6, name


@pairs
def test_outputs(pair):
    arrays = arrays_of(((40, 3), (50,)))
    expected = pair.loss().gradient(*arrays)
    outs = tuple(np.full(a.shape, -77.0) for a in arrays)
    assert pair.loss().gradient(*arrays, gradient_out=outs) is not None
    for a, b in zip(outs, expected, strict=True):
        assert_array_equal(a, b)
    got = pair.function(*arrays, return_gradient=True, gradient_out=outs, **pair.params)[1]
    assert [id(a) for a in got] == [id(a) for a in outs]
    for wrong in (outs[0], outs[::-1], (outs[0],), (*outs, outs[0]), (arrays[0], outs[1])):
        with pytest.raises(ValueError, match="gradient_out"):
            pair.loss().gradient(*arrays, gradient_out=wrong)
    # What is the caller's stays as it was when an input is refused, also the second one.
    for k in (0, 1):
        broken = [a.copy() for a in arrays]
        broken[k].reshape(-1)[-1] = np.nan
        outs = tuple(np.full(a.shape, -77.0) for a in arrays)
        with pytest.raises(ValueError, match="NaN"):
            pair.loss().gradient(*broken, gradient_out=outs)
        assert all((a == -77).all() for a in outs)


@pytest.mark.parametrize("k", [0, 1])
@pairs
def test_nan_and_infinity(pair, k):
    arrays = arrays_of(((17_000,), (9, 4)))
    name = [item.name for item in pair.loss().inputs][k]
    for bad, word in ((np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")):
        broken = [a.copy() for a in arrays]
        broken[k].reshape(-1)[[7, -1]] = bad
        where = r"index 7\b" if broken[k].ndim == 1 else r"index \(1, 3\)"
        with pytest.raises(ValueError, match=rf"Input {name} contains {word}.*{where}"):
            pair.loss()(*broken)
    broken = [a.copy() for a in arrays]
    broken[k].reshape(-1)[7] = np.nan
    with sklearn.config_context(assume_finite=True):
        value, gradients = pair.loss().value_and_gradient(*broken)
        assert math.isnan(value)
        assert math.isnan(pair.loss()(*broken))
    if pair.relative:
        # Through the means it is in all of them.
        assert all(np.isnan(gradient).all() for gradient in gradients)
    elif pair.kind != "wgan":
        assert np.isnan(gradients[k].reshape(-1)[7])
        assert np.isnan(gradients[k]).sum() == 1
        assert np.isfinite(gradients[1 - k]).all()


@pairs
def test_what_is_refused(pair):
    arrays = arrays_of(((4,), (3,)))
    weighted = {"sample_weight": np.ones(4)}
    for call in (
        pair.loss(),
        pair.loss().gradient,
        lambda *a, **k: pair.function(*a, **k, **pair.params),
    ):
        with pytest.raises(ValueError, match="separately and does not take sample_weight"):
            call(*arrays, **weighted)
        with pytest.raises(ValueError, match="none"):
            call(*arrays, reduction="none")
        with pytest.raises(ValueError, match="avg_factor"):
            call(*arrays, reduction="sum", avg_factor=2.0)
    with pytest.raises(ValueError, match="none"):
        pair.loss(reduction="none")(*arrays)
    for k in (0, 1):
        for bad, error in (([], ValueError), ("abc", ValueError), ([1j], ValueError), (None, None)):
            given = list(arrays)
            given[k] = bad
            if bad is None and pair.name == "generator_loss":
                continue
            with pytest.raises(error or (ValueError, TypeError)):
                pair.loss()(*given)
    with pytest.raises(TypeError):
        pair.loss()(*arrays, arrays[0])
    with pytest.raises((TypeError, ValueError)):
        pair.loss()(arrays[0])
    with pytest.raises(TypeError):
        pair.loss()(*arrays, other=arrays[0])


@pairs
def test_parts(pair):
    """Sums add up; means of several arrays do not, nor what is relative to all of an array."""
    arrays = arrays_of(((40,), (30, 2)))
    with pytest.raises(ValueError, match="do not add up"):
        pair.loss().partial(*arrays)
    loss = pair.loss(reduction="sum")
    if pair.relative:
        with pytest.raises(ValueError, match="do not add up"):
            loss.partial(*arrays)
        return
    parts = [loss.partial(arrays[0][s], arrays[1][s]) for s in (slice(0, 7), slice(7, None))]
    assert_allclose(sum(parts).value, loss(*arrays), rtol=1e-13, atol=1e-13)


@pairs
def test_objects(pair):
    loss, arrays = pair.loss(), arrays_of(((4,), (3,)))
    names = [item.name for item in loss.inputs]
    expected = loss(*arrays)
    for item in (clone(loss), pickle.loads(pickle.dumps(loss)), eval(repr(loss), vars(sklosses))):
        assert item.get_params() == loss.get_params()
        assert item(*arrays) == expected
    assert loss(**dict(zip(names, arrays, strict=True))) == expected
    assert pair.function(**dict(zip(names, arrays, strict=True)), **pair.params) == expected
    parameters = inspect.signature(pair.function).parameters
    assert [n for n, p in parameters.items() if p.kind is not p.KEYWORD_ONLY] == names
    if pair.params:
        with pytest.raises(ValueError, match=r"The 'kind' parameter of \w+ must be a str among"):
            pair.function(*arrays, kind="gan")


@pytest.mark.parametrize("kind", ["vanilla", "saturating", "lsgan", "hinge", "wgan"])
def test_generator_loss_of_one_array(kind):
    loss = sklosses.GeneratorLoss(kind=kind)
    gradient = loss.gradient([1.0, 2.0])
    assert isinstance(gradient, np.ndarray)
    out = np.zeros(2)
    assert loss.gradient([1.0, 2.0], gradient_out=out) is out
    assert_array_equal(out, gradient)
    assert loss([1.0, 2.0], None) == loss([1.0, 2.0])
    assert loss([1.0, 2.0], real=None) == loss(fake=[1.0, 2.0])
    with pytest.raises(ValueError, match=f"kind='{kind}' takes only fake"):
        loss([1.0, 2.0], [1.0])
    with pytest.raises(TypeError, match="fake"):
        loss(real=[1.0])
    with pytest.raises(ValueError, match=r"must be a single array\. Got a tuple of 2 arrays"):
        loss.gradient([1.0, 2.0], gradient_out=(out, out))


@pytest.mark.parametrize("kind", [k for k in TERMS if k.startswith("rel")])
def test_relativistic_generator_needs_real_scores(kind):
    loss = sklosses.GeneratorLoss(kind=kind)
    for call in (loss, loss.gradient, loss.value_and_gradient):
        with pytest.raises(ValueError, match="compares fake with real, which is missing"):
            call([1.0, 2.0])
    # The roles of the critic's arrays swapped.
    real, fake = arrays_of(((5,), (8,)))
    value, (by_fake, by_real) = loss.value_and_gradient(fake, real)
    other, (first, second) = sklosses.DiscriminatorLoss(kind=kind).value_and_gradient(fake, real)
    assert value == other
    assert_array_equal(by_fake, first)
    assert_array_equal(by_real, second)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_scores(dtype):
    """Softplus keeps its digits: nothing is 0 that is not, and nothing overflows."""
    z = np.array([50, -50, 1e4, -1e4], dtype)
    value, gradient = sklosses.generator_loss(z, reduction="none", return_gradient=True)
    close(value, softplus(-z.astype(WIDE)), 4 * np.finfo(dtype).eps)
    close(gradient, -np.exp(-softplus(z.astype(WIDE))), 64 * np.finfo(dtype).eps)
    value, gradient = sklosses.generator_loss(
        z, kind="saturating", reduction="none", return_gradient=True
    )
    close(value, -softplus(z.astype(WIDE)), 4 * np.finfo(dtype).eps)
    close(gradient, -np.exp(-softplus(-z.astype(WIDE))), 64 * np.finfo(dtype).eps)


# ---------------------------------------------------------------------------------------------
# Gradient penalty
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape",
    [(6,), (6, 1), (6, 5), (6, 300), (6, 3, 8, 8), (3, 1, 1, 1), (2, 5, 1, 2000), (1, 3, 4)],
)
@pytest.mark.parametrize("layout", [*LAYOUTS, "channels last"])
def test_samples_of_any_number_of_axes(shape, layout):
    """The length is over all axes of a sample, however they lie in memory."""
    g = np.random.default_rng(0).normal(size=shape)
    g[0] = 0
    if layout == "channels last":
        given = np.moveaxis(np.ascontiguousarray(np.moveaxis(g, 1 % g.ndim, -1)), -1, 1 % g.ndim)
    else:
        given = LAYOUTS[layout](g)
    flat = g.reshape(len(g), -1)
    expected, gradient = sklosses.gradient_penalty(flat, reduction="none", return_gradient=True)
    weight = np.arange(1.0, 1 + len(g))
    out = np.full(shape, -77.0)
    for target in (None, out, LAYOUTS["sliced"](out), np.asfortranarray(out)):
        value, slope = sklosses.gradient_penalty(
            given, reduction="none", return_gradient=True, gradient_out=target
        )
        assert_allclose(value, expected, rtol=1e-13, atol=1e-25)
        assert_allclose(slope, gradient.reshape(shape), rtol=1e-13, atol=1e-13)
        assert target is None or slope is target
    mean = sklosses.gradient_penalty(given, sample_weight=weight)
    assert_allclose(mean, np.average(expected, weights=weight), rtol=1e-13)


def test_gradient_of_length_0():
    value, gradient = sklosses.gradient_penalty(
        np.zeros((2, 3, 4)), reduction="none", return_gradient=True
    )
    assert_array_equal(value, 10.0)
    assert_array_equal(gradient, 0)


def test_a_scalar_is_no_sample():
    with pytest.raises(ValueError, match=r"gradients must have shape \(n_samples, ...\)"):
        sklosses.gradient_penalty(1.0)


@pytest.mark.parametrize("layout", ["sliced", "fortran"])
def test_first_gradient_that_is_no_number(layout):
    g = np.random.default_rng(0).normal(size=(900, 3, 40))
    g[700, 2, 5] = np.nan
    with pytest.raises(ValueError, match=r"Input gradients contains NaN.*\(700, 2, 5\)"):
        sklosses.gradient_penalty(LAYOUTS[layout](g))
