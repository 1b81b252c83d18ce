"""Check a whole answer: its quotations, numbers, counts and names, and what is left undecided."""

import re
from collections.abc import Sequence

from curta.events import Citation
from curta.messages import Document, well_formed
from curta.quotes import structured
from curta.quotes.counts import check_counts
from curta.quotes.extract import extract, mask_code, mask_struck
from curta.quotes.names import unseen_names
from curta.quotes.numbers import SourceNumbers, check_numbers
from curta.quotes.report import Quote, Report
from curta.quotes.source import Sources
from curta.quotes.unchecked import unchecked_sentences
from curta.quotes.verify import verify


def check(
    answer: str,
    documents: Sequence[Document] | Sources,
    *,
    citations: Sequence[Citation] = (),
    prompt: str = "",
) -> Report:
    """Decide what can be decided about `answer`.

    documents: what it should rest on; `Sources(documents)` when several answers rest on the same.
    citations: quotations the model says it made, each with its place. They are claims and are checked like all others.
    prompt: the user's own words. To quote or repeat those is neither right nor wrong.
    """
    answer = well_formed(answer)
    sources = documents if isinstance(documents, Sources) else Sources(documents)
    asked = Sources([Document(prompt, trust="user")] if prompt else [])
    quotations = extract(answer, sources.authors, citations)
    quotes = tuple(verify(quotation, sources, asked) for quotation in quotations)
    prose = _prose(answer, quotes)
    counts = check_counts(prose, answer, quotes, sources)
    uncounted = _blanked(prose, [(count.position, count.position + len(count.text)) for count in counts])
    numbers = check_numbers(_without_links(uncounted), SourceNumbers(sources), SourceNumbers(asked))
    decided = [(quote.quotation.outer_start, quote.quotation.outer_end) for quote in quotes if quote.ok is not None]
    decided += [(number.position, number.position + len(number.text)) for number in numbers]
    decided += [(count.position, count.position + len(count.text)) for count in counts]
    return Report(
        quotes,
        tuple(numbers),
        tuple(counts),
        tuple(unseen_names(prose, sources, asked)),
        tuple(unchecked_sentences(prose, answer, decided)),
    )


def _prose(answer: str, quotes: Sequence[Quote]) -> str:
    """The answer of the same length with judged quotations, code, what was struck out and the frame of JSON blanked."""
    judged = [(quote.quotation.outer_start, quote.quotation.outer_end) for quote in quotes if quote.ok is not None]
    if not structured.is_json(answer):
        return _blanked(mask_struck(mask_code(answer)), judged)
    values = sorted((value.start, value.end) for value in structured.strings(answer) if not value.is_quote)
    frame = zip([0, *(end for _, end in values)], [*(start for start, _ in values), len(answer)], strict=True)
    return mask_struck(_blanked(answer, [*frame, *judged]))


def _blanked(text: str, stretches: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end in sorted(stretches):
        if end > position:
            start = max(start, position)
            parts += text[position:start], re.sub(r"[^\n]", " ", text[start:end])
            position = end
    return "".join(parts) + text[position:]


def _without_links(text: str) -> str:
    return re.sub(r"https?://\S+", lambda link: " " * len(link[0]), text)
