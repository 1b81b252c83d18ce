"""Rows of `llm`'s log as the nouns of Curta: parts of messages, usage, moments, ids.

What cannot be sent on stays readable: a tool that the provider ran on its own side becomes reasoning, an attachment
whose file has changed since becomes a line that says so. What a provider wanted back unchanged (signatures) is not
taken over: it is in the form of a plugin, which no wire of Curta's could send.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curta.events import UsageReport
from curta.messages import Attachment, Document, Part, Reasoning, Text, ToolCall, ToolResult
from curta.store import ids

LARGEST_FILE = 100_000_000
_CACHED = ("cached_tokens", "cache_read_input_tokens", "cachedContentTokenCount")
_REASONED = ("reasoning_tokens", "thoughtsTokenCount")


def read_json(text: Any, default: Any) -> Any:
    """The JSON value `text` is, when it is one of the type of `default`; else `default`."""
    try:
        value = json.loads(text) if text else default
    except (ValueError, TypeError, RecursionError):
        return default
    return value if isinstance(value, type(default)) else default


def call_of(payload: Mapping[str, Any], fallback: str) -> Part:
    """A call the model made. fallback: the id to give it when it has none."""
    arguments = payload.get("arguments")
    known = arguments if isinstance(arguments, dict) else read_json(arguments, {})
    name = str(payload.get("name") or "")
    if payload.get("server_executed"):
        return Reasoning(f"[{name}, run by the provider: {json.dumps(known, ensure_ascii=False)}]")
    return ToolCall(str(payload.get("tool_call_id") or fallback), name, known)


def result_of(payload: Mapping[str, Any], attached: tuple[Part, ...], fallback: str) -> Part:
    """What came of a call. fallback: the id of the call it belongs to when it names none."""
    output, exception = str(payload.get("output") or ""), payload.get("exception")
    if payload.get("server_executed"):
        return Reasoning(f"[{payload.get('name') or ''}, run by the provider, gave: {output}]")
    said = output or str(exception or "")
    parts = ((Text(said),) if said or not attached else ()) + attached
    return ToolResult(str(payload.get("tool_call_id") or fallback), parts, failed=exception is not None)


def fragment_of(content: str, source: str | None, hash: str) -> Document:
    """A fragment as the Document it is."""
    return Document(content or "", uri=source or f"fragment:{(hash or '')[:12]}")


def attachment_of(id: str, media_type: str | None, path: str | None, url: str | None, content: bytes | None) -> Part:
    """An attachment. `llm` keeps of a file only its path and hash: it is read again when it is still the same."""
    kind = media_type or "application/octet-stream"
    if content:
        return Attachment(kind, bytes(content), Path(path).name if path else "")
    if url:
        return Attachment(kind, url=url)
    data = _unchanged(path, id)
    if data is None:
        return Text(f"[The attachment {path or id} is no longer what was sent.]")
    return Attachment(kind, data, Path(path or "").name)


def _unchanged(path: str | None, hash: str) -> bytes | None:
    try:
        file = Path(path or "")
        if not path or not file.is_file() or file.stat().st_size > LARGEST_FILE:
            return None
        data = file.read_bytes()
    except (OSError, ValueError):
        return None
    return data if hashlib.sha256(data).hexdigest() == hash else None


def usage_of(input: Any, output: Any, details: Any) -> UsageReport:
    """The tokens of a call, with those the provider counted as cached or as reasoning."""
    known = dict(_numbers(read_json(details, {})))
    cached, reasoned = (next((known[name] for name in names if name in known), None) for names in (_CACHED, _REASONED))
    return UsageReport(_count(input), _count(output), cached, reasoned)


def _numbers(value: Mapping[str, Any]) -> list[tuple[str, int]]:
    found = []
    for name, each in value.items():
        if isinstance(each, dict):
            found += _numbers(each)
        elif (number := _count(each)) is not None:
            found.append((name, number))
    return found


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else None


def moment(text: Any, id: str) -> datetime:
    """When a call was made: as the row says, else as its ULID does, else the beginning of time."""
    try:
        read = datetime.fromisoformat(str(text))
        read = read.replace(microsecond=read.microsecond // 1000 * 1000)  # as exact as Curta's log keeps it
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.fromtimestamp((int.from_bytes(ids.to_bytes(id), "big") >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def ulid(id: str, text: Any = None) -> str:
    """The id of a row as a ULID: itself nearly always; for any other text one made of the time and a hash of it."""
    try:
        return ids.from_bytes(ids.to_bytes(id))
    except ValueError:
        milliseconds = max(0, round(moment(text, id).timestamp() * 1000)) & (2**48 - 1)
        return ids.from_int(milliseconds << 80 | int.from_bytes(hashlib.sha256(id.encode()).digest()[:10], "big"))
