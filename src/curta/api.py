"""The Python API. `import curta` shows these names; each command of the command line is one call of one of them.

import curta

answer = curta.prompt("What do they say about search?", documents=["examples/hn-thread.json"])
print(answer.text())
print(curta.check(answer).ok)
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack, cast, overload

from curta import asking
from curta.asking import Asked
from curta.conversations import Conversation, Response
from curta.errors import UsageError
from curta.messages import JSON, Document
from curta.models import registry
from curta.models.model import Model

if TYPE_CHECKING:
    from pathlib import Path

    from curta.answering import Answer, Source
    from curta.answering.quoted import OnAsk, OnRound, QuotedAnswer, Steps
    from curta.coding.coded import Coded, Round
    from curta.coding.replaying import OnRun, Replayed
    from curta.collections import Collection, Entry
    from curta.collections.embedding import Progress
    from curta.conversations.budget import Budget
    from curta.conversations.chain import Approve, Chain
    from curta.evals.reporting import Report as ExperimentReport
    from curta.evals.running import Experiment
    from curta.evals.spec import Spec
    from curta.index.evaluation import Comparison as Compared
    from curta.index.evaluation import Evaluation, Questions
    from curta.index.filling import Filled
    from curta.index.search import Results
    from curta.index.stores.store import Store
    from curta.index.tuning import Tuned
    from curta.llm_home.both_logs import BothLogs
    from curta.mapping import Mapped
    from curta.models.embedders import Embedder, EmbedError, Vector
    from curta.quotes import Report
    from curta.sandbox import Result
    from curta.sandbox.again import Again
    from curta.sandbox.cells import Cells
    from curta.sandbox.process import OnOutput
    from curta.sources.tables import Form
    from curta.store import Call, Log, RunRecord
    from curta.store.comparing import Comparison
    from curta.templates import Template


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
        return _begun(model, key, log)
    past, voice = logs() if isinstance(log, bool) else log, None if model is None else _voice(model, key)
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
    talk = conversation or _begun(model or question.model, key, log)
    how = {**question.how, "caller": caller, "stream": stream, "on_retry": on_retry, **_thrift(max_cost, cache, log)}
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
    talk = conversation or _begun(model or question.model, key, log)
    how = {**question.how, "caller": caller, "stream": stream, "on_retry": on_retry, **_thrift(max_cost, cache, log)}
    return answering.ask(talk, *question.parts, on_ask=on_ask, on_round=on_round, **how)


def ask(
    question: str,
    sources: "Source | Sequence[Source]",
    *,
    model: str | Model | None = None,
    passages: int | None = None,
    filter: str | None = None,
    lexical: bool = False,
    exact: bool = False,
    options: Mapping[str, JSON] | None = None,
    rounds: int = 3,
    max_cost: "float | Budget | None" = None,
    cache: bool = False,
    stream: bool = True,
    log: "Log | bool" = True,
    key: str | None = None,
    caller: str = "python",
    on_retry: Any = None,
) -> "Answer":
    """An answer from documents, each of its claims verified to its place or struck out.

    It is worked out while it is read: `text()`, `claims`, `notes`; or `await` it.
    sources: indexes, by name, path or as they are; whatever else `load` reads; Documents. passages: how many the model
    gets at most. filter, lexical, exact: as in `search`. rounds: how often wrong claims go back to be mended.
    max_cost: US dollars for all calls together. Raises UsageError for a question without words.
    """
    from curta import answering

    voice = _voice(model, key)
    how = {"options": options, "stream": stream, "on_retry": on_retry, **_thrift(max_cost, cache, log)}
    wanted = answering.Wanted(passages, filter, lexical, exact)
    given = sources if isinstance(sources, (list, tuple)) else [cast("Source", sources)]
    return answering.ask(voice, question, given, wanted, rounds=rounds, log=opened(log), caller=caller, **how)


@overload
def embed(  # type: ignore[overload-overlap]  # a text is a sequence of texts, but is meant as one
    what: str | bytes,
    *,
    model: str | None = None,
    query: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "Vector": ...


@overload
def embed(
    what: Sequence[str | bytes],
    *,
    model: str | None = None,
    query: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "list[Vector | EmbedError]": ...


def embed(
    what: str | bytes | Sequence[str | bytes],
    *,
    model: str | None = None,
    query: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "Vector | list[Vector | EmbedError]":
    """The vector of a text or of bytes; of several, a list with an EmbedError for each that has none.

    model: an embedding model, or the default one. query: it is what is searched for, where the model makes a
    difference. Raises UnknownModel, a ModelError when nothing can be embedded, WrongVectors for a single bad item.
    """
    from curta.collections.embedding import one
    from curta.index.embedding import embedded
    from curta.models.embedders import embedder

    voice = embedder(model, key)
    if isinstance(what, str | bytes):
        return one(voice, what, query=query, log=opened(log))
    return list(embedded(voice, list(what), query=query, log=opened(log)))


def collection(name: str, *, database: "Path | None" = None, create: bool = False) -> "Collection":
    """The collection of vectors called `name`. database: a file in the form of `llm`'s. Raises UnknownIndex."""
    from curta import collections

    return collections.open(name, database=database, create=create)


