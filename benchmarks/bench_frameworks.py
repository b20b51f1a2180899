"""Losses as modules of PyTorch beside PyTorch's own: forward and backward, turn by turn.

    python benchmarks/bench_frameworks.py
    python benchmarks/bench_frameworks.py --only focal --sizes 1000 10000000 --threads 2

Both are called as in a training step, and both compute the gradient of the same leaf. The formulas
in PyTorch are those of `loss_rows.py`. Values and gradients are compared before they are timed.
Each time is a median over turns; a call on small data is repeated within a turn. The last column is
how many times faster sklosses is. See README.md in this folder.
"""

import argparse
import gc
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import loss_rows
import torch

import sklosses
from sklosses.torch import as_module

#: Rows of `loss_rows.ROWS`, by the beginning of their names, with the least ratio that is the
#: aim at a million elements and more; None where there is no aim but at 1000, where all are to be
#: at least as fast.
AIMS = {
    "sigmoid_focal_loss": 5,
    "cross_entropy, C = 10": 5,
    "cross_entropy, C = 1000": 5,
    "triplet_margin_loss": 5,
    "batch_hard_triplet_loss": 5,
    "binary_cross_entropy_with_logits": 2.5,
    "info_nce_loss": 2.5,
    "mse_loss": None,
    "huber_loss": None,
    "softmax_focal_loss": None,
    "cosine_embedding_loss": None,
    "sup_con_loss": None,
}
#: Losses of all pairs of a batch, whose time grows with the square of its size.
OF_A_BATCH = ("batch_hard", "info_nce", "sup_con")
LARGEST_BATCH = 8192 * 128
TURN = 2e-3  # seconds


def step(function, arrays, numbers):
    """A function that computes the value and the gradients with respect to the arrays `numbers`."""
    tensors = [torch.from_numpy(array.copy()) for array in arrays]
    leaves = [tensors[k].requires_grad_() for k in numbers]

    def call():
        for leaf in leaves:
            leaf.grad = None
        value = function(*tensors)
        value.backward()
        return value.detach(), [leaf.grad for leaf in leaves]

    return call


def check_agreement(name, ours, theirs):
    """Raise unless both compute the same."""
    (value, gradients), (other, others) = ours(), theirs()
    for a, b in zip((value, *gradients), (other, *others), strict=True):
        if float((a - b).abs().max()) > 1e-3 * float(b.abs().max()):
            raise SystemExit(f"{name}: PyTorch computes something else.")


def median_times(calls, repeat, clock):
    """Median seconds of each call, in turns."""
    numbers = []
    for call in calls:
        call()
        start = time.perf_counter()
        call()
        numbers.append(max(1, round(TURN / (time.perf_counter() - start))))
    times = [[] for _ in calls]
    gc.disable()
    try:
        for _ in range(repeat):
            for call, number, taken in zip(calls, numbers, times, strict=True):
                call()  # the threads of the other library may still be waiting
                start = clock()
                for _ in range(number):
                    call()
                taken.append((clock() - start) / number)
    finally:
        gc.enable()
    return [statistics.median(taken) for taken in times]


def row_of(prefix):
    return next(row for row in loss_rows.ROWS if row.name.startswith(prefix))


def measure(row, n, n_threads, repeat, clock):
    """Seconds of ours and of PyTorch's."""
    if row.name.startswith(OF_A_BATCH):
        n = min(n, LARGEST_BATCH)
    arrays = row.make_data(n, np.random.default_rng(0))
    module = as_module(row.ours, **row.params)
    numbers = module.loss._outputs
    ours = step(lambda *tensors: module(*tensors, n_threads=n_threads), arrays, numbers)
    theirs = step(row.torch, arrays, numbers)
    torch.set_num_threads(n_threads)
    check_agreement(row.name, ours, theirs)
    return median_times([ours, theirs], repeat, clock)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 1_000_000, 10_000_000])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeat", type=int, default=31)
    parser.add_argument(
        "--busy", action="store_true", help="the time of the CPU, for one thread beside others"
    )
    args = parser.parse_args()
    clock = time.thread_time if args.busy else time.perf_counter
    if args.busy:
        args.threads = [1]
    print(f"sklosses {sklosses.__version__}, PyTorch {torch.__version__}, {platform.processor()}")
    line = "{:<44} {:>10} {:>7} {:>12} {:>12} {:>7} {:>6}"
    print(line.format("loss", "elements", "threads", "sklosses", "PyTorch", "ratio", "aim"))
    for prefix, aim in AIMS.items():
        row = row_of(prefix)
        if args.only not in row.name:
            continue
        for n in args.sizes:
            for n_threads in args.threads:
                ours, theirs = measure(row, n, n_threads, args.repeat, clock)
                wanted = 1 if n <= 1000 else aim
                print(
                    line.format(
                        row.name,
                        n,
                        n_threads,
                        f"{ours * 1e6:.1f} us",
                        f"{theirs * 1e6:.1f} us",
                        f"{theirs / ours:.2f}",
                        "" if wanted is None else wanted,
                    ),
                    flush=True,
                )


if __name__ == "__main__":
    main()
