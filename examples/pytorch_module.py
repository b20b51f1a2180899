"""
====================================
A loss of sklosses in a PyTorch loop
====================================

:func:`sklosses.torch.as_module` makes any loss a module of PyTorch. It takes the place of one of
``torch.nn``: tensors are read where they are, and ``backward`` goes through it. Here a small
network learns the handwritten digits from labels of which a third is wrong, once with PyTorch's own
cross-entropy and then with losses of sklosses.

With the same loss the two curves lie on each other. Another loss is a change of one line: with
label smoothing the network is right about more of the test digits.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklosses.torch import as_module

plt.style.use("tableau-colorblind10")

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)
rng = np.random.default_rng(0)
is_wrong = rng.random(len(y_train)) < 0.33
y_given = np.where(is_wrong, (y_train + rng.integers(1, 10, len(y_train))) % 10, y_train)

# %%
# The loop
# --------
# It is the usual one. The loss takes the target first, as everywhere in sklosses; with
# ``target_last=True`` it would take it last, as PyTorch does.

X_train, y_given, X_test = map(torch.from_numpy, (X_train, y_given, X_test))


def train(criterion, n_epochs=60, batch_size=64):
    """Train a network; its accuracy after each epoch, on test digits and on wrong labels."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    curve = []
    for _ in range(n_epochs):
        for rows in torch.randperm(len(y_given)).split(batch_size):
            optimizer.zero_grad()
            criterion(y_given[rows], net(X_train[rows])).backward()
            optimizer.step()
        with torch.no_grad():
            correct = net(X_test).argmax(dim=1).numpy() == y_test
            believed = (net(X_train).argmax(dim=1) == y_given).numpy()[is_wrong]
        curve.append((correct.mean(), believed.mean()))
    return 100 * np.array(curve)


def cross_entropy_of_pytorch(labels, logits):
    """PyTorch's own loss, in the order of the others."""
    return torch.nn.functional.cross_entropy(logits, labels)


curves = {
    "cross-entropy of PyTorch": train(cross_entropy_of_pytorch),
    "cross_entropy": train(as_module("cross_entropy")),
    "cross_entropy, label_smoothing=0.5": train(as_module("cross_entropy", label_smoothing=0.5)),
    "multi_margin_loss": train(as_module("multi_margin_loss")),
}

print(f"{is_wrong.mean():.0%} of {len(is_wrong)} training labels are wrong\n")
print(f"{'':<36}{'test accuracy':>15}{'at best':>9}{'wrong labels learnt':>21}")
for name, curve in curves.items():
    accuracy, believed = curve.T
    print(f"{name:<36}{accuracy[-1]:>14.1f}%{accuracy.max():>8.1f}%{believed[-1]:>20.1f}%")

# %%
# The figure
# ----------

fig, axes = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
looks = list(zip(["C5", "C0", "C1", "C3"], [5, 2, 2, 2], ["-", "--", "-.", ":"], strict=True))
for ax, column in zip(axes, (0, 1), strict=True):
    for (name, curve), (color, width, style) in zip(curves.items(), looks, strict=True):
        epochs = np.arange(1, len(curve) + 1)
        ax.plot(epochs, curve[:, column], style, color=color, lw=width, label=name)
    ax.set_xlabel("epoch")
axes[0].set_ylabel("accuracy on test digits (%)")
axes[0].set_title("The same loss learns the same")
axes[0].legend()
axes[1].set_ylabel("wrong training labels that are predicted (%)")
axes[1].set_title("Wrong labels learnt by heart")
plt.show()
