"""One worker for one language: started when it is first needed, replaced when a guest has ended it."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from curta.sandbox import cache, engines
from curta.sandbox.effects import Effect, Effects
from curta.sandbox.folder import Fingerprint
from curta.sandbox.limits import Limits
from curta.sandbox.process import OnOutput, WorkerGone, WorkerProcess
from curta.sandbox.result import Result, Usage
from curta.sandbox.view import View

SCRATCH, WORK, PACKAGES = "/tmp", "/work", "/packages"


class Grants(NamedTuple):
    """What a guest is given. packages: a folder of pure Python packages it may import; None for none."""

    views: Sequence[View]
    limits: Limits
    packages: Path | None = None
    on_compile: cache.OnCompile | None = None

    def mounts(self) -> dict[str, dict[str, Any]]:
        """What lies where: `/tmp` and `/work` are always there, empty unless a view is at `/work`."""
        empty = {path: {"folder": None, "writable": True} for path in (SCRATCH, WORK)}
        seen = {view.at: {"folder": str(view.path), "writable": view.mode == "work"} for view in self.views}
        packages = {PACKAGES: {"folder": str(self.packages), "writable": False}} if self.packages else {}
        return {**empty, **packages, **seen}

    def folders(self) -> list[str]:
        """The folders of this machine that are granted."""
        return [grant["folder"] for grant in self.mounts().values() if grant["folder"] is not None]


class Runner:
    """Runs cells of one language, each in a fresh guest or in the one before."""

    def __init__(self, language: str, grants: Grants) -> None:
        self.engine = engines.find(language)
        self.grants = grants
        self._worker: WorkerProcess | None = None
        self._scratch: Path | None = None

    @property
    def alive(self) -> bool:
        """Whether the next cell finds what the last one left."""
        return self._worker is not None

    def run(self, source: str, name: str, *, fresh: bool, stdin: str = "", on_output: OnOutput | None = None) -> Result:
        """Run a cell. Raises SandboxError when no worker can be started; whatever the guest does is a Result."""
        limits = self.grants.limits
        request = {"op": "run", "source": engines.readable(source), "name": name, "fresh": fresh, "stdin": stdin}
        heard = _Heard(on_output)
        worker = self._started()
        try:
            told = worker.ask({**request, "seconds": limits.seconds}, limits.seconds, heard.take)
        except WorkerGone as gone:
            self.close()
            return _lost(gone, heard, limits, worker.walls)
        except BaseException:  # Ctrl-C: a guest that goes on in the dark would answer the next question
            self.close()
            raise
        if not told["alive"] and not fresh:
            self.close()
        return self._result(told, heard)

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the guest. Raises OSError as the guest would get it."""
        self._file({"op": "put", "path": path, "data": data.decode("latin-1")})

    def take(self, path: str) -> bytes:
        """Read a file of the guest. Raises OSError."""
        return str(self._file({"op": "take", "path": path})["data"]).encode("latin-1")

    def rest(self) -> None:
        """End the process. What guests wrote stays, until the next run or `close()`."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def close(self) -> None:
        """End the process and remove what guests wrote."""
        self.rest()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def _file(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        told = self._started().ask(request, self.grants.limits.seconds, lambda _stream, _text: None)
        if "errno" in told:
            raise OSError(told["errno"], told["strerror"], request["path"])
        return told

    def _started(self) -> WorkerProcess:
        if self._worker is None:
            self.close()
            code = cache.compiled(self.engine.artefact(), self.engine.name, self.grants.on_compile)
            self._scratch = Path(tempfile.mkdtemp(prefix="curta-sandbox-")).resolve()
            self._worker = WorkerProcess(self._setup(code, self._scratch))
        return self._worker

    def _setup(self, code: Path, scratch: Path) -> dict[str, Any]:
        return {
            "engine": self.engine.loader,
            "imports": [self.engine.loader.partition(":")[0], *self.engine.imports],
            "code": str(code),
            "limits": self.grants.limits._asdict(),
            "scratch": str(scratch),
            "mounts": self.grants.mounts(),
            "readable": [str(code), *self.grants.folders()],
        }

    def _result(self, told: Mapping[str, Any], heard: "_Heard") -> Result:
        done = {path: _effects(each) for path, each in told["effects"].items()}
        for view in self.grants.views:
            view.take(done[view.at])
        return Result(
            told["status"],
            heard.text("stdout"),
            heard.text("stderr"),
            told["value"],
            told["error"] or _reached(told["status"], self.grants.limits),
            told["exit_code"],
            tuple(told["truncated"]),
            Usage(**told["usage"]),
            {path: each for path, each in done.items() if path not in (SCRATCH, PACKAGES)},
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
