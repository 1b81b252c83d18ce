"""What a model may know of the files of a task: their names, sizes and first lines, each as a Document."""

import os
from collections.abc import Sequence
from pathlib import Path

from curta.errors import SourceNotFound
from curta.messages import Document

LINES = 12
LONGEST = 2000
"""Lines and characters of a file that are shown: enough to see its form."""

MOST_NAMES = 100
_LOOKED_AT = 1 << 16


def previews(files: Sequence[str]) -> list[Document]:
    """A Document for each file or folder that the program will find in `/work`. Raises SourceNotFound."""
    try:
        return [_folder(Path(each)) if os.path.isdir(each) else _file(Path(each)) for each in files]
    except OSError as error:
        raise SourceNotFound(
            f"Cannot read {error.filename}: {error.strerror}.", then="Name a file or folder."
        ) from error


def _file(path: Path) -> Document:
    uri, size = f"/work/{path.absolute().name}", path.stat().st_size
    with open(path, "rb") as file:
        data = file.read(_LOOKED_AT)
    try:
        head = _beginning(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        head = _beginning(data[: error.start].decode()) if len(data) - error.start < 4 else ""
    if not head or "\x00" in head:
        return Document(f"(no text: {size:,} bytes)\n", uri, f"{uri}, a file of the task")
    return Document(head, uri, f"{uri}, a file of the task: its beginning, of {size:,} bytes")


def _beginning(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:LINES])[:LONGEST]


def _folder(path: Path) -> Document:
    uri = f"/work/{path.absolute().name}"
    names = sorted(
        f"{os.path.relpath(os.path.join(where, name), path)}  {os.lstat(os.path.join(where, name)).st_size} bytes"
        for where, _, files in os.walk(path)
        for name in files
    )
    more = [f"and {len(names) - MOST_NAMES:,} more"] if len(names) > MOST_NAMES else []
    return Document("\n".join(names[:MOST_NAMES] + more) + "\n", uri, f"{uri}, a folder of the task")
