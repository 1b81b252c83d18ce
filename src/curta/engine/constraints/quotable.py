"""What of Documents can be quoted: whole sentences, or any run of words, each with its passage and its author."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from curta.messages import Document
from curta.text.sentences import sentences

FEWEST_WORDS = 4
"""Of a sentence; `ask` takes no shorter quotation for proof."""
LEAST, MOST = 20, 300
"""Characters of a quotation that is a run of words."""
BETWEEN = "\x00"
"""Stands between stretches that nobody wrote in one piece; no quotation holds it."""
LONGEST_WORD = 60
"""Characters; text with longer ones is of a script without spaces, or no prose, and may be cut anywhere."""


class Passage(NamedTuple):
    """What one author wrote in one Document. number: the Document's, from 1. author: None where nobody is named."""

    number: int
    author: str | None


Stretches = Mapping[Passage, tuple[str, ...]]
"""What can be quoted of each passage, in order, each text once. White space is single spaces."""


def whole_sentences(documents: Iterable[tuple[int, Document]]) -> Stretches:
    """The sentences, table rows, headings and lines of code of at least FEWEST_WORDS. Each Document has its number."""
    return _gathered(
        (passage, " ".join(document.text[first:last].split()))
        for passage, document, start, end in _written(documents)
        for first, last in sentences(document.text, start, end)
        if _is_long_enough(document.text[first:last])
    )


def running_text(documents: Iterable[tuple[int, Document]]) -> Stretches:
    """All that was written in one piece, of which any run of words may be quoted."""
    pieces = (
        (passage, " ".join(document.text[start:end].replace(BETWEEN, " ").split()))
        for passage, document, start, end in _written(documents)
    )
    return _gathered((passage, text) for passage, text in pieces if len(text) >= LEAST)


def _written(documents: Iterable[tuple[int, Document]]) -> Iterator[tuple[Passage, Document, int, int]]:
    """Who wrote what: the spans of a Document and the text around them."""
    for number, document in documents:
        position = 0
        for span in document.spans:
            yield Passage(number, None), document, position, span.start
            yield Passage(number, span.author), document, span.start, span.end
            position = span.end
        yield Passage(number, None), document, position, len(document.text)


@cache
def _marks() -> re.Pattern[str]:
    """What a model's vocabulary may have as one token that ends an answer, wherever it stands."""
    return re.compile(r"<\||\|>|<｜|</?s>|<eos>|<(?:start|end)_of_\w+>")


def _gathered(pieces: Iterable[tuple[Passage, str]]) -> Stretches:
    """By passage. Control characters belong to no quotation that anybody can read, and marks of a turn to none that a
    model could write to its end."""
    found: dict[Passage, dict[str, None]] = {}
    for passage, text in pieces:
        if text.isprintable() and not _marks().search(text):
            found.setdefault(passage, {})[text] = None
    return {passage: tuple(texts) for passage, texts in found.items()}


def _is_long_enough(text: str) -> bool:
    """Characters of scripts without spaces count half a word."""
    unspaced = sum("\u0e00" <= each <= "\u0eff" or "\u3040" <= each <= "\u9fff" for each in text)
    return len(text.split()) + unspaced / 2 >= FEWEST_WORDS


def is_cut_anywhere(text: str) -> bool:
    return re.search(rf"\S{{{LONGEST_WORD}}}", text) is not None
