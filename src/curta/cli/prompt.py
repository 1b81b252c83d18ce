"""`curta 'a question'`: read what was typed and piped, ask, show the answer as it arrives."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import UsageError

if TYPE_CHECKING:
    from curta.answering.quoted import QuotedAnswer
    from curta.conversations import Conversation, Response
    from curta.messages import Attachment, Document
    from curta.quotes import Report

EXAMPLES = """\b
Examples:
  curta 'Three names for a pet pelican' -m gpt-5-mini
  cat notes.txt | curta 'What was decided?' --quotes
  curta -f examples/hn-thread.json -t summarize-thread --quotes
  curta -f src/ 'Where are retries handled?' -c
"""


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=f"Ask a model; every call is logged, every quotation can be checked.\n\n{EXAMPLES}",
)
@click.argument("words", required=False, metavar="[PROMPT]")
@click.option("-m", "--model", metavar="NAME", help="The model to ask; `curta models` lists them.")
@click.option("-s", "--system", metavar="TEXT", help="A system prompt.")
@click.option("-f", "--file", "sources", multiple=True, metavar="SOURCE", help="A file, folder, glob, URL, hn:ID or -.")
@click.option(
    "-a", "--attachment", "attached", multiple=True, metavar="FILE", help="A picture or other file, or its URL."
)
@click.option("-t", "--template", metavar="NAME", help="A kept prompt; `curta templates` lists them.")
@click.option("-p", "--param", "inputs", multiple=True, nargs=2, metavar="NAME VALUE", help="An input of the template.")
@click.option("-o", "--option", "options", multiple=True, nargs=2, metavar="NAME VALUE", help="An option of the model.")
@click.option("--schema", metavar="JSON|FILE", help="A JSON schema the answer has to follow.")
@click.option("--quotes", is_flag=True, help="Ask for quotations, verify each, have wrong ones mended or struck out.")
@click.option("--check", is_flag=True, help="Verify the answer against the sources; exit 3 when a claim fails.")
@click.option("-c", "--continue", "resume", is_flag=True, help="Go on with the latest conversation.")
@click.option("--cid", metavar="ID", help="Go on with this conversation.")
@click.option("-x", "--extract", is_flag=True, help="Print only the first fenced code block.")
@click.option("--xl", "extract_last", is_flag=True, help="Print only the last fenced code block.")
@click.option("-u", "--usage", is_flag=True, help="Say on stderr what the call used and cost.")
@click.option("--json", "as_json", is_flag=True, help="Print the logged call as JSON, in the shape of `logs --json`.")
@click.option("--no-markdown", is_flag=True, help="On a terminal, show the answer as the model wrote it.")
@click.option("--no-stream", is_flag=True, help="Wait for the whole answer.")
@click.option("--dry-run", is_flag=True, help="Show the request as it would be sent, keys masked. Sends nothing.")
@click.option("-n", "--no-log", is_flag=True, help="Leave no trace in the log.")
@click.option("--log", "force_log", is_flag=True, help="Log this call even when logging is off.")
@click.option("--key", metavar="NAME", help="The saved key to use, by name.")
def prompt(words: str | None, **given: Any) -> int:
    from curta import api  # after the command line has been understood: --help starts without it

    log = _logging(given)
    conversation = _resumed(given, log)
    asked = _asked(words, given)
    _warn_about_key(given["key"])
    how = {"model": given["model"], "conversation": conversation, "log": log, "key": given["key"], "caller": "prompt"}
    how |= {"stream": not given["no_stream"], "on_retry": _say_retry}
    if given["dry_run"]:
        return _show_request(asked, how, given["quotes"])
    if given["quotes"]:
        return _show_quoted(api.quoted(**asked, **how, on_round=_say_round, on_ask=_say_asking), given)
    response = api.prompt(**asked, **how)
    _introduce(response, given["model"])
    with _telling_what_is_kept(response):
        _show(response, given)
    report = api.check(response) if given["check"] else None
    return _finish(response, report, given)


# Reading


def _asked(words: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """What goes with the prompt: the words, the Documents, and everything named by flags."""
    options = _options(given["options"])
    if given["inputs"] and not given["template"]:
        raise UsageError("-p fills in an input of a template, and there is no template.", then="Name one with -t.")
    documents: list[Document | str] = list(given["sources"])
    piped = None if "-" in documents else _piped()
    _guard_against_names(words, bool(documents or piped))
    if piped is not None and words is None and not (given["template"] or given["system"] or documents):
        words, piped = _as_words(piped, given["model"])
    if piped is not None:
        documents.insert(0, piped)
    return {
        "words": words or "",
        "documents": documents,
        "attachments": _attachments(given["attached"]),
        "system": given["system"],
        "template": given["template"],
        "inputs": dict(given["inputs"]),
        "options": options,
        "schema": _schema(given["schema"]),
    }


def _piped() -> "Document | None":
    """What was piped in; None when stdin is a terminal or empty."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return None
    from curta.sources import load_stdin

    return load_stdin(sys.stdin.buffer)


