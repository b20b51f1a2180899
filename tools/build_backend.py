"""The build backend: that of setuptools, with an early check for a compiler.

Installers call ``get_requires_for_build_wheel`` or ``get_requires_for_build_editable`` first, so
these check for it. Source distributions and metadata do not need a compiler.
"""

from check_compiler import require_compiler
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  (all other hooks are those of setuptools)


def get_requires_for_build_wheel(config_settings=None):
    """See PEP 517."""
    require_compiler()
    return build_meta.get_requires_for_build_wheel(config_settings)


def get_requires_for_build_editable(config_settings=None):
    """See PEP 660."""
    require_compiler()
    return build_meta.get_requires_for_build_editable(config_settings)
