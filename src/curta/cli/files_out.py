"""The files that a program made in the sandbox: listed, and copied out when a person agrees."""

import sys
from typing import IO, TYPE_CHECKING

from curta.cli import output

if TYPE_CHECKING:
    from curta.sandbox import Result

_LISTED = 20


def tell(result: "Result", out: str | None) -> None:
    """Say which files a program made or changed. out: where they are to go, if anywhere."""
    from curta.sandbox.taking import found

    files = found(result)
    for each in files[:_LISTED]:
        output.note(f"  {_shown(each.name)}  {each.size:,} bytes", force=True)
    if len(files) > _LISTED:
        output.note(f"  and {len(files) - _LISTED:,} more files", force=True)
    if files and out is None:
        output.note("It made these files in the sandbox; --out DIR copies them out.")


def copy_out(result: "Result", folder: str, agreed: bool) -> int:
    """Copy the files into `folder` when a person agrees, or has agreed beforehand; the exit code.

    Whoever is asked sees which files would be replaced; beforehand, nobody has agreed to replace any.
    """
    from pathlib import Path

    from curta.sandbox.taking import found, take

    files = found(result)
    if not files:
        return 0
    replaced = [each.name for each in files if Path(folder, each.name).exists()]
    also = f", replacing {', '.join(map(_shown, replaced[:5]))}{' ...' if len(replaced) > 5 else ''}" * bool(replaced)
    if not agreed:
        count = "this file" if len(files) == 1 else f"these {len(files)} files"
        answer = _answer(f"Copy {count} to {_shown(folder)}{also}? y or n: ")
        if answer is None:
            output.note(
                f"Nothing was copied to {_shown(folder)}: there is no terminal to ask on. -y agrees beforehand.",
                force=True,
            )
            return 5
        if answer not in ("y", "yes"):
            output.note("Nothing was copied.", force=True)
            return 0
    taken = take(files, folder, replace=not agreed)
    if taken.copied:
        output.note(f"Copied to {_shown(folder)}: {', '.join(map(_shown, taken.copied[:_LISTED]))}", force=True)
    for name, why in taken.refused.items():
        output.note((f"Not copied: {_shown(name)}: {why}.", "bold"), force=True)
    return int(bool(taken.refused))


def _answer(question: str) -> str | None:
    """What a person types; None when there is nobody to ask."""
    if (keyboard := _keyboard()) is None:
        return None
    with keyboard:
        sys.stderr.write(output.safe(question, sys.stderr))
        sys.stderr.flush()
        return keyboard.readline().strip().lower()


def _keyboard() -> "IO[str] | None":
    """Where a person types: the terminal, also when the program was piped in."""
    if not output.is_terminal(sys.stderr):
        return None
    try:
        return open("/dev/tty", encoding="utf-8", errors="replace")
    except OSError:
        return open(sys.stdin.fileno(), closefd=False) if sys.stdin and sys.stdin.isatty() else None


def _shown(name: str) -> str:
    """A name as it can be told apart from the words around it, wherever it is shown."""
    from curta.text.terminal import clean

    odd = clean(name) != name or any(c.isspace() for c in name) or name.startswith("-")
    return repr(name) if odd else name
