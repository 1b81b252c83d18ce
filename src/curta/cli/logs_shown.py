"""How a logged call looks on paper: whole, on one line, or as JSON."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from curta.cli import output
from curta.store import Call
from curta.text.money import dollars

_LONGEST_RESULT = 2000
"""Characters of a tool's result that a page shows; --json has all."""


def whole(call: Call, *, usage: bool = False, most: int | None = None, documents: bool = False) -> None:
    """A call with its prompt and its answer, as Markdown.

    most: no text longer than so many characters. documents: with the texts of those that were sent.
    """
    from curta.cli import logs_asks

    asked = call.asked
    title(call.started, call.id)
    for name, text in (*_facts(call, usage), *(logs_asks.facts(asked) if asked else ())):
        output.line((f"{name}: ", "faint"), one_line(text))
    sent = [(f"Document {each.uri or each.sha256[:12]}", each.text) for each in call.documents] if documents else []
    for name, text in (("System", call.system), *sent, ("Prompt", call.prompt)):
        section(name, text, most)
    _list("Tool results", map(_result, call.tool_results))
    section("Reasoning", call.reasoning, most)
    if asked and asked.described["text"]:
        logs_asks.show_answer(asked)
    elif output.is_terminal() and call.response and _is_markdown(call):
        from curta.cli import markdown

        heading("Response")
        markdown.show(shortened(call.response, most) if most else call.response)
    else:
        section("Response", call.response or ("" if call.tool_calls else _why_nothing(call)), most)
    _list("Tool calls", map(_call, call.tool_calls))
    output.line()


def brief(call: Call, *, usage: bool = False) -> None:
    """A call on one line."""
    results, calls = map(_result, call.tool_results), map(_call, call.tool_calls)
    prompt = shortened(one_line(call.prompt or " ".join(results)), 60)
    answer = shortened(one_line(call.response or " ".join(calls) or _why_nothing(call)), 60)
    used = f"  {_usage(call)}" if usage else ""
    status = "" if call.status == "ok" else f"  {call.status}"
    status += "  (from llm)" if call.caller == "llm" else ""
    output.line(
        (f"{call.id}  {_when(call.started)}  {call.model}", "faint"),
        (status, "bad"),
        f"  {prompt}",
        (f"  {answer}{used}", "faint"),
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def shortened(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def json_list(values: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON array, element by element, so that a long one needs no memory."""
    import json

    before = "["
    for value in values:
        text = json.dumps(value, ensure_ascii=False, indent=2)
        yield before + "\n  " + text.replace("\n", "\n  ")
        before = ","
    yield "[]" if before == "[" else "\n]"


def _facts(call: Call, usage: bool) -> Iterator[tuple[str, str]]:
    yield "model", call.model + (f" ({call.resolved_model})" if call.resolved_model else "")
    if call.caller == "llm":
        yield "from", "llm"
    if call.status != "ok":
        yield "status", ": ".join(filter(None, (call.status, call.error)))
    if call.conversation_id != call.id:
        yield "conversation", call.conversation_id
    if call.cached_from:
        yield "from the log", f"the answer of call {call.cached_from}; nothing was sent"
    if call.template:
        yield "template", call.template
    for record in call.document_records:
        title = f" “{record.title}”" if record.title else ""
        yield "document", f"{record.uri or 'unnamed'}{title}, {record.characters:,} characters"
    for part in call.attachment_records:
        yield "attachment", f"{part['name'] or part.get('url') or part['sha256'][:12]} ({part['media_type']})"
    for name, value in call.options.items():
        yield "option", f"{name} {value}"
    if call.quotes is not None:
        yield "checked", _verdict(call.quotes)
    if usage:
        yield "usage", _usage(call)


def section(name: str, text: str, most: int | None = None) -> None:
    """A text under its heading; nothing where there is none."""
    if text:
        heading(name)
        output.line(shortened(text, most) if most else text)


def _list(name: str, lines: Iterable[str]) -> None:
    for n, line in enumerate(lines):
        if n == 0:
            heading(name)
        output.line(f"- {line}")


def _call(call: Mapping[str, Any]) -> str:
    from curta.cli.prompt_tools import call_line
    from curta.messages import ToolCall

    return call_line(ToolCall(call["id"], call["name"], call["arguments"]))


def _part(part: Mapping[str, Any]) -> str:
    kind = part.get("media_type", part["type"])
    return str(part["text"]) if "text" in part else f"<{kind} {part['sha256'][:12]}>"


def _result(result: Mapping[str, Any]) -> str:
    text = shortened("\n".join(map(_part, result["parts"])).replace("\n", "\n  "), _LONGEST_RESULT)
    return f"failed: {text}" if result["failed"] else text


def _is_markdown(call: Call) -> bool:
    """Whether the marks in an answer are markup: not in verbatim sentences, nor in JSON."""
    from curta.models.registry import BUILT_IN

    return call.model != BUILT_IN and not call.schema


def heading(name: str) -> None:
    output.line()
    output.line((f"## {name}", "accent"))
    output.line()


def title(started: datetime, id: str) -> None:
    """The head of a page about something that is logged."""
    output.line(("# ", "faint"), (_when(started), "bold"), ("  " + id, "faint"))
    output.line()


def _when(started: datetime) -> str:
    return started.astimezone().isoformat(sep=" ", timespec="seconds")


def _why_nothing(call: Call) -> str:
    return "(still running)" if call.status == "running" else "(no answer)"


def _usage(call: Call) -> str:
    counted = [f"{name} {value:,}" for name, value in (("in", call.input_tokens), ("out", call.output_tokens)) if value]
    figures = [" ".join((*counted, call.unit))] if counted else []
    figures.append("cost unknown" if call.cost is None else dollars(call.cost))
    if call.duration_ms is not None:
        figures.append(f"{call.duration_ms / 1000:.2f} s")
    if call.first_token_ms is not None:
        figures.append(f"first token {call.first_token_ms / 1000:.2f} s")
    return ", ".join(figures)


def _verdict(report: Mapping[str, Any]) -> str:
    """`3 of 3 quotations verified`, of a report as `curta check --json` has it, and who guaranteed them."""
    judged = [quote["ok"] for quote in report.get("quotes", ()) if quote.get("ok") is not None]
    if not judged:
        return "no quotations to verify"
    guaranteed = ", guaranteed by grammar" if report.get("guaranteed_by") == "grammar" else ""
    return f"{sum(judged)} of {len(judged)} quotations verified{guaranteed}"
