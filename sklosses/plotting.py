"""Pictures of losses, in the form of scikit-learn's displays. They need matplotlib."""

import numpy as np
from sklearn.base import is_classifier

from ._sklearn_compat import check_matplotlib_support
from .base import Loss, as_loss
from .scorer import _PER_CLASS, _PER_QUESTION, _ask, make_loss_scorer

__all__ = ["LossCurveDisplay", "SampleLossDisplay"]

# ---------------------------------------------------------------------------------------------
# Curves
# ---------------------------------------------------------------------------------------------

# Where curves are drawn, and what the axis is, by what `tags.response` says of the prediction.
_RANGES = {
    "real": (-3.0, 3.0, "prediction"),
    "rate": (0.02, 4.0, "predicted rate"),
    "log_rate": (-3.0, 2.0, "logarithm of the predicted rate"),
    "logit": (-6.0, 6.0, "logit"),
    "probability": (0.01, 0.99, "predicted probability"),
    "margin": (-3.0, 3.0, "margin"),
    "distance": (0.0, 3.0, "distance"),
    "class_logits": (-6.0, 6.0, "logit of class 1, that of class 0 is 0"),
    "class_margin": (-3.0, 3.0, "prediction for class 1, that for class 0 is 0"),
    "class_log_probabilities": (0.01, 0.99, "predicted probability of class 1"),
    "class_probabilities": (0.01, 0.99, "predicted probability of class 1"),
}

# The targets that curves are drawn for, by what `tags.target` says of them.
_TARGETS = {"real": (0.0,), "binary": (0, 1), "sign": (-1, 1), "multilabel": (0, 1),
            "class_index": (0, 1), "class_probability": (0, 1)}  # fmt: skip

_QUANTITIES = ("value", "gradient", "hessian")
_LINES = ("-", "--", ":", "-.")


def _name(loss):
    return loss.function_name or type(loss).__name__


def _named_losses(loss):
    """A dict of loss objects from one loss, a list or a dict of them."""
    caller = "LossCurveDisplay.from_loss"
    if isinstance(loss, dict):
        return {name: as_loss(item, caller) for name, item in loss.items()}
    losses = [as_loss(item, caller) for item in (loss if isinstance(loss, list) else [loss])]
    names = [_name(item) for item in losses]
    if len(set(names)) < len(names):
        # Of one loss with different parameters these tell them apart.
        names = [repr(item) for item in losses]
    return dict(zip(names, losses, strict=True))


def _curve_targets(loss):
    """The targets that curves of a loss are drawn for."""
    tags = loss.tags
    if tags.response not in _RANGES or tags.target not in _TARGETS or len(loss.inputs) != 2:
        raise ValueError(
            f"{type(loss).__name__} is no function of a target and a single prediction, so there "
            "is no curve of it."
        )
    # A count or a rate, of which 0 is the edge, is drawn for 1.
    positive = tags.target == "real" and loss.inputs[0].domain.low == 0
    return (1.0,) if positive else _TARGETS[tags.target]


def _curve(loss, target, x):
    """Value, gradient and Hessian, None where there is none, over the predictions `x`."""
    response = loss.tags.response
    if not response.startswith("class"):
        arrays = (np.full(x.shape, target), x)
        if loss.tags.target == "multilabel":
            arrays = tuple(array[:, None] for array in arrays)  # samples of a single label
    else:
        # Two classes, and the derivatives by the prediction for the second one.
        y_pred = np.column_stack([np.zeros_like(x), x])
        if "probabilities" in response:
            y_pred = np.column_stack([1 - x, x])
        if response == "class_log_probabilities":
            y_pred = np.log(y_pred)
        y_true = np.full(x.shape, target)
        if loss.tags.target == "class_probability":
            y_true = np.column_stack([1 - y_true, y_true])
        arrays = (y_true, y_pred)
    value = loss(*arrays, reduction="none")
    tags = loss.tags
    if tags.hessian == "exact":
        derivatives = loss.gradient_and_hessian(*arrays, reduction="none")
    elif tags.gradient == "none":
        derivatives = (None, None)
    else:
        derivatives = (loss.gradient(*arrays, reduction="none"), None)
    curves = (value, *derivatives)
    columns = [c[:, -1] if c is not None and c.ndim > 1 else c for c in curves]
    if value.ndim > 1:
        columns[0] = value.sum(axis=1)  # one term for each class
    return dict(zip(_QUANTITIES, columns, strict=True))


