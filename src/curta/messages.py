"""The nouns everybody uses: what is sent to a model and what comes back, as values.

Rules:
1. A request is never a concatenation. A text that was loaded stays a `Document` with exact offsets and authors, beside
   the user's own words, until a wire renders it for one provider at the last moment.
2. Everything here is frozen, has a canonical JSON form, and equal content has an equal SHA-256.
3. Texts are well-formed Unicode: a lone surrogate becomes U+FFFD when the noun is made.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

JSON: TypeAlias = Any
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
Trust: TypeAlias = Literal["user", "untrusted"]


def canonical(value: JSON) -> bytes:
    """The one JSON form of a value: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def well_formed(text: str) -> str:
    """`text` without lone surrogates (each becomes U+FFFD), so that it can be encoded as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a Document with one author: `text[start:end]`, offsets in characters.

    locator: how the source itself names this stretch (a comment's id, a page).
    parent: the locator of the stretch it replies to.
    depth: how deeply it is nested, 0 at the top.
    """

    start: int
    end: int
    author: str | None = None
    locator: str | None = None
    parent: str | None = None
    depth: int = 0

    def __post_init__(self) -> None:
        for name in ("author", "locator", "parent"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, well_formed(value))

    def to_dict(self) -> dict[str, JSON]:
        known = {name: getattr(self, name) for name in ("author", "locator", "parent")}
        spans = {
            "start": self.start,
            "end": self.end,
            **{name: each for name, each in known.items() if each is not None},
        }
        return {**spans, "depth": self.depth} if self.depth else spans


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its provenance.

    text: exactly what was kept of the source; every offset in Curta refers to it.
    uri: where it came from (`file.txt`, `https://...`, `hn:1234`, `stdin`).
    spans: who wrote what, in order and disjoint; empty when the whole text has no known author.
    trust: `user` only for words the user typed; whatever was read is `untrusted`.
    """

    text: str
    uri: str = ""
    title: str = ""
    spans: tuple[Span, ...] = ()
    trust: Trust = "untrusted"
    _sha256: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("text", "uri", "title"):
            object.__setattr__(self, name, well_formed(getattr(self, name)))
        object.__setattr__(self, "spans", tuple(self.spans))
        position = 0
        for span in self.spans:
            if not position <= span.start <= span.end <= len(self.text):
                raise ValueError(f"spans of a Document are ordered, disjoint and inside its text: {span}")
            position = span.end

    @property
    def sha256(self) -> str:
        """The identity of the Document: its text, its provenance and its spans."""
        if not self._sha256:
            described = {**self.describe(), "text": sha256(self.text.encode())}
            object.__setattr__(self, "_sha256", sha256(canonical(described)))
        return self._sha256

    def span_at(self, offset: int) -> Span | None:
        """The span that holds the character at `offset`."""
        i = bisect_right(self.spans, offset, key=lambda span: span.start) - 1
        return self.spans[i] if i >= 0 and offset < self.spans[i].end else None

    def line_at(self, offset: int) -> int:
        """The number of the line that holds `offset`, counted from 1."""
        return self.text.count("\n", 0, offset) + 1

    def describe(self) -> dict[str, JSON]:
        """Everything but the text, as JSON."""
        spans = [span.to_dict() for span in self.spans]
        return {"type": "document", "uri": self.uri, "title": self.title, "spans": spans, "trust": self.trust}

    def to_dict(self) -> dict[str, JSON]:
        return {**self.describe(), "text": self.text}


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the user or of the model."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", well_formed(self.text))

    def to_dict(self) -> dict[str, JSON]:
        return {"type": "text", "text": self.text}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or another file, sent as bytes or as a URL the provider fetches itself (then `data` is empty)."""

    media_type: str
    data: bytes = b""
    name: str = ""
    url: str = ""

    @property
    def sha256(self) -> str:
        return sha256(self.data or self.url.encode())

    def describe(self) -> dict[str, JSON]:
        """Everything but the bytes, as JSON."""
        what = {"type": "attachment", "media_type": self.media_type, "name": self.name, "sha256": self.sha256}
        return {**what, "url": self.url} if self.url else what

    def to_dict(self) -> dict[str, JSON]:
        from base64 import b64encode

        return {**self.describe(), "data": b64encode(self.data).decode()}


class Reasoning(NamedTuple):
    """A model's visible reasoning; `opaque` goes back to its provider unchanged."""

    text: str
    opaque: JSON = None

    def to_dict(self) -> dict[str, JSON]:
        return {"type": "reasoning", "text": well_formed(self.text), "opaque": self.opaque}


class ToolCall(NamedTuple):
    """A call the model wants made."""

    id: str
    name: str
    arguments: Mapping[str, JSON]

    def to_dict(self) -> dict[str, JSON]:
        return {"type": "tool_call", "id": self.id, "name": self.name, "arguments": dict(self.arguments)}


class ToolResult(NamedTuple):
    """What came of a tool call."""

    id: str
    parts: tuple["Part", ...]
    failed: bool = False

    def to_dict(self) -> dict[str, JSON]:
        parts = [part.to_dict() for part in self.parts]
        return {"type": "tool_result", "id": self.id, "parts": parts, "failed": self.failed}


