"""Linear models on Dask arrays, compared with those of arrays in memory."""

import pickle

import numpy as np
import pytest
from helpers import run_alone
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import (
    ConvergenceWarning,
    DataConversionWarning,
    NotFittedError,
    UndefinedMetricWarning,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score

from sklosses import CrossEntropyLoss, MultiLabelSoftMarginLoss, linear_model

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
lazily = pytest.importorskip("sklosses.dask")


@pytest.fixture(autouse=True, scope="module")
def threads():
    with dask.config.set(scheduler="threads", num_workers=2):
        yield


@pytest.fixture(scope="module")
def data():
    """More rows than the curvature is estimated from."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(9000, 4)) * [1, 10, 0.1, 1] + 3
    z = (X - 3) @ [1.0, -0.1, 4.0, 0.5]
    targets = {
        "real": z + rng.standard_t(3, size=9000),
        "counts": rng.poisson(np.exp(z / 4)).astype(float),
        "binary": (z + rng.logistic(size=9000) > 0).astype(int),
        "classes": np.digitize(z + rng.logistic(size=9000), [-1, 2]),
    }
    return X, targets, rng.uniform(size=9000)


def in_chunks(X, y, weight=None, lengths=2500):
    own = None if weight is None else da.from_array(weight, chunks=lengths)
    return da.from_array(X, chunks=(lengths, 3)), da.from_array(y, chunks=lengths + 10), own


def same(model, other, rtol=1e-5):
    """The same model but for the tolerance of the fits."""
    assert_allclose(model.coef_, other.coef_, rtol=rtol, atol=rtol * np.abs(other.coef_).max())
    size = max(1.0, np.abs(other.intercept_).max())
    assert_allclose(model.intercept_, other.intercept_, rtol=rtol, atol=rtol * size)
    assert_allclose(model.loss_curve_[-1], other.loss_curve_[-1], rtol=1e-9)
    assert model.coef_.shape == other.coef_.shape
    assert model.coef_.dtype == other.coef_.dtype
    assert np.shape(model.intercept_) == np.shape(other.intercept_)
    assert model.n_features_in_ == other.n_features_in_
    assert model.n_iter_ == len(model.loss_curve_)


REGRESSION = [
    ("mse_loss", "real"),
    ("huber_loss", "real"),
    ("quantile_loss", "real"),
    ("gaussian_nll_loss", "real"),
    ("poisson_nll_loss", "counts"),
]


@pytest.mark.parametrize(("loss", "target"), REGRESSION)
@pytest.mark.parametrize("is_weighted", [False, True])
def test_regressor(data, loss, target, is_weighted):
    X, targets, weight = data
    y, weight = targets[target], weight if is_weighted else None
    expected = linear_model.LossRegressor(loss).fit(X, y, weight)
    got = lazily.LossRegressor(loss).fit(*in_chunks(X, y, weight))
    same(got, expected)


CLASSIFICATION = [
    "cross_entropy",
    "sigmoid_focal_loss",
    "cumulative_logit_loss",
    "coral_loss",
    "corn_loss",
    "multilabel_soft_margin_loss",
]


@pytest.mark.parametrize("loss", CLASSIFICATION)
@pytest.mark.parametrize("target", ["binary", "classes"])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_classifier(data, loss, target, class_weight):
    X, targets, weight = data
    y = np.array(["a", "bb", "c"])[targets[target]]
    weight = None if class_weight is None else weight
    expected = linear_model.LossClassifier(loss, class_weight=class_weight).fit(X, y, weight)
    got = lazily.LossClassifier(loss, class_weight=class_weight).fit(*in_chunks(X, y, weight))
    assert got.classes_.tolist() == expected.classes_.tolist()
    same(got, expected)
    if hasattr(expected, "thresholds_"):
        assert_allclose(got.thresholds_, expected.thresholds_, rtol=1e-5)


@pytest.mark.parametrize("scale", [False, True])
def test_equals_scikit_learn(data, scale):
    X, targets, weight = data
    if scale:
        X = X / X.std(axis=0)
    got = lazily.LossClassifier(alpha=1e-3, tol=1e-9).fit(*in_chunks(X, targets["classes"], weight))
    strength = 1 / (1e-3 * weight.sum())
    expected = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000)
    expected.fit(X, targets["classes"], weight)
    assert_allclose(got.predict_proba(X), expected.predict_proba(X), atol=1e-5)
    got = lazily.LossRegressor("mse_loss", alpha=2e-3).fit(*in_chunks(X, targets["real"]))
    expected = Ridge(alpha=1e-3 * len(X)).fit(X, targets["real"])
    assert_allclose(got.coef_, expected.coef_, rtol=1e-9)


def test_class_weights_of_the_loss(data):
    X, targets, weight = data
    y = targets["classes"]
    for loss in (
        CrossEntropyLoss(class_weight="balanced"),
        CrossEntropyLoss(class_weight={0: 3.0, 2: 0.5}),
        CrossEntropyLoss(class_weight=[1, 2, 3.0]) + CrossEntropyLoss(label_smoothing=0.2),
    ):
        expected = linear_model.LossClassifier(loss).fit(X, y, weight)
        got = lazily.LossClassifier(loss).fit(*in_chunks(X, y, weight))
        same(got, expected)
        assert repr(got.loss_) == repr(expected.loss_)
    # The labels that are ignored have no weight in the mean, and no best intercept.
    loss = CrossEntropyLoss(ignore_index=1)
    expected = linear_model.LossClassifier(loss).fit(X, y, weight)
    got = lazily.LossClassifier(loss).fit(*in_chunks(X, y, weight))
    assert_allclose(got.loss_curve_[-1], expected.loss_curve_[-1], rtol=1e-6)


def test_several_targets_and_labels(data):
    X, targets, weight = data
    Y = np.column_stack([targets["real"], targets["counts"]])
    lazy = da.from_array(X, chunks=1700), da.from_array(Y, chunks=(2000, 1))
    expected = linear_model.LossRegressor("huber_loss").fit(X, Y)
    same(lazily.LossRegressor("huber_loss").fit(*lazy), expected)
    expected = linear_model.LossRegressor("quantile_loss", alpha=1e-3).set_params(
        loss__quantile=[0.2, 0.8]
    )
    got = clone(lazily.LossRegressor(**expected.get_params(deep=False)))
    same(got.fit(*lazy), expected.fit(X, Y), 1e-4)
    labels = (Y > 1).astype(int)
    lazy = lazy[0], da.from_array(labels, chunks=(2000, 1)), da.from_array(weight, chunks=900)
    balanced = MultiLabelSoftMarginLoss(class_weight="balanced")
    for loss in ("binary_cross_entropy_with_logits", balanced, "soft_margin_loss"):
        expected = linear_model.LossClassifier(loss).fit(X, labels, weight)
        got = lazily.LossClassifier(loss).fit(*lazy)
        same(got, expected)
        assert got.classes_.tolist() == [0, 1]
        assert_allclose(got.predict(lazy[0]).compute(), expected.predict(X))
        assert_allclose(got.score(lazy[0], lazy[1]), accuracy_score(labels, expected.predict(X)))


def test_sparse_chunks(data):
    X, targets, weight = data
    X = np.where(np.abs(X - 3) < 1, 0, X)
    X[:, 2] += 1e7  # far from 0 in all rows, so that it is centred
    lazy = da.from_array(X, chunks=(2000, -1))
    for make in (sparse.csr_matrix, sparse.csc_array):
        blocks = lazy.map_blocks(make)
        expected = linear_model.LossRegressor().fit(make(X), targets["real"], weight)
        got = lazily.LossRegressor().fit(blocks, *in_chunks(X, targets["real"], weight)[1:])
        same(got, expected)
        assert_allclose(got.predict(blocks).compute(), got.predict(X))
        expected = linear_model.LossClassifier().fit(make(X), targets["binary"])
        got = lazily.LossClassifier().fit(blocks, da.from_array(targets["binary"], chunks=700))
        same(got, expected, 1e-4)


def test_features_far_from_zero(data):
    X, targets, _ = data
    X = X + np.array([0, 1e8, 0, 0])
    expected = linear_model.LossRegressor().fit(X, targets["real"])
    same(lazily.LossRegressor().fit(*in_chunks(X, targets["real"])), expected)


def test_correlated_features(data):
    """The covariance is not accurate enough, so roots of it are merged."""
    X, targets, _ = data
    X = np.column_stack([X, X[:, 0] + 1e-7 * X[:, 3] ** 2])
    expected = linear_model.LossRegressor("mse_loss", alpha=0).fit(X, targets["real"])
    got = lazily.LossRegressor("mse_loss", alpha=0).fit(*in_chunks(X, targets["real"]))
    assert_allclose(got.predict(X), expected.predict(X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("n_features", [4, 300])
def test_single_precision_and_many_features(n_features):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(9000, n_features)).astype(np.float32)
    y = X[:, 0] - X[:, 1] + rng.normal(size=9000)
    expected = linear_model.LossRegressor().fit(X, y)
    got = lazily.LossRegressor().fit(da.from_array(X, chunks=4000), y)
    assert got.coef_.dtype == np.float32
    assert_allclose(got.coef_, expected.coef_, atol=1e-3)
    assert got.predict(da.from_array(X, chunks=50)).dtype == np.float32


def test_settings(data):
    X, targets, _ = data
    lazy = in_chunks(X, targets["real"])
    expected = linear_model.LossRegressor(fit_intercept=False, alpha=0.1).fit(X, targets["real"])
    got = lazily.LossRegressor(fit_intercept=False, alpha=0.1).fit(*lazy)
    same(got, expected)
    assert got.intercept_ == 0
    # A warm start is at the minimum already.
    got = lazily.LossRegressor(warm_start=True).fit(*lazy)
    first = got.n_iter_
    assert got.fit(*lazy).n_iter_ < first
    with pytest.warns(ConvergenceWarning, match="LossRegressor did not converge"):
        lazily.LossRegressor(max_iter=1, tol=0).fit(*lazy)
    with pytest.raises(ValueError, match="does not support CrossEntropyLoss"):
        lazily.LossRegressor("cross_entropy").fit(*lazy)
    with pytest.raises(ValueError, match="alpha"):
        lazily.LossRegressor(alpha=-1).fit(*lazy)


def test_lengths_may_be_unknown_and_chunks_empty(data):
    X, targets, weight = data
    kept = X[:, 0] > 3
    kept[2500:5000] = False
    mask = da.from_array(kept, chunks=2500)
    lazy = [da.from_array(a, chunks=2500)[mask] for a in (X, targets["classes"], weight)]
    arrays = [a[kept] for a in (X, targets["classes"], weight)]
    expected = linear_model.LossClassifier().fit(*arrays)
    got = lazily.LossClassifier().fit(*lazy)
    same(got, expected)
    assert_allclose(got.predict_proba(lazy[0]).compute(), expected.predict_proba(arrays[0]), 1e-4)
    assert (got.predict(lazy[0]).compute() == expected.predict(arrays[0])).all()
    assert_allclose(got.score(*lazy), expected.score(*arrays))
    nothing = [da.from_array(a, chunks=2500)[mask & ~mask] for a in (X, weight)]
    with pytest.raises(ValueError, match="0 sample"):
        lazily.LossRegressor().fit(*nothing)


def test_weights_that_are_rare(data):
    X, targets, _ = data
    weight = np.zeros(9000)
    weight[1001:1301] = 1
    expected = linear_model.LossRegressor().fit(X, targets["real"], weight)
    got = lazily.LossRegressor().fit(*in_chunks(X, targets["real"], weight))
    same(got, expected)
    for model in (lazily.LossRegressor(), lazily.LossRegressor(fit_intercept=False)):
        with pytest.raises(ValueError, match="zero"):
            model.fit(*in_chunks(X, targets["real"], 0 * weight))


def test_predictions_and_scores(data):
    X, targets, weight = data
    lazy, y, own = in_chunks(X, targets["real"], weight)
    reg = lazily.LossRegressor("gaussian_nll_loss").fit(lazy, y)
    mean, std = reg.predict(lazy, return_std=True)
    assert isinstance(mean, da.Array)
    assert mean.chunks == std.chunks == (lazy.chunks[0],)
    for got, expected in zip(dask.compute(mean, std), reg.predict(X, return_std=True), strict=True):
        assert_allclose(got, expected)
    for w, lazily_w in ((None, None), (weight, own)):
        expected = r2_score(targets["real"], reg.predict(X), sample_weight=w)
        assert_allclose(reg.score(lazy, y, lazily_w), expected)
        assert_allclose(reg.score(X, targets["real"], w), expected)
    clf = lazily.LossClassifier().fit(lazy, targets["classes"])
    for method in ("predict", "predict_proba", "decision_function"):
        got, expected = getattr(clf, method)(lazy), getattr(clf, method)(X)
        assert isinstance(got, da.Array)
        assert isinstance(expected, np.ndarray)
        assert (got.shape, got.dtype) == (expected.shape, expected.dtype)
        assert_allclose(got.compute(), expected)
    assert_allclose(
        clf.score(lazy, da.from_array(targets["classes"], chunks=100), own),
        accuracy_score(targets["classes"], clf.predict(X), sample_weight=weight),
    )
    with pytest.raises(ValueError, match="number of features"):
        clf.predict(lazy[:, :2])
    with pytest.raises(NotFittedError):
        lazily.LossClassifier().predict(lazy)
    # The score of a constant target.
    reg = lazily.LossRegressor("mse_loss").fit(lazy, y * 0)
    assert reg.score(lazy, y * 0) in (0.0, 1.0)


def test_scores_check_their_data(data):
    """As fits do: a NaN must not pass for a perfect score."""
    X, targets, weight = data
    lazy, y, labels = in_chunks(X, targets["real"], targets["classes"])
    reg = lazily.LossRegressor("mse_loss").fit(lazy, y)
    clf = lazily.LossClassifier().fit(lazy, labels)
    nothing = np.zeros(len(X))
    infinite = np.where(np.arange(len(X)) == 77, np.inf, weight)
    for model, target in ((reg, y), (clf, labels)):
        with pytest.raises(
            ValueError, match="sample_weight contains infinity: got inf at index 77"
        ):
            model.score(lazy, target, infinite)
        with pytest.raises(ValueError, match="total weight of the samples is zero"):
            model.score(lazy, target, nothing)
        with pytest.raises(ValueError, match=r"sample_weight must have shape \(n_samples,\)"):
            model.score(lazy, target, weight[:, np.newaxis])
        with pytest.raises(
            ValueError, match=r"sample_weight contains .*\. Only finite values >= 0"
        ):
            model.score(lazy, target, -weight)
        with pytest.raises(ValueError, match=r"Found array with 0 sample\(s\)"):
            model.score(lazy[:0], target[:0])
        with pytest.raises(ValueError, match="y must be array-like"):
            model.score(lazy, None)
        with pytest.raises(ValueError, match="X is a masked array with a masked element"):
            model.score(da.ma.masked_array(lazy, lazy > 0), target)
        with pytest.raises(ValueError, match=r"n_samples, \d+\), the number of features"):
            model.score(lazy[:, :1], target)
    with pytest.raises(ValueError, match="y contains infinity: got inf at index 77"):
        reg.score(lazy, infinite)
    with pytest.raises(ValueError, match="y and the predictions must have the same shape"):
        reg.score(lazy, np.column_stack([weight, weight]))
    with pytest.raises(ValueError, match="Mix of label input types"):
        clf.score(lazy, nothing.astype(str))
    with pytest.warns(UndefinedMetricWarning, match="less than two samples"):
        assert np.isnan(reg.score(lazy[:1], y[:1]))
    # Weights of which those of whole chunks are 0.
    own = np.where(np.arange(len(X)) < len(X) // 2, 0, weight)
    expected = accuracy_score(targets["classes"], clf.predict(X), sample_weight=own)
    assert_allclose(clf.score(lazy, labels, own), expected)
    expected = r2_score(targets["real"], reg.predict(X), sample_weight=own)
    assert_allclose(reg.score(lazy, y, own), expected)
    assert_allclose(reg.score(lazy, targets["real"][:, np.newaxis]), reg.score(lazy, y))
    two = np.column_stack([targets["real"], weight])
    reg.fit(lazy, two)
    assert_allclose(reg.score(lazy, two), r2_score(two, reg.predict(X)))


def test_masked_arrays_are_refused(data):
    X, targets, weight = data
    lazy, y, own = in_chunks(X, targets["real"], weight)
    for arrays, name in (
        ((da.ma.masked_array(lazy, lazy > 0), y, own), "X"),
        ((lazy, da.ma.masked_array(y, y > 0), own), "y"),
        ((lazy, y, da.ma.masked_array(own, own > 0.5)), "sample_weight"),
    ):
        with pytest.raises(ValueError, match=rf"{name} is a masked array with a masked element"):
            lazily.LossRegressor().fit(*arrays)


def test_targets_outside_their_domain(data):
    """The message is that of a fit in memory."""
    X = data[0]
    counts = np.where(np.arange(len(X)) == 123, -1.0, 2.0)
    sentence = r"^Input y contains a value out of its domain: got -1\.0 at index 123\. Only finite "
    for module, arrays in ((lazily, in_chunks(X, counts)), (linear_model, (X, counts))):
        with pytest.raises(ValueError, match=sentence + r"values >= 0 are allowed\.$"):
            module.LossRegressor("poisson_nll_loss").fit(*arrays)


def test_models_in_memory_do_not_load_arrays(data):
    X, targets, weight = data
    lazy, y, own = in_chunks(X, targets["real"], weight)
    reg = linear_model.LossRegressor().fit(X, targets["real"])
    clf = linear_model.LossClassifier().fit(X, targets["classes"])
    for model, target in ((reg, targets["real"]), (clf, targets["classes"])):
        for arrays in ((lazy, target), (X, y), (X, target, own)):
            with pytest.raises(
                TypeError, match=r"Use sklosses\.dask\.Loss\w+, or pass \w+\.compute"
            ):
                model.score(*arrays)


def test_arrays_in_memory(data):
    X, targets, weight = data
    expected = linear_model.LossRegressor().fit(X, targets["real"], weight)
    got = lazily.LossRegressor().fit(X, targets["real"], weight)
    assert (got.coef_ == expected.coef_).all()
    got = lazily.LossRegressor().fit(in_chunks(X, weight)[0], targets["real"].tolist(), weight)
    same(got, expected)
    got = lazily.LossRegressor().fit(X, *in_chunks(X, targets["real"], weight)[1:])
    same(got, expected)


def test_data_frames(data):
    pd = pytest.importorskip("pandas")
    dd = pytest.importorskip("dask.dataframe")
    X, targets, _ = data
    frame = pd.DataFrame(X, columns=list("abcd"))
    lazy = dd.from_pandas(frame, npartitions=4)
    y = dd.from_pandas(pd.Series(targets["real"]), npartitions=4)
    expected = linear_model.LossRegressor().fit(frame, targets["real"])
    got = lazily.LossRegressor().fit(lazy, y)
    same(got, expected)
    assert got.feature_names_in_.tolist() == list("abcd")
    assert_allclose(got.predict(lazy).compute(), got.predict(frame))


def test_an_estimator_like_others(data):
    X, targets, _ = data
    lazy = in_chunks(X, targets["classes"])
    clf = lazily.LossClassifier("softmax_focal_loss", alpha=1e-3).set_params(loss__gamma=1.0)
    assert repr(clf).startswith("LossClassifier(")
    assert clone(clf).get_params()["loss__gamma"] == 1.0
    clf.fit(*lazy)
    again = pickle.loads(pickle.dumps(clf))
    assert (again.predict(lazy[0]).compute() == clf.predict(X)).all()
    assert "LossClassifier" in clf._repr_html_()
    assert not hasattr(lazily.LossClassifier("hinge_loss"), "predict_proba")


def test_bad_data(data):
    X, targets, weight = data
    y = targets["real"]
    bad = X.copy()
    bad[7003, 2] = np.nan
    with pytest.raises(ValueError, match=r"X contains NaN: got nan at index \(7003, 2\)"):
        lazily.LossRegressor().fit(*in_chunks(bad, y))
    bad = y.copy()
    bad[6001] = np.inf
    with pytest.raises(ValueError, match="y contains infinity: got inf at index 6001"):
        lazily.LossRegressor().fit(*in_chunks(X, bad))
    bad = targets["counts"].copy()
    bad[8001] = -1
    with pytest.raises(ValueError, match=r"Input y .*got -1.0 at index 8001"):
        lazily.LossRegressor("poisson_nll_loss").fit(*in_chunks(X, bad))
    bad = weight.copy()
    bad[8002] = -1
    with pytest.raises(ValueError, match=r"sample_weight .*got -1.0 at index 8002"):
        lazily.LossRegressor().fit(*in_chunks(X, y, bad))
    with pytest.raises(ValueError, match="same number of rows"):
        lazily.LossRegressor().fit(*in_chunks(X, y[:-1]))
    with pytest.raises(ValueError, match="n_samples, n_features"):
        lazily.LossRegressor().fit(*in_chunks(X, y)[1:2] * 2)
    with pytest.raises(ValueError, match="only one class: 'a'"):
        lazily.LossClassifier().fit(*in_chunks(X, np.full(9000, "a")))
    with pytest.raises(ValueError, match="Unknown label type"):
        lazily.LossClassifier().fit(*in_chunks(X, y))
    with pytest.raises(ValueError, match="multiclass-multioutput"):
        lazily.LossClassifier().fit(
            da.from_array(X), da.from_array(np.column_stack([targets["classes"]] * 2))
        )
    with pytest.warns(DataConversionWarning, match="column-vector"):
        lazily.LossClassifier().fit(
            da.from_array(X, chunks=4000), da.from_array(targets["binary"][:, None], chunks=4000)
        )


# Two workers, of which one is killed as soon as the fit has begun to evaluate.
KILLED = """
import os, signal, sys, threading, time
import numpy as np
import dask.array as da
from distributed import Client, LocalCluster
from sklosses import linear_model
from sklosses.dask import LossClassifier, evaluate

def make(block_info=None):
    (start, stop), _ = block_info[None]["array-location"]
    return np.random.default_rng(start).normal(size=(stop - start, 3))

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, \\
            Client(cluster) as client:
        X = da.map_blocks(make, chunks=((2000,) * 8, (3,)), dtype=float, meta=np.empty((0, 0)))
        X = X.persist() if sys.argv[1] == "persisted" else X
        y = X[:, 0] + da.sin(20 * X[:, 1]) > 0
        pids = list(client.run(os.getpid).values())
        killed = []

        class Model(LossClassifier):
            def _minimise(self, objective):
                inner = objective.evaluate
                def evaluate(*point):
                    if objective.calls == 2 and not killed:
                        threading.Timer(0.02, os.kill, (pids[0], signal.SIGKILL)).start()
                        killed.append(pids[0])
                    objective.calls += 1
                    return inner(*point)
                objective.calls, objective.evaluate = 0, evaluate
                return super()._minimise(objective)

        model = Model("softmax_focal_loss", tol=1e-8).fit(X, y)
        assert killed
        values = X.compute()
        expected = linear_model.LossClassifier("softmax_focal_loss", tol=1e-8)
        expected.fit(values, values[:, 0] + np.sin(20 * values[:, 1]) > 0)
        np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-6)
        z = model.decision_function(X)
        value = evaluate("binary_cross_entropy_with_logits", y.astype(float), z).compute()
        now = client.run(os.getpid).values()
        assert killed[0] not in now
        print("right", model.n_iter_ > 2, 0 < value < 1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["persisted", "not persisted"])
