"""What the benchmarks of many calls share: a server, the bare client that is the yardstick, what a process took.

CPU is user and system of a process and of what it waited for; wall time says more about the machine than about it.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

HERE = Path(__file__).parent
JOBS = 50
_TICKS = os.sysconf("SC_CLK_TCK")

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
    """What a process took: CPU seconds, peak memory in MB, wall seconds."""

    cpu: float
    memory: float
    wall: float


def bare(url: str, rows: int) -> list[str]:
    """The command that asks for so many rows with httpx2 alone, and logs nothing."""
    return [sys.executable, "-c", BARE, url, str(rows), str(JOBS)]


def cost(command: Sequence[str], environment: Mapping[str, str], *, folder: Path | None = None) -> Cost:
    """Run it to its end. Raises AssertionError when it fails."""
    began = time.monotonic()
    process = _begun(command, environment, folder)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"exit {process.returncode}: {command}"
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - began)


def alternating(*runs: Callable[[], Cost], times: int = 5) -> list[Cost]:
    """The medians of what they took, each run in turn."""
    found = [[run() for run in runs] for _ in range(times)]
    return [Cost(*map(median, zip(*each, strict=True))) for each in zip(*found, strict=True)]


def first_request(command: Callable[[str], Sequence[str]], environment: Mapping[str, str], folder: Path) -> float:
    """CPU seconds until its first request arrives at the URL that `command` is given; then it is ended."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(120)
        process = _begun(command(f"http://127.0.0.1:{server.getsockname()[1]}/v1"), environment, folder)
        connection, _ = server.accept()
        with connection:
            connection.recv(1)
            used = _cpu(process.pid)
            process.kill()
            process.wait()
    return used


@contextmanager
def slow_server() -> Iterator[str]:
    """The URL of a server that answers after 50 ms."""
    command = [sys.executable, str(HERE / "_slow_server.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v1"
    finally:
        process.communicate(timeout=30)


def curta(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "curta", *arguments]


def at_home(folder: Path, url: str) -> dict[str, str]:
    """An environment with a home of its own, in which `slow` is the model at this URL."""
    environment = {**os.environ, "CURTA_HOME": str(folder)}
    added = curta("models", "add", "slow", "--url", url, "--model", "slow")
    subprocess.run(added, env=environment, check=True, capture_output=True)
    return environment


def row(what: str, ours: float, target: str, peer: float, **more: Any) -> dict[str, Any]:
    figures = {"curta": round(ours, 2), "peer": round(peer, 2), "ratio": round(ours / peer, 2)}
    return {"what": what, **figures, "target": target, **more}


def _begun(command: Sequence[str], environment: Mapping[str, str], folder: Path | None) -> "subprocess.Popen[bytes]":
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, cwd=folder, **quiet)  # type: ignore[call-overload, no-any-return]


def _cpu(process: int) -> float:
    """CPU seconds of a process and its children so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return sum(map(int, fields[11:15])) / _TICKS + sum(map(_cpu, map(int, children)))