Part: TypeAlias = Text | Document | Attachment | Reasoning | ToolCall | ToolResult


def part_from_dict(value: Mapping[str, JSON]) -> Part:
    """The part a `to_dict()` described. Raises ValueError for an unknown type."""
    return _PARTS[value["type"]](value) if value.get("type") in _PARTS else _unknown(value)


def _unknown(value: Mapping[str, JSON]) -> Part:
    raise ValueError(f"not a part of a message: {value.get('type')!r}")


def _document(value: Mapping[str, JSON]) -> Document:
    spans = tuple(Span(**span) for span in value["spans"])
    return Document(value["text"], value["uri"], value["title"], spans, value["trust"])


def _attachment(value: Mapping[str, JSON]) -> Attachment:
    from base64 import b64decode

    return Attachment(value["media_type"], b64decode(value["data"]), value["name"], value.get("url", ""))


_PARTS: dict[str, Callable[[Mapping[str, JSON]], Part]] = {
    "text": lambda value: Text(value["text"]),
    "document": _document,
    "attachment": _attachment,
    "reasoning": lambda value: Reasoning(value["text"], value["opaque"]),
    "tool_call": lambda value: ToolCall(value["id"], value["name"], value["arguments"]),
    "tool_result": lambda value: ToolResult(value["id"], tuple(map(part_from_dict, value["parts"])), value["failed"]),
}


def part_identity(part: Part) -> JSON:
    """A part as it enters a hash: large contents by their own hash."""
    if isinstance(part, Document):
        return {"type": "document", "sha256": part.sha256}
    if isinstance(part, Attachment):
        return part.describe()
    if isinstance(part, ToolResult):
        return {**part.to_dict(), "parts": [part_identity(inner) for inner in part.parts]}
    return part.to_dict()


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of one speaker."""

    role: Role
    parts: tuple[Part, ...]
    _sha256: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))

    @property
    def sha256(self) -> str:
        if not self._sha256:
            identity = {"role": self.role, "parts": [part_identity(part) for part in self.parts]}
            object.__setattr__(self, "_sha256", sha256(canonical(identity)))
        return self._sha256

    @property
    def text(self) -> str:
        """The words of the message, without its documents, reasoning and tool calls."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(part for part in self.parts if isinstance(part, Document))

    def to_dict(self) -> dict[str, JSON]:
        return {"role": self.role, "parts": [part.to_dict() for part in self.parts]}

    @classmethod
    def from_dict(cls, value: Mapping[str, JSON]) -> "Message":
        return cls(value["role"], tuple(map(part_from_dict, value["parts"])))


def system(*parts: Part | str) -> Message:
    return Message("system", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def user(*parts: Part | str) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def assistant(*parts: Part | str) -> Message:
    return Message("assistant", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def chain(messages: Iterable[Message], base: str = "") -> str:
    """The hash of a whole conversation: each message hashed over everything before it.

    base: the chain hash of what comes before `messages`, so that a long conversation is never hashed twice.
    """
    for message in messages:
        base = sha256(f"{base}/{message.sha256}".encode())
    return base


class Tool(NamedTuple):
    """A function a model may ask for: its name, what it does, and the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, JSON]

    def to_dict(self) -> dict[str, JSON]:
        return {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True)
class Request:
    """All that determines an answer. Its SHA-256 is the key under which the log can find and replay it.

    options: the model's options, as the user gave them (`temperature`, `max_tokens`, ...).
    schema: a JSON schema the answer has to follow.
    choice: `auto`, `none`, `required` or the name of a tool.
    """

    model: str
    messages: tuple[Message, ...]
    options: Mapping[str, JSON] = field(default_factory=dict)
    schema: Mapping[str, JSON] | None = None
    tools: tuple[Tool, ...] = ()
    choice: str | None = None

    def sha256(self, messages: str | None = None) -> str:
        """messages: the chain hash of `self.messages`, when the caller knows it already."""
        identity = {
            "model": self.model,
            "messages": messages or chain(self.messages),
            "options": dict(self.options),
            "schema": self.schema,
            "tools": [tool.to_dict() for tool in self.tools],
            "choice": self.choice,
        }
        return sha256(canonical(identity))

    @property
    def documents(self) -> tuple[Document, ...]:
        """All Documents the request carries, in order, each once."""
        seen = {doc.sha256: doc for message in self.messages for doc in message.documents}
        return tuple(seen.values())

    @property
    def system(self) -> str:
        return "\n\n".join(message.text for message in self.messages if message.role == "system")

    def to_dict(self) -> dict[str, JSON]:
        return {
            "model": self.model,
            "messages": [message.to_dict() for message in self.messages],
            "options": dict(self.options),
            "schema": self.schema,
            "tools": [tool.to_dict() for tool in self.tools],
            "choice": self.choice,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, JSON]) -> "Request":
        return cls(
            value["model"],
            tuple(map(Message.from_dict, value["messages"])),
            value["options"],
            value["schema"],
            tuple(Tool(**tool) for tool in value["tools"]),
            value["choice"],
        )
