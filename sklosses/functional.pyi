"""Made by tools/make_stubs.py from the loss classes; do not edit."""

# fmt: off
# ruff: noqa: I001

from collections.abc import Mapping
from typing import Literal, overload
from numpy.typing import ArrayLike
from sklosses.base import _Array, _ArrayLike, _Numbers, _Out, _Real

__all__ = [
    "adversarial_consistency_discriminator_loss",
    "adversarial_consistency_generator_loss",
    "asymmetric_loss",
    "batch_all_triplet_loss",
    "batch_hard_triplet_loss",
    "batch_semi_hard_triplet_loss",
    "bidirectional_triplet_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "circle_loss",
    "cmpm_loss",
    "coral_loss",
    "corn_loss",
    "cosine_embedding_loss",
    "cox_ph_loss",
    "crammer_singer_loss",
    "cross_entropy",
    "crps_gaussian_loss",
    "ctc_loss",
    "cumulative_logit_loss",
    "dice_loss",
    "discriminator_loss",
    "distillation_loss",
    "distribution_focal_loss",
    "entropy",
    "expectile_loss",
    "exponential_loss",
    "gaussian_focal_loss",
    "gaussian_nll_loss",
    "generator_loss",
    "gradient_penalty",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "info_nce_loss",
    "iou_loss",
    "js_div",
    "kl_div",
    "l1_loss",
    "lambdarank_loss",
    "listmle_loss",
    "listnet_loss",
    "log_cosh_loss",
    "lovasz_hinge_loss",
    "lovasz_softmax_loss",
    "mape_loss",
    "margin_ranking_loss",
    "modified_huber_loss",
    "mse_loss",
    "msle_loss",
    "multi_margin_loss",
    "multi_similarity_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "negative_binomial_nll_loss",
    "nll_loss",
    "nt_xent_loss",
    "pairwise_contrastive_loss",
    "poisson_nll_loss",
    "quality_focal_loss",
    "quantile_loss",
    "ranknet_loss",
    "robust_loss",
    "siglip_loss",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "sup_con_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "tversky_loss",
    "tweedie_deviance",
    "varifocal_loss",
    "vse_loss",
]

