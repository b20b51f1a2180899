"""
=============================================
Match two halves of an image, as CLIP matches
=============================================

CLIP learns from pairs of pictures and captions which belong together. Its loss,
:func:`~sklosses.info_nce_loss`, compares each picture of a batch with all captions of the batch,
and wants its own to be the most similar. The two modalities here are smaller: the left half and the
right half of a digit. Two linear maps bring them into a common space, in which the other half of an
image should be its nearest neighbour.

CLIP also learns the temperature of its softmax. For that the loss returns its derivative with
respect to the temperature. :func:`~sklosses.siglip_loss` has two such parameters, its temperature
and its bias.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import normalize

from sklosses import info_nce_loss, siglip_loss

plt.style.use("tableau-colorblind10")

images = load_digits().images / 16
train, test = train_test_split(images, test_size=400, random_state=0)
mean = train.mean(axis=0)


def halves(images):
    """Left and right halves as rows, centred."""
    centred = images - mean
    return centred[:, :, :4].reshape(-1, 32), centred[:, :, 4:].reshape(-1, 32)


left, right = halves(train)
left_test, right_test = halves(test)

# %%
# Train both maps and the parameters
# ----------------------------------
# The parameters of the loss are optimised as logarithms where they have to be positive, so that
# their derivatives are multiplied by the parameters.

n_components, alpha = 16, 1e-4
start = np.concatenate([PCA(n_components).fit(half).components_ for half in (left, right)])


def split(w):
    """The two maps and what follows them."""
    size = start.size // 2
    maps = [w[k * size : (k + 1) * size].reshape(n_components, 32).T for k in (0, 1)]
    return maps, w[2 * size :]


def train_maps(loss, names, initial):
    """Maps that minimise a loss, and its parameters."""

    def objective(w):
        (a, b), raw = split(w)
        params = dict(zip(names, [np.exp(raw[0]), *raw[1:]], strict=True))
        value, (grad_a, grad_b), slopes = loss(
            left @ a, right @ b, return_gradient=True, return_parameter_gradient=True,
            reduction="mean", **params,
        )  # fmt: skip
        weights = w[: start.size]
        gradient = np.concatenate([(left.T @ grad_a).T.ravel(), (right.T @ grad_b).T.ravel()])
        slopes = [slopes[names[0]] * params[names[0]], *(slopes[name] for name in names[1:])]
        return value + alpha / 2 * weights @ weights, np.append(gradient + alpha * weights, slopes)

    w = np.append(start.ravel(), initial)
    result = minimize(objective, w, jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return split(result.x)


trained = {
    "info_nce_loss": train_maps(info_nce_loss, ["temperature"], [np.log(0.07)]),
    "siglip_loss": train_maps(siglip_loss, ["temperature", "bias"], [np.log(10.0), -10.0]),
}

# %%
# Find the other half
# -------------------
# Among 400 right halves that were not in the training data, where is the one that belongs to a left
# half?


def ranks(maps):
    """Similarities of all pairs, and for each left half the place of its own right half."""
    a, b = normalize(left_test @ maps[0]), normalize(right_test @ maps[1])
    similarity = a @ b.T
    return similarity, (similarity > np.diag(similarity)[:, None]).sum(axis=1)


places = {"chance": np.random.default_rng(0).permutation(len(test)),
          "PCA of each half": ranks(split(start.ravel())[0])[1]}  # fmt: skip
for name, (maps, raw) in trained.items():
    similarity, places[name] = ranks(maps)
    parameters = f"temperature {np.exp(raw[0]):.3f}" + (
        f", bias {raw[1]:.2f}" if len(raw) > 1 else ""
    )
    print(f"{name}: learnt {parameters}")
print(f"\n{'own half among 400':<22}{'first':>8}{'in first ten':>14}{'median place':>14}")
for name, place in places.items():
    first, ten, median = np.mean(place == 0), np.mean(place < 10), np.median(place) + 1
    print(f"{name:<22}{first:>8.1%}{ten:>14.1%}{median:>14.0f}")

# %%
# The figure
# ----------
# On the right, some left halves joined with the five right halves that are most similar. The frame
# is around the right one.

similarity, place = ranks(trained["info_nce_loss"][0])
fig = plt.figure(figsize=(13, 5.2), layout="constrained")
panel, gallery = fig.subfigures(1, 2, width_ratios=[1, 1.25])
ax = panel.subplots()
looks = zip(places.items(), ["C2", "C3", "C0", "C1"], [":", "-.", "-", "--"], strict=True)
for (name, own), color, style in looks:
    k = np.arange(1, len(test) + 1)
    ax.plot(k, 100 * np.array([(own < n).mean() for n in k]), style, color=color, lw=2, label=name)
ax.set_xscale("log")
ax.set_xticks([1, 3, 10, 30, 100, 400], [1, 3, 10, 30, 100, 400])
ax.set_xticks([], minor=True)
ax.set_xlabel("right halves that are looked at")
ax.set_ylabel("own half among them (%)")
ax.set_title("Test images whose other half is found")
ax.legend(loc="upper left")

shown = np.random.default_rng(3).choice(len(test), 6, replace=False)
grid = gallery.subplots(6, 6)
for row, i in zip(grid, shown, strict=True):
    best = np.argsort(-similarity[i])[:5]
    blank = np.full((8, 4), np.nan)
    for ax, j in zip(row, [None, *best], strict=True):
        half = blank if j is None else test[j][:, 4:]
        ax.imshow(np.hstack([test[i][:, :4], half]), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        own = j == i
        for spine in ax.spines.values():
            spine.set(color="C1" if own else "lightgray", linewidth=3 if own else 0.8)
for ax, title in zip(grid[0], ["given", "1st", "2nd", "3rd", "4th", "5th"], strict=True):
    ax.set_title(title, fontsize=10)
gallery.suptitle("Left halves with the most similar right halves (info_nce_loss)")
plt.show()
