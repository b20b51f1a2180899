"""Time the losses of groups against LightGBM, PyTorch and statsmodels, one thread each.

    python benchmarks/bench_groups.py [--quick]

Each row is one run of both sides, so that their ratio means something on a busy machine: the sides
take turns, and the time is the median of the CPU times of the process. LightGBM's objective cannot
be called by itself: its time is that of an iteration with a tree of two leaves on a constant
feature, less that of the same iteration with squared errors.
"""

import argparse
import statistics
import time
import warnings

import lightgbm
import numpy as np
import torch
from statsmodels.duration.hazard_regression import PHReg
from threadpoolctl import threadpool_limits

import sklosses


def seconds(*calls, repeat):
    """Median CPU times of some calls, which take turns."""
    times = [[] for _ in calls]
    for _ in range(repeat + 1):
        for call, own in zip(calls, times, strict=True):
            start = time.process_time()
            call()
            own.append(time.process_time() - start)
    return [statistics.median(own[1:]) for own in times]


def report(what, ours, theirs, aim):
    print(
        f"{what:63} {ours * 1e3:9.1f} ms {theirs * 1e3:9.1f} ms {theirs / ours:7.1f} x "
        f"(aim {aim} x)",
        flush=True,
    )


def lightgbm_iteration(objective, y, s, size):
    """One iteration of a booster whose tree takes next to no time."""
    data = lightgbm.Dataset(
        np.zeros((len(y), 1)),
        y,
        group=np.full(len(y) // size, size),
        init_score=s,
        params={"verbose": -1, "max_bin": 2, "feature_pre_filter": False},
    )
    booster = lightgbm.Booster(
        {
            "objective": objective,
            "lambdarank_truncation_level": size,
            "lambdarank_norm": False,
            "num_leaves": 2,
            "num_threads": 1,
            "learning_rate": 1e-9,
            "verbose": -1,
        },
        data,
    )
    return booster.update


def lambdarank(n_groups, size, dtype, repeat):
    rng = np.random.default_rng(0)
    n = n_groups * size
    y, s = rng.integers(0, 5, n), rng.normal(size=n).astype(dtype)
    groups = np.repeat(np.arange(n_groups), size)
    loss = sklosses.LambdaRankLoss(reduction="sum")
    times = seconds(
        lambda: loss.gradient_and_hessian(y, s, groups, n_threads=1),
        lightgbm_iteration("lambdarank", y, s, size),
        lightgbm_iteration("regression", y, s, size),
        repeat=repeat,
    )
    what = f"lambdarank_loss, {n_groups} groups of {size}, {dtype} / LightGBM"
    report(what, times[0], times[1] - times[2], 2)


def torch_listnet(y, s, places, n_groups, width):
    """Pads the groups, as allRank does, and takes the softmaxes."""

    def call():
        scores = torch.from_numpy(s).requires_grad_()
        padded = torch.full((n_groups * width,), -torch.inf, dtype=scores.dtype)
        padded = padded.index_put((places,), scores).reshape(n_groups, width)
        target = torch.full((n_groups * width,), -torch.inf, dtype=scores.dtype)
        target[places] = torch.from_numpy(y)
        target = torch.softmax(target.reshape(n_groups, width), dim=1)
        terms = torch.where(target > 0, target * torch.log_softmax(padded, dim=1), 0)
        (-terms.sum(dim=1)).mean().backward()
        return scores.grad

    return call


def sizes_of(kind, n_groups, rng):
    """Sizes of groups: all of 100; up to 200; or as in search, where a few are very large.

    Those of MSLR-WEB30K have 120 documents in the mean, and up to 1251.
    """
    if kind == "of 100":
        return np.full(n_groups, 100)
    if kind == "of 1 to 200":
        return rng.integers(1, 201, n_groups)
    return np.clip(rng.lognormal(np.log(95), 0.7, n_groups), 1, 1251).astype(int)


def listnet(n_groups, kind, dtype, repeat):
    rng = np.random.default_rng(0)
    sizes = sizes_of(kind, n_groups, rng)
    n, most = int(sizes.sum()), int(sizes.max())
    # No two alike: a group of equal relevances counts 0 here.
    y, s = rng.normal(size=(2, n)).astype(dtype)
    groups = np.repeat(np.arange(n_groups), sizes)
    starts = np.cumsum(sizes) - sizes
    places = torch.from_numpy(groups * most + np.arange(n) - starts[groups])
    loss = sklosses.ListNetLoss()
    theirs = torch_listnet(y, s, places, n_groups, most)
    np.testing.assert_allclose(theirs().numpy(), loss.gradient(y, s, groups), atol=1e-5 / n_groups)
    times = seconds(
        lambda: loss.value_and_gradient(y, s, groups, n_threads=1), theirs, repeat=repeat
    )
    report(f"listnet_loss, {n_groups} groups {kind}, {dtype} / torch, padded", *times, 10)


def torch_cox(times, event, x):
    """Breslow's likelihood of times without ties, from a cumulative logsumexp."""

    def call():
        scores = torch.from_numpy(x).requires_grad_()
        order = torch.argsort(torch.from_numpy(times), descending=True)
        own = scores[order]
        risk = torch.logcumsumexp(own, dim=0)
        events = torch.from_numpy(event)[order]
        ((risk - own) * events).sum().div(events.sum()).backward()
        return scores.grad

    return call


def cox(n, dtype, repeat):
    rng = np.random.default_rng(0)
    times = rng.exponential(size=n).astype(dtype)
    event, x = rng.integers(0, 2, n).astype(dtype), rng.normal(size=n).astype(dtype)
    loss = sklosses.CoxPHLoss()
    theirs = torch_cox(times, event, x)
    took = seconds(
        lambda: loss.value_and_gradient(times, event, x, n_threads=1), theirs, repeat=repeat
    )
    report(f"cox_ph_loss, {n} subjects, {dtype} / torch", *took, 5)
    keys = sklosses._families.groups.sort_keys(times)
    (sort,) = seconds(lambda: sklosses._kernels.groups.sort_rows(keys), repeat=repeat)
    (of_numpy,) = seconds(lambda: np.argsort(times, kind="stable"), repeat=repeat)
    print(f"    of which sorting {sort * 1e3:.1f} ms (numpy.argsort, stable: {of_numpy * 1e3:.1f})")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = PHReg(times, x[:, None], event, ties="efron")
    one = np.ones(1)
    took = seconds(
        lambda: loss.value_and_gradient(times, event, x, n_threads=1),
        lambda: (model.loglike(one), model.score(one)),
        repeat=max(1, repeat // 5),
    )
    report(f"cox_ph_loss, {n} subjects, {dtype} / statsmodels, sorted before", *took, 20)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small data, as a test of the script")
    quick = parser.parse_args().quick
    repeat, shrink = (1, 100) if quick else (7, 1)
    torch.set_num_threads(1)
    threadpool_limits(1)
    for dtype in ("float64", "float32"):
        lambdarank(10_000 // shrink, 100, dtype, repeat)
    for dtype in ("float64", "float32"):
        for kind in ("of 100", "of 1 to 200", "as in search"):
            listnet(10_000 // shrink, kind, dtype, repeat)
    for dtype in ("float64", "float32"):
        cox(1_000_000 // shrink, dtype, repeat)


if __name__ == "__main__":
    main()
