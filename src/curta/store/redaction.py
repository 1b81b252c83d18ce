"""Taking a text out of the log wherever it is, so that its bytes are gone from the log's files.

Everything that can hold words is rewritten: messages, documents with their spans, attachments, options and schemas,
names, errors, checkpoints, reports, the search index. A message's hash covers its words and all before it, so the
hashes of what follows change too, and those of the requests. One transaction: it happens to all of it or to nothing.
"""

import re
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeAlias

from curta.errors import LogUnavailable, UsageError
from curta.messages import Document, Request, Span, Tool, canonical, chain, sha256
from curta.store import asks, experiments, labels, naming, reading, runs, spool
from curta.store.contents import get_blob, identities, identity_hash, pack_json, put_blob, unpack_json
from curta.store.database import Database
from curta.store.recording import index, unindex
from curta.store.retention import rewrite, sweep

Hashes: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Redaction:
    """How many rows of each kind had the text."""

    calls: int
    messages: int
    documents: int
    attachments: int
    matches: int


class Substitution:
    """The text to take out and what to put in its place. Counts what it finds."""

    def __init__(self, text: str, regex: bool, replacement: str) -> None:
        self.pattern = _compiled(text if regex else re.escape(text))
        self.replacement = replacement
        self.matches = 0

    def __call__(self, text: str) -> str:
        changed, found = self.pattern.subn(lambda _: self.replacement, text)
        self.matches += found
        return changed

    def in_bytes(self, data: bytes) -> bytes:
        """The same in a file of any kind."""
        try:
            return self(data.decode()).encode()
        except UnicodeDecodeError:
            pattern = re.compile(self.pattern.pattern.encode())
        changed, found = pattern.subn(lambda _: self.replacement.encode(), data)
        self.matches += found
        return changed

    def in_json(self, value: Any) -> Any:
        """The same in every string of a JSON value."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, list):
            return [self.in_json(inner) for inner in value]
        if isinstance(value, dict):
            return {self(key): self.in_json(inner) for key, inner in value.items()}
        return value

    def in_document(self, document: Document) -> Document:
        """The same in a Document, its spans moved with the text they mark."""
        moved = _offsets(self.pattern, document.text, len(self.replacement))
        spans = tuple(
            Span(
                moved(span.start),
                moved(span.end),
                span.author and self(span.author),
                span.locator and self(span.locator),
                span.parent and self(span.parent),
                span.depth,
            )
            for span in document.spans
        )
        return Document(self(document.text), self(document.uri), self(document.title), spans, document.trust)


def redact(database: Database, substitution: Substitution, ids: list[str] | None, dry_run: bool) -> Redaction:
    """See `Log.redact`. Raises LogUnavailable while calls that may hold the text wait in the spool."""
    if waiting := spool.waiting(database.path):
        raise LogUnavailable(
            f"{len(waiting)} calls wait beside the log, in {waiting[0].parent}, and may hold the text too.",
            why="They are still running, or their files cannot be read.",
            then="Run the command again when they have ended, or remove the files.",
        )
    try:
        with database.writing() as connection:
            found = _Rewriting(connection, substitution, ids).run()
            if dry_run or not found.matches:
                raise _NothingToKeep(found)
            # Taking a row out of the search index only marks its words; merging all of the index drops them.
            connection.execute("INSERT INTO call_search (call_search) VALUES ('optimize')")
    except _NothingToKeep as nothing:
        return nothing.found
    rewrite(database)
    return found


class _NothingToKeep(Exception):
    """Ends the transaction without a trace."""

    def __init__(self, found: Redaction) -> None:
        self.found = found


class _Rewriting:
    """One pass over the log, inside a transaction."""

    def __init__(self, connection: sqlite3.Connection, substitution: Substitution, ids: list[str] | None) -> None:
        self._connection = connection
        self._substitute = substitution
        self._calls = None if ids is None else set(reading.rows(connection, ids))
        self._messages = None if self._calls is None else _sent_and_received(connection, self._calls)
        self._changed_calls: set[int] = set()

    def run(self) -> Redaction:
        documents = self._documents()
        attachments = self._attachments()
        changed, hashes = self._changes({**documents, **attachments})
        self._write_messages(changed, hashes)
        if self._calls is None:
            self._names()
        self._call_columns()
        self._requests(set(hashes))
        self._records()
        sweep(self._connection)
        return Redaction(
            len(self._changed_calls), len(changed), len(documents), len(attachments), self._substitute.matches
        )

    def _records(self) -> None:
        """Programs that ran, questions to documents, experiments, labels: all, or those of the calls asked about."""
        query, calls = "SELECT ulid FROM call WHERE id = ?", self._calls
        ulids = None if calls is None else [self._connection.execute(query, (row,)).fetchone()[0] for row in calls]
        for each in (runs, asks, experiments, labels):
            each.rewrite(self._connection, self._substitute, self._substitute.in_json, ulids)

    # What messages carry

    def _documents(self) -> dict[str, str]:
        """Rewrite the documents. Returns new hashes by old."""
        changed = {}
        for id, hash in self._carried("message_document", "document"):
            old = _document(self._connection, id)
            new = self._substitute.in_document(old)
            if new != old:
                changed[hash.hex()] = new.sha256
                self._replace_document(id, new)
        return changed

    def _replace_document(self, id: int, new: Document) -> None:
        hash = bytes.fromhex(new.sha256)
        twin = self._connection.execute("SELECT id FROM document WHERE hash = ?", (hash,)).fetchone()
        if twin:
            self._point_to("message_document", "document", id, twin[0])
            self._connection.execute("DELETE FROM document WHERE id = ?", (id,))
            return
        spans = pack_json([span.to_dict() for span in new.spans])
        text = put_blob(self._connection, new.text.encode())
        self._connection.execute(
            "UPDATE document SET hash = ?, uri = ?, title = ?, spans = ?, characters = ?, text = ? WHERE id = ?",
            (hash, new.uri, new.title, spans, len(new.text), text, id),
        )

    def _attachments(self) -> dict[str, str]:
        changed = {}
        for id, hash in self._carried("message_blob", "blob"):
            old = get_blob(self._connection, id)
            new = self._substitute.in_bytes(old)
            if new != old:
                changed[hash.hex()] = sha256(new)
                self._point_to("message_blob", "blob", id, put_blob(self._connection, new))
        return changed

    def _carried(self, table: str, kind: str) -> list[tuple[int, bytes]]:
        rows = self._connection.execute(
            f"SELECT DISTINCT {kind}.id, {kind}.hash, message FROM {table} JOIN {kind} ON {kind}.id = {table}.{kind}"
        ).fetchall()
        wanted = {(id, hash) for id, hash, message in rows if self._messages is None or message in self._messages}
        return sorted(wanted)

    def _point_to(self, table: str, kind: str, old: int, new: int) -> None:
        self._connection.execute(
            f"INSERT OR IGNORE INTO {table} (message, {kind}) SELECT message, ? FROM {table} WHERE {kind} = ?",
            (new, old),
        )
        self._connection.execute(f"DELETE FROM {table} WHERE {kind} = ?", (old,))

    # Messages

    def _changes(self, carried: Hashes) -> tuple[dict[int, tuple[str, Any]], dict[int, str]]:
        """New words and parts of the messages that had the text, and new hashes of them and all that follow.

        A message comes after the one it answers, so one pass in the order of the rows sees parents first.
        """
        changed: dict[int, tuple[str, Any]] = {}
        hashes: dict[int, str] = {}
        known = self._connection.execute("SELECT id, parent, hash, role, text, parts FROM message ORDER BY id")
        chain_hashes: dict[int, str] = {}
        for id, parent, hash, role, text, parts in known:
            described = old = identities(text, parts)
            if self._messages is None or id in self._messages or carried:
                described = [self._part(part, carried, id) for part in old]
            if described != old:
                changed[id] = _stored(described)
            if described != old or parent in hashes:
                before = "" if parent is None else chain_hashes[parent]
                hashes[id] = sha256(f"{before}/{identity_hash(role, described)}".encode())
            chain_hashes[id] = hashes.get(id) or hash.hex()
        return changed, hashes

    def _part(self, part: dict[str, Any], carried: Hashes, message: int) -> dict[str, Any]:
        """A part without the text; of messages that are not asked about, only what they carry changes."""
        asked = self._messages is None or message in self._messages
        words = self._substitute if asked else _unchanged
        tree = self._substitute.in_json if asked else _unchanged
        kind = part["type"]
        if kind in ("document", "attachment"):
            return _renamed(part, words, carried)
        if kind == "text":
            return {**part, "text": words(part["text"])}
        if kind == "reasoning":
            return {**part, "text": words(part["text"]), "opaque": tree(part["opaque"])}
        if kind == "tool_call":
            return {**part, **{name: tree(part[name]) for name in ("id", "name", "arguments")}}
        inner = [self._part(value, carried, message) for value in part["parts"]]
        return {**part, "id": words(part["id"]), "parts": inner}

    def _write_messages(self, changed: Mapping[int, tuple[str, Any]], hashes: Mapping[int, str]) -> None:
        speaking = [call for message in changed for call in self._calls_of(message)]
        indexed = [call for call in dict.fromkeys(speaking) if self._is_indexed(call)]
        self._changed_calls.update(speaking)
        for call in indexed:
            unindex(self._connection, call)
        for id, (text, parts) in changed.items():
            self._connection.execute("UPDATE message SET text = ?, parts = ? WHERE id = ?", (text, parts, id))
        for id, hash in hashes.items():
            self._connection.execute("UPDATE message SET hash = ? WHERE id = ?", (bytes.fromhex(hash), id))
        for call in indexed:
            index(self._connection, call)

    def _calls_of(self, message: int) -> list[int]:
        """The calls that begin or end with this message."""
        found = self._connection.execute(
            "SELECT id FROM call WHERE input = ?1 UNION SELECT call.id FROM message JOIN call"
            " ON call.input IS message.parent AND call.output = message.id WHERE message.id = ?1",
            (message,),
        )
        return [row for (row,) in found]

    def _is_indexed(self, call: int) -> bool:
        query = "SELECT status <> 'running' FROM call WHERE id = ?"
        return bool(self._connection.execute(query, (call,)).fetchone()[0])

    # Calls

    def _names(self) -> None:
        for id, text in self._connection.execute("SELECT id, text FROM name").fetchall():
            new = self._substitute(text)
            if new != text:
                self._rename(id, new)
        naming.rewrite(self._connection, self._substitute)

    def _rename(self, id: int, text: str) -> None:
        twin = self._connection.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
        if not twin:
            self._connection.execute("UPDATE name SET text = ? WHERE id = ?", (text, id))
            return
        for column in ("caller", "model", "resolved", "template"):
            self._connection.execute(f"UPDATE call SET {column} = ? WHERE {column} = ?", (twin[0], id))

    def _call_columns(self) -> None:
        """Errors, checkpoints, reports and settings."""
        for table, key, column in (("call", "id", "error"), ("checkpoint", "call", "text")):
            self._column(table, key, column, self._substitute)
        self._column("checkpoint", "call", "reasoning", self._substitute)
        self._column("verdict", "call", "report", self._packed)
        self._column("parameters", "id", "value", self._packed)

    def _column(self, table: str, key: str, column: str, change: Callable[[Any], Any]) -> None:
        rows = self._connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
        for id, value in rows:
            calls = self._owners(table, id)
            if self._calls is not None and not self._calls & calls:
                continue
            new = change(value)
            if new != value:
                self._changed_calls |= calls
                self._connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (new, id))

    def _owners(self, table: str, id: int) -> set[int]:
        if table != "parameters":
            return {id}
        return {row for (row,) in self._connection.execute("SELECT id FROM call WHERE parameters = ?", (id,))}

    def _packed(self, value: Any) -> Any:
        old = unpack_json(value)
        new = self._substitute.in_json(old)
        return value if new == old else pack_json(new)

    def _requests(self, messages: set[int]) -> None:
        """The hashes of the requests whose words or settings changed."""
        self._parameter_hashes()
        rows = self._connection.execute(
            "SELECT call.id, call.input, model.text, input.hash, parameters.value FROM call"
            " JOIN name AS model ON model.id = call.model LEFT JOIN message AS input ON input.id = call.input"
            " LEFT JOIN parameters ON parameters.id = call.parameters"
        ).fetchall()
        for id, input, model, hash, settings in rows:
            if input in messages or id in self._changed_calls:
                new = _request_hash(model, hash, unpack_json(settings) if settings is not None else {})
                self._connection.execute("UPDATE call SET request = ? WHERE id = ?", (new, id))

    def _parameter_hashes(self) -> None:
        for id, hash, value in self._connection.execute("SELECT id, hash, value FROM parameters").fetchall():
            new = bytes.fromhex(sha256(canonical(unpack_json(value))))
            if new == hash:
                continue
            twin = self._connection.execute("SELECT id FROM parameters WHERE hash = ?", (new,)).fetchone()
            if twin:
                self._connection.execute("UPDATE call SET parameters = ? WHERE parameters = ?", (twin[0], id))
            else:
                self._connection.execute("UPDATE parameters SET hash = ? WHERE id = ?", (new, id))


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"{pattern!r} is not a regular expression: {error}.") from error
    if compiled.search(""):
        raise UsageError("What is to be redacted must not be empty, nor match the empty text.")
    return compiled


def _offsets(pattern: re.Pattern[str], text: str, replacement: int) -> Callable[[int], int]:
    """Where an offset of `text` is once the matches are replaced. Keeps order: inside a match it stays inside."""
    matches = [match.span() for match in pattern.finditer(text)]
    starts = [start for start, _ in matches]
    shifts = [0, *accumulate(replacement - (end - start) for start, end in matches)]

    def moved(offset: int) -> int:
        before = bisect_left(starts, offset)
        if before and offset < matches[before - 1][1]:
            start = matches[before - 1][0]
            return start + shifts[before - 1] + min(offset - start, replacement)
        return offset + shifts[before]

    return moved


def _sent_and_received(connection: sqlite3.Connection, calls: set[int]) -> set[int]:
    """Every message of these calls, those of earlier turns included."""
    found: set[int] = set()
    for call in calls:
        found.update(
            row
            for (row,) in connection.execute(
                "WITH RECURSIVE chain (id) AS (SELECT input FROM call WHERE id = ?1 UNION SELECT output FROM call"
                " WHERE id = ?1 UNION SELECT message.parent FROM chain JOIN message USING (id))"
                " SELECT id FROM chain WHERE id IS NOT NULL",
                (call,),
            )
        )
    return found


def _document(connection: sqlite3.Connection, id: int) -> Document:
    query = "SELECT uri, title, spans, trust, text FROM document WHERE id = ?"
    uri, title, spans, trust, text = connection.execute(query, (id,)).fetchone()
    marks = tuple(Span(**span) for span in unpack_json(spans))
    return Document(get_blob(connection, text).decode(), uri, title, marks, trust)


def _stored(described: list[dict[str, Any]]) -> tuple[str, Any]:
    """Described parts as a row holds them: `contents.words_and_parts` for parts instead of a message."""
    texts = [part["text"] for part in described if part["type"] == "text"]
    if len(texts) == len(described) == 1:
        return texts[0], None
    parts = [len(part["text"]) if part["type"] == "text" else part for part in described]
    return "\n".join(texts), pack_json(parts)


def _renamed(part: dict[str, Any], words: Callable[[str], str], carried: Hashes) -> dict[str, Any]:
    """A document or attachment under its new hash. One that is only a URL is known by the hash of that."""
    named: dict[str, Any] = {name: words(part[name]) for name in ("name", "url") if name in part}
    by_url = "url" in part and part["sha256"] == sha256(part["url"].encode())
    hash = sha256(named["url"].encode()) if by_url else carried.get(part["sha256"], part["sha256"])
    return {**part, **named, "sha256": hash}


def _request_hash(model: str, messages: bytes | None, settings: dict[str, Any]) -> bytes:
    tools = tuple(Tool(**tool) for tool in settings.get("tools", []))
    request = Request(model, (), settings.get("options", {}), settings.get("schema"), tools, settings.get("choice"))
    return bytes.fromhex(request.sha256(messages.hex() if messages else chain(())))[:16]


def _unchanged(value: Any) -> Any:
    return value
