"""Curta's log and the one of `llm`, for reading as one. What is written goes to Curta's alone.

A call that was imported is in both, and shown once: as Curta's.
"""

from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from curta.errors import AmbiguousCall, UnknownCall
from curta.store import Call, Filter, Log, Tip
from curta.store.filtering import SEE_ALL

if TYPE_CHECKING:
    from curta.llm_home.past_log import PastLog
    from curta.messages import Message

_AT_ONCE = 200


class BothLogs:
    """Reads like a `Log`: `call`, `calls`, `count`, `history`, `history_at`, `export`.

    own: Curta's. past: that of `llm`, if there is one.
    Raises what `Log` raises, for Curta's own; what is wrong with the other is named in `llm_home.trouble()`.
    """

    def __init__(self, own: Log, past: "PastLog | None") -> None:
        self.own = own
        self.past = past

    def call(self, id: str | None = None) -> Call:
        """The call with this id or unambiguous beginning of an id; the latest of all when None. Raises UnknownCall."""
        if self.past is None:
            return self.own.call(id)
        return self._latest() if id is None else self._named(self.past, id)

    def calls(self, filter: Filter | None = None) -> Iterator[Call]:
        """The calls that pass, newest first unless the filter says otherwise, read as they are asked for."""
        filter = filter or Filter()
        own = self.own.calls(filter)
        if self.past is None:
            return own
        only_past = self._only_past(self.past, filter)
        both = merge(own, only_past, key=lambda call: call.started, reverse=not filter.oldest_first)
        return islice(both, filter.limit)

    def count(self, filter: Filter | None = None) -> int:
        """How many calls pass, limit aside."""
        if self.past is None:
            return self.own.count(filter)
        return self.own.count(filter) + sum(1 for _ in self._only_past(self.past, filter or Filter()))

    def history(self, conversation: str) -> "tuple[tuple[Message, ...], Tip, Call]":
        """What to continue a conversation with, as `Log.history`: where its latest call is, there it goes on."""
        try:
            own = self.own.history(conversation)
        except AmbiguousCall:
            raise
        except UnknownCall:
            if self.past is None or not (id := self._conversation(self.past, conversation)):
                raise
            last = next(self.past.calls(Filter(conversation=id)))
            return last.messages(), Tip("", 0), last
        return self._newer(own) or own

    def history_at(self, call: str) -> "tuple[tuple[Message, ...], Tip, Call]":
        """As `Log.history_at`: the conversation up to this call."""
        found = self.call(call)
        if not self.own.known([found.id]):
            return found.messages(), Tip("", 0), found
        return self.own.history_at(found.id)

    def settle(self) -> None:
        """Take in what earlier processes of Curta's left. Raises LogError."""
        self.own.settle()

    def holds_any(self) -> bool:
        """Whether there is any call."""
        return bool(self.own.status().calls) or next(self.calls(Filter(limit=1)), None) is not None

    def export(self, filter: Filter | None = None) -> Iterator[dict[str, Any]]:
        """Every call with all that was sent and received, each complete in itself: first `llm`'s, then Curta's."""
        if self.past is not None:
            for call in self._only_past(self.past, filter or Filter()):
                answer = call.message()
                message = answer and answer.to_dict()
                yield {**call.to_dict(), "request": call.request().to_dict(), "message": message}
        yield from self.own.export(filter)

    def _latest(self) -> Call:
        latest = next((call for call in self.calls() if call.caller != "embed"), None)
        return self.own.call() if latest is None else latest

    def _named(self, past: "PastLog", id: str) -> Call:
        elsewhere = set(past.ids_beginning(id.lower()))
        try:
            own = self.own.call(id)
        except AmbiguousCall:
            raise
        except UnknownCall:
            if len(elsewhere) > 1:
                raise _ambiguous(id, elsewhere) from None
            if elsewhere and (found := past.call(elsewhere.pop())):
                return found
            raise
        if own.id != id.lower() and elsewhere - {own.id}:
            raise _ambiguous(id, elsewhere | {own.id})
        return own

    def _only_past(self, past: "PastLog", filter: Filter) -> Iterator[Call]:
        """The calls of `llm` that Curta's log does not have."""
        found = past.calls(replace(filter, limit=None), filter.limit)
        while some := list(islice(found, min(filter.limit or _AT_ONCE, _AT_ONCE))):
            known = self.own.known(call.id for call in some)
            yield from (call for call in some if call.id not in known)

    def _conversation(self, past: "PastLog", id: str) -> str | None:
        """The id of the conversation of `llm`'s that `id`, of it or of one of its calls, stands for."""
        if past.has_conversation(id.lower()):
            return id.lower()
        begin_so = {call.conversation_id for each in past.ids_beginning(id.lower()) if (call := past.call(each))}
        if len(begin_so) > 1:
            raise _ambiguous(id, begin_so)
        return next(iter(begin_so), None)

    def _newer(self, own: "tuple[tuple[Message, ...], Tip, Call]") -> "tuple[tuple[Message, ...], Tip, Call] | None":
        """The same conversation as `llm` has it, when it was continued there since."""
        if self.past is None:
            return None
        last = next(self._only_past(self.past, Filter(conversation=own[2].conversation_id, limit=1)), None)
        if last is None or last.started <= own[2].started:
            return None
        return last.messages(), Tip("", 0), last


def _ambiguous(id: str, among: set[str]) -> AmbiguousCall:
    return AmbiguousCall(
        f"The ids of several calls begin with {id!r}.", why=f"Among them: {', '.join(sorted(among)[:3])}.", then=SEE_ALL
    )
