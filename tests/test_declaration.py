"""Classes of users that lack something: refused in a sentence that says what."""

import importlib

import pytest

import sklosses
from sklosses import get_loss
from sklosses._domains import REAL, SIGN
from sklosses._families.classwise import ClasswiseLoss
from sklosses._families.pointwise import PointwiseLoss
from sklosses._families.vectors import VectorLoss
from sklosses.base import _REGISTRY, Input, Loss, LossTags

INPUTS = (Input("y_true"), Input("y_pred", REAL, differentiable=True))
WHOLE = {"inputs": INPUTS, "tags": LossTags("real", "real"), "kernel": "mse_loss"}


def no_reduction(self, *, delta=1.0):
    self.delta = delta


def positional(self, *args, reduction="mean"):
    self.reduction = reduction


def keywords(self, *, reduction="mean", **params):
    self.reduction = reduction


@pytest.fixture
def registry():
    """Restore the registry afterwards."""
    before = dict(_REGISTRY)
    yield _REGISTRY
    _REGISTRY.clear()
    _REGISTRY.update(before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"__init__": no_reduction}, r"Mine\.__init__ must have a parameter 'reduction'"),
        ({"__init__": positional}, r"Mine\.__init__ must name each .* Got '\*args'"),
        ({"__init__": keywords}, r"Mine\.__init__ must name each .* Got '\*\*params'"),
        ({"inputs": ()}, r"Mine\.inputs must be a non-empty tuple of Input\. Got \(\)"),
        ({"inputs": None}, r"Mine\.inputs must be a non-empty tuple of Input\. Got None"),
        ({"inputs": lambda self: INPUTS}, r"Mine\.inputs must be a non-empty tuple of Input"),
        ({"inputs": ("y_true", "y_pred")}, r"Mine\.inputs must be .* Got 'y_true' at index 0"),
        ({"inputs": (Input("y_true"),) * 2}, r"Mine\.inputs must have .* differentiable=True"),
        ({"tags": None}, r"Mine\.tags must be LossTags\. Got None"),
        ({"plan_class": None}, r"Mine must be a subclass of the base class of a kernel family"),
    ],
)
def test_a_class_that_lacks_something(registry, change, message):
    # A base class may lack something, so a class without a name is refused when it is used.
    cls = type("Mine", (PointwiseLoss,), {**WHOLE, **change})
    for make in cls, lambda: get_loss(cls), lambda: sklosses.check_loss(cls):
        with pytest.raises(TypeError, match=message):
            make()
    with pytest.raises(TypeError, match=message):
        type("Mine", (PointwiseLoss,), {**WHOLE, **change, "function_name": "mine"})
    assert "mine" not in registry
    assert type("Mine", (PointwiseLoss,), WHOLE)()([1.0], [3.0]) == 4.0


def test_a_parameter_that_is_not_stored():
    def forgets(self, *, delta=1.0, reduction="mean"):
        self.reduction = reduction

    loss = type("Mine", (PointwiseLoss,), {**WHOLE, "__init__": forgets})()
    with pytest.raises(TypeError, match=r"Mine\.__init__ must store its parameter 'delta'"):
        loss([1.0], [3.0])


def test_base_classes_are_no_losses():
    for make in Loss, lambda: get_loss(Loss), lambda: sklosses.make_loss_scorer(Loss):
        with pytest.raises(TypeError, match="Loss is the base class of all losses"):
            make()
    with pytest.raises(TypeError, match="Losses are made from subclasses"):
        PointwiseLoss()
    with pytest.raises(TypeError, match="base class of a kernel family"):
        type("Mine", (Loss,), WHOLE)()


def test_a_name_that_is_taken(registry):
    with pytest.raises(ValueError, match=r"'mse_loss' of .*Mine is that of .*\.MSELoss\. Choose"):
        type("Mine", (PointwiseLoss,), {**WHOLE, "function_name": "mse_loss"})
    assert get_loss("mse_loss") is not None
    assert registry["mse_loss"] is sklosses.MSELoss
    # The same class may be defined again, as in a cell of a notebook.
    named = {**WHOLE, "function_name": "mine"}
    first, second = (type("Mine", (PointwiseLoss,), named) for _ in range(2))
    assert registry["mine"] is second is not first


SIGNS = Input("y_true", SIGN)
VECTORS = tuple(Input(name, REAL, differentiable=True) for name in ("x1", "x2"))
CLASSES = {"tags": LossTags("class_logits", "class_index"), "kernel": "cross_entropy"}


@pytest.mark.parametrize(
    ("base", "change", "arrays", "message"),
    [
        (PointwiseLoss, {"kernel": "huber_loss"}, ([1.0], [2.0]), "0 parameters"),
        (PointwiseLoss, {"inputs": INPUTS[1:]}, ([1.0],), "Got 1 inputs"),
        (
            PointwiseLoss,
            {"inputs": (Input("y_true", REAL, differentiable=True), INPUTS[1])},
            ([1.0], [2.0]),
            "2 gradients instead",
        ),
        (ClasswiseLoss, {**CLASSES, "targets": ("index",)}, ([0], [[1.0, 2.0]]), "0 parameters"),
        (
            ClasswiseLoss,
            {**CLASSES, "kernel": "js_div", "targets": ("index",)},
            ([0], [[1.0, 2.0]]),
            "Got 0 parameters and index instead",
        ),
        (
            VectorLoss,
            {"inputs": (SIGNS, *VECTORS), "kernel": "cosine_embedding_loss"},
            ([1], [[1.0, 2.0]], [[1.0, 3.0]]),
            "Got 0 parameters and 2 arrays",
        ),
        (
            VectorLoss,
            {
                "inputs": (SIGNS, *VECTORS),
                "kernel": "triplet_margin_loss",
                "_kernel_params": lambda self: (1.0,),
            },
            ([1], [[1.0, 2.0]], [[1.0, 3.0]]),
            "Got 1 parameters and 2 arrays",
        ),
    ],
)
def test_a_class_that_does_not_fit_its_kernel(base, change, arrays, message):
    """The kernel would read memory that is not its own."""
    loss = type("Mine", (base,), {**WHOLE, "metric": ("euclidean", 0.0, 2.0), **change})()
    with pytest.raises(ValueError, match=message):
        loss.value_and_gradient(*arrays)


def test_modules_can_be_reloaded(registry):
    module = sklosses.losses.divergence
    names = dict(vars(module))
    try:
        importlib.reload(module)
    finally:
        vars(module).update(names)
