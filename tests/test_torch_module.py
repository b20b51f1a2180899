"""Losses as modules of PyTorch: values and gradients, and what autograd asks of them."""

import copy
import pickle
import warnings
import weakref

import numpy as np
import pytest
from cases import FAMILY_CASES, MIDDLE, NAMES, over, weighted, weights_of
from helpers import as_tuple, close, run_python
from numpy.testing import assert_allclose, assert_array_equal

import sklosses
from sklosses import get_loss
from sklosses.torch import as_module

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
_torch = pytest.importorskip("sklosses._torch")
F = torch.nn.functional


def tensors_of(case, arrays, requires_grad=True):
    """The arrays as tensors in the same memory; those with a gradient require it."""
    tensors = [torch.from_numpy(np.array(a, order="C")) for a in arrays]
    if requires_grad:
        for k in case.differentiable:
            tensors[k].requires_grad_()
    return tensors


def module_of(case, **keywords):
    return as_module(case.loss(), **keywords)


def gradients_of(case, tensors):
    return [tensors[k].grad for k in case.differentiable]


def check_module(case, arrays, reduction="mean", sample_weight=None, **keywords):
    """Value and gradient are those of the loss."""
    tensors = tensors_of(case, arrays)
    passed = None if sample_weight is None else torch.tensor(sample_weight)
    value = module_of(case)(*tensors, reduction=reduction, sample_weight=passed, **keywords)
    keywords |= {"reduction": reduction, "sample_weight": sample_weight}
    loss = case.loss()
    expected, gradient = loss.value_and_gradient(*arrays, **keywords)
    if reduction == "none":
        expected = loss(*arrays, **keywords)
    assert_array_equal(value.detach().numpy(), np.asarray(expected, str(value.dtype)[6:]))
    assert value.shape == np.shape(expected)
    value.sum().backward()
    for tensor, other in zip(gradients_of(case, tensors), as_tuple(gradient), strict=True):
        if reduction == "none":
            # Its gradient is the weighted sum's, which may be added up in another order.
            tolerance = {"float32": 2e-5, "float64": 1e-12}[str(other.dtype)]
            largest = np.abs(other[np.isfinite(other)]).max()
            close(tensor.numpy(), other, tolerance, np.abs(other), tolerance * largest)
        else:
            assert_array_equal(tensor.numpy(), other, strict=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@over(MIDDLE)
def test_values_and_gradients(case, dtype):
    if "hard" in case.kind and dtype == np.float32:
        pytest.skip("numbers of all sizes")
    arrays = case.arrays(dtype)
    for reduction in case.cls.reductions:
        check_module(case, arrays, reduction=reduction)


@over(weighted(FAMILY_CASES))
def test_weights(case):
    arrays = case.arrays()
    shape = case.loss()(*arrays, reduction="none").shape
    for kind in ("samples", "elements"):
        weight = weights_of(case, kind, shape)
        for reduction in case.cls.reductions:
            check_module(case, arrays, reduction=reduction, sample_weight=weight)
    check_module(case, arrays, avg_factor=2.5, reduction="mean")


@over([case for case in MIDDLE if "none" in case.cls.reductions])
def test_factors_of_the_unreduced_loss(case):
    """Of any sign, as the weighted sum of the losses is a combination of two that have weights."""
    arrays = case.arrays()
    rng = np.random.default_rng(0)
    tensors = tensors_of(case, arrays)
    value = module_of(case)(*tensors, reduction="none")
    factors = rng.normal(size=value.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no loss is said to be negative
        (value * torch.tensor(factors)).sum().backward()
    if "balanced" in map(str, case.params.values()):
        return  # there, weights change those of the classes
    loss = case.loss(reduction="sum")
    positive = as_tuple(loss.gradient(*arrays, sample_weight=np.maximum(factors, 0)))
    negative = as_tuple(loss.gradient(*arrays, sample_weight=np.maximum(-factors, 0)))
    for a, b, tensor in zip(positive, negative, gradients_of(case, tensors), strict=True):
        close(tensor.numpy(), a - b, 1e-12, np.abs(a) + np.abs(b) + 1e-3 * np.abs(a - b).max())


# ---------------------------------------------------------------------------------------------
# Beside PyTorch's own losses
# ---------------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(7, 5)) * 3
#: By the name of ours: parameters, the target and the predictions.
OWN = {
    "cross_entropy": ({"label_smoothing": 0.1}, RNG.integers(0, 5, 7), LOGITS),
    "nll_loss": ({}, RNG.integers(0, 5, 7), np.log(RNG.dirichlet(np.ones(5), 7))),
    "binary_cross_entropy_with_logits": ({}, RNG.random((7, 5)), LOGITS),
    "binary_cross_entropy": ({}, RNG.random((7, 5)), RNG.random((7, 5))),
    "mse_loss": ({}, RNG.normal(size=(7, 5)), LOGITS),
    "huber_loss": ({"delta": 0.7}, RNG.normal(size=(7, 5)), LOGITS),
    "poisson_nll_loss": ({"full": True}, RNG.poisson(3, (7, 5)) * 1.0, LOGITS),
    "kl_div": ({}, RNG.dirichlet(np.ones(5), 7), np.log(RNG.dirichlet(np.ones(5), 7))),
    "multi_margin_loss": ({"p": 2}, RNG.integers(0, 5, 7), LOGITS),
    "soft_margin_loss": ({}, RNG.choice([-1.0, 1.0], (7, 5)), LOGITS),
    "gaussian_nll_loss": ({}, RNG.normal(size=(7, 5)), LOGITS, RNG.random((7, 1)) + 0.1),
    "triplet_margin_loss": ({}, *RNG.normal(size=(3, 7, 5))),
}


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides the total loss:UserWarning")
@pytest.mark.parametrize("factor", [1.0, -2.5])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("name", OWN)
def test_losses_of_pytorch(name, dtype, reduction, factor):
    params, *arrays = OWN[name]
    target_is_last = not sklosses.get_loss(name).inputs[0].differentiable
    results = []
    for ours in (True, False):
        tensors = [torch.tensor(a) for a in arrays]
        tensors = [t.to(dtype) if t.is_floating_point() else t for t in tensors]
        first = int(target_is_last)
        for tensor in tensors[first:]:
            tensor.requires_grad_()
        if ours:
            value = as_module(name, **params)(*tensors, reduction=reduction)
        else:
            order = tensors if not first else [tensors[1], tensors[0], *tensors[2:]]
            value = getattr(F, name)(*order, **params, reduction=reduction)
        assert value.dtype == dtype
        (factor * value).sum().backward()
        results.append((value.detach(), *[t.grad for t in tensors[first:]]))
    tolerance = 1e-12 if dtype == torch.float64 else 2e-5
    for a, b in zip(*results, strict=True):
        assert a.dtype == b.dtype
        assert_allclose(a, b, rtol=tolerance, atol=tolerance * float(b.abs().max()))


def is_smooth(case):
    """Whether finite differences can tell the derivatives of a case."""
    arrays = case.arrays()
    small = all(np.all(np.abs(arrays[k]) < 1e3) for k in case.differentiable)
    scales = (case.scales(arrays, k) for k in case.differentiable)
    exact = case.loss().tags.gradient == "exact" and "hard" not in case.kind
    return exact and small and all(np.min(scale) > 1e-2 for scale in scales)


@over([case for case in MIDDLE if is_smooth(case)])
def test_gradcheck(case):
    tensors = tensors_of(case, case.arrays())
    for reduction in case.cls.reductions:

        def call(*arrays, reduction=reduction):
            return module_of(case)(*arrays, reduction=reduction)

        assert torch.autograd.gradcheck(call, tensors, rtol=1e-4, atol=1e-6)


def test_most_losses_are_checked():
    names = {case.row.function_name for case in MIDDLE if is_smooth(case)}
    assert len(names) > len(NAMES) / 2


# ---------------------------------------------------------------------------------------------
# What autograd asks of a node
# ---------------------------------------------------------------------------------------------


def real_data(n=6, dtype=torch.float64):
    rng = np.random.default_rng(1)
    y_true, y_pred = (torch.tensor(rng.normal(size=n), dtype=dtype) for _ in range(2))
    return y_true, y_pred.requires_grad_()


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_backward_twice(reduction):
    y_true, y_pred = real_data()
    value = as_module("huber_loss")(y_true, y_pred, reduction=reduction)
    (3 * value).sum().backward(retain_graph=True)
    first = y_pred.grad.clone()
    value.sum().backward()
    assert_allclose(y_pred.grad, first * 4 / 3, rtol=1e-15)
    with pytest.raises(RuntimeError, match="second time"):
        value.sum().backward()


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_tensors_that_are_changed_before_the_gradient_is_computed(reduction):
    y_true, y_pred = real_data()
    value = as_module("huber_loss")(y_true, y_pred, reduction=reduction)
    if reduction == "mean":
        value.backward(retain_graph=True)
    with torch.no_grad():
        y_pred += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        value.sum().backward()


def test_gradients_that_are_handed_out_are_independent():
    """PyTorch accumulates in the memory of a gradient."""
    y_true, y_pred = real_data()
    module = as_module("mse_loss")
    value = module(y_true, y_pred)
    value.backward(retain_graph=True)
    kept = y_pred.grad
    before = kept.clone()
    value.backward(retain_graph=True)
    (other,) = torch.autograd.grad(value, y_pred)
    assert_array_equal(kept, 2 * before)
    assert_array_equal(other, before)


def test_gradients_are_not_copied(monkeypatch):
    addresses = []
    from_numpy = torch.from_numpy

    def spy(array):
        addresses.append(array.__array_interface__["data"][0])
        return from_numpy(array)

    monkeypatch.setattr(torch, "from_numpy", spy)
    y_true, y_pred = real_data(1000)
    as_module("mse_loss")(y_true, y_pred).backward()
    assert y_pred.grad.data_ptr() in addresses


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_second_derivatives(reduction):
    y_true, y_pred = real_data()
    module = as_module("mse_loss")
    value = module(y_true, y_pred, reduction=reduction).sum()
    (gradient,) = torch.autograd.grad(value, y_pred, create_graph=True)
    assert_allclose(gradient.detach(), module.loss.gradient(
        y_true.numpy(), y_pred.detach().numpy(), reduction=reduction
    ))  # fmt: skip
    with pytest.raises(RuntimeError, match="MSELoss has no second derivatives in PyTorch"):
        gradient.sum().backward()
    with pytest.raises(RuntimeError, match="no second derivatives"):
        torch.autograd.functional.hessian(lambda p: module(y_true, p), y_pred)


@pytest.mark.parametrize("transform", ["vmap", "grad", "jacrev", "jacfwd", "hessian"])
def test_transforms(transform):
    y_true, y_pred = (t.detach().reshape(2, 3) for t in real_data())
    call = {"in_dims": (0, 0)} if transform == "vmap" else {"argnums": 1}
    for reduction in ("mean", "sum"):

        def function(y_true, y_pred, reduction=reduction):
            return as_module("mse_loss")(y_true, y_pred, reduction=reduction)

        with pytest.raises(RuntimeError, match=r"MSELoss is computed outside of PyTorch.*backward"):
            getattr(torch.func, transform)(function, **call)(y_true, y_pred)


OUTSIDE = "MSELoss is computed outside of PyTorch, where forward-mode"


def test_forward_mode():
    """A tangent is not dropped."""
    y_true, tangent = torch.zeros(4), torch.ones(4)
    module = as_module("mse_loss")
    with torch.autograd.forward_ad.dual_level():
        for y_pred in (torch.ones(4), torch.ones(4, requires_grad=True)):
            dual = torch.autograd.forward_ad.make_dual(y_pred, tangent)
            with pytest.raises(RuntimeError, match=OUTSIDE):
                module(y_true, dual)
        assert module(y_true, tangent) == 1  # which has no tangent
        dual = torch.autograd.forward_ad.make_dual(tangent, tangent)
        with pytest.raises(RuntimeError, match=OUTSIDE):
            module(y_true, tangent, sample_weight=dual)
        with pytest.raises(RuntimeError, match=OUTSIDE):
            module(y_true, tangent, avg_factor=dual[0])
        with pytest.raises(RuntimeError, match=OUTSIDE):
            module(torch.zeros(1, 2, 4), [[dual, dual]])
    with pytest.raises(RuntimeError, match=OUTSIDE):
        torch.func.linearize(lambda p: module(y_true, p), tangent)


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_batches_of_gradients(reduction):
    y_true, y_pred = real_data()
    value = as_module("mse_loss")(y_true, y_pred, reduction=reduction)
    factors = torch.ones(3, *value.shape)
    with pytest.raises(RuntimeError, match=OUTSIDE + r".* for one gradient at a time"):
        torch.autograd.grad(value, y_pred, factors, is_grads_batched=True, retain_graph=True)
    with pytest.raises(RuntimeError, match=OUTSIDE):
        torch.vmap(lambda f: torch.autograd.grad(value, y_pred, f, retain_graph=True))(factors)
    assert torch.autograd.grad(value, y_pred, factors[0])[0].isfinite().all()


def test_no_gradient_is_computed_unless_it_is_wanted(monkeypatch):
    wanted = []
    evaluate = sklosses.MSELoss._evaluate

    def spy(self, *args, **keywords):
        wanted.append(keywords.get("want_gradient", False))
        return evaluate(self, *args, **keywords)

    monkeypatch.setattr(sklosses.MSELoss, "_evaluate", spy)
    y_true, y_pred = real_data()
    module = as_module("mse_loss")
    with torch.no_grad():
        assert not module(y_true, y_pred).requires_grad
    with torch.inference_mode():
        assert not module(y_true, y_pred).requires_grad
    assert not module(y_true, y_pred.detach()).requires_grad
    assert wanted == [False] * 3
    assert module(y_true, y_pred).requires_grad
    module(y_true, y_pred, reduction="none").sum().backward()
    assert wanted[3:] == [True, False, True]


def test_one_of_several_inputs():
    rng = np.random.default_rng(0)
    anchor, positive, negative = (torch.tensor(a) for a in rng.normal(size=(3, 4, 5)))
    positive.requires_grad_()
    for reduction in ("mean", "none"):
        positive.grad = None
        value = as_module("triplet_margin_loss")(anchor, positive, negative, reduction=reduction)
        value.sum().backward()
        assert anchor.grad is None
        arrays = anchor.numpy(), positive.detach().numpy(), negative.numpy()
        expected = sklosses.TripletMarginLoss().gradient(*arrays, reduction=reduction)[1]
        assert_allclose(positive.grad, expected, rtol=1e-14)


def test_optional_and_named_arrays():
    similarities = torch.randn(4, 4, dtype=torch.float64, requires_grad=True)
    as_module("vse_loss", similarity="precomputed")(similarities).backward()
    expected = get_loss("vse_loss", similarity="precomputed").gradient(
        similarities.detach().numpy()
    )
    assert_array_equal(similarities.grad, expected)
    y_true, y_pred = real_data()
    module = as_module("mse_loss")
    assert module(y_pred=y_pred, y_true=y_true) == module(y_true, y_pred)
    with pytest.raises(TypeError, match="MSELoss is called with 2 arrays"):
        module(y_true)
    with pytest.raises(TypeError, match="unexpected keyword argument 'weight'"):
        module(y_true, y_pred, weight=None)


# ---------------------------------------------------------------------------------------------
# Tensors
# ---------------------------------------------------------------------------------------------


def test_tensors_are_read_in_place(monkeypatch):
    read = []
    evaluate = sklosses.CrossEntropyLoss._evaluate

    def spy(self, arrays, *args, **keywords):
        read.append(arrays)
        return evaluate(self, arrays, *args, **keywords)

    monkeypatch.setattr(sklosses.CrossEntropyLoss, "_evaluate", spy)
    labels = torch.tensor([[0, 2], [1, 1], [2, 0]])[:, 1]
    logits = torch.randn(3, 6).T[::2].T.requires_grad_()
    as_module("cross_entropy")(labels, logits).backward()
    for array, tensor in zip(read[0], (labels, logits), strict=True):
        assert array.__array_interface__["data"][0] == tensor.data_ptr()
        assert tuple(s // array.itemsize for s in array.strides) == tensor.stride()
    expected = F.cross_entropy(logits.detach().clone().requires_grad_(), labels)
    assert_allclose(as_module("cross_entropy")(labels, logits).item(), expected.item(), rtol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "other"),
    [
        (torch.float64, torch.float64),
        (torch.float32, torch.float32),
        (torch.float16, torch.float32),
        (torch.bfloat16, torch.float32),
    ],
)
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_dtypes(dtype, other, reduction):
    y_true, y_pred = real_data(dtype=dtype)
    value = as_module("huber_loss")(y_true, y_pred, reduction=reduction)
    assert value.dtype == other
    value.sum().backward()
    assert y_pred.grad.dtype == dtype
    wide = y_pred.detach().double().requires_grad_()
    F.huber_loss(wide, y_true.double(), reduction=reduction).sum().backward()
    assert_allclose(y_pred.grad.double(), wide.grad, rtol=4 * torch.finfo(dtype).eps)


def test_values_beyond_single_precision():
    """They are infinite, as those of PyTorch; the gradient is not."""
    y_pred = torch.full((10,), 1e38, requires_grad=True)
    value = as_module("l1_loss", reduction="sum")(torch.zeros(10), y_pred)
    assert value == F.l1_loss(y_pred, torch.zeros(10), reduction="sum") == torch.inf
    value.backward()
    assert (y_pred.grad == 1).all()
    with torch.no_grad():
        assert as_module("l1_loss", reduction="sum")(torch.zeros(10), y_pred) == torch.inf


def test_integer_predictions_and_arrays_that_are_no_tensors():
    module = as_module("mse_loss")
    value = module(torch.tensor([1, 2]), torch.tensor([2, 4]))
    assert value.dtype == torch.float64
    assert value == 2.5
    y_pred = torch.tensor([2.0, 4.0], requires_grad=True)
    module([1, 2], y_pred, sample_weight=np.array([1.0, 3.0])).backward()
    assert_allclose(y_pred.grad, [0.5, 3.0])
    assert module([1, 2], [2, 4]) == 2.5


def test_the_value_is_on_the_cpu_whatever_the_default_device():
    y_true, y_pred = real_data()
    with torch.device("meta"):
        value = as_module("mse_loss")(y_true, y_pred)
    assert value.device.type == "cpu"
    value.backward()
    assert y_pred.grad.isfinite().all()


def test_tensors_whose_sign_is_a_flag():
    y_pred = torch.complex(torch.ones(3), torch.arange(3.0)).conj().imag
    assert y_pred.is_neg()
    assert as_module("mse_loss")(torch.zeros(3), y_pred) == (y_pred**2).mean()
    y_pred.requires_grad_()
    as_module("l1_loss", reduction="sum")(torch.zeros(3), y_pred).backward()
    assert_array_equal(y_pred.grad, [0, -1, -1])


def test_tensors_that_are_refused():
    module = as_module("mse_loss")
    y_true, y_pred = real_data()
    with pytest.raises(TypeError, match=r"Pass y_true\.detach\(\)"):
        module(y_true.clone().requires_grad_(), y_pred)
    with pytest.raises(TypeError, match=r"Pass sample_weight\.detach\(\)"):
        module(y_true, y_pred, sample_weight=torch.ones(6, requires_grad=True))
    one = torch.ones((), requires_grad=True)
    with pytest.raises(TypeError, match=r"Pass sample_weight\.detach\(\)"):
        module(y_true, y_pred, sample_weight=[one] * 6)
    with pytest.raises(TypeError, match=r"Pass avg_factor\.detach\(\)"):
        module(y_true, y_pred, avg_factor=one)
    with pytest.raises(TypeError, match=r"Pass y_true\.detach\(\)"):
        module([one] * 6, y_pred)
    with pytest.raises(TypeError, match=r"y_pred is a list of tensors .* torch\.stack\(y_pred\)"):
        module(y_true, [one] * 6)
    with torch.no_grad():
        assert module([one] * 6, [one] * 6) == 0
    with pytest.raises(TypeError, match=r"Pass y_pred\.cpu\(\)"):
        module(y_true, torch.ones(6, device="meta", requires_grad=True))
    with pytest.raises(TypeError, match=r"Pass y_true\.cpu\(\)"):
        module(torch.ones(6, device="meta"), y_pred)
    with pytest.raises(TypeError, match="y_true cannot be read as a NumPy array"):
        module(y_true.to_sparse(), y_pred)
    with pytest.raises(ValueError, match="y_pred contains NaN: got nan at index 2"):
        module(y_true, torch.where(torch.arange(6) == 2, torch.nan, y_pred))
    with pytest.raises(ValueError, match="'reduction' parameter"):
        module(y_true, y_pred, reduction="average")
    labels, logits = torch.tensor([0, 2, 1]), torch.randn(3, 3, requires_grad=True)
    with pytest.raises(ValueError, match="The arguments seem to be swapped"):
        as_module("cross_entropy")(logits.detach(), labels)


def test_weight_of_zero():
    y_true, y_pred = real_data()
    module = as_module("mse_loss")
    with pytest.warns(sklosses.base.UndefinedMetricWarning):
        value = module(y_true, y_pred, sample_weight=torch.zeros(6))
    assert value.isnan()
    value.backward()
    assert not y_pred.grad.any()


# ---------------------------------------------------------------------------------------------
# The module
# ---------------------------------------------------------------------------------------------


def test_forms_of_a_loss():
    for form in ("huber_loss", sklosses.huber_loss, sklosses.HuberLoss, sklosses.HuberLoss()):
        module = as_module(form, delta=2.0)
        assert isinstance(module, torch.nn.Module)
        assert repr(module) == "LossModule(HuberLoss(delta=2.0))"
    with pytest.raises(ValueError, match="not a valid loss name"):
        as_module("huber")
    with pytest.raises(TypeError, match="Did you mean 'delta'"):
        as_module("huber_loss", delt=2.0)
    with pytest.raises(ValueError, match="'delta' parameter of HuberLoss"):
        as_module("huber_loss", delta=-2.0)
    with pytest.raises(ValueError, match="'target_last' parameter of as_module must be a bool"):
        as_module("huber_loss", target_last="yes")
    with pytest.raises(ValueError, match="has no gradient"):
        as_module(sklosses.CustomLoss(value=lambda y, p: (y - p) ** 2))


def test_prediction_in_place_of_the_target():
    """As PyTorch's own losses are called."""
    y_pred, y_true = torch.zeros(2, 3, requires_grad=True), torch.tensor([0, 2])
    with pytest.raises(TypeError, match=r"to y_true, .* the last one with as_module\(target_last"):
        as_module("cross_entropy")(y_pred, y_true)
    swapped = as_module("cross_entropy", target_last=True)
    assert swapped(y_pred, y_true) == as_module("cross_entropy")(y_true, y_pred)


def test_the_module_is_like_any_other():
    loss = sklosses.HuberLoss()
    module = as_module(loss)
    loss.delta = 5.0  # the module has a clone
    assert module.loss.delta == 1.0
    assert not module.state_dict()
    assert not list(module.parameters())
    y_true, y_pred = real_data()
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), module.eval()):
        assert other(y_true, y_pred) == module(y_true, y_pred)
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), module)
    assert "HuberLoss()" in repr(net)


