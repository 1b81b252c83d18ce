"""`curta map` over many rows: CPU beside a bare httpx2 client that logs nothing, memory, the start, going on.

1,000 rows at 50 requests at once, to a server on this computer that answers after 50 ms; each row is a process of its
own, the two alternate. CPU is user and system of the process; wall time says more about the machine than about it.

    CURTA_BENCH_ROWS=100000 python -m bench batch      memory at another size than 10,000 rows
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROWS = 1_000
MANY = int(os.environ.get("CURTA_BENCH_ROWS", "10000"))
RUNS = 5
JOBS = "50"

BARE = """
import asyncio, sys
import httpx2

url, rows, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

async def main():
    turns = asyncio.Semaphore(jobs)
    async with httpx2.AsyncClient(limits=httpx2.Limits(max_connections=None)) as client:
        async def ask(number):
            async with turns:
                message = {"role": "user", "content": f"Translate: row {number}"}
                reply = await client.post(f"{url}/chat/completions", json={"model": "slow", "messages": [message]})
                return reply.json()["choices"][0]["message"]["content"]
        print("\\n".join(await asyncio.gather(*map(ask, range(rows)))))

asyncio.run(main())
"""


class Cost(NamedTuple):
    """CPU seconds of a process, and its peak memory in MB."""

    cpu: float
    memory: float


def rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, _server() as url:
        bench = _Bench(Path(folder), url)
        ours, bare = _alternating(lambda: bench.map(ROWS), lambda: bench.bare(ROWS))
        first, bare_first = _alternating(lambda: bench.map(1), lambda: bench.bare(1))
        many, again = bench.map(MANY), bench.map(MANY, again=False)
    return [
        _row(f"CPU s, {ROWS:,} rows at {JOBS} at once, all logged", ours.cpu, "at most 1.7x httpx2", bare.cpu),
        _row("CPU s, one row: the start", first.cpu, "0.25 to the first request", bare_first.cpu),
        _row(f"peak MB, {ROWS:,} rows", ours.memory, "at most 65", bare.memory),
        _row(f"peak MB, {MANY:,} rows", many.memory, f"as at {ROWS:,}", ours.memory),
        _row(f"CPU s, {MANY:,} rows again: all answered earlier", again.cpu, "", many.cpu),
    ]


def _row(what: str, curta: float, target: str, peer: float) -> dict[str, Any]:
    figures = {"curta": round(curta, 2), "peer": round(peer, 2), "ratio": round(curta / peer, 2)}
    return {"what": what, **figures, "target": target}


def _alternating(ours: Any, theirs: Any) -> tuple[Cost, Cost]:
    pairs = [(ours(), theirs()) for _ in range(RUNS)]
    return _median([pair[0] for pair in pairs]), _median([pair[1] for pair in pairs])


def _median(costs: list[Cost]) -> Cost:
    return Cost(median(each.cpu for each in costs), median(each.memory for each in costs))


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, str(HERE / "_slow_server.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.communicate(timeout=30)


class _Bench:
    """Runs the two over rows, each in a process."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        self._environment = {**os.environ, "CURTA_HOME": str(folder / "home")}
        added = ["models", "add", "slow", "--url", url, "--model", "slow"]
        subprocess.run([sys.executable, "-m", "curta", *added], env=self._environment, check=True, capture_output=True)

    def map(self, rows: int, again: bool = True) -> Cost:
        path = self._folder / f"{rows}.csv"
        path.write_text("text\n" + "".join(f"row {number}\n" for number in range(rows)))
        command = [
            "map",
            "Translate: $text",
            str(path),
            "-m",
            "slow",
            "-j",
            JOBS,
            "-o",
            str(self._folder / "out.jsonl"),
        ]
        return self._run([sys.executable, "-m", "curta", *command, *(["--again"] if again else [])])

    def bare(self, rows: int) -> Cost:
        return self._run([sys.executable, "-c", BARE, self._url, str(rows), JOBS])

    def _run(self, command: list[str]) -> Cost:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self._environment, **quiet)  # type: ignore[call-overload]
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, f"exit {process.returncode}: {command}"
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
