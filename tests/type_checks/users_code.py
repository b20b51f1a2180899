# pyright: strict
"""What users write, as type checkers see it: nothing here may be an error, or `Any`.

Checked by mypy and pyright. tests/test_stubs.py runs the functions and compares what `assert_type`
says with the values.
"""

import functools
import operator
from typing import Any, Literal, assert_type

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sklosses
from sklosses import (
    BatchHardTripletLoss,
    BCEWithLogitsLoss,
    CombinedLoss,
    CombinedPartialLoss,
    CrossEntropyLoss,
    CustomLoss,
    DiscriminatorLoss,
    GaussianNLLLoss,
    GeneratorLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    Loss,
    MarginRankingLoss,
    MSELoss,
    NTXentLoss,
    PartialLoss,
    SigmoidFocalLoss,
    SoftmaxFocalLoss,
    VSELoss,
    batch_hard_triplet_loss,
    binary_cross_entropy_with_logits,
    check_loss,
    cross_entropy,
    gaussian_nll_loss,
    generator_loss,
    get_loss,
    get_loss_names,
    huber_loss,
    info_nce_loss,
    kl_div,
    mse_loss,
    nt_xent_loss,
    show_config,
    siglip_loss,
    sigmoid_focal_loss,
    vse_loss,
)

Array = NDArray[Any]

y_list = [0.0, 1.0, 3.0]
y: NDArray[np.float64] = np.array(y_list)
p: NDArray[np.float64] = np.array([0.5, 0.5, 2.0])
p_single: NDArray[np.float32] = p.astype(np.float32)
labels = [0, 2, 1]
logits: NDArray[np.float64] = np.array([[2.0, 0.5, 0.1], [0.3, 0.2, 1.5], [1.0, 0.8, 0.2]])
embeddings: NDArray[np.float64] = np.array([[0.0, 1.0], [0.1, 1.0], [1.0, 0.0], [1.0, 0.2]])
pairs = ["a", "a", "b", "b"]


def values_of_functions() -> None:
    assert_type(mse_loss(y, p), float)
    assert_type(mse_loss(y_list, [0.5, 0.5, 2.0], sample_weight=[1, 2, 3]), float)
    assert_type(mse_loss(y, p, reduction="mean", avg_factor=2), float)
    assert_type(mse_loss(y, p, reduction="sum", n_threads=1), float)
    assert_type(mse_loss(y, p, reduction="none"), Array)
    assert_type(mse_loss(y_true=y, y_pred=p), float)
    assert_type(kl_div(y / 4, np.log(p / 3), reduction="batchmean"), float)
    # The default is the sum.
    assert_type(vse_loss(embeddings, embeddings), float)
    assert_type(vse_loss(embeddings, embeddings, reduction="none"), Array)
    assert_type(vse_loss(np.eye(3), similarity="precomputed"), float)
    # No losses of single samples: always a number.
    assert_type(nt_xent_loss(pairs, embeddings, reduction="sum"), float)


def gradients_of_functions() -> None:
    value, gradient = mse_loss(y, p, return_gradient=True)
    assert_type(value, float)
    assert_type(gradient, Array)
    assert_type(gradient[0].item() + value, Any)
    assert_type(mse_loss(y, p, reduction="none", return_gradient=True), tuple[Array, Array])
    assert_type(mse_loss(y, p, return_gradient=False), float)

    out = np.empty_like(p)
    assert_type(mse_loss(y, p, return_gradient=True, gradient_out=out), tuple[float, Array])
    single = np.empty_like(p_single)
    mse_loss(y, p_single, return_gradient=True, gradient_out=single)

    value, (by_mean, by_variance) = gaussian_nll_loss(y, p, [1.0, 1.0, 2.0], return_gradient=True)
    assert_type(value, float)
    assert_type(by_mean, Array)
    assert_type(by_variance, Array)
    outs = np.empty(3), np.empty(3)
    gaussian_nll_loss(y, p, np.ones(3), return_gradient=True, gradient_out=outs)


def gradients_of_optional_arrays() -> None:
    assert_type(generator_loss(p), float)
    assert_type(generator_loss(p, return_gradient=True), tuple[float, Array])
    assert_type(
        generator_loss(p, y, kind="relativistic", return_gradient=True),
        tuple[float, tuple[Array, Array]],
    )
    assert_type(
        generator_loss(p, real=y, kind="relativistic", reduction="sum", return_gradient=True),
        tuple[float, tuple[Array, Array]],
    )
    assert_type(
        vse_loss(embeddings, embeddings, return_gradient=True), tuple[float, tuple[Array, Array]]
    )


