"""Run programs that nobody has read: `Sandbox().run("print(1 + 1)")`."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from curta.errors import UsageError
from curta.sandbox import cache, engines
from curta.sandbox.effects import Effect, Effects
from curta.sandbox.folder import Fingerprint
from curta.sandbox.limits import Limits
from curta.sandbox.process import OnOutput, WorkerGone, WorkerProcess
from curta.sandbox.result import Result, Usage
from curta.sandbox.view import View

SCRATCH = "/tmp"


class Sandbox:
    """A place to run programs in. Its process starts with the first run and stays warm until `close()`.

    views: the folders that a guest sees; it always has an empty `/tmp` of its own. limits: for each run.
    on_compile: told before code is compiled, which happens once on a machine and takes seconds.

    May be used by one thread at a time.
    """

    def __init__(self, *views: View, limits: Limits | None = None, on_compile: cache.OnCompile | None = None) -> None:
        self.limits = (limits or Limits()).checked()
        self.views = _apart(views)
        self._on_compile = on_compile
        self._workers: dict[str, WorkerProcess] = {}
        self._scratch: Path | None = None

    def run(self, source: str, language: str = "python", *, on_output: OnOutput | None = None) -> Result:
        """Run a program from nothing: no state, no file of an earlier run is left.

        on_output: told of each piece of output (`stdout` or `stderr`, text) as it comes.
        Raises UnknownLanguage and MissingExtra, SandboxError when nothing can be run here at all.
        """
        return self._run(source, language, "main", True, on_output)

    async def arun(self, source: str, language: str = "python", *, on_output: OnOutput | None = None) -> Result:
        """`run` for async code, in a thread."""
        import asyncio

        return await asyncio.to_thread(self.run, source, language, on_output=on_output)

    def close(self) -> None:
        """End the processes and remove what guests wrote. Effects that were taken keep their story, not their bytes."""
        for worker in self._workers.values():
            worker.kill()
        self._workers.clear()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, source: str, language: str, name: str, fresh: bool, on_output: OnOutput | None) -> Result:
        request = {"source": engines.readable(source), "name": name, "fresh": fresh, "seconds": self.limits.seconds}
        heard = _Heard(on_output)
        worker = self._worker(language)
        try:
            told = worker.run(request, heard.take)
        except WorkerGone as gone:
            self._forget(language)
            return _lost(gone, heard, self.limits, worker.walls)
        except BaseException:  # Ctrl-C: a guest that goes on in the dark would answer the next question
            self._forget(language)
            raise
        return self._result(told, heard)

    def _worker(self, language: str) -> WorkerProcess:
        if language not in self._workers:
            engine = engines.find(language)
            code = cache.compiled(engine.artefact(), engine.name, self._on_compile)
            self._workers[language] = WorkerProcess(self._setup(engine, code))
        return self._workers[language]

    def _forget(self, language: str) -> None:
        if worker := self._workers.pop(language, None):
            worker.kill()

    def _setup(self, engine: engines.EngineEntry, code: Path) -> dict[str, Any]:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="curta-sandbox-")).resolve()
        scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        mounts = {view.at: {"folder": str(view.path), "writable": view.mode == "work"} for view in self.views}
        return {
            "engine": engine.loader,
            "imports": [engine.loader.partition(":")[0], *engine.imports],
            "code": str(code),
            "limits": self.limits._asdict(),
            "scratch": str(scratch),
            "mounts": {SCRATCH: {"folder": None, "writable": True}, **mounts},
            "readable": [str(code), *(str(view.path) for view in self.views)],
        }

    def _result(self, told: dict[str, Any], heard: "_Heard") -> Result:
        done = {path: _effects(each) for path, each in told["effects"].items()}
        for view in self.views:
            view.take(done[view.at])
        return Result(
            told["status"],
            heard.text("stdout"),
            heard.text("stderr"),
            told["value"],
            told["error"] or _reached(told["status"], self.limits),
            told["exit_code"],
            tuple(told["truncated"]),
            Usage(**told["usage"]),
            {path: each for path, each in done.items() if path != SCRATCH},
            tuple(told["walls"]),
        )


class _Heard:
    """The output of a run, as it came."""

    def __init__(self, on_output: OnOutput | None) -> None:
        self._pieces: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        self._on_output = on_output

    def take(self, stream: str, text: str) -> None:
        self._pieces[stream].append(text.encode("latin-1"))
        if self._on_output:
            self._on_output(stream, self._pieces[stream][-1].decode("utf-8", "replace"))

    def text(self, stream: str) -> str:
        return b"".join(self._pieces[stream]).decode("utf-8", "replace")


def _apart(views: Sequence[View]) -> tuple[View, ...]:
    places = [view.at for view in views]
    for place in places:
        if places.count(place) > 1 or place == SCRATCH:
            raise UsageError(f"Two folders cannot both be at {place}.", then="Give one another place with `at`.")
    return tuple(views)


def _reached(status: str, limits: Limits) -> str:
    sentences = {
        "deadline": f"Stopped after {limits.seconds:g} seconds, the limit on time.",
        "memory": f"It wanted more than {limits.memory >> 20} MB, the limit on memory.",
    }
    return sentences.get(status, "")


def _lost(gone: WorkerGone, heard: _Heard, limits: Limits, walls: tuple[str, ...]) -> Result:
    """The result of a run whose process had to be ended, or ended by itself."""
    status, why = "deadline" if gone.late else "ended", gone.why or "Its process ended."
    return Result(
        "deadline" if gone.late else "ended",
        heard.text("stdout"),
        heard.text("stderr"),
        error=_reached(status, limits) or why,
        exit_code=1,
        usage=Usage(seconds=limits.seconds),
        walls=walls,
    )


def _effects(told: dict[str, Any]) -> Effects:
    def effect(fields: list[Any]) -> Effect:
        *known, base, content = fields
        action, path, kind, source, before, after = known
        was, now = Fingerprint(*base) if base else None, Path(content) if content else None
        return Effect(action, path, kind, source, before, after, was, now)

    read = {path: Fingerprint(*base) for path, base in told["read"].items()}
    return Effects(tuple(effect(each) for each in told["changes"]), read)
