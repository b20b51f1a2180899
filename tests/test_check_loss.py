"""`check_loss`: our own losses pass, and each fault is found and named."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cases import MIDDLE_SHAPES, cases, over
from helpers import load_tool

import sklosses
from sklosses import (
    CustomLoss,
    MSELoss,
    PartialLoss,
    _checks,
    _kernels,
    check_loss,
    get_loss,
    get_loss_names,
)

RNG = np.random.default_rng(0)
LEVELS = load_tool("run_blas").KERNELS.items()


@pytest.mark.parametrize("name", get_loss_names())
def test_every_loss_passes(name):
    check_loss(get_loss(name))


KINDS = ("vanilla", "lsgan", "hinge", "wgan", "relativistic", "relativistic_hinge", "saturating")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_critic_passes(kind):
    check_loss(sklosses.GeneratorLoss(kind=kind))
    if kind != "saturating":
        check_loss(sklosses.DiscriminatorLoss(kind=kind))


@pytest.mark.parametrize(
    "loss",
    [
        sklosses.VSELoss(similarity="precomputed"),
        sklosses.VSELoss(max_violation=True),
        sklosses.KLDivLoss(log_target=True, reduction="batchmean"),
        sklosses.PoissonNLLLoss(log_input=False, full=True),
        sklosses.CrossEntropyLoss(class_weight="balanced"),
        sklosses.CrossEntropyLoss(class_weight=[1.0, 2.0, 0.0, 3.0], label_smoothing=0.1),
        sklosses.MSELoss(reduction="none"),
        sklosses.L1Loss(reduction="sum"),
        0.7 * sklosses.HuberLoss(delta=0.5) + 0.3 * sklosses.L1Loss(),
        sklosses.BCEWithLogitsLoss() - 0.5 * sklosses.SigmoidFocalLoss(gamma=1.0),
        sklosses.CrossEntropyLoss() + sklosses.SoftmaxFocalLoss(class_weight=[1, 1, 2, 3]),
        sklosses.SupConLoss() + 0.5 * sklosses.BatchHardTripletLoss(),
    ],
    ids=lambda loss: repr(loss).replace("\n", "")[:60],
)
def test_losses_with_parameters_pass(loss):
    check_loss(loss)


def plain_cases():
    """Data of the reference; pos_weight and the least variance are ends of a domain."""
    found = [c for c in cases(numbers=[0, 1]) if c.shape in (*MIDDLE_SHAPES, ())]
    return [c for c in found if "hard" not in c.kind]


@over(plain_cases())
def test_the_data_of_the_reference_pass(case):
    check_loss(case.loss(), *case.arrays())


def test_data_with_kinks_and_edges():
    check_loss(sklosses.L1Loss(), [0.0, 1.0, 2.0], [0.0, 1.0, 5.0])
    check_loss(sklosses.HuberLoss(delta=1.0), [0.0, 0.0, 0.0], [1.0, -1.0, 1 + 1e-7])
    check_loss(sklosses.MultiMarginLoss(), [0, 1], [[1.0, 0.0], [2.0, 2.0]])
    check_loss(sklosses.BCELoss(), [0.0, 1.0, 0.5], [0.0, 1.0, 1e-300])
    check_loss(sklosses.NLLLoss(), [0, 1], [[-1.0, -np.inf], [-2.0, -0.1]])
    check_loss(sklosses.CrossEntropyLoss(), 1, [0.5, 0.1, -1.0])
    check_loss(sklosses.MSELoss(), [1, 2, 3], [4, 6, 8])
    check_loss(sklosses.HuberLoss(), 1e30 * np.arange(3), np.zeros(3))


def test_weights_that_are_given():
    y_true, y_pred = RNG.normal(size=(2, 4, 3))
    for weight in (np.arange(1, 5), RNG.uniform(size=(4, 3)), np.array([0, 1, 2, 0])):
        check_loss(MSELoss(), y_true, y_pred, sample_weight=weight)


# ---------------------------------------------------------------------------------------------
# Faults
# ---------------------------------------------------------------------------------------------


def square(y_true, y_pred):
    return (y_pred - y_true) ** 2


def slope(y_true, y_pred):
    return 2 * (y_pred - y_true)


def two(y_true, y_pred):
    return np.full_like(y_pred, 2)


def custom(**changes):
    return CustomLoss(**{"value": square, "gradient": slope, "hessian": two, **changes})


class DropsWeight(MSELoss):
    def _evaluate(self, arrays, sample_weight=None, *args, **kwargs):
        return super()._evaluate(arrays, None, *args, **kwargs)


class DropsWeightOfGradient(MSELoss):
    def gradient(self, *arrays, sample_weight=None, **kwargs):
        return super().gradient(*arrays, **kwargs)


class DropsWeightOfMean(MSELoss):
    def __call__(self, *arrays, reduction=None, **kwargs):
        value = super().__call__(*arrays, reduction=reduction, **kwargs)
        weight = kwargs.get("sample_weight")
        reduced = weight is None or reduction in ("sum", "none") or "avg_factor" in kwargs
        return value if reduced else value * np.sum(weight) / len(weight)


class WrongParts(MSELoss):
    def partial(self, *arrays, **kwargs):
        part = super().partial(*arrays, **kwargs)
        return PartialLoss(part.total * (1 + (len(arrays[0]) == 4)), part.weight)


class WrongDenominator(MSELoss):
    def partial(self, *arrays, **kwargs):
        part = super().partial(*arrays, **kwargs)
        return PartialLoss(2 * part.total, 2 * part.weight)


class OfTheOrder(MSELoss):
    def __call__(self, *arrays, **kwargs):
        return super().__call__(*arrays, **kwargs) * (1 + 0.1 * (arrays[0].flat[0] > 1))

    def _check_additive(self):
        raise ValueError


class IgnoresOut(MSELoss):
    def gradient(self, *arrays, gradient_out=None, **kwargs):
        return super().gradient(*arrays, **kwargs)


class OfTheThreads(MSELoss):
    def value_and_gradient(self, *arrays, n_threads=None, **kwargs):
        value, gradient = super().value_and_gradient(*arrays, **kwargs)
        return value * (1 + 1e-15 * (n_threads or 0)), gradient


class OtherBesideGradient(MSELoss):
    def value_and_gradient(self, *arrays, **kwargs):
        value, gradient = super().value_and_gradient(*arrays, **kwargs)
        return value * (1 + 1e-7), gradient


class AlwaysDouble(MSELoss):
    def gradient(self, *arrays, **kwargs):
        return super().gradient(*arrays, **kwargs).astype(float)


class ForgetsInCopies(MSELoss):
    def __getstate__(self):
        return {**super().__getstate__(), "reduction": "sum"}


class OtherName(MSELoss):
    def __repr__(self):
        return "an error"


class TakesNan(MSELoss):
    def __call__(self, *arrays, **kwargs):
        return super().__call__(*map(np.nan_to_num, arrays), **kwargs)


def loses_nan(y_true, y_pred):
    return np.nan_to_num(square(y_true, y_pred))


def not_by_element(y_true, y_pred):
    return (y_pred - y_pred.mean()) ** 2


def coarse(y_true, y_pred):
    return np.float16(1) * square(y_true, y_pred).astype(np.float16)


FAULTS = {
    "sign": (
        custom(gradient=lambda y, p: 2 * (y - p)),
        r"the gradient with respect to y_pred is wrong at index \(0, 0\) \(reduction='sum'\): "
        r"expected [-\d.]+, from differences of the value, got [-\d.]+\. Its sign is wrong\.",
    ),
    "factor": (
        custom(gradient=lambda y, p: p - y),
        "gradient with respect to y_pred is wrong .* It is 0.5 times what it should be",
    ),
    "small": (
        custom(gradient=lambda y, p: 2.00001 * (p - y)),
        r"is 1\.000005 times what it should",
    ),
    "one": (
        custom(gradient=lambda y, p: slope(y, p) * np.where(p > 1, 1.01, 1)),
        r"gradient with respect to y_pred is wrong at index \(\d, \d\) .* is 1\.01 times",
    ),
    "Hessian": (
        custom(hessian=lambda y, p: np.ones_like(p)),
        "the Hessian with respect to y_pred is wrong .* from differences of the gradient, .* "
        "is 0.5 times",
    ),
    "constant": (custom(gradient=lambda y, p: 0 * p), "wrong .* It is 0 times"),
    "no slope": (
        custom(value=lambda y, p: y**2 + 0 * p),
        r"with respect to y_pred is wrong .* expected 0\.0, from differences of the value, got "
        r"[-.\d]+\.$",
    ),
    "no slope but rounding": (
        custom(value=lambda y, p: (y + p) - p, gradient=lambda y, p: np.ones_like(p), hessian=None),
        r"with respect to y_pred is wrong .* expected 0\.0, from differences of the value, got "
        r"1\.0\.$",
    ),
    "beyond a kink": (
        custom(
            value=lambda y, p: np.abs(p) + 0 * y,
            gradient=lambda y, p: np.where(p == 0, 3.0, np.sign(p)),
            hessian=None,
        ),
        r"gradient with respect to y_pred is wrong at index 1 .* expected .*, got 3\.0",
        (np.ones(3), np.array([1.0, 0.0, -1.0])),
    ),
    "weight": (DropsWeight(), "'none' is not sample_weight times the loss"),
    "weight of the gradient": (DropsWeightOfGradient(), "gradient .* equivalent to repetition"),
    "weight of the mean": (DropsWeightOfMean(), "the mean is not the sum divided by the weight"),
    "denominator": (
        WrongDenominator(),
        "the mean is not the sum divided by the weight 24.0: expected",
    ),
    "parts": (WrongParts(), "the partial losses do not add up"),
    "not elementwise": (custom(value=not_by_element), "do not add up"),
    "order": (OfTheOrder(), "the order of the samples matters"),
    "NaN": (
        custom(value=loses_nan),
        r"NaN in y_true does not reach the value under assume_finite \(reduction='sum'\): "
        "expected nan, got",
    ),
    "NaN is taken": (TakesNan(), "NaN in y_true does not raise an error"),
    "float32": (
        custom(value=coarse),
        "float32 and float64 disagree|gradient with respect to y_pred is wrong",
    ),
    "dtype": (AlwaysDouble(), "of float32 predictions has shape .* dtype float64: expected"),
    "gradient_out": (IgnoresOut(), "that is returned is not gradient_out"),
    "threads": (OfTheThreads(), "n_threads=2 and n_threads=1 give different bits"),
    "beside a gradient": (
        OtherBesideGradient(),
        "the value differs if the gradient is computed, too",
    ),
    "pickle": (ForgetsInCopies(), "a pickled copy returns a different value"),
    "repr": (OtherName(), "its repr is not a call of its class: an error"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_named(fault):
    loss, message, *arrays = FAULTS[fault]
    with pytest.raises(AssertionError, match=message) as error:
        check_loss(loss, *(arrays[0] if arrays else ()))
    assert str(error.value).startswith(type(loss).__name__ + ": ")


@pytest.mark.parametrize("stencil", [_checks._CENTRAL, _checks._FORWARD, _checks._BACKWARD])
@pytest.mark.parametrize("constant", [0.1, -7.3, 1e300])
def test_constants_have_no_slope_at_all(stencil, constant):
    slope, error = _checks._difference(lambda x: constant, 0.3, stencil, 0.1, 1.0)
    assert slope == 0
    assert 0 < error < np.inf


NO_SLOPE = """
from sklosses import CustomLoss, check_loss

