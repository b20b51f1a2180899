"""Kernel modules compiled for x86_64_v3; filled by the build, chosen in `sklosses._kernels`."""
