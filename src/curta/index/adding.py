"""Sources added to an index and kept in step with it: what a name stands for, a document at a time.

A document that cannot be read or kept is reported and never stops the others. What was read is written in batches, each
a transaction, because the words of many documents are merged into the tables faster than those of one after the other;
a process that is killed leaves whole documents, and the next `add` goes on.
"""

import os
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import CurtaError, IndexFileError, UsageError
from curta.sources import load_records, names
from curta.sources.records import USUAL, Fields, Record
from curta.sources.sql import PREFIX as SQL

if TYPE_CHECKING:
    from curta.index.stores.store import Store

MOST_AT_ONCE = 200  # documents of a batch
LARGEST_BATCH = 4_000_000  # characters
LONGEST_BATCH = 0.5  # seconds, which others who write have to wait


class Event(NamedTuple):
    """What came of one document: `added`, `updated`, `unchanged`, `removed` or `failed`, and why."""

    status: str
    uri: str
    why: str = ""


@dataclass
class Report:
    """How many documents came to what, and those that failed."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> Event:
        self.counts[event.status] = self.counts.get(event.status, 0) + 1
        if event.status == "failed":
            self.failures.append(event)
        return event

    @property
    def ok(self) -> bool:
        return not self.failures


def add(index: "Store", specs: Sequence[str], fields: Fields = USUAL) -> Iterator[Event]:
    """Add what `specs` name: whatever `curta.load` takes. An event for each document, once it is written.

    fields: which fields of the rows of a table are the id, the title and the text.
    """
    for spec in specs:
        yield from _Source(index, absolute(spec), fields).take()


def sync(index: "Store", specs: Sequence[str] = (), fields: Fields = USUAL) -> Iterator[Event]:
    """Add what is new, write anew what changed, remove what vanished from the sources.

    specs: the sources; by default all that were ever added. A source that cannot be read at all loses nothing.
    """
    chosen = [absolute(spec) for spec in specs] or index.sources()
    if not chosen:
        raise UsageError(
            f"The index {index.name} has no sources to look at.", then=f"Add some: curta index add {index.name} FOLDER"
        )
    for spec in chosen:
        source = _Source(index, spec, fields)
        yield from source.take()
        yield from source.tidy()


def require_any(specs: Sequence[str]) -> None:
    """Raise SourceNotFound when none of `specs` is there, before an index is made for them."""
    paths = [absolute(spec) for spec in specs]
    if paths and all(map(_is_missing, paths)):
        raise names.not_found(paths[0])


def absolute(spec: str) -> str:
    """`spec` as it is found from any folder: paths in full, everything else as it is."""
    if spec[: len(SQL)].lower() == SQL:
        path, mark, query = spec[len(SQL) :].partition("?")
        return f"{SQL}{absolute(path)}{mark}{query}"
    return os.path.normpath(Path(spec).expanduser().absolute()) if _is_path(spec) else spec


class _Source:
    """One source on its way into an index: what of it was seen, and what could not be read."""

    def __init__(self, index: "Store", spec: str, fields: Fields) -> None:
        self.index, self.spec, self.fields = index, spec, fields
        self.seen: dict[str, str] = {}
        self.problems: list[CurtaError] = []

    @cached_property
    def id(self) -> int:
        """The source's number in the index."""
        return self.index.add_source(self.spec)

    def take(self) -> Iterator[Event]:
        if not _is_missing(self.spec):  # what was mistyped is not to be looked at for ever
            self.index.add_source(self.spec)
        batch: list[Record] = []
        size, started, told = 0, time.monotonic(), 0
        for record in self._records():
            uri, hash = record.document.uri, record.document.sha256
            if self.seen.setdefault(uri, hash) != hash:
                yield Event("failed", uri, "Another document before it has the same id; that one was kept.")
                continue
            batch.append(record)
            size += len(record.document.text)
            if len(batch) >= MOST_AT_ONCE or size > LARGEST_BATCH or time.monotonic() - started > LONGEST_BATCH:
                yield from self._write(batch)
                batch, size, started = [], 0, time.monotonic()
            yield from self._told(told)
            told = len(self.problems)
        yield from self._write(batch)
        yield from self._told(told)

    def tidy(self) -> list[Event]:
        """Remove what was of this source and is no more.

        Where something could not be read, only documents whose file is gone are known to have vanished.
        """
        if _is_missing(self.spec):
            return []
        with self.index.writing():
            gone = [uri for uri in self.index.uris_of(self.id) if self._is_gone(uri, self.seen)]
            for uri in gone:
                self.index.delete(uri)
        return [Event("removed", uri) for uri in gone]

    def _is_gone(self, uri: str, seen: Container[str]) -> bool:
        if uri in seen:
            return False
        return not self.problems or (_is_path(self.spec) and not os.path.exists(uri.partition("#")[0]))

    def _records(self) -> Iterator[Record]:
        """The source's documents, each read when it is asked for. What cannot be read is noted."""
        try:
            yield from load_records(self.spec, fields=self.fields, problem=self.problems.append)
        except CurtaError as error:
            self.problems.append(error)

    def _write(self, batch: Sequence[Record]) -> list[Event]:
        with self.index.writing():
            return [self._written(record) for record in batch]

    def _written(self, record: Record) -> Event:
        uri = record.document.uri
        try:
            written = self.index.upsert(record.document, metadata=record.metadata or None, source=self.id)
        except IndexFileError:
            raise
        except CurtaError as error:
            return Event("failed", uri, str(error))
        return Event(written.status, uri)

    def _told(self, since: int) -> Iterator[Event]:
        for error in self.problems[since:]:
            yield Event("failed", "", " ".join(filter(None, (error.what, error.why, error.then))))


def _is_path(spec: str) -> bool:
    """Whether a source is a file, a folder or a pattern of files, and not an address or the prefix of a loader."""
    return spec != "-" and (os.path.lexists(spec) or ":" not in spec)


def _is_missing(spec: str) -> bool:
    """Whether a source is a path that leads nowhere."""
    return _is_path(spec) and not os.path.exists(_root(spec))


def _root(spec: str) -> str:
    """The part of a path before the first name that is a pattern."""
    while names.is_pattern(spec) and not os.path.lexists(spec):
        spec = os.path.dirname(spec)
    return spec or "."
