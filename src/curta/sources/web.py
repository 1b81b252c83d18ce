"""Web pages and other texts on the net. Loading them, and `hn:`, is the only time that sources use the network."""

from curta.errors import SourceNotText
from curta.messages import Document
from curta.sources.formats import Format, format_of, to_document

_PLAIN = frozenset(
    {"application/xml", "application/yaml", "application/javascript", "application/toml", "application/x-ndjson"}
)


def load_page(url: str) -> Document:
    """What is at an `http` or `https` URL: a page or a PDF as its text, any other text as it is.

    Raises SourceNotFound, SourceNotText, SourceTooLarge, and SourceError for whatever else stands in the way.
    """
    from curta.http import HTTPRequest, fetch
    from curta.sources.files import LIMIT

    uri = HTTPRequest("GET", url).shown_url()
    found = fetch(url, max_bytes=LIMIT)
    media_type, charset = _content_type(found.headers.get("content-type", ""))
    kind = _format(media_type, found.body, url)
    if kind is None:
        raise SourceNotText(f"{uri} holds no plain text: its type is {media_type}.")
    return to_document(found.body, uri, _last_part(uri), kind, charset)


def discussion(url: str) -> str:
    """The number of the Hacker News item whose page this is, '' for any other URL."""
    address, _, query = url.partition("#")[0].partition("?")
    _, _, page = address.partition("://")
    number = next((value for name, _, value in _parameters(query) if name == "id"), "")
    return number if page.lower() == "news.ycombinator.com/item" and number.isdigit() else ""


def _parameters(query: str) -> list[tuple[str, str, str]]:
    return [parameter.partition("=") for parameter in query.split("&")]


def _content_type(header: str) -> tuple[str, str]:
    """The media type and the charset of a Content-Type header, '' for what it does not say."""
    media_type, *parameters = header.split(";")
    named = dict(parameter.strip().lower().partition("=")[::2] for parameter in parameters)
    return media_type.strip().lower(), named.get("charset", "").strip("\"' ")


def _format(media_type: str, body: bytes, url: str) -> Format | None:
    """How to read the body, None when its type is not one of text."""
    if media_type == "application/pdf" or body.startswith(b"%PDF-"):
        return "pdf"
    if media_type in ("text/html", "application/xhtml+xml") or (not media_type and _begins_like_html(body)):
        return "html"
    if media_type == "application/json" or media_type.endswith("+json"):
        return "json"
    if media_type == "text/markdown":
        return "markdown"
    if media_type in _PLAIN or media_type.startswith("text/") or media_type.endswith("+xml"):
        return "markdown" if format_of(url) == "markdown" else "plain"
    return None if media_type else "plain"


def _begins_like_html(body: bytes) -> bool:
    return body[:512].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _last_part(url: str) -> str:
    """A title for what has none: the last part of the path, else the host."""
    return next(part for part in reversed(url.partition("?")[0].split("/")) if part)
