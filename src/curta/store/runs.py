"""The log of runs: every program that ran in the sandbox, what it was given and what came of it.

Texts (programs, inputs, outputs) are stored once, by hash, in `run_text`; everything else of a run is one packed JSON
value, `described`. What is kept of each text is bounded: of a longer one, the beginning, with the hash of the whole, so
that another run can still be compared with it.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from curta.errors import CurtaError
from curta.messages import sha256
from curta.store import ids, lookup, migrations
from curta.store.contents import pack, pack_json, unpack, unpack_json
from curta.store.database import Database

LONGEST = {"program": 1 << 20, "stdin": 1 << 20, "stdout": 1 << 16, "stderr": 1 << 16}
"""The most characters that are kept of each text."""

_TEXTS = tuple(LONGEST)

_FIRST = """
CREATE TABLE run_text (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, text NOT NULL);

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    ulid BLOB NOT NULL UNIQUE,
    call BLOB,
    caller TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    started INTEGER NOT NULL,
    program INTEGER NOT NULL REFERENCES run_text,
    stdin INTEGER NOT NULL REFERENCES run_text,
    stdout INTEGER NOT NULL REFERENCES run_text,
    stderr INTEGER NOT NULL REFERENCES run_text,
    described NOT NULL
);
CREATE INDEX run_call ON run (call) WHERE call IS NOT NULL;
"""

migrations.register("runs", [_FIRST])


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A logged run. call: the id of the call whose answer the program was; None when no model wrote it.

    described: what it was given and what came of it, as `sandbox.record` writes it; `whole` there has the SHA-256 of
    each text that is kept only in part.
    """

    language: str
    status: str
    program: str
    stdin: str = ""
    stdout: str = ""
    stderr: str = ""
    caller: str = "run"
    call: str | None = None
    described: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=ids.new)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_dict(self) -> dict[str, Any]:
        return {
            **lookup.head(self),
            "language": self.language,
            **{name: getattr(self, name) for name in _TEXTS},
            **self.described,
        }

    def is_whole(self, name: str) -> bool:
        """Whether all of this text (`program`, `stdin`, ...) is kept."""
        return name not in self.described.get("whole", {})


def record(database: Database, run: RunRecord) -> list[str]:
    """Log a run. Never raises; returns sentences about what could not be done."""
    try:
        with database.writing() as connection:
            _put(connection, run)
    except (CurtaError, OSError) as error:
        return [f"This run is not logged: {error}"]
    return []


def _put(connection: sqlite3.Connection, run: RunRecord) -> None:
    texts = {name: getattr(run, name) for name in _TEXTS}
    cut = {name: sha256(text.encode("utf-8", "replace")) for name, text in texts.items() if len(text) > LONGEST[name]}
    described = {**run.described, "whole": cut} if cut else dict(run.described)
    kept = [_put_text(connection, text[: LONGEST[name]]) for name, text in texts.items()]
    call = None if run.call is None else ids.to_bytes(run.call)
    started = round(run.started.timestamp() * 1000)
    connection.execute(
        "INSERT INTO run (ulid, call, caller, language, status, started, program, stdin, stdout, stderr, described)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (ids.to_bytes(run.id), call, run.caller, run.language, run.status, started, *kept, pack_json(described)),
    )


def _put_text(connection: sqlite3.Connection, text: str) -> int:
    text = text.encode("utf-8", "replace").decode()
    hash = bytes.fromhex(sha256(text.encode()))
    connection.execute("INSERT OR IGNORE INTO run_text (hash, text) VALUES (?, ?)", (hash, pack(text)))
    return int(connection.execute("SELECT id FROM run_text WHERE hash = ?", (hash,)).fetchone()[0])


# Reading

_SELECT = """
SELECT run.ulid, run.call, run.caller, run.language, run.status, run.started, run.described,
       program.text, stdin.text, stdout.text, stderr.text
FROM run
JOIN run_text AS program ON program.id = run.program
JOIN run_text AS stdin ON stdin.id = run.stdin
JOIN run_text AS stdout ON stdout.id = run.stdout
JOIN run_text AS stderr ON stderr.id = run.stderr
"""


def runs(database: Database, limit: int | None = None, call: str | None = None) -> list[RunRecord]:
    """The latest runs, newest first. call: only those of the programs of this call."""
    where, values = ("WHERE run.call = ?", [ids.to_bytes(call)]) if call else ("", [])
    with database.reading() as connection:
        if not lookup.has_table(connection, "run"):
            return []
        rows = connection.execute(
            f"{_SELECT} {where} ORDER BY run.ulid DESC LIMIT ?", [*values, -1 if limit is None else limit]
        ).fetchall()
    return [_record(row) for row in rows]


def run(database: Database, id: str | None = None) -> RunRecord:
    """The run with this id or beginning of one; the latest without. Raises UnknownCall."""
    with database.reading() as connection:
        return _record(lookup.one(connection, _SELECT, "run", id, "`curta logs runs` lists them."))


def _record(row: tuple[Any, ...]) -> RunRecord:
    ulid, call, caller, language, status, started, described, *texts = row
    program, stdin, stdout, stderr = map(unpack, texts)
    return RunRecord(
        language,
        status,
        program,
        stdin,
        stdout,
        stderr,
        caller,
        None if call is None else ids.from_bytes(call),
        unpack_json(described),
        ids.from_bytes(ulid),
        datetime.fromtimestamp(started / 1000, UTC),
    )


# Keeping house


def forget(connection: sqlite3.Connection, calls: Iterable[bytes]) -> None:
    """Remove the runs of these calls' programs (ULIDs), and the texts that only they had."""
    for call in calls:
        connection.execute("DELETE FROM run WHERE call = ?", (call,))
    _sweep(connection)


def prune(connection: sqlite3.Connection, before: int) -> int:
    """Remove the runs that began before this moment, in milliseconds since 1970. Returns how many."""
    number = connection.execute("DELETE FROM run WHERE started < ?", (before,)).rowcount
    _sweep(connection)
    return number


def _sweep(connection: sqlite3.Connection) -> None:
    connection.execute(
        "DELETE FROM run_text WHERE id NOT IN (SELECT program FROM run UNION SELECT stdin FROM run"
        " UNION SELECT stdout FROM run UNION SELECT stderr FROM run)"
    )


def rewrite(
    connection: sqlite3.Connection, words: Callable[[str], str], tree: Callable[[Any], Any], calls: list[bytes] | None
) -> int:
    """Change the texts (`words`) and descriptions (`tree`) of all runs, or of these calls'. Returns how many changed.

    What is described of a changed run loses its hashes: they would tell what the text had been.
    """
    changed = 0
    for id, *row in connection.execute(f"SELECT id, call, {', '.join(_TEXTS)}, described FROM run").fetchall():
        call, *texts, described = row
        if calls is not None and call not in calls:
            continue
        old = [unpack(_text(connection, each)) for each in texts]
        new, told = [words(each) for each in old], unpack_json(described)
        retold = tree(told)
        if new != old or retold != told:
            kept = [_put_text(connection, each) for each in new]
            retold = {**retold, "hashes": {}, "whole": dict.fromkeys(retold.get("whole", {}), "")}
            columns = ", ".join(f"{name} = ?" for name in _TEXTS)
            values = (*kept, pack_json(retold), id)
            connection.execute(f"UPDATE run SET {columns}, described = ? WHERE id = ?", values)
            changed += 1
    _sweep(connection)
    return changed


def _text(connection: sqlite3.Connection, id: int) -> Any:
    return connection.execute("SELECT text FROM run_text WHERE id = ?", (id,)).fetchone()[0]
