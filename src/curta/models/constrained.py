"""What a local model is held to while it writes: the request becomes words and a grammar, and the answer is checked.

A server of one's own can enforce more than the protocol says: a schema without silently ignored keywords, quotations
that are the Documents' own words, tool calls of any model. `constrained(request)` says what to send instead, and who
reads what comes back. An engine that drops a grammar says nothing; so each finished answer is checked, and one that is
not of its grammar is an error.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from curta.errors import BrokenAnswer, ModelError, SchemaNotFollowed, UnsupportedRequest
from curta.events import Event, Finish, TextDelta, ToolCallDelta
from curta.messages import JSON, Message, Part, Request, Text, ToolCall, ToolResult
from curta.models.model import Decoder, Option
from curta.models.wires import parts

if TYPE_CHECKING:
    from curta.engine.constraints.quotable import Stretches
    from curta.engine.constraints.quotations import Way

FREELY = "free"
VERBATIM = Option(
    "verbatim",
    str,
    "What may stand between quotation marks: whole `sentences` of the documents, `words` as they stand there, `only`"
    " sentences and nothing else, or what the model likes (`free`).",
)

Check = Callable[[str], str | None]
"""What is wrong with a finished answer; None when nothing is."""


class Constrained(NamedTuple):
    """A request as the engine is sent it, and what its answer has to be. check: None where nothing is held."""

    request: Request
    check: Check | None = None
    calls_tools: bool = False

    def decoder(self, inner: Decoder) -> Decoder:
        """The decoder for the answer, around that of the protocol."""
        return _Checked(inner, self) if self.check else inner


def constrained(request: Request, end: int | None = None) -> Constrained:
    """What to send for `request`. Raises UnsupportedRequest for what the engine would not enforce.

    end: the token with which the model ends a turn, where that is known.
    """
    way = _way(request)
    request = replace(request, options={name: each for name, each in request.options.items() if name != VERBATIM.name})
    if request.tools:
        return _with_tools(request, way)
    if way is not None:
        return _quoting(request, way, end)
    if request.schema is not None:
        return _following(request, request.schema)
    return Constrained(request)


def _way(request: Request) -> "Way | None":
    way = request.options.get(VERBATIM.name, FREELY)
    if way == FREELY:
        return None
    from curta.engine.constraints.quotations import WAYS

    if way not in WAYS:
        what = f"{request.model} cannot quote as {way!r}."
        raise UnsupportedRequest(what, then=f"-o {VERBATIM.name} is one of {', '.join(WAYS)}, {FREELY}.")
    return cast("Way", way)


def _following(request: Request, schema: Mapping[str, JSON], wanted: Mapping[str, JSON] | None = None) -> Constrained:
    """An answer in JSON. schema: what the engine is held to. wanted: what the answer is checked for, else the same."""
    from curta.engine.constraints import json_values

    def wrong(answer: str) -> str | None:
        from curta.schemas import follow

        try:
            follow(answer, wanted or schema)
        except SchemaNotFollowed as error:
            return error.why or error.what
        return None

    return Constrained(_held(replace(request, schema=None), json_values.grammar(schema)), wrong)


def _held(request: Request, grammar: str) -> Request:
    """The request with a grammar that its answer is of."""
    body = {**request.options.get("extra_body", {}), "grammar": grammar}
    return replace(request, options={**request.options, "extra_body": body})


# Quotations


def _quoting(request: Request, way: "Way", end: int | None) -> Constrained:
    from curta.engine.constraints import quotations

    stretches = _stretches(request, way)

    def misquoted(answer: str) -> str | None:
        words = quotations.misquoted(answer, stretches, way)
        return f"It quotes {words[:200]!r}, which the documents do not have." if words else None

    if request.schema is None:
        return Constrained(_held(request, quotations.grammar(stretches, way, end)), misquoted)
    if way != "sentences":
        raise UnsupportedRequest(
            f"In JSON, {request.model} quotes whole sentences.",
            then=f"Leave out the schema, or -o {VERBATIM.name} {way}.",
        )
    held = _following(request, quotations.in_schema(request.schema, stretches), request.schema)
    follows = cast(Check, held.check)
    return held._replace(check=lambda answer: follows(answer) or misquoted(answer))


def _stretches(request: Request, way: "Way") -> "Stretches":
    from curta.engine.constraints import quotable

    numbers = parts.numbers(request)
    documents = [(numbers[document.sha256], document) for document in request.documents]
    return quotable.running_text(documents) if way == "words" else quotable.whole_sentences(documents)


# Tools


def _with_tools(request: Request, way: "Way | None") -> Constrained:
    from curta.engine.constraints import tool_calls

    if way is not None:
        raise UnsupportedRequest("Quotations are held to documents, and what tools say is none.", then="Leave out one.")
    schema = tool_calls.schema(request.tools, request.choice, request.schema)
    told = Text(tool_calls.instructions(request.tools, request.choice))
    messages = [_in_words(message) for message in request.messages]
    if messages and messages[0].role == "system":
        messages[0] = Message("system", (*messages[0].parts, told))
    else:
        messages.insert(0, Message("system", (told,)))
    plain = replace(request, messages=tuple(messages), tools=(), choice=None)
    return _following(plain, schema)._replace(calls_tools=True)


def _in_words(message: Message) -> Message:
    """A message without calls and results, which the chat template may not know: they become text."""
    from curta.engine.constraints import tool_calls

    if message.role == "tool":
        return Message("user", tuple(part for each in message.parts for part in _told(each)))
    if message.role != "assistant":
        return message
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    said = [tool_calls.call(each) for each in calls] or [tool_calls.answer(message.text)]
    return Message("assistant", tuple(map(Text, said)))


def _told(part: Part) -> Iterable[Part]:
    """A tool's result as the user tells it."""
    if not isinstance(part, ToolResult):
        return (part,)
    return (Text("The tool failed:" if part.failed else "The tool's result:"), *part.parts)


