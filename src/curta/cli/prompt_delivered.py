"""Where an answer goes besides the screen: into a file (`-O`), whole or not at all; onto the clipboard (`--copy`)."""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curta import config
from curta.cli import output
from curta.errors import CurtaError, Refused

if TYPE_CHECKING:
    from curta.conversations import Response


_WHOLE = (0, 3)
"""The exit codes of an answer that is complete: also one that a check found wrong."""


class _Incomplete(Exception):
    """There is an exit code, and no answer: the chain waits for approval, say."""


def into_file(path: str, ask: Callable[[], int]) -> int:
    """Do what `ask` does, with the result in the file instead of on stdout; its exit code.

    The file is opened before anything is sent, so that no answer is paid for that has no place to go. When `ask`
    raises or comes to no answer, whatever was there before stays.
    """
    try:
        with config.replacing(Path(path), _mode(path)) as file, _as_stdout(file):
            code = ask()
            if code not in _WHOLE:
                raise _Incomplete
    except _Incomplete:
        output.note(f"{path} is left as it was.", force=True)
    else:
        output.note(f"Written to {path}.")
    return code


@contextmanager
def _as_stdout(file: Any) -> Iterator[None]:
    before, sys.stdout = sys.stdout, file
    try:
        yield
        file.flush()
    finally:
        sys.stdout = before


def _mode(path: str) -> int:
    """Who may read the file: as before, where there was one."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return 0o644


def require_whole(response: "Response", path: str) -> None:
    """Raises CurtaError for an answer that must not take the place of what is in the file."""
    kept = f"{path} is left as it was. "
    found = "What came is in the log: curta logs -r" if response.id else ""
    if response.finish == "refused":
        raise Refused("The model declined to answer.", why=kept.strip(), then=found)
    if response.finish == "length":
        raise CurtaError("The answer was cut off by a limit of length.", why=kept.strip(), then=found)
    if not response.partial().strip():
        raise CurtaError("There is no answer to write.", why=kept.strip())


def onto_clipboard(response: "Response", given: Mapping[str, Any], text: str | None) -> None:
    """Copy what was asked for: a code block, the JSON of the call, or the answer (`text` where it was mended)."""
    from curta.cli import clipboard

    copied = _result(response, given, response.partial() if text is None else text)
    how = clipboard.copy(copied)
    output.note(f"Copied {len(copied):,} characters {how}.")


def _result(response: "Response", given: Mapping[str, Any], text: str) -> str:
    if given["as_json"]:
        import json

        return json.dumps({**response.to_dict(), "response": text}, ensure_ascii=False, indent=2)
    if given["extract"] or given["extract_last"]:
        from curta.text.fenced import fenced_block

        block = fenced_block(text, last=given["extract_last"])
        return text if block is None else block
    return text
