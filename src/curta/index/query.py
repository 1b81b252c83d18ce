"""What people ask for, as an FTS5 expression that no input can break.

By default every character is text: the words of a question are looked for, any of them, the more and the rarer the
better. With operators, `"two words"` must stand as a phrase, `-word` must not occur, and `title:word` must stand in the
title.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from curta.index.lexicon import bigrams, is_wide
from curta.messages import well_formed

MOST_WORDS = 128
MOST_TRIGRAMS = 32
"""The rarest ones are kept: within .001 to .004 nDCG of all, at half the time (measured on German, Arabic, English)."""

STOP_WORDS = frozenset(
    "a about an and are as at be been but by can could did do does for from had has have how i if in into is it its "
    "may me more most my no not of on or our s should so some such t than that the their them then there these they "
    "this those to was we were what when where which who whom whose why will with would you your".split()
)
"""Not looked for. The list that the recipe was measured with: a longer one, as for summaries, finds no better."""

_LONGEST = 2_000  # trigrams of a longer query are not looked at
_TERM = re.compile(r'(?<!\S)(?P<minus>-)?(?:(?P<field>title|header):)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')


class Query(NamedTuple):
    """words: looked for, any of them. needed: must stand as they are, with a field or ''. unwanted: must not."""

    words: str
    needed: tuple[tuple[str, str], ...] = ()
    unwanted: tuple[str, ...] = ()


def parse(text: str, operators: bool) -> Query:
    """operators: whether quotation marks, `-` and `title:` mean something, as in what a person types."""
    text = well_formed(text).replace("\0", " ")
    if not operators or not re.search(r'["-]|title:|header:', text):
        return Query(text)
    plain: list[str] = []
    needed: list[tuple[str, str]] = []
    unwanted: list[str] = []
    for match in _TERM.finditer(text):
        term = match["phrase"] if match["phrase"] is not None else match["word"]
        if not re.search(r"\w", term):
            continue
        if match["minus"]:
            unwanted.append(term)
            continue
        if match["phrase"] is not None or match["field"]:
            needed.append((match["field"] or "", term))
        plain.append(term)
    return Query(" ".join(plain), tuple(needed), tuple(unwanted)) if plain or unwanted else Query(text)


class Found(NamedTuple):
    """What of a question is looked for in a table: words without stop words, the rarest trigrams, or pairs.

    counts: of trigrams, in how many chunks each is, and a 0 for each that is in none.
    """

    terms: list[str]
    counts: list[int] | None = None


def found(db: sqlite3.Connection, lexicon: str, words: str) -> Found:
    """What of `words` is looked for in one of the full-text tables."""
    terms = sought(lexicon, words)
    return _rarest(db, terms) if lexicon == "tri" else Found(terms)


def expression(lexicon: str, query: Query, terms: Sequence[str]) -> str:
    """The FTS5 expression for any of `terms`, and what `query` demands beside."""
    parts = [f"({_any(lexicon, terms)})", *(_needed(lexicon, field, term) for field, term in query.needed)]
    return " AND ".join(parts) + "".join(f" NOT {quoted(_prepared(lexicon, term))}" for term in query.unwanted)


def sought(lexicon: str, words: str) -> list[str]:
    """What of `words` could be looked for in a table, all trigrams included."""
    if lexicon == "tri":
        return _trigrams(words[:_LONGEST])
    if lexicon == "cjk":
        return _words(bigrams(words), frozenset())
    return _words(words, STOP_WORDS)


def plain_words(text: str) -> list[str]:
    """The words of a query that carry a topic, in lower case, each once: what a face may show as found."""
    return _words(text, STOP_WORDS)


def _words(text: str, stop: frozenset[str]) -> list[str]:
    words = dict.fromkeys(re.findall(r"\w+", text.lower()))
    return [word for word in words if word not in stop][:MOST_WORDS] or list(words)[:MOST_WORDS]


def _trigrams(text: str) -> list[str]:
    text = re.sub(r"\s+", " ", text.lower()).strip()
    return list(dict.fromkeys(text[i : i + 3] for i in range(len(text) - 2)))


def _rarest(db: sqlite3.Connection, trigrams: Sequence[str]) -> Found:
    """Those that occur, the rarest first: few postings, most information."""
    counting = "SELECT doc, term FROM words_tri WHERE term IN (SELECT value FROM json_each(?))"
    counted = db.execute(counting, (json.dumps(trigrams),)).fetchall()
    rarest = sorted(counted)[:MOST_TRIGRAMS]
    absent = [0] * (len(trigrams) - len(counted))
    return Found([term for _, term in rarest], [count for count, _ in rarest] + absent)


def _needed(lexicon: str, field: str, term: str) -> str:
    column = f"{field} : " if field else ""
    return column + quoted(_prepared(lexicon, term))


def _prepared(lexicon: str, term: str) -> str:
    return bigrams(term).strip() if lexicon == "cjk" else term


def _any(lexicon: str, found: Iterable[str]) -> str:
    """Any of the terms. A lone character is looked for as the first of a pair, where there are pairs."""
    return " OR ".join(quoted(term) + (" *" if lexicon == "cjk" and is_wide(term) else "") for term in found)


def quoted(term: str) -> str:
    """A term as an FTS5 string, in which nothing has a meaning."""
    return '"' + term.replace('"', '""') + '"'
