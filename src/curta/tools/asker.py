"""Whose call a tool is answering, for the few tools that log what they do."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from curta.store import Log


class Asker(NamedTuple):
    """call: the id, in the log, of the answer that asks. log: where what is done for it goes; None for no trace."""

    call: str | None = None
    log: "Log | None" = None


NOBODY = Asker()
_asker: ContextVar[Asker] = ContextVar("asker", default=NOBODY)


def current() -> Asker:
    """Who asks just now; `NOBODY` outside of a conversation."""
    return _asker.get()


@contextmanager
def asking(call: str | None, log: "Log | None") -> Iterator[None]:
    """Within the block, tools are called for this answer."""
    token = _asker.set(Asker(call, log))
    try:
        yield
    finally:
        _asker.reset(token)
