"""Losses as objects: parameters, clones, representations."""

import copy
import pickle
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from cases import every_loss, partial_of, typical
from helpers import as_tuple
from numpy.testing import assert_array_equal
from references import REFERENCES
from sklearn.base import clone

import sklosses
from sklosses import get_loss


def other_objects(name):
    row = REFERENCES[name]
    cls = type(get_loss(name))
    yield cls()
    for parameter, value in row.others.items():
        yield cls(**{parameter: value})
    yield cls(reduction="sum", **row.others)


@every_loss
def test_pickle_clone_and_parameters(name):
    case = typical(name)
    arrays = case.arrays()
    for loss in other_objects(name):
        expected = loss.value_and_gradient(*arrays)
        params = loss.get_params()
        copies = [
            clone(loss),
            copy.copy(loss),
            copy.deepcopy(loss),
            *[pickle.loads(pickle.dumps(loss, p)) for p in range(2, 1 + pickle.HIGHEST_PROTOCOL)],
            type(loss)(**params),
            type(loss)().set_params(**params),
            get_loss(name, **params),
        ]
        for item in copies:
            assert type(item) is type(loss)
            assert str(item.get_params()) == str(params)
            got = item.value_and_gradient(*arrays)
            assert got[0] == expected[0]
            for a, b in zip(as_tuple(got[1]), as_tuple(expected[1]), strict=True):
                assert_array_equal(a, b)
        # A call leaves the parameters as they were given.
        assert loss.get_params() == params


@every_loss
def test_repr_evaluates_back(name):
    for loss in other_objects(name):
        again = eval(repr(loss), vars(sklosses).copy())
        assert again.get_params() == loss.get_params()
        assert repr(again) == repr(loss)
    assert repr(type(get_loss(name))()) == f"{type(get_loss(name)).__name__}()"


@every_loss
def test_set_params_takes_effect_after_a_call(name):
    case = typical(name)
    arrays = case.arrays()
    loss = case.cls()
    default = loss(*arrays)
    for parameter, value in REFERENCES[name].others.items():
        expected = case.cls(**{parameter: value})(*arrays)
        assert expected != default
        assert loss.set_params(**{parameter: value})(*arrays) == expected
        setattr(loss, parameter, case.cls().get_params()[parameter])
        assert loss(*arrays) == default
        setattr(loss, parameter, value)
        assert loss(*arrays) == expected
        loss.set_params(**{parameter: case.cls().get_params()[parameter]})
    loss.set_params(reduction="sum")
    assert loss(*arrays) == case.cls()(*arrays, reduction="sum")
    with pytest.raises(ValueError, match="Invalid parameter"):
        loss.set_params(no_such_parameter=1)


@every_loss
def test_constructor_validates_nothing_and_the_call_does(name):
    """As scikit-learn has it: `clone` and grid search need constructors that take anything."""
    case = typical(name)
    for parameter, value in REFERENCES[name].invalid:
        loss = case.cls(**{parameter: value})
        assert loss.get_params()[parameter] is value
        for call in (loss, loss.gradient, loss.value_and_gradient, *partial_of(case, loss)):
            with pytest.raises(ValueError, match=parameter):
                call(*case.arrays())
        with pytest.raises(ValueError, match=parameter):
            case.function(*case.arrays(), **{parameter: value})
        # An object that was valid once.
        loss = case.cls()
        loss(*case.arrays())
        with pytest.raises(ValueError, match=parameter):
            loss.set_params(**{parameter: value})(*case.arrays())


@every_loss
def test_parameter_errors_are_scikit_learn_s_sentence(name):
    case = typical(name)
    for parameter in case.cls().get_params():
        bad = object()
        sentence = (
            rf"The '{parameter}' parameter of {case.cls.__name__} must be .* "
            rf"Got {re.escape(repr(bad))} instead\."
        )
        with pytest.raises(ValueError, match=sentence):
            case.cls(**{parameter: bad})(*case.arrays())
        with pytest.raises(ValueError, match=sentence):
            case.function(*case.arrays(), **{parameter: bad})
    with pytest.raises(ValueError, match=r"The 'reduction' parameter of \w+ must be .*'average'"):
        case.loss()(*case.arrays(), reduction="average")


