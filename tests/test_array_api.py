"""Arrays of other libraries as inputs, and scorers under scikit-learn's array_api_dispatch."""

import numpy as np
import pytest
from cases import FAMILY_CASES, over
from helpers import as_tuple, run_python
from numpy.testing import assert_array_equal

import sklosses


def to_torch(array):
    return pytest.importorskip("torch").asarray(np.array(array))


def to_jax(array):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        return jax.numpy.asarray(array)


def to_strict(array):
    return pytest.importorskip("array_api_strict").asarray(np.array(array))


class OnlyDLPack:
    """An array that has nothing but DLPack."""

    def __init__(self, array):
        self.array = np.array(array)
        self.shape = self.array.shape

    def __dlpack__(self, **keywords):
        return self.array.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class OnGPU:
    """As arrays of CuPy: they refuse to be converted, and DLPack says where they are."""

    dtype, shape, ndim = np.dtype(np.float64), (2,), 1

    def __array__(self, *args, **keywords):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __dlpack__(self, **keywords):
        raise BufferError("The memory is on a GPU.")

    def __dlpack_device__(self):
        return 2, 0


libraries = pytest.mark.parametrize(
    "convert", [to_torch, to_jax, to_strict, OnlyDLPack], ids=["torch", "jax", "strict", "dlpack"]
)


@libraries
@over(FAMILY_CASES)
def test_inputs(case, convert):
    """The results are NumPy's, with the same bits."""
    arrays = case.arrays()
    if any(np.asarray(a).dtype.kind not in "fiub" for a in arrays):
        pytest.skip("labels that are no numbers")
    loss = case.loss()
    keywords = {"reduction": case.finest}
    if case.cls.weighted:
        shape = loss(*arrays, reduction="none").shape
        weight = np.random.default_rng(0).random(shape[:1] or ())
        keywords["sample_weight"] = weight
    expected, gradients = loss.value_and_gradient(*arrays, **keywords)
    passed = [convert(a) for a in arrays]
    if "sample_weight" in keywords:
        keywords["sample_weight"] = convert(weight)
    value, others = loss.value_and_gradient(*passed, **keywords)
    assert_array_equal(value, expected)
    for a, b in zip(as_tuple(others), as_tuple(gradients), strict=True):
        assert type(a) is np.ndarray
        assert_array_equal(a, b, strict=True)


@libraries
def test_parameters(convert):
    labels, logits = np.array([0, 1, 1]), np.random.default_rng(0).normal(size=(3, 2))
    weight = np.array([1.0, 3.0])
    expected = sklosses.cross_entropy(labels, logits, class_weight=weight)
    passed = convert(labels), convert(logits)
    assert sklosses.cross_entropy(*passed, class_weight=convert(weight)) == expected
    expected = sklosses.binary_cross_entropy_with_logits(logits > 0, logits, pos_weight=weight)
    passed = convert(logits > 0), convert(logits)
    got = sklosses.binary_cross_entropy_with_logits(*passed, pos_weight=convert(weight))
    assert got == expected
    part = sklosses.MSELoss().partial(convert(weight), convert(weight + 1))
    assert part.value == 1.0
    assert sklosses.MSELoss().optimal_constant(convert(weight)) == 2.0


def test_memory_is_shared(monkeypatch):
    read = []
    evaluate = sklosses.base.Loss._read_arrays

    def spy(self, arrays):
        read.append(evaluate(self, arrays))
        return read[-1]

    monkeypatch.setattr(sklosses.base.Loss, "_read_arrays", spy)
    array = np.arange(5.0)
    sklosses.mse_loss(OnlyDLPack(array), (own := OnlyDLPack(array)))
    assert np.shares_memory(read[0][1], own.array)


