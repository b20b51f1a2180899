"""Docstrings of the class and of the function of a loss, from the one written in the class."""

import inspect
import re
import textwrap

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)

_REDUCTIONS = {
    "mean": "the weighted average of the losses",
    "sum": "their weighted sum",
    "none": "the weighted losses themselves",
    "batchmean": "the weighted sum divided by the number of samples",
}

_WEIGHT = """\
sample_weight : array-like of shape {shape}, default=None
    Weights, >= 0."""

_NO_WEIGHT = """\
sample_weight : None, default=None
    Not supported: each term involves several samples."""

_SWITCH = """\
{name} : bool, default=False
    Whether to return {results} as well."""

_CALL = """\
{weight}
{reduction}
avg_factor : float, default=None
    Denominator of "mean", instead of the sum of the weights. Ignored by "none", which has no
    denominator; an error for any other reduction.
return_gradient : bool, default=False
    Whether to return the gradient as well.
{switches}gradient_out : {out}, default=None
    With `return_gradient`: where to write the gradient. Its dtype is that of the gradient, or
    float32, to which a float64 gradient is rounded. It is left unchanged if an input is invalid.
n_threads : int, default=None
    Number of threads. None uses as many as OMP_NUM_THREADS and threadpoolctl allow. The result is
    bitwise the same for any number."""

_RETURNS = """\
{value}
gradient : {gradient}
    Only with `return_gradient`: the gradient of the value with respect to {names}.
    It is float32 for float32 and float16 input, else float64."""

_VALUE = """\
value : float, or ndarray for the reduction "none"
    For "mean" with a total weight of zero it is nan, with an UndefinedMetricWarning."""

_RAISES = """\
ValueError
    If an array is None or empty; if it has the wrong shape, masked elements, or a value that is
    NaN, infinite or outside its domain; if a parameter is outside its range.
TypeError
    If an argument is unknown; if NumPy cannot read an array."""


def sections(doc):
    """Split a numpydoc docstring into its summary and a dict of section bodies."""
    doc = inspect.cleandoc(doc or "")
    parts = _SECTION.split(doc)
    return parts[0].strip(), {
        name: body.strip("\n") for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def _assemble(summary, bodies):
    parts = [summary]
    for name, body in bodies.items():
        if body:
            parts.append(f"{name}\n{'-' * len(name)}\n{body}")
    return "\n\n".join(parts) + "\n"


def _reduction(cls):
    default = inspect.signature(cls.__init__).parameters["reduction"].default
    options = ", ".join(f'"{name}"' for name in cls.reductions)
    text = "; ".join(f'"{name}": {_REDUCTIONS[name]}' for name in cls.reductions) + "."
    text = text if cls.weighted else text.replace("weighted ", "")
    lines = textwrap.wrap(text, 92, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([f'reduction : {{{options}}}, default="{default}"', *lines])


def _join(*parts):
    return "\n".join(part.strip("\n") for part in parts if part)


def _list(names):
    """Names joined as in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def result_names(entry):
    """Names of what a switch makes a function return: "a, b : type" as its entry begins."""
    return entry.partition(" : ")[0].split(", ")


def _see_also(body, *entries):
    return _join(*(f"{name} : {text}" for name, text in entries), body)


def class_doc(cls):
    """Docstring of the class: its own, completed with what all losses have in common."""
    summary, bodies = sections(cls.__doc__)
    arrays = ", ".join(item.name for item in cls.inputs)
    summary += f"\n\nCalled as ``loss({arrays})``; the arrays are described in\n"
    summary += f"`{cls.function_name}`."
    own = bodies.pop("Parameters", "")
    see = bodies.pop("See Also", "")
    # Kept for `function_doc`.
    cls._own_doc = {**bodies, "Parameters": own, "See Also": see}
    return _assemble(
        summary,
        {
            "Parameters": _join(own, _reduction(cls)),
            "See Also": _see_also(see, (cls.function_name, "The same loss as a function.")),
            **bodies,
        },
    )


def function_doc(cls):
    """Docstring of the function, derived from that of the class."""
    bodies = dict(cls._own_doc)
    summary = sections(cls.__doc__)[0].partition("\n\nCalled as ")[0]
    own = bodies.pop("Parameters")
    see = bodies.pop("See Also")
    arrays = []
    for item in cls.inputs:
        kind, _, text = item.doc.partition("\n")
        arrays.append(f"{item.name} : {kind}\n{textwrap.indent(textwrap.dedent(text), '    ')}")
    outputs = [item.name for item in cls.inputs if item.differentiable]
    several = len(outputs) > 1
    call = _CALL.format(
        weight=_WEIGHT.format(shape=cls.weight_shape) if cls.weighted else _NO_WEIGHT,
        reduction=_reduction(cls),
        switches="".join(
            _SWITCH.format(name=name, results=_list([f"`{key}`" for key in result_names(entry)]))
            + "\n"
            for name, entry in cls.switches.items()
        ),
        out="tuple of ndarray" if several else "ndarray",
    )
    optional = [item.name for item in cls.inputs if item.optional]
    gradient = "ndarray of the shape of " + outputs[0]
    if several:
        gradient = "tuple of ndarray, of the shapes of " + _list(outputs)
    if optional:
        gradient = f"ndarray, or tuple of ndarray if `{optional[0]}` is passed"
    returns = _RETURNS.format(
        value=_VALUE if cls.weighted else "value : float",
        gradient=gradient,
        names=_list([f"`{name}`" for name in outputs]),
    )
    return _assemble(
        summary,
        {
            "Parameters": _join(*arrays, own, call),
            "Returns": _join(returns, *cls.switches.values()),
            "Raises": _RAISES,
            "See Also": _see_also(see, (cls.__name__, "The same loss as a class.")),
            **bodies,
        },
    )