def test_target_last():
    labels, logits = torch.tensor([0, 2, 1]), torch.randn(3, 3, requires_grad=True)
    module = as_module("cross_entropy", target_last=True)
    assert repr(module) == "LossModule(CrossEntropyLoss(), target_last=True)"
    assert_allclose(module(logits, labels).item(), F.cross_entropy(logits, labels).item(), 1e-6)
    x1, x2 = torch.randn(2, 5)
    y = torch.tensor([1, -1, 1, 1, -1])
    module = as_module("margin_ranking_loss", target_last=True)
    expected = F.margin_ranking_loss(x1, x2, y)
    for value in (module(x1, x2, y), module(x1, x2, y_true=y), module(x1=x1, x2=x2, y_true=y)):
        assert_allclose(value, expected, 1e-6)
    with pytest.raises(TypeError, match=r"called with 3 arrays .*Got 2 instead"):
        module(x1, x2)


def test_sums_of_losses_and_losses_of_functions():
    y_true, y_pred = real_data()
    loss = 0.7 * sklosses.MSELoss() + 0.3 * sklosses.CustomLoss(
        value=lambda y, p: (y - p) ** 4, gradient=lambda y, p: 4 * (p - y) ** 3
    )
    for reduction in ("mean", "none"):

        def call(p, reduction=reduction):
            return as_module(loss)(y_true, p, reduction=reduction)

        assert torch.autograd.gradcheck(call, y_pred)


