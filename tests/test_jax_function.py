"""Losses as functions of JAX: values and gradients, and what its transforms do with them."""

import warnings

import numpy as np
import pytest
from cases import FAMILY_CASES, MIDDLE, over, weighted, weights_of
from helpers import as_tuple, close, run_python
from numpy.testing import assert_allclose, assert_array_equal

import sklosses
from sklosses.jax import as_function

jax = pytest.importorskip("jax", reason="JAX is not installed")
jnp = jax.numpy


@pytest.fixture(autouse=True)
def _double():
    with jax.enable_x64(True):
        yield


def jitted(case, arrays, **keywords):
    """Value and gradients of the sum of the value, compiled; all arrays are traced.

    All but groups, whose number has to be known.
    """
    function = as_function(case.loss())
    weight = keywords.pop("sample_weight", None)
    groups = arrays[2:] if case.cls.tags.target == "relevance" else ()

    def total(weight, *arrays):
        value = function(*arrays, *groups, sample_weight=weight, **keywords)
        return value.sum(), value

    numbers = tuple(k + 1 for k in case.differentiable)
    call = jax.jit(jax.value_and_grad(total, numbers, has_aux=True))
    traced = arrays[: len(arrays) - len(groups)]
    (_, value), gradients = call(weight, *map(jnp.asarray, traced))
    return value, gradients


def check_function(case, arrays, **keywords):
    """Value and gradient are those of the loss."""
    loss, reduction = case.loss(), keywords["reduction"]
    value, gradients = jitted(case, arrays, **keywords)
    expected, others = loss.value_and_gradient(*arrays, **keywords)
    tolerance = 2e-5 if value.dtype == np.float32 else 1e-12
    largest = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
    close(value, expected, tolerance, np.abs(expected), tolerance * largest)
    for gradient, other in zip(gradients, as_tuple(others), strict=True):
        assert gradient.dtype == other.dtype
        largest = np.abs(other[np.isfinite(other)]).max()
        extra = tolerance * largest if reduction == "none" else 0.0
        close(gradient, other, tolerance, np.abs(other), extra)


def names_are_numbers(case):
    """Whether all arrays are numbers that can be traced."""
    return all(np.asarray(a).dtype.kind in "fiub" for a in case.arrays())


@over([case for case in MIDDLE if names_are_numbers(case)])
def test_values_and_gradients(case):
    arrays = case.arrays()
    for reduction in case.cls.reductions:
        check_function(case, arrays, reduction=reduction)


@over(weighted(FAMILY_CASES))
def test_weights_and_single_precision(case):
    arrays = case.arrays(np.float32)
    shape = case.loss()(*arrays, reduction="none").shape
    for reduction in case.cls.reductions:
        weight = weights_of(case, "samples", shape)
        check_function(case, arrays, reduction=reduction, sample_weight=weight)
    check_function(case, arrays, reduction="mean", avg_factor=2.5)


