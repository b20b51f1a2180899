"""Losses of Dask arrays, chunk by chunk, compared with those of the whole arrays."""

import pickle
from functools import partial

import numpy as np
import pytest
from cases import (
    NAMES,
    SEPARATE,
    cases,
    denominator,
    divisors,
    over,
    separate,
    sum_terms,
    typical,
    weights_of,
)
from helpers import as_tuple, run_python
from numpy.testing import assert_allclose
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss, mean_squared_error

import sklosses
from sklosses import CrossEntropyLoss, CustomLoss, GaussianNLLLoss, HuberLoss, MSELoss
from sklosses._families.ctc import SequenceLoss

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
evaluate = pytest.importorskip("sklosses.dask").evaluate

pytestmark = pytest.mark.usefixtures("threads")


@pytest.fixture(autouse=True, scope="module")
def threads():
    with dask.config.set(scheduler="threads", num_workers=2):
        yield


def near(got, expected, rtol=1e-12, size=0.0):
    """Equal to 1e-12 of the largest element, or of `size`, the sum of the terms."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    size = np.abs(expected[np.isfinite(expected)]).max(initial=size)
    assert_allclose(got, expected, rtol=rtol, atol=rtol * size)


def chunked(array, lengths, others=-1):
    """A Dask array in chunks of these lengths along the first axis."""
    if not np.ndim(array):
        return da.from_array(np.asarray(array))
    return da.from_array(array, chunks=(lengths, *(others,) * (np.ndim(array) - 1)))


def unknown(array):
    """The same array, of which Dask does not know the lengths of the chunks."""
    return array[da.ones(len(array), chunks=array.chunks[0], dtype=bool)]


CUT = [
    c
    for c in separate(cases(numbers=[0, 1, 3]))
    if c.shape[:1] > (1,) and len(c.shape) > 1 and not issubclass(c.cls, SequenceLoss)
]


def compare(case, loss, lazy, arrays, weight, lazy_weight, rtol=1e-12, size=0.0):
    """Value, gradient and Hessian of the chunks with those of the whole arrays."""
    has_hessian = loss.tags.hessian != "none"
    got = evaluate(
        loss,
        *lazy,
        sample_weight=lazy_weight,
        return_gradient=True,
        return_hessian=has_hessian,
    )
    expected = loss.value_and_gradient(*arrays, sample_weight=weight)
    if has_hessian:
        expected += (loss.gradient_and_hessian(*arrays, sample_weight=weight)[1],)
    for a, b in zip(dask.compute(*got), expected, strict=True):
        for own, other in zip(as_tuple(a), as_tuple(b), strict=True):
            near(own, np.asarray(other), rtol, size if np.ndim(other) == 0 else 0.0)
    for lazily, whole in zip(got, expected, strict=True):
        for own, other in zip(as_tuple(lazily), as_tuple(whole), strict=True):
            assert own.dtype == np.asarray(other).dtype
            assert own.ndim == np.ndim(other)


RANKED = [name for name in NAMES if sklosses.get_loss(name).tags.target == "relevance"]


@pytest.mark.parametrize("name", RANKED)
def test_groups_are_not_cut(name):
    """Not even where the chunks happen to end with a group: lengths may be unknown."""
    y, s, groups = np.arange(12) % 3, np.linspace(-1, 1, 12), np.arange(12) // 4
    lazy = [da.from_array(a, chunks=5) for a in (y, s, groups)]
    loss = sklosses.get_loss(name)
    for asked in (loss, loss + loss):
        with pytest.raises(ValueError, match=r"ranks groups, .* Use Loss\.partial"):
            evaluate(asked, *lazy)
    parts = [loss.partial(y[:8], s[:8], groups[:8]), loss.partial(y[8:], s[8:], groups[8:])]
    assert sum(parts).value == pytest.approx(loss(y, s, groups), rel=1e-14)


@over(CUT)
def test_equals_the_whole(case):
    arrays = [np.asarray(a) for a in case.arrays()]
    params = {k: v for k, v in case.params.items() if np.shape(v) != case.shape}
    n = len(arrays[case.differentiable[0]])
    for number, reduction in enumerate(case.cls.reductions):
        loss = case.cls(reduction=reduction, **params)
        try:
            loss.partial(*arrays)
        except ValueError as error:
            if "add up only" not in str(error):
                with pytest.raises(ValueError, match="do not add up"):
                    evaluate(loss, *arrays)
                continue
        shape = loss(*arrays, reduction="none").shape
        for kind in (None, "samples", "elements"):
            weight = weights_of(case, kind, shape)
            lengths = [(n,), (1, n - 1), (n - 1, 1)][number % 3]
            lazy = [
                a if k in case.shared else chunked(a, lengths if len(a) == n else -1)
                for k, a in enumerate(arrays)
            ]
            lazy_weight = None if weight is None else chunked(weight, lengths[::-1])
            # Terms may cancel.
            divisor = divisors(case, denominator(case, arrays, weight, shape), shape)[reduction]
            size = float(sum_terms(case, arrays, weight, shape) / divisor)
            compare(case, loss, lazy, arrays, weight, lazy_weight, size=size)


@pytest.mark.parametrize("name", [n for n in SEPARATE if n != "ctc_loss"])
def test_lengths_may_be_unknown_and_chunks_empty(name):
    case = typical(name)
    arrays = [np.asarray(a) for a in case.arrays()]
    loss = case.loss()
    n = len(arrays[case.differentiable[0]])
    try:
        loss.partial(*arrays)
    except ValueError:
        loss = case.loss(reduction="sum")
    lengths = (1, n - 2, 1)
    kept = np.ones(n, bool)
    kept[1 : n - 1] = False  # the chunk in the middle has no rows left
    for mask in (np.ones(n, bool), kept):
        lazily = chunked(mask, lengths)
        few = case.by_sample(arrays, lambda a: a[mask])  # noqa: B023
        lazy = [
            a if k in case.shared or len(a) != n else chunked(a, lengths)[lazily]
            for k, a in enumerate(arrays)
        ]
        for reduction in loss.reductions:
            own = type(loss)(**{**loss.get_params(), "reduction": reduction})
            try:
                own._check_additive()
            except ValueError:
                continue
            compare(case, own, lazy, few, None, None)


@pytest.mark.parametrize("name", ["mse_loss", "cross_entropy", "hinge_loss", "triplet_margin_loss"])
def test_single_precision(name):
    case = typical(name)
    arrays = [np.asarray(a) for a in case.arrays(np.float32)]
    lazy = [chunked(a, (2, len(a) - 2)) for a in arrays]
    compare(case, case.loss(), lazy, arrays, None, None, 1e-6)
    weight = weights_of(case, "samples", (len(arrays[-1]),))
    compare(case, case.loss(), lazy, arrays, weight, chunked(weight, (1, len(weight) - 1)), 1e-6)


@pytest.fixture
def labels():
    rng = np.random.default_rng(0)
    y = rng.choice(4, 60, p=[0.6, 0.2, 0.15, 0.05])
    return y, rng.normal(size=(60, 4)), rng.uniform(0, 2, 60)


@pytest.mark.parametrize("class_weight", [None, [1.0, 2.0, 0.5, 3.0], {2: 4.0}, "balanced"])
@pytest.mark.parametrize("ignore_index", [-100, 1])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_labels_that_are_weighed_or_ignored(labels, class_weight, ignore_index, reduction):
    y, z, weight = labels
    loss = CrossEntropyLoss(
        class_weight=class_weight, ignore_index=ignore_index, reduction=reduction
    )
    lazy = [da.from_array(y, chunks=13), da.from_array(z, chunks=(7, 3))]
    for w, own in ((None, None), (weight, da.from_array(weight, chunks=60))):
        compare(None, loss, lazy, [y, z], w, own)


def test_cross_entropy_is_that_of_scikit_learn(labels):
    y, z, weight = labels
    p = np.exp(z - np.log(np.exp(z).sum(axis=1, keepdims=True)))
    value = evaluate(
        "cross_entropy",
        da.from_array(y, chunks=17),
        da.from_array(z, chunks=9),
        sample_weight=da.from_array(weight, chunks=17),
    ).compute()
    assert_allclose(value, log_loss(y, p, sample_weight=weight), rtol=1e-12)


def test_balanced_weights_of_dense_targets_and_images(labels):
    rng = np.random.default_rng(1)
    z = rng.normal(size=(9, 3, 4))
    y, dense = rng.integers(0, 3, (9, 4)), rng.dirichlet(np.ones(3), (9, 4)).transpose(0, 2, 1)
    weight = rng.uniform(size=(9, 4))
    for target in (y, dense):
        loss = CrossEntropyLoss(class_weight="balanced", label_smoothing=0.1)
        lazy = [da.from_array(target, chunks=2), da.from_array(z, chunks=2)]
        compare(None, loss, lazy, [target, z], weight, da.from_array(weight, chunks=2))
    y[5, 2] = 3
    bad = evaluate(loss, chunked(y, (4, 5)), chunked(z, (4, 5)))
    with pytest.raises(ValueError, match=r"got 3 at index \(5, 2\)"):
        bad.compute()


def test_sums_of_losses_have_a_denominator_each(labels):
    y, z, weight = labels
    loss = CrossEntropyLoss(class_weight=[1, 2, 3, 4]) + 0.5 * CrossEntropyLoss(ignore_index=2)
    lazy = [da.from_array(y, chunks=13), da.from_array(z, chunks=(7, 3))]
    for reduction in ("mean", "sum", "none"):
        loss.set_params(reduction=reduction)
        compare(None, loss, lazy, [y, z], weight, da.from_array(weight, chunks=7))
    balanced = CrossEntropyLoss(class_weight="balanced") - 0.0 * CrossEntropyLoss()
    compare(None, balanced, lazy, [y, z], None, None)


def test_avg_factor(labels):
    y, z, weight = labels
    lazy = [da.from_array(y, chunks=13), da.from_array(z, chunks=(7, 3))]
    for loss in (
        CrossEntropyLoss(),
        CrossEntropyLoss() + CrossEntropyLoss(class_weight=[1, 2, 3, 4]),
    ):
        got = evaluate(loss, *lazy, avg_factor=7.0, return_gradient=True, sample_weight=weight)
        expected = loss.value_and_gradient(y, z, avg_factor=7.0, sample_weight=weight)
        for a, b in zip(dask.compute(*got), expected, strict=True):
            near(a, np.asarray(b))
    with pytest.raises(ValueError, match="avg_factor"):
        evaluate("cross_entropy", *lazy, reduction="sum", avg_factor=2.0)


@pytest.mark.parametrize("shape", [(), (1,), (5,), (12, 1), (1, 5), (12,), (12, 5)])
@pytest.mark.parametrize("lazy_variance", [False, True])
def test_variances_that_are_broadcast(shape, lazy_variance):
    rng = np.random.default_rng(0)
    y, mean = rng.normal(size=(2, 12, 5))
    var = np.asarray(rng.uniform(0.5, 2, shape))
    # In chunks of five rows, a variance of shape (5,) still belongs to the columns.
    lazy = [chunked(y, (5, 5, 2)), chunked(mean, (5, 5, 2))]
    own = da.from_array(var, chunks=2) if lazy_variance else var
    for weight in (None, rng.uniform(size=12)):
        for dtype, rtol in ((np.float64, 1e-12), (np.float32, 1e-5)):
            arrays = [y, mean, var.astype(dtype)]
            compare(
                None, GaussianNLLLoss(), [*lazy, own.astype(dtype)], arrays, weight, weight, rtol
            )


def test_arrays_in_memory_beside_dask_arrays():
    rng = np.random.default_rng(0)
    y, z = rng.normal(size=(2, 30, 2))
    lazy = da.from_array(z, chunks=7)
    for arrays in ((y, lazy), (chunked(y, (10, 20)), z), (y, z), (y.tolist(), lazy)):
        value, gradient = evaluate("huber_loss", *arrays, return_gradient=True)
        assert isinstance(value, da.Array)
        near(value.compute(), np.asarray(HuberLoss()(y, z)))
        near(gradient.compute(), HuberLoss().gradient(y, z))
    value = evaluate("mse_loss", y_true=y, y_pred=lazy, sample_weight=np.ones(30))
    assert_allclose(value.compute(), mean_squared_error(y, z), rtol=1e-12)
    scalar = evaluate("mse_loss", da.from_array(np.array(1.0)), 3.0)
    assert scalar.compute() == 4
    # A single sample of classes has no axis of samples.
    value, gradient = evaluate(
        "cross_entropy", np.array(1), da.from_array(y[:, 0], chunks=4), return_gradient=True
    )
    near(gradient.compute(), CrossEntropyLoss().gradient(np.array(1), y[:, 0]))
    with pytest.raises(ValueError, match=r"y_true is an array in memory.*compute_chunk_sizes"):
        evaluate("mse_loss", y, unknown(lazy))


def test_data_frames():
    pd = pytest.importorskip("pandas")
    dd = pytest.importorskip("dask.dataframe")
    frame = pd.DataFrame({"y": np.arange(10.0), "z": np.arange(10.0)[::-1]})
    lazy = dd.from_pandas(frame, npartitions=3)
    value = evaluate("mse_loss", lazy["y"], lazy["z"])
    assert_allclose(value.compute(), mean_squared_error(frame["y"], frame["z"]))


def test_functions_of_users():
    loss = CustomLoss(value=lambda y, z: (y - z) ** 2, gradient=lambda y, z: 2 * (z - y))
    rng = np.random.default_rng(0)
    y, z = rng.normal(size=(2, 30))
    value, gradient = evaluate(
        loss, da.from_array(y, chunks=7), da.from_array(z, chunks=7), return_gradient=True
    )
    assert_allclose(value.compute(), mean_squared_error(y, z), rtol=1e-12)
    assert_allclose(gradient.compute(), 2 * (z - y) / 30, rtol=1e-12)
    bad = CustomLoss(value=lambda y, z: np.where(z == z.max(), np.inf, z))
    lazy = [da.from_array(a, chunks=30) for a in (y, z)]
    where = int(z.argmax())
    with pytest.raises(ValueError, match=f"at index {where},"):
        evaluate(bad, *lazy).compute()


def test_each_chunk_is_read_once():
    read = []

    def block(block_info=None):
        ((start, stop),) = block_info[None]["array-location"]
        read.append(start)
        return np.arange(float(start), float(stop))

    z = da.map_blocks(block, chunks=((4, 4, 2),), dtype=float, meta=np.empty(0))
    y = da.zeros(10, chunks=4)
    weight = da.ones(10, chunks=4)
    results = evaluate(
        "mse_loss", y, z, sample_weight=weight, return_gradient=True, return_hessian=True
    )
    assert read == []
    value, gradient, _ = dask.compute(*results)
    assert sorted(read) == [0, 4, 8]
    assert_allclose(value, np.mean(np.arange(10.0) ** 2))
    assert_allclose(gradient, np.arange(10.0) / 5)


def test_results_do_not_depend_on_the_scheduler():
    rng = np.random.default_rng(0)
    y, z, weight = rng.normal(size=(2, 1000)), None, rng.uniform(size=1000)
    y, z = y
    lazy = [da.from_array(a, chunks=30) for a in (y, z, weight)]
    results = evaluate("huber_loss", *lazy[:2], sample_weight=lazy[2], return_gradient=True)
    found = []
    for scheduler in ("synchronous", "threads"):
        value, gradient = dask.compute(*results, scheduler=scheduler)
        found.append((float(value), gradient.tobytes()))
    assert found[0] == found[1]
    value, gradient = pickle.loads(pickle.dumps(results))
    assert (float(value.compute()), gradient.compute().tobytes()) == found[0]


def test_errors_name_the_position_in_the_whole_array():
    y, z = np.zeros((20, 2)), np.ones((20, 2))
    z[13, 1] = np.nan
    lengths = (6, 6, 8)
    value = evaluate("mse_loss", chunked(y, lengths), chunked(z, lengths))
    with pytest.raises(ValueError, match=r"y_pred contains NaN: got nan at index \(13, 1\)"):
        value.compute()
    weight = np.ones(20)
    weight[7] = -1
    value = evaluate("mse_loss", chunked(y, lengths), chunked(y, lengths), sample_weight=weight)
    with pytest.raises(ValueError, match=r"sample_weight .* got -1.0 at index 7"):
        value.compute()
    labels = np.zeros(20, int)
    labels[19] = 5
    value = evaluate("cross_entropy", chunked(labels, lengths), chunked(y, lengths))
    with pytest.raises(ValueError, match=r"y_true .* got 5 at index 19"):
        value.compute()
    mask = da.ones(20, chunks=(lengths,), dtype=bool)
    value = evaluate("mse_loss", chunked(y, lengths)[mask], chunked(z, lengths)[mask])
    with pytest.raises(ValueError, match=r"index \(1, 1\).* from the start of chunk 2"):
        value.compute()
    masked = da.ma.masked_greater(chunked(y, lengths), -1)
    with pytest.raises(ValueError, match=r"y_pred is a masked array .* index \(\d+, 0\)"):
        evaluate("mse_loss", chunked(y, lengths), masked).compute()
    one_hot = np.eye(2, dtype=int)[labels * 0]
    one_hot[17] = 0
    value = evaluate("cross_entropy", chunked(one_hot, lengths), chunked(y, lengths))
    with pytest.raises(ValueError, match="sum of 0 at index 17"):
        value.compute()
    # The thresholds are not a part of anything.
    thresholds = np.array([1.0, 0.0])
    value = evaluate(
        "cumulative_logit_loss",
        chunked(labels, lengths),
        chunked(y[:, 0], lengths),
        da.from_array(thresholds),
    )
    with pytest.raises(ValueError, match=r"thresholds .* at index 1"):
        value.compute()


def test_undefined_means():
    y, z = np.zeros((2, 10))
    lazy = [da.from_array(a, chunks=3) for a in (y, z + 1)]
    results = evaluate("mse_loss", *lazy, sample_weight=np.zeros(10), return_gradient=True)
    with pytest.warns(UndefinedMetricWarning):
        value, gradient = dask.compute(*results)
    assert np.isnan(value)
    assert not gradient.any()
    nothing = da.from_array(y, chunks=5)[da.zeros(10, chunks=5, dtype=bool)]
    with pytest.raises(ValueError, match="0 sample"):
        evaluate("mse_loss", nothing, nothing).compute()


@pytest.mark.parametrize(
    ("name", "arrays", "match"),
    [
        ("sup_con_loss", 2, "do not add up .* mini-batch"),
        ("mse_loss", 3, "is called with 2 arrays"),
        ("nothing", 2, "not a valid loss name"),
        ("hinge_loss", 1, "is called with 2 arrays"),
    ],
)
def test_what_is_refused_at_once(name, arrays, match):
    lazy = [da.zeros(6, chunks=2), *[da.zeros((6, 3), chunks=2)] * (arrays - 1)]
    with pytest.raises((TypeError, ValueError), match=match):
        evaluate(name, *lazy)


def test_shapes_and_forms_are_checked_at_once():
    y, z = da.zeros((6, 3), chunks=2), da.zeros((5, 3), chunks=2)
    with pytest.raises(ValueError, match="must have the same shape"):
        evaluate("mse_loss", y, z)
    with pytest.raises(ValueError, match=r"sample_weight\.shape"):
        evaluate("mse_loss", y, y, sample_weight=da.zeros(5))
    with pytest.raises(ValueError, match="'reduction' parameter"):
        evaluate("mse_loss", y, y, reduction="max")
    with pytest.raises(ValueError, match="has no diagonal Hessian"):
        evaluate("triplet_margin_loss", y, y, y, return_hessian=True)
    with pytest.raises(ValueError, match="first axis"):
        evaluate("ctc_loss", da.zeros((2, 3), dtype=int), da.zeros((4, 2, 5)), [4, 4], [3, 3])
    with pytest.raises(ValueError, match="real numbers"):
        evaluate("mse_loss", y, y.astype(str))
    with pytest.raises(ValueError, match="cannot be aligned"):
        evaluate("mse_loss", unknown(da.zeros(6, chunks=2)), unknown(da.zeros(6, chunks=3)))
    hidden = y[:, da.ones(3, chunks=3, dtype=bool)]
    with pytest.raises(ValueError, match="known lengths along all axes but the first"):
        evaluate("mse_loss", hidden, hidden)
    with pytest.raises(ValueError, match="do not add up"):
        evaluate("discriminator_loss", da.zeros(6, chunks=2), da.zeros(6, chunks=2))


def test_sums_of_losses_with_other_terms():
    loss = sklosses.DiceLoss(activation="softmax") + CrossEntropyLoss()
    rng = np.random.default_rng(0)
    y, z = rng.integers(0, 3, (6, 5)), rng.normal(size=(6, 3, 5))
    lazy = da.from_array(y, chunks=(2, 5)), da.from_array(z, chunks=(2, 3, 5))
    value, gradient = evaluate(loss, *lazy, return_gradient=True)
    assert_allclose(value.compute(), loss(y, z), rtol=1e-12)
    assert_allclose(gradient.compute(), loss.gradient(y, z), rtol=1e-10, atol=1e-15)
    with pytest.raises(ValueError, match=r"^For reduction='none', all losses"):
        evaluate(loss, *lazy, reduction="none")


def test_direct_calls_do_not_gather():
    y = da.zeros(6, chunks=2)
    for call in (
        lambda: sklosses.mse_loss(y, np.zeros(6)),
        lambda: sklosses.mse_loss(np.zeros(6), y),
        lambda: MSELoss().gradient(np.zeros(6), np.zeros(6), sample_weight=y),
        lambda: MSELoss().partial([y, y], np.zeros((2, 6))),
        lambda: MSELoss().optimal_constant(y),
        lambda: MSELoss().inverse_link(y),
        lambda: sklosses.mse_loss([[y[0]], [y[1]]], np.zeros((2, 1))),
    ):
        with pytest.raises(TypeError, match=r"dask Array.*sklosses\.dask\.evaluate"):
            call()
    with pytest.raises(TypeError, match=r"y_true is a dask Delayed.* or pass y_true\.compute"):
        sklosses.mse_loss(dask.delayed(np.zeros)(6), np.zeros(6))
    for call in (sklosses.mse_loss, partial(evaluate, "mse_loss")):
        with pytest.raises(TypeError, match=r"avg_factor is a dask Array.* Pass avg_factor\.comp"):
            call(np.zeros(6), np.zeros(6), avg_factor=y.sum())


class Model:
    """An estimator that predicts with whatever array it gets."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X[:, 0] * 2


