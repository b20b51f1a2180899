"""List the calls that take longer than PyTorch's: each loss, few and many rows, both dtypes.

Every row of `loss_rows.py` that has a formula for PyTorch is timed for sizes from 1 to 8 million
elements and, if it has classes or vectors, for few long and many short rows; in float32 and in
float64; the value, and the value with the gradient. The two libraries take turns in short blocks
of calls, and the ratio is that of their medians. PyTorch's gradient is written to a new array, ours
as well, and to a given one.

    python benchmarks/sweep.py
    python benchmarks/sweep.py --only cross_entropy --all
    python benchmarks/sweep.py --sizes 1000 100000 --dtypes float32

Without ``--all`` only the calls are listed in which PyTorch is faster, unless both take less than 6
microseconds. The last line counts the calls. PyTorch's `nll_loss` reads only the log-probabilities
of the labels; ours reads all of them, to find what is not finite. So it may take longer by the time
of reading them once, which is that of `torch.sum`.
"""

import argparse
import statistics
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import bench_losses
import torch
from loss_rows import ROWS, class_data, log_probability_data

import sklosses

SIZES = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 8_000_000)
#: Long rows, by the names of the losses with classes; (rows, classes) is (n // classes, classes).
LONG_ROWS = (1000, 50_000)
#: Calls that both libraries make in this time, in seconds, are not listed.
NEGLIGIBLE = 6e-6
#: Losses of which PyTorch reads only a part of the predictions.
PARTLY_READ = ("nll_loss",)
#: Idle threads have stopped spinning after this time, in seconds.
SPIN = 0.01
#: A block of calls takes about this long, in seconds.
BLOCK = 2e-3


def rows():
    """The rows of the benchmark that PyTorch has, with further numbers of classes."""
    for row in ROWS:
        if row.torch is None or row.n is not None:
            continue
        yield row
    for name, data in (("cross_entropy", class_data), ("nll_loss", log_probability_data)):
        row = next(row for row in ROWS if row.ours == name)
        listed = [row.name for row in ROWS]
        for n_classes in (2, 10, 32, 100, *LONG_ROWS):
            if f"{name}, C = {n_classes}" not in listed:
                yield replace(
                    row, name=f"{name}, C = {n_classes}", make_data=data(n_classes), small=True
                )


def block_times(ours, theirs, rounds):
    """Median seconds of the two calls, which take turns in blocks."""
    calls = (ours, theirs)
    numbers = []
    for call in calls:
        call()
        start = time.perf_counter()
        call()
        numbers.append(max(1, int(BLOCK / max(time.perf_counter() - start, 1e-7))))
    times = ([], [])
    for _ in range(rounds):
        for call, number, taken in zip(calls, numbers, times, strict=True):
            # The idle threads of the other library spin for a while; then our own are woken.
            time.sleep(SPIN)
            call()
            call()
            start = time.perf_counter()
            for _ in range(number):
                call()
            taken.append((time.perf_counter() - start) / number)
    return tuple(map(statistics.median, times))


@cache
def reading_time(shape, dtype, rounds):
    """Median seconds of reading an array once."""
    tensor = torch.from_numpy(np.ones(shape, dtype))
    return block_times(lambda: torch.sum(tensor), lambda: None, rounds)[0]


def as_dtype(array, dtype):
    return array.astype(dtype) if array.dtype.kind == "f" else array


def calls_of(row, n, dtype):
    """Yield what is asked for, our call and PyTorch's."""
    rng = np.random.default_rng(0)
    arrays = [as_dtype(array, dtype) for array in row.make_data(n, rng)]
    loss = sklosses.get_loss(row.ours, **row.params)
    differentiable = tuple(k for k, item in enumerate(loss.inputs) if item.differentiable)
    outs = tuple(np.empty_like(arrays[k]) for k in differentiable)
    out = outs if len(outs) > 1 else outs[0]
    tensors = [torch.from_numpy(array.copy()) for array in arrays]

    def their_value():
        with torch.no_grad():
            return row.torch(*tensors)

    step = bench_losses.torch_call(row, arrays, differentiable)
    shape = arrays[differentiable[0]].shape
    yield shape, "value", lambda: loss(*arrays), their_value
    yield shape, "gradient", lambda: loss.value_and_gradient(*arrays), step
    yield shape, "into", lambda: loss.value_and_gradient(*arrays, gradient_out=out), step


def print_table(args):
    """Print PyTorch's time divided by ours, by loss and size."""
    head = [f"value and gradient, {args.dtypes[0]}", *(f"{n:,}" for n in args.sizes)]
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " ---: |" * len(args.sizes))
    for row in rows():
        if not row.name.startswith(tuple(args.only.split(","))):
            continue
        cells = [row.name]
        for n in args.sizes:
            for _, asked, ours, theirs in calls_of(row, n, np.dtype(args.dtypes[0])):
                if asked == "into":
                    own, other = block_times(ours, theirs, args.rounds)
                    cells.append(f"{other / own:.1f}")
        print("| " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="rows whose names start so: a,b,c")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--dtypes", nargs="+", default=["float32", "float64"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--all", action="store_true", help="list all calls")
    parser.add_argument(
        "--markdown",
        action="store_true",
        help="a table of ratios by size, of gradients into arrays",
    )
    args = parser.parse_args()
    n_threads = args.threads or sklosses.show_config(mode="dicts")["threads"]
    torch.set_num_threads(n_threads)

    if args.markdown:
        print_table(args)
        return
    print(f"{'loss':36} {'shape':18} {'dtype':8} {'asked for':9} {'us':>10} {'PyTorch /':>9}")
    n_calls = n_slower = 0
    seen = set()
    for row in rows():
        if not row.name.startswith(tuple(args.only.split(","))):
            continue
        for n in args.sizes:
            for dtype in args.dtypes:
                for shape, asked, ours, theirs in calls_of(row, n, np.dtype(dtype)):
                    if (row.name, shape, dtype, asked) in seen:
                        continue
                    seen.add((row.name, shape, dtype, asked))
                    own, other = block_times(ours, theirs, args.rounds)
                    if row.ours in PARTLY_READ:
                        other += reading_time(shape, dtype, args.rounds)
                    slower = own > other and max(own, other) > NEGLIGIBLE
                    n_calls += 1
                    n_slower += slower
                    if slower or args.all:
                        print(
                            f"{row.name:36} {shape!s:18} {dtype:8} {asked:9} "
                            f"{own * 1e6:10.1f} {other / own:9.2f}",
                            flush=True,
                        )
    print(f"{n_slower} of {n_calls} calls are slower than PyTorch's.")


if __name__ == "__main__":
    main()