@over([case for case in FAMILY_CASES if "none" in case.cls.reductions])
def test_factors_of_the_unreduced_loss(case):
    """Of any sign, as the weighted sum of the losses is a combination of two that have weights."""
    arrays = case.arrays()
    rng = np.random.default_rng(0)
    factors = rng.normal(size=case.loss()(*arrays, reduction="none").shape)

    def total(*predictions):
        passed = list(arrays)
        for k, prediction in zip(case.differentiable, predictions, strict=True):
            passed[k] = prediction
        return (factors * as_function(case.loss())(*passed, reduction="none")).sum()

    numbers = tuple(range(len(case.differentiable)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no loss is said to be negative
        predictions = [jnp.asarray(arrays[k]) for k in case.differentiable]
        gradients = jax.grad(total, numbers)(*predictions)
    loss = case.loss(reduction="sum")
    positive = as_tuple(loss.gradient(*arrays, sample_weight=np.maximum(factors, 0)))
    negative = as_tuple(loss.gradient(*arrays, sample_weight=np.maximum(-factors, 0)))
    for a, b, gradient in zip(positive, negative, gradients, strict=True):
        close(gradient, a - b, 1e-12, np.abs(a) + np.abs(b) + 1e-3 * np.abs(a - b).max())


# ---------------------------------------------------------------------------------------------
# Transforms
# ---------------------------------------------------------------------------------------------


def class_data(*shape):
    rng = np.random.default_rng(0)
    return jnp.asarray(rng.integers(0, 5, shape)), jnp.asarray(rng.normal(size=(*shape, 5)))


@pytest.mark.parametrize("compile_", [lambda function: function, jax.jit])
def test_batches(compile_):
    """`vmap` of values and gradients, and gradients of what is batched."""
    labels, logits = class_data(3, 4)
    function = as_function("cross_entropy")
    loss = sklosses.CrossEntropyLoss()
    both = [loss.value_and_gradient(y, z) for y, z in zip(labels, logits, strict=True)]
    values, gradients = map(np.stack, zip(*both, strict=True))
    assert_allclose(compile_(jax.vmap(function))(labels, logits), values, rtol=1e-14)
    of_each = compile_(jax.vmap(jax.grad(function, 1)))(labels, logits)
    assert_allclose(of_each, gradients, rtol=1e-14)
    of_sum = compile_(jax.grad(lambda z: jax.vmap(function)(labels, z).sum()))(logits)
    assert_allclose(of_sum, gradients, rtol=1e-14)
    shared = compile_(jax.vmap(jax.grad(function, 1), in_axes=(None, 0)))(labels[0], logits)
    expected = [loss.gradient(labels[0], z) for z in logits]
    assert_allclose(shared, expected, rtol=1e-14)
    weights = jnp.asarray([1.0, 2.0, 0.5, 3.0])

    def unreduced(y, z):
        return (weights * function(y, z, reduction="none")).sum()

    of_each = compile_(jax.vmap(jax.grad(unreduced, 1)))(labels, logits)
    expected = [
        loss.gradient(y, z, sample_weight=weights, reduction="sum")
        for y, z in zip(labels, logits, strict=True)
    ]
    assert_allclose(of_each, expected, rtol=1e-14)


@pytest.mark.parametrize("compile_", [lambda function: function, jax.jit])
def test_jacobian(compile_):
    labels, logits = class_data(4)
    function = as_function("cross_entropy")
    jacobian = compile_(jax.jacrev(lambda z: function(labels, z, reduction="none")))(logits)
    gradient = sklosses.CrossEntropyLoss().gradient(labels, logits, reduction="none")
    assert jacobian.shape == (4, 4, 5)
    for k in range(4):
        assert_allclose(jacobian[k, k], gradient[k], rtol=1e-14)
        assert not jacobian[k, jnp.arange(4) != k].any()


@pytest.mark.parametrize("compile_", [lambda function: function, jax.jit])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_what_cannot_be_differentiated(compile_, reduction):
    labels, logits = class_data(4)
    function = as_function("cross_entropy")

    def total(z, y=labels, **keywords):
        return function(y, z, reduction=reduction, **keywords).sum()

    assert_allclose(
        compile_(jax.grad(total))(logits),
        sklosses.CrossEntropyLoss().gradient(labels, logits, reduction=reduction),
        rtol=1e-14,
    )
    sentence = "CrossEntropyLoss has no second derivatives in JAX"
    with pytest.raises(TypeError, match=sentence):
        compile_(jax.hessian(total))(logits)
    with pytest.raises(TypeError, match=sentence):
        compile_(jax.grad(lambda z: jax.grad(total)(z).sum()))(logits)
    with pytest.raises(TypeError, match="forward-mode"):
        compile_(jax.jacfwd(total))(logits)
    with pytest.raises(TypeError, match="no gradient with respect to sample_weight"):
        compile_(jax.grad(lambda w: total(logits, sample_weight=w)))(jnp.ones(4))
    targets = jax.nn.softmax(logits)
    with pytest.raises(TypeError, match=r"with respect to y_true. Use jax.lax.stop_gradient"):
        compile_(jax.grad(lambda y: total(logits, y)))(targets)
    # In one of several uses the derivative is stopped.
    stopped = compile_(jax.grad(lambda z: total(z, jax.lax.stop_gradient(jax.nn.softmax(z)))))
    expected = sklosses.CrossEntropyLoss().gradient(targets, logits, reduction=reduction)
    assert_allclose(stopped(logits), expected, rtol=1e-14)


def test_training():
    """Compiled steps beside the same steps with a loss written in JAX."""
    rng = np.random.default_rng(0)
    X = jnp.asarray(rng.normal(size=(50, 4)))
    labels = jnp.asarray(rng.integers(0, 3, 50))

    def train(loss):
        @jax.jit
        def step(w):
            return w - 0.5 * jax.grad(lambda w: loss(labels, jnp.tanh(X @ w)))(w)

        w = jnp.zeros((4, 3))
        for _ in range(20):
            w = step(w)
        return w

    def cross_entropy(y, z):
        return -jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1).mean()

    assert_allclose(train(as_function("cross_entropy")), train(cross_entropy), rtol=1e-10)


# ---------------------------------------------------------------------------------------------
# Arrays, dtypes and errors
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compile_", [lambda function: function, jax.jit])
@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize(
    ("dtype", "of_value"),
    [
        ("float64", "float64"),
        ("float32", "float32"),
        ("float16", "float32"),
        ("bfloat16", "float32"),
    ],
)
def test_dtypes(dtype, of_value, reduction, compile_):
    rng = np.random.default_rng(0)
    y_true = jnp.asarray(rng.normal(size=9), dtype)
    y_pred = jnp.asarray(rng.normal(size=9), dtype)
    function = as_function("huber_loss")

    def total(y_true, y_pred):
        value = function(y_true, y_pred, reduction=reduction)
        return value.sum(), value

    (_, value), gradient = compile_(jax.value_and_grad(total, 1, has_aux=True))(y_true, y_pred)
    assert value.dtype == of_value
    assert gradient.dtype == dtype
    wide = [np.asarray(a, np.float64) for a in (y_true, y_pred)]
    eps = float(jnp.finfo(dtype).eps)
    expected = sklosses.HuberLoss().gradient(*wide, reduction=reduction)
    assert_allclose(np.asarray(gradient, np.float64), expected, rtol=4 * eps)
    assert_allclose(value, sklosses.HuberLoss()(*wide, reduction=reduction), rtol=1e-6)


def test_values_beyond_single_precision():
    """They are infinite, as those of JAX; the gradient is not."""
    y_true, y_pred = np.zeros(10, np.float32), np.full(10, 1e38, np.float32)
    function = as_function("l1_loss", reduction="sum")
    value, gradient = jax.value_and_grad(function, 1)(y_true, y_pred)
    assert value == jnp.abs(jnp.asarray(y_pred)).sum() == np.inf
    assert (gradient == 1).all()


def test_without_double_precision():
    with jax.enable_x64(False):
        function = as_function("mse_loss")
        assert function([1, 2], [2, 4]).dtype == np.float32
        value, gradient = jax.value_and_grad(function, 1)(np.ones(3), np.arange(3.0))
        assert value.dtype == gradient.dtype == np.float32
        assert_allclose(gradient, [-2 / 3, 0, 2 / 3], rtol=1e-6)


def test_arrays_of_other_types():
    """Only what is traced has to be an array of JAX."""
    embeddings = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)))
    labels = ["a", "b", "a", "b"]
    function = as_function("batch_hard_triplet_loss", margin=2.0)
    gradient = jax.jit(jax.grad(lambda e: function(labels, e)))(embeddings)
    expected = sklosses.BatchHardTripletLoss(margin=2.0).gradient(labels, embeddings)
    assert_allclose(gradient, expected, rtol=1e-14)
    assert isinstance(function(labels, embeddings), jax.Array)
    assert function(embeddings=embeddings, y_true=labels) == function(labels, embeddings)


