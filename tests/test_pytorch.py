"""Live comparison with PyTorch: on ``pytorch_grid``, and on the inputs of PyTorch's own tests."""

import inspect
import warnings

import numpy as np
import pytest
from pytorch_grid import ROWS, adversarial, grid, pairs, sequence
from test_reference import RTOL, evaluate

import sklosses

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

GRID = [pytest.param(case, id=str(case)) for case in grid()]
RTOL_SINGLE = 2e-5


def test_functions_of_pytorch_have_rows():
    """What PyTorch has by the same name is compared; other losses need no row."""
    assert set(sklosses.get_loss_names()) & set(dir(torch.nn.functional)) <= set(ROWS)


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
    if reduction == "none":
        reduction = case.row.finest
    arrays = case.arrays()
    value, gradients = evaluate(case.name, arrays, reduction, case.params)
    expected, expected_gradients = case.evaluate(torch, reduction=reduction)
    eps = 4 * np.finfo(float).eps
    scale = eps * case.row.terms(*arrays, **case.params)
    close(value, expected, RTOL, scale if reduction == "none" else np.sum(scale))
    sizes = case.row.sizes_of_gradients(arrays, case.params)
    for gradient, other, size in zip(gradients, expected_gradients, sizes, strict=True):
        if np.isnan(expected).all():
            # The gradient of PyTorch's mean of no elements is nan; here it is zero.
            assert not gradient.any()
            continue
        close(gradient, other, RTOL, RTOL * max(1, np.abs(other).max()) + eps * size)


@pytest.mark.parametrize(
    "case", [p for p in GRID if p.values[0].kind in ("plain", "ignored", "probabilities")]
)
def test_single(case):
    """Moderate inputs only: PyTorch's own float32 is not exact at saturation."""
    arrays = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in case.arrays()]
    value, gradients = evaluate(case.name, arrays, "mean", case.params)
    expected, expected_gradients = case.evaluate(torch, "float32", reduction="mean")
    eps = 4 * np.finfo(np.float32).eps
    close(value, expected, RTOL_SINGLE, eps * np.max(case.row.terms(*arrays, **case.params)))
    sizes = case.row.sizes_of_gradients(arrays, case.params)
    for gradient, other, size in zip(gradients, expected_gradients, sizes, strict=True):
        assert gradient.dtype == other.dtype == np.float32
        if np.isnan(expected):
            assert not gradient.any()
            continue
        close(gradient, other, RTOL_SINGLE, RTOL_SINGLE * np.abs(other).max() + eps * size)


@pytest.mark.parametrize(
    "case", [p for p in GRID if p.values[0].number == 0 and p.values[0].row.finest == "none"]
)
def test_weights(case):
    """Weights of the unreduced loss; avg_factor = n is PyTorch's mean of weighted losses."""
    arrays = case.arrays()
    shape = case.evaluate(torch)[0].shape
    weight = np.asarray(np.random.default_rng(0).uniform(0, 3, shape))
    expected, others = case.evaluate(torch, weight=weight, reduction="sum")
    scale = 12 * np.finfo(float).eps * np.sum(case.row.terms(*arrays, **case.params))
    sizes = case.row.sizes_of_gradients(arrays, case.params)
    for divisor, reduction, keywords in (
        (1, "sum", {}),
        (weight.size, "mean", {"avg_factor": weight.size}),
    )[: 2 if case.row.mean_is_sum else 1]:
        keywords = {"sample_weight": weight, **keywords, **case.params}
        value, gradients = evaluate(case.name, arrays, reduction, keywords)
        close(value, expected / divisor, RTOL, scale)
        for gradient, other, size in zip(gradients, others, sizes, strict=True):
            atol = RTOL * max(1, np.abs(other).max()) + 12 * np.finfo(float).eps * size
            close(gradient, other / divisor, RTOL, atol)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", adversarial.RELATIVE_KINDS)