def test_scores():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y, weight = rng.normal(size=50), rng.uniform(size=50)
    labels = (X[:, 0] + rng.normal(size=50) > 0).astype(int)
    names = np.array(["no", "yes"])[labels]
    lazy = da.from_array(X, chunks=(11, 2))
    score = sklosses.make_loss_scorer("huber_loss")
    for model in (Model(), LinearRegression().fit(X, y)):
        for w in (None, weight):
            got = score(model, lazy, da.from_array(y, chunks=9), sample_weight=w)
            assert type(got) is float
            assert_allclose(got, score(model, X, y, sample_weight=w), rtol=1e-12)
    model = LogisticRegression().fit(X, names)
    score = sklosses.make_loss_scorer("cross_entropy")
    got = score(model, lazy, da.from_array(names, chunks=9), sample_weight=weight)
    assert_allclose(got, -log_loss(names, model.predict_proba(X), sample_weight=weight))
    with pytest.raises(ValueError, match="d2=True"):
        sklosses.make_loss_scorer("mse_loss", d2=True)(Model(), lazy, y)
    with pytest.raises(TypeError, match="y is a dask Array"):
        sklosses.make_loss_scorer("mse_loss")(Model(), X, da.from_array(y))
    names[40] = "maybe"
    with pytest.raises(ValueError, match="'may' at index 40"):
        score(model, lazy, da.from_array(names, chunks=9))


