"""The sandbox: a fresh guest, the next cell of a session, CPU-bound Python, a view over many files, whole processes.

Native Python (`python -I`) is the peer, and beside a fresh guest whatever else runs a program here
(`_sandbox_peers.py`). `bare` is the least there is: a bare instance of the same component in one process, a byte sent
to another process and back. What one process does is measured on the clock, alternating; whole processes by
their processor time, children included, which a loaded machine inflates less. The worker's memory is read from /proc.
"""
# ruff: noqa: E501 - the programs are data

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench import _sandbox_peers
from curta.sandbox import Limits, Sandbox, View, engines, wasm
from curta.sandbox.pocket.binding import Component, Instance

FRESH, CELLS, PROCESSES, MANY, PAUSE = 300, 1000, 9, 1000, 0.02
PROGRAMS = {
    "fib": "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(24)",
    "nbody": """
import math
bodies = [[0.0, 0.0, 39.5, 0.0, 0.0], [4.8, -1.1, 0.04, 0.6, 2.8], [8.3, 4.1, 0.01, -1.0, 1.8], [12.9, -15.1, 0.002, 1.1, 0.9]]
for _ in range(8000):
    for i, a in enumerate(bodies):
        for b in bodies[i + 1:]:
            x, y = a[0] - b[0], a[1] - b[1]
            force = 0.001 / (math.sqrt(x * x + y * y) ** 3)
            a[3] -= x * b[2] * force; a[4] -= y * b[2] * force
            b[3] += x * a[2] * force; b[4] += y * a[2] * force
    for a in bodies:
        a[0] += 0.001 * a[3]; a[1] += 0.001 * a[4]
""",
    "strings": "words = [f'word{i % 997}' for i in range(60_000)]\nfor _ in range(4):\n  ' '.join(sorted(set(words))).upper().split()\n  {w: words.count(w) for w in words[:30]}",
    "json": "import json\ndata = [{'id': i, 'name': f'n{i}', 'tags': ['a', 'b', str(i)]} for i in range(6000)]\nfor _ in range(4): json.loads(json.dumps(data))",
}  # fmt: skip
TIMED = "import time\n_began = time.perf_counter()\n{}\nprint(time.perf_counter() - _began)"


def rows() -> list[dict[str, Any]]:
    with Sandbox(limits=Limits(seconds=120)) as sandbox:
        sandbox.run("")
        return [*_starts(sandbox), _memory(sandbox), *_speed(sandbox), *_view(), *_processes()]


def _starts(sandbox: Sandbox) -> list[dict[str, Any]]:
    bare = median(_bare())
    at_once = sorted(_milliseconds(lambda: sandbox.run("print(1+1)")) for _ in range(FRESH))
    fresh = sorted(_milliseconds(lambda: sandbox.run("print(1+1)"), after=PAUSE) for _ in range(FRESH))
    session = sandbox.session()
    session.run("x = 1")
    cells = sorted(_milliseconds(lambda: session.run("x")) for _ in range(CELLS))
    return [
        _row(
            "fresh sandbox, print(1+1)",
            f"{median(fresh):.2f} ms",
            "median 2 ms, p99 10 ms",
            p99=_p99(fresh),
            least=f"{fresh[0]:.2f} ms",
            bare=f"{bare:.2f} ms",
            **_sandbox_peers.fresh(),
        ),
        _row(
            "the same, one after another",
            f"{median(at_once):.2f} ms",
            "",
            p99=_p99(at_once),
            least=f"{at_once[0]:.2f} ms",
        ),
        _row(
            "next cell of a session",
            f"{median(cells):.3f} ms",
            "0.1 ms",
            p99=_p99(cells),
            least=f"{cells[0]:.3f} ms",
            bare=f"{median(_ping_pong()):.3f} ms",
        ),
    ]


def _bare() -> list[float]:
    """Milliseconds of bare instances of the component, in this process: made, run once, closed."""
    (code,) = engines.find("python").files(None)
    component = Component(code, wasm.configure, {"call": lambda *_: "-52"})
    run = component.export(b"run")

    def act() -> None:
        instance = Instance(component, 1 << 28, 1, lambda _: None, lambda _: None)
        instance.call(instance.function(run), ("print(1+1)", "main", ""))
        instance.close()

    return [_milliseconds(act) for _ in range(FRESH)]