loss = CustomLoss(value=lambda y, p: y**2 + 0 * p, gradient=lambda y, p: 2 * (p - y))
try:
    check_loss(loss)
except AssertionError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "kernel", [name for name, level in LEVELS if level <= _kernels.runtime.cpu_level()]
)
def test_message_is_the_same_with_every_kernel_of_blas(kernel):
    env = {
        **os.environ,
        "OPENBLAS_CORETYPE": kernel,
        "PYTHONPATH": str(Path(sklosses.__file__).parents[1]),
    }
    command = [sys.executable, "-c", NO_SLOPE]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert re.fullmatch(
        r"CustomLoss: the gradient with respect to y_pred is wrong at index \(0, 0\) "
        r"\(reduction='sum'\): expected 0\.0, from differences of the value, got -?\d+\.\d+\.\n",
        done.stdout,
    )


def test_wrong_slopes_of_several_arrays_are_named():
    class Swapped(sklosses.GaussianNLLLoss):
        def gradient(self, *arrays, **kwargs):
            first, second = super().gradient(*arrays, **kwargs)
            return first, -second

    message = r"gradient with respect to var is wrong .* Its sign is wrong"
    with pytest.raises(AssertionError, match=message):
        check_loss(Swapped())


def test_promises_of_the_tags():
    no_gradient = custom(gradient=None)
    assert no_gradient.tags.gradient == "none"
    check_loss(no_gradient)

    class Denies(MSELoss):
        tags = sklosses.base.LossTags(response="real", target="real", hessian="none")

        def gradient_and_hessian(self, *arrays, **kwargs):
            return super().gradient(*arrays), super().gradient(*arrays)

    with pytest.raises(AssertionError, match="tags say that there is no Hessian"):
        check_loss(Denies())


