"""The C sources of the interpreters: releases on the package index, pinned, and taken from nowhere else.

They are fetched with pip's own machinery, so its configuration (index, proxy, certificates) holds, but nothing of them
is run: `pip download` would run their build scripts.
"""

import hashlib
import io
import tarfile
from pathlib import Path
from typing import NamedTuple


class Release(NamedTuple):
    """A source release. inside: the folder in it that holds what is compiled."""

    project: str
    version: str
    sha256: str
    inside: str
    licence: str


QUICKJS = Release(
    "quickjs-ng",
    "0.17.0.2",
    "43d2e48272208721a7aaea8e3f02d4b9318f12ef20cc4f5421b59d9a470706ef",
    "upstream-quickjs",
    "MIT",
)
LUA = Release(
    "lupa", "2.8", "d8022641b9ec8ecf2c5ecbe9f47e5a70e0b87c4b5ae921b92cb02a638e0acd08", "third-party/lua54", "MIT"
)
SQLITE = Release(
    "sqlean.py",
    "3.50.4.5",
    "9764b565e7ab430ab6e9e43cb2816199c2b39926dffc93c212a52f0019278459",
    "sqlite",
    "public domain",
)


def fetch(release: Release, folder: Path) -> Path:
    """Unpack the release in `folder`; where what is compiled lies. Raises ValueError when it is not what was pinned."""
    data = _download(release)
    found = hashlib.sha256(data).hexdigest()
    if found != release.sha256:
        raise ValueError(f"{release.project} {release.version} has the SHA-256 {found}, not the pinned one")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="data")
        top = archive.getnames()[0].partition("/")[0]
    return folder / top / release.inside


def _download(release: Release) -> bytes:
    from pip._internal.commands.download import DownloadCommand
    from pip._vendor.packaging.specifiers import SpecifierSet

    command = DownloadCommand("download", "")
    options, _ = command.parse_args(["--quiet", "--no-deps", "--no-binary", ":all:"])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        best = finder.find_best_candidate(release.project, SpecifierSet(f"=={release.version}")).best_candidate
        if best is None:
            raise ValueError(f"the package index has no sources of {release.project} {release.version}")
        answer = session.get(best.link.url_without_fragment)
        answer.raise_for_status()
        return bytes(answer.content)
