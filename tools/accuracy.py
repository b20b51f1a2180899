"""Write doc/accuracy.rst: the largest errors of the losses and their derivatives.

The true values are those of the formulas of ``tests/references/``, evaluated by mpmath with so
many digits that nothing representable is lost; the true gradients come from them by automatic
differentiation, so no formula is written twice. Losses of groups have formulas of their own,
`exact_groups`, by which thousands of rows take seconds, and Hessians. PyTorch's side is that of
``tests/pytorch_grid``; without PyTorch, or without a row for the loss there and here, its columns
are "–". With the package installed, in about five minutes:

    python tools/accuracy.py
    python tools/accuracy.py --only cross_entropy entropy    # print these, write nothing

Each loss with a reference has a line, measured with the data of its reference unless `ROWS` has
rows for it. These are optional: they have more, and harder, inputs.
"""

import argparse
import itertools
import math
import sys
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import sklosses
from sklosses._families.groups import GroupLoss
from sklosses._families.pointwise import PointwiseLoss
from sklosses._families.thresholds import ThresholdLoss
from sklosses._kernels import ISA

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import exact_groups  # noqa: E402
import pytorch_grid  # noqa: E402
from exact_groups import EXACT  # noqa: E402
from exact_numbers import MP, Part, truth  # noqa: E402
from references import REFERENCES, minus_log_softmax  # noqa: E402

try:
    import torch
except ImportError:
    torch = None

TARGET = ROOT / "doc" / "accuracy.rst"
# Where 1 and the least representable number are added, as in 1 - (1 - p), 30 digits are left.
DIGITS = {np.float32: 75, np.float64: 355}
# Points of an elementwise loss for each set of parameters, and elements of rows of classes.
N_POINTS = 1000
N_ROWS = 2000  # of 20 rows at least
# Elements of the data of references of losses that compare all rows with one another.
N_COUPLED = 200
# Calls of a survival loss for each set of parameters.
N_SURVIVAL = 40

# --------------------------------------------------------------------------------------------
# Inputs: make(rng, dtype, params), the arrays of a call
# --------------------------------------------------------------------------------------------


def signed(rng, shape):
    """Ones of both signs."""
    return rng.choice([-1.0, 1.0], shape)


def magnitudes(rng, dtype, n):
    """From 1e-30 to 1e4, most of them where exponentials of the dtype neither are 1 nor 0."""
    far = 110 if dtype == np.float32 else 760
    parts = 10 ** rng.uniform(-30, 4, n), 10 ** rng.uniform(-3, 2, n), rng.uniform(0, far, n)
    return np.choose(rng.integers(0, 3, n), parts)


def logits(rng, dtype, n):
    """Of both signs, and where algorithms have their switches."""
    switches = [0, 0.5, 1, np.log(2), 17, 37, 88, 104, 708, 745, 1e4]
    z = magnitudes(rng, dtype, n)
    z[: len(switches)] = switches
    return (signed(rng, n) * z).astype(dtype)


def targets(rng, n):
    """Labels, and probabilities down to small ones."""
    soft = np.where(rng.random(n) < 0.5, rng.random(n), 10 ** rng.uniform(-6, 0, n))
    return np.where(rng.random(n) < 0.5, rng.integers(0, 2, n), soft)


def shares(rng, dtype, n):
    """Probabilities from the least normal number up to the number before 1."""
    finfo = np.finfo(dtype)
    low = 10 ** rng.uniform(np.log10(finfo.tiny), 0, n)
    high = 1 - 10 ** rng.uniform(np.log10(finfo.epsneg), 0, n)
    p = np.choose(rng.integers(0, 3, n), (low, high, rng.random(n)))
    p[:4] = finfo.tiny, finfo.eps, 0.5, 1
    return np.clip(p.astype(dtype), finfo.tiny, 1 - finfo.epsneg)


def real(rng, dtype, params, n=N_POINTS):
    """Targets and predictions, also at and beside the places where two pieces meet."""
    y_true = np.where(rng.random(n) < 0.5, 0, 3 * rng.normal(size=n)).astype(dtype)
    d = logits(rng, dtype, n)
    for k, kink in enumerate([params.get("delta", params.get("beta", 1)), 1]):
        kink = dtype(kink)
        d[20 + 3 * k : 23 + 3 * k] = (
            np.nextafter(kink, dtype(0)),
            kink,
            np.nextafter(kink, dtype(99)),
        )
    y_true[:30] = 0
    return y_true, y_true + d


