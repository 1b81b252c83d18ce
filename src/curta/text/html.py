"""HTML to plain text: what a reader of the page sees, with its structure, and nothing else.

Headings keep their level (`## `), list items a mark (`- `, `1. `), cells of a row are joined by ` | `, preformatted
text stays as it is; scripts, styles and templates vanish. The text that comes out is the one that is kept: offsets
refer to it.

Tags are told apart first and character references are resolved once, afterwards, so that `List&lt;int&gt;` stays
`List<int>` and `&amp;lt;` becomes `&lt;`.

The tokeniser follows the WHATWG HTML standard, section 13.2.5, and is our own: `html.parser` up to Python 3.13.5 needs
quadratic time for unclosed constructs (CVE-2025-6069; a second for 32 KB of `<!--`) and raises on some. This one is
total and takes linear time: every search either consumes what it passed or is the last of its kind.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple, TypeAlias

VANISH = frozenset({"script", "style", "template", "noscript", "svg", "iframe", "noembed", "noframes"})
HIDEABLE = frozenset(
    {"div", "section", "aside", "nav", "header", "footer", "span", "form", "table", "ul", "ol", "dialog"}
)
"""Elements that have to be closed, so that it is known where what they hide ends."""
_RAW = frozenset({"script", "style", "iframe", "noembed", "noframes", "title", "textarea", "xmp"})
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_DISTANCE = {  # line breaks before and after an element
    **dict.fromkeys(("p", "ul", "ol", "menu", "dl", "table", "pre", "blockquote", "figure", "hr", *_HEADINGS), 2),
    **dict.fromkeys(("section", "article", "header", "footer", "nav", "main", "aside", "address", "body"), 2),
    **dict.fromkeys(("div", "li", "dt", "dd", "tr", "caption", "legend", "figcaption", "thead", "tbody", "tfoot"), 1),
    **dict.fromkeys(("center", "form", "fieldset", "details", "summary", "option", "textarea"), 1),
}
_LISTS = frozenset({"ul", "ol", "menu"})
_DEEPEST_INDENT = 8
_LONGEST_TITLE = 300


# Kind, text or name, attributes. A plain tuple: a page has tens of thousands.
Token: TypeAlias = tuple[Literal["text", "title", "open", "close"], str, str]


class Page(NamedTuple):
    """What was kept of a page."""

    text: str
    title: str


def html_to_text(html: str) -> Page:
    """The readable text of a page or of a fragment, and its `<title>` (empty when it has none).

    Takes any string; never raises.
    """
    return page_of(_visible(_tokens(one_kind_of_line_end(html))), _unescape)


def one_kind_of_line_end(html: str) -> str:
    return html.replace("\r\n", "\n").replace("\r", "\n") if "\r" in html else html


def page_of(tokens: Iterator[Token], resolved: Callable[[str], str]) -> Page:
    """The page that texts and tags in order make. resolved: a text of theirs with its character references resolved."""
    writer = _Writer()
    title = ""
    for kind, value, attributes in tokens:
        if kind == "text":
            writer.text(resolved(value))
        elif kind == "open":
            writer.open(value, attributes)
        elif kind == "close":
            writer.close(value)
        else:
            title = title or " ".join(resolved(value).split())[:_LONGEST_TITLE]
    return Page(writer.finish(), title)


def declared_charset(head: bytes) -> str:
    """The encoding that a `<meta>` tag or an XML declaration near the start of a page names, or ''."""
    found = _charset_pattern().search(head[:2048])
    return (found[1] or found[2]).decode("ascii") if found else ""


@cache
def _charset_pattern() -> re.Pattern[bytes]:
    return re.compile(
        rb"""<meta[^>]{1,512}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{1,256}?encoding\s*=\s*["']([\w.:-]+)""",
        re.IGNORECASE | re.ASCII,
    )


# Tokens