def test_arrays_on_a_gpu():
    sentence = r"y_pred cannot be read .* this array is on another device\. {}"
    with pytest.raises(TypeError, match=sentence.format("Copy it to the CPU first")):
        sklosses.mse_loss([0.0, 1.0], OnGPU())
    of_cupy = type("ndarray", (OnGPU,), {"__module__": "cupy"})
    with pytest.raises(TypeError, match=sentence.format(r"Pass y_pred\.get\(\)")):
        sklosses.mse_loss([0.0, 1.0], of_cupy())
    with pytest.raises(TypeError, match="sample_weight cannot be read"):
        sklosses.mse_loss([0.0, 1.0], [0.0, 1.0], sample_weight=of_cupy())
    only = type("Array", (OnlyDLPack,), {"__dlpack__": OnGPU.__dlpack__})([0.0, 1.0])
    with pytest.raises(TypeError, match="y_true cannot be read as a NumPy array"):
        sklosses.mse_loss(only, [0.0, 1.0])


def test_outputs_are_arrays_of_numpy():
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"gradient_out must be a numpy array\. Got Tensor"):
        sklosses.MSELoss().gradient([0.0], [1.0], gradient_out=torch.ones(1))


NOTHING_IMPORTED = """
import sys
import sklosses, sklosses.torch, sklosses.jax
sklosses.cross_entropy([0, 1], [[0.0, 1.0], [1.0, 0.0]], return_gradient=True)
names = ("torch", "jax", "jaxlib", "skorch", "array_api_strict", "cupy")
assert not set(names) & set(sys.modules)
"""


def test_no_other_library_is_imported():
    run_python(NOTHING_IMPORTED)


# Must be set before SciPy is imported.
DISPATCH = {"SCIPY_ARRAY_API": "1"}
SCORE = """
import sys
import numpy as np, sklearn
from sklearn.datasets import load_diabetes, load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score
from sklosses import make_loss_scorer

if sys.argv[1] == "torch":
    import torch as library
else:
    import array_api_strict as library


def check(scorer, model, X, y, **keywords):
    expected = scorer(model.fit(X, y), X, y, **keywords)
    cv = cross_val_score(model, X, y, scoring=scorer, cv=3, error_score="raise")
    with sklearn.config_context(array_api_dispatch=True):
        X, y = map(library.asarray, (X, y))
        keywords = {key: library.asarray(value) for key, value in keywords.items()}
        model.fit(X, y)
        assert not isinstance(model.predict(X), np.ndarray)
        got = scorer(model, X, y, **keywords)
        assert isinstance(got, float)
        np.testing.assert_allclose(got, expected, rtol=1e-6)
        others = cross_val_score(model, X, y, scoring=scorer, cv=3, error_score="raise")
        np.testing.assert_allclose(others, cv, rtol=1e-6)


X, y = load_iris(return_X_y=True)
X = X[:, :2]  # not separable
weight = np.arange(1.0, 151)
for labels in (y, 2 * y + 5):
    for loss in ("cross_entropy", "softmax_focal_loss", "crammer_singer_loss", "js_div"):
        for d2 in (False, True):
            scorer = make_loss_scorer(loss, d2=d2)
            check(scorer, LinearDiscriminantAnalysis(), X, labels)
            check(scorer, LinearDiscriminantAnalysis(), X, labels, sample_weight=weight)
X, y, weight = X[50:], y[50:] + 3, weight[50:]
for loss in ("binary_cross_entropy_with_logits", "sigmoid_focal_loss", "hinge_loss"):
    check(make_loss_scorer(loss), LinearDiscriminantAnalysis(), X, y, sample_weight=weight)
X, y = load_diabetes(return_X_y=True)
for loss in ("mse_loss", "huber_loss", "quantile_loss"):
    for d2 in (False, True):
        check(make_loss_scorer(loss, d2=d2), Ridge(solver="svd"), X, y)
"""


@pytest.mark.parametrize("library", ["torch", "array_api_strict"])
def test_scorers_under_array_api_dispatch(library):
    pytest.importorskip(library)
    pytest.importorskip("sklearn", minversion="1.8")
    run_python(SCORE, library, **DISPATCH)
