"""What a call gave, as parts: words as Text, pictures and sounds as Attachments, embedded texts as Documents."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from curta.messages import Attachment, Document, Part, Text

if TYPE_CHECKING:
    from mcp_types import CallToolResult


def parts(result: "CallToolResult") -> tuple[Part, ...]:
    """The parts of a result. Structured content is added as JSON where the texts of the result do not say the same."""
    found = tuple(part for block in result.content for part in _parts(block))
    structured = result.structured_content
    if structured is None or _says([part.text for part in found if isinstance(part, Text)], structured):
        return found
    return (*found, Text(json.dumps(structured, ensure_ascii=False)))


def _parts(block: Any) -> Iterator[Part]:
    if block.type == "text":
        yield Text(block.text)
    elif block.type in ("image", "audio"):
        yield Attachment(block.mime_type, _decoded(block.data))
    elif block.type == "resource":
        yield _embedded(block.resource)
    elif block.type == "resource_link":
        yield Text(f"{block.title or block.name}: {block.uri}")


def _embedded(resource: Any) -> Part:
    if hasattr(resource, "text"):
        return Document(resource.text, uri=str(resource.uri))
    return Attachment(resource.mime_type or "application/octet-stream", _decoded(resource.blob), str(resource.uri))


def _decoded(data: str) -> bytes:
    from base64 import b64decode

    return b64decode(data)


def _says(texts: list[str], structured: Any) -> bool:
    """Whether texts are `structured` in other clothes: its JSON, the value it wraps as `result`, or a text for each."""
    wrapped = structured.get("result") if isinstance(structured, dict) and len(structured) == 1 else structured
    said = [_value(text) for text in texts]
    return any(each in (structured, wrapped) for each in (said, *said, texts, *texts))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
