"""
=========================================
Recognise a digit that one has never seen
=========================================

A large model knows more than classes: it knows which other classes a sample might have been.
:func:`~sklosses.distillation_loss` makes a small model imitate that, at a temperature at which
small probabilities count as well. How much such a hint can say was shown by Hinton, Vinyals and
Dean (`arXiv:1503.02531 <https://arxiv.org/abs/1503.02531>`_): a student that was never shown a 3
learnt from its teacher's opinions of other digits what a 3 looks like.

Here the teacher is a forest that has seen all ten digits. The student is linear, 650 numbers, and
fitted by hand. One digit is left out of the images that it gets.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import train_test_split

from sklosses import CrossEntropyLoss, DistillationLoss

plt.style.use("tableau-colorblind10")

X, y = load_digits(return_X_y=True)
X = X / 16
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=597, stratify=y, random_state=0)

# %%
# The teacher
# -----------
# Trees with single samples in their leaves would be certain of all training samples, and have no
# opinions. With three samples in each leaf they do. The constant keeps the logarithm finite.

teacher = ExtraTreesClassifier(300, min_samples_leaf=3, random_state=0).fit(X_train, y_train)
teacher_logits = np.log(teacher.predict_proba(X_train) + 0.003)
print(f"the teacher is right for {teacher.score(X_test, y_test):.1%} of the test digits\n")

# %%
# The student
# -----------
# Logits are linear in the pixels. What differs is the loss, and what it takes as targets: labels,
# or the logits of the teacher.


def fit(loss, targets, X, alpha=1e-3):
    """Weights (64, 10) and intercepts that minimise a loss plus a penalty."""

    def objective(w):
        weights, intercepts = w[:640].reshape(64, 10), w[640:]
        value, gradient = loss.value_and_gradient(targets, X @ weights + intercepts)
        slope = X.T @ gradient + alpha * weights
        value += alpha / 2 * np.sum(weights**2)
        return value, np.append(slope.ravel(), gradient.sum(axis=0))

    result = minimize(objective, np.zeros(650), jac=True, method="L-BFGS-B")
    return result.x[:640].reshape(64, 10), result.x[640:]


# %%
# Leave out one digit after the other
# -----------------------------------
# Which share of the test images of the left-out digit does the student recognise? One that learns
# from labels recognises none, of course.

temperatures = [1.0, 2.0, 8.0]
recognised = {name: np.zeros(10) for name in ["labels", *temperatures]}
students = {}
for digit in range(10):
    shown = y_train != digit
    models = {"labels": fit(CrossEntropyLoss(), y_train[shown], X_train[shown])}
    for t in temperatures:
        models[t] = fit(DistillationLoss(temperature=t), teacher_logits[shown], X_train[shown])
    for name, (weights, intercepts) in models.items():
        predicted = (X_test @ weights + intercepts).argmax(axis=1)
        recognised[name][digit] = np.mean(predicted[y_test == digit] == digit)
    students[digit] = models[8.0][0]

print(f"{'recognised of the digit left out':<34}" + "".join(f"{digit:>6}" for digit in range(10)))
for name, share in recognised.items():
    label = name if name == "labels" else f"teacher, temperature {name:g}"
    print(f"{label:<34}" + "".join(f"{value:>6.0%}" for value in share))

# %%
# The figure
# ----------
# The higher the temperature, the more the student hears of improbable classes. The images in the
# second row are the weights of a digit in the student that has never seen it: what it imagines the
# digit to look like (positive weights are dark). Those of a model that has seen all are below.

everything = fit(CrossEntropyLoss(), y_train, X_train)[0]
fig = plt.figure(figsize=(12, 7), layout="constrained")
top, bottom = fig.subfigures(2, 1, height_ratios=[1.2, 1])
ax = top.subplots()
looks = zip(temperatures, ["C2", "C4", "C0"], strict=True)
for k, (t, color) in enumerate(looks):
    bars = ax.bar(
        np.arange(10) + 0.27 * (k - 1), 100 * recognised[t], 0.27, color=color,
        label=f"teacher, temperature {t:g}",
    )  # fmt: skip
ax.bar_label(bars, fmt="%.0f", padding=2)
ax.plot(np.arange(10), 100 * recognised["labels"], "x", color="C5", label="labels")
ax.set_xticks(range(10))
ax.set_ylim(-4, 100)
ax.set_xlabel("digit that the student has never seen")
ax.set_ylabel("test images of it recognised (%)")
ax.set_title("What a linear student knows of a digit that it has never seen")
ax.legend(loc="upper left", ncols=2, title="the student learns from")

grid = bottom.subplots(3, 10)
for digit in range(10):
    rows = [X_train[y_train == digit].mean(axis=0), students[digit][:, digit], everything[:, digit]]
    for ax, picture, kind in zip(grid[:, digit], rows, ["mean", "weights", "weights"], strict=True):
        limit = np.abs(picture).max()
        if kind == "mean":
            ax.imshow(picture.reshape(8, 8), cmap="gray_r")
        else:
            ax.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[])
for ax, label in zip(grid[:, 0], ["mean image", "never seen", "seen"], strict=True):
    ax.set_ylabel(label, rotation=0, ha="right", va="center")
plt.show()
