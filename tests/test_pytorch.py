"""Live comparison with PyTorch, on the grid of tools/make_pytorch_reference.py and on the
inputs that PyTorch tests its own modules with.
"""

import inspect

import numpy as np
import pytest
from test_reference import RTOL, evaluate, terms_of, tool

import sklosses

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

GRID = [pytest.param(case, id=str(case)) for case in tool.grid()]
RTOL_SINGLE = 2e-5


def item_of(case):
    return {"name": case.name, "params": case.params}


def close(actual, expected, rtol, atol):
    actual = np.asarray(actual)
    assert actual.shape == np.shape(expected)
    # NaN, where all is ignored, must be in the same places; so must infinities.
    with np.errstate(invalid="ignore"):
        error = np.abs(actual.astype(float) - expected)
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    assert np.all(same | (error <= rtol * np.abs(expected) + atol)), (actual, expected)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("case", GRID)
def test_double(case, reduction):
    arrays = case.arrays()
    value, gradients = evaluate(item_of(case), arrays, reduction)
    expected, expected_gradients = tool.evaluate(case, torch, reduction=reduction)
    scale = 4 * np.finfo(float).eps * terms_of(item_of(case), arrays)
    close(value, expected, RTOL, scale if reduction == "none" else np.sum(scale))
    for gradient, other in zip(gradients, expected_gradients, strict=True):
        if np.isnan(expected).all():
            # PyTorch's mean of nothing has the gradient nan; here it is zero.
            assert not gradient.any()
            continue
        close(gradient, other, RTOL, RTOL)


@pytest.mark.parametrize(
    "case", [p for p in GRID if p.values[0].kind in ("plain", "ignored", "probabilities")]
)
def test_single(case):
    """The moderate inputs alone: PyTorch's own float32 is not exact at saturation."""
    arrays = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in case.arrays()]
    value, gradients = evaluate(item_of(case), arrays, "mean")
    expected, expected_gradients = tool.evaluate(case, torch, "float32", reduction="mean")
    scale = 4 * np.finfo(np.float32).eps * np.max(terms_of(item_of(case), arrays))
    close(value, expected, RTOL_SINGLE, scale)
    for gradient, other in zip(gradients, expected_gradients, strict=True):
        assert gradient.dtype == other.dtype == np.float32
        if np.isnan(expected):
            assert not gradient.any()
            continue
        close(gradient, other, RTOL_SINGLE, RTOL_SINGLE * np.abs(other).max())


@pytest.mark.parametrize("case", [p for p in GRID if p.values[0].number == 0])
def test_weights(case):
    """Weights of the unreduced loss; avg_factor = n is PyTorch's mean of weighted losses."""
    arrays = case.arrays()
    item = item_of(case)
    function = getattr(sklosses, case.name)
    shape = tool.evaluate(case, torch)[0].shape
    weight = np.asarray(np.random.default_rng(0).uniform(0, 3, shape))
    expected, (other,) = tool.evaluate(case, torch, weight=weight, reduction="sum")
    scale = 12 * np.finfo(float).eps * np.sum(terms_of(item, arrays))
    for divisor, keywords in (
        (1, {"reduction": "sum"}),
        (weight.size, {"avg_factor": weight.size}),
    )[: 2 if case.row.mean_is_sum else 1]:
        value, gradient = function(
            *arrays, sample_weight=weight, return_gradient=True, **keywords, **case.params
        )
        close(value, expected / divisor, RTOL, scale)
        close(gradient, other / divisor, RTOL, RTOL)


# ---------------------------------------------------------------------------------------------
# The inputs of PyTorch's own tests
# ---------------------------------------------------------------------------------------------

MODULES = {
    "L1Loss": "l1_loss",
    "MSELoss": "mse_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "MultiMarginLoss": "multi_margin_loss",
    "MultiLabelMarginLoss": "multilabel_margin_loss",
    "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
    "CTCLoss": "ctc_loss",
}
MISSING = "torch.testing._internal needs expecttest and others, which are not installed"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("module", MODULES)
def test_inputs_of_pytorch_s_own_tests(module, dtype):
    common = pytest.importorskip(
        "torch.testing._internal.common_modules", reason=MISSING, exc_type=ImportError
    )
    info = next(i for i in common.module_db if i.module_cls is getattr(torch.nn, module))
    torch.manual_seed(0)
    samples = info.module_inputs_func(
        info, device="cpu", dtype=getattr(torch, dtype), requires_grad=True, training=True
    )
    assert len(samples) > 1
    rtol = RTOL if dtype == "float64" else RTOL_SINGLE
    check = check_sequences if module == "CTCLoss" else check_sample
    for sample in samples:
        check(module, sample, rtol)


