"""Print the aims of speed, and what is measured: light losses, few and many classes, small calls.

An aim is a ratio to PyTorch, JAX or memory, or a time. Times depend on the machine, ratios less so:
whatever is compared takes turns in short blocks of calls (see ``sweep.py``). A ratio of 2.0 means
that ours takes half the time; "/ memory" is our time divided by that of ``torch.add`` of the same
number of elements, into an existing array, and "/ other" that of another call of ours.

    python benchmarks/aims.py
    python benchmarks/aims.py --only light
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import torch
from bench_losses import jax_call, memory_call, print_table, torch_call
from loss_rows import (
    ROWS,
    class_data,
    count_data,
    jax,
    logit_data,
    real_data,
    segmentation_data,
)
from sweep import as_dtype, block_times
from torch.nn import functional as F

import sklosses
from sklosses import functional


def arrays_of(data, n, dtype=np.float32):
    arrays = data(n, np.random.default_rng(0))
    return [as_dtype(array, dtype) for array in arrays]


def step(name, arrays):
    """Value and gradient, the gradient into an existing array."""
    loss = sklosses.get_loss(name)
    out = np.empty_like(arrays[1])
    return lambda: loss.value_and_gradient(*arrays, gradient_out=out)


def value(name, arrays):
    loss = sklosses.get_loss(name)
    return lambda: loss(*arrays)


def torch_value(name, arrays):
    y_true, y_pred = map(torch.from_numpy, arrays)
    function = getattr(F, name)

    def call():
        with torch.no_grad():
            return function(y_pred, y_true)

    return call


def row_of(name):
    return next(row for row in ROWS if row.name.startswith(name))


def torch_step(name, arrays):
    return torch_call(row_of(name), arrays, (1,))


def jax_step(name, arrays):
    return jax_call(row_of(name), arrays, (1,))


def shape_data(rows, n_classes):
    return class_data(n_classes), rows * n_classes


def light(rounds):
    """Elementwise losses that fit the caches, and those that are bound by memory."""
    aims = {
        "mse_loss": (3, 2),
        "huber_loss": (3, 2),
        "binary_cross_entropy_with_logits": (3.5, 3),
        "poisson_nll_loss": (4.5, 4),
    }
    data = {"binary_cross_entropy_with_logits": logit_data, "poisson_nll_loss": count_data}
    for name, ratios in aims.items():
        for n, aim in zip((100_000, 1_000_000), ratios, strict=True):
            arrays = arrays_of(data.get(name, real_data), n)
            times = block_times(step(name, arrays), torch_step(name, arrays), rounds)
            yield f"{name}, {n:,}", "value and gradient", times, "PyTorch /", aim
    for name in ("mse_loss", "huber_loss", "smooth_l1_loss"):
        arrays = arrays_of(real_data, 1_000_000)
        times = block_times(value(name, arrays), torch_value(name, arrays), rounds)
        yield f"{name}, 1,000,000", "value", times, "PyTorch /", 1
    for name in ("mse_loss", "l1_loss", "huber_loss"):
        arrays = arrays_of(real_data, 10_000_000)
        memory = memory_call(12 * 10_000_000, torch.get_num_threads())
        times = block_times(step(name, arrays), memory, rounds)
        yield f"{name}, 10,000,000", "value and gradient", times, "/ memory", 1.35


def many_classes(rounds):
    """Few rows of many classes."""
    for rows, n_classes in ((1, 1000), (1, 50_000), (4, 50_000), (16, 32_000)):
        arrays = arrays_of(*shape_data(rows, n_classes))
        times = block_times(
            value("cross_entropy", arrays), torch_value("cross_entropy", arrays), rounds
        )
        yield f"cross_entropy, {rows} x {n_classes:,}", "value", times, "PyTorch /", 1
        times = block_times(
            step("cross_entropy", arrays), torch_step("cross_entropy", arrays), rounds
        )
        yield f"cross_entropy, {rows} x {n_classes:,}", "value and gradient", times, "PyTorch /", 1
    if jax is None:
        return
    for rows, n_classes in ((4, 50_000), (1000, 1000)):
        arrays = arrays_of(*shape_data(rows, n_classes))
        times = block_times(
            step("cross_entropy", arrays), jax_step("cross_entropy", arrays), rounds
        )
        yield f"cross_entropy, {rows} x {n_classes:,}", "value and gradient", times, "JAX /", 2


def few_classes(rounds):
    """Many rows of few classes: in milliseconds, and float64 beside PyTorch."""
    arrays = arrays_of(class_data(10), 10_000_000)
    times = block_times(step("cross_entropy", arrays), torch_step("cross_entropy", arrays), rounds)
    yield "cross_entropy, C = 10", "value and gradient", times, "ms", 5
    # A row of two classes is one logit and a shuffle.
    name = "binary_cross_entropy_with_logits"
    pairs = arrays_of(class_data(2), 10_000_000)
    logits = arrays_of(logit_data, 10_000_000)
    times = block_times(step("cross_entropy", pairs), step(name, logits), rounds)
    yield "cross_entropy, C = 2, / binary", "value and gradient", times, "/ other", 1
    arrays = arrays_of(segmentation_data, 10_000_000)
    times = block_times(step("cross_entropy", arrays), torch_step("cross_entropy", arrays), rounds)
    yield "cross_entropy, (7, 21, 256, 256)", "value and gradient", times, "ms", 6
    for n_classes in (10, 100, 1000):
        arrays = arrays_of(class_data(n_classes), 4_000_000, np.float64)
        times = block_times(
            step("cross_entropy", arrays), torch_step("cross_entropy", arrays), rounds
        )
        yield (
            f"cross_entropy, C = {n_classes}, float64",
            "value and gradient",
            times,
            "PyTorch /",
            10,
        )


def small_calls(rounds):
    """Calls in which the overhead counts, in microseconds."""
    arrays = arrays_of(class_data(10), 320)
    times = block_times(
        lambda: functional.cross_entropy(*arrays), torch_value("cross_entropy", arrays), rounds
    )
    yield "cross_entropy, 32 x 10", "value", times, "us", 6
    for n in (32, 1000):
        arrays = arrays_of(real_data, n)
        times = block_times(
            lambda arrays=arrays: functional.mse_loss(*arrays),
            torch_value("mse_loss", arrays),
            rounds,
        )
        yield f"mse_loss, {n:,}", "value", times, "us", 5.5
    for name, data in (("mse_loss", real_data), ("cross_entropy", class_data(10))):
        arrays = arrays_of(data, 1000)
        loss = sklosses.get_loss(name)
        fresh = block_times(
            lambda loss=loss, arrays=arrays: loss.value_and_gradient(*arrays),
            torch_step(name, arrays),
            rounds,
        )
        yield f"{name}, 1,000", "value and gradient", fresh, "us", 7
        into = block_times(
            step(name, arrays),
            lambda loss=loss, arrays=arrays: loss.value_and_gradient(*arrays),
            rounds,
        )
        yield f"{name}, 1,000", "into / fresh", into, "/ other", 1


PARTS = {
    "light": light,
    "many": many_classes,
    "few": few_classes,
    "small": small_calls,
}


def figure(times, kind):
    """The measured figure and whether smaller is better."""
    ours, theirs = times
    if kind in ("PyTorch /", "JAX /"):
        return theirs / ours, False
    if kind in ("/ memory", "/ other"):
        return ours / theirs, True
    return ours * (1e6 if kind == "us" else 1e3), True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=PARTS, default=None)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    table = []
    for name, part in PARTS.items():
        if args.only not in (None, name):
            continue
        for what, asked, times, kind, aim in part(args.rounds):
            measured, low = figure(times, kind)
            reached = measured <= aim if low else measured >= aim
            ours, theirs = (f"{1e6 * seconds:,.1f}" for seconds in times)
            row = [what, asked, ours, theirs, kind, f"{measured:.2f}", f"{aim:g}"]
            table.append([*row, "" if reached else "missed"])
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print_table(["", "asked for", "ours, us", "theirs", "", "measured", "aim", ""], table, False)


if __name__ == "__main__":
    main()
