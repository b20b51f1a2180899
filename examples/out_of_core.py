"""
==================================
Data in a file, one part at a time
==================================

A mean of means is not the mean if the parts differ in size or weight.
:meth:`~sklosses.Loss.partial` returns what can be added, a :class:`~sklosses.PartialLoss` of a
total and its weight, and gradients add up as well. So a model is fitted to a file of any size with
the memory of a single part, and the result is the one that all the data would give.

The file here has the pixels of a photograph of scikit-learn's, each with 12 neighbours that come
before it in the order of reading. To predict a pixel from these is what lossless compression does,
and the average of the absolute error says how well it will do.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_sample_image

from sklosses import LogCoshLoss, l1_loss

plt.style.use("tableau-colorblind10")

photo = load_sample_image("flower.jpg")[:, :, 0]
height, width = photo.shape
offsets = [(dy, dx) for dy in (-2, -1, 0) for dx in (-2, -1, 0, 1, 2) if (dy, dx) < (0, 0)]

# %%
# Write the file
# --------------
# One row of the photograph after the other, as a camera would send them. The last column of the
# file is the pixel itself.

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "pixels.bin"
n_rows, n_columns = (height - 2) * (width - 4), len(offsets) + 1
with path.open("wb") as file:
    for y in range(2, height):
        columns = [photo[y + dy, 2 + dx : width - 2 + dx] for dy, dx in [*offsets, (0, 0)]]
        file.write(np.column_stack(columns).astype(np.uint8).tobytes())
print(f"{n_rows} pixels, {path.stat().st_size / 1e6:.1f} MB on disk")


def parts(size=20_000):
    """Features and targets of a part of the file at a time."""
    with path.open("rb") as file:
        while block := file.read(size * n_columns):
            part = np.frombuffer(block, np.uint8).reshape(-1, n_columns).astype(np.float32)
            yield part[:, :-1], part[:, -1]


# %%
# Fit
# ---
# The gradient of a sum is the sum of gradients; both are divided by the weight at the end. The last
# part is smaller than the others, which needs no attention.
# :func:`~sklosses.log_cosh_loss` is a smooth form of the absolute error.

loss = LogCoshLoss()


def objective(w):
    """Mean loss over the file and its gradient, in one pass."""
    total, gradient = 0, np.zeros_like(w)
    for X, y in parts():
        y_pred = X @ w.astype(np.float32)
        total += loss.partial(y, y_pred)
        gradient += X.T @ loss.gradient(y, y_pred, reduction="sum")
    return total.value, gradient / total.weight


previous = np.zeros(len(offsets))
previous[offsets.index((0, -1))] = 1  # the pixel to the left
result = minimize(objective, previous, jac=True, method="L-BFGS-B", options={"maxiter": 100})

# %%
# The same with all data in memory
# --------------------------------

X, y = (np.concatenate(arrays) for arrays in zip(*parts(), strict=True))
whole = loss(y, X @ result.x.astype(np.float32))
means = [loss(part, features @ result.x.astype(np.float32)) for features, part in parts()]
print(f"loss by parts     {result.fun:.8f}\nloss of all data  {whole:.8f}")
print(f"mean of means     {np.mean(means):.8f}")


def residuals(w):
    """What is left of the photograph after the prediction."""
    return (y - X @ w).reshape(height - 2, width - 4)


left = {"the pixel to the left": residuals(previous), "12 neighbours": residuals(result.x)}
print()
for name, rest in left.items():
    print(f"mean absolute error with {name:<22} {l1_loss(np.zeros_like(rest), rest):.2f}")

# %%
# The figure
# ----------

folder.cleanup()
fig, axes = plt.subplots(2, 2, figsize=(12, 7.6), layout="constrained")
axes[0, 0].imshow(photo, cmap="gray")
axes[0, 0].set_title("The photograph (red channel)")
axes[0, 0].set_axis_off()
for ax, (name, rest) in zip([axes[0, 1], axes[1, 1]], left.items(), strict=True):
    picture = ax.imshow(np.abs(rest), cmap="gray_r", vmin=0, vmax=20)
    ax.set_title(f"Error with {name}: {np.abs(rest).mean():.2f} on average")
    ax.set_axis_off()
fig.colorbar(picture, ax=axes[:, 1], label="absolute error (grey levels)", extend="max")

weights = np.full((3, 5), np.nan)
for (dy, dx), weight in zip(offsets, result.x, strict=True):
    weights[dy + 2, dx + 2] = weight
ax = axes[1, 0]
ax.imshow(weights, cmap="PuOr", vmin=-1, vmax=1)
for (dy, dx), weight in zip(offsets, result.x, strict=True):
    color = "white" if abs(weight) > 0.6 else "black"
    ax.text(dx + 2, dy + 2, f"{weight:.2f}", ha="center", va="center", color=color)
ax.text(2, 2, "?", ha="center", va="center", fontsize=16)
ax.set(xticks=range(5), yticks=range(3))
ax.set_xticklabels(["-2", "-1", "0", "1", "2"])
ax.set_yticklabels(["-2", "-1", "0"])
ax.set_xlabel("column, relative to the pixel")
ax.set_ylabel("row")
ax.set_title("Weights of the neighbours")
plt.show()