def test_arrays_are_read_in_place(monkeypatch):
    read = []
    evaluate = sklosses.MSELoss._evaluate

    def spy(self, arrays, *args, **keywords):
        read.append(arrays)
        return evaluate(self, arrays, *args, **keywords)

    monkeypatch.setattr(sklosses.MSELoss, "_evaluate", spy)
    y_true, y_pred = jnp.ones(1000), jnp.zeros(1000)
    as_function("mse_loss")(y_true, y_pred)
    for array, passed in zip(read[0], (y_true, y_pred), strict=True):
        assert array.__array_interface__["data"][0] == passed.unsafe_buffer_pointer()


def test_errors():
    y_true, y_pred = jnp.ones(3), jnp.asarray([0.0, jnp.nan, 0.0])
    function = as_function("mse_loss")
    sentence = "y_pred contains NaN: got nan at index 1"
    with pytest.raises(ValueError, match=sentence):
        function(y_true, y_pred)
    with pytest.raises(ValueError, match=sentence):
        jax.grad(function, 1)(y_true, y_pred)
    # Its type depends on the version of JAX.
    with pytest.raises(Exception, match=sentence):
        jax.block_until_ready(jax.jit(function)(y_true, y_pred))
    with pytest.raises(ValueError, match="must have the same shape"):
        jax.jit(lambda *a: function(*a, reduction="none"))(y_true, jnp.ones(4))
    with pytest.raises(ValueError, match="'reduction' parameter"):
        jax.jit(lambda *a: function(*a, reduction="average"))(y_true, y_pred)
    with pytest.raises(ValueError, match="'avg_factor' parameter"):
        jax.jit(lambda n: function(y_true, y_true, avg_factor=n))(3.0)
    with pytest.raises(TypeError, match="MSELoss is called with 2 arrays"):
        function(y_true)
    with pytest.raises(TypeError, match="Did you mean"):
        as_function("huber_loss", delt=1.0)
    with pytest.raises(ValueError, match="not a valid loss name"):
        as_function("mse")
    with pytest.raises(ValueError, match="has no gradient"):
        as_function(sklosses.CustomLoss(value=lambda y, p: (y - p) ** 2))


