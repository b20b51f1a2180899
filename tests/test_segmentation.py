"""What is special about the losses of segmentations."""

import itertools
import math

import numpy as np
import pytest
import sklearn
from helpers import close
from numpy.testing import assert_allclose, assert_array_equal
from references import WIDE
from references.segmentation import (
    dice,
    extension,
    lovasz_hinge,
    lovasz_softmax,
    probabilities,
    tversky,
)
from sklearn.linear_model import LogisticRegression

import sklosses
from sklosses import DiceLoss, LovaszHingeLoss, LovaszSoftmaxLoss, TverskyLoss

FORMULAS = {DiceLoss: dice, TverskyLoss: tversky}
#: Shapes of predictions: rows, a signal, images, a volume.
SHAPES = ((4, 3), (3, 2, 50), (2, 3, 7, 9), (2, 3, 3, 4, 5), (5, 1, 600))
ACTIVATIONS = (None, "sigmoid", "softmax")


def draw(shape, activation=None, labelled=False, seed=0):
    rng = np.random.default_rng(seed)
    y_pred = rng.normal(scale=2, size=shape)
    if activation is None:
        y_pred = 1 / (1 + np.exp(-y_pred))
    if labelled:
        return rng.integers(0, shape[1], (shape[0], *shape[2:])), y_pred
    return rng.integers(0, 2, shape).astype(float), y_pred


# ---------------------------------------------------------------------------------------------
# Against other packages
# ---------------------------------------------------------------------------------------------


def masks_of(y_true, n_classes):
    """Masks of class indices, as MONAI takes them."""
    return np.moveaxis(np.eye(n_classes)[y_true], -1, 1)


def gradient_of(torch, function, y_true, y_pred):
    z = torch.tensor(y_pred, requires_grad=True)
    value = function(z, torch.tensor(y_true))
    value.sum().backward()
    return value.detach().numpy(), z.grad.numpy()


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", SHAPES[1:])
def test_monai(shape, activation, batch):
    torch = pytest.importorskip("torch")
    losses = pytest.importorskip("monai.losses")
    common = {"activation": activation, "batch": batch}
    theirs = {"sigmoid": activation == "sigmoid", "softmax": activation == "softmax"}
    theirs |= {"batch": batch, "reduction": "none"}
    pairs = [
        (
            DiceLoss(squared=squared, smooth=smooth, **common),
            losses.DiceLoss(squared_pred=squared, smooth_nr=smooth, smooth_dr=smooth, **theirs),
        )
        for squared, smooth in ((False, 1.0), (True, 1e-5))
    ]
    pairs.append(
        (
            TverskyLoss(alpha=1, beta=1, smooth=0.5, **common),
            losses.DiceLoss(jaccard=True, smooth_nr=1.0, smooth_dr=1.0, **theirs),
        )
    )
    pairs.append(
        (
            TverskyLoss(alpha=0.3, beta=0.8, smooth=0.5, **common),
            losses.TverskyLoss(alpha=0.3, beta=0.8, smooth_nr=0.5, smooth_dr=0.5, **theirs),
        )
    )
    if shape[1] == 1 and activation == "softmax":
        pytest.skip("MONAI ignores a softmax of one class")
    for labelled, (ours, other) in itertools.product((False, True), pairs):
        y_true, y_pred = draw(shape, activation, labelled)
        masks = masks_of(y_true, shape[1]) if labelled else y_true
        if isinstance(ours, TverskyLoss) and ours.alpha == 1:
            # Twice the smoothing over twice the union less the intersection: MONAI's Jaccard loss
            # of a smoothing s is 1 - (I + s / 2) / (U + s / 2).
            ours = sklosses.get_loss(ours, smooth=0.5)
        value, gradient = gradient_of(torch, other, masks, y_pred)
        none = ours(y_true, y_pred, reduction="none")
        assert none.shape == (shape[1:2] if batch else shape[:2])
        assert_allclose(none, value.reshape(none.shape), rtol=1e-12)
        own = ours.gradient(y_true, y_pred, reduction="sum")
        assert_allclose(own, gradient, rtol=1e-9, atol=1e-15)


