"""The Python API. `import curta` shows these names; each command of the command line is one call of one of them.

import curta

answer = curta.prompt("What do they say about search?", documents=["examples/hn-thread.json"])
print(answer.text())
print(curta.check(answer).ok)
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, Unpack, overload

from curta.conversations import Conversation, Response
from curta.errors import UsageError
from curta.messages import JSON, Attachment, Document, Part
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.answering.quoted import OnAsk, OnRound, QuotedAnswer
    from curta.conversations.budget import Budget
    from curta.conversations.chain import Approve, Chain
    from curta.quotes import Report
    from curta.store import Log
    from curta.templates import Template


class Asked(TypedDict, total=False):
    """What can go with the words of a prompt.

    documents: Documents, or sources that `load` reads. attachments: pictures and other files.
    system: a system prompt. template, inputs: a kept prompt and the values of its variables.
    options: the model's options. schema: a JSON schema the answer has to follow.
    """

    documents: "Iterable[Document | str]"
    attachments: Iterable[Attachment]
    system: str | None
    template: "str | Template | None"
    inputs: Mapping[str, str]
    options: Mapping[str, JSON]
    schema: Mapping[str, JSON] | None


def model(name: str | None = None, *, key: str | None = None) -> Model:
    """The model called `name`, or the default one. Raises UnknownModel."""
    return registry.get(name, key=key)


def load(source: str) -> list[Document]:
    """The Documents of a file, folder, glob, URL, `hn:ID`, or `-` for standard input. Raises SourceError."""
    from curta import sources

    return sources.load(source)


def conversation(
    model: str | Model | None = None,
    *,
    resume: str | bool = False,
    from_call: str | None = None,
    log: "Log | bool" = True,
    key: str | None = None,
) -> Conversation:
    """A conversation with a model.

    resume: go on with a logged one: its name or id, or True for the latest, with its model unless `model` says other.
    from_call: go on from this logged call, whatever was said after it: a second branch of its conversation.
    log: False leaves no trace; a Log of your own is used instead of the default one.
    """
    if not (resume or from_call):
        return _begun(model, key, log)
    past, voice = logs() if isinstance(log, bool) else log, None if model is None else _voice(model, key)
    id = None if isinstance(resume, bool) else resume
    return Conversation.resume(past, id, log=opened(log), model=voice, key=key, call=from_call)


def logs() -> "BothLogs":
    """All that is logged: Curta's own calls, and those of an `llm` on this computer, read where they are."""
    from curta.llm_home import both_logs
    from curta.store import open_log

    return both_logs(open_log())


@overload
def prompt(words: str = "", *, tools: None = None, **how: Any) -> Response: ...


@overload
def prompt(words: str = "", *, tools: Sequence[Any], **how: Any) -> "Chain": ...


def prompt(
    words: str = "",
    *,
    model: str | Model | None = None,
    conversation: Conversation | None = None,
    log: "Log | bool" = True,
    key: str | None = None,
    stream: bool = True,
    caller: str = "python",
    on_retry: Any = None,
    tools: Sequence[Any] | None = None,
    chain_limit: int = 5,
    approve: "Approve | None" = None,
    tool_timeout: float | None = 120,
    max_cost: "float | Budget | None" = None,
    cache: bool = False,
    **asked: Unpack[Asked],
) -> "Response | Chain":
    """Ask a model. The answer arrives while you iterate over the Response; `text()` waits for all of it.

    conversation: say it there; otherwise a new one is begun. log: False leaves no trace.
    tools: what the model may call: functions, Toolboxes, names that `curta tools` lists. The answer is then a Chain.
    Without words, the calls are made that `conversation` left pending.
    chain_limit: how often the model is asked at most; 0 for no limit. approve: asked before each call.
    tool_timeout: seconds for each call.
    max_cost: US dollars for all calls together, or a Budget that more prompts share; TooExpensive is raised before a
    call that could cost more. cache: give the answer again that the log has for the very same request.
    asked: `documents`, `attachments`, `system`, `template`, `inputs`, `options`, `schema` (see `Asked`).
    """
    pending = tools is not None and conversation is not None and conversation.pending
    question = _question(words, asked, may_be_empty=bool(pending))
    talk = conversation or _begun(model or question.model, key, log)
    how = {**question.how, "caller": caller, "stream": stream, "on_retry": on_retry, **_thrift(max_cost, cache, log)}
    if tools is None:
        return talk.prompt(*question.parts, **how)
    from curta.tools import of

    return talk.chain(
        *question.parts, functions=of(list(tools)), limit=chain_limit, approve=approve, timeout=tool_timeout, **how
    )


