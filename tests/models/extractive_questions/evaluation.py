"""Questions over texts of many shapes, and how well a model that quotes answers them.

`questions.jsonl`: {text, question, gold}; a quotation with one of the `gold` strings in it is an answer; no gold means
that the text does not say. Even positions were looked at while the model was made, odd positions only measured.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from curta.messages import Document, Span

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples"


class Question(NamedTuple):
    text: str
    question: str
    gold: tuple[str, ...]


class Result(NamedTuple):
    """recall: answerable questions with a gold quotation; abstention: unanswerable ones without any.

    quotations: the mean number of quotations to an answerable question.
    """

    recall: float
    abstention: float
    quotations: float
    missed: list[Question]


def questions(held_out: bool) -> list[Question]:
    rows = [json.loads(line) for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    return [Question(row["text"], row["question"], tuple(row["gold"])) for row in rows[held_out::2]]


@cache
def document(name: str) -> Document:
    path = HERE / "texts" / name
    text = (path if path.exists() else EXAMPLES / name).read_text(encoding="utf-8")
    return _thread(json.loads(text)) if name.endswith(".json") else Document(text, name)


def evaluate(answer: Callable[[Document, str], list[str]], asked: list[Question]) -> Result:
    """answer: the quotations that a model gives, one line each, from a Document and a question."""
    given = [(question, answer(document(question.text), question.question)) for question in asked]
    right = [question for question, quoted in given if question.gold and _holds(quoted, question.gold)]
    silent = [question for question, quoted in given if not question.gold and not quoted]
    answerable = [quoted for question, quoted in given if question.gold]
    return Result(
        len(right) / len(answerable),
        len(silent) / (len(given) - len(answerable)),
        sum(map(len, answerable)) / len(answerable),
        [question for question in asked if question not in right and question not in silent],
    )


def _holds(quoted: list[str], gold: tuple[str, ...]) -> bool:
    return any(" ".join(part.split()) in quotation for quotation in quoted for part in gold)


def _thread(rows: list[tuple[str, int, str]]) -> Document:
    text, spans = "A thread\n", []
    for number, (author, depth, said) in enumerate(rows):
        text += f"\n[{number}] {author}:\n"
        spans.append(Span(len(text), len(text) + len(said), author, str(number), depth=depth))
        text += said + "\n"
    return Document(text, "thread", spans=tuple(spans))
