"""Who an answer says wrote a quotation.

A name right after the quotation behind a long dash is a claim, whoever it names, and so is `@name`. Everything else is
one only when it names an author of the sources: in brackets behind the quotation, in the clause around it (`mentions`),
or in the row, list item or heading it belongs to (`surroundings`).
"""

import re

from curta.quotes.mentions import Authors, ascribed_after, ascribed_to, name_at
from curta.quotes.surroundings import author_around

_REACH = 80


def claimed(text: str, start: int, end: int, authors: Authors) -> str | None:
    """The author claimed for the quotation `text[start:end]` (with its marks); None when none is."""
    after = _line_after(text, end)
    return _after_dash(after, text, end, authors) or _beside(text, start, end, after, authors)


def _line_after(text: str, end: int) -> str:
    line = text[end : end + _REACH].split("\n", 1)[0]
    return line.lstrip('*_`"”»)].,;!? ')[:_REACH] if line.strip() else ""


def _after_dash(after: str, text: str, end: int, authors: Authors) -> str | None:
    """`— name` on the same line or alone on the next."""
    if match := re.match(r"(?:[—–―]|--)\s*(.+)", after):
        return _name(match[1], authors)
    if match := re.match(
        r"[*_`\"”»)\].]*[ \t]*\n[ \t>]*\n?[ \t>]*(?:[—–―]|--)[ \t]*([^\n]+)", text[end : end + 2 * _REACH]
    ):
        return _name(match[1], authors)
    if match := re.match(r"[-~]\s*(.+)", after):
        return name_at(match[1], authors)
    return None


def _name(text: str, authors: Authors) -> str | None:
    """The name that follows a long dash: an author's, or whatever stands alone there and reads like a name."""
    if known := name_at(text, authors):
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


def _beside(text: str, start: int, end: int, after: str, authors: Authors) -> str | None:
    """`(name)`, `@name` after the quotation, `@name` before it; else who the clauses before and after it say it is by,
    when they agree; else what stands over it."""
    if known := name_at(after[1:], authors) if after[:1] in ("(", "[") else None:
        return known
    if match := re.match(r"@([\w.-]*\w)", after):
        return match[1]
    clause = _clause_before(text, start)
    if match := re.search(r"(?:^|\W)@([\w.-]*\w)[*_` ]*:?$", clause.rstrip("*_`> ")):
        return match[1]
    if not authors.names:
        return None
    said = dict.fromkeys(name for name in (ascribed_to(clause, authors), ascribed_after(after, authors)) if name)
    if len({name.casefold() for name in said}) > 1:
        return None
    return next(iter(said), None) or author_around(text, start, end, authors)


def _clause_before(text: str, start: int) -> str:
    """The words of the same line that lead to a quotation: since the last sentence, quotation or semicolon."""
    line = text[max(0, start - 2 * _REACH) : start].rpartition("\n")[2]
    return re.split(r"[”“\"»«„;]|[.!?][)\]]?\s", line.rstrip("*_`> "))[-1] + (" " if line.endswith(" ") else "")


def label(quoted: str, authors: Authors) -> tuple[str, int] | None:
    """The author whom a quoted line begins with (`**ann**: ...`) and how many characters that takes."""
    match = re.match(r"[*_]*@?[^\s:*][^:\n*]{0,60}[*_]*:[*_]*\s+(?=\S)", quoted)
    if match is None or not (name := name_at(match[0], authors)):
        return None
    return (name, match.end()) if not match[0].strip(" @*_:\n\t").removeprefix(name) else None


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
