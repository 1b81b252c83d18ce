"""Where files live, and the few settings that outlast a command.

Everything lives in one folder of the user's own (mode 0700): `CURTA_HOME`, else the platform's data folder.
Settings are JSON that commands write (`config.json`, `models.json`, `keys.json`); whatever people write by hand
(templates) is YAML and read elsewhere. A file is replaced as a whole, so no reader ever sees half of one.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from curta.errors import ConfigError

_ELSEWHERE = "Set CURTA_HOME to a folder you can read and write."


def home() -> Path:
    """The folder that holds everything of this user's. It may not exist yet."""
    if named := os.environ.get("CURTA_HOME"):
        return Path(named).expanduser().absolute()
    if sys.platform == "linux":  # the XDG rule in a line: platformdirs would cost a tenth of a start
        return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share", "curta").absolute()
    from platformdirs import user_data_path

    return user_data_path("curta", appauthor=False)


def ensure_folder(folder: Path) -> Path:
    """Make `folder`, readable by its owner alone. Raises ConfigError when that is impossible."""
    if folder != home() and folder.is_relative_to(home()):
        ensure_folder(home())  # made on the way, it would be open to all
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"Cannot make the folder {folder}: {error.strerror}.",
            then=_ELSEWHERE,
        ) from error
    return folder


def read(name: str) -> dict[str, Any]:
    """The settings in `home()/name`; empty when there are none yet."""
    path = home() / name
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror}.", then=_ELSEWHERE) from error
    except ValueError as error:
        raise ConfigError(f"{path} is not valid JSON: {error}.", then="Mend the file, or move it aside.") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path} does not hold a JSON object.", then="Mend the file, or move it aside.")
    return value


def write(name: str, value: Mapping[str, Any], mode: int = 0o600) -> Path:
    """Replace the settings in `home()/name`."""
    path = ensure_folder(home()) / name
    with replacing(path, mode) as file:
        json.dump(value, file, indent=2, ensure_ascii=False)
        file.write("\n")
    return path


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[IO[str]]:
    """Write a new version of `path` that appears all at once, or not at all when the block raises.

    A link is followed; what is no file (a device, a pipe) is written into.
    """
    if path.is_dir():
        raise ConfigError(f"{path} is a folder.", then="Name a file.")
    device = path.exists() and not path.is_file()
    path = path if device else Path(os.path.realpath(path))  # what /dev/stdout leads to may have no name
    draft = path if device else path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | (0 if device else os.O_CREAT | os.O_TRUNC), mode)
        with open(descriptor, "w", encoding="utf-8") as file:
            yield file
        if not device:
            os.replace(draft, path)
    except OSError as error:
        then = _ELSEWHERE if path.is_relative_to(home()) else ""
        raise ConfigError(f"Cannot write {path}: {error.strerror}.", then=then) from error
    finally:
        if not device:
            with suppress(OSError):  # as a rule it is gone; where the folder is none, the error above says so
                draft.unlink()


@contextmanager
def changing(name: str) -> Iterator[dict[str, Any]]:
    """Settings to change in place; saved when the block ends. One process at a time."""
    with exclusive(ensure_folder(home()) / f".{name}.lock"):
        value = read(name)
        yield value
        write(name, value)


@contextmanager
def exclusive(lock: Path, on_wait: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold `lock` against every other process of this user. on_wait: called first when another one holds it."""
    try:
        file = open(lock, "a+b")  # noqa: SIM115 - the block below closes it
    except OSError as error:
        raise ConfigError(f"Cannot write in {lock.parent}: {error.strerror}.", then=_ELSEWHERE) from error
    with file:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(file, fcntl.LOCK_EX)
        yield
