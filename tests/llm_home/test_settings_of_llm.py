"""Keys, aliases, models, their options and the default model of an `llm` work without being copied."""

import json
from pathlib import Path

import pytest

from curta import config
from curta.api import prompting
from curta.errors import UnknownModel
from curta.llm_home import trouble
from curta.models import default_options, keys, registry
from tests.cli.conftest import Curta

KEY = "sk-from-llm-0123456789abcdef"


@pytest.mark.usefixtures("llm_folder", "untouched")
class TestOfARealLlm:
    def test_its_key_is_found_after_curtas_own_and_before_the_environment(self, monkeypatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
        assert keys.find("openai") == KEY
        keys.save("openai", "sk-curtas-own-0123456789")
        assert keys.find("openai") == "sk-curtas-own-0123456789"
        assert keys.find("anything", "openai") == "sk-curtas-own-0123456789"

    def test_a_key_is_named_by_the_name_llm_has_for_it(self) -> None:
        assert keys.find("another", "openai") == KEY
        assert keys.of_llm() == ["openai"]

    def test_its_aliases_and_models_are_known(self) -> None:
        assert registry.resolve("greeter") == "hello"
        assert registry.resolve("my-echo") == "echo"
        assert registry.get("greeter").facts.where == "this computer"
        assert {"hello", "echo", "tools"} <= {entry.name for entry in registry.entries()}
        assert registry.find("hello").key is None

    def test_an_alias_of_ones_own_wins(self) -> None:
        with config.changing("config.json") as settings:
            settings["aliases"] = {"greeter": "extractive"}
        assert registry.resolve("greeter") == "extractive"

    def test_a_prompt_goes_to_its_model_with_its_options(self) -> None:
        answer = prompting.prompt("Hello", model="my-echo")
        assert "temperature" in answer.text()
        assert answer.request.options == {"temperature": 0.5}
        assert prompting.logs().call().options == {"temperature": 0.5}
        assert prompting.prompt("Hello", model="echo", options={"temperature": 1.0}).request.options == {
            "temperature": 1.0
        }

    def test_its_options_can_be_changed_and_hidden(self) -> None:
        default_options.set_option(registry.get("echo"), "temperature", 0.25)
        default_options.set_option(registry.get("echo"), "seed", 7)
        assert default_options.options_for(registry.get("echo")) == {"temperature": 0.25, "seed": 7}
        default_options.clear("echo", "temperature")
        assert default_options.all_options() == {"echo": {"seed": 7}}
        default_options.clear("echo")
        assert default_options.all_options() == {}

    def test_with_an_openai_key_the_default_is_that_of_llm(self) -> None:
        assert registry.default() == "gpt-5.6-luna"
        registry.set_default("extractive")
        assert registry.default() == "extractive"


def test_the_chosen_default_model(empty_llm_folder: Path, monkeypatch) -> None:
    assert registry.default() == "extractive"
    (empty_llm_folder / "default_model.txt").write_text("gpt-4o\n")
    assert registry.default() == "extractive"  # it cannot be asked: there is no key
    (empty_llm_folder / "keys.json").write_text(json.dumps({"openai": KEY}))
    assert registry.default() == "gpt-4o"
    monkeypatch.setenv("CURTA_MODEL", "extractive")
    assert registry.default() == "extractive"


def test_names_of_keys_that_plugins_use(empty_llm_folder: Path) -> None:
    (empty_llm_folder / "keys.json").write_text(json.dumps({"// Note": "mind", "claude": "k1", "gemini": "k2"}))
    assert (keys.find("anthropic"), keys.find("gemini")) == ("k1", "k2")
    assert keys.of_llm() == ["claude", "gemini"]


def test_an_extra_model_with_headers_a_key_and_no_streaming(
    empty_llm_folder: Path, openai_server, curta: Curta
) -> None:
    (empty_llm_folder / "keys.json").write_text(json.dumps({"mine": "sk-of-the-house-0123456789"}))
    (empty_llm_folder / "extra-openai-models.yaml").write_text(f"""
- model_id: quiet
  model_name: echo
  api_base: {openai_server.url}
  api_key_name: mine
  can_stream: false
  headers: {{X-House: blue}}
- model_id: ancient
  model_name: davinci
  api_base: {openai_server.url}
  completion: true
- model_name: nameless
""")
    done = curta("-m", "quiet", "Hello")
    assert done.code == 0, done.err
    (request,) = openai_server.requests
    assert request.headers["authorization"] == "Bearer sk-of-the-house-0123456789"
    assert request.headers["x-house"] == "blue"
    assert not request.body.get("stream")
    refused = curta("-m", "ancient", "Hello")
    assert refused.code == 2
    assert "the old completions protocol" in refused.err
    assert "Model 3 of llm's extra-openai-models.yaml cannot be used: it lacks 'model_id'." in refused.err


@pytest.mark.parametrize("name", ["keys.json", "aliases.json", "model_options.json"])
@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe\x00", b'{"openai": ["sk-secret"]}', b""])
def test_a_damaged_file_is_named_and_costs_nothing(empty_llm_folder: Path, name: str, content: bytes) -> None:
    (empty_llm_folder / name).write_bytes(content)
    assert keys.find("openai") is None
    assert registry.resolve("4o") == "gpt-4o"
    assert default_options.all_options() == {}
    assert not any("sk-secret" in sentence for sentence in trouble())


def test_an_unknown_option_of_llm_is_named_and_not_sent(empty_llm_folder: Path, added: Curta, openai_server) -> None:
    (empty_llm_folder / "model_options.json").write_text(json.dumps({"echo": {"warp": 9, "temperature": 1}}))
    done = added("-m", "echo", "Hello")
    assert "warp" not in done.out
    assert "temperature" in done.out
    assert "llm's option 'warp' for echo is not sent" in done.err


def test_nothing_there_is_nothing(home: Path) -> None:
    with pytest.raises(UnknownModel):
        registry.find("no-such-model")
    assert keys.of_llm() == []
    assert registry.default() == "extractive"
