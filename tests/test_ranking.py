"""Losses of groups that are ranked: peers, ties, groups of any kind, and large groups."""

import math

import numpy as np
import pandas as pd
import pytest
import sklearn
from helpers import RTOL, close, measures_memory, peak_memory, reset_peak_memory
from numpy.testing import assert_allclose, assert_array_equal
from references import REFERENCES, WIDE
from references.ranking import lambdarank, lambdarank_gradient, ranknet, ranknet_terms

import sklosses
from sklosses import LambdaRankLoss, ListMLELoss, RankNetLoss, get_loss, get_loss_names

NAMES = [name for name in get_loss_names() if get_loss(name).tags.response == "score"]
every_ranking_loss = pytest.mark.parametrize("name", NAMES)


def drawn(n=60, n_groups=5, seed=0, dtype=np.float64):
    """Grades, scores without ties, and groups in no order."""
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.resize(np.arange(n_groups), n))
    return rng.integers(0, 4, n), rng.normal(size=n).astype(dtype), groups


def without_ties(name, arrays):
    """ListMLE takes relevances in order, others need no such care."""
    y, s, groups = arrays
    return (np.random.default_rng(1).permutation(len(y)), s, groups) if "mle" in name else arrays


# ---------------------------------------------------------------------------------------------
# Peers
# ---------------------------------------------------------------------------------------------


def rax_losses(rax, jnp, jax):
    """Losses of one list, by the names of sklosses' functions."""

    def lambdarank_of(k):
        def loss(s, y):
            # rax multiplies weights by the length of the list.
            return (
                rax.pairwise_logistic_loss(
                    s,
                    y,
                    lambdaweight_fn=lambda *args, **kw: rax.dcg_lambdaweight(
                        *args, **kw, topn=k, normalize=True
                    ),
                    reduce_fn=jnp.sum,
                )
                / s.shape[0]
            )

        return loss

    return {
        ("ranknet_loss", None): lambda s, y: rax.pairwise_logistic_loss(s, y),
        ("lambdarank_loss", None): lambdarank_of(None),
        ("lambdarank_loss", 3): lambdarank_of(3),
        ("listnet_loss", None): lambda s, y: rax.softmax_loss(s, jax.nn.softmax(y)),
        ("listmle_loss", None): lambda s, y: rax.listmle_loss(s, y),
    }


@pytest.mark.parametrize(
    ("name", "k"),
    [
        ("ranknet_loss", None),
        ("lambdarank_loss", None),
        ("lambdarank_loss", 3),
        ("listnet_loss", None),
        ("listmle_loss", None),
    ],
)
def test_rax(name, k):
    rax = pytest.importorskip("rax")
    jax = pytest.importorskip("jax")
    y, s, groups = without_ties(name, drawn())
    loss = get_loss(name, **({} if k is None else {"k": k}), reduction="none")
    values, gradient = loss.value_and_gradient(y, s, groups)
    with jax.enable_x64(True):
        jnp = jax.numpy
        theirs = rax_losses(rax, jnp, jax)[name, k]
        for value, label in zip(values, np.unique(groups), strict=True):
            own = groups == label
            expected, slope = jax.value_and_grad(theirs)(
                jnp.asarray(s[own]), jnp.asarray(y[own], float)
            )
            assert value == pytest.approx(float(expected), rel=1e-10)
            assert_allclose(gradient[own], np.asarray(slope), rtol=1e-9, atol=1e-12)


def leaves_of_lightgbm(y, s, groups, l2):
    """-g / (h + l2) of each row, from trees with a leaf for the row and one for the others."""
    lightgbm = pytest.importorskip("lightgbm")
    found = np.empty(len(y))
    sizes = np.diff(np.flatnonzero(np.r_[True, groups[1:] != groups[:-1], True]))
    for row in range(len(y)):
        X = (np.arange(len(y)) == row).astype(float)[:, None]
        # The number of rows in a leaf is estimated from the sum of the Hessian.
        weight = np.where(X[:, 0], 100.0, 1.0)
        data = lightgbm.Dataset(
            X,
            y,
            group=sizes,
            init_score=s,
            weight=weight,
            params={"min_data_in_bin": 1, "feature_pre_filter": False, "verbose": -1},
        )
        model = lightgbm.train(
            {
                "objective": "lambdarank",
                "lambdarank_norm": False,
                "lambdarank_truncation_level": 1000,
                "num_leaves": 2,
                "min_data_in_leaf": 1,
                "min_sum_hessian_in_leaf": 0,
                "lambda_l2": 100.0 * l2,
                "learning_rate": 1.0,
                "num_threads": 1,
                "verbose": -1,
            },
            data,
            num_boost_round=1,
        )
        found[row] = model.predict(X[row : row + 1], raw_score=True)[0]
    return found