# Answers


class _Checked:
    """A decoder that reads calls out of the text where there are tools, and checks what was said when it is whole."""

    def __init__(self, inner: Decoder, held: Constrained) -> None:
        self._inner = inner
        self._check = cast(Check, held.check)
        self._union = _Union(f"call_{len(held.request.messages)}") if held.calls_tools else None
        self._said: list[str] = []

    def feed(self, data: bytes) -> Iterator[Event]:
        yield from self._events(self._inner.feed(data))

    def close(self) -> Iterator[Event]:
        yield from self._events(self._inner.close())

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
        return self._inner.failure(status, headers, body)

    def _events(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, TextDelta):
                self._said.append(event.text)
                yield from self._union.take(event.text) if self._union else (event,)
            elif isinstance(event, Finish) and event.reason == "stop":
                yield from self._whole(event)
            else:
                yield from self._union.left() if self._union and isinstance(event, Finish) else ()
                yield event

    def _whole(self, finish: Finish) -> Iterator[Event]:
        """The end of an answer that its model thinks complete. Raises BrokenAnswer when it is not of its grammar."""
        answer = "".join(self._said)
        if problem := self._check(answer):
            raise BrokenAnswer(
                "The engine did not hold the answer to what was asked for.",
                why=problem,
                then="Ask again; with a schema, make it simpler: two of its keywords may exclude each other.",
            )
        yield from self._union.end(answer, finish) if self._union else (finish,)


class _Union:
    """Reads `{"answer": "..."}` as it arrives, and `{"tool": ..., "args": ...}` when it is whole."""

    _OPENING = '{"answer": "'

    def __init__(self, id: str) -> None:
        self._id = id
        self._pending = ""
        self._begun = False

    def take(self, text: str) -> Iterator[Event]:
        self._pending += text
        if not self._begun and self._pending.startswith(self._OPENING):
            self._begun, self._pending = True, self._pending[len(self._OPENING) :]
        if self._begun and (said := self._decoded()):
            yield TextDelta(said)

    def _decoded(self) -> str:
        """What of the string has arrived, but for an escape or a pair of them that is not whole."""
        whole = re.match(r'(?:[^"\\]|\\u[dD][89abAB]\w{2}\\u\w{4}|\\u(?![dD][89abAB])\w{4}|\\[^u])*', self._pending)
        body = whole[0] if whole else ""
        self._pending = self._pending[len(body) :]
        return str(json.loads(f'"{body}"', strict=False)) if body else ""

    def end(self, answer: str, finish: Finish) -> Iterator[Event]:
        """The call, or what of the answer was not yet given."""
        if self._begun:
            yield finish
            return
        value = json.loads(answer)
        if "answer" in value:  # JSON of a schema of its own
            yield TextDelta(json.dumps(value["answer"], ensure_ascii=False))
            yield finish
            return
        yield ToolCallDelta(0, self._id, value["tool"], json.dumps(value["args"], ensure_ascii=False))
        yield Finish("tool_calls")

    def left(self) -> Iterator[Event]:
        """What had arrived of something that was cut off."""
        if self._pending:
            yield TextDelta(self._pending)