def test_sequences_in_one_array():
    """Their number is in the lengths, whose values are not known while a function is traced."""
    rng = np.random.default_rng(0)
    log_probs = jax.nn.log_softmax(jnp.asarray(rng.normal(size=(9, 2, 4))))
    targets, times, lengths = np.array([1, 2, 3]), np.array([9, 9]), np.array([2, 1])
    function = as_function("ctc_loss", reduction="none")
    value = jax.jit(lambda p: function(targets, p, times, lengths))(log_probs)
    expected = sklosses.ctc_loss(targets, log_probs, times, lengths, reduction="none")
    assert_allclose(value, expected, rtol=1e-14)
    with pytest.raises(ValueError, match="shape of the unreduced CTCLoss cannot be told"):
        jax.jit(function)(targets, log_probs, times, lengths)
    assert_array_equal(
        jax.jit(as_function("ctc_loss"))(targets, log_probs, times, lengths),
        sklosses.ctc_loss(targets, log_probs, times, lengths),
    )


def test_traced_groups():
    """Their number is in their labels."""
    rng = np.random.default_rng(0)
    arrays = rng.integers(0, 3, 9), jnp.asarray(rng.normal(size=9)), np.arange(9) // 3
    for reduction in ("mean", "sum"):
        value = jax.jit(as_function("ranknet_loss", reduction=reduction))(*arrays)
        assert_allclose(value, sklosses.ranknet_loss(*arrays, reduction=reduction), rtol=1e-14)
    with pytest.raises(ValueError, match=r"unreduced RankNetLoss cannot be told .* their values"):
        jax.jit(as_function("ranknet_loss", reduction="none"))(*arrays)


def test_repr():
    assert repr(as_function("huber_loss", delta=2.0)) == "as_function(HuberLoss(delta=2.0))"
    assert as_function(sklosses.huber_loss).loss.delta == 1.0


def test_message_without_jax():
    run_python(
        "import sys, sklosses.jax; sys.modules['jax'] = None\n"
        "try:\n    sklosses.jax.as_function('mse_loss')\n"
        "except ImportError as error:\n    assert 'pip install sklosses[jax]' in str(error)\n"
        "else:\n    raise AssertionError"
    )
