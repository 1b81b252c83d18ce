"""A chain of 200 turns, a tool call in each: what logging a turn costs at its beginning and at its end, and its memory.

The model is a function of this process, so that nothing is measured but the loop and the log. `llm` runs the same
chain with the same texts, where `bench.start` has installed it, and logs each answer as its own command does.

    python -m bench chain
"""

import gc
import json
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from curta.conversations import Conversation
from curta.conversations.chain import Asking
from curta.events import Event, Finish, TextDelta, ToolCallDelta
from curta.messages import Request
from curta.models.model import Facts, LocalExchange, Option
from curta.store import Log, open_log
from curta.tools import of

ROOT = Path(__file__).parents[1]
PEER_PYTHON = ROOT / "build" / "bench" / "llm" / "bin" / "python"
TURNS = 200
EARLY, LATE = slice(5, 25), slice(TURNS - 21, TURNS - 1)
WORDS = "The next number is the sum of the two before it; let me add them. " * 4
RUNS = 5


def rows() -> list[dict[str, Any]]:
    ours = [_curta() for _ in range(RUNS)]
    theirs = [_llm() for _ in range(RUNS)] if PEER_PYTHON.exists() else []
    return [
        _row("log a turn, turns 5-25", "early", ours, theirs, ""),
        _row("log a turn, turns 180-200", "late", ours, theirs, ""),
        _row("late / early", "growth", ours, theirs, "flat: at most 1.2"),
        _row("memory a turn, turns 100-200", "bytes", ours, [], "flat"),
    ]


def _row(what: str, name: str, ours: list[dict[str, float]], theirs: list[dict[str, float]], target: str) -> Any:
    mine = median(run[name] for run in ours)
    peer = median(run[name] for run in theirs) if theirs else None
    unit = {"growth": "", "bytes": "bytes"}.get(name, "CPU ms")
    digits = 0 if name == "bytes" else 3
    shown = {"curta": round(mine, digits), "peer": None if peer is None else round(peer, digits)}
    return {"what": what, **shown, "ratio": peer and round(mine / peer, 3), "target": target, "note": unit}


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Counting:
    """A model that asks for a tool in each turn but the last."""

    name, facts, options = "counting", Facts("this computer"), tuple[Option, ...]()

    def __init__(self) -> None:
        self.asked = 0

    def exchange(self, request: Request, *, stream: bool = True) -> LocalExchange:
        return LocalExchange(self._events())

    def _events(self) -> Iterator[Event]:
        self.asked += 1
        yield TextDelta(f"Turn {self.asked}. {WORDS}")
        if self.asked < TURNS:
            yield ToolCallDelta(0, f"call_{self.asked}", "add", json.dumps({"a": self.asked, "b": 1}))
        yield Finish("tool_calls" if self.asked < TURNS else "stop")


def _curta() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        log = open_log(Path(folder) / "log.db")
        spent = _timed(log)
        _run(log, lambda: spent.append(0.0))
        log.close()
        memory: list[int] = []
        log = open_log(Path(folder) / "again.db")
        tracemalloc.start()
        _run(log, lambda: memory.append(_allocated(len(memory))))
        tracemalloc.stop()
    return _figures(spent[2:]) | {"bytes": (memory[199] - memory[100]) / 99}


def _allocated(turn: int) -> int:
    if turn not in (100, 199):
        return 0
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _run(log: Log, at_each_turn: Any) -> None:
    chain = Conversation(Counting(), log=log).chain("Go.", functions=of(add), limit=0)
    for event in chain.events():
        if isinstance(event, Asking):
            at_each_turn()


def _timed(log: Log) -> list[float]:
    """CPU seconds that `log` takes from now on, added to the last of the list."""
    spent = [0.0]
    begin = log.begin

    def timed(work: Any) -> Any:
        def measured(*args: Any, **how: Any) -> Any:
            start = time.process_time()
            try:
                return work(*args, **how)
            finally:
                spent[-1] += time.process_time() - start

        return measured

    def beginning(*args: Any, **how: Any) -> Any:
        entry = timed(begin)(*args, **how)
        entry.finish = timed(entry.finish)
        return entry

    log.begin = beginning  # type: ignore[method-assign]
    return spent


def _figures(seconds: list[float]) -> dict[str, float]:
    early, late = 1000 * median(seconds[EARLY]), 1000 * median(seconds[LATE])
    return {"early": early, "late": late, "growth": late / early}


PEER = """
import json, sys, time
import llm, sqlite_utils
from llm.migrations import migrate

turns, words = int(sys.argv[2]), sys.argv[3]

class Counting(llm.Model):
    model_id, can_stream, supports_tools = "counting", False, True
    asked = 0
    def execute(self, prompt, stream, response, conversation):
        self.asked += 1
        if self.asked < turns:
            call = llm.ToolCall(name="add", arguments={"a": self.asked, "b": 1}, tool_call_id=f"call_{self.asked}")
            response.add_tool_call(call)
        yield f"Turn {self.asked}. {words}"

def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b

db = sqlite_utils.Database(sys.argv[1])
migrate(db)
spent = []
for response in Counting().conversation().chain("Go.", tools=[add], chain_limit=0).responses():
    response.text()
    start = time.process_time()
    response.log_to_db(db)
    spent.append(time.process_time() - start)
print(json.dumps(spent))
"""


def _llm() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [str(PEER_PYTHON), "-c", PEER, str(Path(folder) / "llm.db"), str(TURNS), WORDS]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return _figures(json.loads(done.stdout.splitlines()[-1])[1:])
