"""Losses of functions of one's own, and sums of losses."""

import ctypes
import ctypes.util
import pickle
import threading
import tracemalloc
from functools import partial

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy import LowLevelCallable
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score

import sklosses
from sklosses import (
    BCEWithLogitsLoss,
    CombinedLoss,
    CombinedPartialLoss,
    CrossEntropyLoss,
    CustomLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    SigmoidFocalLoss,
    check_loss,
    get_loss_names,
    make_loss_scorer,
    mse_loss,
)

RNG = np.random.default_rng(0)
DOUBLE = ctypes.c_double
POINTER = ctypes.POINTER(DOUBLE)
SCALAR = ctypes.CFUNCTYPE(DOUBLE, DOUBLE, DOUBLE)
SCALAR_WITH_DATA = ctypes.CFUNCTYPE(DOUBLE, DOUBLE, DOUBLE, ctypes.c_void_p)
VECTOR = ctypes.CFUNCTYPE(None, POINTER, POINTER, POINTER, ctypes.c_ssize_t)
VECTOR_WITH_DATA = ctypes.CFUNCTYPE(
    None, POINTER, POINTER, POINTER, ctypes.c_ssize_t, ctypes.c_void_p
)


def square(y_true, y_pred):
    return (y_pred - y_true) ** 2


def slope(y_true, y_pred):
    return 2 * (y_pred - y_true)


def two(y_true, y_pred):
    return np.full(np.shape(y_pred), 2.0)


def number_two(y_true, y_pred):
    return 2.0


def scaled(function, data=1.0):
    return lambda y_true, y_pred, address: data * function(y_true, y_pred)


def by_spans(function):
    """A function of arrays as one of pointers."""

    def run(y_true, y_pred, out, n, *data):
        arrays = [np.ctypeslib.as_array(p, (n,)) for p in (y_true, y_pred, out)]
        arrays[2][:] = function(*arrays[:2])

    return run


FUNCTIONS = {"value": square, "gradient": slope, "hessian": two}
NUMBERS = {**FUNCTIONS, "hessian": number_two}


def low_level(make, functions, **keywords):
    return {
        name: LowLevelCallable(make(function), **keywords) for name, function in functions.items()
    }


def with_data(prototype, convert):
    data = ctypes.cast(ctypes.pointer(DOUBLE(3.0)), ctypes.c_void_p)
    return low_level(lambda f: prototype(convert(f)), NUMBERS, user_data=data)


#: The squared error, which is there to be compared with, in all the forms of functions.
FORMS = {
    "python": lambda: FUNCTIONS,
    "scalar": lambda: low_level(SCALAR, NUMBERS),
    "scalar with data": lambda: with_data(SCALAR_WITH_DATA, scaled),
    "vector": lambda: low_level(lambda f: VECTOR(by_spans(f)), FUNCTIONS),
    "vector with data": lambda: with_data(VECTOR_WITH_DATA, by_spans),
}
every_form = pytest.mark.parametrize("form", FORMS)


def custom(form="python", **changes):
    return CustomLoss(**{**FORMS[form](), "convex": True, **changes})


def everything(loss, *arrays, **keywords):
    value, gradient = loss.value_and_gradient(*arrays, **keywords)
    return value, gradient, loss.gradient_and_hessian(*arrays, **keywords)[1]


# ---------------------------------------------------------------------------------------------
# CustomLoss
# ---------------------------------------------------------------------------------------------


@every_form
@pytest.mark.parametrize("shape", [(), (1,), (7,), (5, 3), (2, 3, 4), (700, 3)], ids=str)
def test_custom_squared_error_is_the_compiled_one(form, shape):
    y_true, y_pred = RNG.normal(size=(2, *shape))
    weights = [None] if not shape else [None, RNG.uniform(size=shape[0]), RNG.uniform(size=shape)]
    for reduction in ("mean", "sum", "none"):
        for weight in weights:
            keywords = {"sample_weight": weight, "reduction": reduction}
            got = everything(custom(form), y_true, y_pred, **keywords)
            expected = everything(MSELoss(), y_true, y_pred, **keywords)
            for a, b in zip(got, expected, strict=True):
                assert_allclose(a, b, rtol=1e-14)
    assert custom(form)(y_true, y_pred) == pytest.approx(mse_loss(y_true, y_pred), rel=1e-14)
    whole = custom(form).partial(y_true, y_pred)
    assert whole.value == custom(form)(y_true, y_pred)


@pytest.mark.parametrize("form", ["python", "vector"])
def test_many_samples_in_parts(form):
    y_true, y_pred = RNG.normal(size=(2, 70_001, 3))
    weight = RNG.uniform(size=70_001)
    loss, reference = custom(form), MSELoss()
    for keywords in ({}, {"reduction": "sum"}, {"reduction": "none"}, {"avg_factor": 3.0}):
        got = everything(loss, y_true, y_pred, sample_weight=weight, **keywords)
        expected = everything(reference, y_true, y_pred, sample_weight=weight, **keywords)
        for a, b in zip(got, expected, strict=True):
            assert_allclose(a, b, rtol=1e-12)
    one, two_ = (loss.value_and_gradient(y_true, y_pred, n_threads=n) for n in (1, 2))
    assert one[0] == two_[0]
    assert_array_equal(one[1], two_[1])
    out = np.empty(y_true.shape)
    assert loss.gradient(y_true, y_pred, gradient_out=out) is out
    assert_array_equal(out, one[1])


