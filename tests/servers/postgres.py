"""A PostgreSQL with pgvector of our own: the programs of the package `pgserver`, on a socket in a folder of its own.

The package's own Python is not used: as root it makes a user and opens the folders above. PostgreSQL refuses to run as
root, so that there it runs as `nobody`.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

OWNER = "curta"
NOBODY = "nobody"


class PostgresServer:
    """As a context. url: of its database, for which its owner needs no password. programs: where `psql` is."""

    def __enter__(self) -> "PostgresServer":
        self.folder = Path(tempfile.mkdtemp(prefix="curta-pg-", dir="/tmp"))  # the path of a socket has to be short
        self.url = f"postgresql://{OWNER}@/postgres?host={self.folder}"
        self._as_user: dict[str, Any] = {}
        try:
            self.programs = self._programs()
            self._run("initdb", "-U", OWNER, "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-n")
            settings = f"-k {self.folder} -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
            self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", settings, "start")
            self._guard = self._guarded()
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._guard.communicate(timeout=120)
        shutil.rmtree(self.folder)

    def _guarded(self) -> "subprocess.Popen[bytes]":
        """A process that stops the server when its standard input ends: at the end, or when we are killed."""
        stop = [self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop"]
        return subprocess.Popen(
            ["sh", "-c", 'read line; exec "$@"', "sh", *stop],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the tests
            **self._as_user,
        )

    def sql(self, statements: str) -> str:
        """What `psql` makes of these."""
        command = [self.programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url]
        done = subprocess.run(command, input=statements, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _programs(self) -> Path:
        """The folder of the programs; for root a copy that the user they run as can reach."""
        found = importlib.util.find_spec("pgserver")
        assert found
        assert found.submodule_search_locations
        package = Path(found.submodule_search_locations[0])
        if os.geteuid() != 0:
            return package / "pginstall" / "bin"
        user = pwd.getpwnam(NOBODY)
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        shutil.copytree(package / "pginstall", self.folder / "pgserver" / "pginstall", symlinks=True)
        if (libraries := package.with_name("pgserver.libs")).exists():
            shutil.copytree(libraries, self.folder / libraries.name)
        return self.folder / "pgserver" / "pginstall" / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        data = ("-D", str(self.folder / "data"))
        done = subprocess.run(
            [self.programs / program, *data, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a server keeps its pipes open
            stderr=subprocess.DEVNULL,
            timeout=120,
            **self._as_user,
        )
        log = self.folder / "log"
        assert done.returncode == 0, f"{program}: {log.read_text() if log.exists() else 'no log'}"
