"""Whether a prompt fits into the context of a model on this computer, told before it is sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import PromptTooLong, UnsupportedRequest
from curta.messages import JSON, Request
from curta.models.rendering import render
from curta.text.terminal import clean_line

if TYPE_CHECKING:
    from curta.engine.process import Address

KEPT = 256
"""Tokens that stay free for an answer of which nobody says how long it may be; of a small context, an eighth."""
AROUND = 512
"""Bytes that a template puts around a short prompt, at most: below this nothing needs to be counted."""


class _Piece(NamedTuple):
    """A part of the prompt that could be left out. tokens: by the model's own tokenizer."""

    name: str
    tokens: int


def check_it_fits(address: "Address", request: Request, body: bytes, longest: JSON) -> None:
    """Raise PromptTooLong, with the numbers and what to leave out, when the prompt leaves no room for an answer.

    body: of the request as it would be sent; no token is shorter than a byte, so a short one needs no counting.
    longest: the answer's limit in tokens, where the user set one. UnsupportedRequest: it takes all there is.
    """
    kept = longest if isinstance(longest, int) else min(KEPT, address.context // 8)
    room = address.context - kept
    if room < 1:
        raise UnsupportedRequest(
            f"An answer of {kept:,} tokens leaves no room for a prompt:"
            f" {address.name} has {address.context:,} for both.",
            then="Ask for less with -o max_tokens, or give the engine a larger context: CURTA_ENGINE_CONTEXT",
        )
    if len(body) + AROUND <= room:
        return
    from curta.engine import tokens

    counted = tokens.of_prompt(address, body)
    if counted > room:
        raise _too_long(address, request, counted, room, kept)


def _too_long(address: "Address", request: Request, counted: int, room: int, kept: int) -> PromptTooLong:
    largest = max(_pieces(address, request), key=lambda piece: piece.tokens, default=None)
    why = f"{address.name} takes {room:,}: its context is {address.context:,}, and {kept:,} are kept for the answer."
    if largest:
        why += f" The largest part is {largest.name}, of {largest.tokens:,} tokens."
    return PromptTooLong(
        f"The prompt has {counted:,} tokens, {counted - room:,} more than fit.",
        tokens=counted,
        room=room,
        why=why,
        then="Leave that out, ask about less of it (curta ask finds the passages),"
        " or give the engine a larger context, where the model has one: CURTA_ENGINE_CONTEXT",
    )


def _pieces(address: "Address", request: Request) -> Iterator[_Piece]:
    """The documents, else the messages."""
    from curta.engine import tokens

    for number, document in enumerate(request.documents, 1):
        yield _Piece(clean_line(document.title or document.uri), tokens.of_text(address, render(document, number)))
    if not request.documents:
        for message in request.messages:
            yield _Piece(f"what the {message.role} says", tokens.of_text(address, message.text))
