"""Emphasis, code and links within a line of Markdown, decided as soon as they can be.

Plain words pass at once. A mark that may open something waits for what closes it, for the end of the line, or for a
window to fill, whichever comes first; then it is a style, or the character it is. A decision looks at nothing beyond
that window and is never taken back, so it is the same however the text arrives.

Two departures from CommonMark (https://spec.commonmark.org), for the sake of what models write: underscores are
characters (`__init__`), and so is a single `*` within a word (`2*3*4`).
"""

import re
from typing import NamedTuple

BOLD, FAINT, ITALIC, UNDERLINED, STRUCK, ACCENT = "1", "2", "3", "4", "9", "36"

_EMPHASIS = {"*": {1: ITALIC, 2: BOLD, 3: f"{BOLD};{ITALIC}"}, "~": {2: STRUCK}}
_CLOSES_ALL = {"*": (3,), "~": ()}
_WINDOW = {"*": 300, "~": 300, "`": 300, "[": 2000, "!": 2000}
_DEEPEST = 8
_ESCAPABLE = "\\`*_~#|<>.-+!"

_PLAIN = re.compile(r"[^\\`*~\[!\n]+")
_CLOSING = {"*": re.compile(r"(?<=[^\s*])\*"), "~": re.compile(r"(?<=[^\s~])~")}
_STOP = re.compile(r"[\\`*~]")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_LABEL = r"(?:[^\[\]\\]|\\.)*"
_LINK = re.compile(rf"(!?)\[({_LABEL})\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))*)>?(?:\s+\"[^\"]*\"|\s+'[^']*')?\s*\)")
_HALF_LINK = re.compile(
    r"!?(?:\[(?:[^\[\]\\]|\\.)*\\?(?:\](?:\(\s*<?(?:[^\s()<>]|\([^\s()]*\)?)*>?(?:\s+(?:\"[^\"]*\"?|'[^']*'?)?\s*)?)?)?)?"
)


class Run(NamedTuple):
    """A text, and the parameters of its SGR escape sequence ("1;3"); empty for none."""

    text: str
    style: str


class Found(NamedTuple):
    """What a mark turned out to be, and where the text goes on."""

    runs: list[Run]
    end: int


def spans(text: str, style: str = "", *, before: str = "", ended: bool = True, depth: int = 0) -> Found:
    """As much of a line as is decided. The rest, from `end` on, has to come again with what follows it.

    style: what all of it is set in. before: the character before it. ended: whether the line ends with it.
    """
    runs: list[Run] = []
    at = 0
    while at < len(text):
        found = _next(text, at, style, text[at - 1] if at else before, ended, depth)
        if found is None:
            break
        runs += found.runs
        at = found.end
    return Found(runs, at)


def styled(style: str, more: str) -> str:
    """`more` added to `style`."""
    return f"{style};{more}" if style else more


def _next(text: str, at: int, style: str, before: str, ended: bool, depth: int) -> Found | None:
    """What stands at `at`; None when that is not decided yet."""
    if plain := _PLAIN.match(text, at):
        return Found([Run(plain.group(), style)], plain.end())
    mark = text[at]
    if mark == "\\":
        return _escape(text, at, style, ended)
    window = text[at : at + _WINDOW[mark]]
    whole = ended or len(window) == _WINDOW[mark]
    if depth >= _DEEPEST:
        return Found([Run(mark, style)], at + 1)
    if mark == "`":
        found = _code(window, style, whole)
    elif mark in _EMPHASIS:
        found = _emphasis(window, style, before, whole, depth)
    else:
        found = _link(window, style, whole, depth)
    return found and Found(found.runs, at + found.end)


def _escape(text: str, at: int, style: str, ended: bool) -> Found | None:
    following = text[at + 1 : at + 2]
    if not following and not ended:
        return None
    if following and following in _ESCAPABLE:
        return Found([Run(following, style)], at + 2)
    return Found([Run("\\", style)], at + 1)


def _code(window: str, style: str, whole: bool) -> Found | None:
    match = _CODE.match(window)
    if match and (whole or match.end() < len(window)):
        inside = match[2]
        if inside.strip() and inside[0] == inside[-1] == " ":
            inside = inside[1:-1]
        return Found([Run(inside, styled(style, ACCENT))], match.end())
    if not whole:
        return None
    length = _run_length(window)
    return Found([Run(window[:length], style)], length)


def _emphasis(window: str, style: str, before: str, whole: bool, depth: int) -> Found | None:
    length, mark = _run_length(window), window[0]
    if length == len(window) and not whole:
        return None
    more = _EMPHASIS[mark].get(length)
    literal = Found([Run(window[:length], style)], length)
    if (
        more is None
        or window[length : length + 1].strip() == ""
        or (length == 1 and before.isascii() and _word(before))
    ):
        return literal
    end = _closed(window, length, mark, whole)
    if end is None:
        return None
    if end < 0:
        return literal
    inside = spans(window[length : end - length], styled(style, more), before=mark, depth=depth + 1)
    return Found(inside.runs, end)


def _closed(window: str, length: int, mark: str, whole: bool) -> int | None:
    """Where the emphasis that opens with `length` marks ends; -1 when nothing closes it, None when that may yet come.

    What stands in a code span closes nothing. Of a longer run the last marks close: `**bold *both***`.
    """
    if not _CLOSING[mark].search(window, length):
        return -1 if whole else None
    at = length
    while stop := _STOP.search(window, at):
        at, character = stop.start(), stop.group()
        run = _run_length(window, at)
        if character == "\\":
            at += 2
        elif character == "`":
            code = _CODE.match(window, at)
            if code is None and not whole:
                return None
            at = code.end() if code else at + run
        elif character == mark and at + run == len(window) and not whole:
            return None
        elif character == mark and run in (length, *_CLOSES_ALL[mark]) and not window[at - 1].isspace():
            return at + run
        else:
            at += run
    return -1 if whole else None


def _link(window: str, style: str, whole: bool, depth: int) -> Found | None:
    """The label and, always, the target: a link that hides where it leads can mislead."""
    match = _LINK.match(window)
    if match is None:
        if not whole and _HALF_LINK.fullmatch(window):
            return None
        return Found([Run(window[0], style)], 1)
    image, label, target = match.groups()
    runs = [Run("image: ", styled(style, FAINT))] if image else []
    if label and label != target:
        runs += spans(label, styled(style, UNDERLINED), depth=depth + 1).runs
        runs.append(Run(f" ({target})", styled(style, FAINT)))
    else:
        runs.append(Run(target, styled(style, UNDERLINED)))
    return Found(runs, match.end())


def _run_length(text: str, at: int = 0) -> int:
    """How often the character at `at` is repeated there."""
    rest = text[at:]
    return len(rest) - len(rest.lstrip(rest[0]))


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"
