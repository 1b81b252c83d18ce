"""Ask, check, have it mended, strike out: against a server whose answers are wrong on purpose."""

import asyncio
from typing import Any

import pytest

import curta
from curta.answering import quoted
from curta.conversations import Conversation
from curta.errors import UsageError
from curta.messages import Document, Span
from curta.models import registry
from curta.templates import Template

TEXT = "I would not recommend it to a friend of mine.\n\nIt cost us 3,500 dollars in the first year alone.\n"
THREAD = Document(TEXT, "thread", spans=(Span(0, 45, "ann"), Span(47, 96, "bob")))

RIGHT = 'Opinions differ: "I would not recommend it to a friend of mine" — ann'
WRONG = 'Opinions differ: "I would recommend it to a friend of mine" — ann'
STOLEN = 'Opinions differ: "I would not recommend it to a friend of mine" — bob'
INVENTED = 'Somebody says "it saved our company and our marriage too" — bob. Others disagree.'


@pytest.fixture
def server(openai_server: Any) -> Any:
    registry.add("hello", url=openai_server.url, model="hello")
    return openai_server


def ask(**how: Any) -> Any:
    return curta.quoted("What do they say?", model="hello", documents=[THREAD], **how)


def test_a_right_answer_takes_one_round(server: Any) -> None:
    server.script(RIGHT)
    answer = ask()
    assert (answer.ok, answer.text, len(answer.rounds)) == (True, RIGHT, 1)


def test_the_request_asks_for_quotations(server: Any) -> None:
    server.script(RIGHT)
    ask(system="Be brief.")
    system, user = server.requests[0].body["messages"]
    assert system["content"].startswith("Be brief.\n\n")
    assert "double quotation marks" in system["content"]
    assert "ann" in str(user["content"])


@pytest.mark.parametrize(("wrong", "told"), [(WRONG, "would not"), (STOLEN, "ann, not bob"), (INVENTED, "not found")])
def test_an_error_goes_back_as_text_and_is_mended(server: Any, wrong: str, told: str) -> None:
    server.script(wrong, RIGHT)
    answer = ask()
    assert (answer.ok, answer.text, len(answer.rounds)) == (True, RIGHT, 2)
    *_, written, complaint = server.requests[1].body["messages"]
    assert written == {"role": "assistant", "content": wrong}
    assert told in complaint["content"]


def test_after_three_rounds_what_is_wrong_is_replaced_or_struck_out(server: Any) -> None:
    server.script(*[INVENTED] * 9)
    verdicts: list[bool] = []
    answer = ask(on_round=lambda number, response, report: verdicts.append(report.ok))
    assert verdicts == [False] * 4
    assert not answer.ok
    assert answer.written == INVENTED
    assert "it saved our company" not in answer.text.replace("~~", "") or "~~" in answer.text
    assert "Others disagree." in answer.text


def test_a_located_error_is_replaced_by_the_words_of_the_source(server: Any) -> None:
    server.script(*[WRONG] * 4)
    assert "I would not recommend it to a friend of mine" in ask().text


def test_every_round_is_logged_with_its_verdict(server: Any) -> None:
    server.script(WRONG, RIGHT)
    ask()
    second, first = curta.open_log().calls()
    assert first.conversation_id == second.conversation_id
    assert (first.quotes["ok"], second.quotes["ok"]) == (False, True)
    assert first.quotes["quotes"][0]["status"] == "altered"


def test_async_code_runs_the_same_loop(server: Any) -> None:
    server.script(WRONG, RIGHT)
    steps = quoted.ask(Conversation(registry.get("hello")), THREAD, "What do they say?")
    answer = asyncio.run(quoted.adrive(steps))
    assert (answer.text, len(answer.rounds)) == (RIGHT, 2)


def test_without_a_log_nothing_is_written(server: Any) -> None:
    server.script(RIGHT)
    assert ask(log=False).ok
    assert list(curta.open_log().calls()) == []


def test_an_error_in_the_middle_keeps_the_rounds_before_it(server: Any) -> None:
    from tests.servers.openai import Failure

    server.script(WRONG, Failure(400))
    with pytest.raises(curta.CurtaError):
        ask()
    second, first = curta.open_log().calls()
    assert (first.status, second.status) == ("ok", "failed")


def test_the_built_in_model_proves_what_it_says() -> None:
    answer = curta.quoted("What did it cost in the first year?", model="extractive", documents=[THREAD])
    assert answer.ok
    assert "3,500 dollars" in answer.text
    assert [quote.status for quote in answer.report.quotes] == ["verbatim"]


def test_check_takes_a_response(server: Any) -> None:
    server.script(STOLEN)
    response = curta.prompt("What do they say?", model="hello", documents=[THREAD])
    report = curta.check(response)
    assert not report.ok
    assert curta.open_log().call(response.id).quotes["ok"] is False


def test_words_of_the_complaint_are_no_excuse_to_repeat_them(server: Any) -> None:
    wrong = 'They say "I would recommend it to a friend of mine".'
    server.script(*[wrong] * 4)
    answer = ask()
    assert [quote.status for quote in answer.report.quotes] == ["altered"]
    assert not answer.ok


def test_a_template_with_tools_is_refused(server: Any) -> None:
    template = Template("handy", prompt="hello", tools=("curta_time",))
    with pytest.raises(UsageError, match="verified against sources"):
        ask(template=template)
    assert server.requests == []
