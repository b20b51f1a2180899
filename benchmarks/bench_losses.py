"""Speed of the losses beside PyTorch and JAX, measured turn by turn in one process.

For each loss: value and gradient of float32 data, the gradient into an array that is there
already; then the value alone of 1000 elements, where the cost of a call counts. All use the
same number of threads. See README.md in this folder for what exactly is timed.

    python benchmarks/bench_losses.py
    python benchmarks/bench_losses.py --only cross_entropy --repeat 31 --markdown

The rows are those of `loss_rows.py`.
"""

import argparse
import gc
import platform
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
from loss_rows import ROWS, jax, torch

import sklosses

# --------------------------------------------------------------------------------------------
# Timing
# --------------------------------------------------------------------------------------------


def median_times(calls, repeat):
    """Median seconds of each call, None for None; all of them in turns.

    A call runs twice in a turn and its second run counts: worker threads of the one before
    may spin for some milliseconds, and the caches are full of its data.
    """
    times = [[] for _ in calls]
    for call in calls:
        if call is not None:
            call()  # compiles, where something is compiled
    gc.disable()
    try:
        for _ in range(repeat):
            for call, taken in zip(calls, times, strict=True):
                if call is None:
                    continue
                call()
                start = time.perf_counter()
                call()
                taken.append(time.perf_counter() - start)
    finally:
        gc.enable()
    return [statistics.median(taken) if taken else None for taken in times]


def torch_call(row, arrays, differentiable):
    """A training step's part of the loss: value, then backward into fresh gradients."""
    tensors = [torch.from_numpy(array.copy()) for array in arrays]
    leaves = [tensors[k].requires_grad_() for k in differentiable]

    def call():
        for leaf in leaves:
            leaf.grad = None
        value = row.torch(*tensors)
        value.backward()
        return value.detach(), [leaf.grad for leaf in leaves]

    return call


def jax_call(row, arrays, differentiable):
    arrays = [a.astype(np.int32) if a.dtype.kind == "i" else a for a in arrays]
    arrays = [jax.device_put(array) for array in arrays]
    step = jax.jit(jax.value_and_grad(row.jax, argnums=differentiable))
    return lambda: jax.block_until_ready(step(*arrays))


