"""Displays: what they draw, and from what."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.linear_model import BayesianRidge, LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB

import sklosses
from sklosses import CustomLoss, HuberLoss, L1Loss, MSELoss, get_loss, get_loss_names
from sklosses import make_loss_scorer as scorer_of
from sklosses.plotting import LossCurveDisplay, SampleLossDisplay

pytest.importorskip("matplotlib").use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])
    return X, names[y], GaussianNB().fit(X, names[y])


# ---------------------------------------------------------------------------------------------
# Curves
# ---------------------------------------------------------------------------------------------

NO_CURVE = {"embedding", "modalities", "vectors", "critic", "pair", "alignment", "distribution"}
NO_CURVE |= {"latent", "box", "pixels", "score", "log_hazard"}


def test_no_curve_of_several_predictions():
    with pytest.raises(ValueError, match="QuantileLoss is not a function of a target and a single"):
        LossCurveDisplay.from_loss(get_loss("quantile_loss", quantile=[0.1, 0.5]))


@pytest.mark.parametrize("name", get_loss_names())
def test_curves_of_every_loss(name):
    loss = get_loss(name)
    tags = loss.tags
    if tags.response in NO_CURVE or tags.target in ("teacher_logits", "none", "class_list"):
        with pytest.raises(
            ValueError, match=f"{type(loss).__name__} is not a function of a target"
        ):
            LossCurveDisplay.from_loss(name)
        return
    display = LossCurveDisplay.from_loss(loss)
    for curve in display.curves:
        slope = curve["gradient"]
        assert curve["value"].shape == slope.shape == display.y_pred.shape
        assert np.isfinite(curve["value"]).all()
        # The curve of the gradient is the slope of that of the value, but for its kinks.
        numeric = np.gradient(curve["value"], display.y_pred)
        if not name.endswith(("_div", "nll_loss")):  # both probabilities move along the axis
            assert np.median(np.abs(numeric - slope)) < 1e-3
        assert (curve["hessian"] is None) == (tags.hessian != "exact")


def test_value_gradient_and_hessian_side_by_side():
    display = LossCurveDisplay.from_loss("huber_loss")
    assert display.quantities == ("value", "gradient", "hessian")
    assert display.ax_.shape == (3,)
    x = display.y_pred
    loss = HuberLoss(reduction="none")
    expected = (loss(0 * x, x), *loss.gradient_and_hessian(0 * x, x))
    for quantity, wanted in zip(display.quantities, expected, strict=True):
        (line,) = display.lines_[quantity]
        assert_array_equal(line.get_xdata(), x)
        assert_array_equal(line.get_ydata(), wanted)
    assert [ax.get_title() for ax in display.ax_] == ["value", "gradient", "Hessian"]
    assert display.figure_ is display.ax_[0].figure


def legend_of(display):
    (legend,) = display.figure_.legends
    return [text.get_text() for text in legend.get_texts()]


def test_several_losses_in_one_figure():
    display = LossCurveDisplay.from_loss(["mse_loss", L1Loss, HuberLoss(delta=0.5)])
    assert legend_of(display) == ["mse_loss", "l1_loss", "huber_loss"]
    assert [len(lines) for lines in display.lines_.values()] == [3, 3, 2]
    colours = [line.get_color() for line in display.lines_["value"]]
    assert len(set(colours)) == 3
    # The same colour in each picture, also where a loss is left out.
    assert [line.get_color() for line in display.lines_["hessian"]] == [colours[0], colours[2]]
    display = LossCurveDisplay.from_loss([HuberLoss(), HuberLoss(delta=2.0)])
    assert legend_of(display) == ["HuberLoss()", "HuberLoss(delta=2.0)"]
    display = LossCurveDisplay.from_loss({"one": "mse_loss", "other": MSELoss()})
    assert legend_of(display) == ["one", "other"]
    mine = CustomLoss(value=lambda y, p: (p - y) ** 2)
    display = LossCurveDisplay.from_loss([mine, 0.5 * MSELoss()], quantities="value")
    assert legend_of(display) == ["CustomLoss", "CombinedLoss"]


def test_targets_of_two_values_have_a_curve_each():
    display = LossCurveDisplay.from_loss("binary_cross_entropy_with_logits", quantities="value")
    assert legend_of(display) == [
        f"binary_cross_entropy_with_logits, y = {target}" for target in (0, 1)
    ]
    zero, one = display.lines_["value"]
    assert zero.get_color() == one.get_color()
    assert zero.get_linestyle() != one.get_linestyle()
    assert_allclose(zero.get_ydata(), one.get_ydata()[::-1])
    assert display.ax_.get_xlabel() == "logit"
    display = LossCurveDisplay.from_loss("soft_margin_loss")
    assert [curve["target"] for curve in display.curves] == [-1, 1]
    display = LossCurveDisplay.from_loss("cross_entropy")
    assert_allclose(display.curves[1]["value"], np.log1p(np.exp(-display.y_pred)))
    display = LossCurveDisplay.from_loss("poisson_nll_loss")
    assert [curve["target"] for curve in display.curves] == [1.0]


def test_given_points_targets_axes_and_style():
    _, axes = plt.subplots(2)
    x = [-1.0, 0.0, 2.0]
    display = LossCurveDisplay.from_loss(
        "mse_loss", y_true=[0.0, 1.0], y_pred=x, quantities=("gradient", "value"), ax=axes, lw=3
    )
    assert display.ax_[0] is axes[0]
    assert_array_equal(display.lines_["value"][1].get_ydata(), [4.0, 1.0, 1.0])
    assert {line.get_linewidth() for line in display.lines_["value"]} == {3}
    assert axes[0].get_legend() is not None
    with pytest.raises(ValueError, match="ax must hold 2 axes"):
        display.plot(ax=axes[0])
    assert display.plot() is display
    with pytest.raises(ValueError, match=r"'quantities' .* Got 'slope'"):
        LossCurveDisplay.from_loss("mse_loss", quantities="slope")
    with pytest.raises(ValueError, match="valid loss name"):
        LossCurveDisplay.from_loss("no_loss")
    with pytest.raises(ValueError, match=r"of LossCurveDisplay.from_loss must be"):
        LossCurveDisplay.from_loss([3])


# ---------------------------------------------------------------------------------------------
# Legends and names that fit
# ---------------------------------------------------------------------------------------------


def check_layout(display, least=(1.4, 1.0)):
    """Legends are within the figure and beside the data, and leave the axes some inches."""
    figure = display.figure_
    figure.canvas.draw()
    legends = [(None, legend) for legend in figure.legends]
    legends += [(ax, ax.get_legend()) for ax in figure.axes if ax.get_legend() is not None]
    assert legends
    whole = figure.bbox
    for ax, legend in legends:
        box = legend.get_window_extent()
        assert whole.x0 <= box.x0 < box.x1 <= whole.x1
        assert whole.y0 <= box.y0 < box.y1 <= whole.y1
        assert min(text.get_fontsize() for text in legend.get_texts()) >= 6
        if ax is None:
            assert not any(box.overlaps(other.get_tightbbox()) for other in figure.axes)
            continue
        assert ax.bbox.x0 <= box.x0 < box.x1 <= ax.bbox.x1
        # Nothing is drawn as high as the legend is, but where it is transparent.
        drawn = [ax.transData.transform(line.get_xydata()) for line in ax.get_lines()]
        drawn += [ax.transData.transform(item.get_offsets()) for item in ax.collections]
        assert max(points[:, 1].max() for points in drawn) < box.y0
    for ax in figure.axes:
        width, height = ax.bbox.width / figure.dpi, ax.bbox.height / figure.dpi
        assert width >= least[0]
        assert height >= least[1]


FOCAL = [
    sklosses.SigmoidFocalLoss(alpha=alpha, gamma=gamma)
    for alpha in (0.125, 0.25, 0.5, 0.75, 0.875)
    for gamma in (0.5, 3.125)
]
COMBINED = [
    0.7 * HuberLoss(delta=0.5) + 0.3 * MSELoss(),
    0.25 * HuberLoss(delta=2.5) + 0.5 * L1Loss() + 0.25 * sklosses.SmoothL1Loss(beta=0.125),
]
CURVES = {
    "one": "mse_loss",
    "two targets": "binary_cross_entropy_with_logits",
    "five": FOCAL[:5],
    "ten": FOCAL,
    "combined": COMBINED,
    "names": {"x" * 150: "mse_loss", "a name of many words " * 10: "l1_loss"},
}


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("losses", CURVES)
def test_legend_of_curves(losses, n):
    quantities = ("value", "gradient", "hessian")[:n]
    display = LossCurveDisplay.from_loss(CURVES[losses], quantities=quantities)
    check_layout(display, least=(3.0, 2.5))
    assert len(legend_of(display)) == len(display.curves)


@pytest.mark.parametrize("layout", [None, "constrained"])
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("losses", ["two targets", "ten", "combined", "names"])
def test_legend_within_given_axes(losses, n, layout):
    _, axes = plt.subplots(1, n, layout=layout)
    quantities = ("value", "gradient", "hessian")[:n]
    display = LossCurveDisplay.from_loss(CURVES[losses], quantities=quantities, ax=axes)
    check_layout(display)
    legends = [ax.get_legend() for ax in np.ravel(axes)]
    n_entries = sum(len(legend.get_texts()) for legend in legends if legend is not None)
    assert n_entries == len(display.curves)


def test_limits_and_legends_of_axes_that_are_drawn_on_twice():
    _, ax = plt.subplots()
    LossCurveDisplay.from_loss("mse_loss", quantities="value", ax=ax)
    top = ax.get_ylim()[1]
    check_layout(LossCurveDisplay.from_loss(
        {"three": 3 * MSELoss()}, quantities="value", ax=ax))  # fmt: skip
    assert ax.get_ylim()[1] > 2 * top
    _, ax = plt.subplots()
    ax.set_ylim(-1, 4)
    LossCurveDisplay.from_loss("mse_loss", quantities="value", ax=ax)
    assert ax.get_ylim() == (-1, 4)


def test_legend_has_curves_that_the_first_quantity_lacks():
    display = LossCurveDisplay.from_loss(["l1_loss", "mse_loss"], quantities=("hessian", "value"))
    assert legend_of(display) == ["l1_loss", "mse_loss"]


LONG = ["a rather long name of a class", "virginica", "a_long_identifier_" * 4]


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (["a", "b"], None),
        (LONG, None),
        ([f"class {k}" for k in range(60)], None),
        ([f"class {k}" for k in range(500)], None),
        (LONG, {}),
        (LONG, {"layout": "constrained"}),
        (LONG, {"ncols": 2}),
        (LONG, {"ncols": 3}),
        (LONG, {"ncols": 2, "layout": "constrained"}),
        (["a", "b"], {"figsize": (3, 2.5)}),
        ([f"class {k}" for k in range(60)], {}),
    ],
)
def test_legend_and_names_of_samples(names, given):
    rng = np.random.default_rng(0)
    labels = np.array(names * 10)
    display = SampleLossDisplay(
        rng.exponential(size=len(labels)), labels=labels, loss_name="a long name of a loss " * 3
    )
    ax = None if given is None else np.ravel(plt.subplots(**given)[1])[0]
    display.plot(ax=ax)
    check_layout(display, least=(4.0, 1.3) if given is None else (1.4, 1.0))
    assert display.figure_.get_size_inches()[1] <= 16
    # Names neither leave the figure nor lie over one another.
    boxes = [text.get_window_extent() for text in display.ax_.get_yticklabels()]
    whole = display.figure_.bbox
    if given is None or "figsize" not in given:
        assert all(box.x0 >= whole.x0 for box in boxes)
    assert not any(a.overlaps(b) for a, b in pairwise(boxes))


# ---------------------------------------------------------------------------------------------
# Losses of samples
# ---------------------------------------------------------------------------------------------


def same_as_score(display, scorer, model, X, y):
    assert np.mean(display.losses) == pytest.approx(-scorer(model, X, y), rel=1e-12)


@pytest.mark.parametrize(
    "loss", ["cross_entropy", "nll_loss", "sigmoid_focal_loss", "binary_cross_entropy"]
)
def test_losses_of_a_classifier_are_those_of_the_scorer(loss, iris):
    X, y, model = iris
    display = SampleLossDisplay.from_estimator(model, X, y, loss=loss)
    same_as_score(display, scorer_of(loss), model, X, y)
    assert display.losses.shape == y.shape
    assert [text.get_text() for text in display.ax_.get_yticklabels()] == sorted(set(y))
    assert display.ax_.get_xlabel() == f"{loss} of a sample"
    proba = SampleLossDisplay.from_predictions(
        y, model.predict_proba(X), loss=loss, response_method="predict_proba"
    )
    assert_array_equal(proba.losses, display.losses)


def test_the_hardest_samples_are_marked(iris):
    X, y, model = iris
    display = SampleLossDisplay.from_estimator(model, X, y, n_hardest=7)
    assert display.loss_name == "cross_entropy"
    hardest = display.hardest_
    assert len(hardest) == 7
    others = np.setdiff1d(np.arange(len(y)), hardest)
    assert (np.diff(display.losses[hardest]) <= 0).all()
    assert display.losses[hardest].min() >= display.losses[others].max()
    points, marks = display.points_.get_offsets(), display.marks_.get_offsets()
    assert len(points) == len(y)
    assert_allclose(marks, points[hardest])
    # Each point is in the row of its class.
    rows = np.searchsorted(np.unique(y), y)
    assert_array_equal(np.rint(points[:, 1]), rows)
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["samples", "median", "7 hardest"]
    ties = SampleLossDisplay([1.0, 3.0, 3.0, 2.0], n_hardest=3)
    assert_array_equal(ties.hardest_, [1, 2, 3])
    assert len(SampleLossDisplay([1.0, 2.0], n_hardest=9).plot().hardest_) == 2


def test_flipped_labels_are_the_hardest(iris):
    X, y, _ = iris
    flipped = y.copy()
    flipped[[3, 77, 140]] = "virginica", "setosa", "setosa"
    display = SampleLossDisplay.from_estimator(GaussianNB().fit(X, y), X, flipped, n_hardest=3)
    assert set(display.hardest_) == {3, 77, 140}


def test_regression_has_no_classes():
    X, y = load_diabetes(return_X_y=True)
    model = Ridge().fit(X, y)
    display = SampleLossDisplay.from_estimator(model, X, y)
    assert display.loss_name == "mse_loss"
    assert_allclose(display.losses, (model.predict(X) - y) ** 2)
    assert display.labels is None
    assert len(display.ax_.get_yticks()) == 0
    by_hand = SampleLossDisplay.from_predictions(y, model.predict(X), loss=MSELoss())
    assert_allclose(by_hand.losses, display.losses)
    gaussian = SampleLossDisplay.from_estimator(
        BayesianRidge().fit(X, y), X, y, loss="gaussian_nll_loss"
    )
    assert gaussian.losses.shape == y.shape
    mine = 0.5 * MSELoss() + L1Loss()
    display = SampleLossDisplay.from_estimator(model, X, y, loss=mine)
    same_as_score(display, scorer_of(mine), model, X, y)
    poisson = SampleLossDisplay.from_predictions(
        y, model.predict(X), loss="poisson_nll_loss", response_method="predict"
    )
    assert_allclose(poisson.losses.mean(), -scorer_of("poisson_nll_loss")(model, X, y))


def test_several_labels_of_a_sample():
    X, y = make_multilabel_classification(60, random_state=0)
    model = OneVsRestClassifier(LogisticRegression()).fit(X, y)
    display = SampleLossDisplay.from_estimator(model, X, y, loss="binary_cross_entropy")
    same_as_score(display, scorer_of("binary_cross_entropy"), model, X, y)
    assert display.losses.shape == (60,)
    assert display.labels is None


def test_predictions_as_the_loss_takes_them(iris):
    _, y, _ = iris
    y = np.unique(y, return_inverse=True)[1]
    logits = np.random.default_rng(0).normal(size=(len(y), 3))
    loss = sklosses.CrossEntropyLoss(class_weight=[1, 2, 3], reduction="none")
    display = SampleLossDisplay.from_predictions(y, logits, loss=loss)
    assert_array_equal(display.losses, loss(y, logits))
    assert len(display.ax_.get_yticks()) == 3


def test_classes_and_labels_that_are_unknown(iris):
    X, y, model = iris
    some = y != "setosa"
    proba = model.predict_proba(X)
    display = SampleLossDisplay.from_predictions(
        y[some], proba[some], loss="cross_entropy", response_method="predict_proba",
        classes=model.classes_.tolist(),
    )  # fmt: skip
    whole = SampleLossDisplay.from_estimator(model, X, y)
    assert_array_equal(display.losses, whole.losses[some])
    with pytest.raises(ValueError, match=r"y_pred.predict_proba must return one column for each"):
        SampleLossDisplay.from_predictions(
            y[some], proba[some][:, :1], loss="cross_entropy", response_method="predict_proba"
        )
    odd = np.where(np.arange(len(y)) == 5, "rose", y)
    with pytest.raises(ValueError, match="'rose' at index 5"):
        SampleLossDisplay.from_estimator(model, X, odd)
    display = SampleLossDisplay.from_estimator(model, X, odd, unseen="worst")
    assert display.losses[5] == pytest.approx(-np.log(np.finfo(float).eps))


def test_losses_without_samples(iris):
    X, y, model = iris
    with pytest.raises(ValueError, match="has no losses of single samples"):
        SampleLossDisplay.from_predictions(y, X, loss="batch_all_triplet_loss")
    with pytest.raises(ValueError, match="takes the scores that a critic gives"):
        SampleLossDisplay.from_estimator(model, X, y, loss="gradient_penalty")


def test_axes_and_style_of_samples():
    _, ax = plt.subplots()
    display = SampleLossDisplay([1.0, 2.0, 1e3], labels=["b", "a", "b"], n_hardest=1)
    assert display.plot(ax=ax, s=20, color="green") is display
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert display.points_.get_sizes() == [20]
    assert ax.get_xscale() == "log"
    assert SampleLossDisplay([0.0, 0.0, 1.0]).plot().ax_.get_xscale() == "linear"
    # What is next to nothing is at the edge of a logarithmic scale.
    offsets = SampleLossDisplay([0.0, 1.0, 1.0, 1e3]).plot().points_.get_offsets()
    assert offsets[0, 0] == 1e-4


WITHOUT = """
import sys
sys.modules["matplotlib"] = None
import sklosses
from sklosses.plotting import LossCurveDisplay, SampleLossDisplay
for call in (
    lambda: LossCurveDisplay.from_loss("mse_loss"),
    lambda: SampleLossDisplay.from_predictions([0.0], [1.0], loss="mse_loss"),
    lambda: SampleLossDisplay([1.0]).plot(),
):
    try:
        call()
    except ImportError as error:
        assert "requires matplotlib" in str(error)
        assert "Display." in str(error)
    else:
        raise SystemExit("no error")
"""


def test_matplotlib_is_optional():
    subprocess.run([sys.executable, "-c", WITHOUT], check=True)
    subprocess.run(
        [sys.executable, "-c", "import sklosses, sys; assert 'matplotlib' not in sys.modules"],
        check=True,
    )


def test_arguments_of_displays(iris):
    X, y, model = iris
    message = "'n_hardest' parameter of SampleLossDisplay must be an int in the range"
    for n in -1, 2.5, "3", True:
        with pytest.raises(ValueError, match=message):
            SampleLossDisplay.from_estimator(model, X, y, n_hardest=n)
    assert len(SampleLossDisplay([1.0, 2.0], n_hardest=0).plot().hardest_) == 0
    for nothing in [], {}:
        with pytest.raises(
            ValueError, match=r"'loss' parameter of LossCurveDisplay\.from_loss must"
        ):
            LossCurveDisplay.from_loss(nothing)
    with pytest.raises(ValueError, match=r"'quantities' parameter of LossCurveDisplay\.from_loss"):
        LossCurveDisplay.from_loss("mse_loss", quantities=())
