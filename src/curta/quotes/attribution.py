"""Who an answer says wrote a quotation.

A name right after the quotation behind a long dash is a claim, whoever it names. Everything else (`- name`, `(name)`,
`name:`, `name wrote`) is one only when it names an author of the sources, because lists and labels look the same.
`@name` is always one.
"""

import re
from collections.abc import Set

from curta.quotes.languages import words
from curta.quotes.source import fold_author

_REACH = 80
_SAID = words(
    "said says say wrote writes write argues argued notes noted asks asked replied replies adds added thinks "
    "thought explains explained commented comments points put puts calls called reports reported recalls recalled "
    "claims claimed schreibt sagte sagt meint écrit dit dice escribe scrive schreef zegt пишет написал сказал"
)


def claimed(text: str, start: int, end: int, authors: Set[str]) -> str | None:
    """The author claimed for the quotation `text[start:end]` (with its marks); None when none is.

    authors: the folded names of those who wrote the sources.
    """
    after = _line_after(text, end)
    return _after_dash(after, text, end, authors) or _beside(text, start, after, authors)


def _line_after(text: str, end: int) -> str:
    line = text[end : end + _REACH].split("\n", 1)[0]
    return line.lstrip('*_`"”»)].,;!? ')[:_REACH] if line.strip() else ""


def _after_dash(after: str, text: str, end: int, authors: Set[str]) -> str | None:
    """`— name` on the same line or alone on the next."""
    if match := re.match(r"(?:[—–―]|--)\s*(.+)", after):
        return _name(match[1], authors)
    if match := re.match(
        r"[*_`\"”»)\].]*[ \t]*\n[ \t>]*\n?[ \t>]*(?:[—–―]|--)[ \t]*([^\n]+)", text[end : end + 2 * _REACH]
    ):
        return _name(match[1], authors)
    if match := re.match(r"[-~]\s*(.+)", after):
        return _known_at(match[1], authors)
    return None


def _name(text: str, authors: Set[str]) -> str | None:
    """The name that follows a long dash: an author's, or whatever stands alone there and reads like a name."""
    if known := _known_at(text, authors):
        return known
    return _alone(text)


def _alone(text: str) -> str | None:
    match = re.match(r"[*_`\[(]*(@?[^\W\d_](?:[\w.'’-]*\w)?(?: [\w.'’-]*\w\.?){0,3})[*_`\])]*(?=[\s,.;:)|\]]|$)", text)
    if not match:
        return None
    name, rest = match[1], text[match.end() :].lstrip()
    alone = not rest or rest[0] in ",.;:)|([]"
    words = name.split()
    return name if alone and (len(words) == 1 or all(_capital(word) for word in (words[0], words[-1]))) else None


def _capital(word: str) -> bool:
    return word[0] == word[0].upper() or not word.isascii()


def _beside(text: str, start: int, after: str, authors: Set[str]) -> str | None:
    """`(name)`, `@name`, `name wrote` after the quotation; `name:`, `@name`, `name wrote` before it."""
    if match := re.match(r"[(\[](.+)", after):
        return _known_at(match[1], authors)
    if match := re.match(r"@([\w.-]*\w)", after):
        return match[1]
    if known := _said_after(after, authors):
        return known
    before = text[max(0, start - _REACH) : start].rpartition("\n")[2]
    return _before(before, authors)


def _said_after(after: str, authors: Set[str]) -> str | None:
    words = after.split()
    if len(words) > 1 and words[0].casefold() in _SAID:
        return _known_at(after.split(None, 1)[1], authors)
    known = _known_at(after, authors)
    rest = after[len(known) :].split() if known and after.startswith(known) else []
    return known if rest and rest[0].strip(",.;:").casefold() in _SAID else None


def _before(before: str, authors: Set[str]) -> str | None:
    before = before.rstrip("*_`> ")
    if match := re.search(r"(?:^|\W)@([\w.-]*\w)[*_` ]*:?$", before):
        return match[1]
    label = before.endswith(":")
    before = before.rstrip(":,*_`) ")
    if known := _known_before(before, authors) if label else None:
        return known
    rest, _, said = before.rpartition(" ")
    return _known_before(rest.rstrip("*_`"), authors) if said.casefold() in _SAID else None


def _known_at(text: str, authors: Set[str]) -> str | None:
    """The longest author's name at the beginning of `text`, as it is written there."""
    text = text.lstrip("*_`[( ").removeprefix("@")
    ends = [match.end() for match in re.finditer(r"[^\s,;:()\[\]*|\"“”]+", text[:_REACH])][:6]
    for end in reversed(ends):
        for name in (text[:end], text[:end].rstrip(".'’_`")):
            if fold_author(name) in authors:
                return name
    return None


def _known_before(text: str, authors: Set[str]) -> str | None:
    """The longest author's name at the end of `text`."""
    starts = [match.start() for match in re.finditer(r"[^\s,;:()\[\]*|\"“”]+", text)][-6:]
    for start in starts:
        name = text[start:].lstrip("_`@")
        if fold_author(name) in authors:
            return name
    return None


def is_signature(line: str) -> bool:
    """Whether a quoted line only names who wrote the lines above it."""
    match = re.match(r"[*_]*(?:[—–―]|--)[ \t]*(.+)", line)
    return bool(match and _alone(match[1]))


def signature_start(quoted: str) -> int:
    """Where the `— name` at the end of a quoted line begins; the end of the line when there is none."""
    last = None
    for match in re.finditer(r"[ \t]+(?:[—–―]|--)[ \t]*", quoted):
        last = match
    if (
        last
        and "\n" not in quoted[last.start() :]
        and (name := _alone(quoted[last.end() :]))
        and _is_end(quoted, last.end(), name)
    ):
        return last.start()
    return len(quoted)


def _is_end(quoted: str, start: int, name: str) -> bool:
    return len(quoted[start:].strip("*_`[]() .")) == len(name.strip("."))
