"""The registry, public names and signatures."""

import inspect
import pickle
import re
import sys

import pytest
from cases import every_loss

import sklosses
from sklosses import get_loss, get_loss_names


def test_get_loss():
    names = get_loss_names()
    assert names == sorted(names)
    assert all(type(name) is str for name in names)
    names.append("mine")
    assert "mine" not in get_loss_names()
    for bad in "no_such_loss", "MSELoss", "":
        with pytest.raises(ValueError, match="get_loss_names"):
            get_loss(bad)
    for bad in None, 3, ["mse_loss"], int:
        with pytest.raises(ValueError, match="'loss' parameter of get_loss must be the name"):
            get_loss(bad)
    with pytest.raises(TypeError, match="no_such"):
        get_loss("mse_loss", no_such=1)


@every_loss
def test_every_class_is_in_the_list_of_its_module(name):
    cls = type(get_loss(name))
    names = sys.modules[cls.__module__].__all__
    assert cls.__name__ in names, f"add {cls.__name__!r} to __all__ of {cls.__module__}"


@pytest.mark.parametrize(
    ("base", "arrays", "near"),
    [
        (sklosses.MSELoss, ([0.0], [1.0]), "mse_los"),
        (sklosses.CrossEntropyLoss, ([0], [[1.0, 2.0]]), "cross_entrop"),
        (sklosses.TripletMarginLoss, ([[1.0]], [[2.0]], [[3.0]]), "triplet_margin"),
        (sklosses.CosineEmbeddingLoss, ([1], [[2.0]], [[3.0]]), "cosine_embedding"),
        (sklosses.SupConLoss, ([0, 0], [[2.0], [3.0]]), "softmx"),
    ],
)
def test_a_kernel_that_does_not_exist(base, arrays, near):
    with pytest.raises(RuntimeError, match=rf"Mine\.kernel must be .*Got '{near}' .*Did you mean"):
        type("Mine", (base,), {"kernel": near})()(*arrays)
    for name in "xyzzy", None, ["xyzzy"]:
        message = rf"Mine\.kernel must be .*Got {re.escape(repr(name))} instead\. One that is new"
        with pytest.raises(RuntimeError, match=message):
            type("Mine", (base,), {"kernel": name})()(*arrays)


def test_all_is_complete():
    assert all(type(name) is str and hasattr(sklosses, name) for name in sklosses.__all__)
    assert len(set(sklosses.__all__)) == len(sklosses.__all__)
    for name in get_loss_names():
        assert name in sklosses.__all__
        assert type(get_loss(name)).__name__ in sklosses.__all__
    public = {
        name
        for name, item in vars(sklosses).items()
        if not name.startswith("_") and not inspect.ismodule(item)
    }
    assert public == set(sklosses.__all__) - {"__version__"}


@every_loss
def test_signatures(name):
    cls, function = type(get_loss(name)), getattr(sklosses, name)
    constructor = inspect.signature(cls).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in constructor.values())
    assert constructor["reduction"].default == ("sum" if name == "vse_loss" else "mean")
    parameters = inspect.signature(function).parameters
    arrays = [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert arrays == [item.name for item in cls.inputs]
    for item in cls.inputs:
        default = None if item.optional else inspect.Parameter.empty
        assert parameters[item.name].default is default
    keywords = {p.name: p.default for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    assert keywords == {
        **{key: p.default for key, p in constructor.items()},
        "sample_weight": None,
        "avg_factor": None,
        "return_gradient": False,
        **dict.fromkeys(cls.switches, False),
        "gradient_out": None,
        "n_threads": None,
    }
    assert function.__name__ == function.__qualname__ == name
    assert function.__module__.startswith("sklosses")
    assert pickle.loads(pickle.dumps(function)) is function
    assert cls().get_params() == {key: p.default for key, p in constructor.items()}
    assert cls.function_name == name
