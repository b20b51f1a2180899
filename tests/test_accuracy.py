"""The truth of tools/accuracy.py, against the formulas in long double and differences."""

import numpy as np
import pytest
from helpers import load_tool, widen
from numpy.testing import assert_allclose
from references import REFERENCES, WIDE
from references.adversarial import OF_SEVERAL_MEANS

import sklosses

pytest.importorskip("mpmath", reason="mpmath is not installed")

accuracy = load_tool("accuracy")
MP, EXACT = accuracy.MP, accuracy.EXACT
RELEVANCES = (0, 3, 1, 1, 0, 2.5, 2, 2, 0, 4)
SCORES = (-1.0, 0.5, 0.5, 2.0, -3.0, 0.0, 1.5, -0.5, 0.25, 4)
GROUPS = (7, 2, 2, 7, 2, 2, 7, 7, 9, 2)


@pytest.fixture(autouse=True)
def digits():
    """Fewer than the tool takes: nothing here needs them."""
    before, MP.dps = MP.dps, 40
    yield
    MP.dps = before


def test_every_loss_has_a_row():
    rows = [*accuracy.ROWS, *accuracy.rows_of_references()]
    # The losses without one have no unreduced loss, whose elements could be compared.
    assert {row.name for row in rows} == {*sklosses.get_loss_names()} - {*OF_SEVERAL_MEANS}
    titles = [row.title for row in rows]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", sorted(set(REFERENCES) - set(EXACT)))
def test_formulas_take_numbers_of_mpmath(name):
    """A formula that calls what such numbers lack, or rounds, leaves its loss without a truth."""
    facts = REFERENCES[name]
    data = next(iter(facts.data.values()))
    shape = min(data.shapes, key=lambda shape: abs(np.prod(shape, dtype=int) - 20))
    params = {k: x(shape) if callable(x) else x for k, x in data.params[-1].items()}
    rng = np.random.default_rng(0)
    arrays = [np.asarray(x) for x in data.arrays(rng, shape, np.float64, params)]
    differentiable = [
        k
        for k, item in enumerate(sklosses.get_loss(name, **params).inputs[: len(arrays)])
        if item.differentiable
    ]
    value, gradients = accuracy.truth(
        facts.unreduced, arrays, differentiable, params, facts.gradient
    )
    wide = facts.unreduced(*map(widen, arrays), **params)
    assert_allclose(value.astype(float), np.asarray(wide, float), rtol=1e-12, atol=1e-14)
    loss = sklosses.get_loss(name, **params)
    reduction = "none" if "none" in loss.reductions else "sum"
    found = loss.gradient(*arrays, reduction=reduction)
    for actual, expected in zip(
        found if isinstance(found, tuple) else (found,), gradients, strict=True
    ):
        assert_allclose(actual, expected.astype(float), rtol=1e-9, atol=1e-11)


def exact_call(name):
    """Arrays with ties, all parameters, and the number of the array of scores."""
    y_true, y_pred = map(np.array, (RELEVANCES, SCORES))
    if name == "cox_ph_loss":
        event = np.array([1, 0, 1, 1, 1, 0, 1, 1, 1, 0])
        return [y_true, event, y_pred], ({"ties": "efron"}, {"ties": "breslow"}), 2
    params = ({}, {"k": 3}) if name == "lambdarank_loss" else ({},)
    return [y_true, y_pred, np.array(GROUPS)], params, 1


def as_floats(part):
    return part.expected.astype(float), np.asarray(part.terms).astype(float)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_exact_values_of_groups(name):
    """They are those of the references, and so are the terms."""
    facts = REFERENCES[name]
    arrays, all_params, _ = exact_call(name)
    wide = [x.astype(WIDE) if x.dtype.kind == "f" else x for x in arrays]
    for params in all_params:
        parts = EXACT[name](*arrays, **params)
        (value, sizes), (_, terms), (_, bends) = (as_floats(parts[what][0]) for what in parts)
        expected = facts.unreduced(*wide, **params)
        size = facts.value_terms(*wide, **params)
        size = expected if size is None else size
        if name == "cox_ph_loss":
            expected, size = np.sum(expected), np.sum(size)
        assert_allclose(value, np.asarray(expected, float), rtol=1e-14)
        assert_allclose(sizes, np.asarray(size, float), rtol=1e-14)
        assert_allclose(terms, facts.terms(*wide, **params).astype(float), rtol=1e-14)
        size = facts.hessian_terms(*wide, **params)
        if name in ("listmle_loss", "cox_ph_loss"):
            assert_allclose(bends, size.astype(float), rtol=1e-14)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_exact_derivatives_of_groups(name):
    """They are differences of the values and of the gradients."""
    arrays, all_params, k = exact_call(name)
    # Without ties, at which ranks change.
    arrays[k] = arrays[k] + np.arange(len(SCORES)) / 64
    step = 2.0**-18

    def shifted(i, distance):
        x = arrays[k].copy()
        x[i] += distance
        return [*arrays[:k], x, *arrays[k + 1 :]]

    for params in all_params:
        parts = EXACT[name](*arrays, **params)
        for i in range(len(SCORES)):
            low, high = (EXACT[name](*shifted(i, d), **params) for d in (-step, step))
            # The loss of all groups, and the gradient of this row.
            for of, what, at in (("value", "gradient", ...), ("gradient", "hessian", i)):
                before, after = (np.sum(x[of][0].expected[at]) for x in (low, high))
                assert abs((after - before) / (2 * step) - parts[what][0].expected[i]) < 1e-9


def test_groups_without_an_order():
    y_true, y_pred, groups = np.array([1.0, 1, 2, 0]), np.array([1.0, 3, 2, 0]), [0, 0, 1, 2]
    for name in sorted(set(EXACT) - {"cox_ph_loss"}):
        parts = EXACT[name](y_true, y_pred, np.array(groups))
        assert all(not any(part.expected.flat) for (part,) in parts.values())
