"""Whether an answer quotes what its documents say, and the right people."""

from collections.abc import Mapping

from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.messages import Document
from curta.quotes import check
from curta.quotes.report import Report


def quotes(sample: Sample, against: str = "", least: int = 1) -> Rated:
    """The share of the answer's quotations that stand in its documents, word for word.

    against: a text to check them against, besides the documents of the sample. least: with fewer quotations than these
    the score is 0, since an answer without any could not be wrong.
    """
    report = _report(sample, against)
    found, right = len(report.judged), len(report.verified)
    detail = {"quotations": found, "verified": right, "problems": list(report.problems()[:5])}
    return (right / found if found >= max(least, 1) else float(not least)), detail


def attribution(sample: Sample, against: str = "", least: int = 1) -> Rated:
    """The share of the answer's quotations with a named author that this author wrote. least: as for `quotes`."""
    claimed = [each for each in _report(sample, against).judged if each.quotation.claimed is not None]
    right = sum(bool(each.ok) and each.author_ok is True for each in claimed)
    detail = {"claimed": len(claimed), "right": right}
    return (right / len(claimed) if len(claimed) >= max(least, 1) else float(not least)), detail


def _report(sample: Sample, against: str) -> Report:
    documents = (*sample.documents, *((Document(against, "input"),) if against else ()))
    return check(sample.output, documents, prompt=sample.prompt)


KINDS: Mapping[str, Kind] = {"quotes": Kind(quotes), "attribution": Kind(attribution)}
