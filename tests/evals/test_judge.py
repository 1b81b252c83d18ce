"""A model's judgement: asked in both orders, kept apart from what it judges, never taken for more than it is."""

from pathlib import Path

import pytest

from curta import open_log
from curta.evals.scorers import Sample, scorer_of
from curta.models import registry

PAIR = {"judge": {"asks": "Which is kinder?", "model": "referee", "against": "$other"}}


@pytest.fixture
def referee(home: Path, openai_server):
    """A model called `referee`, whose replies are scripted."""
    registry.add("referee", url=openai_server.url, model="hello")
    return openai_server


def value(described, output: str = "an answer", **row):
    found = scorer_of(described).score(Sample(output, row, prompt="What is tea?"))
    assert found.value is not None, found.failure
    return found.value, found.detail["agree"]


def test_one_answer_is_judged_with_yes_first_and_with_no_first(referee) -> None:
    referee.script("Yes.", "yes")
    assert value({"judge": {"asks": "Is it polite?", "model": "referee"}}) == (1, True)
    first, second = (str(request.body) for request in referee.requests)
    assert "yes or no" in first
    assert "no or yes" in second
    assert "What is tea?" in first


def test_of_two_answers_each_stands_first_once(referee) -> None:
    referee.script("1", "2")
    assert value(PAIR, "mine", other="yours") == (1, True)


def test_a_judge_who_favours_what_stands_first_says_nothing(referee) -> None:
    referee.script("1", "1")
    assert value(PAIR, other="yours") == (0.5, False)


def test_a_tie_is_half(referee) -> None:
    referee.script("tie", "Tie")
    assert value(PAIR, other="yours") == (0.5, True)


@pytest.mark.parametrize("reply", ["Hard to say.", "1 or 2", ""])
def test_a_reply_that_is_no_verdict_is_a_failed_score(referee, reply: str) -> None:
    referee.script(reply or " ", reply or " ")
    found = scorer_of(PAIR).score(Sample("mine", {"other": "yours"}))
    assert found.value is None
    assert found.failure == "the judge's reply is no verdict"


def test_judgements_are_calls_of_the_log(referee) -> None:
    referee.script("yes", "no")
    assert value({"judge": {"asks": "Is it polite?", "model": "referee"}})[0] == 0.5
    assert [call.caller for call in open_log().calls()] == ["eval", "eval"]


def test_a_judge_that_cannot_be_reached_is_a_failed_score(home: Path) -> None:
    found = scorer_of({"judge": {"asks": "Is it polite?", "model": "nobody-s-model"}}).score(Sample("x"))
    assert "nobody-s-model" in found.failure