def test_lambdas_and_hessian_are_those_of_lightgbm():
    y, s, groups = drawn(24, 3)
    order = np.argsort(groups, kind="stable")
    y, s, groups = y[order], s[order], groups[order]
    loss = LambdaRankLoss(reduction="sum")
    gradient, hessian = loss.gradient_and_hessian(y, s, groups)
    # LightGBM looks sigmoids up in a table and keeps float32 numbers.
    for l2 in (0.5, 2.0):
        assert_allclose(
            leaves_of_lightgbm(y, s, groups, l2), -gradient / (hessian + l2), rtol=2e-3, atol=1e-4
        )


# ---------------------------------------------------------------------------------------------
# Ties and degenerate groups
# ---------------------------------------------------------------------------------------------


def test_equal_scores_rank_in_the_order_of_the_rows():
    y = np.array([0, 2, 1, 3, 0, 1])
    groups = np.array([4, 1, 4, 1, 4, 1])
    for k in (None, 1, 2):
        loss = LambdaRankLoss(k=k, reduction="none")
        value, gradient = loss.value_and_gradient(y, np.zeros(6), groups)
        # A little below each row comes the next one.
        expected, slope = loss.value_and_gradient(y, -1e-9 * np.arange(6), groups)
        assert_allclose(value, expected, rtol=1e-7)
        assert_allclose(gradient, slope, rtol=1e-7, atol=1e-9)
        other = loss(y[::-1], np.zeros(6), groups[::-1])
        assert (np.abs(other - value) > 1e-3).any()
        # Zeros of both signs are equal.
        zeros = np.array([0.0, -0.0, 0.0, -0.0, 0.0, -0.0])
        assert_array_equal(loss(y, zeros, groups), value)


def test_equal_relevances_keep_the_order_of_the_rows():
    y = np.array([1.0, 0.0, 1.0, -0.0, 1.0, 0.0])
    s = np.array([0.3, -1.0, 2.0, 0.5, -0.2, 1.0])
    loss = ListMLELoss()
    expected = loss(y - 1e-9 * np.arange(6), s, np.zeros(6))
    assert loss(y, s, np.zeros(6)) == expected


@every_ranking_loss
def test_groups_without_an_order_count_zero(name):
    y = [1, 1, 1, 0, 2, 3, 0, 1]
    s = [3.0, -2.0, 1.0, 0.5, 1.0, 2.0, -1.0, 2.0]
    groups = [0, 0, 0, 1, 2, 5, 7, 7]
    loss = get_loss(name)
    none = loss(y, s, groups, reduction="none")
    assert none.shape == (5,)
    assert_array_equal(none[:4], 0)
    assert none[4] > 0
    assert loss(y, s, groups) == pytest.approx(none[4] / 5, rel=1e-15)
    derivatives = loss.gradient_and_hessian(y, s, groups)
    for out in derivatives:
        assert_array_equal(out[:6], 0)
        assert (out[6:] != 0).all()
    alone, gradient = loss.value_and_gradient([3], [1.0], [0])
    assert alone == 0
    assert_array_equal(gradient, 0)


# ---------------------------------------------------------------------------------------------
# Groups
# ---------------------------------------------------------------------------------------------