def _tokens(html: str) -> Iterator[Token]:
    """Texts and tags in order. Comments, doctypes and an unfinished tag at the end are left out."""
    markup = _markup_pattern()
    never_closed = set[str]()
    position = 0
    while found := markup.search(html, position):
        slash, name, attributes = found.groups()
        if (start := found.start()) > position:
            yield "text", html[position:start], ""
        position = found.end()
        if name is None:
            continue
        if attributes is None:
            end = _tag_end(html, position)
            if end < 0:
                return
            attributes, position = html[position:end], end + 1
        name = name.lower()
        yield "close" if slash else "open", name, attributes
        if name in _RAW and not slash and name not in never_closed:
            if closing := _closing_pattern(name).search(html, position):
                yield "title" if name == "title" else "text", html[position : closing.start()], ""
                position = closing.start()
            else:
                never_closed.add(name)
    if position < len(html):
        yield "text", html[position:], ""


@cache
def _markup_pattern() -> re.Pattern[str]:
    """What is no text. Groups: the slash of a closing tag, the name of a tag, its attributes when none is quoted."""
    return re.compile(
        r"""<(?:!--(?:-?>|.*?(?:--!?>|\Z))              # a comment, to the end of the page when it is not closed
              |(?:[!?]|/(?![a-zA-Z]))[^>]*(?:>|\Z)      # a doctype, a processing instruction, a bogus comment
              |(/?)([a-zA-Z][^\s/>]*)(?:([^>"']*)>)?)   # a tag, or the head of one""",
        re.VERBOSE | re.DOTALL,
    )


def _tag_end(html: str, position: int) -> int:
    """The place of the `>` that ends the tag, which a quoted attribute may also hold; -1 when nothing ends it."""
    for found in _quoted_or_end_pattern().finditer(html, position):
        if found[0] == ">":
            return found.start()
    return -1


@cache
def _quoted_or_end_pattern() -> re.Pattern[str]:
    return re.compile(r"""=\s*(?:"[^"]*"|'[^']*')|>""")


@cache
def _closing_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)


def _visible(tokens: Iterator[Token]) -> Iterator[Token]:
    """The tokens outside of elements whose content nobody sees."""
    hidden, depth = "", 0
    for token in tokens:
        kind, value, attributes = token
        if hidden:
            if value == hidden and kind in ("open", "close"):
                depth += 1 if kind == "open" else -1
                hidden = hidden if depth else ""
        elif kind == "open" and (value in VANISH or (value in HIDEABLE and hides(attributes))):
            if not (value == "svg" and attributes.endswith("/")):
                hidden, depth = value, 1
        else:
            yield token


def hides(attributes: str) -> bool:
    """Whether the attributes of a tag say that nobody sees it: `hidden`, `style="display: none"`."""
    if "hidden" not in attributes and "none" not in attributes:
        return False
    names = _value_pattern().sub(" ", attributes)
    return "hidden" in names.split() or bool(_no_display_pattern().search(attributes))


@cache
def _value_pattern() -> re.Pattern[str]:
    return re.compile(r"""=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]*)""")


@cache
def _no_display_pattern() -> re.Pattern[str]:
    return re.compile(r"""(?<![^\s"'])style\s*=\s*["'](?:[^"']*;)?\s*display\s*:\s*none\b""")


# Character references


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    from html import unescape

    # `html.unescape` passes the digits to `int`, which raises above 4,300 of them; 8 are beyond Unicode already.
    return unescape(_long_number_pattern().sub(lambda found: "&#" + (found[1].lstrip("0")[:8] or "0"), text))


@cache
def _long_number_pattern() -> re.Pattern[str]:
    return re.compile(r"&#([0-9]{8,})")


def _href(attributes: str) -> str:
    found = _href_pattern().search(attributes)
    if not found:
        return ""
    # Without a semicolon `&copy=1` is a parameter of the query, not a character (WHATWG 13.2.5.73).
    return _reference_pattern().sub(lambda reference: _unescape(reference[0]), found[found.lastindex or 0]).strip()


