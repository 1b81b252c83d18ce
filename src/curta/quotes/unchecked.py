"""The sentences of an answer in which nothing could be decided."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from curta.quotes.attribution import is_signature
from curta.quotes.report import Passage
from curta.text.sentences import sentences


def _is_signature(sentence: str) -> bool:
    """Whether this only says whom the quotation before it is by, perhaps in reply to whom."""
    return is_signature(re.sub(r"(?<!\s)\s*\([^()]*\)\s*$", "", sentence.strip()))


def unchecked_sentences(prose: str, answer: str, decided: Sequence[tuple[int, int]]) -> list[Passage]:
    """The sentences with words of their own that hold none of the `decided` stretches (quotations, numbers, counts)."""
    decided = sorted(decided)
    starts = [start for start, _ in decided]
    reached = list(accumulate((stop for _, stop in decided), max))
    found = []
    for start, end in sentences(answer):
        before = bisect_left(starts, end)
        holds = before > 0 and reached[before - 1] > start
        if (
            not holds
            and not _is_signature(answer[start:end])
            and sum(any(map(str.isalpha, word)) for word in prose[start:end].split()) > 1
        ):
            found.append(Passage(answer[start:end], start))
    return found