def gradients_of_an_array_that_may_be_missing(real: ArrayLike | None = None) -> None:
    result = generator_loss(p, real, kind="vanilla", return_gradient=True)
    assert_type(result, tuple[float | Array, Array | tuple[Array, Array]])
    assert_type(generator_loss(p, real, kind="vanilla"), float)


def switches_of_functions() -> None:
    value, nearest, farthest = batch_hard_triplet_loss(pairs, embeddings, return_distances=True)
    assert_type(value, float)
    assert_type(nearest, Array)
    assert_type(farthest, Array)
    assert_type(
        batch_hard_triplet_loss(pairs, embeddings, return_gradient=True, return_distances=True),
        tuple[float, Array, Array, Array],
    )
    assert_type(batch_hard_triplet_loss(pairs, embeddings, return_gradient=True),
                tuple[float, Array])  # fmt: skip
    assert_type(
        batch_hard_triplet_loss(pairs, embeddings, reduction="none", return_distances=True),
        tuple[Array, Array, Array],
    )
    assert_type(
        info_nce_loss(embeddings, embeddings, return_parameter_gradient=True),
        tuple[float, dict[str, float]],
    )
    assert_type(
        siglip_loss(
            embeddings,
            embeddings,
            reduction="none",
            return_gradient=True,
            return_parameter_gradient=True,
        ),
        tuple[Array, tuple[Array, Array], dict[str, Array]],
    )


def variables_for_keywords(reduction: str = "none", with_gradient: bool = True) -> None:
    assert_type(mse_loss(y, p, reduction=reduction), float | Array)
    assert_type(
        mse_loss(y, p, reduction=reduction, return_gradient=True), tuple[float | Array, Array]
    )
    result = mse_loss(y, p, return_gradient=with_gradient)
    assert_type(result, float | Array | tuple[float | Array, Array])
    if isinstance(result, tuple):
        assert_type(result[1], Array)
    mse_loss(y, p, reduction=reduction, return_gradient=with_gradient)
    mse_loss(y, p, reduction="none", return_gradient=with_gradient)
    for name in ("mean", "sum"):
        mse_loss(y, p, reduction=name)
        nt_xent_loss(pairs, embeddings, reduction=name)
        batch_hard_triplet_loss(pairs, embeddings, reduction=name, return_distances=with_gradient)
    assert_type(
        nt_xent_loss(pairs, embeddings, return_gradient=with_gradient), float | tuple[float, Array]
    )


def parameters_of_functions(alpha: float | None = None) -> None:
    assert_type(huber_loss(y, p, delta=2), float)
    assert_type(sigmoid_focal_loss([0, 1, 1], p, alpha=alpha, gamma=np.float64(2)), float)
    assert_type(sigmoid_focal_loss([True, False, True], p, alpha=None), float)
    assert_type(binary_cross_entropy_with_logits([0, 1, 1], p, pos_weight=2.0), float)
    binary_cross_entropy_with_logits([0, 1, 1], p, pos_weight=np.ones(3))
    weights = {0: 1, 2: 5}
    assert_type(cross_entropy(labels, logits, class_weight=weights), float)
    cross_entropy(labels, logits, class_weight={0: 1.5}, label_smoothing=0.1)
    cross_entropy(labels, logits, class_weight=[1, 2.0, 1])
    cross_entropy(labels, logits, class_weight=np.array([1.0, 2.0, 1.0]))
    cross_entropy(labels, logits, class_weight="balanced")
    cross_entropy(labels, logits, class_weight=None)


def calls_of_objects() -> None:
    loss = HuberLoss(delta=2.0)
    assert_type(loss(y, p), float)
    assert_type(loss(y, y_pred=p, sample_weight=np.ones(3)), float)
    assert_type(loss(y, p, reduction=None), float)
    assert_type(loss(y, p, reduction="sum"), float)
    assert_type(loss(y, p, reduction="none"), Array)
    assert_type(loss.gradient(y, p), Array)
    assert_type(loss.gradient(y, p, gradient_out=np.empty(3)), Array)
    assert_type(loss.value_and_gradient(y, p), tuple[float, Array])
    assert_type(loss.value_and_gradient(y, p, reduction="none"), tuple[Array, Array])
    assert_type(loss.gradient_and_hessian(y, p), tuple[Array, Array])
    loss.gradient_and_hessian(y, p, gradient_out=np.empty(3), hessian_out=np.empty(3))
    assert_type(loss.delta, float)
    assert_type(loss.reduction, str)

    assert_type(GaussianNLLLoss().gradient(y, p, np.ones(3)), tuple[Array, Array])
    assert_type(MarginRankingLoss()([1, -1, 1], y, p), float)
    assert_type(NTXentLoss().value_and_gradient(pairs, embeddings), tuple[float, Array])
    assert_type(BatchHardTripletLoss(soft=True)(pairs, embeddings), float)
    assert_type(DiscriminatorLoss(kind="hinge").gradient(y, p), tuple[Array, Array])
    # One gradient or two.
    assert_type(GeneratorLoss().gradient(p), Array | Any)
    assert_type(VSELoss()(embeddings, embeddings), float)