LABELS = {
    "negative": lambda codes: codes.astype(np.int64) - 2,
    "wide": lambda codes: codes * np.int64(1_000_000_000_000) - (1 << 50),
    "small": lambda codes: codes.astype(np.int8),
    "unsigned": lambda codes: codes.astype(np.uint64) + np.uint64((1 << 63) - 2),
    "big-endian": lambda codes: codes.astype(">i4"),
    "floats": lambda codes: codes * 0.25 - 0.5,
    "single": lambda codes: (codes * 0.25 - 0.5).astype(np.float32),
    "long double": lambda codes: codes.astype(np.longdouble),
    "text": lambda codes: np.array(["b", "c", "d", "dd", "e"])[codes],
    "bytes": lambda codes: np.array([b"b", b"c", b"d", b"dd", b"e"])[codes],
    "objects": lambda codes: np.array(["b", "c", "d", "dd", "e"], dtype=object)[codes],
    "dates": lambda codes: np.datetime64("2020-01-01") + codes,
    "list": lambda codes: [str(code) for code in codes],
}


@pytest.mark.parametrize("kind", LABELS)
@every_ranking_loss
def test_groups_of_any_type(name, kind):
    arrays = without_ties(name, drawn())
    y, s, codes = arrays
    loss = get_loss(name, reduction="none")
    expected = loss.value_and_gradient(*arrays)
    for order in (np.arange(60), np.argsort(codes, kind="stable")):
        groups = np.asarray(LABELS[kind](codes[order]))
        labels = groups.tolist() if kind == "list" else groups
        value, gradient = loss.value_and_gradient(y[order], s[order], labels)
        assert_array_equal(value, expected[0])
        assert_array_equal(gradient, expected[1][order])


@every_ranking_loss
def test_terms_are_in_the_order_of_unique(name):
    y, s, groups = without_ties(name, drawn())
    loss = get_loss(name)
    none = loss(y, s, groups, reduction="none")
    for value, label in zip(none, np.unique(groups), strict=True):
        own = groups == label
        assert loss(y[own], s[own], groups[own]) == value
    weight = np.array([0.5, 2.0, 0.0, 1.0, 3.0])
    assert loss(y, s, groups, sample_weight=weight) == pytest.approx(
        np.average(none, weights=weight), rel=1e-14
    )
    gradient = loss.gradient(y, s, groups, sample_weight=weight)
    bare = loss.gradient(y, s, groups, reduction="none")
    assert_allclose(gradient, bare * weight[groups] / weight.sum(), rtol=1e-14)


@every_ranking_loss
def test_parts_of_whole_groups_add_up(name):
    y, s, groups = without_ties(name, drawn())
    weight = np.array([0.5, 2.0, 0.0, 1.0, 3.0])
    for reduction in ("mean", "sum"):
        loss = get_loss(name, reduction=reduction)
        for w in (None, weight):
            parts = []
            for some in ([0, 3], [4], [1, 2]):
                own = np.isin(groups, some)
                parts.append(
                    loss.partial(
                        y[own],
                        s[own],
                        groups[own],
                        sample_weight=None if w is None else w[sorted(some)],
                    )
                )
            assert sum(parts).value == pytest.approx(loss(y, s, groups, sample_weight=w), rel=1e-14)


@every_ranking_loss
def test_what_cannot_be_grouped(name):
    loss = get_loss(name)
    y, s = [1, 0, 2], [0.5, 1.0, -1.0]
    for groups, words in (
        ([0.0, np.nan, 1.0], "groups contains NaN: got nan at index 1"),
        ([0.0, 1.0, np.inf], "groups contains infinity: got inf at index 2"),
        (np.array(["2020-01-01", "NaT", "2020-01-01"], "datetime64[D]"), "got NaT at index 1"),
        (np.array([0.0, np.nan, 1.0], dtype=object), "groups contains NaN: got nan at index 1"),
        (np.array([pd.Timestamp(0), pd.NaT, 1]), "groups contains a missing value: got NaT at"),
        (pd.Series(["a", None, "a"], dtype="string"), "a missing value: got <NA> at index 1"),
        (pd.Series(["a", None, "a"], dtype="category"), "groups contains NaN: got nan at index 1"),
        (
            ["a", None, "a"],
            "groups contains a missing value: got None at index 1. Only",
        ),
        ([2, 1], r"groups must have shape \(3,\), one .* Got shape \(2,\) .* labels of the sizes"),
        ([[0], [1], [1]], "groups must have shape"),
        (np.array(["a", 1, "b"], dtype=object), "groups must hold labels that can be sorted"),
        (None, "groups must be array-like"),
    ):
        with pytest.raises(ValueError, match=words):
            loss(y, s, groups)
    with pytest.raises(ValueError, match="must have the same shape"):
        loss([y], [s], [0])
    with pytest.raises(TypeError, match="3 arrays"):
        loss(y, s)
    with pytest.raises(ValueError, match=r"expected \(2,\): one weight for each group,"):
        loss(y, s, [0, 0, 1], sample_weight=[1, 1, 1])


