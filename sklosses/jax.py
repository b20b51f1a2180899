"""Losses as functions of JAX.

>>> import pytest
>>> jax = pytest.importorskip("jax")

`as_function` wraps any loss. The function can be differentiated, inside and outside of ``jax.jit``.

>>> from sklosses.jax import as_function
>>> function = as_function("softmax_focal_loss", gamma=2.0)
>>> labels, logits = jax.numpy.array([0, 1, 2, 0]), jax.numpy.zeros((4, 3))
>>> jax.jit(jax.grad(function, argnums=1))(labels, logits).shape
(4, 3)
"""

from .base import as_loss

__all__ = ["as_function"]


def as_function(loss, **params):
    """Make a loss a function of JAX.

    Parameters
    ----------
    loss : str, function, Loss class or Loss object
        The loss. Of an object, a clone is used.
    **params
        Parameters of the loss.

    Returns
    -------
    function : callable
        It is called with the arrays of the loss, target first, and with the keywords of any loss:
        `sample_weight`, `reduction`, `avg_factor` and `n_threads`, of which only `sample_weight`
        may be traced. Its attribute `loss` is the loss object.

    Raises
    ------
    ImportError
        If JAX is not installed.
    ValueError
        If the loss has no gradient, or for what :func:`~sklosses.get_loss` refuses.

    See Also
    --------
    sklosses.torch.as_module : The same for PyTorch.

    Notes
    -----
    The loss is computed on the CPU, by ``jax.pure_callback`` where arrays are traced. Where they
    are not, arrays on the CPU are read in place. The value is float64 for float64 predictions,
    which JAX has if ``jax_enable_x64`` is on, and otherwise float32; bfloat16 is converted to
    float32 first. Gradients have the dtype of the predictions.

    ``jax.grad`` computes the gradient with the value in one call, or for the reduction "none" once
    the factors of the terms are known. ``jax.vmap`` calls the loss for one element of the batch
    after the other; several axes, or ``reduction="none"``, take less time. Second derivatives,
    forward-mode derivatives, and derivatives with respect to targets and weights raise a
    TypeError.

    What is checked is the same as in NumPy. Inside ``jax.jit`` an error is raised by JAX when the
    compiled function runs, at the end of a text of its own.

    Examples
    --------
    >>> import pytest
    >>> jax = pytest.importorskip("jax")
    >>> from sklosses.jax import as_function
    >>> function = as_function("huber_loss", delta=2.0)
    >>> y_true = jax.numpy.array([1.0, 2.0, 4.0])
    >>> y_pred = jax.numpy.array([1.5, 2.0, 1.0])
    >>> value, gradient = jax.jit(jax.value_and_grad(function, argnums=1))(y_true, y_pred)
    >>> float(value)
    1.375
    >>> gradient
    Array([ 0.16666667,  0.        , -0.6666667 ], dtype=float32)
    """
    try:
        from ._jax import LossFunction
    except ModuleNotFoundError as error:
        if error.name not in ("jax", "jaxlib"):
            raise
        raise ImportError(
            "sklosses.jax.as_function needs JAX, which is not installed. Install it with "
            "pip install sklosses[jax]."
        ) from error
    return LossFunction(as_loss(loss, "as_function", **params))
