"""Pages read as a browser builds them, by the package `selectolax` (extra `html`; its engine is Lexbor).

What the tokeniser of `html` reads tag by tag is here the tree that the HTML standard demands: unclosed and misnested
tags end where a browser ends them. On a well-formed page both come to the same text: `html` writes out either.

The engine needs quadratic time for what is nested deeply (measured: 12 s for 60,000 open tags, 500 KB). A page that may
cost too much is left to the tokeniser, which is linear.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from curta.text.html import HIDEABLE, VANISH, Page, Token, hides, html_to_text, one_kind_of_line_end, page_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CLOSE_THEMSELVES = _VOID | frozenset("p li dt dd tr td th thead tbody tfoot option".split())
_DEEPEST = 500  # browsers nest 512 deep at most
_DEAREST = 2_000_000  # tags times depth: that many elements can be made of them


def page_to_text(html: str) -> Page:
    """The readable text of a page and its `<title>`: from its tree where selectolax is installed, else from its tags.

    Takes any string; never raises.
    """
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        return html_to_text(html)
    if not _is_tame(html):
        return html_to_text(html)
    root = LexborHTMLParser(one_kind_of_line_end(html)).root
    return page_of(_tokens(root), str) if root is not None else Page("", "")


def _is_tame(html: str) -> bool:
    """Whether the tree can be built, and is neither deep nor dear, whatever the tags mean."""
    depth = deepest = count = 0
    for slash, name in _tag_pattern().findall(html):
        count += 1
        if slash:
            depth -= depth > 0
        elif name.lower() not in _CLOSE_THEMSELVES:
            depth += 1
            deepest = max(deepest, depth)
    return deepest <= _DEEPEST and deepest * count <= _DEAREST and not _unknown_pattern().search(html)


@cache
def _tag_pattern() -> re.Pattern[str]:
    return re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")


@cache
def _unknown_pattern() -> re.Pattern[str]:
    """Characters that the engine does not take, or drops."""
    return re.compile("[\0\ud800-\udfff]")


def _tokens(root: "LexborNode") -> Iterator[Token]:
    """The tree as texts and tags in order, without what nobody sees."""
    open_ones: list[LexborNode] = []
    node: LexborNode | None = root
    while node is not None:
        token = _token(node)
        if token:
            yield token
        below = node.first_child if token and token[0] == "open" else None
        if below is not None:
            open_ones.append(node)
        elif token and token[0] == "open" and token[1] not in _VOID:
            yield "close", token[1], ""
        node = below if below is not None else node.next
        while node is None and open_ones:
            parent = open_ones.pop()
            yield "close", parent.tag or "", ""
            node = parent.next if open_ones else None


def _token(node: "LexborNode") -> Token | None:
    """What a node begins with; None for what nobody sees."""
    name = node.tag or "-"
    if name == "-text":
        return "text", node.text_content or "", ""
    if name == "title":
        return "title", node.text(), ""
    attributes = _attributes(node) if name == "a" or name in HIDEABLE else ""
    if name.startswith("-") or name in VANISH or (name in HIDEABLE and hides(attributes)):
        return None
    return "open", name, attributes


def _attributes(node: "LexborNode") -> str:
    """The attributes of a tag, as they stand in one."""
    from html import escape

    return " ".join(f'{name}="{escape(value or "")}"' for name, value in node.attributes.items())
