"""A hub of model files on 127.0.0.1 that speaks the protocol of the Hugging Face Hub, well and badly.

    with Hub() as hub:
        hub.put("maker/models", "tiny.gguf", content)
        hub.faults.cuts.extend([1000, 5000])        # the next two answers are cut after so many bytes

`hub.requests` is what was asked. What it serves as large files comes from another origin, `hub.storage`, to which
redirects lead, as at the real hub.
"""

import hashlib
import json
import re
import struct
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from tests.servers.quiet import QuietServer


def gguf_file(weights: bytes, *, architecture: str = "llama", context: int = 512, licence: str = "mit") -> bytes:
    """A GGUF file with `weights` as the only tensor, which no engine could run but every reader takes."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    weights += bytes(-len(weights) % 32)
    values = text("general.architecture") + struct.pack("<I", 8) + text(architecture)
    values += text("general.license") + struct.pack("<I", 8) + text(licence)
    values += text(f"{architecture}.context_length") + struct.pack("<II", 4, context)
    table = text("weights") + struct.pack("<IQIQ", 1, len(weights), 24, 0)  # bytes are numbers of 8 bits
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 3) + values + table
    return head + bytes(-len(head) % 32) + weights


def of_catalogue(hub: "Hub", model: bytes, draft: Path) -> None:
    """Publish `model` as each chat model of the catalogue, and take a catalogue in use that has its size and hash."""
    from curta.engine.files import catalogue

    entries = []
    for each in catalogue.in_use().entries:
        content = gguf_file(b"vectors", architecture="bert") if each.kind == "embedding" else model
        commit = hub.put(each.repo, each.file, content)
        known = {"revision": commit, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        entries.append({**each._asdict(), **known})
    draft.write_text(json.dumps({"by": "Curta", "date": "2026-11-22", "models": entries}))
    catalogue.update(str(draft))


class Asked(NamedTuple):
    """A request. headers: names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Faults:
    """What goes wrong. cuts, statuses: of the next answers of the storage, in order; a status comes with headers."""

    cuts: deque[int] = field(default_factory=deque)
    statuses: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    flips: deque[int] = field(default_factory=deque)  # the byte of the whole file that the next answer has wrong
    hub_statuses: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    told_size: int | None = None  # what the hub says instead of the size
    told_hash: str | None = None
    hides_hash: bool = False  # in the headers; the list of the repository still has it
    hides_hash_in_list: bool = False
    listing: bytes | None = None  # in place of the list of a repository
    ignores_ranges: bool = False
    wrong_range: bool = False  # answers a range with another one
    stall_after: int | None = None  # sends so much, then nothing until `hub.release` is set
    too_much: int = 0  # bytes that come after the file