def keep(
    collection: "Collection",
    contents: Mapping[str, str | bytes],
    *,
    model: str | None = None,
    store: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
) -> "Progress":
    """Embed what is new or has changed among `contents` (by id), and keep it; what came of it.

    model: for a collection that is empty; otherwise its own. store: keep the contents too. Raises WrongVectors,
    ModelError.
    """
    from curta.collections import Item
    from curta.collections.embedding import Progress, embed_many, embedder_of

    voice, items = embedder_of(collection, model, key), [Item(id, each) for id, each in contents.items()]
    from dataclasses import replace

    failed: tuple[Any, ...] = ()
    last = Progress()
    for last in embed_many(collection, items, voice, store=store, log=opened(log)):
        failed += last.failed
    return replace(last, failed=failed)


def similar(
    collection: "Collection",
    content: str | bytes | None = None,
    *,
    id: str | None = None,
    n: int = 10,
    prefix: str = "",
    log: "Log | bool" = True,
    key: str | None = None,
) -> "list[Entry]":
    """The entries of a collection that are most similar to `content`, or to the entry `id`, best first."""
    from curta.collections import embedding

    return embedding.similar(collection, content, id=id, n=n, prefix=prefix, key=key, log=opened(log))


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
    past, voice = logged.request(), _voice(model or logged.model, key)
    changed = {name: value for name, value in {**past.options, **(options or {})}.items() if value is not None}
    request = replace(past, model=voice.name, options=changed)
    how = {"caller": caller, "on_retry": on_retry, **_thrift(max_cost, False, log)}
    return Response(voice, request, log=opened(log), **how)


def compare(old: "str | Call", new: "str | Call") -> "Comparison":
    """How two logged calls differ, in what was asked and in what was answered. Raises UnknownCall."""
    from curta.store import comparing

    a, b = (logs().call(each) if isinstance(each, str) else each for each in (old, new))
    return comparing.compare(a, b)


def run(
    source: str,
    language: str = "python",
    *,
    files: Sequence[str] = (),
    read: Sequence[str] = (),
    work: str | None = None,
    wheels: Sequence[str] = (),
    data: bool = False,
    stdin: str = "",
    timeout: float = 10,
    memory: int = 256,
    log: "Log | bool" = True,
    caller: str = "python",
    on_output: "OnOutput | None" = None,
    on_compile: "Callable[[str], None] | None" = None,
) -> "Result":
    """Run a program that nobody has read, in the sandbox; whatever it does is a Result.

    files: files and folders it finds in `/work`, as copies. read: folders it may read, each as `/read/NAME`.
    work: a folder it sees as `/work`; it changes a view of it, and the Result says what. wheels: pure Python packages.
    data: with numpy, pandas, matplotlib and more (the extra `data`). timeout: seconds. memory: MB. on_output: told of
    each piece of output (`stdout` or `stderr`, text) as it comes. on_compile: told before code is compiled, and while.
    The files it made are there for as long as the Result is.
    Raises UsageError for what cannot be granted, SandboxError when nothing can be run here.
    """
    from curta.sandbox import engines, record
    from curta.sandbox.setting import Setting, limited

    language, limits = engines.with_data(language) if data else language, limited(timeout, memory)
    setting = Setting(language, tuple(read), work, tuple(files), tuple(wheels), limits)
    how: dict[str, Any] = {"log": opened(log), "origin": record.Origin(caller), "stdin": stdin, "on_output": on_output}
    with setting.sandbox(on_compile) as sandbox:
        result = record.logged(
            lambda out: sandbox.run(source, language, stdin=stdin, on_output=out), source, setting, **how
        )
    return record.kept(result, sandbox)


