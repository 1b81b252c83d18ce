"""Ollama, LM Studio and llama-server on this computer: found when asked for, and never believed to have read it all."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import curta
from curta import errors
from curta.errors import BrokenAnswer, PromptTooLong, UnknownModel, UnsupportedRequest
from curta.events import ReasoningDelta
from curta.models import registry, servers
from curta.models.listing import listing
from tests.servers.ollama_server import TRAINED, OllamaServer
from tests.servers.openai import Answer, OpenAIServer


@pytest.fixture(autouse=True)
def nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All servers at an address where nobody listens (it is held, so nobody will), but for those a test starts."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        for name in ("OLLAMA_HOST", "LMSTUDIO_BASE_URL", "LLAMA_ARG_HOST"):
            monkeypatch.setenv(name, f"127.0.0.1:{held.getsockname()[1]}")
        monkeypatch.delenv("CURTA_LOCAL_SERVERS")
        yield


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.address)
        yield server


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sentences: list[str] = []
    monkeypatch.setattr(errors, "tell", sentences.append)
    return sentences


def test_their_models_are_listed(
    ollama: OllamaServer, openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMSTUDIO_BASE_URL", openai_server.url)
    names = {each.name: each for each in listing()}
    assert {"ollama/pelican:latest", "lmstudio/hello"} <= names.keys()
    assert names["ollama/pelican:latest"].facts.where == "this computer"
    assert not any(name.startswith("llama-server/") for name in names)


def test_nothing_is_looked_for_when_that_is_switched_off(ollama: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURTA_LOCAL_SERVERS", "off")
    assert servers.listed() == {}


def test_what_is_no_list_of_models_lists_nothing(openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program has the usual port."""
    monkeypatch.setenv("OLLAMA_HOST", openai_server.url.removesuffix("/v1"))
    assert servers.listed() == {}


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:9", "http://127.0.0.1:9"),
        (":9", "http://127.0.0.1:9"),
        ("box.example", "http://box.example:11434"),
        ("https://box.example:9/", "https://box.example:9"),
        ("[::1]:9", "http://[::1]:9"),
        ("[::1]", "http://[::1]:11434"),
    ],
)
def test_the_address_is_what_the_usual_variable_says(named: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", named)
    assert servers.SERVERS["ollama"].url == url


def test_the_port_of_llama_server_has_a_variable_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLAMA_ARG_HOST")
    monkeypatch.setenv("LLAMA_ARG_PORT", "8099")
    assert servers.SERVERS["llama-server"].url == "http://127.0.0.1:8099/v1"


def test_a_name_that_only_a_server_has_is_told(ollama: OllamaServer) -> None:
    with pytest.raises(UnknownModel) as caught:
        registry.require("pelican")
    assert caught.value.then == "Name the server too: -m ollama/pelican:latest"


def test_a_prompt_to_a_named_server_looks_for_no_other(ollama: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "listed", lambda: pytest.fail("it looked"))
    assert curta.prompt("one two three", model="ollama/pelican:latest").text() == "I read 3 words. 👋🏽"


def test_it_answers_async_code_and_whole(ollama: OllamaServer) -> None:
    async def asked() -> str:
        return (await curta.prompt("one two", model="ollama/pelican:latest", stream=False)).text()

    assert asyncio.run(asked()) == "I read 2 words. 👋🏽"
    assert ollama.requests[0]["stream"] is False


def test_ollama_is_told_how_much_context_a_prompt_takes(ollama: OllamaServer, told: list[str]) -> None:
    """By default it would have read 4,096 of these."""
    response = curta.prompt("word " * 9000, model="ollama/pelican:latest")
    assert response.text() == "I read 9000 words. 👋🏽"
    assert ollama.requests[0]["options"]["num_ctx"] == 16_384
    assert curta.prompt("short", model="ollama/pelican:latest").text()
    assert ollama.requests[1]["options"]["num_ctx"] == servers.SMALLEST
    assert told == []


def test_a_prompt_that_was_cut_is_told(ollama: OllamaServer, told: list[str]) -> None:
    curta.prompt("word " * 20_000, model="ollama/deaf:1b").text()
    (sentence,) = told
    assert "of about 20," in sentence
    assert "ollama/deaf:1b says it read 4,096" in sentence
    told.clear()
    curta.prompt("word " * 20_000, model="ollama/pelican:latest", options={"num_ctx": 4096}).text()
    assert "says it read 4,096" in told[0]


def test_a_prompt_the_model_has_no_room_for_is_not_sent(ollama: OllamaServer) -> None:
    with pytest.raises(PromptTooLong, match=f"room for {TRAINED:,}"):
        curta.prompt("word " * 200_000, model="ollama/pelican:latest").text()
    assert ollama.requests == []


def test_a_server_that_read_less_than_it_was_sent_is_told(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    """LM Studio may leave out the middle. The server of tests counts words, so one long word is read as one."""
    monkeypatch.setenv("LMSTUDIO_BASE_URL", openai_server.url)
    assert curta.prompt("Hello there", model="lmstudio/hello").text() == "Hello, wörld! 👋🏽"
    assert told == []
    curta.prompt("x-" * 2000, model="lmstudio/hello").text()
    assert "lmstudio/hello says it read 1." in told[0]


def test_options_and_schemas_reach_ollama(ollama: OllamaServer) -> None:
    schema = {"type": "object", "properties": {"read": {"type": "integer"}}, "required": ["read"]}
    options = {"temperature": 0, "max_tokens": 5, "top_k": 3, "keep_alive": "1m", "extra_body": {"logprobs": True}}
    response = curta.prompt("one two", model="ollama/pelican:latest", schema=schema, options=options)
    assert response.json() == {"read": 2}
    (sent,) = ollama.requests
    assert sent["options"] == {"num_ctx": servers.SMALLEST, "temperature": 0.0, "num_predict": 5, "top_k": 3}
    assert (sent["format"], sent["keep_alive"], sent["logprobs"]) == (schema, "1m", True)
    assert "think" not in sent
    with pytest.raises(UnsupportedRequest, match="takes no option 'warmth'"):
        curta.prompt("one", model="ollama/pelican:latest", options={"warmth": 1}).text()


def test_thinking_is_off_unless_asked_for(ollama: OllamaServer) -> None:
    curta.prompt("one", model="ollama/thinker:1b").text()
    asked = curta.prompt("one", model="ollama/thinker:1b", options={"thinking": True})
    assert asked.text() == "I read 1 words. 👋🏽"
    assert [request["think"] for request in ollama.requests] == [False, True]
    assert [event.text for event in asked.events() if isinstance(event, ReasoningDelta)] == ["Hm."]


def test_tools_are_called_and_their_results_sent(ollama: OllamaServer) -> None:
    def find(name: str) -> str:
        """Where somebody is."""
        return f"{name} is in Lima."

    answer = curta.prompt("Where is Ben?", model="ollama/caller:1b", tools=[find])
    assert "I read" in answer.text()
    called, answered = ollama.requests[1]["messages"][-2:]
    assert called["tool_calls"] == [{"function": {"name": "find", "arguments": {"name": "Ben"}}}]
    assert answered == {"role": "tool", "content": "Ben is in Lima.", "tool_name": "find"}


def test_pictures_are_sent_in_base64(ollama: OllamaServer) -> None:
    picture = curta.Attachment("image/png", b"\x89PNG")
    curta.prompt("What is this?", model="ollama/pelican:latest", attachments=[picture]).text()
    assert ollama.requests[0]["messages"][0]["images"] == ["iVBORw=="]


def test_what_goes_wrong_there_is_a_sentence(ollama: OllamaServer) -> None:
    with pytest.raises(UnknownModel, match="has no model 'nobody'"):
        curta.prompt("one", model="ollama/nobody").text()
    with pytest.raises(BrokenAnswer, match="was cut off"):
        curta.prompt("one", model="ollama/broken:1b").text()
    with pytest.raises(BrokenAnswer, match="not what the protocol says"):
        curta.prompt("one", model="ollama/odd:1b").text()
    with pytest.raises(errors.Unreachable, match="No connection"):
        curta.prompt("one", model="lmstudio/hello").text()


def test_a_model_the_user_added_under_such_a_name_is_theirs(ollama: OllamaServer, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("mine"))
    registry.add("ollama/pelican:latest", url=openai_server.url, model="x")
    assert curta.prompt("one", model="ollama/pelican:latest").text() == "mine"
