"""From the bytes of a known format to a Document. A new text format is a function here and a row in `_READERS`."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from curta.messages import Document
from curta.sources.decode import decode

Format: TypeAlias = Literal["plain", "markdown", "html", "json", "pdf", "mail"]

_SUFFIXES: dict[str, Format] = {
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".pdf": "pdf",
    ".eml": "mail",
}


def format_of(path: str) -> Format:
    """The format that a file's name promises."""
    _, dot, suffix = path.rpartition(".")
    return _SUFFIXES.get((dot + suffix).lower(), "plain")


def to_document(data: bytes, uri: str, title: str, kind: Format = "plain", charset: str = "") -> Document:
    """The Document that `data` holds.

    title: used when the content has none of its own. charset: the encoding declared outside of `data`.
    Raises SourceNotText, MissingExtra, and SourceError for a Hacker News thread or a mail that is malformed.
    """
    return _READERS["pdf" if data.startswith(b"%PDF-") else kind](data, uri, title, charset)


def _plain(data: bytes, uri: str, title: str, charset: str) -> Document:
    return Document(decode(data, uri, charset), uri, title)


def _markdown(data: bytes, uri: str, title: str, charset: str) -> Document:
    text = decode(data, uri, charset)
    return Document(text, uri, _first_heading(text) or title)


def _html(data: bytes, uri: str, title: str, charset: str) -> Document:
    from curta.text.html import declared_charset
    from curta.text.html_tree import page_to_text

    page = page_to_text(decode(data, uri, charset or declared_charset(data)))
    return Document(page.text, uri, page.title or title)


def _json(data: bytes, uri: str, title: str, charset: str) -> Document:
    from curta.sources.hackernews import thread, thread_item

    text = decode(data, uri, charset)
    item = thread_item(text)
    return thread(item, uri) if item else Document(text, uri, title)


def _pdf(data: bytes, uri: str, title: str, charset: str) -> Document:
    from curta.sources.pdf import read_pdf
    from curta.sources.records import tell

    return read_pdf(data, uri, title, tell()).document


def _mail(data: bytes, uri: str, title: str, charset: str) -> Document:
    from curta.sources.mail import read_mail

    return read_mail(data, uri).document


_READERS: dict[Format, Callable[[bytes, str, str, str], Document]] = {
    "plain": _plain,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
    "pdf": _pdf,
    "mail": _mail,
}


def _first_heading(text: str) -> str:
    """The first heading of a Markdown text, outside of front matter and fenced code; '' when it has none."""
    lines = text.splitlines()
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] and "---" in lines[1:] else 0
    fence = previous = ""
    for line in map(str.strip, lines[start:]):
        if line.startswith(fence or ("```", "~~~")):
            fence = "" if fence else line[:3]
        elif not fence and line.startswith("#") and (heading := _atx(line)):
            return heading
        elif not fence and previous and line and not line.strip("="):
            return previous
        previous = line
    return ""


def _atx(line: str) -> str:
    marks, _, heading = line.partition(" ")
    return heading.strip().rstrip("#").rstrip() if not marks.strip("#") and len(marks) <= 6 else ""
