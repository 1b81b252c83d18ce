"""A model in the browser: serves the page beside this file on this computer, and nothing to anybody else.

    python examples/browser/serve.py [MODEL.gguf] [--port N]

The page runs llama.cpp as WebAssembly (the npm package @wllama/wllama, MIT), which is fetched once with npm, verified
against the hash below, and kept in `build/browser`. After that nothing is fetched from anywhere.
"""

import argparse
import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote

HERE = Path(__file__).resolve().parent
KEPT = HERE.parents[1] / "build" / "browser"
PACKAGE, VERSION = "@wllama/wllama", "3.8.1"
INTEGRITY = "Pl7BEJhPU8OHnV/yhn3DFZYhLLOdSHh+4TND79WCftHnlUAdQPAsyc/CfIOY+4mVxvf5VW3Xw3Uf7BBfotS1gw=="
FILES = {
    "index.js": "package/esm/index.min.js",
    "wllama.wasm": "package/esm/wasm/wllama.wasm",
    "LICENCE": "package/LICENCE",
}
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self' blob:; "
    "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",  # these two let the model use several threads
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


class VendorError(Exception):
    """The files of wllama cannot be had."""


def vendored(kept: Path = KEPT) -> Path:
    """The folder with the files of wllama, fetched and verified if they are not there. Raises VendorError."""
    folder = kept / f"wllama-{VERSION}"
    if all((folder / name).exists() for name in FILES):
        return folder
    if shutil.which("npm") is None:
        raise VendorError(f"npm is not installed: it is needed once, to fetch {PACKAGE}.")
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as draft:
        archive = _packed(Path(draft))
        ready = Path(draft) / "ready"
        ready.mkdir()
        with tarfile.open(archive) as tar:
            for name, inside in FILES.items():
                (ready / name).write_bytes(_content(tar, inside))
        with suppress(OSError):  # another process was faster
            os.replace(ready, folder)
    return folder


def _packed(folder: Path) -> Path:
    """The package as npm gives it, which is verified here and of which nothing is run."""
    command = ["npm", "pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise VendorError(f"npm could not fetch {PACKAGE} {VERSION}: {done.stderr.strip()[-400:]}")
    found = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise VendorError(f"{PACKAGE} {VERSION} has the SHA-512 {found}, not the pinned one. Nothing was kept.")
    return archives[0]


def _content(tar: tarfile.TarFile, inside: str) -> bytes:
    file = tar.extractfile(inside)
    if file is None:
        raise VendorError(f"{PACKAGE} {VERSION} holds no {inside}.")
    return file.read()


class Pages(SimpleHTTPRequestHandler):
    """The files of the page, those of wllama, and one model: nothing else of this computer."""

    files: ClassVar[Mapping[str, Path]]
    extensions_map: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def do_GET(self) -> None:
        if self._is_for_us():
            super().do_GET()

    def do_HEAD(self) -> None:
        if self._is_for_us():
            super().do_HEAD()

    def _is_for_us(self) -> bool:
        """Whether the address names this computer: a page of the net may give its own name our address."""
        port = self.server.server_address[1]
        if self.headers.get("Host") in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return True
        self.send_error(403)
        return False

    def translate_path(self, path: str) -> str:
        return str(self.files.get(unquote(path.partition("?")[0]).lstrip("/") or "index.html", HERE / "nothing"))

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: what is asked is nobody's business."""


def server(model: Path | None, port: int = 0) -> ThreadingHTTPServer:
    """The server of the page, on this computer alone. Raises VendorError."""
    wllama = vendored()
    files = {each.name: each for each in HERE.iterdir() if each.suffix in (".html", ".js", ".css", ".svg")}
    files |= {f"wllama/{name}": wllama / name for name in FILES}
    files |= {f"models/{model.name}": model} if model else {}
    return ThreadingHTTPServer(("127.0.0.1", port), type("ThesePages", (Pages,), {"files": files}))


def address(serving: ThreadingHTTPServer, model: Path | None) -> str:
    """Where the page is, with the model to load in it."""
    page = f"http://127.0.0.1:{serving.server_address[1]}/"
    return f"{page}?model={quote(f'models/{model.name}')}" if model else page


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("model", nargs="?", type=Path, help="a GGUF file; without it, choose one in the page")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.model and not given.model.is_file():
        parser.error(f"there is no file {given.model}")
    try:
        serving = server(given.model, given.port)
    except (VendorError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"Open {address(serving, given.model)}   (Ctrl-C ends it)", flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):
        serving.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