def _ping_pong() -> list[float]:
    """Milliseconds for a byte to another process and back."""
    echo = "import os\nwhile data := os.read(0, 9): os.write(1, data)"
    with subprocess.Popen([sys.executable, "-I", "-c", echo], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        there, back = other.stdin.fileno(), other.stdout.fileno()
        took = [_milliseconds(lambda: (os.write(there, b"x"), os.read(back, 9))) for _ in range(CELLS)]
        other.stdin.close()
    return took


def _memory(sandbox: Sandbox) -> dict[str, Any]:
    before = _resident()
    for _ in range(MANY):
        sandbox.run("x = [0] * 10_000")
    return _row(f"worker's memory after {MANY:,} fresh runs", f"{_resident()} MB", "flat", before=f"{before} MB")


def _speed(sandbox: Sandbox) -> list[dict[str, Any]]:
    found = []
    for name, program in PROGRAMS.items():
        timed = TIMED.format(program)
        here, native = [], []
        for _ in range(5):
            here.append(float(sandbox.run(timed).stdout))
            native.append(float(subprocess.check_output([sys.executable, "-I", "-c", timed])))
        ratio = min(here) / min(native)
        row = _row(f"CPU-bound Python: {name}", f"{min(here) * 1e3:.0f} ms", "at most 4x native")
        found.append({**row, "peer": f"{min(native) * 1e3:.0f} ms", "ratio": f"{ratio:.1f}"})
    return found


def _view() -> list[dict[str, Any]]:
    """10,000 files of 9 KB; 500 renamed, 500 deleted, 500 changed."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(10_000):
            place = Path(folder, str(number // 100))
            place.mkdir(exist_ok=True)
            (place / str(number)).write_bytes(bytes(9000))
        change = """
import os
for n in range(500): os.rename(f"{n // 100}/{n}", f"{n // 100}/new{n}")
for n in range(1000, 1500): os.remove(f"{n // 100}/{n}")
for n in range(2000, 2500): open(f"{n // 100}/{n}", "a").write("x")
"""
        view = View(folder)
        with Sandbox(view, limits=Limits(seconds=120)) as sandbox:
            sandbox.run("")
            ready = sorted(_milliseconds(lambda: sandbox.run("")) for _ in range(20))
            began = time.perf_counter()
            result = sandbox.run(change)
            after = time.perf_counter() - began - result.usage.seconds
        count = len(view.effects().changes)
    return [
        _row("view over 10,000 files (90 MB), ready", f"{median(ready):.1f} ms", "100 ms"),
        _row(
            f"exact effects of {count:,} changes",
            f"{after * 1e3:.0f} ms",
            "100 ms",
            run=f"{result.usage.seconds:.2f} s",
        ),
    ]


def _processes() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as home:
        program = Path(home, "one.py")
        program.write_text("print(1+1)\n")
        environment = {**os.environ, "CURTA_HOME": home}
        curta = [str(Path(sys.executable).parent / "curta"), "run", str(program)]
        first = _cpu(curta, environment)
        ours, bare = [], []
        for _ in range(PROCESSES):
            ours.append(_cpu(curta, environment))
            bare.append(_cpu([sys.executable, "-I", str(program)], environment))
    row = _row("`curta run` of one line, whole process, CPU", f"{median(ours):.0f} ms", "100 ms")
    return [
        {**row, "peer": f"{median(bare):.0f} ms", "ratio": f"{median(ours) / median(bare):.1f}"},
        _row("the first run ever: compiling, CPU", f"{first / 1e3:.1f} s", "10 s"),
    ]


def _row(what: str, curta: str, target: str, **more: str) -> dict[str, Any]:
    return {"what": what, "curta": curta, "peer": None, "ratio": None, "target": target, **more}


def _milliseconds(act: Callable[[], object], after: float = 0.0) -> float:
    """What `act` takes. after: seconds to wait before, as for the next answer of a model."""
    time.sleep(after)
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1e3


def _p99(values: list[float]) -> str:
    return f"{values[len(values) * 99 // 100]:.2f} ms"


def _cpu(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds of processor time of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def _resident() -> int:
    """Megabytes that the Python worker has in memory."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    sizes = [int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in children]
    return max(sizes) * os.sysconf("SC_PAGE_SIZE") >> 20