def published_extension(torch, errors, is_class):
    """The loss of one region after Berman et al.: errors, sorted, times a gradient."""
    errors, order = torch.sort(errors.reshape(-1), descending=True, stable=True)
    hits = is_class.reshape(-1)[order].to(errors.dtype)
    jaccard = 1 - (hits.sum() - hits.cumsum(0)) / (hits.sum() + (1 - hits).cumsum(0))
    step = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return torch.dot(torch.relu(errors), step)


def published_hinge(torch):
    def loss(z, y):
        errors = 1 - z * (2 * y - 1)
        return torch.stack(
            [published_extension(torch, e, m == 1) for e, m in zip(errors, y, strict=True)]
        )

    return loss


def published_softmax(torch):
    def loss(p, y):
        found = []
        for one, labels in zip(p, y, strict=True):
            terms = [
                published_extension(torch, ((labels == c).to(p.dtype) - one[c]).abs(), labels == c)
                for c in labels.unique().tolist()
            ]
            found.append(torch.stack(terms).mean())
        return torch.stack(found)

    return loss


#: Numbers of pixels where the sort changes: by insertion, of one part, of several parts.
N_PIXELS = (1, 2, 48, 49, 1000, 5000, 70_000)


@pytest.mark.parametrize("n", N_PIXELS)
def test_published_lovasz_losses(n):
    torch = pytest.importorskip("torch")
    y_true, y_pred = draw((3, 2, n), "softmax", seed=n)
    value, gradient = gradient_of(torch, published_hinge(torch), y_true[:, 0], y_pred[:, 0])
    for n_threads in (1, 3):
        loss = LovaszHingeLoss(reduction="none")
        own, slope = loss.value_and_gradient(y_true[:, 0], y_pred[:, 0], n_threads=n_threads)
        assert_allclose(own, value, rtol=1e-11)
        # Differences of ratios cancel in the published form.
        assert_allclose(slope, gradient, rtol=1e-9, atol=1e-14)
    labels, p = draw((3, 4, n), None, labelled=True, seed=n)
    value, gradient = gradient_of(torch, published_softmax(torch), labels, p)
    for n_threads in (1, 3):
        loss = LovaszSoftmaxLoss(reduction="none")
        own, slope = loss.value_and_gradient(labels, p, n_threads=n_threads)
        assert_allclose(own, value, rtol=1e-11)
        assert_allclose(slope, gradient, rtol=1e-9, atol=1e-14)


# ---------------------------------------------------------------------------------------------
# Overlap
# ---------------------------------------------------------------------------------------------

PARAMS = [
    (DiceLoss, {}),
    (DiceLoss, {"squared": True, "smooth": 0.0}),
    (TverskyLoss, {"alpha": 0.3, "beta": 0.7, "gamma": 0.75}),
]


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("cls", "params"), PARAMS)
def test_sums_over_samples(cls, params, shape, activation, labelled):
    """One image that has the pixels of all samples."""
    y_true, y_pred = draw(shape, activation, labelled)
    loss = cls(activation=activation, batch=True, **params)

    def joined(array, class_axis=1):
        if array.ndim < y_pred.ndim:
            return array.reshape(1, -1)
        return np.moveaxis(array, 1, 0).reshape(1, shape[1], -1)

    one = cls(activation=activation, **params)
    expected = one(joined(y_true), joined(y_pred), reduction="none")[0]
    close(loss(y_true, y_pred, reduction="none"), expected, 1e-14)
    close(
        loss(y_true, y_pred, reduction="none"),
        FORMULAS[cls](y_true, y_pred.astype(WIDE), activation=activation, batch=True, **params),
        1e-12,
        np.ones(shape[1]),
    )
    gradient = joined(loss.gradient(y_true, y_pred, reduction="sum"))
    whole = one.gradient(joined(y_true), joined(y_pred), reduction="sum")
    assert_allclose(gradient, whole, rtol=1e-10, atol=1e-15 * np.abs(whole).max())
    assert_allclose(loss(y_true, y_pred), expected.mean(), rtol=1e-14)


