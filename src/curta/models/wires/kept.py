"""What a provider wants back unchanged: signatures and encrypted reasoning, as they travel in `Reasoning.opaque`.

A kept value names the wire and the model it belongs to, for no other can read it, and its place in the answer: after
how many characters of text and how many tool calls it stood. Providers check the order in which it comes back; where
one also checks that nothing before it has changed, the hash of what was before is kept with it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from curta.messages import JSON, Message, Reasoning, ToolCall
from curta.models.wires.fields import count, object_, objects, string


class Place(NamedTuple):
    """A place in an answer: after `text` characters and `calls` tool calls."""

    text: int = 0
    calls: int = 0


class Kept(NamedTuple):
    """A provider's own value, where it stood, and the hash of the request it answered, where that matters."""

    value: Mapping[str, Any]
    place: Place
    prefix: str = ""


Piece: TypeAlias = str | ToolCall | Kept


class Keeper:
    """Counts where an answer is, and makes what is kept of it."""

    def __init__(self, wire: str, model: str, prefix: str = "") -> None:
        self.wire = wire
        self.model = model
        self.prefix = prefix
        self.text = 0
        self.calls = 0

    @property
    def place(self) -> Place:
        return Place(self.text, self.calls)

    def keep(self, value: Mapping[str, Any], place: Place | None = None) -> JSON:
        """The opaque form of `value`, which stands at `place`, or here."""
        bound = {"prefix": self.prefix} if self.prefix else {}
        return {"wire": self.wire, "model": self.model, **bound, **(place or self.place)._asdict(), "value": value}


def kept(message: Message, wire: str, model: str) -> list[Kept]:
    """What was kept of an assistant's message for this wire and model, in order."""
    return sorted(_kept(message, wire, model), key=lambda each: each.place)


def pieces(message: Message, text: str, kept: list[Kept]) -> Iterator[Piece]:
    """An assistant's message in the order in which it was said: `text`, tool calls, and what was kept, in order."""
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    said = called = 0
    for each in kept:
        if text[said : each.place.text]:
            yield text[said : each.place.text]
        yield from calls[called : each.place.calls]
        yield each
        said, called = max(said, each.place.text), max(called, each.place.calls)
    if text[said:]:
        yield text[said:]
    yield from calls[called:]


def _kept(message: Message, wire: str, model: str) -> Iterator[Kept]:
    for part in message.parts:
        if isinstance(part, Reasoning):
            for each in objects(part.opaque if isinstance(part.opaque, list) else [part.opaque]):
                if each.get("wire") == wire and each.get("model") == model:
                    place = Place(count(each.get("text")) or 0, count(each.get("calls")) or 0)
                    yield Kept(object_(each.get("value")), place, string(each.get("prefix")))
