"""CPU time to the first words of an answer: Curta beside a bare `httpx2` stream of the same loopback server.

The server runs in another process. Two measures, each alternating, medians of at least 30 pairs:

warm  in one process with an open connection: what each further call adds.
cold  in a process of its own, imports included: what a command adds. The bare client gets the same short cut Curta
      takes for plain http (no certificates are read), so that none of the difference is due to that.

    python -m bench.first_token
"""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
WARM_PAIRS = 200
COLD_PAIRS = 30
TARGET_MS = 5.0

Call = Callable[[str], float]


def rows() -> list[dict[str, Any]]:
    """One row for each measure: medians in CPU milliseconds, and what Curta adds."""
    with serving() as url:
        return [
            _row("first token, warm", *_alternating(WARM_PAIRS, url, curta(), bare())),
            _row("first token, cold", *_alternating(COLD_PAIRS, url, _in_process("curta"), _in_process("bare"))),
        ]


def _row(what: str, ours: list[float], theirs: list[float]) -> dict[str, Any]:
    import httpx2

    curta_ms, bare_ms = 1000 * median(ours), 1000 * median(theirs)
    return {
        "what": what,
        "unit": "CPU ms",
        "curta": round(curta_ms, 3),
        "peer": round(bare_ms, 3),
        "ratio": round(curta_ms / bare_ms, 2),
        "added": round(curta_ms - bare_ms, 3),
        "target": f"at most {TARGET_MS:g} added",
        "pairs": len(ours),
        "versions": f"httpx2 {httpx2.__version__}",
    }


def _alternating(pairs: int, url: str, ours: Call, theirs: Call) -> tuple[list[float], list[float]]:
    """CPU seconds of each call. The order within a pair changes each time; the first pair is not counted."""
    measured: tuple[list[float], list[float]] = ([], [])
    for pair in range(pairs + 1):
        for side in (0, 1) if pair % 2 else (1, 0):
            seconds = (ours, theirs)[side](url)
            if pair:
                measured[side].append(seconds)
    return measured


def curta() -> Call:
    """From a request to the first TextDelta, through the wire and the driver."""
    from curta.events import TextDelta
    from curta.messages import Request, system, user
    from curta.models.exchange import events
    from curta.models.model import Facts
    from curta.models.wires.openai_chat import Endpoint, OpenAIChat

    def call(url: str) -> float:
        start = time.process_time()
        model = OpenAIChat("hello", Facts("this computer"), Endpoint(url, "hello"), lambda: None)
        request = Request("hello", (system("Be brief."), user("Say hello.")))
        arriving = events(model.exchange(request))
        for event in arriving:
            if isinstance(event, TextDelta):
                break
        seconds = time.process_time() - start
        for _ in arriving:
            pass
        return seconds

    return call


def bare() -> Call:
    """From the same request as a dict to the first line of the stream that holds words."""
    import httpx2

    client = httpx2.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False, timeout=60)
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello."}]
    body = {"model": "hello", "messages": messages, "stream": True, "stream_options": {"include_usage": True}}

    def call(url: str) -> float:
        start = time.process_time()
        with client.stream("POST", f"{url}/chat/completions", json=body) as response:
            lines = response.iter_lines()
            for line in lines:
                if line.startswith("data: ") and json.loads(line[6:])["choices"][0]["delta"].get("content"):
                    break
            seconds = time.process_time() - start
            for _ in lines:
                pass
        return seconds

    return call


def _in_process(side: str) -> Call:
    """The CPU time of a whole new process up to its first words."""

    def call(url: str) -> float:
        command = [sys.executable, "-m", "bench.first_token", side, url]
        return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)

    return call


@contextmanager
def serving() -> Iterator[str]:
    """The URL of a loopback server in another process."""
    command = [sys.executable, "-m", "tests.servers.openai"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        yield server.stdout.readline().strip()
        server.stdin.close()


def main(arguments: list[str]) -> None:
    if arguments:
        side, url = arguments
        {"curta": curta, "bare": bare}[side]()(url)
        print(time.process_time())
        return
    for row in rows():
        print(json.dumps(row))


if __name__ == "__main__":
    main(sys.argv[1:])
