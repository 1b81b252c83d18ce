"""`curta eval` beside inspect_ai, promptfoo and a bare httpx2 client: CPU, wall time, memory, the first request.

1,000 samples at 50 requests at once, to a server on this computer that answers after 50 ms: 500 inputs asked about in
two ways, scored and logged. The peers do what is nearest: 1,000 samples of one task. They are in `CURTA_PEERS`: a
virtual environment `inspect` with inspect_ai and openai, and `promptfoo/node_modules/promptfoo` for node; what is not
there is left out.

    CURTA_BENCH_ROWS=100000 python -m bench evals      memory at another size than 10,000 samples
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench import _runs

SAMPLES = 1_000
MANY = int(os.environ.get("CURTA_BENCH_ROWS", "10000"))
PEERS = Path(os.environ.get("CURTA_PEERS", "peers"))
ANSWER = "Bonjour"

SPEC = """
prompt: "$tone Translate: $text"
factors: {{tone: {{please: "Please.", now: "Now!"}}}}
inputs: {inputs}.csv
score: [{{contains: {answer}}}]
rope: 0.00001
"""
TASK = """
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.scorer import includes

@task
def rows():
    samples = [Sample(input=f"Translate: row {{number}}", target="{answer}") for number in range({rows})]
    return Task(dataset=samples, scorer=includes())
"""


class Runner(NamedTuple):
    """Something that evaluates. command: for so many samples, to a server at this URL."""

    name: str
    command: Callable[[int, str], list[str]]
    environment: Mapping[str, str]


def rows() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name, _runs.slow_server() as url:
        folder = Path(name)
        ours, bare, peers = _curta(folder, url), _bare(), _peers(folder)
        known = {each.name: each for each in (ours, bare, *peers)}

        def cost(runner: Runner, samples: int = SAMPLES) -> _runs.Cost:
            return _runs.cost(runner.command(samples, url), runner.environment, folder=folder)

        def first(runner: Runner) -> float:
            return _runs.first_request(lambda at: runner.command(SAMPLES, at), runner.environment, folder)

        measured = dict(zip(known, _runs.alternating(lambda: cost(ours), lambda: cost(bare), times=3), strict=False))
        measured |= {each.name: cost(each) for each in peers}
        many = cost(ours, MANY)
        starts = {each.name: min(first(each) for _ in range(5)) for each in known.values()}
    return [
        _row(f"CPU s, {SAMPLES:,} samples at {_runs.JOBS} at once, all logged", "cpu", measured, "1.69x httpx2"),
        _row("wall s, 1.0 at best", "wall", measured, "1.26x httpx2"),
        _row(f"peak MB, {SAMPLES:,} samples", "memory", measured, "at most 65"),
        _runs.row(f"peak MB, {MANY:,} samples", many.memory, f"as at {SAMPLES:,}", measured["curta"].memory),
        _compared("CPU s to the first request", starts, "1.79x httpx2"),
    ]


def _row(what: str, field: str, measured: Mapping[str, _runs.Cost], target: str) -> dict[str, Any]:
    return _compared(what, {name: getattr(each, field) for name, each in measured.items()}, target)


def _compared(what: str, figures: Mapping[str, float], target: str) -> dict[str, Any]:
    others = [f"{name} {figure:.2f}" for name, figure in figures.items() if name not in ("curta", "httpx2")]
    return _runs.row(what, figures["curta"], target, figures["httpx2"], note=", ".join(others))


def _curta(folder: Path, url: str) -> Runner:
    environment = _runs.at_home(folder / "home", url)

    def command(samples: int, at: str) -> list[str]:
        spec = folder / f"{samples}.yml"
        spec.write_text(SPEC.format(inputs=samples, answer=ANSWER))
        _table(folder / f"{samples}.csv", samples // 2)
        if at != url:
            _runs.at_home(folder / "home", at)
        return _runs.curta("eval", str(spec), "-m", "slow", "-j", str(_runs.JOBS), "--again")

    return Runner("curta", command, environment)


def _bare() -> Runner:
    return Runner("httpx2", lambda samples, at: _runs.bare(at, samples), os.environ)


def _peers(folder: Path) -> list[Runner]:
    found = [_inspect(folder), _promptfoo(folder)]
    return [each for each in found if Path(each.command(1, "")[0]).exists()]


def _inspect(folder: Path) -> Runner:
    def command(samples: int, at: str) -> list[str]:
        (folder / "task.py").write_text(TASK.format(rows=samples, answer=ANSWER))
        asked = ["--model", "openai/slow", "--model-base-url", at, "--max-connections", str(_runs.JOBS)]
        return [str(PEERS / "inspect/bin/inspect"), "eval", "task.py", *asked, "--display", "none"]

    return Runner("inspect_ai", command, {**os.environ, "OPENAI_API_KEY": "none"})


def _promptfoo(folder: Path) -> Runner:
    def command(samples: int, at: str) -> list[str]:
        provider = {"id": "openai:chat:slow", "config": {"apiBaseUrl": at, "apiKey": "none"}}
        check = {"assert": [{"type": "contains", "value": ANSWER}]}
        config = {"prompts": ["Translate: {{text}}"], "providers": [provider], "tests": "tests.csv"}
        (folder / "promptfoo.json").write_text(json.dumps({**config, "defaultTest": check}))
        _table(folder / "tests.csv", samples)
        program = str(PEERS / "promptfoo/node_modules/.bin/promptfoo")
        how = ["--no-cache", "--no-table", "--no-progress-bar", "-j", str(_runs.JOBS)]
        return [program, "eval", "-c", "promptfoo.json", *how]

    quiet = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1"}
    return Runner("promptfoo", command, {**os.environ, **quiet, "PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo")})


def _table(path: Path, rows: int) -> None:
    path.write_text("text\n" + "".join(f"row {number}\n" for number in range(rows)))