def differences(loss, y_true, y_pred, step=1e-5):
    """Central differences of the sum, of fourth order."""
    gradient = np.empty(y_pred.shape)
    for index in np.ndindex(*y_pred.shape):
        values = []
        for k in (-2, -1, 1, 2):
            moved = y_pred.copy()
            moved[index] += k * step
            values.append(loss(y_true, moved, reduction="sum"))
        gradient[index] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    return gradient


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (3, 1, 5), (2, 3, 2, 2)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("cls", "params"), PARAMS)
def test_gradient_against_differences(cls, params, activation, shape, batch, labelled):
    y_true, y_pred = draw(shape, activation, labelled, seed=1)
    if activation is None:
        y_pred = 0.1 + 0.8 * y_pred
    loss = cls(activation=activation, batch=batch, **params)
    expected = differences(loss, y_true, y_pred)
    assert_allclose(loss.gradient(y_true, y_pred, reduction="sum"), expected, atol=2e-9)


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shape", [(6, 3), (2, 4, 20_000), (40, 3, 1000), (3, 2, 100, 101)])
def test_layouts_dtypes_and_threads(shape, activation, batch):
    """Of softmax and of sums over samples, which the common tests leave out."""
    for labelled in (False, True):
        y_true, y_pred = draw(shape, activation, labelled)
        y_pred = y_pred.astype(np.float32)
        loss = DiceLoss(activation=activation, batch=batch, reduction="none")
        value, gradient = loss.value_and_gradient(y_true, y_pred, n_threads=1)
        assert value.dtype == gradient.dtype == np.float32
        for n_threads in (2, 7):
            for a, b in zip(
                loss.value_and_gradient(y_true, y_pred, n_threads=n_threads),
                (value, gradient),
                strict=True,
            ):
                assert_array_equal(a, b)
        out = np.full_like(y_pred, 7)
        assert loss.gradient(y_true, y_pred, gradient_out=out, n_threads=3) is out
        assert_array_equal(out, gradient)
        wide_value, wide = loss.value_and_gradient(y_true, y_pred.astype(float))
        assert_allclose(value, wide_value, rtol=2e-5)
        assert_allclose(gradient, wide, rtol=2e-5, atol=2e-5 * np.abs(wide).max())
        last = np.moveaxis(np.ascontiguousarray(np.moveaxis(y_pred, 1, -1)), -1, 1)
        for other in (last, np.asfortranarray(y_pred), y_pred[::-1].copy()[::-1]):
            own_value, own = loss.value_and_gradient(y_true, other)
            assert_allclose(own_value, value, rtol=1e-6)
            assert_allclose(own, gradient, rtol=1e-5, atol=1e-6 * np.abs(gradient).max())


def test_softmax_keeps_digits_where_it_is_certain():
    """Neither the complement of a probability near 1 nor the difference of two gradients cancel."""
    logits = np.array([[[30.0, -5.0], [0.0, 20.0], [-4.0, 1.0]]])
    for labels in ([[0, 1]], [[1, 2]]):
        labels = np.array(labels)
        for squared in (False, True):
            loss = DiceLoss(activation="softmax", squared=squared, smooth=0.0, reduction="none")
            expected = dice(labels, logits.astype(WIDE), 0.0, squared, "softmax")
            close(loss(labels, logits), expected, 1e-13)
        gradient = DiceLoss(activation="softmax").gradient(labels, logits, reduction="sum")
        p, q = probabilities(logits.astype(WIDE), "softmax")
        for index in np.ndindex(*logits.shape):
            expected = derivative_in_mpmath(labels, logits, index)
            # The slopes of two classes may be nearly equal.
            assert_allclose(gradient[index], expected, atol=1e-14 * float(p[index] * q[index]))


def derivative_in_mpmath(labels, logits, index):
    """That of the sum of the Dice losses of one image, from differences of sixty digits."""
    mp = pytest.importorskip("mpmath")

    def loss(z_of_index):
        e = {at: mp.exp(z_of_index if at == index else mp.mpf(z)) for at, z in entries}
        total = 0
        for c in range(logits.shape[1]):
            common = size = 0
            for i, label in enumerate(labels[0]):
                p = e[0, c, i] / sum(e[0, k, i] for k in range(logits.shape[1]))
                common += p * bool(label == c)
                size += p + bool(label == c)
            total += 1 - (2 * common + 1) / (size + 1)
        return total

    entries = list(np.ndenumerate(logits))
    with mp.workdps(60):
        return float(mp.diff(loss, mp.mpf(logits[index])))


