"""What differs between two logged calls: in what was asked, and in what was answered."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from curta.messages import Message, Text, part_identity
from curta.store.call import Call
from curta.text.differences import Piece, differences


class Difference(NamedTuple):
    """name: what differs (`model`, `option temperature`, `user 2`, ...). pieces: the old and the new text of it."""

    name: str
    pieces: list[Piece]

    def to_dict(self) -> dict[str, Any]:
        """`pieces`: `{"same": text}` or `{"old": text, "new": text}`."""
        pieces = [{"same": each.old} if each.same else {"old": each.old, "new": each.new} for each in self.pieces]
        return {"name": self.name, "pieces": pieces}


class Comparison(NamedTuple):
    """request: what differs in what was sent. answer: the answers, None when they are the same."""

    request: list[Difference]
    answer: Difference | None

    def to_dict(self) -> dict[str, Any]:
        return {"request": [each.to_dict() for each in self.request], "answer": self.answer and self.answer.to_dict()}


def compare(old: Call, new: Call) -> Comparison:
    found = [Difference(name, differences(a, b)) for name, a, b in _facts(old, new) if a != b]
    a, b = _said(old.message()) or old.response, _said(new.message()) or new.response
    return Comparison(found, None if a == b else Difference("answer", differences(a, b)))


def _facts(old: Call, new: Call) -> Iterator[tuple[str, str, str]]:
    """What was asked for, with the text of it on either side; "" where one has nothing of the kind."""
    yield "model", old.model, new.model
    yield "answered by", old.resolved_model or old.model, new.resolved_model or new.model
    a, b = old.request(), new.request()
    for name in sorted({*a.options, *b.options}):
        yield f"option {name}", _shown(a.options.get(name)), _shown(b.options.get(name))
    yield "schema", _shown(a.schema), _shown(b.schema)
    yield "tools", "\n".join(_shown(t.to_dict()) for t in a.tools), "\n".join(_shown(t.to_dict()) for t in b.tools)
    yield "choice", a.choice or "", b.choice or ""
    yield from _messages(a.messages, b.messages)


def _messages(old: tuple[Message, ...], new: tuple[Message, ...]) -> Iterator[tuple[str, str, str]]:
    """Messages of the same speaker are compared in their order; documents by their names and texts."""
    for role in dict.fromkeys(message.role for message in (*old, *new)):
        a, b = ([message for message in side if message.role == role] for side in (old, new))
        for place in range(max(len(a), len(b))):
            number = f" {place + 1}" if max(len(a), len(b)) > 1 else ""
            before, after = (_said(side[place] if place < len(side) else None) for side in (a, b))
            yield f"{role}{number}", before, after
    a_documents, b_documents = (_documents(side) for side in (old, new))
    for name in dict.fromkeys((*a_documents, *b_documents)):
        yield f"document {name}", a_documents.get(name, ""), b_documents.get(name, "")


def _documents(messages: tuple[Message, ...]) -> dict[str, str]:
    """The texts of the documents by their names; those of one name are numbered."""
    found: dict[str, str] = {}
    for message in messages:
        for document in message.documents:
            name = document.uri or "unnamed"
            count = sum(each == name or each.startswith(f"{name} (") for each in found)
            found[f"{name} ({count + 1})" if count else name] = document.text
    return found


def _said(message: Message | None) -> str:
    """The words of a message; what else it has, but documents and reasoning, as JSON below."""
    if message is None:
        return ""
    rest = [part_identity(part) for part in message.parts if not isinstance(part, Text)]
    kept = [_shown(part) for part in rest if part["type"] not in ("document", "reasoning")]
    return "\n".join(filter(None, (message.text, *kept)))


def _shown(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
