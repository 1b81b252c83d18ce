"""Programs that are started hundreds of times, from a process that has done their imports already.

`with WarmProgram("curta.cli:main", preload) as program: subprocess.run([*program.command, "logs"], ...)` is like
`python -m curta logs`: a process of its own with the arguments, environment, folder and streams of whoever started it,
its own exit code, and nothing left of it afterwards. Only the imports are shared, which are most of the time of a short
command. What depends on how a process starts or is interrupted (imports, signals, terminals) is tested without it.

`server.py` waits in a process without threads and forks; `client.py` is what is started in the program's place: it
hands over its streams and exits as the fork did. Both need no more than the standard library.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LIBRARIES = tuple(
    "click difflib email.message encodings.idna h11 html.parser httpcore2 httpx2 importlib.metadata json platformdirs"
    " pluggy rich.console sqlite3 truststore urllib.request yaml".split()
)
"""What other people wrote and Curta imports, for `preload`."""

FORKS = hasattr(os, "fork") and sys.platform != "darwin"  # where a fork of a process with frameworks may fail


class WarmProgram:
    """A context manager. entry: `module:function`, called without arguments. preload: modules imported before.

    command: what to start in the program's place. Without fork it is the program itself, cold.
    """

    def __init__(self, entry: str, preload: tuple[str, ...] = ()) -> None:
        self.entry = entry
        self.preload = preload
        self._folder = Path(tempfile.mkdtemp(prefix="warm-"))  # short: a socket's path has at most a hundred characters
        self._server: subprocess.Popen[str] | None = None

    @property
    def command(self) -> list[str]:
        if not FORKS:
            module, _, function = self.entry.partition(":")
            return [sys.executable, "-c", f"from {module} import {function}; {function}()"]
        return [sys.executable, "-I", "-S", str(HERE / "client.py"), str(self._socket)]

    @property
    def _socket(self) -> Path:
        return self._folder / "socket"

    def __enter__(self) -> "WarmProgram":
        if FORKS:
            environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
            self._server = subprocess.Popen(
                [sys.executable, str(HERE / "server.py"), str(self._socket), self.entry, *self.preload],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            assert self._server.stdout is not None
            assert self._server.stdout.readline() == "ready\n", f"{self.entry} could not be imported"
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.communicate(timeout=30)  # it ends when its standard input does
        shutil.rmtree(self._folder, ignore_errors=True)

    def install(self, path: Path) -> Path:
        """A program at `path` that is this one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\nexec " + " ".join(map(shlex.quote, self.command)) + ' "$@"\n')
        path.chmod(0o755)
        return path
