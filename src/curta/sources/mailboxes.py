"""Mailboxes: many mails in one file (mbox, RFC 4155), or one file each in a folder (Maildir). One Document for each.

A mailbox of any size is read in the memory of one mail. Its mails have the uri `box#MESSAGE-ID`, or `box#mail=7`.
"""

import os
import re
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

from curta.errors import SourceError, SourceNotFound, SourceTooLarge
from curta.messages import Document
from curta.sources.files import LIMIT, opened, read
from curta.sources.mail import read_mail
from curta.sources.names import shown, uri_of
from curta.sources.records import Problem, Record, at_once, tell

_LONGEST_LINE = 2**20


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins with `head` is a mailbox."""
    return bool(_beginning().match(head))


@cache
def _beginning() -> re.Pattern[bytes]:
    return re.compile(_separator().pattern + rb"[^\n]*\n[!-9;-~]{1,76}:")


def read_mbox(path: str, problem: Problem) -> Iterator[Record]:
    """The mails of a file, in its order. problem: told of those that cannot be read."""
    uri = uri_of(path)
    with opened(path) as file:
        for number, data in enumerate(_mails(file), 1):
            try:
                if data is None:
                    raise SourceTooLarge(f"{shown(uri)}, mail {number}, is larger than {LIMIT >> 20} MB.")
                yield _named(read_mail(data, f"{uri}#mail={number}"), uri)
            except SourceError as error:
                problem(error)


def _named(mail: Record, box: str) -> Record:
    """The mail under its own id, when it has one."""
    from dataclasses import replace

    own = mail.metadata.get("message_id")
    return mail._replace(document=replace(mail.document, uri=f"{box}#{own}")) if own else mail


def _mails(file: BinaryIO) -> Iterator[bytes | None]:
    """The mails of an mbox as they were sent; None for one above LIMIT.

    A line `From ...` with a date and time begins a mail when it follows an empty line; within a mail it is written as
    `>From`, which is undone.
    """
    lines, size, empty = list[bytes](), 0, True
    while line := file.readline(_LONGEST_LINE):
        if empty and _separator().match(line):
            if size:
                yield b"".join(lines) if size <= LIMIT else None
            lines, size = [], 0
        else:
            size += len(line)
            if size <= LIMIT:
                lines.append(line[1:] if _quoted_separator().match(line) else line)
            else:
                lines.clear()
        empty = not line.strip()
    if size:
        yield b"".join(lines) if size <= LIMIT else None


@cache
def _separator() -> re.Pattern[bytes]:
    return re.compile(rb"From [^\n]{1,300}\d\d:\d\d[^\n]{1,20}\d{4}\b")


@cache
def _quoted_separator() -> re.Pattern[bytes]:
    return re.compile(rb">+From ")


# Maildir


def is_maildir(folder: str) -> bool:
    """Whether a folder is one, by the three that it holds."""
    return all(os.path.isdir(os.path.join(folder, name)) for name in ("cur", "new", "tmp"))


def read_maildir(folder: str, problem: Problem) -> Iterator[Record]:
    """The mails of a folder that were delivered, in the order of their names; not those of the folders in it."""
    box = uri_of(folder)
    for part in ("cur", "new"):
        with os.scandir(os.path.join(folder, part)) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        for name in names:
            path = os.path.join(folder, part, name)
            try:
                yield _named(read_mail(read(path), uri_of(path)), box)
            except SourceError as error:
                problem(error)


def load_maildir(folder: str) -> list[Document]:
    """The mails of a Maildir, at most LIMIT characters in all. Raises SourceNotFound when it holds none."""
    if found := at_once(read_maildir(folder, tell()), folder):
        return found
    raise SourceNotFound(f"The mailbox {shown(folder)} holds no mail.")
