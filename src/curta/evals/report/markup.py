"""Markup that nobody can break out of: what is not `Markup` is escaped when it is put into an element.

Serves HTML, SVG and XML alike: attributes are quoted, what is empty is closed.
"""

import html
import re
from typing import TypeAlias

from curta.text.terminal import clean

Child: TypeAlias = "str | int | float | None"
"""What an element may hold: text, a number, Markup; nothing for None."""

_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CLOSED = {"meta", "input", "line", "circle", "rect", "path", "property", "testcase"}
"""Elements that close themselves where they hold nothing; any other, HTML would take for open."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def escape(text: Child) -> Markup:
    """`text` as markup that shows it: control characters and what turns the direction of writing become visible."""
    if isinstance(text, Markup):
        return text
    if text is None:
        return Markup("")
    if isinstance(text, int | float):
        return Markup(number(text))
    return Markup(html.escape(visible(text)))


def visible(text: str) -> str:
    """`text` as it will be seen, in characters that XML may hold."""
    return _NOT_IN_XML.sub("\ufffd", clean(text))


def tag(name: str, /, *children: Child, **attributes: Child) -> Markup:
    """An element. `class_` is the attribute class, `text_anchor` text-anchor; one that is None or False is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape("" if value is True else value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inside = join(*children)
    if not inside and name in _CLOSED:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{inside}</{name}>")


def join(*pieces: Child) -> Markup:
    """The pieces one after the other."""
    return Markup("".join(escape(each) for each in pieces))


def number(value: float) -> str:
    """A number as short as a picture needs it: two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