@contextmanager
def cells(
    language: str = "python",
    *,
    files: Sequence[str] = (),
    read: Sequence[str] = (),
    work: str | None = None,
    wheels: Sequence[str] = (),
    data: bool = False,
    timeout: float = 10,
    memory: int = 256,
    log: "Log | bool" = True,
    caller: str = "python",
    on_compile: "Callable[[str], None] | None" = None,
) -> "Iterator[Cells]":
    """A session in the sandbox: what a cell leaves is there for the next, until the block ends. Each cell is logged.

    What is granted is as for `run`; timeout is for each cell. Raises UsageError for what cannot be granted.
    """
    from curta.sandbox import engines
    from curta.sandbox.cells import Cells
    from curta.sandbox.setting import Setting, limited

    language, limits = engines.with_data(language) if data else language, limited(timeout, memory)
    setting = Setting(language, tuple(read), work, tuple(files), tuple(wheels), limits)
    with setting.sandbox(on_compile) as sandbox:
        try:
            yield Cells(sandbox.session(setting.language), setting, log=opened(log), caller=caller)
        finally:
            sandbox.close()


def run_again(
    run: "str | RunRecord | None" = None,
    *,
    log: "Log | bool" = True,
    on_output: "OnOutput | None" = None,
    on_compile: "Callable[[str], None] | None" = None,
) -> "Again":
    """Run a logged program again, without the model that wrote it, and say whether it comes to the same.

    run: its id, or the beginning of one; the latest when None. Raises UnknownCall.
    """
    from curta.sandbox.again import again

    past = opened(log) or opened(True)
    assert past is not None
    record = past.run(run) if run is None or isinstance(run, str) else run
    return again(record, past, keep=bool(log), on_output=on_output, on_compile=on_compile)


def code(
    task: str,
    *,
    files: Sequence[str] = (),
    model: str | Model | None = None,
    language: str = "python",
    test: str | None = None,
    wheels: Sequence[str] = (),
    data: bool = False,
    rounds: int = 5,
    timeout: float = 10,
    memory: int = 256,
    options: Mapping[str, JSON] | None = None,
    max_cost: "float | Budget | None" = None,
    log: "Log | bool" = True,
    key: str | None = None,
    caller: str = "code",
    on_ask: "Callable[[int, Response], None] | None" = None,
    on_round: "Callable[[Round], None] | None" = None,
    on_retry: Any = None,
    on_compile: "Callable[[str], None] | None" = None,
) -> "Coded":
    """Have a program written that does `task`: a model writes it, it runs in the sandbox, until it works.

    files: files and folders the program finds in `/work`; of each, the model sees the first lines.
    test: a file with a program that judges it: it works when the test passes too. rounds: how many answers at most.
    data: the program finds numpy, pandas and matplotlib (the extra `data`). timeout, memory: seconds and MB for each
    run. max_cost: US dollars for all answers together.
    on_ask, on_round: told of each call before it is made, of each round after it. Raises UsageError for a model that
    writes nothing. Nothing leaves the sandbox: the files are there for as long as the result of the last run is.
    """
    from curta.coding import given, writing
    from curta.sandbox import engines, record
    from curta.sandbox.setting import Setting, limited

    language = engines.with_data(language) if data else language
    setting = Setting(language, files=tuple(files), wheels=tuple(wheels), limits=limited(timeout, memory))
    how = {"options": options, "caller": caller, "on_retry": on_retry, **_thrift(max_cost, False, log)}
    judge = None if test is None else writing.read_test(test, data=setting.language == "data")
    steps = writing.write(
        _begun(model, key, log),
        task,
        setting,
        documents=given.previews(files),
        test=judge,
        rounds=rounds,
        on_ask=on_ask,
        on_round=on_round,
        **how,
    )
    with setting.sandbox(on_compile) as programs, setting.sandbox(on_compile) as tests:
        coded = writing.drive(steps, writing.Bench(setting, programs, tests, log=opened(log), caller=caller))
    tests.close()
    if coded.result is None:
        programs.close()
    else:
        record.kept(coded.result, programs)
    return coded


