"""Write PyTorch's values and gradients, with the inputs, to ``tests/pytorch_reference.npz``.

    python tools/make_pytorch_reference.py

Run this after a change of the cases in ``tests/pytorch_grid``, where PyTorch 2.13 (CPU) is
installed. ``tests/test_reference.py`` compares the losses with the file, without PyTorch. Losses
without a row in ``tests/pytorch_grid`` are not in it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import pytorch_grid


def main():
    """Write the file."""
    import torch

    torch.set_num_threads(1)
    cases = list(pytorch_grid.grid())
    pytorch_grid.save(cases, torch)
    size = pytorch_grid.STORED.stat().st_size / 1024
    print(f"{len(cases)} cases, {size:.0f} KB", file=sys.stderr)


if __name__ == "__main__":
    main()
