"""The authors that stand over or beside a quotation: in its table row, its heading, the list item it is part of."""

import re

from curta.quotes.mentions import Authors, ascribed_to, mentions

_REACH = 3000  # characters looked back
_LINES = 30
_BESIDE = 400
_ITEM = re.compile(r"([ \t]*)(?:[-*+•]|\d+[.)])[ \t]+")


def author_around(text: str, start: int, end: int, authors: Authors) -> str | None:
    """The author that a row, a line above or a heading gives to the quotation `text[start:end]` (with its marks)."""
    low = max(0, start - _REACH)
    begin = max(low, text.rfind("\n", low, start) + 1)
    stop = text.find("\n", end, end + _REACH)
    before, after = text[begin:start], text[end : stop if stop >= 0 else end + _REACH]
    if before.lstrip().startswith("|"):
        return _in_row(f"{before}|{after}", authors)
    alone = re.fullmatch(r"[\s>*_`•+-]*(?:\d+[.)])?[\s*_`>]*", before)
    name = (_above if alone else _heading)(text, begin, authors)
    competing = name and mentions(before[-_BESIDE:], authors) + mentions(after[:_BESIDE], authors)
    return None if competing else name


def _in_row(row: str, authors: Authors) -> str | None:
    """The one author that has a cell of a table row for himself."""
    named = {name for cell in row.split("|") if (name := _only_name(cell, authors))}
    return named.pop() if len(named) == 1 else None


def _only_name(text: str, authors: Authors) -> str | None:
    """The author who is all that a cell, a heading or a list item says."""
    named = mentions(text[:200], authors)
    if len(named) != 1:
        return None
    rest = text[: named[0].start] + re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", text[named[0].end :])
    return named[0].name if not re.search(r"[^\W\d_]", rest.replace("u/", "")) else None


def _above(text: str, begin: int, authors: Authors) -> str | None:
    """The author of the line that introduces a quotation standing by itself: the item its list belongs to, a line
    that ends with a colon, else the heading."""
    indent = _indent(text[begin : begin + 80])
    for line in _lines_back(text, begin):
        if not line.strip() or line.lstrip().startswith(">"):
            continue
        if line.lstrip().startswith("#"):
            return _only_name(line, authors)
        if _ITEM.match(line) and _indent(line) >= indent and indent >= 0:
            continue
        if name := _only_name(line, authors):
            return name
        return ascribed_to(line[-160:], authors) if line.rstrip(" *_").endswith(":") else None
    return None


def _heading(text: str, begin: int, authors: Authors) -> str | None:
    line = next((line for line in _lines_back(text, begin) if line.lstrip().startswith("#")), "")
    return _only_name(line, authors)


def _lines_back(text: str, begin: int) -> list[str]:
    """The lines before the one that begins here, nearest first."""
    low = max(0, begin - _REACH)
    return text[low:begin].split("\n")[-2 : -_LINES - 2 : -1]


def _indent(line: str) -> int:
    """How far a list item is indented; -1 for what is none."""
    match = _ITEM.match(line)
    return len(match[1].expandtabs(4)) if match else -1
