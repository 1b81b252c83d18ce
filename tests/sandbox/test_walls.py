"""The second wall, without the first: a plain Python process behind it can do nothing that a guest should not."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curta.sandbox import Sandbox, View, walls

BEHIND = """
import ctypes, json, os, socket, subprocess, sys, threading
from pathlib import Path
from curta.sandbox import walls

granted, scratch, secret, port = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
standing = walls.close_in([granted], [scratch], 256 << 20)

def tried(act):
    try:
        return ["done", str(act())]
    except BaseException as error:
        return ["refused", type(error).__name__]

def in_a_thread(act):
    told = []
    thread = threading.Thread(target=lambda: told.append(tried(act)))
    thread.start()
    thread.join()
    return told[0]

print(json.dumps({
    "standing": standing,
    "read granted": tried(lambda: (granted / "a.txt").read_text()),
    "write scratch": tried(lambda: (scratch / "new").write_text("x")),
    "write granted": tried(lambda: (granted / "a.txt").write_text("x")),
    "make in granted": tried(lambda: (granted / "new").write_text("x")),
    "remove granted": tried(lambda: (granted / "a.txt").unlink()),
    "read a secret": tried(lambda: open(secret).read()),
    "read a secret in a thread": in_a_thread(lambda: open(secret).read()),
    "read /etc/passwd": tried(lambda: open("/etc/passwd").read()),
    "list /": tried(lambda: os.listdir("/")),
    "climb out": tried(lambda: open(granted / ".." / "secret.txt").read()),
    "link in scratch": tried(lambda: os.symlink(secret, scratch / "link")),
    "hard link": tried(lambda: os.link(secret, scratch / "hard")),
    "pipe in scratch": tried(lambda: os.mkfifo(scratch / "pipe")),
    "start a program": tried(lambda: subprocess.run(["/bin/true"]).returncode),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", port), 1)),
    "listen": tried(lambda: socket.socket().bind(("127.0.0.1", 0))),
    "signal the parent": tried(lambda: os.kill(os.getppid(), 0)),
    "take memory": tried(lambda: len(bytearray(3 << 30))),
    "open the wall": tried(lambda: walls._landlock([Path("/")], [Path("/")]) and open("/etc/passwd").read()),
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What became of each attempt."""
    place = tmp_path_factory.mktemp("walls")
    for name in ("granted", "scratch"):
        (place / name).mkdir()
    (place / "granted" / "a.txt").write_text("granted")
    (place / "secret.txt").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = [place / "granted", place / "scratch", place / "secret.txt", server.getsockname()[1]]
        done = subprocess.run(
            [sys.executable, "-c", BEHIND, *map(str, arguments)], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


needs_landlock = pytest.mark.skipif(walls.landlock_level() < 6, reason="this kernel has no Landlock of level 6")


def test_what_is_granted_works_behind_it(told: dict[str, list[str]]) -> None:
    assert told["standing"][:2] == ["webassembly", "rlimits"]
    assert told["read granted"] == ["done", "granted"]
    assert told["write scratch"][0] == "done"


@needs_landlock
@pytest.mark.parametrize(
    "attempt",
    [
        "write granted", "make in granted", "remove granted", "read a secret", "read a secret in a thread",
        "read /etc/passwd", "list /", "climb out", "link in scratch", "hard link", "pipe in scratch", "start a program",
        "connect", "listen", "signal the parent", "open the wall",
    ],
)  # fmt: skip
def test_everything_else_is_refused(told: dict[str, list[str]], attempt: str) -> None:
    assert "landlock" in told["standing"]
    assert told[attempt][0] == "refused", told[attempt]


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA bounds mapped memory on Linux only")
def test_memory_is_bounded(told: dict[str, list[str]]) -> None:
    assert told["take memory"] == ["refused", "MemoryError"]


USES = """
import os, sys, time
from curta.sandbox import Sandbox
sandbox = Sandbox()
sandbox.run("")
print(sandbox._runners["python"]._worker._process.pid, sandbox._runners["python"]._scratch.path, flush=True)
sandbox.run("open('/work/left', 'w').write('x' * 1000)\\nimport time; time.sleep(60)")
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")  # in a container nobody may have asked how it ended
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_and_no_file_outlives_the_parent(warm_home: Path, how: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", USES], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout
    pid, _, scratch = parent.stdout.readline().strip().partition(" ")
    assert soon(lambda: any(files for _, _, files in os.walk(scratch)))
    parent.send_signal(how)
    parent.wait(10)
    parent.stdout.close()
    assert soon(lambda: gone(int(pid)))
    assert soon(lambda: not Path(scratch).exists() or not list(Path(scratch).iterdir()))


def test_a_worker_that_is_killed_is_an_ended_run_and_the_next_one_works(warm_home: Path) -> None:
    with Sandbox() as sandbox:
        sandbox.run("")
        worker = sandbox._runners["python"]._worker
        assert worker

        def shoot(_stream: str, _text: str) -> None:
            os.kill(worker._process.pid, signal.SIGKILL)

        result = sandbox.run("import time\nprint('now', flush=True)\ntime.sleep(60)", on_output=shoot)
        assert (result.status, result.stdout.strip()) == ("ended", "now")
        assert "not known" in result.note
        assert sandbox.run("print(1)").stdout == "1\n"


def test_interrupting_a_run_ends_its_guest(warm_home: Path) -> None:
    def interrupt(_stream: str, _text: str) -> None:
        raise KeyboardInterrupt

    with Sandbox() as sandbox:
        with pytest.raises(KeyboardInterrupt):
            sandbox.run("print('now', flush=True)\nimport time; time.sleep(60)", on_output=interrupt)
        assert sandbox.run("print(1)").stdout == "1\n"


def test_the_worker_has_neither_our_environment_nor_our_files(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURTA_TEST_SECRET", "s3cr3t")
    with open(tmp_path / "open.txt", "w") as ours, Sandbox(View(tmp_path, "read")) as sandbox:
        os.set_inheritable(ours.fileno(), True)
        sandbox.run("")
        worker = sandbox._runners["python"]._worker
        assert worker
        process = Path(f"/proc/{worker._process.pid}")
        if not process.exists():
            pytest.skip("needs /proc")
        assert b"s3cr3t" not in (process / "environ").read_bytes()
        opened = [os.readlink(each) for each in (process / "fd").iterdir()]
        assert str(tmp_path / "open.txt") not in opened
        assert b"s3cr3t" not in (process / "cmdline").read_bytes()


def test_a_worker_that_lies_is_not_believed(warm_home: Path) -> None:
    for content in ("/etc/passwd", "../../etc/passwd", "1/../../x", "", "1/1/\u0661"):
        with Sandbox() as sandbox:
            sandbox.run("open('/work/x', 'w').write('x')")
            runner = sandbox._runners["python"]
            worker = runner._worker
            assert worker
            assert runner._scratch
            place = runner._scratch.path
            request = {"op": "run", "source": "", "name": "", "fresh": True, "stdin": "", "seconds": 1}
            told = worker.ask(request, 1, lambda *_: None)
            told["effects"]["/work"] = {"changes": [["created", "x", "file", None, None, 1, None, content]], "read": {}}
            worker.ask = lambda *_, told=told: told  # type: ignore[method-assign,misc]
            result = sandbox.run("")
            assert not [path for path in result.files.values() if not path.is_relative_to(place)]
            if content:
                assert result.status == "ended"
