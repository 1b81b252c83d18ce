"""One worker for one language: started when it is first needed, replaced when a guest has ended it."""

import codecs
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

from curta.errors import SandboxError
from curta.sandbox import cache, engines, frames
from curta.sandbox.effects import Effect, Effects
from curta.sandbox.folder import Fingerprint
from curta.sandbox.limits import Limits
from curta.sandbox.process import OnOutput, WorkerGone, WorkerProcess, understood
from curta.sandbox.result import Result, Status, Usage
from curta.sandbox.scratch import Scratch
from curta.sandbox.view import View

_STATUS: Mapping[str, Status] = {each: each for each in get_args(Status)}
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
        self._scratch: Scratch | None = None
        self._one_at_a_time = threading.RLock()

    @property
    def alive(self) -> bool:
        """Whether the next cell finds what the last one left."""
        return self._worker is not None

    def run(self, source: str, name: str, *, fresh: bool, stdin: str = "", on_output: OnOutput | None = None) -> Result:
        """Run a cell. Raises SandboxError when no worker can be started; whatever the guest does is a Result."""
        limits = self.grants.limits
        source = engines.readable(source)
        if self.engine.translate is not None:
            translated = self.engine.translate(source, self.grants.on_compile)
            if translated.error:
                return Result("error", error=translated.error, exit_code=1)
            source = translated.source
        request = {"op": "run", "source": source, "name": name, "fresh": fresh, "stdin": stdin}
        heard = _Heard(on_output, limits.output)
        with self._one_at_a_time:
            walls = self._started().walls
            try:
                told = self._asked({**request, "seconds": limits.seconds}, heard.take)
                with understood():
                    result, alive = self._result(told, heard, walls), bool(told["alive"])
            except WorkerGone as gone:
                self.close()
                return _lost(gone, heard, limits, walls)
            if not alive and not fresh:
                self.rest()
            return result

    def put(self, path: str, data: bytes) -> None:
        """Write a file of the guest. Raises OSError as the guest would get it."""
        for start in range(0, max(1, len(data)), frames.PIECE):
            piece = data[start : start + frames.PIECE].decode("latin-1")
            self._file({"op": "put", "path": path, "offset": start, "data": piece})

    def take(self, path: str) -> bytes:
        """Read a file of the guest. Raises OSError."""
        data = bytearray()
        while piece := self._file({"op": "take", "path": path, "offset": len(data)})["data"].encode("latin-1"):
            data += piece
        return bytes(data)

    def rest(self) -> None:
        """End the process. What guests wrote stays, until the next run or `close()`."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def close(self) -> None:
        """End the process and remove what guests wrote."""
        self.rest()
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None

    def _asked(self, request: Mapping[str, Any], on_output: OnOutput) -> dict[str, Any]:
        try:
            return self._started().ask(request, self.grants.limits.seconds, on_output)
        except WorkerGone:
            raise
        except BaseException:  # Ctrl-C: a guest that goes on in the dark would answer the next question
            self.close()
            raise

    def _file(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._one_at_a_time:
            try:
                told = self._asked(request, lambda _stream, _text: None)
            except WorkerGone as gone:
                self.close()
                raise SandboxError(f"The sandbox ended: {gone.why or 'its process is gone'}.") from gone
        if "errno" in told:
            raise OSError(told["errno"], told["strerror"], request["path"])
        return told

    def _started(self) -> WorkerProcess:
        if self._worker is None:
            files = self.engine.files(self.grants.on_compile)
            self.close()
            self._scratch = Scratch("sandbox")
            self._worker = WorkerProcess(self._setup(files, self._scratch.path))
        return self._worker

    def _setup(self, files: Sequence[Path], scratch: Path) -> dict[str, Any]:
        return {
            "engine": self.engine.loader,
            "imports": [self.engine.loader.partition(":")[0], *self.engine.imports],
            "files": [str(each) for each in files],
            "limits": self.grants.limits._asdict(),
            "scratch": str(scratch),
            "mounts": self.grants.mounts(),
            "readable": [*map(str, files), *self.grants.folders()],
        }

    def _result(self, told: Mapping[str, Any], heard: "_Heard", walls: tuple[str, ...]) -> Result:
        assert self._scratch is not None
        done = {path: _effects(each, self._scratch.path) for path, each in told["effects"].items()}
        for view in self.grants.views:
            view.take(done[view.at])
        return Result(
            _STATUS[told["status"]],
            heard.text("stdout"),
            heard.text("stderr"),
            str(told["value"]),
            str(told["error"]) or _reached(told["status"], self.grants.limits),
            int(told["exit_code"]),
            tuple(told["truncated"]),
            Usage(**told["usage"]),
            {path: each for path, each in done.items() if path not in (SCRATCH, PACKAGES)},
            walls,
        )


class _Heard:
    """The output of a run, as it came. A character may come in pieces, and is told of when it is whole."""

    def __init__(self, on_output: OnOutput | None, most: int) -> None:
        self._kept = {"stdout": bytearray(), "stderr": bytearray()}
        self._decoders = {name: codecs.getincrementaldecoder("utf-8")("replace") for name in self._kept}
        self._on_output, self._most = on_output, most

    def take(self, stream: str, text: str) -> None:
        with understood():
            data, kept = text.encode("latin-1"), self._kept[stream]
        if len(kept) + len(data) > self._most:
            raise WorkerGone(late=False, why="It sent more than it may.")
        kept += data
        if self._on_output and (whole := self._decoders[stream].decode(data)):
            self._on_output(stream, whole)

    def text(self, stream: str) -> str:
        return self._kept[stream].decode("utf-8", "replace")


def _reached(status: str, limits: Limits) -> str:
    sentences = {
        "deadline": f"Stopped after {limits.seconds:g} seconds, the limit on time.",
        "memory": f"It wanted more than {limits.memory >> 20} MB, the limit on memory.",
    }
    return sentences.get(status, "")


def _lost(gone: WorkerGone, heard: _Heard, limits: Limits, walls: tuple[str, ...]) -> Result:
    """The result of a run whose process had to be ended, or ended by itself."""
    return Result(
        "deadline" if gone.late else "ended",
        heard.text("stdout"),
        heard.text("stderr"),
        error=_reached("deadline", limits) if gone.late else gone.why or "Its process ended.",
        exit_code=1,
        usage=Usage(seconds=gone.seconds),
        walls=walls,
        note="Its process had to be ended: what it did to files is not known, and was never done to yours.",
    )


def _effects(told: dict[str, Any], scratch: Path) -> Effects:
    def effect(fields: list[Any]) -> Effect:
        *known, base, content = fields
        action, path, kind, source, before, after = known
        was, now = Fingerprint(*base) if base else None, _content(content, scratch) if content else None
        return Effect(action, path, kind, source, before, after, was, now)

    read = {path: Fingerprint(*base) for path, base in told["read"].items()}
    return Effects(tuple(effect(each) for each in told["changes"]), read)


def _content(told: str, scratch: Path) -> Path:
    """Where new bytes lie. Whoever copies them away copies a file of the scratch folder, whatever the worker says."""
    names = told.split("/")
    if not all(name.isascii() and name.isdigit() for name in names):
        raise WorkerGone(late=False, why="It told of a file that is not its own.")
    return scratch.joinpath(*names)
