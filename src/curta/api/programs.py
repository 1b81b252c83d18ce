"""Programs that nobody has read: run in the sandbox, written by a model, run again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from curta.api.given import begun, opened, thrift
from curta.conversations import Response
from curta.messages import JSON
from curta.models.model import Model

if TYPE_CHECKING:
    from curta.coding.coded import Coded, Round
    from curta.coding.replaying import OnRun, Replayed
    from curta.conversations.budget import Budget
    from curta.sandbox import Result
    from curta.sandbox.again import Again
    from curta.sandbox.cells import Cells
    from curta.sandbox.process import OnOutput
    from curta.store import Log, RunRecord


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
    how = {"options": options, "caller": caller, "on_retry": on_retry, **thrift(max_cost, False, log)}
    judge = None if test is None else writing.read_test(test, data=setting.language == "data")
    steps = writing.write(
        begun(model, key, log),
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
