"""
=================================================
A neural network in thirty lines, without PyTorch
=================================================

A loss returns the gradient with respect to the predictions; the chain rule does the rest. Here that
is done for a network with one hidden layer, in NumPy, trained by Adam in mini-batches. The loss is
one object that is passed in, so the same network is trained by cross-entropy, with label smoothing,
by a focal loss and by a margin loss.

A part of the labels of the training digits is wrong. That is where the losses differ: the network
is large enough to learn wrong labels by heart.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklosses import CrossEntropyLoss, MultiMarginLoss, SoftmaxFocalLoss, cross_entropy

plt.style.use("tableau-colorblind10")

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)
rng = np.random.default_rng(0)
wrong = rng.random(len(y_train)) < 0.2
y_given = np.where(wrong, rng.integers(0, 10, len(y_train)), y_train)
wrong = y_given != y_train

# %%
# The network
# -----------


class Network:
    """One hidden layer of rectified units, trained by Adam."""

    def __init__(self, loss, n_hidden=128, learning_rate=3e-3, seed=0):
        self.loss, self.rate = loss, learning_rate
        self.rng = np.random.default_rng(seed)
        shapes = [(64, n_hidden), (n_hidden,), (n_hidden, 10), (10,)]
        self.weights = [
            self.rng.normal(0, np.sqrt(2 / shape[0]) if len(shape) > 1 else 0, shape)
            .astype(np.float32) for shape in shapes
        ]  # fmt: skip
        self.moments = [(np.zeros_like(w), np.zeros_like(w)) for w in self.weights]
        self.steps = 0

    def forward(self, X):
        """Hidden layer and logits."""
        w1, b1, w2, b2 = self.weights
        hidden = np.maximum(X @ w1 + b1, 0)
        return hidden, hidden @ w2 + b2

    def epoch(self, X, y, batch_size=64):
        """One pass over the data in random order."""
        order = self.rng.permutation(len(y))
        for rows in np.split(order, range(batch_size, len(y), batch_size)):
            hidden, logits = self.forward(X[rows])
            gradient = self.loss.gradient(y[rows], logits)
            back = (gradient @ self.weights[2].T) * (hidden > 0)
            slopes = [X[rows].T @ back, back.sum(axis=0), hidden.T @ gradient, gradient.sum(axis=0)]
            self.steps += 1
            for w, slope, (m, v) in zip(self.weights, slopes, self.moments, strict=True):
                m += 0.1 * (slope - m)
                v += 0.001 * (slope**2 - v)
                step = m / (1 - 0.9**self.steps)
                w -= self.rate * step / (np.sqrt(v / (1 - 0.999**self.steps)) + 1e-8)


# %%
# Train with four losses
# ----------------------

losses = {
    "cross-entropy": CrossEntropyLoss(),
    "label smoothing 0.2": CrossEntropyLoss(label_smoothing=0.2),
    "focal, gamma 2": SoftmaxFocalLoss(gamma=2.0),
    "margin": MultiMarginLoss(),
}
n_epochs = 60
test_accuracy = {name: [] for name in losses}
learnt_by_heart = {name: [] for name in losses}
networks = {}
for name, loss in losses.items():
    networks[name] = network = Network(loss)
    for _ in range(n_epochs):
        network.epoch(X_train, y_given)
        test_accuracy[name].append(np.mean(network.forward(X_test)[1].argmax(axis=1) == y_test))
        predicted = network.forward(X_train)[1].argmax(axis=1)
        learnt_by_heart[name].append(np.mean(predicted[wrong] == y_given[wrong]))

print(f"{wrong.mean():.0%} of {len(y_given)} training labels are wrong; {n_epochs} epochs\n")
print(f"{'':<22}{'test accuracy':>14}{'at best':>9}{'test log loss':>15}{'learnt by heart':>17}")
for name, network in networks.items():
    log_loss = cross_entropy(y_test, network.forward(X_test)[1])
    print(
        f"{name:<22}{test_accuracy[name][-1]:>14.1%}{max(test_accuracy[name]):>9.1%}"
        f"{log_loss:>15.3f}{learnt_by_heart[name][-1]:>17.0%}"
    )

# %%
# The figure
# ----------
# At first all of them learn what most labels say. Then they turn to the samples that are still
# hard, and most of these are wrong labels. The focal loss, which weighs hard samples more, learns
# them first. Label smoothing does best, although its log loss does not show it: its probabilities
# are too close to each other. (Three other random starts gave the same best and the same worst of
# the four.)

fig, axes = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
looks = list(zip(["C3", "C0", "C1", "C4"], ["-", "--", ":", "-."], strict=True))
for ax, curves in zip(axes, [test_accuracy, learnt_by_heart], strict=True):
    for (name, curve), (color, style) in zip(curves.items(), looks, strict=True):
        ax.plot(
            np.arange(1, n_epochs + 1), 100 * np.array(curve), style, color=color, lw=2, label=name
        )
    ax.set_xlabel("epoch")
axes[0].set_ylim(70, 100)
axes[0].set_ylabel("accuracy on test digits (%)")
axes[0].set_title("First it gets better, then worse")
axes[0].legend()
axes[1].set_ylabel("wrong training labels that are predicted (%)")
axes[1].set_title("Wrong labels learnt by heart")
plt.show()
