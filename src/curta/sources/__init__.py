"""Sources: whatever can be read becomes Documents, with exact offsets into the text that is kept.

Rules:
1. The text of a Document is what was kept of the source, character for character; every offset refers to it.
2. Who said what, and on which page, is in the spans, never in the text. What was read is untrusted.
3. What is no text, too large or endless is refused with an error that names it, before it is read.
4. `load` is for reading: a file is one text, whatever is in it. `load_records` and `stream` are for searching: a file
   of records (JSON Lines, CSV, TSV, a JSON array) is one Document for each. A mail is a Document for both.

May import `text`, `http`, `plugins`, `messages`, `errors`. Only `web.py` and `hackernews.py` use the network.

files.py       one file, standard input      folders.py    folders and patterns, by the rules of ignore.py
web.py         URLs                          hackernews.py threads, fetched or saved
formats.py     which reader for which format decode.py     bytes to text
pdf.py         pages                         mail.py       one mail; mailboxes.py many
records.py     what an index is given        streams.py    files and folders as records
rows.py        JSON Lines, CSV, TSV          sql.py        rows of an SQLite database
lines.py       lines of files of any length  nested.py     JSON of any depth
names.py       names in messages             plugged.py    what plugins load
attachments.py pictures and other files that are sent as they are
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from curta.errors import CurtaError, SourceError, SourceNotFound
from curta.messages import Document

if TYPE_CHECKING:
    from curta.sources.records import Fields, Record

Loader: TypeAlias = Callable[[str], list[Document]]


def load(spec: str, *, stdin: BinaryIO | None = None) -> list[Document]:
    """The Documents that `spec` names.

    spec: `-` (standard input), the path of a file or a folder, a pattern (`src/**/*.py`), a URL, `hn:ID`,
    `sqlite:PATH?QUERY`, or the `prefix:` of a plugin. A path that begins like one of these is given as `./hn:1`.
    stdin: read instead of the process's own.

    Raises SourceNotFound, SourceNotText, SourceTooLarge, MissingExtra, or SourceError for whatever else is in the way.
    """
    if spec == "-":
        document = load_stdin(stdin or _standard_input())
        return [document] if document else []
    if loader := _loader(spec):
        return loader(spec)
    if ":" in spec and (loaded := _load_with_plugin(spec)) is not None:
        return loaded
    return _load_path(spec)


def load_records(
    spec: str, *, fields: "Fields | None" = None, problem: Callable[[CurtaError], object] | None = None
) -> Iterator["Record"]:
    """The Documents that `spec` names as an index wants them, each with its metadata, in the memory of one.

    spec: as for `load`. fields: which fields of a record are its id, title and text; by default `id`, `title`, `text`.
    problem: told of each part that cannot be read (a row, a page, a mail, a file of a folder), while the rest is; the
    error names the part. Without it the first such error is raised.

    The uri of a record is `file#ID`, or its place when it has no id (`file#line=7`); two records may have one uri.
    Raises as `load` does when nothing of `spec` can be read.
    """
    from curta.sources.records import USUAL, Record, refuse

    fields, problem = fields or USUAL, problem or refuse
    loader = _loader(spec)
    if loader is _load_rows:
        from curta.sources.sql import read_spec

        return read_spec(spec, fields, problem)
    if loader or spec == "-" or _names_no_path(spec):
        return (Record(document, {}) for document in load(spec))
    from curta.sources.streams import read_path

    return read_path(spec, fields, problem)


def stream(
    spec: str, *, fields: "Fields | None" = None, problem: Callable[[CurtaError], object] | None = None
) -> Iterator[Document]:
    """The Documents of `load_records`, without their metadata."""
    return (record.document for record in load_records(spec, fields=fields, problem=problem))


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


def _names_no_path(spec: str) -> bool:
    """Whether `spec` begins with the prefix of a plugin."""
    from curta.sources.plugged import prefixed

    return ":" in spec and prefixed(spec) is not None


def _loader(spec: str) -> Loader | None:
    """Who loads names that begin as `spec` does."""
    return next((loader for prefix, loader in LOADERS.items() if spec[: len(prefix)].lower() == prefix), None)


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
    return load_file(path)


def _load_folder(path: str) -> list[Document]:
    from curta.sources.folders import load_folder
    from curta.sources.mailboxes import is_maildir, load_maildir

    return load_maildir(path) if is_maildir(path) else load_folder(path)


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


def _load_rows(spec: str) -> list[Document]:
    """The rows of a query to an SQLite database: sqlite:PATH?SELECT id, title, text FROM ..."""
    from curta.sources.sql import load_rows

    return load_rows(spec)


def _refuse_scheme(spec: str) -> list[Document]:
    raise SourceError(
        f"Curta does not read {spec.partition(':')[0]}: addresses.", then="Give an http or https address, or a path."
    )


LOADERS: dict[str, Loader] = {
    "hn:": _load_thread,
    "http://": _load_page,
    "https://": _load_page,
    "sqlite:": _load_rows,
    "ftp://": _refuse_scheme,
    "file://": _refuse_scheme,
}
"""Who loads what, by how the name begins (in lower case). A new kind of source is a row here."""