def reductions_of_objects(reduction: str = "sum") -> None:
    unreduced = CrossEntropyLoss(reduction="none")
    assert_type(unreduced(labels, logits), Array)
    assert_type(unreduced(labels, logits).argmax(), np.intp)
    assert_type(unreduced(labels, logits, reduction="mean"), float)
    assert_type(KLDivLoss(reduction="batchmean")(y / 4, np.log(p / 3)), float)
    any_of_them = CrossEntropyLoss(reduction=reduction)
    total: float = any_of_them(labels, logits)
    assert_type(any_of_them(labels, logits, reduction="mean") + total, float)
    MSELoss()(y, p, reduction=reduction)
    MSELoss().value_and_gradient(y, p, reduction=reduction)


def parameters_of_objects() -> None:
    loss = SigmoidFocalLoss(alpha=None, gamma=1)
    assert_type(loss.alpha, float | None)
    assert_type(loss.get_params(), dict[str, Any])
    assert_type(loss.get_params(deep=False)["gamma"], Any)
    assert_type(loss.set_params(gamma=3.0)([0, 1, 1], p), float)
    BCEWithLogitsLoss(pos_weight=[1.0, 2.0, 3.0])
    BCEWithLogitsLoss(pos_weight=2)
    CrossEntropyLoss(class_weight="balanced", ignore_index=-1)
    # Labels, for scorers and classifiers.
    SoftmaxFocalLoss(class_weight={"spam": 2.0, "ham": 1.0})
    SoftmaxFocalLoss(class_weight=np.array([1, 2, 3]))


def raw_predictions() -> None:
    loss = CrossEntropyLoss()
    assert_type(loss.optimal_constant([0, 0, 1, 2]), Array)
    assert_type(loss.predict_proba(logits), Array)
    assert_type(loss.inverse_link(logits), Array)
    start: float = MSELoss().optimal_constant(y, sample_weight=[1, 1, 2])
    columns: Array = MSELoss().optimal_constant(np.ones((3, 2)))
    assert_type(round(start, 3), float)
    assert_type(columns.shape, tuple[Any, ...])
    assert_type(BCEWithLogitsLoss().inverse_link(0.0), float)
    mean, variance = GaussianNLLLoss().optimal_constant(y)
    assert mean != variance


def arithmetic() -> None:
    loss = 0.7 * HuberLoss(delta=2.0) + 0.3 * L1Loss()
    assert_type(loss(y, p), float)
    assert_type(loss.gradient(y, p), Array)
    assert_type(loss.value_and_gradient(y, p, reduction="none"), tuple[Array, Array])
    assert_type(loss.losses[0].reduction, str)
    combined: list[CombinedLoss] = [
        loss,
        -loss,
        loss / 2,
        loss * 2,
        loss - L1Loss(),
        np.float64(0.5) * MSELoss(),
        np.float32(0.5) * MSELoss(),
        HuberLoss() + L1Loss(),
        CombinedLoss([HuberLoss(), L1Loss()], weights=[0.7, 0.3]),
    ]
    for item in combined:
        assert isinstance(item, CombinedLoss)
    terms: list[Loss] = [MSELoss(), HuberLoss(), L1Loss()]
    total: Loss = functools.reduce(operator.add, terms)
    assert_type(sum(terms[1:], terms[0]).get_params(), dict[str, Any])
    value: float = total(y, p)
    assert value > 0
    assert_type(2 * GaussianNLLLoss().gradient(y, p, np.ones(3))[0], Array)
    unreduced = MSELoss(reduction="none") + L1Loss(reduction="none")
    assert_type(unreduced(y, p), Array)
    assert_type(CombinedLoss([MSELoss(), L1Loss()], reduction="none")(y, p), Array)