def map(
    words: str,
    rows: "str | Iterable[Mapping[str, JSON]]",
    *,
    model: str | Model | None = None,
    system: str | None = None,
    template: "str | Template | Sequence[str | Template] | None" = None,
    inputs: Mapping[str, str] | None = None,
    options: Mapping[str, JSON] | None = None,
    schema: Mapping[str, JSON] | str | None = None,
    documents: Sequence[str] = (),
    answer: str | None = None,
    form: "Form | None" = None,
    limit: int | None = None,
    concurrency: int = 8,
    ordered: bool = True,
    max_cost: "float | Budget | None" = None,
    max_tokens: int | None = None,
    again: bool = False,
    retry_failed: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
    caller: str = "map",
    on_retry: Any = None,
) -> "Mapped":
    """Ask about each row, many at a time. Iterate (`for` or `async for`) for the rows with their answers, in order.

    words: with `$column` for a row's value; without any, the row's text is sent as a Document. rows: mappings, or a
    file of JSON Lines, CSV, TSV, a JSON array or lines, `-`, `sqlite:PATH?QUERY`. template: its inputs are columns.
    documents: columns to send as Documents. answer: the column for the answers. form: of the rows, where the name of
    the file does not say it.
    max_cost: US dollars, max_tokens: tokens, for all calls of this run. What the same call asked earlier is not asked
    again, but for what failed with `retry_failed`, and for all of it with `again`. Raises, before anything is asked,
    UsageError and whatever else can be known to be wrong.
    """
    from curta import mapping

    return mapping.begin(
        words,
        rows,
        model=model,
        system=system,
        template=template,
        inputs=inputs,
        options=options,
        schema=schema,
        documents=documents,
        answer=answer,
        form=form,
        limit=limit,
        concurrency=concurrency,
        ordered=ordered,
        tokens=max_tokens,
        again=again,
        retry_failed=retry_failed,
        log=opened(log),
        key=key,
        caller=caller,
        on_retry=on_retry,
        budget=_thrift(max_cost, False, log).get("budget"),
    )


def experiment(
    spec: "Spec | str | Path | Mapping[str, Any]",
    *,
    model: str | Model | None = None,
    concurrency: int = 8,
    max_cost: "float | Budget | None" = None,
    again: bool = False,
    retry_failed: bool = False,
    log: "Log | bool" = True,
    key: str | None = None,
    on_retry: Any = None,
) -> "Experiment":
    """Find out whether a change made a difference. `run()` goes to the end, iterating goes block by block.

    spec: a YAML file, a mapping with the same keys, or a Spec. model: the one to ask where the spec names none.
    max_cost: US dollars, at most as many as the spec allows. What the same experiment asked earlier is not asked again,
    but for what failed with `retry_failed`, and for all of it with `again`. Raises, before anything is asked,
    UsageError and whatever else can be known to be wrong.
    """
    from curta.conversations.budget import Budget
    from curta.evals import spec as specs
    from curta.evals.running import Experiment

    if isinstance(spec, str | os.PathLike):
        spec = specs.read(spec)
    elif not isinstance(spec, specs.Spec):
        spec = specs.spec_of(spec)
    if not isinstance(max_cost, Budget):
        max_cost = min((each for each in (max_cost, spec.stop.max_cost) if each is not None), default=None)
    return Experiment(
        spec,
        model=model,
        key=key,
        log=opened(log),
        again=again,
        retry_failed=retry_failed,
        concurrency=concurrency,
        on_retry=on_retry,
        budget=_thrift(max_cost, False, log).get("budget"),
    )


def experiments(log: "Log | None" = None) -> "list[ExperimentReport]":
    """The experiments in the log, newest first, with what is known of each."""
    from curta.evals.reporting import reports
    from curta.store import open_log

    return reports(log or open_log())


def experiment_report(id: str | None = None, *, log: "Log | None" = None) -> "ExperimentReport":
    """What is known of a logged experiment, computed again without asking anything; of the latest without an id.

    Raises UnknownCall.
    """
    from curta.evals.reporting import report
    from curta.store import open_log

    return report(log or open_log(), id)


def code_again(
    call: str | None = None,
    *,
    log: "Log | bool" = True,
    on_run: "OnRun | None" = None,
    on_compile: "Callable[[str], None] | None" = None,
) -> "tuple[Replayed, ...]":
    """Run the logged rounds of `code` again, without the model, and say of each whether it comes to the same.

    call: the id of a call of the task, or the beginning of one; the latest task when None. log: False logs no new run.
    Also for a conversation whose model ran programs as a tool. Raises UnknownCall, UsageError.
    """
    from curta.coding.replaying import replay

    past = opened(log) or opened(True)
    assert past is not None
    return replay(call, past, keep=bool(log), on_run=on_run, on_compile=on_compile)


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