def test_empty_masks():
    empty, zeros = np.zeros((1, 1, 4)), np.zeros((1, 1, 4))
    for loss in (DiceLoss(smooth=0), DiceLoss(smooth=0, squared=True), TverskyLoss(smooth=0)):
        value, gradient = loss.value_and_gradient(empty, zeros)
        assert value == 0
        assert_array_equal(gradient, zeros)
        some = np.array([[[0.0, 0.5, 0.0, 0.25]]])
        value, gradient = loss.value_and_gradient(empty, some)
        assert value == 1
    assert DiceLoss(smooth=2.0)(empty, some) == 0.75 / 2.75


def test_slope_of_a_power_at_a_perfect_mask():
    mask = np.array([[[0.0, 1.0, 1.0]]])
    for gamma in (0.5, 0.75, 2.0):
        value, gradient = TverskyLoss(gamma=gamma).value_and_gradient(mask, mask)
        assert value == 0
        assert_array_equal(gradient, np.zeros_like(mask))
    assert (TverskyLoss().gradient(mask, mask) != 0).all()


def test_many_pixels_in_single_precision():
    """Sums are float64: the last of many pixels counts as much as the first."""
    mask = np.ones((1, 1, 30_000_000), np.float32)
    half = np.full_like(mask, 0.5)
    assert_allclose(sklosses.dice_loss(mask, half, smooth=0), 1 - 2 / 3, rtol=1e-7)
    assert sklosses.dice_loss(mask, mask) == 0


def test_dice_is_a_tversky_loss():
    y_true, y_pred = draw((2, 3, 50))
    a = DiceLoss(smooth=3.0).value_and_gradient(y_true, y_pred)
    b = TverskyLoss(smooth=1.5).value_and_gradient(y_true, y_pred)
    assert a[0] == b[0]
    assert_array_equal(a[1], b[1])


def test_sums_over_samples_have_no_weights_and_no_parts():
    y_true, y_pred = draw((2, 3, 50))
    loss = DiceLoss(batch=True)
    with pytest.raises(ValueError, match="DiceLoss does not take sample_weight"):
        loss(y_true, y_pred, sample_weight=[1.0, 2.0])
    with pytest.raises(ValueError, match="batch=True divides sums over all samples"):
        loss.partial(y_true, y_pred)
    assert DiceLoss.weighted
    assert not loss.weighted
    combined = 2.0 * TverskyLoss(batch=True) + loss
    assert combined(y_true, y_pred, reduction="none").shape == (3,)
    with pytest.raises(ValueError, match="does not take sample_weight"):
        combined(y_true, y_pred, sample_weight=[1.0, 2.0])


def test_check_loss_of_activations():
    for cls, activation in itertools.product(FORMULAS, ("sigmoid", "softmax")):
        sklosses.check_loss(cls(activation=activation))
        sklosses.check_loss(cls(activation=activation, batch=True))


def test_nan_of_softmax_reaches_the_classes_of_its_sample():
    y_true, y_pred = draw((3, 4, 50), "softmax", labelled=True)
    for index in ((1, 2, 7), (1, 0, 49)):
        broken = y_pred.copy()
        broken[index] = np.nan
        loss = DiceLoss(activation="softmax", reduction="none")
        with pytest.raises(ValueError, match="NaN"):
            loss(y_true, broken)
        with sklearn.config_context(assume_finite=True):
            value, gradient = loss.value_and_gradient(y_true, broken)
        assert np.isnan(value[1]).all()
        assert np.isnan(gradient[index])
        assert np.isfinite(value[[0, 2]]).all()
        assert np.isfinite(gradient[[0, 2]]).all()


# ---------------------------------------------------------------------------------------------
# Lovász
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", N_PIXELS)
def test_flat_arrays_are_one_image(n):
    y_true, y_pred = draw((n, 2), "softmax", seed=n)
    y_true, z = y_true[:, 0], y_pred[:, 0]
    loss = LovaszHingeLoss()
    value, gradient = loss.value_and_gradient(y_true, z)
    image_value, image_gradient = loss.value_and_gradient(y_true[None], z[None])
    assert value == image_value
    assert_array_equal(gradient, image_gradient[0])
    assert loss(y_true, z, reduction="none").shape == ()
    labels, p = draw((n, 3), None, labelled=True, seed=n)
    loss = LovaszSoftmaxLoss()
    value, gradient = loss.value_and_gradient(labels, p)
    image_value, image_gradient = loss.value_and_gradient(labels[None], p.T[None])
    assert value == image_value
    assert_array_equal(gradient, image_gradient[0].T)
    assert loss(labels, p, reduction="none").shape == ()


