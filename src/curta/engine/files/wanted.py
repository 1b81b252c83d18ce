"""What to pull, as it is typed: `hf:REPO/FILE@REVISION` or a URL. Names of the catalogue are looked up before.

Everything here becomes part of a path or a URL: what could lead out of its folder is refused.
"""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from curta.errors import UsageError

MAIN = "main"
_REPOSITORY = re.compile(r"[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*/[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*")
_SPLIT = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
_PAGE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/(?:resolve|blob|raw)/(?P<revision>[^/]+)/(?P<file>.+)")


class HubFile(NamedTuple):
    """A file of a repository of a model hub. file: empty when only the repository was named."""

    repo: str
    file: str
    revision: str = MAIN

    def __str__(self) -> str:
        revision = "" if self.revision == MAIN else f"@{self.revision}"
        return f"hf:{self.repo}/{self.file}{revision}"


class WebFile(NamedTuple):
    """A file at a URL that is no hub's."""

    url: str

    def __str__(self) -> str:
        return self.url

    @property
    def file(self) -> str:
        return unquote(urlsplit(self.url).path.rpartition("/")[2])


def parse(text: str, endpoint: str) -> HubFile | WebFile | None:
    """What `text` names, None when it is no address of a file. endpoint: the hub's URL. Raises UsageError.

    The URL of a page or a file of the hub is the same as `hf:` and what follows.
    """
    if text.startswith("hf:"):
        return _of_hub(text.removeprefix("hf:"))
    if not text.startswith(("http://", "https://")):
        return None
    if text.startswith(f"{endpoint}/") and (page := _PAGE.fullmatch(urlsplit(text.removeprefix(endpoint)).path)):
        return hub_file(page["repo"], unquote(page["file"]), unquote(page["revision"]))
    return WebFile(text)


def _of_hub(text: str) -> HubFile:
    address, _, revision = text.partition("@")
    owner, _, rest = address.partition("/")
    repo, _, file = rest.partition("/")
    return hub_file(f"{owner}/{repo}", file, revision or MAIN)


def hub_file(repo: str, file: str, revision: str = MAIN) -> HubFile:
    """The file of a repository. Raises UsageError for names that are none."""
    if not _REPOSITORY.fullmatch(repo) or len(repo) > 96:
        raise UsageError(f"{repo!r} is no name of a repository.", then="It looks so: hf:OWNER/REPOSITORY/FILE.gguf")
    if file and not _stays_inside(file):
        raise UsageError(f"{file!r} is no name of a file in a repository.")
    if not _stays_inside(revision):
        raise UsageError(f"{revision!r} is no revision: a branch, a tag or a commit.")
    if _SPLIT.search(file):
        raise UsageError(f"{file} is one of several parts of a model.", why="Only models in one file can be used.")
    return HubFile(repo, file, revision)


def _stays_inside(path: str) -> bool:
    """Whether `path` is relative, names nothing above its folder, and holds nothing that is no part of a name."""
    pieces = path.split("/")
    return (
        path.isprintable()
        and len(path.encode()) < 512
        and not any(
            piece in ("", ".", "..") or piece.startswith("~") or set(piece) & set('\\:*?"<>|') for piece in pieces
        )
    )
