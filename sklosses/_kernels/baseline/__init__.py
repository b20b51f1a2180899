"""Kernel modules compiled for baseline; filled by the build, chosen in `sklosses._kernels`."""
