"""The protocol of the Hugging Face Hub, as far as one file needs it: which commit, how large, which SHA-256.

HF_ENDPOINT names another hub than https://huggingface.co, HF_TOKEN a token (else the one `hf auth login` kept is
used), HF_HUB_OFFLINE=1 forbids the net. The token goes to the hub alone, never to where it redirects.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from curta import http
from curta.engine.files.wanted import HubFile, hub_file
from curta.errors import ModelFileError, UsageError

PUBLIC = "https://huggingface.co"
LARGEST_LISTING = 32 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


class Remote(NamedTuple):
    """A file on a server. sha256, bytes: None where it does not say. token: sent to the origin of `url` alone."""

    url: str
    sha256: str | None = None
    bytes: int | None = None
    commit: str = ""
    token: str = ""

    def headers(self, url: str) -> dict[str, str]:
        """What to send to `url`, where this file or a redirect led."""
        return {"authorization": f"Bearer {self.token}"} if self.token and origin(url) == origin(self.url) else {}

    def __repr__(self) -> str:
        return f"Remote({self.url!r}, {self.sha256!r}, {self.bytes!r}, {self.commit!r})"


def endpoint() -> str:
    """The URL of the hub, without a slash at its end."""
    return (os.environ.get("HF_ENDPOINT") or PUBLIC).rstrip("/")


def is_offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "TRUE", "YES", "ON")


def token() -> str:
    """The user's token for the hub; empty when there is none, or it would travel unencrypted to another computer."""
    if urlsplit(endpoint()).scheme != "https" and not http.is_this_computer(endpoint()):
        return ""
    if named := os.environ.get("HF_TOKEN", "").strip():
        return named
    if os.environ.get("HF_HUB_DISABLE_IMPLICIT_TOKEN", "").upper() in ("1", "TRUE", "YES", "ON"):
        return ""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    path = Path(os.environ.get("HF_TOKEN_PATH") or Path(home, "token"))
    try:
        return path.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def resolve(file: HubFile, on_retry: http.OnRetry | None = None) -> Remote:
    """What the hub says of `file`. Raises ModelFileError, or a ModelError when the hub cannot be reached."""
    url = f"{endpoint()}/{file.repo}/resolve/{quote(file.revision, safe='')}/{quote(file.file)}"
    sent = Remote(url, token=token())
    headers = _said(sent, file, on_retry)
    commit = headers.get("x-repo-commit", "")
    if not _COMMIT.fullmatch(commit):
        raise ModelFileError(f"{endpoint()} does not say which commit {file} is of.", why="It may be no model hub.")
    sha256, size = _hash(headers), _size(headers)
    if sha256 is None:
        sha256, size = _listed(file, commit, sent.token, on_retry) or (None, size)
    at_commit = f"{endpoint()}/{file.repo}/resolve/{commit}/{quote(file.file)}"
    return Remote(at_commit, sha256, size, commit, sent.token)


def files(repo: str, revision: str, on_retry: http.OnRetry | None = None) -> list[str]:
    """The GGUF files of a repository that are models in one piece. Raises ModelFileError."""
    listed = _listing(HubFile(repo, "", revision), revision, token(), on_retry)
    return [each["path"] for each in listed if _is_model(repo, each["path"])]


def _is_model(repo: str, path: str) -> bool:
    try:
        return path.endswith(".gguf") and "mmproj" not in path and bool(hub_file(repo, path))
    except UsageError:
        return False


def _said(remote: Remote, file: HubFile, on_retry: http.OnRetry | None) -> Mapping[str, str]:
    """The headers of the hub's own answer; a repository that was renamed redirects within the hub."""
    url = remote.url
    for _ in range(http.REDIRECTS):
        request = http.HTTPRequest("HEAD", url, {**remote.headers(url), "accept-encoding": "identity"})
        with http.stream(request, on_retry=on_retry) as reply:
            target = http.redirection(reply, url)
            if reply.status >= 400:
                raise refusal(reply.status, reply.headers, file)
            if not target or origin(target) != origin(url) or "x-linked-etag" in reply.headers:
                return reply.headers
        url = target
    raise ModelFileError(f"{endpoint()} redirects in circles.")


def refusal(status: int, headers: Mapping[str, str], file: object) -> ModelFileError:
    """What an answer of 400 or more means."""
    why = {
        "RepoNotFound": "There is no such repository, or it is private and the token (HF_TOKEN) may not see it.",
        "RevisionNotFound": "The repository has no such revision.",
        "EntryNotFound": "The repository has no such file.",
        "GatedRepo": "Its publisher wants terms to be accepted first.",
    }.get(headers.get("x-error-code", ""), f"The host answered {status}.")
    if status in (401, 403) and isinstance(file, HubFile):
        page = f"{endpoint()}/{file.repo}"
        return ModelFileError(
            f"{file} is not open to everybody.",
            why=why,
            then=f"Accept its terms at {page}, and set HF_TOKEN to a token that may read it.",
        )
    if status in (404, 410):
        return ModelFileError(f"{file} is not there.", why=why)
    return ModelFileError(f"Cannot get {file}.", why=why, then="Try again later.")


def _hash(headers: Mapping[str, str]) -> str | None:
    """The SHA-256: of what the hub links to, else of what it serves itself."""
    etag = headers.get("x-linked-etag") or headers.get("etag", "")
    value = etag.removeprefix("W/").strip('"')
    return value if _SHA256.fullmatch(value) else None


def _size(headers: Mapping[str, str]) -> int | None:
    size = headers.get("x-linked-size") or ("" if "location" in headers else headers.get("content-length", ""))
    return int(size) if size.isdecimal() else None


def _listed(file: HubFile, commit: str, token: str, on_retry: http.OnRetry | None) -> tuple[str, int] | None:
    """The SHA-256 and the size of `file` that the list of its repository gives, if it does."""
    for each in _listing(file, commit, token, on_retry):
        lfs = each.get("lfs") if each["path"] == file.file else None
        if isinstance(lfs, dict) and _SHA256.fullmatch(str(lfs.get("oid"))) and isinstance(lfs.get("size"), int):
            return lfs["oid"], lfs["size"]
    return None


def _listing(file: HubFile, commit: str, token: str, on_retry: http.OnRetry | None) -> Iterator[dict[str, Any]]:
    url = f"{endpoint()}/api/models/{file.repo}/tree/{quote(commit, safe='')}?recursive=true"
    headers = Remote(url, token=token).headers(url)
    with http.stream(http.HTTPRequest("GET", url, headers), on_retry=on_retry) as reply:
        if reply.status >= 300:
            raise refusal(reply.status, reply.headers, file)
        try:
            listed = json.loads(_whole(reply.chunks))
        except (ValueError, RecursionError) as error:
            raise ModelFileError(f"{endpoint()} sent no list of the files of {file.repo}.", why=f"{error}.") from error
    found = listed if isinstance(listed, list) else []
    yield from (each for each in found if isinstance(each, dict) and isinstance(each.get("path"), str))


def _whole(chunks: Iterator[bytes]) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_LISTING:
            raise ModelFileError(f"{endpoint()} sent a list of more than {LARGEST_LISTING >> 20} MB.")
    return body
