"""Made by tools/make_stubs.py from the loss classes; do not edit."""

from typing import Any, Literal, overload

from numpy.typing import ArrayLike, NDArray

__all__ = [
    "adversarial_consistency_discriminator_loss",
    "adversarial_consistency_generator_loss",
    "batch_all_triplet_loss",
    "batch_hard_triplet_loss",
    "batch_semi_hard_triplet_loss",
    "bidirectional_triplet_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "circle_loss",
    "cmpm_loss",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "discriminator_loss",
    "distillation_loss",
    "entropy",
    "gaussian_focal_loss",
    "gaussian_nll_loss",
    "generator_loss",
    "gradient_penalty",
    "hinge_embedding_loss",
    "huber_loss",
    "info_nce_loss",
    "js_div",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mse_loss",
    "multi_margin_loss",
    "multi_similarity_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "nt_xent_loss",
    "pairwise_contrastive_loss",
    "poisson_nll_loss",
    "siglip_loss",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "sup_con_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "vse_loss",
]

@overload
def adversarial_consistency_discriminator_loss(
    identity_scores: ArrayLike,
    cycle_scores: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def adversarial_consistency_discriminator_loss(
    identity_scores: ArrayLike,
    cycle_scores: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def adversarial_consistency_generator_loss(
    identity_scores: ArrayLike,
    cycle_scores: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def adversarial_consistency_generator_loss(
    identity_scores: ArrayLike,
    cycle_scores: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def batch_all_triplet_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 0.3,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def batch_all_triplet_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 0.3,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def batch_hard_triplet_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 0.3,
    soft: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    return_distances: bool = False,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any] | tuple[Any, ...]: ...
@overload
def batch_hard_triplet_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 0.3,
    soft: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    return_distances: bool = False,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]] | tuple[Any, ...]: ...
@overload
def batch_semi_hard_triplet_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def batch_semi_hard_triplet_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def bidirectional_triplet_loss(
    image: ArrayLike,
    text: ArrayLike,
    negative_image: ArrayLike,
    negative_text: ArrayLike,
    *,
    margin: float = 0.2,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def bidirectional_triplet_loss(
    image: ArrayLike,
    text: ArrayLike,
    negative_image: ArrayLike,
    negative_text: ArrayLike,
    *,
    margin: float = 0.2,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]]: ...
@overload
def binary_cross_entropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def binary_cross_entropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    pos_weight: float | ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    pos_weight: float | ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def circle_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 0.4,
    gamma: float = 80.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def circle_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    margin: float = 0.4,
    gamma: float = 80.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def cmpm_loss(
    y_true: ArrayLike,
    images: ArrayLike,
    texts: ArrayLike,
    *,
    eps: float = 1e-08,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def cmpm_loss(
    y_true: ArrayLike,
    images: ArrayLike,
    texts: ArrayLike,
    *,
    eps: float = 1e-08,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def cosine_embedding_loss(
    y_true: ArrayLike,
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    margin: float = 0.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def cosine_embedding_loss(
    y_true: ArrayLike,
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    margin: float = 0.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def cross_entropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def cross_entropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def ctc_loss(
    targets: ArrayLike,
    log_probs: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    *,
    blank: int = 0,
    zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def ctc_loss(
    targets: ArrayLike,
    log_probs: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    *,
    blank: int = 0,
    zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def discriminator_loss(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    kind: str = "vanilla",
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def discriminator_loss(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    kind: str = "vanilla",
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def distillation_loss(
    teacher: ArrayLike,
    student: ArrayLike,
    *,
    temperature: float = 4.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def distillation_loss(
    teacher: ArrayLike,
    student: ArrayLike,
    *,
    temperature: float = 4.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def entropy(
    y_pred: ArrayLike,
    *,
    base: float | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def entropy(
    y_pred: ArrayLike,
    *,
    base: float | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def gaussian_focal_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    alpha: float = 2.0,
    gamma: float = 4.0,
    eps: float = 1e-12,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def gaussian_focal_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    alpha: float = 2.0,
    gamma: float = 4.0,
    eps: float = 1e-12,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def gaussian_nll_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    var: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-06,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def gaussian_nll_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    var: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-06,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def generator_loss(
    fake: ArrayLike,
    real: ArrayLike | None = None,
    *,
    kind: str = "vanilla",
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def generator_loss(
    fake: ArrayLike,
    real: ArrayLike | None = None,
    *,
    kind: str = "vanilla",
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def gradient_penalty(
    gradients: ArrayLike,
    *,
    weight: float = 10.0,
    target: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def gradient_penalty(
    gradients: ArrayLike,
    *,
    weight: float = 10.0,
    target: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def hinge_embedding_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    margin: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def hinge_embedding_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    margin: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def huber_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    delta: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def huber_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    delta: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def info_nce_loss(
    images: ArrayLike,
    texts: ArrayLike,
    *,
    temperature: float = 0.07,
    symmetric: bool = True,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def info_nce_loss(
    images: ArrayLike,
    texts: ArrayLike,
    *,
    temperature: float = 0.07,
    symmetric: bool = True,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def js_div(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def js_div(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def kl_div(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    log_target: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none", "batchmean"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def kl_div(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    log_target: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none", "batchmean"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def l1_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def l1_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def margin_ranking_loss(
    y_true: ArrayLike,
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    margin: float = 0.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def margin_ranking_loss(
    y_true: ArrayLike,
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    margin: float = 0.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def mse_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def mse_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def multi_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    p: int = 1,
    margin: float = 1.0,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def multi_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    p: int = 1,
    margin: float = 1.0,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def multi_similarity_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    alpha: float = 2.0,
    beta: float = 50.0,
    base: float = 0.5,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def multi_similarity_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    alpha: float = 2.0,
    beta: float = 50.0,
    base: float = 0.5,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def multilabel_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def multilabel_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def multilabel_soft_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def multilabel_soft_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def nll_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def nll_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def nt_xent_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    temperature: float = 0.07,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def nt_xent_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    temperature: float = 0.07,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def pairwise_contrastive_loss(
    y_true: ArrayLike,
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    margin: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def pairwise_contrastive_loss(
    y_true: ArrayLike,
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    margin: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def poisson_nll_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-08,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def poisson_nll_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-08,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def siglip_loss(
    images: ArrayLike,
    texts: ArrayLike,
    *,
    temperature: float = 10.0,
    bias: float = -10.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def siglip_loss(
    images: ArrayLike,
    texts: ArrayLike,
    *,
    temperature: float = 10.0,
    bias: float = -10.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]: ...
@overload
def sigmoid_focal_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    loss_weight: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def sigmoid_focal_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    loss_weight: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def smooth_l1_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    beta: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def smooth_l1_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    beta: float = 1.0,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def soft_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def soft_margin_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def softmax_focal_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0,
    ignore_index: int = -100,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def softmax_focal_loss(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    class_weight: ArrayLike | dict[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0,
    ignore_index: int = -100,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def sup_con_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    temperature: float = 0.07,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def sup_con_loss(
    y_true: ArrayLike,
    embeddings: ArrayLike,
    *,
    temperature: float = 0.07,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any]]: ...
@overload
def triplet_margin_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-06,
    swap: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def triplet_margin_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-06,
    swap: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    distance: str = "euclidean",
    margin: float = 1.0,
    swap: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    distance: str = "euclidean",
    margin: float = 1.0,
    swap: bool = False,
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "mean",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]: ...
@overload
def vse_loss(
    images: ArrayLike,
    texts: ArrayLike | None = None,
    *,
    margin: float = 0.2,
    max_violation: bool = False,
    similarity: str = "cosine",
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "sum",
    avg_factor: float | None = None,
    return_gradient: Literal[False] = ...,
    gradient_out: NDArray[Any] | tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> float | NDArray[Any]: ...
@overload
def vse_loss(
    images: ArrayLike,
    texts: ArrayLike | None = None,
    *,
    margin: float = 0.2,
    max_violation: bool = False,
    similarity: str = "cosine",
    sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum", "none"] | None = "sum",
    avg_factor: float | None = None,
    return_gradient: Literal[True],
    gradient_out: NDArray[Any] | tuple[NDArray[Any], NDArray[Any]] | None = None,
    n_threads: int | None = None,
) -> tuple[float | NDArray[Any], NDArray[Any] | tuple[NDArray[Any], NDArray[Any]]]: ...
