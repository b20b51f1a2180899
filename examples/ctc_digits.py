"""
===================================================
Read a row of digits without knowing where they are
===================================================

In a line of handwriting or in speech, it is known what is written, but not where each letter
begins. :func:`~sklosses.ctc_loss` sums over all alignments of the labels and the columns of an
image, with a blank for columns that belong to no label. Here images of four digits are made of the
images of scikit-learn, with gaps of random widths, and a model with one hidden layer looks at
twelve columns at a time. It learns to read them from the labels alone, and also where they are.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.datasets import load_digits

from sklosses import CTCLoss

plt.style.use("tableau-colorblind10")

digits = load_digits()
images, labels = digits.images / 16, digits.target
n_digits, n_columns = 4, 48


def strips(source, n, rng):
    """Images of four digits with gaps between them, their labels, and where they begin."""
    chosen = rng.choice(source, (n, n_digits))
    pictures, starts = np.zeros((n, 8, n_columns)), np.zeros((n, n_digits), int)
    for i in range(n):
        free = n_columns - 8 * n_digits
        gaps = rng.multinomial(free, np.full(n_digits + 1, 1 / (n_digits + 1)))
        starts[i] = np.cumsum(gaps[:-1]) + 8 * np.arange(n_digits)
        for k, begin in enumerate(starts[i]):
            pictures[i, :, begin : begin + 8] = images[chosen[i, k]]
    return pictures, labels[chosen], starts


def windows(pictures):
    """Twelve columns around each column, as rows (n_columns * n, 96)."""
    padded = np.pad(pictures, [(0, 0), (0, 0), (6, 5)])
    view = np.lib.stride_tricks.sliding_window_view(padded, 12, axis=2)  # n, 8, columns, 12
    return view.transpose(2, 0, 1, 3).reshape(-1, 96)


rng = np.random.default_rng(0)
order = rng.permutation(len(images))
pictures, targets, _ = strips(order[:1200], 1500, rng)
pictures_test, targets_test, starts_test = strips(order[1200:], 300, rng)

# %%
# The model and its gradient
# --------------------------
# Class 0 is the blank, so digit d is class d + 1. The loss takes log-probabilities of shape
# (n_columns, n, 11). The gradient goes back through the softmax and the hidden layer by hand.

n_hidden, n_classes, alpha = 48, 11, 1e-3
shapes = [(96, n_hidden), (n_hidden,), (n_hidden, n_classes), (n_classes,)]
ends = np.cumsum([np.prod(shape) for shape in shapes])
X = windows(pictures)
loss = CTCLoss()


def unpack(w):
    """The weights of both layers."""
    parts = np.split(w, ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def forward(w, X):
    """Hidden layer, and log-probabilities (n_columns, n, n_classes)."""
    w1, b1, w2, b2 = unpack(w)
    hidden = np.tanh(X @ w1 + b1)
    return hidden, log_softmax(hidden @ w2 + b2, axis=1).reshape(n_columns, -1, n_classes)


curve = []


def objective(w):
    """CTC loss and penalty, and their gradient."""
    _, _, w2, _ = unpack(w)
    hidden, log_probs = forward(w, X)
    n = log_probs.shape[1]
    value, gradient = loss.value_and_gradient(
        targets + 1, log_probs, np.full(n, n_columns), np.full(n, n_digits)
    )
    curve.append(value)
    gradient, p = gradient.reshape(-1, n_classes), np.exp(log_probs).reshape(-1, n_classes)
    logits = gradient - p * gradient.sum(axis=1, keepdims=True)
    back = (logits @ w2.T) * (1 - hidden**2)
    parts = [X.T @ back, back.sum(axis=0), hidden.T @ logits, logits.sum(axis=0)]
    slope = np.concatenate([part.ravel() for part in parts])
    return value + alpha / 2 * w @ w, slope + alpha * w


start = rng.normal(0, 0.2, ends[-1])
result = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 120})

# %%
# Read
# ----
# The most probable class of each column, with repetitions and blanks removed.

_, log_probs = forward(result.x, windows(pictures_test))
best = log_probs.argmax(axis=2).T
read = []
for row in best:
    kept = row[np.append(True, row[1:] != row[:-1])]
    read.append([int(c) - 1 for c in kept if c])
right = np.array([r == list(t) for r, t in zip(read, targets_test, strict=True)])
in_place = [
    any(row[max(s, 0) : s + 8] == d + 1)
    for row, starts, digits_ in zip(best, starts_test, targets_test, strict=True)
    for s, d in zip(starts, digits_, strict=True)
]
print(f"loss {curve[0]:.3f} at first, {curve[-1]:.3f} after {len(curve)} evaluations")
print(
    f"{right.mean():.0%} of {len(right)} rows of digits not seen before are read without an error"
)
print(f"{np.mean(in_place):.0%} of their digits are recognised at a column that belongs to them")

# %%
# The figure
# ----------
# The probability of each class in each column. The blank is nearly certain in most columns: a digit
# is announced in one or two. The model was not told where. The last one has an error.

examples = [*np.flatnonzero(right)[:2], np.flatnonzero(~right)[0] if not right.all() else 2]
fig, axes = plt.subplots(
    2, 3, figsize=(14, 5), height_ratios=[1, 1.5], sharex=True, layout="constrained"
)
for (top, bottom), i in zip(axes.T, examples, strict=True):
    top.imshow(pictures_test[i], cmap="gray_r", aspect="auto")
    top.set_yticks([])
    top.set_title(
        f"written {''.join(map(str, targets_test[i]))}, read {''.join(map(str, read[i]))}"
    )
    p = np.exp(log_probs[:, i]).T
    picture = bottom.imshow(p, cmap="cividis", aspect="auto", vmin=0, vmax=1)
    for begin in starts_test[i]:
        for edge in (begin - 0.5, begin + 7.5):
            top.axvline(edge, color="C1", lw=0.8)
            bottom.axvline(edge, color="C1", lw=0.8)
    bottom.set_yticks(range(n_classes), ["blank", *range(10)])
    bottom.set_xlabel("column of the image")
axes[1, 0].set_ylabel("class")
fig.colorbar(picture, ax=axes[1], label="probability")
plt.show()