def test_negative_grades_are_refused():
    with pytest.raises(ValueError, match=r"y_true.*-1.* at index 1\. Only finite values >= 0"):
        LambdaRankLoss()([0, -1], [0.0, 1.0], [0, 0])
    # Elsewhere only the order, or the distance, of relevances matters.
    assert RankNetLoss()([0, -1], [0.0, 1.0], [0, 0]) == RankNetLoss()([1, 0], [0, 1], [0, 0])


@every_ranking_loss
def test_what_is_not_finite_stays_in_its_group(name):
    y, s, groups = without_ties(name, drawn())
    loss = get_loss(name, reduction="none")
    expected, slope = loss.value_and_gradient(y, s, groups)
    hit = groups == groups[7]
    for k, bad in ((0, np.nan), (1, np.nan), (1, np.inf), (1, -np.inf)):
        arrays = [y.astype(float), s.copy(), groups]
        arrays[k][7] = bad
        with sklearn.config_context(assume_finite=True):
            for value, gradient in (
                loss.value_and_gradient(*arrays),
                (loss(*arrays), loss.gradient_and_hessian(*arrays)[1]),
            ):
                assert math.isnan(value[groups[7]])
                assert_array_equal(np.isnan(gradient), hit)
            assert_array_equal(np.delete(loss(*arrays), groups[7]), np.delete(expected, groups[7]))
            assert_array_equal(loss.gradient(*arrays)[~hit], slope[~hit])
    labels = np.where(np.arange(60) == 7, np.nan, groups)
    with sklearn.config_context(assume_finite=True):
        results = [*loss.value_and_gradient(y, s, labels), loss(y, s, labels)]
        results += loss.gradient_and_hessian(y, s, labels)
    assert all(np.isnan(result).all() for result in results)


# ---------------------------------------------------------------------------------------------
# Sizes
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_ranking_loss
def test_scores_of_any_size(name, dtype):
    """Only differences count; the largest numbers neither overflow to NaN nor lose the order."""
    y = np.array([3, 2, 1, 0])
    loss = get_loss(name)
    top = np.finfo(dtype).max
    right = np.array([top, top / 3, -top / 3, -top], dtype)
    value, gradient = loss.value_and_gradient(y, right, np.zeros(4))
    assert np.isfinite(gradient).all()
    assert value >= 0
    value, gradient = loss.value_and_gradient(y, right[::-1].copy(), np.zeros(4))
    assert value > 1e37
    assert np.isfinite(gradient).all()
    assert gradient[0] < -0.05
    assert gradient[3] > 0.05


def test_grades_of_any_size():
    """Gains are relative to the highest one."""
    s = np.array([0.5, 1.0, -0.3, 0.2])
    for shift in (0, 40, 900, 1e5):
        y = np.array([2.0, 0.0, 1.0, 3.0]) + shift
        value, gradient = LambdaRankLoss().value_and_gradient(y, s, np.zeros(4))
        # With the gains 2^(y - shift) - 2^(-shift).
        gain = WIDE(2) ** (y - shift) - WIDE(2) ** WIDE(-shift)
        rank = np.argsort(np.argsort(-s))
        discount = 1 / np.log2(WIDE(2) + rank)
        best = (np.sort(gain)[::-1] / np.log2(np.arange(4) + WIDE(2))).sum()
        total = 0
        for i in range(4):
            for j in range(4):
                if y[i] > y[j]:
                    change = (gain[i] - gain[j]) * abs(discount[i] - discount[j]) / best
                    total += change * np.log1p(np.exp(-(s[i] - s[j])))
        assert value == pytest.approx(float(total), rel=1e-13)
        assert gradient.sum() == pytest.approx(0, abs=1e-15)
    # Small fractions keep their digits.
    y = np.array([2e-17, 0.0, 1e-17])
    small = LambdaRankLoss()(y, s[:3], np.zeros(3))
    assert small == pytest.approx(LambdaRankLoss()(y * 1e-10, s[:3], np.zeros(3)), rel=1e-12)


