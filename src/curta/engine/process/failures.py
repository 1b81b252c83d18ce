"""Why an engine did not start, in words: from how its process ended and what it said before."""

import re
import signal

from curta.engine.facts import ModelFacts
from curta.engine.files.held import ModelFile
from curta.engine.process.state import Place
from curta.errors import BadModelFile, EngineError, ModelError
from curta.text.terminal import clean_line

_UNKNOWN_ARCHITECTURE = re.compile(r"unknown model architecture: '([^'\n]{1,64})'")
_SAID = re.compile(r" E \S*\s*\S+: (.+)")
_BY_URL = "Use a server for it by URL: curta models add NAME --url URL --model ID"
_LONGEST = 400
_LONGEST_LOG = 64 * 1024


def meaning(file: ModelFile, known: ModelFacts, place: Place, code: int) -> ModelError:
    """The error that the exit code of a process which did not start means, with what it said.

    code: negative for the signal that ended it.
    """
    said = _said(place)
    if found := _UNKNOWN_ARCHITECTURE.search(said):
        return BadModelFile(
            f"The engine does not know the architecture {found[1]!r} of {file.name}.",
            then="A newer one may: curta install -U 'curta[local]'",
        )
    if code == -getattr(signal, "SIGILL", 4):
        why = "It lacks instructions that the engine was compiled for."
        return EngineError("The engine cannot run on this processor.", why=why, then=_BY_URL)
    if code == -getattr(signal, "SIGKILL", 9):
        return EngineError(
            f"The engine of {file.name} was ended by the system while it started.",
            why="As a rule that is because memory ran out.",
            then="Close other programs, or choose a smaller model.",
        )
    if code < 0:
        name = signal.Signals(-code).name if -code in {*signal.Signals} else f"signal {-code}"
        what = f"The engine crashed while it loaded {file.name} ({name})."
        return EngineError(what, why=_reason(said), then=f"Is the file whole? curta models verify {file.name}")
    return EngineError(
        f"The engine could not load {file.name}.",
        why=_reason(said),
        then=f"Is the file whole? curta models verify {file.name}",
    )


def _said(place: Place) -> str:
    try:
        with place.log.open("rb") as file:
            return file.read(_LONGEST_LOG).decode("utf-8", "replace")
    except OSError:
        return ""


def _reason(said: str) -> str:
    """The first error that the engine reported, else the last line of a traceback."""
    lines = _SAID.findall(said) or said.strip().splitlines()[-1:]
    reason = clean_line(lines[0].removeprefix("error loading model: "))[:_LONGEST] if lines else ""
    return f"It says: {reason}" if reason else ""