@every_form
def test_layouts_and_dtypes(form):
    y_true, y_pred = RNG.normal(size=(2, 6, 8))
    loss, reference = custom(form), MSELoss()
    layouts = {
        "strided": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
        "reversed": lambda a: a[::-1, ::-1],
        "fortran": np.asfortranarray,
        "swapped": lambda a: a.astype(">f8"),
        "long double": lambda a: a.astype(np.longdouble),
        "float16": lambda a: a.astype(np.float16),
        "float32": lambda a: a.astype(np.float32),
        "int": lambda a: np.rint(4 * a).astype(np.int16),
        "bool": lambda a: a > 0,
        "list": lambda a: a.tolist(),
    }
    for name, change in layouts.items():
        arrays = change(y_true), change(y_pred)
        got = everything(loss, *arrays)
        expected = everything(reference, *arrays)
        for a, b in zip(got, expected, strict=True):
            assert np.asarray(a).dtype == np.asarray(b).dtype, name
            assert_allclose(a, b, rtol=1e-6 if "float" in name else 1e-14, err_msg=name)


def test_what_python_functions_are_given():
    seen = []

    def value(y_true, y_pred):
        seen.append((y_true, y_pred))
        return square(y_true, y_pred)

    loss = CustomLoss(value=value)
    loss(np.float32([[1, 2]]), np.float32([[3, 4]]))
    loss([1, 2], [3, 4])
    loss(0.0, 1.0)
    shapes = [(a.shape, a.dtype) for pair in seen for a in pair]
    assert shapes == [((1, 2), "f4")] * 2 + [((2,), "f8")] * 2 + [((), "f8")] * 2
    y = np.zeros((50_000, 4))
    seen.clear()
    loss(y, y)
    assert [len(pair[0]) for pair in seen] == [16384, 16384, 16384, 848]
    assert all(np.shares_memory(pair[1], y) for pair in seen)

    def spoils(y_true, y_pred):
        y_pred -= y_true
        return y_pred**2

    with pytest.raises(ValueError, match="read-only"):
        CustomLoss(value=spoils)(y, y)


@every_form
def test_inputs_are_checked_as_for_any_loss(form):
    loss = custom(form)
    with pytest.raises(ValueError, match="Input y_pred contains NaN: got nan at index 1"):
        loss([0.0, 1.0], [0.0, np.nan])
    with pytest.raises(ValueError, match=r"y_true and y_pred must have the same shape"):
        loss([0.0, 1.0], [[0.0], [1.0]])
    out = np.full(2, 7.0)
    with pytest.raises(ValueError, match="infinity"):
        loss.gradient([0.0, np.inf], [0.0, 1.0], gradient_out=out)
    assert_array_equal(out, 7.0)
    with sklearn.config_context(assume_finite=True):
        assert np.isnan(loss([0.0, 1.0], [0.0, np.nan]))
    sign = custom(form, response="probability", target="sign")
    with pytest.raises(ValueError, match=r"y_pred .* got 1\.5 at index 1.* range \[0, 1\]"):
        sign([1, -1], [0.5, 1.5])
    with pytest.raises(ValueError, match=r"y_true .* got 0\.0 at index 0.* -1 and 1"):
        sign([0.0, -1], [0.5, 0.5])
    rate = custom(form, response="rate", target="binary")
    with pytest.raises(ValueError, match=r"got -0\.5 at index 0"):
        rate([0.0], [-0.5])


BAD_RESULTS = {
    "shape": (lambda y, p: np.zeros(2), r"must return an array of the shape of y_pred.*\(3, 2\)"),
    "scalar": (lambda y, p: np.mean(p), r"must return an array of the shape .* Got shape \(\)"),
    "dtype": (lambda y, p: 1j * p, "must return an array of real numbers. Got dtype complex128"),
    "text": (
        lambda y, p: np.full(p.shape, "a"),
        "must return an array of real numbers. Got dtype <U1",
    ),
    "None": (lambda y, p: None, "must return an array of real numbers. Got dtype object"),
    "nan": (
        lambda y, p: np.where(p == 5, np.nan, p),
        r"must return finite values. Got nan at index \(2, 1\), where y_true is 0.0 and y_pred "
        "is 5.0",
    ),
    "inf": (lambda y, p: np.where(p == 5, np.inf, p), r"must .* Got inf at index \(2, 1\)"),
}


