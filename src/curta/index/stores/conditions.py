"""Filters, written for a file (`metadata->>'year' > 2000 AND title LIKE '%plan%'`), as PostgreSQL has them.

PostgreSQL has no authorizer that would let a condition see one table and nothing else. So a filter is read word by
word, and only what compares the columns of a document is let through: no subqueries, no other functions. Where both
databases differ, it means what it means for a file: `LIKE` takes no notice of case, and a value of the metadata that is
compared with a number is a number.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from curta.errors import UsageError
from curta.index.filters import COLUMNS, EXAMPLE

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>->>|->|<=|>=|<>|!=|==|\|\||[=<>()+*/%,-])|(?P<other>.)",
    re.DOTALL,
)
_WORDS = frozenset("and or not in is null like between true false escape".split())
_FUNCTIONS = frozenset("lower upper length substr coalesce abs round trim".split())
_KNOWN = _WORDS | _FUNCTIONS | frozenset(COLUMNS)
_BEFORE_NUMBER = frozenset("< > <= >= = == <> != + - * / % not in between (".split())
_SPELT = {"like": "ILIKE", "==": "=", "%": "%%"}

Token: TypeAlias = tuple[str, str]
"""Its kind, a group of `_TOKEN`, and its text."""


def condition(filter: str) -> str:
    """The condition in PostgreSQL's SQL, ready for psycopg. Raises UsageError for what may not stand in one."""
    tokens, spelt, place = list(_tokens(filter)), list[str](), 0
    if not tokens:
        raise UsageError("The filter is empty.", then=EXAMPLE)
    while place < len(tokens):
        end = _end_of_path(tokens, place)
        path, place = tokens[place:end], end
        beside_number = _leads_to_number(tokens[end:]) or _leads_to_number(tokens[: place - len(path)][::-1])
        spelt.append(_numeric(path) if len(path) > 1 and beside_number else " ".join(map(_spelt, path)))
    return " ".join(spelt)


def _tokens(filter: str) -> Iterator[Token]:
    depth = 0
    for match in _TOKEN.finditer(filter):
        kind, text = str(match.lastgroup), match.group()
        known = text.lower() in _KNOWN if kind == "word" else kind != "other"
        depth += {"(": 1, ")": -1}.get(text, 0)
        if not known or depth < 0:
            raise UsageError(
                f"The filter cannot be used in PostgreSQL: {text!r} may not stand in it.",
                why="There it compares the columns of documents with values, and nothing else.",
                then=EXAMPLE,
            )
        if kind != "space":
            yield kind, text


def _end_of_path(tokens: Sequence[Token], place: int) -> int:
    """Where what begins at `place` ends: after the keys, for the metadata; after one token for everything else."""
    end = place + 1
    while tokens[place][1].lower() == "metadata" and end + 1 < len(tokens) and tokens[end][1] in ("->", "->>"):
        end += 2
    return end


def _leads_to_number(tokens: Iterable[Token]) -> bool:
    """Whether the first of `tokens` that is no sign of a comparison is a number."""
    first = next((token for token in tokens if token[1].lower() not in _BEFORE_NUMBER), None)
    return first is not None and first[0] == "number"


def _numeric(path: Sequence[Token]) -> str:
    """A value of the metadata as a number; NULL when it is none."""
    value = " ".join(map(_spelt, path))
    kind = " ".join(map(_spelt, [*path[:-2], ("sign", "->"), path[-1]]))
    return f"(CASE jsonb_typeof({kind}) WHEN 'number' THEN ({value})::numeric END)"


def _spelt(token: Token) -> str:
    kind, text = token
    return text.replace("%", "%%") if kind == "text" else _SPELT.get(text.lower(), text)