def test_a_large_image():
    """All threads work on it together."""
    rng = np.random.default_rng(0)
    n = (1 << 20) + 17
    y_true = rng.random((1, n)) < 0.3
    y_pred = rng.normal(size=(1, n)).astype(np.float32)
    loss = LovaszHingeLoss()
    value, gradient = loss.value_and_gradient(y_true, y_pred, n_threads=1)
    assert_allclose(value, float(lovasz_hinge(y_true, y_pred.astype(float))[0]), rtol=1e-10)
    for n_threads in (2, 5):
        other, slope = loss.value_and_gradient(y_true, y_pred, n_threads=n_threads)
        assert other == value
        assert_array_equal(slope, gradient)


def test_ties_are_in_the_order_of_the_pixels():
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, (2, 30, 40))
    y_pred = rng.choice([-0.5, 0.0, 0.5, 2.0], y_true.shape)
    loss = LovaszHingeLoss()
    value, gradient = loss.value_and_gradient(y_true, y_pred)
    for image, target, slope in zip(y_pred, y_true, gradient, strict=True):
        errors = (1 - (2 * target - 1) * image).reshape(-1)
        order = np.argsort(-errors, kind="stable")
        moved = errors.copy()
        # As if each were a little larger than the next one.
        moved[order] += 1e-9 * np.arange(errors.size)[::-1]
        z = ((1 - moved) * (2 * target.reshape(-1) - 1)).reshape(target.shape)
        expected = loss.gradient(target[None], z[None])[0] / 2
        mask = (errors != 0).reshape(target.shape)
        assert_allclose(slope[mask], expected[mask], rtol=1e-12)
    for other in (np.asfortranarray(y_pred), y_pred.transpose(0, 2, 1).copy().transpose(0, 2, 1)):
        assert_array_equal(loss.gradient(y_true, other), gradient)
        assert loss(y_true, other) == value


def test_single_and_double_precision_have_the_same_order():
    """Probabilities near 0, whose errors from 1 are equal in float32."""
    rng = np.random.default_rng(0)
    p = (10.0 ** rng.uniform(-12, 0, (2, 3, 500))).astype(np.float32)
    labels = rng.integers(0, 3, (2, 500))
    single = LovaszSoftmaxLoss().gradient(labels, p)
    double = LovaszSoftmaxLoss().gradient(labels, p.astype(float))
    assert_array_equal(single, double.astype(np.float32))


def test_classes_that_are_absent():
    labels, p = draw((3, 5, 40), None, labelled=True)
    labels = np.where(labels > 1, 4, labels)
    value, gradient = LovaszSoftmaxLoss(reduction="none").value_and_gradient(labels, p)
    assert_array_equal(gradient[:, 2:4], 0)
    close(value, lovasz_softmax(labels, p.astype(WIDE)), 1e-13)
    changed = p.copy()
    changed[:, 2:4] = 0.5
    assert_array_equal(LovaszSoftmaxLoss(reduction="none")(labels, changed), value)
    # They are checked all the same.
    changed[0, 2, 7] = 1.5
    with pytest.raises(ValueError, match=r"y_pred .*1\.5 at index \(0, 2, 7\)"):
        LovaszSoftmaxLoss()(labels, changed)
    changed[0, 2, 7] = np.nan
    with sklearn.config_context(assume_finite=True):
        value, gradient = LovaszSoftmaxLoss().value_and_gradient(labels, changed)
    assert math.isnan(value)
    assert np.isnan(gradient[0, 2, 7])


