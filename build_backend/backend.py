"""The build backend: hatchling, which first has the guests of the sandbox built into the wheel.

An editable install needs neither them nor what builds them (500 MB of compilers): `make guests` builds them there.
"""

import subprocess
import sys
from typing import Any

from hatchling import build as hatchling
from hatchling.build import *  # noqa: F403 - which hooks there are depends on who builds

COMPILERS = ["componentize-py==0.25.1", "ziglang==0.17.1", "pip>=23.2"]

BUILD = "import sys; sys.path.insert(0, 'src'); from curta.sandbox.languages.build import build_all; build_all()"


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    return [*hatchling.get_requires_for_build_wheel(config_settings), *COMPILERS]


def build_wheel(
    wheel_directory: str, config_settings: dict[str, Any] | None = None, metadata_directory: str | None = None
) -> str:
    subprocess.run([sys.executable, "-c", BUILD], check=True)
    return hatchling.build_wheel(wheel_directory, config_settings, metadata_directory)