@cache
def _href_pattern() -> re.Pattern[str]:
    return re.compile(r"""(?<![^\s/"'])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


@cache
def _reference_pattern() -> re.Pattern[str]:
    return re.compile(r"&#?\w{1,32};")


# Text


@dataclass(slots=True)
class _Writer:
    """Puts text together. White space and marks wait until there is text to follow them.

    breaks: line breaks due before the next text, 2 for a blank line. mark: a list mark, heading mark or cell separator
    due before it. lists: the next number of each open list, None for bullets. row: where the current row began.
    """

    parts: list[str] = field(default_factory=list)
    breaks: int = 0
    space: bool = False
    mark: str = ""
    pre: int = 0
    fresh_pre: bool = False
    lists: list[int | None] = field(default_factory=list)
    row: int = -1
    cells: int = 0
    link: tuple[int, str] | None = None

    def text(self, data: str) -> None:
        if self.pre:
            self._preformatted(data)
            return
        words = _space_pattern().sub(" ", data)
        if core := words.strip(" "):
            self.space = self.space or words[0] == " "
            self._emit(core)
            self.space = words[-1] == " "
        elif words:
            self.space = True

    def _preformatted(self, data: str) -> None:
        if self.fresh_pre:
            data = data.removeprefix("\n")
            self.fresh_pre = False
        if data:
            self.space = False
            self._emit(data)

    def _emit(self, text: str) -> None:
        if self.breaks:
            self._break_lines()
        elif self.space and self.parts and not self.mark:
            self.parts.append(" ")
        self.space = False
        if self.mark:
            self.parts.append(self.mark)
            self.mark = ""
        self.parts.append(text)

    def _break_lines(self) -> None:
        if self.parts:
            last = self.parts[-1]
            written = len(last) - len(last.rstrip("\n")) if self.breaks else 0
            self.parts.append("\n" * (self.breaks - written))
        self.breaks = 0

    def _block(self, breaks: int) -> None:
        """Text that follows starts on a new line, or on the line that a waiting mark or a row begins."""
        if not self.mark and len(self.parts) != self.row:
            self.breaks = max(self.breaks, breaks)

    def open(self, name: str, attributes: str) -> None:
        if name == "br":
            self._line_break()
        elif name == "a":
            self.link = (len(self.parts), attributes)
        elif name in ("td", "th"):
            self._cell()
        else:
            self._open_block(name)

    def _line_break(self) -> None:
        if self.pre:
            self._emit("\n")
        else:
            self.breaks = min(self.breaks + 1, 2)

    def _cell(self) -> None:
        self.cells += 1
        if self.cells > 1:
            written = len(self.parts) > self.row
            self.mark += " | " if written or self.mark else "| "
            self.breaks = 0 if written else self.breaks

    def _open_block(self, name: str) -> None:
        self._block(self._distance(name))
        if name in _HEADINGS:
            self.mark = _HEADINGS[name]
        elif name in _LISTS:
            self.lists.append(1 if name == "ol" else None)
        elif name == "li":
            self._item()
        elif name == "pre":
            self.pre += 1
            self.fresh_pre = True
        elif name == "tr":
            self.mark, self.row, self.cells = "", len(self.parts), 0

    def _distance(self, name: str) -> int:
        if name in _LISTS and self.lists:
            return 1
        return _DISTANCE.get(name, 0)

    def _item(self) -> None:
        self.breaks = max(self.breaks, 1)
        indent = "  " * min(len(self.lists) - 1, _DEEPEST_INDENT)
        number = self.lists[-1] if self.lists else None
        self.mark = indent + ("- " if number is None else f"{number}. ")
        if number is not None:
            self.lists[-1] = number + 1

    def close(self, name: str) -> None:
        if name == "a":
            self._lengthen_link()
            return
        if name in _HEADINGS or name in _LISTS or name in ("li", "tr", "table"):
            self.mark = ""
        if name in ("tr", "table"):
            self.row = -1
        elif name in _LISTS and self.lists:
            self.lists.pop()
        elif name == "pre":
            self.pre = max(0, self.pre - 1)
        self._block(self._distance(name))

    def _lengthen_link(self) -> None:
        """Show the whole target of a link whose text is the target cut short, as Hacker News does."""
        start, attributes = self.link or (len(self.parts), "")
        self.link = None
        if start < len(self.parts) and self.parts[-1].endswith("..."):
            beginning, target = self.parts[-1].removesuffix("..."), _href(attributes)
            if beginning and target.startswith(beginning):
                self.parts[-1] = target

    def finish(self) -> str:
        return "".join(self.parts).rstrip(" \t\n\f")


@cache
def _space_pattern() -> re.Pattern[str]:
    """White space as HTML has it: a no-break space is a character like others."""
    return re.compile(r"[ \t\n\f\r]{2,}|[\t\n\f\r]")