def test_estimators_do_not_gather():
    from sklosses.boosting import LossBoostingClassifier, LossBoostingRegressor
    from sklosses.linear_model import LossClassifier, LossRegressor
    from sklosses.metric_learning import LossEmbedding

    X, y = da.ones((8, 2), chunks=4), np.arange(8) % 2
    for model, instead in (
        (LossRegressor(), r"sklosses\.dask\.LossRegressor"),
        (LossClassifier(), r"sklosses\.dask\.LossClassifier"),
        (LossEmbedding(), "compute"),
        (LossBoostingRegressor(), "compute"),
    ):
        with pytest.raises(TypeError, match=instead):
            model.fit(X, y)
    in_memory = X.compute() + np.arange(16).reshape(8, 2)
    for model in (LossBoostingRegressor(), LossBoostingClassifier()):
        model.fit(in_memory, y)
        for arrays in ((in_memory, da.from_array(y)), (in_memory, y, da.ones(8))):
            with pytest.raises(TypeError, match=r"is a dask Array.*Pass \w+\.compute"):
                model.score(*arrays)
    fitted = LossRegressor().fit(np.eye(8)[:, :2], np.arange(8.0))
    with pytest.raises(TypeError, match="X is a dask Array"):
        fitted.predict(X)


def test_dask_is_not_imported_before_it_is_asked_for():
    source = "import sys, sklosses, sklosses.linear_model; print('dask' in sys.modules)"
    assert run_python(source).strip() == "False"
    source = """
import sys
sys.modules["dask"] = None
try:
    import sklosses.dask
except ImportError as error:
    print(error)
"""
    assert "pip install 'sklosses[dask]'" in run_python(source)
