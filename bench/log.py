"""The log at size: bytes, the cost of writing and of finding, first use in parallel, and kill -9.

Texts are made of real words (the examples' and Python's own documentation) drawn by their real frequencies, 1,060
bytes of prompt and answer a call, so the search index has the vocabulary it would have. `llm` is measured on the same
texts where `bench.start` has installed it.

    python -m bench log                                100,000 calls
    CURTA_BENCH_MILLION=1 python -m bench log          and a million: about 1.9 GB and ten minutes
    CURTA_BENCH_CALLS=5000 python -m bench log         fewer
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from statistics import median
from typing import Any

from curta.events import UsageReport
from curta.messages import Message, Request, assistant, user
from curta.store import Filter, Log, Outcome, Tip, open_log

ROOT = Path(__file__).parents[1]
LLM = ROOT / "build" / "bench" / "llm" / "bin" / "python"
CALLS = int(os.environ.get("CURTA_BENCH_CALLS", "100000"))
MILLION = 1_000_000
PEER_CALLS = 3_000
TURNS = (1, 200, 2_000)
RACES = 100
PROCESSES = 32
KILLS = 200
AT_ONCE = 20


def rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        peer = _peer(Path(folder))
        log = open_log(Path(folder) / "log.db")
        size = _size(log, peer)
        found = [size, *_appending(Path(folder) / "turns.db", peer), *_finding(log, CALLS), _summing(log, CALLS)]
        if os.environ.get("CURTA_BENCH_MILLION"):
            _grow(log, MILLION)
            found += [*_finding(log, MILLION), _summing(log, MILLION)]
        found += [_races(Path(folder)), _kills(Path(folder))]
    return found


def _row(what: str, curta: object, target: str, peer: float | None = None, note: str = "") -> dict[str, Any]:
    ratio = round(curta / peer, 3) if peer and isinstance(curta, float) else None
    return {"what": what, "curta": curta, "peer": peer, "ratio": ratio, "target": target, "note": note}


# Texts


def conversations(seed: int = 1) -> Iterator[tuple[str, str, bool]]:
    """Prompt, answer, and whether the call begins a conversation: of each twenty calls, eight do."""
    chance = random.Random(seed)
    words = _words(chance)
    for number in range(sys.maxsize):
        prompt, answer = _text(words, chance.randint(100, 500)), _text(words, chance.randint(300, 1_200))
        yield prompt, answer, number % 5 in (0, 3)


def _words(chance: random.Random) -> Iterator[str]:
    """Real words by their real frequencies, without end."""
    from pydoc_data import topics

    read = " ".join((*topics.topics.values(), *(path.read_text() for path in (ROOT / "examples").glob("*.*"))))
    counted = Counter(re.findall(r"[A-Za-z][a-z']+", read)).most_common()
    weights = list(accumulate(count for _, count in counted))
    while True:
        yield from chance.choices([word for word, _ in counted], cum_weights=weights, k=1_000)


def _text(words: Iterator[str], length: int) -> str:
    sentences, size = [], 0
    while size < length:
        sentences.append(" ".join(islice(words, 12)).capitalize() + ".")
        size += len(sentences[-1]) + 1
    return " ".join(sentences)


def _outcome(answer: str) -> Outcome:
    usage = UsageReport(len(answer) // 5, len(answer) // 4)
    return Outcome("ok", assistant(answer), "gpt-5-2026-08", usage, 0.00123, "stop", None, 312, 2345)


# Bytes


def _size(log: Log, peer: dict[str, float]) -> dict[str, Any]:
    text, milliseconds = _fill(log, CALLS)
    ratio = log.path.stat().st_size / text
    note = f"{text / CALLS:.0f} bytes of text a call; written one by one at {milliseconds:.2f} CPU ms a call"
    return _row(
        f"bytes in the log per byte of text, {CALLS:,} calls", round(ratio, 3), "at most 2", peer.get("size"), note
    )


def _fill(log: Log, calls: int) -> tuple[int, float]:
    """Log `calls` calls. Returns the bytes of their texts and the median CPU milliseconds of one."""
    text, times = 0, []
    tip, messages, conversation = Tip("", 0), (), None
    for prompt, answer, begins in islice(conversations(), calls):
        text += len(prompt.encode()) + len(answer.encode())
        if begins:
            tip, messages, conversation = Tip("", 0), (), None
        messages = (*messages, user(prompt))
        request, outcome = Request("gpt-5", messages), _outcome(answer)
        start = time.process_time()
        entry = log.begin(request, conversation=conversation, base=tip)
        tip = entry.finish(outcome)
        times.append(time.process_time() - start)
        messages, conversation = (*messages, outcome.message), entry.conversation
    log.close()
    return text, 1000 * median(times)


def _grow(log: Log, calls: int) -> None:
    """Bring the log to `calls` calls, many to a transaction."""
    from curta.store import ids
    from curta.store.recording import Opening, close_call, insert_call

    texts = conversations(seed=2)
    for _ in range((calls - CALLS) // 1_000):
        with log._database.writing() as connection:
            for prompt, answer, _ in islice(texts, 1_000):
                id = ids.new()
                opening = Opening(id, id, Request("gpt-5", (user(prompt),)), time.time_ns() // 1_000_000)
                row, _ = insert_call(connection, opening)
                close_call(connection, row, id, _outcome(answer))
    log.close()


# Milliseconds


def _appending(path: Path, peer: dict[str, float]) -> list[dict[str, Any]]:
    """The cost of one more call at the beginning, in the middle and late in a conversation."""
    measured = _turns(open_log(path))
    return [
        _row(f"CPU ms to log a call at turn {turn:,}", milliseconds, "at most 0.7, flat", peer.get(f"turn {turn}"))
        for turn, milliseconds in measured.items()
    ]


def _turns(log: Log) -> dict[int, float]:
    """Median CPU milliseconds of begin and finish around each of TURNS; every turn is also taken by a new call."""
    times: dict[int, list[float]] = {turn: [] for turn in TURNS}
    texts = conversations(seed=3)
    messages: tuple[Message, ...] = ()
    tip, conversation = Tip("", 0), None
    for turn in range(1, max(TURNS) + 1):
        prompt, answer, _ = next(texts)
        messages = (*messages, user(prompt))
        late = min(TURNS, key=lambda wanted: abs(wanted - turn))
        entry, tip = _timed(
            log, Request("m", messages), answer, conversation, tip, times[late], near=abs(late - turn) < 100
        )
        messages, conversation = (*messages, assistant(answer)), entry
        if turn <= 100:
            _timed(log, Request("m", (user(prompt + "?"),)), answer, None, Tip("", 0), times[1], near=True)
    return {turn: round(1000 * median(taken), 3) for turn, taken in times.items()}


def _timed(
    log: Log, request: Request, answer: str, conversation: str | None, base: Tip, times: list[float], near: bool
) -> tuple[str, Tip]:
    outcome = _outcome(answer)
    start = time.process_time()
    entry = log.begin(request, conversation=conversation, base=base)
    tip = entry.finish(outcome)
    if near:
        times.append(time.process_time() - start)
    return entry.conversation, tip


def _finding(log: Log, calls: int) -> list[dict[str, Any]]:
    queries = {
        "logs -n 3": Filter(limit=3),
        "logs -q with a common word": Filter(limit=3, query="the"),
        "logs -q with a rare word": Filter(limit=3, query="aardvark"),
        "logs -q with two words": Filter(limit=3, query="diary sequence"),
        "logs -q with a beginning": Filter(limit=3, query="immut*"),
    }
    target = "at most 50 over start-up"
    return [
        _row(f"ms of {name}, {calls:,} calls", _milliseconds(partial(_listed, log, filter)), target)
        for name, filter in queries.items()
    ]


def _summing(log: Log, calls: int) -> dict[str, Any]:
    """`curta logs cost`, by model and by day."""
    each = {by: _milliseconds(partial(log.spending, by), rounds=5) for by in ("model", "day")}
    note = f"by day: {each['day']}"
    return _row(f"ms of logs cost by model, {calls:,} calls", each["model"], "at most 500 for 100,000", note=note)


def _listed(log: Log, filter: Filter) -> None:
    fresh = open_log(log.path)
    for call in fresh.calls(filter):
        call.to_dict()
    fresh.close()


def _milliseconds(work: Callable[[], None], rounds: int = 15) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(1000 * median(times), 2)


# Processes


def _races(folder: Path) -> dict[str, Any]:
    """Thirty-two processes that find an empty home at the same moment, again and again."""
    lost = 0
    for trial in range(RACES):
        log = open_log(folder / f"race-{trial}" / "log.db")
        start = time.monotonic() + 0.05
        children = [_forked(partial(_one_call, log, start, number)) for number in range(PROCESSES)]
        failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
        lost += max(failed, PROCESSES - log.status().calls.get("ok", 0))
        log.close()
    done = RACES * PROCESSES
    return _row(f"calls logged of {done:,} in {RACES} races of {PROCESSES} first processes", done - lost, f"{done}")


def _one_call(log: Log, start: float, number: int) -> None:
    time.sleep(max(0.0, start - time.monotonic()))
    entry = log.begin(Request("m", (user(f"process {number}"),)))
    entry.finish(_outcome("done"))
    if entry.warnings:
        raise RuntimeError(entry.warnings)


def _kills(folder: Path) -> dict[str, Any]:
    """Processes killed at a random moment of an answer that streams, many writing to one log at once."""
    chance = random.Random(4)
    log = open_log(folder / "killed" / "log.db")
    kept = 0
    for _ in range(KILLS // AT_ONCE):
        arrivals = [folder / f"arrivals-{number}" for number in range(AT_ONCE)]
        children = [_forked(partial(_stream, log, file)) for file in arrivals]
        moments = sorted(
            zip((time.monotonic() + chance.uniform(0.3, 3) for _ in children), children, arrivals, strict=True)
        )
        for moment, child, file in moments:
            time.sleep(max(0.0, moment - time.monotonic()))
            os.kill(child, signal.SIGKILL)
            killed = time.monotonic()
            os.waitpid(child, 0)
            kept += _is_kept(log, file, killed)
            file.unlink()
    log.close()
    return _row(f"answers of {KILLS} killed with all that came up to a second before", kept, f"{KILLS}")


def _stream(log: Log, file: Path) -> None:
    entry = log.begin(Request("m", (user(file.name),)))
    pieces: list[str] = []
    with file.open("w", buffering=1) as arrivals:
        print(entry.id, file=arrivals)
        for number in range(10_000):
            pieces.append(f"{number} ")
            entry.checkpoint(pieces)
            print(time.monotonic(), file=arrivals)
            time.sleep(0.01 if number % 50 else 0.3)


def _is_kept(log: Log, file: Path, killed: float) -> bool:
    lines = file.read_text().split("\n")[:-1]
    if not lines:
        return True  # killed before it had begun
    arrived = sum(float(moment) < killed - 1 for moment in lines[1:])
    call = log.call(lines[0])
    return call.status == "interrupted" and len(call.response.split()) >= arrived


def _forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


# The peer

PEER = """
import json, os, sys, time
from statistics import median
import llm, sqlite_utils
from llm.migrations import migrate
class Echo(llm.Model):
    model_id = "echo"
    def execute(self, prompt, stream, response, conversation=None):
        response.set_usage(input=80, output=160)
        yield answers.pop()
