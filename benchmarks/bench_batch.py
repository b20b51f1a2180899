"""Time and peak memory of losses over all pairs of a batch, for several sizes of the batch.

    python benchmarks/bench_batch.py
    python benchmarks/bench_batch.py --only info_nce_loss --n 1024 65536

Value and gradient of float32 embeddings of 128 features, with the gradients written into existing
arrays. Each line is measured in a process of its own, because a process has a single peak of its
memory. The memory is what the call took in addition to its arguments. The last column is the size
of the matrix of all pairs; a composition of array operations holds several of them.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import sklosses

LOSSES = [
    "info_nce_loss",
    "sup_con_loss",
    "batch_hard_triplet_loss",
    "nt_xent_loss",
    "multi_similarity_loss",
    "circle_loss",
    "vse_loss",
    "siglip_loss",
    "cmpm_loss",
    "batch_semi_hard_triplet_loss",
    "batch_all_triplet_loss",
]
SIZES = [1024, 4096, 16384, 65536]
FEATURES = 128
ROW = "{:<30} {:>7} {:>10} {:>8} {:>12}"


def peak():
    """Peak of the resident memory so far, in bytes; None where the system does not report it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = status.read_text().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith("VmHWM")) * 1024


def measure(name, n):
    """Seconds and bytes of one call."""
    rng = np.random.default_rng(0)
    loss = sklosses.get_loss(name)
    sides = [i.name for i in loss.inputs if i.differentiable]
    labels = [rng.integers(0, max(1, n // 8), n)] if loss.inputs[0].name == "y_true" else []
    x = [rng.standard_normal((n, FEATURES), np.float32) for _ in sides]
    out = tuple(np.ones_like(a) for a in x)
    out = out if len(out) > 1 else out[0]
    small = [a[:300].copy() for a in (*labels, *x)]
    loss.value_and_gradient(*small)  # threads are started, code is in memory
    if peak() is not None:
        Path("/proc/self/clear_refs").write_text("5")
    before = peak()
    times = []
    for _ in range(5 if n <= 4096 else 1):
        start = time.perf_counter()
        loss.value_and_gradient(*labels, *x, gradient_out=out)
        times.append(time.perf_counter() - start)
    after = peak()
    return min(times), None if before is None else after - before


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=LOSSES, default=LOSSES, metavar="NAME")
    parser.add_argument("--n", nargs="+", type=int, default=SIZES, help="sizes of the batch")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(*measure(args.only[0], args.n[0]))
        return
    config = sklosses.show_config(mode="dicts")
    print(f"{config['threads']} threads, {config['build in use']} build, d = {FEATURES}\n")
    print(ROW.format("value and gradient, float32", "n", "ms", "MB", "n * n: MB"))
    for name in args.only:
        for n in args.n:
            if "semi" in name or "all" in name:
                n = min(n, 16384)  # in float64, and of all triplets
            command = [sys.executable, __file__, "--measure", "--only", name, "--n", str(n)]
            seconds, size = subprocess.run(
                command, check=True, capture_output=True, text=True
            ).stdout.split()
            size = "-" if size == "None" else f"{int(size) / 1e6:.0f}"
            matrix = f"{4e-6 * n * n:.0f}"
            print(ROW.format(name, n, f"{float(seconds) * 1e3:.1f}", size, matrix), flush=True)


if __name__ == "__main__":
    main()
