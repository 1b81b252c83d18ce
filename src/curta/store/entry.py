"""One call while it is being made: begun, checkpointed, finished, whatever happens to the log meanwhile.

Rule: a logging error never costs an answer. Nothing here raises because of the log. What cannot be written there is
kept in the spool, what cannot be kept there is given up, and `Entry.warnings` says so.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from curta.errors import CurtaError, LogUnavailable
from curta.messages import Message
from curta.store import checkpoints, ids
from curta.store.database import Database
from curta.store.liveness import spool_byte
from curta.store.recording import Opening, Outcome, Tip, close_call, insert_call, partial_answer, put_checkpoint
from curta.store.settling import discard, settle_first

if TYPE_CHECKING:
    from curta.store.batches import Beside


class Entry:
    """An open row of the log. Made by `Log.begin`.

    warnings: one sentence for each thing that went wrong with logging, with the next step; faces print them.
    """

    def __init__(self, database: Database, opening: Opening, *, first: bool, beside: "Beside | None" = None) -> None:
        self.warnings: list[str] = []
        self._database = database
        self._opening = opening
        self._begun = time.monotonic()
        self._tip = Tip("", len(opening.request.messages))
        self._place: Literal["log", "spool", "nowhere"] = "log"
        self._row: int | None = None
        self._text: Sequence[str] = ""
        self._reasoning: Sequence[str] = ""
        self._unwritten = False
        self._finished = False
        with self._or_spool():
            self._insert(first, beside)

    @property
    def id(self) -> str:
        return self._opening.id

    @property
    def conversation(self) -> str:
        return self._opening.conversation

    def checkpoint(self, text: Sequence[str], reasoning: Sequence[str] = "") -> None:
        """What has arrived so far, each a string or a list of its pieces.

        Costs nothing: within a second the latest is written by a thread of the log, also when no more arrives.
        A list may go on growing after the call.
        """
        self._text, self._reasoning = text, reasoning
        if not self._unwritten and not self._finished:
            self._unwritten = True
            checkpoints.write_soon(self)

    def finish(self, outcome: Outcome) -> Tip:
        """Close the call. Returns where the conversation stands now, for the next call's `base`."""
        with self._database.guard:
            self._finished = True
            outcome = self._completed(outcome)
            with self._or_spool(outcome):
                self._close(outcome)
            self._let_go()
        return self._tip

    def write_checkpoint(self) -> None:
        """Write what has arrived, unless the call is finished or nothing is new."""
        with self._database.guard:
            if self._finished or not self._unwritten:
                return
            self._unwritten = False
            with self._or_spool():
                self._write_checkpoint()

    def _insert(self, first: bool, beside: "Beside | None") -> None:
        """Write the row, and hold its byte before anybody can see it."""
        held = 0
        try:
            with self._database.writing() as connection:
                taken = settle_first(connection, self._database, whole=first)
                row, tip = insert_call(connection, self._opening)
                if beside:
                    beside(connection, row)
                if not self._database.locks().hold(row):
                    raise LogUnavailable(f"Another process holds the place of call {row} in {self._database.path}.")
                held = row
        except BaseException:
            if held:
                self._database.locks().release(held)
            raise
        self._row, self._tip = row, tip
        discard(taken)

    def _write_checkpoint(self) -> None:
        if self._place == "log" and self._row is not None:
            text, reasoning = "".join(self._text), "".join(self._reasoning)
            with self._database.writing() as connection:
                put_checkpoint(connection, self._row, text, reasoning)
        elif self._place == "spool":
            self._spool(None)

    def _close(self, outcome: Outcome) -> None:
        if self._place == "log" and self._row is not None:
            with self._database.writing() as connection:
                hash = close_call(connection, self._row, self.id, outcome)
            if hash is None:
                self.warnings.append("This call is no longer in the log: it was removed while it ran.")
            else:
                self._tip = Tip(hash, len(self._opening.request.messages) + (outcome.message is not None))
        elif self._place == "spool":
            self._spool(outcome)

    def _completed(self, outcome: Outcome) -> Outcome:
        """The outcome, with the duration and the part of the answer that only this entry knows."""
        if outcome.duration_ms is None:
            outcome = outcome._replace(duration_ms=round((time.monotonic() - self._begun) * 1000))
        if outcome.message is None or not (outcome.message.parts or outcome.status == "ok"):
            outcome = outcome._replace(message=self._partial())
        return outcome

    def _partial(self) -> Message | None:
        return partial_answer("".join(self._text), "".join(self._reasoning))

    # When the log fails

    @contextmanager
    def _or_spool(self, outcome: Outcome | None = None) -> Iterator[None]:
        """Do the block; if it fails, for whatever reason, keep the call in the spool."""
        try:
            yield
        except Exception as error:
            if self._place == "log":
                self._move_to_spool(error, outcome)
            else:
                self._give_up(error)

    def _move_to_spool(self, reason: Exception, outcome: Outcome | None) -> None:
        try:
            with suppress(OSError):
                self._database.locks().hold(spool_byte(ids.to_bytes(self.id)))
            path = self._spool(outcome)
        except Exception as error:
            self._give_up(reason, error)
            return
        self._place = "spool"
        self.warnings.append(
            f"This call is not in the log yet: {_sentence(reason)} "
            f"It is kept in {path} and taken in by the next curta command that can write the log."
        )

    def _give_up(self, *reasons: Exception) -> None:
        self._place = "nowhere"
        told = " ".join(dict.fromkeys(map(_sentence, reasons)))
        self.warnings.append(f"This call is not logged: {told} Run `curta logs status` to see where the log is.")

    def _spool(self, outcome: Outcome | None) -> Path:
        from curta.store import spool

        partial = None if outcome else self._partial()
        return spool.keep(self._database.path, spool.record(self._opening, outcome, partial))

    def _let_go(self) -> None:
        with suppress(OSError):
            locks = self._database.locks()
            if self._row is not None:
                locks.release(self._row)
            if self._place != "log":
                locks.release(spool_byte(ids.to_bytes(self.id)))


def _sentence(error: Exception) -> str:
    if isinstance(error, CurtaError):
        return " ".join(part for part in (error.what, error.why) if part)
    return f"{type(error).__name__}: {error}."
