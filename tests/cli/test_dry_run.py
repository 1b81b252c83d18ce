"""`--dry-run` shows what would leave, and nothing leaves."""

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Curta


def test_the_request_is_shown_and_not_sent(added: Curta, openai_server: Any) -> None:
    done = added("-m", "hello", "--dry-run", "What is it?", "-o", "seed", "7", stdin="A source.")
    head, _, body = done.out.partition("\n\n")
    assert done.code == 0
    assert head.startswith(f"POST {openai_server.url}/chat/completions")
    shown = json.loads(body)
    assert (shown["model"], shown["seed"]) == ("hello", 7)
    assert "A source." in done.out
    assert openai_server.requests == []
    assert added("logs", "--json").json == []


def test_what_is_shown_is_what_is_sent(added: Curta, openai_server: Any) -> None:
    shown = json.loads(added("-m", "hello", "--dry-run", "hi").out.partition("\n\n")[2])
    added("-m", "hello", "hi")
    assert openai_server.requests[0].body == shown


def test_the_key_is_masked(curta: Curta) -> None:
    done = curta("-m", "gpt-5", "--dry-run", "hi", OPENAI_API_KEY="sk-very-secret-indeed")
    assert "****" in done.out
    assert "sk-very-secret-indeed" not in done.out + done.err


def test_a_request_can_be_looked_at_before_there_is_a_key(curta: Curta) -> None:
    done = curta("-m", "gpt-5", "--dry-run", "hi")
    assert (done.code, "****" in done.out) == (0, True)
    assert curta("-m", "gpt-5", "hi").code == 1


def test_the_request_for_quotations_is_shown_too(added: Curta) -> None:
    done = added("-m", "hello", "--dry-run", "--quotes", "hi", stdin="A source.")
    assert "double quotation marks" in done.out


def test_a_model_on_this_computer_gets_the_documents_as_they_are(curta: Curta) -> None:
    shown = curta("-m", "extractive", "--dry-run", "When?", stdin="The ferry leaves at nine.").json
    assert shown["messages"][0]["parts"][0]["text"] == "The ferry leaves at nine."


def test_the_system_prompt_of_a_template_stays_with_the_request_for_quotations(added: Curta, home: Path) -> None:
    (home / "templates").mkdir(parents=True, exist_ok=True)
    (home / "templates" / "terse.yaml").write_text("system: Be terse.\n")
    done = added("-m", "hello", "-t", "terse", "--dry-run", "--quotes", "hi", stdin="A source.")
    told = json.loads(done.out.partition("\n\n")[2])["messages"][0]["content"]
    assert told.startswith("Be terse.")
    assert "direct quotations" in told
