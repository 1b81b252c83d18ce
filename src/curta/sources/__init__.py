"""Sources: whatever can be read becomes Documents, with exact offsets into the text that is kept.

Rules:
1. The text of a Document is what was kept of the source, character for character; every offset refers to it.
2. Who said what is in the spans, never in the text. What was read is untrusted.
3. What is no text, too large or endless is refused with an error that names it, before it is read.

May import `text`, `http`, `messages`, `errors`. Only `web.py` and `hackernews.py` use the network.

files.py       one file, standard input      folders.py    folders and patterns, by the rules of ignore.py
web.py         URLs                          hackernews.py threads, fetched or saved
formats.py     which reader for which format decode.py     bytes to text
names.py       names in messages             nested.py     JSON of any depth
attachments.py pictures and other files that are sent as they are
plugged.py     what plugins load
"""

from collections.abc import Callable
from typing import BinaryIO, TypeAlias

from curta.errors import SourceError, SourceNotFound
from curta.messages import Document

Loader: TypeAlias = Callable[[str], list[Document]]


def load(spec: str, *, stdin: BinaryIO | None = None) -> list[Document]:
    """The Documents that `spec` names.

    spec: `-` (standard input), the path of a file or a folder, a pattern (`src/**/*.py`), a URL, `hn:ID`, or the
    `prefix:` of a plugin. A path that begins like one of these is given as `./hn:1`.
    stdin: read instead of the process's own.

    Raises SourceNotFound, SourceNotText, SourceTooLarge, or SourceError for whatever else is in the way.
    """
    if spec == "-":
        document = load_stdin(stdin or _standard_input())
        return [document] if document else []
    for prefix, loader in LOADERS.items():
        if spec[: len(prefix)].lower() == prefix:
            return loader(spec)
    if ":" in spec and (loaded := _load_with_plugin(spec)) is not None:
        return loaded
    return _load_path(spec)


def load_stdin(stream: BinaryIO) -> Document | None:
    """What is piped in; None when nothing is."""
    from curta.sources import files

    return files.load_stdin(stream)


def _standard_input() -> BinaryIO:
    import sys

    return sys.stdin.buffer


def _load_with_plugin(spec: str) -> list[Document] | None:
    """What the plugin loads whose prefix `spec` begins with; None when there is no such plugin."""
    from curta.sources.plugged import load

    return load(spec)


def _load_path(path: str) -> list[Document]:
    import os

    from curta.sources.files import load_file
    from curta.sources.names import is_pattern

    if not path:
        raise SourceNotFound("A source without a name.", then="Name a file, a folder, a URL or `-` for standard input.")
    if os.path.isdir(path):
        return _load_folder(path)
    if is_pattern(path) and not os.path.lexists(path):
        return _load_pattern(path)
    return [load_file(path)]


def _load_folder(path: str) -> list[Document]:
    from curta.sources.folders import load_folder

    return load_folder(path)


def _load_pattern(path: str) -> list[Document]:
    from curta.sources.folders import load_pattern

    return load_pattern(path)


def _load_thread(spec: str) -> list[Document]:
    """A discussion of Hacker News, by its number."""
    from curta.sources.hackernews import load_thread

    return [load_thread(spec[len("hn:") :])]


def _load_page(url: str) -> list[Document]:
    """A page or another text of the net, as its text."""
    from curta.sources import web

    number = web.discussion(url)
    return _load_thread(f"hn:{number}") if number else [web.load_page(url)]


def _refuse_scheme(spec: str) -> list[Document]:
    raise SourceError(
        f"Curta does not read {spec.partition(':')[0]}: addresses.", then="Give an http or https address, or a path."
    )


LOADERS: dict[str, Loader] = {
    "hn:": _load_thread,
    "http://": _load_page,
    "https://": _load_page,
    "ftp://": _refuse_scheme,
    "file://": _refuse_scheme,
}
"""Who loads what, by how the name begins (in lower case). A new kind of source is a row here."""