def test_lovasz_losses_of_hard_predictions_are_jaccard_losses():
    rng = np.random.default_rng(0)
    for n in (7, 100, 3000):
        y, hat = rng.random(n) < 0.4, rng.random(n) < 0.5
        jaccard = 1 - (y & hat).sum() / (y | hat).sum()
        # A hinge of 2 for a wrong sign.
        value = sklosses.lovasz_hinge_loss(y, np.where(hat, 1.0, -1.0))
        assert_allclose(value, 2 * jaccard, rtol=1e-13)
        one_hot = np.stack([~hat, hat]).astype(float)
        both = 1 - (~y & ~hat).sum() / (~y | ~hat).sum()
        value = sklosses.lovasz_softmax_loss(y.astype(int)[None], one_hot[None])
        assert_allclose(value, (jaccard + both) / 2, rtol=1e-13)


def test_an_empty_mask_has_its_largest_error():
    z = np.array([-3.0, 0.5, 0.25, -0.5])
    value, gradient = LovaszHingeLoss().value_and_gradient(np.zeros(4), z)
    assert value == 1.5
    assert_array_equal(gradient, [0, 1, 0, 0])
    errors = WIDE(1) + z.astype(WIDE)
    assert extension(errors, np.zeros(4, bool)) == 1.5


# ---------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dice_loss", "tversky_loss"])
def test_shapes_of_masks(name):
    loss = sklosses.get_loss(name)
    y_true, y_pred = draw((2, 3, 4))
    with pytest.raises(ValueError, match=r"y_pred must have shape \(n_samples, n_classes, \.\.\."):
        loss([0.5, 0.25], [0.5, 0.25])
    with pytest.raises(ValueError, match=r"y_true must have shape \(2, 4\) .* or \(2, 3, 4\)"):
        loss(y_true[:, :1], y_pred)
    with pytest.raises(ValueError, match="y_true must have shape"):
        loss(y_true[:1], y_pred)
    labels = np.zeros((2, 4), int)
    labels[1, 2] = 3
    with pytest.raises(ValueError, match=r"got 3 at index \(1, 2\)\. .*class indices from 0 to 2"):
        loss(labels, y_pred)
    broken = y_pred.copy()
    broken[0, 1, 1] = 2.5
    with pytest.raises(ValueError, match=r"y_pred.*2\.5 at index \(0, 1, 1\)"):
        loss(y_true, broken)
    for activation in ("sigmoid", "softmax"):
        assert math.isfinite(loss.set_params(activation=activation)(y_true, broken))


@pytest.mark.parametrize("name", ["dice_loss", "tversky_loss"])
@pytest.mark.parametrize("value", [0.0, 1.0, False])
def test_masks_of_one_class_are_not_class_indices(name, value):
    # A mask of zeros, empty, would be the index of the class everywhere. Integers are indices.
    loss = sklosses.get_loss(name)
    y_pred = np.full((2, 1, 4), 0.25)
    with pytest.raises(ValueError, match=r"y_true must have shape \(2, 1, 4\) \(one number for"):
        loss(np.full((2, 4), value), y_pred)
    assert 0 < loss(np.full((2, 1, 4), value), y_pred) < 1
    assert loss(np.zeros((2, 4), int), y_pred) == loss(np.ones((2, 1, 4)), y_pred)


def test_shapes_of_lovasz_losses():
    with pytest.raises(ValueError, match="must have the same shape"):
        sklosses.lovasz_hinge_loss(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="scalar"):
        sklosses.lovasz_hinge_loss(1, 0.5)
    with pytest.raises(ValueError, match=r"y_true must have shape \(2, 4\)"):
        sklosses.lovasz_softmax_loss(np.zeros((2, 3, 4)), np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match=r"\(n_samples, n_classes, \.\.\.\)"):
        sklosses.lovasz_softmax_loss([0], [0.5])


@pytest.mark.parametrize("name", ["dice_loss", "lovasz_hinge_loss", "lovasz_softmax_loss"])
def test_estimators_refuse_losses_of_images(name):
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    with pytest.raises(ValueError, match=type(sklosses.get_loss(name)).__name__):
        sklosses.linear_model.LossClassifier(name).fit(X, y)
    with pytest.raises(ValueError, match="response_method"):
        sklosses.make_loss_scorer(name)(LogisticRegression().fit(X, y), X, y)
    with pytest.raises(ValueError, match=type(sklosses.get_loss(name)).__name__):
        sklosses.get_loss(name).optimal_constant(y)
