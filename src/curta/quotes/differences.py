"""How a quotation differs from the stretch of source it was compared with, in words to show."""

from difflib import SequenceMatcher
from typing import NamedTuple

from curta.quotes.report import Quote
from curta.quotes.tokens import token_pattern
from curta.text.normalise import Normalised, normalise


class _Side(NamedTuple):
    """A text, the raw stretch of each of its tokens, and the tokens."""

    raw: str
    spans: list[tuple[int, int]]
    words: list[str]

    def text(self, first: int, last: int) -> str:
        """The raw text of tokens `first` to `last - 1`, on one line."""
        if first >= last:
            return ""
        return " ".join(self.raw[self.spans[first][0] : self.spans[last - 1][1]].split())


def _side(text: str) -> _Side:
    folded: Normalised = normalise(text)
    matches = list(token_pattern().finditer(folded.text))
    spans = [tuple(folded.raw_span(match.start(), match.end())) for match in matches]
    return _Side(text, [(start, end) for start, end in spans], [match[0] for match in matches])


def _codes(quote: Quote) -> tuple[_Side, _Side, "list[tuple[str, int, int, int, int]]"]:
    quoted, source = _side(quote.text), _side(quote.source_text())
    codes = SequenceMatcher(None, quoted.words, source.words, autojunk=False).get_opcodes()
    return quoted, source, [(str(tag), a, b, c, d) for tag, a, b, c, d in codes]


def phrases(quote: Quote) -> list[tuple[str, str]]:
    """(what was written, what the source says) for each difference, with the word before it to recognise it by."""
    quoted, source, codes = _codes(quote)
    shown = []
    for tag, a, b, c, d in codes:
        if tag != "equal":
            before = 1 if a and c else 0
            after = 1 if not before and b < len(quoted.words) and d < len(source.words) else 0
            shown.append((quoted.text(a - before, b + after), source.text(c - before, d + after)))
    return shown


def marked_source(quote: Quote) -> str:
    """The source's words with `*` around those that the quotation has not."""
    _, source, codes = _codes(quote)
    words = [(f"*{source.text(c, d)}*" if tag != "equal" else source.text(c, d)) for tag, _, _, c, d in codes if c < d]
    return " ".join(words)
