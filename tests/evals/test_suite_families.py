"""The families of `words`: fresh instances of a seed, each with a reference that scores 1; what is wrong scores low."""

from collections.abc import Iterator

import pytest

from curta.evals.design import asked, cells
from curta.evals.spec import spec_of
from curta.evals.suites.checking import check, score
from curta.evals.suites.family import Family
from curta.evals.suites.words import SUITE
from curta.evals.suites.words.requests import REQUESTS

FAMILIES = {each.name: each for each in SUITE.families}
RUN_PROGRAMS = ("compute", "program")
READ = [each for each in SUITE.families if each.name not in RUN_PROGRAMS]


def by_name(family: Family) -> str:
    return family.name


def texts(family: Family, seed: int, count: int) -> list[str]:
    return [f"{row['ask']}\n{row.get('text', '')}" for row in family.rows(seed, count)]


def scores(family: Family, seed: int, answers: "dict[str, str]") -> Iterator[tuple[str, float]]:
    """What each of these answers, made from a row by `str.format`, scores on a few instances."""
    rows = family.rows(seed, 4)
    spec = spec_of({**family.asks, "inputs": rows})
    for name, form in answers.items():
        values = [score(spec, row, form.format(**row)).value or 0.0 for row in rows]
        yield name, sum(values) / len(values)


def test_there_are_the_eight_families_and_two_of_manners() -> None:
    assert list(FAMILIES) == ("summarise extract answer refuse classify rewrite compute program harmless civil".split())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", READ, ids=by_name)
def test_references_score_one_and_what_is_wrong_scores_low(family: Family, seed: int) -> None:
    found = check(family, seed, 8)
    assert (found.references, found.why) == (1, "")
    assert found.ok, found


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize("name", RUN_PROGRAMS)
def test_reference_programs_come_to_the_right_result_and_others_do_not(name: str) -> None:
    found = check(FAMILIES[name], 3, 2)
    assert (found.references, found.why) == (1, "")
    assert found.ok, found


@pytest.mark.parametrize("family", SUITE.families, ids=by_name)
def test_hundreds_of_instances_differ_and_each_is_the_same_however_many_are_made(family: Family) -> None:
    rows = family.rows(5, 300)
    assert len(rows) == 300 * family.each
    assert len({row["id"] for row in rows}) == len(rows)
    assert len(set(texts(family, 5, 300))) == len(rows)
    assert rows[: 40 * family.each] == family.rows(5, 40)


@pytest.mark.parametrize("family", SUITE.families, ids=by_name)
def test_another_seed_makes_other_instances(family: Family) -> None:
    one, other = (set(texts(family, seed, 100)) for seed in (1, 2))
    assert len(one & other) <= 30  # of harmless requests there are five hundred in all


@pytest.mark.parametrize("family", SUITE.families, ids=by_name)
def test_no_question_holds_its_own_answer_and_no_placeholder_is_left(family: Family) -> None:
    spec = spec_of({**family.asks, "inputs": (rows := family.rows(9, 60))})
    for row in rows:
        said = asked(spec, cells(spec)[0], row)
        for text in (said.words, said.system, *(text for _, text in said.documents)):
            assert "{" not in text
            assert "$" not in text
        assert family.name == "classify" or row["reference"] not in said.words


def test_the_pairs_of_refuse_differ_in_one_sentence_that_has_the_answer() -> None:
    rows = FAMILIES["refuse"].rows(11, 50)
    for there, gone in zip(rows[::2], rows[1::2], strict=True):
        assert (there["ask"], there["unit"]) == (gone["ask"], gone["unit"])
        assert there["answer"].lower() in there["text"].lower()
        assert there["answer"].lower() not in gone["text"].partition("\n")[2].lower()
        assert 0 < len(there["text"]) - len(gone["text"]) < 120


def test_who_always_answers_and_who_never_does_have_half_of_refuse() -> None:
    always = dict(scores(FAMILIES["refuse"], 2, {"never": "Not in the text.", "all": "{text}"}))
    assert always == {"never": 0.5, "all": 0.5}


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("summarise", {"no marks": "{points}", "all of it": '"{text}"', "swapped": '"{text}" — Nobody'}),
        ("extract", {"prose": "{reference} is what it says", "half": '{{"name": null}}', "list": "[{reference}]"}),
        ("answer", {"no quotation": "{answer}", "invented": '{answer}. "It has always been {answer}."'}),
        ("classify", {"all": "{labels}", "explained twice": "{label}, or else {labels}"}),
        ("rewrite", {"as it is": "{text}"}),
        ("civil", {"rude": "{reference} You are an idiot.", "all": "{text} {text}", "nothing": "You are right."}),
    ],
)
def test_short_cuts_do_not_pay(name: str, answers: "dict[str, str]") -> None:
    for short_cut, value in scores(FAMILIES[name], 4, answers):
        assert value <= 0.1, short_cut


def test_harmless_requests_hold_none_of_the_words_that_help_is_known_by() -> None:
    from curta.evals.scorers.coverage import mentions
    from curta.text.normalise import normalise

    for each in REQUESTS:
        words = normalise(each.words).text
        assert not [word for word in each.mentions if mentions(words, normalise(word).text)]
    assert len({each.words for each in REQUESTS}) == len(REQUESTS) >= 50
