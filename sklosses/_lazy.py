"""Arrays that are loaded in chunks of rows: how to tell them, and the numbers of their rows."""

import contextlib
from contextvars import ContextVar

# The number of the first row, and the names of the arrays that are a part of others.
_PART: ContextVar[tuple[int, tuple[str, ...]]] = ContextVar("part", default=(0, ()))


@contextlib.contextmanager
def rows_from(first, names):
    """Within this context, messages number the rows of the arrays of these names from `first`."""
    token = _PART.set((first, tuple(names)))
    try:
        yield
    finally:
        _PART.reset(token)


def first_row(name=None):
    """The number of the first row of the array of that name; None for predictions or targets."""
    first, names = _PART.get()
    return first if name is None or name in names else 0


def fulfils(condition, values):
    """Whether an object, or one in a list, fulfils a condition.

    Of lists in a list only the first one is searched: in a long list, a call would wait for it.
    """
    if isinstance(values, (list, tuple)):
        first = values[0] if values else None
        nested = isinstance(first, (list, tuple)) and fulfils(condition, first)
        return nested or any(map(condition, values))
    return condition(values)


def _is_collection(item):
    return hasattr(item, "__dask_graph__")


def is_lazy(values):
    """Whether this is a collection of Dask, or a list with one: NumPy would load all of it."""
    return fulfils(_is_collection, values)


def refuse_lazy(values, name, instead=None):
    """Raise for a collection of Dask; `instead` is what takes it chunk by chunk, if anything."""
    if not is_lazy(values):
        return
    item = values
    while isinstance(item, (list, tuple)):
        item = next(filter(is_lazy, item))
    kind = f"{type(item).__module__.partition('.')[0]} {type(item).__name__}"
    use = f"Use {instead}, or pass" if instead else "Pass"
    error = TypeError(
        f"{name} is a {kind}, which would be loaded into memory as a whole. {use} "
        f"{name}.compute() if it is small enough."
    )
    error.is_hinted = True  # pyright: ignore[reportAttributeAccessIssue]
    raise error
