"""The log of this user: one object for all that is done with it. Making it does no I/O."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curta import config
from curta.errors import CurtaError
from curta.messages import Document, Message, Request
from curta.store import ids
from curta.store.database import Database
from curta.store.entry import Entry
from curta.store.recording import Opening, Outcome, Tip, find_row, put_verdict

if TYPE_CHECKING:
    from curta.store.asks import AskRecord
    from curta.store.batches import Beside, WorkList
    from curta.store.call import Call
    from curta.store.conversations import ConversationRecord
    from curta.store.experiments import Experiments
    from curta.store.filtering import Filter
    from curta.store.holdings import HeldDocument, HeldSchema
    from curta.store.labels import Labels
    from curta.store.redaction import Redaction
    from curta.store.retention import Status
    from curta.store.runs import RunRecord
    from curta.store.spending import By, Spending


def open_log(path: Path | None = None) -> "Log":
    """The log at `path`, by default `log.db` in Curta's home."""
    return Log(path or config.home() / "log.db")


class Log:
    """A log file, for any number of threads and processes at once.

    Writing (`begin` and what follows) never raises because of the log. Everything else raises LogCorrupt, LogTooNew
    or LogUnavailable; a log that does not exist yet reads as an empty one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)
        self._begun = False

    def close(self) -> None:
        """Close the file. The next use opens it again."""
        self._database.close()

    # Writing

    def begin(
        self,
        request: Request,
        *,
        conversation: str | None = None,
        base: Tip | None = None,
        caller: str = "prompt",
        template: str | None = None,
        resolved_model: str | None = None,
        cached_from: str | None = None,
        place: str | None = None,
        beside: "Beside | None" = None,
    ) -> Entry:
        """Log that `request` is about to be sent.

        conversation: the id of the conversation it continues; None begins one.
        base: what `Entry.finish` or `history` returned for the messages that come before; they are then neither
            hashed nor written again.
        cached_from: the id of the call whose answer is given again; then nothing is sent.
        place: a digest of where it is sent, hex, by which `find` tells servers of one name apart.
        beside: writes what goes with the call, in the same transaction.
        """
        id = ids.new()
        conversation = id if conversation is None else ids.from_bytes(ids.to_bytes(conversation))
        now = time.time_ns() // 1_000_000
        opening = Opening(id, conversation, request, now, caller, template, resolved_model, base, cached_from, place)
        entry = Entry(self._database, opening, first=not self._begun, beside=beside)
        self._begun = True
        return entry

    def record_check(self, call_id: str, report: Mapping[str, Any]) -> list[str]:
        """Keep the report of a check with its call, the latest for each call. Returns warnings, as `Entry.warnings`."""
        try:
            if self._database.has_spooled() and _added_to_spool(self.path, call_id, report):
                return []
            with self._database.writing() as connection:
                row = find_row(connection, call_id)
                if row is not None:
                    put_verdict(connection, row, report)
        except (CurtaError, OSError) as error:
            return [f"The check of call {call_id} is not logged: {error}"]
        return [] if row is not None else [f"The check of call {call_id} is not logged: the call is not in the log."]

    def record_run(self, run: "RunRecord") -> list[str]:
        """Log a program that ran. Returns warnings, as `Entry.warnings`; never raises because of the log."""
        from curta.store import runs

        return runs.record(self._database, run)

    def batch(self, kind: str, identity: str, *, again: bool = False) -> "WorkList":
        """The calls of a batch that was begun, or of a new one, as `batches.held` says. Raises UsageError, LogError."""
        from curta.store import batches

        self.settle()
        return batches.held(self._database, kind, identity, again=again)

    def experiments(self) -> "Experiments":
        """The experiments that were begun, and the scores of their answers."""
        from curta.store.experiments import Experiments

        return Experiments(self._database)

    def labels(self) -> "Labels":
        """What people said of answers."""
        from curta.store.labels import Labels

        return Labels(self._database)

    def record_ask(self, ask: "AskRecord") -> list[str]:
        """Log a question to documents, and what came of it. Returns warnings, as `Entry.warnings`; never raises."""
        from curta.store import asks

        return asks.record(self._database, ask)

    def take_in(self, calls: "Iterable[tuple[Opening, Outcome]]") -> Iterator[int]:
        """Write calls that were made elsewhere, as `importing` says; how many were new, after each some. LogError."""
        from curta.store import importing

        return importing.take_in(self._database, calls)

    def settle(self) -> None:
        """Close the calls whose process died, and take in what waits in the spool. Raises LogError."""
        from curta.store import settling

        if (self._database.exists() or self._database.has_spooled()) and settling.needed(self._database):
            settling.settle(self._database)

    # Reading

    def call(self, id: str | None = None) -> "Call":
        """The call with this id or unambiguous beginning of an id; the latest when None. Raises UnknownCall."""
        from curta.store import reading

        return reading.call(self._database, id)

    def calls(self, filter: "Filter | None" = None) -> "Iterator[Call]":
        """The calls that pass `filter`, newest first, read as they are asked for."""
        from curta.store import reading

        return reading.calls(self._database, filter)

    def count(self, filter: "Filter | None" = None) -> int:
        from curta.store import reading

        return reading.count(self._database, filter)

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of these ids that calls of the log have."""
        from curta.store import reading

        return reading.known(self._database, ids)

    def history(self, conversation: str) -> "tuple[tuple[Message, ...], Tip, Call]":
        """What to continue a conversation with: its messages, where they end, and its last call.

        conversation: its name, the id of any of its calls, or an unambiguous beginning. Raises UnknownCall.
        It goes on from its last answer, also from one that was interrupted, but not from a call that failed.
        """
        from curta.store import reading

        return reading.history(self._database, conversation)

    def history_at(self, call: str) -> "tuple[tuple[Message, ...], Tip, Call]":
        """What to continue a conversation with from this call of it, whatever was said after it.

        Raises UnknownCall, also for a call without an answer.
        """
        from curta.store import reading

        return reading.history_at(self._database, call)

    def conversations(self, query: str | None = None) -> "Iterator[ConversationRecord]":
        """The conversations, the one with the latest call first; only those that `query` finds by name or words."""
        from curta.store import conversations

        return conversations.conversations(self._database, query)

    def name_conversation(self, conversation: str, name: str | None) -> None:
        """Name a conversation (its name, or the id of any of its calls); None takes its name away.

        Raises UnknownCall, and UsageError for a name that cannot be or is another's.
        """
        from curta.store import naming

        naming.give(self._database, self.history(conversation)[2].conversation_id, name)

    def check_name(self, name: str) -> None:
        """Raises UsageError unless a conversation can be called so."""
        from curta.store import naming

        naming.free(self._database, name)

    def find(self, request: str, place: str | None = None) -> "Call | None":
        """The latest call that a model answered, in full, to the request with this SHA-256, sent to this place.

        Never one that failed, was interrupted, was cut off by a limit, or repeated an answer itself.
        """
        from curta.store import reading

        return reading.find(self._database, request, place)

    def documents(self, queries: Sequence[str] = ()) -> "list[HeldDocument]":
        """Every document that was sent, the one used longest ago first; only those in which each query is found."""
        from curta.store import holdings

        return holdings.documents(self._database, queries)

    def document(self, hash: str) -> Document | None:
        """The document whose SHA-256, or that of its text, begins so. Raises SourceNotFound when there are several."""
        from curta.store import holdings

        return holdings.document(self._database, hash)

    def schemas(self) -> "list[HeldSchema]":
        """Every schema an answer was asked to follow, the one used longest ago first."""
        from curta.store import holdings

        return holdings.schemas(self._database)

    def spending(self, by: "By" = "day", filter: "Filter | None" = None, limit: int | None = None) -> "list[Spending]":
        """What the calls that pass `filter` cost, by day, month, model, caller or conversation."""
        from curta.store import spending

        return spending.spending(self._database, by, filter, limit)

    def export(self, filter: "Filter | None" = None) -> Iterator[dict[str, Any]]:
        """Every call with all that was sent and received, oldest first, each complete in itself."""
        from curta.store import reading

        return reading.export(self._database, filter)

    def run(self, id: str | None = None) -> "RunRecord":
        """The program that ran with this id or beginning of one; the latest when None. Raises UnknownCall."""
        from curta.store import runs

        return runs.run(self._database, id)

    def runs(self, limit: int | None = None, call: str | None = None) -> "list[RunRecord]":
        """The programs that ran, newest first. call: only those that this call's answer was."""
        from curta.store import runs

        return runs.runs(self._database, limit, call)

    def ask(self, id: str | None = None) -> "AskRecord":
        """The question to documents with this id or beginning of one; the latest when None. Raises UnknownCall."""
        from curta.store import asks

        return asks.ask(self._database, id)

    def asks(self, limit: int | None = None, call: str | None = None) -> "list[AskRecord]":
        """The questions to documents, newest first. call: only that which this call answered."""
        from curta.store import asks

        return asks.asks(self._database, limit, call)

    # Keeping house

    def status(self) -> "Status":
        from curta.store import retention

        return retention.status(self._database)

    def backup(self, path: Path) -> None:
        """Write a whole, compact copy of the log to a new file. Raises LogError."""
        from curta.store import retention

        retention.backup(self._database, path)

    def remove(self, calls: list[str]) -> int:
        """Remove these calls, and every text no other call refers to. Returns how many there were."""
        from curta.store import retention

        return retention.remove(self._database, calls)

    def prune(self, older_than: timedelta) -> int:
        """Remove every call that began longer ago than this. Returns how many."""
        from curta.store import retention

        return retention.prune(self._database, older_than)

    def redact(
        self,
        text: str,
        *,
        calls: list[str] | None = None,
        regex: bool = False,
        replacement: str = "[redacted]",
        dry_run: bool = False,
    ) -> "Redaction":
        """Replace a text wherever the log has it, so that its bytes are in none of the log's files any more.

        calls: only what these calls sent and received (and so whatever other calls share with them).
        """
        from curta.store import redaction

        self.settle()
        substitution = redaction.Substitution(text, regex, replacement)
        return redaction.redact(self._database, substitution, calls, dry_run)


def _added_to_spool(log: Path, call: str, report: Mapping[str, Any]) -> bool:
    from curta.store import spool

    return spool.add_verdict(log, call, report)