class Hub:
    """A context manager. url: the value for HF_ENDPOINT. requests: what was asked of the hub and of its storage."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], bytes] = {}
        self.commits: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.token = ""
        self.faults = Faults()
        self.requests: list[Asked] = []
        self.release = threading.Event()
        self._hub, self._storage = QuietServer(_handler(self, _HubHandler)), QuietServer(_handler(self, _Storage))

    def put(self, repo: str, path: str, content: bytes) -> str:
        """Publish a file; the commit it is at from now on."""
        self.files[repo, path] = content
        self.commits[repo] = hashlib.sha1(content + path.encode()).hexdigest()
        return self.commits[repo]

    @property
    def url(self) -> str:
        return self._hub.address

    @property
    def storage(self) -> str:
        return self._storage.address

    def downloads(self) -> list[Asked]:
        """What was asked of the storage."""
        return [each for each in self.requests if each.path.startswith("/stored/")]

    def __enter__(self) -> "Hub":
        self._hub.__enter__()
        self._storage.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._hub.__exit__()
        self._storage.__exit__()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.hub.requests.append(Asked(self.command, self.path, headers))
        with suppress(ConnectionError):
            self.answer(unquote(urlsplit(self.path).path), headers)

    do_HEAD = do_GET

    def answer(self, path: str, headers: Mapping[str, str]) -> None:
        raise NotImplementedError

    def reply(self, status: int, headers: Mapping[str, Any], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"content-length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _HubHandler(_Handler):
    def answer(self, path: str, headers: Mapping[str, str]) -> None:
        hub = self.hub
        if hub.faults.hub_statuses:
            status, more = hub.faults.hub_statuses.popleft()
            return self.reply(status, more)
        if hub.token and headers.get("authorization") != f"Bearer {hub.token}":
            return self.reply(401, {"x-error-code": "GatedRepo"})
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._resolve(*match.groups())
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/([^/]+)", path):
            return self._list(match[1])
        return self.reply(404, {"x-error-code": "RepoNotFound"})

    def _resolve(self, repo: str, revision: str, file: str) -> None:
        hub, faults = self.hub, self.hub.faults
        if repo in hub.renamed:
            return self.reply(307, {"location": f"/{hub.renamed[repo]}/resolve/{revision}/{file}"})
        if repo not in hub.commits:
            return self.reply(404, {"x-error-code": "RepoNotFound"})
        if revision not in ("main", hub.commits[repo]):
            return self.reply(404, {"x-error-code": "RevisionNotFound"})
        if (content := hub.files.get((repo, file))) is None:
            return self.reply(404, {"x-error-code": "EntryNotFound"})
        digest = hashlib.sha256(content).hexdigest()
        told = {
            "x-repo-commit": hub.commits[repo],
            "x-linked-size": len(content) if faults.told_size is None else faults.told_size,
            "location": f"{hub.storage}/stored/{digest}?signature=of-the-hub",
        }
        if not faults.hides_hash:
            told["x-linked-etag"] = f'"{faults.told_hash or digest}"'
        return self.reply(302, told)

    def _list(self, repo: str) -> None:
        if self.hub.faults.listing is not None:
            return self.reply(200, {}, self.hub.faults.listing)
        files = [(path, content) for (owner, path), content in self.hub.files.items() if owner == repo]
        listed = [self._line(path, content) for path, content in files]
        return self.reply(200, {"content-type": "application/json"}, json.dumps(listed).encode())

    def _line(self, path: str, content: bytes) -> dict[str, Any]:
        line = {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
        large = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
        return line if self.hub.faults.hides_hash_in_list else {**line, "lfs": large}


class _Storage(_Handler):
    def answer(self, path: str, headers: Mapping[str, str]) -> None:
        faults = self.hub.faults
        if faults.statuses:
            status, more = faults.statuses.popleft()
            return self.reply(status, more)
        stored = {f"/stored/{hashlib.sha256(each).hexdigest()}": each for each in self.hub.files.values()}
        if path not in stored:
            return self.reply(403, {})
        whole = stored[path]
        start = self._start(headers, whole)
        return self.reply(416, {}) if start > len(whole) - 1 else self._send(whole, start)

    def _start(self, headers: Mapping[str, str], whole: bytes) -> int:
        match = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        wanted = headers.get("if-range", self._etag(whole)) == self._etag(whole)
        return int(match[1]) if match and wanted and not self.hub.faults.ignores_ranges else 0

    @staticmethod
    def _etag(whole: bytes) -> str:
        return f'"{hashlib.md5(whole).hexdigest()}"'

    def _send(self, whole: bytes, start: int) -> None:
        faults = self.hub.faults
        body = bytearray(whole[start:] + b"x" * faults.too_much)
        if faults.flips and start <= (place := faults.flips[0]) < len(whole):
            faults.flips.popleft()
            body[place - start] ^= 1
        told = {"content-length": len(body), "etag": self._etag(whole), "accept-ranges": "bytes"}
        if start:
            first = start + faults.wrong_range
            told["content-range"] = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
        self.send_response(206 if start else 200)
        for name, value in told.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(bytes(body))

    def _send_body(self, body: bytes) -> None:
        faults = self.hub.faults
        if (sent := faults.stall_after) is not None and sent < len(body):
            self.wfile.write(body[:sent])
            self.wfile.flush()
            self.hub.release.wait(60)
            body = body[sent:]
        if faults.cuts:
            body = body[: faults.cuts.popleft()]
            self.close_connection = True
        self.wfile.write(body)


def _handler(hub: Hub, kind: type[_Handler]) -> type[_Handler]:
    return type(kind.__name__, (kind,), {"hub": hub})
