"""What counts as an array of real numbers, and which shapes go together, for all losses."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from cases import (
    FAMILY_CASES,
    NAMES,
    cases,
    every_family_input,
    every_loss,
    one_of_each,
    over,
    partial_of,
    typical,
    zeros_and_ones,
)
from helpers import as_tuple, close
from numpy.testing import assert_allclose, assert_array_equal
from references import REFERENCES

from sklosses import get_loss


def with_input(case, k, value):
    arrays = case.arrays()
    arrays[k] = value
    return arrays


def refused(case, k, value, error=(ValueError, TypeError), match=None):
    name = case.names[k]
    with pytest.raises(error, match=match or rf"\b{name}\b"):
        case.loss()(*with_input(case, k, value))


@every_family_input
def test_what_is_no_array_of_real_numbers(case, number):
    if case.cls.inputs[number].domain.kind == "labels":
        pytest.skip("labels may be of any type: test_batch.py")
    shape = np.shape(case.arrays()[number])
    refused(case, number, np.full(shape, "a"))
    refused(case, number, np.full(shape, "1.0"))
    refused(case, number, np.full(shape, b"1"))
    refused(case, number, np.full(shape, "a", dtype=object))
    refused(case, number, np.full(shape, "1", dtype=object))
    refused(case, number, np.ones(shape, complex), match="[Cc]omplex")
    refused(case, number, np.full(shape, 1j, dtype=object))
    refused(case, number, np.full(shape, None, dtype=object))
    refused(case, number, np.full(shape, [object()], dtype=object))
    refused(case, number, np.zeros(shape, "datetime64[s]"))
    refused(case, number, np.zeros(shape, "timedelta64[s]"))
    refused(case, number, np.zeros(shape, [("a", "f8")]))
    refused(case, number, [[1.0, 2.0], [3.0]])
    refused(case, number, [[1.0, 0.0], 1.0])
    refused(case, number, None)
    refused(case, number, {"a": 1})
    refused(case, number, {1.0, 0.0})
    refused(case, number, object())
    refused(case, number, "abc")
    refused(case, number, (x for x in [1.0]))


@every_family_input
def test_empty_arrays(case, number):
    shape = np.shape(case.arrays()[number])
    if not case.inputs[number].may_be_empty:
        refused(case, number, np.empty((0, *shape[1:])), ValueError, "minimum of 1 is required")
        refused(case, number, [], ValueError, "minimum of 1 is required")
    arrays = [np.empty((0, *np.shape(a)[1:])) for a in case.arrays()]
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        case.loss()(*arrays)
    arrays = [np.empty((*np.shape(a)[:1], 0)) for a in case.arrays()]
    with pytest.raises(ValueError, match="minimum of 1 is required"):
        case.loss()(*arrays)


@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.coo_matrix])
@every_family_input
def test_sparse_arrays(case, number, make):
    refused(case, number, make(np.ones((4, 3))), TypeError, "[Ss]parse")


@over(FAMILY_CASES)
def test_objects_of_numbers_and_pandas(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    loss = case.loss()
    expected_value, expected = loss.value_and_gradient(*arrays)
    containers = {0: float, 1: pd.Series, 2: pd.DataFrame}
    frames = [containers.get(a.ndim, np.asarray)(a) for a in arrays]
    shuffled = [f.set_axis(range(10, 10 + len(f))) if hasattr(f, "set_axis") else f for f in frames]
    objects = [a.astype(object) for a in arrays]
    nested = [a.tolist() for a in arrays]
    tuples = [tuple(x) if isinstance(x, list) else x for x in nested]
    for given in (frames, shuffled, objects, nested, tuples):
        value, gradient = loss.value_and_gradient(*given)
        # A frame may lie in memory by columns: the sum is in another order.
        assert_allclose(value, expected_value, rtol=1e-14)
        for k, a, b in zip(
            case.differentiable, as_tuple(gradient), as_tuple(expected), strict=True
        ):
            assert type(a) is np.ndarray
            if case.is_summed(k):
                close(a, b, 1e-14, case.terms(arrays, b, k))
            else:
                assert_array_equal(a, b)
    if not case.cls.weighted:
        return
    weight = np.arange(1.0, 1 + case.n_weights(arrays))
    value = loss(*frames, sample_weight=pd.Series(weight))
    assert_allclose(value, loss(*arrays, sample_weight=weight), rtol=1e-14)


@pytest.mark.parametrize(
    "name", one_of_each(c.row.function_name for c in cases(numbers=[0]) if c.shape == (7,))
)
def test_nullable_and_categorical_columns(name):
    """pandas' own dtypes; a missing number is a NaN."""
    case = next(c for c in cases(names=[name], numbers=[0]) if c.shape == (7,))
    arrays = zeros_and_ones(case)
    columns = [
        pd.Series(a, dtype="Float64" if k in case.differentiable else "Int64")
        for k, a in enumerate(arrays)
    ]
    assert case.loss()(*columns) == case.loss()(*arrays)
    k = case.differentiable[-1]
    columns[k][3] = pd.NA
    with pytest.raises(ValueError, match=case.names[k]):
        case.loss()(*columns)


