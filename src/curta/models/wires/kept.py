"""What a provider wants back unchanged: signatures and encrypted reasoning, as they travel in `Reasoning.opaque`.

A kept value names the wire and the model it belongs to, for no other can read it, and its place in the answer: after
how many characters of text and how many tool calls it stood. Providers check the order in which it comes back.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from curta.messages import JSON, Message, Reasoning, ToolCall
from curta.models.wires.fields import count, object_, objects
from curta.models.wires.parts import texts


class Place(NamedTuple):
    """A place in an answer: after `text` characters and `calls` tool calls."""

    text: int = 0
    calls: int = 0


class Kept(NamedTuple):
    """A provider's own value, and where it stood."""

    value: Mapping[str, Any]
    place: Place


Piece: TypeAlias = str | ToolCall | Kept


class Keeper:
    """Counts where an answer is, and makes what is kept of it."""

    def __init__(self, wire: str, model: str) -> None:
        self.wire = wire
        self.model = model
        self.text = 0
        self.calls = 0

    @property
    def place(self) -> Place:
        return Place(self.text, self.calls)

    def keep(self, value: Mapping[str, Any], place: Place | None = None) -> JSON:
        """The opaque form of `value`, which stands at `place`, or here."""
        return {"wire": self.wire, "model": self.model, **(place or self.place)._asdict(), "value": value}


def pieces(message: Message, wire: str, model: str, text: str | None = None) -> Iterator[Piece]:
    """An assistant's message in the order in which it was said: text, tool calls, and what was kept for this model.

    text: its words, when they are more than its texts.
    """
    text = texts(message.parts) if text is None else text
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    said = called = 0
    for kept in sorted(_kept(message, wire, model), key=lambda each: each.place):
        if text[said : kept.place.text]:
            yield text[said : kept.place.text]
        yield from calls[called : kept.place.calls]
        yield kept
        said, called = max(said, kept.place.text), max(called, kept.place.calls)
    if text[said:]:
        yield text[said:]
    yield from calls[called:]


def _kept(message: Message, wire: str, model: str) -> Iterator[Kept]:
    for part in message.parts:
        if isinstance(part, Reasoning):
            for each in objects(part.opaque if isinstance(part.opaque, list) else [part.opaque]):
                if each.get("wire") == wire and each.get("model") == model:
                    yield Kept(
                        object_(each.get("value")), Place(count(each.get("text")) or 0, count(each.get("calls")) or 0)
                    )
