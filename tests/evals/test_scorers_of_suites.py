"""What suites ask of answers: all of several things, seeded points, a passage as evidence, a program's number."""

from typing import Any

import pytest

from curta.errors import UsageError
from curta.evals.scorers import Sample, scorer_of
from curta.messages import Document, ToolCall

TEXT = Document("The mill was built in 1794. It used no river, and the wind did all the work.", "text")
SAID = [
    {"author": "Ada Bright", "text": "The roof will not last another winter."},
    {"author": "Tom Farrow", "text": "I will vote against the loan."},
]


def value(described: Any, output: str, **row: Any) -> float | None:
    return scorer_of(described).score(Sample(output, row, (TEXT,))).value


def test_a_product_is_as_good_as_its_parts_together() -> None:
    parts = {"product": [{"contains": "tea"}, {"constraints": {"max_words": 3, "no_commas": True}}]}
    assert value(parts, "tea at four") == 1
    assert value(parts, "tea, at four") == 0.5
    assert value(parts, "at four") == 0
    found = scorer_of({"product": [{"contains": "tea"}, {"numeric": {"value": "$n"}}]}).score(Sample("tea", {"n": "x"}))
    assert found.value is None
    assert found.failure
    with pytest.raises(UsageError, match="list of scorers"):
        scorer_of({"product": []})


@pytest.mark.parametrize(
    ("output", "share"),
    [
        ("ADA BRIGHT came at 9 with 1,240 lanterns", 1),
        ("Ada Bright came at 9 with 1240 lanterns", 1),
        ("Ada Brighton came at 19 with 1240 lanterns", 1 / 3),
        ("", 0),
    ],
)
def test_coverage_counts_whole_points_in_any_of_their_forms(output: str, share: float) -> None:
    assert value({"coverage": ["Ada Bright", 9, [1240, "1,240"]]}, output) == pytest.approx(share)


def test_coverage_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="list of points"):
        scorer_of({"coverage": []})


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ('1794. "The mill was built in 1794."', 1),
        ("The mill was built in 1794.", 1),
        ("In the year 1794.", 0),
        ('1794. "It used no river"', 0),
        ('1794. "The mill was erected in 1794."', 0),
        ("1794", 0),
    ],
)
def test_the_passage_that_is_quoted_has_to_stand_there_and_to_hold_the_answer(output: str, right: int) -> None:
    assert value({"quoted": "$answer"}, output, answer="1794") == right


def test_quotations_are_checked_against_what_was_said_by_whom() -> None:
    right = '"The roof will not last another winter." — Ada Bright'
    for name in ("quotes", "attribution"):
        assert value({name: {"against": "$said"}}, right, said=SAID) == 1
        assert value({name: {"against": "$said"}}, right.replace("Ada Bright", "Tom Farrow"), said=SAID) == 0


def test_who_names_no_label_or_several_has_chosen_none() -> None:
    labels = {"chosen": {"of": ["order", "praise"]}}
    assert [value(labels, each) for each in ("Praise.", "order", "order or praise", "neither")] == [1, 1, 0, 0]


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize(
    ("output", "right"),
    [
        ("```python\nprint(6 * 7)\n```", 1),
        ("It is 42.\n```python\nprint(6 + 7)\n```", 0),
        ("6 * 7", 1),
        ("It is 42.", 0),
        ("```python\nprint(42)\nraise SystemExit(1)\n```", 0),
        ("", 0),
    ],
)
def test_what_the_program_prints_counts_and_not_what_is_said(output: str, right: int) -> None:
    assert value({"computed": 42}, output) == right


@pytest.mark.usefixtures("box")
def test_a_call_of_a_tool_is_run_instead_of_what_is_written() -> None:
    scorer = scorer_of({"computed": {"value": 42, "seconds": 2}})
    calls = (ToolCall("1", "python", {"code": "print(42)"}),)
    assert scorer.score(Sample("print(1)", calls=calls)).value == 1
    for odd in ({"code": 5}, {}, {"code": "while True: pass"}, {"code": "import os; os.listdir('/etc')"}):
        assert scorer.score(Sample("", calls=(ToolCall("1", "python", odd),))).value == 0
