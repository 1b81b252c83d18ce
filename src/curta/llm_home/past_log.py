"""The log of `llm`, both generations, read as one and never written."""

from collections.abc import Iterator
from dataclasses import fields
from heapq import merge
from itertools import islice
from pathlib import Path

from curta.llm_home import LOG, location
from curta.llm_home.database import ForeignDatabase
from curta.llm_home.generation import PAGE
from curta.llm_home.past_call import CALLER, PastCall
from curta.llm_home.responses import Responses
from curta.llm_home.turns import Turns
from curta.store import Filter

_UNDERSTOOD = {
    "limit", "model", "conversation", "query", "since", "before", "status", "caller", "ids", "oldest_first",
}  # fmt: skip


def past_log() -> "PastLog | None":
    """The log in `llm`'s folder, when there is one."""
    path = location() / LOG
    return PastLog(path) if path.is_file() else None


class PastLog:
    """A log of `llm`. Everything it gives is read when it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = ForeignDatabase(path)
        self._generations = (Turns(self.database), Responses(self.database))

    def calls(self, filter: Filter | None = None, at_once: int | None = None) -> Iterator[PastCall]:
        """The calls that pass, newest first unless the filter says otherwise. at_once: how many will be looked at."""
        filter = filter or Filter()
        if not _can_pass(filter):
            return iter(())
        size = max(1, min(at_once or filter.limit or PAGE, PAGE))
        each = [generation.calls(filter, size) for generation in self._generations]
        merged = merge(*each, key=lambda call: call.started, reverse=not filter.oldest_first)
        return islice(merged, filter.limit)

    def count(self, filter: Filter | None = None) -> int:
        """How many calls pass, limit aside."""
        filter = filter or Filter()
        return sum(each.count(filter) for each in self._generations) if _can_pass(filter) else 0

    def ids_beginning(self, prefix: str) -> list[str]:
        """Up to two ids of calls that begin so, of each generation."""
        return [id for generation in self._generations for id in generation.ids_beginning(prefix)]

    def call(self, id: str) -> PastCall | None:
        """The call with exactly this id."""
        return next(self.calls(Filter(ids=(id,))), None)

    def has_conversation(self, conversation: str) -> bool:
        return any(each.has_conversation(conversation) for each in self._generations)


def _can_pass(filter: Filter) -> bool:
    """Whether any call of `llm`'s can: it has logged what ended well, and knows nothing of Curta's own distinctions."""
    usual = Filter()
    unusual = {each.name for each in fields(filter) if getattr(filter, each.name) != getattr(usual, each.name)}
    return filter.status in (None, "ok") and filter.caller in (None, CALLER) and unusual <= _UNDERSTOOD