@pytest.mark.parametrize("name", ["value", "gradient", "hessian"])
@pytest.mark.parametrize(
    ("result", "words"),
    [(1.0, r"Got shape \(\)"), (["a"], "Got dtype <U1")],
    ids=["shape", "dtype"],
)
def test_results_that_no_data_make_right(name, result, words):
    functions = {
        "value": lambda y, p: (p - y) ** 2,
        "gradient": lambda y, p: 2 * (p - y),
        "hessian": lambda y, p: 2 + 0 * p,
        name: lambda y, p: result,
    }
    with pytest.raises(AssertionError, match=rf"The '{name}' function .* must return .*{words}"):
        check_loss(CustomLoss(**functions))


def test_what_is_no_loss():
    with pytest.raises(TypeError, match=r"'loss' parameter of check_loss must be .*Got 3"):
        check_loss(3)
    with pytest.raises(ValueError, match="NaN"):
        check_loss(MSELoss(), [np.nan], [1.0])


def test_data_that_are_refused():
    class Picky(MSELoss):
        def __call__(self, *arrays, **kwargs):
            raise ValueError("no such data")

    message = "data drawn from its inputs and tags raise an error: no"
    with pytest.raises(AssertionError, match=message):
        check_loss(Picky())


SHAPED = [
    sklosses.QuantileLoss(quantile=[0.1, 0.5, 0.9]),
    2 * sklosses.QuantileLoss(quantile=[0.1, 0.5, 0.9]),
    sklosses.CrossEntropyLoss(class_weight=[1, 2, 3]),
    sklosses.CrossEntropyLoss(class_weight={0: 1, 6: 2}),
    sklosses.CrossEntropyLoss(class_weight=np.arange(3)) + sklosses.CrossEntropyLoss(),
    sklosses.NLLLoss(class_weight=[1, 2, 3, 4, 5]),
    sklosses.MultiMarginLoss(class_weight=[1, 2]),
    sklosses.BCEWithLogitsLoss(pos_weight=[1, 2, 3]),
    sklosses.BCEWithLogitsLoss(pos_weight=np.ones((2, 3))),
    sklosses.BCEWithLogitsLoss() - sklosses.BCEWithLogitsLoss(pos_weight=[1, 2, 3]),
    sklosses.MultiLabelSoftMarginLoss(class_weight=[1, 2, 3]),
    sklosses.CTCLoss(blank=2),
    0.5 * sklosses.CTCLoss(blank=6),
]


@pytest.mark.parametrize("loss", SHAPED, ids=repr)
def test_data_have_the_shape_that_a_parameter_asks_for(loss):
    check_loss(loss)


@pytest.mark.parametrize(
    "loss",
    [
        sklosses.CrossEntropyLoss(class_weight={10**9: 2}),
        sklosses.CrossEntropyLoss(class_weight=[1, 2])
        + sklosses.CrossEntropyLoss(class_weight=[1, 2, 3]),
        sklosses.QuantileLoss() + sklosses.QuantileLoss(quantile=[0.1, 0.5]),
        sklosses.CTCLoss(blank=10**9),
    ],
    ids=repr,
)
def test_parameters_for_which_no_data_are_found(loss):
    with pytest.raises(ValueError, match=r"with these parameters: pass arrays, check_loss\(loss, "):
        check_loss(loss)


def test_parameters_that_are_invalid():
    with pytest.raises(ValueError, match="'delta' parameter of HuberLoss must be a float"):
        check_loss(sklosses.HuberLoss(delta=-1))