@overload
def adversarial_consistency_discriminator_loss(
    identity_scores: _ArrayLike, cycle_scores: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def adversarial_consistency_discriminator_loss(
    identity_scores: _ArrayLike, cycle_scores: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def adversarial_consistency_discriminator_loss(
    identity_scores: _ArrayLike, cycle_scores: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | tuple[float, tuple[_Array, _Array]]: ...
@overload
def adversarial_consistency_generator_loss(
    identity_scores: _ArrayLike, cycle_scores: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def adversarial_consistency_generator_loss(
    identity_scores: _ArrayLike, cycle_scores: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def adversarial_consistency_generator_loss(
    identity_scores: _ArrayLike, cycle_scores: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | tuple[float, tuple[_Array, _Array]]: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def asymmetric_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, gamma_neg: float = 4.0, gamma_pos: float = 1.0,
    clip: float = 0.05, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def batch_all_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, distance: str = "euclidean",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def batch_all_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, distance: str = "euclidean",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def batch_all_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, distance: str = "euclidean",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | tuple[float, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, return_distances: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_distances: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_distances: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], return_distances: Literal[False] = False,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_distances: Literal[False] = False, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_distances: Literal[False] = False, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, return_distances: Literal[True],
    gradient_out: None = None, n_threads: int | None = None,
) -> tuple[float, _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_distances: Literal[True], gradient_out: None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_distances: Literal[True], gradient_out: None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], return_distances: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array, _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_distances: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array, _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_distances: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array, _Array, _Array]: ...
@overload
def batch_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.3, soft: bool = False,
    distance: str = "euclidean", sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool = False, return_distances: bool = False,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array] | tuple[float | _Array, _Array, _Array] | tuple[float | _Array, _Array, _Array, _Array]: ...  # noqa: E501
@overload
def batch_semi_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 1.0, distance: str = "euclidean",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def batch_semi_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 1.0, distance: str = "euclidean",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def batch_semi_hard_triplet_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 1.0, distance: str = "euclidean",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | tuple[float, _Array]: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: tuple[_Out, _Out, _Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array, _Array, _Array]]: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array, _Array, _Array]]: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array, _Array, _Array]]: ...
@overload
def bidirectional_triplet_loss(
    image: _ArrayLike, text: _ArrayLike, negative_image: _ArrayLike, negative_text: _ArrayLike, *,
    margin: float = 0.2, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array, _Array, _Array]]: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def binary_cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def binary_cross_entropy_with_logits(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, pos_weight: float | _Numbers | None = None,
    label_smoothing: float = 0.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def circle_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, margin: float = 0.4, gamma: float = 80.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def cmpm_loss(
    y_true: _ArrayLike, images: _ArrayLike, texts: _ArrayLike, *, eps: float = 1e-08,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def coral_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def corn_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def cosine_embedding_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def cox_ph_loss(
    y_true: _ArrayLike, event: _ArrayLike, y_pred: _ArrayLike, *, ties: str = "efron",
    strata: _Numbers | None = None, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def cox_ph_loss(
    y_true: _ArrayLike, event: _ArrayLike, y_pred: _ArrayLike, *, ties: str = "efron",
    strata: _Numbers | None = None, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def cox_ph_loss(
    y_true: _ArrayLike, event: _ArrayLike, y_pred: _ArrayLike, *, ties: str = "efron",
    strata: _Numbers | None = None, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | tuple[float, _Array]: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def crammer_singer_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def cross_entropy(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, label_smoothing: float = 0.0, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def crps_gaussian_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def ctc_loss(
    targets: _ArrayLike, log_probs: _ArrayLike, input_lengths: _ArrayLike,
    target_lengths: _ArrayLike, *, blank: int = 0, zero_infinity: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def cumulative_logit_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, thresholds: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def dice_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, smooth: float = 1.0, squared: bool = False,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def discriminator_loss(
    real: _ArrayLike, fake: _ArrayLike, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def discriminator_loss(
    real: _ArrayLike, fake: _ArrayLike, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def discriminator_loss(
    real: _ArrayLike, fake: _ArrayLike, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | tuple[float, tuple[_Array, _Array]]: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def distillation_loss(
    teacher: _ArrayLike, student: _ArrayLike, *, temperature: float = 4.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def distribution_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def entropy(
    y_pred: _ArrayLike, *, base: float | None = None, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def expectile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, expectile: float = 0.5,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def exponential_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def gaussian_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 2.0, gamma: float = 4.0,
    eps: float = 1e-12, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def gaussian_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, var: _ArrayLike, *, full: bool = False,
    eps: float = 1e-06, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike | None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike | None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike | None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike | None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array | tuple[_Array, _Array]]: ...
@overload
def generator_loss(
    fake: _ArrayLike, real: _ArrayLike | None = None, *, kind: str = "vanilla",
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array | tuple[_Array, _Array]]: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def gradient_penalty(
    gradients: _ArrayLike, *, weight: float = 10.0, target: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def hinge_embedding_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, delta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[False] = False,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[False] = False,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[False] = False,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[True], gradient_out: None = None,
    n_threads: int | None = None,
) -> tuple[float, dict[str, float]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[True], gradient_out: None = None,
    n_threads: int | None = None,
) -> tuple[_Array, dict[str, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[True], gradient_out: None = None,
    n_threads: int | None = None,
) -> tuple[float | _Array, dict[str, float] | dict[str, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array], dict[str, float]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array], dict[str, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array], dict[str, float] | dict[str, _Array]]: ...
@overload
def info_nce_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 0.07, symmetric: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool = False,
    return_parameter_gradient: bool = False, gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]] | tuple[float | _Array, dict[str, float] | dict[str, _Array]] | tuple[float | _Array, tuple[_Array, _Array], dict[str, float] | dict[str, _Array]]: ...  # noqa: E501
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def iou_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, kind: str = "iou", eps: float = 1e-07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def js_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum", "batchmean"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum", "batchmean"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def kl_div(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_target: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def lambdarank_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *, k: int | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def listmle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def listnet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def log_cosh_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def lovasz_hinge_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def lovasz_softmax_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def mape_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def margin_ranking_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 0.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def modified_huber_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def mse_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def msle_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def multi_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, p: int = 1, margin: float = 1.0,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def multi_similarity_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, alpha: float = 2.0, beta: float = 50.0,
    base: float = 0.5, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def multilabel_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def multilabel_soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def negative_binomial_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, log_input: bool = True,
    full: bool = False, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    ignore_index: int = -100, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def nt_xent_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def nt_xent_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def nt_xent_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | tuple[float, _Array]: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def pairwise_contrastive_loss(
    y_true: _ArrayLike, x1: _ArrayLike, x2: _ArrayLike, *, margin: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def poisson_nll_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, log_input: bool = True, full: bool = False,
    eps: float = 1e-08, sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def quality_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def quantile_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, quantile: float | _Numbers = 0.5,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def ranknet_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, groups: _ArrayLike, *,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def robust_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 1.0, scale: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[False] = False,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[False] = False,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[False] = False,
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[True], gradient_out: None = None,
    n_threads: int | None = None,
) -> tuple[float, dict[str, float]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[True], gradient_out: None = None,
    n_threads: int | None = None,
) -> tuple[_Array, dict[str, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    return_parameter_gradient: Literal[True], gradient_out: None = None,
    n_threads: int | None = None,
) -> tuple[float | _Array, dict[str, float] | dict[str, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array], dict[str, float]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array], dict[str, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    return_parameter_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array], dict[str, float] | dict[str, _Array]]: ...
@overload
def siglip_loss(
    images: _ArrayLike, texts: _ArrayLike, *, temperature: float = 10.0, bias: float = -10.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool = False,
    return_parameter_gradient: bool = False, gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array]] | tuple[float | _Array, dict[str, float] | dict[str, _Array]] | tuple[float | _Array, tuple[_Array, _Array], dict[str, float] | dict[str, _Array]]: ...  # noqa: E501
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def sigmoid_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float | None = 0.25, gamma: float = 2.0,
    loss_weight: float = 1.0, ignore_index: float | None = None,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def smooth_l1_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, beta: float = 1.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def soft_margin_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def softmax_focal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *,
    class_weight: _Numbers | Mapping[int, float] | Literal["balanced"] | None = None,
    gamma: float = 2.0, ignore_index: int = -100, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def sup_con_loss(
    y_true: _ArrayLike, embeddings: _ArrayLike, *, temperature: float = 0.07,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: tuple[_Out, _Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, margin: float = 1.0,
    p: float = 2.0, eps: float = 1e-06, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "mean", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: tuple[_Out, _Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array, _Array]]: ...
@overload
def triplet_margin_with_distance_loss(
    anchor: _ArrayLike, positive: _ArrayLike, negative: _ArrayLike, *, distance: str = "euclidean",
    margin: float = 1.0, swap: bool = False, sample_weight: ArrayLike | None = None,
    reduction: str = "mean", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: tuple[_Out, _Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, tuple[_Array, _Array, _Array]]: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def tversky_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.5, beta: float = 0.5,
    gamma: float = 1.0, smooth: float = 1.0,
    activation: Literal["sigmoid", "softmax"] | None = None, batch: bool = False,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def tweedie_deviance(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, power: float = 1.5, log_input: bool = True,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> _Array: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[False] = False,
    gradient_out: None = None, n_threads: int | None = None,
) -> float | _Array: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["mean", "sum"] = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def varifocal_loss(
    y_true: _ArrayLike, y_pred: _ArrayLike, *, alpha: float = 0.75, gamma: float = 2.0,
    sample_weight: ArrayLike | None = None, reduction: str = "mean",
    avg_factor: _Real | None = None, return_gradient: bool, gradient_out: _Out | None = None,
    n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike | None = None, *, margin: float = 0.2,
    max_violation: bool = False, similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "sum", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike | None = None, *, margin: float = 0.2,
    max_violation: bool = False, similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: Literal["none"], avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> _Array: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike | None = None, *, margin: float = 0.2,
    max_violation: bool = False, similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: str = "sum", avg_factor: _Real | None = None,
    return_gradient: Literal[False] = False, gradient_out: None = None,
    n_threads: int | None = None,
) -> float | _Array: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: None = None, *, margin: float = 0.2, max_violation: bool = False,
    similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "sum", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float, _Array]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike, *, margin: float = 0.2, max_violation: bool = False,
    similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: Literal["mean", "sum"] = "sum", avg_factor: _Real | None = None,
    return_gradient: Literal[True], gradient_out: tuple[_Out, _Out] | None = None,
    n_threads: int | None = None,
) -> tuple[float, tuple[_Array, _Array]]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: None = None, *, margin: float = 0.2, max_violation: bool = False,
    similarity: str = "cosine", sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[_Array, _Array]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike, *, margin: float = 0.2, max_violation: bool = False,
    similarity: str = "cosine", sample_weight: ArrayLike | None = None, reduction: Literal["none"],
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[_Array, tuple[_Array, _Array]]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: None = None, *, margin: float = 0.2, max_violation: bool = False,
    similarity: str = "cosine", sample_weight: ArrayLike | None = None, reduction: str = "sum",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike, *, margin: float = 0.2, max_violation: bool = False,
    similarity: str = "cosine", sample_weight: ArrayLike | None = None, reduction: str = "sum",
    avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, tuple[_Array, _Array]]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike | None = None, *, margin: float = 0.2,
    max_violation: bool = False, similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: str = "sum", avg_factor: _Real | None = None, return_gradient: Literal[True],
    gradient_out: _Out | tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> tuple[float | _Array, _Array | tuple[_Array, _Array]]: ...
@overload
def vse_loss(
    images: _ArrayLike, texts: _ArrayLike | None = None, *, margin: float = 0.2,
    max_violation: bool = False, similarity: str = "cosine", sample_weight: ArrayLike | None = None,
    reduction: str = "sum", avg_factor: _Real | None = None, return_gradient: bool,
    gradient_out: _Out | tuple[_Out, _Out] | None = None, n_threads: int | None = None,
) -> float | _Array | tuple[float | _Array, _Array | tuple[_Array, _Array]]: ...
