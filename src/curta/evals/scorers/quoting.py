"""Whether an answer quotes what its documents say, and the right people."""

from collections.abc import Mapping
from typing import Any

from curta.evals.scorers.coverage import mentions
from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.messages import Document, Span
from curta.quotes import check
from curta.quotes.report import Report
from curta.text.normalise import normalise

_LEAST_WORDS = 3


def quotes(sample: Sample, against: str | list[Any] = "", least: int = 1) -> Rated:
    """The share of the answer's quotations that stand in its documents, word for word.

    against: a text to check them against, besides the documents of the sample, or what was said by whom: a list of
    {author, text}. least: with fewer quotations than these the score is 0, since an answer without any could not be
    wrong.
    """
    report = _report(sample, against)
    found, right = len(report.judged), len(report.verified)
    detail = {"quotations": found, "verified": right, "problems": list(report.problems()[:5])}
    return (right / found if found >= max(least, 1) else float(not least)), detail


def attribution(sample: Sample, against: str | list[Any] = "", least: int = 1) -> Rated:
    """The share of the answer's quotations with a named author that this author wrote.

    against, least: as for `quotes`.
    """
    claimed = [each for each in _report(sample, against).judged if each.quotation.claimed is not None]
    right = sum(bool(each.ok) and each.author_ok is True for each in claimed)
    detail = {"claimed": len(claimed), "right": right}
    return (right / len(claimed) if len(claimed) >= max(least, 1) else float(not least)), detail


def quoted(sample: Sample, words: str) -> Rated:
    """Whether the answer gives a passage of its documents, word for word, that holds `words`.

    A passage stands in quotation marks, or is a line of the answer that is nothing else.
    """
    wanted = _folded(words)
    passages = [_folded(each.quotation.text) for each in _report(sample, "").verified]
    sources = [_folded(each.text) for each in sample.documents]
    lines = [line for each in sample.output.split("\n") if len((line := _folded(each)).split()) >= _LEAST_WORDS]
    passages += [line for line in lines if any(line in source for source in sources)]
    holding = [each for each in passages if mentions(each, wanted)]
    return float(bool(holding)), {"passages": len(passages)}


def _report(sample: Sample, against: str | list[Any]) -> Report:
    documents = (*sample.documents, *((_document(against),) if against else ()))
    return check(sample.output, documents, prompt=sample.prompt)


def _document(against: str | list[Any]) -> Document:
    """A text, or what was said by whom, as a Document."""
    if isinstance(against, str):
        return Document(against, "input")
    text, spans = "", list[Span]()
    for each in against:
        spans.append(Span(len(text), len(text) + len(each["text"]), each["author"]))
        text += each["text"] + "\n\n"
    return Document(text, "input", spans=tuple(spans))


def _folded(text: str) -> str:
    return normalise(text).text.strip()


KINDS: Mapping[str, Kind] = {"quotes": Kind(quotes), "attribution": Kind(attribution), "quoted": Kind(quoted)}
