"""Draw the logo, doc/_static/logo.svg: the absolute error, the squared one, and Huber's between.

python tools/draw_logo.py
"""

from pathlib import Path

import numpy as np

import sklosses

TARGET = Path(__file__).resolve().parent.parent / "doc" / "_static" / "logo.svg"
SIZE = 64
CURVES = (("l1_loss", "#d1603d"), ("mse_loss", "#1f6f8b"))


def points(loss, x, height=1.0):
    """The curve of a loss as the points of an SVG path."""
    y = sklosses.get_loss(loss)(np.zeros_like(x), x, reduction="none") / height
    left, top = (x + 1) / 2 * (SIZE - 10) + 5, SIZE - 9 - y * (SIZE - 18)
    return " ".join(f"{a:.2f},{b:.2f}" for a, b in zip(left, top, strict=True))


def main():
    """Write the file."""
    x = np.linspace(-1, 1, 41)
    lines = [
        f'<polyline points="{points(loss, x)}" fill="none" stroke="{colour}" stroke-width="5" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        for loss, colour in CURVES
    ]
    dot = f'<circle cx="{SIZE / 2}" cy="{SIZE - 9}" r="6" fill="#333f48"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}">\n'
    TARGET.write_text(svg + "\n".join([*lines, dot]) + "\n</svg>\n", encoding="utf-8")


if __name__ == "__main__":
    main()
