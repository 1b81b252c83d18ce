"""Which tool wrote a file, and the run in it."""

import os
from collections.abc import Iterator
from zipfile import BadZipFile

from curta.errors import SourceError
from curta.evals.importing.foreign import Answer, Foreign, Told
from curta.evals.importing.json_pieces import pieces
from curta.sources import files
from curta.sources.names import shown

_OF_PROMPTFOO = {"evalId", "results"}
_OF_INSPECT = {"version", "status", "eval"}


def run_of(path: str) -> "Run":
    """The run in a file of promptfoo or Inspect. Raises SourceError for a file that is neither, SourceNotFound."""
    from curta.evals.importing.inspect_log import Log
    from curta.evals.importing.promptfoo import Results

    tool = tool_of(path)
    if tool is None:
        raise SourceError(
            f"{shown(path)} is no file of promptfoo or Inspect.",
            then="Results of promptfoo are .json or .jsonl, logs of Inspect .eval or .json.",
        )
    return Run(Results(path) if tool == "promptfoo" else Log(path))


def tool_of(path: str) -> str | None:
    """`promptfoo`, `inspect`, or None for a file of another kind. Raises SourceNotFound, SourceError."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise SourceError(f"{shown(path)} is no file.", why="It is read more than once.", then="Save it as a file.")
    with files.opened(path) as file:
        head = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if path.lower().endswith(".eval"):
        return "inspect"
    if path.lower().endswith(".jsonl"):
        return "promptfoo" if b'"promptIdx"' in head or b'"testIdx"' in head or b'"gradingResult"' in head else None
    return _by_first_key(path) if head.startswith(b"{") else None


def _by_first_key(path: str) -> str | None:
    with files.opened(path) as file:
        try:
            (first, *_), _ = next(pieces(file, {("results", "results"), ("samples",)}))
        except (ValueError, StopIteration):
            return None
    return "promptfoo" if first in _OF_PROMPTFOO else "inspect" if first in _OF_INSPECT else None


class Run:
    """A run, whose file is refused by its name where it is damaged."""

    def __init__(self, foreign: Foreign) -> None:
        self._foreign = foreign

    @property
    def path(self) -> str:
        return self._foreign.path

    @property
    def told(self) -> Told:
        return self._foreign.told

    def answers(self) -> Iterator[Answer]:
        """Raises SourceError for a file that is damaged, or has no answer."""
        none = True
        try:
            for answer in self._foreign.answers():
                none = False
                yield answer
        except (ValueError, BadZipFile, EOFError, OSError) as error:
            raise SourceError(f"{shown(self.path)} is damaged: {error}.", then="Have it written again.") from error
        if none:
            raise SourceError(f"{shown(self.path)} has no answer.")