def check_sequences(module, sample, rtol):
    log_probs, targets, times, lengths = sample.forward_input.args
    keywords = dict(sample.constructor_input.kwargs)
    arrays = (targets.numpy(), log_probs.detach().numpy(), np.asarray(times), np.asarray(lengths))
    # In float64 always, as the lattice is here: in float32 PyTorch's is 5e-5 off.
    log_probs = log_probs.detach().double().requires_grad_()
    expected = torch.nn.CTCLoss(**keywords)(log_probs, targets, times, lengths)
    expected.sum().backward()
    reduction = keywords.pop("reduction", "mean")
    value, (gradient,) = evaluate({"name": "ctc_loss", "params": keywords}, arrays, reduction)
    close(value, expected.detach().numpy(), rtol, 0)
    # Its gradient is exp(log_probs) more than the derivative, times the factor of each loss.
    share = 1 / (len(arrays[2]) * arrays[3]) if reduction == "mean" else np.ones(len(arrays[2]))
    excess = np.exp(log_probs.detach().numpy()) * share[:, None]
    close(gradient, log_probs.grad.numpy() - excess, rtol, rtol * share.max())
    wide = (targets.numpy(), log_probs.detach().numpy(), *arrays[2:])
    check_behind_log_softmax(wide, reduction, RTOL, keywords)


def check_behind_log_softmax(arrays, reduction, rtol, keywords):
    """By the chain rule: the gradient of the logits is the same, what is more cancels."""
    targets, z, times, lengths = arrays
    logits = torch.tensor(z, requires_grad=True)
    log_probs = logits.log_softmax(-1)
    loss = torch.nn.functional.ctc_loss(
        log_probs, *map(torch.tensor, (targets, times, lengths)), reduction=reduction, **keywords
    )
    loss.sum().backward()
    p = log_probs.detach().numpy()
    gradient = sklosses.CTCLoss(reduction=reduction, **keywords).gradient(
        targets, p, times, lengths
    )
    gradient = gradient - np.exp(p) * gradient.sum(axis=-1, keepdims=True)
    close(gradient, logits.grad.numpy(), rtol, rtol * np.abs(gradient).max())


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("case", [p for p in GRID if p.values[0].name == "ctc_loss"])
def test_ctc_behind_log_softmax(case, reduction):
    arrays = list(case.arrays())
    if case.kind == "hard":
        arrays[1] = np.where(np.isinf(arrays[1]), -30, arrays[1])
    check_behind_log_softmax(arrays, reduction, 1e-11, case.params)


def test_ctc_of_impossible_targets():
    """Infinite as there; the gradient, nan there, is 0."""
    targets, log_probs, times, lengths = tool.sequences(
        np.random.default_rng(0), (9, 6, 5), "impossible"
    )
    lengths[:] = 3
    value, gradient = sklosses.ctc_loss(
        targets, log_probs, times, lengths, reduction="none", return_gradient=True
    )
    tensors = [torch.tensor(a) for a in (log_probs, targets, times, lengths)]
    tensors[0].requires_grad_()
    expected = torch.nn.functional.ctc_loss(*tensors, reduction="none")
    expected.sum().backward()
    close(value, expected.detach().numpy(), RTOL, 0)
    impossible = np.isinf(value)
    assert impossible.any()
    assert not impossible.all()
    assert np.isnan(tensors[0].grad.numpy()[:, impossible]).any()
    assert not gradient[:, impossible].any()


def check_sample(module, sample, rtol):
    given = dict(sample.constructor_input.kwargs)
    # Weights here are >= 0.
    for name in ("weight", "pos_weight"):
        if given.get(name) is not None:
            given[name] = given[name].detach().abs()
    y_pred, y_true = sample.forward_input.args
    y_pred = y_pred.detach().clone().requires_grad_()
    y_true = y_true.detach()
    expected = getattr(torch.nn, module)(*sample.constructor_input.args, **given)(y_pred, y_true)
    expected.sum().backward()

    keywords = {k: v.numpy() if torch.is_tensor(v) else v for k, v in given.items()}
    cls = type(sklosses.get_loss(MODULES[module]))
    arrays = (y_true.numpy(), y_pred.detach().numpy())
    weight = keywords.pop("weight", None)
    if weight is not None and "class_weight" in inspect.signature(cls).parameters:
        keywords["class_weight"] = weight
    elif weight is not None:
        keywords["sample_weight"] = np.broadcast_to(weight, arrays[1].shape)
        if keywords.get("reduction", "mean") == "mean":
            keywords["avg_factor"] = arrays[1].size
    reduction = keywords.pop("reduction", "mean")
    item = {"name": MODULES[module], "params": keywords}
    value, (gradient,) = evaluate(item, arrays, reduction)
    expected = expected.detach().numpy()
    if np.isnan(expected).all():
        # All ignored: the gradient is nan there and zero here.
        assert np.isnan(value)
        assert not gradient.any()
        return
    close(value, expected, rtol, rtol * np.max(np.abs(expected)))
    close(gradient, y_pred.grad.numpy(), rtol, rtol * float(y_pred.grad.abs().max()))