def quoted(
    words: str = "",
    *,
    model: str | Model | None = None,
    conversation: Conversation | None = None,
    log: "Log | bool" = True,
    key: str | None = None,
    stream: bool = True,
    caller: str = "python",
    on_retry: Any = None,
    on_ask: "OnAsk | None" = None,
    on_round: "OnRound | None" = None,
    max_cost: "float | Budget | None" = None,
    cache: bool = False,
    **asked: Unpack[Asked],
) -> "QuotedAnswer":
    """Ask for an answer with quotations, verified against the documents and mended in at most three rounds."""
    from curta.answering import quoted as answering

    question = _question(words, asked)
    talk = conversation or _begun(model or question.model, key, log)
    how = {**question.how, "caller": caller, "stream": stream, "on_retry": on_retry, **_thrift(max_cost, cache, log)}
    return answering.drive(answering.ask(talk, *question.parts, on_ask=on_ask, on_round=on_round, **how))


def check(answer: str | Response, documents: Sequence[Document] | None = None, *, prompt: str = "") -> "Report":
    """Verify every quotation, author, number and count of an answer.

    documents: the sources to check against; for a Response, by default those that were sent with it (the verdict is
    then kept in the log beside the call). prompt: the question, whose words an answer may repeat.
    """
    from curta import quotes
    from curta.answering.quoted import verify

    if isinstance(answer, str):
        return quotes.check(answer, documents or (), prompt=prompt)
    answer.text()
    return verify(answer) if documents is None else quotes.check(answer.partial(), documents, prompt=prompt)


def opened(log: "Log | bool") -> "Log | None":
    """The log that `log` stands for: the default one, none, or itself."""
    if not isinstance(log, bool):
        return log
    if not log:
        return None
    from curta.store import open_log

    return open_log()


def _thrift(max_cost: "float | Budget | None", cache: bool, log: "Log | bool") -> dict[str, Any]:
    """What a Response takes to save money: a budget, and a log to look for the same request in."""
    how: dict[str, Any] = {}
    if max_cost is not None:
        from curta.conversations.budget import Budget

        how["budget"] = max_cost if isinstance(max_cost, Budget) else Budget(max_cost)
    if cache:
        how["cache"] = opened(log) or opened(True)
    return how


class _Question(NamedTuple):
    """What to say, and how, after the template has had its say."""

    parts: tuple[Part, ...]
    model: str | None
    how: Mapping[str, Any]


def _question(words: str, asked: Asked, may_be_empty: bool = False) -> _Question:
    from curta.messages import Text

    documents = list(asked.get("documents", ()))
    options = dict(asked.get("options") or {})
    system, schema, model, name = asked.get("system"), asked.get("schema"), None, None
    if template := asked.get("template"):
        from curta import templates

        kept = templates.load(template) if isinstance(template, str) else template
        words, instructions = kept.fill(words, asked.get("inputs") or {})
        system, schema, model = system or instructions or None, schema or kept.schema_object, kept.model or None
        documents, options, name = [*kept.fragments, *documents], {**kept.options, **options}, kept.name
    read = [each for one in documents for each in (load(one) if isinstance(one, str) else [one])]
    said = (Text(words),) if words.strip() else ()
    attachments = tuple(asked.get("attachments", ()))
    if not (read or attachments or said or may_be_empty):
        raise UsageError(
            "There is no prompt.",
            then="For example: curta 'Three names for a pelican'   or   cat notes.txt | curta 'What was decided?'",
        )
    how = {"instructions": system, "options": options, "schema": schema, "template": name}
    return _Question((*read, *attachments, *said), model, how)


def _begun(model: str | Model | None, key: str | None, log: "Log | bool") -> Conversation:
    return Conversation(_voice(model, key), log=opened(log))


def _voice(model: str | Model | None, key: str | None) -> Model:
    return registry.get(model, key=key) if model is None or isinstance(model, str) else model