def test_training_with_autocast():
    torch.manual_seed(0)
    net = torch.nn.Linear(4, 3)
    X, y = torch.randn(20, 4), torch.arange(20) % 3
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = as_module("cross_entropy")(y, net(X))
        expected = F.cross_entropy(net(X), y)
    assert value.dtype == expected.dtype == torch.float32
    assert_allclose(value.item(), expected.item(), rtol=1e-6)
    value.backward()
    assert net.weight.grad.isfinite().all()


def test_compiled_functions():
    """The loss is outside of the graphs, in forward and in backward."""
    torch.manual_seed(0)
    net, module = torch.nn.Linear(4, 3), as_module("cross_entropy")
    X, y = torch.randn(20, 4), torch.arange(20) % 3

    def step(X, y):
        return 2 * module(y, net(X).tanh())

    step(X, y).backward()
    expected = net.weight.grad
    net.weight.grad = None
    compiled = torch.compile(step, backend="eager")
    for _ in range(2):
        net.weight.grad = None
        compiled(X, y).backward()
        assert_allclose(net.weight.grad, expected, rtol=1e-6)
    as_one = torch.compile(module, backend="eager")
    assert_allclose(as_one(y, X[:, :3]).item(), module(y, X[:, :3]).item())


def test_skorch():
    skorch = pytest.importorskip("skorch")
    from sklearn.datasets import load_iris
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = load_iris(return_X_y=True)
    torch.manual_seed(0)
    for criterion in (
        {"criterion": as_module("softmax_focal_loss", target_last=True)},
        {
            "criterion": as_module,
            "criterion__loss": "softmax_focal_loss",
            "criterion__target_last": True,
        },
    ):
        net = skorch.NeuralNetClassifier(
            torch.nn.Linear,
            module__in_features=4,
            module__out_features=3,
            lr=0.5,
            max_epochs=60,
            train_split=None,
            verbose=0,
            **criterion,
        )
        model = make_pipeline(StandardScaler(), net).fit(X.astype(np.float32), y)
        assert model.score(X.astype(np.float32), y) > 0.85
    grid = {"neuralnetclassifier__criterion__gamma": [0.0, 2.0]}
    model.set_params(neuralnetclassifier__max_epochs=2)
    search = GridSearchCV(model, grid, cv=2).fit(X.astype(np.float32), y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_message_without_pytorch():
    run_python(
        "import sys, sklosses.torch; sys.modules['torch'] = None\n"
        "try:\n    sklosses.torch.as_module('mse_loss')\n"
        "except ImportError as error:\n    assert 'pip install sklosses[torch]' in str(error)\n"
        "else:\n    raise AssertionError"
    )


def large_data():
    rng = np.random.default_rng(0)
    y_true, y_pred = torch.tensor(rng.normal(size=(2, 300, 200)))
    return y_true, y_pred.requires_grad_()


def test_memory_of_large_gradients_is_used_again():
    y_true, y_pred = large_data()
    module = as_module("mse_loss")
    addresses = set()
    for _ in range(5):
        y_pred.grad = None
        module(y_true, y_pred).backward()
        addresses.add(y_pred.grad.data_ptr())
        expected = sklosses.MSELoss().gradient(y_true.numpy(), y_pred.detach().numpy())
        assert_array_equal(y_pred.grad, expected)
    assert len(addresses) == 1
    assert len(pickle.dumps(module)) < 10_000
    assert not copy.deepcopy(module).spare


def test_memory_of_gradients_in_use_is_not():
    y_true, y_pred = large_data()
    module = as_module("mse_loss")
    # Values that are still to be differentiated, gradients, and views of them in NumPy.
    values = [module(y_true, y_pred * k) for k in range(3)]
    gradients = [torch.autograd.grad(value, y_pred)[0] for value in values]
    y_pred.grad = None
    module(y_true, y_pred).backward()
    view = y_pred.grad.numpy()
    before = view.copy()
    y_pred.grad = None
    module(y_true, 5 * y_pred).backward()
    assert_array_equal(view, before)
    plain = y_pred.detach().numpy()
    for k, gradient in enumerate(gradients):
        expected = k * sklosses.MSELoss().gradient(y_true.numpy(), k * plain)
        assert_allclose(gradient, expected, rtol=1e-12)


def test_memory_is_kept_only_once_it_is_referred_to(monkeypatch):
    """Else another thread could take the gradients of a call that has not returned yet."""
    y_true, y_pred = large_data()
    module = as_module("mse_loss")
    by_argument, others = _torch._by_argument, []

    def interrupt(*args):
        monkeypatch.setattr(_torch, "_by_argument", by_argument)
        with torch.enable_grad():
            others.append(torch.autograd.grad(module(y_true, 2 * y_pred), y_pred)[0])
        return by_argument(*args)

    monkeypatch.setattr(_torch, "_by_argument", interrupt)
    gradient = torch.autograd.grad(module(y_true, y_pred), y_pred)[0]
    assert len(others) == 1
    assert_array_equal(gradient, sklosses.MSELoss().gradient(y_true, y_pred.detach()))


def test_weights_are_freed_by_backward():
    y_true, y_pred = real_data()
    weight = torch.ones(6)
    alive = weakref.ref(weight)
    value = as_module("mse_loss")(y_true, y_pred, sample_weight=weight)
    value.backward()
    del weight
    assert alive() is None


def test_memory_of_another_shape_or_dtype_is_not_used():
    y_true, y_pred = large_data()
    module = as_module("mse_loss")
    for convert in (torch.clone, torch.t, torch.Tensor.float, lambda a: a[:250], torch.clone):
        a, b = convert(y_true), convert(y_pred).detach().requires_grad_()
        module(a, b).backward()
        expected = sklosses.MSELoss().gradient(a.numpy(), b.detach().numpy())
        assert_array_equal(b.grad, expected, strict=True)
        assert b.grad.stride() == b.stride()
        b.grad = None
    with pytest.raises(ValueError, match="NaN"):
        module(y_true, torch.full_like(y_pred, torch.nan).requires_grad_())
