"""`--quotes` and `--check` on the command line: what is shown, what is struck out, how it exits."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, Curta

NOTES = "Minutes. The committee did not approve the new budget on Monday. Ann will ask the bank about the loan.\n"
RIGHT = 'They met: "The committee did not approve the new budget on Monday."'
WRONG = 'They met: "The committee did approve the new budget on Monday."'
INVENTED = 'They met: "The chairman resigned in tears before lunch."'


@pytest.fixture
def notes(tmp_path: Path) -> str:
    (tmp_path / "notes.txt").write_text(NOTES)
    return "notes.txt"


def test_a_checked_answer_says_what_holds(added: Curta, openai_server: Any, notes: str) -> None:
    openai_server.script(RIGHT)
    done = added("-m", "hello", "-f", notes, "--check", "What happened?")
    assert (done.code, done.out) == (0, RIGHT + "\n")
    assert "1 of 1 quotation verified" in done.err


def test_a_false_quotation_fails_the_check(added: Curta, openai_server: Any, notes: str) -> None:
    openai_server.script(WRONG)
    done = added("-m", "hello", "-f", notes, "--check", "What happened?")
    assert (done.code, done.out) == (3, WRONG + "\n")
    assert "did *not* approve" in done.err
    done = added("check")
    assert (done.code, "altered" in done.out) == (3, True)


def test_quotes_are_mended_before_they_are_shown(added: Curta, openai_server: Any, notes: str) -> None:
    openai_server.script(WRONG, RIGHT)
    done = added("-m", "hello", "-f", notes, "--quotes", "What happened?")
    assert (done.code, done.out) == (0, RIGHT + "\n")


def test_what_stays_unproven_is_struck_out_and_fails(added: Curta, openai_server: Any, notes: str) -> None:
    openai_server.script(*[INVENTED] * 4)
    done = added("-m", "hello", "-f", notes, "--quotes", "What happened?")
    assert done.code == 3
    assert done.out != INVENTED + "\n"
    assert "absent" in done.err


def test_json_carries_the_verdict(added: Curta, openai_server: Any, notes: str) -> None:
    openai_server.script(WRONG, RIGHT)
    (printed,) = added("-m", "hello", "-f", notes, "--quotes", "--json", "What happened?").json
    assert printed["response"] == RIGHT
    assert printed["quotes"]["ok"] is True


def test_the_main_job(curta: Curta) -> None:
    """Themes of a real-shaped thread, each with a verified quotation of a different author; logged."""
    thread = str(ROOT / "examples/hn-thread.json")
    done = curta("-f", thread, "-t", "summarize-thread", "--quotes", "--json")
    assert done.code == 0
    (call,) = done.json
    quotes = call["quotes"]["quotes"]
    assert len(quotes) >= 5
    assert all(quote["ok"] and quote["status"] == "verbatim" and quote["author"]["ok"] for quote in quotes)
    assert len({quote["author"]["claimed"] for quote in quotes}) >= 5
    (logged,) = curta("logs", "--json").json
    assert logged["id"] == call["id"]
    assert logged["quotes"]["ok"] is True


def test_a_question_about_a_novel(curta: Curta) -> None:
    chapter = str(ROOT / "examples/diary-of-a-nobody-chapter-4.txt")
    done = curta("-f", chapter, "Why did the tailor take the coat and trousers away again?", "--quotes")
    assert done.code == 0
    assert "because Sarah had not a shilling to pay for the pressing" in done.out


def test_a_logged_answer_of_the_built_in_model_is_checked_sentence_by_sentence(curta: Curta, notes: str) -> None:
    curta("-f", notes, "What did the committee not approve?", "-m", "extractive")
    done = curta("check")
    assert done.code == 0
    assert "1 of 1 quotation verified" in done.out