def counts(rng, dtype, params):
    """Beside logarithms of rates, or rates."""
    n = N_POINTS
    y_true = np.where(rng.random(n) < 0.1, 1e6 * rng.random(n), rng.poisson(2, n)).astype(dtype)
    if params.get("log_input", True):
        return y_true, logits(rng, dtype, n)
    return y_true, magnitudes(rng, dtype, n).astype(dtype)


def means(rng, dtype, params):
    """Beside variances from below the least that counts."""
    return *real(rng, dtype, params), (10 ** rng.uniform(-8, 6, N_POINTS)).astype(dtype)


def divergence(rng, dtype, params):
    """Probabilities or their logarithms, and logarithms."""
    p, log_q = shares(rng, dtype, N_POINTS), -np.abs(logits(rng, dtype, N_POINTS))
    if params:
        p = -np.abs(logits(rng, dtype, N_POINTS))
    # Of nearly equal ones, too.
    log_p = (p if params else np.log(p)) * (1 + 1e-3 * rng.normal(size=N_POINTS))
    return p, np.where(rng.random(N_POINTS) < 0.2, -np.abs(log_p), log_q).astype(dtype)


def probabilities(rng, dtype, params):
    """Beside targets."""
    return targets(rng, N_POINTS).astype(dtype), shares(rng, dtype, N_POINTS)


def soft_logits(rng, dtype, params):
    """Beside targets that may be probabilities."""
    return targets(rng, N_POINTS).astype(dtype), logits(rng, dtype, N_POINTS)


def labels_and_logits(rng, dtype, params):
    """Labels 0 and 1."""
    return rng.integers(0, 2, N_POINTS).astype(dtype), logits(rng, dtype, N_POINTS)


def signs_and_logits(rng, dtype, params):
    """Labels -1 and 1."""
    return signed(rng, N_POINTS).astype(dtype), logits(rng, dtype, N_POINTS)


def signs_and_distances(rng, dtype, params):
    """Distances at and beside the margin, too."""
    return signed(rng, N_POINTS).astype(dtype), np.abs(real(rng, dtype, params)[1])


def signs_and_scores(rng, dtype, params):
    """Two scores."""
    return signed(rng, N_POINTS).astype(dtype), *real(rng, dtype, params)


def heat_maps(rng, dtype, params):
    """Many of them peaks."""
    y_true = np.where(rng.random(N_POINTS) < 0.4, 1, targets(rng, N_POINTS)).astype(dtype)
    return y_true, shares(rng, dtype, N_POINTS)


def logits_alone(rng, dtype, params):
    """Scores of a critic."""
    return (logits(rng, dtype, N_POINTS),)


