"""`curta logs` shows the past on the first day, `-c` goes on with it, and nothing of `llm`'s is written."""

import json
from pathlib import Path

import pytest

from curta import conversation
from curta.api import prompting
from curta.errors import AmbiguousCall, UnknownCall
from curta.store import Filter, open_log
from tests.cli.conftest import Curta

pytestmark = pytest.mark.usefixtures("llm_folder", "untouched")


def test_logs_lists_what_llm_has_asked(curta: Curta) -> None:
    done = curta("logs", "-n", "2", "-s")
    assert "What is this?" in done.out
    assert "A dog" in done.out
    assert "(from llm)" in done.out
    assert "And where?" not in done.out


def test_logs_finds_words_of_the_past(curta: Curta) -> None:
    found = curta("logs", "-q", "aristotle", "--json").json
    assert [(call["prompt"], call["source"], call["caller"]) for call in found] == [
        ("Say hi to Aristotle", "llm", "llm")
    ]


def test_a_call_is_shown_by_the_beginning_of_its_id(curta: Curta) -> None:
    call = next(prompting.logs().calls(Filter(query="aristotle")))
    assert "Be kind" in curta("logs", "show", call.id).out
    whole = json.loads(curta("logs", "show", call.id, "--json").out)
    assert whole["message"]["parts"][0]["text"] == "Hello, wörld! 👋🏽"


def test_own_and_past_calls_come_in_order_of_time(curta: Curta) -> None:
    curta("-m", "extractive", "What now?", stdin="It is raining now.")
    prompts = [call.prompt for call in prompting.logs().calls(Filter(limit=3))]
    assert prompts == ["What now?", "What is this?", "A dog"]
    assert [call.prompt for call in prompting.logs().calls(Filter(oldest_first=True))][-1] == "What now?"
    assert prompting.logs().count() == 8
    assert prompting.logs().call().prompt == "What now?"


def test_a_past_conversation_goes_on_in_curtas_log(curta: Curta) -> None:
    past = next(prompting.logs().calls(Filter(query="where")))
    done = curta("--cid", past.conversation_id, "And when?")
    assert done.code == 0, done.err
    assert "user: When does it sail?" in done.out.replace("\n", " ") or "sail" in done.out
    call = open_log().call()
    assert call.conversation_id == past.conversation_id
    assert [message.text for message in call.request().messages if message.role == "user"] == [
        "When does it sail?", "And where?", "And when?",
    ]  # fmt: skip
    again = curta("-c", "Really?")
    assert again.code == 0, again.err
    assert [call.prompt for call in prompting.logs().calls(Filter(conversation=past.conversation_id))] == [
        "Really?", "And when?", "And where?", "When does it sail?",
    ]  # fmt: skip


def test_ids_of_neither_log_and_of_several_calls_are_named() -> None:
    with pytest.raises(UnknownCall):
        prompting.logs().call("01zzzzzzzzz")
    with pytest.raises(AmbiguousCall):
        prompting.logs().call("0")


def test_a_log_of_ones_own_has_no_past(tmp_path: Path) -> None:
    with pytest.raises(UnknownCall):
        conversation(resume=True, log=open_log(tmp_path / "mine.db"))
