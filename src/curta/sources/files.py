"""One file, or standard input, to its Document.

Nothing here waits for a named pipe that nobody fills, or reads without end.
"""

import os
import stat
from typing import BinaryIO

from curta.errors import SourceError, SourceNotFound, SourceTooLarge
from curta.messages import Document
from curta.sources.formats import format_of, to_document
from curta.sources.names import not_found, shown, uri_of

LIMIT = 64 * 2**20  # bytes of one source
_CHUNK = 2**20


def load_file(path: str) -> list[Document]:
    """What is in the file at `path`: one Document, or one for each mail of a mailbox.

    Raises SourceNotFound, SourceNotText, SourceTooLarge (above LIMIT), MissingExtra, and SourceError for what cannot be
    read.
    """
    data = read(path)
    if data.startswith(b"From ") and (mails := _mails(path, data)):
        return mails
    return [to_document(data, uri_of(path), os.path.basename(path), format_of(path))]


def _mails(path: str, data: bytes) -> list[Document]:
    """The mails of a mailbox; none when the file is another text."""
    from curta.sources.mailboxes import is_mbox, read_mbox
    from curta.sources.records import tell

    return [mail.document for mail in read_mbox(path, tell())] if is_mbox(data[:1024]) else []


def load_stdin(stream: BinaryIO) -> Document | None:
    """What is piped in, to its end; None when nothing or only white space is. A Hacker News item becomes a thread."""
    data = _read_at_most(stream, "standard input")
    if not data.strip():
        return None
    return to_document(data, "stdin", "", "json" if data.lstrip().startswith(b"{") else "plain")


def read(path: str) -> bytes:
    """All bytes of a file, at most LIMIT."""
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size > LIMIT:
            raise _too_large(path)
        return _read_at_most(file, path)


def read_head(path: str, size: int) -> bytes:
    """The first bytes of a file of any size."""
    with opened(path) as file:
        return file.read(size)


def opened(path: str) -> BinaryIO:
    """A file of any size, at its beginning, to be closed by the caller."""
    # Without O_NONBLOCK, opening a named pipe waits for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise not_found(path) from None
    except ValueError as error:
        raise SourceNotFound(f"{shown(path)} cannot be the name of a file.", why=f"{error}.") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        _refuse_endless(path, descriptor)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _refuse_endless(path: str, descriptor: int) -> None:
    """Let only pass what ends by itself: files, and the pipes that the shell makes for `<(command)`."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or path == os.devnull:
        return
    if stat.S_ISDIR(mode):
        raise SourceError(f"{shown(path)} is a folder, not a file.")
    if path.startswith(("/dev/fd/", "/proc/self/fd/", "/dev/stdin")) and not stat.S_ISBLK(mode):
        os.set_blocking(descriptor, True)
    elif stat.S_ISFIFO(mode):
        raise SourceError(f"{shown(path)} is a named pipe.", then=f"Pass it on as input: `curta … < {shown(path)}`.")
    else:
        raise SourceError(f"{shown(path)} is a device, not a file.")


def _read_at_most(stream: BinaryIO, name: str) -> bytes:
    chunks, size = list[bytes](), 0
    try:
        while chunk := stream.read(min(_CHUNK, LIMIT + 1 - size)):
            chunks.append(chunk)
            size += len(chunk)
            if size > LIMIT:
                raise _too_large(name)
    except OSError as error:
        raise _unreadable(name, error) from error
    return b"".join(chunks)


def _unreadable(name: str, error: OSError) -> SourceError:
    return SourceError(f"Cannot read {shown(name)}: {error.strerror or error}.")


def _too_large(name: str) -> SourceTooLarge:
    return SourceTooLarge(
        f"{shown(name)} is larger than {LIMIT >> 20} MB.",
        why="That is the most that is read of one source.",
        then="Cut out the part you need, or split it.",
    )