@pytest.mark.parametrize("data", ["plain", "hard"])
def test_relativistic_generator(data, kind, reduction):
    """The roles of `discriminator_loss` swapped."""
    real, fake = adversarial.real_and_fake(np.random.default_rng(0), (20, 3), data)
    tensors = [torch.tensor(a, requires_grad=True) for a in (fake, real)]
    expected = adversarial.opposed(torch, *tensors, reduction, kind)
    expected.backward()
    value, gradients = sklosses.generator_loss(
        fake, real, kind=kind, reduction=reduction, return_gradient=True
    )
    close(value, expected.detach().numpy(), RTOL, 0)
    for gradient, tensor in zip(gradients, tensors, strict=True):
        close(gradient, tensor.grad.numpy(), RTOL, RTOL * float(tensor.grad.abs().max()))


# ---------------------------------------------------------------------------------------------
# The inputs of PyTorch's own tests
# ---------------------------------------------------------------------------------------------

MODULES = {
    "L1Loss": "l1_loss",
    "MSELoss": "mse_loss",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "PoissonNLLLoss": "poisson_nll_loss",
    "GaussianNLLLoss": "gaussian_nll_loss",
    "KLDivLoss": "kl_div",
    "BCELoss": "binary_cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
    "SoftMarginLoss": "soft_margin_loss",
    "HingeEmbeddingLoss": "hinge_embedding_loss",
    "MarginRankingLoss": "margin_ranking_loss",
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "nll_loss",
    "MultiMarginLoss": "multi_margin_loss",
    "MultiLabelMarginLoss": "multilabel_margin_loss",
    "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
    "CTCLoss": "ctc_loss",
    "CosineEmbeddingLoss": "cosine_embedding_loss",
}
# Losses that PyTorch tests as functions.
OPERATIONS = (
    "cosine_embedding_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
)
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
    # Always in float64, as the lattice is here: in float32, PyTorch's error is 5e-5.
    log_probs = log_probs.detach().double().requires_grad_()
    expected = torch.nn.CTCLoss(**keywords)(log_probs, targets, times, lengths)
    expected.sum().backward()
    reduction = keywords.pop("reduction", "mean")
    value, (gradient,) = evaluate("ctc_loss", arrays, reduction, keywords)
    close(value, expected.detach().numpy(), rtol, 0)
    # Its gradient is the derivative plus exp(log_probs) times the factor of each loss.
    share = 1 / (len(arrays[2]) * arrays[3]) if reduction == "mean" else np.ones(len(arrays[2]))
    excess = np.exp(log_probs.detach().numpy()) * share[:, None]
    close(gradient, log_probs.grad.numpy() - excess, rtol, rtol * share.max())
    wide = (targets.numpy(), log_probs.detach().numpy(), *arrays[2:])
    check_behind_log_softmax(wide, reduction, RTOL, keywords)


