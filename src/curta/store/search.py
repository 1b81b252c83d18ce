"""What people type to search with, as a query no input can break.

`word` must occur, `word*` as a beginning, `"two words"` as a phrase, `-word` must not. Case and accents do not count.
A word in a script that puts no spaces between words (Chinese, Japanese, Thai, ...) is looked for as a piece of text,
because the index knows such words only as parts of whole runs.
"""

import re
from typing import NamedTuple

from curta.errors import UsageError
from curta.messages import well_formed

_TERM = r'(-?)(?:"([^"]*)"?|(\S+))'
_SCRIPTS_WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)


class Query(NamedTuple):
    """match: an FTS5 expression, or None. pieces: texts that must (True) or must not (False) occur as they stand."""

    match: str | None
    pieces: tuple[tuple[str, bool], ...]


def parse(text: str) -> Query:
    """Raises UsageError when nothing is asked for that must occur."""
    wanted: list[str] = []
    unwanted: list[str] = []
    pieces: list[tuple[str, bool]] = []
    for minus, phrase, word in re.findall(_TERM, well_formed(text)):
        term = phrase or word
        if not re.search(r"\w", term):
            continue
        if re.search(f"[{_SCRIPTS_WITHOUT_SPACES}]", term):
            pieces.append((term, not minus))
        else:
            (unwanted if minus else wanted).append(_quoted(term, prefix=not phrase and term.endswith("*")))
    if not wanted and not any(must for _, must in pieces):
        raise UsageError("A search needs at least one word to find.", then="For example: curta logs -q 'word -other'")
    if not wanted:
        return Query(None, (*pieces, *((term.strip('"*'), False) for term in unwanted)))
    return Query(" AND ".join(wanted) + "".join(f" NOT {term}" for term in unwanted), tuple(pieces))


def _quoted(term: str, prefix: bool) -> str:
    """A term as an FTS5 string, in which nothing has a meaning."""
    cleaned = term.replace('"', " ").replace("\0", " ")
    return f'"{cleaned}"' + (" *" if prefix else "")
