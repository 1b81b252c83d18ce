"""Ask a model, with documents, tools or quotations; look at what was asked, and ask it again."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

from curta import asking
from curta.api.given import begun, named_model, opened, thrift
from curta.asking import Asked
from curta.conversations import Conversation, Response
from curta.errors import UsageError
from curta.messages import JSON, Document
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.answering.quoted import OnAsk, OnRound, QuotedAnswer, Steps
    from curta.conversations.budget import Budget
    from curta.conversations.chain import Approve, Chain
    from curta.llm_home.both_logs import BothLogs
    from curta.quotes import Report
    from curta.store import Call, Log
    from curta.store.comparing import Comparison


def model(name: str | None = None, *, key: str | None = None) -> Model:
    """The model called `name`, or the default one. Raises UnknownModel."""
    return registry.get(name, key=key)


def load(source: str) -> list[Document]:
    """The Documents of a file, folder, glob, URL, `hn:ID`, or `-` for standard input; of a fragment, by alias or hash.

    Raises SourceError.
    """
    from curta import fragments

    return fragments.load(source)


def schema(spec: str, *, multi: bool = False, log: "Log | None" = None) -> dict[str, JSON]:
    """The schema that `spec` names: `name, age int`, JSON, a file, a kept or used one, `t:TEMPLATE`. Raises UsageError.

    multi: one for any number of what it describes, `{"items": [...]}`.
    """
    from curta.asking import schemas

    return schemas.schema(spec, multi=multi, log=log)


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
        return begun(model, key, log)
    past, voice = logs() if isinstance(log, bool) else log, None if model is None else named_model(model, key)
    id = None if isinstance(resume, bool) else resume
    return Conversation.resume(past, id, log=opened(log), model=voice, key=key, call=from_call)


def logs() -> "BothLogs":
    """All that is logged: Curta's own calls, and those of an `llm` on this computer, read where they are."""
    from curta.llm_home import with_past
    from curta.store import open_log

    return with_past(open_log())


@overload
def prompt(words: str = "", *, tools: None = None, **how: Any) -> Response: ...


@overload
def prompt(words: str = "", *, tools: Sequence[Any], **how: Any) -> "Chain": ...


def prompt(  # type: ignore[misc]  # the overloads leave its other keywords to it
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
    Without words, a conversation that stopped in the middle of its tool calls goes on.
    chain_limit: how often the model is asked at most; 0 for no limit. approve: asked before each call.
    tool_timeout: seconds for each call.
    max_cost: US dollars for all calls together, or a Budget that more prompts share; TooExpensive is raised before a
    call that could cost more. cache: give the answer again that the log has for the very same request.
    asked: `documents`, `attachments`, `system`, `template`, `inputs`, `options`, `schema` (see `Asked`).
    """
    unfinished = conversation is not None and conversation.unfinished
    question = asking.question(words, asked, log=_given(log), may_be_empty=unfinished)
    talk = conversation or begun(model or question.model, key, log)
    how = {**question.how, "caller": caller, "stream": stream, "on_retry": on_retry, **thrift(max_cost, cache, log)}
    offered = _offered(question, tools)
    if offered is None and conversation and not question.parts:
        offered = _again(conversation)
    if offered is None:
        return talk.prompt(*question.parts, **how)
    from curta.tools import of

    return talk.chain(
        *question.parts, functions=of(list(offered)), limit=chain_limit, approve=approve, timeout=tool_timeout, **how
    )


def quoted(words: str = "", **how: Any) -> "QuotedAnswer":
    """Ask for an answer with quotations, verified against the documents and mended in at most three rounds.

    how: what `quoting` takes.
    """
    from curta.answering.quoted import drive

    return drive(quoting(words, **how))


def quoting(
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
) -> "Steps":
    """The rounds of `quoted`, each a Response to wait for, for code that drives them itself.

    `answering.quoted.adrive` does so from async code. Raises UsageError for a template with tools.
    """
    from curta.answering import quoted as answering

    question = asking.question(words, asked, log=_given(log))
    if question.tools or question.functions:
        raise UsageError(
            "Quotations are verified against sources, and what tools say is none.",
            then="Leave out the quotations (--quotes), or the template with tools.",
        )
    talk = conversation or begun(model or question.model, key, log)
    how = {**question.how, "caller": caller, "stream": stream, "on_retry": on_retry, **thrift(max_cost, cache, log)}
    return answering.ask(talk, *question.parts, on_ask=on_ask, on_round=on_round, **how)


def replay(
    call: "str | Call | None" = None,
    *,
    model: str | Model | None = None,
    options: Mapping[str, JSON] | None = None,
    log: "Log | bool" = True,
    key: str | None = None,
    caller: str = "replay",
    on_retry: Any = None,
    max_cost: "float | Budget | None" = None,
) -> Response:
    """Send the request of a logged call again, as a conversation of its own: the same words, documents and tools.

    call: its id, or the beginning of one; the latest when None. model: another one than answered then.
    options: take the place of those of the same name; None as a value takes one away. Raises UnknownCall.
    """
    from dataclasses import replace

    logged = logs().call(call) if call is None or isinstance(call, str) else call
    past, voice = logged.request(), named_model(model or logged.model, key)
    changed = {name: value for name, value in {**past.options, **(options or {})}.items() if value is not None}
    request = replace(past, model=voice.name, options=changed)
    how = {"caller": caller, "on_retry": on_retry, **thrift(max_cost, False, log)}
    return Response(voice, request, log=opened(log), **how)


def compare(old: "str | Call", new: "str | Call") -> "Comparison":
    """How two logged calls differ, in what was asked and in what was answered. Raises UnknownCall."""
    from curta.store import comparing

    a, b = (logs().call(each) if isinstance(each, str) else each for each in (old, new))
    return comparing.compare(a, b)


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


def _offered(question: asking.Question, tools: Sequence[Any] | None) -> Sequence[Any] | None:
    """The tools that the templates name, and those that were given; None when there are none at all."""
    if not (question.tools or question.functions):
        return tools
    from curta.tools import find_all

    return [*find_all(question.tools, question.functions), *(tools or ())]


def _again(conversation: Conversation) -> Sequence[Any] | None:
    """The tools that a conversation had before it stopped. Raises UsageError when one has no name to be found by."""
    from curta.tools import find_again

    return find_again([*conversation.offered, *(call.name for call in conversation.pending)])


def _given(log: "Log | bool") -> "Log | None":
    return None if isinstance(log, bool) else log
