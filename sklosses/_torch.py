"""What `torch.py` is made of: the only module that imports PyTorch.

`LossModule` is the module, `LossFunction` its node in the graph of autograd, and `Gradient` the
node of a gradient, which refuses second derivatives.
"""

# PyTorch's types do not say that `torch.compiler.disable` keeps the arguments of a function.
# Without PyTorch, pyright takes `torch.py` beside this file for it.
# pyright: reportMissingImports=false, reportCallIssue=false, reportAttributeAccessIssue=false

import sys

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from ._lazy import fulfils
from ._validation import is_on, output_dtype, raise_parameter


class LossModule(torch.nn.Module):
    """A loss as a module; `as_module` makes it and documents it.

    Parameters
    ----------
    loss : Loss
    target_last : bool
    """

    def __init__(self, loss, target_last=False):
        super().__init__()
        loss._resolve()  # the tags may depend on the parameters
        if loss.tags.gradient == "none":
            raise ValueError(f"{type(loss).__name__} has no gradient.")
        if not isinstance(target_last, (bool, np.bool_)):
            raise_parameter("as_module", "target_last", "a bool", target_last)
        self.loss = loss
        self.target_last = is_on(target_last)
        self.spare = []

    def __getstate__(self):
        return {**super().__getstate__(), "spare": []}

    def extra_repr(self):
        """The loss, and where its target is."""
        return repr(self.loss) + ", target_last=True" * self.target_last

    def forward(
        self,
        *arrays,
        sample_weight=None,
        reduction=None,
        avg_factor=None,
        n_threads=None,
        **named_arrays,
    ):
        """Compute the loss; the parameters are those of `Loss.__call__`."""
        loss = self.loss
        if self.target_last:
            target = loss._input_names[0]
            if target in named_arrays:
                arrays = (named_arrays.pop(target), *arrays)
            else:
                arrays = (*arrays[-1:], *arrays[:-1])
        arrays = loss._positional(arrays, named_arrays)
        settings = (sample_weight, reduction, avg_factor, n_threads)
        if torch.compiler.is_compiling():
            return _evaluate_outside_of_graphs(loss, settings, self.spare, arrays)
        return _evaluate(loss, settings, self.spare, arrays)


def _evaluate(loss, settings, spare, arrays):
    """The value of a call, as a node of the graph if any array requires a gradient."""
    try:
        if getattr(forward_ad, "_current_level", 0) >= 0 and any(
            fulfils(_has_tangent, array) for array in (*arrays, *settings)
        ):
            raise _untransformed(loss)
        if torch.is_grad_enabled() and _requires_grad(loss, settings, arrays):
            return LossFunction.apply(loss, settings, spare, *arrays)
        return _as_tensor(loss._evaluate(*_read(settings, arrays)))
    except (RuntimeError, TypeError) as error:
        if not _is_transformed():
            raise
        raise _untransformed(loss) from error


# Both ask private functions, but nothing else tells; without them, errors are only less clear.


def _is_transformed():
    """Whether a transform of ``torch.func`` is active."""
    return getattr(torch._C, "_are_functorch_transforms_active", bool)()


def _is_batched(tensor):
    """Whether this stands for several tensors, as with ``is_grads_batched``."""
    functions = getattr(torch._C, "_functorch", None)
    return getattr(functions, "is_legacy_batchedtensor", lambda tensor: False)(tensor)


def _has_tangent(item):
    return isinstance(item, Tensor) and forward_ad.unpack_dual(item).tangent is not None


def _needs_gradient(item):
    return isinstance(item, Tensor) and item.requires_grad


def _untransformed(loss):
    """The error of a loss that is to be transformed."""
    return RuntimeError(
        f"{type(loss).__name__} is computed outside of PyTorch, where forward-mode differentiation "
        "and the transforms of torch.func, such as vmap, grad and jvp, cannot follow. Use backward "
        "or torch.autograd.grad, for one gradient at a time, and reduction='none' or several axes "
        "in place of vmap."
    )


# What a graph is compiled of does not include the loss: the graph ends before it and another one
# begins after it.
@torch.compiler.disable
def _evaluate_outside_of_graphs(*args):
    return _evaluate(*args)


class LossFunction(torch.autograd.Function):
    """The loss as a function of its arrays, with a gradient for each differentiable one."""

    @staticmethod
    def forward(ctx, loss, settings, spare, *arrays):
        """Compute the value and, unless they depend on what follows, the gradients."""
        is_reduced = (settings[1] or loss.reduction) != "none"
        call = _read(settings, arrays)
        unused = _take_unused(spare, loss, call[0]) if spare and is_reduced else ()
        result = loss._evaluate(*call, want_gradient=is_reduced, spare=unused)
        ctx.call = loss, settings[1:], is_reduced
        ctx.gradients = _by_argument(ctx, arrays, result.gradients) if is_reduced else None
        if is_reduced and result.gradients[0].nbytes >= LARGE:
            # Only now: another thread takes what nobody refers to.
            spare[:] = [result.gradients]
        # Tensors are saved in case gradients are computed again. PyTorch raises if one of them has
        # been changed by then, or if an earlier `backward` has freed them.
        passed = (*arrays, settings[0])
        ctx.save_for_backward(*[a if isinstance(a, Tensor) else None for a in passed])
        ctx.others = [None if isinstance(a, Tensor) else a for a in passed]
        return _as_tensor(result)

    @staticmethod
    def backward(ctx, grad_output):
        """Multiply the gradients by `grad_output`, the derivative with respect to the value."""
        if _is_transformed() or _is_batched(grad_output):
            raise _untransformed(ctx.call[0])
        gradients = ctx.gradients
        # Handed out only once: PyTorch may add others to an array that nobody else refers to.
        ctx.gradients = None
        if gradients is None:
            gradients = _compute_gradients(ctx, grad_output)
        if ctx.call[2] and (factor := grad_output.item()) != 1.0:
            for gradient in gradients:
                if gradient is not None:
                    gradient.mul_(factor)
        if torch.is_grad_enabled():  # by create_graph=True
            name = type(ctx.call[0]).__name__
            sources = [t for t in (grad_output, *ctx.saved_tensors) if t is not None]
            gradients = [g if g is None else Gradient.apply(name, g, *sources) for g in gradients]
        return tuple(gradients)


