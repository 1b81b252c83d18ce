"""The commands show what an `llm` on this computer has, and where it comes from."""

import pytest

from tests.cli.conftest import Curta

pytestmark = pytest.mark.usefixtures("llm_folder", "untouched")


def test_keys_are_listed_and_printed_by_name(curta: Curta) -> None:
    assert curta("keys").out == "openai  from llm\n"
    assert curta("keys", "list", "--json").json == ["openai"]
    assert curta("keys", "get", "openai").out == "sk-from-llm-0123456789abcdef\n"


def test_its_templates_are_found(curta: Curta) -> None:
    assert "sailing" in curta("templates").out
    done = curta("-t", "sailing", "Now")
    assert done.code == 0, done.err
    assert "When does it sail?" in done.out


def test_its_models_aliases_and_options_are_listed(curta: Curta) -> None:
    assert "my-echo" in curta("models", "-q", "echo").out
    assert curta("aliases", "--json").json["greeter"] == "hello"
    assert curta("models", "options").out == "echo\n  temperature: 0.5\n"
    assert curta("models", "default").out == "gpt-5.6-luna\n"


def test_doctor_says_what_there_is_and_what_is_hidden(curta: Curta) -> None:
    curta("keys", "set", "openai", stdin="sk-curtas-own-0123456789")
    done = curta("doctor")
    assert "1 keys, 6 aliases, 6 models, 1 templates, 1 fragments, 7 calls, read where they are" in done.out
    assert "hidden by what Curta has of the same name: keys: openai" in done.out