def check_behind_log_softmax(arrays, reduction, rtol, keywords):
    """The gradients of the logits are equal: what PyTorch adds cancels in the chain rule."""
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
    """The value is infinite, as in PyTorch; the gradient is 0, and nan in PyTorch."""
    targets, log_probs, times, lengths = sequence.sequences(
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
    options = dict(sample.constructor_input.kwargs)
    # Weights here are >= 0.
    for name in ("weight", "pos_weight"):
        if options.get(name) is not None:
            options[name] = options[name].detach().abs()

    # The target comes last, but before a variance.
    place = 1 if module == "GaussianNLLLoss" else -1

    def call(*tensors):
        *predictions, target = tensors
        predictions.insert(place % len(tensors), target)
        with warnings.catch_warnings():
            # KLDivLoss: "mean" is not the mean of the samples.
            warnings.simplefilter("ignore", UserWarning)
            loss = getattr(torch.nn, module)(*sample.constructor_input.args, **options)
            return loss(*predictions)

    shared = {k: v for k, v in options.items() if not torch.is_tensor(v)}
    inputs = sklosses.get_loss(MODULES[module], **shared).inputs
    predictions = list(sample.forward_input.args)
    target = inside(predictions.pop(place), inputs[0].domain)
    predictions = [inside(x, item.domain) for x, item in zip(predictions, inputs[1:], strict=True)]
    keywords = {k: v.numpy() if torch.is_tensor(v) else v for k, v in options.items()}
    cls = type(sklosses.get_loss(MODULES[module]))
    weight = keywords.pop("weight", None)
    if weight is not None and "class_weight" in inspect.signature(cls).parameters:
        keywords["class_weight"] = weight
    elif weight is not None:
        shape = tuple(predictions[0].shape)
        keywords["sample_weight"] = np.broadcast_to(weight, shape)
        if keywords.get("reduction", "mean") == "mean":
            keywords["avg_factor"] = predictions[0].numel()
    check_call(MODULES[module], call, predictions, target, keywords, rtol)


def inside(tensor, domain):
    """Replace values outside the domain by 1, which is in every domain of numbers.

    Some samples have targets of 0 in place of -1 and 1, or logarithms of negative numbers.
    """
    tensor = tensor.detach().clone()
    if tensor.is_floating_point() or domain.kind == "pair":
        tensor[torch.as_tensor(domain.outside(tensor.numpy()))] = 1
    return tensor


def check_call(name, call, predictions, target, keywords, rtol):
    """Compare with what PyTorch returns for predictions and, unless it is None, a target."""
    predictions = [x.detach().clone().requires_grad_() for x in predictions]
    last = [] if target is None else [target.detach()]
    expected = call(*predictions, *last)
    expected.sum().backward()
    arrays = [x.detach().numpy() for x in (*last, *predictions)]
    keywords = dict(keywords)
    reduction = keywords.pop("reduction", "mean")
    value, gradients = evaluate(name, arrays, reduction, keywords)
    expected = expected.detach().numpy()
    if np.isnan(expected).all():
        # All rows are ignored: the gradient is nan in PyTorch and zero here.
        assert np.isnan(value)
        assert not any(gradient.any() for gradient in gradients)
        return
    close(value, expected, rtol, rtol * np.max(np.abs(expected)))
    for gradient, tensor in zip(gradients, predictions, strict=True):
        close(gradient, tensor.grad.numpy(), rtol, rtol * float(tensor.grad.abs().max()))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_inputs_of_pytorch_s_own_operator_tests(name, dtype):
    common = pytest.importorskip(
        "torch.testing._internal.common_methods_invocations",
        reason=MISSING,
        exc_type=ImportError,
    )
    info = next(i for i in common.op_db if i.name == f"nn.functional.{name}")
    torch.manual_seed(0)
    samples = list(info.sample_inputs("cpu", getattr(torch, dtype), requires_grad=True))
    assert len(samples) > 1
    function = getattr(torch.nn.functional, name)
    for sample in samples:
        predictions, target, options = [sample.input, *sample.args], None, dict(sample.kwargs)
        if name == "cosine_embedding_loss":
            target = predictions.pop()

        def call(*tensors, options=options):
            return function(*tensors, **options)

        # PyTorch's default distance, as a module.
        keywords = {k: v for k, v in options.items() if k != "distance_function"}
        rtol = RTOL if dtype == "float64" else RTOL_SINGLE
        check_call(name, call, predictions, target, keywords, rtol)


@pytest.mark.parametrize("factor", [0.0, 1e-12, 1e-9, 3e-9, 1e-8, 2e-8, 1e-6, 1e-3])
@pytest.mark.parametrize("dim", [3, 80])
def test_short_vectors(dim, factor):
    """Vectors about as long as the constants that PyTorch adds or clips lengths to."""
    rng = np.random.default_rng(0)
    vectors = [torch.tensor(v, requires_grad=True) for v in rng.normal(size=(3, 9, dim))]
    with torch.no_grad():
        vectors[0] *= factor
        vectors[1][4] *= factor
    target = torch.tensor([1, -1] * 4 + [1])

    def cosine(*tensors):
        distance = pairs.distance_functions(torch)["cosine"]
        return torch.nn.functional.triplet_margin_with_distance_loss(
            *tensors, distance_function=distance
        )

    def embedding(x1, x2, target):
        return torch.nn.functional.cosine_embedding_loss(x1, x2, target)

    name = "triplet_margin_with_distance_loss"
    check_call(name, cosine, vectors, None, {"distance": "cosine"}, RTOL)
    check_call("cosine_embedding_loss", embedding, vectors[:2], target, {}, RTOL)