def memory_call(n_bytes, n_threads):
    """Two reads and one write of n_bytes altogether by all threads: what moving data costs."""
    size = max(n_threads, n_bytes // 12)
    a, b, out = np.ones((3, size), np.float32)
    if torch is not None:
        a, b, out = map(torch.from_numpy, (a, b, out))
        return lambda: torch.add(a, b, out=out)

    pool = ThreadPoolExecutor(n_threads)
    edges = np.linspace(0, size, n_threads + 1).astype(int)
    parts = [slice(i, j) for i, j in pairwise(edges)]
    return lambda: list(pool.map(lambda part: np.add(a[part], b[part], out=out[part]), parts))


def check_agreement(row, library, result, expected):
    """Raise an error unless values and gradients agree: else different things are timed."""
    value, gradients = result
    if abs(float(value) - expected[0]) > 1e-3 * abs(expected[0]):
        raise SystemExit(f"{row.name}: {library} computes something else.")
    for gradient, own in zip(gradients, expected[1], strict=True):
        if np.abs(np.asarray(gradient) - own).max() > 1e-3 * float(np.abs(own).max()):
            raise SystemExit(f"{row.name}: {library} has another gradient.")


def measure_large(row, args, n_threads):
    arrays = row.make_data(row.n or args.n, np.random.default_rng(0))
    loss = sklosses.get_loss(row.ours, **row.params)
    differentiable = tuple(k for k, item in enumerate(loss.inputs) if item.differentiable)
    gradients = tuple(np.empty_like(arrays[k]) for k in differentiable)
    out = gradients if len(gradients) > 1 else gradients[0]

    def ours():
        return loss.value_and_gradient(*arrays, gradient_out=out)

    expected = ours()[0], gradients
    calls = [ours, None, None]
    if torch is not None and row.torch is not None:
        calls[1] = torch_call(row, arrays, differentiable)
        value, theirs = calls[1]()
        if row.more is not None:
            theirs = [theirs[0].numpy() - row.more(*arrays)]
        check_agreement(row, "PyTorch", (value, theirs), expected)
    if jax is not None and row.jax is not None:
        calls[2] = jax_call(row, arrays, differentiable)
        check_agreement(row, "JAX", calls[2](), expected)
    n_bytes = sum(array.nbytes for array in (*arrays, *gradients))
    calls.append(memory_call(n_bytes, n_threads))

    mine, in_torch, in_jax, memory = median_times(calls, args.repeat)
    return [
        row.name,
        *(milliseconds(seconds) for seconds in (mine, in_torch, in_jax)),
        ratio(in_torch, mine),
        ratio(in_jax, mine),
        ratio(mine, memory),
    ]


def measure_small(row, args, number=300):
    arrays = row.make_data(1000, np.random.default_rng(0))
    function = getattr(sklosses.functional, row.ours)

    def repeated(function, arrays, **params):
        def call():
            for _ in range(number):
                function(*arrays, **params)

        return call

    calls = [repeated(function, arrays, **row.params), None]
    if torch is not None and row.torch is not None:
        calls[1] = repeated(row.torch, [torch.from_numpy(array) for array in arrays])
    mine, in_torch = median_times(calls, args.repeat)
    return [
        row.name,
        *("-" if t is None else f"{t / number * 1e6:.1f}" for t in (mine, in_torch)),
        ratio(in_torch, mine),
    ]


# --------------------------------------------------------------------------------------------
# Output
# --------------------------------------------------------------------------------------------


def milliseconds(seconds):
    return "-" if seconds is None else f"{seconds * 1e3:.1f}"


def ratio(numerator, denominator):
    return "-" if numerator is None else f"{numerator / denominator:.1f}"


def print_table(header, rows, markdown):
    """Print rows of texts below a header, as text or in Markdown."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    edge, gap = ("| ", " | ") if markdown else ("", "  ")

    def show(cells):
        first = f"{cells[0]:<{widths[0]}}"
        rest = [f"{cell:>{width}}" for cell, width in zip(cells[1:], widths[1:], strict=True)]
        print((edge + gap.join([first, *rest]) + edge[::-1]).rstrip(), flush=True)

    show(header)
    if markdown:
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        print(edge + gap.join(rule) + edge[::-1].rstrip())
    else:
        print("  ".join("-" * width for width in widths))
    for row in rows:
        show(row)


def cpu_model():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine_line(config, with_jax):
    parts = [
        cpu_model(),
        f"{config['threads']} threads",
        f"sklosses {config['sklosses']} ({config['build in use']} build)",
        f"NumPy {np.__version__}",
        f"PyTorch {torch.__version__}" if torch is not None else "no PyTorch",
    ]
    if with_jax:
        parts.append(f"JAX {jax.__version__}" if jax is not None else "no JAX")
    return ", ".join(parts)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", metavar="NAME", help="only rows whose name starts with NAME")
    parser.add_argument("--repeat", type=int, default=15, help="turns (default: %(default)s)")
    parser.add_argument("--n", type=int, default=10_000_000, help="elements (default: 10 million)")
    parser.add_argument("--small", action="store_true", help="small calls only")
    parser.add_argument("--without-jax", action="store_true", help="leave JAX out")
    parser.add_argument("--markdown", action="store_true", help="tables for the documentation")
    args = parser.parse_args()
    if args.repeat < 1 or args.n < 1:
        parser.error("--repeat and --n must be at least 1")
    rows = [row for row in ROWS if row.name.startswith(args.only or "")]
    if not rows:
        parser.error(f"--only must start one of: {'; '.join(row.name for row in ROWS)}")
    return args, rows


def main():
    global jax
    args, rows = parse_arguments()
    if args.without_jax:
        jax = None
    config = sklosses.show_config(mode="dicts")
    n_threads = config["threads"]
    if torch is None:
        print('PyTorch is not installed; its columns are empty (pip install -e ".[benchmark]").\n')
    else:
        torch.set_num_threads(n_threads)
    if jax is None and not args.without_jax:
        print('JAX is not installed; its columns are empty (pip install -e ".[benchmark]").\n')
    print(machine_line(config, not args.without_jax) + "\n", flush=True)

    # Before the worker threads of the others exist, which slow short calls down.
    small = [measure_small(row, args) for row in rows if row.small]
    if not args.small:
        large = [measure_large(row, args, n_threads) for row in rows]
        columns = ["sklosses ms", "PyTorch ms", "JAX ms", "PyTorch /", "JAX /", "/ memory"]
        print_table([f"value and gradient, {args.n:,} float32", *columns], large, args.markdown)
        print()
    if small:
        header = ["value, 1000 float32", "sklosses μs", "PyTorch μs", "PyTorch /"]
        print_table(header, small, args.markdown)


if __name__ == "__main__":
    main()
