"""Losses as modules of PyTorch.

>>> import pytest
>>> torch = pytest.importorskip("torch")

`as_module` wraps any loss. Tensors on the CPU are read in place, and the gradient is computed
together with the value.

>>> from sklosses.torch import as_module
>>> criterion = as_module("softmax_focal_loss", gamma=2.0)
>>> logits = torch.zeros(4, 3, requires_grad=True)
>>> value = criterion(torch.tensor([0, 1, 2, 0]), logits)
>>> value.backward()
>>> logits.grad.shape
torch.Size([4, 3])
"""

from .base import as_loss

__all__ = ["as_module"]


def as_module(loss, *, target_last=False, **params):
    """Make a loss a module of PyTorch.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        The loss. Of an object, a clone is used.
    target_last : bool, default=False
        Whether the module is called as those of PyTorch are, ``module(y_pred, y_true)``: what is
        the first array of the loss comes last. For libraries that call a criterion themselves.
    **params
        Parameters of the loss.

    Returns
    -------
    module : torch.nn.Module
        It is called with the arrays of the loss, target first, and with the keywords of any loss:
        `sample_weight`, `reduction`, `avg_factor` and `n_threads`. It has no parameters and no
        state. Its attribute `loss` is the loss object.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    ValueError
        If the loss has no gradient, or for what :func:`~sklosses.get_loss` refuses.

    See Also
    --------
    sklosses.jax.as_function : The same for JAX.

    Notes
    -----
    Arrays may be tensors, or whatever else the loss takes. Tensors must be on the CPU. They are
    read where they are, with any strides; bfloat16, which NumPy does not have, is converted to
    float32 first. The value is a tensor on the CPU. Its dtype is that of the loss's gradient in
    NumPy: float32 for predictions of half and single precision, and float64 for float64. Gradients
    have the dtype of the predictions.

    A module keeps the memory of a large gradient for its next call, unless that is still in use.

    For "mean", "sum" and "batchmean" the gradient is computed with the value, if a prediction
    requires one and gradients are enabled. For "none" it is computed by `backward`, once the
    factors of the terms are known, as a sum over them that these weigh.

    There are no second derivatives: `backward` through a gradient raises a RuntimeError, as do
    the transforms of ``torch.func``, forward-mode differentiation and ``is_grads_batched``.
    ``torch.compile`` leaves the module out of its graphs.

    Examples
    --------
    >>> import pytest
    >>> torch = pytest.importorskip("torch")
    >>> from sklosses.torch import as_module
    >>> criterion = as_module("huber_loss", delta=2.0)
    >>> criterion
    LossModule(HuberLoss(delta=2.0))
    >>> y_true = torch.tensor([1.0, 2.0, 4.0])
    >>> y_pred = torch.tensor([1.5, 2.0, 1.0], requires_grad=True)
    >>> criterion(y_true, y_pred).backward()
    >>> y_pred.grad
    tensor([ 0.1667,  0.0000, -0.6667])
    """
    try:
        from ._torch import LossModule
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ImportError(
            "sklosses.torch.as_module needs PyTorch, which is not installed. Install it with "
            "pip install sklosses[torch]."
        ) from error
    return LossModule(as_loss(loss, "as_module", **params), target_last)
