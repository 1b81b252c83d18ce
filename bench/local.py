"""Models on this computer: Curta beside the engine called directly, with a model of 81 MB that is made here.

speed        tokens a second of a whole answer: through the engine process, its socket, the wire and the driver, beside
             the same engine in one process with its own callback. One thread each, alternating.
first token  CPU time of a new process up to the first words of a running engine, imports included: Curta, which finds
             the engine by the model's name, beside a bare `httpx2` client that is told where it is.
load         CPU time from nothing to an engine that answers: `serve`, beside a process that imports the engine's
             package and loads the file with the same parameters.

    python -m bench.local
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
TOKENS = 50
PAIRS = 5
COLD_PAIRS = 9
WORDS = "Eva lost a red kite in Oslo. Where is Eva?"


def is_possible() -> bool:
    return find_spec("xllamacpp") is not None and find_spec("gguf") is not None


def rows() -> list[dict[str, Any]]:
    """One row for each measure."""
    with _prepared() as path, direct(path) as ask:
        return [_speed(ask), _first_token(), _load(path)]


def _row(what: str, unit: str, ours: list[float], theirs: list[float], target: str, **more: Any) -> dict[str, Any]:
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))
    figures = {"curta": round(median(ours), 1), "peer": round(median(theirs), 1), "ratio": round(ratio, 3)}
    return {"what": what, "unit": unit, **figures, "target": target, "pairs": len(ours), **more}


@contextmanager
def _prepared() -> Iterator[Path]:
    """The random model, known as `random` in a home of its own."""
    from bench._random_model import make
    from curta.engine import process
    from curta.engine.files.held import ModelFile, keep
    from curta.messages import sha256

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(CURTA_HOME=f"{folder}/home", CURTA_ENGINE_THREADS="1", CURTA_ENGINE_CONTEXT="1024")
        path = make(Path(folder, "random.gguf"))
        data = path.read_bytes()
        keep(ModelFile("random", path, sha256(data), len(data)))
        try:
            yield path
        finally:
            process.stop()


# Speed


def _speed(ask: Any) -> dict[str, Any]:
    ours, theirs = [], []
    for pair in range(PAIRS + 1):
        first, second = (_through_curta, ask) if pair % 2 else (ask, _through_curta)
        speeds = {each: each() for each in (first, second)}
        if pair:
            ours.append(speeds[_through_curta])
            theirs.append(speeds[ask])
    return _row("tokens of an answer", "a second", ours, theirs, "at least 0.97")


def _body() -> dict[str, Any]:
    return {"temperature": 0, "max_tokens": TOKENS, "seed": 1}


def _through_curta() -> float:
    from curta.events import UsageReport
    from curta.messages import Request, user
    from curta.models import registry
    from curta.models.exchange import events

    options = {**_body(), "extra_body": {"ignore_eos": True, "cache_prompt": False}}
    request = Request("random", (user(WORDS),), options)
    start = time.perf_counter()
    reports = [event for event in events(registry.get("random").exchange(request)) if isinstance(event, UsageReport)]
    return float(reports[-1].output or 0) / (time.perf_counter() - start)


@contextmanager
def direct(path: Path) -> Iterator[Any]:
    """Asks the engine in a process of its own that is spoken to in no way: it tells its speed for each line it gets."""
    command = [sys.executable, "-m", "bench.local", "direct", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:

        def ask() -> float:
            assert engine.stdin
            assert engine.stdout
            engine.stdin.write("\n")
            engine.stdin.flush()
            return float(engine.stdout.readline())

        yield ask
        engine.kill()


def _direct(path: str) -> None:
    server = _server(path)
    body = {"messages": [{"role": "user", "content": WORDS}], "stream": True, **_body()}
    for _ in sys.stdin:
        pieces: list[Any] = []
        start = time.perf_counter()
        server.handle_chat_completions({**body, "ignore_eos": True, "cache_prompt": False}, pieces.append)
        print(TOKENS / (time.perf_counter() - start), flush=True)


def _server(path: str) -> Any:
    """The engine as Curta starts it, in this process."""
    import xllamacpp

    from curta.engine.process.main import parameters

    order = {"path": path, "name": "random", "context": 1024, "slots": 4, "threads": 1, "embeds": False}
    return xllamacpp.Server(parameters(xllamacpp, order, "a key", "127.0.0.1", 0))


# The first token of the second call


def _first_token() -> dict[str, Any]:
    from curta.engine.files.held import find
    from curta.engine.process import serve

    file = find("random")
    assert file is not None
    address = json.dumps(serve(file)._asdict())
    ours, theirs = [], []
    for _ in range(COLD_PAIRS):
        ours.append(1000 * _cpu("ours"))
        theirs.append(1000 * _cpu("bare", address))
    added = median(ours) - median(theirs)
    return _row("first token of a running engine", "CPU ms", ours, theirs, "at most 15 added", added=round(added, 1))


def _cpu(*arguments: str) -> float:
    command = [sys.executable, "-m", "bench.local", *arguments]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def _ours() -> None:
    from curta.events import TextDelta
    from curta.messages import Request, user
    from curta.models import registry
    from curta.models.exchange import events

    request = Request("random", (user(WORDS),), _body())
    next(event for event in events(registry.get("random").exchange(request)) if isinstance(event, TextDelta))
    print(time.process_time())


def _bare(told: str) -> None:
    import ssl

    import httpx2

    address = json.loads(told)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client = httpx2.Client(transport=httpx2.HTTPTransport(uds=address["socket"] or None, verify=tls), trust_env=False)
    body = {"messages": [{"role": "user", "content": WORDS}], "stream": True, **_body()}
    headers = {"authorization": f"Bearer {address['key']}"}
    with client.stream("POST", f"{address['url']}/chat/completions", json=body, headers=headers, timeout=60) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: ") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                break
    print(time.process_time())


# Loading


def _load(path: Path) -> dict[str, Any]:
    from curta.engine.files.held import find
    from curta.engine.process import serve, stop

    file = find("random")
    assert file is not None
    ours, theirs = [], []
    for _ in range(PAIRS):
        stop()
        before = time.process_time()
        address = serve(file)
        ours.append(1000 * (_used_by(address.process) + time.process_time() - before))
        theirs.append(1000 * _cpu("load", str(path)))
    return _row("loading 81 MB, until it answers", "CPU ms", ours, theirs, "at most 1.2")


def _used_by(process: int) -> float:
    """Seconds of CPU that all threads of a process have used."""
    tasks = Path(f"/proc/{process}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


def _loaded(path: str) -> None:
    server = _server(path)
    print(_used_by(os.getpid()), flush=True)
    os._exit(0 if server else 1)  # without taking it apart, which may wait for ever


def main(arguments: list[str]) -> None:
    if arguments:
        what, *rest = arguments
        {"direct": _direct, "ours": _ours, "bare": _bare, "load": _loaded}[what](*rest)
        return
    for row in rows():
        print(json.dumps(row))


if __name__ == "__main__":
    main(sys.argv[1:])
