"""Run programs that nobody has read: `Sandbox().run("print(1 + 1)")`."""

import os
from collections.abc import Sequence

from curta.errors import UsageError
from curta.sandbox import cache
from curta.sandbox.limits import Limits
from curta.sandbox.process import OnOutput
from curta.sandbox.result import Result
from curta.sandbox.runner import PACKAGES, SCRATCH, WORK, Grants, Runner
from curta.sandbox.session import Session
from curta.sandbox.view import View
from curta.sandbox.wheels import unpack


class Sandbox:
    """A place to run programs in. Its processes start when they are first needed and stay warm until `close()`.

    views: the folders that a guest sees. It always has a `/tmp` and a `/work`, which are empty unless a view is there.
    limits: for each run, and for the whole of a session. wheels: files of pure Python packages it may import.
    on_compile: told before code is compiled, which happens once on a machine and takes seconds.

    Threads may share it; in one guest one program runs at a time. On Windows it raises SandboxError: there a folder
    cannot be walked without following links.
    """

    def __init__(
        self,
        *views: View,
        limits: Limits | None = None,
        wheels: Sequence[str | os.PathLike[str]] = (),
        on_compile: cache.OnCompile | None = None,
    ) -> None:
        self._packages = unpack(wheels)
        packages = self._packages.path if self._packages else None
        self.grants = Grants(_apart(views), (limits or Limits()).checked(), packages, on_compile)
        self._runners: dict[str, Runner] = {}
        self._sessions: list[Session] = []

    def run(
        self, source: str, language: str = "python", *, stdin: str = "", on_output: OnOutput | None = None
    ) -> Result:
        """Run a program from nothing: no state and no file of an earlier run is left.

        stdin: what the program reads. on_output: told of each piece of output (`stdout` or `stderr`, text) as it comes.
        Raises UsageError for an unknown language, SandboxError when nothing can be run here at all.
        """
        runner = self._runners.get(language) or self._runners.setdefault(language, Runner(language, self.grants))
        return runner.run(source, "main", fresh=True, stdin=stdin, on_output=on_output)

    async def arun(
        self, source: str, language: str = "python", *, stdin: str = "", on_output: OnOutput | None = None
    ) -> Result:
        """`run` for async code, in a thread."""
        import asyncio

        return await asyncio.to_thread(self.run, source, language, stdin=stdin, on_output=on_output)

    def session(self, language: str = "python") -> Session:
        """A guest of its own, which keeps its state from cell to cell."""
        self._sessions.append(Session(Runner(language, self.grants)))
        return self._sessions[-1]

    def rest(self) -> None:
        """End the processes, which the next run starts again. What guests wrote stays, until then or `close()`."""
        for runner in self._runners.values():
            runner.rest()

    def close(self) -> None:
        """End the processes and remove what guests wrote. Effects keep their story, not the bytes."""
        for runner in self._runners.values():
            runner.close()
        for session in self._sessions:
            session.close()
        self._runners.clear()
        self._sessions.clear()
        if self._packages:
            self._packages.close()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _apart(views: Sequence[View]) -> tuple[View, ...]:
    """The views, if no two of them, nor of them and the guest's own folders, lie in one another."""
    taken = [SCRATCH, PACKAGES]
    for view in views:
        for other in [*taken, *([WORK] if view.at != WORK else [])]:
            if f"{view.at}/".startswith(f"{other}/") or f"{other}/".startswith(f"{view.at}/"):
                raise UsageError(
                    f"A folder cannot be at {view.at!r}, beside {other}.",
                    then="Give each a place of its own with `at`.",
                )
        taken.append(view.at)
    return tuple(views)
