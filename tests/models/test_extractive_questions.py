"""How well the built-in model answers questions over texts of many shapes, held to what it reaches."""

import sys
from pathlib import Path

from curta.events import TextDelta
from curta.messages import Document, Request, user
from curta.models.extractive import Extractive

sys.path.insert(0, str(Path(__file__).parent / "extractive_questions"))

import evaluation


def quotations(document: Document, question: str) -> list[str]:
    request = Request("extractive", (user(document, question),))
    answer = "".join(event.text for event in Extractive().exchange(request).events if isinstance(event, TextDelta))
    return answer.splitlines()


def test_there_are_enough_questions() -> None:
    every = evaluation.questions(held_out=False) + evaluation.questions(held_out=True)
    assert len(every) >= 60
    assert sum(not question.gold for question in every) >= 20


def test_every_gold_sentence_stands_in_its_text() -> None:
    for question in evaluation.questions(held_out=False) + evaluation.questions(held_out=True):
        for part in question.gold:
            assert part in evaluation.document(question.text).text


def test_held_out_questions_are_answered_or_declined() -> None:
    result = evaluation.evaluate(quotations, evaluation.questions(held_out=True))
    assert result.recall >= 0.88, result.missed
    assert result.abstention >= 0.85, result.missed
    assert result.quotations <= 3


def test_questions_used_while_tuning_stay_answered() -> None:
    result = evaluation.evaluate(quotations, evaluation.questions(held_out=False))
    assert result.recall >= 0.91, result.missed
    assert result.abstention >= 0.9, result.missed