class LossCurveDisplay:
    """Curves of losses: value, gradient and Hessian against the prediction.

    Use `LossCurveDisplay.from_loss` to make one.

    Parameters
    ----------
    y_pred : ndarray of shape (n_points,)
        The predictions.
    curves : list of dict
        One for each loss and target: its "loss" (a name), "target", and the arrays "value",
        "gradient" and "hessian", which are None where the loss has none.
    quantities : tuple of str, default=("value", "gradient", "hessian")
        What is drawn, each on axes of its own.
    xlabel : str, default="prediction"
        Label of the predictions.

    Attributes
    ----------
    ax_ : matplotlib Axes or ndarray of Axes
        The axes, an array where there are several quantities.
    figure_ : matplotlib Figure
    lines_ : dict of list of matplotlib Line2D
        The curves of each quantity.

    See Also
    --------
    LossCurveDisplay.from_loss : From losses.
    SampleLossDisplay : The losses of the samples of a data set.

    Examples
    --------
    >>> from sklosses.plotting import LossCurveDisplay
    >>> display = LossCurveDisplay.from_loss(["mse_loss", "huber_loss"])  # doctest: +SKIP
    """

    def __init__(self, *, y_pred, curves, quantities=_QUANTITIES, xlabel="prediction"):
        self.y_pred = y_pred
        self.curves = curves
        self.quantities = quantities
        self.xlabel = xlabel

    @classmethod
    def from_loss(
        cls,
        loss,
        *,
        y_true=None,
        y_pred=None,
        quantities=_QUANTITIES,
        ax=None,
        **kwargs,
    ):
        """Draw one loss or several of them.

        Parameters
        ----------
        loss : str, function, Loss class, Loss object, or list or dict of these
            Elementwise losses of a target and a prediction; losses of classes are drawn for
            two of them, against the prediction for the second. The keys of a dict are names
            for the legend.
        y_true : float or sequence of float, default=None
            The targets to draw curves for. None: 0 for real targets, 1 for counts, and both
            values of targets that have two.
        y_pred : array-like of shape (n_points,), default=None
            The predictions. None: 301 of them, in a range for the kind of prediction.
        quantities : str or sequence of str, default=("value", "gradient", "hessian")
            What to draw. A quantity that none of the losses has is left out: a Hessian that
            stands for one that is 0 almost everywhere is none.
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw, one for each quantity. None: a new figure.
        **kwargs : dict
            Passed on to `matplotlib.axes.Axes.plot`.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            If a loss is no function of a target and a single prediction.
        """
        check_matplotlib_support(f"{cls.__name__}.from_loss")
        losses = _named_losses(loss)
        quantities = (quantities,) if isinstance(quantities, str) else tuple(quantities)
        if unknown := [name for name in quantities if name not in _QUANTITIES]:
            raise ValueError(
                f"The 'quantities' parameter must be among {_QUANTITIES}. Got {unknown[0]!r}."
            )
        given = None if y_true is None else np.atleast_1d(y_true)
        targets = {
            name: _curve_targets(item) if given is None else given.tolist()
            for name, item in losses.items()
        }
        low, high, labels = zip(*(_RANGES[item.tags.response] for item in losses.values()),
                                strict=True)  # fmt: skip
        x = np.linspace(max(low), min(high), 301) if y_pred is None else np.ravel(y_pred)
        x = x.astype(np.float64)
        curves = [
            {"loss": name, "target": target, **_curve(item, target, x)}
            for name, item in losses.items()
            for target in targets[name]
        ]
        found = tuple(q for q in quantities if any(curve[q] is not None for curve in curves))
        xlabel = labels[0] if len(set(labels)) == 1 else "prediction"
        display = cls(y_pred=x, curves=curves, quantities=found, xlabel=xlabel)
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or array of Axes, default=None
            Where to draw, one for each quantity. None: a new figure.
        **kwargs : dict
            Passed on to `matplotlib.axes.Axes.plot`.

        Returns
        -------
        display : LossCurveDisplay
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        n = len(self.quantities)
        own = ax is None
        if own:
            size = (max(4.8, 3.8 * n + 0.4), 4.0)
            _, ax = plt.subplots(1, n, figsize=size, squeeze=False, layout="constrained")
        axes = np.ravel(ax)
        if len(axes) != n:
            raise ValueError(
                f"ax must hold {n} axes, one for each of {self.quantities}. Got {len(axes)}."
            )
        names = list(dict.fromkeys(curve["loss"] for curve in self.curves))
        several = len({curve["target"] for curve in self.curves}) > 1
        self.lines_ = {quantity: [] for quantity in self.quantities}
        for quantity, one in zip(self.quantities, axes, strict=True):
            seen = dict.fromkeys(names, 0)
            for curve in self.curves:
                name = curve["loss"]
                style = {
                    "color": f"C{names.index(name) % 10}",
                    "linestyle": _LINES[seen[name] % len(_LINES)],
                    "label": f"{name}, y = {curve['target']:g}" if several else name,
                    **kwargs,
                }
                seen[name] += 1
                if curve[quantity] is not None:
                    self.lines_[quantity] += one.plot(self.y_pred, curve[quantity], **style)
            one.axhline(0, color="0.8", linewidth=0.8, zorder=0)
            one.set(xlabel=self.xlabel, title="Hessian" if quantity == "hessian" else quantity)
        axes[0].set_ylabel("loss" if self.quantities[0] == "value" else "derivative of the loss")
        self.ax_ = axes[0] if n == 1 else axes
        self.figure_ = axes[0].figure
        if own:
            # Curves cross the whole of the axes: there is no room for a legend within.
            handles = self.lines_[self.quantities[0]]
            columns = min(len(handles), n + (n > 1))
            self.figure_.legend(handles=handles, loc="outside lower center", ncols=columns)
        else:
            axes[0].legend()
        return self


