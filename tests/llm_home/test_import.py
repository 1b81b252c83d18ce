"""`curta plugins import-llm` copies what the user wants, once, and overwrites nothing."""

import json
import shutil
from pathlib import Path

import pytest

from curta import config
from curta.api import prompting
from curta.models import keys, registry
from curta.store import Filter, open_log
from tests.cli.conftest import Curta
from tests.llm_home.directories import FIRST, SECOND, THIRD


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_everything_is_copied_and_needs_llm_no_more(llm_folder: Path, curta: Curta, monkeypatch) -> None:
    before = [call.to_dict() for call in prompting.logs().calls()]
    done = curta("plugins", "import-llm", "--all")
    assert done.code == 0, done.err
    assert "logs: 7 calls copied" in done.out
    monkeypatch.setenv("LLM_USER_PATH", str(llm_folder.parent / "gone"))
    after = [call.to_dict() for call in open_log().calls()]
    for one, other in zip(before, after, strict=True):
        del one["source"]
        assert {**other, "finish": None} == one | {"first_token_ms": other["first_token_ms"]}
    assert keys.saved() == {"openai": "sk-from-llm-0123456789abcdef"}
    assert registry.resolve("greeter") == "hello"
    assert registry.resolve("my-echo") == "echo"
    assert curta("-t", "sailing", "Now").code == 0
    assert "The boat sails at noon." in curta("-m", "echo", "-f", "boat", "When?").out
    assert curta("models", "options").out == "echo\n  temperature: 0.5\n"
    assert (config.home() / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_imported_calls_are_shown_once_and_found(curta: Curta) -> None:
    curta("-m", "extractive", "What now?", stdin="It is raining now.")
    curta("plugins", "import-llm", "--logs")
    listed = [(call.prompt, call.caller) for call in prompting.logs().calls()]
    assert listed[0] == ("What now?", "prompt")
    assert listed[1] == ("What is this?", "llm")
    assert len(listed) == 8
    assert [call.prompt for call in open_log().calls(Filter(query="aristotle"))] == ["Say hi to Aristotle"]
    again = curta("plugins", "import-llm", "--logs")
    assert "logs: 0 calls copied" in again.out
    assert len(list(prompting.logs().calls())) == 8


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_an_imported_conversation_goes_on(curta: Curta) -> None:
    past = next(prompting.logs().calls(Filter(query="where")))
    curta("plugins", "import-llm", "--logs")
    assert curta("--cid", past.id, "And when?").code == 0
    call = open_log().call()
    assert call.prompt == "And when?"
    assert call.conversation_id == past.conversation_id
    assert len(call.messages()) == 6
    curta("plugins", "import-llm", "--logs")
    assert open_log().call().prompt == "And when?"
    assert curta("logs", "rm", past.id, "--yes").code == 0


@pytest.mark.usefixtures("old_log", "untouched")
def test_the_older_form_is_imported(curta: Curta) -> None:
    assert "3 calls copied" in curta("plugins", "import-llm", "--logs").out
    assert [call.id for call in open_log().calls()] == [THIRD, SECOND, FIRST]
    assert open_log().call(THIRD).messages() == next(prompting.logs().past.calls(Filter(ids=(THIRD,)))).messages()


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_what_curta_has_stays(llm_folder: Path, curta: Curta) -> None:
    keys.save("openai", "sk-curtas-own-0123456789")
    (config.home() / "templates").mkdir()
    (config.home() / "templates/sailing.yaml").write_text("prompt: mine\n")
    done = curta("plugins", "import-llm", "--keys", "--templates", "--aliases")
    assert "keys: openai  Curta has its own of this name, which stays" in done.out
    assert "templates: sailing  Curta has its own of this name" in done.out
    assert "aliases: greeter  copied" in done.out
    assert keys.saved()["openai"] == "sk-curtas-own-0123456789"
    assert (config.home() / "templates/sailing.yaml").read_text() == "prompt: mine\n"
    assert "aliases: greeter  there already" in curta("plugins", "import-llm", "--aliases").out


@pytest.mark.usefixtures("llm_folder", "untouched")
def test_a_dry_run_changes_nothing(curta: Curta) -> None:
    done = curta("plugins", "import-llm", "--dry-run")
    assert "keys: openai  to copy" in done.out
    assert "logs: 7 calls to copy" in done.out
    assert "sk-from-llm" not in done.out
    plan = curta("plugins", "import-llm", "--dry-run", "--json").json
    assert plan["calls"] == 7
    assert {"kind": "keys", "name": "openai", "state": "new"} in plan["items"]
    assert keys.saved() == {}
    assert open_log().count() == 0


def test_without_a_word_of_what_it_asks(empty_llm_folder: Path, curta: Curta) -> None:
    assert curta("plugins", "import-llm").code == 2
    shutil.rmtree(empty_llm_folder)
    done = curta("plugins", "import-llm", "--all")
    assert (done.code, done.out) == (0, "")
    assert "There is no llm here" in done.err


def test_a_key_that_can_be_none_is_refused_by_name(empty_llm_folder: Path, curta: Curta) -> None:
    (empty_llm_folder / "keys.json").write_text(json.dumps({"openai": "two words", "gemini": "a-good-key-0123456789"}))
    done = curta("plugins", "import-llm", "--keys")
    assert "keys: openai  cannot be kept" in done.out
    assert "two words" not in done.out
    assert keys.saved() == {"gemini": "a-good-key-0123456789"}
