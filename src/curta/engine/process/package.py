"""The engine's package, looked for and not imported: on an old processor that would be the end of this process."""

import os
import sys

from curta.errors import EngineError, MissingExtra

PACKAGE = "xllamacpp"


def require_engine() -> None:
    """Raise MissingExtra when the engine's package is not installed, EngineError when the processor cannot run it."""
    from importlib.machinery import PathFinder

    from curta.engine.process import processor

    if PathFinder.find_spec(PACKAGE, search_path()) is None:
        raise MissingExtra("The engine for models on this computer is not installed.", extra="local")
    if lacking := processor.lacking():
        raise EngineError(
            "The engine cannot run on this processor.",
            why=f"It lacks {', '.join(lacking)}.",
            then="Use a server for it by URL: curta models add NAME --url URL --model ID",
        )


def installed_version() -> str:
    """The engine's package and its version."""
    from importlib.metadata import distributions

    found = next(iter(distributions(name=PACKAGE, path=search_path())), None)
    return f"{PACKAGE} {found.version if found else 'of no known version'}"


def search_path() -> list[str]:
    """Where the engine's process imports from: never from the folder it was started in by chance."""
    from curta.plugins.environment import site_folder

    return [*dict.fromkeys([*(os.path.abspath(each) for each in sys.path if each), str(site_folder())])]
