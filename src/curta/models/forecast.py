"""What a request will use and cost, told before it is sent: for `--dry-run` about, for `--max-cost` at most."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from curta.messages import Attachment, Document, Part, Reasoning, Request, Text, ToolCall, ToolResult
from curta.models import prices
from curta.models.model import Model
from curta.models.rendering import render
from curta.text import tokens

MARGIN = 1.4
"""The most a request is taken to have is so many times the estimate: tokenizers differ by that much."""
FRAME = 6
"""Tokens around each message and each tool, generously."""
EXPLAINED = 600
"""Tokens in which providers explain to a model how tools are called."""
LARGEST_PICTURE = 5_000
"""More tokens than any provider counts for one picture or one page of a PDF."""


class Forecast(NamedTuple):
    """input: about how many tokens will be sent. most_input, most_output: the most there can be; None when no limit is
    known. cost: of `input` alone. most_cost: of the most. Both in US dollars, None when the price is not known."""

    input: int
    most_input: int | None
    most_output: int | None
    cost: float | None
    most_cost: float | None


def forecast(model: Model, request: Request) -> Forecast:
    about, most = _input(request)
    output = longest_answer(model, request)
    price = model.facts.price if prices.holds_for(request.options) else None
    cost = prices.at_most(price._replace(written=None, written_for_an_hour=None), about, 0) if price else None
    if price is None or (not price.free and (most is None or output is None)):
        return Forecast(about, most, output, cost, None)
    return Forecast(about, most, output, cost, prices.at_most(price, most or 0, output or 0))


def longest_answer(model: Model, request: Request) -> int | None:
    """How many tokens the answer can have, reasoning included: as asked for, as the wire asks, as the model can."""
    if "extra_body" in request.options:
        return None  # it may ask for a longer answer, or for several
    asked = request.options.get("max_tokens")
    if isinstance(asked, int) and not isinstance(asked, bool):
        return asked
    default = next((option.default for option in model.options if option.name == "max_tokens"), None)
    return default or model.facts.longest or model.facts.context


def _input(request: Request) -> tuple[int, int | None]:
    """About how many tokens a request has, and the most."""
    pieces = [text for number, message in enumerate(request.messages) for text in _texts(message.parts, number)]
    settings = [json.dumps(request.schema)] if request.schema else []
    settings += [json.dumps(tool.to_dict()) for tool in request.tools]
    frames = FRAME * (len(request.messages) + len(settings) + 1) + (EXPLAINED if request.tools else 0)
    about = frames + sum(map(tokens.estimate, (*pieces, *settings)))
    attached = [_attachment(part) for message in request.messages for part in _attachments(message.parts)]
    known = sum(size for size in attached if size is not None)
    unknown = any(size is None for size in attached)
    return about + known, None if unknown else round(about * MARGIN) + known


def _texts(parts: Iterable[Part], number: int) -> Iterable[str]:
    for part in parts:
        match part:
            case Text(text):
                yield text
            case Document():
                yield render(part, number + 1)
            case Reasoning(text, opaque):
                yield text + (json.dumps(opaque) if opaque is not None else "")
            case ToolCall():
                yield json.dumps(part.to_dict())
            case ToolResult():
                yield from _texts(part.parts, number)


def _attachments(parts: Iterable[Part]) -> Iterable[Attachment]:
    for part in parts:
        if isinstance(part, Attachment):
            yield part
        elif isinstance(part, ToolResult):
            yield from _attachments(part.parts)


def _attachment(attachment: Attachment) -> int | None:
    """Tokens of an attachment, generously; None for one whose length nobody here knows."""
    if attachment.media_type.startswith("image/"):
        return LARGEST_PICTURE
    return max(LARGEST_PICTURE, len(attachment.data) // 2) if attachment.data else None
