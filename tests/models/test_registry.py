"""Which model a name finds, and where its words go."""

from pathlib import Path

import pytest

from curta import config
from curta.errors import ConfigError, UnknownModel, UsageError
from curta.models import registry
from curta.models.listing import listing
from curta.models.wires import WIRES


def test_without_configuration_the_built_in_model_answers(home: Path) -> None:
    assert registry.get().name == "extractive"


def test_the_environment_chooses_before_the_configuration(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.set_default("gpt-5-mini")
    assert registry.default() == "gpt-5-mini"
    monkeypatch.setenv("CURTA_MODEL", "extractive")
    assert registry.default() == "extractive"


def test_an_added_model_is_found_and_says_where_words_go(home: Path) -> None:
    registry.add("mine", url="http://127.0.0.1:8080/v1/", model="llama")
    entry = registry.find("mine")
    assert (entry.url, entry.id, entry.facts.where) == ("http://127.0.0.1:8080/v1", "llama", "this computer")
    registry.remove("mine")
    with pytest.raises(UnknownModel):
        registry.find("mine")


def test_an_added_model_hides_a_catalogued_one(home: Path) -> None:
    registry.add("gpt-5", url="http://localhost:1/v1", model="other")
    assert registry.find("gpt-5").url == "http://localhost:1/v1"
    assert [entry.name for entry in registry.entries()].count("gpt-5") == 1


def test_a_name_in_a_providers_pattern_needs_no_catalogue(home: Path) -> None:
    assert registry.find("gpt-9-ultra").id == "gpt-9-ultra"
    assert registry.find("openai/whatever").id == "whatever"


def test_a_base_url_of_ones_own_takes_any_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownModel):
        registry.find("llama-3")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    entry = registry.find("llama-3")
    assert (entry.url, entry.facts.where) == ("http://localhost:9/v1", "this computer")


@pytest.mark.parametrize(
    ("name", "wire", "where"),
    [
        ("claude-opus-5-5", "anthropic", "api.anthropic.com"),
        ("claude-of-tomorrow", "anthropic", "api.anthropic.com"),
        ("gemini-9-flash", "gemini", "generativelanguage.googleapis.com"),
        ("anthropic/whatever", "anthropic", "api.anthropic.com"),
        ("openai-responses/gpt-5.2", "openai_responses", "this computer"),
        ("gpt-9", "openai_chat", "this computer"),
        ("gpt-9-pro", "openai_responses", "this computer"),
        ("llama-3", "openai_chat", "this computer"),
    ],
)
def test_a_providers_pattern_wins_over_a_base_url_that_takes_any_name(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, wire: str, where: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    entry = registry.find(name)
    assert (entry.wire, entry.facts.where) == (wire, where)


def test_another_providers_base_url_takes_only_its_own_names(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://localhost:9")
    assert registry.find("claude-opus-5-5").facts.where == "this computer"
    with pytest.raises(UnknownModel):
        registry.find("llama-3")


def test_the_same_model_by_another_wire_has_the_same_price(home: Path) -> None:
    assert registry.find("openai-responses/gpt-5.2").facts.price == registry.find("gpt-5.2").facts.price


@pytest.mark.parametrize("wire", WIRES)
def test_a_model_can_be_added_for_every_wire(home: Path, wire: str) -> None:
    registry.add("mine", url="http://localhost:9", model="m", wire=wire)
    model = registry.get("mine")
    assert (model.name, model.facts.where) == ("mine", "this computer")
    assert model.options


def test_an_added_model_of_a_wire_that_is_gone_is_named(home: Path) -> None:
    config.write(registry.MODELS_FILE, {"mine": {"url": "http://x", "model": "m", "wire": "telepathy"}})
    with pytest.raises(ConfigError, match="telepathy"):
        registry.get("mine")


@pytest.mark.parametrize("variable", ["GEMINI_API_KEY", "GOOGLE_API_KEY"])
def test_a_key_may_be_in_the_variable_of_its_providers_programs(
    home: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    assert not registry.find("gemini-3.5-flash").ready
    monkeypatch.setenv(variable, "a-key-for-nobody")
    assert registry.find("gemini-3.5-flash").ready


def test_prices_are_not_claimed_for_another_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.find("gpt-5").facts.price is not None
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:9/v1")
    assert registry.find("gpt-5").facts.price is None


def test_an_unknown_model_names_close_ones(home: Path) -> None:
    with pytest.raises(UnknownModel, match="extractive"):
        registry.get("extractiv")


@pytest.mark.parametrize(
    ("name", "url", "wire"),
    [
        ("", "http://x", "openai_chat"),
        ("extractive", "http://x", "openai_chat"),
        ("a", "ftp://x", "openai_chat"),
        ("a", "http://x", "telepathy"),
    ],
)
def test_what_cannot_be_a_model_is_refused(home: Path, name: str, url: str, wire: str) -> None:
    with pytest.raises(UsageError):
        registry.add(name, url=url, model="m", wire=wire)


def test_a_broken_models_file_is_named(home: Path) -> None:
    config.write(registry.MODELS_FILE, {"mine": {"url": 3}})
    with pytest.raises(ConfigError, match=r"models\.json"):
        registry.find("anything")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://api.openai.com/v1", "api.openai.com"),
        ("http://localhost:8080", "this computer"),
        ("http://[::1]:8080/v1", "this computer"),
        ("http://user:secret@example.org/v1", "example.org"),
        ("http://127.evil.example/v1", "127.evil.example"),
    ],
)
def test_where_words_go(url: str, where: str) -> None:
    assert registry.where(url) == where


def test_every_listed_model_has_a_dated_price_or_none(home: Path) -> None:
    for each in listing():
        assert each.facts.price is None or len(each.facts.price.date) == 10
