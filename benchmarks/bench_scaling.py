"""How time grows with the number of rows, and what that means for a billion of them.

    python benchmarks/bench_scaling.py

Value and gradient of float32 predictions, with the gradient written into an existing array. Losses
of single rows take time in proportion to the rows; losses over all pairs of a batch, here of 128
features, in proportion to their square. The last column extrapolates from the largest size, by
that law, to a billion rows on this machine, as if they fitted its memory.
"""

import argparse
import statistics
import time

import numpy as np

import sklosses

FEATURES = 128
BILLION = 1_000_000_000
ROW = "{:<36} {:>13} {:>11} {:>12} {:>9} {:>20}"


def elements(rng, n):
    """Targets and logits, one for each row."""
    return (rng.random(n, np.float32) > 0.5).astype(np.float32), rng.standard_normal(n, np.float32)


def classes(rng, n):
    """Labels and logits of ten classes."""
    return rng.integers(0, 10, n), rng.standard_normal((n, 10), np.float32)


def batch(rng, n):
    """Labels of eight samples each, and embeddings."""
    return rng.integers(0, max(1, n // 8), n), rng.standard_normal((n, FEATURES), np.float32)


# The loss, its data, the sizes, and the power of the number of rows that the time is said to grow
# with.
CASES = (
    ("binary_cross_entropy_with_logits", elements, (1_000_000, 10_000_000, 100_000_000), 1),
    ("cross_entropy", classes, (1_000_000, 10_000_000), 1),
    ("sup_con_loss", batch, (8_192, 16_384, 32_768), 2),
)


def seconds(loss, arrays, repeat):
    """Median time of a call."""
    out = np.zeros_like(arrays[-1])
    times = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        loss.value_and_gradient(*arrays, gradient_out=out)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def words(time_in_seconds):
    """A time as people say it."""
    for unit, length in (("years", 365.25 * 86400), ("days", 86400), ("hours", 3600)):
        if time_in_seconds >= length:
            return f"{time_in_seconds / length:.1f} {unit}"
    return f"{time_in_seconds:.1f} seconds"


def main():
    """Print a line for each loss and size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    print(ROW.format("loss", "rows", "seconds", "ns / row", "power", "a billion rows"))
    for name, draw, sizes, power in CASES:
        loss, last = sklosses.get_loss(name), None
        for n in sizes:
            arrays = draw(rng, n)
            taken = seconds(loss, arrays, args.repeat)
            grown = np.log(taken / last[1]) / np.log(n / last[0]) if last else np.nan
            last = n, taken
            whole = words(taken * (BILLION / n) ** power)
            cells = f"{n:,}", f"{taken:.4f}", f"{taken / n * 1e9:.2f}", f"{grown:.2f}", whole
            print(ROW.format(name, *cells), flush=True)


if __name__ == "__main__":
    main()
