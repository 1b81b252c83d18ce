"""The process that runs guests: `python -m curta.sandbox.worker`, started by `process.py`.

It reads its grants, closes itself in, and only then loads an engine and takes cells. It has no environment, and its
parent kills it when a guest does not come back: nothing here has to be trusted to stop.

What arrives: first `{engine, files, limits, ...}` (`_Setup`), then one request after another (`_Request`).
What leaves: `{"began": true}` when a guest is given its cell, `{"stream": "stdout", "text": ...}` as output appears,
`{"ended": true}` when it takes looking up what the guest did, and `{"result": ...}`.
"""

import gc
import os
import select
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from curta.sandbox import frames, walls
from curta.sandbox.effects import Effects, effects
from curta.sandbox.engine import Engine, Guest, Outcome
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.overlay import File, Overlay, Quota
from curta.sandbox.shelf import ShelvedFile
from curta.sandbox.wasm import THREAD_STACK


class Output:
    """One stream of a guest: the first bytes are kept and passed on, the rest is counted and forgotten."""

    def __init__(self, name: str, send: Callable[[Any], None]) -> None:
        self.name, self._send = name, send
        self.room = 0
        self.truncated = False

    def take(self, data: bytes) -> None:
        kept = data[: self.room]
        self.room -= len(kept)
        self.truncated = self.truncated or len(kept) < len(data)
        if kept:
            self._send({"stream": self.name, "text": kept.decode("latin-1")})


class World:
    """One guest and the folders it sees."""

    def __init__(self, engine: Engine, setup: Mapping[str, Any], number: int, out: Output, err: Output) -> None:
        self.limits = Limits(**setup["limits"])
        self.quota = Quota(self.limits.disk, self.limits.files)
        self._scratch = Path(setup["scratch"]) / str(number)  # made when something is written
        self.mounts = {
            path: self._overlay(number, grant) for number, (path, grant) in enumerate(setup["mounts"].items())
        }
        self.namespace = Namespace(self.mounts)
        self.guest: Guest = engine.open(self.namespace, self.limits, out.take, err.take)

    def _overlay(self, number: int, grant: Mapping[str, Any]) -> Overlay:
        folder = None if grant["folder"] is None else Path(grant["folder"])
        return Overlay(folder, self._scratch / str(number), self.quota, writable=grant["writable"])

    def written(self) -> dict[str, int]:
        return {
            "written": self.limits.disk - self.quota.bytes,
            "files": self.limits.files - self.quota.files,
        }

    @property
    def touched(self) -> bool:
        """Whether the guest has as much as looked at a file."""
        return any(overlay.root.entries for overlay in self.mounts.values())

    def close(self) -> None:
        """Forget this world, and the bytes that were written in it."""
        self.guest.close()
        self.namespace.close()
        _remove(self._scratch)


