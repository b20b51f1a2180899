"""Random calls, most of them wrong in some way: each gives a result or a clear error.

A call is made of a loss, parameters, arrays of any dtype, shape, layout and content, weights and
outputs, all of them drawn from one seed; a failure names it, and ``replay(seed)`` repeats the
call. Outputs lie between guards that must not change. What reads out of bounds without a crash
shows in the build of ``tools/run_checked.py sanitize``.
"""

import traceback
import warnings

import numpy as np
import pytest
import sklearn

import sklosses
from sklosses import get_loss, get_loss_names

NAMES = get_loss_names()
DTYPES = [
    *("f4", "f8") * 6,
    *("f2", "g", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f4", ">f8", ">i4"),
]
ODD_DTYPES = ["c16", "O", "U3", "M8[s]", "V4"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 100.0, -100.0, 1e-30, -745.0, 88.8, 1e4, -1e4]
SPECIAL += [1e30, np.inf, -np.inf, np.nan, 5e-324, 1e-45, 1.7e308, -1.7e308, 3.4e38]
SPECIAL += [2.0**31, 2.0**63, -(2.0**63)]
GUARD = 64


def draw_shape(rng, shape):
    """A shape, or one that is not quite it."""
    shape = list(shape)
    action = rng.integers(0, 150)
    if action == 0 and shape:
        shape[rng.integers(len(shape))] = 0
    elif action == 1 and shape:
        shape[rng.integers(len(shape))] += 1
    elif action == 2 and shape:
        del shape[rng.integers(len(shape))]
    elif action == 3:
        shape.insert(rng.integers(len(shape) + 1), rng.integers(1, 3))
    elif action == 4 and shape:
        shape[rng.integers(len(shape))] = 1
    return tuple(int(n) for n in shape)


def draw_layout(rng, shape, dtype):
    """An empty array: contiguous, of any strides, broadcast, or at an odd address."""
    kind = rng.integers(0, 8)
    if kind == 0:
        return np.empty(shape, dtype, order="F")
    if kind == 1:
        return np.broadcast_to(np.empty((), dtype), shape)
    if kind == 2 and shape:
        view = np.broadcast_to(np.empty(shape[1:], dtype), shape)
        return view
    if kind == 3:
        wide = np.empty([2 * n + 1 for n in shape], dtype)
        steps = (slice(1, None, 2), *(slice(None, 0, -2),) * (len(shape) - 1))
        return wide[(*steps[: len(shape)], ...)]
    if kind == 4:
        size = int(np.prod(shape, dtype=int)) * np.dtype(dtype).itemsize
        return np.frombuffer(bytearray(size + 1), np.uint8)[1:].view(dtype).reshape(shape)
    return np.empty(shape, dtype)


def draw_values(rng, shape, domain):
    """Mostly of the domain, sometimes special ones."""
    kind = rng.integers(0, 4)
    if kind == 0 or domain.kind == "pair":
        values = rng.integers(-1 if rng.random() < 0.5 else 0, 3, shape).astype(float)
        if domain.kind == "pair":
            values = np.where(rng.random(shape) < 0.5, domain.low, domain.high)
    elif domain.kind in ("index", "labels"):
        values = rng.integers(0, max(1, rng.integers(1, 9)), shape).astype(float)
    elif domain.low >= 0:
        values = rng.random(shape)
    else:
        values = rng.normal(scale=10.0 ** rng.integers(-3, 3), size=shape)
    values = np.asarray(values, float)
    if rng.random() < 0.1 and values.size:
        flat = values.reshape(-1)
        count = rng.integers(1, 4)
        flat[rng.integers(0, flat.size, count)] = rng.choice(SPECIAL, count)
    return values


def draw_array(rng, shape, domain):
    if rng.random() < 0.005:
        return [None, "text", [[1.0], [1.0, 2.0]], {}, object(), 1.0, [], np.ma.masked][
            rng.integers(8)
        ]
    shape = draw_shape(rng, shape)
    if rng.random() < 0.005:
        return np.zeros(shape, rng.choice(ODD_DTYPES))
    dtype = np.dtype(str(rng.choice(DTYPES)))
    array = draw_layout(rng, shape, dtype)
    values = draw_values(rng, shape, domain)
    if dtype.kind in "iub":
        values = np.nan_to_num(values, posinf=100, neginf=-100).clip(-120, 120)
        values = np.abs(values) if dtype.kind == "u" else values
    # What is broadcast gets the last values.
    target = array
    while target.base is not None and not target.flags.writeable:
        target = target.base
    with np.errstate(all="ignore"):
        target[...] = np.resize(values, target.shape).astype(dtype)
    return array


def draw_shapes(rng, cls):
    """Shapes that go together, of one to three axes or those of sequences."""
    n, d = int(rng.integers(1, 40)), int(rng.choice([1, 2, 3, 5, 10, 17, 33, 70, 300]))
    lead = (n, d)
    if rng.random() < 0.2:
        lead = (n,)
    elif rng.random() < 0.2:
        lead = (min(n, 6), d, int(rng.integers(1, 6)))
    if cls.function_name == "ctc_loss":
        times, sequences, labels = (int(rng.integers(1, k)) for k in (20, 6, 8))
        return [(sequences, labels), (times, sequences, min(d, 40)), (sequences,), (sequences,)]
    response = cls().tags.response
    if response in ("embedding", "modalities"):
        lead = (n, d)
    if response in ("score", "log_hazard"):
        lead = (n * d,)
    by_class = getattr(cls(), "ignore_index", None) is not None
    by_class |= any(i.domain.kind == "index" for i in cls.inputs)
    shapes = []
    for item in cls.inputs:
        odd = rng.random() < 0.05
        if item.domain.kind == "labels":
            shapes.append(lead[:1])
        elif item.differentiable and item.broadcasts and rng.random() < 0.5:
            shapes.append([lead[:1], (1,) * len(lead), (), lead[-1:]][rng.integers(4)])
        elif item.differentiable or odd:
            shapes.append(lead)
        elif response == "vectors":
            shapes.append(lead[:-1])  # a label for each vector
        elif by_class and rng.random() < 0.7:
            shapes.append(lead[:1] + lead[2:] if len(lead) > 1 else ())  # a class for each row
        else:
            shapes.append(lead)
    return shapes


def draw_params(rng, cls):
    params = {}
    for name, value in cls().get_params().items():
        if rng.random() < 0.9:
            continue
        if name == "reduction":
            params[name] = str(rng.choice(["mean", "sum", "none", "batchmean", "avg"]))
        elif isinstance(value, bool):
            params[name] = bool(rng.integers(2))
        elif isinstance(value, str):
            known = ["cosine", "dot", "precomputed", "chebyshev", "sqeuclidean", "manhattan"]
            known += ["hinge", "wgan", "lsgan", "relativistic", "relativistic_hinge", "saturating"]
            params[name] = str(rng.choice(known))
        elif name == "class_weight":
            params[name] = [None, "balanced", {0: 2.0}, [1.0, 2.0, 0.5], [1.0] * 10][
                rng.integers(5)
            ]
        elif name in ("ignore_index", "blank", "p"):
            params[name] = int(rng.integers(-2, 5))
        else:
            params[name] = float(rng.choice([0, 0.3, 1, 2, 2.5, 10, 0.5, 1e-8, 100, -1]))
    return params


def guarded(rng, array):
    """An output between guards: (the output, the whole)."""
    dtype = np.float32 if array.dtype in (np.float32, np.float16) else np.float64
    if rng.random() < 0.05:
        dtype = np.float64
    shape = array.shape if rng.random() < 0.95 else draw_shape(rng, array.shape)
    size = int(np.prod(shape, dtype=int))
    whole = np.full(size + 2 * GUARD, 7.5, dtype)
    return whole[GUARD : GUARD + size].reshape(shape), whole


def is_raised(error):
    """Whether an error has words, and comes from a statement that raises, not from an accident."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return bool(str(error)) and last.line.startswith("raise")


def replay(seed):
    """Make the call of a seed; what it returns, or the error that it is refused with."""
    rng = np.random.default_rng(seed)
    cls = type(get_loss(str(rng.choice(NAMES))))
    arrays = [
        draw_array(rng, shape, item.domain)
        for shape, item in zip(draw_shapes(rng, cls), cls.inputs, strict=True)
    ]
    params = draw_params(rng, cls)
    keywords = {"n_threads": int(rng.integers(1, 4))}
    lead = arrays[cls._outputs[0]]
    if rng.random() < 0.3 and isinstance(lead, np.ndarray):
        shape = lead.shape[: 1 if rng.random() < 0.7 else lead.ndim]
        keywords["sample_weight"] = draw_array(rng, shape, sklosses._domains.NONNEGATIVE)
    if rng.random() < 0.1:
        keywords["avg_factor"] = float(rng.choice([1, 2.5, 0, -1, np.nan]))
    guards = ()
    methods = ["__call__", "gradient", "value_and_gradient", "gradient_and_hessian", "partial"]
    method = str(rng.choice(methods))
    if method in methods[1:4] and rng.random() < 0.5:
        outputs = [arrays[k] for k in cls._outputs]
        if all(isinstance(a, np.ndarray) for a in outputs):
            pairs = [guarded(rng, a) for a in outputs]
            guards = [whole for _, whole in pairs]
            out = tuple(a for a, _ in pairs)
            keywords["gradient_out"] = out if len(out) > 1 else out[0]
    if method == "partial":
        keywords.pop("avg_factor", None)
    finite = bool(rng.random() < 0.3)
    with warnings.catch_warnings(), sklearn.config_context(assume_finite=finite):
        warnings.simplefilter("ignore")
        try:
            result = getattr(cls(**params), method)(*arrays, **keywords)
        except (ValueError, TypeError) as error:
            result = error
    if isinstance(result, Exception):
        assert is_raised(result), f"{cls.__name__}.{method} stumbles: {result!r}"
    for whole in guards:
        ends = np.concatenate([whole[:GUARD], whole[-GUARD:]])
        assert (ends == 7.5).all(), f"{cls.__name__}.{method} wrote beside its output"
    return result


def run(seeds):
    """Make the calls; how many of them were refused."""
    refused = 0
    for seed in seeds:
        try:
            refused += isinstance(replay(seed), Exception)
        except BaseException as error:
            raise AssertionError(f"replay({seed}) fails: {error!r}") from error
    return refused


def test_random_calls():
    refused = run(range(3000))
    # Some of both, or it tests nothing.
    assert 1000 < refused < 2000


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_a_million_random_calls(part):
    run(range(1_000_000 + 50_000 * part, 1_000_000 + 50_000 * (part + 1)))