def parts() -> None:
    loss = MSELoss()
    batches = [(y[:2], p[:2]), (y[2:], p[2:])]
    found = [loss.partial(a, b) for a, b in batches]
    assert_type(found, list[PartialLoss])
    assert_type(found[0] + found[1], PartialLoss)
    assert_type((found[0] + found[1]).value, float)
    # What `sum` starts from is a 0 to type checkers, unless it is given.
    total = sum(found)
    assert isinstance(total, PartialLoss)
    assert_type(total.weight, float)
    assert_type(sum(found[1:], found[0]), PartialLoss)
    assert_type(sum(found, start=PartialLoss(0.0, 0.0)).value, float)
    of_a_sum = (loss + L1Loss()).partial(y, p)
    assert_type(of_a_sum, CombinedPartialLoss)
    assert_type(of_a_sum + of_a_sum, CombinedPartialLoss)
    assert_type(of_a_sum.parts[0], PartialLoss)


def losses_by_name(reduction: str = "sum") -> None:
    assert_type(get_loss_names(), list[str])
    loss = get_loss("huber_loss", delta=2.0)
    assert_type(loss(y, p), float)
    assert_type(loss(y, p, reduction="none"), Array)
    assert_type(loss.set_params(delta=1.0).tags.response, str)
    gradient: Array = loss.gradient(y, p)
    assert gradient.shape == y.shape
    assert_type(get_loss("huber_loss", reduction="none")(y, p), Array)
    by_variable: Loss = get_loss("huber_loss", reduction=reduction)
    assert by_variable.reduction == reduction
    for name in get_loss_names():
        assert get_loss(name).function_name == name


def losses_by_what_stands_for_them() -> None:
    assert_type(get_loss(mse_loss)(y, p), float)
    assert_type(get_loss(HuberLoss(), delta=2.0)(y, p), float)
    focal = get_loss(SigmoidFocalLoss, gamma=1.0)
    assert_type(focal.gamma, float)

    def value(given: str | Loss | type[Loss]) -> float:
        loss = get_loss(given)
        return loss(y, p)

    assert_type([value(item) for item in ("mse_loss", MSELoss(), MSELoss)], list[float])


def by_any_loss(loss: Loss) -> float:
    """A function of a user, for any loss of two arrays."""
    value, gradient = loss.value_and_gradient(y, p, reduction="mean")
    assert_type(value, float)
    return value + float(np.abs(gradient).max())


def losses_as_arguments() -> None:
    candidates: dict[str, Loss] = {
        "huber": HuberLoss(),
        "unreduced": MSELoss(reduction="none"),
        "sum": 0.5 * MSELoss() + L1Loss(),
    }
    for loss in candidates.values():
        assert_type(by_any_loss(loss), float)
    best = min(candidates, key=lambda name: by_any_loss(candidates[name]))
    assert_type(best, str)
    cls: type[Loss] = HuberLoss
    assert_type(by_any_loss(cls()), float)


def training_loop() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 3))
    target = X @ np.array([1.0, -2.0, 0.5])
    loss = HuberLoss()
    w = np.zeros(3)
    gradient_out = np.empty(len(X))
    history: list[float] = []
    for _ in range(20):
        value, gradient = loss.value_and_gradient(target, X @ w, gradient_out=gradient_out)
        w = w - 0.5 * (X.T @ gradient)
        history.append(value)
    assert history[-1] < history[0]
    assert_type(min(history), float)


def losses_of_ones_own() -> None:
    def value(y_true: Array, y_pred: Array) -> Array:
        result: Array = np.logaddexp(y_pred - y_true, y_true - y_pred) - np.log(2)
        return result

    log_cosh = CustomLoss(value=value, gradient=lambda y_true, y_pred: np.tanh(y_pred - y_true))
    check_loss(log_cosh)
    check_loss(log_cosh, y, p, sample_weight=[1, 2, 3])
    assert_type(log_cosh(y, p), float)
    assert_type(log_cosh.gradient(y, p), Array)
    assert_type(CustomLoss(value=value, reduction="none")(y, p), Array)
    assert_type((0.7 * log_cosh + 0.3 * HuberLoss()).gradient(y, p), Array)


def the_package() -> None:
    assert_type(sklosses.__version__, str)
    assert_type(show_config(mode="dicts"), dict[str, Any])
    assert_type(sklosses.functional.huber_loss(y, p), float)
    mode: Literal["dicts"] = "dicts"
    assert "OpenMP" in show_config(mode)
