"""The user's own folder of installed plugins: a virtual environment in Curta's home, one for each Python.

It outlives an upgrade of Curta, which replaces Curta's environment. pip resolves against both: what Curta's environment
has already is neither installed again nor contradicted. At run time only its site folder is used, last on the path.
"""

import os
import re
import sys
from pathlib import Path

from curta import config


def folder() -> Path:
    """The environment of the running Python. It may not exist yet."""
    return config.home() / "site" / (sys.implementation.cache_tag or "python")


def site_folder() -> Path:
    """Where its modules are."""
    if os.name == "nt":
        return folder() / "Lib" / "site-packages"
    return folder() / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def python() -> Path:
    """Its interpreter, which only pip uses."""
    return folder() / "Scripts" / "python.exe" if os.name == "nt" else folder() / "bin" / "python"


def prepare() -> None:
    """Make the environment, or mend it: an interpreter that was upgraded leaves a link that leads nowhere."""
    if python().exists():
        return
    import shutil
    import venv

    config.ensure_folder(folder().parent)
    shutil.rmtree(python().parent, ignore_errors=True)
    venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(folder())


def normalised(name: str) -> str:
    """The name of a distribution in the one spelling that all its spellings share (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
