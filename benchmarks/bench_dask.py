"""Time and memory of `sklosses.dask`, compared with arrays in memory.

    python benchmarks/bench_dask.py
    python benchmarks/bench_dask.py --rows 5 --chunk 0.25

First the same work: value and gradient of arrays that are in memory, by a call and in chunks by
`sklosses.dask.evaluate`, and one evaluation of the objective of a linear model. Then data that are
larger than memory might be: each chunk is generated when it is read, and its gradient is reduced to
a sum. The time should grow in proportion to the rows, and the peak of the memory should not grow.
Each size runs in a process of its own, which reports the peak beyond what it had after the imports.
Times are medians in ms.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

COLUMNS = 20
LOSSES = ("mse_loss", "huber_loss", "binary_cross_entropy_with_logits")
SIZES = (1, 2, 5, 10, 20)


def block(block_info=None):
    """A chunk of numbers between 0 and 1, of a sequence that hardly takes time."""
    (start, stop), (_, n) = block_info[None]["array-location"]
    rows = np.arange(start, stop, dtype=np.float32)[:, np.newaxis]
    return (rows * np.float32(0.618034) + np.arange(n, dtype=np.float32) * np.float32(0.37)) % 1


def lazily(n, chunk):
    """A Dask array of `n` rows that is generated while it is read."""
    import dask.array as da

    lengths = tuple(min(chunk, n - start) for start in range(0, n, chunk))
    return da.map_blocks(
        block, chunks=(lengths, (COLUMNS,)), dtype=np.float32, meta=np.empty((0, 0), np.float32)
    )


def median_of(functions, repeat):
    """The median time of each function, in ms; they take turns."""
    times = [[] for _ in functions]
    for _ in range(repeat + 1):  # the first round is not counted
        for function, own in zip(functions, times, strict=True):
            start = time.perf_counter()
            result = function()
            own.append((time.perf_counter() - start) * 1e3)
            del result
    return [statistics.median(own[1:]) for own in times]


def compare(n, chunk, repeat):
    """The same work in memory and in chunks."""
    import dask
    import dask.array as da

    import sklosses
    from sklosses._chunked_linear import ChunkedObjective, Data, Values
    from sklosses._linear import ArrayObjective
    from sklosses._outputs import Outputs
    from sklosses.dask import evaluate

    y, z = (lazily(n, chunk).compute() for _ in range(2))
    lazy = [da.from_array(array, chunks=(chunk, -1), name=False) for array in (y, z)]
    print(f"{n:,} x {COLUMNS} float32, chunks of {chunk:,} rows, {os.cpu_count()} cores\n")
    print(f"{'value and gradient':<36} {'in memory':>10} {'in chunks':>10} {'ratio':>6}")
    row = "{:<36} {:>10.0f} {:>10.0f} {:>6.2f}"
    for name in LOSSES:
        loss = sklosses.get_loss(name)
        results = evaluate(loss, *lazy, return_gradient=True)
        whole, parts = median_of(
            [
                lambda loss=loss: loss.value_and_gradient(y, z),
                lambda results=results: dask.persist(*results),
            ],
            repeat,
        )
        print(row.format(name, whole, parts, parts / whole))
    print(f"\n{'objective of a linear model':<36} {'in memory':>10} {'in chunks':>10} {'ratio':>6}")
    target = z[:, 0] + z[:, 1]
    own = da.from_array(target, chunks=chunk, name=False)
    for name in LOSSES[:2]:
        loss = sklosses.get_loss(name)
        whole = ArrayObjective(loss, y, (target,), None, 1e-4, 1, Outputs, 1)
        data = Data(lazy[0], own, None, "LossRegressor", of_labels=False)
        data.encode(Values())
        parts = ChunkedObjective(loss, data, 1e-4, 1, None, Outputs, 1)
        point = np.linspace(-1, 1, COLUMNS)[np.newaxis], np.zeros(1)
        times = median_of([partial(item.evaluate, *point) for item in (whole, parts)], repeat)
        print(row.format(name, *times, times[1] / times[0]))


def peak_memory():
    """Bytes that this process had at most in memory."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024


def grow(n, chunk, repeat):
    """Print time and additional memory of one size."""
    import dask

    from sklosses.dask import evaluate

    value, gradient = evaluate(
        "huber_loss", lazily(n, chunk), lazily(n, chunk) + 1, return_gradient=True
    )
    results = value, gradient.sum()
    before = peak_memory()
    (took,) = median_of([lambda: dask.compute(*results)], repeat)
    print(took, peak_memory() - before)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=float, default=20, help="millions of rows")
    parser.add_argument("--chunk", type=float, default=0.25, help="millions of rows of a chunk")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    chunk = int(args.chunk * 1e6)
    if args.size:
        grow(args.size, chunk, args.repeat)
        return
    sizes = [int(size * 1e6) for size in SIZES if size <= args.rows] or [int(args.rows * 1e6)]
    compare(int(args.rows * 1e6), chunk, args.repeat)
    print(f"\n{'generated while it is read':<36} {'ms':>10} {'per 1e6':>10} {'peak MB':>8}")
    found = []
    for size in sizes:
        command = [sys.executable, __file__, "--size", str(size), "--chunk", str(args.chunk)]
        done = subprocess.run(
            [*command, "--repeat", str(args.repeat)], check=True, capture_output=True, text=True
        )
        took, peak = map(float, done.stdout.split())
        found.append(took)
        print(f"{size:<36,} {took:>10.0f} {took / size * 1e6:>10.1f} {peak / 1e6:>8.0f}")
    print(f"\na chunk of both arrays and its gradient: {3 * chunk * COLUMNS * 4 / 1e6:.0f} MB")
    if len(sizes) > 2:
        slope, start = np.polyfit(sizes, found, 1)
        off = np.abs(slope * np.array(sizes) + start - found) / found
        print(
            f"straight line: {slope * 1e6:.1f} ms for each million rows, and {start:.0f} ms; "
            f"off by at most {100 * off.max():.0f} %"
        )


if __name__ == "__main__":
    main()
