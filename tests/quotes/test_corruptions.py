"""No corrupted quotation is verified, and hardly a true one is refused for the way it is typed."""

from collections import Counter

from curta.quotes import Quote, Sources
from curta.quotes.extract import extract
from curta.quotes.verify import verify
from tests.quotes.corruptions import CORRUPTIONS, DOCUMENTS, LEGITIMATE, TEXTS, Case, cases

SOURCES = Sources(DOCUMENTS)
NO_PROMPT = Sources([])


def verdict(case: Case) -> Quote:
    """The verdict on a case, as an answer would quote it."""
    (quotation,) = extract(f"It was said: “{case.text}” — {case.author}", SOURCES.authors)
    return verify(quotation, SOURCES, NO_PROMPT)


def test_no_corrupted_quotation_is_verified() -> None:
    drawn = list(cases(1, CORRUPTIONS, 290, legitimate=False))
    assert len(drawn) >= 10_000
    assert len({case.kind for case in drawn}) >= 22
    assert {case.language for case in drawn} == set(TEXTS)
    accepted = [case for case in drawn if verdict(case).ok]
    assert accepted == []


def test_hardly_a_true_quotation_is_refused_for_its_typography() -> None:
    drawn = list(cases(2, LEGITIMATE, 200, legitimate=True))
    assert len(drawn) >= 2_000
    refused = [(case, verdict(case)) for case in drawn]
    refused = [(case, found) for case, found in refused if not found.ok]
    assert len(refused) <= len(drawn) / 1000, Counter(case.kind for case, _ in refused)


def test_a_true_quotation_is_not_verified_for_another_author() -> None:
    drawn = list(cases(3, {"verbatim": LEGITIMATE["verbatim"]}, 300, legitimate=True))
    for case in drawn:
        other = "bob" if case.author != "bob" else "ann"
        found = verdict(Case(case.kind, case.language, case.text, other, False))
        assert (found.status, found.author_ok) == ("verbatim", False)


def test_a_verified_quotation_stands_where_the_report_says() -> None:
    for case in cases(4, {"verbatim": LEGITIMATE["verbatim"]}, 200, legitimate=True):
        (place,) = verdict(case).places
        assert place.text == case.text
        assert place.author == case.author