def _compute_gradients(ctx, grad_output):
    """Those that were not computed with the value, or have been handed out."""
    loss, (reduction, avg_factor, n_threads), is_reduced = ctx.call
    saved = zip(ctx.saved_tensors, ctx.others, strict=True)
    *arrays, weight = [other if tensor is None else tensor for tensor, other in saved]
    cotangent = None
    if not is_reduced:
        reduction, avg_factor, cotangent = "sum", None, grad_output.numpy(force=True)
    with torch.no_grad():
        call = _read((weight, reduction, avg_factor, n_threads), arrays)
    result = loss._evaluate(*call, want_gradient=True, cotangent=cotangent)
    return _by_argument(ctx, arrays, result.gradients)


def _by_argument(ctx, arrays, gradients):
    """A list with the gradient of each argument of `LossFunction.apply`, or None."""
    needed, remaining = ctx.needs_input_grad, iter(gradients)
    found = dict.fromkeys(range(len(needed)))
    for k in ctx.call[0]._outputs:
        if arrays[k] is not None:
            gradient = next(remaining)
            if needed[k + 3]:
                found[k + 3] = torch.from_numpy(gradient)
    return list(found.values())


#: Bytes of a gradient from which on its memory is used again. The system takes longer to map new
#: memory than a loss takes to fill it.
LARGE = 1 << 18


def _take_unused(spare, loss, arrays):
    """The gradients of the last call, if PyTorch has given them up and they fit; else ()."""
    try:
        kept = spare.pop()  # no other thread finds them there
    except IndexError:
        return ()
    wanted = loss._differentiable(arrays)
    if len(kept) != len(wanted) or _count_references(kept) != _ALONE * len(kept):
        return ()
    for array, like in zip(kept, wanted, strict=True):
        if not isinstance(like, np.ndarray) or array.dtype != output_dtype(like):
            return ()
        if array.shape != like.shape or not (array.flags.c_contiguous and like.flags.c_contiguous):
            return ()
    return kept


def _count_references(arrays):
    return [sys.getrefcount(array) for array in arrays]


# Of an array in a tuple. The number depends on the version of Python.
_ALONE = _count_references((np.empty(1),))


class Gradient(torch.autograd.Function):
    """A gradient, which cannot be differentiated again."""

    @staticmethod
    def forward(ctx, name, gradient, *sources):
        """Return the gradient, as something that depends on `sources`."""
        ctx.name = name
        return gradient

    @staticmethod
    def backward(ctx, *grad_outputs):
        """Raise: there are no second derivatives."""
        raise RuntimeError(
            f"{ctx.name} has no second derivatives in PyTorch: its gradient cannot be "
            "differentiated. The diagonal of the Hessian is what gradient_and_hessian of the loss "
            "returns."
        )


def _requires_grad(loss, settings, arrays):
    """Whether an array requires a gradient; raises for those that have none."""
    found = False
    for k, array in enumerate(arrays):
        if fulfils(_needs_gradient, array):
            found = True
            name = loss._input_names[k]
            if k not in loss._outputs:
                _raise_no_gradient(loss, name, takes_target_first=k == 0)
            if not isinstance(array, Tensor):
                raise TypeError(
                    f"{name} is a list of tensors that require a gradient. Pass one tensor, such "
                    f"as torch.stack({name})."
                )
    for name, array in zip(("sample_weight", "avg_factor"), settings[::2], strict=True):
        if fulfils(_needs_gradient, array):
            _raise_no_gradient(loss, name)
    return found


def _raise_no_gradient(loss, name, takes_target_first=False):
    hint = ""
    if takes_target_first:
        hint = f" {name} is the first argument, or the last one with as_module(target_last=True)."
    raise TypeError(
        f"{type(loss).__name__} has no gradient with respect to {name}, which requires one. "
        f"Pass {name}.detach().{hint}"
    )


def _read(settings, arrays):
    """The arguments of `Loss._evaluate`, with NumPy arrays in the memory of tensors.

    Gradients must be disabled, or not be required.
    """
    return [_as_numpy(a) for a in arrays], _as_numpy(settings[0]), *settings[1:]


def _as_numpy(array):
    """An array in the memory of a tensor; the tensor itself if the loss has to refuse it."""
    if not isinstance(array, Tensor):
        return array
    try:
        return array.numpy()
    except (RuntimeError, TypeError):
        if array.dtype is torch.bfloat16:  # NumPy does not have it
            return _as_numpy(array.float())
        if array.is_neg():
            return _as_numpy(array.resolve_neg())
        return array.detach()


def _as_tensor(result):
    """The value as a tensor."""
    value = result.value
    if not isinstance(value, np.ndarray):
        gradients = result.gradients
        dtype = gradients[0].dtype if len(gradients) == 1 else result.plan.values_dtype
        with np.errstate(over="ignore"):  # beyond the range of float32: infinite, as in PyTorch
            value = np.array(value, dtype)
    return torch.from_numpy(value)
