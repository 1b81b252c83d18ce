"""Calls that could not be written to the log, kept as files beside it until they can.

One file per call, `spool/<ulid>.json`, mode 0600, complete in itself and replaced as a whole: a call that is still
running keeps what has arrived so far. The next process that can write the log takes them in; doing so twice, or two
processes at once, ends with each call in the log once.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from curta import config
from curta.errors import ConfigError
from curta.events import UsageReport
from curta.messages import Message, Request, canonical
from curta.store import ids
from curta.store.database import spool_folder
from curta.store.liveness import LockFile, spool_byte
from curta.store.recording import Opening, Outcome, close_call, find_row, insert_call, put_verdict

FORMAT = 1

_FIELDS = {"id", "conversation", "caller", "template", "resolved_model", "started", "request", "outcome", "verdict"}


def record(
    opening: Opening,
    outcome: Outcome | None = None,
    partial: Message | None = None,
    verdict: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A call as its file holds it."""
    return {
        "curta": FORMAT,
        "id": opening.id,
        "conversation": opening.conversation,
        "caller": opening.caller,
        "template": opening.template,
        "resolved_model": opening.resolved_model,
        "cached_from": opening.cached_from,
        "place": opening.place,
        "started": opening.started,
        "request": opening.request.to_dict(),
        "partial": partial and partial.to_dict(),
        "outcome": outcome and _outcome_to_dict(outcome),
        "verdict": verdict,
    }


def keep(log: Path, value: Mapping[str, Any]) -> Path:
    """Write or replace the file of a call. Raises ConfigError or OSError when even that is impossible."""
    path = spool_folder(log) / f"{value['id']}.json"
    text = canonical(value).decode()
    with suppress(ConfigError):  # whoever takes in the last file removes the folder, perhaps at this very moment
        return _replace(path, text)
    return _replace(path, text)


def _replace(path: Path, text: str) -> Path:
    config.ensure_folder(path.parent)
    with config.replacing(path, 0o600) as file:
        file.write(text)
    return path


def add_verdict(log: Path, id: str, report: Mapping[str, Any]) -> bool:
    """Add the report of a check to a spooled call; False when the call is not in the spool."""
    value = _read(spool_folder(log) / f"{id}.json")
    if value is None:
        return False
    keep(log, {**value, "verdict": report})
    return True


def waiting(log: Path) -> list[Path]:
    """The files of spooled calls, oldest first."""
    try:
        return sorted(path for path in spool_folder(log).iterdir() if path.suffix == ".json" and path.name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return []


def take_in(connection: sqlite3.Connection, log: Path, locks: LockFile) -> list[Path]:
    """Write every spooled call that has ended into the log. Returns the files to remove after the commit."""
    return [path for path, value in _readable(waiting(log)) if _ended(value, locks) and _taken_in(connection, value)]


def _ended(value: Mapping[str, Any], locks: LockFile) -> bool:
    return value["outcome"] is not None or not locks.is_held(spool_byte(ids.to_bytes(value["id"])))


def _taken_in(connection: sqlite3.Connection, value: Mapping[str, Any]) -> bool:
    """Write one spooled call; False, and nothing written, when its file is not what it should be."""
    connection.execute("SAVEPOINT spooled")
    try:
        _take_in(connection, value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        connection.execute("ROLLBACK TO spooled")
        return False
    finally:
        connection.execute("RELEASE spooled")
    return True


def discard(files: list[Path]) -> None:
    """Remove the files of calls that are in the log now, and their folder with the last one."""
    for path in files:
        path.unlink(missing_ok=True)
    if files:
        with suppress(OSError):
            files[0].parent.rmdir()


def _take_in(connection: sqlite3.Connection, value: Mapping[str, Any]) -> None:
    row_id = find_row(connection, value["id"])
    if row_id is None:
        row_id, _ = insert_call(connection, _opening(value))
    close_call(connection, row_id, value["id"], _outcome(value))
    if value["verdict"] is not None:
        put_verdict(connection, row_id, value["verdict"])


def _readable(paths: list[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files that hold a call of this format; others are left for people to look at."""
    for path in paths:
        if (value := _read(path)) is not None:
            yield path, value


def _read(path: Path) -> dict[str, Any] | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and value.get("curta") == FORMAT and value.keys() >= _FIELDS else None


def _opening(value: Mapping[str, Any]) -> Opening:
    return Opening(
        value["id"],
        value["conversation"],
        Request.from_dict(value["request"]),
        value["started"],
        value["caller"],
        value["template"],
        value["resolved_model"],
        cached_from=value.get("cached_from"),
        place=value.get("place"),
    )


def _outcome_to_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        **outcome._asdict(),
        "message": outcome.message and outcome.message.to_dict(),
        "usage": outcome.usage and outcome.usage._asdict(),
    }


def _outcome(value: Mapping[str, Any]) -> Outcome:
    ended = value["outcome"]
    if ended is None:
        partial = value["partial"]
        return Outcome("interrupted", Message.from_dict(partial) if partial else None)
    message = Message.from_dict(ended["message"]) if ended["message"] else None
    usage = UsageReport(**ended["usage"]) if ended["usage"] else None
    return Outcome(**{**ended, "message": message, "usage": usage})
