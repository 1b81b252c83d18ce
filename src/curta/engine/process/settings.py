"""What the user can set of an engine, in the environment."""

import os
from typing import NamedTuple

from curta.errors import ConfigError

IDLE = 300.0
"""Seconds after the last answer, unless set otherwise."""
VARIABLES = ("CURTA_ENGINE_CONTEXT", "CURTA_ENGINE_IDLE", "CURTA_ENGINE_PORT", "CURTA_ENGINE_THREADS")


class Settings(NamedTuple):
    """What was asked for. None: whatever fits.

    context: tokens. threads: for the computation. port: listen there on loopback instead of a Unix socket; 0 for any.
    idle: seconds without a request after which an engine ends.
    """

    context: int | None = None
    threads: int | None = None
    port: int | None = None
    idle: float = IDLE


def configured() -> Settings:
    """What the environment asks for. Raises ConfigError for what is no number."""
    context, idle, port, threads = map(_number, VARIABLES)
    return Settings(
        _whole("CURTA_ENGINE_CONTEXT", context, 1, 1 << 24),
        _whole("CURTA_ENGINE_THREADS", threads, 1, 1024),
        _whole("CURTA_ENGINE_PORT", port, 0, 65535),
        IDLE if idle is None else idle,
    )


def _number(variable: str) -> float | None:
    text = os.environ.get(variable, "")
    try:
        value = float(text) if text else None
    except ValueError:
        value = -1.0
    if value is not None and not 0 <= value < float("inf"):
        raise _wrong(variable)
    return value


def _whole(variable: str, value: float | None, least: int, most: int) -> int | None:
    if value is None:
        return None
    if value != int(value) or not least <= value <= most:
        raise _wrong(variable)
    return int(value)


def _wrong(variable: str) -> ConfigError:
    return ConfigError(
        f"{variable} is not a number that it can be: {os.environ[variable]!r}.", then=f"Unset {variable}."
    )
