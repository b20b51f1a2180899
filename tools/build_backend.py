"""The build backend: setuptools', which asks for a compiler before it does anything else.

Installers call ``get_requires_for_build_wheel`` or ``..._editable`` first. Source distributions and
metadata are made without a compiler.
"""

from check_compiler import require_compiler
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  (all other hooks are setuptools')


def get_requires_for_build_wheel(config_settings=None):
    """See PEP 517."""
    require_compiler()
    return build_meta.get_requires_for_build_wheel(config_settings)


def get_requires_for_build_editable(config_settings=None):
    """See PEP 660."""
    require_compiler()
    return build_meta.get_requires_for_build_editable(config_settings)