@pytest.mark.parametrize(("n", "spread"), [(2049, 1.0), (2500, 30.0)])
def test_a_group_that_several_threads_share(n, spread):
    """More rows than a panel: against the formulas, and with the same bits at any number."""
    rng = np.random.default_rng(0)
    s, y = rng.normal(scale=spread, size=n), rng.integers(0, 5, n)
    groups = np.zeros(n)
    for loss, value, slope, terms in (
        (RankNetLoss(), ranknet, None, ranknet_terms),
        (LambdaRankLoss(k=1000), lambda *a: lambdarank(*a, k=1000), True, None),
    ):
        got, gradient = loss.value_and_gradient(y, s, groups, n_threads=1)
        assert got == pytest.approx(float(value(y, s)), rel=1e-11)
        if slope:
            expected = lambdarank_gradient(y, s, k=1000)
            assert_allclose(gradient, expected.astype(float), rtol=1e-8, atol=1e-12)
        else:
            assert (np.abs(gradient) <= terms(y, s) * (1 + 1e-12)).all()
            pair = y == 4
            assert gradient[pair].sum() < 0
        for n_threads in (2, 7):
            again = loss.value_and_gradient(y, s, groups, n_threads=n_threads)
            assert again[0] == got
            assert_array_equal(again[1], gradient)
            for a, b in zip(
                loss.gradient_and_hessian(y, s, groups, n_threads=n_threads),
                loss.gradient_and_hessian(y, s, groups, n_threads=1),
                strict=True,
            ):
                assert_array_equal(a, b)


def test_large_and_small_groups_together():
    rng = np.random.default_rng(0)
    groups = np.repeat([3, 0, 2, 1], [5, 3000, 1, 2100])
    groups = rng.permutation(groups)
    y, s = rng.integers(0, 3, len(groups)), rng.normal(size=len(groups))
    for name in NAMES:
        loss = get_loss(name, reduction="none")
        value, gradient = loss.value_and_gradient(y, s, groups, n_threads=2)
        for label in range(4):
            own = groups == label
            alone = loss.value_and_gradient(y[own], s[own], groups[own])
            assert alone[0][0] == value[label]
            assert_array_equal(alone[1], gradient[own])


@measures_memory
def test_there_is_no_matrix_of_pairs():
    """A group of 20,000 rows has 3.2 GB of pairs."""
    rng = np.random.default_rng(0)
    n = 20_000
    y, s, groups = rng.integers(0, 2, n), rng.normal(size=n), np.zeros(n)
    y[200:] = 0
    for name in NAMES:
        get_loss(name).value_and_gradient(y[:3000], s[:3000], groups[:3000])
        before = reset_peak_memory()
        get_loss(name).value_and_gradient(y, s, groups)
        assert peak_memory() - before < 20e6


@pytest.mark.parametrize("n", [16, 17, 100])
def test_pairs_near_and_far_agree(n):
    """Scores within 32 of one another take another way, to the same result."""
    rng = np.random.default_rng(n)
    y, groups = rng.integers(0, 4, n), np.zeros(n)
    s = rng.uniform(-15, 15, n)
    # One row that has no partner changes the way, but no pair among the others.
    for name in ("ranknet_loss", "lambdarank_loss"):
        row = REFERENCES[name]
        for scores in (s, np.where(np.arange(n) == 3, 40.0, s)):
            arrays = (y, scores, groups)
            wide = (y, scores.astype(WIDE), groups)
            loss = get_loss(name, reduction="none")
            terms = row.value_terms(*wide)
            expected = row.unreduced(*wide)
            close(loss(*arrays), expected, RTOL, expected if terms is None else terms)


def test_names_of_other_libraries():
    for name, known in (("softmax", "listnet"), ("rank_ndcg", "lambdarank")):
        with pytest.raises(ValueError, match=known):
            get_loss(name)
    assert set(NAMES) <= set(dir(sklosses))
