"""Benchmarks in asv's form, for the history of the package's own times. See ../README.md."""