def rows(rng, dtype, n_classes):
    """Logits of classes: of many scales, alike, offset, and certain to any degree."""
    n = max(N_ROWS // n_classes, 20)
    z = rng.normal(size=(n, n_classes)) * 10 ** rng.uniform(-6, 3, (n, 1))
    z[0] = logits(rng, dtype, max(n_classes, 20))[:n_classes]
    z[1::3] += 100 * rng.normal(size=(len(z[1::3]), 1))
    certain = z[2::3]
    certain[:] = rng.normal(size=certain.shape)
    at = rng.integers(0, n_classes, (len(certain), 1))
    lead = magnitudes(rng, dtype, len(certain))[:, np.newaxis]
    np.put_along_axis(certain, at, certain.max(axis=1, keepdims=True) + lead, 1)
    return z.astype(dtype)


def classes(n_classes):
    """Labels beside logits."""

    def make(rng, dtype, params):
        z = rows(rng, dtype, n_classes)
        y_true = rng.integers(0, n_classes, len(z))
        # Half of the certain ones are right.
        return np.where(rng.random(len(z)) < 0.5, z.argmax(axis=1), y_true), z

    return make


def log_classes(rng, dtype, params):
    """Labels beside logarithms of softmaxes."""
    y_true, z = classes(10)(rng, dtype, params)
    return y_true, -minus_log_softmax(z.astype(float), 1).astype(dtype)


def logits_of_classes(rng, dtype, params):
    """Without labels."""
    return (rows(rng, dtype, 10),)


def indicators(rng, dtype, params):
    """Targets for each class."""
    z = rows(rng, dtype, 10)
    return targets(rng, z.size).reshape(z.shape).astype(dtype), z


def label_lists(rng, dtype, params):
    """Three labels of ten."""
    z = rows(rng, dtype, 10)
    return np.concatenate(
        [
            rng.permuted(np.tile(np.arange(10), (len(z), 1)), axis=1)[:, :3],
            np.full((len(z), 7), -1),
        ],
        axis=1,
    ), z


def two_logits(rng, dtype, params):
    """Of a teacher, and of a student who knows nothing, something or nearly all."""
    teacher, student = rows(rng, dtype, 10), rows(rng, dtype, 10)
    near = teacher + 10 ** rng.uniform(-6, 1, (len(teacher), 1)) * rng.normal(size=teacher.shape)
    return teacher, np.where(rng.random((len(teacher), 1)) < 0.5, near, student).astype(dtype)


def two_distributions(rng, dtype, params):
    """The same of probabilities."""
    logits = two_logits(rng, np.float64, params)
    least = np.finfo(dtype).tiny
    return tuple(np.maximum(np.exp(-minus_log_softmax(z, 1)).astype(dtype), least) for z in logits)


def scores(rng, dtype, n):
    """Of rows that are compared: of any scale, with an offset, far apart, alike, or tied."""
    normal = rng.normal(size=n)
    return rng.permutation(
        (
            lambda: 2 * normal,
            lambda: normal * 10 ** rng.uniform(-30, 3),
            lambda: normal * 10 ** rng.uniform(-3, 1) + 100 * rng.normal(),
            lambda: logits(rng, dtype, max(n, 20))[:n],
            lambda: np.arange(n) * 10 ** rng.uniform(-1, 2) + normal,
            lambda: np.round(2 * normal),
            lambda: normal * rng.choice([1e-3, 1, 200], n) + rng.choice([-3000, 0, 500], n),
        )[rng.integers(0, 7)]()
    )


def relevances(rng, dtype, n):
    """Grades, ranks, numbers, small ones, and ones whose powers of two overflow."""
    return (
        lambda: rng.integers(0, 5, n),
        lambda: rng.permutation(n),
        lambda: np.exp(rng.normal(size=n)),
        lambda: 10 ** rng.uniform(-30, 0, n),
        lambda: rng.uniform(0, 2000, n),
    )[rng.integers(0, 5)]()


#: Numbers of rows of groups, how many groups have them, and how many scores there are at most.
GROUP_SIZES = ((1, 5, 1), (2, 30, 2), (17, 30, 17), (100, 3, 100), (3000, 2, 12))


def ranked(rng, dtype, params):
    """Groups of rows, in no order; those of large groups share their scores with others."""
    parts = []
    for size, n_groups, n_scores in GROUP_SIZES:
        for _ in range(n_groups):
            y, s = relevances(rng, dtype, size), scores(rng, dtype, n_scores)
            if n_scores < size:
                y, s = (rng.choice(x[:n], size) for x, n in ((y, 4), (s, n_scores)))
            elif rng.random() < 0.3:
                s = np.sort(s)[np.argsort(np.argsort(y, kind="stable"))]
            parts.append((y, s, np.full(size, len(parts))))
    y, s, groups = map(np.concatenate, zip(*parts, strict=True))
    order = rng.permutation(len(s))
    return y[order].astype(dtype), s[order].astype(dtype), groups[order]


def survival(rng, dtype, params):
    """Times, few or many of which are those of events, and tied or not."""
    n = rng.choice([size for size, *_ in GROUP_SIZES])
    times = (
        lambda: rng.permutation(n),
        lambda: np.round(3 * rng.normal(size=n)),
        lambda: logits(rng, dtype, max(n, 20))[:n],
    )[rng.integers(0, 3)]()
    event = (rng.random(n) < rng.choice([0.02, 0.5, 1])).astype(int)
    x = scores(rng, dtype, n)
    if rng.random() < 0.3:
        x = np.sort(x)[::-1][np.argsort(np.argsort(times, kind="stable"))]
    return times.astype(dtype), event, x.astype(dtype)


# --------------------------------------------------------------------------------------------
# Losses
# --------------------------------------------------------------------------------------------


def gradient_of_bce(y_true, y_pred):
    """PyTorch's, which has a least denominator in float32."""
    y, p = (MP.convert(float(x)) for x in (y_true, y_pred))
    return (p - y) / max(p * (1 - p), MP.convert(float(np.float32(1e-12))))


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Parameters
    ----------
    name : str
        Of the function.
    make : callable or None
        ``make(rng, dtype, params)``, the arrays of a call; None for those of the reference, with
        the parameters of the reference.
    params : tuple of dict
    note : str
        What distinguishes it from other lines of the same loss.
    gradient : callable or None
        ``gradient(*numbers)`` of one element, where it is neither the derivative of the value nor
        the gradient of the reference.
    smooth : bool
        Whether the loss is smooth everywhere. Else gradients count where the scale of the
        reference is not 0, which also is 0 where differences of long doubles are not enough.
    """

    name: str
    make: Callable | None = None
    params: tuple = ({},)
    note: str = ""
    gradient: Callable | None = None
    smooth: bool = False

    @property
    def title(self):
        """As it stands in the table."""
        return f"{self.name}, {self.note}" if self.note else self.name

    @property
    def composed(self):
        """Whether PyTorch's side is a composition, for lack of a function."""
        return "PyTorch" in sides(self) and not hasattr(torch.nn.functional, self.name)

    def calls(self, dtype):
        """Parameters and arrays of all calls."""
        if self.make is None:
            yield from reference_calls(self.name, dtype)
            return
        for number, params in enumerate(self.params):
            rng = np.random.default_rng([*self.title.encode(), number])
            yield params, self.make(rng, dtype, params)


def reference_calls(name, dtype):
    """All kinds of data of the reference, with all parameters, of `N_POINTS` elements each."""
    facts = REFERENCES[name]
    for kind, data in facts.data.items():
        # Rows of many classes take long with so many digits.
        shape = max((s for s in data.shapes if math.prod(s) <= 100), key=math.prod)
        for number, params in enumerate(data.params):
            params = {key: x(shape) if callable(x) else x for key, x in params.items()}
            rng = np.random.default_rng([*f"{name}, {kind}".encode(), number])
            n_points = N_COUPLED if facts.coupled else N_POINTS
            for _ in range(math.ceil(n_points / math.prod(shape))):
                arrays = map(np.asarray, data.arrays(rng, shape, dtype, params))
                yield params, [x.astype(dtype) if x.dtype.kind == "f" else x for x in arrays]


def rows_of_references():
    """Rows of the losses that `ROWS` lacks."""
    named = {row.name for row in ROWS}
    return [Row(name) for name in REFERENCES if name not in named]


TWO_POWERS = {"gamma_neg": 1.5, "gamma_pos": 0.5}
SMOOTHED = ({}, {"label_smoothing": 0.1})
KINDS = tuple({"kind": kind} for kind in ("vanilla", "saturating", "lsgan", "hinge", "wgan"))

# Optional, as the docstring of this file says.
ROWS = (
    Row("l1_loss", real),
    Row("mse_loss", real),
    Row("smooth_l1_loss", real, ({}, {"beta": 0.3}, {"beta": 0})),
    Row("huber_loss", real, ({}, {"delta": 0.3}, {"delta": 50.0})),
    Row("poisson_nll_loss", counts, ({}, {"full": True}, {"log_input": False})),
    Row("gaussian_nll_loss", means, ({}, {"full": True}, {"eps": 0.3})),
    Row("kl_div", divergence, ({}, {"log_target": True})),
    Row("binary_cross_entropy", probabilities, gradient=gradient_of_bce, smooth=True),
    Row("binary_cross_entropy_with_logits", soft_logits, ({}, {"pos_weight": 3.0})),
    Row("soft_margin_loss", signs_and_logits),
    Row("hinge_embedding_loss", signs_and_distances, ({}, {"margin": 0.3})),
    Row("margin_ranking_loss", signs_and_scores, ({}, {"margin": 0.3})),
    *(
        Row("sigmoid_focal_loss", labels_and_logits, ({"gamma": gamma},), f"gamma = {gamma}")
        for gamma in (0.5, 2.0, 5.0)
    ),
    Row(
        "gaussian_focal_loss",
        heat_maps,
        ({}, {"alpha": 0.5, "gamma": 1.5}, {"eps": 1e-3}),
        smooth=True,
    ),
    *(
        Row("asymmetric_loss", soft_logits, ({"clip": clip}, {"clip": clip, **TWO_POWERS}), title)
        for clip, title in ((0.0, "clip = 0"), (0.05, "clip = 0.05"))
    ),
    Row("quality_focal_loss", soft_logits, ({}, {"beta": 1.5})),
    Row("varifocal_loss", soft_logits, ({}, {"gamma": 0.5})),
    Row("generator_loss", logits_alone, KINDS),
    *(Row("cross_entropy", classes(c), SMOOTHED, f"C = {c}") for c in (2, 10, 1000)),
    Row("nll_loss", log_classes),
    Row("multi_margin_loss", classes(10), ({}, {"p": 2}, {"margin": 0.3})),
    Row("crammer_singer_loss", classes(10), ({}, {"margin": 0.3})),
    Row("multilabel_margin_loss", label_lists),
    Row("multilabel_soft_margin_loss", indicators),
    *(
        Row("softmax_focal_loss", classes(10), ({"gamma": gamma},), f"gamma = {gamma}")
        for gamma in (0.5, 2.0, 5.0)
    ),
    Row("distillation_loss", two_logits, ({}, {"temperature": 0.5})),
    Row("js_div", two_distributions, smooth=True),
    Row("entropy", logits_of_classes, ({}, {"base": 2})),
    Row("ranknet_loss", ranked),
    *(Row("lambdarank_loss", ranked, ({"k": k},), f"k = {k}") for k in (None, 10)),
    Row("listnet_loss", ranked),
    Row("listmle_loss", ranked),
    *(
        Row("cox_ph_loss", survival, N_SURVIVAL * ({"ties": ties},), ties)
        for ties in ("efron", "breslow")
    ),
)


# --------------------------------------------------------------------------------------------
# Measurement
# --------------------------------------------------------------------------------------------


def short(x):
    """A number, or the range of many."""
    if np.size(x) == 1:
        return f"{np.asarray(x).item():.6g}"
    return f"{np.size(x)} from {np.min(x):.4g} to {np.max(x):.4g}"


def point(loss, arrays, params, what, at):
    """What was passed in for one element or, of a loss of rows, for the row or the group."""
    single = isinstance(loss, PointwiseLoss | ThresholdLoss)
    named = []
    of_group = group_of(loss, arrays, what, at)
    for item, x in zip(loss.inputs, arrays, strict=False):
        if of_group is not None:
            if item.name != "groups":
                named.append((item.name, short(x[of_group])))
            continue
        axes = len(at) if single and np.ndim(x) == len(at) else min(np.ndim(x), len(at), 1)
        # An array that is broadcast may have a single row.
        named.append((item.name, short(x[tuple(np.mod(at[:axes], x.shape[:axes]))])))
    return ", ".join(f"{name} = {value}" for name, value in [*params.items(), *named])


def group_of(loss, arrays, what, at):
    """Mask of the rows that the result depends on; None where that is one row or element."""
    if not isinstance(loss, GroupLoss):
        return None
    if len(arrays) < 3 or loss.inputs[2].name != "groups":
        return np.ones(len(arrays[0]), bool)
    groups = arrays[2]
    return groups == (np.unique(groups)[at] if what == "value" else groups[at])


@dataclass
class Worst:
    """The largest error so far, and where it is."""

    error: float = 0.0
    where: str = ""


#: By one thread and by several.
N_THREADS = (1, 2)


def sklosses_results(row, arrays, differentiable, params, whats):
    """Values, which are reduced where they must be, and derivatives of their sum.

    A generator of dictionaries of tuples, for each of `N_THREADS`.
    """
    loss = sklosses.get_loss(row.name, **params)
    reduction = "none" if "none" in loss.reductions else "sum"
    for n_threads in N_THREADS:
        keywords = {"reduction": reduction, "n_threads": n_threads}
        value, gradient = loss.value_and_gradient(*arrays, **keywords)
        results = {"value": value, "gradient": gradient}
        if "hessian" in whats:
            _, results["hessian"] = loss.gradient_and_hessian(*arrays, **keywords)
        yield {key: x if isinstance(x, tuple) else (x,) for key, x in results.items()}


def pytorch_results(row, arrays, differentiable, params, whats):
    """The same of PyTorch, once."""
    tensors = [
        torch.tensor(array).requires_grad_(k in differentiable) for k, array in enumerate(arrays)
    ]
    call = pytorch_grid.ROWS[row.name].call
    value = call(torch, *tensors, reduction="none", **params)
    value.sum().backward()
    gradients = tuple(tensors[k].grad.numpy() for k in differentiable)
    yield {"value": (value.detach().numpy(),), "gradient": gradients}


def sides(row):
    """Functions that compute the results that are compared."""
    found = {"sklosses": sklosses_results}
    # Data of a reference may be such that PyTorch refuses them.
    if torch is not None and row.make is not None and row.name in pytorch_grid.ROWS:
        found["PyTorch"] = pytorch_results
    return found


def compare(worst, dtype, actual, part, describe):
    """Errors in units of eps times the terms, wherever these are normal numbers."""
    finfo = np.finfo(dtype)
    eps, least, most = (MP.convert(float(x)) for x in (finfo.eps, finfo.tiny, finfo.max))
    expected = part.expected
    terms = None if part.terms is None else np.broadcast_to(part.terms, expected.shape)
    smooth = np.broadcast_to(part.smooth, expected.shape)
    for at in np.ndindex(expected.shape):
        size = abs(expected[at]) if terms is None else max(MP.convert(terms[at]), abs(expected[at]))
        if not smooth[at] or not (size == 0 or least <= size <= most):
            continue
        x = float(actual[at])
        if not math.isfinite(x):
            error = math.nan if math.isnan(x) else math.inf
        elif x == expected[at]:
            continue
        else:
            error = float(abs(x - expected[at]) / (eps * size)) if size else math.inf
        if not error <= worst.error and not math.isnan(worst.error):
            worst.error = error
            worst.where = f"{describe(at)}; result {MP.nstr(expected[at], 2)}"


def measure(row):
    """The largest errors, by side, dtype, and "value", "gradient" or "hessian"."""
    worst = {}
    for dtype, digits in DIGITS.items():
        MP.dps = digits
        for params, arrays in row.calls(dtype):
            measure_call(worst, row, dtype, params, arrays)
    return worst


def parts_of_reference(row, loss, arrays, differentiable, params):
    """The truth: the formula of the reference, and its derivatives."""
    facts = REFERENCES[row.name]
    wide = [x.astype(np.longdouble) if x.dtype.kind == "f" else x for x in arrays]
    value, gradients = truth(facts.unreduced, arrays, differentiable, params, facts.gradient)
    value_terms = facts.value_terms(*wide, **params)
    if "none" not in loss.reductions:
        # The terms of a loss that has no other value than their sum.
        size = value if value_terms is None else np.broadcast_to(value_terms, value.shape)
        value, value_terms = (np.array(MP.fsum(x.flat), object) for x in (value, size))
    if row.gradient:
        gradients = [np.frompyfunc(row.gradient, len(arrays), 1)(*arrays)]
    terms, scales = (
        x if isinstance(x, tuple) else (x,) * len(differentiable)
        for x in (facts.terms(*wide, **params), facts.scale(*wide, **params))
    )
    return {
        "value": [Part(value, value_terms)],
        "gradient": [
            Part(x, size, row.smooth or np.asarray(scale) > 0)
            for x, size, scale in zip(gradients, terms, scales, strict=True)
        ],
    }


def measure_call(worst, row, dtype, params, arrays):
    """Update the largest errors by those of one call."""
    loss = sklosses.get_loss(row.name, **params)
    # The last inputs may be left out.
    pairs = enumerate(loss.inputs[: len(arrays)])
    differentiable = [k for k, item in pairs if item.differentiable]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if row.name in EXACT:
            parts = EXACT[row.name](*arrays, **params)
        else:
            parts = parts_of_reference(row, loss, arrays, differentiable, params)
        for side, results_of in sides(row).items():
            for results in results_of(row, arrays, differentiable, params, parts):
                for what, found in results.items():
                    error = worst.setdefault((side, dtype, what), Worst())
                    describe = partial(point, loss, arrays, params, what)
                    for actual, part in zip(found, parts[what], strict=True):
                        compare(error, dtype, np.asarray(actual), part, describe)


# --------------------------------------------------------------------------------------------
# The page
# --------------------------------------------------------------------------------------------

PAGE = """\
Accuracy
========

The largest errors that were found, in units of eps times the sum of the absolute values of the
terms of the result; eps is 2\\ :sup:`-23` for float32 and 2\\ :sup:`-52` for float64. Where a
result is one product, or a sum of terms of one sign, that sum is the result itself, and the error
is a relative one. Where terms cancel, as in p - y for a target between 0 and 1, their own rounding
is the best that can be asked for. The terms are those of ``tests/references/``, by which all
tests of the package go. A result that is rounded once has an error of at most 0.5; one of 1/eps,
which is 8.4e+06 or 4.5e+15, has no correct digit. "inf" stands for a result that is infinite and
should not be, or is not 0 where all its terms are.

The truth is mpmath's: the formulas of ``tests/references/`` with {digits}
digits (float32 and float64), so many that nothing which is representable is lost where it is
added to 1, and their derivatives by automatic differentiation. The gradient of
``binary_cross_entropy`` is PyTorch's own, whose denominator is at least 1e-12; those of
``circle_loss`` and ``iou_loss`` are by definition not the derivatives of the whole loss. Inputs are
exact, as rounded to the dtype. They are {n} numbers or more for each line, each set of parameters
and each dtype, or {n_coupled} where all rows are compared with one another: logits and differences
of both signs from 1e-30 to 1e4, denser where exponentials are neither 0 nor 1, and the places where
algorithms switch; probabilities from the least normal number to the number before 1; rows of
classes of all scales, right and wrong, to any degree of certainty; targets of 0, of 1 and between.
Left out are results whose terms overflow or are below the least normal number, and gradients at a
kink. Each call is made with one thread and with two.

{pytorch}

{errors}

Losses of groups
----------------

The truth is that of ``tools/exact_groups.py``: sums over pairs and over the rows at risk, as they
are defined, with {few_digits} digits. Groups have 1, 2, 17, 100 and 3000 rows. Scores are of any
scale from 1e-30 to 1e4, near one another, far apart or tied, in the order of the relevances or not.
Relevances are grades, ranks, and numbers from 1e-30 to 2000, but none whose gains 2\\ :sup:`y` are
nearly equal: their difference has only the digits that are left. Of the rows of ``cox_ph_loss``
few, half or all are events, at times that are distinct or tied.

{groups}

Far points
----------

For each loss and dtype with an error of more than {bound} eps, where the largest one is:

{far}

Most of these have one cause. Where a result is about exp(-a), its relative error is the absolute
error of a, which is rounded to its own last place: by up to 4 eps from a = 8 on, 32 eps from 64 on
and, in float64, 256 eps from 512 on. So the share of a class that trails by 70, or the focal loss
with a gamma of 5 of a right logit of 14, about 1e-30, has five correct digits of seven: 4e-6
relative in float32, 6e-14 in float64. Only more bits for a difference of two logits, or for
gamma softplus(z), would better it, and results of ordinary size do not show it. The powers of
``robust_loss``, of numbers up to 1e38 and 1e306, are exponentials of the same kind. So are the
terms of ``negative_binomial_nll_loss``, of log(alpha) plus the prediction: a small alpha makes this
number large even where the result is not.

Beside that, ``kl_div`` and ``entropy`` are products of a probability and a logarithm. Where the
product is among the least normal numbers the probability may be subnormal, with fewer bits: the
errors of ``kl_div``, and that of ``entropy`` in float32. For differences just below 1,
``log_cosh_loss`` is half the logarithm of about 1/2, and the rounding of that number shows.

The exponents of losses of batches are similarities over a temperature, or times a factor, so their
rounding counts that much more. Boxes that are smaller than 1e-150 have a gradient of ``iou_loss``
that is tiny beside those of boxes of ordinary size, but has no correct digit: ``eps``, in units of
such a box, is beyond the largest number.

What a tied event adds to the Hessian of ``cox_ph_loss`` has a power of two as a factor, which
underflows before the product does: results below 1e-304 may be 0.

PyTorch's large numbers have other causes. ``binary_cross_entropy_with_logits`` adds a logit that it
has taken off, ``cross_entropy`` takes the logit of the label from a logarithm of a sum: what is
below eps is lost, so that a certain and right prediction has a loss of 0, and so has a gradient of
the form sigmoid(z) - y. (That of ``cross_entropy`` has p and the target as its terms here, so that
it does not show.) ``soft_margin_loss`` takes the logarithm of 1 + exp(-yz), which overflows
(inf), and its gradient divides what overflowed (nan). Compositions inherit all of this; a power
(1 - p)\\ :sup:`0.5` has an infinite derivative where p was rounded to 1, which times 0 is nan, and
p log p - p log m leaves nothing of a divergence of nearly equal distributions.
"""

#: From this error on a point is listed.
BOUND = 4


def short_error(error):
    """Three characters, or the power of ten."""
    if not math.isfinite(error):
        return str(error)
    if error == 0:
        return "0"
    return f"{error:.1f}" if error < 9.95 else f"{error:.0f}" if error < 9999 else f"{error:.0e}"


def simple_table(lines, header, groups=()):
    """A table of reStructuredText; `groups` are titles above the columns, and how many each has."""
    widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
    edge = "  ".join("=" * n for n in widths)
    above = []
    if groups:
        ends = list(itertools.accumulate((n for _, n in groups), initial=0))
        spans = [sum(widths[i:j]) + 2 * (j - i - 1) for i, j in itertools.pairwise(ends)]
        above.append(
            "  ".join(t.ljust(n) for (t, _), n in zip(groups, spans, strict=True)).rstrip()
        )
        above.append("  ".join("-" * n for n in spans))
    texts = [
        "  ".join(cell.ljust(n) for cell, n in zip(line, widths, strict=True)).rstrip()
        for line in (header, *lines)
    ]
    return "\n".join([edge, *above, texts[0], edge, *texts[1:], edge])


def table_of_errors(measured, whats, names):
    """All of them, a line for each row; `names` are those of the sides."""
    keys = [
        (side, dtype, what) for side in names for dtype, what in itertools.product(DIGITS, whats)
    ]
    lines = [
        (
            row.title + " *" * row.composed,
            *(short_error(worst[key].error) if key in worst else "–" for key in keys),
        )
        for row, worst in measured
    ]
    columns = [f"{what} {dtype.__name__[-2:]}" for _, dtype, what in keys]
    groups = [(name, len(keys) // len(names)) for name in names] if len(names) > 1 else ()
    # A first cell may not be empty; this is a comment.
    return simple_table(lines, ("loss", *columns), (("..", 1), *groups) if groups else ())


def tables_of_errors(measured):
    """That of most losses, and that of losses of groups; None if it has no rows."""
    of_groups = [item for item in measured if item[0].name in EXACT]
    others = [item for item in measured if item[0].name not in EXACT]
    return (
        table_of_errors(others, ("value", "gradient"), ("sklosses", "PyTorch")) if others else None,
        table_of_errors(of_groups, ("value", "gradient", "hessian"), ("sklosses",))
        if of_groups
        else None,
    )


def table_of_far_points(measured):
    """For each row and dtype the largest of the value's and the derivatives'."""
    lines = []
    for (row, worst), dtype in itertools.product(measured, DIGITS):
        whats = [what for side, of, what in worst if (side, of) == ("sklosses", dtype)]
        what = max(whats, key=lambda w: worst["sklosses", dtype, w].error)
        found = worst["sklosses", dtype, what]
        if not found.error <= BOUND:
            name = dtype.__name__
            lines.append((row.title, name, what, short_error(found.error), found.where))
    return simple_table(lines, ("loss", "dtype", "result", "error", "where"))


def page(measured):
    """Text of the whole file."""
    pytorch = "PyTorch was not there when this was written."
    if torch:
        version = torch.__version__.partition("+")[0]
        pytorch = (
            f"Beside ours, of the {ISA} build, are the results of PyTorch {version} for the same\n"
            "inputs, measured by the same terms. Where it has no such function (\\*), they are\n"
            "those of the usual composition, which is in ``tests/pytorch_grid``."
        )
    plain = [row.name for row, _ in measured if row.make is None]
    if plain:
        names = ", ".join(f"``{name}``" for name in plain)
        text = textwrap.fill(f"Measured with the data of their tests instead: {names}.", 100)
        pytorch = f"{text}\n\n{pytorch}"
    errors, groups = tables_of_errors(measured)
    return PAGE.format(
        digits=" and ".join(map(str, DIGITS.values())),
        n=N_POINTS,
        pytorch=pytorch,
        errors=errors,
        groups=groups,
        n_coupled=N_COUPLED,
        few_digits=exact_groups.DIGITS,
        bound=BOUND,
        far=table_of_far_points(measured),
    )


def main():
    """Measure, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="print these, write nothing")
    args = parser.parse_args()
    rows = [*ROWS, *rows_of_references()]
    names = {row.name for row in rows}
    for name in args.only or ():
        if name not in names:
            parser.error(f"no line for {name!r}; there are: {', '.join(sorted(names))}")
    if torch:
        torch.set_num_threads(1)
    measured = []
    for row in rows:
        if not args.only or row.name in args.only:
            measured.append((row, measure(row)))
    if args.only:
        tables = *tables_of_errors(measured), table_of_far_points(measured)
        print(*filter(None, tables), sep="\n\n")
    else:
        TARGET.write_text(page(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
