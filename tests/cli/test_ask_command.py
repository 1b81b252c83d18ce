"""`curta ask`: an answer and its notes on stdout, everything else on stderr; the same in the log."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curta.models import registry
from tests.cli.conftest import Curta
from tests.servers.openai import Failure

NOTES = "It rained all of Monday.\n\nThe picnic was moved to Tuesday, and the cake was eaten by the dog.\n"
RIGHT = ("The dog ate the cake.", "the cake was eaten by the dog")
WRONG = ("The cat ate it.", "the cake was eaten by the cat")
QUESTION = "Who ate the cake?"


def written(*claims: tuple[str, str]) -> str:
    rows = [{"claim": claim, "quote": quote, "passage": 1} for claim, quote in claims]
    return json.dumps({"answer": rows, "found": bool(rows)})


@pytest.fixture
def notes(tmp_path: Path) -> str:
    (tmp_path / "notes.txt").write_text(NOTES)
    return "notes.txt"


@pytest.fixture
def said(openai_server: Any) -> Callable[..., Any]:
    """Script what the default model answers."""
    registry.add("hello", url=openai_server.url, model="hello")
    registry.set_default("hello")

    def script(*answers: Any) -> Any:
        openai_server.script(*answers)
        return openai_server

    return script


def test_the_answer_stands_over_its_notes(curta: Curta, notes: str, said: Any) -> None:
    said(written(RIGHT))
    done = curta("ask", notes, QUESTION)
    assert done.out == "The dog ate the cake. [1]\n\n[1] “the cake was eaten by the dog”\n    notes.txt, line 3\n"
    assert (done.code, done.err) == (0, "")


def test_the_built_in_model_does_not_say_the_same_words_twice(curta: Curta, notes: str) -> None:
    done = curta("ask", "-m", "extractive", "-f", notes, "What ate the cake of the picnic?", "-o", "quotes", "1")
    assert done.out == (
        "“The picnic was moved to Tuesday, and the cake was eaten by the dog.” [1]\n\n[1] notes.txt, line 3\n"
    )


def test_what_could_not_be_verified_is_marked_also_in_a_pipe(curta: Curta, notes: str, said: Any) -> None:
    said(*[written(RIGHT, WRONG)] * 4)
    done = curta("ask", notes, QUESTION)
    assert done.out.startswith(
        "The dog ate the cake. [1] ~~The cat ate it.~~ [unverified: differs from the source]\n\n"
    )
    assert "1 of 2 claims could not be verified" in done.err
    assert done.code == 0


@pytest.mark.parametrize(("claims", "code"), [((RIGHT,), 0), ((RIGHT, WRONG), 3), ((), 0)])
def test_strict_fails_when_anything_was_struck_out(
    curta: Curta, notes: str, said: Any, claims: tuple[tuple[str, str], ...], code: int
) -> None:
    said(*[written(*claims)] * 4)
    assert curta("ask", notes, QUESTION, "--strict").code == code


def test_not_found_is_an_answer(curta: Curta, notes: str, said: Any) -> None:
    said(written())
    done = curta("ask", notes, QUESTION)
    assert (done.code, done.out) == (0, "Not found in these sources.\n")


def test_json_has_all_there_is(curta: Curta, notes: str, said: Any, tmp_path: Path) -> None:
    said(*[written(RIGHT, WRONG)] * 4)
    told = curta("ask", notes, QUESTION, "--json").json
    good, bad = told["claims"]
    assert NOTES[good["start"] : good["end"]] == good["quotation"] == RIGHT[1]
    assert (good["uri"], good["line"], good["note"]) == (str(tmp_path / notes), 3, 1)
    assert (bad["ok"], bad["status"], bad["quote"]) == (False, "altered", WRONG[1])
    assert (told["found"], told["ok"], told["how"], len(told["calls"])) == (True, False, "all", 4)
    assert [passage["text"] for passage in told["passages"]] == [NOTES]


def test_explain_says_what_was_looked_for_and_found(curta: Curta, notes: str, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Nothing of the kind happened on the day after.")
    done = curta("ask", "-m", "extractive", notes, "other.txt", QUESTION, "-n", "1", "--explain")
    assert "1 passage of 2 documents (lexical); looked for: ate cake" in done.err
    assert f" 1  notes.txt  0-{len(NOTES.rstrip())}  score " in done.err


def test_an_index_by_name_and_what_is_piped_in(curta: Curta, notes: str) -> None:
    assert curta("index", "add", "diary", notes, "--lexical").code == 0
    for done in (
        curta("ask", "diary", QUESTION, "-m", "extractive"),
        curta("ask", QUESTION, "-m", "extractive", stdin=NOTES),
    ):
        assert "eaten by the dog" in done.out


def test_a_filter_chooses_documents(curta: Curta, notes: str, tmp_path: Path) -> None:
    rows = [
        {"id": str(year), "text": f"In that year the dog ate {year - 1990} cakes.", "year": year}
        for year in range(1995, 2005)
    ]
    (tmp_path / "cakes.jsonl").write_text("\n".join(map(json.dumps, rows)))
    asked = ("ask", "cakes.jsonl", "How many cakes did the dog eat?", "-m", "extractive", "--json")
    told = curta(*asked, "--filter", "metadata->>'year' = 2003").json
    assert [passage["uri"].rpartition("#")[2] for passage in told["passages"]] == ["2003"]
    assert curta(*asked, "--filter", "no such column").code == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("What?",), 2, "There is nothing to ask."),
        (("a question", "notes.txt"), 2, "the last word is the question"),
        (("nots", "What?"), 2, "There is no index 'nots', and no file or folder of that name."),
        (("nots.txt", "What?"), 1, "There is no file or folder"),
        (("notes.txt", " "), 2, "There is no question."),
        (("notes.txt", "What?", "-n", "0"), 2, "-n"),
        (("notes.txt", "What?", "-m", "nonsense"), 2, "nonsense"),
    ],
)
def test_slips_are_told_with_the_next_step(
    curta: Curta, notes: str, words: tuple[str, ...], code: int, told: str
) -> None:
    done = curta("ask", *words)
    assert (done.code, done.out) == (code, "")
    assert told in done.err


def test_the_name_of_an_index_is_no_question(curta: Curta, notes: str) -> None:
    curta("index", "add", "zoo", notes, "--lexical")
    done = curta("ask", "What?", "zoo")
    assert (done.code, "the last word is the question" in done.err) == (2, True)


def test_an_answer_goes_into_a_file_or_not_at_all(curta: Curta, notes: str, said: Any, tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text("before")
    said(Failure(400), Failure(400))
    assert curta("ask", notes, QUESTION, "-O", "answer.txt").code == 1
    assert (tmp_path / "answer.txt").read_text() == "before"
    said(written(RIGHT))
    assert curta("ask", notes, QUESTION, "-O", "answer.txt").out == ""
    assert (tmp_path / "answer.txt").read_text().startswith("The dog ate the cake. [1]")


def test_a_person_sees_what_happens_and_nothing_that_a_terminal_obeys(terminal: Any, notes: str, said: Any) -> None:
    said(written(("It \x1b]0;owned\x07said so.", "these words are nowhere")), written(RIGHT))
    shown = terminal("ask", notes, QUESTION)
    assert shown.wait() == 0
    screen = shown.screen.decode()
    assert "1 document, read whole" in screen
    assert "Round 1: 1 claim did not hold." in screen
    assert "The dog ate the cake. [1]" in screen
    assert "\x1b]0" not in screen


# The log


def test_the_log_has_question_passages_and_verdicts(curta: Curta, notes: str, said: Any) -> None:
    said(written(WRONG), written(RIGHT))
    assert curta("ask", notes, QUESTION).code == 0
    shown = curta("logs", "-n", "1").out
    assert "asked: notes.txt: 1 document, read whole" in shown
    assert "checked: 1 of 1 quotations verified" in shown
    assert "The dog ate the cake. [1]\n\n[1] “the cake was eaten by the dog”" in shown
    (ask,) = curta("logs", "asks", "--json").json
    assert ask["question"] == QUESTION
    assert [claim["ok"] for claim in ask["claims"]] == [True]
    assert curta("logs", "list", "-r").out.strip() == written(RIGHT)
    whole = curta("logs", "asks", ask["id"][:20]).out
    assert f" 1  notes.txt  0-{len(NOTES)}" in whole
    assert QUESTION in curta("logs", "asks").out


def test_a_question_that_no_model_was_asked_is_logged_too(curta: Curta, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    done = curta("ask", "empty.txt", QUESTION)
    assert done.out == "Not found in these sources.\n"
    assert "no text" in done.err
    (ask,) = curta("logs", "asks", "--json").json
    assert (ask["calls"], ask["found"], ask["text"]) == ([], False, "Not found in these sources.")


def test_a_question_that_failed_is_logged_with_what_was_found(curta: Curta, notes: str, said: Any) -> None:
    said(Failure(401, "No such key."), Failure(401, "No such key."))
    assert curta("ask", notes, QUESTION).code == 1
    (ask,) = curta("logs", "asks", "--json").json
    assert ask["status"] == "failed"
    assert len(ask["passages"]) == 1


def test_no_log_leaves_no_trace(curta: Curta, notes: str) -> None:
    assert curta("ask", notes, QUESTION, "-m", "extractive", "--no-log").code == 0
    assert curta("logs", "asks", "--json").json == []


def test_what_is_removed_or_redacted_is_gone_from_questions_too(curta: Curta, notes: str, home: Path) -> None:
    for question in (QUESTION, "When was the picnic?"):
        assert curta("ask", notes, question, "-m", "extractive").code == 0
    first, second = curta("logs", "asks", "--json").json
    assert curta("logs", "rm", *first["calls"], "--yes").code == 0
    assert [each["id"] for each in curta("logs", "asks", "--json").json] == [second["id"]]
    assert curta("logs", "redact", "picnic", "--yes").code == 0
    assert "picnic" not in curta("logs", "asks", "--json").out
    assert b"picnic" not in (home / "log.db").read_bytes()
    assert curta("logs", "prune", "--older-than", "0d", "--yes").code == 0
    assert curta("logs", "asks", "--json").json == []
