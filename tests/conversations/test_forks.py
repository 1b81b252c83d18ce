"""Going on: after an interruption, after a failure, from an earlier turn."""

import pytest

import curta
from curta.errors import BrokenAnswer, UnknownCall, UsageError
from curta.messages import assistant, user
from curta.models import registry
from tests.servers.openai import Answer, Failure, OpenAIServer


@pytest.fixture
def echo(openai_server: OpenAIServer) -> str:
    for name in ("echo", "endless", "stall", "cut", "hello", "reasoning"):
        registry.add(name, url=openai_server.url, model=name)
    return "echo"


def test_an_interrupted_answer_is_what_the_assistant_said(echo: str) -> None:
    talk = curta.conversation("endless")
    response = talk.prompt("go on")
    for _ in response:
        if response.partial().count("again") == 3:
            break
    response.close()
    assert response.status == "interrupted"
    said = (user("go on"), assistant("again again again "))
    assert talk.messages == said
    assert curta.conversation("echo", resume=True).messages == said
    assert curta.conversation("echo", resume=True).prompt("and?").text().startswith("user: go on\nassistant: again")


def test_a_failed_answer_is_not_gone_on_from(echo: str) -> None:
    talk = curta.conversation("echo")
    talk.prompt("one").text()
    before = talk.messages
    talk.model = curta.model("cut")
    with pytest.raises(BrokenAnswer):
        talk.prompt("two").text()
    assert talk.messages == before
    assert curta.conversation(resume=True).messages == before
    assert curta.open_log().call().conversation_id == talk.id


def test_a_first_call_that_failed_still_begins_the_conversation(openai_server: OpenAIServer, echo: str) -> None:
    openai_server.script(Failure(400))
    talk = curta.conversation("echo")
    with pytest.raises(curta.CurtaError):
        talk.prompt("one").text()
    talk.prompt("two").text()
    first, second = curta.open_log().call(talk.id), curta.open_log().call()
    assert (first.status, second.prompt) == ("failed", "two")
    assert first.conversation_id == second.conversation_id
    assert len(talk.messages) == 2


def test_an_interruption_before_the_first_word_leaves_the_conversation_as_it_was(echo: str) -> None:
    talk = curta.conversation("reasoning")
    response = talk.prompt("hi")
    next(response.events())
    response.close()
    assert response.status == "interrupted"
    assert talk.messages == ()


def test_a_fork_goes_back_and_the_first_way_stays(echo: str) -> None:
    talk = curta.conversation("hello")
    for words in ("one", "two", "three"):
        talk.prompt(words, instructions="Be brief.").text()
    other = talk.fork(back=2)
    assert [message.text for message in other.messages] == ["Be brief.", "one", "Hello, wörld! 👋🏽"]
    other.prompt("four").text()
    assert len(talk.messages) == 7
    assert other.id == talk.id
    calls = list(curta.open_log().calls())
    by_prompt = {call.prompt: call for call in calls}
    assert by_prompt["four"].parent_id == by_prompt["one"].id == by_prompt["two"].parent_id
    assert curta.conversation(resume=talk.id).messages == other.messages


def test_a_fork_from_the_beginning_drops_the_system_prompt_too(echo: str) -> None:
    talk = curta.conversation("hello")
    talk.prompt("one", instructions="Be brief.").text()
    assert talk.fork(back=1).messages == ()
    with pytest.raises(UsageError, match="nothing to go back to"):
        talk.fork(back=2)


def test_one_goes_on_from_any_logged_call(echo: str) -> None:
    talk = curta.conversation("echo")
    talk.prompt("one").text()
    first = curta.open_log().call()
    talk.prompt("two").text()
    other = curta.conversation(from_call=first.id)
    assert [message.text for message in other.messages if message.role == "user"] == ["one"]
    other.prompt("three").text()
    assert next(curta.open_log().conversations()).branches == 2
    with pytest.raises(UnknownCall):
        curta.conversation(from_call="nonsense")


def test_a_conversation_is_resumed_by_its_name(openai_server: OpenAIServer, echo: str) -> None:
    openai_server.script(Answer("A"))
    talk = curta.conversation("echo")
    talk.prompt("one").text()
    assert talk.id
    curta.open_log().name_conversation(talk.id, "numbers")
    assert curta.conversation(resume="numbers").messages == talk.messages


def test_going_back_costs_no_second_copy_in_the_log(echo: str) -> None:
    talk = curta.conversation("hello")
    for n in range(5):
        talk.prompt(f"turn {n}").text()
    talk.fork(back=4).prompt("another way").text()
    with curta.open_log()._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM message").fetchone()[0] == 12
