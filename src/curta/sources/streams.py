"""What an index reads: the Records of a source one after the other, of any number, in the memory of one.

A file of records (`.jsonl`, `.ndjson`, `.csv`, `.tsv`, or a JSON array of objects) is one Document for each of them.
When it was not named itself but found in a folder, and its records have no field for the text, it is a text like any
other.
"""

import os
from collections.abc import Iterator

from curta.errors import CurtaError, SourceNotFound, SourceNotText
from curta.messages import Document
from curta.sources import folders
from curta.sources.files import load_file, opened, read, read_head
from curta.sources.formats import format_of
from curta.sources.names import is_pattern, shown, uri_of
from curta.sources.records import Fields, NoTextField, Problem, Record
from curta.sources.rows import Table, array_rows, read_rows

_TABLES: dict[str, Table] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
}


def read_path(path: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    """The Records of a file, a folder, a Maildir or a pattern of paths.

    problem: told of each part that cannot be read: a row, a page, a mail, a file or folder below the one that is named.
    Raises what `sources.load` does for what is named itself.
    """
    if os.path.isdir(path):
        return _folder(path, fields, problem)
    if is_pattern(path) and not os.path.lexists(path):
        return _all(folders.files_fitting(path, problem), f"No text file fits {shown(path)}.", fields, problem)
    return _file(path, fields, problem)


def _folder(path: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    from curta.sources.mailboxes import is_maildir, read_maildir

    if is_maildir(path):
        return read_maildir(path, problem)
    return _all(folders.files_in(path, problem), f"The folder {shown(path)} holds no text.", fields, problem)


def _all(paths: Iterator[str], nothing: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    """The Records of many files. Files that hold no text are passed over, but for those that look as if they did."""
    found = 0
    for path in paths:
        try:
            for record in _found_file(path, fields, problem):
                found += 1
                yield record
        except SourceNotText as error:
            if format_of(path) != "plain":
                problem(error)
        except CurtaError as error:
            problem(error)
    if not found:
        raise SourceNotFound(nothing, why="Hidden, ignored and binary files and symbolic links are not counted.")


def _found_file(path: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    try:
        yield from _file(path, fields, problem)
    except NoTextField:
        yield from map(_alone, load_file(path))


def _file(path: str, fields: Fields, problem: Problem) -> Iterator[Record]:
    suffix = os.path.splitext(path)[1].lower()
    if suffix in _TABLES:
        return _table(path, _TABLES[suffix], fields, problem)
    if suffix == ".json" and (rows := _array(path, fields, problem)):
        return rows
    return _texts(path, problem)


def _table(path: str, kind: Table, fields: Fields, problem: Problem) -> Iterator[Record]:
    with opened(path) as file:
        yield from read_rows(file, kind, uri_of(path), fields, problem)


def _array(path: str, fields: Fields, problem: Problem) -> Iterator[Record] | None:
    from curta.sources.decode import decode

    return array_rows(decode(read(path), path), uri_of(path), fields, problem)


def _texts(path: str, problem: Problem) -> Iterator[Record]:
    """The Records of a file that is no table."""
    from curta.sources.mailboxes import is_mbox, read_mbox

    head = read_head(path, 1024)
    if is_mbox(head):
        yield from read_mbox(path, problem)
    elif head.startswith(b"%PDF-") or format_of(path) == "pdf":
        from curta.sources.pdf import read_pdf

        yield read_pdf(read(path), uri_of(path), os.path.basename(path), problem)
    elif format_of(path) == "mail":
        from curta.sources.mail import read_mail

        yield read_mail(read(path), uri_of(path))
    else:
        yield from map(_alone, load_file(path))


def _alone(document: Document) -> Record:
    return Record(document, {})
