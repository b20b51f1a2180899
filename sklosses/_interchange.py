"""Arrays of other libraries: how they are read, and what is said of those that cannot be read."""

import numpy as np


def share(values) -> np.ndarray:
    """Convert to a NumPy array, in the same memory where the other library allows that."""
    if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
        return np.from_dlpack(values)
    return np.asarray(values)


def unreadable(values, name, error):
    """The error for an object that NumPy cannot read as an array."""
    library = type(values).__module__.partition(".")[0]
    if library == "torch":
        steps = {
            ".detach()": getattr(values, "requires_grad", False),
            ".cpu()": getattr(getattr(values, "device", None), "type", "cpu") != "cpu",
            ".float()": str(getattr(values, "dtype", "")).startswith(
                ("torch.bfloat", "torch.float8")
            ),
        }
        used = "".join(step for step, needed in steps.items() if needed)
        hint = f"Pass {name}{used}." if used else "Pass a dense tensor on the CPU."
        if steps[".detach()"]:
            hint += " For a loss with a gradient in PyTorch, use sklosses.torch.as_module."
    elif library in ("jax", "jaxlib"):
        hint = (
            "Inside jax.jit, jax.grad and jax.vmap an array has no values yet. Call the loss "
            "outside of them, or use sklosses.jax.as_function."
        )
    elif _is_elsewhere(values):
        how = f"Pass {name}.get()" if library == "cupy" else "Copy it to the CPU first"
        hint = f"Losses are computed on the CPU, and this array is on another device. {how}."
    elif isinstance(error, ValueError):
        return ValueError(f"{name} must be a rectangular array: {error}")
    else:
        hint = "Convert it to a NumPy array first."
    kind, (reason, *_) = type(values), str(error).splitlines() or [""]
    return TypeError(
        f"{name} cannot be read as a NumPy array: got {kind.__module__}.{kind.__qualname__} "
        f"({reason}). {hint}"
    )


def _is_elsewhere(values):
    """Whether an array of another library says that the CPU cannot read its memory."""
    try:
        kind, _ = values.__dlpack_device__()
    except Exception:  # of any type, as in `as_dense`
        return False
    return kind not in _HOST_DEVICES


# Of DLPack: memory of the CPU, and such that is shared with a GPU.
_HOST_DEVICES = (1, 3, 11)
