"""Labels by hand: blind, in an order drawn beforehand, kept at once; what they make of a judge's scores."""

import csv
import io
from typing import Any

import pytest

import curta
from curta.errors import UsageError
from curta.evals.labelling import QUESTION
from curta.evals.scorers.judge import UNVALIDATED
from tests.servers.crowd import Crowd

ASKS = "Is it polite?"
SPEC = {
    "prompt": "$tone Greet $name.",
    "factors": {"tone": {"please": "Please.", "now": "Now!"}},
    "inputs": [{"id": f"n{number}", "name": f"name{number}"} for number in range(16)],
    "score": [{"judge": {"asks": ASKS, "model": "crowd"}}],
    "rope": 0.2,
    "decide": "fixed",
}


@pytest.fixture
def judged(crowd: Crowd) -> str:
    """The id of an experiment: `now` is polite half of the time, `please` always, and the judge is often wrong."""

    def answer(words: str) -> str:
        if "Judge it" in words:
            rude = "Go away" in words
            return "yes" if rude == ("name3" in words or "name7" in words) else "no"
        number = int(words.split("name")[-1].rstrip("."))
        return f"{'Go away' if 'Now!' in words and number % 2 else 'Welcome'}, name{number}."

    crowd.answer = answer
    return str(curta.experiment(SPEC, model="crowd").run().id)


def truth(answer: str) -> float:
    return float("Welcome" in answer)


def label_all(labelling: Any, most: int = 1000) -> None:
    while labelling.done < most and (shown := labelling.next()):
        labelling.put(shown.call, truth(shown.answer))


def test_the_question_is_the_judges_and_the_order_is_drawn_beforehand(judged: str) -> None:
    labelling = curta.labelling(judged)
    assert (labelling.question, labelling.total, labelling.done) == (ASKS, 32, 0)
    table = list(csv.DictReader(io.StringIO(labelling.csv())))
    assert [row["input"] for row in table[::2]] == [row["input"] for row in table[1::2]]  # units come whole
    assert [row["input"] for row in table[::2]] != sorted(row["input"] for row in table[::2])
    assert {"Now!" in row["prompt"] for row in table[::2]} == {True, False}  # and their ways in an order of their own
    assert labelling.csv() == curta.labelling(judged).csv()


def test_what_was_said_is_kept_at_once_and_can_be_taken_back(judged: str) -> None:
    labelling = curta.labelling(judged)
    first = labelling.next()
    labelling.put(first.call, 1.0)
    second = curta.labelling(judged)
    assert (second.done, second.next()) == (1, labelling.next())
    second.put(second.next().call, None)
    assert second.done == 2
    assert second.undo()
    assert second.undo()
    assert not second.undo()
    assert curta.labelling(judged).next() == first


def test_until_there_are_labels_a_judge_is_unvalidated(judged: str) -> None:
    (result,) = curta.experiment_report(judged).results
    assert result.mark.startswith(UNVALIDATED)
    assert "the same in both orders 100 times of 100" in result.mark


def test_labels_say_how_far_the_judge_agrees_and_correct_it(judged: str) -> None:
    labelling = curta.labelling(judged)
    label_all(labelling, 8)
    assert "too few units are labelled" in curta.experiment_report(judged).results[0].mark
    label_all(labelling, 24)
    (result,) = curta.experiment_report(judged).results
    assert UNVALIDATED not in result.mark
    assert "of 24 labels" in result.mark
    assert "kappa" in result.mark
    label_all(labelling)
    (result,) = curta.experiment_report(judged).results
    assert "corrected: -50.0 points" in result.mark  # what people see, whatever the judge says


def test_labels_go_with_their_calls_and_are_redacted_with_them(judged: str) -> None:
    labelling = curta.labelling(judged)
    label_all(labelling, 4)
    log = curta.open_log()
    gone = next(iter(labelling.labels))
    log.remove([gone])
    assert gone not in log.labels().of(ASKS, judged)
    log.redact("polite")
    assert log.labels().of("Is it [redacted]?", judged)


def test_labels_come_back_from_a_table(judged: str) -> None:
    labelling = curta.labelling(judged)
    rows = list(csv.DictReader(io.StringIO(labelling.csv())))
    words = ["good", "BAD", "0.25", "skip", ""]
    for row, word in zip(rows, words, strict=False):
        row["label"] = word
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    assert labelling.take_csv(file.getvalue()) == 4
    assert list(curta.labelling(judged).labels.values()) == [1, 0, 0.25, None]
    again = list(csv.DictReader(io.StringIO(labelling.csv())))
    assert [row["label"] for row in again[:5]] == ["1", "0", "0.25", "skip", ""]


@pytest.mark.parametrize(
    "table", ["", "x,y\n1,2\n", "call,label\nnothing,good\n", "call,label\n{call},perfect\n", "call,label\n{call},2\n"]
)
def test_a_table_that_is_none_changes_nothing(judged: str, table: str) -> None:
    labelling = curta.labelling(judged)
    with pytest.raises(UsageError):
        labelling.take_csv(table.replace("{call}", labelling.next().call))
    assert curta.labelling(judged).done == 0


def test_an_answer_that_a_spreadsheet_would_compute_is_written_as_text(crowd: Crowd) -> None:
    crowd.answer = lambda words: '=HYPERLINK("http://x")'
    study = curta.experiment({**SPEC, "score": [{"contains": "x"}]}, model="crowd").run()
    table = list(csv.DictReader(io.StringIO(curta.labelling(study.id).csv())))
    assert {row["answer"][:2] for row in table} == {"'="}
    assert curta.labelling(study.id).question == QUESTION


def test_which_judge_has_to_be_named_where_there_are_several(crowd: Crowd) -> None:
    crowd.answer = lambda words: "yes"
    judges = [{"judge": {"asks": asks, "model": "crowd"}} for asks in (ASKS, "Is it short?")]
    study = curta.experiment({**SPEC, "inputs": SPEC["inputs"][:2], "score": judges}, model="crowd").run()
    with pytest.raises(UsageError, match="Several judges"):
        curta.labelling(study.id)
    assert curta.labelling(study.id, about="Is it short?").question == "Is it short?"
    with pytest.raises(UsageError, match="no scorer"):
        curta.labelling(study.id, about="jugde")
