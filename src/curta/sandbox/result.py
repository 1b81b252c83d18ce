"""What came of a run: its output, how it ended, what it used up, and what it did to files."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from curta.sandbox.effects import Effects

Status: TypeAlias = Literal["ok", "error", "deadline", "memory", "ended"]
"""error: an exception, or an exit code other than 0. ended: the guest broke itself, beyond catching."""


class Usage(NamedTuple):
    """seconds: on the clock. cpu: seconds of processor time. written: bytes on disk; files: made."""

    seconds: float = 0.0
    cpu: float = 0.0
    written: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Result:
    """What came of a run. All texts are the guest's and not to be believed.

    value: the repr of a trailing expression. error: the traceback, or a sentence on the limit that was reached.
    exit_code: as a program's. truncated: the streams of which not everything was kept.
    effects: by the path a view had in the guest; none are known of a run whose process had to be ended, and `note` says
    so. walls: what stood between the guest and the host. note: what became of a session, where there is a word to say.
    id: its place in the log of runs; None when it is not logged. warnings: for a face to show.
    """

    status: Status
    stdout: str = ""
    stderr: str = ""
    value: str = ""
    error: str = ""
    exit_code: int = 0
    truncated: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    effects: dict[str, Effects] = field(default_factory=dict)
    walls: tuple[str, ...] = ()
    note: str = ""
    id: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    @property
    def files(self) -> dict[str, Path]:
        """The files that were made or changed, by their path in the guest: where their bytes lie.

        They lie there until the sandbox runs the next program or is closed: read or copy them before.
        """
        return {
            f"{at}/{each.path}": each.content
            for at, done in self.effects.items()
            for each in done.changes
            if each.content is not None
        }

    @property
    def pictures(self) -> dict[str, Path]:
        """Those of `files` that are pictures, by their names."""
        import mimetypes

        return {
            path: content
            for path, content in self.files.items()
            if (mimetypes.guess_type(path)[0] or "").startswith("image/")
        }

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "status": self.status,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "value": self.value,
            "error": self.error,
            "exit_code": self.exit_code,
            "truncated": list(self.truncated),
            "usage": self.usage._asdict(),
            "effects": {path: each.to_dict() for path, each in self.effects.items()},
            "walls": list(self.walls),
            "note": self.note,
        }
