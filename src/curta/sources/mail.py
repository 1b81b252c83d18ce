"""One mail to one Document: the heads that matter, what was written, and the names of what was attached.

The text is made for reading: subject, `From:`, `To:`, `Date:`, then the body, then a line for each attachment, which is
named and not read. The heads are decoration and as untrusted as all of it. Who wrote what is said by the spans: they
cover the sender's own lines, not those quoted from others (`> `), nor a mail that was passed on below.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from functools import cache

from curta.errors import SourceError, SourceNotText
from curta.messages import JSON, Document, Span, well_formed
from curta.sources.decode import decode
from curta.sources.names import shown
from curta.sources.records import Record

_LONGEST_HEAD = 1_000


def read_mail(data: bytes, uri: str) -> Record:
    """The Document of a mail as it was sent (RFC 5322), and its date, sender, recipients and id.

    Raises SourceError for what is no mail.
    """
    try:
        mail = BytesParser(policy=policy.compat32).parsebytes(data)
        parts = list(_leaves(mail))
    except RecursionError as error:
        raise SourceError(f"{shown(uri)} is no mail that can be read: its parts are nested too deeply.") from error
    heads = {name: _head(mail, name) for name in ("Subject", "From", "To", "Cc", "Date")}
    if not any(heads.values()):
        raise SourceError(f"{shown(uri)} is no mail: it has no subject, sender or date.")
    above = "\n".join([heads["Subject"]] * bool(heads["Subject"]) + _lines_of(heads))
    body, attached = _body(parts, uri)
    text = "\n\n".join(piece for piece in (above, body, "\n".join(attached)) if piece)
    start = len(above) + 2
    return Record(
        Document(text, uri, heads["Subject"], tuple(_spans(body, start, mail, heads["From"]))), _about(mail, heads)
    )


def _lines_of(heads: dict[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in heads.items() if value and name != "Subject"]


def _about(mail: Message, heads: dict[str, str]) -> dict[str, JSON]:
    about = {name.lower(): value for name, value in heads.items() if value and name != "Subject"}
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        about["date"] = parsedate_to_datetime(heads["Date"]).isoformat()
    return {**about, "message_id": identity(mail)} if identity(mail) else about


def identity(mail: Message) -> str:
    """The Message-ID, without its brackets; '' when there is none."""
    return _id_in(_head(mail, "Message-ID"))


def _id_in(head: str) -> str:
    found = re.search(r"<([^<>\s]{1,500})>", head)
    return found[1] if found else ""


# Heads


def _head(mail: Message, name: str) -> str:
    """A head on one line, decoded (RFC 2047); '' when there is none."""
    raw = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")[:_LONGEST_HEAD]
    try:
        pieces = [_decoded(words, charset) for words, charset in decode_header(raw)]
    except (ValueError, LookupError):  # `binascii.Error` is a ValueError
        pieces = []
    return " ".join(well_formed("".join(pieces) or _decoded(raw, None)).split())


def _decoded(words: str | bytes, charset: str | None) -> str:
    if isinstance(words, str):
        return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return words.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return words.decode("utf-8", "replace")


# The body


def _leaves(mail: Message) -> Iterator[Message]:
    """The parts that hold something, in order; of alternatives the one that is plain text, else the last."""
    stack: list[Message] = [mail]
    while stack:
        part = stack.pop()
        inside = _parts(part)
        if not inside:
            yield part
        elif part.get_content_subtype() == "alternative":
            stack.append(_best(inside))
        else:
            stack += reversed(inside)


def _parts(part: Message) -> list[Message]:
    """The parts of a multipart; none of all else, a mail that is passed on included."""
    inside = part.get_payload() if part.get_content_maintype() == "multipart" else ()
    return [each for each in inside if isinstance(each, Message)]


def _best(alternatives: list[Message]) -> Message:
    plain = (part for part in alternatives if part.get_content_type() == "text/plain")
    return next(plain, alternatives[-1])


def _body(parts: list[Message], uri: str) -> tuple[str, list[str]]:
    """What is written in the mail, and a line for each attachment."""
    written, attached = list[str](), list[str]()
    for part in parts:
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            try:
                written.append(_words(part, uri))
                continue
            except SourceNotText:
                pass  # then it is named as an attachment
        attached.append(f"Attached, not read: {_name(part)} ({part.get_content_type()})")
    return "\n\n".join(words for words in written if words), attached


def _words(part: Message, uri: str) -> str:
    """The text of a part, with its transfer encoding and its charset undone, and lines that end as elsewhere."""
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    text = decode(data, uri, str(part.get_content_charset("")))
    if part.get_content_subtype() == "html":
        from curta.text.html import html_to_text

        text = html_to_text(text).text
    return well_formed(text).replace("\r\n", "\n").replace("\0", "").strip("\n")


def _name(part: Message) -> str:
    try:
        name = part.get_filename("") or ""
    except (ValueError, LookupError, TypeError):
        name = ""
    return " ".join(_decoded(name, None).split())[:200] or "without a name"


# Who wrote what


def _spans(body: str, start: int, mail: Message, sender: str) -> Iterator[Span]:
    """The sender's own lines: stretches of the body that are not quoted, without the white space around them."""
    name, address = parseaddr(sender)
    author = name or address or None
    own, parent = identity(mail) or None, _id_in(_head(mail, "In-Reply-To")) or None
    for found in _own_lines().finditer(body[: _end_of_own(body)]):
        words = found[0].strip()
        at = start + found.start() + found[0].index(words) if words else 0
        if words:
            yield Span(at, at + len(words), author, own, parent)


def _end_of_own(body: str) -> int:
    """Where a mail that is passed on begins."""
    found = _passed_on().search(body)
    return found.start() if found else len(body)


@cache
def _own_lines() -> re.Pattern[str]:
    """Lines in a row that do not begin with `>`, nor announce those that do."""
    return re.compile(r"(?:^(?!>)(?![^\n]{0,200}:\n{1,2}>)[^\n]*(?:\n|\Z))+", re.MULTILINE)


@cache
def _passed_on() -> re.Pattern[str]:
    words = "Original Message|Forwarded message|Original-Nachricht|Ursprüngliche Nachricht|Weitergeleitete Nachricht"
    return re.compile(rf"^ ?-{{2,}} ?(?:{words}|Message d'origine|Mensaje original) ?-{{2,}}", re.MULTILINE | re.I)