def _as_words(piped: "Document", model: str | None) -> "tuple[str | None, Document | None]":
    """What is piped alone is the prompt. For the built-in model it is the text, unless it ends in a question."""
    from curta.models import registry

    quotes_only = registry.resolve(model or registry.default()) == registry.BUILT_IN
    return (None, piped) if quotes_only and not piped.text.rstrip().endswith("?") else (piped.text, None)


def _guard_against_names(words: str | None, has_sources: bool) -> None:
    """The name of a file or a URL alone, where a prompt belongs, is a slip of the hand."""
    if words is None or has_sources or not words or any(c.isspace() for c in words):
        return
    from os.path import exists

    if words.startswith(("http://", "https://")) or exists(words):
        raise UsageError(
            f"{words!r} names a source, not a prompt.", then=f"Ask about it: curta -f {words} 'a question'"
        )


def _attachments(names: tuple[str, ...]) -> "list[Attachment]":
    if not names:
        return []
    from curta.sources.attachments import attachment

    return [attachment(name) for name in names]


def _options(pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Options as JSON values where they are JSON, as text otherwise: `-o seed 7`, `-o stop END`."""
    import json

    def read(value: str) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            return value

    for name, value in pairs:
        if "=" in name:
            option, _, given = name.partition("=")
            raise UsageError(f"-o takes two words, not {name!r}.", then=f"-o {option} {given or value}")
    return {name: read(value) for name, value in pairs}


def _schema(named: str | None) -> dict[str, Any] | None:
    """A schema from its JSON or from a file that holds it."""
    if named is None:
        return None
    import json

    source = named
    if not named.lstrip().startswith(("{", "[")):
        from curta.sources import load

        source = load(named)[0].text
    try:
        value = json.loads(source)
    except ValueError as error:
        raise UsageError(f"The schema is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise UsageError('A JSON schema is an object, such as {"type": "object", ...}.')
    return value


def _logging(given: Mapping[str, Any]) -> bool:
    """Whether this call is logged: the flags decide, then the setting of `curta logs on/off`."""
    if given["no_log"] or given["force_log"]:
        return not given["no_log"]
    from curta.store import logging_is_on

    return logging_is_on()


def _resumed(given: Mapping[str, Any], log: bool) -> "Conversation | None":
    if not (given["resume"] or given["cid"]):
        return None
    from curta import api

    return api.conversation(given["model"], resume=given["cid"] or True, log=log, key=given["key"])


# Showing


def _show(response: "Response", given: Mapping[str, Any]) -> None:
    """The answer on stdout: as it arrives, or one block of it, or the whole call as JSON."""
    if given["as_json"]:
        response.text()
        _print_json(response.to_dict())
    elif given["extract"] or given["extract_last"]:
        from curta.text.fenced import fenced_block

        text = response.text()
        block = fenced_block(text, last=given["extract_last"])
        if block is None:
            output.note("There is no code block in it; this is the whole answer.")
        output.write(text if block is None else block)
        _end_line(text if block is None else block)
    else:
        (_stream_markdown if _shows_markdown(response, given) else _stream)(response)


def _show_request(asked: dict[str, Any], how: dict[str, Any], quotes: bool) -> int:
    """The bytes that would leave, for people; for a model on this computer, the request as it is handed over."""
    from curta import api
    from curta.answering.quoted import instructed
    from curta.models.model import HTTPExchange

    if quotes:
        asked |= {"system": instructed(asked["system"])}
    response = api.prompt(**asked, **how)
    exchange = response.preview()
    if isinstance(exchange, HTTPExchange):
        sent = exchange.request
        headers = [f"{name}: {value}" for name, value in sent.shown_headers().items()]
        output.line("\n".join([f"{sent.method} {sent.shown_url()}", *headers, ""]))
        _print_json(_decoded(sent.body))
    else:
        _print_json(response.request.to_dict())
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
    output.write(held)
    _end_line(last)


def _shows_markdown(response: "Response", given: Mapping[str, Any]) -> bool:
    """Whether a person reads, and the marks are markup: they are not in verbatim sentences, nor in JSON."""
    from curta.models import registry

    is_markup = response.model.name != registry.BUILT_IN and not response.request.schema
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


def _show_quoted(answer: "QuotedAnswer", given: Mapping[str, Any]) -> int:
    _introduce(answer.response, given["model"])
    if given["as_json"]:
        _print_json({**answer.response.to_dict(), "response": answer.text, "quotes": answer.report.to_dict()})
    elif answer.text and _shows_markdown(answer.response, given):
        from curta.cli import markdown

        markdown.show(answer.text)
    elif answer.text:
        output.prose(answer.text.rstrip("\n"))
    return _finish(answer.response, answer.report, given)


def _finish(response: "Response", report: "Report | None", given: Mapping[str, Any]) -> int:
    """The notes that follow an answer, and the exit code."""
    if ending := _ending(response):
        output.note(ending, force=True)
    if report is not None and not given["as_json"]:
        from curta.cli.check import show

        show(report, sys.stderr)
    for warning in response.warnings:
        output.note((warning, "bold"), force=True)
    if given["usage"] or (response.cost and output.is_terminal(sys.stderr)):
        output.note(_used(response), force=given["usage"])
    if response.finish == "refused":
        return 4
    return 0 if report is None or report.ok else 3


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
    usage, pieces = response.usage, []
    if usage is not None:
        pieces += (
            [f"{usage.input:,} in, {usage.output:,} out"]
            if usage.input is not None and usage.output is not None
            else []
        )
        pieces[-1:] = [f"{pieces[-1]} {usage.unit}"] if pieces else []
        pieces += [f"{usage.cached:,} cached"] if usage.cached else []
    if response.cost is not None:
        pieces.append(f"${response.cost:.6f}".rstrip("0").rstrip("."))
    if response.duration is not None:
        pieces.append(f"{response.duration:.1f} s")
    return " · ".join([response.resolved_model or response.model.name, *pieces])


def _introduce(response: "Response", named: str | None) -> None:
    """Say once that the built-in model answers because no other is configured, and what to do about it."""
    from curta import config
    from curta.models import registry

    if named or response.model.name != registry.BUILT_IN or registry.default() != registry.BUILT_IN:
        return
    if config.read("config.json").get("introduced"):
        return
    output.note(
        "Answered by the built-in model, which only quotes what it is given. For one that writes: "
        "curta keys set openai, or curta models add NAME --url URL --model ID. (Said once.)"
    )
    with config.changing("config.json") as settings:
        settings["introduced"] = True


def _say_retry(retry: Any) -> None:
    output.note(str(retry))


def _say_asking(response: "Response") -> None:
    """A checked answer is shown when it is whole: say meanwhile what is being waited for."""
    from curta.models import registry

    if response.model.name != registry.BUILT_IN and output.is_terminal(sys.stderr):
        output.note(f"Asking {response.model.name}; the answer is shown when its quotations have been checked.")


def _say_round(number: int, response: "Response", report: "Report") -> None:
    if report.ok or not output.is_terminal(sys.stderr):
        return
    failed = len(report.problems())
    output.note(f"Round {number}: {failed} claim{'s' * (failed != 1)} did not hold.")


def _warn_about_key(key: str | None) -> None:
    """A key on the command line is readable by every user of the machine and stays in the shell's history."""
    from curta.models import keys

    if key is not None and key not in keys.saved() and output.is_terminal(sys.stderr):
        output.note(
            "--key takes the name of a saved key; a key itself is visible to others. Save it: curta keys set NAME"
        )


@contextmanager
def _telling_what_is_kept(response: "Response") -> Iterator[None]:
    """When an answer stops in the middle, or cannot be shown: end its line, and say what became of it."""
    try:
        yield
    except BaseException as error:
        if output.is_terminal() and response.partial():
            sys.stdout.write("\n")
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
