"""Plots of losses, in the style of scikit-learn's displays. They require matplotlib."""

import textwrap
from numbers import Integral

import numpy as np
from sklearn.base import is_classifier

from ._labels import PER_CLASS, PER_QUESTION
from ._sklearn_compat import check_matplotlib_support
from ._validation import raise_parameter
from .base import Loss, as_loss
from .scorer import make_loss_scorer

__all__ = ["LossCurveDisplay", "SampleLossDisplay"]

# ---------------------------------------------------------------------------------------------
# Text and legends that fit
# ---------------------------------------------------------------------------------------------

# Limits, in inches, to which a new figure is enlarged for long or many names.
_WIDEST, _TALLEST = 9.0, 16.0

# For legends within the user's axes: the relative font sizes to try, the share of the height of the
# axes that a legend may take, and the share that is reserved for it if no size fits.
_FONT_SIZES, _LEGEND_SHARE, _LARGEST_SHARE = (1.0, 0.8, 0.65), 0.55, 0.8


def _font_size(name):
    """A font size from the rcParams, in points."""
    import matplotlib
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=matplotlib.rcParams[name]).get_size_in_points()


def _width(text, size):
    """Width of a text in inches, that of its longest line."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size)
    widths = [
        text_to_path.get_text_width_height_descent(line, font, ismath="$" in line)[0]
        for line in text.split("\n")
    ]
    # On a canvas, glyphs start at whole pixels, so that the text may be a little wider.
    return 1.04 * max(widths) / 72


def _wrap(text, width, size, max_lines=None):
    """Wrap a text to lines of at most `width` inches, but not to less than six characters.

    Text beyond `max_lines` is cut off. A single line is cut at its beginning, because the reprs of
    a loss with different parameters differ at the end.
    """
    whole = _width(text, size)
    if whole <= width:
        return text
    length = max(6, int(1.1 * len(text) * width / whole))
    while True:
        lines = textwrap.wrap(text, length)
        if max_lines == 1:
            lines = ["\u2026" + text[1 - length :]]
        elif max_lines is not None and len(lines) > max_lines:
            lines = [*lines[: max_lines - 1], lines[max_lines - 1][: length - 1] + "\u2026"]
        if length == 6 or _width("\n".join(lines), size) <= width:
            return "\n".join(lines)
        length = max(6, int(0.9 * length))


def _fit_legend(owner, figure, handles, width, columns, size, max_lines=None, **kwargs):
    """Add a legend with as many columns as fit a width in inches; return it and its height."""
    texts = [handle.get_label() for handle in handles]
    # The line of an entry, two font sizes long, and the gaps.
    extra = 5 * size / 72
    widest = max(_width(text, size) for text in texts) + extra
    if widest > width:
        texts = [_wrap(text, width - extra, size, max_lines) for text in texts]
    columns = max(1, min(columns, len(texts), int(width / widest)))
    legend = owner.legend(handles, texts, ncols=columns, fontsize=size, **kwargs)
    return legend, legend.get_window_extent().height / figure.dpi


def _put_legends_within(axes, handles):
    """Put a legend at the top of the user's axes and extend their limits to make room for it.

    If it does not fit into the first axes, it is distributed over several.
    """
    figure = axes[0].figure.canvas.figure
    figure.draw_without_rendering()  # so that a layout engine places the axes
    full = _font_size("legend.fontsize")
    attempts = [(n, factor) for n in range(1, len(axes) + 1) for factor in _FONT_SIZES]
    heights = []
    for n, factor in [*attempts, (len(axes), None)]:
        parts = np.array_split(np.arange(len(handles)), min(n, len(handles)))
        heights = []
        for ax, part in zip(axes, parts, strict=False):
            _, height = _fit_legend(
                ax,
                figure,
                [handles[k] for k in part],
                ax.bbox.width / figure.dpi - 0.1,
                3,
                full * (factor or _FONT_SIZES[-1]),
                None if factor else 1,  # names are cut off if nothing else helps
                loc="upper center",
                borderaxespad=0.3,
                labelspacing=0.3,
                columnspacing=1.0,
            )
            heights.append((height + 0.1) * figure.dpi / ax.bbox.height)
        if max(heights) <= _LEGEND_SHARE:
            break
        if factor:
            for ax in axes[: len(parts)]:
                ax.get_legend().remove()
    for ax, share in zip(axes, heights, strict=False):
        if not ax.get_autoscaley_on():
            continue  # the user chose the limits
        transform = ax.yaxis.get_transform()
        bottom, top = transform.transform(np.array(ax.get_ylim()))
        top = bottom + (top - bottom) / (1 - min(share, _LARGEST_SHARE))
        ax.set_ylim(top=transform.inverted().transform(np.array([top]))[0], auto=True)


# ---------------------------------------------------------------------------------------------
# Curves
# ---------------------------------------------------------------------------------------------

# The range of predictions for which curves are drawn and the label of the axis, by `tags.response`.
_RANGES = {
    "real": (-3.0, 3.0, "prediction"),
    "rate": (0.02, 4.0, "predicted rate"),
    "log_rate": (-3.0, 2.0, "logarithm of the predicted rate"),
    "logit": (-6.0, 6.0, "logit"),
    "probability": (0.01, 0.99, "predicted probability"),
    "margin": (-3.0, 3.0, "margin"),
    "distance": (0.0, 3.0, "distance"),
    "class_logits": (-6.0, 6.0, "logit of class 1 (that of class 0 is 0)"),
    "class_margin": (-3.0, 3.0, "prediction for class 1 (that for class 0 is 0)"),
    "class_log_probabilities": (0.01, 0.99, "predicted probability of class 1"),
    "class_probabilities": (0.01, 0.99, "predicted probability of class 1"),
    "cumulative_logits": (-6.0, 6.0, "logit of class 1"),
    "conditional_logits": (-6.0, 6.0, "logit of class 1"),
}

# The targets for which curves are drawn, by `tags.target`.
_TARGETS = {"real": (0.0,), "binary": (0, 1), "sign": (-1, 1), "multilabel": (0, 1),
            "class_index": (0, 1), "class_rank": (0, 1), "class_probability": (0, 1),
            "class_position": (0, 1)}  # fmt: skip

_QUANTITIES = ("value", "gradient", "hessian")
_LINES = ("-", "--", ":", "-.")


def _name(loss):
    return loss.function_name or type(loss).__name__


def _named_losses(loss):
    """Convert a loss, a list or a dict of losses to a dict of loss objects by name."""
    caller = "LossCurveDisplay.from_loss"
    if isinstance(loss, (list, dict)) and not loss:
        raise_parameter(caller, "loss", "a loss, or a non-empty list or dict of losses", loss)
    if isinstance(loss, dict):
        return {name: as_loss(item, caller) for name, item in loss.items()}
    losses = [as_loss(item, caller) for item in (loss if isinstance(loss, list) else [loss])]
    names = [_name(item) for item in losses]
    if len(set(names)) < len(names):
        # The same loss with different parameters.
        names = [repr(item) for item in losses]
    return dict(zip(names, losses, strict=True))


def _curve_targets(loss):
    """The targets for which curves of a loss are drawn."""
    tags = loss.tags
    several = len(loss.inputs) != 2 or loss.inputs[0].broadcasts
    if several or tags.response not in _RANGES or tags.target not in _TARGETS:
        raise ValueError(
            f"{type(loss).__name__} is not a function of a target and a single prediction, so it "
            "cannot be drawn as a curve."
        )
    # For counts and rates, 0 is at the edge of the domain, so curves are drawn for 1.
    positive = tags.target == "real" and loss.inputs[0].domain.low == 0
    return (1.0,) if positive else _TARGETS[tags.target]


def _curve(loss, target, x):
    """Value, gradient and Hessian for the predictions `x`; None if the loss does not have them."""
    response = loss.tags.response
    if not response.startswith("class"):
        arrays = (np.full(x.shape, target), x)
        if loss.tags.target == "multilabel":
            arrays = tuple(array[:, None] for array in arrays)  # one label for each sample
        elif loss.tags.target == "class_rank":
            arrays = (arrays[0], x[:, None])  # two classes
    else:
        # Two classes. The derivatives are with respect to the prediction for the second one.
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
    """Curves of losses: value, gradient and Hessian as functions of the prediction.

    Use `LossCurveDisplay.from_loss` to create one.

    Parameters
    ----------
    y_pred : ndarray of shape (n_points,)
        The predictions.
    curves : list of dict
        One dict for each loss and target, with the keys "loss" (its name), "target", and the
        arrays "value", "gradient" and "hessian". The latter two may be None.
    quantities : tuple of str, default=("value", "gradient", "hessian")
        What to draw, each on its own axes.
    xlabel : str, default="prediction"
        Label of the axis of predictions.

    Attributes
    ----------
    ax_ : matplotlib Axes or ndarray of Axes
        The axes; an array if there are several quantities.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    lines_ : dict of list of matplotlib Line2D
        The curves of each quantity.

    See Also
    --------
    LossCurveDisplay.from_loss : Draw losses.
    SampleLossDisplay : Distribution of the losses of the samples of a data set.

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
        """Draw one or several losses.

        Parameters
        ----------
        loss : str, function, Loss class, Loss object, or list or dict of these
            Losses of a target and a prediction. Losses of classes are drawn for two classes, as
            functions of the prediction for the second one. The keys of a dict are the names in the
            legend.
        y_true : float or sequence of float, default=None
            The targets to draw curves for. If None, 0 for real targets, 1 for counts, and both
            values of binary targets.
        y_pred : array-like of shape (n_points,), default=None
            The predictions. If None, 301 points in a range that depends on the kind of prediction.
        quantities : str or sequence of str, default=("value", "gradient", "hessian")
            What to draw. A quantity that none of the losses has is left out, and so is a Hessian
            that is 0 almost everywhere.
        ax : matplotlib Axes or array of Axes, default=None
            Axes to draw on, one for each quantity. The legend is put at their top, and their
            limits are extended to make room for it. If None, a new figure is created.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.plot`.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            If a loss is not a function of a target and a single prediction, or if a quantity does
            not exist.
        """
        check_matplotlib_support(f"{cls.__name__}.from_loss")
        losses = _named_losses(loss)
        quantities = (quantities,) if isinstance(quantities, str) else tuple(quantities)
        if not quantities:
            raise_parameter(
                f"{cls.__name__}.from_loss", "quantities", f"some of {_QUANTITIES}", quantities
            )
        if unknown := [name for name in quantities if name not in _QUANTITIES]:
            caller = f"{cls.__name__}.from_loss"
            raise_parameter(caller, "quantities", f"among {_QUANTITIES}", unknown[0])
        passed = None if y_true is None else np.atleast_1d(y_true)
        targets = {
            name: _curve_targets(item) if passed is None else passed.tolist()
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
            Axes to draw on, one for each quantity. The legend is put at their top, and their
            limits are extended to make room for it. If None, a new figure is created.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.plot`.

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
                f"ax must hold {n} axes, one for each of {self.quantities}. Got {len(axes)} "
                "instead."
            )
        names = list(dict.fromkeys(curve["loss"] for curve in self.curves))
        several = len({curve["target"] for curve in self.curves}) > 1
        self.lines_ = {quantity: [] for quantity in self.quantities}
        handles = {}
        for quantity, one in zip(self.quantities, axes, strict=True):
            seen = dict.fromkeys(names, 0)
            for index, curve in enumerate(self.curves):
                name = curve["loss"]
                style = {
                    "color": f"C{names.index(name) % 10}",
                    "linestyle": _LINES[seen[name] % len(_LINES)],
                    "label": f"{name}, y = {curve['target']:g}" if several else name,
                    **kwargs,
                }
                seen[name] += 1
                if curve[quantity] is not None:
                    (line,) = one.plot(self.y_pred, curve[quantity], **style)
                    self.lines_[quantity].append(line)
                    handles.setdefault(index, line)
            one.axhline(0, color="0.8", linewidth=0.8, zorder=0)
            one.set(xlabel=self.xlabel, title="Hessian" if quantity == "hessian" else quantity)
        axes[0].set_ylabel("loss" if self.quantities[0] == "value" else "derivative of the loss")
        self.ax_ = axes[0] if n == 1 else axes
        self.figure_ = axes[0].figure
        # In the order of the curves, even if the first quantity lacks some of them.
        handles = [handles[index] for index in sorted(handles)]
        if own:
            self._put_legend_below(handles)
        else:
            _put_legends_within(axes, handles)
        return self

    def _put_legend_below(self, handles):
        """Put the legend below the axes of a new figure and enlarge the figure for it."""
        # Curves cross the entire axes, so there is no room for a legend within them.
        figure, n = self.figure_, len(self.quantities)
        size = _font_size("legend.fontsize")
        widest = max(_width(handle.get_label(), size) for handle in handles)
        width, height = figure.get_size_inches()
        width = max(width, min(widest + 5 * size / 72 + 0.2, _WIDEST))
        _, legend_height = _fit_legend(
            figure, figure, handles, width - 0.2, n + (n > 1), size, loc="outside lower center"
        )
        # The axes keep the height that they would have with a legend of a single row.
        figure.set_size_inches(width, height + max(0.0, legend_height - 2.4 * size / 72))


# ---------------------------------------------------------------------------------------------
# Losses of samples
# ---------------------------------------------------------------------------------------------


def _per_sample(loss, arrays):
    """The loss of each sample, averaged over its outputs if it has several."""
    if "none" not in loss.reductions:
        raise ValueError(
            f"{type(loss).__name__} has no losses of single samples: each term involves several "
            "samples."
        )
    losses = np.asarray(loss(*arrays, reduction="none"), dtype=np.float64)
    return losses.reshape(len(losses), -1).mean(axis=1)


class SampleLossDisplay:
    """Distribution of the losses of the samples of a data set, by class.

    Use `SampleLossDisplay.from_estimator` or `SampleLossDisplay.from_predictions` to create one.

    Parameters
    ----------
    losses : array-like of shape (n_samples,)
        The loss of each sample.
    labels : array-like of shape (n_samples,), default=None
        The class of each sample. If None, all samples are drawn in one row.
    n_hardest : int, default=10
        Number of samples with the largest losses to mark.
    loss_name : str, default="loss"
        Name of the loss, for the label of the axis.

    Attributes
    ----------
    hardest_ : ndarray of shape (n_hardest,)
        Indices of the samples with the largest losses, the hardest first.
    ax_ : matplotlib Axes
        The axes.
    figure_ : matplotlib Figure
        The figure that contains the axes.
    points_ : matplotlib PathCollection
        The samples.
    marks_ : matplotlib PathCollection
        The marks of the hardest samples, in the order of `hardest_`.

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
        n = self.n_hardest
        if isinstance(n, bool) or not isinstance(n, Integral) or n < 0:
            raise_parameter(type(self).__name__, "n_hardest", "an int in the range [0, inf)", n)
        # Stable, so that the first of several samples with the same loss comes first.
        order = np.argsort(-np.asarray(self.losses), kind="stable")
        return order[:n]

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
            Samples to predict.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Labels or target values of the kind that the estimator was fitted with.
        loss : str, function, Loss class or Loss object, default=None
            The loss. If None, "cross_entropy" for a classifier and "mse_loss" otherwise.
        response_method, unseen
            As in :func:`sklosses.make_loss_scorer`. A scorer returns minus the mean of the same
            losses.
        n_hardest : int, default=10
            Number of samples with the largest losses to mark.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is created.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.scatter` for the samples.

        Returns
        -------
        display : SampleLossDisplay

        Raises
        ------
        ValueError
            If the loss has no losses of single samples, because its terms involve several samples.
        """
        check_matplotlib_support(f"{cls.__name__}.from_estimator")
        if loss is None:
            loss = "cross_entropy" if is_classifier(estimator) else "mse_loss"
        scorer = _scorer(loss, response_method, unseen)
        taken, arrays = scorer._consume(estimator, X, y)
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
            The method of an estimator that the predictions come from. Predictions and labels are
            converted to what the loss takes, as in :func:`sklosses.make_loss_scorer`. If None,
            `y_true` and `y_pred` must be what the loss takes.
        classes : array-like of shape (n_classes,), default=None
            The `classes_` of the estimator, in the order of the columns of `y_pred`. If None, the
            sorted labels of `y_true`. Only used with `response_method`.
        unseen : {"raise", "worst"}, default="raise"
            As in :func:`sklosses.make_loss_scorer`. Only used with `response_method`.
        n_hardest : int, default=10
            Number of samples with the largest losses to mark.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is created.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.scatter` for the samples.

        Returns
        -------
        display : SampleLossDisplay

        Raises
        ------
        ValueError
            If the loss has no losses of single samples, because its terms involve several samples.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        if response_method is None:
            taken = as_loss(loss, f"{cls.__name__}.from_predictions")
            arrays = (y_true, *(y_pred if isinstance(y_pred, tuple) else (y_pred,)))
        else:
            scorer = _scorer(loss, response_method, unseen)
            labels = np.asarray(y_true)
            if classes is not None:
                classes = np.asarray(classes)
            elif _has_labels(scorer.loss):
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
        """Draw the losses, with a row for each class.

        The scale is logarithmic if the largest loss is more than 100 times the median. Losses
        below 1e-4 times the median are then drawn at the edge.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure is created.
        **kwargs : dict
            Passed to `matplotlib.axes.Axes.scatter` for the samples.

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
        names = [str(label) for label in classes]
        own = ax is None
        if own:
            _, ax = plt.subplots(figsize=(6.4, 2.4), layout="constrained")
        self.ax_ = ax
        self.figure_ = ax.figure
        medians = [np.median(losses[rows == k]) for k in range(len(classes))]
        least = 1e-4 * np.median(losses)
        if losses.max() > 1e6 * least > 0:
            ax.set_xscale("log")
            losses = losses.clip(least)
        # The jitter is fixed, so that plots are reproducible.
        y = rows + np.random.default_rng(0).uniform(-0.3, 0.3, len(losses))
        style = {"s": 8, "alpha": 0.5, "linewidths": 0, "color": "C0", "label": "samples", **kwargs}
        self.points_ = ax.scatter(losses, y, **style)
        (bars,) = ax.plot(
            medians, range(len(classes)), "|", color="black", ms=14, mew=2, label="median"
        )
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
        ax.set_ylim(len(classes) - 0.5, -0.5, auto=True)
        if self.labels is None:
            ax.set_yticks([])
        else:
            self._name_rows(names, own)
        figure = ax.figure.canvas.figure
        figure.draw_without_rendering()
        ax.set_xlabel(
            _wrap(
                f"{self.loss_name} of a sample",
                ax.bbox.width / figure.dpi,
                _font_size("axes.labelsize"),
            )
        )
        _put_legends_within([ax], [self.points_, bars, self.marks_])
        return self

    def _name_rows(self, names, own):
        """Label the rows with their classes; a new figure is enlarged to fit them."""
        ax, figure, n = self.ax_, self.ax_.figure.canvas.figure, len(names)
        size = _font_size("ytick.labelsize")
        # The user's figure has only the room to the left of the axes.
        room = _WIDEST / 3 if own else _room_on_the_left(ax) - 0.17
        label = 2 * _font_size("axes.labelsize") / 72
        if own or max(_width(name, size) for name in names) < room - label:
            ax.set_ylabel("class")
        short = [_wrap(name, room, size, max_lines=2) for name in names]
        line = 1.3 * size / 72
        height = line * (1 + max(name.count("\n") for name in short))
        if own:
            widest = max(_width(name, size) for name in short)
            figure.set_size_inches(
                6.4 + max(0.0, widest - 0.8),
                min(_TALLEST, max(2.4, 1.6 + max(0.42, 1.1 * height) * n)),
            )
        figure.draw_without_rendering()
        # If there are too many classes, only every second, third, ... one is labelled.
        step = max(1, int(np.ceil(height * n / (0.7 * ax.bbox.height / figure.dpi))))
        ax.set_yticks(range(0, n, step), short[::step])


def _room_on_the_left(ax):
    """Width in inches that labels may take to the left of the user's axes.

    If the figure has a layout engine, which moves the axes to make room, it is a third of their
    width.
    """
    figure = ax.figure.canvas.figure
    figure.draw_without_rendering()
    if figure.get_layout_engine() is not None:
        return ax.bbox.width / figure.dpi / 3
    others = [other.bbox for other in figure.axes if other is not ax]
    left_edges = [
        box.x1
        for box in others
        if box.x1 < ax.bbox.x0 and box.y0 < ax.bbox.y1 and ax.bbox.y0 < box.y1
    ]
    return (ax.bbox.x0 - max(left_edges, default=0.0)) / figure.dpi


def _scorer(loss, response_method, unseen):
    if isinstance(loss, Loss) and loss.reduction == "none":
        # A scorer refuses "none", but only its conversion of the predictions is needed here.
        loss = as_loss(loss, "SampleLossDisplay", reduction="mean")
    return make_loss_scorer(loss, response_method=response_method, unseen=unseen)


def _has_labels(loss):
    return loss.tags.target in PER_CLASS + PER_QUESTION
