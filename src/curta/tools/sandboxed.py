"""Tools that run a model's programs in the sandbox: `-T python`, `-T javascript`.

Each has one session, whose state stays from call to call for as long as the tool is in use: for a chain, a chat. They
ask nobody before they run, for what they do reaches nothing: no file, no network, no other program. Each run is logged
beside the call of whoever asked.
"""

import mimetypes
import weakref
from typing import TYPE_CHECKING

from curta.messages import Attachment, Part, Text, Tool
from curta.tools.asker import current
from curta.tools.function import Function

if TYPE_CHECKING:
    from curta.sandbox import Result
    from curta.sandbox.cells import Cells

LONGEST = 20_000
"""Characters of each text that a model gets; of a longer one the beginning and the end."""

LARGEST = 4 << 20
"""Bytes of a picture that a model gets."""

MOST_PICTURES = 4

_TAKES = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}

DESCRIPTIONS = {
    "python": (
        "Run Python code in a sandbox and return what it prints, the value of its last expression, and the pictures it"
        " writes to /work. Variables and files stay from call to call. It has the standard library; no network, no"
        " packages, none of the user's files."
    ),
    "data": (
        "Run Python code with numpy, pandas, scipy, scikit-learn, statsmodels, matplotlib, sqlite3 and openpyxl in a"
        " sandbox and return what it prints, the value of its last expression, and the pictures it writes to /work or"
        " leaves open as figures. Variables and files stay from call to call. No network, none of the user's files."
    ),
    "javascript": (
        "Run JavaScript code in a sandbox and return what it prints; print what you want to know with console.log."
        " Files in /work stay from call to call, variables do not. It has no network, no packages, none of the user's"
        " files."
    ),
}


def names() -> tuple[str, ...]:
    """The tools there are here: those whose language can run."""
    from curta.sandbox import engines

    return tuple(name for name in DESCRIPTIONS if engines.is_installed(name))


def functions(name: str) -> list[Function]:
    """The tool of this name, with a session of its own."""
    interpreter = Interpreter(name)
    tool = Tool(name, DESCRIPTIONS[name], _TAKES)
    return [Function(tool, interpreter.run, "built-in", state=interpreter)]


class Interpreter:
    """A session of one language, started by the first call. Its process ends with this object, or with ours."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._cells: Cells | None = None
        self._shown: set[tuple[str, int]] = set()

    def run(self, code: str) -> list[Part]:
        """Run a cell; what came of it, as a model gets it."""
        cells, asker = self._started(), current()
        cells.log = asker.log
        result = cells.run(code, call=asker.call)
        return [Text(_told(result)), *self._pictures(result)]

    def _started(self) -> "Cells":
        if self._cells is None:
            from curta.sandbox import Sandbox
            from curta.sandbox.cells import Cells
            from curta.sandbox.setting import Setting

            sandbox = Sandbox()
            self._cells = Cells(sandbox.session(self.language), Setting(self.language), caller="tool")
            weakref.finalize(self, sandbox.close)
        return self._cells

    def _pictures(self, result: "Result") -> list[Part]:
        """The pictures that were made or changed since the last call, the first few."""
        from curta.sandbox.record import opened

        found: list[Part] = []
        for path, content in sorted(result.pictures.items()):
            kind = mimetypes.guess_type(path)[0] or ""
            try:
                if content.lstat().st_size > LARGEST or len(found) >= MOST_PICTURES:
                    continue
                with open(opened(content), "rb") as file:
                    data = file.read(LARGEST)
            except OSError:
                continue
            if (seen := (path, hash(data))) not in self._shown:
                self._shown.add(seen)
                found.append(Attachment(kind, data, path))
        return found


def _told(result: "Result") -> str:
    """A result in words. What has nothing to say says so, lest a model asks again."""
    made = [f"{path} ({content.stat().st_size} bytes)" for path, content in sorted(result.files.items())[:50]]
    parts = {
        "": result.stdout,
        "stderr:\n": result.stderr,
        "value: ": result.value,
        "error:\n": result.error,
        "files so far: ": ", ".join(made),
        "note: ": result.note,
    }
    told = [f"{name}{_bounded(text.rstrip())}" for name, text in parts.items() if text.strip()]
    return "\n".join(told) or "It ran, and printed nothing."


def _bounded(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n({len(text) - LONGEST:,} characters are left out here)\n{text[-half:]}"
