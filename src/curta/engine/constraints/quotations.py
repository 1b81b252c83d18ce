"""Answers that cannot misquote: what stands between quotation marks, or in the quote fields of JSON, is the Documents'.

Claims stay free. Beside each quotation stands who wrote it, or the number of the Document, and that is right too. What
this does not give: a quotation that is relevant, or that shows what is claimed beside it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from curta.engine.constraints.quotable import BETWEEN, LEAST, MOST, Passage, Stretches, is_cut_anywhere
from curta.messages import JSON
from curta.schemas.quote_fields import AUTHOR_FIELDS, PASSAGE_FIELDS, folded, is_quote_field

Way: TypeAlias = Literal["sentences", "words", "only"]
WAYS: tuple[Way, ...] = ("sentences", "words", "only")
"""Whole sentences; any run of words; nothing but sentences, or that there are none."""

NOT_FOUND = "Not found in the documents."
LONGEST_NAME = 100
"""Characters of an author's name; nobody is named by more."""
MOST_ALONE = 5
"""Quotations of an answer that is nothing else."""

_MARKS = '"＂“”„‟«»「」『』‘'
_PAIRS = ('""', "“”", "«»")
_FREE = f"[^{_MARKS}>`]"
"""A character of a claim: no mark that opens a quotation, none of a quoted line."""
_BEFORE = rf"(?:{_FREE}*[ \n(])?"
_BETWEEN = rf"[.,;:)!?]?[ \n](?:{_FREE}*[ \n(])?"
_AFTER = rf"(?:[.,;:)!?\n ]{_FREE}*)?"
"""What stands around quotations: no word touches a mark, or it would be no quotation to a reader either."""


def grammar(stretches: Stretches, way: Way, end: int | None = None) -> str:
    """A grammar of prose in which every quotation is of `stretches`: `"words" — author`, or `"words" [2]`.

    end: the token with which the model ends a turn. Of several such tokens that a vocabulary may have, the engine lets
    an answer under a grammar end with one of its own choice, and a model that knows another would never stop.
    """
    rules = list(_rules(stretches, way))
    named = [f"QUOTATION: {' | '.join(f'P{n}' for n in range(len(rules)))}"] if rules else []
    start = f"start: ANSWER{f' <[{end}]>?' if end is not None and way != 'only' else ''}"
    return "\n".join(["%llguidance {}", start, _answer(way, bool(rules)), *named, *rules])


def _answer(way: Way, any_quotable: bool) -> str:
    """The whole answer as one terminal: what is free and what is quoted cannot be taken for each other."""
    if way == "only":
        more = f'QUOTATION ("\\n" QUOTATION){{0,{MOST_ALONE - 1}}} | ' if any_quotable else ""
        return f"ANSWER: {more}{json.dumps(NOT_FOUND)}"
    quoting = f"/{_BEFORE}/ QUOTATION (/{_BETWEEN}/ QUOTATION)* /{_AFTER}/ | " if any_quotable else ""
    return f"ANSWER: {quoting}/{_FREE}+/"


def _rules(stretches: Stretches, way: Way) -> Iterator[str]:
    """A terminal for each passage: a quotation with what follows it."""
    several = len({passage.number for passage in stretches}) > 1
    n = 0
    for passage, texts in stretches.items():
        after = _after(passage, several)
        if way == "words":
            yield f'P{n}: "\\"" Q{n} {json.dumps(chr(34) + after, ensure_ascii=False)}\n{_run_of_words(n, texts)}'
        elif marked := [words for words in map(_marked, texts) if words]:
            yield f"P{n}: {' | '.join(json.dumps(each + after, ensure_ascii=False) for each in marked)}"
        else:
            continue
        n += 1


def _after(passage: Passage, several: bool) -> str:
    author = " ".join((passage.author or "").split())
    if 0 < len(author) <= LONGEST_NAME and author.isprintable() and not set(author) & set(_MARKS):
        return f" — {author}"
    return f" [{passage.number}]" if several else ""


def _marked(words: str) -> str | None:
    """The words between marks that they do not hold themselves; None where they hold all."""
    return next((f"{pair[0]}{words}{pair[1]}" for pair in _PAIRS if not set(pair) & set(words)), None)


def _run_of_words(n: int, texts: tuple[str, ...]) -> str:
    """Cut at white space; anywhere, where there is none."""
    text = BETWEEN.join(texts)
    how = {"substring_chars": text} if is_cut_anywhere(text) else {"substring_chunks": re.findall(r"[^ ]+| ", text)}
    inside = f'[^\\x00"]{{{LEAST - 2},{MOST - 2}}}'
    return f'Q{n}: /[^\\x00" ]{inside}[^\\x00" ]/ & S{n}\nS{n}: %regex {json.dumps(how)}'


# JSON


