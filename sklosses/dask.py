"""Losses of Dask arrays."""

from ._chunked import evaluate

__all__ = ["evaluate"]