@pytest.mark.parametrize("name", ["value", "gradient", "hessian"])
@pytest.mark.parametrize("kind", BAD_RESULTS)
def test_wrong_results_of_python_functions(kind, name):
    function, words = BAD_RESULTS[kind]
    loss = custom(**{name: function})
    y = np.zeros((3, 2)), np.arange(6.0).reshape(3, 2)
    out = np.zeros((3, 2))
    with pytest.raises(ValueError, match=rf"The '{name}' function of CustomLoss {words}"):
        loss.gradient_and_hessian(*y, gradient_out=out)
    assert np.isnan(out).all()
    if kind in ("nan", "inf"):
        with sklearn.config_context(assume_finite=True):
            loss.gradient_and_hessian(*y)


def test_exceptions_of_functions_pass_through():
    def fails(y_true, y_pred):
        raise KeyError("mine")

    out = np.zeros(2)
    with pytest.raises(KeyError, match="mine"):
        custom(gradient=fails).gradient([0.0, 1.0], [0.0, 1.0], gradient_out=out)
    assert np.isnan(out).all()


@pytest.mark.parametrize("name", ["value", "gradient", "hessian"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_wrong_results_of_compiled_functions(name, bad):
    def function(y_true, y_pred):
        return np.where(y_pred == 5, bad, 0.0)

    functions = {**FUNCTIONS, name: function}
    loss = CustomLoss(**low_level(lambda f: VECTOR(by_spans(f)), functions))
    for shape, where in (((3, 2), r"\(2, 1\)"), ((40_000, 2), r"\(39999, 1\)")):
        y_pred = np.zeros(shape)
        y_pred.flat[-1] = 5
        words = rf"'{name}' function of CustomLoss must .* Got {bad} at index {where}, where .*5\.0"
        for reduction in ("mean", "none"):
            with pytest.raises(ValueError, match=words):
                loss.gradient_and_hessian(np.zeros(shape), y_pred, reduction=reduction)
    with sklearn.config_context(assume_finite=True):
        assert np.isfinite(loss(np.zeros(shape), y_pred)) == (name != "value")


def test_a_function_of_a_library():
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    library.fdim.argtypes, library.fdim.restype = [DOUBLE, DOUBLE], DOUBLE
    loss = CustomLoss(value=LowLevelCallable(library.fdim))
    y_true, y_pred = RNG.normal(size=(2, 100_000))
    value = loss(y_true, y_pred, n_threads=2)
    assert value == pytest.approx(np.maximum(y_true - y_pred, 0).mean(), rel=1e-13)
    assert value == loss(y_true, y_pred, n_threads=1) == clone(loss)(y_true, y_pred)
    single = loss(y_true.astype("f4"), y_pred.astype("f4"), reduction="none")
    assert single.dtype == np.float32


def test_functions_of_numba():
    numba = pytest.importorskip("numba")
    types = numba.types
    scalar = types.float64(types.float64, types.float64)
    array = types.CPointer(types.float64)
    vector = types.void(array, array, array, types.intp)

    @numba.cfunc(scalar)
    def value(y_true, y_pred):
        return (y_pred - y_true) ** 2

    @numba.cfunc(vector)
    def gradient(y_true, y_pred, out, n):
        for i in range(n):
            out[i] = 2 * (y_pred[i] - y_true[i])

    @numba.cfunc(scalar)
    def hessian(y_true, y_pred):
        return 2.0

    loss = CustomLoss(
        value=LowLevelCallable(value.ctypes),
        gradient=LowLevelCallable(gradient.ctypes),
        hessian=LowLevelCallable(hessian.ctypes),
    )
    check_loss(loss)
    y_true, y_pred = RNG.normal(size=(2, 100_000))
    got, expected = (everything(item, y_true, y_pred) for item in (loss, MSELoss()))
    for a, b in zip(got, expected, strict=True):
        assert_allclose(a, b, rtol=1e-13)


SIGNATURES = [
    "double (double)",
    "float (double, double)",
    "double (double, int)",
    "double (double *, double *)",
    "void (double *, double *, double *, int)",
    "void (double *, double *, double *)",
    "double (double, double, double)",
    "int (intptr_t, double *, double *, void *)",
    "",
]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signatures_that_are_refused(signature):
    value = LowLevelCallable(SCALAR(square), signature=signature)
    with pytest.raises(ValueError, match=r"'value' function of CustomLoss must have one of .*Got"):
        CustomLoss(value=value)([0.0], [1.0])


@pytest.mark.parametrize(
    "signature",
    [
        "void (double const *, const double *, double *, Py_ssize_t)",
        "void(double*,double*,double*,npy_intp)",
        "void (double *, double *, double *, intptr_t)",
    ],
)
def test_ways_of_writing_a_signature(signature):
    value = LowLevelCallable(VECTOR(by_spans(square)), signature=signature)
    assert CustomLoss(value=value)([0.0, 1.0], [1.0, 3.0]) == 2.5


def test_functions_of_both_kinds_are_refused():
    mixed = custom(gradient=LowLevelCallable(SCALAR(slope)))
    with pytest.raises(ValueError, match="must be either all Python callables or all"):
        mixed([0.0], [1.0])


@every_form
def test_lack_of_derivatives(form):
    functions = FORMS[form]()
    loss = CustomLoss(value=functions["value"])
    assert (loss.tags.gradient, loss.tags.hessian) == ("none", "none")
    assert loss([0.0], [2.0]) == 4
    for method in (loss.gradient, loss.value_and_gradient):
        with pytest.raises(ValueError, match="CustomLoss has no gradient"):
            method([0.0], [2.0])
    with pytest.raises(ValueError, match="CustomLoss has no diagonal Hessian"):
        loss.gradient_and_hessian([0.0], [2.0])
    loss.set_params(gradient=functions["gradient"])
    assert (loss.tags.gradient, loss.tags.hessian) == ("exact", "none")
    assert_array_equal(loss.gradient([0.0], [2.0]), [4.0])
    loss.set_params(gradient=None, hessian=functions["hessian"])
    assert loss.tags.hessian == "none"


INVALID = {
    "value": (None, "must be a callable or an instance of .*LowLevelCallable"),
    "gradient": (3, "must be a callable"),
    "hessian": ("two", "must be a callable"),
    "response": ("class_logits", "must be a str among"),
    "target": ("labels", "must be a str among"),
    "convex": ("yes", "must be an instance of 'bool'|must be a bool"),
    "reduction": ("median", "must be a str among"),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_parameters_of_a_custom_loss(name):
    value, words = INVALID[name]
    with pytest.raises(ValueError, match=rf"The '{name}' parameter of CustomLoss {words}"):
        custom(**{name: value})([0.0], [1.0])


@every_form
def test_a_custom_loss_is_an_estimator(form):
    loss = custom(form, reduction="sum", response="margin", target="sign")
    params = loss.get_params()
    functions = {name: params[name] for name in FUNCTIONS}
    assert params == {
        **functions,
        "convex": True,
        "reduction": "sum",
        "response": "margin",
        "target": "sign",
    }
    copy = clone(loss)
    assert copy.get_params() == params
    assert copy([1, -1], [1.0, 2.0]) == loss([1, -1], [1.0, 2.0])
    assert callable(loss.gradient)
    assert loss.gradient.__func__ is sklosses.Loss.gradient
    assert loss.tags == sklosses.base.LossTags("margin", "sign", convex=True)
    assert CustomLoss.tags.gradient == "none"
    assert [item.name for item in CustomLoss.inputs] == ["y_true", "y_pred"]
    check_loss(custom(form))


def test_pickle_and_repr_of_a_custom_loss():
    loss = custom(hessian=partial(number_two))
    copy = pickle.loads(pickle.dumps(loss))
    assert copy.get_params()["gradient"] is slope
    assert copy([0.0], [3.0]) == 9
    assert repr(custom()) == "CustomLoss(convex=True, gradient=slope, hessian=two, value=square)"
    assert repr(eval(repr(custom()))) == repr(custom())
    # PicklingError since Python 3.14.
    with pytest.raises((AttributeError, pickle.PicklingError), match="pickle"):
        pickle.dumps(custom(value=lambda y, p: p))


def test_a_custom_loss_is_not_registered():
    assert not {"custom_loss", "combined_loss", None} & set(get_loss_names())


def test_scores_of_a_custom_loss():
    X, y = load_diabetes(return_X_y=True)
    mine = make_loss_scorer(custom())
    expected = cross_val_score(Ridge(), X, y, scoring="neg_mean_squared_error")
    assert_allclose(cross_val_score(Ridge(), X, y, scoring=mine), expected)
    X, y = load_breast_cancer(return_X_y=True)
    X = X / X.std(axis=0)
    brier = make_loss_scorer(custom(response="probability", target="binary"))
    model = LogisticRegression(max_iter=5000)
    expected = cross_val_score(model, X, y, scoring="neg_brier_score")
    assert_allclose(cross_val_score(model, X, y, scoring=brier), expected, rtol=1e-10)
    assert repr(clone(brier)) == repr(brier)


def test_compiled_functions_from_several_threads():
    loss = CustomLoss(value=LowLevelCallable(SCALAR(square)))
    y_true, y_pred = RNG.normal(size=(2, 1000))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(loss(y_true, y_pred))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [loss(y_true, y_pred)] * 4


# ---------------------------------------------------------------------------------------------
# Sums of losses
# ---------------------------------------------------------------------------------------------


def terms_of(name, n):
    """Losses, weights and arrays for a sum."""
    y_true, y_pred = RNG.normal(size=(2, n, 3))
    return {
        "real": ([HuberLoss(delta=0.5), MSELoss()], [0.7, 0.3], (y_true, y_pred)),
        "logit": (
            [BCEWithLogitsLoss(pos_weight=2.0), SigmoidFocalLoss(), BCEWithLogitsLoss()],
            [0.5, 2.0, -0.25],
            ((y_true > 0).astype(float), y_pred),
        ),
        "classes": (
            [CrossEntropyLoss(class_weight=[1, 2, 3]), CrossEntropyLoss(label_smoothing=0.1)],
            [1.0, 0.5],
            (np.argmax(y_true, axis=1), y_pred),
        ),
        "batch": (
            [sklosses.SupConLoss(), sklosses.BatchHardTripletLoss(soft=True)],
            [0.2, 1.0],
            (np.arange(n) % 3, y_pred),
        ),
        "variance": (
            [sklosses.GaussianNLLLoss(full=True), sklosses.GaussianNLLLoss(eps=0.5)],
            [0.5, 0.5],
            (y_true, y_pred, np.exp(y_true)),
        ),
        "custom": ([custom(), custom("scalar"), L1Loss()], [1.0, 2.0, 3.0], (y_true, y_pred)),
    }[name]


every_sum = pytest.mark.parametrize("name", ["real", "logit", "classes", "batch", "variance",
                                             "custom"])  # fmt: skip


def as_tuple(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


@every_sum
@pytest.mark.parametrize("n", [7, 40])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_sums_are_sums(name, n, weighted, reduction):
    losses, weights, arrays = terms_of(name, n)
    loss = sum(w * item for item, w in zip(losses, weights, strict=True))
    assert type(loss) is CombinedLoss
    keywords = {"reduction": reduction, "sample_weight": RNG.uniform(size=n) if weighted else None}
    if reduction == "mean":
        keywords["avg_factor"] = RNG.choice([None, 3.0])

    def total(method):
        results = [as_tuple(getattr(item, method)(*arrays, **keywords)) for item in losses]
        return [
            sum(w * part for w, part in zip(weights, parts, strict=True))
            for parts in zip(*results, strict=True)
        ]

    assert_allclose(loss(*arrays, **keywords), total("__call__")[0], rtol=1e-12)
    value, gradients = loss.value_and_gradient(*arrays, **keywords)
    assert_allclose(value, total("__call__")[0], rtol=1e-12)
    outs = tuple(np.empty_like(g) for g in as_tuple(gradients))
    loss.gradient(*arrays, **keywords, gradient_out=outs if len(outs) > 1 else outs[0])
    for got, out, expected in zip(as_tuple(gradients), outs, total("gradient"), strict=True):
        assert_allclose(got, expected, rtol=1e-12, atol=1e-15)
        assert_array_equal(out, got)
    if loss.tags.hessian != "none":
        hessians = as_tuple(loss.gradient_and_hessian(*arrays, **keywords)[1])
        wanted = [item.gradient_and_hessian(*arrays, **keywords)[1] for item in losses]
        for k, got in enumerate(hessians):
            expected = sum(w * as_tuple(h)[k] for w, h in zip(weights, wanted, strict=True))
            assert_allclose(got, expected, rtol=1e-12, atol=1e-15)


@every_sum
def test_parts_of_sums_add_up(name):
    losses, weights, arrays = terms_of(name, 40)
    loss = CombinedLoss(losses, weights=weights)
    if name == "batch":
        with pytest.raises(ValueError, match="do not add up"):
            loss.partial(*arrays)
        return
    weight = RNG.uniform(size=40)
    for reduction in ("mean", "sum"):
        loss.set_params(reduction=reduction)
        parts = [
            loss.partial(*(a[cut] for a in arrays), sample_weight=weight[cut])
            for cut in (slice(0, 13), slice(13, 40))
        ]
        parts = pickle.loads(pickle.dumps(parts))
        whole = sum(parts)
        expected = loss(*arrays, sample_weight=weight)
        assert whole.value == pytest.approx(expected, rel=1e-12)
        assert type(whole) is CombinedPartialLoss
        assert repr(eval(repr(whole), vars(sklosses))) == repr(whole)
        total_weight = whole.weight
        if name == "classes":
            assert isinstance(total_weight, tuple)
            assert total_weight[0] > total_weight[1]
        else:
            assert total_weight == pytest.approx(weight.sum() * 3)
        assert whole.total == pytest.approx(
            loss(*arrays, sample_weight=weight, reduction="sum"), rel=1e-12
        )
        with pytest.raises(ValueError, match="Only parts of the same sum"):
            whole + losses[0].partial(*arrays)
        with pytest.raises(ValueError, match="Only parts of the same sum"):
            losses[0].partial(*arrays) + whole
        with pytest.raises(TypeError):
            whole + 1


def test_arithmetic():
    a, b = HuberLoss(delta=2.0), L1Loss()
    loss = a * 0.7 + b * 0.3
    assert repr(loss) == "CombinedLoss(losses=[HuberLoss(delta=2.0), L1Loss()], weights=[0.7, 0.3])"
    assert loss.losses[0] is a
    assert repr(0.7 * a + 0.3 * b) == repr(loss)
    assert repr(np.float64(0.7) * a + np.float32(0.5) * b) == repr(0.7 * a + 0.5 * b)
    for changed, weights in {
        2 * loss: [1.4, 0.6],
        loss / 2: [0.35, 0.15],
        -loss: [-0.7, -0.3],
        loss - a: [0.7, 0.3, -1.0],
        a - loss: [1.0, -0.7, -0.3],
        sum([a, b, a]): [1.0, 1.0, 1.0],
        a - b / 4: [1.0, -0.25],
        a * 3: [3.0],
        a * True: [1.0],
    }.items():
        assert_allclose(changed.weights, weights)
    for wrong in (lambda: a * "2", lambda: a * b, lambda: a / b, lambda: 1 / a, lambda: a + 1,
                  lambda: 1 - a, lambda: a * np.ones(2), lambda: np.ones(2) * a,
                  lambda: a - 1):  # fmt: skip
        with pytest.raises(TypeError):
            wrong()
    for factor in (np.nan, np.inf):
        with pytest.raises(
            ValueError, match=r"The (factor|divisor) of a loss must be a finite number"
        ):
            a * factor
    with pytest.raises(ZeroDivisionError):
        a / 0


def test_losses_of_other_arrays_are_not_added():
    for one, other, words in [
        (MSELoss(), BCEWithLogitsLoss(), "predictions of MSELoss are 'real' and those of BCEWith"),
        (CrossEntropyLoss(), sklosses.NLLLoss(), "predictions of CrossEntropyLoss"),
        (sklosses.DistillationLoss(), CrossEntropyLoss(), "arrays of DistillationLoss are"),
        (sklosses.SupConLoss(), sklosses.InfoNCELoss(), "The arrays of SupConLoss are"),
        (custom(target="binary"), custom(), "targets of CustomLoss are 'binary' and those of"),
        (sklosses.Entropy(), CrossEntropyLoss(), "The arrays of Entropy are"),
    ]:
        with pytest.raises(ValueError, match=rf"must take the same arrays\. .*{words}"):
            one + other
        with pytest.raises(ValueError, match="must take the same arrays"):
            CombinedLoss([one, other])(np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match=r"have the same reduction\. Got 'mean' and 'sum'"):
        MSELoss() + L1Loss(reduction="sum")


def test_sums_take_named_arrays():
    loss = 0.7 * MSELoss() + 0.3 * L1Loss()
    y_true, y_pred = RNG.normal(size=(2, 5))
    expected, gradient = loss.value_and_gradient(y_true, y_pred)
    for arrays, named in (
        ((), {"y_true": y_true, "y_pred": y_pred}),
        ((y_true,), {"y_pred": y_pred}),
    ):
        assert loss(*arrays, **named) == expected
        assert_array_equal(loss.gradient(*arrays, **named), gradient)
        assert loss.partial(*arrays, **named).value == pytest.approx(expected)
    with pytest.raises(
        TypeError, match=r"unexpected keyword argument 'pred'\. Did you mean 'y_pred'"
    ):
        loss(y_true, pred=y_pred)


REGIONS = {
    "dice and cross-entropy": (sklosses.DiceLoss(activation="softmax"), CrossEntropyLoss()),
    "dice and focal": (sklosses.DiceLoss(activation="sigmoid"), SigmoidFocalLoss()),
    "dice and bce": (sklosses.DiceLoss(), sklosses.BCELoss()),
    "dice and lovasz": (sklosses.DiceLoss(activation="sigmoid"), sklosses.LovaszHingeLoss()),
    "dice of samples and of the batch": (
        sklosses.DiceLoss(activation="softmax"),
        sklosses.DiceLoss(activation="softmax", batch=True),
    ),
}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", REGIONS)
def test_sums_of_regions_and_pixels(name, reduction):
    """Their terms are not the same: those of samples, classes and pixels."""
    losses = REGIONS[name]
    loss = losses[0] + 0.5 * losses[1]
    assert loss.tags.response == "pixels"
    several = losses[0].activation == "softmax"
    y_true = RNG.integers(0, 3 if several else 2, (4, 5, 6))
    y_pred = RNG.normal(size=(4, 3, 5, 6) if several else (4, 5, 6))
    if losses[0].activation is None:
        y_pred = RNG.uniform(size=(4, 5, 6))
    weights = [None, RNG.uniform(size=4)] if loss.weighted else [None]
    for weight in weights:
        call = {"reduction": reduction, "sample_weight": weight}
        a, b = (item.value_and_gradient(y_true, y_pred, **call) for item in losses)
        value, gradient = loss.value_and_gradient(y_true, y_pred, **call)
        assert value == pytest.approx(a[0] + 0.5 * b[0], rel=1e-12)
        assert_allclose(gradient, a[1] + 0.5 * b[1], rtol=1e-12, atol=1e-15)
        out = np.empty_like(gradient)
        loss.value_and_gradient(y_true, y_pred, gradient_out=out, **call)
        assert_array_equal(out, gradient)
    # Two samples that are repeated, and weights that say so.
    if loss.weighted:
        times = np.repeat([0, 1, 2, 3], [1, 2, 1, 3])
        expected = loss(y_true[times], y_pred[times], reduction=reduction)
        weighted = loss(y_true, y_pred, sample_weight=[1, 2, 1, 3], reduction=reduction)
        assert weighted == pytest.approx(expected, rel=1e-12)
    if losses[1].tags.response != "pixels" or "batch" in name:
        with pytest.raises(
            ValueError, match=r"^For reduction='none', .*same unreduced shape\. Got"
        ):
            loss(y_true, y_pred, reduction="none")


def test_sums_of_what_may_be_the_same_numbers():
    assert (sklosses.MSLELoss() + MSELoss()).tags.response == "rate"
    assert (CrossEntropyLoss() + sklosses.MultiMarginLoss()).tags.response == "class_margin"
    for one, other in (
        (MSELoss(), sklosses.PoissonNLLLoss()),  # a logarithm
        (sklosses.LovaszHingeLoss(), CrossEntropyLoss()),  # one mask and several classes
        (BCEWithLogitsLoss(), CrossEntropyLoss() + sklosses.DiceLoss(activation="softmax")),
    ):
        for a, b in ((one, other), (other, one)):
            with pytest.raises(ValueError, match=r"must take the same arrays\. The predictions of"):
                a + b
    with pytest.raises(ValueError, match=r"\[0, 1\], the second finite .*'activation' parameter"):
        sklosses.DiceLoss() + CrossEntropyLoss()
    with pytest.raises(ValueError, match=r"\[0, 1\], the second finite values\.$"):
        sklosses.LovaszSoftmaxLoss() + CrossEntropyLoss()
    one, other = sklosses.DiceLoss(), sklosses.BCELoss()
    assert (one + other).tags == (other + one).tags


def test_terms_of_equal_shapes_may_be_others():
    """Three regions and three pixels of each sample."""
    loss = sklosses.DiceLoss(activation="softmax") + CrossEntropyLoss()
    y_true, y_pred = RNG.integers(0, 3, (4, 3)), RNG.normal(size=(4, 3, 3))
    with pytest.raises(ValueError, match=r"^For reduction='none'"):
        loss(y_true, y_pred, reduction="none")
    with pytest.raises(ValueError, match=r"expected \(4,\)"):
        loss(y_true, y_pred, sample_weight=np.ones((4, 3)))
    assert loss(y_true, y_pred, sample_weight=np.ones(4)) == pytest.approx(loss(y_true, y_pred))


def test_tags_and_reductions_of_sums():
    exact, ones, none = MSELoss(), L1Loss(), custom(gradient=None, hessian=None)
    assert (exact + exact).tags == MSELoss.tags
    assert (exact + ones).tags.hessian == "ones"
    assert (exact + ones + none).tags.hessian == "none"
    assert (exact + none).tags.gradient == "none"
    with pytest.raises(ValueError, match="CombinedLoss has no gradient"):
        (exact + none).gradient([0.0], [1.0])
    assert (sklosses.CircleLoss() + sklosses.SupConLoss()).tags.gradient == "partial"
    assert (exact + ones).tags.convex
    assert not (exact - 0.1 * ones).tags.convex
    assert not (BCEWithLogitsLoss() + SigmoidFocalLoss()).tags.convex
    triplets = sklosses.BatchAllTripletLoss() + sklosses.SupConLoss()
    assert triplets.reductions == ("mean", "sum")
    assert not triplets.weighted
    with pytest.raises(ValueError, match="must be a str among"):
        triplets([0, 1], np.eye(2), reduction="none")
    with pytest.raises(ValueError, match="does not take sample_weight"):
        triplets([0, 1], np.eye(2), sample_weight=[1, 1])


def test_domains_of_all_the_losses_are_checked():
    loss = BCEWithLogitsLoss() + custom(response="logit", target="binary")
    with pytest.raises(ValueError, match=r"y_true .* got 2\.0 at index 0"):
        loss([2.0], [0.0])
    shares = sklosses.PoissonNLLLoss(log_input=False) + custom(response="rate")
    out = np.full(2, 7.0)
    # The second loss has nothing against it.
    for order in (shares, CombinedLoss(shares.losses[::-1])):
        with pytest.raises(ValueError, match=r"y_true .* got -1\.0 at index 1"):
            order.gradient([0.0, -1.0], [1.0, 1.0], gradient_out=out)
        assert_array_equal(out, 7.0)
    assert shares.inputs[0].domain.low == 0
    with sklearn.config_context(assume_finite=True):
        assert np.isnan((MSELoss() + 0 * L1Loss())([0.0], [np.nan]))


def test_total_weight_of_zero():
    loss = 0.5 * MSELoss() + 0.5 * L1Loss()
    with pytest.warns(sklearn.exceptions.UndefinedMetricWarning, match="CombinedLoss is undefined"):
        value, gradient = loss.value_and_gradient([0.0, 1.0], [1.0, 1.0], sample_weight=[0, 0])
    assert np.isnan(value)
    assert_array_equal(gradient, 0.0)


def test_parameters_of_sums():
    loss = 0.5 * HuberLoss(delta=2.0) + 0.5 * HuberLoss() + L1Loss()
    params = loss.get_params()
    assert params["huber_loss-1__delta"] == 2.0
    assert params["l1_loss"] is loss.losses[2]
    assert set(loss.get_params(deep=False)) == {"losses", "weights", "reduction"}
    loss.set_params(**{"huber_loss-2__delta": 3.0, "weights": [1, 2, 3], "l1_loss": MSELoss()})
    assert repr(loss.losses) == "[HuberLoss(delta=2.0), HuberLoss(delta=3.0), MSELoss()]"
    loss.set_params(losses=[MSELoss(), L1Loss()], weights=None, mse_loss__reduction="sum")
    assert loss([0.0], [2.0]) == 6.0
    with pytest.raises(ValueError, match="Invalid parameter 'huber_loss'"):
        loss.set_params(huber_loss__delta=1.0)
    copy = clone(loss)
    assert copy.losses[0] is not loss.losses[0]
    assert repr(copy) == repr(loss) == repr(pickle.loads(pickle.dumps(loss)))
    assert repr(eval(repr(loss), vars(sklosses))) == repr(loss)
    mine = custom() + L1Loss()
    assert mine.get_params()["customloss__value"] is square


def test_invalid_sums():
    for losses, error, words in [
        ([], ValueError, "must be a non-empty list of losses"),
        (MSELoss(), ValueError, "must be a non-empty list"),
        (None, ValueError, "must be a non-empty list"),
        ([3], TypeError, "must hold names of losses, .* Got 3 at index 0"),
        ([MSELoss(), ("a", 3)], ValueError, r"must hold names of .* Got \('a', 3\) at index 1"),
    ]:
        with pytest.raises(error, match=f"'losses' parameter of CombinedLoss {words}"):
            CombinedLoss(losses)([0.0], [1.0])
    for weights, words in [([1.0], "must have 2 numbers"), ([1.0, "a"], "finite numbers")]:
        with pytest.raises(ValueError, match=f"'weights' parameter of CombinedLoss .*{words}"):
            CombinedLoss([MSELoss(), L1Loss()], weights=weights)([0.0], [1.0])
    with pytest.raises(ValueError, match="'reduction' parameter of CombinedLoss"):
        CombinedLoss([MSELoss()], reduction="median")([0.0], [1.0])


def test_scores_of_sums():
    X, y = load_diabetes(return_X_y=True)
    loss = 0.5 * MSELoss() + 2 * L1Loss()
    got = cross_val_score(Ridge(), X, y, scoring=make_loss_scorer(loss))
    expected = 0.5 * cross_val_score(Ridge(), X, y, scoring="neg_mean_squared_error")
    expected += 2 * cross_val_score(Ridge(), X, y, scoring="neg_mean_absolute_error")
    assert_allclose(got, expected)
    scorer = make_loss_scorer(loss)
    assert repr(eval(repr(scorer), vars(sklosses))) == repr(scorer)
    assert scorer.get_params()["loss__mse_loss__reduction"] == "mean"
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, scoring=scorer).fit(X, y)
    assert search.best_score_ < 0
    # Weights of classes go by label, in each of the losses.
    X, y = load_breast_cancer(return_X_y=True)
    labels = np.array(["no", "yes"])[y]
    model = LogisticRegression(max_iter=5000).fit(X / X.std(axis=0), labels)
    X = X / X.std(axis=0)
    by_label = CrossEntropyLoss(class_weight={"yes": 3.0})
    both = make_loss_scorer(by_label + CrossEntropyLoss())(model, X, labels)
    alone = [make_loss_scorer(item)(model, X, labels) for item in (by_label, CrossEntropyLoss())]
    assert both == pytest.approx(sum(alone))


def test_large_sums_write_where_they_are_told():
    y_true, y_pred = RNG.normal(size=(2, 1_100_000)).astype(np.float32)
    loss = 0.7 * HuberLoss() + 0.3 * MSELoss()
    out = np.empty_like(y_pred)
    assert loss.gradient(y_true, y_pred, gradient_out=out) is out
    assert_allclose(out, 0.7 * HuberLoss().gradient(y_true, y_pred)
                    + 0.3 * MSELoss().gradient(y_true, y_pred), rtol=1e-5, atol=1e-12)  # fmt: skip
    y_true[-1] = np.nan
    before = out.copy()
    with pytest.raises(ValueError, match="NaN"):
        loss.gradient(y_true, y_pred, gradient_out=out)
    assert_array_equal(out, before)


def peak_of(call):
    """Bytes that NumPy allocated at most during a call."""
    call()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_beside_the_outputs():
    y_true, y_pred = RNG.normal(size=(2, 1_500_000))
    out = np.empty_like(y_pred)
    size = out.nbytes
    for loss, gradients in ((custom(), 0), (MSELoss() + L1Loss(), 1), (L1Loss() * 2, 0)):
        assert peak_of(lambda loss=loss: loss(y_true, y_pred)) < 0.3 * size
        beside = peak_of(lambda loss=loss: loss.gradient(y_true, y_pred, gradient_out=out))
        assert beside < (gradients + 0.3) * size
