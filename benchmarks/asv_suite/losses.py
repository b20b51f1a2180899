"""Each loss of ``bench_losses.py``, for sizes from a small call to a million elements."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from loss_rows import ROWS

import sklosses

ELEMENTWISE = {row.name: row for row in ROWS if row.n is None}
WHOLE = {row.name: row for row in ROWS if row.n is not None}


class Losses:
    """Value, and value with the gradient written to a given array, of float32 data."""

    params = (list(ELEMENTWISE), [1000, 100_000, 1_000_000])
    param_names = ("loss", "elements")
    rows = ELEMENTWISE

    def setup(self, name, n):
        row = self.rows[name]
        self.loss = sklosses.get_loss(row.ours, **row.params)
        self.arrays = row.make_data(n, np.random.default_rng(0))
        pairs = zip(self.loss.inputs, self.arrays, strict=False)
        outs = tuple(np.empty_like(array) for item, array in pairs if item.differentiable)
        self.out = outs if len(outs) > 1 else outs[0]

    def time_value(self, name, n):
        self.loss(*self.arrays)

    def time_value_and_gradient(self, name, n):
        self.loss.value_and_gradient(*self.arrays, gradient_out=self.out)


class Batches(Losses):
    """Losses of batches and of sequences."""

    params = (list(WHOLE), [8192, 131_072])
    rows = WHOLE
