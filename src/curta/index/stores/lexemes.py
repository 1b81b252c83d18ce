"""The words of a passage as a tsvector, cut and stemmed as the full-text tables of a file have them.

PostgreSQL's own parser and stemmers are not used: an index in PostgreSQL is to find what the same index in a file
finds. A lexeme has one position for each time it occurs, whose weight says in which column: A the title, B the text, C
parts of identifiers, D headings. Positions only count; they say nothing about order.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from operator import add
from typing import NamedTuple

from curta.errors import MissingExtra
from curta.index.lexicon import bigrams, identifiers

LABELS = {"title": "A", "body": "B", "ident": "C", "header": "D"}
_POSITIONS = [str(place) for place in range(1, 256)]
"""A tsvector keeps so many of a lexeme."""

_LONGEST_PASSAGE = 100_000  # characters; a tsvector takes a megabyte
_LONGEST = 500  # characters; PostgreSQL takes 2,046 bytes
_SHORTEST_STEMMED = 3
"""Shorter words are left as they are, as FTS5 does."""

_MOST_STEMS = 100_000


class Lexemes(NamedTuple):
    """A passage as it is searched: a tsvector in PostgreSQL's notation, and how many words it has in all columns."""

    vector: str
    size: int


def of_passage(lexicon: str, title: str, header: str, text: str) -> Lexemes:
    """A passage of a document with this title, under these headings."""
    text = text[:_LONGEST_PASSAGE]
    columns = {"title": title, "body": text, "ident": identifiers(text), "header": header}
    labels: dict[str, str] = {}
    size = 0
    for name, label in LABELS.items():
        found = of_text(lexicon, columns[name])
        size += len(found)
        for lexeme, times in Counter(found).items():
            labels[lexeme] = labels.get(lexeme, "") + label * times
    return Lexemes(" ".join([_noted(lexeme, found) for lexeme, found in labels.items()]), size)


def of_text(lexicon: str, text: str) -> list[str]:
    """The lexemes of a text, in order, as the table `lexicon` has them."""
    if lexicon == "tri":
        lower = text.replace("\0", " ").lower()
        return [lower[i : i + 3] for i in range(len(lower) - 2)]
    if lexicon == "cjk":
        return _words(bigrams(text))
    stem = stemmer()
    return [stem(word) for word in _words(text)]


def of_word(lexicon: str, word: str) -> list[str]:
    """The lexemes that a word of a question is looked for by."""
    return [word] if lexicon == "tri" else of_text(lexicon, word)


@cache
def stemmer() -> Callable[[str], str]:
    """Porter's. Raises MissingExtra."""
    try:
        import snowballstemmer
    except ImportError as error:
        raise MissingExtra(
            "An index in PostgreSQL needs the packages psycopg and snowballstemmer, which are not installed.",
            extra="postgres",
        ) from error
    porter = snowballstemmer.stemmer("porter")

    @lru_cache(maxsize=_MOST_STEMS)
    def stem(word: str) -> str:
        return porter.stemWord(word) if len(word) >= _SHORTEST_STEMMED else word

    return stem


def _words(text: str) -> list[str]:
    return [word[:_LONGEST] for word in re.findall(r"[^\W_]+", _without_marks(text.lower()))]


def _without_marks(text: str) -> str:
    """`é` as `e`, as FTS5's tokenizer has it; composed again, because Hangul comes apart as well."""
    if text.isascii():
        return text
    apart = (char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", "".join(apart))


def quoted(lexeme: str) -> str:
    """As it stands in a tsvector or a tsquery, where nothing in it has a meaning."""
    if lexeme.isalnum():
        return f"'{lexeme}'"
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def numbers(vector: Iterable[float]) -> str:
    """As pgvector reads a vector, and JSON: five digits tell 16-bit floats apart."""
    return f"[{','.join([f'{value:.5g}' for value in vector])}]"


def _noted(lexeme: str, labels: str) -> str:
    """With a position for each of its labels, as far as a tsvector keeps them."""
    return f"{quoted(lexeme)}:{','.join(map(add, _POSITIONS, labels))}"
