"""What type checkers have to find wrong in users' code.

Both mypy and pyright report a comment that ignores no error, so that each of them says that its
line has one.
"""

import numpy as np

import sklosses
from sklosses import (
    CrossEntropyLoss,
    CustomLoss,
    GaussianNLLLoss,
    HuberLoss,
    Loss,
    MSELoss,
    PartialLoss,
    SigmoidFocalLoss,
    batch_hard_triplet_loss,
    check_loss,
    cross_entropy,
    gaussian_nll_loss,
    generator_loss,
    get_loss,
    get_loss_names,
    get_loss_scorer,
    huber_loss,
    make_loss_scorer,
    mse_loss,
    nt_xent_loss,
    show_config,
)
from sklosses.linear_model import LossClassifier, LossRegressor
from sklosses.metric_learning import LossEmbedding

y = np.array([0.0, 1.0, 3.0])
p = np.array([0.5, 0.5, 2.0])
labels = [0, 2, 1]
logits = np.eye(3)


def arguments_of_functions() -> None:
    mse_loss(y)  # type: ignore
    mse_loss(y, p, "mean")  # type: ignore
    mse_loss(y, p, weight=y)  # type: ignore
    mse_loss(y, None)  # type: ignore
    mse_loss(y, p, reduction=None)  # type: ignore
    mse_loss(y, p, reduction=True)  # type: ignore
    mse_loss(y, p, n_threads=0.5)  # type: ignore
    mse_loss(y, p, avg_factor="3")  # type: ignore
    mse_loss(y, p, return_gradient="yes")  # type: ignore
    nt_xent_loss(labels, logits, reduction=None)  # type: ignore
    generator_loss()  # type: ignore
    batch_hard_triplet_loss(labels, logits, return_distance=True)  # type: ignore


def parameters_of_functions() -> None:
    huber_loss(y, p, delta="2")  # type: ignore
    huber_loss(y, p, delta=None)  # type: ignore
    huber_loss(y, p, beta=1.0)  # type: ignore
    cross_entropy(labels, logits, class_weight="balance")  # type: ignore
    cross_entropy(labels, logits, class_weight={"a": 1.0})  # type: ignore
    cross_entropy(labels, logits, class_weight=3)  # type: ignore
    cross_entropy(labels, logits, ignore_index=0.5)  # type: ignore


def outputs_of_functions() -> None:
    integers = np.zeros(3, dtype=np.int64)
    mse_loss(y, p, gradient_out=p)  # type: ignore
    mse_loss(y, p, return_gradient=True, gradient_out=[0.0] * 3)  # type: ignore
    mse_loss(y, p, return_gradient=True, gradient_out=integers)  # type: ignore
    gaussian_nll_loss(y, p, p, return_gradient=True, gradient_out=p)  # type: ignore


def results_of_functions() -> None:
    mse_loss(y, p).mean()  # type: ignore
    mse_loss(y, p, reduction="none").no_such_thing  # type: ignore
    value, gradient = mse_loss(y, p)  # type: ignore
    text: str = mse_loss(y, p)  # type: ignore
    total: float = mse_loss(y, p, reduction="none")  # type: ignore
    pair: tuple[float, float] = mse_loss(y, p, return_gradient=True)  # type: ignore


def objects() -> None:
    HuberLoss(2.0)  # type: ignore
    HuberLoss(gamma=2.0)  # type: ignore
    HuberLoss(delta="2")  # type: ignore
    HuberLoss(reduction=None)  # type: ignore
    HuberLoss().gamma  # type: ignore
    SigmoidFocalLoss(alpha="none")  # type: ignore
    CrossEntropyLoss(class_weight="balance")  # type: ignore
    CustomLoss()  # type: ignore
    CustomLoss(value=3)  # type: ignore
    number: int = HuberLoss()  # type: ignore
    huber: HuberLoss = MSELoss()  # type: ignore


def calls_of_objects() -> None:
    loss = HuberLoss()
    loss(y, None)  # type: ignore
    loss(y, p, reduction=1)  # type: ignore
    loss(y, p).mean()  # type: ignore
    loss.gradient(y, p, gradient_out=[0.0])  # type: ignore
    loss.gradient(y, p).no_such_thing  # type: ignore
    loss.gradients(y, p)  # type: ignore
    loss.set_params(2.0)  # type: ignore
    GaussianNLLLoss().gradient(y, p, p).mean()  # type: ignore
    text: str = loss(y, p, reduction="sum")  # type: ignore


def arithmetic() -> None:
    loss = HuberLoss()
    loss + 1  # type: ignore
    loss * "2"  # type: ignore
    loss * loss  # type: ignore
    2 / loss  # type: ignore
    loss / loss  # type: ignore
    number: float = 0.7 * loss + 0.3 * MSELoss()  # type: ignore
    loss.partial(y, p) + 1  # type: ignore
    loss.partial(y, p) + loss  # type: ignore
    text: str = loss.partial(y, p).value  # type: ignore
    PartialLoss(1.0)  # type: ignore


def by_name() -> None:
    get_loss()  # type: ignore
    get_loss(3)  # type: ignore
    name: str = get_loss("mse_loss")  # type: ignore
    number: int = get_loss_names()[0]  # type: ignore
    check_loss("mse_loss")  # type: ignore
    loss: Loss = "mse_loss"  # type: ignore


def scorers() -> None:
    make_loss_scorer()  # type: ignore
    make_loss_scorer(3)  # type: ignore
    make_loss_scorer("mse_loss", d2="yes")  # type: ignore
    make_loss_scorer("mse_loss", response_method=3)  # type: ignore
    scorer = make_loss_scorer("mse_loss")
    scorer(object(), logits, y, sample_weight=1.5, greater=True)  # type: ignore
    text: str = scorer(object(), logits, y)  # type: ignore
    get_loss_scorer(MSELoss())  # type: ignore


def estimators() -> None:
    LossRegressor(alpha="small")  # type: ignore
    LossRegressor(class_weight="balanced")  # type: ignore
    LossClassifier(class_weight="balance")  # type: ignore
    LossClassifier(loss=3)  # type: ignore
    model = LossRegressor().fit(logits, y)
    model.coefs_  # type: ignore
    model.classes_  # type: ignore
    text: str = model.predict(logits)  # type: ignore
    mean, std, more = model.predict(logits, return_std=True)  # type: ignore
    LossEmbedding(n_components=1.5)  # type: ignore
    LossEmbedding(init="pcb")  # type: ignore
    LossEmbedding().fit(logits)  # type: ignore


def the_package() -> None:
    from sklosses import mse_los  # type: ignore

    sklosses.no_such_name  # type: ignore
    number: int = sklosses.__version__  # type: ignore
    show_config(mode=1)  # type: ignore
    show_config()["OpenMP"]  # type: ignore