class Worker:
    """Runs cells one after another, each in a fresh world or in the one before."""

    def __init__(self, setup: Mapping[str, Any], send: Callable[[Any], None]) -> None:
        module, _, name = setup["engine"].partition(":")
        self._engine: Engine = getattr(import_module(module), name)(*map(Path, setup["files"]))
        self._setup, self._send = setup, send
        self._out, self._err = Output("stdout", send), Output("stderr", send)
        self._world: World | None = None
        self._worlds = 0

    def serve(self, request: Mapping[str, Any]) -> None:
        """Do what is asked: run a cell, or put or take a file of the guest."""
        answer = {"run": self._run, "put": self._put, "take": self._take}[request["op"]]
        try:
            told = answer(request)
        except OSError as error:  # of `put` and `take`: the guest's own errors are its outcome
            told = {"errno": error.errno, "strerror": error.strerror}
        self._send({"result": told})
        if request.get("fresh") and self._world:
            self._rest(self._world)

    def _run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        for stream in (self._out, self._err):
            stream.room, stream.truncated = self._setup["limits"]["output"], False
        try:
            world = self._fresh() if request["fresh"] else self._current()
        except MemoryError:
            return self._no_room()
        self._send({"began": True})
        began, cpu = time.monotonic(), time.process_time()
        outcome = world.guest.run(request["source"], request["name"], request["seconds"], request["stdin"])
        usage = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu, **world.written()}
        if world.touched:
            self._send({"ended": True})
        return self._result(outcome, world, usage)

    def _put(self, request: Mapping[str, Any]) -> dict[str, Any]:
        data, first = request["data"].encode("latin-1"), request["offset"] == 0
        if first:
            self._make_folders_above(request["path"])
        with self._file(request["path"], write=True, create=first, truncate=first) as file:
            file.write(request["offset"], data)
        return {}

    def _make_folders_above(self, path: str) -> None:
        names = self._current().namespace
        for above in reversed(PurePosixPath(path).parents):
            with suppress(OSError):  # it is there, or what cannot be made is told when the file is opened
                names.make_folder(str(above))

    def _take(self, request: Mapping[str, Any]) -> dict[str, Any]:
        with self._file(request["path"], write=False, create=False, truncate=False) as file:
            return {"data": file.read(request["offset"], frames.PIECE).decode("latin-1")}

    @contextmanager
    def _file(self, path: str, **how: bool) -> Iterator[File | ShelvedFile]:
        names = self._current().namespace
        number = names.open(path, exclusive=False, **how)
        try:
            yield names.file(number)
        finally:
            names.close_file(number)

    def _rest(self, world: World) -> None:
        """Nobody waits now: its guest is done, and there may be a next one, as there was one before."""
        world.guest.close()
        if self._worlds > 1:
            with suppress(MemoryError):  # the next run is told so
                self._engine.prepare(world.limits, self._out.take, self._err.take)

    def _current(self) -> World:
        return self._world if self._world and self._world.guest.alive else self._fresh()

    def _fresh(self) -> World:
        if self._world is not None:
            self._world.close()
            self._world = None
        self._worlds += 1
        self._world = World(self._engine, self._setup, self._worlds, self._out, self._err)
        return self._world

    def _result(self, outcome: Outcome, world: World, usage: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **outcome._asdict(),
            "alive": world.guest.alive,
            "truncated": [stream.name for stream in (self._out, self._err) if stream.truncated],
            "usage": usage,
            "effects": {path: self._portable(effects(overlay)) for path, overlay in world.mounts.items()},
        }

    def _no_room(self) -> dict[str, Any]:
        """The result of a guest that could not even begin."""
        nothing: dict[str, Any] = {path: {"changes": [], "read": {}} for path in self._setup["mounts"]}
        outcome = Outcome("memory", exit_code=1)._asdict()
        return {**outcome, "alive": False, "truncated": [], "usage": {}, "effects": nothing}

    def _portable(self, done: Effects) -> dict[str, Any]:
        """Effects as they travel: contents by their path in the scratch folder."""
        scratch = self._setup["scratch"]
        changes = [
            [*each[:-1], os.path.relpath(each.content, scratch) if each.content else None] for each in done.changes
        ]
        return {"changes": changes, "read": done.read}


def main() -> None:
    requests, replies = _streams()

    def send(message: Any) -> None:
        frames.send(replies, message)

    def serve() -> None:
        with _telling(send):
            worker = Worker(setup, send)
            send({"ready": list(standing)})
            while True:
                worker.serve(frames.receive(requests))

    with _telling(send):
        setup = frames.receive(requests)
        for module in setup["imports"]:
            import_module(module)
        gc.freeze()
        gc.enable()
        readable, scratch = [Path(path) for path in setup["readable"]], Path(setup["scratch"])
        standing = walls.close_in(readable, [scratch], setup["limits"]["memory"])
        threading.Thread(target=_end_with_parent, args=(requests.fileno(), scratch), daemon=True).start()
        threading.stack_size(THREAD_STACK)  # a guest that recurses does it on this stack
        guest = threading.Thread(target=serve, name="guest")
        guest.start()
    guest.join()


@contextmanager
def _telling(send: Callable[[Any], None]) -> Iterator[None]:
    """End the process when a block fails, and tell the parent why, if there still is one."""
    try:
        yield
    except (EOFError, BrokenPipeError):
        os._exit(0)
    except BaseException as error:
        with suppress(OSError):
            send({"broken": f"{type(error).__name__}: {error}"})
        os._exit(1)


def _end_with_parent(requests: int, scratch: Path) -> None:
    """When the parent is gone, however it went, leave neither a process behind nor what guests wrote."""
    hung_up = select.poll()
    hung_up.register(requests, 0)
    hung_up.poll()
    try:
        _remove(scratch)
    finally:
        os._exit(0)


def _remove(folder: Path) -> None:
    """Remove what guests wrote, and the folder, if they are there."""
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            with suppress(OSError):
                os.unlink(os.path.join(place, name))
        with suppress(OSError):
            os.rmdir(place)


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the pipes; whatever else prints or reads in this process gets nothing and disturbs nobody."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    return requests, replies


if __name__ == "__main__":
    main()
