"""`curta similar` beside `llm similar`: whole commands on 100,000 vectors of 384 dimensions.

The vectors are random around 2,000 centres; both look for what is similar to an item that is there, so that no model is
asked. `llm` reads a database of its own form, which Curta wrote; Curta reads that too, and its own index.

    CURTA_BENCH_VECTORS=10000 python -m bench embeddings         fewer
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

COUNT = int(os.environ.get("CURTA_BENCH_VECTORS", "100000"))
DIMENSIONS = 384
CENTRES = 2_000
BATCH = 1_000
RUNS = 5


class Nobody:
    """Stands where a collection asks whose vectors it is given."""

    name = "nobody"
    identity = "nobody"


def rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        home, database = Path(folder) / "home", Path(folder) / "llm.db"
        os.environ["CURTA_HOME"] = str(home)
        filled = {"own": _fill(None), "form": _fill(database)}
        curta, llm = [sys.executable, "-m", "curta"], [str(Path(sys.executable).with_name("llm"))]
        words = ["similar", "things", "7", "-n", "5"]
        commands = {
            "own": [*curta, *words],
            "form": [*curta, *words, "-d", str(database)],
            "peer": [*llm, *words, "-d", str(database)],
        }
        environment = {**os.environ, "LLM_USER_PATH": str(Path(folder) / "llm"), "LLM_LOAD_PLUGINS": ""}
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                seconds[name].append(_cpu(command, environment))
        size = (home / "indexes/things.db").stat().st_size / COUNT
    own, form, peer = (median(seconds[name]) for name in ("own", "form", "peer"))
    what = f"similar at {COUNT:,} x {DIMENSIONS}, whole command, CPU s"
    stored = f"written at {filled['own']:,.0f} items/CPU s, {size:,.0f} bytes an item"
    return [
        _row(what, own, peer, "<= 0.25", stored),
        _row(f"{what}, on a database of llm's form", form, peer, "", f"written at {filled['form']:,.0f} items/CPU s"),
    ]


def _row(what: str, curta: float, peer: float, target: str, note: str) -> dict[str, Any]:
    named = {"what": what, "curta": round(curta, 3), "peer": round(peer, 3), "ratio": round(curta / peer, 3)}
    return {**named, "target": target, "note": note}


def _fill(database: Path | None) -> float:
    """Write the vectors; items per CPU second."""
    from curta import collections
    from curta.collections import Item

    things = collections.open("things", database=database, create=True)
    began = time.process_time()
    for batch in _batches():
        things.put(Nobody(), [(Item(str(n), str(n)), vector) for n, vector in batch])  # type: ignore[arg-type]
    things.close()
    return COUNT / (time.process_time() - began)


def _batches() -> Iterator[list[tuple[int, Any]]]:
    import numpy as np

    from curta.models.embedders import Vector

    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CENTRES, DIMENSIONS))
    for start in range(0, COUNT, BATCH):
        size = min(BATCH, COUNT - start)
        rows = centres[rng.integers(0, CENTRES, size)] + 0.7 * rng.standard_normal((size, DIMENSIONS))
        packed = rows.astype("<f4")
        yield [(start + n, Vector.unpacked(row.tobytes())) for n, row in enumerate(packed)]


def _cpu(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(done.stdout.splitlines()) == 5, done.stdout
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
