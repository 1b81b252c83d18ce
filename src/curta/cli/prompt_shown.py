"""An answer as it is shown: as it arrives, as one block of it, as JSON; and the notes beside it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from curta.cli import output

if TYPE_CHECKING:
    from curta.answering import Answer
    from curta.answering.quoted import QuotedAnswer
    from curta.conversations import Response
    from curta.quotes import Report


def show(response: "Response", given: Mapping[str, Any]) -> None:
    """The answer on stdout: as it arrives, or one block of it, or the whole call as JSON."""
    if given["as_json"]:
        response.text()
        _print_json([response.to_dict()])
    elif given["extract"] or given["extract_last"]:
        from curta.text.fenced import fenced_block

        text = response.text()
        block = fenced_block(text, last=given["extract_last"])
        if block is None:
            output.note("There is no code block in it; this is the whole answer.")
        output.write(text if block is None else block)
        _end_line(text if block is None else block)
    else:
        (_stream_markdown if shows_markdown(response, given) else _stream)(response)


def show_request(asked: dict[str, Any], how: dict[str, Any], quotes: bool) -> int:
    """The bytes that would leave, for people; for a model on this computer, the request as it is handed over."""
    from curta.api import prompting

    if quotes:
        return show_response_request(lambda **other: next(prompting.quoting(**asked, **how | other)), how)
    return show_response_request(lambda **other: prompting.prompt(**asked, **how | other), how)


def show_response_request(make: "Callable[..., Response]", how: Mapping[str, Any]) -> int:
    """What the Response that `make` makes would send, and what it would cost."""
    from curta.cli.prompt_cost import forecast
    from curta.errors import MissingKey
    from curta.models.model import HTTPExchange

    response = make()
    try:
        exchange = response.preview()
    except MissingKey:  # it would be masked all the same
        exchange = make(key="no key is saved yet").preview()
    if isinstance(exchange, HTTPExchange):
        sent = exchange.request
        headers = [f"{name}: {value}" for name, value in sent.shown_headers().items()]
        output.line("\n".join([f"{sent.method} {sent.shown_url()}", *headers, ""]))
        _print_json(_decoded(sent.body))
    else:
        _print_json(response.request.to_dict())
    forecast(response, how)
    return 0


def _decoded(body: bytes) -> Any:
    import json

    return json.loads(body)


def _stream(response: "Response") -> None:
    """Print the answer while it arrives; on a terminal, where each verbatim sentence stands as well."""
    from curta.events import Citation, ReasoningDelta, TextDelta

    place = _places(response)
    held = ""  # a line's end waits, so that the place of a quotation can be shown on its line
    last = ""
    try:
        for event in response.events():
            match event:
                case TextDelta(text):
                    body = text.rstrip("\n")
                    output.write(held + body)
                    held, last = text[len(body) :], text or last
                case Citation() if place:
                    output.write_styled(place(event), "faint")
                case ReasoningDelta(text) if output.is_terminal(sys.stderr):
                    output.note_piece(text)
    finally:
        output.write(held)
        _end_line(last)


def shows_markdown(response: "Response", given: Mapping[str, Any]) -> bool:
    """Whether a person reads, and the marks are markup: they are not in verbatim sentences, nor in JSON."""
    from curta.models import registry

    is_markup = response.model.name != registry.BUILT_IN and not response.schema
    return is_markup and output.is_terminal() and not given["no_markdown"]


def _stream_markdown(response: "Response") -> None:
    from curta.cli.markdown import on_stdout
    from curta.events import ReasoningDelta, TextDelta

    shown = on_stdout()
    try:
        for event in response.events():
            match event:
                case TextDelta(text):
                    shown.feed(text)
                    sys.stdout.flush()
                case ReasoningDelta(text) if output.is_terminal(sys.stderr):
                    output.note_piece(text)
    finally:
        shown.finish()


def _places(response: "Response") -> "Callable[[Any], str] | None":
    """How to say where a citation stands, for a person; nothing for a pipe."""
    if not output.is_terminal():
        return None
    documents = {document.sha256: document for document in response.request.documents}

    def place(citation: Any) -> str:
        document = documents.get(citation.document)
        return f"  {document.uri}:{document.line_at(citation.source_start)}" if document else ""

    return place


def show_quoted(answer: "QuotedAnswer", given: Mapping[str, Any]) -> int:
    introduce(answer.response, given["model"])
    if given["as_json"]:
        _print_json([{**answer.response.to_dict(), "response": answer.text, "quotes": answer.report.to_dict()}])
    elif answer.text and shows_markdown(answer.response, given):
        from curta.cli import markdown

        markdown.show(answer.text)
    elif answer.text:
        output.prose(answer.text.rstrip("\n"))
    return finish(answer.response, answer.report, given, answer.text)


def finish(response: "Response", report: "Report | None", given: Mapping[str, Any], mended: str | None = None) -> int:
    """The notes that follow an answer, and the exit code. mended: the answer's text, where it was corrected here."""
    if response.cached_from is not None:
        from curta.cli.prompt_cost import repeated

        repeated(response)
    if (ending := _ending(response)) and not given.get("output"):
        output.note(ending, force=True)
    if report is not None and not given["as_json"]:
        from curta.cli.check import show as show_report

        show_report(report, sys.stderr)
    for warning in response.warnings:
        output.note((warning, "bold"), force=True)
    if given["usage"] or (response.cost and output.is_terminal(sys.stderr)):
        output.note(_used(response), force=given["usage"])
    _deliver(response, given, mended)
    if response.finish == "refused":
        return 4
    return 0 if _follows_schema(response) and (report is None or report.ok) else 3


