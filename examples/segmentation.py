"""
===========================
Roof tiles, without colours
===========================

Which pixels of a photograph are orange roof tiles? With colours it would be easy, and colours make
the labels here. The model sees grey values only: each pixel has some forty numbers that describe
its neighbourhood, and a linear model decides. Five pixels of a hundred are tiles.

Cross-entropy counts pixels, and most of these are sky and leaves. :func:`~sklosses.dice_loss` and
:func:`~sklosses.lovasz_hinge_loss` count what prediction and mask have in common. The same model is
trained with each of them, by SciPy's L-BFGS, on half of the picture, and tested on the other half:
the dark and the light squares of a chessboard.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage
from scipy.optimize import minimize
from sklearn.datasets import load_sample_image
from sklearn.preprocessing import StandardScaler

from sklosses import BCEWithLogitsLoss, DiceLoss, LovaszHingeLoss

plt.style.use("tableau-colorblind10")

photo = load_sample_image("china.jpg")[:, :410] / 255
red, green, blue = np.moveaxis(photo, -1, 0)
# Orange, and not a lone pixel of it.
tiles = ndimage.median_filter((red - blue > 0.25) & (red > 0.5) & (green > blue), 5)
grey = photo @ [0.299, 0.587, 0.114]

# %%
# Neighbourhoods
# --------------
# Smoothed grey values and deviations from them, edges and ridges at four scales, and how much of
# these there is around. Every other row and column is enough.

features = [grey, grey**2]
for sigma in (1, 2, 4, 8):
    smooth = ndimage.gaussian_filter(grey, sigma)
    dy, dx = (ndimage.gaussian_filter(grey, sigma, order=k) for k in ((1, 0), (0, 1)))
    yy, xy, xx = (ndimage.gaussian_filter(grey, sigma, order=k) for k in ((2, 0), (1, 1), (0, 2)))
    deviation = np.sqrt(np.maximum(ndimage.gaussian_filter(grey**2, sigma) - smooth**2, 0))
    own = [smooth, smooth**2, deviation, np.hypot(dx, dy), np.abs(xx), np.abs(yy), np.abs(xy)]
    features += own + [ndimage.gaussian_filter(item, 4) for item in own[3:]]
X = np.stack(features, axis=-1)[::2, ::2]
photo, tiles, grey = photo[::2, ::2], tiles[::2, ::2], grey[::2, ::2]
rows, columns = np.indices(tiles.shape) // 16
train = (rows + columns) % 2 == 0
scaler = StandardScaler().fit(X[train])
X_train, y_train, y_test = scaler.transform(X[train]), tiles[train], tiles[~train]
print(f"{len(y_train)} pixels to learn from, {y_train.mean():.1%} of them tiles")

# %%
# Training
# --------
# The loss takes the logits of all pixels and returns value and gradient; the chain rule is one
# product. Losses of regions take images: the first axis is that of the samples, of which there is
# one, and for the Dice loss the second is that of the classes. They start where cross-entropy has
# ended.

losses = {
    "cross-entropy": (BCEWithLogitsLoss(), (-1,)),
    "Dice": (DiceLoss(activation="sigmoid"), (1, 1, -1)),
    "Lovász hinge": (LovaszHingeLoss(), (1, -1)),
}
ALPHA = 1e-4


def objective(weights, loss, shape):
    """Value and gradient for an intercept and coefficients, with a small penalty."""
    coef = weights[1:]
    z = X_train @ coef + weights[0]
    value, gradient = loss.value_and_gradient(y_train.reshape(shape), z.reshape(shape))
    gradient = gradient.ravel()
    slopes = np.r_[gradient.sum(), gradient @ X_train + ALPHA * coef]
    return value + ALPHA / 2 * coef @ coef, slopes


start = np.zeros(1 + X.shape[-1])
logits = {}
for name, arguments in losses.items():
    found = minimize(objective, start, arguments, "L-BFGS-B", jac=True, options={"maxiter": 200})
    if name == "cross-entropy":
        start = found.x
    logits[name] = scaler.transform(X.reshape(-1, X.shape[-1])) @ found.x[1:] + found.x[0]
    logits[name] = logits[name].reshape(tiles.shape)

# %%
# What was found
# --------------
# In the squares that were left out, by a threshold of 1/2: the share of the tiles that was found,
# the share of what was found that is tiles, and the overlap, intersection over union.


def scores(z, threshold=0.0):
    """Recall, precision and overlap."""
    guess = z > threshold
    hits = np.sum(y_test & guess)
    return hits / y_test.sum(), hits / max(guess.sum(), 1), hits / np.sum(y_test | guess)


print(f"{'':<15}{'recall':>8}{'precision':>11}{'overlap':>9}")
for name, z in logits.items():
    print(f"{name:<15}{{:>8.2f}}{{:>11.2f}}{{:>9.2f}}".format(*scores(z[~train])))

# %%
# The figure
# ----------
# Black pixels are tiles that were found, orange ones are no tiles, blue ones were missed; the
# squares of the training are faded. Another threshold helps cross-entropy, whose probabilities are
# right: the curves show the overlap for any number of pixels that are called tiles.

fig = plt.figure(figsize=(13, 5.6), layout="constrained")
axes = fig.subplot_mosaic([["labels", "seen", *losses], ["curve"] * 5], height_ratios=[3, 2])
for name in ("labels", "seen", *losses):
    axes[name].set_axis_off()
axes["labels"].imshow(photo)
axes["labels"].contour(tiles, [0.5], colors="white", linewidths=0.7)
axes["labels"].set_title("the labels, outlined")
axes["seen"].imshow(grey, cmap="gray")
axes["seen"].set_title("what the model sees")
for name, z in logits.items():
    picture = np.repeat(0.65 + 0.35 * grey[..., np.newaxis], 3, axis=2)
    picture[tiles & (z > 0)] = 0
    picture[~tiles & (z > 0)] = (1.0, 0.5, 0.05)
    picture[tiles & (z <= 0)] = (0.0, 0.42, 0.64)
    picture[train] = 0.6 + 0.4 * picture[train]
    axes[name].imshow(picture)
    axes[name].set_title(f"{name}: overlap {scores(z[~train])[2]:.2f}")
shares = np.linspace(0.001, 0.2, 200)
for name, z in logits.items():
    values = [scores(z[~train], t)[2] for t in np.quantile(z[~train], 1 - shares)]
    (line,) = axes["curve"].plot(100 * shares, values, label=name)
    at_half = 100 * np.mean(z[~train] > 0), scores(z[~train])[2]
    axes["curve"].plot(*at_half, "o", markersize=9, color=line.get_color())
axes["curve"].axvline(100 * y_test.mean(), color="black", linestyle=":", zorder=0)
axes["curve"].set(xlabel="pixels that are called tiles (%)", ylabel="overlap")
axes["curve"].legend(title="dots: a threshold of 1/2")
plt.show()