def test_numeric_parameter_error_is_told_in_full():
    with pytest.raises(
        ValueError,
        match=re.escape(
            "The 'gamma' parameter of SigmoidFocalLoss must be a float in the range [0.0, inf). "
            "Got -1 instead."
        ),
    ):
        sklosses.sigmoid_focal_loss([0, 1], [0.5, 1.0], gamma=-1)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [("cross_entropy", "class_weight"), ("binary_cross_entropy_with_logits", "pos_weight")],
)
def test_mutated_array_parameters_take_effect(name, parameter):
    case = typical(name)
    arrays = case.arrays()
    for container in (np.array([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0], {0: 1.0, 1: 2.0, 2: 3.0}):
        if isinstance(container, dict) and parameter != "class_weight":
            continue
        loss = case.cls(**{parameter: container})
        first = loss(*arrays)
        container[0] = 7.0
        expected = case.cls(**{parameter: [7.0, 2.0, 3.0]})(*arrays)
        assert expected != first
        assert loss(*arrays) == expected
        assert case.function(*arrays, **{parameter: container}) == expected


HUGE = 10**400  # an integer that no float can hold


@every_loss
def test_values_that_are_no_parameters(name):
    """Lists, text, dicts and huge integers are refused in the same sentence, or are meant."""
    case = typical(name)
    for parameter in case.cls().get_params():
        for bad in ["real"], np.array(["mean", "sum"]), {"a": "b"}, "huge", HUGE, -HUGE, 1j:
            loss = case.cls(**{parameter: bad})
            calls = [
                loss,
                loss.gradient,
                lambda *a, p=parameter, b=bad: case.function(*a, **{p: b}),
            ]
            for call in calls:
                with pytest.raises((ValueError, TypeError), match=parameter) as error:
                    call(*case.arrays())
                assert isinstance(error.value, ValueError), error.value


def test_real_numbers_of_any_type_are_parameters():
    y, p = [1.0, 2.0], [4.0, 2.25]
    for number in Fraction(1, 2), np.float32(0.5), np.float64(0.5):
        assert sklosses.huber_loss(y, p, delta=number) == sklosses.huber_loss(y, p, delta=0.5)
        expected = sklosses.quantile_loss(y, p, quantile=0.5)
        assert sklosses.quantile_loss(y, p, quantile=number) == expected
        loss = sklosses.CombinedLoss(["mse_loss"], weights=[number])
        assert loss(y, p) == (number * sklosses.MSELoss())(y, p) == 0.5 * sklosses.mse_loss(y, p)
    with pytest.raises(ValueError, match="'delta' parameter of HuberLoss must be a float"):
        sklosses.huber_loss(y, p, delta=Decimal("0.5"))


def test_huge_integers():
    y = [1.0, 2.0]
    for message, call in {
        "y_true contains .* at index 1.*fit a float": lambda: sklosses.mse_loss([1, HUGE], y),
        "y_pred contains .* at index 0.*fit a float": lambda: sklosses.mse_loss(y, [-HUGE, 1.5]),
        "sample_weight contains": lambda: sklosses.mse_loss(y, y, sample_weight=[HUGE, 1]),
        "'avg_factor' parameter": lambda: sklosses.mse_loss(y, y, avg_factor=HUGE),
        "class_weight contains": lambda: sklosses.cross_entropy([0], [y], class_weight=[HUGE, 1]),
        "values of class_weight": lambda: sklosses.cross_entropy([0], [y], class_weight={0: HUGE}),
        "factor of a loss must be": lambda: HUGE * sklosses.MSELoss(),
        "divisor of a loss must be": lambda: sklosses.MSELoss() / HUGE,
        "'weights' .* at index 0": lambda: sklosses.CombinedLoss(["mse_loss"], weights=[HUGE])(
            y, y
        ),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_reductions_that_are_no_text():
    loss = sklosses.MSELoss()
    for reduction in np.array(["mean", "sum"]), ["mean"], 3, {"mean"}:
        for call in loss, loss.gradient, loss.value_and_gradient, sklosses.mse_loss:
            with pytest.raises(ValueError, match="'reduction' parameter of MSELoss must be a str"):
                call([1.0], [2.0], reduction=reduction)
        with pytest.raises(ValueError, match="'reduction' parameter of MSELoss must be a str"):
            sklosses.MSELoss(reduction=reduction) + loss


def test_weights_of_a_sum_that_are_no_list():
    for weights in 3, [[1.0]], "a":
        with pytest.raises(ValueError, match="'weights' parameter of CombinedLoss must be"):
            sklosses.CombinedLoss(["mse_loss"], weights=weights)([1.0], [2.0])


@pytest.mark.parametrize("bad", ["2", b"2", True, np.True_, np.array(True), [2.0], 0, -1, np.nan])
def test_denominators_that_are_no_numbers(bad):
    with pytest.raises(ValueError, match=r"'avg_factor' parameter must be a float in the range"):
        sklosses.mse_loss([1.0], [2.0], avg_factor=bad)


def test_denominators_of_any_number_type():
    for good in 2, 2.0, np.float32(2), np.array(2), Fraction(2):
        assert sklosses.mse_loss([1.0], [3.0], avg_factor=good) == 2.0


def test_masked_parameters():
    """The advice for samples would be of no use."""
    mask = np.ma.masked_array([0.1, 0.5], [0, 1])
    for call in (
        lambda: sklosses.quantile_loss([1.0], [[2.0, 3.0]], quantile=mask),
        lambda: sklosses.binary_cross_entropy_with_logits([[1, 1]], [[2.0, 3.0]], pos_weight=mask),
        lambda: sklosses.cross_entropy([0], [[2.0, 3.0]], class_weight=mask),
        lambda: sklosses.MSELoss().gradient([1.0, 2.0], [1.0, 3.0], gradient_out=mask),
    ):
        with pytest.raises(ValueError, match=r"is a masked array with .* at index 1") as error:
            call()
        assert "sample" not in str(error.value)


def test_parameter_that_is_set_while_the_old_ones_are_resolved(monkeypatch):
    """As another thread may do: what was found out about the old parameters is not kept."""
    resolve = sklosses.HuberLoss._kernel_params

    def resolve_slowly(loss):
        params = resolve(loss)
        loss.delta = 3.0
        return params

    loss = sklosses.HuberLoss()
    with monkeypatch.context() as patch:
        patch.setattr(sklosses.HuberLoss, "_kernel_params", resolve_slowly)
        loss([0.0], [5.0])
    assert loss([0.0], [5.0]) == sklosses.HuberLoss(delta=3.0)([0.0], [5.0])