def _follows_schema(response: "Response") -> bool:
    """Whether the answer follows the schema that was asked for, if any; says where it does not."""
    if response.request.schema is None or response.finish == "tool_calls":
        return True
    from curta.errors import SchemaNotFollowed

    try:
        response.json()
    except SchemaNotFollowed as error:
        output.error(error)
        return False
    return True


def _deliver(response: "Response", given: Mapping[str, Any], mended: str | None) -> None:
    """What becomes of the result besides being shown. Raises CurtaError when a file must not have it."""
    if given.get("output") or given.get("copy"):
        from curta.cli import prompt_delivered

        if given["output"]:
            prompt_delivered.require_whole(response, given["output"])
        if given["copy"]:
            prompt_delivered.onto_clipboard(response, given, mended)


def _ending(response: "Response") -> str:
    """What is to be said about how an answer ended, when it is not simply complete."""
    documents = response.request.documents
    match response.finish:
        case "no_match" if not any(document.text.strip() for document in documents):
            return "There is no text in what was given."
        case "no_match":
            return f"Nothing in {len(documents)} source{'s' * (len(documents) != 1)} matches this question."
        case "length":
            return "The answer was cut off by a limit of length."
        case "tool_calls":
            return "The model asked for a tool, and none was offered."
        case "stop" if not response.partial():
            return "The model answered nothing."
    return ""


def _used(response: "Response") -> str:
    from curta.cli.prompt_cost import cost

    usage, pieces = response.usage, []
    if usage is not None:
        pieces += (
            [f"{usage.input:,} in, {usage.output:,} out"]
            if usage.input is not None and usage.output is not None
            else []
        )
        pieces[-1:] = [f"{pieces[-1]} {usage.unit}"] if pieces else []
        pieces += [f"{usage.cached:,} cached"] if usage.cached else []
        pieces += [f"{usage.written:,} put into the cache"] if usage.written else []
    pieces.append(cost(response))
    if response.duration is not None:
        pieces.append(f"{response.duration:.1f} s")
    return " · ".join([response.resolved_model or response.model.name, *pieces])


def introduce(response: "Response | Answer", named: str | None) -> None:
    """Say once that the built-in model answers because no other is configured, and what to do about it."""
    from curta import config
    from curta.models import registry

    if named or response.model.name != registry.BUILT_IN or registry.default() != registry.BUILT_IN:
        return
    if config.read("config.json").get("introduced"):
        return
    output.note(
        "Answered by the built-in model, which only quotes what it is given. For one that writes: "
        "curta models pull small, curta keys set openai, or curta models add. (Said once.)"
    )
    with config.changing("config.json") as settings:
        settings["introduced"] = True


def say_retry(retry: Any) -> None:
    output.note(str(retry))


def say_asking(response: "Response") -> None:
    """A checked answer is shown when it is whole: say meanwhile what is being waited for."""
    from curta.models import registry

    if response.model.name != registry.BUILT_IN and output.is_terminal(sys.stderr):
        output.note(f"Asking {response.model.name}; the answer is shown when its quotations have been checked.")


def say_round(number: int, response: "Response", report: "Report") -> None:
    if report.ok or not output.is_terminal(sys.stderr):
        return
    failed = len(report.problems())
    output.note(f"Round {number}: {failed} claim{'s' * (failed != 1)} did not hold.")


@contextmanager
def telling_what_is_kept(response: "Response | Answer") -> Iterator[None]:
    """When an answer stops in the middle, or cannot be shown: end its line, and say what became of it."""
    try:
        yield
    except BaseException as error:
        for warning in response.warnings:
            output.note((warning, "bold"), force=True)
        if response.id and not response.warnings and isinstance(error, KeyboardInterrupt | OSError) and _is_told(error):
            output.note("What had arrived is in the log: curta logs -r")
        raise


def _is_told(error: BaseException) -> bool:
    """A reader who has left (`| head -1`) wants to be told nothing."""
    return not isinstance(error, BrokenPipeError)


def _end_line(text: str) -> None:
    if text and not text.endswith("\n"):
        output.write("\n")


def _print_json(value: Any) -> None:
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
