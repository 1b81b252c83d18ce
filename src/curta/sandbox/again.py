"""A logged run, repeated: the same program with the same input, without the model that wrote it."""

from typing import TYPE_CHECKING, Any, NamedTuple

from curta.errors import UsageError
from curta.sandbox import cache, record
from curta.sandbox.judging import judge
from curta.sandbox.process import OnOutput
from curta.sandbox.record import Origin
from curta.sandbox.result import Result
from curta.sandbox.sandbox import Sandbox
from curta.sandbox.setting import Setting

if TYPE_CHECKING:
    from curta.store import Log
    from curta.store.runs import RunRecord


class Again(NamedTuple):
    """A repeated run. differs: in what it differs from the logged one; empty when it came to the same."""

    result: Result
    differs: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        return not self.differs


def again(
    past: "RunRecord",
    log: "Log",
    *,
    keep: bool = True,
    on_output: OnOutput | None = None,
    on_compile: cache.OnCompile | None = None,
) -> Again:
    """Run a logged program once more, in the same setting; of a test also the program that it judged, of a cell also
    the cells before it.

    log: where both are. keep: log this run too. Folders and files are taken as they are now.
    Raises UsageError when not all of the program was kept.
    """
    for name in ("program", "stdin"):
        if not past.is_whole(name):
            raise UsageError(f"The {name} of run {past.id} was too long to be kept, so it cannot run again.")
    known = past.described
    setting = Setting.from_dict(known["setting"])
    origin = Origin("again", past.call, known["tests"], tuple(known.get("after", ())))
    with setting.sandbox(on_compile) as sandbox:

        def run(heard: OnOutput | None) -> Result:
            if origin.tests:
                return _judged(log.run(origin.tests), past, sandbox, heard)
            if origin.after:
                return _after([log.run(each) for each in origin.after], past, sandbox, heard)
            return sandbox.run(past.program, setting.language, stdin=past.stdin, on_output=heard)

        how: dict[str, Any] = {"log": log if keep else None, "origin": origin, "stdin": past.stdin}
        result = record.logged(run, past.program, setting, on_output=on_output, **how)
    return Again(record.kept(result, sandbox), _differences(past, result))


def _after(cells: "list[RunRecord]", last: "RunRecord", sandbox: Sandbox, heard: OnOutput | None) -> Result:
    """The result of the last cell of a session that is lived through again."""
    session = sandbox.session(last.language)
    for each in cells:
        session.run(each.program)
    return session.run(last.program, on_output=heard)


def _judged(program: "RunRecord", test: "RunRecord", sandbox: Sandbox, heard: OnOutput | None) -> Result:
    setting = Setting.from_dict(program.described["setting"])
    with setting.sandbox() as beside:
        result = beside.run(program.program, setting.language, stdin=program.stdin)
        try:
            return judge(sandbox, program.program, result, test.program, test.language, setting.language, heard)
        finally:
            beside.close()


def _differences(past: "RunRecord", result: Result) -> tuple[str, ...]:
    before, now = past.described.get("hashes", {}), record.outcome(result)
    if not before:
        return ("what came of it was taken out of the log",)
    return tuple(name for name, hash in now.items() if before.get(name) != hash)
