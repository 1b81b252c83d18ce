"""PDF to one Document, one span per page, by the package `pypdf` (extra `pdf`).

The text is that of the pages, in their order, as it is drawn: columns, headers and hyphens stay. Pages without text
(pictures, scans) are left out of it; their numbers stay theirs. Files are untrusted: what they unpack to, how much
there is to parse, how many pages there are and how long all of it may take is bounded.
"""

import io
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from curta.errors import CurtaError, MissingExtra, SourceError, SourceNotText, SourceTooLarge
from curta.messages import JSON, Document, Span, well_formed
from curta.sources.files import LIMIT
from curta.sources.names import shown
from curta.sources.records import Problem, Record

if TYPE_CHECKING:
    from pypdf import PdfReader

_LIMITS = {
    "array_based_stream_maximum_output_length": 32 * 2**20,
    "brotli_maximum_output_length": 32 * 2**20,
    "lzw_maximum_output_length": 32 * 2**20,
    "run_length_maximum_output_length": 32 * 2**20,
    "zlib_maximum_output_length": 32 * 2**20,
    "stream_parsing_work_maximum_count": 1_000_000,
}
"""Of one page: bytes that its drawing may unpack to, and operators and operands in it. A full page has ten thousand."""
_PATIENCE = 300.0  # seconds of CPU time for one file
_LONGEST_TITLE = 300
_BETWEEN = "\n\n"
_UNHEARD = logging.NullHandler()
"""Where the package's warnings about odd files go, which would else appear on the user's terminal."""


class _Page(NamedTuple):
    number: int
    text: str


def read_pdf(data: bytes, uri: str, title: str, problem: Problem) -> Record:
    """The Document of a PDF and what it says about itself.

    title: used when the file has none of its own. problem: told of pages that cannot be read, while others are.
    Raises MissingExtra, and SourceNotText for what needs a password, has no text, is broken or no PDF.
    """
    with _bounded():
        reader = _open(data, uri)
        failed = list[CurtaError]()
        pages = list(_pages(reader, uri, failed.append))
        if not pages:
            raise _without_text(reader, uri, failed)
        about = _about(reader)
    for error in failed:
        problem(error)
    text = _BETWEEN.join(page.text for page in pages)
    return Record(Document(text, uri, str(about.pop("title", "")) or title, tuple(_spans(pages))), about)


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        import pypdf
    except ImportError as error:
        raise MissingExtra("PDFs are read by the package pypdf, which is not installed.", extra="pdf") from error
    logging.getLogger("pypdf").addHandler(_UNHEARD)
    with pypdf.apply_configuration(pypdf.Configuration().with_overwrites(**_LIMITS)):
        yield


def _open(data: bytes, uri: str) -> "PdfReader":
    """The reader of a file that needs no password, or the empty one."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        if not locked:
            len(reader.pages)
    except DependencyError as error:
        what = f"{shown(uri)} is encrypted, and the package cryptography is not installed."
        raise MissingExtra(what, extra="pdf") from error
    except Exception as error:  # pypdf: "broken PDF files might cause other Exceptions"
        raise SourceNotText(f"{shown(uri)} is no PDF, or a broken one.", why=_reason(error)) from error
    if locked:
        raise SourceNotText(
            f"{shown(uri)} is encrypted: it opens only with a password.",
            then="Save a copy without one: `qpdf --decrypt --password=PASSWORD IN OUT`.",
        )
    return reader


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return well_formed(words[:200].rstrip(".")) + "."


# Pages


def _pages(reader: "PdfReader", uri: str, problem: Problem) -> Iterator[_Page]:
    """The pages that have a text."""
    stop, size, count = time.process_time() + _PATIENCE, 0, len(reader.pages)
    for number in range(1, count + 1):
        if time.process_time() > stop:
            problem(_breaks_off(uri, number, count, f"They took {_PATIENCE:.0f} seconds"))
            return
        text = _text(reader, number, uri, problem)
        size += len(text)
        if size > LIMIT:
            problem(_breaks_off(uri, number, count, f"They hold {LIMIT >> 20} million characters"))
            return
        if text:
            yield _Page(number, text)


def _text(reader: "PdfReader", number: int, uri: str, problem: Problem) -> str:
    """What a page says; '' when it cannot be read."""
    try:
        found = reader.pages[number - 1].extract_text()
    except Exception as error:
        problem(SourceError(f"{shown(uri)}, page {number}, cannot be read.", why=_reason(error)))
        return ""
    return well_formed(found).replace("\0", "").strip()


def _breaks_off(uri: str, number: int, count: int, why: str) -> SourceTooLarge:
    return SourceTooLarge(f"Of {shown(uri)}, only the first {number - 1} of {count} pages are read.", why=f"{why}.")


def _spans(pages: list[_Page]) -> Iterator[Span]:
    start = 0
    for page in pages:
        yield Span(start, start + len(page.text), locator=f"page {page.number}")
        start += len(page.text) + len(_BETWEEN)


def _without_text(reader: "PdfReader", uri: str, failed: Sequence[CurtaError]) -> SourceNotText:
    if failed:
        return SourceNotText(f"No page of {shown(uri)} can be read.", why=f"The first: {failed[0].why}")
    count = len(reader.pages)
    pages = f"its {count} pages show" if count > 1 else "its page shows" if count else "it has no pages, and shows"
    return SourceNotText(
        f"{shown(uri)} holds no text: {pages} at most pictures.",
        then="If it is a scan, have its text recognised first: `ocrmypdf IN OUT`.",
    )


# What it says about itself


def _about(reader: "PdfReader") -> dict[str, JSON]:
    """Title, author and date, where the file has them and they can be read; and how many pages."""
    about: dict[str, JSON] = {"pages": len(reader.pages)}
    for name, key in (("title", "title"), ("author", "author"), ("date", "creation_date")):
        try:
            value = getattr(reader.metadata, key, None)
        except Exception:
            continue
        words = value.isoformat() if isinstance(value, datetime) else " ".join(str(value or "").split())
        if words:
            about[name] = well_formed(words[:_LONGEST_TITLE])
    return about