def search(
    name: "str | os.PathLike[str]",
    words: str,
    n: int = 10,
    *,
    filter: str | None = None,
    lexical: bool = False,
    exact: bool = False,
    operators: bool = False,
    per_document: bool = False,
    store: str | None = None,
    log: "Log | bool" = True,
) -> "Results":
    """The `n` passages of an index that answer `words` best: by words, and by meaning when it was embedded.

    See `Index.search`. lexical: by words alone. store: the address of the PostgreSQL it is in, when that is not known
    yet. log: where it is logged that the question was embedded.
    """
    from dataclasses import replace

    from curta.index.search import stored
    from curta.index.stores import places

    with places.open(name, store) as there:
        recipe = replace(stored(there), lexical=lexical)
        how = {"filter": filter, "exact": exact, "operators": operators, "per_document": per_document}
        logged = None if lexical or not there.models() else opened(log)
        return there.search(words, n, recipe=recipe, log=logged, **how)  # type: ignore[arg-type]


def evaluate(
    name: "str | os.PathLike[str]",
    queries: "Path | None" = None,
    qrels: "Path | None" = None,
    *,
    synthetic: bool = False,
    lexical: bool = False,
    exact: bool = False,
    weight: float | None = None,
    against: str | None = None,
    log: "Log | bool" = True,
) -> "tuple[Evaluation, Compared | None, Questions]":
    """How well an index finds what it should; compared with another way to search when `against` names one.

    queries, qrels: JSON Lines of {"id", "text"} and of {"q", "d", "rel"}. synthetic: questions made from headings, in
    their place. against: `lexical` or `hybrid`.
    """
    from dataclasses import replace

    from curta.index import evaluation
    from curta.index.search import stored
    from curta.index.stores import places

    with places.open(name) as there:
        judged = evaluation.questions(there, queries, qrels, synthetic)
        by_words = lexical and against != "hybrid"
        asked = evaluation.ask(there, judged.questions, lexical=by_words, log=opened(log) if there.models() else None)
        recipe = replace(stored(there), lexical=lexical, exact=exact)
        recipe = recipe if weight is None else replace(recipe, weight=weight)
        new = evaluation.evaluate(there, judged.questions, asked, recipe)
        if against is None:
            return new, None, judged
        other = replace(stored(there), lexical=against == "lexical")
        return new, evaluation.compare(new, evaluation.evaluate(there, judged.questions, asked, other)), judged


def tune(
    name: "str | os.PathLike[str]",
    queries: "Path | None" = None,
    qrels: "Path | None" = None,
    *,
    synthetic: bool = False,
    log: "Log | bool" = True,
) -> "tuple[Tuned, Questions]":
    """Choose what columns and vectors weigh on half of the questions; kept when the others say that it is better.

    queries, qrels, synthetic: as for `evaluate`.
    """
    from curta.index import evaluation, tuning
    from curta.index.stores import places

    with places.open(name) as there:
        judged = evaluation.questions(there, queries, qrels, synthetic)
        asked = evaluation.ask(there, judged.questions, log=opened(log) if there.models() else None)
        return tuning.tune(there, judged.questions, asked), judged


def embedder_for(there: "Store", name: str | None = None) -> "Embedder | None":
    """The embedding model for an index: `name`, else the one it was embedded with, else the default one, if any."""
    from curta.models.embedders import default_embedder, embedder

    stored = [each.model for each in there.models()]
    chosen = name or (stored[0] if stored else default_embedder())
    return embedder(chosen) if chosen else None


def fill(there: "Store", embedder: "Embedder", *, log: "Log | bool" = True) -> "Iterator[Filled]":
    """Embed what of an index has no vector of this model yet, a batch at a time."""
    from curta.index.filling import fill

    return fill(there, embedder, log=opened(log))


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


def _begun(model: str | Model | None, key: str | None, log: "Log | bool") -> Conversation:
    return Conversation(_voice(model, key), log=opened(log))


def _voice(model: str | Model | None, key: str | None) -> Model:
    return registry.get(model, key=key) if model is None or isinstance(model, str) else model
