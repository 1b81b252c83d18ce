"""`curta map` over many rows: CPU beside a bare httpx2 client that logs nothing, memory, the start, going on.

1,000 rows at 50 requests at once, to a server on this computer that answers after 50 ms; each row is a process of its
own, the two alternate.

    CURTA_BENCH_ROWS=100000 python -m bench batch      memory at another size than 10,000 rows
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from bench import _runs

ROWS = 1_000
MANY = int(os.environ.get("CURTA_BENCH_ROWS", "10000"))


def rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, _runs.slow_server() as url:
        bench = _Bench(Path(folder), url)
        ours, bare = _runs.alternating(lambda: bench.map(ROWS), lambda: bench.bare(ROWS))
        first, bare_first = _runs.alternating(lambda: bench.map(1), lambda: bench.bare(1))
        many, again = bench.map(MANY), bench.map(MANY, again=False)
    return [
        _runs.row(
            f"CPU s, {ROWS:,} rows at {_runs.JOBS} at once, all logged", ours.cpu, "at most 1.7x httpx2", bare.cpu
        ),
        _runs.row("CPU s, one row: the start", first.cpu, "0.25 to the first request", bare_first.cpu),
        _runs.row(f"peak MB, {ROWS:,} rows", ours.memory, "at most 65", bare.memory),
        _runs.row(f"peak MB, {MANY:,} rows", many.memory, f"as at {ROWS:,}", ours.memory),
        _runs.row(f"CPU s, {MANY:,} rows again: all answered earlier", again.cpu, "", many.cpu),
    ]


class _Bench:
    """Runs the two over rows, each in a process."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        self._environment = _runs.at_home(folder / "home", url)

    def map(self, rows: int, again: bool = True) -> _runs.Cost:
        path = self._folder / f"{rows}.csv"
        path.write_text("text\n" + "".join(f"row {number}\n" for number in range(rows)))
        how = ["-m", "slow", "-j", str(_runs.JOBS), "-o", str(self._folder / "out.jsonl")]
        command = _runs.curta("map", "Translate: $text", str(path), *how, *(["--again"] if again else []))
        return _runs.cost(command, self._environment)

    def bare(self, rows: int) -> _runs.Cost:
        return _runs.cost(_runs.bare(self._url, rows), self._environment)