def in_schema(schema: Mapping[str, JSON], stretches: Stretches) -> dict[str, JSON]:
    """`schema` with its quote fields (`quote`, `excerpt`, `evidence` ...) held to `stretches`.

    An author or a passage beside a quotation is its own; other texts hold no marks that would open a quotation. Inside
    of a quotation, straight marks are written “so”: escaped ones the engine does not keep to (see `json_values`).
    """
    stretches = _in_json(stretches)
    written: dict[str, JSON] = _quoting(schema, stretches)
    return written


def _in_json(stretches: Stretches) -> Stretches:
    """What can be quoted in JSON without an escape."""
    return {
        passage: kept
        for passage, texts in stretches.items()
        if (kept := tuple(_curled(text) for text in texts if "\\" not in text))
    }


def _curled(text: str) -> str:
    """Straight marks by turns as opening and closing ones."""
    first, *others = text.split('"')
    return first + "".join(f"{'“”'[n % 2]}{part}" for n, part in enumerate(others))


def _quoting(schema: Any, stretches: Stretches) -> Any:
    """The schema, and all schemas inside it."""
    if isinstance(schema, list):
        return [_quoting(each, stretches) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "properties" not in schema:
        return _without_marks({name: _quoting(inner, stretches) for name, inner in schema.items()})
    properties = {name: _quoting(inner, stretches) for name, inner in schema["properties"].items()}
    whole = {name: inner if name == "properties" else _quoting(inner, stretches) for name, inner in schema.items()}
    return _object({**whole, "properties": properties}, stretches)


def _object(schema: dict[str, JSON], stretches: Stretches) -> dict[str, JSON]:
    properties = schema["properties"]
    quoting = [name for name, inner in properties.items() if is_quote_field(folded(name)) and _holds_text(inner)]
    beside = {name for name, inner in properties.items() if _is_of_passage(folded(name), inner)}
    if not quoting:
        return schema
    if not beside or not stretches:
        every = tuple(dict.fromkeys(text for texts in stretches.values() for text in texts))
        return {**schema, "properties": {**properties, **_held(properties, quoting, every)}}
    alternatives = [
        {**properties, **_held(properties, quoting, texts), **_own(properties, beside, passage)}
        for passage, texts in stretches.items()
    ]
    return {"anyOf": [{**schema, "properties": each} for each in alternatives]}


def _held(properties: Mapping[str, JSON], quoting: list[str], texts: tuple[str, ...]) -> dict[str, JSON]:
    """The quote fields with the texts they may have; without any, they are empty."""
    words = {"enum": list(texts) or [""]}
    return {name: {**properties[name], "items": words} if _is_list(properties[name]) else words for name in quoting}


def _own(properties: Mapping[str, JSON], beside: set[str], passage: Passage) -> dict[str, JSON]:
    """What stands beside a quotation of `passage`."""
    numbers = {name: {"const": passage.number} for name in beside if folded(name) in PASSAGE_FIELDS}
    authors = {name: {"const": passage.author or ""} for name in beside if folded(name) in AUTHOR_FIELDS}
    return {**numbers, **authors}


def _is_of_passage(name: str, schema: JSON) -> bool:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return (name in PASSAGE_FIELDS and kind == "integer") or (name in AUTHOR_FIELDS and kind == "string")


def _holds_text(schema: JSON) -> bool:
    told = schema.get("items", {}) if _is_list(schema) else schema
    return isinstance(told, Mapping) and told.get("type") == "string"


def _is_list(schema: JSON) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "array"


def _without_marks(schema: dict[str, JSON]) -> dict[str, JSON]:
    """A free text without marks that open a quotation."""
    told = schema.keys() & {"enum", "const", "pattern", "format"}
    return {**schema, "pattern": f"^[^{_MARKS}]*$"} if schema.get("type") == "string" and not told else schema


# Checking that it was so


def misquoted(answer: str, stretches: Stretches, way: Way) -> str | None:
    """The first quotation of a finished answer that is not of `stretches`; None when all are."""
    texts = [text for some in stretches.values() for text in some]
    allowed = {*texts, *map(_curled, texts)}
    quoted = _quoted(answer)
    if way == "words":
        return next((words for words in quoted if not any(words in text for text in allowed)), None)
    return next((words for words in quoted if words not in allowed), None)


def _quoted(answer: str) -> Iterator[str]:
    """What an answer of the grammar quotes: between marks, or in the quote fields of JSON. A mark that is not closed
    quotes all that follows."""
    try:
        value = json.loads(answer)
    except ValueError:
        yield from (next(filter(None, match), "") for match in re.findall('"([^"]*)"?|“([^”]*)”?|«([^»]*)»?', answer))
        return
    yield from _of_fields(value, quoting=False)


def _of_fields(value: JSON, quoting: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _of_fields(inner, is_quote_field(folded(name)))
    elif isinstance(value, list):
        for inner in value:
            yield from _of_fields(inner, quoting)
    elif quoting and isinstance(value, str) and value:
        yield value
