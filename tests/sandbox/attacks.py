"""Programs that want out, or want to bring the house down: the table behind `test_attacks.py` and the published list.

A program that succeeds prints ESCAPED. `ends`: the statuses with which it may end; `says`: what its output or its error
must hold. Each runs in a folder that holds links which lead out, beside a secret file, with a secret in the environment
of the host. `python -m tests.sandbox.attacks` writes `docs/sandbox-attacks.md`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.sandbox import attacks_data, attacks_python, attacks_sessions, attacks_terminal, attacks_wasi

IN_A_SESSION, AT_A_TERMINAL = "python, in a session", "curta run, at a terminal"
WITH_DATA = "python, with data"
LISTS = {
    "python": attacks_python.ATTACKS,
    IN_A_SESSION: attacks_sessions.CELLS,
    WITH_DATA: attacks_data.ATTACKS,
    "c": attacks_wasi.C,
    "javascript": attacks_wasi.JAVASCRIPT,
    "lua": attacks_wasi.LUA,
    "sql": attacks_wasi.SQL,
    AT_A_TERMINAL: attacks_terminal.ATTACKS,
}
PAGE = Path(__file__).parents[2] / "docs" / "sandbox-attacks.md"


class Attack(NamedTuple):
    """language: what it is written in, or how it runs. aim: what it wants, in a few words."""

    language: str
    kind: str
    aim: str
    program: str
    ends: tuple[str, ...]
    says: str


def parsed(language: str, text: str) -> list[Attack]:
    """The attacks of a table: `# kind: aim [| ends] [| says]`, each followed by its program."""
    found = []
    for block in text.split("\n#! ")[1:]:
        head, _, program = block.partition("\n")
        kind, _, rest = head.partition(": ")
        aim, ends, says = ([each.strip() for each in rest.split(" | ")] + ["", ""])[:3]
        found.append(Attack(language, kind, aim, program, tuple(ends.split() or ("ok", "error")), says))
    return found


ATTACKS = [attack for language, text in LISTS.items() for attack in parsed(language, text)]
ON_DATA = [each for each in ATTACKS if each.language == "python" and each.aim not in attacks_data.NOT_THERE]
"""What was tried of the pocket engine, and is tried of the data engine too."""

WORDS = {
    "ok": "nothing came of it",
    "error": "an error in the guest",
    "deadline": "stopped: time",
    "memory": "stopped: memory",
    "ended": "it broke its guest, nothing else",
}

HEAD = """\
# Attacks on the sandbox

Programs that want out of the sandbox, or want to bring the host down with them, and what comes of each. The test-suite
runs them all, and this page is written from its table (`tests/sandbox/attacks.py`); a test fails when they differ.

Each program runs in a copy-on-write view of a folder that holds links leading out of it, beside a secret file, with a
secret in the environment of the host, and with small limits: half a second for what never ends, 64 MB of memory, 4 MB
and 200 files on disk, 64 KB of output. After each of them: the host process lives and runs the next program; neither
secret nor anything of `/etc/passwd` is in any output; every file of the host is the same, byte for byte; the result
says what happened; its limits ended it where it would not end by itself. What is promised beyond that: [the
sandbox](sandbox.md).

A cell of a session may harm the later cells of its session, which is its own world. So after each of those attacks:
whatever the host asks of the session has an answer, and a fresh run knows nothing of it. What is run at a terminal
puts no byte on its screen that commands it, but Curta's own colours.

There are two engines for Python, and what comes of an attack is the same on both: of those on `python`, all are tried
on `python, with data` (`--data`) too but for {elsewhere}, which are about an interface that it does not have; its own
list is what only it has. So are the attacks in a session.
"""


def page() -> str:
    """The published list."""
    return "\n".join([HEAD.format(elsewhere=len(attacks_data.NOT_THERE)), *(_section(language) for language in LISTS)])


def _section(language: str) -> str:
    attacks = [each for each in ATTACKS if each.language == language]
    lines = [f"## {language} ({len(attacks)} attacks)", "", "| kind | what it tries | outcome |", "|---|---|---|"]
    lines += [f"| {each.kind} | {each.aim} | {_outcome(each.ends)} |" for each in attacks]
    return "\n".join([*lines, ""])


def _outcome(ends: Sequence[str]) -> str:
    return "refused, or " + WORDS["ok"] if set(ends) == {"ok", "error"} else ", or ".join(WORDS[each] for each in ends)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
