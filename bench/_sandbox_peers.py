"""What else runs a program: each measured where it is there, and named as missing where it is not.

bwrap by its package; the others in `CURTA_PEERS`: a virtual environment `monty` with pydantic-monty, and
`node_modules/pyodide` for node. Wall times, as the sandbox's own.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

HOME = Path(os.environ.get("CURTA_PEERS", "peers"))
PROGRAM = "print(1+1)"
MONTY = f"""
import pydantic_monty, statistics, sys, time
took = []
with pydantic_monty.Monty() as pool:
    for _ in range(100):
        began = time.perf_counter()
        with pool.checkout() as session:
            session.feed_run("{PROGRAM}", print_callback=lambda *_: None)
        took.append(time.perf_counter() - began)
print(statistics.median(took) * 1e3)
"""
PYODIDE = f"""
const {{ loadPyodide }} = await import(process.argv[1]);
const python = await loadPyodide({{ stdout: () => {{}} }});
python.runPython("{PROGRAM}");
"""


def fresh() -> dict[str, str]:
    """Milliseconds until a fresh interpreter has run `PROGRAM`, of each peer."""
    return {
        "python -I": _told(_native),
        "bwrap + python -I": _told(_bwrap),
        "pydantic-monty": _told(_monty),
        "Pyodide in Node": _told(_pyodide),
    }


def _told(measure: Callable[[], float | None]) -> str:
    found = measure()
    return "not here" if found is None else f"{found:.1f} ms"


def _native() -> float:
    return _wall([sys.executable, "-I", "-c", PROGRAM], 20)


def _bwrap() -> float | None:
    if not shutil.which("bwrap"):
        return None
    return _wall(["bwrap", "--ro-bind", "/", "/", "--unshare-all", sys.executable, "-I", "-c", PROGRAM], 20)


def _monty() -> float | None:
    python = HOME / "monty" / "bin" / "python"
    if not python.exists():
        return None
    return float(subprocess.check_output([python, "-I", "-c", MONTY]).split()[-1])


def _pyodide() -> float | None:
    module = HOME / "node_modules" / "pyodide" / "pyodide.mjs"
    if not (module.exists() and shutil.which("node")):
        return None
    return _wall(["node", "--input-type=module", "-e", PYODIDE, str(module.resolve())], 2)


def _wall(command: list[str], times: int) -> float:
    return median(_timed(command) for _ in range(times))


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1e3
