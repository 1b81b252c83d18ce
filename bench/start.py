"""Start-up: CPU time of whole processes, Curta installed from its wheel, `llm` beside it in an environment of its own.

Each round runs every command once, so that all see the same load of the machine. The first round is not counted: it
compiles the modules. `llm` is left out, and the row says so, where it cannot be installed.
"""

import os
import resource
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / "build" / "bench"
ROUNDS = 21
LLM = "0.36"


def rows() -> list[dict[str, Any]]:
    ours = _environment("curta", [str(ROOT)], fresh=True)
    theirs = _environment("llm", [f"llm=={LLM}"])
    with tempfile.TemporaryDirectory() as home:
        measured = _measure(_commands(ours, theirs, home))
    bare = measured["bare"]
    return [
        _row("curta --version", measured["version"], bare, "at most 1.5x bare Python", measured.get("llm version")),
        _row("a prompt, logged", measured["prompt"], bare, "at most 8x bare Python", measured.get("llm version")),
        _row("curta --help", measured["help"], bare, "at most 6x bare Python", measured.get("llm help")),
        _row("curta logs path", measured["logs path"], bare, "at most 6x bare Python", measured.get("llm logs path")),
        _row("curta logs -n 3", measured["logs"], bare, "at most 6x bare Python", measured.get("llm logs path")),
        _row("curta models", measured["models"], bare, "at most 6x bare Python", measured.get("llm models")),
    ]


def _environment(name: str, packages: list[str], *, fresh: bool = False) -> Path | None:
    """The bin folder of a virtual environment with `packages`; None when they cannot be had."""
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--upgrade", "pip"], check=True)
    elif not fresh:
        return folder / "bin"
    command = [python, "-m", "pip", "install", "-q", *(["--force-reinstall", "--no-deps"] if fresh else []), *packages]
    if fresh:
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    done = subprocess.run(command, capture_output=True, text=True)
    return folder / "bin" if done.returncode == 0 else None


def _commands(ours: Path | None, theirs: Path | None, home: str) -> dict[str, tuple[list[str], bytes]]:
    assert ours is not None
    curta, llm = str(ours / "curta"), str((theirs or Path()) / "llm")
    commands = {
        "bare": ([str(ours / "python"), "-c", "pass"], b""),
        "version": ([curta, "--version"], b""),
        "prompt": ([curta, "-m", "extractive", "say hi"], b"hi\n"),
        "help": ([curta, "--help"], b""),
        "logs path": ([curta, "logs", "path"], b""),
        "logs": ([curta, "logs", "-n", "3"], b""),
        "models": ([curta, "models"], b""),
    }
    peer = {
        "llm version": ([llm, "--version"], b""),
        "llm help": ([llm, "--help"], b""),
        "llm logs path": ([llm, "logs", "path"], b""),
        "llm models": ([llm, "models"], b""),
    }
    os.environ |= {"CURTA_HOME": f"{home}/curta", "LLM_USER_PATH": f"{home}/llm"}
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return commands | (peer if theirs else {})


def _measure(commands: dict[str, tuple[list[str], bytes]]) -> dict[str, float]:
    """Median CPU milliseconds of each command."""
    seen: dict[str, list[float]] = {name: [] for name in commands}
    for round_ in range(ROUNDS + 1):
        for name, (command, piped) in commands.items():
            milliseconds = _cpu(command, piped)
            if round_:
                seen[name].append(milliseconds)
    return {name: median(values) for name, values in seen.items()}


def _cpu(command: list[str], piped: bytes) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=piped, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command}: exit {done.returncode}\n{done.stderr.decode()}")
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _row(what: str, ours: float, bare: float, target: str, llm: float | None) -> dict[str, Any]:
    beside = (
        f"llm {LLM}: {llm:.0f} CPU ms, {llm / bare:.0f}x bare, {llm / ours:.1f}x Curta" if llm else "llm not installed"
    )
    return {
        "what": what,
        "curta": f"{ours:.1f} CPU ms",
        "peer": f"{bare:.1f} CPU ms (python -c pass)",
        "ratio": f"{ours / bare:.2f}",
        "target": target,
        "note": beside,
    }
