"""A model file on this computer answers like any other model, and what it cannot do is refused before it is tried."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import curta
from curta import errors
from curta.engine import process
from curta.engine.files.held import ModelFile
from curta.engine.process import settings, state
from curta.errors import BrokenAnswer, PromptTooLong, UnsupportedRequest
from curta.events import Finish, UsageReport
from curta.models import registry
from tests.engine.waiting import until

pytest.importorskip("xllamacpp", reason="the engine")

QUESTION = "Eva lost a red kite in Oslo. Ben has a blue drum in Lima. Where is Ben?"
ENDLESS = {"extra_body": {"ignore_eos": True, "logprobs": True, "top_logprobs": 20}, "max_tokens": 1900}
"""More than the buffers between two processes hold."""


def test_it_answers(tiny_held: ModelFile) -> None:
    response = curta.prompt(QUESTION, model="tiny", options={"temperature": 0})
    assert "Lima" in response.text()
    assert response.cost == 0
    assert response.usage is not None
    assert response.usage.input == 28


def test_the_answer_arrives_in_pieces(tiny_held: ModelFile) -> None:
    response = curta.prompt(QUESTION, model="tiny", options={"max_tokens": 20, "extra_body": {"ignore_eos": True}})
    assert len(list(response)) > 10
    assert response.finish == "length"


def test_it_answers_async_code(tiny_held: ModelFile) -> None:
    async def several() -> list[str]:
        return [(await curta.prompt(QUESTION, model="tiny", options={"temperature": 0})).text() for _ in range(2)]

    first, second = asyncio.run(several())
    assert "Lima" in first
    assert first == second


def test_the_log_has_the_file_the_engine_and_the_seed(tiny_held: ModelFile) -> None:
    response = curta.prompt(QUESTION, model="tiny")
    response.text()
    call = curta.open_log().call(response.id)
    resolved = call.resolved_model or ""
    assert resolved.startswith(f"tiny F16 sha256:{tiny_held.sha256} context 2048 xllamacpp 2")
    assert resolved.rpartition(" seed ")[2].isdigit()


def test_the_seed_of_the_log_gives_the_same_answer(tiny_held: ModelFile) -> None:
    drawn = curta.prompt(QUESTION, model="tiny", options={"temperature": 2.0, "max_tokens": 30})
    words = drawn.text()
    seed = int((drawn.resolved_model or "").rpartition(" seed ")[2])
    again = curta.prompt(QUESTION, model="tiny", options={"temperature": 2.0, "max_tokens": 30, "seed": seed})
    assert again.text() == words


def test_the_official_client_hears_the_same(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    openai = pytest.importorskip("openai")
    monkeypatch.setenv("CURTA_ENGINE_PORT", "0")
    response = curta.prompt(QUESTION, model="tiny", options={"temperature": 0})
    words = response.text()
    address = process.serve(tiny_held)
    client = openai.OpenAI(base_url=address.url, api_key=address.key, max_retries=0)
    assert [model.id for model in client.models.list()] == ["tiny"]
    told = [{"role": "user", "content": QUESTION}]
    theirs = client.chat.completions.create(
        model="tiny", messages=told, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(theirs)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == words
    ours = next(event for event in response.events() if isinstance(event, UsageReport))
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (ours.input, ours.output)
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=address.url, api_key="wrong", max_retries=0).models.list()


def test_an_engine_killed_in_the_middle_of_an_answer(tiny_held: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """What had arrived is in the log, and the next call starts a new engine and says so."""
    response = curta.prompt(QUESTION, model="tiny", options=ENDLESS)
    pieces = iter(response)
    first = next(pieces)
    killed = process.serve(tiny_held)
    os.kill(killed.process, signal.SIGKILL)
    with pytest.raises(BrokenAnswer, match="The engine of tiny ended before the answer was complete"):
        list(pieces)
    call = curta.open_log().call(response.id)
    assert call.status == "failed"
    assert call.response.startswith(first)
    until(lambda: not state.is_alive(state.place(tiny_held, settings.configured())))
    told: list[str] = []
    monkeypatch.setattr(errors, "tell", told.append)
    assert "Lima" in curta.prompt(QUESTION, model="tiny", options={"temperature": 0}).text()
    assert told == ["The engine of tiny ended unexpectedly."]


def test_who_stops_reading_stops_the_engine_s_work(tiny_held: ModelFile) -> None:
    response = curta.prompt(QUESTION, model="tiny", options=ENDLESS)
    next(iter(response))
    response.close()
    assert response.status == "interrupted"
    assert "Lima" in curta.prompt(QUESTION, model="tiny", options={"temperature": 0}).text()


def test_a_prompt_that_does_not_fit_is_refused_by_how_much_and_what_is_largest(tiny_held: ModelFile) -> None:
    small = curta.Document("Ben has a drum. " * 10, uri="small.txt", title="small.txt")
    large = curta.Document("Eva lost a red kite in Oslo. " * 400, uri="large.txt", title="large\x1b[2J.txt")
    response = curta.prompt(QUESTION, model="tiny", documents=[small, large])
    with pytest.raises(PromptTooLong) as caught:
        response.text()
    error = caught.value
    assert error.tokens - error.room > 1000
    assert f"{error.tokens:,} tokens, {error.tokens - error.room:,} more than fit" in error.what
    assert f"takes {error.room:,}: its context is 2,048, and 256 are kept" in error.why
    assert "large␛[2J.txt" in error.why
    assert "CURTA_ENGINE_CONTEXT" in error.then
    assert curta.open_log().call(response.id).status == "failed"


def test_tokens_are_counted_as_the_engine_counts_them(tiny_held: ModelFile) -> None:
    """The largest prompt that is not refused is answered, and one token more is refused."""
    options = {"max_tokens": 1000, "temperature": 0}

    def asked(words: int) -> Any:
        return curta.prompt("Eva " * words, model="tiny", options=options)

    with pytest.raises(PromptTooLong) as caught:
        asked(2000).text()
    room, over = caught.value.room, caught.value.tokens
    assert room == 1048
    fits = asked(2000 - (over - room))
    fits.text()
    assert fits.usage is not None
    assert fits.usage.input == room
    with pytest.raises(PromptTooLong) as caught:
        asked(2001 - (over - room)).text()
    assert caught.value.tokens == room + 1


def test_options_reach_the_engine_or_are_refused(tiny_held: ModelFile) -> None:
    steady = {"temperature": 2.0, "top_k": 1, "max_tokens": 12, "extra_body": {"ignore_eos": True}}
    assert curta.prompt(QUESTION, model="tiny", options=steady).text() == (
        curta.prompt(QUESTION, model="tiny", options={**steady, "temperature": 0}).text()
    )
    stopped = curta.prompt(QUESTION, model="tiny", options={"temperature": 0, "stop": ["im"]})
    assert "im" not in stopped.text()
    with pytest.raises(UnsupportedRequest, match="takes no option 'warmth'"):
        curta.prompt(QUESTION, model="tiny", options={"warmth": 1}).text()


@pytest.mark.parametrize("options", [{"max_tokens": 0}, {"max_tokens": -1}, {"seed": -1}, {"seed": 2**32 - 1}])
def test_an_option_that_the_engine_would_read_otherwise_is_refused(
    tiny_held: ModelFile, options: dict[str, int]
) -> None:
    with pytest.raises(UnsupportedRequest, match=f"The option '{next(iter(options))}' is from"):
        curta.prompt(QUESTION, model="tiny", options=options).text()


def test_an_answer_longer_than_the_context_is_refused_by_its_limit(tiny_held: ModelFile) -> None:
    with pytest.raises(UnsupportedRequest, match="An answer of 2,048 tokens leaves no room for a prompt") as refused:
        curta.prompt(QUESTION, model="tiny", options={"max_tokens": 2048}).text()
    assert "-o max_tokens" in refused.value.then


def test_an_answer_without_a_limit_ends_all_the_same(tiny_held: ModelFile) -> None:
    response = curta.prompt(QUESTION, model="tiny", options={"extra_body": {"ignore_eos": True, "n_predict": 40}})
    assert len(response.text()) < 1000
    assert next(event for event in response.events() if isinstance(event, Finish)).reason == "length"


def test_its_facts_are_known_without_an_engine(tiny_held: ModelFile) -> None:
    model = registry.get("tiny")
    assert (model.facts.where, model.facts.context, model.facts.licence) == ("this computer", 2048, "Apache-2.0")
    assert model.facts.price is not None
    assert model.facts.price.free
    assert process.running() == []


def test_a_model_the_user_added_hides_a_file_and_an_alias_does_not(tiny_held: ModelFile, openai_server: Any) -> None:
    assert registry.resolve("tiny") == "tiny"
    assert "tiny" in registry.files()
    registry.add("tiny", url=openai_server.url, model="hello")
    assert registry.files() == []
    assert curta.prompt("Hi", model="tiny").text() == "Hello, wörld! 👋🏽"


def test_another_file_of_the_same_name_answers_anew(tiny_held: ModelFile, tmp_path: Path) -> None:
    """An answer of the log is given again only for the very file that gave it."""
    from curta.models.wires.served import place

    one = place(registry.get("tiny"))
    assert one == tiny_held.sha256[:16]
