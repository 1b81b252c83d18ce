"""The first prompt of a chat: CPU time of the process until `> ` stands on a terminal, beside `llm chat`."""

import os
import pty
import select
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.start import LLM, ROOT, _environment

ROUNDS = 11
PATIENCE = 60


def rows() -> list[dict[str, Any]]:
    ours, theirs = _environment("curta", [str(ROOT)], fresh=True), _environment("llm", [f"llm=={LLM}"])
    assert ours is not None
    commands = {"curta": [str(ours / "curta"), "chat", "-m", "gpt-5-mini"]}
    if theirs:
        commands["llm"] = [str(theirs / "llm"), "chat", "-m", "gpt-4o-mini"]
    with tempfile.TemporaryDirectory() as home:
        measured = measure(commands, Path(home))
    curta, llm = measured["curta"], measured.get("llm")
    return [
        {
            "what": "curta chat, to the first prompt",
            "curta": f"{curta[0]:.0f} CPU ms",
            "peer": f"{llm[0]:.0f} CPU ms (llm {LLM} chat)" if llm else "llm not installed",
            "ratio": f"{curta[0] / llm[0]:.2f}" if llm else "",
            "target": "at most 0.5x llm",
            "note": f"wall: {curta[1]:.0f} ms" + (f" beside {llm[1]:.0f} ms" if llm else ""),
        }
    ]


def measure(commands: dict[str, list[str]], home: Path) -> dict[str, tuple[float, float]]:
    """Median CPU and wall milliseconds of each command, in turn; the first round only compiles."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for round_ in range(ROUNDS + 1):
        for name, command in commands.items():
            figures = _to_the_prompt(command, home)
            if round_:
                seen[name].append(figures)
    return {name: (median(cpu for cpu, _ in each), median(wall for _, wall in each)) for name, each in seen.items()}


def _to_the_prompt(command: list[str], home: Path) -> tuple[float, float]:
    environment = {"CURTA_HOME": str(home / "curta"), "LLM_USER_PATH": str(home / "llm"), "OPENAI_API_KEY": "none"}
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    master, slave = pty.openpty()
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**inherited, **environment, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(slave)
    shown = b""
    while b"> " not in shown:
        if time.monotonic() - began > PATIENCE or not select.select([master], [], [], PATIENCE)[0]:
            raise TimeoutError(f"{command} showed no prompt: {shown!r}")
        shown += os.read(master, 65536)
    wall = time.monotonic() - began
    process.kill()
    usage = os.wait4(process.pid, 0)[2]
    process.returncode = -9
    os.close(master)
    return 1000 * (usage.ru_utime + usage.ru_stime), 1000 * wall
