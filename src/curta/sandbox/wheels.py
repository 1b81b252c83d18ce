"""Pure Python wheels, laid out for a guest to import."""

import os
from collections.abc import Sequence
from pathlib import Path

from curta.errors import SourceNotFound, UsageError
from curta.sandbox.scratch import Scratch

LARGEST = 256 << 20


def unpack(wheels: Sequence[str | os.PathLike[str]]) -> Scratch | None:
    """A temporary folder with the packages of these wheels; None when there are none.

    Raises UsageError for a wheel that holds machine code, which cannot run in WebAssembly.
    """
    if not wheels:
        return None
    folder = Scratch("packages")
    for each in map(Path, wheels):
        _unpack(each, folder.path)
    return folder


def _unpack(wheel: Path, folder: Path) -> None:
    import zipfile
    import zlib

    if not wheel.name.endswith("-none-any.whl"):
        raise UsageError(f"{wheel.name} is not a pure Python wheel.", then="Its name ends in -none-any.whl.")
    try:
        with zipfile.ZipFile(wheel) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST:
                raise UsageError(f"{wheel.name} is larger than {LARGEST >> 20} MB unpacked.")
            archive.extractall(folder)
    except FileNotFoundError as error:
        raise SourceNotFound(f"There is no wheel {wheel}.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise UsageError(f"{wheel} is not a wheel: {error}.") from error