#: Of targets and predictions.
DIFFERENT_SHAPES = [
    ((5,), (5, 1)),
    ((5, 1), (5,)),
    ((5,), (1, 5)),
    ((5, 3), (5, 1)),
    ((1,), (5,)),
    ((), (5,)),
    ((5,), ()),
    ((5,), (6,)),
    ((3, 5), (5, 3)),
    ((5, 3), (5, 3, 1)),
    ((2, 5, 3), (5, 3)),
]
#: Losses of targets beside predictions; a target beside vectors has an axis less.
OF_TARGETS = [
    name
    for name in NAMES
    if type(get_loss(name)).inputs[0].name == "y_true" and get_loss(name).tags.response != "vectors"
]


def shapes_to_refuse(name):
    """All of them but those of labels beside classes or embeddings."""
    cls = type(get_loss(name))
    of_labels = set()
    if "classes" in REFERENCES[name].data or cls.inputs[0].domain.kind == "labels":
        of_labels = {((5,), (5, 1))}
    if {"index", "rank"}.intersection(getattr(cls, "targets", ())):
        of_labels = {((5,), (5, 1)), ((), (5,))}
    return [shapes for shapes in DIFFERENT_SHAPES if shapes not in of_labels]


@pytest.mark.parametrize("name", one_of_each(OF_TARGETS))
def test_shapes_that_only_broadcasting_would_reconcile(name):
    cls = type(get_loss(name))
    for of_targets, of_predictions in shapes_to_refuse(name):
        y_true = np.zeros(of_targets)
        predictions = [np.full(of_predictions, 0.5) for _ in cls.inputs[1:]]
        with pytest.raises(ValueError, match=r"shape|class axis"):
            cls()(y_true, *predictions)
        with pytest.raises(ValueError, match=r"shape|class axis"):
            cls().gradient(pd.DataFrame(y_true) if y_true.ndim == 2 else y_true, *predictions)


@every_loss
def test_wrong_numbers_and_names_of_arrays(name):
    case = typical(name)
    arrays = case.arrays()
    loss = case.loss()
    named = dict(zip(case.names, arrays, strict=True))
    assert loss(**named) == loss(*arrays)
    last = {case.names[-1]: arrays[-1]}
    last_is_optional = case.cls.inputs[-1].optional
    assert loss(*arrays[:-1], **last) == loss(*arrays)
    assert case.function(**named, **case.params) == loss(*arrays)
    for call in (loss, case.function, loss.gradient, *partial_of(case)):
        with pytest.raises(TypeError if not last_is_optional else (TypeError, ValueError)):
            call(*arrays[:-1])
        with pytest.raises(TypeError):
            call(*arrays, *[arrays[0]] * (1 + len(case.cls.inputs) - len(arrays)))
        with pytest.raises(TypeError):
            call(*arrays, **last)
        with pytest.raises(TypeError):
            call(*arrays, unknown=1)
        with pytest.raises(TypeError):
            call()


@every_loss
def test_keywords_only(name):
    case = typical(name)
    with pytest.raises(TypeError):
        case.cls("mean")
    with pytest.raises(TypeError):
        case.function(*case.arrays(), *[None] * sum(i.optional for i in case.cls.inputs), "mean")
