"""Whatever a program tries: the host lives, its files and secrets are untouched, and the result tells the truth."""

import hashlib
import importlib.util
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from curta.errors import MissingExtra, SandboxError
from curta.sandbox import Limits, Result, Sandbox, View
from curta.sandbox.languages import c
from tests.sandbox.attacks import AT_A_TERMINAL, ATTACKS, IN_A_SESSION, LISTS, PAGE, WITH_DATA, Attack, page

IN_ENVIRONMENT, IN_FILE = "s3cr3t-of-the-environment", "s3cr3t-in-a-file"
LIMITS = Limits(seconds=60, memory=64 << 20, output=64 << 10, disk=4 << 20, files=200)
A_BUSY_MACHINE = 120.0
"""Seconds after which a program has not been ended by its limit, however slow the machine is just now."""

SECRETS = (IN_ENVIRONMENT, IN_FILE, "root:x:0:0")


class Ground:
    """A folder with links that lead out, beside a secret; a server nobody may reach; one warm sandbox."""

    def __init__(self, place: Path) -> None:
        self.place, self.work = place, place / "work"
        for folder in (self.work / "folder", self.work / "many"):
            folder.mkdir(parents=True)
        (place / "secret.txt").write_text(IN_FILE)
        (place / "outside.txt").write_text("outside")
        (self.work / "a.txt").write_text("a")
        (self.work / "folder" / "b.txt").write_text("b")
        (self.work / "large.bin").write_bytes(bytes(3 << 20))
        for number in range(300):
            (self.work / "many" / str(number)).touch()
        os.link(place / "outside.txt", self.work / "hard")
        for name, target in (("link", "../secret.txt"), ("out", ".."), ("root", "/"), ("passwd", "/etc/passwd")):
            (self.work / name).symlink_to(target)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        self.sandbox = Sandbox(View(self.work), limits=LIMITS)
        self.hasty = Sandbox(View(self.work), limits=LIMITS._replace(seconds=0.5))  # for what never ends
        self.warm: set[str] = set()
        self.before = self.look()

    def look(self) -> dict[str, tuple[str, int, int]]:
        return {str(path): _look(path) for path in sorted(self.place.rglob("*"))}

    def was_called(self) -> bool:
        try:
            self.server.accept()
        except BlockingIOError:
            return False
        return True

    def sandbox_for(self, attack: Attack) -> Sandbox:
        return self.hasty if "deadline" in attack.ends else self.sandbox

    def close(self) -> None:
        self.sandbox.close()
        self.hasty.close()
        self.server.close()


def _look(path: Path) -> tuple[str, int, int]:
    found = path.lstat()
    if stat.S_ISREG(found.st_mode):
        return hashlib.sha256(path.read_bytes()).hexdigest(), found.st_mode, found.st_mtime_ns
    return os.readlink(path) if path.is_symlink() else "", found.st_mode, found.st_mtime_ns


@pytest.fixture(scope="module")
def ground(warm_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_TEST_SECRET", IN_ENVIRONMENT)
        patch.setattr(c, "SECONDS", 2)
        made = Ground(tmp_path_factory.mktemp("ground"))
        yield made
        made.close()


def named(attack: Attack) -> str:
    return f"{attack.language}-{attack.kind}-{attack.aim}"[:70]


@pytest.mark.parametrize(
    "attack", [each for each in ATTACKS if each.language not in (IN_A_SESSION, WITH_DATA, AT_A_TERMINAL)], ids=named
)
def test_an_attack_comes_to_nothing(ground: Ground, attack: Attack) -> None:
    program = attack.program.replace("PORT", str(ground.server.getsockname()[1]))
    if attack.language not in ground.warm:  # compiled, and its process started: neither is the attack's doing
        ground.warm.add(attack.language)
        run(ground.sandbox, "", attack.language)
        run(ground.hasty, "", attack.language)
    began = time.monotonic()
    result = run(ground.sandbox_for(attack), program, attack.language)
    assert time.monotonic() - began < A_BUSY_MACHINE
    came_to_nothing(ground, attack, result)


@pytest.mark.parametrize("attack", [each for each in ATTACKS if each.language == IN_A_SESSION], ids=named)
def test_a_cell_harms_its_own_session_at_most(ground: Ground, attack: Attack) -> None:
    harmed_its_own_session_at_most(ground, attack, "python")


def harmed_its_own_session_at_most(ground: Ground, attack: Attack, language: str) -> None:
    session = ground.sandbox_for(attack).session(language)
    came_to_nothing(ground, attack, session.run(attack.program))
    for _ in range(2):
        tells_the_truth(session.run("print(1 + 1)"))
        for path in ("/work/in.txt", "/work/in.txt/in.txt/deep", "/tmp/in.txt"):
            with suppress(OSError):
                session.put(path, b"in")
                assert session.take(path) == b"in"
    session.close()
    assert ground.sandbox.run("print(1 + 1)", language).stdout == "2\n"


def came_to_nothing(ground: Ground, attack: Attack, result: Result) -> None:
    told = "\n".join((result.stdout, result.stderr, result.value, result.error))
    assert not [secret for secret in SECRETS if secret in told]
    assert "ESCAPED" not in told.replace("print('ESCAPED')", "").replace('print("ESCAPED', "")
    assert not ground.was_called()
    assert ground.look() == ground.before
    tells_the_truth(result)
    assert result.status in attack.ends, told[:2000]
    assert attack.says in told


def run(sandbox: Sandbox, program: str, language: str) -> Result:
    """What comes of it; that a program cannot even be compiled is an error in it."""
    try:
        return sandbox.run(program, language)
    except (SandboxError, MissingExtra) as error:
        if "has not been built" in error.what or (language == "c" and not importlib.util.find_spec("ziglang")):
            pytest.skip(error.what)
        return Result("error", error=str(error), exit_code=1)


def tells_the_truth(result: Result) -> None:
    """What a result says of itself holds, and what it points at is a plain file of the sandbox."""
    assert result.ok == (result.status == "ok") == (result.exit_code == 0)
    assert result.ok or result.error or result.exit_code
    assert max(len(result.stdout.encode()), len(result.stderr.encode())) <= 3 * LIMITS.output
    assert max(len(result.value), len(result.error)) <= 200_000
    assert 0 <= result.usage.written <= LIMITS.disk
    assert 0 <= result.usage.files <= LIMITS.files
    for path in result.files.values():
        assert stat.S_ISREG(path.lstat().st_mode)
        assert path.lstat().st_size <= LIMITS.disk
    result.to_dict()


def test_after_all_that_the_next_program_runs_as_the_first(ground: Ground) -> None:
    result = ground.sandbox.run("import os; print(sorted(os.listdir('/work')), os.listdir('/tmp'))")
    assert result.stdout == "['a.txt', 'folder', 'hard', 'large.bin', 'many'] []\n"


def test_there_are_enough_of_them() -> None:
    assert sum(attack.language == "python" for attack in ATTACKS) >= 60
    assert len({(attack.language, attack.kind, attack.aim) for attack in ATTACKS}) == len(ATTACKS)
    assert all(any(attack.language == language for attack in ATTACKS) for language in LISTS)


def test_the_published_list_is_this_list() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m tests.sandbox.attacks"