def test_a_worker_is_killed_in_the_middle_of_a_fit(tmp_path, kind):
    pytest.importorskip("distributed")
    (tmp_path / "fit.py").write_text(KILLED)
    assert run_alone(tmp_path, "fit.py", kind).strip().endswith("right True True")


# A loss of the same data, which is held: the cluster compares its tasks with those of the fit.
HELD = """
import logging
import numpy as np
import dask.array as da
from distributed import Client, LocalCluster
from sklosses.dask import LossRegressor, evaluate

class Log(logging.Handler):
    lines = []
    def emit(self, record):
        self.lines.append(record.getMessage())

if __name__ == "__main__":
    logging.getLogger("distributed.scheduler").addHandler(Log())
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(5000, 4)), rng.uniform(size=5000)
    y = X @ [1.0, 2.0, 3.0, 4.0]
    with LocalCluster(processes=False, dashboard_address=None) as cluster, \\
            Client(cluster) as client:
        X = da.from_array(X, chunks=(900, 4)).persist()
        y, w = da.from_array(y, chunks=700), da.from_array(w, chunks=1100)
        value = client.compute(evaluate("huber_loss", y, X[:, 0], sample_weight=w))
        assert value.result() > 0
        reg = LossRegressor().fit(X, y, w)
        print(reg.coef_.round(), [line for line in Log.lines if "run_spec" in line])
"""


@pytest.mark.slow
def test_tasks_of_a_fit_are_those_of_other_graphs(tmp_path):
    pytest.importorskip("distributed")
    (tmp_path / "held.py").write_text(HELD)
    assert run_alone(tmp_path, "held.py").strip().endswith("[1. 2. 3. 4.] []")
