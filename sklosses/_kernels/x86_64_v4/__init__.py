"""Kernel modules compiled for x86_64_v4; filled by the build, chosen in `sklosses._kernels`."""
