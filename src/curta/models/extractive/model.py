"""The model: what it takes, what it refuses, and the events of an answer."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from curta.errors import UnsupportedRequest
from curta.events import Event, Finish, ReasoningDelta, Resolved, TextDelta, UsageReport
from curta.messages import Attachment, Request
from curta.models.extractive.quotation import QUOTATION_SCHEMA, as_json, as_lines
from curta.models.extractive.wish import Task, task
from curta.models.model import Facts, LocalExchange, Option, Price

VERSION = 2  # of the algorithm: changes whenever any output can change


class Settings(NamedTuple):
    """The options of one request."""

    quotes: int
    need: float
    window: int
    stretches: int


class Extractive:
    """Answers with verbatim sentences of the Documents it is given, or with nothing.

    Implements `curta.models.model.Model`. Holds no state: one instance serves any number of requests at once.
    """

    name = "extractive"
    facts = Facts(
        where="this computer",
        schema=False,
        tools=False,
        price=Price(0, 0, "2026-11-22"),
        licence="Apache-2.0",
        training_data="none: it has no weights",
    )
    options = (
        Option("quotes", int, "how many sentences answer a question, at most (1 to 100)", 5),
        Option("need", float, "the share of the question that must be found in one place, 0 to 1", 0.5),
        Option("window", int, "how many sentences before and after count as one place (0 to 50)", 4),
        Option("stretches", int, "how many sentences summarize a text (1 to 100)", 6),
    )

    def exchange(self, request: Request, *, stream: bool = True) -> LocalExchange:
        """Begin an answer; nothing is read before its events are asked for.

        Raises UnsupportedRequest for options, schemas, tools and attachments it cannot honour, and when there is no
        text to quote from.
        """
        settings = _settings(self.options, request.options)
        _refuse(request)
        if (found := task(request)) is None:
            raise UnsupportedRequest(
                "There is no text to quote from.",
                why="The model extractive answers with sentences of a text it is given.",
                then='Give it one: curta "question" < file, or curta -f file "question".',
            )
        return LocalExchange(_events(found, settings, as_schema=request.schema is not None))


def _events(task: Task, settings: Settings, *, as_schema: bool) -> Iterator[Event]:
    from curta.models.extractive.reply import reply

    yield Resolved(f"extractive-{VERSION}")
    answer = reply(task, settings)
    written = 0
    for event in as_json(answer.quotations, answer.coverage) if as_schema else as_lines(answer.quotations):
        written += len(event.text) if isinstance(event, TextDelta) else 0
        yield event
    if answer.advice:
        yield ReasoningDelta(answer.advice)
    read = sum(len(document.text) for document in task.documents) + len(task.wish.question)
    yield UsageReport(input=read, output=written, unit="characters")
    yield Finish("stop" if answer.quotations else "no_match")


# Refusals


def _refuse(request: Request) -> None:
    """Raises UnsupportedRequest for what a request asks beyond quotations."""
    if request.schema is not None and dict(request.schema) != QUOTATION_SCHEMA:
        raise UnsupportedRequest(
            "extractive cannot follow this JSON schema.",
            why="It quotes, and cannot fill in fields; the only schema it knows is its own (quotations).",
            then="Leave the schema out, or choose another model with -m.",
        )
    if request.tools:
        names = ", ".join(tool.name for tool in request.tools)
        raise UnsupportedRequest(f"extractive cannot call tools ({names}).", then="Choose another model with -m.")
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, Attachment):
                raise UnsupportedRequest(
                    f"extractive cannot read {part.name or 'an attachment'} ({part.media_type}).",
                    why="It reads text only.",
                    then="Give it the text with -f, or choose another model with -m.",
                )


def _settings(options: tuple[Option, ...], given: Mapping[str, Any]) -> Settings:
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            random = name in ("temperature", "top_p", "top_k", "seed")
            raise UnsupportedRequest(
                f"extractive has no option {name}.",
                why="Nothing in it is random." if random else f"It has: {', '.join(known)}.",
            )
    values = {name: _value(option, given.get(name, option.default)) for name, option in known.items()}
    return Settings(**values)


_LIMITS = {"quotes": (1, 100), "need": (0, 1), "window": (0, 50), "stretches": (1, 100)}


def _value(option: Option, given: Any) -> Any:
    """The option's value in its type and within its limits. Raises UnsupportedRequest."""
    low, high = _LIMITS[option.name]
    try:
        value = option.type(given if isinstance(given, str) else float(given))
        fits = not isinstance(given, bool) and low <= value <= high and (isinstance(given, str) or value == given)
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        kind = "a whole number" if option.type is int else "a number"
        raise UnsupportedRequest(
            f"The option {option.name} of extractive is {kind} from {low} to {high}, not {given!r}."
        )
    return value
