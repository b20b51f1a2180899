"""`LossParameter`: what estimators and scorers with a parameter `loss` share."""

from typing import Any

from .base import Loss, as_loss

__all__ = ["LossParameter"]


class LossParameter:
    """Mixin for estimators with a parameter `loss`, in any form of a loss.

    The parameters of the loss are available as ``loss__<name>``. If one of them is set while
    `loss` is a name, function or class, `loss` is replaced by an object.
    """

    loss: Any

    def get_params(self, deep=True):
        """Get the parameters of the estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the parameters of the loss, as ``loss__<name>``.

        Returns
        -------
        params : dict
            Parameter names mapped to their values.
        """
        params = super().get_params(deep=deep)  # pyright: ignore[reportAttributeAccessIssue]
        if deep and not isinstance(self.loss, Loss):
            try:
                nested = as_loss(self.loss, type(self).__name__).get_params()
            except (TypeError, ValueError):
                nested = {}  # fit raises the error
            params |= {f"loss__{name}": value for name, value in nested.items()}
        return params

    def set_params(self, **params):
        """Set parameters of the estimator, and those of its loss as ``loss__<name>``.

        Parameters
        ----------
        **params : dict
            Parameter names and values.

        Returns
        -------
        self : object
            The estimator.
        """
        loss = params.get("loss", self.loss)
        if any(name.startswith("loss__") for name in params) and not isinstance(loss, Loss):
            params["loss"] = as_loss(loss, type(self).__name__)
        return super().set_params(**params)  # pyright: ignore[reportAttributeAccessIssue]
