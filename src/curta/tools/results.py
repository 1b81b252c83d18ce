"""What a function returned or raised, as the result a model gets: bounded, and always something that can be sent."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, is_dataclass, replace
from enum import Enum
from typing import Any

from curta.errors import CurtaError
from curta.messages import JSON, Attachment, Document, Part, Text, ToolResult

LONGEST = 100_000
"""The most characters of text that one result carries."""

LARGEST = 20 << 20
"""The most bytes that one result's attachments carry together."""


def result(id: str, value: Any) -> ToolResult:
    """What a function returned, as the result of the call `id`. Raises TypeError for what cannot be sent."""
    return ToolResult(id, _bounded(_parts(value)))


def failure(id: str, error: BaseException | str) -> ToolResult:
    """What went wrong, as the result of the call `id`."""
    return ToolResult(id, _bounded((Text(_described(error)),)), failed=True)


def without_attachments(result: ToolResult, why: str) -> ToolResult:
    """The result with a sentence in the place of each attachment."""

    def told(part: Part) -> Part:
        if not isinstance(part, Attachment):
            return part
        return Text(f"(An attachment, {part.media_type}, {len(part.data):,} bytes, cannot be shown: {why})")

    return result._replace(parts=tuple(map(told, result.parts)))


def _described(error: BaseException | str) -> str:
    if isinstance(error, str | CurtaError):
        return str(error)
    if isinstance(error, SystemExit):
        return "The tool tried to end the program."
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    except Exception:  # an error whose own text raises
        return type(error).__name__


def _parts(value: Any) -> tuple[Part, ...]:
    if isinstance(value, Text | Document | Attachment):
        return (_readable(value),)
    if isinstance(value, list | tuple) and value and all(isinstance(p, Text | Document | Attachment) for p in value):
        return tuple(map(_readable, value))
    return (Text(value if isinstance(value, str) else _json(value)),)


def _readable(part: Part) -> Part:
    """An attachment that is a text, as a Document."""
    if not isinstance(part, Attachment) or not part.media_type.startswith(("text/", "application/json")):
        return part
    try:
        return Document(part.data.decode(), uri=part.name, title=part.name) if part.data else part
    except UnicodeDecodeError:
        return part


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        why = "it refers to itself or is nested too deeply" if not isinstance(error, TypeError) else str(error)
        raise TypeError(f"What the tool returned cannot be written as JSON: {why}.") from error


def _plain(value: Any) -> JSON:
    """What JSON has no form for, in the form it would be read in."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet | Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if hasattr(value, "__fspath__") or type(value).__name__ in ("Decimal", "UUID", "Fraction"):
        return str(value)
    raise TypeError(f"it has a value of type {type(value).__name__}")


def _bounded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """As many of the parts as a model gets, and a sentence about the rest."""
    kept: list[Part] = []
    room, bytes_left = LONGEST, LARGEST
    for part in parts:
        if isinstance(part, Attachment):
            bytes_left -= len(part.data)
            kept.append(part if bytes_left >= 0 else Text(f"(An attachment of {len(part.data):,} bytes is left out.)"))
        elif isinstance(part, Text | Document) and len(part.text) > room:
            kept += _cut(part, room)
            room = 0
        elif isinstance(part, Text | Document):
            kept.append(part)
            room -= len(part.text)
    return tuple(kept)


def _cut(part: Text | Document, room: int) -> list[Part]:
    said = Text(f"(Cut off: of {len(part.text):,} characters, the first {room:,} are here.)")
    if isinstance(part, Text):
        return [Text(part.text[:room]), said] if room else [said]
    spans = tuple(replace(span, end=min(span.end, room)) for span in part.spans if span.start < room)
    return [replace(part, text=part.text[:room], spans=spans), said] if room else [said]