texts = json.load(open(sys.argv[1]))
path = sys.argv[2]
db = sqlite_utils.Database(path)
migrate(db)
model, result, text = Echo(), {}, 0
conversation, times = model.conversation(), []
for number, (prompt, answer, begins) in enumerate(texts):
    answers = [answer]
    if begins:
        conversation = model.conversation()
    response = conversation.prompt(prompt)
    response.text()
    start = time.process_time()
    response.log_to_db(db)
    times.append(time.process_time() - start)
    text += len(prompt.encode()) + len(answer.encode())
result["turn 1"] = 1000 * median(times)
db.execute("vacuum")
result["size"] = os.path.getsize(path) / text
conversation, times = model.conversation(), []
for number, (prompt, answer, _) in enumerate(texts[:220]):
    answers = [answer]
    response = conversation.prompt(prompt)
    response.text()
    start = time.process_time()
    response.log_to_db(db)
    times.append(time.process_time() - start)
result["turn 200"] = 1000 * median(times[180:])
print(json.dumps(result))
"""


def _peer(folder: Path) -> dict[str, float]:
    """What `llm` takes for the same texts; nothing where it is not installed."""
    if not LLM.exists():
        print("   llm is not installed beside: run `python -m bench start` first to compare")
        return {}
    texts = folder / "texts.json"
    texts.write_text(json.dumps(list(islice(conversations(), PEER_CALLS))))
    command = [str(LLM), "-c", PEER, str(texts), str(folder / "llm.db")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LLM_LOAD_PLUGINS": ""})
    if done.returncode:
        print(f"   llm could not be measured: {done.stderr.strip().splitlines()[-1]}")
        return {}
    return {name: round(value, 3) for name, value in json.loads(done.stdout).items()}
