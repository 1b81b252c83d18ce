"""Tuning keeps what is better on questions it did not choose by, and nothing else."""

from collections.abc import Sequence
from random import Random

import pytest

from curta.errors import UsageError
from curta.index import evaluation, search, synthetic
from curta.index.evaluation import Question
from curta.index.index import Index
from curta.index.search import Asked
from curta.index.tuning import tune
from curta.messages import Document

COUNT = 40


def asked(index: Index, questions: Sequence[Question]) -> list[Asked]:
    return evaluation.ask(index, questions, lexical=True)


def test_a_weight_that_finds_better_is_chosen_and_kept(index: Index) -> None:
    """Each document is about what its title says, and speaks more often of what its neighbour is about."""
    for number in range(COUNT):
        body = f"Unlike topic{(number + 1) % COUNT}, topic{(number + 1) % COUNT} and topic{(number + 1) % COUNT}."
        index.add(Document(body, f"d{number}", f"topic{number}"))
    questions = [Question(f"q{n}", f"topic{n}", {f"d{n}": 1.0}) for n in range(COUNT)]
    tuned = tune(index, questions, asked(index, questions))
    (change,) = tuned.changes
    assert (change.what, change.old) == ("title", 1.0)
    assert change.new > 1
    assert tuned.kept
    assert tuned.gain.low > 0.1
    assert index.search("topic7")[0].uri == "d7"
    assert search.stored(index) == tuned.chosen
    again = tune(index, questions, asked(index, questions))
    assert not again.kept
    assert again.changes == []


def test_vectors_that_find_better_than_words_get_more_weight(index: Index) -> None:
    """Every document has the words of every question; only its vector says what it is about."""
    for number in range(COUNT):
        words = " ".join(f"topic{(number + each) % COUNT}" for each in range(1, 20))
        index.add(Document(words, f"d{number}"), vectors={"m": [[float(number == each) for each in range(COUNT)]]})
    questions = [Question(f"q{n}", f"topic{n}", {f"d{n}": 1.0}) for n in range(COUNT)]
    plain = asked(index, questions)
    vectors = [[float(number == each) + 0.1 for each in range(COUNT)] for number in range(COUNT)]
    embedded = [each._replace(model="m", vector=vector) for each, vector in zip(plain, vectors, strict=True)]
    tuned = tune(index, questions, embedded)
    assert tuned.kept
    assert tuned.chosen.weight > 0.5
    assert index.settings()["weight"] == tuned.chosen.weight


def test_what_is_better_by_chance_is_not_kept(index: Index) -> None:
    chance = Random(0)
    words = [f"word{number}" for number in range(8)]
    for number in range(COUNT):
        title, body = (" ".join(chance.choices(words, k=size)) for size in (1, 6))
        index.add(Document(body, f"d{number}", title))
    questions = [
        Question(f"q{n}", " ".join(chance.sample(words, 2)), {f"d{chance.randrange(COUNT)}": 1.0}) for n in range(COUNT)
    ]
    tuned = tune(index, questions, asked(index, questions))
    assert tuned.changes
    assert tuned.gain.low <= 0
    assert not tuned.kept
    assert index.settings() == {}


def test_few_questions_choose_nothing(index: Index) -> None:
    index.add(Document("a word", "d"))
    questions = [Question("q", "word", {"d": 1.0})] * 9
    with pytest.raises(UsageError, match="9 questions are too few"):
        tune(index, questions, asked(index, questions))


def test_questions_are_headings_that_one_document_has(index: Index) -> None:
    index.add(Document("# Rye bread at home\n\nText.\n\n## The end\n\n# Shared heading here\n", "a.md"))
    index.add(Document("# Shared heading here\n\nText.", "b.md"))
    index.add(Document("# a comment of some words\nx = 1\n", "c.py"))
    index.add(Document("No heading at all.", "d.txt", "An untold tale"))
    made = synthetic.questions(index)
    assert made.synthetic
    assert {each.text: set(each.relevant) for each in made.questions} == {
        "Rye bread at home": {"a.md"},
        "An untold tale": {"d.txt"},
    }


def test_documents_without_headings_make_no_questions(index: Index) -> None:
    index.add(Document("No heading at all.", "d.txt"))
    with pytest.raises(UsageError, match="no titles or headings"):
        synthetic.questions(index)
