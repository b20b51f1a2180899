"""Draw the logo, the badges and the figure of the README into doc/_static.

    python tools/draw_pictures.py

The logo is the absolute and the squared error. Badges say what pyproject.toml says. The figure
takes matplotlib.
"""

import tomllib
from pathlib import Path

import numpy as np

import sklosses

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "doc" / "_static"
SIZE = 64
CURVES = (("l1_loss", "#d1603d"), ("mse_loss", "#1f6f8b"))


def points(loss, x):
    """The curve of a loss as the points of an SVG path."""
    y = sklosses.get_loss(loss)(np.zeros_like(x), x, reduction="none")
    left, top = (x + 1) / 2 * (SIZE - 10) + 5, SIZE - 9 - y * (SIZE - 18)
    return " ".join(f"{a:.2f},{b:.2f}" for a, b in zip(left, top, strict=True))


def draw_logo():
    """Two curves and their minimum."""
    x = np.linspace(-1, 1, 41)
    lines = [
        f'<polyline points="{points(loss, x)}" fill="none" stroke="{colour}" stroke-width="5" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        for loss, colour in CURVES
    ]
    dot = f'<circle cx="{SIZE / 2}" cy="{SIZE - 9}" r="6" fill="#333f48"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">\n'
    (TARGET / "logo.svg").write_text(svg + "\n".join([*lines, dot]) + "\n</svg>\n", "utf-8")


def badges():
    """The texts of the badges: file, left, right."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    python = project["requires-python"].removeprefix(">=")
    yield "badge_python", "python", f"{python} and later"
    yield "badge_licence", "licence", project["license"]
    if "Typing :: Typed" in project["classifiers"]:
        yield "badge_typed", "types", "included"


def badge(left, right):
    """A picture of two words."""
    widths = [6.6 * len(word) + 12 for word in (left, right)]
    total = sum(widths)
    text = 'fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{total:.0f}" height="20" role="img">
<title>{left}: {right}</title>
<rect width="{total:.0f}" height="20" rx="3" fill="{CURVES[1][1]}"/>
<rect width="{widths[0]:.0f}" height="20" rx="3" fill="#333f48"/>
<g {text} text-anchor="middle">
<text x="{widths[0] / 2:.1f}" y="14">{left}</text>
<text x="{widths[0] + widths[1] / 2:.1f}" y="14">{right}</text>
</g>
</svg>
"""


def draw_badges():
    """Short facts about the package."""
    for name, left, right in badges():
        (TARGET / f"{name}.svg").write_text(badge(left, right), "utf-8")


def draw_figure():
    """Losses of numbers and of labels: values, and gradients below."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from sklosses import HuberLoss, QuantileLoss, RobustLoss, SigmoidFocalLoss
    from sklosses.plotting import LossCurveDisplay

    # The same file for the same curves.
    mpl.rcParams["svg.hashsalt"] = "sklosses"
    groups = {
        "a number, y = 0": (
            {
                "squared": 0.5 * sklosses.MSELoss(),
                "Huber": HuberLoss(),
                "quantile 0.8": QuantileLoss(quantile=0.8),
                "robust, alpha = -2": RobustLoss(alpha=-2),
            },
            0,
        ),
        "a label, y = 1": (
            {
                "cross-entropy": "binary_cross_entropy_with_logits",
                "focal, gamma = 2": SigmoidFocalLoss(alpha=None),
                "focal, gamma = 5": SigmoidFocalLoss(alpha=None, gamma=5),
            },
            1,
        ),
    }
    fig, axes = plt.subplots(1, 4, figsize=(12, 3.2), constrained_layout=True)
    for (title, (losses, y_true)), pair in zip(groups.items(), axes.reshape(2, 2), strict=True):
        LossCurveDisplay.from_loss(losses, y_true=y_true, quantities=("value", "gradient"), ax=pair)
        for ax, what in zip(pair, ("value", "gradient"), strict=True):
            ax.set_title(f"{what}: {title}", fontsize=10)
    fig.savefig(TARGET / "losses.svg", metadata={"Date": None})


if __name__ == "__main__":
    draw_logo()
    draw_badges()
    draw_figure()
