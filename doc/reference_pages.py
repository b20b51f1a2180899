"""Write a page for each public name of the package, from the package itself.

A loss has one page for its function and its class, with its curve and the examples that use it.
The pages are written when the documentation is built and are not in version control.
"""

import importlib
import inspect
import warnings
from pathlib import Path

import sklosses
from sklosses.plotting import LossCurveDisplay

#: Themes of the losses: the modules of `sklosses.losses`, and their titles.
THEMES = {
    "regression": "Numbers",
    "deviance": "Counts and amounts",
    "binary": "Binary targets",
    "multiclass": "Classes",
    "ordinal": "Ordered classes",
    "multilabel": "Several labels",
    "detection": "Rare labels, and detection",
    "divergence": "Distributions, and other models",
    "pairs": "Pairs and triplets",
    "contrastive": "Batches",
    "crossmodal": "Images and texts",
    "segmentation": "Masks and images",
    "ranking": "Ranking in groups",
    "survival": "Survival",
    "sequence": "Sequences",
    "adversarial": "Adversarial training",
}
#: Other names by theme: the title, the module, and the names; () are all of the module.
OTHERS = (
    ("Losses by name", "sklosses", ("get_loss", "get_loss_names", "check_loss", "show_config")),
    (
        "What losses are made of",
        "sklosses",
        ("Loss", "PartialLoss", "CustomLoss", "CombinedLoss", "CombinedPartialLoss"),
    ),
    (
        "Scorers",
        "sklosses",
        ("make_loss_scorer", "get_loss_scorer", "get_loss_scorer_names", "LossScorer"),
    ),
    ("Linear models", "sklosses.linear_model", ()),
    ("Metric learning", "sklosses.metric_learning", ()),
    ("Boosting", "sklosses.boosting", ()),
    ("Dask", "sklosses.dask", ()),
    ("PyTorch", "sklosses.torch", ()),
    ("JAX", "sklosses.jax", ()),
    ("Pictures", "sklosses.plotting", ()),
)


def public_names():
    """All public names by the path that users import them from."""
    found = {f"sklosses.{name}" for name in sklosses.__all__ if name != "__version__"}
    for module in sklosses._SUBMODULES:
        names = importlib.import_module(f"sklosses.{module}").__all__
        found |= {f"sklosses.{module}.{name}" for name in names}
    return found


def losses_of(theme):
    """Names of the functions of a module of losses, in its order."""
    module = importlib.import_module(f"sklosses.losses.{theme}")
    classes = (getattr(module, name) for name in module.__all__)
    return [cls.function_name for cls in classes if getattr(cls, "function_name", None)]


def heading(title, underline="="):
    """A title of reStructuredText."""
    return f"{title}\n{underline * len(title)}\n"


def summary(path):
    """The first line of a docstring."""
    module, _, name = path.rpartition(".")
    return inspect.getdoc(getattr(importlib.import_module(module), name)).partition("\n")[0]


def has_curve(loss):
    """Whether the loss can be drawn as a function of one prediction."""
    import matplotlib.pyplot as plt

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            LossCurveDisplay.from_loss(loss)
    except (ValueError, TypeError, KeyError):
        return False
    finally:
        plt.close("all")
    return True


def methods(cls):
    """Public methods that a class has of its own, or that a class of the package gives it."""
    return [
        name
        for name in dir(cls)
        if not name.startswith("_")
        and callable(getattr(cls, name, None))
        and getattr(getattr(cls, name), "__module__", "").startswith("sklosses")
    ]


#: Methods that all losses have.
METHODS = (
    "gradient",
    "value_and_gradient",
    "gradient_and_hessian",
    "partial",
    "optimal_constant",
    "inverse_link",
)


def method(name):
    """A link to a method of losses."""
    return f":meth:`~sklosses.Loss.{name}`"


def page_of_loss(name):
    """The page of a loss: its curve, its function, its class, and its examples."""
    cls = type(sklosses.get_loss(name))
    parts = [heading(name)]
    if has_curve(name):
        parts.append(
            f".. plot::\n   :include-source: False\n   :alt: {name} by the prediction.\n\n"
            "   from sklosses.plotting import LossCurveDisplay\n\n"
            f"   LossCurveDisplay.from_loss({name!r})\n"
        )
    parts.append(f".. autofunction:: sklosses.{name}\n")
    parts.append(heading("As an object", "-"))
    parts.append(f".. autoclass:: sklosses.{cls.__name__}\n")
    parts.append(
        "Its methods are those of :class:`sklosses.Loss`: a call, "
        f"{', '.join(map(method, METHODS))} and, for some losses, {method('predict_proba')}.\n"
    )
    parts.append(examples_of(f"sklosses.{name}", f"sklosses.{cls.__name__}"))
    return "\n".join(parts)


def examples_of(*paths):
    """The examples of the gallery that use a name."""
    return f".. minigallery:: {' '.join(paths)}\n   :add-heading: Examples\n   :heading-level: -\n"


def page_of(path):
    """The page of a function or of a class with its methods."""
    module, _, name = path.rpartition(".")
    item = getattr(importlib.import_module(module), name)
    parts = [heading(path.removeprefix("sklosses."))]
    if inspect.isclass(item):
        parts.append(f".. autoclass:: {path}\n")
        parts += [f"   .. automethod:: {method}\n" for method in methods(item)]
    else:
        parts.append(f".. autofunction:: {path}\n")
    parts.append(examples_of(path))
    return "\n".join(parts)


def table(rows):
    """Names with links, their summaries and, if there are any, the parameters of losses."""
    widths = "35 65" if len(rows[0]) == 2 else "30 50 20"
    lines = [".. list-table::", f"   :widths: {widths}", ""]
    for row in rows:
        lines += [f"   {'* -' if k == 0 else '  -'} {text}" for k, text in enumerate(row)]
    return "\n".join(lines) + "\n"


def row_of_loss(name):
    """The loss's name, its summary, and its parameters."""
    parameters = [
        f"``{item}``" for item in sklosses.get_loss(name).get_params() if item != "reduction"
    ]
    return f":doc:`{name}`", summary(f"sklosses.{name}"), ", ".join(parameters)


def write(folder):
    """Write all pages, and their index; leave those as they are that have not changed."""
    folder = Path(folder)
    pages = {}
    index = [
        heading("Reference"),
        "Each loss is a function and a class. A function is called with arrays and parameters; an "
        "object has the parameters, and methods for gradients, Hessians and more.\n",
    ]
    toctree = []

    def add(title, rows):
        index.extend([heading(title, "-"), table(rows)])

    for theme, title in THEMES.items():
        names = losses_of(theme)
        for name in names:
            pages[name] = page_of_loss(name)
        toctree += names
        add(title, [row_of_loss(name) for name in names])
    for title, module, names in OTHERS:
        names = names or importlib.import_module(module).__all__
        paths = [f"{module}.{name}" for name in names]
        files = [path.removeprefix("sklosses.") for path in paths]
        pages |= {file: page_of(path) for file, path in zip(files, paths, strict=True)}
        toctree += files
        add(title, [(f":doc:`{f}`", summary(p)) for f, p in zip(files, paths, strict=True)])
    index.append(".. toctree::\n   :hidden:\n")
    index.extend(f"   {name}" for name in toctree)
    pages["index"] = "\n".join(index) + "\n"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.rst"):
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