# ---------------------------------------------------------------------------------------------
# Losses of samples
# ---------------------------------------------------------------------------------------------


def _per_sample(loss, arrays):
    """The loss of each sample, the mean over its outputs if it has several."""
    if "none" not in loss.reductions:
        raise ValueError(
            f"{type(loss).__name__} has no losses of single samples: its terms belong to several "
            "samples each."
        )
    losses = np.asarray(loss(*arrays, reduction="none"), dtype=np.float64)
    return losses.reshape(len(losses), -1).mean(axis=1)


class SampleLossDisplay:
    """How the losses of the samples of a data set are distributed, by class.

    Use `SampleLossDisplay.from_estimator` or `SampleLossDisplay.from_predictions` to make one.

    Parameters
    ----------
    losses : array-like of shape (n_samples,)
        The loss of each sample.
    labels : array-like of shape (n_samples,), default=None
        The class of each sample. None: they are not told apart.
    n_hardest : int, default=10
        How many of the samples with the largest losses are marked.
    loss_name : str, default="loss"
        Label of the losses.

    Attributes
    ----------
    hardest_ : ndarray of shape (n_hardest,)
        Indices of the samples with the largest losses, the hardest first.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    points_ : matplotlib PathCollection
        The samples.
    marks_ : matplotlib PathCollection
        The hardest ones, in the order of `hardest_`.

    See Also
    --------
    LossCurveDisplay : Curves of losses.
    sklosses.make_loss_scorer : The mean of the same losses as a score.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklosses.plotting import SampleLossDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> display = SampleLossDisplay.from_estimator(
    ...     GaussianNB().fit(X, y), X, y, loss="cross_entropy", n_hardest=3
    ... )  # doctest: +SKIP
    >>> display.hardest_  # doctest: +SKIP
    array([ 70, 106, 133])
    """

    def __init__(self, losses, *, labels=None, n_hardest=10, loss_name="loss"):
        self.losses = losses
        self.labels = labels
        self.n_hardest = n_hardest
        self.loss_name = loss_name

    @property
    def hardest_(self):
        """Indices of the samples with the largest losses, the hardest first."""
        # Stable: of equal losses the first sample comes first.
        order = np.argsort(-np.asarray(self.losses), kind="stable")
        return order[: max(0, self.n_hardest)]

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        loss=None,
        response_method="auto",
        unseen="raise",
        n_hardest=10,
        ax=None,
        **kwargs,
    ):
        """Draw the losses of an estimator's predictions.

        Parameters
        ----------
        estimator : object
            A fitted estimator.
        X : {array-like, sparse matrix}
            What it predicts from.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels or target values of the kind that it was trained with.
        loss : str, function, Loss class or Loss object, default=None
            The loss. None: "cross_entropy" for a classifier, else "mse_loss".
        response_method, unseen
            As in :func:`sklosses.make_loss_scorer`: the losses are those of which the scorer
            gives the mean.
        n_hardest : int, default=10
            How many of the samples with the largest losses are marked.
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        **kwargs : dict
            Passed on to `matplotlib.axes.Axes.scatter` for the samples.

        Returns
        -------
        display : SampleLossDisplay
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        if loss is None:
            loss = "cross_entropy" if is_classifier(estimator) else "mse_loss"
        scorer = _scorer(loss, response_method, unseen)
        taken, arrays = scorer._consume(_ask, estimator, X, y)
        return cls._of_arrays(taken, arrays, y, n_hardest, ax, kwargs)

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_pred,
        *,
        loss,
        response_method=None,
        classes=None,
        unseen="raise",
        n_hardest=10,
        ax=None,
        **kwargs,
    ):
        """Draw the losses of predictions, such as those of `cross_val_predict`.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels or target values.
        y_pred : array-like
            The predictions.
        loss : str, function, Loss class or Loss object
            The loss.
        response_method : {"predict", "predict_proba", "decision_function"}, default=None
            What method of an estimator the predictions come from: they are converted into what
            the loss takes, and labels into positions, as in :func:`sklosses.make_loss_scorer`.
            None: `y_true` and `y_pred` are what the loss takes.
        classes : array-like of shape (n_classes,), default=None
            With `response_method`: the estimator's `classes_`, in the order of the columns of
            `y_pred`. None: the sorted labels of `y_true`.
        unseen : {"raise", "worst"}, default="raise"
            With `response_method`: as in :func:`sklosses.make_loss_scorer`.
        n_hardest : int, default=10
            How many of the samples with the largest losses are marked.
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        **kwargs : dict
            Passed on to `matplotlib.axes.Axes.scatter` for the samples.

        Returns
        -------
        display : SampleLossDisplay
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        if response_method is None:
            taken = as_loss(loss, f"{cls.__name__}.from_predictions")
            arrays = (y_true, *(y_pred if isinstance(y_pred, tuple) else (y_pred,)))
        else:
            scorer = _scorer(loss, response_method, unseen)
            labels = np.asarray(y_true)
            if classes is None and _has_labels(scorer.loss):
                classes = np.unique(labels)
            answer = np.asarray(y_pred)
            taken, arrays = scorer._match(labels, answer, classes, response_method, "y_pred")
        return cls._of_arrays(taken, arrays, y_true, n_hardest, ax, kwargs)

    @classmethod
    def _of_arrays(cls, loss, arrays, y, n_hardest, ax, kwargs):
        labels = np.asarray(y)
        display = cls(
            _per_sample(loss, arrays),
            labels=labels if _has_labels(loss) and labels.ndim == 1 else None,
            n_hardest=n_hardest,
            loss_name=_name(loss),
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the losses, each class in a row of its own.

        The scale is logarithmic where the largest loss is more than 100 times the median, of
        which what is less than 1e-4 is drawn at the edge.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        **kwargs : dict
            Passed on to `matplotlib.axes.Axes.scatter` for the samples.

        Returns
        -------
        display : SampleLossDisplay
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        import matplotlib.pyplot as plt

        losses = np.asarray(self.losses, dtype=np.float64)
        if self.labels is None:
            classes, rows = ["all"], np.zeros(len(losses), dtype=np.intp)
        else:
            classes, rows = np.unique(self.labels, return_inverse=True)
        if ax is None:
            size = (6.4, max(2.4, 1.2 + 0.42 * len(classes)))
            _, ax = plt.subplots(figsize=size, layout="constrained")

        medians = [np.median(losses[rows == k]) for k in range(len(classes))]
        least = 1e-4 * np.median(losses)
        if losses.max() > 1e6 * least > 0:
            ax.set_xscale("log")
            losses = losses.clip(least)
        # A fixed scatter, so that a picture is the same each time.
        y = rows + np.random.default_rng(0).uniform(-0.3, 0.3, len(losses))
        style = {"s": 8, "alpha": 0.5, "linewidths": 0, "color": "C0", "label": "samples", **kwargs}
        self.points_ = ax.scatter(losses, y, **style)
        ax.plot(medians, range(len(classes)), "|", color="black", ms=14, mew=2, label="median")
        hardest = self.hardest_
        self.marks_ = ax.scatter(
            losses[hardest],
            y[hardest],
            s=40,
            facecolors="none",
            edgecolors="C3",
            linewidths=1.2,
            label=f"{len(hardest)} hardest",
        )
        ax.set_yticks(range(len(classes)), [str(label) for label in classes])
        ax.set_ylim(len(classes) - 0.5, -0.5)
        ax.set(xlabel=f"{self.loss_name} of a sample", ylabel="class")
        if self.labels is None:
            ax.set_ylabel("")
            ax.set_yticks([])
        # Samples may be anywhere within the axes.
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
        self.ax_ = ax
        self.figure_ = ax.figure
        return self


def _scorer(loss, response_method, unseen):
    if isinstance(loss, Loss) and loss.reduction == "none":
        # A scorer has no use for it; here it is what is asked for.
        loss = as_loss(loss, "SampleLossDisplay", reduction="mean")
    return make_loss_scorer(loss, response_method=response_method, unseen=unseen)


def _has_labels(loss):
    return loss.tags.target in _PER_CLASS + _PER_QUESTION
