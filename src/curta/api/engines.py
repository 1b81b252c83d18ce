"""The engine processes of models on this computer: which run, and end them. They are started by the first prompt."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curta.engine.process import Running


def engines() -> "list[Running]":
    """The engines of this user that run, by name of their models."""
    from curta.engine.process import running

    return running()


def stop_engines(model: str | None = None) -> list[str]:
    """End the engine of `model`, or all; the names of the models whose engines ran. Raises UnknownModel."""
    from curta.engine.process import stop

    return stop(model)
