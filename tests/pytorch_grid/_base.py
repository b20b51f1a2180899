"""What a row, a case and the file of stored results are."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: PyTorch's results for all cases, for comparisons without PyTorch.
STORED = Path(__file__).resolve().parent.parent / "pytorch_reference.npz"


def anything(shape, kind, params):
    """PyTorch takes every case."""
    return True


def no_terms(*arrays, **params):
    """Nothing cancels."""
    return 0.0


@dataclass(frozen=True)
class Row:
    """How PyTorch computes one loss, and the cases to compare.

    Parameters
    ----------
    call : callable
        ``call(torch, *tensors, reduction, weight, **params)`` with the parameters of sklosses;
        `weight` is None or sample weights of the shape of the unreduced loss. With weights,
        `reduction` is "none" or "sum".
    data : callable
        ``data(rng, shape, kind)``, the arrays of a call, in sklosses' order.
    params : tuple of dict
    shapes : tuple of tuple
    kinds : tuple of str
        Kinds of data, for `data`.
    differentiable : tuple of int
        Indices of the arrays that have a gradient.
    mean_is_sum : bool
        Whether the mean is the sum divided by a denominator.
    terms : callable
        ``terms(*arrays, **params)``: sizes of the terms of PyTorch's formula that may cancel in
        the unreduced loss; the comparison allows for their rounding.
    gradient_terms : callable
        The same for the gradients, a tuple; None if nothing cancels.
    finest : str
        The reduction that reduces least.
    takes : callable
        ``takes(shape, kind, params)``: whether PyTorch takes this case.
    """

    call: Callable
    data: Callable
    params: tuple = ({},)
    shapes: tuple = ((), (9,), (5, 3), (2, 3, 4))
    kinds: tuple = ("plain", "hard")
    differentiable: tuple = (1,)
    mean_is_sum: bool = True
    terms: Callable = no_terms
    gradient_terms: Callable | None = None
    finest: str = "none"
    takes: Callable = anything

    def sizes_of_gradients(self, arrays, params):
        """`gradient_terms`, zeros if there are none."""
        if self.gradient_terms is None:
            return (0.0,) * len(self.differentiable)
        return self.gradient_terms(*arrays, **params)


@dataclass(frozen=True)
class Case:
    """One call of one loss."""

    name: str
    row: Row
    kind: str
    number: int
    shape: tuple

    def __str__(self):
        shape = "x".join(map(str, self.shape)) or "scalar"
        return f"{self.name}-{self.kind}-{self.number}-{shape}".replace(" ", "_")

    @property
    def params(self):
        """Parameters of sklosses."""
        return self.row.params[self.number]

    def arrays(self):
        """The arrays of the call, the same whenever they are made."""
        rng = np.random.default_rng([*str(self).encode()])
        return self.row.data(rng, self.shape, self.kind)

    def evaluate(self, torch, dtype="float64", weight=None, reduction=None):
        """PyTorch's value, in float64, and the gradients of its sum."""
        tensors = []
        for k, array in enumerate(self.arrays()):
            tensor = torch.tensor(array)
            if tensor.is_floating_point():
                tensor = tensor.to(getattr(torch, dtype))
            tensors.append(tensor.requires_grad_(k in self.row.differentiable))
        if weight is not None:
            weight = torch.tensor(weight).to(getattr(torch, dtype))
        reduction = reduction or self.row.finest
        loss = self.row.call(torch, *tensors, reduction=reduction, weight=weight, **self.params)
        loss.sum().backward()
        gradients = [tensors[k].grad.numpy() for k in self.row.differentiable]
        return loss.detach().numpy(), gradients


def save(cases, torch, path=STORED):
    """Write PyTorch's results for these cases, with their arrays."""
    stored, index = {}, []
    for number, case in enumerate(cases):
        values, gradients = case.evaluate(torch)
        mean, _ = case.evaluate(torch, reduction="mean")
        arrays = case.arrays()
        for k, array in enumerate(arrays):
            stored[f"{number}.array{k}"] = array
        for k, gradient in enumerate(gradients):
            stored[f"{number}.gradient{k}"] = gradient
        stored[f"{number}.value"] = values
        stored[f"{number}.mean"] = mean
        index.append(
            {
                "id": str(case),
                "name": case.name,
                "params": case.params,
                "n_arrays": len(arrays),
                "n_gradients": len(gradients),
                "finest": case.row.finest,
            }
        )
    # One entry of the archive for each dtype instead of one for each small array, whose headers
    # would be most of the file.
    names, packed = [], {}
    for name, array in stored.items():
        array = np.asarray(array)
        kind = array.dtype.kind
        names.append([name, kind, list(array.shape)])
        packed.setdefault(kind, []).append(array.ravel())
    np.savez_compressed(
        path,
        index=np.array(json.dumps({"torch": torch.__version__, "cases": index})),
        names=np.array(json.dumps(names)),
        **{kind: np.concatenate(arrays) for kind, arrays in packed.items()},
    )


@dataclass(frozen=True)
class StoredCase:
    """PyTorch's results for one case, as stored in a file."""

    id: str
    name: str
    params: dict
    arrays: list
    value: np.ndarray
    mean: np.ndarray
    gradients: list


def load(path=STORED):
    """The cases of a file that `save` wrote."""
    with np.load(path) as archive:
        packed = {name: archive[name] for name in archive.files}
    position, stored = {}, {}
    for name, kind, shape in json.loads(str(packed["names"])):
        start = position.get(kind, 0)
        position[kind] = stop = start + int(np.prod(shape))
        stored[name] = packed[kind][start:stop].reshape(shape)
    return [
        StoredCase(
            item["id"],
            item["name"],
            item["params"],
            [stored[f"{number}.array{k}"] for k in range(item["n_arrays"])],
            stored[f"{number}.value"],
            stored[f"{number}.mean"],
            [stored[f"{number}.gradient{k}"] for k in range(item["n_gradients"])],
        )
        for number, item in enumerate(json.loads(str(packed["index"]))["cases"])
    ]
